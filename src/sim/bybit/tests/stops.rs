//! Orders that wait for a price, and stops that belong to a position.

use serde_json::{Value, json};

use super::super::client::{Client, at, number};

const STOP: &str = "/v5/position/trading-stop";

fn long(client: &mut Client) -> f64 {
    client.placed("Buy", "Market", "0.02", &json!({}));
    client.pass(20);
    client.best("linear", "BTCUSDT").0
}

fn stop(more: &Value) -> Value {
    let mut params = json!({
        "category": "linear", "symbol": "BTCUSDT", "tpslMode": "Full", "positionIdx": 0,
    });
    for (name, value) in more.as_object().unwrap() {
        params[name] = value.clone();
    }
    params
}

fn waiting(client: &mut Client) -> Vec<Value> {
    let query = "category=linear&symbol=BTCUSDT&orderFilter=StopOrder";
    let list = client.asked("/v5/order/realtime", query)["list"].clone();
    list.as_array().unwrap().clone()
}

#[test]
fn a_position_carries_its_stops_and_moves_them_under_one_id() {
    let mut client = Client::new(&[]);
    let empty = stop(&json!({"stopLoss": "50000"}));
    assert_eq!(client.refused(STOP, &empty), 10001, "no position");
    let bid = long(&mut client);
    let both = json!({"takeProfit": at(bid + 900.0), "stopLoss": at(bid - 900.0)});
    assert_eq!(client.good(STOP, &stop(&both)), json!({}));
    let position = client.position();
    assert_eq!(number(&position["takeProfit"]), bid + 900.0);
    assert_eq!(number(&position["stopLoss"]), bid - 900.0);
    let orders = waiting(&mut client);
    assert_eq!(orders.len(), 2);
    for order in &orders {
        assert_eq!(order["orderStatus"], "Untriggered");
        assert_eq!(order["orderLinkId"], "");
        assert_eq!(order["qty"], "0.02");
        assert_eq!(
            (&order["reduceOnly"], &order["closeOnTrigger"]),
            (&json!(true), &json!(true))
        );
        assert_eq!(order["tpslMode"], "Full");
    }
    let of = |orders: &[Value], kind: &str| {
        orders
            .iter()
            .find(|o| o["stopOrderType"] == kind)
            .unwrap()
            .clone()
    };
    let (old, take) = (of(&orders, "StopLoss"), of(&orders, "TakeProfit"));
    assert_eq!(
        (&old["triggerDirection"], &take["triggerDirection"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(client.refused(STOP, &stop(&both)), 34040, "not modified");
    client.good(STOP, &stop(&json!({"stopLoss": at(bid - 800.0)})));
    let moved = of(&waiting(&mut client), "StopLoss");
    assert_eq!(moved["orderId"], old["orderId"]);
    assert_eq!(number(&moved["triggerPrice"]), bid - 800.0);
    client.good(STOP, &stop(&json!({"takeProfit": "0"})));
    assert_eq!(client.position()["takeProfit"], "0");
    assert_eq!(waiting(&mut client).len(), 1);
}

#[test]
fn a_stop_on_the_wrong_side_is_refused_and_nothing_of_the_request_is_done() {
    let mut client = Client::new(&[]);
    let bid = long(&mut client);
    let wrong = json!({"takeProfit": at(bid + 900.0), "stopLoss": at(bid + 900.0)});
    let answer = client.post(STOP, &stop(&wrong));
    assert_eq!(answer["retCode"], 10001);
    assert!(
        answer["retMsg"]
            .as_str()
            .unwrap()
            .starts_with("StopLoss set for Buy position")
    );
    assert!(waiting(&mut client).is_empty());
    for bad in [
        json!({}),
        json!({"stopLoss": "x"}),
        json!({"stopLoss": at(bid - 900.0), "slTriggerBy": "Moon"}),
        json!({"stopLoss": at(bid - 900.0), "positionIdx": 1}),
        json!({"stopLoss": at(bid - 900.0), "tpslMode": "Half"}),
        json!({"stopLoss": at(bid - 900.0), "slOrderType": "Limit"}),
    ] {
        assert_eq!(client.refused(STOP, &stop(&bad)), 10001, "{bad}");
        client.pass(150);
    }
}

#[test]
fn stops_end_with_their_position() {
    let mut client = Client::new(&[]);
    let bid = long(&mut client);
    client.good(STOP, &stop(&json!({"stopLoss": at(bid - 900.0)})));
    let part = json!({"tpslMode": "Partial", "stopLoss": at(bid - 700.0), "slSize": "0.01"});
    client.good(STOP, &stop(&part));
    let orders = waiting(&mut client);
    let kinds: Vec<&Value> = orders.iter().map(|o| &o["stopOrderType"]).collect();
    assert_eq!(kinds, ["PartialStopLoss", "StopLoss"]);
    assert_eq!(
        (&orders[0]["qty"], &orders[0]["tpslMode"]),
        (&json!("0.01"), &json!("Partial"))
    );
    // The part is none of the position's own stop.
    assert_eq!(number(&client.position()["stopLoss"]), bid - 900.0);
    let line = client.private(&["order"]);
    client.placed("Sell", "Market", "0.02", &json!({"reduceOnly": true}));
    client.pass(20);
    assert!(waiting(&mut client).is_empty());
    let rows = client.rows(line, "order");
    let cleared: Vec<&Value> = rows
        .iter()
        .filter(|r| r["cancelType"] == "CancelByTpSlTsClear")
        .collect();
    assert_eq!(cleared.len(), 2, "{rows:?}");
    assert!(
        cleared
            .iter()
            .all(|row| row["orderStatus"] == "Deactivated")
    );
}

#[test]
fn a_trailing_stop_is_a_distance_and_fires_when_the_price_comes_back() {
    let mut client = Client::new(&[]);
    long(&mut client);
    client.good(STOP, &stop(&json!({"trailingStop": "1.0"})));
    assert_eq!(client.position()["trailingStop"], "1");
    client.pass(10);
    let line = client.private(&["order", "execution"]);
    for _ in 0..600 {
        client.pass(100);
        if client.position()["size"] == "0" {
            break;
        }
    }
    assert_eq!(
        client.position()["size"],
        "0",
        "a minute without a move of a tick"
    );
    let said = client.said(line);
    let rows = |topic: &str| -> Vec<Value> {
        let told = said.iter().filter(|m| m["topic"] == topic);
        told.flat_map(|m| m["data"].as_array().unwrap().clone())
            .collect()
    };
    let orders = rows("order");
    let story: Vec<&str> = orders
        .iter()
        .map(|o| o["orderStatus"].as_str().unwrap())
        .collect();
    assert_eq!(story[..2], ["Triggered", "New"]);
    assert_eq!(*story.last().unwrap(), "Filled");
    assert!(
        orders.iter().all(|o| o["orderId"] == orders[0]["orderId"]),
        "one id all its life"
    );
    assert!(
        orders
            .iter()
            .all(|o| o["createType"] == "CreateByTrailingStop")
    );
    let fills = rows("execution");
    assert_eq!(fills[0]["stopOrderType"], "TrailingStop");
    assert_eq!(fills[0]["orderId"], orders[0]["orderId"]);
}

#[test]
fn a_conditional_order_names_the_side_from_which_its_price_comes() {
    let mut client = Client::new(&[]);
    let (bid, ask) = client.best("linear", "BTCUSDT");
    let rises = |at: String, direction: i64| json!({"triggerPrice": at, "triggerDirection": direction, "triggerBy": "MarkPrice", "orderLinkId": "c1"});
    let wrong = client.order("Buy", "Market", "0.01", &rises(at(bid - 700.0), 1));
    assert_eq!(wrong["retCode"], 110_092);
    let wrong = client.order("Buy", "Market", "0.01", &rises(at(ask + 700.0), 2));
    assert_eq!(wrong["retCode"], 110_093);
    let missing = client.order(
        "Buy",
        "Market",
        "0.01",
        &json!({"triggerPrice": at(ask + 700.0)}),
    );
    assert_eq!(missing["retCode"], 10001);
    let id = client.placed("Buy", "Market", "0.01", &rises(at(ask + 700.0), 1));
    let order = client.order_of("linear", &id);
    assert_eq!(
        (&order["stopOrderType"], &order["triggerBy"]),
        (&json!("Stop"), &json!("MarkPrice"))
    );
    assert_eq!(order["orderStatus"], "Untriggered");
    let change = json!({"category": "linear", "symbol": "BTCUSDT", "orderLinkId": "c1", "triggerPrice": at(ask + 800.0), "qty": "0.02"});
    client.good("/v5/order/amend", &change);
    let order = client.order_of("linear", &id);
    assert_eq!(number(&order["triggerPrice"]), ask + 800.0);
    assert_eq!(order["qty"], "0.02");
    client.good(
        "/v5/order/cancel",
        &json!({"category": "linear", "symbol": "BTCUSDT", "orderId": id}),
    );
    assert_eq!(client.order_of("linear", &id)["orderStatus"], "Deactivated");
}

#[test]
fn ten_conditional_orders_wait_on_an_instrument_and_stops_of_the_position_beside_them() {
    let mut client = Client::new(&[]);
    let bid = long(&mut client);
    let order =
        |n: u32| json!({"triggerPrice": at(bid - 700.0 - f64::from(n)), "triggerDirection": 2});
    for n in 0..10 {
        client.pass(200);
        client.placed("Sell", "Market", "0.01", &order(n));
    }
    client.pass(200);
    assert_eq!(
        client.order("Sell", "Market", "0.01", &order(10))["retCode"],
        110_009
    );
    client.good(STOP, &stop(&json!({"stopLoss": at(bid - 900.0)})));
    assert_eq!(waiting(&mut client).len(), 11);
}

#[test]
fn an_order_brings_its_stops_to_the_position_with_its_fill() {
    let mut client = Client::new(&[]);
    let (bid, _) = client.best("linear", "BTCUSDT");
    let more = json!({"takeProfit": at(bid + 900.0), "stopLoss": at(bid - 900.0)});
    let id = client.placed("Buy", "Market", "0.01", &more);
    assert_eq!(
        number(&client.order_of("linear", &id)["stopLoss"]),
        bid - 900.0
    );
    let position = client.position();
    assert_eq!(number(&position["takeProfit"]), bid + 900.0);
    assert_eq!(number(&position["stopLoss"]), bid - 900.0);
    assert_eq!(waiting(&mut client).len(), 2);
}
