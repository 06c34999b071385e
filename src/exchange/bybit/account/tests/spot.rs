//! Spot: plain orders under a name of their own, no position, no stop.

use serde_json::{Value, json};

use super::rig::{PLAIN, Rig, fill_json, key, order, order_json, reference, symbol};
use crate::domain::message::Setting;
use crate::domain::{
    Command, Fact, Intent, Leg, NewOrder, OrderKind, OrderStatus, Outcome, Price, Qty, Side,
    TriggerBy,
};

const COIN: &str = "BTC/USDT";

fn spot(id: &str, kind: OrderKind, intent: Intent) -> NewOrder {
    NewOrder {
        key: key(COIN),
        qty: Qty(10_000),
        ..order(id, kind, intent)
    }
}

fn as_spot(mut record: Value) -> Value {
    record["category"] = json!("spot");
    record
}

#[test]
fn an_exit_is_a_plain_order_in_coins_and_never_on_credit() {
    let mut rig = Rig::ready();
    rig.place(NewOrder {
        side: Side::Sell,
        ..spot("S1x", OrderKind::Market, Intent::Exit)
    });
    let body = &rig.last().1["args"][0];
    let wanted = json!({"category":"spot","symbol":"BTCUSDT","side":"Sell","orderType":"Market","qty":"0.010000",
        "timeInForce":"IOC","orderLinkId":"S1x","smpType":"CancelMaker","isLeverage":0,"marketUnit":"baseCoin"});
    assert_eq!(*body, wanted);
}

#[test]
fn a_leg_that_the_desk_names_is_of_no_concern_on_spot() {
    let mut rig = Rig::ready();
    rig.place(NewOrder {
        leg: Some(Leg::Long),
        ..spot("S1a", PLAIN, Intent::Entry)
    });
    assert!(rig.last().1["args"][0].get("positionIdx").is_none());
}

#[test]
fn a_conditional_order_is_refused_in_words() {
    let mut rig = Rig::ready();
    let kind = OrderKind::Stop {
        trigger: Price(610_000),
        limit: Some(Price(610_100)),
        by: TriggerBy::Last,
    };
    rig.place(spot("S1s", kind, Intent::Entry));
    assert!(
        matches!(&rig.outcomes("S1s")[..], [Outcome::NotSent(words)] if words.contains("spot"))
    );
    assert!(rig.sent().is_empty());
}

#[test]
fn orders_and_fills_come_back_under_lancets_name_with_their_fee_in_coins() {
    let mut rig = Rig::ready();
    let at = rig.venue_ms();
    rig.told(
        "order",
        as_spot(order_json("S1a", "1523347543495541248", "New", "0", at)),
    );
    assert_eq!(rig.reports("S1a")[0].key.symbol, symbol(COIN));
    assert_eq!(rig.reports("S1a")[0].leg, None);
    let mut fill = as_spot(fill_json(
        "S1a",
        "1523347543495541248",
        "2290000000007764263",
        at + 1,
    ));
    fill["execFee"] = json!("0.00001");
    fill["feeCurrency"] = json!("BTC");
    rig.told("execution", fill);
    let fill = rig.fills()[0];
    assert_eq!(fill.key.symbol, symbol(COIN));
    assert_eq!((fill.fee_asset.as_str(), fill.leg), ("BTC", None));
    assert!(!rig.facts.iter().any(|f| matches!(f, Fact::Position(_))));
    let order = rig.reports("S1a")[0].order;
    rig.command(Command::Cancel {
        key: key(COIN),
        order,
    });
    let wanted = json!({"category":"spot","symbol":"BTCUSDT","orderId":"1523347543495541248"});
    assert_eq!(rig.last().1["args"][0], wanted);
}

#[test]
fn an_unknown_outcome_is_asked_about_in_its_category() {
    let mut rig = Rig::ready();
    rig.place(spot("S1a", PLAIN, Intent::Entry));
    rig.closed(crate::exchange::bybit::account::ORDERS);
    rig.pass(300);
    let cancelled = order_json(
        "S1a",
        "15",
        "PartiallyFilledCanceled",
        "0.004",
        rig.venue_ms(),
    );
    rig.list(
        "order/realtime?category=spot&symbol=BTCUSDT&orderLinkId=S1a",
        json!([as_spot(cancelled)]),
    );
    let report = rig.reports("S1a")[0];
    assert!(matches!(
        report.status,
        OrderStatus::Cancelled | OrderStatus::Expired
    ));
    assert_eq!(report.filled, Qty(4_000));
}

#[test]
fn truth_holds_orders_of_both_and_spot_has_neither_leverage_nor_margin() {
    let mut rig = Rig::new();
    let at = rig.venue_ms();
    rig.orders = json!([order_json("S1a", "u-1", "New", "0", at)]);
    rig.coins = json!([as_spot(order_json("S1b", "15", "New", "0", at))]);
    rig.start();
    rig.answer_truth();
    let mut symbols: Vec<_> = rig
        .told_truth()
        .orders
        .iter()
        .map(|o| o.key.symbol)
        .collect();
    symbols.sort_unstable();
    assert_eq!(symbols, [symbol("BTCUSDT"), symbol(COIN)]);
    rig.clear();
    rig.command(Command::SetLeverage {
        symbol: symbol(COIN),
        leverage: 5,
    });
    assert!(rig.calls.is_empty());
    let refused = |f: &&Fact| {
        matches!(
            f,
            Fact::Set {
                setting: Setting::Leverage(..),
                outcome: Outcome::NotSent(_),
                ..
            }
        )
    };
    assert!(rig.facts.iter().any(|f| refused(&f)));
    rig.command(Command::Follow(symbol(COIN)));
    let asked: Vec<&str> = rig.calls.iter().map(|c| c.target.as_str()).collect();
    assert_eq!(asked, ["/v5/account/fee-rate?category=spot&symbol=BTCUSDT"]);
    assert_eq!(reference("x").client.as_str(), "x");
}
