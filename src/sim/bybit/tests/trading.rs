//! Linear orders by REST: taken, changed, cancelled, refused, found again.

use serde_json::json;

use super::super::client::{Client, at, number};

const CREATE: &str = "/v5/order/create";
const AMEND: &str = "/v5/order/amend";
const CANCEL: &str = "/v5/order/cancel";

#[test]
fn an_order_rests_is_changed_and_cancelled_under_one_uuid() {
    let mut client = Client::new(&[]);
    let (bid, _) = client.best("linear", "BTCUSDT");
    let price = at(bid - 200.0);
    let more = json!({"price": price, "timeInForce": "GTC", "orderLinkId": "mine-1"});
    let id = client.placed("Buy", "Limit", "0.01", &more);
    assert_eq!(id.len(), 36);
    let order = client.order_of("linear", &id);
    for (field, value) in [
        ("orderStatus", "New"),
        ("orderLinkId", "mine-1"),
        ("qty", "0.01"),
        ("leavesQty", "0.01"),
        ("cumExecQty", "0"),
        ("avgPrice", ""),
        ("rejectReason", "EC_NoError"),
        ("timeInForce", "GTC"),
    ] {
        assert_eq!(order[field], value, "{field}");
    }
    assert_eq!(number(&order["price"]), bid - 200.0);
    // Either of the two may be left away.
    let change = |more: &serde_json::Value| {
        let mut params = json!({"category": "linear", "symbol": "BTCUSDT", "orderId": id});
        for (name, value) in more.as_object().unwrap() {
            params[name] = value.clone();
        }
        params
    };
    let amended = client.good(AMEND, &change(&json!({"qty": "0.02"})));
    assert_eq!(amended, json!({"orderId": id, "orderLinkId": "mine-1"}));
    client.good(AMEND, &change(&json!({"price": at(bid - 201.0)})));
    let order = client.order_of("linear", &id);
    assert_eq!(order["qty"], "0.02");
    assert_eq!(number(&order["price"]), bid - 201.0);
    assert_eq!(
        client.refused(AMEND, &change(&json!({"qty": "0.02"}))),
        10001
    );
    client.good(CANCEL, &change(&json!({})));
    assert_eq!(client.refused(CANCEL, &change(&json!({}))), 110_001);
    let order = client.order_of("linear", &id);
    assert_eq!(order["orderStatus"], "Cancelled");
    assert_eq!(order["cancelType"], "CancelByUser");
    assert_eq!(order["leavesQty"], "0");
}

#[test]
fn an_answer_proves_nothing_a_post_only_order_is_refused_on_the_topic_alone() {
    let mut client = Client::new(&[]);
    let line = client.private(&["order"]);
    let (_, ask) = client.best("linear", "BTCUSDT");
    let more = json!({"price": at(ask + 20.0), "timeInForce": "PostOnly", "orderLinkId": "po"});
    let id = client.placed("Buy", "Limit", "0.01", &more);
    assert!(client.said(line).is_empty(), "told before the next tick");
    client.pass(10);
    let rows = client.rows(line, "order");
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0]["orderId"], id);
    assert_eq!(rows[0]["orderStatus"], "Cancelled");
    assert_eq!(rows[0]["rejectReason"], "EC_PostOnlyWillTakeLiquidity");
    assert_eq!(rows[0]["cumExecQty"], "0");
    let order = client.order_of("linear", &id);
    assert_eq!(order["rejectReason"], "EC_PostOnlyWillTakeLiquidity");
}

#[test]
fn a_post_only_order_whose_new_price_would_take_ends_and_says_why() {
    let mut client = Client::new(&[]);
    let (bid, ask) = client.best("linear", "BTCUSDT");
    let more = json!({"price": at(bid - 200.0), "timeInForce": "PostOnly"});
    let id = client.placed("Buy", "Limit", "0.01", &more);
    client.pass(10);
    let line = client.private(&["order"]);
    let change = json!({
        "category": "linear", "symbol": "BTCUSDT", "orderId": id, "price": at(ask + 20.0),
    });
    client.good(AMEND, &change);
    client.pass(10);
    let rows = client.rows(line, "order");
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["orderStatus"], "Cancelled");
    assert_eq!(rows[0]["rejectReason"], "EC_PostOnlyWillTakeLiquidity");
}

