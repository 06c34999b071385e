//! Conditional orders: sent as the venue documents them, never lost, and one order with what they become.

use serde_json::{Value, json};

use super::rig::{KEY, Rig, order_event, order_json, trade_json, with_kind};
use crate::domain::message::Proves;
use crate::domain::{
    Callback, ClientId, Command, Fact, Fill, Intent, Leg, NewOrder, OrderClass, OrderKind,
    OrderRef, OrderReport, OrderStatus, Outcome, Price, TriggerBy,
};
use crate::exchange::binance_futures::account::tests::rig::key;
use crate::exchange::binance_futures::account::{ORDERS, PRIVATE};
use crate::exchange::machine::{CallError, Method};

const STOP: OrderKind = OrderKind::Stop {
    trigger: Price(5_900_000),
    limit: None,
    by: TriggerBy::Mark,
};

fn place(rig: &mut Rig, id: &str, kind: OrderKind, intent: Intent, leg: Option<Leg>) {
    let order = with_kind(id, kind, intent);
    rig.command(Command::Place(super::rig::approved(NewOrder {
        leg,
        ..order
    })));
}

fn stop(rig: &mut Rig, id: &str) {
    place(rig, id, STOP, Intent::Exit, None);
}

/// A stop that the venue took and says is waiting.
fn waiting_stop(rig: &mut Rig, id: &str, number: u64) {
    stop(rig, id);
    let (tag, _) = *rig.sent().last().unwrap();
    rig.frame(
        ORDERS,
        &json!({"id":tag,"status":200,"result":{"algoId":number,"clientAlgoId":id,"algoStatus":"NEW"}}),
    );
    let at = rig.venue_ms();
    rig.frame(PRIVATE, &update(id, number, "NEW", "", at));
}

fn update(id: &str, number: u64, state: &str, became: &str, at: i64) -> Value {
    json!({"e":"ALGO_UPDATE","T":at,"E":at + 6,"o":{"caid":id,"aid":number,"at":"CONDITIONAL","o":"STOP_MARKET",
        "s":"BTCUSDT","S":"BUY","ps":"BOTH","f":"GTC","q":"0.010","X":state,"ai":became,"ap":"0","aq":"0","act":"MARKET",
        "tp":"59000","p":"0","V":"EXPIRE_MAKER","wt":"MARK_PRICE","pm":"NONE","cp":false,"pP":false,"R":true,"tt":0,"gtd":0}})
}

fn algo_json(id: &str, number: u64, state: &str, became: &str, at: i64) -> Value {
    json!({"algoId":number,"clientAlgoId":id,"algoType":"CONDITIONAL","orderType":"STOP_MARKET","symbol":"BTCUSDT",
        "side":"BUY","positionSide":"BOTH","quantity":"0.010","algoStatus":state,"actualOrderId":became,
        "triggerPrice":"59000.00","price":"0.00","reduceOnly":true,"updateTime":at,"triggerTime":0})
}

fn fill(id: &str, number: u64, trade: u64, at: i64) -> Value {
    super::rig::fill_event(id, number, trade, at)
}

fn reports(rig: &Rig) -> Vec<&OrderReport> {
    let reports = rig.facts.iter().filter_map(|fact| match fact {
        Fact::Order(report) => Some(report),
        _ => None,
    });
    reports.collect()
}

fn fills(rig: &Rig) -> Vec<Fill> {
    let mut fills = Vec::new();
    for fact in &rig.facts {
        match fact {
            Fact::Fill(fill) => fills.push(*fill),
            Fact::Truth { truth, .. } => fills.extend(&truth.fills),
            _ => {}
        }
    }
    fills
}

fn named(id: &str, venue: Option<crate::domain::OrderId>, class: OrderClass) -> OrderRef {
    OrderRef {
        client: ClientId::new(id).unwrap(),
        venue,
        class,
    }
}

fn reconnect(rig: &mut Rig) {
    rig.closed(PRIVATE);
    rig.pass(1_000);
    rig.ok("listenKey", json!({"listenKey":"def456"}));
    rig.open(PRIVATE);
}

