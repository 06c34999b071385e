//! Requests of Bybit as JSON, for the order line and for REST alike. Owns nothing.
//!
//! Sizes and prices are written from whole lots and ticks; nothing is rounded here.

use serde::Serialize;

use super::instruments::{Category, venue_name};
use super::slot::{SlotKey, SlotKind, value};
use crate::domain::message::{MarginMode, PositionMode, Setting};
use crate::domain::{
    Amend, Callback, Instrument, Intent, Leg, MarketKey, NewOrder, OrderKind, OrderRef, Price,
    Side, TimeInForce, TriggerBy,
};

/// How long after its timestamp the venue may still take an order, ms: an order held up on the wire longer than this is refused
/// instead of surprising its trader (Bybit, Integration Guidance: `server time - window <= timestamp < server time + 1 s`).
pub const ORDER_WINDOW_MS: i64 = 2_000;

/// One order request, as the order line names it and as REST addresses it.
#[derive(Debug)]
pub struct Asked {
    /// The order line's word; `None` for what goes by REST alone.
    pub op: Option<&'static str>,
    /// Where REST takes it.
    pub path: &'static str,
    /// The parameters, a JSON object.
    pub body: String,
}

fn asked(op: Option<&'static str>, path: &'static str, body: &impl Serialize) -> Asked {
    Asked {
        op,
        path,
        // Structures of texts, numbers and flags always have a JSON form.
        body: serde_json::to_string(body).unwrap_or_default(),
    }
}

/// The frame of a request on the order line. Only the time stands beside it: the line itself is authenticated (Bybit, WebSocket
/// Trade Guideline).
pub fn frame(id: u64, op: &str, body: &str, timestamp: i64) -> String {
    format!(
        r#"{{"reqId":"{id}","header":{{"X-BAPI-TIMESTAMP":"{timestamp}","X-BAPI-RECV-WINDOW":"{ORDER_WINDOW_MS}"}},"op":"{op}","args":[{body}]}}"#
    )
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Create<'a> {
    category: &'static str,
    symbol: &'a str,
    side: &'static str,
    order_type: &'static str,
    qty: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    price: Option<String>,
    time_in_force: &'static str,
    order_link_id: &'a str,
    smp_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    position_idx: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reduce_only: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trigger_price: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trigger_direction: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trigger_by: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_leverage: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    market_unit: Option<&'static str>,
}

/// Why the venue cannot be asked for such an order, for the trader; `None` where it can.
pub fn cannot(order: &NewOrder) -> Option<&'static str> {
    if Category::of(&order.key.symbol) == Category::Spot {
        return match order.kind {
            OrderKind::Limit { .. } | OrderKind::Market => None,
            OrderKind::Stop { .. } | OrderKind::Trail { .. } => {
                Some("stops on spot are Lancet's own: the venue is not asked for them")
            }
        };
    }
    match (order.kind, order.intent) {
        (
            OrderKind::Stop {
                by: TriggerBy::Best,
                ..
            },
            _,
        ) => Some("the venue does not watch that price: trigger by last or mark"),
        (OrderKind::Stop { limit: None, .. }, Intent::Entry) => {
            Some("a stop that opens must be bounded by a limit")
        }
        (OrderKind::Trail { .. }, Intent::Entry) => Some("a trailing stop can only close"),
        (OrderKind::Trail { callback, by, .. }, Intent::Exit) => match callback {
            Callback::Rate(_) | Callback::Distance(..=0) => {
                Some("the venue's trailing stop follows at a distance in price")
            }
            Callback::Distance(_) if by != TriggerBy::Last => {
                Some("the venue's trailing stop follows the last price alone")
            }
            Callback::Distance(_) => None,
        },
        _ => None,
    }
}

/// A new order, or what stands for one: a stop that closes the whole position is set on the position.
pub fn place(order: &NewOrder, instrument: &Instrument) -> Asked {
    match SlotKey::of(order) {
        Some(slot) => set_stop(&slot, order, instrument),
        None => create(order, instrument),
    }
}

