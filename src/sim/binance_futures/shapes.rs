//! Orders, fills and positions as JSON objects with exactly the documented fields.
//!
//! Since July 2026 answers to place, modify and cancel carry no average price and no quote amount; queries still do.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::digits::{fixed, lots, money, money_or_zero, plain, price, price_places, qty, quote};
use crate::domain::Qty;
use crate::sim::market::{
    Kind, Leg, OrderView, PositionView, SelfTrade, Status, SymbolSpec, Tif, UserTrade,
};

/// What a position is called.
pub const fn leg(leg: Leg) -> &'static str {
    match leg {
        Leg::Both => "BOTH",
        Leg::Long => "LONG",
        Leg::Short => "SHORT",
    }
}

/// What its margin is called in rows and events; settings write it in capitals.
pub const fn margin_type(position: &PositionView) -> &'static str {
    if position.isolated {
        "isolated"
    } else {
        "cross"
    }
}

/// The margin of an isolated position with its open profit; zero when crossed.
fn isolated_margin(position: &PositionView) -> Decimal {
    if position.isolated {
        position.isolated_wallet + position.unrealised
    } else {
        Decimal::ZERO
    }
}

/// What a limit order's life is called.
pub const fn tif(kind: Kind) -> &'static str {
    match kind {
        Kind::Market | Kind::Limit { tif: Tif::Gtc, .. } => "GTC",
        Kind::Limit { tif: Tif::Ioc, .. } => "IOC",
        Kind::Limit { tif: Tif::Fok, .. } => "FOK",
        Kind::Limit { tif: Tif::Gtx, .. } => "GTX",
    }
}

/// What a kind of order is called.
pub const fn kind(kind: Kind) -> &'static str {
    match kind {
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
    match order.price() {
        Some(at) => price(&spec.instrument, at),
        None => fixed(Decimal::ZERO, price_places(&spec.instrument)),
    }
}

/// The average price as text.
pub fn average_text(spec: &SymbolSpec, order: &OrderView) -> String {
    fixed(
        order.average(&spec.instrument),
        price_places(&spec.instrument) + 3,
    )
}

/// What every picture of an order has.
fn order_common(spec: &SymbolSpec, order: &OrderView) -> Map<String, Value> {
    let zero = fixed(Decimal::ZERO, price_places(&spec.instrument));
    let Value::Object(map) = json!({
        "clientOrderId": order.client.as_str(),
        "executedQty": qty(&spec.instrument, order.filled),
        "orderId": order.id,
        "origQty": qty(&spec.instrument, order.qty),
        "price": limit_text(spec, order),
        "reduceOnly": order.reduce_only,
        "side": order.side.word(),
        "positionSide": leg(order.leg),
        "status": status(order.status),
        "stopPrice": zero,
        "closePosition": false,
        "symbol": spec.instrument.symbol.as_str(),
        "timeInForce": tif(order.kind),
        "type": kind(order.kind),
        "origType": kind(order.kind),
        "updateTime": order.updated_ms,
        "workingType": "CONTRACT_PRICE",
        "priceProtect": false,
        "priceMatch": "NONE",
        "selfTradePreventionMode": self_trade(order.self_trade),
        "goodTillDate": 0,
    }) else {
        return Map::new();
    };
    map
}

/// The answer to a place, a modify or a cancel.
pub fn order_answer(spec: &SymbolSpec, order: &OrderView) -> Map<String, Value> {
    let mut map = order_common(spec, order);
    map.insert("cumQty".into(), qty(&spec.instrument, order.filled).into());
    map
}

/// The bare acknowledgement of a new order: it says nothing of what was filled at once.
pub fn order_ack(spec: &SymbolSpec, order: &OrderView) -> Map<String, Value> {
    let mut fresh = order.clone();
    fresh.filled = Qty::ZERO;
    fresh.status = Status::New;
    order_answer(spec, &fresh)
}

/// The answer to a query.
pub fn order_query(spec: &SymbolSpec, order: &OrderView) -> Value {
    let mut map = order_common(spec, order);
    map.insert("avgPrice".into(), average_text(spec, order).into());
    map.insert(
        "cumQuote".into(),
        quote(&spec.instrument, order.filled_quote).into(),
    );
    map.insert("time".into(), order.created_ms.into());
    Value::Object(map)
}

/// One own trade.
pub fn user_trade(spec: &SymbolSpec, trade: &UserTrade) -> Value {
    json!({
        "buyer": trade.side == crate::domain::Side::Buy,
        "commission": money(trade.fee),
        "commissionAsset": trade.fee_asset.as_str(),
        "id": trade.trade,
        "maker": trade.maker,
        "orderId": trade.order,
        "price": price(&spec.instrument, trade.price),
        "qty": qty(&spec.instrument, trade.qty),
        "quoteQty": quote(&spec.instrument, trade.quote),
        "realizedPnl": money(trade.realised),
        "side": trade.side.word(),
        "positionSide": leg(trade.leg),
        "symbol": spec.instrument.symbol.as_str(),
        "time": trade.time_ms,
    })
}

