//! Spot: no position, no reduce-only, no conditional order; fees in the coin that was bought.

use serde_json::json;

use super::rig::{POST_ONLY, Rig, fill_json, spot_order, symbol};
use crate::domain::{Asset, Command, Fact, Intent, OrderKind, Outcome, Price, TriggerBy};

#[test]
fn an_exit_is_a_plain_order_sized_in_coins() {
    for (level, mode) in [("1", "cash"), ("2", "cash"), ("3", "cross")] {
        let mut rig = Rig::ready_as(level, "net_mode");
        let order = spot_order("S1x", OrderKind::Market, Intent::Exit);
        rig.command(Command::Place(order));
        let args = &rig.sent()[0].1["args"][0];
        let expected = json!({"instIdCode":7,"tdMode":mode,"side":"sell","ordType":"market","sz":"0.00100000","clOrdId":"S1x",
            "tgtCcy":"base_ccy","stpMode":"cancel_maker"});
        assert_eq!(*args, expected);
    }
}

#[test]
fn an_account_with_legs_has_none_on_spot() {
    let mut rig = Rig::ready_as("2", "long_short_mode");
    rig.command(Command::Place(spot_order("S1a", POST_ONLY, Intent::Entry)));
    assert!(rig.sent()[0].1["args"][0].get("posSide").is_none());
}

#[test]
fn stops_are_not_asked_for() {
    let mut rig = Rig::ready();
    let stop = OrderKind::Stop {
        trigger: Price(610_000),
        limit: Some(Price(610_100)),
        by: TriggerBy::Last,
    };
    rig.command(Command::Place(spot_order("S1s", stop, Intent::Entry)));
    assert!(matches!(rig.outcomes("S1s")[..], [Outcome::NotSent(_)]));
    assert!(rig.calls.is_empty());
}

#[test]
fn a_fee_in_coins_is_told_in_coins_and_no_position_is_ever_told() {
    let mut rig = Rig::ready();
    let mut order = fill_json("S1a", 5, "filled", ("0.001", "0.001"), 900, rig.venue_ms());
    order["instType"] = json!("SPOT");
    order["instId"] = json!("BTC-USDT");
    order["posSide"] = json!("");
    order["sz"] = json!("0.001");
    order["fillFee"] = json!("-0.000001");
    order["fillFeeCcy"] = json!("BTC");
    rig.push("orders", order);
    let fill = rig.fills()[0];
    assert_eq!(fill.key.symbol, symbol("BTC-USDT"));
    assert_eq!(fill.fee.to_string(), "0.000001");
    assert_eq!(fill.fee_asset, Asset::new("BTC").unwrap());
    assert!(!rig.facts.iter().any(|f| matches!(f, Fact::Position(_))));
}

#[test]
fn a_purchase_for_an_amount_of_money_is_shown_by_what_it_bought() {
    let mut rig = Rig::ready();
    let mut order = fill_json(
        "web1",
        5,
        "filled",
        ("0.00192834", "0.00192834"),
        900,
        rig.venue_ms(),
    );
    order["instType"] = json!("SPOT");
    order["instId"] = json!("BTC-USDT");
    order["ordType"] = json!("market");
    order["tgtCcy"] = json!("quote_ccy");
    order["px"] = json!("");
    order["sz"] = json!("100");
    rig.push("orders", order);
    let report = rig.orders().pop().unwrap();
    assert_eq!((report.qty.0, report.price), (192_834, None));
}
