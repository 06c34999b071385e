//! Field by field against documented and recorded messages: everything there has the same JSON type here, and nothing is added but
//! what newer documents name.

use serde_json::{Value, json};

use super::client::{Client, at};
use crate::sim::wire::LineId;

const DOCUMENTED: &str = include_str!("../../../tests/wire/bybit/server/documented.jsonl");

/// Order fields of the documents of 2026 that the older examples lack.
const ORDER_NEW: &[&str] = &[
    "category",
    "createType",
    "closedPnl",
    "cumFeeDetail",
    "feeCurrency",
    "marketUnit",
    "slippageToleranceType",
    "slippageTolerance",
    "USDT",
];
/// Execution fields of the documents of 2026 that the older examples lack.
const EXECUTION_NEW: &[&str] = &[
    "category",
    "createType",
    "execPnl",
    "extraFees",
    "feeCurrency",
    "isLeverage",
    "isMaker",
];

fn documented(name: &str) -> Value {
    DOCUMENTED
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .find(|row| row["name"] == name)
        .unwrap_or_else(|| panic!("no row {name}"))["msg"]
        .take()
}

/// What may differ from an older document, each with its reason beside the call.
#[derive(Clone, Copy, Default)]
struct Allowed<'a> {
    gone: &'a [&'a str],
    new: &'a [&'a str],
}

