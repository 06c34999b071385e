//! Market streams: what is pushed at once, and what goes out by the clock.
//!
//! Fields stand in the documented order, as venues write them.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Serialize;

use super::BinanceFutures;
use super::digits::{fixed, lots, money, price, price_places, qty, quote};
use super::lines::envelope;
use super::private::written;
use super::public::{Aggregate, aggregate, day_change, level};
use super::streams::{INTERVALS, Pace, Stream};
use crate::domain::{Price, Qty, Side};
use crate::sim::fault::What;
use crate::sim::market::{Best, DepthDiff, Kline, PublicTrade, SymbolNo, SymbolSpec};

/// Universe of the symbol: 1 is USDⓈ-M.
const UNIVERSE: u8 = 1;
/// Seconds over which the mark price's moving average is smoothed.
const MARK_AVERAGE_WEIGHT: i64 = 300;

/// What is waiting to be pushed of one symbol.
#[derive(Debug, Default)]
pub struct Waiting {
    depth: BTreeMap<Pace, Gathered>,
    told: Best,
    average: Option<Decimal>,
    candles: BTreeMap<usize, Kline>,
}

/// Levels changed since the last message of one pace.
#[derive(Debug, Default)]
struct Gathered {
    first: Option<u64>,
    last: u64,
    previous: u64,
    bids: BTreeMap<Price, Qty>,
    asks: BTreeMap<Price, Qty>,
}

impl Gathered {
    fn add(&mut self, diff: &DepthDiff) {
        if self.first.is_none() {
            self.first = Some(diff.first);
            if self.previous == 0 {
                self.previous = diff.previous;
            }
        }
        self.last = diff.last;
        self.bids.extend(diff.bids.iter().copied());
        self.asks.extend(diff.asks.iter().copied());
    }

    fn take(&mut self) -> Option<DepthDiff> {
        let first = self.first.take()?;
        let diff = DepthDiff {
            first,
            last: self.last,
            previous: self.previous,
            bids: std::mem::take(&mut self.bids).into_iter().rev().collect(),
            asks: std::mem::take(&mut self.asks).into_iter().collect(),
        };
        self.previous = self.last;
        Some(diff)
    }
}

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

impl BinanceFutures {
    /// Sends one payload to everyone on a stream.
    fn publish(&mut self, stream: Stream, payload: impl FnOnce(&Self) -> Option<String>) {
        let listeners = self.lines.listeners(stream);
        if listeners.is_empty() {
            return;
        }
        let Some(payload) = payload(self) else {
            return;
        };
        let struck = matches!(stream, Stream::Depth(..) | Stream::Top(..));
        for (line, name) in listeners {
            let text = envelope(name.as_deref(), &payload);
            if struck {
                self.send_struck(line, text, What::Depth);
            } else {
                self.lines.text(line, text, 0);
            }
        }
    }

    /// Trades, single and aggregated.
    pub(super) fn publish_trades(&mut self, now: i64, trades: &[PublicTrade]) {
        for trade in trades {
            self.publish(Stream::Trade(trade.symbol), |this| {
                Some(single(this.spec(trade.symbol).ok()?, now, trade))
            });
        }
        for one in aggregate(trades) {
            self.publish(Stream::AggTrade(one.first.symbol), |this| {
                Some(aggregated(this.spec(one.first.symbol).ok()?, now, &one))
            });
        }
    }

    /// Best prices, where they changed.
    pub(super) fn publish_best(&mut self, now: i64) {
        for at in 0..self.waiting.len() {
            let Some(symbol) = u16::try_from(at).ok().map(SymbolNo) else {
                return;
            };
            let best = self.bourse.market.best(symbol);
            let told = &mut self.waiting[at].told;
            if (told.bid, told.ask) == (best.bid, best.ask) {
                continue;
            }
            *told = best;
            self.publish(Stream::BookTicker(symbol), |this| {
                Some(book_ticker(this.spec(symbol).ok()?, now, &best))
            });
        }
    }

