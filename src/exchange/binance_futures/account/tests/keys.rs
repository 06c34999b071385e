//! The key: logging on with a pair, and a key that the venue takes no more.

use data_encoding::BASE64;
use ed25519_dalek::{Signature, SigningKey, Verifier};
use serde_json::{Value, json};

use super::rig::{KEY, Rig};
use crate::domain::Fact;
use crate::domain::message::LinkState;
use crate::exchange::binance_futures::account::{ORDERS, PRIVATE};
use crate::exchange::credentials::{Credentials, KeyMaterial};
use crate::exchange::machine::LineOut;
use crate::secret::Secret;

const SEED: [u8; 32] = [7; 32];

fn pair() -> Credentials {
    let material = KeyMaterial::Ed25519(Secret::of(&SEED).unwrap());
    Credentials::new(KEY, &material, None).unwrap()
}

/// Takes the frames that were sent on the order line.
fn sent(rig: &mut Rig) -> Vec<Value> {
    let frames = rig.lines.iter().filter_map(|out| match out {
        LineOut::Send {
            line: ORDERS,
            bytes,
            ..
        } if !bytes.is_empty() => Some(serde_json::from_slice(bytes).unwrap()),
        _ => None,
    });
    let frames = frames.collect();
    rig.lines.clear();
    frames
}

fn ready_with_pair() -> (Rig, Value) {
    let mut rig = Rig::with(pair());
    rig.start();
    rig.answer_truth(json!([]), json!([]), &[]);
    assert_eq!(rig.link(), Some(LinkState::Ready));
    let logon = sent(&mut rig).remove(0);
    rig.clear();
    (rig, logon)
}

#[test]
fn a_pair_logs_on_first_and_then_orders_carry_neither_key_nor_signature() {
    let (mut rig, logon) = ready_with_pair();
    assert_eq!(logon["method"], "session.logon");
    let params = &logon["params"];
    let payload = format!(
        "apiKey={KEY}&recvWindow={}&timestamp={}",
        params["recvWindow"], params["timestamp"]
    );
    let signature = BASE64
        .decode(params["signature"].as_str().unwrap().as_bytes())
        .unwrap();
    let public = SigningKey::from_bytes(&SEED).verifying_key();
    let signature = Signature::from_slice(&signature).unwrap();
    public.verify(payload.as_bytes(), &signature).unwrap();

    // Until the venue took the logon each request signs for itself.
    rig.place("S1a");
    let early = sent(&mut rig).remove(0);
    assert_eq!(early["params"]["apiKey"], KEY);
    assert!(early["params"]["signature"].is_string());

    let result = json!({"apiKey":KEY,"authorizedSince":1,"connectedSince":1,"returnRateLimits":false,"serverTime":1});
    rig.frame(
        ORDERS,
        &json!({"id":logon["id"],"status":200,"result":result}),
    );
    rig.place("S1b");
    let order = sent(&mut rig).remove(0);
    assert_eq!(order["method"], "order.place");
    assert!(order["params"]["timestamp"].is_i64());
    assert_eq!(order["params"].get("apiKey"), None);
    assert_eq!(order["params"].get("signature"), None);

    // A new socket knows nobody.
    rig.closed(ORDERS);
    rig.open(ORDERS);
    let frames = sent(&mut rig);
    assert_eq!(frames[0]["method"], "session.logon");
    assert!(frames[0]["params"]["signature"].is_string());
}

#[test]
fn a_refused_logon_leaves_signed_requests() {
    let (mut rig, logon) = ready_with_pair();
    let error = json!({"code":-4056,"msg":"HMAC_SHA256 API key is not supported."});
    rig.frame(
        ORDERS,
        &json!({"id":logon["id"],"status":400,"error":error}),
    );
    rig.place("S1a");
    assert_eq!(sent(&mut rig)[0]["params"]["apiKey"], KEY);
}

fn refusals(rig: &Rig) -> usize {
    let refused = |fact: &&Fact| matches!(fact, Fact::KeyRefused { .. });
    rig.facts.iter().filter(refused).count()
}

#[test]
fn g14_a_key_that_dies_on_the_order_line_is_told_once() {
    let (mut rig, _) = ready_with_pair();
    let error = json!({"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."});
    let dead = json!({"id":null,"status":401,"error":error});
    rig.frame(ORDERS, &dead);
    rig.frame(ORDERS, &dead);
    assert_eq!(refusals(&rig), 1);
}

#[test]
fn g14_a_refused_key_is_not_tried_in_a_loop() {
    let mut rig = Rig::ready();
    let refused = json!({"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."});
    rig.closed(PRIVATE);
    rig.pass(3_000);
    rig.answer("listenKey", 401, refused);
    assert_eq!(refusals(&rig), 1);
    rig.calls.clear();
    rig.pass(55_000);
    assert!(rig.take_call("listenKey").is_none(), "asked again too soon");
    rig.pass(10_000);
    assert!(rig.take_call("listenKey").is_some());
}
