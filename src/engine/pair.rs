//! One cancels other: two entries that are linked. When either fills, in whole or part, the other is cancelled; a link that is spent
//! or has lost one of both dies.

use crate::domain::{ClientId, Intent, MarketKey, OrderStatus, Qty, Stamp};

use super::act::{known, may_exit};
use super::desk::Desk;
use super::effect::{About, Effects, Loudness};
use super::working::Order;
use super::{cancel, replace};

/// A cancel that was refused is sent again after this, ms; one that is not proved is sent again by the cancels themselves.
const AGAIN_MS: u64 = 1_000;

/// Two linked entries.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    orders: [ClientId; 2],
    /// What was filled of each when they were linked, lots.
    filled: [Qty; 2],
    /// The one that filled, and when the cancel of the other last went.
    fired: Option<(usize, Stamp)>,
}

impl Pair {
    pub(super) const fn orders(&self) -> [ClientId; 2] {
        self.orders
    }

    pub(super) fn holds(&self, client: ClientId) -> bool {
        self.orders.contains(&client)
    }

    pub(super) fn renamed(&mut self, old: ClientId, new: ClientId) {
        for (order, filled) in self.orders.iter_mut().zip(&mut self.filled) {
            if *order == old {
                (*order, *filled) = (new, Qty::ZERO);
            }
        }
    }

    /// True when more of this one is filled than when they were linked.
    fn has_filled(&self, desk: &Desk, key: MarketKey, at: usize) -> bool {
        let order = order(desk, key, self.orders[at]);
        order.is_some_and(|order| order.filled > self.filled[at])
    }
}

/// An order of the symbol, of either leg of a hedge account.
fn order(desk: &Desk, key: MarketKey, client: ClientId) -> Option<&Order> {
    desk.of_symbol(key)
        .find_map(|market| market.orders.get(client))
}

/// The links of a symbol stand beside what is known of it as a whole: one may join both legs of a hedge account.
fn pairs(desk: &mut Desk, key: MarketKey) -> &mut Vec<Pair> {
    &mut desk.market_mut(key.of_leg(None)).plans.pairs
}

/// True where this order is one of two that are linked.
pub(super) fn is_linked(desk: &Desk, key: MarketKey, client: ClientId) -> bool {
    desk.of_symbol(key)
        .any(|market| market.plans.pairs.iter().any(|pair| pair.holds(client)))
}

/// Links the selected entry with the next own one, or the only two; unlinks them when they are linked.
pub(super) fn toggle(desk: &mut Desk, key: MarketKey, out: &mut Effects) -> Result<(), String> {
    may_exit(desk)?;
    known(desk, key)?;
    if let Some(at) = linked(desk, key) {
        pairs(desk, key).remove(at);
        out.notice(Loudness::Info, "the two entries are not linked any more");
        return Ok(());
    }
    let orders = two(desk, key)?;
    if orders.iter().any(|client| is_linked(desk, key, *client)) {
        return Err("one of the two is linked already".to_owned());
    }
    let filled = orders.map(|client| order(desk, key, client).map_or(Qty::ZERO, |o| o.filled));
    pairs(desk, key).push(Pair {
        orders,
        filled,
        fired: None,
    });
    out.notice(Loudness::Info, "one cancels other: two entries are linked");
    Ok(())
}

fn selected(desk: &Desk, key: MarketKey) -> Option<ClientId> {
    desk.of_symbol(key).find_map(|market| market.selected)
}

/// The link that the key means: that of the selected order, else the only one.
fn linked(desk: &Desk, key: MarketKey) -> Option<usize> {
    let pairs = &desk.market(&key.of_leg(None))?.plans.pairs;
    match selected(desk, key) {
        Some(client) => pairs.iter().position(|pair| pair.holds(client)),
        None => (pairs.len() == 1 && entries(desk, key).len() == 2).then_some(0),
    }
}

