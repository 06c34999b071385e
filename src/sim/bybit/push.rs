//! Public topics but the books: trades at once, tickers, candles and price limits by the clock.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::Bybit;
use super::category::{Category, wire_name};
use super::digits::{plain, price, qty};
use super::lines::Topic;
use super::rows::{INTERVALS, candle_price, direction, limits};
use super::shapes::side;
use crate::domain::{Price, Qty};
use crate::sim::fault::{How, What};
use crate::sim::market::{Kline, PublicTrade, SymbolNo, SymbolSpec};
use crate::sim::wire::LineId;

const MINUTE_MS: i64 = 60_000;
/// Trades in one message.
const MOST_TRADES: usize = 1_024;

/// What was told of an instrument last.
#[derive(Clone, Debug, Default)]
pub struct Pushed {
    last: Option<Price>,
    direction: &'static str,
    ticker: Map<String, Value>,
    candles: BTreeMap<usize, Kline>,
}

/// By instrument.
pub type AllPushed = BTreeMap<SymbolNo, Pushed>;

impl Bybit {
    /// Sends a message of a topic that faults may strike.
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

    /// Trades since the last time, one message an instrument.
    pub(super) fn publish_trades(&mut self, now: i64, trades: &[PublicTrade]) {
        for symbol in self.symbol_numbers() {
            let own: Vec<&PublicTrade> = trades.iter().filter(|t| t.symbol == symbol).collect();
            if own.is_empty() {
                continue;
            }
            let Ok(spec) = self.spec(symbol).cloned() else {
                continue;
            };
            let mut rows = Vec::new();
            for trade in own {
                let way = self.step(symbol, trade.price);
                rows.push(self.trade_row(&spec, trade, way));
            }
            let listeners = self.lines.listeners(symbol, Topic::Trades);
            if listeners.is_empty() {
                continue;
            }
            for part in rows.chunks(MOST_TRADES) {
                let text = trades_message(&spec, now, part);
                for line in &listeners {
                    self.lines.text(*line, text.clone(), 0);
                }
            }
        }
    }

