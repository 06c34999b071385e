//! What crosses the exchange seam: commands to a venue, facts from it.

use rust_decimal::Decimal;

use super::{
    Account, Amend, Approved, Asset, ClientId, Fill, Instrument, MarketKey, Minute, NewOrder,
    OrderId, OrderRef, OrderReport, PositionReport, Stamp, Symbol, VenueId,
};

/// What the desk asks of an account at a venue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Send this order, once.
    Place(Approved<NewOrder>),
    /// Change this order.
    Amend(Approved<Amend>),
    /// Cancel one order. May be re-sent.
    Cancel {
        /// Whose and where.
        key: MarketKey,
        /// Which.
        order: OrderRef,
    },
    /// Ask for the state of one order by its client id.
    Query {
        /// Whose and where.
        key: MarketKey,
        /// Which.
        order: OrderRef,
    },
    /// Fetch account truth (orders, positions, fills, balances, modes) now.
    Reconcile,
    /// Also follow this symbol's account settings (leverage, margin mode, fee rates).
    Follow(Symbol),
    /// Set leverage on a symbol.
    SetLeverage {
        /// Where.
        symbol: Symbol,
        /// 1 to the venue's maximum.
        leverage: u32,
    },
    /// Set the margin mode of a symbol. Venues refuse it while a position or orders are open there.
    SetMargin {
        /// Where.
        symbol: Symbol,
        /// To what.
        mode: MarginMode,
    },
    /// Set the position mode of the whole account. Venues refuse it while any position or order is open.
    SetPositionMode(PositionMode),
}

/// One change of a setting, for [`Fact::Set`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// Leverage of a symbol.
    Leverage(Symbol, u32),
    /// Margin mode of a symbol.
    Margin(Symbol, MarginMode),
    /// Position mode of the account.
    PositionMode(PositionMode),
}

impl Command {
    /// True when it cancels, reduces or queries: it goes in the reserved lane. A stop that reduces is an exit like any other.
    pub fn is_priority(&self) -> bool {
        match self {
            Self::Place(order) => order.get().intent == super::Intent::Exit,
            Self::Amend(_)
            | Self::SetLeverage { .. }
            | Self::SetMargin { .. }
            | Self::SetPositionMode(_)
            | Self::Follow(_) => false,
            Self::Cancel { .. } | Self::Query { .. } | Self::Reconcile => true,
        }
    }
}

/// What is proved about one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// No byte of it was handed to the socket.
    NotSent(String),
    /// The venue took it; for an order this does not prove that it rests.
    Accepted {
        /// The venue's order id.
        venue: Option<OrderId>,
    },
    /// The venue refused it.
    Rejected {
        /// The venue's code.
        code: i64,
        /// One sentence for the trader, sanitised.
        words: String,
        /// What the refusal proves about the state of things.
        proves: Proves,
    },
    /// Not proved either way; in words.
    Unknown(String),
}

/// What a refusal proves beyond itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proves {
    /// Nothing beyond the refusal.
    Nothing,
    /// A post-only order would have taken.
    WouldTake,
    /// A conditional order's trigger is already reached: it would have fired at once.
    WouldTrigger,
    /// There is nothing to reduce, or resting exits already cover it: the position must be read again.
    NothingToReduce,
    /// An order that closes the whole position stands already on this side; a second one is not taken.
    AlreadyClosing,
    /// The account is not in the position mode that the request was made for: it must be read again.
    WrongMode,
    /// The order to cancel, amend or query is not there: it ended some other way, which a query must show.
    NotFound,
    /// The key or its rights were refused.
    KeyRefused,
    /// Our clock is off: it must be measured again.
    ClockOff,
    /// Too many requests until this wall time, ms since 1970 (0: unknown).
    RateLimited {
        /// When requests may go again.
        until_ms: i64,
    },
    /// The instrument's rules changed: they must be read again.
    StaleRules,
}

/// What was asked, for [`Fact::Answer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Place an order.
    Place,
    /// Change one.
    Amend,
    /// Cancel one.
    Cancel,
    /// Query one.
    Query,
}

/// How well the private line and the order line stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// Not connected.
    Down,
    /// Connected, account truth is being fetched.
    Reconciling,
    /// Connected and in sync.
    Ready,
}

/// One-way or hedge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PositionMode {
    /// One net position a symbol.
    OneWay,
    /// A long and a short a symbol, see [`super::Leg`].
    Hedge,
}

/// Margin shared by all positions or set apart for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarginMode {
    /// Shared.
    Cross,
    /// Set apart.
    Isolated,
}

/// Account settings of one symbol, as the venue states them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SymbolSettings {
    /// Whose and where.
    pub key: MarketKey,
    /// Leverage, if known.
    pub leverage: Option<u32>,
    /// Margin mode, if known.
    pub margin: Option<MarginMode>,
    /// Maker fee as a fraction of notional, if known.
    pub maker_fee: Option<Decimal>,
    /// Taker fee as a fraction of notional, if known.
    pub taker_fee: Option<Decimal>,
}

/// One asset's balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    /// Which asset.
    pub asset: Asset,
    /// Wallet balance, open profit not counted.
    pub wallet: Decimal,
    /// What can still be used for new orders; `None` when the message does not say.
    pub available: Option<Decimal>,
}

