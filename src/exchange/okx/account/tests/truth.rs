//! Account truth and what the channels tell beside it.

use serde_json::{Value, json};

use super::rig::{Rig, data, fill_json, order_json, position_json, row_json};
use crate::domain::message::{AccountTruth, LinkState, MarginMode, PositionMode};
use crate::domain::{Command, Fact, OrderStatus};
use crate::exchange::machine::{CallError, In};
use crate::exchange::okx::account::lines::PRIVATE;

fn truth(rig: &Rig) -> &AccountTruth {
    rig.facts
        .iter()
        .rev()
        .find_map(|fact| match fact {
            Fact::Truth { truth, .. } => Some(&**truth),
            _ => None,
        })
        .unwrap()
}

#[test]
fn truth_tells_orders_positions_balances_and_the_mode() {
    let mut rig = Rig::new();
    rig.start();
    let at = rig.venue_ms();
    rig.answer_truth(
        json!([order_json("S1a", 5, "partially_filled", "0.04", at)]),
        json!([position_json("-2.5", "cross", at)]),
        json!([]),
    );
    let told = truth(&rig);
    assert_eq!(told.orders.len(), 1);
    assert_eq!(told.orders[0].status, OrderStatus::Working);
    assert_eq!(told.positions[0].size.to_string(), "-2.5");
    assert_eq!(told.balances[0].wallet.to_string(), "1000");
    assert_eq!(told.balances[0].available.unwrap().to_string(), "900");
    assert!(rig.facts.iter().any(|fact| matches!(
        fact,
        Fact::Mode {
            mode: PositionMode::OneWay,
            can_trade: true,
            ..
        }
    )));
    assert_eq!(rig.link(), Some(LinkState::Ready));
}

#[test]
fn c5_what_came_while_truth_was_fetched_waits_for_it_and_the_newer_word_wins() {
    let mut rig = Rig::new();
    rig.start();
    let at = rig.venue_ms();
    rig.push("orders", order_json("S1a", 5, "live", "0", at - 5_000));
    rig.push("orders", order_json("S1b", 6, "canceled", "0", at + 5_000));
    assert!(rig.orders().is_empty(), "nothing before truth");
    rig.answer_truth(
        json!([
            order_json("S1a", 5, "partially_filled", "0.05", at),
            order_json("S1b", 6, "live", "0", at)
        ]),
        json!([]),
        json!([]),
    );
    let told: Vec<_> = rig
        .orders()
        .iter()
        .map(|o| (o.order.client.to_string(), o.status, o.filled.0))
        .collect();
    let names = [
        ("S1a".to_owned(), OrderStatus::Working, 5),
        ("S1b".to_owned(), OrderStatus::Working, 0),
        ("S1b".to_owned(), OrderStatus::Cancelled, 0),
    ];
    assert_eq!(told, names, "the old push of S1a is not told any more");
}

#[test]
fn c1_a_fill_that_the_channel_lost_is_recovered_and_one_that_it_told_is_not_told_again() {
    let mut rig = Rig::ready();
    let at = rig.venue_ms();
    rig.push(
        "orders",
        fill_json("S1a", 5, "filled", ("0.1", "0.1"), 900, at),
    );
    rig.command(Command::Reconcile);
    rig.pass(600);
    rig.answer_truth(
        json!([]),
        json!([]),
        json!([row_json("S1b", 6, 901, at + 1), row_json("S1a", 5, 900, at)]),
    );
    let fills = rig.fills();
    let told: Vec<_> = fills
        .iter()
        .map(|f| (f.trade.to_string(), f.client.to_string(), f.recovered))
        .collect();
    let wanted = [
        ("900".to_owned(), "S1a".to_owned(), false),
        ("901".to_owned(), "S1b".to_owned(), true),
    ];
    assert_eq!(told, wanted);
    assert_eq!(fills[1].fee.to_string(), "0.03");
}

#[test]
fn c4_a_part_that_fails_concludes_nothing_and_is_tried_again() {
    let mut rig = Rig::new();
    rig.start();
    let lost = CallError::Lost("no answer".to_owned());
    rig.fail("orders-pending", lost);
    rig.calls.clear();
    assert_eq!(rig.truths(), 0);
    assert_eq!(rig.link(), Some(LinkState::Reconciling));
    rig.pass(2_000);
    rig.answer_truth(json!([]), json!([]), json!([]));
    assert_eq!(rig.link(), Some(LinkState::Ready));
    // Refused in a good status is refused all the same.
    rig.clear();
    rig.command(Command::Reconcile);
    rig.pass(600);
    rig.ok(
        "account/positions",
        json!({"code":"50026","msg":"System error","data":[]}),
    );
    assert_eq!(rig.truths(), 0);
}

