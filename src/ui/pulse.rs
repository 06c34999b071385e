//! When a frame would differ though no data came: countdowns, ages, fading trades. It lets a still market write nothing.

use std::sync::Arc;

use super::panel::{ladder, message, notices, status};
use super::snapshot::Snapshot;
use super::theme::FADE_STEPS;
use super::view::{Column, View};
use crate::engine::hint::{Line, Outcome};

/// How late the tick may be that finishes a column of heat, ms.
const HEAT_MS: u64 = 110;
/// Steps of what was added and pulled, of volume that leaves the last minutes, of ages; ms.
const CHANGE_MS: u64 = 250;
const RECENT_MS: u64 = 5_000;
const AGE_MS: u64 = 10_000;

/// Milliseconds from the snapshot's `now` until it would be drawn differently; `None` when only data can change it.
pub fn next_change(snapshot: &Snapshot, view: &View) -> Option<u64> {
    [
        fading(snapshot, view),
        book_age(snapshot),
        funding(snapshot),
        snapshot.idle_countdown.map(|_| 1_000),
        lines(snapshot),
        alerts(snapshot),
        refusals(snapshot),
        heat(snapshot),
        pace(snapshot),
        ladder_figures(snapshot, view),
    ]
    .into_iter()
    .flatten()
    .min()
    .map(|ms| ms.max(1))
}

fn fading(snapshot: &Snapshot, view: &View) -> Option<u64> {
    let ages = view
        .flashes()
        .iter()
        .map(|flash| snapshot.now.ms_since(flash.at));
    let end = ladder::FADE_STEP_MS * u64::from(FADE_STEPS);
    ages.filter(|age| *age < end)
        .map(|age| ladder::FADE_STEP_MS - age % ladder::FADE_STEP_MS)
        .min()
}

/// A stale book ages in tenths, a quiet one in seconds; one that is neither says nothing about its age yet.
fn book_age(snapshot: &Snapshot) -> Option<u64> {
    use crate::domain::BookState;
    let quiet = snapshot.market.quiet_ms;
    match snapshot.market.state.as_ref()? {
        BookState::Live if quiet < status::QUIET_MS => Some(status::QUIET_MS - quiet),
        BookState::Live => Some(1_000 - quiet % 1_000),
        BookState::Stale(_) if quiet < 10_000 => Some(100 - quiet % 100),
        BookState::Stale(_) => Some(1_000 - quiet % 1_000),
        BookState::Resync(_) | BookState::Down(_) => None,
    }
}

fn funding(snapshot: &Snapshot) -> Option<u64> {
    let (_, ms) = snapshot.market.funding?;
    let ms = u64::try_from(ms).ok().filter(|ms| *ms > 0)?;
    Some(ms % 1_000 + 1)
}

/// What was pulled a second ago is no change any more; volume leaves the last minutes; a large size grows older.
fn ladder_figures(snapshot: &Snapshot, view: &View) -> Option<u64> {
    let market = &snapshot.market;
    let pair = market.changed.as_ref();
    let moves = pair.is_some_and(|pair| !Arc::ptr_eq(&pair.then, &pair.now));
    let ages = view
        .rows_known(market)
        .is_some_and(|known| !known.standing.is_empty());
    let recent = view.shows(Column::Recent) || view.shows(Column::RecentDelta);
    [
        (moves && view.shows(Column::Change)).then_some(CHANGE_MS),
        recent.then_some(RECENT_MS),
        ages.then_some(AGE_MS),
    ]
    .into_iter()
    .flatten()
    .min()
}

/// A refusal may end by time alone: of too many orders in a second.
fn refusals(snapshot: &Snapshot) -> Option<u64> {
    let refused = |line: &Line| matches!(line.outcome, Outcome::Refused(_));
    snapshot.market.hints.iter().any(refused).then_some(1_000)
}

/// A column of heat is finished by the tick after its end.
fn heat(snapshot: &Snapshot) -> Option<u64> {
    let span = snapshot.market.heat.as_ref()?.span_ms.max(1);
    let left = span - snapshot.now.wall_ms().rem_euclid(span);
    u64::try_from(left).ok().map(|left| left + HEAT_MS)
}

/// The pace steps once a second until ten went by without a trade, volatility until a minute did without a move.
fn pace(snapshot: &Snapshot) -> Option<u64> {
    let market = &snapshot.market;
    let traded = market.pace.is_some_and(|pace| pace.ten.prints > 0);
    let flow = market.flow.as_deref();
    let moved = flow.is_some_and(|flow| flow.volatility.is_some_and(|size| size > 0));
    (traded || moved).then_some(1_000)
}

/// New rows of the list of notifications are lit for a moment.
fn alerts(snapshot: &Snapshot) -> Option<u64> {
    let rows = snapshot.alerts.rows.iter().take(notices::LIT);
    rows.map(|row| snapshot.now.ms_since(row.at))
        .filter(|age| *age < notices::LIT_MS)
        .map(|age| notices::LIT_MS - age)
        .min()
}

fn lines(snapshot: &Snapshot) -> Option<u64> {
    let ages = snapshot
        .notices
        .iter()
        .map(|notice| snapshot.now.ms_since(notice.at));
    ages.filter(|age| *age < message::FRESH_MS)
        .map(|age| message::FRESH_MS - age)
        .min()
}
