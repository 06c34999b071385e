//! Conditional orders, from whatever tells of them, and the step from one to the regular order that it becomes when it fires.
//! Owns nothing.
//!
//! For the desk it stays one order under one name: first the conditional one, then the regular one. The venue tells of the two on
//! two sockets, so either may come first; each names the other.

use super::OkxAccount;
use crate::domain::{
    ClientId, Fact, OrderClass, OrderId, OrderRef, OrderReport, OrderStatus, Stamp,
};
use crate::exchange::account::proof::Asking;
use crate::exchange::machine::Out;
use crate::exchange::okx::read::algo::AlgoOrder;

impl OkxAccount {
    /// A channel or a query told of a conditional order.
    pub(super) fn algo_told(&mut self, algo: AlgoOrder, now: Stamp, out: &mut Out) {
        self.note_trail(&algo);
        let report = algo.report;
        let client = report.order.client;
        self.requests.seen(client, report.order.venue);
        self.proofs.placed(client);
        if let Some(number) = algo.became {
            return self.algo_fired(report, number, now, out);
        }
        if report.status.is_final() {
            self.proofs.ended(client);
        }
        if report.status == OrderStatus::Unknown || report.triggered {
            // What it became is not named yet, or what it is was not understood: a fetch of truth looks it up.
            self.want_truth(now);
        }
        if !self.told.has_fired(&report) && self.told.order(&report) {
            out.facts.push(Fact::Order(report));
        }
    }

    /// Remembers which call cancels it.
    pub(super) fn note_trail(&mut self, algo: &AlgoOrder) {
        let client = algo.report.order.client;
        if algo.trails && !algo.report.status.is_final() {
            self.trailing.insert(client);
        } else {
            self.trailing.remove(&client);
        }
    }

    /// It became a regular order.
    fn algo_fired(&mut self, report: OrderReport, number: OrderId, now: Stamp, out: &mut Out) {
        let order = OrderRef {
            client: report.order.client,
            venue: Some(number),
            class: OrderClass::Regular,
        };
        let told_as = self.told.told_as(number);
        self.told.fired(&report, number);
        self.proofs.became(order);
        if told_as == Some(order.client) {
            return;
        }
        if told_as.is_some() {
            // Told under another name: its own record says the rest.
            return self.query(report.key, order, false, now, out);
        }
        // Until the regular order tells of itself. Not kept as told: what that says may be older and counts all the same.
        self.told
            .named(order.class, number, order.client, report.key.symbol);
        out.facts.push(Fact::Order(OrderReport {
            order,
            triggered: true,
            ..report
        }));
    }

    /// Gives the report of a regular order the name of the conditional one that it was made of.
    pub(super) fn adopt(
        &mut self,
        made_of: Option<(OrderId, Option<ClientId>)>,
        report: &mut OrderReport,
    ) {
        if let (Some((algo, name)), Some(number)) = (made_of, report.order.venue) {
            let known = name.or_else(|| self.told.client_of_conditional(algo));
            let client = known.or_else(|| ClientId::new(&format!("id-{algo}")).ok());
            if let Some(client) = client {
                let conditional = OrderReport {
                    order: OrderRef {
                        client,
                        venue: Some(algo),
                        class: OrderClass::Conditional,
                    },
                    ..report.clone()
                };
                self.told.fired(&conditional, number);
                self.proofs.became(OrderRef {
                    client,
                    ..report.order
                });
            }
        }
        self.told.rename(report);
    }

    /// A query found a conditional order.
    pub(super) fn algo_found(
        &mut self,
        asking: &Asking,
        algo: AlgoOrder,
        now: Stamp,
        out: &mut Out,
    ) {
        let (fired, ended) = (algo.became.is_some(), algo.report.status.is_final());
        let (price, qty) = (algo.report.price, algo.report.qty);
        self.algo_told(algo, now, out);
        if !ended && !fired {
            let mut steps = Vec::new();
            self.proofs.found(asking, price, qty, &mut steps);
            self.take_steps(steps, now, out);
        }
    }

    /// What a fetch of truth says of conditional orders that fired; true names come before anything is told.
    pub(super) fn truth_fired(&mut self, fired: Vec<(OrderReport, OrderId)>) {
        for (report, number) in fired {
            self.requests.seen(report.order.client, report.order.venue);
            self.proofs.placed(report.order.client);
            self.told.fired(&report, number);
            self.proofs.became(OrderRef {
                client: report.order.client,
                venue: Some(number),
                class: OrderClass::Regular,
            });
        }
    }
}
