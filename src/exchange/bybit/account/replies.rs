//! Answers to REST calls, taken to whoever asked. Owns nothing.

use super::BybitAccount;
use super::caller::Purpose;
use super::lines::KEY_AGAIN_MS;
use super::outcomes::until;
use crate::domain::message::Proves;
use crate::domain::{Fact, Outcome, Stamp};
use crate::exchange::budget::ban_ms;
use crate::exchange::bybit::answer::{self, Envelope, Left};
use crate::exchange::bybit::error::ADDRESS_PAUSE_MS;
use crate::exchange::bybit::read::settings;
use crate::exchange::machine::{CallError, Out, Reply};

/// Longest body that is looked at for a breach of limits: what is longer is a list.
const SHORT: usize = 2_000;
/// The key may not see what was asked for.
const DENIED: i64 = 10_005;

impl BybitAccount {
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
        match (purpose, result) {
            (Purpose::Request(id), result) => self.request_reply(id, result, now, out),
            (Purpose::Set(setting), result) => self.setting_reply(setting, result, now, out),
            (Purpose::Time { sent }, Ok(reply)) if reply.status == 200 => {
                self.clock_measured(sent, &reply.body, now, out);
            }
            (Purpose::Instruments(category), Ok(reply)) if reply.status == 200 => {
                self.page_loaded(category, &reply.body, now, out);
            }
            (purpose, Ok(reply)) => self.read_reply(purpose, &reply, now, out),
            (purpose, Err(error)) => {
                self.failed(purpose, Proves::Nothing, &error.to_string(), now, out);
            }
        }
    }

    /// A signed read was answered.
    fn read_reply(&mut self, purpose: Purpose, reply: &Reply, now: Stamp, out: &mut Out) {
        match answer::outcome(reply) {
            Outcome::Rejected {
                words,
                proves,
                code,
            } => {
                if code == DENIED && self.is_denied(&purpose, now, out) {
                    return;
                }
                if proves == Proves::KeyRefused {
                    self.refuse_key(&words, out);
                    return self.key_failed(purpose, &words, now, out);
                }
                self.failed(purpose, proves, &words, now, out);
            }
            Outcome::Unknown(words) | Outcome::NotSent(words) => {
                self.failed(purpose, Proves::Nothing, &words, now, out);
            }
            Outcome::Accepted { .. } => {
                let envelope = Envelope::read(&reply.body);
                match envelope.as_ref().map(Envelope::result) {
                    Some(Ok(result)) => self.good(purpose, result, now, out),
                    _ => self.failed(
                        purpose,
                        Proves::Nothing,
                        "the answer says nothing",
                        now,
                        out,
                    ),
                }
            }
        }
    }

    /// A key may be made for contracts or for spot alone: then the other is not read.
    fn is_denied(&mut self, purpose: &Purpose, now: Stamp, out: &mut Out) -> bool {
        let Purpose::Truth(part) = purpose else {
            return false;
        };
        let denied = self.truth.is_current(*part) && self.truth.deny(part.kind);
        if denied {
            self.truth_missing(*part, now, out);
        }
        denied
    }

    /// A read was refused for the key's sake. No hurry: asking again soon would only get an address banned.
    fn key_failed(&mut self, purpose: Purpose, words: &str, now: Stamp, out: &mut Out) {
        match purpose {
            Purpose::Truth(part) if self.truth.is_current(part) => {
                self.truth.abandon();
                self.truth.next = Some(now.plus_ms(KEY_AGAIN_MS));
            }
            Purpose::Truth(_) => {}
            other => self.failed(other, Proves::KeyRefused, words, now, out),
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
        let Some(request) = self.requests.answered(id) else {
            return;
        };
        let mut venue_ms = self.caller.venue_ms(now);
        let outcome = match result {
            Ok(reply) => {
                let left = stated(&reply);
                self.state_pace(&request.what, left, now);
                let time = Envelope::read(&reply.body).and_then(|envelope| envelope.time);
                venue_ms = time.unwrap_or(venue_ms);
                until(answer::outcome(&reply), left)
            }
            Err(CallError::NotSent(words)) => Outcome::NotSent(words),
            Err(CallError::Lost(words)) => Outcome::Unknown(words),
        };
        self.settle(request, outcome, venue_ms, now, out);
    }

    /// Bans that an answer states. A limit by second of one call (10006) silences nothing else.
    fn take_limits(&mut self, reply: &Reply, now: Stamp, out: &mut Out) {
        if reply.body.len() > SHORT {
            return;
        }
        let Outcome::Rejected { code, proves, .. } = answer::outcome(reply) else {
            return;
        };
        if !matches!(proves, Proves::RateLimited { .. }) {
            return;
        }
        match code {
            403 | 10_018 | 10_403 => self.limit(403, Some(ADDRESS_PAUSE_MS), now, out),
            429 => {
                let wait = ban_ms(header(reply, "retry-after"), "", self.caller.venue_ms(now));
                self.limit(429, wait, now, out);
            }
            _ => {}
        }
    }

    /// REST falls silent, and the desk is told until when.
    fn limit(&mut self, status: u16, wait_ms: Option<u64>, now: Stamp, out: &mut Out) {
        let until = self.caller.budget.refused(now, status, wait_ms);
        self.limited = true;
        out.facts.push(Fact::Limited {
            venue: self.whose.venue,
            until_ms: until.wall_ms(),
        });
    }

    fn good(&mut self, purpose: Purpose, result: &str, now: Stamp, out: &mut Out) {
        match purpose {
            Purpose::Truth(part) => self.truth_part(part, result, now, out),
            Purpose::Query(lookup) => self.looked_up(lookup, result, now, out),
            Purpose::Position { symbol, sent } => {
                self.position_read(symbol, sent, result, now, out);
            }
            Purpose::Fees(symbol) => self.fees_read(symbol, result, out),
            Purpose::Time { .. }
            | Purpose::Instruments(_)
            | Purpose::Request(_)
            | Purpose::Set(_) => {}
        }
    }

    fn clock_measured(&mut self, sent: Stamp, body: &[u8], now: Stamp, out: &mut Out) {
        match settings::server_time(body) {
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
                self.log_on(now, out);
            }
            Err(error) => self.bad(&format!("time: {error}"), out),
        }
    }

    /// A call that is no order brought no good answer. Nothing is concluded from that.
    fn failed(&mut self, purpose: Purpose, proves: Proves, words: &str, now: Stamp, out: &mut Out) {
        if proves == Proves::ClockOff {
            self.measure_clock(now, out);
        }
        match purpose {
            Purpose::Query(lookup) => self.look_up_failed(&lookup, proves, words, now, out),
            Purpose::Truth(part) if self.truth.is_optional(part) => {
                self.truth_missing(part, now, out);
            }
            Purpose::Truth(part) if self.truth.is_current(part) => {
                self.truth_failed(&format!("account truth: {words}"), now, out);
            }
            Purpose::Instruments(_) => self.load_failed(words, out),
            Purpose::Time { .. } => self.bad(&format!("clock: {words}"), out),
            Purpose::Position { symbol, .. } => {
                self.bad(&format!("position of {symbol} unknown: {words}"), out);
            }
            Purpose::Fees(symbol) => {
                self.bad(&format!("fees of {symbol} unknown: {words}"), out);
            }
            Purpose::Truth(_) | Purpose::Request(_) | Purpose::Set(_) => {}
        }
    }
}

fn header<'a>(reply: &'a Reply, name: &str) -> Option<&'a str> {
    let mut headers = reply.headers.iter();
    headers
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.as_str())
}

fn stated(reply: &Reply) -> Option<Left> {
    Left::read(|name| header(reply, name))
}
