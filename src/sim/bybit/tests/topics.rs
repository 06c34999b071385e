//! Public lines: what they answer, and what they tell besides books.

use serde_json::{Value, json};

use super::super::client::{Client, number};
use crate::sim::wire::Out;

fn told<'a>(said: &'a [Value], topic: &str) -> Vec<&'a Value> {
    said.iter()
        .filter(|message| message["topic"] == topic)
        .collect()
}

#[test]
fn requests_are_answered_in_the_shape_of_their_category() {
    let mut client = Client::new(&[]);
    let linear = client.line("/v5/public/linear", "");
    let spot = client.line("/v5/public/spot", "");
    let ping = json!({"op": "ping"});
    let pong = client.say(linear, &ping).remove(0);
    assert_eq!(
        (&pong["success"], &pong["ret_msg"], &pong["op"]),
        (&json!(true), &json!("pong"), &json!("ping"))
    );
    assert_eq!(pong["req_id"], "");
    assert!(client.say(spot, &ping)[0].get("req_id").is_none());
    let subscribe = json!({"req_id": "7", "op": "subscribe", "args": ["publicTrade.BTCUSDT"]});
    let done = client.say(linear, &subscribe).remove(0);
    assert_eq!(
        (&done["success"], &done["ret_msg"], &done["req_id"]),
        (&json!(true), &json!(""), &json!("7"))
    );
    let done = client.say(spot, &subscribe).remove(0);
    assert_eq!(done["ret_msg"], "subscribe");
    let again = client.say(linear, &subscribe).remove(0);
    assert_eq!(again["success"], false);
    let undo = json!({"op": "unsubscribe", "args": ["publicTrade.BTCUSDT"]});
    assert_eq!(client.say(linear, &undo)[0]["success"], true);
    assert_eq!(client.say(linear, &subscribe)[0]["success"], true);
}

#[test]
fn a_request_with_a_bad_topic_is_refused_whole_and_the_line_lives() {
    let mut client = Client::new(&[]);
    let line = client.line("/v5/public/linear", "");
    for (args, why) in [
        (
            json!(["orderbook.50.BTCUSDT", "orderbook.500.BTCUSDT"]),
            "handler not found",
        ),
        (json!(["orderbook.50.NOPE"]), "Invalid symbol"),
        (json!(["dance.BTCUSDT"]), "handler not found"),
        (json!(["kline.7.BTCUSDT"]), "handler not found"),
        (json!([7]), "Params Error"),
        (json!([]), "Params Error"),
    ] {
        let answer = client.say(line, &json!({"op": "subscribe", "args": args}));
        assert_eq!(answer.len(), 1);
        assert_eq!(answer[0]["success"], false);
        assert!(
            answer[0]["ret_msg"].as_str().unwrap().contains(why),
            "{answer:?}"
        );
    }
    for bad in ["{", "[]", r#"{"args":[]}"#] {
        crate::sim::wire::Wire::hear(&mut client.exchange, client.now, line, bad);
        assert_eq!(client.said(line)[0]["success"], false, "{bad}");
    }
    client.pass(200);
    assert!(
        client.said(line).is_empty(),
        "the good topic of a bad request was not taken"
    );
}

#[test]
fn spot_takes_ten_topics_at_once_and_a_line_so_many_characters() {
    let mut client = Client::new(&[]);
    let spot = client.line("/v5/public/spot", "");
    let depths = ["1", "50", "200", "1000"];
    let mut topics: Vec<String> = depths
        .iter()
        .flat_map(|d| ["BTCUSDT", "ETHUSDT", "DOGEUSDT"].map(|s| format!("orderbook.{d}.{s}")))
        .collect();
    topics.truncate(11);
    let answer = client.say(spot, &json!({"op": "subscribe", "args": topics}));
    assert_eq!(answer[0]["ret_msg"], "args size >10");
    topics.truncate(10);
    let answer = client.say(spot, &json!({"op": "subscribe", "args": topics}));
    assert_eq!(answer[0]["success"], true);
}

