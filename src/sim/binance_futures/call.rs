//! One call, whichever door it came through: what it may cost, who may make it, and the gate that checks both.

use std::net::IpAddr;

use serde_json::Value;

use super::error::Refused;
use super::limits::Pool;
use super::params::Params;
use super::{BinanceFutures, sign};
use crate::sim::fault::What;
use crate::sim::keys::Right;

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

const USUAL_WINDOW_MS: i64 = 5000;
const LONGEST_WINDOW_MS: i64 = 60_000;
const AHEAD_MS: i64 = 1000;

impl BinanceFutures {
    /// Charges, checks and does a call. Returns the weight used by the address in this minute.
    pub(super) fn perform(
        &mut self,
        row: &Row,
        call: &mut Call,
        api_key: Option<&str>,
        payload: &str,
    ) -> (u32, Result<Value, Refused>) {
        let pool = match call.door {
            Door::Rest => Pool::Rest,
            Door::WsApi => Pool::WsApi,
        };
        let weight = row.weight.of(&call.params);
        let (used, paid) = self.limits.spend(call.now, pool, call.ip, weight);
        let result = paid
            .and_then(|()| self.check(row.guard, call, api_key, payload))
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

    /// Key, rights, address, time and signature, in the order in which the venue complains.
    fn check(
        &self,
        guard: Guard,
        call: &Call,
        api_key: Option<&str>,
        payload: &str,
    ) -> Result<Option<usize>, Refused> {
        let right = match guard {
            Guard::Open => return Ok(None),
            Guard::Key | Guard::Read => Right::Read,
            Guard::Trade => Right::Trade,
        };
        let at = self.find_key(api_key, call.ip, right)?;
        if guard == Guard::Key {
            return Ok(Some(at));
        }
        check_time(&call.params, call.now)?;
        let signature = call.params.need("signature")?;
        if !sign::is_valid(&self.keys[at].api_secret, payload.as_bytes(), signature) {
            return Err(Refused::new(
                -1022,
                "Signature for this request is not valid.",
            ));
        }
        Ok(Some(at))
    }

    fn find_key(&self, api_key: Option<&str>, ip: IpAddr, right: Right) -> Result<usize, Refused> {
        let well_formed =
            |key: &&str| key.len() == 64 && key.bytes().all(|b| b.is_ascii_alphanumeric());
        let Some(name) = api_key.filter(well_formed) else {
            return Err(Refused::new(-2014, "API-key format invalid.").with_status(401));
        };
        self.keys
            .iter()
            .position(|key| {
                key.api_key == name && key.may(right) && key.ip.is_none_or(|bound| bound == ip)
            })
            .ok_or_else(|| {
                Refused::new(
                    -2015,
                    format!("Invalid API-key, IP, or permissions for action, request ip: {ip}"),
                )
                .with_status(401)
            })
    }
}

/// Accepted when `timestamp < server + 1000` and `server - timestamp <= recvWindow` (Binance, "Timing security").
fn check_time(params: &Params, now: i64) -> Result<(), Refused> {
    let sent = params
        .int("timestamp")?
        .ok_or_else(|| Refused::missing("timestamp"))?;
    let window = params.int("recvWindow")?.unwrap_or(USUAL_WINDOW_MS);
    if window > LONGEST_WINDOW_MS {
        return Err(Refused::new(-1131, "recvWindow must be less than 60000."));
    }
    if sent >= now.saturating_add(AHEAD_MS) {
        return Err(Refused::new(
            -1021,
            "Timestamp for this request was 1000ms ahead of the server's time.",
        ));
    }
    if now.saturating_sub(sent) > window {
        return Err(Refused::new(
            -1021,
            "Timestamp for this request is outside of the recvWindow.",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timed(query: &str) -> Result<(), i32> {
        let params = Params::from_pairs(query, "").unwrap();
        check_time(&params, 1_000_000).map_err(|refused| refused.code)
    }

    #[test]
    fn the_time_window_is_open_ahead_and_closed_behind() {
        assert_eq!(timed("timestamp=1000999"), Ok(()));
        assert_eq!(timed("timestamp=1001000"), Err(-1021));
        assert_eq!(timed("timestamp=995000"), Ok(()));
        assert_eq!(timed("timestamp=994999"), Err(-1021));
        assert_eq!(timed("timestamp=994999&recvWindow=6000"), Ok(()));
        assert_eq!(timed("timestamp=1000000&recvWindow=60001"), Err(-1131));
        assert_eq!(timed("recvWindow=5000"), Err(-1102));
        assert_eq!(timed("timestamp=yesterday"), Err(-1102));
    }

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
