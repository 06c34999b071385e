//! Which of our orders a position's own stops stand for. Owns that, for each place a position has for a stop; asks and tells
//! nothing itself: what follows is handed back.
//!
//! The venue knows such a stop by a price on the position and by an order that it makes by itself, without a name of ours (Bybit,
//! Set Trading Stop: "will create conditional orders by the system internally"). A stop is Working when either shows it. It ends
//! when the position shows it no more and its order, where one was seen, says how.

use std::collections::{HashMap, HashSet};

use foldhash::fast::FixedState;

use crate::domain::{
    ClientId, NewOrder, OrderClass, OrderId, OrderRef, OrderReport, Price, Stamp, Symbol,
};
use crate::exchange::bybit::read::position::PositionSaid;
use crate::exchange::bybit::slot::{SlotKey, SlotKind, value};

mod held;

use held::{Held, Stop, finish, is_news, meet, prove, report_of, stand, take_next};

/// How long an end that nothing explains may still be explained by a late word of the order that fired, ms.
const EXPLAIN_MS: u64 = 1_500;

/// What follows.
#[derive(Clone, Debug, PartialEq)]
pub enum SlotStep {
    /// Tell this.
    Tell(Box<OrderReport>),
    /// A request to set it is proved to have been carried out.
    Placed(ClientId),
    /// It ended: nothing is asked about it any more.
    Ended(ClientId),
    /// Read the position again.
    Read(SlotKey),
    /// Ask how the order behind it ended.
    Explain(SlotKey, OrderId),
}

/// See the module.
#[derive(Debug, Default)]
pub struct Slots {
    held: HashMap<SlotKey, Held, FixedState>,
    /// Names of the venue's own orders.
    names: HashMap<OrderId, ClientId, FixedState>,
    /// Every order of ours that a position's stop stood for.
    ours: HashSet<ClientId, FixedState>,
}

impl Slots {
    /// A request to set a stop is handed on.
    pub fn asked(&mut self, slot: SlotKey, order: &NewOrder, at: Stamp) {
        let Some(value) = value(order.kind) else {
            return;
        };
        self.ours.insert(order.id);
        let held = self.held.entry(slot).or_default();
        held.next.push(Stop {
            report: report_of(order, at),
            value,
            proved: false,
            since_ms: 0,
            stood: at,
            found: false,
        });
    }

    /// A stop of a position stood for this order of ours once, and does no more.
    pub fn has_ended(&self, client: ClientId) -> bool {
        self.ours.contains(&client) && self.of(client).is_none()
    }

    /// The place that this order of ours has or is to have; `None` when it has none (any more).
    pub fn of(&self, client: ClientId) -> Option<SlotKey> {
        let mut all = self.held.iter();
        all.find_map(|(slot, held)| {
            let stops = held.now.iter().chain(&held.next);
            let has = stops.into_iter().any(|s| s.report.order.client == client);
            has.then_some(*slot)
        })
    }

    /// The venue took the request, at this time of its own: what stood before gave way.
    pub fn accepted(&mut self, client: ClientId, at_ms: i64, now: Stamp) -> Vec<SlotStep> {
        let Some(slot) = self.of(client) else {
            return Vec::new();
        };
        let held = self.held.entry(slot).or_default();
        let Some(stop) = take_next(held, client) else {
            return vec![SlotStep::Read(slot)];
        };
        let mut steps = stand(held, stop, at_ms, now);
        self.rename(slot);
        steps.push(SlotStep::Read(slot));
        steps
    }

    /// The request is proved not to have been carried out.
    pub fn refused(&mut self, client: ClientId) {
        for held in self.held.values_mut() {
            held.next.retain(|s| s.report.order.client != client);
        }
    }

