//! Conditional orders: placed by REST, told by channels of their own, and what they become.

use serde_json::{Value, json};

use super::rig::{Rig, algo_json, approved, fill_json, key, order_json, row_json, with_kind};
use crate::domain::message::Proves;
use crate::domain::{
    Callback, ClientId, Command, Intent, OrderClass, OrderId, OrderKind, OrderRef, OrderReport,
    OrderStatus, Outcome, Price, TriggerBy,
};
use crate::exchange::machine::Method;
use crate::exchange::okx::account::lines::PRIVATE;

const STOP: OrderKind = OrderKind::Stop {
    trigger: Price(610_000),
    limit: None,
    by: TriggerBy::Last,
};

fn conditional(id: &str) -> OrderRef {
    OrderRef {
        client: ClientId::new(id).unwrap(),
        venue: None,
        class: OrderClass::Conditional,
    }
}

/// A machine with a stop `S1s` proved to wait as number 70.
fn with_stop() -> Rig {
    let mut rig = Rig::ready();
    let order = approved(with_kind("S1s", STOP, Intent::Exit));
    rig.command(Command::Place(order));
    rig.ok(
        "\"algoClOrdId\":\"S1s\"",
        json!({"code":"0","msg":"","data":[{"algoId":"70","clOrdId":"","algoClOrdId":"S1s","sCode":"0","sMsg":""}]}),
    );
    let live = algo_json("S1s", 70, "live", rig.venue_ms());
    rig.push("orders-algo", live);
    rig
}

/// What it becomes when it fires, as the `orders` channel says it.
fn child(rig: &Rig, state: &str, filled: &str) -> Value {
    let mut order = order_json("", 71, state, filled, rig.venue_ms());
    for (name, value) in [
        ("side", "sell"),
        ("ordType", "market"),
        ("px", ""),
        ("source", "7"),
        ("algoId", "70"),
        ("algoClOrdId", "S1s"),
        ("reduceOnly", "true"),
    ] {
        order[name] = json!(value);
    }
    order
}

fn fired(rig: &Rig) -> Value {
    let mut algo = algo_json("S1s", 70, "effective", rig.venue_ms());
    algo["ordId"] = json!("71");
    algo["ordIdList"] = json!(["71"]);
    algo
}

fn shown(report: &OrderReport) -> (String, OrderClass, Option<String>, OrderStatus, bool) {
    (
        report.order.client.to_string(),
        report.order.class,
        report.order.venue.map(|id| id.to_string()),
        report.status,
        report.triggered,
    )
}

#[test]
fn a_stop_goes_by_rest_and_its_channel_says_that_it_waits() {
    let rig = with_stop();
    assert!(rig.sent().is_empty());
    let venue = Some(OrderId::of_number(70));
    assert_eq!(rig.outcomes("S1s"), [Outcome::Accepted { venue }]);
    let order = &rig.orders()[0];
    let name = "S1s".to_owned();
    assert_eq!(
        shown(order),
        (
            name,
            OrderClass::Conditional,
            Some("70".to_owned()),
            OrderStatus::Working,
            false
        )
    );
    assert_eq!(order.trigger, Some(Price(590_000)));
    assert_eq!((order.price, order.reduce_only), (None, true));
}

#[test]
fn b15_whichever_socket_speaks_first_the_fired_stop_keeps_its_name() {
    for orders_first in [true, false] {
        let mut rig = with_stop();
        rig.clear();
        let events = [
            ("orders", child(&rig, "live", "0")),
            ("orders-algo", fired(&rig)),
        ];
        let order: &[usize] = if orders_first { &[0, 1] } else { &[1, 0] };
        for at in order {
            let (channel, record) = &events[*at];
            rig.push(channel, record.clone());
        }
        let mut filled = child(&rig, "filled", "0.1");
        let fill = fill_json("", 71, "filled", ("0.1", "0.1"), 900, rig.venue_ms());
        for name in [
            "tradeId",
            "fillPx",
            "fillSz",
            "fillFee",
            "fillFeeCcy",
            "fillTime",
        ] {
            filled[name] = fill[name].clone();
        }
        rig.push("orders", filled);
        for report in rig.orders() {
            let (client, class, venue, _, triggered) = shown(&report);
            assert_eq!(
                (client.as_str(), class, venue.as_deref(), triggered),
                ("S1s", OrderClass::Regular, Some("71"), true),
                "orders first: {orders_first}"
            );
        }
        assert_eq!(rig.orders().last().unwrap().status, OrderStatus::Filled);
        assert_eq!(rig.fills().len(), 1);
        assert_eq!(rig.fills()[0].client, ClientId::new("S1s").unwrap());
    }
}

