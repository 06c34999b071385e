//! Orders: placing, changing, cancelling and asking after them.

use serde_json::{Value, json};

use super::asked::{
    read_batch, read_client, read_kind, read_leg, read_price, read_qty, read_self_trade, read_side,
    read_which, unsupported_match,
};
use super::error::of_market;
use super::{BinanceFutures, shapes};
use crate::domain::{ClientId, Qty};
use crate::sim::binance::call::{Call, Door};
use crate::sim::binance::params::Params;
use crate::sim::binance::refused::Refused;
use crate::sim::market::{
    AmendAsk, Leg, OrderView, Refuse, SelfTrade, Status, Submit, SymbolNo, SymbolSpec, Which,
};

const BATCH_PLACES: usize = 5;
const BATCH_CANCELS: usize = 10;

impl BinanceFutures {
    /// `symbol`, which has to be there and to exist.
    pub(super) fn symbol(&self, params: &Params) -> Result<(SymbolNo, &SymbolSpec), Refused> {
        self.symbol_named(params.need("symbol")?)
    }

    /// `symbol`, where it is given.
    pub(super) fn symbol_if_any(&self, params: &Params) -> Result<Option<SymbolNo>, Refused> {
        params
            .get("symbol")
            .map(|name| self.symbol_named(name).map(|(no, _)| no))
            .transpose()
    }

    fn symbol_named(&self, name: &str) -> Result<(SymbolNo, &SymbolSpec), Refused> {
        let market = &self.bourse.market;
        let no = market.symbol_no(name).ok_or_else(Refused::symbol)?;
        let spec = market.spec(no).ok_or_else(Refused::symbol)?;
        Ok((no, spec))
    }

    /// The settings of a symbol that the market itself named.
    pub(super) fn spec(&self, symbol: SymbolNo) -> Result<&SymbolSpec, Refused> {
        self.bourse.market.spec(symbol).ok_or_else(Refused::symbol)
    }

    /// `order.place`, `POST order`.
    pub(super) fn place(&mut self, call: &Call) -> Result<Value, Refused> {
        // The default differs by door: EXPIRE_MAKER for a single REST order, NONE elsewhere.
        let usual = match call.door {
            Door::Rest => SelfTrade::ExpireMaker,
            Door::WsApi => SelfTrade::Allow,
        };
        self.place_one(call.now, &call.params, usual)
    }

    fn place_one(&mut self, now: i64, params: &Params, usual: SelfTrade) -> Result<Value, Refused> {
        let ask = self.read_order(params, usual)?;
        let result = match params.get("newOrderRespType") {
            None | Some("ACK") => false,
            Some("RESULT") => true,
            Some(_) => return Err(Refused::invalid("newOrderRespType")),
        };
        let order = self
            .bourse
            .market
            .submit(now, self.account, ask)
            .map_err(|refuse| of_market(refuse, self.spec(ask.symbol).ok()))?;
        let spec = self.spec(ask.symbol)?;
        Ok(Value::Object(if result {
            shapes::order_answer(spec, &order)
        } else {
            shapes::order_ack(spec, &order)
        }))
    }

    /// `POST order/test`: everything but the order.
    pub(super) fn place_test(&mut self, call: &Call) -> Result<Value, Refused> {
        let ask = self.read_order(&call.params, SelfTrade::ExpireMaker)?;
        self.bourse
            .market
            .check(self.account, &ask)
            .map_err(|refuse| of_market(refuse, self.spec(ask.symbol).ok()))?;
        let spec = self.spec(ask.symbol)?;
        let shown = OrderView {
            id: 0,
            client: ask
                .client
                .or_else(|| ClientId::new("test").ok())
                .ok_or_else(|| Refused::invalid("newClientOrderId"))?,
            account: self.account,
            symbol: ask.symbol,
            side: ask.side,
            leg: ask.leg,
            kind: ask.kind,
            qty: ask.qty,
            filled: Qty::ZERO,
            filled_quote: rust_decimal::Decimal::ZERO,
            reduce_only: ask.reduces(),
            self_trade: ask.self_trade,
            status: Status::New,
            algo: None,
            amends: 0,
            created_ms: call.now,
            updated_ms: call.now,
        };
        Ok(Value::Object(shapes::order_answer(spec, &shown)))
    }

