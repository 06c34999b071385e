//! Changes of a book between two messages of one pace.

use std::collections::BTreeMap;

use crate::domain::{Price, Qty};
use crate::sim::market::DepthDiff;

/// Levels changed since the last message of one pace.
#[derive(Debug, Default)]
pub struct Gathered {
    first: Option<u64>,
    last: u64,
    previous: u64,
    bids: BTreeMap<Price, Qty>,
    asks: BTreeMap<Price, Qty>,
}

impl Gathered {
    /// Adds what has changed since.
    pub fn add(&mut self, diff: &DepthDiff) {
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

    /// Takes everything for a message; `None` when nothing changed.
    pub fn take(&mut self) -> Option<DepthDiff> {
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
