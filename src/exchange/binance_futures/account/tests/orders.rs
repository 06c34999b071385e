//! Order requests: sent once, answered once, told as they are.

use serde_json::json;

use super::rig::{KEY, OFFSET_MS, Rig, SECRET, amend, fill_event, key, order, order_event, symbol};
use crate::domain::message::Proves;
use crate::domain::{Command, Fact, Intent, OrderStatus, Outcome};
use crate::exchange::binance_futures::account::{ORDERS, PRIVATE};
use crate::exchange::machine::{CallError, LineOut, Method};

const EXAMPLES: &str =
    include_str!("../../../../../tests/wire/binance_futures/order_api_examples.jsonl");

/// A documented answer of the order API, with our id in it.
fn example(name: &str, id: u64) -> serde_json::Value {
    let examples = EXAMPLES.lines().map(|l| serde_json::from_str(l).unwrap());
    let mut found: serde_json::Value = examples
        .into_iter()
        .find(|e: &serde_json::Value| e["name"] == name)
        .unwrap();
    found["msg"]["id"] = json!(id);
    found["msg"].take()
}

fn refused(id: u64, code: i64, msg: &str) -> serde_json::Value {
    json!({"id":id,"status":400,"error":{"code":code,"msg":msg}})
}

#[test]
fn an_entry_is_one_signed_frame_on_the_warm_line_and_its_answer_is_told() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    let sent = rig.sent();
    assert_eq!(sent.len(), 1);
    let (tag, frame) = &sent[0];
    assert_eq!(frame["method"], "order.place");
    assert_eq!(frame["id"], *tag);
    let params = &frame["params"];
    let expected = json!({"apiKey":KEY,"newClientOrderId":"S1a","newOrderRespType":"ACK","price":"60000.00",
        "quantity":"0.010","recvWindow":2000,"selfTradePreventionMode":"EXPIRE_MAKER","side":"BUY","symbol":"BTCUSDT",
        "timeInForce":"GTX","timestamp":rig.venue_ms() - 250,"type":"LIMIT","signature":params["signature"]});
    assert_eq!(*params, expected);
    rig.written(*tag, 300);
    assert!(matches!(rig.facts.last(), Some(Fact::Written { .. })));
    rig.frame(ORDERS, &example("Trading/PlaceOrder", *tag));
    let accepted = Outcome::Accepted {
        venue: Some(crate::domain::OrderId::of_number(325_078_477)),
    };
    assert_eq!(rig.outcomes("S1a"), [accepted]);
    rig.pass(10_000);
    assert_eq!(rig.placed("S1a"), 1);
}

#[test]
fn an_exit_is_reduce_only() {
    let mut rig = Rig::ready();
    rig.command(Command::Place(order("S1x", Intent::Exit)));
    assert_eq!(rig.sent()[0].1["params"]["reduceOnly"], "true");
}

#[test]
fn b6_what_was_not_written_goes_by_rest_once_and_what_was_written_never_does() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    let (tag, _) = rig.sent()[0];
    rig.lines.clear();
    rig.written(tag, 0);
    assert_eq!(rig.placed("S1a"), 1);
    let call = rig.take_call("newClientOrderId=S1a").unwrap();
    assert_eq!(call.method, Method::Post);
    rig.reply(&call, Err(CallError::NotSent("refused".into())));
    assert_eq!(rig.outcomes("S1a"), [Outcome::NotSent("refused".into())]);
    for written in [1, 100, 400] {
        let id = format!("S1w{written}");
        rig.place(&id);
        let (tag, _) = *rig.sent().last().unwrap();
        rig.written(tag, written);
        assert_eq!(rig.placed(&id), 1);
    }
    rig.closed(ORDERS);
    for written in [1, 100, 400] {
        let id = format!("S1w{written}");
        assert!(matches!(rig.outcomes(&id)[..], [Outcome::Unknown(_)]));
        assert_eq!(rig.placed(&id), 1);
    }
}

