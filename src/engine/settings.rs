//! What the trader set for the desk.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use crate::domain::{Account, Environment, Limits, Symbol, TriggerBy, VenueId};

use super::guard::Kept;
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

/// How far from the entry; see [`super::distance`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distance {
    /// Ticks.
    Ticks(i64),
    /// A fraction of the price.
    Fraction(Decimal),
    /// Where the whole position has lost or gained so much, quote currency, fees not counted.
    Quote(Decimal),
    /// So many times the stop's distance, for a take.
    Risk(Decimal),
}

/// One take of every new position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rung {
    /// How far from the entry.
    pub at: Distance,
    /// Which share of the position, a fraction.
    pub part: Decimal,
}

impl Rung {
    /// A take of the whole position.
    pub const fn whole(at: Distance) -> Self {
        Self {
            at,
            part: Decimal::ONE,
        }
    }
}

/// The rates that the venue's own trailing stops take, basis points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrailRates {
    /// Least.
    pub min: u32,
    /// Most.
    pub max: u32,
    /// A rate is a whole number of these, 1 or more.
    pub step: u32,
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
    /// The takes that it gets, nearest first or not; empty: none.
    pub auto_takes: Vec<Rung>,
    /// The venue moves a following stop where it takes such a rate; `None`: Lancet moves it.
    pub venue_trail: Option<TrailRates>,
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
    /// What ends the armed state by itself.
    pub arming: Triggers,
    /// Symbols that are looked at only: no key opens or adds there.
    pub view_only: BTreeSet<Symbol>,
    /// What the guard knew when the last session of this account ended.
    pub kept: Kept,
}

/// What ends the armed state by itself. A mismatch always does: while own fills and the venue differ no worst case can be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Triggers {
    /// The host was suspended.
    pub resume: bool,
    /// The account line broke, and account truth did not come back equal in time.
    pub reconnect: bool,
    /// The way to the terminal became slow.
    pub terminal_link: bool,
    /// So many milliseconds without any key; `None`: never.
    pub idle_ms: Option<u64>,
    /// The terminal window lost the focus.
    pub focus_loss: bool,
}

impl Default for Triggers {
    fn default() -> Self {
        Self {
            resume: true,
            reconnect: true,
            terminal_link: true,
            idle_ms: Some(15 * 60 * 1_000),
            focus_loss: false,
        }
    }
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
            auto_takes: Vec::new(),
            venue_trail: None,
            trail_step_ticks: 5,
            entries_end_when_flat: true,
            has_key: true,
            limits_accepted: true,
            day_before: Decimal::ZERO,
            arming: Triggers::default(),
            view_only: BTreeSet::new(),
            kept: Kept::default(),
        }
    }

    /// The working volumes that a symbol begins with.
    pub fn volumes_of(&self, symbol: Symbol) -> Vec<Size> {
        let kept = self.kept_volumes.get(&symbol);
        let kept = |index: u8| kept.and_then(|kept| kept.get(&index)).copied();
        (1..)
            .zip(self.set_volumes(symbol))
            .map(|(index, size)| kept(index).unwrap_or(*size))
            .collect()
    }

    /// What the settings say of one working volume, by its place from 0.
    pub fn set_volume(&self, symbol: Symbol, slot: usize) -> Size {
        let size = self.set_volumes(symbol).get(slot);
        size.copied().unwrap_or(Size::TimesMinimum(1))
    }

    fn set_volumes(&self, symbol: Symbol) -> &[Size] {
        self.symbol_volumes.get(&symbol).unwrap_or(&self.volumes)
    }
}
