//! The only place where a paper order fills: on what a picture offers, or on prints that reach it.

use rust_decimal::Decimal;

use crate::domain::{
    Asset, Fact, Fill, Liquidity, OrderId, OrderStatus, Price, Print, Qty, Side, TimeInForce,
    TradeId,
};
use crate::paper::queue::Place;
use crate::paper::till::Turn;

use super::Market;

/// Decimals of a fee.
const FEE_DECIMALS: u32 = 8;

/// What a trade moves.
struct Booked {
    fee: Decimal,
    fee_asset: Asset,
    realised: Option<Decimal>,
}

impl Market {
    /// An order is in the book: it takes what it may, and its rest joins the queue or ends.
    pub(super) fn work(&mut self, turn: &mut Turn<'_>, index: usize) {
        let order = &self.orders[index];
        let (side, price, left, tif) = (order.side, order.price, order.left(), order.tif());
        let wanted = self.fillable(index, left);
        for part in self.book.take(turn.now, side, price, wanted) {
            self.fill(turn, index, (part.price, part.qty), Liquidity::Taker);
        }
        let order = &mut self.orders[index];
        if !order.is_live() {
            return;
        }
        match (tif, price) {
            (TimeInForce::Gtc | TimeInForce::PostOnly, Some(price)) => {
                order.place = Some(Place::behind(self.book.size_at(side, price)));
            }
            _ => {
                let why = Some("nothing more within its price");
                self.end(turn, index, OrderStatus::Expired, why);
            }
        }
    }

