//! Candles of every time frame, and the average price of all that was traded since the first print. Pure; integers only.
//!
//! They are counted from prints. What was traded before the first of them the venue tells in minutes, see [`past`].

mod past;

use std::collections::VecDeque;
use std::sync::Arc;

use super::bar::{Bar, Cut, Frame};
use crate::domain::{Instrument, Minute, Print};
use past::Begun;

/// Candles kept of a frame.
pub const KEPT: usize = 300;
/// Parts of a tick that the average price is told in.
pub const PARTS: i64 = 100;

/// One candle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candle {
    /// Its prices and what was traded.
    pub bar: Bar,
    /// The average price of everything traded from the first print up to its end, parts of a tick; `None` before any size was traded,
    /// and so in candles of the past.
    pub average: Option<i64>,
}

/// The candles of one frame as a panel sees them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    /// Those that are finished, oldest first.
    pub finished: Arc<VecDeque<Candle>>,
    /// The one being made.
    pub open: Option<Candle>,
    /// When the first print came, the venue's clock, ms since 1970; `None` before it. Of what was traded earlier there is nothing in the
    /// average, and in the candles what the venue told of whole minutes.
    pub since_ms: Option<i64>,
}

/// The candles of every frame.
#[derive(Clone, Debug, Default)]
pub struct Candles {
    series: Vec<Series>,
    since_ms: Option<i64>,
    /// The minute in which following began, from prints alone.
    minute: Option<Begun>,
    /// The venue told all of that minute: nothing of the past is missing any more.
    whole: bool,
    /// Price × size over all prints, ticks × lots.
    value: i128,
    /// All sizes, lots.
    lots: i128,
}

#[derive(Clone, Debug)]
struct Series {
    cut: Cut,
    finished: Arc<VecDeque<Candle>>,
    open: Option<Candle>,
    /// The bar in which following began, from prints alone; only of frames that past minutes have a say in.
    begun: Option<Begun>,
}

impl Candles {
    /// Nothing traded yet in any of these frames.
    pub fn new(frames: &[Frame], instrument: &Instrument) -> Self {
        let begin = |frame: &Frame| Series {
            cut: Cut::of(*frame, instrument),
            finished: Arc::default(),
            open: None,
            begun: None,
        };
        Self {
            series: frames.iter().map(begin).collect(),
            ..Self::default()
        }
    }

    /// Takes prints of the instrument, oldest first.
    pub fn take(&mut self, prints: &[Print]) {
        for print in prints {
            self.since_ms.get_or_insert(print.venue_ms);
            let lots = i128::from(print.qty.0.max(0));
            let value = i128::from(print.price.0).saturating_mul(lots);
            self.value = self.value.saturating_add(value);
            self.lots = self.lots.saturating_add(lots);
            past::count(&mut self.minute, Cut::Time(Minute::MS), print);
            let average = self.average();
            for series in &mut self.series {
                series.take(print, average);
            }
        }
    }

    /// The average price of all that was traded, parts of a tick.
    fn average(&self) -> Option<i64> {
        let value = self.value.checked_mul(i128::from(PARTS))?;
        i64::try_from(value.checked_div_euclid(self.lots)?).ok()
    }

    /// The candles of the frame with this number.
    pub fn picture(&self, frame: usize) -> Option<Picture> {
        let series = self.series.get(frame)?;
        series.open.map(|open| Picture {
            finished: Arc::clone(&series.finished),
            open: Some(open),
            since_ms: self.since_ms,
        })
    }
}

impl Series {
    fn take(&mut self, print: &Print, average: Option<i64>) {
        if self.is_of_minutes() {
            past::count(&mut self.begun, self.cut, print);
        }
        match &mut self.open {
            Some(open) if open.bar.holds(self.cut, print) => {
                open.bar.add(print);
                open.average = average;
            }
            _ => {
                let bar = Bar::begin(self.cut, print);
                if let Some(open) = self.open.replace(Candle { bar, average }) {
                    self.finish(open, bar.began_ms);
                }
            }
        }
    }

    /// Keeps a candle that is finished, and one without a trade for each span of time in which nothing traded until `next_ms`.
    fn finish(&mut self, candle: Candle, next_ms: i64) {
        // What a frame that is being drawn still holds is copied once; else this writes in place.
        let finished = Arc::make_mut(&mut self.finished);
        push(finished, self.cut, candle, next_ms);
        trim(finished);
    }
}

/// Adds a candle, and one without a trade for each span of time until `next_ms`.
fn push(finished: &mut VecDeque<Candle>, cut: Cut, candle: Candle, next_ms: i64) {
    finished.push_back(candle);
    let Cut::Time(ms) = cut else { return };
    let missed = next_ms.saturating_sub(candle.bar.began_ms) / ms - 1;
    let missed = missed.clamp(0, KEPT as i64);
    for back in (1..=missed).rev() {
        let began_ms = next_ms.saturating_sub(back.saturating_mul(ms));
        finished.push_back(Candle {
            bar: Bar::still(began_ms, candle.bar.close),
            ..candle
        });
    }
}

/// Leaves the newest that are kept.
fn trim(finished: &mut VecDeque<Candle>) {
    let over = finished.len().saturating_sub(KEPT);
    finished.drain(..over);
}

#[cfg(test)]
mod tests;
