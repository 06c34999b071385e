//! Account truth: fetched whole or not at all, told once.

use serde_json::json;

use super::rig::{BTC, Rig, fill_json, order_json, position_json, symbol};
use crate::domain::message::{LinkState, MarginMode, PositionMode, Setting};
use crate::domain::{Command, Fact, Leg, Outcome};
use crate::exchange::bybit::account::PRIVATE;
use crate::exchange::machine::{CallError, In};

#[test]
fn truth_is_whole_before_it_is_told() {
    let mut rig = Rig::new();
    let at = rig.venue_ms();
    rig.orders = json!([order_json("S1a", "u-1", "New", "0", at)]);
    rig.positions = json!([position_json("0.010", "", at)]);
    rig.trades = json!([fill_json("S1z", "u-9", "e-1", at + 10)]);
    rig.start();
    assert_eq!(rig.link(), Some(LinkState::Reconciling));
    rig.answer_truth();
    let truth = rig.told_truth();
    assert_eq!(truth.orders[0].order.client.as_str(), "S1a");
    assert_eq!(truth.positions[0].size.to_string(), "0.010");
    assert_eq!(truth.fills.len(), 1);
    assert!(truth.fills[0].recovered);
    assert_eq!(truth.balances[0].available.unwrap().to_string(), "900");
    assert!(rig.facts.iter().any(|f| matches!(
        f,
        Fact::Mode {
            mode: PositionMode::OneWay,
            can_trade: true,
            ..
        }
    )));
    assert_eq!(rig.link(), Some(LinkState::Ready));
    assert_eq!(rig.bad(), [""; 0]);
}

#[test]
fn a4_a_part_that_fails_is_never_taken_for_nothing_there() {
    for part in [
        "settleCoin=USDT",
        "settleCoin=USDC",
        "execution/list",
        "wallet-balance",
        "account/info",
    ] {
        let mut rig = Rig::new();
        rig.start();
        let call = rig.call(part);
        rig.reply(&call, Err(CallError::Lost("reset".into())));
        rig.answer_truth();
        assert_ne!(rig.link(), Some(LinkState::Ready), "{part}");
        rig.pass(2_000);
        rig.answer_truth();
        assert_eq!(rig.link(), Some(LinkState::Ready), "{part}");
    }
}

#[test]
fn every_page_of_a_list_is_read() {
    let mut rig = Rig::new();
    rig.start();
    let at = rig.venue_ms();
    let page = |order: &str, cursor: &str| json!({"list":[order_json(order, order, "New", "0", at)],"nextPageCursor":cursor});
    let open = "order/realtime?category=linear&settleCoin=USDT";
    rig.ok(open, page("S1a", "page_args%3Dx%26"));
    let next = rig.call(open);
    assert!(
        next.target.ends_with("&cursor=page_args%3Dx%26"),
        "{}",
        next.target
    );
    rig.reply_json(&next, 200, &super::rig::ok(page("S1b", "")));
    rig.answer_truth();
    assert_eq!(rig.told_truth().orders.len(), 2);
}

#[test]
fn b10_a_trade_is_told_once_by_whichever_way_it_comes() {
    let mut rig = Rig::ready();
    let at = rig.venue_ms();
    rig.told("execution", fill_json("S1a", "u-1", "e-1", at));
    rig.closed(PRIVATE);
    rig.pass(1_000);
    rig.calls.clear();
    rig.trades = json!([
        fill_json("S1a", "u-1", "e-2", at + 5),
        fill_json("S1a", "u-1", "e-1", at)
    ]);
    rig.open(PRIVATE);
    rig.pass(1);
    let from = rig.call("execution/list?category=linear");
    let since: i64 = from
        .target
        .split("startTime=")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert!(
        since <= at,
        "what was told by the line alone is asked for again"
    );
    rig.reply_json(&from, 200, &super::rig::ok(rig.truth(&from.target)));
    rig.answer_truth();
    let trades: Vec<_> = rig
        .fills()
        .iter()
        .map(|f| f.trade.as_str().to_owned())
        .collect();
    assert_eq!(trades, ["e-1", "e-2"]);
}

