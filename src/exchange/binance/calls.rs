//! The public REST calls of the feed: clock, instruments, snapshots, the minutes before.
//!
//! Owns what was asked, the weight budget and the venue's clock; what the answers mean for a book is the feed's.

use super::note;
use super::product::Product;
use super::sign::{self, Value};
use crate::domain::{Stamp, Symbol};
use crate::exchange::backoff::Backoff;
use crate::exchange::budget::{Budget, Purse, ban_ms};
use crate::exchange::clock_offset::ClockOffset;
use crate::exchange::machine::{Call, CallError, Lane, Method, Out, Reply};

/// What trades, and by what rules, is read again this often, ms.
const READ_AGAIN_MS: u64 = 5 * 60_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Instruments,
    Time,
    Snapshot(Symbol),
    Past(Symbol),
}

/// The body of an answer, or why there is none.
pub type Body = Result<Vec<u8>, String>;

/// An answer that the feed must act on.
#[derive(Debug)]
pub enum Answer {
    /// `GET exchangeInfo`
    Instruments(Body),
    /// `GET depth`
    Snapshot(Symbol, Body),
    /// `GET klines`
    Past(Symbol, Body),
}

/// A repeated call: when it goes next, and how it backs off.
#[derive(Debug, Default)]
struct Errand {
    in_flight: bool,
    next: Option<Stamp>,
    backoff: Backoff,
}

impl Errand {
    fn is_due(&self, now: Stamp) -> bool {
        let due = self.next.is_some_and(|next| next.mono_ns <= now.mono_ns);
        due && !self.in_flight
    }

    fn failed(&mut self, now: Stamp) {
        self.next = Some(now.plus_ms(self.backoff.failed(0, now.mono_ns)));
    }

    fn done(&mut self, next: Option<Stamp>) {
        self.next = next;
        self.backoff = Backoff::default();
    }
}

/// Calls made and to be made.
#[derive(Debug)]
pub struct Calls {
    product: &'static Product,
    /// The venue's clock.
    pub clock: ClockOffset,
    budget: Budget,
    flying: Vec<(u64, Asked, Stamp)>,
    last_tag: u64,
    instruments: Errand,
    time: Errand,
}

impl Calls {
    /// No calls yet.
    pub fn new(product: &'static Product) -> Self {
        Self {
            product,
            clock: ClockOffset::default(),
            budget: Budget::new(product.weight_limit),
            flying: Vec::new(),
            last_tag: 0,
            instruments: Errand::default(),
            time: Errand::default(),
        }
    }

    /// Clock and instruments are wanted from now on.
    pub fn start(&mut self, now: Stamp) {
        self.instruments.next = Some(now);
        self.time.next = Some(now);
    }

    /// The clock that was measured proves nothing any more.
    pub fn forget_clock(&mut self, now: Stamp) {
        self.clock.forget();
        self.time.next = Some(now);
    }

    /// Snapshots under way are of no use: one from before a break proves nothing after it.
    pub fn forget_snapshots(&mut self) {
        self.flying
            .retain(|(_, asked, _)| !matches!(asked, Asked::Snapshot(_)));
    }

    /// Makes the calls that are due.
    pub fn wake(&mut self, now: Stamp, out: &mut Out) {
        if self.time.is_due(now) {
            match self.budget.spend(now, 1, Purse::Ordinary) {
                Ok(()) => {
                    self.time.in_flight = true;
                    let target = format!("{}/time", self.product.root);
                    self.call(now, Asked::Time, target, 5_000, out);
                }
                Err(until) => self.time.next = Some(until),
            }
        }
        if self.instruments.is_due(now) {
            let weight = self.product.instruments_weight;
            match self.budget.spend(now, weight, Purse::Ordinary) {
                Ok(()) => {
                    self.instruments.in_flight = true;
                    let target = format!("{}{}", self.product.root, self.product.instruments);
                    self.call(now, Asked::Instruments, target, 15_000, out);
                }
                Err(until) => self.instruments.next = Some(until),
            }
        }
    }

    /// Asks for a snapshot, as deep as can be afforded now.
    ///
    /// # Errors
    /// When it must wait: until when.
    pub fn snapshot(&mut self, now: Stamp, symbol: Symbol, out: &mut Out) -> Result<(), Stamp> {
        let mut until = now;
        for page in self.product.pages {
            match self.budget.spend(now, page.weight, Purse::Ordinary) {
                Ok(()) => {
                    let target = self.snapshot_target(symbol, page.levels);
                    self.call(now, Asked::Snapshot(symbol), target, 5_000, out);
                    return Ok(());
                }
                Err(later) => until = later,
            }
        }
        Err(until)
    }

