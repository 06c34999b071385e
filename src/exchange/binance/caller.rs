//! Signs and numbers every request of one key, and remembers what each REST call was for. Owns the key, the venue's clock as
//! seen from here, and what the venue allows. Must not decide what to ask.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::params::ORDER_WINDOW_MS;
use super::sign::{self, Param, Value};
use crate::domain::Stamp;
use crate::exchange::budget::{Budget, Purse};
use crate::exchange::clock_offset::ClockOffset;
use crate::exchange::credentials::{Credentials, KeyKind};
use crate::exchange::machine::{Call, Lane, Line, Method, Out};

/// Signed times stay this far behind the venue's clock, ms: a time ahead of the venue by a second is refused, one behind is not.
const BEHIND_MS: i64 = 250;
/// Window of signed reads, ms (the venue's default).
const READ_WINDOW_MS: i64 = 5_000;
const READ_DEADLINE_MS: u64 = 10_000;
/// Whole-call deadline of an order over REST, ms: the venue itself gives up after 10 s.
const ORDER_DEADLINE_MS: u64 = 5_000;

/// See the module; `P` is what a REST call was for.
pub struct Caller<P> {
    credentials: Credentials,
    scratch: String,
    next: u64,
    calls: HashMap<u64, P, FixedState>,
    /// The order line was logged on: its requests need neither key nor signature.
    logged_on: bool,
    /// The venue's clock as seen from here.
    pub clock: ClockOffset,
    /// Request weight spent, and bans.
    pub budget: Budget,
}

impl<P> Caller<P> {
    /// A caller for one key; `weight_limit` is request weight a minute until the venue states it.
    pub fn new(credentials: Credentials, weight_limit: u32) -> Self {
        Self {
            credentials,
            scratch: String::with_capacity(512),
            next: 0,
            calls: HashMap::default(),
            logged_on: false,
            clock: ClockOffset::default(),
            budget: Budget::new(weight_limit),
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

    /// How long after its sending the venue may still take an order, ms: its window, and how far off its clock may be.
    pub fn window_ms(&self) -> u64 {
        let error = self.clock.error_ms().unwrap_or(0);
        let error = u64::try_from(error).unwrap_or(0);
        ORDER_WINDOW_MS.unsigned_abs().saturating_add(error)
    }

    /// How long REST must be silent still, ms.
    pub fn paused_ms(&self, now: Stamp) -> Option<u64> {
        self.budget.banned(now).map(|until| until.ms_since(now))
    }

    /// Spends weight; `false` when it must wait.
    pub fn afford(&mut self, now: Stamp, weight: u32, purse: Purse) -> bool {
        self.budget.spend(now, weight, purse).is_ok()
    }

    /// Forgets what a call was for and says it.
    pub fn take(&mut self, tag: u64) -> Option<P> {
        self.calls.remove(&tag)
    }

    /// A read without a signature; `keyed` calls carry the API key.
    pub fn plain(&mut self, method: Method, path: &str, keyed: bool, purpose: P, out: &mut Out) {
        self.push(
            method,
            path.to_owned(),
            keyed,
            (Lane::Query, READ_DEADLINE_MS),
            purpose,
            out,
        );
    }

    /// A signed call on the query lane; window and time are added here.
    pub fn signed(
        &mut self,
        now: Stamp,
        method: Method,
        path: &str,
        params: &[Param<'_>],
        purpose: P,
        out: &mut Out,
    ) {
        let mut all = params.to_vec();
        all.push(("recvWindow", Value::Int(READ_WINDOW_MS)));
        all.push(("timestamp", Value::Int(self.timestamp(now))));
        let target = self.target(path, &all);
        let lane = (Lane::Query, READ_DEADLINE_MS);
        self.push(method, target, true, lane, purpose, out);
    }

    /// An order request over REST; `params` carry window and time already.
    pub fn order(
        &mut self,
        method: Method,
        path: &str,
        params: &[Param<'_>],
        purpose: P,
        out: &mut Out,
    ) {
        let target = self.target(path, params);
        let lane = (Lane::Order, ORDER_DEADLINE_MS);
        self.push(method, target, true, lane, purpose, out);
    }

    /// The order line is a new socket: nobody is logged on. The logon to send first, with its number, where the key can log on.
    pub fn logon(&mut self, line: Line, now: Stamp, out: &mut Out) -> Option<u64> {
        self.logged_on = false;
        self.can_log_on().then(|| self.ask_logon(line, now, out))
    }

    /// True for a key that a connection can be logged on with (Binance, WebSocket API, session authentication: Ed25519 only).
    pub fn can_log_on(&self) -> bool {
        self.credentials.kind() == KeyKind::Ed25519
    }

    /// Asks for a logon on this line; gives the request's number.
    pub fn ask_logon(&mut self, line: Line, now: Stamp, out: &mut Out) -> u64 {
        self.ask_signed(line, "session.logon", now, out)
    }

    /// A request without parameters of its own, with key and signature; gives its number.
    pub fn ask_signed(&mut self, line: Line, method: &str, now: Stamp, out: &mut Out) -> u64 {
        let id = self.number();
        let params = vec![
            ("recvWindow", Value::Int(READ_WINDOW_MS)),
            ("timestamp", Value::Int(self.timestamp(now))),
        ];
        self.signed_frame(line, id, method, params, out);
        id
    }

    /// A request without any parameter on a line that is logged on; gives its number.
    pub fn ask_plain(&mut self, line: Line, method: &str, out: &mut Out) -> u64 {
        let id = self.number();
        out.send(line, id, sign::plain_frame(id, method, &[]));
        id
    }

    /// The venue took the logon, or ended it.
    pub fn set_logged_on(&mut self, on: bool) {
        self.logged_on = on;
    }

    /// A request over the WebSocket API. `params` carry window and time already; the key is put where it sorts.
    pub fn frame(
        &mut self,
        line: Line,
        request: u64,
        method: &str,
        params: Vec<Param<'_>>,
        out: &mut Out,
    ) {
        if self.logged_on {
            return out.send(line, request, sign::plain_frame(request, method, &params));
        }
        self.signed_frame(line, request, method, params, out);
    }

    fn signed_frame(
        &mut self,
        line: Line,
        request: u64,
        method: &str,
        params: Vec<Param<'_>>,
        out: &mut Out,
    ) {
        let mut params = params;
        let at = params.partition_point(|(name, _)| *name < "apiKey");
        params.insert(at, ("apiKey", Value::Text(self.credentials.api_key())));
        let text = sign::frame(
            &self.credentials,
            request,
            method,
            &params,
            &mut self.scratch,
        );
        out.send(line, request, text);
    }

    fn target(&self, path: &str, params: &[Param<'_>]) -> String {
        let mut target = String::with_capacity(384);
        target.push_str(path);
        target.push('?');
        let from = target.len();
        sign::query(params, &mut target);
        sign::sign_query(&self.credentials, from, &mut target);
        target
    }

    fn push(
        &mut self,
        method: Method,
        target: String,
        keyed: bool,
        (lane, deadline_ms): (Lane, u64),
        purpose: P,
        out: &mut Out,
    ) {
        let tag = self.number();
        self.calls.insert(tag, purpose);
        let headers = if keyed {
            vec![("X-MBX-APIKEY", self.credentials.api_key().to_owned())]
        } else {
            Vec::new()
        };
        out.calls.push(Call {
            tag,
            method,
            target,
            headers,
            body: String::new(),
            deadline_ms,
            lane,
        });
    }
}
