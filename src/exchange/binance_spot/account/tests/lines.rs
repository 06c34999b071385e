//! The two connections: how the user stream is subscribed, lost, ended by the venue, replaced.

use serde_json::json;

use super::rig::{KEY, Rig, report};
use crate::domain::message::LinkState;
use crate::domain::{Fact, OrderStatus};
use crate::exchange::account::upkeep::{ORDERS, PRIVATE};
use crate::exchange::machine::{In, LineOut, Opcode};

#[test]
fn both_connections_are_of_the_websocket_api_and_no_listen_key_is_asked_for() {
    let mut rig = Rig::new();
    rig.tell(In::Start);
    let urls: Vec<_> = rig
        .lines
        .iter()
        .filter_map(|out| match out {
            LineOut::Open { line, url, .. } => Some((*line, url.clone())),
            _ => None,
        })
        .collect();
    let url = "ws://h/ws-api/v3".to_owned();
    assert_eq!(urls, [(PRIVATE, url.clone()), (ORDERS, url)]);
    assert!(rig.take_call("userDataStream").is_none());
}

#[test]
fn a_secret_subscribes_by_signature_once_the_clock_is_known() {
    let mut rig = Rig::new();
    rig.tell(In::Start);
    rig.open(PRIVATE);
    assert!(rig.sent_on(PRIVATE).is_empty(), "the clock is not known");
    rig.answer_clock();
    let (tag, frame) = rig.last_sent(PRIVATE);
    assert_eq!(frame["method"], "userDataStream.subscribe.signature");
    assert_eq!(frame["id"], tag);
    let params = &frame["params"];
    assert_eq!(
        *params,
        json!({"apiKey":KEY,"recvWindow":5000,"timestamp":rig.venue_ms() - 250,"signature":params["signature"]})
    );
    assert_eq!(params["signature"].as_str().unwrap().len(), 64);
    assert!(
        rig.take_call("openOrders").is_none(),
        "truth comes after the stream"
    );
}

#[test]
fn an_ed25519_key_logs_on_and_then_subscribes_without_a_signature() {
    let mut rig = Rig::ed25519();
    rig.start();
    let (tag, frame) = rig.last_sent(PRIVATE);
    assert_eq!(frame["method"], "session.logon");
    rig.frame(
        PRIVATE,
        &json!({"id":tag,"status":200,"result":{"apiKey":KEY,"authorizedSince":1,"connectedSince":1,
            "returnRateLimits":true,"serverTime":1,"userDataStream":false}}),
    );
    let (_, frame) = rig.last_sent(PRIVATE);
    assert_eq!(frame["method"], "userDataStream.subscribe");
    assert_eq!(frame["params"], json!({}));
    rig.subscribed();
    rig.answer_truth(json!([]), &[]);
    assert_eq!(rig.link(), Some(LinkState::Ready));
    // The order line has a logon of its own; until it stands each request is signed.
    let (logon, frame) = rig.sent()[0].clone();
    assert_eq!(frame["method"], "session.logon");
    rig.place("S1a");
    assert_eq!(rig.last_sent(ORDERS).1["params"]["apiKey"], KEY);
    rig.frame(
        ORDERS,
        &json!({"id":logon,"status":200,"result":{"apiKey":KEY,"authorizedSince":1}}),
    );
    rig.place("S1b");
    let (_, frame) = rig.last_sent(ORDERS);
    assert_eq!(frame["params"]["apiKey"], json!(null));
    assert_eq!(frame["params"]["signature"], json!(null));
    assert!(frame["params"]["timestamp"].is_i64());
}

#[test]
fn a_refused_logon_falls_back_to_the_signature() {
    let mut rig = Rig::ed25519();
    rig.start();
    let (tag, _) = rig.last_sent(PRIVATE);
    rig.frame(
        PRIVATE,
        &json!({"id":tag,"status":400,"error":{"code":-4056,"msg":"This service is not available for this key type."}}),
    );
    let (_, frame) = rig.last_sent(PRIVATE);
    assert_eq!(frame["method"], "userDataStream.subscribe.signature");
}

#[test]
fn a_subscription_that_nobody_answers_is_tried_on_a_new_connection() {
    let mut rig = Rig::new();
    rig.start();
    rig.clear();
    rig.pass(5_100);
    assert_eq!(rig.closes(PRIVATE), 1);
    rig.pass(5_000);
    assert_eq!(rig.opens(PRIVATE), 1);
    rig.open(PRIVATE);
    rig.subscribed();
    rig.answer_truth(json!([]), &[]);
    assert_eq!(rig.link(), Some(LinkState::Ready));
}

#[test]
fn a_stream_that_stands_already_is_as_good() {
    let mut rig = Rig::new();
    rig.start();
    let (tag, _) = rig.last_sent(PRIVATE);
    rig.frame(
        PRIVATE,
        &json!({"id":tag,"status":400,"error":{"code":-2035,"msg":"User Data Stream subscription already active."}}),
    );
    rig.answer_truth(json!([]), &[]);
    assert_eq!(rig.link(), Some(LinkState::Ready));
}

