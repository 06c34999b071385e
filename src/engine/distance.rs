//! How far a stop or a take stands from the entry, as text and in ticks. Pure; owns nothing.

use std::str::FromStr;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::domain::{Instrument, Price};

use super::settings::Distance;

/// The longest distance in ticks that a text may ask for.
const MAX_TICKS: i64 = 1_000_000;
/// The largest part of the price, per cent.
const MAX_PERCENT: i64 = 50;
/// The largest amount, quote currency.
const MAX_QUOTE: i64 = 10_000_000;
/// The largest multiple of the stop's distance.
const MAX_TIMES: i64 = 100;

/// What a distance is measured from.
#[derive(Clone, Copy, Debug)]
pub struct Basis<'a> {
    /// Average entry, ticks.
    pub entry: Price,
    /// Size of the position, lots, above zero.
    pub lots: i64,
    /// The rules of what is held.
    pub instrument: &'a Instrument,
    /// How far the stop is, ticks, for takes that are a multiple of it.
    pub risk: Option<i64>,
}

impl Distance {
    /// For a stop: whole ticks, rounded towards the entry so that no more is lost than was said, at least one; `None` when it
    /// does not fit.
    pub fn behind(self, basis: &Basis<'_>) -> Option<i64> {
        Some(self.exact(basis)?.floor().to_i64()?.max(1))
    }

    /// For a take: whole ticks, rounded away from the entry so that no less is gained than was said, at least one; `None` when
    /// it does not fit.
    pub fn ahead(self, basis: &Basis<'_>) -> Option<i64> {
        Some(self.exact(basis)?.ceil().to_i64()?.max(1))
    }

    fn exact(self, basis: &Basis<'_>) -> Option<Decimal> {
        match self {
            Self::Ticks(ticks) => Some(ticks.into()),
            Self::Fraction(part) => Decimal::from(basis.entry.0).checked_mul(part),
            Self::Quote(amount) => {
                let instrument = basis.instrument;
                let size = instrument.lot.decimal(basis.lots);
                amount.checked_div(instrument.notional(instrument.tick.decimal(1), size)?)
            }
            Self::Risk(times) => times.checked_mul(basis.risk?.into()),
        }
    }
}

impl FromStr for Distance {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let within = |digits: &str, most: i64| -> Option<Decimal> {
            let plain = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
            let value: Decimal = digits.parse().ok().filter(|_| plain)?;
            (value > Decimal::ZERO && value <= most.into()).then_some(value)
        };
        let read = || {
            let (at, unit) = text.char_indices().next_back()?;
            let digits = text.get(..at)?;
            match unit {
                't' => Some(Self::Ticks(
                    digits
                        .parse()
                        .ok()
                        .filter(|ticks| (1..=MAX_TICKS).contains(ticks))?,
                )),
                '%' => Some(Self::Fraction(
                    within(digits, MAX_PERCENT)? / Decimal::ONE_HUNDRED,
                )),
                'q' => Some(Self::Quote(within(digits, MAX_QUOTE)?)),
                'r' => Some(Self::Risk(within(digits, MAX_TIMES)?)),
                _ => None,
            }
        };
        read().ok_or_else(|| {
            format!(
                "\"{text}\" is no distance: write \"40t\" (ticks), \"0.3%\" (of the price), \"25q\" (quote currency), \
                 \"2r\" (a take: times the stop's distance) or \"0\" (none)"
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::tests::kit::{dec, instrument};

    #[test]
    fn texts_are_read_and_what_is_none_is_told_in_one_line() {
        let read = |text: &str| text.parse::<Distance>();
        assert_eq!(read("40t"), Ok(Distance::Ticks(40)));
        assert_eq!(read("0.3%"), Ok(Distance::Fraction(dec("0.003"))));
        assert_eq!(read("25q"), Ok(Distance::Quote(dec("25"))));
        assert_eq!(read("1.5r"), Ok(Distance::Risk(dec("1.5"))));
        for bad in [
            "", "t", "40", "-4t", "0t", "1.5t", "0%", "51%", "q", "-1q", "1e3q", "0r", "101r",
            "4é", "2000000t",
        ] {
            let told = read(bad).unwrap_err();
            assert!(told.starts_with(&format!("\"{bad}\" is no distance")));
            assert!(!told.contains('\n'));
        }
    }

    #[test]
    fn money_becomes_ticks_of_the_whole_size_and_never_loses_more_than_was_said() {
        let instrument = instrument();
        let basis = |lots| Basis {
            entry: Price(600_000),
            lots,
            instrument: &instrument,
            risk: Some(40),
        };
        // 0.080 × 0.1 = 0.008 a tick.
        let quote = |text: &str| Distance::Quote(dec(text));
        assert_eq!(quote("25").behind(&basis(80)), Some(3_125));
        assert_eq!(quote("25").ahead(&basis(80)), Some(3_125));
        // 0.007 a tick: 3 571.4.
        assert_eq!(quote("25").behind(&basis(70)), Some(3_571));
        assert_eq!(quote("25").ahead(&basis(70)), Some(3_572));
        assert_eq!(
            quote("0.0001").behind(&basis(80)),
            Some(1),
            "one tick at least"
        );
        assert_eq!(Distance::Risk(dec("2")).ahead(&basis(80)), Some(80));
        let bare = Basis {
            risk: None,
            ..basis(80)
        };
        assert_eq!(Distance::Risk(dec("2")).ahead(&bare), None);
        assert_eq!(quote("25").behind(&basis(0)), None);
        assert_eq!(
            Distance::Fraction(dec("0.001")).behind(&basis(80)),
            Some(600)
        );
    }
}
