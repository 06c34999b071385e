//! What a market is made of: instruments with their venue settings, and accounts. Plain data.

use rust_decimal::Decimal;

use crate::domain::{Asset, Instrument, InstrumentKind, Price};

/// One instrument of a [`super::Market`], by its place in the list that made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SymbolNo(pub u16);

/// One account of a [`super::Market`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountNo(pub u32);

impl AccountNo {
    /// The internal liquidity: no margin, no fees, no events, no order history.
    pub const CROWD: Self = Self(u32::MAX);
}

/// One instrument and how the venue runs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SymbolSpec {
    /// Filters, steps, names.
    pub instrument: Instrument,
    /// Mark price before the first quote, ticks.
    pub start_price: Price,
    /// Highest leverage, at least 1.
    pub max_leverage: u32,
    /// Leverage of an account that has set none.
    pub default_leverage: u32,
    /// Maintenance margin as a fraction of notional (0.004).
    pub maintenance_rate: Decimal,
    /// Widest distance of mark and last price, a fraction of the mark, at which protected conditional orders trigger.
    pub trigger_protect: Decimal,
    /// Milliseconds between fundings; fundings fall on whole multiples of it since 1970.
    pub funding_interval_ms: i64,
}

impl SymbolSpec {
    /// True where trades exchange coins: no positions, no margin, no mark, no funding, no conditional orders.
    pub fn is_spot(&self) -> bool {
        self.instrument.kind == InstrumentKind::Spot
    }
}

/// What an account has and pays on spot symbols. An account of perpetuals alone has none of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpotTerms {
    /// Starting balances beside the wallet, which is the balance of the account's own asset.
    pub coins: Vec<(Asset, Decimal)>,
    /// Maker fee as a fraction of what is received.
    pub maker_fee: Decimal,
    /// Taker fee as a fraction of what is received.
    pub taker_fee: Decimal,
}

/// How an account starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountSpec {
    /// The currency of margin, profit and fees.
    pub asset: Asset,
    /// Starting wallet balance, `asset`.
    pub wallet: Decimal,
    /// Maker fee as a fraction of notional; negative is a rebate.
    pub maker_fee: Decimal,
    /// Taker fee as a fraction of notional.
    pub taker_fee: Decimal,
    /// Coins and fees of spot symbols; both kinds of symbols share the wallet.
    pub spot: SpotTerms,
}
