//! The account's topics.

use serde_json::{Value, json};

use super::super::client::{Client, number};

#[test]
fn a_fill_is_told_on_every_topic_and_the_numbers_agree() {
    let mut client = Client::new(&[]);
    let line = client.private(&["order", "execution", "execution.fast", "position", "wallet"]);
    let more = json!({"orderLinkId": "f1"});
    let id = client.placed("Buy", "Market", "0.01", &more);
    client.pass(10);
    let said = client.said(line);
    let topics: Vec<&str> = said.iter().map(|m| m["topic"].as_str().unwrap()).collect();
    assert_eq!(
        topics,
        ["execution.fast", "execution", "order", "position", "wallet"]
    );
    assert!(said[0].get("id").is_none());
    assert!(
        said[1..]
            .iter()
            .all(|m| m["id"].as_str().unwrap().len() == 36)
    );
    let (fast, fill) = (&said[0]["data"][0], &said[1]["data"][0]);
    assert_eq!(fast["execId"], fill["execId"]);
    assert_eq!(
        (&fill["orderId"], &fill["orderLinkId"]),
        (&json!(id), &json!("f1"))
    );
    assert_eq!(
        (&fill["execType"], &fill["isMaker"], &fill["feeRate"]),
        (&json!("Trade"), &json!(false), &json!("0.00055"))
    );
    let fee = number(&fill["execValue"]) * 0.00055;
    assert!((number(&fill["execFee"]) - fee).abs() < 1e-7);
    let order = said[2]["data"].as_array().unwrap().last().unwrap();
    assert_eq!(order["orderStatus"], "Filled");
    assert_eq!(order["cumExecFee"], fill["execFee"]);
    assert_eq!(order["cumFeeDetail"]["USDT"], fill["execFee"]);
    let position = &said[3]["data"][0];
    assert_eq!(
        (&position["side"], &position["size"]),
        (&json!("Buy"), &json!("0.01"))
    );
    assert!(position.get("avgPrice").is_none());
    assert_eq!(
        position["curRealisedPnl"],
        format!("-{}", fill["execFee"].as_str().unwrap())
    );
    let wallet = &said[4]["data"][0];
    assert_eq!(wallet["accountType"], "UNIFIED");
    let usdt = &wallet["coin"][0];
    assert_eq!(usdt["coin"], "USDT");
    assert!((10_000.0 - number(&fill["execFee"]) - number(&usdt["walletBalance"])).abs() < 1e-7);
}

#[test]
fn a_maker_has_no_name_on_the_fast_topic() {
    let mut client = Client::new(&[]);
    let line = client.private(&["execution", "execution.fast"]);
    let mut fills: Vec<(Value, Value)> = Vec::new();
    for n in 0..200 {
        let (bid, _) = client.best("linear", "BTCUSDT");
        let more = json!({"price": super::super::client::at(bid), "timeInForce": "PostOnly", "orderLinkId": format!("m{n}")});
        client.order("Buy", "Limit", "0.01", &more);
        client.pass(500);
        let said = client.said(line);
        for two in said.chunks(2) {
            let rows = |at: usize| two[at]["data"].as_array().unwrap().clone();
            fills.extend(rows(0).into_iter().zip(rows(1)));
        }
        if !fills.is_empty() {
            break;
        }
    }
    let (fast, fill) = &fills[0];
    assert_eq!(
        (&fast["isMaker"], &fast["orderLinkId"]),
        (&json!(true), &json!(""))
    );
    assert_eq!(fast["orderId"], fill["orderId"]);
    assert!(fill["orderLinkId"].as_str().unwrap().starts_with('m'));
    assert_eq!(fill["feeRate"], "0.0002");
}

#[test]
fn topics_of_a_category_are_named_so_and_not_mixed_with_the_whole() {
    let mut client = Client::new(&[]);
    let line = client.private(&["order.linear", "execution.spot"]);
    let mixed = client.say(
        line,
        &json!({"op": "subscribe", "args": ["position", "position.linear"]}),
    );
    assert_eq!(mixed[0]["success"], false);
    let unknown = client.say(line, &json!({"op": "subscribe", "args": ["dance"]}));
    assert_eq!(unknown[0]["success"], false);
    client.placed("Buy", "Market", "0.01", &json!({}));
    let spot = json!({"category": "spot", "symbol": "BTCUSDT", "side": "Buy", "orderType": "Market", "qty": "100"});
    client.good("/v5/order/create", &spot);
    client.pass(10);
    let said = client.said(line);
    let topics: Vec<&Value> = said.iter().map(|m| &m["topic"]).collect();
    assert_eq!(topics, ["execution.spot", "order.linear"]);
    let categories = |m: &Value| {
        m["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|r| r["category"].clone())
            .collect::<Vec<_>>()
    };
    assert!(categories(&said[0]).iter().all(|c| c == "spot"));
    assert!(categories(&said[1]).iter().all(|c| c == "linear"));
    let pong = client
        .say(line, &json!({"op": "ping", "req_id": "x"}))
        .remove(0);
    assert_eq!(
        (&pong["op"], &pong["req_id"], &pong["args"]),
        (
            &json!("pong"),
            &json!("x"),
            &json!([client.now.to_string()])
        )
    );
}

#[test]
fn nothing_is_told_to_begin_with_and_a_position_is_told_again_with_every_order() {
    let mut client = Client::new(&[]);
    let line = client.private(&["position", "wallet", "order"]);
    client.pass(1_000);
    assert!(client.said(line).is_empty());
    let more = json!({"price": "58000"});
    client.placed("Buy", "Limit", "0.01", &more);
    client.pass(10);
    let topics: Vec<Value> = client
        .said(line)
        .iter()
        .map(|m| m["topic"].clone())
        .collect();
    assert_eq!(topics, ["order", "position"]);
}

#[test]
fn faults_strike_the_accounts_topics() {
    let count = |fault: &str| {
        let mut client = Client::new(&[fault]);
        let line = client.private(&["order"]);
        client.placed("Buy", "Market", "0.01", &json!({}));
        client.pass(10);
        (
            client.said(line).len(),
            client.exchange.lines.open.contains_key(&line),
        )
    };
    assert_eq!(count("depth:dup"), (1, true));
    assert_eq!(count("private:dup@1"), (2, true));
    assert_eq!(count("private:gap@1"), (0, true));
    assert_eq!(count("private:silent@1"), (0, true));
    assert_eq!(count("private:halfopen@1"), (0, true));
    assert_eq!(count("private:cut@1"), (0, false));
}

#[test]
fn a_position_that_is_taken_away_says_how() {
    for (fault, kind) in [
        ("position:adl@1", "AdlTrade"),
        ("position:liquidate@1", "BustTrade"),
    ] {
        let mut client = Client::new(&[fault]);
        let line = client.private(&["execution"]);
        client.placed("Buy", "Market", "0.01", &json!({}));
        client.pass(2_000);
        let rows = client.rows(line, "execution");
        let last = rows.last().unwrap();
        assert_eq!(
            (&last["execType"], &last["orderLinkId"]),
            (&json!(kind), &json!("")),
            "{fault}"
        );
        assert_eq!(client.position()["size"], "0");
    }
}
