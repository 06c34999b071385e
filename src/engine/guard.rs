//! The risk guard: which limits are in force, what happens when a loss reaches one, and until when entries stay out. It acts on entries
//! alone; the one order that it makes by itself closes a trade. What it must not forget goes to the disk by the journal's way.

pub mod kept;
pub mod limit;
mod losses;
mod setting;

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use crate::domain::{Cap, Environment, Limits, MarketKey, Stamp, Symbol};

use super::arm::Hold;
use super::desk::Desk;
use super::effect::{About, Effects, Loudness};
use super::record::Row;
use super::settings::DeskSettings;
use super::{cancel, exposure, words};

pub use kept::Kept;
use kept::{Cause, CoolDown, Loosening};
use limit::LimitRow;
pub(super) use losses::closes;
pub use setting::pending;
pub(super) use setting::{accept, set, view_only};

/// A looser limit waits so long, ms.
const LOOSENS_MS: i64 = 15 * MINUTE_MS;
/// A minute, ms.
const MINUTE_MS: i64 = 60_000;

/// What the guard knows.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    /// What the settings file allows at the most.
    outer: Limits,
    kept: Kept,
    /// What the disk was told last.
    told: Kept,
    begun: bool,
    /// The session's result when it began, or when the last cool-down ended.
    base: Decimal,
    /// Trades that are being closed for their loss, and when that was last asked for.
    closing: BTreeMap<MarketKey, Stamp>,
    /// Markets whose open trade was looked at before.
    seen: BTreeSet<MarketKey>,
    /// Positions that were found beyond the limit: they are the trader's to close.
    spared: BTreeSet<MarketKey>,
}

impl Guard {
    /// Puts into force what was kept; the tightest that is known counts.
    pub(super) fn new(settings: &mut DeskSettings) -> Self {
        let guard = Self {
            outer: settings.limits.clone(),
            kept: settings.kept.clone(),
            told: settings.kept.clone(),
            begun: false,
            base: Decimal::ZERO,
            closing: BTreeMap::new(),
            seen: BTreeSet::new(),
            spared: BTreeSet::new(),
        };
        for (row, symbol) in LimitRow::every(&guard.outer, &guard.kept) {
            let cap = guard.target(row, symbol);
            let held = guard.held(row, symbol).unwrap_or(cap);
            row.put(&mut settings.limits, symbol, cap.min(held));
        }
        guard
    }

    /// The cool-down that was running when the last session ended.
    pub(super) fn hold(&self) -> Option<Hold> {
        self.kept.cool_down.map(Hold::CoolDown)
    }

    /// The disk may have lost what it was told last.
    pub(super) fn tell_again(&mut self) {
        self.told = Kept::default();
    }

    /// What shall be in force: what the trader set, never beyond the settings file.
    fn target(&self, row: &LimitRow, symbol: Option<Symbol>) -> Cap {
        let kept = self.kept.limits.get(&row.kept_name(symbol));
        let wish = kept.and_then(|kept| kept.wish).unwrap_or(Cap::Off);
        row.get(&self.outer, symbol).min(wish)
    }

    fn held(&self, row: &LimitRow, symbol: Option<Symbol>) -> Option<Cap> {
        self.kept.limits.get(&row.kept_name(symbol))?.held
    }
}

/// Time passes, prices and facts come: looser limits that waited, losses, the end of a cool-down.
pub(super) fn step(desk: &mut Desk, now: Stamp, out: &mut Effects) {
    if desk.settings.environment == Environment::Replay {
        return;
    }
    if !desk.guard.begun {
        desk.guard.begun = true;
        begin(desk, now, out);
    }
    loosen(desk, now, out);
    end_cool_down(desk, now, out);
    losses::step(desk, now, out);
    remember(desk, now, out);
}

