//! Orders: placing, changing and cancelling. An answer says that a request was taken; what became of it is told on the `order` topic.

use serde_json::{Value, json};

use super::Bybit;
use super::asked::{Wish, is_zero, read_link, read_price, read_qty, read_watch};
use super::call::{Call, Done};
use super::category::{Category, wire_name};
use super::error::{Refused, of_market};
use super::params::Params;
use super::shapes::shown;
use crate::domain::{ClientId, Side};
use crate::sim::market::{
    AlgoAsk, AlgoView, AmendAsk, Kind, OrderView, Refuse, Status, SymbolNo, Trigger, Which,
    WhichAlgo,
};

/// Orders in one batch, by category.
const BATCH: (usize, usize) = (20, 10);

/// An order of the account, as it is found by an id.
#[derive(Clone, Debug)]
pub enum Found {
    /// It is or was worked.
    Order(OrderView),
    /// It waits for its price, or did until it ended.
    Waiting(AlgoView),
}

impl Bybit {
    /// `order.create`, `POST /v5/order/create`.
    pub(super) fn create(&mut self, call: &Call) -> Result<Value, Refused> {
        self.create_one(call.now, &call.params)
    }

    fn create_one(&mut self, now: i64, params: &Params) -> Result<Value, Refused> {
        let asked = self.read_order(params)?;
        let market = &mut self.bourse.market;
        let (symbol, taken) = match asked.wish {
            Wish::Plain(submit) => (
                submit.symbol,
                market.accept(now, self.account, submit).map(|order| order.id),
            ),
            Wish::Conditional(ask) => (
                ask.symbol,
                market.place_algo(now, self.account, ask).map(|algo| algo.id),
            ),
        };
        let spec = self.spec(symbol)?;
        let category = Category::of(spec);
        let number = taken.map_err(|refuse| match (refuse, asked.wish) {
            (Refuse::WouldTrigger, Wish::Conditional(ask)) => would_trigger(&ask),
            _ => of_market(refuse, Some(spec)),
        })?;
        self.notes.keep(number, asked.note);
        Ok(json!({
            "orderId": self.ids.order(category, number),
            "orderLinkId": params.text("orderLinkId")?.unwrap_or_default(),
        }))
    }

    /// `order.amend`, `POST /v5/order/amend`.
    pub(super) fn amend(&mut self, call: &Call) -> Result<Value, Refused> {
        self.amend_one(call.now, &call.params)
    }

    fn amend_one(&mut self, now: i64, params: &Params) -> Result<Value, Refused> {
        let (category, symbol, _) = self.symbol(params)?;
        for name in ["takeProfit", "stopLoss"] {
            if params.text(name)?.is_some_and(|text| !is_zero(text)) {
                return Err(Refused::unsupported("amending takeProfit or stopLoss"));
            }
        }
        let number = match self.find(category, params)? {
            Some(Found::Order(order)) if order.status.is_open() && order.symbol == symbol => {
                self.amend_order(now, params, &order)?
            }
            Some(Found::Waiting(algo)) if algo.is_open() && algo.ask.symbol == symbol => {
                self.amend_waiting(now, params, &algo)?
            }
            _ => return Err(Refused::no_order(category)),
        };
        self.named(category, number)
    }

    fn amend_order(
        &mut self,
        now: i64,
        params: &Params,
        order: &OrderView,
    ) -> Result<u64, Refused> {
        let spec = self.spec(order.symbol)?.clone();
        let refused = |refuse| of_market(refuse, Some(&spec));
        let Kind::Limit { price, .. } = order.kind else {
            return Err(refused(Refuse::AmendLimitOnly));
        };
        let price = optional(params, "price", |p| read_price(p, "price", &spec))?.unwrap_or(price);
        let qty = optional(params, "qty", |p| read_qty(p, "qty", &spec))?.unwrap_or(order.qty);
        if !order.filled.is_zero() && qty <= order.filled {
            let code = match Category::of(&spec) {
                Category::Linear => 110_064,
                Category::Spot => 170_313,
            };
            return Err(Refused::new(
                code,
                "The number of contracts modified cannot be less than or equal to the filled quantity",
            ));
        }
        let ask = AmendAsk {
            symbol: order.symbol,
            which: Which::Id(order.id),
            side: order.side,
            price,
            qty,
        };
        let market = &mut self.bourse.market;
        let after = market.amend(now, self.account, ask).map_err(refused)?;
        let number = shown(&after);
        // The market ends a post-only order whose new price would take.
        if after.status == Status::Cancelled {
            self.notes.change(number, |note| {
                note.reason = "EC_PostOnlyWillTakeLiquidity";
            });
        }
        Ok(number)
    }

