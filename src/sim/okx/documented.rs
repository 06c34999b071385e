//! Field by field against documented messages: everything documented is there with the same JSON type, and what is new is named.

use serde_json::{Value, json};

use super::client::{BTC, Client};

const DOCUMENTED: &str = include_str!("../../../tests/wire/okx/server/documented.jsonl");

fn documented(name: &str) -> Value {
    DOCUMENTED
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .find(|row| row["name"] == name)
        .unwrap_or_else(|| panic!("no row {name}"))["msg"]
        .take()
}

const fn word(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

fn differences(at: &str, theirs: &Value, ours: &Value, new: &[&str], out: &mut Vec<String>) {
    match (theirs, ours) {
        (Value::Object(theirs), Value::Object(ours)) => {
            for (name, value) in theirs {
                let here = format!("{at}.{name}");
                match ours.get(name) {
                    None => out.push(format!("{here} is missing")),
                    Some(mine) => differences(&here, value, mine, new, out),
                }
            }
            for name in ours.keys().filter(|name| !theirs.contains_key(*name)) {
                if !new.contains(&name.as_str()) {
                    out.push(format!("{at}.{name} is not documented"));
                }
            }
        }
        (Value::Array(theirs), Value::Array(ours)) => match (theirs.first(), ours.first()) {
            (Some(first), Some(mine)) => differences(&format!("{at}[]"), first, mine, new, out),
            // Positions show the closing orders that stand with them: here they have none.
            (Some(_), None) if !at.ends_with("closeOrderAlgo") => {
                out.push(format!("{at} is empty"));
            }
            _ => {}
        },
        _ if word(theirs) != word(ours) => out.push(format!(
            "{at} is {} but documented as {}",
            word(ours),
            word(theirs)
        )),
        _ => {}
    }
}

fn same(name: &str, ours: &Value, new: &[&str]) {
    let mut out = Vec::new();
    differences("$", &documented(name), ours, new, &mut out);
    assert!(out.is_empty(), "{name}: {out:#?}\n{ours}");
}

/// Fields that came to rows of orders after the examples were written.
const ORDER_NEW: [&str; 11] = [
    "algoClOrdId",
    "algoId",
    "cancelSource",
    "cancelSourceReason",
    "linkedAlgoOrd",
    "isTpLimit",
    "attachAlgoOrds",
    "subCode",
    "fillPnl",
    "tradeQuoteCcy",
    "pxType",
];
/// Rows of algo orders of every kind have the same fields here, as they have in newer answers.
const ALGO_NEW: [&str; 4] = [
    "actualSide",
    "isTradeBorrowMode",
    "triggerPxType",
    "linkedOrd",
];

/// A trader with a position, a resting order and a past.
fn trader() -> Client {
    let mut client = Client::new(&[]);
    client.pass(500);
    client.market("buy", "2");
    client.rest_order("resting1");
    client
}

#[test]
fn open_questions_are_answered_as_documented() {
    let mut client = trader();
    // The code of sockets and rules of listing (2025 and 2026).
    let instrument = [
        "instIdCode",
        "ruleType",
        "tradeQuoteCcyList",
        "auctionEndTime",
        "contTdSwTime",
        "openType",
        "futureSettlement",
    ];
    for (path, query, new) in [
        ("/api/v5/public/time", "", &[][..]),
        (
            "/api/v5/public/instruments",
            "instType=SWAP",
            &instrument[..],
        ),
        (
            "/api/v5/public/instruments",
            "instType=SPOT",
            &instrument[..],
        ),
        (
            "/api/v5/public/funding-rate",
            "instId=BTC-USDT-SWAP",
            &["formulaType", "nextFundingRate"],
        ),
        ("/api/v5/public/mark-price", "instType=SWAP", &[]),
        ("/api/v5/public/price-limit", "instId=BTC-USDT-SWAP", &[]),
        ("/api/v5/public/open-interest", "instType=SWAP", &["oiUsd"]),
        (
            "/api/v5/public/position-tiers",
            "instType=SWAP&tdMode=cross",
            &[],
        ),
        (
            "/api/v5/market/books",
            "instId=BTC-USDT-SWAP&sz=5",
            &["seqId"],
        ),
        ("/api/v5/market/ticker", "instId=BTC-USDT-SWAP", &[]),
        ("/api/v5/market/tickers", "instType=SPOT", &[]),
        ("/api/v5/market/trades", "instId=BTC-USDT-SWAP", &[]),
        ("/api/v5/market/candles", "instId=BTC-USDT-SWAP", &[]),
        ("/api/v5/market/index-tickers", "instId=BTC-USDT", &[]),
    ] {
        let ours = client.open(path, query);
        same(&format!("rest GET {path}"), &ours, new);
    }
}

#[test]
fn questions_about_the_account_are_answered_as_documented() {
    let mut client = trader();
    let config = [
        "type",
        "enableSpotBorrow",
        "spotBorrowAutoRepay",
        "liquidationGear",
    ];
    let balance = [
        "coinUsdPrice",
        "accAvgPx",
        "borrowFroz",
        "colBorrAutoConversion",
        "colRes",
        "collateralEnabled",
        "collateralRestrict",
        "maxSpotInUse",
        "openAvgPx",
        "smtSyncEq",
        "spotBal",
        "spotCopyTradingEq",
        "spotUpl",
        "spotUplRatio",
        "totalPnl",
        "totalPnlRatio",
    ];
    for (path, query, new) in [
        ("/api/v5/account/config", "", &config[..]),
        ("/api/v5/account/balance", "", &balance[..]),
        (
            "/api/v5/account/leverage-info",
            "instId=BTC-USDT-SWAP&mgnMode=cross",
            &["ccy"],
        ),
        (
            "/api/v5/account/trade-fee",
            "instType=SWAP",
            &["feeGroup", "ruleType"],
        ),
        (
            "/api/v5/account/max-size",
            "instId=BTC-USDT-SWAP&tdMode=cross",
            &[],
        ),
        (
            "/api/v5/account/max-avail-size",
            "instId=BTC-USDT-SWAP&tdMode=cross",
            &[],
        ),
        (
            "/api/v5/trade/order",
            "instId=BTC-USDT-SWAP&clOrdId=resting1",
            &ORDER_NEW,
        ),
        ("/api/v5/trade/orders-pending", "instType=SWAP", &ORDER_NEW),
        ("/api/v5/trade/orders-history", "instType=SWAP", &ORDER_NEW),
        ("/api/v5/trade/fills", "", &[]),
        ("/api/v5/trade/account-rate-limit", "", &[]),
    ] {
        let ours = client.get(path, query);
        same(&format!("rest GET {path}"), &ours, new);
    }
    let ours = client.get("/api/v5/account/positions", "");
    same("rest GET /api/v5/account/positions", &ours, &[]);
}

#[test]
fn settings_and_orders_are_answered_as_documented() {
    let mut client = trader();
    let away = format!("{:.1}", client.best(BTC).0 - 300.0);
    let order = |name: &str| json!({"instId": BTC, "tdMode": "cross", "side": "buy", "ordType": "post_only", "sz": "1", "px": away, "clOrdId": name});
    let change = |name: &str, size: &str| json!({"instId": BTC, "clOrdId": name, "newSz": size, "reqId": "c1"});
    let named = |name: &str| json!({"instId": BTC, "clOrdId": name});
    let calls: [(&str, Value, &[&str]); 10] = [
        (
            "account/set-leverage",
            json!({"instId": BTC, "lever": "12", "mgnMode": "cross"}),
            &[],
        ),
        ("trade/order", order("a1"), &["subCode"]),
        (
            "trade/batch-orders",
            json!([order("a2"), order("a3")]),
            &["subCode"],
        ),
        // The name of a label does not stand in answers to changes.
        ("trade/amend-order", change("a1", "2"), &["subCode", "tag"]),
        (
            "trade/amend-batch-orders",
            json!([change("a2", "2"), change("a3", "3")]),
            &["subCode", "tag"],
        ),
        ("trade/cancel-order", named("a1"), &["subCode"]),
        (
            "trade/cancel-batch-orders",
            json!([named("a2"), named("a3")]),
            &["subCode"],
        ),
        ("trade/cancel-all-after", json!({"timeOut": "10"}), &[]),
        ("trade/cancel-all-after", json!({"timeOut": "0"}), &[]),
        (
            "trade/close-position",
            json!({"instId": BTC, "mgnMode": "cross"}),
            &[],
        ),
    ];
    for (path, body, new) in calls {
        let path = format!("/api/v5/{path}");
        let ours = client.post(&path, &body);
        assert_eq!(ours["code"], "0", "{path}: {ours}");
        same(&format!("rest POST {path}"), &ours, new);
    }
    client.good("/api/v5/trade/cancel-order", &named("resting1"));
    let mode = json!({"posMode": "long_short_mode"});
    let ours = client.post("/api/v5/account/set-position-mode", &mode);
    same("rest POST /api/v5/account/set-position-mode", &ours, &[]);
}

#[test]
fn algo_orders_are_answered_as_documented() {
    let mut client = trader();
    let algo = json!({
        "instId": BTC, "tdMode": "cross", "side": "sell", "ordType": "trigger", "sz": "1",
        "triggerPx": "50000", "orderPx": "-1", "reduceOnly": true, "algoClOrdId": "s1",
    });
    let ours = client.post("/api/v5/trade/order-algo", &algo);
    same(
        "rest POST /api/v5/trade/order-algo",
        &ours,
        &["subCode", "tag"],
    );
    let id = ours["data"][0]["algoId"].clone();
    let ours = client.get("/api/v5/trade/orders-algo-pending", "ordType=trigger");
    same(
        "rest GET /api/v5/trade/orders-algo-pending",
        &ours,
        &ALGO_NEW,
    );
    let ours = client.get("/api/v5/trade/order-algo", "algoClOrdId=s1");
    same("rest GET /api/v5/trade/order-algo", &ours, &ALGO_NEW);
    let change = json!({"instId": BTC, "algoId": id, "newTriggerPx": "50100", "reqId": "c1"});
    let ours = client.post("/api/v5/trade/amend-algos", &change);
    same("rest POST /api/v5/trade/amend-algos", &ours, &["subCode"]);
    let ours = client.post(
        "/api/v5/trade/cancel-algos",
        &json!([{"instId": BTC, "algoId": id}]),
    );
    same(
        "rest POST /api/v5/trade/cancel-algos",
        &ours,
        &["subCode", "algoClOrdId"],
    );
    let ours = client.get(
        "/api/v5/trade/orders-algo-history",
        "ordType=trigger&state=canceled",
    );
    same(
        "rest GET /api/v5/trade/orders-algo-history",
        &ours,
        &ALGO_NEW,
    );
}

#[test]
fn the_private_socket_answers_as_documented() {
    let mut client = trader();
    let line = client.line("private");
    let login = json!({"op": "login", "args": [client.login_arg()]});
    let said = client.say(line, &login);
    same("event login", &said[0], &[]);
    let away = format!("{:.1}", client.best(BTC).0 - 300.0);
    let order = |name: &str| json!({"instIdCode": 10459, "tdMode": "cross", "side": "buy", "ordType": "limit", "sz": "1", "px": away, "clOrdId": name});
    let change =
        |name: &str| json!({"instIdCode": 10459, "clOrdId": name, "newSz": "2", "reqId": "c1"});
    let named = |name: &str| json!({"instIdCode": 10459, "clOrdId": name});
    for (op, args) in [
        ("order", json!([order("w1")])),
        ("amend-order", json!([change("w1")])),
        ("cancel-order", json!([named("w1")])),
        ("batch-orders", json!([order("w2"), order("w3")])),
        ("batch-amend-orders", json!([change("w2"), change("w3")])),
        ("batch-cancel-orders", json!([named("w2"), named("w3")])),
    ] {
        let ours = client.op(line, op, args);
        assert_eq!(ours["code"], "0", "{ours}");
        same(&format!("op {op}"), &ours, &["subCode", "tag"]);
    }
}

#[test]
fn market_channels_say_what_is_documented() {
    let mut client = Client::new(&[]);
    for (door, channel, name, new) in [
        ("public", "books", "OrderBook", &["action"][..]),
        ("public", "trades", "Trades", &[]),
        ("public", "tickers", "Ticker", &[]),
        ("public", "mark-price", "MarkPrice", &[]),
        ("public", "price-limit", "PriceLimit", &["instType"]),
        ("public", "funding-rate", "FundingRate", &["formulaType"]),
        ("business", "candle1m", "Klines", &[]),
    ] {
        let line = client.line(door);
        let mut said = client.hear(line, json!({"channel": channel, "instId": BTC}));
        client.pass(3_000);
        said.append(&mut client.said(line));
        let ours = said.into_iter().find(|m| m.get("data").is_some());
        let ours = ours.unwrap_or_else(|| panic!("{channel} is silent"));
        same(&format!("channel {name}"), &ours, new);
    }
}

#[test]
fn private_channels_say_what_is_documented() {
    let mut client = Client::new(&[]);
    let line = client.private("private");
    for arg in [
        json!({"channel": "orders", "instType": "ANY"}),
        json!({"channel": "positions", "instType": "SWAP"}),
        json!({"channel": "account"}),
        json!({"channel": "balance_and_position"}),
    ] {
        client.hear(line, arg);
    }
    client.market("buy", "1");
    let said = client.said(line);
    let last = |channel: &str| {
        let mut mine = said.iter().rev();
        mine.find(|m| m["arg"]["channel"] == channel).unwrap()
    };
    let eventful = ["uid", "eventType", "curPage", "lastPage"];
    let order = ["uid", "instId", "isTpLimit", "linkedAlgoOrd"];
    same("channel Order", last("orders"), &order);
    let position = last("positions");
    // Price to break even and worth of the currency: in answers of REST from the start.
    let priced = [&eventful[..], &["usdPx", "bePx"]].concat();
    same("channel Position", position, &priced);
    same(
        "channel BalanceAndPosition",
        last("balance_and_position"),
        &["uid"],
    );
    let coin = [
        "accAvgPx",
        "colBorrAutoConversion",
        "colRes",
        "collateralEnabled",
        "collateralRestrict",
        "maxSpotInUse",
        "openAvgPx",
        "smtSyncEq",
        "spotBal",
        "spotCopyTradingEq",
        "spotUpl",
        "spotUplRatio",
        "totalPnl",
        "totalPnlRatio",
    ];
    same(
        "channel Balance",
        last("account"),
        &[&eventful[..], &coin].concat(),
    );
}

#[test]
fn algo_channels_say_what_is_documented() {
    let mut client = trader();
    let line = client.private("business");
    client.hear(line, json!({"channel": "orders-algo", "instType": "SWAP"}));
    client.hear(line, json!({"channel": "algo-advance", "instType": "SWAP"}));
    let stop = json!({
        "instId": BTC, "tdMode": "cross", "side": "sell", "ordType": "conditional", "sz": "1",
        "slTriggerPx": "50000", "slOrdPx": "-1", "reduceOnly": true,
    });
    client.good("/api/v5/trade/order-algo", &stop);
    let trail = json!({
        "instId": BTC, "tdMode": "cross", "side": "sell", "ordType": "move_order_stop", "sz": "1",
        "callbackRatio": "0.01", "reduceOnly": true,
    });
    client.good("/api/v5/trade/order-algo", &trail);
    let said = client.said(line);
    let first = |channel: &str| {
        said.iter()
            .find(|m| m["arg"]["channel"] == channel)
            .unwrap()
    };
    let common = [
        "uid",
        "activePx",
        "callbackRatio",
        "callbackSpread",
        "count",
        "isTradeBorrowMode",
        "moveTriggerPx",
        "pxLimit",
        "pxSpread",
        "pxVar",
        "szLimit",
        "timeInterval",
        "triggerPxType",
    ];
    same("channel AlgoOrder", first("orders-algo"), &common);
    let mut ours = first("algo-advance").clone();
    // When the message was made.
    ours["data"][0]["pTime"] = "".into();
    let more = [
        "uid",
        "amendPxOnTriggerType",
        "amendResult",
        "attachAlgoOrds",
        "closeFraction",
        "isTradeBorrowMode",
        "last",
        "linkedOrd",
        "ordId",
        "ordIdList",
        "quickMgnType",
        "reqId",
        "slTriggerPxType",
        "tgtCcy",
        "tpTriggerPxType",
        "triggerPxType",
        "uTime",
    ];
    same("channel AdvancedAlgoOrder", &ours, &more);
}
