//! The two lines: authentication, subscription, heartbeats, loss and return.

use serde_json::{Value, json};

use super::rig::{BTC, JOIN, KEY, Rig, fill_json, order, order_json};
use crate::domain::message::LinkState;
use crate::domain::{Fact, Intent, OrderStatus};
use crate::exchange::bybit::account::{ORDERS, PRIVATE};
use crate::exchange::machine::{In, Line, LineOut, Opcode};

fn texts(rig: &Rig, line: Line) -> Vec<Value> {
    let sent = rig.lines.iter().filter_map(|out| match out {
        LineOut::Send {
            line: on,
            opcode: Opcode::Text,
            bytes,
            ..
        } if *on == line => Some(serde_json::from_slice(bytes).unwrap()),
        _ => None,
    });
    sent.collect()
}

#[test]
fn a_line_is_authenticated_when_the_venues_time_is_known_then_subscribed() {
    let mut rig = Rig::new();
    rig.tell(In::Start);
    rig.tell(In::Opened { line: PRIVATE });
    rig.tell(In::Opened { line: ORDERS });
    let auths = |rig: &Rig, line| {
        let all = texts(rig, line).into_iter();
        all.filter(|t| t["op"] == "auth").collect::<Vec<_>>()
    };
    assert!(auths(&rig, PRIVATE).is_empty(), "nobody knows the time");
    rig.answer_clock();
    let auth = auths(&rig, PRIVATE).remove(0);
    assert!(auth["req_id"].is_string());
    assert_eq!(auth["args"][0], KEY);
    assert_eq!(auth["args"][1], rig.venue_ms() + 10_000);
    assert!(auths(&rig, ORDERS).remove(0)["reqId"].is_string());
    let answer = json!({"success":true,"ret_msg":"","op":"auth","conn_id":"x"});
    rig.frame(PRIVATE, &answer);
    let subscribe = texts(&rig, PRIVATE).pop().unwrap();
    assert_eq!(subscribe["op"], "subscribe");
    assert_eq!(
        subscribe["args"],
        json!(["order", "execution", "position", "wallet"])
    );
}

#[test]
fn each_line_hears_of_us_every_twenty_seconds() {
    let mut rig = Rig::ready();
    rig.pass(61_000);
    for line in [ORDERS, PRIVATE] {
        let beats = texts(&rig, line)
            .iter()
            .filter(|t| t["op"] == "ping")
            .count();
        assert_eq!(beats, 3, "{line}");
    }
    assert_eq!(rig.link(), None, "nothing changed");
}

#[test]
fn a6_a_half_open_line_is_closed_and_the_desk_is_told() {
    let mut rig = Rig::ready();
    rig.pass_in_silence(5_100);
    assert_eq!(rig.link(), Some(LinkState::Down));
    let closed = |line| rig.lines.contains(&LineOut::Close { line });
    assert!(closed(ORDERS) && closed(PRIVATE));
}

#[test]
fn a_line_that_does_not_answer_the_authentication_is_opened_anew() {
    let mut rig = Rig::ready();
    rig.closed(PRIVATE);
    rig.pass(1_000);
    rig.tell(In::Opened { line: PRIVATE });
    rig.lines.clear();
    rig.pass(5_100);
    assert!(rig.lines.contains(&LineOut::Close { line: PRIVATE }));
}

#[test]
fn g_a_key_that_is_refused_is_told_once_and_tried_again_in_a_minute() {
    let mut rig = Rig::ready();
    rig.closed(PRIVATE);
    rig.pass(1_000);
    rig.tell(In::Opened { line: PRIVATE });
    let refused =
        json!({"success":false,"ret_msg":"Request not authorized","op":"auth","conn_id":"x"});
    rig.frame(PRIVATE, &refused);
    let told = |rig: &Rig| {
        let refused = |f: &&Fact| matches!(f, Fact::KeyRefused { .. });
        rig.facts.iter().filter(refused).count()
    };
    assert_eq!(told(&rig), 1);
    rig.lines.clear();
    rig.pass(59_000);
    let opens = |rig: &Rig| {
        let open = |out: &&LineOut| matches!(out, LineOut::Open { line: PRIVATE, .. });
        rig.lines.iter().filter(open).count()
    };
    assert_eq!(opens(&rig), 0);
    rig.pass(2_000);
    assert_eq!(opens(&rig), 1);
}

