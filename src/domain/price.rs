//! Prices as whole ticks of one instrument.

use super::Side;

/// A price in ticks of its instrument; meaningless without it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Price(pub i64);

impl Price {
    /// This price `ticks` further into the book of `side`: lower for buy, higher for sell.
    pub const fn behind(self, side: Side, ticks: i64) -> Self {
        Self(self.0.saturating_sub(side.sign().saturating_mul(ticks)))
    }

    /// This price `ticks` towards the other side: higher for buy, lower for sell.
    pub const fn ahead(self, side: Side, ticks: i64) -> Self {
        Self(self.0.saturating_add(side.sign().saturating_mul(ticks)))
    }

    /// True when an order of `side` at this price would trade against `other`.
    pub const fn crosses(self, side: Side, other: Self) -> bool {
        match side {
            Side::Buy => self.0 >= other.0,
            Side::Sell => self.0 <= other.0,
        }
    }
}
