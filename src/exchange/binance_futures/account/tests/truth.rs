//! Account truth after every (re)connect, and what the stream tells around it.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::rig::{Rig, fill_event, key, order_event, order_json, symbol, trade_json};
use crate::domain::message::{LinkState, PositionMode, Setting};
use crate::domain::{Command, Fact, Leg, OrderStatus, Outcome};
use crate::exchange::binance_futures::account::{ORDERS, PRIVATE};
use crate::exchange::machine::{Call, CallError, In, Opcode};

const STREAM: &str =
    include_str!("../../../../../tests/wire/binance_futures/user_stream_examples.jsonl");

fn example(name: &str) -> Value {
    let found = STREAM
        .lines()
        .map(|l| serde_json::from_str::<Value>(l).unwrap());
    found.into_iter().find(|e| e["name"] == name).unwrap()["msg"].take()
}

fn position(size: &str, at: i64) -> Value {
    json!({"symbol":"BTCUSDT","positionSide":"BOTH","positionAmt":size,"entryPrice":"60000.0","liquidationPrice":"0",
        "updateTime":at})
}

/// The positions told piece by piece.
fn legs(rig: &Rig) -> Vec<(Option<Leg>, String)> {
    let positions = rig.facts.iter().filter_map(|fact| match fact {
        Fact::Position(report) => Some((report.leg, report.size.to_string())),
        _ => None,
    });
    positions.collect()
}

fn reconnect(rig: &mut Rig) {
    rig.closed(PRIVATE);
    rig.pass(1_000);
    rig.ok("listenKey", json!({"listenKey":"def456"}));
    rig.open(PRIVATE);
}

#[test]
fn c1_fills_of_an_outage_are_recovered_and_the_stream_waits_for_truth() {
    let mut rig = Rig::ready();
    rig.command(Command::Follow(symbol("BTCUSDT")));
    rig.closed(PRIVATE);
    assert_eq!(rig.link(), Some(LinkState::Down));
    rig.pass(1_000);
    rig.ok("listenKey", json!({"listenKey":"def456"}));
    rig.open(PRIVATE);
    assert_eq!(rig.link(), Some(LinkState::Reconciling));
    rig.facts.clear();
    let at = rig.venue_ms();
    rig.frame(PRIVATE, &fill_event("S1b", 8, 101, at + 5));
    assert_eq!(rig.fills(), 0, "the stream waits");
    rig.ok("openOrders", json!([]));
    rig.ok("openAlgoOrders", json!([]));
    rig.ok("positionRisk", json!([position("0.010", at - 500)]));
    rig.ok("balance", json!([]));
    rig.ok(
        "accountConfig",
        json!({"canTrade":true,"dualSidePosition":false}),
    );
    rig.ok("userTrades", json!([trade_json(100, 7, at - 500)]));
    // The trade names no client: its order is asked for.
    rig.ok(
        "/fapi/v1/order?",
        order_json("S1a", 7, "FILLED", "0.010", at - 500),
    );
    let truth = rig.facts.iter().find_map(|f| match f {
        Fact::Truth { truth, .. } => Some(truth),
        _ => None,
    });
    let truth = truth.unwrap();
    assert_eq!(truth.fills.len(), 1);
    assert_eq!(truth.fills[0].client.as_str(), "S1a");
    assert!(truth.fills[0].recovered);
    assert_eq!(rig.fills(), 2, "then what waited is told");
    assert_eq!(rig.link(), Some(LinkState::Ready));
}

#[test]
fn c2_a_listen_key_that_ended_is_replaced_and_truth_fetched() {
    let mut rig = Rig::ready();
    rig.frame(
        PRIVATE,
        &json!({"e":"listenKeyExpired","E":1,"listenKey":"abc123"}),
    );
    assert_eq!(rig.link(), Some(LinkState::Down));
    rig.ok("listenKey", json!({"listenKey":"def456"}));
    rig.open(PRIVATE);
    assert!(rig.take_call("openOrders").is_some());
}

