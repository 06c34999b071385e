//! Lines of the WebSocket API that log on.

use serde_json::{Value, json};

use crate::sim::binance_futures::client::{Client, START_MS};
use crate::sim::keys;
use crate::sim::wire::LineId;

fn order(client: &Client) -> Value {
    json!({"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.010", "timestamp": client.now})
}

/// A line that has logged on.
fn logged_on(client: &mut Client) -> LineId {
    client.become_key("ed25519");
    let line = client.line("/ws-fapi/v1", "returnRateLimits=false");
    let answer = client.api(line, "session.logon", json!({})).remove(0);
    assert_eq!(answer["status"], 200, "{answer}");
    line
}

#[test]
fn a_line_that_logged_on_signs_nothing_more_but_says_the_time() {
    let mut client = Client::new(&[]);
    let line = logged_on(&mut client);
    let params = order(&client);
    let placed = client.bare(line, "order.place", params).remove(0);
    assert_eq!(placed["status"], 200, "{placed}");
    let stamp = json!({"timestamp": client.now});
    for method in ["account.status", "v2/account.position"] {
        let answer = client.bare(line, method, stamp.clone()).remove(0);
        assert_eq!(answer["status"], 200, "{answer}");
    }
    let untimed = client.bare(line, "account.status", json!({})).remove(0);
    assert_eq!(untimed["error"]["code"], -1102);
    let late = json!({"timestamp": client.now - 5001});
    let late = client.bare(line, "account.status", late).remove(0);
    assert_eq!(late["error"]["code"], -1021);
    let listen = client.bare(line, "userDataStream.start", json!({}));
    let listen = &listen[0]["result"]["listenKey"];
    assert_eq!(listen.as_str().map(str::len), Some(64));
    for method in ["userDataStream.ping", "userDataStream.stop"] {
        assert_eq!(client.bare(line, method, json!({}))[0]["status"], 200);
    }
}

#[test]
fn status_tells_who_is_on_and_logout_ends_it() {
    let mut client = Client::new(&[]);
    let quiet = client.line("/ws-fapi/v1", "returnRateLimits=false");
    client.pass(50);
    let nobody = client.bare(quiet, "session.status", Value::Null).remove(0);
    assert_eq!(
        nobody["result"],
        json!({"apiKey": null, "authorizedSince": null, "connectedSince": START_MS, "returnRateLimits": false, "serverTime": START_MS + 50})
    );
    let line = logged_on(&mut client);
    client.pass(30);
    let status = client.bare(line, "session.status", json!({})).remove(0);
    assert_eq!(status["result"]["apiKey"], json!(client.api_key));
    assert_eq!(status["result"]["authorizedSince"], START_MS + 50);
    assert_eq!(status["result"]["serverTime"], START_MS + 80);
    // Each line for itself.
    let other = client.bare(quiet, "session.status", json!({})).remove(0);
    assert_eq!(other["result"]["apiKey"], Value::Null);
    let out = client.bare(line, "session.logout", json!({})).remove(0);
    assert_eq!(out["result"]["apiKey"], Value::Null);
    assert_eq!(out["result"]["authorizedSince"], Value::Null);
    let params = order(&client);
    let refused = client.bare(line, "order.place", params).remove(0);
    assert_eq!(
        (&refused["status"], &refused["id"]),
        (&json!(401), &json!("r1"))
    );
    let again = client.bare(line, "session.logout", json!({})).remove(0);
    assert_eq!(again["status"], 200, "it does nothing");
}

#[test]
fn only_ed25519_keys_log_on_and_a_refusal_changes_nothing() {
    let mut client = Client::new(&[]);
    let line = logged_on(&mut client);
    let on = client.api_key.clone();
    for (label, words) in [
        ("trade", "HMAC_SHA256 API key is not supported."),
        ("own", "RSA API key is not supported."),
    ] {
        client.become_key(label);
        let answer = client.api(line, "session.logon", json!({})).remove(0);
        assert_eq!(answer["error"], json!({"code": -4056, "msg": words}));
    }
    client.become_key("ed25519");
    client.pair = None;
    let forged = client.api(line, "session.logon", json!({})).remove(0);
    assert_eq!(forged["error"]["code"], -1022);
    let stamp = json!({"timestamp": client.now});
    let bare = client.bare(line, "session.logon", stamp).remove(0);
    assert_eq!(
        bare["error"]["code"], -2014,
        "logging on always takes a key"
    );
    let status = client.bare(line, "session.status", json!({})).remove(0);
    assert_eq!(status["result"]["apiKey"], json!(on));
}

