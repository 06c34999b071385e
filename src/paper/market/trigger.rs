//! Conditional orders: watched, fired.

use rust_decimal::Decimal;

use crate::domain::{Callback, OrderKind, OrderStatus, Price, Side, TriggerBy};
use crate::paper::till::Turn;

use super::Market;

/// Basis points in one.
const BASIS: u32 = 10_000;

impl Market {
    /// The price that a conditional order of `side` watches, quote currency. One that was never told, as by a recording without
    /// trades, is the best price that the order would meet.
    pub(super) fn watched(&self, by: TriggerBy, side: Side) -> Option<Decimal> {
        let decimal = |price| self.instrument.price_decimal(price);
        let told = match by {
            TriggerBy::Last => self.last.map(decimal),
            TriggerBy::Mark => self.mark,
            TriggerBy::Best => None,
        };
        told.or_else(|| self.book.best(side.opposite()).map(decimal))
    }

    /// True when the price has come to the trigger: up to it for a buy, down to it for a sell.
    pub(super) fn reaches(&self, side: Side, trigger: Price, price: Decimal) -> bool {
        let trigger = self.instrument.price_decimal(trigger);
        match side {
            Side::Buy => price >= trigger,
            Side::Sell => price <= trigger,
        }
    }

    /// Fires what the present prices fire. What fires trades at once: on a book that shows nothing it waits.
    pub(super) fn fire(&mut self, turn: &mut Turn<'_>) {
        if !self.book.is_live(turn.now) {
            return;
        }
        for index in 0..self.orders.len() {
            if self.orders[index].waits() && self.is_met(index) {
                self.pull(turn, index);
            }
        }
    }

    fn is_met(&mut self, index: usize) -> bool {
        let order = &self.orders[index];
        match order.kind {
            OrderKind::Stop { trigger, by, .. } => {
                let price = self.watched(by, order.side);
                price.is_some_and(|price| self.reaches(order.side, trigger, price))
            }
            OrderKind::Trail {
                activation,
                callback,
                by,
            } => {
                let price = self.watched(by, order.side);
                price.is_some_and(|price| self.trails(index, activation, callback, price))
            }
            OrderKind::Limit { .. } | OrderKind::Market => false,
        }
    }

    /// Moves a trail's best price, lets it follow from its activation on, and says whether the price has come back far enough.
    fn trails(
        &mut self,
        index: usize,
        activation: Option<Price>,
        callback: Callback,
        price: Decimal,
    ) -> bool {
        let side = self.orders[index].side;
        let opposite = side.opposite();
        // A trail that sells becomes active when the price rises, as a buy's trigger is met.
        let active = activation.is_none_or(|at| self.reaches(opposite, at, price));
        let tick = self.instrument.tick;
        let order = &mut self.orders[index];
        order.follows |= active;
        if !order.follows {
            return false;
        }
        let seen = order.extreme.unwrap_or(price);
        let extreme = match side {
            Side::Buy => seen.min(price),
            Side::Sell => seen.max(price),
        };
        order.extreme = Some(extreme);
        let back = match callback {
            Callback::Distance(ticks) => Some(tick.decimal(ticks)),
            Callback::Rate(points) => extreme
                .checked_mul(Decimal::from(points))
                .and_then(|product| product.checked_div(Decimal::from(BASIS))),
        };
        let came = (price - extreme).abs();
        back.is_some_and(|back| came >= back)
    }

    fn pull(&mut self, turn: &mut Turn<'_>, index: usize) {
        let number = turn.till.order_number();
        let reducible = self.reducible(self.orders[index].side);
        let order = &mut self.orders[index];
        (order.number, order.triggered) = (number, true);
        if order.reduce_only {
            if reducible.is_zero() {
                let why = Some("there is nothing to reduce");
                return self.end(turn, index, OrderStatus::Rejected, why);
            }
            order.qty = order.qty.min(reducible);
        }
        self.tell(turn, index);
        self.work(turn, index);
    }
}
