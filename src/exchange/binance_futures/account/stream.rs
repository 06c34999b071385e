//! What the private stream, queries and account truth have told so far. Owns the last word on each order and the trades already
//! told, so that nothing is told twice and nothing old overwrites something new. Must not call or send.

use std::collections::{HashMap, HashSet};

use foldhash::fast::FixedState;

use crate::domain::{ClientId, Fill, OrderReport, OrderStatus, PositionReport, Qty, Symbol};

/// So many ended orders are remembered, to name the orders of late trades.
const REMEMBERED: usize = 4_096;

/// The last word on one order.
#[derive(Clone, Copy, Debug)]
struct Last {
    client: ClientId,
    symbol: Symbol,
    venue_ms: i64,
    filled: Qty,
    status: OrderStatus,
}

/// See the module.
#[derive(Default)]
pub struct Told {
    orders: HashMap<u64, Last, FixedState>,
    trades: HashSet<(Symbol, u64), FixedState>,
    positions: HashMap<Symbol, PositionReport, FixedState>,
    /// Truth spoke of every position at this venue time, ms: those it did not name were flat then.
    positions_ms: i64,
    /// Since a fetch of truth began: what the stream told beside it.
    beside: Option<(Vec<OrderReport>, Vec<PositionReport>)>,
}

impl Told {
    /// Takes a report; false when something newer was told already.
    pub fn order(&mut self, report: &OrderReport) -> bool {
        let Some(venue) = report.order.venue else {
            return true;
        };
        let next = Last {
            client: report.order.client,
            symbol: report.key.symbol,
            venue_ms: report.venue_ms,
            filled: report.filled,
            status: report.status,
        };
        if self
            .orders
            .get(&venue)
            .is_some_and(|last| is_older(&next, last))
        {
            return false;
        }
        self.orders.insert(venue, next);
        if let Some((orders, _)) = self.beside.as_mut() {
            orders.push(report.clone());
        }
        true
    }

    /// The venue's number for an order of ours, from its acknowledgement.
    pub fn named(&mut self, venue: u64, client: ClientId, symbol: Symbol) {
        self.orders.entry(venue).or_insert(Last {
            client,
            symbol,
            venue_ms: 0,
            filled: Qty::ZERO,
            status: OrderStatus::Accepted,
        });
    }

    /// Takes a fill; false when it was told already.
    pub fn fill(&mut self, fill: &Fill) -> bool {
        self.trades.insert((fill.key.symbol, fill.trade))
    }

    /// Takes a position; false when something newer was told already.
    pub fn position(&mut self, report: &PositionReport) -> bool {
        let symbol = report.key.symbol;
        let last = self.positions.get(&symbol);
        if last.map_or(self.positions_ms, |last| last.venue_ms) > report.venue_ms {
            return false;
        }
        self.positions.insert(symbol, *report);
        if let Some((_, positions)) = self.beside.as_mut() {
            positions.push(*report);
        }
        true
    }

    /// The client id of an order by the venue's number.
    pub fn client_of(&self, order: u64) -> Option<ClientId> {
        self.orders.get(&order).map(|last| last.client)
    }

    /// True while an order or a position may exist.
    pub fn anything_open(&self) -> bool {
        self.orders.values().any(|last| !last.status.is_final())
            || self.positions.values().any(|p| !p.size.is_zero())
    }

    /// Symbols on which something may have happened.
    pub fn symbols(&self) -> impl Iterator<Item = Symbol> + '_ {
        let orders = self.orders.values().filter(|last| !last.status.is_final());
        let orders = orders.map(|last| last.symbol);
        orders.chain(self.positions.keys().copied())
    }

    /// Remembers from here on what is told beside a fetch of truth.
    pub fn begin(&mut self) {
        self.beside = Some(Default::default());
    }

    /// What was told since [`Told::begin`].
    pub fn beside(&mut self) -> (Vec<OrderReport>, Vec<PositionReport>) {
        self.beside.take().unwrap_or_default()
    }

    /// Takes what truth says of orders: those not in it are no longer open. What ended is forgotten when there is much of it.
    pub fn truth(&mut self, orders: &[OrderReport], positions: &[PositionReport], began_ms: i64) {
        for report in orders {
            self.order(report);
        }
        let open: HashSet<u64, FixedState> = orders.iter().filter_map(|o| o.order.venue).collect();
        for (id, last) in &mut self.orders {
            let older = last.venue_ms < began_ms;
            if older && !last.status.is_final() && !open.contains(id) {
                last.status = OrderStatus::Cancelled;
            }
        }
        if self.orders.len() > REMEMBERED {
            self.orders.retain(|_, last| !last.status.is_final());
        }
        self.positions_ms = began_ms;
        self.positions.clear();
        for report in positions {
            self.positions.insert(report.key.symbol, *report);
        }
    }

    /// Trades of this symbol up to this number came by REST in one piece: none of them can be missing any more.
    pub fn confirmed(&mut self, symbol: Symbol, trade: u64) {
        self.trades
            .retain(|(of, id)| *of != symbol || *id > trade.saturating_sub(1_000));
    }
}

/// By the venue's time, then by what is filled; a final word is never taken back at the same moment.
fn is_older(next: &Last, last: &Last) -> bool {
    if last.status == OrderStatus::Accepted || next.status == OrderStatus::Unknown {
        return false;
    }
    let at = |l: &Last| (l.venue_ms, l.filled.0, l.status.is_final());
    at(next) < at(last)
}
