//! Own orders of one market: what is proved of each, in whatever order the proofs come.
//!
//! Owns the life cycle. Only positive evidence ends an order: a lost answer leaves it `Unknown`.

mod amending;

pub use amending::Amending;

use crate::domain::{
    Callback, ClientId, Fill, Intent, NewOrder, OrderClass, OrderKind, OrderRef, OrderReport,
    OrderStatus, Outcome, Price, Qty, Side, Stamp, TimeInForce,
};

/// How many ended orders are remembered, so that late events find theirs.
const REMEMBERED: usize = 256;

/// One own order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its names.
    pub order: OrderRef,
    /// Buy or sell.
    pub side: Side,
    /// Limit, ticks; `None` for a market order.
    pub price: Option<Price>,
    /// Trigger of a conditional order, ticks.
    pub trigger: Option<Price>,
    /// How far a trailing stop of the venue follows behind; `None` for any other order.
    pub callback: Option<Callback>,
    /// How long it lives, where Lancet placed it.
    pub tif: Option<TimeInForce>,
    /// Total, lots.
    pub qty: Qty,
    /// Filled as far as anything proved, lots.
    pub filled: Qty,
    /// Filled by the trades that were told one by one, lots.
    pub by_fills: Qty,
    /// Entry or exit (reduce-only).
    pub intent: Intent,
    /// Not placed by Lancet: left alone unless named.
    pub external: bool,
    /// What is proved.
    pub status: OrderStatus,
    /// When the latest cancel was sent; `None` when none is on its way.
    pub cancelling: Option<Stamp>,
    /// How many cancels were sent.
    pub cancels: u32,
    /// A change of price or size that is on its way.
    pub amending: Option<Amending>,
    /// When it was sent, or first seen.
    pub placed: Stamp,
    /// When its first byte was handed to the socket.
    pub written: Option<Stamp>,
    /// First byte to first word of the venue, µs.
    pub ack_us: Option<u64>,
    /// When its state last changed.
    pub since: Stamp,
    /// Latest venue time that was taken, ms since 1970.
    pub venue_ms: i64,
    /// Estimated size ahead in the queue, lots.
    pub ahead: Option<Qty>,
    /// True once it was said that it rests.
    pub announced: bool,
}

/// What an event changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing that matters to the trader.
    None,
    /// Proved to rest for the first time.
    Rests,
    /// A change of price or size is settled, as asked or not.
    Moved,
    /// The outcome is not proved any more.
    BecameUnknown,
    /// Ended.
    Ended,
    /// More was filled than the order had, or after it had ended.
    Overfilled,
}

impl Order {
    /// Not filled yet, lots.
    pub const fn remaining(&self) -> Qty {
        self.qty.less(self.filled)
    }

    /// True for a market order.
    pub const fn kind_is_market(&self) -> bool {
        matches!(self.order.class, OrderClass::Regular)
            && self.price.is_none()
            && self.trigger.is_none()
    }

    /// True while something may still happen to it.
    pub const fn is_live(&self) -> bool {
        !self.status.is_final()
    }

    fn sent(order: &NewOrder, now: Stamp) -> Self {
        let tif = match order.kind {
            OrderKind::Limit { tif, .. } => Some(tif),
            // It becomes a limit order that rests.
            OrderKind::Stop { limit: Some(_), .. } => Some(TimeInForce::Gtc),
            OrderKind::Market | OrderKind::Stop { .. } | OrderKind::Trail { .. } => None,
        };
        Self {
            order: OrderRef {
                client: order.id,
                venue: None,
                class: order.kind.class(),
            },
            side: order.side,
            price: order.kind.limit(),
            trigger: order.kind.trigger(),
            callback: order.kind.callback(),
            tif,
            qty: order.qty,
            filled: Qty::ZERO,
            by_fills: Qty::ZERO,
            intent: order.intent,
            external: false,
            status: OrderStatus::Sent,
            cancelling: None,
            cancels: 0,
            amending: None,
            placed: now,
            written: None,
            ack_us: None,
            since: now,
            venue_ms: 0,
            ahead: None,
            announced: false,
        }
    }

