//! The stops that a position has itself: set, moved, found, taken away, fired.

use serde_json::{Value, json};

use super::rig::{
    BTC, Rig, fill_json, key, order, order_json, position_json, reference, stop_json, waiting,
};
use crate::domain::message::Proves;
use crate::domain::{
    Callback, Command, Fact, Intent, NewOrder, OrderClass, OrderKind, OrderStatus, Outcome, Price,
    Qty, Side, TriggerBy,
};
use crate::exchange::bybit::account::PRIVATE;
use crate::exchange::machine::{Call, CallError};

const STOP: &str = "/v5/position/trading-stop";
const POSITION: &str = "position/list?category=linear&symbol=BTCUSDT";

fn stop_at(id: &str, trigger: i64, lots: i64) -> NewOrder {
    let kind = OrderKind::Stop {
        trigger: Price(trigger),
        limit: None,
        by: TriggerBy::Mark,
    };
    NewOrder {
        side: Side::Sell,
        qty: Qty(lots),
        ..order(id, kind, Intent::Exit)
    }
}

fn body(call: &Call) -> Value {
    serde_json::from_str(&call.body).unwrap()
}

/// The venue takes the oldest request for a stop.
fn take(rig: &mut Rig) {
    let call = rig.call(STOP);
    let mut answer = super::rig::ok(json!({}));
    answer["time"] = json!(rig.venue_ms());
    rig.reply_json(&call, 200, &answer);
}

/// The venue shows this stop when asked.
fn shows(rig: &mut Rig, size: &str, stop: &str) {
    let at = rig.venue_ms();
    rig.list(POSITION, json!([position_json(size, stop, at)]));
}

/// A stop of ours that stands.
fn standing(rig: &mut Rig, id: &str) {
    rig.place(stop_at(id, 590_000, 10));
    take(rig);
    rig.now = rig.now.plus_ms(5);
    shows(rig, "0.010", "59000.00");
    assert_eq!(rig.reports(id).last().unwrap().status, OrderStatus::Working);
    rig.facts.clear();
}

#[test]
fn a_stop_for_the_whole_position_is_set_on_it_and_is_working_when_the_position_shows_it() {
    let mut rig = Rig::ready();
    rig.place(stop_at("S1s", 590_000, 10));
    assert!(rig.sent().is_empty());
    let call = rig.call(STOP);
    let wanted = json!({"category":"linear","symbol":BTC,"tpslMode":"Full","positionIdx":0,"stopLoss":"59000.0",
        "slTriggerBy":"MarkPrice"});
    assert_eq!(body(&call), wanted);
    rig.reply_json(&call, 200, &super::rig::ok(json!({})));
    assert_eq!(rig.outcomes("S1s"), [Outcome::Accepted { venue: None }]);
    assert!(rig.reports("S1s").is_empty(), "taken is not proved");
    rig.now = rig.now.plus_ms(5);
    shows(&mut rig, "0.010", "59000.00");
    let report = rig.reports("S1s")[0];
    assert_eq!(report.order, waiting("S1s"));
    assert_eq!(report.status, OrderStatus::Working);
    assert_eq!(
        (report.trigger, report.qty),
        (Some(Price(590_000)), Qty(10))
    );
    assert!(report.reduce_only);
    rig.pass(30_000);
    assert!(rig.take_call(STOP).is_none(), "set once");
}

#[test]
fn the_private_line_proves_it_as_well_and_follows_its_size() {
    let mut rig = Rig::ready();
    rig.place(stop_at("S1s", 590_000, 10));
    take(&mut rig);
    let at = rig.venue_ms() + 3;
    rig.told("order", stop_json("v-1", "Untriggered", "59000.0", at));
    let report = rig.reports("S1s")[0];
    assert_eq!(report.status, OrderStatus::Working);
    assert_eq!(report.order.venue.unwrap().as_str(), "v-1");
    rig.told("position", position_json("0.025", "59000.00", at + 5));
    assert_eq!(rig.reports("S1s").last().unwrap().qty, Qty(25));
}