fn word(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

fn differences(at: &str, theirs: &Value, ours: &Value, allowed: Allowed, out: &mut Vec<String>) {
    match (theirs, ours) {
        (Value::Object(theirs), Value::Object(ours)) => {
            for (name, value) in theirs {
                let here = format!("{at}.{name}");
                match ours.get(name) {
                    None if allowed.gone.contains(&name.as_str()) => {}
                    None => out.push(format!("{here} is missing")),
                    Some(mine) => differences(&here, value, mine, allowed, out),
                }
            }
            for name in ours.keys().filter(|name| !theirs.contains_key(*name)) {
                if !allowed.new.contains(&name.as_str()) {
                    out.push(format!("{at}.{name} is not documented"));
                }
            }
        }
        (Value::Array(theirs), Value::Array(ours)) => {
            if let Some(first) = theirs.first() {
                match ours.first() {
                    Some(mine) => differences(&format!("{at}[]"), first, mine, allowed, out),
                    None if allowed.gone.iter().any(|name| at.ends_with(name)) => {}
                    None => out.push(format!("{at} is empty")),
                }
            }
        }
        _ if word(theirs) != word(ours) => out.push(format!(
            "{at} is {} but documented as {}",
            word(ours),
            word(theirs)
        )),
        _ => {}
    }
}

fn same(name: &str, ours: &Value, allowed: Allowed) {
    let mut out = Vec::new();
    differences("$", &documented(name), ours, allowed, &mut out);
    assert!(out.is_empty(), "{name}: {out:#?}");
}

/// The names of a text's fields in the order in which they stand.
fn order(text: &str) -> Vec<&str> {
    let quoted = text.split('"').skip(1).step_by(2);
    let after = text.split('"').skip(2).step_by(2);
    quoted
        .zip(after)
        .filter(|(_, after)| after.starts_with(':'))
        .map(|(name, _)| name)
        .collect()
}

/// The text of a recorded message, as it came.
fn recorded(name: &str) -> String {
    let line = DOCUMENTED
        .lines()
        .find(|line| line.contains(&format!("\"{name}\"")));
    let (_, text) = line.unwrap().split_once(r#""msg":"#).unwrap();
    text.strip_suffix('}').unwrap().to_owned()
}

/// A trader with a position, a resting order and a past.
fn trader() -> Client {
    let mut client = Client::new(&[]);
    client.placed("Buy", "Market", "0.01", &json!({}));
    let (bid, _) = client.best("linear", "BTCUSDT");
    let more = json!({"price": at(bid - 200.0), "orderLinkId": "resting"});
    client.placed("Buy", "Limit", "0.01", &more);
    client.pass(1_000);
    client
}

#[test]
fn open_questions_are_answered_as_documented() {
    let mut client = trader();
    client.pass(10_000);
    let linear = "category=linear&symbol=BTCUSDT";
    let spot = "category=spot&symbol=BTCUSDT";
    for (name, path, query, new) in [
        // `cts`: engine time, since 2024.
        ("GetOrderbook", "/v5/market/orderbook", linear, &["cts"][..]),
        // Fields of the recording of 2026-08-09.
        (
            "GetLinearInverseSymbols",
            "/v5/market/instruments-info",
            linear,
            &[
                "isPreListing",
                "preListingInfo",
                "riskParameters",
                "displayName",
                "symbolId",
                "forbidUplWithdrawal",
                "symbolType",
            ],
        ),
        (
            "GetSpotSymbols",
            "/v5/market/instruments-info",
            spot,
            &[
                "innovation",
                "symbolId",
                "symbolType",
                "maxLimitOrderQty",
                "maxMarketOrderQty",
                "postOnlyMaxLimitOrderSize",
            ],
        ),
        (
            "GetLinearInverseTickers",
            "/v5/market/tickers",
            linear,
            &["fundingIntervalHour", "fundingCap"],
        ),
        ("GetSpotTickers", "/v5/market/tickers", spot, &[]),
        (
            "GetTradeHistory",
            "/v5/market/recent-trade",
            spot,
            &["isRPITrade", "seq"],
        ),
        ("GetOrderPriceLimit", "/v5/market/price-limit", linear, &[]),
        // `nextPageCursor`: risk limits come in pages since 2024; `mmDeduction` since 2025.
        (
            "GetRiskLimit",
            "/v5/market/risk-limit",
            linear,
            &["nextPageCursor", "mmDeduction"],
        ),
    ] {
        let ours = client.send("GET", path, query, "", Vec::new());
        let allowed = Allowed {
            new,
            gone: &["lowerFundingRate"],
        };
        same(
            &format!("rest ExchangeData/{name} {path}"),
            &super::client::body(&ours),
            allowed,
        );
    }
    let query = format!("{linear}&interval=60");
    let ours = client.send("GET", "/v5/market/kline", &query, "", Vec::new());
    same(
        "rest ExchangeData/GetKlines /v5/market/kline",
        &super::client::body(&ours),
        Allowed::default(),
    );
}

#[test]
fn questions_about_the_account_are_answered_as_documented() {
    let mut client = trader();
    let linear = "category=linear&symbol=BTCUSDT";
    let order = Allowed {
        new: ORDER_NEW,
        gone: &[],
    };
    for (name, path, query, allowed) in [
        ("Trading/GetOrders", "/v5/order/realtime", linear, order),
        (
            "Trading/GetOrderHistory",
            "/v5/order/history",
            linear,
            order,
        ),
        (
            "Trading/GetUserTrades",
            "/v5/execution/list",
            linear,
            Allowed {
                new: EXECUTION_NEW,
                gone: &[],
            },
        ),
        // `breakEvenPrice`: since 2025.
        (
            "Trading/GetPositions",
            "/v5/position/list",
            linear,
            Allowed {
                new: &["breakEvenPrice"],
                gone: &[],
            },
        ),
        // `spotBorrow`: since 2025.
        (
            "Account/GetBalances",
            "/v5/account/wallet-balance",
            "accountType=UNIFIED",
            Allowed {
                new: &["spotBorrow"],
                gone: &[],
            },
        ),
        // The envelope of the example is cut short.
        (
            "Account/GetMarginAccountInfo",
            "/v5/account/info",
            "",
            Allowed {
                new: &["retExtInfo", "time"],
                gone: &[],
            },
        ),
        // `category` and `baseCoin`: since 2024.
        (
            "Account/GetFeeRate",
            "/v5/account/fee-rate",
            linear,
            Allowed {
                new: &["category", "baseCoin"],
                gone: &[],
            },
        ),
        (
            "Account/GetApiKeyInfo",
            "/v5/user/query-api",
            "",
            Allowed {
                // What this key may not do.
                gone: &["Options", "Wallet"],
                new: &[],
            },
        ),
    ] {
        let ours = client.get(path, query);
        same(&format!("rest {name} {path}"), &ours, allowed);
    }
}

#[test]
fn orders_and_settings_are_answered_as_documented() {
    let mut client = trader();
    let (bid, _) = client.best("linear", "BTCUSDT");
    let price = at(bid - 300.0);
    let named = |name: &str, more: Value| {
        let mut params = json!({"category": "linear", "symbol": "BTCUSDT", "orderLinkId": name});
        for (field, value) in more.as_object().unwrap() {
            params[field] = value.clone();
        }
        params
    };
    let placed = |name: &str| {
        named(
            name,
            json!({"side": "Buy", "orderType": "Limit", "qty": "0.01", "price": price}),
        )
    };
    let many = |rows: Vec<Value>| json!({"category": "linear", "request": rows});
    for (name, path, params) in [
        ("Trading/PlaceOrder", "/v5/order/create", placed("d1")),
        (
            "Trading/EditOrder",
            "/v5/order/amend",
            named("d1", json!({"qty": "0.02"})),
        ),
        (
            "Trading/CancelOrder",
            "/v5/order/cancel",
            named("d1", json!({})),
        ),
        (
            "Trading/PlaceMultipleOrders",
            "/v5/order/create-batch",
            many(vec![placed("d2"), placed("d3")]),
        ),
        (
            "Trading/EditMultipleOrders",
            "/v5/order/amend-batch",
            many(vec![named("d2", json!({"qty": "0.02"}))]),
        ),
        (
            "Trading/CancelMultipleOrders",
            "/v5/order/cancel-batch",
            many(vec![named("d2", json!({})), named("d2", json!({}))]),
        ),
        (
            "Trading/CancelAllOrder",
            "/v5/order/cancel-all",
            json!({"category": "linear", "settleCoin": "USDT"}),
        ),
        (
            "Trading/SetTradingStop",
            "/v5/position/trading-stop",
            named(
                "",
                json!({"tpslMode": "Full", "positionIdx": 0, "stopLoss": at(bid - 900.0)}),
            ),
        ),
        (
            "Account/SetLeverage",
            "/v5/position/set-leverage",
            named("", json!({"buyLeverage": "9", "sellLeverage": "9"})),
        ),
    ] {
        let ours = client.post(path, &params);
        assert_eq!(ours["retCode"], 0, "{path}: {ours}");
        same(&format!("rest {name} {path}"), &ours, Allowed::default());
    }
    let mut fresh = Client::new(&[]);
    let mode = json!({"category": "linear", "coin": "USDT", "mode": 3});
    let ours = fresh.post("/v5/position/switch-mode", &mode);
    same(
        "rest Account/SwitchPositionMode /v5/position/switch-mode",
        &ours,
        Allowed::default(),
    );
}

#[test]
fn the_accounts_topics_say_what_is_documented() {
    let mut client = Client::new(&[]);
    let line = client.line("/v5/private", "");
    let mut auth = client.auth();
    auth["req_id"] = "1".into();
    same(
        "line Private/Order 1",
        &client.say(line, &auth)[0],
        Allowed::default(),
    );
    let topics = json!(["order", "execution", "execution.fast", "position", "wallet"]);
    let subscribe = json!({"op": "subscribe", "req_id": "2", "args": topics});
    same(
        "line Private/Order 3",
        &client.say(line, &subscribe)[0],
        Allowed::default(),
    );
    client.placed("Buy", "Market", "0.01", &json!({}));
    client.pass(10);
    let said = client.said(line);
    let topic = |name: &str| said.iter().find(|m| m["topic"] == name).unwrap();
    // `isMaker`: the document of 2026 lists it.
    let fast = Allowed {
        new: &["isMaker"],
        gone: &[],
    };
    same(
        "line Private/MinimalUserTrades 4",
        topic("execution.fast"),
        fast,
    );
    let executed = Allowed {
        new: EXECUTION_NEW,
        gone: &[],
    };
    same("line Private/UserTrades 4", topic("execution"), executed);
    let order = [ORDER_NEW, &["isLeverage"]].concat();
    same(
        "line Private/Order 4",
        topic("order"),
        Allowed {
            new: &order,
            gone: &[],
        },
    );
    let position = Allowed {
        new: &["breakEvenPrice"],
        gone: &[],
    };
    same("line Private/Position 4", topic("position"), position);
    let wallet = Allowed {
        new: &["spotBorrow"],
        gone: &[],
    };
    same("line Private/Balance 4", topic("wallet"), wallet);
}

#[test]
fn order_entry_is_answered_as_documented() {
    let mut client = Client::new(&[]);
    let line = client.line("/v5/trade", "");
    let mut auth = client.auth();
    auth["reqId"] = "1".into();
    same(
        "trade Private/PlaceOrder 1",
        &client.say(line, &auth)[0],
        Allowed::default(),
    );
    let (bid, _) = client.best("linear", "BTCUSDT");
    let more = json!({"price": at(bid - 200.0), "orderLinkId": "t1"});
    let order = super::client::linear("Buy", "Limit", "0.01", &more);
    let ours = client.enter(line, "order.create", &order);
    same("trade Private/PlaceOrder 3", &ours[0], Allowed::default());
    let mut named = json!({"category": "linear", "symbol": "BTCUSDT", "orderLinkId": "t1"});
    named["qty"] = "0.02".into();
    let ours = client.enter(line, "order.amend", &named);
    same("trade Private/EditOrder 3", &ours[0], Allowed::default());
    let ours = client.enter(line, "order.cancel", &named);
    same("trade Private/CancelOrder 3", &ours[0], Allowed::default());
}

fn listen(client: &mut Client, path: &str, topic: &str) -> LineId {
    let line = client.line(path, "");
    let text = json!({"op": "subscribe", "args": [topic]}).to_string();
    crate::sim::wire::Wire::hear(&mut client.exchange, client.now, line, &text);
    line
}

#[test]
fn public_topics_are_told_as_they_were_recorded_fields_order_included() {
    let mut client = Client::new(&[]);
    for (category, topic, kinds) in [
        ("linear", "orderbook.200", &["snapshot", "delta"][..]),
        ("spot", "orderbook.200", &["snapshot", "delta"]),
        ("linear", "publicTrade", &["snapshot"]),
        ("spot", "publicTrade", &["snapshot"]),
        ("linear", "kline.1", &["snapshot"]),
        ("spot", "kline.1", &["snapshot"]),
        ("linear", "tickers", &["snapshot"]),
        ("spot", "tickers", &["snapshot"]),
    ] {
        let path = format!("/v5/public/{category}");
        let line = listen(&mut client, &path, &format!("{topic}.BTCUSDT"));
        client.pass(8_000);
        let texts = client.texts(line);
        let answer: Value = serde_json::from_str(&texts[0]).unwrap();
        // Spot tells `req_id` only where there was one.
        same(
            &format!("recorded {category} subscribe"),
            &answer,
            Allowed::default(),
        );
        for kind in kinds {
            let name = format!("recorded {category} {topic} {kind}");
            let marked = format!(r#""type":"{kind}""#);
            let text = texts.iter().find(|text| text.contains(&marked)).unwrap();
            let ours: Value = serde_json::from_str(text).unwrap();
            // Interest of one side: 2026, and nobody here has any.
            let gone = &["singleOpenInterest", "singleOpenInterestValue"];
            same(&name, &ours, Allowed { gone, new: &[] });
            if matches!(topic, "orderbook.200" | "publicTrade") {
                let theirs = recorded(&name);
                let unique = |text: &str| {
                    let mut seen = Vec::new();
                    for name in order(text) {
                        if !seen.contains(&name.to_owned()) {
                            seen.push(name.to_owned());
                        }
                    }
                    seen
                };
                assert_eq!(unique(text), unique(&theirs), "{name}");
            }
        }
    }
    let line = listen(&mut client, "/v5/public/linear", "orderbook.1.BTCUSDT");
    let text = client.texts(line).remove(1);
    let ours = serde_json::from_str(&text).unwrap();
    same(
        "recorded linear orderbook.1 snapshot",
        &ours,
        Allowed::default(),
    );
    let line = listen(&mut client, "/v5/public/spot", "priceLimit.BTCUSDT");
    client.pass(400);
    let ours = client.said(line).remove(1);
    same("line Spot/PriceLimit 2", &ours, Allowed::default());
}

#[test]
fn instruments_have_the_fields_of_the_recording() {
    let mut client = Client::new(&[]);
    for (category, gone) in [
        // What is of no use to anybody who trades.
        ("linear", &[][..]),
        ("spot", &["xstockMultiplier"]),
    ] {
        let query = format!("category={category}&symbol=BTCUSDT");
        let ours = client.open("/v5/market/instruments-info", &query)["list"][0].clone();
        let allowed = Allowed { gone, new: &[] };
        same(&format!("recorded {category} instrument"), &ours, allowed);
    }
}
