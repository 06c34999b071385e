//! Conditional orders at both doors and on the user stream.

use serde_json::{Value, json};

use super::number;
use crate::sim::binance_futures::client::Client;

const ALGO: &str = "/fapi/v1/algoOrder";
const OPEN: &str = "/fapi/v1/openAlgoOrders";

fn ask(rest: &str) -> String {
    format!("algoType=CONDITIONAL&symbol=BTCUSDT&{rest}")
}

/// A trader who is long 0.010.
fn long(faults: &[&str]) -> Client {
    let mut client = Client::new(faults);
    let buy = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.010";
    client.good("POST", "/fapi/v1/order", buy);
    client
}

/// A price this far from the last one traded.
fn away(client: &mut Client, by: f64) -> String {
    let last = client.open("/fapi/v1/ticker/price", "symbol=BTCUSDT");
    format!("{:.1}", number(last["price"].as_str().unwrap()) + by)
}

fn until_gone(client: &mut Client) {
    for _ in 0..600 {
        client.pass(500);
        if client.good("GET", OPEN, "symbol=BTCUSDT") == json!([]) {
            return;
        }
    }
    panic!("never triggered");
}

#[test]
fn conditional_orders_are_refused_by_the_documented_codes() {
    let mut client = long(&[]);
    let stop = "side=SELL&type=STOP_MARKET&quantity=0.010";
    let close = "side=SELL&type=STOP_MARKET&closePosition=true&triggerPrice=59000";
    let trail = "side=SELL&type=TRAILING_STOP_MARKET&quantity=0.010";
    for (rest, code) in [
        ("side=SELL&type=LIMIT&quantity=0.010&price=1", -1116),
        (stop, -1102),
        ("side=SELL&type=STOP_MARKET&triggerPrice=59000", -1102),
        (
            "side=SELL&type=STOP_MARKET&quantity=0.010&triggerPrice=90000",
            -2021,
        ),
        (
            "side=BUY&type=STOP_MARKET&quantity=0.010&triggerPrice=50000",
            -2021,
        ),
        (
            "side=SELL&type=STOP_MARKET&quantity=0.010&triggerPrice=59000.05",
            -4014,
        ),
        (
            "side=SELL&type=STOP_MARKET&quantity=0.010&triggerPrice=59000&price=1",
            -1106,
        ),
        (
            "side=SELL&type=STOP&quantity=0.010&triggerPrice=59000",
            -1102,
        ),
        (
            "side=SELL&type=STOP&quantity=0.010&triggerPrice=59000&price=58000&timeInForce=NOW",
            -1115,
        ),
        (
            "side=SELL&type=STOP_MARKET&quantity=0.010&triggerPrice=59000&workingType=INDEX",
            -1130,
        ),
        (
            "side=SELL&type=STOP_MARKET&quantity=0.010&triggerPrice=59000&clientAlgoId=a%20b",
            -4015,
        ),
        (
            "side=SELL&type=STOP_MARKET&quantity=0.010&triggerPrice=59000&positionSide=LONG",
            -4061,
        ),
        (
            "side=SELL&type=STOP_MARKET&quantity=0.010&triggerPrice=59000&priceMatch=QUEUE",
            -1020,
        ),
        (
            "side=BUY&type=STOP_MARKET&closePosition=true&triggerPrice=65000",
            -4509,
        ),
        (
            "side=SELL&type=STOP_MARKET&closePosition=true&triggerPrice=59000&quantity=1",
            -4137,
        ),
        (
            "side=SELL&type=STOP_MARKET&closePosition=true&triggerPrice=59000&reduceOnly=true",
            -1106,
        ),
        (
            "side=SELL&type=STOP&closePosition=true&triggerPrice=59000&price=58000",
            -4136,
        ),
        (trail, -1102),
        (
            "side=SELL&type=TRAILING_STOP_MARKET&quantity=0.010&callbackRate=0.05",
            -2007,
        ),
        (
            "side=SELL&type=TRAILING_STOP_MARKET&quantity=0.010&callbackRate=20.1",
            -2007,
        ),
        (
            "side=SELL&type=TRAILING_STOP_MARKET&quantity=0.010&callbackRate=1&activatePrice=50000",
            -2021,
        ),
    ] {
        assert_eq!(client.refused("POST", ALGO, &ask(rest)), code, "{rest}");
    }
    let bare = "symbol=BTCUSDT&side=SELL&type=STOP_MARKET&quantity=0.010&triggerPrice=59000";
    assert_eq!(
        client.refused("POST", ALGO, bare),
        -1102,
        "algoType is mandatory"
    );
    client.good("POST", ALGO, &ask(close));
    assert_eq!(client.refused("POST", ALGO, &ask(close)), -4130);
    let named = ask("side=SELL&type=STOP_MARKET&quantity=0.010&triggerPrice=59000&clientAlgoId=x1");
    client.good("POST", ALGO, &named);
    assert_eq!(client.refused("POST", ALGO, &named), -20132);
    client.good("DELETE", ALGO, "clientAlgoId=x1");
    assert_eq!(client.refused("DELETE", ALGO, "algoId=7"), -2011);
    assert_eq!(client.refused("GET", ALGO, "algoId=7"), -2013);
    assert_eq!(client.refused("GET", ALGO, ""), -1102);
    let gone = client.good("GET", OPEN, "")[0]["algoId"].clone();
    client.good("DELETE", ALGO, &format!("algoId={gone}"));
    assert_eq!(
        client.refused("DELETE", ALGO, &format!("algoId={gone}")),
        -2011
    );
}