#[test]
fn c2_the_listen_key_is_extended_in_time_and_a_lost_one_replaced() {
    let mut rig = Rig::ready();
    for _ in 0..26 {
        rig.pass(60_000);
        while rig.calls.iter().any(|c| c.target.contains("openOrders")) {
            rig.answer_truth(json!([]), json!([]), &[]);
        }
    }
    rig.answer(
        "listenKey",
        400,
        json!({"code":-1125,"msg":"This listenKey does not exist."}),
    );
    assert_eq!(rig.link(), Some(LinkState::Down));
    rig.ok("listenKey", json!({"listenKey":"def456"}));
    rig.open(PRIVATE);
    assert_eq!(rig.link(), Some(LinkState::Reconciling));
}

#[test]
fn c3_a_poll_every_five_seconds_while_anything_is_open_finds_what_the_stream_lost() {
    let mut rig = Rig::ready();
    let at = rig.venue_ms();
    rig.frame(PRIVATE, &order_event("S1a", 7, "NEW", "NEW", at));
    // The poll that was due after 30 s while there was nothing.
    rig.pass(30_000);
    rig.answer_truth(
        json!([order_json("S1a", 7, "NEW", "0", at)]),
        json!([]),
        &[],
    );
    rig.facts.clear();
    rig.pass(5_100);
    let trade = trade_json(55, 7, at + 10);
    rig.answer_truth(json!([]), json!([position("0.010", at + 10)]), &[trade]);
    assert_eq!((rig.truths(), rig.fills()), (1, 1));
}

#[test]
fn c4_a_fill_is_told_once_however_often_it_comes() {
    let mut rig = Rig::ready();
    let at = rig.venue_ms();
    let fill = fill_event("S1a", 7, 55, at);
    rig.frame(PRIVATE, &fill);
    rig.frame(PRIVATE, &fill);
    reconnect(&mut rig);
    rig.frame(PRIVATE, &fill);
    rig.answer_truth(
        json!([]),
        json!([position("0.010", at)]),
        &[trade_json(55, 7, at)],
    );
    assert_eq!(rig.fills(), 1);
}

#[test]
fn c11_a_position_that_cannot_be_read_is_never_flat() {
    let mut rig = Rig::ready();
    reconnect(&mut rig);
    rig.ok("openOrders", json!([]));
    rig.ok("openAlgoOrders", json!([]));
    rig.answer("positionRisk", 500, json!({}));
    assert_eq!((rig.truths(), rig.bad()), (0, 1));
    rig.calls.clear();
    rig.pass(2_000);
    rig.answer_truth(
        json!([]),
        json!([{"symbol":"BTCUSDT","positionAmt":null}]),
        &[],
    );
    assert_eq!(rig.truths(), 0);
    rig.calls.clear();
    rig.pass(3_500);
    rig.answer_truth(json!([]), json!([]), &[]);
    assert_eq!(rig.truths(), 1);
    assert_eq!(rig.link(), Some(LinkState::Ready));
}

#[test]
fn c1_trades_of_a_fetch_that_failed_later_are_asked_for_again() {
    let mut rig = Rig::ready();
    rig.command(Command::Follow(symbol("BTCUSDT")));
    reconnect(&mut rig);
    let trade = trade_json(7, 99, rig.venue_ms());
    rig.answer_truth(json!([]), json!([]), std::slice::from_ref(&trade));
    // The order behind the trade is looked up, and that answer is lost.
    rig.fail("/fapi/v1/order?", CallError::Lost("cut".into()));
    assert_eq!(rig.fills(), 0);
    rig.pass(30_000);
    let trades = |call: &&Call| call.target.contains("userTrades");
    rig.ok("openOrders", json!([]));
    rig.ok("openAlgoOrders", json!([]));
    rig.ok("positionRisk", json!([]));
    rig.ok("balance", json!([]));
    rig.ok(
        "accountConfig",
        json!({"canTrade":true,"dualSidePosition":false}),
    );
    let again = rig.calls.iter().find(trades).unwrap();
    assert!(again.target.contains("startTime="), "{}", again.target);
    rig.ok("userTrades", json!([trade]));
    rig.ok(
        "/fapi/v1/order?",
        order_json("S1x", 99, "FILLED", "0.010", rig.venue_ms()),
    );
    assert_eq!(rig.fills(), 1);
}

