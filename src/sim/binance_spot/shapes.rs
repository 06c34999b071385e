//! Orders and fills as JSON objects with exactly the documented fields.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::asked::Detail;
use super::digits::{price, qty, zero};
use crate::domain::{ClientId, Side};
use crate::sim::binance::digits::money;
use crate::sim::market::{Kind, OrderView, SelfTrade, Status, SymbolSpec, Tif, UserTrade};

/// What a limit order's life is called.
pub const fn tif(kind: Kind) -> &'static str {
    match kind {
        Kind::Limit { tif: Tif::Ioc, .. } => "IOC",
        Kind::Limit { tif: Tif::Fok, .. } => "FOK",
        Kind::Market | Kind::Limit { .. } => "GTC",
    }
}

/// What a kind of order is called.
pub const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Limit { tif: Tif::Gtx, .. } => "LIMIT_MAKER",
        Kind::Limit { .. } => "LIMIT",
        Kind::Market => "MARKET",
    }
}

/// What a status is called.
pub const fn status(status: Status) -> &'static str {
    match status {
        Status::New => "NEW",
        Status::PartiallyFilled => "PARTIALLY_FILLED",
        Status::Filled => "FILLED",
        Status::Cancelled => "CANCELED",
        Status::Expired => "EXPIRED",
        Status::ExpiredInMatch => "EXPIRED_IN_MATCH",
    }
}

/// What self-trade prevention is called.
pub const fn self_trade(mode: SelfTrade) -> &'static str {
    match mode {
        SelfTrade::Allow => "NONE",
        SelfTrade::ExpireTaker => "EXPIRE_TAKER",
        SelfTrade::ExpireMaker => "EXPIRE_MAKER",
        SelfTrade::ExpireBoth => "EXPIRE_BOTH",
    }
}

/// The limit as text, zero for a market order.
pub fn limit_text(spec: &SymbolSpec, order: &OrderView) -> String {
    let limit = order.price();
    limit.map_or_else(zero, |at| price(&spec.instrument, at))
}

/// Who an order is and how it stands: what every picture of it has. `worth` is what a market order was to be worth.
fn standing(spec: &SymbolSpec, order: &OrderView, worth: Decimal) -> Map<String, Value> {
    let Value::Object(map) = json!({
        "symbol": spec.instrument.symbol.as_str(),
        "orderId": order.id,
        "orderListId": -1,
        "clientOrderId": order.client.as_str(),
        "price": limit_text(spec, order),
        "origQty": qty(&spec.instrument, order.qty),
        "executedQty": qty(&spec.instrument, order.filled),
        "origQuoteOrderQty": money(worth),
        "cummulativeQuoteQty": money(order.filled_quote),
        "status": status(order.status),
        "timeInForce": tif(order.kind),
        "type": kind(order.kind),
        "side": order.side.word(),
        "selfTradePreventionMode": self_trade(order.self_trade),
    }) else {
        return Map::new();
    };
    map
}

/// The answer to a new order; `fills` are its own.
pub fn placed(
    spec: &SymbolSpec,
    order: &OrderView,
    worth: Decimal,
    (detail, fills): (Detail, &[UserTrade]),
) -> Value {
    if detail == Detail::Ack {
        return json!({
            "symbol": spec.instrument.symbol.as_str(),
            "orderId": order.id,
            "orderListId": -1,
            "clientOrderId": order.client.as_str(),
            "transactTime": order.created_ms,
        });
    }
    let mut map = standing(spec, order, worth);
    map.insert("transactTime".into(), order.created_ms.into());
    map.insert("workingTime".into(), order.created_ms.into());
    if detail == Detail::Full {
        let fills = fills.iter().map(|fill| {
            json!({
                "price": price(&spec.instrument, fill.price),
                "qty": qty(&spec.instrument, fill.qty),
                "commission": money(fill.fee),
                "commissionAsset": fill.fee_asset.as_str(),
                "tradeId": fill.trade,
            })
        });
        map.insert("fills".into(), fills.collect());
    }
    Value::Object(map)
}

/// The answer to a cancel that was called `name`.
pub fn cancelled(spec: &SymbolSpec, order: &OrderView, worth: Decimal, name: ClientId) -> Value {
    let mut map = standing(spec, order, worth);
    map.insert("origClientOrderId".into(), order.client.as_str().into());
    map.insert("clientOrderId".into(), name.as_str().into());
    map.insert("transactTime".into(), order.updated_ms.into());
    Value::Object(map)
}

/// The answer to a query.
pub fn queried(spec: &SymbolSpec, order: &OrderView, worth: Decimal) -> Value {
    let mut map = standing(spec, order, worth);
    for (name, value) in [
        ("stopPrice", zero().into()),
        ("icebergQty", zero().into()),
        ("time", order.created_ms.into()),
        ("updateTime", order.updated_ms.into()),
        ("isWorking", true.into()),
        ("workingTime", order.created_ms.into()),
    ] {
        let value: Value = value;
        map.insert(name.into(), value);
    }
    Value::Object(map)
}

/// One own trade.
pub fn user_trade(spec: &SymbolSpec, trade: &UserTrade) -> Value {
    json!({
        "symbol": spec.instrument.symbol.as_str(),
        "id": trade.trade,
        "orderId": trade.order,
        "orderListId": -1,
        "price": price(&spec.instrument, trade.price),
        "qty": qty(&spec.instrument, trade.qty),
        "quoteQty": money(trade.quote),
        "commission": money(trade.fee),
        "commissionAsset": trade.fee_asset.as_str(),
        "time": trade.time_ms,
        "isBuyer": trade.side == Side::Buy,
        "isMaker": trade.maker,
        "isBestMatch": true,
    })
}