    /// Prints, oldest first.
    pub(in crate::paper) fn take_prints<'a>(
        &mut self,
        turn: &mut Turn<'_>,
        prints: impl Iterator<Item = &'a Print>,
    ) {
        for print in prints {
            self.take_print(turn, print);
            self.last = Some(print.price);
            self.fire(turn);
        }
    }

    /// The aggressor would have met our orders at its print's price or before it: what it traded behind us reaches us whole, what it
    /// traded at our price as far as those ahead left of it. Several of ours share it.
    fn take_print(&mut self, turn: &mut Turn<'_>, print: &Print) {
        let side = print.side.opposite();
        let mut used = Qty::ZERO;
        for index in self.queue(side) {
            let order = &mut self.orders[index];
            let (Some(price), Some(place)) = (order.price, order.place.as_mut()) else {
                continue;
            };
            let reaches = if price == print.price {
                place.take_print(turn.moment(), print.qty)
            } else if price.crosses(side, print.price) {
                place.passed();
                print.qty
            } else {
                continue;
            };
            let part = reaches.less(used).min(order.left());
            let part = self.fillable(index, part);
            if !part.is_zero() && self.fill(turn, index, (price, part), Liquidity::Maker) {
                used = used.plus(part);
            }
        }
    }

    /// Places in queues move with the picture's levels.
    pub(super) fn move_up(&mut self, turn: &Turn<'_>) {
        for order in self.orders.iter_mut().filter(|order| order.is_live()) {
            if let (Some(price), Some(place)) = (order.price, order.place.as_mut())
                && let Some(size) = self.book.pictured(order.side, price)
            {
                place.take_level(turn.moment(), size, turn.till.terms.queue);
            }
        }
    }

    /// What stands on the other side at a resting order's price or beyond it would have traded with it: at the order's own price.
    pub(super) fn sweep(&mut self, turn: &mut Turn<'_>) {
        for side in [Side::Buy, Side::Sell] {
            for index in self.queue(side) {
                let order = &self.orders[index];
                let (Some(price), left) = (order.price, order.left()) else {
                    continue;
                };
                let wanted = self.fillable(index, left);
                let got = self.book.take(turn.now, side, Some(price), wanted);
                let part = got.iter().fold(Qty::ZERO, |sum, part| sum.plus(part.qty));
                if !part.is_zero() {
                    self.fill(turn, index, (price, part), Liquidity::Maker);
                }
            }
        }
    }

    /// Resting orders of a side, those that are met first in front.
    fn queue(&self, side: Side) -> Vec<usize> {
        let rests = |index: &usize| {
            let order = &self.orders[*index];
            order.is_live() && order.side == side && order.place.is_some()
        };
        let mut queue: Vec<usize> = (0..self.orders.len()).filter(rests).collect();
        queue.sort_by_key(|index| {
            let price = self.orders[*index].price.unwrap_or_default();
            price.0.saturating_mul(-side.sign())
        });
        queue
    }

    /// How much of `qty` an order may fill: one that only reduces never more than the position.
    fn fillable(&self, index: usize, qty: Qty) -> Qty {
        let order = &self.orders[index];
        match (order.is_live(), order.reduce_only) {
            (false, _) => Qty::ZERO,
            (true, false) => qty,
            (true, true) => qty.min(self.reducible(order.side)),
        }
    }

    /// Whole lots of the position that an order of `side` reduces.
    pub(super) fn reducible(&self, side: Side) -> Qty {
        if self.position.side() == Some(side.opposite()) {
            let lots = self.instrument.lot.floor(self.position.size.abs());
            Qty(lots.unwrap_or(i64::MAX))
        } else {
            Qty::ZERO
        }
    }

    /// Books one trade and tells of it. False, and nothing happened, where its numbers do not fit.
    fn fill(
        &mut self,
        turn: &mut Turn<'_>,
        index: usize,
        (price, qty): (Price, Qty),
        liquidity: Liquidity,
    ) -> bool {
        let price = self.instrument.price_decimal(price);
        let order = &self.orders[index];
        let mut fill = Fill {
            key: self.key,
            client: order.client,
            order: OrderId::of_number(order.number),
            trade: TradeId::of_number(turn.till.trade_number()),
            side: order.side,
            leg: None,
            price,
            qty,
            fee: Decimal::ZERO,
            fee_asset: self.instrument.settle,
            realised: None,
            liquidity,
            venue_ms: turn.now.wall_ms(),
            at: turn.now,
            recovered: false,
        };
        let booked = if self.is_spot() {
            self.exchange(turn, &fill)
        } else {
            self.book_position(turn, &fill)
        };
        let Some(booked) = booked else { return false };
        (fill.fee, fill.fee_asset, fill.realised) = (booked.fee, booked.fee_asset, booked.realised);
        self.orders[index].fill(price, qty);
        turn.out.push(Fact::Fill(fill));
        self.tell(turn, index);
        if let Some(position) = self.position(turn.now) {
            turn.out.push(Fact::Position(position));
        }
        self.trim(turn);
        true
    }

    /// A contract's trade moves the position; profit and fee move the purse.
    fn book_position(&mut self, turn: &mut Turn<'_>, fill: &Fill) -> Option<Booked> {
        let size = self.instrument.qty_decimal(fill.qty);
        let worth = self.instrument.notional(fill.price, size)?;
        let fee = turn.till.terms.fees.rate(false, fill.liquidity);
        let fee = worth.checked_mul(fee)?.round_dp(FEE_DECIMALS);
        let before = self.position.realised;
        self.position.apply(fill, &self.instrument)?;
        let realised = self.position.realised.saturating_sub(before);
        let asset = self.instrument.settle;
        turn.till.purse.add(asset, realised.saturating_sub(fee));
        Some(Booked {
            fee,
            fee_asset: asset,
            realised: Some(realised),
        })
    }

    /// A spot trade moves two wallets; the fee is taken of what is received.
    fn exchange(&self, turn: &mut Turn<'_>, fill: &Fill) -> Option<Booked> {
        let rules = &self.instrument;
        let size = rules.qty_decimal(fill.qty);
        let worth = rules.notional(fill.price, size)?;
        let rate = turn.till.terms.fees.rate(true, fill.liquidity);
        let (gives, gets) = match fill.side {
            Side::Buy => ((rules.quote, worth), (rules.base, size)),
            Side::Sell => ((rules.base, size), (rules.quote, worth)),
        };
        let fee = gets.1.checked_mul(rate)?.round_dp(FEE_DECIMALS);
        turn.till.purse.add(gives.0, -gives.1);
        turn.till.purse.add(gets.0, gets.1.saturating_sub(fee));
        Some(Booked {
            fee,
            fee_asset: gets.0,
            realised: None,
        })
    }

    /// Resting orders that only reduce end with what they would reduce.
    fn trim(&mut self, turn: &mut Turn<'_>) {
        for index in 0..self.orders.len() {
            let order = &self.orders[index];
            if order.place.is_some() && order.reduce_only && self.reducible(order.side).is_zero() {
                let why = Some("there is nothing to reduce");
                self.end(turn, index, OrderStatus::Expired, why);
            }
        }
    }
}
