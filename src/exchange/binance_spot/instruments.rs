//! `GET /api/v3/exchangeInfo` → instruments.

use rust_decimal::Decimal;

use crate::domain::{
    Instrument, InstrumentKind, Payoff, Price, Qty, Symbol, TradingStatus, Unit, VenueId,
};
use crate::exchange::binance::listing::{self, Load, asset, bound, decimal, step};

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    symbol: String,
    #[serde(default)]
    status: String,
    base_asset: String,
    quote_asset: String,
    #[serde(default = "yes")]
    is_spot_trading_allowed: bool,
    filters: Vec<Filter>,
}

/// What an answer without the flag means.
const fn yes() -> bool {
    true
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
    min_notional: String,
    multiplier_up: String,
    multiplier_down: String,
    bid_multiplier_up: String,
    ask_multiplier_down: String,
    max_num_orders: u32,
}

/// Reads the answer.
///
/// # Errors
/// When it is no JSON of the documented shape at all.
pub fn load(body: &[u8], venue: VenueId) -> Result<Load, serde_json::Error> {
    listing::load(body, |text| {
        let listed: Listed =
            serde_json::from_str(text).map_err(|error| ("?".to_owned(), error.to_string()))?;
        instrument(&listed, venue).map_err(|why| (listed.symbol, why))
    })
}

fn instrument(listed: &Listed, venue: VenueId) -> Result<Instrument, String> {
    let filter = |kind: &str| listed.filters.iter().find(|f| f.filter_type == kind);
    let prices = filter("PRICE_FILTER").ok_or("has no price filter")?;
    let sizes = filter("LOT_SIZE").ok_or("has no size filter")?;
    let market = filter("MARKET_LOT_SIZE").unwrap_or(sizes);
    let tick = step(&prices.tick_size).ok_or("has no valid tick")?;
    let lot = step(&sizes.step_size).ok_or("has no valid lot")?;
    let quote = asset(&listed.quote_asset)?;
    let max_qty = bound(lot, &sizes.max_qty)?.unwrap_or(i64::MAX);
    // A market order must pass both size filters (Binance, Filters).
    let max_market_qty = bound(lot, &market.max_qty)?.unwrap_or(max_qty);
    // A symbol has one of the two (Binance, Filters).
    let notional = filter("NOTIONAL").or_else(|| filter("MIN_NOTIONAL"));
    Ok(Instrument {
        venue,
        symbol: Symbol::new(&listed.symbol).map_err(|why| format!("has a bad name: {why}"))?,
        kind: InstrumentKind::Spot,
        base: asset(&listed.base_asset)?,
        quote,
        settle: quote,
        tick,
        lot,
        multiplier: Decimal::ONE,
        unit: Unit::Base,
        payoff: Payoff::Linear,
        min_price: Price(bound(tick, &prices.min_price)?.unwrap_or(1).max(1)),
        max_price: Price(bound(tick, &prices.max_price)?.unwrap_or(i64::MAX)),
        min_qty: Qty(bound(lot, &sizes.min_qty)?.unwrap_or(1).max(1)),
        max_qty: Qty(max_qty),
        max_market_qty: Qty(max_market_qty.min(max_qty)),
        min_notional: decimal(notional.map(|f| f.min_notional.as_str()))?.unwrap_or_default(),
        band: band(listed)?,
        max_orders: filter("MAX_NUM_ORDERS").map_or(0, |f| f.max_num_orders),
        status: status(listed),
    })
}

/// The venue measures its band from its average or reference price, not from a mark (Binance, Filters): what Lancet takes in its
/// place may differ from that, so the band is a warning and the venue has the last word. Of the bounds by side only the two that
/// refuse a harmful price are kept: above for a buy, below for a sell.
fn band(listed: &Listed) -> Result<Option<(Decimal, Decimal)>, String> {
    let filter = |kind: &str| listed.filters.iter().find(|f| f.filter_type == kind);
    if let Some(sides) = filter("PERCENT_PRICE_BY_SIDE") {
        return listing::band(&sides.ask_multiplier_down, &sides.bid_multiplier_up);
    }
    match filter("PERCENT_PRICE") {
        Some(both) => listing::band(&both.multiplier_down, &both.multiplier_up),
        None => Ok(None),
    }
}

