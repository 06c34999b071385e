//! What happened to an account: past orders, fills, income. Bounded: the oldest are forgotten.

use std::collections::{BTreeMap, HashMap, VecDeque};

use rust_decimal::Decimal;

use super::algo::{AlgoView, WhichAlgo};
use super::event::UserTrade;
use super::order::{Leg, OrderView, Which};
use super::spec::SymbolNo;
use crate::domain::{Asset, ClientId};

/// What a row of income is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IncomeKind {
    /// Profit of a reducing fill.
    Realised,
    /// Fee of a fill, negative when paid.
    Commission,
    /// Funding received (positive) or paid.
    Funding,
}

/// One row of income.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Income {
    /// Grows by one a row of the account.
    pub id: u64,
    /// Which instrument.
    pub symbol: SymbolNo,
    /// What it is.
    pub kind: IncomeKind,
    /// Signed amount, `asset`.
    pub amount: Decimal,
    /// Its currency.
    pub asset: Asset,
    /// The fill it belongs to, where there is one.
    pub trade: Option<u64>,
    /// When, ms.
    pub time_ms: i64,
}

/// Margin that was moved into or out of an isolated position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarginChange {
    /// Which instrument.
    pub symbol: SymbolNo,
    /// Which of its positions.
    pub leg: Leg,
    /// Quote currency; below zero: taken out.
    pub amount: Decimal,
    /// When, ms.
    pub time_ms: i64,
}

/// Rows kept of each kind.
const KEPT: usize = 20_000;

/// Every order of an account, its fills and income.
#[derive(Debug, Default)]
pub(super) struct History {
    orders: BTreeMap<u64, OrderView>,
    /// The latest order of each name. Never iterated.
    names: HashMap<ClientId, u64>,
    fills: VecDeque<UserTrade>,
    income: VecDeque<Income>,
    incomes: u64,
    margin_changes: VecDeque<MarginChange>,
    algos: BTreeMap<u64, AlgoView>,
    algo_names: HashMap<ClientId, u64>,
}

impl History {
    /// Keeps a new order; forgets the oldest finished one when there are too many.
    pub fn add_order(&mut self, order: OrderView) {
        self.names.insert(order.client, order.id);
        self.orders.insert(order.id, order);
        if self.orders.len() > KEPT
            && let Some(oldest) = self.orders.values().find(|o| !o.status.is_open())
        {
            let (id, client) = (oldest.id, oldest.client);
            self.orders.remove(&id);
            if self.names.get(&client) == Some(&id) {
                self.names.remove(&client);
            }
        }
    }

    pub fn order(&self, id: u64) -> Option<&OrderView> {
        self.orders.get(&id)
    }

    pub fn order_mut(&mut self, id: u64) -> Option<&mut OrderView> {
        self.orders.get_mut(&id)
    }

    /// The order so named; an open one before a past one, since a name is unique among open orders only.
    pub fn find(&self, which: Which) -> Option<&OrderView> {
        let id = match which {
            Which::Id(id) => id,
            Which::Client(client) => *self.names.get(&client)?,
        };
        self.orders.get(&id)
    }

    pub fn orders(&self) -> impl Iterator<Item = &OrderView> {
        self.orders.values()
    }

    /// Keeps a new conditional order; forgets the oldest finished one when there are too many.
    pub fn add_algo(&mut self, algo: AlgoView) {
        self.algo_names.insert(algo.client, algo.id);
        self.algos.insert(algo.id, algo);
        if self.algos.len() > KEPT
            && let Some(oldest) = self.algos.values().find(|a| !a.is_open())
        {
            let (id, client) = (oldest.id, oldest.client);
            self.algos.remove(&id);
            if self.algo_names.get(&client) == Some(&id) {
                self.algo_names.remove(&client);
            }
        }
    }

    pub fn algo_mut(&mut self, id: u64) -> Option<&mut AlgoView> {
        self.algos.get_mut(&id)
    }

    /// The conditional order so named; a name is unique among waiting ones only, and the latest one is meant.
    pub fn find_algo(&self, which: WhichAlgo) -> Option<&AlgoView> {
        let id = match which {
            WhichAlgo::Id(id) => id,
            WhichAlgo::Client(client) => *self.algo_names.get(&client)?,
        };
        self.algos.get(&id)
    }

    pub fn algos(&self) -> impl Iterator<Item = &AlgoView> {
        self.algos.values()
    }

    pub fn add_fill(&mut self, fill: UserTrade) {
        if self.fills.len() == KEPT {
            self.fills.pop_front();
        }
        self.fills.push_back(fill);
    }

    pub fn fills(&self) -> impl Iterator<Item = &UserTrade> {
        self.fills.iter()
    }

    /// Keeps a row of income unless its amount is zero.
    pub fn add_income(&mut self, row: Income) {
        if row.amount.is_zero() {
            return;
        }
        if self.income.len() == KEPT {
            self.income.pop_front();
        }
        self.incomes += 1;
        self.income.push_back(Income {
            id: self.incomes,
            ..row
        });
    }

    pub fn add_margin_change(&mut self, change: MarginChange) {
        if self.margin_changes.len() == KEPT {
            self.margin_changes.pop_front();
        }
        self.margin_changes.push_back(change);
    }

    pub fn margin_changes(&self) -> impl Iterator<Item = &MarginChange> {
        self.margin_changes.iter()
    }

    pub fn income(&self) -> impl Iterator<Item = &Income> {
        self.income.iter()
    }
}
