//! What follows from the outcome of a request: the desk is told, and what the outcome proves or leaves open is followed up.
//! Owns nothing.

use super::BybitAccount;
use super::slots::SlotStep;
use crate::domain::message::{Asked, Proves};
use crate::domain::text::sanitise;
use crate::domain::{ClientId, Fact, MarketKey, OrderId, Outcome, Stamp};
use crate::exchange::account::proof::Step;
use crate::exchange::account::request::{Request, What};
use crate::exchange::account::upkeep::ORDERS;
use crate::exchange::bybit::answer::{self, Left, Said};
use crate::exchange::bybit::error;
use crate::exchange::bybit::instruments::Category;
use crate::exchange::machine::Out;

/// So many requests in a row without any answer, and the order line is replaced, even when it still answers pings: behind it nobody
/// listens. Until the new one stands orders take the other path.
const DUMB_AFTER: usize = 2;

impl BybitAccount {
    /// A frame of the order line.
    pub(super) fn order_frame(&mut self, bytes: &[u8], now: Stamp, out: &mut Out) {
        match answer::said(bytes) {
            None => self.bad("an answer on the order line is unreadable", out),
            Some(Said::Pong) => {}
            Some(Said::Auth(answer)) => self.order_line_authenticated(answer, now, out),
            Some(Said::Answer {
                id,
                code,
                outcome,
                left,
            }) => {
                self.unanswered = 0;
                self.order_line.worn |= code == error::RESTARTING;
                let request = id.and_then(|id| self.requests.answered(id));
                let outcome = until(outcome, left);
                match request {
                    Some(request) => {
                        self.state_pace(&request.what, left, now);
                        let venue_ms = self.caller.venue_ms(now);
                        self.settle(request, outcome, venue_ms, now, out);
                    }
                    None => self.line_told(outcome, out),
                }
            }
        }
    }

    /// What the venue states of its limit beside the answer to a new order.
    pub(super) fn state_pace(&mut self, what: &What, left: Option<Left>, now: Stamp) {
        if let (What::Place(_), Some(left), false) = (what, left, self.is_of_a_place(what)) {
            let venue_ms = self.caller.venue_ms(now);
            self.pace
                .stated(Category::of(&what.key().symbol), left, venue_ms);
        }
    }

