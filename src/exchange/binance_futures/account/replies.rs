//! Answers to REST calls, taken to whoever asked. Owns nothing.

use super::caller::Purpose;
use super::truth::Kind;
use super::{BinanceFuturesAccount, PRIVATE};
use crate::domain::message::{Asked, Proves, Setting};
use crate::domain::{Fact, OrderClass, Outcome, Stamp, Symbol};
use crate::exchange::account::proof::{Asking, Step};
use crate::exchange::binance_futures::error::{self, ErrorBody};
use crate::exchange::binance_futures::instruments;
use crate::exchange::binance_futures::read::{self, settings};
use crate::exchange::budget::ban_ms;
use crate::exchange::machine::{CallError, LineOut, Out, Reply};

/// A listen key lives an hour and is extended this often, ms.
const KEEP_ALIVE_MS: u64 = 25 * 60_000;

/// A key that the venue does not take is tried again after this, ms: its owner may mend it meanwhile.
const KEY_AGAIN_MS: u64 = 60_000;

/// Why the private line is renewed.
pub(super) const KEY_EXPIRED: &str = "the listen key expired";

impl BinanceFuturesAccount {
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
        if let Purpose::Set(setting) = purpose {
            return self.setting_reply(setting, result, now, out);
        }
        match result {
            Ok(reply) if reply.status == 200 => self.good(purpose, &reply.body, now, out),
            Ok(reply) => {
                let body = ErrorBody::read(&reply.body);
                let (words, proves) = match error::outcome(reply.status, body.as_ref()) {
                    Outcome::Rejected { words, proves, .. } => (words, proves),
                    Outcome::Unknown(words) => (words, Proves::Nothing),
                    _ => (String::new(), Proves::Nothing),
                };
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
            Purpose::ListenKey => {
                self.private_line.closed_for(now, KEY_AGAIN_MS);
                self.relink(words, out);
            }
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
        if let Some(request) = self.orders.answered(id) {
            self.settle(request, outcome, now, out);
        }
    }

    /// A change of a setting has its outcome.
    fn setting_reply(
        &mut self,
        setting: Setting,
        result: Result<Reply, CallError>,
        now: Stamp,
        out: &mut Out,
    ) {
        let outcome = setting_outcome(result);
        if let Outcome::Rejected { proves, words, .. } = &outcome {
            match proves {
                Proves::KeyRefused => self.refuse_key(words, out),
                Proves::ClockOff => self.measure_clock(now, out),
                _ => {}
            }
        }
        match (&outcome, setting) {
            (Outcome::Accepted { .. }, Setting::Leverage(symbol, leverage)) => {
                self.set(symbol, |s| s.leverage = Some(leverage), out);
            }
            (Outcome::Accepted { .. }, Setting::Margin(symbol, mode)) => {
                self.set(symbol, |s| s.margin = Some(mode), out);
            }
            (Outcome::Accepted { .. } | Outcome::Unknown(_), Setting::PositionMode(_)) => {
                self.want_truth(now);
            }
            (Outcome::Unknown(_), Setting::Leverage(symbol, _) | Setting::Margin(symbol, _)) => {
                self.follow(symbol, now, out);
            }
            (Outcome::Rejected { .. } | Outcome::NotSent(_), _) => {}
        }
        out.facts.push(Fact::Set {
            account: self.whose.account,
            venue: self.whose.venue,
            setting,
            outcome,
            at: now,
        });
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
            ("x-mbx-order-count-1m", 60_000),
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
            Purpose::ListenKey => match settings::listen_key(body) {
                Ok(key) => {
                    self.next_keep_alive = Some(now.plus_ms(KEEP_ALIVE_MS));
                    let url = format!("{}/ws?listenKey={key}", self.ws_private);
                    self.private_line.open(now, url, out);
                }
                Err(error) => {
                    self.failed(Purpose::ListenKey, 0, &error.to_string(), now, out);
                }
            },
            Purpose::KeepAlive => self.next_keep_alive = Some(now.plus_ms(KEEP_ALIVE_MS)),
            Purpose::Truth(part) => self.truth_part(part, body, now, out),
            Purpose::Query(asking) => self.query_found(&asking, body, now, out),
            Purpose::SymbolConfig => self.symbol_config(body, out),
            Purpose::Commission(symbol) => match settings::commission(body) {
                Ok((maker, taker)) => self.set(
                    symbol,
                    |s| (s.maker_fee, s.taker_fee) = (Some(maker), Some(taker)),
                    out,
                ),
                Err(error) => self.bad(&format!("commissionRate: {error}"), out),
            },
            Purpose::Request(_) | Purpose::Set(_) => {}
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
            }
            Err(error) => self.bad(&format!("time: {error}"), out),
        }
    }

    fn instruments_loaded(&mut self, body: &[u8], now: Stamp, out: &mut Out) {
        self.loading = None;
        let load = match instruments::load(body, self.whose.venue) {
            Ok(load) => load,
            Err(error) => return self.bad(&format!("exchangeInfo: {error}"), out),
        };
        if let Some(limit) = load.weight_limit {
            self.caller.budget.set_limit(limit);
        }
        for instrument in load.instruments {
            self.instruments.insert(instrument.symbol, instrument);
        }
        for frame in std::mem::take(&mut self.waiting) {
            self.private_event(&frame, true, now, out);
        }
        if !self.in_sync {
            self.want_truth(now);
        }
    }

    fn symbol_config(&mut self, body: &[u8], out: &mut Out) {
        let rows = match read::list(body) {
            Ok(rows) => rows,
            Err(error) => return self.bad(&format!("symbolConfig: {error}"), out),
        };
        for raw in rows {
            match settings::symbol_config(raw.get().as_bytes()) {
                Ok((symbol, leverage, margin)) => self.set(
                    symbol,
                    |s| (s.leverage, s.margin) = (leverage.or(s.leverage), margin.or(s.margin)),
                    out,
                ),
                Err(error) => self.bad(&format!("symbolConfig: {error}"), out),
            }
        }
    }

    /// A call that is no order brought no good answer. Nothing is concluded from that.
    fn failed(&mut self, purpose: Purpose, code: i64, words: &str, now: Stamp, out: &mut Out) {
        if matches!(code, -1021 | -5028) {
            self.measure_clock(now, out);
        }
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
            Purpose::ListenKey => {
                self.private_line.closed(now);
                self.bad(&format!("listen key: {words}"), out);
            }
            // -1125: the key is gone, so the stream is too (Binance, Keepalive User Data Stream).
            Purpose::KeepAlive if code == -1125 => self.renew_private(KEY_EXPIRED, now, out),
            Purpose::KeepAlive => self.next_keep_alive = Some(now.plus_ms(60_000)),
            Purpose::Instruments => {
                self.loading = None;
                self.bad(&format!("instruments: {words}"), out);
            }
            Purpose::Time { .. } => self.bad(&format!("clock: {words}"), out),
            Purpose::SymbolConfig => self.bad(&format!("leverage unknown: {words}"), out),
            Purpose::Commission(symbol) => {
                self.bad(&format!("fees of {symbol} unknown: {words}"), out);
            }
            Purpose::Request(_) | Purpose::Set(_) => {}
        }
    }

    /// The stream is dead or must be replaced, whatever its socket says: a new listen key, a new socket, truth again.
    pub(super) fn renew_private(&mut self, why: &str, now: Stamp, out: &mut Out) {
        out.lines.push(LineOut::Close { line: PRIVATE });
        self.private_ended();
        self.open_private(now, out);
        self.relink(why, out);
    }

    fn query_found(&mut self, asking: &Asking, body: &[u8], now: Stamp, out: &mut Out) {
        if asking.order.class == OrderClass::Conditional {
            return self.algo_found(asking, body, now, out);
        }
        let mut report = match read::order(body, &self.reader(now)) {
            Ok(report) => report,
            Err(error) => return self.bad(&format!("query: {error}"), out),
        };
        self.told.rename(&mut report);
        let mut steps = Vec::new();
        self.orders.seen(report.order.client, report.order.venue);
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
                let body = ErrorBody {
                    code,
                    msg: String::new(),
                    data: None,
                };
                error::outcome(400, Some(&body))
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
    }

    /// True where the venue was asked for its instruments and does not list this one.
    pub(super) fn is_given_up(&self, symbol: &Symbol) -> bool {
        self.given_up.contains(symbol)
    }

    pub(super) fn take_steps(&mut self, steps: Vec<Step>, now: Stamp, out: &mut Out) {
        for step in steps {
            self.step(step, now, out);
        }
    }
}

/// The body of a taken change says nothing that the status does not; "no need to change" means that it is as wanted.
fn setting_outcome(result: Result<Reply, CallError>) -> Outcome {
    match result {
        Ok(reply) if reply.status == 200 => Outcome::Accepted { venue: None },
        Ok(reply) => {
            let body = ErrorBody::read(&reply.body);
            if body.as_ref().is_some_and(|b| error::is_as_wanted(b.code)) {
                return Outcome::Accepted { venue: None };
            }
            error::outcome(reply.status, body.as_ref())
        }
        Err(CallError::NotSent(words)) => Outcome::NotSent(words),
        Err(CallError::Lost(words)) => Outcome::Unknown(words),
    }
}
