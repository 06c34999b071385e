//! Messages of the market streams. Fields stand in the documented order, as the venue writes them.

use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::json;

use super::digits::{fixed, lots, money, price, price_places, qty, quote};
use super::private::written;
use super::rows::{day_change, level};
use crate::domain::{Price, Qty, Side};
use crate::sim::binance::tape::{Aggregate, INTERVALS};
use crate::sim::market::{Best, DepthDiff, Kline, MarkView, PublicTrade, SymbolSpec, Ticker};

/// Universe of the symbol: 1 is USDⓈ-M.
const UNIVERSE: u8 = 1;

#[derive(Serialize)]
struct DepthUpdate<'a> {
    e: &'static str,
    #[serde(rename = "E")]
    event_ms: i64,
    #[serde(rename = "T")]
    trade_ms: i64,
    s: &'a str,
    ps: &'a str,
    st: u8,
    #[serde(rename = "U")]
    first: u64,
    u: u64,
    pu: u64,
    b: Vec<[String; 2]>,
    a: Vec<[String; 2]>,
}

#[derive(Serialize)]
struct BookTicker<'a> {
    e: &'static str,
    u: u64,
    #[serde(rename = "E")]
    event_ms: i64,
    #[serde(rename = "T")]
    trade_ms: i64,
    s: &'a str,
    b: String,
    #[serde(rename = "B")]
    bid_qty: String,
    a: String,
    #[serde(rename = "A")]
    ask_qty: String,
    ps: &'a str,
    st: u8,
}

#[derive(Serialize)]
struct AggTrade<'a> {
    e: &'static str,
    #[serde(rename = "E")]
    event_ms: i64,
    s: &'a str,
    a: u64,
    p: String,
    q: &'a str,
    nq: &'a str,
    f: u64,
    l: u64,
    #[serde(rename = "T")]
    trade_ms: i64,
    m: bool,
    st: u8,
}

#[derive(Serialize)]
struct Trade<'a> {
    e: &'static str,
    #[serde(rename = "E")]
    event_ms: i64,
    #[serde(rename = "T")]
    trade_ms: i64,
    s: &'a str,
    t: u64,
    p: String,
    q: String,
    #[serde(rename = "X")]
    kind: &'static str,
    m: bool,
    st: u8,
}

#[derive(Serialize)]
struct MarkPrice<'a> {
    e: &'static str,
    #[serde(rename = "E")]
    event_ms: i64,
    s: &'a str,
    p: String,
    ap: String,
    i: String,
    #[serde(rename = "P")]
    settle: String,
    r: String,
    #[serde(rename = "T")]
    next_ms: i64,
    st: u8,
}

/// Changed levels, or the top ones.
pub(super) fn depth_update(spec: &SymbolSpec, now: i64, diff: &DepthDiff) -> String {
    let pairs = |levels: &[(Price, Qty)]| {
        levels
            .iter()
            .map(|&(p, q)| [price(&spec.instrument, p), qty(&spec.instrument, q)])
            .collect()
    };
    let name = spec.instrument.symbol;
    written(&DepthUpdate {
        e: "depthUpdate",
        event_ms: now,
        trade_ms: now,
        s: name.as_str(),
        ps: name.as_str(),
        st: UNIVERSE,
        first: diff.first,
        u: diff.last,
        pu: diff.previous,
        b: pairs(&diff.bids),
        a: pairs(&diff.asks),
    })
}

/// Best prices.
pub(super) fn book_ticker(spec: &SymbolSpec, now: i64, best: &Best) -> String {
    let (b, bid_qty) = level(spec, best.bid);
    let (a, ask_qty) = level(spec, best.ask);
    let name = spec.instrument.symbol;
    written(&BookTicker {
        e: "bookTicker",
        u: best.id,
        s: name.as_str(),
        ps: name.as_str(),
        b,
        bid_qty,
        a,
        ask_qty,
        trade_ms: now,
        event_ms: now,
        st: UNIVERSE,
    })
}

/// Trades of one taker at one price.
pub(super) fn aggregated(spec: &SymbolSpec, now: i64, one: &Aggregate) -> String {
    let size = lots(&spec.instrument, one.lots);
    written(&AggTrade {
        e: "aggTrade",
        event_ms: now,
        s: spec.instrument.symbol.as_str(),
        a: one.first.aggregate,
        p: price(&spec.instrument, one.first.price),
        q: &size,
        nq: &size,
        f: one.first.id,
        l: one.last,
        trade_ms: one.first.time_ms,
        m: one.first.side == Side::Sell,
        st: UNIVERSE,
    })
}

/// One trade.
pub(super) fn single(spec: &SymbolSpec, now: i64, trade: &PublicTrade) -> String {
    written(&Trade {
        e: "trade",
        event_ms: now,
        trade_ms: trade.time_ms,
        s: spec.instrument.symbol.as_str(),
        t: trade.id,
        p: price(&spec.instrument, trade.price),
        q: qty(&spec.instrument, trade.qty),
        kind: "MARKET",
        m: trade.side == Side::Sell,
        st: UNIVERSE,
    })
}

/// A candle, running or closed.
pub(super) fn kline(
    spec: &SymbolSpec,
    now: i64,
    k: &Kline,
    interval: usize,
    last_trade: u64,
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
            "q": quote(&spec.instrument, k.quote),
            "V": size(k.taker_buy), "Q": quote(&spec.instrument, k.taker_buy_quote),
            "B": "0",
        },
    })
    .to_string()
}

/// Mark price with its moving average, index and funding.
pub(super) fn mark_price(spec: &SymbolSpec, now: i64, mark: &MarkView, average: Decimal) -> String {
    written(&MarkPrice {
        e: "markPriceUpdate",
        event_ms: now,
        s: spec.instrument.symbol.as_str(),
        p: money(mark.mark),
        ap: money(average),
        i: money(mark.index),
        settle: money(mark.index),
        r: money(mark.rate),
        next_ms: mark.next_ms,
        st: UNIVERSE,
    })
}

/// The last 24 hours.
pub(super) fn day_ticker(spec: &SymbolSpec, now: i64, day: &Ticker) -> String {
    let at = |p| price(&spec.instrument, p);
    let (change, percent, average) = day_change(spec, day);
    let name = spec.instrument.symbol;
    json!({
        "e": "24hrTicker", "E": now, "s": name.as_str(), "ps": name.as_str(), "st": UNIVERSE,
        "p": change, "P": percent, "w": average,
        "c": at(day.last), "Q": qty(&spec.instrument, day.last_qty),
        "o": at(day.open), "h": at(day.high), "l": at(day.low),
        "v": lots(&spec.instrument, day.volume),
        "q": fixed(day.quote, price_places(&spec.instrument)),
        "O": day.open_ms, "C": day.close_ms, "F": day.first_trade, "L": day.last_trade, "n": day.trades,
    })
    .to_string()
}

/// The short form of the last 24 hours.
pub(super) fn mini_ticker(spec: &SymbolSpec, now: i64, day: &Ticker) -> String {
    let at = |p| price(&spec.instrument, p);
    let name = spec.instrument.symbol;
    json!({
        "e": "24hrMiniTicker", "E": now, "s": name.as_str(), "ps": name.as_str(), "st": UNIVERSE,
        "c": at(day.last), "o": at(day.open), "h": at(day.high), "l": at(day.low),
        "v": lots(&spec.instrument, day.volume),
        "q": fixed(day.quote, price_places(&spec.instrument)),
    })
    .to_string()
}
