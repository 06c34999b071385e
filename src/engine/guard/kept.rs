//! What the guard knows from run to run: limits in force, looser ones that wait, the cool-down, losing trades in a row.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::Cap;
use crate::engine::suggest::Chosen;

use super::limit::{self, ORDER, POSITION};

/// Everything that outlives a run, of one account in one world.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// Limits by name, and by symbol where they are of one: `max_position BTCUSDT`.
    #[serde(default)]
    pub limits: BTreeMap<String, KeptLimit>,
    /// Why and until when entries stay out.
    #[serde(default)]
    pub cool_down: Option<CoolDown>,
    /// Losing trades in a row.
    #[serde(default)]
    pub losses: LossesInARow,
}

/// One limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptLimit {
    /// What the trader last set; `None`: what the settings file says.
    #[serde(default)]
    pub wish: Option<Cap>,
    /// What was in force last; `None`: it never was.
    #[serde(default)]
    pub held: Option<Cap>,
    /// A looser one that waits.
    #[serde(default)]
    pub loosens: Option<Loosening>,
}

/// A limit that becomes looser at a wall time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loosening {
    /// To what.
    pub to: Cap,
    /// When, ms since 1970.
    pub at_ms: i64,
}

/// Entries stay out until a wall time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoolDown {
    /// Why.
    pub cause: Cause,
    /// Until when, ms since 1970.
    pub until_ms: i64,
}

/// What a cool-down is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The day's loss reached its limit.
    Day,
    /// The session's did.
    Session,
    /// So many trades in a row lost.
    Losses,
    /// What was kept of an earlier run cannot be read: it may have been in a cool-down.
    Unread,
}

impl Cause {
    /// In a word or two.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Day => "day's loss",
            Self::Session => "session's loss",
            Self::Losses => "losses in a row",
            Self::Unread => "guard's file",
        }
    }
}

/// Losing trades in a row, on one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LossesInARow {
    /// The day (UTC), days since 1970.
    pub day: i64,
    /// How many.
    pub count: u32,
}

impl Kept {
    /// Nothing is known any more of what an earlier run kept: entries stay out for a cool-down, as they might have.
    pub fn unread(now_ms: i64, cool_down_minutes: u32) -> Self {
        let until_ms = now_ms.saturating_add(super::minutes_ms(cool_down_minutes));
        Self {
            cool_down: Some(CoolDown {
                cause: Cause::Unread,
                until_ms,
            }),
            ..Self::default()
        }
    }

    /// At a start: a cool-down that ended meanwhile is over.
    #[must_use]
    pub fn at_start(mut self, now_ms: i64) -> Self {
        self.cool_down = self.cool_down.filter(|it| it.until_ms > now_ms);
        self
    }

    /// Limits that were accepted before the first arming count as set, where nothing was set since.
    pub fn accept(&mut self, chosen: Chosen) {
        for (name, value) in [
            (limit::DAY_LOSS, chosen.day_loss),
            (POSITION, chosen.position),
            (ORDER, chosen.order),
        ] {
            let kept = self.limits.entry(name.to_owned()).or_default();
            kept.wish.get_or_insert(Cap::At(value));
        }
    }
}
