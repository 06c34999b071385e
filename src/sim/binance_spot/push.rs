//! Market streams: what is pushed at once, and what goes out by the clock.
//!
//! Owns what is waiting to be pushed; the messages themselves are in `messages`.

use std::collections::BTreeMap;

use super::BinanceSpot;
use super::messages::{
    aggregated, average, book_ticker, day_ticker, depth_update, kline, mini_ticker, single, top,
};
use super::streams::{Pace, Stream};
use crate::sim::binance::gathered::Gathered;
use crate::sim::binance::tape::{INTERVALS, aggregate, candles};
use crate::sim::fault::What;
use crate::sim::market::{Best, Kline, PublicTrade, SymbolNo};

/// What is waiting to be pushed of one pair.
#[derive(Debug, Default)]
pub struct Waiting {
    depth: BTreeMap<Pace, Gathered>,
    told: Best,
    candles: BTreeMap<usize, Kline>,
}

impl BinanceSpot {
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
    pub(super) fn publish_best(&mut self) {
        for symbol in self.symbol_numbers() {
            let best = self.bourse.market.best(symbol);
            let told = &mut self.waiting[usize::from(symbol.0)].told;
            if (told.bid, told.ask) == (best.bid, best.ask) {
                continue;
            }
            *told = best;
            self.publish(Stream::BookTicker(symbol), |this| {
                Some(book_ticker(this.spec(symbol).ok()?, &best))
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
            if due(1000) {
                self.publish_day(symbol, now);
            }
            if due(2000) {
                self.publish_candles(symbol, now);
            }
        }
        if due(1000) {
            let list = |this: &Self, row: fn(&Self, SymbolNo, i64) -> Option<String>| {
                let symbols = this.symbols();
                let rows: Vec<_> = symbols.filter_map(|(s, _)| row(this, s, now)).collect();
                Some(format!("[{}]", rows.join(",")))
            };
            self.publish(Stream::Ticker(None), |this| list(this, Self::day_text));
            self.publish(Stream::MiniTicker(None), |this| list(this, Self::mini_text));
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
                let best = this.bourse.market.snapshot(symbol, levels)?;
                Some(top(this.spec(symbol).ok()?, &best))
            });
        }
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
                let day = this.bourse.market.ticker(symbol);
                let last = day.map_or(0, |day| day.last_trade);
                let spec = this.spec(symbol).ok()?;
                Some(kline(spec, now, &candle, (interval, last)))
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
        self.publish(Stream::Average(symbol), |this| {
            let spec = this.spec(symbol).ok()?;
            let last = this.bourse.market.trades(symbol).last().map(|t| t.time_ms);
            let price = this.average(symbol, spec);
            Some(average(spec, now, price, last.unwrap_or(now)))
        });
    }

    fn day_text(&self, symbol: SymbolNo, now: i64) -> Option<String> {
        let market = &self.bourse.market;
        let day = market.ticker(symbol)?;
        let spec = self.spec(symbol).ok()?;
        Some(day_ticker(spec, now, &day, &market.best(symbol)))
    }

    fn mini_text(&self, symbol: SymbolNo, now: i64) -> Option<String> {
        let day = self.bourse.market.ticker(symbol)?;
        Some(mini_ticker(self.spec(symbol).ok()?, now, &day))
    }
}
