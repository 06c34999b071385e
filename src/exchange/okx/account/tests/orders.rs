//! Order requests: sent once, answered once, told as they are.

use serde_json::json;

use super::rig::{
    CODE, KEY, PASSPHRASE, POST_ONLY, Rig, amend, approved, fill_json, order_json, with_kind,
};
use crate::domain::message::{Asked, Proves};
use crate::domain::{
    ClientId, Command, Fact, Intent, OrderId, OrderKind, OrderStatus, Outcome, Qty,
};
use crate::exchange::machine::{CallError, Lane, Method};
use crate::exchange::okx::account::lines::PRIVATE;

fn accepted(order: u64) -> Outcome {
    Outcome::Accepted {
        venue: Some(OrderId::of_number(order)),
    }
}

#[test]
fn an_entry_is_one_frame_on_the_warm_socket_that_dies_when_late() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    let sent = rig.sent();
    assert_eq!(sent.len(), 1);
    let (tag, frame) = &sent[0];
    let expected = json!({"id":tag.to_string(),"op":"order","expTime":(rig.venue_ms() + 2_000).to_string(),"args":[
        {"instIdCode":CODE,"tdMode":"cross","side":"buy","posSide":"net","ordType":"post_only","sz":"0.10","px":"60000.0",
        "clOrdId":"S1a","stpMode":"cancel_maker"}]});
    assert_eq!(*frame, expected);
    rig.written(*tag, 300);
    assert!(matches!(rig.facts.last(), Some(Fact::Written { .. })));
    rig.accept(*tag, "order", 12_345_689);
    assert_eq!(rig.outcomes("S1a"), [accepted(12_345_689)]);
    rig.pass(10_000);
    assert_eq!(rig.placed("S1a"), 1);
}

#[test]
fn an_exit_is_reduce_only() {
    let mut rig = Rig::ready();
    let exit = approved(with_kind("S1x", OrderKind::Market, Intent::Exit));
    rig.command(Command::Place(exit));
    let args = &rig.sent()[0].1["args"][0];
    assert_eq!(
        (&args["reduceOnly"], &args["ordType"]),
        (&json!(true), &json!("market"))
    );
}

#[test]
fn b6_what_was_not_written_goes_by_rest_once_and_what_was_written_never_does() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    let (tag, _) = rig.sent()[0];
    rig.lines.clear();
    rig.written(tag, 0);
    assert_eq!(rig.placed("S1a"), 1);
    let call = rig.take_call("\"clOrdId\":\"S1a\"").unwrap();
    assert_eq!((call.method, call.lane), (Method::Post, Lane::Order));
    assert_eq!(call.target, "/api/v5/trade/order");
    assert!(call.body.contains("\"instId\":\"BTC-USDT-SWAP\""));
    assert!(!call.body.contains("instIdCode"));
    let header = |name: &str| {
        let mut all = call.headers.iter();
        all.find(|(n, _)| *n == name).map(|(_, v)| v.clone())
    };
    assert_eq!(header("OK-ACCESS-KEY").as_deref(), Some(KEY));
    assert_eq!(header("OK-ACCESS-PASSPHRASE").as_deref(), Some(PASSPHRASE));
    assert_eq!(header("x-simulated-trading").as_deref(), Some("1"));
    let expires = (rig.venue_ms() + 2_000).to_string();
    assert_eq!(header("expTime"), Some(expires));
    rig.reply(
        &call,
        200,
        &json!({"code":"0","msg":"","data":[{"ordId":"77","sCode":"0","sMsg":""}]}),
    );
    assert_eq!(rig.outcomes("S1a"), [accepted(77)]);

    rig.place("S1b");
    let (tag, _) = *rig.sent().last().unwrap();
    rig.written(tag, 0);
    rig.fail("\"clOrdId\":\"S1b\"", CallError::NotSent("refused".into()));
    assert_eq!(rig.outcomes("S1b"), [Outcome::NotSent("refused".into())]);
    for written in [1, 100, 400] {
        let id = format!("S1w{written}");
        rig.place(&id);
        let (tag, _) = *rig.sent().last().unwrap();
        rig.written(tag, written);
        assert_eq!(rig.placed(&id), 1);
    }
    rig.closed(PRIVATE);
    for written in [1, 100, 400] {
        let id = format!("S1w{written}");
        assert!(matches!(rig.outcomes(&id)[..], [Outcome::Unknown(_)]));
        assert_eq!(rig.placed(&id), 1);
    }
}

#[test]
fn b7_a_lost_socket_leaves_everything_in_flight_unknown_at_once_and_the_next_goes_by_rest() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    let (tag, _) = rig.sent()[0];
    rig.place("S1b");
    rig.closed(PRIVATE);
    for id in ["S1a", "S1b"] {
        assert!(matches!(rig.outcomes(id)[..], [Outcome::Unknown(_)]));
    }
    rig.place("S1c");
    assert!(rig.take_call("\"clOrdId\":\"S1c\"").is_some());
    // Proved unwritten after the close: told as not sent, and it never goes.
    rig.written(tag, 0);
    assert!(matches!(
        rig.outcomes("S1a")[..],
        [Outcome::Unknown(_), Outcome::NotSent(_)]
    ));
    assert_eq!(rig.placed("S1a"), 1);
}