#[test]
fn a_stop_becomes_an_order_that_is_linked_both_ways() {
    let mut client = long(&[]);
    let line = client.private();
    let trigger = away(&mut client, -4.0);
    let stop = format!(
        "side=SELL&type=STOP_MARKET&quantity=0.010&reduceOnly=true&clientAlgoId=s1&triggerPrice={trigger}"
    );
    let placed = client.good("POST", ALGO, &ask(&stop));
    assert_eq!(
        (&placed["algoStatus"], &placed["triggerTime"]),
        (&json!("NEW"), &json!(0))
    );
    until_gone(&mut client);
    let after = client.good("GET", ALGO, &format!("algoId={}", placed["algoId"]));
    assert_eq!(after["algoStatus"], "FINISHED");
    assert_eq!(
        (&after["actualType"], &after["actualQty"]),
        (&json!("MARKET"), &json!("0.010"))
    );
    assert!(after["triggerTime"].as_i64().unwrap() > placed["createTime"].as_i64().unwrap());
    let id = after["actualOrderId"].as_str().unwrap().to_owned();
    let order = client.good(
        "GET",
        "/fapi/v1/order",
        &format!("symbol=BTCUSDT&orderId={id}"),
    );
    assert_eq!(
        (&order["status"], &order["clientOrderId"]),
        (&json!("FILLED"), &json!("s1"))
    );
    assert_eq!(order["avgPrice"], after["actualPrice"]);
    let said = client.said(line);
    let steps: Vec<String> = said.iter().filter_map(step).collect();
    let expected = [
        "NEW",
        "TRIGGERING",
        "order NEW",
        "TRIGGERED",
        "order FILLED",
        "FINISHED",
    ];
    assert_eq!(steps, expected);
    let of = |status: &str| {
        said.iter()
            .find(|e| e["o"]["X"] == status && e["e"] == "ALGO_UPDATE")
            .unwrap()["o"]
            .clone()
    };
    assert_eq!(
        (&of("TRIGGERING")["ai"], &of("TRIGGERED")["ai"]),
        (&json!(""), &json!(id))
    );
    assert_eq!(
        (&of("FINISHED")["aq"], &of("FINISHED")["act"]),
        (&json!("0.010"), &json!("MARKET"))
    );
}

/// A step of the story of conditional orders and orders, in words; a fill in parts is told once.
fn step(event: &Value) -> Option<String> {
    let status = event["o"]["X"].as_str()?;
    match event["e"].as_str()? {
        "ALGO_UPDATE" => Some(status.to_owned()),
        "ORDER_TRADE_UPDATE" if status != "PARTIALLY_FILLED" => Some(format!("order {status}")),
        _ => None,
    }
}

