//! Credentials, rights, limits and requests that cannot be read, on REST and on sockets.

use std::net::{IpAddr, Ipv4Addr};

use serde_json::{Value, json};

use super::super::client::{BTC, Client, HERE, read};
use crate::sim::wire::{Out, Wire};

const BALANCE: &str = "/api/v5/account/balance";
const CONFIG: &str = "/api/v5/account/config";

type Header = (String, String);

/// Code and status of a question whose headers were changed.
fn code_with(change: impl Fn(&mut Client, &mut Vec<Header>)) -> (u16, String) {
    let mut client = Client::new(&[]);
    let mut headers = client.signed("GET", BALANCE, "", "");
    change(&mut client, &mut headers);
    let (status, body) = read(&client.send(("GET", BALANCE), "", "", headers));
    (status, body["code"].as_str().unwrap().to_owned())
}

fn set(headers: &mut [Header], name: &str, value: &str) {
    let header = headers.iter_mut().find(|(own, _)| own == name);
    value.clone_into(&mut header.unwrap().1);
}

#[test]
fn each_part_of_the_credentials_is_missed_by_its_own_code() {
    for (name, code) in [
        ("ok-access-key", "50103"),
        ("ok-access-passphrase", "50104"),
        ("ok-access-sign", "50106"),
        ("ok-access-timestamp", "50107"),
    ] {
        let without = code_with(|_, headers| headers.retain(|(own, _)| own != name));
        assert_eq!(without, (401, code.to_owned()), "{name}");
        let empty = code_with(|_, headers| set(headers, name, ""));
        assert_eq!(empty, (401, code.to_owned()), "{name}");
    }
    for (name, value, code) in [
        ("ok-access-key", "nobody", "50119"),
        ("ok-access-passphrase", "wrong", "50105"),
        ("ok-access-sign", "AAAA", "50113"),
        ("ok-access-timestamp", "1767225600000", "50112"),
        ("ok-access-timestamp", "2025-12-31T23:59:29.999Z", "50102"),
        ("ok-access-timestamp", "2026-01-01T00:00:30.001Z", "50102"),
        // Fresh, but not what was signed.
        ("ok-access-timestamp", "2026-01-01T00:00:01.000Z", "50113"),
    ] {
        let changed = code_with(|_, headers| set(headers, name, value));
        assert_eq!(changed, (401, code.to_owned()), "{name} {value}");
    }
    assert_eq!(code_with(|_, _| {}), (200, "0".to_owned()));
}

#[test]
fn refusals_of_credentials_have_no_data() {
    let mut client = Client::new(&[]);
    let (_, body) = read(&client.send(("GET", BALANCE), "", "", Vec::new()));
    assert_eq!(
        body,
        json!({"code": "50103", "msg": "Request header \"OK-ACCESS-KEY\" can't be empty."})
    );
}

#[test]
fn what_is_signed_is_what_was_sent() {
    let mut client = Client::new(&[]);
    let query = "instId=BTC-USDT-SWAP&mgnMode=cross";
    let path = "/api/v5/account/leverage-info";
    client.get(path, query);
    let headers = client.signed("GET", path, query, "");
    let turned = "mgnMode=cross&instId=BTC-USDT-SWAP";
    assert_eq!(
        read(&client.send(("GET", path), turned, "", headers)).0,
        401
    );
    let order = json!({"instId": BTC, "lever": "10", "mgnMode": "cross"}).to_string();
    let path = "/api/v5/account/set-leverage";
    let headers = client.signed("POST", path, "", &order);
    let spaced = order.replace(':', ": ");
    assert_eq!(
        read(&client.send(("POST", path), "", &spaced, headers)).0,
        401
    );
}

#[test]
fn keys_may_do_what_their_rights_say_from_where_they_are_bound() {
    let mut client = Client::new(&[]);
    for (label, perm, ip) in [
        ("trade", "read_only,trade", "127.0.0.1"),
        ("read", "read_only", "127.0.0.1"),
        ("withdraw", "read_only,withdraw,trade", "127.0.0.1"),
        ("anywhere", "read_only,trade", ""),
        ("expired", "read_only", "127.0.0.1"),
    ] {
        client.pass(2_000);
        client.become_key(label);
        let config = &client.get(CONFIG, "")["data"][0];
        assert_eq!(
            (&config["perm"], &config["ip"]),
            (&perm.into(), &ip.into()),
            "{label}"
        );
        assert_eq!(config["label"], label);
    }
    for label in ["read", "expired"] {
        client.become_key(label);
        let order = json!({"instId": BTC, "tdMode": "cross", "side": "buy", "ordType": "market", "sz": "1"});
        assert_eq!(
            client.refused("/api/v5/trade/order", &order),
            "50120",
            "{label}"
        );
    }
    client.become_key("elsewhere");
    let (status, body) = read(&client.ask("GET", BALANCE, "", ""));
    assert_eq!((status, &body["code"]), (401, &"50110".into()));
    assert!(body["msg"].as_str().unwrap().contains("127.0.0.1"));
}

