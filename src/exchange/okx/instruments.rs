//! `GET /api/v5/public/instruments` → instruments of one type. An instrument with invalid rules is left out with a reason, never the
//! whole load. (OKX, Get instruments.)

use rust_decimal::Decimal;
use serde_json::value::RawValue;

use crate::domain::decimal::Step;
use crate::domain::text::sanitise;
use crate::domain::{
    Asset, Instrument, InstrumentKind, Payoff, Price, Qty, Symbol, TradingStatus, Unit, VenueId,
};

/// Most pending orders on one instrument (OKX, Place order).
const MAX_ORDERS: u32 = 500;

/// The instrument types that Lancet reads, as the venue spells them.
pub const TYPES: [&str; 3] = ["SWAP", "SPOT", "FUTURES"];

/// The `instType` of an instrument.
pub const fn inst_type(kind: InstrumentKind) -> &'static str {
    match kind {
        InstrumentKind::Perpetual => "SWAP",
        InstrumentKind::Dated => "FUTURES",
        InstrumentKind::Spot => "SPOT",
    }
}

/// What one answer gave.
#[derive(Debug, Default)]
pub struct Load {
    /// Instruments that can be traded or watched.
    pub instruments: Vec<Instrument>,
    /// The number by which the WebSocket order operations name an instrument, where stated; demo and real money differ.
    pub codes: Vec<(Symbol, u64)>,
    /// Names left out, each with one sentence, sanitised.
    pub refused: Vec<(String, String)>,
}

/// The answer is not what the venue documents, or says that it failed.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// No JSON of the documented shape.
    #[error("instruments: {0}")]
    Json(#[from] serde_json::Error),
    /// A code other than 0, and its words, sanitised.
    #[error("instruments refused: {0} {1}")]
    Refused(String, String),
}

#[derive(serde::Deserialize)]
struct Reply<'a> {
    code: String,
    #[serde(default)]
    msg: String,
    #[serde(borrow, default)]
    data: Vec<&'a RawValue>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    inst_id: String,
    inst_type: String,
    #[serde(default)]
    inst_id_code: Option<u64>,
    #[serde(default)]
    base_ccy: String,
    #[serde(default)]
    quote_ccy: String,
    #[serde(default)]
    settle_ccy: String,
    #[serde(default)]
    ct_type: String,
    #[serde(default)]
    ct_val: String,
    #[serde(default)]
    ct_mult: String,
    #[serde(default)]
    ct_val_ccy: String,
    tick_sz: String,
    lot_sz: String,
    #[serde(default)]
    min_sz: String,
    #[serde(default)]
    max_lmt_sz: String,
    #[serde(default)]
    max_mkt_sz: String,
    #[serde(default)]
    state: String,
}

/// Reads one answer.
///
/// # Errors
/// See [`LoadError`].
pub fn load(body: &[u8], venue: VenueId) -> Result<Load, LoadError> {
    let reply: Reply<'_> = serde_json::from_slice(body)?;
    if reply.code != "0" {
        return Err(LoadError::Refused(
            sanitise(&reply.code, 12),
            sanitise(&reply.msg, 80),
        ));
    }
    let mut load = Load::default();
    for raw in reply.data {
        match serde_json::from_str::<Listed>(raw.get()) {
            Ok(listed) => match instrument(&listed, venue) {
                Ok(instrument) => {
                    let code = listed.inst_id_code.map(|code| (instrument.symbol, code));
                    load.codes.extend(code);
                    load.instruments.push(instrument);
                }
                Err(why) => load.refused.push((sanitise(&listed.inst_id, 32), why)),
            },
            Err(error) => load
                .refused
                .push(("?".to_owned(), sanitise(&error.to_string(), 120))),
        }
    }
    Ok(load)
}

/// What sizes and prices of an instrument mean.
struct Terms {
    kind: InstrumentKind,
    base: Asset,
    quote: Asset,
    settle: Asset,
    unit: Unit,
    multiplier: Decimal,
    payoff: Payoff,
}

