//! A market with its crowd in virtual time, and its prints as text.

use std::collections::VecDeque;

use super::{Crowd, CrowdSettings, perpetuals};
use crate::sim::market::{Market, MarketEvent, PublicTrade, SymbolSpec};

/// Where the virtual time of a tape starts: 2026-01-01T00:00:00Z, ms.
const TAPE_START_MS: i64 = 1_767_225_600_000;
/// Virtual time between two looks at the market, ms.
const SLICE_MS: i64 = 100;

/// A market with its crowd.
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
        Self::of(perpetuals(), settings, start_ms)
    }

    /// These instruments with a crowd, at `start_ms`: `spots()`, or both kinds in one list.
    pub fn of(specs: Vec<SymbolSpec>, settings: CrowdSettings, start_ms: i64) -> Self {
        let mut market = Market::new(specs, start_ms);
        let crowd = Crowd::new(settings, &mut market, start_ms);
        Self { market, crowd }
    }

    /// Runs `ms` milliseconds of virtual time and returns what was told, in order.
    pub fn run(&mut self, ms: i64) -> Vec<MarketEvent> {
        let until = self.market.now_ms().saturating_add(ms);
        let mut events = Vec::new();
        while self.market.now_ms() < until {
            let next = until.min(self.market.now_ms() + SLICE_MS);
            self.crowd.advance(&mut self.market, next);
            events.append(&mut self.market.drain_events());
        }
        events
    }
}

/// That many prints of the standard perpetuals as JSON lines
/// (`{"symbol","price","qty","side","time","id"}`, decimal text, ms), the same each time for the same seed.
pub fn tape(seed: u64, count: usize) -> impl Iterator<Item = String> {
    let mut bourse = Bourse::new(CrowdSettings { seed, mood: None }, TAPE_START_MS);
    let mut waiting = VecDeque::new();
    std::iter::from_fn(move || {
        while waiting.is_empty() {
            let trade = |event| match event {
                MarketEvent::Trade(trade) => Some(trade),
                _ => None,
            };
            waiting.extend(bourse.run(SLICE_MS).into_iter().filter_map(trade));
        }
        line(&bourse.market, &waiting.pop_front()?)
    })
    .take(count)
}

fn line(market: &Market, trade: &PublicTrade) -> Option<String> {
    let instrument = &market.spec(trade.symbol)?.instrument;
    Some(format!(
        r#"{{"symbol":"{}","price":"{}","qty":"{}","side":"{}","time":{},"id":{}}}"#,
        instrument.symbol,
        instrument.price_text(trade.price),
        instrument.qty_text(trade.qty),
        trade.side.word(),
        trade.time_ms,
        trade.id,
    ))
}
