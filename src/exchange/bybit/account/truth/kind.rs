//! The calls of which a fetch of account truth is made. Pure; owns nothing.

use crate::domain::Symbol;
use crate::exchange::bybit::account::caller::Query;
use crate::exchange::bybit::instruments::{Category, venue_name};

/// What linear contracts settle in: lists of orders and positions are asked for by it.
const SETTLES: [&str; 2] = ["USDT", "USDC"];
/// Where no contract in USDT is followed, this one shows which mode the account is in.
const USUAL: &str = "BTCUSDT";
/// What one call of a fetch asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Open orders of contracts that settle in this.
    Contracts(&'static str),
    /// Open orders of spot.
    Coins,
    /// Positions that settle in this.
    Positions(&'static str),
    /// Positions of an instrument, flat ones included: its mode, leverage and stops.
    Position(Symbol),
    /// Balances.
    Wallet,
    /// Margin mode and kind of the account.
    Account,
    /// Rights of the key.
    Key,
    /// Trades of a category.
    Trades(Category),
}

impl Kind {
    /// The category that a key must be allowed to see for it.
    pub const fn category(self) -> Option<Category> {
        match self {
            Self::Contracts(_) | Self::Positions(_) | Self::Position(_) => Some(Category::Linear),
            Self::Coins => Some(Category::Spot),
            Self::Trades(category) => Some(category),
            Self::Wallet | Self::Account | Self::Key => None,
        }
    }

    /// Where it is asked for; trades from this venue time on, ms.
    pub fn call(self, from_ms: i64) -> (&'static str, Query) {
        const ORDERS: &str = "/v5/order/realtime";
        const POSITIONS: &str = "/v5/position/list";
        let category = |category: Category| Query::of("category", category.as_str());
        let linear = || category(Category::Linear);
        match self {
            Self::Contracts(settle) => (
                ORDERS,
                linear().and("settleCoin", settle).and("limit", "50"),
            ),
            Self::Coins => (ORDERS, category(Category::Spot).and("limit", "50")),
            Self::Positions(settle) => (
                POSITIONS,
                linear().and("settleCoin", settle).and("limit", "200"),
            ),
            Self::Position(symbol) => (
                POSITIONS,
                linear().and("symbol", venue_name(&symbol).as_str()),
            ),
            Self::Wallet => (
                "/v5/account/wallet-balance",
                Query::of("accountType", "UNIFIED"),
            ),
            Self::Account => ("/v5/account/info", Query::default()),
            Self::Key => ("/v5/user/query-api", Query::default()),
            Self::Trades(of) => (
                "/v5/execution/list",
                category(of)
                    .and("startTime", &from_ms.to_string())
                    .and("limit", "100"),
            ),
        }
    }
}

/// Every call of a fetch. `contracts` are those whose mode and stops are in question; `whole`: the account's modes and the key's
/// rights are asked for too.
pub fn all(contracts: &[Symbol], whole: bool) -> Vec<Kind> {
    let mut kinds = vec![
        Kind::Coins,
        Kind::Wallet,
        Kind::Trades(Category::Linear),
        Kind::Trades(Category::Spot),
    ];
    for settle in SETTLES {
        kinds.extend([Kind::Contracts(settle), Kind::Positions(settle)]);
    }
    kinds.extend(contracts.iter().copied().map(Kind::Position));
    let in_usdt = |symbol: &Symbol| symbol.as_str().ends_with("USDT");
    if !contracts.iter().any(in_usdt) {
        kinds.extend(Symbol::new(USUAL).ok().map(Kind::Position));
    }
    if whole {
        kinds.extend([Kind::Account, Kind::Key]);
    }
    kinds
}
