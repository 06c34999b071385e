//! Accounts: wallet, positions, settings, and the arithmetic of a fill.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::history::History;
use super::order::{Leg, OrderView};
use super::spec::{AccountSpec, SymbolNo, SymbolSpec};
use crate::domain::{Asset, Instrument, Price, Qty, Side};

/// A position with what is derived from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PositionView {
    /// Which instrument.
    pub symbol: SymbolNo,
    /// Which of its positions.
    pub leg: Leg,
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
    /// It answers with its own margin alone.
    pub isolated: bool,
    /// That margin without open profit, quote currency; zero when crossed.
    pub isolated_wallet: Decimal,
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
    /// Where it stands in the queue of auto-deleveraging: 0 without a position, 1 at a loss, else 2 to 4 by profit against its
    /// worth times its leverage (the documents name the order, not the bounds).
    pub fn adl_quantile(&self) -> u8 {
        if self.lots == 0 || self.notional.is_zero() {
            return 0;
        }
        if self.unrealised <= Decimal::ZERO {
            return 1;
        }
        let share = self.unrealised / self.notional.abs() * Decimal::from(self.leverage);
        match share {
            s if s < Decimal::new(1, 1) => 2,
            s if s < Decimal::new(5, 1) => 3,
            _ => 4,
        }
    }

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
    /// The part of it that is in no isolated position.
    pub cross_wallet: Decimal,
    /// Open profit of all positions at the mark.
    pub unrealised: Decimal,
    /// Open profit of positions that are not isolated.
    pub cross_unrealised: Decimal,
    /// Initial margin of positions.
    pub position_margin: Decimal,
    /// Further initial margin of open orders.
    pub order_margin: Decimal,
    /// Maintenance margin of positions.
    pub maintenance: Decimal,
    /// What new orders may use; never below zero.
    pub available: Decimal,
    /// A long and a short of one symbol stand beside each other.
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
    /// Balances beside the wallet.
    pub coins: BTreeMap<Asset, Decimal>,
    /// Total and locked of each asset as it was last told.
    pub told: BTreeMap<Asset, (Decimal, Decimal)>,
    pub hedge_mode: bool,
    pub updated_ms: i64,
    /// Its positions were near their forced closing at the last look.
    pub called: bool,
    /// By symbol.
    pub stakes: Vec<Stake>,
    /// Ids of open orders by symbol.
    pub open: Vec<BTreeSet<u64>>,
    pub history: History,
}

impl Account {
    pub fn new(spec: AccountSpec, symbols: &[SymbolSpec]) -> Self {
        let leverages = symbols
            .iter()
            .map(|s| s.default_leverage.clamp(1, s.max_leverage));
        let coins: BTreeMap<Asset, Decimal> = spec.spot.coins.iter().copied().collect();
        let own = [(spec.asset, spec.wallet)].into_iter();
        let told = own.chain(coins.iter().map(|(asset, total)| (*asset, *total)));
        Self {
            told: told
                .map(|(asset, total)| (asset, (total, Decimal::ZERO)))
                .collect(),
            coins,
            wallet: spec.wallet,
            spec,
            hedge_mode: false,
            updated_ms: 0,
            called: false,
            stakes: leverages.map(Stake::new).collect(),
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

    /// The positions that its mode has.
    pub const fn legs(&self) -> &'static [Leg] {
        if self.hedge_mode {
            &[Leg::Long, Leg::Short]
        } else {
            &[Leg::Both]
        }
    }

    pub fn stake(&self, symbol: SymbolNo) -> Option<&Stake> {
        self.stakes.get(usize::from(symbol.0))
    }

    pub fn stake_mut(&mut self, symbol: SymbolNo) -> Option<&mut Stake> {
        self.stakes.get_mut(usize::from(symbol.0))
    }

    pub fn holding(&self, symbol: SymbolNo, leg: Leg) -> Option<&Holding> {
        Some(self.stake(symbol)?.leg(leg))
    }

    /// What of the wallet is in no isolated position.
    pub fn cross_wallet(&self) -> Decimal {
        let legs = self.stakes.iter().flat_map(Stake::legs);
        self.wallet - legs.map(|h| h.isolated_wallet).sum::<Decimal>()
    }

    /// Signed position, lots.
    pub fn lots(&self, symbol: SymbolNo, leg: Leg) -> i64 {
        self.holding(symbol, leg).map_or(0, |h| h.lots)
    }

    /// What an order of `side` could reduce, lots.
    pub fn reducible(&self, symbol: SymbolNo, leg: Leg, side: Side) -> i64 {
        (self.lots(symbol, leg) * -side.sign()).max(0)
    }

    /// Size of open reduce-only orders of `side` but for one order, lots.
    pub fn covered(&self, symbol: SymbolNo, leg: Leg, side: Side, except: u64) -> i64 {
        let counts =
            |o: &&OrderView| o.reduce_only && o.leg == leg && o.side == side && o.id != except;
        let open = self.open_orders(symbol).filter(counts);
        open.map(|o| o.remaining().0).sum()
    }
}

/// What an account has on one symbol: its settings and its positions.
#[derive(Debug)]
pub(super) struct Stake {
    pub leverage: u32,
    pub isolated: bool,
    both: Holding,
    long: Holding,
    short: Holding,
}

impl Stake {
    fn new(leverage: u32) -> Self {
        Self {
            leverage,
            isolated: false,
            both: Holding::default(),
            long: Holding::default(),
            short: Holding::default(),
        }
    }

