//! Account truth, positions, mismatch, money.

use super::kit::*;
use crate::domain::message::{AccountTruth, Balance, LinkState, MarketFact};
use crate::domain::*;
use crate::engine::action::Action;
use crate::engine::arm::Armed;
use crate::engine::effect::Effect;
use crate::engine::event::Event;

#[test]
fn rule4_a_fill_and_the_position_may_come_in_either_order() {
    for fill_first in [true, false] {
        let mut kit = Kit::ready();
        let order = kit.rest(Action::Join(Side::Buy));
        let fill = kit.fill_of(&order, 50, "60000.0");
        let position = kit.position_of(dec("0.05"), dec("60000"));
        if fill_first {
            kit.fact(Fact::Fill(fill));
            assert_eq!(kit.size(), dec("0.05"));
            kit.wait(1_900);
            kit.fact(Fact::Position(position));
        } else {
            kit.fact(Fact::Position(position));
            assert_eq!(kit.size(), dec("0.05"));
            kit.wait(1_900);
            kit.fact(Fact::Fill(fill));
        }
        kit.wait(5_000);
        assert_eq!(kit.size(), dec("0.05"));
        assert_eq!(kit.desk.arm().state(), Armed::Armed);
    }
}

#[test]
fn rule4_a_difference_that_lasts_is_a_mismatch_shown_and_the_venues_number_wins() {
    let mut kit = Kit::ready();
    kit.long(50);
    kit.position(dec("-0.02"), dec("60000"));
    kit.wait(1_900);
    assert!(!kit.market().ledger.is_mismatch());
    kit.wait(200);
    assert!(kit.market().ledger.is_mismatch());
    assert!(
        kit.heard("MISMATCH own fills 0.05 / venue -0.02"),
        "{:?}",
        kit.said
    );
    assert_eq!(kit.size(), dec("-0.02"));
    assert_eq!(kit.desk.arm().state(), Armed::ExitsOnly);
    assert!(kit.sent.contains(&Command::Reconcile));
    kit.forget();
    kit.press(Action::Close(100));
    assert_eq!((kit.only().side, kit.only().qty), (Side::Buy, Qty(20)));
}

#[test]
fn rule4_a_mismatch_ends_when_the_missing_fill_is_found_or_the_trader_takes_the_venues_number() {
    let mut kit = Kit::ready();
    let order = kit.rest(Action::Join(Side::Buy));
    let mut fill = kit.fill_of(&order, 50, "60000.0");
    kit.position(dec("0.05"), dec("60000"));
    kit.wait(2_100);
    kit.wait(2_100);
    assert!(kit.market().ledger.is_mismatch());
    fill.recovered = true;
    let position = kit.position_of(dec("0.05"), dec("60000"));
    kit.truth(AccountTruth {
        fills: vec![fill],
        positions: vec![position],
        ..AccountTruth::default()
    });
    assert!(!kit.market().ledger.is_mismatch());
    assert!(kit.heard("(recovered)"));
    assert_eq!(kit.desk.arm().state(), Armed::Armed);

    kit.position(dec("0.01"), dec("60000"));
    kit.wait(2_100);
    kit.wait(2_100);
    assert!(kit.market().ledger.is_mismatch());
    kit.press(Action::Arm(1));
    kit.wait(5_000);
    assert_eq!(kit.desk.arm().state(), Armed::Armed);
    assert_eq!(kit.size(), dec("0.01"));
}

#[test]
fn c1_what_was_open_before_the_start_is_found_and_told() {
    let mut kit = Kit::bare(settings(Environment::Sim));
    let position = kit.position_of(dec("0.2"), dec("59000"));
    kit.truth(AccountTruth {
        positions: vec![position],
        ..AccountTruth::default()
    });
    assert_eq!(kit.size(), dec("0.2"));
    assert!(
        kit.heard("found BTCUSDT: LONG 0.200 @ 59 000, 0 orders, no stop"),
        "{:?}",
        kit.said
    );
    kit.wait(5_000);
    assert!(!kit.market().ledger.is_mismatch());
}

#[test]
fn c2_a_working_order_that_truth_does_not_list_is_asked_for_not_forgotten() {
    let mut kit = Kit::ready();
    let order = kit.rest(Action::Join(Side::Buy));
    kit.wait(5_000);
    kit.forget();
    kit.truth(AccountTruth::default());
    assert!(matches!(&kit.sent[..], [Command::Query { order: o, .. }] if o.client == order.id));
    assert_eq!(kit.live(), 1);
}

#[test]
fn c11_absence_of_a_report_is_never_flat() {
    let mut kit = Kit::ready();
    kit.long(50);
    kit.wait(60_000);
    assert_eq!(kit.size(), dec("0.05"));
}

