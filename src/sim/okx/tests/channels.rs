//! What sockets say: the book's chain, best prices and trades, the doors of channels, counts and planned ends.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::client::{BTC, Client};

/// A book as a client keeps it.
#[derive(Default)]
struct Book {
    bids: BTreeMap<String, String>,
    asks: BTreeMap<String, String>,
    seq: i64,
}

impl Book {
    fn take(&mut self, message: &Value) {
        let data = &message["data"][0];
        assert_eq!(data["checksum"], 0);
        let previous = data["prevSeqId"].as_i64().unwrap();
        if message["action"] == "snapshot" {
            assert_eq!(previous, -1);
            *self = Self::default();
        } else {
            assert_eq!(previous, self.seq, "the chain holds");
        }
        self.seq = data["seqId"].as_i64().unwrap();
        for (name, side) in [("bids", &mut self.bids), ("asks", &mut self.asks)] {
            for level in data[name].as_array().unwrap() {
                let text = |at: usize| level[at].as_str().unwrap().to_owned();
                if text(1) == "0" {
                    assert!(side.remove(&text(0)).is_some(), "only what is there goes");
                } else {
                    side.insert(text(0), text(1));
                }
            }
        }
    }

    fn side(&self, name: &str) -> &BTreeMap<String, String> {
        if name == "bids" {
            &self.bids
        } else {
            &self.asks
        }
    }
}

fn books(said: Vec<Value>) -> Vec<Value> {
    let mine = |m: &Value| m["arg"]["channel"] == "books" && m.get("data").is_some();
    said.into_iter().filter(mine).collect()
}

#[test]
fn a_book_is_a_snapshot_and_a_chain_of_updates_that_keep_it_whole() {
    let mut client = Client::new(&[]);
    let arg = json!({"channel": "books", "instId": BTC});
    let line = client.line("public");
    client.hear(line, arg.clone());
    client.pass(5_000);
    let said = books(client.said(line));
    assert_eq!(said[0]["action"], "snapshot");
    assert!(said.len() > 20);
    let mut book = Book::default();
    for message in &said {
        assert_eq!(message["arg"], arg);
        book.take(message);
        assert_eq!((book.bids.len(), book.asks.len()), (400, 400));
    }
    // The clock has just struck: what the client has is what there is.
    let told = client.open("/api/v5/market/books", &format!("instId={BTC}&sz=400"));
    assert_eq!(told["data"][0]["seqId"].as_i64().unwrap(), book.seq);
    for name in ["bids", "asks"] {
        for level in told["data"][0][name].as_array().unwrap() {
            let mine = book.side(name).get(level[0].as_str().unwrap());
            assert_eq!(
                mine.map(String::as_str),
                level[1].as_str(),
                "{name} {level}"
            );
        }
    }
    // One who comes later gets a snapshot that the same updates go on from.
    let late = client.line("public");
    client.hear(late, arg.clone());
    client.pass(500);
    let said = books(client.said(late));
    let mut other = Book::default();
    said.iter().for_each(|message| other.take(message));
    books(client.said(line))
        .iter()
        .for_each(|message| book.take(message));
    assert_eq!(
        (other.seq, other.bids, other.asks),
        (book.seq, book.bids, book.asks)
    );
    client.say(line, &json!({"op": "unsubscribe", "args": [arg]}));
    client.pass(500);
    assert!(books(client.said(line)).is_empty());
}

#[test]
fn a_book_on_which_nothing_moves_is_said_again_after_a_minute() {
    use super::super::ladder::Ladder;
    let client = Client::new(&[]);
    let market = &client.exchange.bourse.market;
    let symbol = market.symbol_no(BTC).unwrap();
    let mut ladder = Ladder::default();
    assert!(ladder.advance(market, symbol, 1_000).is_some());
    assert!(ladder.advance(market, symbol, 60_999).is_none());
    let idle = ladder.advance(market, symbol, 61_000).unwrap();
    let idle = serde_json::to_value(&idle).unwrap();
    assert_eq!((&idle["bids"], &idle["asks"]), (&json!([]), &json!([])));
    assert_eq!(idle["prevSeqId"], idle["seqId"]);
}

#[test]
fn best_prices_five_levels_trades_and_tickers_are_said_as_they_change() {
    let mut client = Client::new(&[]);
    let line = client.line("public");
    for channel in ["bbo-tbt", "books5", "trades", "tickers"] {
        client.hear(line, json!({"channel": channel, "instId": BTC}));
    }
    client.pass(20_000);
    let said = client.said(line);
    let of = |channel: &str| -> Vec<&Value> {
        let mine = said.iter().filter(|m| m["arg"]["channel"] == channel);
        mine.filter(|m| m.get("data").is_some())
            .map(|m| &m["data"][0])
            .collect()
    };
    let best = of("bbo-tbt");
    assert!(best.len() > 10);
    assert!(
        best.windows(2)
            .all(|two| two[0]["seqId"].as_u64() < two[1]["seqId"].as_u64())
    );
    assert!(
        of("books5")
            .iter()
            .all(|b| b["bids"].as_array().unwrap().len() == 5)
    );
    let trades = of("trades");
    let id = |t: &&Value| t["tradeId"].as_str().unwrap().parse::<u64>().unwrap();
    assert!(!trades.is_empty() && trades.windows(2).all(|two| id(&two[0]) < id(&two[1])));
    assert!(
        trades
            .iter()
            .all(|t| t["count"].as_str().unwrap().parse::<u64>().unwrap() >= 1)
    );
    assert!(!of("tickers").is_empty());
}

