//! The matching core of the built-in exchange: several symbols, several accounts, integers in the book and Decimal money.
//!
//! Owns every order, position and wallet. Sans-IO: time arrives as milliseconds since 1970 and must not go back;
//! the same calls give the same results. Knows nothing of any venue's wire or codes.

pub mod account;
pub mod book;
pub mod event;
pub mod history;
pub mod mark;
pub mod order;
pub mod prints;
pub mod refuse;
pub mod spec;

pub use account::{AccountView, PositionView};
pub use book::{Best, DepthDiff, DepthTop};
pub use event::{
    AccountReason, AccountUpdate, Expiry, MarketEvent, OrderChange, OrderEvent, UserTrade,
};
pub use history::{Income, IncomeKind};
pub use mark::MarkView;
pub use order::{AmendAsk, Kind, OrderView, SelfTrade, Status, Submit, Tif, Which};
pub use prints::{Kline, PublicTrade, Ticker};
pub use refuse::Refuse;
pub use spec::{AccountNo, AccountSpec, SymbolNo, SymbolSpec};

use crate::domain::{Price, Qty, Side};

/// The market.
#[derive(Debug)]
pub struct Market {
    specs: Vec<SymbolSpec>,
}

impl Market {
    /// A market with empty books at `start_ms` (ms since 1970).
    pub fn new(specs: Vec<SymbolSpec>, _start_ms: i64) -> Self {
        Self { specs }
    }

    /// The symbols, in order; `SymbolNo(i)` is `specs()[i]`.
    pub fn specs(&self) -> &[SymbolSpec] {
        &self.specs
    }

    /// A symbol by name.
    pub fn symbol_no(&self, name: &str) -> Option<SymbolNo> {
        let at = self
            .specs
            .iter()
            .position(|s| s.instrument.symbol.as_str() == name)?;
        u16::try_from(at).ok().map(SymbolNo)
    }

    /// Opens an account.
    pub fn open_account(&mut self, _spec: AccountSpec) -> AccountNo {
        AccountNo(0)
    }

    /// Takes an order and matches it. The view shows the order after matching.
    ///
    /// # Errors
    /// A [`Refuse`]; then no order exists and nothing was told.
    pub fn submit(
        &mut self,
        _now_ms: i64,
        _account: AccountNo,
        _ask: Submit,
    ) -> Result<OrderView, Refuse> {
        Err(Refuse::UnknownAccount)
    }

    /// What `submit` would refuse, without doing anything (`order/test`).
    ///
    /// # Errors
    /// A [`Refuse`].
    pub fn check(&self, _account: AccountNo, _ask: &Submit) -> Result<(), Refuse> {
        Err(Refuse::UnknownAccount)
    }

    /// Changes an open limit order; it loses its place in the queue. A size at or below what is filled cancels it,
    /// and so does a crossing price on a post-only order: the view's status says so.
    ///
    /// # Errors
    /// A [`Refuse`]; the order is as it was.
    pub fn amend(
        &mut self,
        _now_ms: i64,
        _account: AccountNo,
        _ask: AmendAsk,
    ) -> Result<OrderView, Refuse> {
        Err(Refuse::UnknownOrder)
    }

    /// Cancels an open order.
    ///
    /// # Errors
    /// [`Refuse::UnknownOrder`].
    pub fn cancel(
        &mut self,
        _now_ms: i64,
        _account: AccountNo,
        _symbol: SymbolNo,
        _which: Which,
    ) -> Result<OrderView, Refuse> {
        Err(Refuse::UnknownOrder)
    }

    /// Cancels all open orders of an account on a symbol, oldest first.
    pub fn cancel_all(
        &mut self,
        _now_ms: i64,
        _account: AccountNo,
        _symbol: SymbolNo,
    ) -> Vec<OrderView> {
        Vec::new()
    }

    /// Sets the leverage of an account on a symbol and tells it.
    ///
    /// # Errors
    /// [`Refuse::LeverageInvalid`], [`Refuse::LeverageTooSmall`].
    pub fn set_leverage(
        &mut self,
        _now_ms: i64,
        _account: AccountNo,
        _symbol: SymbolNo,
        _leverage: u32,
    ) -> Result<(), Refuse> {
        Err(Refuse::LeverageInvalid)
    }

