//! Numbers as this venue writes them: decimal text, padded to the precision of the field.

use rust_decimal::Decimal;

use crate::domain::{Instrument, Price, Qty};
pub use crate::sim::binance::digits::{fixed, money, plain};

/// `"0"` when there is nothing, else with eight decimals.
pub fn money_or_zero(value: Decimal) -> String {
    if value.is_zero() {
        "0".to_owned()
    } else {
        money(value)
    }
}

/// Decimals of a price on this wire: the tick's, but never fewer than two (a tick of 0.10 is written `0.10`).
pub fn price_places(instrument: &Instrument) -> u32 {
    instrument.tick.decimals().max(2)
}

/// A price in ticks as text.
pub fn price(instrument: &Instrument, price: Price) -> String {
    fixed(instrument.price_decimal(price), price_places(instrument))
}

/// A size in lots as text.
pub fn qty(instrument: &Instrument, qty: Qty) -> String {
    instrument.qty_text(qty)
}

/// A signed size in lots as text.
pub fn lots(instrument: &Instrument, lots: i64) -> String {
    instrument.lot.text(lots)
}

/// Price × size with the decimals of both together, as the venue writes quote amounts.
pub fn quote(instrument: &Instrument, value: Decimal) -> String {
    fixed(value, price_places(instrument) + instrument.lot.decimals())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::dec;

    #[test]
    fn nothing_is_written_short() {
        assert_eq!(money_or_zero(dec!(0.0)), "0");
        assert_eq!(money_or_zero(dec!(1.5)), "1.50000000");
    }
}
