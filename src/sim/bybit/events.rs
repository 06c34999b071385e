//! What the market did to the account, gathered until it is told: rows as they were when each thing happened.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::Bybit;
use super::asked::link;
use super::category::{Category, wire_name};
use super::digits::{money, own_mark, own_price, own_qty, plain};
use super::shapes::{forced, index, order_type, rejection, shown, side};
use crate::domain::Qty;
use crate::sim::market::{
    AccountReason, AccountUpdate, AlgoEvent, AlgoStatus, Expiry, Kind, Leg, MarketEvent,
    OrderChange, OrderEvent, OrderView, PublicTrade, SymbolNo, SymbolSpec, Tif, UserTrade,
    WhichAlgo,
};

/// Executions remembered; the oldest are forgotten.
const KEPT: usize = 20_000;

/// An execution as it is told and listed.
#[derive(Clone, Debug)]
pub struct Executed {
    /// Grows by one an execution.
    pub number: u64,
    /// The number of its order as it is shown.
    pub order: u64,
    /// Which instrument.
    pub symbol: SymbolNo,
    /// When, ms.
    pub time_ms: i64,
    /// The row.
    pub row: Value,
}

/// What is to be told.
#[derive(Debug, Default)]
pub struct News {
    /// Orders after each change, with the number that they are shown under.
    pub orders: Vec<(Category, u64, Value)>,
    /// Executions.
    pub executions: Vec<(Category, Value)>,
    /// The short form of those on linear.
    pub fast: Vec<Value>,
    /// Instruments whose positions are told again.
    pub positions: BTreeSet<SymbolNo>,
    /// Money has moved.
    pub wallet: bool,
    /// Public trades.
    pub trades: Vec<PublicTrade>,
}

impl Bybit {
    /// Takes over what the market has done since the last time. Telling waits for [`Bybit::tick`]: an answer says only that a
    /// request was taken, what came of it follows.
    pub(super) fn absorb(&mut self, now: i64) {
        loop {
            let events = self.bourse.market.drain_events();
            if events.is_empty() {
                return;
            }
            for event in events {
                match event {
                    MarketEvent::Trade(trade) => self.news.trades.push(trade),
                    MarketEvent::Order(event) => self.absorb_order(now, &event),
                    MarketEvent::Algo(event) => self.absorb_waiting(&event),
                    MarketEvent::Account(update) => self.absorb_account(now, &update),
                    MarketEvent::Balances(_) => self.news.wallet = true,
                    MarketEvent::MarginCall { .. } => {}
                    MarketEvent::Leverage { symbol, .. } => {
                        self.news.positions.insert(symbol);
                    }
                }
            }
        }
    }

    fn absorb_order(&mut self, now: i64, event: &OrderEvent) {
        let order = &event.order;
        let number = shown(order);
        let Ok(spec) = self.spec(order.symbol).cloned() else {
            return;
        };
        match event.change {
            OrderChange::Trade(trade) => self.absorb_fill(&spec, event, &trade),
            OrderChange::Expired(why) => {
                self.notes.change(number, |note| {
                    (note.cancel, note.reason) = expiry(why, order.kind);
                });
                // Nobody hears of a post-only order before it is refused.
                if why == Expiry::WouldTake {
                    self.news.orders.retain(|(_, other, _)| *other != number);
                }
            }
            OrderChange::New | OrderChange::Cancelled | OrderChange::Amended => {}
        }
        let category = Category::of(&spec);
        let row = self.order_row(&spec, order);
        self.news.orders.push((category, number, row));
        self.touch(order.symbol, category);
        if matches!(event.change, OrderChange::Trade(_)) {
            self.bring_stops(now, event);
        }
    }

    /// A fill of an order that brings stops to its position.
    fn bring_stops(&mut self, now: i64, event: &OrderEvent) {
        let number = shown(&event.order);
        let attached = self.notes.of(number).attached;
        if attached == super::notes::Attached::default() {
            return;
        }
        self.attach(now, event.order.symbol, event.order.leg, attached);
    }

    fn touch(&mut self, symbol: SymbolNo, category: Category) {
        if category == Category::Linear {
            self.news.positions.insert(symbol);
        }
    }

