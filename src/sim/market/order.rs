//! Orders as the market keeps and shows them. Plain data.

use rust_decimal::Decimal;

use super::spec::{AccountNo, SymbolNo};
use crate::domain::{ClientId, Instrument, Price, Qty, Side};

/// Which position of a symbol: one-way mode has one, hedge mode a long and a short beside each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Leg {
    /// The one of one-way mode; it may be long or short.
    #[default]
    Both,
    /// The long of hedge mode.
    Long,
    /// The short of hedge mode.
    Short,
}

impl Leg {
    /// True when an order of `side` can only reduce this position.
    pub const fn only_closes(self, side: Side) -> bool {
        matches!(
            (self, side),
            (Self::Long, Side::Sell) | (Self::Short, Side::Buy)
        )
    }
}

/// How long a limit order lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tif {
    /// Until filled or cancelled.
    Gtc,
    /// Takes what is there, the rest expires.
    Ioc,
    /// Whole or not at all.
    Fok,
    /// Rests or is refused (post-only).
    Gtx,
}

/// What kind of order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// At this price or better.
    Limit {
        /// Ticks.
        price: Price,
        /// How long it lives.
        tif: Tif,
    },
    /// At what there is inside the band around the mark; the rest expires.
    Market,
}

/// What happens when an order would trade with another of its own account. The taker's mode decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SelfTrade {
    /// They trade.
    #[default]
    Allow,
    /// The taker's rest expires.
    ExpireTaker,
    /// The resting order expires.
    ExpireMaker,
    /// Both expire.
    ExpireBoth,
}

/// An order as it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Submit {
    /// Which instrument.
    pub symbol: SymbolNo,
    /// Its name; the market makes one where there is none.
    pub client: Option<ClientId>,
    /// Buy or sell.
    pub side: Side,
    /// Which position it changes.
    pub leg: Leg,
    /// Limit or market.
    pub kind: Kind,
    /// Size, lots.
    pub qty: Qty,
    /// Only ever reduces the position.
    pub reduce_only: bool,
    /// Self-trade prevention.
    pub self_trade: SelfTrade,
}

impl Submit {
    /// True when it only ever reduces: by its word, or by its side in hedge mode.
    pub const fn reduces(&self) -> bool {
        self.reduce_only || self.leg.only_closes(self.side)
    }
}

/// Which open or past order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// By the market's own id.
    Id(u64),
    /// By client id: the open order of that name, else the latest one.
    Client(ClientId),
}

/// A change of an open limit order; price and size are both stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AmendAsk {
    /// Which instrument.
    pub symbol: SymbolNo,
    /// Which order.
    pub which: Which,
    /// Must be the order's side.
    pub side: Side,
    /// New limit, ticks.
    pub price: Price,
    /// New total size, filled part included, lots.
    pub qty: Qty,
}

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nothing filled yet.
    New,
    /// Partly filled and still open.
    PartiallyFilled,
    /// Wholly filled.
    Filled,
    /// Ended by its owner.
    Cancelled,
    /// Ended by the market.
    Expired,
    /// Ended by self-trade prevention.
    ExpiredInMatch,
}

impl Status {
    /// True while it can still fill.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::New | Self::PartiallyFilled)
    }
}

/// An order as the market keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderView {
    /// The market's id; grows by one an order over all symbols.
    pub id: u64,
    /// Its name.
    pub client: ClientId,
    /// Whose.
    pub account: AccountNo,
    /// Which instrument.
    pub symbol: SymbolNo,
    /// Buy or sell.
    pub side: Side,
    /// Which position it changes.
    pub leg: Leg,
    /// Limit (with its present price) or market.
    pub kind: Kind,
    /// Total size, lots; shrinks when a reduce-only order has less left to reduce.
    pub qty: Qty,
    /// Filled so far, lots.
    pub filled: Qty,
    /// Price × size of what is filled, quote currency.
    pub filled_quote: Decimal,
    /// Only ever reduces.
    pub reduce_only: bool,
    /// Self-trade prevention.
    pub self_trade: SelfTrade,
    /// Where it stands.
    pub status: Status,
    /// The conditional order that became this one.
    pub algo: Option<u64>,
    /// Changes so far.
    pub amends: u32,
    /// When it came, ms.
    pub created_ms: i64,
    /// When it last changed, ms.
    pub updated_ms: i64,
}

impl OrderView {
    /// What is not filled yet, lots.
    pub fn remaining(&self) -> Qty {
        self.qty.less(self.filled)
    }

    /// The limit, ticks; `None` for a market order.
    pub const fn price(&self) -> Option<Price> {
        match self.kind {
            Kind::Limit { price, .. } => Some(price),
            Kind::Market => None,
        }
    }

    /// Average price of what is filled, quote currency; zero when nothing is.
    pub fn average(&self, instrument: &Instrument) -> Decimal {
        let base = instrument.qty_decimal(self.filled) * instrument.multiplier;
        self.filled_quote
            .checked_div(base)
            .unwrap_or_default()
            .round_dp(8)
    }
}
