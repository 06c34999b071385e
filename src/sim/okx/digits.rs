//! Numbers as this venue writes them: always text, plain decimals without trailing zeros, `""` where there is none.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::domain::{Instrument, Price, Qty};

/// Decimals of money that the wire shows.
const MONEY_PLACES: u32 = 12;

/// Without trailing zeros, never minus zero.
pub fn plain(value: Decimal) -> String {
    let value = value.round_dp_with_strategy(MONEY_PLACES, RoundingStrategy::MidpointAwayFromZero);
    let mut value = value.normalize();
    if value.is_zero() {
        value.set_sign_positive(true);
    }
    value.to_string()
}

/// The same; nothing at all for zero.
pub fn plain_or_empty(value: Decimal) -> String {
    if value.is_zero() {
        String::new()
    } else {
        plain(value)
    }
}

/// A price in ticks.
pub fn price(instrument: &Instrument, price: Price) -> String {
    plain(instrument.price_decimal(price))
}

/// A size in lots.
pub fn qty(instrument: &Instrument, qty: Qty) -> String {
    plain(instrument.qty_decimal(qty))
}

/// A signed size in lots.
pub fn lots(instrument: &Instrument, lots: i64) -> String {
    plain(instrument.lot.decimal(lots))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::dec;

    #[test]
    fn numbers_have_no_trailing_zeros_and_are_never_minus_zero() {
        assert_eq!(plain(dec!(60000.10)), "60000.1");
        assert_eq!(plain(dec!(8477.0)), "8477");
        assert_eq!(plain(dec!(-0.0000000000001)), "0");
        assert_eq!(plain_or_empty(dec!(0.00)), "");
        assert_eq!(plain_or_empty(dec!(-1.50)), "-1.5");
    }
}
