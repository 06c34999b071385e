//! Hedge mode and isolated margin on the wire.

use serde_json::{Value, json};

use super::{ORDER, number};
use crate::sim::binance_futures::client::Client;

const MODE: &str = "/fapi/v1/positionSide/dual";
const MARGIN: &str = "/fapi/v1/positionMargin";

fn market(side: &str, more: &str) -> String {
    format!("symbol=BTCUSDT&side={side}&type=MARKET&quantity=0.010&{more}")
}

/// Long 0.010 and short 0.010 of BTCUSDT.
fn hedged() -> Client {
    let mut client = Client::new(&[]);
    client.good("POST", MODE, "dualSidePosition=true");
    client.good("POST", ORDER, &market("BUY", "positionSide=LONG"));
    client.good("POST", ORDER, &market("SELL", "positionSide=SHORT"));
    client
}

fn by_side(rows: &Value) -> Vec<(String, String)> {
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| (text(row, "positionSide"), text(row, "positionAmt")))
        .collect()
}

#[test]
fn hedge_mode_shows_and_closes_each_side_by_itself() {
    let mut client = hedged();
    let line = client.private();
    let expected = [("LONG", "0.010"), ("SHORT", "-0.010")];
    let expected = expected.map(|(side, amount)| (side.to_owned(), amount.to_owned()));
    for path in ["/fapi/v2/positionRisk", "/fapi/v3/positionRisk"] {
        let rows = client.good("GET", path, "symbol=BTCUSDT");
        assert_eq!(by_side(&rows), expected, "{path}");
    }
    for path in ["/fapi/v2/account", "/fapi/v3/account"] {
        let mut rows = client.good("GET", path, "")["positions"].take();
        let rows = rows.as_array_mut().unwrap();
        rows.retain(|row| row["symbol"] == "BTCUSDT");
        assert_eq!(by_side(&json!(rows)), expected, "{path}");
    }
    let done = client.good(
        "POST",
        ORDER,
        &market("SELL", "positionSide=LONG&newOrderRespType=RESULT"),
    );
    assert_eq!(
        (&done["positionSide"], &done["reduceOnly"]),
        (&json!("LONG"), &json!(true))
    );
    let said = client.said(line);
    let last = |kind: &str| said.iter().rfind(|e| e["e"] == kind).unwrap();
    assert_eq!(last("ORDER_TRADE_UPDATE")["o"]["ps"], "LONG");
    let position = &last("ACCOUNT_UPDATE")["a"]["P"][0];
    assert_eq!(
        (&position["ps"], &position["pa"]),
        (&json!("LONG"), &json!("0.000"))
    );
    let trades = client.good("GET", "/fapi/v1/userTrades", "symbol=BTCUSDT");
    assert_eq!(
        (&trades[0]["positionSide"], &trades[1]["positionSide"]),
        (&json!("LONG"), &json!("SHORT"))
    );
}

#[test]
fn hedge_mode_is_refused_by_the_documented_codes() {
    let mut client = hedged();
    for (query, code) in [
        (market("BUY", ""), -4061),
        (market("BUY", "positionSide=BOTH"), -4061),
        (market("SELL", "positionSide=LONG&reduceOnly=true"), -1106),
        (market("BUY", "positionSide=UP"), -1130),
    ] {
        assert_eq!(client.refused("POST", ORDER, &query), code, "{query}");
    }
    client.good("POST", ORDER, &market("SELL", "positionSide=LONG"));
    let again = market("SELL", "positionSide=LONG");
    assert_eq!(client.refused("POST", ORDER, &again), -2022);
    assert_eq!(client.refused("POST", MODE, "dualSidePosition=true"), -4059);
    assert_eq!(
        client.refused("POST", MODE, "dualSidePosition=false"),
        -4068
    );
    client.good("POST", ORDER, &market("BUY", "positionSide=SHORT"));
    let stop = "algoType=CONDITIONAL&symbol=BTCUSDT&side=BUY&type=STOP_MARKET&quantity=0.010&triggerPrice=65000&positionSide=LONG";
    let placed = client.good("POST", "/fapi/v1/algoOrder", stop);
    assert_eq!(placed["positionSide"], "LONG");
    assert_eq!(
        client.refused("POST", MODE, "dualSidePosition=false"),
        -4067
    );
    client.good("DELETE", "/fapi/v1/algoOpenOrders", "symbol=BTCUSDT");
    client.good("POST", MODE, "dualSidePosition=false");
    assert_eq!(
        client.refused("POST", ORDER, &market("BUY", "positionSide=LONG")),
        -4061
    );
}