#[test]
fn b7_a_lost_line_leaves_everything_in_flight_unknown_at_once() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    rig.place("S1b");
    rig.closed(ORDERS);
    for id in ["S1a", "S1b"] {
        assert!(matches!(rig.outcomes(id)[..], [Outcome::Unknown(_)]));
    }
    // New orders go by REST while there is no line.
    rig.place("S1c");
    assert!(rig.take_call("newClientOrderId=S1c").is_some());
}

#[test]
fn b7_a_frame_proved_unwritten_after_the_close_is_told_as_not_sent_and_never_goes() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    let (tag, _) = rig.sent()[0];
    rig.closed(ORDERS);
    rig.written(tag, 0);
    assert!(matches!(
        rig.outcomes("S1a")[..],
        [Outcome::Unknown(_), Outcome::NotSent(_)]
    ));
    assert_eq!(rig.placed("S1a"), 1);
}

#[test]
fn e8_an_order_takes_the_other_path_when_the_line_was_silent_for_three_seconds() {
    let mut rig = Rig::ready();
    rig.pass_in_silence(3_200);
    rig.place("S1a");
    assert!(rig.sent().is_empty());
    assert!(rig.take_call("newClientOrderId=S1a").is_some());
}

#[test]
fn e8_a_line_that_answers_pings_and_no_request_is_replaced() {
    let closes = |rig: &Rig| {
        let close = |out: &&LineOut| matches!(out, LineOut::Close { line: ORDERS });
        rig.lines.iter().filter(close).count()
    };
    let mut rig = Rig::ready();
    rig.place("S1a");
    rig.pass(3_100);
    assert_eq!(
        closes(&rig),
        0,
        "one lost answer is no proof against a line"
    );
    rig.place("S1b");
    rig.pass(3_100);
    assert_eq!(closes(&rig), 1);
    rig.place("S1c");
    assert!(rig.take_call("newClientOrderId=S1c").is_some());
    assert_eq!((rig.placed("S1a"), rig.placed("S1b")), (1, 1));
}

#[test]
fn b12_a_post_only_order_that_would_take_is_refused_and_not_tried_again() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    let (tag, _) = rig.sent()[0];
    rig.frame(
        ORDERS,
        &refused(
            tag,
            -5022,
            "Due to the order could not be executed as maker",
        ),
    );
    let [Outcome::Rejected { proves, code, .. }] = &rig.outcomes("S1a")[..] else {
        panic!("{:?}", rig.facts);
    };
    assert_eq!((*code, *proves), (-5022, Proves::WouldTake));
    rig.pass(20_000);
    assert_eq!(rig.placed("S1a"), 1);
}

#[test]
fn b13_nothing_to_reduce_reads_the_account_again() {
    let mut rig = Rig::ready();
    rig.command(Command::Place(order("S1x", Intent::Exit)));
    let (tag, _) = rig.sent()[0];
    rig.frame(
        ORDERS,
        &refused(tag, -2022, "ReduceOnly Order is rejected."),
    );
    assert!(rig.take_call("positionRisk").is_some());
}

#[test]
fn b15_a_cancel_that_finds_nothing_is_a_question_not_a_cancel() {
    let mut rig = Rig::ready();
    rig.cancel("S1a");
    let (tag, frame) = rig.sent()[0].clone();
    assert_eq!(frame["method"], "order.cancel");
    assert_eq!(frame["params"]["origClientOrderId"], "S1a");
    rig.frame(ORDERS, &refused(tag, -2011, "Unknown order sent."));
    let [Outcome::Rejected { proves, .. }] = &rig.outcomes("S1a")[..] else {
        panic!("{:?}", rig.facts);
    };
    assert_eq!(*proves, Proves::NotFound);
    let filled = super::rig::order_json("S1a", 7, "FILLED", "0.010", rig.venue_ms());
    rig.ok("/fapi/v1/order?", filled);
    let told = rig
        .facts
        .iter()
        .any(|fact| matches!(fact, Fact::Order(report) if report.status == OrderStatus::Filled));
    assert!(told);
}

#[test]
fn b24_a_fill_before_the_acknowledgement_is_told_and_a_lost_one_is_not_unknown() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    let at = rig.venue_ms();
    rig.frame(PRIVATE, &fill_event("S1a", 77, 9, at));
    assert_eq!(rig.fills(), 1);
    rig.pass(4_000);
    let accepted = Outcome::Accepted {
        venue: Some(crate::domain::OrderId::of_number(77)),
    };
    assert_eq!(rig.outcomes("S1a"), [accepted]);
}