    /// What goes out by the clock; `from` is the time of the call before.
    pub(super) fn publish_by_clock(&mut self, from: i64, now: i64) {
        let due = |every: i64| now.div_euclid(every) != from.div_euclid(every);
        for at in 0..self.waiting.len() {
            let Some(symbol) = u16::try_from(at).ok().map(SymbolNo) else {
                return;
            };
            if due(50) {
                self.gather_depth(symbol);
            }
            for pace in Pace::ALL {
                if due(pace.ms()) {
                    self.publish_depth(symbol, pace, now);
                }
            }
            if due(250) {
                self.publish_candles(symbol, now);
            }
            if due(1000) {
                self.average_mark(symbol);
                self.publish_mark(symbol, true, now);
                self.publish_day(symbol, now);
            }
            if due(3000) {
                self.publish_mark(symbol, false, now);
            }
        }
        if due(1000) {
            self.publish_all(now, due(3000), due(5000));
        }
    }

    fn gather_depth(&mut self, symbol: SymbolNo) {
        if let Some(diff) = self.bourse.market.diff(symbol) {
            let depth = &mut self.waiting[usize::from(symbol.0)].depth;
            for pace in Pace::ALL {
                depth.entry(pace).or_default().add(&diff);
            }
        }
    }

    fn publish_depth(&mut self, symbol: SymbolNo, pace: Pace, now: i64) {
        let waiting = &mut self.waiting[usize::from(symbol.0)];
        let Some(diff) = waiting.depth.get_mut(&pace).and_then(Gathered::take) else {
            return;
        };
        self.publish(Stream::Depth(symbol, pace), |this| {
            Some(depth_update(this.spec(symbol).ok()?, now, &diff))
        });
        for levels in [5, 10, 20] {
            self.publish(Stream::Top(symbol, pace, levels), |this| {
                let top = this.bourse.market.snapshot(symbol, levels)?;
                let pairs =
                    |side: &[crate::domain::Level]| side.iter().map(|l| (l.price, l.qty)).collect();
                let whole = DepthDiff {
                    bids: pairs(&top.bids),
                    asks: pairs(&top.asks),
                    ..diff.clone()
                };
                Some(depth_update(this.spec(symbol).ok()?, now, &whole))
            });
        }
    }

    fn average_mark(&mut self, symbol: SymbolNo) {
        let Some(mark) = self.bourse.market.mark(symbol).map(|view| view.mark) else {
            return;
        };
        let average = &mut self.waiting[usize::from(symbol.0)].average;
        let before = average.unwrap_or(mark);
        *average = Some(before + (mark - before) / Decimal::from(MARK_AVERAGE_WEIGHT));
    }

    fn publish_mark(&mut self, symbol: SymbolNo, fast: bool, now: i64) {
        self.publish(Stream::Mark(Some(symbol), fast), |this| {
            Some(written(&this.mark_price(symbol, now)?))
        });
    }

