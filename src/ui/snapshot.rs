//! The plain data that a frame is drawn from. Built once a turn by the app; panels read nothing else.

mod build;
mod leader;
mod playing;
mod prints;
mod viewed;

use std::collections::VecDeque;
use std::sync::Arc;

use rust_decimal::Decimal;

use crate::alerts::{self, Mark};
use crate::domain::message::Balance;
use crate::domain::{
    BookState, Depth, Environment, Fill, Instrument, Leg, MarketKey, OrderStatus, Price, Print,
    Qty, Side, Stamp, Symbol, VenueId,
};
use crate::engine::diary::Sheet;
use crate::engine::diary::trip::Trip;
use crate::engine::effect::Loudness;
use crate::engine::equity::Equity;
use crate::engine::hint;
use crate::market::drift::Change;

use crate::engine::line::told::Told;
use crate::market::change::Changed;
use crate::market::clusters::Columns;
use crate::market::flow::FlowView;
use crate::market::iceberg::Suspect;
use crate::market::pace::PaceView;
use crate::market::sizes::{Rows, ZOOMS};
use crate::market::tape::TapeView;
use crate::market::traded::AtPrice;
use crate::market::{candles, heat};
use crate::ui::view::View;

pub use build::{Beside, elsewhere, of, tab, worst};
pub use leader::leader;
pub use playing::{LiveAccount, LiveLadder, PartCard, PlayState, Playing, TripCard, TurnCard};
pub use viewed::{add_viewed, log};

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

/// The plan of a stop that Lancet itself carries, where the venue has none.
pub const BY_LANCET: &str = "own stop";

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
    /// The venue moves it after the price, so many basis points behind: its trigger is an estimate.
    pub trails: Option<u32>,
    /// What runs with it: `chase 3/20`, `lean 12.4`, `oco`; empty when nothing does.
    pub plan: String,
    /// Not placed by Lancet.
    pub external: bool,
    /// Selected by the select key.
    pub selected: bool,
    /// Size ahead in the queue, lots, an estimate; `None` when not known.
    pub ahead: Option<Qty>,
    /// Where the wall is that it leans on, ticks.
    pub wall: Option<Price>,
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

/// The leg of a hedge account that exits do not close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OtherLeg {
    /// Which.
    pub leg: Leg,
    /// Signed, instrument's unit.
    pub size: Decimal,
    /// Average entry, quote.
    pub entry: Decimal,
    /// A stop is wanted and not proved to stand.
    pub naked: bool,
}

/// What one key did, as drawn in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogRow {
    /// When the key came, host wall clock, ms since 1970.
    pub at_ms: i64,
    /// Action name in `ACTIONS`.
    pub action: &'static str,
    /// Of which market.
    pub symbol: Symbol,
    /// What it came to: an order, cancels, a refusal.
    pub words: String,
    /// Key to its commands handed to the socket, µs.
    pub written_us: Option<u64>,
    /// Key to the venue's first word on all of them, µs.
    pub acked_us: Option<u64>,
    /// Key to the first and to the latest fill, µs.
    pub filled_us: Option<(u64, u64)>,
    /// How it ended.
    pub end: LogEnd,
}

/// How what a key did ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogEnd {
    /// As its times say, so far.
    Open,
    /// Its order ended with nothing filled.
    Nothing,
    /// Its order ended with a part filled.
    Part,
    /// Not proved either way.
    Unknown,
    /// Refused by the venue or never sent, in words.
    Refused(String),
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
    /// It is looked at only: no key opens or adds.
    pub view_only: bool,
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
    /// The prints merged into rows, where a panel shows them.
    pub tape: Option<Arc<TapeView>>,
    /// How fast it trades, likewise.
    pub pace: Option<PaceView>,
    /// Where it leans, likewise.
    pub flow: Option<Arc<FlowView>>,
    /// Prints dropped because the desk was behind.
    pub dropped: u64,
    /// Mark price, quote.
    pub mark: Option<Decimal>,
    /// Funding rate of the interval as a fraction, and ms until it is booked.
    pub funding: Option<(Decimal, i64)>,
    /// Own orders, entries and exits.
    pub orders: Vec<OrderRow>,
    /// Own position; of a hedge account the leg that exits close.
    pub position: PositionRow,
    /// The other leg of a hedge account.
    pub other_leg: Option<OtherLeg>,
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
    pub hints: Vec<hint::Line>,
    /// The columns of the footprint in the chosen time frame, while a panel shows them.
    pub clusters: Option<Columns>,
    /// The candles of the chosen time frame, while a panel shows them.
    pub candles: Option<candles::Picture>,
    /// Resting liquidity over time, while a panel shows it.
    pub heat: Option<heat::Picture>,
    /// Highest and lowest trade seen in about two minutes, ticks: the default zoom shows them.
    pub range: Option<(Price, Price)>,
    /// The trader's signal levels, lowest first.
    pub levels: Arc<[Mark]>,
    /// Lowest and highest trade since the symbol is followed, ticks.
    pub extremes: Option<(Price, Price)>,
    /// Volume at price since the symbol is followed.
    pub session_volume: Option<Arc<AtPrice>>,
    /// The same of the latest minutes.
    pub recent_volume: Option<Arc<AtPrice>>,
    /// The book now and a second ago.
    pub changed: Option<Changed>,
    /// What is usual and large among row sizes, one entry a zoom.
    pub sizes: Option<Arc<[Rows; ZOOMS.len()]>>,
    /// Suspected icebergs.
    pub icebergs: Arc<[Suspect]>,
}

