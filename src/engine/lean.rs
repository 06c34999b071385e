//! A lean: an order that rests one tick in front of a wall and goes when the wall is pulled.

use crate::domain::{ClientId, Instrument, Level, MarketKey, OrderStatus, Price, Qty, Side, Stamp};

use super::act::{self, Aim, known, may_exit, rules};
use super::desk::Desk;
use super::effect::{Effects, Loudness};
use super::event::Press;
use super::market::Market;
use super::volume::Size;
use super::{cancel, health, plans, wall, words};

/// A lean that runs.
#[derive(Clone, Debug)]
pub(super) struct Lean {
    pub(super) order: ClientId,
    side: Side,
    /// Where the wall is, ticks.
    pub(super) wall: Price,
    /// Its size when it was chosen, lots.
    chosen: Qty,
    /// Its size when it was last seen, lots.
    left: Qty,
}

impl Lean {
    /// `lean 12.4`: what is left of the wall.
    pub(super) fn mark(&self, instrument: &Instrument) -> String {
        let left = instrument.qty_decimal(self.left).normalize();
        format!("lean {}", words::spaced(&left.to_string()))
    }
}

/// Rests in front of the wall at the cursor, else of the nearest one on this side.
pub(super) fn begin(
    desk: &mut Desk,
    now: Stamp,
    press: &Press,
    side: Side,
    size: Option<Size>,
    out: &mut Effects,
) -> Result<(), String> {
    let press = &act::opening(desk, press, side);
    let (wall, price, left) = place(desk, now, press, side)?;
    let client = act::enter(desk, now, press, side, Aim::Front(price), size, out)?;
    let market = desk.market_mut(press.key);
    market.plans.leans.push(Lean {
        order: client,
        side,
        wall: wall.price,
        chosen: left,
        left,
    });
    say(market, client, wall.price, left, out);
    Ok(())
}

/// Where a lean would rest now.
///
/// # Errors
/// Why there is no wall to lean on.
pub(super) fn aim(desk: &Desk, now: Stamp, press: &Press, side: Side) -> Result<Aim, String> {
    let (_, price, _) = place(desk, now, press, side)?;
    Ok(Aim::Front(price))
}

/// The wall, the price in front of it, and what others have in it.
fn place(
    desk: &Desk,
    now: Stamp,
    press: &Press,
    side: Side,
) -> Result<(Level, Price, Qty), String> {
    may_exit(desk)?;
    let market = known(desk, press.key)?;
    let state = health::state(market, now);
    if !state.is_live() {
        let state = words::state(&state);
        return Err(format!("the book is {state}: there is no wall to lean on"));
    }
    let wall = wall::chosen(market, side, press).ok_or(match side {
        Side::Buy => "no large bid to lean on: put the cursor on one",
        Side::Sell => "no large ask to lean on: put the cursor on one",
    })?;
    let (price, left) = in_front(market, side, wall)?;
    Ok((wall, price, left))
}

/// The price one tick in front of a wall, and what others have in it.
fn in_front(market: &Market, side: Side, wall: Level) -> Result<(Price, Qty), String> {
    let instrument = rules(market)?;
    let price = wall.price.ahead(side, 1);
    let far = market.best(side.opposite());
    if far.is_some_and(|far| price.crosses(side, far)) {
        let wall = words::price(instrument, wall.price);
        return Err(format!("no room in front of {wall}: it would take"));
    }
    let left = wall::left(market, side, wall.price).unwrap_or_default();
    if left.is_zero() {
        let wall = words::price(instrument, wall.price);
        return Err(format!("only your own orders are at {wall}"));
    }
    Ok((price, left))
}

fn say(market: &Market, client: ClientId, wall: Price, left: Qty, out: &mut Effects) {
    if let (Some(instrument), Some(order)) =
        (market.instrument.as_deref(), market.orders.get(client))
    {
        let what = words::order(instrument, order.side, order.qty);
        let (size, at) = (words::qty(instrument, left), words::price(instrument, wall));
        out.notice(Loudness::Info, format!("{what} leans on {size} at {at}"));
    }
}

/// Watches the walls of a market.
pub(super) fn step(desk: &mut Desk, now: Stamp, key: MarketKey, out: &mut Effects) {
    let leans: Vec<Lean> = desk
        .market(&key)
        .map_or_else(Vec::new, |market| market.plans.leans.clone());
    for lean in leans {
        watch(desk, now, key, &lean, out);
    }
}

fn watch(desk: &mut Desk, now: Stamp, key: MarketKey, lean: &Lean, out: &mut Effects) {
    let client = lean.order;
    let Some(market) = desk.market(&key) else {
        return;
    };
    let Some(order) = market.orders.get(client) else {
        return plans::end_of(desk, key, client, "its order is gone", out);
    };
    if let Err(why) = plans::may_go_on(desk, market, order, now) {
        return plans::end_of(desk, key, client, &why, out);
    }
    let on_its_way = order.status == OrderStatus::Sent;
    let Some(left) = wall::left(market, lean.side, lean.wall) else {
        return;
    };
    let stands = left.0.saturating_mul(2) >= lean.chosen.0;
    let plans = &mut desk.market_mut(key).plans;
    if let Some(lean) = plans.leans.iter_mut().find(|lean| lean.order == client) {
        lean.left = left;
    }
    if !stands && !on_its_way {
        pulled(desk, now, key, lean, left, out);
    }
}

/// The wall is gone, or half of it: nothing stands behind the order any more.
fn pulled(desk: &mut Desk, now: Stamp, key: MarketKey, lean: &Lean, left: Qty, out: &mut Effects) {
    let market = desk.market_mut(key);
    market.plans.leans.retain(|other| other.order != lean.order);
    if let (Some(instrument), Some(order)) =
        (market.instrument.as_deref(), market.orders.get(lean.order))
    {
        let at = words::price(instrument, lean.wall);
        let (left, chosen) = (
            words::qty(instrument, left),
            words::qty(instrument, lean.chosen),
        );
        let what = words::order(instrument, order.side, order.remaining());
        out.notice(
            Loudness::Warn,
            format!("wall at {at} pulled, {left} of {chosen} left: cancelling {what}"),
        );
    }
    cancel::send_all(desk, now, key, &[lean.order], out);
}
