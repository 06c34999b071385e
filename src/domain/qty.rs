//! Sizes as whole lots of one instrument.

/// A size in lots of its instrument; never negative in a book or an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Qty(pub i64);

impl Qty {
    /// No size.
    pub const ZERO: Self = Self(0);

    /// True when there is nothing left.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// This size less `other`, never below zero.
    pub const fn less(self, other: Self) -> Self {
        let rest = self.0.saturating_sub(other.0);
        Self(if rest < 0 { 0 } else { rest })
    }

    /// Both sizes together.
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}