    fn adopted(report: &OrderReport, own: bool) -> Self {
        Self {
            order: report.order,
            side: report.side,
            price: report.price,
            trigger: report.trigger,
            callback: report.callback,
            tif: None,
            qty: report.qty,
            filled: report.filled,
            by_fills: report.filled,
            intent: if report.reduce_only {
                Intent::Exit
            } else {
                Intent::Entry
            },
            external: !own,
            status: report.status,
            cancelling: None,
            cancels: 0,
            amending: None,
            placed: report.at,
            written: None,
            ack_us: None,
            since: report.at,
            venue_ms: report.venue_ms,
            ahead: None,
            announced: true,
        }
    }

    fn become_status(&mut self, status: OrderStatus, at: Stamp) {
        if self.status != status {
            self.status = status;
            self.since = at;
        }
        if status.is_final() {
            self.cancelling = None;
            self.amending = None;
        }
    }

    fn heard(&mut self, at: Stamp) {
        if let (None, Some(written)) = (self.ack_us, self.written) {
            self.ack_us = Some(at.since(written) / 1000);
        }
    }

    fn take_place_answer(&mut self, outcome: &Outcome, at: Stamp) -> Change {
        match outcome {
            Outcome::Accepted { venue } => {
                self.heard(at);
                self.order.venue = self.order.venue.or(*venue);
                if matches!(self.status, OrderStatus::Sent | OrderStatus::Unknown) {
                    self.become_status(OrderStatus::Accepted, at);
                }
                Change::None
            }
            Outcome::NotSent(_) | Outcome::Rejected { .. } => {
                if matches!(outcome, Outcome::Rejected { .. }) {
                    self.heard(at);
                }
                // Evidence of life is stronger than a refusal: it stays until the venue's own report ends it.
                let unproved = matches!(
                    self.status,
                    OrderStatus::Sent | OrderStatus::Accepted | OrderStatus::Unknown
                );
                // Some venues take an order first and refuse it then: an acknowledgement is no evidence that it rests.
                if self.filled.is_zero() && unproved {
                    self.become_status(OrderStatus::Rejected, at);
                    return Change::Ended;
                }
                Change::None
            }
            Outcome::Unknown(_) => {
                // Its answer did not come: when it is proved says nothing about how fast the venue answers.
                self.written = None;
                if self.status == OrderStatus::Sent {
                    self.become_status(OrderStatus::Unknown, at);
                    return Change::BecameUnknown;
                }
                Change::None
            }
        }
    }

    fn take_report(&mut self, report: &OrderReport) -> Change {
        self.heard(report.at);
        if self.order.class != report.order.class {
            // It fired: from here on it is the regular order that it became, with that one's number.
            self.order.venue = None;
            self.order.class = report.order.class;
            self.since = report.at;
        }
        self.order.venue = self.order.venue.or(report.order.venue);
        let newer = report.venue_ms >= self.venue_ms;
        self.venue_ms = self.venue_ms.max(report.venue_ms);
        self.filled = self.filled.max(report.filled);
        if self.status.is_final() {
            return self.after_end(report);
        }
        if newer && !report.status.is_final() && report.status != OrderStatus::Unknown {
            self.price = report.price.or(self.price);
            self.trigger = report.trigger.or(self.trigger);
            self.callback = report.callback.or(self.callback);
            self.qty = report.qty.max(self.filled);
        }
        let moved = newer && !report.status.is_final() && self.settle();
        if self.filled > self.largest() {
            return Change::Overfilled;
        }
        if report.status.is_final() {
            self.become_status(self.end_of(report.status), report.at);
            return Change::Ended;
        }
        match report.status {
            OrderStatus::Unknown if self.status == OrderStatus::Sent => {
                self.become_status(OrderStatus::Unknown, report.at);
                Change::BecameUnknown
            }
            OrderStatus::Accepted
                if matches!(self.status, OrderStatus::Sent | OrderStatus::Unknown) =>
            {
                self.become_status(OrderStatus::Accepted, report.at);
                Change::None
            }
            OrderStatus::Working => {
                self.become_status(OrderStatus::Working, report.at);
                if self.announced && moved {
                    Change::Moved
                } else if self.announced {
                    Change::None
                } else {
                    self.announced = true;
                    Change::Rests
                }
            }
            _ => Change::None,
        }
    }

    /// A fill beats a cancel: an order that is wholly filled is filled, whatever ended it by name.
    fn end_of(&self, told: OrderStatus) -> OrderStatus {
        if self.filled >= self.qty {
            OrderStatus::Filled
        } else {
            told
        }
    }

