//! Signs and numbers every request of one key, and remembers what each REST call was for. Owns the key, the venue's clock as
//! seen from here, and pauses that the venue asked for. Must not decide what to ask.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::domain::message::{MarginMode, Setting};
use crate::domain::{Leg, OrderClass, Stamp, Symbol};
use crate::exchange::budget::Budget;
use crate::exchange::clock_offset::ClockOffset;
use crate::exchange::credentials::Credentials;
use crate::exchange::machine::{Call, Lane, Method, Out};
use crate::exchange::okx::{sign, write};

const READ_DEADLINE_MS: u64 = 10_000;
/// Whole-call deadline of an order over REST, ms.
const ORDER_DEADLINE_MS: u64 = 5_000;
/// The venue counts calls by endpoint in windows of 2 s: after a refusal REST is silent this long, ms (50011).
const PAUSE_MS: u64 = 2_000;

/// What a REST call was for.
#[derive(Clone, Debug)]
pub enum Purpose {
    /// The venue's clock.
    Time {
        /// When it was asked.
        sent: Stamp,
    },
    /// Every instrument of one type.
    Instruments(&'static str),
    /// One part of account truth.
    Truth(super::truth::Part),
    /// An order request that went over REST, by its number.
    Request(u64),
    /// The state of one order.
    Query(crate::exchange::account::proof::Asking),
    /// Leverage of a symbol in a margin mode.
    Leverage(Symbol, MarginMode),
    /// Fee rates of a symbol.
    Fees(Symbol),
    /// Our own change of a setting; the leg that it was sent for, where it goes leg by leg.
    Set(Setting, Option<Leg>),
}

/// See the module.
pub struct Caller {
    credentials: Credentials,
    /// Headers that every call and handshake of the environment carries.
    pub headers: Vec<(&'static str, String)>,
    next: u64,
    calls: HashMap<u64, Purpose, FixedState>,
    /// The venue's clock as seen from here.
    pub clock: ClockOffset,
    budget: Budget,
}

impl Caller {
    /// A caller for one key.
    pub fn new(credentials: Credentials, headers: Vec<(&'static str, String)>) -> Self {
        Self {
            credentials,
            headers,
            next: 0,
            calls: HashMap::default(),
            clock: ClockOffset::default(),
            budget: Budget::new(u32::MAX),
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

    /// The venue time after which an order is not taken any more. Not stated before the clock was measured: it would be taken for
    /// another moment.
    pub fn expires_ms(&self, now: Stamp) -> Option<i64> {
        let venue_ms = self.clock.venue_ms(now)?;
        Some(venue_ms.saturating_add(write::ORDER_WINDOW_MS))
    }

    /// How long after it was sent a request may still be taken, ms, the error of our clock included. A conditional order has no
    /// time of its own: only its signature expires.
    pub fn window_ms(&self, class: OrderClass) -> u64 {
        let measured = self.clock.error_ms();
        let window = match (class, measured) {
            (OrderClass::Regular, Some(_)) => write::ORDER_WINDOW_MS,
            _ => write::SIGNED_WINDOW_MS,
        };
        window.saturating_add(measured.unwrap_or(0)).unsigned_abs()
    }

    /// How long REST must be silent still, ms.
    pub fn paused_ms(&self, now: Stamp) -> Option<u64> {
        self.budget.banned(now).map(|until| until.ms_since(now))
    }

    /// The venue counted too many calls. Gives the end of the silence.
    pub fn pause(&mut self, now: Stamp) -> Stamp {
        self.budget.refused(now, 429, Some(PAUSE_MS))
    }

    /// Forgets what a call was for and says it.
    pub fn take(&mut self, tag: u64) -> Option<Purpose> {
        self.calls.remove(&tag)
    }

    /// The frame that logs a socket in.
    pub fn login(&self, now: Stamp) -> String {
        sign::login(&self.credentials, self.venue_ms(now))
    }

    /// A read without a signature.
    pub fn plain(&mut self, target: String, purpose: Purpose, out: &mut Out) {
        let call = self.call(Method::Get, target, String::new(), Vec::new());
        self.push(call, purpose, out);
    }

    /// A signed read.
    pub fn read(&mut self, now: Stamp, target: String, purpose: Purpose, out: &mut Out) {
        self.signed(now, Method::Get, target, String::new(), purpose, out);
    }

    /// A signed call that asks for a change, on the query lane.
    pub fn post(&mut self, now: Stamp, path: &str, body: String, purpose: Purpose, out: &mut Out) {
        self.signed(now, Method::Post, path.to_owned(), body, purpose, out);
    }

    /// An order request over REST; `expires_ms` is the venue time after which it is not taken any more.
    pub fn order(
        &mut self,
        now: Stamp,
        path: &str,
        body: String,
        expires_ms: Option<i64>,
        request: u64,
        out: &mut Out,
    ) {
        let venue_ms = self.venue_ms(now);
        let mut headers = sign::headers(&self.credentials, venue_ms, Method::Post, path, &body);
        headers.extend(expires_ms.map(|at| ("expTime", at.to_string())));
        let call = Call {
            deadline_ms: ORDER_DEADLINE_MS,
            lane: Lane::Order,
            ..self.call(Method::Post, path.to_owned(), body, headers)
        };
        self.push(call, Purpose::Request(request), out);
    }

    fn signed(
        &mut self,
        now: Stamp,
        method: Method,
        target: String,
        body: String,
        purpose: Purpose,
        out: &mut Out,
    ) {
        let venue_ms = self.venue_ms(now);
        let headers = sign::headers(&self.credentials, venue_ms, method, &target, &body);
        let call = self.call(method, target, body, headers);
        self.push(call, purpose, out);
    }

    fn call(
        &mut self,
        method: Method,
        target: String,
        body: String,
        mut headers: Vec<(&'static str, String)>,
    ) -> Call {
        headers.extend(self.headers.iter().cloned());
        Call {
            tag: self.number(),
            method,
            target,
            headers,
            body,
            deadline_ms: READ_DEADLINE_MS,
            lane: Lane::Query,
        }
    }

    fn push(&mut self, call: Call, purpose: Purpose, out: &mut Out) {
        self.calls.insert(call.tag, purpose);
        out.calls.push(call);
    }
}

/// A name in a query, percent-encoded.
pub fn encoded(text: &str) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
