//! Which price stands on which row of the ladder. Pure arithmetic; it must not know what is drawn.
//!
//! A row's price is a multiple of the zoom. Bids fall on the row below them, asks on the row above them, so the price that
//! a row prints is the price that an order there would get, and a bid and an ask never share a row.

use crate::domain::{Level, Price, Side};

/// The rows of a ladder, highest price first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    top: i64,
    zoom: i64,
    rows: u16,
}

/// Where a price lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Over the first row.
    Above,
    /// On this row, 0 is the first.
    Row(u16),
    /// Under the last row.
    Below,
}

impl Grid {
    /// `rows` rows of `zoom` ticks each with `centre` (ticks) on the middle one.
    pub fn centred(centre: Price, zoom: i64, rows: u16) -> Self {
        let zoom = zoom.max(1);
        let top = centre
            .0
            .div_euclid(zoom)
            .saturating_add(i64::from(rows) / 2);
        Self { top, zoom, rows }
    }

    /// Ticks a row.
    pub const fn zoom(self) -> i64 {
        self.zoom
    }

    /// How many rows.
    pub const fn rows(self) -> u16 {
        self.rows
    }

    /// The price printed on a row, ticks. It may be zero or negative near the bottom of the world.
    pub const fn price(self, row: u16) -> Price {
        Price(
            self.top
                .saturating_sub(row as i64)
                .saturating_mul(self.zoom),
        )
    }

    /// Lowest and highest price that a row merges for an own order of `side`, ticks.
    pub const fn range(self, side: Side, row: u16) -> (Price, Price) {
        let price = self.price(row);
        let more = self.zoom - 1;
        match side {
            Side::Buy => (price, Price(price.0.saturating_add(more))),
            Side::Sell => (Price(price.0.saturating_sub(more)), price),
        }
    }

    /// The row that an order or level of `side` at `price` is merged into: bids down, asks up.
    pub fn place(self, side: Side, price: Price) -> Place {
        let floor = price.0.div_euclid(self.zoom);
        let bucket = match side {
            Side::Sell if price.0.rem_euclid(self.zoom) != 0 => floor.saturating_add(1),
            _ => floor,
        };
        let row = self.top.saturating_sub(bucket);
        if row < 0 {
            Place::Above
        } else if row >= i64::from(self.rows) {
            Place::Below
        } else {
            // Checked above: 0 <= row < rows <= u16::MAX.
            Place::Row(row as u16)
        }
    }

    /// The row of a level or order, if it is on the screen.
    pub fn row(self, side: Side, price: Price) -> Option<u16> {
        match self.place(side, price) {
            Place::Row(row) => Some(row),
            _ => None,
        }
    }

    /// Sizes of `levels` summed by row, lots.
    pub fn sum(self, side: Side, levels: &[Level]) -> Vec<i64> {
        let mut out = vec![0_i64; usize::from(self.rows)];
        for level in levels {
            if let Some(row) = self.row(side, level.price)
                && let Some(sum) = out.get_mut(usize::from(row))
            {
                *sum = sum.saturating_add(level.qty.0.max(0));
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Qty;

    #[test]
    fn merged_rows_print_the_price_an_order_there_would_get() {
        let grid = Grid::centred(Price(1_000), 10, 5);
        assert_eq!(grid.price(0), Price(1_020));
        assert_eq!(grid.price(4), Price(980));
        assert_eq!(grid.row(Side::Buy, Price(1_009)), Some(2));
        assert_eq!(grid.row(Side::Sell, Price(1_001)), Some(1));
        assert_eq!(grid.row(Side::Sell, Price(1_000)), Some(2));
        assert_eq!(grid.place(Side::Sell, Price(1_021)), Place::Above);
        assert_eq!(grid.place(Side::Buy, Price(979)), Place::Below);
    }

    proptest::proptest! {
        #[test]
        fn no_size_is_lost_or_lent_and_sides_never_share_a_row(
            bid in 1_i64..5_000, gap in 1_i64..60, zoom in 1_i64..60, sizes in proptest::collection::vec(1_i64..1_000, 1..40)
        ) {
            let ask = bid + gap;
            let grid = Grid::centred(Price(bid), zoom, 400);
            let bids: Vec<Level> = sizes.iter().enumerate()
                .map(|(i, q)| Level { price: Price(bid - i as i64), qty: Qty(*q) }).collect();
            let asks: Vec<Level> = sizes.iter().enumerate()
                .map(|(i, q)| Level { price: Price(ask + i as i64), qty: Qty(*q) }).collect();
            let (b, a) = (grid.sum(Side::Buy, &bids), grid.sum(Side::Sell, &asks));
            let total: i64 = sizes.iter().sum();
            proptest::prop_assert_eq!(b.iter().sum::<i64>(), total);
            proptest::prop_assert_eq!(a.iter().sum::<i64>(), total);
            proptest::prop_assert!(b.iter().zip(&a).all(|(b, a)| *b == 0 || *a == 0));
            for level in &bids {
                let row = grid.row(Side::Buy, level.price).unwrap();
                proptest::prop_assert!(grid.price(row) <= level.price);
            }
            for level in &asks {
                let row = grid.row(Side::Sell, level.price).unwrap();
                proptest::prop_assert!(grid.price(row) >= level.price);
            }
        }

        #[test]
        fn hostile_prices_never_panic(centre in proptest::num::i64::ANY, price in proptest::num::i64::ANY, zoom in proptest::num::i64::ANY) {
            let grid = Grid::centred(Price(centre), zoom, 50);
            let _ = grid.place(Side::Buy, Price(price));
            let _ = grid.place(Side::Sell, Price(price));
            let _ = grid.price(49);
        }
    }
}
