//! Keys, signatures, times, limits.

use serde_json::json;

use super::ORDER;
use crate::sim::binance_spot::client::{Client, HERE, read};
use crate::sim::wire::{Out, Wire};

#[test]
fn keys_are_held_to_their_rights_addresses_and_times() {
    let mut client = Client::new(&[]);
    let buy = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001";
    for (label, account, order) in [
        ("trade", 200, 200),
        ("read", 200, 401),
        ("elsewhere", 401, 401),
        ("expired", 200, 401),
        ("ed25519", 200, 200),
    ] {
        client.become_key(label);
        assert_eq!(
            client.rest("GET", "/api/v3/account", "").0,
            account,
            "{label}"
        );
        assert_eq!(client.rest("POST", ORDER, buy).0, order, "{label}");
    }
    client.become_key("careless");
    let rights = client.good("GET", "/sapi/v1/account/apiRestrictions", "");
    for (field, value) in [
        ("enableSpotAndMarginTrading", true),
        ("enableFutures", false),
        ("enableWithdrawals", true),
        ("ipRestrict", false),
    ] {
        assert_eq!(rights[field], value, "{field}");
    }
    client.become_key("read");
    let rights = client.good("GET", "/sapi/v1/account/apiRestrictions", "");
    assert_eq!(rights["enableSpotAndMarginTrading"], false);
}

#[test]
fn a_payload_that_is_not_percent_encoded_is_signed_in_vain() {
    let mut client = Client::new(&[]);
    let mut ask = |value: &str| {
        let payload = format!(
            "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&newClientOrderId={value}&timestamp={}",
            client.now
        );
        let signature = client.sign(&payload);
        let query = format!("{payload}&signature={signature}");
        read(&client.send("POST", ORDER, &query, ""))
    };
    let (status, body) = ask("a:b");
    assert_eq!((status, &body["code"]), (400, &json!(-1022)));
    // Encoded, the signature is valid; the name still is not one.
    assert_eq!(ask("a%3Ab").1["code"], -1100);
    assert_eq!(ask("a_b").0, 200);
}

#[test]
fn unfilled_orders_are_counted_and_fills_give_them_back() {
    let mut client = Client::new(&[]);
    client.now -= client.now % 10_000;
    let (bid, _) = client.best();
    let count =
        |client: &mut Client| client.good("GET", "/api/v3/rateLimit/order", "")[0]["count"].clone();
    client.limit("BUY", "0.001", bid - 100.0, "");
    assert_eq!(count(&mut client), 1);
    client.market("BUY", "quantity=0.001");
    assert_eq!(count(&mut client), 1, "a taker's first fill gives one back");
    client.limit("BUY", "1", bid - 100.0, "");
    assert_eq!(count(&mut client), 1, "a refused order is none");
    for _ in 0..49 {
        assert_eq!(client.limit("BUY", "0.001", bid - 100.0, "").0, 200);
    }
    let (status, body) = client.limit("BUY", "0.001", bid - 100.0, "");
    assert_eq!((status, &body["code"]), (429, &json!(-1015)));
    assert_eq!(
        body["msg"],
        "Too many new orders; current limit is 50 orders per 10 SECOND."
    );
    client.now += 10_000;
    assert_eq!(client.limit("BUY", "0.001", bid - 100.0, "").0, 200);
}

#[test]
fn weight_over_the_limit_says_when_to_come_back() {
    let mut client = Client::new(&[]);
    let deep = "symbol=BTCUSDT&limit=5000";
    for _ in 0..24 {
        client.open("/api/v3/depth", deep);
    }
    let crate::sim::wire::Answer::Reply(reply, _) = client.send("GET", "/api/v3/depth", deep, "")
    else {
        panic!("not answered");
    };
    assert_eq!(reply.status, 429);
    let header = |name: &str| {
        reply
            .headers
            .iter()
            .find(|(own, _)| *own == name)
            .map(|(_, v)| v.clone())
    };
    assert_eq!(header("retry-after").as_deref(), Some("61"));
    assert_eq!(header("x-mbx-used-weight-1m").as_deref(), Some("6250"));
    for _ in 0..50 {
        client.send("GET", "/api/v3/depth", deep, "");
    }
    let (status, body) = read(&client.send("GET", "/api/v3/ping", "", ""));
    assert_eq!((status, &body["code"]), (418, &json!(-1003)));
}

#[test]
fn the_websocket_api_counts_and_shows_its_limits() {
    let mut client = Client::new(&[]);
    let line = client.line("/ws-api/v3", "");
    let answer = client.bare(line, "v3/time", json!({})).remove(0);
    assert_eq!(
        answer["rateLimits"][0]["count"], 3,
        "two for the connection, one for the call"
    );
    let order = json!({"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.001"});
    let answer = client.api(line, "order.place", order).remove(0);
    let rows = answer["rateLimits"].as_array().unwrap();
    let kinds: Vec<_> = rows
        .iter()
        .map(|row| (row["interval"].clone(), row["limit"].clone()))
        .collect();
    assert_eq!(
        kinds,
        [
            (json!("SECOND"), json!(50)),
            (json!("DAY"), json!(160_000)),
            (json!("MINUTE"), json!(6000)),
        ]
    );
    assert_eq!(
        client.exchange.accept(client.now, HERE, "/ws-api/v4", ""),
        Err(404)
    );
    assert_eq!(
        client.exchange.accept(
            client.now,
            HERE,
            "/ws/btcusdt@trade",
            "timeUnit=MICROSECOND"
        ),
        Err(400)
    );
}

#[test]
fn lines_are_pinged_told_of_their_end_and_closed() {
    let mut client = Client::new(&[]);
    let line = client.line("/ws-api/v3", "");
    client.pass(20_000);
    assert_eq!(client.outs(line), [Out::Ping]);
    client.pass(41_000);
    assert_eq!(
        client.outs(line).last(),
        Some(&Out::Cut),
        "a minute without a pong"
    );
}
