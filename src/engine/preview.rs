//! What a key would do if it were pressed now, by the code that would do it: price, queue, fee, cost, position, or the refusal.
//!
//! It changes nothing and sends nothing. An order here is the one that the press would hand out, name included.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::domain::{
    Amend, ClientId, Depth, Instrument, Intent, MarketKey, NewOrder, OrderKind, Price, Qty, Side,
    Stamp, TimeInForce, position,
};

use super::act::{self, Aim, known, rules};
use super::action::Action;
use super::desk::Desk;
use super::event::Press;
use super::market::Market;
use super::moves::{self, Change};
use super::send::{self, Wish};
use super::{chase, exits, lean, liquidation, queue, replace, stop_entry, stops};

/// What a key would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Preview {
    /// It sends an order.
    Order(Foreseen),
    /// It changes a resting one.
    Move(Moved),
    /// It puts the stop.
    Stop(Stop),
}

/// An order that a key would send, and what would come of it on the book of now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreseen {
    /// The order.
    pub order: NewOrder,
    /// What it would take at once; `None` when it rests, or no book is known.
    pub takes: Option<Taken>,
    /// What it would wait behind, lots; `None` when it takes, or the picture of the book does not reach.
    pub ahead: Option<Qty>,
    /// The fee of what it takes and of what rests, quote currency; `None` where rates or prices are not known.
    pub fee: Option<Decimal>,
    /// What opening so and closing at once by taking costs, in ticks of the price, rounded up: both fees, and the spread where it
    /// takes (a resting order is filled where the market is). `None` for an exit, and where rates are not known.
    pub cost_ticks: Option<i64>,
    /// Signed size and average of the position when all of it that can has traded; `None` where that is not known.
    pub after: Option<(Decimal, Decimal)>,
    /// Where that position would be liquidated; `None` when flat, and where there is no number to start from.
    pub liquidation: Option<Liquidation>,
}

/// What a walk through the book takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// How much, lots.
    pub qty: Qty,
    /// The average price, quote currency.
    pub average: Decimal,
    /// The last price, ticks.
    pub worst: Price,
    /// False when the picture of the book ended before the order's limit: more may be there.
    pub is_all_seen: bool,
}

/// Where a position is liquidated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Liquidation {
    /// Quote currency.
    pub price: Decimal,
    /// How far from the price of now, as a fraction of it.
    pub away: Option<Decimal>,
}

/// A resting order as a key would change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The change.
    pub amend: Amend,
    /// Not filled then, lots.
    pub left: Qty,
    /// What is ahead of it where it rests, lots, an estimate. Whatever is changed of it, that place is lost: Binance queues a
    /// modified order anew (the documents of its order.modify).
    pub ahead: Option<Qty>,
    /// What it would wait behind then, lots.
    pub ahead_then: Option<Qty>,
}

/// The stop as a key would put it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The side that it trades on.
    pub side: Side,
    /// The whole position, lots.
    pub qty: Qty,
    /// Where it fires, ticks.
    pub trigger: Price,
    /// What the position makes when it ends there, the fee of the exit taken off, quote currency.
    pub result: Option<Decimal>,
}

/// What a key would do now: what is sent, or the sentence that would be said. `None` for keys that send no order of this kind.
pub fn of(desk: &Desk, now: Stamp, press: &Press) -> Option<Result<Preview, String>> {
    let key = desk.shown(press.key);
    let press = &Press { key, ..*press };
    let order = |wish: Result<Wish, String>| Some(wish.and_then(|wish| of_wish(desk, now, wish)));
    let stop = |at: Result<Price, String>| Some(at.and_then(|at| of_stop(desk, now, key, at)));
    let change = |to: Result<Change, String>| Some(to.and_then(|to| of_change(desk, now, to)));
    if let Some((side, aim)) = Aim::of(press.action) {
        let press = &Press {
            key: desk.opens(key, side),
            ..*press
        };
        return order(act::plan(desk, now, press, side, aim, None));
    }
    match press.action {
        Action::Chase(side) => {
            let press = &Press {
                key: desk.opens(key, side),
                ..*press
            };
            let begins = chase::may_begin(desk, press.key, side);
            order(begins.and_then(|()| act::plan(desk, now, press, side, Aim::Join, None)))
        }
        Action::Lean(side) => {
            let press = &Press {
                key: desk.opens(key, side),
                ..*press
            };
            let aim = lean::aim(desk, now, press, side);
            order(aim.and_then(|aim| act::plan(desk, now, press, side, aim, None)))
        }
        Action::Close(percent) => {
            order(exits::plan_close(desk, now, key, percent).map(|close| close.wish))
        }
        Action::ClosePassive => order(exits::plan_passive(desk, key)),
        Action::Reverse => order(exits::plan_reverse(desk, now, key)),
        Action::TakeAtCursor => order(stops::plan_take_at_cursor(desk, press, 1)),
        Action::TakeHalf => order(stops::plan_take_at_cursor(desk, press, 2)),
        Action::StopAtCursor => stop(stops::cursor(press)),
        Action::BreakEven => stop(stops::even(desk, key)),
        Action::NudgeStop(nearer) => stop(stops::nudged(desk, key, nearer.into())),
        Action::MoveToCursor => change(moves::plan_to_cursor(desk, press)),
        Action::Move(up) => change(moves::plan_nudge(desk, key, up.into())),
        Action::Resize => change(moves::plan_resize(desk, key)),
        _ => None,
    }
}

