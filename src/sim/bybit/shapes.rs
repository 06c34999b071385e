//! Orders as JSON objects with the documented fields.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::Bybit;
use super::asked::link;
use super::category::{Category, wire_name};
use super::digits::{money, own_price, own_qty, plain};
use super::notes::Note;
use crate::domain::{ClientId, Price, Qty, Side};
use crate::sim::market::{
    AlgoAsk, AlgoStatus, AlgoView, Kind, Leg, OrderView, Refuse, SelfTrade, Status, SymbolSpec,
    Tif, Trigger, Watch, WhichAlgo,
};

/// Buy or sell.
pub const fn side(side: Side) -> &'static str {
    match side {
        Side::Buy => "Buy",
        Side::Sell => "Sell",
    }
}

/// `positionIdx`.
pub const fn index(leg: Leg) -> u8 {
    match leg {
        Leg::Both => 0,
        Leg::Long => 1,
        Leg::Short => 2,
    }
}

/// `orderType`.
pub const fn order_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Market => "Market",
        Kind::Limit { .. } => "Limit",
    }
}

/// Which price a trigger looks at.
pub const fn watch(watch: Watch) -> &'static str {
    match watch {
        Watch::Last => "LastPrice",
        Watch::Mark => "MarkPrice",
    }
}

/// What the market itself placed: how it is created and executed.
pub fn forced(client: ClientId) -> Option<(&'static str, &'static str)> {
    let name = client.as_str();
    if name.starts_with("autoclose-") {
        Some(("CreateByTakeOver_PassThrough", "BustTrade"))
    } else if name.starts_with("adl_autoclose") {
        Some(("CreateByAdl_PassThrough", "AdlTrade"))
    } else {
        None
    }
}

/// The number under which an order is shown: one that waited for its price keeps the id it waited under.
pub fn shown(order: &OrderView) -> u64 {
    order.algo.unwrap_or(order.id)
}

const fn tif(kind: Kind) -> &'static str {
    match kind {
        Kind::Market => "IOC",
        Kind::Limit { tif, .. } => match tif {
            Tif::Gtc => "GTC",
            Tif::Ioc => "IOC",
            Tif::Fok => "FOK",
            Tif::Gtx => "PostOnly",
        },
    }
}

const fn smp(mode: SelfTrade) -> &'static str {
    match mode {
        SelfTrade::Allow => "None",
        SelfTrade::ExpireTaker => "CancelTaker",
        SelfTrade::ExpireMaker => "CancelMaker",
        SelfTrade::ExpireBoth => "CancelBoth",
    }
}

fn status(category: Category, order: &OrderView) -> &'static str {
    match order.status {
        Status::New => "New",
        Status::PartiallyFilled => "PartiallyFilled",
        Status::Filled => "Filled",
        // Only spot tells apart whether something was filled of it.
        _ if category == Category::Spot && !order.filled.is_zero() => "PartiallyFilledCanceled",
        Status::Cancelled | Status::Expired | Status::ExpiredInMatch => "Cancelled",
    }
}

const fn waiting_status(status: AlgoStatus) -> &'static str {
    match status {
        AlgoStatus::New => "Untriggered",
        AlgoStatus::Triggering | AlgoStatus::Triggered => "Triggered",
        AlgoStatus::Finished => "Filled",
        AlgoStatus::Rejected(_) => "Cancelled",
        AlgoStatus::Cancelled | AlgoStatus::Expired => "Deactivated",
    }
}

/// `rejectReason` of an order that its trigger could not place.
pub const fn rejection(refuse: Refuse) -> &'static str {
    match refuse {
        Refuse::PostOnlyWouldTake => "EC_PostOnlyWillTakeLiquidity",
        Refuse::FokNotFillable => "EC_NoEnoughQtyToFill",
        Refuse::MarketOutsideBand => "EC_ReachMarketPriceLimit",
        Refuse::BandTooHigh(_) | Refuse::BandTooLow(_) => "EC_ReachRiskPriceLimit",
        _ => "EC_Others",
    }
}

