//! Orders on swaps: taken, refused, changed, ended, filled; positions and the account's settings.

use serde_json::{Value, json};

use super::super::client::{BTC, Client};

const ORDER: &str = "/api/v5/trade/order";
const AMEND: &str = "/api/v5/trade/amend-order";
const CANCEL: &str = "/api/v5/trade/cancel-order";

fn order(side: &str, kind: &str, size: &str, price: f64) -> Value {
    json!({
        "instId": BTC, "tdMode": "cross", "side": side, "ordType": kind, "sz": size,
        "px": format!("{price:.1}"), "clOrdId": "x1", "tag": "lab",
    })
}

fn with(mut value: Value, name: &str, to: impl Into<Value>) -> Value {
    value[name] = to.into();
    value
}

/// The order of a name as it is told now.
fn told(client: &mut Client, name: &str) -> Value {
    let query = format!("instId={BTC}&clOrdId={name}");
    client.get(ORDER, &query)["data"][0].clone()
}

/// Every `orders` message said since: state, cancelSource, fillSz.
fn states(client: &mut Client, line: u64) -> Vec<(String, String, String)> {
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    let said = client.said(line);
    let orders = said.iter().filter(|m| m["arg"]["channel"] == "orders");
    orders
        .map(|m| {
            let row = &m["data"][0];
            (
                text(&row["state"]),
                text(&row["cancelSource"]),
                text(&row["fillSz"]),
            )
        })
        .collect()
}

fn state(state: &str, source: &str, size: &str) -> (String, String, String) {
    (state.to_owned(), source.to_owned(), size.to_owned())
}

fn watching() -> (Client, u64) {
    let mut client = Client::new(&[]);
    client.pass(200);
    let line = client.private("private");
    client.hear(line, json!({"channel": "orders", "instType": "SWAP"}));
    (client, line)
}

#[test]
fn an_order_rests_is_changed_and_is_cancelled() {
    let (mut client, line) = watching();
    let bid = client.best(BTC).0;
    let row = client.good(ORDER, &order("buy", "limit", "1", bid - 100.0));
    assert_eq!(
        (&row["clOrdId"], &row["tag"], &row["sCode"]),
        (&"x1".into(), &"lab".into(), &"0".into())
    );
    let id = row["ordId"].as_str().unwrap().to_owned();
    assert_eq!(id.len(), 19);
    let shown = told(&mut client, "x1");
    assert_eq!(
        (&shown["ordId"], &shown["state"]),
        (&id.as_str().into(), &"live".into())
    );
    let change = json!({"instId": BTC, "ordId": id, "newSz": "2.5", "newPx": format!("{:.1}", bid - 90.0), "reqId": "c7"});
    let row = client.good(AMEND, &change);
    assert_eq!(row["reqId"], "c7");
    let shown = told(&mut client, "x1");
    assert_eq!(
        (&shown["sz"], &shown["px"]),
        (
            &"2.5".into(),
            &super::super::digits::plain(format!("{:.1}", bid - 90.0).parse().unwrap()).into()
        )
    );
    client.good(CANCEL, &json!({"instId": BTC, "clOrdId": "x1"}));
    let said = client.said(line);
    let orders: Vec<&Value> = said
        .iter()
        .filter(|m| m["arg"]["channel"] == "orders")
        .map(|m| &m["data"][0])
        .collect();
    assert_eq!(orders.len(), 3);
    assert_eq!(
        (&orders[1]["reqId"], &orders[1]["amendResult"]),
        (&"c7".into(), &"0".into())
    );
    assert_eq!(
        (&orders[2]["state"], &orders[2]["cancelSource"]),
        (&"canceled".into(), &"1".into())
    );
    for (path, code) in [(CANCEL, "51401"), (AMEND, "51509")] {
        let again = json!({"instId": BTC, "clOrdId": "x1", "newSz": "3"});
        assert_eq!(client.refused(path, &again), code);
    }
    for (path, code) in [(CANCEL, "51400"), (AMEND, "51503")] {
        let nobody = json!({"instId": BTC, "clOrdId": "nobody", "newSz": "3"});
        assert_eq!(client.refused(path, &nobody), code);
    }
    let lost = client.ask("GET", ORDER, &format!("instId={BTC}&clOrdId=nobody"), "");
    assert_eq!(super::super::client::read(&lost).1["code"], "51603");
}

