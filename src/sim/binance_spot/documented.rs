//! Field by field against documented messages: everything documented is there with the same JSON type, and nothing else.

use serde_json::{Value, json};

use super::client::Client;
use crate::sim::binance::comparison::{Allowed, differences};

const DOCUMENTED: &str = include_str!("../../../tests/wire/binance_spot/server/documented.jsonl");
/// The answers about sessions were written down with those of the futures wire.
const SESSIONS: &str = include_str!("../../../tests/wire/binance_futures/server/documented.jsonl");

/// Fields of orders with a strategy, with a trail, or whose trades were prevented, which the documents show on every example.
fn is_of_other_orders(_at: &str, name: &str) -> bool {
    matches!(
        name,
        "trailingDelta"
            | "trailingTime"
            | "strategyId"
            | "strategyType"
            | "preventedMatchId"
            | "preventedQuantity"
    )
}

fn documented(name: &str) -> Value {
    let rows = DOCUMENTED.lines().chain(SESSIONS.lines());
    rows.map(|line| serde_json::from_str::<Value>(line).unwrap())
        .find(|row| row["name"] == name)
        .unwrap_or_else(|| panic!("no row {name}"))["msg"]
        .take()
}

fn same(name: &str, ours: &Value, allowed: &Allowed) {
    let mut out = Vec::new();
    let theirs = documented(name);
    differences("$", (&theirs, ours), allowed, is_of_other_orders, &mut out);
    assert!(out.is_empty(), "{name}: {out:#?}");
}

