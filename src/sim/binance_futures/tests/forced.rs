//! Positions that the venue closes by itself: liquidation and auto-deleveraging, made on purpose.

use serde_json::Value;

use super::ORDER;
use crate::sim::binance_futures::client::Client;

const BUY: &str = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.010";

/// A trader who is long 0.010 beside a resting order, and what is then told until the position is gone.
fn taken_away(fault: &str) -> (Client, Vec<Value>) {
    let mut client = Client::new(&[fault]);
    let line = client.private();
    client.good("POST", ORDER, BUY);
    client.limit(
        "BUY",
        "0.010",
        "59000",
        "timeInForce=GTC&newClientOrderId=rests",
    );
    client.said(line);
    client.pass(3_000);
    let said = client.said(line);
    (client, said)
}

fn of<'a>(said: &'a [Value], event: &str) -> Vec<&'a Value> {
    said.iter().filter(|m| m["e"] == event).collect()
}

#[test]
fn the_venues_own_closes_are_told_by_their_names_and_take_orders_and_position() {
    for (fault, name) in [
        ("position:adl@1", "adl_autoclose"),
        ("position:liquidate@1", "autoclose-"),
    ] {
        let (mut client, said) = taken_away(fault);
        let orders = of(&said, "ORDER_TRADE_UPDATE");
        let cancelled = orders
            .iter()
            .any(|m| m["o"]["c"] == "rests" && m["o"]["X"] == "CANCELED");
        assert!(cancelled, "{fault}: {said:?}");
        let fills: Vec<&Value> = orders
            .iter()
            .map(|m| &m["o"])
            .filter(|o| o["x"] == "CALCULATED")
            .collect();
        assert!(!fills.is_empty(), "{fault}: {said:?}");
        for fill in &fills {
            assert!(fill["c"].as_str().unwrap().starts_with(name), "{fill}");
            assert_eq!((&fill["S"], &fill["R"]), (&"SELL".into(), &true.into()));
        }
        assert_eq!(fills.last().unwrap()["X"], "FILLED");
        let last = of(&said, "ACCOUNT_UPDATE").last().unwrap()["a"]["P"][0].clone();
        assert_eq!(last["pa"], "0.000", "{fault}");
        let open = client.good("GET", "/fapi/v1/openOrders", "symbol=BTCUSDT");
        assert_eq!(open, serde_json::json!([]));
        let trades = client.good("GET", "/fapi/v1/userTrades", "symbol=BTCUSDT");
        let ids: std::collections::BTreeSet<u64> = trades
            .as_array()
            .unwrap()
            .iter()
            .map(|t| t["id"].as_u64().unwrap())
            .collect();
        assert_eq!(ids.len(), trades.as_array().unwrap().len());
    }
}

#[test]
fn the_queue_of_auto_deleveraging_is_told_for_what_is_held() {
    let mut client = Client::new(&[]);
    let both = |client: &mut Client| {
        let rows = client.good("GET", "/fapi/v1/adlQuantile", "symbol=BTCUSDT");
        rows[0]["adlQuantile"]["BOTH"].as_u64().unwrap()
    };
    assert_eq!(both(&mut client), 0);
    client.good("POST", ORDER, BUY);
    let at = both(&mut client);
    assert!((1..=4).contains(&at), "{at}");
    let row = client.good("GET", "/fapi/v3/positionRisk", "symbol=BTCUSDT");
    assert_eq!(row[0]["adl"], at);
}
