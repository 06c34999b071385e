//! Cancel and replace, where an order cannot be changed in place: the old one is cancelled, its end is proved, then what it left
//! unfilled is placed anew under a new name. Never are both alive.

use crate::domain::{
    ClientId, Intent, MarketKey, OrderKind, OrderStatus, Qty, Side, Stamp, TimeInForce,
};

use super::act::{known, may_enter, rules};
use super::closing::ClosePlan;
use super::desk::Desk;
use super::effect::{About, Effects, Loudness};
use super::market::Market;
use super::send::{self, Wish};
use super::words;
use super::working::Order;

/// An end that is not proved after this long is no reason any more to place anything, ms.
const GIVE_UP_MS: u64 = 5_000;

/// A move on its way.
#[derive(Clone, Debug)]
pub(super) struct Replace {
    old: ClientId,
    /// What the new one is.
    kind: OrderKind,
    /// Its total, what is filled of the old one included, lots.
    qty: Qty,
    asked: Stamp,
}

impl Replace {
    pub(super) const fn order(&self) -> ClientId {
        self.old
    }
}

/// True while this order is being replaced.
pub(super) fn is_running(market: &Market, client: ClientId) -> bool {
    market.plans.replaces.iter().any(|plan| plan.old == client)
}

/// Where the order that replaces this one will wait: its trigger, else its limit.
pub fn goes_to(market: &Market, client: ClientId) -> Option<crate::domain::Price> {
    let plan = market.plans.replaces.iter().find(|r| r.old == client)?;
    plan.kind.trigger().or(plan.kind.limit())
}

/// Somebody else wants the order gone: it is not placed again.
pub(super) fn forget(market: &mut Market, client: ClientId) {
    market.plans.replaces.retain(|plan| plan.old != client);
}

/// Whether the new order would pass every limit once the old one is gone.
///
/// # Errors
/// The limit that it would break.
pub(super) fn may_begin(
    desk: &Desk,
    now: Stamp,
    key: MarketKey,
    client: ClientId,
    (kind, qty): (OrderKind, Qty),
) -> Result<(), String> {
    let market = known(desk, key)?;
    let order = market.orders.get(client).ok_or("the order is gone")?;
    let wish = Wish {
        key,
        side: order.side,
        qty: qty.less(order.filled),
        kind,
        intent: order.intent,
    };
    send::rehearse(desk, now, &[wish], Some(client))
}

/// Begins to replace an order that rests.
///
/// # Errors
/// The limit that the new one would break; the old one stays.
pub(super) fn begin(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    client: ClientId,
    (kind, qty): (OrderKind, Qty),
    out: &mut Effects,
) -> Result<(), String> {
    may_begin(desk, now, key, client, (kind, qty))?;
    send::cancel(desk, now, key, client, out);
    desk.market_mut(key).plans.replaces.push(Replace {
        old: client,
        kind,
        qty,
        asked: now,
    });
    Ok(())
}

/// Drives the moves of a market on. `closed`: its position was closed, which ends entries.
pub(super) fn step(desk: &mut Desk, now: Stamp, key: MarketKey, closed: bool, out: &mut Effects) {
    let plans = std::mem::take(&mut desk.market_mut(key).plans.replaces);
    for plan in plans {
        match next(desk, now, key, &plan, closed) {
            Next::Wait => desk.market_mut(key).plans.replaces.push(plan),
            Next::Done => {}
            Next::End(why) => out.notice(Loudness::Warn, format!("not moved: {why}")),
            Next::Place(left) => place(desk, now, key, &plan, left, out),
        }
    }
}

