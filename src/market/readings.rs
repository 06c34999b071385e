//! Everything that is derived from one symbol's public changes and prints. Owns one of each reading.
//!
//! It runs on the thread that trades, so each reading is cheap and bounded, and none is told more than once.

use std::sync::Arc;

use super::bar::Frames;
use super::candles::Candles;
use super::change::Changes;
use super::clusters::Clusters;
use super::drift::Drift;
use super::flow::{self, Flow};
use super::heat::{Heat, HeatSettings};
use super::iceberg::{self, Icebergs};
use super::outliers::Outliers;
use super::pace::Pace;
use super::sizes::Sizes;
use super::tape::{self, Tape};
use super::traded::{self, Volumes};
use crate::domain::{Depth, Instrument, Minute, Print, Stamp};

/// How the readings are taken: one part each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// What ends the bars of the charts.
    pub charts: Frames,
    /// How resting liquidity is sampled.
    pub heat: HeatSettings,
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
    /// What was traded at each price, bar by bar.
    pub clusters: Clusters,
    /// Candles and the average price.
    pub candles: Candles,
    /// Resting liquidity over time.
    pub heat: Heat,
    rules: Option<Arc<Instrument>>,
    settings: Settings,
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
    /// What was added and pulled over the last second.
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
            heat: Heat::new(settings.heat),
            settings: settings.clone(),
            ..Self::default()
        }
    }

    /// The instrument's rules, told before prints. What is counted in ticks and lots begins anew when these become others.
    pub fn rules(&mut self, instrument: &Arc<Instrument>) {
        let steps = |instrument: &Instrument| (instrument.tick, instrument.lot);
        let known = self.rules.as_ref();
        if known.is_some_and(|known| steps(known) == steps(instrument)) {
            return;
        }
        self.rules = Some(Arc::clone(instrument));
        let frames = &self.settings.charts.frames;
        self.clusters = Clusters::new(frames, instrument);
        self.candles = Candles::new(frames, instrument);
    }

    /// Takes prints of this symbol, oldest first.
    pub fn prints(&mut self, now: Stamp, prints: &[Print]) {
        self.tape.take(now, prints);
        self.clusters.take(prints);
        self.candles.take(prints);
        self.heat.take(now, prints);
        self.outliers.prints(prints);
        self.drift.prints(now, prints);
        self.pace.take(now, prints);
        self.flow.take(prints);
        self.volumes.prints(now, prints);
        self.changes.prints(now, prints);
        self.icebergs.prints(now, prints);
    }

    /// Takes the minutes before this symbol was followed.
    pub fn past(&mut self, minutes: &[Minute]) {
        self.candles.past(minutes);
    }

    /// Takes a picture of the book; they come at most 60 times a second.
    pub fn depth(&mut self, now: Stamp, depth: &Arc<Depth>) {
        self.outliers.depth(now, depth);
        self.flow.depth(depth);
        self.changes.depth(now, depth);
        self.sizes.depth(now, depth);
        self.icebergs.depth(now, depth);
        self.heat.depth(depth);
    }

    /// Time went on: told about ten times a second.
    pub fn tick(&mut self, now: Stamp) {
        self.heat.tick(now);
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
