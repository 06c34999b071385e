//! Closing: bounded first, market when pressed again or when there is no price. Reduce-only always.

use crate::domain::{
    BookState, ClientId, Instrument, Intent, MarketKey, OrderClass, OrderKind, OrderStatus, Qty,
    Side, Stamp, TimeInForce,
};

use super::act::{self, known, may_enter, may_exit, near, nothing, rules};
use super::closing::{self, ClosePlan};
use super::desk::Desk;
use super::effect::{Effects, Loudness};
use super::market::Market;
use super::send::{self, Wish};
use super::{cancel, health, price, words};

/// A second "close all" within this time is the venue's market close, ms.
const AGAIN_MS: u64 = 2_000;

/// What a closing key means now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Close {
    /// The order.
    pub wish: Wish,
    /// How much it is meant to close, lots.
    qty: i64,
    /// The whole position, lots.
    total: i64,
    /// A second press: by market.
    again: bool,
}

/// The order that a closing key means now.
///
/// # Errors
/// Why the key would do nothing.
pub(super) fn plan_close(
    desk: &Desk,
    now: Stamp,
    key: MarketKey,
    percent: u8,
) -> Result<Close, String> {
    may_exit(desk)?;
    plan_part(desk, now, key, percent)
}

fn plan_part(desk: &Desk, now: Stamp, key: MarketKey, percent: u8) -> Result<Close, String> {
    let market = known(desk, key)?;
    let instrument = rules(market)?;
    let side = market
        .ledger
        .side()
        .ok_or_else(|| nothing(desk, flat_words(market)))?
        .opposite();
    let total = market.lots_to_close();
    let qty = part(total, percent)?;
    let again = percent == 100
        && market
            .close
            .as_ref()
            .is_some_and(|plan| plan.is_all_since(now, AGAIN_MS));
    let kind = if again {
        OrderKind::Market
    } else {
        bounded(desk, market, instrument, side, now, 1)
    };
    let wish = Wish {
        key,
        side,
        qty: Qty(qty.min(largest(instrument, kind))),
        kind,
        intent: Intent::Exit,
    };
    Ok(Close {
        wish,
        qty,
        total,
        again,
    })
}

/// Closes a part of the position.
pub(super) fn close(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    percent: u8,
    out: &mut Effects,
) -> Result<(), String> {
    may_exit(desk)?;
    close_part(desk, now, key, percent, out)
}

/// The same whatever is locked: what protects closes so too.
pub(super) fn close_part(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    percent: u8,
    out: &mut Effects,
) -> Result<(), String> {
    let close = plan_part(desk, now, key, percent)?;
    let Close {
        wish, qty, total, ..
    } = close;
    let market = known(desk, key)?;
    say(market, rules(market)?, &wish, close.again, now, out);
    let side = wish.side;
    let in_the_way = in_the_way(desk, key, side, qty, total);
    cancel::send_all(desk, now, key, &in_the_way, out);
    let sent = closing::begin(desk, now, wish, !in_the_way.is_empty(), out)?;
    let plan = ClosePlan::new(now, percent, wish, sent, total - qty, in_the_way);
    desk.market_mut(key).close = Some(plan);
    Ok(())
}

/// An IOC limit through the far side, `times` as far as the settings say; the venue's own market close where there is no live
/// reference.
pub(super) fn bounded(
    desk: &Desk,
    market: &Market,
    instrument: &Instrument,
    side: Side,
    now: Stamp,
    times: u32,
) -> OrderKind {
    let lost = matches!(
        health::state(market, now),
        BookState::Down(_) | BookState::Resync(_)
    );
    match market.best(side.opposite()) {
        Some(far) if !lost => OrderKind::Limit {
            price: act::through(desk, instrument, side, far, times),
            tif: TimeInForce::Ioc,
        },
        _ => OrderKind::Market,
    }
}

/// The largest order of a kind that the venue takes, lots.
pub(super) const fn largest(instrument: &Instrument, kind: OrderKind) -> i64 {
    match kind {
        OrderKind::Market | OrderKind::Stop { limit: None, .. } | OrderKind::Trail { .. } => {
            instrument.max_market_qty.0
        }
        OrderKind::Limit { .. } | OrderKind::Stop { limit: Some(_), .. } => instrument.max_qty.0,
    }
}

fn flat_words(market: &Market) -> String {
    let unknown = market
        .orders
        .live()
        .filter(|order| order.status == OrderStatus::Unknown)
        .count();
    let what = words::market(market.key);
    match unknown {
        0 => format!("{what} is FLAT: nothing to close"),
        more => format!("{what} is FLAT: nothing to close, but {more} UNKNOWN"),
    }
}

