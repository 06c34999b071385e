//! A stop that follows: Lancet moves the one at the venue in steps, so that the last step stands even when the link dies; or the venue
//! moves it by itself, where that is wished and the venue takes the distance.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::domain::{MarketKey, OrderClass, Price, Qty, Side, Stamp};

use super::desk::Desk;
use super::effect::{Effects, Loudness};
use super::health;
use super::market::Market;
use super::protect::WantedStop;
use super::settings::TrailRates;
use super::stops::is_behind;
use super::words::percent;

/// A following stop moves at most this often, ms.
const MOVE_MS: u64 = 250;
/// Basis points in one.
const POINTS: i64 = 10_000;

/// The stop as it follows from now on, and what to say about it. The venue's rate is rounded down to its steps: the stop is never
/// further away than it was.
pub(super) fn begin(
    desk: &Desk,
    stop: WantedStop,
    best: Price,
    distance: i64,
) -> (WantedStop, String) {
    let lancet = stop.following(Some(distance), None);
    let Some(rates) = desk.settings.venue_trail else {
        return (
            lancet,
            format!("the stop follows {distance}t behind; Lancet moves it"),
        );
    };
    match rate(rates, best, distance) {
        Some(rate) => (
            stop.following(None, Some(rate)),
            format!(
                "the stop follows {} behind; the venue moves it",
                percent(rate)
            ),
        ),
        None => (
            lancet,
            format!(
                "the venue trails by {} to {} only: Lancet moves the stop, {distance}t behind",
                percent(rates.min),
                percent(rates.max)
            ),
        ),
    }
}

/// The largest rate that the venue takes and that is no wider than this distance, basis points; `None` where there is none.
fn rate(rates: TrailRates, best: Price, distance: i64) -> Option<u32> {
    let exact = i128::from(distance)
        .checked_mul(POINTS.into())?
        .checked_div(best.0.into())?;
    let step = rates.step.max(1);
    let whole = u32::try_from(exact).ok()? / step * step;
    (rates.min..=rates.max).contains(&whole).then_some(whole)
}

/// Where a stop of the venue's that follows at this rate stands when this is the best price since it began, ticks; rounded away
/// from the price.
pub(super) fn behind(best: Price, side: Side, rate: u32) -> Price {
    best.ahead(side, -width(best, rate))
}

fn width(best: Price, rate: u32) -> i64 {
    let part = Decimal::new(rate.into(), 4);
    let ticks = Decimal::from(best.0).checked_mul(part);
    ticks.and_then(|ticks| ticks.ceil().to_i64()).unwrap_or(0)
}

/// Lancet moves the stop from where it is known to stand, at the distance that the venue kept.
pub(super) fn take_over(market: &mut Market, why: &str, out: &mut Effects) {
    let best = market.ledger.side().and_then(|side| market.best(side));
    let Some(stop) = market.protection.stop.as_mut() else {
        return;
    };
    let Some(rate) = stop.rate else {
        return;
    };
    let ticks = width(best.unwrap_or(stop.trigger), rate).max(1);
    *stop = stop.following(Some(ticks), None);
    out.notice(
        Loudness::Warn,
        format!("{why}: Lancet moves it, {ticks}t behind"),
    );
}

/// Moves the wanted trigger with the best price of a live book, never back, in whole steps. Of a stop that the venue moves it only
/// notes where that must be.
pub(super) fn follow(desk: &mut Desk, now: Stamp, key: MarketKey, out: &mut Effects) {
    outgrown(desk, key, out);
    let step = desk.settings.trail_step_ticks.max(1);
    let Some(market) = desk.market(&key).filter(|m| !health::is_stale(m, now)) else {
        return;
    };
    let Some(side) = market.ledger.side() else {
        return;
    };
    let (Some(stop), Some(best)) = (market.protection.stop, market.best(side)) else {
        return;
    };
    if let Some(rate) = stop.rate {
        let known = behind(best, side, rate);
        if is_carried_by_venue(market, &stop) && is_behind(side, stop.trigger, known) {
            move_to(desk, key, known);
        }
        return;
    }
    let Some(distance) = stop.trail else {
        return;
    };
    let wanted = best.ahead(side, -distance);
    let gained = match side {
        Side::Buy => wanted.0.saturating_sub(stop.trigger.0),
        Side::Sell => stop.trigger.0.saturating_sub(wanted.0),
    };
    let steps = gained / step;
    if steps < 1 || now.ms_since(market.trailed) < MOVE_MS {
        return;
    }
    desk.market_mut(key).trailed = now;
    move_to(
        desk,
        key,
        stop.trigger.ahead(side, steps.saturating_mul(step)),
    );
}

fn move_to(desk: &mut Desk, key: MarketKey, trigger: Price) {
    if let Some(stop) = desk.market_mut(key).protection.stop.as_mut() {
        stop.trigger = trigger;
    }
}

/// The venue's own following stop waits there.
fn is_carried_by_venue(market: &Market, stop: &WantedStop) -> bool {
    stop.order(market).is_some_and(|order| {
        order.is_live() && order.callback.is_some() && order.order.class == OrderClass::Conditional
    })
}

/// The position grew beyond a stop that the venue moves: a larger one would begin to follow from the price of now, which may be
/// further away, so Lancet takes over from where this one is known to stand.
fn outgrown(desk: &mut Desk, key: MarketKey, out: &mut Effects) {
    let market = desk.market_mut(key);
    let (Some(stop), Some(instrument)) = (market.protection.stop, market.instrument.as_deref())
    else {
        return;
    };
    let most = instrument.max_market_qty.0;
    let lots = Qty(market.ledger.lots(instrument).min(most));
    let small = stop.order(market).is_some_and(|order| order.qty < lots);
    if stop.rate.is_some() && small && is_carried_by_venue(market, &stop) {
        take_over(
            market,
            "the position outgrew the venue's trailing stop",
            out,
        );
    }
}
