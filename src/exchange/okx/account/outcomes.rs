//! What follows from the outcome of a request: the desk is told, and what the outcome proves or leaves open is followed up.
//! Owns nothing.

use super::OkxAccount;
use super::lines::PRIVATE;
use crate::domain::message::{Asked, Proves};
use crate::domain::text::sanitise;
use crate::domain::{ClientId, Fact, MarketKey, Outcome, Stamp};
use crate::exchange::account::proof::Step;
use crate::exchange::account::request::{Path, Request, What};
use crate::exchange::machine::Out;
use crate::exchange::okx::error;

/// So many requests in a row without any answer, and the private socket is replaced, even when it still answers pings: behind it
/// nobody listens. Until the new one stands orders take the other path.
const DUMB_AFTER: usize = 2;
/// Beside what a proof says, in the place of the venue's code: that an order does not exist.
const NO_SUCH_ORDER: i64 = 51_603;

impl OkxAccount {
    /// An answer on the private socket.
    pub(super) fn answered(&mut self, id: u64, outcome: Outcome, now: Stamp, out: &mut Out) {
        self.unanswered = 0;
        if let Some(request) = self.requests.answered(id) {
            self.settle(request, outcome, now, out);
        }
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
            Outcome::Rejected {
                proves,
                words,
                code,
            } => {
                self.proofs.settled(what);
                if *proves == Proves::KeyRefused {
                    self.refuse_key(words, out);
                }
                if request.path == Path::Line && error::is_unknown_instrument(*code) {
                    self.code_refused(what, out);
                }
                self.follow_up(*proves, what, now, out);
            }
            Outcome::NotSent(_) => self.proofs.settled(what),
        }
        self.tell(what, outcome, now, out);
    }

    /// The socket does not know the number that the venue itself publishes for this instrument (seen on demo, 2026-09): what was
    /// refused stays refused, what comes later goes by REST, which takes the name.
    fn code_refused(&mut self, what: &What, out: &mut Out) {
        let symbol = what.key().symbol;
        if self.by_rest.insert(symbol) {
            let words = format!("orders on {symbol} go by REST: the socket refuses its number");
            self.bad(&words, out);
        }
    }

    /// Not proved either way: the desk is told once, and the venue is asked.
    fn left_unknown(&mut self, request: &Request, outcome: Outcome, now: Stamp, out: &mut Out) {
        let what = &request.what;
        if let Some(venue) = request.seen {
            return self.tell(what, Outcome::Accepted { venue }, now, out);
        }
        let window_ms = self.caller.window_ms(what.order().class);
        self.proofs.ask(what, request.sent, now, window_ms);
        if !request.told {
            self.tell(what, outcome, now, out);
        }
    }

    /// The private socket ended: every request on it is unknown at once.
    pub(super) fn line_ended(&mut self, now: Stamp, out: &mut Out) {
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
        if self.unanswered >= DUMB_AFTER && self.lines.private.upkeep.is_open() {
            self.unanswered = 0;
            self.lines.private.upkeep.close(now, out);
            self.ended(
                PRIVATE,
                "the order line leaves requests unanswered",
                now,
                out,
            );
        }
    }

    /// What a refusal proves beyond itself.
    fn follow_up(&mut self, proves: Proves, what: &What, now: Stamp, out: &mut Out) {
        match proves {
            Proves::NotFound => {
                let window_ms = self.caller.window_ms(what.order().class);
                self.proofs.ask(what, now, now, window_ms);
                let (key, order) = (what.key(), what.order());
                self.query(key, order, false, now, out);
            }
            Proves::NothingToReduce | Proves::WrongMode | Proves::AlreadyClosing => {
                self.want_truth(now);
            }
            Proves::ClockOff => self.measure_clock(now, out),
            Proves::StaleRules => self.load_instruments(now, out),
            Proves::RateLimited { .. } => self.limit(now, out),
            Proves::Nothing | Proves::WouldTake | Proves::WouldTrigger | Proves::KeyRefused => {}
        }
    }

    /// REST falls silent, and the desk is told until when.
    pub(super) fn limit(&mut self, now: Stamp, out: &mut Out) {
        let until = self.caller.pause(now);
        self.limited = true;
        out.facts.push(Fact::Limited {
            venue: self.whose.venue,
            until_ms: until.wall_ms(),
        });
    }

    pub(super) fn take_steps(&mut self, steps: Vec<Step>, now: Stamp, out: &mut Out) {
        for step in steps {
            self.step(step, now, out);
        }
    }

    fn step(&mut self, step: Step, now: Stamp, out: &mut Out) {
        match step {
            Step::Query(key, order) => self.query(key, order, false, now, out),
            Step::Reconcile => self.want_truth(now),
            Step::CancelAgain(key, order) => {
                self.dispatch(What::Cancel { key, order }, now, out);
            }
            Step::NotPlaced(key, client) => {
                let outcome = absent("not placed: the venue never had it (proved)");
                self.prove(key, client, Asked::Place, outcome, now, out);
            }
            Step::Amended(key, client, true) => {
                let outcome = Outcome::Accepted { venue: None };
                self.prove(key, client, Asked::Amend, outcome, now, out);
            }
            Step::Amended(key, client, false) => {
                let outcome = absent("not changed: the order stands as before (proved)");
                self.prove(key, client, Asked::Amend, outcome, now, out);
            }
        }
    }

    pub(super) fn prove(
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

fn absent(words: &str) -> Outcome {
    Outcome::Rejected {
        code: NO_SUCH_ORDER,
        words: words.to_owned(),
        proves: Proves::Nothing,
    }
}