#[test]
fn what_cannot_be_filled_at_once_is_taken_and_then_cancelled() {
    let mut client = Client::new(&[]);
    let (_, ask) = client.best("linear", "BTCUSDT");
    let fok = json!({"price": at(ask), "timeInForce": "FOK"});
    let id = client.placed("Buy", "Limit", "900.000", &fok);
    let order = client.order_of("linear", &id);
    assert_eq!(order["orderStatus"], "Cancelled");
    assert_eq!(order["rejectReason"], "EC_NoEnoughQtyToFill");
    let (bid, _) = client.best("linear", "BTCUSDT");
    let ioc = json!({"price": at(bid - 500.0), "timeInForce": "IOC"});
    let id = client.placed("Buy", "Limit", "0.01", &ioc);
    let order = client.order_of("linear", &id);
    assert_eq!(order["orderStatus"], "Cancelled");
    assert_eq!(order["rejectReason"], "EC_NoImmediateQtyToFill");
}

#[test]
fn a_market_order_makes_a_position_and_the_whole_of_it_is_closed_by_nothing() {
    let mut client = Client::new(&[]);
    let id = client.placed("Buy", "Market", "0.02", &json!({}));
    let order = client.order_of("linear", &id);
    assert_eq!(order["orderStatus"], "Filled");
    assert_eq!(order["timeInForce"], "IOC");
    assert_eq!(order["cumExecQty"], "0.02");
    assert!(number(&order["cumExecFee"]) > 0.0);
    // Worked as a limit at the end of the band.
    assert!(number(&order["price"]) > number(&order["avgPrice"]));
    let position = client.position();
    assert_eq!(
        (&position["side"], &position["size"]),
        (&json!("Buy"), &json!("0.02"))
    );
    assert_eq!(position["positionIdx"], 0);
    let close = json!({"reduceOnly": true, "closeOnTrigger": true});
    let id = client.placed("Sell", "Market", "0", &close);
    let order = client.order_of("linear", &id);
    assert_eq!(
        (&order["qty"], &order["orderStatus"]),
        (&json!("0.02"), &json!("Filled"))
    );
    let position = client.position();
    assert_eq!(
        (&position["side"], &position["size"]),
        (&json!(""), &json!("0"))
    );
    let executions = client.asked("/v5/execution/list", "category=linear");
    let rows = executions["list"].as_array().unwrap();
    assert_eq!(rows[0]["closedSize"], "0.02");
    assert_eq!(rows.last().unwrap()["closedSize"], "0");
    let refused = client.order("Sell", "Market", "0", &close);
    assert_eq!(refused["retCode"], 110_017);
}

