//! One cancels other: two entries that are linked. When either fills, in whole or part, the other is cancelled; a link that is spent
//! or has lost one of both dies.

use crate::domain::{ClientId, Intent, MarketKey, OrderStatus, Qty, Stamp};

use super::act::{known, may_exit};
use super::desk::Desk;
use super::effect::{Bell, Effects, Loudness};
use super::market::Market;
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
    fn has_filled(&self, market: &Market, at: usize) -> bool {
        let order = market.orders.get(self.orders[at]);
        order.is_some_and(|order| order.filled > self.filled[at])
    }
}

/// Links the selected entry with the next own one, or the only two; unlinks them when they are linked.
pub(super) fn toggle(desk: &mut Desk, key: MarketKey, out: &mut Effects) -> Result<(), String> {
    may_exit(desk)?;
    let market = known(desk, key)?;
    if let Some(at) = linked(market) {
        desk.market_mut(key).plans.pairs.remove(at);
        out.notice(Loudness::Info, "the two entries are not linked any more");
        return Ok(());
    }
    let orders = two(market)?;
    let taken = |client: &ClientId| market.plans.pairs.iter().any(|pair| pair.holds(*client));
    if orders.iter().any(taken) {
        return Err("one of the two is linked already".to_owned());
    }
    let filled = orders.map(|client| market.orders.get(client).map_or(Qty::ZERO, |o| o.filled));
    desk.market_mut(key).plans.pairs.push(Pair {
        orders,
        filled,
        fired: None,
    });
    out.notice(Loudness::Info, "one cancels other: two entries are linked");
    Ok(())
}

/// The link that the key means: that of the selected order, else the only one.
fn linked(market: &Market) -> Option<usize> {
    let pairs = &market.plans.pairs;
    match market.selected {
        Some(client) => pairs.iter().position(|pair| pair.holds(client)),
        None => (pairs.len() == 1 && entries(market).len() == 2).then_some(0),
    }
}

/// Own entries that rest or are about to, from the highest price down.
fn entries(market: &Market) -> Vec<&Order> {
    let fits = |order: &&Order| {
        order.intent == Intent::Entry
            && !order.external
            && order.cancelling.is_none()
            && order.status != OrderStatus::Unknown
    };
    let mut entries: Vec<&Order> = market.orders.live().filter(fits).collect();
    entries.sort_by_key(|order| {
        let at = order.price.or(order.trigger);
        (std::cmp::Reverse(at), order.order.client)
    });
    entries
}

fn two(market: &Market) -> Result<[ClientId; 2], String> {
    let entries = entries(market);
    let first = match (market.selected, entries.len()) {
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
    let market = desk.market(&key)?;
    let Some((first, asked)) = pair.fired else {
        let Some(first) = (0..2).find(|at| pair.has_filled(market, *at)) else {
            return keep(market, pair, out);
        };
        pair.fired = Some((first, now));
        let other = pair.orders[1 - first];
        let live = market.orders.get(other).is_some_and(Order::is_live);
        if live {
            out.notice(Loudness::Warn, "one filled: cancelling the other");
            cancel::send_all(desk, now, key, &[other], out);
        }
        return fired(desk, key, pair, out);
    };
    let other = pair.orders[1 - first];
    let refused = market
        .orders
        .get(other)
        .is_some_and(|order| order.is_live() && order.cancelling.is_none());
    if refused && now.ms_since(asked) >= AGAIN_MS {
        pair.fired = Some((first, now));
        cancel::send_all(desk, now, key, &[other], out);
    }
    fired(desk, key, pair, out)
}

/// Nothing filled: it goes on while both may still fill.
fn keep(market: &Market, pair: Pair, out: &mut Effects) -> Option<Pair> {
    let may_fill = |client: &ClientId| {
        let live = market.orders.get(*client).is_some_and(Order::is_live);
        live || replace::is_running(market, *client)
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
    let market = desk.market(&key)?;
    let (first, _) = pair.fired?;
    if pair.has_filled(market, 1 - first) {
        out.notice(
            Loudness::Alarm,
            format!("{}: both linked entries filled", key.symbol),
        );
        out.bell(Bell::Alarm);
        return None;
    }
    let other = market.orders.get(pair.orders[1 - first]);
    other.is_some_and(Order::is_live).then_some(pair)
}
