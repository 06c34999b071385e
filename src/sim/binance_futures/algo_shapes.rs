//! Conditional orders as JSON objects with exactly the documented fields.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::digits::{fixed, plain, price, price_places, qty};
use super::shapes::{average_text, kind, leg, self_trade, tif};
use crate::domain::{Price, Qty};
use crate::sim::market::{
    AlgoEvent, AlgoStatus, AlgoView, Kind, OrderView, SymbolSpec, Trigger, Watch,
};

/// What a conditional order is called.
pub const fn order_type(algo: &AlgoView) -> &'static str {
    match (algo.ask.trigger, algo.ask.kind) {
        (Trigger::Stop(_), Kind::Limit { .. }) => "STOP",
        (Trigger::Stop(_), Kind::Market) => "STOP_MARKET",
        (Trigger::Take(_), Kind::Limit { .. }) => "TAKE_PROFIT",
        (Trigger::Take(_), Kind::Market) => "TAKE_PROFIT_MARKET",
        (Trigger::Trail { .. } | Trigger::Follow { .. }, _) => "TRAILING_STOP_MARKET",
    }
}

/// What its status is called.
pub const fn algo_status(status: AlgoStatus) -> &'static str {
    match status {
        AlgoStatus::New => "NEW",
        AlgoStatus::Triggering => "TRIGGERING",
        AlgoStatus::Triggered => "TRIGGERED",
        AlgoStatus::Finished => "FINISHED",
        AlgoStatus::Rejected(_) => "REJECTED",
        AlgoStatus::Cancelled => "CANCELED",
        AlgoStatus::Expired => "EXPIRED",
    }
}

const fn watch(watch: Watch) -> &'static str {
    match watch {
        Watch::Last => "CONTRACT_PRICE",
        Watch::Mark => "MARK_PRICE",
    }
}

const fn limit(algo: &AlgoView) -> Price {
    match algo.ask.kind {
        Kind::Limit { price, .. } => price,
        Kind::Market => Price(0),
    }
}

const fn trigger(algo: &AlgoView) -> Price {
    match algo.ask.trigger {
        Trigger::Stop(at) | Trigger::Take(at) => at,
        Trigger::Trail { .. } | Trigger::Follow { .. } => Price(0),
    }
}

/// Activation price and callback in percent as text, empty for all but trailing orders.
fn trail(spec: &SymbolSpec, algo: &AlgoView) -> (String, String) {
    let Trigger::Trail { activate, callback } = algo.ask.trigger else {
        return (String::new(), String::new());
    };
    // Without one it is active from the start: the price then was its activation price.
    let at = match activate {
        Some(at) => price(&spec.instrument, at),
        None => String::new(),
    };
    (at, plain(callback * Decimal::ONE_HUNDRED))
}

fn common(spec: &SymbolSpec, algo: &AlgoView) -> Map<String, Value> {
    let i = &spec.instrument;
    let Value::Object(map) = json!({
        "algoId": algo.id,
        "clientAlgoId": algo.client.as_str(),
        "algoType": "CONDITIONAL",
        "orderType": order_type(algo),
        "symbol": i.symbol.as_str(),
        "side": algo.ask.side.word(),
        "positionSide": leg(algo.ask.leg),
        "timeInForce": tif(algo.ask.kind),
        "quantity": qty(i, algo.ask.qty.unwrap_or(Qty::ZERO)),
        "algoStatus": algo_status(algo.status),
        "triggerPrice": price(i, trigger(algo)),
        "price": price(i, limit(algo)),
        "icebergQuantity": null,
        "selfTradePreventionMode": self_trade(algo.ask.self_trade),
        "workingType": watch(algo.ask.watch),
        "priceMatch": "NONE",
        "closePosition": algo.ask.qty.is_none(),
        "priceProtect": algo.ask.protect,
        "reduceOnly": algo.ask.reduce_only,
        "createTime": algo.created_ms,
        "updateTime": algo.updated_ms,
        "triggerTime": algo.triggered_ms,
        "goodTillDate": 0,
    }) else {
        return Map::new();
    };
    map
}

