//! Own resting orders moved and resized: in place where the venue can, so that what is on its way counts twice until proved; else by
//! cancel and replace.

use crate::domain::{
    ClientId, Intent, MarketKey, OrderClass, OrderKind, OrderStatus, Outcome, Price, Qty, Side,
    Stamp, TimeInForce,
};

use super::act::{known, may_enter, may_exit, one_way, rules};
use super::desk::Desk;
use super::effect::{Bell, Effects, Loudness};
use super::event::Press;
use super::market::Market;
use super::working::Order;
use super::{plans, protect, replace, send, sizing, stop_entry, stops, words};

/// A change that is not proved is asked about after this, and again, ms.
const ASK_MS: u64 = 1_000;

/// Moves the selected order, or the only one, to the cursor.
pub(super) fn to_cursor(
    desk: &mut Desk,
    now: Stamp,
    press: &Press,
    out: &mut Effects,
) -> Result<(), String> {
    let price = press.cursor.ok_or("the cursor is off the screen")?;
    let market = known(desk, press.key)?;
    let order = chosen(market)?;
    let (client, qty) = (order.order.client, order.qty);
    match waits(order) {
        Some(Intent::Exit) => stops::at_cursor(desk, now, press, out),
        Some(Intent::Entry) => stop_entry::change(desk, now, press.key, client, (price, qty), out),
        None => change(desk, now, press.key, client, (price, qty), out),
    }
}

/// Moves it by ticks, up when positive.
pub(super) fn nudge(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    up: i64,
    out: &mut Effects,
) -> Result<(), String> {
    let market = known(desk, key)?;
    let order = chosen(market)?;
    let (client, qty) = (order.order.client, order.qty);
    match (waits(order), order.trigger) {
        (Some(Intent::Exit), _) => {
            // A long is left below, a short above.
            let nearer = if order.side == Side::Sell { up } else { -up };
            stops::nudge(desk, now, key, nearer, out)
        }
        (Some(Intent::Entry), Some(trigger)) => {
            let trigger = Price(trigger.0.saturating_add(up));
            stop_entry::change(desk, now, key, client, (trigger, qty), out)
        }
        _ => {
            let price = order.price.ok_or("a market order has no price to move")?;
            let price = Price(price.0.saturating_add(up));
            change(desk, now, key, client, (price, qty), out)
        }
    }
}

/// Gives it the chosen volume, beside what is filled of it already.
pub(super) fn resize(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    out: &mut Effects,
) -> Result<(), String> {
    let market = known(desk, key)?;
    let order = chosen(market)?;
    let waits = waits(order);
    if waits == Some(Intent::Exit) {
        return Err("a stop follows the position's size by itself".to_owned());
    }
    let (client, filled) = (order.order.client, order.filled);
    let volume = market.chosen();
    let at = order.trigger.or(order.price);
    let left = match order.intent {
        Intent::Entry => sizing::entering(desk, market, volume, order.side, at)?,
        Intent::Exit => sizing::reducing(desk, market, volume, order.side, at),
    };
    let qty = filled.plus(left);
    if let (Some(Intent::Entry), Some(trigger)) = (waits, order.trigger) {
        return stop_entry::change(desk, now, key, client, (trigger, qty), out);
    }
    let price = order
        .price
        .ok_or("a market order has no size left to change")?;
    change(desk, now, key, client, (price, qty), out)
}

/// What an order that waits for its trigger is for.
fn waits(order: &Order) -> Option<Intent> {
    (order.order.class == OrderClass::Conditional).then_some(order.intent)
}

/// The selected order; without one, the only one.
fn chosen(market: &Market) -> Result<&Order, String> {
    let own = |order: &&Order| !order.external && !protect::gave_way(market, order);
    let live = || market.orders.live().filter(own);
    if let Some(client) = market.selected {
        return live()
            .find(|order| order.order.client == client)
            .ok_or_else(|| "the selected order is gone, or not Lancet's".to_owned());
    }
    let mut orders = live();
    match (orders.next(), orders.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(format!("no own order rests on {}", market.key.symbol)),
        (Some(_), Some(_)) => Err("which order? s selects one".to_owned()),
    }
}

