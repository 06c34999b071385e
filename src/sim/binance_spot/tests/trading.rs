//! Orders, balances, refusals.

use serde_json::{Value, json};

use super::ORDER;
use crate::sim::binance_spot::client::Client;

fn number(value: &Value) -> f64 {
    value.as_str().unwrap().parse().unwrap()
}

#[test]
fn a_buy_pays_in_quote_and_its_fee_in_base() {
    let mut client = Client::new(&[]);
    let before = client.balance("USDT").0.parse::<f64>().unwrap();
    let answer = client.market("BUY", "quantity=0.1");
    assert_eq!(answer["status"], "FILLED");
    assert_eq!(
        client.balance("BTC"),
        ("0.14990000".into(), "0.00000000".into())
    );
    let paid = before - client.balance("USDT").0.parse::<f64>().unwrap();
    assert!((paid - number(&answer["cummulativeQuoteQty"])).abs() < 1e-6);
    let fills = answer["fills"].as_array().unwrap();
    assert!(fills.iter().all(|fill| fill["commissionAsset"] == "BTC"));
    let fee: f64 = fills.iter().map(|fill| number(&fill["commission"])).sum();
    assert!((fee - 0.0001).abs() < 1e-9, "{fee}");
    // A sale's fee is taken from what it brings.
    let answer = client.market("SELL", "quantity=0.1");
    assert_eq!(answer["fills"][0]["commissionAsset"], "USDT");
    assert_eq!(client.balance("BTC").0, "0.04990000");
}

#[test]
fn an_open_order_locks_and_a_cancel_unlocks() {
    let mut client = Client::new(&[]);
    let (bid, ask) = client.best();
    let (_, placed) = client.limit("BUY", "0.01", bid - 100.0, "");
    let locked = (bid - 100.0) * 0.01;
    let (free, held) = client.balance("USDT");
    assert!((held.parse::<f64>().unwrap() - locked).abs() < 1e-6);
    assert!((free.parse::<f64>().unwrap() - (10_000.0 - locked)).abs() < 1e-6);
    client.limit("SELL", "0.05", ask + 100.0, "");
    assert_eq!(
        client.balance("BTC"),
        ("0.00000000".into(), "0.05000000".into())
    );
    let query = format!("symbol=BTCUSDT&orderId={}", placed["orderId"]);
    let cancelled = client.good("DELETE", ORDER, &query);
    assert_eq!(cancelled["status"], "CANCELED");
    assert_eq!(cancelled["origClientOrderId"], placed["clientOrderId"]);
    assert_ne!(cancelled["clientOrderId"], placed["clientOrderId"]);
    client.good("DELETE", "/api/v3/openOrders", "symbol=BTCUSDT");
    for asset in ["BTC", "USDT"] {
        assert_eq!(client.balance(asset).1, "0.00000000");
    }
}

