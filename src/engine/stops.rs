//! The keys of protection: stop and take at the cursor, stop to break-even, a stop that follows.

use crate::domain::{Instrument, MarketKey, Price, Qty, Side, Stamp};

use super::act::{known, may_exit, one_way, rules};
use super::desk::Desk;
use super::effect::{Effects, Loudness};
use super::event::Press;
use super::market::Market;
use super::protect::takes::{self, Take};
use super::protect::{self, WantedStop};
use super::trail;

/// A stop goes further away only by a second press within this time, ms.
const AGAIN_MS: u64 = 2_000;

/// Stop at the cursor.
pub(super) fn at_cursor(
    desk: &mut Desk,
    now: Stamp,
    press: &Press,
    out: &mut Effects,
) -> Result<(), String> {
    let trigger = press.cursor.ok_or("the cursor is off the screen")?;
    put(desk, now, press.key, trigger, out)
}

/// Stop to break-even, fees included.
pub(super) fn to_break_even(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    out: &mut Effects,
) -> Result<(), String> {
    let market = known(desk, key)?;
    let instrument = rules(market)?;
    let side = side_of(market)?;
    let even = market
        .ledger
        .break_even(market.fee_rates().1, instrument)
        .ok_or("break-even is not known")?;
    // Rounded to the side on which nothing is lost.
    let even = match side {
        Side::Buy => instrument.tick.ceil(even),
        Side::Sell => instrument.tick.floor(even),
    };
    let trigger = even.map(Price).ok_or("break-even is not known")?;
    put(desk, now, key, trigger, out)
}

/// Moves the stop by ticks: towards the price when positive.
pub(super) fn nudge(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    nearer: i64,
    out: &mut Effects,
) -> Result<(), String> {
    let market = known(desk, key)?;
    let side = side_of(market)?;
    let stop = market.protection.stop.ok_or("there is no stop to move")?;
    put(desk, now, key, stop.trigger.ahead(side, nearer), out)
}

/// Lets the stop follow the price at its distance, or stay.
pub(super) fn toggle_trail(
    desk: &mut Desk,
    key: MarketKey,
    out: &mut Effects,
) -> Result<(), String> {
    may_exit(desk)?;
    let market = known(desk, key)?;
    let side = side_of(market)?;
    let stop = market
        .protection
        .stop
        .ok_or("there is no stop to follow with")?;
    let best = market.best(side).ok_or("there is no price to follow")?;
    let distance = match side {
        Side::Buy => best.0.saturating_sub(stop.trigger.0),
        Side::Sell => stop.trigger.0.saturating_sub(best.0),
    };
    let (stop, words) = match (stop.trail, stop.rate) {
        (None, None) if distance > 0 => trail::begin(desk, stop, best, distance),
        (None, None) => return Err("the price is at the stop".to_owned()),
        _ => (stop.following(None, None), "the stop stays".to_owned()),
    };
    desk.market_mut(key).protection.stop = Some(stop);
    out.notice(Loudness::Info, words);
    Ok(())
}

/// Wants a stop here; a moved one is carried before the old one goes.
fn put(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    trigger: Price,
    out: &mut Effects,
) -> Result<(), String> {
    may_exit(desk)?;
    one_way(desk)?;
    let market = known(desk, key)?;
    let side = side_of(market)?;
    let best = market.best(side);
    if best.is_some_and(|best| !is_behind(side, trigger, best)) {
        return Err("the price is already through that: 0 closes".to_owned());
    }
    let old = market.protection.stop;
    let widens = old.is_some_and(|old| is_behind(side, trigger, old.trigger));
    let market = desk.market_mut(key);
    let asked = market
        .widening
        .replace((trigger, now))
        .is_some_and(|(before, at)| before == trigger && now.ms_since(at) <= AGAIN_MS);
    if widens && !asked {
        return Err("that is further away: press again to widen the stop".to_owned());
    }
    market.widening = None;
    let wanted = match old {
        Some(old) => old.moved(trigger),
        None => WantedStop::at(trigger),
    };
    market.protection.stop = Some(wanted);
    let market = known(desk, key)?;
    protect::say_stop(market, trigger, out);
    Ok(())
}

/// True when a stop at `trigger` is further behind a position of `side` than `other`.
pub(super) const fn is_behind(side: Side, trigger: Price, other: Price) -> bool {
    match side {
        Side::Buy => trigger.0 < other.0,
        Side::Sell => trigger.0 > other.0,
    }
}

fn side_of(market: &Market) -> Result<Side, String> {
    market
        .ledger
        .side()
        .ok_or_else(|| format!("{} is FLAT: there is nothing to protect", market.key.symbol))
}

/// Take at the cursor for what no exit covers yet, or for half of that.
pub(super) fn take_at_cursor(
    desk: &mut Desk,
    now: Stamp,
    press: &Press,
    parts: i64,
    out: &mut Effects,
) -> Result<(), String> {
    may_exit(desk)?;
    one_way(desk)?;
    let price = press.cursor.ok_or("the cursor is off the screen")?;
    let market = known(desk, press.key)?;
    let instrument = rules(market)?;
    let side = side_of(market)?.opposite();
    let qty = uncovered(market, instrument, side)?;
    // Half of an odd size is the larger half: the next press takes the rest.
    let qty = Qty(qty.0.div_euclid(parts) + qty.0.rem_euclid(parts).min(1));
    let sent = takes::place(desk, now, press.key, side, (price, qty), out)?;
    let market = desk.market_mut(press.key);
    if let Some(order) = market.orders.get(sent) {
        let take = Take::sent(order.price.unwrap_or(price), order.qty, sent);
        market.protection.takes.push(take);
    }
    Ok(())
}

/// What of the position no exit covers, lots.
fn uncovered(market: &Market, instrument: &Instrument, side: Side) -> Result<Qty, String> {
    let free = Qty(market.ledger.lots(instrument)).less(market.orders.covered(side));
    if free.is_zero() {
        return Err("exits already cover the position: cancel one with d".to_owned());
    }
    Ok(free)
}
