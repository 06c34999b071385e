//! Reduce-only orders never outgrow the position: what changes it cuts them.

use super::Market;
use super::event::{Expiry, OrderChange};
use super::order::{Leg, OrderView, Submit};
use super::spec::{AccountNo, SymbolNo};
use crate::domain::{Qty, Side};

impl Market {
    /// Keeps open reduce-only orders within the position: wrong-sided ones expire, the newest shrink first.
    pub(super) fn fit_reduce_only(&mut self, account: AccountNo, symbol: SymbolNo, leg: Leg) {
        for side in [Side::Buy, Side::Sell] {
            let owner = self.account_of(account);
            let room = owner.map_or(0, |a| a.reducible(symbol, leg, side));
            self.fit_side(account, (symbol, leg, side), room);
        }
    }

    /// Keeps open reduce-only orders of one side within `room` lots; the newest shrink first.
    pub(super) fn fit_side(
        &mut self,
        account: AccountNo,
        (symbol, leg, side): (SymbolNo, Leg, Side),
        room: i64,
    ) {
        let Some(owner) = self.account_of(account) else {
            return;
        };
        let mine = |o: &&OrderView| o.reduce_only && o.leg == leg && o.side == side;
        let open = owner.open_orders(symbol).filter(mine);
        let open: Vec<(u64, i64)> = open.map(|o| (o.id, o.remaining().0)).collect();
        let covered: i64 = open.iter().map(|o| o.1).sum();
        let mut over = covered - room;
        for (id, remaining) in open.into_iter().rev() {
            if over <= 0 {
                break;
            }
            let cut = over.min(remaining);
            self.cut(account, id, Qty(cut));
            over -= cut;
        }
    }

    /// Takes `by` lots off an open order in place; nothing left ends it.
    fn cut(&mut self, account: AccountNo, id: u64, by: Qty) {
        let Some(order) = self.order_of(account, id).cloned() else {
            return;
        };
        if order.remaining() <= by {
            self.expire(account, id, Expiry::NothingToReduce);
            return;
        }
        if let (Some(price), Some(book)) = (order.price(), self.book_mut(order.symbol)) {
            book.reduce(order.side, price, id, by.0);
        }
        let now_ms = self.now_ms;
        if let Some(order) = self
            .account_of_mut(account)
            .and_then(|a| a.history.order_mut(id))
        {
            order.qty = order.qty.less(by);
            order.updated_ms = now_ms;
        }
        self.tell_order(account, id, OrderChange::Amended);
    }

    /// Resting reduce-only orders make room for a triggered market order, the newest first (Binance, expiry reason 4:
    /// "knocked out by another higher priority RO (market) order").
    pub(super) fn knock_out(&mut self, account: AccountNo, ask: &Submit) {
        let Some(owner) = self.account_of(account) else {
            return;
        };
        let whose = (ask.symbol, ask.leg, ask.side);
        let room = owner.reducible(ask.symbol, ask.leg, ask.side) - ask.qty.0;
        self.fit_side(account, whose, room.max(0));
    }

    /// The same for an order that is about to be taken, at venues where it does not have to be a triggered one.
    pub fn displace(&mut self, now_ms: i64, account: AccountNo, ask: &Submit) {
        self.now_ms = self.now_ms.max(now_ms);
        self.knock_out(account, ask);
    }
}
