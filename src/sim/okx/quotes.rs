//! Market data as rows: books, trades, candles, the last day, mark price and funding.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::channels::INTERVALS;
use super::digits::{lots, plain, price, qty};
use super::ids;
use super::shapes::{inst_type, is_spot, side};
use crate::domain::{Instrument, Level, Price, Qty};
use crate::sim::market::{Best, Kline, MarkView, PublicTrade, SymbolSpec, Ticker};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
/// A day in Hong Kong begins so long before one in Greenwich, ms.
const EAST_MS: i64 = 8 * 60 * MINUTE_MS;

/// A level: price, size, a zero that has no meaning any more, and a count of orders. How many orders make up a level the market
/// does not tell: where there are any, one is said.
pub fn level(i: &Instrument, at: Price, size: Qty) -> [String; 4] {
    let orders = if size.is_zero() { "0" } else { "1" };
    [
        price(i, at),
        qty(i, size),
        "0".to_owned(),
        orders.to_owned(),
    ]
}

/// One side of a book.
pub fn levels(i: &Instrument, levels: &[Level]) -> Vec<[String; 4]> {
    levels.iter().map(|l| level(i, l.price, l.qty)).collect()
}

/// The best level of each side.
pub fn best(spec: &SymbolSpec, best: &Best, now: i64) -> Value {
    let i = &spec.instrument;
    let one = |l: Option<Level>| l.map_or_else(Vec::new, |l| vec![level(i, l.price, l.qty)]);
    json!({"asks": one(best.ask), "bids": one(best.bid), "ts": now.to_string(), "seqId": best.id})
}

/// Trades of one taker at one price.
pub struct Joined {
    /// The last of them.
    pub last: PublicTrade,
    /// Size of all, lots.
    pub lots: i64,
    /// How many.
    pub count: u64,
}

/// Joins neighbouring trades of one taker at one price.
pub fn joined(trades: &[PublicTrade]) -> Vec<Joined> {
    let mut out: Vec<Joined> = Vec::new();
    for trade in trades {
        let same =
            |j: &&mut Joined| j.last.aggregate == trade.aggregate && j.last.symbol == trade.symbol;
        match out.last_mut().filter(same) {
            Some(joined) => {
                joined.last = *trade;
                joined.lots = joined.lots.saturating_add(trade.qty.0);
                joined.count += 1;
            }
            None => out.push(Joined {
                last: *trade,
                lots: trade.qty.0,
                count: 1,
            }),
        }
    }
    out
}

/// A trade; `side` is the taker's.
pub fn trade(spec: &SymbolSpec, trade: &PublicTrade) -> Value {
    let i = &spec.instrument;
    json!({
        "instId": i.symbol.as_str(),
        "tradeId": trade.id.to_string(),
        "px": price(i, trade.price),
        "sz": qty(i, trade.qty),
        "side": side(trade.side),
        "ts": trade.time_ms.to_string(),
    })
}

/// Trades of one taker at one price as the `trades` channel says them.
pub fn joined_trade(spec: &SymbolSpec, joined: &Joined) -> Value {
    let mut row = trade(spec, &joined.last);
    row["sz"] = lots(&spec.instrument, joined.lots).into();
    row["count"] = joined.count.to_string().into();
    row
}

/// Coins in so many lots.
fn coins(i: &Instrument, lots: i64) -> Decimal {
    i.lot.decimal(lots) * i.multiplier
}

/// A candle: volume in the unit of sizes, in coins, in quote currency; "1" behind it when it is over.
pub fn candle(spec: &SymbolSpec, k: &Kline, interval: usize, now: i64) -> Value {
    let i = &spec.instrument;
    let over = now >= k.open_ms + INTERVALS[interval].1 * MINUTE_MS;
    let quote = plain(k.quote);
    let coins = if is_spot(spec) {
        quote.clone()
    } else {
        plain(coins(i, k.volume))
    };
    json!([
        k.open_ms.to_string(),
        price(i, k.open),
        price(i, k.high),
        price(i, k.low),
        price(i, k.close),
        lots(i, k.volume),
        coins,
        quote,
        if over { "1" } else { "0" },
    ])
}

/// Candles of a length made of minutes, oldest first.
pub fn candles(minutes: &[Kline], interval: usize) -> Vec<Kline> {
    let length = INTERVALS[interval].1 * MINUTE_MS;
    let mut out: Vec<Kline> = Vec::new();
    for minute in minutes {
        let open_ms = minute.open_ms - minute.open_ms.rem_euclid(length);
        match out.last_mut().filter(|last| last.open_ms == open_ms) {
            Some(last) => add(last, minute),
            None => out.push(Kline { open_ms, ..*minute }),
        }
    }
    out
}