fn new<'a>(new: &'a [&'a str]) -> Allowed<'a> {
    Allowed {
        new,
        ..Allowed::default()
    }
}

/// A trader with a fill, a resting order and coins.
fn trader() -> Client {
    let mut client = Client::new(&[]);
    client.pass(500);
    client.market("BUY", "quantity=0.01");
    let (bid, _) = client.best();
    let (status, body) = client.limit("BUY", "0.01", bid - 200.0, "&newClientOrderId=resting");
    assert_eq!(status, 200, "{body}");
    client
}

#[test]
fn open_questions_are_answered_as_documented() {
    let mut client = trader();
    for (path, query) in [
        ("/api/v3/aggTrades", "symbol=BTCUSDT"),
        ("/api/v3/avgPrice", "symbol=BTCUSDT"),
        ("/api/v3/historicalTrades", "symbol=BTCUSDT"),
        ("/api/v3/klines", "symbol=BTCUSDT&interval=1h"),
        ("/api/v3/ticker/24hr", "symbol=BTCUSDT"),
        ("/api/v3/ticker/bookTicker", "symbol=BTCUSDT"),
        ("/api/v3/ticker/price", "symbol=BTCUSDT"),
        ("/api/v3/time", ""),
        ("/api/v3/trades", "symbol=BTCUSDT"),
        ("/api/v3/uiKlines", "symbol=BTCUSDT&interval=1h"),
        ("/api/v3/ticker", "symbol=BTCUSDT"),
        ("/api/v3/ticker/tradingDay", "symbol=BTCUSDT"),
    ] {
        let ours = client.open(path, query);
        same(&format!("rest GET {path}"), &ours, &Allowed::default());
    }
}

#[test]
fn instruments_are_listed_as_documented() {
    let mut client = trader();
    let line = client.line("/ws-api/v3", "");
    let params = json!({"symbols": ["BTCUSDT", "ETHBTC"]});
    let mut ours = client.bare(line, "exchangeInfo", params).remove(0);
    assert_eq!(ours["result"]["symbols"].as_array().unwrap().len(), 2);
    // `allowAmend` is one client's word for what the official documents call `amendAllowed`.
    let allowed = Allowed {
        gone: &["allowAmend"],
        new: &["amendAllowed"],
        ..Allowed::default()
    };
    // Shared order routing is not done here, which an empty list says.
    ours["result"]["sors"] = documented("api exchangeInfo")["result"]["sors"].take();
    same("api exchangeInfo", &ours, &allowed);
}

#[test]
fn questions_about_the_account_are_answered_as_documented() {
    let mut client = trader();
    for (path, query, allowed) in [
        ("/api/v3/account", "", Allowed::default()),
        (
            "/api/v3/account/commission",
            "symbol=BTCUSDT",
            Allowed::default(),
        ),
        ("/api/v3/rateLimit/order", "", Allowed::default()),
        ("/api/v3/openOrders", "symbol=BTCUSDT", Allowed::default()),
        (
            "/api/v3/order",
            "symbol=BTCUSDT&origClientOrderId=resting",
            Allowed::default(),
        ),
        ("/api/v3/allOrders", "symbol=BTCUSDT", Allowed::default()),
        ("/api/v3/myTrades", "symbol=BTCUSDT", Allowed::default()),
        // FIX rights: Wallet, "Get API Key Permission" of 2025.
        (
            "/sapi/v1/account/apiRestrictions",
            "",
            new(&["enableFixApiTrade", "enableFixReadOnly"]),
        ),
    ] {
        let ours = client.good("GET", path, query);
        same(&format!("rest GET {path}"), &ours, &allowed);
    }
}

#[test]
fn orders_are_answered_as_documented() {
    let mut client = trader();
    // `origQuoteOrderQty`: change log 2024; the examples are older.
    let worth = || new(&["origQuoteOrderQty"]);
    let ours = client.market("BUY", "quantity=0.01");
    same("rest POST /api/v3/order", &ours, &worth());
    let test = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&computeCommissionRates=true";
    let ours = client.good("POST", "/api/v3/order/test", test);
    same("rest POST /api/v3/order/test", &ours, &Allowed::default());
    let named = "symbol=BTCUSDT&origClientOrderId=resting";
    let ours = client.good("DELETE", "/api/v3/order", named);
    same("rest DELETE /api/v3/order", &ours, &worth());
    let (bid, _) = client.best();
    client.limit("BUY", "0.01", bid - 200.0, "");
    let ours = client.good("DELETE", "/api/v3/openOrders", "symbol=BTCUSDT");
    same("rest DELETE /api/v3/openOrders", &ours, &worth());
}

#[test]
fn the_websocket_api_answers_as_documented() {
    let mut client = trader();
    let line = client.line("/ws-api/v3", "");
    let (bid, _) = client.best();
    let order = |name: &str, off: f64| {
        json!({"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01",
            "price": format!("{:.2}", bid - off), "newClientOrderId": name})
    };
    let mut replacement = order("w2", 210.0);
    replacement["cancelReplaceMode"] = "STOP_ON_FAILURE".into();
    replacement["cancelOrigClientOrderId"] = "resting".into();
    let market = json!({"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.01"});
    let mut test = market.clone();
    test["computeCommissionRates"] = true.into();
    let symbol = json!({"symbol": "BTCUSDT"});
    let candles = json!({"symbol": "BTCUSDT", "interval": "1m", "limit": 1});
    let named = json!({"symbol": "BTCUSDT", "origClientOrderId": "resting"});
    let none = json!({});
    for (method, params, allowed) in [
        ("account.status", &none, Allowed::default()),
        ("account.rateLimits.orders", &none, Allowed::default()),
        ("trades.aggregate", &symbol, Allowed::default()),
        ("trades.recent", &symbol, Allowed::default()),
        ("trades.historical", &symbol, Allowed::default()),
        ("ticker.book", &none, Allowed::default()),
        ("ticker.24hr", &none, Allowed::default()),
        ("avgPrice", &symbol, Allowed::default()),
        ("klines", &candles, Allowed::default()),
        ("depth", &symbol, Allowed::default()),
        // The examples leave self-trade prevention out.
        ("order.place", &market, new(&["selfTradePreventionMode"])),
        ("order.test", &test, Allowed::default()),
        ("order.status", &named, Allowed::default()),
        ("openOrders.status", &symbol, Allowed::default()),
        ("myTrades", &symbol, Allowed::default()),
        // A new order shows when it began to work and its fills.
        (
            "order.cancelReplace",
            &replacement,
            new(&["workingTime", "fills"]),
        ),
    ] {
        let answers = client.api(line, method, params.clone());
        assert_eq!(answers.len(), 1, "{method}");
        assert_eq!(answers[0]["status"], 200, "{method}: {}", answers[0]);
        same(&format!("api {method}"), &answers[0], &allowed);
    }
}

#[test]
fn sessions_are_answered_as_documented() {
    let mut client = Client::new(&[]);
    client.become_key("ed25519");
    let line = client.line("/ws-api/v3", "returnRateLimits=false");
    for method in ["session.logon", "session.status", "session.logout"] {
        let answers = match method {
            "session.logon" => client.api(line, method, json!({})),
            _ => client.bare(line, method, json!({})),
        };
        same(&format!("api {method}"), &answers[0], &Allowed::default());
    }
}

#[test]
fn market_streams_say_what_is_documented() {
    let mut client = Client::new(&[]);
    for (stream, name, allowed) in [
        ("btcusdt@aggTrade", "AggregatedTrades", Allowed::default()),
        ("btcusdt@bookTicker", "BookTicker", Allowed::default()),
        ("btcusdt@kline_1m", "Klines", Allowed::default()),
        ("btcusdt@miniTicker", "MiniTicker", Allowed::default()),
        ("btcusdt@depth5@100ms", "PartialBook", Allowed::default()),
        ("btcusdt@ticker", "Ticker", Allowed::default()),
        // The numbers of both orders left the message in 2023.
        (
            "btcusdt@trade",
            "Trades",
            Allowed {
                gone: &["a", "b"],
                ..Allowed::default()
            },
        ),
    ] {
        let line = client.line(&format!("/ws/{stream}"), "");
        client.pass(4000);
        let ours = client.said(line).into_iter().next_back();
        let ours = ours.unwrap_or_else(|| panic!("{stream} is silent"));
        same(&format!("stream {name}"), &ours, &allowed);
    }
}

#[test]
fn the_account_is_told_as_documented() {
    let mut client = Client::new(&[]);
    let line = client.subscribed();
    let (bid, _) = client.best();
    client.limit("BUY", "0.01", bid - 200.0, "");
    let said = client.said(line);
    same("user Order", &said[0], &Allowed::default());
    same("user AccountPosition", &said[1], &Allowed::default());
}
