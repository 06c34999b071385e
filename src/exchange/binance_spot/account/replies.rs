//! Answers to REST calls, taken to whoever asked. Owns nothing.

use super::BinanceSpotAccount;
use super::purpose::Purpose;
use super::stream::KEY_AGAIN_MS;
use super::truth::Kind;
use crate::domain::message::{Asked, Proves};
use crate::domain::{Fact, Instrument, Outcome, Stamp};
use crate::exchange::account::proof::{Asking, Step};
use crate::exchange::binance::error::{ErrorBody, told};
use crate::exchange::binance_spot::{error, instruments, read};
use crate::exchange::budget::ban_ms;
use crate::exchange::machine::{CallError, Out, Reply};

/// What trades, and by what rules, is read again this often, ms.
const READ_AGAIN_MS: u64 = 5 * 60_000;

impl BinanceSpotAccount {
    pub(super) fn reply(
        &mut self,
        tag: u64,
        result: Result<Reply, CallError>,
        now: Stamp,
        out: &mut Out,
    ) {
        let Some(purpose) = self.caller.take(tag) else {
            return;
        };
        if let Ok(reply) = &result {
            self.take_limits(reply, now, out);
        }
        if let Purpose::Request(id) = purpose {
            return self.request_reply(id, result, now, out);
        }
        match result {
            Ok(reply) if reply.status == 200 => self.good(purpose, &reply.body, now, out),
            Ok(reply) => {
                let body = ErrorBody::read(&reply.body);
                let (words, proves) = told(error::outcome(reply.status, body.as_ref()));
                let code = body.map_or(0, |body| body.code);
                if proves == Proves::KeyRefused {
                    self.refuse_key(&words, out);
                    return self.key_failed(purpose, code, &words, now, out);
                }
                self.failed(purpose, code, &words, now, out);
            }
            Err(error) => self.failed(purpose, 0, &error.to_string(), now, out),
        }
    }

    /// A read was refused for the key's sake. No hurry: asking again soon would only get an address banned.
    fn key_failed(&mut self, purpose: Purpose, code: i64, words: &str, now: Stamp, out: &mut Out) {
        match purpose {
            Purpose::Truth(part) if self.truth.is_current(part) => {
                self.truth.abandon();
                self.truth.next = Some(now.plus_ms(KEY_AGAIN_MS));
            }
            other => self.failed(other, code, words, now, out),
        }
    }

    /// An order request that went over REST.
    fn request_reply(
        &mut self,
        id: u64,
        result: Result<Reply, CallError>,
        now: Stamp,
        out: &mut Out,
    ) {
        let outcome = match result {
            Ok(reply) if reply.status == 200 => match read::accepted_id(&reply.body) {
                Some(venue) => Outcome::Accepted { venue: Some(venue) },
                None => Outcome::Unknown("the answer names no order".into()),
            },
            Ok(reply) => error::outcome(reply.status, ErrorBody::read(&reply.body).as_ref()),
            Err(CallError::NotSent(words)) => Outcome::NotSent(words),
            Err(CallError::Lost(words)) => Outcome::Unknown(words),
        };
        if let Some(request) = self.requests.answered(id) {
            self.settle(request, outcome, now, out);
        }
    }

    /// Weight, order counts and bans that an answer states.
    fn take_limits(&mut self, reply: &Reply, now: Stamp, out: &mut Out) {
        let header = |name: &str| {
            let mut headers = reply.headers.iter();
            headers
                .find(|(n, _)| n == name)
                .map(|(_, value)| value.as_str())
        };
        if let Some(used) = header("x-mbx-used-weight-1m").and_then(|v| v.parse().ok()) {
            self.caller.budget.stated(now, used);
        }
        let venue_ms = self.caller.venue_ms(now);
        for (name, window_ms) in [
            ("x-mbx-order-count-10s", 10_000),
            ("x-mbx-order-count-1d", 86_400_000),
        ] {
            if let Some(used) = header(name).and_then(|v| v.parse().ok()) {
                self.pace.stated(venue_ms, window_ms, used);
            }
        }
        if matches!(reply.status, 429 | 418) {
            let words = ErrorBody::read(&reply.body).map_or(String::new(), |body| body.msg);
            let wait = ban_ms(header("retry-after"), &words, venue_ms);
            self.limit(reply.status, wait, now, out);
        }
    }

    /// REST falls silent, and the desk is told until when.
    pub(super) fn limit(&mut self, status: u16, wait_ms: Option<u64>, now: Stamp, out: &mut Out) {
        let until = self.caller.budget.refused(now, status, wait_ms);
        self.limited = true;
        out.facts.push(Fact::Limited {
            venue: self.whose.venue,
            until_ms: until.wall_ms(),
        });
    }

