//! Paper trading, as the settings say it.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Deserialize;

use super::settings::within;

/// Longest latency that can be set, ms: the desk doubts an order that is on its way for longer than a second or two.
const LATENCY_MAX_MS: u64 = 1_000;

/// What a paper account is opened with.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaperSettings {
    /// From a key to the answer.
    pub latency_ms: Latency,
    /// Whom cancels move up.
    pub queue: QueueWord,
    /// What lies in each currency at the start.
    pub balance: Decimal,
    /// Leverage at the start.
    pub leverage: u32,
    /// Fees by venue.
    pub fees: BTreeMap<String, FeeSettings>,
}

/// Shortest and longest time, ms: `"40"`, `"20..60"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Latency(pub u64, pub u64);

impl TryFrom<String> for Latency {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (least, most) = text.split_once("..").unwrap_or((&text, &text));
        let ms = |text: &str| text.trim().parse::<u64>().ok();
        let range = ms(least).zip(ms(most));
        range
            .filter(|(least, most)| least <= most && *most <= LATENCY_MAX_MS)
            .map(|(least, most)| Self(least, most))
            .ok_or_else(|| {
                format!(
                    "paper.latency_ms is \"{text}\", it must be milliseconds up to {LATENCY_MAX_MS}, as \"40\" or \"20..60\""
                )
            })
    }
}

/// Whom cancels at a price move up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum QueueWord {
    /// Those behind leave first.
    Behind,
    /// By one's share.
    Even,
}

/// One venue's fees as fractions of what a trade is worth, below zero for a rebate.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeeSettings {
    /// Of what rested.
    pub maker: Decimal,
    /// Of what took.
    pub taker: Decimal,
    /// The same on spot, where the venue has both and they differ.
    pub spot_maker: Option<Decimal>,
    /// The same on spot.
    pub spot_taker: Option<Decimal>,
}

impl PaperSettings {
    /// The first value beyond its hard range, as one sentence.
    pub fn out_of_range(&self) -> Option<String> {
        let most = Decimal::from(1_000_000_000);
        let (balance, leverage) = ((Decimal::ONE, most), (1, 125));
        within("paper.balance", self.balance, balance)
            .or_else(|| within("paper.leverage", self.leverage, leverage))
            .or_else(|| {
                let mut all = self.fees.iter();
                all.find_map(|(venue, fees)| fees.out_of_range(venue))
            })
    }
}

impl FeeSettings {
    fn out_of_range(&self, venue: &str) -> Option<String> {
        let range = (Decimal::new(-1, 2), Decimal::new(1, 2));
        let all = [
            ("maker", Some(self.maker)),
            ("taker", Some(self.taker)),
            ("spot_maker", self.spot_maker),
            ("spot_taker", self.spot_taker),
        ];
        all.into_iter()
            .find_map(|(name, rate)| within(&format!("paper.fees.{venue}.{name}"), rate?, range))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, UserFile};

    fn load(text: &str) -> Result<PaperSettings, String> {
        let name = "config.toml";
        let file = UserFile { name, text };
        Config::load(Some(file), &[], &["dark".to_owned()])
            .map(|config| config.settings.paper)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn every_venue_has_fees_and_the_defaults_are_conservative() {
        let paper = load("").unwrap();
        assert_eq!(paper.queue, QueueWord::Behind);
        assert_eq!(paper.latency_ms, Latency(20, 60));
        for venue in crate::exchange::VENUES {
            let fees = paper.fees.get(venue.id);
            assert!(
                fees.is_some_and(|fees| fees.taker >= fees.maker),
                "{}",
                venue.id
            );
        }
    }

    #[test]
    fn what_cannot_be_is_told_with_its_line() {
        for (text, words) in [
            (
                "[paper]\nlatency_ms = \"60..20\"",
                "config.toml:2: paper.latency_ms is \"60..20\"",
            ),
            ("[paper]\nlatency_ms = \"2000\"", "up to 1000"),
            (
                "[paper]\nbalance = \"0\"",
                "config.toml:2: paper.balance is 0",
            ),
            ("[paper]\nleverage = 500", "paper.leverage is 500"),
            ("[paper]\nqueue = \"front\"", "config.toml:2:"),
            (
                "[paper.fees.bybit]\nspot_taker = \"0.5\"",
                "paper.fees.bybit.spot_taker is 0.5",
            ),
        ] {
            let told = load(text).unwrap_err();
            assert!(told.contains(words), "{told}");
        }
        let own = load("[paper]\nlatency_ms = \"5\"").unwrap();
        assert_eq!(own.latency_ms, Latency(5, 5));
    }
}
