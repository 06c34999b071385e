//! One call, whichever door it came through: what it costs, whom it is for, and the gate in front of it.

use std::net::IpAddr;

use serde_json::Value;

use super::Venue;
use super::limits::Pool;
use super::params::Params;
use super::refused::Refused;
use super::rights::{self, Who};
use crate::sim::fault::What;
use crate::sim::wire::LineId;

/// Which door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// HTTP.
    Rest,
    /// The WebSocket API.
    WsApi,
}

/// A call as its handler sees it.
#[derive(Clone, Debug)]
pub struct Call {
    /// When it came, ms since 1970.
    pub now: i64,
    /// From where.
    pub ip: IpAddr,
    /// Which door.
    pub door: Door,
    /// The line it came on; `None` on REST.
    pub line: Option<LineId>,
    /// Its parameters.
    pub params: Params,
    /// The key's place in the list; `None` on open calls.
    pub key: Option<usize>,
}

impl Call {
    /// `startTime` and `endTime`, ms; everything when absent.
    ///
    /// # Errors
    /// -1102 when they are no numbers.
    pub fn span(&self) -> Result<(i64, i64), Refused> {
        Ok((
            self.params.int("startTime")?.unwrap_or(0),
            self.params.int("endTime")?.unwrap_or(i64::MAX),
        ))
    }
}

/// Who may make a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// Anybody.
    Open,
    /// Anybody with a key; nothing is signed.
    Key,
    /// Signed, with the right to read.
    Read,
    /// Signed, with the right to trade.
    Trade,
    /// Signed with an Ed25519 key, which the line goes on with.
    Logon,
    /// A line that has logged on; nothing is signed.
    Session,
}

/// What a call costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Always this much.
    Fixed(u32),
    /// With one of these parameters, or without.
    With(&'static [&'static str], u32, u32),
    /// By the number of rows that `limit` asks for.
    Rows {
        /// The limit of a call that names none.
        usual: i64,
        /// Weights up to a limit, the smallest first.
        steps: &'static [(i64, u32)],
        /// The weight of more than that.
        above: u32,
    },
}

impl Weight {
    fn of(self, params: &Params) -> u32 {
        match self {
            Self::Fixed(weight) => weight,
            Self::With(names, there, absent) => {
                if names.iter().any(|name| params.get(name).is_some()) {
                    there
                } else {
                    absent
                }
            }
            Self::Rows {
                usual,
                steps,
                above,
            } => {
                let limit = params.int("limit").ok().flatten().unwrap_or(usual);
                let step = steps.iter().find(|(most, _)| limit <= *most);
                step.map_or(above, |(_, weight)| *weight)
            }
        }
    }
}

/// What does a call.
pub type Handler<V> = fn(&mut V, &Call) -> Result<Value, Refused>;

/// One thing the exchange can be asked.
pub struct Row<V> {
    /// `GET /fapi/v1/time`, or the method's name on the WebSocket API.
    pub name: &'static str,
    /// Who may ask.
    pub guard: Guard,
    /// What it costs the address.
    pub weight: Weight,
    /// What it counts on the short and the long limit of orders.
    pub orders: (u32, u32),
    /// The name under which faults strike it.
    pub what: Option<What>,
    /// What does it.
    pub handler: Handler<V>,
}

/// A row for an open call.
pub const fn open<V>(name: &'static str, weight: Weight, handler: Handler<V>) -> Row<V> {
    Row {
        name,
        guard: Guard::Open,
        weight,
        orders: (0, 0),
        what: None,
        handler,
    }
}

/// A row for a question about the account.
pub const fn read<V>(name: &'static str, weight: Weight, handler: Handler<V>) -> Row<V> {
    Row {
        name,
        guard: Guard::Read,
        weight,
        orders: (0, 0),
        what: Some(What::Query),
        handler,
    }
}

/// A row for something that needs the right to trade.
pub const fn trade<V>(
    name: &'static str,
    weight: u32,
    orders: (u32, u32),
    what: Option<What>,
    handler: Handler<V>,
) -> Row<V> {
    Row {
        name,
        guard: Guard::Trade,
        weight: Weight::Fixed(weight),
        orders,
        what,
        handler,
    }
}

/// A row for a call with a key and no signature.
pub const fn keyed<V>(name: &'static str, handler: Handler<V>) -> Row<V> {
    Row {
        name,
        guard: Guard::Key,
        weight: Weight::Fixed(1),
        orders: (0, 0),
        what: None,
        handler,
    }
}

/// Charges, checks and does a call. Returns the weight used by the address in this minute.
pub fn perform<V: Venue>(
    venue: &mut V,
    row: &Row<V>,
    call: &mut Call,
    who: &Who,
) -> (u32, Result<Value, Refused>) {
    let pool = match call.door {
        Door::Rest => Pool::Rest,
        Door::WsApi => Pool::WsApi,
    };
    let weight = row.weight.of(&call.params);
    let limits = &mut venue.gate_mut().limits;
    let (used, paid) = limits.spend(call.now, pool, call.ip, weight);
    let result = paid
        .and_then(|()| rights::check(&venue.gate().keys, row.guard, call, who))
        .and_then(|key| {
            call.key = key;
            if row.orders == (0, 0) {
                return Ok(());
            }
            let limits = &mut venue.gate_mut().limits;
            limits.count_orders(call.now, row.orders)
        })
        .and_then(|()| (row.handler)(venue, call));
    (used, result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_book_costs_by_its_depth() {
        let book = Weight::Rows {
            usual: 500,
            steps: &[(50, 2), (100, 5), (500, 10)],
            above: 20,
        };
        let cost = |query| book.of(&Params::from_pairs(query, "").unwrap());
        let costs = ["limit=5", "limit=100", "", "limit=1000"].map(cost);
        assert_eq!(costs, [2, 5, 10, 20]);
    }
}