#[test]
fn e8_an_order_takes_the_other_path_when_the_socket_was_silent_for_three_seconds() {
    let mut rig = Rig::ready();
    rig.pass_in_silence(3_200);
    rig.place("S1a");
    assert!(rig.sent().is_empty());
    assert!(rig.take_call("\"clOrdId\":\"S1a\"").is_some());
}

#[test]
fn b3_a_refusal_ends_the_intent() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    let (tag, _) = rig.sent()[0];
    rig.refuse(
        tag,
        "order",
        51_008,
        "Order failed. Insufficient USDT margin in account",
    );
    let [Outcome::Rejected { code, words, .. }] = &rig.outcomes("S1a")[..] else {
        panic!("{:?}", rig.outcomes("S1a"));
    };
    assert_eq!(*code, 51_008);
    assert!(words.contains("Insufficient"));
    rig.pass(10_000);
    assert_eq!(rig.placed("S1a"), 1);
}

#[test]
fn a_request_that_is_malformed_to_the_venue_is_refused_by_its_number() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    let (tag, _) = rig.sent()[0];
    rig.frame(
        PRIVATE,
        &json!({"id":tag.to_string(),"event":"error","code":"60012","msg":"Invalid request","connId":"a"}),
    );
    assert!(matches!(
        rig.outcomes("S1a")[..],
        [Outcome::Rejected { code: 60_012, .. }]
    ));
}

#[test]
fn b1_an_answer_in_doubt_is_unknown_and_asked_about() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    let (tag, _) = rig.sent()[0];
    rig.refuse(tag, "order", 51_149, "Order timed out. Please try again.");
    assert!(matches!(rig.outcomes("S1a")[..], [Outcome::Unknown(_)]));
    rig.pass(300);
    assert!(rig.take_call("clOrdId=S1a").is_some());
    assert_eq!(rig.placed("S1a"), 1);
}

#[test]
fn a_crossing_post_only_order_is_taken_then_ended_and_told_as_would_take() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    let (tag, _) = rig.sent()[0];
    rig.accept(tag, "order", 5);
    let mut order = order_json("S1a", 5, "canceled", "0", rig.venue_ms());
    order["cancelSource"] = json!("31");
    rig.push("orders", order.clone());
    let outcomes = rig.outcomes("S1a");
    assert_eq!(outcomes.len(), 2, "{outcomes:?}");
    assert!(matches!(
        &outcomes[1],
        Outcome::Rejected {
            proves: Proves::WouldTake,
            ..
        }
    ));
    let orders = rig.orders();
    assert_eq!(orders.last().unwrap().status, OrderStatus::Expired);
    // Told twice by the venue, once by us.
    rig.push("orders", order);
    assert_eq!(rig.outcomes("S1a").len(), 2);
}

#[test]
fn the_venues_reasons_are_told_in_words() {
    for (source, status, words) in [
        ("1", OrderStatus::Cancelled, None),
        ("14", OrderStatus::Expired, Some("not filled at once")),
        ("20", OrderStatus::Expired, Some("dead-man")),
        ("32", OrderStatus::Expired, Some("self-trade")),
        ("99", OrderStatus::Expired, Some("ended by the venue")),
    ] {
        let mut rig = Rig::ready();
        let mut order = order_json("S1a", 5, "canceled", "0", 1);
        order["cancelSource"] = json!(source);
        rig.push("orders", order);
        let report = rig.orders().pop().unwrap();
        assert_eq!(report.status, status, "{source}");
        match words {
            Some(words) => assert!(report.reason.unwrap().contains(words)),
            None => assert_eq!(report.reason, None),
        }
    }
}

#[test]
fn c2_fills_are_told_once_with_what_was_paid() {
    let mut rig = Rig::ready();
    let at = rig.venue_ms();
    let first = fill_json("S1a", 5, "partially_filled", ("0.04", "0.04"), 900, at);
    rig.push("orders", first.clone());
    rig.push("orders", first);
    rig.push(
        "orders",
        fill_json("S1a", 5, "filled", ("0.1", "0.06"), 901, at + 1),
    );
    let fills = rig.fills();
    assert_eq!(fills.len(), 2);
    assert_eq!((fills[0].qty, fills[1].qty), (Qty(4), Qty(6)));
    assert_eq!(fills[0].fee.to_string(), "0.012");
    assert_eq!(fills[0].trade, OrderId::new("900").unwrap());
    assert_eq!(fills[0].client, ClientId::new("S1a").unwrap());
    assert!(!fills[0].recovered);
    assert_eq!(rig.orders().last().unwrap().status, OrderStatus::Filled);
}

