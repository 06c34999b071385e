//! Lines: pings, half-open detection, planned reconnects, a suspended host.

use serde_json::json;

use super::rig::Rig;
use crate::domain::Fact;
use crate::domain::message::LinkState;
use crate::exchange::binance_futures::account::{ORDERS, PRIVATE};
use crate::exchange::machine::{In, LineOut, Opcode};

fn pings(rig: &Rig, of: u8) -> usize {
    let is_ping = |out: &&LineOut| matches!(out, LineOut::Send { line, opcode: Opcode::Ping, .. } if *line == of);
    rig.lines.iter().filter(is_ping).count()
}

fn opens(rig: &Rig, of: u8) -> usize {
    let is_open = |out: &&LineOut| matches!(out, LineOut::Open { line, .. } if *line == of);
    rig.lines.iter().filter(is_open).count()
}

#[test]
fn a_silent_line_is_pinged_every_second_and_closed_after_five() {
    let mut rig = Rig::ready();
    rig.pass_in_silence(4_500);
    assert_eq!(pings(&rig, ORDERS), 4);
    assert_eq!(pings(&rig, PRIVATE), 4);
    rig.place("S1a");
    rig.pass_in_silence(700);
    assert_eq!(rig.link(), Some(LinkState::Down));
    let closed = |out: &LineOut| matches!(out, LineOut::Close { line: ORDERS });
    assert!(rig.lines.iter().any(closed));
    rig.pass_in_silence(1_000);
    assert_eq!(opens(&rig, ORDERS), 1);
}

#[test]
fn a_line_that_answers_pings_stays() {
    let mut rig = Rig::ready();
    rig.pass(25_000);
    assert_eq!(rig.link(), None);
    assert_eq!(opens(&rig, ORDERS), 0);
}

#[test]
fn d4_a_suspended_host_opens_both_lines_anew_and_fetches_truth() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    rig.tell(In::Resumed { ms: 600_000 });
    assert!(matches!(
        rig.outcomes("S1a")[..],
        [crate::domain::Outcome::Unknown(_)]
    ));
    assert_ne!(rig.link(), Some(LinkState::Ready));
    rig.answer_clock();
    rig.open(ORDERS);
    rig.ok("listenKey", json!({"listenKey":"def456"}));
    rig.open(PRIVATE);
    rig.answer_truth(json!([]), json!([]), &[]);
    assert_eq!(rig.link(), Some(LinkState::Ready));
}

#[test]
fn a_day_old_line_is_replaced_and_says_that_this_was_planned() {
    let mut rig = Rig::ready();
    let mut replaced = false;
    for _ in 0..23 * 60 + 2 {
        rig.pass(60_000);
        while rig.calls.iter().any(|c| c.target.contains("openOrders")) {
            rig.answer_truth(json!([]), json!([]), &[]);
        }
        if rig.calls.iter().any(|c| c.target.contains("listenKey")) {
            rig.ok("listenKey", json!({"listenKey":"abc123"}));
        }
        replaced |= opens(&rig, ORDERS) > 0;
        rig.lines.clear();
        if replaced {
            break;
        }
    }
    assert!(replaced);
    let planned = |f: &Fact| matches!(f, Fact::Link { planned: true, .. });
    assert!(rig.facts.iter().any(planned));
    let unplanned = |f: &Fact| matches!(f, Fact::Link { planned: false, .. });
    assert!(!rig.facts.iter().any(unplanned));
}

#[test]
fn a_stopped_machine_closes_its_lines_and_does_nothing_more() {
    let mut rig = Rig::ready();
    rig.tell(In::Stop);
    assert_eq!(rig.lines.len(), 2);
    rig.lines.clear();
    rig.place("S1a");
    assert!(rig.lines.is_empty() && rig.calls.is_empty());
}
