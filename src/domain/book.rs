//! The order book of one instrument in ticks and lots.

use super::{Price, Qty, Side};

/// One price with its whole size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// Ticks.
    pub price: Price,
    /// Lots, above zero.
    pub qty: Qty,
}

/// Two sides of price levels.
#[derive(Clone, Debug, Default)]
pub struct Book {
    bids: std::collections::BTreeMap<i64, i64>,
    asks: std::collections::BTreeMap<i64, i64>,
}

impl Book {
    /// An empty book.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets every level.
    pub fn clear(&mut self) {
        self.bids.clear();
        self.asks.clear();
    }

    /// Sets the whole size at a price; zero removes the level, removing an unknown level is normal.
    pub fn set(&mut self, side: Side, price: Price, qty: Qty) {
        let half = match side {
            Side::Buy => &mut self.bids,
            Side::Sell => &mut self.asks,
        };
        if qty.0 <= 0 {
            half.remove(&price.0);
        } else {
            half.insert(price.0, qty.0);
        }
    }

    /// The best level of a side.
    pub fn best(&self, side: Side) -> Option<Level> {
        self.levels(side).next()
    }

    /// The levels of a side, best first.
    pub fn levels(&self, side: Side) -> impl Iterator<Item = Level> + '_ {
        let level = |(&p, &q): (&i64, &i64)| Level {
            price: Price(p),
            qty: Qty(q),
        };
        let (bids, asks) = match side {
            Side::Buy => (Some(self.bids.iter().rev().map(level)), None),
            Side::Sell => (None, Some(self.asks.iter().map(level))),
        };
        bids.into_iter().flatten().chain(asks.into_iter().flatten())
    }

    /// Size at a price, zero when there is no level.
    pub fn at(&self, side: Side, price: Price) -> Qty {
        let half = match side {
            Side::Buy => &self.bids,
            Side::Sell => &self.asks,
        };
        Qty(half.get(&price.0).copied().unwrap_or(0))
    }

    /// How many levels a side has.
    pub fn count(&self, side: Side) -> usize {
        match side {
            Side::Buy => self.bids.len(),
            Side::Sell => self.asks.len(),
        }
    }

    /// True when best bid is at or above best ask.
    pub fn is_crossed(&self) -> bool {
        match (self.best(Side::Buy), self.best(Side::Sell)) {
            (Some(bid), Some(ask)) => bid.price >= ask.price,
            _ => false,
        }
    }
}
