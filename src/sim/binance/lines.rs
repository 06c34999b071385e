//! Stream lines: who listens to what, and the requests a listener may send.
//!
//! Owns subscriptions and the limit of client messages a second; moves no bytes.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::{Value, json};

use super::session::Session;
use super::{Venue, ws_api};
use crate::sim::wire::{LineId, Out};

/// What the venue asks of a line, and gives it.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// Messages that a stream line may send in a second, pings and pongs counted.
    pub messages: u32,
    /// Milliseconds between two pings.
    pub ping_every_ms: i64,
    /// A line without a pong for this long is closed, ms.
    pub pong_within_ms: i64,
    /// How long before its end a line is told of it, ms; zero: it is not.
    pub notice_ms: i64,
}

/// Streams of one line.
pub const MOST_STREAMS: usize = 1024;
const LIFE_MS: i64 = 24 * 3_600_000;

/// One name that a line asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted<S> {
    /// As it was asked for.
    pub name: String,
    /// What it is; `None` for names of nothing, of another route, and for listen keys.
    pub stream: Option<S>,
    /// Event names wanted of a listen key; empty: all.
    pub events: Vec<String>,
}

/// What a line is for.
#[derive(Clone, Debug)]
pub enum Use<S, R> {
    /// Streams.
    Streams {
        /// Which route.
        route: R,
        /// Envelopes are on.
        combined: bool,
        /// What is wanted.
        wanted: Vec<Wanted<S>>,
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
pub struct Line<S, R> {
    /// From where.
    pub ip: IpAddr,
    /// What for.
    pub what: Use<S, R>,
    /// A fault made it silent for good.
    pub frozen: bool,
    opened_ms: i64,
    pinged_ms: i64,
    proved_ms: i64,
    noticed: bool,
    second: i64,
    messages: u32,
}

impl<S, R> Line<S, R> {
    /// When it was opened, ms since 1970.
    pub const fn opened_ms(&self) -> i64 {
        self.opened_ms
    }
}

/// All lines.
#[derive(Debug)]
pub struct Lines<S, R> {
    /// By id.
    pub open: BTreeMap<LineId, Line<S, R>>,
    /// What the server has to do, in order.
    pub out: Vec<(LineId, Out)>,
    terms: Terms,
    next: LineId,
}

impl<S: Copy + PartialEq, R: Copy> Lines<S, R> {
    /// Nobody is connected yet.
    pub fn new(terms: Terms) -> Self {
        Self {
            open: BTreeMap::new(),
            out: Vec::new(),
            terms,
            next: 0,
        }
    }

    /// Takes a new line.
    pub fn add(&mut self, now: i64, ip: IpAddr, what: Use<S, R>) -> LineId {
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
                noticed: false,
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
        if entry.messages > self.terms.messages {
            self.cut(line);
            return false;
        }
        true
    }

    /// Pings; closes lines without a pong or older than a day, which may be told of it before.
    pub fn keep(&mut self, now: i64) {
        let terms = self.terms;
        let (mut dead, mut ending) = (Vec::new(), Vec::new());
        for (&id, line) in &mut self.open {
            let age = now - line.opened_ms;
            if age > LIFE_MS || now - line.proved_ms > terms.pong_within_ms {
                dead.push(id);
                continue;
            }
            if now - line.pinged_ms >= terms.ping_every_ms && !line.frozen {
                line.pinged_ms = now;
                self.out.push((id, Out::Ping));
            }
            if terms.notice_ms > 0 && age > LIFE_MS - terms.notice_ms && !line.noticed {
                line.noticed = true;
                ending.push((id, notice(&line.what, now)));
            }
        }
        for (id, text) in ending {
            self.text(id, text, 0);
        }
        for id in dead {
            self.cut(id);
        }
    }

    /// Everyone who gets a stream, with the name they asked for where they want envelopes.
    pub fn listeners(&self, stream: S) -> Vec<(LineId, Option<String>)> {
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
}

/// What a line is told before its day is over.
fn notice<S, R>(what: &Use<S, R>, now: i64) -> String {
    let event = json!({"e": "serverShutdown", "E": now});
    let text = match what {
        Use::Api { .. } => json!({"event": event}),
        Use::Streams { combined: true, .. } => json!({"stream": "!serverShutdown", "data": event}),
        Use::Streams { .. } => event,
    };
    text.to_string()
}

/// Takes a text frame of a line; false when that ended the line.
pub fn hear<V: Venue>(venue: &mut V, now: i64, line: LineId, text: &str) -> bool {
    if !venue.gate_mut().lines.heard(line, now, false) {
        return false;
    }
    match venue.gate().lines.open.get(&line).map(|line| &line.what) {
        None => return false,
        Some(Use::Api { .. }) => ws_api::hear(venue, now, line, text),
        Some(Use::Streams { .. }) => request(venue, line, text),
    }
    venue.gate().lines.open.contains_key(&line)
}

/// Answers a request on a stream line.
fn request<V: Venue>(venue: &mut V, line: LineId, text: &str) {
    let lines = &venue.gate().lines;
    let Some(Use::Streams {
        route,
        combined,
        wanted,
    }) = lines.open.get(&line).map(|line| &line.what)
    else {
        return;
    };
    let (route, mut combined_now, mut wanted_now) = (*route, *combined, wanted.clone());
    let want = |name: &str| want(venue, name, route);
    let answer = control(text, &want, &mut combined_now, &mut wanted_now);
    let lines = &mut venue.gate_mut().lines;
    if let Some(Use::Streams {
        combined, wanted, ..
    }) = lines.open.get_mut(&line).map(|line| &mut line.what)
    {
        (*combined, *wanted) = (combined_now, wanted_now);
    }
    lines.text(line, answer.to_string(), 0);
}

/// A name as one route understands it.
pub fn want<V: Venue>(venue: &V, name: &str, route: V::Route) -> Wanted<V::Stream> {
    Wanted {
        name: name.to_owned(),
        stream: venue.stream(name, route),
        events: Vec::new(),
    }
}

/// What a stream address names: whether messages come in envelopes, and streams. `path` begins behind the route. `None` when there
/// is no such place.
pub fn address(path: &str, query: &str) -> Option<(bool, Vec<String>)> {
    let split = |names: &str| -> Vec<String> {
        let names = names.split('/').filter(|name| !name.is_empty());
        names.map(str::to_owned).collect()
    };
    let path = path.strip_prefix('/').unwrap_or(path);
    match path.split_once('/').map_or((path, ""), |halves| halves) {
        ("ws", names) => Some((false, split(names))),
        ("stream", _) => {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let named = pairs.rfind(|(name, _)| *name == "streams");
            let names = named.map_or_else(String::new, |(_, names)| unescaped(names));
            Some((true, split(&names)))
        }
        _ => None,
    }
}

/// A list of names without the escapes that clients write in it.
pub fn unescaped(names: &str) -> String {
    let names = names.replace("%40", "@").replace("%2F", "/");
    names.replace("%21", "!")
}

fn control<S>(
    text: &str,
    want: &dyn Fn(&str) -> Wanted<S>,
    combined: &mut bool,
    wanted: &mut Vec<Wanted<S>>,
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
                    wanted.push(want(name));
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
    use std::net::Ipv4Addr;

    const IP: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const TERMS: Terms = Terms {
        messages: 10,
        ping_every_ms: 180_000,
        pong_within_ms: 600_000,
        notice_ms: 0,
    };

    fn line(lines: &mut Lines<u8, ()>, combined: bool) -> LineId {
        let what = Use::Streams {
            route: (),
            combined,
            wanted: Vec::new(),
        };
        lines.add(0, IP, what)
    }

    /// Answers a request as a line does that understands one-letter names alone.
    fn answered(text: &str, wanted: &mut Vec<Wanted<u8>>) -> Value {
        let want = |name: &str| Wanted {
            name: name.to_owned(),
            stream: (name.len() == 1).then(|| name.as_bytes()[0]),
            events: Vec::new(),
        };
        control(text, &want, &mut false, wanted)
    }

    #[test]
    fn subscribe_list_and_unsubscribe_answer_as_documented() {
        let mut wanted = Vec::new();
        let answers = [
            r#"{"method":"SUBSCRIBE","params":["a","nothing"],"id":1}"#,
            r#"{"method":"UNSUBSCRIBE","params":["nothing"],"id":"two"}"#,
            r#"{"method":"LIST_SUBSCRIPTIONS","id":3}"#,
        ]
        .map(|request| answered(request, &mut wanted));
        assert_eq!(
            answers,
            [
                json!({"result": null, "id": 1}),
                json!({"result": null, "id": "two"}),
                json!({"result": ["a"], "id": 3}),
            ]
        );
        assert_eq!(wanted[0].stream, Some(b'a'));
    }

    #[test]
    fn broken_requests_are_answered_in_words() {
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
            let answer = answered(request, &mut Vec::new());
            assert_eq!(answer["code"], code, "{request}");
        }
    }

    #[test]
    fn the_eleventh_message_in_a_second_ends_the_line() {
        let mut lines = Lines::new(TERMS);
        let id = line(&mut lines, false);
        assert!((0..10).all(|_| lines.heard(id, 5000, false)));
        assert!(!lines.heard(id, 5001, false));
        assert_eq!(lines.out, [(id, Out::Cut)]);
    }

    #[test]
    fn lines_are_pinged_and_dead_ones_closed() {
        let mut lines = Lines::new(TERMS);
        let id = line(&mut lines, false);
        lines.keep(179_999);
        assert!(lines.out.is_empty());
        lines.keep(180_000);
        assert_eq!(lines.out, [(id, Out::Ping)]);
        lines.keep(600_001);
        assert_eq!(lines.out.last(), Some(&(id, Out::Cut)));
    }

    #[test]
    fn the_end_of_a_day_is_told_once_where_the_venue_tells_it() {
        let mut lines = Lines::new(Terms {
            notice_ms: 10_000,
            ..TERMS
        });
        let ids = [line(&mut lines, false), line(&mut lines, true)];
        for id in ids {
            lines.heard(id, LIFE_MS - 20_000, true);
        }
        lines.keep(LIFE_MS - 10_000);
        assert!(lines.out.iter().all(|(_, out)| *out == Out::Ping));
        lines.out.clear();
        for now in [LIFE_MS - 9_999, LIFE_MS - 9_998] {
            lines.keep(now);
        }
        let event = json!({"e": "serverShutdown", "E": LIFE_MS - 9_999});
        let told = |value: Value| Out::Text(value.to_string(), 0);
        let combined = json!({"stream": "!serverShutdown", "data": event});
        assert_eq!(lines.out, [(ids[0], told(event)), (ids[1], told(combined))]);
        lines.out.clear();
        lines.keep(LIFE_MS + 1);
        assert_eq!(lines.out, [(ids[0], Out::Cut), (ids[1], Out::Cut)]);
    }
}