#[test]
fn b16_a_stop_that_fired_while_nobody_listened_is_found_with_its_fills() {
    let mut rig = with_stop();
    rig.clear();
    rig.closed(PRIVATE);
    rig.pass(1_000);
    rig.calls.clear();
    rig.stand(PRIVATE);
    let at = rig.venue_ms();
    rig.answer_truth(json!([]), json!([]), json!([row_json("", 71, 900, at)]));
    assert_eq!(rig.truths(), 0, "lists leave open what became of the stop");
    let algo = fired(&rig);
    rig.rows("order-algo?algoId=70", json!([algo]));
    let order = child(&rig, "filled", "0.1");
    rig.rows("ordId=71", json!([order]));
    assert_eq!(rig.truths(), 1);
    let last = rig.orders().pop().unwrap();
    assert_eq!(
        shown(&last),
        (
            "S1s".to_owned(),
            OrderClass::Regular,
            Some("71".to_owned()),
            OrderStatus::Filled,
            true
        )
    );
    assert_eq!(rig.fills()[0].client, ClientId::new("S1s").unwrap());
    // Known from here on: nothing is looked up again.
    rig.clear();
    rig.command(Command::Reconcile);
    rig.pass(600);
    rig.answer_truth(json!([]), json!([]), json!([row_json("", 71, 900, at)]));
    assert_eq!((rig.truths(), rig.fills().len()), (1, 0));
}

#[test]
fn an_entry_with_attached_stops_is_not_taken_for_a_fired_one() {
    let mut rig = Rig::ready();
    let mut order = order_json("web1", 5, "live", "0", rig.venue_ms());
    order["attachAlgoOrds"] = json!([{"attachAlgoId":"99","slTriggerPx":"59000"}]);
    order["algoId"] = json!("");
    rig.push("orders", order);
    let report = rig.orders().pop().unwrap();
    assert!(!report.triggered);
    assert_eq!(report.order.client, ClientId::new("web1").unwrap());
}

#[test]
fn a_stop_on_the_wrong_side_would_fire_at_once() {
    let mut rig = Rig::ready();
    let order = approved(with_kind("S1s", STOP, Intent::Exit));
    rig.command(Command::Place(order));
    rig.ok(
        "\"algoClOrdId\":\"S1s\"",
        json!({"code":"1","msg":"","data":[{"algoId":"","algoClOrdId":"S1s","sCode":"51278","sMsg":"SL trigger price cannot be lower than the last price."}]}),
    );
    assert!(matches!(
        rig.outcomes("S1s")[..],
        [Outcome::Rejected {
            proves: Proves::WouldTrigger,
            ..
        }]
    ));
}

#[test]
fn a_stop_that_fired_and_was_refused_is_told_as_rejected() {
    let mut rig = with_stop();
    let mut algo = algo_json("S1s", 70, "order_failed", rig.venue_ms());
    algo["failCode"] = json!("51008");
    rig.push("orders-algo", algo);
    let report = rig.orders().pop().unwrap();
    assert_eq!(report.status, OrderStatus::Rejected);
    assert!(report.reason.unwrap().contains("51008"));
}

#[test]
fn each_kind_is_cancelled_by_the_call_that_the_venue_has_for_it() {
    let mut rig = with_stop();
    rig.clear();
    let cancel = |rig: &mut Rig, id: &str| {
        rig.command(Command::Cancel {
            key: key("BTC-USDT-SWAP"),
            order: conditional(id),
        });
        rig.calls.pop().unwrap()
    };
    let call = cancel(&mut rig, "S1s");
    assert_eq!(
        (call.method, call.target.as_str()),
        (Method::Post, "/api/v5/trade/cancel-algos")
    );
    assert_eq!(
        call.body,
        "[{\"instId\":\"BTC-USDT-SWAP\",\"algoClOrdId\":\"S1s\"}]"
    );
    rig.reply(
        &call,
        200,
        &json!({"code":"0","msg":"","data":[{"algoId":"70","sCode":"0","sMsg":""}]}),
    );
    assert!(matches!(
        rig.outcomes("S1s")[..],
        [Outcome::Accepted { .. }]
    ));
    let trail = OrderKind::Trail {
        activation: None,
        callback: Callback::Rate(50),
        by: TriggerBy::Last,
    };
    let order = approved(with_kind("S1t", trail, Intent::Exit));
    rig.command(Command::Place(order));
    let call = rig.take_call("\"algoClOrdId\":\"S1t\"").unwrap();
    assert!(call.body.contains("\"callbackRatio\":\"0.005\""));
    let call = cancel(&mut rig, "S1t");
    assert_eq!(call.target, "/api/v5/trade/cancel-advance-algos");
    // One that was placed elsewhere is known by its record.
    let mut foreign = algo_json("", 90, "live", rig.venue_ms());
    foreign["ordType"] = json!("move_order_stop");
    foreign["callbackRatio"] = json!("0.01");
    rig.push("algo-advance", foreign);
    assert_eq!(
        rig.orders().pop().unwrap().callback,
        Some(Callback::Rate(100))
    );
    let call = cancel(&mut rig, "id-90");
    assert_eq!(call.target, "/api/v5/trade/cancel-advance-algos");
}

#[test]
fn algos_that_wait_for_no_trigger_are_passed_over() {
    let mut rig = Rig::ready();
    let mut twap = algo_json("", 90, "live", rig.venue_ms());
    twap["ordType"] = json!("twap");
    rig.push("algo-advance", twap);
    assert!(rig.orders().is_empty() && rig.bad().is_empty());
}

#[test]
fn a_conditional_order_is_not_changed_in_place() {
    let mut rig = Rig::ready();
    let regular = super::rig::amend("S1s", 599_990);
    let mut amend = *regular.get();
    amend.order.class = OrderClass::Conditional;
    rig.command(Command::Amend(super::rig::approved_amend(amend)));
    assert!(matches!(rig.outcomes("S1s")[..], [Outcome::NotSent(_)]));
}
