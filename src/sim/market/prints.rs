//! Public trades of a symbol and what is derived from them: recent prints, one-minute candles, the 24 h statistics.

use rust_decimal::Decimal;

use super::spec::SymbolNo;
use crate::domain::{Price, Qty, Side};

/// A public trade: one match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicTrade {
    /// Which instrument.
    pub symbol: SymbolNo,
    /// Grows by one a trade of the symbol.
    pub id: u64,
    /// Shared by consecutive trades of one taker order at one price; grows by one an aggregate.
    pub aggregate: u64,
    /// Side of the aggressor: [`Side::Buy`] lifted the ask.
    pub side: Side,
    /// Ticks.
    pub price: Price,
    /// Lots.
    pub qty: Qty,
    /// When, ms.
    pub time_ms: i64,
}

/// A one-minute candle. Minutes without a trade have one too: flat at the last close, zero volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kline {
    /// Start of the minute, ms.
    pub open_ms: i64,
    /// First price, ticks.
    pub open: Price,
    /// Highest price, ticks.
    pub high: Price,
    /// Lowest price, ticks.
    pub low: Price,
    /// Last price, ticks.
    pub close: Price,
    /// Size traded, lots.
    pub volume: i64,
    /// Price × size traded, quote currency.
    pub quote: Decimal,
    /// Size bought by takers, lots.
    pub taker_buy: i64,
    /// Price × size bought by takers, quote currency.
    pub taker_buy_quote: Decimal,
    /// Trades.
    pub trades: u64,
}

/// The last 24 hours of a symbol (or all there is).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticker {
    /// First price, ticks.
    pub open: Price,
    /// Highest price, ticks.
    pub high: Price,
    /// Lowest price, ticks.
    pub low: Price,
    /// Last price, ticks.
    pub last: Price,
    /// Size of the last trade, lots.
    pub last_qty: Qty,
    /// Size traded, lots.
    pub volume: i64,
    /// Price × size traded, quote currency.
    pub quote: Decimal,
    /// Id of the first trade; zero when there was none.
    pub first_trade: u64,
    /// Id of the last trade; zero when there was none.
    pub last_trade: u64,
    /// Trades.
    pub trades: u64,
    /// Start of the window, ms.
    pub open_ms: i64,
    /// End of the window, ms.
    pub close_ms: i64,
}