#[test]
fn a_refusal_at_the_trigger_is_told_with_its_reason() {
    let mut client = Client::new(&[]);
    let line = client.private();
    let trigger = away(&mut client, 4.0);
    let stop =
        format!("side=BUY&type=STOP_MARKET&quantity=0.010&reduceOnly=true&triggerPrice={trigger}");
    client.good("POST", ALGO, &ask(&stop));
    until_gone(&mut client);
    let said = client.said(line);
    let last = said.iter().rfind(|e| e["e"] == "ALGO_UPDATE").unwrap();
    assert_eq!(
        (&last["o"]["X"], &last["o"]["rm"]),
        (&json!("REJECTED"), &json!("Reduce Only reject"))
    );
    assert!(said.iter().all(|e| e["e"] != "ORDER_TRADE_UPDATE"));
}

#[test]
fn the_websocket_api_places_and_cancels_and_trails_say_their_terms() {
    let mut client = long(&[]);
    let line = client.line("/ws-fapi/v1", "");
    let trail = json!({"algoType": "CONDITIONAL", "symbol": "BTCUSDT", "side": "SELL", "type": "TRAILING_STOP_MARKET",
        "quantity": "0.010", "callbackRate": "1.5", "activatePrice": "65000.0", "workingType": "MARK_PRICE", "reduceOnly": "true"});
    let placed = client.api(line, "algoOrder.place", trail).remove(0)["result"].clone();
    assert_eq!(
        (&placed["activatePrice"], &placed["callbackRate"]),
        (&json!("65000.00"), &json!("1.5"))
    );
    assert_eq!(
        (&placed["workingType"], &placed["orderType"]),
        (&json!("MARK_PRICE"), &json!("TRAILING_STOP_MARKET"))
    );
    let id = placed["algoId"].clone();
    let gone = client
        .api(line, "algoOrder.cancel", json!({"algoId": id}))
        .remove(0);
    assert_eq!(
        gone["result"],
        json!({"algoId": id, "clientAlgoId": placed["clientAlgoId"], "code": "200", "msg": "success"})
    );
    let again = client
        .api(line, "algoOrder.cancel", json!({"algoId": id}))
        .remove(0);
    assert_eq!(
        (&again["status"], &again["error"]["code"]),
        (&json!(400), &json!(-2011))
    );
}

#[test]
fn cancel_all_and_the_dead_man_switch_leave_conditional_orders_and_their_own_cancel_all_takes_them()
{
    let mut client = long(&[]);
    client.good(
        "POST",
        ALGO,
        &ask("side=SELL&type=STOP_MARKET&closePosition=true&triggerPrice=59000"),
    );
    client.good("DELETE", "/fapi/v1/allOpenOrders", "symbol=BTCUSDT");
    client.good(
        "POST",
        "/fapi/v1/countdownCancelAll",
        "symbol=BTCUSDT&countdownTime=10",
    );
    client.pass(50);
    assert_eq!(client.good("GET", OPEN, "").as_array().unwrap().len(), 1);
    assert_eq!(client.good("GET", "/fapi/v1/openOrders", ""), json!([]));
    client.good("DELETE", "/fapi/v1/algoOpenOrders", "symbol=BTCUSDT");
    assert_eq!(client.good("GET", OPEN, ""), json!([]));
    let all = client.good("GET", "/fapi/v1/allAlgoOrders", "symbol=BTCUSDT");
    assert_eq!(all[0]["algoStatus"], "CANCELED");
}

#[test]
fn faults_strike_conditional_orders() {
    let stop = ask("side=BUY&type=STOP_MARKET&quantity=0.010&triggerPrice=65000&clientAlgoId=f1");
    for (fault, exists) in [
        ("place:silent@1", 1),
        ("place:drop@1", 0),
        ("place:code=-1007@1", 1),
    ] {
        let mut client = Client::new(&[fault]);
        client.ask("POST", ALGO, &stop);
        assert_eq!(
            client.good("GET", OPEN, "").as_array().unwrap().len(),
            exists,
            "{fault}"
        );
    }
    let mut client = Client::new(&["cancel:code=-2011@1", "query:http=429@1", "private:dup@1"]);
    let line = client.private();
    client.good("POST", ALGO, &stop);
    assert_eq!(client.said(line).len(), 2, "told twice");
    assert_eq!(client.refused("DELETE", ALGO, "clientAlgoId=f1"), -2011);
    assert_eq!(client.rest("GET", ALGO, "clientAlgoId=f1").0, 429);
    assert_eq!(
        client.good("GET", ALGO, "clientAlgoId=f1")["algoStatus"],
        "NEW"
    );
}