#[test]
fn a_stop_is_one_signed_frame_to_the_algo_service() {
    let mut rig = Rig::ready();
    stop(&mut rig, "S1s");
    let (tag, frame) = rig.sent()[0].clone();
    assert_eq!(frame["method"], "algoOrder.place");
    let params = &frame["params"];
    let expected = json!({"algoType":"CONDITIONAL","apiKey":KEY,"clientAlgoId":"S1s","newOrderRespType":"ACK",
        "quantity":"0.010","recvWindow":2000,"reduceOnly":"true","selfTradePreventionMode":"EXPIRE_MAKER","side":"BUY",
        "symbol":"BTCUSDT","timestamp":rig.venue_ms() - 250,"triggerPrice":"59000.00","type":"STOP_MARKET",
        "workingType":"MARK_PRICE","signature":params["signature"]});
    assert_eq!(*params, expected);
    rig.written(tag, 300);
    rig.frame(
        ORDERS,
        &json!({"id":tag,"status":200,"result":{"algoId":7,"clientAlgoId":"S1s","algoStatus":"NEW"}}),
    );
    assert_eq!(
        rig.outcomes("S1s"),
        [Outcome::Accepted {
            venue: Some(crate::domain::OrderId::of_number(7))
        }]
    );
    assert!(
        reports(&rig).is_empty(),
        "an acknowledgement proves no resting"
    );
}

#[test]
fn bounded_stops_and_trails_have_the_documented_parameters() {
    let mut rig = Rig::ready();
    let bounded = OrderKind::Stop {
        trigger: Price(6_010_000),
        limit: Some(Price(6_010_500)),
        by: TriggerBy::Last,
    };
    place(&mut rig, "S1a", bounded, Intent::Entry, None);
    let trail = OrderKind::Trail {
        activation: Some(Price(6_100_000)),
        callback: Callback::Rate(30),
        by: TriggerBy::Last,
    };
    place(&mut rig, "S1b", trail, Intent::Exit, None);
    let sent = rig.sent();
    let stop = &sent[0].1["params"];
    assert_eq!(stop["type"], "STOP");
    assert_eq!(
        (&stop["triggerPrice"], &stop["price"]),
        (&json!("60100.00"), &json!("60105.00"))
    );
    assert_eq!(
        (&stop["timeInForce"], &stop["workingType"]),
        (&json!("GTC"), &json!("CONTRACT_PRICE"))
    );
    assert!(stop.get("reduceOnly").is_none());
    let trail = &sent[1].1["params"];
    assert_eq!(trail["type"], "TRAILING_STOP_MARKET");
    assert_eq!(
        (&trail["activatePrice"], &trail["callbackRate"]),
        (&json!("61000.00"), &json!("0.30"))
    );
    assert!(trail.get("triggerPrice").is_none() && trail.get("price").is_none());
}

#[test]
fn what_the_venue_does_not_have_is_not_sent() {
    let mut rig = Rig::ready();
    let trail = |callback| OrderKind::Trail {
        activation: None,
        callback,
        by: TriggerBy::Last,
    };
    let best = OrderKind::Stop {
        trigger: Price(1),
        limit: None,
        by: TriggerBy::Best,
    };
    let kinds = [
        best,
        trail(Callback::Distance(10)),
        trail(Callback::Rate(5)),
        trail(Callback::Rate(15)),
        trail(Callback::Rate(2_010)),
    ];
    for (at, kind) in kinds.into_iter().enumerate() {
        let id = format!("S1n{at}");
        place(&mut rig, &id, kind, Intent::Exit, None);
        assert!(
            matches!(rig.outcomes(&id)[..], [Outcome::NotSent(_)]),
            "{kind:?}"
        );
    }
    assert!(rig.sent().is_empty() && rig.calls.is_empty());
}

#[test]
fn without_the_line_a_stop_goes_by_rest_once_and_a_lost_answer_is_unknown() {
    let mut rig = Rig::ready();
    rig.closed(ORDERS);
    stop(&mut rig, "S1s");
    let call = rig.take_call("/fapi/v1/algoOrder?").unwrap();
    assert_eq!(call.method, Method::Post);
    assert!(call.target.contains("clientAlgoId=S1s"));
    rig.reply(&call, Err(CallError::Lost("cut".into())));
    assert!(matches!(rig.outcomes("S1s")[..], [Outcome::Unknown(_)]));
    rig.pass(300);
    let query = rig.take_call("/fapi/v1/algoOrder?").unwrap();
    assert_eq!(query.method, Method::Get);
    assert!(query.target.contains("clientAlgoId=S1s"));
}

