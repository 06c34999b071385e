//! What the tape becomes: trades of one taker joined, minutes joined to longer candles.

use crate::sim::market::{Kline, Market, PublicTrade, SymbolNo};

const MINUTE_MS: i64 = 60_000;

/// The candles' lengths, minutes, by name. Seconds and months are not served.
pub const INTERVALS: [(&str, i64); 13] = [
    ("1m", 1),
    ("3m", 3),
    ("5m", 5),
    ("15m", 15),
    ("30m", 30),
    ("1h", 60),
    ("2h", 120),
    ("4h", 240),
    ("6h", 360),
    ("8h", 480),
    ("12h", 720),
    ("1d", 1440),
    ("3d", 4320),
];

/// The place of an interval in [`INTERVALS`].
pub fn interval(name: &str) -> Option<usize> {
    INTERVALS.iter().position(|(known, _)| *known == name)
}

/// Trades of one taker at one price.
#[derive(Clone, Debug)]
pub struct Aggregate {
    /// The first trade of it.
    pub first: PublicTrade,
    /// The id of the last trade of it.
    pub last: u64,
    /// Size of all, lots.
    pub lots: i64,
}

/// Joins neighbouring trades of one aggregate.
pub fn aggregate(trades: &[PublicTrade]) -> Vec<Aggregate> {
    let mut out: Vec<Aggregate> = Vec::new();
    for trade in trades {
        match out
            .last_mut()
            .filter(|a| a.first.aggregate == trade.aggregate && a.first.symbol == trade.symbol)
        {
            Some(last) => {
                last.last = trade.id;
                last.lots = last.lots.saturating_add(trade.qty.0);
            }
            None => out.push(Aggregate {
                first: *trade,
                last: trade.id,
                lots: trade.qty.0,
            }),
        }
    }
    out
}

/// Adds a minute to a longer candle.
fn extend(candle: &mut Kline, minute: &Kline) {
    candle.high = candle.high.max(minute.high);
    candle.low = candle.low.min(minute.low);
    candle.close = minute.close;
    candle.volume = candle.volume.saturating_add(minute.volume);
    candle.quote += minute.quote;
    candle.taker_buy = candle.taker_buy.saturating_add(minute.taker_buy);
    candle.taker_buy_quote += minute.taker_buy_quote;
    candle.trades += minute.trades;
}

/// Candles of a length (its place in [`INTERVALS`]), oldest first.
pub fn candles(market: &Market, symbol: SymbolNo, interval: usize) -> Vec<Kline> {
    let length = INTERVALS[interval].1 * MINUTE_MS;
    let mut out: Vec<Kline> = Vec::new();
    for minute in market.klines(symbol) {
        let open_ms = minute.open_ms - minute.open_ms.rem_euclid(length);
        match out.last_mut().filter(|last| last.open_ms == open_ms) {
            Some(last) => extend(last, &minute),
            None => out.push(Kline { open_ms, ..minute }),
        }
    }
    out
}

/// The first `limit` rows where a start was named, else the last ones.
pub fn page<T>(rows: &mut Vec<T>, limit: usize, from_start: bool) {
    if from_start {
        rows.truncate(limit);
    } else {
        rows.drain(..rows.len().saturating_sub(limit));
    }
}
