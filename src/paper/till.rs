//! What the markets of one paper account share: its terms, its purse, the numbers it gives out.

use crate::domain::message::{Asked, Proves};
use crate::domain::{ClientId, Fact, MarketKey, Outcome, Stamp};

use super::purse::Purse;
use super::queue::Moment;
use super::terms::Terms;

/// Prints and pictures that tell of one trade come within this of the market's time, ms.
const TOGETHER_MS: u64 = 500;
/// The same on the host's clock while a recording is played step by step, ms.
const STANDING_MS: u64 = 3_600_000;

/// Shared by all markets of an account.
#[derive(Clone, Debug)]
pub(super) struct Till {
    pub(super) terms: Terms,
    pub(super) purse: Purse,
    /// How many times as fast as the host's clock the market's time runs; zero: it stands still.
    pub(super) pace: u32,
    orders: u64,
    trades: u64,
}

impl Till {
    pub(super) fn new(terms: Terms) -> Self {
        Self {
            terms,
            purse: Purse::default(),
            pace: 1,
            orders: 0,
            trades: 0,
        }
    }

    /// A number that no order had.
    pub(super) const fn order_number(&mut self) -> u64 {
        self.orders = self.orders.saturating_add(1);
        self.orders
    }

    /// A number that no trade had.
    pub(super) const fn trade_number(&mut self) -> u64 {
        self.trades = self.trades.saturating_add(1);
        self.trades
    }
}

/// One event at work: when, with what, and what is told of it.
pub(super) struct Turn<'a> {
    pub(super) now: Stamp,
    pub(super) till: &'a mut Till,
    pub(super) out: &'a mut Vec<Fact>,
}

impl Turn<'_> {
    /// Now, for places in queues.
    pub(super) fn moment(&self) -> Moment {
        let together_ms = match self.till.pace {
            0 => STANDING_MS,
            pace => TOGETHER_MS / u64::from(pace),
        };
        Moment {
            now: self.now,
            until: self.now.plus_ms(together_ms),
        }
    }

    /// Answers a request.
    pub(super) fn answer(
        &mut self,
        key: MarketKey,
        client: ClientId,
        asked: Asked,
        outcome: Outcome,
    ) {
        self.out.push(Fact::Answer {
            key,
            client,
            asked,
            outcome,
            at: self.now,
        });
    }
}

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    words: String,
    proves: Proves,
}

impl Refusal {
    /// For this reason, which proves nothing more.
    pub(super) fn new(words: impl Into<String>) -> Self {
        Self {
            words: words.into(),
            proves: Proves::Nothing,
        }
    }

    /// For this reason, which proves something.
    pub(super) fn proving(words: &str, proves: Proves) -> Self {
        Self {
            words: words.to_owned(),
            proves,
        }
    }
}

impl From<Refusal> for Outcome {
    fn from(refusal: Refusal) -> Self {
        Self::Rejected {
            code: 0,
            words: refusal.words,
            proves: refusal.proves,
        }
    }
}
