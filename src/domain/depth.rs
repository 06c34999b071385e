//! The pictures of a book that are handed around: best prices, and the top of both sides.

use std::sync::Arc;

use super::{Level, Price, Side, Stamp, Symbol};

/// What may be believed of a book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BookState {
    /// No line, or never synchronised; in words.
    Down(String),
    /// The sequence broke; a new snapshot is on its way. In words (`gap`, `crossed`).
    Resync(String),
    /// The chain is whole, but the line or the venue's clock says that it is old; in words.
    Stale(String),
    /// The sequence chain is whole, the line is proved, prices do not contradict it.
    Live,
}

impl BookState {
    /// True for the word LIVE alone.
    pub const fn is_live(&self) -> bool {
        matches!(self, Self::Live)
    }
}

/// Best prices after one message. Sent on every message that may change them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Touch {
    /// Instrument.
    pub symbol: Symbol,
    /// Best bid, if any.
    pub bid: Option<Level>,
    /// Best ask, if any.
    pub ask: Option<Level>,
    /// True when the book was LIVE when this was taken.
    pub live: bool,
    /// When the line last proved itself (any frame, or the pong to our ping).
    pub proved: Stamp,
    /// When the message came.
    pub at: Stamp,
    /// The venue's event time, ms since 1970.
    pub venue_ms: i64,
}

/// The top of both sides, best first, at most 60 a second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Depth {
    /// Instrument.
    pub symbol: Symbol,
    /// What may be believed of it.
    pub state: BookState,
    /// Bids, best first.
    pub bids: Arc<[Level]>,
    /// Asks, best first.
    pub asks: Arc<[Level]>,
    /// Below this price the book was never told anything: neither zero nor size. `None`: everything is known.
    pub known_down_to: Option<Price>,
    /// Above this price the book was never told anything.
    pub known_up_to: Option<Price>,
    /// When the line last proved itself.
    pub proved: Stamp,
    /// When the last message that changed the book came.
    pub changed: Stamp,
    /// Venue event time of that message to its arrival, ms, clock offset taken off; negative when clocks disagree.
    pub lag_ms: i64,
    /// Gaps in the sequence since the start.
    pub gaps: u64,
}

impl Depth {
    /// One side, best first.
    pub fn levels(&self, side: Side) -> &[Level] {
        match side {
            Side::Buy => &self.bids,
            Side::Sell => &self.asks,
        }
    }
}