    fn read_order(&self, params: &Params, usual: SelfTrade) -> Result<Submit, Refused> {
        let (symbol, spec) = self.symbol(params)?;
        let side = read_side(params)?;
        let kind = read_kind(params, spec)?;
        let leg = self.read_position_side(params)?;
        let qty = read_qty(params, spec)?;
        unsupported_match(params)?;
        Ok(Submit {
            symbol,
            client: read_client(params, "newClientOrderId")?,
            side,
            leg,
            kind,
            qty,
            reduce_only: params.flag("reduceOnly")?.unwrap_or(false),
            self_trade: read_self_trade(params, usual)?,
        })
    }

    /// `positionSide`, which has to be one of the account's mode. In hedge mode `reduceOnly` may not be sent: the side says it.
    pub(super) fn read_position_side(&self, params: &Params) -> Result<Leg, Refused> {
        let leg = read_leg(params)?;
        if self.hedge_mode() == (leg == Leg::Both) {
            return Err(of_market(Refuse::PositionSide, None));
        }
        if leg != Leg::Both && params.get("reduceOnly").is_some() {
            return Err(Refused::not_required("reduceonly"));
        }
        Ok(leg)
    }

    /// `order.modify`, `PUT order`.
    pub(super) fn amend(&mut self, call: &Call) -> Result<Value, Refused> {
        self.amend_one(call.now, &call.params, call.door)
    }

    fn amend_one(&mut self, now: i64, params: &Params, door: Door) -> Result<Value, Refused> {
        let (symbol, spec) = self.symbol(params)?;
        let which = read_which(params)?;
        let side = read_side(params)?;
        let qty = read_qty(params, spec)?;
        let price = read_price(params, spec)?;
        let modify_id = params.int("modifyId")?;
        let ask = AmendAsk {
            symbol,
            which,
            side,
            price,
            qty,
        };
        let order = self
            .bourse
            .market
            .amend(now, self.account, ask)
            .map_err(|refuse| of_market(refuse, self.spec(symbol).ok()))?;
        if let Some(id) = modify_id {
            self.modify_ids.insert(order.id, id);
        }
        let spec = self.spec(symbol)?;
        let mut map = shapes::order_answer(spec, &order);
        if door == Door::Rest {
            map.insert("pair".into(), spec.instrument.symbol.as_str().into());
        }
        if let Some(id) = modify_id {
            map.insert("modifyId".into(), id.into());
        }
        Ok(Value::Object(map))
    }

    /// `order.cancel`, `DELETE order`.
    pub(super) fn cancel(&mut self, call: &Call) -> Result<Value, Refused> {
        let (symbol, _) = self.symbol(&call.params)?;
        let which = read_which(&call.params)?;
        self.cancel_one(call.now, symbol, which)
    }

    fn cancel_one(&mut self, now: i64, symbol: SymbolNo, which: Which) -> Result<Value, Refused> {
        let order = self
            .bourse
            .market
            .cancel(now, self.account, symbol, which)
            .map_err(|_| Refused::new(-2011, "Unknown order sent."))?;
        Ok(Value::Object(shapes::order_answer(
            self.spec(symbol)?,
            &order,
        )))
    }

    /// `DELETE allOpenOrders`.
    pub(super) fn cancel_all(&mut self, call: &Call) -> Result<Value, Refused> {
        let (symbol, _) = self.symbol(&call.params)?;
        self.bourse
            .market
            .cancel_all(call.now, self.account, symbol);
        Ok(json!({"code": 200, "msg": "The operation of cancel all open order is done."}))
    }

    /// `POST countdownCancelAll`: the dead-man switch of a symbol; zero stops it.
    pub(super) fn countdown(&mut self, call: &Call) -> Result<Value, Refused> {
        let (symbol, spec) = self.symbol(&call.params)?;
        let name = spec.instrument.symbol;
        let ms = call
            .params
            .int("countdownTime")?
            .ok_or_else(|| Refused::missing("countdownTime"))?;
        if ms < 0 {
            return Err(Refused::invalid("countdownTime"));
        }
        if ms == 0 {
            self.countdowns.remove(&symbol);
        } else {
            self.countdowns.insert(symbol, call.now.saturating_add(ms));
        }
        Ok(json!({"symbol": name.as_str(), "countdownTime": ms.to_string()}))
    }