fn of_wish(desk: &Desk, now: Stamp, wish: Wish) -> Result<Preview, String> {
    foresee(desk, now, wish).map(Preview::Order)
}

/// What would come of an order.
///
/// # Errors
/// The limit that it breaks.
pub(super) fn foresee(desk: &Desk, now: Stamp, wish: Wish) -> Result<Foreseen, String> {
    let id = desk.ids.peek().ok_or("out of order names: restart")?;
    let order = *send::check(desk, now, wish, id)?.get();
    let market = known(desk, wish.key)?;
    let instrument = rules(market)?;
    let takes = takes(market, &order);
    let parts = takes.then(|| walk(market.depth.as_deref()?, instrument, &order));
    let taken = parts.flatten();
    let rests = resting(&order, takes, taken);
    let trades = trades(instrument, &order, taken, rests);
    let after = trades.and_then(|(signed, price)| {
        let ledger = &market.ledger;
        position::after(ledger.size(), ledger.entry(), signed, price)
    });
    Ok(Foreseen {
        order,
        takes: taken,
        ahead: ahead(market, &order).filter(|_| !takes),
        fee: rates(market).and_then(|rates| fee(rates, instrument, &order, taken, rests)),
        cost_ticks: cost(market, instrument, &order, takes, taken),
        after,
        liquidation: trades
            .zip(after)
            .and_then(|(trade, after)| liquidated(desk, market, instrument, trade, after)),
    })
}

/// What an order would take of this picture, and its fee at these rates (maker, taker), quote currency: what its preview said of
/// both when the picture was new.
pub fn on_picture(
    depth: &Depth,
    instrument: &Instrument,
    order: &NewOrder,
    rates: Option<(Decimal, Decimal)>,
) -> (Option<Taken>, Option<Decimal>) {
    let far = match order.side {
        Side::Buy => depth.asks.first(),
        Side::Sell => depth.bids.first(),
    };
    let takes = takes_from(far.map(|level| level.price), order);
    let parts = takes.then(|| walk(depth, instrument, order));
    let taken = parts.flatten();
    let rests = resting(order, takes, taken);
    let fee = rates.and_then(|rates| fee(rates, instrument, order, taken, rests));
    (taken, fee)
}

/// The average price that an order was promised on a picture of the book, `far` the best price that it meets; `None` where that is not
/// known, and for an order that waits for its trigger.
pub(super) fn promised(
    instrument: &Instrument,
    order: &NewOrder,
    far: Option<Price>,
    depth: Option<&Depth>,
) -> Option<Decimal> {
    if order.kind.trigger().is_some() {
        return None;
    }
    let takes = takes_from(far, order);
    let taken = takes.then(|| walk(depth?, instrument, order)).flatten();
    if takes && taken.is_none() {
        return None;
    }
    let rests = resting(order, takes, taken);
    trades(instrument, order, taken, rests).map(|(_, price)| price)
}

/// True when it trades with what rests now.
fn takes(market: &Market, order: &NewOrder) -> bool {
    takes_from(market.best(order.side.opposite()), order)
}

fn takes_from(far: Option<Price>, order: &NewOrder) -> bool {
    match order.kind {
        OrderKind::Market => true,
        OrderKind::Limit { price, tif } => {
            tif != TimeInForce::PostOnly && far.is_some_and(|far| price.crosses(order.side, far))
        }
        OrderKind::Stop { .. } | OrderKind::Trail { .. } => false,
    }
}

