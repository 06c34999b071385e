//! The key: what carries it, and what happens when the venue does not take it.

use serde_json::json;

use super::rig::{KEY, PASSPHRASE, Rig};
use crate::domain::{Command, Fact};

fn refusals(rig: &Rig) -> usize {
    let refused = |f: &&Fact| matches!(f, Fact::KeyRefused { .. });
    rig.facts.iter().filter(refused).count()
}

#[test]
fn rule11_no_part_of_a_key_is_in_what_may_be_logged() {
    let mut rig = Rig::ready();
    rig.command(Command::Reconcile);
    rig.pass(600);
    assert!(!rig.calls.is_empty());
    for call in &rig.calls {
        let shown = format!("{call:?} {}", call.target);
        assert!(
            !shown.contains(KEY) && !shown.contains(PASSPHRASE),
            "{shown}"
        );
    }
}

#[test]
fn public_calls_are_not_signed_and_private_ones_are() {
    let mut rig = Rig::new();
    rig.start();
    let signed = |call: &crate::exchange::machine::Call| {
        call.headers
            .iter()
            .any(|(name, _)| *name == "OK-ACCESS-SIGN")
    };
    assert!(rig.calls.iter().all(signed));
    rig.pass(1_100);
    rig.tell(crate::exchange::machine::In::Resumed { ms: 1 });
    let time = rig.take_call("/public/time").unwrap();
    assert!(!signed(&time));
    assert!(
        time.headers
            .iter()
            .any(|(name, _)| *name == "x-simulated-trading")
    );
}

#[test]
fn g4_a_key_that_is_refused_by_rest_is_told_once_until_it_is_taken_again() {
    let mut rig = Rig::ready();
    for _ in 0..2 {
        rig.command(Command::Reconcile);
        rig.pass(600);
        rig.answer(
            "account/config",
            401,
            json!({"code":"50119","msg":"API key doesn't exist","data":[]}),
        );
        rig.calls.clear();
        rig.pass(1_000);
    }
    assert_eq!(refusals(&rig), 1);
    rig.command(Command::Reconcile);
    rig.pass(600);
    rig.answer_truth(json!([]), json!([]), json!([]));
    rig.command(Command::Reconcile);
    rig.pass(600);
    rig.answer(
        "account/config",
        401,
        json!({"code":"50110","msg":"Your IP 203.0.113.7 is not included in your API key's IP whitelist.","data":[]}),
    );
    assert_eq!(refusals(&rig), 2);
}
