//! What the exchange does, asked of it without a socket.

use serde_json::{Value, json};

use super::client::{Client, HERE, read};
use super::lines::Out;
use super::rest::Answer;

const ORDER: &str = "/fapi/v1/order";

fn number(text: &str) -> f64 {
    text.parse().unwrap()
}

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
    let keys = client.exchange.keys.clone();
    let mut ask = |at: usize, verb: &str, path: &str, query: &str| {
        client.api_key.clone_from(&keys[at].api_key);
        client.secret.clone_from(&keys[at].api_secret);
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
fn orders_are_refused_by_the_documented_codes() {
    let mut client = Client::new(&[]);
    let (_, ask) = client.best("BTCUSDT");
    let through = format!("{:.1}", number(&ask) + 10.0);
    let order = |rest: &str| format!("symbol=BTCUSDT&side=BUY&type=LIMIT&{rest}");
    let cases = [
        ("symbol=NOUSDT&side=BUY&type=LIMIT".to_owned(), -1121),
        ("side=BUY&type=LIMIT".to_owned(), -1102),
        ("symbol=BTCUSDT&side=HOLD&type=LIMIT".to_owned(), -1117),
        ("symbol=BTCUSDT&side=BUY&type=ICEBERG".to_owned(), -1116),
        (
            "symbol=BTCUSDT&side=BUY&type=STOP_MARKET&stopPrice=1".to_owned(),
            -4120,
        ),
        (
            "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.010&price=1".to_owned(),
            -1106,
        ),
        (order("quantity=0.010&price=59000"), -1102),
        (order("quantity=0.010&price=59000&timeInForce=NOW"), -1115),
        (
            order("quantity=0.010&price=59000.05&timeInForce=GTC"),
            -4014,
        ),
        (
            order("quantity=0.010&price=59000.055&timeInForce=GTC"),
            -1111,
        ),
        (order("quantity=0.010&price=6e4&timeInForce=GTC"), -1100),
        (order("quantity=0.010&price=0&timeInForce=GTC"), -4001),
        (order("quantity=0.0105&price=59000&timeInForce=GTC"), -1111),
        (order("quantity=0&price=59000&timeInForce=GTC"), -4003),
        (order("quantity=5000&price=59000&timeInForce=GTC"), -4005),
        (order("quantity=0.010&price=90000&timeInForce=GTC"), -4016),
        (order("quantity=50&price=59000&timeInForce=GTC"), -2019),
        (
            order(&format!("quantity=0.010&price={through}&timeInForce=GTX")),
            -5022,
        ),
        (order("quantity=900&price=60010&timeInForce=FOK"), -5021),
        (
            order("quantity=0.010&price=59000&timeInForce=GTC&reduceOnly=true"),
            -2022,
        ),
        (
            order("quantity=0.010&price=59000&timeInForce=GTC&positionSide=LONG"),
            -4061,
        ),
        (
            order("quantity=0.010&price=59000&timeInForce=GTC&newClientOrderId=a%20b"),
            -4015,
        ),
        (
            order(&format!(
                "quantity=0.010&price=59000&timeInForce=GTC&newClientOrderId={}",
                "a".repeat(37)
            )),
            -4015,
        ),
        (
            "symbol=ETHUSDT&side=BUY&type=LIMIT&quantity=0.001&price=2900&timeInForce=GTC"
                .to_owned(),
            -4164,
        ),
        (
            "symbol=BTCUSDT&side=SELL&type=LIMIT&quantity=0.010&price=40000&timeInForce=GTC"
                .to_owned(),
            -4024,
        ),
    ];
    for (query, code) in cases {
        assert_eq!(client.refused("POST", ORDER, &query), code, "{query}");
    }
    assert_eq!(
        client.good("GET", "/fapi/v1/allOrders", "symbol=BTCUSDT"),
        json!([])
    );
}

#[test]
fn names_that_are_not_there_are_refused_by_what_was_asked() {
    let mut client = Client::new(&[]);
    let unknown = "symbol=BTCUSDT&origClientOrderId=nobody";
    assert_eq!(client.refused("DELETE", ORDER, unknown), -2011);
    assert_eq!(client.refused("GET", ORDER, unknown), -2013);
    assert_eq!(client.refused("DELETE", ORDER, "symbol=BTCUSDT"), -1102);
    let order = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.010&price=59000&newClientOrderId=one";
    client.good("POST", ORDER, order);
    assert_eq!(client.refused("POST", ORDER, order), -4116);
    let same = "symbol=BTCUSDT&side=BUY&quantity=0.010&price=59000&origClientOrderId=one";
    assert_eq!(client.refused("PUT", ORDER, same), -5027);
}

#[test]
fn an_acknowledgement_says_nothing_of_the_fill_and_a_result_says_it() {
    let mut client = Client::new(&[]);
    let market = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.010";
    let ack = client.good("POST", ORDER, market);
    assert_eq!(
        (&ack["status"], &ack["executedQty"]),
        (&json!("NEW"), &json!("0.000"))
    );
    let result = client.good("POST", ORDER, &format!("{market}&newOrderRespType=RESULT"));
    assert_eq!(
        (&result["status"], &result["executedQty"], &result["cumQty"]),
        (&json!("FILLED"), &json!("0.010"), &json!("0.010"))
    );
    for answer in [ack, result] {
        assert!(answer.get("avgPrice").is_none() && answer.get("cumQuote").is_none());
    }
}

#[test]
fn self_trade_prevention_defaults_differ_by_door() {
    let mut client = Client::new(&[]);
    let rest = client.good(
        "POST",
        ORDER,
        "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.010&price=59000",
    );
    assert_eq!(rest["selfTradePreventionMode"], "EXPIRE_MAKER");
    let line = client.line("/ws-fapi/v1", "");
    let order = json!({"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.010", "price": "59000"});
    let api = client.api(line, "order.place", order).remove(0);
    assert_eq!(api["result"]["selfTradePreventionMode"], "NONE");
}

#[test]
fn a_batch_answers_each_order_by_itself() {
    let mut client = Client::new(&[]);
    let rows = json!([
        {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.010", "price": "59000.0"},
        {"symbol": "BTCUSDT", "side": "SELL", "type": "MARKET", "quantity": "0.010", "reduceOnly": "true"},
    ])
    .to_string()
    .replace('{', "%7B")
    .replace('}', "%7D")
    .replace('"', "%22");
    let answers = client.good(
        "POST",
        "/fapi/v1/batchOrders",
        &format!("batchOrders={rows}"),
    );
    assert_eq!(answers[0]["status"], "NEW");
    assert_eq!(answers[1]["code"], -2022);
    let id = answers[0]["orderId"].as_u64().unwrap();
    let gone = client.good(
        "DELETE",
        "/fapi/v1/batchOrders",
        &format!("symbol=BTCUSDT&orderIdList=%5B{id}%2C999%5D"),
    );
    assert_eq!(gone[0]["status"], "CANCELED");
    assert_eq!(gone[1]["code"], -2011);
}

#[test]
fn the_dead_man_switch_cancels_when_nobody_winds_it() {
    let mut client = Client::new(&[]);
    client.good(
        "POST",
        ORDER,
        "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.010&price=58000",
    );
    client.good(
        "POST",
        "/fapi/v1/countdownCancelAll",
        "symbol=BTCUSDT&countdownTime=500",
    );
    client.pass(400);
    client.good(
        "POST",
        "/fapi/v1/countdownCancelAll",
        "symbol=BTCUSDT&countdownTime=500",
    );
    client.pass(490);
    assert_eq!(
        client.good("GET", "/fapi/v1/openOrders", "")[0]["status"],
        "NEW"
    );
    client.pass(20);
    assert_eq!(client.good("GET", "/fapi/v1/openOrders", ""), json!([]));
}

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
fn an_order_lost_before_or_after_it_is_done() {
    let order = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.010&price=59000&newClientOrderId=lost";
    for (fault, answered, exists) in [
        ("place:drop@1", false, false),
        ("place:silent@1", false, true),
        ("place:cut@1", false, true),
        ("place:code=-1007@1", true, true),
        ("place:code=-2019@1", true, false),
        ("place:http=503@1", true, true),
        ("place:http=429@1", true, false),
        ("rest:drop@1", false, false),
    ] {
        let mut client = Client::new(&[fault]);
        let answer = client.ask("POST", ORDER, order);
        match &answer {
            Answer::Reply(reply, 0) => {
                assert!(answered && reply.status >= 400, "{fault} {reply:?}")
            }
            Answer::Never => assert!(!answered, "{fault}"),
            Answer::Cut => assert_eq!(fault, "place:cut@1"),
            other => panic!("{fault}: {other:?}"),
        }
        let open = client.good("GET", "/fapi/v1/allOrders", "symbol=BTCUSDT");
        assert_eq!(
            open.as_array().unwrap().len(),
            usize::from(exists),
            "{fault}"
        );
    }
}

#[test]
fn faults_strike_the_websocket_api_too() {
    let order = json!({"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.010", "price": "59000"});
    for (fault, answers, exists) in [
        ("place:drop@1", 0, false),
        ("place:silent@1", 0, true),
        ("place:dup@1", 2, true),
        ("place:code=-1007@1", 1, true),
        ("place:halfopen@1", 0, true),
    ] {
        let mut client = Client::new(&[fault]);
        let line = client.line("/ws-fapi/v1", "");
        let said = client.api(line, "order.place", order.clone());
        assert_eq!(said.len(), answers, "{fault}");
        let open = client.good("GET", "/fapi/v1/allOrders", "symbol=BTCUSDT");
        assert_eq!(
            open.as_array().unwrap().len(),
            usize::from(exists),
            "{fault}"
        );
        let later = client.api(line, "ticker.price", json!({"symbol": "BTCUSDT"}));
        assert_eq!(later.is_empty(), fault.contains("halfopen"), "{fault}");
    }
    let mut client = Client::new(&["place:cut@1"]);
    let line = client.line("/ws-fapi/v1", "");
    client.api(line, "order.place", order);
    assert!(!client.exchange.lines.open.contains_key(&line));
}

#[test]
fn a_gap_a_double_and_a_cut_strike_streams() {
    let run = |fault: &str| {
        let mut client = Client::new(&[fault]);
        let line = client.line("/public/ws/btcusdt@depth@100ms", "");
        client.pass(2000);
        client.outs(line)
    };
    let ids = |outs: &[Out]| -> Vec<(u64, u64)> {
        outs.iter()
            .filter_map(|out| match out {
                Out::Text(text, _) => {
                    let event: Value = serde_json::from_str(text).unwrap();
                    Some((event["pu"].as_u64()?, event["u"].as_u64()?))
                }
                _ => None,
            })
            .collect()
    };
    let breaks = |ids: &[(u64, u64)]| ids.windows(2).filter(|w| w[1].0 != w[0].1).count();
    assert_eq!(breaks(&ids(&run("private:gap"))), 0);
    assert_eq!(breaks(&ids(&run("depth:gap@5"))), 1);
    let doubled = ids(&run("depth:dup@5"));
    assert_eq!(doubled[4], doubled[5]);
    assert_eq!(run("depth:cut@5").last(), Some(&Out::Cut));
    assert_eq!(run("depth:halfopen@5").len(), 4);
    assert!(
        run("depth:delay=70")
            .iter()
            .all(|out| matches!(out, Out::Text(_, 70)))
    );
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
    assert_eq!(
        client.open("/api/v3/exchangeInfo", "")["symbols"],
        json!([])
    );
    assert_eq!(
        client.good("GET", "/sapi/v1/capital/config/getall", ""),
        json!([])
    );
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
fn money_of_a_round_trip_is_the_same_by_every_question() {
    let mut client = Client::new(&[]);
    let line = client.private();
    client.good(
        "POST",
        ORDER,
        "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.010",
    );
    client.pass(300);
    client.good(
        "POST",
        ORDER,
        "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.010&reduceOnly=true",
    );
    let trades = client.good("GET", "/fapi/v1/userTrades", "symbol=BTCUSDT");
    let sum = |name: &str| -> f64 {
        trades
            .as_array()
            .unwrap()
            .iter()
            .map(|t| number(t[name].as_str().unwrap()))
            .sum()
    };
    let wallet = number(
        client.good("GET", "/fapi/v3/account", "")["totalWalletBalance"]
            .as_str()
            .unwrap(),
    );
    assert!((wallet - (10_000.0 + sum("realizedPnl") - sum("commission"))).abs() < 1e-6);
    let income = client.good("GET", "/fapi/v1/income", "");
    let total: f64 = income
        .as_array()
        .unwrap()
        .iter()
        .map(|r| number(r["income"].as_str().unwrap()))
        .sum();
    assert!((wallet - 10_000.0 - total).abs() < 1e-6);
    let last = client
        .said(line)
        .into_iter()
        .rfind(|e| e["e"] == "ACCOUNT_UPDATE")
        .unwrap();
    assert_eq!(number(last["a"]["B"][0]["wb"].as_str().unwrap()), wallet);
    assert_eq!(last["a"]["P"][0]["pa"], "0.000");
    assert_eq!(client.good("GET", "/fapi/v3/positionRisk", ""), json!([]));
}