#[test]
fn refusals_have_the_documented_codes_and_words() {
    let mut client = Client::new(&[]);
    let (bid, ask) = client.best();
    client.limit("BUY", "0.001", bid - 100.0, "&newClientOrderId=taken");
    let of = |kind: &str, rest: String| format!("symbol=BTCUSDT&type={kind}&{rest}");
    let limit = |side: &str, qty: &str, price: f64| {
        let rest = format!("side={side}&timeInForce=GTC&quantity={qty}&price={price:.2}");
        of("LIMIT", rest)
    };
    for (query, code, words) in [
        (
            limit("BUY", "1", bid - 1.0),
            -2010,
            "Account has insufficient balance for requested action.",
        ),
        (
            limit("SELL", "0.06", ask + 1.0),
            -2010,
            "Account has insufficient balance for requested action.",
        ),
        (
            limit("BUY", "0.00001", bid),
            -1013,
            "Filter failure: NOTIONAL",
        ),
        (
            limit("BUY", "0.000015", bid),
            -1013,
            "Filter failure: LOT_SIZE",
        ),
        (
            limit("BUY", "0.0000000015", bid),
            -1111,
            "Parameter 'quantity' has too much precision.",
        ),
        (limit("BUY", "1000", bid), -1013, "Filter failure: NOTIONAL"),
        (
            limit("BUY", "0.001", 400_000.0),
            -1013,
            "Filter failure: PERCENT_PRICE_BY_SIDE",
        ),
        (
            limit("BUY", "0.001", 6_000.0),
            -1013,
            "Filter failure: PERCENT_PRICE_BY_SIDE",
        ),
        (
            limit("SELL", "0.001", 400_000.0),
            -1013,
            "Filter failure: PERCENT_PRICE_BY_SIDE",
        ),
        (
            limit("BUY", "0.001", bid).replace(&format!("{bid:.2}"), "60000.001"),
            -1013,
            "Filter failure: PRICE_FILTER",
        ),
        (
            limit("BUY", "a", bid),
            -1100,
            "Illegal characters found in parameter 'quantity'; legal range is '^([0-9]{1,20})(\\.[0-9]{1,20})?$'.",
        ),
        (
            limit("BUY", "0.001", bid - 100.0) + "&newClientOrderId=taken",
            -2010,
            "Duplicate order sent.",
        ),
        (limit("UP", "0.001", bid), -1117, "Invalid side."),
        (
            of(
                "LIMIT_MAKER",
                format!("side=BUY&quantity=0.001&price={:.2}", ask + 50.0),
            ),
            -2010,
            "Order would immediately match and take.",
        ),
        (
            of(
                "LIMIT_MAKER",
                format!("side=BUY&quantity=0.001&price={bid:.2}&timeInForce=GTC"),
            ),
            -1106,
            "Parameter 'timeInForce' sent when not required.",
        ),
        (
            of("MARKET", "side=BUY".to_owned()),
            -1102,
            "Param 'quantity' or 'quoteOrderQty' must be sent, but both were empty/null!",
        ),
        (
            of("MARKET", "side=BUY&quantity=200".to_owned()),
            -1013,
            "Filter failure: MARKET_LOT_SIZE",
        ),
        (
            of(
                "STOP_LOSS_LIMIT",
                "side=SELL&quantity=0.001&price=1&stopPrice=2&timeInForce=GTC".to_owned(),
            ),
            -2010,
            "Stop loss limit orders are not supported for this symbol.",
        ),
        (
            of(
                "TRAILING_STOP_MARKET",
                "side=SELL&quantity=0.001".to_owned(),
            ),
            -1116,
            "Invalid orderType.",
        ),
        (
            "symbol=NOUSDT&side=BUY&type=MARKET&quantity=1".to_owned(),
            -1121,
            "Invalid symbol.",
        ),
    ] {
        let (status, body) = client.rest("POST", ORDER, &query);
        assert_eq!(
            (status, &body["code"], &body["msg"]),
            (400, &json!(code), &json!(words)),
            "{query}"
        );
    }
    let unknown = "symbol=BTCUSDT&orderId=999";
    assert_eq!(client.refused("DELETE", ORDER, unknown), -2011);
    assert_eq!(client.refused("GET", ORDER, unknown), -2013);
    assert_eq!(client.refused("GET", ORDER, "symbol=BTCUSDT"), -1102);
    let open = client.good("GET", "/api/v3/openOrders", "symbol=BTCUSDT");
    assert_eq!(open.as_array().unwrap().len(), 1);
}

#[test]
fn lives_of_limit_orders() {
    let mut client = Client::new(&[]);
    let (bid, ask) = client.best();
    let place = |client: &mut Client, life: &str, price: f64| {
        let query = format!(
            "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce={life}&quantity=0.001&price={price:.2}"
        );
        client.good("POST", ORDER, &query)["status"].clone()
    };
    assert_eq!(place(&mut client, "IOC", ask + 20.0), "FILLED");
    assert_eq!(place(&mut client, "IOC", bid - 20.0), "EXPIRED");
    assert_eq!(place(&mut client, "FOK", bid - 20.0), "EXPIRED");
    assert_eq!(place(&mut client, "GTC", bid - 20.0), "NEW");
    let maker = format!(
        "symbol=BTCUSDT&side=BUY&type=LIMIT_MAKER&quantity=0.001&price={:.2}",
        bid - 30.0
    );
    let answer = client.good("POST", ORDER, &maker);
    // An acknowledgement alone, unless more is asked for.
    assert!(answer.get("status").is_none(), "{answer}");
    let query = format!("symbol=BTCUSDT&orderId={}", answer["orderId"]);
    assert_eq!(client.good("GET", ORDER, &query)["type"], "LIMIT_MAKER");
}

