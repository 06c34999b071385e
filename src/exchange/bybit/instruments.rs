//! `GET /v5/market/instruments-info` → instruments of one category. A symbol with invalid filters is left out with a reason, never
//! the whole load. (Bybit, Get Instruments Info.)

use rust_decimal::Decimal;
use serde_json::value::RawValue;

use crate::domain::decimal::Step;
use crate::domain::text::sanitise;
use crate::domain::{
    Asset, Instrument, InstrumentKind, Payoff, Price, Qty, Symbol, TradingStatus, Unit, VenueId,
};

/// Most active orders on one symbol (Bybit, Place Order).
const MAX_ORDERS: u32 = 500;

/// What the venue files an instrument under; every call and every stream names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Category {
    /// Perpetuals and dated futures that settle in USDT or USDC.
    Linear,
    /// Spot.
    Spot,
}

impl Category {
    /// The venue's word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Spot => "spot",
        }
    }

    /// From the venue's word; `None` for a category that Lancet does not trade.
    pub fn read(word: &str) -> Option<Self> {
        match word {
            "linear" => Some(Self::Linear),
            "spot" => Some(Self::Spot),
            _ => None,
        }
    }

    /// The category of one of Lancet's symbols: spot is `BASE/QUOTE`, because the venue calls both `BTCUSDT`.
    pub fn of(symbol: &Symbol) -> Self {
        if symbol.as_str().contains('/') {
            Self::Spot
        } else {
            Self::Linear
        }
    }
}

/// The venue's own name of one of Lancet's symbols.
pub fn venue_name(symbol: &Symbol) -> Symbol {
    let name = symbol.as_str().replace('/', "");
    Symbol::new(&name).unwrap_or(*symbol)
}

/// What one answer gave.
#[derive(Debug, Default)]
pub struct Load {
    /// Instruments that can be traded or watched.
    pub instruments: Vec<Instrument>,
    /// Symbols left out, each with one sentence, sanitised.
    pub refused: Vec<(String, String)>,
    /// Where the next page begins; empty on the last.
    pub cursor: String,
}

