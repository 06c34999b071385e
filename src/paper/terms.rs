//! What a paper account is opened with.

use rust_decimal::Decimal;

use crate::domain::{Account, Liquidity, VenueId};

/// What is believed of a level that shrinks by more than was printed at its price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Queue {
    /// Those behind us left first: cancels never move us up while anybody stands behind.
    #[default]
    Behind,
    /// They left evenly: we move up by the share of the level that stands ahead.
    Even,
}

/// Fees as fractions of what a trade is worth; a rebate is below zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fees {
    /// Of a contract's trade that rested.
    pub maker: Decimal,
    /// Of a contract's trade that took.
    pub taker: Decimal,
    /// Of a spot trade that rested.
    pub spot_maker: Decimal,
    /// Of a spot trade that took.
    pub spot_taker: Decimal,
}

impl Fees {
    /// The rate of one trade.
    pub const fn rate(&self, is_spot: bool, liquidity: Liquidity) -> Decimal {
        match (is_spot, liquidity) {
            (false, Liquidity::Maker) => self.maker,
            (false, Liquidity::Taker) => self.taker,
            (true, Liquidity::Maker) => self.spot_maker,
            (true, Liquidity::Taker) => self.spot_taker,
        }
    }
}

/// What a paper account is opened with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Its name.
    pub account: Account,
    /// Whose book it trades on.
    pub venue: VenueId,
    /// Shortest and longest time from a key to the venue's answer, ms. A request meets the book that is seen when it is over: it took
    /// half of it to get there, and what is seen then took the other half to come back.
    pub latency_ms: (u64, u64),
    /// Seed of what is drawn.
    pub seed: u64,
    /// What shrinking levels do to our place.
    pub queue: Queue,
    /// Fees.
    pub fees: Fees,
    /// What lies in every currency of profit, or of prices on spot, at the start.
    pub balance: Decimal,
    /// Leverage of every symbol at the start, 1 or more.
    pub leverage: u32,
}
