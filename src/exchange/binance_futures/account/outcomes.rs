//! What follows from the outcome of a request: the desk is told, and what the outcome proves or leaves open is followed up.
//! Owns nothing.

use super::{BinanceFuturesAccount, Numbers, Stamp};
use crate::domain::message::Asked;
use crate::domain::message::Proves;
use crate::domain::text::sanitise;
use crate::domain::{ClientId, Fact, MarketKey, Outcome};
use crate::exchange::account::proof::Step;
use crate::exchange::account::request::{Request, What};
use crate::exchange::binance_futures::answer::{self, Answer};
use crate::exchange::machine::Out;

/// So many requests in a row without any answer, and the order line is replaced, even when it still answers pings: behind it nobody
/// listens. Until the new one stands orders take the other path.
const DUMB_AFTER: usize = 2;

impl BinanceFuturesAccount {
    /// A frame of the order line.
    pub(super) fn answer_frame(&mut self, bytes: &[u8], now: Stamp, out: &mut Out) {
        let Some(answer) = answer::read(bytes) else {
            return self.bad("an answer on the order line is unreadable", out);
        };
        let venue_ms = self.caller.venue_ms(now);
        for count in &answer.counts {
            self.pace.counted(venue_ms, count);
        }
        if answer.id.is_some() && answer.id == self.logon {
            return self.logon_answered(answer, out);
        }
        match answer.id.and_then(|id| self.orders.answered(id)) {
            Some(request) => self.settle(request, answer.outcome, now, out),
            None => self.line_told(answer.outcome, out),
        }
    }

    /// Without the logon each request goes on carrying key and signature.
    fn logon_answered(&mut self, answer: Answer, out: &mut Out) {
        self.logon = None;
        self.caller.set_logged_on(answer.status == 200);
        if answer.status != 200 {
            self.line_told(answer.outcome, out);
        }
    }

    /// An answer to nobody in particular concerns the key of the whole connection (Binance, WebSocket API, session
    /// authentication).
    fn line_told(&mut self, outcome: Outcome, out: &mut Out) {
        let (words, proves) = match outcome {
            Outcome::Rejected { words, proves, .. } => (words, proves),
            Outcome::Unknown(words) => (words, Proves::Nothing),
            Outcome::Accepted { .. } | Outcome::NotSent(_) => return,
        };
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
        for request in self.orders.line_ended() {
            let outcome = Outcome::Unknown("the order line closed before the answer".into());
            self.left_unknown(&request, outcome, now, out);
        }
    }

    /// Requests whose time is over.
    pub(super) fn overdue(&mut self, now: Stamp, out: &mut Out) {
        let overdue = self.orders.overdue(now);
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
            Proves::NothingToReduce | Proves::WrongMode | Proves::AlreadyClosing => {
                self.want_truth(now);
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
                self.prove(key, client, Asked::Place, refused(-2013, words), now, out);
            }
            Step::Amended(key, client, true) => {
                let outcome = Outcome::Accepted { venue: None };
                self.prove(key, client, Asked::Amend, outcome, now, out);
            }
            Step::Amended(key, client, false) => {
                let words = "not changed: the order stands as before (proved)";
                self.prove(key, client, Asked::Amend, refused(-2013, words), now, out);
            }
        }
    }

    fn prove(
        &self,
        key: MarketKey,
        client: ClientId,
        asked: Asked,
        outcome: Outcome,
        now: Stamp,
        out: &mut Out,
    ) {
        out.facts.push(Fact::Answer {
            key,
            client,
            asked,
            outcome,
            at: now,
        });
    }
}

fn refused(code: i64, words: &str) -> Outcome {
    Outcome::Rejected {
        code,
        words: words.to_owned(),
        proves: Proves::Nothing,
    }
}