/// The entry price as text.
pub fn entry_text(spec: &SymbolSpec, value: Decimal) -> String {
    if value.is_zero() {
        "0.0".to_owned()
    } else {
        plain(value.round_dp(price_places(&spec.instrument) + 6))
    }
}

/// The most that may be held at a leverage, quote currency. The built-in exchange has one bracket.
pub const MAX_NOTIONAL: &str = "100000000";

/// A row of `positionRisk` version 2.
pub fn position_v2(spec: &SymbolSpec, position: &PositionView) -> Value {
    json!({
        "entryPrice": entry_text(spec, position.entry),
        "breakEvenPrice": entry_text(spec, position.break_even),
        "marginType": margin_type(position),
        "isAutoAddMargin": "false",
        "isolatedMargin": money(isolated_margin(position)),
        "leverage": position.leverage.to_string(),
        "liquidationPrice": position.liquidation.map_or_else(|| "0".to_owned(), money),
        "markPrice": money(position.mark),
        "maxNotionalValue": MAX_NOTIONAL,
        "positionAmt": lots(&spec.instrument, position.lots),
        "notional": money_or_zero(position.notional),
        "isolatedWallet": money_or_zero(position.isolated_wallet),
        "symbol": spec.instrument.symbol.as_str(),
        "unRealizedProfit": money(position.unrealised),
        "positionSide": leg(position.leg),
        "updateTime": position.updated_ms,
    })
}

/// A row of `positionRisk` version 3 and of `v2/account.position`: leverage and margin type are gone.
pub fn position_v3(spec: &SymbolSpec, position: &PositionView) -> Value {
    json!({
        "symbol": spec.instrument.symbol.as_str(),
        "positionSide": leg(position.leg),
        "positionAmt": lots(&spec.instrument, position.lots),
        "entryPrice": entry_text(spec, position.entry),
        "breakEvenPrice": entry_text(spec, position.break_even),
        "markPrice": money(position.mark),
        "unRealizedProfit": money(position.unrealised),
        "liquidationPrice": position.liquidation.map_or_else(|| "0".to_owned(), money),
        "isolatedMargin": money_or_zero(isolated_margin(position)),
        "notional": money_or_zero(position.notional),
        "marginAsset": spec.instrument.settle.as_str(),
        "isolatedWallet": money_or_zero(position.isolated_wallet),
        "initialMargin": money_or_zero(position.position_margin + position.order_margin),
        "maintMargin": money_or_zero(position.maintenance),
        "positionInitialMargin": money_or_zero(position.position_margin),
        "openOrderInitialMargin": money_or_zero(position.order_margin),
        "adl": position.adl_quantile(),
        "bidNotional": money_or_zero(position.bids_notional),
        "askNotional": money_or_zero(position.asks_notional),
        "updateTime": position.updated_ms,
    })
}

/// A position inside `account` version 2.
pub fn account_position_v2(spec: &SymbolSpec, position: &PositionView) -> Value {
    json!({
        "symbol": spec.instrument.symbol.as_str(),
        "initialMargin": money_or_zero(position.position_margin + position.order_margin),
        "maintMargin": money_or_zero(position.maintenance),
        "unrealizedProfit": money(position.unrealised),
        "positionInitialMargin": money_or_zero(position.position_margin),
        "openOrderInitialMargin": money_or_zero(position.order_margin),
        "leverage": position.leverage.to_string(),
        "isolated": position.isolated,
        "entryPrice": entry_text(spec, position.entry),
        "maxNotional": MAX_NOTIONAL,
        "bidNotional": money_or_zero(position.bids_notional),
        "askNotional": money_or_zero(position.asks_notional),
        "positionSide": leg(position.leg),
        "positionAmt": lots(&spec.instrument, position.lots),
        "updateTime": position.updated_ms,
    })
}

/// A position inside `account` version 3.
pub fn account_position_v3(spec: &SymbolSpec, position: &PositionView) -> Value {
    json!({
        "symbol": spec.instrument.symbol.as_str(),
        "positionSide": leg(position.leg),
        "positionAmt": lots(&spec.instrument, position.lots),
        "unrealizedProfit": money(position.unrealised),
        "isolatedMargin": money(isolated_margin(position)),
        "notional": money_or_zero(position.notional),
        "isolatedWallet": money_or_zero(position.isolated_wallet),
        "initialMargin": money_or_zero(position.position_margin + position.order_margin),
        "maintMargin": money_or_zero(position.maintenance),
        "updateTime": position.updated_ms,
    })
}