#[test]
fn refusals_have_the_documented_codes() {
    let mut client = Client::new(&[]);
    let (bid, _) = client.best("linear", "BTCUSDT");
    let far = at(bid - 200.0);
    let near = json!({"price": far});
    for (code, side, kind, qty, more) in [
        (10001, "Up", "Limit", "0.01", near.clone()),
        (10001, "Buy", "Stop", "0.01", near.clone()),
        (10001, "Buy", "Limit", "0.0105", near.clone()),
        (10001, "Buy", "Limit", "0", near.clone()),
        (10001, "Buy", "Limit", "0.01", json!({"price": "60000.15"})),
        (10001, "Buy", "Limit", "0.01", json!({"price": "-1"})),
        (10001, "Buy", "Limit", "0.01", json!({})),
        (
            10001,
            "Buy",
            "Limit",
            "0.01",
            json!({"price": far, "timeInForce": "GTX"}),
        ),
        (
            10001,
            "Buy",
            "Limit",
            "0.01",
            json!({"price": far, "positionIdx": 1}),
        ),
        (
            10001,
            "Buy",
            "Limit",
            "0.01",
            json!({"price": far, "orderLinkId": "a b"}),
        ),
        (
            10001,
            "Buy",
            "Limit",
            "0.01",
            json!({"price": far, "orderLinkId": "a".repeat(37)}),
        ),
        (110_003, "Buy", "Limit", "0.01", json!({"price": "90000"})),
        (110_003, "Sell", "Limit", "0.01", json!({"price": "30000"})),
        (110_094, "Buy", "Limit", "0.001", json!({"price": "40000"})),
        (110_007, "Buy", "Limit", "900", near.clone()),
        (
            110_017,
            "Sell",
            "Limit",
            "0.01",
            json!({"price": at(bid + 300.0), "reduceOnly": true}),
        ),
    ] {
        let answer = client.order(side, kind, qty, &more);
        assert_eq!(
            answer["retCode"], code,
            "{side} {kind} {qty} {more}: {answer}"
        );
        assert_eq!(answer["result"], json!({}));
        client.pass(200);
    }
    let body = json!({"category": "linear", "symbol": "NOPEUSDT", "side": "Buy", "orderType": "Market", "qty": "1"});
    assert_eq!(client.refused(CREATE, &body), 10001);
    let body = json!({"category": "inverse", "symbol": "BTCUSD", "side": "Buy", "orderType": "Market", "qty": "1"});
    assert_eq!(client.refused(CREATE, &body), 10001);
    let body = json!({"category": "linear", "symbol": "BTCUSDT", "side": "Buy", "orderType": "Market", "qty": 1});
    assert_eq!(
        client.refused(CREATE, &body),
        10001,
        "a size has to be text"
    );
}

#[test]
fn a_name_is_taken_for_good() {
    let mut client = Client::new(&[]);
    let (bid, _) = client.best("linear", "BTCUSDT");
    let more = json!({"price": at(bid - 200.0), "orderLinkId": "once"});
    client.placed("Buy", "Limit", "0.01", &more);
    assert_eq!(
        client.order("Buy", "Limit", "0.01", &more)["retCode"],
        110_072
    );
    let named = json!({"category": "linear", "symbol": "BTCUSDT", "orderLinkId": "once"});
    client.good(CANCEL, &named);
    assert_eq!(
        client.order("Buy", "Limit", "0.01", &more)["retCode"],
        110_072
    );
    let query = "category=linear&orderLinkId=once";
    let found = client.asked("/v5/order/realtime", query);
    assert_eq!(found["list"][0]["orderStatus"], "Cancelled");
}

#[test]
fn a_size_below_what_is_filled_is_refused_and_the_order_stays() {
    let mut client = Client::new(&[]);
    // More than the best ask has at its price: a part rests.
    let book = client.open(
        "/v5/market/orderbook",
        "category=linear&symbol=KAVAUSDT&limit=1",
    );
    let (ask, size) = (book["a"][0][0].clone(), number(&book["a"][0][1]));
    let body = json!({
        "category": "linear", "symbol": "KAVAUSDT", "side": "Buy", "orderType": "Limit",
        "qty": format!("{:.1}", size + 100.0), "price": ask,
    });
    let id = client.good(CREATE, &body)["orderId"]
        .as_str()
        .unwrap()
        .to_owned();
    let order = client.order_of("linear", &id);
    assert_eq!(order["orderStatus"], "PartiallyFilled");
    let change = json!({"category": "linear", "symbol": "KAVAUSDT", "orderId": id, "qty": order["cumExecQty"]});
    assert_eq!(client.refused(AMEND, &change), 110_064);
    assert_eq!(
        client.order_of("linear", &id)["orderStatus"],
        "PartiallyFilled"
    );
}

