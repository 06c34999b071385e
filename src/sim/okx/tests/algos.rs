//! Algo orders: their triggers, what they become, the two that cancel each other, trails, changes and ends.

use serde_json::{Value, json};

use super::super::client::{BTC, Client};

const PLACE: &str = "/api/v5/trade/order-algo";
const CANCEL: &str = "/api/v5/trade/cancel-algos";
const CANCEL_TRAILS: &str = "/api/v5/trade/cancel-advance-algos";
const AMEND: &str = "/api/v5/trade/amend-algos";

/// A trader who is long two contracts, with both algo channels and orders heard.
fn long() -> (Client, u64, u64) {
    let mut client = Client::new(&[]);
    client.pass(200);
    client.market("buy", "2");
    let business = client.private("business");
    client.hear(
        business,
        json!({"channel": "orders-algo", "instType": "SWAP"}),
    );
    client.hear(
        business,
        json!({"channel": "algo-advance", "instType": "SWAP"}),
    );
    let private = client.private("private");
    client.hear(private, json!({"channel": "orders", "instType": "SWAP"}));
    (client, business, private)
}

fn algo(kind: &str, more: Value) -> Value {
    let mut algo = json!({
        "instId": BTC, "tdMode": "cross", "side": "sell", "ordType": kind, "sz": "2", "reduceOnly": true,
    });
    for (name, value) in more.as_object().unwrap() {
        algo[name] = value.clone();
    }
    algo
}

fn at(price: f64) -> String {
    format!("{price:.1}")
}

/// Channel, state and side of what was told of algo orders since.
fn told(client: &mut Client, line: u64) -> Vec<(String, String)> {
    let said = client.said(line);
    let rows = said.iter().filter(|m| m.get("data").is_some());
    rows.map(|m| {
        let text = |v: &Value| v.as_str().unwrap().to_owned();
        (text(&m["arg"]["channel"]), text(&m["data"][0]["state"]))
    })
    .collect()
}

fn pending(client: &mut Client, kind: &str) -> Vec<Value> {
    let told = client.get(
        "/api/v5/trade/orders-algo-pending",
        &format!("ordType={kind}"),
    );
    told["data"].as_array().unwrap().clone()
}

/// Lets time pass until the condition is met; fails after ten minutes of the market's time.
fn until(client: &mut Client, met: impl Fn(&mut Client) -> bool) {
    for _ in 0..600 {
        if met(client) {
            return;
        }
        client.pass(1_000);
    }
    panic!("it never came to be");
}

#[test]
fn a_stop_fires_and_becomes_an_order_of_its_own() {
    let (mut client, business, private) = long();
    let bid = client.best(BTC).0;
    let stop = algo(
        "conditional",
        json!({"slTriggerPx": at(bid - 0.5), "slOrdPx": "-1", "algoClOrdId": "stop1"}),
    );
    let row = client.good(PLACE, &stop);
    let id = row["algoId"].as_str().unwrap().to_owned();
    assert_eq!(
        told(&mut client, business),
        [("orders-algo".to_owned(), "live".to_owned())]
    );
    assert_eq!(
        pending(&mut client, "conditional,oco")[0]["algoClOrdId"],
        "stop1"
    );
    client.said(private);
    let find = format!("algoId={id}");
    until(&mut client, |client| {
        let line = client.exchange.lines.open.keys().next().copied();
        line.map(|line| client.exchange.lines.heard(line, client.now));
        client.get("/api/v5/trade/order-algo", &find)["data"][0]["state"] != "live"
    });
    let shown = client.get("/api/v5/trade/order-algo", &find)["data"][0].clone();
    assert_eq!(
        (&shown["state"], &shown["actualSide"], &shown["actualSz"]),
        (&"effective".into(), &"sl".into(), &"2".into())
    );
    let order = shown["ordId"].as_str().unwrap();
    assert_ne!(order, id);
    let made = client.get(
        "/api/v5/trade/order",
        &format!("instId={BTC}&ordId={order}"),
    )["data"][0]
        .clone();
    assert_eq!(
        (&made["algoId"], &made["algoClOrdId"], &made["clOrdId"]),
        (&id.as_str().into(), &"stop1".into(), &"".into())
    );
    assert_eq!(
        (&made["state"], &made["source"], &made["ordType"]),
        (&"filled".into(), &"7".into(), &"market".into())
    );
    assert_eq!(
        client.get("/api/v5/account/positions", "")["data"],
        json!([])
    );
    assert!(pending(&mut client, "conditional").is_empty());
    let past = client.get(
        "/api/v5/trade/orders-algo-history",
        "ordType=conditional&state=effective",
    );
    assert_eq!(past["data"][0]["algoId"], id);
    let again = json!([{"instId": BTC, "algoId": id}]);
    assert_eq!(client.refused(CANCEL, &again), "51412");
}

