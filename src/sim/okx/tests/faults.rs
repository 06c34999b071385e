//! Faults: what is done and what is not, at each door.

use serde_json::{Value, json};

use super::super::client::{BTC, Client, read};
use crate::sim::wire::{Answer, Out};

const ORDER: &str = "/api/v5/trade/order";

fn order(client: &mut Client) -> Value {
    let price = format!("{:.1}", client.best(BTC).0 - 100.0);
    json!({"instId": BTC, "tdMode": "cross", "side": "buy", "ordType": "limit", "sz": "1", "px": price, "clOrdId": "f1"})
}

/// What became of an order by REST, and whether it exists.
fn by_rest(fault: &str) -> (Answer, bool) {
    let mut client = Client::new(&[fault]);
    client.pass(200);
    let body = order(&mut client).to_string();
    let answer = client.ask("POST", ORDER, "", &body);
    let open = client
        .exchange
        .bourse
        .market
        .open_orders(client.exchange.account, None);
    (answer, !open.is_empty())
}

/// What was done on the private socket after an order there, and whether it exists.
fn by_socket(fault: &str) -> (Vec<Out>, bool) {
    let mut client = Client::new(&[fault]);
    client.pass(200);
    let line = client.private("private");
    let mut args = order(&mut client);
    args["instIdCode"] = 10_459.into();
    let request = json!({"id": "r1", "op": "order", "args": [args]}).to_string();
    let now = client.now;
    crate::sim::wire::Wire::hear(&mut client.exchange, now, line, &request);
    let outs = client.outs(line);
    let open = client
        .exchange
        .bourse
        .market
        .open_orders(client.exchange.account, None);
    (outs, !open.is_empty())
}

fn told(out: &Out) -> Value {
    match out {
        Out::Text(text, _) => serde_json::from_str(text).unwrap(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_way_to_fail_does_or_does_not_the_order_on_rest() {
    for (fault, done) in [
        ("place:drop", false),
        ("place:silent", true),
        ("place:halfopen", true),
    ] {
        assert_eq!(by_rest(fault), (Answer::Never, done), "{fault}");
    }
    assert_eq!(by_rest("place:cut"), (Answer::Cut, true));
    let (late, done) = by_rest("place:delay=300");
    assert!(matches!(late, Answer::Reply(_, 300)) && done);
    for (fault, status, code, done) in [
        ("place:code=50004", 400, "50004", true),
        ("place:code=50026", 500, "50026", true),
        ("place:code=50011", 429, "50011", false),
        ("place:http=503", 503, "50001", true),
        ("place:http=429", 429, "50011", false),
    ] {
        let (answer, there) = by_rest(fault);
        let (said, body) = read(&answer);
        assert_eq!(
            (said, &body["code"], there),
            (status, &code.into(), done),
            "{fault}"
        );
    }
    let (answer, done) = by_rest("place:code=51008");
    let body = read(&answer).1;
    assert_eq!(
        (&body["code"], &body["data"][0]["sCode"], done),
        (&"1".into(), &"51008".into(), false)
    );
}

#[test]
fn each_way_to_fail_does_or_does_not_the_order_on_the_socket() {
    assert_eq!(by_socket("place:drop"), (Vec::new(), false));
    assert_eq!(by_socket("place:silent"), (Vec::new(), true));
    assert_eq!(by_socket("place:halfopen"), (Vec::new(), true));
    assert_eq!(by_socket("place:cut"), (vec![Out::Cut], true));
    let (outs, done) = by_socket("place:dup");
    assert_eq!((outs.len(), done), (2, true));
    assert_eq!(outs[0], outs[1]);
    let (outs, done) = by_socket("place:delay=40");
    assert!(matches!(outs[..], [Out::Text(_, 40)]) && done);
    for (fault, code, done) in [
        ("place:code=50004", "50004", true),
        ("place:code=51149", "1", true),
        ("place:code=51008", "1", false),
        ("place:http=503", "50001", true),
        ("place:http=429", "50011", false),
    ] {
        let (outs, there) = by_socket(fault);
        let said = told(&outs[0]);
        assert_eq!((&said["code"], there), (&code.into(), done), "{fault}");
        assert_eq!(said["id"], "r1");
    }
}

#[test]
fn streams_lose_repeat_and_end_as_they_are_told_to() {
    let updates = |fault: &str| {
        let mut client = Client::new(&[fault]);
        let line = client.line("public");
        client.hear(line, json!({"channel": "books", "instId": BTC}));
        client.pass(2_000);
        client.outs(line)
    };
    let chain = |outs: &[Out]| -> Vec<(i64, i64)> {
        let data = outs.iter().map(told).filter(|m| m.get("data").is_some());
        data.map(|m| {
            let row = &m["data"][0];
            (
                row["prevSeqId"].as_i64().unwrap(),
                row["seqId"].as_i64().unwrap(),
            )
        })
        .collect()
    };
    let holds = |outs: &[Out]| chain(outs).windows(2).all(|two| two[1].0 == two[0].1);
    assert!(holds(&updates("depth:delay=5")));
    assert!(!holds(&updates("depth:gap@3")));
    assert!(!holds(&updates("depth:dup@3")));
    assert_eq!(updates("depth:cut@2").last(), Some(&Out::Cut));
    let frozen = updates("depth:halfopen@1");
    assert_eq!(chain(&frozen).len(), 1);
    let mut client = Client::new(&["private:drop@1"]);
    let line = client.private("private");
    client.hear(line, json!({"channel": "orders", "instType": "SWAP"}));
    client.rest_order("p1");
    assert!(client.said(line).is_empty());
}

#[test]
fn a_position_can_be_deleveraged_and_liquidated() {
    for (fault, category) in [
        ("position:adl", "adl"),
        ("position:liquidate", "full_liquidation"),
    ] {
        let mut client = Client::new(&[fault]);
        client.pass(200);
        let line = client.private("private");
        client.hear(line, json!({"channel": "orders", "instType": "SWAP"}));
        client.market("buy", "1");
        client.said(line);
        client.pass(2_000);
        let said = client.said(line);
        let last = said.iter().rfind(|m| m.get("data").is_some()).unwrap();
        let row = &last["data"][0];
        assert_eq!(
            (&row["category"], &row["clOrdId"], &row["state"]),
            (&category.into(), &"".into(), &"filled".into())
        );
        assert_eq!(
            client.get("/api/v5/account/positions", "")["data"],
            json!([])
        );
    }
}
