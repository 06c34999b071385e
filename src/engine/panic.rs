//! Panic: cancel everything, close by market, again and again until the venue itself says flat. Passes every lock.

use crate::domain::message::Proves;
use crate::domain::{
    ClientId, Environment, Intent, MarketKey, OrderClass, OrderKind, OrderStatus, Qty, Stamp,
};

use super::desk::Desk;
use super::effect::{Effects, Loudness};
use super::market::Market;
use super::send::{self, Wish};
use super::working::Order;
use super::{cancel, exits, words};

/// A cancel that is not proved is sent again after this long, ms.
const CANCEL_AGAIN_MS: u64 = 1_000;
/// An unanswered close is joined by another after this long, ms: reduce-only makes overshoot impossible in one-way mode.
const CLOSE_AGAIN_MS: u64 = 1_000;
/// The first pause after a close that ended without making flat, ms; doubled with each further one.
const PAUSE_MS: u64 = 100;
/// The longest pause, ms.
const PAUSE_AT_MOST_MS: u64 = 2_000;
/// Account truth that was asked for and did not come is asked for again after this long, ms.
const TRUTH_AGAIN_MS: u64 = 2_000;

/// A panic that runs on one market.
#[derive(Clone, Debug, Default)]
pub(super) struct PanicPlan {
    close: Option<(ClientId, Stamp)>,
    closes: u32,
    asked: Option<Stamp>,
    /// The venue told its number after everything but stops was proved gone. Against a leg and on spot there is no reduce-only: a close waits
    /// for this.
    read: bool,
    /// Nothing but stops was open beside the last close when it was sent.
    alone: bool,
    /// A close was refused although nothing but stops was open: they go too.
    stops_too: bool,
}

/// Panic on one market.
pub(super) fn symbol(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    out: &mut Effects,
) -> Result<(), String> {
    if desk.settings.environment == Environment::Replay {
        return Err("a recording is view-only".to_owned());
    }
    out.notice(
        Loudness::Alarm,
        format!("PANIC on {}: cancelling all, closing by market", key.symbol),
    );
    let shown = desk.shown(key);
    desk.market_mut(shown);
    let matters = |m: &&Market| m.key.leg.is_some() == shown.leg.is_some() || is_busy(m);
    let keys: Vec<MarketKey> = desk.of_symbol(key).filter(matters).map(|m| m.key).collect();
    for key in keys {
        desk.market_mut(key).panic = Some(PanicPlan::default());
        step(desk, now, key, out);
    }
    Ok(())
}

/// Panic on every market that has an order or a position, and on the one in front.
pub(super) fn everywhere(
    desk: &mut Desk,
    now: Stamp,
    front: MarketKey,
    out: &mut Effects,
) -> Result<(), String> {
    let mut keys: Vec<MarketKey> = desk.busy_markets().map(|key| key.of_leg(None)).collect();
    keys.push(front.of_leg(None));
    keys.sort_unstable();
    keys.dedup();
    for key in keys {
        symbol(desk, now, key, out)?;
    }
    Ok(())
}

/// Drives every running panic on.
pub(super) fn step_all(desk: &mut Desk, now: Stamp, out: &mut Effects) {
    let keys: Vec<MarketKey> = desk
        .markets()
        .filter(|m| m.panic.is_some())
        .map(|m| m.key)
        .collect();
    for key in keys {
        step(desk, now, key, out);
    }
}

fn step(desk: &mut Desk, now: Stamp, key: MarketKey, out: &mut Effects) {
    cancel_all(desk, now, key, out);
    close(desk, now, key, out);
    ask_for_truth(desk, now, key, out);
}

fn cancel_all(desk: &mut Desk, now: Stamp, key: MarketKey, out: &mut Effects) {
    let Some(market) = desk.market(&key) else {
        return;
    };
    let mine = |client| {
        market
            .panic
            .as_ref()
            .and_then(|plan| plan.close)
            .is_some_and(|(id, _)| id == client)
    };
    let spare_stops = is_held(market) && market.panic.as_ref().is_some_and(|plan| !plan.stops_too);
    let due: Vec<ClientId> = cancel::pick(desk, key, |order| {
        if spare_stops && is_stop(order) {
            return false;
        }
        let is_close = order.kind_is_market() && order.intent == Intent::Exit;
        let waits = order
            .cancelling
            .is_some_and(|sent| now.ms_since(sent) < CANCEL_AGAIN_MS);
        !is_close && !waits && !mine(order.order.client)
    });
    cancel::send_all(desk, now, key, &due, out);
}

/// The protective stop stays until the venue says flat.
fn is_stop(order: &Order) -> bool {
    order.order.class == OrderClass::Conditional && order.intent == Intent::Exit
}

fn is_busy(market: &Market) -> bool {
    market.ledger.side().is_some() || market.orders.live().next().is_some()
}