#[test]
fn a_stop_that_moves_takes_the_place_of_the_old_one_which_has_ended_then() {
    let mut rig = Rig::ready();
    standing(&mut rig, "S1s");
    rig.place(stop_at("S1t", 595_000, 10));
    assert!(rig.reports("S1s").is_empty());
    rig.now = rig.now.plus_ms(20);
    take(&mut rig);
    assert_eq!(rig.reports("S1s")[0].status, OrderStatus::Cancelled);
    // A word of the position from before says nothing about the new one.
    let old = rig.venue_ms() - 10;
    rig.told("position", position_json("0.010", "59000.00", old));
    assert!(rig.reports("S1t").is_empty());
    rig.now = rig.now.plus_ms(5);
    shows(&mut rig, "0.010", "59500.00");
    assert_eq!(rig.reports("S1t")[0].status, OrderStatus::Working);
    // The desk cancels what gave way: the venue is not asked, the new one stays.
    rig.facts.clear();
    rig.cancel(waiting("S1s"));
    assert!(rig.take_call(STOP).is_none());
    assert!(matches!(
        rig.outcomes("S1s")[..],
        [Outcome::Rejected {
            proves: Proves::NotFound,
            ..
        }]
    ));
}

#[test]
fn the_same_stop_for_another_size_is_not_modified_and_stands() {
    let mut rig = Rig::ready();
    standing(&mut rig, "S1s");
    rig.place(stop_at("S1t", 590_000, 20));
    rig.now = rig.now.plus_ms(20);
    rig.refuse_call(STOP, 34_040, "not modified");
    assert_eq!(rig.outcomes("S1t"), [Outcome::Accepted { venue: None }]);
    rig.now = rig.now.plus_ms(5);
    shows(&mut rig, "0.020", "59000.00");
    assert_eq!(rig.reports("S1s")[0].status, OrderStatus::Cancelled);
    assert_eq!(rig.reports("S1t")[0].qty, Qty(20));
}

#[test]
fn a_cancel_takes_it_away_and_is_done_when_the_position_shows_none() {
    let mut rig = Rig::ready();
    standing(&mut rig, "S1s");
    rig.cancel(waiting("S1s"));
    let call = rig.call(STOP);
    let wanted =
        json!({"category":"linear","symbol":BTC,"tpslMode":"Full","positionIdx":0,"stopLoss":"0"});
    assert_eq!(body(&call), wanted);
    rig.now = rig.now.plus_ms(20);
    rig.reply_json(&call, 200, &super::rig::ok(json!({})));
    assert!(rig.reports("S1s").is_empty());
    rig.now = rig.now.plus_ms(5);
    shows(&mut rig, "0.010", "");
    rig.pass(2_000);
    assert_eq!(rig.reports("S1s")[0].status, OrderStatus::Cancelled);
    assert_eq!(rig.reports("S1s").len(), 1);
}

#[test]
fn a_cancel_at_a_position_that_is_gone_finds_nothing_and_the_stop_has_ended() {
    let mut rig = Rig::ready();
    standing(&mut rig, "S1s");
    rig.cancel(waiting("S1s"));
    rig.now = rig.now.plus_ms(20);
    rig.refuse_call(STOP, 10_001, "can not set tp/sl/ts for zero position");
    assert!(matches!(
        rig.outcomes("S1s")[..],
        [Outcome::Rejected {
            proves: Proves::NotFound,
            ..
        }]
    ));
    rig.now = rig.now.plus_ms(5);
    shows(&mut rig, "0", "");
    rig.pass(2_000);
    assert_eq!(
        rig.reports("S1s").last().unwrap().status,
        OrderStatus::Cancelled
    );
}

