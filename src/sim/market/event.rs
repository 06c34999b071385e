//! What the market tells: public trades, and each account's own events in order. Plain data.

use rust_decimal::Decimal;

use super::account::PositionView;
use super::algo::AlgoEvent;
use super::order::{Leg, OrderView};
use super::prints::PublicTrade;
use super::spec::{AccountNo, SymbolNo};
use crate::domain::{Asset, ClientId, Price, Qty, Side};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MarketEvent {
    /// A public trade.
    Trade(PublicTrade),
    /// Something happened to an order of an account.
    Order(Box<OrderEvent>),
    /// Something happened to a conditional order of an account.
    Algo(Box<AlgoEvent>),
    /// Balance and positions of an account changed.
    Account(Box<AccountUpdate>),
    /// Balances of an account changed by an order on a spot symbol.
    Balances(Box<BalanceUpdate>),
    /// Positions come near their forced closing.
    MarginCall {
        /// Whose.
        account: AccountNo,
        /// The wallet that crossed positions share, where one of them is meant.
        cross_wallet: Option<Decimal>,
        /// Those that are meant.
        positions: Vec<PositionView>,
        /// When, ms.
        time_ms: i64,
    },
    /// An account's leverage on a symbol changed.
    Leverage {
        /// Whose.
        account: AccountNo,
        /// Which instrument.
        symbol: SymbolNo,
        /// The new leverage.
        leverage: u32,
        /// When, ms.
        time_ms: i64,
    },
}

/// Why the market ended an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// The rest of an IOC order.
    IocRest,
    /// The rest of a market order: no liquidity inside the band.
    MarketRest,
    /// Self-trade prevention.
    SelfTrade,
    /// Reduce-only with nothing left to reduce.
    NothingToReduce,
    /// Post-only that would have taken, where the venue looks after it has accepted.
    WouldTake,
}

/// What happened to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderChange {
    /// Accepted.
    New,
    /// Filled, partly or wholly; the order's status says which.
    Trade(UserTrade),
    /// Ended by its owner, or by a change that ended it.
    Cancelled,
    /// Ended by the market.
    Expired(Expiry),
    /// Changed by its owner, or shrunk because it was reduce-only.
    Amended,
}

/// Something happened to an order of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderEvent {
    /// What.
    pub change: OrderChange,
    /// The order after it.
    pub order: OrderView,
    /// Price × size of the account's open buys on the symbol that are not reduce-only, quote currency.
    pub bids_notional: Decimal,
    /// Price × size of the account's open sells on the symbol that are not reduce-only, quote currency.
    pub asks_notional: Decimal,
    /// When, ms.
    pub time_ms: i64,
}

/// Why an account changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountReason {
    /// A fill.
    Order,
    /// Funding.
    FundingFee,
    /// Margin was moved into or out of an isolated position.
    MarginTransfer,
    /// A symbol became isolated or crossed.
    MarginTypeChange,
}

/// Balance and positions of an account changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountUpdate {
    /// Whose.
    pub account: AccountNo,
    /// Why.
    pub reason: AccountReason,
    /// The currency of the balance.
    pub asset: Asset,
    /// Wallet balance after it, `asset`.
    pub wallet: Decimal,
    /// The part of it that is in no isolated position, `asset`.
    pub cross_wallet: Decimal,
    /// Change of the wallet that is neither profit nor fee (funding), `asset`; zero for orders.
    pub change: Decimal,
    /// The position that changed, or for funding was charged.
    pub position: PositionView,
    /// When, ms.
    pub time_ms: i64,
}

/// What an account has of one asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    /// Which.
    pub asset: Asset,
    /// All of it, `asset`.
    pub total: Decimal,
    /// The part of it that open orders on spot symbols hold, `asset`.
    pub locked: Decimal,
}

impl Balance {
    /// What no order holds, `asset`; margin of positions is not counted here.
    pub fn free(&self) -> Decimal {
        self.total - self.locked
    }
}

/// Balances of an account changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BalanceUpdate {
    /// Whose.
    pub account: AccountNo,
    /// Those that changed, after it.
    pub balances: Vec<Balance>,
    /// When, ms.
    pub time_ms: i64,
}

/// One fill of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserTrade {
    /// Whose.
    pub account: AccountNo,
    /// Which instrument.
    pub symbol: SymbolNo,
    /// The public trade's id; grows by one a trade of the symbol.
    pub trade: u64,
    /// The order's id.
    pub order: u64,
    /// The order's name.
    pub client: ClientId,
    /// Buy or sell.
    pub side: Side,
    /// Which position it changed; on spot there is none.
    pub leg: Leg,
    /// Ticks.
    pub price: Price,
    /// Lots.
    pub qty: Qty,
    /// Price × size, quote currency.
    pub quote: Decimal,
    /// Fee paid, `fee_asset`; negative is a rebate.
    pub fee: Decimal,
    /// The currency of the fee.
    pub fee_asset: Asset,
    /// Realised profit before fees, quote currency.
    pub realised: Decimal,
    /// True when the order rested.
    pub maker: bool,
    /// When, ms.
    pub time_ms: i64,
}