#[test]
fn what_an_order_asks_for_is_checked() {
    let mut client = Client::new(&[]);
    client.pass(200);
    let bid = client.best(BTC).0;
    let good = || order("buy", "limit", "1", bid - 100.0);
    for (name, value, code) in [
        ("instId", "NOBODY", "51001"),
        ("instId", "", "50014"),
        ("tdMode", "", "50014"),
        ("tdMode", "cash", "51000"),
        ("side", "hold", "51000"),
        ("ordType", "dance", "51000"),
        ("posSide", "long", "51000"),
        ("clOrdId", "a-b", "51000"),
        ("clOrdId", "abcdefghijklmnopqrstuvwxyz1234567", "51000"),
        ("tag", "abcdefghijklmnopq", "51000"),
        ("sz", "0", "51000"),
        ("sz", "1.001", "51121"),
        ("sz", "100000001", "51101"),
        ("px", "", "51204"),
        ("px", "50000.05", "51150"),
        ("px", "90000", "51137"),
        ("stpMode", "maybe", "51000"),
        ("reduceOnly", "perhaps", "51000"),
    ] {
        assert_eq!(
            client.refused(ORDER, &with(good(), name, value)),
            code,
            "{name} {value}"
        );
    }
    let sell = with(order("sell", "limit", "1", 30_000.0), "clOrdId", "x2");
    assert_eq!(client.refused(ORDER, &sell), "51138");
    let large = with(good(), "sz", "5000");
    assert_eq!(client.refused(ORDER, &large), "51008");
    client.good(ORDER, &good());
    assert_eq!(client.refused(ORDER, &good()), "51016");
    // Nothing but the one order came to be.
    let open = client.get("/api/v5/trade/orders-pending", "");
    assert_eq!(open["data"].as_array().unwrap().len(), 1);
}

#[test]
fn a_post_only_order_that_would_take_is_accepted_and_then_cancelled() {
    let (mut client, line) = watching();
    let ask = client.best(BTC).1;
    let row = client.good(ORDER, &order("buy", "post_only", "1", ask + 5.0));
    assert_eq!(row["sCode"], "0");
    assert_eq!(
        states(&mut client, line),
        [state("live", "", "0"), state("canceled", "31", "0")]
    );
    let shown = told(&mut client, "x1");
    assert_eq!(
        (&shown["state"], &shown["cancelSource"], &shown["ordType"]),
        (&"canceled".into(), &"31".into(), &"post_only".into())
    );
    // A change that would make one take is refused and leaves it where it is.
    client.good(
        ORDER,
        &with(order("buy", "post_only", "1", ask - 100.0), "clOrdId", "x2"),
    );
    let through = json!({"instId": BTC, "clOrdId": "x2", "newPx": format!("{:.1}", ask + 5.0)});
    assert_eq!(client.refused(AMEND, &through), "51511");
    assert_eq!(told(&mut client, "x2")["state"], "live");
    assert_eq!(
        client.refused(AMEND, &with(through, "cxlOnFail", true)),
        "51511"
    );
    assert_eq!(told(&mut client, "x2")["state"], "canceled");
}

#[test]
fn orders_that_may_not_rest_end_by_their_own_numbers() {
    let (mut client, line) = watching();
    let (bid, ask) = client.best(BTC);
    client.good(ORDER, &order("buy", "ioc", "1", bid - 100.0));
    assert_eq!(
        states(&mut client, line).pop(),
        Some(state("canceled", "14", "0"))
    );
    client.good(ORDER, &order("buy", "fok", "500", ask));
    assert_eq!(
        states(&mut client, line).pop(),
        Some(state("canceled", "13", "0"))
    );
    client.good(ORDER, &order("buy", "ioc", "1", ask + 20.0));
    let said = states(&mut client, line);
    assert_eq!(said.last().map(|s| s.0.as_str()), Some("filled"));
    client.good(ORDER, &order("sell", "optimal_limit_ioc", "1", 1.0));
    assert_eq!(told(&mut client, "x1")["ordType"], "optimal_limit_ioc");
}

