//! Account truth: whole or nothing, before anything else, and never older than what the stream told.

use serde_json::json;

use super::rig::{Rig, fill_report, holdings, order_json, report, symbol, trade_json};
use crate::domain::message::{LinkState, PositionMode};
use crate::domain::{Command, Fact, OrderStatus};
use crate::exchange::account::upkeep::PRIVATE;
use crate::exchange::machine::CallError;

#[test]
fn it_holds_orders_balances_and_no_position() {
    let mut rig = Rig::new();
    rig.start();
    rig.subscribed();
    let open = order_json("S1a", 7, "PARTIALLY_FILLED", "0.00400000", rig.venue_ms());
    rig.ok("openOrders", json!([open]));
    let call = rig.take_call("/api/v3/account?").unwrap();
    assert!(call.target.contains("omitZeroBalances=true&"));
    rig.reply_with(
        &call,
        200,
        &holdings(true, &[("BTC", "1.5", "0.5"), ("USDT", "10", "0")]),
    );
    assert!(rig.truth().is_none(), "trades are missing");
    rig.answer_trades(&[trade_json(5, 7, rig.venue_ms())]);
    let truth = rig.truth().unwrap();
    assert_eq!(truth.orders.len(), 1);
    assert_eq!(truth.orders[0].filled.0, 400);
    assert!(truth.positions.is_empty());
    let btc = truth.balances[0];
    assert_eq!(
        (btc.wallet, btc.available),
        (2.into(), Some("1.5".parse().unwrap()))
    );
    assert_eq!(truth.fills[0].client.as_str(), "S1a");
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
fn a_coin_that_is_not_listed_any_more_is_told_as_gone() {
    let mut rig = Rig::ready();
    rig.event(
        &json!({"e":"outboundAccountPosition","E":1564034571105_i64,"u":1564034571073_i64,
        "B":[{"a":"ETH","f":"10000.000000","l":"1.5"}]}),
    );
    let told = rig.facts.iter().find_map(|fact| match fact {
        Fact::Balance { balance, .. } => Some(*balance),
        _ => None,
    });
    assert_eq!(told.unwrap().wallet, "10001.5".parse().unwrap());
    rig.command(Command::Reconcile);
    rig.answer_truth(json!([]), &[]);
    let truth = rig.truth().unwrap();
    let eth = truth.balances.iter().find(|b| b.asset.as_str() == "ETH");
    assert!(eth.unwrap().wallet.is_zero());
}

#[test]
fn a_missing_part_is_never_nothing() {
    for part in ["openOrders", "/api/v3/account?", "myTrades"] {
        let mut rig = Rig::ready();
        rig.command(Command::Follow(symbol("BTCUSDT")));
        rig.command(Command::Reconcile);
        if part == "myTrades" {
            rig.ok("openOrders", json!([]));
            rig.ok("/api/v3/account?", holdings(true, &[]));
        }
        rig.fail(part, CallError::Lost("no answer".into()));
        rig.calls.clear();
        assert!(rig.truth().is_none(), "{part}");
        assert!(rig.bad() > 0);
        rig.pass(1_600);
        assert!(rig.take_call("openOrders").is_some(), "{part}: tried again");
    }
}

#[test]
fn c4_a_fill_that_the_stream_lost_is_found_and_told_once() {
    let mut rig = Rig::ready();
    rig.command(Command::Follow(symbol("BTCUSDT")));
    rig.place("S1a");
    let at = rig.venue_ms();
    rig.answer_order(
        200,
        json!({"result":{"symbol":"BTCUSDT","orderId":7,"clientOrderId":"S1a","transactTime":at}}),
    );
    rig.event(&fill_report("S1a", 7, 31, at));
    rig.command(Command::Reconcile);
    rig.ok("openOrders", json!([]));
    rig.ok("/api/v3/account?", holdings(true, &[]));
    let call = rig.take_call("myTrades").unwrap();
    assert!(call.target.contains("symbol=BTCUSDT&limit=1000&startTime="));
    rig.reply_with(
        &call,
        200,
        &json!([trade_json(31, 7, at), trade_json(32, 7, at + 1)]),
    );
    assert_eq!(rig.fills(), 2);
    let truth = rig.truth().unwrap();
    assert_eq!(truth.fills.len(), 1);
    assert_eq!(
        (
            truth.fills[0].trade.as_str(),
            truth.fills[0].client.as_str()
        ),
        ("32", "S1a")
    );
    // The next page begins after what was told.
    rig.clear();
    rig.command(Command::Reconcile);
    rig.ok("openOrders", json!([]));
    rig.ok("/api/v3/account?", holdings(true, &[]));
    let call = rig.take_call("myTrades").unwrap();
    assert!(call.target.contains("fromId=33&"), "{}", call.target);
    assert!(!call.target.contains("startTime"));
}

#[test]
fn the_order_behind_a_trade_that_nobody_named_is_looked_up() {
    let mut rig = Rig::ready();
    rig.command(Command::Follow(symbol("BTCUSDT")));
    rig.command(Command::Reconcile);
    let at = rig.venue_ms();
    rig.answer_truth(json!([]), &[trade_json(31, 7, at)]);
    assert!(rig.truth().is_none());
    let call = rig.take_call("/api/v3/order?").unwrap();
    assert!(call.target.contains("symbol=BTCUSDT&orderId=7&"));
    rig.reply_with(
        &call,
        200,
        &order_json("S1a", 7, "FILLED", "0.01000000", at),
    );
    let truth = rig.truth().unwrap();
    assert_eq!(truth.fills[0].client.as_str(), "S1a");
}

#[test]
fn what_the_stream_told_beside_the_fetch_is_newer() {
    let mut rig = Rig::ready();
    let at = rig.venue_ms();
    rig.event(&report("S1a", 7, "NEW", "NEW", at));
    rig.command(Command::Reconcile);
    let mut gone = report("c", 7, "CANCELED", "CANCELED", at + 5);
    gone["C"] = json!("S1a");
    rig.event(&gone);
    rig.answer_truth(json!([order_json("S1a", 7, "NEW", "0.00000000", at)]), &[]);
    assert!(rig.truth().unwrap().orders.is_empty());
    let last = rig.facts.iter().rev().find_map(|fact| match fact {
        Fact::Order(report) => Some(report.status),
        _ => None,
    });
    assert_eq!(last, Some(OrderStatus::Cancelled));
}

#[test]
fn an_order_of_a_symbol_that_is_not_listed_is_skipped_after_one_more_load() {
    let mut rig = Rig::new();
    rig.start();
    rig.subscribed();
    let mut foreign = order_json("web", 9, "NEW", "0", rig.venue_ms());
    foreign["symbol"] = json!("NOSUCH");
    rig.ok("openOrders", json!([foreign.clone()]));
    // Listed or not is asked once more; after that the record is skipped.
    for _ in 0..4 {
        while let Some(call) = rig.take_call("exchangeInfo") {
            rig.reply_with(&call, 200, &serde_json::from_str(super::rig::INFO).unwrap());
        }
        while let Some(call) = rig.take_call("openOrders") {
            rig.reply_with(&call, 200, &json!([foreign.clone()]));
        }
        while let Some(call) = rig.take_call("/api/v3/account?") {
            rig.reply_with(&call, 200, &holdings(true, &[]));
        }
        rig.pass(6_100);
    }
    assert!(rig.truth().is_some());
    assert!(rig.truth().unwrap().orders.is_empty());
}

#[test]
fn fee_rates_are_of_the_dearer_side_and_without_a_discount() {
    let mut rig = Rig::ready();
    rig.command(Command::Follow(symbol("BTCUSDT")));
    rig.ok(
        "account/commission",
        json!({"symbol":"BTCUSDT","standardCommission":{"maker":"0.00000010","taker":"0.00000020","buyer":"0.00000030","seller":"0.00000040"},
            "taxCommission":{"maker":"0.00000112","taker":"0.00000114","buyer":"0.00000118","seller":"0.00000116"},
            "discount":{"enabledForAccount":true,"enabledForSymbol":true,"discountAsset":"BNB","discount":"0.75000000"}}),
    );
    let settings = rig.facts.iter().find_map(|fact| match fact {
        Fact::Settings(settings) => Some(*settings),
        _ => None,
    });
    let settings = settings.unwrap();
    assert_eq!(settings.maker_fee, Some("0.0000028".parse().unwrap()));
    assert_eq!(settings.taker_fee, Some("0.00000292".parse().unwrap()));
    assert_eq!((settings.leverage, settings.margin), (None, None));
}

#[test]
fn truth_is_polled_slowly_while_nothing_is_open_and_faster_while_something_is() {
    let mut rig = Rig::ready();
    rig.pass(11_000);
    assert!(rig.take_call("openOrders").is_none());
    rig.pass(50_000);
    rig.answer_truth(
        json!([order_json("S1a", 7, "NEW", "0.0", rig.venue_ms())]),
        &[],
    );
    rig.pass(10_100);
    assert!(rig.take_call("openOrders").is_some());
}

#[test]
fn a_deposit_reads_the_account_again() {
    let mut rig = Rig::ready();
    rig.event(&json!({"e":"balanceUpdate","E":1573200697110_i64,"a":"BTC","d":"100.00000000","T":1573200697068_i64}));
    assert!(rig.take_call("openOrders").is_some());
    rig.frame(
        PRIVATE,
        &json!({"subscriptionId":0,"event":{"e":"listStatus","E":1,"s":"ETHBTC"}}),
    );
    assert_eq!(rig.bad(), 0);
}
