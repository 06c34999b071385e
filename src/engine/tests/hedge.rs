//! A hedge account: two positions on one symbol, which never meet.

use rust_decimal::Decimal;

use super::kit::{ASK, BID, Kit, dec, key, settings};
use crate::domain::message::{AccountTruth, PositionMode};
use crate::domain::*;
use crate::engine::action::Action;
use crate::engine::event::{Event, Row};
use crate::engine::settings::Distance;

fn hedge() -> Kit {
    let mut kit = Kit::ready();
    kit.mode(PositionMode::Hedge, true);
    kit.truth(AccountTruth::default());
    kit.forget();
    kit
}

fn size(kit: &Kit, leg: Leg) -> Decimal {
    let market = kit.desk.market(&key().of_leg(Some(leg)));
    market.map_or(Decimal::ZERO, |market| market.ledger.size())
}

/// Opens a leg of 0.050 at the touch.
fn open(kit: &mut Kit, side: Side) -> NewOrder {
    let order = kit.rest(Action::Join(side));
    let price = if side == Side::Buy {
        "60000.0"
    } else {
        "60000.3"
    };
    kit.fill(&order, 50, price);
    kit.forget();
    order
}

/// A long and a short of 0.050 each; the short was opened last.
fn both() -> Kit {
    let mut kit = hedge();
    open(&mut kit, Side::Buy);
    open(&mut kit, Side::Sell);
    assert_eq!(
        (size(&kit, Leg::Long), size(&kit, Leg::Short)),
        (dec("0.05"), dec("-0.05"))
    );
    kit
}

fn leg_report(kit: &Kit, leg: Leg, size: &str) -> PositionReport {
    PositionReport {
        leg: Some(leg),
        ..kit.position_of(dec(size), dec("60000"))
    }
}

#[test]
fn buys_open_the_long_and_sells_the_short() {
    let mut kit = hedge();
    let buy = open(&mut kit, Side::Buy);
    assert_eq!((buy.leg, buy.intent), (Some(Leg::Long), Intent::Entry));
    assert_eq!(buy.key.leg, None, "a venue is told the leg beside the key");
    kit.press(Action::Join(Side::Sell));
    let sell = kit.only();
    assert_eq!((sell.leg, sell.intent), (Some(Leg::Short), Intent::Entry));
    assert_eq!(sell.qty, Qty(50), "nothing is clipped to the other leg");
}

#[test]
fn exits_close_the_leg_shown_which_is_the_one_last_opened_or_chosen() {
    let mut kit = both();
    kit.press(Action::Close(100));
    let close = kit.only();
    assert_eq!(
        (close.leg, close.side, close.intent),
        (Some(Leg::Short), Side::Buy, Intent::Exit)
    );
    kit.forget();
    kit.press(Action::OtherLeg);
    kit.press(Action::ClosePassive);
    let close = kit.only();
    assert_eq!((close.leg, close.side), (Some(Leg::Long), Side::Sell));
    kit.fill(&close, 50, "60000.3");
    assert_eq!(size(&kit, Leg::Long), Decimal::ZERO);
    assert_eq!(size(&kit, Leg::Short), dec("-0.05"), "the other leg stands");
}

#[test]
fn a_close_of_a_leg_goes_again_only_after_proof_that_the_last_is_dead() {
    let mut kit = both();
    kit.press(Action::Close(100));
    let first = kit.only();
    kit.forget();
    kit.wait(400);
    assert!(
        kit.placed().is_empty(),
        "without reduce-only two could turn it round"
    );
    kit.report(&first, OrderStatus::Expired, 0);
    kit.wait(400);
    assert_eq!(kit.only().qty, Qty(50));
}

#[test]
fn a_leg_has_its_own_stop_and_is_not_naked_for_the_other() {
    let mut set = settings(Environment::Sim);
    set.auto_stop = Some(Distance::Ticks(100));
    let mut kit = Kit::with(set);
    kit.mode(PositionMode::Hedge, true);
    kit.forget();
    for side in [Side::Buy, Side::Sell] {
        let order = kit.rest(Action::Join(side));
        kit.forget();
        kit.fill(&order, 50, "60000.0");
        let stop = kit.only();
        assert_eq!((stop.leg, stop.side), (order.leg, side.opposite()));
        assert_eq!(stop.intent, Intent::Exit);
        let trigger = BID + if side == Side::Buy { -100 } else { 100 };
        assert_eq!(stop.kind.trigger(), Some(Price(trigger)));
        kit.report(&stop, OrderStatus::Working, 0);
    }
    kit.wait(2_000);
    assert!(!kit.heard("NAKED"));
}

