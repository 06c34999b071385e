//! Order requests: sent once, answered once, told as they are.

use serde_json::json;

use super::rig::{
    BTC, JOIN, KEY, PLAIN, Rig, SECRET, amend, event, fill_json, key, order, order_json, reference,
};
use crate::domain::message::Proves;
use crate::domain::{
    Command, Fact, Intent, Leg, NewOrder, OrderId, OrderKind, OrderStatus, Outcome, Price,
    TriggerBy,
};
use crate::exchange::bybit::account::{ORDERS, PRIVATE};
use crate::exchange::machine::{CallError, LineOut, Method};

fn accepted(id: &str) -> Outcome {
    Outcome::Accepted {
        venue: Some(OrderId::new(id).unwrap()),
    }
}

#[test]
fn an_entry_is_one_frame_on_the_warm_line_and_its_acknowledgement_is_told() {
    let mut rig = Rig::ready();
    rig.place(order("S1a", PLAIN, Intent::Entry));
    let sent = rig.sent();
    assert_eq!(sent.len(), 1);
    let (tag, frame) = &sent[0];
    let wanted = json!({"reqId":tag.to_string(),"header":{"X-BAPI-TIMESTAMP":(rig.venue_ms() - 250).to_string(),
        "X-BAPI-RECV-WINDOW":"2000"},"op":"order.create","args":[{"category":"linear","symbol":"BTCUSDT","side":"Buy",
        "orderType":"Limit","qty":"0.010","price":"60000.0","timeInForce":"GTC","orderLinkId":"S1a",
        "smpType":"CancelMaker","positionIdx":0}]});
    assert_eq!(*frame, wanted);
    rig.written(*tag, 300);
    assert!(matches!(rig.facts.last(), Some(Fact::Written { .. })));
    rig.acknowledge(*tag, "a4c1718e");
    assert_eq!(rig.outcomes("S1a"), [accepted("a4c1718e")]);
    rig.pass(10_000);
    assert_eq!(rig.placed("S1a"), 1);
}

#[test]
fn an_acknowledgement_of_a_post_only_order_is_told_when_the_line_says_that_it_rests_or_says_nothing()
 {
    let mut rig = Rig::ready();
    rig.join("S1a");
    let (tag, _) = rig.last();
    rig.acknowledge(tag, "u-1");
    assert!(rig.outcomes("S1a").is_empty());
    let at = rig.venue_ms();
    rig.told("order", order_json("S1a", "u-1", "New", "0", at));
    assert_eq!(rig.reports("S1a")[0].status, OrderStatus::Working);
    rig.pass(2_000);
    assert!(rig.outcomes("S1a").is_empty(), "the report said it all");
    rig.join("S1b");
    let (tag, _) = rig.last();
    rig.acknowledge(tag, "u-2");
    rig.pass(1_600);
    assert_eq!(rig.outcomes("S1b"), [accepted("u-2")]);
}

#[test]
fn b12_a_post_only_order_that_would_take_is_refused_whatever_the_acknowledgement_said() {
    for acknowledged in [true, false] {
        let mut rig = Rig::ready();
        rig.join("S1a");
        let (tag, _) = rig.last();
        if acknowledged {
            rig.acknowledge(tag, "u-1");
        }
        let at = rig.venue_ms();
        let mut ended = order_json("S1a", "u-1", "Cancelled", "0", at);
        ended["rejectReason"] = json!("EC_PostOnlyWillTakeLiquidity");
        rig.told("order", ended);
        let [Outcome::Rejected { proves, words, .. }] = &rig.outcomes("S1a")[..] else {
            panic!("{:?}", rig.facts);
        };
        assert_eq!(*proves, Proves::WouldTake);
        assert!(words.contains("would have taken"));
        if !acknowledged {
            rig.acknowledge(tag, "u-1");
        }
        rig.pass(20_000);
        assert_eq!(rig.outcomes("S1a").len(), 1);
        assert_eq!(rig.placed("S1a"), 1);
        assert!(rig.reports("S1a").is_empty());
    }
}

#[test]
fn a_post_only_order_that_ends_so_when_nobody_waits_any_more_is_told_as_expired() {
    let mut rig = Rig::ready();
    rig.join("S1a");
    let (tag, _) = rig.last();
    rig.acknowledge(tag, "u-1");
    rig.pass(1_600);
    let at = rig.venue_ms();
    let mut ended = order_json("S1a", "u-1", "Rejected", "0", at);
    ended["rejectReason"] = json!("EC_PostOnlyWillTakeLiquidity");
    rig.told("order", ended);
    assert_eq!(rig.reports("S1a")[0].status, OrderStatus::Expired);
}

