//! Orders: what is asked for, what is known of it.
//!
//! Only positive evidence rejects: a lost answer leaves [`OrderStatus::Unknown`], which ends only on proof from the venue.

use rust_decimal::Decimal;

use super::{MarketKey, Price, Qty, Side, Stamp, Text};

/// An order's own name, `<session><counter>`, `[A-Za-z][A-Za-z0-9]*`, at most 32 characters for orders of ours.
/// Foreign orders may carry up to 36.
pub type ClientId = Text<36>;

/// How long a limit order lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeInForce {
    /// Until filled or cancelled.
    Gtc,
    /// Fill what is there now, cancel the rest.
    Ioc,
    /// Rest or be refused.
    PostOnly,
}

/// What kind of order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrderKind {
    /// At this price or better.
    Limit {
        /// The limit, ticks.
        price: Price,
        /// How long it lives.
        tif: TimeInForce,
    },
    /// At whatever price there is. Lancet uses it for exits alone.
    Market,
}

/// Whether an order opens or adds, or reduces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Intent {
    /// Opens or adds: passes every limit and lock.
    Entry,
    /// Reduces: passes everything short of LOCKED. Sent reduce-only.
    Exit,
}

/// An order as the desk wants it sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewOrder {
    /// Whose and where.
    pub key: MarketKey,
    /// Its name, used once and never again.
    pub id: ClientId,
    /// Buy or sell.
    pub side: Side,
    /// Size, lots, above zero.
    pub qty: Qty,
    /// Limit or market.
    pub kind: OrderKind,
    /// Entry or exit; an exit is sent reduce-only.
    pub intent: Intent,
}

/// A change of a working order: both price and size are always stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amend {
    /// Whose and where.
    pub key: MarketKey,
    /// Which order.
    pub order: OrderRef,
    /// Its side, which cannot change.
    pub side: Side,
    /// New limit, ticks.
    pub price: Price,
    /// New total size (filled part included), lots.
    pub qty: Qty,
}

/// Which of a venue's two order books of record holds an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OrderClass {
    /// An ordinary order.
    Regular,
    /// A conditional order that waits for its trigger.
    Conditional,
}

/// How an order is named at the venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OrderRef {
    /// Our or a foreign client id.
    pub client: ClientId,
    /// The venue's own id, once known.
    pub venue: Option<u64>,
    /// Regular or conditional.
    pub class: OrderClass,
}

/// What is proved of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrderStatus {
    /// Handed to the socket, not answered yet.
    Sent,
    /// The venue took it (an acknowledgement); whether it rests is not proved yet.
    Accepted,
    /// Proved to rest: said by the private stream or a query.
    Working,
    /// The outcome is not proved. Counts in worst-case exposure until it is.
    Unknown,
    /// Completely filled.
    Filled,
    /// Ended by a cancel.
    Cancelled,
    /// Ended by the venue (IOC rest, self-trade, post-only in the match, expiry).
    Expired,
    /// Proved never to have rested: refused, or proved absent.
    Rejected,
}

impl OrderStatus {
    /// True when nothing more can happen to the order.
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::Filled | Self::Cancelled | Self::Expired | Self::Rejected
        )
    }
}

/// What the private stream or a query says about one order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderReport {
    /// Whose and where.
    pub key: MarketKey,
    /// Its names.
    pub order: OrderRef,
    /// Buy or sell.
    pub side: Side,
    /// Limit, ticks; `None` for a market order.
    pub price: Option<Price>,
    /// Trigger of a conditional order, ticks.
    pub trigger: Option<Price>,
    /// Total size, lots.
    pub qty: Qty,
    /// Filled so far, lots.
    pub filled: Qty,
    /// Average price of what is filled, quote currency; `None` when nothing is or the venue does not say.
    pub average: Option<Decimal>,
    /// True when it can only reduce.
    pub reduce_only: bool,
    /// What is proved.
    pub status: OrderStatus,
    /// The venue's words where it ended an order by itself, sanitised.
    pub reason: Option<String>,
    /// The venue's event time, ms since 1970.
    pub venue_ms: i64,
    /// When it came.
    pub at: Stamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule1_unknown_and_in_flight_are_not_ends() {
        use OrderStatus::*;
        for status in [Sent, Accepted, Working, Unknown] {
            assert!(!status.is_final(), "{status:?}");
        }
        for status in [Filled, Cancelled, Expired, Rejected] {
            assert!(status.is_final(), "{status:?}");
        }
    }
}