#[test]
fn c12_a_fill_of_an_unknown_symbol_waits_for_its_instrument() {
    let mut rig = Rig::ready();
    let at = rig.venue_ms();
    let mut fill = fill_event("S1a", 7, 55, at);
    fill["o"]["s"] = json!("NEWUSDT");
    rig.frame(PRIVATE, &fill);
    assert_eq!(rig.fills(), 0);
    let mut info: Value = serde_json::from_str(super::rig::INFO).unwrap();
    info["symbols"][0]["symbol"] = json!("NEWUSDT");
    rig.ok("exchangeInfo", info);
    assert_eq!((rig.fills(), rig.bad()), (1, 0));
    // A symbol that the venue does not list is counted, and asked for once.
    fill["o"]["s"] = json!("GHOSTUSDT");
    rig.frame(PRIVATE, &fill);
    rig.ok(
        "exchangeInfo",
        serde_json::from_str(super::rig::INFO).unwrap(),
    );
    assert_eq!(rig.bad(), 1);
    rig.frame(PRIVATE, &fill);
    assert!(rig.take_call("exchangeInfo").is_none());
}

#[test]
fn c17_one_bad_record_is_skipped_and_the_others_told() {
    let mut rig = Rig::ready();
    reconnect(&mut rig);
    let at = rig.venue_ms();
    let mut lean = order_json("S1b", 8, "NEW", "0", at);
    for optional in [
        "avgPrice",
        "executedQty",
        "timeInForce",
        "reduceOnly",
        "stopPrice",
        "updateTime",
    ] {
        lean.as_object_mut().unwrap().remove(optional);
    }
    let bad = json!({"symbol":"BTCUSDT","orderId":9});
    rig.answer_truth(json!([lean, bad]), json!([]), &[]);
    let Some(Fact::Truth { truth, .. }) =
        rig.facts.iter().find(|f| matches!(f, Fact::Truth { .. }))
    else {
        panic!("{:?}", rig.facts);
    };
    assert_eq!((truth.orders.len(), rig.bad()), (1, 1));
}

#[test]
fn k6_an_unknown_state_is_unknown_and_asked_for() {
    let mut rig = Rig::ready();
    let at = rig.venue_ms();
    rig.frame(PRIVATE, &order_event("S1a", 7, "NEW", "SLEEPING", at));
    let Some(Fact::Order(report)) = rig.facts.last() else {
        panic!("{:?}", rig.facts);
    };
    assert_eq!(report.status, OrderStatus::Unknown);
    assert!(rig.take_call("/fapi/v1/order?").is_some());
}

#[test]
fn an_older_report_never_overwrites_a_newer_one() {
    let mut rig = Rig::ready();
    let at = rig.venue_ms();
    rig.frame(
        PRIVATE,
        &order_event("S1a", 7, "CANCELED", "CANCELED", at + 5),
    );
    rig.facts.clear();
    rig.frame(PRIVATE, &order_event("S1a", 7, "NEW", "NEW", at));
    assert!(rig.facts.is_empty());
}

#[test]
fn a_query_that_the_stream_overtook_is_not_told() {
    let mut rig = Rig::ready();
    let at = rig.venue_ms();
    rig.frame(PRIVATE, &order_event("S1a", 7, "NEW", "NEW", at));
    rig.command(Command::Query {
        key: key("BTCUSDT"),
        order: super::rig::reference("S1a"),
    });
    rig.frame(PRIVATE, &fill_event("S1a", 7, 55, at + 5));
    rig.facts.clear();
    rig.ok("/fapi/v1/order?", order_json("S1a", 7, "NEW", "0", at));
    assert!(rig.facts.is_empty(), "{:?}", rig.facts);
}

#[test]
fn an_order_line_that_comes_back_is_ready_only_after_truth() {
    let mut rig = Rig::ready();
    rig.closed(ORDERS);
    assert_eq!(rig.link(), Some(LinkState::Reconciling));
    rig.pass(1_000);
    rig.open(ORDERS);
    assert_eq!(rig.link(), Some(LinkState::Reconciling));
    rig.answer_truth(json!([]), json!([]), &[]);
    assert_eq!(rig.link(), Some(LinkState::Ready));
}