fn create(order: &NewOrder, instrument: &Instrument) -> Asked {
    let category = Category::of(&instrument.symbol);
    let spot = category == Category::Spot;
    let market = matches!(order.kind, OrderKind::Market);
    let (trigger, by) = match order.kind {
        OrderKind::Stop { trigger, by, .. } => (Some(trigger), Some(by)),
        _ => (None, None),
    };
    let text = |price: Price| instrument.price_text(price);
    let symbol = venue_name(&instrument.symbol);
    let body = Create {
        category: category.as_str(),
        symbol: symbol.as_str(),
        side: side_word(order.side),
        order_type: if order.kind.limit().is_some() {
            "Limit"
        } else {
            "Market"
        },
        qty: instrument.qty_text(order.qty),
        price: order.kind.limit().map(text),
        time_in_force: time_in_force(order.kind),
        order_link_id: order.id.as_str(),
        // Its default, no prevention, would let an own order trade against an own one.
        smp_type: "CancelMaker",
        position_idx: (!spot).then(|| position_index(order.leg)),
        reduce_only: (!spot && order.intent == Intent::Exit).then_some(true),
        trigger_price: trigger.map(text),
        trigger_direction: trigger.map(|_| match order.side {
            Side::Buy => 1,
            Side::Sell => 2,
        }),
        trigger_by: by.map(trigger_by),
        // Never with borrowed coins, and a market order is counted in coins on either side.
        is_leverage: spot.then_some(0),
        market_unit: (spot && market).then_some("baseCoin"),
    };
    asked(Some("order.create"), "/v5/order/create", &body)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TradingStop<'a> {
    category: &'static str,
    symbol: &'a str,
    tpsl_mode: &'static str,
    position_idx: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_loss: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sl_trigger_by: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trailing_stop: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    active_price: Option<String>,
}

impl<'a> TradingStop<'a> {
    const fn on(symbol: &'a str, leg: Option<Leg>) -> Self {
        Self {
            category: Category::Linear.as_str(),
            symbol,
            tpsl_mode: "Full",
            position_idx: position_index(leg),
            stop_loss: None,
            sl_trigger_by: None,
            trailing_stop: None,
            active_price: None,
        }
    }
}

const TRADING_STOP: &str = "/v5/position/trading-stop";

fn set_stop(slot: &SlotKey, order: &NewOrder, instrument: &Instrument) -> Asked {
    let symbol = venue_name(&slot.symbol);
    let mut body = TradingStop::on(symbol.as_str(), slot.leg);
    let at = value(order.kind).map(|price| instrument.price_text(price));
    match order.kind {
        OrderKind::Trail { activation, .. } => {
            body.trailing_stop = at;
            body.active_price = activation.map(|price| instrument.price_text(price));
        }
        OrderKind::Stop { by, .. } => {
            body.stop_loss = at;
            body.sl_trigger_by = Some(trigger_by(by));
        }
        OrderKind::Limit { .. } | OrderKind::Market => {}
    }
    asked(None, TRADING_STOP, &body)
}

/// Takes a position's own stop away: "0" removes it (Bybit, Set Trading Stop).
pub fn remove_stop(slot: &SlotKey) -> Asked {
    let symbol = venue_name(&slot.symbol);
    let mut body = TradingStop::on(symbol.as_str(), slot.leg);
    let none = Some("0".to_owned());
    match slot.kind {
        SlotKind::Stop => body.stop_loss = none,
        SlotKind::Trail => body.trailing_stop = none,
    }
    asked(None, TRADING_STOP, &body)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Named<'a> {
    category: &'static str,
    symbol: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_link_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    qty: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    price: Option<String>,
}

impl<'a> Named<'a> {
    /// By the venue's id where it is known (a foreign name may be used again), else by our own name.
    fn of(symbol: &'a str, category: Category, order: &'a OrderRef) -> Self {
        let venue = order.venue.as_ref().map(crate::domain::Text::as_str);
        Self {
            category: category.as_str(),
            symbol,
            order_id: venue,
            order_link_id: venue.is_none().then(|| order.client.as_str()),
            qty: None,
            price: None,
        }
    }
}

