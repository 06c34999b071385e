//! The plain data that a frame is drawn from. Built once a turn by the app; panels read nothing else.

mod build;

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::domain::message::Balance;
use crate::domain::{
    BookState, Depth, Environment, Fill, Instrument, MarketKey, OrderStatus, Price, Print, Qty,
    Side, Stamp,
};
use crate::engine::effect::Loudness;

pub use build::{Beside, of};

/// May keys open or add?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ArmState {
    /// Yes.
    Armed,
    /// Keys that reduce or cancel work, keys that open or add do not.
    ExitsOnly,
    /// Only panic works.
    #[default]
    Locked,
}

/// One own order as drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRow {
    /// Buy or sell.
    pub side: Side,
    /// Limit, ticks; `None` for market.
    pub price: Option<Price>,
    /// Trigger, ticks, of a conditional order.
    pub trigger: Option<Price>,
    /// A price asked for by an amend that is not answered or unknown, ticks.
    pub amending_to: Option<Price>,
    /// Not filled yet, lots.
    pub remaining: Qty,
    /// Total, lots.
    pub total: Qty,
    /// Can only reduce.
    pub exit: bool,
    /// What is proved.
    pub status: OrderStatus,
    /// A cancel is on its way.
    pub cancelling: bool,
    /// It carries a stop that Lancet moves after the price.
    pub follows: bool,
    /// What runs with it: `chase 3/20`, `lean 12.4`, `oco`; empty when nothing does.
    pub plan: String,
    /// Not placed by Lancet.
    pub external: bool,
    /// Selected by the select key.
    pub selected: bool,
    /// Size ahead in the queue, lots, an estimate; `None` when not known.
    pub ahead: Option<Qty>,
    /// When its state last changed.
    pub since: Stamp,
}

/// The position as drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PositionRow {
    /// True before the venue was asked: no report is not flat.
    pub unread: bool,
    /// Signed, instrument's unit; the venue's number.
    pub size: Decimal,
    /// Average entry, quote.
    pub entry: Decimal,
    /// Open profit at the side I would exit on, quote; `None` when flat or unmarked.
    pub open: Option<Decimal>,
    /// The same in ticks from the average entry, rounded.
    pub open_ticks: Option<i64>,
    /// The same as a fraction of the entry notional.
    pub open_fraction: Option<Decimal>,
    /// Realised in the session, fees not taken off, quote.
    pub realised: Decimal,
    /// Fees paid in the session.
    pub fees: Decimal,
    /// Funding of the session, positive when received.
    pub funding: Decimal,
    /// Price at which closing now leaves nothing lost, entry and exit fees included; quote.
    pub break_even: Option<Decimal>,
    /// Liquidation estimate, quote.
    pub liquidation: Option<Decimal>,
    /// Our fills and the venue differ.
    pub mismatch: bool,
    /// Size under one lot or the minimum notional.
    pub dust: bool,
    /// An order of unknown outcome counts in the exposure.
    pub unknown: bool,
    /// A stop is wanted and not proved to stand.
    pub naked: bool,
}

/// What a likely key would do now, in words made by the desk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hint {
    /// Action name in `ACTIONS`; the key is looked up in the keymap.
    pub action: &'static str,
    /// `BUY 0.05 rests 61 240.4, 0.6 ahead, fee 0.61 → LONG 0.200 @ 61 195.1`
    pub words: String,
}

/// One working volume.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Volume {
    /// How it is given, where that is relative (`5%`); empty where it is an amount.
    pub given: String,
    /// What it comes to now, lots, after rounding; `None` while that cannot be told.
    pub qty: Option<Qty>,
}

/// One ladder's data.
#[derive(Clone, Debug, Default)]
pub struct MarketView {
    /// Which market; `None` before one is chosen.
    pub key: Option<MarketKey>,
    /// Its rules; `None` until the venue told them.
    pub instrument: Option<Arc<Instrument>>,
    /// Book picture; `None` until the first.
    pub depth: Option<Arc<Depth>>,
    /// State as of now: the depth's own, or worse when its line went unproved since.
    pub state: Option<BookState>,
    /// Milliseconds since the book last changed.
    pub quiet_ms: u64,
    /// Venue time to arrival of the last message, ms.
    pub lag_ms: i64,
    /// Last trade.
    pub last: Option<Print>,
    /// Latest prints, newest first, at most 200.
    pub prints: Arc<[Print]>,
    /// Prints dropped because the desk was behind.
    pub dropped: u64,
    /// Mark price, quote.
    pub mark: Option<Decimal>,
    /// Funding rate of the interval as a fraction, and ms until it is booked.
    pub funding: Option<(Decimal, i64)>,
    /// Own orders, entries and exits.
    pub orders: Vec<OrderRow>,
    /// Own position.
    pub position: PositionRow,
    /// Own fills of the session, newest first, at most 100.
    pub fills: Vec<Fill>,
    /// Leverage and margin mode words (`10x cross`), empty when unknown.
    pub margin: String,
    /// Maker and taker fee fractions.
    pub fees: Option<(Decimal, Decimal)>,
    /// Working volumes.
    pub volumes: Vec<Volume>,
    /// Which volume is chosen, 1 to 5.
    pub volume: u8,
    /// What the likely keys would do.
    pub hints: Vec<Hint>,
    /// Highest and lowest trade seen in about two minutes, ticks: the default zoom shows them.
    pub range: Option<(Price, Price)>,
}

/// Send to acknowledgement, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AckTimes {
    /// Median.
    pub p50_us: u64,
    /// 99th percentile.
    pub p99_us: u64,
    /// How many were measured.
    pub count: u64,
}

/// A line for the trader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How loud.
    pub loudness: Loudness,
    /// Words.
    pub words: String,
    /// When.
    pub at: Stamp,
    /// How often it repeated.
    pub count: u32,
}

/// Everything that a frame needs.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// The moment it stands for.
    pub now: Stamp,
    /// Which world the money is in.
    pub environment: Environment,
    /// The venue's addresses are the user's own, for a test: shown in alarm colours.
    pub is_unsafe: bool,
    /// Venue title and account label.
    pub venue: String,
    /// The account.
    pub account: String,
    /// The focused ladder.
    pub market: MarketView,
    /// Symbols that can be opened, for the search.
    pub symbols: Arc<[String]>,
    /// Armed or not.
    pub arm: ArmState,
    /// Why not armed, in a word or two; empty when armed.
    pub arm_why: String,
    /// What arming means: `main at Binance futures: order up to 5 000, …`; shown while the arming chord waits.
    pub arm_line: String,
    /// Seconds until idle ends the armed state, in its last minute.
    pub idle_countdown: Option<u64>,
    /// Orders are acknowledged in.
    pub acks: AckTimes,
    /// Round trip to the terminal, ms.
    pub terminal_ms: Option<u64>,
    /// Host clock against the venue, ms, shown when it matters.
    pub clock_offset_ms: Option<i64>,
    /// Account line words (`in sync`, `reconciling`, `down`), empty when in sync.
    pub account_state: String,
    /// What must stay in sight about the key; usually empty.
    pub key_words: String,
    /// Balances.
    pub balances: Vec<Balance>,
    /// Session result over all symbols: realised − fees + funding, settle currency.
    pub session: Decimal,
    /// Round trips of the session.
    pub trips: u32,
    /// Messages that did not parse.
    pub bad_messages: u64,
    /// Orders in flight or unknown on other symbols or accounts: `ETHUSDT: 1 unknown`.
    pub elsewhere: Vec<String>,
    /// Latest notices, newest first, at most 50.
    pub notices: Vec<Notice>,
}

#[cfg(test)]
mod tests;