#[test]
fn a_stop_whose_answer_was_lost_is_found_by_its_name_and_never_sent_again() {
    let mut rig = Rig::ready();
    stop(&mut rig, "S1s");
    let (tag, _) = rig.sent()[0];
    rig.written(tag, 300);
    rig.pass(3_400);
    assert!(matches!(rig.outcomes("S1s")[..], [Outcome::Unknown(_)]));
    let at = rig.venue_ms();
    rig.ok("/fapi/v1/algoOrder?", algo_json("S1s", 7, "NEW", "", at));
    let report = *reports(&rig).last().unwrap();
    assert_eq!(
        report.order,
        named(
            "S1s",
            Some(crate::domain::OrderId::of_number(7)),
            OrderClass::Conditional
        )
    );
    assert_eq!(
        (report.status, report.triggered),
        (OrderStatus::Working, false)
    );
    rig.pass(60_000);
    assert_eq!(rig.outcomes("S1s").len(), 1);
    let places = rig.sent();
    assert_eq!(
        places
            .iter()
            .filter(|(_, f)| f["method"] == "algoOrder.place")
            .count(),
        1
    );
}

#[test]
fn a_stop_that_never_arrived_is_proved_absent_by_window_queries_and_truth() {
    let mut rig = Rig::ready();
    stop(&mut rig, "S1s");
    let (tag, _) = rig.sent()[0];
    rig.written(tag, 300);
    rig.pass(3_100);
    for _ in 0..260 {
        rig.pass(100);
        while rig
            .calls
            .iter()
            .any(|c| c.target.contains("/fapi/v1/algoOrder?"))
        {
            let body = json!({"code":-2013,"msg":"Order does not exist."});
            rig.answer("/fapi/v1/algoOrder?", 400, body);
        }
        if rig.calls.iter().any(|c| c.target.contains("openOrders")) {
            rig.answer_truth(json!([]), json!([]), &[]);
        }
    }
    let outcomes = rig.outcomes("S1s");
    assert!(matches!(
        &outcomes[..],
        [Outcome::Unknown(_), Outcome::Rejected { code: -2013, .. }]
    ));
}

#[test]
fn refusals_say_what_they_prove() {
    for (code, wanted) in [
        (-2021, Proves::WouldTrigger),
        (-4130, Proves::AlreadyClosing),
        (-4118, Proves::NothingToReduce),
        (-2022, Proves::NothingToReduce),
        (-4120, Proves::Nothing),
        (-4045, Proves::Nothing),
    ] {
        let mut rig = Rig::ready();
        stop(&mut rig, "S1s");
        let (tag, _) = rig.sent()[0];
        rig.frame(
            ORDERS,
            &json!({"id":tag,"status":400,"error":{"code":code,"msg":"no"}}),
        );
        let [Outcome::Rejected { proves, .. }] = &rig.outcomes("S1s")[..] else {
            panic!("{code}");
        };
        assert_eq!(*proves, wanted, "{code}");
    }
}

#[test]
fn a_waiting_stop_is_cancelled_by_its_own_number_and_a_code_in_the_answer_is_read() {
    let mut rig = Rig::ready();
    waiting_stop(&mut rig, "S1s", 7);
    let order = named(
        "S1s",
        Some(crate::domain::OrderId::of_number(7)),
        OrderClass::Conditional,
    );
    let cancel = Command::Cancel {
        key: key("BTCUSDT"),
        order,
    };
    rig.clear();
    rig.command(cancel.clone());
    let (tag, frame) = rig.sent()[0].clone();
    assert_eq!(frame["method"], "algoOrder.cancel");
    assert_eq!(frame["params"]["algoId"], 7);
    let answer = |code: &str| {
        json!({"id":tag,"status":200,
        "result":{"algoId":7,"clientAlgoId":"S1s","code":code,"msg":"success"}})
    };
    rig.frame(ORDERS, &answer("200"));
    assert_eq!(
        rig.outcomes("S1s"),
        [Outcome::Accepted {
            venue: Some(crate::domain::OrderId::of_number(7))
        }]
    );
    let at = rig.venue_ms();
    rig.frame(PRIVATE, &update("S1s", 7, "CANCELED", "", at));
    assert_eq!(reports(&rig).last().unwrap().status, OrderStatus::Cancelled);
    // A code that is no 200 is never taken for done.
    rig.clear();
    rig.command(cancel);
    let (tag, _) = rig.sent()[0].clone();
    let mut odd = answer("-1");
    odd["id"] = json!(tag);
    rig.frame(ORDERS, &odd);
    assert!(matches!(rig.outcomes("S1s")[..], [Outcome::Unknown(_)]));
}