    /// `POST batchOrders`: each order by itself; a refusal stands in its place.
    pub(super) fn place_batch(&mut self, call: &Call) -> Result<Value, Refused> {
        let rows = read_batch(call.params.need("batchOrders")?, BATCH_PLACES)?;
        let answers = rows.iter().map(|row| {
            self.place_one(call.now, row, SelfTrade::Allow)
                .unwrap_or_else(|refused| refused.body())
        });
        Ok(Value::Array(answers.collect()))
    }

    /// `PUT batchOrders`.
    pub(super) fn amend_batch(&mut self, call: &Call) -> Result<Value, Refused> {
        let rows = read_batch(call.params.need("batchOrders")?, BATCH_PLACES)?;
        let answers = rows.iter().map(|row| {
            self.amend_one(call.now, row, Door::Rest)
                .unwrap_or_else(|refused| refused.body())
        });
        Ok(Value::Array(answers.collect()))
    }

    /// `DELETE batchOrders`: by `orderIdList` or `origClientOrderIdList`.
    pub(super) fn cancel_batch(&mut self, call: &Call) -> Result<Value, Refused> {
        let (symbol, _) = self.symbol(&call.params)?;
        let which = match call.params.get("orderIdList") {
            Some(list) => serde_json::from_str::<Vec<u64>>(list)
                .map_err(|_| Refused::invalid("orderIdList"))?
                .into_iter()
                .map(Which::Id)
                .collect::<Vec<_>>(),
            None => serde_json::from_str::<Vec<String>>(call.params.need("origClientOrderIdList")?)
                .map_err(|_| Refused::invalid("origClientOrderIdList"))?
                .iter()
                .map(|name| ClientId::new(name).map(Which::Client))
                .collect::<Result<_, _>>()
                .map_err(|_| Refused::invalid("origClientOrderIdList"))?,
        };
        if which.is_empty() || which.len() > BATCH_CANCELS {
            return Err(Refused::new(-4082, "Invalid number of batch place orders."));
        }
        let answers = which.into_iter().map(|which| {
            self.cancel_one(call.now, symbol, which)
                .unwrap_or_else(|refused| refused.body())
        });
        Ok(Value::Array(answers.collect()))
    }

    /// `order.status`, `GET order`: open or past.
    pub(super) fn query_order(&mut self, call: &Call) -> Result<Value, Refused> {
        let (symbol, spec) = self.symbol(&call.params)?;
        let which = read_which(&call.params)?;
        self.bourse
            .market
            .order(self.account, symbol, which)
            .map(|order| shapes::order_query(spec, order))
            .ok_or_else(Refused::no_order)
    }

    /// `GET openOrder`: open ones alone.
    pub(super) fn query_open_order(&mut self, call: &Call) -> Result<Value, Refused> {
        let (symbol, spec) = self.symbol(&call.params)?;
        let which = read_which(&call.params)?;
        self.bourse
            .market
            .order(self.account, symbol, which)
            .filter(|order| order.status.is_open())
            .map(|order| shapes::order_query(spec, order))
            .ok_or_else(Refused::no_order)
    }

    /// `GET openOrders`.
    pub(super) fn open_orders(&mut self, call: &Call) -> Result<Value, Refused> {
        let symbol = self.symbol_if_any(&call.params)?;
        let orders = self.bourse.market.open_orders(self.account, symbol);
        orders
            .iter()
            .map(|order| Ok(shapes::order_query(self.spec(order.symbol)?, order)))
            .collect::<Result<Vec<_>, Refused>>()
            .map(Value::Array)
    }

    /// `GET allOrders`, oldest first.
    pub(super) fn all_orders(&mut self, call: &Call) -> Result<Value, Refused> {
        let (symbol, spec) = self.symbol(&call.params)?;
        let limit = call.params.limit(500, 1000)?;
        let from_id = call.params.int("orderId")?.unwrap_or(0);
        let (start, end) = call.span()?;
        let mut orders = self.bourse.market.all_orders(self.account, symbol);
        orders.retain(|order| {
            i64::try_from(order.id).unwrap_or(i64::MAX) >= from_id
                && (start..=end).contains(&order.created_ms)
        });
        let skip = orders.len().saturating_sub(limit);
        Ok(orders[skip..]
            .iter()
            .map(|order| shapes::order_query(spec, order))
            .collect())
    }
}
