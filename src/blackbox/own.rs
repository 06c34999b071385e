//! What the venue said of one's own orders, fills and positions, as JSON with decimal text, and back.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::rules::{value, word};
use crate::domain::message::SymbolSettings;
use crate::domain::text::sanitise;
use crate::domain::{
    Asset, ClientId, Fact, Fill, Instrument, Leg, Liquidity, MarketKey, OrderClass, OrderId,
    OrderRef, OrderReport, OrderStatus, PositionReport, Price, Side, Stamp, TradeId,
};

/// A venue's words are cut after so many characters.
const LONGEST_REASON: usize = 120;

const SIDES: [(&str, Side); 2] = [("buy", Side::Buy), ("sell", Side::Sell)];
const LEGS: [(&str, Leg); 2] = [("long", Leg::Long), ("short", Leg::Short)];
const CLASSES: [(&str, OrderClass); 2] = [
    ("regular", OrderClass::Regular),
    ("conditional", OrderClass::Conditional),
];
const STATUSES: [(&str, OrderStatus); 8] = [
    ("sent", OrderStatus::Sent),
    ("accepted", OrderStatus::Accepted),
    ("working", OrderStatus::Working),
    ("unknown", OrderStatus::Unknown),
    ("filled", OrderStatus::Filled),
    ("cancelled", OrderStatus::Cancelled),
    ("expired", OrderStatus::Expired),
    ("rejected", OrderStatus::Rejected),
];

/// The letter of a line and what stands in it; `None` for facts that the box leaves out: they say nothing of a market.
pub fn write(fact: &Fact, rules: &Instrument) -> Option<(char, String)> {
    let row = |row: serde_json::Result<String>| row.ok();
    match fact {
        Fact::Order(report) => Some((
            'o',
            row(serde_json::to_string(&OrderRow::of(report, rules)))?,
        )),
        Fact::Fill(fill) => Some(('f', row(serde_json::to_string(&FillRow::of(fill, rules)))?)),
        Fact::Position(report) => {
            Some(('p', row(serde_json::to_string(&PositionRow::of(report)))?))
        }
        Fact::Settings(settings) => {
            let fees = SettingsRow {
                leverage: settings.leverage,
                maker: settings.maker_fee,
                taker: settings.taker_fee,
            };
            Some(('e', row(serde_json::to_string(&fees))?))
        }
        Fact::Funding { amount, .. } => Some(('g', row(serde_json::to_string(amount))?)),
        _ => None,
    }
}

/// The fact of a line.
pub fn read(
    letter: char,
    text: &str,
    key: MarketKey,
    rules: &Instrument,
    at: Stamp,
) -> Option<Fact> {
    Some(match letter {
        'o' => Fact::Order(from::<OrderRow>(text)?.report(key, rules, at)?),
        'f' => Fact::Fill(from::<FillRow>(text)?.fill(key, rules, at)?),
        'p' => Fact::Position(from::<PositionRow>(text)?.report(key, at)?),
        'e' => {
            let row: SettingsRow = from(text)?;
            Fact::Settings(SymbolSettings {
                key,
                leverage: row.leverage,
                margin: None,
                maker_fee: row.maker,
                taker_fee: row.taker,
            })
        }
        'g' => Fact::Funding {
            key,
            amount: from(text)?,
        },
        _ => return None,
    })
}

fn from<'a, T: Deserialize<'a>>(text: &'a str) -> Option<T> {
    serde_json::from_str(text).ok()
}

#[derive(Serialize, Deserialize)]
struct OrderRow {
    client: String,
    venue: Option<String>,
    class: String,
    side: String,
    leg: Option<String>,
    price: Option<String>,
    trigger: Option<String>,
    triggered: bool,
    qty: String,
    filled: String,
    average: Option<Decimal>,
    reduce: bool,
    status: String,
    reason: Option<String>,
    venue_ms: i64,
}

impl OrderRow {
    fn of(report: &OrderReport, rules: &Instrument) -> Self {
        let price = |price: Option<Price>| price.map(|price| rules.price_text(price));
        Self {
            client: report.order.client.to_string(),
            venue: report.order.venue.map(|id| id.to_string()),
            class: word(&CLASSES, &report.order.class).to_owned(),
            side: word(&SIDES, &report.side).to_owned(),
            leg: report.leg.map(|leg| word(&LEGS, &leg).to_owned()),
            price: price(report.price),
            trigger: price(report.trigger),
            triggered: report.triggered,
            qty: rules.qty_text(report.qty),
            filled: rules.qty_text(report.filled),
            average: report.average,
            reduce: report.reduce_only,
            status: word(&STATUSES, &report.status).to_owned(),
            reason: report
                .reason
                .as_deref()
                .map(|why| sanitise(why, LONGEST_REASON)),
            venue_ms: report.venue_ms,
        }
    }

