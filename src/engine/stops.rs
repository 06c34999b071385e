//! The keys of protection: stop and take at the cursor, stop to break-even, a stop that follows.

use crate::domain::{
    Instrument, Intent, MarketKey, OrderKind, Price, Qty, Side, Stamp, TimeInForce,
};

use super::act::{known, may_exit, one_way, rules};
use super::desk::Desk;
use super::effect::{Effects, Loudness};
use super::event::Press;
use super::market::Market;
use super::protect::{self, WantedStop};
use super::send::{self, Wish};
use super::{cancel, exits};

/// A stop goes further away only by a second press within this time, ms ...
const AGAIN_MS: u64 = 2_000;
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
    let trigger = press.cursor.ok_or("the cursor is off the screen")?;
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

fn remove(desk: &mut Desk, now: Stamp, key: MarketKey, out: &mut Effects) -> Result<(), String> {
    may_exit(desk)?;
    let market = desk.market_mut(key);
    if market.protection.stop.is_none() {
        return Err("there is no stop to take away".to_owned());
    }
    if !asked_before(market, now, None, AGAIN_LINE_MS) {
        return Err("that leaves the position without a stop: enter it again to do it".to_owned());
    }
    cancel::stops(desk, now, key, out)
}

/// True when the same widening was asked for within the last `ms`; else it is remembered.
fn asked_before(market: &mut Market, now: Stamp, to: Option<Price>, ms: u64) -> bool {
    let asked = market
        .widening
        .take()
        .is_some_and(|(before, at)| before == to && now.ms_since(at) <= ms);
    if !asked {
        market.widening = Some((to, now));
    }
    asked
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
    put(desk, now, key, trigger, AGAIN_MS, out)
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
    let trigger = stop.trigger.ahead(side, nearer);
    put(desk, now, key, trigger, AGAIN_MS, out)
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
    let trail = match stop.trail {
        Some(_) => None,
        None if distance > 0 => Some(distance),
        None => return Err("the price is at the stop".to_owned()),
    };
    if let Some(stop) = desk.market_mut(key).protection.stop.as_mut() {
        stop.trail = trail;
    }
    let words = match trail {
        Some(ticks) => format!("the stop follows {ticks}t behind; Lancet moves it"),
        None => "the stop stays".to_owned(),
    };
    out.notice(Loudness::Info, words);
    Ok(())
}

/// Wants a stop here; a moved one is carried before the old one goes.
fn put(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    trigger: Price,
    again_ms: u64,
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
    if widens && !asked_before(market, now, Some(trigger), again_ms) {
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
const fn is_behind(side: Side, trigger: Price, other: Price) -> bool {
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

/// Take at the cursor.
pub(super) fn take_at_cursor(
    desk: &mut Desk,
    now: Stamp,
    press: &Press,
    out: &mut Effects,
) -> Result<(), String> {
    may_exit(desk)?;
    one_way(desk)?;
    let price = press.cursor.ok_or("the cursor is off the screen")?;
    place_take(desk, now, press.key, price, out)
}

/// Take where a line says.
pub(super) fn take_at(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    place: Place,
    out: &mut Effects,
) -> Result<(), String> {
    may_exit(desk)?;
    one_way(desk)?;
    let price = place.price(known(desk, key)?)?;
    place_take(desk, now, key, price, out)
}

/// A resting reduce-only limit for what no exit covers yet, post-only where it rests.
pub(super) fn place_take(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    price: Price,
    out: &mut Effects,
) -> Result<(), String> {
    let market = known(desk, key)?;
    let instrument = rules(market)?;
    let side = side_of(market)?.opposite();
    let free = Qty(market.ledger.lots(instrument)).less(market.orders.covered(side));
    if free.is_zero() {
        return Err("exits already cover the position: cancel one with d".to_owned());
    }
    let rests = market
        .best(side.opposite())
        .is_none_or(|far| !price.crosses(side, far));
    let kind = OrderKind::Limit {
        price,
        tif: if rests {
            TimeInForce::PostOnly
        } else {
            TimeInForce::Gtc
        },
    };
    let wish = Wish {
        key,
        side,
        qty: whole(free, kind, instrument),
        kind,
        intent: Intent::Exit,
    };
    send::place(desk, now, wish, out).map(|_| ())
}

fn whole(free: Qty, kind: OrderKind, instrument: &Instrument) -> Qty {
    Qty(free.0.min(exits::largest(instrument, kind)))
}