#[test]
fn a_stop_that_fires_becomes_a_regular_order_under_the_same_name() {
    for venue_name in ["S1s", "made-by-the-venue"] {
        let mut rig = Rig::ready();
        waiting_stop(&mut rig, "S1s", 7);
        rig.clear();
        let at = rig.venue_ms();
        rig.frame(PRIVATE, &update("S1s", 7, "TRIGGERING", "", at));
        let fires = reports(&rig).last().copied().unwrap().clone();
        assert!(fires.triggered && fires.status == OrderStatus::Working);
        assert_eq!(
            fires.order,
            named(
                "S1s",
                Some(crate::domain::OrderId::of_number(7)),
                OrderClass::Conditional
            )
        );
        rig.frame(PRIVATE, &update("S1s", 7, "TRIGGERED", "900", at + 20));
        let became = named(
            "S1s",
            Some(crate::domain::OrderId::of_number(900)),
            OrderClass::Regular,
        );
        assert_eq!(reports(&rig).last().unwrap().order, became);
        // Older by the venue's time than the update that named it, and it counts all the same.
        rig.frame(
            PRIVATE,
            &order_event(venue_name, 900, "NEW", "NEW", at + 10),
        );
        rig.frame(PRIVATE, &fill(venue_name, 900, 55, at + 11));
        let end = reports(&rig).last().copied().unwrap().clone();
        assert_eq!((end.order, end.status), (became, OrderStatus::Filled));
        assert!(end.triggered);
        assert_eq!(fills(&rig)[0].client.as_str(), "S1s");
        assert_eq!(fills(&rig)[0].order, crate::domain::OrderId::of_number(900));
        let told = rig.facts.len();
        rig.frame(PRIVATE, &update("S1s", 7, "FINISHED", "900", at + 30));
        rig.frame(PRIVATE, &update("S1s", 7, "NEW", "", at - 5));
        assert_eq!(rig.facts.len(), told, "nothing after its end");
        assert!(rig.take_call("/fapi/v1/order?").is_none());
    }
}

#[test]
fn the_regular_order_may_tell_of_itself_first() {
    let mut rig = Rig::ready();
    waiting_stop(&mut rig, "S1s", 7);
    rig.clear();
    let at = rig.venue_ms();
    rig.frame(PRIVATE, &fill("S1s", 900, 55, at));
    let end = reports(&rig).last().copied().unwrap().clone();
    assert_eq!(
        end.order,
        named(
            "S1s",
            Some(crate::domain::OrderId::of_number(900)),
            OrderClass::Regular
        )
    );
    assert!(end.triggered && end.status == OrderStatus::Filled);
    let told = rig.facts.len();
    for (state, later) in [("TRIGGERED", 5), ("FINISHED", 9), ("FINISHED", 9)] {
        rig.frame(PRIVATE, &update("S1s", 7, state, "900", at + later));
    }
    assert_eq!(rig.facts.len(), told);
    assert_eq!(rig.fills(), 1);
}

