//! Faults made on purpose, at both doors and on streams.

use serde_json::{Value, json};

use super::ORDER;
use crate::sim::binance_futures::client::Client;
use crate::sim::wire::{Answer, Out};

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
    assert!(!client.exchange.gate.lines.open.contains_key(&line));
}

#[test]
fn an_overload_spares_cancels_and_what_reduces() {
    let mut client = Client::new(&["place:code=-1008", "cancel:code=-1008"]);
    let buy = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.010";
    let (status, body) = client.rest("POST", ORDER, buy);
    assert_eq!((status, &body["code"]), (503, &json!(-1008)));
    // Judged by the exchange and not by the fault: there is no position.
    assert_eq!(
        client.refused("POST", ORDER, &format!("{buy}&reduceOnly=true")),
        -2022
    );
    let close = "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&triggerPrice=50000&closePosition=true";
    assert_eq!(client.refused("POST", "/fapi/v1/algoOrder", close), -4509);
    assert_eq!(
        client.refused("DELETE", ORDER, "symbol=BTCUSDT&orderId=7"),
        -2011
    );
    let line = client.line("/ws-fapi/v1", "");
    let order = json!({"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.010"});
    let said = client.api(line, "order.place", order.clone()).remove(0);
    assert_eq!(
        (&said["status"], &said["error"]["code"]),
        (&json!(503), &json!(-1008))
    );
    let mut order = order;
    order["reduceOnly"] = "true".into();
    let said = client.api(line, "order.place", order).remove(0);
    assert_eq!(said["error"]["code"], -2022);
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
