//! A chase: a post-only order that follows the best price of its side, a few times and not far; then it stays where it is.
//!
//! It never steps back (its own order is the best price then) and never takes. One move at a time: the next one goes only when the
//! last is proved.

use std::collections::VecDeque;

use crate::domain::{ClientId, MarketKey, OrderStatus, Price, Side, Stamp};

use super::act::{self, Aim};
use super::desk::Desk;
use super::effect::{Effects, Loudness};
use super::event::Press;
use super::settings::ChaseSettings;
use super::volume::Size;
use super::{moves, plans, price, replace, words};

/// The span in which moves are counted, ns.
const SECOND_NS: u64 = 1_000_000_000;

/// A chase that runs.
#[derive(Clone, Debug)]
pub(super) struct Chase {
    order: ClientId,
    side: Side,
    /// Where it started, ticks.
    start: Price,
    moves: u32,
    /// When the latest moves went, newest last: as many as a second may hold.
    latest: VecDeque<Stamp>,
}

impl Chase {
    pub(super) const fn order(&self) -> ClientId {
        self.order
    }

    pub(super) fn is_of(&self, client: ClientId) -> bool {
        self.order == client
    }

    /// `chase 3/20`.
    pub(super) fn mark(&self, max_moves: u32) -> String {
        format!("chase {}/{max_moves}", self.moves)
    }

    /// A replaced order counts from when it was placed.
    pub(super) fn renamed(&mut self, now: Stamp, old: ClientId, new: ClientId) {
        if self.order == old {
            self.order = new;
            if let Some(last) = self.latest.back_mut() {
                *last = now;
            }
        }
    }

    fn note_move(&mut self, now: Stamp, most: u32) {
        self.moves = self.moves.saturating_add(1);
        self.latest.push_back(now);
        while self.latest.len() > most as usize {
            self.latest.pop_front();
        }
    }

    /// A second may hold no more moves yet.
    fn waits(&self, now: Stamp, most: u32) -> bool {
        self.latest.len() >= most as usize
            && self
                .latest
                .front()
                .is_some_and(|oldest| now.since(*oldest) <= SECOND_NS)
    }
}

/// Joins the best price and follows it from there; `size` where it is not the working volume.
pub(super) fn begin(
    desk: &mut Desk,
    now: Stamp,
    press: &Press,
    side: Side,
    size: Option<Size>,
    out: &mut Effects,
) -> Result<(), String> {
    let press = &act::opening(desk, press, side);
    may_begin(desk, press.key, side)?;
    let client = act::enter(desk, now, press, side, Aim::Join, size, out)?;
    follow(desk, press.key, client, out);
    Ok(())
}

/// One chase a side: two of them would step in front of each other.
pub(super) fn may_begin(desk: &Desk, key: MarketKey, side: Side) -> Result<(), String> {
    let runs = desk
        .market(&key)
        .is_some_and(|market| market.plans.chases.iter().any(|chase| chase.side == side));
    if runs {
        let side = side.word();
        return Err(format!(
            "a {side} chase runs on {} already: Space ends it",
            key.symbol
        ));
    }
    Ok(())
}

/// Lets an order that was just sent follow the best price.
pub(super) fn follow(desk: &mut Desk, key: MarketKey, client: ClientId, out: &mut Effects) {
    let market = desk.market_mut(key);
    let Some(order) = market.orders.get(client) else {
        return;
    };
    let (Some(start), side) = (order.price, order.side) else {
        return;
    };
    if let Some(instrument) = market.instrument.as_deref() {
        let what = words::order(instrument, side, order.qty);
        out.notice(
            Loudness::Info,
            format!("{what} chases from {}", words::price(instrument, start)),
        );
    }
    market.plans.chases.push(Chase {
        order: client,
        side,
        start,
        moves: 0,
        latest: VecDeque::new(),
    });
}

/// What a chase does next.
enum Next {
    Wait,
    End(String),
    Move(Price),
}

/// Drives the chases of a market on.
pub(super) fn step(desk: &mut Desk, now: Stamp, key: MarketKey, out: &mut Effects) {
    let chases: Vec<Chase> = desk
        .market(&key)
        .map_or_else(Vec::new, |market| market.plans.chases.clone());
    for chase in chases {
        let client = chase.order;
        match next(desk, now, key, &chase) {
            Next::Wait => {}
            Next::End(why) => plans::end_of(desk, key, client, &why, out),
            Next::Move(price) => match shift(desk, now, key, client, price, out) {
                Ok(()) => note_move(desk, now, key, client),
                Err(why) => plans::end_of(desk, key, client, &why, out),
            },
        }
    }
}

fn next(desk: &Desk, now: Stamp, key: MarketKey, chase: &Chase) -> Next {
    let limits = &desk.settings.chase;
    let Some(market) = desk.market(&key) else {
        return Next::Wait;
    };
    let Some(order) = market.orders.get(chase.order) else {
        return Next::End("its order is gone".to_owned());
    };
    if replace::is_running(market, chase.order) {
        return Next::Wait;
    }
    if let Err(why) = plans::may_go_on(desk, market, order, now) {
        return Next::End(why);
    }
    let settled = order.status == OrderStatus::Working && order.amending.is_none();
    let (true, Some(best), Some(at)) = (settled, market.best(chase.side), order.price) else {
        return Next::Wait;
    };
    // No further than the best price: an order that is there already waits.
    if at.crosses(chase.side, best) {
        return Next::Wait;
    }
    if let Some(why) = spent(chase, best, limits) {
        return Next::End(why);
    }
    if chase.waits(now, limits.moves_per_second) {
        return Next::Wait;
    }
    Next::Move(best)
}

/// Why it goes no further.
fn spent(chase: &Chase, best: Price, limits: &ChaseSettings) -> Option<String> {
    if chase.moves >= limits.max_moves {
        return Some(format!("{} moves", chase.moves));
    }
    let gone = i64::try_from(best.0.abs_diff(chase.start.0)).unwrap_or(i64::MAX);
    if gone > price::part(chase.start, limits.max_fraction) {
        let percent = limits.max_fraction * rust_decimal::Decimal::ONE_HUNDRED;
        return Some(format!(
            "the price ran {} % from where it started",
            words::number(percent, 4)
        ));
    }
    None
}

fn shift(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    client: ClientId,
    price: Price,
    out: &mut Effects,
) -> Result<(), String> {
    let qty = desk
        .market(&key)
        .and_then(|market| market.orders.get(client))
        .ok_or("its order is gone")?
        .qty;
    moves::steer(desk, now, key, client, (price, qty), out)
}

fn note_move(desk: &mut Desk, now: Stamp, key: MarketKey, client: ClientId) {
    let most = desk.settings.chase.moves_per_second;
    let chases = &mut desk.market_mut(key).plans.chases;
    if let Some(chase) = chases.iter_mut().find(|chase| chase.is_of(client)) {
        chase.note_move(now, most);
    }
}
