//! Everything that can happen to the desk. Time is part of it.

use std::sync::Arc;

use crate::domain::message::MarketFact;
use crate::domain::{Depth, Fact, MarketKey, Price, Print, Side, Stamp, Touch, VenueId};

use super::action::Action;
use super::ask::{Ask, Seen};
use super::key::KeyStanding;
use super::suggest::Chosen;

/// What own orders a drawn row holds: lowest and highest price, ticks. A row that merges several ticks holds buys from its printed price
/// up and sells from it down, so the two differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Of buys.
    pub buys: (Price, Price),
    /// Of sells.
    pub sells: (Price, Price),
}

impl Row {
    /// True when the row holds an own order of this side at this price.
    pub fn holds(&self, side: Side, price: Price) -> bool {
        let (low, high) = match side {
            Side::Buy => self.buys,
            Side::Sell => self.sells,
        };
        low <= price && price <= high
    }
}

/// A trader's wish, with what the trader saw when making it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Press {
    /// What is asked for.
    pub action: Action,
    /// The market of the ladder that was focused in the last drawn frame.
    pub key: MarketKey,
    /// Price under the cursor in the last drawn frame; `None` when the cursor was not on the screen.
    pub cursor: Option<Price>,
    /// What the drawn row under the cursor holds; `None`: the cursor's price alone.
    pub row: Option<Row>,
    /// Best bid and ask in the last drawn frame.
    pub drawn: (Option<Price>, Option<Price>),
    /// When the first byte of the key came.
    pub at: Stamp,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// The trader asks.
    Press(Press),
    /// Any key at all came (idle counting).
    Activity,
    /// The trader asks in words.
    Ask {
        /// For what.
        ask: Ask,
        /// With this in sight.
        seen: Seen,
    },
    /// The trader accepted these limits.
    Limits(Chosen),
    /// What an audit of the key came to.
    Key(KeyStanding),
    /// The venue says something about an account.
    Fact(Fact),
    /// The feed says something beside book and prints.
    Market(VenueId, MarketFact),
    /// Best prices moved.
    Touch(VenueId, Touch),
    /// A new picture of the book.
    Depth(VenueId, Arc<Depth>),
    /// Prints came.
    Prints(VenueId, Vec<Print>),
    /// A command found its lane full and was not sent; the desk must treat it as not sent.
    LaneFull(crate::domain::Command),
    /// The disk thread says that the journal cannot be written (`Some`, in words) or can again (`None`).
    Journal(Option<String>),
    /// Round trip to the terminal was measured, ms.
    TerminalLink(u64),
    /// The host was suspended for so many ms.
    Resumed(u64),
    /// The program ends, by a lost screen, a signal or the trader, in words: apply the `on_hangup` policy.
    Ending(&'static str),
    /// The desk's clock: at least every 100 ms.
    Tick,
}