#[test]
fn a_truth_that_was_on_its_way_does_not_undo_a_newer_fill() {
    let mut kit = Kit::ready();
    kit.long(50);
    let listed = PositionReport {
        venue_ms: 0,
        ..kit.position_of(dec("0"), dec("0"))
    };
    for positions in [vec![], vec![listed]] {
        kit.truth(AccountTruth {
            positions,
            ..AccountTruth::default()
        });
        assert_eq!(kit.size(), dec("0.05"));
    }
}

#[test]
fn a_position_that_is_gone_from_truth_was_closed_outside_and_is_a_mismatch_until_its_fill_is_found()
{
    let mut kit = Kit::ready();
    kit.long(50);
    kit.wait(5_000);
    kit.truth(AccountTruth::default());
    kit.wait(1_000);
    kit.wait(1_100);
    assert!(kit.market().ledger.is_mismatch());
    assert_eq!(kit.size(), dec("0"));
}

#[test]
fn c5_a_fill_through_zero_closes_and_opens_at_its_own_price() {
    let mut set = settings(Environment::Sim);
    set.opposite = crate::engine::settings::Opposite::Plain;
    let mut kit = Kit::with(set);
    kit.long(50);
    kit.volume(80);
    let order = kit.rest(Action::Join(Side::Sell));
    kit.fill(&order, 80, "60100");
    assert_eq!(kit.size(), dec("-0.03"));
    assert_eq!(kit.market().ledger.entry(), dec("60100"));
    assert_eq!(kit.market().ledger.own().realised, dec("5"));
    assert_eq!(kit.market().ledger.trips(), 1);
}

#[test]
fn c12_a_fill_of_a_symbol_without_rules_waits_and_is_counted_when_they_come() {
    let mut kit = Kit::ready();
    let other = MarketKey {
        symbol: Symbol::new("ETHUSDT").unwrap(),
        leg: None,
        ..key()
    };
    let order = NewOrder {
        leg: None,
        key: other,
        id: ClientId::new("phone-7").unwrap(),
        side: Side::Buy,
        qty: Qty(5),
        kind: OrderKind::Market,
        intent: Intent::Entry,
    };
    let fill = kit.fill_of(&order, 5, "3000");
    kit.fact(Fact::Fill(fill));
    assert!(
        kit.heard("ETHUSDT BUY: 5 lots filled at 3000"),
        "{:?}",
        kit.said
    );
    let rules = Instrument {
        symbol: other.symbol,
        ..instrument()
    };
    let list = crate::domain::message::MarketFact::Instruments(std::sync::Arc::from([rules]));
    kit.event(crate::engine::event::Event::Market(venue(), list));
    let market = kit.desk.market(&other).unwrap();
    assert_eq!(market.ledger.size(), dec("0.005"));
}

#[test]
fn fees_in_another_asset_are_not_mixed_with_money() {
    let mut kit = Kit::ready();
    let order = kit.rest(Action::Join(Side::Buy));
    let mut fill = kit.fill_of(&order, 50, "60000.0");
    fill.fee_asset = Asset::new("BNB").unwrap();
    kit.fact(Fact::Fill(fill));
    assert_eq!(kit.market().ledger.own().fees, dec("0"));
    assert!(kit.heard("fee 0.6 BNB"));
}

#[test]
fn funding_is_a_fact_and_counts_in_the_session() {
    let mut kit = Kit::ready();
    kit.fact(Fact::Funding {
        key: key(),
        amount: dec("-1.25"),
    });
    assert_eq!(kit.desk.session_result(), dec("-1.25"));
    assert!(kit.heard("BTCUSDT funding -1.25"));
}

#[test]
fn rule10_the_session_loss_ends_entries() {
    let mut kit = Kit::ready();
    kit.fact(Fact::Funding {
        key: key(),
        amount: dec("-1000"),
    });
    kit.press(Action::Join(Side::Buy));
    assert!(kit.placed().is_empty());
    assert!(kit.heard("day's loss 1 000, your limit is 1000: exits only until 00:00 UTC"));
}

#[test]
fn k7_messages_about_another_account_are_not_booked() {
    let mut kit = Kit::ready();
    let foreign = PositionReport {
        key: MarketKey {
            account: Account::new("other").unwrap(),
            ..key()
        },
        ..kit.position_of(dec("5"), dec("60000"))
    };
    kit.fact(Fact::Position(foreign));
    assert!(kit.heard("was not booked"));
    assert_eq!(kit.desk.account().bad, 1);
    assert!(kit.desk.market(&foreign.key).is_none());
}

#[test]
fn rule4_arming_on_a_mismatch_counts_the_fills_that_are_newer_than_the_venues_number() {
    let mut kit = Kit::ready();
    kit.long(50);
    let order = kit.rest(Action::Join(Side::Buy));
    kit.wait(10);
    let fill = kit.fill_of(&order, 50, "60000.0");
    kit.fact(Fact::Fill(fill));
    // The position update that belongs to it is lost.
    kit.wait(2_100);
    assert!(kit.market().ledger.is_mismatch());
    kit.press(Action::Arm(1));
    assert_eq!(kit.market().ledger.own().size, dec("0.100"));
    assert_eq!(kit.size(), dec("0.100"));
    assert_eq!(kit.market().ledger.own().fees, dec("1.2"));
}

