//! Signs and numbers every request of one key, and remembers what each REST call was for. Owns the key, the venue's clock as
//! seen from here, and what the venue allows. Must not decide what to ask.

use std::collections::HashMap;
use std::fmt::Write;

use foldhash::fast::FixedState;

use super::lookups::Lookup;
use crate::domain::message::Setting;
use crate::domain::{Stamp, Symbol};
use crate::exchange::budget::{Budget, Purse};
use crate::exchange::bybit::instruments::Category;
use crate::exchange::bybit::sign;
use crate::exchange::bybit::write::{Asked, ORDER_WINDOW_MS};
use crate::exchange::clock_offset::ClockOffset;
use crate::exchange::credentials::Credentials;
use crate::exchange::machine::{Call, Lane, Line, Method, Out};

/// Signed times stay this far behind the venue's clock, ms: a time ahead of the venue by a second is refused, one behind is not.
const BEHIND_MS: i64 = 250;
/// Window of signed reads, ms (the venue's default).
const READ_WINDOW_MS: i64 = 5_000;
/// How long the signature of an authentication stays good, ms.
const AUTH_MS: i64 = 10_000;
/// Calls a minute from one address (Bybit, Rate Limit: 600 in 5 s).
const CALLS: u32 = 7_200;
const READ_DEADLINE_MS: u64 = 10_000;
/// Whole-call deadline of an order over REST, ms.
const ORDER_DEADLINE_MS: u64 = 5_000;

/// What a REST call was for.
#[derive(Clone, Debug)]
pub enum Purpose {
    /// The venue's clock.
    Time {
        /// When it was asked.
        sent: Stamp,
    },
    /// A page of the instruments of a category.
    Instruments(Category),
    /// One part of account truth.
    Truth(super::truth::Part),
    /// An order request that went over REST, by its number.
    Request(u64),
    /// The state of one order.
    Query(Lookup),
    /// A position of an instrument, whose own stops are in question.
    Position {
        /// Which instrument.
        symbol: Symbol,
        /// When it was asked.
        sent: Stamp,
    },
    /// Fee rates of a symbol.
    Fees(Symbol),
    /// Our own change of a setting.
    Set(Setting),
}

/// The query of a read, `a=1&b=2`, with values percent-encoded.
#[derive(Clone, Debug, Default)]
pub struct Query(String);

impl Query {
    /// With a first parameter.
    pub fn of(name: &str, value: &str) -> Self {
        Self::default().and(name, value)
    }

    /// With one more.
    pub fn and(mut self, name: &str, value: &str) -> Self {
        self.name(name);
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
                self.0.push(char::from(byte));
            } else {
                let _ = write!(self.0, "%{byte:02X}");
            }
        }
        self
    }

    /// With a cursor, which the venue gave in the form in which it takes it back.
    pub fn at(mut self, cursor: Option<&str>) -> Self {
        if let Some(cursor) = cursor {
            self.name("cursor");
            self.0.push_str(cursor);
        }
        self
    }

    fn name(&mut self, name: &str) {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        self.0.push_str(name);
        self.0.push('=');
    }
}

/// See the module.
pub struct Caller {
    credentials: Credentials,
    next: u64,
    calls: HashMap<u64, Purpose, FixedState>,
    /// The venue's clock as seen from here.
    pub clock: ClockOffset,
    /// Calls made, and bans.
    pub budget: Budget,
}

impl Caller {
    /// A caller for one key.
    pub fn new(credentials: Credentials) -> Self {
        Self {
            credentials,
            next: 0,
            calls: HashMap::default(),
            clock: ClockOffset::default(),
            budget: Budget::new(CALLS),
        }
    }

    /// A number that no request of this run had.
    pub fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// The venue's time now, ms since 1970; the host's until it was measured.
    pub fn venue_ms(&self, now: Stamp) -> i64 {
        self.clock.venue_ms(now).unwrap_or_else(|| now.wall_ms())
    }

