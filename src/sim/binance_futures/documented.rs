//! Field by field against documented messages: everything documented is there with the same JSON type, and nothing else.

use serde_json::{Value, json};

use super::client::Client;
use crate::sim::binance::comparison::{Allowed, differences};

const DOCUMENTED: &str =
    include_str!("../../../tests/wire/binance_futures/server/documented.jsonl");

/// Only trailing stops have these, which the document shows on its example of an order.
fn is_of_trailing_stops(at: &str, name: &str) -> bool {
    matches!(name, "activatePrice" | "priceRate") || (at == "$.o" && matches!(name, "AP" | "cr"))
}
/// Dropped from answers to place, modify and cancel in July 2026 (official SDK changelog 14.0.0); `cumBase` belongs to COIN-M.
const ACK_DROPPED: [&str; 3] = ["avgPrice", "cumQuote", "cumBase"];

fn documented(name: &str) -> Value {
    DOCUMENTED
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .find(|row| row["name"] == name)
        .unwrap_or_else(|| panic!("no row {name}"))["msg"]
        .take()
}

fn same(name: &str, ours: &Value, allowed: &Allowed) {
    let mut out = Vec::new();
    differences(
        "$",
        (&documented(name), ours),
        allowed,
        is_of_trailing_stops,
        &mut out,
    );
    assert!(out.is_empty(), "{name}: {out:#?}");
}

#[test]
fn a_margin_call_says_what_is_documented() {
    let mut client = trader();
    let line = client.private();
    let symbol = client.exchange.bourse.market.symbol_no("BTCUSDT").unwrap();
    let positions = client
        .exchange
        .bourse
        .market
        .positions(client.exchange.account, symbol);
    let wallet = Some(rust_decimal::dec!(3.16812045));
    client
        .exchange
        .tell_margin_call(wallet, &positions, client.now);
    let said = client.said(line);
    same("stream MarginUpdate", &said[0], &Allowed::default());
}

/// A trader with a position, a resting order and a past.
fn trader() -> Client {
    let mut client = Client::new(&[]);
    client.pass(500);
    let (bid, ask) = client.best("BTCUSDT");
    let through: f64 = ask.parse::<f64>().unwrap() + 20.0;
    let away: f64 = bid.parse::<f64>().unwrap() - 200.0;
    let (status, body) = client.limit("BUY", "0.010", &format!("{through:.1}"), "timeInForce=IOC");
    assert_eq!(status, 200, "{body}");
    let (status, body) = client.limit(
        "BUY",
        "0.010",
        &format!("{away:.1}"),
        "timeInForce=GTC&newClientOrderId=resting",
    );
    assert_eq!(status, 200, "{body}");
    client
}

#[test]
fn open_questions_are_answered_as_documented() {
    let mut client = trader();
    let one = [
        // `nq`: quantity without retail price improvement fills, since 2025-12-31.
        ("/fapi/v1/aggTrades", "symbol=BTCUSDT", &["nq"][..]),
        ("/fapi/v1/ticker/bookTicker", "symbol=BTCUSDT", &[]),
        ("/fapi/v1/fundingInfo", "", &[]),
        ("/fapi/v1/klines", "symbol=BTCUSDT&interval=1h", &[]),
        ("/fapi/v1/premiumIndex", "symbol=BTCUSDT", &[]),
        ("/fapi/v1/depth", "symbol=BTCUSDT&limit=5", &[]),
        ("/fapi/v2/ticker/price", "symbol=BTCUSDT", &[]),
        // `isRPITrade`: official SDK models of 2026.
        ("/fapi/v1/trades", "symbol=BTCUSDT", &["isRPITrade"]),
        ("/fapi/v1/time", "", &[]),
        ("/fapi/v1/ticker/24hr", "symbol=BTCUSDT", &[]),
        ("/fapi/v1/exchangeInfo", "", &[]),
    ];
    for (path, query, new) in one {
        let ours = client.open(path, query);
        same(
            &format!("rest GET {path}"),
            &ours,
            &Allowed {
                new,
                ..Allowed::default()
            },
        );
    }
}

