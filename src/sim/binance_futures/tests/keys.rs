//! Keys of every kind, with every right, for as long as they live.

use serde_json::{Value, json};

use super::ORDER;
use crate::sim::binance_futures::client::{Client, START_MS, escaped, made_elsewhere, read};

const RIGHTS: &str = "/sapi/v1/account/apiRestrictions";
const ACCOUNT: &str = "/fapi/v3/account";
const BUY: &str = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.010";
const DAY_MS: i64 = 24 * 3_600_000;

#[test]
fn the_rights_of_each_key_are_told_and_an_end_only_where_there_is_one() {
    for (label, withdraws, transfers, bound, ends) in [
        ("trade", false, false, true, None),
        ("withdraw", true, false, true, None),
        ("transfer", false, true, true, None),
        ("anywhere", false, false, false, None),
        ("expired", false, false, true, Some(START_MS - DAY_MS)),
        ("ending", false, false, true, Some(START_MS + 10 * DAY_MS)),
        ("ed25519", false, false, true, None),
    ] {
        let mut client = Client::new(&[]);
        client.become_key(label);
        let rights = client.good("GET", RIGHTS, "");
        assert_eq!(rights["enableReading"], true, "{label}");
        assert_eq!(rights["enableFutures"], true, "{label}");
        assert_eq!(rights["enableWithdrawals"], withdraws, "{label}");
        assert_eq!(rights["enableInternalTransfer"], transfers, "{label}");
        assert_eq!(rights["permitsUniversalTransfer"], transfers, "{label}");
        assert_eq!(rights["ipRestrict"], bound, "{label}");
        let end = rights.get("tradingAuthorityExpirationTime");
        assert_eq!(end.and_then(Value::as_i64), ends, "{label}");
    }
}

#[test]
fn a_key_whose_authority_has_ended_reads_and_does_not_trade() {
    let mut client = Client::new(&[]);
    client.become_key("expired");
    let config = client.good("GET", "/fapi/v1/accountConfig", "");
    assert_eq!(config["canTrade"], false);
    client.good("GET", ACCOUNT, "");
    for (verb, path, query) in [
        ("POST", ORDER, BUY),
        ("DELETE", "/fapi/v1/allOpenOrders", "symbol=BTCUSDT"),
        ("POST", "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=5"),
    ] {
        let (status, body) = client.rest(verb, path, query);
        assert_eq!((status, &body["code"]), (401, &json!(-2015)), "{path}");
    }
    client.become_key("ending");
    client.good("POST", ORDER, BUY);
    client.now += 10 * DAY_MS;
    assert_eq!(client.refused("POST", ORDER, BUY), -2015);
    client.good("GET", ACCOUNT, "");
}

#[test]
fn a_wrong_address_is_named_in_the_refusal() {
    let mut client = Client::new(&[]);
    client.become_key("elsewhere");
    let (status, body) = client.rest("GET", RIGHTS, "");
    assert_eq!((status, &body["code"]), (401, &json!(-2015)));
    let words = body["msg"].as_str().unwrap();
    assert!(words.ends_with("request ip: 127.0.0.1"), "{words}");
}

#[test]
fn an_ed25519_key_trades_by_rest_in_query_and_body() {
    let mut client = Client::new(&[]);
    client.become_key("ed25519");
    client.good("GET", ACCOUNT, "");
    client.good("POST", ORDER, BUY);
    let body = format!("{BUY}&timestamp={}", client.now);
    let signature = escaped(&client.sign(&body));
    let signed = format!("{body}&signature={signature}");
    assert_eq!(read(&client.send("POST", ORDER, "", &signed)).0, 200);
    let lower = signature
        .replace("%2B", "%2b")
        .replace("%2F", "%2f")
        .replace("%3D", "%3d");
    let signed = format!("{body}&signature={lower}");
    assert_eq!(read(&client.send("POST", ORDER, &signed, "")).0, 200);
}

#[test]
fn a_signature_over_anything_else_is_refused_with_its_code() {
    let mut client = Client::new(&[]);
    client.become_key("ed25519");
    let payload = format!("timestamp={}", client.now);
    let signature = client.sign(&payload);
    let mut ask = |signature: &str| {
        let query = format!("{payload}&signature={signature}");
        let (status, body) = read(&client.send("GET", ACCOUNT, &query, ""));
        (status, body["code"].as_i64())
    };
    assert_eq!(ask(&escaped(&signature)), (200, None));
    let swapped = if signature.starts_with('A') { "B" } else { "A" };
    for wrong in [
        escaped(&format!("{swapped}{}", &signature[1..])),
        escaped(&signature[..signature.len() - 4]),
        signature.trim_end_matches('=').to_owned(),
        "00".repeat(64),
    ] {
        assert_eq!(ask(&wrong), (400, Some(-1022)), "{wrong}");
    }
    // A plus that nobody escaped is a blank.
    let with_plus = (0..1000)
        .map(|n| format!("timestamp={}&n={n}", client.now))
        .find(|payload| client.sign(payload).contains('+'))
        .unwrap();
    let signature = client.sign(&with_plus).replace('/', "%2F");
    let query = format!("{with_plus}&signature={signature}");
    let refused = client.send("GET", ACCOUNT, &query, "");
    assert_eq!(read(&refused).1["code"], -1022);
}

#[test]
fn a_key_signs_with_its_own_kind_only() {
    let mut client = Client::new(&[]);
    let secret = std::mem::take(&mut client.secret);
    client.become_key("ed25519");
    client.secret = secret;
    let pair = client.pair.take();
    assert_eq!(client.refused("GET", ACCOUNT, ""), -1022);
    client.become_key("trade");
    client.pair = pair;
    assert_eq!(client.refused("GET", ACCOUNT, ""), -1022);
}

#[test]
fn a_users_own_rsa_key_is_checked_with_the_public_half_by_both_doors() {
    let mut client = Client::new(&[]);
    client.become_key("own");
    let (payload, signature) = made_elsewhere("own_rsa_2048.pem");
    assert_eq!(payload, format!("timestamp={}", client.now));
    let query = format!("{payload}&signature={}", escaped(&signature));
    assert_eq!(read(&client.send("GET", ACCOUNT, &query, "")).0, 200);
    let other = query.replace("timestamp=", "x=1&timestamp=");
    let refused = client.send("GET", ACCOUNT, &other, "");
    assert_eq!(read(&refused).1["code"], -1022);
    let line = client.line("/ws-fapi/v1", "");
    let mut params = json!({"timestamp": client.now, "signature": signature});
    params["apiKey"] = client.api_key.clone().into();
    // The payload of the WebSocket API has the key in it: what was signed for REST is worth nothing here.
    let said = client.bare(line, "account.status", params);
    assert_eq!(said[0]["error"]["code"], -1022);
}

#[test]
fn an_ed25519_key_signs_each_request_of_the_websocket_api() {
    let mut client = Client::new(&[]);
    client.become_key("ed25519");
    let line = client.line("/ws-fapi/v1", "");
    let said = client.api(line, "account.balance", json!({}));
    assert_eq!(said[0]["status"], 200, "{}", said[0]);
    client.pair = None;
    let said = client.api(line, "account.balance", json!({}));
    assert_eq!(said[0]["error"]["code"], -1022);
    assert_eq!(said[0]["status"], 400);
}
