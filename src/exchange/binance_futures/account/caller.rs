//! Signs and numbers every request of one key, and remembers what each REST call was for. Owns the key, the venue's clock as
//! seen from here, and what the venue allows. Must not decide what to ask.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::domain::message::Setting;
use crate::domain::{Stamp, Symbol};
use crate::exchange::binance_futures::sign::{self, Param, Value};
use crate::exchange::binance_futures::write::ORDER_WINDOW_MS;
use crate::exchange::budget::{Budget, Purse};
use crate::exchange::clock_offset::ClockOffset;
use crate::exchange::credentials::{Credentials, KeyKind};
use crate::exchange::machine::{Call, Lane, Line, Method, Out};

/// Signed times stay this far behind the venue's clock, ms: a time ahead of the venue by a second is refused, one behind is not.
const BEHIND_MS: i64 = 250;
/// Window of signed reads, ms (the venue's default).
const READ_WINDOW_MS: i64 = 5_000;
/// Request weight a minute until the venue states it (Binance, General Info, limits).
const WEIGHT_LIMIT: u32 = 2_400;
const READ_DEADLINE_MS: u64 = 10_000;
/// Whole-call deadline of an order over REST, ms: the venue itself gives up after 10 s.
const ORDER_DEADLINE_MS: u64 = 5_000;

/// What a REST call was for.
#[derive(Clone, Debug)]
pub enum Purpose {
    /// The venue's clock.
    Time {
        /// When it was asked.
        sent: Stamp,
    },
    /// Every instrument.
    Instruments,
    /// A listen key, new or extended.
    ListenKey,
    /// Another hour for the listen key.
    KeepAlive,
    /// One part of account truth.
    Truth(super::truth::Part),
    /// An order request that went over REST, by its number.
    Request(u64),
    /// The state of one order.
    Query(crate::exchange::account::proof::Asking),
    /// Leverage and margin mode of a symbol.
    SymbolConfig,
    /// Fee rates of a symbol.
    Commission(Symbol),
    /// Our own change of a setting.
    Set(Setting),
}

/// See the module.
pub struct Caller {
    credentials: Credentials,
    scratch: String,
    next: u64,
    calls: HashMap<u64, Purpose, FixedState>,
    /// The order line was logged on: its requests need neither key nor signature.
    logged_on: bool,
    /// The venue's clock as seen from here.
    pub clock: ClockOffset,
    /// Request weight spent, and bans.
    pub budget: Budget,
}

impl Caller {
    /// A caller for one key.
    pub fn new(credentials: Credentials) -> Self {
        Self {
            credentials,
            scratch: String::with_capacity(512),
            next: 0,
            calls: HashMap::default(),
            logged_on: false,
            clock: ClockOffset::default(),
            budget: Budget::new(WEIGHT_LIMIT),
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
    pub fn take(&mut self, tag: u64) -> Option<Purpose> {
        self.calls.remove(&tag)
    }

    /// A read without a signature; `keyed` calls carry the API key.
    pub fn plain(
        &mut self,
        method: Method,
        path: &str,
        keyed: bool,
        purpose: Purpose,
        out: &mut Out,
    ) {
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
        purpose: Purpose,
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
        request: u64,
        out: &mut Out,
    ) {
        let target = self.target(path, params);
        let lane = (Lane::Order, ORDER_DEADLINE_MS);
        self.push(method, target, true, lane, Purpose::Request(request), out);
    }

    /// The order line is a new socket: nobody is logged on. The logon to send first, with its number, where the key can log on
    /// (Binance, WebSocket API, session authentication: Ed25519 only).
    pub fn logon(&mut self, line: Line, now: Stamp, out: &mut Out) -> Option<u64> {
        self.logged_on = false;
        if self.credentials.kind() != KeyKind::Ed25519 {
            return None;
        }
        let id = self.number();
        let params = vec![
            ("recvWindow", Value::Int(READ_WINDOW_MS)),
            ("timestamp", Value::Int(self.timestamp(now))),
        ];
        self.frame(line, id, "session.logon", params, out);
        Some(id)
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
        let mut params: Vec<Param<'_>> = params;
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
        purpose: Purpose,
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