#[test]
fn trades_come_as_they_happen_and_each_has_an_id_of_its_own() {
    for (path, digits) in [("/v5/public/linear", 36), ("/v5/public/spot", 19)] {
        let mut client = Client::new(&[]);
        let line = client.line(path, "");
        client.say(
            line,
            &json!({"op": "subscribe", "args": ["publicTrade.BTCUSDT"]}),
        );
        client.pass(10_000);
        let said = client.said(line);
        let mut ids = std::collections::BTreeSet::new();
        for message in told(&said, "publicTrade.BTCUSDT") {
            assert_eq!(message["type"], "snapshot");
            for trade in message["data"].as_array().unwrap() {
                assert!(["Buy", "Sell"].contains(&trade["S"].as_str().unwrap()));
                assert!(number(&trade["p"]) > 0.0 && number(&trade["v"]) > 0.0);
                assert_eq!(trade["s"], "BTCUSDT");
                assert_eq!(trade.get("L").is_some(), digits == 36);
                let id = trade["i"].as_str().unwrap();
                assert_eq!(id.len(), digits, "{id}");
                assert!(ids.insert(id.to_owned()), "{id} twice");
            }
        }
        assert!(!ids.is_empty());
    }
}

#[test]
fn a_linear_ticker_tells_what_changed_and_a_spot_ticker_everything() {
    let mut client = Client::new(&[]);
    let line = client.line("/v5/public/linear", "");
    client.say(
        line,
        &json!({"op": "subscribe", "args": ["tickers.BTCUSDT"]}),
    );
    client.pass(3_000);
    let mut said = client.said(line);
    assert_eq!(said.len(), told(&said, "tickers.BTCUSDT").len());
    assert!(said.len() > 3);
    let deltas = said.split_off(1);
    assert!(deltas.iter().all(|m| m["type"] == "delta"));
    assert!(deltas.iter().all(|m| m["data"]["symbol"] == "BTCUSDT"));
    assert!(
        deltas
            .iter()
            .all(|m| m["data"].get("nextFundingTime").is_none())
    );
    let spot = client.line("/v5/public/spot", "");
    let first = client.say(
        spot,
        &json!({"op": "subscribe", "args": ["tickers.BTCUSDT"]}),
    );
    assert_eq!(first[1]["type"], "snapshot");
    client.pass(3_000);
    let said = client.said(spot);
    assert!(!said.is_empty());
    assert!(
        said.iter()
            .all(|m| m["type"] == "snapshot" && m["data"].get("lastPrice").is_some())
    );
}

#[test]
fn a_candle_runs_and_is_confirmed_once() {
    let mut client = Client::new(&[]);
    let line = client.line("/v5/public/linear", "");
    client.say(
        line,
        &json!({"op": "subscribe", "args": ["kline.1.BTCUSDT", "priceLimit.BTCUSDT"]}),
    );
    client.pass(125_000);
    let said = client.said(line);
    let candles = told(&said, "kline.1.BTCUSDT");
    let rows: Vec<&Value> = candles.iter().map(|m| &m["data"][0]).collect();
    let confirmed: Vec<&&Value> = rows.iter().filter(|r| r["confirm"] == true).collect();
    assert_eq!(confirmed.len(), 2);
    for row in &rows {
        assert_eq!(
            row["end"].as_i64().unwrap() - row["start"].as_i64().unwrap(),
            59_999
        );
        assert!(number(&row["low"]) <= number(&row["high"]));
    }
    let limits = told(&said, "priceLimit.BTCUSDT");
    assert!(number(&limits[0]["data"]["sellLmt"]) < number(&limits[0]["data"]["buyLmt"]));
}

#[test]
fn a_line_that_nobody_uses_is_cut() {
    let mut client = Client::new(&[]);
    let idle = client.line("/v5/public/linear", "");
    let short = client.line("/v5/private", "max_active_time=30s");
    let kept = client.line("/v5/trade", "max_active_time=1m");
    for _ in 0..12 {
        client.pass(10_000);
        assert_eq!(client.say(kept, &json!({"op": "ping"}))[0]["op"], "pong");
    }
    assert_eq!(client.outs(short), [Out::Cut]);
    assert!(client.outs(idle).is_empty());
    assert_eq!(client.exchange.lines.open.len(), 2);
    client.now += 600_000;
    client.pass(10);
    assert_eq!(client.outs(idle), [Out::Cut]);
}
