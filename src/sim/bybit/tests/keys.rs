//! Keys: signatures, times, rights, addresses, ends; what a key is told to be.

use serde_json::{Value, json};

use super::super::client::{Client, body};
use crate::sim::wire::Out;

const ASK: &str = "/v5/account/wallet-balance";
const UNIFIED: &str = "accountType=UNIFIED";

fn code(client: &mut Client, change: impl Fn(&mut Vec<(String, String)>)) -> i64 {
    let mut headers = client.headers(UNIFIED);
    change(&mut headers);
    let answer = client.send("GET", ASK, UNIFIED, "", headers);
    body(&answer)["retCode"].as_i64().unwrap()
}

fn set(headers: &mut [(String, String)], name: &str, value: &str) {
    let header = headers.iter_mut().find(|(own, _)| own == name).unwrap();
    value.clone_into(&mut header.1);
}

#[test]
fn a_call_is_turned_away_for_the_reason_that_the_venue_gives() {
    let mut client = Client::new(&[]);
    assert_eq!(code(&mut client, |_| {}), 0);
    assert_eq!(
        code(&mut client, |h| set(h, "x-bapi-api-key", "nobody")),
        10003
    );
    assert_eq!(code(&mut client, Vec::clear), 10003);
    assert_eq!(code(&mut client, |h| set(h, "x-bapi-sign", "00ff")), 10004);
    // What was signed is not what came.
    assert_eq!(
        code(&mut client, |h| set(h, "x-bapi-recv-window", "6000")),
        10004
    );
    assert_eq!(code(&mut client, |h| set(h, "x-bapi-timestamp", "")), 10001);
    let headers = client.headers("accountType=UNIFIED ");
    let answer = client.send("GET", ASK, UNIFIED, "", headers);
    assert_eq!(body(&answer)["retCode"], 10004, "one blank more was signed");
    client.become_key("elsewhere");
    assert_eq!(code(&mut client, |_| {}), 10010);
    client.become_key("expired");
    assert_eq!(code(&mut client, |_| {}), 33004);
}

#[test]
fn a_time_is_good_from_the_window_behind_to_a_second_ahead() {
    let mut client = Client::new(&[]);
    let real = client.now;
    for (shift, good) in [(-5_000, true), (-5_001, false), (999, true), (1_000, false)] {
        client.now = real + shift;
        let headers = client.headers(UNIFIED);
        client.now = real;
        let answer = body(&client.send("GET", ASK, UNIFIED, "", headers));
        assert_eq!(answer["retCode"] == 0, good, "{shift}: {answer}");
        if !good {
            assert_eq!(answer["retCode"], 10002);
            let words = answer["retMsg"].as_str().unwrap();
            assert!(
                words.contains(&format!("server_timestamp[{real}]")),
                "{words}"
            );
        }
    }
}

#[test]
fn a_key_without_the_right_reads_and_does_not_trade() {
    let mut client = Client::new(&[]);
    client.become_key("read");
    client.asked(ASK, UNIFIED);
    let answer = client.order("Buy", "Market", "0.01", &json!({}));
    assert_eq!(answer["retCode"], 10005);
    let line = client.line("/v5/trade", "");
    let auth = client.auth();
    assert_eq!(client.say(line, &auth)[0]["retCode"], 0);
    let order = super::super::client::linear("Buy", "Market", "0.01", &json!({}));
    assert_eq!(
        client.enter(line, "order.create", &order)[0]["retCode"],
        10005
    );
    assert_eq!(client.position()["size"], "0");
}

#[test]
fn every_key_is_told_what_it_may_do() {
    let mut client = Client::new(&[]);
    let mut told = |label: &str| -> Value {
        client.become_key(label);
        client.asked("/v5/user/query-api", "")
    };
    let trade = told("trade");
    assert_eq!((&trade["readOnly"], &trade["uta"]), (&json!(0), &json!(1)));
    assert_eq!(
        trade["permissions"]["ContractTrade"],
        json!(["Order", "Position"])
    );
    assert_eq!(trade["permissions"]["Spot"], json!(["SpotTrade"]));
    assert_eq!(trade["permissions"]["Wallet"], json!([]));
    assert_eq!(trade["ips"], json!(["127.0.0.1"]));
    assert_eq!(trade["expiredAt"], "");
    let read = told("read");
    assert_eq!(read["readOnly"], 1);
    assert_eq!(read["permissions"]["ContractTrade"], json!([]));
    assert_eq!(
        told("withdraw")["permissions"]["Wallet"],
        json!(["Withdraw"])
    );
    assert_eq!(
        told("transfer")["permissions"]["Wallet"],
        json!(["AccountTransfer", "SubMemberTransfer"])
    );
    let anywhere = told("anywhere");
    assert_eq!(anywhere["ips"], json!(["*"]));
    assert_eq!(
        (&anywhere["deadlineDay"], &anywhere["expiredAt"]),
        (&json!(89), &json!("2026-04-01T00:00:00Z"))
    );
    assert_eq!(told("ending")["deadlineDay"], 9);
}

#[test]
fn a_session_is_opened_by_a_signature_that_has_not_run_out() {
    let mut client = Client::new(&[]);
    let good = client.auth();
    for path in ["/v5/private", "/v5/trade"] {
        for (at, value) in [
            (0, json!("nobody")),
            (1, json!(client.now)),
            (2, json!("00")),
            (1, json!("soon")),
        ] {
            let line = client.line(path, "");
            let mut bad = good.clone();
            bad["args"][at] = value;
            let answer = client.say(line, &bad);
            let refused = answer[0]["success"] == false || answer[0]["retCode"].as_i64() > Some(0);
            assert!(refused, "{path} {bad}: {answer:?}");
            assert!(
                !client.exchange.lines.open.contains_key(&line),
                "the line is closed"
            );
        }
    }
    let line = client.line("/v5/private", "");
    let early = client.say(line, &json!({"op": "subscribe", "args": ["order"]}));
    assert_eq!(early[0]["ret_msg"], "Request not authorized");
    let line = client.trading();
    let again = client.auth();
    assert_eq!(client.say(line, &again)[0]["retCode"], 20001);
    assert!(!client.outs(line).contains(&Out::Cut));
}
