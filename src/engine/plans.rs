//! Plans of one market that act over several turns: moves by cancel and replace, chases, leans, linked entries. Owns the order of
//! their turns and what ends them all; every plan ends with a spoken reason, and none outlives what would refuse its first order.

use crate::domain::message::LinkState;
use crate::domain::{ClientId, Intent, MarketKey, OrderStatus, Price, Side, Stamp};

use super::act::{may_enter, may_exit};
use super::chase::{self, Chase};
use super::desk::Desk;
use super::effect::{Effects, Loudness};
use super::health;
use super::lean::{self, Lean};
use super::market::Market;
use super::pair::{self, Pair};
use super::replace::{self, Replace};
use super::words;
use super::working::Order;

/// What runs on one market.
#[derive(Clone, Debug, Default)]
pub struct Plans {
    pub(super) replaces: Vec<Replace>,
    pub(super) chases: Vec<Chase>,
    pub(super) leans: Vec<Lean>,
    pub(super) pairs: Vec<Pair>,
    /// Post-only orders that are joined again once when they are refused.
    pub(super) rejoins: Vec<ClientId>,
    /// The position's side when it was last looked at.
    held: Option<Side>,
    /// The position was closed or turned round since.
    closed: bool,
}

impl Plans {
    const fn is_idle(&self) -> bool {
        self.replaces.is_empty()
            && self.chases.is_empty()
            && self.leans.is_empty()
            && self.pairs.is_empty()
    }

    /// Every order that something runs with.
    pub fn orders(&self) -> impl Iterator<Item = ClientId> {
        let moved = self.replaces.iter().map(Replace::order);
        let chased = self.chases.iter().map(Chase::order);
        let leant = self.leans.iter().map(|lean| lean.order);
        let linked = self.pairs.iter().flat_map(Pair::orders);
        moved.chain(chased).chain(leant).chain(linked)
    }

    fn look(&mut self, held: Option<Side>) {
        self.closed |= self.held.is_some() && held != self.held;
        self.held = held;
    }

    /// The order that the venue knows by another name from now on.
    pub(super) fn renamed(&mut self, now: Stamp, old: ClientId, new: ClientId) {
        for chase in &mut self.chases {
            chase.renamed(now, old, new);
        }
        for pair in &mut self.pairs {
            pair.renamed(old, new);
        }
    }
}