#[test]
fn fills_are_told_one_by_one_with_fee_and_position() {
    let (mut client, line) = watching();
    client.hear(line, json!({"channel": "positions", "instType": "SWAP", "extraParams": "{\"updateInterval\":\"0\"}"}));
    client.hear(
        line,
        json!({"channel": "account", "extraParams": "{\"updateInterval\":\"0\"}"}),
    );
    client.said(line);
    client.market("buy", "3");
    let said = client.said(line);
    let rows = |channel: &str| -> Vec<Value> {
        let mine = said.iter().filter(|m| m["arg"]["channel"] == channel);
        mine.map(|m| m["data"][0].clone()).collect()
    };
    let fills: Vec<Value> = rows("orders")
        .into_iter()
        .filter(|r| r["tradeId"] != "")
        .collect();
    assert!(!fills.is_empty());
    let number = |v: &Value| v.as_str().unwrap().parse::<f64>().unwrap();
    let size: f64 = fills.iter().map(|r| number(&r["fillSz"])).sum();
    assert!((size - 3.0).abs() < 1e-9);
    let last = fills.last().unwrap();
    assert_eq!(
        (&last["state"], &last["accFillSz"], &last["execType"]),
        (&"filled".into(), &"3".into(), &"T".into())
    );
    // A contract is 0.01 coins; the taker pays 0.05 %, below zero.
    let worth: f64 = fills
        .iter()
        .map(|r| number(&r["fillSz"]) * 0.01 * number(&r["fillPx"]))
        .sum();
    let fee: f64 = fills.iter().map(|r| number(&r["fillFee"])).sum();
    assert!((fee + worth * 0.0005).abs() < 1e-6, "{fee} {worth}");
    let position = rows("positions").pop().unwrap();
    assert_eq!(
        (&position["pos"], &position["posSide"]),
        (&"3".into(), &"net".into())
    );
    let cash = number(&rows("account").pop().unwrap()["details"][0]["cashBal"]);
    assert!((cash - (10_000.0 + fee)).abs() < 1e-6);
    let told = client.get("/api/v5/trade/fills", "instType=SWAP");
    assert_eq!(told["data"].as_array().unwrap().len(), fills.len());
    client.market("sell", "3");
    let said = client.said(line);
    let closed = said
        .iter()
        .rev()
        .find(|m| m["arg"]["channel"] == "positions")
        .unwrap();
    assert_eq!(
        (&closed["data"][0]["pos"], &closed["eventType"]),
        (&"0".into(), &"event_update".into())
    );
    let flat = client.get("/api/v5/account/positions", "");
    assert_eq!(flat["data"], json!([]));
}

#[test]
fn a_size_at_or_below_what_is_filled_fills_the_order() {
    let mut client = Client::new(&[]);
    client.pass(200);
    // An order that takes what is there at its limit and rests: found by asking for more and more.
    let mut found = None;
    for attempt in 0..40 {
        let ask = client.best(BTC).1;
        let name = format!("p{attempt}");
        let order = with(order("buy", "limit", "40", ask), "clOrdId", name.as_str());
        client.good(ORDER, &order);
        let shown = told(&mut client, &name);
        if shown["state"] == "partially_filled" {
            found = Some((name, shown));
            break;
        }
        let rest = json!({"instId": BTC, "clOrdId": name});
        client.post(CANCEL, &rest);
        client.market("sell", "40");
        client.pass(2_100);
    }
    let (name, shown) = found.expect("an order is filled in part");
    let filled = shown["accFillSz"].as_str().unwrap();
    client.good(
        AMEND,
        &json!({"instId": BTC, "clOrdId": name, "newSz": filled}),
    );
    let after = told(&mut client, &name);
    assert_eq!(
        (&after["state"], &after["sz"]),
        (&"filled".into(), &filled.into())
    );
    assert_eq!(
        client.refused(
            AMEND,
            &json!({"instId": BTC, "clOrdId": name, "newSz": "50"})
        ),
        "51510"
    );
    assert_eq!(
        client.refused(CANCEL, &json!({"instId": BTC, "clOrdId": name})),
        "51402"
    );
}