    /// The venue says what a position shows. `asked`: it was asked then and says it now; else it told of itself.
    pub fn position(
        &mut self,
        said: &PositionSaid,
        asked: Option<Stamp>,
        now: Stamp,
    ) -> Vec<SlotStep> {
        let mut steps = Vec::new();
        for kind in SlotKind::ALL {
            let slot = SlotKey {
                symbol: said.report.key.symbol,
                leg: said.report.leg,
                kind,
            };
            let shown = match kind {
                SlotKind::Stop => said.stop,
                SlotKind::Trail => said.trail,
            };
            match shown {
                Some(value) => self.shows(slot, value, said, asked, now, &mut steps),
                None => self.shows_none(slot, said, asked, now, &mut steps),
            }
        }
        steps
    }

    fn shows(
        &mut self,
        slot: SlotKey,
        value: Price,
        said: &PositionSaid,
        asked: Option<Stamp>,
        now: Stamp,
        steps: &mut Vec<SlotStep>,
    ) {
        let held = self.held.entry(slot).or_default();
        held.gone = None;
        let stands = held.now.as_ref().is_some_and(|s| s.value == value);
        // What was asked for stands, whatever became of the answer; where the old one has the same price the answer alone tells.
        let wanted = held.next.iter().rposition(|s| s.value == value);
        if let Some(at) = wanted.filter(|_| !stands || asked.is_some()) {
            let stop = held.next.remove(at);
            steps.push(SlotStep::Placed(stop.report.order.client));
            steps.extend(stand(held, stop, said.report.venue_ms, now));
        } else if !stands {
            if !is_news(held, said, asked) {
                return;
            }
            if !meet(held, slot, value, said, now, steps) {
                return;
            }
        }
        if let Some(stop) = held.now.as_mut() {
            steps.extend(prove(stop, said));
        }
        self.rename(slot);
    }

    fn shows_none(
        &mut self,
        slot: SlotKey,
        said: &PositionSaid,
        asked: Option<Stamp>,
        now: Stamp,
        steps: &mut Vec<SlotStep>,
    ) {
        let Some(held) = self.held.get_mut(&slot) else {
            return;
        };
        let Some(stop) = &held.now else {
            return;
        };
        if held.gone.is_some() || !(stop.proved || asked.is_some()) || !is_news(held, said, asked) {
            return;
        }
        held.gone = Some(now);
        match (held.end.take(), held.order) {
            (Some(end), _) => steps.extend(finish(held, Some(end), now)),
            (None, Some(order)) => steps.push(SlotStep::Explain(slot, order)),
            (None, None) => steps.push(SlotStep::Read(slot)),
        }
    }

    /// Nobody knows the order that was asked about.
    pub fn unexplained(&mut self, slot: SlotKey, now: Stamp) -> Vec<SlotStep> {
        match self.held.get_mut(&slot) {
            Some(held) if held.gone.is_some() => finish(held, None, now),
            _ => Vec::new(),
        }
    }

    /// What is due: ends that nothing explained.
    pub fn due(&mut self, now: Stamp) -> Vec<SlotStep> {
        let mut steps = Vec::new();
        for (slot, held) in &mut self.held {
            if held.gone.is_none_or(|at| now.ms_since(at) < EXPLAIN_MS) {
                continue;
            }
            match held.order {
                Some(order) => {
                    held.gone = Some(now);
                    steps.push(SlotStep::Explain(*slot, order));
                }
                None => steps.extend(finish(held, None, now)),
            }
        }
        steps
    }

    /// When something is due next.
    pub fn next(&self) -> Option<Stamp> {
        let gone = self.held.values().filter_map(|held| held.gone);
        gone.map(|at| at.plus_ms(EXPLAIN_MS)).min()
    }

