//! Accounts: wallet, positions, settings, and the arithmetic of a fill.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::history::History;
use super::order::OrderView;
use super::spec::{AccountSpec, SymbolNo, SymbolSpec};
use crate::domain::{Instrument, Price, Qty, Side};

/// A position with what is derived from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PositionView {
    /// Which instrument.
    pub symbol: SymbolNo,
    /// Signed size, lots: positive is long.
    pub lots: i64,
    /// Signed size in the instrument's unit.
    pub size: Decimal,
    /// Average entry, quote currency; zero when flat.
    pub entry: Decimal,
    /// Price at which what is open would have earned nothing, fees paid and profit realised since it was opened counted.
    pub break_even: Decimal,
    /// Mark price, quote currency.
    pub mark: Decimal,
    /// Size × mark, signed, quote currency.
    pub notional: Decimal,
    /// Open profit at the mark, quote currency.
    pub unrealised: Decimal,
    /// Profit realised on this symbol since the account was opened, quote currency.
    pub realised: Decimal,
    /// Estimated liquidation price; `None` when flat or out of reach.
    pub liquidation: Option<Decimal>,
    /// Leverage.
    pub leverage: u32,
    /// Initial margin of the position, quote currency.
    pub position_margin: Decimal,
    /// Further initial margin of open orders, quote currency.
    pub order_margin: Decimal,
    /// Maintenance margin, quote currency.
    pub maintenance: Decimal,
    /// Price × size of open buys that are not reduce-only, quote currency.
    pub bids_notional: Decimal,
    /// Price × size of open sells that are not reduce-only, quote currency.
    pub asks_notional: Decimal,
    /// When it last changed, ms; zero when it never did.
    pub updated_ms: i64,
}

impl PositionView {
    /// Long, short or neither.
    pub const fn side(&self) -> Option<Side> {
        match self.lots {
            0 => None,
            1.. => Some(Side::Buy),
            _ => Some(Side::Sell),
        }
    }
}

/// The money of an account, in its asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountView {
    /// How it started, fees included.
    pub spec: AccountSpec,
    /// Wallet balance.
    pub wallet: Decimal,
    /// Open profit of all positions at the mark.
    pub unrealised: Decimal,
    /// Initial margin of positions.
    pub position_margin: Decimal,
    /// Further initial margin of open orders.
    pub order_margin: Decimal,
    /// Maintenance margin of positions.
    pub maintenance: Decimal,
    /// What new orders may use; never below zero.
    pub available: Decimal,
    /// Hedge mode is set (orders are refused while it is).
    pub hedge_mode: bool,
    /// When the wallet last changed, ms.
    pub updated_ms: i64,
}

impl AccountView {
    /// Wallet and open profit together.
    pub fn margin_balance(&self) -> Decimal {
        self.wallet + self.unrealised
    }
}

/// Decimals of profit and fees (Binance books eight).
const MONEY_SCALE: u32 = 8;

/// An account with everything that is its own.
#[derive(Debug)]
pub(super) struct Account {
    pub spec: AccountSpec,
    pub wallet: Decimal,
    pub hedge_mode: bool,
    pub updated_ms: i64,
    /// By symbol.
    pub holdings: Vec<Holding>,
    /// Ids of open orders by symbol.
    pub open: Vec<BTreeSet<u64>>,
    pub history: History,
}

impl Account {
    pub fn new(spec: AccountSpec, symbols: &[SymbolSpec]) -> Self {
        let leverages = symbols
            .iter()
            .map(|s| s.default_leverage.clamp(1, s.max_leverage));
        Self {
            wallet: spec.wallet,
            spec,
            hedge_mode: false,
            updated_ms: 0,
            holdings: leverages.map(Holding::new).collect(),
            open: symbols.iter().map(|_| BTreeSet::new()).collect(),
            history: History::default(),
        }
    }

    /// Takes a new open order.
    pub fn open_order(&mut self, order: OrderView) {
        if let Some(open) = self.open.get_mut(usize::from(order.symbol.0)) {
            open.insert(order.id);
        }
        self.history.add_order(order);
    }

    /// An order that ended is open no more.
    pub fn close_order(&mut self, symbol: SymbolNo, id: u64) {
        if let Some(open) = self.open.get_mut(usize::from(symbol.0)) {
            open.remove(&id);
        }
    }

