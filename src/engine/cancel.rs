//! Cancels: what the keys name, sent again until the venue proves the end.

use crate::domain::{ClientId, Intent, MarketKey, OrderClass, OrderStatus, Stamp, TimeInForce};

use super::act::{may_exit, nothing};
use super::desk::Desk;
use super::effect::{Effects, Loudness};
use super::event::{Press, Row};
use super::market::Market;
use super::working::Order;
use super::{plans, protect, replace, send, words};

/// A cancel that is not proved after this long is sent again, ms; each further one waits twice as long.
const INSIST_MS: u64 = 1_000;
/// The longest wait between cancels of one order, ms.
const INSIST_AT_MOST_MS: u64 = 8_000;

/// Own entries of one market.
pub(super) fn entries(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    out: &mut Effects,
) -> Result<(), String> {
    may_exit(desk)?;
    let done = picked(desk, now, key, is_own_entry, "entries", out);
    // An exit that follows the price stays, and follows no more.
    let mut ended = false;
    for key in desk.keys_of(key) {
        ended |= plans::end_all(desk, key, "you ended it", out);
    }
    if ended {
        return Ok(());
    }
    done
}

/// Cancels the orders that `rule` picks; `what` they are called where there are none.
pub(super) fn picked(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    rule: impl Fn(&Order) -> bool,
    what: &str,
    out: &mut Effects,
) -> Result<(), String> {
    may_exit(desk)?;
    let mut none = true;
    for key in desk.keys_of(key) {
        let named = pick(desk, key, &rule);
        none &= named.is_empty();
        send_all(desk, now, key, &named, out);
    }
    if none {
        let words = format!("no {what} to cancel on {}", key.symbol);
        return Err(nothing(desk, words));
    }
    Ok(())
}

/// Own entries of every market.
pub(super) fn entries_everywhere(
    desk: &mut Desk,
    now: Stamp,
    out: &mut Effects,
) -> Result<(), String> {
    may_exit(desk)?;
    if !own_entries(desk, now, out) {
        return Err(nothing(desk, "no entries to cancel anywhere".to_owned()));
    }
    Ok(())
}

/// Cancels every own entry; true when there was one.
pub(super) fn own_entries(desk: &mut Desk, now: Stamp, out: &mut Effects) -> bool {
    let keys: Vec<MarketKey> = desk.markets.keys().copied().collect();
    let mut any = false;
    for key in keys {
        let named = pick(desk, key, is_own_entry);
        any |= !named.is_empty();
        send_all(desk, now, key, &named, out);
    }
    any
}

/// Own stops of one market; none is wanted any more.
pub(super) fn stops(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    out: &mut Effects,
) -> Result<(), String> {
    may_exit(desk)?;
    let wanted = desk.market_mut(key).protection.stop.take();
    let named = pick(desk, key, protect::is_stop);
    if wanted.is_none() && named.is_empty() {
        return Err(format!("no stops to cancel on {}", words::market(key)));
    }
    send_all(desk, now, key, &named, out);
    let words = format!("{}: no stop is wanted any more", words::market(key));
    out.notice(Loudness::Warn, words);
    Ok(())
}

/// Everything of one market, stops and foreign orders included.
pub(super) fn symbol(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    out: &mut Effects,
) -> Result<(), String> {
    for key in desk.keys_of(key) {
        protect::given_up_all(desk, key);
    }
    picked(desk, now, key, |_| true, "orders", out)
}

/// The selected order, else those in the row under the cursor.
pub(super) fn at(
    desk: &mut Desk,
    now: Stamp,
    press: &Press,
    out: &mut Effects,
) -> Result<(), String> {
    may_exit(desk)?;
    let selected = match press.pointed {
        true => None,
        false => selected(desk, press.key),
    };
    if !press.pointed {
        desk.each_of(press.key, |market| market.selected = None);
    }
    let named = match selected {
        Some(named) => vec![named],
        None => {
            let cursor = press.cursor.ok_or("the cursor is off the screen")?;
            let alone = (cursor, cursor);
            let row = press.row.unwrap_or(Row {
                buys: alone,
                sells: alone,
            });
            in_row(desk, press.key, row)
        }
    };
    if named.is_empty() {
        let place = if press.pointed {
            "on that row"
        } else {
            "at the cursor"
        };
        return Err(format!("no own order {place}"));
    }
    for (key, client) in named {
        protect::given_up(desk, key, client);
        send_all(desk, now, key, &[client], out);
    }
    Ok(())
}

