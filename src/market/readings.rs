//! Everything that is derived from one symbol's public changes and prints. Owns one of each reading.
//!
//! It runs on the thread that trades, so each reading is cheap and bounded, and none is told more than once.

use std::sync::Arc;

use super::change::Changes;
use super::drift::Drift;
use super::flow::{self, Flow};
use super::iceberg::{self, Icebergs};
use super::outliers::Outliers;
use super::pace::Pace;
use super::sizes::Sizes;
use super::tape::{self, Tape};
use super::traded::{self, Volumes};
use crate::domain::{Depth, Print, Stamp};

/// How the readings are taken: one part each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// The tape.
    pub tape: tape::Settings,
    /// The flow.
    pub flow: flow::Settings,
    /// Volume at price.
    pub traded: traded::Settings,
    /// Suspected icebergs.
    pub iceberg: iceberg::Settings,
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Readings {
    /// The latest prints.
    pub tape: Tape,
    /// Prints and sizes that stand out.
    pub outliers: Outliers,
    /// How far the price went.
    pub drift: Drift,
    /// How fast they come.
    pub pace: Pace,
    /// Where the market leans.
    pub flow: Flow,
    /// Volume traded at each price.
    pub volumes: Volumes,
    /// The book a second ago.
    pub changes: Changes,
    /// What is usual and large among sizes.
    pub sizes: Sizes,
    /// Suspected icebergs.
    pub icebergs: Icebergs,
}

impl Readings {
    /// Nothing seen yet.
    pub fn new(settings: &Settings) -> Self {
        Self {
            tape: Tape::new(settings.tape),
            pace: Pace::default(),
            flow: Flow::new(settings.flow),
            volumes: Volumes::new(settings.traded),
            icebergs: Icebergs::new(settings.iceberg),
            ..Self::default()
        }
    }

    /// Takes prints of this symbol, oldest first.
    pub fn prints(&mut self, now: Stamp, prints: &[Print]) {
        self.tape.take(now, prints);
        self.outliers.prints(prints);
        self.drift.prints(now, prints);
        self.pace.take(now, prints);
        self.flow.take(prints);
        self.volumes.prints(now, prints);
        self.icebergs.prints(now, prints);
    }

    /// Takes a picture of the book; they come at most 60 times a second.
    pub fn depth(&mut self, now: Stamp, depth: &Arc<Depth>) {
        self.outliers.depth(now, depth);
        self.flow.depth(depth);
        self.changes.depth(now, depth);
        self.sizes.depth(now, depth);
        self.icebergs.depth(now, depth);
    }

    /// Time went on: told about ten times a second.
    pub fn tick(&mut self, now: Stamp) {
        self.outliers.tick(now);
        self.drift.tick(now);
        self.tape.tick(now);
        self.pace.tick(now);
        self.flow.tick(now);
        self.volumes.tick(now);
        self.changes.tick(now);
        self.sizes.tick(now);
        self.icebergs.tick(now);
    }
}
