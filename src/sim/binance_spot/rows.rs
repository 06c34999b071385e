//! Market data as rows of answers.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::digits::{lots, price, qty};
use crate::domain::{Level, Price, Qty, Side};
use crate::sim::binance::digits::{fixed, money};
use crate::sim::binance::tape::{Aggregate, INTERVALS};
use crate::sim::market::{Best, Kline, PublicTrade, SymbolSpec, Ticker};

const MINUTE_MS: i64 = 60_000;

/// Price and size of a level as text; zeros when there is none.
pub(super) fn level(spec: &SymbolSpec, level: Option<Level>) -> (String, String) {
    let (at, size) = level.map_or((Price(0), Qty::ZERO), |l| (l.price, l.qty));
    (price(&spec.instrument, at), qty(&spec.instrument, size))
}

/// One side of a book.
pub(super) fn levels(spec: &SymbolSpec, levels: &[Level]) -> Value {
    let pair = |l: &Level| {
        json!([
            price(&spec.instrument, l.price),
            qty(&spec.instrument, l.qty)
        ])
    };
    levels.iter().map(pair).collect()
}

/// A trade as `trades` shows it.
pub(super) fn trade(spec: &SymbolSpec, t: &PublicTrade) -> Value {
    let i = &spec.instrument;
    let worth = i.notional(i.price_decimal(t.price), i.qty_decimal(t.qty));
    json!({
        "id": t.id,
        "price": price(i, t.price),
        "qty": qty(i, t.qty),
        "quoteQty": money(worth.unwrap_or_default()),
        "time": t.time_ms,
        "isBuyerMaker": t.side == Side::Sell,
        "isBestMatch": true,
    })
}

/// Trades of one taker as `aggTrades` shows them.
pub(super) fn aggregated(spec: &SymbolSpec, one: &Aggregate) -> Value {
    json!({
        "a": one.first.aggregate,
        "p": price(&spec.instrument, one.first.price),
        "q": lots(&spec.instrument, one.lots),
        "f": one.first.id,
        "l": one.last,
        "T": one.first.time_ms,
        "m": one.first.side == Side::Sell,
        "M": true,
    })
}

/// A candle as `klines` shows it.
pub(super) fn candle(spec: &SymbolSpec, k: &Kline, interval: usize) -> Value {
    let at = |p| price(&spec.instrument, p);
    json!([
        k.open_ms,
        at(k.open),
        at(k.high),
        at(k.low),
        at(k.close),
        lots(&spec.instrument, k.volume),
        k.open_ms + INTERVALS[interval].1 * MINUTE_MS - 1,
        money(k.quote),
        k.trades,
        lots(&spec.instrument, k.taker_buy),
        money(k.taker_buy_quote),
        "0",
    ])
}

/// The change of a day as price, percent and volume-weighted average.
pub(super) fn day_change(spec: &SymbolSpec, day: &Ticker) -> (String, String, String) {
    let at = |p| spec.instrument.price_decimal(p);
    let change = at(day.last) - at(day.open);
    let percent = (change * Decimal::ONE_HUNDRED).checked_div(at(day.open));
    let average = day
        .quote
        .checked_div(spec.instrument.lot.decimal(day.volume));
    (
        money(change),
        fixed(percent.unwrap_or_default(), 3),
        money(average.unwrap_or_else(|| at(day.last))),
    )
}

/// The last 24 hours in the short form.
pub(super) fn short_day(spec: &SymbolSpec, day: &Ticker) -> Map<String, Value> {
    let at = |p| price(&spec.instrument, p);
    let Value::Object(map) = json!({
        "symbol": spec.instrument.symbol.as_str(),
        "openPrice": at(day.open),
        "highPrice": at(day.high),
        "lowPrice": at(day.low),
        "lastPrice": at(day.last),
        "volume": lots(&spec.instrument, day.volume),
        "quoteVolume": money(day.quote),
        "openTime": day.open_ms,
        "closeTime": day.close_ms,
        "firstId": day.first_trade,
        "lastId": day.last_trade,
        "count": day.trades,
    }) else {
        return Map::new();
    };
    map
}

/// The last 24 hours.
pub(super) fn whole_day(spec: &SymbolSpec, day: &Ticker, best: &Best) -> Map<String, Value> {
    let (change, percent, average) = day_change(spec, day);
    let (bid, bid_qty) = level(spec, best.bid);
    let (ask, ask_qty) = level(spec, best.ask);
    let mut map = short_day(spec, day);
    for (name, text) in [
        ("priceChange", change),
        ("priceChangePercent", percent),
        ("weightedAvgPrice", average),
        // The close before the window is where the window opened.
        ("prevClosePrice", price(&spec.instrument, day.open)),
        ("lastQty", qty(&spec.instrument, day.last_qty)),
        ("bidPrice", bid),
        ("bidQty", bid_qty),
        ("askPrice", ask),
        ("askQty", ask_qty),
    ] {
        map.insert(name.to_owned(), text.into());
    }
    map
}
