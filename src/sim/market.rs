//! The matching core of the built-in exchange: several symbols, perpetual and spot, several accounts, integers in the book and
//! Decimal money.
//!
//! Owns every order, position and wallet. Sans-IO: time arrives as milliseconds since 1970 and must not go back;
//! the same calls give the same results. Knows nothing of any venue's wire or codes.

mod accept;
pub mod account;
pub mod algo;
mod amend_algo;
pub mod book;
mod check;
mod check_algo;
mod coins;
mod deleverage;
pub mod event;
mod funding;
pub mod history;
mod isolate;
mod lifecycle;
mod liquidation;
mod margin;
pub mod mark;
mod matching;
pub mod order;
pub mod prints;
mod query;
mod reduce_only;
pub mod refuse;
pub mod spec;
mod tell;
mod trigger;

pub use account::{AccountView, PositionView};
pub use algo::{AlgoAsk, AlgoEvent, AlgoStatus, AlgoView, Trigger, Watch, WhichAlgo};
pub use book::{Best, DepthDiff, DepthTop};
pub use event::{
    AccountReason, AccountUpdate, Balance, BalanceUpdate, Expiry, MarketEvent, OrderChange,
    OrderEvent, UserTrade,
};
pub use history::{Income, IncomeKind, MarginChange};
pub use mark::MarkView;
pub use order::{AmendAsk, Kind, Leg, OrderView, SelfTrade, Status, Submit, Tif, Which};
pub use prints::{Kline, PublicTrade, Ticker};
pub use refuse::Refuse;
pub use spec::{AccountNo, AccountSpec, SpotTerms, SymbolNo, SymbolSpec};

use std::collections::VecDeque;

use rust_decimal::Decimal;

use crate::domain::Price;
use account::Account;
use book::LimitBook;
use mark::Mark;
use prints::Prints;

/// Events kept for [`Market::drain_events`]; beyond it the oldest go.
const EVENTS_KEPT: usize = 100_000;

/// Ids of conditional orders begin here: no number is ever both an order's and theirs.
const FIRST_ALGO: u64 = 1_000_000_000_000_001;

/// One symbol's state.
#[derive(Debug)]
struct SymbolState {
    spec: SymbolSpec,
    book: LimitBook,
    mark: Mark,
    prints: Prints,
    /// Conditional orders that wait for a price of this symbol.
    watched: Vec<(AccountNo, u64)>,
}

/// The market.
#[derive(Debug)]
pub struct Market {
    symbols: Vec<SymbolState>,
    accounts: Vec<Account>,
    events: VecDeque<MarketEvent>,
    next_order: u64,
    next_algo: u64,
    /// Counts taker orders, the crowd's included.
    runs: u64,
    now_ms: i64,
}

impl Market {
    /// A market with empty books at `start_ms` (ms since 1970).
    pub fn new(specs: Vec<SymbolSpec>, start_ms: i64) -> Self {
        let symbols = specs.into_iter().map(|spec| SymbolState {
            book: LimitBook::new(),
            mark: Mark::new(&spec, start_ms),
            prints: Prints::new(spec.start_price, start_ms),
            watched: Vec::new(),
            spec,
        });
        Self {
            symbols: symbols.collect(),
            accounts: Vec::new(),
            events: VecDeque::new(),
            next_order: 1,
            next_algo: FIRST_ALGO,
            runs: 0,
            now_ms: start_ms,
        }
    }

    /// The symbols with their numbers, in order.
    pub fn symbols(&self) -> impl Iterator<Item = (SymbolNo, &SymbolSpec)> {
        (0..)
            .map(SymbolNo)
            .zip(self.symbols.iter().map(|s| &s.spec))
    }

    /// How a symbol is run.
    pub fn spec(&self, symbol: SymbolNo) -> Option<&SymbolSpec> {
        self.symbols.get(usize::from(symbol.0)).map(|s| &s.spec)
    }

    /// A symbol by name.
    pub fn symbol_no(&self, name: &str) -> Option<SymbolNo> {
        let named = |s: &(SymbolNo, &SymbolSpec)| s.1.instrument.symbol.as_str() == name;
        self.symbols().find(named).map(|s| s.0)
    }

    /// The latest time that the market was told, ms.
    pub const fn now_ms(&self) -> i64 {
        self.now_ms
    }

    /// Opens an account.
    pub fn open_account(&mut self, spec: AccountSpec) -> AccountNo {
        let specs: Vec<_> = self.symbols.iter().map(|s| s.spec.clone()).collect();
        let no = u32::try_from(self.accounts.len()).unwrap_or(u32::MAX - 1);
        self.accounts.push(Account::new(spec, &specs));
        AccountNo(no)
    }

