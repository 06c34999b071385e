//! Streams: continuity, routes, listen keys.

use crate::sim::wire::Wire as _;
use serde_json::{Value, json};

use super::{ORDER, number};
use crate::sim::binance_futures::client::Client;

#[test]
fn depth_messages_chain_and_join_the_snapshot_at_every_pace() {
    for pace in ["@100ms", "", "@500ms"] {
        let mut client = Client::new(&[]);
        let line = client.line(&format!("/public/ws/btcusdt@depth{pace}"), "");
        client.pass(1500);
        let snapshot = client.open("/fapi/v1/depth", "symbol=BTCUSDT&limit=1000");
        client.pass(3000);
        let last = snapshot["lastUpdateId"].as_u64().unwrap();
        let id = |event: &Value, name: &str| event[name].as_u64().unwrap();
        let events = client.said(line);
        for pair in events.windows(2) {
            assert_eq!(id(&pair[1], "pu"), id(&pair[0], "u"), "{pace}");
        }
        let first = events.iter().find(|event| id(event, "u") >= last).unwrap();
        assert!(
            id(first, "U") <= last + 1 && id(first, "pu") <= last,
            "{pace}"
        );
    }
}

#[test]
fn a_book_kept_by_the_documented_steps_equals_the_exchange() {
    let mut client = Client::new(&[]);
    let line = client.line("/public/stream", "streams=btcusdt@depth@100ms");
    client.pass(600);
    let snapshot = client.open("/fapi/v1/depth", "symbol=BTCUSDT&limit=1000");
    let mut books: [std::collections::BTreeMap<String, String>; 2] = Default::default();
    let apply = |book: &mut std::collections::BTreeMap<String, String>, rows: &Value| {
        for row in rows.as_array().unwrap() {
            let (price, size) = (row[0].as_str().unwrap(), row[1].as_str().unwrap());
            if number(size) == 0.0 {
                book.remove(price);
            } else {
                book.insert(price.to_owned(), size.to_owned());
            }
        }
    };
    apply(&mut books[0], &snapshot["bids"]);
    apply(&mut books[1], &snapshot["asks"]);
    client.pass(5000);
    let last = snapshot["lastUpdateId"].as_u64().unwrap();
    for message in client.said(line) {
        assert_eq!(message["stream"], "btcusdt@depth@100ms");
        let event = &message["data"];
        if event["u"].as_u64().unwrap() >= last {
            apply(&mut books[0], &event["b"]);
            apply(&mut books[1], &event["a"]);
        }
    }
    let now = client.open("/fapi/v1/depth", "symbol=BTCUSDT&limit=100");
    for (book, side) in books.iter().zip(["bids", "asks"]) {
        for row in now[side].as_array().unwrap() {
            let (price, size) = (row[0].as_str().unwrap(), row[1].as_str().unwrap());
            assert_eq!(
                book.get(price).map(String::as_str),
                Some(size),
                "{side} {price}"
            );
        }
    }
}

#[test]
fn the_wrong_route_and_the_old_address_are_silent_where_documented() {
    let mut client = Client::new(&[]);
    let wrong = client.line("/market/ws/btcusdt@depth@100ms", "");
    let old_public = client.line("/ws/btcusdt@bookTicker", "");
    let old_market = client.line("/ws/btcusdt@aggTrade", "");
    let counter = client.line("/public/ws/0", "");
    client.pass(3000);
    assert!(client.said(wrong).is_empty());
    assert!(!client.said(old_public).is_empty());
    assert!(client.said(old_market).is_empty());
    assert!(client.said(counter).is_empty());
}

#[test]
fn the_user_stream_filters_events_and_wraps_them_when_combined() {
    let mut client = Client::new(&[]);
    let key = client.good("POST", "/fapi/v1/listenKey", "")["listenKey"]
        .as_str()
        .unwrap()
        .to_owned();
    let filtered = client.line(
        "/private/ws",
        &format!("listenKey={key}&events=ACCOUNT_UPDATE"),
    );
    let combined = client.line("/private/stream", "");
    let request = json!({"method": "SUBSCRIBE", "params": [key], "id": 1}).to_string();
    client.exchange.hear(client.now, combined, &request);
    let path = client.line(&format!("/private/ws/{key}"), "");
    let public = client.line(&format!("/public/ws/{key}"), "");
    client.good(
        "POST",
        ORDER,
        "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.010",
    );
    let kinds = |events: Vec<Value>| -> Vec<String> {
        events
            .iter()
            .map(|e| e["e"].as_str().unwrap().to_owned())
            .collect()
    };
    assert!(
        kinds(client.said(filtered))
            .iter()
            .all(|e| e == "ACCOUNT_UPDATE")
    );
    let all = kinds(client.said(path));
    for kind in ["ORDER_TRADE_UPDATE", "TRADE_LITE", "ACCOUNT_UPDATE"] {
        assert!(all.iter().any(|e| e == kind), "{kind} in {all:?}");
    }
    let wrapped = client.said(combined);
    assert_eq!(wrapped[0], json!({"result": null, "id": 1}));
    assert!(
        wrapped[1..]
            .iter()
            .all(|m| m["stream"] == json!(key) && m["data"]["e"].is_string())
    );
    assert!(client.said(public).is_empty());
}

#[test]
fn a_listen_key_lives_an_hour_unless_it_is_kept() {
    let mut client = Client::new(&[]);
    assert_eq!(client.refused("PUT", "/fapi/v1/listenKey", ""), -1125);
    let key = client.good("POST", "/fapi/v1/listenKey", "")["listenKey"].clone();
    assert_ne!(key, json!(client.api_key));
    client.now += 3_500_000;
    assert_eq!(
        client.good("PUT", "/fapi/v1/listenKey", "")["listenKey"],
        key
    );
    client.now += 3_590_000;
    let line = client.line(
        "/private/ws",
        &format!("listenKey={}", key.as_str().unwrap()),
    );
    client.pass(20);
    assert!(client.said(line).is_empty());
    client.pass(10_000);
    let said = client.said(line);
    assert_eq!(
        (&said[0]["e"], &said[0]["listenKey"]),
        (&json!("listenKeyExpired"), &key)
    );
}