    pub const fn leg(&self, leg: Leg) -> &Holding {
        match leg {
            Leg::Both => &self.both,
            Leg::Long => &self.long,
            Leg::Short => &self.short,
        }
    }

    pub const fn leg_mut(&mut self, leg: Leg) -> &mut Holding {
        match leg {
            Leg::Both => &mut self.both,
            Leg::Long => &mut self.long,
            Leg::Short => &mut self.short,
        }
    }

    fn legs(&self) -> impl Iterator<Item = &Holding> {
        [&self.both, &self.long, &self.short].into_iter()
    }

    pub fn is_flat(&self) -> bool {
        self.legs().all(|h| h.lots == 0)
    }

    /// What an isolated position takes over from the wallet for each lot that it opens.
    pub fn margin_per_lot(&self, value_per_lot: Decimal) -> Decimal {
        if self.isolated {
            value_per_lot / Decimal::from(self.leverage.max(1))
        } else {
            Decimal::ZERO
        }
    }
}

/// A position as fills made it. Costs are exact: what rounding takes from one fill stays in the next.
#[derive(Debug, Default)]
pub(super) struct Holding {
    /// Signed size, lots.
    pub lots: i64,
    /// Signed price × size of what is open.
    pub cost: Decimal,
    /// Cash spent on this position since it was opened, fees included: what it must be worth to break even.
    pub spent: Decimal,
    pub realised: Decimal,
    /// The part of the wallet that it alone answers with; zero when crossed.
    pub isolated_wallet: Decimal,
    pub updated_ms: i64,
}

impl Holding {
    /// Takes a fill and returns the profit that it realised. Through zero it closes first and opens the rest.
    /// `margin_per_lot` is what an isolated position takes over for each lot opened; what closes gives its share back.
    pub fn fill(
        &mut self,
        side: Side,
        lots: i64,
        value_per_lot: Decimal,
        margin_per_lot: Decimal,
        fee: Decimal,
    ) -> Decimal {
        let sign = Decimal::from(side.sign());
        let against = self.lots.signum() == -side.sign();
        let closed = if against {
            lots.min(self.lots.abs())
        } else {
            0
        };
        let mut realised = Decimal::ZERO;
        if closed > 0 {
            let share = self.share(self.cost, closed);
            self.isolated_wallet -= self.share(self.isolated_wallet, closed);
            realised = -(sign * value_per_lot * Decimal::from(closed)) - share;
            self.cost -= share;
            self.realised += realised;
        }
        let opened = lots - closed;
        let opened_value = sign * value_per_lot * Decimal::from(opened);
        self.isolated_wallet += (margin_per_lot * Decimal::from(opened)).round_dp(MONEY_SCALE);
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

    /// The part of `whole` that belongs to what is closed.
    fn share(&self, whole: Decimal, closed: i64) -> Decimal {
        if closed == self.lots.abs() {
            return whole;
        }
        (whole * Decimal::from(closed) / Decimal::from(self.lots.abs())).round_dp(MONEY_SCALE)
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
