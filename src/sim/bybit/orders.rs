//! Orders: placing, changing and cancelling. An answer says that a request was taken; what became of it is told on the `order` topic.

use serde_json::{Value, json};

use super::Bybit;
use super::asked::Wish;
use super::call::Call;
use super::category::Category;
use super::error::{Refused, of_market};
use super::fields::{is_zero, read_price, read_qty, read_watch};
use super::found::Found;
use super::params::Params;
use super::shapes::shown;
use crate::domain::Side;
use crate::sim::market::{
    AlgoAsk, AlgoView, AmendAsk, Kind, OrderView, Refuse, Status, SymbolNo, Trigger, Which,
    WhichAlgo,
};

/// Conditional orders on one linear instrument.
const MOST_CONDITIONAL: usize = 10;

impl Bybit {
    /// `order.create`, `POST /v5/order/create`.
    pub(super) fn create(&mut self, call: &Call) -> Result<Value, Refused> {
        self.create_one(call.now, &call.params)
    }

    pub(super) fn create_one(&mut self, now: i64, params: &Params) -> Result<Value, Refused> {
        let asked = self.read_order(params)?;
        if let Wish::Conditional(ask) = asked.wish
            && self.conditionals(ask.symbol) >= MOST_CONDITIONAL
        {
            return Err(of_market(Refuse::TooManyAlgos, None));
        }
        let market = &mut self.bourse.market;
        let (symbol, taken) = match asked.wish {
            Wish::Plain(submit) => (
                submit.symbol,
                market
                    .accept(now, self.account, submit)
                    .map(|order| order.id),
            ),
            Wish::Conditional(ask) => (
                ask.symbol,
                market
                    .place_algo(now, self.account, ask)
                    .map(|algo| algo.id),
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

    /// Conditional orders that wait on an instrument, stops of positions left out.
    fn conditionals(&self, symbol: SymbolNo) -> usize {
        let waiting = self.bourse.market.open_algos(self.account, Some(symbol));
        let own = waiting
            .iter()
            .filter(|algo| self.notes.of(algo.id).stop == "Stop");
        own.count()
    }

    /// `order.amend`, `POST /v5/order/amend`.
    pub(super) fn amend(&mut self, call: &Call) -> Result<Value, Refused> {
        self.amend_one(call.now, &call.params)
    }

    pub(super) fn amend_one(&mut self, now: i64, params: &Params) -> Result<Value, Refused> {
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

    pub(super) fn cancel_one(&mut self, now: i64, params: &Params) -> Result<Value, Refused> {
        let (category, symbol, _) = self.symbol(params)?;
        let found = self.find(category, params)?;
        let number = found.and_then(|found| self.end(now, Some(symbol), &found));
        let number = number.ok_or_else(|| Refused::no_order(category))?;
        self.named(category, number)
    }

    /// Cancels an open order; its number, where there was one to cancel.
    pub(super) fn end(&mut self, now: i64, symbol: Option<SymbolNo>, found: &Found) -> Option<u64> {
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
