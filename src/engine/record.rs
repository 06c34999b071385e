//! Rows for the journal: what was intended, what was said. No secrets: names, prices, sizes, words.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::domain::message::Asked;
use crate::domain::{
    Account, Asset, Environment, Fill, Instrument, Intent, MarketKey, NewOrder, OrderKind,
    OrderReport, OrderStatus, Price,
};
use crate::domain::{Outcome, PositionReport, Stamp, TradeId, VenueId};

use super::diary::trip::{Setup, Terms};
use super::guard::Kept;
use super::settings::DeskSettings;
use super::words;

fn row(now: Stamp, kind: &str, key: MarketKey) -> Value {
    json!({
        "t": now.wall_ms(),
        "kind": kind,
        "account": key.account.as_str(),
        "venue": key.venue.as_str(),
        "symbol": key.symbol.as_str(),
        "leg": key.leg.map(words::leg),
    })
}

fn with(mut row: Value, more: Value) -> Value {
    if let (Value::Object(row), Value::Object(more)) = (&mut row, more) {
        row.extend(more);
    }
    row
}

/// One row. An intent is put into words on the disk thread: the way of an order to its socket is no place for text.
#[derive(Clone, Debug, PartialEq)]
pub enum Row {
    /// Ready.
    Said(Value),
    /// An order is about to be sent.
    Intent {
        /// When.
        at: Stamp,
        /// What.
        order: NewOrder,
        /// Its market's rules.
        instrument: Arc<Instrument>,
    },
    /// A trade of ours.
    Fill(Box<Filled>),
    /// What the guard must not forget changed: the disk thread keeps it in a file of its own, too.
    Guard {
        /// When.
        at: Stamp,
        /// Whose.
        account: Account,
        /// Where.
        venue: VenueId,
        /// In which world.
        environment: Environment,
        /// What.
        kept: Kept,
    },
}

/// A trade of ours, with all that the statistics need of it: the rules of its market, the position before it, the key behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct Filled {
    /// When it came.
    pub at: Stamp,
    /// In which world.
    pub environment: Environment,
    /// The market that it was counted on, the leg included.
    pub key: MarketKey,
    /// The trade.
    pub fill: Fill,
    /// Signed size and average before it; `None` where the position held it already.
    pub before: Option<(Decimal, Decimal)>,
    /// Lowest and highest price at which the position could have been closed since its last fill, ticks.
    pub seen: Option<(Price, Price)>,
    /// The fee in the settle currency, where it is in another one and a price was known.
    pub worth: Option<Decimal>,
    /// The key behind it.
    pub setup: Setup,
    /// The market's rules; `None` where they are not known yet.
    pub instrument: Option<Arc<Instrument>>,
}

impl From<Value> for Row {
    fn from(value: Value) -> Self {
        Self::Said(value)
    }
}

impl Row {
    /// The row as a JSON object.
    pub fn json(self) -> Value {
        match self {
            Self::Said(value) => value,
            Self::Intent {
                at,
                order,
                instrument,
            } => intent(at, &order, &instrument),
            Self::Fill(filled) => fill(&filled),
            Self::Guard {
                at,
                account,
                venue,
                environment,
                kept,
            } => json!({
                "t": at.wall_ms(),
                "kind": "guard",
                "account": account.as_str(),
                "venue": venue.as_str(),
                "env": environment.word(),
                "kept": kept,
            }),
        }
    }
}

fn intent(now: Stamp, order: &NewOrder, instrument: &Instrument) -> Value {
    let (price, tif) = match order.kind {
        OrderKind::Limit { price, tif } => (Some(instrument.price_text(price)), format!("{tif:?}")),
        OrderKind::Market => (None, "Market".to_owned()),
        OrderKind::Stop { limit, .. } => (
            limit.map(|limit| instrument.price_text(limit)),
            "Stop".to_owned(),
        ),
        OrderKind::Trail { .. } => (None, "Trail".to_owned()),
    };
    let trigger = order.kind.trigger();
    with(
        row(now, "intent", order.key.of_leg(order.leg)),
        json!({
            "id": order.id.as_str(),
            "side": order.side.word(),
            "qty": instrument.qty_text(order.qty),
            "price": price,
            "trigger": trigger.map(|trigger| instrument.price_text(trigger)),
            "type": tif,
            "exit": order.intent == Intent::Exit,
        }),
    )
}

/// A cancel or query is about to be sent.
pub fn request(now: Stamp, key: MarketKey, id: &str, what: &str) -> Value {
    with(row(now, what, key), json!({ "id": id }))
}

/// The answer to a request.
pub fn answer(now: Stamp, key: MarketKey, id: &str, asked: Asked, outcome: &Outcome) -> Value {
    let (word, words, code) = match outcome {
        Outcome::NotSent(words) => ("not sent", words.as_str(), None),
        Outcome::Accepted { .. } => ("accepted", "", None),
        Outcome::Rejected { code, words, .. } => ("rejected", words.as_str(), Some(*code)),
        Outcome::Unknown(words) => ("unknown", words.as_str(), None),
    };
    with(
        row(now, "answer", key),
        json!({ "id": id, "asked": format!("{asked:?}"), "outcome": word, "words": words, "code": code }),
    )
}

