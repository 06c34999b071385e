//! A key that the venue does not take, at each place where it may say so.

use serde_json::json;

use super::rig::Rig;
use crate::domain::Fact;
use crate::domain::message::LinkState;
use crate::exchange::account::upkeep::{ORDERS, PRIVATE};

fn refused(rig: &Rig) -> usize {
    let facts = rig.facts.iter();
    facts
        .filter(|fact| matches!(fact, Fact::KeyRefused { .. }))
        .count()
}

const WORDS: &str = "Invalid API-key, IP, or permissions for action.";

#[test]
fn g5_a_refused_subscription_is_told_once_and_tried_again_without_hurry() {
    let mut rig = Rig::new();
    rig.start();
    let (tag, _) = rig.last_sent(PRIVATE);
    rig.frame(
        PRIVATE,
        &json!({"id":tag,"status":401,"error":{"code":-2015,"msg":WORDS}}),
    );
    assert_eq!(refused(&rig), 1);
    assert_eq!(rig.link(), Some(LinkState::Down));
    rig.clear();
    rig.pass(59_000);
    assert_eq!(rig.opens(PRIVATE), 0);
    rig.pass(2_000);
    assert_eq!(rig.opens(PRIVATE), 1);
    rig.open(PRIVATE);
    rig.subscribed();
    rig.answer_truth(json!([]), &[]);
    assert_eq!(rig.link(), Some(LinkState::Ready), "its owner mended it");
}

#[test]
fn g5_a_key_that_dies_is_told_by_an_answer_to_nobody() {
    for line in [ORDERS, PRIVATE] {
        let mut rig = Rig::ready();
        rig.frame(
            line,
            &json!({"id":null,"status":401,"error":{"code":-2015,"msg":WORDS}}),
        );
        assert_eq!(refused(&rig), 1, "{line}");
    }
}

#[test]
fn g5_a_refused_order_says_that_it_is_the_key() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    rig.refuse(-2015, WORDS);
    rig.place("S1b");
    rig.refuse(-2015, WORDS);
    assert_eq!(refused(&rig), 1, "once until truth comes again");
}

#[test]
fn g5_refused_reads_are_asked_again_after_a_minute() {
    let mut rig = Rig::ready();
    rig.command(crate::domain::Command::Reconcile);
    rig.answer("openOrders", 401, &json!({"code":-2015,"msg":WORDS}));
    assert_eq!(refused(&rig), 1);
    rig.clear();
    rig.pass(55_000);
    assert!(rig.take_call("openOrders").is_none());
    rig.pass(6_000);
    assert!(rig.take_call("openOrders").is_some());
}
