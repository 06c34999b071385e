//! Takers meet resting orders by price, then time; fills become money.
//!
//! The book, the orders and the wallets change here together, so that no step leaves them apart.

use rust_decimal::Decimal;

use super::Market;
use super::account::{fee, value_per_lot};
use super::book::Resting;
use super::event::{AccountReason, Expiry, OrderChange, UserTrade};
use super::history::{Income, IncomeKind};
use super::order::{Kind, OrderView, SelfTrade, Status, Tif};
use super::prints::PublicTrade;
use super::spec::{AccountNo, SymbolNo, SymbolSpec};
use crate::domain::{Price, Qty, Side};

/// Who takes, and how far.
#[derive(Clone, Copy, Debug)]
struct Taker {
    account: AccountNo,
    /// Zero for the crowd.
    order: u64,
    /// Tells one taker from the next in the public record.
    run: u64,
    symbol: SymbolNo,
    side: Side,
    limit: Price,
    self_trade: SelfTrade,
}

/// Why a taker stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    /// Nothing left to fill.
    Done,
    /// Nothing left to take at its limit.
    NoMore,
    /// It met an order of its own.
    SelfTrade,
}

/// A match between a taker and the first resting order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Match {
    pub price: Price,
    pub qty: Qty,
    pub trade: u64,
    pub time_ms: i64,
}

impl Market {
    /// Matches an accepted order, then rests or ends what is left.
    pub(super) fn work(&mut self, account: AccountNo, id: u64) {
        let Some(order) = self.order_of(account, id).cloned() else {
            return;
        };
        let limit = match order.kind {
            Kind::Limit { price, .. } => price,
            Kind::Market => self
                .band_limit(order.symbol, order.side)
                .unwrap_or(Price(if order.side == Side::Buy { i64::MAX } else { 0 })),
        };
        if self.is_hopeless(&order, limit) {
            return self.expire(account, id, Expiry::IocRest);
        }
        self.runs += 1;
        let taker = Taker {
            account,
            order: id,
            run: self.runs,
            symbol: order.symbol,
            side: order.side,
            limit,
            self_trade: order.self_trade,
        };
        let stop = self.take(taker, i64::MAX).0;
        let Some(order) = self.order_of(account, id).cloned() else {
            return;
        };
        if !order.status.is_open() {
            return;
        }
        match (stop, order.kind) {
            (Stop::Done, _) => {}
            (Stop::SelfTrade, _) => self.expire(account, id, Expiry::SelfTrade),
            (Stop::NoMore, Kind::Market) => self.expire(account, id, Expiry::MarketRest),
            (
                Stop::NoMore,
                Kind::Limit {
                    tif: Tif::Ioc | Tif::Fok,
                    ..
                },
            ) => {
                self.expire(account, id, Expiry::IocRest);
            }
            (Stop::NoMore, Kind::Limit { price, .. }) => self.rest(&order, price),
        }
    }

    /// True of a fill-or-kill order that cannot be filled whole; on perpetuals none gets this far.
    fn is_hopeless(&self, order: &OrderView, limit: Price) -> bool {
        let whole = matches!(order.kind, Kind::Limit { tif: Tif::Fok, .. });
        let own = (order.self_trade != SelfTrade::Allow).then_some(order.account);
        let book = self.book(order.symbol).filter(|_| whole);
        book.is_some_and(|b| !b.can_fill(order.side, limit, order.remaining().0, own))
    }

    fn rest(&mut self, order: &OrderView, price: Price) {
        let entry = Resting {
            account: order.account,
            order: order.id,
            qty: order.remaining().0,
        };
        if let Some(book) = self.book_mut(order.symbol) {
            book.push(order.side, price, entry);
        }
    }

    /// The crowd's limit order: takes what it crosses, rests what is left. Returns what rests, lots.
    pub fn crowd_limit(
        &mut self,
        now_ms: i64,
        symbol: SymbolNo,
        side: Side,
        price: Price,
        qty: Qty,
    ) -> Qty {
        let filled = self.crowd_take(now_ms, symbol, side, price, qty);
        let rest = qty.less(filled);
        if !rest.is_zero()
            && let Some(book) = self.book_mut(symbol)
        {
            let entry = Resting {
                account: AccountNo::CROWD,
                order: 0,
                qty: rest.0,
            };
            book.push(side, price, entry);
        }
        rest
    }

    /// The crowd takes up to `qty` at `limit` or better. Returns what was filled, lots.
    pub fn crowd_take(
        &mut self,
        now_ms: i64,
        symbol: SymbolNo,
        side: Side,
        limit: Price,
        qty: Qty,
    ) -> Qty {
        self.now_ms = self.now_ms.max(now_ms);
        if !self.would_take(symbol, side, limit) {
            return Qty::ZERO;
        }
        self.runs += 1;
        let taker = Taker {
            account: AccountNo::CROWD,
            order: 0,
            run: self.runs,
            symbol,
            side,
            limit,
            self_trade: SelfTrade::Allow,
        };
        let got = self.take(taker, qty.0).1;
        self.fire(symbol);
        Qty(got)
    }

    /// The crowd withdraws up to `qty` of its own from a level. Returns what went, lots.
    pub fn crowd_pull(&mut self, symbol: SymbolNo, side: Side, price: Price, qty: Qty) -> Qty {
        let gone = self
            .book_mut(symbol)
            .map_or(0, |b| b.pull(side, price, qty.0));
        Qty(gone)
    }

    /// The crowd withdraws everything that it offers at prices better than `best`.
    pub fn crowd_pull_better(&mut self, symbol: SymbolNo, side: Side, best: Price) {
        if let Some(book) = self.book_mut(symbol) {
            book.pull_better(side, best);
        }
    }