/// What differs between an order that is worked and one that waits.
struct Part<'a> {
    id: u64,
    client: ClientId,
    side: Side,
    leg: Leg,
    kind: Kind,
    status: &'static str,
    qty: Qty,
    filled: Qty,
    filled_quote: Decimal,
    average: Option<Decimal>,
    open: bool,
    /// It is or was worked.
    worked: bool,
    /// The price that it waits for.
    trigger: Option<Decimal>,
    reduce_only: bool,
    self_trade: SelfTrade,
    ask: Option<&'a AlgoAsk>,
    created_ms: i64,
    updated_ms: i64,
}

impl Bybit {
    /// An order that is or was worked.
    pub(super) fn order_row(&self, spec: &SymbolSpec, order: &OrderView) -> Value {
        let waited = order
            .algo
            .and_then(|id| self.bourse.market.algo(self.account, WhichAlgo::Id(id)));
        let part = Part {
            id: shown(order),
            client: waited.map_or(order.client, |algo| algo.client),
            side: order.side,
            leg: order.leg,
            kind: order.kind,
            status: status(Category::of(spec), order),
            qty: order.qty,
            filled: order.filled,
            filled_quote: order.filled_quote,
            average: (!order.filled.is_zero()).then(|| order.average(&spec.instrument)),
            open: order.status.is_open(),
            worked: true,
            trigger: waited.and_then(|algo| trigger_price(spec, algo)),
            reduce_only: order.reduce_only,
            self_trade: order.self_trade,
            ask: waited.map(|algo| &algo.ask),
            created_ms: waited.map_or(order.created_ms, |algo| algo.created_ms),
            updated_ms: order.updated_ms,
        };
        self.row(spec, &part)
    }

    /// An order that waits for its price, or did until it ended.
    pub(super) fn waiting_row(&self, spec: &SymbolSpec, algo: &AlgoView) -> Value {
        let whole = || {
            let market = &self.bourse.market;
            let position = market.position_leg(self.account, algo.ask.symbol, algo.ask.leg);
            position.map_or(Qty::ZERO, |p| Qty(p.lots.saturating_abs()))
        };
        let part = Part {
            id: algo.id,
            client: algo.client,
            side: algo.ask.side,
            leg: algo.ask.leg,
            kind: algo.ask.kind,
            status: waiting_status(algo.status),
            qty: algo.ask.qty.unwrap_or_else(whole),
            filled: Qty::ZERO,
            filled_quote: Decimal::ZERO,
            average: None,
            open: algo.is_open() || algo.status == AlgoStatus::Triggering,
            worked: false,
            trigger: trigger_price(spec, algo),
            reduce_only: algo.ask.reduce_only || algo.ask.qty.is_none(),
            self_trade: algo.ask.self_trade,
            ask: Some(&algo.ask),
            created_ms: algo.created_ms,
            updated_ms: algo.updated_ms,
        };
        self.row(spec, &part)
    }

    fn row(&self, spec: &SymbolSpec, part: &Part) -> Value {
        let mut note = self.notes.of(part.id);
        if let Some((create, _)) = forced(part.client) {
            note.create = create;
        }
        let category = Category::of(spec);
        let at = limit(part.kind, &note).filter(|_| part.worked || part.kind != Kind::Market);
        let leaves = if part.open {
            part.qty.less(part.filled)
        } else {
            Qty::ZERO
        };
        let i = &spec.instrument;
        let leaves_value = at
            .and_then(|at| i.notional(i.price_decimal(at), i.qty_decimal(leaves)))
            .unwrap_or_default();
        let Value::Object(mut map) = json!({
            "category": category.word(),
            "symbol": wire_name(spec),
            "orderId": self.ids.order(category, part.id),
            "orderLinkId": link(part.client),
            "blockTradeId": "",
            "side": side(part.side),
            "positionIdx": index(part.leg),
            "orderStatus": part.status,
            "createType": note.create,
            "cancelType": note.cancel,
            "rejectReason": note.reason,
            "timeInForce": tif(part.kind),
            "isLeverage": if category == Category::Spot { "0" } else { "" },
            "price": at.map_or_else(|| "0".to_owned(), |at| own_price(spec, at)),
            "qty": own_qty(spec, part.qty),
            "avgPrice": part.average.map_or_else(String::new, money),
            "leavesQty": own_qty(spec, leaves),
            "leavesValue": money(leaves_value),
            "cumExecQty": own_qty(spec, part.filled),
            "cumExecValue": money(part.filled_quote),
            "cumExecFee": money(note.fee),
            "orderType": order_type(part.kind),
            "orderIv": "",
            "reduceOnly": part.reduce_only,
            "closeOnTrigger": note.close_on_trigger,
            "smpType": smp(part.self_trade),
            "smpGroup": 0,
            "smpOrderId": "",
            "placeType": "",
            "marketUnit": "",
            "slippageToleranceType": "UNKNOWN",
            "slippageTolerance": "",
            "lastPriceOnCreated": note.last_price.map_or_else(String::new, |at| own_price(spec, at)),
            "createdTime": part.created_ms.to_string(),
            "updatedTime": part.updated_ms.to_string(),
        }) else {
            return Value::Null;
        };
        map.insert("cumFeeDetail".into(), fee_detail(&note));
        map.insert("closedPnl".into(), money(note.closed_pnl).into());
        let fee_currency = match (category, note.fee_asset) {
            (Category::Spot, Some(asset)) => asset.as_str().to_owned(),
            _ => String::new(),
        };
        map.insert("feeCurrency".into(), fee_currency.into());
        map.append(&mut trigger_fields(spec, part, &note));
        if category == Category::Spot {
            map.remove("createType");
        }
        Value::Object(map)
    }
}

