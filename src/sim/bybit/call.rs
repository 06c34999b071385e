//! One call, whichever door it came through: whom it is for, what it is counted as, and what does it.

use serde_json::Value;

use super::Bybit;
use super::error::Refused;
use super::limits::Rate;
use super::params::Params;
use crate::sim::fault::What;

/// A call as its handler sees it.
#[derive(Clone, Debug)]
pub struct Call {
    /// When it came, ms since 1970.
    pub now: i64,
    /// Its parameters.
    pub params: Params,
    /// The key's place in the list; `None` on open calls.
    pub key: Option<usize>,
    /// How many orders of a batch the budget covers.
    pub granted: usize,
}

/// Who may make a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// Anybody.
    Open,
    /// Signed, with the right to read.
    Read,
    /// Signed, with the right to trade.
    Trade,
}

/// `result`, and `retExtInfo` where a batch says what became of each.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// `result`.
    pub result: Value,
    /// `retExtInfo`.
    pub each: Value,
}

impl From<Value> for Done {
    fn from(result: Value) -> Self {
        Self {
            result,
            each: Value::Object(serde_json::Map::new()),
        }
    }
}

/// What does a call.
#[derive(Clone, Copy)]
pub enum Handler {
    /// One thing.
    One(fn(&mut Bybit, &Call) -> Result<Value, Refused>),
    /// Several orders, each with its own outcome.
    Batch(fn(&mut Bybit, &Call) -> Result<Done, Refused>),
}

/// One thing the exchange can be asked.
#[derive(Clone, Copy)]
pub struct Row {
    /// `GET /v5/market/time`, or the operation's name on the trade socket.
    pub name: &'static str,
    /// Who may ask.
    pub guard: Guard,
    /// What it is counted as; open calls are counted by address alone.
    pub rate: Option<Rate>,
    /// The name under which faults strike it.
    pub what: Option<What>,
    /// What does it.
    pub handler: Handler,
}

/// A row for an open call.
pub const fn open(
    name: &'static str,
    handler: fn(&mut Bybit, &Call) -> Result<Value, Refused>,
) -> Row {
    Row {
        name,
        guard: Guard::Open,
        rate: None,
        what: None,
        handler: Handler::One(handler),
    }
}

/// A row for a question about the account, so many times a second.
pub const fn read(
    name: &'static str,
    second: usize,
    handler: fn(&mut Bybit, &Call) -> Result<Value, Refused>,
) -> Row {
    Row {
        name,
        guard: Guard::Read,
        rate: Some(Rate {
            name,
            linear: second,
            spot: second,
        }),
        what: Some(What::Query),
        handler: Handler::One(handler),
    }
}

/// A row for something that needs the right to trade.
pub const fn trade(
    name: &'static str,
    rate: Rate,
    what: Option<What>,
    handler: fn(&mut Bybit, &Call) -> Result<Value, Refused>,
) -> Row {
    Row {
        name,
        guard: Guard::Trade,
        rate: Some(rate),
        what,
        handler: Handler::One(handler),
    }
}

/// A row for several orders at once.
pub const fn batch(
    name: &'static str,
    rate: Rate,
    what: What,
    handler: fn(&mut Bybit, &Call) -> Result<Done, Refused>,
) -> Row {
    Row {
        name,
        guard: Guard::Trade,
        rate: Some(rate),
        what: Some(what),
        handler: Handler::Batch(handler),
    }
}