/// True while the venue's number says that there is a lot or more.
fn is_held(market: &Market) -> bool {
    match &market.instrument {
        Some(_) => market.lots_to_close() != 0,
        None => market.ledger.side().is_some(),
    }
}

/// A close that is refused for want of something to reduce, with nothing but stops beside it, may be refused because of them
/// (Binance -2022, -4118). Any other refusal leaves them: what failed by chance is sent again beside them.
pub(super) fn refused(desk: &mut Desk, key: MarketKey, client: ClientId, proves: Proves) {
    let market = desk.market_mut(key);
    let Some(plan) = market.panic.as_mut() else {
        return;
    };
    let ours = plan.close.is_some_and(|(id, _)| id == client);
    if ours && plan.alone && proves == Proves::NothingToReduce {
        plan.stops_too = true;
    }
}

fn close(desk: &mut Desk, now: Stamp, key: MarketKey, out: &mut Effects) {
    let Some(market) = desk.market(&key) else {
        return;
    };
    let (Some(plan), Some(instrument), Some(side)) =
        (&market.panic, &market.instrument, market.ledger.side())
    else {
        return;
    };
    let lots = market.lots_to_close();
    let alone = market.orders.live().all(is_stop);
    let waits = market.lacks_reduce_only() && !(alone && plan.read);
    if lots == 0 || waits || !may_close_now(market, plan, now) {
        return;
    }
    let kind = OrderKind::Market;
    let wish = Wish {
        key,
        side: side.opposite(),
        qty: Qty(lots.min(exits::largest(instrument, kind))),
        kind,
        intent: Intent::Exit,
    };
    match send::place(desk, now, wish, out) {
        Ok(id) => {
            if let Some(plan) = desk.market_mut(key).panic.as_mut() {
                plan.close = Some((id, now));
                plan.alone = alone;
                plan.closes = plan.closes.saturating_add(1);
                plan.asked = None;
                plan.read = false;
            }
        }
        Err(words) => out.notice(Loudness::Alarm, format!("panic: {words}")),
    }
}

/// A further close goes after proof that the last is dead, or after a while: it can only reduce.
fn may_close_now(market: &Market, plan: &PanicPlan, now: Stamp) -> bool {
    let Some((id, sent)) = plan.close else {
        return true;
    };
    let age = now.ms_since(sent);
    match market.orders.get(id) {
        // Its trades are still on their way, and the position's number with them.
        Some(last) if last.status == OrderStatus::Filled && last.by_fills < last.qty => {
            age >= CLOSE_AGAIN_MS
        }
        Some(last) if !last.is_live() => {
            let pause = PAUSE_MS << plan.closes.saturating_sub(1).min(8);
            age >= pause.min(PAUSE_AT_MOST_MS)
        }
        _ => age >= CLOSE_AGAIN_MS,
    }
}

fn ask_for_truth(desk: &mut Desk, now: Stamp, key: MarketKey, out: &mut Effects) {
    if !looks_done(desk, key) && !must_read(desk, key) {
        return;
    }
    if let Some(plan) = desk.market_mut(key).panic.as_mut() {
        let waits = plan
            .asked
            .is_some_and(|asked| now.ms_since(asked) < TRUTH_AGAIN_MS);
        if !waits {
            plan.asked = Some(now);
            send::reconcile(out);
        }
    }
}

/// Nothing but stops is open on a leg, and its number was not told since.
fn must_read(desk: &Desk, key: MarketKey) -> bool {
    desk.market(&key).is_some_and(|market| {
        let unread = market.panic.as_ref().is_some_and(|plan| !plan.read);
        market.lacks_reduce_only() && unread && market.orders.live().all(is_stop)
    })
}

fn looks_done(desk: &Desk, key: MarketKey) -> bool {
    desk.market(&key).is_some_and(|market| {
        let flat = match &market.instrument {
            Some(_) => market.lots_to_close() == 0,
            None => market.ledger.side().is_none(),
        };
        flat && market.orders.live().next().is_none()
    })
}

/// Account truth came: a panic ends only here.
pub(super) fn verify(desk: &mut Desk, truth_at: Stamp, out: &mut Effects) {
    let keys: Vec<MarketKey> = desk
        .markets()
        .filter(|m| {
            let asked = m.panic.as_ref().and_then(|plan| plan.asked);
            asked.is_some_and(|asked| truth_at.mono_ns > asked.mono_ns)
        })
        .map(|m| m.key)
        .collect();
    for key in keys {
        let read = must_read(desk, key);
        if let Some(plan) = desk.market_mut(key).panic.as_mut() {
            plan.read |= read;
        }
        if looks_done(desk, key) {
            desk.market_mut(key).panic = None;
            let what = words::market(key);
            out.notice(Loudness::Good, format!("{what}: flat, no orders, verified"));
        }
    }
}