#[test]
fn an_expired_signature_is_our_clocks_fault_and_not_the_keys() {
    let mut rig = Rig::ready();
    rig.closed(PRIVATE);
    rig.pass(1_000);
    rig.tell(In::Opened { line: PRIVATE });
    rig.calls.clear();
    let late = json!({"success":false,"ret_msg":"auth expired","op":"auth","conn_id":"x"});
    rig.frame(PRIVATE, &late);
    assert!(rig.take_call("/v5/market/time").is_some());
    assert!(
        !rig.facts
            .iter()
            .any(|f| matches!(f, Fact::KeyRefused { .. }))
    );
}

#[test]
fn a2_what_the_line_tells_while_truth_is_fetched_is_told_after_it() {
    let mut rig = Rig::ready();
    rig.closed(PRIVATE);
    assert_eq!(rig.link(), Some(LinkState::Down));
    rig.pass(1_000);
    rig.calls.clear();
    rig.open(PRIVATE);
    rig.facts.clear();
    rig.pass(1);
    let at = rig.venue_ms();
    rig.told("order", order_json("S1a", "u-1", "Filled", "0.010", at + 5));
    rig.told("execution", fill_json("S1a", "u-1", "e-1", at + 5));
    assert!(rig.reports("S1a").is_empty() && rig.fills().is_empty());
    rig.orders = json!([order_json("S1a", "u-1", "New", "0", at)]);
    rig.answer_truth();
    let order = |fact: &Fact| match fact {
        Fact::Truth { truth, .. } => Some(truth.orders.len()),
        Fact::Order(report) if report.status == OrderStatus::Filled => Some(99),
        _ => None,
    };
    let told: Vec<usize> = rig.facts.iter().filter_map(order).collect();
    assert_eq!(told, [1, 99], "truth first, then what came meanwhile");
    assert_eq!(rig.fills().len(), 1);
    assert_eq!(rig.link(), Some(LinkState::Ready));
}

#[test]
fn a15_a_resume_opens_both_lines_and_proves_nothing_by_the_old_clock() {
    let mut rig = Rig::ready();
    rig.tell(In::Resumed { ms: 60_000 });
    for line in [ORDERS, PRIVATE] {
        let open = |out: &LineOut| matches!(out, LineOut::Open { line: on, .. } if *on == line);
        assert!(rig.lines.iter().any(open));
    }
    assert!(rig.take_call("/v5/market/time").is_some());
    assert_ne!(rig.link(), Some(LinkState::Ready));
}

#[test]
fn a_lost_order_line_leaves_the_account_reconciling_and_truth_makes_it_ready() {
    let mut rig = Rig::ready();
    rig.closed(ORDERS);
    assert_eq!(rig.link(), Some(LinkState::Reconciling));
    rig.pass(1_000);
    rig.calls.clear();
    rig.open(ORDERS);
    rig.pass(1);
    rig.answer_truth();
    assert_eq!(rig.link(), Some(LinkState::Ready));
    rig.place(order("S1a", JOIN, Intent::Entry));
    assert_eq!(rig.placed("S1a"), 1);
}

#[test]
fn k1_a_frame_that_cannot_be_read_is_counted_and_truth_is_fetched() {
    let mut rig = Rig::ready();
    let bytes =
        b"{\"topic\":\"order\",\"data\":[{\"category\":\"linear\",\"symbol\":\"BTCUSDT\"}]}";
    rig.tell(In::Frame {
        line: PRIVATE,
        opcode: Opcode::Text,
        bytes,
    });
    assert_eq!(rig.bad().len(), 1);
    assert!(rig.take_call("order/realtime").is_some());
    let mut unknown = order_json("x", "u-1", "New", "0", 1);
    unknown["symbol"] = json!("NEWUSDT");
    rig.clear();
    rig.told("order", unknown);
    assert!(
        rig.take_call("instruments-info?category=linear").is_some(),
        "{BTC} is listed, that is not"
    );
}