fn terms(listed: &Listed) -> Result<Terms, String> {
    let kind = match listed.inst_type.as_str() {
        "SPOT" => return spot(listed),
        "SWAP" => InstrumentKind::Perpetual,
        "FUTURES" => InstrumentKind::Dated,
        other => return Err(format!("is of type {}", sanitise(other, 16))),
    };
    let value = positive(&listed.ct_val)?.ok_or("has no contract value")?;
    let mult = positive(&listed.ct_mult)?.unwrap_or(Decimal::ONE);
    let multiplier = value
        .checked_mul(mult)
        .ok_or("has a contract value beyond all numbers")?;
    let settle = asset(&listed.settle_ccy)?;
    let counted = asset(&listed.ct_val_ccy)?;
    let (base, quote, payoff) = match listed.ct_type.as_str() {
        "linear" => (counted, settle, Payoff::Linear),
        // Its contract is worth so much of the quote currency; it can be watched, and says why it cannot be traded.
        "inverse" => (settle, counted, Payoff::Inverse),
        other => return Err(format!("is a contract of kind {}", sanitise(other, 16))),
    };
    let named = listed.inst_id.split('-').next();
    if named != Some(base.as_str()) {
        return Err(format!("counts its contracts in {counted}"));
    }
    Ok(Terms {
        kind,
        base,
        quote,
        settle,
        unit: Unit::Contract,
        multiplier,
        payoff,
    })
}

fn spot(listed: &Listed) -> Result<Terms, String> {
    let quote = asset(&listed.quote_ccy)?;
    Ok(Terms {
        kind: InstrumentKind::Spot,
        base: asset(&listed.base_ccy)?,
        quote,
        settle: quote,
        unit: Unit::Base,
        multiplier: Decimal::ONE,
        payoff: Payoff::Linear,
    })
}

fn instrument(listed: &Listed, venue: VenueId) -> Result<Instrument, String> {
    let terms = terms(listed)?;
    let tick = Step::parse(&listed.tick_sz).map_err(|_| "has no valid tick")?;
    let lot = Step::parse(&listed.lot_sz).map_err(|_| "has no valid lot")?;
    let max_qty = bound(lot, &listed.max_lmt_sz)?.unwrap_or(i64::MAX);
    let max_market_qty = match terms.kind {
        // The largest market order of a spot pair is stated in USDT, not in coins.
        InstrumentKind::Spot => max_qty,
        _ => bound(lot, &listed.max_mkt_sz)?.unwrap_or(max_qty),
    };
    Ok(Instrument {
        venue,
        symbol: Symbol::new(&listed.inst_id).map_err(|why| format!("has a bad name: {why}"))?,
        kind: terms.kind,
        base: terms.base,
        quote: terms.quote,
        settle: terms.settle,
        tick,
        lot,
        multiplier: terms.multiplier,
        unit: terms.unit,
        payoff: terms.payoff,
        min_price: Price(1),
        max_price: Price(i64::MAX),
        min_qty: Qty(bound(lot, &listed.min_sz)?.unwrap_or(1)),
        max_qty: Qty(max_qty),
        max_market_qty: Qty(max_market_qty),
        min_notional: Decimal::ZERO,
        band: None,
        max_orders: MAX_ORDERS,
        status: status(&listed.state),
    })
}

/// A bound in whole steps, rounded towards zero; an absent one, zero, and one beyond all numbers are none.
fn bound(step: Step, text: &str) -> Result<Option<i64>, String> {
    let Some(value) = positive(text)? else {
        return Ok(None);
    };
    Ok(step.floor(value).filter(|&count| count > 0))
}

/// A number above zero; an absent one and zero are none.
fn positive(text: &str) -> Result<Option<Decimal>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let value: Decimal = text
        .parse()
        .map_err(|_| "has a rule that is no number".to_owned())?;
    if value.is_sign_negative() && !value.is_zero() {
        return Err("has a negative rule".to_owned());
    }
    Ok(Some(value).filter(|value| !value.is_zero()))
}

fn asset(text: &str) -> Result<Asset, String> {
    Asset::new(text).map_err(|why| format!("has a bad asset name: {why}"))
}

