//! `GET /fapi/v1/exchangeInfo` → instruments. A symbol with invalid filters is left out with a reason, never the whole load.

use rust_decimal::Decimal;
use serde_json::value::RawValue;

use crate::domain::decimal::Step;
use crate::domain::text::sanitise;
use crate::domain::{
    Asset, Instrument, InstrumentKind, Payoff, Price, Qty, Symbol, TradingStatus, Unit, VenueId,
};

/// What one load gave.
#[derive(Debug, Default)]
pub struct Load {
    /// Instruments that can be traded or watched.
    pub instruments: Vec<Instrument>,
    /// Symbols left out, each with one sentence, sanitised.
    pub refused: Vec<(String, String)>,
    /// Request weight a minute, where stated.
    pub weight_limit: Option<u32>,
}

#[derive(serde::Deserialize)]
struct Info<'a> {
    #[serde(rename = "rateLimits", default)]
    rate_limits: Vec<RateLimit>,
    #[serde(borrow)]
    symbols: Vec<&'a RawValue>,
}

#[derive(serde::Deserialize)]
struct RateLimit {
    #[serde(rename = "rateLimitType")]
    kind: String,
    interval: String,
    #[serde(rename = "intervalNum")]
    count: u32,
    limit: u32,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    symbol: String,
    #[serde(default)]
    contract_type: String,
    #[serde(default)]
    status: String,
    base_asset: String,
    quote_asset: String,
    margin_asset: String,
    filters: Vec<Filter>,
}

#[derive(serde::Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Filter {
    filter_type: String,
    min_price: String,
    max_price: String,
    tick_size: String,
    min_qty: String,
    max_qty: String,
    step_size: String,
    notional: String,
    multiplier_up: String,
    multiplier_down: String,
    limit: u32,
}

