//! A size to compare others with, as a trader sets it: found by itself, so many coins, or so much money.

use std::str::FromStr;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::domain::{Instrument, Price, Qty, Unit};

/// Largest number taken.
const MOST: i64 = 1_000_000_000_000;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Amount {
    /// `auto`: from what is usual.
    #[default]
    Auto,
    /// `10`: what the instrument's sizes count, coins or contracts.
    Size(Decimal),
    /// `500000q`: worth so much quote currency.
    Worth(Decimal),
}

impl FromStr for Amount {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "auto" {
            return Ok(Self::Auto);
        }
        let (number, make): (&str, fn(Decimal) -> Self) = match text.strip_suffix('q') {
            Some(number) => (number, Self::Worth),
            None => (text, Self::Size),
        };
        let plain = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let number = Decimal::from_str(number)
            .ok()
            .filter(|number| plain && *number > Decimal::ZERO && *number <= Decimal::from(MOST));
        number.map(make).ok_or_else(|| {
            format!("\"{text}\" is no size: write \"auto\", \"10\" (coins or contracts) or \"500000q\" (quote currency)")
        })
    }
}

impl Amount {
    /// In lots, rounded up to one at least; `None` for one that is found by itself, and where the price tells nothing.
    pub fn lots(self, instrument: &Instrument, price: Price) -> Option<i64> {
        let size = match self {
            Self::Auto => return None,
            Self::Size(size) => size,
            Self::Worth(worth) => worth.checked_div(worth_of(instrument, price, Qty(1))?)?,
        };
        let lots = match self {
            Self::Worth(_) => size,
            _ => size.checked_div(instrument.qty_decimal(Qty(1)))?,
        };
        Some(lots.ceil().to_i64()?.max(1))
    }
}

/// What a size is worth at a price, quote currency; `None` on overflow.
pub fn worth_of(instrument: &Instrument, price: Price, size: Qty) -> Option<Decimal> {
    let size = instrument.qty_decimal(size);
    match instrument.unit {
        Unit::Quote => Some(size),
        Unit::Base | Unit::Contract => instrument.notional(instrument.price_decimal(price), size),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_size_is_said_with_what_would_be() {
        for text in ["", "q", "-1", "0", "1e5", "5%", "AUTO", "1.2.3", "10b"] {
            let words = text.parse::<Amount>().unwrap_err();
            assert!(words.contains("500000q"), "{words}");
        }
        assert_eq!("auto".parse(), Ok(Amount::Auto));
        assert_eq!("2.5".parse(), Ok(Amount::Size(Decimal::new(25, 1))));
        assert_eq!("500q".parse(), Ok(Amount::Worth(Decimal::from(500))));
    }
}
