//! Accounts: wallet, positions, settings, and the arithmetic of a fill.

use rust_decimal::Decimal;

use super::spec::{AccountSpec, SymbolNo};
use crate::domain::Side;

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
    /// Price × size of open buys, quote currency.
    pub bids_notional: Decimal,
    /// Price × size of open sells, quote currency.
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