#[test]
fn questions_about_the_account_are_answered_as_documented() {
    let mut client = trader();
    let asked: [(&str, &str, Allowed); 15] = [
        ("/fapi/v1/accountConfig", "", Allowed::default()),
        // `feeBurn`: official SDK models of 2026.
        (
            "/fapi/v2/account",
            "",
            Allowed {
                new: &["feeBurn"],
                ..Allowed::default()
            },
        ),
        ("/fapi/v3/account", "", Allowed::default()),
        ("/fapi/v3/balance", "", Allowed::default()),
        ("/fapi/v1/leverageBracket", "", Allowed::default()),
        // Numbers of transactions are whole numbers, of trades text (official SDK models of 2026).
        (
            "/fapi/v1/income",
            "",
            Allowed {
                retyped: &["tranId", "tradeId"],
                ..Allowed::default()
            },
        ),
        ("/fapi/v1/multiAssetsMargin", "", Allowed::default()),
        ("/fapi/v1/rateLimit/order", "", Allowed::default()),
        (
            "/fapi/v2/positionRisk",
            "symbol=BTCUSDT",
            Allowed::default(),
        ),
        // A truth value in the official SDK of 2026, text in older documents.
        (
            "/fapi/v1/symbolConfig",
            "symbol=BTCUSDT",
            Allowed {
                retyped: &["isAutoAddMargin"],
                ..Allowed::default()
            },
        ),
        // `rpiCommissionRate`: official SDK models of 2026.
        (
            "/fapi/v1/commissionRate",
            "symbol=BTCUSDT",
            Allowed {
                new: &["rpiCommissionRate"],
                ..Allowed::default()
            },
        ),
        ("/fapi/v1/openOrders", "symbol=BTCUSDT", Allowed::default()),
        (
            "/fapi/v1/openOrder",
            "symbol=BTCUSDT&origClientOrderId=resting",
            Allowed::default(),
        ),
        (
            "/fapi/v1/order",
            "symbol=BTCUSDT&origClientOrderId=resting",
            Allowed::default(),
        ),
        ("/fapi/v1/userTrades", "symbol=BTCUSDT", Allowed::default()),
    ];
    for (path, query, allowed) in asked {
        let ours = client.good("GET", path, query);
        same(&format!("rest GET {path}"), &ours, &allowed);
    }
    let ours = client.good("GET", "/fapi/v1/allOrders", "symbol=BTCUSDT");
    same("rest GET /fapi/v1/allOrders", &ours, &Allowed::default());
}

#[test]
fn settings_and_orders_are_answered_as_documented() {
    let mut client = trader();
    let mut check = |verb: &str, path: &str, query: &str, allowed: Allowed| {
        let ours = client.good(verb, path, query);
        same(&format!("rest {verb} {path}"), &ours, &allowed);
    };
    check(
        "POST",
        "/fapi/v1/leverage",
        "symbol=BTCUSDT&leverage=21",
        Allowed::default(),
    );
    check("POST", "/fapi/v1/listenKey", "", Allowed::default());
    check("DELETE", "/fapi/v1/listenKey", "", Allowed::default());
    check(
        "POST",
        "/fapi/v1/countdownCancelAll",
        "symbol=BTCUSDT&countdownTime=0",
        Allowed::default(),
    );
    let dropped = || Allowed {
        gone: &ACK_DROPPED,
        ..Allowed::default()
    };
    check(
        "POST",
        "/fapi/v1/order",
        "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.010&price=59000.0&newClientOrderId=a1",
        dropped(),
    );
    check(
        "PUT",
        "/fapi/v1/order",
        "symbol=BTCUSDT&side=BUY&quantity=0.011&price=59000.1&origClientOrderId=a1&modifyId=7",
        Allowed {
            // The number that the client gave its change.
            new: &["modifyId"],
            ..dropped()
        },
    );
    check(
        "DELETE",
        "/fapi/v1/order",
        "symbol=BTCUSDT&origClientOrderId=a1",
        dropped(),
    );
    check(
        "DELETE",
        "/fapi/v1/allOpenOrders",
        "symbol=BTCUSDT",
        Allowed::default(),
    );
}

