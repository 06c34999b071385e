//! Order requests of OKX as JSON, for the socket and for REST alike.
//!
//! Owns nothing. Sizes and prices are written from whole lots and ticks; nothing is rounded here.

use rust_decimal::Decimal;
use serde::Serialize;

use super::CAPABILITIES;
use crate::domain::message::{MarginMode, PositionMode};
use crate::domain::{
    Amend, Callback, Instrument, InstrumentKind, Intent, Leg, NewOrder, OrderClass, OrderKind,
    OrderRef, Price, Side, Symbol, TimeInForce, TriggerBy,
};

/// How long after now the venue may still take an order, ms: one held up on the wire longer than this is refused instead of
/// surprising its trader (OKX v5, `expTime`; regular orders and changes only).
pub const ORDER_WINDOW_MS: i64 = 2_000;
/// How long the venue takes a signed call, ms (OKX v5, REST authentication): what has no `expTime` may arrive this late.
pub const SIGNED_WINDOW_MS: i64 = 30_000;

/// What margin an order uses (`tdMode`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TradeMode {
    /// None: coins are bought and sold.
    Cash,
    /// Shared by all positions.
    Cross,
    /// Set apart for the position.
    Isolated,
}

impl TradeMode {
    /// The venue's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cash => "cash",
            Self::Cross => "cross",
            Self::Isolated => "isolated",
        }
    }
}

impl From<MarginMode> for TradeMode {
    fn from(mode: MarginMode) -> Self {
        match mode {
            MarginMode::Cross => Self::Cross,
            MarginMode::Isolated => Self::Isolated,
        }
    }
}

/// How a request names its instrument: the socket wants the venue's number, REST the name (change log 2026-01).
#[derive(Clone, Copy, Debug)]
pub enum Named<'a> {
    /// `instIdCode`
    Code(u64),
    /// `instId`
    Id(&'a str),
}

impl<'a> Named<'a> {
    const fn code(self) -> Option<u64> {
        match self {
            Self::Code(code) => Some(code),
            Self::Id(_) => None,
        }
    }

