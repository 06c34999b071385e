//! Order requests in flight: each is sent once, answered once. Owns the requests; must not re-send an order, and must not
//! decide what an unknown outcome turns out to be.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::domain::message::Asked;
use crate::domain::{Amend, Approved, ClientId, MarketKey, NewOrder, OrderId, OrderRef, Stamp};

/// No answer within this, ms: the outcome is unknown.
const DEADLINE_MS: u64 = 3_000;
/// A late answer is still understood this long, ms.
const REMEMBERED_MS: u64 = 60_000;

/// What a request asks for.
#[derive(Clone, Debug)]
pub enum What {
    /// A new order.
    Place(Approved<NewOrder>),
    /// A change of a working one.
    Amend(Approved<Amend>),
    /// Its end.
    Cancel {
        /// Whose and where.
        key: MarketKey,
        /// Which.
        order: OrderRef,
    },
}

impl What {
    /// Whose and where.
    pub fn key(&self) -> MarketKey {
        match self {
            Self::Place(order) => order.get().key,
            Self::Amend(amend) => amend.get().key,
            Self::Cancel { key, .. } => *key,
        }
    }

    /// Which order.
    pub fn order(&self) -> OrderRef {
        match self {
            Self::Place(order) => OrderRef {
                client: order.get().id,
                venue: None,
                class: order.get().kind.class(),
            },
            Self::Amend(amend) => amend.get().order,
            Self::Cancel { order, .. } => *order,
        }
    }

    /// What the desk knows it as.
    pub const fn asked(&self) -> Asked {
        match self {
            Self::Place(_) => Asked::Place,
            Self::Amend(_) => Asked::Amend,
            Self::Cancel { .. } => Asked::Cancel,
        }
    }
}

/// How a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// Over the warm WebSocket line.
    Line,
    /// Over REST: only when no byte of it was handed to the line.
    Rest,
}

/// One request that was handed on.
#[derive(Clone, Debug)]
pub struct Request {
    /// What it asks for.
    pub what: What,
    /// When it was handed on.
    pub sent: Stamp,
    /// How it went.
    pub path: Path,
    /// The private stream told of the order, with its number if it said one: it arrived, whatever becomes of the answer.
    pub seen: Option<Option<OrderId>>,
    /// It was told as unknown already; only a late answer can add something.
    pub told: bool,
}

/// What became of a frame that the session was asked to write.
#[derive(Debug)]
pub enum Handed {
    /// Bytes left this host.
    Left(ClientId, Asked),
    /// Nothing left: it may go another way.
    Stayed(What),
    /// Nothing left, but it was already told as unknown: it never goes.
    TooLate(What),
    /// No request of ours.
    NotOurs,
}

/// Every request in flight.
#[derive(Default)]
pub struct Requests {
    requests: HashMap<u64, Request, FixedState>,
}

impl Requests {
    /// One request is handed on under this number.
    pub fn sent(&mut self, id: u64, what: What, path: Path, now: Stamp) {
        let request = Request {
            what,
            sent: now,
            path,
            seen: None,
            told: false,
        };
        self.requests.insert(id, request);
    }

    /// The session tells what it wrote.
    pub fn handed(&mut self, id: u64, written: usize) -> Handed {
        if written > 0 {
            return match self.requests.get(&id) {
                Some(request) => Handed::Left(request.what.order().client, request.what.asked()),
                None => Handed::NotOurs,
            };
        }
        match self.requests.remove(&id) {
            Some(request) if request.told => Handed::TooLate(request.what),
            Some(request) => Handed::Stayed(request.what),
            None => Handed::NotOurs,
        }
    }

    /// True for the number of a request that waits for its answer.
    pub fn is_in_flight(&self, id: u64) -> bool {
        self.requests.contains_key(&id)
    }

    /// An answer came for this request, whatever it says: the request is over.
    pub fn answered(&mut self, id: u64) -> Option<Request> {
        self.requests.remove(&id)
    }

    /// The private stream told how a request to place this order was refused: it is over, whatever answer comes yet.
    pub fn over(&mut self, client: ClientId) -> Option<Request> {
        let mut requests = self.requests.iter();
        let places = |what: &What| matches!(what, What::Place(_)) && what.order().client == client;
        let (id, _) = requests.find(|(_, request)| places(&request.what))?;
        let id = *id;
        self.requests.remove(&id)
    }

    /// The private stream or a query told of this order: requests to place it arrived.
    pub fn seen(&mut self, client: ClientId, venue: Option<OrderId>) {
        for request in self.requests.values_mut() {
            if matches!(request.what, What::Place(_)) && request.what.order().client == client {
                request.seen = Some(venue);
            }
        }
    }

    /// The order line ended: no answer can come on it any more. Gives the requests that are now unknown, oldest first; they stay,
    /// told, in case the session proves later that nothing of one left.
    pub fn line_ended(&mut self) -> Vec<Request> {
        self.tell(|request| request.path == Path::Line)
    }

    /// Requests whose deadline passed. They stay, told, for a late answer; old ones are forgotten.
    pub fn overdue(&mut self, now: Stamp) -> Vec<Request> {
        self.requests
            .retain(|_, r| !r.told || now.ms_since(r.sent) < REMEMBERED_MS);
        let late = |r: &Request| r.path == Path::Line && now.ms_since(r.sent) >= DEADLINE_MS;
        self.tell(late)
    }

    fn tell(&mut self, is_unknown: impl Fn(&Request) -> bool) -> Vec<Request> {
        let mut unknown = Vec::new();
        for request in self.requests.values_mut() {
            if !request.told && is_unknown(request) {
                unknown.push(request.clone());
                request.told = true;
            }
        }
        unknown.sort_unstable_by_key(|request: &Request| request.sent);
        unknown
    }

    /// True while a request on the line waits for its answer.
    pub fn line_is_busy(&self) -> bool {
        let mut requests = self.requests.values();
        requests.any(|r| r.path == Path::Line && !r.told)
    }

    /// When the next deadline passes.
    pub fn next(&self) -> Option<Stamp> {
        let waiting = self.requests.values();
        let waiting = waiting.filter(|r| r.path == Path::Line && !r.told);
        waiting.map(|r| r.sent.plus_ms(DEADLINE_MS)).min()
    }
}
