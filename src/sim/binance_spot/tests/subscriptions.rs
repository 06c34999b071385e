//! The account's events on the WebSocket API.

use serde_json::{Value, json};

use crate::sim::binance_spot::client::Client;

#[test]
fn an_orders_life_is_told_with_its_balances() {
    let mut client = Client::new(&[]);
    let line = client.subscribed();
    let (bid, _) = client.best();
    client.limit("BUY", "0.01", bid - 100.0, "&newClientOrderId=mine");
    let events = client.events(line);
    let brief = |events: &[Value]| -> Vec<String> {
        let word = |event: &Value, name: &str| event[name].as_str().unwrap_or("").to_owned();
        let brief = |e: &Value| format!("{} {} {}", word(e, "e"), word(e, "x"), word(e, "X"));
        events
            .iter()
            .map(|e| brief(e).trim_end().to_owned())
            .collect()
    };
    assert_eq!(
        brief(&events),
        ["executionReport NEW NEW", "outboundAccountPosition"]
    );
    assert_eq!(
        (&events[0]["c"], &events[0]["C"]),
        (&json!("mine"), &json!(""))
    );
    assert_eq!(events[0]["w"], true);
    assert_eq!(events[1]["B"].as_array().unwrap().len(), 1);
    assert_eq!(events[1]["B"][0]["a"], "USDT");
    client.good(
        "DELETE",
        "/api/v3/order",
        "symbol=BTCUSDT&origClientOrderId=mine&newClientOrderId=end",
    );
    let events = client.events(line);
    assert_eq!(
        brief(&events),
        [
            "executionReport CANCELED CANCELED",
            "outboundAccountPosition"
        ]
    );
    assert_eq!(
        (&events[0]["c"], &events[0]["C"]),
        (&json!("end"), &json!("mine"))
    );
    client.market("BUY", "quantity=0.001");
    let events = client.events(line);
    assert_eq!(
        brief(&events),
        [
            "executionReport NEW NEW",
            "executionReport TRADE FILLED",
            "outboundAccountPosition"
        ]
    );
    let fill = &events[1];
    assert_eq!(
        (&fill["N"], &fill["n"]),
        (&json!("BTC"), &json!("0.00000100"))
    );
    assert_eq!(fill["l"], "0.00100000");
    assert_eq!(fill["Z"], fill["Y"]);
    assert!(fill["t"].as_i64().unwrap() > 0);
    assert_eq!(events[2]["B"].as_array().unwrap().len(), 2);
}

#[test]
fn a_line_has_one_subscription_at_a_time() {
    let mut client = Client::new(&[]);
    let line = client.subscribed();
    let again = client.api(line, "userDataStream.subscribe.signature", json!({}));
    assert_eq!(again[0]["error"]["code"], -2035);
    let list = client.bare(line, "session.subscriptions", json!({}));
    assert_eq!(list[0]["result"], json!([{"subscriptionId": 0}]));
    let wrong = client.bare(
        line,
        "userDataStream.unsubscribe",
        json!({"subscriptionId": 7}),
    );
    assert_eq!(wrong[0]["error"]["code"], -2036);
    let said = client.bare(
        line,
        "userDataStream.unsubscribe",
        json!({"subscriptionId": 0}),
    );
    assert_eq!(said[0]["event"]["e"], "eventStreamTerminated");
    assert_eq!(said[1]["result"], json!({}));
    client.market("BUY", "quantity=0.001");
    assert!(client.said(line).is_empty(), "nobody listens any more");
    let next = client.api(line, "userDataStream.subscribe.signature", json!({}));
    assert_eq!(next[0]["result"]["subscriptionId"], 1);
}

#[test]
fn a_session_subscribes_without_a_signature_and_takes_its_stream_along() {
    let mut client = Client::new(&[]);
    client.become_key("ed25519");
    let line = client.line("/ws-api/v3", "returnRateLimits=false");
    let stranger = client.bare(line, "userDataStream.subscribe", json!({}));
    assert_eq!(stranger[0]["status"], 400, "{stranger:?}");
    let logon = client.api(line, "session.logon", json!({}));
    assert_eq!(logon[0]["result"]["userDataStream"], false);
    let subscribed = client.bare(line, "userDataStream.subscribe", json!({}));
    assert_eq!(
        subscribed[0]["result"]["subscriptionId"], 0,
        "{subscribed:?}"
    );
    let status = client.bare(line, "session.status", json!({}));
    assert_eq!(status[0]["result"]["userDataStream"], true);
    let order = json!({"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.001", "timestamp": client.now});
    let said = client.bare(line, "order.place", order);
    assert_eq!(said[0]["status"], 200, "{said:?}");
    assert!(said.iter().any(|s| s["event"]["x"] == "TRADE"), "{said:?}");
    let said = client.bare(line, "session.logout", json!({}));
    assert_eq!(said[0]["event"]["e"], "eventStreamTerminated");
    assert_eq!(said[1]["result"]["userDataStream"], false);
    // Keys with a shared secret cannot log on.
    client.become_key("trade");
    let refused = client.api(line, "session.logon", json!({}));
    assert_eq!(refused[0]["error"]["code"], -4056);
}

#[test]
fn a_listen_key_does_not_exist_any_more() {
    let mut client = Client::new(&[]);
    assert_eq!(client.rest("POST", "/api/v3/userDataStream", "").0, 404);
    let line = client.line("/ws-api/v3", "");
    let said = client.bare(
        line,
        "userDataStream.start",
        json!({"apiKey": client.api_key}),
    );
    assert_ne!(said[0]["status"], 200);
}
