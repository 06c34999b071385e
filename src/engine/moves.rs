//! Own resting orders moved and resized: in place where the venue can, so that what is on its way counts twice until proved; else by
//! cancel and replace.

use crate::domain::{
    ClientId, Intent, MarketKey, OrderClass, OrderKind, OrderStatus, Outcome, Price, Qty, Side,
    Stamp, TimeInForce,
};

use super::act::{known, may_enter, may_exit, rules};
use super::desk::Desk;
use super::effect::{About, Effects, Loudness};
use super::event::Press;
use super::market::Market;
use super::protect::takes;
use super::working::Order;
use super::{plans, protect, replace, send, sizing, stop_entry, stops, words};

/// A change that is not proved is asked about after this, and again, ms.
const ASK_MS: u64 = 1_000;

/// What a key that moves or resizes means now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// A resting order of this market, its new price and total.
    Order(MarketKey, ClientId, Price, Qty),
    /// The stop of this market, its new trigger.
    Stop(MarketKey, Price),
    /// A stop entry of this market, its new trigger and total.
    StopEntry(MarketKey, ClientId, Price, Qty),
}

/// Moves the selected order, or the only one, to the cursor.
pub(super) fn to_cursor(
    desk: &mut Desk,
    now: Stamp,
    press: &Press,
    out: &mut Effects,
) -> Result<(), String> {
    let change = plan_to_cursor(desk, press)?;
    make(desk, now, change, out)
}

/// What moving to the cursor means now.
///
/// # Errors
/// Why there is nothing to move.
pub(super) fn plan_to_cursor(desk: &Desk, press: &Press) -> Result<Change, String> {
    let price = press.cursor.ok_or("the cursor is off the screen")?;
    let (market, order) = chosen(desk, press.key)?;
    let (key, client, qty) = (market.key, order.order.client, order.qty);
    Ok(match waits(order) {
        Some(Intent::Exit) => Change::Stop(key, price),
        Some(Intent::Entry) => Change::StopEntry(key, client, price, qty),
        None => Change::Order(key, client, price, qty),
    })
}

/// Moves it by ticks, up when positive.
pub(super) fn nudge(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    up: i64,
    out: &mut Effects,
) -> Result<(), String> {
    let change = plan_nudge(desk, key, up)?;
    make(desk, now, change, out)
}

/// What moving by ticks means now, up when positive.
///
/// # Errors
/// Why there is nothing to move.
pub(super) fn plan_nudge(desk: &Desk, key: MarketKey, up: i64) -> Result<Change, String> {
    let (market, order) = chosen(desk, key)?;
    let (key, client, qty) = (market.key, order.order.client, order.qty);
    match (waits(order), order.trigger) {
        (Some(Intent::Exit), _) => {
            // A long is left below, a short above.
            let nearer = if order.side == Side::Sell { up } else { -up };
            Ok(Change::Stop(key, stops::nudged(desk, key, nearer)?))
        }
        (Some(Intent::Entry), Some(trigger)) => {
            let trigger = Price(trigger.0.saturating_add(up));
            Ok(Change::StopEntry(key, client, trigger, qty))
        }
        _ => {
            let price = order.price.ok_or("a market order has no price to move")?;
            let price = Price(price.0.saturating_add(up));
            Ok(Change::Order(key, client, price, qty))
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
    let change = plan_resize(desk, key)?;
    make(desk, now, change, out)
}

/// What giving it the chosen volume means now.
///
/// # Errors
/// Why there is nothing to resize.
pub(super) fn plan_resize(desk: &Desk, key: MarketKey) -> Result<Change, String> {
    let (market, order) = chosen(desk, key)?;
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
        return Ok(Change::StopEntry(market.key, client, trigger, qty));
    }
    let price = order
        .price
        .ok_or("a market order has no size left to change")?;
    Ok(Change::Order(market.key, client, price, qty))
}

/// What an order that waits for its trigger is for.
fn waits(order: &Order) -> Option<Intent> {
    (order.order.class == OrderClass::Conditional).then_some(order.intent)
}

/// The selected order of a symbol; without one, the only one.
fn chosen(desk: &Desk, key: MarketKey) -> Result<(&Market, &Order), String> {
    let own =
        |(market, order): &(&Market, &Order)| !order.external && !protect::gave_way(market, order);
    let live = || {
        desk.of_symbol(key)
            .flat_map(|market| market.orders.live().map(move |order| (market, order)))
            .filter(own)
    };
    if let Some(client) = desk.of_symbol(key).find_map(|market| market.selected) {
        return live()
            .find(|(_, order)| order.order.client == client)
            .ok_or_else(|| "the selected order is gone, or not Lancet's".to_owned());
    }
    let mut orders = live();
    match (orders.next(), orders.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(format!("no own order rests on {}", key.symbol)),
        (Some(_), Some(_)) => Err("which order? s selects one".to_owned()),
    }
}

/// The trader's own change: whatever followed the market with this order leaves it to the trader.
fn make(desk: &mut Desk, now: Stamp, change: Change, out: &mut Effects) -> Result<(), String> {
    match change {
        Change::Order(key, client, price, qty) => {
            may_change(desk, now, key, client, (price, qty))?;
            if desk.settings.amends || !takes::is_carrier(known(desk, key)?, client) {
                shift(desk, now, key, client, (price, qty), out)?;
            }
            takes::changed(desk.market_mut(key), client, price, qty);
            plans::end_of(desk, key, client, "you moved its order", out);
            Ok(())
        }
        Change::Stop(key, trigger) => stops::put(desk, now, key, trigger, stops::AGAIN_MS, out),
        Change::StopEntry(key, client, trigger, qty) => {
            stop_entry::change(desk, now, key, client, (trigger, qty), out)
        }
    }
}

/// Moves a resting order for a plan.
pub(super) fn steer(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    client: ClientId,
    to: (Price, Qty),
    out: &mut Effects,
) -> Result<(), String> {
    may_change(desk, now, key, client, to)?;
    shift(desk, now, key, client, to, out)
}

/// In place where the venue can, else by cancel and replace.
fn shift(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    client: ClientId,
    (price, qty): (Price, Qty),
    out: &mut Effects,
) -> Result<(), String> {
    if desk.settings.amends {
        return send::amend(desk, now, key, client, (price, qty), out);
    }
    let order = known(desk, key)?.orders.get(client);
    let tif = order.and_then(|order| order.tif);
    let kind = OrderKind::Limit {
        price,
        tif: tif.unwrap_or(TimeInForce::Gtc),
    };
    replace::begin(desk, now, key, client, (kind, qty), out)
}

/// Whether a resting order may be changed so, beside the limits.
///
/// # Errors
/// Why not.
pub(super) fn may_change(
    desk: &Desk,
    now: Stamp,
    key: MarketKey,
    client: ClientId,
    (price, qty): (Price, Qty),
) -> Result<(), String> {
    may_exit(desk)?;
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
        return Err("nothing to change: the order is already so".to_owned());
    }
    let far = market.best(order.side.opposite());
    if far.is_some_and(|far| price.crosses(order.side, far)) {
        return Err("it would take there: a resting order is not moved through".to_owned());
    }
    match order.intent {
        Intent::Entry => may_enter(desk, market, now),
        Intent::Exit => may_cover(market, order, qty),
    }
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
    if failed {
        takes::not_changed(desk.market_mut(key), client);
    }
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
            let words = format!("not moved: {words} {code}");
            let about = (About::Order, Some(key));
            out.alert(about, "a move was refused", Loudness::Warn, words);
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