#[test]
fn reduce_only_orders_need_a_position_and_give_way_to_a_new_one() {
    let mut client = Client::new(&[]);
    client.pass(200);
    let ask = client.best(BTC).1;
    let exit = |name: &str, kind: &str, size: &str, price: f64| {
        with(
            with(order("sell", kind, size, price), "reduceOnly", true),
            "clOrdId",
            name,
        )
    };
    assert_eq!(
        client.refused(ORDER, &exit("e0", "limit", "1", ask + 100.0)),
        "51169"
    );
    client.market("buy", "2");
    let same = with(order("buy", "limit", "1", ask - 100.0), "reduceOnly", true);
    assert_eq!(client.refused(ORDER, &same), "51170");
    client.good(ORDER, &exit("e1", "limit", "2", ask + 100.0));
    client.good(ORDER, &exit("e2", "market", "2", 1.0));
    assert_eq!(told(&mut client, "e2")["state"], "filled");
    let given = told(&mut client, "e1");
    assert_eq!(
        (&given["state"], &given["cancelSource"]),
        (&"canceled".into(), &"23".into())
    );
}

#[test]
fn long_and_short_stand_beside_each_other_in_their_mode() {
    let mut client = Client::new(&[]);
    client.pass(200);
    let mode = |mode: &str| json!({"posMode": mode});
    let set = "/api/v5/account/set-position-mode";
    client.good(set, &mode("long_short_mode"));
    client.good(set, &mode("long_short_mode"));
    assert_eq!(
        client.get("/api/v5/account/config", "")["data"][0]["posMode"],
        "long_short_mode"
    );
    let ask = |side: &str, leg: &str| json!({"instId": BTC, "tdMode": "cross", "side": side, "posSide": leg, "ordType": "market", "sz": "1"});
    assert_eq!(client.refused(ORDER, &ask("buy", "net")), "51000");
    assert_eq!(client.refused(ORDER, &ask("sell", "long")), "51169");
    client.good(ORDER, &ask("buy", "long"));
    client.good(ORDER, &ask("sell", "short"));
    let told = client.get("/api/v5/account/positions", "");
    let mut legs: Vec<(String, String)> = told["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| {
            (
                p["posSide"].as_str().unwrap().to_owned(),
                p["pos"].as_str().unwrap().to_owned(),
            )
        })
        .collect();
    legs.sort();
    // A short of this mode is not below zero.
    assert_eq!(
        legs,
        [("long".into(), "1".into()), ("short".into(), "1".into())]
    );
    assert_eq!(client.refused(set, &mode("net_mode")), "59000");
    let close = |leg: &str| json!({"instId": BTC, "mgnMode": "cross", "posSide": leg});
    client.good("/api/v5/trade/close-position", &close("long"));
    client.good("/api/v5/trade/close-position", &close("short"));
    assert_eq!(
        client.refused("/api/v5/trade/close-position", &close("short")),
        "51023"
    );
    client.good(set, &mode("net_mode"));
}

#[test]
fn sockets_call_instruments_by_number_alone() {
    let mut client = Client::new(&[]);
    client.pass(200);
    let line = client.private("private");
    let away = format!("{:.1}", client.best(BTC).0 - 100.0);
    let order = |name: &str, value: Value| {
        let mut order = json!({"tdMode": "cross", "side": "buy", "ordType": "limit", "sz": "1", "px": away, "clOrdId": "w1"});
        order[name] = value;
        json!([order])
    };
    for (name, value, code) in [
        ("instId", json!(BTC), "50014"),
        ("instIdCode", json!("10459"), "51000"),
        ("instIdCode", json!(99), "51001"),
    ] {
        let answer = client.op(line, "order", order(name, value));
        assert_eq!(
            (&answer["code"], &answer["data"][0]["sCode"]),
            (&"1".into(), &code.into()),
            "{name}"
        );
        assert_eq!(answer["data"][0]["clOrdId"], "w1");
    }
    let answer = client.op(line, "order", order("instIdCode", json!(10_459)));
    assert_eq!(answer["code"], "0");
    let inward: i64 = answer["inTime"].as_str().unwrap().parse().unwrap();
    assert_eq!(inward, client.now * 1_000);
    let mixed = json!([
        {"instIdCode": 10459, "clOrdId": "w1"},
        {"instIdCode": 10459, "clOrdId": "nobody"},
    ]);
    let answer = client.op(line, "batch-cancel-orders", mixed);
    assert_eq!(
        (&answer["code"], &answer["data"][1]["sCode"]),
        (&"2".into(), &"51400".into())
    );
    let mass = client.op(
        line,
        "mass-cancel",
        json!([{"instType": "OPTION", "instFamily": "BTC-USD"}]),
    );
    assert_eq!(mass["code"], "51411");
}

