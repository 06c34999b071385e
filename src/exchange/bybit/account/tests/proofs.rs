//! Unknown outcomes: asked about by name, ended only on proof.

use serde_json::json;

use super::rig::{BTC, PLAIN, Rig, amend, key, order, order_json, reference};
use crate::domain::message::Asked;
use crate::domain::{Command, Fact, Intent, OrderStatus, Outcome};
use crate::exchange::bybit::account::ORDERS;

/// An entry whose answer is lost.
fn lost(rig: &mut Rig, id: &str) {
    rig.place(order(id, PLAIN, Intent::Entry));
    let (tag, _) = rig.last();
    rig.written(tag, 300);
    rig.closed(ORDERS);
    assert!(matches!(rig.outcomes(id)[..], [Outcome::Unknown(_)]));
    rig.facts.clear();
}

/// Lets time pass; every lookup finds nothing, every truth is empty. The order line stays down.
fn barren(rig: &mut Rig, ms: u64) {
    for _ in 0..ms / 500 {
        rig.pass(500);
        while let Some(call) = rig.take_call("orderLinkId=") {
            rig.reply_json(
                &call,
                200,
                &super::rig::ok(json!({"list":[],"nextPageCursor":""})),
            );
        }
        rig.answer_truth();
    }
}

#[test]
fn b5_an_order_is_told_as_not_placed_only_after_the_window_two_negatives_and_truth() {
    let mut rig = Rig::ready();
    lost(&mut rig, "S1a");
    barren(&mut rig, 12_000);
    assert!(rig.outcomes("S1a").is_empty(), "the window is open");
    barren(&mut rig, 12_000);
    let outcomes = rig.outcomes("S1a");
    let [Outcome::Rejected { words, .. }] = &outcomes[..] else {
        panic!("{outcomes:?}");
    };
    assert!(words.contains("proved"));
    assert_eq!(rig.placed("S1a"), 1, "never sent again");
}

#[test]
fn b5_an_order_that_the_venue_forgot_among_the_recent_ones_is_found_in_the_history() {
    let mut rig = Rig::ready();
    lost(&mut rig, "S1a");
    rig.pass(300);
    rig.list(
        "order/realtime?category=linear&symbol=BTCUSDT&orderLinkId=S1a",
        json!([]),
    );
    let filled = order_json("S1a", "u-1", "Filled", "0.010", rig.venue_ms());
    rig.list(
        "order/history?category=linear&symbol=BTCUSDT&orderLinkId=S1a",
        json!([filled]),
    );
    assert_eq!(rig.reports("S1a")[0].status, OrderStatus::Filled);
    barren(&mut rig, 30_000);
    assert!(rig.outcomes("S1a").is_empty());
}

#[test]
fn b5_errors_and_silence_are_no_negatives() {
    let mut rig = Rig::ready();
    lost(&mut rig, "S1a");
    for _ in 0..60 {
        rig.pass(500);
        while let Some(call) = rig.take_call("orderLinkId=") {
            rig.reply_json(&call, 200, &super::rig::refused(10_016, "server error"));
        }
        rig.answer_truth();
    }
    assert!(rig.outcomes("S1a").is_empty());
}

#[test]
fn b5_a_name_that_was_used_already_is_a_question() {
    let mut rig = Rig::ready();
    rig.place(order("S1a", PLAIN, Intent::Entry));
    let (tag, _) = rig.last();
    rig.refuse(tag, 110_072, "OrderLinkedID is duplicate");
    assert!(matches!(rig.outcomes("S1a")[..], [Outcome::Unknown(_)]));
    rig.pass(300);
    let working = order_json("S1a", "u-1", "New", "0", rig.venue_ms());
    rig.list("orderLinkId=S1a", json!([working]));
    assert_eq!(rig.reports("S1a")[0].status, OrderStatus::Working);
}

#[test]
fn a_late_answer_still_counts() {
    let mut rig = Rig::ready();
    rig.place(order("S1a", PLAIN, Intent::Entry));
    let (tag, _) = rig.last();
    rig.pass(3_100);
    assert!(matches!(rig.outcomes("S1a")[..], [Outcome::Unknown(_)]));
    rig.acknowledge(tag, "u-1");
    assert!(matches!(
        rig.outcomes("S1a")[..],
        [Outcome::Unknown(_), Outcome::Accepted { .. }]
    ));
}

#[test]
fn a_cancel_whose_answer_is_lost_is_sent_again_while_the_order_works() {
    let mut rig = Rig::ready();
    rig.cancel(reference("S1a"));
    rig.closed(ORDERS);
    rig.pass(300);
    let working = order_json("S1a", "u-1", "New", "0", rig.venue_ms());
    rig.list(
        "order/realtime?category=linear&symbol=BTCUSDT&orderLinkId=S1a",
        json!([working]),
    );
    let again = rig.call("/v5/order/cancel");
    assert!(again.body.contains("S1a"), "{}", again.body);
}

#[test]
fn an_amendment_whose_answer_is_lost_is_proved_by_the_order() {
    for (price, done) in [("60010.0", true), ("60000.0", false)] {
        let mut rig = Rig::ready();
        rig.command(Command::Amend(amend("S1a", 600_100)));
        rig.closed(ORDERS);
        rig.facts.clear();
        let mut turns = 0;
        while rig.outcomes("S1a").is_empty() && turns < 60 {
            turns += 1;
            rig.pass(500);
            let mut working = order_json("S1a", "u-1", "New", "0", rig.venue_ms());
            working["price"] = json!(price);
            while let Some(call) = rig.take_call("orderLinkId=S1a") {
                let list = json!({"list":[working],"nextPageCursor":""});
                rig.reply_json(&call, 200, &super::rig::ok(list));
            }
            rig.answer_truth();
        }
        let amended = rig.facts.iter().find_map(|fact| match fact {
            Fact::Answer {
                asked: Asked::Amend,
                outcome,
                ..
            } => Some(matches!(outcome, Outcome::Accepted { .. })),
            _ => None,
        });
        assert_eq!(amended, Some(done), "{price}");
    }
}

#[test]
fn a_query_of_the_desk_is_answered_where_there_is_no_such_order() {
    let mut rig = Rig::ready();
    rig.command(Command::Query {
        key: key(BTC),
        order: reference("S1a"),
    });
    rig.list("order/realtime", json!([]));
    assert!(rig.outcomes("S1a").is_empty());
    rig.list("order/history", json!([]));
    assert!(matches!(
        rig.outcomes("S1a")[..],
        [Outcome::Rejected { .. }]
    ));
}
