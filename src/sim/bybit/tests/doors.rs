//! The envelope, what is not there, and questions that need no key.

use serde_json::json;

use super::super::client::{Client, body, number};
use crate::sim::wire::{Answer, Wire};

fn status(answer: &Answer) -> u16 {
    match answer {
        Answer::Reply(reply, _) => reply.status,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_answer_has_the_envelope_and_errors_of_business_are_http_200() {
    let mut client = Client::new(&[]);
    let answer = client.send("GET", "/v5/market/time", "", "", Vec::new());
    assert_eq!(status(&answer), 200);
    let time = body(&answer);
    let now = client.now;
    assert_eq!(
        (&time["retCode"], &time["retMsg"], &time["time"]),
        (&json!(0), &json!("OK"), &json!(now))
    );
    assert_eq!(time["retExtInfo"], json!({}));
    assert_eq!(time["result"]["timeSecond"], (now / 1000).to_string());
    assert_eq!(time["result"]["timeNano"], format!("{now}000000"));
    let query = "category=linear&symbol=NOPE";
    let answer = client.send("GET", "/v5/market/orderbook", query, "", Vec::new());
    assert_eq!(
        (status(&answer), &body(&answer)["retCode"]),
        (200, &json!(10001))
    );
    let answer = client.send("GET", "/v5/market/dance", "", "", Vec::new());
    assert_eq!(
        (status(&answer), &body(&answer)["retCode"]),
        (404, &json!(10017))
    );
    let answer = client.send("POST", "/v5/market/time", "", "{}", Vec::new());
    assert_eq!(status(&answer), 404);
}

#[test]
fn a_question_with_a_body_is_turned_away_even_when_it_is_empty_json() {
    let mut client = Client::new(&[]);
    let answer = client.send("GET", "/v5/market/time", "", "{}", Vec::new());
    assert_eq!(status(&answer), 403);
    let headers = client.headers("accountType=UNIFIED");
    let path = "/v5/account/wallet-balance";
    let answer = client.send("GET", path, "accountType=UNIFIED", "{}", headers);
    assert_eq!(status(&answer), 403);
}

#[test]
fn instruments_come_in_pages_on_linear_and_at_once_on_spot() {
    let mut client = Client::new(&[]);
    let mut names = Vec::new();
    let mut cursor = String::new();
    for _ in 0..4 {
        let more = if cursor.is_empty() {
            String::new()
        } else {
            format!("&cursor={cursor}")
        };
        let page = client.open(
            "/v5/market/instruments-info",
            &format!("category=linear&limit=1{more}"),
        );
        names.push(page["list"][0]["symbol"].as_str().unwrap().to_owned());
        page["nextPageCursor"]
            .as_str()
            .unwrap()
            .clone_into(&mut cursor);
    }
    assert_eq!(names, ["BTCUSDT", "ETHUSDT", "DOGEUSDT", "KAVAUSDT"]);
    assert_eq!(cursor, "", "nothing follows the last page");
    let spot = client.open("/v5/market/instruments-info", "category=spot&limit=1");
    assert_eq!(spot["list"].as_array().unwrap().len(), 4);
    assert!(spot.get("nextPageCursor").is_none());
    let one = client.open(
        "/v5/market/instruments-info",
        "category=spot&symbol=BTCUSDT",
    );
    assert_eq!(one["list"][0]["priceFilter"]["tickSize"], "0.01");
    let none = client.open("/v5/market/instruments-info", "category=inverse");
    assert_eq!(none["list"], json!([]));
    assert_eq!(client.exchange.symbol_names()[..2], ["BTCUSDT", "ETHUSDT"]);
    assert!(
        client
            .exchange
            .symbol_names()
            .contains(&"BTC/USDT".to_owned())
    );
}

#[test]
fn open_questions_are_answered_for_both_categories() {
    let mut client = Client::new(&[]);
    for category in ["linear", "spot"] {
        let one = format!("category={category}&symbol=BTCUSDT");
        let ticker = client.open("/v5/market/tickers", &one);
        assert!(number(&ticker["list"][0]["lastPrice"]) > 0.0);
        let all = client.open("/v5/market/tickers", &format!("category={category}"));
        assert_eq!(all["list"].as_array().unwrap().len(), 4);
        client.pass(5_000);
        let trades = client.open("/v5/market/recent-trade", &format!("{one}&limit=5"));
        assert!(!trades["list"].as_array().unwrap().is_empty());
        let candles = client.open("/v5/market/kline", &format!("{one}&interval=5&limit=3"));
        let rows = candles["list"].as_array().unwrap();
        assert!(
            number(&rows[0][0]) > number(&rows[1][0]),
            "the newest first"
        );
        let limits = client.open("/v5/market/price-limit", &one);
        assert!(number(&limits["sellLmt"]) < number(&limits["buyLmt"]));
    }
    client.open("/v5/market/risk-limit", "category=linear");
    for bad in ["limit=0", "limit=1001", "limit=x"] {
        let query = format!("category=linear&symbol=BTCUSDT&{bad}");
        let answer = client.send("GET", "/v5/market/orderbook", &query, "", Vec::new());
        assert_eq!(body(&answer)["retCode"], 10001, "{bad}");
    }
}

#[test]
fn funding_is_told_once_it_was_booked_and_is_an_execution() {
    let mut client = Client::new(&[]);
    client.placed("Buy", "Market", "0.01", &json!({}));
    let path = "/v5/market/funding/history";
    let query = "category=linear&symbol=BTCUSDT";
    assert_eq!(client.open(path, query)["list"], json!([]));
    client.now = super::super::client::START_MS + 8 * 3_600_000 - 50;
    let line = client.private(&["execution"]);
    client.pass(2_000);
    assert_eq!(
        client.open(path, query)["list"].as_array().unwrap().len(),
        1
    );
    let rows = client.rows(line, "execution");
    let funded: Vec<_> = rows
        .iter()
        .filter(|row| row["execType"] == "Funding")
        .collect();
    assert_eq!(funded.len(), 1);
    assert_eq!(funded[0]["execQty"], "0.01");
    let listed = client.asked("/v5/execution/list", "category=linear&execType=Funding");
    assert_eq!(listed["list"][0]["execId"], funded[0]["execId"]);
}

#[test]
fn the_server_carries_signed_calls_whatever_case_their_headers_have() {
    use std::io::{Read, Write};
    let running = crate::sim::start(crate::sim::Options {
        seed: Some(3),
        wire: Some("bybit".to_owned()),
        ..crate::sim::Options::default()
    })
    .unwrap();
    let info = &running.info;
    let host = info.rest.strip_prefix("http://").unwrap();
    assert_eq!(info.venue, "bybit");
    assert_eq!(info.ws_public, format!("ws://{host}/v5/public/linear"));
    assert_eq!(info.ws_market, format!("ws://{host}/v5/public/spot"));
    assert_eq!(info.ws_private, format!("ws://{host}/v5/private"));
    assert_eq!(info.ws_api, format!("ws://{host}/v5/trade"));
    let ask = |path: &str, headers: &str| {
        let mut socket = std::net::TcpStream::connect(host).unwrap();
        let text =
            format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n");
        socket.write_all(text.as_bytes()).unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str::<serde_json::Value>(body).unwrap()
    };
    let now = ask("/v5/market/time", "")["time"].as_i64().unwrap();
    let mut client = Client::new(&[]);
    (client.api_key, client.secret, client.now) =
        (info.api_key.clone(), info.api_secret.clone(), now);
    let headers: String = client
        .headers("accountType=UNIFIED")
        .into_iter()
        .map(|(name, value)| format!("{}: {value}\r\n", name.to_uppercase()))
        .collect();
    let answer = ask("/v5/account/wallet-balance?accountType=UNIFIED", &headers);
    assert_eq!(answer["retCode"], 0, "{answer}");
}

#[test]
fn an_address_of_nothing_is_refused() {
    let mut client = Client::new(&[]);
    for path in [
        "/",
        "/v5/public",
        "/v5/public/inverse",
        "/v5/trade/",
        "/v3/private",
    ] {
        let answer = client.exchange.accept(client.now, client.ip, path, "");
        assert_eq!(answer, Err(404), "{path}");
    }
    let answer = client
        .exchange
        .accept(client.now, client.ip, "/v5/private", "max_active_time=5s");
    assert_eq!(answer, Err(400));
}
