//! A seeded population that makes a market worth scalping.
//!
//! Owns its random stream, moods and quotes' intentions; every order goes through [`Market`]. Reads no clock.

use crate::sim::market::{Market, SymbolNo, SymbolSpec};

/// How a symbol feels now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mood {
    /// Narrow, slow.
    Calm,
    /// Drifting one way.
    Trending,
    /// Wide, fast, in both directions.
    Violent,
}

/// How a crowd behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CrowdSettings {
    /// Same seed, same market.
    pub seed: u64,
    /// Keeps every symbol in one mood; `None`: moods change at random.
    pub mood: Option<Mood>,
}

/// The crowd.
#[derive(Debug)]
pub struct Crowd {
    settings: CrowdSettings,
}

impl Crowd {
    /// A crowd for the market's symbols; fills the books at once.
    pub fn new(settings: CrowdSettings, _market: &mut Market, _now_ms: i64) -> Self {
        Self { settings }
    }

    /// Lets the crowd live until `now_ms`; also steps the market. Call it every 5 to 100 ms.
    pub fn advance(&mut self, market: &mut Market, now_ms: i64) {
        market.step(now_ms);
    }

    /// How a symbol feels now.
    pub fn mood(&self, _symbol: SymbolNo) -> Mood {
        self.settings.mood.unwrap_or(Mood::Calm)
    }
}

/// The perpetuals of the built-in exchange, `BTCUSDT` first.
pub fn perpetuals() -> Vec<SymbolSpec> {
    Vec::new()
}

/// A market with its crowd, run in virtual time.
#[derive(Debug)]
pub struct Bourse {
    /// The matching core.
    pub market: Market,
    /// Its population.
    pub crowd: Crowd,
}

impl Bourse {
    /// The standard perpetuals with a crowd, at `start_ms`.
    pub fn new(settings: CrowdSettings, start_ms: i64) -> Self {
        let mut market = Market::new(perpetuals(), start_ms);
        let crowd = Crowd::new(settings, &mut market, start_ms);
        Self { market, crowd }
    }

    /// Runs to `now_ms` in virtual time.
    pub fn run_until(&mut self, now_ms: i64) {
        self.crowd.advance(&mut self.market, now_ms);
    }
}

/// That many prints of the standard market as JSON lines, the same each time for the same seed.
pub fn tape(_seed: u64, _count: usize) -> impl Iterator<Item = String> {
    std::iter::empty()
}