    /// The time that a request is signed with.
    pub fn timestamp(&self, now: Stamp) -> i64 {
        self.venue_ms(now).saturating_sub(BEHIND_MS)
    }

    /// After this a request that has not arrived is refused by the venue itself, the error of our clock included, ms.
    pub fn window_ms(&self) -> u64 {
        let error = self.clock.error_ms().unwrap_or(0);
        ORDER_WINDOW_MS.saturating_add(error).unsigned_abs()
    }

    /// How long REST must be silent still, ms.
    pub fn paused_ms(&self, now: Stamp) -> Option<u64> {
        self.budget.banned(now).map(|until| until.ms_since(now))
    }

    /// Spends calls; `false` when they must wait.
    pub fn afford(&mut self, now: Stamp, calls: u32, purse: Purse) -> bool {
        self.budget.spend(now, calls, purse).is_ok()
    }

    /// Forgets what a call was for and says it.
    pub fn take(&mut self, tag: u64) -> Option<Purpose> {
        self.calls.remove(&tag)
    }

    /// A read that anybody may make.
    pub fn plain(&mut self, path: &str, query: &Query, purpose: Purpose, out: &mut Out) {
        let target = target(path, query);
        let call = self.call(Method::Get, target, READ_DEADLINE_MS, purpose);
        out.calls.push(call);
    }

    /// A signed read. It has no body: a read with one is refused by the venue's front (Bybit, Error Codes, 403).
    pub fn read(&mut self, now: Stamp, path: &str, query: &Query, purpose: Purpose, out: &mut Out) {
        let timestamp = self.timestamp(now);
        let mut call = self.call(Method::Get, target(path, query), READ_DEADLINE_MS, purpose);
        call.headers = sign::headers(&self.credentials, timestamp, READ_WINDOW_MS, &query.0);
        out.calls.push(call);
    }

    /// A signed change of a setting.
    pub fn change(&mut self, now: Stamp, asked: Asked, purpose: Purpose, out: &mut Out) {
        let call = self.post(now, READ_WINDOW_MS, asked, READ_DEADLINE_MS, purpose);
        out.calls.push(call);
    }

    /// An order request over REST.
    pub fn order(&mut self, now: Stamp, asked: Asked, request: u64, out: &mut Out) {
        let purpose = Purpose::Request(request);
        let mut call = self.post(now, ORDER_WINDOW_MS, asked, ORDER_DEADLINE_MS, purpose);
        call.lane = Lane::Order;
        out.calls.push(call);
    }

    /// Authenticates a line.
    pub fn auth(&mut self, line: Line, numbered: &str, now: Stamp, out: &mut Out) {
        let id = self.number();
        let expires = self.venue_ms(now).saturating_add(AUTH_MS);
        out.send(
            line,
            0,
            sign::auth(&self.credentials, numbered, id, expires),
        );
    }

    fn post(
        &mut self,
        now: Stamp,
        window_ms: i64,
        asked: Asked,
        deadline_ms: u64,
        purpose: Purpose,
    ) -> Call {
        let timestamp = self.timestamp(now);
        let mut call = self.call(Method::Post, asked.path.to_owned(), deadline_ms, purpose);
        call.headers = sign::headers(&self.credentials, timestamp, window_ms, &asked.body);
        call.headers
            .push(("content-type", "application/json".to_owned()));
        call.body = asked.body;
        call
    }

    fn call(&mut self, method: Method, target: String, deadline_ms: u64, purpose: Purpose) -> Call {
        let tag = self.number();
        self.calls.insert(tag, purpose);
        Call {
            tag,
            method,
            target,
            headers: Vec::new(),
            body: String::new(),
            deadline_ms,
            lane: Lane::Query,
        }
    }
}

fn target(path: &str, query: &Query) -> String {
    if query.0.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", query.0)
    }
}
