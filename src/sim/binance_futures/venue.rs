//! What makes this exchange one of the venue's wires: its tables, its streams, its doors.

use std::net::IpAddr;

use serde_json::Value;

use super::streams::{self, Route, Stream};
use super::{BinanceFutures, calls};
use crate::sim::binance::Venue;
use crate::sim::binance::call::Row;
use crate::sim::binance::gate::Gate;
use crate::sim::binance::lines::{MOST_STREAMS, Use, Wanted, want};
use crate::sim::binance::params::Params;
use crate::sim::binance::{sign, ws_api};
use crate::sim::fault::{How, What};
use crate::sim::wire::LineId;

impl Venue for BinanceFutures {
    type Stream = Stream;
    type Route = Route;

    const ROWS: &'static [Row<Self>] = calls::ROWS;
    const METHODS: &'static [Row<Self>] = calls::METHODS;
    const CONNECT_WEIGHT: u32 = 5;
    const TRADE_RIGHT: &'static str = "enableFutures";

    fn gate(&self) -> &Gate<Self> {
        &self.gate
    }

    fn gate_mut(&mut self) -> &mut Gate<Self> {
        &mut self.gate
    }

    fn tell(&mut self, now: i64) {
        self.tell_all(now);
    }

    fn stream(&self, name: &str, route: Route) -> Option<Stream> {
        streams::parse_on(name, route, &self.bourse.market)
    }

    fn rest_payload(query: &str, body: &str) -> Option<String> {
        Some(sign::rest_payload(query, body))
    }

    fn spares(how: How, what: Option<What>, params: &Params) -> bool {
        calls::is_spared(how, what, params)
    }

    fn fault_text(code: i32) -> Option<&'static str> {
        Some(match code {
            -1003 => "Too many requests; please use the websocket for live updates.",
            -1008 => {
                "Request throttled by system-level protection. Reduce-only/close-position orders are exempt. Please try again."
            }
            -2019 => "Margin is insufficient.",
            _ => return None,
        })
    }

    fn elsewhere(name: &str) -> Option<Value> {
        calls::elsewhere(name)
    }

    fn session_ended(&mut self, _now: i64, _line: LineId) {
        // The account is told of on a stream with a listen key, which needs no session.
    }
}

impl BinanceFutures {
    /// Takes a new WebSocket connection by its address.
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
        if path == "/ws-fapi/v1" {
            return ws_api::connect(self, now, ip, query);
        }
        let address = streams::address(path, query).ok_or(404_u16)?;
        let names = address.names.iter();
        let mut wanted: Vec<_> = names.map(|name| want(self, name, address.route)).collect();
        wanted.extend(address.listen.into_iter().map(|(name, events)| Wanted {
            name,
            stream: None,
            events,
        }));
        if wanted.len() > MOST_STREAMS {
            return Err(400);
        }
        let what = Use::Streams {
            route: address.route,
            combined: address.combined,
            wanted,
        };
        Ok(self.gate.lines.add(now, ip, what))
    }
}