    fn report(self, key: MarketKey, rules: &Instrument, at: Stamp) -> Option<OrderReport> {
        let price = |text: Option<String>| match text {
            None => Some(None),
            Some(text) => rules.price(text.as_bytes()).ok().map(Some),
        };
        Some(OrderReport {
            key,
            order: OrderRef {
                client: ClientId::new(&self.client).ok()?,
                venue: self.venue.and_then(|id| OrderId::new(&id).ok()),
                class: value(&CLASSES, &self.class)?,
            },
            side: value(&SIDES, &self.side)?,
            leg: self.leg.and_then(|leg| value(&LEGS, &leg)),
            price: price(self.price)?,
            trigger: price(self.trigger)?,
            callback: None,
            triggered: self.triggered,
            qty: rules.qty(self.qty.as_bytes()).ok()?,
            filled: rules.qty(self.filled.as_bytes()).ok()?,
            average: self.average,
            reduce_only: self.reduce,
            status: value(&STATUSES, &self.status)?,
            reason: self.reason.map(|why| sanitise(&why, LONGEST_REASON)),
            venue_ms: self.venue_ms,
            at,
        })
    }
}

#[derive(Serialize, Deserialize)]
struct FillRow {
    client: String,
    order: String,
    trade: String,
    side: String,
    leg: Option<String>,
    price: Decimal,
    qty: String,
    fee: Decimal,
    fee_asset: String,
    realised: Option<Decimal>,
    liquidity: Liquidity,
    venue_ms: i64,
    recovered: bool,
}

impl FillRow {
    fn of(fill: &Fill, rules: &Instrument) -> Self {
        Self {
            client: fill.client.to_string(),
            order: fill.order.to_string(),
            trade: fill.trade.to_string(),
            side: word(&SIDES, &fill.side).to_owned(),
            leg: fill.leg.map(|leg| word(&LEGS, &leg).to_owned()),
            price: fill.price,
            qty: rules.qty_text(fill.qty),
            fee: fill.fee,
            fee_asset: fill.fee_asset.to_string(),
            realised: fill.realised,
            liquidity: fill.liquidity,
            venue_ms: fill.venue_ms,
            recovered: fill.recovered,
        }
    }

    fn fill(self, key: MarketKey, rules: &Instrument, at: Stamp) -> Option<Fill> {
        Some(Fill {
            key,
            client: ClientId::new(&self.client).ok()?,
            order: OrderId::new(&self.order).ok()?,
            trade: TradeId::new(&self.trade).ok()?,
            side: value(&SIDES, &self.side)?,
            leg: self.leg.and_then(|leg| value(&LEGS, &leg)),
            price: self.price,
            qty: rules.qty(self.qty.as_bytes()).ok()?,
            fee: self.fee,
            fee_asset: Asset::new(&self.fee_asset).ok()?,
            realised: self.realised,
            liquidity: self.liquidity,
            venue_ms: self.venue_ms,
            at,
            recovered: self.recovered,
        })
    }
}

#[derive(Serialize, Deserialize)]
struct PositionRow {
    leg: Option<String>,
    size: Decimal,
    entry: Decimal,
    liquidation: Option<Decimal>,
    venue_ms: i64,
}

impl PositionRow {
    fn of(report: &PositionReport) -> Self {
        Self {
            leg: report.leg.map(|leg| word(&LEGS, &leg).to_owned()),
            size: report.size,
            entry: report.entry,
            liquidation: report.liquidation,
            venue_ms: report.venue_ms,
        }
    }

    fn report(self, key: MarketKey, at: Stamp) -> Option<PositionReport> {
        Some(PositionReport {
            key,
            leg: self.leg.and_then(|leg| value(&LEGS, &leg)),
            size: self.size,
            entry: self.entry,
            liquidation: self.liquidation,
            venue_ms: self.venue_ms,
            at,
        })
    }
}

#[derive(Serialize, Deserialize)]
struct SettingsRow {
    leverage: Option<u32>,
    maker: Option<Decimal>,
    taker: Option<Decimal>,
}
