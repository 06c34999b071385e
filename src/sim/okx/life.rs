//! What a position has earned and cost since it was opened: the market keeps sums over all of a symbol's time.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::sim::market::{AccountReason, AccountUpdate, Leg, SymbolNo, UserTrade};

/// One position since it was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Life {
    /// When, ms; zero when it never was.
    pub opened_ms: i64,
    /// Profit of what was closed, quote currency.
    pub pnl: Decimal,
    /// Fees paid, quote currency.
    pub fee: Decimal,
    /// Funding received, quote currency; below zero when paid.
    pub funding: Decimal,
    /// The last trade of it.
    pub trade: u64,
    lots: i64,
}

/// All positions.
#[derive(Debug, Default)]
pub struct Lives(BTreeMap<(SymbolNo, u8), Life>);

const fn place(leg: Leg) -> u8 {
    match leg {
        Leg::Both => 0,
        Leg::Long => 1,
        Leg::Short => 2,
    }
}

impl Lives {
    /// The life of a position; an empty one when there is none.
    pub fn of(&self, symbol: SymbolNo, leg: Leg) -> Life {
        self.0
            .get(&(symbol, place(leg)))
            .cloned()
            .unwrap_or_default()
    }

    /// Notes a fill, before the position that it made.
    pub fn fill(&mut self, fill: &UserTrade) {
        let life = self.0.entry((fill.symbol, place(fill.leg))).or_default();
        let turned = life.lots.signum() == -fill.side.sign() && life.lots.abs() < fill.qty.0;
        if life.lots == 0 || turned {
            *life = Life {
                opened_ms: fill.time_ms,
                lots: life.lots,
                ..Life::default()
            };
        }
        if !turned {
            life.pnl += fill.realised;
        }
        life.fee += fill.fee;
        life.trade = fill.trade;
    }

    /// Notes what became of a position.
    pub fn update(&mut self, update: &AccountUpdate) {
        let position = &update.position;
        let at = (position.symbol, place(position.leg));
        let life = self.0.entry(at).or_default();
        life.lots = position.lots;
        if update.reason == AccountReason::FundingFee {
            life.funding += update.change;
        }
    }
}
