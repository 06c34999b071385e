//! The resting orders of one symbol by price and time, and the public picture of them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::spec::AccountNo;
use crate::domain::{Level, Price, Qty, Side};

/// Levels changed since the last drain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DepthDiff {
    /// First update id inside.
    pub first: u64,
    /// Last update id inside.
    pub last: u64,
    /// Last update id of the diff before.
    pub previous: u64,
    /// Changed bids with their whole size now, best first; zero: gone.
    pub bids: Vec<(Price, Qty)>,
    /// Changed asks with their whole size now, best first; zero: gone.
    pub asks: Vec<(Price, Qty)>,
}

/// The top of a book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DepthTop {
    /// The update id of the last change inside.
    pub last: u64,
    /// Bids, best first.
    pub bids: Vec<Level>,
    /// Asks, best first.
    pub asks: Vec<Level>,
}

/// Best prices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Best {
    /// The update id of the book; it may grow without a change here.
    pub id: u64,
    /// Best bid.
    pub bid: Option<Level>,
    /// Best ask.
    pub ask: Option<Level>,
}

/// One resting order's place in a queue. The crowd's has no order id, and neighbours of the crowd are one entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Resting {
    pub account: AccountNo,
    pub order: u64,
    pub qty: i64,
}

#[derive(Debug, Default)]
struct Queue {
    total: i64,
    entries: VecDeque<Resting>,
}

/// Both sides of one symbol. Every change carries an update id.
#[derive(Debug, Default)]
pub(super) struct LimitBook {
    bids: BTreeMap<i64, Queue>,
    asks: BTreeMap<i64, Queue>,
    last: u64,
    drained: u64,
    changed: BTreeSet<(Side, i64)>,
}

impl LimitBook {
    /// An empty book. Its first id is spent on being empty, so that a diff may start at the id of any snapshot.
    pub fn new() -> Self {
        Self {
            last: 1,
            ..Self::default()
        }
    }

    fn half(&self, side: Side) -> &BTreeMap<i64, Queue> {
        match side {
            Side::Buy => &self.bids,
            Side::Sell => &self.asks,
        }
    }

    fn half_mut(&mut self, side: Side) -> &mut BTreeMap<i64, Queue> {
        match side {
            Side::Buy => &mut self.bids,
            Side::Sell => &mut self.asks,
        }
    }

    fn touch(&mut self, side: Side, price: Price) {
        self.last += 1;
        self.changed.insert((side, price.0));
    }

    /// The best price of a side.
    pub fn best_price(&self, side: Side) -> Option<Price> {
        let half = self.half(side);
        let key = match side {
            Side::Buy => half.last_key_value(),
            Side::Sell => half.first_key_value(),
        };
        key.map(|(&p, _)| Price(p))
    }

    /// The price furthest from the other side.
    pub fn worst_price(&self, side: Side) -> Option<Price> {
        let half = self.half(side);
        let key = match side {
            Side::Buy => half.first_key_value(),
            Side::Sell => half.last_key_value(),
        };
        key.map(|(&p, _)| Price(p))
    }

    /// Who is next to be filled on a side.
    pub fn front(&self, side: Side) -> Option<(Price, Resting)> {
        let price = self.best_price(side)?;
        let entry = self.half(side).get(&price.0)?.entries.front()?;
        Some((price, *entry))
    }

    /// Joins the end of the queue.
    pub fn push(&mut self, side: Side, price: Price, entry: Resting) {
        let queue = self.half_mut(side).entry(price.0).or_default();
        queue.total += entry.qty;
        match queue.entries.back_mut() {
            Some(last) if entry.account == AccountNo::CROWD && last.account == AccountNo::CROWD => {
                last.qty += entry.qty;
            }
            _ => queue.entries.push_back(entry),
        }
        self.touch(side, price);
    }

    /// Fills `qty` of the first in the queue at the best price of a side.
    pub fn fill_front(&mut self, side: Side, price: Price, qty: i64) {
        if let Some(queue) = self.half_mut(side).get_mut(&price.0)
            && let Some(first) = queue.entries.front_mut()
        {
            first.qty -= qty;
            queue.total -= qty;
            if first.qty <= 0 {
                queue.entries.pop_front();
            }
            self.after_loss(side, price);
        }
    }

    /// Takes `qty` lots off an account's order in place (all of it when `qty` covers it). False when it does not rest there.
    pub fn reduce(&mut self, side: Side, price: Price, order: u64, qty: i64) -> bool {
        let Some(queue) = self.half_mut(side).get_mut(&price.0) else {
            return false;
        };
        let found = queue
            .entries
            .iter()
            .position(|e| e.order == order && e.account != AccountNo::CROWD);
        let Some(at) = found else {
            return false;
        };
        let entry = &mut queue.entries[at];
        let gone = qty.min(entry.qty);
        entry.qty -= gone;
        queue.total -= gone;
        if entry.qty == 0 {
            queue.entries.remove(at);
        }
        self.after_loss(side, price);
        true
    }