#[test]
fn funding_is_told_once_and_is_no_fill() {
    let mut rig = Rig::ready();
    let at = rig.venue_ms();
    let mut funding = fill_json("", "f-1", "f-1", at);
    funding["execType"] = json!("Funding");
    funding["execFee"] = json!("0.25");
    rig.told("execution", funding.clone());
    rig.trades = json!([funding]);
    rig.command(Command::Reconcile);
    rig.answer_truth();
    let told: Vec<_> = rig
        .facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::Funding { amount, .. } => Some(amount.to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(told, ["-0.25"]);
    assert!(rig.fills().is_empty());
}

#[test]
fn a_liquidation_is_a_fill_and_an_alarm_and_a_position_in_danger_is_told_once() {
    let mut rig = Rig::ready();
    let alarms = |rig: &Rig| {
        let alarm = |f: &&Fact| matches!(f, Fact::Alarm { .. });
        rig.facts.iter().filter(alarm).count()
    };
    let at = rig.venue_ms();
    for n in 0..3 {
        let mut position = position_json("0.010", "", at + n);
        position["positionStatus"] = json!("Liq");
        rig.told("position", position);
    }
    assert_eq!(alarms(&rig), 1);
    let mut bust = fill_json("", "l-1", "e-1", at + 5);
    bust["execType"] = json!("BustTrade");
    rig.told("execution", bust);
    assert_eq!((alarms(&rig), rig.fills().len()), (2, 1));
}

#[test]
fn hedge_mode_is_seen_at_the_positions_and_each_leg_is_told() {
    let mut rig = Rig::new();
    let at = rig.venue_ms();
    let leg = |index: u8, side: &str, size: &str| {
        let mut position = position_json(size, "", at);
        position["positionIdx"] = json!(index);
        position["side"] = json!(side);
        position
    };
    rig.positions = json!([leg(1, "Buy", "0.010"), leg(2, "Sell", "0.004")]);
    let mut close = fill_json("", "u-1", "e-1", at + 10);
    close["closedSize"] = json!("0.010");
    rig.trades = json!([close]);
    rig.start();
    rig.answer_truth();
    let modes = |f: &Fact| {
        matches!(
            f,
            Fact::Mode {
                mode: PositionMode::Hedge,
                ..
            }
        )
    };
    assert!(rig.facts.iter().any(modes));
    let mut legs: Vec<_> = rig
        .told_truth()
        .positions
        .iter()
        .map(|p| (p.leg, p.size.to_string()))
        .collect();
    legs.sort_unstable();
    let wanted = [
        (Some(Leg::Long), "0.010".to_owned()),
        (Some(Leg::Short), "-0.004".to_owned()),
    ];
    assert_eq!(legs, wanted);
    rig.told("execution", {
        let mut close = fill_json("", "u-2", "e-2", at + 20);
        close["closedSize"] = json!("0.010");
        close
    });
    assert_eq!(
        rig.fills().last().unwrap().leg,
        Some(Leg::Short),
        "a buy that closed"
    );
}

#[test]
fn a_key_for_contracts_alone_does_without_spot() {
    let mut rig = Rig::new();
    rig.start();
    for part in [
        "order/realtime?category=spot",
        "execution/list?category=spot",
    ] {
        rig.refuse_call(part, 10_005, "Permission denied");
    }
    rig.answer_truth();
    assert_eq!(rig.link(), Some(LinkState::Ready));
    assert!(
        !rig.facts
            .iter()
            .any(|f| matches!(f, Fact::KeyRefused { .. }))
    );
    rig.clear();
    rig.command(Command::Reconcile);
    assert!(rig.take_call("category=spot").is_none());
}

#[test]
fn a_key_that_may_see_nothing_is_refused() {
    let mut rig = Rig::new();
    rig.start();
    rig.refuse_call("order/realtime?category=spot", 10_005, "Permission denied");
    rig.refuse_call("settleCoin=USDT", 10_005, "Permission denied");
    assert!(
        rig.facts
            .iter()
            .any(|f| matches!(f, Fact::KeyRefused { .. }))
    );
    rig.clear();
    rig.pass(30_000);
    assert!(rig.take_call("order/realtime").is_none(), "no hurry");
}

#[test]
fn a_read_only_key_and_a_classic_account_cannot_trade() {
    for (part, result) in [
        (
            "query-api",
            json!({"readOnly":1,"permissions":{"ContractTrade":["Order","Position"]},"ips":["*"]}),
        ),
        (
            "account/info",
            json!({"marginMode":"REGULAR_MARGIN","unifiedMarginStatus":1}),
        ),
    ] {
        let mut rig = Rig::new();
        rig.start();
        rig.ok(part, result);
        rig.answer_truth();
        let cannot = |f: &Fact| {
            matches!(
                f,
                Fact::Mode {
                    can_trade: false,
                    ..
                }
            )
        };
        assert!(rig.facts.iter().any(cannot), "{part}");
    }
}

#[test]
fn what_is_followed_has_its_settings_told() {
    let mut rig = Rig::ready();
    rig.command(Command::Follow(symbol(BTC)));
    rig.answer_truth();
    let last = rig.facts.iter().rev().find_map(|fact| match fact {
        Fact::Settings(settings) => Some(*settings),
        _ => None,
    });
    let settings = last.unwrap();
    assert_eq!(settings.leverage, Some(10));
    assert_eq!(settings.margin, Some(MarginMode::Cross));
    assert_eq!(settings.maker_fee.unwrap().to_string(), "0.0002");
}

#[test]
fn what_is_followed_before_anything_is_listed_is_asked_about_after_truth() {
    let mut rig = Rig::new();
    rig.tell(In::Start);
    rig.command(Command::Follow(symbol(BTC)));
    assert!(rig.take_call("fee-rate").is_none() && rig.take_call("position/list").is_none());
    rig.clear();
    let mut rig = Rig::new();
    rig.command(Command::Follow(symbol(BTC)));
    rig.start();
    rig.answer_truth();
    let told = |f: &Fact| matches!(f, Fact::Settings(s) if s.maker_fee.is_some());
    assert!(rig.facts.iter().any(told));
    assert_eq!(rig.bad(), [""; 0]);
}

#[test]
fn settings_are_changed_once_and_as_wanted_is_done() {
    let mut rig = Rig::ready();
    let set = |rig: &Rig| {
        let mut facts = rig.facts.iter().rev();
        facts.find_map(|fact| match fact {
            Fact::Set { outcome, .. } => Some(outcome.clone()),
            _ => None,
        })
    };
    let done = Some(Outcome::Accepted { venue: None });
    rig.command(Command::SetLeverage {
        symbol: symbol(BTC),
        leverage: 25,
    });
    rig.refuse_call("set-leverage", 110_043, "leverage not modified");
    assert_eq!(set(&rig), done);
    rig.command(Command::SetPositionMode(PositionMode::Hedge));
    rig.ok("switch-mode", json!({}));
    assert_eq!(set(&rig), done);
    assert!(
        rig.calls.iter().any(|c| c.target.contains("position/list")),
        "read again"
    );
    rig.command(Command::SetMargin {
        symbol: symbol(BTC),
        mode: MarginMode::Isolated,
    });
    rig.refuse_call("set-margin-mode", 3_400_045, "Set margin mode failed");
    assert!(matches!(set(&rig), Some(Outcome::Rejected { .. })));
    assert!(matches!(
        rig.facts.last(),
        Some(Fact::Set {
            setting: Setting::Margin(..),
            ..
        })
    ));
}

#[test]
fn a_position_of_an_instrument_that_is_not_listed_does_not_stop_truth_for_good() {
    let mut rig = Rig::new();
    let at = rig.venue_ms();
    let mut odd = position_json("1", "", at);
    odd["symbol"] = json!("GONEUSDT");
    rig.positions = json!([odd]);
    rig.start();
    for _ in 0..4 {
        rig.answer_truth();
        rig.answer_instruments();
        rig.pass(4_000);
    }
    rig.answer_truth();
    assert_eq!(rig.link(), Some(LinkState::Ready), "{:?}", rig.bad());
    assert!(!rig.bad().is_empty());
}
