//! Stream lines: who listens to what, and the requests a listener may send.
//!
//! Owns subscriptions and the limit of ten client messages a second; moves no bytes.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::{Value, json};

use super::BinanceFutures;
use super::session::Session;
use super::streams::{self, Route, Stream};
use crate::sim::market::Market;
use crate::sim::wire::{LineId, Out};

const MESSAGES_PER_SECOND: u32 = 10;
const MOST_STREAMS: usize = 1024;
const PING_EVERY_MS: i64 = 180_000;
const PONG_WITHIN_MS: i64 = 600_000;
const LIFE_MS: i64 = 24 * 3_600_000;

/// One name that a line asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// As it was asked for.
    pub name: String,
    /// What it is; `None` for names of nothing, of another route, and for listen keys.
    pub stream: Option<Stream>,
    /// Event names wanted of a listen key; empty: all.
    pub events: Vec<String>,
}

/// What a line is for.
#[derive(Clone, Debug)]
pub enum Use {
    /// Streams.
    Streams {
        /// Which route.
        route: Route,
        /// Envelopes are on.
        combined: bool,
        /// What is wanted.
        wanted: Vec<Wanted>,
    },
    /// The WebSocket API.
    Api {
        /// Rate limits stand in every answer.
        with_limits: bool,
        /// Who has logged on.
        session: Option<Session>,
    },
}

/// One line.
#[derive(Clone, Debug)]
pub struct Line {
    /// From where.
    pub ip: IpAddr,
    /// What for.
    pub what: Use,
    /// A fault made it silent for good.
    pub frozen: bool,
    opened_ms: i64,
    pinged_ms: i64,
    proved_ms: i64,
    second: i64,
    messages: u32,
}

impl Line {
    /// When it was opened, ms since 1970.
    pub const fn opened_ms(&self) -> i64 {
        self.opened_ms
    }
}

/// All lines.
#[derive(Debug, Default)]
pub struct Lines {
    /// By id.
    pub open: BTreeMap<LineId, Line>,
    /// What the server has to do, in order.
    pub out: Vec<(LineId, Out)>,
    next: LineId,
}

impl Lines {
    /// Takes a new line.
    pub fn add(&mut self, now: i64, ip: IpAddr, what: Use) -> LineId {
        self.next += 1;
        self.open.insert(
            self.next,
            Line {
                ip,
                what,
                frozen: false,
                opened_ms: now,
                pinged_ms: now,
                proved_ms: now,
                second: 0,
                messages: 0,
            },
        );
        self.next
    }

    /// True when a fault made this line half-open.
    pub fn is_frozen(&self, line: LineId) -> bool {
        self.open.get(&line).is_some_and(|line| line.frozen)
    }

    /// Queues a text frame, unless the line is gone or frozen.
    pub fn text(&mut self, line: LineId, text: String, delay_ms: u64) {
        if self.open.get(&line).is_some_and(|l| !l.frozen) {
            self.out.push((line, Out::Text(text, delay_ms)));
        }
    }

    /// Closes a line.
    pub fn cut(&mut self, line: LineId) {
        if self.open.remove(&line).is_some() {
            self.out.push((line, Out::Cut));
        }
    }

    /// Makes a line silent for good without closing it.
    pub fn freeze(&mut self, line: LineId) {
        if let Some(line) = self.open.get_mut(&line) {
            line.frozen = true;
        }
    }

    /// Counts a frame from the client; pings and pongs count too. False: over the limit, and the line is cut.
    pub fn heard(&mut self, line: LineId, now: i64, pong: bool) -> bool {
        let Some(entry) = self.open.get_mut(&line) else {
            return false;
        };
        if pong {
            entry.proved_ms = now;
        }
        if matches!(entry.what, Use::Api { .. }) {
            return true;
        }
        let second = now / 1000;
        if entry.second != second {
            (entry.second, entry.messages) = (second, 0);
        }
        entry.messages += 1;
        if entry.messages > MESSAGES_PER_SECOND {
            self.cut(line);
            return false;
        }
        true
    }

    /// Pings every three minutes; a line without a pong for ten minutes or older than a day is closed.
    pub fn keep(&mut self, now: i64) {
        let mut dead = Vec::new();
        for (&id, line) in &mut self.open {
            if now - line.opened_ms > LIFE_MS || now - line.proved_ms > PONG_WITHIN_MS {
                dead.push(id);
            } else if now - line.pinged_ms >= PING_EVERY_MS && !line.frozen {
                line.pinged_ms = now;
                self.out.push((id, Out::Ping));
            }
        }
        for id in dead {
            self.cut(id);
        }
    }

