//! Socket lines: who listens to what, who has logged in, and how long a silent line lives.
//!
//! Owns subscriptions and the limit of requests a line may send; moves no bytes.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::{Value, json};

use super::channels::{Door, Topic};
use crate::sim::wire::{LineId, Out};

/// Subscriptions, their ends and logins that a line may ask for in an hour (OKX, "WebSocket, Connect").
const REQUESTS_PER_HOUR: u32 = 480;
const HOUR_MS: i64 = 3_600_000;
/// A line on which nothing moves is closed after this, ms.
const SILENCE_MS: i64 = 30_000;
/// Close codes (OKX, "WebSocket, Notification").
pub const LOGIN_FAILED: u16 = 4001;
const NO_DATA: u16 = 4004;
/// A message that is too long, and an end that was planned (RFC 6455).
pub const TOO_LONG: u16 = 1009;
const GOING_AWAY: u16 = 1001;
/// How long a line lives, ms. The venue closes lines for its upgrades at times of its own; here each has its day.
const LIFE_MS: i64 = 24 * HOUR_MS;
/// The notice comes this long before, ms (code 64008).
const NOTICE_MS: i64 = 30_000;

/// One thing that a line wants to hear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// What it is.
    pub topic: Topic,
    /// The argument as it was sent: every message says it again.
    pub arg: Value,
    /// A snapshot has been said; books alone wait for one.
    pub begun: bool,
}

/// One line.
#[derive(Clone, Debug)]
pub struct Line {
    /// From where.
    pub ip: IpAddr,
    /// Which address it was opened at.
    pub door: Door,
    /// The venue's name for it.
    pub name: String,
    /// The key that it has logged in with, by its place in the list.
    pub key: Option<usize>,
    /// What it wants to hear.
    pub wanted: Vec<Wanted>,
    /// A fault made it silent for good.
    pub frozen: bool,
    opened_ms: i64,
    moved_ms: i64,
    noticed: bool,
    hour_ms: i64,
    requests: u32,
}

/// All lines.
#[derive(Debug, Default)]
pub struct Lines {
    /// By id.
    pub open: BTreeMap<LineId, Line>,
    /// What the server has to do, in order.
    pub out: Vec<(LineId, Out)>,
    next: LineId,
    now: i64,
}