#[test]
fn a_stop_that_fires_lives_on_under_its_name() {
    let mut rig = Rig::ready();
    standing(&mut rig, "S1s");
    let at = rig.venue_ms() + 10;
    rig.told("order", stop_json("v-1", "Triggered", "59000.0", at));
    rig.told("order", stop_json("v-1", "New", "59000.0", at));
    let mut fill = fill_json("", "v-1", "e-1", at + 1);
    fill["side"] = json!("Sell");
    fill["stopOrderType"] = json!("StopLoss");
    rig.told("execution", fill);
    let mut filled = stop_json("v-1", "Filled", "59000.0", at + 1);
    filled["cumExecQty"] = json!("0.010");
    rig.told("order", filled);
    rig.told("position", position_json("0", "0", at + 1));
    let end = rig.reports("S1s").last().copied().unwrap().clone();
    assert_eq!(end.order.class, OrderClass::Regular);
    assert_eq!(end.order.venue.unwrap().as_str(), "v-1");
    assert!(end.triggered && end.status == OrderStatus::Filled);
    assert_eq!(rig.fills()[0].client.as_str(), "S1s");
    let told = rig.reports("S1s").len();
    rig.pass(5_000);
    assert_eq!(rig.reports("S1s").len(), told, "nothing after its end");
}

#[test]
fn a_position_that_shows_no_stop_before_its_order_says_that_it_fired_is_not_taken_for_a_cancel() {
    let mut rig = Rig::ready();
    standing(&mut rig, "S1s");
    let at = rig.venue_ms() + 10;
    rig.told("position", position_json("0", "0", at));
    rig.now = rig.now.plus_ms(200);
    let mut filled = stop_json("v-1", "Filled", "59000.0", at);
    filled["cumExecQty"] = json!("0.010");
    rig.told("order", filled);
    rig.pass(3_000);
    let ends: Vec<_> = rig.reports("S1s").iter().map(|r| r.status).collect();
    assert_eq!(ends, [OrderStatus::Filled]);
}

#[test]
fn an_end_that_only_the_position_shows_is_explained_by_its_order() {
    let mut rig = Rig::ready();
    standing(&mut rig, "S1s");
    let at = rig.venue_ms() + 10;
    rig.told("order", stop_json("v-1", "Untriggered", "59000.0", at));
    rig.facts.clear();
    rig.told("position", position_json("0", "0", at + 5));
    let mut filled = stop_json("v-1", "Filled", "59000.0", at + 5);
    filled["cumExecQty"] = json!("0.010");
    rig.list(
        "order/realtime?category=linear&symbol=BTCUSDT&orderId=v-1",
        json!([filled]),
    );
    let end = rig.reports("S1s").last().copied().unwrap().clone();
    assert!(end.triggered && end.status == OrderStatus::Filled);
}

#[test]
fn an_order_that_ended_with_its_position_says_how() {
    let mut rig = Rig::ready();
    standing(&mut rig, "S1s");
    let at = rig.venue_ms() + 10;
    rig.told("order", stop_json("v-1", "Untriggered", "59000.0", at));
    rig.facts.clear();
    let mut gone = stop_json("v-1", "Deactivated", "59000.0", at + 5);
    gone["cancelType"] = json!("CancelByTpSlTsClear");
    rig.told("order", gone);
    assert!(
        rig.reports("S1s").is_empty(),
        "the venue may have made another one"
    );
    rig.told("position", position_json("0", "0", at + 5));
    let end = rig.reports("S1s")[0];
    assert_eq!(end.status, OrderStatus::Expired);
    assert_eq!(end.reason.as_deref(), Some("the position is closed"));
}