/// Own entries that rest or are about to, from the highest price down.
fn entries(desk: &Desk, key: MarketKey) -> Vec<&Order> {
    let fits = |order: &&Order| {
        order.intent == Intent::Entry
            && !order.external
            && order.cancelling.is_none()
            && order.status != OrderStatus::Unknown
    };
    let live = desk.of_symbol(key).flat_map(|market| market.orders.live());
    let mut entries: Vec<&Order> = live.filter(fits).collect();
    entries.sort_by_key(|order| {
        let at = order.price.or(order.trigger);
        (std::cmp::Reverse(at), order.order.client)
    });
    entries
}

fn two(desk: &Desk, key: MarketKey) -> Result<[ClientId; 2], String> {
    let entries = entries(desk, key);
    let first = match (selected(desk, key), entries.len()) {
        (_, 0 | 1) => return Err("one cancels other needs two entries".to_owned()),
        (None, 2) => 0,
        (None, _) => return Err("which two? s selects one; the next own one joins it".to_owned()),
        (Some(client), _) => entries
            .iter()
            .position(|order| order.order.client == client)
            .ok_or("the selected order is no entry of Lancet's that rests")?,
    };
    let next = (first + 1) % entries.len();
    Ok([first, next].map(|at| entries[at].order.client))
}

/// Drives the links of a market on.
pub(super) fn step(desk: &mut Desk, now: Stamp, key: MarketKey, out: &mut Effects) {
    let pairs = std::mem::take(&mut desk.market_mut(key).plans.pairs);
    for pair in pairs {
        if let Some(pair) = step_one(desk, now, key, pair, out) {
            desk.market_mut(key).plans.pairs.push(pair);
        }
    }
}

/// `None` when the link is over.
fn step_one(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    mut pair: Pair,
    out: &mut Effects,
) -> Option<Pair> {
    let Some((first, asked)) = pair.fired else {
        let Some(first) = (0..2).find(|at| pair.has_filled(desk, key, *at)) else {
            return keep(desk, key, pair, out);
        };
        pair.fired = Some((first, now));
        let other = pair.orders[1 - first];
        if order(desk, key, other).is_some_and(Order::is_live) {
            out.notice(Loudness::Warn, "one filled: cancelling the other");
            cancel_other(desk, now, key, other, out);
        }
        return fired(desk, key, pair, out);
    };
    let other = pair.orders[1 - first];
    let refused =
        order(desk, key, other).is_some_and(|order| order.is_live() && order.cancelling.is_none());
    if refused && now.ms_since(asked) >= AGAIN_MS {
        pair.fired = Some((first, now));
        cancel_other(desk, now, key, other, out);
    }
    fired(desk, key, pair, out)
}

fn cancel_other(desk: &mut Desk, now: Stamp, key: MarketKey, client: ClientId, out: &mut Effects) {
    let key = desk.whose(key, None, client);
    cancel::send_all(desk, now, key, &[client], out);
}

/// Nothing filled: it goes on while both may still fill.
fn keep(desk: &Desk, key: MarketKey, pair: Pair, out: &mut Effects) -> Option<Pair> {
    let may_fill = |client: &ClientId| {
        let live = order(desk, key, *client).is_some_and(Order::is_live);
        let mut markets = desk.of_symbol(key);
        live || markets.any(|market| replace::is_running(market, *client))
    };
    if pair.orders.iter().all(may_fill) {
        return Some(pair);
    }
    out.notice(
        Loudness::Info,
        "one cancels other ends: one of the two is gone",
    );
    None
}

/// One filled: the other must end without a fill.
fn fired(desk: &Desk, key: MarketKey, pair: Pair, out: &mut Effects) -> Option<Pair> {
    let (first, _) = pair.fired?;
    if pair.has_filled(desk, key, 1 - first) {
        let words = format!("{}: both linked entries filled", key.symbol);
        let about = (About::Order, Some(key));
        out.alert(about, "both linked entries filled", Loudness::Alarm, words);
        return None;
    }
    let other = order(desk, key, pair.orders[1 - first]);
    other.is_some_and(Order::is_live).then_some(pair)
}
