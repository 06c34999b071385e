//! What a socket can be asked to say: channel names, the door that each belongs to, and what its argument narrows it to.

use serde_json::Value;

use crate::sim::market::{Market, SymbolNo};

/// Which address a socket was opened at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// `/ws/v5/public`
    Public,
    /// `/ws/v5/private`
    Private,
    /// `/ws/v5/business`
    Business,
}

impl Door {
    /// The door of a path.
    pub fn of(path: &str) -> Option<Self> {
        match path {
            "/ws/v5/public" => Some(Self::Public),
            "/ws/v5/private" => Some(Self::Private),
            "/ws/v5/business" => Some(Self::Business),
            _ => None,
        }
    }
}

/// Candle lengths by name, minutes (OKX, "Candlesticks channel").
pub const INTERVALS: [(&str, i64); 8] = [
    ("1m", 1),
    ("3m", 3),
    ("5m", 5),
    ("15m", 15),
    ("30m", 30),
    ("1H", 60),
    ("4H", 240),
    ("1Dutc", 1_440),
];

/// A candle's length by name.
pub fn interval(name: &str) -> Option<usize> {
    INTERVALS.iter().position(|(word, _)| *word == name)
}

/// Which instruments a private channel tells of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// One instrument; `None`: every one of the kind.
    pub symbol: Option<SymbolNo>,
    /// Spot instruments alone, or all others alone; `None`: both.
    pub spot: Option<bool>,
}

/// One channel with what it is narrowed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// `books`: 400 levels, a snapshot and what changes.
    Books(SymbolNo),
    /// `books5`: five levels whole.
    Books5(SymbolNo),
    /// `bbo-tbt`: the best level.
    Best(SymbolNo),
    /// `trades`: those of one taker at one price together.
    Trades(SymbolNo),
    /// `trades-all`: one by one.
    AllTrades(SymbolNo),
    /// `tickers`
    Ticker(SymbolNo),
    /// `mark-price`
    Mark(SymbolNo),
    /// `funding-rate`
    Funding(SymbolNo),
    /// `price-limit`
    Limits(SymbolNo),
    /// `candle…`, by its place in [`INTERVALS`].
    Candle(SymbolNo, usize),
    /// `instruments`
    Instruments,
    /// `status`
    Status,
    /// `orders`
    Orders(Scope),
    /// `positions`; true: again every five seconds.
    Positions(Scope, bool),
    /// `account`; true: again every five seconds.
    Account(bool),
    /// `balance_and_position`
    Both,
    /// `orders-algo`: one-way, one-cancels-the-other and trigger orders.
    Algos(Scope),
    /// `algo-advance`: trailing orders.
    Trails(Scope),
    /// `liquidation-warning`
    Warnings(Scope),
}

impl Topic {
    /// The door that it is said at.
    pub const fn door(&self) -> Door {
        match self {
            Self::Books(_)
            | Self::Books5(_)
            | Self::Best(_)
            | Self::Trades(_)
            | Self::Ticker(_)
            | Self::Mark(_)
            | Self::Funding(_)
            | Self::Limits(_)
            | Self::Instruments
            | Self::Status => Door::Public,
            Self::Orders(_)
            | Self::Positions(..)
            | Self::Account(_)
            | Self::Both
            | Self::Warnings(_) => Door::Private,
            Self::AllTrades(_) | Self::Candle(..) | Self::Algos(_) | Self::Trails(_) => {
                Door::Business
            }
        }
    }

    /// True for what only a socket that has logged in may hear.
    pub const fn is_private(&self) -> bool {
        matches!(self.door(), Door::Private) || matches!(self, Self::Algos(_) | Self::Trails(_))
    }
}

/// Why an argument names no channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoTopic {
    /// No such channel or instrument.
    Unknown,
    /// For people who trade more: VIP5 for `books-l2-tbt` and `fills`, VIP4 for `books50-l2-tbt`.
    Tier(u32),
}

/// The channel that an argument of `subscribe` names.
///
/// # Errors
/// [`NoTopic`].
pub fn topic(arg: &Value, market: &Market) -> Result<Topic, NoTopic> {
    let text = |name: &str| arg.get(name).and_then(Value::as_str);
    let symbol = text("instId").map(|name| market.symbol_no(name));
    let one = || symbol.flatten().ok_or(NoTopic::Unknown);
    let channel = text("channel").ok_or(NoTopic::Unknown)?;
    if let Some(at) = channel.strip_prefix("candle").and_then(interval) {
        return Ok(Topic::Candle(one()?, at));
    }
    Ok(match channel {
        "books" => Topic::Books(one()?),
        "books5" => Topic::Books5(one()?),
        "bbo-tbt" => Topic::Best(one()?),
        "trades" => Topic::Trades(one()?),
        "trades-all" => Topic::AllTrades(one()?),
        "tickers" => Topic::Ticker(one()?),
        "mark-price" => Topic::Mark(one()?),
        "funding-rate" => Topic::Funding(one()?),
        "price-limit" => Topic::Limits(one()?),
        "books-l2-tbt" => return Err(NoTopic::Tier(60029)),
        "books50-l2-tbt" => return Err(NoTopic::Tier(60030)),
        "fills" => return Err(NoTopic::Tier(64003)),
        "instruments" => Topic::Instruments,
        "status" => Topic::Status,
        "account" => Topic::Account(is_regular(arg)),
        "balance_and_position" => Topic::Both,
        "orders" => Topic::Orders(scope(arg, symbol)?),
        "positions" => Topic::Positions(scope(arg, symbol)?, is_regular(arg)),
        "orders-algo" => Topic::Algos(scope(arg, symbol)?),
        "algo-advance" => Topic::Trails(scope(arg, symbol)?),
        "liquidation-warning" => Topic::Warnings(scope(arg, symbol)?),
        _ => return Err(NoTopic::Unknown),
    })
}

/// `instType` has to be there; `instId` narrows it further.
fn scope(arg: &Value, symbol: Option<Option<SymbolNo>>) -> Result<Scope, NoTopic> {
    let spot = match arg.get("instType").and_then(Value::as_str) {
        Some("ANY") => None,
        Some("SPOT") => Some(true),
        Some("SWAP") => Some(false),
        // Instruments of other kinds are none of this exchange's: taken and silent would hide a mistake.
        _ => return Err(NoTopic::Unknown),
    };
    match symbol {
        Some(None) => Err(NoTopic::Unknown),
        Some(found) => Ok(Scope {
            symbol: found,
            spot,
        }),
        None => Ok(Scope { symbol: None, spot }),
    }
}

/// Said again every few seconds unless `extraParams` (JSON inside text) has `updateInterval` "0".
fn is_regular(arg: &Value) -> bool {
    let extra = arg.get("extraParams").and_then(Value::as_str);
    let extra: Option<Value> = extra.and_then(|text| serde_json::from_str(text).ok());
    let interval = extra.as_ref().and_then(|extra| extra.get("updateInterval"));
    interval.is_none_or(|interval| interval != "0" && interval != 0)
}