/// What runs with an order, in a word or two for the screen; empty when nothing does.
pub fn mark(desk: &Desk, market: &Market, client: ClientId, max_moves: u32) -> String {
    let plans = &market.plans;
    let chase = plans.chases.iter().find(|chase| chase.is_of(client));
    let lean = plans.leans.iter().find(|lean| lean.order == client);
    let linked = pair::is_linked(desk, market.key, client);
    let parts = [
        chase.map(|chase| chase.mark(max_moves)),
        lean.zip(market.instrument.as_deref())
            .map(|(lean, instrument)| lean.mark(instrument)),
        linked.then(|| "oco".to_owned()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Where the wall is that an order leans on, ticks.
pub fn wall_of(market: &Market, client: ClientId) -> Option<Price> {
    let leans = &market.plans.leans;
    let lean = leans.iter().find(|lean| lean.order == client)?;
    Some(lean.wall)
}

/// Drives the plans of every market on.
pub(super) fn step_all(desk: &mut Desk, now: Stamp, out: &mut Effects) {
    for market in desk.markets.values_mut() {
        market.plans.look(market.ledger.side());
        if market.plans.is_idle() {
            market.plans.closed = false;
        }
        let Market { plans, orders, .. } = market;
        plans
            .rejoins
            .retain(|client| orders.get(*client).is_some_and(Order::is_live));
    }
    let busy: Vec<MarketKey> = desk
        .markets
        .values()
        .filter(|market| !market.plans.is_idle())
        .map(|market| market.key)
        .collect();
    for key in busy {
        step(desk, now, key, out);
    }
}

/// A linked order that filled is seen before a move of it goes on; what a move placed is known before anything follows it.
fn step(desk: &mut Desk, now: Stamp, key: MarketKey, out: &mut Effects) {
    let closed = std::mem::take(&mut desk.market_mut(key).plans.closed);
    if closed {
        end_all(desk, key, "the position was closed", out);
    }
    pair::step(desk, now, key, out);
    replace::step(desk, now, key, closed, out);
    chase::step(desk, now, key, out);
    lean::step(desk, now, key, out);
}

/// Ends every chase and lean of a market; true when there was one. Their orders stay where they are.
pub(super) fn end_all(desk: &mut Desk, key: MarketKey, why: &str, out: &mut Effects) -> bool {
    let market = desk.market_mut(key);
    let chases = market.plans.chases.iter().map(Chase::order);
    // One whose order has ended says so itself.
    let live = |client: &ClientId| market.orders.get(*client).is_some_and(Order::is_live);
    let of_plans: Vec<ClientId> = chases
        .chain(market.plans.leans.iter().map(|lean| lean.order))
        .filter(live)
        .collect();
    for client in &of_plans {
        end_of(desk, key, *client, why, out);
    }
    !of_plans.is_empty()
}

/// Ends what follows the market with this order, and says why.
pub(super) fn end_of(
    desk: &mut Desk,
    key: MarketKey,
    client: ClientId,
    why: &str,
    out: &mut Effects,
) {
    let market = desk.market_mut(key);
    let (chases, leans) = (market.plans.chases.len(), market.plans.leans.len());
    market.plans.chases.retain(|chase| !chase.is_of(client));
    market.plans.leans.retain(|lean| lean.order != client);
    let what = match (
        market.plans.chases.len() < chases,
        market.plans.leans.len() < leans,
    ) {
        (true, _) => "chase",
        (_, true) => "lean",
        (false, false) => return,
    };
    let order = market.orders.get(client);
    let quiet = order.is_none_or(|order| !order.is_live() || order.cancelling.is_some());
    let stays = order
        .filter(|_| !quiet)
        .map_or_else(String::new, |order| stays(market, order));
    let loudness = if quiet {
        Loudness::Info
    } else {
        Loudness::Warn
    };
    out.notice(loudness, format!("{what} ends: {why}{stays}"));
}

/// `; BUY 0.050 stays at 60 000.0`.
fn stays(market: &Market, order: &Order) -> String {
    let Some(instrument) = market.instrument.as_deref() else {
        return String::new();
    };
    let what = words::order(instrument, order.side, order.remaining());
    match order.price {
        Some(price) => format!("; {what} stays at {}", words::price(instrument, price)),
        None => format!("; {what} stays"),
    }
}

/// Whether an order is a plan's to act on: proved, wanted, and not refused by what would refuse it now.
///
/// # Errors
/// Why its plan ends.
pub(super) fn may_go_on(
    desk: &Desk,
    market: &Market,
    order: &Order,
    now: Stamp,
) -> Result<(), String> {
    let ended = match order.status {
        OrderStatus::Filled => Some("it is filled"),
        OrderStatus::Cancelled => Some("its order was cancelled"),
        OrderStatus::Expired | OrderStatus::Rejected => Some("its order is not in the book"),
        OrderStatus::Unknown => Some("the outcome of its order is UNKNOWN"),
        OrderStatus::Sent | OrderStatus::Accepted | OrderStatus::Working => None,
    };
    if let Some(why) = ended {
        return Err(why.to_owned());
    }
    if order.cancelling.is_some() {
        return Err("its order is being cancelled".to_owned());
    }
    if market.close.is_some() {
        return Err("the position is being closed".to_owned());
    }
    match order.intent {
        Intent::Entry => may_enter(desk, market, now),
        Intent::Exit => may_reduce(desk, market, now),
    }
}

/// The same for an order that reduces: it needs no more than prices and a line.
fn may_reduce(desk: &Desk, market: &Market, now: Stamp) -> Result<(), String> {
    may_exit(desk)?;
    if market.panic.is_some() {
        return Err(format!("panic runs on {}", market.key.symbol));
    }
    if desk.hangup.is_some() {
        return Err("the session is ending".to_owned());
    }
    if desk.account.link != LinkState::Ready {
        return Err("the account is not in sync".to_owned());
    }
    let state = health::state(market, now);
    if !state.is_live() {
        return Err(format!("the book is {}", words::state(&state)));
    }
    Ok(())
}