#[test]
fn full_pages_are_followed_to_their_end() {
    let mut rig = Rig::new();
    rig.start();
    let at = rig.venue_ms();
    let page = |from: u64, to: u64| -> Value {
        let orders = (from..to).rev();
        orders
            .map(|id| order_json(&format!("S1n{id}"), id, "live", "0", at))
            .collect()
    };
    rig.rows("orders-pending?limit=100", page(1_100, 1_200));
    let call = rig.take_call("orders-pending").unwrap();
    assert!(call.target.ends_with("&after=1100"), "{}", call.target);
    rig.reply(
        &call,
        200,
        &json!({"code":"0","msg":"","data":page(1_090, 1_100)}),
    );
    // The rest of the fetch.
    rig.rows("account/positions", json!([]));
    rig.rows("account/balance", json!([]));
    let config = rig.config();
    rig.ok("account/config", config);
    rig.rows("trade/fills", json!([]));
    for kind in ["conditional", "oco", "trigger", "move_order_stop"] {
        rig.rows(&format!("ordType={kind}"), json!([]));
    }
    assert_eq!(truth(&rig).orders.len(), 110);
}

#[test]
fn a_record_of_what_lancet_does_not_trade_is_passed_over_and_an_unknown_one_is_loaded_first() {
    let mut rig = Rig::new();
    rig.start();
    let at = rig.venue_ms();
    let mut option = order_json("web1", 8, "live", "0", at);
    option["instType"] = json!("OPTION");
    option["instId"] = json!("BTC-USD-241227-60000-C");
    let mut margin = position_json("1", "cross", at);
    margin["instType"] = json!("MARGIN");
    rig.answer_truth(json!([option]), json!([margin]), json!([]));
    assert!(truth(&rig).orders.is_empty() && truth(&rig).positions.is_empty());
    assert!(rig.bad().is_empty(), "{:?}", rig.bad());

    let mut new = order_json("S1a", 9, "live", "0", at);
    new["instId"] = json!("NEW-USDT-SWAP");
    rig.clear();
    rig.push("orders", new);
    assert!(rig.take_call("instType=SWAP").is_some());
    assert!(rig.orders().is_empty());
    rig.rows("instType=SPOT", json!([]));
    rig.rows("instType=FUTURES", json!([]));
}

#[test]
fn k4_one_bad_record_is_counted_and_costs_no_other() {
    let mut rig = Rig::new();
    rig.start();
    let at = rig.venue_ms();
    let mut odd = order_json("S1x", 8, "live", "0", at);
    odd["px"] = json!("60000.123");
    rig.answer_truth(
        json!([odd, order_json("S1a", 5, "live", "0", at)]),
        json!([]),
        json!([]),
    );
    assert_eq!(truth(&rig).orders.len(), 1);
    assert_eq!(rig.bad(), ["account truth: px is unreadable"]);
    // A position that cannot be read must not look flat.
    rig.clear();
    rig.command(Command::Reconcile);
    rig.pass(600);
    rig.rows(
        "account/positions",
        json!([position_json("many", "cross", at)]),
    );
    assert_eq!(rig.truths(), 0);
}

#[test]
fn positions_are_told_as_they_change_and_old_ones_never() {
    let mut rig = Rig::ready();
    let at = rig.venue_ms();
    rig.push("positions", position_json("2", "cross", at + 10));
    rig.push("positions", position_json("1", "cross", at + 5));
    rig.push("positions", position_json("0", "cross", at + 20));
    let sizes: Vec<_> = rig
        .facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::Position(p) => Some(p.size.to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(sizes, ["2", "0"]);
}

#[test]
fn legs_are_told_apart_and_the_short_one_is_negative() {
    let mut rig = Rig::ready_as("2", "long_short_mode");
    let at = rig.venue_ms();
    for (side, pos) in [("long", "2"), ("short", "3")] {
        let mut position = position_json(pos, "cross", at);
        position["posSide"] = json!(side);
        rig.push("positions", position);
    }
    let told: Vec<_> = rig
        .facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::Position(p) => Some((p.leg.is_some(), p.size.to_string())),
            _ => None,
        })
        .collect();
    assert_eq!(told, [(true, "2".to_owned()), (true, "-3".to_owned())]);
}

