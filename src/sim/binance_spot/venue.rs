//! What makes this exchange one of the venue's wires: its tables, its streams, its doors.

use std::net::IpAddr;

use serde_json::Value;

use super::streams::{self, Stream};
use super::{BinanceSpot, calls};
use crate::sim::binance::Venue;
use crate::sim::binance::call::Row;
use crate::sim::binance::gate::Gate;
use crate::sim::binance::lines::{self, MOST_STREAMS, Use, want};
use crate::sim::binance::params::Params;
use crate::sim::binance::{sign, ws_api};
use crate::sim::fault::{How, What};
use crate::sim::wire::LineId;

impl Venue for BinanceSpot {
    type Stream = Stream;
    type Route = ();

    const ROWS: &'static [Row<Self>] = calls::ROWS;
    const METHODS: &'static [Row<Self>] = calls::METHODS;
    const CONNECT_WEIGHT: u32 = 2;
    const TRADE_RIGHT: &'static str = "enableSpotAndMarginTrading";

    fn gate(&self) -> &Gate<Self> {
        &self.gate
    }

    fn gate_mut(&mut self) -> &mut Gate<Self> {
        &mut self.gate
    }

    fn tell(&mut self, now: i64) {
        self.tell_all(now);
    }

    fn stream(&self, name: &str, (): ()) -> Option<Stream> {
        streams::parse(name, &self.bourse.market)
    }

    /// Since 2026-01-15 what is signed has to be percent-encoded; else no signature is valid (Binance, change log 2025-12-17).
    fn rest_payload(query: &str, body: &str) -> Option<String> {
        Some(sign::rest_payload(query, body)).filter(|payload| is_encoded(payload))
    }

    /// An overload spares cancels; there is no reduce-only here.
    fn spares(how: How, what: Option<What>, _params: &Params) -> bool {
        how == How::Code(-1008) && what == Some(What::Cancel)
    }

    fn fault_text(code: i32) -> Option<&'static str> {
        Some(match code {
            -1003 => {
                "Too much request weight used; current limit is 6000 request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API."
            }
            -1008 => {
                "Server is currently overloaded with other requests. Please try again in a few minutes."
            }
            -2010 => "Account has insufficient balance for requested action.",
            _ => return None,
        })
    }

    fn elsewhere(name: &str) -> Option<Value> {
        calls::elsewhere(name)
    }

    fn session_ended(&mut self, now: i64, line: LineId) {
        self.end_session_stream(now, line);
    }
}

impl BinanceSpot {
    /// Takes a new WebSocket connection by its address. Times in microseconds are not served.
    ///
    /// # Errors
    /// The HTTP status to refuse it with.
    pub(super) fn open_line(
        &mut self,
        now: i64,
        ip: IpAddr,
        path: &str,
        query: &str,
    ) -> Result<LineId, u16> {
        if query.to_lowercase().contains("timeunit=microsecond") {
            return Err(400);
        }
        if path == "/ws-api/v3" {
            return ws_api::connect(self, now, ip, query);
        }
        let (combined, names) = lines::address(path, query).ok_or(404_u16)?;
        if names.len() > MOST_STREAMS {
            return Err(400);
        }
        let what = Use::Streams {
            route: (),
            combined,
            wanted: names.iter().map(|name| want(self, name, ())).collect(),
        };
        Ok(self.gate.lines.add(now, ip, what))
    }
}

/// True when nothing stands in it that has to be escaped (RFC 3986, unreserved characters).
fn is_encoded(payload: &str) -> bool {
    payload
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"-_.~%=&".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_percent_encoded_cannot_be_signed() {
        let signed = |query: &str| BinanceSpot::rest_payload(query, "");
        // The documents' example of a pair whose name is not ASCII.
        let encoded = "symbol=%EF%BC%91%EF%BC%92&side=BUY&timestamp=1";
        assert_eq!(signed(encoded).as_deref(), Some(encoded));
        for bare in [
            "symbol=\u{ff11}\u{ff12}&timestamp=1",
            "symbols=[%22BTCUSDT%22]&timestamp=1",
            "newClientOrderId=a:b&timestamp=1",
            "a=x y&timestamp=1",
        ] {
            assert_eq!(signed(bare), None, "{bare}");
        }
        // The signature itself is not part of it.
        let with_signature = format!("{encoded}&signature=a+b/c==");
        assert_eq!(signed(&with_signature).as_deref(), Some(encoded));
    }
}
