//! The keys of protection: stop and take at the cursor, stop to break-even, a stop that follows.

use crate::domain::{Instrument, MarketKey, Price, Qty, Side, Stamp};

use super::act::{known, may_exit, rules};
use super::desk::Desk;
use super::effect::{Effects, Loudness};
use super::event::Press;
use super::market::Market;
use super::protect::takes::{self, Take};
use super::protect::{self, WantedStop};
use super::send::{self, Wish};
use super::{cancel, trail, words};

/// A stop goes further away only by a second press within this time, ms ...
pub(super) const AGAIN_MS: u64 = 2_000;
/// ... or by the same line once more within this, ms.
const AGAIN_LINE_MS: u64 = 10_000;

/// Where a stop or a take is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At this price.
    Price(Price),
    /// So many ticks from the position's average entry: above zero where it wins, below zero where it loses.
    FromEntry(i64),
}

impl Place {
    fn price(self, market: &Market) -> Result<Price, String> {
        match self {
            Self::Price(price) => Ok(price),
            Self::FromEntry(ticks) => {
                let side = side_of(market)?;
                let entry = rules(market)?.tick.floor(market.ledger.entry());
                let entry = entry.ok_or("the entry is not known")?;
                Ok(Price(entry).ahead(side, ticks))
            }
        }
    }
}

/// Stop at the cursor.
pub(super) fn at_cursor(
    desk: &mut Desk,
    now: Stamp,
    press: &Press,
    out: &mut Effects,
) -> Result<(), String> {
    let trigger = cursor(press)?;
    put(desk, now, press.key, trigger, AGAIN_MS, out)
}

/// Stop where a line says; `None`: none, said once more.
pub(super) fn at(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    place: Option<Place>,
    out: &mut Effects,
) -> Result<(), String> {
    match place {
        Some(place) => {
            let trigger = place.price(known(desk, key)?)?;
            put(desk, now, key, trigger, AGAIN_LINE_MS, out)
        }
        None => remove(desk, now, key, out),
    }
}

/// The trigger of a stop where a line says.
///
/// # Errors
/// Why the line would do nothing, or that it must be entered twice.
pub(super) fn plan_at(
    desk: &Desk,
    now: Stamp,
    key: MarketKey,
    place: Place,
) -> Result<Price, String> {
    let trigger = place.price(known(desk, key)?)?;
    let put = plan(desk, now, key, trigger, AGAIN_LINE_MS)?;
    if put.asks_again {
        return Err("that is further away: entered twice it widens the stop".to_owned());
    }
    Ok(trigger)
}

fn remove(desk: &mut Desk, now: Stamp, key: MarketKey, out: &mut Effects) -> Result<(), String> {
    may_exit(desk)?;
    let market = desk.market_mut(key);
    if market.protection.stop.is_none() {
        return Err("there is no stop to take away".to_owned());
    }
    if !was_asked(market, now, None, AGAIN_LINE_MS) {
        market.widening = Some((None, now));
        return Err("that leaves the position without a stop: enter it again to do it".to_owned());
    }
    market.widening = None;
    cancel::stops(desk, now, key, out)
}

/// True when the same widening was asked for within the last `ms`.
fn was_asked(market: &Market, now: Stamp, to: Option<Price>, ms: u64) -> bool {
    market
        .widening
        .is_some_and(|(before, at)| before == to && now.ms_since(at) <= ms)
}

/// The trigger that the cursor means.
///
/// # Errors
/// When it is off the screen.
pub(super) fn cursor(press: &Press) -> Result<Price, String> {
    press
        .cursor
        .ok_or_else(|| "the cursor is off the screen".to_owned())
}

/// Stop to break-even, fees included.
pub(super) fn to_break_even(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    out: &mut Effects,
) -> Result<(), String> {
    let trigger = even(desk, key)?;
    put(desk, now, key, trigger, AGAIN_MS, out)
}

/// The trigger at break-even.
///
/// # Errors
/// When it is not known.
pub(super) fn even(desk: &Desk, key: MarketKey) -> Result<Price, String> {
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
    even.map(Price)
        .ok_or_else(|| "break-even is not known".to_owned())
}

/// Moves the stop by ticks: towards the price when positive.
pub(super) fn nudge(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    nearer: i64,
    out: &mut Effects,
) -> Result<(), String> {
    let trigger = nudged(desk, key, nearer)?;
    put(desk, now, key, trigger, AGAIN_MS, out)
}

