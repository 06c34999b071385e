//! One place that a position has for a stop: what stands there, what was asked for, how it ends. Pure; the account's
//! [`super::Slots`] owns the places.

use crate::domain::{
    Callback, ClientId, NewOrder, OrderClass, OrderId, OrderRef, OrderReport, OrderStatus, Price,
    Qty, Side, Stamp,
};
use crate::exchange::bybit::read::position::PositionSaid;
use crate::exchange::bybit::slot::{SlotKey, SlotKind};

use super::SlotStep;

/// A stop of ours, or one that was found.
#[derive(Clone, Debug)]
pub struct Stop {
    /// As it is told.
    pub report: OrderReport,
    /// What the venue shows of it, ticks: where it fires or how far behind it follows.
    pub value: Price,
    /// The venue showed it.
    pub proved: bool,
    /// When the venue took it, venue ms.
    pub since_ms: i64,
    /// When that was known here.
    pub stood: Stamp,
    /// Nobody of us set it.
    pub found: bool,
}

/// One place.
#[derive(Debug, Default)]
pub struct Held {
    /// What stands.
    pub now: Option<Stop>,
    /// What was asked for and is not answered, oldest first.
    pub next: Vec<Stop>,
    /// The venue's own order behind what stands.
    pub order: Option<OrderId>,
    /// The position shows no stop any more, since then.
    pub gone: Option<Stamp>,
    /// Its order ended without having fired, as the venue told it.
    pub end: Option<OrderReport>,
    /// What stood last: a late word of an order that fired is of it.
    pub last: Option<ClientId>,
    /// How many stops were found here that nobody of us set.
    pub found: u32,
}

/// Takes a stop that was asked for.
pub fn take_next(held: &mut Held, client: ClientId) -> Option<Stop> {
    let at = held
        .next
        .iter()
        .position(|s| s.report.order.client == client)?;
    Some(held.next.remove(at))
}

/// A stop takes the place; what stood there is told as ended.
pub fn stand(held: &mut Held, stop: Stop, at_ms: i64, now: Stamp) -> Vec<SlotStep> {
    let stop = Stop {
        since_ms: at_ms,
        stood: now,
        ..stop
    };
    held.last = Some(stop.report.order.client);
    (held.gone, held.end) = (None, None);
    let Some(mut before) = held.now.replace(stop) else {
        return Vec::new();
    };
    // The venue's own order goes on, for the stop that took the place.
    before.report.order.venue = None;
    ended(before, OrderStatus::Cancelled, None, at_ms, now)
}

/// The place is empty: what stood there ended, as its order told, or unexplained.
pub fn finish(held: &mut Held, end: Option<OrderReport>, now: Stamp) -> Vec<SlotStep> {
    (held.gone, held.end, held.order) = (None, None, None);
    let Some(stop) = held.now.take() else {
        return Vec::new();
    };
    held.last = Some(stop.report.order.client);
    let (status, reason, at_ms) = match end {
        Some(end) => (end.status, end.reason, end.venue_ms),
        None => (OrderStatus::Cancelled, None, stop.since_ms),
    };
    ended(stop, status, reason, at_ms, now)
}

fn ended(
    stop: Stop,
    status: OrderStatus,
    reason: Option<String>,
    at_ms: i64,
    now: Stamp,
) -> Vec<SlotStep> {
    let client = stop.report.order.client;
    let report = OrderReport {
        status,
        reason,
        venue_ms: at_ms.max(stop.report.venue_ms),
        at: now,
        ..stop.report
    };
    vec![SlotStep::Ended(client), SlotStep::Tell(Box::new(report))]
}

/// What the position shows is younger than what stands: it was asked for afterwards, or says so by its time.
pub fn is_news(held: &Held, said: &PositionSaid, asked: Option<Stamp>) -> bool {
    match &held.now {
        None => true,
        Some(stop) => match asked {
            Some(asked) => asked.mono_ns > stop.stood.mono_ns,
            None => said.report.venue_ms > stop.since_ms,
        },
    }
}

/// The position shows it: Working, as large as the position is.
pub fn prove(stop: &mut Stop, said: &PositionSaid) -> Option<SlotStep> {
    let before = (stop.proved, stop.report.qty);
    stop.proved = true;
    stop.report.status = OrderStatus::Working;
    stop.report.at = said.report.at;
    stop.report.venue_ms = stop.report.venue_ms.max(said.report.venue_ms);
    if let Some(lots) = said.lots {
        stop.report.qty = lots;
    }
    let changed = before != (true, stop.report.qty);
    changed.then(|| SlotStep::Tell(Box::new(stop.report.clone())))
}

/// The position shows a stop that nobody of us set, or that was set before a restart. One that was found before and was moved is
/// the same one. `false` where it cannot be named.
pub fn meet(
    held: &mut Held,
    slot: SlotKey,
    value: Price,
    said: &PositionSaid,
    now: Stamp,
    steps: &mut Vec<SlotStep>,
) -> bool {
    if let Some(stop) = held.now.as_mut().filter(|s| s.found) {
        stop.value = value;
        stop.proved = false;
        (stop.report.trigger, stop.report.callback) = shown_as(slot.kind, value);
        return true;
    }
    held.found = held.found.saturating_add(1);
    let Some(client) = slot.name(held.found) else {
        return false;
    };
    let stop = Stop {
        report: found(slot, client, value, said),
        value,
        proved: false,
        since_ms: said.report.venue_ms,
        stood: now,
        found: true,
    };
    steps.extend(stand(held, stop, said.report.venue_ms, now));
    true
}

const fn shown_as(kind: SlotKind, value: Price) -> (Option<Price>, Option<Callback>) {
    match kind {
        SlotKind::Stop => (Some(value), None),
        SlotKind::Trail => (None, Some(Callback::Distance(value.0))),
    }
}

fn found(slot: SlotKey, client: ClientId, value: Price, said: &PositionSaid) -> OrderReport {
    let long = said.report.size.is_sign_positive();
    let side = if long { Side::Sell } else { Side::Buy };
    let (trigger, callback) = shown_as(slot.kind, value);
    OrderReport {
        key: said.report.key,
        order: OrderRef {
            client,
            venue: None,
            class: OrderClass::Conditional,
        },
        side,
        leg: slot.leg,
        price: None,
        trigger,
        callback,
        triggered: false,
        qty: said.lots.unwrap_or(Qty::ZERO),
        filled: Qty::ZERO,
        average: None,
        reduce_only: true,
        status: OrderStatus::Working,
        reason: None,
        venue_ms: said.report.venue_ms,
        at: said.report.at,
    }
}

/// The report of a stop that was asked for.
pub fn report_of(order: &NewOrder, at: Stamp) -> OrderReport {
    OrderReport {
        key: order.key,
        order: OrderRef {
            client: order.id,
            venue: None,
            class: OrderClass::Conditional,
        },
        side: order.side,
        leg: order.leg,
        price: None,
        trigger: order.kind.trigger(),
        callback: order.kind.callback(),
        triggered: false,
        qty: order.qty,
        filled: Qty::ZERO,
        average: None,
        reduce_only: true,
        status: OrderStatus::Accepted,
        reason: None,
        venue_ms: 0,
        at,
    }
}
