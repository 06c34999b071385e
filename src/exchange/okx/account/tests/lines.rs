//! Login, subscription, pings, reconnects.

use serde_json::{Value, json};

use super::rig::{KEY, PASSPHRASE, Rig, order_json};
use crate::domain::Fact;
use crate::domain::message::LinkState;
use crate::exchange::machine::{In, LineOut};
use crate::exchange::okx::account::lines::{BUSINESS, PRIVATE};

fn opened(rig: &Rig, wanted: u8) -> Option<(String, Vec<(&'static str, String)>)> {
    rig.lines.iter().rev().find_map(|out| match out {
        LineOut::Open { line, url, headers } if *line == wanted => {
            Some((url.clone(), headers.clone()))
        }
        _ => None,
    })
}

fn refused(code: &str) -> Value {
    json!({"event":"error","code":code,"msg":"refused","connId":"a4d3ae55"})
}

#[test]
fn a_socket_logs_in_subscribes_and_then_truth_is_asked_for() {
    let mut rig = Rig::new();
    rig.tell(In::Start);
    let demo = vec![("x-simulated-trading", "1".to_owned())];
    assert_eq!(
        opened(&rig, PRIVATE),
        Some(("ws://h/ws/v5/private".to_owned(), demo.clone()))
    );
    assert_eq!(opened(&rig, BUSINESS), None, "not all at once");
    rig.answer_clock();
    rig.pass(1_000);
    assert_eq!(
        opened(&rig, BUSINESS),
        Some(("ws://h/ws/v5/business".to_owned(), demo))
    );
    rig.lines.clear();
    rig.open(PRIVATE);
    let login: Value = serde_json::from_str(&rig.texts(PRIVATE)[0]).unwrap();
    assert_eq!(login["op"], "login");
    let args = &login["args"][0];
    assert_eq!(
        (&args["apiKey"], &args["passphrase"]),
        (&json!(KEY), &json!(PASSPHRASE))
    );
    assert_eq!(args["timestamp"], (rig.venue_ms() / 1_000).to_string());
    rig.lines.clear();
    rig.frame(
        PRIVATE,
        &json!({"event":"login","code":"0","msg":"","connId":"a"}),
    );
    let subscribe: Value = serde_json::from_str(&rig.texts(PRIVATE)[0]).unwrap();
    assert_eq!(subscribe["op"], "subscribe");
    let args = subscribe["args"].as_array().unwrap();
    assert_eq!(args[0], json!({"channel":"orders","instType":"ANY"}));
    assert_eq!(
        args[1],
        json!({"channel":"positions","instType":"ANY","extraParams":"{\"updateInterval\":\"0\"}"})
    );
    for kind in ["SWAP", "SPOT", "FUTURES"] {
        rig.ok(&format!("instType={kind}"), super::rig::listed(kind));
    }
    for channel in ["orders", "positions"] {
        rig.frame(
            PRIVATE,
            &json!({"event":"subscribe","arg":{"channel":channel},"connId":"a"}),
        );
        assert!(
            rig.take_call("orders-pending").is_none(),
            "not all is heard yet"
        );
    }
    rig.frame(
        PRIVATE,
        &json!({"event":"subscribe","arg":{"channel":"account"},"connId":"a"}),
    );
    assert!(rig.take_call("orders-pending").is_some());
}

#[test]
fn the_account_is_ready_once_both_sockets_stand_and_truth_was_told() {
    let mut rig = Rig::new();
    rig.tell(In::Start);
    rig.answer_clock();
    for kind in ["SWAP", "SPOT", "FUTURES"] {
        rig.ok(&format!("instType={kind}"), super::rig::listed(kind));
    }
    rig.stand(PRIVATE);
    rig.answer_truth(json!([]), json!([]), json!([]));
    assert_eq!(rig.link(), Some(LinkState::Reconciling));
    rig.stand(BUSINESS);
    rig.pass(600);
    rig.answer_truth(json!([]), json!([]), json!([]));
    assert_eq!(rig.link(), Some(LinkState::Ready));
}

#[test]
fn a_subscription_that_is_never_acknowledged_is_tried_anew() {
    let mut rig = Rig::new();
    rig.tell(In::Start);
    rig.answer_clock();
    rig.open(PRIVATE);
    rig.frame(
        PRIVATE,
        &json!({"event":"login","code":"0","msg":"","connId":"a"}),
    );
    rig.frame(PRIVATE, &refused("60018"));
    rig.lines.clear();
    rig.pass(9_000);
    assert!(opened(&rig, PRIVATE).is_some());
    assert!(
        rig.bad()
            .iter()
            .any(|words| words.contains("does not answer"))
    );
}

#[test]
fn a6_silence_is_asked_by_the_text_ping_and_a_half_open_socket_is_replaced() {
    let mut rig = Rig::ready();
    rig.now = rig.now.plus_ms(1_000);
    rig.tell(In::Wake);
    assert_eq!(rig.texts(PRIVATE), ["ping"]);
    assert_eq!(rig.texts(BUSINESS), ["ping"]);
    rig.lines.clear();
    rig.pass(20_000);
    assert_eq!(rig.link(), None, "pongs keep both alive");
    rig.pass_in_silence(6_000);
    assert_eq!(rig.link(), Some(LinkState::Down));
    assert!(opened(&rig, PRIVATE).is_some());
}

#[test]
fn a7_a_notice_of_the_venue_is_a_planned_reconnect_but_not_from_under_a_request() {
    let notice = json!({"event":"notice","code":"64008","msg":"The connection will soon be closed for a service upgrade. Please reconnect.","connId":"a"});
    let mut rig = Rig::ready();
    rig.place("S1a");
    let (tag, _) = rig.sent()[0];
    rig.frame(PRIVATE, &notice);
    assert!(opened(&rig, PRIVATE).is_none());
    rig.accept(tag, "order", 5);
    assert!(opened(&rig, PRIVATE).is_some());
    let planned = rig.facts.iter().find_map(|fact| match fact {
        Fact::Link { planned, .. } => Some(*planned),
        _ => None,
    });
    assert_eq!(planned, Some(true));
    rig.clear();
    rig.stand(PRIVATE);
    rig.pass(600);
    let at = rig.venue_ms();
    rig.answer_truth(
        json!([order_json("S1a", 5, "live", "0", at)]),
        json!([]),
        json!([]),
    );
    assert_eq!(rig.link(), Some(LinkState::Ready));
    // Once is enough.
    rig.clear();
    rig.pass(10_000);
    assert!(opened(&rig, PRIVATE).is_none());
}

#[test]
fn g4_a_key_that_the_venue_does_not_take_is_told_once_and_tried_again_in_a_minute() {
    let mut rig = Rig::new();
    rig.tell(In::Start);
    rig.answer_clock();
    for line in [PRIVATE, BUSINESS] {
        rig.open(line);
        rig.frame(line, &refused("60024"));
    }
    let told = |rig: &Rig| {
        let refused = |f: &&Fact| matches!(f, Fact::KeyRefused { .. });
        rig.facts.iter().filter(refused).count()
    };
    assert_eq!(told(&rig), 1);
    rig.lines.clear();
    rig.pass(59_000);
    assert!(opened(&rig, PRIVATE).is_none());
    rig.pass(2_000);
    assert!(opened(&rig, PRIVATE).is_some());
    assert_eq!(told(&rig), 1);
}

#[test]
fn d1_a_login_that_is_refused_for_the_clocks_sake_has_it_measured() {
    let mut rig = Rig::new();
    rig.tell(In::Start);
    rig.answer_clock();
    rig.open(PRIVATE);
    rig.frame(PRIVATE, &refused("60006"));
    assert!(rig.take_call("/public/time").is_some());
    let refused = |f: &Fact| matches!(f, Fact::KeyRefused { .. });
    assert!(!rig.facts.iter().any(refused));
}

#[test]
fn without_the_business_socket_the_account_is_not_ready_and_truth_follows_its_return() {
    let mut rig = Rig::ready();
    rig.closed(BUSINESS);
    assert_eq!(rig.link(), Some(LinkState::Reconciling));
    // The private socket goes on telling.
    rig.push("orders", order_json("S1a", 5, "live", "0", rig.venue_ms()));
    assert_eq!(rig.orders().len(), 1);
    rig.pass(600);
    rig.calls.clear();
    rig.stand(BUSINESS);
    rig.pass(600);
    let at = rig.venue_ms();
    rig.answer_truth(
        json!([order_json("S1a", 5, "live", "0", at)]),
        json!([]),
        json!([]),
    );
    assert_eq!(rig.link(), Some(LinkState::Ready));
}

#[test]
fn after_a_suspend_nothing_is_proved() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    rig.tell(In::Resumed { ms: 60_000 });
    assert_eq!(rig.link(), Some(LinkState::Down));
    assert!(rig.take_call("/public/time").is_some());
    rig.pass(1_000);
    assert!(opened(&rig, PRIVATE).is_some() && opened(&rig, BUSINESS).is_some());
    assert_eq!(rig.outcomes("S1a").len(), 1);
}

#[test]
fn nothing_is_said_after_the_end() {
    let mut rig = Rig::ready();
    rig.tell(In::Stop);
    rig.clear();
    rig.place("S1a");
    rig.pass(10_000);
    assert!(rig.lines.is_empty() && rig.calls.is_empty() && rig.facts.is_empty());
}