    const fn id(self) -> Option<&'a str> {
        match self {
            Self::Code(_) => None,
            Self::Id(id) => Some(id),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Order<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    inst_id_code: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inst_id: Option<&'a str>,
    td_mode: &'static str,
    side: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pos_side: Option<&'static str>,
    ord_type: &'static str,
    sz: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    px: Option<String>,
    cl_ord_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reduce_only: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tgt_ccy: Option<&'static str>,
    stp_mode: &'static str,
}

/// `order` / `POST order`. Self-trade prevention is stated, for the account's own setting may differ. On an account with one
/// position a swap an exit is reduce-only; on one with legs the leg says it, and the venue ignores the flag.
pub fn place(
    order: &NewOrder,
    instrument: &Instrument,
    mode: TradeMode,
    named: Named<'_>,
) -> String {
    let spot = instrument.kind == InstrumentKind::Spot;
    let market = order.kind == OrderKind::Market;
    json(&Order {
        inst_id_code: named.code(),
        inst_id: named.id(),
        td_mode: mode.word(),
        side: side(order.side),
        pos_side: (!spot).then(|| position_side(order.leg)),
        ord_type: order_type(order.kind),
        sz: instrument.qty_text(order.qty),
        px: price(order.kind.limit(), instrument),
        cl_ord_id: order.id.as_str(),
        reduce_only: reduces(order, spot).then_some(true),
        // A market buy of coins is sized in the quote currency unless told otherwise.
        tgt_ccy: (spot && market).then_some("base_ccy"),
        stp_mode: "cancel_maker",
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AlgoOrder<'a> {
    inst_id: &'a str,
    td_mode: &'static str,
    side: &'static str,
    pos_side: &'static str,
    ord_type: &'static str,
    sz: String,
    algo_cl_ord_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reduce_only: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sl_trigger_px: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sl_trigger_px_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sl_ord_px: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    callback_ratio: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    callback_spread: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    active_px: Option<String>,
}

/// `POST order-algo`. A stop is the venue's `conditional` with a stop-loss side, which it refuses when the price is past the
/// trigger already; its `trigger` orders would wait for the price to come back instead, and swaps of an account with one position
/// do not have them (OKX v5, Place algo order; code 51298).
pub fn place_algo(order: &NewOrder, instrument: &Instrument, mode: TradeMode) -> String {
    let mut algo = AlgoOrder {
        inst_id: instrument.symbol.as_str(),
        td_mode: mode.word(),
        side: side(order.side),
        pos_side: position_side(order.leg),
        ord_type: order_type(order.kind),
        sz: instrument.qty_text(order.qty),
        algo_cl_ord_id: order.id.as_str(),
        reduce_only: reduces(order, false).then_some(true),
        sl_trigger_px: None,
        sl_trigger_px_type: None,
        sl_ord_px: None,
        callback_ratio: None,
        callback_spread: None,
        active_px: None,
    };
    match order.kind {
        OrderKind::Stop { trigger, limit, by } => {
            algo.sl_trigger_px = Some(instrument.price_text(trigger));
            algo.sl_trigger_px_type = Some(trigger_type(by));
            // -1 is the market.
            algo.sl_ord_px = price(limit, instrument).or_else(|| Some("-1".to_owned()));
        }
        OrderKind::Trail {
            activation,
            callback,
            ..
        } => {
            algo.active_px = price(activation, instrument);
            match callback {
                Callback::Rate(points) => algo.callback_ratio = Some(ratio(points)),
                Callback::Distance(ticks) => {
                    algo.callback_spread = Some(instrument.tick.text(ticks));
                }
            }
        }
        OrderKind::Limit { .. } | OrderKind::Market => {}
    }
    json(&algo)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    inst_id_code: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inst_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ord_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cl_ord_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new_px: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new_sz: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cxl_on_fail: Option<bool>,
}

/// `amend-order` / `POST amend-order`. The new size is the whole one, what is filled included; an order whose change is refused
/// stays as it was.
pub fn amend(amend: &Amend, instrument: &Instrument, named: Named<'_>) -> String {
    json(&Change {
        new_px: Some(instrument.price_text(amend.price)),
        new_sz: Some(instrument.qty_text(amend.qty)),
        cxl_on_fail: Some(false),
        ..name_order(&amend.order, named)
    })
}

/// `cancel-order` / `POST cancel-order`.
pub fn cancel(order: &OrderRef, named: Named<'_>) -> String {
    json(&name_order(order, named))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AlgoName<'a> {
    inst_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    algo_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    algo_cl_ord_id: Option<&'a str>,
}

/// `POST cancel-algos` and `cancel-advance-algos`: a list of one.
pub fn cancel_algo(order: &OrderRef, symbol: &Symbol) -> String {
    let (number, client) = numbered(order);
    json(&[AlgoName {
        inst_id: symbol.as_str(),
        algo_id: number,
        algo_cl_ord_id: client,
    }])
}

fn name_order<'a>(order: &'a OrderRef, named: Named<'a>) -> Change<'a> {
    let (number, client) = numbered(order);
    Change {
        inst_id_code: named.code(),
        inst_id: named.id(),
        ord_id: number,
        cl_ord_id: client,
        new_px: None,
        new_sz: None,
        cxl_on_fail: None,
    }
}

/// By the venue's own id where it is known, else by our name.
fn numbered(order: &OrderRef) -> (Option<&str>, Option<&str>) {
    match &order.venue {
        Some(number) => (Some(number.as_str()), None),
        None => (None, Some(order.client.as_str())),
    }
}

/// The query that names an order: `ordId=…` or `clOrdId=…`, `algoId=…` or `algoClOrdId=…`.
pub fn query(order: &OrderRef) -> (&'static str, &str) {
    match (&order.venue, order.class) {
        (Some(number), OrderClass::Regular) => ("ordId", number.as_str()),
        (Some(number), OrderClass::Conditional) => ("algoId", number.as_str()),
        (None, OrderClass::Regular) => ("clOrdId", order.client.as_str()),
        (None, OrderClass::Conditional) => ("algoClOrdId", order.client.as_str()),
    }
}

/// One request on the socket: `arg` is one JSON object, `expires_ms` the venue time after which it is not taken any more.
pub fn frame(id: u64, op: &str, expires_ms: Option<i64>, arg: &str) -> String {
    match expires_ms {
        Some(at) => {
            format!("{{\"id\":\"{id}\",\"op\":\"{op}\",\"expTime\":\"{at}\",\"args\":[{arg}]}}")
        }
        None => format!("{{\"id\":\"{id}\",\"op\":\"{op}\",\"args\":[{arg}]}}"),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Leverage<'a> {
    inst_id: &'a str,
    lever: String,
    mgn_mode: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pos_side: Option<&'static str>,
}

/// `POST set-leverage`; the leg is named with isolated margin on an account with legs alone.
pub fn leverage(symbol: &Symbol, leverage: u32, mode: MarginMode, leg: Option<Leg>) -> String {
    json(&Leverage {
        inst_id: symbol.as_str(),
        lever: leverage.to_string(),
        mgn_mode: TradeMode::from(mode).word(),
        pos_side: leg.map(|leg| position_side(Some(leg))),
    })
}

/// `POST set-position-mode`.
pub const fn position_mode(mode: PositionMode) -> &'static str {
    match mode {
        PositionMode::Hedge => "{\"posMode\":\"long_short_mode\"}",
        PositionMode::OneWay => "{\"posMode\":\"net_mode\"}",
    }
}

/// Why the venue cannot be asked for such an order, for the trader; `None` where it can.
pub fn cannot(kind: OrderKind) -> Option<&'static str> {
    let can = &CAPABILITIES;
    match kind {
        OrderKind::Stop { by, .. } if !can.triggers.contains(&by) => {
            Some("the venue does not watch that price: trigger by last or mark")
        }
        OrderKind::Trail { by, .. } if by != TriggerBy::Last => {
            Some("the venue's own trailing stop follows the last price alone")
        }
        OrderKind::Trail { callback, .. } if !can.native_trail.takes(callback) => {
            Some("the venue does not trail so far behind")
        }
        _ => None,
    }
}

/// Where orders of a class are placed over REST.
pub const fn place_path(class: OrderClass) -> &'static str {
    match class {
        OrderClass::Regular => "/api/v5/trade/order",
        OrderClass::Conditional => "/api/v5/trade/order-algo",
    }
}

/// `None` on an account with one position a swap is `net`, and stated so that a change of the mode meanwhile is refused.
const fn position_side(leg: Option<Leg>) -> &'static str {
    match leg {
        Some(Leg::Long) => "long",
        Some(Leg::Short) => "short",
        None => "net",
    }
}

