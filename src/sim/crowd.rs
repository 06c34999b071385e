//! A seeded population that makes a market worth scalping.
//!
//! Owns its random stream, its moods and its idea of a fair price; every order goes through [`Market`] by the same
//! price-time priority as anybody's. Sans-IO: the same seed and the same calls make the same market. Floats are drawn
//! here and become ticks and lots before they leave.

mod character;
mod flow;
mod ladder;
mod maker;
mod mood;
mod past;
mod perpetuals;
mod population;
mod spots;
mod tape;
mod wall;

pub use mood::{CHANGING, Mood, WORDS, chosen};
pub use perpetuals::perpetuals;
pub use spots::spots;
pub use tape::{Bourse, tape};

use crate::sim::market::{Market, SymbolNo};
use population::Population;

/// Time that is skipped rather than caught up with, ms: after a suspended host the crowd does not relive the night.
const CATCH_UP_MS: i64 = 10_000;

/// How a crowd behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CrowdSettings {
    /// Same seed, same market.
    pub seed: u64,
    /// Keeps every symbol in one mood; `None`: moods change at random.
    pub mood: Option<Mood>,
}

/// The crowd of a market.
#[derive(Debug)]
pub struct Crowd {
    populations: Vec<Population>,
    now_ms: i64,
}

impl Crowd {
    /// A crowd for the market's symbols; fills the books and writes a day of past candles at once.
    pub fn new(settings: CrowdSettings, market: &mut Market, now_ms: i64) -> Self {
        let symbols: Vec<_> = market
            .symbols()
            .map(|(no, spec)| (no, spec.clone()))
            .collect();
        let populations = symbols.iter().map(|(no, spec)| {
            let mut population = Population::new(settings, *no, spec, now_ms);
            population.settle_in(market, now_ms);
            past::write(market, *no, spec, settings.seed, now_ms);
            population
        });
        Self {
            populations: populations.collect(),
            now_ms,
        }
    }

    /// Lets the crowd live until `now_ms` and steps the market with it. Call it every 5 to 50 ms.
    pub fn advance(&mut self, market: &mut Market, now_ms: i64) {
        if now_ms - self.now_ms > CATCH_UP_MS {
            for population in &mut self.populations {
                population.skip_to(now_ms - CATCH_UP_MS);
            }
        }
        while let Some(next) = self.next_population()
            && next.due_ms() <= now_ms
        {
            let at = next.due_ms();
            next.act(market);
            if at.div_euclid(1_000) > self.now_ms.div_euclid(1_000) {
                market.step(at);
            }
            self.now_ms = self.now_ms.max(at);
        }
        self.now_ms = self.now_ms.max(now_ms);
        market.step(now_ms);
    }

    fn next_population(&mut self) -> Option<&mut Population> {
        self.populations.iter_mut().min_by_key(|p| p.due_ms())
    }

    /// Keeps every symbol in one mood from now on, or lets moods change at random again.
    pub fn set_mood(&mut self, mood: Option<Mood>) {
        for population in &mut self.populations {
            population.set_mood(mood);
        }
    }

    /// How a symbol feels now.
    pub fn mood(&self, symbol: SymbolNo) -> Mood {
        let population = self.populations.get(usize::from(symbol.0));
        population.map_or(Mood::Calm, Population::mood)
    }
}

#[cfg(test)]
mod tests;
