//! Everything that is derived from one symbol's public changes and prints. Owns one of each reading.
//!
//! It runs on the thread that trades, so each reading is cheap and bounded, and none is told more than once.

use std::sync::Arc;

use super::flow::{self, Flow};
use super::pace::Pace;
use super::tape::{self, Tape};
use crate::domain::{Depth, Print, Stamp};

/// How the readings are taken: one part each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// The tape.
    pub tape: tape::Settings,
    /// The flow.
    pub flow: flow::Settings,
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Readings {
    /// The latest prints.
    pub tape: Tape,
    /// How fast they come.
    pub pace: Pace,
    /// Where the market leans.
    pub flow: Flow,
}

impl Readings {
    /// Nothing seen yet.
    pub fn new(settings: &Settings) -> Self {
        Self {
            tape: Tape::new(settings.tape),
            pace: Pace::default(),
            flow: Flow::new(settings.flow),
        }
    }

    /// Takes prints of this symbol, oldest first.
    pub fn prints(&mut self, now: Stamp, prints: &[Print]) {
        self.tape.take(now, prints);
        self.pace.take(now, prints);
        self.flow.take(prints);
    }

    /// Takes a picture of the book; they come at most 60 times a second.
    pub fn depth(&mut self, _now: Stamp, depth: &Arc<Depth>) {
        self.flow.depth(depth);
    }

    /// Time went on: told about ten times a second.
    pub fn tick(&mut self, now: Stamp) {
        self.tape.tick(now);
        self.pace.tick(now);
        self.flow.tick(now);
    }
}
