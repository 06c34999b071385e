//! Realised volatility of a minute: from the changes of the middle price, second by second. Pure.
//!
//! With `m` the middle of best bid and best ask at each whole second and `r = ln(m / m before)`, it is
//! `sqrt(60 / n × Σ r²)` over the `n` changes known of the last minute, ten at least, in basis points: the size of a usual move in one
//! minute. The mean is taken as zero, and a second without a live book has no change.

use std::collections::VecDeque;

use crate::domain::Price;

/// Seconds that it looks back.
pub const WINDOW_S: usize = 60;
/// Fewer changes say nothing.
const LEAST: usize = 10;

/// The changes of the last minute.
#[derive(Clone, Debug, Default)]
pub struct Volatility {
    /// Twice the middle of the second before, ticks.
    before: Option<f64>,
    changes: VecDeque<Option<f64>>,
}

impl Volatility {
    /// A second ended with these best prices; `None` without a live book.
    pub fn second(&mut self, best: Option<(Price, Price)>) {
        // Estimates for the eye, never a price of an order.
        let middle = best.map(|(bid, ask)| bid.0 as f64 + ask.0 as f64);
        let middle = middle.filter(|middle| *middle > 0.0);
        let change = middle
            .zip(self.before)
            .map(|(now, before)| (now / before).ln());
        self.before = middle;
        if self.changes.len() == WINDOW_S {
            self.changes.pop_front();
        }
        self.changes.push_back(change);
    }

    /// In thousandths of a basis point; `None` until ten changes are known.
    pub fn of_a_minute(&self) -> Option<i64> {
        let known = || self.changes.iter().flatten();
        let count = known().count();
        if count < LEAST {
            return None;
        }
        let squares: f64 = known().map(|change| change * change).sum();
        let of_a_minute = (squares * WINDOW_S as f64 / count as f64).sqrt();
        // Saturates; nothing here is not a number.
        Some((of_a_minute * 1e7).round() as i64)
    }
}
