//! The settings of stops and takes. `default.toml` says what each means.

use std::fmt;

use rust_decimal::Decimal;
use serde::Deserialize;
use serde::de::{self, Deserializer};

use crate::domain::TriggerBy;
use crate::engine::DeskSettings;
use crate::engine::settings::{Distance, Rung};

/// Most takes that a position gets by itself.
const MOST_RUNGS: usize = 10;

/// Stops and takes.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProtectSettings {
    /// Stop of every new position.
    #[serde(deserialize_with = "stop")]
    pub stop: Option<Distance>,
    /// Takes of every new position.
    #[serde(deserialize_with = "takes")]
    pub take: Vec<Rung>,
    /// Which price fires a stop.
    pub trigger: TriggerWord,
    /// How many ticks behind its trigger a stop may fill; 0: at any price.
    pub bound_ticks: i64,
    /// Who moves a following stop.
    pub trail: TrailBy,
    /// Steps of a following stop that Lancet moves, ticks.
    pub trail_step: i64,
    /// Entries of a symbol end with its position.
    pub entries_end_when_flat: bool,
}

/// Which price fires a stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TriggerWord {
    /// The last trade.
    Last,
    /// The mark price.
    Mark,
    /// The best bid for a stop that sells, the best ask for one that buys.
    Best,
}

/// Who moves a following stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TrailBy {
    /// Lancet, in steps.
    Lancet,
    /// The venue, where it takes the distance.
    Venue,
}

impl TriggerWord {
    /// The word for a price that fires.
    pub const fn of(by: TriggerBy) -> &'static str {
        match by {
            TriggerBy::Last => "last",
            TriggerBy::Mark => "mark",
            TriggerBy::Best => "best",
        }
    }
}

impl From<TriggerWord> for TriggerBy {
    fn from(word: TriggerWord) -> Self {
        match word {
            TriggerWord::Last => Self::Last,
            TriggerWord::Mark => Self::Mark,
            TriggerWord::Best => Self::Best,
        }
    }
}

impl ProtectSettings {
    /// Puts what the trader set into the desk's settings.
    pub(super) fn tell(&self, desk: &mut DeskSettings) {
        desk.auto_stop = self.stop;
        desk.auto_takes.clone_from(&self.take);
        desk.trigger_by = self.trigger.into();
        desk.stop_bound_ticks = self.bound_ticks;
        desk.trail_step_ticks = self.trail_step;
        desk.entries_end_when_flat = self.entries_end_when_flat;
    }

    /// What does not fit together, as one sentence.
    pub(super) fn contradiction(&self) -> Option<String> {
        let in_risk = |rung: &Rung| matches!(rung.at, Distance::Risk(_));
        (self.stop.is_none() && self.take.iter().any(in_risk)).then(|| {
            "protect.take counts in the stop's distance (r), but protect.stop is \"0\"".to_owned()
        })
    }
}

/// `40t`, `0.3%`, `25q` or `0`.
fn stop<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Distance>, D::Error> {
    let text = String::deserialize(from)?;
    match distance(&text).map_err(de::Error::custom)? {
        Some(Distance::Risk(_)) => Err(de::Error::custom(format!(
            "\"{text}\" is no distance of a stop: r counts in the stop's own"
        ))),
        at => Ok(at),
    }
}

fn distance(text: &str) -> Result<Option<Distance>, String> {
    match text {
        "0" => Ok(None),
        text => text.parse().map(Some),
    }
}

/// One distance, or a list of rungs.
fn takes<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Rung>, D::Error> {
    struct Takes;

    impl<'de> de::Visitor<'de> for Takes {
        type Value = Vec<Rung>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a distance (\"40t\") or a list such as [{ at = \"40t\", part = \"50%\" }]")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<Rung>, E> {
            let at = distance(text).map_err(E::custom)?;
            Ok(at.map(Rung::whole).into_iter().collect())
        }

        fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Vec<Rung>, A::Error> {
            let mut rungs = Vec::new();
            while let Some(text) = list.next_element::<RungText>()? {
                rungs.push(text.rung().map_err(de::Error::custom)?);
            }
            check(&rungs).map_err(de::Error::custom)?;
            Ok(rungs)
        }
    }

    from.deserialize_any(Takes)
}

/// One rung as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RungText {
    at: String,
    part: String,
}

impl RungText {
    fn rung(&self) -> Result<Rung, String> {
        let told = || {
            let text = &self.part;
            format!("\"{text}\" is no part of a position: write \"50%\", up to \"100%\"")
        };
        let at = distance(&self.at)?
            .ok_or_else(|| "a take of a list stands somewhere: \"0\" is for no take".to_owned())?;
        let percent: Option<Decimal> = self
            .part
            .strip_suffix('%')
            .and_then(|text| text.parse().ok())
            .filter(|percent| *percent > Decimal::ZERO && *percent <= Decimal::ONE_HUNDRED);
        let part = percent.ok_or_else(told)? / Decimal::ONE_HUNDRED;
        Ok(Rung { at, part })
    }
}

fn check(rungs: &[Rung]) -> Result<(), String> {
    let whole: Decimal = rungs.iter().map(|rung| rung.part).sum();
    if whole > Decimal::ONE {
        let percent = (whole * Decimal::ONE_HUNDRED).normalize();
        return Err(format!(
            "the takes are {percent}% of the position, more than all of it"
        ));
    }
    if rungs.len() > MOST_RUNGS {
        let count = rungs.len();
        return Err(format!("{count} takes are more than {MOST_RUNGS}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
