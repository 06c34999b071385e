//! The latest prints of one symbol and the range that they covered in about two minutes.

pub mod merged;
pub mod threshold;

use std::collections::VecDeque;
use std::sync::Arc;

use crate::domain::{Price, Print, Stamp};

/// How many prints are kept.
const KEPT: usize = 200;
/// How far back the range looks, in slices of so many ms each.
const SLICE_MS: u64 = 5_000;
const SLICES: usize = 24;

/// Lowest and highest price of a slice of time.
#[derive(Clone, Copy, Debug)]
struct Slice {
    start: Stamp,
    low: Price,
    high: Price,
}

/// One symbol's tape.
#[derive(Clone, Debug, Default)]
pub struct Tape {
    prints: Arc<[Print]>,
    slices: VecDeque<Slice>,
}

impl Tape {
    /// An empty tape.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes prints of this symbol, oldest first.
    pub fn take(&mut self, now: Stamp, prints: &[Print]) {
        if prints.is_empty() {
            return;
        }
        let newest = prints.iter().rev().copied();
        self.prints = newest
            .chain(self.prints.iter().copied())
            .take(KEPT)
            .collect();
        for print in prints {
            self.widen(now, print.price);
        }
        self.forget(now);
    }

    fn widen(&mut self, now: Stamp, price: Price) {
        match self.slices.back_mut() {
            Some(slice) if now.ms_since(slice.start) < SLICE_MS => {
                slice.low = slice.low.min(price);
                slice.high = slice.high.max(price);
            }
            _ => self.slices.push_back(Slice {
                start: now,
                low: price,
                high: price,
            }),
        }
    }

    fn forget(&mut self, now: Stamp) {
        let span = SLICE_MS * SLICES as u64;
        while self
            .slices
            .front()
            .is_some_and(|slice| now.ms_since(slice.start) > span)
        {
            self.slices.pop_front();
        }
    }

    /// Newest first, at most 200.
    pub const fn prints(&self) -> &Arc<[Print]> {
        &self.prints
    }

    /// The last trade.
    pub fn last(&self) -> Option<Print> {
        self.prints.first().copied()
    }

    /// Lowest and highest price of about the last two minutes, ticks.
    pub fn range(&self) -> Option<(Price, Price)> {
        let low = self.slices.iter().map(|s| s.low).min()?;
        let high = self.slices.iter().map(|s| s.high).max()?;
        Some((low, high))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Qty, Side, Symbol};

    fn print(price: i64) -> Print {
        Print {
            symbol: Symbol::new("BTCUSDT").unwrap(),
            side: Side::Buy,
            price: Price(price),
            qty: Qty(1),
            venue_ms: 0,
        }
    }

    #[test]
    fn the_tape_keeps_the_newest_first_and_no_more_than_two_hundred() {
        let mut tape = Tape::new();
        let many: Vec<Print> = (0..300).map(print).collect();
        tape.take(Stamp::default(), &many);
        assert_eq!(tape.prints().len(), 200);
        assert_eq!(tape.last().unwrap().price, Price(299));
        assert_eq!(tape.prints()[199].price, Price(100));
    }

    #[test]
    fn the_range_forgets_what_is_older_than_about_two_minutes() {
        let mut tape = Tape::new();
        tape.take(Stamp::default(), &[print(5)]);
        tape.take(Stamp::default().plus_ms(60_000), &[print(100), print(90)]);
        assert_eq!(tape.range(), Some((Price(5), Price(100))));
        tape.take(Stamp::default().plus_ms(126_000), &[print(95)]);
        assert_eq!(tape.range(), Some((Price(90), Price(100))));
    }
}