#[test]
fn c1_what_the_stream_tells_while_truth_is_fetched_comes_after_it() {
    let mut rig = Rig::new();
    rig.start();
    rig.subscribed();
    rig.event(&report("other", 9, "NEW", "NEW", rig.venue_ms()));
    assert!(!rig.facts.iter().any(|f| matches!(f, Fact::Order(_))));
    rig.answer_truth(json!([]), &[]);
    let truth = rig
        .facts
        .iter()
        .position(|f| matches!(f, Fact::Truth { .. }));
    let order = rig.facts.iter().position(|f| matches!(f, Fact::Order(_)));
    assert!(truth.unwrap() < order.unwrap());
}

#[test]
fn c2_a_lost_stream_is_down_at_once_and_truth_is_fetched_over_a_new_one() {
    let mut rig = Rig::ready();
    rig.closed(PRIVATE);
    assert_eq!(rig.link(), Some(LinkState::Down));
    rig.pass(2_000);
    assert_eq!(rig.opens(PRIVATE), 1);
    rig.open(PRIVATE);
    assert_eq!(rig.link(), Some(LinkState::Reconciling));
    assert!(
        rig.take_call("openOrders").is_none(),
        "not before the stream"
    );
    rig.subscribed();
    rig.answer_truth(json!([]), &[]);
    assert_eq!(rig.link(), Some(LinkState::Ready));
}

#[test]
fn a_half_open_connection_is_closed_after_five_seconds() {
    let mut rig = Rig::ready();
    rig.pass_in_silence(5_100);
    assert_eq!((rig.closes(ORDERS), rig.closes(PRIVATE)), (1, 1));
    assert_eq!(rig.link(), Some(LinkState::Down));
}

#[test]
fn a_stream_that_the_venue_ends_is_subscribed_anew() {
    let mut rig = Rig::ready();
    rig.event(&json!({"e":"eventStreamTerminated","E":1728973001334_i64}));
    assert_eq!((rig.closes(PRIVATE), rig.opens(PRIVATE)), (1, 1));
    assert_eq!(rig.link(), Some(LinkState::Down));
    rig.open(PRIVATE);
    rig.subscribed();
    rig.answer_truth(json!([]), &[]);
    assert_eq!(rig.link(), Some(LinkState::Ready));
}

#[test]
fn connections_that_the_venue_is_about_to_end_are_replaced_as_planned() {
    let shutdown = json!({"event":{"e":"serverShutdown","E":1770123456789_i64}});
    let mut rig = Rig::ready();
    rig.frame(PRIVATE, &shutdown);
    assert_eq!(rig.opens(PRIVATE), 1);
    assert!(matches!(
        rig.facts.last(),
        Some(Fact::Link { planned: true, .. })
    ));
    // The order line is not taken from under a request.
    let mut rig = Rig::ready();
    rig.place("S1a");
    rig.frame(ORDERS, &shutdown);
    assert_eq!(rig.opens(ORDERS), 0);
    rig.refuse(-2010, "Order would immediately match and take.");
    assert_eq!(rig.opens(ORDERS), 1);
    assert_eq!(rig.placed("S1a"), 1);
}

#[test]
fn a10_day_old_connections_are_replaced_as_planned() {
    let mut rig = Rig::ready();
    // Both go on answering pings for a day.
    for _ in 0..23 * 900 {
        assert_eq!((rig.opens(ORDERS), rig.opens(PRIVATE)), (0, 0));
        rig.now = rig.now.plus_ms(4_000);
        rig.clear();
        for line in [ORDERS, PRIVATE] {
            rig.tell(In::Frame {
                line,
                opcode: Opcode::Pong,
                bytes: b"",
            });
        }
    }
    assert_eq!((rig.opens(ORDERS), rig.opens(PRIVATE)), (1, 1));
    let planned = rig
        .facts
        .iter()
        .any(|fact| matches!(fact, Fact::Link { planned: true, .. }));
    assert!(planned);
}

#[test]
fn d4_a_resume_opens_everything_anew() {
    let mut rig = Rig::ready();
    rig.tell(In::Resumed { ms: 600_000 });
    assert_eq!((rig.opens(ORDERS), rig.opens(PRIVATE)), (1, 1));
    assert!(rig.take_call("/time").is_some());
}

#[test]
fn k1_no_frame_makes_it_panic() {
    let mut rig = Rig::ready();
    for text in [
        "",
        "{",
        "[]",
        "null",
        r#"{"event":null}"#,
        r#"{"event":{}}"#,
        r#"{"event":{"e":"executionReport"}}"#,
        r#"{"event":{"e":"outboundAccountPosition","B":null}}"#,
        r#"{"id":"x","status":-1}"#,
        r#"{"id":1,"status":200,"result":{"orderId":-1}}"#,
        "\u{1}",
    ] {
        for line in [ORDERS, PRIVATE] {
            rig.tell(In::Frame {
                line,
                opcode: Opcode::Text,
                bytes: text.as_bytes(),
            });
        }
    }
    assert!(rig.bad() > 5);
    rig.event(&report(
        "S1z",
        3,
        "SOMETHING",
        "SOMETHING_NEW",
        rig.venue_ms(),
    ));
    let unknown = rig
        .facts
        .iter()
        .any(|fact| matches!(fact, Fact::Order(order) if order.status == OrderStatus::Unknown));
    assert!(unknown, "a state that is not known is no end");
}
