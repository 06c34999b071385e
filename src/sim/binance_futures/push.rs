//! Market streams: what is pushed at once, and what goes out by the clock.
//!
//! Owns what is waiting to be pushed; the messages themselves are in `messages`.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::BinanceFutures;
use super::messages::{
    aggregated, book_ticker, day_ticker, depth_update, kline, mark_price, mini_ticker, single,
};
use super::streams::{Pace, Stream};
use crate::sim::binance::gathered::Gathered;
use crate::sim::binance::tape::{INTERVALS, aggregate, candles};
use crate::sim::fault::What;
use crate::sim::market::{Best, DepthDiff, Kline, PublicTrade, SymbolNo};

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

impl BinanceFutures {
    /// Sends one payload to everyone on a stream.
    fn publish(&mut self, stream: Stream, payload: impl FnOnce(&Self) -> Option<String>) {
        let listeners = self.gate.lines.listeners(stream);
        if listeners.is_empty() {
            return;
        }
        let Some(payload) = payload(self) else {
            return;
        };
        let struck = matches!(stream, Stream::Depth(..) | Stream::Top(..));
        let what = struck.then_some(What::Depth);
        self.gate.send(listeners, &payload, what);
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
        for symbol in self.symbol_numbers() {
            let best = self.bourse.market.best(symbol);
            let told = &mut self.waiting[usize::from(symbol.0)].told;
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
        for symbol in self.symbol_numbers() {
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
            this.mark_text(symbol, now)
        });
    }

    fn mark_text(&self, symbol: SymbolNo, now: i64) -> Option<String> {
        let mark = self.bourse.market.mark(symbol)?;
        let average = self.waiting[usize::from(symbol.0)].average;
        Some(mark_price(
            self.spec(symbol).ok()?,
            now,
            &mark,
            average.unwrap_or(mark.mark),
        ))
    }

    fn publish_candles(&mut self, symbol: SymbolNo, now: i64) {
        for interval in 0..INTERVALS.len() {
            let stream = Stream::Kline(symbol, interval);
            if self.gate.lines.listeners(stream).is_empty() {
                continue;
            }
            let Some(candle) = candles(&self.bourse.market, symbol, interval).pop() else {
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
            this.day_text(symbol, now)
        });
        self.publish(Stream::MiniTicker(Some(symbol)), |this| {
            this.mini_text(symbol, now)
        });
    }

    /// Messages over all symbols.
    fn publish_all(&mut self, now: i64, slow_marks: bool, books: bool) {
        let list = |this: &Self, row: fn(&Self, SymbolNo, i64) -> Option<String>| {
            let rows: Vec<_> = this
                .symbols()
                .filter_map(|(s, _)| row(this, s, now))
                .collect();
            Some(format!("[{}]", rows.join(",")))
        };
        self.publish(Stream::Mark(None, true), |this| list(this, Self::mark_text));
        if slow_marks {
            self.publish(Stream::Mark(None, false), |this| {
                list(this, Self::mark_text)
            });
        }
        self.publish(Stream::Ticker(None), |this| list(this, Self::day_text));
        self.publish(Stream::MiniTicker(None), |this| list(this, Self::mini_text));
        if books {
            for symbol in self.symbol_numbers() {
                self.publish(Stream::AllBookTickers, |this| {
                    let best = this.bourse.market.best(symbol);
                    Some(book_ticker(this.spec(symbol).ok()?, now, &best))
                });
            }
        }
    }

    fn day_text(&self, symbol: SymbolNo, now: i64) -> Option<String> {
        let day = self.bourse.market.ticker(symbol)?;
        Some(day_ticker(self.spec(symbol).ok()?, now, &day))
    }

    fn mini_text(&self, symbol: SymbolNo, now: i64) -> Option<String> {
        let day = self.bourse.market.ticker(symbol)?;
        Some(mini_ticker(self.spec(symbol).ok()?, now, &day))
    }
}