enum Next {
    Wait,
    Done,
    End(&'static str),
    Place(Qty),
}

fn next(desk: &Desk, now: Stamp, key: MarketKey, plan: &Replace, closed: bool) -> Next {
    let order = desk.market(&key).and_then(|m| m.orders.get(plan.old));
    let Some(order) = order else {
        return Next::End("the order is gone");
    };
    if closed && order.intent == Intent::Entry {
        return Next::End("the position was closed; it is not placed again");
    }
    if order.order.class != plan.kind.class() {
        return Next::End("it fired first; what is left of it is cancelled");
    }
    match order.status {
        OrderStatus::Cancelled | OrderStatus::Expired => match plan.qty.less(order.filled) {
            Qty::ZERO => Next::Done,
            left => Next::Place(left),
        },
        OrderStatus::Filled => Next::End("it filled first"),
        OrderStatus::Rejected => Next::End("the order is gone"),
        _ if order.cancelling.is_none() => Next::End("the order stays where it was"),
        _ if now.ms_since(plan.asked) > GIVE_UP_MS => {
            Next::End("its cancel is not proved; it is not placed again")
        }
        _ => Next::Wait,
    }
}

fn place(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    plan: &Replace,
    left: Qty,
    out: &mut Effects,
) {
    let placed =
        wish(desk, now, key, plan, left).and_then(|wish| send::place(desk, now, wish, out));
    match placed {
        Ok(new) => {
            desk.each_of(key, |market| market.plans.renamed(now, plan.old, new));
            let market = desk.market_mut(key);
            if market.selected == Some(plan.old) {
                market.selected = Some(new);
            }
        }
        Err(words) => {
            let words = format!("cancelled to be moved, and not placed again: {words}");
            let about = (About::Order, Some(key));
            out.alert(
                about,
                "a moved order was not placed again",
                Loudness::Warn,
                words,
            );
        }
    }
}

fn wish(
    desk: &Desk,
    now: Stamp,
    key: MarketKey,
    plan: &Replace,
    left: Qty,
) -> Result<Wish, String> {
    let market = desk.market(&key).ok_or("its market is gone")?;
    let old = market.orders.get(plan.old).ok_or("the order is gone")?;
    let (kind, qty) = match old.intent {
        Intent::Entry => {
            may_enter(desk, market, now)?;
            (entry_kind(market, old, plan.kind)?, left)
        }
        Intent::Exit => (
            exit_kind(market, old.side, plan.kind),
            reduces(market, old, left)?,
        ),
    };
    Ok(Wish {
        key,
        side: old.side,
        qty,
        kind,
        intent: old.intent,
    })
}

/// A resting entry is not moved through the spread, however the price went meanwhile.
fn entry_kind(market: &Market, old: &Order, kind: OrderKind) -> Result<OrderKind, String> {
    match kind {
        OrderKind::Limit { price, .. } if takes(market, old.side, price) => {
            let instrument = rules(market)?;
            let at = words::price(instrument, price);
            Err(format!("it would take at {at} now"))
        }
        kind => Ok(kind),
    }
}

/// An exit goes out whatever the price did: where it would take, it may.
fn exit_kind(market: &Market, side: Side, kind: OrderKind) -> OrderKind {
    match kind {
        OrderKind::Limit { price, .. } if takes(market, side, price) => OrderKind::Limit {
            price,
            tif: TimeInForce::Gtc,
        },
        kind => kind,
    }
}

fn takes(market: &Market, side: Side, price: crate::domain::Price) -> bool {
    let far = market.best(side.opposite());
    far.is_some_and(|far| price.crosses(side, far))
}

/// What an exit may be placed anew for: no more than other exits leave of the position, nothing beside what closes all of it.
///
/// # Errors
/// Why it may not.
pub(super) fn reduces(market: &Market, old: &Order, left: Qty) -> Result<Qty, String> {
    if market.panic.is_some() {
        return Err("panic runs".to_owned());
    }
    if market.close.as_ref().is_some_and(ClosePlan::is_all) {
        return Err("the position is being closed".to_owned());
    }
    let held = market.ledger.side() == Some(old.side.opposite());
    let free = Qty(market.ledger.lots(rules(market)?)).less(market.orders.covered(old.side));
    match left.min(free) {
        Qty::ZERO => Err("nothing is left to reduce".to_owned()),
        _ if !held => Err("nothing is left to reduce".to_owned()),
        qty => Ok(qty),
    }
}
