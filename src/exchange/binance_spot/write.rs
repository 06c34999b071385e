//! Order requests of Binance spot as parameters, sorted by name, for the WebSocket API and for REST alike.
//!
//! Owns nothing. Sizes and prices are written from whole lots and ticks; nothing is rounded here.

use crate::domain::{Approved, MarketKey, NewOrder, OrderKind, OrderRef, Price, TimeInForce};
use crate::exchange::binance::params::Params;
use crate::exchange::binance::sign::{Param, Value};

/// Where orders are placed, cancelled and asked for over REST.
pub const ORDER: &str = "/api/v3/order";

/// Sizes and prices as text, kept beside the parameters that borrow them; a cancel has none.
#[derive(Debug, Default)]
pub struct Numbers {
    price: String,
    qty: String,
}

impl Numbers {
    /// Of a new order; what it does not have stays empty.
    pub fn of_order(order: &Approved<NewOrder>) -> Self {
        let text = |price: Price| order.price_text(price);
        Self {
            price: order.get().kind.limit().map(text).unwrap_or_default(),
            qty: order.qty_text(order.get().qty),
        }
    }
}

/// Why the venue is not asked for such an order, for the trader; `None` where it is.
pub const fn cannot(order: &NewOrder) -> Option<&'static str> {
    if order.leg.is_some() {
        return Some("spot has no legs");
    }
    match order.kind {
        OrderKind::Stop { .. } | OrderKind::Trail { .. } => {
            Some("on spot Lancet carries stops itself: the venue is asked for no conditional order")
        }
        OrderKind::Limit { .. } | OrderKind::Market => None,
    }
}

/// `order.place` / `POST order`. There is no reduce-only on spot: an exit is a plain order. Self-trade prevention is the symbol's
/// own, the one mode that every symbol is sure to allow.
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
    params.text("side", order.side.word());
    params.text("symbol", order.key.symbol.as_str());
    match order.kind {
        OrderKind::Limit { tif, .. } => limit(tif, numbers, &mut params),
        // What waits for a trigger never gets here: `cannot` refuses it.
        OrderKind::Market | OrderKind::Stop { .. } | OrderKind::Trail { .. } => {
            params.text("type", "MARKET");
        }
    }
    params.finish(timestamp)
}

/// `LIMIT_MAKER` is "rest or be refused" and has no time in force.
fn limit<'a>(tif: TimeInForce, numbers: &'a Numbers, params: &mut Params<'a>) {
    params.text("price", &numbers.price);
    let word = match tif {
        TimeInForce::PostOnly => return params.text("type", "LIMIT_MAKER"),
        TimeInForce::Gtc => "GTC",
        TimeInForce::Ioc => "IOC",
    };
    params.text("timeInForce", word);
    params.text("type", "LIMIT");
}

/// `order.cancel` / `DELETE order`.
pub fn named<'a>(key: &'a MarketKey, order: &'a OrderRef, timestamp: i64) -> Vec<Param<'a>> {
    let mut params = Params::new();
    params.item(name(order));
    params.text("symbol", key.symbol.as_str());
    params.finish(timestamp)
}

/// By the venue's number where it is known (a client id may be used again once its order has ended), else by our own name.
pub fn name(order: &OrderRef) -> Param<'_> {
    let number = order.venue.and_then(|id| id.number());
    match number.and_then(|id| i64::try_from(id).ok()) {
        Some(id) => ("orderId", Value::Int(id)),
        None => ("origClientOrderId", Value::Text(order.client.as_str())),
    }
}