fn part(total: i64, percent: u8) -> Result<i64, String> {
    if total == 0 {
        return Err("the position is dust: less than the venue's least order".to_owned());
    }
    let part = i128::from(total) * i128::from(percent.min(100)) / 100;
    match i64::try_from(part) {
        Ok(0) | Err(_) => Err(format!(
            "{percent} % of the position is less than one lot; 0 closes all"
        )),
        Ok(part) => Ok(part),
    }
}

/// Resting exits that leave no room for the close: the venue counts them against the position (Binance -4118).
pub(super) fn in_the_way(
    desk: &Desk,
    key: MarketKey,
    side: Side,
    qty: i64,
    total: i64,
) -> Vec<ClientId> {
    let rests = |order: &super::working::Order| {
        order.intent == Intent::Exit
            && order.side == side
            && order.order.class == OrderClass::Regular
            && order.price.is_some()
            && order.tif != Some(TimeInForce::Ioc)
    };
    let covered = desk.market(&key).map_or(0, |market| {
        market
            .orders
            .live()
            .filter(|o| rests(o))
            .fold(0_i64, |sum, o| sum.saturating_add(o.remaining().0))
    });
    if covered.saturating_add(qty) > total {
        cancel::pick(desk, key, rests)
    } else {
        Vec::new()
    }
}

fn say(
    market: &Market,
    instrument: &Instrument,
    wish: &Wish,
    again: bool,
    now: Stamp,
    out: &mut Effects,
) {
    let what = words::order(instrument, wish.side, wish.qty);
    let state = health::state(market, now);
    match wish.kind {
        OrderKind::Market if again => {
            out.notice(Loudness::Warn, format!("{what} closes by market"));
        }
        OrderKind::Market => out.notice(
            Loudness::Warn,
            format!(
                "{what} closes by market: the book is {}",
                words::state(&state)
            ),
        ),
        OrderKind::Limit { .. } if !state.is_live() => {
            out.notice(Loudness::Warn, format!("{what} closes on a stale book"))
        }
        OrderKind::Limit { .. } | OrderKind::Stop { .. } | OrderKind::Trail { .. } => {}
    }
}

/// The order that closes what no resting exit covers yet, post-only inside the spread.
///
/// # Errors
/// Why there is none.
pub(super) fn plan_passive(desk: &Desk, key: MarketKey) -> Result<Wish, String> {
    may_exit(desk)?;
    let market = known(desk, key)?;
    let instrument = rules(market)?;
    let held = market
        .ledger
        .side()
        .ok_or_else(|| nothing(desk, flat_words(market)))?;
    let side = held.opposite();
    let covered = market.orders.covered(side);
    let free = Qty(market.ledger.lots(instrument)).less(covered);
    if free.is_zero() {
        return Err("exits already cover the position".to_owned());
    }
    let own = near(market, side)?;
    let kind = OrderKind::Limit {
        price: price::improved(side, own, market.best(side.opposite())),
        tif: TimeInForce::PostOnly,
    };
    Ok(Wish {
        key,
        side,
        qty: Qty(free.0.min(largest(instrument, kind))),
        kind,
        intent: Intent::Exit,
    })
}

/// Sends that order.
pub(super) fn close_passively(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    out: &mut Effects,
) -> Result<(), String> {
    let wish = plan_passive(desk, key)?;
    send::place(desk, now, wish, out).map(|_| ())
}

/// The order that turns the position round: twice its size, through the far side.
///
/// # Errors
/// Why there is none.
pub(super) fn plan_reverse(desk: &Desk, now: Stamp, key: MarketKey) -> Result<Wish, String> {
    may_exit(desk)?;
    if desk.is_hedge() {
        return Err("a hedge account has no reverse: close this leg, open the other".to_owned());
    }
    let market = known(desk, key)?;
    if market.is_spot() {
        return Err("spot has no short: there is no other side to turn to".to_owned());
    }
    let instrument = rules(market)?;
    let side = market
        .ledger
        .side()
        .ok_or_else(|| nothing(desk, flat_words(market)))?
        .opposite();
    may_enter(desk, market, now)?;
    if !market.orders.covered(side).is_zero() {
        return Err("an exit is open: it would meet the new position; cancel it first".to_owned());
    }
    let far = market
        .best(side.opposite())
        .ok_or("the other side is empty: nothing to take")?;
    let lots = market.ledger.lots(instrument);
    part(lots, 100)?;
    Ok(Wish {
        key,
        side,
        qty: Qty(lots.saturating_mul(2)),
        kind: OrderKind::Limit {
            price: act::through(desk, instrument, side, far, 1),
            tif: TimeInForce::Ioc,
        },
        intent: Intent::Entry,
    })
}

/// Sends that order.
pub(super) fn reverse(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    out: &mut Effects,
) -> Result<(), String> {
    let wish = plan_reverse(desk, now, key)?;
    send::place(desk, now, wish, out).map(|_| ())
}
