//! Unknown stays unknown, until the venue proves it.

use serde_json::json;

use super::rig::{Rig, amend, order_event, order_json};
use crate::domain::{Command, Fact, OrderStatus, Outcome};
use crate::exchange::binance_futures::account::{ORDERS, PRIVATE};
use crate::exchange::machine::CallError;

const NO_SUCH_ORDER: &str = "Order does not exist.";

fn not_found() -> serde_json::Value {
    json!({"code":-2013,"msg":NO_SUCH_ORDER})
}

/// Lets time pass and answers every query of an order with "no such order" and every fetch of truth with an empty account.
fn pass_with_negative_answers(rig: &mut Rig, ms: u64, truth: bool) {
    for _ in 0..ms / 100 {
        rig.pass(100);
        while rig
            .calls
            .iter()
            .any(|c| c.target.contains("/fapi/v1/order?"))
        {
            rig.answer("/fapi/v1/order?", 400, not_found());
        }
        if truth && rig.calls.iter().any(|c| c.target.contains("openOrders")) {
            rig.answer_truth(json!([]), json!([]), &[]);
        }
    }
}

fn lose_the_answer(rig: &mut Rig, id: &str) {
    rig.place(id);
    let (tag, _) = *rig.sent().last().unwrap();
    rig.written(tag, 300);
    rig.pass(3_100);
    assert!(matches!(rig.outcomes(id)[..], [Outcome::Unknown(_)]));
}

#[test]
fn b1_an_order_that_arrived_is_found_by_its_client_id_and_never_sent_again() {
    let mut rig = Rig::ready();
    lose_the_answer(&mut rig, "S1a");
    rig.pass(300);
    let call = rig
        .calls
        .iter()
        .find(|c| c.target.contains("/fapi/v1/order?"));
    assert!(call.unwrap().target.contains("origClientOrderId=S1a"));
    let at = rig.venue_ms();
    rig.ok("/fapi/v1/order?", order_json("S1a", 4, "NEW", "0", at));
    let Some(Fact::Order(report)) = rig.facts.iter().rev().find(|f| matches!(f, Fact::Order(_)))
    else {
        panic!("{:?}", rig.facts);
    };
    assert_eq!(report.status, OrderStatus::Working);
    rig.pass(60_000);
    assert_eq!(rig.placed("S1a"), 1);
    assert_eq!(rig.outcomes("S1a").len(), 1);
}

#[test]
fn b2_an_order_that_never_arrived_is_proved_absent_only_after_window_queries_and_truth() {
    let mut rig = Rig::ready();
    lose_the_answer(&mut rig, "S1a");
    // 2 s window + 10 s venue timeout + 2 s: nothing is concluded before, whatever the venue answers.
    pass_with_negative_answers(&mut rig, 10_800, true);
    assert_eq!(rig.outcomes("S1a").len(), 1);
    pass_with_negative_answers(&mut rig, 15_000, true);
    let Outcome::Rejected { words, .. } = &rig.outcomes("S1a")[1] else {
        panic!("{:?}", rig.outcomes("S1a"));
    };
    assert!(words.contains("not placed"));
    assert_eq!(rig.outcomes("S1a").len(), 2);
    assert_eq!(rig.placed("S1a"), 1);
}

#[test]
fn b2_without_account_truth_or_a_healthy_stream_nothing_is_concluded() {
    let mut rig = Rig::ready();
    lose_the_answer(&mut rig, "S1a");
    pass_with_negative_answers(&mut rig, 60_000, false);
    assert_eq!(rig.outcomes("S1a").len(), 1);
    let mut rig = Rig::ready();
    lose_the_answer(&mut rig, "S1a");
    rig.closed(PRIVATE);
    pass_with_negative_answers(&mut rig, 60_000, false);
    assert_eq!(rig.outcomes("S1a").len(), 1);
}

#[test]
fn b4_an_answer_that_proves_nothing_is_unknown() {
    for (status, code) in [(400, -1007), (503, -1006), (500, -1000), (502, -9_000)] {
        let mut rig = Rig::ready();
        rig.place("S1a");
        let (tag, _) = rig.sent()[0];
        rig.frame(
            ORDERS,
            &json!({"id":tag,"status":status,"error":{"code":code,"msg":"Timeout waiting for response from backend server."}}),
        );
        assert!(
            matches!(rig.outcomes("S1a")[..], [Outcome::Unknown(_)]),
            "{code}"
        );
        rig.pass(10_000);
        assert_eq!(rig.placed("S1a"), 1);
    }
}