#[test]
fn b25_an_order_of_somebody_else_is_told_under_its_own_name() {
    let mut rig = Rig::ready();
    let at = rig.venue_ms();
    rig.frame(PRIVATE, &order_event("web_abc", 5, "NEW", "NEW", at));
    let Some(Fact::Order(report)) = rig.facts.last() else {
        panic!("{:?}", rig.facts);
    };
    assert_eq!(report.order.client.as_str(), "web_abc");
    assert_eq!(report.status, OrderStatus::Working);
    let order = report.order;
    rig.command(Command::Cancel {
        key: key("BTCUSDT"),
        order,
    });
    assert_eq!(rig.sent()[0].1["params"]["orderId"], 5);
}

#[test]
fn an_amend_states_price_and_size() {
    let mut rig = Rig::ready();
    rig.command(Command::Amend(amend("S1a", 6_000_100)));
    let (tag, frame) = rig.sent()[0].clone();
    assert_eq!(frame["method"], "order.modify");
    assert_eq!(frame["params"]["price"], "60001.00");
    assert_eq!(frame["params"]["quantity"], "0.010");
    rig.frame(ORDERS, &example("Trading/EditOrder", tag));
    assert!(matches!(
        rig.outcomes("S1a")[..],
        [Outcome::Accepted { .. }]
    ));
}

#[test]
fn d1_a_refused_time_measures_the_clock_and_sends_nothing_again() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    let (tag, _) = rig.sent()[0];
    rig.frame(
        ORDERS,
        &refused(
            tag,
            -1021,
            "Timestamp for this request is outside of the recvWindow.",
        ),
    );
    assert!(rig.take_call("/fapi/v1/time").is_some());
    assert!(matches!(
        rig.outcomes("S1a")[..],
        [Outcome::Rejected { .. }]
    ));
    assert_eq!(rig.placed("S1a"), 1);
}

#[test]
fn d3_a_wall_clock_that_steps_back_an_hour_changes_no_signed_time() {
    let mut rig = Rig::ready();
    let venue = rig.venue_ms();
    rig.now.wall_ns -= 3_600_000_000_000;
    rig.place("S1a");
    assert_eq!(rig.sent()[0].1["params"]["timestamp"], venue - 250);
    assert_eq!(OFFSET_MS, 1_500);
    assert!(rig.outcomes("S1a").is_empty());
}

#[test]
fn b20_a_rate_limit_refuses_entries_and_lets_cancels_pass() {
    let mut rig = Rig::ready();
    rig.command(Command::Reconcile);
    let until = rig.venue_ms() + 3_000;
    rig.answer(
        "positionRisk",
        418,
        json!({"code":-1003,"msg":format!("Way too many requests; IP banned until {until}.")}),
    );
    assert!(
        rig.facts
            .iter()
            .any(|f| matches!(f, Fact::Limited { until_ms, .. } if *until_ms > 0))
    );
    rig.place("S1a");
    assert!(
        matches!(&rig.outcomes("S1a")[..], [Outcome::NotSent(words)] if words.contains("rate limit"))
    );
    rig.cancel("S1b");
    assert_eq!(rig.sent().len(), 1);
    rig.calls.clear();
    rig.pass(2_900);
    assert!(rig.calls.is_empty(), "REST during a ban: {:?}", rig.calls);
    rig.pass(500);
    assert!(
        rig.facts
            .iter()
            .any(|f| matches!(f, Fact::Limited { until_ms: 0, .. }))
    );
}

#[test]
fn secrets_are_in_no_fact_and_no_debug() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    rig.closed(ORDERS);
    rig.place("S1b");
    let shown = format!("{:?} {:?}", rig.facts, rig.calls);
    assert!(!shown.contains(KEY) && !shown.contains(SECRET) && !shown.contains("signature"));
    assert_eq!(symbol("BTCUSDT").as_str(), "BTCUSDT");
}