    fn good(&mut self, purpose: Purpose, body: &[u8], now: Stamp, out: &mut Out) {
        match purpose {
            Purpose::Time { sent } => self.clock_measured(sent, body, now, out),
            Purpose::Instruments => self.instruments_loaded(body, now, out),
            Purpose::Truth(part) => self.truth_part(part, body, now, out),
            Purpose::Query(asking) => self.query_found(&asking, body, now, out),
            Purpose::Commission(symbol) => match read::commission(body) {
                Ok((maker, taker)) => self.set(
                    symbol,
                    |s| (s.maker_fee, s.taker_fee) = (Some(maker), Some(taker)),
                    out,
                ),
                Err(error) => self.bad(&format!("commission: {error}"), out),
            },
            Purpose::Request(_) => {}
        }
    }

    fn clock_measured(&mut self, sent: Stamp, body: &[u8], now: Stamp, out: &mut Out) {
        let venue_ms = match read::server_time(body) {
            Ok(venue_ms) => venue_ms,
            Err(error) => return self.bad(&format!("time: {error}"), out),
        };
        self.caller.clock.sample(sent, now, venue_ms);
        self.next_time = Some(now.plus_ms(self.caller.clock.period_ms()));
        let clock = &self.caller.clock;
        if let (Some(offset_ms), Some(error_ms)) = (clock.offset_ms(now), clock.error_ms()) {
            out.facts.push(Fact::Clock {
                venue: self.whose.venue,
                offset_ms,
                error_ms,
            });
        }
        self.subscribe(now, out);
    }

    fn instruments_loaded(&mut self, body: &[u8], now: Stamp, out: &mut Out) {
        self.not_loaded(now);
        let load = match instruments::load(body, self.whose.venue) {
            Ok(load) => load,
            Err(error) => return self.bad(&format!("exchangeInfo: {error}"), out),
        };
        if let Some(limit) = load.weight_limit {
            self.caller.budget.set_limit(limit);
        }
        self.next_load = Some(now.plus_ms(READ_AGAIN_MS));
        let stepped = self.take_instruments(load.instruments);
        for event in std::mem::take(&mut self.waiting) {
            self.private_event(&event, true, now, out);
        }
        // With new steps, what was told of open orders counts something else.
        if stepped || !self.in_sync {
            self.want_truth(now);
        }
    }

    /// True when a symbol that was known has new steps.
    fn take_instruments(&mut self, loaded: Vec<Instrument>) -> bool {
        let mut stepped = false;
        for new in loaded {
            let steps = (new.tick, new.lot);
            let old = self.instruments.insert(new.symbol, new);
            stepped |= old.is_some_and(|old| (old.tick, old.lot) != steps);
        }
        stepped
    }

    /// A call that is no order brought no good answer. Nothing is concluded from that.
    fn failed(&mut self, purpose: Purpose, code: i64, words: &str, now: Stamp, out: &mut Out) {
        if code == -1021 {
            self.measure_clock(now, out);
        }
        match purpose {
            Purpose::Query(asking) => self.query_failed(&asking, code, words, now, out),
            Purpose::Truth(part) => {
                if let (Kind::Order(..), true) = (part.kind, error::is_not_found(code)) {
                    self.truth_missing(part, now, out);
                } else if self.truth.is_current(part) {
                    self.truth_failed(&format!("account truth: {words}"), now, out);
                }
            }
            Purpose::Instruments => {
                self.not_loaded(now);
                self.bad(&format!("instruments: {words}"), out);
            }
            Purpose::Time { .. } => self.bad(&format!("clock: {words}"), out),
            Purpose::Commission(symbol) => {
                self.bad(&format!("fees of {symbol} unknown: {words}"), out);
            }
            Purpose::Request(_) => {}
        }
    }

    fn query_found(&mut self, asking: &Asking, body: &[u8], now: Stamp, out: &mut Out) {
        let report = match read::order(body, &self.reader(now)) {
            Ok(report) => report,
            Err(error) => return self.bad(&format!("query: {error}"), out),
        };
        let mut steps = Vec::new();
        self.requests.seen(report.order.client, report.order.venue);
        if report.status.is_final() {
            self.proofs.ended(report.order.client);
        } else {
            self.proofs
                .found(asking, report.price, report.qty, &mut steps);
        }
        // The stream may have overtaken the query.
        if self.told.order(&report) {
            out.facts.push(Fact::Order(report));
        }
        self.take_steps(steps, now, out);
    }

    fn query_failed(&mut self, asking: &Asking, code: i64, words: &str, now: Stamp, out: &mut Out) {
        let gone = error::is_not_found(code);
        if gone {
            self.proofs.negative(asking);
        }
        if !asking.desk {
            return;
        }
        let outcome = if gone {
            Outcome::Rejected {
                code,
                words: words.to_owned(),
                proves: Proves::NotFound,
            }
        } else {
            Outcome::Unknown(words.to_owned())
        };
        out.facts.push(Fact::Answer {
            key: asking.key,
            client: asking.order.client,
            asked: Asked::Query,
            outcome,
            at: now,
        });
    }

    pub(super) fn take_steps(&mut self, steps: Vec<Step>, now: Stamp, out: &mut Out) {
        for step in steps {
            self.step(step, now, out);
        }
    }
}
