//! Answers to REST calls, taken to whoever asked. Owns nothing.

use super::OkxAccount;
use super::caller::Purpose;
use super::lines::KEY_AGAIN_MS;
use super::truth::Kind;
use crate::domain::message::{Asked, Proves};
use crate::domain::{Fact, OrderClass, Outcome, Stamp};
use crate::exchange::account::proof::Asking;
use crate::exchange::machine::{CallError, Out, Reply};
use crate::exchange::okx::answer::{self, Envelope};
use crate::exchange::okx::read::{self, algo, order, settings};
use crate::exchange::okx::{error, instruments};

impl OkxAccount {
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
        match purpose {
            Purpose::Request(id) => self.request_reply(id, result, now, out),
            Purpose::Set(setting, leg) => self.setting_reply(setting, leg, result, now, out),
            purpose => match result {
                Ok(reply) => self.read_reply(purpose, &reply, now, out),
                Err(error) => self.failed(purpose, 0, &error.to_string(), now, out),
            },
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
            Ok(reply) => answer::order_outcome(reply.status, &reply.body),
            Err(CallError::NotSent(words)) => Outcome::NotSent(words),
            Err(CallError::Lost(words)) => Outcome::Unknown(words),
        };
        if let Some(request) = self.requests.answered(id) {
            self.settle(request, outcome, now, out);
        }
    }

    /// The answer to a read: the venue refuses with a code in the body, whatever the status.
    fn read_reply(&mut self, purpose: Purpose, reply: &Reply, now: Stamp, out: &mut Out) {
        let envelope = Envelope::read(&reply.body);
        if reply.status == 200 && envelope.as_ref().is_some_and(Envelope::is_good) {
            return self.good(purpose, &reply.body, now, out);
        }
        let code = envelope.as_ref().and_then(Envelope::code).unwrap_or(0);
        let outcome = match &envelope {
            Some(envelope) => error::outcome(reply.status, code, envelope.words()),
            None => error::bare(reply.status),
        };
        let (words, proves) = match outcome {
            Outcome::Rejected { words, proves, .. } => (words, proves),
            Outcome::Unknown(words) | Outcome::NotSent(words) => (words, Proves::Nothing),
            Outcome::Accepted { .. } => (String::new(), Proves::Nothing),
        };
        match proves {
            Proves::RateLimited { .. } => self.limit(now, out),
            Proves::ClockOff => self.measure_clock(now, out),
            Proves::KeyRefused => {
                self.refuse_key(&words, out);
                return self.key_failed(purpose, code, &words, now, out);
            }
            _ => {}
        }
        self.failed(purpose, code, &words, now, out);
    }

    /// A read was refused for the key's sake. No hurry: its owner may mend it meanwhile.
    fn key_failed(&mut self, purpose: Purpose, code: i64, words: &str, now: Stamp, out: &mut Out) {
        match purpose {
            Purpose::Truth(part) if self.truth.is_current(part) => {
                self.truth.abandon();
                self.truth.next = Some(now.plus_ms(KEY_AGAIN_MS));
            }
            other => self.failed(other, code, words, now, out),
        }
    }

    fn good(&mut self, purpose: Purpose, body: &[u8], now: Stamp, out: &mut Out) {
        match purpose {
            Purpose::Time { sent } => self.clock_measured(sent, body, now, out),
            Purpose::Instruments(kind) => self.instruments_loaded(kind, body, now, out),
            Purpose::Truth(part) => self.truth_part(part, body, now, out),
            Purpose::Query(asking) => self.query_found(&asking, body, now, out),
            Purpose::Leverage(symbol, mode) => self.leverage_read(symbol, mode, body, out),
            Purpose::Fees(symbol) => self.fees_read(symbol, body, out),
            Purpose::Request(_) | Purpose::Set(..) => {}
        }
    }

    fn clock_measured(&mut self, sent: Stamp, body: &[u8], now: Stamp, out: &mut Out) {
        match settings::time(body) {
            Ok(venue_ms) => {
                self.caller.clock.sample(sent, now, venue_ms);
                self.next_time = Some(now.plus_ms(self.caller.clock.period_ms()));
                let clock = &self.caller.clock;
                if let (Some(offset_ms), Some(error_ms)) = (clock.offset_ms(now), clock.error_ms())
                {
                    out.facts.push(Fact::Clock {
                        venue: self.whose.venue,
                        offset_ms,
                        error_ms,
                    });
                }
            }
            Err(error) => self.bad(&format!("time: {error}"), out),
        }
    }

    fn instruments_loaded(&mut self, kind: &'static str, body: &[u8], now: Stamp, out: &mut Out) {
        self.loading.retain(|loading| *loading != kind);
        let load = match instruments::load(body, self.whose.venue) {
            Ok(load) => load,
            Err(error) => return self.bad(&error.to_string(), out),
        };
        self.loaded.insert(kind);
        self.codes.extend(load.codes);
        for instrument in load.instruments {
            self.instruments.insert(instrument.symbol, instrument);
        }
        if !self.loading.is_empty() {
            return;
        }
        self.retry(now, out);
        if !self.in_sync {
            self.want_truth(now);
        }
    }

    /// A read brought no good answer. Nothing is concluded from that.
    fn failed(&mut self, purpose: Purpose, code: i64, words: &str, now: Stamp, out: &mut Out) {
        match purpose {
            Purpose::Query(asking) => self.query_failed(&asking, code, words, now, out),
            Purpose::Truth(part) => {
                if let (Kind::Order(..) | Kind::Algo(..), true) =
                    (part.kind, error::is_not_found(code))
                {
                    self.truth_missing(part, now, out);
                } else if self.truth.is_current(part) {
                    self.truth_failed(&format!("account truth: {words}"), now, out);
                }
            }
            Purpose::Instruments(kind) => {
                self.loading.retain(|loading| *loading != kind);
                self.bad(&format!("instruments: {words}"), out);
            }
            Purpose::Time { .. } => self.bad(&format!("clock: {words}"), out),
            Purpose::Leverage(symbol, _) => {
                self.bad(&format!("leverage of {symbol} unknown: {words}"), out);
            }
            Purpose::Fees(symbol) => {
                self.bad(&format!("fees of {symbol} unknown: {words}"), out);
            }
            Purpose::Request(_) | Purpose::Set(..) => {}
        }
    }

    fn query_found(&mut self, asking: &Asking, body: &[u8], now: Stamp, out: &mut Out) {
        let record = match read::first(body) {
            Ok(record) => record.get(),
            Err(error) => return self.bad(&format!("query: {error}"), out),
        };
        if asking.order.class == OrderClass::Conditional {
            return match algo::read(record, &self.reader(now)) {
                Ok(algo) => self.algo_found(asking, algo, now, out),
                Err(error) => self.bad(&format!("query: {error}"), out),
            };
        }
        let order = match order::read(record, &self.reader(now)) {
            Ok(order) => order,
            Err(error) => return self.bad(&format!("query: {error}"), out),
        };
        let mut report = order.report;
        self.adopt(order.made_of, &mut report);
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
        if error::is_not_found(code) {
            self.proofs.negative(asking);
        }
        if asking.desk {
            let outcome = if error::is_not_found(code) {
                error::outcome(200, code, "")
            } else {
                Outcome::Unknown(words.to_owned())
            };
            self.prove(
                asking.key,
                asking.order.client,
                Asked::Query,
                outcome,
                now,
                out,
            );
        }
    }
}