/// The trigger so many ticks nearer to the price.
///
/// # Errors
/// When there is no stop.
pub(super) fn nudged(desk: &Desk, key: MarketKey, nearer: i64) -> Result<Price, String> {
    let market = known(desk, key)?;
    let side = side_of(market)?;
    let stop = market.protection.stop.ok_or("there is no stop to move")?;
    Ok(stop.trigger.ahead(side, nearer))
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

/// What a key that puts a stop means now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Put {
    /// The stop that is wanted then.
    pub stop: WantedStop,
    /// It widens, and was not asked for before: only a second press does it.
    pub asks_again: bool,
}

/// What is said when a stop would widen.
pub(super) const WIDENS: &str = "that is further away: press again to widen the stop";

/// The stop that is wanted with a key at this trigger; one that widens counts as asked for again within `again_ms`.
///
/// # Errors
/// Why the key would do nothing.
pub(super) fn plan(
    desk: &Desk,
    now: Stamp,
    key: MarketKey,
    trigger: Price,
    again_ms: u64,
) -> Result<Put, String> {
    may_exit(desk)?;
    let market = known(desk, key)?;
    let side = side_of(market)?;
    let best = market.best(side);
    if best.is_some_and(|best| !is_behind(side, trigger, best)) {
        return Err("the price is already through that: 0 closes".to_owned());
    }
    let old = market.protection.stop;
    let widens = old.is_some_and(|old| is_behind(side, trigger, old.trigger));
    let asked = was_asked(market, now, Some(trigger), again_ms);
    Ok(Put {
        stop: match old {
            Some(old) => old.moved(trigger),
            None => WantedStop::at(trigger),
        },
        asks_again: widens && !asked,
    })
}

/// Wants a stop here; a moved one is carried before the old one goes.
pub(super) fn put(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    trigger: Price,
    again_ms: u64,
    out: &mut Effects,
) -> Result<(), String> {
    let put = plan(desk, now, key, trigger, again_ms)?;
    let market = desk.market_mut(key);
    market.widening = put.asks_again.then_some((Some(trigger), now));
    if put.asks_again {
        return Err(WIDENS.to_owned());
    }
    market.protection.stop = Some(put.stop);
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
    market.ledger.side().ok_or_else(|| {
        format!(
            "{} is FLAT: there is nothing to protect",
            words::market(market.key)
        )
    })
}

/// Take at the cursor for what no exit covers yet, or for one of so many parts of that.
pub(super) fn take_at_cursor(
    desk: &mut Desk,
    now: Stamp,
    press: &Press,
    parts: i64,
    out: &mut Effects,
) -> Result<(), String> {
    let wish = plan_take_at_cursor(desk, press, parts)?;
    take(desk, now, wish, out)
}

/// The order that the key means now.
///
/// # Errors
/// Why the key would do nothing.
pub(super) fn plan_take_at_cursor(desk: &Desk, press: &Press, parts: i64) -> Result<Wish, String> {
    plan_take(desk, press.key, cursor(press)?, parts)
}

/// Take where a line says.
pub(super) fn take_at(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    place: Place,
    out: &mut Effects,
) -> Result<(), String> {
    let wish = plan_take_at(desk, key, place)?;
    take(desk, now, wish, out)
}

/// The order that the line means now.
///
/// # Errors
/// Why the line would do nothing.
pub(super) fn plan_take_at(desk: &Desk, key: MarketKey, place: Place) -> Result<Wish, String> {
    plan_take(desk, key, place.price(known(desk, key)?)?, 1)
}

fn plan_take(desk: &Desk, key: MarketKey, price: Price, parts: i64) -> Result<Wish, String> {
    may_exit(desk)?;
    let market = known(desk, key)?;
    let instrument = rules(market)?;
    let side = side_of(market)?.opposite();
    let qty = uncovered(market, instrument, side)?;
    // Half of an odd size is the larger half: the next press takes the rest.
    let qty = Qty(qty.0.div_euclid(parts) + qty.0.rem_euclid(parts).min(1));
    takes::wish(desk, key, side, (price, qty))
}

fn take(desk: &mut Desk, now: Stamp, wish: Wish, out: &mut Effects) -> Result<(), String> {
    let sent = send::place(desk, now, wish, out)?;
    let market = desk.market_mut(wish.key);
    if let Some(order) = market.orders.get(sent)
        && let Some(price) = order.price
    {
        let take = Take::sent(price, order.qty, sent);
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
