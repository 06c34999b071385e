//! Mark price, index and funding of one symbol.

use rust_decimal::Decimal;

/// Mark price and funding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarkView {
    /// Mark price, quote currency.
    pub mark: Decimal,
    /// Index price, quote currency.
    pub index: Decimal,
    /// Funding rate of the next funding, a fraction: longs pay when positive.
    pub rate: Decimal,
    /// When it is booked, ms.
    pub next_ms: i64,
}
