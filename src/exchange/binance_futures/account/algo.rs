//! Conditional orders, from whatever tells of them, and the step from one to the regular order that it becomes when it fires.
//! Owns nothing.
//!
//! For the desk it stays one order under one name: first the conditional one, then the regular one. The venue may tell of the
//! regular one first (nautilus_trader#3664), later, or while nobody listened.

use super::BinanceFuturesAccount;
use crate::domain::{Fact, OrderClass, OrderId, OrderRef, OrderReport, OrderStatus, Stamp};
use crate::exchange::account::proof::Asking;
use crate::exchange::binance_futures::read::algo::{self, AlgoOrder};
use crate::exchange::machine::Out;

impl BinanceFuturesAccount {
    /// The stream or a query told of a conditional order.
    pub(super) fn algo_told(&mut self, algo: AlgoOrder, now: Stamp, out: &mut Out) {
        let report = algo.report;
        let client = report.order.client;
        self.orders.seen(client, report.order.venue);
        self.proofs.placed(client);
        if let Some(number) = algo.became {
            return self.algo_fired(report, number, algo.finished, now, out);
        }
        if report.status.is_final() {
            self.proofs.ended(client);
        }
        if report.status == OrderStatus::Unknown {
            self.query(report.key, report.order, false, now, out);
        }
        if !self.told.has_fired(&report) && self.told.order(&report) {
            out.facts.push(Fact::Order(report));
        }
    }

    /// It became a regular order. `finished`: that one has ended too.
    fn algo_fired(
        &mut self,
        report: OrderReport,
        number: OrderId,
        finished: bool,
        now: Stamp,
        out: &mut Out,
    ) {
        let order = OrderRef {
            client: report.order.client,
            venue: Some(number),
            class: OrderClass::Regular,
        };
        let told_as = self.told.told_as(number);
        let ended = self.told.is_ended(number);
        self.told.fired(&report, number);
        self.proofs.became(order);
        if told_as == Some(order.client) && (ended || !finished) {
            return;
        }
        if told_as.is_some() || finished {
            // Told under another name, or ended unheard: its own record says the rest.
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

    /// A query found a conditional order.
    pub(super) fn algo_found(&mut self, asking: &Asking, body: &[u8], now: Stamp, out: &mut Out) {
        let algo = match algo::order(body, &self.reader(now)) {
            Ok(algo) => algo,
            Err(error) => return self.bad(&format!("query: {error}"), out),
        };
        let (ended, price, qty) = (
            algo.finished || algo.report.status.is_final(),
            algo.report.price,
            algo.report.qty,
        );
        self.algo_told(algo, now, out);
        if !ended {
            let mut steps = Vec::new();
            self.proofs.found(asking, price, qty, &mut steps);
            self.take_steps(steps, now, out);
        }
    }

    /// What a fetch of truth says of conditional orders that fired; true names come before anything is told.
    pub(super) fn truth_fired(&mut self, fired: Vec<(OrderReport, OrderId)>) {
        for (report, number) in fired {
            self.orders.seen(report.order.client, report.order.venue);
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