#[test]
fn a_request_that_brings_a_key_or_a_signature_is_judged_by_them() {
    let mut client = Client::new(&[]);
    let line = logged_on(&mut client);
    client.become_key("read");
    let read_only = client.api(line, "account.status", json!({})).remove(0);
    assert_eq!(read_only["status"], 200);
    let params = order(&client);
    let refused = client.api(line, "order.place", params).remove(0);
    assert_eq!(refused["error"]["code"], -2015, "its own key may not trade");
    client.secret = "x".repeat(64);
    let forged = client.api(line, "account.status", json!({})).remove(0);
    assert_eq!(forged["error"]["code"], -1022);
    let unsigned = json!({"apiKey": client.api_key, "timestamp": client.now});
    let unsigned = client.bare(line, "account.status", unsigned).remove(0);
    assert_eq!(unsigned["error"]["code"], -1102);
    let keyless = json!({"signature": "AAAA", "timestamp": client.now});
    let keyless = client.bare(line, "account.status", keyless).remove(0);
    assert_eq!(keyless["error"]["code"], -2014);
}

/// Somebody whose Ed25519 keys are two, the first of them ending in a second.
fn with_a_dying_key() -> Client {
    let mut keys = keys::make([6; 32], START_MS, None);
    keys.retain(|key| key.label == "ed25519");
    keys.extend(keys::make([7; 32], START_MS, None).pop());
    keys[0].expires = Some(START_MS + 1000);
    Client::with_keys(keys, &[])
}

#[test]
fn logging_on_again_takes_the_other_key() {
    let mut client = with_a_dying_key();
    let line = client.line("/ws-fapi/v1", "");
    let (first, second) = (
        client.exchange.gate.keys[0].clone(),
        client.exchange.gate.keys[1].clone(),
    );
    for key in [first, second] {
        client.use_key(&key);
        let answer = client.api(line, "session.logon", json!({})).remove(0);
        assert_eq!(answer["result"]["apiKey"], json!(key.api_key));
    }
    client.pass(2000);
    let params = order(&client);
    let placed = client.bare(line, "order.place", params).remove(0);
    assert_eq!(
        placed["status"], 200,
        "the first one's end is nothing to it"
    );
}

#[test]
fn a_key_that_dies_ends_its_session_with_an_answer_to_nobody() {
    let mut client = with_a_dying_key();
    let line = client.line("/ws-fapi/v1", "");
    client.api(line, "session.logon", json!({}));
    client.pass(990);
    let stamp = json!({"timestamp": client.now});
    assert_eq!(client.bare(line, "account.status", stamp)[0]["status"], 200);
    client.pass(10);
    let params = order(&client);
    let said = client.bare(line, "order.place", params.clone());
    assert_eq!(
        said,
        [
            json!({"id": null, "status": 401, "error": {"code": -2015, "msg": "Invalid API-key, IP, or permissions for action."}})
        ]
    );
    // Said once; the line lives, and nobody is on.
    let after = client.bare(line, "order.place", params).remove(0);
    assert_eq!(
        (&after["id"], &after["error"]["code"]),
        (&json!("r1"), &json!(-2014))
    );
    let status = client.bare(line, "session.status", json!({})).remove(0);
    assert_eq!(status["result"]["apiKey"], Value::Null);
    // Who logs on with a key that has ended already reads with it, and is told so by its own id when trading.
    client.api(line, "session.logon", json!({}));
    let stamp = json!({"timestamp": client.now});
    assert_eq!(client.bare(line, "account.status", stamp)[0]["status"], 200);
    let params = order(&client);
    let refused = client.bare(line, "order.place", params).remove(0);
    assert_eq!(
        (&refused["id"], &refused["error"]["code"]),
        (&json!("r1"), &json!(-2015))
    );
}