    /// Fills the taker as far as it goes, at most `most` lots. Returns why it stopped and what it got.
    fn take(&mut self, taker: Taker, most: i64) -> (Stop, i64) {
        let far = taker.side.opposite();
        let mut got = 0;
        loop {
            let left = self.wanted(&taker).min(most - got);
            if left <= 0 {
                return (Stop::Done, got);
            }
            let front = self.book(taker.symbol).and_then(|b| b.front(far));
            let Some((price, maker)) = front else {
                return (Stop::NoMore, got);
            };
            if !taker.limit.crosses(taker.side, price) {
                return (Stop::NoMore, got);
            }
            if self.prevents(&taker, &maker) {
                if taker.self_trade != SelfTrade::ExpireTaker {
                    self.expire(maker.account, maker.order, Expiry::SelfTrade);
                }
                if taker.self_trade != SelfTrade::ExpireMaker {
                    return (Stop::SelfTrade, got);
                }
                continue;
            }
            let qty = left.min(maker.qty);
            self.match_once(&taker, &maker, price, Qty(qty));
            got += qty;
        }
    }

    /// What the taker still wants: an order may shrink or end while it is being filled.
    fn wanted(&self, taker: &Taker) -> i64 {
        if taker.account == AccountNo::CROWD {
            return i64::MAX;
        }
        let open = |o: &&OrderView| o.status.is_open();
        self.order_of(taker.account, taker.order)
            .filter(open)
            .map_or(0, |o| o.remaining().0)
    }

    fn prevents(&self, taker: &Taker, maker: &Resting) -> bool {
        taker.account != AccountNo::CROWD
            && maker.account == taker.account
            && taker.self_trade != SelfTrade::Allow
    }

    fn match_once(&mut self, taker: &Taker, maker: &Resting, price: Price, qty: Qty) {
        let now_ms = self.now_ms;
        let Some(state) = self.symbols.get_mut(usize::from(taker.symbol.0)) else {
            return;
        };
        state.book.fill_front(taker.side.opposite(), price, qty.0);
        let trade = PublicTrade {
            symbol: taker.symbol,
            id: 0,
            aggregate: 0,
            side: taker.side,
            price,
            qty,
            time_ms: now_ms,
        };
        let trade = state
            .prints
            .record(&trade, taker.run, &state.spec.instrument);
        self.tell_trade(trade);
        let hit = Match {
            price,
            qty,
            trade: trade.id,
            time_ms: now_ms,
        };
        self.settle(maker.account, maker.order, true, hit);
        self.settle(taker.account, taker.order, false, hit);
    }

    /// Books one side of a match: order, position, wallet, history, events.
    pub(super) fn settle(&mut self, account: AccountNo, id: u64, maker: bool, hit: Match) {
        let Some(order) = self.order_of(account, id) else {
            return;
        };
        let (symbol, leg) = (order.symbol, order.leg);
        let spot = self.spec(symbol).is_some_and(SymbolSpec::is_spot);
        let fill = if spot {
            self.book_coins(account, id, maker, hit)
        } else {
            self.book_money(account, id, maker, hit)
        };
        let Some(fill) = fill else {
            return;
        };
        let Some(owner) = self.account_of_mut(account) else {
            return;
        };
        let Some(order) = owner.history.order_mut(id) else {
            return;
        };
        order.filled = order.filled.plus(hit.qty);
        order.filled_quote += fill.quote;
        order.updated_ms = hit.time_ms;
        order.status = Status::PartiallyFilled;
        if order.remaining().is_zero() {
            order.status = Status::Filled;
            owner.close_order(symbol, id);
        }
        self.tell_order(account, id, OrderChange::Trade(fill));
        if spot {
            return;
        }
        self.tell_account(account, symbol, leg, AccountReason::Order, Decimal::ZERO);
        self.finish_algo(account, id);
        self.fit_reduce_only(account, symbol, leg);
        self.expire_closers(account, symbol);
    }

    /// Moves position and wallet and writes the fill and its income down.
    fn book_money(
        &mut self,
        account: AccountNo,
        id: u64,
        maker: bool,
        hit: Match,
    ) -> Option<UserTrade> {
        let order = self.order_of(account, id)?;
        let (symbol, side, leg, client) = (order.symbol, order.side, order.leg, order.client);
        let per_lot = value_per_lot(&self.spec(symbol)?.instrument, hit.price);
        let owner = self.account_of_mut(account)?;
        let value = per_lot * Decimal::from(hit.qty.0);
        let rate = if maker {
            owner.spec.maker_fee
        } else {
            owner.spec.taker_fee
        };
        let fee = fee(value, rate);
        let stake = owner.stake_mut(symbol)?;
        let margin = stake.margin_per_lot(per_lot);
        let holding = stake.leg_mut(leg);
        let realised = holding.fill(side, hit.qty.0, per_lot, margin, fee);
        holding.updated_ms = hit.time_ms;
        owner.wallet += realised - fee;
        owner.updated_ms = hit.time_ms;
        let fill = UserTrade {
            account,
            symbol,
            trade: hit.trade,
            order: id,
            client,
            side,
            leg,
            price: hit.price,
            qty: hit.qty,
            quote: value,
            fee,
            fee_asset: owner.spec.asset,
            realised,
            maker,
            time_ms: hit.time_ms,
        };
        owner.history.add_fill(fill);
        for (kind, amount) in [
            (IncomeKind::Realised, realised),
            (IncomeKind::Commission, -fee),
        ] {
            owner.history.add_income(Income {
                id: 0,
                symbol,
                kind,
                amount,
                asset: fill.fee_asset,
                trade: Some(hit.trade),
                time_ms: hit.time_ms,
            });
        }
        Some(fill)
    }
}