#[test]
fn a_stop_that_somebody_else_set_has_a_name_of_the_positions_own() {
    let mut rig = Rig::ready();
    let at = rig.venue_ms();
    rig.told("position", position_json("0.010", "58000.00", at));
    let found = rig.reports("pos-stop-BTCUSDT")[0].clone();
    assert_eq!(found.trigger, Some(Price(580_000)));
    assert_eq!(
        (found.side, found.status),
        (Side::Sell, OrderStatus::Working)
    );
    rig.told("position", position_json("0.010", "58500.00", at + 5));
    let moved = rig.reports("pos-stop-BTCUSDT").last().copied().unwrap();
    assert_eq!(moved.trigger, Some(Price(585_000)));
    // Ours takes its place.
    rig.place(stop_at("S1s", 590_000, 10));
    rig.now = rig.now.plus_ms(20);
    take(&mut rig);
    let ended = rig.reports("pos-stop-BTCUSDT").last().copied().unwrap();
    assert_eq!(ended.status, OrderStatus::Cancelled);
    // And somebody moves ours: it ended, a new one was found.
    rig.now = rig.now.plus_ms(5);
    shows(&mut rig, "0.010", "59000.00");
    let later = rig.venue_ms() + 50;
    rig.told("position", position_json("0.010", "58000.00", later));
    assert_eq!(
        rig.reports("S1s").last().unwrap().status,
        OrderStatus::Cancelled
    );
    assert_eq!(rig.reports("pos-stop-BTCUSDT.2").len(), 1);
    rig.cancel(rig.reports("pos-stop-BTCUSDT.2")[0].order);
    assert_eq!(body(&rig.call(STOP))["stopLoss"], "0");
}

#[test]
fn after_a_restart_truth_lists_the_stop_that_the_position_has() {
    for with_order in [true, false] {
        let mut rig = Rig::new();
        let at = rig.venue_ms() - 1_000;
        rig.positions = json!([position_json("0.010", "59000.00", at)]);
        if with_order {
            rig.orders = json!([stop_json("v-1", "Untriggered", "59000.0", at)]);
        }
        rig.start();
        rig.answer_truth();
        let orders = &rig.told_truth().orders;
        assert_eq!(orders.len(), 1, "{orders:?}");
        assert_eq!(orders[0].order.client.as_str(), "pos-stop-BTCUSDT");
        assert_eq!(orders[0].order.venue.is_some(), with_order);
        assert_eq!(orders[0].trigger, Some(Price(590_000)));
        assert_eq!(rig.told_truth().positions.len(), 1);
    }
}

#[test]
fn a_reconnect_keeps_the_name_of_a_stop_that_still_stands() {
    let mut rig = Rig::ready();
    standing(&mut rig, "S1s");
    rig.closed(PRIVATE);
    rig.pass(1_000);
    rig.calls.clear();
    let at = rig.venue_ms();
    rig.positions = json!([position_json("0.010", "59000.00", at - 500)]);
    rig.orders = json!([stop_json("v-1", "Untriggered", "59000.0", at - 500)]);
    rig.open(PRIVATE);
    rig.pass(1);
    rig.answer_truth();
    let names: Vec<_> = rig
        .told_truth()
        .orders
        .iter()
        .map(|o| o.order.client)
        .collect();
    assert_eq!(names, [waiting("S1s").client]);
}

#[test]
fn b5_a_lost_answer_leaves_the_stop_unknown_until_the_position_shows_it() {
    let mut rig = Rig::ready();
    rig.place(stop_at("S1s", 590_000, 10));
    let call = rig.call(STOP);
    rig.reply(&call, Err(CallError::Lost("reset".into())));
    assert!(matches!(rig.outcomes("S1s")[..], [Outcome::Unknown(_)]));
    rig.pass(300);
    shows(&mut rig, "0.010", "59000.00");
    assert_eq!(rig.reports("S1s")[0].status, OrderStatus::Working);
    rig.pass(30_000);
    assert_eq!(rig.outcomes("S1s").len(), 1);
    assert!(rig.take_call(STOP).is_none(), "never sent again");
}