    /// Takes up to `qty` of the crowd off a level: every part of the queue gives its share, so that orders behind move up.
    pub fn pull(&mut self, side: Side, price: Price, qty: i64) -> i64 {
        let Some(queue) = self.half_mut(side).get_mut(&price.0) else {
            return 0;
        };
        let crowd = |e: &Resting| e.account == AccountNo::CROWD;
        let all: i64 = queue
            .entries
            .iter()
            .filter(|e| crowd(e))
            .map(|e| e.qty)
            .sum();
        let gone = qty.min(all);
        if gone <= 0 {
            return 0;
        }
        let mut left = gone;
        for entry in queue.entries.iter_mut().filter(|e| crowd(e)) {
            let share = i128::from(gone) * i128::from(entry.qty) / i128::from(all);
            let share = i64::try_from(share).unwrap_or(0);
            entry.qty -= share;
            left -= share;
        }
        for entry in queue.entries.iter_mut().rev().filter(|e| crowd(e)) {
            let rest = left.min(entry.qty);
            entry.qty -= rest;
            left -= rest;
        }
        queue.entries.retain(|e| e.qty > 0);
        queue.total -= gone;
        self.after_loss(side, price);
        gone
    }

    /// Takes all of the crowd off every level that is better than `best`.
    pub fn pull_better(&mut self, side: Side, best: Price) {
        let better: Vec<Price> = self
            .queues(side)
            .map(|(price, _)| price)
            .take_while(|p| *p != best && p.crosses(side, best))
            .collect();
        for price in better {
            self.pull(side, price, i64::MAX);
        }
    }

    fn after_loss(&mut self, side: Side, price: Price) {
        let half = self.half_mut(side);
        if half.get(&price.0).is_some_and(|q| q.entries.is_empty()) {
            half.remove(&price.0);
        }
        self.touch(side, price);
    }

    /// True when a taker of `side` finds `qty` lots at `limit` or better that are not of `except`.
    pub fn can_fill(&self, side: Side, limit: Price, qty: i64, except: Option<AccountNo>) -> bool {
        let mut found = 0;
        for (price, queue) in self.queues(side.opposite()) {
            if !limit.crosses(side, price) {
                return false;
            }
            let usable = queue.entries.iter().filter(|e| Some(e.account) != except);
            found += usable.map(|e| e.qty).sum::<i64>();
            if found >= qty {
                return true;
            }
        }
        false
    }

    /// What a taker of `side` meets but for the orders of `except`: prices with their sizes in lots, best first.
    pub fn met_by(
        &self,
        side: Side,
        except: Option<AccountNo>,
    ) -> impl Iterator<Item = (Price, i64)> {
        self.queues(side.opposite()).map(move |(price, queue)| {
            let usable = queue.entries.iter().filter(|e| Some(e.account) != except);
            (price, usable.map(|e| e.qty).sum())
        })
    }

    /// Whole size at a price.
    pub fn at(&self, side: Side, price: Price) -> Qty {
        Qty(self.half(side).get(&price.0).map_or(0, |q| q.total))
    }

    /// Size that lies before an account's order in its queue; `None` when it does not rest there.
    pub fn ahead_of(&self, side: Side, price: Price, order: u64) -> Option<Qty> {
        let queue = self.half(side).get(&price.0)?;
        let mut ahead = 0;
        for entry in &queue.entries {
            if entry.order == order && entry.account != AccountNo::CROWD {
                return Some(Qty(ahead));
            }
            ahead += entry.qty;
        }
        None
    }

    /// How many levels a side has.
    pub fn count(&self, side: Side) -> usize {
        self.half(side).len()
    }

    fn queues(&self, side: Side) -> impl Iterator<Item = (Price, &Queue)> {
        let half = self.half(side);
        let (up, down) = match side {
            Side::Buy => (None, Some(half.iter().rev())),
            Side::Sell => (Some(half.iter()), None),
        };
        let all = up.into_iter().flatten().chain(down.into_iter().flatten());
        all.map(|(&p, q)| (Price(p), q))
    }

    fn level(&self, side: Side) -> Option<Level> {
        let (price, queue) = self.queues(side).next()?;
        Some(Level {
            price,
            qty: Qty(queue.total),
        })
    }

    /// Best prices.
    pub fn best(&self) -> Best {
        Best {
            id: self.last,
            bid: self.level(Side::Buy),
            ask: self.level(Side::Sell),
        }
    }

    /// The best `n` levels of both sides.
    pub fn top(&self, n: usize) -> DepthTop {
        let side = |side| {
            let level = |(price, queue): (Price, &Queue)| Level {
                price,
                qty: Qty(queue.total),
            };
            self.queues(side).take(n).map(level).collect()
        };
        DepthTop {
            last: self.last,
            bids: side(Side::Buy),
            asks: side(Side::Sell),
        }
    }

    /// Levels changed since the last call.
    pub fn drain(&mut self) -> Option<DepthDiff> {
        if self.changed.is_empty() {
            return None;
        }
        let changed = std::mem::take(&mut self.changed);
        let now = |&(side, price): &(Side, i64)| (Price(price), self.at(side, Price(price)));
        let mut bids: Vec<_> = changed
            .iter()
            .filter(|c| c.0 == Side::Buy)
            .map(now)
            .collect();
        bids.reverse();
        let asks = changed
            .iter()
            .filter(|c| c.0 == Side::Sell)
            .map(now)
            .collect();
        let diff = DepthDiff {
            first: self.drained + 1,
            last: self.last,
            previous: self.drained,
            bids,
            asks,
        };
        self.drained = self.last;
        // A snapshot taken now must satisfy `U <= lastUpdateId` of the next diff (Binance, How to manage a local order
        // book correctly, step 5), so its id is one past this diff; ids of a futures book have holes anyway.
        self.last += 1;
        Some(diff)
    }
}
