//! The latest prints of one symbol: as they came, merged into rows, and the range that they covered in about two minutes.

pub mod merged;
pub mod threshold;

use std::collections::VecDeque;
use std::sync::Arc;

use serde::Deserialize;

use super::amount::Amount;
use super::seconds::Seconds;
use crate::domain::{Instrument, Price, Print, Stamp};
pub use merged::Merged;
use merged::Rows;
pub use threshold::Threshold;
use threshold::Usual;

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

/// What is done with rows that are filtered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Filtered {
    /// They stay, dim.
    #[default]
    Dim,
    /// They are left out.
    Hide,
    /// They look like all others.
    Show,
}

impl Filtered {
    /// The next one, round.
    pub const fn next(self) -> Self {
        match self {
            Self::Dim => Self::Hide,
            Self::Hide => Self::Show,
            Self::Show => Self::Dim,
        }
    }
}

/// What the trader sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Prints of one side within so many ms of the first are one row; 0: each its own.
    pub merge_ms: u64,
    /// A row of so many prices is a sweep.
    pub sweep_prices: u16,
    /// Smaller rows are filtered.
    pub from: Threshold,
    /// With `from = "auto"`: so many rows in a hundred are.
    pub from_percentile: u8,
    /// What is done with them.
    pub filtered: Filtered,
    /// Rows from here on are large.
    pub large: Threshold,
    /// With `large = "auto"`: so many rows in a hundred are not.
    pub large_percentile: u8,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            merge_ms: 200,
            sweep_prices: 5,
            from: Threshold::From(Amount::Auto),
            from_percentile: 60,
            filtered: Filtered::Dim,
            large: Threshold::From(Amount::Auto),
            large_percentile: 97,
        }
    }
}

/// How much a row is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Filtered.
    Small,
    /// Neither.
    Usual,
    /// Marked.
    Large,
}

/// The rows as shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TapeView {
    /// Newest first, at most 256.
    pub rows: Arc<[Merged]>,
    /// Smaller rows are filtered, lots; `None`: no row is.
    pub from: Option<i64>,
    /// What is done with them, as it was set.
    pub filtered: Filtered,
    /// Rows from here on are large, lots; `None`: no row is.
    pub large: Option<i64>,
    /// A row of so many prices is a sweep.
    pub sweep_prices: u16,
}

impl TapeView {
    /// How much a row is looked at.
    pub fn weight(&self, row: &Merged) -> Weight {
        if self.large.is_some_and(|large| row.qty.0 >= large) {
            Weight::Large
        } else if self.from.is_some_and(|from| row.qty.0 < from) {
            Weight::Small
        } else {
            Weight::Usual
        }
    }

    /// True where one aggressor's side took many prices at once.
    pub const fn is_sweep(&self, row: &Merged) -> bool {
        row.prices >= self.sweep_prices
    }
}

/// One symbol's tape.
#[derive(Clone, Debug)]
pub struct Tape {
    settings: Settings,
    prints: Arc<[Print]>,
    slices: VecDeque<Slice>,
    rows: Rows,
    usual: Usual,
    seconds: Seconds,
}

impl Default for Tape {
    fn default() -> Self {
        Self::new(Settings::default())
    }
}

impl Tape {
    /// An empty tape.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            prints: Arc::from([]),
            slices: VecDeque::new(),
            rows: Rows::new(settings.merge_ms),
            usual: Usual::new(settings.from_percentile, settings.large_percentile),
            seconds: Seconds::default(),
        }
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
            if let Some(closed) = self.rows.take(print) {
                self.usual.take(closed.qty.0);
            }
        }
        self.forget(now);
    }

    /// What is usual is looked at once a second.
    pub fn tick(&mut self, now: Stamp) {
        if self.seconds.ended(now) > 0 {
            self.usual.settle();
        }
    }

    /// The rows as shown on this instrument.
    pub fn view(&self, instrument: &Instrument) -> TapeView {
        let last = self.last().map(|print| print.price);
        let lots = |threshold: Threshold, auto| threshold.lots(instrument, last, auto);
        TapeView {
            rows: self.rows.iter().copied().collect(),
            from: lots(self.settings.from, self.usual.small()),
            filtered: self.settings.filtered,
            large: lots(self.settings.large, self.usual.large()),
            sweep_prices: self.settings.sweep_prices,
        }
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
        let mut tape = Tape::default();
        let many: Vec<Print> = (0..300).map(print).collect();
        tape.take(Stamp::default(), &many);
        assert_eq!(tape.prints().len(), 200);
        assert_eq!(tape.last().unwrap().price, Price(299));
        assert_eq!(tape.prints()[199].price, Price(100));
    }

    #[test]
    fn the_range_forgets_what_is_older_than_about_two_minutes() {
        let mut tape = Tape::default();
        tape.take(Stamp::default(), &[print(5)]);
        tape.take(Stamp::default().plus_ms(60_000), &[print(100), print(90)]);
        assert_eq!(tape.range(), Some((Price(5), Price(100))));
        tape.take(Stamp::default().plus_ms(126_000), &[print(95)]);
        assert_eq!(tape.range(), Some((Price(90), Price(100))));
    }
}