#[test]
fn rule12_the_journal_holds_decimal_text_and_never_lots_or_ticks() {
    let mut kit = Kit::ready();
    let effects = kit.press(Action::Join(Side::Buy));
    let order = kit.only();
    let report = kit.report_of(&order, OrderStatus::Working, 0);
    let fill = kit.fill_of(&order, 1, "60000.0");
    let said = [
        effects,
        kit.fact(Fact::Order(report)),
        kit.fact(Fact::Fill(fill)),
    ];
    let rows: Vec<serde_json::Value> = said
        .into_iter()
        .flat_map(|effects| effects.0)
        .filter_map(|effect| match effect {
            Effect::Journal(row) => Some(row.json()),
            _ => None,
        })
        .collect();
    let whole = instrument().qty_text(order.qty);
    for (kind, qty) in [
        ("intent", whole.as_str()),
        ("order", &whole),
        ("fill", "0.001"),
    ] {
        let row = rows.iter().find(|row| row["kind"] == kind).unwrap();
        assert_eq!(row["qty"], qty, "{row}");
    }
    let price = rows.iter().find(|row| row["kind"] == "intent").unwrap();
    assert!(price["price"].as_str().unwrap().contains('.'), "{price}");
}

#[test]
fn what_was_free_before_the_wallet_changed_is_not_said_to_be_free_after() {
    let mut kit = Kit::ready();
    let balance = |wallet, available| Fact::Balance {
        account: key().account,
        venue: venue(),
        balance: Balance {
            asset: Asset::new("USDT").unwrap(),
            wallet: dec(wallet),
            available,
        },
    };
    kit.fact(balance("100", Some(dec("90"))));
    kit.fact(balance("80", None));
    let known = kit
        .desk
        .account()
        .balances
        .iter()
        .find(|b| b.asset.as_str() == "USDT")
        .unwrap();
    assert_eq!((known.wallet, known.available), (dec("80"), None));
}

#[test]
fn after_a_crash_position_orders_and_stop_are_told_before_any_key_finds_them() {
    let mut kit = Kit::bare(settings(Environment::Sim));
    kit.book(BID, ASK);
    for row in crate::engine::action::ACTIONS {
        if !matches!(row.action, Action::Panic | Action::PanicSymbol) {
            kit.press(row.action);
        }
    }
    assert!(kit.sent.is_empty(), "{:?}", kit.sent);
    assert!(kit.heard("the account is not read yet: nothing is known to be open; panic works"));
    kit.forget();
    kit.press(Action::Arm(1));
    let stop = kit.stop_report(150, BID - 2_000);
    let rests = kit.report_of(&entry(), OrderStatus::Working, 0);
    let position = kit.position_of(dec("0.15"), dec("59000"));
    kit.truth(AccountTruth {
        positions: vec![position],
        orders: vec![stop, rests],
        ..AccountTruth::default()
    });
    kit.link(LinkState::Ready);
    let found = "found BTCUSDT: LONG 0.150 @ 59 000, 1 order, stop at 59 800.0";
    assert!(kit.heard(found), "{:?}", kit.said);
    kit.forget();
    kit.press(Action::Close(100));
    assert_eq!(kit.only().qty, Qty(150));
}

/// An order of an earlier run.
fn entry() -> NewOrder {
    NewOrder {
        key: key(),
        id: ClientId::new("mabc12345x77").unwrap(),
        side: Side::Buy,
        qty: Qty(50),
        kind: OrderKind::Limit {
            price: Price(BID - 500),
            tif: TimeInForce::Gtc,
        },
        intent: Intent::Entry,
        leg: None,
    }
}

#[test]
fn new_steps_count_everything_anew_and_are_said() {
    let mut kit = Kit::ready();
    let order = kit.rest_at(Action::AtCursor(Side::Buy), BID - 50);
    kit.forget();
    let finer = Instrument {
        tick: crate::domain::decimal::Step::parse("0.01").unwrap(),
        ..instrument()
    };
    kit.event(Event::Market(
        venue(),
        MarketFact::Instruments(std::sync::Arc::from([finer])),
    ));
    assert_eq!(kit.order(order.id).price, Some(Price((BID - 50) * 10)));
    assert!(kit.heard("steps are now 0.01"), "{:?}", kit.said);
    assert!(kit.sent.contains(&Command::Reconcile));
    kit.press(Action::Join(Side::Buy));
    assert!(kit.placed().is_empty(), "the book of the old steps is gone");
}
