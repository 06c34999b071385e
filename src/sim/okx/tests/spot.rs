//! Spot: coins instead of positions, fees in what is received, sizes in coins or in quote currency.

use serde_json::{Value, json};

use super::super::client::Client;

const ORDER: &str = "/api/v5/trade/order";
const PAIR: &str = "BTC-USDT";

fn order(side: &str, kind: &str, size: &str) -> Value {
    json!({"instId": PAIR, "tdMode": "cash", "side": side, "ordType": kind, "sz": size, "clOrdId": "s1"})
}

fn coin(client: &mut Client, name: &str) -> (f64, f64) {
    let told = client.get("/api/v5/account/balance", "");
    let details = told["data"][0]["details"].as_array().unwrap().clone();
    let row = details.iter().find(|d| d["ccy"] == name).unwrap();
    let number = |field: &str| row[field].as_str().unwrap().parse::<f64>().unwrap();
    (number("cashBal"), number("availBal"))
}

fn told(client: &mut Client) -> Value {
    client.get(ORDER, &format!("instId={PAIR}&clOrdId=s1"))["data"][0].clone()
}

fn number(value: &Value) -> f64 {
    value.as_str().unwrap().parse().unwrap()
}

#[test]
fn a_market_buy_counts_quote_currency_unless_it_says_otherwise() {
    let mut client = Client::new(&[]);
    client.pass(200);
    let before = coin(&mut client, "BTC").0;
    client.good(ORDER, &order("buy", "market", "600"));
    let shown = told(&mut client);
    assert_eq!(
        (&shown["tgtCcy"], &shown["sz"], &shown["state"]),
        (&"quote_ccy".into(), &"600".into(), &"filled".into())
    );
    let spent = number(&shown["accFillSz"]) * number(&shown["avgPx"]);
    assert!((599.0..=600.01).contains(&spent), "{spent}");
    // The fee is taken from the coins.
    assert_eq!(shown["feeCcy"], "BTC");
    let fee = number(&shown["fee"]);
    assert!((fee + number(&shown["accFillSz"]) * 0.001).abs() < 1e-9);
    let after = coin(&mut client, "BTC").0;
    assert!((after - before - number(&shown["accFillSz"]) - fee).abs() < 1e-9);
    let mut base = order("buy", "market", "0.01");
    base["tgtCcy"] = "base_ccy".into();
    base["clOrdId"] = "s2".into();
    client.good(ORDER, &base);
    let fills = client.get("/api/v5/trade/fills", "instType=SPOT");
    assert_eq!(
        (&fills["data"][0]["instId"], &fills["data"][0]["feeCcy"]),
        (&PAIR.into(), &"BTC".into())
    );
    assert_eq!(
        client.get("/api/v5/account/positions", "")["data"],
        json!([])
    );
}

#[test]
fn an_open_order_holds_what_it_would_pay_with_and_nobody_pays_with_more_than_he_has() {
    let mut client = Client::new(&[]);
    client.pass(200);
    let line = client.private("private");
    client.hear(line, json!({"channel": "account"}));
    client.hear(line, json!({"channel": "orders", "instType": "SPOT"}));
    client.said(line);
    let (bid, ask) = client.best(PAIR);
    let (cash, free) = coin(&mut client, "USDT");
    let mut buy = order("buy", "limit", "0.1");
    buy["px"] = format!("{:.2}", bid - 500.0).into();
    client.good(ORDER, &buy);
    let (cash_now, free_now) = coin(&mut client, "USDT");
    assert!((cash - cash_now).abs() < 1e-9 && (free - free_now - (bid - 500.0) * 0.1).abs() < 0.01);
    let said = client.said(line);
    assert!(said.iter().any(|m| m["arg"]["channel"] == "account"));
    let row = said
        .iter()
        .find(|m| m["arg"]["channel"] == "orders")
        .unwrap();
    assert_eq!(
        (&row["data"][0]["instType"], &row["data"][0]["tdMode"]),
        (&"SPOT".into(), &"cash".into())
    );
    let mut sell = order("sell", "limit", "3");
    sell["px"] = format!("{:.2}", ask + 500.0).into();
    sell["clOrdId"] = "s2".into();
    assert_eq!(client.refused(ORDER, &sell), "51008");
    buy["sz"] = "5".into();
    buy["clOrdId"] = "s3".into();
    assert_eq!(client.refused(ORDER, &buy), "51008");
    buy["sz"] = "0.1".into();
    buy["tdMode"] = "cross".into();
    assert_eq!(client.refused(ORDER, &buy), "51000");
    client.good(
        "/api/v5/trade/cancel-order",
        &json!({"instId": PAIR, "clOrdId": "s1"}),
    );
    assert!((coin(&mut client, "USDT").1 - free).abs() < 1e-6);
}

#[test]
fn spot_has_no_algo_orders_here_and_a_crossing_post_only_is_accepted_first() {
    let mut client = Client::new(&[]);
    client.pass(200);
    let ask = client.best(PAIR).1;
    let mut post = order("buy", "post_only", "0.01");
    post["px"] = format!("{:.2}", ask + 5.0).into();
    client.good(ORDER, &post);
    let shown = told(&mut client);
    assert_eq!(
        (&shown["state"], &shown["cancelSource"]),
        (&"canceled".into(), &"31".into())
    );
    let stop = json!({
        "instId": PAIR, "tdMode": "cash", "side": "sell", "ordType": "conditional", "sz": "0.01",
        "slTriggerPx": "50000", "slOrdPx": "-1",
    });
    assert_eq!(client.refused("/api/v5/trade/order-algo", &stop), "51010");
}
