//! One call, whichever door it came through: who may make it, how often, for how many things at once, and what does it.

use std::net::IpAddr;

use serde_json::{Value, json};

use super::Okx;
use super::error::Refused;
use super::ids;
use super::limits::{By, Limit};
use super::params::Params;
use crate::sim::fault::What;
use crate::sim::keys::Right;

/// A call as its handler sees it.
#[derive(Clone, Debug)]
pub struct Call {
    /// When it came, ms since 1970.
    pub now: i64,
    /// From where.
    pub ip: IpAddr,
    /// The key's place in the list; `None` on open calls.
    pub key: Option<usize>,
    /// It came over a socket, where instruments are called by their code.
    pub socket: bool,
    /// What is asked, once for each thing.
    pub items: Vec<Params>,
}

impl Call {
    /// What is asked of a call for one thing.
    ///
    /// # Errors
    /// 50014 when nothing is.
    pub fn one(&self) -> Result<&Params, Refused> {
        self.items.first().ok_or_else(|| Refused::empty("args"))
    }
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

impl Guard {
    /// The right that a key needs.
    pub const fn right(self) -> Option<Right> {
        match self {
            Self::Open => None,
            Self::Read => Some(Right::Read),
            Self::Trade => Some(Right::Trade),
        }
    }
}

/// What an answer holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// Rows.
    Rows(Vec<Value>),
    /// One row for each thing asked, each with its own `sCode`, and the times at the gateway.
    Orders(Vec<Value>),
    /// The same without the times.
    Algos(Vec<Value>),
}

impl Told {
    /// One row.
    pub fn row(row: Value) -> Self {
        Self::Rows(vec![row])
    }

    /// The JSON of a REST answer.
    pub fn body(self, now: i64) -> Value {
        match self {
            Self::Rows(rows) => json!({"code": "0", "msg": "", "data": rows}),
            Self::Algos(rows) => {
                let (code, msg) = verdict(&rows);
                json!({"code": code, "msg": msg, "data": rows})
            }
            Self::Orders(rows) => {
                let (code, msg) = verdict(&rows);
                let (inwards, outwards) = gateway(now);
                json!({"code": code, "msg": msg, "data": rows, "inTime": inwards, "outTime": outwards})
            }
        }
    }

    /// The rows.
    pub fn rows(self) -> Vec<Value> {
        match self {
            Self::Rows(rows) | Self::Orders(rows) | Self::Algos(rows) => rows,
        }
    }
}

/// `code` and `msg` over rows: "0" all went well, "1" none did, "2" some did.
pub fn verdict(rows: &[Value]) -> (&'static str, &'static str) {
    let good = rows.iter().filter(|row| row["sCode"] == "0").count();
    if good == rows.len() {
        ("0", "")
    } else if good == 0 {
        ("1", "All operations failed")
    } else {
        ("2", "Bulk operation partially succeeded.")
    }
}

/// `inTime` and `outTime`: when the gateway took the call and gave the answer, microseconds.
pub fn gateway(now: i64) -> (String, String) {
    let inwards = now.saturating_mul(1_000);
    (inwards.to_string(), inwards.saturating_add(400).to_string())
}

/// What does a call.
pub type Handler = fn(&mut Okx, &Call) -> Result<Told, Refused>;

/// One thing the exchange can be asked.
#[derive(Clone, Copy)]
pub struct Row {
    /// `GET /api/v5/public/time`
    pub name: &'static str,
    /// Who may ask.
    pub guard: Guard,
    /// How often.
    pub limit: Limit,
    /// For how many things at once.
    pub most: usize,
    /// New orders and changes count on the account's limit.
    pub counts: bool,
    /// The name under which faults strike it.
    pub what: Option<What>,
    /// What does it.
    pub handler: Handler,
}

/// A row for an open call; `most` in two seconds from an address.
pub const fn open(name: &'static str, most: u32, handler: Handler) -> Row {
    Row {
        name,
        guard: Guard::Open,
        limit: limit(name, most, By::Address),
        most: 1,
        counts: false,
        what: None,
        handler,
    }
}

/// A row for a question about the account.
pub const fn read(name: &'static str, most: u32, handler: Handler) -> Row {
    Row {
        guard: Guard::Read,
        limit: limit(name, most, By::User),
        what: Some(What::Query),
        ..open(name, most, handler)
    }
}

/// A row for something that needs the right to trade.
pub const fn trade(name: &'static str, most: u32, what: Option<What>, handler: Handler) -> Row {
    Row {
        guard: Guard::Trade,
        limit: limit(name, most, By::User),
        what,
        ..open(name, most, handler)
    }
}

/// A row for orders: counted by instrument, `things` at once.
pub const fn orders(
    name: &'static str,
    most: u32,
    things: usize,
    what: What,
    handler: Handler,
) -> Row {
    Row {
        limit: limit(name, most, By::Instrument),
        most: things,
        counts: !matches!(what, What::Cancel),
        ..trade(name, most, Some(what), handler)
    }
}

const fn limit(pool: &'static str, most: u32, by: By) -> Limit {
    Limit { pool, most, by }
}

impl Okx {
    /// Counts and does a call whose key has been looked at.
    pub(super) fn perform(&mut self, row: &Row, call: &Call) -> Result<Told, Refused> {
        let things = u32::try_from(call.items.len()).unwrap_or(u32::MAX);
        let instrument = call.items.first().map(|item| self.instrument_name(item));
        let instrument = instrument.unwrap_or_default();
        self.limits
            .count(call.now, row.limit, call.ip, &instrument, things.max(1))?;
        if let (Some(right), Some(key)) = (row.guard.right(), call.key) {
            self.check_right(key, right, call.now)?;
        }
        if call.items.len() > row.most {
            return Err(Refused::new(
                50025,
                format!("Parameter args count exceeds the limit {}", row.most),
            ));
        }
        if row.counts {
            self.limits.count_orders(call.now, things)?;
        }
        (row.handler)(self, call)
    }

    /// What a call names its instrument, by whichever name.
    fn instrument_name(&self, item: &Params) -> String {
        let by_code = || {
            let code = item.int("instIdCode").ok().flatten();
            let spec = code
                .and_then(ids::symbol_of)
                .and_then(|s| self.spec(s).ok());
            spec.map(|spec| spec.instrument.symbol.as_str().to_owned())
        };
        let name = item.get("instId").map(str::to_owned);
        name.or_else(by_code).unwrap_or_default()
    }
}
