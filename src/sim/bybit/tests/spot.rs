//! Spot: coins change hands, fees are taken from what is received, nothing is reduced and nothing waits.

use serde_json::{Value, json};

use super::super::client::{Client, number};

const CREATE: &str = "/v5/order/create";

fn spot(side: &str, kind: &str, qty: &str, more: &Value) -> Value {
    let mut params = super::super::client::linear(side, kind, qty, more);
    params["category"] = "spot".into();
    params
}

fn coin(client: &mut Client, coin: &str) -> Value {
    let answer = client.asked("/v5/account/wallet-balance", "accountType=UNIFIED");
    let rows = answer["list"][0]["coin"].as_array().unwrap().clone();
    rows.into_iter().find(|row| row["coin"] == coin).unwrap()
}

#[test]
fn a_market_buy_is_sized_by_its_worth_unless_it_says_coins() {
    let mut client = Client::new(&[]);
    let line = client.private(&["order", "execution", "wallet", "position"]);
    let before = number(&coin(&mut client, "BTC")["walletBalance"]);
    let made = client.good(CREATE, &spot("Buy", "Market", "600", &json!({})));
    assert!(
        made["orderId"].as_str().unwrap().parse::<u64>().is_ok(),
        "{made}"
    );
    client.pass(10);
    let said = client.said(line);
    let fills: Vec<Value> = said
        .iter()
        .filter(|m| m["topic"] == "execution")
        .flat_map(|m| m["data"].as_array().unwrap().clone())
        .collect();
    let worth: f64 = fills.iter().map(|f| number(&f["execValue"])).sum();
    assert!((590.0..=600.0).contains(&worth), "{worth}");
    let fees: f64 = fills.iter().map(|f| number(&f["execFee"])).sum();
    let size: f64 = fills.iter().map(|f| number(&f["execQty"])).sum();
    assert!(
        fills
            .iter()
            .all(|f| f["feeCurrency"] == "BTC" && f["category"] == "spot")
    );
    assert!(fills.iter().all(|f| f.get("createType").is_none()));
    assert!((fees - size * 0.001).abs() < 1e-9);
    let after = number(&coin(&mut client, "BTC")["walletBalance"]);
    assert!(
        (after - before - size + fees).abs() < 1e-9,
        "{before} {after} {size} {fees}"
    );
    assert!(said.iter().any(|m| m["topic"] == "wallet"));
    assert!(said.iter().all(|m| m["topic"] != "position"));
    let made = client.good(
        CREATE,
        &spot("Buy", "Market", "0.001", &json!({"marketUnit": "baseCoin"})),
    );
    let order = client.order_of("spot", made["orderId"].as_str().unwrap());
    assert_eq!(
        (&order["qty"], &order["orderStatus"]),
        (&json!("0.001"), &json!("Filled"))
    );
}

#[test]
fn a_resting_order_holds_its_coins_and_says_on_spot_what_was_filled_of_it() {
    let mut client = Client::new(&[]);
    let (_, ask) = client.best("spot", "BTCUSDT");
    let more = json!({"price": format!("{:.2}", ask + 500.0), "orderLinkId": "s1", "timeInForce": "PostOnly"});
    let id = client.good(CREATE, &spot("Sell", "Limit", "0.1", &more))["orderId"].clone();
    assert_eq!(coin(&mut client, "BTC")["locked"], "0.1");
    let order = client.order_of("spot", id.as_str().unwrap());
    assert_eq!(
        (&order["orderStatus"], &order["isLeverage"]),
        (&json!("New"), &json!("0"))
    );
    assert!(order.get("createType").is_none());
    assert_eq!(
        client.refused(
            CREATE,
            &spot(
                "Sell",
                "Limit",
                "0.15",
                &json!({"price": format!("{:.2}", ask + 500.0)})
            )
        ),
        170_131
    );
    client.good("/v5/order/cancel-all", &json!({"category": "spot"}));
    assert_eq!(coin(&mut client, "BTC")["locked"], "0");
    // A part is filled, the rest cancelled: only spot has a word for it.
    let book = client.open(
        "/v5/market/orderbook",
        "category=spot&symbol=ETHUSDT&limit=1",
    );
    let size = format!("{:.4}", number(&book["b"][0][1]) + 0.01);
    let mut ioc = spot(
        "Sell",
        "Limit",
        &size,
        &json!({"price": book["b"][0][0], "timeInForce": "IOC"}),
    );
    ioc["symbol"] = "ETHUSDT".into();
    let answer = client.post(CREATE, &ioc);
    if answer["retCode"] == 0 {
        let order = client.order_of("spot", answer["result"]["orderId"].as_str().unwrap());
        assert_eq!(order["orderStatus"], "PartiallyFilledCanceled");
    } else {
        assert_eq!(
            answer["retCode"], 170_131,
            "the best bid was larger than the account"
        );
    }
}

#[test]
fn what_spot_has_not_is_refused_in_its_own_codes() {
    let mut client = Client::new(&[]);
    let (bid, _) = client.best("spot", "BTCUSDT");
    let price = format!("{:.2}", bid - 500.0);
    for (code, body) in [
        (
            10001,
            spot("Sell", "Market", "0.001", &json!({"reduceOnly": true})),
        ),
        (
            10001,
            spot("Sell", "Market", "0.001", &json!({"isLeverage": 1})),
        ),
        (
            10001,
            spot("Sell", "Market", "0.001", &json!({"triggerPrice": "50000"})),
        ),
        (
            10001,
            spot(
                "Sell",
                "Market",
                "0.001",
                &json!({"orderFilter": "StopOrder"}),
            ),
        ),
        (
            10001,
            spot(
                "Buy",
                "Limit",
                "0.001",
                &json!({"price": price, "stopLoss": "50000"}),
            ),
        ),
        (170_131, spot("Sell", "Market", "5", &json!({}))),
        (
            170_134,
            spot("Buy", "Limit", "0.001", &json!({"price": "60000.123"})),
        ),
        (
            170_137,
            spot("Buy", "Limit", "0.0000001", &json!({"price": price})),
        ),
        (
            170_140,
            spot("Buy", "Limit", "0.00001", &json!({"price": price})),
        ),
        (170_140, spot("Buy", "Market", "1", &json!({}))),
        (
            170_193,
            spot("Buy", "Limit", "0.001", &json!({"price": "90000"})),
        ),
    ] {
        assert_eq!(client.refused(CREATE, &body), code, "{body}");
    }
    let cancel = json!({"category": "spot", "symbol": "BTCUSDT", "orderLinkId": "no"});
    assert_eq!(client.refused("/v5/order/cancel", &cancel), 170_213);
    let unknown = json!({"category": "spot", "symbol": "NOPEUSDT", "orderLinkId": "no"});
    assert_eq!(client.refused("/v5/order/cancel", &unknown), 170_121);
    let lists = client.get("/v5/position/list", "category=spot&symbol=BTCUSDT");
    assert_eq!(lists["retCode"], 10001);
}
