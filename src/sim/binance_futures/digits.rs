//! Numbers as this venue writes them: decimal text, padded to the precision of the field.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::domain::{Instrument, Price, Qty};

/// With exactly `places` decimals.
pub fn fixed(value: Decimal, places: u32) -> String {
    let mut value = value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
    value.rescale(places);
    if value.is_zero() {
        value.set_sign_positive(true);
    }
    value.to_string()
}

/// With eight decimals, as money is written.
pub fn money(value: Decimal) -> String {
    fixed(value, 8)
}

/// Without trailing zeros.
pub fn plain(value: Decimal) -> String {
    value.normalize().to_string()
}

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
    fn numbers_are_padded_and_never_minus_zero() {
        assert_eq!(fixed(dec!(60000.1), 2), "60000.10");
        assert_eq!(fixed(dec!(-0.000000001), 8), "0.00000000");
        assert_eq!(plain(dec!(50.000)), "50");
        assert_eq!(money_or_zero(dec!(0.0)), "0");
        assert_eq!(fixed(dec!(1.005), 2), "1.01");
    }
}
