//! What the wires of one venue have in common: Binance answers on futures and on spot by the same manners.
//!
//! Each wire brings its tables of calls, its streams and its own words; here is what reads, charges, checks and carries them.

use serde_json::Value;

use call::Row;
use gate::Gate;
use params::Params;

use super::fault::{How, What};
use super::wire::LineId;
use crate::domain::Asset;

pub mod call;
pub mod digits;
pub mod gate;
pub mod gathered;
pub mod limits;
pub mod lines;
pub mod params;
pub mod refused;
pub mod rest;
pub mod rights;
pub mod session;
pub mod sign;
pub mod tape;
pub mod ws_api;

#[cfg(test)]
pub mod client;
#[cfg(test)]
pub mod comparison;

/// One wire of the venue.
pub trait Venue: Sized + 'static {
    /// What a line can listen to.
    type Stream: Copy + PartialEq;
    /// Which of the stream addresses a line came in by.
    type Route: Copy + PartialEq;

    /// Everything that can be asked by REST.
    const ROWS: &'static [Row<Self>];
    /// Everything that can be asked by the WebSocket API.
    const METHODS: &'static [Row<Self>];
    /// What connecting to the WebSocket API costs.
    const CONNECT_WEIGHT: u32;
    /// The field of `apiRestrictions` that says whether a key may trade here.
    const TRADE_RIGHT: &'static str;

    /// Keys, limits, faults and lines.
    fn gate(&self) -> &Gate<Self>;
    /// The same, to be changed.
    fn gate_mut(&mut self) -> &mut Gate<Self>;
    /// Tells everyone what the market did since the last time.
    fn tell(&mut self, now: i64);
    /// Reads a stream's name; `None` when nothing goes by it on this route.
    fn stream(&self, name: &str, route: Self::Route) -> Option<Self::Stream>;
    /// What of a REST call is signed; `None` when it is not written as it has to be, so that no signature fits.
    fn rest_payload(query: &str, body: &str) -> Option<String>;
    /// True when a fault does not strike this call.
    fn spares(how: How, what: Option<What>, params: &Params) -> bool;
    /// The words of a code that a fault asks for, where they are not those of every wire.
    fn fault_text(code: i32) -> Option<&'static str>;
    /// What stands at an address that is not in [`Venue::ROWS`] but that clients look at on the way in.
    fn elsewhere(name: &str) -> Option<Value>;
    /// The session of a line has ended.
    fn session_ended(&mut self, now: i64, line: LineId);
}

/// The asset of every account.
pub fn usdt() -> Asset {
    // A name of four letters always fits.
    #[expect(clippy::expect_used, reason = "a constant that is a valid name")]
    Asset::new("USDT").expect("USDT is a valid name")
}