#[test]
fn b20_too_many_requests_stop_entries_for_two_seconds_and_exits_never() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    let (tag, _) = rig.sent()[0];
    rig.refuse(tag, "order", 50_011, "Rate limit reached.");
    assert!(matches!(rig.facts[0], Fact::Limited { until_ms, .. } if until_ms > 0));
    rig.place("S1b");
    assert!(matches!(rig.outcomes("S1b")[..], [Outcome::NotSent(_)]));
    let exit = approved(with_kind("S1x", POST_ONLY, Intent::Exit));
    rig.command(Command::Place(exit));
    assert_eq!(rig.placed("S1x"), 1);
    rig.clear();
    rig.pass(2_500);
    let ended = |f: &Fact| matches!(f, Fact::Limited { until_ms: 0, .. });
    assert!(rig.facts.iter().any(ended));
    rig.place("S1c");
    assert_eq!(rig.placed("S1c"), 1);
}

#[test]
fn where_the_socket_refuses_the_instruments_number_what_comes_later_goes_by_rest() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    let (tag, _) = rig.sent()[0];
    rig.lines.clear();
    rig.refuse(tag, "order", 51_001, "Instrument ID code doesn't exist.");
    assert!(matches!(
        rig.outcomes("S1a")[..],
        [Outcome::Rejected { code: 51_001, .. }]
    ));
    assert_eq!(rig.placed("S1a"), 0, "a refused order is not sent again");
    rig.place("S1b");
    assert!(rig.sent().is_empty());
    assert!(rig.take_call("\"clOrdId\":\"S1b\"").is_some());
}

#[test]
fn a_socket_behind_which_nobody_listens_is_replaced() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    rig.place("S1b");
    rig.pass(3_100);
    for id in ["S1a", "S1b"] {
        assert!(matches!(rig.outcomes(id)[..], [Outcome::Unknown(_)]));
    }
    rig.place("S1c");
    assert!(rig.take_call("\"clOrdId\":\"S1c\"").is_some());
}

#[test]
fn a_change_goes_once_and_one_that_fails_after_its_acknowledgement_is_told() {
    let mut rig = Rig::ready();
    rig.command(Command::Amend(amend("S1a", 599_990)));
    let (tag, frame) = rig.sent()[0].clone();
    assert_eq!(frame["op"], "amend-order");
    assert!(frame["expTime"].is_string());
    assert_eq!(
        frame["args"][0],
        json!({"instIdCode":CODE,"clOrdId":"S1a","newPx":"59999.0","newSz":"0.10","cxlOnFail":false})
    );
    rig.accept(tag, "amend-order", 5);
    assert_eq!(rig.outcomes("S1a"), [accepted(5)]);
    let mut order = order_json("S1a", 5, "live", "0", rig.venue_ms());
    order["amendResult"] = json!("-1");
    order["code"] = json!("51503");
    order["msg"] = json!("order\u{1b}[2J gone");
    rig.push("orders", order);
    assert_eq!(rig.bad(), ["not changed: order?[2J gone 51503"]);
}

#[test]
fn a_cancel_does_not_die_and_one_that_comes_too_late_is_looked_into() {
    let mut rig = Rig::ready();
    rig.cancel("S1a");
    let (tag, frame) = rig.sent()[0].clone();
    assert_eq!(frame["op"], "cancel-order");
    assert!(frame.get("expTime").is_none());
    rig.refuse(
        tag,
        "cancel-order",
        51_400,
        "Cancellation failed as the order has been filled, canceled or does not exist.",
    );
    assert!(matches!(
        rig.outcomes("S1a")[..],
        [Outcome::Rejected {
            proves: Proves::NotFound,
            ..
        }]
    ));
    let filled = order_json("S1a", 5, "filled", "0.1", rig.venue_ms());
    rig.rows("clOrdId=S1a", json!([filled]));
    assert_eq!(rig.orders().last().unwrap().status, OrderStatus::Filled);
    rig.pass(5_000);
    assert!(rig.take_call("clOrdId=S1a").is_none(), "it is settled");
}

#[test]
fn what_the_account_cannot_hold_is_refused_in_words() {
    for (level, mode, words) in [
        ("1", "net_mode", "spot mode"),
        ("2", "long_short_mode", "which leg"),
    ] {
        let mut rig = Rig::ready_as(level, mode);
        rig.place("S1a");
        assert_eq!(rig.placed("S1a"), 0);
        let [Outcome::NotSent(told)] = &rig.outcomes("S1a")[..] else {
            panic!("{level} {mode}");
        };
        assert!(told.contains(words), "{told}");
    }
}

#[test]
fn a_query_of_the_desk_is_answered_even_where_there_is_no_such_order() {
    let mut rig = Rig::ready();
    rig.command(Command::Query {
        key: super::rig::key("BTC-USDT-SWAP"),
        order: super::rig::reference("S1a"),
    });
    rig.missing("clOrdId=S1a");
    assert!(rig.facts.iter().any(|fact| matches!(
        fact,
        Fact::Answer {
            asked: Asked::Query,
            outcome: Outcome::Rejected {
                proves: Proves::NotFound,
                ..
            },
            ..
        }
    )));
}