    /// Everyone who gets a stream, with the name they asked for where they want envelopes.
    pub fn listeners(&self, stream: Stream) -> Vec<(LineId, Option<String>)> {
        let mut found = Vec::new();
        for (&id, line) in &self.open {
            let Use::Streams {
                combined, wanted, ..
            } = &line.what
            else {
                continue;
            };
            if let Some(one) = wanted.iter().find(|w| w.stream == Some(stream)) {
                found.push((id, combined.then(|| one.name.clone())));
            }
        }
        found
    }

    /// Everyone who gets this event of a listen key.
    pub fn listeners_of_key(&self, key: &str, event: &str) -> Vec<(LineId, Option<String>)> {
        let mut found = Vec::new();
        for (&id, line) in &self.open {
            let Use::Streams {
                route: Route::Private,
                combined,
                wanted,
            } = &line.what
            else {
                continue;
            };
            let wants = |w: &&Wanted| {
                w.name == key && (w.events.is_empty() || w.events.iter().any(|e| e == event))
            };
            if wanted.iter().any(|w| wants(&w)) {
                found.push((id, combined.then(|| key.to_owned())));
            }
        }
        found
    }

    /// Answers a request on a stream line.
    pub fn request(&mut self, line: LineId, text: &str, market: &Market) {
        let Some(Line {
            what:
                Use::Streams {
                    route,
                    combined,
                    wanted,
                },
            ..
        }) = self.open.get_mut(&line)
        else {
            return;
        };
        let answer = control(text, *route, combined, wanted, market);
        self.text(line, answer.to_string(), 0);
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
            if !self.open_api(now, ip) {
                return Err(429);
            }
            let with_limits = !query
                .split('&')
                .any(|pair| pair == "returnRateLimits=false");
            return Ok(self.lines.add(
                now,
                ip,
                Use::Api {
                    with_limits,
                    session: None,
                },
            ));
        }
        let address = streams::address(path, query).ok_or(404_u16)?;
        let market = &self.bourse.market;
        let mut wanted: Vec<Wanted> = address
            .names
            .iter()
            .map(|name| want(name, address.route, market))
            .collect();
        wanted.extend(address.listen.into_iter().map(|(name, events)| Wanted {
            name,
            stream: None,
            events,
        }));
        if wanted.len() > MOST_STREAMS {
            return Err(400);
        }
        Ok(self.lines.add(
            now,
            ip,
            Use::Streams {
                route: address.route,
                combined: address.combined,
                wanted,
            },
        ))
    }

    /// Takes a text frame of a line; false when that ended the line.
    pub(super) fn take_frame(&mut self, now: i64, line: LineId, text: &str) -> bool {
        if !self.lines.heard(line, now, false) {
            return false;
        }
        match self.lines.open.get(&line).map(|line| &line.what) {
            None => return false,
            Some(Use::Api { .. }) => self.api(now, line, text),
            Some(Use::Streams { .. }) => self.lines.request(line, text, &self.bourse.market),
        }
        self.lines.open.contains_key(&line)
    }
}

/// A name as one route understands it.
pub fn want(name: &str, route: Route, market: &Market) -> Wanted {
    let carried = |stream: &Stream| match route {
        Route::Old => stream.route() == Route::Public,
        other => stream.route() == other,
    };
    Wanted {
        name: name.to_owned(),
        stream: streams::parse(name, market).filter(carried),
        events: Vec::new(),
    }
}

fn control(
    text: &str,
    route: Route,
    combined: &mut bool,
    wanted: &mut Vec<Wanted>,
    market: &Market,
) -> Value {
    let request: Value = match serde_json::from_str(text) {
        Ok(request) => request,
        Err(error) => return json!({"code": 3, "msg": format!("Invalid JSON: {error}")}),
    };
    let id = request.get("id").cloned().unwrap_or(Value::Null);
    let wrong = |code: i32, words: &str| json!({"code": code, "msg": words, "id": id});
    let params = request.get("params").and_then(Value::as_array);
    let names = || -> Option<Vec<&str>> { params?.iter().map(Value::as_str).collect() };
    match request.get("method").and_then(Value::as_str) {
        Some("SUBSCRIBE") => {
            let Some(names) = names() else {
                return wrong(2, "Invalid request: params must be a list of stream names");
            };
            for name in names {
                if wanted.len() < MOST_STREAMS && !wanted.iter().any(|w| w.name == name) {
                    wanted.push(want(name, route, market));
                }
            }
            json!({"result": null, "id": id})
        }
        Some("UNSUBSCRIBE") => {
            let Some(names) = names() else {
                return wrong(2, "Invalid request: params must be a list of stream names");
            };
            wanted.retain(|w| !names.contains(&w.name.as_str()));
            json!({"result": null, "id": id})
        }
        Some("LIST_SUBSCRIPTIONS") => {
            let names: Vec<&str> = wanted.iter().map(|w| w.name.as_str()).collect();
            json!({"result": names, "id": id})
        }
        Some("SET_PROPERTY") => match params.map(Vec::as_slice) {
            Some([Value::String(name), Value::Bool(on)]) if name == "combined" => {
                *combined = *on;
                json!({"result": null, "id": id})
            }
            Some([Value::String(name), _]) if name == "combined" => {
                wrong(1, "Invalid value type: expected Boolean")
            }
            _ => wrong(0, "Unknown property"),
        },
        Some("GET_PROPERTY") => json!({"result": *combined, "id": id}),
        _ => wrong(
            2,
            "Invalid request: unknown variant, expected one of `SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY`",
        ),
    }
}

