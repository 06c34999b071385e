//! Faults made on purpose.

use serde_json::json;

use super::ORDER;
use crate::sim::binance_spot::client::{Client, read};
use crate::sim::wire::{Answer, Out};

const BUY: &str = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001";

#[test]
fn an_open_outcome_is_done_and_a_proved_failure_is_not() {
    for (fault, status, orders) in [
        ("place:code=-1007", 408, 1),
        ("place:code=-1008", 503, 0),
        ("place:http=503", 503, 1),
        ("place:http=429", 429, 0),
    ] {
        let mut client = Client::new(&[fault]);
        assert_eq!(read(&client.ask("POST", ORDER, BUY)).0, status, "{fault}");
        let all = client.good("GET", "/api/v3/allOrders", "symbol=BTCUSDT");
        assert_eq!(all.as_array().unwrap().len(), orders, "{fault}");
    }
}

#[test]
fn silence_a_cut_and_a_line_that_is_half_open() {
    let mut client = Client::new(&["place:silent@1", "place:drop@2", "place:cut@3"]);
    assert_eq!(client.ask("POST", ORDER, BUY), Answer::Never);
    assert_eq!(client.ask("POST", ORDER, BUY), Answer::Never);
    assert_eq!(client.ask("POST", ORDER, BUY), Answer::Cut);
    let all = client.good("GET", "/api/v3/allOrders", "symbol=BTCUSDT");
    assert_eq!(all.as_array().unwrap().len(), 2, "the second never arrived");
    let mut client = Client::new(&["cancel:halfopen"]);
    let line = client.line("/ws-api/v3", "");
    let params = json!({"symbol": "BTCUSDT", "orderId": 1});
    assert!(client.api(line, "order.cancel", params).is_empty());
    assert!(client.exchange.gate.lines.is_frozen(line));
}

#[test]
fn streams_lose_double_and_delay() {
    let mut client = Client::new(&["private:dup@1", "private:silent@2", "private:delay=250@3"]);
    let line = client.subscribed();
    let (bid, _) = client.best();
    client.limit("BUY", "0.001", bid - 100.0, "");
    client.limit("BUY", "0.001", bid - 100.0, "");
    let outs = client.outs(line);
    let late: Vec<u64> = outs
        .iter()
        .filter_map(|out| match out {
            Out::Text(_, late) => Some(*late),
            _ => None,
        })
        .collect();
    // Twice the first report, its balances lost, the second report late, its balances as ever.
    assert_eq!(late, [0, 0, 250, 0]);
    let mut client = Client::new(&["depth:gap@3"]);
    let line = client.line("/ws/btcusdt@depth@100ms", "");
    client.pass(1_000);
    let said = client.said(line);
    let holes = said
        .windows(2)
        .filter(|pair| pair[0]["u"].as_u64().map(|u| u + 1) != pair[1]["U"].as_u64());
    assert_eq!(holes.count(), 1);
}
