//! What a paper account refuses, and what its orders and position need of its purse.

use rust_decimal::Decimal;

use crate::domain::message::Proves;
use crate::domain::{
    Amend, Asset, NewOrder, OrderKind, Payoff, Price, Qty, Side, TimeInForce, TradingStatus,
};
use crate::paper::order::Order;
use crate::paper::till::{Refusal, Turn};

use super::Market;

/// An order that is not there yet, or what a change adds to one that is.
#[derive(Clone, Copy, Debug)]
struct More {
    side: Side,
    qty: Qty,
    worth: Decimal,
}

impl Market {
    /// Checks a new order; the size that it gets: one that only reduces never gets more than the position.
    pub(super) fn admit(&self, turn: &Turn<'_>, asked: &NewOrder) -> Result<Qty, Refusal> {
        self.check_rules(asked)?;
        let mut qty = asked.qty;
        if Order::reduces(asked, self.is_spot()) {
            // A conditional one is judged when it fires.
            if matches!(asked.kind, OrderKind::Limit { .. } | OrderKind::Market) {
                qty = qty.min(self.reducible(asked.side));
            }
            if qty.is_zero() {
                let proves = Proves::NothingToReduce;
                return Err(Refusal::proving("there is nothing to reduce", proves));
            }
        }
        match asked.kind {
            OrderKind::Limit { price, tif } => self.check_limit(turn, asked.side, price, tif)?,
            OrderKind::Market => self.check_book(turn)?,
            OrderKind::Stop { trigger, by, .. } => {
                let price = self.watched(by, asked.side);
                if price.is_some_and(|price| self.reaches(asked.side, trigger, price)) {
                    let proves = Proves::WouldTrigger;
                    return Err(Refusal::proving("it would fire at once", proves));
                }
            }
            OrderKind::Trail { .. } => {}
        }
        if !Order::reduces(asked, self.is_spot()) {
            let price = asked.kind.limit();
            let price = price.or_else(|| self.book.best(asked.side.opposite()));
            self.check_funds(turn, self.more(asked.side, qty, price))?;
        }
        Ok(qty)
    }

    fn check_rules(&self, asked: &NewOrder) -> Result<(), Refusal> {
        let rules = &self.instrument;
        if asked.leg.is_some() {
            return Err(Refusal::new("paper keeps one position a symbol"));
        }
        if rules.payoff == Payoff::Inverse {
            return Err(Refusal::new("inverse contracts are view-only"));
        }
        if rules.status != TradingStatus::Trading {
            return Err(Refusal::new("the venue does not trade it now"));
        }
        if self.live(asked.id).is_some() {
            return Err(Refusal::new("an order of that name is open"));
        }
        let most = match asked.kind {
            OrderKind::Limit { .. } => rules.max_qty,
            _ => rules.max_market_qty,
        };
        if asked.qty < rules.min_qty.max(Qty(1)) || (most.0 > 0 && asked.qty > most) {
            return Err(Refusal::new("its size is outside the venue's range"));
        }
        if self.is_spot() && matches!(asked.kind, OrderKind::Stop { .. } | OrderKind::Trail { .. })
        {
            return Err(Refusal::new("spot takes no conditional orders"));
        }
        Ok(())
    }

    fn check_limit(
        &self,
        turn: &Turn<'_>,
        side: Side,
        price: Price,
        tif: TimeInForce,
    ) -> Result<(), Refusal> {
        if price < self.instrument.min_price || price > self.instrument.max_price {
            return Err(Refusal::new("its price is outside the venue's range"));
        }
        match tif {
            TimeInForce::Gtc => Ok(()),
            TimeInForce::Ioc => self.check_book(turn),
            TimeInForce::PostOnly => {
                let best = self.book.best(side.opposite());
                if best.is_some_and(|best| price.crosses(side, best)) {
                    let proves = Proves::WouldTake;
                    return Err(Refusal::proving("post-only: it would take", proves));
                }
                Ok(())
            }
        }
    }