#[test]
fn an_order_told_under_another_name_before_the_link_is_read_again_under_ours() {
    let mut rig = Rig::ready();
    waiting_stop(&mut rig, "S1s", 7);
    rig.clear();
    let at = rig.venue_ms();
    rig.frame(PRIVATE, &fill("made-by-the-venue", 900, 55, at));
    rig.frame(PRIVATE, &update("S1s", 7, "TRIGGERED", "900", at + 5));
    let read = order_json("made-by-the-venue", 900, "FILLED", "0.010", at);
    rig.ok("/fapi/v1/order?", read);
    let end = reports(&rig).last().copied().unwrap().clone();
    assert_eq!(
        end.order,
        named(
            "S1s",
            Some(crate::domain::OrderId::of_number(900)),
            OrderClass::Regular
        )
    );
    assert_eq!(end.status, OrderStatus::Filled);
}

#[test]
fn an_end_that_the_regular_order_never_told_is_asked_for() {
    let mut rig = Rig::ready();
    waiting_stop(&mut rig, "S1s", 7);
    let at = rig.venue_ms();
    rig.frame(PRIVATE, &update("S1s", 7, "TRIGGERED", "900", at));
    rig.clear();
    rig.frame(PRIVATE, &update("S1s", 7, "FINISHED", "900", at + 5));
    assert!(reports(&rig).is_empty());
    let read = order_json("S1s", 900, "CANCELED", "0", at + 4);
    rig.ok("/fapi/v1/order?", read);
    let end = *reports(&rig).last().unwrap();
    assert_eq!(end.status, OrderStatus::Cancelled);
    assert_eq!(
        end.order,
        named(
            "S1s",
            Some(crate::domain::OrderId::of_number(900)),
            OrderClass::Regular
        )
    );
}

#[test]
fn a_trigger_that_hangs_stays_open_and_says_that_it_fired() {
    let mut rig = Rig::ready();
    waiting_stop(&mut rig, "S1s", 7);
    rig.clear();
    rig.command(Command::Reconcile);
    let at = rig.venue_ms();
    rig.answer_truth(json!([]), json!([]), &[]);
    // Not listed: looked up, and found between waiting and placed (nautilus_trader discussion 5378).
    let hangs = algo_json("S1s", 7, "TRIGGERING", "", at);
    rig.ok("/fapi/v1/algoOrder?", hangs);
    let Some(Fact::Truth { truth, .. }) = rig.facts.last() else {
        panic!("{:?}", rig.facts);
    };
    assert_eq!(
        truth.orders[0].order,
        named(
            "S1s",
            Some(crate::domain::OrderId::of_number(7)),
            OrderClass::Conditional
        )
    );
    assert!(truth.orders[0].triggered);
}

#[test]
fn a_refused_trigger_is_an_end_with_the_venues_reason() {
    let mut rig = Rig::ready();
    waiting_stop(&mut rig, "S1s", 7);
    let at = rig.venue_ms();
    let mut refused = update("S1s", 7, "REJECTED", "", at + 5);
    refused["o"]["rm"] = json!("Reduce Only reject");
    refused["o"]["tt"] = json!(at + 4);
    rig.frame(PRIVATE, &refused);
    rig.frame(PRIVATE, &refused);
    let end = *reports(&rig).last().unwrap();
    assert_eq!(end.status, OrderStatus::Rejected);
    assert!(end.triggered);
    assert!(
        end.reason
            .as_deref()
            .unwrap()
            .contains("Reduce Only reject")
    );
    rig.clear();
    let at = rig.venue_ms();
    rig.frame(PRIVATE, &update("S1t", 8, "EXPIRED", "", at));
    assert_eq!(reports(&rig).last().unwrap().status, OrderStatus::Expired);
}

#[test]
fn a_cancel_that_comes_too_late_follows_the_order_that_the_stop_became() {
    let mut rig = Rig::ready();
    waiting_stop(&mut rig, "S1s", 7);
    rig.clear();
    rig.command(Command::Cancel {
        key: key("BTCUSDT"),
        order: named(
            "S1s",
            Some(crate::domain::OrderId::of_number(7)),
            OrderClass::Conditional,
        ),
    });
    let (tag, _) = rig.sent()[0].clone();
    rig.frame(
        ORDERS,
        &json!({"id":tag,"status":400,"error":{"code":-2011,"msg":"Unknown order sent."}}),
    );
    let at = rig.venue_ms();
    rig.ok(
        "/fapi/v1/algoOrder?",
        algo_json("S1s", 7, "TRIGGERED", "900", at),
    );
    let again = rig.sent().last().unwrap().1.clone();
    assert_eq!(again["method"], "order.cancel");
    assert_eq!(again["params"]["orderId"], 900);
}