    fn absorb_fill(&mut self, spec: &SymbolSpec, event: &OrderEvent, trade: &UserTrade) {
        let order = &event.order;
        let number = shown(order);
        let category = Category::of(spec);
        let seq = self.seq(order.symbol);
        let pnl = trade.realised - trade.fee;
        let closed = match category {
            Category::Linear => self.book_fill(trade, pnl, seq),
            Category::Spot => Qty::ZERO,
        };
        self.notes.change(number, |note| {
            note.fee += trade.fee;
            note.fee_asset = Some(trade.fee_asset);
            if !closed.is_zero() {
                note.closed_pnl += pnl;
            }
        });
        let note = self.notes.of(number);
        let (create, exec_type) = forced(order.client).unwrap_or((note.create, "Trade"));
        let execution = self
            .ids
            .execution(category, order.symbol.0, trade.trade, trade.order);
        let orders_price = match order.kind {
            Kind::Limit { price, .. } => Some(price),
            Kind::Market => note.worked_at,
        };
        let id = self.ids.order(category, number);
        let mark = self.mark(order.symbol);
        let mut row = json!({
            "category": category.word(),
            "symbol": wire_name(spec),
            "execFee": money(trade.fee),
            "execId": execution,
            "execPrice": own_price(spec, trade.price),
            "execQty": own_qty(spec, trade.qty),
            "execType": exec_type,
            "execValue": money(trade.quote),
            "execPnl": if closed.is_zero() { "0".to_owned() } else { money(trade.realised) },
            "isMaker": trade.maker,
            "feeRate": self.fee_rate_text(category, trade.maker),
            "feeCurrency": if category == Category::Spot { trade.fee_asset.as_str() } else { "" },
            "tradeIv": "",
            "markIv": "",
            "blockTradeId": "",
            "markPrice": mark.map_or_else(String::new, |mark| own_mark(spec, mark.mark)),
            "indexPrice": "",
            "underlyingPrice": "",
            "leavesQty": own_qty(spec, order.remaining()),
            "orderId": id,
            "orderLinkId": self.link_of(order),
            "orderPrice": orders_price.map_or_else(|| "0".to_owned(), |at| own_price(spec, at)),
            "orderQty": own_qty(spec, order.qty),
            "orderType": order_type(order.kind),
            "stopOrderType": stop_type(note.stop),
            "side": side(trade.side),
            "execTime": trade.time_ms.to_string(),
            "isLeverage": "0",
            "closedSize": if category == Category::Linear { own_qty(spec, closed) } else { String::new() },
            "extraFees": "",
            "seq": seq,
        });
        if category == Category::Linear {
            row["createType"] = create.into();
            if exec_type == "Trade" {
                self.news.fast.push(fast(&row, trade));
            }
        }
        self.keep_execution(number, order.symbol, trade.time_ms, &row);
        self.news.executions.push((category, row));
        self.news.wallet = true;
    }

    fn link_of(&self, order: &OrderView) -> String {
        let waited = order
            .algo
            .and_then(|id| self.bourse.market.algo(self.account, WhichAlgo::Id(id)));
        link(waited.map_or(order.client, |algo| algo.client))
    }

    fn keep_execution(&mut self, order: u64, symbol: SymbolNo, time_ms: i64, row: &Value) {
        self.executions += 1;
        self.executed.push_back(Executed {
            number: self.executions,
            order,
            symbol,
            time_ms,
            row: row.clone(),
        });
        if self.executed.len() > KEPT {
            self.executed.pop_front();
        }
    }

    fn fee_rate_text(&self, category: Category, maker: bool) -> String {
        let account = self.bourse.market.account(self.account);
        account.map_or_else(String::new, |account| {
            let (made, taken) = super::account::fees(&account, category);
            plain(if maker { made } else { taken })
        })
    }

    /// Writes a fill into the position's ledger; the size that it closed.
    fn book_fill(&mut self, trade: &UserTrade, pnl: Decimal, seq: u64) -> Qty {
        let ledger = self
            .ledgers
            .entry((trade.symbol, index(trade.leg)))
            .or_default();
        let signed = trade.qty.0.saturating_mul(trade.side.sign());
        let before = ledger.lots;
        let closed = if before.signum() == -signed.signum() {
            before.saturating_abs().min(trade.qty.0)
        } else {
            0
        };
        ledger.lots = before.saturating_add(signed);
        if before == 0 {
            ledger.current = Decimal::ZERO;
            ledger.created_ms = trade.time_ms;
        }
        ledger.current += pnl;
        ledger.total += pnl;
        ledger.seq = seq;
        Qty(closed)
    }

    fn absorb_waiting(&mut self, event: &AlgoEvent) {
        let algo = &event.algo;
        let Ok(spec) = self.spec(algo.ask.symbol).cloned() else {
            return;
        };
        match algo.status {
            // Told of as the order that it became.
            AlgoStatus::Triggered | AlgoStatus::Finished => return,
            AlgoStatus::Expired => self.notes.change(algo.id, |note| {
                note.cancel = "CancelByTpSlTsClear";
            }),
            AlgoStatus::Rejected(why) => self.notes.change(algo.id, |note| {
                note.reason = rejection(why);
            }),
            AlgoStatus::New | AlgoStatus::Triggering | AlgoStatus::Cancelled => {}
        }
        let row = self.waiting_row(&spec, algo);
        let category = Category::of(&spec);
        self.news.orders.push((category, algo.id, row));
        self.touch(algo.ask.symbol, category);
    }

