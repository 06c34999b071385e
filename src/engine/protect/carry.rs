//! The order that carries the wanted stop: one of the right size at the right trigger, the old one until the new one stands.

use crate::domain::{
    Callback, ClientId, Instrument, Intent, MarketKey, OrderClass, OrderKind, OrderStatus, Qty,
    Side, Stamp,
};
use crate::engine::desk::Desk;
use crate::engine::effect::{Effects, Loudness};
use crate::engine::market::Market;
use crate::engine::send::{self, Wish};
use crate::engine::settings::DeskSettings;
use crate::engine::working::Order;
use crate::engine::{cancel, closing, exits, price};

use super::{WantedStop, is_stop};

/// Stop and takes follow the position's size at most this often, ms.
pub(super) const RESIZE_MS: u64 = 50;
/// The first pause after a stop that was refused or ended, ms; doubled with each further one.
const PAUSE_MS: u64 = 250;
/// The longest pause, ms.
const PAUSE_AT_MOST_MS: u64 = 4_000;
/// A stop that fired and did not fill becomes the venue's own market close after this, ms.
const FIRED_MS: u64 = 500;

pub(super) fn step(desk: &mut Desk, now: Stamp, key: MarketKey, out: &mut Effects) {
    let Some(market) = desk.market(&key) else {
        return;
    };
    let (Some(stop), Some(side), Some(instrument)) = (
        market.protection.stop,
        market.protection.held,
        market.instrument.as_deref(),
    ) else {
        return;
    };
    let carrier = stop
        .carrier
        .and_then(|id| market.orders.get(id))
        .filter(|order| order.is_live());
    // Whichever of them it is: an older one may fire while the next is on its way.
    if let Some(fired) = fired(market, side) {
        if now.ms_since(fired.since) >= FIRED_MS {
            join(desk, now, key, stop, fired.order.client, out);
        }
        return;
    }
    let lots = market.ledger.lots(instrument);
    let kind = kind(&desk.settings, instrument, side, &stop);
    let qty = Qty(lots.min(exits::largest(instrument, kind)));
    let (fits, stands) = carrier.map_or((false, false), |order| {
        (fits(market, order, qty, &stop), stands(order))
    });
    if fits {
        if stands {
            stood(desk, now, key, stop.carrier, out);
        }
        return;
    }
    // One that is on its way is waited for: a second would be one too many.
    let waits = carrier.is_some_and(|o| matches!(o.status, OrderStatus::Sent));
    let came_to_nothing =
        stop.carrier.is_some() && carrier.is_none_or(|o| o.status == OrderStatus::Unknown);
    // One that stood and was outgrown is no failure.
    let stop = WantedStop {
        failures: if stands { 0 } else { stop.failures },
        ..stop
    };
    if waits || now.ms_since(stop.tried) < pause_ms(&stop, came_to_nothing) {
        return;
    }
    let wish = Wish {
        key,
        side: side.opposite(),
        qty,
        kind,
        intent: Intent::Exit,
    };
    let sent = send::place(desk, now, wish, out);
    let Some(stop) = desk.market_mut(key).protection.stop.as_mut() else {
        return;
    };
    stop.tried = now;
    stop.failures = if stands { 0 } else { stop.failures };
    if came_to_nothing || sent.is_err() {
        stop.failures = stop.failures.saturating_add(1);
    }
    match sent {
        Ok(id) => {
            let before = stop.carrier.replace(id);
            let market = desk.market_mut(key);
            if before.is_some() && market.selected == before {
                market.selected = Some(id);
            }
        }
        Err(words) => out.notice(Loudness::Alarm, format!("no stop: {words}")),
    }
}

const fn pause_ms(stop: &WantedStop, came_to_nothing: bool) -> u64 {
    if !came_to_nothing && stop.failures == 0 {
        return RESIZE_MS;
    }
    let doublings = if stop.failures > 4 { 4 } else { stop.failures };
    let pause = PAUSE_MS << doublings;
    if pause > PAUSE_AT_MOST_MS {
        PAUSE_AT_MOST_MS
    } else {
        pause
    }
}

/// The right trigger and size. One that is too large can only reduce: while a close runs it is left alone, and so is one that the
/// venue moves, for another would begin to follow anew from the price of now.
fn fits(market: &Market, order: &Order, qty: Qty, stop: &WantedStop) -> bool {
    let may_be_larger = market.close.is_some() || stop.rate.is_some();
    let large_enough = order.qty == qty || (may_be_larger && order.qty > qty);
    let right = match stop.rate {
        Some(rate) => order.callback == Some(Callback::Rate(rate)),
        None => order.callback.is_none() && order.trigger == Some(stop.trigger),
    };
    large_enough && right
}

/// The venue has it.
fn stands(order: &Order) -> bool {
    matches!(order.status, OrderStatus::Accepted | OrderStatus::Working)
}

/// The wanted stop stands: older ones go.
fn stood(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    carrier: Option<ClientId>,
    out: &mut Effects,
) {
    let named = cancel::pick(desk, key, |order| {
        is_stop(order) && Some(order.order.client) != carrier && order.cancelling.is_none()
    });
    cancel::send_all(desk, now, key, &named, out);
    if let Some(stop) = desk.market_mut(key).protection.stop.as_mut() {
        stop.failures = 0;
    }
}

/// A stop of ours that fired and lives on as the order that it became.
pub(super) fn fired(market: &Market, held: Side) -> Option<&Order> {
    market.orders.live().find(|order| {
        order.order.class == OrderClass::Regular
            && order.intent == Intent::Exit
            && !order.external
            && order.side == held.opposite()
            && (order.trigger.is_some() || order.callback.is_some())
    })
}

/// It fired and waits for a fill that does not come: it goes, and the venue's market close takes its place.
fn join(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    stop: WantedStop,
    fired: ClientId,
    out: &mut Effects,
) {
    let closes = desk.market(&key).is_some_and(|m| m.close.is_some());
    if closes || now.ms_since(stop.tried) < FIRED_MS {
        return;
    }
    if let Some(stop) = desk.market_mut(key).protection.stop.as_mut() {
        stop.tried = now;
    }
    cancel::send_all(desk, now, key, &[fired], out);
    closing::by_market(desk, now, key, "the stop fired and did not fill", out);
}

fn kind(
    settings: &DeskSettings,
    instrument: &Instrument,
    held: Side,
    stop: &WantedStop,
) -> OrderKind {
    if let Some(rate) = stop.rate {
        return OrderKind::Trail {
            activation: None,
            callback: Callback::Rate(rate),
            by: settings.trigger_by,
        };
    }
    let trigger = stop.trigger;
    let bound = settings.stop_bound_ticks;
    let limit = (bound > 0).then(|| price::clip(trigger.ahead(held.opposite(), bound), instrument));
    OrderKind::Stop {
        trigger,
        limit,
        by: settings.trigger_by,
    }
}
