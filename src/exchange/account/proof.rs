//! What became of requests whose outcome is unknown. Owns the open questions and asks the venue about them by query; must
//! never take silence, an error or a single "not found" as an answer.
//!
//! A new order is told as not placed only after the proof window (the venue refuses it later by `recvWindow`, and itself gives up
//! after 10 s), two negative queries sent after it, its absence from open orders and trades fetched after it, and all that with
//! a private stream in sync.

use super::request::What;
use crate::domain::{ClientId, MarketKey, OrderRef, Price, Qty, Stamp};

/// The venue's own timeout, ms (Binance, General Info: -1007).
const VENUE_TIMEOUT_MS: u64 = 10_000;
const MARGIN_MS: u64 = 2_000;
/// First query after this, ms: the private stream usually tells before.
const FIRST_MS: u64 = 200;
/// Then this often, ms.
const EVERY_MS: u64 = 1_500;
/// A cancel is sent again at most this often for one question.
const RESENDS: u8 = 5;
const NEGATIVES: u8 = 2;

/// The query behind a REST call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asking {
    /// Whose and where.
    pub key: MarketKey,
    /// Which.
    pub order: OrderRef,
    /// When it was sent.
    pub sent: Stamp,
    /// True when the desk asked, and wants an answer even where there is no such order.
    pub desk: bool,
}

/// What is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
enum About {
    Place,
    Amend { price: Price, qty: Qty },
    Cancel { resends: u8 },
}

#[derive(Clone, Debug)]
struct Question {
    key: MarketKey,
    order: OrderRef,
    about: About,
    /// After this a request that has not arrived never will.
    window_ends: Stamp,
    next: Stamp,
    negatives: u8,
    absent: bool,
}

/// What follows from a query's answer or from time.
#[derive(Debug)]
pub enum Step {
    /// Query this order.
    Query(MarketKey, OrderRef),
    /// Fetch account truth.
    Reconcile,
    /// Proved: it was never placed.
    NotPlaced(MarketKey, ClientId),
    /// Proved: the order stands as wanted (`true`) or as before (`false`).
    Amended(MarketKey, ClientId, bool),
    /// The order still works: cancel it again.
    CancelAgain(MarketKey, OrderRef),
}

/// Every open question.
#[derive(Default)]
pub struct Proofs {
    questions: Vec<Question>,
}

impl Proofs {
    /// Opens a question about a request that was handed on at `sent` and that the venue refuses by itself when it comes later than
    /// `window_ms`, the error of our clock included.
    pub fn ask(&mut self, what: &What, sent: Stamp, now: Stamp, window_ms: u64) {
        let about = match what {
            What::Place(_) => About::Place,
            What::Amend(amend) => About::Amend {
                price: amend.get().price,
                qty: amend.get().qty,
            },
            What::Cancel { .. } => About::Cancel { resends: 0 },
        };
        let (key, order) = (what.key(), what.order());
        let same = |q: &Question| q.order.client == order.client && same_kind(&q.about, &about);
        if let Some(open) = self.questions.iter_mut().find(|q| same(q)) {
            open.next = now.plus_ms(EVERY_MS);
            return;
        }
        self.questions.push(Question {
            key,
            order,
            about,
            window_ends: sent.plus_ms(window_ms + VENUE_TIMEOUT_MS + MARGIN_MS),
            next: now.plus_ms(FIRST_MS),
            negatives: 0,
            absent: false,
        });
    }

    /// The order's placing is proved, by the stream, a query, a late answer or truth.
    pub fn placed(&mut self, client: ClientId) {
        self.questions
            .retain(|q| q.order.client != client || q.about != About::Place);
    }

    /// The order ended: nothing more is asked about it.
    pub fn ended(&mut self, client: ClientId) {
        self.questions.retain(|q| q.order.client != client);
    }