#[test]
fn b8_an_order_that_appears_after_negative_answers_is_adopted() {
    let mut rig = Rig::ready();
    lose_the_answer(&mut rig, "S1a");
    pass_with_negative_answers(&mut rig, 9_000, true);
    let at = rig.venue_ms();
    rig.frame(PRIVATE, &order_event("S1a", 4, "NEW", "NEW", at));
    pass_with_negative_answers(&mut rig, 30_000, false);
    assert_eq!(rig.outcomes("S1a").len(), 1, "{:?}", rig.outcomes("S1a"));
}

#[test]
fn b8_network_errors_never_count_as_not_found() {
    let mut rig = Rig::ready();
    lose_the_answer(&mut rig, "S1a");
    for _ in 0..600 {
        rig.pass(100);
        while rig
            .calls
            .iter()
            .any(|c| c.target.contains("/fapi/v1/order?"))
        {
            rig.fail("/fapi/v1/order?", CallError::NotSent("no such host".into()));
        }
        if rig.calls.iter().any(|c| c.target.contains("openOrders")) {
            rig.answer_truth(json!([]), json!([]), &[]);
        }
    }
    assert_eq!(rig.outcomes("S1a").len(), 1);
}

#[test]
fn rule1_a_late_answer_still_settles_it() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    let (tag, _) = rig.sent()[0];
    rig.pass(3_100);
    rig.frame(
        ORDERS,
        &json!({"id":tag,"status":200,"result":{"orderId":12}}),
    );
    assert!(matches!(
        rig.outcomes("S1a")[..],
        [Outcome::Unknown(_), Outcome::Accepted { venue: Some(id) }] if id.number() == Some(12)
    ));
    rig.clear();
    rig.pass(4_000);
    assert!(rig.take_call("/fapi/v1/order?").is_none());
}

#[test]
fn b16_a_cancel_whose_answer_is_lost_is_sent_again_until_the_order_is_proved_ended() {
    let mut rig = Rig::ready();
    rig.cancel("S1a");
    rig.pass(3_400);
    assert!(matches!(rig.outcomes("S1a")[..], [Outcome::Unknown(_)]));
    let at = rig.venue_ms();
    rig.ok("/fapi/v1/order?", order_json("S1a", 4, "NEW", "0", at));
    assert_eq!(rig.sent().len(), 2);
    rig.pass(3_500);
    while rig
        .calls
        .iter()
        .any(|c| c.target.contains("/fapi/v1/order?"))
    {
        let at = rig.venue_ms();
        rig.ok("/fapi/v1/order?", order_json("S1a", 4, "CANCELED", "0", at));
    }
    rig.clear();
    rig.pass(4_000);
    assert!(rig.take_call("/fapi/v1/order?").is_none());
    assert!(rig.sent().is_empty());
}

#[test]
fn b17_an_amend_whose_answer_is_lost_is_concluded_from_what_the_venue_shows() {
    for (price, done) in [("60001.00", true), ("60000.00", false)] {
        let mut rig = Rig::ready();
        rig.command(Command::Amend(amend("S1a", 6_000_100)));
        rig.pass(3_400);
        assert!(matches!(rig.outcomes("S1a")[..], [Outcome::Unknown(_)]));
        let mut asked = 0;
        for _ in 0..250 {
            while rig
                .calls
                .iter()
                .any(|c| c.target.contains("/fapi/v1/order?"))
            {
                asked += 1;
                let mut shown = order_json("S1a", 4, "NEW", "0", rig.venue_ms());
                shown["price"] = json!(price);
                rig.ok("/fapi/v1/order?", shown);
            }
            rig.pass(100);
        }
        let outcomes = rig.outcomes("S1a");
        assert_eq!(outcomes.len(), 2, "{outcomes:?}");
        assert_eq!(matches!(outcomes[1], Outcome::Accepted { .. }), done);
        // The old price proves nothing before the window is over; the new one does at once.
        assert_eq!(asked == 1, done, "{asked}");
    }
}