    /// An answer to nobody in particular concerns the whole connection.
    fn line_told(&mut self, outcome: Outcome, out: &mut Out) {
        match outcome {
            Outcome::Rejected {
                words,
                proves: Proves::KeyRefused,
                ..
            } => self.refuse_key(&words, out),
            Outcome::Rejected { words, .. } | Outcome::Unknown(words) => {
                self.bad(&format!("order line: {words}"), out);
            }
            Outcome::Accepted { .. } | Outcome::NotSent(_) => {}
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

    /// One request has its outcome, given at this time of the venue's.
    pub(super) fn settle(
        &mut self,
        request: Request,
        outcome: Outcome,
        venue_ms: i64,
        now: Stamp,
        out: &mut Out,
    ) {
        let of_a_place = self.is_of_a_place(&request.what);
        let outcome = if of_a_place {
            of_place(&request.what, outcome)
        } else {
            outcome
        };
        match &outcome {
            Outcome::Unknown(_) => return self.left_unknown(&request, outcome, now, out),
            Outcome::Accepted { venue } => {
                let venue = *venue;
                self.proofs.settled(&request.what);
                if of_a_place {
                    return self.place_accepted(&request.what, venue_ms, now, out);
                }
                return self.accepted(request, venue, now, out);
            }
            Outcome::Rejected { .. } => self.rejected(&request.what, &outcome, now, out),
            Outcome::NotSent(_) => self.proofs.settled(&request.what),
        }
        if matches!(request.what, What::Place(_)) {
            self.slots.refused(request.what.order().client);
        }
        self.tell(&request.what, outcome, now, out);
    }

    fn rejected(&mut self, what: &What, outcome: &Outcome, now: Stamp, out: &mut Out) {
        self.proofs.settled(what);
        if let Outcome::Rejected { proves, words, .. } = outcome {
            if *proves == Proves::KeyRefused {
                self.refuse_key(words, out);
            }
            self.follow_up(*proves, what, now, out);
        }
    }

    /// Taken for processing. A post-only order's word is kept back until it is known whether it rests.
    fn accepted(&mut self, request: Request, venue: Option<OrderId>, now: Stamp, out: &mut Out) {
        let (key, order) = (request.what.key(), request.what.order());
        if let (What::Place(_), Some(venue)) = (&request.what, venue) {
            self.told
                .named(order.class, venue, order.client, key.symbol);
        }
        let what = if request.seen.is_some() || request.told {
            Some(request.what)
        } else {
            self.parked.keep(request.what, venue, now)
        };
        if let Some(what) = what {
            self.tell(&what, Outcome::Accepted { venue }, now, out);
        }
    }

    /// A position's stop was set or taken away: the position shows it.
    fn place_accepted(&mut self, what: &What, venue_ms: i64, now: Stamp, out: &mut Out) {
        let client = what.order().client;
        let steps = match what {
            What::Place(_) => self.slots.accepted(client, venue_ms, now),
            _ => self
                .slots
                .of(client)
                .map(SlotStep::Read)
                .into_iter()
                .collect(),
        };
        self.tell(what, Outcome::Accepted { venue: None }, now, out);
        self.take_slot_steps(steps, now, out);
    }

    /// Not proved either way: the desk is told once, and the venue is asked.
    pub(super) fn left_unknown(
        &mut self,
        request: &Request,
        outcome: Outcome,
        now: Stamp,
        out: &mut Out,
    ) {
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
        if self.unanswered >= DUMB_AFTER && self.order_line.upkeep.is_open() {
            self.unanswered = 0;
            self.end_line(ORDERS, now, out);
            self.relink("the order line leaves requests unanswered", out);
        }
        for (what, venue) in self.parked.due(now) {
            self.tell(&what, Outcome::Accepted { venue }, now, out);
        }
    }

    /// What a refusal proves beyond itself.
    fn follow_up(&mut self, proves: Proves, what: &What, now: Stamp, out: &mut Out) {
        match proves {
            Proves::NotFound => {
                let window_ms = self.caller.window_ms();
                self.proofs.ask(what, now, now, window_ms);
                self.query(what.key(), what.order(), false, now, out);
            }
            Proves::NothingToReduce | Proves::WrongMode | Proves::AlreadyClosing => {
                self.want_truth(now);
            }
            Proves::ClockOff => self.measure_clock(now, out),
            Proves::StaleRules => self.load_instruments(now, out),
            // A limit by second ends with its second and does not concern other calls; one by address is taken from the answer itself.
            Proves::RateLimited { .. }
            | Proves::Nothing
            | Proves::WouldTake
            | Proves::WouldTrigger
            | Proves::KeyRefused => {}
        }
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
                self.slots.refused(client);
                let words = "not placed: the venue never had it (proved)";
                self.prove(key, client, Asked::Place, refused(words), now, out);
            }
            Step::Amended(key, client, true) => {
                let outcome = Outcome::Accepted { venue: None };
                self.prove(key, client, Asked::Amend, outcome, now, out);
            }
            Step::Amended(key, client, false) => {
                let words = "not changed: the order stands as before (proved)";
                self.prove(key, client, Asked::Amend, refused(words), now, out);
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

/// Setting a stop that stands already is done; taking one away from a position that is gone finds nothing.
fn of_place(what: &What, outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Rejected { code, .. } if error::is_as_wanted(code) => {
            Outcome::Accepted { venue: None }
        }
        Outcome::Rejected {
            code,
            words,
            proves: Proves::NothingToReduce,
        } if matches!(what, What::Cancel { .. }) => Outcome::Rejected {
            code,
            words,
            proves: Proves::NotFound,
        },
        outcome => outcome,
    }
}

/// A breach of a limit ends when the venue says that the limit is whole again.
pub(super) fn until(outcome: Outcome, left: Option<Left>) -> Outcome {
    match (outcome, left) {
        (
            Outcome::Rejected {
                code,
                words,
                proves: Proves::RateLimited { until_ms: 0 },
            },
            Some(left),
        ) => Outcome::Rejected {
            code,
            words,
            proves: Proves::RateLimited {
                until_ms: left.reset_ms,
            },
        },
        (outcome, _) => outcome,
    }
}

fn refused(words: &str) -> Outcome {
    Outcome::Rejected {
        code: 110_001,
        words: words.to_owned(),
        proves: Proves::Nothing,
    }
}
