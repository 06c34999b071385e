//! What the private stream, queries and account truth have told so far. Owns the last word on each order and the trades already
//! told, so that nothing is told twice and nothing old overwrites something new. Must not call or send.

use std::collections::{HashMap, HashSet};

use foldhash::fast::FixedState;

use crate::domain::{
    ClientId, Fill, Leg, OrderClass, OrderId, OrderReport, OrderStatus, PositionReport, Qty,
    Symbol, TradeId,
};

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

/// An order's number at the venue: the two books of record count by themselves.
type Number = (OrderClass, OrderId);

/// See the module.
#[derive(Default)]
pub struct Told {
    orders: HashMap<Number, Last, FixedState>,
    /// The conditional order that a regular one was made of.
    fired: HashMap<OrderId, ClientId, FixedState>,
    /// Conditional orders by name: the venue gives the regular order the same one.
    conditional: HashMap<ClientId, OrderId, FixedState>,
    trades: HashSet<(Symbol, TradeId), FixedState>,
    positions: HashMap<(Symbol, Option<Leg>), PositionReport, FixedState>,
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
        let number = (report.order.class, venue);
        if self
            .orders
            .get(&number)
            .is_some_and(|last| is_older(&next, last))
        {
            return false;
        }
        self.orders.insert(number, next);
        if report.order.class == OrderClass::Conditional {
            self.conditional.insert(report.order.client, venue);
        }
        if let Some((orders, _)) = self.beside.as_mut() {
            orders.push(report.clone());
        }
        true
    }

    /// The venue's number for an order of ours, from its acknowledgement.
    pub fn named(&mut self, class: OrderClass, venue: OrderId, client: ClientId, symbol: Symbol) {
        if class == OrderClass::Conditional {
            self.conditional.insert(client, venue);
        }
        self.orders.entry((class, venue)).or_insert(Last {
            client,
            symbol,
            venue_ms: 0,
            filled: Qty::ZERO,
            status: OrderStatus::Accepted,
        });
    }

    /// Takes a fill; false when it was told already.
    pub fn fill(&mut self, fill: &Fill) -> bool {
        self.booked(fill.key.symbol, fill.trade)
    }

    /// Takes a trade or another booking by its name; false when it was told already.
    pub fn booked(&mut self, symbol: Symbol, id: TradeId) -> bool {
        self.trades.insert((symbol, id))
    }

    /// Takes a position; false when something newer was told already.
    pub fn position(&mut self, report: &PositionReport) -> bool {
        let held = (report.key.symbol, report.leg);
        let last = self.positions.get(&held);
        if last.map_or(self.positions_ms, |last| last.venue_ms) > report.venue_ms {
            return false;
        }
        self.positions.insert(held, *report);
        if let Some((_, positions)) = self.beside.as_mut() {
            positions.push(*report);
        }
        true
    }

    /// The client id of an order by the venue's number.
    pub fn client_of(&self, order: OrderId) -> Option<ClientId> {
        let fired = self.fired.get(&order).copied();
        fired.or_else(|| self.told_as(order))
    }

    /// The client id of a conditional order by the venue's number.
    pub fn client_of_conditional(&self, order: OrderId) -> Option<ClientId> {
        let last = self.orders.get(&(OrderClass::Conditional, order));
        last.map(|last| last.client)
    }

    /// A conditional order became this regular one, whose life goes on from here.
    pub fn fired(&mut self, report: &OrderReport, became: OrderId) {
        self.fired.insert(became, report.order.client);
        self.conditional.remove(&report.order.client);
        if let Some(id) = report.order.venue {
            let last = Last {
                client: report.order.client,
                symbol: report.key.symbol,
                venue_ms: report.venue_ms,
                filled: report.filled,
                status: OrderStatus::Filled,
            };
            self.orders.insert((OrderClass::Conditional, id), last);
        }
    }

    /// The last word on this regular order is that it ended.
    pub fn is_ended(&self, order: OrderId) -> bool {
        let last = self.orders.get(&(OrderClass::Regular, order));
        last.is_some_and(|last| last.status.is_final())
    }

    /// The name under which this regular order was last told of; `None` when it never was.
    pub fn told_as(&self, order: OrderId) -> Option<ClientId> {
        let last = self.orders.get(&(OrderClass::Regular, order));
        last.map(|last| last.client)
    }

    /// This report is of a conditional order of which it is known that it fired since.
    pub fn has_fired(&self, report: &OrderReport) -> bool {
        let number = report.order.venue.map(|id| (report.order.class, id));
        let last = number.and_then(|number| self.orders.get(&number));
        report.order.class == OrderClass::Conditional
            && last.is_some_and(|last| last.status == OrderStatus::Filled)
    }

    /// Gives the report of a regular order that a conditional one became that one's name. Known by its number, or by the name that
    /// the venue gave it from the conditional one (seen in the field, not documented): then the number is remembered.
    pub fn rename(&mut self, report: &mut OrderReport) {
        let (OrderClass::Regular, Some(venue)) = (report.order.class, report.order.venue) else {
            return;
        };
        if let Some(conditional) = self.conditional.remove(&report.order.client) {
            self.fired.entry(venue).or_insert(report.order.client);
            let number = (OrderClass::Conditional, conditional);
            if let Some(last) = self.orders.get_mut(&number) {
                last.status = OrderStatus::Filled;
            }
        }
        if let Some(client) = self.fired.get(&venue) {
            report.order.client = *client;
            report.triggered = true;
        }
    }

    /// Conditional orders that were open when last heard of.
    pub fn waiting(&self) -> impl Iterator<Item = (Symbol, OrderId)> + '_ {
        let orders = self.orders.iter();
        orders.filter_map(|((class, id), last)| {
            let waits = *class == OrderClass::Conditional && !last.status.is_final();
            waits.then_some((last.symbol, *id))
        })
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
        orders.chain(self.positions.keys().map(|(symbol, _)| *symbol))
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
        let number = |o: &OrderReport| o.order.venue.map(|id| (o.order.class, id));
        let open: HashSet<Number, FixedState> = orders.iter().filter_map(number).collect();
        for (id, last) in &mut self.orders {
            let older = last.venue_ms < began_ms;
            if older && !last.status.is_final() && !open.contains(id) {
                last.status = OrderStatus::Cancelled;
            }
        }
        if self.orders.len() > REMEMBERED {
            self.orders.retain(|_, last| !last.status.is_final());
            let orders = &self.orders;
            self.fired
                .retain(|id, _| orders.contains_key(&(OrderClass::Regular, *id)));
        }
        self.positions_ms = began_ms;
        self.positions.clear();
        for report in positions {
            let held = (report.key.symbol, report.leg);
            self.positions.insert(held, *report);
        }
    }

    /// Trades of this symbol up to this number came by REST in one piece: none of them can be missing any more.
    pub fn confirmed(&mut self, symbol: Symbol, upto: u64) {
        self.trades.retain(|(of, id)| {
            *of != symbol || id.number().is_none_or(|id| id > upto.saturating_sub(1_000))
        });
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