    /// Asks for the minutes before.
    ///
    /// # Errors
    /// When it must wait: until when.
    pub fn past(&mut self, now: Stamp, symbol: Symbol, out: &mut Out) -> Result<(), Stamp> {
        let (minutes, weight) = self.product.past;
        self.budget.spend(now, weight, Purse::Ordinary)?;
        let mut target = format!("{}/klines?", self.product.root);
        let params = [
            ("symbol", Value::Text(symbol.as_str())),
            ("interval", Value::Text("1m")),
            ("limit", Value::Int(i64::from(minutes))),
        ];
        sign::query(&params, &mut target);
        self.call(now, Asked::Past(symbol), target, 10_000, out);
        Ok(())
    }

    fn snapshot_target(&self, symbol: Symbol, levels: u32) -> String {
        let mut target = format!("{}/depth?", self.product.root);
        let params = [
            ("symbol", Value::Text(symbol.as_str())),
            ("limit", Value::Int(i64::from(levels))),
        ];
        sign::query(&params, &mut target);
        target
    }

    /// Takes a reply; what concerns the feed is handed on.
    pub fn reply(
        &mut self,
        now: Stamp,
        tag: u64,
        result: Result<Reply, CallError>,
        out: &mut Out,
    ) -> Option<Answer> {
        let at = self.flying.iter().position(|(known, ..)| *known == tag)?;
        let (_, asked, sent) = self.flying.swap_remove(at);
        let body = match result {
            Ok(reply) => self.accept(now, reply, out),
            Err(error) => Err(error.to_string()),
        };
        match asked {
            Asked::Time => {
                self.take_time(now, sent, body);
                None
            }
            Asked::Instruments => {
                self.instruments.in_flight = false;
                Some(Answer::Instruments(body))
            }
            Asked::Snapshot(symbol) => Some(Answer::Snapshot(symbol, body)),
            Asked::Past(symbol) => Some(Answer::Past(symbol, body)),
        }
    }

    /// The instruments were read, and will be again; `weight_limit` is what the venue allows a minute, where it says.
    pub fn instruments_read(&mut self, now: Stamp, weight_limit: Option<u32>) {
        self.instruments.done(Some(now.plus_ms(READ_AGAIN_MS)));
        if let Some(limit) = weight_limit {
            self.budget.set_limit(limit);
        }
    }

    /// The instruments were not to be had: again later.
    pub fn instruments_failed(&mut self, now: Stamp) {
        self.instruments.failed(now);
    }

    fn call(&mut self, now: Stamp, asked: Asked, target: String, deadline_ms: u64, out: &mut Out) {
        self.last_tag += 1;
        self.flying.push((self.last_tag, asked, now));
        out.calls.push(Call {
            tag: self.last_tag,
            method: Method::Get,
            target,
            headers: Vec::new(),
            body: String::new(),
            deadline_ms,
            lane: Lane::Query,
        });
    }

    /// The body of a good reply; limits are accounted for either way.
    fn accept(&mut self, now: Stamp, reply: Reply, out: &mut Out) -> Body {
        let header = |name: &str| {
            let found = reply.headers.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.as_str())
        };
        if let Some(used) = header("x-mbx-used-weight-1m").and_then(|text| text.parse().ok()) {
            self.budget.stated(now, used);
        }
        if matches!(reply.status, 418 | 429) {
            let words = String::from_utf8_lossy(&reply.body);
            let venue_ms = self.clock.venue_ms(now).unwrap_or(now.wall_ms());
            let wait = ban_ms(header("retry-after"), &words, venue_ms);
            let until = self.budget.refused(now, reply.status, wait);
            let wait_s = until.ms_since(now).div_ceil(1_000);
            note(out, format!("rate limit: no requests for {wait_s} s"));
            return Err("rate limit".to_owned());
        }
        if reply.status == 200 {
            Ok(reply.body)
        } else {
            Err(format!("HTTP {}", reply.status))
        }
    }

    fn take_time(&mut self, now: Stamp, sent: Stamp, body: Body) {
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Time {
            server_time: i64,
        }
        self.time.in_flight = false;
        let time = body
            .ok()
            .and_then(|body| serde_json::from_slice::<Time>(&body).ok());
        match time {
            Some(time) => {
                self.clock.sample(sent, now, time.server_time);
                let next = now.plus_ms(self.clock.period_ms());
                self.time.done(Some(next));
            }
            None => self.time.failed(now),
        }
    }
}
