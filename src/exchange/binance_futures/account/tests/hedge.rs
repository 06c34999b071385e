//! Accounts with a long and a short position a symbol, and changes of settings.

use serde_json::{Value, json};

use super::rig::{Rig, approved, fill_event, symbol, trade_json, with_kind};
use crate::domain::message::{MarginMode, PositionMode, Proves, Setting};
use crate::domain::{
    Command, Fact, Intent, Leg, NewOrder, OrderKind, Outcome, Price, Side, TimeInForce, TriggerBy,
};
use crate::exchange::binance_futures::account::{ORDERS, PRIVATE};
use crate::exchange::machine::{CallError, Method};

const LIMIT: OrderKind = OrderKind::Limit {
    price: Price(6_000_000),
    tif: TimeInForce::Gtc,
};

fn hedged() -> Rig {
    let mut rig = Rig::new();
    rig.hedge = true;
    rig.start();
    rig.answer_truth(json!([]), json!([]), &[]);
    rig.clear();
    rig
}

fn place(rig: &mut Rig, id: &str, side: Side, intent: Intent, leg: Option<Leg>, kind: OrderKind) {
    let order = NewOrder {
        side,
        leg,
        ..with_kind(id, kind, intent)
    };
    rig.command(Command::Place(approved(order)));
}

fn row(leg: &str, size: &str, at: i64) -> Value {
    json!({"symbol":"BTCUSDT","positionSide":leg,"positionAmt":size,"entryPrice":"60000.0","liquidationPrice":"0",
        "updateTime":at})
}

/// The outcome that was told of the latest change of a setting.
fn outcome(rig: &Rig, wanted: Setting) -> Outcome {
    let Some(Fact::Set {
        setting, outcome, ..
    }) = rig
        .facts
        .iter()
        .rev()
        .find(|f| matches!(f, Fact::Set { .. }))
    else {
        panic!("{:?}", rig.facts);
    };
    assert_eq!(*setting, wanted);
    outcome.clone()
}

#[test]
fn a_hedge_account_is_sent_the_leg_and_never_reduce_only() {
    let mut rig = hedged();
    let stop = OrderKind::Stop {
        trigger: Price(5_900_000),
        limit: None,
        by: TriggerBy::Last,
    };
    place(
        &mut rig,
        "S1a",
        Side::Buy,
        Intent::Entry,
        Some(Leg::Long),
        LIMIT,
    );
    place(
        &mut rig,
        "S1b",
        Side::Sell,
        Intent::Exit,
        Some(Leg::Long),
        LIMIT,
    );
    place(
        &mut rig,
        "S1c",
        Side::Buy,
        Intent::Exit,
        Some(Leg::Short),
        stop,
    );
    let sent = rig.sent();
    let legs: Vec<_> = sent
        .iter()
        .map(|(_, f)| f["params"]["positionSide"].clone())
        .collect();
    assert_eq!(legs, ["LONG", "LONG", "SHORT"]);
    assert!(
        sent.iter()
            .all(|(_, f)| f["params"].get("reduceOnly").is_none())
    );
}

#[test]
fn a_leg_goes_with_the_accounts_mode() {
    let mut rig = hedged();
    place(&mut rig, "S1a", Side::Buy, Intent::Exit, None, LIMIT);
    assert!(matches!(rig.outcomes("S1a")[..], [Outcome::NotSent(_)]));
    let mut rig = Rig::ready();
    place(
        &mut rig,
        "S1a",
        Side::Buy,
        Intent::Exit,
        Some(Leg::Short),
        LIMIT,
    );
    assert!(matches!(rig.outcomes("S1a")[..], [Outcome::NotSent(_)]));
    assert!(rig.sent().is_empty());
}

#[test]
fn a_mode_that_was_changed_elsewhere_is_read_again() {
    let mut rig = hedged();
    place(
        &mut rig,
        "S1a",
        Side::Buy,
        Intent::Entry,
        Some(Leg::Long),
        LIMIT,
    );
    let (tag, _) = rig.sent()[0];
    rig.frame(
        ORDERS,
        &json!({"id":tag,"status":400,"error":{"code":-4061,"msg":"Order's position side does not match user's setting."}}),
    );
    assert!(matches!(
        rig.outcomes("S1a")[..],
        [Outcome::Rejected {
            proves: Proves::WrongMode,
            ..
        }]
    ));
    assert!(rig.take_call("accountConfig").is_some());
}