#[test]
fn a_position_in_the_other_margin_mode_changes_the_mode_of_orders_and_says_so() {
    let mut rig = Rig::ready();
    let symbol = super::rig::symbol("BTC-USDT-SWAP");
    rig.command(Command::Follow(symbol));
    rig.pass(100);
    rig.rows(
        "leverage-info",
        json!([{"instId":"BTC-USDT-SWAP","mgnMode":"cross","posSide":"net","lever":"10"}]),
    );
    rig.clear();
    rig.push("positions", position_json("2", "isolated", rig.venue_ms()));
    let told = rig.facts.iter().find_map(|fact| match fact {
        Fact::Settings(settings) => Some((settings.margin, settings.leverage)),
        _ => None,
    });
    assert_eq!(told, Some((Some(MarginMode::Isolated), None)));
    assert!(rig.take_call("mgnMode=isolated").is_some());
    rig.place("S1a");
    assert_eq!(rig.sent()[0].1["args"][0]["tdMode"], "isolated");
}

#[test]
fn funding_that_is_booked_is_told_once_by_whichever_record() {
    let mut rig = Rig::ready();
    let at = rig.venue_ms();
    let position = |sum: &str, at: i64| {
        let mut position = position_json("2", "cross", at);
        position["posId"] = json!("307173036051017730");
        position["fundingFee"] = json!(sum);
        position
    };
    rig.push("positions", position("-1", at));
    rig.push("positions", position("-1.5", at + 1));
    rig.command(Command::Reconcile);
    rig.pass(600);
    rig.answer_truth(json!([]), json!([position("-1.25", at + 2)]), json!([]));
    let told: Vec<_> = rig
        .facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::Funding { amount, .. } => Some(amount.to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(told, ["-0.5", "0.25"]);
}

#[test]
fn balances_are_told_as_they_change() {
    let mut rig = Rig::ready();
    let record = json!({"uTime":"1","details":[{"ccy":"USDT","cashBal":"990.5","availEq":"800","availBal":"800","uTime":"1"}]});
    rig.frame(PRIVATE, &data("account", record));
    let told = rig.facts.iter().find_map(|fact| match fact {
        Fact::Balance { balance, .. } => Some(balance.wallet.to_string()),
        _ => None,
    });
    assert_eq!(told.as_deref(), Some("990.5"));
}

#[test]
fn an_alarm_of_the_venue_is_one_of_ours() {
    let mut rig = Rig::ready();
    let mut order = order_json("", 5, "filled", "0.1", rig.venue_ms());
    order["category"] = json!("full_liquidation");
    rig.push("orders", order);
    rig.push(
        "liquidation-warning",
        json!({"instType":"SWAP","instId":"BTC-USDT-SWAP","pos":"1"}),
    );
    let alarms: Vec<_> = rig
        .facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::Alarm { words, .. } => Some(words.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(alarms.len(), 2);
    assert!(alarms[0].contains("liquidates") && alarms[1].contains("liquidation"));
}

#[test]
fn m11_truth_is_polled_and_more_often_while_something_is_open() {
    let mut rig = Rig::ready();
    rig.pass(29_000);
    assert!(rig.take_call("orders-pending").is_none());
    rig.pass(2_000);
    let at = rig.venue_ms();
    rig.answer_truth(
        json!([order_json("S1a", 5, "live", "0", at)]),
        json!([]),
        json!([]),
    );
    rig.clear();
    rig.pass(5_100);
    assert!(rig.take_call("orders-pending").is_some());
}

#[test]
fn a_lost_socket_ends_the_fetch_and_the_next_one_begins_with_the_new_socket() {
    let mut rig = Rig::ready();
    rig.command(Command::Reconcile);
    rig.pass(600);
    let calls = std::mem::take(&mut rig.calls);
    rig.closed(PRIVATE);
    let empty = json!({"code":"0","msg":"","data":[]});
    for call in &calls {
        rig.reply(call, 200, &empty);
    }
    assert_eq!(rig.truths(), 0);
    rig.calls.clear();
    rig.pass(1_000);
    rig.stand(PRIVATE);
    rig.tell(In::Wake);
    assert!(rig.take_call("orders-pending").is_some());
}
