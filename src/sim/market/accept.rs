//! Orders as venues take them that say yes first and look at the book later: what the book will not have is ended, not refused.

use super::event::{Expiry, OrderChange};
use super::order::{OrderView, Status, Submit, Which};
use super::spec::{AccountNo, SymbolNo};
use super::{Market, Refuse};

impl Market {
    /// Takes an order as [`Market::submit`] does, except that a post-only order that would take, and a fill-or-kill order that
    /// cannot be filled, come to be and expire at once.
    ///
    /// # Errors
    /// A [`Refuse`]; then no order exists and nothing was told.
    pub fn accept(
        &mut self,
        now_ms: i64,
        account: AccountNo,
        ask: Submit,
    ) -> Result<OrderView, Refuse> {
        match self.submit(now_ms, account, ask) {
            Err(Refuse::PostOnlyWouldTake) => self.take_in_vain(account, ask, Expiry::WouldTake),
            Err(Refuse::FokNotFillable) => self.take_in_vain(account, ask, Expiry::IocRest),
            taken => taken,
        }
    }

    fn take_in_vain(
        &mut self,
        account: AccountNo,
        ask: Submit,
        why: Expiry,
    ) -> Result<OrderView, Refuse> {
        let id = self.open_order_as(account, ask, ask.qty, None)?;
        self.expire(account, id, why);
        self.order_of(account, id)
            .cloned()
            .ok_or(Refuse::UnknownOrder)
    }

    /// Cuts an open order down to what is filled of it, which fills it.
    ///
    /// # Errors
    /// [`Refuse::UnknownOrder`] when there is no such open order or nothing of it is filled.
    pub fn cut_to_filled(
        &mut self,
        now_ms: i64,
        account: AccountNo,
        symbol: SymbolNo,
        which: Which,
    ) -> Result<OrderView, Refuse> {
        self.now_ms = self.now_ms.max(now_ms);
        let order = self.order(account, symbol, which);
        let order = order.filter(|o| o.status.is_open() && !o.filled.is_zero());
        let id = order.ok_or(Refuse::UnknownOrder)?.id;
        self.leave_book(account, id);
        let now_ms = self.now_ms;
        let owner = self.account_of_mut(account).ok_or(Refuse::UnknownAccount)?;
        if let Some(order) = owner.history.order_mut(id) {
            order.qty = order.filled;
            order.status = Status::Filled;
            order.amends += 1;
            order.updated_ms = now_ms;
        }
        owner.close_order(symbol, id);
        self.tell_order(account, id, OrderChange::Amended);
        self.finish_algo(account, id);
        self.order_of(account, id)
            .cloned()
            .ok_or(Refuse::UnknownOrder)
    }
}
