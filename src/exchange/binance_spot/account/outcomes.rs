//! What follows from the outcome of a request: the desk is told, and what the outcome proves or leaves open is followed up.
//! Owns nothing.

use super::BinanceSpotAccount;
use crate::domain::message::{Asked, Proves};
use crate::domain::text::sanitise;
use crate::domain::{ClientId, Fact, MarketKey, Outcome, Stamp};
use crate::exchange::account::proof::Step;
use crate::exchange::account::request::{Request, What};
use crate::exchange::binance::answer::{self, Answer};
use crate::exchange::binance::error::told;
use crate::exchange::binance_spot::user_stream::{self, Event};
use crate::exchange::binance_spot::write::Numbers;
use crate::exchange::binance_spot::{error, read};
use crate::exchange::machine::Out;

/// So many requests in a row without any answer, and the order line is replaced, even when it still answers pings: behind it nobody
/// listens. Until the new one stands orders take the other path.
const DUMB_AFTER: usize = 2;

impl BinanceSpotAccount {
    /// A frame of the order line.
    pub(super) fn answer_frame(&mut self, bytes: &[u8], now: Stamp, out: &mut Out) {
        if let Some(event) = user_stream::event(bytes) {
            let is_end = matches!(
                user_stream::read(event, &self.reader(now)),
                Ok(Event::Shutdown)
            );
            self.order_line_ending |= is_end;
            return;
        }
        let Some(answer) = answer::read(bytes) else {
            return self.bad("an answer on the order line is unreadable", out);
        };
        self.take_weight(&answer, now);
        if answer.id.is_some() && answer.id == self.logon {
            return self.logon_answered(&answer, out);
        }
        match answer.id.and_then(|id| self.requests.answered(id)) {
            Some(request) => self.settle(request, proved(&answer), now, out),
            None => self.line_told(proved(&answer), out),
        }
    }

    /// What an answer counts: orders of the account, and request weight, which both connections and REST share.
    pub(super) fn take_weight(&mut self, answer: &Answer<'_>, now: Stamp) {
        let venue_ms = self.caller.venue_ms(now);
        for count in &answer.counts {
            self.pace.counted(venue_ms, count);
            let is_weight = count.rate_limit_type == "REQUEST_WEIGHT";
            if is_weight && count.window_ms() == Some(60_000) {
                let used = u32::try_from(count.count).unwrap_or(u32::MAX);
                self.caller.budget.stated(now, used);
            }
        }
    }

    /// Without the logon each request goes on carrying key and signature.
    fn logon_answered(&mut self, answer: &Answer<'_>, out: &mut Out) {
        self.logon = None;
        self.caller.set_logged_on(answer.is_good);
        if !answer.is_good {
            self.line_told(proved(answer), out);
        }
    }

    /// An answer to nobody in particular concerns the key of the whole connection (Binance, WebSocket API, session
    /// authentication).
    fn line_told(&mut self, outcome: Outcome, out: &mut Out) {
        if matches!(outcome, Outcome::Accepted { .. }) {
            return;
        }
        let (words, proves) = told(outcome);
        if proves == Proves::KeyRefused {
            self.caller.set_logged_on(false);
            return self.refuse_key(&words, out);
        }
        self.bad(&format!("order line: {words}"), out);
    }

    /// The venue does not take the key: the desk is told once, until account truth comes again.
    pub(super) fn refuse_key(&mut self, words: &str, out: &mut Out) {
        if !std::mem::replace(&mut self.key_refused, true) {
            out.facts.push(Fact::KeyRefused {
                account: self.whose.account,
                venue: self.whose.venue,
                words: sanitise(words, 120),
            });
        }
    }

    /// One request has its outcome.
    pub(super) fn settle(&mut self, request: Request, outcome: Outcome, now: Stamp, out: &mut Out) {
        let what = &request.what;
        match &outcome {
            Outcome::Unknown(_) => {
                return self.left_unknown(&request, outcome, now, out);
            }
            Outcome::Accepted { venue } => {
                self.proofs.settled(what);
                if let Some(venue) = venue {
                    let (key, order) = (what.key(), what.order());
                    self.told
                        .named(order.class, *venue, order.client, key.symbol);
                }
            }
            Outcome::Rejected { proves, words, .. } => {
                self.proofs.settled(what);
                if *proves == Proves::KeyRefused {
                    self.refuse_key(words, out);
                }
                self.follow_up(*proves, what, now, out);
            }
            Outcome::NotSent(_) => self.proofs.settled(what),
        }
        self.tell(what, outcome, now, out);
    }