#[test]
fn a_followed_symbol_tells_leverage_margin_mode_and_fees() {
    let mut rig = Rig::ready();
    rig.command(Command::Follow(symbol("BTCUSDT")));
    rig.ok(
        "symbolConfig",
        json!([{"symbol":"BTCUSDT","marginType":"CROSSED","isAutoAddMargin":"false","leverage":21,
            "maxNotionalValue":"1000000"}]),
    );
    rig.ok(
        "commissionRate",
        json!({"symbol":"BTCUSDT","makerCommissionRate":"0.0002","takerCommissionRate":"0.0004"}),
    );
    let Some(Fact::Settings(settings)) = rig.facts.last() else {
        panic!("{:?}", rig.facts);
    };
    assert_eq!(settings.leverage, Some(21));
    assert_eq!(settings.taker_fee.unwrap().to_string(), "0.0004");
    rig.command(Command::SetLeverage {
        symbol: symbol("BTCUSDT"),
        leverage: 5,
    });
    rig.answer(
        "/fapi/v1/leverage",
        400,
        json!({"code":-4028,"msg":"Leverage 5 is not valid"}),
    );
    let Some(Fact::Set {
        setting, outcome, ..
    }) = rig.facts.last()
    else {
        panic!("{:?}", rig.facts);
    };
    assert_eq!(*setting, Setting::Leverage(symbol("BTCUSDT"), 5));
    assert!(matches!(outcome, Outcome::Rejected { code: -4028, .. }));
}

#[test]
fn hedge_mode_is_told_and_orders_without_a_leg_are_refused() {
    let mut rig = Rig::new();
    rig.start();
    rig.ok("openOrders", json!([]));
    rig.ok("openAlgoOrders", json!([]));
    rig.ok("positionRisk", json!([]));
    rig.ok("balance", json!([]));
    rig.ok(
        "accountConfig",
        json!({"canTrade":true,"dualSidePosition":true}),
    );
    let hedge = |f: &Fact| {
        matches!(
            f,
            Fact::Mode {
                mode: PositionMode::Hedge,
                ..
            }
        )
    };
    assert!(rig.facts.iter().any(hedge));
    rig.place("S1a");
    assert!(
        matches!(&rig.outcomes("S1a")[..], [Outcome::NotSent(words)] if words.contains("which leg"))
    );
    rig.cancel("S1b");
    assert_eq!(rig.sent().len(), 1);
}

#[test]
fn documented_events_are_understood() {
    let mut rig = Rig::ready();
    rig.frame(PRIVATE, &example("Leverage"));
    assert!(matches!(rig.facts.last(), Some(Fact::Settings(s)) if s.leverage == Some(25)));
    rig.frame(PRIVATE, &example("MarginUpdate"));
    assert!(matches!(rig.facts.last(), Some(Fact::Alarm { key: k, .. }) if *k == key("ETHUSDT")));
    rig.frame(PRIVATE, &example("OrderUpdate"));
    assert!(matches!(rig.facts.last(), Some(Fact::Order(o)) if o.order.client.as_str() == "TEST"));
    rig.clear();
    // Each leg by itself; the empty one-way row beside them says nothing.
    let mut update = example("AccountUpdate");
    update["data"]["T"] = json!(rig.venue_ms());
    rig.frame(PRIVATE, &update);
    assert_eq!(
        legs(&rig),
        [
            (Some(Leg::Long), "20".into()),
            (Some(Leg::Short), "-10".into())
        ]
    );
    assert!(rig.facts.iter().any(|f| matches!(f, Fact::Balance { .. })));
    rig.clear();
    for silent in ["TradeUpdate", "AlgoOrderUpdate"] {
        rig.frame(PRIVATE, &example(silent));
    }
    assert!(rig.facts.is_empty());
}

