//! The desk's side of a session: what a machine answered goes to the ports, each by its own rule. Owns the facts that wait for room; it
//! must not drop one.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::mpsc;

use super::LEVELS;
use super::pictures::Pictures;
use crate::domain::message::MarketFact;
use crate::domain::{Fact, Print, Stamp};
use crate::exchange::machine::{Account, Feed, Machine, Out};

/// Takes what a machine of kind `M` answered beside lines, calls and timer.
pub(super) trait Side<M: Machine + ?Sized> {
    /// Empties the rest of `out`.
    fn deliver(&mut self, now: Stamp, machine: &M, out: &mut Out);
}

/// Facts on their way, in order, none dropped.
pub(super) struct Outbox<T> {
    waiting: VecDeque<T>,
    to: mpsc::Sender<T>,
}

impl<T> Outbox<T> {
    pub(super) fn new(to: mpsc::Sender<T>) -> Self {
        Self {
            waiting: VecDeque::new(),
            to,
        }
    }

    /// Adds facts and hands over what finds room.
    fn take(&mut self, facts: &mut Vec<T>) {
        self.waiting.extend(facts.drain(..));
        while !self.waiting.is_empty()
            && let Ok(room) = self.to.try_reserve()
            && let Some(fact) = self.waiting.pop_front()
        {
            room.send(fact);
        }
    }

    /// True when nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Waits for room and hands one fact over; false when nobody is left to hear it. May be given up at any time.
    pub(super) async fn hand_over_one(&mut self) -> bool {
        let Ok(room) = self.to.reserve().await else {
            return false;
        };
        if let Some(fact) = self.waiting.pop_front() {
            room.send(fact);
        }
        true
    }

    /// Hands over everything, or until nobody is left to hear it.
    pub(super) async fn hand_over_all(&mut self) {
        while !self.is_empty() && self.hand_over_one().await {}
    }
}

/// What an account tells the desk.
pub(super) struct AccountSide {
    pub(super) facts: Outbox<Fact>,
}

impl Side<dyn Account> for AccountSide {
    fn deliver(&mut self, _: Stamp, _: &dyn Account, out: &mut Out) {
        self.facts.take(&mut out.facts);
    }
}

/// What a feed tells the desk.
pub(super) struct FeedSide {
    pub(super) market: Outbox<MarketFact>,
    pub(super) prints: mpsc::Sender<Vec<Print>>,
    pub(super) dropped: Arc<AtomicU64>,
    pub(super) pictures: Pictures,
}

impl Side<dyn Feed> for FeedSide {
    fn deliver(&mut self, now: Stamp, feed: &dyn Feed, out: &mut Out) {
        self.market.take(&mut out.market);
        if !out.prints.is_empty() {
            let count = out.prints.len() as u64;
            let batch = out.prints.drain(..).collect();
            if self.prints.try_send(batch).is_err() {
                self.dropped.fetch_add(count, Ordering::Relaxed);
            }
        }
        let depth = |symbol| feed.depth(symbol, now, LEVELS);
        self.pictures
            .take(now, &mut out.touches, &mut out.changed, depth);
    }
}