#[test]
fn cancel_all_takes_a_symbol_a_coin_or_a_kind() {
    let mut client = Client::new(&[]);
    let (bid, ask) = client.best("linear", "BTCUSDT");
    let all = "/v5/order/cancel-all";
    let place = |client: &mut Client| {
        client.pass(1_000);
        let price = at(bid - 300.0);
        client.placed("Buy", "Limit", "0.01", &json!({"price": price}));
        let stop = json!({"triggerPrice": at(ask + 900.0), "triggerDirection": 1});
        client.placed("Buy", "Market", "0.01", &stop);
    };
    assert_eq!(client.refused(all, &json!({"category": "linear"})), 10001);
    for (params, ended) in [
        (json!({"category": "linear", "symbol": "BTCUSDT"}), 2),
        (json!({"category": "linear", "settleCoin": "USDT"}), 2),
        (json!({"category": "linear", "baseCoin": "BTC"}), 2),
        (
            json!({"category": "linear", "settleCoin": "USDT", "orderFilter": "Order"}),
            1,
        ),
        (
            json!({"category": "linear", "settleCoin": "USDT", "orderFilter": "StopOrder"}),
            2,
        ),
        (json!({"category": "linear", "symbol": "ETHUSDT"}), 0),
    ] {
        place(&mut client);
        let answer = client.good(all, &params);
        assert_eq!(answer["success"], "1");
        assert_eq!(answer["list"].as_array().unwrap().len(), ended, "{params}");
    }
}

#[test]
fn a_batch_says_of_each_order_what_became_of_it() {
    let mut client = Client::new(&[]);
    let (bid, _) = client.best("linear", "BTCUSDT");
    let one = |name: &str, qty: &str| {
        json!({"symbol": "BTCUSDT", "side": "Buy", "orderType": "Limit", "qty": qty,
            "price": at(bid - 200.0), "orderLinkId": name})
    };
    let params = json!({"category": "linear", "request": [one("b1", "0.01"), one("b2", "0.0001"), one("b3", "0.01")]});
    let answer = client.post("/v5/order/create-batch", &params);
    assert_eq!(answer["retCode"], 0);
    let codes = answer["retExtInfo"]["list"].as_array().unwrap();
    let codes: Vec<i64> = codes.iter().map(|c| c["code"].as_i64().unwrap()).collect();
    assert_eq!(codes, [0, 10001, 0]);
    let list = answer["result"]["list"].as_array().unwrap();
    assert_eq!(list[1]["orderId"], "");
    assert_eq!(list[1]["orderLinkId"], "b2");
    assert_eq!(list[0]["category"], "linear");
    assert!(list[0]["createAt"].is_string());
    let cancel = |name: &str| json!({"symbol": "BTCUSDT", "orderLinkId": name});
    let params = json!({"category": "linear", "request": [cancel("b1"), cancel("b2")]});
    let answer = client.post("/v5/order/cancel-batch", &params);
    let codes = answer["retExtInfo"]["list"].as_array().unwrap();
    assert_eq!(
        (&codes[0]["code"], &codes[1]["code"]),
        (&json!(0), &json!(110_001))
    );
    let many: Vec<_> = (0..21).map(|n| one(&format!("m{n}"), "0.01")).collect();
    let params = json!({"category": "linear", "request": many});
    assert_eq!(client.refused("/v5/order/create-batch", &params), 10001);
}

#[test]
fn lists_come_in_pages_the_newest_first() {
    let mut client = Client::new(&[]);
    let (bid, _) = client.best("linear", "BTCUSDT");
    let mut ids = Vec::new();
    for n in 0..5 {
        let more = json!({"price": at(bid - 200.0 - f64::from(n))});
        ids.push(client.placed("Buy", "Limit", "0.01", &more));
        client.pass(110);
    }
    ids.reverse();
    let mut seen = Vec::new();
    let mut cursor = String::new();
    let mut pages = 0;
    loop {
        let more = if cursor.is_empty() {
            String::new()
        } else {
            format!("&cursor={cursor}")
        };
        let query = format!("category=linear&settleCoin=USDT&limit=2{more}");
        let page = client.asked("/v5/order/realtime", &query);
        let rows = page["list"].as_array().unwrap();
        seen.extend(
            rows.iter()
                .map(|row| row["orderId"].as_str().unwrap().to_owned()),
        );
        pages += 1;
        page["nextPageCursor"]
            .as_str()
            .unwrap()
            .clone_into(&mut cursor);
        if cursor.is_empty() {
            break;
        }
    }
    assert_eq!((seen, pages), (ids, 3));
    let none = client.get("/v5/order/realtime", "category=linear");
    assert_eq!(none["retCode"], 10001);
}
