//! Takers: when they come (self-exciting, each side on its own) and how much they take (heavy-tailed).

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::character::Character;
use crate::domain::{Qty, Side};

/// How fast excitement fades, per second.
const FADE: f64 = 2.2;
/// Takers that one taker calls forth on its own side, on average.
const OWN: f64 = 0.52;
/// Takers that one taker calls forth on the other side.
const OTHER: f64 = 0.10;

/// The excitement of both sides, in takers per second on top of those that come by themselves (a Hawkes process).
#[derive(Debug, Default)]
pub struct Flow {
    buy: f64,
    sell: f64,
}

impl Flow {
    /// Takers per second of a side that excitement adds.
    pub const fn excitement(&self, side: Side) -> f64 {
        match side {
            Side::Buy => self.buy,
            Side::Sell => self.sell,
        }
    }

    /// Lets `seconds` pass.
    pub fn fade(&mut self, seconds: f64) {
        let left = (-FADE * seconds).exp();
        self.buy *= left;
        self.sell *= left;
    }

    /// A taker of `side` came.
    pub fn excite(&mut self, side: Side) {
        let (own, other) = match side {
            Side::Buy => (&mut self.buy, &mut self.sell),
            Side::Sell => (&mut self.sell, &mut self.buy),
        };
        *own += OWN * FADE;
        *other += OTHER * FADE;
    }
}

/// One taker: how much, and how many ticks past the best price it goes.
#[derive(Clone, Copy, Debug)]
pub struct Take {
    /// Lots.
    pub qty: Qty,
    /// Ticks.
    pub past: i64,
}

/// Draws a taker who sees `best` at the other side.
pub fn draw(of: &Character, best: Qty, rng: &mut ChaCha8Rng) -> Take {
    let bell: f64 = StandardNormal.sample(rng);
    let mut lots = of.take * (1.35 * bell).exp();
    let sweeps = rng.random::<f64>() < 0.10;
    if sweeps {
        // Pareto with an infinite second moment: once in a while somebody wants the whole ladder.
        lots *= 2.0 * rng.random_range(0.001_f64..1.0).powf(-1.0 / 1.4);
    }
    let mut qty = round_now_and_then(lots.clamp(1.0, of.most), 0.25, rng);
    if !sweeps && rng.random::<f64>() < 0.8 {
        qty = qty.min(best);
    }
    let past = if sweeps {
        (of.hump * rng.random_range(0.1_f64..1.0).powi(2) * 2.0) as i64 + 1
    } else {
        0
    };
    Take {
        qty: qty.max(Qty(1)),
        past,
    }
}

/// Whole lots; with that chance a round number, as people type them.
pub fn round_now_and_then(lots: f64, chance: f64, rng: &mut ChaCha8Rng) -> Qty {
    let lots = lots.max(1.0) as i64;
    if rng.random::<f64>() >= chance {
        return Qty(lots);
    }
    let unit = 10_i64.pow(lots.max(1).ilog10());
    Qty((lots / unit).max(1) * unit)
}
