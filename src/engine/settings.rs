//! What the trader set for the desk.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::domain::{Account, Environment, Limits, Price, Symbol, TriggerBy, VenueId};

use super::volume::Size;

/// What keys of the side opposite to a position do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Opposite {
    /// Reduce the position, clipped to what resting exits do not already cover.
    #[default]
    Reduce,
    /// Trade as if there were no position: may flip it.
    Plain,
}

/// What happens to orders and position when the screen goes away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnHangup {
    /// Entries end; stops, takes and position stay.
    #[default]
    CancelEntries,
    /// Nothing is touched.
    Leave,
    /// Everything is cancelled, every position closed.
    Flatten,
}

/// How far from the entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distance {
    /// Ticks.
    Ticks(i64),
    /// A fraction of the price.
    Fraction(Decimal),
}

impl Distance {
    /// In ticks from this price, at least one; `None` when it does not fit.
    pub fn ticks(self, price: Price) -> Option<i64> {
        use rust_decimal::prelude::ToPrimitive;
        match self {
            Self::Ticks(ticks) => Some(ticks.max(1)),
            Self::Fraction(part) => {
                let ticks = Decimal::from(price.0).checked_mul(part)?.round();
                Some(ticks.to_i64()?.max(1))
            }
        }
    }
}

/// How far a chase goes.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChaseSettings {
    /// Most moves in any second, 1 to 5.
    pub moves_per_second: u32,
    /// Most moves in all, 1 to 20.
    pub max_moves: u32,
    /// How far from where it started, as a fraction of that price, up to 0.001.
    pub max_fraction: Decimal,
}

impl Default for ChaseSettings {
    fn default() -> Self {
        Self {
            moves_per_second: 5,
            max_moves: 20,
            max_fraction: Decimal::new(1, 3),
        }
    }
}

/// Everything that the desk is told at its start.
#[derive(Clone, Debug)]
pub struct DeskSettings {
    /// Which world the money is in.
    pub environment: Environment,
    /// The trader's account.
    pub account: Account,
    /// Where it trades.
    pub venue: VenueId,
    /// The venue's name on the screen.
    pub venue_title: String,
    /// The venue's addresses are the user's own, for a test.
    pub is_unsafe: bool,
    /// Prefix of every order name of this run, see [`crate::domain::ClientId`].
    pub session: String,
    /// Prefixes of earlier runs: their orders are ours, not external.
    pub earlier_sessions: Vec<String>,
    /// Hard limits on entries.
    pub limits: Limits,
    /// The working volumes of a symbol without its own, 5 to 9.
    pub volumes: Vec<Size>,
    /// The working volumes of single symbols, 5 to 9 each.
    pub symbol_volumes: BTreeMap<Symbol, Vec<Size>>,
    /// Volumes that were changed by hand, by symbol and number (from 1); they win over both.
    pub kept_volumes: BTreeMap<Symbol, BTreeMap<u8, Size>>,
    /// Working volume chosen at the start, from 1.
    pub volume: u8,
    /// Opposite keys.
    pub opposite: Opposite,
    /// Hang-up policy.
    pub on_hangup: OnHangup,
    /// Join, improve and now refuse when the best price moved more than so many ticks since the drawn frame.
    pub max_drift_ticks: i64,
    /// How far through the far side "now" and "close" are priced, as a fraction.
    pub now_through: Decimal,
    /// The same in ticks; the larger of both counts.
    pub now_ticks: i64,
    /// How many ticks beyond the far side a crossing limit is priced.
    pub cross_ticks: i64,
    /// A post-only order of a key that would have taken is tried again once, at the best price then.
    pub rejoin: bool,
    /// How far a chase goes.
    pub chase: ChaseSettings,
    /// How many orders a scale has, 2 to 20.
    pub scale_orders: u8,
    /// A stop entry fills at most so many ticks behind its trigger, 1 or more.
    pub stop_entry_bound_ticks: i64,
    /// The venue changes a resting order in place; else a move cancels it and places it anew.
    pub amends: bool,
    /// Which price fires a stop.
    pub trigger_by: TriggerBy,
    /// A stop may fill at most so many ticks behind its trigger; 0: at any price.
    pub stop_bound_ticks: i64,
    /// Stop that every new position gets, this far from its entry; `None`: none.
    pub auto_stop: Option<Distance>,
    /// The same for a take.
    pub auto_take: Option<Distance>,
    /// A following stop moves in steps of so many ticks, 1 or more.
    pub trail_step_ticks: i64,
    /// Entries of a symbol are cancelled when its position is closed.
    pub entries_end_when_flat: bool,
    /// There is a key to trade with; else there is only looking.
    pub has_key: bool,
    /// The trader has seen and accepted the limits; else the first arming shows them.
    pub limits_accepted: bool,
    /// What earlier sessions of this account made on this day (UTC), quote currency; it counts in the day's loss.
    pub day_before: Decimal,
    /// Milliseconds without any key after which the armed state ends.
    pub idle_ms: u64,
}

impl DeskSettings {
    /// The documented defaults for one account, with the given limits.
    pub fn new(
        environment: Environment,
        account: Account,
        venue: VenueId,
        session: String,
        limits: Limits,
    ) -> Self {
        Self {
            environment,
            account,
            venue,
            venue_title: venue.as_str().to_owned(),
            is_unsafe: false,
            session,
            earlier_sessions: Vec::new(),
            limits,
            volumes: [1, 2, 5, 10, 20].map(Size::TimesMinimum).to_vec(),
            symbol_volumes: BTreeMap::new(),
            kept_volumes: BTreeMap::new(),
            volume: 1,
            opposite: Opposite::default(),
            on_hangup: OnHangup::default(),
            max_drift_ticks: 20,
            now_through: Decimal::new(1, 3),
            now_ticks: 3,
            cross_ticks: 2,
            rejoin: false,
            chase: ChaseSettings::default(),
            scale_orders: 5,
            stop_entry_bound_ticks: 10,
            amends: true,
            trigger_by: TriggerBy::Last,
            stop_bound_ticks: 0,
            auto_stop: None,
            auto_take: None,
            trail_step_ticks: 5,
            entries_end_when_flat: true,
            has_key: true,
            limits_accepted: true,
            day_before: Decimal::ZERO,
            idle_ms: 15 * 60 * 1_000,
        }
    }

    /// The working volumes that a symbol begins with.
    pub fn volumes_of(&self, symbol: Symbol) -> Vec<Size> {
        let set = self.symbol_volumes.get(&symbol).unwrap_or(&self.volumes);
        let kept = self.kept_volumes.get(&symbol);
        let at = |index: u8| kept.and_then(|kept| kept.get(&index)).copied();
        (1..)
            .zip(set)
            .map(|(index, size)| at(index).unwrap_or(*size))
            .collect()
    }
}