    /// What must fill at once needs a book that shows what there is.
    fn check_book(&self, turn: &Turn<'_>) -> Result<(), Refusal> {
        if self.book.is_live(turn.now) {
            Ok(())
        } else {
            Err(Refusal::new(
                "the book is not live: nothing to fill against",
            ))
        }
    }

    /// Checks a change; the place of its order.
    pub(super) fn admit_amend(&self, turn: &Turn<'_>, asked: &Amend) -> Result<usize, Refusal> {
        let index = self.resting(asked.order.client);
        let index = index.ok_or_else(super::not_found)?;
        let order = &self.orders[index];
        if asked.qty <= order.filled {
            return Err(Refusal::new("so much of it is filled already"));
        }
        self.check_limit(turn, order.side, asked.price, order.tif())?;
        if !order.reduce_only {
            let left = asked.qty.less(order.filled);
            let after = self.more(order.side, left, Some(asked.price));
            let more = More {
                qty: after.qty.less(order.left()),
                worth: after.worth.saturating_sub(order.worth(&self.instrument)),
                ..after
            };
            self.check_funds(turn, more)?;
        }
        Ok(index)
    }

    fn more(&self, side: Side, qty: Qty, price: Option<Price>) -> More {
        let price = price.map(|price| self.instrument.price_decimal(price));
        let size = self.instrument.qty_decimal(qty);
        let worth = price.and_then(|price| self.instrument.notional(price, size));
        More {
            side,
            qty,
            worth: worth.unwrap_or_default(),
        }
    }

    fn check_funds(&self, turn: &Turn<'_>, more: More) -> Result<(), Refusal> {
        let purse = &turn.till.purse;
        for (asset, needs) in self.needs(Some(more)) {
            let adds = needs.saturating_sub(purse.held(self.key.symbol, asset));
            let free = purse.available(asset);
            if adds > Decimal::ZERO && adds > free {
                let (adds, free) = (adds.round_dp(2), free.round_dp(2));
                return Err(Refusal::new(format!(
                    "it needs {adds} {asset}, {free} is free"
                )));
            }
        }
        Ok(())
    }

    /// What position and orders hold of each currency, with `more` beside them. A contract's position is margined at its average.
    fn needs(&self, more: Option<More>) -> Vec<(Asset, Decimal)> {
        let rules = &self.instrument;
        if self.is_spot() {
            let sells = self.sum(more, Side::Sell, |qty, _| rules.qty_decimal(qty));
            let buys = self.sum(more, Side::Buy, |_, worth| worth);
            return vec![(rules.base, sells), (rules.quote, buys)];
        }
        let (size, entry) = (self.position.size, self.position.entry);
        let held = rules.notional(entry, size).unwrap_or_default();
        let long = held.saturating_add(self.sum(more, Side::Buy, |_, worth| worth));
        let short = self
            .sum(more, Side::Sell, |_, worth| worth)
            .saturating_sub(held);
        let worst = long.max(short).max(held.abs());
        let margin = worst.checked_div(Decimal::from(self.leverage));
        vec![(rules.settle, margin.unwrap_or(Decimal::MAX))]
    }

    /// Sum over what may still open on a side.
    fn sum(&self, more: Option<More>, side: Side, of: impl Fn(Qty, Decimal) -> Decimal) -> Decimal {
        let open = |order: &&Order| order.is_live() && !order.reduce_only && order.side == side;
        let orders = self.orders.iter().filter(open);
        let orders = orders.map(|order| of(order.left(), order.worth(&self.instrument)));
        let more = more.filter(|more| more.side == side);
        orders
            .chain(more.map(|more| of(more.qty, more.worth)))
            .fold(Decimal::ZERO, Decimal::saturating_add)
    }

    /// Puts what position and orders hold into the purse.
    pub(in crate::paper) fn hold(&self, turn: &mut Turn<'_>) {
        for (asset, amount) in self.needs(None) {
            turn.till.purse.hold(self.key.symbol, asset, amount);
        }
    }
}
