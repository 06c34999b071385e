//! Closing: bounded first, market when pressed again or when there is no price. Reduce-only always.

use crate::domain::message::Proves;
use crate::domain::{
    BookState, ClientId, Instrument, Intent, MarketKey, OrderClass, OrderKind, OrderStatus, Qty,
    Side, Stamp, TimeInForce,
};

use super::act::{self, known, may_exit, one_way, rules};
use super::desk::Desk;
use super::effect::{Effects, Loudness};
use super::market::Market;
use super::send::{self, Wish};
use super::{cancel, health, words};

/// A second "close all" within this time is the venue's market close, ms.
const AGAIN_MS: u64 = 2_000;
/// A refused close is sent again only so long after its key press, ms.
const RETRY_MS: u64 = 5_000;

/// A close that a key asked for.
#[derive(Clone, Debug)]
pub(super) struct ClosePlan {
    pressed: Stamp,
    percent: u8,
    wish: Wish,
    sent: ClientId,
    /// Exits that were in the way and must be proved gone before the close can be sent again.
    in_the_way: Vec<ClientId>,
    refused: bool,
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
    one_way(desk)?;
    let market = known(desk, key)?;
    let instrument = rules(market)?;
    let side = market
        .ledger
        .side()
        .ok_or_else(|| flat_words(market))?
        .opposite();
    let total = market.ledger.lots(instrument);
    let qty = part(total, percent)?;
    let again = percent == 100
        && market
            .close
            .as_ref()
            .is_some_and(|plan| plan.percent == 100 && now.ms_since(plan.pressed) <= AGAIN_MS);
    let kind = if again {
        OrderKind::Market
    } else {
        bounded(desk, market, instrument, side, now)
    };
    let wish = Wish {
        key,
        side,
        qty: Qty(qty.min(largest(instrument, kind))),
        kind,
        intent: Intent::Exit,
    };
    say(market, instrument, &wish, again, now, out);
    let in_the_way = in_the_way(desk, key, side, qty, total);
    cancel::send_all(desk, now, key, &in_the_way, out);
    let sent = send::place(desk, now, wish, out)?;
    desk.market_mut(key).close = Some(ClosePlan {
        pressed: now,
        percent,
        wish,
        sent,
        in_the_way,
        refused: false,
    });
    Ok(())
}

/// An IOC limit through the far side; the venue's own market close where there is no live reference.
pub(super) fn bounded(
    desk: &Desk,
    market: &Market,
    instrument: &Instrument,
    side: Side,
    now: Stamp,
) -> OrderKind {
    let lost = matches!(
        health::state(market, now),
        BookState::Down(_) | BookState::Resync(_)
    );
    match market.best(side.opposite()) {
        Some(far) if !lost => OrderKind::Limit {
            price: act::through(desk, instrument, side, far),
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
    let symbol = market.key.symbol;
    match unknown {
        0 => format!("{symbol} is FLAT: nothing to close"),
        more => format!("{symbol} is FLAT: nothing to close, but {more} UNKNOWN"),
    }
}

fn part(total: i64, percent: u8) -> Result<i64, String> {
    if total == 0 {
        return Err("the position is dust: less than one lot".to_owned());
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
fn in_the_way(desk: &Desk, key: MarketKey, side: Side, qty: i64, total: i64) -> Vec<ClientId> {
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

/// The venue refused a close: remember it, so that it goes again when nothing is in its way.
pub(super) fn refused(
    desk: &mut Desk,
    key: MarketKey,
    client: ClientId,
    proves: Proves,
    out: &mut Effects,
) {
    if proves != Proves::NothingToReduce {
        return;
    }
    send::reconcile(out);
    if let Some(plan) = desk.market_mut(key).close.as_mut()
        && plan.sent == client
        && !plan.in_the_way.is_empty()
    {
        plan.refused = true;
    }
}

/// Sends refused closes again under a new name, once what was in their way is proved gone.
pub(super) fn step(desk: &mut Desk, now: Stamp, out: &mut Effects) {
    let keys: Vec<MarketKey> = desk.markets.keys().copied().collect();
    for key in keys {
        step_one(desk, now, key, out);
    }
}

/// The same for one market, as soon as an order of it ended.
pub(super) fn step_one(desk: &mut Desk, now: Stamp, key: MarketKey, out: &mut Effects) {
    let Some(market) = desk.market(&key) else {
        return;
    };
    let Some(plan) = market.close.as_ref().filter(|plan| plan.refused) else {
        return;
    };
    let gone = plan
        .in_the_way
        .iter()
        .all(|id| market.orders.get(*id).is_none_or(|o| !o.is_live()));
    let lots = market.instrument.as_ref().map(|i| market.ledger.lots(i));
    let mut wish = plan.wish;
    let late = now.ms_since(plan.pressed) > RETRY_MS;
    wish.qty = Qty(wish.qty.0.min(lots.unwrap_or(0)));
    if late || wish.qty.is_zero() || market.ledger.side() != Some(wish.side.opposite()) {
        desk.market_mut(key).close = None;
        return;
    }
    if !gone {
        return;
    }
    let sent = send::place(desk, now, wish, out);
    let plan = desk.market_mut(key).close.as_mut();
    match (sent, plan) {
        (Ok(id), Some(plan)) => {
            plan.refused = false;
            plan.sent = id;
            plan.in_the_way.clear();
        }
        (Err(words), _) => out.notice(Loudness::Warn, words),
        (Ok(_), None) => {}
    }
}
