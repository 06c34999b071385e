//! Limits: per second and account, with their headers, and per address.

use serde_json::json;

use super::super::client::{Client, at, body, linear};
use crate::sim::wire::Answer;

#[test]
fn the_eleventh_order_in_a_second_is_refused_and_cancels_have_a_budget_of_their_own() {
    let mut client = Client::new(&[]);
    let (bid, _) = client.best("linear", "BTCUSDT");
    let more = json!({"price": at(bid - 200.0)});
    let mut last = String::new();
    for n in 0..10 {
        let order = linear("Buy", "Limit", "0.01", &more);
        let Answer::Reply(reply, _) = client.try_post("/v5/order/create", &order) else {
            panic!("not answered");
        };
        let header = |name: &str| {
            let found = reply.headers.iter().find(|(own, _)| *own == name);
            found.unwrap().1.clone()
        };
        assert_eq!(header("x-bapi-limit"), "10");
        assert_eq!(header("x-bapi-limit-status"), (9 - n).to_string());
        assert_eq!(
            header("x-bapi-limit-reset-timestamp"),
            client.now.to_string()
        );
        last = reply.body;
    }
    assert!(last.contains(r#""retCode":0"#));
    client.pass(100);
    let answer = client.try_post("/v5/order/create", &linear("Buy", "Limit", "0.01", &more));
    assert_eq!(body(&answer)["retCode"], 10006);
    let Answer::Reply(reply, _) = answer else {
        panic!("not answered");
    };
    let reset = reply
        .headers
        .iter()
        .find(|(name, _)| *name == "x-bapi-limit-reset-timestamp");
    assert_eq!(reset.unwrap().1, (client.now - 100 + 1_000).to_string());
    let all = json!({"category": "linear", "symbol": "BTCUSDT"});
    client.good("/v5/order/cancel-all", &all);
    // The same budget behind the other door.
    let line = client.trading();
    let order = linear("Buy", "Limit", "0.01", &more);
    let answer = client.enter(line, "order.create", &order);
    assert_eq!(answer[0]["retCode"], 10006);
    assert_eq!(answer[0]["header"]["X-Bapi-Limit-Status"], "0");
    client.pass(900);
    assert_eq!(client.enter(line, "order.create", &order)[0]["retCode"], 0);
}

#[test]
fn an_address_that_asks_too_often_gets_403_and_nothing_else() {
    let mut client = Client::new(&[]);
    let mut ask = || client.send("GET", "/v5/market/time", "", "", Vec::new());
    for _ in 0..600 {
        assert!(matches!(ask(), Answer::Reply(reply, _) if reply.status == 200));
    }
    assert!(matches!(ask(), Answer::Reply(reply, _) if reply.status == 403));
    client.now += 599_000;
    let answer = client.send("GET", "/v5/market/time", "", "", Vec::new());
    assert!(matches!(answer, Answer::Reply(reply, _) if reply.status == 403));
    client.now += 2_000;
    client.open("/v5/market/time", "");
}