/// Walks the other half of the book, best first, as far as size and limit go; `None` when nothing is there to take.
fn walk(depth: &Depth, instrument: &Instrument, order: &NewOrder) -> Option<Taken> {
    let levels = match order.side {
        Side::Buy => &depth.asks,
        Side::Sell => &depth.bids,
    };
    let limit = order.kind.limit();
    let within = |price: Price| limit.is_none_or(|limit| limit.crosses(order.side, price));
    let (mut qty, mut cost, mut worst) = (Qty::ZERO, Decimal::ZERO, None);
    for level in levels.iter().take_while(|level| within(level.price)) {
        let part = level.qty.min(order.qty.less(qty));
        if part.is_zero() {
            break;
        }
        let price = instrument.price_decimal(level.price);
        cost = cost.checked_add(price.checked_mul(instrument.qty_decimal(part))?)?;
        qty = qty.plus(part);
        worst = Some(level.price);
    }
    let furthest = levels.last()?.price;
    Some(Taken {
        qty,
        average: cost.checked_div(instrument.qty_decimal(qty))?,
        worst: worst?,
        is_all_seen: qty >= order.qty || !within(furthest),
    })
}

/// What of it would rest, lots.
fn resting(order: &NewOrder, takes: bool, taken: Option<Taken>) -> Qty {
    match order.kind {
        OrderKind::Limit {
            tif: TimeInForce::Ioc,
            ..
        }
        | OrderKind::Market => Qty::ZERO,
        _ if takes => order.qty.less(taken.map_or(Qty::ZERO, |taken| taken.qty)),
        _ => order.qty,
    }
}

/// Signed size and average price of all that would trade; `None` when nothing would.
fn trades(
    instrument: &Instrument,
    order: &NewOrder,
    taken: Option<Taken>,
    rests: Qty,
) -> Option<(Decimal, Decimal)> {
    let limit = order.kind.limit().filter(|_| !rests.is_zero());
    let resting = limit.map(|limit| (instrument.price_decimal(limit), rests));
    let both = [taken.map(|taken| (taken.average, taken.qty)), resting];
    let (mut qty, mut cost) = (Decimal::ZERO, Decimal::ZERO);
    for (price, part) in both.into_iter().flatten() {
        let part = instrument.qty_decimal(part);
        qty = qty.checked_add(part)?;
        cost = cost.checked_add(price.checked_mul(part)?)?;
    }
    let price = cost.checked_div(qty)?;
    Some((qty * Decimal::from(order.side.sign()), price))
}

/// An order that waits for its trigger is in no queue.
fn ahead(market: &Market, order: &NewOrder) -> Option<Qty> {
    match order.kind {
        OrderKind::Limit { price, .. } => waits_behind(market, order.side, price),
        _ => None,
    }
}

/// The rate of what does not trade at once: a stop takes when it fires.
fn later(kind: OrderKind, (maker, taker): (Decimal, Decimal)) -> Decimal {
    match kind {
        OrderKind::Limit { .. } => maker,
        _ => taker,
    }
}

/// Size at a price, the best one as of now, the others as of the latest picture.
fn waits_behind(market: &Market, side: Side, price: Price) -> Option<Qty> {
    let best = market.touch.and_then(|touch| match side {
        Side::Buy => touch.bid,
        Side::Sell => touch.ask,
    });
    match best.filter(|level| level.price == price) {
        Some(level) => Some(level.qty),
        None => queue::at(side, price, market.depth.as_deref()?),
    }
}

fn fee(
    rates: (Decimal, Decimal),
    instrument: &Instrument,
    order: &NewOrder,
    taken: Option<Taken>,
    rests: Qty,
) -> Option<Decimal> {
    let (later, taker) = (later(order.kind, rates), rates.1);
    let part = |price: Decimal, qty: Qty, rate: Decimal| {
        instrument
            .notional(price, instrument.qty_decimal(qty))?
            .checked_mul(rate)
    };
    let taking = taken.map(|taken| part(taken.average, taken.qty, taker));
    let limit = order.kind.limit().filter(|_| !rests.is_zero());
    let resting = limit.map(|limit| part(instrument.price_decimal(limit), rests, later));
    match (taking, resting) {
        (None, None) => None,
        (Some(one), None) | (None, Some(one)) => one,
        (Some(one), Some(other)) => one?.checked_add(other?),
    }
}

fn rates(market: &Market) -> Option<(Decimal, Decimal)> {
    let settings = market.settings?;
    settings.maker_fee.zip(settings.taker_fee)
}