/// The trader's own move: whatever followed the market with this order leaves it to the trader.
fn change(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    client: ClientId,
    to: (Price, Qty),
    out: &mut Effects,
) -> Result<(), String> {
    steer(desk, now, key, client, to, out)?;
    plans::end_of(desk, key, client, "you moved its order", out);
    Ok(())
}

/// Moves a resting order: in place where the venue can, else by cancel and replace.
pub(super) fn steer(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    client: ClientId,
    (price, qty): (Price, Qty),
    out: &mut Effects,
) -> Result<(), String> {
    may_exit(desk)?;
    one_way(desk)?;
    let market = known(desk, key)?;
    let order = market
        .orders
        .get(client)
        .ok_or("the selected order is gone")?;
    if order.status != OrderStatus::Working || order.cancelling.is_some() {
        return Err("that order is not proved to rest: it cannot be moved".to_owned());
    }
    if order.amending.is_some() {
        return Err("its last move is not proved yet; press again".to_owned());
    }
    if order.price == Some(price) && order.qty == qty {
        return Err("the order is so already".to_owned());
    }
    let far = market.best(order.side.opposite());
    if far.is_some_and(|far| price.crosses(order.side, far)) {
        return Err("it would take there: a resting order is not moved through".to_owned());
    }
    match order.intent {
        Intent::Entry => may_enter(desk, market, now)?,
        Intent::Exit => may_cover(market, order, qty)?,
    }
    if desk.settings.amends {
        return send::amend(desk, now, key, client, (price, qty), out);
    }
    let tif = order.tif.unwrap_or(TimeInForce::Gtc);
    let kind = OrderKind::Limit { price, tif };
    replace::begin(desk, now, key, client, (kind, qty), out)
}

/// All exits together never cover more than the position.
fn may_cover(market: &Market, order: &Order, qty: Qty) -> Result<(), String> {
    let instrument = rules(market)?;
    let others = market.orders.covered(order.side).less(order.may_fill());
    let free = Qty(market.ledger.lots(instrument)).less(others);
    if qty.less(order.filled) > free {
        let free = words::qty(instrument, free);
        return Err(format!("exits may cover {free} here, no more"));
    }
    Ok(())
}

/// The venue's answer to a change.
pub(super) fn take_answer(
    desk: &mut Desk,
    key: MarketKey,
    client: ClientId,
    outcome: &Outcome,
    out: &mut Effects,
) {
    let Some(order) = desk.market_mut(key).orders.get_mut(client) else {
        return;
    };
    let failed = order.take_amend_answer(outcome);
    match outcome {
        Outcome::Accepted { .. } => {}
        Outcome::Unknown(_) => {
            plans::end_of(desk, key, client, "its last move is not proved", out);
        }
        Outcome::Rejected { .. } | Outcome::NotSent(_) => {
            plans::end_of(desk, key, client, "its last move was refused", out);
        }
    }
    match outcome {
        Outcome::Rejected { code, words, .. } if failed => {
            out.notice(Loudness::Warn, format!("not moved: {words} {code}"));
            out.bell(Bell::Reject);
            // A post-only order that would have taken is cancelled by it at some venues: the order itself must say.
            send::query(desk, key, client, out);
        }
        Outcome::NotSent(words) if failed => {
            out.notice(Loudness::Warn, format!("not moved: {words}"));
        }
        Outcome::Unknown(words) => out.notice(
            Loudness::Alarm,
            format!("MOVE UNKNOWN: {words}; old and new size count until proved"),
        ),
        _ => {}
    }
}

/// Asks about changes that stay unproved.
pub(super) fn insist(desk: &mut Desk, now: Stamp, out: &mut Effects) {
    let late: Vec<(MarketKey, ClientId)> = desk
        .markets
        .values()
        .flat_map(|m| m.orders.live().map(move |o| (m.key, o)))
        .filter(|(_, o)| o.amending.is_some_and(|a| now.ms_since(a.at) >= ASK_MS))
        .map(|(key, o)| (key, o.order.client))
        .collect();
    for (key, client) in late {
        if let Some(order) = desk.market_mut(key).orders.get_mut(client)
            && let Some(amending) = &mut order.amending
        {
            amending.at = now;
        }
        send::query(desk, key, client, out);
    }
}