    /// The leverage of an account on a symbol.
    pub fn leverage(&self, _account: AccountNo, _symbol: SymbolNo) -> u32 {
        1
    }

    /// Stores the position mode of an account.
    ///
    /// # Errors
    /// When it is set already, or orders or positions are open.
    pub fn set_hedge_mode(&mut self, _account: AccountNo, _hedge: bool) -> Result<(), Refuse> {
        Err(Refuse::PositionModeNoChange)
    }

    /// Lets time pass: mark prices, candles, funding.
    pub fn step(&mut self, _now_ms: i64) {}

    /// Everything told since the last call, in order.
    pub fn drain_events(&mut self) -> Vec<MarketEvent> {
        Vec::new()
    }

    /// Levels changed since the last call; `None` when none did.
    pub fn diff(&mut self, _symbol: SymbolNo) -> Option<DepthDiff> {
        None
    }

    /// The best `n` levels of both sides.
    pub fn snapshot(&self, _symbol: SymbolNo, _n: usize) -> DepthTop {
        DepthTop {
            last: 0,
            bids: Vec::new(),
            asks: Vec::new(),
        }
    }

    /// Best prices.
    pub fn best(&self, _symbol: SymbolNo) -> Best {
        Best::default()
    }

    /// How many levels a side has.
    pub fn level_count(&self, _symbol: SymbolNo, _side: Side) -> usize {
        0
    }

    /// Mark price, index, funding.
    pub fn mark(&self, _symbol: SymbolNo) -> MarkView {
        MarkView {
            mark: rust_decimal::Decimal::ZERO,
            index: rust_decimal::Decimal::ZERO,
            rate: rust_decimal::Decimal::ZERO,
            next_ms: 0,
        }
    }

    /// The last 24 hours.
    pub fn ticker(&self, _symbol: SymbolNo) -> Option<Ticker> {
        None
    }

    /// One-minute candles, oldest first, the running one last.
    pub fn klines(&self, _symbol: SymbolNo) -> Vec<Kline> {
        Vec::new()
    }

    /// Recent public trades, oldest first.
    pub fn trades(&self, _symbol: SymbolNo) -> Vec<PublicTrade> {
        Vec::new()
    }

    /// The position of an account on a symbol (flat when there is none).
    pub fn position(&self, _account: AccountNo, _symbol: SymbolNo) -> Option<PositionView> {
        None
    }

    /// The money of an account.
    pub fn account(&self, _account: AccountNo) -> Option<AccountView> {
        None
    }

    /// One order, open or past, of an account.
    pub fn order(
        &self,
        _account: AccountNo,
        _symbol: SymbolNo,
        _which: Which,
    ) -> Option<&OrderView> {
        None
    }

    /// Open orders of an account, oldest first; of one symbol or of all.
    pub fn open_orders(&self, _account: AccountNo, _symbol: Option<SymbolNo>) -> Vec<OrderView> {
        Vec::new()
    }

    /// Open and past orders of an account on a symbol, oldest first.
    pub fn all_orders(&self, _account: AccountNo, _symbol: SymbolNo) -> Vec<OrderView> {
        Vec::new()
    }

    /// Fills of an account on a symbol, oldest first.
    pub fn user_trades(&self, _account: AccountNo, _symbol: SymbolNo) -> Vec<UserTrade> {
        Vec::new()
    }

    /// Income of an account over all symbols, oldest first.
    pub fn income(&self, _account: AccountNo) -> Vec<Income> {
        Vec::new()
    }

    /// The crowd's limit order: takes what it crosses, rests what is left. Returns what rests, lots.
    pub fn crowd_limit(
        &mut self,
        _now_ms: i64,
        _symbol: SymbolNo,
        _side: Side,
        _price: Price,
        _qty: Qty,
    ) -> Qty {
        Qty::ZERO
    }

    /// The crowd takes up to `qty` at `limit` or better. Returns what was filled, lots.
    pub fn crowd_take(
        &mut self,
        _now_ms: i64,
        _symbol: SymbolNo,
        _side: Side,
        _limit: Price,
        _qty: Qty,
    ) -> Qty {
        Qty::ZERO
    }

    /// The crowd withdraws up to `qty` of its own from a level. Returns what went, lots.
    pub fn crowd_pull(&mut self, _symbol: SymbolNo, _side: Side, _price: Price, _qty: Qty) -> Qty {
        Qty::ZERO
    }
}
