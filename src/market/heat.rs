//! Resting liquidity over time: a column for every so many seconds, in which each size is the mean of the pictures of that time, so
//! that an order that flashed is faint and one that stood is not. With it what was traded, and the best prices. Pure.

use std::collections::VecDeque;
use std::sync::Arc;

use super::clusters::Cell;
use crate::domain::{Depth, Level, Price, Print, Side, Stamp};

/// Columns kept.
pub const KEPT: usize = 240;
/// Levels kept of a side of a column, best first.
pub const LEVELS: usize = 1_000;
/// Prices at which trades of a column are kept; what is traded at further ones is not shown.
const TRADED: usize = 256;

/// How heat is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeatSettings {
    /// How long a column is, 1 to 60 s.
    pub seconds: u64,
}

impl Default for HeatSettings {
    fn default() -> Self {
        Self { seconds: 1 }
    }
}

/// One column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    /// Which span of time since 1970: its start divided by its length.
    pub number: i64,
    /// Mean sizes of bids, best first.
    pub bids: Vec<Level>,
    /// Mean sizes of asks, best first.
    pub asks: Vec<Level>,
    /// Best bid and ask of the last picture.
    pub touch: (Option<Price>, Option<Price>),
    /// What was traded, by price, lowest first.
    pub traded: Vec<Cell>,
}

/// The finished columns, oldest first; a span in which the book was not live has none.
pub type Columns = Arc<VecDeque<Arc<Column>>>;

/// What a panel sees of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    /// The finished columns.
    pub columns: Columns,
    /// How long a column is, ms.
    pub span_ms: i64,
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Heat {
    span_ms: i64,
    columns: Columns,
    newest: Option<Arc<Depth>>,
    /// Sums of the span that runs.
    running: Column,
    samples: i64,
}

impl Heat {
    /// Nothing seen yet.
    pub fn new(settings: HeatSettings) -> Self {
        let seconds = i64::try_from(settings.seconds).unwrap_or(1).max(1);
        Self {
            span_ms: seconds.saturating_mul(1_000),
            ..Self::default()
        }
    }

    /// Takes a picture of the book: it stands until the next one.
    pub fn depth(&mut self, depth: &Arc<Depth>) {
        self.newest = Some(Arc::clone(depth));
    }

    /// Takes prints, oldest first.
    pub fn take(&mut self, now: Stamp, prints: &[Print]) {
        self.turn(now);
        for print in prints {
            let (at, lots) = (print.price.0, print.qty.0.max(0));
            let traded = &mut self.running.traded;
            let place = match traded.binary_search_by_key(&at, |cell| cell.at) {
                Ok(place) => place,
                Err(_) if traded.len() >= TRADED => continue,
                Err(place) => {
                    let (buys, sells) = (0, 0);
                    traded.insert(place, Cell { at, buys, sells });
                    place
                }
            };
            traded[place].add(print.side, lots);
        }
    }

    /// Counts the picture that stands now. Told about ten times a second.
    pub fn tick(&mut self, now: Stamp) {
        self.turn(now);
        let Some(depth) = self.newest.clone().filter(|depth| depth.state.is_live()) else {
            return;
        };
        let running = &mut self.running;
        add(&mut running.bids, &depth.bids, Side::Buy);
        add(&mut running.asks, &depth.asks, Side::Sell);
        let best = |levels: &[Level]| levels.first().map(|level| level.price);
        running.touch = (best(&depth.bids), best(&depth.asks));
        self.samples += 1;
    }

    /// Finishes the span that ran when its time is over.
    fn turn(&mut self, now: Stamp) {
        if self.span_ms == 0 {
            return;
        }
        let number = now.wall_ms().div_euclid(self.span_ms);
        if number == self.running.number {
            return;
        }
        let next = Column {
            number,
            ..Column::default()
        };
        let mut done = std::mem::replace(&mut self.running, next);
        let samples = std::mem::take(&mut self.samples);
        if samples == 0 {
            return;
        }
        for level in done.bids.iter_mut().chain(&mut done.asks) {
            level.qty.0 /= samples;
        }
        done.bids.truncate(LEVELS);
        done.asks.truncate(LEVELS);
        done.bids.shrink_to_fit();
        done.asks.shrink_to_fit();
        // What a frame that is being drawn still holds is copied once (pointers alone); else this writes in place.
        let columns = Arc::make_mut(&mut self.columns);
        if columns.back().is_some_and(|last| last.number >= number) {
            // The clock was set back: what it says of the past is no picture any more.
            columns.clear();
        }
        if columns.len() >= KEPT {
            columns.pop_front();
        }
        columns.push_back(Arc::new(done));
    }

    /// The columns.
    pub const fn columns(&self) -> &Columns {
        &self.columns
    }

    /// What a panel sees.
    pub fn picture(&self) -> Picture {
        Picture {
            columns: Arc::clone(&self.columns),
            span_ms: self.span_ms,
        }
    }
}

/// Adds the sizes of a picture to sums by price; both are best first.
fn add(sums: &mut Vec<Level>, levels: &[Level], side: Side) {
    let levels = &levels[..levels.len().min(LEVELS)];
    let better = |one: &Level, other: &Level| match side {
        Side::Buy => one.price > other.price,
        Side::Sell => one.price < other.price,
    };
    let mut out: Vec<Level> = Vec::with_capacity(sums.len().max(levels.len()) + 8);
    let mut old = sums.iter().copied().peekable();
    for level in levels {
        while let Some(sum) = old.next_if(|sum| better(sum, level)) {
            out.push(sum);
        }
        let sum = old.next_if(|sum| sum.price == level.price);
        let before = sum.map_or(0, |sum| sum.qty.0);
        let mut level = *level;
        level.qty.0 = before.saturating_add(level.qty.0.max(0));
        out.push(level);
    }
    out.extend(old);
    out.truncate(2 * LEVELS);
    *sums = out;
}

#[cfg(test)]
mod tests;