/// A change of a working order: price and total size, both stated.
pub fn amend(amend: &Amend, instrument: &Instrument) -> Asked {
    let symbol = venue_name(&amend.key.symbol);
    let category = Category::of(&amend.key.symbol);
    let body = Named {
        qty: Some(instrument.qty_text(amend.qty)),
        price: Some(instrument.price_text(amend.price)),
        ..Named::of(symbol.as_str(), category, &amend.order)
    };
    asked(Some("order.amend"), "/v5/order/amend", &body)
}

/// The end of an order.
pub fn cancel(key: &MarketKey, order: &OrderRef) -> Asked {
    let symbol = venue_name(&key.symbol);
    let body = Named::of(symbol.as_str(), Category::of(&key.symbol), order);
    asked(Some("order.cancel"), "/v5/order/cancel", &body)
}

/// A change of a setting: path and body. Margin mode and position mode are the whole account's here.
pub fn setting(setting: &Setting) -> Asked {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Leverage<'a> {
        category: &'static str,
        symbol: &'a str,
        buy_leverage: String,
        sell_leverage: String,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Margin {
        set_margin_mode: &'static str,
    }
    #[derive(Serialize)]
    struct Mode {
        category: &'static str,
        coin: &'static str,
        mode: u8,
    }
    match setting {
        Setting::Leverage(symbol, leverage) => {
            let symbol = venue_name(symbol);
            let body = Leverage {
                category: Category::Linear.as_str(),
                symbol: symbol.as_str(),
                buy_leverage: leverage.to_string(),
                sell_leverage: leverage.to_string(),
            };
            asked(None, "/v5/position/set-leverage", &body)
        }
        Setting::Margin(_, mode) => {
            let body = Margin {
                set_margin_mode: match mode {
                    MarginMode::Cross => "REGULAR_MARGIN",
                    MarginMode::Isolated => "ISOLATED_MARGIN",
                },
            };
            asked(None, "/v5/account/set-margin-mode", &body)
        }
        Setting::PositionMode(mode) => {
            let body = Mode {
                category: Category::Linear.as_str(),
                // Contracts in USDC have one mode (Bybit, Switch Position Mode).
                coin: "USDT",
                mode: match mode {
                    PositionMode::OneWay => 0,
                    PositionMode::Hedge => 3,
                },
            };
            asked(None, "/v5/position/switch-mode", &body)
        }
    }
}

/// The venue's index of a position.
pub const fn position_index(leg: Option<Leg>) -> u8 {
    match leg {
        None => 0,
        Some(Leg::Long) => 1,
        Some(Leg::Short) => 2,
    }
}

const fn side_word(side: Side) -> &'static str {
    match side {
        Side::Buy => "Buy",
        Side::Sell => "Sell",
    }
}

/// The price that fires a trigger; what is not the mark is the last trade ([`cannot`] has refused the rest).
const fn trigger_by(by: TriggerBy) -> &'static str {
    match by {
        TriggerBy::Mark => "MarkPrice",
        TriggerBy::Last | TriggerBy::Best => "LastPrice",
    }
}