/// Reads the answer.
///
/// # Errors
/// When it is no JSON of the documented shape at all.
pub fn load(body: &[u8], venue: VenueId) -> Result<Load, serde_json::Error> {
    let info: Info<'_> = serde_json::from_slice(body)?;
    let mut load = Load {
        weight_limit: weight_limit(&info.rate_limits),
        ..Load::default()
    };
    for raw in info.symbols {
        match serde_json::from_str::<Listed>(raw.get()) {
            Ok(listed) => match instrument(&listed, venue) {
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

fn weight_limit(limits: &[RateLimit]) -> Option<u32> {
    let per_minute =
        |l: &&RateLimit| l.kind == "REQUEST_WEIGHT" && l.interval == "MINUTE" && l.count == 1;
    limits.iter().find(per_minute).map(|l| l.limit)
}

/// `PERPETUAL` and `TRADIFI_PERPETUAL` have no end; the others name a quarter.
fn kind(contract_type: &str) -> InstrumentKind {
    if contract_type.is_empty() || contract_type.ends_with("PERPETUAL") {
        InstrumentKind::Perpetual
    } else {
        InstrumentKind::Dated
    }
}

fn instrument(listed: &Listed, venue: VenueId) -> Result<Instrument, String> {
    let filter = |kind: &str| listed.filters.iter().find(|f| f.filter_type == kind);
    let prices = filter("PRICE_FILTER").ok_or("has no price filter")?;
    let sizes = filter("LOT_SIZE").ok_or("has no size filter")?;
    let market = filter("MARKET_LOT_SIZE").unwrap_or(sizes);
    let tick = step(&prices.tick_size).ok_or("has no valid tick")?;
    let lot = step(&sizes.step_size).ok_or("has no valid lot")?;
    let base = asset(&listed.base_asset)?;
    let settle = asset(&listed.margin_asset)?;
    let max_qty = bound(lot, &sizes.max_qty)?.unwrap_or(i64::MAX);
    Ok(Instrument {
        venue,
        symbol: Symbol::new(&listed.symbol).map_err(|why| format!("has a bad name: {why}"))?,
        kind: kind(&listed.contract_type),
        base,
        quote: asset(&listed.quote_asset)?,
        settle,
        tick,
        lot,
        multiplier: Decimal::ONE,
        unit: Unit::Base,
        payoff: if settle == base {
            Payoff::Inverse
        } else {
            Payoff::Linear
        },
        min_price: Price(bound(tick, &prices.min_price)?.unwrap_or(1).max(1)),
        max_price: Price(bound(tick, &prices.max_price)?.unwrap_or(i64::MAX)),
        min_qty: Qty(bound(lot, &sizes.min_qty)?.unwrap_or(1).max(1)),
        max_qty: Qty(max_qty),
        max_market_qty: Qty(bound(lot, &market.max_qty)?.unwrap_or(max_qty)),
        min_notional: decimal(filter("MIN_NOTIONAL").map(|f| f.notional.as_str()))?
            .unwrap_or_default(),
        band: band(filter("PERCENT_PRICE"))?,
        max_orders: filter("MAX_NUM_ORDERS").map_or(0, |f| f.limit),
        status: status(&listed.status),
    })
}

/// A step above zero; nothing else can carry prices or sizes.
fn step(text: &str) -> Option<Step> {
    Step::parse(text).ok()
}

/// A bound in whole steps, rounded towards zero. Zero switches a bound off (Binance, Filters), an absent one is off too.
fn bound(step: Step, text: &str) -> Result<Option<i64>, String> {
    let Some(value) = decimal(Some(text).filter(|t| !t.is_empty()))? else {
        return Ok(None);
    };
    if value.is_sign_negative() && !value.is_zero() {
        return Err("has a negative bound".to_owned());
    }
    // A bound beyond all numbers is no bound.
    Ok(step.floor(value).filter(|&count| count > 0))
}

fn decimal(text: Option<&str>) -> Result<Option<Decimal>, String> {
    text.map(|t| {
        t.parse()
            .map_err(|_| "has a filter that is no number".to_owned())
    })
    .transpose()
}

fn band(filter: Option<&Filter>) -> Result<Option<(Decimal, Decimal)>, String> {
    let Some(filter) = filter else {
        return Ok(None);
    };
    let down = decimal(Some(&filter.multiplier_down))?.unwrap_or_default();
    let up = decimal(Some(&filter.multiplier_up))?.unwrap_or_default();
    if down.is_sign_negative() || up <= down {
        return Err("has a price band that is none".to_owned());
    }
    Ok(Some((down, up)))
}

fn asset(text: &str) -> Result<Asset, String> {
    Asset::new(text).map_err(|why| format!("has a bad asset name: {why}"))
}

fn status(text: &str) -> TradingStatus {
    match text {
        "TRADING" => TradingStatus::Trading,
        "SETTLING" | "PRE_SETTLE" | "CLOSE" | "DELIVERING" | "DELIVERED" | "PRE_DELIVERING" => {
            TradingStatus::Closed
        }
        _ => TradingStatus::Halted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = r#"{"symbol":"BTCUSDT","pair":"BTCUSDT","contractType":"PERPETUAL","status":"TRADING","baseAsset":"BTC","quoteAsset":"USDT","marginAsset":"USDT","pricePrecision":2,"quantityPrecision":3,"filters":[{"minPrice":"556.80","maxPrice":"4529764","filterType":"PRICE_FILTER","tickSize":"0.10"},{"stepSize":"0.001","filterType":"LOT_SIZE","maxQty":"1000","minQty":"0.001"},{"stepSize":"0.001","filterType":"MARKET_LOT_SIZE","maxQty":"120","minQty":"0.001"},{"limit":200,"filterType":"MAX_NUM_ORDERS"},{"notional":"100","filterType":"MIN_NOTIONAL"},{"multiplierDown":"0.9500","multiplierUp":"1.0500","multiplierDecimal":"4","filterType":"PERCENT_PRICE"}]}"#;

    fn info(symbols: &str) -> Load {
        let body = format!(
            r#"{{"timezone":"UTC","serverTime":1,"rateLimits":[{{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":2400}}],"symbols":[{symbols}]}}"#
        );
        load(body.as_bytes(), VenueId::new("binance-futures").unwrap()).unwrap()
    }

    #[test]
    fn reads_a_listed_symbol() {
        let load = info(ONE);
        assert_eq!(load.weight_limit, Some(2400));
        let btc = &load.instruments[0];
        assert_eq!(btc.tick.text(1), "0.1");
        assert_eq!(btc.min_price, Price(5_568));
        assert_eq!(btc.max_market_qty, Qty(120_000));
        assert_eq!(btc.min_notional, Decimal::from(100));
        assert_eq!(btc.payoff, Payoff::Linear);
        assert_eq!(btc.status, TradingStatus::Trading);
        assert_eq!(btc.max_orders, 200);
    }

    #[test]
    fn k4_a_symbol_with_bad_filters_is_left_out_alone() {
        for (from, to) in [
            (r#""tickSize":"0.10""#, r#""tickSize":"0""#),
            (r#""tickSize":"0.10""#, r#""tickSize":"-0.10""#),
            (
                r#""stepSize":"0.001","filterType":"LOT_SIZE""#,
                r#""stepSize":"0.000","filterType":"LOT_SIZE""#,
            ),
            (r#""minQty":"0.001""#, r#""minQty":"-0.001""#),
            (r#""minPrice":"556.80""#, r#""minPrice":"NaN""#),
            (r#""filterType":"LOT_SIZE""#, r#""filterType":"OTHER""#),
            (r#""symbol":"BTCUSDT""#, "\"symbol\":\"BTC\\u202eUSDT\""),
            (r#""filters":["#, r#""filters":[1,"#),
        ] {
            let bad = ONE.replacen(from, to, 1);
            assert_ne!(bad, ONE, "{from}");
            let good = ONE.replace("BTC", "ETH");
            let load = info(&format!("{bad},{good}"));
            assert_eq!(load.instruments.len(), 1, "{to}");
            assert_eq!(load.instruments[0].symbol.as_str(), "ETHUSDT");
            assert_eq!(load.refused.len(), 1, "{to}");
            assert!(!load.refused[0].0.contains('\u{202e}'));
        }
    }

    #[test]
    fn a_halted_symbol_is_listed_as_such() {
        let load = info(&ONE.replace("TRADING", "PENDING_TRADING"));
        assert_eq!(load.instruments[0].status, TradingStatus::Halted);
        let load = info(&ONE.replace("TRADING", "SETTLING"));
        assert_eq!(load.instruments[0].status, TradingStatus::Closed);
    }
}