    fn amend_waiting(
        &mut self,
        now: i64,
        params: &Params,
        algo: &AlgoView,
    ) -> Result<u64, Refused> {
        let spec = self.spec(algo.ask.symbol)?.clone();
        let mut ask = algo.ask;
        if let Some(at) = optional(params, "triggerPrice", |p| {
            read_price(p, "triggerPrice", &spec)
        })? {
            ask.trigger = match ask.trigger {
                Trigger::Stop(_) => Trigger::Stop(at),
                Trigger::Take(_) => Trigger::Take(at),
                Trigger::Trail { callback, .. } => Trigger::Trail {
                    activate: Some(at),
                    callback,
                },
                Trigger::Follow { distance, .. } => Trigger::Follow {
                    activate: Some(at),
                    distance,
                },
            };
        }
        if let Some(qty) = optional(params, "qty", |p| read_qty(p, "qty", &spec))?
            && ask.qty.is_some()
        {
            ask.qty = Some(qty);
        }
        if let Kind::Limit { tif, .. } = ask.kind
            && let Some(price) = optional(params, "price", |p| read_price(p, "price", &spec))?
        {
            ask.kind = Kind::Limit { price, tif };
        }
        if params.text("triggerBy")?.is_some() {
            ask.watch = read_watch(params, "triggerBy")?;
        }
        let which = WhichAlgo::Id(algo.id);
        let market = &mut self.bourse.market;
        market
            .amend_algo(now, self.account, which, ask)
            .map_err(|refuse| match refuse {
                Refuse::WouldTrigger => would_trigger(&ask),
                _ => of_market(refuse, Some(&spec)),
            })?;
        Ok(algo.id)
    }

    /// `order.cancel`, `POST /v5/order/cancel`.
    pub(super) fn cancel(&mut self, call: &Call) -> Result<Value, Refused> {
        self.cancel_one(call.now, &call.params)
    }

    fn cancel_one(&mut self, now: i64, params: &Params) -> Result<Value, Refused> {
        let (category, symbol, _) = self.symbol(params)?;
        let found = self.find(category, params)?;
        let number = found.and_then(|found| self.end(now, Some(symbol), &found));
        let number = number.ok_or_else(|| Refused::no_order(category))?;
        self.named(category, number)
    }

    /// Cancels an open order; its number, where there was one to cancel.
    pub(super) fn end(
        &mut self,
        now: i64,
        symbol: Option<SymbolNo>,
        found: &Found,
    ) -> Option<u64> {
        let market = &mut self.bourse.market;
        let number = match found {
            Found::Order(order) if symbol.is_none_or(|only| only == order.symbol) => {
                let which = Which::Id(order.id);
                let ended = market.cancel(now, self.account, order.symbol, which).ok()?;
                shown(&ended)
            }
            Found::Waiting(algo) if symbol.is_none_or(|only| only == algo.ask.symbol) => {
                let which = WhichAlgo::Id(algo.id);
                market.cancel_algo(now, self.account, which).ok()?.id
            }
            _ => return None,
        };
        self.notes.change(number, |note| {
            note.cancel = "CancelByUser";
            note.reason = "EC_PerCancelRequest";
        });
        Some(number)
    }

