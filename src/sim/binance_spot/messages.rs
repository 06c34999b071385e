//! Messages of the market streams.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::digits::{lots, price, qty};
use super::rows::{day_change, level, levels};
use crate::domain::{Price, Qty, Side};
use crate::sim::binance::digits::money;
use crate::sim::binance::tape::{Aggregate, INTERVALS};
use crate::sim::market::{Best, DepthDiff, DepthTop, Kline, PublicTrade, SymbolSpec, Ticker};

/// Changed levels.
pub(super) fn depth_update(spec: &SymbolSpec, now: i64, diff: &DepthDiff) -> String {
    let pairs = |levels: &[(Price, Qty)]| -> Value {
        let pair =
            |&(p, q): &(Price, Qty)| json!([price(&spec.instrument, p), qty(&spec.instrument, q)]);
        levels.iter().map(pair).collect()
    };
    json!({
        "e": "depthUpdate",
        "E": now,
        "s": spec.instrument.symbol.as_str(),
        "U": diff.first,
        "u": diff.last,
        "b": pairs(&diff.bids),
        "a": pairs(&diff.asks),
    })
    .to_string()
}

/// The best levels. The venue names neither the pair nor the kind of message in it.
pub(super) fn top(spec: &SymbolSpec, top: &DepthTop) -> String {
    json!({
        "lastUpdateId": top.last,
        "bids": levels(spec, &top.bids),
        "asks": levels(spec, &top.asks),
    })
    .to_string()
}

/// Best prices. The venue names no kind of message and no time in it.
pub(super) fn book_ticker(spec: &SymbolSpec, best: &Best) -> String {
    let (bid, bid_qty) = level(spec, best.bid);
    let (ask, ask_qty) = level(spec, best.ask);
    json!({
        "u": best.id,
        "s": spec.instrument.symbol.as_str(),
        "b": bid,
        "B": bid_qty,
        "a": ask,
        "A": ask_qty,
    })
    .to_string()
}

/// Trades of one taker at one price.
pub(super) fn aggregated(spec: &SymbolSpec, now: i64, one: &Aggregate) -> String {
    json!({
        "e": "aggTrade",
        "E": now,
        "s": spec.instrument.symbol.as_str(),
        "a": one.first.aggregate,
        "p": price(&spec.instrument, one.first.price),
        "q": lots(&spec.instrument, one.lots),
        "f": one.first.id,
        "l": one.last,
        "T": one.first.time_ms,
        "m": one.first.side == Side::Sell,
        "M": true,
    })
    .to_string()
}

/// One trade.
pub(super) fn single(spec: &SymbolSpec, now: i64, trade: &PublicTrade) -> String {
    json!({
        "e": "trade",
        "E": now,
        "s": spec.instrument.symbol.as_str(),
        "t": trade.id,
        "p": price(&spec.instrument, trade.price),
        "q": qty(&spec.instrument, trade.qty),
        "T": trade.time_ms,
        "m": trade.side == Side::Sell,
        "M": true,
    })
    .to_string()
}

/// A candle, running or closed.
pub(super) fn kline(
    spec: &SymbolSpec,
    now: i64,
    k: &Kline,
    (interval, last_trade): (usize, u64),
) -> String {
    let (word, minutes) = INTERVALS[interval];
    let at = |p| price(&spec.instrument, p);
    let size = |l| lots(&spec.instrument, l);
    let name = spec.instrument.symbol;
    let close_ms = k.open_ms + minutes * 60_000 - 1;
    json!({
        "e": "kline", "E": now, "s": name.as_str(),
        "k": {
            "t": k.open_ms, "T": close_ms, "s": name.as_str(), "i": word,
            "f": (last_trade + 1).saturating_sub(k.trades), "L": last_trade,
            "o": at(k.open), "c": at(k.close), "h": at(k.high), "l": at(k.low),
            "v": size(k.volume), "n": k.trades, "x": now > close_ms,
            "q": money(k.quote), "V": size(k.taker_buy), "Q": money(k.taker_buy_quote),
            "B": "0",
        },
    })
    .to_string()
}

/// The last 24 hours.
pub(super) fn day_ticker(spec: &SymbolSpec, now: i64, day: &Ticker, best: &Best) -> String {
    let at = |p| price(&spec.instrument, p);
    let (change, percent, average) = day_change(spec, day);
    let (bid, bid_qty) = level(spec, best.bid);
    let (ask, ask_qty) = level(spec, best.ask);
    json!({
        "e": "24hrTicker", "E": now, "s": spec.instrument.symbol.as_str(),
        "p": change, "P": percent, "w": average, "x": at(day.open),
        "c": at(day.last), "Q": qty(&spec.instrument, day.last_qty),
        "b": bid, "B": bid_qty, "a": ask, "A": ask_qty,
        "o": at(day.open), "h": at(day.high), "l": at(day.low),
        "v": lots(&spec.instrument, day.volume), "q": money(day.quote),
        "O": day.open_ms, "C": day.close_ms, "F": day.first_trade, "L": day.last_trade, "n": day.trades,
    })
    .to_string()
}

/// The short form of the last 24 hours.
pub(super) fn mini_ticker(spec: &SymbolSpec, now: i64, day: &Ticker) -> String {
    let at = |p| price(&spec.instrument, p);
    json!({
        "e": "24hrMiniTicker", "E": now, "s": spec.instrument.symbol.as_str(),
        "c": at(day.last), "o": at(day.open), "h": at(day.high), "l": at(day.low),
        "v": lots(&spec.instrument, day.volume), "q": money(day.quote),
    })
    .to_string()
}

/// The average price of the last minutes.
pub(super) fn average(spec: &SymbolSpec, now: i64, price: Decimal, traded_ms: i64) -> String {
    json!({
        "e": "avgPrice", "E": now, "s": spec.instrument.symbol.as_str(),
        "i": "5m", "w": money(price), "T": traded_ms,
    })
    .to_string()
}