#[test]
fn a_trigger_on_the_wrong_side_of_the_price_is_refused_by_its_own_code() {
    let (mut client, ..) = long();
    let (bid, ask) = client.best(BTC);
    for (side, name, price, code) in [
        ("sell", "slTriggerPx", ask + 50.0, "51280"),
        ("sell", "tpTriggerPx", bid - 50.0, "51279"),
        ("buy", "slTriggerPx", bid - 50.0, "51278"),
        ("buy", "tpTriggerPx", ask + 50.0, "51277"),
    ] {
        let order = name.replace("TriggerPx", "OrdPx");
        let ask = algo(
            "conditional",
            json!({name: at(price), order: "-1", "side": side}),
        );
        assert_eq!(client.refused(PLACE, &ask), code, "{side} {name}");
    }
    for (more, code) in [
        (json!({}), "50015"),
        (json!({"slTriggerPx": "50000"}), "50014"),
        (
            json!({"slTriggerPx": "50000", "slOrdPx": "-1", "slTriggerPxType": "index"}),
            "51000",
        ),
        (
            json!({"slTriggerPx": "50000", "slOrdPx": "-1", "closeFraction": "0.5"}),
            "51000",
        ),
        (
            json!({"slTriggerPx": "50000", "slOrdPx": "-1", "closeFraction": "1", "reduceOnly": false}),
            "51328",
        ),
        (
            json!({"slTriggerPx": "50000", "slOrdPx": "49000", "closeFraction": "1"}),
            "51330",
        ),
        (
            json!({"slTriggerPx": "50000", "slOrdPx": "-1", "algoClOrdId": "a-b"}),
            "51000",
        ),
    ] {
        assert_eq!(
            client.refused(PLACE, &algo("conditional", more.clone())),
            code,
            "{more}"
        );
        client.pass(1_000);
    }
}

#[test]
fn a_stop_that_closes_all_goes_with_the_position() {
    let (mut client, business, _) = long();
    let whole = algo(
        "conditional",
        json!({"slTriggerPx": "50000", "slOrdPx": "-1", "closeFraction": "1", "sz": ""}),
    );
    client.good(PLACE, &whole);
    let row = &pending(&mut client, "conditional")[0];
    assert_eq!(
        (&row["closeFraction"], &row["sz"]),
        (&"1".into(), &"".into())
    );
    client.said(business);
    client.market("sell", "2");
    assert_eq!(
        told(&mut client, business),
        [("orders-algo".to_owned(), "canceled".to_owned())]
    );
    client.market("sell", "1");
    let wrong = algo(
        "conditional",
        json!({"slTriggerPx": "50000", "slOrdPx": "-1", "closeFraction": "1", "sz": ""}),
    );
    assert_eq!(client.refused(PLACE, &wrong), "51023");
}

#[test]
fn of_a_take_and_a_stop_one_cancels_the_other_under_one_id() {
    let (mut client, business, _) = long();
    let (bid, ask) = client.best(BTC);
    let both = |take: f64, stop: f64| {
        algo(
            "oco",
            json!({
                "tpTriggerPx": at(take), "tpOrdPx": "-1", "slTriggerPx": at(stop), "slOrdPx": "-1", "algoClOrdId": "oco1",
            }),
        )
    };
    client.good(PLACE, &both(ask + 5_000.0, bid - 5_000.0));
    let rows = pending(&mut client, "oco");
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (&rows[0]["tpOrdPx"], &rows[0]["slOrdPx"]),
        (&"-1".into(), &"-1".into())
    );
    client.good(
        CANCEL,
        &json!([{"instId": BTC, "algoId": rows[0]["algoId"]}]),
    );
    let live = ("orders-algo".to_owned(), "live".to_owned());
    let gone = ("orders-algo".to_owned(), "canceled".to_owned());
    assert_eq!(told(&mut client, business), [live.clone(), gone]);
    // One leg that would trigger at once takes the other with it.
    assert_eq!(
        client.refused(PLACE, &both(bid - 100.0, bid - 5_000.0)),
        "51279"
    );
    assert!(pending(&mut client, "oco").is_empty());
    client.pass(1_000);
    let bid = client.best(BTC).0;
    let id = client.good(PLACE, &both(bid + 5_000.0, bid - 0.5))["algoId"].clone();
    let find = format!("algoId={}", id.as_str().unwrap());
    client.said(business);
    until(&mut client, |client| {
        let now = client.now;
        client.exchange.lines.heard(business, now);
        client.get("/api/v5/trade/order-algo", &find)["data"][0]["state"] != "live"
    });
    let shown = client.get("/api/v5/trade/order-algo", &find)["data"][0].clone();
    assert_eq!(
        (&shown["state"], &shown["actualSide"]),
        (&"effective".into(), &"sl".into())
    );
    assert!(pending(&mut client, "oco").is_empty());
    let made = client.get(
        "/api/v5/trade/order",
        &format!("instId={BTC}&ordId={}", shown["ordId"].as_str().unwrap()),
    );
    assert_eq!(made["data"][0]["algoId"], id);
    assert_eq!(
        told(&mut client, business),
        [("orders-algo".to_owned(), "effective".to_owned())]
    );
}