/// The answer is not what the venue documents, or says that it failed.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// No JSON of the documented shape.
    #[error("instruments: {0}")]
    Json(#[from] serde_json::Error),
    /// A code other than 0, and its words, sanitised.
    #[error("instruments refused: {0} {1}")]
    Refused(i64, String),
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reply<'a> {
    ret_code: i64,
    #[serde(default)]
    ret_msg: String,
    #[serde(borrow)]
    result: &'a RawValue,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listing<'a> {
    #[serde(default)]
    next_page_cursor: String,
    #[serde(borrow)]
    list: Vec<&'a RawValue>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    symbol: String,
    #[serde(default)]
    contract_type: String,
    #[serde(default)]
    status: String,
    base_coin: String,
    quote_coin: String,
    #[serde(default)]
    settle_coin: String,
    price_filter: PriceFilter,
    lot_size_filter: SizeFilter,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct PriceFilter {
    #[serde(default)]
    min_price: String,
    #[serde(default)]
    max_price: String,
    tick_size: String,
}

/// Linear and spot name their sizes differently.
#[derive(serde::Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct SizeFilter {
    qty_step: String,
    base_precision: String,
    min_order_qty: String,
    max_order_qty: String,
    max_mkt_order_qty: String,
    max_limit_order_qty: String,
    max_market_order_qty: String,
    min_notional_value: String,
    min_order_amt: String,
}

/// Reads one page of a category.
///
/// # Errors
/// See [`LoadError`].
pub fn load(body: &[u8], category: Category, venue: VenueId) -> Result<Load, LoadError> {
    let reply: Reply<'_> = serde_json::from_slice(body)?;
    if reply.ret_code != 0 {
        let words = sanitise(&reply.ret_msg, 80);
        return Err(LoadError::Refused(reply.ret_code, words));
    }
    let listing: Listing<'_> = serde_json::from_str(reply.result.get())?;
    let mut load = Load {
        cursor: listing.next_page_cursor,
        ..Load::default()
    };
    for raw in listing.list {
        match serde_json::from_str::<Listed>(raw.get()) {
            Ok(listed) => match instrument(&listed, category, venue) {
                Ok(instrument) => load.instruments.push(instrument),
                Err(why) => load.refused.push((sanitise(&listed.symbol, 32), why)),
            },
            Err(error) => load
                .refused
                .push(("?".to_owned(), sanitise(&error.to_string(), 120))),
        }
    }
    Ok(load)
}

fn instrument(listed: &Listed, category: Category, venue: VenueId) -> Result<Instrument, String> {
    let sizes = &listed.lot_size_filter;
    let base = asset(&listed.base_coin)?;
    let quote = asset(&listed.quote_coin)?;
    let (name, kind, settle, lot) = match category {
        Category::Spot => (
            format!("{base}/{quote}"),
            InstrumentKind::Spot,
            quote,
            &sizes.base_precision,
        ),
        Category::Linear => (
            listed.symbol.clone(),
            contract(&listed.contract_type)?,
            asset(&listed.settle_coin)?,
            &sizes.qty_step,
        ),
    };
    let tick = Step::parse(&listed.price_filter.tick_size).map_err(|_| "has no valid tick")?;
    let lot = Step::parse(lot).map_err(|_| "has no valid lot")?;
    // Spot states the largest limit order apart; `maxOrderQty` is its older name.
    let max_qty = bound(lot, first(&sizes.max_limit_order_qty, &sizes.max_order_qty))?;
    let max_market_qty = bound(
        lot,
        first(&sizes.max_mkt_order_qty, &sizes.max_market_order_qty),
    )?;
    let max_qty = max_qty.unwrap_or(i64::MAX);
    Ok(Instrument {
        venue,
        symbol: Symbol::new(&name).map_err(|why| format!("has a bad name: {why}"))?,
        kind,
        base,
        quote,
        settle,
        tick,
        lot,
        multiplier: Decimal::ONE,
        unit: Unit::Base,
        payoff: Payoff::Linear,
        min_price: Price(bound(tick, &listed.price_filter.min_price)?.unwrap_or(1)),
        max_price: Price(bound(tick, &listed.price_filter.max_price)?.unwrap_or(i64::MAX)),
        min_qty: Qty(bound(lot, &sizes.min_order_qty)?.unwrap_or(1)),
        max_qty: Qty(max_qty),
        max_market_qty: Qty(max_market_qty.unwrap_or(max_qty)),
        min_notional: decimal(first(&sizes.min_notional_value, &sizes.min_order_amt))?
            .unwrap_or_default(),
        band: None,
        max_orders: MAX_ORDERS,
        status: status(&listed.status),
    })
}

fn contract(kind: &str) -> Result<InstrumentKind, String> {
    match kind {
        "LinearPerpetual" => Ok(InstrumentKind::Perpetual),
        "LinearFutures" => Ok(InstrumentKind::Dated),
        other => Err(format!("is a contract of kind {}", sanitise(other, 24))),
    }
}

/// The first of two texts that is not empty.
const fn first<'a>(text: &'a str, other: &'a str) -> &'a str {
    if text.is_empty() { other } else { text }
}

/// A bound in whole steps, rounded towards zero; an absent one, zero, and one beyond all numbers are none.
fn bound(step: Step, text: &str) -> Result<Option<i64>, String> {
    let Some(value) = decimal(text)? else {
        return Ok(None);
    };
    Ok(step.floor(value).filter(|&count| count > 0))
}

fn decimal(text: &str) -> Result<Option<Decimal>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let value: Decimal = text
        .parse()
        .map_err(|_| "has a filter that is no number".to_owned())?;
    if value.is_sign_negative() && !value.is_zero() {
        return Err("has a negative bound".to_owned());
    }
    Ok(Some(value))
}

fn asset(text: &str) -> Result<Asset, String> {
    Asset::new(text).map_err(|why| format!("has a bad asset name: {why}"))
}

