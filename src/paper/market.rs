//! One symbol of a paper account: what is seen of it, its orders, its position. Owns them; only `matching` fills.

mod admit;
mod matching;
mod trigger;

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::domain::message::{Asked, MarginMode, Proves, SymbolSettings};
use crate::domain::{
    Amend, ClientId, Depth, Fact, Instrument, Liquidity, MarketKey, NewOrder, OrderClass, OrderId,
    OrderReport, OrderStatus, Outcome, Position, PositionReport, Price, Stamp, Touch,
    TradingStatus,
};

use super::book::Book;
use super::order::Order;
use super::terms::Terms;
use super::till::{Refusal, Till, Turn};

/// Ended orders that can still be asked for.
const REMEMBERED: usize = 256;
/// A venue's clock and this host's differ by no more than this when funding is due, ms.
const SKEW_MS: i64 = 60_000;

/// The running funding interval.
#[derive(Clone, Copy, Debug)]
struct Interval {
    mark: Decimal,
    rate: Decimal,
    ends_ms: i64,
}

/// One symbol.
#[derive(Clone, Debug)]
pub(super) struct Market {
    key: MarketKey,
    instrument: Instrument,
    book: Book,
    last: Option<Price>,
    mark: Option<Decimal>,
    interval: Option<Interval>,
    orders: Vec<Order>,
    position: Position,
    leverage: u32,
    margin: MarginMode,
}

impl Market {
    /// Nothing seen, nothing held.
    pub(super) fn new(key: MarketKey, instrument: Instrument, leverage: u32) -> Self {
        Self {
            key,
            instrument,
            book: Book::default(),
            last: None,
            mark: None,
            interval: None,
            orders: Vec::new(),
            position: Position::default(),
            leverage: leverage.max(1),
            margin: MarginMode::Cross,
        }
    }

    /// True where coins themselves are traded.
    fn is_spot(&self) -> bool {
        self.instrument.is_spot()
    }

    /// Opens the wallets that trading it moves.
    pub(super) fn open_wallets(&self, till: &mut Till) {
        let amount = till.terms.balance;
        if self.is_spot() {
            till.purse.open(self.instrument.quote, amount);
            till.purse.open(self.instrument.base, Decimal::ZERO);
        } else {
            till.purse.open(self.instrument.settle, amount);
        }
    }

    /// A new order has arrived.
    pub(super) fn place(&mut self, turn: &mut Turn<'_>, asked: &NewOrder) {
        let qty = match self.admit(turn, asked) {
            Ok(qty) => qty,
            Err(refusal) => {
                return turn.answer(self.key, asked.id, Asked::Place, refusal.into());
            }
        };
        self.forget();
        let number = turn.till.order_number();
        let reduce_only = Order::reduces(asked, self.is_spot());
        self.orders
            .push(Order::new(asked, number, reduce_only, qty));
        let index = self.orders.len() - 1;
        let venue = Some(OrderId::of_number(number));
        turn.answer(
            self.key,
            asked.id,
            Asked::Place,
            Outcome::Accepted { venue },
        );
        self.tell(turn, index);
        if !self.orders[index].waits() {
            self.work(turn, index);
        }
    }

    /// A change has arrived: the order waits behind everybody again, whatever was changed.
    pub(super) fn amend(&mut self, turn: &mut Turn<'_>, asked: &Amend) {
        let client = asked.order.client;
        let index = match self.admit_amend(turn, asked) {
            Ok(index) => index,
            Err(refusal) => return turn.answer(self.key, client, Asked::Amend, refusal.into()),
        };
        let order = &mut self.orders[index];
        (order.price, order.qty, order.place) = (Some(asked.price), asked.qty, None);
        let venue = Some(OrderId::of_number(order.number));
        turn.answer(self.key, client, Asked::Amend, Outcome::Accepted { venue });
        self.tell(turn, index);
        self.work(turn, index);
    }

    /// A cancel has arrived.
    pub(super) fn cancel(&mut self, turn: &mut Turn<'_>, client: ClientId) {
        let Some(index) = self.live(client) else {
            return turn.answer(self.key, client, Asked::Cancel, not_found().into());
        };
        let venue = Some(OrderId::of_number(self.orders[index].number));
        turn.answer(self.key, client, Asked::Cancel, Outcome::Accepted { venue });
        self.end(turn, index, OrderStatus::Cancelled, None);
    }

    /// A query has arrived.
    pub(super) fn query(&mut self, turn: &mut Turn<'_>, client: ClientId) {
        let Some(index) = self.named(client) else {
            return turn.answer(self.key, client, Asked::Query, not_found().into());
        };
        let venue = Some(OrderId::of_number(self.orders[index].number));
        turn.answer(self.key, client, Asked::Query, Outcome::Accepted { venue });
        self.tell(turn, index);
    }

