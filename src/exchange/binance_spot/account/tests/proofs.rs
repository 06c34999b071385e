//! Unknown outcomes: never re-sent, ended on proof alone.

use serde_json::json;

use super::rig::{Rig, order_json, report, trade_json};
use crate::domain::{Fact, OrderStatus, Outcome};
use crate::exchange::account::upkeep::ORDERS;

const NOT_FOUND: &str = r#"{"code":-2013,"msg":"Order does not exist."}"#;

/// Answers every query and every fetch of truth as a venue would that never had the order.
fn deny(rig: &mut Rig, ms: u64) {
    for _ in 0..ms / 100 {
        rig.pass(100);
        while let Some(call) = rig.take_call("/api/v3/order?") {
            rig.reply_with(&call, 400, &serde_json::from_str(NOT_FOUND).unwrap());
        }
        if rig.calls.iter().any(|c| c.target.contains("openOrders")) {
            rig.answer_truth(json!([]), &[]);
        }
        rig.answer_trades(&[]);
    }
}

#[test]
fn b2_a_lost_order_is_not_placed_only_after_the_window_negatives_and_truth() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    rig.closed(ORDERS);
    rig.pass(300);
    rig.open(ORDERS);
    deny(&mut rig, 12_000);
    assert!(
        matches!(rig.outcomes("S1a")[..], [Outcome::Unknown(_)]),
        "inside the proof window nothing is proved"
    );
    deny(&mut rig, 12_000);
    assert!(
        matches!(&rig.outcomes("S1a")[..], [Outcome::Unknown(_), Outcome::Rejected { words, .. }] if words.contains("proved"))
    );
    assert_eq!(rig.placed("S1a"), 1);
}

#[test]
fn b2_a_lost_order_that_a_query_finds_is_placed() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    rig.closed(ORDERS);
    rig.pass(300);
    let found = order_json("S1a", 7, "NEW", "0.00000000", rig.venue_ms());
    rig.ok("/api/v3/order?", found);
    assert!(
        rig.facts
            .iter()
            .any(|fact| matches!(fact, Fact::Order(order) if order.status == OrderStatus::Working))
    );
    rig.clear();
    rig.pass(9_000);
    assert!(rig.take_call("/api/v3/order?").is_none(), "nothing to ask");
}

#[test]
fn b5_a_trade_of_a_lost_order_proves_it_and_is_told() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    rig.pass(3_100);
    assert!(matches!(rig.outcomes("S1a")[..], [Outcome::Unknown(_)]));
    let at = rig.venue_ms();
    rig.command(crate::domain::Command::Reconcile);
    rig.answer_truth(json!([]), &[trade_json(31, 7, at)]);
    let lookup = rig
        .calls
        .iter()
        .position(|call| call.target.contains("orderId=7&"))
        .unwrap();
    let call = rig.calls.remove(lookup);
    rig.reply_with(
        &call,
        200,
        &order_json("S1a", 7, "FILLED", "0.01000000", at),
    );
    assert_eq!(rig.truth().unwrap().fills[0].client.as_str(), "S1a");
    deny(&mut rig, 25_000);
    let refused = |o: &Outcome| matches!(o, Outcome::Rejected { .. });
    assert!(!rig.outcomes("S1a").iter().any(refused));
}

#[test]
fn b17_a_cancel_without_an_answer_is_sent_again_while_the_order_works() {
    let mut rig = Rig::ready();
    rig.event(&report("S1a", 7, "NEW", "NEW", rig.venue_ms()));
    rig.cancel("S1a");
    rig.pass(3_100);
    assert!(matches!(rig.outcomes("S1a")[..], [Outcome::Unknown(_)]));
    rig.clear();
    rig.pass(1_600);
    let at = rig.venue_ms();
    rig.ok(
        "/api/v3/order?",
        order_json("S1a", 7, "NEW", "0.00000000", at),
    );
    let (_, frame) = rig.last_sent(ORDERS);
    assert_eq!(frame["method"], "order.cancel");
}
