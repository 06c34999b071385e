//! Which price stands on which row of a chart. Pure arithmetic.
//!
//! Steps and ends are round, so that a new high moves the picture seldom.

use crate::domain::Price;
use crate::market::candles::PARTS;

/// Round counts of minutes and seconds between labels of the time, ms.
const ROUND_MS: [i64; 13] = [
    5_000, 10_000, 15_000, 30_000, 60_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000,
    14_400_000, 43_200_000, 86_400_000,
];

/// Rows from the highest price down; each has two halves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    /// The price of the lowest half, ticks.
    bottom: i64,
    /// Ticks of a half.
    step: i64,
    rows: u16,
}

impl Scale {
    /// A scale of so many rows that shows all of low to high.
    pub fn of((low, high): (i64, i64), rows: u16) -> Self {
        let halves = i64::from(rows.max(1)) * 2;
        // The bottom goes by eighths of the height: half of one is lost at each end.
        let notch = (halves / 8).max(1);
        let needed = high.saturating_sub(low).saturating_add(1);
        let fits = |step: &i64| step.saturating_mul((halves - notch - 1).max(1)) >= needed;
        let step = steps(&FINE).find(fits).unwrap_or(i64::MAX / halves);
        let middle = low.saturating_add(high.saturating_sub(low) / 2);
        let bottom = middle.saturating_sub(step.saturating_mul(halves) / 2);
        let unit = step.saturating_mul(notch);
        let bottom = bottom
            .saturating_add(unit / 2)
            .div_euclid(unit)
            .saturating_mul(unit);
        Self { bottom, step, rows }
    }

    /// Rows.
    pub const fn rows(&self) -> u16 {
        self.rows
    }

    /// The numbers of a row's upper and lower half, counted from the lowest.
    pub const fn halves(&self, row: u16) -> (i64, i64) {
        let lower = (self.rows as i64 - 1 - row as i64) * 2;
        (lower + 1, lower)
    }

    /// The half that a price falls in, counted from the lowest; it may lie off the scale.
    pub const fn half(&self, price: Price) -> i64 {
        price.0.saturating_sub(self.bottom).div_euclid(self.step)
    }

    /// The row of a price; `None` off the scale.
    pub fn row(&self, price: Price) -> Option<u16> {
        let row = i64::from(self.rows).checked_sub(1 + self.half(price).div_euclid(2))?;
        u16::try_from(row).ok().filter(|row| *row < self.rows)
    }

    /// True for a price over the scale; one that is neither under nor over it has a row.
    pub fn is_over(&self, price: Price) -> bool {
        self.half(price) >= i64::from(self.rows) * 2
    }

    /// The row of an average price in parts of a tick, and the quarter of the row from its bottom.
    pub fn quarter(&self, parts: i64) -> Option<(u16, usize)> {
        let row = self.row(Price(parts.div_euclid(PARTS)))?;
        let bottom = i128::from(self.bottom) * i128::from(PARTS);
        let up = (i128::from(parts) - bottom) * 2;
        let quarter = up
            .div_euclid(i128::from(self.step) * i128::from(PARTS))
            .rem_euclid(4);
        usize::try_from(quarter).ok().map(|quarter| (row, quarter))
    }

    /// Round prices, lowest first, at least `apart` rows from each other.
    pub fn labels(&self, apart: u16) -> Vec<Price> {
        let least = self.step.saturating_mul(i64::from(apart) * 2);
        let every = steps(&ROUND)
            .find(|every| *every >= least)
            .unwrap_or(i64::MAX);
        let first = self.bottom.saturating_add(every - 1).div_euclid(every);
        let prices = (first..).map(|count| Price(count.saturating_mul(every)));
        let rows = usize::from(self.rows);
        let on = prices
            .take(rows)
            .take_while(|price| self.row(*price).is_some());
        on.filter(|price| price.0 > 0).collect()
    }
}

/// Steps between labels.
const ROUND: [i64; 3] = [1, 2, 5];
/// Steps of a scale: so near each other that little of its height is lost.
const FINE: [i64; 13] = [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30];

/// These and their tenfolds.
fn steps(of: &[i64]) -> impl Iterator<Item = i64> {
    let tens = std::iter::successors(Some(1_i64), |ten| ten.checked_mul(10));
    tens.flat_map(move |ten| of.iter().filter_map(move |step| ten.checked_mul(*step)))
}

/// The round span of time that is at least `apart` bars of `ms` long.
pub fn every(ms: i64, apart: i64) -> i64 {
    let long = ms.saturating_mul(apart);
    let round = ROUND_MS.iter().copied();
    let fits = |every: &i64| *every >= long && every % ms == 0;
    round.into_iter().find(fits).unwrap_or(long.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn every_price_that_must_be_seen_has_a_row(low in 1_i64..10_000_000, span in 0_i64..5_000_000, rows in 3_u16..80, at in 0_i64..100) {
            let high = low + span;
            let scale = Scale::of((low, high), rows);
            for price in [low, high, low + span * at / 100] {
                let row = scale.row(Price(price));
                proptest::prop_assert!(row.is_some(), "{price} {scale:?}");
                let (upper, lower) = scale.halves(row.unwrap());
                let half = scale.half(Price(price));
                proptest::prop_assert!(half == upper || half == lower);
                let found = scale.quarter(price * PARTS);
                proptest::prop_assert_eq!(found.map(|(row, _)| row), row);
            }
            let labels = scale.labels(4);
            let rows_of: Vec<i64> = labels.iter().map(|price| i64::from(scale.row(*price).unwrap())).collect();
            proptest::prop_assert!(rows_of.windows(2).all(|pair| pair[0] - pair[1] >= 4), "{rows_of:?}");
        }

        #[test]
        fn hostile_prices_never_panic(low in proptest::num::i64::ANY, high in proptest::num::i64::ANY, price in proptest::num::i64::ANY, rows in 0_u16..80) {
            let scale = Scale::of((low, high), rows);
            scale.row(Price(price));
            scale.quarter(price);
            scale.is_over(Price(price));
            scale.labels(4);
        }
    }

    #[test]
    fn a_little_more_range_moves_nothing() {
        let scale = Scale::of((60_000, 60_700), 20);
        assert_eq!(scale, Scale::of((60_000, 60_712), 20));
        assert_eq!(every(1_000, 10), 10_000);
        assert_eq!(every(60_000, 10), 600_000);
        assert_eq!(every(45_000, 10), 900_000);
    }
}
