//! Public prints and our own fills.

use rust_decimal::Decimal;

use super::{Asset, ClientId, Leg, MarketKey, OrderId, Price, Qty, Side, Stamp, Symbol, Text};

/// A trade's name at the venue, as the venue spells it; one of its own on each symbol.
pub type TradeId = Text<36>;

/// A public trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Print {
    /// Instrument.
    pub symbol: Symbol,
    /// Side of the aggressor: [`Side::Buy`] lifted the ask.
    pub side: Side,
    /// Price, ticks.
    pub price: Price,
    /// Size, lots.
    pub qty: Qty,
    /// The venue's trade time, ms since 1970.
    pub venue_ms: i64,
}

/// Whether a fill gave or took liquidity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Liquidity {
    /// Rested and was hit.
    Maker,
    /// Took what rested.
    Taker,
}

/// A trade of ours. Deduplicated by (key, trade id).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    /// Whose and where.
    pub key: MarketKey,
    /// The order it belongs to; of a fired conditional order that order's own name.
    pub client: ClientId,
    /// The venue's id of the order that traded: of a fired conditional order the regular one it became.
    pub order: OrderId,
    /// The venue's trade id.
    pub trade: TradeId,
    /// Buy or sell.
    pub side: Side,
    /// Which position of a hedge account it changed; `None` on a one-way account.
    pub leg: Option<Leg>,
    /// Price, quote currency, as the venue wrote it.
    pub price: Decimal,
    /// Size, lots.
    pub qty: Qty,
    /// Fee paid (negative: a rebate), in `fee_asset`.
    pub fee: Decimal,
    /// The currency of the fee.
    pub fee_asset: Asset,
    /// The venue's realised profit of this fill, quote currency, where it says.
    pub realised: Option<Decimal>,
    /// Maker or taker.
    pub liquidity: Liquidity,
    /// The venue's trade time, ms since 1970.
    pub venue_ms: i64,
    /// When it came.
    pub at: Stamp,
    /// True when it was found by a query after a break of the private stream.
    pub recovered: bool,
}
