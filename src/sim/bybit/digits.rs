//! Numbers as this venue writes them: decimal text, padded in what is public on linear, without trailing zeros on spot, in money and in
//! everything that it tells of an account.

use rust_decimal::{Decimal, RoundingStrategy};

use super::category::Category;
use crate::domain::{Price, Qty};
use crate::sim::market::SymbolSpec;

/// Decimals of profit, fees and averages.
const MONEY_PLACES: u32 = 8;

/// With exactly `places` decimals.
pub fn fixed(value: Decimal, places: u32) -> String {
    let mut value = value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
    value.rescale(places);
    if value.is_zero() {
        value.set_sign_positive(true);
    }
    value.to_string()
}

/// Without trailing zeros.
pub fn plain(value: Decimal) -> String {
    let mut value = value.normalize();
    if value.is_zero() {
        value.set_sign_positive(true);
    }
    value.to_string()
}

/// Money: at most eight decimals, without trailing zeros.
pub fn money(value: Decimal) -> String {
    plain(value.round_dp_with_strategy(MONEY_PLACES, RoundingStrategy::MidpointAwayFromZero))
}

/// `priceScale`: decimals of a price, the tick's but never fewer than two (a tick of 0.1 is written `0.10`).
pub fn price_scale(spec: &SymbolSpec) -> u32 {
    spec.instrument.tick.decimals().max(2)
}

/// A price in quote currency as text.
pub fn price_of(spec: &SymbolSpec, value: Decimal) -> String {
    match Category::of(spec) {
        Category::Linear => fixed(value, price_scale(spec)),
        Category::Spot => plain(value),
    }
}

/// A price in ticks as text.
pub fn price(spec: &SymbolSpec, price: Price) -> String {
    price_of(spec, spec.instrument.price_decimal(price))
}

/// A size in lots as text; nothing at all is `0`.
pub fn qty(spec: &SymbolSpec, qty: Qty) -> String {
    if qty.is_zero() {
        return "0".to_owned();
    }
    match Category::of(spec) {
        Category::Linear => spec.instrument.qty_text(qty),
        Category::Spot => plain(spec.instrument.qty_decimal(qty)),
    }
}

/// A price in ticks as it stands in what is told of an account.
pub fn own_price(spec: &SymbolSpec, price: Price) -> String {
    plain(spec.instrument.price_decimal(price))
}

/// A price between two ticks, a mark say, as it stands in what is told of an account.
pub fn own_mark(spec: &SymbolSpec, value: Decimal) -> String {
    plain(value.round_dp(price_scale(spec)))
}

/// A size in lots as it stands in what is told of an account.
pub fn own_qty(spec: &SymbolSpec, qty: Qty) -> String {
    plain(spec.instrument.qty_decimal(qty))
}

/// A fraction with at most six decimals, as percentages of the day are written.
pub fn share(value: Decimal) -> String {
    plain(value.round_dp(6))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::crowd::perpetuals;
    use rust_decimal::dec;

    #[test]
    fn linear_prices_are_padded_and_sizes_of_nothing_are_a_bare_zero() {
        let btc = &perpetuals()[0];
        assert_eq!(price(btc, Price(651_142)), "65114.20");
        assert_eq!(qty(btc, Qty(6_054)), "6.054");
        assert_eq!(qty(btc, Qty::ZERO), "0");
    }

    #[test]
    fn what_is_told_of_an_account_has_no_trailing_zeros() {
        let btc = &perpetuals()[0];
        assert_eq!(own_price(btc, Price(651_140)), "65114");
        assert_eq!(own_price(btc, Price(651_142)), "65114.2");
        assert_eq!(own_qty(btc, Qty(6_050)), "6.05");
        assert_eq!(own_qty(btc, Qty(0)), "0");
    }

    #[test]
    fn money_has_no_trailing_zeros_and_no_minus_zero() {
        assert_eq!(money(dec!(-0.000000001)), "0");
        assert_eq!(money(dec!(8.4350)), "8.435");
        assert_eq!(share(dec!(0.00162449)), "0.001624");
        assert_eq!(fixed(dec!(1.005), 2), "1.01");
    }
}