    /// Not proved either way: the desk is told once, and the venue is asked.
    fn left_unknown(&mut self, request: &Request, outcome: Outcome, now: Stamp, out: &mut Out) {
        let what = &request.what;
        if let Some(venue) = request.seen {
            return self.tell(what, Outcome::Accepted { venue }, now, out);
        }
        let window_ms = self.caller.window_ms();
        self.proofs.ask(what, request.sent, now, window_ms);
        if !request.told {
            self.tell(what, outcome, now, out);
        }
    }

    /// The order line ended: every request on it is unknown at once.
    pub(super) fn order_line_ended(&mut self, now: Stamp, out: &mut Out) {
        self.ready = false;
        for request in self.requests.line_ended() {
            let outcome = Outcome::Unknown("the order line closed before the answer".into());
            self.left_unknown(&request, outcome, now, out);
        }
    }

    /// Requests whose time is over.
    pub(super) fn overdue(&mut self, now: Stamp, out: &mut Out) {
        let overdue = self.requests.overdue(now);
        self.unanswered += overdue.len();
        for request in overdue {
            let outcome = Outcome::Unknown("no answer within 3 s".into());
            self.left_unknown(&request, outcome, now, out);
        }
        if self.unanswered >= DUMB_AFTER && self.order_line.is_open() {
            self.unanswered = 0;
            self.order_line.close(now, out);
            self.order_line_ended(now, out);
            self.relink("the order line leaves requests unanswered", out);
        }
    }

    /// What a refusal proves beyond itself.
    fn follow_up(&mut self, proves: Proves, what: &What, now: Stamp, out: &mut Out) {
        match proves {
            Proves::NotFound => {
                let window_ms = self.caller.window_ms();
                self.proofs.ask(what, now, now, window_ms);
                let (key, order) = (what.key(), what.order());
                self.query(key, order, false, now, out);
            }
            Proves::ClockOff => self.measure_clock(now, out),
            Proves::StaleRules => self.load_instruments(now, out),
            Proves::RateLimited { until_ms } => {
                let left = until_ms.saturating_sub(self.caller.venue_ms(now));
                let wait = u64::try_from(left).ok().filter(|ms| *ms > 0);
                // An order limit (-1015) ends with its window and does not concern REST.
                if let Some(wait) = wait {
                    self.limit(429, Some(wait), now, out);
                }
            }
            // What only an account with positions can be refused for is read again all the same.
            Proves::NothingToReduce | Proves::WrongMode | Proves::AlreadyClosing => {
                self.want_truth(now);
            }
            Proves::Nothing | Proves::WouldTake | Proves::WouldTrigger | Proves::KeyRefused => {}
        }
    }

    pub(super) fn step(&mut self, step: Step, now: Stamp, out: &mut Out) {
        match step {
            Step::Query(key, order) => self.query(key, order, false, now, out),
            Step::Reconcile => self.want_truth(now),
            Step::CancelAgain(key, order) => {
                let what = What::Cancel { key, order };
                self.dispatch(what, Numbers::default(), now, out);
            }
            Step::NotPlaced(key, client) => {
                let words = "not placed: the venue never had it (proved)";
                prove(key, client, Asked::Place, words, now, out);
            }
            // No change of an order is ever sent here; an answer that says so is true of it.
            Step::Amended(key, client, _) => {
                let words = "not changed: the order stands as before (proved)";
                prove(key, client, Asked::Amend, words, now, out);
            }
        }
    }
}

fn prove(key: MarketKey, client: ClientId, asked: Asked, words: &str, now: Stamp, out: &mut Out) {
    out.facts.push(Fact::Answer {
        key,
        client,
        asked,
        outcome: Outcome::Rejected {
            code: -2013,
            words: words.to_owned(),
            proves: Proves::Nothing,
        },
        at: now,
    });
}

/// What an answer proves about the request that it answers.
fn proved(answer: &Answer<'_>) -> Outcome {
    if !answer.is_good {
        return error::outcome(answer.status, answer.error.as_ref());
    }
    match read::accepted_id(answer.result.as_bytes()) {
        Some(venue) => Outcome::Accepted { venue: Some(venue) },
        None => Outcome::Unknown("the answer names no order".into()),
    }
}
