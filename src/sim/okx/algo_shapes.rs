//! Algo orders as rows.

use serde_json::{Map, Value, json};

use super::algo_asked::Shape;
use super::algos::fields;
use super::digits::{plain, price, qty};
use super::pairs::Group;
use super::shapes::{inst_type, leave_empty, object, side};
use super::{Okx, ids};
use crate::sim::market::{AlgoStatus, AlgoView, Kind, OrderView, SymbolSpec, Trigger, Watch};

/// `state`
pub const fn state(status: AlgoStatus) -> &'static str {
    match status {
        AlgoStatus::New => "live",
        AlgoStatus::Triggering | AlgoStatus::Triggered | AlgoStatus::Finished => "effective",
        AlgoStatus::Rejected(_) => "order_failed",
        AlgoStatus::Cancelled | AlgoStatus::Expired => "canceled",
    }
}

const fn watch(watch: Watch) -> &'static str {
    match watch {
        Watch::Last => "last",
        Watch::Mark => "mark",
    }
}

/// Fields that other kinds of algo orders use, or that some of these fill in.
const USUALLY_EMPTY: [&str; 23] = [
    "activePx",
    "callbackRatio",
    "callbackSpread",
    "ccy",
    "clOrdId",
    "isTradeBorrowMode",
    "moveTriggerPx",
    "ordPx",
    "pxLimit",
    "pxSpread",
    "pxVar",
    "quickMgnType",
    "slOrdPx",
    "slTriggerPx",
    "slTriggerPxType",
    "szLimit",
    "tgtCcy",
    "timeInterval",
    "tpOrdPx",
    "tpTriggerPx",
    "tpTriggerPxType",
    "triggerPx",
    "triggerPxType",
];

/// "-1" at the market.
fn order_price(spec: &SymbolSpec, kind: Kind) -> String {
    match kind {
        Kind::Market => "-1".to_owned(),
        Kind::Limit { price: at, .. } => price(&spec.instrument, at),
    }
}

/// The prices of a leg under the names that it has.
fn add_leg(row: &mut Map<String, Value>, spec: &SymbolSpec, shape: Shape, leg: &AlgoView) {
    let ask = &leg.ask;
    let (Trigger::Stop(at) | Trigger::Take(at)) = ask.trigger else {
        return;
    };
    let names = fields(shape, ask.trigger);
    let [trigger, order, watched] = names.of_rows();
    row.insert(trigger.into(), price(&spec.instrument, at).into());
    row.insert(order.into(), order_price(spec, ask.kind).into());
    row.insert(watched.into(), watch(ask.watch).into());
}

/// What follows the price: callback, activation, and where it would trigger now.
fn add_trail(row: &mut Map<String, Value>, spec: &SymbolSpec, leg: &AlgoView) {
    let i = &spec.instrument;
    let (activate, distance) = match leg.ask.trigger {
        Trigger::Trail { activate, callback } => {
            row.insert("callbackRatio".into(), plain(callback).into());
            (activate, leg.extreme * callback)
        }
        Trigger::Follow { activate, distance } => {
            let distance = i.price_decimal(distance);
            row.insert("callbackSpread".into(), plain(distance).into());
            (activate, distance)
        }
        Trigger::Stop(_) | Trigger::Take(_) => return,
    };
    let active = activate.map_or_else(String::new, |at| price(i, at));
    row.insert("activePx".into(), active.into());
    if leg.activated {
        let sign = rust_decimal::Decimal::from(leg.ask.side.sign());
        let at = (leg.extreme + sign * distance).round_dp(8);
        row.insert("moveTriggerPx".into(), plain(at).into());
    }
}

impl Okx {
    /// An algo order's row; `acting` is the leg whose state is the order's, as it stood.
    pub(super) fn algo_row(
        &self,
        group: &Group,
        acting: &AlgoView,
        order: Option<&OrderView>,
    ) -> Option<Map<String, Value>> {
        let ask = &group.first.ask;
        let spec = self.spec(ask.symbol).ok()?;
        let i = &spec.instrument;
        let shape = group.pair.shape;
        let last = self.bourse.market.ticker(ask.symbol)?.last;
        let order_id = acting.order.map_or_else(String::new, ids::shown);
        let fired = acting.order.is_some();
        let actual = match acting.ask.trigger {
            Trigger::Take(_) if fired && shape != Shape::Trigger => "tp",
            Trigger::Stop(_) if fired && shape != Shape::Trigger => "sl",
            _ => "",
        };
        let sold = order.filter(|_| fired);
        let mut row = object(json!({
            "actualPx": sold.map_or_else(String::new, |o| super::digits::plain_or_empty(o.average(i))),
            "actualSide": actual,
            "actualSz": sold.map_or_else(|| "0".to_owned(), |o| qty(i, o.qty)),
            "algoClOrdId": group.client(),
            "algoId": ids::shown(group.id()),
            "amendPxOnTriggerType": "0",
            "attachAlgoOrds": [],
            "cTime": group.first.created_ms.to_string(),
            "uTime": acting.updated_ms.to_string(),
            "closeFraction": if ask.qty.is_none() { "1" } else { "" },
            "failCode": fail_code(acting.status),
            "instId": i.symbol.as_str(),
            "instType": inst_type(spec),
            "last": price(i, last),
            "lever": self.lever(ask.symbol),
            "linkedOrd": {"ordId": ""},
            "ordId": order_id,
            "ordIdList": if order_id.is_empty() { json!([]) } else { json!([order_id]) },
            "ordType": shape.word(),
            "posSide": ids::leg(ask.leg),
            "reduceOnly": ask.reduce_only.to_string(),
            "side": side(ask.side),
            "state": state(acting.status),
            "sz": ask.qty.map_or_else(String::new, |q| qty(i, q)),
            "tag": group.pair.tag,
            "tdMode": self.mode(ask.symbol),
            "triggerTime": if acting.triggered_ms == 0 { String::new() } else { acting.triggered_ms.to_string() },
        }));
        leave_empty(&mut row, &USUALLY_EMPTY);
        for leg in [Some(group.first), group.second].into_iter().flatten() {
            add_leg(&mut row, spec, shape, leg);
        }
        add_trail(&mut row, spec, group.first);
        Some(row)
    }
}

/// The code with which the order that it would have become was refused.
fn fail_code(status: AlgoStatus) -> String {
    match status {
        AlgoStatus::Rejected(refuse) => super::error::of_market(refuse, None).code.to_string(),
        _ => String::new(),
    }
}

/// What a message has beyond a row.
pub(super) fn add_pushed(row: &mut Map<String, Value>, request: Option<String>) {
    let changed = request.is_some();
    row.insert("reqId".into(), request.unwrap_or_default().into());
    row.insert("amendResult".into(), if changed { "0" } else { "" }.into());
    row.insert("notionalUsd".into(), "".into());
    row.insert("count".into(), "1".into());
}
