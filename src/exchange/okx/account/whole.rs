//! What a whole fetch of account truth says, with what the channels told beside it. Pure; owns nothing.

use super::truth::Fetch;
use crate::domain::message::{Balance, MarginMode};
use crate::domain::{Fill, OrderId, OrderRef, OrderReport, PositionReport, Stamp};
use crate::exchange::okx::read::ReadError;
use crate::exchange::okx::read::algo::AlgoOrder;
use crate::exchange::okx::read::holding::Funded;
use crate::exchange::okx::read::order::Order;
use crate::exchange::okx::read::settings::Config;

/// What a whole fetch brings.
#[derive(Debug)]
pub struct Whole {
    /// Open regular orders, by the venue's names for them.
    pub orders: Vec<Order>,
    /// Regular orders that were looked up.
    pub looked_up: Vec<Order>,
    /// Open conditional orders.
    pub waiting: Vec<AlgoOrder>,
    /// Conditional orders that were looked up and have ended without firing.
    pub ended: Vec<OrderReport>,
    /// Conditional orders that fired, each with the id of the regular order that it became.
    pub fired: Vec<(OrderReport, OrderId)>,
    /// Positions that are not flat, each with its margin mode.
    pub positions: Vec<(PositionReport, MarginMode)>,
    /// What they paid and received in funding.
    pub funded: Vec<Funded>,
    /// Balances.
    pub balances: Vec<Balance>,
    /// Fills, oldest first.
    pub fills: Vec<Fill>,
    /// Account and key.
    pub config: Config,
    /// Records that were skipped.
    pub bad: Vec<ReadError>,
    /// When the fetch began.
    pub began: Stamp,
    /// The same in venue time, ms.
    pub began_ms: i64,
    /// When the last part came.
    pub at: Stamp,
}

impl Whole {
    /// Of a fetch whose every part came; `at` is now.
    ///
    /// # Errors
    /// When it does not say what the account is.
    pub fn of(mut fetch: Fetch, at: Stamp) -> Result<Self, ReadError> {
        let config = fetch.config.take().ok_or(ReadError::Field("config"))?;
        let mut whole = Self {
            orders: fetch.orders,
            looked_up: fetch.looked_up,
            waiting: Vec::new(),
            ended: Vec::new(),
            fired: Vec::new(),
            positions: fetch.positions,
            funded: fetch.funded,
            balances: fetch.balances,
            fills: fetch.fills,
            config,
            bad: fetch.bad,
            began: fetch.began,
            began_ms: fetch.began_ms,
            at,
        };
        for algo in fetch.algos.into_iter().chain(fetch.looked_up_algos) {
            match algo.became {
                Some(number) => whole.fired.push((algo.report, number)),
                None if algo.report.status.is_final() => whole.ended.push(algo.report),
                None => whole.waiting.push(algo),
            }
        }
        for (report, mode) in fetch.pushed {
            whole.merge_position(report, mode);
        }
        whole.positions.retain(|(p, _)| !p.size.is_zero());
        whole
            .fills
            .sort_by_key(|fill| (fill.venue_ms, fill.trade.number()));
        Ok(whole)
    }

    /// True when this truth knows the order: it is open, was looked up, or traded.
    pub fn knows(&self, order: &OrderRef) -> bool {
        let regular = self.orders.iter().chain(&self.looked_up).map(|o| &o.report);
        let waiting = self.waiting.iter().map(|algo| &algo.report);
        let fired = self.fired.iter().map(|(report, _)| report);
        let mut orders = regular.chain(waiting).chain(&self.ended).chain(fired);
        orders.any(|report| report.order.client == order.client)
            || self.fills.iter().any(|f| f.client == order.client)
    }

    /// The channel's word on a position, where it is newer.
    fn merge_position(&mut self, report: PositionReport, mode: MarginMode) {
        let same = |(p, m): &(PositionReport, MarginMode)| {
            (p.key.symbol, p.leg, *m) == (report.key.symbol, report.leg, mode)
        };
        match self.positions.iter_mut().find(|row| same(row)) {
            Some((known, _)) if known.venue_ms > report.venue_ms => {}
            Some((known, _)) => *known = report,
            None if report.venue_ms >= self.began_ms => self.positions.push((report, mode)),
            None => {}
        }
    }
}

/// Brings in what the channels told of orders while the fetch ran, where it is newer.
pub fn merge(orders: &mut Vec<OrderReport>, beside: &[OrderReport]) {
    for report in beside {
        let name = |o: &OrderReport| (o.order.class, o.order.venue);
        let at = orders.iter().position(|o| name(o) == name(report));
        match (report.status.is_final(), at) {
            (true, Some(at)) => {
                orders.remove(at);
            }
            (true, None) => {}
            (false, Some(at)) => {
                if let Some(old) = orders.get_mut(at)
                    && old.venue_ms <= report.venue_ms
                {
                    *old = report.clone();
                }
            }
            (false, None) => orders.push(report.clone()),
        }
    }
}