/// The diary as drawn.
#[derive(Clone, Debug, Default)]
pub struct DiaryView {
    /// This session's trips, newest first, at most 200.
    pub latest: Arc<VecDeque<Arc<Trip>>>,
    /// What they come to, by currency.
    pub session: Arc<Sheet>,
    /// The same of all sessions; `None` until the earlier ones were read.
    pub ever: Option<Arc<Sheet>>,
    /// Tags, the one last used first.
    pub tags: Arc<Vec<String>>,
    /// The open trip's tag and note; empty where it has none.
    pub open: (String, String),
}

/// One open ladder as the strip shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tab {
    /// Which market.
    pub symbol: Symbol,
    /// The venue's name on the screen.
    pub venue: String,
    /// It has the keys.
    pub has_keys: bool,
    /// The sign of its position: 1 long, -1 short, 0 flat or dust.
    pub sign: i8,
    /// Own orders that are not proved to have ended.
    pub orders: usize,
    /// May keys open or add there?
    pub arm: ArmState,
    /// What is wrong there, in a word; empty when nothing is.
    pub trouble: &'static str,
}

/// One page of ladders as the strip shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageTab {
    /// Its name.
    pub name: String,
    /// It is on the screen.
    pub is_in_front: bool,
    /// Something is held on one of its ladders.
    pub has_position: bool,
    /// Own orders on its ladders that are not proved to have ended.
    pub orders: usize,
    /// The worst that is wrong on one of them, in a word; empty when nothing is.
    pub trouble: &'static str,
}

/// The symbol that leads a ladder, as the line over it shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Leader {
    /// Which.
    pub symbol: Symbol,
    /// Its rules, once known.
    pub instrument: Option<Arc<Instrument>>,
    /// The last trade.
    pub last: Option<Print>,
    /// Since a minute ago.
    pub minute: Option<Change>,
    /// Since Lancet first saw it.
    pub session: Option<Change>,
    /// The last large trades, newest first.
    pub large: Vec<Print>,
    /// Its book is whole and proved.
    pub is_live: bool,
}

/// A ladder that does not have the keys, while something of it is on the screen.
#[derive(Clone, Debug, Default)]
pub struct SideLadder {
    /// Its place among the open ladders, from 0.
    pub at: usize,
    /// Its data.
    pub snapshot: Snapshot,
    /// How it stands.
    pub view: View,
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

/// The list of what happened on every market.
#[derive(Clone, Debug, Default)]
pub struct Alerted {
    /// Newest first, at most 200.
    pub rows: Arc<[Arc<alerts::Row>]>,
    /// Rows that came since the trader looked.
    pub unread: usize,
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
    /// The account's round trips.
    pub diary: DiaryView,
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
    /// The session's result over time, while a panel shows it.
    pub equity: Option<Equity>,
    /// Messages that did not parse.
    pub bad_messages: u64,
    /// Orders in flight or unknown on other symbols or accounts: `ETHUSDT: 1 unknown`.
    pub elsewhere: Vec<String>,
    /// What is held and rests on other ladders and venues: `okx: BTC-USDT position 0.5`; asked about before the end.
    pub left_open: Vec<String>,
    /// The open ladders, where there are several.
    pub strip: Vec<Tab>,
    /// The pages, where there are several.
    pub pages: Vec<PageTab>,
    /// The symbol that leads this ladder, where one does.
    pub leader: Option<Leader>,
    /// Symbols of the other venues that are open, each list with its venue's id.
    pub others: Vec<(VenueId, Arc<[String]>)>,
    /// The ladders of which something stands beside the one with the keys.
    pub beside: Vec<Arc<SideLadder>>,
    /// What the latest keys did, newest first, while the log is open.
    pub log: Vec<LogRow>,
    /// Looser limits that wait: `risk.max_position of BTCUSDT goes to 2 at 14:35 UTC`.
    pub pending: Vec<String>,
    /// Latest notices, newest first, at most 50.
    pub notices: Vec<Notice>,
    /// What happened on every market, the trader's own list.
    pub alerts: Alerted,
    /// What is to be said of the line that is being typed.
    pub told: Told,
    /// How the recording stands that all of this is of; `None`: it is the market of now.
    pub playing: Option<Arc<Playing>>,
}

/// The moment of a frame that lies as long before it as `at` lies before `now`: its clocks may be a recording's.
pub const fn as_long_ago(now: Stamp, at: Stamp, frame: Stamp) -> Stamp {
    let ago = now.since(at);
    Stamp {
        mono_ns: frame.mono_ns.saturating_sub(ago),
        wall_ns: at.wall_ns,
    }
}

#[cfg(test)]
mod tests;