fn limit(kind: Kind, note: &Note) -> Option<Price> {
    match kind {
        Kind::Limit { price, .. } => Some(price),
        Kind::Market => note.worked_at,
    }
}

fn fee_detail(note: &Note) -> Value {
    let mut map = Map::new();
    if let Some(asset) = note.fee_asset {
        map.insert(asset.as_str().to_owned(), money(note.fee).into());
    }
    Value::Object(map)
}

/// The price that an order waits for; of a trail the one that it would trigger at now, or becomes active at.
fn trigger_price(spec: &SymbolSpec, algo: &AlgoView) -> Option<Decimal> {
    let at = |ticks| spec.instrument.price_decimal(ticks);
    match algo.ask.trigger {
        Trigger::Stop(price) | Trigger::Take(price) => Some(at(price)),
        Trigger::Follow { distance, .. } if algo.activated => match algo.ask.side {
            Side::Sell => algo.extreme.checked_sub(at(distance)),
            Side::Buy => algo.extreme.checked_add(at(distance)),
        },
        Trigger::Trail { activate, .. } | Trigger::Follow { activate, .. } => activate.map(at),
    }
}

fn trigger_fields(spec: &SymbolSpec, part: &Part, note: &Note) -> Map<String, Value> {
    let bound = |field: Option<(Price, Watch)>| {
        field.map_or_else(
            || (String::new(), ""),
            |(at, by)| (own_price(spec, at), watch(by)),
        )
    };
    let (take, take_by) = bound(note.attached.take);
    let (stop, stop_by) = bound(note.attached.stop);
    let attached = note.attached.take.is_some() || note.attached.stop.is_some();
    let of_position = !matches!(note.stop, "" | "Stop");
    let mut map = Map::new();
    let mut put = |name: &str, value: Value| {
        map.insert(name.to_owned(), value);
    };
    put("stopOrderType", note.stop.into());
    put(
        "triggerPrice",
        part.trigger.map_or_else(String::new, plain).into(),
    );
    put(
        "triggerBy",
        part.ask.map_or("", |ask| watch(ask.watch)).into(),
    );
    put("triggerDirection", part.ask.map_or(0, direction).into());
    put("takeProfit", take.into());
    put("stopLoss", stop.into());
    put("tpTriggerBy", take_by.into());
    put("slTriggerBy", stop_by.into());
    put(
        "tpslMode",
        match (note.partial, of_position || attached) {
            (true, _) => "Partial",
            (false, true) => "Full",
            (false, false) => "UNKNOWN",
        }
        .into(),
    );
    put("tpLimitPrice", "0".into());
    put("slLimitPrice", "0".into());
    map
}

/// 1: triggered when the price rises to it; 2: when it falls to it.
const fn direction(ask: &AlgoAsk) -> u8 {
    match (ask.trigger, ask.side) {
        (Trigger::Stop(_), Side::Buy) | (Trigger::Take(_), Side::Sell) => 1,
        (Trigger::Stop(_), Side::Sell) | (Trigger::Take(_), Side::Buy) => 2,
        (Trigger::Trail { .. } | Trigger::Follow { .. }, side) => match side {
            Side::Buy => 1,
            Side::Sell => 2,
        },
    }
}