    /// A late answer settled the request.
    pub fn settled(&mut self, what: &What) {
        let client = what.order().client;
        self.questions.retain(|q| {
            q.order.client != client
                || !matches!(
                    (&q.about, what),
                    (About::Place, What::Place(_))
                        | (About::Amend { .. }, What::Amend(_))
                        | (About::Cancel { .. }, What::Cancel { .. })
                )
        });
    }

    /// A conditional order fired: what is asked about it is asked about the regular order that it became.
    pub fn became(&mut self, order: OrderRef) {
        for q in &mut self.questions {
            if q.order.client == order.client {
                q.order = order;
            }
        }
    }

    /// A query found the order working, with this price and size.
    pub fn found(
        &mut self,
        asking: &Asking,
        price: Option<Price>,
        qty: Qty,
        steps: &mut Vec<Step>,
    ) {
        self.placed(asking.order.client);
        self.questions.retain_mut(|q| {
            if q.order.client != asking.order.client {
                return true;
            }
            match &mut q.about {
                About::Place => false,
                About::Amend { price: p, qty: s } => {
                    let done = price == Some(*p) && qty == *s;
                    let over = asking.sent.mono_ns > q.window_ends.mono_ns;
                    if done || over {
                        steps.push(Step::Amended(q.key, q.order.client, done));
                    }
                    !done && !over
                }
                About::Cancel { resends } => {
                    *resends += 1;
                    let again = *resends <= RESENDS;
                    if again {
                        steps.push(Step::CancelAgain(q.key, q.order));
                    }
                    again
                }
            }
        });
    }

    /// The venue said that it knows no such order. Counts only where the query was sent after the window.
    pub fn negative(&mut self, asking: &Asking) {
        for q in &mut self.questions {
            let same = q.order.client == asking.order.client;
            if same && asking.sent.mono_ns > q.window_ends.mono_ns {
                q.negatives = q.negatives.saturating_add(1);
            }
        }
        // An order that the venue does not know cannot be cancelled or changed any more; whether it was ever placed is its own question.
        self.questions
            .retain(|q| q.about == About::Place || q.negatives < NEGATIVES);
    }

    /// Account truth, fetched from `began` on, holds no such open order and no trade of it.
    pub fn absent(&mut self, began: Stamp, is_there: impl Fn(&OrderRef) -> bool) {
        for q in &mut self.questions {
            if q.about == About::Place && began.mono_ns > q.window_ends.mono_ns {
                q.absent = !is_there(&q.order);
            }
        }
    }

    /// What is to be done now; `healthy` says that the private stream is in sync and proved.
    pub fn due(&mut self, now: Stamp, healthy: bool, steps: &mut Vec<Step>) {
        self.questions.retain_mut(|q| {
            let negative = q.about == About::Place && q.negatives >= NEGATIVES;
            if negative && q.absent && healthy {
                steps.push(Step::NotPlaced(q.key, q.order.client));
                return false;
            }
            if now.mono_ns >= q.next.mono_ns {
                q.next = now.plus_ms(EVERY_MS);
                if negative && !q.absent {
                    steps.push(Step::Reconcile);
                } else {
                    steps.push(Step::Query(q.key, q.order));
                }
            }
            true
        });
    }

    /// When something is to be done next.
    pub fn next(&self) -> Option<Stamp> {
        self.questions.iter().map(|q| q.next).min()
    }

    /// The orders of which it is asked whether they were placed at all.
    pub fn placing(&self) -> impl Iterator<Item = (MarketKey, ClientId)> + '_ {
        let questions = self.questions.iter().filter(|q| q.about == About::Place);
        questions.map(|q| (q.key, q.order.client))
    }

    /// True while the symbol of this key is asked about: its trades are needed for the proof.
    pub fn symbols(&self) -> impl Iterator<Item = MarketKey> + '_ {
        self.questions.iter().map(|q| q.key)
    }
}

fn same_kind(a: &About, b: &About) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b)
}
