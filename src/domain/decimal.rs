//! Decimal text ⇄ whole steps, exactly: no float, no rounding, no silent overflow.

use rust_decimal::Decimal;

/// Why a decimal text is not a whole number of steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// Not plain decimal digits with at most one point and an optional leading minus.
    #[error("not a plain decimal number")]
    Malformed,
    /// More digits than fit.
    #[error("the number is too large")]
    TooLarge,
    /// Not a multiple of the step.
    #[error("not a multiple of the step")]
    OffStep,
}

/// The smallest change of a price (tick) or a size (lot): `units × 10^-scale`, always above zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Step {
    units: i64,
    scale: u32,
}

const MAX_SCALE: u32 = 18;

impl Step {
    /// One step of `units × 10^-scale`; `None` unless `units > 0` and `scale <= 18`.
    pub const fn new(units: i64, scale: u32) -> Option<Self> {
        if units > 0 && scale <= MAX_SCALE {
            Some(Self { units, scale })
        } else {
            None
        }
    }

    /// Reads a step such as `0.10` (one unit at one decimal).
    ///
    /// # Errors
    /// When the text is no positive plain decimal.
    pub fn parse(text: &str) -> Result<Self, DecimalError> {
        let (int, frac) = text.split_once('.').unwrap_or((text, ""));
        let frac = frac.trim_end_matches('0');
        let scale = frac.len() as u32;
        if scale > MAX_SCALE {
            return Err(DecimalError::TooLarge);
        }
        let digits = format!("{int}{frac}");
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(DecimalError::Malformed);
        }
        let units = digits.parse().map_err(|_| DecimalError::TooLarge)?;
        Self::new(units, scale).ok_or(DecimalError::Malformed)
    }

    /// Decimals that a multiple of this step is written with.
    pub const fn decimals(self) -> u32 {
        self.scale
    }

    /// How many `10^-decimals` one step is.
    pub const fn units(self) -> i64 {
        self.units
    }

    /// Reads plain decimal text as a whole number of steps. Trailing zeros are fine.
    ///
    /// # Errors
    /// When it is no plain decimal, too large, or no multiple of the step.
    #[inline]
    pub fn count(self, text: &[u8]) -> Result<i64, DecimalError> {
        let scaled = parse_scaled(text, self.scale)?;
        if self.units == 1 {
            return Ok(scaled);
        }
        if scaled % self.units == 0 {
            Ok(scaled / self.units)
        } else {
            Err(DecimalError::OffStep)
        }
    }

    /// Digits behind the point that its multiples have.
    pub const fn scale(self) -> u32 {
        self.scale
    }

    /// `count` steps as a decimal number.
    pub fn decimal(self, count: i64) -> Decimal {
        Decimal::from_i128_with_scale(i128::from(count) * i128::from(self.units), self.scale)
    }

    /// Whole steps in `value`, rounded up; `None` when too large.
    pub fn ceil(self, value: Decimal) -> Option<i64> {
        use rust_decimal::prelude::ToPrimitive;
        value.checked_div(self.decimal(1))?.ceil().to_i64()
    }

    /// The whole steps in `value`, rounded towards zero; `None` when too large.
    pub fn floor(self, value: Decimal) -> Option<i64> {
        use rust_decimal::prelude::ToPrimitive;
        value.checked_div(self.decimal(1))?.trunc().to_i64()
    }

    /// Writes `count` steps with all decimals of the step (`61800.20` for a tick of 0.10 is `61800.2`).
    pub fn write(self, count: i64, out: &mut String) {
        write_scaled(i128::from(count) * i128::from(self.units), self.scale, out);
    }

    /// `count` steps as text, see [`Step::write`].
    pub fn text(self, count: i64) -> String {
        let mut out = String::with_capacity(16);
        self.write(count, &mut out);
        out
    }
}

/// Reads plain decimal text as a whole number of `10^-scale`.
///
/// # Errors
/// [`DecimalError::OffStep`] when a digit other than zero lies beyond `scale`.
#[inline]
pub fn parse_scaled(text: &[u8], scale: u32) -> Result<i64, DecimalError> {
    let (negative, digits) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        _ => (false, text),
    };
    let mut value: i64 = 0;
    let mut seen = false;
    let mut decimals: Option<u32> = None;
    for &byte in digits {
        match byte {
            b'0'..=b'9' => {
                seen = true;
                if let Some(done) = decimals.as_mut() {
                    if *done == scale {
                        if byte != b'0' {
                            return Err(DecimalError::OffStep);
                        }
                        continue;
                    }
                    *done += 1;
                }
                value = value
                    .checked_mul(10)
                    .and_then(|v| v.checked_add(i64::from(byte - b'0')))
                    .ok_or(DecimalError::TooLarge)?;
            }
            b'.' if decimals.is_none() && seen => decimals = Some(0),
            _ => return Err(DecimalError::Malformed),
        }
    }
    if !seen {
        return Err(DecimalError::Malformed);
    }
    for _ in decimals.unwrap_or(0)..scale {
        value = value.checked_mul(10).ok_or(DecimalError::TooLarge)?;
    }
    Ok(if negative { -value } else { value })
}