/// Everything about an account at one moment, fetched after the private line stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountTruth {
    /// Every open order, regular and conditional.
    pub orders: Vec<OrderReport>,
    /// Every position that is not flat, each leg by itself. A followed symbol (or leg) that is absent is proved flat by this report.
    pub positions: Vec<PositionReport>,
    /// Fills since the start of the session or the last truth, oldest first, marked recovered.
    pub fills: Vec<Fill>,
    /// Balances.
    pub balances: Vec<Balance>,
    /// When the venue answered the last part, host time.
    pub at: Stamp,
}

/// What the venue tells us about our account. Never dropped, never reordered within an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// The private and order lines changed.
    Link {
        /// Which account.
        account: Account,
        /// Where.
        venue: VenueId,
        /// How they stand now.
        state: LinkState,
        /// Why, in words; empty when there is nothing to say.
        why: String,
        /// True when this is a planned reconnect that changes nothing.
        planned: bool,
    },
    /// First byte handed to the socket for this request.
    Written {
        /// Which order.
        client: ClientId,
        /// What was asked.
        asked: Asked,
        /// When.
        at: Stamp,
    },
    /// The answer to one request.
    Answer {
        /// Whose and where.
        key: MarketKey,
        /// Which order.
        client: ClientId,
        /// What was asked.
        asked: Asked,
        /// What it proves.
        outcome: Outcome,
        /// When it came.
        at: Stamp,
    },
    /// An order changed, by the private stream or a query.
    Order(OrderReport),
    /// A trade of ours.
    Fill(Fill),
    /// The venue's word on a position.
    Position(PositionReport),
    /// A balance changed.
    Balance {
        /// Which account.
        account: Account,
        /// Where.
        venue: VenueId,
        /// The balance.
        balance: Balance,
    },
    /// Funding was booked, settle currency, positive when received.
    Funding {
        /// Whose and where.
        key: MarketKey,
        /// How much.
        amount: Decimal,
    },
    /// Account truth after a (re)connect or on demand.
    Truth {
        /// Which account.
        account: Account,
        /// Where.
        venue: VenueId,
        /// Everything.
        truth: Box<AccountTruth>,
    },
    /// Position mode of the account.
    Mode {
        /// Which account.
        account: Account,
        /// Where.
        venue: VenueId,
        /// One-way or hedge.
        mode: PositionMode,
        /// Whether the venue lets this key trade.
        can_trade: bool,
    },
    /// Leverage, margin mode or fee rates of a symbol.
    Settings(SymbolSettings),
    /// The answer to a change of a setting. A setting that already was as wanted is accepted.
    Set {
        /// Which account.
        account: Account,
        /// Where.
        venue: VenueId,
        /// What was wanted.
        setting: Setting,
        /// What is proved; [`Outcome::Accepted`] carries no number here.
        outcome: Outcome,
        /// When it came.
        at: Stamp,
    },
    /// This host's clock against the venue's: add `offset_ms` to host wall time to get venue time.
    Clock {
        /// Where.
        venue: VenueId,
        /// Milliseconds, as last measured.
        offset_ms: i64,
        /// Half of the round trip it was measured with, ms.
        error_ms: i64,
    },
    /// Requests are refused until this wall time, ms since 1970; 0 ends it.
    Limited {
        /// Where.
        venue: VenueId,
        /// When requests may go again.
        until_ms: i64,
    },
    /// The venue does not take the key any more: deleted, its rights or the addresses it works from were changed.
    KeyRefused {
        /// Which account.
        account: Account,
        /// Where.
        venue: VenueId,
        /// One sentence, sanitised.
        words: String,
    },
    /// A message did not parse or one part of account truth was skipped; counted and shown.
    Bad {
        /// Where.
        venue: VenueId,
        /// One sentence, sanitised.
        words: String,
    },
    /// An alarm of the venue's: liquidation, auto-deleveraging, margin call. Sanitised.
    Alarm {
        /// Whose and where.
        key: MarketKey,
        /// One sentence.
        words: String,
    },
}

/// What a feed tells beside book and prints. Bounded; never dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MarketFact {
    /// The venue's instruments, after connect and after a change.
    Instruments(std::sync::Arc<[Instrument]>),
    /// Mark price and funding of a symbol.
    Mark {
        /// Which.
        symbol: Symbol,
        /// Mark price, quote currency.
        mark: Decimal,
        /// Funding rate of the running interval as a fraction.
        funding: Decimal,
        /// Next funding, venue ms since 1970.
        next_funding_ms: i64,
    },
    /// Trading status of a symbol changed.
    Status {
        /// Which.
        symbol: Symbol,
        /// Now.
        status: super::TradingStatus,
    },
    /// The minutes before a symbol was followed, each of them over: at first, and once more when the minute in which following began is
    /// one of them. The later one replaces the first.
    Minutes {
        /// Which.
        symbol: Symbol,
        /// Oldest first, at most [`Minute::MOST`]. In one that is left out nothing was traded.
        minutes: std::sync::Arc<[Minute]>,
    },
    /// A message did not parse; counted and shown.
    Bad {
        /// One sentence, sanitised.
        words: String,
    },
    /// One line for the trader: connected, resynchronised, rate limit.
    Note {
        /// The words, sanitised.
        words: String,
    },
}