const fn time_in_force(kind: OrderKind) -> &'static str {
    match kind {
        OrderKind::Limit { tif, .. } => match tif {
            TimeInForce::Gtc => "GTC",
            TimeInForce::Ioc => "IOC",
            TimeInForce::PostOnly => "PostOnly",
        },
        OrderKind::Stop { limit: Some(_), .. } => "GTC",
        OrderKind::Market | OrderKind::Stop { .. } | OrderKind::Trail { .. } => "IOC",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::read::tests::{listed, whose};
    use super::*;
    use crate::domain::{ClientId, OrderClass, OrderId, Qty, Symbol};

    fn order(symbol: &str, kind: OrderKind, intent: Intent) -> NewOrder {
        NewOrder {
            key: whose().key(Symbol::new(symbol).unwrap()),
            id: ClientId::new("S1a").unwrap(),
            side: Side::Sell,
            qty: Qty(10),
            kind,
            intent,
            leg: None,
        }
    }

    fn written(order: &NewOrder) -> (Asked, Value) {
        let listed = listed();
        let asked = place(order, listed.get(&order.key.symbol).unwrap());
        let body = serde_json::from_str(&asked.body).unwrap();
        (asked, body)
    }

    const LIMIT: OrderKind = OrderKind::Limit {
        price: Price(600_005),
        tif: TimeInForce::PostOnly,
    };

    fn stop(limit: Option<Price>, by: TriggerBy) -> OrderKind {
        OrderKind::Stop {
            trigger: Price(590_000),
            limit,
            by,
        }
    }

    fn trail(callback: Callback, by: TriggerBy) -> OrderKind {
        OrderKind::Trail {
            activation: Some(Price(610_000)),
            callback,
            by,
        }
    }

    #[test]
    fn a_limit_order_is_written_whole() {
        let (asked, body) = written(&order("BTCUSDT", LIMIT, Intent::Entry));
        assert_eq!(
            (asked.op, asked.path),
            (Some("order.create"), "/v5/order/create")
        );
        let wanted = json!({"category":"linear","symbol":"BTCUSDT","side":"Sell","orderType":"Limit","qty":"0.010",
            "price":"60000.5","timeInForce":"PostOnly","orderLinkId":"S1a","smpType":"CancelMaker","positionIdx":0});
        assert_eq!(body, wanted);
    }

    #[test]
    fn an_exit_is_reduce_only_and_a_leg_is_named_by_its_index() {
        let exit = order("BTCUSDT", OrderKind::Market, Intent::Exit);
        let (_, body) = written(&exit);
        assert_eq!(body["reduceOnly"], true);
        assert_eq!(
            (&body["orderType"], &body["timeInForce"]),
            (&json!("Market"), &json!("IOC"))
        );
        for (leg, index) in [(Leg::Long, 1), (Leg::Short, 2)] {
            let (_, body) = written(&NewOrder {
                leg: Some(leg),
                ..exit
            });
            assert_eq!(body["positionIdx"], index);
        }
    }

    #[test]
    fn a_spot_order_has_no_position_and_a_market_one_is_counted_in_coins() {
        let (_, body) = written(&order("BTC/USDT", OrderKind::Market, Intent::Exit));
        let wanted = json!({"category":"spot","symbol":"BTCUSDT","side":"Sell","orderType":"Market","qty":"0.000010",
            "timeInForce":"IOC","orderLinkId":"S1a","smpType":"CancelMaker","isLeverage":0,"marketUnit":"baseCoin"});
        assert_eq!(body, wanted);
    }

    #[test]
    fn a_bounded_stop_is_a_conditional_order() {
        let kind = stop(Some(Price(589_000)), TriggerBy::Mark);
        let (asked, body) = written(&order("BTCUSDT", kind, Intent::Exit));
        assert_eq!(asked.op, Some("order.create"));
        for (field, value) in [
            ("triggerPrice", json!("59000.0")),
            ("triggerDirection", json!(2)),
            ("triggerBy", json!("MarkPrice")),
            ("price", json!("58900.0")),
            ("timeInForce", json!("GTC")),
            ("reduceOnly", json!(true)),
        ] {
            assert_eq!(body[field], value, "{field}");
        }
    }

    #[test]
    fn a_stop_that_closes_all_is_set_on_the_position() {
        let kind = stop(None, TriggerBy::Last);
        let (asked, body) = written(&order("BTCUSDT", kind, Intent::Exit));
        assert_eq!((asked.op, asked.path), (None, "/v5/position/trading-stop"));
        let wanted = json!({"category":"linear","symbol":"BTCUSDT","tpslMode":"Full","positionIdx":0,"stopLoss":"59000.0",
            "slTriggerBy":"LastPrice"});
        assert_eq!(body, wanted);
        let kind = trail(Callback::Distance(1_500), TriggerBy::Last);
        let (_, body) = written(&order("BTCUSDT", kind, Intent::Exit));
        let wanted = json!({"category":"linear","symbol":"BTCUSDT","tpslMode":"Full","positionIdx":0,"trailingStop":"150.0",
            "activePrice":"61000.0"});
        assert_eq!(body, wanted);
        let slot = SlotKey {
            symbol: Symbol::new("BTCUSDT").unwrap(),
            leg: Some(Leg::Short),
            kind: SlotKind::Stop,
        };
        let body: Value = serde_json::from_str(&remove_stop(&slot).body).unwrap();
        let wanted = json!({"category":"linear","symbol":"BTCUSDT","tpslMode":"Full","positionIdx":2,"stopLoss":"0"});
        assert_eq!(body, wanted);
    }

    #[test]
    fn what_the_venue_cannot_do_is_refused_in_words() {
        let by = TriggerBy::Last;
        for (symbol, kind, intent) in [
            ("BTC/USDT", stop(None, by), Intent::Exit),
            ("BTC/USDT", stop(Some(Price(1)), by), Intent::Entry),
            ("BTCUSDT", stop(None, TriggerBy::Best), Intent::Exit),
            ("BTCUSDT", stop(None, by), Intent::Entry),
            ("BTCUSDT", trail(Callback::Rate(10), by), Intent::Exit),
            ("BTCUSDT", trail(Callback::Distance(0), by), Intent::Exit),
            (
                "BTCUSDT",
                trail(Callback::Distance(9), TriggerBy::Mark),
                Intent::Exit,
            ),
            ("BTCUSDT", trail(Callback::Distance(9), by), Intent::Entry),
        ] {
            assert!(
                cannot(&order(symbol, kind, intent)).is_some(),
                "{symbol} {kind:?}"
            );
        }
        for (symbol, kind, intent) in [
            ("BTC/USDT", LIMIT, Intent::Entry),
            ("BTC/USDT", OrderKind::Market, Intent::Exit),
            ("BTCUSDT", stop(None, TriggerBy::Mark), Intent::Exit),
            ("BTCUSDT", stop(Some(Price(1)), by), Intent::Entry),
            ("BTCUSDT", trail(Callback::Distance(9), by), Intent::Exit),
        ] {
            assert_eq!(
                cannot(&order(symbol, kind, intent)),
                None,
                "{symbol} {kind:?}"
            );
        }
    }

    #[test]
    fn a_frame_is_the_documented_one() {
        let (asked, body) = written(&order("BTCUSDT", LIMIT, Intent::Entry));
        let text = frame(7, asked.op.unwrap(), &asked.body, 1_711_001_595_207);
        let frame: Value = serde_json::from_str(&text).unwrap();
        let wanted = json!({"reqId":"7","header":{"X-BAPI-TIMESTAMP":"1711001595207","X-BAPI-RECV-WINDOW":"2000"},
            "op":"order.create","args":[body]});
        assert_eq!(frame, wanted);
    }

    #[test]
    fn an_order_is_named_by_the_venues_id_where_it_is_known() {
        let key = whose().key(Symbol::new("BTC/USDT").unwrap());
        let mut named = OrderRef {
            client: ClientId::new("a\"b").unwrap(),
            venue: None,
            class: OrderClass::Regular,
        };
        let body = |named: &OrderRef| -> Value {
            serde_json::from_str(&cancel(&key, named).body).unwrap()
        };
        let wanted = json!({"category":"spot","symbol":"BTCUSDT","orderLinkId":"a\"b"});
        assert_eq!(body(&named), wanted);
        named.venue = Some(OrderId::new("1523347543495541248").unwrap());
        let wanted = json!({"category":"spot","symbol":"BTCUSDT","orderId":"1523347543495541248"});
        assert_eq!(body(&named), wanted);
    }

    #[test]
    fn settings_are_written_as_documented() {
        let symbol = Symbol::new("BTCUSDT").unwrap();
        for (change, path, wanted) in [
            (
                Setting::Leverage(symbol, 25),
                "/v5/position/set-leverage",
                json!({"category":"linear","symbol":"BTCUSDT","buyLeverage":"25","sellLeverage":"25"}),
            ),
            (
                Setting::Margin(symbol, MarginMode::Isolated),
                "/v5/account/set-margin-mode",
                json!({"setMarginMode":"ISOLATED_MARGIN"}),
            ),
            (
                Setting::PositionMode(PositionMode::Hedge),
                "/v5/position/switch-mode",
                json!({"category":"linear","coin":"USDT","mode":3}),
            ),
        ] {
            let asked = setting(&change);
            assert_eq!(asked.path, path);
            let body: Value = serde_json::from_str(&asked.body).unwrap();
            assert_eq!(body, wanted);
        }
    }
}