    fn mark_price(&self, symbol: SymbolNo, now: i64) -> Option<MarkPrice<'_>> {
        let mark = self.bourse.market.mark(symbol)?;
        let average = self.waiting[usize::from(symbol.0)]
            .average
            .unwrap_or(mark.mark);
        Some(MarkPrice {
            e: "markPriceUpdate",
            event_ms: now,
            s: self.spec(symbol).ok()?.instrument.symbol.as_str(),
            p: money(mark.mark),
            ap: money(average),
            i: money(mark.index),
            settle: money(mark.index),
            r: money(mark.rate),
            next_ms: mark.next_ms,
            st: UNIVERSE,
        })
    }

    fn publish_candles(&mut self, symbol: SymbolNo, now: i64) {
        for interval in 0..INTERVALS.len() {
            let stream = Stream::Kline(symbol, interval);
            if self.lines.listeners(stream).is_empty() {
                continue;
            }
            let Some(candle) = self.candles(symbol, interval).pop() else {
                continue;
            };
            let told = &mut self.waiting[usize::from(symbol.0)].candles;
            if told.insert(interval, candle) == Some(candle) {
                continue;
            }
            self.publish(stream, |this| {
                let last = this
                    .bourse
                    .market
                    .ticker(symbol)
                    .map_or(0, |day| day.last_trade);
                Some(kline(this.spec(symbol).ok()?, now, &candle, interval, last))
            });
        }
    }

    fn publish_day(&mut self, symbol: SymbolNo, now: i64) {
        self.publish(Stream::Ticker(Some(symbol)), |this| {
            Some(this.day_ticker(symbol, now)?.to_string())
        });
        self.publish(Stream::MiniTicker(Some(symbol)), |this| {
            Some(this.mini_ticker(symbol, now)?.to_string())
        });
    }

    /// Messages over all symbols.
    fn publish_all(&mut self, now: i64, slow_marks: bool, books: bool) {
        let list = |this: &Self, row: &dyn Fn(&Self, SymbolNo) -> Option<serde_json::Value>| {
            let rows: Vec<_> = this.symbols().filter_map(|(s, _)| row(this, s)).collect();
            Some(serde_json::Value::Array(rows).to_string())
        };
        let marks = |this: &Self| {
            list(this, &|this, symbol| {
                serde_json::to_value(this.mark_price(symbol, now)?).ok()
            })
        };
        self.publish(Stream::Mark(None, true), marks);
        if slow_marks {
            self.publish(Stream::Mark(None, false), marks);
        }
        self.publish(Stream::Ticker(None), |this| {
            list(this, &|this, symbol| this.day_ticker(symbol, now))
        });
        self.publish(Stream::MiniTicker(None), |this| {
            list(this, &|this, symbol| this.mini_ticker(symbol, now))
        });
        if books {
            for at in 0..self.waiting.len() {
                let Some(symbol) = u16::try_from(at).ok().map(SymbolNo) else {
                    return;
                };
                self.publish(Stream::AllBookTickers, |this| {
                    let best = this.bourse.market.best(symbol);
                    Some(book_ticker(this.spec(symbol).ok()?, now, &best))
                });
            }
        }
    }

    fn day_ticker(&self, symbol: SymbolNo, now: i64) -> Option<serde_json::Value> {
        let spec = self.spec(symbol).ok()?;
        let day = self.bourse.market.ticker(symbol)?;
        let at = |p| price(&spec.instrument, p);
        let (change, percent, average) = day_change(spec, &day);
        let name = spec.instrument.symbol;
        Some(serde_json::json!({
            "e": "24hrTicker", "E": now, "s": name.as_str(), "ps": name.as_str(), "st": UNIVERSE,
            "p": change, "P": percent, "w": average,
            "c": at(day.last), "Q": qty(&spec.instrument, day.last_qty),
            "o": at(day.open), "h": at(day.high), "l": at(day.low),
            "v": lots(&spec.instrument, day.volume),
            "q": fixed(day.quote, price_places(&spec.instrument)),
            "O": day.open_ms, "C": day.close_ms, "F": day.first_trade, "L": day.last_trade, "n": day.trades,
        }))
    }

    fn mini_ticker(&self, symbol: SymbolNo, now: i64) -> Option<serde_json::Value> {
        let spec = self.spec(symbol).ok()?;
        let day = self.bourse.market.ticker(symbol)?;
        let at = |p| price(&spec.instrument, p);
        let name = spec.instrument.symbol;
        Some(serde_json::json!({
            "e": "24hrMiniTicker", "E": now, "s": name.as_str(), "ps": name.as_str(), "st": UNIVERSE,
            "c": at(day.last), "o": at(day.open), "h": at(day.high), "l": at(day.low),
            "v": lots(&spec.instrument, day.volume),
            "q": fixed(day.quote, price_places(&spec.instrument)),
        }))
    }
}

fn depth_update(spec: &SymbolSpec, now: i64, diff: &DepthDiff) -> String {
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

fn book_ticker(spec: &SymbolSpec, now: i64, best: &Best) -> String {
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

fn aggregated(spec: &SymbolSpec, now: i64, one: &Aggregate) -> String {
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

fn single(spec: &SymbolSpec, now: i64, trade: &PublicTrade) -> String {
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

fn kline(spec: &SymbolSpec, now: i64, k: &Kline, interval: usize, last_trade: u64) -> String {
    let (word, minutes) = INTERVALS[interval];
    let at = |p| price(&spec.instrument, p);
    let size = |l| lots(&spec.instrument, l);
    let name = spec.instrument.symbol;
    let close_ms = k.open_ms + minutes * 60_000 - 1;
    serde_json::json!({
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
