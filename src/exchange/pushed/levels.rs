//! Levels as text → ticks and lots, borrowed from the frame.

use serde::de::{Error, IgnoredAny, SeqAccess, Visitor};

use crate::domain::decimal::{DecimalError, Step};
use crate::domain::{Price, Qty, Side, Symbol};

/// An instrument and the steps that its numbers are whole multiples of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    /// Lancet's name of it.
    pub symbol: Symbol,
    /// Smallest price step.
    pub tick: Step,
    /// Smallest size step.
    pub lot: Step,
}

/// One level of an event: the whole size at a price from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// Bids or asks.
    pub side: Side,
    /// Ticks.
    pub price: Price,
    /// Lots; zero removes the level.
    pub qty: Qty,
}

/// Why a level or a print is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LevelError {
    /// Not a whole number of steps.
    #[error("{0}")]
    Number(#[from] DecimalError),
    /// A price at or below zero, or a size below zero.
    #[error("a price or size is negative")]
    Negative,
}

/// `["price","size",…]`; what comes after is not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LevelText<'a> {
    /// As the venue wrote it.
    pub price: &'a str,
    /// As the venue wrote it.
    pub qty: &'a str,
}

impl<'de: 'a, 'a> serde::Deserialize<'de> for LevelText<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Two;
        impl<'de> Visitor<'de> for Two {
            type Value = LevelText<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a price and a size as texts")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let missing = |n| A::Error::invalid_length(n, &Two);
                let price = seq.next_element()?.ok_or_else(|| missing(0))?;
                let qty = seq.next_element()?.ok_or_else(|| missing(1))?;
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(LevelText { price, qty })
            }
        }
        deserializer.deserialize_seq(Two)
    }
}

impl Grid {
    /// A level in ticks and lots.
    ///
    /// # Errors
    /// See [`LevelError`].
    pub fn level(&self, text: LevelText<'_>) -> Result<(Price, Qty), LevelError> {
        let price = self.tick.count(text.price.as_bytes())?;
        let qty = self.lot.count(text.qty.as_bytes())?;
        if price <= 0 || qty < 0 {
            return Err(LevelError::Negative);
        }
        Ok((Price(price), Qty(qty)))
    }

    /// Appends the levels of one side.
    ///
    /// # Errors
    /// See [`LevelError`].
    pub fn changes(
        &self,
        side: Side,
        texts: &[LevelText<'_>],
        changes: &mut Vec<Change>,
    ) -> Result<(), LevelError> {
        for text in texts {
            let (price, qty) = self.level(*text)?;
            changes.push(Change { side, price, qty });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(Price, Qty), String> {
        let grid = Grid {
            symbol: Symbol::new("BTCUSDT").unwrap(),
            tick: Step::parse("0.1").unwrap(),
            lot: Step::parse("0.001").unwrap(),
        };
        let text: LevelText<'_> = serde_json::from_str(text).map_err(|e| e.to_string())?;
        grid.level(text).map_err(|e| e.to_string())
    }

    #[test]
    fn two_texts_and_whatever_comes_after() {
        let level = (Price(100), Qty(2_000));
        assert_eq!(read(r#"["10","2"]"#), Ok(level));
        assert_eq!(read(r#"["10.0","2.000","0",13]"#), Ok(level));
    }

    #[test]
    fn k1_what_is_no_level_is_an_error() {
        for bad in [
            "[]",
            r#"["10"]"#,
            r#"[10,2]"#,
            r#"["10.05","1"]"#,
            r#"["0","1"]"#,
            r#"["-1","1"]"#,
            r#"["1","-1"]"#,
            r#"["1e3","1"]"#,
            r#"["99999999999999999999","1"]"#,
            "{}",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
