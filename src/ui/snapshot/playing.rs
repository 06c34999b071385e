//! How a recording stands that is drawn instead of the market of now, and what is to be said of the trip that it shows.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::ArmState;

/// Whether it goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlayState {
    /// It goes on.
    #[default]
    Playing,
    /// It stands still by wish.
    Paused,
    /// All of it was shown.
    Ended,
    /// It is on its way to another moment.
    Seeking,
}

/// How a recording stands; times are wall clock, ms since 1970.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Playing {
    /// From where on it is shown.
    pub from_ms: i64,
    /// To where.
    pub to_ms: i64,
    /// What is shown.
    pub at_ms: i64,
    /// Times the recorded speed.
    pub speed: u32,
    /// Whether it goes on.
    pub state: PlayState,
    /// How often it leapt to another moment.
    pub leaps: u64,
    /// When one traded, and whether one bought.
    pub trades: Arc<[(i64, bool)]>,
    /// The key that was pressed just then; empty for none.
    pub key: String,
    /// The trip that it is about.
    pub card: Option<Arc<TripCard>>,
    /// The account that goes on meanwhile; `None` where there is none.
    pub live: Option<LiveAccount>,
}

/// The live account while a recording covers it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LiveAccount {
    /// May keys open and add, once back?
    pub arm: ArmState,
    /// Each ladder with something to say.
    pub ladders: Vec<LiveLadder>,
    /// What is held and rests where there is no ladder, in words.
    pub elsewhere: Vec<String>,
}

/// What is held and rests on a live ladder, and what is wrong there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LiveLadder {
    /// The symbol.
    pub symbol: String,
    /// The sign of its position: 1 long, -1 short, 0 flat.
    pub sign: i8,
    /// Size without its sign, as text; empty when flat.
    pub size: String,
    /// Open profit, quote.
    pub open: Option<Decimal>,
    /// Own orders that may still change.
    pub orders: usize,
    /// What is wrong, in a word; empty when nothing is.
    pub trouble: &'static str,
}

/// What the keys of a trip promised, and what came of it. Numbers are texts in the market's own steps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TripCard {
    /// `LONG 0.050 BTCUSDT`.
    pub what: String,
    /// It is not closed yet.
    pub is_open: bool,
    /// Between its first and its last fill, ms.
    pub held_ms: u64,
    /// The order that opened it.
    pub entry: TurnCard,
    /// The order that closed it, or reduced it last.
    pub exit: Option<TurnCard>,
    /// Realised, quote currency, fees not taken off.
    pub gross: Decimal,
    /// Fees paid, settle currency.
    pub fees: Decimal,
    /// The worst and the best that it stood at, gross, quote currency.
    pub extremes: Option<(Decimal, Decimal)>,
    /// The currency of all of these.
    pub currency: String,
}

/// One order of a trip.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TurnCard {
    /// When it first filled, ms since 1970.
    pub at_ms: i64,
    /// The action whose key sent it; empty where no key did.
    pub action: String,
    /// `BUY`.
    pub side: &'static str,
    /// What it promised: size, average, fee; `None` where no key did.
    pub promised: Option<PartCard>,
    /// What it got.
    pub got: PartCard,
    /// It gave liquidity.
    pub is_maker: bool,
    /// Ticks that the average is worse than promised; negative: better.
    pub slipped_ticks: Option<i64>,
    /// Key to the venue's first word, µs.
    pub acked_us: Option<u64>,
    /// Key to its first fill, µs.
    pub filled_us: Option<u64>,
}

/// Size, average and fee.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartCard {
    /// Size.
    pub qty: String,
    /// Average price.
    pub average: String,
    /// Fee.
    pub fee: Option<Decimal>,
}
