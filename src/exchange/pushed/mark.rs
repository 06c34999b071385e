//! The mark price and funding of one instrument, as last told by the venue.

use rust_decimal::Decimal;

use crate::domain::message::MarketFact;
use crate::domain::{Stamp, Symbol};

/// Apart from each other marks are told, ms.
const SPACING_MS: u64 = 1_000;

/// Mark price and funding.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mark {
    mark: Option<Decimal>,
    funding: Decimal,
    next_funding_ms: i64,
    moved: bool,
    told: Option<Stamp>,
}

impl Mark {
    /// Takes what a message says; what is absent is as it was.
    pub fn take(&mut self, mark: Option<Decimal>, funding: Option<Decimal>, next_ms: Option<i64>) {
        let before = (self.mark, self.funding, self.next_funding_ms);
        self.mark = mark.or(self.mark);
        self.funding = funding.unwrap_or(self.funding);
        self.next_funding_ms = next_ms.unwrap_or(self.next_funding_ms);
        self.moved |= before != (self.mark, self.funding, self.next_funding_ms);
    }

    /// What to tell of it, where it moved and was not told too lately.
    pub fn due(&mut self, now: Stamp, symbol: Symbol) -> Option<MarketFact> {
        let last = self.told;
        let spaced = last.is_none_or(|told| now.ms_since(told) >= SPACING_MS);
        let mark = self.mark.filter(|_| self.moved && spaced)?;
        self.moved = false;
        self.told = Some(now);
        Some(MarketFact::Mark {
            symbol,
            mark,
            funding: self.funding,
            next_funding_ms: self.next_funding_ms,
        })
    }
}
