//! Orders and money.

use serde_json::json;

use super::{ORDER, number};
use crate::sim::binance_futures::client::Client;

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
