//! Prints of one side that follow closely are one row. Pure; it must not know what is small or large.

use std::collections::VecDeque;

use crate::domain::{Price, Print, Qty, Side};

/// How many rows are kept.
pub const KEPT: usize = 256;
/// Different prices that a row counts; a longer sweep says this number.
const MOST_PRICES: usize = 200;

/// Prints of one side within the window of the first of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merged {
    /// Its number since the start, from 0: names it while it grows.
    pub number: u64,
    /// Side of the aggressor.
    pub side: Side,
    /// Where it stands now: the price of its latest print, ticks.
    pub price: Price,
    /// Lowest price, ticks.
    pub low: Price,
    /// Highest price, ticks.
    pub high: Price,
    /// All of it, lots.
    pub qty: Qty,
    /// How many prints.
    pub prints: u32,
    /// How many different prices, up to 200.
    pub prices: u16,
    /// The venue's time of its first print, ms since 1970.
    pub venue_ms: i64,
}

/// The latest row of a side: it may still grow.
#[derive(Clone, Debug)]
struct Open {
    number: u64,
    /// Its prices, each once, in order.
    prices: Vec<Price>,
}

/// The rows of one symbol, newest first.
#[derive(Clone, Debug)]
pub struct Rows {
    window_ms: u64,
    rows: VecDeque<Merged>,
    next: u64,
    open: [Option<Open>; 2],
}

impl Rows {
    /// No rows yet; prints within `window_ms` of the first one of a row join it.
    pub const fn new(window_ms: u64) -> Self {
        Self {
            window_ms,
            rows: VecDeque::new(),
            next: 0,
            open: [None, None],
        }
    }

    /// Takes a print; the row that it closed, if it did.
    pub fn take(&mut self, print: &Print) -> Option<Merged> {
        let side = usize::from(print.side == Side::Sell);
        let number = self.open[side].as_ref().map(|open| open.number);
        let at = number.and_then(|number| self.place(number));
        if let Some(row) = at.and_then(|at| self.rows.get_mut(at))
            && row.venue_ms.abs_diff(print.venue_ms) < self.window_ms
            && let Some(open) = &mut self.open[side]
        {
            join(row, open, print);
            return None;
        }
        let closed = at.and_then(|at| self.rows.get(at).copied());
        self.open[side] = Some(Open {
            number: self.next,
            prices: vec![print.price],
        });
        self.begin(print);
        closed
    }

    fn begin(&mut self, print: &Print) {
        self.rows.push_front(Merged {
            number: self.next,
            side: print.side,
            price: print.price,
            low: print.price,
            high: print.price,
            qty: print.qty,
            prints: 1,
            prices: 1,
            venue_ms: print.venue_ms,
        });
        self.rows.truncate(KEPT);
        self.next += 1;
    }

    /// Where the row of this number lies.
    fn place(&self, number: u64) -> Option<usize> {
        let at = usize::try_from(self.next.checked_sub(number + 1)?).ok()?;
        (at < self.rows.len()).then_some(at)
    }

    /// Newest first, at most 256.
    pub fn iter(&self) -> impl Iterator<Item = &Merged> {
        self.rows.iter()
    }
}

fn join(row: &mut Merged, open: &mut Open, print: &Print) {
    row.price = print.price;
    row.low = row.low.min(print.price);
    row.high = row.high.max(print.price);
    row.qty = row.qty.plus(print.qty);
    row.prints = row.prints.saturating_add(1);
    if let Err(at) = open.prices.binary_search(&print.price)
        && open.prices.len() < MOST_PRICES
    {
        open.prices.insert(at, print.price);
        // At most MOST_PRICES.
        row.prices = open.prices.len() as u16;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::sample::print;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// All prints with the number of the row that each belongs to, found by looking back at everything.
    fn slowly(prints: &[Print], window_ms: u64) -> Vec<Vec<Print>> {
        let mut rows: Vec<Vec<Print>> = Vec::new();
        for print in prints {
            let latest = rows.iter_mut().rev().find(|row| row[0].side == print.side);
            match latest {
                Some(row) if row[0].venue_ms.abs_diff(print.venue_ms) < window_ms => {
                    row.push(*print);
                }
                _ => rows.push(vec![*print]),
            }
        }
        rows
    }

    fn any_print() -> impl Strategy<Value = (bool, i64, i64, i64)> {
        (any::<bool>(), 95_i64..105, 1_i64..50, -20_i64..150)
    }

    proptest! {
        #[test]
        fn rows_are_those_of_looking_back_at_every_print(
            drawn in proptest::collection::vec(any_print(), 1..200), window_ms in prop_oneof![Just(0_u64), 1_u64..400]
        ) {
            let mut ms = 0;
            let prints: Vec<Print> = drawn.into_iter().map(|(buy, price, qty, step)| {
                ms += step;
                print(if buy { Side::Buy } else { Side::Sell }, price, qty, ms)
            }).collect();
            let mut rows = Rows::new(window_ms);
            let closed: Vec<Merged> = prints.iter().filter_map(|print| rows.take(print)).collect();
            let slow = slowly(&prints, window_ms);
            let fast: Vec<Merged> = rows.iter().copied().collect();
            prop_assert_eq!(fast.len(), slow.len().min(KEPT));
            for (row, of) in fast.iter().zip(slow.iter().rev()) {
                let prices: BTreeSet<Price> = of.iter().map(|print| print.price).collect();
                prop_assert_eq!(row.side, of[0].side);
                prop_assert_eq!(row.qty.0, of.iter().map(|print| print.qty.0).sum::<i64>());
                prop_assert_eq!(row.prints as usize, of.len());
                prop_assert_eq!(usize::from(row.prices), prices.len());
                prop_assert_eq!((row.low, row.high), (*prices.first().unwrap(), *prices.last().unwrap()));
                prop_assert_eq!(row.price, of.last().unwrap().price);
                prop_assert_eq!(row.venue_ms, of[0].venue_ms);
            }
            // Every row but the latest of each side was handed out when it ended, whole.
            let open = usize::from(prints.iter().any(|p| p.side == Side::Buy)) + usize::from(prints.iter().any(|p| p.side == Side::Sell));
            prop_assert_eq!(closed.len() + open, slow.len());
            for row in closed {
                let of = &slow[row.number as usize];
                prop_assert_eq!(row.qty.0, of.iter().map(|print| print.qty.0).sum::<i64>());
            }
        }
    }

    #[test]
    fn hostile_numbers_and_times_pass() {
        let mut rows = Rows::new(200);
        for ms in [i64::MIN, i64::MAX, 0, i64::MIN] {
            rows.take(&print(Side::Buy, i64::MAX, i64::MAX, ms));
            rows.take(&print(Side::Buy, i64::MIN, i64::MAX, ms));
        }
        assert_eq!(rows.iter().next().unwrap().qty, Qty(i64::MAX));
    }

    #[test]
    fn a_row_that_has_left_the_list_is_not_grown() {
        let mut rows = Rows::new(1_000);
        rows.take(&print(Side::Sell, 1, 1, 0));
        for i in 0..KEPT as i64 {
            rows.take(&print(Side::Buy, 1, 1, i * 2_000));
        }
        rows.take(&print(Side::Sell, 1, 7, 1));
        assert_eq!(rows.iter().next().unwrap().qty, Qty(7));
        assert_eq!(rows.iter().count(), KEPT);
    }
}
