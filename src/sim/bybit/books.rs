//! The order book topics: what was told of each depth last, and what changed since (Bybit v5, "Orderbook").
//!
//! Every depth of an instrument has its own sequence `u`, one step a message; level 1 tells snapshots only, again after three seconds
//! without a change, with the same `u`.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::Bybit;
use super::category::{Category, wire_name};
use super::digits::{price, qty};
use super::lines::Topic;
use crate::domain::{Level, Price, Qty, Side};
use crate::sim::fault::What;
use crate::sim::market::{SymbolNo, SymbolSpec};

/// Where the sequences begin: 1 would say that the service was restarted.
const FIRST: u64 = 15_000_000;
/// Level 1 is told again after this long without a change, ms.
const REPEAT_MS: i64 = 3_000;

/// How deep a topic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// One level, every 10 ms.
    Touch,
    /// 50 levels, every 20 ms.
    Fifty,
    /// 200 levels, every 100 ms.
    TwoHundred,
    /// 1000 levels, every 200 ms.
    Deepest,
}

impl Depth {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Touch, Self::Fifty, Self::TwoHundred, Self::Deepest];

    /// Levels a side.
    pub const fn levels(self) -> usize {
        match self {
            Self::Touch => 1,
            Self::Fifty => 50,
            Self::TwoHundred => 200,
            Self::Deepest => 1000,
        }
    }

    /// Milliseconds between two messages.
    const fn every_ms(self) -> i64 {
        match self {
            Self::Touch => 10,
            Self::Fifty => 20,
            Self::TwoHundred => 100,
            Self::Deepest => 200,
        }
    }

    /// By the number in a topic's name.
    pub fn parse(number: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|depth| depth.levels().to_string() == number)
    }
}

/// What was told of one depth last.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// `u` of it.
    pub number: u64,
    /// When the engine made it, ms.
    pub time_ms: i64,
    /// `seq` of it.
    pub seq: u64,
    /// When it was last sent, ms.
    sent_ms: i64,
    /// Bids, best first.
    pub bids: Vec<Level>,
    /// Asks, best first.
    pub asks: Vec<Level>,
}

/// All depths of all instruments.
pub type Books = BTreeMap<(SymbolNo, Depth), Told>;

/// Levels that changed; zero: gone.
type Changes = Vec<(Price, Qty)>;

impl Bybit {
    /// The state of a depth, brought up to date unless more than `own` lines listen to it: then as it was told last.
    pub(super) fn book_now(
        &mut self,
        symbol: SymbolNo,
        depth: Depth,
        now: i64,
        own: usize,
    ) -> Told {
        if self.lines.listeners(symbol, Topic::Book(depth)).len() <= own {
            self.renew(symbol, depth, now);
        }
        let told = self.books.get(&(symbol, depth));
        told.cloned().unwrap_or_default()
    }

    /// Takes over the market's book. What changed, best first; `None` when nothing did.
    fn renew(&mut self, symbol: SymbolNo, depth: Depth, now: i64) -> Option<(Changes, Changes)> {
        let top = self.bourse.market.snapshot(symbol, depth.levels())?;
        let seq = self.seq(symbol);
        let told = self.books.entry((symbol, depth)).or_insert_with(|| Told {
            number: FIRST,
            ..Told::default()
        });
        let bids = changes(&told.bids, &top.bids, Side::Buy);
        let asks = changes(&told.asks, &top.asks, Side::Sell);
        if bids.is_empty() && asks.is_empty() {
            return None;
        }
        told.number += 1;
        told.seq = seq;
        told.time_ms = now;
        (told.bids, told.asks) = (top.bids, top.asks);
        Some((bids, asks))
    }

    /// The snapshot that begins a subscription.
    pub(super) fn book_snapshot(
        &mut self,
        symbol: SymbolNo,
        depth: Depth,
        now: i64,
    ) -> Option<String> {
        // The line that begins to listen is there already.
        let told = self.book_now(symbol, depth, now, 1);
        if let Some(kept) = self.books.get_mut(&(symbol, depth)) {
            kept.sent_ms = now;
        }
        let spec = self.bourse.market.spec(symbol)?;
        Some(message(
            spec,
            depth,
            now,
            true,
            &told,
            &whole(&told.bids),
            &whole(&told.asks),
        ))
    }