#[test]
fn truth_lists_waiting_stops_and_names_what_fired_while_nobody_listened() {
    let mut rig = Rig::ready();
    waiting_stop(&mut rig, "S1s", 7);
    waiting_stop(&mut rig, "S1t", 8);
    waiting_stop(&mut rig, "S1u", 9);
    reconnect(&mut rig);
    rig.clear_facts();
    let at = rig.venue_ms();
    rig.pass(1);
    rig.algos = json!([algo_json("S1t", 8, "NEW", "", at - 900)]);
    rig.answer_truth(json!([]), json!([]), &[trade_json(55, 900, at - 500)]);
    // 7 and 9 are not listed any more: they are looked up, and then what the one became.
    for _ in 0..2 {
        let call = rig.take_call("/fapi/v1/algoOrder?").unwrap();
        let seven = call.target.contains("algoId=7&");
        let body = if seven {
            algo_json("S1s", 7, "FINISHED", "900", at - 400)
        } else {
            algo_json("S1u", 9, "CANCELED", "", at - 400)
        };
        rig.reply_ok(&call, &body);
    }
    rig.ok(
        "/fapi/v1/order?",
        order_json("made-by-the-venue", 900, "FILLED", "0.010", at - 500),
    );
    let Some(Fact::Truth { truth, .. }) = rig
        .facts
        .iter()
        .rev()
        .find(|f| matches!(f, Fact::Truth { .. }))
    else {
        panic!("{:?}", rig.facts);
    };
    let listed: Vec<_> = truth.orders.iter().map(|o| o.order).collect();
    assert_eq!(
        listed,
        [named(
            "S1t",
            Some(crate::domain::OrderId::of_number(8)),
            OrderClass::Conditional
        )]
    );
    assert_eq!(truth.fills.len(), 1);
    assert_eq!(truth.fills[0].client.as_str(), "S1s");
    let ended: Vec<_> = reports(&rig)
        .into_iter()
        .map(|o| (o.order.client, o.status))
        .collect();
    let name = |id| ClientId::new(id).unwrap();
    assert!(ended.contains(&(name("S1s"), OrderStatus::Filled)));
    assert!(ended.contains(&(name("S1u"), OrderStatus::Cancelled)));
    assert_eq!(rig.bad(), 0);
}

#[test]
fn a_stop_that_fires_while_truth_is_fetched_is_not_listed_as_waiting() {
    let mut rig = Rig::ready();
    waiting_stop(&mut rig, "S1s", 7);
    rig.clear();
    rig.command(Command::Reconcile);
    let at = rig.venue_ms();
    rig.ok("openOrders", json!([]));
    rig.ok(
        "openAlgoOrders",
        json!([algo_json("S1s", 7, "NEW", "", at - 10)]),
    );
    rig.frame(PRIVATE, &update("S1s", 7, "TRIGGERED", "900", at));
    rig.frame(PRIVATE, &fill("S1s", 900, 55, at + 1));
    rig.ok("positionRisk", json!([]));
    rig.ok("balance", json!([]));
    rig.ok(
        "accountConfig",
        json!({"canTrade":true,"dualSidePosition":false}),
    );
    while rig.calls.iter().any(|c| c.target.contains("userTrades")) {
        rig.ok("userTrades", json!([trade_json(55, 900, at + 1)]));
    }
    let Some(Fact::Truth { truth, .. }) = rig.facts.last() else {
        panic!("{:?}", rig.facts);
    };
    assert!(truth.orders.is_empty(), "{:?}", truth.orders);
    assert_eq!(rig.fills(), 1);
}

#[test]
fn a_conditional_order_cannot_be_changed_in_place() {
    let mut rig = Rig::ready();
    let mut amend = *super::rig::amend("S1s", 6_000_000).get();
    amend.order.class = OrderClass::Conditional;
    rig.command(Command::Amend(super::rig::approved_amend(amend)));
    assert!(matches!(rig.outcomes("S1s")[..], [Outcome::NotSent(_)]));
    assert!(rig.sent().is_empty());
}