#[test]
fn b5_a_stop_that_the_position_does_not_show_after_the_window_was_never_set() {
    let mut rig = Rig::ready();
    rig.place(stop_at("S1s", 590_000, 10));
    let call = rig.call(STOP);
    rig.reply(&call, Err(CallError::Lost("reset".into())));
    for _ in 0..40 {
        rig.pass(500);
        let at = rig.venue_ms();
        while rig.take_call_to_position(at) {}
        rig.answer_truth();
    }
    let outcomes = rig.outcomes("S1s");
    let [Outcome::Unknown(_), Outcome::Rejected { words, .. }] = &outcomes[..] else {
        panic!("{outcomes:?}");
    };
    assert!(words.contains("never had it"));
}

#[test]
fn a_price_that_is_through_the_stop_already_says_so() {
    let mut rig = Rig::ready();
    rig.place(stop_at("S1s", 590_000, 10));
    let words =
        "StopLoss:590000000 set for Buy position should lower than base_price:580000000??MarkPrice";
    rig.refuse_call(STOP, 10_001, words);
    let [Outcome::Rejected { proves, .. }] = &rig.outcomes("S1s")[..] else {
        panic!();
    };
    assert_eq!(*proves, Proves::WouldTrigger);
}

#[test]
fn a_trailing_stop_is_set_by_its_distance_and_shown_by_it() {
    let mut rig = Rig::ready();
    let kind = OrderKind::Trail {
        activation: None,
        callback: Callback::Distance(1_500),
        by: TriggerBy::Last,
    };
    rig.place(NewOrder {
        side: Side::Sell,
        ..order("S1t", kind, Intent::Exit)
    });
    let call = rig.call(STOP);
    assert_eq!(body(&call)["trailingStop"], "150.0");
    rig.reply_json(&call, 200, &super::rig::ok(json!({})));
    rig.now = rig.now.plus_ms(5);
    let mut position = position_json("0.010", "", rig.venue_ms());
    position["trailingStop"] = json!("150.00");
    rig.list(POSITION, json!([position]));
    let report = rig.reports("S1t")[0];
    assert_eq!(report.callback, Some(Callback::Distance(1_500)));
    assert_eq!(report.status, OrderStatus::Working);
}

#[test]
fn the_desk_asks_for_a_stop_and_is_answered_from_the_position() {
    let mut rig = Rig::ready();
    standing(&mut rig, "S1s");
    rig.command(Command::Query {
        key: key(BTC),
        order: waiting("S1s"),
    });
    rig.now = rig.now.plus_ms(5);
    shows(&mut rig, "0.010", "59000.00");
    assert_eq!(
        rig.reports("S1s").last().unwrap().status,
        OrderStatus::Working
    );
    rig.command(Command::Query {
        key: key(BTC),
        order: reference("S1zz"),
    });
    rig.list("order/realtime", json!([]));
    rig.list("order/history", json!([]));
    assert!(matches!(
        rig.outcomes("S1zz")[..],
        [Outcome::Rejected {
            proves: Proves::NotFound,
            ..
        }]
    ));
}

#[test]
fn a_bounded_stop_is_an_order_of_its_own_beside_the_positions() {
    let mut rig = Rig::ready();
    standing(&mut rig, "S1s");
    let kind = OrderKind::Stop {
        trigger: Price(595_000),
        limit: Some(Price(594_000)),
        by: TriggerBy::Last,
    };
    rig.place(NewOrder {
        side: Side::Sell,
        ..order("S1b", kind, Intent::Exit)
    });
    let (tag, _) = rig.last();
    rig.acknowledge(tag, "u-1");
    let at = rig.venue_ms();
    let mut told = order_json("S1b", "u-1", "Untriggered", "0", at);
    told["stopOrderType"] = json!("Stop");
    told["triggerPrice"] = json!("59500.0");
    rig.told("order", told);
    assert_eq!(rig.reports("S1b")[0].order.class, OrderClass::Conditional);
    rig.cancel(rig.reports("S1b")[0].order);
    assert_eq!(rig.last().1["args"][0]["orderId"], "u-1");
    let ended = |f: &&Fact| matches!(f, Fact::Order(r) if r.order.client.as_str() == "S1s");
    assert!(!rig.facts.iter().any(|f| ended(&f)));
}
