//! What the public and business sockets say: trades and best prices at once, the rest by the clock.

use serde_json::{Value, json};

use super::channels::{INTERVALS, Topic};
use super::lines::Wanted;
use super::{Okx, ladder, quotes, talk};
use crate::sim::fault::{How, What};
use crate::sim::market::{Best, Kline, PublicTrade, SymbolNo};
use crate::sim::wire::LineId;

/// What was said last of one symbol.
#[derive(Debug, Default)]
pub struct Said {
    ladder: ladder::Ladder,
    best: Best,
    five: u64,
    trades: u64,
    mark: Option<(rust_decimal::Decimal, i64)>,
    candles: [Option<Kline>; INTERVALS.len()],
}

/// A mark price that stands still is said again after this, ms.
const MARK_IDLE_MS: i64 = 10_000;
/// Funding is said this often, ms (OKX, "Funding rate channel": 30 to 90 seconds).
const FUNDING_MS: i64 = 30_000;

impl Okx {
    /// Sends one payload to everyone who hears a topic.
    fn publish(&mut self, topic: Topic, payload: impl FnOnce(&Self) -> Option<Value>) {
        if !self.lines.is_heard(topic) {
            return;
        }
        let Some(payload) = payload(self) else {
            return;
        };
        let struck = matches!(topic, Topic::Books5(_));
        for (line, arg) in self.lines.listeners(|wanted| wanted.topic == topic) {
            let text = talk::message(&arg, &payload);
            if struck {
                self.send_struck(line, text, What::Depth);
            } else {
                self.lines.text(line, text, 0);
            }
        }
    }

    /// Sends a message that faults may strike.
    pub(super) fn send_struck(&mut self, line: LineId, text: String, what: What) {
        match self.faults.strike(&[what]) {
            None => self.lines.text(line, text, 0),
            Some(How::Delay(ms)) => self.lines.text(line, text, ms),
            Some(How::Dup) => {
                self.lines.text(line, text.clone(), 0);
                self.lines.text(line, text, 0);
            }
            Some(How::Cut) => self.lines.cut(line),
            Some(How::HalfOpen) => self.lines.freeze(line),
            Some(_) => {}
        }
    }

    /// Trades, of one taker at one price together and one by one.
    pub(super) fn publish_trades(&mut self, trades: &[PublicTrade]) {
        for joined in quotes::joined(trades) {
            let symbol = joined.last.symbol;
            self.said[usize::from(symbol.0)].trades += joined.count;
            self.publish(Topic::Trades(symbol), |this| {
                let row = quotes::joined_trade(this.spec(symbol).ok()?, &joined);
                Some(json!([row]))
            });
        }
        for trade in trades {
            self.publish(Topic::AllTrades(trade.symbol), |this| {
                let row = quotes::trade(this.spec(trade.symbol).ok()?, trade);
                Some(json!([row]))
            });
        }
    }

    /// Best prices, where they changed.
    pub(super) fn publish_best(&mut self, now: i64) {
        for symbol in self.symbol_numbers() {
            let best = self.bourse.market.best(symbol);
            let told = &mut self.said[usize::from(symbol.0)].best;
            if (told.bid, told.ask) == (best.bid, best.ask) {
                continue;
            }
            *told = best;
            self.publish(Topic::Best(symbol), |this| {
                Some(json!([quotes::best(this.spec(symbol).ok()?, &best, now)]))
            });
        }
    }

    /// What goes out by the clock; `from` is the time of the call before.
    pub(super) fn publish_by_clock(&mut self, from: i64, now: i64) {
        let due = |every: i64| now.div_euclid(every) != from.div_euclid(every);
        for symbol in self.symbol_numbers() {
            if due(100) {
                // The market's own list of changes is not used here: it must not grow.
                self.bourse.market.diff(symbol);
                self.publish_books(symbol, now);
                self.publish_five(symbol, now);
                self.publish_ticker(symbol, now);
            }
            if due(200) {
                self.publish_mark(symbol, now);
            }
            if due(250) {
                self.publish_candles(symbol, now);
            }
            if due(FUNDING_MS) {
                self.publish(Topic::Funding(symbol), |this| {
                    Some(json!([this.funding_of(symbol, now)?]))
                });
            }
        }
        if due(5_000) {
            self.tell_account_regularly(now);
        }
    }