/// The first moment of a run: a settings file that became looser waits like everything that loosens.
fn begin(desk: &mut Desk, now: Stamp, out: &mut Effects) {
    for (row, symbol) in LimitRow::every(&desk.guard.outer, &desk.guard.kept) {
        let target = desk.guard.target(row, symbol);
        let kept = desk.guard.kept.limits.entry(row.kept_name(symbol));
        let kept = kept.or_default();
        match kept.held {
            Some(held) if target > held => {
                let waits = kept.loosens.filter(|waits| target <= waits.to);
                let at_ms = now.wall_ms().saturating_add(LOOSENS_MS);
                kept.loosens = Some(Loosening {
                    to: target,
                    at_ms: waits.map_or(at_ms, |waits| waits.at_ms),
                });
                if let Some(waits) = kept.loosens {
                    out.notice(Loudness::Warn, setting::goes(row, symbol, waits));
                }
            }
            _ => {
                kept.held = Some(target);
                kept.loosens = None;
            }
        }
    }
}

/// Looser limits whose time has come.
fn loosen(desk: &mut Desk, now: Stamp, out: &mut Effects) {
    let due = |waits: &Loosening| waits.at_ms <= now.wall_ms();
    let waiting = |kept: &Kept| {
        kept.limits
            .values()
            .any(|l| l.loosens.is_some_and(|w| due(&w)))
    };
    if !waiting(&desk.guard.kept) {
        return;
    }
    for (row, symbol) in LimitRow::every(&desk.guard.outer, &desk.guard.kept) {
        let target = desk.guard.target(row, symbol);
        let kept = desk.guard.kept.limits.entry(row.kept_name(symbol));
        let kept = kept.or_default();
        if let Some(waits) = kept.loosens.filter(due) {
            let cap = waits.to.min(target);
            kept.loosens = None;
            kept.held = Some(cap);
            row.put(&mut desk.settings.limits, symbol, cap);
            out.notice(Loudness::Warn, setting::stands(row, symbol, cap));
        }
    }
}

fn end_cool_down(desk: &mut Desk, now: Stamp, out: &mut Effects) {
    let ended = |it: &CoolDown| it.until_ms <= now.wall_ms();
    if desk.guard.kept.cool_down.as_ref().is_some_and(ended) {
        desk.guard.kept.cool_down = None;
        desk.guard.base = exposure::session_result(desk);
        desk.arm.release(|hold| matches!(hold, Hold::CoolDown(_)));
        out.notice(Loudness::Warn, "the cool-down is over");
    }
}

/// Entries stay out until a wall time, whatever the trader does; one that ends later takes the place of one that runs.
fn cool_down(desk: &mut Desk, now: Stamp, it: CoolDown, why: &str, out: &mut Effects) {
    let runs = desk.guard.kept.cool_down;
    if runs.is_some_and(|runs| runs.until_ms >= it.until_ms) {
        return;
    }
    desk.guard.kept.cool_down = Some(it);
    desk.arm.release(|hold| matches!(hold, Hold::CoolDown(_)));
    desk.arm.hold(Hold::CoolDown(it));
    let until = words::utc(it.until_ms);
    let words = format!("{why}: exits only until {until}");
    out.alert(
        (About::Risk, None),
        "a loss limit is reached: exits only",
        Loudness::Alarm,
        words,
    );
    if cancel::own_entries(desk, now, out) {
        out.notice(Loudness::Warn, "cancelling entries");
    }
}

/// A cool-down that begins now.
fn from_now(desk: &Desk, now: Stamp, cause: Cause) -> CoolDown {
    let minutes = desk.settings.limits.cool_down_minutes;
    CoolDown {
        cause,
        until_ms: now.wall_ms().saturating_add(minutes_ms(minutes)),
    }
}

fn minutes_ms(minutes: u32) -> i64 {
    i64::from(minutes).saturating_mul(MINUTE_MS)
}

/// What changed goes to the disk.
fn remember(desk: &mut Desk, now: Stamp, out: &mut Effects) {
    let guard = &mut desk.guard;
    if guard.kept != guard.told {
        guard.told = guard.kept.clone();
        out.journal(Row::Guard {
            at: now,
            account: desk.settings.account,
            venue: desk.settings.venue,
            environment: desk.settings.environment,
            kept: guard.kept.clone(),
        });
    }
}