const STOP: &str = "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&quantity=0.010&triggerPrice=59000&reduceOnly=true";

#[test]
fn conditional_orders_are_answered_as_documented() {
    let mut client = trader();
    let mut check = |verb: &str, path: &str, query: &str, new: &[&str]| {
        let ours = client.good(verb, path, query);
        let allowed = Allowed {
            new,
            ..Allowed::default()
        };
        same(&format!("rest {verb} {path}"), &ours, &allowed);
    };
    check(
        "POST",
        "/fapi/v1/algoOrder",
        &format!("{STOP}&clientAlgoId=a1"),
        &[],
    );
    check("GET", "/fapi/v1/algoOrder", "clientAlgoId=a1", &[]);
    // Recorded answers of 2026 have them, the older example of open ones does not.
    check(
        "GET",
        "/fapi/v1/openAlgoOrders",
        "symbol=BTCUSDT",
        &["actualQty", "actualType"],
    );
    check("GET", "/fapi/v1/allAlgoOrders", "symbol=BTCUSDT", &[]);
    check("DELETE", "/fapi/v1/algoOrder", "clientAlgoId=a1", &[]);
    check("DELETE", "/fapi/v1/algoOpenOrders", "symbol=BTCUSDT", &[]);
}

#[test]
fn modes_are_answered_as_documented() {
    let mut client = Client::new(&[]);
    let isolated = "symbol=BTCUSDT&marginType=ISOLATED";
    let buy = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.010&positionSide=LONG";
    let margin = "symbol=BTCUSDT&amount=5.5&type=1&positionSide=LONG";
    for (verb, path, query) in [
        (
            "POST",
            "/fapi/v1/positionSide/dual",
            "dualSidePosition=true",
        ),
        ("GET", "/fapi/v1/adlQuantile", ""),
        ("POST", "/fapi/v1/marginType", isolated),
        ("POST", "/fapi/v1/order", buy),
        ("POST", "/fapi/v1/positionMargin", margin),
        ("GET", "/fapi/v1/positionMargin/history", "symbol=BTCUSDT"),
    ] {
        let ours = client.good(verb, path, query);
        if path != "/fapi/v1/order" {
            same(&format!("rest {verb} {path}"), &ours, &Allowed::default());
        }
    }
}

#[test]
fn the_websocket_api_answers_as_documented() {
    let mut client = trader();
    let line = client.line("/ws-fapi/v1", "");
    let order = json!({"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.010", "price": "59000.0", "newClientOrderId": "w1"});
    let changed = json!({"symbol": "BTCUSDT", "side": "BUY", "quantity": "0.012", "price": "59000.1", "origClientOrderId": "w1"});
    let named = json!({"symbol": "BTCUSDT", "origClientOrderId": "w1"});
    let stop = json!({"algoType": "CONDITIONAL", "symbol": "BTCUSDT", "side": "SELL", "type": "TAKE_PROFIT", "timeInForce": "GTC", "quantity": "0.010", "price": "62000.0", "triggerPrice": "62000.0"});
    let calls: [(&str, &Value, Allowed); 11] = [
        // What REST has beside them.
        (
            "algoOrder.place",
            &stop,
            Allowed {
                new: &["activatePrice", "callbackRate"],
                ..Allowed::default()
            },
        ),
        (
            "order.place",
            &order,
            Allowed {
                gone: &ACK_DROPPED,
                ..Allowed::default()
            },
        ),
        (
            "order.modify",
            &changed,
            Allowed {
                gone: &ACK_DROPPED,
                ..Allowed::default()
            },
        ),
        // The documented query is older than price match and self-trade prevention and shows no limits.
        (
            "order.status",
            &named,
            Allowed {
                new: &[
                    "priceMatch",
                    "selfTradePreventionMode",
                    "goodTillDate",
                    "rateLimits",
                ],
                ..Allowed::default()
            },
        ),
        (
            "order.cancel",
            &named,
            Allowed {
                gone: &ACK_DROPPED,
                ..Allowed::default()
            },
        ),
        ("v2/account.status", &json!({}), Allowed::default()),
        ("v2/account.balance", &json!({}), Allowed::default()),
        // The profit is spelled `unRealizedProfit` by the official SDK and by REST.
        (
            "v2/account.position",
            &json!({}),
            Allowed {
                gone: &["unrealizedProfit"],
                new: &["unRealizedProfit"],
                ..Allowed::default()
            },
        ),
        (
            "ticker.book",
            &json!({"symbol": "BTCUSDT"}),
            Allowed::default(),
        ),
        (
            "ticker.price",
            &json!({"symbol": "BTCUSDT"}),
            Allowed::default(),
        ),
        (
            "depth",
            &json!({"symbol": "BTCUSDT", "limit": 5}),
            Allowed::default(),
        ),
    ];
    for (method, params, allowed) in calls {
        let answers = client.api(line, method, params.clone());
        assert_eq!(answers.len(), 1, "{method}");
        assert_eq!(answers[0]["status"], 200, "{method}: {}", answers[0]);
        same(&format!("api {method}"), &answers[0], &allowed);
    }
}

