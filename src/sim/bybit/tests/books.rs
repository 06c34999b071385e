//! The book topics: whole at first, then what changed, in steps of one; the fields in the venue's order.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::client::{Client, number};
use crate::sim::wire::{LineId, Out};

fn listen(client: &mut Client, path: &str, topics: &[&str]) -> LineId {
    let line = client.line(path, "");
    let text = json!({"op": "subscribe", "args": topics}).to_string();
    crate::sim::wire::Wire::hear(&mut client.exchange, client.now, line, &text);
    line
}

fn books(texts: &[String]) -> Vec<Value> {
    let all = texts
        .iter()
        .map(|text| serde_json::from_str::<Value>(text).unwrap());
    all.filter(|message| message.get("topic").is_some())
        .collect()
}

/// One side as a client keeps it, by price in the venue's text.
fn apply(side: &mut BTreeMap<String, String>, rows: &Value) {
    for row in rows.as_array().unwrap() {
        let (price, size) = (row[0].as_str().unwrap(), row[1].as_str().unwrap());
        if size == "0" {
            assert!(side.remove(price).is_some(), "{price} was never there");
        } else {
            side.insert(price.to_owned(), size.to_owned());
        }
    }
}

#[test]
fn a_book_kept_from_deltas_is_the_book_and_never_deeper_than_asked_for() {
    for (path, depth, symbol) in [
        ("/v5/public/linear", 50, "BTCUSDT"),
        ("/v5/public/linear", 200, "ETHUSDT"),
        ("/v5/public/spot", 50, "BTCUSDT"),
        ("/v5/public/linear", 1000, "BTCUSDT"),
    ] {
        let mut client = Client::new(&[]);
        let topic = format!("orderbook.{depth}.{symbol}");
        let line = listen(&mut client, path, &[&topic]);
        client.pass(3_000);
        let said = books(&client.texts(line));
        assert_eq!(said[0]["type"], "snapshot");
        assert!(said.len() > 5, "{topic}: {}", said.len());
        let (mut bids, mut asks) = (BTreeMap::new(), BTreeMap::new());
        let mut last = None;
        for message in &said {
            let number = message["data"]["u"].as_u64().unwrap();
            match last {
                None => assert_ne!(number, 1),
                Some(last) => {
                    assert_eq!(message["type"], "delta");
                    assert_eq!(number, last + 1);
                }
            }
            last = Some(number);
            apply(&mut bids, &message["data"]["b"]);
            apply(&mut asks, &message["data"]["a"]);
            assert!(bids.len() <= depth && asks.len() <= depth, "{topic}");
            assert!(message["cts"].as_i64() <= message["ts"].as_i64());
        }
        // A second listener gets what the first one has, with the same number.
        let other = listen(&mut client, path, &[&topic]);
        let whole = &books(&client.texts(other))[0];
        assert_eq!(whole["data"]["u"].as_u64(), last);
        let side = |rows: &Value| -> BTreeMap<String, String> {
            let rows = rows.as_array().unwrap().iter();
            rows.map(|r| {
                (
                    r[0].as_str().unwrap().to_owned(),
                    r[1].as_str().unwrap().to_owned(),
                )
            })
            .collect()
        };
        assert_eq!(
            (side(&whole["data"]["b"]), side(&whole["data"]["a"])),
            (bids, asks),
            "{topic}"
        );
    }
}

#[test]
fn level_one_is_told_whole_every_time_and_again_after_three_quiet_seconds() {
    let mut client = Client::new(&[]);
    let line = listen(&mut client, "/v5/public/linear", &["orderbook.1.KAVAUSDT"]);
    client.pass(60_000);
    let said = books(&client.texts(line));
    assert!(
        said.iter()
            .all(|m| m["type"] == "snapshot" && m["data"]["b"].as_array().unwrap().len() == 1)
    );
    let again = said
        .windows(2)
        .filter(|two| two[0]["data"]["u"] == two[1]["data"]["u"]);
    let mut repeats = 0;
    for two in again {
        repeats += 1;
        assert_eq!(two[0]["data"], two[1]["data"]);
        let apart = two[1]["ts"].as_i64().unwrap() - two[0]["ts"].as_i64().unwrap();
        assert!((3_000..3_050).contains(&apart), "{apart}");
    }
    assert!(repeats > 0, "a minute without three quiet seconds");
}

#[test]
fn fields_stand_in_the_order_that_the_venue_has_on_each_topic() {
    let mut client = Client::new(&[]);
    let early = |text: &String| text.find(r#""ts""#) < text.find(r#""type""#);
    for (path, topic, first) in [
        ("/v5/public/linear", "orderbook.50.BTCUSDT", false),
        ("/v5/public/linear", "orderbook.1.BTCUSDT", true),
        ("/v5/public/spot", "orderbook.200.BTCUSDT", true),
        ("/v5/public/spot", "orderbook.1.BTCUSDT", true),
    ] {
        let line = listen(&mut client, path, &[topic]);
        let texts = client.texts(line);
        assert_eq!(early(&texts[1]), first, "{topic}: {}", &texts[1][..120]);
    }
}

#[test]
fn the_rest_book_has_the_number_of_the_deepest_topic() {
    let mut client = Client::new(&[]);
    let line = listen(
        &mut client,
        "/v5/public/linear",
        &["orderbook.1000.BTCUSDT"],
    );
    client.pass(1_000);
    let said = books(&client.texts(line));
    let last = said.last().unwrap()["data"]["u"].clone();
    let query = "category=linear&symbol=BTCUSDT&limit=1000";
    let asked = client.open("/v5/market/orderbook", query);
    assert_eq!(asked["u"], last);
    assert!(asked["b"].as_array().unwrap().len() >= 100);
    assert!(number(&asked["b"][0][0]) < number(&asked["a"][0][0]));
}

#[test]
fn a_gap_a_double_a_delay_and_a_cut_strike_the_book() {
    let numbers = |fault: &str| {
        let mut client = Client::new(&[fault]);
        let line = listen(&mut client, "/v5/public/linear", &["orderbook.50.BTCUSDT"]);
        client.pass(1_000);
        let said = books(&client.texts(line)).into_iter();
        said.map(|m| m["data"]["u"].as_u64().unwrap())
            .collect::<Vec<_>>()
    };
    let steps = |fault| {
        numbers(fault)
            .windows(2)
            .map(|w| w[1] - w[0])
            .collect::<Vec<_>>()
    };
    assert!(steps("private:dup").iter().all(|step| *step == 1));
    assert_eq!(steps("depth:gap@3")[1], 2);
    assert_eq!(steps("depth:silent@3")[1], 2);
    assert_eq!(steps("depth:dup@3")[2], 0);
    assert_eq!(numbers("depth:cut@3").len(), 2);
    assert_eq!(numbers("depth:halfopen@3").len(), 2);
    let mut client = Client::new(&["depth:delay=250@2"]);
    let line = listen(&mut client, "/v5/public/linear", &["orderbook.50.BTCUSDT"]);
    client.pass(500);
    let late = client.outs(line);
    assert!(late.iter().any(|out| matches!(out, Out::Text(_, 250))));
}