/// The answer to a place.
pub fn placed(spec: &SymbolSpec, algo: &AlgoView) -> Value {
    let mut map = common(spec, algo);
    let (activate, callback) = trail(spec, algo);
    map.insert("activatePrice".into(), activate.into());
    map.insert("callbackRate".into(), callback.into());
    Value::Object(map)
}

/// The answer to a cancel. The code is text here (official SDK 18.1.0).
pub fn cancelled(algo: &AlgoView) -> Value {
    json!({
        "algoId": algo.id,
        "clientAlgoId": algo.client.as_str(),
        "code": "200",
        "msg": "success",
    })
}

/// The answer to a query; `order` is what it became.
pub fn queried(spec: &SymbolSpec, algo: &AlgoView, order: Option<&OrderView>) -> Value {
    let mut map = common(spec, algo);
    let zero = fixed(Decimal::ZERO, price_places(&spec.instrument) + 1);
    let (average, filled, became) = became(spec, order);
    let mut put = |name: &str, value: String| map.insert(name.to_owned(), value.into());
    put("actualOrderId", id_text(algo));
    put("actualPrice", average);
    put("actualQty", filled);
    put("actualType", became.unwrap_or_default().to_owned());
    for name in ["tpTriggerPrice", "tpPrice", "slTriggerPrice", "slPrice"] {
        put(name, zero.clone());
    }
    put("tpOrderType", String::new());
    if algo.ask.trigger.trails() {
        let (activate, callback) = trail(spec, algo);
        put("activatePrice", activate);
        put("callbackRate", callback);
    }
    Value::Object(map)
}

/// Average price, filled size and kind of the order that it became.
fn became(spec: &SymbolSpec, order: Option<&OrderView>) -> (String, String, Option<&'static str>) {
    match order {
        Some(order) => (
            average_text(spec, order),
            qty(&spec.instrument, order.filled),
            Some(kind(order.kind)),
        ),
        None => (
            fixed(Decimal::ZERO, price_places(&spec.instrument) + 3),
            qty(&spec.instrument, Qty::ZERO),
            None,
        ),
    }
}

fn id_text(algo: &AlgoView) -> String {
    algo.order.map_or_else(String::new, |id| id.to_string())
}

/// `ALGO_UPDATE`; `reason` is why it was rejected.
pub fn algo_update(spec: &SymbolSpec, event: &AlgoEvent, reason: Option<&str>) -> String {
    let (algo, i) = (&event.algo, &spec.instrument);
    let (average, filled, became) = became(spec, event.order.as_ref());
    let mut object = json!({
        "caid": algo.client.as_str(),
        "aid": algo.id,
        "at": "CONDITIONAL",
        "o": order_type(algo),
        "s": i.symbol.as_str(),
        "S": algo.ask.side.word(),
        "ps": leg(algo.ask.leg),
        "f": tif(algo.ask.kind),
        "q": qty(i, algo.ask.qty.unwrap_or(Qty::ZERO)),
        "X": algo_status(algo.status),
        "ai": id_text(algo),
        "ap": average,
        "aq": filled,
        "act": became.unwrap_or("0"),
        "tp": plain(i.price_decimal(trigger(algo))),
        "p": plain(i.price_decimal(limit(algo))),
        "V": self_trade(algo.ask.self_trade),
        "wt": watch(algo.ask.watch),
        "pm": "NONE",
        "cp": algo.ask.qty.is_none(),
        "pP": algo.ask.protect,
        "R": algo.ask.reduce_only,
        "tt": algo.triggered_ms,
        "gtd": 0,
    });
    if let Some(reason) = reason {
        object["rm"] = reason.into();
    }
    if algo.ask.trigger.trails() {
        object["ia"] = algo.activated.into();
    }
    json!({"e": "ALGO_UPDATE", "T": event.time_ms, "E": event.time_ms, "o": object}).to_string()
}
