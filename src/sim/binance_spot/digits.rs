//! Numbers as this venue writes them: eight decimals, whatever the steps are.

use rust_decimal::Decimal;

use crate::domain::{Instrument, Price, Qty};
use crate::sim::binance::digits::money;

/// A price in ticks as text.
pub fn price(instrument: &Instrument, price: Price) -> String {
    money(instrument.price_decimal(price))
}

/// A size in lots as text.
pub fn qty(instrument: &Instrument, qty: Qty) -> String {
    money(instrument.qty_decimal(qty))
}

/// A size in lots as text.
pub fn lots(instrument: &Instrument, lots: i64) -> String {
    qty(instrument, Qty(lots))
}

/// Nothing, written like a price or a size.
pub fn zero() -> String {
    money(Decimal::ZERO)
}
