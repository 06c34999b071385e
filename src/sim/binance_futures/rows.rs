//! Market data as rows of REST answers.

use serde_json::{Value, json};

use super::digits::{fixed, plain, price, price_places, qty, quote};
use crate::domain::{Level, Price};
use crate::sim::binance::tape::{Aggregate, INTERVALS};
use crate::sim::market::{Kline, PublicTrade, SymbolSpec, Ticker};

/// The day before which no contract was listed (2019-09-25), ms.
const ONBOARD_MS: i64 = 1_569_398_400_000;
/// The delivery date that stands for "never", ms.
const NEVER_MS: i64 = 4_133_404_800_000;
const MINUTE_MS: i64 = 60_000;

/// Trades of one taker as `aggTrades` shows them.
pub(super) fn aggregated(spec: &SymbolSpec, one: &Aggregate) -> Value {
    let size = qty(&spec.instrument, crate::domain::Qty(one.lots));
    json!({
        "a": one.first.aggregate,
        "p": price(&spec.instrument, one.first.price),
        "q": size,
        "nq": size,
        "f": one.first.id,
        "l": one.last,
        "T": one.first.time_ms,
        "m": one.first.side == crate::domain::Side::Sell,
    })
}

/// A candle as `klines` shows it.
pub(super) fn candle(spec: &SymbolSpec, k: &Kline, interval: usize) -> Value {
    let at = |p: Price| price(&spec.instrument, p);
    let size = |lots| super::digits::lots(&spec.instrument, lots);
    json!([
        k.open_ms,
        at(k.open),
        at(k.high),
        at(k.low),
        at(k.close),
        size(k.volume),
        k.open_ms + INTERVALS[interval].1 * MINUTE_MS - 1,
        quote(&spec.instrument, k.quote),
        k.trades,
        size(k.taker_buy),
        quote(&spec.instrument, k.taker_buy_quote),
        "0",
    ])
}

/// A trade as `trades` shows it.
pub(super) fn trade(spec: &SymbolSpec, t: &PublicTrade) -> Value {
    let worth = spec
        .instrument
        .notional(
            spec.instrument.price_decimal(t.price),
            spec.instrument.qty_decimal(t.qty),
        )
        .unwrap_or_default();
    json!({
        "id": t.id,
        "price": price(&spec.instrument, t.price),
        "qty": qty(&spec.instrument, t.qty),
        "quoteQty": fixed(worth, price_places(&spec.instrument)),
        "time": t.time_ms,
        "isBuyerMaker": t.side == crate::domain::Side::Sell,
        "isRPITrade": false,
    })
}

/// The change of a day as price, percent and volume-weighted average.
pub(super) fn day_change(spec: &SymbolSpec, day: &Ticker) -> (String, String, String) {
    let at = |p| spec.instrument.price_decimal(p);
    let places = price_places(&spec.instrument);
    let change = at(day.last) - at(day.open);
    let percent = (change * rust_decimal::Decimal::ONE_HUNDRED)
        .checked_div(at(day.open))
        .unwrap_or_default();
    let volume = spec.instrument.lot.decimal(day.volume);
    let average = day
        .quote
        .checked_div(volume)
        .unwrap_or_else(|| at(day.last));
    (
        fixed(change, places),
        fixed(percent, 3),
        fixed(average, places),
    )
}

/// The last 24 hours.
pub(super) fn ticker(spec: &SymbolSpec, day: &Ticker) -> Value {
    let at = |p: Price| price(&spec.instrument, p);
    let (change, percent, average) = day_change(spec, day);
    json!({
        "symbol": spec.instrument.symbol.as_str(),
        "priceChange": change,
        "priceChangePercent": percent,
        "weightedAvgPrice": average,
        "lastPrice": at(day.last),
        "lastQty": qty(&spec.instrument, day.last_qty),
        "openPrice": at(day.open),
        "highPrice": at(day.high),
        "lowPrice": at(day.low),
        "volume": super::digits::lots(&spec.instrument, day.volume),
        "quoteVolume": fixed(day.quote, price_places(&spec.instrument)),
        "openTime": day.open_ms,
        "closeTime": day.close_ms,
        "firstId": day.first_trade,
        "lastId": day.last_trade,
        "count": day.trades,
    })
}

/// Price and size of a level as text; zeros when there is none.
pub(super) fn level(spec: &SymbolSpec, level: Option<Level>) -> (String, String) {
    let (at, size) = level.map_or((Price(0), crate::domain::Qty::ZERO), |l| (l.price, l.qty));
    (price(&spec.instrument, at), qty(&spec.instrument, size))
}

/// One side of a book.
pub(super) fn levels(spec: &SymbolSpec, levels: &[Level]) -> Value {
    levels
        .iter()
        .map(|l| {
            json!([
                price(&spec.instrument, l.price),
                qty(&spec.instrument, l.qty)
            ])
        })
        .collect()
}

/// An instrument with its filters.
pub(super) fn instrument(spec: &SymbolSpec) -> Value {
    let i = &spec.instrument;
    let lot = |q| qty(i, q);
    let tick = |p| price(i, p);
    let (down, up) = i.band.unwrap_or_default();
    json!({
        "symbol": i.symbol.as_str(),
        "pair": i.symbol.as_str(),
        "contractType": "PERPETUAL",
        "deliveryDate": NEVER_MS,
        "onboardDate": ONBOARD_MS,
        "status": "TRADING",
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": i.base.as_str(),
        "quoteAsset": i.quote.as_str(),
        "marginAsset": i.settle.as_str(),
        "pricePrecision": price_places(i),
        "quantityPrecision": i.lot.decimals(),
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": ["PoW"],
        "triggerProtect": fixed(spec.trigger_protect, 4),
        "liquidationFee": "0.012500",
        "marketTakeBound": plain(up - rust_decimal::Decimal::ONE),
        "maxMoveOrderLimit": 10000,
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": tick(i.min_price), "maxPrice": tick(i.max_price), "tickSize": tick(Price(1))},
            {"filterType": "LOT_SIZE", "minQty": lot(i.min_qty), "maxQty": lot(i.max_qty), "stepSize": lot(crate::domain::Qty(1))},
            {"filterType": "MARKET_LOT_SIZE", "minQty": lot(i.min_qty), "maxQty": lot(i.max_market_qty), "stepSize": lot(crate::domain::Qty(1))},
            {"filterType": "MAX_NUM_ORDERS", "limit": i.max_orders},
            {"filterType": "MIN_NOTIONAL", "notional": plain(i.min_notional)},
            {"filterType": "PERCENT_PRICE", "multiplierUp": fixed(up, 4), "multiplierDown": fixed(down, 4), "multiplierDecimal": "4"},
            {"filterType": "POSITION_RISK_CONTROL", "positionControlSide": "NONE"},
        ],
        "orderTypes": ["LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET"],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX"],
        "permissionSets": ["GRID", "COPY"],
    })
}