/// Statuses as of July 2026 (Binance, ENUM definitions; change log 2026-07).
fn status(listed: &Listed) -> TradingStatus {
    match listed.status.as_str() {
        "TRADING" if listed.is_spot_trading_allowed => TradingStatus::Trading,
        "CANCEL_ONLY" => TradingStatus::CancelOnly,
        // "BREAK" is how the venue lists what it does not trade any more, and what it stopped for a while.
        _ => TradingStatus::Halted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXCERPT: &str =
        include_str!("../../../tests/wire/binance_spot/exchange_info_excerpt.json");

    fn venue() -> VenueId {
        VenueId::new("binance-spot").unwrap()
    }

    /// One symbol with the filters of 2026 (Binance, Filters, examples).
    const ONE: &str = r#"{"symbol":"BTCUSDT","status":"TRADING","baseAsset":"BTC","quoteAsset":"USDT","isSpotTradingAllowed":true,"filters":[{"filterType":"PRICE_FILTER","minPrice":"0.01000000","maxPrice":"1000000.00000000","tickSize":"0.01000000"},{"filterType":"LOT_SIZE","minQty":"0.00001000","maxQty":"9000.00000000","stepSize":"0.00001000"},{"filterType":"MARKET_LOT_SIZE","minQty":"0.00000000","maxQty":"141.08126000","stepSize":"0.00000000"},{"filterType":"PERCENT_PRICE_BY_SIDE","bidMultiplierUp":"5","bidMultiplierDown":"0.2","askMultiplierUp":"6","askMultiplierDown":"0.3","avgPriceMins":5},{"filterType":"NOTIONAL","minNotional":"5.00000000","applyMinToMarket":true,"maxNotional":"9000000.00000000","applyMaxToMarket":false,"avgPriceMins":5},{"filterType":"MAX_NUM_ORDERS","maxNumOrders":200}]}"#;

    fn info(symbols: &str) -> Load {
        let body = format!(
            r#"{{"timezone":"UTC","serverTime":1,"rateLimits":[{{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":6000}}],"symbols":[{symbols}]}}"#
        );
        load(body.as_bytes(), venue()).unwrap()
    }

    #[test]
    fn reads_a_listed_symbol() {
        let load = info(ONE);
        assert_eq!(load.weight_limit, Some(6_000));
        let btc = &load.instruments[0];
        assert_eq!(btc.kind, InstrumentKind::Spot);
        assert_eq!((btc.base.as_str(), btc.settle.as_str()), ("BTC", "USDT"));
        assert_eq!(btc.tick.text(1), "0.01");
        assert_eq!(btc.lot.text(1), "0.00001");
        assert_eq!((btc.min_price, btc.min_qty), (Price(1), Qty(1)));
        assert_eq!(btc.max_market_qty, Qty(14_108_126));
        assert_eq!(btc.min_notional, Decimal::from(5));
        assert_eq!(btc.band, Some(("0.3".parse().unwrap(), 5.into())));
        assert_eq!(btc.max_orders, 200);
    }

    #[test]
    fn reads_the_filters_of_2021_too() {
        let load = load(EXCERPT.as_bytes(), venue()).unwrap();
        assert_eq!(load.refused, []);
        let of = |name: &str| {
            let named = |i: &&Instrument| i.symbol.as_str() == name;
            load.instruments.iter().find(named).unwrap()
        };
        let eth = of("ETHBTC");
        assert_eq!(eth.min_notional, "0.0001".parse().unwrap());
        assert_eq!(eth.band, Some(("0.2".parse().unwrap(), 5.into())));
        assert_eq!(eth.status, TradingStatus::Trading);
        assert_eq!(of("BCCBTC").status, TradingStatus::Halted);
    }

    #[test]
    fn statuses_are_told_apart() {
        for (word, wanted) in [
            ("TRADING", TradingStatus::Trading),
            ("HALT", TradingStatus::Halted),
            ("BREAK", TradingStatus::Halted),
            ("CANCEL_ONLY", TradingStatus::CancelOnly),
            ("SOMETHING_NEW", TradingStatus::Halted),
        ] {
            let load = info(&ONE.replace("TRADING", word));
            assert_eq!(load.instruments[0].status, wanted, "{word}");
        }
        let closed = ONE.replace(
            "\"isSpotTradingAllowed\":true",
            "\"isSpotTradingAllowed\":false",
        );
        assert_eq!(info(&closed).instruments[0].status, TradingStatus::Halted);
    }

    #[test]
    fn k4_a_symbol_with_bad_filters_is_left_out_alone() {
        for (from, to) in [
            (r#""tickSize":"0.01000000""#, r#""tickSize":"0.00000000""#),
            (
                r#""stepSize":"0.00001000"}"#,
                r#""stepSize":"-0.00001000"}"#,
            ),
            (r#""minNotional":"5.00000000""#, r#""minNotional":"NaN""#),
            (r#""bidMultiplierUp":"5""#, r#""bidMultiplierUp":"0.1""#),
            (r#""filterType":"LOT_SIZE""#, r#""filterType":"OTHER""#),
            (r#""symbol":"BTCUSDT""#, "\"symbol\":\"BTC\\u202eUSDT\""),
            (r#""filters":["#, r#""filters":[1,"#),
        ] {
            let bad = ONE.replacen(from, to, 1);
            assert_ne!(bad, ONE, "{from}");
            let load = info(&format!("{bad},{}", ONE.replace("BTC", "ETH")));
            assert_eq!(load.instruments.len(), 1, "{to}");
            assert_eq!(load.refused.len(), 1, "{to}");
            assert!(!load.refused[0].0.contains('\u{202e}'));
        }
    }

    /// The whole recorded answer under the directory named by `LANCET_FIXTURES`.
    #[test]
    #[ignore = "needs LANCET_FIXTURES"]
    fn the_whole_recorded_list_loads() {
        let root = std::env::var("LANCET_FIXTURES").unwrap();
        let path = std::path::Path::new(&root).join("binance_spot/exchange_info_20211012.jsonl.gz");
        let packed = std::fs::File::open(path).unwrap();
        #[derive(serde::Deserialize)]
        struct Line {
            msg: Box<serde_json::value::RawValue>,
        }
        let line: Line =
            serde_json::from_reader(flate2::read::MultiGzDecoder::new(packed)).unwrap();
        let load = load(line.msg.get().as_bytes(), venue()).unwrap();
        assert_eq!(load.refused, []);
        assert_eq!(load.instruments.len(), 1_695);
    }
}