#[test]
fn an_exit_is_reduce_only() {
    let mut rig = Rig::ready();
    rig.place(order("S1x", JOIN, Intent::Exit));
    assert_eq!(rig.last().1["args"][0]["reduceOnly"], true);
}

#[test]
fn b6_what_was_not_written_goes_by_rest_once_and_what_was_written_never_does() {
    let mut rig = Rig::ready();
    rig.join("S1a");
    let (tag, _) = rig.last();
    rig.lines.clear();
    rig.written(tag, 0);
    assert_eq!(rig.placed("S1a"), 1);
    let call = rig.call("/v5/order/create");
    assert_eq!(call.method, Method::Post);
    let header = |name: &str| {
        call.headers
            .iter()
            .find(|(n, _)| *n == name)
            .map(|h| h.1.clone())
    };
    assert_eq!(header("content-type").as_deref(), Some("application/json"));
    assert!(header("x-bapi-sign").is_some());
    rig.reply(&call, Err(CallError::NotSent("refused".into())));
    assert_eq!(rig.outcomes("S1a"), [Outcome::NotSent("refused".into())]);
    for written in [1, 100, 400] {
        let id = format!("S1w{written}");
        rig.join(&id);
        let (tag, _) = rig.last();
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
    rig.join("S1a");
    rig.join("S1b");
    rig.closed(ORDERS);
    for id in ["S1a", "S1b"] {
        assert!(matches!(rig.outcomes(id)[..], [Outcome::Unknown(_)]));
    }
    // New orders go by REST while there is no line.
    rig.join("S1c");
    assert!(rig.call("/v5/order/create").body.contains("S1c"));
}

#[test]
fn e8_an_order_takes_the_other_path_when_the_line_was_silent_for_three_seconds() {
    let mut rig = Rig::ready();
    rig.pass_in_silence(3_200);
    rig.join("S1a");
    assert!(rig.sent().is_empty());
    assert!(rig.call("/v5/order/create").body.contains("S1a"));
}

#[test]
fn e8_a_line_that_answers_pings_and_no_request_is_replaced() {
    let closes = |rig: &Rig| {
        let close = |out: &&LineOut| matches!(out, LineOut::Close { line: ORDERS });
        rig.lines.iter().filter(close).count()
    };
    let mut rig = Rig::ready();
    rig.join("S1a");
    rig.pass(3_100);
    assert_eq!(
        closes(&rig),
        0,
        "one lost answer is no proof against a line"
    );
    rig.join("S1b");
    rig.pass(3_100);
    assert_eq!(closes(&rig), 1);
    assert_eq!((rig.placed("S1a"), rig.placed("S1b")), (1, 1));
}

#[test]
fn a_line_that_restarts_is_left_and_its_refusal_is_told() {
    let mut rig = Rig::ready();
    rig.join("S1a");
    rig.join("S1b");
    let tags: Vec<u64> = rig.sent().iter().map(|(tag, _)| *tag).collect();
    rig.refuse(tags[1], 10_019, "restarting");
    assert!(matches!(
        rig.outcomes("S1b")[..],
        [Outcome::Rejected { code: 10_019, .. }]
    ));
    let opens = |rig: &Rig| {
        let open = |out: &&LineOut| matches!(out, LineOut::Open { line: ORDERS, .. });
        rig.lines.iter().filter(open).count()
    };
    assert_eq!(opens(&rig), 0, "not from under a request");
    rig.place(order("S1c", PLAIN, Intent::Entry));
    assert!(rig.call("/v5/order/create").body.contains("S1c"));
    rig.acknowledge(tags[0], "u-1");
    assert_eq!(opens(&rig), 1);
    let at = rig.venue_ms();
    rig.told("order", order_json("S1a", "u-1", "New", "0", at));
    assert_eq!(rig.reports("S1a").len(), 1);
}

#[test]
fn where_there_is_no_order_line_orders_go_by_rest_and_the_link_is_ready() {
    let mut rig = Rig::at("");
    rig.start_without_order_line();
    rig.answer_truth();
    assert_eq!(rig.link(), Some(crate::domain::message::LinkState::Ready));
    rig.clear();
    rig.place(order("S1a", PLAIN, Intent::Entry));
    let call = rig.call("/v5/order/create");
    rig.reply_json(
        &call,
        200,
        &super::rig::ok(json!({"orderId":"u-1","orderLinkId":"S1a"})),
    );
    assert_eq!(rig.outcomes("S1a"), [accepted("u-1")]);
    rig.pass(30_000);
    let opened = |out: &LineOut| matches!(out, LineOut::Open { line: ORDERS, .. });
    assert!(!rig.lines.iter().any(opened));
}

#[test]
fn b13_nothing_to_reduce_reads_the_account_again() {
    let mut rig = Rig::ready();
    rig.place(order("S1x", PLAIN, Intent::Exit));
    let (tag, _) = rig.last();
    rig.refuse(tag, 110_017, "reduce-only rule not satisfied");
    assert!(rig.take_call("position/list").is_some());
}

#[test]
fn b15_a_cancel_that_finds_nothing_is_a_question_not_a_cancel() {
    let mut rig = Rig::ready();
    rig.cancel(reference("S1a"));
    let (tag, frame) = rig.last();
    assert_eq!(frame["op"], "order.cancel");
    let wanted = json!([{"category":"linear","symbol":BTC,"orderLinkId":"S1a"}]);
    assert_eq!(frame["args"], wanted);
    rig.refuse(tag, 110_001, "order not exists or too late to cancel");
    let [Outcome::Rejected { proves, .. }] = &rig.outcomes("S1a")[..] else {
        panic!("{:?}", rig.facts);
    };
    assert_eq!(*proves, Proves::NotFound);
    let filled = order_json("S1a", "u-7", "Filled", "0.010", rig.venue_ms());
    rig.list(
        "order/realtime?category=linear&symbol=BTCUSDT&orderLinkId=S1a",
        json!([filled]),
    );
    assert_eq!(rig.reports("S1a")[0].status, OrderStatus::Filled);
}

#[test]
fn b24_a_fill_before_the_acknowledgement_is_told_and_a_lost_one_is_not_unknown() {
    let mut rig = Rig::ready();
    rig.place(order("S1a", PLAIN, Intent::Entry));
    let at = rig.venue_ms();
    rig.told("execution", fill_json("S1a", "u-7", "e-9", at));
    rig.told("execution", fill_json("S1a", "u-7", "e-9", at));
    assert_eq!(rig.fills().len(), 1);
    rig.pass(4_000);
    assert_eq!(rig.outcomes("S1a"), [accepted("u-7")]);
}

#[test]
fn b25_an_order_of_somebody_else_is_told_under_its_own_name() {
    let mut rig = Rig::ready();
    let at = rig.venue_ms();
    rig.told("order", order_json("", "u-5", "New", "0", at));
    let order = rig.reports("u-5")[0].order;
    rig.cancel(order);
    assert_eq!(rig.last().1["args"][0]["orderId"], "u-5");
}

#[test]
fn an_amend_states_price_and_size() {
    let mut rig = Rig::ready();
    rig.command(Command::Amend(amend("S1a", 600_100)));
    let (tag, frame) = rig.last();
    assert_eq!(frame["op"], "order.amend");
    let asked = &frame["args"][0];
    assert!(asked["price"].as_str().unwrap().starts_with("60010"));
    assert_eq!(asked["qty"], "0.010");
    rig.acknowledge(tag, "u-1");
    assert!(matches!(
        rig.outcomes("S1a")[..],
        [Outcome::Accepted { .. }]
    ));
}

#[test]
fn d1_a_refused_time_measures_the_clock_and_sends_nothing_again() {
    let mut rig = Rig::ready();
    rig.join("S1a");
    let (tag, _) = rig.last();
    rig.refuse(tag, 10_002, "invalid request, please check your timestamp");
    assert!(rig.take_call("/v5/market/time").is_some());
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
    rig.join("S1a");
    let stamped = rig.last().1["header"]["X-BAPI-TIMESTAMP"].clone();
    assert_eq!(stamped, (venue - 250).to_string());
}

#[test]
fn b20_the_last_fifth_of_a_second_is_for_exits_and_cancels() {
    let mut rig = Rig::ready();
    for n in 0..8 {
        rig.join(&format!("S1e{n}"));
    }
    assert_eq!(rig.sent().len(), 8);
    rig.join("S1z");
    assert!(
        matches!(&rig.outcomes("S1z")[..], [Outcome::NotSent(words)] if words.contains("rate limit"))
    );
    rig.place(order("S1x", PLAIN, Intent::Exit));
    rig.cancel(reference("S1e1"));
    assert_eq!(rig.sent().len(), 10);
    rig.pass(1_100);
    rig.join("S1y");
    assert_eq!(rig.placed("S1y"), 1);
}

#[test]
fn b20_a_ban_of_the_address_silences_rest_and_the_line_still_cancels() {
    let mut rig = Rig::ready();
    rig.command(Command::Reconcile);
    let call = rig.call("position/list");
    rig.reply_text(&call, 403, "access too frequent");
    let limited = |f: &&Fact| matches!(f, Fact::Limited { until_ms, .. } if *until_ms > 0);
    assert!(rig.facts.iter().any(|f| limited(&f)));
    rig.join("S1a");
    assert!(
        matches!(&rig.outcomes("S1a")[..], [Outcome::NotSent(words)] if words.contains("rate limit"))
    );
    rig.cancel(reference("S1b"));
    assert_eq!(rig.sent().len(), 1);
    rig.calls.clear();
    rig.pass(590_000);
    assert!(rig.calls.is_empty(), "REST during a ban: {:?}", rig.calls);
    rig.pass(15_000);
    assert!(
        rig.facts
            .iter()
            .any(|f| matches!(f, Fact::Limited { until_ms: 0, .. }))
    );
}

#[test]
fn a_limit_of_a_second_tells_when_it_ends() {
    let mut rig = Rig::ready();
    rig.join("S1a");
    let (tag, _) = rig.last();
    let until = rig.venue_ms() + 400;
    let answer = json!({"reqId":tag.to_string(),"retCode":10_006,"retMsg":"Too many visits!","op":"order.create","data":{},
        "header":{"X-Bapi-Limit":"10","X-Bapi-Limit-Status":"0","X-Bapi-Limit-Reset-Timestamp":until.to_string()}});
    rig.frame(ORDERS, &answer);
    let limited = Proves::RateLimited { until_ms: until };
    assert!(
        matches!(rig.outcomes("S1a")[..], [Outcome::Rejected { proves, .. }] if proves == limited)
    );
    rig.join("S1b");
    assert!(matches!(rig.outcomes("S1b")[..], [Outcome::NotSent(_)]));
    rig.pass(1_100);
    rig.join("S1c");
    assert_eq!(rig.placed("S1c"), 1);
}

#[test]
fn a_stop_entry_is_one_order_before_and_after_it_fires() {
    let mut rig = Rig::ready();
    let kind = OrderKind::Stop {
        trigger: Price(610_000),
        limit: Some(Price(610_100)),
        by: TriggerBy::Last,
    };
    rig.place(order("S1s", kind, Intent::Entry));
    let (tag, frame) = rig.last();
    let asked = &frame["args"][0];
    assert_eq!(
        (&asked["triggerDirection"], &asked["triggerBy"]),
        (&json!(1), &json!("LastPrice"))
    );
    rig.acknowledge(tag, "u-1");
    let at = rig.venue_ms();
    let told = |status: &str, filled: &str, at: i64| {
        let mut told = order_json("S1s", "u-1", status, filled, at);
        told["stopOrderType"] = json!("Stop");
        told["triggerPrice"] = json!("61000.0");
        told["price"] = json!("61010.0");
        told
    };
    rig.told("order", told("Untriggered", "0", at));
    rig.told("order", told("Triggered", "0", at + 1));
    rig.told("order", told("New", "0", at + 1));
    rig.told("order", told("Filled", "0.010", at + 2));
    let said: Vec<_> = rig
        .reports("S1s")
        .iter()
        .map(|r| (r.order.class, r.status, r.triggered))
        .collect();
    use crate::domain::OrderClass::{Conditional, Regular};
    let wanted = [
        (Conditional, OrderStatus::Working, false),
        (Regular, OrderStatus::Accepted, true),
        (Regular, OrderStatus::Working, true),
        (Regular, OrderStatus::Filled, true),
    ];
    assert_eq!(said, wanted);
}

#[test]
fn in_hedge_mode_an_order_must_name_its_leg_and_in_one_way_mode_it_must_not() {
    let mut rig = Rig::ready();
    rig.place(NewOrder {
        leg: Some(Leg::Long),
        ..order("S1a", JOIN, Intent::Entry)
    });
    assert!(
        matches!(&rig.outcomes("S1a")[..], [Outcome::NotSent(words)] if words.contains("one-way"))
    );
    rig.told(
        "position",
        json!({"category":"linear","symbol":BTC,"positionIdx":1,"side":"","size":"0",
        "entryPrice":"0","leverage":"10","updatedTime":"1"}),
    );
    rig.join("S1b");
    assert!(
        matches!(&rig.outcomes("S1b")[..], [Outcome::NotSent(words)] if words.contains("hedge"))
    );
    rig.place(NewOrder {
        leg: Some(Leg::Long),
        ..order("S1c", JOIN, Intent::Entry)
    });
    assert_eq!(rig.last().1["args"][0]["positionIdx"], 1);
}

#[test]
fn secrets_are_in_no_fact_and_no_debug() {
    let mut rig = Rig::ready();
    rig.join("S1a");
    rig.closed(ORDERS);
    rig.join("S1b");
    rig.frame(PRIVATE, &event("order", json!([{"orderId":1}])));
    let shown = format!("{:?} {:?}", rig.facts, rig.calls);
    assert!(!shown.contains(KEY) && !shown.contains(SECRET) && !shown.contains("bapi-sign"));
    assert_eq!(key(BTC).symbol.as_str(), BTC);
}
