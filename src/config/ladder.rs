//! The settings of the ladder. `default.toml` says what each means.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Deserializer, de};

use super::settings::within;
use crate::domain::Symbol;
use crate::market::amount::Amount;
use crate::market::{iceberg, traded};
use crate::ui::view::Chosen;
use crate::ui::view::look::{Counted, Look, Ruler, Thresholds};

/// The ladder.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LadderSettings {
    /// Columns beside sizes and prices.
    #[serde(deserialize_with = "columns")]
    pub columns: Chosen,
    /// The ruler's unit.
    pub ruler: RulerWord,
    /// Where the ruler starts.
    pub ruler_from: RulerFrom,
    /// From where on a size is large.
    #[serde(deserialize_with = "amount")]
    pub large: Amount,
    /// From where on it is huge.
    #[serde(deserialize_with = "amount")]
    pub huge: Amount,
    /// The size of a full bar.
    #[serde(deserialize_with = "amount")]
    pub bar_full: Amount,
    /// The same three of single symbols.
    #[serde(deserialize_with = "amounts")]
    pub symbol_large: BTreeMap<Symbol, Amount>,
    /// See `symbol_large`.
    #[serde(deserialize_with = "amounts")]
    pub symbol_huge: BTreeMap<Symbol, Amount>,
    /// See `symbol_large`.
    #[serde(deserialize_with = "amounts")]
    pub symbol_bar_full: BTreeMap<Symbol, Amount>,
    /// The least change of a row that is written.
    #[serde(deserialize_with = "amount")]
    pub change_from: Amount,
    /// Minutes of the rolling volume.
    pub recent_minutes: u64,
    /// Rows between thin and between fat lines.
    pub grid: [u16; 2],
    /// Thousands are written `1.2K`.
    pub short: bool,
    /// What sizes count.
    pub sizes: SizesWord,
    /// The least volume of a suspected iceberg.
    #[serde(deserialize_with = "amount")]
    pub iceberg_from: Amount,
    /// How many times what was seen must have traded.
    pub iceberg_factor: Decimal,
}

/// The ruler's unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RulerWord {
    /// Price steps.
    Ticks,
    /// Per cent.
    Percent,
    /// Quote currency.
    Quote,
}

/// Where the ruler starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RulerFrom {
    /// The best prices.
    Spread,
    /// The entry, while there is a position.
    Entry,
}

/// What sizes count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SizesWord {
    /// Coins or contracts.
    Base,
    /// Quote currency.
    Quote,
}

impl LadderSettings {
    /// The first value beyond its range, as one sentence.
    pub fn out_of_range(&self) -> Option<String> {
        let (two, fifty) = (Decimal::new(15, 1), Decimal::from(50));
        let checks = [
            within("ladder.recent_minutes", self.recent_minutes, (1, 240)),
            within("ladder.grid", self.grid[0].max(self.grid[1]), (0, 1_000)),
            within("ladder.iceberg_factor", self.iceberg_factor, (two, fifty)),
        ];
        checks.into_iter().flatten().next()
    }

    /// How the readings behind it are taken.
    pub fn readings(&self) -> (traded::Settings, iceberg::Settings) {
        let minutes = self.recent_minutes;
        let hundredths = self.iceberg_factor.saturating_mul(Decimal::ONE_HUNDRED);
        let factor_hundredths = hundredths.to_u32().unwrap_or(u32::MAX);
        (
            traded::Settings { minutes },
            iceberg::Settings { factor_hundredths },
        )
    }

    /// How it is looked at.
    pub fn look(&self) -> Look {
        let mut of_symbol = BTreeMap::<Symbol, Thresholds>::new();
        for (symbol, amount) in &self.symbol_large {
            of_symbol.entry(*symbol).or_default().large = Some(*amount);
        }
        for (symbol, amount) in &self.symbol_huge {
            of_symbol.entry(*symbol).or_default().huge = Some(*amount);
        }
        for (symbol, amount) in &self.symbol_bar_full {
            of_symbol.entry(*symbol).or_default().bar_full = Some(*amount);
        }
        Look {
            columns: self.columns.clone(),
            ruler: match self.ruler {
                RulerWord::Ticks => Ruler::Ticks,
                RulerWord::Percent => Ruler::Percent,
                RulerWord::Quote => Ruler::Quote,
            },
            from_entry: self.ruler_from == RulerFrom::Entry,
            large: self.large,
            huge: self.huge,
            bar_full: self.bar_full,
            change_from: self.change_from,
            iceberg_from: self.iceberg_from,
            of_symbol,
            grid: self.grid,
            is_short: self.short,
            counted: match self.sizes {
                SizesWord::Base => Counted::Base,
                SizesWord::Quote => Counted::Quote,
            },
            minutes: self.recent_minutes,
        }
    }
}

fn columns<'de, D: Deserializer<'de>>(from: D) -> Result<Chosen, D::Error> {
    let words = Vec::<String>::deserialize(from)?;
    let words = words.iter().map(String::as_str);
    Chosen::Named(Vec::new())
        .with(words)
        .map_err(de::Error::custom)
}

fn amount<'de, D: Deserializer<'de>>(from: D) -> Result<Amount, D::Error> {
    let text = String::deserialize(from)?;
    text.parse().map_err(de::Error::custom)
}

fn amounts<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<Symbol, Amount>, D::Error> {
    let named = BTreeMap::<String, String>::deserialize(from)?;
    let keyed = named.into_iter().map(|(name, text)| {
        let symbol = Symbol::new(&name).map_err(de::Error::custom)?;
        Ok((symbol, text.parse().map_err(de::Error::custom)?))
    });
    keyed.collect()
}
