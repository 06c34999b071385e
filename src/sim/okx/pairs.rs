//! Algo orders as their owner knows them: one or two legs of the market under one id.

use std::collections::BTreeMap;

use super::Okx;
use super::algo_asked::Shape;
use crate::sim::market::{AlgoView, WhichAlgo};

/// Algo orders that are remembered; beyond it the oldest go.
const KEPT: usize = 20_000;

/// What the market does not keep of an algo order: it knows the legs alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// `ordType`
    pub shape: Shape,
    /// The client's label.
    pub tag: String,
    /// The leg that gives it its id.
    pub first: u64,
    /// The other leg of two.
    pub second: Option<u64>,
    /// The leg that has been triggered or ended, whose state is the order's.
    pub acting: u64,
    /// `reqId` of a change that has not been told yet.
    pub request: Option<String>,
}

/// All of them, by each leg's id.
#[derive(Debug, Default)]
pub struct Pairs {
    by_first: BTreeMap<u64, Pair>,
    firsts: BTreeMap<u64, u64>,
}

impl Pairs {
    pub fn add(&mut self, pair: Pair) {
        if self.by_first.len() >= KEPT {
            self.by_first.pop_first();
            self.firsts.pop_first();
        }
        if let Some(second) = pair.second {
            self.firsts.insert(second, pair.first);
        }
        self.by_first.insert(pair.first, pair);
    }

    /// The order that a leg belongs to.
    pub fn of(&self, leg: u64) -> Option<&Pair> {
        self.by_first.get(self.firsts.get(&leg).unwrap_or(&leg))
    }

    pub fn of_mut(&mut self, leg: u64) -> Option<&mut Pair> {
        let first = *self.firsts.get(&leg).unwrap_or(&leg);
        self.by_first.get_mut(&first)
    }

    /// True of the leg that gives an order its id.
    pub fn is_first(&self, leg: u64) -> bool {
        self.by_first.contains_key(&leg)
    }
}

/// An algo order with its legs.
pub struct Group<'a> {
    /// What is remembered of it.
    pub pair: &'a Pair,
    /// The leg that gives it its id.
    pub first: &'a AlgoView,
    /// The other leg of two.
    pub second: Option<&'a AlgoView>,
}

impl Group<'_> {
    /// The market's id that it is known by.
    pub const fn id(&self) -> u64 {
        self.first.id
    }

    /// The client's name; empty where it gave none.
    pub fn client(&self) -> &str {
        let name = self.first.client.as_str();
        let own = format!("algo{}", self.first.id);
        if name == own { "" } else { name }
    }

    /// The leg whose state is the order's.
    pub fn acting(&self) -> &AlgoView {
        let second = self.second.filter(|leg| leg.id == self.pair.acting);
        second.unwrap_or(self.first)
    }

    /// `source` of the order that it becomes (OKX, "Order channel").
    pub const fn source(&self) -> &'static str {
        match self.pair.shape {
            Shape::Trigger => "6",
            Shape::OneWay | Shape::Both => "7",
            Shape::Trail => "25",
        }
    }
}

impl Okx {
    /// The algo order that a leg belongs to.
    pub(super) fn group_of(&self, leg: u64) -> Option<Group<'_>> {
        let pair = self.pairs.of(leg)?;
        let market = &self.bourse.market;
        let leg = |id| market.algo(self.account, WhichAlgo::Id(id));
        Some(Group {
            pair,
            first: leg(pair.first)?,
            second: pair.second.and_then(leg),
        })
    }
}