/// The venue's word on an order.
pub fn order(now: Stamp, report: &OrderReport, instrument: Option<&Instrument>) -> Value {
    let size = |qty| instrument.map(|instrument| instrument.qty_text(qty));
    with(
        row(now, "order", report.key),
        json!({
            "id": report.order.client.as_str(),
            "venue_id": report.order.venue.map(|id| id.to_string()),
            "status": format!("{:?}", report.status),
            "open": !report.status.is_final(),
            "qty": size(report.qty),
            "filled": size(report.filled),
            "reason": report.reason,
        }),
    )
}

/// Sizes are decimal text; `null` where the instrument is not known yet.
fn fill(filled: &Filled) -> Value {
    let fill = &filled.fill;
    let instrument = filled.instrument.as_deref();
    let mut value = with(
        row(filled.at, "fill", filled.key),
        json!({
            "env": filled.environment.word(),
            "id": fill.client.as_str(),
            "trade": fill.trade.as_str(),
            "side": fill.side.word(),
            "price": fill.price.to_string(),
            "qty": instrument.map(|instrument| instrument.qty_text(fill.qty)),
            "fee": fill.fee.to_string(),
            "fee_asset": fill.fee_asset.as_str(),
            "fee_worth": filled.worth.map(|worth| worth.to_string()),
            "realised": fill.realised.map(|realised| realised.to_string()),
            "liquidity": fill.liquidity,
            "recovered": fill.recovered,
            "venue_ms": fill.venue_ms,
            "held": filled.before.map(|(size, entry)| [size.to_string(), entry.to_string()]),
            "setup": setup(&filled.setup),
        }),
    );
    if let Some((instrument, terms)) = instrument.zip(instrument.and_then(Terms::of)) {
        value = with(value, self::terms(&terms));
        if let Some(seen) = filled.seen {
            value = with(value, prices(seen, instrument));
        }
    }
    value
}

fn setup(setup: &Setup) -> Value {
    json!({
        "name": setup.name,
        "promised": setup.promised.map(|price| price.to_string()),
        "us": [setup.written_us, setup.acked_us, setup.filled_us],
    })
}

/// How prices and sizes of the market become money: each row stands for itself.
fn terms(terms: &Terms) -> Value {
    json!({
        "terms": {
            "settle": terms.settle.as_str(),
            "base": terms.base.as_str(),
            "tick": terms.tick.to_string(),
            "lot": terms.lot.to_string(),
            "multiplier": terms.multiplier.to_string(),
            "spot_least": terms.spot_least.map(|least| least.to_string()),
        }
    })
}

fn prices((low, high): (Price, Price), instrument: &Instrument) -> Value {
    json!({ "seen": [instrument.price_text(low), instrument.price_text(high)] })
}

/// Funding was booked, positive when received.
pub fn funding(
    now: Stamp,
    environment: Environment,
    key: MarketKey,
    amount: Decimal,
    asset: Option<Asset>,
) -> Value {
    with(
        row(now, "funding", key),
        json!({
            "env": environment.word(),
            "amount": amount.to_string(),
            "asset": asset.map(|asset| asset.to_string()),
        }),
    )
}

/// What was seen of an open position since its last fill, when the program ends.
pub fn seen(
    now: Stamp,
    environment: Environment,
    key: MarketKey,
    seen: (Price, Price),
    instrument: &Instrument,
) -> Value {
    let row = with(row(now, "seen", key), prices(seen, instrument));
    with(row, json!({ "env": environment.word() }))
}

/// The trader gave a round trip a tag or a note; its name is that of the fill that opened it.
pub fn diary(
    now: Stamp,
    environment: Environment,
    key: MarketKey,
    trip: TradeId,
    (field, text): (&'static str, &str),
) -> Value {
    with(
        row(now, "diary", key),
        json!({ "env": environment.word(), "trip": trip.as_str(), field: text }),
    )
}

/// What a session has settled on this day (UTC), quote currency.
pub fn result(now: Stamp, of: &DeskSettings, settled: Decimal) -> Value {
    json!({
        "t": now.wall_ms(),
        "kind": "result",
        "account": of.account.as_str(),
        "venue": of.venue.as_str(),
        "env": of.environment.word(),
        "settled": settled.to_string(),
    })
}

/// The venue's word on a position.
pub fn position(now: Stamp, report: &PositionReport) -> Value {
    with(
        row(now, "position", report.key),
        json!({ "size": report.size.to_string(), "entry": report.entry.to_string() }),
    )
}

/// An order ended without a report (refused, not sent).
pub fn ended(now: Stamp, key: MarketKey, id: &str, status: OrderStatus) -> Value {
    with(
        row(now, "order", key),
        json!({ "id": id, "status": format!("{status:?}"), "open": !status.is_final() }),
    )
}

/// The armed state changed.
pub fn arm(now: Stamp, account: &str, state: &str, why: &str) -> Value {
    json!({ "t": now.wall_ms(), "kind": "arm", "account": account, "state": state, "why": why })
}

/// A line about the account or the session.
pub fn note(now: Stamp, account: &str, words: &str) -> Value {
    json!({ "t": now.wall_ms(), "kind": "note", "account": account, "words": words })
}
