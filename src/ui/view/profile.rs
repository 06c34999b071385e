//! The visible sizes of a book by ladder row, and what counts as large among them. Owns nothing beyond one frame.

use super::Grid;
use crate::domain::{Depth, Side};

/// How many times the middle size makes a size large.
const LARGE: i64 = 4;

/// Sizes by row, lots.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    /// Bids, one entry a row.
    pub bids: Vec<i64>,
    /// Asks, one entry a row.
    pub asks: Vec<i64>,
    /// The size that nine rows in ten stay under; one wall does not move it. Zero on an empty screen.
    pub usual: i64,
    /// From this size on a row is large; `i64::MAX` where there is too little to compare.
    pub large: i64,
}

impl Profile {
    /// The book as the grid merges it.
    pub fn of(grid: Grid, depth: Option<&Depth>) -> Self {
        let sum = |side| match depth {
            Some(depth) => grid.sum(side, side_levels(depth, side)),
            None => vec![0; usize::from(grid.rows())],
        };
        let (bids, asks) = (sum(Side::Buy), sum(Side::Sell));
        let mut sizes: Vec<i64> = bids
            .iter()
            .chain(&asks)
            .copied()
            .filter(|q| *q > 0)
            .collect();
        sizes.sort_unstable();
        let at = |part: usize| sizes.get(sizes.len() * part / 10).copied().unwrap_or(0);
        let large = if sizes.len() < 5 {
            i64::MAX
        } else {
            at(5).saturating_mul(LARGE).max(1)
        };
        let usual = at(9).max(sizes.last().map_or(0, |m| m / 50));
        Self {
            usual,
            large,
            bids,
            asks,
        }
    }

    /// True where a row holds a large size.
    pub fn is_large(&self, row: u16) -> bool {
        let at = |half: &[i64]| half.get(usize::from(row)).is_some_and(|q| *q >= self.large);
        at(&self.bids) || at(&self.asks)
    }

    /// The largest size on the screen.
    pub fn most(&self) -> i64 {
        self.bids
            .iter()
            .chain(&self.asks)
            .copied()
            .max()
            .unwrap_or(0)
    }
}

/// One side of a picture, best first.
pub fn side_levels(depth: &Depth, side: Side) -> &[crate::domain::Level] {
    match side {
        Side::Buy => &depth.bids,
        Side::Sell => &depth.asks,
    }
}

/// The next of 1, 1.5, 2, 3, 5, 7 times a power of ten that is not under `size`: what a full bar stands for.
pub fn round_up(size: i64) -> i64 {
    let mut unit = 1_i64;
    loop {
        for tenths in [10, 15, 20, 30, 50, 70] {
            let step = unit.saturating_mul(tenths) / 10;
            if step >= size {
                return step.max(1);
            }
        }
        match unit.checked_mul(10) {
            Some(next) => unit = next,
            None => return i64::MAX,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_bar_is_a_round_size() {
        assert_eq!(round_up(0), 1);
        assert_eq!(round_up(1_001), 1_500);
        assert_eq!(round_up(7_001), 10_000);
        assert_eq!(round_up(i64::MAX), i64::MAX);
    }
}