#[test]
fn a_trigger_order_waits_from_whichever_side_the_price_is() {
    let (mut client, ..) = long();
    let (bid, ask) = client.best(BTC);
    for (side, price) in [
        ("sell", bid - 500.0),
        ("sell", ask + 500.0),
        ("buy", bid - 500.0),
        ("buy", ask + 500.0),
    ] {
        let order = algo(
            "trigger",
            json!({"triggerPx": at(price), "orderPx": at(price), "side": side, "reduceOnly": false, "sz": "1"}),
        );
        client.good(PLACE, &order);
    }
    assert_eq!(pending(&mut client, "trigger").len(), 4);
    client.pass(1_000);
    assert_eq!(pending(&mut client, "trigger").len(), 4);
}

#[test]
fn trails_are_told_and_cancelled_apart_from_the_others() {
    let (mut client, business, _) = long();
    let trail = |more: Value| algo("move_order_stop", more);
    let id = client.good(PLACE, &trail(json!({"callbackRatio": "0.01"})))["algoId"].clone();
    let row = &pending(&mut client, "move_order_stop")[0];
    assert_eq!(
        (&row["callbackRatio"], &row["activePx"]),
        (&"0.01".into(), &"".into())
    );
    let stop: f64 = row["moveTriggerPx"].as_str().unwrap().parse().unwrap();
    let bid = client.best(BTC).0;
    assert!((stop - bid * 0.99).abs() < 30.0, "{stop} {bid}");
    assert_eq!(
        told(&mut client, business),
        [("algo-advance".to_owned(), "live".to_owned())]
    );
    let named = json!([{"instId": BTC, "algoId": id}]);
    assert_eq!(client.refused(CANCEL, &named), "51413");
    client.good(CANCEL_TRAILS, &named);
    assert_eq!(client.refused(CANCEL_TRAILS, &named), "51401");
    assert_eq!(
        told(&mut client, business),
        [("algo-advance".to_owned(), "canceled".to_owned())]
    );
    client.good(
        PLACE,
        &trail(json!({"callbackSpread": "150", "activePx": at(bid + 900.0)})),
    );
    let row = &pending(&mut client, "move_order_stop")[0];
    assert_eq!(
        (&row["callbackSpread"], &row["moveTriggerPx"]),
        (&"150".into(), &"".into())
    );
    for (more, code) in [
        (json!({}), "50015"),
        (json!({"callbackRatio": "1.5"}), "51311"),
        (
            json!({"callbackRatio": "0.01", "callbackSpread": "5"}),
            "50024",
        ),
        (
            json!({"callbackRatio": "0.01", "activePx": at(bid - 900.0)}),
            "51258",
        ),
    ] {
        assert_eq!(client.refused(PLACE, &trail(more.clone())), code, "{more}");
    }
}

#[test]
fn waiting_orders_are_changed_in_place() {
    let (mut client, business, _) = long();
    let stop = algo(
        "conditional",
        json!({"slTriggerPx": "50000", "slOrdPx": "-1", "algoClOrdId": "s1"}),
    );
    let id = client.good(PLACE, &stop)["algoId"].clone();
    client.said(business);
    let change = |more: Value| {
        let mut change = json!({"instId": BTC, "algoId": id, "reqId": "c9"});
        for (name, value) in more.as_object().unwrap() {
            change[name] = value.clone();
        }
        change
    };
    let row = client.good(
        AMEND,
        &change(json!({"newSlTriggerPx": "51000", "newSz": "1"})),
    );
    assert_eq!(row["reqId"], "c9");
    let said = client.said(business);
    let told = &said[0]["data"][0];
    assert_eq!(
        (&told["slTriggerPx"], &told["sz"], &told["reqId"]),
        (&"51000".into(), &"1".into(), &"c9".into())
    );
    let rows = pending(&mut client, "conditional");
    assert_eq!(
        (&rows[0]["algoId"], &rows[0]["slTriggerPx"]),
        (&id, &"51000".into())
    );
    assert_eq!(
        client.refused(AMEND, &change(json!({"newSlTriggerPx": "65000"}))),
        "51280"
    );
    client.good(CANCEL, &json!([{"instId": BTC, "algoId": id}]));
    assert_eq!(
        client.refused(AMEND, &change(json!({"newSz": "2"}))),
        "51509"
    );
    let nobody = json!({"instId": BTC, "algoClOrdId": "nobody", "newSz": "2"});
    assert_eq!(client.refused(AMEND, &nobody), "51503");
    assert_eq!(
        client.refused(CANCEL, &json!([{"instId": BTC, "algoId": "7"}])),
        "51400"
    );
}