#[test]
fn when_one_leg_is_flat_the_orders_of_the_other_stay() {
    let mut kit = both();
    kit.press_at(Action::StopAtCursor, Some(ASK + 100));
    let stop = kit.only();
    assert_eq!(stop.leg, Some(Leg::Short));
    kit.report(&stop, OrderStatus::Working, 0);
    kit.press(Action::OtherLeg);
    kit.forget();
    kit.press(Action::Close(100));
    let close = kit.only();
    kit.fill(&close, 50, "60000.0");
    kit.wait(100);
    assert_eq!(size(&kit, Leg::Long), Decimal::ZERO);
    assert!(kit.cancelled().is_empty());
    assert!(kit.order(stop.id).is_live());
}

#[test]
fn cancels_and_moves_reach_the_orders_of_both_legs() {
    let mut kit = hedge();
    let buy = kit.rest_at(Action::AtCursor(Side::Buy), BID - 50);
    let sell = kit.rest_at(Action::AtCursor(Side::Sell), ASK + 50);
    kit.forget();
    kit.press(Action::CancelEntries);
    let mut both = kit.cancelled();
    both.sort_unstable();
    assert_eq!(both, [buy.id, sell.id]);

    let mut kit = hedge();
    let buy = kit.rest_at(Action::AtCursor(Side::Buy), BID - 50);
    let sell = kit.rest_at(Action::AtCursor(Side::Sell), ASK + 50);
    kit.forget();
    // From the highest price down: the sell is the first.
    kit.press(Action::SelectNext);
    kit.press(Action::Move(1));
    assert!(matches!(&kit.sent[..], [Command::Amend(a)] if a.get().order.client == sell.id));
    kit.press(Action::SelectNext);
    kit.press(Action::CancelAt);
    assert_eq!(kit.cancelled(), [buy.id]);
}

#[test]
fn the_row_under_the_cursor_holds_orders_of_both_legs() {
    let mut kit = hedge();
    let buy = kit.rest_at(Action::AtCursor(Side::Buy), BID - 50);
    kit.press(Action::OtherLeg);
    kit.forget();
    let alone = (Price(BID - 50), Price(BID - 50));
    let row = Row {
        buys: alone,
        sells: alone,
    };
    kit.event(Event::Press(crate::engine::event::Press {
        action: Action::CancelAt,
        key: key(),
        cursor: Some(alone.0),
        row: Some(row),
        pointed: false,
        drawn: (None, None),
        at: kit.now,
    }));
    assert_eq!(kit.cancelled(), [buy.id]);
}

#[test]
fn panic_cancels_reads_the_positions_and_only_then_closes_each_leg() {
    let mut kit = both();
    let entry = kit.rest_at(Action::AtCursor(Side::Buy), BID - 50);
    kit.forget();
    kit.press(Action::PanicSymbol);
    assert_eq!(kit.cancelled(), [entry.id]);
    // The short had nothing but its position: its number is asked for at once, and no close goes before it.
    assert!(kit.placed().is_empty());
    assert!(kit.sent.iter().any(|c| matches!(c, Command::Reconcile)));
    let legs = |kit: &Kit| AccountTruth {
        positions: vec![
            leg_report(kit, Leg::Long, "0.05"),
            leg_report(kit, Leg::Short, "-0.05"),
        ],
        ..AccountTruth::default()
    };
    kit.wait(10);
    kit.report(&entry, OrderStatus::Cancelled, 0);
    kit.wait(10);
    let truth = legs(&kit);
    kit.truth(truth);
    let closes = kit.placed();
    let told: Vec<_> = closes.iter().map(|c| (c.leg, c.side, c.qty)).collect();
    assert_eq!(
        told,
        [
            (Some(Leg::Long), Side::Sell, Qty(50)),
            (Some(Leg::Short), Side::Buy, Qty(50))
        ]
    );
    assert!(closes.iter().all(|c| c.kind == OrderKind::Market));
    for close in &closes {
        kit.fill(close, 50, "60000.0");
    }
    kit.forget();
    kit.wait(100);
    kit.wait(10);
    kit.truth(AccountTruth::default());
    assert!(kit.heard("BTCUSDT LONG: flat, no orders, verified"));
    assert!(kit.heard("BTCUSDT SHORT: flat, no orders, verified"));
    assert!(kit.placed().is_empty());
}

#[test]
fn a_lost_answer_to_a_panic_close_of_a_leg_is_waited_for() {
    let mut kit = hedge();
    open(&mut kit, Side::Sell);
    kit.press(Action::Panic);
    kit.wait(10);
    let truth = AccountTruth {
        positions: vec![leg_report(&kit, Leg::Short, "-0.05")],
        ..AccountTruth::default()
    };
    kit.truth(truth.clone());
    let close = kit.only();
    kit.forget();
    kit.answer(
        close.id,
        crate::domain::message::Asked::Place,
        Outcome::Unknown("timeout".to_owned()),
    );
    kit.wait(3_000);
    assert!(kit.placed().is_empty(), "a second could open the other way");
    kit.report(&close, OrderStatus::Rejected, 0);
    kit.wait(2_500);
    kit.wait(10);
    kit.truth(truth);
    assert_eq!(kit.only().qty, Qty(50));
}