fn add(candle: &mut Kline, minute: &Kline) {
    candle.high = candle.high.max(minute.high);
    candle.low = candle.low.min(minute.low);
    candle.close = minute.close;
    candle.volume = candle.volume.saturating_add(minute.volume);
    candle.quote += minute.quote;
    candle.taker_buy = candle.taker_buy.saturating_add(minute.taker_buy);
    candle.taker_buy_quote += minute.taker_buy_quote;
    candle.trades += minute.trades;
}

/// The price with which a day began that begins `ahead_ms` before Greenwich's; the oldest one known when that was earlier.
fn day_open(minutes: &[Kline], now: i64, ahead_ms: i64) -> Option<Price> {
    let start = (now + ahead_ms).div_euclid(DAY_MS) * DAY_MS - ahead_ms;
    let first = minutes.iter().find(|k| k.open_ms >= start);
    first.or(minutes.last()).map(|k| k.open)
}

/// The last 24 hours.
pub fn ticker(spec: &SymbolSpec, day: &Ticker, best: &Best, minutes: &[Kline], now: i64) -> Value {
    let i = &spec.instrument;
    let at = |p| price(i, p);
    let side = |l: Option<Level>| match l {
        Some(l) => (at(l.price), qty(i, l.qty)),
        None => (String::new(), String::new()),
    };
    let (ask, ask_size) = side(best.ask);
    let (bid, bid_size) = side(best.bid);
    let start = |ahead| day_open(minutes, now, ahead).map_or_else(String::new, at);
    let worth = if is_spot(spec) {
        day.quote
    } else {
        coins(i, day.volume)
    };
    json!({
        "instType": inst_type(spec),
        "instId": i.symbol.as_str(),
        "last": at(day.last),
        "lastSz": qty(i, day.last_qty),
        "askPx": ask,
        "askSz": ask_size,
        "bidPx": bid,
        "bidSz": bid_size,
        "open24h": at(day.open),
        "high24h": at(day.high),
        "low24h": at(day.low),
        "volCcy24h": plain(worth),
        "vol24h": lots(i, day.volume),
        "sodUtc0": start(0),
        "sodUtc8": start(EAST_MS),
        "ts": now.to_string(),
    })
}

/// Mark price.
pub fn mark(spec: &SymbolSpec, view: &MarkView, now: i64) -> Value {
    json!({
        "instType": inst_type(spec),
        "instId": spec.instrument.symbol.as_str(),
        "markPx": plain(view.mark),
        "ts": now.to_string(),
    })
}

/// Index price of the pair behind a swap.
pub fn index(spec: &SymbolSpec, view: &MarkView, day: &Ticker, now: i64) -> Value {
    let i = &spec.instrument;
    let at = |p| price(i, p);
    json!({
        "instId": ids::family(i),
        "idxPx": plain(view.index),
        "high24h": at(day.high),
        "low24h": at(day.low),
        "open24h": at(day.open),
        "sodUtc0": at(day.open),
        "sodUtc8": at(day.open),
        "ts": now.to_string(),
    })
}

/// The funding that comes next.
pub fn funding(spec: &SymbolSpec, view: &MarkView, settled: Decimal, now: i64) -> Value {
    let premium = (view.mark - view.index)
        .checked_div(view.index)
        .unwrap_or_default();
    json!({
        "formulaType": "withRate",
        "fundingRate": plain(view.rate),
        "fundingTime": view.next_ms.to_string(),
        "instId": spec.instrument.symbol.as_str(),
        "instType": "SWAP",
        "method": "current_period",
        "maxFundingRate": "0.02",
        "minFundingRate": "-0.02",
        "nextFundingRate": "",
        "nextFundingTime": view.next_ms.saturating_add(spec.funding_interval_ms).to_string(),
        "premium": plain(premium.round_dp(10)),
        "settFundingRate": plain(settled),
        "settState": "settled",
        "ts": now.to_string(),
    })
}

/// The highest price of a buy and the lowest of a sell.
pub fn price_limit(spec: &SymbolSpec, view: &MarkView, now: i64) -> Value {
    let i = &spec.instrument;
    let (down, up) = i.band.unwrap_or((Decimal::ZERO, Decimal::ZERO));
    let on_grid = |value: Decimal| {
        i.tick
            .floor(value)
            .map_or_else(String::new, |t| price(i, Price(t)))
    };
    let low = i.tick.ceil(view.mark * down);
    json!({
        "instType": inst_type(spec),
        "instId": i.symbol.as_str(),
        "buyLmt": on_grid(view.mark * up),
        "sellLmt": low.map_or_else(String::new, |t| price(i, Price(t))),
        "ts": now.to_string(),
        "enabled": i.band.is_some(),
    })
}