/// The venue's flag: valid for swaps of an account with one position alone.
fn reduces(order: &NewOrder, spot: bool) -> bool {
    order.intent == Intent::Exit && order.leg.is_none() && !spot
}

const fn side(side: Side) -> &'static str {
    match side {
        Side::Buy => "buy",
        Side::Sell => "sell",
    }
}

const fn order_type(kind: OrderKind) -> &'static str {
    match kind {
        OrderKind::Limit { tif, .. } => match tif {
            TimeInForce::Gtc => "limit",
            TimeInForce::Ioc => "ioc",
            TimeInForce::PostOnly => "post_only",
        },
        OrderKind::Market => "market",
        OrderKind::Stop { .. } => "conditional",
        OrderKind::Trail { .. } => "move_order_stop",
    }
}

/// What is not the mark is the last trade ([`cannot`] has refused the rest).
const fn trigger_type(by: TriggerBy) -> &'static str {
    match by {
        TriggerBy::Mark => "mark",
        TriggerBy::Last | TriggerBy::Best => "last",
    }
}

fn price(price: Option<Price>, instrument: &Instrument) -> Option<String> {
    price.map(|price| instrument.price_text(price))
}

/// Basis points as a fraction: 125 is `0.0125`.
fn ratio(points: u32) -> String {
    Decimal::new(i64::from(points), 4).normalize().to_string()
}