/// A payload as a line wants it: bare, or in the envelope of a combined stream.
pub fn envelope(name: Option<&str>, payload: &str) -> String {
    match name {
        None => payload.to_owned(),
        Some(name) => format!(r#"{{"stream":{},"data":{payload}}}"#, json!(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::crowd::perpetuals;
    use std::net::Ipv4Addr;

    const IP: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    fn line(lines: &mut Lines, route: Route) -> LineId {
        lines.add(
            0,
            IP,
            Use::Streams {
                route,
                combined: false,
                wanted: Vec::new(),
            },
        )
    }

    fn said(lines: &mut Lines) -> Vec<Value> {
        std::mem::take(&mut lines.out)
            .into_iter()
            .map(|(_, out)| match out {
                Out::Text(text, _) => serde_json::from_str(&text).unwrap(),
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn subscribe_list_and_unsubscribe_answer_as_documented() {
        let market = Market::new(perpetuals(), 0);
        let mut lines = Lines::default();
        let id = line(&mut lines, Route::Public);
        for request in [
            r#"{"method":"SUBSCRIBE","params":["btcusdt@depth@100ms","btcusdt@trade"],"id":1}"#,
            r#"{"method":"UNSUBSCRIBE","params":["btcusdt@trade"],"id":"two"}"#,
            r#"{"method":"LIST_SUBSCRIPTIONS","id":3}"#,
        ] {
            lines.request(id, request, &market);
        }
        assert_eq!(
            said(&mut lines),
            [
                json!({"result": null, "id": 1}),
                json!({"result": null, "id": "two"}),
                json!({"result": ["btcusdt@depth@100ms"], "id": 3}),
            ]
        );
        let btc = market.symbol_no("BTCUSDT").unwrap();
        assert_eq!(
            lines.listeners(Stream::Depth(btc, streams::Pace::Fast)),
            [(id, None)]
        );
    }

    #[test]
    fn a_name_on_the_wrong_route_is_taken_and_silent() {
        let market = Market::new(perpetuals(), 0);
        let mut lines = Lines::default();
        let id = line(&mut lines, Route::Market);
        lines.request(
            id,
            r#"{"method":"SUBSCRIBE","params":["btcusdt@depth"],"id":1}"#,
            &market,
        );
        assert_eq!(said(&mut lines), [json!({"result": null, "id": 1})]);
        let btc = market.symbol_no("BTCUSDT").unwrap();
        assert!(
            lines
                .listeners(Stream::Depth(btc, streams::Pace::Usual))
                .is_empty()
        );
    }

    #[test]
    fn broken_requests_are_answered_in_words_and_the_line_lives() {
        let market = Market::new(perpetuals(), 0);
        let mut lines = Lines::default();
        let id = line(&mut lines, Route::Public);
        for (request, code) in [
            ("{", 3),
            (r#"{"method":"DANCE","id":1}"#, 2),
            (r#"{"method":"SUBSCRIBE","params":[1],"id":1}"#, 2),
            (
                r#"{"method":"SET_PROPERTY","params":["combined","yes"],"id":1}"#,
                1,
            ),
            (
                r#"{"method":"SET_PROPERTY","params":["colour",true],"id":1}"#,
                0,
            ),
        ] {
            lines.request(id, request, &market);
            assert_eq!(said(&mut lines)[0]["code"], code, "{request}");
        }
        assert!(lines.open.contains_key(&id));
    }

    #[test]
    fn the_eleventh_message_in_a_second_ends_the_line() {
        let mut lines = Lines::default();
        let id = line(&mut lines, Route::Public);
        assert!((0..10).all(|_| lines.heard(id, 5000, false)));
        assert!(!lines.heard(id, 5001, false));
        assert_eq!(lines.out, [(id, Out::Cut)]);
    }

    #[test]
    fn lines_are_pinged_and_dead_ones_closed() {
        let mut lines = Lines::default();
        let id = line(&mut lines, Route::Public);
        lines.keep(179_999);
        assert!(lines.out.is_empty());
        lines.keep(180_000);
        assert_eq!(lines.out, [(id, Out::Ping)]);
        lines.keep(600_001);
        assert_eq!(lines.out.last(), Some(&(id, Out::Cut)));
    }
}
