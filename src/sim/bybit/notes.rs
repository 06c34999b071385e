//! What the venue tells of an order beyond what the market keeps: how it came to be, why it ended, what it cost.

use std::collections::{BTreeMap, VecDeque};

use rust_decimal::Decimal;

use crate::domain::{Asset, Price};
use crate::sim::market::Watch;

/// Orders remembered; the oldest are forgotten.
const KEPT: usize = 20_000;

/// Take profit and stop loss that an order brings to its position with its first fill.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attached {
    /// Take profit, ticks, and the price that it looks at.
    pub take: Option<(Price, Watch)>,
    /// Stop loss, ticks, and the price that it looks at.
    pub stop: Option<(Price, Watch)>,
}

/// One order's note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note {
    /// `rejectReason`.
    pub reason: &'static str,
    /// `cancelType`.
    pub cancel: &'static str,
    /// `createType`.
    pub create: &'static str,
    /// `stopOrderType`; empty for an ordinary order.
    pub stop: &'static str,
    /// `closeOnTrigger`.
    pub close_on_trigger: bool,
    /// A stop of a part of the position.
    pub partial: bool,
    /// The limit as which a market order is worked, ticks.
    pub worked_at: Option<Price>,
    /// The last price when it came, ticks.
    pub last_price: Option<Price>,
    /// What it brings to its position.
    pub attached: Attached,
    /// Fees of its fills, the fee's coin.
    pub fee: Decimal,
    /// The coin of its fees.
    pub fee_asset: Option<Asset>,
    /// What its fills realised, fees taken, quote currency.
    pub closed_pnl: Decimal,
}

impl Default for Note {
    fn default() -> Self {
        Self {
            reason: "EC_NoError",
            cancel: "UNKNOWN",
            create: "CreateByUser",
            stop: "",
            close_on_trigger: false,
            partial: false,
            worked_at: None,
            last_price: None,
            attached: Attached::default(),
            fee: Decimal::ZERO,
            fee_asset: None,
            closed_pnl: Decimal::ZERO,
        }
    }
}

/// The notes of all orders, by the number under which the venue shows them.
#[derive(Debug, Default)]
pub struct Notes {
    all: BTreeMap<u64, Note>,
    came: VecDeque<u64>,
}

impl Notes {
    /// The note of an order; the usual one where there is none.
    pub fn of(&self, order: u64) -> Note {
        self.all.get(&order).copied().unwrap_or_default()
    }

    /// Keeps a note.
    pub fn keep(&mut self, order: u64, note: Note) {
        if self.all.insert(order, note).is_none() {
            self.came.push_back(order);
        }
        if self.came.len() > KEPT
            && let Some(oldest) = self.came.pop_front()
        {
            self.all.remove(&oldest);
        }
    }

    /// Changes a note.
    pub fn change(&mut self, order: u64, change: impl FnOnce(&mut Note)) {
        let mut note = self.of(order);
        change(&mut note);
        self.keep(order, note);
    }
}
