//! Modes and leverage.

use serde_json::{Value, json};

use super::super::client::Client;

const MODE: &str = "/v5/position/switch-mode";
const LEVERAGE: &str = "/v5/position/set-leverage";

#[test]
fn a_long_and_a_short_stand_beside_each_other_in_hedge_mode() {
    let mut client = Client::new(&[]);
    let mode = |mode: i64| json!({"category": "linear", "coin": "USDT", "mode": mode});
    assert_eq!(client.refused(MODE, &mode(0)), 110_025);
    assert_eq!(client.refused(MODE, &mode(1)), 10001);
    client.good(
        MODE,
        &json!({"category": "linear", "symbol": "BTCUSDT", "mode": 3}),
    );
    assert_eq!(
        client.order("Buy", "Market", "0.01", &json!({}))["retCode"],
        10001
    );
    client.placed("Buy", "Market", "0.01", &json!({"positionIdx": 1}));
    client.placed("Sell", "Market", "0.02", &json!({"positionIdx": 2}));
    let query = "category=linear&symbol=BTCUSDT";
    let list = client.asked("/v5/position/list", query)["list"].clone();
    let rows: Vec<(&Value, &Value, &Value)> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (&p["positionIdx"], &p["side"], &p["size"]))
        .collect();
    assert_eq!(
        rows,
        [
            (&json!(1), &json!("Buy"), &json!("0.01")),
            (&json!(2), &json!("Sell"), &json!("0.02"))
        ]
    );
    assert_eq!(client.refused(MODE, &mode(0)), 110_024);
    let wrong = client.order(
        "Buy",
        "Market",
        "0.01",
        &json!({"positionIdx": 1, "reduceOnly": true}),
    );
    assert_eq!(wrong["retCode"], 110_017);
    let stop = json!({"category": "linear", "symbol": "BTCUSDT", "tpslMode": "Full", "positionIdx": 2, "stopLoss": "62000"});
    client.good("/v5/position/trading-stop", &stop);
    client.placed(
        "Sell",
        "Market",
        "0.01",
        &json!({"positionIdx": 1, "reduceOnly": true}),
    );
    client.placed(
        "Buy",
        "Market",
        "0.02",
        &json!({"positionIdx": 2, "reduceOnly": true}),
    );
    let held = client.asked("/v5/position/list", "category=linear&settleCoin=USDT");
    assert_eq!(held["list"], json!([]));
    client.good(MODE, &mode(0));
}

#[test]
fn leverage_is_set_once_and_is_the_same_on_both_sides() {
    let mut client = Client::new(&[]);
    let set = |buy: &str, sell: &str| json!({"category": "linear", "symbol": "BTCUSDT", "buyLeverage": buy, "sellLeverage": sell});
    let line = client.private(&["position"]);
    client.good(LEVERAGE, &set("7", "7"));
    assert_eq!(client.position()["leverage"], "7");
    client.pass(10);
    assert_eq!(client.rows(line, "position")[0]["leverage"], "7");
    assert_eq!(client.refused(LEVERAGE, &set("7", "7")), 110_043);
    assert_eq!(client.refused(LEVERAGE, &set("7", "8")), 10001);
    assert_eq!(client.refused(LEVERAGE, &set("1000", "1000")), 110_013);
    assert_eq!(client.refused(LEVERAGE, &set("x", "x")), 10001);
}

#[test]
fn the_account_says_what_it_is() {
    let mut client = Client::new(&[]);
    let info = client.asked("/v5/account/info", "");
    assert_eq!(
        (&info["marginMode"], &info["dcpStatus"]),
        (&json!("REGULAR_MARGIN"), &json!("OFF"))
    );
    let margin = |mode: &str| json!({"setMarginMode": mode});
    client.good("/v5/account/set-margin-mode", &margin("REGULAR_MARGIN"));
    assert_eq!(
        client.refused("/v5/account/set-margin-mode", &margin("ISOLATED_MARGIN")),
        3_400_045
    );
    let fees = client.asked("/v5/account/fee-rate", "category=linear&symbol=BTCUSDT");
    assert_eq!(
        (
            &fees["list"][0]["makerFeeRate"],
            &fees["list"][0]["takerFeeRate"]
        ),
        (&json!("0.0002"), &json!("0.00055"))
    );
    let fees = client.asked("/v5/account/fee-rate", "category=spot");
    assert_eq!(fees["list"].as_array().unwrap().len(), 4);
    assert_eq!(fees["list"][0]["takerFeeRate"], "0.001");
    let fees = client.asked("/v5/account/fee-rate", "");
    assert_eq!(
        fees["category"], "linear",
        "clients leave the category away"
    );
    let other = client.get("/v5/account/wallet-balance", "accountType=CONTRACT");
    assert_eq!(other["retCode"], 10001);
    let dcp = json!({"product": "DERIVATIVES", "timeWindow": 10});
    assert_eq!(
        client.refused("/v5/order/disconnected-cancel-all", &dcp),
        10005
    );
}