fn cost(
    market: &Market,
    instrument: &Instrument,
    order: &NewOrder,
    takes: bool,
    taken: Option<Taken>,
) -> Option<i64> {
    if order.intent == Intent::Exit {
        return None;
    }
    let rates = rates(market)?;
    let (later, taker) = (later(order.kind, rates), rates.1);
    let (opens, rate, closes) = if takes {
        let exit = instrument.price_decimal(market.best(order.side)?);
        (taken?.average, taker, exit)
    } else {
        let price = instrument.price_decimal(order.kind.limit()?);
        (price, later, price)
    };
    let lost = opens
        .checked_sub(closes)?
        .checked_mul(order.side.sign().into())?;
    let fees = opens
        .checked_mul(rate)?
        .checked_add(closes.checked_mul(taker)?)?;
    let ticks = lost
        .checked_add(fees)?
        .checked_div(instrument.tick.decimal(1))?;
    ticks.ceil().to_i64()
}

fn liquidated(
    desk: &Desk,
    market: &Market,
    instrument: &Instrument,
    trade: (Decimal, Decimal),
    after: (Decimal, Decimal),
) -> Option<Liquidation> {
    let price = liquidation::estimate(desk, market, instrument, trade, after)?;
    let held = if after.0.is_sign_positive() {
        Side::Buy
    } else {
        Side::Sell
    };
    let away = market.best(held).and_then(|best| {
        let best = instrument.price_decimal(best);
        best.checked_sub(price)?.abs().checked_div(best)
    });
    Some(Liquidation { price, away })
}

fn of_change(desk: &Desk, now: Stamp, to: Change) -> Result<Preview, String> {
    let (key, client, price, qty) = match to {
        Change::Stop(key, trigger) => return of_stop(desk, now, key, trigger),
        Change::StopEntry(key, client, trigger, qty) => {
            return of_stop_entry(desk, now, key, client, (trigger, qty));
        }
        Change::Order(key, client, price, qty) => (key, client, price, qty),
    };
    moves::may_change(desk, now, key, client, (price, qty))?;
    let amend = *send::check_amend(desk, now, key, client, (price, qty))?.get();
    let market = known(desk, key)?;
    let order = market.orders.get(client).ok_or("the order is gone")?;
    Ok(Preview::Move(Moved {
        amend,
        left: qty.less(order.filled),
        ahead: order.ahead,
        ahead_then: waits_behind(market, amend.side, price),
    }))
}

/// A waiting entry goes and another takes its place: nothing queues in front of a trigger.
fn of_stop_entry(
    desk: &Desk,
    now: Stamp,
    key: MarketKey,
    client: ClientId,
    (trigger, qty): (Price, Qty),
) -> Result<Preview, String> {
    let kind = stop_entry::plan_change(desk, now, key, client, (trigger, qty))?;
    replace::may_begin(desk, now, key, client, (kind, qty))?;
    let market = known(desk, key)?;
    let order = market.orders.get(client).ok_or("the order is gone")?;
    Ok(Preview::Move(Moved {
        amend: Amend {
            key: key.of_leg(None),
            order: order.order,
            side: order.side,
            price: trigger,
            qty,
        },
        left: qty.less(order.filled),
        ahead: None,
        ahead_then: None,
    }))
}

fn of_stop(desk: &Desk, now: Stamp, key: MarketKey, trigger: Price) -> Result<Preview, String> {
    let put = stops::plan(desk, now, key, trigger, stops::AGAIN_MS)?;
    if put.asks_again {
        return Err(stops::WIDENS.to_owned());
    }
    stop_at(desk, key, trigger).map(Preview::Stop)
}

/// A stop of the position at this trigger.
pub(super) fn stop_at(desk: &Desk, key: MarketKey, trigger: Price) -> Result<Stop, String> {
    let market = known(desk, key)?;
    let instrument = rules(market)?;
    let held = market.ledger.side().unwrap_or(Side::Buy);
    Ok(Stop {
        side: held.opposite(),
        qty: Qty(market.ledger.lots(instrument)),
        trigger,
        result: result_at(market, instrument, trigger),
    })
}

fn result_at(market: &Market, instrument: &Instrument, trigger: Price) -> Option<Decimal> {
    let at = instrument.price_decimal(trigger);
    let gained = market.ledger.open_pnl(at, instrument)?;
    let (_, taker) = rates(market)?;
    let worth = instrument.notional(at, market.ledger.size().abs())?;
    gained.checked_sub(worth.checked_mul(taker)?)
}