#[test]
fn requests_that_cannot_be_read_are_refused() {
    let mut client = Client::new(&[]);
    let order = "/api/v5/trade/order";
    for (body, code) in [("", "50000"), ("{", "50002"), ("7", "50002")] {
        let (status, answer) = read(&client.ask("POST", order, "", body));
        assert_eq!((status, &answer["code"]), (400, &code.into()), "{body}");
    }
    let unknown = client.ask("GET", "/api/v5/nowhere", "", "");
    assert_eq!(read(&unknown).0, 404);
    for (path, query, code) in [
        ("/api/v5/public/instruments", "", "50014"),
        ("/api/v5/public/instruments", "instType=CARS", "51000"),
        ("/api/v5/market/books", "instId=NOBODY", "51001"),
        (
            "/api/v5/market/books",
            "instId=BTC-USDT-SWAP&sz=401",
            "51000",
        ),
        ("/api/v5/public/funding-rate", "instId=BTC-USDT", "51015"),
    ] {
        let (_, body) = read(&client.send(("GET", path), query, "", Vec::new()));
        assert_eq!(body["code"], code, "{path}?{query}");
    }
}

#[test]
fn what_clients_leave_out_is_not_missed() {
    let mut client = Client::new(&[]);
    let mark = client.open("/api/v5/public/mark-price", &format!("instId={BTC}"));
    assert_eq!(mark["data"].as_array().map(Vec::len), Some(1));
    assert_eq!(mark["data"][0]["instId"], BTC);
    let (_, body) = read(&client.send(("GET", "/api/v5/public/mark-price"), "", "", Vec::new()));
    assert_eq!(body["code"], "50014");
}

#[test]
fn too_many_requests_are_refused_until_the_window_is_over() {
    let mut client = Client::new(&[]);
    for _ in 0..5 {
        client.get(CONFIG, "");
    }
    let (status, body) = read(&client.ask("GET", CONFIG, "", ""));
    assert_eq!((status, &body["code"]), (429, &"50011".into()));
    client.pass(2_000);
    client.get(CONFIG, "");
    // Every order counts on its instrument, whichever door it came through.
    let line = client.private("private");
    let cancel = json!([{"instIdCode": 10459, "ordId": "1"}]);
    for _ in 0..60 {
        client.op(line, "cancel-order", cancel.clone());
    }
    let rest = json!({"instId": BTC, "ordId": "1"});
    assert_eq!(client.refused("/api/v5/trade/cancel-order", &rest), "50011");
    let answer = client.op(line, "cancel-order", cancel);
    assert_eq!(
        (&answer["code"], &answer["data"]),
        (&"50011".into(), &json!([]))
    );
    let other = json!({"instId": "ETH-USDT-SWAP", "ordId": "1"});
    assert_eq!(
        client.refused("/api/v5/trade/cancel-order", &other),
        "51400"
    );
}

#[test]
fn a_batch_counts_each_of_its_orders_and_has_twenty_at_most() {
    let mut client = Client::new(&[]);
    let one = json!({"instId": BTC, "ordId": "1"});
    let batch = |count: usize| Value::Array(vec![one.clone(); count]);
    let path = "/api/v5/trade/cancel-batch-orders";
    assert_eq!(client.refused(path, &batch(21)), "50025");
    client.pass(2_000);
    for _ in 0..15 {
        assert_eq!(client.refused(path, &batch(20)), "51400");
    }
    assert_eq!(client.refused(path, &batch(1)), "50011");
}

fn said_on_login(change: impl Fn(&mut Client, &mut Value)) -> (Value, bool) {
    let mut client = Client::new(&[]);
    let line = client.line("private");
    let mut arg = client.login_arg();
    change(&mut client, &mut arg);
    let said = client.say(line, &json!({"op": "login", "args": [arg]}));
    (
        said[0].clone(),
        client.exchange.lines.open.contains_key(&line),
    )
}

