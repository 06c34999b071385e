//! The character of a symbol's crowd. Plain data.

use super::{perpetuals, spots};
use crate::sim::market::SymbolSpec;

/// How the crowd of a symbol trades. Rates are per second in a calm mood, distances in ticks, sizes in lots.
#[derive(Clone, Copy, Debug)]
pub struct Character {
    /// Changes of the book.
    pub changes: f64,
    /// Takers of one side that come by themselves; excitement multiplies them by about 2.5.
    pub takes: f64,
    /// News that move the fair price.
    pub news: f64,
    /// Mean reach of news.
    pub reach: f64,
    /// Half the spread that makers want.
    pub half_spread: f64,
    /// How far the fair price may leave the quotes before they follow.
    pub stick: f64,
    /// Size of an ordinary level.
    pub level: f64,
    /// How much larger the best level is.
    pub touch: f64,
    /// Where the ladder is fattest.
    pub hump: f64,
    /// As far as this every tick may be quoted.
    pub dense: i64,
    /// As far as this every `coarse` ticks are quoted.
    pub far: i64,
    /// Steps of the far levels.
    pub coarse: i64,
    /// Share of ticks that nobody quotes.
    pub holes: f64,
    /// Round prices lie on multiples of this.
    pub round: i64,
    /// Median size of a taker.
    pub take: f64,
    /// Largest taker.
    pub most: f64,
    /// How far a median taker moves the fair price.
    pub impact: f64,
}

/// The character of a symbol's crowd.
pub fn character(spec: &SymbolSpec) -> Character {
    if spec.is_spot() {
        spots::character(&spec.instrument)
    } else {
        perpetuals::character(&spec.instrument)
    }
}
