//! An order's life apart from fills: taken, changed, cancelled, expired.

use super::event::{Expiry, OrderChange};
use super::order::{AmendAsk, Kind, OrderView, Status, Submit, Tif, Which};
use super::spec::{AccountNo, SymbolNo};
use super::{Market, Refuse};
use crate::domain::{ClientId, Qty};

impl Market {
    /// Takes an order and matches it. The view shows the order after matching.
    ///
    /// # Errors
    /// A [`Refuse`]; then no order exists and nothing was told.
    pub fn submit(
        &mut self,
        now_ms: i64,
        account: AccountNo,
        ask: Submit,
    ) -> Result<OrderView, Refuse> {
        self.now_ms = self.now_ms.max(now_ms);
        let id = self.take_order(account, ask, None)?;
        self.work(account, id);
        self.fire(ask.symbol);
        self.order_of(account, id)
            .cloned()
            .ok_or(Refuse::UnknownOrder)
    }

    /// Checks a new order and opens it; it is not matched yet. Returns its id.
    pub(super) fn take_order(
        &mut self,
        account: AccountNo,
        ask: Submit,
        algo: Option<u64>,
    ) -> Result<u64, Refuse> {
        let qty = self.admit(account, &ask)?;
        self.open_order_as(account, ask, qty, algo)
    }

    /// Opens an order of this size, whatever it is.
    pub(super) fn open_order_as(
        &mut self,
        account: AccountNo,
        ask: Submit,
        qty: Qty,
        algo: Option<u64>,
    ) -> Result<u64, Refuse> {
        let id = self.next_order;
        let client = match ask.client {
            Some(client) => client,
            None => ClientId::new(&format!("auto{id}")).map_err(|_| Refuse::Overflow)?,
        };
        self.next_order += 1;
        let order = OrderView {
            id,
            client,
            account,
            symbol: ask.symbol,
            side: ask.side,
            leg: ask.leg,
            kind: ask.kind,
            qty,
            filled: Qty::ZERO,
            filled_quote: rust_decimal::Decimal::ZERO,
            reduce_only: ask.reduces(),
            self_trade: ask.self_trade,
            status: Status::New,
            algo,
            amends: 0,
            created_ms: self.now_ms,
            updated_ms: self.now_ms,
        };
        let owner = self.account_of_mut(account).ok_or(Refuse::UnknownAccount)?;
        owner.open_order(order);
        self.tell_order(account, id, OrderChange::New);
        Ok(id)
    }

    /// What `submit` would refuse, without doing anything.
    ///
    /// # Errors
    /// A [`Refuse`].
    pub fn check(&self, account: AccountNo, ask: &Submit) -> Result<(), Refuse> {
        self.admit(account, ask).map(|_| ())
    }

    /// Changes an open limit order; it loses its place in the queue. A size at or below what is filled cancels it,
    /// and so does a crossing price on a post-only order: the view's status says so.
    ///
    /// # Errors
    /// A [`Refuse`]; the order is as it was.
    pub fn amend(
        &mut self,
        now_ms: i64,
        account: AccountNo,
        ask: AmendAsk,
    ) -> Result<OrderView, Refuse> {
        self.now_ms = self.now_ms.max(now_ms);
        let owner = self.account_of(account).ok_or(Refuse::UnknownAccount)?;
        let order = self.open_order(account, ask.symbol, ask.which)?;
        let Kind::Limit { price, tif } = order.kind else {
            return Err(Refuse::AmendLimitOnly);
        };
        if ask.side != order.side {
            return Err(Refuse::AmendSide);
        }
        if ask.price == price && ask.qty == order.qty {
            return Err(Refuse::NoChange);
        }
        let id = order.id;
        // Binance, Modify Order: a size at or below what is executed cancels; so does a GTX price that would take.
        if !order.filled.is_zero() && ask.qty <= order.filled {
            return self.end_by_owner(account, id);
        }
        self.admit_amend(owner, order, &ask)?;
        if tif == Tif::Gtx && self.would_take(ask.symbol, ask.side, ask.price) {
            return self.end_by_owner(account, id);
        }
        self.leave_book(account, id);
        let now_ms = self.now_ms;
        if let Some(order) = self
            .account_of_mut(account)
            .and_then(|a| a.history.order_mut(id))
        {
            order.kind = Kind::Limit {
                price: ask.price,
                tif,
            };
            order.qty = ask.qty;
            order.amends += 1;
            order.updated_ms = now_ms;
        }
        self.tell_order(account, id, OrderChange::Amended);
        self.work(account, id);
        self.fire(ask.symbol);
        self.order_of(account, id)
            .cloned()
            .ok_or(Refuse::UnknownOrder)
    }

    /// Cancels an open order.
    ///
    /// # Errors
    /// [`Refuse::UnknownOrder`].
    pub fn cancel(
        &mut self,
        now_ms: i64,
        account: AccountNo,
        symbol: SymbolNo,
        which: Which,
    ) -> Result<OrderView, Refuse> {
        self.now_ms = self.now_ms.max(now_ms);
        let id = self.open_order(account, symbol, which)?.id;
        self.end_by_owner(account, id)
    }

    /// Cancels all open orders of an account on a symbol, oldest first.
    pub fn cancel_all(
        &mut self,
        now_ms: i64,
        account: AccountNo,
        symbol: SymbolNo,
    ) -> Vec<OrderView> {
        self.now_ms = self.now_ms.max(now_ms);
        let open = self.open_orders(account, Some(symbol));
        open.iter()
            .filter_map(|o| self.end_by_owner(account, o.id).ok())
            .collect()
    }

    fn open_order(
        &self,
        account: AccountNo,
        symbol: SymbolNo,
        which: Which,
    ) -> Result<&OrderView, Refuse> {
        let order = self.order(account, symbol, which);
        order
            .filter(|o| o.status.is_open())
            .ok_or(Refuse::UnknownOrder)
    }

    fn end_by_owner(&mut self, account: AccountNo, id: u64) -> Result<OrderView, Refuse> {
        self.end(account, id, Status::Cancelled, OrderChange::Cancelled);
        self.order_of(account, id)
            .cloned()
            .ok_or(Refuse::UnknownOrder)
    }

    /// The market ends an order.
    pub(super) fn expire(&mut self, account: AccountNo, id: u64, why: Expiry) {
        let status = match why {
            Expiry::SelfTrade => Status::ExpiredInMatch,
            _ => Status::Expired,
        };
        self.end(account, id, status, OrderChange::Expired(why));
    }

    fn end(&mut self, account: AccountNo, id: u64, status: Status, change: OrderChange) {
        self.leave_book(account, id);
        let now_ms = self.now_ms;
        let Some(owner) = self.account_of_mut(account) else {
            return;
        };
        let Some(order) = owner.history.order_mut(id) else {
            return;
        };
        order.status = status;
        order.updated_ms = now_ms;
        let symbol = order.symbol;
        owner.close_order(symbol, id);
        self.tell_order(account, id, change);
        self.finish_algo(account, id);
    }

    pub(super) fn leave_book(&mut self, account: AccountNo, id: u64) {
        let Some(order) = self.order_of(account, id).cloned() else {
            return;
        };
        if let (Some(price), Some(book)) = (order.price(), self.book_mut(order.symbol)) {
            book.reduce(order.side, price, id, order.remaining().0);
        }
    }
}