    /// `POST /v5/order/cancel-all`, by `symbol`, else `baseCoin`, else `settleCoin`.
    pub(super) fn cancel_all(&mut self, call: &Call) -> Result<Value, Refused> {
        let category = Category::read(&call.params)?;
        let wanted = self.wanted(category, &call.params, category == Category::Spot)?;
        let filter = call.params.text("orderFilter")?;
        let only_stops = call.params.text("stopOrderType")? == Some("Stop");
        let (plain, waiting) = match (filter, category) {
            (None, Category::Linear) => (true, true),
            (None | Some("Order"), _) => (true, false),
            (Some("StopOrder"), _) => (false, true),
            (Some("OpenOrder" | "tpslOrder" | "OcoOrder" | "BidirectionalTpslOrder"), _) => {
                (false, false)
            }
            (Some(_), _) => return Err(Refused::params("orderFilter invalid")),
        };
        let mut ended = Vec::new();
        for found in self.open_entries(&wanted) {
            let hit = match &found {
                Found::Order(_) => plain,
                Found::Waiting(algo) => {
                    waiting && (!only_stops || self.notes.of(algo.id).stop == "Stop")
                }
            };
            if hit && let Some(number) = self.end(call.now, None, &found) {
                ended.push(self.named(category, number)?);
            }
        }
        Ok(json!({"list": ended, "success": "1"}))
    }

    /// The instruments that `symbol`, `baseCoin` or `settleCoin` name; one of them has to be there unless `all` may be meant.
    pub(super) fn wanted(
        &self,
        category: Category,
        params: &Params,
        all: bool,
    ) -> Result<Vec<SymbolNo>, Refused> {
        if let Some(name) = params.text("symbol")? {
            return Ok(vec![self.symbol_named(category, name)?.0]);
        }
        let base = params.text("baseCoin")?;
        let settle = params.text("settleCoin")?;
        if base.is_none() && settle.is_none() && !all {
            return Err(Refused::params(
                "symbol or settleCoin or baseCoin is required",
            ));
        }
        let named = self.symbols_of(category).filter(|(_, spec)| match base {
            Some(base) => spec.instrument.base.as_str() == base,
            None => settle.is_none_or(|coin| spec.instrument.settle.as_str() == coin),
        });
        Ok(named.map(|(symbol, _)| symbol).collect())
    }

    /// Open orders on these instruments, oldest first.
    pub(super) fn open_entries(&self, wanted: &[SymbolNo]) -> Vec<Found> {
        let market = &self.bourse.market;
        let mut found = Vec::new();
        for symbol in wanted {
            let orders = market.open_orders(self.account, Some(*symbol));
            found.extend(orders.into_iter().map(Found::Order));
            let waiting = market.open_algos(self.account, Some(*symbol));
            found.extend(waiting.into_iter().map(Found::Waiting));
        }
        found
    }

    /// The order that `orderId`, else `orderLinkId`, names.
    pub(super) fn find(
        &self,
        category: Category,
        params: &Params,
    ) -> Result<Option<Found>, Refused> {
        if let Some(id) = params.text("orderId")? {
            let number = self.ids.read_order(category, id);
            return Ok(number.and_then(|number| self.find_number(category, number)));
        }
        match params.text("orderLinkId")? {
            Some(name) => Ok(self.find_named(category, read_link(name)?)),
            None => Err(Refused::params("orderId or orderLinkId is required")),
        }
    }

    /// The order shown under this number.
    pub(super) fn find_number(&self, category: Category, number: u64) -> Option<Found> {
        let market = &self.bourse.market;
        if let Some(algo) = market.algo(self.account, WhichAlgo::Id(number)) {
            let became = algo
                .order
                .and_then(|id| market.order(self.account, algo.ask.symbol, Which::Id(id)));
            return Some(became.map_or_else(
                || Found::Waiting(algo.clone()),
                |order| Found::Order(order.clone()),
            ));
        }
        self.symbols_of(category)
            .find_map(|(symbol, _)| market.order(self.account, symbol, Which::Id(number)))
            .map(|order| Found::Order(order.clone()))
    }

    fn find_named(&self, category: Category, client: ClientId) -> Option<Found> {
        let market = &self.bourse.market;
        if let Some(algo) = market.algo(self.account, WhichAlgo::Client(client)) {
            return self.find_number(category, algo.id);
        }
        self.symbols_of(category)
            .find_map(|(symbol, _)| market.order(self.account, symbol, Which::Client(client)))
            .map(|order| Found::Order(order.clone()))
    }