#[test]
fn funding_and_liquidation_are_told() {
    let mut rig = Rig::ready();
    let at = rig.venue_ms();
    rig.frame(
        PRIVATE,
        &json!({"e":"ACCOUNT_UPDATE","E":at,"T":at,"a":{"m":"FUNDING_FEE","S":"BTCUSDT",
        "B":[{"a":"USDT","wb":"999.5","cw":"999.5","bc":"-0.5"}],"P":[]}}),
    );
    let funding = rig.facts.iter().find_map(|f| match f {
        Fact::Funding { key: k, amount } => Some((*k, amount.to_string())),
        _ => None,
    });
    assert_eq!(funding, Some((key("BTCUSDT"), "-0.5".to_owned())));
    rig.frame(PRIVATE, &fill_event("autoclose-1", 7, 55, at));
    assert!(rig.facts.iter().any(|f| matches!(f, Fact::Alarm { .. })));
}

#[test]
fn a_position_told_before_a_flat_truth_began_does_not_bring_it_back() {
    let mut rig = Rig::ready();
    let before = rig.venue_ms() - 10_000;
    rig.frame(
        PRIVATE,
        &json!({"e":"ACCOUNT_UPDATE","E":before,"T":before,"a":{"m":"ORDER","B":[],
        "P":[{"s":"BTCUSDT","pa":"0.010","ep":"60000","ps":"BOTH"}]}}),
    );
    assert!(!rig.facts.iter().any(|f| matches!(f, Fact::Position(_))));
}

#[test]
fn trades_are_read_page_by_page() {
    let mut rig = Rig::ready();
    rig.command(Command::Follow(symbol("BTCUSDT")));
    reconnect(&mut rig);
    let at = rig.venue_ms();
    rig.ok("openOrders", json!([order_json("S1a", 7, "NEW", "0", at)]));
    rig.ok("openAlgoOrders", json!([]));
    rig.ok("positionRisk", json!([]));
    rig.ok("balance", json!([]));
    rig.ok(
        "accountConfig",
        json!({"canTrade":true,"dualSidePosition":false}),
    );
    let page: Vec<Value> = (1..=1_000).map(|id| trade_json(id, 7, at)).collect();
    rig.ok("userTrades", json!(page));
    let call = rig.calls.iter().find(|c| c.target.contains("userTrades"));
    let target = &call.unwrap().target;
    assert!(target.contains("fromId=1001") && !target.contains("startTime"));
    rig.ok("userTrades", json!([trade_json(1_001, 7, at)]));
    assert_eq!(rig.fills(), 1_001);
}

/// Cuts, swaps or replaces bytes of a message.
fn mutated() -> impl Strategy<Value = (usize, usize, u8, bool)> {
    (0..9_usize, 0..600_usize, any::<u8>(), any::<bool>())
}

proptest! {
    #[test]
    fn k1_mutated_messages_never_panic((which, at, byte, cut) in mutated()) {
        let mut rig = Rig::ready();
        let now = rig.venue_ms();
        let mut messages: Vec<Value> = STREAM.lines()
            .map(|l| serde_json::from_str::<Value>(l).unwrap()["msg"].take())
            .collect();
        messages.push(fill_event("S1a", 7, 55, now));
        messages.push(json!({"id":1,"status":200,"result":{"orderId":1},"rateLimits":[{"rateLimitType":"ORDERS"}]}));
        let mut bytes = messages[which % messages.len()].to_string().into_bytes();
        let at = at % bytes.len();
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        for line in [ORDERS, PRIVATE] {
            rig.tell(In::Frame { line, opcode: Opcode::Text, bytes: &bytes });
        }
        rig.command(Command::Reconcile);
        for part in ["openOrders", "positionRisk", "balance", "accountConfig"] {
            if let Some(call) = rig.take_call(part) {
                let reply = crate::exchange::machine::Reply { status: 200, headers: Vec::new(), body: bytes.clone() };
                rig.reply(&call, Ok(reply));
            }
        }
        rig.pass(10_000);
    }
}

#[test]
fn k1_a_deeply_nested_message_is_counted() {
    let mut rig = Rig::ready();
    let deep = "[".repeat(100_000);
    for line in [ORDERS, PRIVATE] {
        rig.tell(In::Frame {
            line,
            opcode: Opcode::Text,
            bytes: deep.as_bytes(),
        });
    }
    assert_eq!(rig.bad(), 2);
}
