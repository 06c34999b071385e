//! Who gets in: keys, signatures, clocks, weights, and the two doors.

use serde_json::{Value, json};

use super::ORDER;
use crate::sim::binance_futures::client::{Client, HERE, read};
use crate::sim::wire::{Answer, Wire as _};

#[test]
fn a_wrong_secret_a_wrong_key_and_a_wrong_time_are_refused_by_their_codes() {
    let mut client = Client::new(&[]);
    let secret = std::mem::replace(&mut client.secret, "x".repeat(64));
    assert_eq!(client.refused("GET", "/fapi/v3/account", ""), -1022);
    client.secret = secret;
    let unsigned = client.send(
        "GET",
        "/fapi/v3/account",
        &format!("timestamp={}", client.now),
        "",
    );
    assert_eq!(read(&unsigned).1["code"], -1102);
    let key = std::mem::replace(&mut client.api_key, "k".repeat(64));
    let (status, body) = client.rest("GET", "/fapi/v3/account", "");
    assert_eq!((status, &body["code"]), (401, &json!(-2015)));
    client.api_key = "short".to_owned();
    assert_eq!(client.refused("GET", "/fapi/v3/account", ""), -2014);
    client.api_key = key;
    let payload = format!("timestamp={}", client.now - 5001);
    let signature = client.sign(&payload);
    let late = format!("{payload}&signature={signature}");
    let stale = client.send("GET", "/fapi/v3/account", &late, "");
    assert_eq!(read(&stale).1["code"], -1021);
}

#[test]
fn a_signature_over_other_bytes_is_refused_and_query_and_body_are_one_payload() {
    let mut client = Client::new(&[]);
    let now = client.now;
    let (query, body) = (
        "symbol=BTCUSDT&side=BUY".to_owned(),
        format!("type=LIMIT&timeInForce=GTC&quantity=0.010&price=59000.00&timestamp={now}"),
    );
    let signature = client.sign(&format!("{query}{body}"));
    let good = client.send(
        "POST",
        ORDER,
        &query,
        &format!("{body}&signature={signature}"),
    );
    assert_eq!(read(&good).0, 200, "{good:?}");
    let spoiled = body.replace("59000", "59001");
    let bad = client.send(
        "POST",
        ORDER,
        &query,
        &format!("{spoiled}&signature={signature}"),
    );
    assert_eq!(read(&bad).1["code"], -1022);
}

#[test]
fn each_key_does_what_it_may_from_where_it_may() {
    let mut client = Client::new(&[]);
    let keys = client.exchange.gate.keys.clone();
    let mut ask = |at: usize, verb: &str, path: &str, query: &str| {
        client.use_key(&keys[at]);
        client.rest(verb, path, query).1
    };
    let rights = "/sapi/v1/account/apiRestrictions";
    let trader = ask(0, "GET", rights, "");
    assert_eq!(trader["ipRestrict"], true);
    assert_eq!(trader["enableFutures"], true);
    assert_eq!(trader["enableReading"], true);
    assert_eq!(trader["enableWithdrawals"], false);
    assert_eq!(trader["permitsUniversalTransfer"], false);
    assert_eq!(ask(1, "GET", rights, "")["enableFutures"], false);
    assert_eq!(
        ask(1, "POST", "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=5")["code"],
        -2015
    );
    assert_eq!(ask(2, "GET", rights, "")["enableWithdrawals"], true);
    assert_eq!(ask(2, "GET", rights, "")["ipRestrict"], false);
    assert_eq!(
        ask(3, "GET", rights, "")["code"],
        -2015,
        "bound to another address than {HERE}"
    );
}

