//! A change of a working order that is on its way: until it is proved, both the old and the new one count.

use crate::domain::{Outcome, Price, Qty, Stamp};

use super::Order;

/// A change that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amending {
    /// The new limit, ticks.
    pub price: Price,
    /// The new total, lots.
    pub qty: Qty,
    /// When it was sent, or last asked about.
    pub at: Stamp,
    /// The venue took it: its next word on the order settles it.
    pub taken: bool,
}

impl Order {
    /// Total that may stand at the venue: the larger of the old and the new one, lots.
    pub fn largest(&self) -> Qty {
        self.amending
            .map_or(self.qty, |amending| self.qty.max(amending.qty))
    }

    /// What may still fill, lots.
    pub fn may_fill(&self) -> Qty {
        self.largest().less(self.filled)
    }

    /// Takes the answer to the change; true when it did not happen.
    pub fn take_amend_answer(&mut self, outcome: &Outcome) -> bool {
        match outcome {
            Outcome::Accepted { .. } => {
                if let Some(amending) = &mut self.amending {
                    amending.taken = true;
                }
                false
            }
            Outcome::Rejected { .. } | Outcome::NotSent(_) => self.amending.take().is_some(),
            Outcome::Unknown(_) => false,
        }
    }

    /// The venue said where the order stands: true when a change is settled by it, as asked or not.
    pub(super) fn settle(&mut self) -> bool {
        let Some(amending) = self.amending else {
            return false;
        };
        let as_asked = self.price == Some(amending.price) && self.qty == amending.qty;
        if !as_asked && !amending.taken {
            return false;
        }
        self.amending = None;
        // A moved order waits behind everybody.
        self.ahead = None;
        true
    }
}
