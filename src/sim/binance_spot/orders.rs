//! Orders: placing, cancelling and asking after them.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::asked::{
    Size, read_client, read_detail, read_kind, read_self_trade, read_side, read_size, read_which,
};
use super::error::{filter, no_order_to_cancel, of_market, rejected};
use super::instruments::MAX_NOTIONAL;
use super::{BinanceSpot, shapes};
use crate::domain::{ClientId, Price, Qty, Side};
use crate::sim::binance::call::Call;
use crate::sim::binance::digits::money;
use crate::sim::binance::params::Params;
use crate::sim::binance::refused::Refused;
use crate::sim::keys::letters;
use crate::sim::market::{Kind, Leg, OrderView, Status, Submit, SymbolNo, SymbolSpec, Which};

/// Letters and digits of a name that the exchange gives.
const NAME_LENGTH: usize = 22;
/// Market orders whose worth is remembered; beyond it the oldest are forgotten.
const WORTHS_KEPT: usize = 20_000;

/// An order that was read, and what it was to be worth.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub submit: Submit,
    pub worth: Option<Decimal>,
}

impl BinanceSpot {
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

    pub(super) fn symbol_named(&self, name: &str) -> Result<(SymbolNo, &SymbolSpec), Refused> {
        let market = &self.bourse.market;
        let no = market.symbol_no(name).ok_or_else(Refused::symbol)?;
        let spec = market.spec(no).ok_or_else(Refused::symbol)?;
        Ok((no, spec))
    }

    /// The settings of a symbol that the market itself named.
    pub(super) fn spec(&self, symbol: SymbolNo) -> Result<&SymbolSpec, Refused> {
        self.bourse.market.spec(symbol).ok_or_else(Refused::symbol)
    }

    /// What a market order was to be worth; zero for any other.
    pub(super) fn worth(&self, order: u64) -> Decimal {
        self.worths.get(&order).copied().unwrap_or_default()
    }

    /// A name for what the client gave none.
    pub(super) fn fresh_name(&mut self) -> Result<ClientId, Refused> {
        ClientId::new(&letters(&mut self.random, NAME_LENGTH)).map_err(|_| Refused::unsupported())
    }

    /// `order.place`, `POST order`. A refused order does not count as unfilled.
    pub(super) fn place(&mut self, call: &Call) -> Result<Value, Refused> {
        let placed = self
            .read_order(&call.params)
            .and_then(|asked| self.place_one(call.now, &call.params, asked));
        if placed.is_err() {
            self.gate.limits.give_back(call.now, 1);
        }
        placed
    }

    pub(super) fn place_one(
        &mut self,
        now: i64,
        params: &Params,
        mut asked: Asked,
    ) -> Result<Value, Refused> {
        let kind = asked.submit.kind;
        let detail = read_detail(params, kind)?;
        if asked.submit.client.is_none() {
            asked.submit.client = Some(self.fresh_name()?);
        }
        let market = &mut self.bourse.market;
        let order = market
            .submit(now, self.account, asked.submit)
            .map_err(|refuse| of_market(refuse, kind))?;
        if let Some(worth) = asked.worth {
            self.worths.insert(order.id, worth);
            if self.worths.len() > WORTHS_KEPT {
                self.worths.pop_first();
            }
        }
        let mut fills = self.bourse.market.user_trades(self.account, order.symbol);
        fills.retain(|fill| fill.order == order.id);
        let spec = self.spec(order.symbol)?;
        let worth = self.worth(order.id);
        Ok(shapes::placed(spec, &order, worth, (detail, &fills)))
    }

    /// `order.test`, `POST order/test`: everything but the order.
    pub(super) fn place_test(&mut self, call: &Call) -> Result<Value, Refused> {
        let submit = self.read_order(&call.params)?.submit;
        let market = &self.bourse.market;
        market
            .check(self.account, &submit)
            .map_err(|refuse| of_market(refuse, submit.kind))?;
        if call.params.flag("computeCommissionRates")? != Some(true) {
            return Ok(json!({}));
        }
        let terms = market.account(self.account).map(|a| a.spec.spot);
        let terms = terms.ok_or_else(Refused::unsupported)?;
        let none = money(Decimal::ZERO);
        Ok(json!({
            "standardCommissionForOrder": {"maker": money(terms.maker_fee), "taker": money(terms.taker_fee)},
            "taxCommissionForOrder": {"maker": none, "taker": none},
            "discount": {"enabledForAccount": false, "enabledForSymbol": false, "discountAsset": "BNB", "discount": none},
        }))
    }

    pub(super) fn read_order(&self, params: &Params) -> Result<Asked, Refused> {
        let (symbol, spec) = self.symbol(params)?;
        let side = read_side(params)?;
        let kind = read_kind(params, spec)?;
        let (qty, worth) = match read_size(params, kind, spec)? {
            Size::Lots(qty) => (qty, None),
            Size::Worth(money) => (
                self.bourse.market.lots_for(symbol, side, money),
                Some(money),
            ),
        };
        if let Kind::Limit { price, .. } = kind {
            self.check_far_side((symbol, spec), side, price)?;
            let i = &spec.instrument;
            let notional = i.notional(i.price_decimal(price), i.qty_decimal(qty));
            if notional.is_none_or(|notional| notional > MAX_NOTIONAL) {
                return Err(filter("NOTIONAL"));
            }
        }
        if qty == Qty::ZERO {
            return Err(rejected(
                "Order book liquidity is less than LOT_SIZE filter minimum quantity.",
            ));
        }
        Ok(Asked {
            submit: Submit {
                symbol,
                client: read_client(params, "newClientOrderId")?,
                side,
                leg: Leg::Both,
                kind,
                qty,
                reduce_only: false,
                self_trade: read_self_trade(params)?,
            },
            worth,
        })
    }