    /// Moves the book on, says the update to those who have a snapshot, and a snapshot to those who have none.
    fn publish_books(&mut self, symbol: SymbolNo, now: i64) {
        let topic = Topic::Books(symbol);
        if !self.lines.is_heard(topic) {
            return;
        }
        let ladder = &mut self.said[usize::from(symbol.0)].ladder;
        let update = ladder.advance(&self.bourse.market, symbol, now);
        if let Some(update) = &update {
            for (line, arg) in self.lines.listeners(|w| w.topic == topic && w.begun) {
                self.send_struck(line, ladder::message(&arg, "update", update), What::Depth);
            }
        }
        let new = self.lines.listeners(|w| w.topic == topic && !w.begun);
        let Ok(spec) = self.spec(symbol) else {
            return;
        };
        let whole = self.said[usize::from(symbol.0)].ladder.snapshot(spec, now);
        for (line, arg) in new {
            self.lines
                .text(line, ladder::message(&arg, "snapshot", &whole), 0);
            self.begin(line, topic);
        }
    }

    fn begin(&mut self, line: LineId, topic: Topic) {
        let line = self.lines.open.get_mut(&line);
        let mine = |w: &&mut Wanted| w.topic == topic;
        if let Some(wanted) = line.and_then(|line| line.wanted.iter_mut().find(mine)) {
            wanted.begun = true;
        }
    }

    fn publish_five(&mut self, symbol: SymbolNo, now: i64) {
        let topic = Topic::Books5(symbol);
        if !self.lines.is_heard(topic) {
            return;
        }
        let Some((id, five)) = ladder::five(&self.bourse.market, symbol, now) else {
            return;
        };
        let told = &mut self.said[usize::from(symbol.0)].five;
        if std::mem::replace(told, id) == id {
            return;
        }
        self.publish(topic, |_| Some(json!([five])));
    }

    fn publish_ticker(&mut self, symbol: SymbolNo, now: i64) {
        let traded = std::mem::take(&mut self.said[usize::from(symbol.0)].trades);
        if traded > 0 {
            self.publish(Topic::Ticker(symbol), |this| {
                Some(json!([this.ticker_of(symbol, now)?]))
            });
        }
    }

    /// Mark price and price limits, when they moved or ten seconds have passed.
    fn publish_mark(&mut self, symbol: SymbolNo, now: i64) {
        let Some(view) = self.bourse.market.mark(symbol) else {
            return;
        };
        let told = &mut self.said[usize::from(symbol.0)].mark;
        let stands = told.is_some_and(|(mark, at)| mark == view.mark && now - at < MARK_IDLE_MS);
        if stands {
            return;
        }
        *told = Some((view.mark, now));
        self.publish(Topic::Mark(symbol), |this| {
            Some(json!([this.mark_of(symbol, now)?]))
        });
        self.publish(Topic::Limits(symbol), |this| {
            Some(json!([this.price_limit_of(symbol, now)?]))
        });
    }

    fn publish_candles(&mut self, symbol: SymbolNo, now: i64) {
        for interval in 0..INTERVALS.len() {
            let topic = Topic::Candle(symbol, interval);
            if !self.lines.is_heard(topic) {
                continue;
            }
            let minutes = self.bourse.market.klines(symbol);
            let Some(candle) = quotes::candles(&minutes, interval).pop() else {
                continue;
            };
            let told = &mut self.said[usize::from(symbol.0)].candles[interval];
            if told.replace(candle) == Some(candle) {
                continue;
            }
            self.publish(topic, |this| {
                let row = quotes::candle(this.spec(symbol).ok()?, &candle, interval, now);
                Some(json!([row]))
            });
        }
    }

    /// What a new subscriber is told at once, so that it need not wait for a change.
    pub(super) fn greet(&mut self, line: LineId, topic: Topic, arg: &Value, now: i64) {
        let row = match topic {
            Topic::Ticker(symbol) => self.ticker_of(symbol, now),
            Topic::Mark(symbol) => self.mark_of(symbol, now),
            Topic::Funding(symbol) => self.funding_of(symbol, now),
            Topic::Limits(symbol) => self.price_limit_of(symbol, now),
            Topic::Best(symbol) => {
                let best = self.bourse.market.best(symbol);
                self.spec(symbol)
                    .ok()
                    .map(|spec| quotes::best(spec, &best, now))
            }
            Topic::Books5(symbol) => ladder::five(&self.bourse.market, symbol, now).map(|f| f.1),
            _ => None,
        };
        if let Some(row) = row {
            self.lines.text(line, talk::message(arg, &json!([row])), 0);
        }
    }
}