    fn after_end(&mut self, report: &OrderReport) -> Change {
        let end = self.end_of(self.status);
        self.status = end;
        if self.filled > self.qty {
            return Change::Overfilled;
        }
        // Proved absent, then told to live: the venue's word wins and the order counts again.
        if end == OrderStatus::Rejected && report.status == OrderStatus::Working {
            self.become_status(OrderStatus::Working, report.at);
            return Change::Rests;
        }
        Change::None
    }

    fn take_fill(&mut self, fill: &Fill) -> Change {
        self.heard(fill.at);
        self.order.venue = self.order.venue.or(Some(fill.order));
        let told = self.by_fills.plus(fill.qty);
        self.by_fills = told;
        let after_end = self.status.is_final() && told > self.filled;
        self.filled = self.filled.max(told);
        if after_end || told > self.largest() {
            return Change::Overfilled;
        }
        if self.status.is_final() {
            return Change::None;
        }
        if self.filled >= self.largest() {
            self.become_status(OrderStatus::Filled, fill.at);
            return Change::Ended;
        }
        let rests = !matches!(self.tif, None | Some(TimeInForce::Ioc));
        if rests {
            self.become_status(OrderStatus::Working, fill.at);
        } else if matches!(self.status, OrderStatus::Sent | OrderStatus::Unknown) {
            self.become_status(OrderStatus::Accepted, fill.at);
        }
        Change::None
    }
}

/// All own orders of one market.
#[derive(Clone, Debug, Default)]
pub struct Orders {
    list: Vec<Order>,
}

impl Orders {
    /// Remembers an order that is about to be sent.
    pub fn sent(&mut self, order: &NewOrder, now: Stamp) {
        self.list.push(Order::sent(order, now));
        self.forget_old();
    }

    /// The order of this name.
    pub fn get(&self, client: ClientId) -> Option<&Order> {
        self.list.iter().rev().find(|o| o.order.client == client)
    }

    /// The order of this name, to change it.
    pub fn get_mut(&mut self, client: ClientId) -> Option<&mut Order> {
        self.list
            .iter_mut()
            .rev()
            .find(|o| o.order.client == client)
    }

    /// Orders to which something may still happen, oldest first.
    pub fn live(&self) -> impl Iterator<Item = &Order> {
        self.list.iter().filter(|o| o.is_live())
    }

    /// The same, to change them.
    pub fn live_mut(&mut self) -> impl Iterator<Item = &mut Order> {
        self.list.iter_mut().filter(|o| o.is_live())
    }

    /// Takes the answer to a place request. `None`: no such order.
    pub fn take_place_answer(
        &mut self,
        client: ClientId,
        outcome: &Outcome,
        at: Stamp,
    ) -> Option<Change> {
        Some(self.get_mut(client)?.take_place_answer(outcome, at))
    }

    /// Takes the venue's word on an order; one that nobody here placed is adopted (`own`: its name is of a session of ours).
    pub fn take_report(&mut self, report: &OrderReport, own: bool) -> (Change, bool) {
        if let Some(order) = self.get_mut(report.order.client) {
            return (order.take_report(report), false);
        }
        if report.status.is_final() {
            return (Change::None, false);
        }
        self.list.push(Order::adopted(report, own));
        self.forget_old();
        (Change::None, true)
    }

    /// Takes a fill. `None`: no such order.
    pub fn take_fill(&mut self, fill: &Fill) -> Option<Change> {
        Some(self.get_mut(fill.client)?.take_fill(fill))
    }

    /// Sum of what may still fill, lots.
    pub fn remaining(&self, side: Side, intent: Intent) -> Qty {
        self.live()
            .filter(|o| o.side == side && o.intent == intent)
            .fold(Qty::ZERO, |sum, o| sum.plus(o.may_fill()))
    }

    /// What resting and in-flight exits already cover, lots. A conditional order covers nothing: it waits beside a take.
    pub fn covered(&self, side: Side) -> Qty {
        self.live()
            .filter(|o| o.side == side && o.intent == Intent::Exit)
            .filter(|o| o.order.class == OrderClass::Regular)
            .fold(Qty::ZERO, |sum, o| sum.plus(o.may_fill()))
    }

    fn forget_old(&mut self) {
        let ended = self.list.iter().filter(|o| !o.is_live()).count();
        if ended > REMEMBERED
            && let Some(oldest) = self.list.iter().position(|o| !o.is_live())
        {
            self.list.remove(oldest);
        }
    }
}
