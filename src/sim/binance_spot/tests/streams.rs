//! Market streams.

use serde_json::{Value, json};

use crate::sim::binance_spot::client::Client;

#[test]
fn changes_of_a_book_join_without_a_hole_and_fit_the_snapshot() {
    let mut client = Client::new(&[]);
    let fast = client.line("/ws/btcusdt@depth@100ms", "");
    let slow = client.line("/ws/btcusdt@depth", "");
    client.pass(1_950);
    let book = client.open("/api/v3/depth", "symbol=BTCUSDT&limit=5000");
    let last = book["lastUpdateId"].as_u64().unwrap();
    client.pass(3_000);
    for line in [fast, slow] {
        let said = client.said(line);
        assert!(said.len() >= 4, "{}", said.len());
        for pair in said.windows(2) {
            let (u, next) = (pair[0]["u"].as_u64(), pair[1]["U"].as_u64());
            assert_eq!(u.map(|u| u + 1), next);
        }
        let first = said
            .iter()
            .find(|m| m["u"].as_u64().unwrap() > last)
            .unwrap();
        assert!(first["U"].as_u64().unwrap() <= last + 1, "{first}");
        assert!(first.get("pu").is_none() && first.get("T").is_none());
    }
}

#[test]
fn lines_subscribe_in_envelopes_or_bare() {
    let mut client = Client::new(&[]);
    let line = client.line("/stream", "streams=btcusdt%40bookTicker/ethusdt@bookTicker");
    client.pass(1_000);
    let said = client.said(line);
    let of = |name: &str| said.iter().filter(|m| m["stream"] == name).count();
    assert!(of("btcusdt@bookTicker") > 0 && of("ethusdt@bookTicker") > 0);
    let line = client.line("/ws", "");
    let request =
        json!({"method": "SUBSCRIBE", "params": ["btcusdt@depth5@100ms", "nothing"], "id": 7});
    client.exchange.gate.lines.out.clear();
    crate::sim::wire::Wire::hear(&mut client.exchange, client.now, line, &request.to_string());
    client.pass(500);
    let said = client.said(line);
    assert_eq!(said[0], json!({"result": null, "id": 7}));
    let top: &Value = &said[1];
    assert_eq!(top["bids"].as_array().unwrap().len(), 5);
    assert!(top.get("s").is_none(), "the venue names no pair in it");
}

#[test]
fn the_sixth_message_in_a_second_ends_a_line() {
    let mut client = Client::new(&[]);
    let line = client.line("/ws", "");
    let hear = |client: &mut Client| {
        crate::sim::wire::Wire::hear(
            &mut client.exchange,
            client.now,
            line,
            r#"{"method":"LIST_SUBSCRIPTIONS","id":1}"#,
        )
    };
    assert!((0..5).all(|_| hear(&mut client)));
    assert!(!hear(&mut client));
}
