//! Faults in all their words, by both doors.

use serde_json::{Value, json};

use super::super::client::{Client, body, linear};
use crate::sim::wire::{Answer, Out};

fn order() -> Value {
    linear(
        "Buy",
        "Limit",
        "0.01",
        &json!({"price": "58000", "orderLinkId": "f"}),
    )
}

/// What became of an order by REST, and whether it came to be.
fn placed(fault: &str) -> (Answer, bool) {
    let mut client = Client::new(&[fault]);
    let answer = client.try_post("/v5/order/create", &order());
    let found = client.asked("/v5/order/realtime", "category=linear&orderLinkId=f");
    (answer, found["list"] != json!([]))
}

#[test]
fn a_fault_of_a_call_is_made_by_rest() {
    assert_eq!(placed("place:drop@1"), (Answer::Never, false));
    assert_eq!(placed("place:silent@1"), (Answer::Never, true));
    assert_eq!(placed("place:halfopen@1"), (Answer::Never, true));
    assert_eq!(placed("place:cut@1"), (Answer::Cut, true));
    assert_eq!(placed("rest:cut@1"), (Answer::Cut, true));
    let (answer, there) = placed("place:delay=250@1");
    assert!(there && matches!(answer, Answer::Reply(_, 250)));
    let (answer, there) = placed("place:dup@1");
    assert!(there && body(&answer)["retCode"] == 0);
    for (fault, code, done) in [
        ("place:code=10000@1", 10000, true),
        ("place:code=10016@1", 10016, true),
        ("place:code=170007@1", 170_007, true),
        ("place:code=10006@1", 10006, false),
        ("place:code=110007@1", 110_007, false),
    ] {
        let (answer, there) = placed(fault);
        assert_eq!(
            (&body(&answer)["retCode"], there),
            (&json!(code), done),
            "{fault}"
        );
    }
    for (fault, status, done) in [
        ("place:http=503@1", 503, true),
        ("rest:http=403@1", 403, false),
    ] {
        let (answer, there) = placed(fault);
        assert!(
            matches!(answer, Answer::Reply(reply, 0) if reply.status == status),
            "{fault}"
        );
        assert_eq!(there, done, "{fault}");
    }
}

#[test]
fn a_fault_of_an_operation_is_made_on_its_line() {
    let entered = |fault: &str| {
        let mut client = Client::new(&[fault]);
        let line = client.trading();
        let codes: Vec<i64> = client
            .enter(line, "order.create", &order())
            .iter()
            .map(|answer| answer["retCode"].as_i64().unwrap())
            .collect();
        let open = client.exchange.lines.open.contains_key(&line);
        let found = client.asked("/v5/order/realtime", "category=linear&orderLinkId=f");
        (codes, found["list"] != json!([]), open)
    };
    assert_eq!(entered("place:drop@1"), (vec![], false, true));
    assert_eq!(entered("place:silent@1"), (vec![], true, true));
    assert_eq!(entered("place:halfopen@1"), (vec![], true, true));
    assert_eq!(entered("place:cut@1"), (vec![], true, false));
    assert_eq!(entered("place:dup@1"), (vec![0, 0], true, true));
    assert_eq!(entered("place:code=10016@1"), (vec![10016], true, true));
    assert_eq!(entered("place:code=10429@1"), (vec![10429], false, true));
    assert_eq!(entered("place:http=503@1"), (vec![10016], true, true));
    assert_eq!(entered("place:http=403@1"), (vec![10403], false, true));
    let mut client = Client::new(&["place:delay=250@1"]);
    let line = client.trading();
    let request = json!({"header": {"X-BAPI-TIMESTAMP": client.now.to_string()}, "op": "order.create", "args": [order()]});
    crate::sim::wire::Wire::hear(&mut client.exchange, client.now, line, &request.to_string());
    assert!(matches!(client.outs(line).last(), Some(Out::Text(_, 250))));
}

#[test]
fn cancels_amends_and_questions_are_struck_by_their_names() {
    let mut client = Client::new(&["amend:code=10001@1", "cancel:silent@1", "query:http=500@1"]);
    client.good("/v5/order/create", &order());
    let named =
        json!({"category": "linear", "symbol": "BTCUSDT", "orderLinkId": "f", "qty": "0.02"});
    assert_eq!(client.refused("/v5/order/amend", &named), 10001);
    client.good("/v5/order/amend", &named);
    assert_eq!(client.try_post("/v5/order/cancel", &named), Answer::Never);
    let query = "category=linear&orderLinkId=f";
    let headers = client.headers(query);
    let answer = client.send("GET", "/v5/order/realtime", query, "", headers);
    assert!(matches!(answer, Answer::Reply(reply, _) if reply.status == 500));
    let found = client.asked("/v5/order/realtime", query);
    assert_eq!(found["list"][0]["orderStatus"], "Cancelled");
}
