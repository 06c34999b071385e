//! Where the market leans: cumulative delta, book imbalance, spread, realised volatility. Pure.
//!
//! *Delta* is what aggressors bought less what they sold since the start, lots. *Imbalance* is `(B - A) / (B + A)`, where `B` and `A`
//! are the sizes of the best N bids and asks, the best one counted N times, the next N - 1 times, the last once. *Volatility* is in
//! [`volatility`].

mod imbalance;
mod volatility;

use std::collections::VecDeque;
use std::sync::Arc;

use serde::Deserialize;

use super::rank;
use super::seconds::Seconds;
use crate::domain::{Depth, Print, Stamp};
use volatility::Volatility;

pub use volatility::WINDOW_S;

/// The book is looked at so often, ms: its figures step, they do not flicker.
const LOOK_MS: u64 = 500;
/// Seconds between two points of the delta's line.
const POINT_S: u64 = 5;
/// Points kept: twenty minutes.
const POINTS: usize = 240;
/// Seconds that the medians look back.
const REMEMBERED: usize = 600;
/// Fewer figures have no median worth the name.
const LEAST: usize = 30;

/// What the trader sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Levels a side that the imbalance counts, 1 to 50.
    pub levels: u8,
}

impl Default for Settings {
    fn default() -> Self {
        Self { levels: 10 }
    }
}

/// The figures as shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FlowView {
    /// Bought less sold by aggressors since the start, lots.
    pub delta: i64,
    /// The same every five seconds, oldest first, at most 240; what it is now is not among them.
    pub deltas: Arc<[i64]>,
    /// Bids (positive) against asks, in thousandths; `None` without a live book.
    pub imbalance: Option<i32>,
    /// Levels a side that it counts.
    pub levels: u8,
    /// Best ask less best bid, ticks; `None` without a live book.
    pub spread: Option<i64>,
    /// Its median of the last ten minutes, ticks.
    pub usual_spread: Option<i64>,
    /// Realised volatility of a minute, in thousandths of a basis point; `None` until ten seconds were seen.
    pub volatility: Option<i64>,
    /// The same against its median of the last ten minutes, in tenths.
    pub volatility_times: Option<i64>,
}

/// One symbol's flow.
#[derive(Clone, Debug)]
pub struct Flow {
    levels: u8,
    seconds: Seconds,
    looked: Option<Stamp>,
    points_in: u64,
    depth: Option<Arc<Depth>>,
    spreads: VecDeque<i64>,
    volatility: Volatility,
    volatilities: VecDeque<i64>,
    view: FlowView,
}

impl Flow {
    /// Nothing seen yet.
    pub fn new(settings: Settings) -> Self {
        Self {
            levels: settings.levels,
            seconds: Seconds::default(),
            looked: None,
            points_in: 0,
            depth: None,
            spreads: VecDeque::new(),
            volatility: Volatility::default(),
            volatilities: VecDeque::new(),
            view: FlowView {
                levels: settings.levels,
                ..FlowView::default()
            },
        }
    }

    /// Takes prints of this symbol.
    pub fn take(&mut self, prints: &[Print]) {
        for print in prints {
            let signed = print.qty.0.saturating_mul(print.side.sign());
            self.view.delta = self.view.delta.saturating_add(signed);
        }
    }

    /// Takes a picture of the book; it is looked at on a tick.
    pub fn depth(&mut self, depth: &Arc<Depth>) {
        self.depth = Some(Arc::clone(depth));
    }

    /// Looks at the book, and closes the seconds that ended.
    pub fn tick(&mut self, now: Stamp) {
        if self.looked.is_none_or(|at| now.ms_since(at) >= LOOK_MS) {
            self.looked = Some(now);
            self.look();
        }
        for _ in 0..self.seconds.ended(now) {
            self.second();
        }
    }

    fn look(&mut self) {
        let live = self.depth.as_deref().filter(|depth| depth.state.is_live());
        self.view.spread = live.and_then(|depth| {
            let (bid, ask) = (depth.bids.first()?, depth.asks.first()?);
            Some(ask.price.0.saturating_sub(bid.price.0))
        });
        self.view.imbalance = live.and_then(|depth| imbalance::of(depth, self.levels));
    }

    fn second(&mut self) {
        let live = self.depth.as_deref().filter(|depth| depth.state.is_live());
        let middle = live.and_then(|depth| {
            let (bid, ask) = (depth.bids.first()?, depth.asks.first()?);
            Some((bid.price, ask.price))
        });
        if let Some((bid, ask)) = middle {
            remember(&mut self.spreads, ask.0.saturating_sub(bid.0));
            self.view.usual_spread = median(&self.spreads);
        }
        self.volatility.second(middle);
        self.view.volatility = self.volatility.of_a_minute();
        self.view.volatility_times = self.view.volatility.and_then(|now| {
            remember(&mut self.volatilities, now);
            let usual = median(&self.volatilities).filter(|usual| *usual > 0)?;
            Some(now.saturating_mul(10).saturating_add(usual / 2) / usual)
        });
        self.point();
    }

    fn point(&mut self) {
        self.points_in += 1;
        if self.points_in < POINT_S {
            return;
        }
        self.points_in = 0;
        let kept = &self.view.deltas;
        let old = kept.len().saturating_sub(POINTS - 1);
        let points = kept.iter().skip(old).copied();
        self.view.deltas = points.chain([self.view.delta]).collect();
    }

    /// The figures as of now; cheap.
    pub fn view(&self) -> FlowView {
        self.view.clone()
    }
}

impl Default for Flow {
    fn default() -> Self {
        Self::new(Settings::default())
    }
}

fn remember(kept: &mut VecDeque<i64>, value: i64) {
    if kept.len() == REMEMBERED {
        kept.pop_front();
    }
    kept.push_back(value);
}

fn median(kept: &VecDeque<i64>) -> Option<i64> {
    if kept.len() < LEAST {
        return None;
    }
    let mut values: Vec<i64> = kept.iter().copied().collect();
    rank::median(&mut values)
}

#[cfg(test)]
mod tests;
