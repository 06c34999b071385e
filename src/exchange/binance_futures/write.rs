//! Order requests of Binance futures as parameters, sorted by name, for the WebSocket API and for REST alike.
//!
//! Owns nothing. Sizes and prices are written from whole lots and ticks; nothing is rounded here.

use super::VENUE;
use super::sign::{Param, Value};
use crate::domain::message::{MarginMode, PositionMode, Setting};
use crate::domain::{
    Amend, Approved, Callback, Instrument, Intent, Leg, MarketKey, NewOrder, OrderClass, OrderKind,
    OrderRef, Price, TimeInForce, TriggerBy,
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

/// Sizes, prices and a rate as text, kept beside the parameters that borrow them; a cancel has none.
#[derive(Debug, Default)]
pub struct Numbers {
    price: String,
    qty: String,
    trigger: String,
    callback: String,
}

impl Numbers {
    /// Of a new order; what it does not have stays empty.
    pub fn of_order(order: &NewOrder, instrument: &Instrument) -> Self {
        let text = |price: Option<Price>| price.map(|price| instrument.price_text(price));
        let callback = match order.kind {
            OrderKind::Trail { callback, .. } => rate(callback),
            _ => None,
        };
        Self {
            price: text(order.kind.limit()).unwrap_or_default(),
            qty: instrument.qty_text(order.qty),
            trigger: text(order.kind.trigger()).unwrap_or_default(),
            callback: callback.unwrap_or_default(),
        }
    }

    /// Of a change.
    pub fn of_amend(amend: &Amend, instrument: &Instrument) -> Self {
        Self {
            price: instrument.price_text(amend.price),
            qty: instrument.qty_text(amend.qty),
            ..Self::default()
        }
    }
}

/// Why the venue cannot be asked for such an order, for the trader; `None` where it can.
pub fn cannot(kind: OrderKind) -> Option<&'static str> {
    let by = match kind {
        OrderKind::Stop { by, .. } | OrderKind::Trail { by, .. } => by,
        OrderKind::Limit { .. } | OrderKind::Market => return None,
    };
    let can = &VENUE.capabilities;
    if !can.triggers.contains(&by) {
        return Some("the venue does not watch that price: trigger by last or mark");
    }
    match kind {
        OrderKind::Trail { callback, .. } if !can.native_trail.takes(callback) => {
            Some("the venue trails by 0.1 to 20 per cent in steps of 0.1")
        }
        _ => None,
    }
}

/// `order.place` / `POST order`, or `algoOrder.place` / `POST algoOrder` for what waits for a trigger. Self-trade prevention is
/// always stated: its default differs between REST and WebSocket. On a one-way account an exit is reduce-only and no position side
/// is needed; on a hedge account it is the other way round (Binance, New Order: `reduceOnly` cannot be sent in hedge mode).
pub fn place<'a>(
    order: &'a Approved<NewOrder>,
    numbers: &'a Numbers,
    timestamp: i64,
) -> Vec<Param<'a>> {
    let order = order.get();
    let mut params = Params::new();
    params.text("newOrderRespType", "ACK");
    params.text("quantity", &numbers.qty);
    params.text("selfTradePreventionMode", "EXPIRE_MAKER");
    params.text("side", order.side.word());
    params.text("symbol", order.key.symbol.as_str());
    match (order.leg, order.intent) {
        (Some(leg), _) => params.text("positionSide", position_side(leg)),
        (None, Intent::Exit) => params.text("reduceOnly", "true"),
        (None, Intent::Entry) => {}
    }
    match order.kind.class() {
        OrderClass::Regular => params.text("newClientOrderId", order.id.as_str()),
        OrderClass::Conditional => {
            params.text("algoType", "CONDITIONAL");
            params.text("clientAlgoId", order.id.as_str());
        }
    }
    kind(order.kind, numbers, &mut params);
    params.finish(timestamp)
}

fn kind<'a>(kind: OrderKind, numbers: &'a Numbers, params: &mut Params<'a>) {
    match kind {
        OrderKind::Limit { tif, .. } => {
            params.text("price", &numbers.price);
            params.text("timeInForce", time_in_force(tif));
            params.text("type", "LIMIT");
        }
        OrderKind::Market => params.text("type", "MARKET"),
        OrderKind::Stop { limit, by, .. } => {
            params.text("triggerPrice", &numbers.trigger);
            params.text("workingType", working_type(by));
            if limit.is_some() {
                params.text("price", &numbers.price);
                params.text("timeInForce", time_in_force(TimeInForce::Gtc));
                params.text("type", "STOP");
            } else {
                params.text("type", "STOP_MARKET");
            }
        }
        OrderKind::Trail { activation, by, .. } => {
            if activation.is_some() {
                params.text("activatePrice", &numbers.trigger);
            }
            params.text("callbackRate", &numbers.callback);
            params.text("workingType", working_type(by));
            params.text("type", "TRAILING_STOP_MARKET");
        }
    }
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

/// `order.cancel` / `DELETE order`, `algoOrder.cancel` / `DELETE algoOrder`.
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

fn name_order<'a>(order: &'a OrderRef, params: &mut Params<'a>) {
    params.items.push(name(order));
}

/// By the venue's number where it is known (a foreign client id may be used again), else by our own name.
pub fn name(order: &OrderRef) -> Param<'_> {
    let (number, client) = match order.class {
        OrderClass::Regular => ("orderId", "origClientOrderId"),
        OrderClass::Conditional => ("algoId", "clientAlgoId"),
    };
    match order.venue.and_then(|id| i64::try_from(id.number()?).ok()) {
        Some(id) => (number, Value::Int(id)),
        None => (client, Value::Text(order.client.as_str())),
    }
}

/// Where orders of a class are placed, cancelled and asked for over REST.
pub const fn path(class: OrderClass) -> &'static str {
    match class {
        OrderClass::Regular => "/fapi/v1/order",
        OrderClass::Conditional => "/fapi/v1/algoOrder",
    }
}

/// The word for a leg.
pub const fn position_side(leg: Leg) -> &'static str {
    match leg {
        Leg::Long => "LONG",
        Leg::Short => "SHORT",
    }
}

/// The price that fires a trigger; what is not the mark is the last trade ([`cannot`] has refused the rest).
const fn working_type(by: TriggerBy) -> &'static str {
    match by {
        TriggerBy::Mark => "MARK_PRICE",
        TriggerBy::Last | TriggerBy::Best => "CONTRACT_PRICE",
    }
}

/// Per cent, `0.10`; `None` for a distance, which this venue does not take.
fn rate(callback: Callback) -> Option<String> {
    match callback {
        Callback::Rate(points) => Some(format!("{}.{:02}", points / 100, points % 100)),
        Callback::Distance(_) => None,
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
