//! Everything that is derived from one symbol's public changes and prints. Owns one of each reading.
//!
//! It runs on the thread that trades, so each reading is cheap and bounded, and none is told more than once.

use std::sync::Arc;

use super::outliers::Outliers;
use super::tape::Tape;
use crate::domain::{Depth, Print, Stamp};

/// How the readings are taken: one part each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {}

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Readings {
    /// The latest prints.
    pub tape: Tape,
    /// Prints and sizes that stand out.
    pub outliers: Outliers,
}

impl Readings {
    /// Nothing seen yet.
    pub fn new(_settings: &Settings) -> Self {
        Self::default()
    }

    /// Takes prints of this symbol, oldest first.
    pub fn prints(&mut self, now: Stamp, prints: &[Print]) {
        self.tape.take(now, prints);
        self.outliers.prints(prints);
    }

    /// Takes a picture of the book; they come at most 60 times a second.
    pub fn depth(&mut self, now: Stamp, depth: &Arc<Depth>) {
        self.outliers.depth(now, depth);
    }

    /// Time went on: told about ten times a second.
    pub fn tick(&mut self, now: Stamp) {
        self.outliers.tick(now);
    }
}