#[test]
fn the_websocket_api_takes_text_ids_hides_limits_on_wish_and_refuses_logon() {
    let mut client = Client::new(&[]);
    let line = client.line("/ws-fapi/v1", "returnRateLimits=false");
    let order = json!({"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": 0.01, "price": 59000.0});
    let placed = client.api(line, "order.place", order).remove(0);
    assert_eq!(placed["status"], 200, "{placed}");
    assert!(placed.get("rateLimits").is_none());
    let id = placed["result"]["orderId"].as_u64().unwrap().to_string();
    let gone = client
        .api(
            line,
            "order.cancel",
            json!({"symbol": "BTCUSDT", "orderId": id}),
        )
        .remove(0);
    assert_eq!(gone["result"]["status"], "CANCELED");
    let logon = client.api(line, "session.logon", json!({})).remove(0);
    assert_eq!(logon["error"]["code"], -4056);
    let unknown = client.api(line, "order.dance", json!({})).remove(0);
    assert_eq!(
        (&unknown["status"], &unknown["id"]),
        (&json!(400), &json!("r1"))
    );
    client.exchange.hear(client.now, line, "{broken");
    assert_eq!(client.said(line)[0]["id"], Value::Null);
}

#[test]
fn weight_is_counted_and_shown_and_orders_too() {
    let mut client = Client::new(&[]);
    let header = |answer: &Answer, name: &str| match answer {
        Answer::Reply(reply, _) => reply
            .headers
            .iter()
            .find(|h| h.0 == name)
            .map(|h| h.1.clone()),
        _ => None,
    };
    let book = client.send("GET", "/fapi/v1/depth", "symbol=BTCUSDT&limit=1000", "");
    assert_eq!(header(&book, "x-mbx-used-weight-1m").as_deref(), Some("20"));
    let order = client.ask(
        "POST",
        ORDER,
        "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.010",
    );
    assert_eq!(
        header(&order, "x-mbx-used-weight-1m").as_deref(),
        Some("20")
    );
    assert_eq!(
        header(&order, "x-mbx-order-count-10s").as_deref(),
        Some("1")
    );
    let over = (0..130)
        .map(|_| client.send("GET", "/fapi/v1/depth", "symbol=BTCUSDT&limit=1000", ""))
        .find(|answer| read(answer).0 == 429)
        .unwrap();
    assert_eq!(read(&over).1["code"], -1003);
    assert!(header(&over, "retry-after").is_some());
}

#[test]
fn what_clients_ask_of_other_products_is_empty_and_the_rest_is_not_there() {
    let mut client = Client::new(&[]);
    for product in ["/api/v3/exchangeInfo", "/dapi/v1/exchangeInfo"] {
        assert_eq!(client.open(product, "")["symbols"], json!([]));
    }
    for list in [
        "/sapi/v1/capital/config/getall",
        "/sapi/v1/margin/allPairs",
        "/sapi/v1/margin/isolated/allPairs",
    ] {
        assert_eq!(client.good("GET", list, ""), json!([]));
    }
    let (status, _) = read(&client.send("GET", "/nowhere", "", ""));
    assert_eq!(status, 404);
}

#[test]
fn a_fresh_balance_has_a_time() {
    // Clients leave out an asset whose updateTime is zero.
    let mut client = Client::new(&[]);
    let account = client.good("GET", "/fapi/v3/account", "");
    assert!(account["assets"][0]["updateTime"].as_i64().unwrap() > 0);
    assert_eq!(account["totalWalletBalance"], "10000.00000000");
}

#[test]
fn values_have_the_types_that_the_official_client_reads() {
    let mut client = Client::new(&[]);
    client.good(
        "POST",
        ORDER,
        "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.010",
    );
    let config = client.good("GET", "/fapi/v1/symbolConfig", "symbol=BTCUSDT");
    assert_eq!(config[0]["isAutoAddMargin"], false);
    let risk = client.good("GET", "/fapi/v2/positionRisk", "symbol=BTCUSDT");
    assert_eq!(risk[0]["isAutoAddMargin"], "false");
    let income = client.good("GET", "/fapi/v1/income", "");
    assert!(income[0]["tranId"].is_u64() && income[0]["tradeId"].is_string());
}
