//! The visible sizes of a book by ladder row, and what counts as large among them. Owns nothing beyond one frame.

use super::Grid;
use crate::domain::{Depth, Level, Side};
use crate::market::change::Changed;
use crate::market::traded::{AtPrice, Traded};

/// How many times the middle size makes a size large.
const LARGE: i64 = 4;

/// Sizes by row, lots.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    /// Bids, one entry a row.
    pub bids: Vec<i64>,
    /// Asks, one entry a row.
    pub asks: Vec<i64>,
    /// The middle one of all sizes; zero on an empty screen.
    pub middle: i64,
    /// The size that nine rows in ten stay under; one wall does not move it. Zero on an empty screen.
    pub usual: i64,
    /// From this size on a row is large beside the others; `i64::MAX` where there is too little to compare.
    pub large: i64,
}

impl Profile {
    /// The book as the grid merges it.
    pub fn of(grid: Grid, depth: Option<&Depth>) -> Self {
        let sum = |side| match depth {
            Some(depth) => grid.sum(side, depth.levels(side)),
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
            middle: at(5),
            usual,
            large,
            bids,
            asks,
        }
    }

    /// True where a row holds such a size on one of its sides.
    pub fn has(&self, row: u16, least: i64) -> bool {
        let at = |half: &[i64]| half.get(usize::from(row)).is_some_and(|q| *q >= least);
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

/// Sizes of one side from the best price up to each row, the row counted, lots; zero where a row has none of its own.
pub fn cumulative(grid: Grid, side: Side, levels: &[Level]) -> Vec<i64> {
    let mut out = vec![0_i64; usize::from(grid.rows())];
    let mut sum = 0_i64;
    for level in levels.iter().filter(|level| level.qty.0 > 0) {
        sum = sum.saturating_add(level.qty.0);
        if let Some(row) = grid.row(side, level.price)
            && let Some(here) = out.get_mut(usize::from(row))
        {
            *here = sum;
        }
    }
    out
}

/// What each row of one side gained, lots, negative where it lost.
pub fn gained(grid: Grid, side: Side, changed: &Changed) -> Vec<i64> {
    (0..grid.rows())
        .map(|row| changed.gained(side, grid.range(side, row)))
        .collect()
}

/// Volume that traded on each row, by whose aggression: what buyers took stood on the asks, what sellers took on the bids.
pub fn traded(grid: Grid, volume: &AtPrice) -> Vec<Traded> {
    let on = |row: u16| Traded {
        bought: volume.sum(Side::Buy, grid.range(Side::Sell, row)),
        sold: volume.sum(Side::Sell, grid.range(Side::Buy, row)),
    };
    (0..grid.rows()).map(on).collect()
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
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::{BookState, Price, Print, Qty, Stamp, Symbol};
    use crate::market::change::Changed;
    use crate::market::traded::Volumes;
    use crate::ui::sample;

    fn book(first: i64, step: i64, sizes: &[i64]) -> Vec<Level> {
        let level = |(at, lots): (i64, &i64)| Level {
            price: Price(first + step * at),
            qty: Qty(*lots),
        };
        (0..)
            .zip(sizes)
            .filter(|(_, lots)| **lots > 0)
            .map(level)
            .collect()
    }

    fn depth(bids: Vec<Level>, asks: Vec<Level>) -> Depth {
        Depth {
            bids: bids.into(),
            asks: asks.into(),
            ..sample::depth("BTCUSDT", 10, 11, 1, BookState::Live)
        }
    }

    /// The row of a price by its words: bids on the row below, asks on the row above.
    fn is_on(grid: Grid, row: u16, side: Side, price: Price) -> bool {
        let (at, zoom) = (grid.price(row).0, grid.zoom());
        match side {
            Side::Buy => price.0 >= at && price.0 < at + zoom,
            Side::Sell => price.0 <= at && price.0 > at - zoom,
        }
    }

    fn sizes() -> impl Strategy<Value = Vec<i64>> {
        proptest::collection::vec(0_i64..500, 1..120)
    }

    /// Who took, where and how much.
    fn trades() -> impl Strategy<Value = Vec<(bool, i64, i64)>> {
        proptest::collection::vec((any::<bool>(), 900_i64..1_100, 1_i64..90), 1..80)
    }

    fn prints(trades: &[(bool, i64, i64)]) -> Vec<Print> {
        let print = |(buys, price, lots): &(bool, i64, i64)| Print {
            symbol: Symbol::new("BTCUSDT").unwrap(),
            side: if *buys { Side::Buy } else { Side::Sell },
            price: Price(*price),
            qty: Qty(*lots),
            venue_ms: 0,
        };
        trades.iter().map(print).collect()
    }

    fn volume(prints: &[Print]) -> Arc<AtPrice> {
        let mut volumes = Volumes::default();
        volumes.prints(Stamp::default(), prints);
        Arc::clone(volumes.session())
    }

    proptest! {
        #[test]
        fn cum_is_all_that_would_be_taken_up_to_the_row(bids in sizes(), asks in sizes(), zoom in 1_i64..40, shift in -50_i64..50) {
            let grid = Grid::centred(Price(1_000 + shift), zoom, 24);
            for (side, levels) in [(Side::Buy, book(1_000, -1, &bids)), (Side::Sell, book(1_003, 1, &asks))] {
                let cum = cumulative(grid, side, &levels);
                for row in 0..grid.rows() {
                    let (low, high) = grid.range(side, row);
                    let has_own = levels.iter().any(|l| is_on(grid, row, side, l.price));
                    let within = levels.iter().filter(|l| match side {
                        Side::Buy => l.price >= low,
                        Side::Sell => l.price <= high,
                    });
                    let slow: i64 = if has_own { within.map(|l| l.qty.0).sum() } else { 0 };
                    prop_assert_eq!(cum[usize::from(row)], slow);
                }
            }
        }

        #[test]
        fn a_row_gained_what_it_holds_less_what_it_held_and_what_was_taken_there(
            then in sizes(),
            now in sizes(),
            moved in -20_i64..20,
            trades in trades(),
            zoom in 1_i64..40,
        ) {
            let grid = Grid::centred(Price(1_000), zoom, 24);
            let prints = prints(&trades);
            for (side, step) in [(Side::Buy, -1), (Side::Sell, 1)] {
                let (then, now) = (book(1_000, step, &then), book(1_000 + moved, step, &now));
                let reach = then.last().zip(now.last()).map(|(a, b)| if step > 0 { a.price.min(b.price) } else { a.price.max(b.price) });
                let half = |levels: Vec<Level>| Arc::new(match side {
                    Side::Buy => depth(levels, Vec::new()),
                    Side::Sell => depth(Vec::new(), levels),
                });
                let changed = Changed { then: half(then.clone()), now: half(now.clone()), traded: volume(&prints) };
                let gain = gained(grid, side, &changed);
                for row in 0..grid.rows() {
                    let sum = |levels: &[Level]| levels.iter().filter(|l| is_on(grid, row, side, l.price)).map(|l| l.qty.0).sum::<i64>();
                    let here = prints.iter().filter(|p| p.side != side && is_on(grid, row, side, p.price));
                    let taken: i64 = here.map(|p| p.qty.0).sum();
                    let (low, high) = grid.range(side, row);
                    let known = reach.is_some_and(|reach| if step > 0 { high <= reach } else { low >= reach });
                    let slow = if known { sum(&now) - sum(&then) + taken } else { 0 };
                    prop_assert_eq!(gain[usize::from(row)], slow, "row {} of {:?}", row, side);
                }
            }
        }

        #[test]
        fn every_trade_is_counted_on_one_row(trades in trades(), zoom in 1_i64..60) {
            let grid = Grid::centred(Price(1_000), zoom, 24);
            let prints = prints(&trades);
            let rows = traded(grid, &volume(&prints));
            for row in 0..grid.rows() {
                let of = |side: Side| prints.iter()
                    .filter(|p| p.side == side && is_on(grid, row, side.opposite(), p.price))
                    .map(|p| p.qty.0).sum::<i64>();
                let here = rows[usize::from(row)];
                prop_assert_eq!((here.bought, here.sold), (of(Side::Buy), of(Side::Sell)));
                prop_assert_eq!(here.delta(), of(Side::Buy) - of(Side::Sell));
            }
        }
    }

    #[test]
    fn a_full_bar_is_a_round_size() {
        assert_eq!(round_up(0), 1);
        assert_eq!(round_up(1_001), 1_500);
        assert_eq!(round_up(7_001), 10_000);
        assert_eq!(round_up(i64::MAX), i64::MAX);
    }
}