#[test]
fn the_switch_cancels_all_orders_when_its_owner_falls_silent() {
    let (mut client, line) = watching();
    let switch = "/api/v5/trade/cancel-all-after";
    for bad in ["9", "121", "x"] {
        assert_eq!(
            client.refused(switch, &json!({"timeOut": bad})),
            "51000",
            "{bad}"
        );
        client.pass(2_000);
    }
    client.rest_order("k1");
    let row = client.good(switch, &json!({"timeOut": "10"}));
    assert_eq!(row["triggerTime"], (client.now + 10_000).to_string());
    client.pass(6_000);
    client.good(switch, &json!({"timeOut": "10"}));
    client.pass(9_900);
    assert_eq!(told(&mut client, "k1")["state"], "live");
    client.pass(200);
    let shown = told(&mut client, "k1");
    assert_eq!(
        (&shown["state"], &shown["cancelSource"]),
        (&"canceled".into(), &"20".into())
    );
    assert_eq!(
        states(&mut client, line).pop(),
        Some(state("canceled", "20", "0"))
    );
    client.rest_order("k2");
    client.good(switch, &json!({"timeOut": "10"}));
    client.good(switch, &json!({"timeOut": "0"}));
    client.pass(11_000);
    assert_eq!(told(&mut client, "k2")["state"], "live");
}

#[test]
fn lists_come_newest_first_and_page_by_id() {
    let mut client = Client::new(&[]);
    client.pass(200);
    for name in ["l1", "l2", "l3"] {
        client.rest_order(name);
    }
    let names = |client: &mut Client, query: &str| -> Vec<String> {
        let told = client.get("/api/v5/trade/orders-pending", query);
        let rows = told["data"].as_array().unwrap().iter();
        rows.map(|r| r["clOrdId"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names(&mut client, "instType=SWAP&limit=2"), ["l3", "l2"]);
    let second = told(&mut client, "l2")["ordId"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(names(&mut client, &format!("after={second}")), ["l1"]);
    assert_eq!(names(&mut client, &format!("before={second}")), ["l3"]);
    assert!(names(&mut client, "instType=SPOT").is_empty());
    assert!(names(&mut client, "ordType=post_only").is_empty());
    client.good(CANCEL, &json!({"instId": BTC, "clOrdId": "l1"}));
    let past = client.get("/api/v5/trade/orders-history", "instType=SWAP");
    assert_eq!(past["data"][0]["clOrdId"], "l1");
    // What ended without a fill is forgotten after two hours.
    client.now += 2 * 3_600_000 + 1;
    let past = client.get("/api/v5/trade/orders-history", "instType=SWAP");
    assert_eq!(past["data"], json!([]));
}

#[test]
fn leverage_and_margin_mode_are_set_and_told() {
    let mut client = Client::new(&[]);
    client.pass(200);
    let set = |lever: &str, mode: &str| json!({"instId": BTC, "lever": lever, "mgnMode": mode});
    let path = "/api/v5/account/set-leverage";
    assert_eq!(client.good(path, &set("30", "cross"))["lever"], "30");
    for (lever, code) in [
        ("101", "59102"),
        ("0", "59102"),
        ("2.5", "51000"),
        ("x", "51000"),
    ] {
        assert_eq!(client.refused(path, &set(lever, "cross")), code, "{lever}");
    }
    let told = client.get(
        "/api/v5/account/leverage-info",
        &format!("instId={BTC}&mgnMode=cross"),
    );
    assert_eq!(told["data"][0]["lever"], "30");
    let apart =
        json!({"instId": BTC, "tdMode": "isolated", "side": "buy", "ordType": "market", "sz": "1"});
    client.good(ORDER, &apart);
    let told = client.get("/api/v5/account/positions", "");
    assert_eq!(told["data"][0]["mgnMode"], "isolated");
    assert!(
        told["data"][0]["margin"]
            .as_str()
            .unwrap()
            .parse::<f64>()
            .unwrap()
            > 0.0
    );
    // One symbol has one margin mode at a time here.
    assert_eq!(
        client.refused(ORDER, &with(apart, "tdMode", "cross")),
        "51010"
    );
    let move_in = json!({"instId": BTC, "posSide": "net", "type": "add", "amt": "5"});
    client.good("/api/v5/account/position/margin-balance", &move_in);
}
