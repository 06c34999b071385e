//! What happened to an account: past orders, fills, income. Bounded: the oldest are forgotten.

use rust_decimal::Decimal;

use super::spec::SymbolNo;
use crate::domain::Asset;

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