#[test]
fn an_order_that_the_venue_names_without_a_leg_is_found_by_its_name() {
    let mut kit = hedge();
    let buy = kit.rest_at(Action::AtCursor(Side::Buy), BID - 50);
    let mut report = kit.report_of(&buy, OrderStatus::Cancelled, 0);
    report.leg = None;
    kit.fact(Fact::Order(report));
    assert!(!kit.order(buy.id).is_live());
    assert_eq!(kit.desk.open_orders(), 0);
}

#[test]
fn truth_without_a_leg_proves_it_flat() {
    let mut kit = both();
    kit.wait(3_000);
    let truth = AccountTruth {
        positions: vec![leg_report(&kit, Leg::Long, "0.05")],
        ..AccountTruth::default()
    };
    kit.truth(truth);
    assert_eq!(size(&kit, Leg::Long), dec("0.05"));
    assert_eq!(size(&kit, Leg::Short), Decimal::ZERO);
}

#[test]
fn limits_count_both_legs_of_a_symbol() {
    let mut set = settings(Environment::Sim);
    set.limits.max_open_orders = 2;
    let mut kit = Kit::with(set);
    kit.mode(PositionMode::Hedge, true);
    kit.rest_at(Action::AtCursor(Side::Buy), BID - 50);
    kit.rest_at(Action::AtCursor(Side::Sell), ASK + 50);
    kit.forget();
    kit.press_at(Action::AtCursor(Side::Buy), Some(BID - 60));
    assert!(kit.placed().is_empty());
    assert!(kit.heard("2 entries are open, your limit is 2"));
}

#[test]
fn a_volume_is_chosen_for_the_symbol_and_reverse_says_that_there_is_none() {
    let mut kit = both();
    kit.press(Action::Volume(3));
    for leg in [Leg::Long, Leg::Short] {
        assert_eq!(kit.desk.market(&key().of_leg(Some(leg))).unwrap().volume, 3);
    }
    kit.press(Action::Reverse);
    assert!(kit.placed().is_empty());
    assert!(kit.heard("a hedge account has no reverse"));
}

#[test]
fn one_way_again_there_is_one_position() {
    let mut kit = hedge();
    open(&mut kit, Side::Buy);
    kit.press(Action::Close(100));
    let close = kit.only();
    kit.fill(&close, 50, "60000.0");
    kit.mode(PositionMode::OneWay, true);
    kit.truth(AccountTruth::default());
    kit.forget();
    kit.press(Action::Join(Side::Sell));
    assert_eq!(kit.only().leg, None);
    kit.forget();
    kit.press(Action::OtherLeg);
    assert!(kit.heard("only a hedge account has two"));
}

#[test]
fn a_leg_that_lost_too_much_is_closed_and_the_other_stands() {
    let mut set = settings(Environment::Sim);
    set.limits.max_trade_loss = risk::Cap::At(dec("10"));
    let mut kit = Kit::with(set);
    kit.mode(PositionMode::Hedge, true);
    open(&mut kit, Side::Buy);
    open(&mut kit, Side::Sell);
    kit.book(BID - 3_000, ASK - 3_000);
    kit.wait(100);
    let close = kit.only();
    assert_eq!(
        (close.leg, close.side, close.intent),
        (Some(Leg::Long), Side::Sell, Intent::Exit)
    );
}

#[test]
fn linked_entries_of_both_legs_cancel_one_another() {
    let mut kit = hedge();
    let buy = kit.rest_at(Action::AtCursor(Side::Buy), BID - 50);
    let sell = kit.rest_at(Action::AtCursor(Side::Sell), ASK + 50);
    kit.press(Action::Link);
    kit.forget();
    kit.fill(&buy, 10, "59995.0");
    assert_eq!(kit.cancelled(), [sell.id]);
}

#[test]
fn a_chase_of_a_leg_follows_in_its_own_market() {
    let mut kit = hedge();
    open(&mut kit, Side::Buy);
    let sell = kit.rest(Action::Chase(Side::Sell));
    assert_eq!((sell.leg, sell.intent), (Some(Leg::Short), Intent::Entry));
    kit.forget();
    kit.book(BID - 10, ASK - 10);
    assert!(matches!(&kit.sent[..], [Command::Amend(a)] if a.get().price == Price(ASK - 10)));
}
