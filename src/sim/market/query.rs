//! What can be asked of the market. Changes nothing.

use super::account::{AccountView, PositionView};
use super::book::{Best, DepthTop, LimitBook};
use super::history::Income;
use super::mark::MarkView;
use super::order::{Leg, OrderView, Which};
use super::prints::{Kline, PublicTrade, Ticker};
use super::spec::{AccountNo, SymbolNo};
use super::{Market, UserTrade};
use crate::domain::{Price, Qty, Side};

impl Market {
    /// The best `n` levels of both sides.
    pub fn snapshot(&self, symbol: SymbolNo, n: usize) -> Option<DepthTop> {
        Some(self.book(symbol)?.top(n))
    }

    /// Best prices.
    pub fn best(&self, symbol: SymbolNo) -> Best {
        self.book(symbol).map(LimitBook::best).unwrap_or_default()
    }

    /// How many levels a side has.
    pub fn level_count(&self, symbol: SymbolNo, side: Side) -> usize {
        self.book(symbol).map_or(0, |b| b.count(side))
    }

    /// Whole size at a price of a side, lots.
    pub fn level(&self, symbol: SymbolNo, side: Side, price: Price) -> Qty {
        self.book(symbol).map_or(Qty::ZERO, |b| b.at(side, price))
    }

    /// The price of a side that is furthest from the other.
    pub fn worst_price(&self, symbol: SymbolNo, side: Side) -> Option<Price> {
        self.book(symbol)?.worst_price(side)
    }

    /// Size before a resting order in its queue, lots.
    pub fn queue_ahead(&self, order: &OrderView) -> Option<Qty> {
        let price = order.price()?;
        self.book(order.symbol)?
            .ahead_of(order.side, price, order.id)
    }

    /// Mark price, index, funding; a spot symbol has none.
    pub fn mark(&self, symbol: SymbolNo) -> Option<MarkView> {
        let state = self.symbols.get(usize::from(symbol.0));
        let state = state.filter(|s| !s.spec.is_spot())?;
        Some(state.mark.view(&state.spec))
    }

    /// The last 24 hours.
    pub fn ticker(&self, symbol: SymbolNo) -> Option<Ticker> {
        let state = self.symbols.get(usize::from(symbol.0))?;
        state.prints.ticker(self.now_ms)
    }

    /// One-minute candles, oldest first, the running one last.
    pub fn klines(&self, symbol: SymbolNo) -> Vec<Kline> {
        let state = self.symbols.get(usize::from(symbol.0));
        state.map_or_else(Vec::new, |s| s.prints.klines())
    }

    /// Recent public trades, oldest first.
    pub fn trades(&self, symbol: SymbolNo) -> Vec<PublicTrade> {
        let state = self.symbols.get(usize::from(symbol.0));
        state.map_or_else(Vec::new, |s| s.prints.recent())
    }

    /// The position of an account on a symbol in one-way mode; flat when there is none.
    pub fn position(&self, account: AccountNo, symbol: SymbolNo) -> Option<PositionView> {
        self.position_leg(account, symbol, Leg::Both)
    }

    /// The positions that the account's mode has on a symbol.
    pub fn positions(&self, account: AccountNo, symbol: SymbolNo) -> Vec<PositionView> {
        let legs = self.account_of(account).map(|a| a.legs().iter());
        let legs = legs.into_iter().flatten();
        legs.filter_map(|leg| self.position_leg(account, symbol, *leg))
            .collect()
    }

    /// One position of an account; flat when there is none.
    pub fn position_leg(
        &self,
        account: AccountNo,
        symbol: SymbolNo,
        leg: Leg,
    ) -> Option<PositionView> {
        let owner = self.account_of(account)?;
        let mut view = self.position_view(owner, symbol, leg)?;
        if view.lots != 0 {
            view.liquidation = self.liquidation(owner, &view);
        }
        Some(view)
    }

    /// The money of an account.
    pub fn account(&self, account: AccountNo) -> Option<AccountView> {
        Some(self.account_view(self.account_of(account)?))
    }

    /// One order, open or past, of an account.
    pub fn order(&self, account: AccountNo, symbol: SymbolNo, which: Which) -> Option<&OrderView> {
        let order = self.account_of(account)?.history.find(which)?;
        (order.symbol == symbol).then_some(order)
    }

    /// Open orders of an account, oldest first; of one symbol or of all.
    pub fn open_orders(&self, account: AccountNo, symbol: Option<SymbolNo>) -> Vec<OrderView> {
        let Some(owner) = self.account_of(account) else {
            return Vec::new();
        };
        let wanted = self.symbols().map(|s| s.0);
        let wanted = wanted.filter(|s| symbol.is_none_or(|only| only == *s));
        let mut open: Vec<_> = wanted.flat_map(|s| owner.open_orders(s)).cloned().collect();
        open.sort_by_key(|o| o.id);
        open
    }

    /// Open and past orders of an account on a symbol, oldest first.
    pub fn all_orders(&self, account: AccountNo, symbol: SymbolNo) -> Vec<OrderView> {
        let history = self.account_of(account).map(|a| &a.history);
        let orders = history.into_iter().flat_map(|h| h.orders());
        orders.filter(|o| o.symbol == symbol).cloned().collect()
    }

    /// Fills of an account on a symbol, oldest first.
    pub fn user_trades(&self, account: AccountNo, symbol: SymbolNo) -> Vec<UserTrade> {
        let history = self.account_of(account).map(|a| &a.history);
        let fills = history.into_iter().flat_map(|h| h.fills());
        fills.filter(|f| f.symbol == symbol).copied().collect()
    }

    /// Income of an account over all symbols, oldest first.
    pub fn income(&self, account: AccountNo) -> Vec<Income> {
        let history = self.account_of(account).map(|a| &a.history);
        history
            .into_iter()
            .flat_map(|h| h.income())
            .copied()
            .collect()
    }
}