/// Before its launch and while it is delivered a contract takes no ordinary order.
fn status(text: &str) -> TradingStatus {
    match text {
        "Trading" => TradingStatus::Trading,
        "Settling" | "Delivering" | "Closed" => TradingStatus::Closed,
        _ => TradingStatus::Halted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINEAR: &str = include_str!("../../../tests/wire/bybit/instruments_linear_excerpt.json");
    const SPOT: &str = include_str!("../../../tests/wire/bybit/instruments_spot_excerpt.json");

    fn read(text: &str, category: Category) -> Load {
        load(text.as_bytes(), category, VenueId::new("bybit").unwrap()).unwrap()
    }

    fn named<'a>(load: &'a Load, name: &str) -> &'a Instrument {
        let named = |i: &&Instrument| i.symbol.as_str() == name;
        load.instruments.iter().find(named).unwrap()
    }

    #[test]
    fn reads_perpetuals_and_dated_futures() {
        let load = read(LINEAR, Category::Linear);
        assert_eq!(load.refused, []);
        let btc = named(&load, "BTCUSDT");
        assert_eq!(btc.kind, InstrumentKind::Perpetual);
        assert_eq!(
            (btc.tick.text(1), btc.lot.text(1)),
            ("0.1".to_owned(), "0.001".to_owned())
        );
        assert_eq!(btc.min_notional, Decimal::from(5));
        assert!(btc.max_market_qty <= btc.max_qty);
        let dated = load
            .instruments
            .iter()
            .find(|i| i.kind == InstrumentKind::Dated);
        assert!(dated.unwrap().symbol.as_str().contains('-'));
    }

    #[test]
    fn a_spot_pair_has_a_name_of_its_own_and_its_sizes() {
        let load = read(SPOT, Category::Spot);
        assert_eq!(load.refused, []);
        let btc = named(&load, "BTC/USDT");
        assert_eq!(btc.kind, InstrumentKind::Spot);
        assert_eq!(btc.lot.text(1), "0.000001");
        assert_eq!(btc.max_qty, btc.qty(b"230").unwrap());
        assert_eq!(btc.max_market_qty, btc.qty(b"120").unwrap());
        assert_eq!(btc.min_notional, Decimal::from(5));
        assert_eq!(Category::of(&btc.symbol), Category::Spot);
        assert_eq!(venue_name(&btc.symbol).as_str(), "BTCUSDT");
    }

    #[test]
    fn k4_a_symbol_with_bad_filters_is_left_out_alone() {
        let good = read(LINEAR, Category::Linear).instruments.len();
        for (from, to) in [
            (r#""tickSize":"0.10""#, r#""tickSize":"0""#),
            (r#""qtyStep":"0.001""#, r#""qtyStep":"-1""#),
            (r#""minOrderQty":"0.001""#, r#""minOrderQty":"-0.001""#),
            (r#""symbol":"BTCUSDT""#, "\"symbol\":\"BTC\\u202eUSDT\""),
            (
                r#""contractType":"LinearPerpetual""#,
                r#""contractType":"Other""#,
            ),
        ] {
            let bad = LINEAR.replacen(from, to, 1);
            assert_ne!(bad, LINEAR, "{from}");
            let load = read(&bad, Category::Linear);
            assert_eq!(
                (load.instruments.len(), load.refused.len()),
                (good - 1, 1),
                "{to}"
            );
        }
    }

    #[test]
    fn a_refusal_is_an_error_and_a_cursor_is_kept() {
        let refused = br#"{"retCode":10001,"retMsg":"params error \u001b[2J","result":{}}"#;
        let venue = VenueId::new("bybit").unwrap();
        let error = load(refused, Category::Linear, venue).unwrap_err();
        assert_eq!(
            error.to_string(),
            "instruments refused: 10001 params error ?[2J"
        );
        let page = br#"{"retCode":0,"result":{"list":[],"nextPageCursor":"a%3D1"}}"#;
        assert_eq!(load(page, Category::Linear, venue).unwrap().cursor, "a%3D1");
    }

    #[test]
    fn states_of_trading() {
        let halted = LINEAR.replace(r#""status":"Trading""#, r#""status":"PreLaunch""#);
        let load = read(&halted, Category::Linear);
        assert_eq!(load.instruments[0].status, TradingStatus::Halted);
        let gone = LINEAR.replace(r#""status":"Trading""#, r#""status":"Closed""#);
        let load = read(&gone, Category::Linear);
        assert_eq!(load.instruments[0].status, TradingStatus::Closed);
    }

    /// The venue's whole answers under the directory named by `LANCET_FIXTURES`.
    #[test]
    #[ignore = "needs LANCET_FIXTURES"]
    fn the_whole_answers_load() {
        #[derive(serde::Deserialize)]
        struct Line<'a> {
            #[serde(borrow)]
            msg: &'a RawValue,
        }
        let root = std::env::var("LANCET_FIXTURES").unwrap();
        let path = std::path::Path::new(&root).join("bybit/instruments_20260809.jsonl");
        let text = std::fs::read_to_string(path).unwrap();
        let counts = [(Category::Linear, 800), (Category::Spot, 557)];
        for (line, (category, count)) in text.lines().zip(counts) {
            let line: Line<'_> = serde_json::from_str(line).unwrap();
            let load = read(line.msg.get(), category);
            assert_eq!(load.refused, []);
            assert_eq!(load.instruments.len(), count);
        }
    }
}