#[test]
fn an_isolated_position_shows_its_own_margin_everywhere() {
    let mut client = Client::new(&[]);
    let line = client.private();
    let isolate = "symbol=BTCUSDT&marginType=ISOLATED";
    client.good("POST", "/fapi/v1/marginType", isolate);
    assert_eq!(
        client.refused("POST", "/fapi/v1/marginType", isolate),
        -4046
    );
    let config = client.good("GET", "/fapi/v1/symbolConfig", "symbol=BTCUSDT");
    assert_eq!(config[0]["marginType"], "ISOLATED");
    client.good("POST", ORDER, &market("BUY", ""));
    let crossed = "symbol=BTCUSDT&marginType=CROSSED";
    assert_eq!(
        client.refused("POST", "/fapi/v1/marginType", crossed),
        -4048
    );
    let row = client.good("GET", "/fapi/v2/positionRisk", "symbol=BTCUSDT")[0].clone();
    assert_eq!(row["marginType"], "isolated");
    let own = number(row["isolatedWallet"].as_str().unwrap());
    assert!((own - 30.0).abs() < 0.5, "600 at a leverage of 20: {own}");
    let margin = number(row["isolatedMargin"].as_str().unwrap());
    let open = number(row["unRealizedProfit"].as_str().unwrap());
    assert!((margin - own - open).abs() < 1e-6);
    let account = client.good("GET", "/fapi/v3/account", "");
    let of = |name: &str| number(account[name].as_str().unwrap());
    assert!((of("totalWalletBalance") - of("totalCrossWalletBalance") - own).abs() < 1e-6);
    let said = client.said(line);
    assert_eq!(said[0]["a"]["m"], "MARGIN_TYPE_CHANGE");
    let last = said.iter().rfind(|e| e["e"] == "ACCOUNT_UPDATE").unwrap();
    let position = &last["a"]["P"][0];
    assert_eq!(position["mt"], "isolated");
    assert_eq!(number(position["iw"].as_str().unwrap()), own);
    assert_eq!(
        number(last["a"]["B"][0]["cw"].as_str().unwrap()),
        of("totalCrossWalletBalance")
    );
}

#[test]
fn margin_is_moved_by_hand_and_refused_by_the_documented_codes() {
    let mut client = Client::new(&[]);
    let ask = |amount: &str, kind: u8| format!("symbol=BTCUSDT&amount={amount}&type={kind}");
    assert_eq!(client.refused("POST", MARGIN, &ask("5", 1)), -4049);
    client.good(
        "POST",
        "/fapi/v1/marginType",
        "symbol=BTCUSDT&marginType=ISOLATED",
    );
    assert_eq!(client.refused("POST", MARGIN, &ask("5", 1)), -4054);
    client.good("POST", ORDER, &market("BUY", ""));
    let line = client.private();
    client.good("POST", MARGIN, &ask("5.5", 1));
    let said = client.said(line);
    assert_eq!(said[0]["a"]["m"], "MARGIN_TRANSFER");
    for (query, code) in [
        (ask("0", 1), -4055),
        (ask("5", 3), -1130),
        (ask("99999", 1), -4050),
        (ask("20", 2), -4051),
        ("symbol=BTCUSDT&amount=5".to_owned(), -1102),
    ] {
        assert_eq!(client.refused("POST", MARGIN, &query), code, "{query}");
    }
    client.good("POST", MARGIN, &ask("2", 2));
    let rows = client.good("GET", "/fapi/v1/positionMargin/history", "symbol=BTCUSDT");
    let kinds: Vec<_> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["type"].clone())
        .collect();
    assert_eq!(kinds, [1, 2]);
    let slower = "symbol=BTCUSDT&leverage=5";
    assert_eq!(client.refused("POST", "/fapi/v1/leverage", slower), -4161);
}
