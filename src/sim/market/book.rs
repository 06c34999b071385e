//! The resting orders of one symbol by price and time, and the public picture of them.

use crate::domain::{Level, Price, Qty, Side};

/// Levels changed since the last drain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DepthDiff {
    /// First update id inside.
    pub first: u64,
    /// Last update id inside.
    pub last: u64,
    /// Last update id of the diff before.
    pub previous: u64,
    /// Changed bids with their whole size now, best first; zero: gone.
    pub bids: Vec<(Price, Qty)>,
    /// Changed asks with their whole size now, best first; zero: gone.
    pub asks: Vec<(Price, Qty)>,
}

/// The top of a book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DepthTop {
    /// The update id of the last change inside.
    pub last: u64,
    /// Bids, best first.
    pub bids: Vec<Level>,
    /// Asks, best first.
    pub asks: Vec<Level>,
}

/// Best prices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Best {
    /// The update id of the book; it may grow without a change here.
    pub id: u64,
    /// Best bid.
    pub bid: Option<Level>,
    /// Best ask.
    pub ask: Option<Level>,
}

#[allow(dead_code)]
fn side_is(side: Side) -> bool {
    side == Side::Buy
}
