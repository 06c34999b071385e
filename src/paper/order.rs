//! One order of a paper account, and how it is told.

use rust_decimal::Decimal;

use crate::domain::{
    ClientId, Instrument, Intent, MarketKey, NewOrder, OrderClass, OrderId, OrderKind, OrderRef,
    OrderReport, OrderStatus, Price, Qty, Side, Stamp, TimeInForce,
};

use super::queue::Place;

/// One order.
#[derive(Clone, Debug)]
pub(super) struct Order {
    pub(super) client: ClientId,
    pub(super) number: u64,
    pub(super) side: Side,
    pub(super) kind: OrderKind,
    /// Limit in force, ticks.
    pub(super) price: Option<Price>,
    pub(super) qty: Qty,
    pub(super) filled: Qty,
    /// Price × lots of all fills.
    cost: Decimal,
    pub(super) reduce_only: bool,
    pub(super) status: OrderStatus,
    /// A conditional order that has become a regular one.
    pub(super) triggered: bool,
    /// Its place while it rests.
    pub(super) place: Option<Place>,
    /// The best price that a trail has seen.
    pub(super) extreme: Option<Decimal>,
    /// A trail follows.
    pub(super) follows: bool,
    reason: Option<&'static str>,
}

impl Order {
    /// As it was asked for, with the venue's number.
    pub(super) fn new(asked: &NewOrder, number: u64, reduce_only: bool, qty: Qty) -> Self {
        Self {
            client: asked.id,
            number,
            side: asked.side,
            kind: asked.kind,
            price: asked.kind.limit(),
            qty,
            filled: Qty::ZERO,
            cost: Decimal::ZERO,
            reduce_only,
            status: OrderStatus::Working,
            triggered: false,
            place: None,
            extreme: None,
            follows: matches!(
                asked.kind,
                OrderKind::Trail {
                    activation: None,
                    ..
                }
            ),
            reason: None,
        }
    }

    /// Not filled yet, lots.
    pub(super) const fn left(&self) -> Qty {
        self.qty.less(self.filled)
    }

    /// True while something may still happen to it.
    pub(super) const fn is_live(&self) -> bool {
        !self.status.is_final()
    }

    /// Regular, or conditional until it fires.
    pub(super) const fn class(&self) -> OrderClass {
        if self.triggered {
            OrderClass::Regular
        } else {
            self.kind.class()
        }
    }

    /// True when it waits for its trigger.
    pub(super) fn waits(&self) -> bool {
        self.is_live() && self.class() == OrderClass::Conditional
    }

    /// How long it lives once it is in the book.
    pub(super) const fn tif(&self) -> TimeInForce {
        match self.kind {
            OrderKind::Limit { tif, .. } => tif,
            OrderKind::Stop { limit: Some(_), .. } => TimeInForce::Gtc,
            OrderKind::Market | OrderKind::Stop { .. } | OrderKind::Trail { .. } => {
                TimeInForce::Ioc
            }
        }
    }

    /// True for an order that can only reduce.
    pub(super) fn reduces(asked: &NewOrder, is_spot: bool) -> bool {
        asked.intent == Intent::Exit && !is_spot
    }

    /// Books a fill of it.
    pub(super) fn fill(&mut self, price: Decimal, qty: Qty) {
        let cost = price.saturating_mul(Decimal::from(qty.0));
        self.cost = self.cost.saturating_add(cost);
        self.filled = self.filled.plus(qty);
        if self.left().is_zero() {
            self.end(OrderStatus::Filled, None);
        }
    }

    /// Ends it.
    pub(super) fn end(&mut self, status: OrderStatus, reason: Option<&'static str>) {
        self.status = status;
        self.reason = reason;
        self.place = None;
    }

    /// Its names.
    pub(super) fn named(&self) -> OrderRef {
        OrderRef {
            client: self.client,
            venue: Some(OrderId::of_number(self.number)),
            class: self.class(),
        }
    }

    /// As the account tells it.
    pub(super) fn report(&self, key: MarketKey, now: Stamp) -> OrderReport {
        let average = self.cost.checked_div(Decimal::from(self.filled.0));
        OrderReport {
            key,
            order: self.named(),
            side: self.side,
            leg: None,
            price: self.price,
            trigger: self.kind.trigger(),
            callback: self.kind.callback(),
            triggered: self.triggered,
            qty: self.qty,
            filled: self.filled,
            average,
            reduce_only: self.reduce_only,
            status: self.status,
            reason: self.reason.map(str::to_owned),
            venue_ms: now.wall_ms(),
            at: now,
        }
    }

    /// What its rest is worth at its limit, quote currency; zero where nothing bounds it.
    pub(super) fn worth(&self, instrument: &Instrument) -> Decimal {
        let price = self.price.map(|price| instrument.price_decimal(price));
        price
            .and_then(|price| instrument.notional(price, instrument.qty_decimal(self.left())))
            .unwrap_or_default()
    }
}
