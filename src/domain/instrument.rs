//! What can be traded, and its venue's rules about it.

use rust_decimal::Decimal;

use super::decimal::{DecimalError, Step};
use super::{Account, Asset, Leg, Price, Qty, Symbol};

/// A venue's name as the command line spells it (`binance-futures`).
pub type VenueId = super::Text<24>;

/// What every order, fill, position, limit, lock and journal row is keyed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MarketKey {
    /// The trader's account at the venue.
    pub account: Account,
    /// Where.
    pub venue: VenueId,
    /// What.
    pub symbol: Symbol,
    /// Which position of a hedge account, as the desk keeps them apart; `None` on a one-way account, and in everything that a
    /// venue's machine says or is told: there the leg stands beside the key.
    pub leg: Option<Leg>,
}

impl MarketKey {
    /// The same symbol's market of this leg; `None`: of the symbol as a whole.
    pub const fn of_leg(self, leg: Option<Leg>) -> Self {
        Self { leg, ..self }
    }
}

/// What one lot of size counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// The base coin.
    Base,
    /// Contracts of `multiplier` base coins.
    Contract,
    /// The quote currency.
    Quote,
}

/// How price moves become money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payoff {
    /// Profit in quote: size × price change.
    Linear,
    /// Profit in base: size × (1/entry − 1/exit). View-only until it has tests.
    Inverse,
}

/// What one trades with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstrumentKind {
    /// A contract without end.
    Perpetual,
    /// A contract that is settled on a day.
    Dated,
    /// The coin itself: balances change, there is no position and no reduce-only.
    Spot,
}

/// Whether the venue trades the instrument now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TradingStatus {
    /// Open for everything.
    Trading,
    /// Orders may only be cancelled.
    CancelOnly,
    /// Nothing trades now.
    Halted,
    /// Delisted or settling.
    Closed,
}

/// One instrument with its venue's filters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instrument {
    /// Where it trades.
    pub venue: VenueId,
    /// Its name there.
    pub symbol: Symbol,
    /// What it is.
    pub kind: InstrumentKind,
    /// The coin.
    pub base: Asset,
    /// The currency of its price.
    pub quote: Asset,
    /// The currency of profit, margin and (usually) fees.
    pub settle: Asset,
    /// Smallest price step.
    pub tick: Step,
    /// Smallest size step.
    pub lot: Step,
    /// Base coins in one unit of size; 1 where size is in base coins.
    pub multiplier: Decimal,
    /// What size counts.
    pub unit: Unit,
    /// How price moves become money.
    pub payoff: Payoff,
    /// Lowest price of an order, ticks.
    pub min_price: Price,
    /// Highest price of an order, ticks.
    pub max_price: Price,
    /// Smallest order, lots.
    pub min_qty: Qty,
    /// Largest limit order, lots.
    pub max_qty: Qty,
    /// Largest market order, lots.
    pub max_market_qty: Qty,
    /// Smallest price × size of an order that opens or adds, quote currency. Zero where the venue has none.
    pub min_notional: Decimal,
    /// The venue's own price band as fractions of the mark: a buy above `mark × band.1` or a sell below `mark × band.0` is refused.
    pub band: Option<(Decimal, Decimal)>,
    /// Most open orders on this symbol; zero where the venue states none.
    pub max_orders: u32,
    /// Whether it trades now.
    pub status: TradingStatus,
}

impl Instrument {
    /// A price text as ticks.
    ///
    /// # Errors
    /// When it is no plain decimal or off the tick grid.
    #[inline]
    pub fn price(&self, text: &[u8]) -> Result<Price, DecimalError> {
        self.tick.count(text).map(Price)
    }

    /// A size text as lots.
    ///
    /// # Errors
    /// When it is no plain decimal or off the lot grid.
    #[inline]
    pub fn qty(&self, text: &[u8]) -> Result<Qty, DecimalError> {
        self.lot.count(text).map(Qty)
    }

    /// A price as the venue writes it.
    pub fn price_text(&self, price: Price) -> String {
        self.tick.text(price.0)
    }

    /// A size as the venue writes it.
    pub fn qty_text(&self, qty: Qty) -> String {
        self.lot.text(qty.0)
    }

    /// True where the coin itself is traded.
    pub fn is_spot(&self) -> bool {
        self.kind == InstrumentKind::Spot
    }

    /// A price in quote currency.
    pub fn price_decimal(&self, price: Price) -> Decimal {
        self.tick.decimal(price.0)
    }

    /// A size in the instrument's unit.
    pub fn qty_decimal(&self, qty: Qty) -> Decimal {
        self.lot.decimal(qty.0)
    }

    /// Price × size in quote currency; `None` on overflow.
    pub fn notional(&self, price: Decimal, qty: Decimal) -> Option<Decimal> {
        price.checked_mul(qty)?.checked_mul(self.multiplier)
    }

    /// Profit in quote currency of `size` (signed, positive is long) from `entry` to `exit`; `None` for inverse payoff or on overflow.
    pub fn pnl(&self, size: Decimal, entry: Decimal, exit: Decimal) -> Option<Decimal> {
        match self.payoff {
            Payoff::Linear => exit
                .checked_sub(entry)?
                .checked_mul(size)?
                .checked_mul(self.multiplier),
            Payoff::Inverse => None,
        }
    }
}