#[test]
fn a_market_order_by_worth_spends_no_more_than_it_was_given() {
    let mut client = Client::new(&[]);
    let answer = client.market("BUY", "quoteOrderQty=100");
    let spent = number(&answer["cummulativeQuoteQty"]);
    assert!(spent <= 100.0 && spent > 99.0, "{spent}");
    assert_eq!(answer["origQuoteOrderQty"], "100.00000000");
    assert_eq!(answer["origQty"], answer["executedQty"]);
    let query = "symbol=BTCUSDT&side=BUY&type=MARKET&quoteOrderQty=20000";
    assert_eq!(client.refused("POST", ORDER, query), -2010);
}

#[test]
fn a_replacement_is_told_half_by_half() {
    let path = "/api/v3/order/cancelReplace";
    let mut client = Client::new(&[]);
    let (bid, ask) = client.best();
    client.limit("BUY", "0.001", bid - 100.0, "&newClientOrderId=a");
    let query = |mode: &str, of: &str, new: &str, qty: &str, price: f64| {
        format!(
            "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&cancelReplaceMode={mode}&cancelOrigClientOrderId={of}&newClientOrderId={new}&quantity={qty}&price={price:.2}"
        )
    };
    let stop = "STOP_ON_FAILURE";
    let both = client.good("POST", path, &query(stop, "a", "b", "0.001", bid - 90.0));
    assert_eq!(both["cancelResponse"]["status"], "CANCELED");
    assert_eq!(both["newOrderResponse"]["status"], "NEW");
    let halves = |body: &Value| {
        let data = &body["data"];
        (data["cancelResult"].clone(), data["newOrderResult"].clone())
    };
    // Nothing there to cancel: the rest is not attempted, or attempted all the same.
    let (status, body) = client.rest("POST", path, &query(stop, "a", "c", "0.001", bid - 80.0));
    assert_eq!((status, &body["code"]), (400, &json!(-2022)));
    assert_eq!(halves(&body), (json!("FAILURE"), json!("NOT_ATTEMPTED")));
    assert_eq!(body["data"]["cancelResponse"]["code"], -2011);
    assert!(body["data"]["newOrderResponse"].is_null());
    let allow = "ALLOW_FAILURE";
    let (status, body) = client.rest("POST", path, &query(allow, "a", "c", "0.001", bid - 80.0));
    assert_eq!((status, &body["code"]), (409, &json!(-2021)));
    assert_eq!(halves(&body), (json!("FAILURE"), json!("SUCCESS")));
    // The cancel is done, the new order is beyond the balance.
    let (status, body) = client.rest("POST", path, &query(stop, "b", "d", "1", bid - 80.0));
    assert_eq!((status, &body["code"]), (409, &json!(-2021)));
    assert_eq!(halves(&body), (json!("SUCCESS"), json!("FAILURE")));
    assert_eq!(body["data"]["newOrderResponse"]["code"], -2010);
    // A filter refuses before anything is done.
    assert_eq!(
        client.refused("POST", path, &query(stop, "c", "e", "0.00001", ask)),
        -1013
    );
    let open = client.good("GET", "/api/v3/openOrders", "");
    assert_eq!(open[0]["clientOrderId"], "c");
    assert_eq!(open.as_array().unwrap().len(), 1);
}

#[test]
fn a_cancel_may_be_restricted() {
    let mut client = Client::new(&[]);
    let (bid, _) = client.best();
    client.limit("BUY", "0.001", bid - 100.0, "&newClientOrderId=a");
    let query =
        |only: &str| format!("symbol=BTCUSDT&origClientOrderId=a&cancelRestrictions={only}");
    let (_, body) = client.rest("DELETE", ORDER, &query("ONLY_PARTIALLY_FILLED"));
    assert_eq!(
        body["msg"],
        "Order was not canceled due to cancel restrictions."
    );
    client.good("DELETE", ORDER, &query("ONLY_NEW"));
    assert_eq!(
        client.refused("DELETE", "/api/v3/openOrders", "symbol=BTCUSDT"),
        -2011
    );
}

#[test]
fn a_pair_may_be_paid_with_another_coin() {
    let mut client = Client::new(&[]);
    let answer = client.good(
        "POST",
        ORDER,
        "symbol=ETHBTC&side=BUY&type=MARKET&quantity=0.5",
    );
    assert_eq!(answer["fills"][0]["commissionAsset"], "ETH");
    assert_eq!(client.balance("ETH").0, "0.49950000");
    let spent = 0.05 - client.balance("BTC").0.parse::<f64>().unwrap();
    assert!((spent - number(&answer["cummulativeQuoteQty"])).abs() < 1e-9);
}