    /// Tells what changed to those who listen; `from` is the time of the call before.
    pub(super) fn publish_books(&mut self, from: i64, now: i64) {
        for symbol in self.symbol_numbers() {
            for depth in Depth::ALL {
                let every = depth.every_ms();
                let due = now.div_euclid(every) != from.div_euclid(every);
                if due && self.lines.listens(symbol, Topic::Book(depth)) {
                    self.publish_book(symbol, depth, now);
                }
            }
        }
    }

    fn publish_book(&mut self, symbol: SymbolNo, depth: Depth, now: i64) {
        let changed = self.renew(symbol, depth, now);
        let Some(told) = self.books.get_mut(&(symbol, depth)) else {
            return;
        };
        let repeats = depth == Depth::Touch && now - told.sent_ms >= REPEAT_MS;
        if changed.is_none() && !repeats {
            return;
        }
        told.sent_ms = now;
        let told = told.clone();
        let Some(spec) = self.bourse.market.spec(symbol) else {
            return;
        };
        let text = match changed {
            Some((bids, asks)) if depth != Depth::Touch => {
                message(spec, depth, now, false, &told, &bids, &asks)
            }
            _ => message(
                spec,
                depth,
                now,
                true,
                &told,
                &whole(&told.bids),
                &whole(&told.asks),
            ),
        };
        for line in self.lines.listeners(symbol, Topic::Book(depth)) {
            self.send_struck(line, text.clone(), What::Depth);
        }
    }
}

fn whole(levels: &[Level]) -> Changes {
    levels
        .iter()
        .map(|level| (level.price, level.qty))
        .collect()
}

/// What turns one list of levels into the other, best first.
fn changes(old: &[Level], new: &[Level], side: Side) -> Changes {
    let mut all: BTreeMap<Price, (Qty, Qty)> = BTreeMap::new();
    for level in old {
        all.entry(level.price).or_default().0 = level.qty;
    }
    for level in new {
        all.entry(level.price).or_default().1 = level.qty;
    }
    let changed = all
        .into_iter()
        .filter(|(_, (was, is))| was != is)
        .map(|(price, (_, is))| (price, is));
    match side {
        Side::Buy => changed.rev().collect(),
        Side::Sell => changed.collect(),
    }
}

/// A message, its fields in the venue's order: on spot, and on level 1, `ts` comes before `type`.
fn message(
    spec: &SymbolSpec,
    depth: Depth,
    now: i64,
    snapshot: bool,
    told: &Told,
    bids: &Changes,
    asks: &Changes,
) -> String {
    let name = wire_name(spec);
    let kind = if snapshot { "snapshot" } else { "delta" };
    let levels = depth.levels();
    let early = Category::of(spec) == Category::Spot || depth == Depth::Touch;
    let mut text = format!(r#"{{"topic":"orderbook.{levels}.{name}","#);
    // Writing to a String cannot fail.
    let _ = if early {
        write!(text, r#""ts":{now},"type":"{kind}""#)
    } else {
        write!(text, r#""type":"{kind}","ts":{now}"#)
    };
    let _ = write!(text, r#","data":{{"s":"{name}","b":"#);
    write_levels(&mut text, spec, bids);
    text.push_str(r#","a":"#);
    write_levels(&mut text, spec, asks);
    let _ = write!(
        text,
        r#","u":{},"seq":{}}},"cts":{}}}"#,
        told.number, told.seq, told.time_ms
    );
    text
}

fn write_levels(text: &mut String, spec: &SymbolSpec, levels: &Changes) {
    text.push('[');
    for (at, (level, size)) in levels.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            r#"["{}","{}"]"#,
            price(spec, *level),
            qty(spec, *size)
        );
    }
    text.push(']');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(rows: &[(i64, i64)]) -> Vec<Level> {
        rows.iter()
            .map(|(price, qty)| Level {
                price: Price(*price),
                qty: Qty(*qty),
            })
            .collect()
    }

    #[test]
    fn what_left_the_depth_is_deleted_and_what_stayed_is_not_told() {
        let old = levels(&[(10, 5), (9, 4), (8, 3)]);
        let new = levels(&[(11, 1), (10, 5), (9, 2)]);
        let changed = changes(&old, &new, Side::Buy);
        assert_eq!(
            changed,
            [(Price(11), Qty(1)), (Price(9), Qty(2)), (Price(8), Qty(0))]
        );
        assert!(changes(&new, &new, Side::Sell).is_empty());
    }
}
