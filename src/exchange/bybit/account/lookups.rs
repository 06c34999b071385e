//! The state of one order, asked for: among recent orders first, then in the history; a position's own stop at the position. Owns
//! nothing; what an answer proves goes to the proofs.

use super::BybitAccount;
use super::caller::{Purpose, Query};
use crate::domain::message::{Asked, Proves};
use crate::domain::{Fact, MarketKey, OrderId, OrderRef, OrderReport, Outcome, Stamp};
use crate::exchange::account::proof::Asking;
use crate::exchange::bybit::instruments::{Category, venue_name};
use crate::exchange::bybit::read::{Page, order, position};
use crate::exchange::bybit::slot::SlotKey;
use crate::exchange::machine::Out;

/// Where an order is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Open orders and the latest that ended.
    Recent,
    /// Everything older. The venue forgets what is recent when it restarts (Bybit, Get Open & Closed Orders).
    History,
    /// On the position.
    Position,
}

/// One question about an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lookup {
    /// Which order, and who asks.
    pub asking: Asking,
    /// Where.
    pub stage: Stage,
    /// The place whose end it is to explain.
    pub explains: Option<SlotKey>,
}

impl BybitAccount {
    pub(super) fn query(
        &mut self,
        key: MarketKey,
        order: OrderRef,
        desk: bool,
        now: Stamp,
        out: &mut Out,
    ) {
        let stage = if self.slots.of(order.client).is_some() {
            Stage::Position
        } else if desk && self.slots.has_ended(order.client) && order.venue.is_none() {
            let words = "the position's stop is another one by now";
            return self.no_such(key, order.client, Asked::Query, words, now, out);
        } else {
            Stage::Recent
        };
        let asking = Asking {
            key,
            order,
            sent: now,
            desk,
        };
        let lookup = Lookup {
            asking,
            stage,
            explains: None,
        };
        self.look_up(lookup, now, out);
    }

    /// Asks how the venue's own order behind a place ended.
    pub(super) fn explain(&mut self, slot: SlotKey, id: OrderId, now: Stamp, out: &mut Out) {
        let key = self.whose.key(slot.symbol);
        let Some(order) = self.slots.reference(slot, id) else {
            return;
        };
        let asking = Asking {
            key,
            order,
            sent: now,
            desk: false,
        };
        let lookup = Lookup {
            asking,
            stage: Stage::Recent,
            explains: Some(slot),
        };
        self.look_up(lookup, now, out);
    }

    fn look_up(&mut self, lookup: Lookup, now: Stamp, out: &mut Out) {
        let Asking { key, order, .. } = lookup.asking;
        let category = Category::of(&key.symbol).as_str();
        let query = Query::of("category", category).and("symbol", venue_name(&key.symbol).as_str());
        let named = match &order.venue {
            Some(id) => ("orderId", id.as_str()),
            None => ("orderLinkId", order.client.as_str()),
        };
        let (path, query) = match lookup.stage {
            Stage::Recent => ("/v5/order/realtime", query.and(named.0, named.1)),
            Stage::History => ("/v5/order/history", query.and(named.0, named.1)),
            Stage::Position => ("/v5/position/list", query),
        };
        self.caller
            .read(now, path, &query, Purpose::Query(lookup), out);
    }

    /// The venue answered.
    pub(super) fn looked_up(&mut self, lookup: Lookup, result: &str, now: Stamp, out: &mut Out) {
        let page = match Page::read(result) {
            Ok(page) => page,
            Err(error) => return self.bad(&format!("query: {error}"), out),
        };
        if lookup.stage == Stage::Position {
            return self.place_looked_up(&lookup.asking, &page, now, out);
        }
        match page.list.first() {
            Some(raw) => self.order_found(&lookup, raw.get(), now, out),
            None if lookup.stage == Stage::Recent => {
                let lookup = Lookup {
                    stage: Stage::History,
                    ..lookup
                };
                self.look_up(lookup, now, out);
            }
            None => self.order_not_found(&lookup, now, out),
        }
    }

    fn order_found(&mut self, lookup: &Lookup, raw: &str, now: Stamp, out: &mut Out) {
        let category = Category::of(&lookup.asking.key.symbol);
        let said = match order::order(raw, Some(category), &self.reader(now)) {
            Ok(Some(said)) => said,
            Ok(None) => return,
            Err(error) => return self.bad(&format!("query: {error}"), out),
        };
        let ended = said.report.status.is_final();
        let (price, qty) = (said.report.price, said.report.qty);
        self.order_said(said, now, out);
        if !ended {
            let mut steps = Vec::new();
            self.proofs.found(&lookup.asking, price, qty, &mut steps);
            self.take_steps(steps, now, out);
        }
    }

    fn order_not_found(&mut self, lookup: &Lookup, now: Stamp, out: &mut Out) {
        if let Some(slot) = lookup.explains {
            let steps = self.slots.unexplained(slot, now);
            return self.take_slot_steps(steps, now, out);
        }
        self.negative(&lookup.asking, now, out);
    }

    fn negative(&mut self, asking: &Asking, now: Stamp, out: &mut Out) {
        self.proofs.negative(asking);
        if asking.desk {
            let words = "the venue knows no such order";
            self.no_such(
                asking.key,
                asking.order.client,
                Asked::Query,
                words,
                now,
                out,
            );
        }
    }

    /// The position says whether it has the stop.
    fn place_looked_up(&mut self, asking: &Asking, page: &Page<'_>, now: Stamp, out: &mut Out) {
        for raw in &page.list {
            let linear = Some(Category::Linear);
            match position::position(raw.get(), linear, &self.reader(now)) {
                Ok(Some(said)) => self.position_said(&said, Some(asking.sent), now, out),
                Ok(None) => {}
                Err(error) => return self.bad(&format!("query: {error}"), out),
            }
        }
        let client = asking.order.client;
        let standing: Option<OrderReport> = {
            let mut all = self.slots.standing();
            all.find(|report| report.order.client == client).cloned()
        };
        match standing {
            Some(report) => {
                let mut steps = Vec::new();
                self.proofs.found(asking, None, report.qty, &mut steps);
                out.facts.push(Fact::Order(report));
                self.take_steps(steps, now, out);
            }
            None => self.negative(asking, now, out),
        }
    }

    /// The venue refused the question, or did not answer it. Nothing is concluded from that, unless it says that it knows no such
    /// order.
    pub(super) fn look_up_failed(
        &mut self,
        lookup: &Lookup,
        proves: Proves,
        words: &str,
        now: Stamp,
        out: &mut Out,
    ) {
        let asking = &lookup.asking;
        if proves == Proves::NotFound {
            return self.order_not_found(lookup, now, out);
        }
        if asking.desk {
            out.facts.push(Fact::Answer {
                key: asking.key,
                client: asking.order.client,
                asked: Asked::Query,
                outcome: Outcome::Unknown(words.to_owned()),
                at: now,
            });
        }
    }
}