#[test]
fn both_legs_are_told_apart_in_truth_and_by_the_stream() {
    let mut rig = hedged();
    rig.command(Command::Reconcile);
    let at = rig.venue_ms();
    let rows = json!([
        row("LONG", "0.020", at),
        row("SHORT", "-0.010", at),
        row("BOTH", "0", at)
    ]);
    let mut trade = trade_json(55, 7, at);
    trade["positionSide"] = json!("LONG");
    let mut order = super::rig::order_json("S1a", 7, "PARTIALLY_FILLED", "0.005", at);
    order["positionSide"] = json!("SHORT");
    rig.answer_truth(json!([order]), rows, &[trade]);
    let Some(Fact::Truth { truth, .. }) = rig.facts.last() else {
        panic!("{:?}", rig.facts);
    };
    let legs: Vec<_> = truth
        .positions
        .iter()
        .map(|p| (p.leg, p.size.to_string()))
        .collect();
    let held = [
        (Some(Leg::Long), "0.020".to_owned()),
        (Some(Leg::Short), "-0.010".to_owned()),
    ];
    assert_eq!(legs, held);
    assert_eq!(truth.fills[0].leg, Some(Leg::Long));
    // A buy of the short leg reduces, whatever the flag says.
    assert_eq!(
        (truth.orders[0].leg, truth.orders[0].reduce_only),
        (Some(Leg::Short), true)
    );
    rig.clear();
    let mut fill = fill_event("S1b", 8, 56, at + 5);
    fill["o"]["ps"] = json!("SHORT");
    rig.frame(PRIVATE, &fill);
    assert!(
        rig.facts
            .iter()
            .any(|f| matches!(f, Fact::Fill(f) if f.leg == Some(Leg::Short)))
    );
    rig.frame(
        PRIVATE,
        &json!({"e":"ACCOUNT_UPDATE","E":at + 6,"T":at + 6,"a":{"m":"ORDER","B":[],
            "P":[{"s":"BTCUSDT","pa":"0","ep":"0","ps":"SHORT"}]}}),
    );
    let Some(Fact::Position(flat)) = rig.facts.last() else {
        panic!("{:?}", rig.facts);
    };
    assert_eq!((flat.leg, flat.size.is_zero()), (Some(Leg::Short), true));
}

#[test]
fn a_margin_mode_that_stands_already_is_accepted_and_a_refusal_says_the_mend() {
    let mut rig = Rig::ready();
    let wanted = Setting::Margin(symbol("BTCUSDT"), MarginMode::Isolated);
    let set = Command::SetMargin {
        symbol: symbol("BTCUSDT"),
        mode: MarginMode::Isolated,
    };
    rig.command(set.clone());
    let call = rig.take_call("/fapi/v1/marginType").unwrap();
    assert_eq!(call.method, Method::Post);
    assert!(call.target.contains("symbol=BTCUSDT&marginType=ISOLATED&"));
    rig.reply_ok(&call, &json!({"code":200,"msg":"success"}));
    assert_eq!(outcome(&rig, wanted), Outcome::Accepted { venue: None });
    let margin = rig.facts.iter().find_map(|f| match f {
        Fact::Settings(settings) => settings.margin,
        _ => None,
    });
    assert_eq!(margin, Some(MarginMode::Isolated));
    for (code, fine) in [(-4046, true), (-4047, false), (-4048, false)] {
        rig.clear();
        rig.command(set.clone());
        rig.answer("marginType", 400, json!({"code":code,"msg":"x"}));
        let accepted = matches!(outcome(&rig, wanted), Outcome::Accepted { .. });
        assert_eq!(accepted, fine, "{code}");
    }
    rig.clear();
    rig.command(set);
    rig.fail("marginType", CallError::Lost("cut".into()));
    assert!(matches!(outcome(&rig, wanted), Outcome::Unknown(_)));
    assert!(rig.take_call("symbolConfig").is_some(), "it is read again");
}

#[test]
fn the_position_mode_is_read_again_after_each_change_and_refusals_say_the_mend() {
    let mut rig = hedged();
    let wanted = Setting::PositionMode(PositionMode::OneWay);
    rig.command(Command::SetPositionMode(PositionMode::OneWay));
    let call = rig.take_call("/fapi/v1/positionSide/dual").unwrap();
    assert_eq!(call.method, Method::Post);
    assert!(call.target.contains("dualSidePosition=false&"));
    rig.reply_ok(&call, &json!({"code":200,"msg":"success"}));
    assert_eq!(outcome(&rig, wanted), Outcome::Accepted { venue: None });
    rig.hedge = false;
    rig.answer_truth(json!([]), json!([]), &[]);
    let told = |f: &Fact| {
        matches!(
            f,
            Fact::Mode {
                mode: PositionMode::OneWay,
                ..
            }
        )
    };
    assert!(rig.facts.iter().any(told));
    for (code, fine, words) in [
        (-4059, true, ""),
        (-4067, false, "orders are open"),
        (-4068, false, "a position is open"),
    ] {
        rig.clear();
        rig.command(Command::SetPositionMode(PositionMode::OneWay));
        rig.answer("positionSide/dual", 400, json!({"code":code,"msg":"x"}));
        match outcome(&rig, wanted) {
            Outcome::Accepted { .. } => assert!(fine, "{code}"),
            Outcome::Rejected { words: said, .. } => {
                assert!(!fine && said.contains(words), "{code}: {said}");
            }
            other => panic!("{code}: {other:?}"),
        }
    }
}