#[test]
fn channels_are_heard_at_their_own_door_alone() {
    let mut client = Client::new(&[]);
    for (door, login, arg, code) in [
        (
            "business",
            false,
            json!({"channel": "books", "instId": BTC}),
            "60018",
        ),
        (
            "private",
            true,
            json!({"channel": "books", "instId": BTC}),
            "60018",
        ),
        (
            "public",
            false,
            json!({"channel": "candle1m", "instId": BTC}),
            "60018",
        ),
        (
            "private",
            true,
            json!({"channel": "orders-algo", "instType": "SWAP"}),
            "60018",
        ),
        (
            "public",
            false,
            json!({"channel": "orders", "instType": "SWAP"}),
            "60008",
        ),
        (
            "private",
            false,
            json!({"channel": "orders", "instType": "SWAP"}),
            "60011",
        ),
        (
            "business",
            false,
            json!({"channel": "orders-algo", "instType": "SWAP"}),
            "60011",
        ),
        ("private", true, json!({"channel": "orders"}), "60018"),
        (
            "public",
            false,
            json!({"channel": "books", "instId": "NOBODY"}),
            "60018",
        ),
        (
            "public",
            false,
            json!({"channel": "books-l2-tbt", "instId": BTC}),
            "60029",
        ),
        (
            "public",
            false,
            json!({"channel": "books50-l2-tbt", "instId": BTC}),
            "60030",
        ),
        ("private", true, json!({"channel": "fills"}), "64003"),
    ] {
        let line = if login {
            client.private(door)
        } else {
            client.line(door)
        };
        let said = client.say(line, &json!({"id": "s1", "op": "subscribe", "args": [arg]}));
        assert_eq!(
            (&said[0]["event"], &said[0]["code"]),
            (&"error".into(), &code.into()),
            "{door} {arg}"
        );
        assert_eq!(said[0]["id"], "s1");
        client.exchange.lines.cut(line);
    }
    let line = client.line("business");
    let wrong = json!({"channel": "books", "instId": "BTC-USDT"});
    let said = client.say(line, &json!({"op": "subscribe", "args": [wrong]}));
    assert_eq!(
        said[0]["msg"],
        "Wrong URL or channel:books,instId:BTC-USDT doesn't exist. Please use the correct URL, channel and parameters referring to API document."
    );
}

#[test]
fn each_argument_is_answered_for_itself() {
    let mut client = Client::new(&[]);
    let line = client.line("public");
    let args = json!([
        {"channel": "trades", "instId": BTC},
        {"channel": "trades", "instId": "NOBODY"},
        {"channel": "mark-price", "instId": BTC},
    ]);
    let said = client.say(line, &json!({"op": "subscribe", "args": args}));
    let events: Vec<&str> = said.iter().filter_map(|m| m["event"].as_str()).collect();
    assert_eq!(events, ["subscribe", "error", "subscribe"]);
    assert_eq!(said[0]["arg"], args[0]);
}

#[test]
fn positions_and_balances_begin_with_a_snapshot_and_come_again() {
    let mut client = Client::new(&[]);
    client.market("buy", "1");
    let line = client.private("private");
    let said = client.hear(line, json!({"channel": "positions", "instType": "ANY"}));
    let snapshot = said.iter().find(|m| m.get("data").is_some()).unwrap();
    assert_eq!(
        (&snapshot["eventType"], &snapshot["lastPage"]),
        (&"snapshot".into(), &true.into())
    );
    assert_eq!(snapshot["data"][0]["pos"], "1");
    assert_eq!(snapshot["arg"]["uid"], super::super::ids::UID);
    let quiet = client.private("private");
    let said = client.hear(quiet, json!({"channel": "positions", "instType": "SWAP", "extraParams": "{\"updateInterval\":\"0\"}"}));
    assert!(
        said.iter()
            .all(|m| m["arg"].get("extraParams").is_none() || m.get("event").is_some())
    );
    client.said(line);
    client.pass(5_000);
    let again = |said: Vec<Value>| said.iter().filter(|m| m.get("data").is_some()).count();
    let loud = again(client.said(line));
    assert_eq!((loud, again(client.said(quiet))), (1, 0));
}

#[test]
fn lines_that_hear_a_private_channel_are_counted_and_told() {
    let mut client = Client::new(&[]);
    let first = client.private("private");
    let arg = json!({"channel": "orders", "instType": "SWAP"});
    let said = client.hear(first, arg.clone());
    let count = |said: &[Value]| -> Option<String> {
        let counted = said
            .iter()
            .rev()
            .find(|m| m["event"] == "channel-conn-count")?;
        Some(counted["connCount"].as_str()?.to_owned())
    };
    assert_eq!(count(&said).as_deref(), Some("1"));
    let second = client.private("private");
    client.hear(second, arg.clone());
    assert_eq!(count(&client.said(first)).as_deref(), Some("2"));
    client.say(second, &json!({"op": "unsubscribe", "args": [arg]}));
    assert_eq!(count(&client.said(first)).as_deref(), Some("1"));
}

#[test]
fn funding_is_said_at_once_and_every_half_minute() {
    let mut client = Client::new(&[]);
    let line = client.line("public");
    let said = client.hear(line, json!({"channel": "funding-rate", "instId": BTC}));
    assert_eq!(said[1]["data"][0]["instId"], BTC);
    for _ in 0..4 {
        client.pass(8_000);
        client.say(line, &json!({"op": "subscribe", "args": []}));
    }
    client.pass(100);
    client.hear(line, json!({"channel": "funding-rate", "instId": BTC}));
}