    /// Sets the leverage of an account on a symbol and tells it.
    ///
    /// # Errors
    /// [`Refuse::LeverageInvalid`], or [`Refuse::LeverageTooSmall`] when the margin does not carry it.
    pub fn set_leverage(
        &mut self,
        now_ms: i64,
        account: AccountNo,
        symbol: SymbolNo,
        leverage: u32,
    ) -> Result<(), Refuse> {
        self.now_ms = self.now_ms.max(now_ms);
        let spec = self.spec(symbol).ok_or(Refuse::UnknownSymbol)?;
        if spec.is_spot() {
            return Err(Refuse::Spot);
        }
        if !(1..=spec.max_leverage).contains(&leverage) {
            return Err(Refuse::LeverageInvalid);
        }
        let old = self
            .leverage(account, symbol)
            .ok_or(Refuse::UnknownAccount)?;
        let owner = self.account_of(account).ok_or(Refuse::UnknownAccount)?;
        let held = owner
            .stake(symbol)
            .is_some_and(|s| s.isolated && !s.is_flat());
        if held && leverage < old {
            return Err(Refuse::LeverageIsolated);
        }
        self.put_leverage(account, symbol, leverage);
        let free = self.account_of(account).map(|a| self.free_margin(a));
        if leverage < old && free.is_some_and(|f| f < Decimal::ZERO) {
            self.put_leverage(account, symbol, old);
            return Err(Refuse::LeverageTooSmall);
        }
        self.tell(MarketEvent::Leverage {
            account,
            symbol,
            leverage,
            time_ms: self.now_ms,
        });
        Ok(())
    }

    fn put_leverage(&mut self, account: AccountNo, symbol: SymbolNo, leverage: u32) {
        let owner = self.account_of_mut(account);
        if let Some(stake) = owner.and_then(|a| a.stake_mut(symbol)) {
            stake.leverage = leverage;
        }
    }

    /// The leverage of an account on a symbol.
    pub fn leverage(&self, account: AccountNo, symbol: SymbolNo) -> Option<u32> {
        Some(self.account_of(account)?.stake(symbol)?.leverage)
    }

    /// Sets the position mode of an account, over all symbols. Waiting conditional orders count as orders.
    ///
    /// # Errors
    /// When it is set already, or orders or positions are open.
    pub fn set_hedge_mode(&mut self, account: AccountNo, hedge: bool) -> Result<(), Refuse> {
        let owner = self.account_of_mut(account).ok_or(Refuse::UnknownAccount)?;
        if owner.hedge_mode == hedge {
            return Err(Refuse::PositionModeNoChange);
        }
        let waits = owner.history.algos().any(AlgoView::is_open);
        if waits || owner.open.iter().any(|o| !o.is_empty()) {
            return Err(Refuse::PositionModeOrders);
        }
        if owner.stakes.iter().any(|s| !s.is_flat()) {
            return Err(Refuse::PositionModePosition);
        }
        owner.hedge_mode = hedge;
        Ok(())
    }

    /// Lets time pass: mark prices, candles, funding, liquidation.
    pub fn step(&mut self, now_ms: i64) {
        self.now_ms = self.now_ms.max(now_ms);
        let mut moved = false;
        for at in 0..self.symbols.len() {
            let state = &mut self.symbols[at];
            let best = state.book.best();
            let (bid, ask) = (best.bid.map(|l| l.price), best.ask.map(|l| l.price));
            moved |= state.mark.step(self.now_ms, bid, ask);
            state.prints.step(self.now_ms);
            if state.spec.is_spot() {
                continue;
            }
            let due = state.mark.take_due_funding(self.now_ms);
            if let (Some((due_ms, rate)), Ok(no)) = (due, u16::try_from(at)) {
                self.book_funding(SymbolNo(no), rate, due_ms);
            }
        }
        if moved {
            self.liquidate();
            for symbol in (0..self.symbols.len()).filter_map(|at| u16::try_from(at).ok()) {
                self.fire(SymbolNo(symbol));
            }
        }
    }

    /// Everything told since the last call, in order.
    pub fn drain_events(&mut self) -> Vec<MarketEvent> {
        std::mem::take(&mut self.events).into()
    }

    /// Levels changed since the last call; `None` when none did.
    pub fn diff(&mut self, symbol: SymbolNo) -> Option<DepthDiff> {
        self.book_mut(symbol)?.drain()
    }

    /// Puts candles of the past (oldest first, ending before the market began) before its own.
    pub fn prepend_klines(&mut self, symbol: SymbolNo, past: Vec<Kline>) {
        if let Some(state) = self.symbols.get_mut(usize::from(symbol.0)) {
            state.prints.prepend(past);
        }
    }

    fn account_of(&self, account: AccountNo) -> Option<&Account> {
        self.accounts.get(usize::try_from(account.0).ok()?)
    }

    fn account_of_mut(&mut self, account: AccountNo) -> Option<&mut Account> {
        self.accounts.get_mut(usize::try_from(account.0).ok()?)
    }

    fn order_of(&self, account: AccountNo, id: u64) -> Option<&OrderView> {
        self.account_of(account)?.history.order(id)
    }

    fn book(&self, symbol: SymbolNo) -> Option<&LimitBook> {
        self.symbols.get(usize::from(symbol.0)).map(|s| &s.book)
    }

    fn book_mut(&mut self, symbol: SymbolNo) -> Option<&mut LimitBook> {
        let state = self.symbols.get_mut(usize::from(symbol.0))?;
        Some(&mut state.book)
    }

    fn mark_price(&self, symbol: SymbolNo) -> Decimal {
        let state = self.symbols.get(usize::from(symbol.0));
        state.map_or(Decimal::ZERO, |s| s.mark.price(&s.spec))
    }

    fn mark_ticks(&self, symbol: SymbolNo) -> Price {
        let state = self.symbols.get(usize::from(symbol.0));
        Price(state.map_or(0, |s| s.mark.ticks()))
    }
}

#[cfg(test)]
mod tests;