    /// Notes where the price went with a trade.
    fn step(&mut self, symbol: SymbolNo, at: Price) -> &'static str {
        let pushed = self.pushed.entry(symbol).or_default();
        pushed.direction = direction(pushed.last, at, pushed.direction);
        pushed.last = Some(at);
        pushed.direction
    }

    /// A trade, its fields in the venue's order, which differs by category.
    fn trade_row(&self, spec: &SymbolSpec, trade: &PublicTrade, way: &'static str) -> String {
        let category = Category::of(spec);
        let id = self.ids.trade(category, trade.symbol.0, trade.id);
        let (name, at, size) = (
            wire_name(spec),
            price(spec, trade.price),
            qty(spec, trade.qty),
        );
        let (taker, time, seq) = (side(trade.side), trade.time_ms, self.seq(trade.symbol));
        match category {
            Category::Linear => format!(
                r#"{{"T":{time},"s":"{name}","S":"{taker}","v":"{size}","p":"{at}","L":"{way}","i":"{id}","BT":false,"RPI":false,"seq":{seq}}}"#
            ),
            Category::Spot => format!(
                r#"{{"i":"{id}","T":{time},"p":"{at}","v":"{size}","S":"{taker}","seq":{seq},"s":"{name}","BT":false,"RPI":false}}"#
            ),
        }
    }

    /// What goes out by the clock; `from` is the time of the call before.
    pub(super) fn publish_by_clock(&mut self, from: i64, now: i64) {
        let due = |every: i64| now.div_euclid(every) != from.div_euclid(every);
        for symbol in self.symbol_numbers() {
            let Ok(spec) = self.spec(symbol).cloned() else {
                continue;
            };
            let every = match Category::of(&spec) {
                Category::Linear => 100,
                Category::Spot => 50,
            };
            if due(every) && self.lines.listens(symbol, Topic::Ticker) {
                self.publish_ticker(&spec, symbol, now);
            }
            if due(300) {
                self.publish_limits(&spec, symbol, now);
            }
            if due(1_000) {
                self.publish_candles(&spec, symbol, now);
            }
        }
    }

    fn ticker_fields(&self, symbol: SymbolNo) -> Option<Map<String, Value>> {
        let way = self.pushed.get(&symbol).map_or("", |p| p.direction);
        let way = if way.is_empty() { "ZeroPlusTick" } else { way };
        Some(self.quote(symbol)?.told(way))
    }

    /// The snapshot that begins a subscription: what those who listen already know, else what is now.
    pub(super) fn ticker_snapshot(&mut self, symbol: SymbolNo, now: i64) -> Option<String> {
        let others = self.lines.listeners(symbol, Topic::Ticker).len() > 1;
        let kept = self.pushed.get(&symbol).map(|p| p.ticker.clone());
        let fields = match kept.filter(|fields| others && !fields.is_empty()) {
            Some(fields) => fields,
            None => self.ticker_fields(symbol)?,
        };
        self.pushed.entry(symbol).or_default().ticker = fields.clone();
        let spec = self.spec(symbol).ok()?;
        Some(ticker_message(
            spec,
            now,
            self.seq(symbol),
            "snapshot",
            &fields,
        ))
    }

    /// Linear tells the fields that changed, spot all of them.
    fn publish_ticker(&mut self, spec: &SymbolSpec, symbol: SymbolNo, now: i64) {
        let Some(fields) = self.ticker_fields(symbol) else {
            return;
        };
        let pushed = self.pushed.entry(symbol).or_default();
        let mut changed = fields.clone();
        changed.retain(|name, value| pushed.ticker.get(name) != Some(value));
        pushed.ticker.clone_from(&fields);
        if changed.is_empty() {
            return;
        }
        let seq = self.seq(symbol);
        let text = match Category::of(spec) {
            Category::Linear => {
                changed.insert("symbol".into(), wire_name(spec).into());
                ticker_message(spec, now, seq, "delta", &changed)
            }
            Category::Spot => ticker_message(spec, now, seq, "snapshot", &fields),
        };
        for line in self.lines.listeners(symbol, Topic::Ticker) {
            self.lines.text(line, text.clone(), 0);
        }
    }

    fn publish_limits(&mut self, spec: &SymbolSpec, symbol: SymbolNo, now: i64) {
        let listeners = self.lines.listeners(symbol, Topic::PriceLimit);
        let Some(mark) = self.mark(symbol).filter(|_| !listeners.is_empty()) else {
            return;
        };
        let (low, high) = limits(spec, mark.mark);
        let name = wire_name(spec);
        let text = json!({
            "topic": format!("priceLimit.{name}"),
            "data": {"symbol": name, "buyLmt": high, "sellLmt": low},
            "ts": now,
        })
        .to_string();
        for line in listeners {
            self.lines.text(line, text.clone(), 0);
        }
    }

    /// The running candle where it changed, and one last time the candle that it follows.
    fn publish_candles(&mut self, spec: &SymbolSpec, symbol: SymbolNo, now: i64) {
        for (interval, (name, _)) in INTERVALS.iter().enumerate() {
            let listeners = self.lines.listeners(symbol, Topic::Kline(interval));
            if listeners.is_empty() {
                continue;
            }
            let candles = self.candles(symbol, interval);
            let pushed = self.pushed.entry(symbol).or_default();
            let told = pushed.candles.get(&interval).copied();
            let Some(running) = candles.last().copied() else {
                continue;
            };
            pushed.candles.insert(interval, running);
            let mut fresh = Vec::new();
            let ended = told.filter(|told| told.open_ms != running.open_ms);
            let ended = ended.and_then(|told| candles.iter().find(|k| k.open_ms == told.open_ms));
            fresh.extend(ended.map(|k| candle_row(spec, k, interval, true, now)));
            if told != Some(running) {
                fresh.push(candle_row(spec, &running, interval, false, now));
            }
            for row in fresh {
                let text = json!({
                    "topic": format!("kline.{name}.{}", wire_name(spec)),
                    "data": [row],
                    "ts": now,
                    "type": "snapshot",
                })
                .to_string();
                for line in &listeners {
                    self.lines.text(*line, text.clone(), 0);
                }
            }
        }
    }
}

fn candle_row(spec: &SymbolSpec, k: &Kline, interval: usize, ended: bool, now: i64) -> Value {
    let (name, minutes) = INTERVALS[interval];
    json!({
        "start": k.open_ms,
        "end": k.open_ms + minutes * MINUTE_MS - 1,
        "interval": name,
        "open": candle_price(spec, k.open),
        "close": candle_price(spec, k.close),
        "high": candle_price(spec, k.high),
        "low": candle_price(spec, k.low),
        "volume": plain(spec.instrument.qty_decimal(Qty(k.volume))),
        "turnover": plain(k.quote),
        "confirm": ended,
        "timestamp": now,
    })
}

fn trades_message(spec: &SymbolSpec, now: i64, rows: &[String]) -> String {
    let name = wire_name(spec);
    let head = match Category::of(spec) {
        Category::Linear => format!(r#""type":"snapshot","ts":{now}"#),
        Category::Spot => format!(r#""ts":{now},"type":"snapshot""#),
    };
    let mut text = format!(r#"{{"topic":"publicTrade.{name}",{head},"data":["#);
    text.push_str(&rows.join(","));
    text.push_str("]}");
    text
}

fn ticker_message(
    spec: &SymbolSpec,
    now: i64,
    seq: u64,
    kind: &str,
    fields: &Map<String, Value>,
) -> String {
    let name = wire_name(spec);
    let data = Value::Object(fields.clone());
    let mut text = format!(r#"{{"topic":"tickers.{name}","#);
    // Writing to a String cannot fail.
    let _ = match Category::of(spec) {
        Category::Linear => write!(
            text,
            r#""type":"{kind}","data":{data},"cs":{seq},"ts":{now}}}"#
        ),
        Category::Spot => write!(
            text,
            r#""ts":{now},"type":"{kind}","cs":{seq},"data":{data}}}"#
        ),
    };
    text
}