    /// The venue told of an order that it keeps for a place. It is given the name that it has here; `true`: it is told on.
    pub fn order(
        &mut self,
        kind: SlotKind,
        report: &mut OrderReport,
        now: Stamp,
    ) -> (bool, Vec<SlotStep>) {
        let slot = SlotKey {
            symbol: report.key.symbol,
            leg: report.leg,
            kind,
        };
        let Some(id) = report.order.venue else {
            return (true, Vec::new());
        };
        report.reduce_only = true;
        if report.order.class == OrderClass::Regular {
            return (true, self.fired(slot, id, report));
        }
        let held = self.held.entry(slot).or_default();
        if report.status.is_final() {
            if held.order != Some(id) {
                return (false, Vec::new());
            }
            held.order = None;
            held.end = Some(report.clone());
            let steps = if held.gone.is_some() {
                let end = held.end.take();
                finish(held, end, now)
            } else {
                vec![SlotStep::Read(slot)]
            };
            return (false, steps);
        }
        let Some(stop) = held.now.as_mut() else {
            // Found before the position said so, or set by a request that is not answered yet.
            held.order = Some(id);
            return (false, vec![SlotStep::Read(slot)]);
        };
        // Of an order that gave way, or that somebody moved: the position knows.
        if kind == SlotKind::Stop && report.trigger != Some(stop.value) {
            return (false, vec![SlotStep::Read(slot)]);
        }
        held.order = Some(id);
        held.end = None;
        stop.proved = true;
        report.order.client = stop.report.order.client;
        report.callback = stop.report.callback;
        stop.report = report.clone();
        self.names.insert(id, report.order.client);
        (true, vec![SlotStep::Placed(report.order.client)])
    }

    /// It fired: the order lives on under the name of the stop.
    fn fired(&mut self, slot: SlotKey, id: OrderId, report: &mut OrderReport) -> Vec<SlotStep> {
        let Some(client) = self.name(slot, id) else {
            return Vec::new();
        };
        report.order.client = client;
        let Some(held) = self.held.get_mut(&slot) else {
            return Vec::new();
        };
        let of_now = |s: &Stop| s.report.order.client == client;
        if held.now.as_ref().is_some_and(of_now) {
            report.callback = held.now.take().and_then(|s| s.report.callback);
            held.last = Some(client);
            (held.order, held.gone, held.end) = (None, None, None);
        }
        vec![SlotStep::Placed(client)]
    }

    /// The name of the order behind a fill or a report of an order that fired.
    pub fn name(&mut self, slot: SlotKey, id: OrderId) -> Option<ClientId> {
        if let Some(client) = self.names.get(&id) {
            return Some(*client);
        }
        let held = self.held.get(&slot)?;
        let stops = held.now.iter().chain(held.next.last());
        let mut names = stops.map(|s| s.report.order.client);
        let client = names.next().or(held.last)?;
        self.names.insert(id, client);
        Some(client)
    }

    /// What stands in a place, by the venue's own order of it.
    pub fn reference(&self, slot: SlotKey, id: OrderId) -> Option<OrderRef> {
        let stop = self.held.get(&slot)?.now.as_ref()?;
        Some(OrderRef {
            client: stop.report.order.client,
            venue: Some(id),
            class: OrderClass::Conditional,
        })
    }

    /// Every stop that stands, proved.
    pub fn standing(&self) -> impl Iterator<Item = &OrderReport> {
        let stops = self.held.values().filter_map(|held| held.now.as_ref());
        stops.filter(|s| s.proved).map(|s| &s.report)
    }

    /// Instruments on which a stop stands or was asked for.
    pub fn symbols(&self) -> impl Iterator<Item = Symbol> + '_ {
        let held = self.held.iter();
        held.filter(|(_, held)| held.now.is_some() || !held.next.is_empty())
            .map(|(slot, _)| slot.symbol)
    }

    /// The venue's order behind a place goes by the name of what stands there now.
    fn rename(&mut self, slot: SlotKey) {
        let held = self.held.get(&slot);
        let named = held.and_then(|held| Some((held.order?, held.now.as_ref()?)));
        if let Some((id, stop)) = named {
            self.names.insert(id, stop.report.order.client);
        }
    }
}