#[test]
fn sessions_are_answered_as_documented_for_spot() {
    let mut client = Client::new(&[]);
    client.become_key("ed25519");
    let line = client.line("/ws-fapi/v1", "returnRateLimits=false");
    for method in ["session.logon", "session.status", "session.logout"] {
        let params = json!({});
        let answers = match method {
            "session.logon" => client.api(line, method, params),
            _ => client.bare(line, method, params),
        };
        // Futures tell of the account on a line of their own: there is no subscription to show.
        let allowed = Allowed {
            gone: &["userDataStream"],
            ..Allowed::default()
        };
        same(&format!("api {method}"), &answers[0], &allowed);
    }
}

#[test]
fn market_streams_say_what_is_documented() {
    let mut client = Client::new(&[]);
    // `st` and `ps` since the merge of the two universes in 2026; `nq` and `ap` of 2025.
    let universe = Allowed {
        new: &["st", "ps", "nq", "ap"],
        ..Allowed::default()
    };
    for (route, stream, name) in [
        ("public", "btcusdt@depth@100ms", "Book"),
        ("public", "btcusdt@depth5", "PartialBook"),
        ("public", "btcusdt@bookTicker", "BookTicker"),
        ("market", "btcusdt@aggTrade", "AggTrades"),
        ("market", "btcusdt@markPrice@1s", "MarkPrice"),
        ("market", "btcusdt@kline_1m", "Klines"),
        ("market", "btcusdt@ticker", "Ticker"),
        ("market", "btcusdt@miniTicker", "MiniTicker"),
    ] {
        let line = client.line(&format!("/{route}/ws/{stream}"), "");
        client.pass(2000);
        let ours = client.said(line).into_iter().next_back();
        let ours = ours.unwrap_or_else(|| panic!("{stream} is silent"));
        same(&format!("stream {name}"), &ours, &universe);
    }
}

#[test]
fn the_user_stream_says_what_is_documented() {
    let mut client = Client::new(&[]);
    let line = client.private();
    client.good("POST", "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=25");
    client.good(
        "POST",
        "/fapi/v1/order",
        "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.010",
    );
    client.good("POST", "/fapi/v1/algoOrder", STOP);
    let said = client.said(line);
    let event = |kind: &str| said.iter().rfind(|event| event["e"] == kind).unwrap();
    same(
        "stream Leverage",
        event("ACCOUNT_CONFIG_UPDATE"),
        &Allowed::default(),
    );
    same(
        "stream AlgoOrderUpdate",
        event("ALGO_UPDATE"),
        &Allowed::default(),
    );
    same(
        "stream TradeUpdate",
        event("TRADE_LITE"),
        &Allowed::default(),
    );
    same(
        "stream AccountUpdate",
        event("ACCOUNT_UPDATE"),
        &Allowed::default(),
    );
    // `er`: the reason of an expiry, official SDK models of 2026.
    same(
        "stream OrderUpdate",
        event("ORDER_TRADE_UPDATE"),
        &Allowed {
            new: &["er"],
            ..Allowed::default()
        },
    );
}