    /// Open orders on a symbol, oldest first.
    pub fn open_orders(&self, symbol: SymbolNo) -> impl DoubleEndedIterator<Item = &OrderView> {
        let ids = self.open.get(usize::from(symbol.0)).into_iter().flatten();
        ids.filter_map(|id| self.history.order(*id))
    }

    /// Signed position, lots.
    pub fn lots(&self, symbol: SymbolNo) -> i64 {
        self.holdings
            .get(usize::from(symbol.0))
            .map_or(0, |h| h.lots)
    }

    /// What an order of `side` could reduce, lots.
    pub fn reducible(&self, symbol: SymbolNo, side: Side) -> i64 {
        (self.lots(symbol) * -side.sign()).max(0)
    }

    /// Size of open reduce-only orders of `side` but for one order, lots.
    pub fn covered(&self, symbol: SymbolNo, side: Side, except: u64) -> i64 {
        let counts = |o: &&OrderView| o.reduce_only && o.side == side && o.id != except;
        let open = self.open_orders(symbol).filter(counts);
        open.map(|o| o.remaining().0).sum()
    }
}

/// A position as fills made it. Costs are exact: what rounding takes from one fill stays in the next.
#[derive(Debug)]
pub(super) struct Holding {
    /// Signed size, lots.
    pub lots: i64,
    /// Signed price × size of what is open.
    pub cost: Decimal,
    /// Cash spent on this position since it was opened, fees included: what it must be worth to break even.
    pub spent: Decimal,
    pub realised: Decimal,
    pub leverage: u32,
    pub updated_ms: i64,
}

impl Holding {
    fn new(leverage: u32) -> Self {
        Self {
            lots: 0,
            cost: Decimal::ZERO,
            spent: Decimal::ZERO,
            realised: Decimal::ZERO,
            leverage,
            updated_ms: 0,
        }
    }

    /// Takes a fill and returns the profit that it realised. Through zero it closes first and opens the rest.
    pub fn fill(&mut self, side: Side, lots: i64, value_per_lot: Decimal, fee: Decimal) -> Decimal {
        let sign = Decimal::from(side.sign());
        let against = self.lots.signum() == -side.sign();
        let closed = if against {
            lots.min(self.lots.abs())
        } else {
            0
        };
        let mut realised = Decimal::ZERO;
        if closed > 0 {
            let share = self.cost_of(closed);
            realised = -(sign * value_per_lot * Decimal::from(closed)) - share;
            self.cost -= share;
            self.realised += realised;
        }
        let opened = lots - closed;
        let opened_value = sign * value_per_lot * Decimal::from(opened);
        self.cost += opened_value;
        self.lots += side.sign() * lots;
        self.spent = if self.lots == 0 {
            Decimal::ZERO
        } else if closed > 0 && opened > 0 {
            opened_value + fee * Decimal::from(opened) / Decimal::from(lots)
        } else {
            self.spent + sign * value_per_lot * Decimal::from(lots) + fee
        };
        realised
    }

    fn cost_of(&self, closed: i64) -> Decimal {
        if closed == self.lots.abs() {
            return self.cost;
        }
        (self.cost * Decimal::from(closed) / Decimal::from(self.lots.abs())).round_dp(MONEY_SCALE)
    }

    /// Average entry, quote currency; zero when flat.
    pub fn entry(&self, instrument: &Instrument) -> Decimal {
        self.per_unit(self.cost, instrument)
    }

    /// See [`PositionView::break_even`].
    pub fn break_even(&self, instrument: &Instrument) -> Decimal {
        self.per_unit(self.spent, instrument)
    }

    fn per_unit(&self, money: Decimal, instrument: &Instrument) -> Decimal {
        let size = instrument.qty_decimal(Qty(self.lots)) * instrument.multiplier;
        money
            .checked_div(size)
            .unwrap_or_default()
            .round_dp(MONEY_SCALE)
    }
}

/// Price × one lot, quote currency.
pub(super) fn value_per_lot(instrument: &Instrument, price: Price) -> Decimal {
    instrument.price_decimal(price) * instrument.lot.decimal(1) * instrument.multiplier
}

/// The fee of a fill worth `value`.
pub(super) fn fee(value: Decimal, rate: Decimal) -> Decimal {
    (value * rate).round_dp(MONEY_SCALE)
}
