//! The session's result over time, settled and open together: what it was, the most it was, and how far it fell from there. Pure.

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::domain::Stamp;

/// Points kept. When there are more, every other one is dropped and they are taken half as often, so that the whole session stays.
pub const KEPT: usize = 1_024;
/// Time between two points at first, ms.
const FIRST_EVERY_MS: u64 = 1_000;

/// The result at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// When.
    pub at: Stamp,
    /// Realised and open, less fees, with funding; settle currency.
    pub result: Decimal,
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Equity {
    points: Arc<Vec<Point>>,
    every_ms: u64,
    now: Decimal,
    high: Decimal,
    deepest: Decimal,
    looked: Option<Stamp>,
}

impl Default for Equity {
    fn default() -> Self {
        Self {
            points: Arc::default(),
            every_ms: FIRST_EVERY_MS,
            now: Decimal::ZERO,
            high: Decimal::ZERO,
            deepest: Decimal::ZERO,
            looked: None,
        }
    }
}

impl Equity {
    /// True when the result is to be looked at again: once a second.
    pub fn is_due(&self, now: Stamp) -> bool {
        self.looked
            .is_none_or(|looked| now.ms_since(looked) >= FIRST_EVERY_MS)
    }

    /// The result of the session now.
    pub fn note(&mut self, now: Stamp, result: Decimal) {
        self.looked = Some(now);
        self.now = result;
        self.high = self.high.max(result);
        self.deepest = self.deepest.max(self.drawdown());
        let last = self.points.last();
        if last.is_some_and(|last| now.ms_since(last.at) < self.every_ms) {
            return;
        }
        // What a frame that is being drawn still holds is copied once; else this writes in place.
        let points = Arc::make_mut(&mut self.points);
        points.push(Point { at: now, result });
        if points.len() > KEPT {
            let mut at = 0;
            points.retain(|_| {
                at += 1;
                at % 2 == 1
            });
            self.every_ms = self.every_ms.saturating_mul(2);
        }
    }

    /// The points, oldest first.
    pub const fn points(&self) -> &Arc<Vec<Point>> {
        &self.points
    }

    /// The result when it was last looked at.
    pub const fn now(&self) -> Decimal {
        self.now
    }

    /// The most that it was; never under zero, where the session began.
    pub const fn high(&self) -> Decimal {
        self.high
    }

    /// How far it is under the most that it was; never negative.
    pub fn drawdown(&self) -> Decimal {
        self.high.checked_sub(self.now).unwrap_or(Decimal::MAX)
    }

    /// The farthest that it was under the most that it had been before.
    pub const fn deepest(&self) -> Decimal {
        self.deepest
    }
}

#[cfg(test)]
mod tests;
