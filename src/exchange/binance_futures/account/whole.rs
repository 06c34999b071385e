//! What a whole fetch of account truth says, with what the stream told beside it. Pure; owns nothing.

use crate::domain::message::{AccountTruth, PositionMode};
use crate::domain::{OrderId, OrderRef, OrderReport, PositionReport, Stamp};
use crate::exchange::binance_futures::read::ReadError;

/// What a whole fetch brings.
#[derive(Debug)]
pub struct Whole {
    /// For the desk.
    pub truth: AccountTruth,
    /// Position mode, and whether the key may trade.
    pub mode: (PositionMode, bool),
    /// Records that were skipped.
    pub bad: Vec<ReadError>,
    /// When the fetch began.
    pub began: Stamp,
    /// The same in venue time, ms.
    pub began_ms: i64,
    /// Orders that were looked up by number.
    pub looked_up: Vec<OrderReport>,
    /// Conditional orders that fired, each with the number of the regular order that it became.
    pub fired: Vec<(OrderReport, OrderId)>,
}

impl Whole {
    /// True when this truth knows the order: it is open, was looked up, or traded.
    pub fn knows(&self, order: &OrderRef) -> bool {
        let orders = self.truth.orders.iter().chain(&self.looked_up);
        let mut orders = orders.chain(self.fired.iter().map(|(report, _)| report));
        orders.any(|o| o.order.client == order.client)
            || self.truth.fills.iter().any(|f| f.client == order.client)
    }

    /// Brings in what the stream told while the fetch ran, where it is newer.
    pub fn merge(&mut self, orders: &[OrderReport], positions: &[PositionReport]) {
        for report in orders {
            let number = |o: &OrderReport| (o.order.class, o.order.venue);
            let same = |o: &OrderReport| number(o) == number(report);
            let at = self.truth.orders.iter().position(same);
            match (report.status.is_final(), at) {
                (true, Some(at)) => {
                    self.truth.orders.remove(at);
                }
                (true, None) => {}
                (false, Some(at)) => {
                    if let Some(old) = self.truth.orders.get_mut(at)
                        && old.venue_ms <= report.venue_ms
                    {
                        *old = report.clone();
                    }
                }
                (false, None) => self.truth.orders.push(report.clone()),
            }
        }
        for report in positions {
            let held = &mut self.truth.positions;
            let same = |p: &PositionReport| (p.key, p.leg) == (report.key, report.leg);
            match held.iter().position(same) {
                Some(at) if held.get(at).is_some_and(|p| p.venue_ms > report.venue_ms) => {}
                Some(at) => {
                    held.remove(at);
                    held.push(*report);
                }
                None if report.venue_ms >= self.began_ms => held.push(*report),
                None => {}
            }
        }
        self.truth.positions.retain(|p| !p.size.is_zero());
    }
}