#[test]
fn a_login_that_fails_says_why_and_ends_the_line() {
    for (name, value, code) in [
        ("apiKey", "", "60001"),
        ("sign", "", "60002"),
        ("passphrase", "", "60003"),
        ("apiKey", "nobody", "60005"),
        ("passphrase", "wrong", "60024"),
        ("sign", "AAAA", "60007"),
        ("timestamp", "2026-01-01T00:00:01.000Z", "60004"),
        ("timestamp", "1767225500", "60006"),
        // Milliseconds where seconds are meant.
        ("timestamp", "1767225601000", "60006"),
    ] {
        let (said, open) = said_on_login(|_, arg| arg[name] = value.into());
        assert_eq!(
            (&said["event"], &said["code"]),
            (&"error".into(), &code.into()),
            "{name} {value}"
        );
        assert!(!open, "{name}");
    }
    let (said, open) = said_on_login(|client, arg| {
        client.become_key("elsewhere");
        *arg = client.login_arg();
    });
    assert_eq!(said["code"], "60009");
    assert!(!open);
    assert!(said_on_login(|_, _| {}).1);
    // The venue's own SDK writes the seconds as a number.
    let number = |client: &mut Client, arg: &mut Value| {
        arg["timestamp"] = (client.now / 1_000).into();
    };
    assert!(said_on_login(number).1);
}

#[test]
fn only_known_addresses_take_connections_and_three_a_second() {
    let mut client = Client::new(&[]);
    client.pass(1_000);
    let mut open = |path: &str| client.exchange.accept(client.now, HERE, path, "");
    assert_eq!(open("/ws/v5/elsewhere"), Err(404));
    for path in ["/ws/v5/public", "/ws/v5/private", "/ws/v5/business"] {
        assert!(open(path).is_ok());
    }
    assert_eq!(open("/ws/v5/public"), Err(429));
    let other = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
    let now = client.now;
    assert!(
        client
            .exchange
            .accept(now, other, "/ws/v5/public", "")
            .is_ok()
    );
}

#[test]
fn socket_requests_that_are_none_are_answered_in_words_and_the_line_lives() {
    let mut client = Client::new(&[]);
    let line = client.private("private");
    for (text, code) in [
        ("{", "60012"),
        ("[1]", "60012"),
        (r#"{"args":[]}"#, "60012"),
        (r#"{"op":"dance","args":[]}"#, "60019"),
        (r#"{"op":"subscribe"}"#, "60012"),
        // No id, and one with other letters.
        (r#"{"op":"order","args":[{}]}"#, "60012"),
        (r#"{"id":"a-1","op":"order","args":[{}]}"#, "60012"),
    ] {
        let now = client.now;
        assert!(client.exchange.hear(now, line, text));
        let said = client.said(line);
        assert_eq!(
            (&said[0]["event"], &said[0]["code"]),
            (&"error".into(), &code.into()),
            "{text}"
        );
        assert!(said[0]["connId"].is_string());
    }
    for args in [json!([]), json!(["x"]), json!({})] {
        let answer = client.op(line, "order", args);
        assert_eq!(
            (&answer["code"], &answer["data"]),
            (&"60013".into(), &json!([]))
        );
    }
    let stranger = client.line("private");
    let said = client.say(stranger, &json!({"id": "1", "op": "order", "args": [{}]}));
    assert_eq!(said[0]["code"], "60011");
}

#[test]
fn the_text_ping_is_answered_with_the_text_pong_and_silence_ends_the_line() {
    let mut client = Client::new(&[]);
    let line = client.private("private");
    client.pass(20_000);
    let now = client.now;
    assert!(client.exchange.hear(now, line, "ping"));
    assert_eq!(client.said(line), [json!("pong")]);
    client.pass(29_900);
    assert!(client.outs(line).is_empty());
    client.pass(200);
    assert_eq!(client.outs(line), [Out::Close(4004)]);
}

#[test]
fn a_request_whose_time_is_over_is_dropped() {
    let mut client = Client::new(&[]);
    let order =
        json!({"instId": BTC, "tdMode": "cross", "side": "buy", "ordType": "market", "sz": "1"});
    let past = (client.now - 1).to_string();
    client.headers = vec![("exptime".to_owned(), past.clone())];
    assert_eq!(client.refused("/api/v5/trade/order", &order), "50036");
    client.headers = vec![("exptime".to_owned(), (client.now + 1_000).to_string())];
    client.good("/api/v5/trade/order", &order);
    client.headers.clear();
    let line = client.private("private");
    let args = json!([{"instIdCode": 10459, "tdMode": "cross", "side": "buy", "ordType": "market", "sz": "1"}]);
    let request = json!({"id": "1", "op": "order", "expTime": past, "args": args});
    let said = client.say(line, &request);
    assert_eq!(
        (&said[0]["code"], &said[0]["data"]),
        (&"50036".into(), &json!([]))
    );
}
