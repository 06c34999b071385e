//! The 400 levels of a book as every subscriber has them: what to send so that the next picture follows from the last.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::digits::{price, qty};
use super::public::DEEPEST;
use super::quotes::level;
use crate::domain::{Instrument, Level, Price, Qty};
use crate::sim::market::Market;
use crate::sim::market::{SymbolNo, SymbolSpec};

/// An idle book is said again after this, ms (OKX, "Order book channel": about 60 seconds).
const IDLE_MS: i64 = 60_000;

type Side = BTreeMap<Price, Qty>;

/// What subscribers have of one book.
#[derive(Debug, Default)]
pub struct Ladder {
    bids: Side,
    asks: Side,
    /// `seqId` of the last message; zero before the first.
    seq: u64,
    told_ms: i64,
}

/// A message of the `books` channel but for its argument and action.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Picture {
    asks: Vec<[String; 4]>,
    bids: Vec<[String; 4]>,
    ts: String,
    checksum: i32,
    prev_seq_id: i64,
    seq_id: u64,
}

impl Ladder {
    /// Moves on to the book as it is now. The update that takes subscribers there: `None` when nothing changed and the last message is
    /// not a minute old.
    pub fn advance(&mut self, market: &Market, symbol: SymbolNo, now: i64) -> Option<Picture> {
        let spec = market.spec(symbol)?;
        let top = market.snapshot(symbol, DEEPEST)?;
        let bids = side(&top.bids);
        let asks = side(&top.asks);
        let changed_bids = changes(&self.bids, &bids);
        let changed_asks = changes(&self.asks, &asks);
        let previous = self.seq;
        let idle = changed_bids.is_empty() && changed_asks.is_empty();
        if idle && now - self.told_ms < IDLE_MS {
            return None;
        }
        if !idle {
            // An id is never behind the one before, and never the same over a change.
            self.seq = top.last.max(previous + 1);
            (self.bids, self.asks) = (bids, asks);
        }
        self.told_ms = now;
        let i = &spec.instrument;
        Some(Picture {
            asks: rows(i, changed_asks.into_iter()),
            bids: rows(i, changed_bids.into_iter().rev()),
            ts: now.to_string(),
            checksum: 0,
            prev_seq_id: i64::try_from(previous).unwrap_or(i64::MAX),
            seq_id: self.seq,
        })
    }

    /// The whole of what subscribers have.
    pub fn snapshot(&self, spec: &SymbolSpec, now: i64) -> Picture {
        let i = &spec.instrument;
        let of = |side: &Side| side.iter().map(|(p, q)| (*p, *q)).collect::<Vec<_>>();
        Picture {
            asks: rows(i, of(&self.asks).into_iter()),
            bids: rows(i, of(&self.bids).into_iter().rev()),
            ts: now.to_string(),
            checksum: 0,
            prev_seq_id: -1,
            seq_id: self.seq,
        }
    }
}

fn side(levels: &[Level]) -> Side {
    levels.iter().map(|l| (l.price, l.qty)).collect()
}

/// Levels that are not as they were; those that are gone with nothing.
fn changes(old: &Side, new: &Side) -> Vec<(Price, Qty)> {
    let mut changed: Side = BTreeMap::new();
    for (price, qty) in new {
        if old.get(price) != Some(qty) {
            changed.insert(*price, *qty);
        }
    }
    for price in old.keys().filter(|price| !new.contains_key(*price)) {
        changed.insert(*price, Qty::ZERO);
    }
    changed.into_iter().collect()
}

fn rows(i: &Instrument, levels: impl Iterator<Item = (Price, Qty)>) -> Vec<[String; 4]> {
    levels.map(|(at, size)| level(i, at, size)).collect()
}

/// A message of the `books` channel.
pub fn message(arg: &Value, action: &str, picture: &Picture) -> String {
    // Text and numbers always serialise; an empty object would be the visible sign that they did not.
    let data = serde_json::to_string(picture).unwrap_or_else(|_| "{}".to_owned());
    format!(r#"{{"arg":{arg},"action":"{action}","data":[{data}]}}"#)
}

/// `books5`: five levels of each side.
pub fn five(market: &Market, symbol: SymbolNo, now: i64) -> Option<(u64, Value)> {
    let spec = market.spec(symbol)?;
    let top = market.snapshot(symbol, 5)?;
    let i = &spec.instrument;
    let row = |l: &Level| {
        [
            price(i, l.price),
            qty(i, l.qty),
            "0".to_owned(),
            "1".to_owned(),
        ]
    };
    let rows = |side: &[Level]| side.iter().map(row).collect::<Vec<_>>();
    let value = serde_json::json!({
        "asks": rows(&top.asks),
        "bids": rows(&top.bids),
        "instId": i.symbol.as_str(),
        "ts": now.to_string(),
        "seqId": top.last,
    });
    Some((top.last, value))
}
