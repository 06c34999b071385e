//! One call, whichever door it came through: what it costs, whom it is for, and the gate in front of it.

use std::net::IpAddr;

use serde_json::Value;

use super::BinanceFutures;
use super::asked::{read_leg, read_side};
use super::error::Refused;
use super::limits::Pool;
use super::params::Params;
use super::rights::Who;
use crate::sim::fault::{How, What};
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
}

/// What a call costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Always this much.
    Fixed(u32),
    /// For one symbol, or for all.
    Symbol(u32, u32),
    /// By the `limit` of a book.
    Book,
    /// By the `limit` of candles.
    Candles,
}

impl Weight {
    fn of(self, params: &Params) -> u32 {
        let limit = || params.int("limit").ok().flatten().unwrap_or(500);
        match self {
            Self::Fixed(weight) => weight,
            Self::Symbol(one, all) => match params.get("symbol") {
                Some(_) => one,
                None => all,
            },
            Self::Book => match limit() {
                ..=50 => 2,
                51..=100 => 5,
                101..=500 => 10,
                _ => 20,
            },
            Self::Candles => match limit() {
                ..=99 => 1,
                100..=499 => 2,
                500..=1000 => 5,
                _ => 10,
            },
        }
    }
}

/// What does a call.
pub type Handler = fn(&mut BinanceFutures, &Call) -> Result<Value, Refused>;

/// One thing the exchange can be asked.
#[derive(Clone, Copy)]
pub struct Row {
    /// `GET /fapi/v1/time`, or the method's name on the WebSocket API.
    pub name: &'static str,
    /// Who may ask.
    pub guard: Guard,
    /// What it costs the address.
    pub weight: Weight,
    /// What it counts on the ten-second and the minute limit of orders.
    pub orders: (u32, u32),
    /// The name under which faults strike it.
    pub what: Option<What>,
    /// What does it.
    pub handler: Handler,
}

/// A row for an open call.
pub const fn open(name: &'static str, weight: Weight, handler: Handler) -> Row {
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
pub const fn read(name: &'static str, weight: Weight, handler: Handler) -> Row {
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
pub const fn trade(
    name: &'static str,
    weight: u32,
    orders: (u32, u32),
    what: Option<What>,
    handler: Handler,
) -> Row {
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
pub const fn keyed(name: &'static str, handler: Handler) -> Row {
    Row {
        name,
        guard: Guard::Key,
        weight: Weight::Fixed(1),
        orders: (0, 0),
        what: None,
        handler,
    }
}

impl BinanceFutures {
    /// Charges, checks and does a call. Returns the weight used by the address in this minute.
    pub(super) fn perform(
        &mut self,
        row: &Row,
        call: &mut Call,
        who: &Who,
    ) -> (u32, Result<Value, Refused>) {
        let pool = match call.door {
            Door::Rest => Pool::Rest,
            Door::WsApi => Pool::WsApi,
        };
        let weight = row.weight.of(&call.params);
        let (used, paid) = self.limits.spend(call.now, pool, call.ip, weight);
        let result = paid
            .and_then(|()| self.check(row.guard, call, who))
            .and_then(|key| {
                call.key = key;
                if row.orders == (0, 0) {
                    return Ok(());
                }
                self.limits
                    .count_orders(call.now, row.orders.0, row.orders.1)
            })
            .and_then(|()| (row.handler)(self, call));
        (used, result)
    }
}

/// True when a fault does not strike this call: an overload (-1008) spares cancels, reduce-only and close-position orders
/// (Binance, General Info, HTTP 503).
pub(super) fn is_spared(how: How, what: Option<What>, params: &Params) -> bool {
    let says = |name| params.flag(name).ok().flatten() == Some(true);
    let closes = || match (read_leg(params), read_side(params)) {
        (Ok(leg), Ok(side)) => leg.only_closes(side),
        _ => false,
    };
    how == How::Code(-1008)
        && (what == Some(What::Cancel) || says("reduceOnly") || says("closePosition") || closes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_book_costs_by_its_depth() {
        let cost = |query| Weight::Book.of(&Params::from_pairs(query, "").unwrap());
        assert_eq!(
            [
                cost("limit=5"),
                cost("limit=100"),
                cost(""),
                cost("limit=1000")
            ],
            [2, 5, 10, 20]
        );
    }
}