    fn absorb_account(&mut self, now: i64, update: &AccountUpdate) {
        let position = &update.position;
        self.news.wallet = true;
        self.news.positions.insert(position.symbol);
        if update.reason == AccountReason::FundingFee {
            self.absorb_funding(update);
        }
        if position.lots == 0 {
            self.clear_partial(now, position.symbol, position.leg);
        }
    }

    /// Stops of parts of a position end with it, as those of the whole do.
    fn clear_partial(&mut self, now: i64, symbol: SymbolNo, leg: Leg) {
        let flat = self.bourse.market.position_leg(self.account, symbol, leg);
        if flat.is_some_and(|position| position.lots != 0) {
            return;
        }
        for algo in self.partial_stops(symbol, leg) {
            let which = WhichAlgo::Id(algo.id);
            if self
                .bourse
                .market
                .cancel_algo(now, self.account, which)
                .is_ok()
            {
                self.notes.change(algo.id, |note| {
                    note.cancel = "CancelByTpSlTsClear";
                });
            }
        }
    }

    /// Funding is an execution too: the fee is positive when it was paid.
    fn absorb_funding(&mut self, update: &AccountUpdate) {
        let position = update.position;
        let Ok(spec) = self.spec(position.symbol).cloned() else {
            return;
        };
        let key = (position.symbol, index(position.leg));
        let ledger = self.ledgers.entry(key).or_default();
        ledger.current += update.change;
        ledger.total += update.change;
        let worth = position.notional.abs();
        let rate = (-update.change).checked_div(worth).unwrap_or_default();
        let size = own_qty(&spec, Qty(position.lots.saturating_abs()));
        let seq = self.seq(position.symbol);
        let row = json!({
            "category": "linear",
            "symbol": wire_name(&spec),
            "execFee": money(-update.change),
            "execId": self.ids.execution(Category::Linear, key.0.0, update.time_ms.unsigned_abs(), u64::from(key.1)),
            "execPrice": own_mark(&spec, position.mark),
            "execQty": size,
            "execType": "Funding",
            "execValue": money(worth),
            "execPnl": "0",
            "isMaker": false,
            "feeRate": plain(rate.round_dp(8)),
            "feeCurrency": "",
            "tradeIv": "",
            "markIv": "",
            "blockTradeId": "",
            "markPrice": own_mark(&spec, position.mark),
            "indexPrice": "",
            "underlyingPrice": "",
            "leavesQty": "0",
            "orderId": self.ids.trade(Category::Linear, key.0.0, update.time_ms.unsigned_abs()),
            "orderLinkId": "",
            "orderPrice": "0",
            "orderQty": "0",
            "orderType": "UNKNOWN",
            "stopOrderType": "UNKNOWN",
            "side": position.side().map_or("", side),
            "execTime": update.time_ms.to_string(),
            "isLeverage": "0",
            "closedSize": "0",
            "extraFees": "",
            "createType": "",
            "seq": seq,
        });
        self.keep_execution(0, position.symbol, update.time_ms, &row);
        self.news.executions.push((Category::Linear, row));
    }

    /// The cross sequence of an instrument: it grows with every change of its book.
    pub(super) fn seq(&self, symbol: SymbolNo) -> u64 {
        const FROM: u64 = 4_688_000_000;
        FROM.saturating_add(self.bourse.market.best(symbol).id)
    }
}

/// All positions' ledgers, by instrument and `positionIdx`.
pub type Ledgers = BTreeMap<(SymbolNo, u8), super::positions::Ledger>;

/// What the fast topic tells of an execution; a maker's has no `orderLinkId`.
fn fast(row: &Value, trade: &UserTrade) -> Value {
    json!({
        "category": row["category"],
        "symbol": row["symbol"],
        "execId": row["execId"],
        "execPrice": row["execPrice"],
        "execQty": row["execQty"],
        "orderId": row["orderId"],
        "isMaker": trade.maker,
        "orderLinkId": if trade.maker { json!("") } else { row["orderLinkId"].clone() },
        "side": row["side"],
        "execTime": row["execTime"],
        "seq": row["seq"],
    })
}

const fn stop_type(stop: &'static str) -> &'static str {
    if stop.is_empty() { "UNKNOWN" } else { stop }
}

/// `cancelType` and `rejectReason` of an order that the market ended.
const fn expiry(why: Expiry, kind: Kind) -> (&'static str, &'static str) {
    match (why, kind) {
        (Expiry::WouldTake, _) => ("UNKNOWN", "EC_PostOnlyWillTakeLiquidity"),
        (Expiry::IocRest, Kind::Limit { tif: Tif::Fok, .. }) => ("UNKNOWN", "EC_NoEnoughQtyToFill"),
        (Expiry::IocRest | Expiry::MarketRest, _) => ("UNKNOWN", "EC_NoImmediateQtyToFill"),
        (Expiry::SelfTrade, _) => ("CancelBySmp", "EC_BySelfMatch"),
        (Expiry::NothingToReduce, _) => ("CancelByReduceOnly", "EC_NoError"),
    }
}