impl Lines {
    /// Takes a new line.
    pub fn add(&mut self, now: i64, ip: IpAddr, door: Door) -> LineId {
        self.now = self.now.max(now);
        self.next += 1;
        self.open.insert(
            self.next,
            Line {
                ip,
                door,
                name: format!(
                    "{:08x}",
                    self.next.wrapping_mul(2_654_435_761) & 0xffff_ffff
                ),
                key: None,
                wanted: Vec::new(),
                frozen: false,
                opened_ms: now,
                moved_ms: now,
                noticed: false,
                hour_ms: now,
                requests: 0,
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
        let now = self.now;
        if let Some(entry) = self.open.get_mut(&line).filter(|l| !l.frozen) {
            entry.moved_ms = now;
            self.out.push((line, Out::Text(text, delay_ms)));
        }
    }

    /// Closes a line.
    pub fn cut(&mut self, line: LineId) {
        if self.open.remove(&line).is_some() {
            self.out.push((line, Out::Cut));
        }
    }

    /// Closes a line and says why.
    pub fn close(&mut self, line: LineId, code: u16) {
        if self.open.remove(&line).is_some() {
            self.out.push((line, Out::Close(code)));
        }
    }

    /// Makes a line silent for good without closing it.
    pub fn freeze(&mut self, line: LineId) {
        if let Some(line) = self.open.get_mut(&line) {
            line.frozen = true;
        }
    }

    /// Notes that a frame came. False: the line is gone.
    pub fn heard(&mut self, line: LineId, now: i64) -> bool {
        self.now = self.now.max(now);
        match self.open.get_mut(&line) {
            Some(entry) => {
                entry.moved_ms = now;
                true
            }
            None => false,
        }
    }

    /// Counts a subscription, its end or a login. False: over the limit of the hour.
    pub fn may_ask(&mut self, line: LineId, now: i64) -> bool {
        let Some(entry) = self.open.get_mut(&line) else {
            return false;
        };
        if now - entry.hour_ms >= HOUR_MS {
            (entry.hour_ms, entry.requests) = (now, 0);
        }
        entry.requests += 1;
        entry.requests <= REQUESTS_PER_HOUR
    }

    /// Lets time pass: silent and old lines are closed, old ones are told before.
    pub fn keep(&mut self, now: i64) {
        self.now = self.now.max(now);
        let (mut dead, mut old) = (Vec::new(), Vec::new());
        for (&id, line) in &mut self.open {
            let age = now - line.opened_ms;
            if age > LIFE_MS {
                dead.push((id, GOING_AWAY));
            } else if now - line.moved_ms > SILENCE_MS {
                dead.push((id, NO_DATA));
            } else if age > LIFE_MS - NOTICE_MS && !line.noticed {
                line.noticed = true;
                old.push((id, notice(&line.name)));
            }
        }
        for (id, text) in old {
            self.text(id, text, 0);
        }
        for (id, code) in dead {
            if self.is_frozen(id) {
                self.cut(id);
            } else {
                self.close(id, code);
            }
        }
    }

    /// Everyone who hears one of the topics that `wants` accepts, each with the argument it asked by.
    pub fn listeners(&self, wants: impl Fn(&Wanted) -> bool) -> Vec<(LineId, Value)> {
        let mut found = Vec::new();
        for (&id, line) in &self.open {
            let mine = line.wanted.iter().filter(|wanted| wants(wanted));
            found.extend(mine.map(|wanted| (id, wanted.arg.clone())));
        }
        found
    }

    /// True when anybody hears a topic.
    pub fn is_heard(&self, topic: Topic) -> bool {
        let mut all = self.open.values().flat_map(|line| &line.wanted);
        all.any(|wanted| wanted.topic == topic)
    }
}

fn notice(name: &str) -> String {
    json!({
        "event": "notice",
        "code": "64008",
        "msg": "The connection will soon be closed for a service upgrade. Please reconnect.",
        "connId": name,
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const IP: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[test]
    fn a_line_on_which_nothing_moves_is_closed_after_thirty_seconds() {
        let mut lines = Lines::default();
        let id = lines.add(0, IP, Door::Public);
        let spoken = lines.add(0, IP, Door::Public);
        assert!(lines.heard(id, 20_000));
        lines.keep(29_000);
        lines.text(spoken, "pong".to_owned(), 0);
        lines.out.clear();
        lines.keep(50_000);
        assert!(lines.out.is_empty());
        lines.keep(50_001);
        assert_eq!(lines.out, [(id, Out::Close(4004))]);
        lines.keep(59_001);
        assert_eq!(lines.out.last(), Some(&(spoken, Out::Close(4004))));
        assert!(!lines.heard(id, 60_000));
    }

    #[test]
    fn a_line_is_told_once_thirty_seconds_before_its_planned_end() {
        let mut lines = Lines::default();
        let id = lines.add(0, IP, Door::Private);
        let end = LIFE_MS;
        for now in [end - 30_000, end - 29_000, end - 10_000, end] {
            lines.heard(id, now);
            lines.keep(now);
        }
        let told: Vec<Value> = lines
            .out
            .iter()
            .map(|(_, out)| match out {
                Out::Text(text, _) => serde_json::from_str(text).unwrap(),
                other => panic!("{other:?} before its end"),
            })
            .collect();
        assert_eq!(told.len(), 1);
        assert_eq!(
            (&told[0]["event"], &told[0]["code"]),
            (&"notice".into(), &"64008".into())
        );
        lines.heard(id, end + 1);
        lines.keep(end + 1);
        assert_eq!(lines.out.last(), Some(&(id, Out::Close(1001))));
    }

    #[test]
    fn requests_are_counted_by_the_hour() {
        let mut lines = Lines::default();
        let id = lines.add(0, IP, Door::Public);
        assert!((0..480).all(|_| lines.may_ask(id, 5)));
        assert!(!lines.may_ask(id, HOUR_MS - 1));
        assert!(lines.may_ask(id, HOUR_MS));
    }
}