    /// `orderId` and `orderLinkId` of an order.
    fn named(&self, category: Category, number: u64) -> Result<Value, Refused> {
        let found = self.find_number(category, number);
        let client = match found.ok_or_else(|| Refused::no_order(category))? {
            Found::Order(order) => order.client,
            Found::Waiting(algo) => algo.client,
        };
        Ok(json!({
            "orderId": self.ids.order(category, number),
            "orderLinkId": super::asked::link(client),
        }))
    }

    /// `order.create-batch`, `POST /v5/order/create-batch`.
    pub(super) fn create_batch(&mut self, call: &Call) -> Result<Done, Refused> {
        self.each(call, |this, params| {
            let mut made = this.create_one(call.now, params)?;
            made["createAt"] = call.now.to_string().into();
            Ok(made)
        })
    }

    /// `order.amend-batch`, `POST /v5/order/amend-batch`.
    pub(super) fn amend_batch(&mut self, call: &Call) -> Result<Done, Refused> {
        self.each(call, |this, params| this.amend_one(call.now, params))
    }

    /// `order.cancel-batch`, `POST /v5/order/cancel-batch`.
    pub(super) fn cancel_batch(&mut self, call: &Call) -> Result<Done, Refused> {
        self.each(call, |this, params| this.cancel_one(call.now, params))
    }

    /// Each order of a batch by itself: what it is called in one list, its code in the other. Those that the budget does not cover
    /// are refused with 10006.
    fn each(
        &mut self,
        call: &Call,
        mut one: impl FnMut(&mut Self, &Params) -> Result<Value, Refused>,
    ) -> Result<Done, Refused> {
        let category = Category::read(&call.params)?;
        let rows = call.params.list("request", category.word())?;
        let most = match category {
            Category::Linear => BATCH.0,
            Category::Spot => BATCH.1,
        };
        if rows.is_empty() || rows.len() > most {
            return Err(Refused::params("the number of orders in the batch"));
        }
        let (mut list, mut codes) = (Vec::new(), Vec::new());
        for (at, params) in rows.iter().enumerate() {
            let done = if at < call.granted {
                one(self, params)
            } else {
                Err(super::rest::too_many_visits())
            };
            let (code, msg) = match &done {
                Ok(_) => (0, "OK".to_owned()),
                Err(refused) => (refused.code, refused.text.clone()),
            };
            let mut row = done.unwrap_or_else(|_| unplaced(params));
            row["category"] = category.word().into();
            row["symbol"] = params.text("symbol").ok().flatten().unwrap_or_default().into();
            list.push(row);
            codes.push(json!({"code": code, "msg": msg}));
        }
        Ok(Done {
            result: json!({"list": list}),
            each: json!({"list": codes}),
        })
    }

    /// The name of an instrument on this wire.
    pub(super) fn name_of(&self, symbol: SymbolNo) -> String {
        self.bourse.market.spec(symbol).map_or_else(String::new, wire_name)
    }
}

/// What stands for an order of a batch that was refused.
fn unplaced(params: &Params) -> Value {
    let name = |name| params.text(name).ok().flatten().unwrap_or_default().to_owned();
    json!({"orderId": name("orderId"), "orderLinkId": name("orderLinkId")})
}

/// A field that may be absent; zero and empty text count as absent.
fn optional<T>(
    params: &Params,
    name: &str,
    read: impl Fn(&Params) -> Result<T, Refused>,
) -> Result<Option<T>, Refused> {
    match params.text(name)? {
        None => Ok(None),
        Some(text) if is_zero(text) => Ok(None),
        Some(_) => read(params).map(Some),
    }
}

/// The trigger price is on the wrong side of the price.
fn would_trigger(ask: &AlgoAsk) -> Refused {
    let rises = matches!(
        (ask.trigger, ask.side),
        (Trigger::Stop(_), Side::Buy) | (Trigger::Take(_), Side::Sell)
    );
    if rises {
        Refused::new(110_092, "expect Rising, but trigger_price <= current")
    } else {
        Refused::new(110_093, "expect Falling, but trigger_price >= current")
    }
}