/// The selected order of a symbol, while it lives.
fn selected(desk: &Desk, key: MarketKey) -> Option<(MarketKey, ClientId)> {
    desk.of_symbol(key).find_map(|market| {
        let id = market.selected?;
        let lives = market.orders.get(id).is_some_and(Order::is_live);
        lives.then_some((market.key, id))
    })
}

fn in_row(desk: &Desk, key: MarketKey, row: Row) -> Vec<(MarketKey, ClientId)> {
    let holds = |market: &Market, order: &Order| {
        let trigger = market.protection.trigger_of(order);
        let mut prices = [order.price, trigger].into_iter().flatten();
        prices.any(|price| row.holds(order.side, price))
    };
    desk.of_symbol(key)
        .flat_map(|market| {
            let rows = market.orders.live().filter(move |o| holds(market, o));
            rows.map(|order| (market.key, order.order.client))
        })
        .collect()
}

/// Selects the next own order, from the highest price down; after the last, none.
pub(super) fn select_next(desk: &mut Desk, key: MarketKey) -> Result<(), String> {
    let mut rows: Vec<_> = desk
        .of_symbol(key)
        .flat_map(|market| market.orders.live().map(move |o| (market.key, o)))
        .map(|(key, o)| (o.price.or(o.trigger), o.order.client, key))
        .collect();
    if rows.is_empty() {
        return Err(format!("no own orders on {}", key.symbol));
    }
    rows.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let before = desk.of_symbol(key).find_map(|market| market.selected);
    let next = match before {
        None => 0,
        Some(id) => rows
            .iter()
            .position(|row| row.1 == id)
            .map_or(0, |at| at + 1),
    };
    desk.each_of(key, |market| market.selected = None);
    if let Some((_, client, key)) = rows.get(next).copied() {
        desk.market_mut(key).selected = Some(client);
    }
    Ok(())
}

/// Sends unproved cancels again, with a query beside: a cancel may be re-sent, an order never.
pub(super) fn insist(desk: &mut Desk, now: Stamp, out: &mut Effects) {
    let due = |order: &Order| {
        let wait = INSIST_MS
            .saturating_mul(1 << order.cancels.saturating_sub(1).min(8))
            .min(INSIST_AT_MOST_MS);
        order
            .cancelling
            .is_some_and(|sent| now.ms_since(sent) >= wait)
    };
    let late: Vec<(MarketKey, ClientId)> = desk
        .markets
        .values()
        .flat_map(|m| m.orders.live().map(move |o| (m.key, o)))
        .filter(|(_, order)| due(order))
        .map(|(key, order)| (key, order.order.client))
        .collect();
    for (key, client) in late {
        out.notice(
            Loudness::Warn,
            format!("cancel on {} is not proved yet: asked again", key.symbol),
        );
        send::cancel(desk, now, key, client, out);
        send::query(desk, key, client, out);
    }
}

/// Sends a cancel for each; an order of unknown outcome is also asked for.
pub(super) fn send_all(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    named: &[ClientId],
    out: &mut Effects,
) {
    for &client in named {
        replace::forget(desk.market_mut(key), client);
        send::cancel(desk, now, key, client, out);
        let unknown = desk
            .market(&key)
            .and_then(|m| m.orders.get(client))
            .is_some_and(|o| o.status == OrderStatus::Unknown);
        if unknown {
            send::query(desk, key, client, out);
        }
    }
}

/// Names of live orders that a rule picks.
pub(super) fn pick(desk: &Desk, key: MarketKey, rule: impl Fn(&Order) -> bool) -> Vec<ClientId> {
    desk.market(&key).map_or_else(Vec::new, |market| {
        market
            .orders
            .live()
            .filter(|order| rule(order))
            .map(|order| order.order.client)
            .collect()
    })
}

/// An own exit that rests: a take, or a passive close.
pub(super) fn is_resting_exit(order: &Order) -> bool {
    order.intent == Intent::Exit
        && !order.external
        && order.order.class == OrderClass::Regular
        && order.price.is_some()
        && order.tif != Some(TimeInForce::Ioc)
}

/// An entry that Lancet placed.
pub(super) fn is_own_entry(order: &Order) -> bool {
    order.intent == Intent::Entry && !order.external
}
