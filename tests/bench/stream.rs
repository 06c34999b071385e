//! A seeded stream of Binance USDⓈ-M depth diffs in their wire form: about 37 changed levels and 900 bytes a message,
//! most of them near a touch that walks at random, in a book of 1,000 to 3,000 levels a side.

use std::collections::BTreeMap;
use std::fmt::Write;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The snapshot and the messages after it.
pub struct Stream {
    pub snapshot_id: u64,
    pub bids: Vec<(i64, i64)>,
    pub asks: Vec<(i64, i64)>,
    /// Event time (ms since 1970) and text.
    pub messages: Vec<(i64, String)>,
}

impl Stream {
    /// The snapshot as the venue answers it.
    pub fn snapshot(&self) -> String {
        let side = |pairs: &[(i64, i64)]| {
            let mut text = String::new();
            levels(pairs.iter().copied(), &mut text);
            text
        };
        format!(
            "{{\"lastUpdateId\":{},\"bids\":[{}],\"asks\":[{}]}}",
            self.snapshot_id,
            side(&self.bids),
            side(&self.asks)
        )
    }
}

struct Walk {
    random: ChaCha8Rng,
    /// Best bid and ask, ticks.
    best: [i64; 2],
    sides: [BTreeMap<i64, i64>; 2],
}

/// Which way a side's prices go when they get worse.
const WORSE: [i64; 2] = [-1, 1];

impl Walk {
    fn geometric(&mut self, mean: f64) -> i64 {
        (-mean * (1.0 - self.random.random::<f64>()).ln()) as i64
    }

    fn size(&mut self) -> i64 {
        let mean = match self.random.random::<f64>() {
            r if r < 0.6 => 120.0,
            r if r < 0.95 => 2_500.0,
            _ => 20_000.0,
        };
        1 + self.geometric(mean)
    }

    fn fill(&mut self) {
        for (side, worse) in WORSE.into_iter().enumerate() {
            let mut tick = self.best[side];
            while self.sides[side].len() < 1_000 {
                let size = self.size();
                self.sides[side].insert(tick, size);
                let dense = self.sides[side].len() < 200 && self.random.random_bool(0.85);
                tick += worse * if dense { 1 } else { 1 + self.geometric(1.5) };
            }
        }
    }

    /// The touch moves: `eaten` loses levels, the other side steps in.
    fn touch(&mut self, changes: &mut [BTreeMap<i64, i64>; 2]) {
        let eaten = match self.random.random::<f64>() {
            r if r < 0.22 => 1,
            r if r < 0.44 => 0,
            _ => return,
        };
        let (other, away) = (1 - eaten, WORSE[eaten]);
        let by = 1 + self.geometric(2.2);
        let end = self.best[eaten] + away * by;
        let mut tick = self.best[eaten];
        while tick != end {
            if self.sides[eaten].remove(&tick).is_some() {
                changes[eaten].insert(tick, 0);
            }
            tick += away;
        }
        self.set(eaten, end, changes);
        self.best[eaten] = end;
        self.set(other, end - away, changes);
        self.best[other] = end - away;
    }

    fn set(&mut self, side: usize, tick: i64, changes: &mut [BTreeMap<i64, i64>; 2]) {
        let size = self.size();
        self.sides[side].insert(tick, size);
        changes[side].insert(tick, size);
    }

    fn churn(&mut self, changes: &mut [BTreeMap<i64, i64>; 2]) {
        let burst = 5 + self.geometric(14.0).min(55);
        for side in 0..2 {
            let wanted = (burst + self.random.random_range(-3..4)).clamp(5, 60) as usize;
            for _ in 0..400 {
                if changes[side].len() >= wanted {
                    break;
                }
                let off = match self.random.random::<f64>() {
                    r if r < 0.80 => self.geometric(14.0),
                    r if r < 0.95 => self.random.random_range(0..300),
                    _ => self.random.random_range(0..2_500),
                };
                let tick = self.best[side] + WORSE[side] * off;
                if changes[side].contains_key(&tick) {
                    continue;
                }
                if off > 0 && self.sides[side].contains_key(&tick) && self.random.random_bool(0.3) {
                    self.sides[side].remove(&tick);
                    changes[side].insert(tick, 0);
                } else {
                    self.set(side, tick, changes);
                }
            }
        }
    }
}

fn levels(changes: impl Iterator<Item = (i64, i64)>, out: &mut String) {
    for (i, (tick, lots)) in changes.enumerate() {
        let comma = if i == 0 { "" } else { "," };
        let _ = write!(
            out,
            "{comma}[\"{}.{}0\",\"{}.{:03}\"]",
            tick / 10,
            tick % 10,
            lots / 1000,
            lots % 1000
        );
    }
}

fn pairs(side: &BTreeMap<i64, i64>) -> impl Iterator<Item = (i64, i64)> {
    side.iter().map(|(tick, lots)| (*tick, *lots))
}

/// `count` messages from `seed`, the same each time.
pub fn depth(seed: u64, count: usize) -> Stream {
    let random = ChaCha8Rng::seed_from_u64(seed);
    let mut walk = Walk {
        random,
        best: [650_000, 650_001],
        sides: Default::default(),
    };
    walk.fill();
    let snapshot_id = 5_000_000_000_000;
    let mut stream = Stream {
        snapshot_id,
        bids: pairs(&walk.sides[0]).collect(),
        asks: pairs(&walk.sides[1]).collect(),
        messages: Vec::with_capacity(count),
    };
    let (mut previous, mut time) = (snapshot_id - 20, 1_760_000_000_000_i64);
    for i in 0..count {
        let mut changes: [BTreeMap<i64, i64>; 2] = Default::default();
        walk.touch(&mut changes);
        walk.churn(&mut changes);
        let first = previous
            + 1
            + walk
                .random
                .random_range(0..40_u64)
                .min(if i == 0 { 0 } else { 40 });
        let last = first
            + 20
            + (changes[0].len() + changes[1].len()) as u64
            + walk.random.random_range(0..200_u64);
        time += 1 + walk.geometric(20.0);
        let mut text = format!(
            "{{\"e\":\"depthUpdate\",\"E\":{time},\"T\":{},\"s\":\"BTCUSDT\",\"U\":{first},\"u\":{last},\"pu\":{previous},\"b\":[",
            time - 3
        );
        levels(pairs(&changes[0]), &mut text);
        text.push_str("],\"a\":[");
        levels(pairs(&changes[1]), &mut text);
        text.push_str("]}");
        stream.messages.push((time, text));
        previous = last;
    }
    stream
}
