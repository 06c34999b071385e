//! Conditional ("algo") orders as the market keeps and shows them. Plain data.
//!
//! They wait outside the book, bind no margin, and become ordinary orders when their trigger is met.

use rust_decimal::Decimal;

use super::Refuse;
use super::order::{Kind, Leg, OrderView, SelfTrade};
use super::spec::{AccountNo, SymbolNo};
use crate::domain::{ClientId, Price, Qty, Side};

/// Which price a trigger looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    /// The last price traded.
    Last,
    /// The mark price.
    Mark,
}

/// What a conditional order waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// A buy: the price at or above this one, ticks; a sell: at or below.
    Stop(Price),
    /// A buy: the price at or below this one, ticks; a sell: at or above.
    Take(Price),
    /// A buy: the price has fallen to `activate` and risen by `callback` from its lowest since; a sell mirrored.
    Trail {
        /// Ticks; `None`: active from the start.
        activate: Option<Price>,
        /// Fraction of the extreme (0.01 is 1 %).
        callback: Decimal,
    },
    /// The same with a fixed distance from the extreme.
    Follow {
        /// Ticks; `None`: active from the start.
        activate: Option<Price>,
        /// Ticks.
        distance: Price,
    },
}

impl Trigger {
    /// True when it follows the price.
    pub const fn trails(self) -> bool {
        matches!(self, Self::Trail { .. } | Self::Follow { .. })
    }

    /// True when it follows the price from the start.
    pub const fn trails_at_once(self) -> bool {
        matches!(
            self,
            Self::Trail { activate: None, .. } | Self::Follow { activate: None, .. }
        )
    }
}

/// A conditional order as it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlgoAsk {
    /// Which instrument.
    pub symbol: SymbolNo,
    /// Its name; the market makes one where there is none.
    pub client: Option<ClientId>,
    /// Buy or sell.
    pub side: Side,
    /// Which position its order changes.
    pub leg: Leg,
    /// What it waits for.
    pub trigger: Trigger,
    /// Which price it looks at.
    pub watch: Watch,
    /// Not triggered while mark and last price are further apart than the symbol's `trigger_protect`.
    pub protect: bool,
    /// What it becomes.
    pub kind: Kind,
    /// Size, lots; `None` closes the whole position.
    pub qty: Option<Qty>,
    /// Only ever reduces the position.
    pub reduce_only: bool,
    /// Self-trade prevention of the order that it becomes.
    pub self_trade: SelfTrade,
}

/// Where a conditional order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlgoStatus {
    /// Waits for its trigger.
    New,
    /// The trigger is met, the order is on its way.
    Triggering,
    /// It became an order.
    Triggered,
    /// The order that it became has ended.
    Finished,
    /// The order that it would have become was refused.
    Rejected(Refuse),
    /// Ended by its owner.
    Cancelled,
    /// Ended by the market: the position that it would have closed is gone.
    Expired,
}

/// A conditional order as the market keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlgoView {
    /// The market's id; other numbers than those of orders.
    pub id: u64,
    /// Its name.
    pub client: ClientId,
    /// Whose.
    pub account: AccountNo,
    /// As it was asked for.
    pub ask: AlgoAsk,
    /// Where it stands.
    pub status: AlgoStatus,
    /// A trailing order has met its activation price; others never do.
    pub activated: bool,
    /// The best price for the trail since it came, quote currency.
    pub extreme: Decimal,
    /// The order that it became.
    pub order: Option<u64>,
    /// When it came, ms.
    pub created_ms: i64,
    /// When it last changed, ms.
    pub updated_ms: i64,
    /// When it was triggered, ms; zero when it was not.
    pub triggered_ms: i64,
}

impl AlgoView {
    /// True while it waits.
    pub fn is_open(&self) -> bool {
        self.status == AlgoStatus::New
    }
}

/// Something happened to a conditional order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlgoEvent {
    /// The conditional order after it.
    pub algo: AlgoView,
    /// The order that it became, as it stands now.
    pub order: Option<OrderView>,
    /// When, ms.
    pub time_ms: i64,
}

/// Which conditional order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhichAlgo {
    /// By the market's own id.
    Id(u64),
    /// By client id: the waiting one of that name, else the latest.
    Client(ClientId),
}
