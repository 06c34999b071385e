//! What the market does not keep of an order but the wire has to say: labels, reasons, and who asked for a change.

use std::collections::BTreeMap;

use super::shapes::Extra;

/// Orders that are remembered; beyond it the oldest go, as the market's own do.
const KEPT: usize = 20_000;

/// A change on its way to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// `reqId`
    pub request: String,
    /// `amendResult`: "0" done, "1" the order was cancelled in its place.
    pub result: &'static str,
}

/// What is remembered of an order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Note {
    /// Fields of its row.
    pub extra: Extra,
    /// `cancelSource`; empty while nothing ended it.
    pub ends_by: &'static str,
    /// A change that its owner asked for and that has not been told yet.
    pub change: Option<Change>,
}

/// All notes by order.
#[derive(Debug, Default)]
pub struct Notes(BTreeMap<u64, Note>);

impl Notes {
    /// The note of an order, a new one when there is none.
    pub fn of(&mut self, order: u64) -> &mut Note {
        if self.0.len() >= KEPT && !self.0.contains_key(&order) {
            self.0.pop_first();
        }
        self.0.entry(order).or_default()
    }

    /// The note of an order, where there is one.
    pub fn get(&self, order: u64) -> Option<&Note> {
        self.0.get(&order)
    }
}
