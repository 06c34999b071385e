//! Decimal text as this venue writes it.

use rust_decimal::{Decimal, RoundingStrategy};

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

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::dec;

    #[test]
    fn numbers_are_padded_and_never_minus_zero() {
        assert_eq!(fixed(dec!(60000.1), 2), "60000.10");
        assert_eq!(fixed(dec!(-0.000000001), 8), "0.00000000");
        assert_eq!(plain(dec!(50.000)), "50");
        assert_eq!(fixed(dec!(1.005), 2), "1.01");
    }
}
