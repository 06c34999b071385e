//! Orders: what is asked for, what is known of it.
//!
//! Only positive evidence rejects: a lost answer leaves [`OrderStatus::Unknown`], which ends only on proof from the venue.

use rust_decimal::Decimal;

use super::{MarketKey, Price, Qty, Side, Stamp, Text};

/// An order's own name, `<session><counter>`, `[A-Za-z][A-Za-z0-9]*`, at most 32 characters for orders of ours.
/// Foreign orders may carry up to 36.
pub type ClientId = Text<36>;
/// An order's name at the venue, as the venue spells it: a number, a UUID, letters.
pub type OrderId = Text<36>;

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

/// Which price fires a trigger. A venue says in its capabilities which of them it watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TriggerBy {
    /// The last trade.
    Last,
    /// The mark price.
    Mark,
    /// The best price that the order would meet: the best bid for a sell, the best ask for a buy.
    Best,
}

/// How far a trailing stop follows behind the best price since it became active. Venues know one of the two or both: Binance a
/// rate (New Algo Order, `callbackRate`), Bybit a distance (Set Trading Stop, `trailingStop`), OKX both (Algo order,
/// `callbackRatio` and `callbackSpread`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Callback {
    /// A share of the price, basis points (1/10 000), above zero.
    Rate(u32),
    /// A distance, ticks, above zero.
    Distance(i64),
}

/// One of the two positions that a hedge account holds on a symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Leg {
    /// Opened by buying, reduced by selling.
    Long,
    /// Opened by selling, reduced by buying.
    Short,
}

impl Leg {
    /// The side that opens it or adds to it.
    pub const fn opens(self) -> Side {
        match self {
            Self::Long => Side::Buy,
            Self::Short => Side::Sell,
        }
    }

    /// The side that reduces it.
    pub const fn reduces(self) -> Side {
        self.opens().opposite()
    }
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
    /// Waits at the venue until the price reaches the trigger: rises to it for a buy, falls to it for a sell.
    Stop {
        /// Where it fires, ticks.
        trigger: Price,
        /// The worst price it may then trade at, ticks: it becomes a limit order that rests until filled or cancelled. `None`:
        /// it becomes a market order, which Lancet uses for exits alone.
        limit: Option<Price>,
        /// Which price fires it.
        by: TriggerBy,
    },
    /// A stop that follows the price and becomes a market order: Lancet uses it for exits alone.
    Trail {
        /// It follows from when the price reaches this on, ticks: falls to it for a buy, rises to it for a sell. `None`: at once.
        activation: Option<Price>,
        /// How far behind.
        callback: Callback,
        /// Which price it follows.
        by: TriggerBy,
    },
}

impl OrderKind {
    /// Which of a venue's books of record holds such an order until it fires.
    pub const fn class(self) -> OrderClass {
        match self {
            Self::Limit { .. } | Self::Market => OrderClass::Regular,
            Self::Stop { .. } | Self::Trail { .. } => OrderClass::Conditional,
        }
    }

    /// The worst price it may trade at, ticks; `None` where nothing bounds it.
    pub const fn limit(self) -> Option<Price> {
        match self {
            Self::Limit { price, .. } => Some(price),
            Self::Stop { limit, .. } => limit,
            Self::Market | Self::Trail { .. } => None,
        }
    }

    /// How far a trail follows behind; `None` for any other order.
    pub const fn callback(self) -> Option<Callback> {
        match self {
            Self::Trail { callback, .. } => Some(callback),
            Self::Limit { .. } | Self::Market | Self::Stop { .. } => None,
        }
    }

    /// Where it fires, ticks, or from where on it follows; `None` for a regular order and for a trail that follows at once.
    pub const fn trigger(self) -> Option<Price> {
        match self {
            Self::Stop { trigger, .. } => Some(trigger),
            Self::Trail { activation, .. } => activation,
            Self::Limit { .. } | Self::Market => None,
        }
    }
}

/// Whether an order opens or adds, or reduces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Intent {
    /// Opens or adds: passes every limit and lock.
    Entry,
    /// Reduces: passes everything short of LOCKED. Sent reduce-only, or against its leg on a hedge account.
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
    /// Limit, market or conditional.
    pub kind: OrderKind,
    /// Entry or exit; an exit is sent reduce-only where the account has no legs.
    pub intent: Intent,
    /// Which position of a hedge account it is for; `None` on a one-way account. A buy of the long leg and a sell of the short
    /// one open, the others reduce, so a venue needs no reduce-only beside it.
    pub leg: Option<Leg>,
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
    pub venue: Option<OrderId>,
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
    /// Refused: proved never to have rested, or proved absent; or a conditional order that fired and was refused then.
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
    /// Which position of a hedge account it is for; `None` on a one-way account.
    pub leg: Option<Leg>,
    /// Limit, ticks; `None` for a market order.
    pub price: Option<Price>,
    /// Trigger of a conditional order, or where a trail becomes active, ticks; kept where the venue keeps it after it fired.
    pub trigger: Option<Price>,
    /// How far a trailing stop follows behind; `None` for any other order.
    pub callback: Option<Callback>,
    /// A conditional order fired. From here on this report is of the regular order it became: `order` names it by the client id
    /// of the conditional one, with the regular one's number and [`OrderClass::Regular`], and its fills carry that client id too.
    /// While the venue has not said that number yet, `order` is still the conditional one's.
    pub triggered: bool,
    /// Total size, lots.
    pub qty: Qty,
    /// Filled so far, lots.
    pub filled: Qty,
    /// Average price of what is filled, quote currency; `None` when nothing is or the venue does not say.
    pub average: Option<Decimal>,
    /// True when it can only reduce: by the venue's flag, or because of side and leg.
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
    fn what_waits_for_a_trigger_is_conditional() {
        let (trigger, by) = (Price(5), TriggerBy::Mark);
        let limit = OrderKind::Limit {
            price: Price(7),
            tif: TimeInForce::Gtc,
        };
        let stop = |limit| OrderKind::Stop { trigger, limit, by };
        let trail = OrderKind::Trail {
            activation: None,
            callback: Callback::Rate(10),
            by,
        };
        let bounded = stop(Some(Price(6)));
        use OrderClass::{Conditional, Regular};
        assert_eq!(
            [limit, OrderKind::Market].map(OrderKind::class),
            [Regular; 2]
        );
        assert_eq!([stop(None), trail].map(OrderKind::class), [Conditional; 2]);
        assert_eq!(limit.limit(), Some(Price(7)));
        assert_eq!(bounded.limit(), Some(Price(6)));
        assert_eq!([stop(None), trail].map(OrderKind::limit), [None; 2]);
        assert_eq!(bounded.trigger(), Some(trigger));
        assert_eq!([limit, trail].map(OrderKind::trigger), [None; 2]);
    }

    #[test]
    fn a_leg_is_reduced_by_the_side_that_does_not_open_it() {
        assert_eq!(
            (Leg::Long.opens(), Leg::Long.reduces()),
            (Side::Buy, Side::Sell)
        );
        assert_eq!(
            (Leg::Short.opens(), Leg::Short.reduces()),
            (Side::Sell, Side::Buy)
        );
    }

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