    /// The venue's rules as they are now. Where a step changed, prices and sizes of the orders mean something else: they end.
    pub(super) fn take_rules(&mut self, turn: &mut Turn<'_>, instrument: &Instrument) {
        let same = self.instrument.tick == instrument.tick && self.instrument.lot == instrument.lot;
        if !same {
            for index in 0..self.orders.len() {
                if self.orders[index].is_live() {
                    let why = Some("the venue changed its steps");
                    self.end(turn, index, OrderStatus::Expired, why);
                }
            }
            (self.book, self.last) = (Book::default(), None);
        }
        self.instrument = instrument.clone();
    }

    /// Whether the venue trades it now.
    pub(super) const fn take_status(&mut self, status: TradingStatus) {
        self.instrument.status = status;
    }

    /// A new picture: places in queues move, and what now crosses an order fills it.
    pub(super) fn take_depth(&mut self, turn: &mut Turn<'_>, depth: Arc<Depth>) {
        self.book.take_depth(depth);
        self.move_up(turn);
        self.sweep(turn);
    }

    /// New best prices.
    pub(super) fn take_touch(&mut self, turn: &mut Turn<'_>, touch: Touch) {
        self.book.take_touch(touch);
        self.sweep(turn);
        self.fire(turn);
    }

    /// A new mark price. Funding is booked when the next interval is told: at the rate and mark that were told last of the one that
    /// ended.
    pub(super) fn take_mark(
        &mut self,
        turn: &mut Turn<'_>,
        (mark, rate): (Decimal, Decimal),
        ends_ms: i64,
    ) {
        if let Some(ended) = self.interval
            && ends_ms > ended.ends_ms
            && ended.ends_ms <= turn.now.wall_ms().saturating_add(SKEW_MS)
        {
            self.fund(turn, ended);
        }
        self.interval = Some(Interval {
            mark,
            rate,
            ends_ms,
        });
        self.mark = Some(mark);
        self.fire(turn);
    }

    /// Longs pay shorts where the rate is above zero.
    fn fund(&self, turn: &mut Turn<'_>, interval: Interval) {
        let worth = self.instrument.notional(interval.mark, self.position.size);
        let amount = worth.and_then(|worth| worth.checked_mul(interval.rate));
        let Some(amount) = amount.filter(|amount| !amount.is_zero() && !self.is_spot()) else {
            return;
        };
        let amount = -amount.round_dp(8);
        turn.till.purse.add(self.instrument.settle, amount);
        turn.out.push(Fact::Funding {
            key: self.key,
            amount,
        });
    }

    /// Sets leverage.
    pub(super) fn set_leverage(&mut self, leverage: u32) {
        self.leverage = leverage.max(1);
    }

    /// Sets the margin mode, which changes nothing here.
    pub(super) const fn set_margin(&mut self, margin: MarginMode) {
        self.margin = margin;
    }

    /// Its settings.
    pub(super) fn settings(&self, terms: &Terms) -> SymbolSettings {
        let rate = |liquidity| Some(terms.fees.rate(self.is_spot(), liquidity));
        let lends = !self.is_spot();
        SymbolSettings {
            key: self.key,
            leverage: lends.then_some(self.leverage),
            margin: lends.then_some(self.margin),
            maker_fee: rate(Liquidity::Maker),
            taker_fee: rate(Liquidity::Taker),
        }
    }

    /// Its open orders.
    pub(super) fn open_orders(&self, now: Stamp) -> impl Iterator<Item = OrderReport> {
        let live = self.orders.iter().filter(|order| order.is_live());
        live.map(move |order| order.report(self.key, now))
    }

    /// Its position; `None` on spot, where there are balances alone.
    pub(super) fn position(&self, now: Stamp) -> Option<PositionReport> {
        (!self.is_spot()).then(|| PositionReport {
            key: self.key,
            leg: None,
            size: self.position.size,
            entry: self.position.entry,
            liquidation: None,
            venue_ms: now.wall_ms(),
            at: now,
        })
    }

    /// Tells of one order.
    fn tell(&self, turn: &mut Turn<'_>, index: usize) {
        let report = self.orders[index].report(self.key, turn.now);
        turn.out.push(Fact::Order(report));
    }

    /// Ends one order and tells of it.
    fn end(
        &mut self,
        turn: &mut Turn<'_>,
        index: usize,
        status: OrderStatus,
        reason: Option<&'static str>,
    ) {
        self.orders[index].end(status, reason);
        self.tell(turn, index);
    }

    fn named(&self, client: ClientId) -> Option<usize> {
        self.orders.iter().rposition(|order| order.client == client)
    }

    fn live(&self, client: ClientId) -> Option<usize> {
        self.named(client)
            .filter(|index| self.orders[*index].is_live())
    }

    fn resting(&self, client: ClientId) -> Option<usize> {
        let regular = |index: &usize| self.orders[*index].class() == OrderClass::Regular;
        self.live(client).filter(regular)
    }

    fn forget(&mut self) {
        let ended = self.orders.iter().filter(|order| !order.is_live()).count();
        if ended > REMEMBERED
            && let Some(oldest) = self.orders.iter().position(|order| !order.is_live())
        {
            self.orders.remove(oldest);
        }
    }
}

fn not_found() -> Refusal {
    Refusal::proving("there is no such order", Proves::NotFound)
}