/// Writes `value × 10^-scale` with exactly `scale` decimals.
pub fn write_scaled(value: i128, scale: u32, out: &mut String) {
    use std::fmt::Write;
    if value < 0 {
        out.push('-');
    }
    let magnitude = value.unsigned_abs();
    let unit = 10_u128.pow(scale);
    // Writing to a String cannot fail.
    let _ = if scale == 0 {
        write!(out, "{magnitude}")
    } else {
        write!(
            out,
            "{}.{:0width$}",
            magnitude / unit,
            magnitude % unit,
            width = scale as usize
        )
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_text_as_steps() {
        let tick = Step::parse("0.10").unwrap();
        assert_eq!(tick.count(b"61800.20"), Ok(618_002));
        assert_eq!(tick.count(b"61800.25"), Err(DecimalError::OffStep));
        assert_eq!(tick.count(b"61800"), Ok(618_000));
        let half = Step::parse("0.5").unwrap();
        assert_eq!(half.count(b"10.5"), Ok(21));
        assert_eq!(half.count(b"10.4"), Err(DecimalError::OffStep));
        assert_eq!(half.text(21), "10.5");
    }

    #[test]
    fn refuses_everything_that_is_no_plain_decimal() {
        for bad in [
            "", "-", ".", ".5", "1e5", "NaN", "1.2.3", "+1", " 1", "1 ", "0x1", "1,0",
        ] {
            assert_eq!(
                parse_scaled(bad.as_bytes(), 2),
                Err(DecimalError::Malformed),
                "{bad}"
            );
        }
        assert_eq!(
            parse_scaled(b"99999999999999999999", 0),
            Err(DecimalError::TooLarge)
        );
        assert_eq!(
            parse_scaled(b"9223372036854775807", 1),
            Err(DecimalError::TooLarge)
        );
        assert_eq!(parse_scaled(b"-0.00", 2), Ok(0));
        assert_eq!(parse_scaled(b"1.", 2), Ok(100));
        for bad in ["0", "0.0", "-1", "", "x", "1e-8"] {
            assert!(Step::parse(bad).is_err(), "{bad}");
        }
    }

    mod properties {
        use super::*;
        use proptest::prelude::*;

        proptest! {
            #[test]
            fn k3_steps_written_and_read_are_the_same(
                count in -1_000_000_000_000_i64..1_000_000_000_000, units in 1..1_000_i64, scale in 0..6_u32,
            ) {
                let step = Step::new(units, scale).unwrap();
                let text = step.text(count);
                prop_assert_eq!(step.count(text.as_bytes()), Ok(count));
                prop_assert_eq!(step.decimal(count).to_string(), text);
            }

            #[test]
            fn k3_text_means_what_rust_decimal_says_it_means(
                text in "-?[0-9]{1,9}(\\.[0-9]{0,8})?", scale in 0..9_u32,
            ) {
                let exact: Decimal = text.trim_end_matches('.').parse().unwrap();
                let scaled = exact * Decimal::from(10_i64.pow(scale));
                match parse_scaled(text.as_bytes(), scale) {
                    Ok(value) => prop_assert_eq!(Decimal::from(value), scaled),
                    Err(error) => {
                        prop_assert_eq!(error, DecimalError::OffStep);
                        prop_assert!(!scaled.fract().is_zero());
                    }
                }
            }

            #[test]
            fn k3_no_bytes_panic_and_what_is_read_is_written_back_equal(
                bytes in prop::collection::vec(any::<u8>(), 0..40), scale in 0..19_u32,
            ) {
                if let Ok(value) = parse_scaled(&bytes, scale) {
                    let mut text = String::new();
                    write_scaled(i128::from(value), scale, &mut text);
                    prop_assert_eq!(parse_scaled(text.as_bytes(), scale), Ok(value));
                }
            }

            #[test]
            fn whole_steps_are_rounded_towards_zero(units in 1..500_i64, scale in 0..5_u32, count in 0..1_000_000_i64, part in 0..100_u32) {
                let step = Step::new(units, scale).unwrap();
                let value = step.decimal(count) + step.decimal(1) * Decimal::new(i64::from(part), 2);
                prop_assert_eq!(step.floor(value), Some(count));
            }
        }
    }
}
