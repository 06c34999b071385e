//! Unknown outcomes end on proof alone.

use serde_json::json;

use super::rig::{Rig, approved, order_json, with_kind};
use crate::domain::{Command, Intent, OrderKind, OrderStatus, Outcome, Price, TriggerBy};
use crate::exchange::machine::CallError;

/// Answers what is asked for a while: nobody knows the order.
fn nobody_knows(rig: &mut Rig, query: &str, ms: u64) {
    for _ in 0..ms / 100 {
        rig.pass(100);
        while rig.calls.iter().any(|call| call.target.contains(query)) {
            rig.missing(query);
        }
        if rig
            .calls
            .iter()
            .any(|c| c.target.contains("orders-pending"))
        {
            while rig
                .calls
                .iter()
                .any(|c| c.target.contains("orders-history"))
            {
                rig.rows("orders-history", json!([]));
            }
            rig.answer_truth(json!([]), json!([]), json!([]));
        }
    }
}

#[test]
fn m5_an_order_that_exists_is_found_by_query() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    rig.pass(3_100);
    assert!(matches!(rig.outcomes("S1a")[..], [Outcome::Unknown(_)]));
    rig.pass(300);
    let order = order_json("S1a", 5, "live", "0", rig.venue_ms());
    rig.rows("clOrdId=S1a", json!([order]));
    assert_eq!(rig.orders().last().unwrap().status, OrderStatus::Working);
    rig.pass(4_000);
    assert!(rig.take_call("clOrdId=S1a").is_none());
    assert_eq!(rig.placed("S1a"), 1);
}

#[test]
fn b4_not_placed_is_told_only_after_the_window_two_negatives_and_truth_without_it() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    // Sent at 0; expTime is 2 s later, the venue itself may take 10 s more.
    nobody_knows(&mut rig, "clOrdId=S1a", 13_500);
    assert!(matches!(rig.outcomes("S1a")[..], [Outcome::Unknown(_)]));
    nobody_knows(&mut rig, "clOrdId=S1a", 8_000);
    let outcomes = rig.outcomes("S1a");
    assert_eq!(outcomes.len(), 2, "{outcomes:?}");
    assert!(matches!(&outcomes[1], Outcome::Rejected { words, .. } if words.contains("proved")));
    assert_eq!(rig.placed("S1a"), 1);
}

#[test]
fn what_is_asked_about_is_looked_for_among_the_orders_that_ended() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    rig.pass(3_100);
    rig.calls.clear();
    rig.command(Command::Reconcile);
    rig.pass(600);
    let mut order = order_json("S1a", 5, "canceled", "0", rig.venue_ms());
    order["cancelSource"] = json!("1");
    let other = order_json("web1", 6, "canceled", "0", rig.venue_ms());
    rig.rows("orders-history?instType=SWAP", json!([other, order]));
    rig.answer_truth(json!([]), json!([]), json!([]));
    let ended: Vec<_> = rig
        .orders()
        .iter()
        .map(|o| o.order.client.to_string())
        .collect();
    assert_eq!(ended, ["S1a"]);
    rig.clear();
    rig.pass(4_000);
    assert!(rig.take_call("clOrdId=S1a").is_none());
}

#[test]
fn b5_a_name_that_is_taken_proves_that_the_first_one_landed() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    let (tag, _) = rig.sent()[0];
    rig.refuse(tag, "order", 51_016, "Client order ID already exists.");
    assert!(matches!(rig.outcomes("S1a")[..], [Outcome::Unknown(_)]));
    rig.pass(300);
    assert!(rig.take_call("clOrdId=S1a").is_some());
}

#[test]
fn b8_the_channel_settles_what_the_answer_did_not() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    rig.push("orders", order_json("S1a", 5, "live", "0", rig.venue_ms()));
    rig.pass(3_100);
    assert!(matches!(
        rig.outcomes("S1a")[..],
        [Outcome::Accepted { venue: Some(_) }]
    ));
    assert!(rig.take_call("clOrdId=S1a").is_none());
}

#[test]
fn a_cancel_without_an_answer_is_sent_again_while_the_order_works() {
    let mut rig = Rig::ready();
    rig.cancel("S1a");
    rig.pass(3_100);
    assert!(matches!(rig.outcomes("S1a")[..], [Outcome::Unknown(_)]));
    rig.pass(300);
    rig.lines.clear();
    let order = order_json("S1a", 5, "live", "0", rig.venue_ms());
    rig.rows("clOrdId=S1a", json!([order]));
    assert_eq!(rig.sent()[0].1["op"], "cancel-order");
}

#[test]
fn a_late_answer_settles_what_was_told_as_unknown() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    let (tag, _) = rig.sent()[0];
    rig.pass(3_100);
    rig.accept(tag, "order", 5);
    assert!(matches!(
        rig.outcomes("S1a")[..],
        [Outcome::Unknown(_), Outcome::Accepted { .. }]
    ));
}

#[test]
fn a_conditional_order_is_waited_for_as_long_as_its_signature_lives() {
    let mut rig = Rig::ready();
    let stop = OrderKind::Stop {
        trigger: Price(610_000),
        limit: Some(Price(610_100)),
        by: TriggerBy::Last,
    };
    let order = approved(with_kind("S1s", stop, Intent::Entry));
    rig.command(Command::Place(order));
    let lost = CallError::Lost("no answer within 5000 ms".to_owned());
    rig.fail("\"algoClOrdId\":\"S1s\"", lost);
    assert!(matches!(rig.outcomes("S1s")[..], [Outcome::Unknown(_)]));
    nobody_knows(&mut rig, "algoClOrdId=S1s", 41_000);
    assert_eq!(rig.outcomes("S1s").len(), 1);
    nobody_knows(&mut rig, "algoClOrdId=S1s", 8_000);
    assert!(matches!(
        rig.outcomes("S1s")[..],
        [Outcome::Unknown(_), Outcome::Rejected { .. }]
    ));
}