/// What is written here are strings, numbers and booleans: that cannot fail.
fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::domain::{Asset, ClientId, MarketKey, OrderId, Qty};
    use crate::exchange::okx::account::tests::rig;

    fn order(kind: OrderKind, intent: Intent) -> NewOrder {
        NewOrder {
            key: rig::key("BTC-USDT-SWAP"),
            id: ClientId::new("S1a").unwrap(),
            side: Side::Sell,
            qty: Qty(250),
            kind,
            intent,
            leg: None,
        }
    }

    fn parsed(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    const LIMIT: OrderKind = OrderKind::Limit {
        price: Price(600_001),
        tif: TimeInForce::PostOnly,
    };

    #[test]
    fn a_swap_order_is_as_documented() {
        let swap = rig::swap();
        let text = place(
            &order(LIMIT, Intent::Entry),
            &swap,
            TradeMode::Cross,
            Named::Code(10_459),
        );
        let expected = json!({"instIdCode":10459,"tdMode":"cross","side":"sell","posSide":"net","ordType":"post_only","sz":"2.50",
            "px":"60000.1","clOrdId":"S1a","stpMode":"cancel_maker"});
        assert_eq!(parsed(&text), expected);
        let exit = place(
            &order(OrderKind::Market, Intent::Exit),
            &swap,
            TradeMode::Isolated,
            Named::Id("BTC-USDT-SWAP"),
        );
        let expected = json!({"instId":"BTC-USDT-SWAP","tdMode":"isolated","side":"sell","posSide":"net","ordType":"market",
            "sz":"2.50","clOrdId":"S1a","reduceOnly":true,"stpMode":"cancel_maker"});
        assert_eq!(parsed(&exit), expected);
    }

    #[test]
    fn an_order_for_a_leg_names_it_and_is_not_reduce_only() {
        let swap = rig::swap();
        let long = NewOrder {
            leg: Some(Leg::Long),
            ..order(LIMIT, Intent::Exit)
        };
        let text = parsed(&place(&long, &swap, TradeMode::Cross, Named::Code(1)));
        assert_eq!(text["posSide"], "long");
        assert!(text.get("reduceOnly").is_none());
    }

    #[test]
    fn spot_has_neither_side_nor_flag_and_a_market_order_is_sized_in_coins() {
        let spot = rig::spot();
        let sell = NewOrder {
            key: MarketKey {
                symbol: spot.symbol,
                ..rig::key("BTC-USDT-SWAP")
            },
            ..order(OrderKind::Market, Intent::Exit)
        };
        let text = parsed(&place(&sell, &spot, TradeMode::Cash, Named::Code(7)));
        let expected = json!({"instIdCode":7,"tdMode":"cash","side":"sell","ordType":"market","sz":"0.00000250","clOrdId":"S1a",
            "tgtCcy":"base_ccy","stpMode":"cancel_maker"});
        assert_eq!(text, expected);
        assert_eq!(spot.base, Asset::new("BTC").unwrap());
    }

    #[test]
    fn a_stop_is_a_stop_loss_and_a_trail_states_one_callback() {
        let swap = rig::swap();
        let stop = |limit, by| OrderKind::Stop {
            trigger: Price(590_000),
            limit,
            by,
        };
        let text = place_algo(
            &order(stop(None, TriggerBy::Mark), Intent::Exit),
            &swap,
            TradeMode::Cross,
        );
        let expected = json!({"instId":"BTC-USDT-SWAP","tdMode":"cross","side":"sell","posSide":"net","ordType":"conditional",
            "sz":"2.50","algoClOrdId":"S1a","reduceOnly":true,"slTriggerPx":"59000.0","slTriggerPxType":"mark","slOrdPx":"-1"});
        assert_eq!(parsed(&text), expected);
        let bounded = order(stop(Some(Price(589_000)), TriggerBy::Last), Intent::Entry);
        let text = parsed(&place_algo(&bounded, &swap, TradeMode::Cross));
        assert_eq!(
            (
                &text["slOrdPx"],
                &text["slTriggerPxType"],
                text.get("reduceOnly")
            ),
            (&json!("58900.0"), &json!("last"), None)
        );
        let trail = |callback| OrderKind::Trail {
            activation: Some(Price(610_000)),
            callback,
            by: TriggerBy::Last,
        };
        let text = place_algo(
            &order(trail(Callback::Rate(25)), Intent::Exit),
            &swap,
            TradeMode::Cross,
        );
        let expected = json!({"instId":"BTC-USDT-SWAP","tdMode":"cross","side":"sell","posSide":"net",
            "ordType":"move_order_stop","sz":"2.50","algoClOrdId":"S1a","reduceOnly":true,"callbackRatio":"0.0025",
            "activePx":"61000.0"});
        assert_eq!(parsed(&text), expected);
        let text = place_algo(
            &order(trail(Callback::Distance(55)), Intent::Exit),
            &swap,
            TradeMode::Cross,
        );
        assert_eq!(parsed(&text)["callbackSpread"], "5.5");
    }

    #[test]
    fn changes_and_cancels_name_an_order_once() {
        let reference = |venue: Option<&str>, class| OrderRef {
            client: ClientId::new("S1a").unwrap(),
            venue: venue.map(|id| OrderId::new(id).unwrap()),
            class,
        };
        let regular = |venue| reference(venue, OrderClass::Regular);
        assert_eq!(
            parsed(&cancel(&regular(Some("12345689")), Named::Code(9))),
            json!({"instIdCode":9,"ordId":"12345689"})
        );
        assert_eq!(
            parsed(&cancel(&regular(None), Named::Id("BTC-USDT-SWAP"))),
            json!({"instId":"BTC-USDT-SWAP","clOrdId":"S1a"})
        );
        let change = Amend {
            key: rig::key("BTC-USDT-SWAP"),
            order: regular(Some("12345689")),
            side: Side::Sell,
            price: Price(600_002),
            qty: Qty(200),
        };
        assert_eq!(
            parsed(&amend(&change, &rig::swap(), Named::Code(9))),
            json!({"instIdCode":9,"ordId":"12345689","newPx":"60000.2","newSz":"2.00","cxlOnFail":false})
        );
        let symbol = Symbol::new("BTC-USDT-SWAP").unwrap();
        assert_eq!(
            parsed(&cancel_algo(
                &reference(None, OrderClass::Conditional),
                &symbol
            )),
            json!([{"instId":"BTC-USDT-SWAP","algoClOrdId":"S1a"}])
        );
        assert_eq!(
            parsed(&frame(1_512, "order", Some(1_597_026_383_085), "{\"a\":1}")),
            json!({"id":"1512","op":"order","expTime":"1597026383085","args":[{"a":1}]})
        );
    }

    #[test]
    fn what_the_venue_does_not_watch_is_refused_in_words() {
        let stop = |by| OrderKind::Stop {
            trigger: Price(1),
            limit: None,
            by,
        };
        let trail = |by| OrderKind::Trail {
            activation: None,
            callback: Callback::Distance(5),
            by,
        };
        assert!(cannot(stop(TriggerBy::Best)).is_some());
        assert!(cannot(trail(TriggerBy::Mark)).is_some());
        assert_eq!(cannot(stop(TriggerBy::Mark)), None);
        assert_eq!(cannot(trail(TriggerBy::Last)), None);
    }
}
