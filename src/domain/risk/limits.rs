//! What the trader allows an account at the most. Exits pass all of it.

use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::domain::Symbol;

/// The limits on entries of one account; each counts for one symbol, but losses, which count over all of them. Zero never means
/// unlimited: it means nothing passes.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Largest order by symbol, in the instrument's unit; a symbol that is not here has its notional alone.
    #[serde(deserialize_with = "by_symbol")]
    pub max_order: BTreeMap<Symbol, Decimal>,
    /// Largest order, quote currency.
    pub max_order_notional: Decimal,
    /// Largest position by symbol after everything open fills, in the instrument's unit.
    #[serde(deserialize_with = "by_symbol")]
    pub max_position: BTreeMap<Symbol, Decimal>,
    /// Largest position after everything open fills, quote currency.
    pub max_position_notional: Decimal,
    /// Most open entries on one symbol.
    pub max_open_orders: u32,
    /// Most entries in one second.
    pub max_orders_per_second: u32,
    /// Most entries in one minute.
    pub max_orders_per_minute: u32,
    /// Most identical entries (side, price, size) in one second.
    pub max_identical_per_second: u32,
    /// How far through the far side an entry may be priced, as a fraction.
    pub collar_through: Decimal,
    /// How far away from the near side an entry may rest, as a fraction.
    pub collar_away: Decimal,
    /// Loss of one position from flat to flat, open and with fees, at which it is closed, quote currency.
    pub max_trade_loss: Cap,
    /// Realised and open loss since the start or the last cool-down, fees included, at which entries end, quote currency.
    pub max_session_loss: Cap,
    /// The same of the day (UTC), earlier sessions included.
    pub max_day_loss: Decimal,
    /// Losing trades in a row after which entries end, a whole number.
    pub max_losses_in_a_row: Cap,
    /// How long entries stay out after a loss limit, minutes, 1 or more.
    pub cool_down_minutes: u32,
}

/// A limit that may be off. A smaller one is tighter; off is the loosest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Cap {
    /// At this number.
    At(Decimal),
    /// None.
    Off,
}

impl Cap {
    /// The number; `None` when it is off.
    pub const fn at(self) -> Option<Decimal> {
        match self {
            Self::At(most) => Some(most),
            Self::Off => None,
        }
    }

    /// True when `value` is at the limit or beyond.
    pub fn is_reached(self, value: Decimal) -> bool {
        self.at().is_some_and(|most| value >= most)
    }
}

impl fmt::Display for Cap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(most) => write!(f, "{}", most.normalize()),
            Self::Off => f.write_str("off"),
        }
    }
}

impl From<Cap> for String {
    fn from(cap: Cap) -> Self {
        cap.to_string()
    }
}

impl TryFrom<String> for Cap {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self::Off);
        }
        let number: Option<Decimal> = text.parse().ok();
        number
            .filter(|most| !most.is_sign_negative())
            .map(Self::At)
            .ok_or_else(|| format!("\"{text}\" is no limit: write a number in quotes, or \"off\""))
    }
}

/// What stands for a size; money in quotes, so that no digit is lost.
#[derive(Deserialize)]
#[serde(untagged)]
enum SizeText {
    Text(String),
    Other(serde::de::IgnoredAny),
}

/// A table of sizes by symbol.
fn by_symbol<'de, D: serde::Deserializer<'de>>(
    from: D,
) -> Result<BTreeMap<Symbol, Decimal>, D::Error> {
    let told = serde::de::Error::custom;
    let named = BTreeMap::<String, SizeText>::deserialize(from)?;
    let keyed = named.into_iter().map(|(name, text)| {
        let symbol = Symbol::new(&name).map_err(|why| told(format!("{name:?}: {why}")))?;
        let size: Option<Decimal> = match text {
            SizeText::Text(text) => text.parse().ok(),
            SizeText::Other(_) => None,
        };
        let size = size
            .filter(|size| !size.is_sign_negative())
            .ok_or_else(|| serde::de::Error::custom("a size is a number in quotes: \"0.5\""))?;
        Ok((symbol, size))
    });
    keyed.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn off_is_looser_than_any_number_and_zero_is_the_tightest() {
        let at = |n: i64| Cap::At(n.into());
        assert!(at(0) < at(1) && at(1) < Cap::Off);
        assert!(at(0).is_reached(Decimal::ZERO));
        assert!(!Cap::Off.is_reached(Decimal::MAX));
    }

    #[test]
    fn a_cap_is_a_number_or_off_and_nothing_else() {
        let read = |text: &str| Cap::try_from(text.to_owned());
        assert_eq!(read("off"), Ok(Cap::Off));
        assert_eq!(read("2.50").map(String::from), Ok("2.5".to_owned()));
        for wrong in ["", "-1", "none", "1e99999"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