/// Besides `live` there are `suspend`, `preopen` and `test`; what has ended is left out of the list.
fn status(text: &str) -> TradingStatus {
    match text {
        "live" => TradingStatus::Trading,
        "expired" => TradingStatus::Closed,
        _ => TradingStatus::Halted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTED: &str = include_str!("../../../tests/wire/okx/instruments_excerpt.json");

    fn read(text: &str) -> Load {
        load(text.as_bytes(), VenueId::new("okx").unwrap()).unwrap()
    }

    fn named(load: &Load, name: &str) -> Instrument {
        let named = |i: &&Instrument| i.symbol.as_str() == name;
        load.instruments.iter().find(named).unwrap().clone()
    }

    #[test]
    fn reads_swaps_dated_futures_and_spot() {
        let load = read(LISTED);
        assert_eq!(load.refused, []);
        let swap = named(&load, "BTC-USDT-SWAP");
        assert_eq!(
            (swap.kind, swap.unit),
            (InstrumentKind::Perpetual, Unit::Contract)
        );
        assert_eq!(swap.multiplier, "0.01".parse::<Decimal>().unwrap());
        assert_eq!((swap.base.as_str(), swap.settle.as_str()), ("BTC", "USDT"));
        let spot = named(&load, "BTC-USDT");
        assert_eq!((spot.kind, spot.unit), (InstrumentKind::Spot, Unit::Base));
        assert_eq!(spot.min_qty, spot.qty(b"0.00001").unwrap());
        let inverse = named(&load, "BTC-USD-220527");
        assert_eq!(inverse.kind, InstrumentKind::Dated);
        assert_eq!(inverse.payoff, Payoff::Inverse);
        assert_eq!(
            (inverse.base.as_str(), inverse.quote.as_str()),
            ("BTC", "USD")
        );
        assert!(load.codes.is_empty());
    }

    /// The current fields (OKX, Get instruments): a number for WebSocket orders, fractional lots.
    #[test]
    fn reads_the_code_and_a_fractional_lot() {
        let body = r#"{"code":"0","msg":"","data":[{"alias":"","baseCcy":"","ctMult":"1","ctType":"linear","ctVal":"0.01","ctValCcy":"BTC","expTime":"","instFamily":"BTC-USDT","instId":"BTC-USDT-SWAP","instIdCode":10459,"instType":"SWAP","lever":"100","lotSz":"0.01","maxLmtAmt":"20000000","maxLmtSz":"100000000","maxMktAmt":"","maxMktSz":"35000","minSz":"0.01","quoteCcy":"","ruleType":"normal","settleCcy":"USDT","state":"live","tickSz":"0.1","uly":"BTC-USDT"}]}"#;
        let load = read(body);
        let swap = named(&load, "BTC-USDT-SWAP");
        assert_eq!(load.codes, [(swap.symbol, 10_459)]);
        assert_eq!(swap.lot.text(1), "0.01");
        assert_eq!(swap.max_market_qty, Qty(3_500_000));
        for (state, status) in [
            ("suspend", TradingStatus::Halted),
            ("preopen", TradingStatus::Halted),
            ("test", TradingStatus::Halted),
            ("expired", TradingStatus::Closed),
        ] {
            let load = read(&body.replace(r#""live""#, &format!("\"{state}\"")));
            assert_eq!(load.instruments[0].status, status, "{state}");
        }
    }

    #[test]
    fn k4_an_instrument_with_bad_rules_is_left_out_alone() {
        let good = read(LISTED).instruments.len();
        for (from, to) in [
            (r#""tickSz":"0.1""#, r#""tickSz":"0""#),
            (r#""lotSz":"1""#, r#""lotSz":"NaN""#),
            (r#""ctVal":"0.01""#, r#""ctVal":"""#),
            (r#""ctVal":"0.01""#, r#""ctVal":"-1""#),
            (r#""ctValCcy":"BTC""#, r#""ctValCcy":"USDT""#),
            (r#""ctType":"linear""#, r#""ctType":"quanto""#),
            (r#""instId":"BTC-USDT""#, "\"instId\":\"BTC\\u202e\""),
        ] {
            let bad = LISTED.replacen(from, to, 1);
            assert_ne!(bad, LISTED, "{from}");
            let load = read(&bad);
            assert_eq!(
                (load.instruments.len(), load.refused.len()),
                (good - 1, 1),
                "{to}"
            );
        }
    }

    #[test]
    fn a_refusal_is_an_error() {
        let venue = VenueId::new("okx").unwrap();
        let error = load(
            br#"{"code":"50011","msg":"Too Many Requests","data":[]}"#,
            venue,
        );
        assert_eq!(
            error.unwrap_err().to_string(),
            "instruments refused: 50011 Too Many Requests"
        );
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
        let path = std::path::Path::new(&root).join("okx/instruments_20220513.jsonl");
        let text = std::fs::read_to_string(path).unwrap();
        let mut inverse = 0;
        for (line, count) in text.lines().zip([513, 166, 104]) {
            let line: Line<'_> = serde_json::from_str(line).unwrap();
            let load = read(line.msg.get());
            assert_eq!(load.refused, []);
            assert_eq!(load.instruments.len(), count);
            let of_kind = |i: &&Instrument| i.payoff == Payoff::Inverse;
            inverse += load.instruments.iter().filter(of_kind).count();
        }
        assert_eq!(inverse, 92);
    }
}