    /// PERCENT_PRICE_BY_SIDE bounds a buy from below and a sell from above too; the market core knows the other two bounds.
    fn check_far_side(
        &self,
        (symbol, spec): (SymbolNo, &SymbolSpec),
        side: Side,
        price: Price,
    ) -> Result<(), Refused> {
        let (Some((down, up)), Some(day)) =
            (spec.instrument.band, self.bourse.market.ticker(symbol))
        else {
            return Ok(());
        };
        let (at, last) = (
            spec.instrument.price_decimal(price),
            spec.instrument.price_decimal(day.last),
        );
        let is_beyond = match side {
            Side::Buy => at < last * down,
            Side::Sell => at > last * up,
        };
        if is_beyond {
            return Err(filter("PERCENT_PRICE_BY_SIDE"));
        }
        Ok(())
    }

    /// `order.cancel`, `DELETE order`.
    pub(super) fn cancel(&mut self, call: &Call) -> Result<Value, Refused> {
        let (symbol, _) = self.symbol(&call.params)?;
        let which = read_which(&call.params, "orderId", "origClientOrderId")?;
        let name = read_client(&call.params, "newClientOrderId")?;
        self.cancel_one(call, symbol, which, name)
    }

    pub(super) fn cancel_one(
        &mut self,
        call: &Call,
        symbol: SymbolNo,
        which: Which,
        name: Option<ClientId>,
    ) -> Result<Value, Refused> {
        let market = &self.bourse.market;
        let order = market.order(self.account, symbol, which);
        let order = order.filter(|order| order.status.is_open());
        let order = order.ok_or_else(no_order_to_cancel)?;
        let id = order.id;
        may_cancel(order, &call.params)?;
        let name = match name {
            Some(name) => name,
            None => self.fresh_name()?,
        };
        let order = self.end(call.now, symbol, id, name)?;
        let worth = self.worth(id);
        Ok(shapes::cancelled(self.spec(symbol)?, &order, worth, name))
    }

    /// Cancels an open order under this name.
    fn end(
        &mut self,
        now: i64,
        symbol: SymbolNo,
        id: u64,
        name: ClientId,
    ) -> Result<OrderView, Refused> {
        self.cancels.insert(id, name);
        let market = &mut self.bourse.market;
        market
            .cancel(now, self.account, symbol, Which::Id(id))
            .map_err(|_| no_order_to_cancel())
    }

    /// `openOrders.cancelAll`, `DELETE openOrders`: refused when there is nothing to cancel.
    pub(super) fn cancel_all(&mut self, call: &Call) -> Result<Value, Refused> {
        let (symbol, _) = self.symbol(&call.params)?;
        let open = self.bourse.market.open_orders(self.account, Some(symbol));
        if open.is_empty() {
            return Err(no_order_to_cancel());
        }
        let name = self.fresh_name()?;
        let mut rows = Vec::new();
        for order in open {
            let order = self.end(call.now, symbol, order.id, name)?;
            let worth = self.worth(order.id);
            rows.push(shapes::cancelled(self.spec(symbol)?, &order, worth, name));
        }
        Ok(Value::Array(rows))
    }

    /// `order.status`, `GET order`: open or past.
    pub(super) fn query_order(&mut self, call: &Call) -> Result<Value, Refused> {
        let (symbol, spec) = self.symbol(&call.params)?;
        let which = read_which(&call.params, "orderId", "origClientOrderId")?;
        let order = self.bourse.market.order(self.account, symbol, which);
        let order = order.ok_or_else(Refused::no_order)?;
        Ok(shapes::queried(spec, order, self.worth(order.id)))
    }

    /// `openOrders.status`, `GET openOrders`.
    pub(super) fn open_orders(&mut self, call: &Call) -> Result<Value, Refused> {
        let symbol = self.symbol_if_any(&call.params)?;
        let orders = self.bourse.market.open_orders(self.account, symbol);
        let row = |order: &OrderView| {
            let spec = self.spec(order.symbol)?;
            Ok(shapes::queried(spec, order, self.worth(order.id)))
        };
        let rows: Result<Vec<Value>, Refused> = orders.iter().map(row).collect();
        rows.map(Value::Array)
    }

    /// `allOrders`, oldest first.
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
        let rows = orders[skip..].iter();
        Ok(rows
            .map(|order| shapes::queried(spec, order, self.worth(order.id)))
            .collect())
    }
}

/// `cancelRestrictions`: only an order that stands so may be cancelled.
pub(super) fn may_cancel(order: &OrderView, params: &Params) -> Result<(), Refused> {
    let wanted = match params.get("cancelRestrictions") {
        None => return Ok(()),
        Some("ONLY_NEW") => Status::New,
        Some("ONLY_PARTIALLY_FILLED") => Status::PartiallyFilled,
        Some(_) => {
            return Err(Refused::new(
                -1145,
                "Invalid value for param `cancelRestrictions`",
            ));
        }
    };
    if order.status == wanted {
        return Ok(());
    }
    Err(Refused::new(
        -2011,
        "Order was not canceled due to cancel restrictions.",
    ))
}
