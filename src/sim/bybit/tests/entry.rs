//! Order entry over a line.

use serde_json::{Value, json};

use super::super::client::{Client, at, linear};

#[test]
fn an_order_is_placed_changed_and_cancelled_without_a_signature() {
    let mut client = Client::new(&[]);
    let line = client.trading();
    let (bid, _) = client.best("linear", "BTCUSDT");
    let order = linear(
        "Buy",
        "Limit",
        "0.01",
        &json!({"price": at(bid - 200.0), "orderLinkId": "w1"}),
    );
    let answer = client.enter(line, "order.create", &order).remove(0);
    assert_eq!(
        (&answer["retCode"], &answer["retMsg"], &answer["op"]),
        (&json!(0), &json!("OK"), &json!("order.create"))
    );
    assert_eq!(
        (&answer["reqId"], &answer["retExtInfo"]),
        (&json!("r1"), &json!({}))
    );
    assert_eq!(answer["data"]["orderLinkId"], "w1");
    assert_eq!(answer["header"]["X-Bapi-Limit"], "10");
    assert_eq!(answer["header"]["X-Bapi-Limit-Status"], "9");
    assert_eq!(answer["header"]["Timenow"], client.now.to_string());
    let named = json!({"category": "linear", "symbol": "BTCUSDT", "orderLinkId": "w1"});
    let mut change = named.clone();
    change["qty"] = "0.02".into();
    assert_eq!(
        client.enter(line, "order.amend", &change)[0]["data"],
        answer["data"]
    );
    assert_eq!(client.enter(line, "order.cancel", &named)[0]["retCode"], 0);
    assert_eq!(
        client.enter(line, "order.cancel", &named)[0]["retCode"],
        110_001
    );
    let pong = client
        .say(line, &json!({"op": "ping", "reqId": "p"}))
        .remove(0);
    assert_eq!((&pong["op"], &pong["reqId"]), (&json!("pong"), &json!("p")));
    assert_eq!(pong["data"], json!([client.now.to_string()]));
}

#[test]
fn what_comes_of_an_order_is_told_after_its_answer() {
    let mut client = Client::new(&[]);
    let own = client.private(&["order"]);
    let line = client.trading();
    let order = linear("Buy", "Market", "0.01", &json!({}));
    let answer = client.enter(line, "order.create", &order);
    assert_eq!(answer[0]["retCode"], 0);
    assert!(client.said(own).is_empty());
    client.pass(10);
    let rows = client.rows(own, "order");
    assert_eq!(rows.last().unwrap()["orderStatus"], "Filled");
    assert_eq!(
        rows.last().unwrap()["orderId"],
        answer[0]["data"]["orderId"]
    );
}

#[test]
fn a_request_has_a_number_of_its_own_a_fresh_time_and_a_known_operation() {
    let mut client = Client::new(&[]);
    let line = client.trading();
    let order = linear("Buy", "Limit", "0.01", &json!({"price": "50000"}));
    let request = |id: Value, time: i64, op: &str, args: Value| json!({"reqId": id, "header": {"X-BAPI-TIMESTAMP": time.to_string()}, "op": op, "args": args});
    let now = client.now;
    let mut code = |request: &Value| client.say(line, request)[0]["retCode"].as_i64().unwrap();
    let good = request(json!("a"), now, "order.create", json!([order]));
    assert_ne!(code(&good), 20006);
    assert_eq!(code(&good), 20006);
    assert_eq!(
        code(&request(
            json!("b".repeat(37)),
            now,
            "order.create",
            json!([order])
        )),
        10001
    );
    assert_eq!(
        code(&request(json!(7), now, "order.create", json!([order]))),
        10001
    );
    assert_eq!(
        code(&request(
            json!("c"),
            now - 5_001,
            "order.create",
            json!([order])
        )),
        10002
    );
    assert_eq!(
        code(&request(json!("d"), now, "order.dance", json!([order]))),
        10404
    );
    let other = json!([{"category": "dance", "symbol": "BTCUSDT"}]);
    assert_eq!(
        code(&request(json!("e"), now, "order.cancel", other)),
        10404
    );
    assert_eq!(
        code(&request(
            json!("f"),
            now,
            "order.create",
            json!([order, order])
        )),
        10001
    );
    assert_eq!(
        code(&json!({"op": "order.create", "args": [order]})),
        10001,
        "no header"
    );
    assert_eq!(code(&json!(7)), 10001);
    let stranger = client.line("/v5/trade", "");
    let request = request(json!("g"), now, "order.create", json!([order]));
    assert_ne!(client.say(stranger, &request)[0]["retCode"], 0);
    // Numbers in the header are as good as text.
    let request = json!({"header": {"X-BAPI-TIMESTAMP": now, "X-BAPI-RECV-WINDOW": 5000}, "op": "order.cancel",
        "args": [{"category": "linear", "symbol": "BTCUSDT", "orderLinkId": "no"}]});
    assert_eq!(client.say(line, &request)[0]["retCode"], 110_001);
}

#[test]
fn a_batch_is_one_request_with_an_outcome_an_order() {
    let mut client = Client::new(&[]);
    let line = client.trading();
    let (bid, _) = client.best("linear", "BTCUSDT");
    let one = |name: &str| {
        let mut order = linear(
            "Buy",
            "Limit",
            "0.01",
            &json!({"price": at(bid - 200.0), "orderLinkId": name}),
        );
        order.as_object_mut().unwrap().remove("category");
        order
    };
    let orders: Vec<Value> = (0..12).map(|n| one(&format!("n{n}"))).collect();
    let args = json!({"category": "linear", "request": orders});
    let answer = client.enter(line, "order.create-batch", &args).remove(0);
    assert_eq!(answer["retCode"], 0);
    let codes = answer["retExtInfo"]["list"].as_array().unwrap();
    let codes: Vec<i64> = codes.iter().map(|c| c["code"].as_i64().unwrap()).collect();
    // The budget of a second is ten orders.
    assert_eq!(codes, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10006, 10006]);
    assert_eq!(answer["data"]["list"][11]["orderId"], "");
    assert_eq!(answer["header"]["X-Bapi-Limit-Status"], "0");
}

#[test]
fn a_session_that_hammers_is_told_so() {
    let mut client = Client::new(&[]);
    let line = client.trading();
    let cancel = json!({"category": "linear", "symbol": "BTCUSDT", "orderLinkId": "no"});
    let codes: Vec<i64> = (0..201)
        .map(|_| {
            client.enter(line, "order.cancel", &cancel)[0]["retCode"]
                .as_i64()
                .unwrap()
        })
        .collect();
    assert_eq!((codes[0], codes[10], codes[200]), (110_001, 10006, 20003));
}
