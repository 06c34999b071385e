//! Order requests of Binance futures as parameters, sorted by name, for the WebSocket API and for REST alike.
//!
//! Owns nothing. Sizes and prices are written from whole lots and ticks; nothing is rounded here.

use super::sign::{Param, Value};
use crate::domain::message::{MarginMode, PositionMode, Setting};
use crate::domain::{
    Amend, Approved, Instrument, Intent, MarketKey, NewOrder, OrderKind, OrderRef, TimeInForce,
};

/// How long after its timestamp the venue may still take an order, ms: an order held up on the wire longer than this is refused
/// instead of surprising its trader (Binance, General Info, timing security).
pub const ORDER_WINDOW_MS: i64 = 2_000;

/// The parameters of one request, in the order in which the WebSocket API signs them.
pub struct Params<'a> {
    items: Vec<Param<'a>>,
}

impl<'a> Params<'a> {
    fn new() -> Self {
        Self {
            items: Vec::with_capacity(16),
        }
    }

    fn text(&mut self, name: &'static str, value: &'a str) {
        self.items.push((name, Value::Text(value)));
    }

    fn int(&mut self, name: &'static str, value: i64) {
        self.items.push((name, Value::Int(value)));
    }

    /// The parameters, ready to be signed, with the window and the time that every signed request has.
    fn finish(mut self, timestamp: i64) -> Vec<Param<'a>> {
        self.int("recvWindow", ORDER_WINDOW_MS);
        self.int("timestamp", timestamp);
        self.items.sort_unstable_by_key(|(name, _)| *name);
        self.items
    }
}

/// A size and a price as text, kept beside the parameters that borrow them; a cancel has neither.
#[derive(Debug, Default)]
pub struct Numbers {
    price: String,
    qty: String,
}

impl Numbers {
    /// Of a new order; the price of a market order stays empty.
    pub fn of_order(order: &NewOrder, instrument: &Instrument) -> Self {
        let price = order.kind.limit();
        Self {
            price: price.map_or_else(String::new, |price| instrument.price_text(price)),
            qty: instrument.qty_text(order.qty),
        }
    }

    /// Of a change.
    pub fn of_amend(amend: &Amend, instrument: &Instrument) -> Self {
        Self {
            price: instrument.price_text(amend.price),
            qty: instrument.qty_text(amend.qty),
        }
    }
}

/// `order.place` / `POST order`. Self-trade prevention is always stated: its default differs between REST and WebSocket.
/// An exit is reduce-only; one-way mode needs no position side.
pub fn place<'a>(
    order: &'a Approved<NewOrder>,
    numbers: &'a Numbers,
    timestamp: i64,
) -> Vec<Param<'a>> {
    let order = order.get();
    let mut params = Params::new();
    params.text("newClientOrderId", order.id.as_str());
    params.text("newOrderRespType", "ACK");
    params.text("quantity", &numbers.qty);
    params.text("selfTradePreventionMode", "EXPIRE_MAKER");
    params.text("side", order.side.word());
    params.text("symbol", order.key.symbol.as_str());
    if order.intent == Intent::Exit {
        params.text("reduceOnly", "true");
    }
    match order.kind {
        OrderKind::Limit { tif, .. } => {
            params.text("price", &numbers.price);
            params.text("timeInForce", time_in_force(tif));
            params.text("type", "LIMIT");
        }
        OrderKind::Market => params.text("type", "MARKET"),
        // Never reached: such an order is not handed on yet.
        OrderKind::Stop { .. } | OrderKind::Trail { .. } => {}
    }
    params.finish(timestamp)
}

/// `order.modify` / `PUT order`: size and price are both mandatory.
pub fn amend<'a>(
    amend: &'a Approved<Amend>,
    numbers: &'a Numbers,
    timestamp: i64,
) -> Vec<Param<'a>> {
    let amend = amend.get();
    let mut params = Params::new();
    name_order(&amend.order, &mut params);
    params.text("price", &numbers.price);
    params.text("quantity", &numbers.qty);
    params.text("side", amend.side.word());
    params.text("symbol", amend.key.symbol.as_str());
    params.finish(timestamp)
}

/// `order.cancel` / `DELETE order`, and `order.status` / `GET order`.
pub fn named<'a>(key: &'a MarketKey, order: &'a OrderRef, timestamp: i64) -> Vec<Param<'a>> {
    let mut params = Params::new();
    name_order(order, &mut params);
    params.text("symbol", key.symbol.as_str());
    params.finish(timestamp)
}

/// `POST leverage`, `marginType` and `positionSide/dual`: path and parameters, without window and time.
pub fn setting(setting: &Setting) -> (&'static str, Vec<Param<'_>>) {
    match setting {
        Setting::Leverage(symbol, leverage) => (
            "/fapi/v1/leverage",
            vec![
                ("symbol", Value::Text(symbol.as_str())),
                ("leverage", Value::Int(i64::from(*leverage))),
            ],
        ),
        Setting::Margin(symbol, mode) => {
            let word = match mode {
                MarginMode::Cross => "CROSSED",
                MarginMode::Isolated => "ISOLATED",
            };
            (
                "/fapi/v1/marginType",
                vec![
                    ("symbol", Value::Text(symbol.as_str())),
                    ("marginType", Value::Text(word)),
                ],
            )
        }
        Setting::PositionMode(mode) => {
            let dual = match mode {
                PositionMode::Hedge => "true",
                PositionMode::OneWay => "false",
            };
            (
                "/fapi/v1/positionSide/dual",
                vec![("dualSidePosition", Value::Text(dual))],
            )
        }
    }
}

/// By the venue's number where it is known (a foreign client id may be used again), else by our own name.
fn name_order<'a>(order: &'a OrderRef, params: &mut Params<'a>) {
    match order.venue.and_then(|id| i64::try_from(id).ok()) {
        Some(id) => params.int("orderId", id),
        None => params.text("origClientOrderId", order.client.as_str()),
    }
}

/// `GTX` is "good till crossing": rest or be refused.
const fn time_in_force(tif: TimeInForce) -> &'static str {
    match tif {
        TimeInForce::Gtc => "GTC",
        TimeInForce::Ioc => "IOC",
        TimeInForce::PostOnly => "GTX",
    }
}
