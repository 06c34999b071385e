//! Own orders moved and resized in place.

use super::kit::*;
use crate::domain::message::{Asked, Proves};
use crate::domain::*;
use crate::engine::action::Action;

fn amends(kit: &Kit) -> Vec<Amend> {
    kit.sent
        .iter()
        .filter_map(|command| match command {
            Command::Amend(amend) => Some(*amend.get()),
            _ => None,
        })
        .collect()
}

fn only_amend(kit: &Kit) -> Amend {
    let amends = amends(kit);
    assert_eq!(amends.len(), 1, "{amends:?}, said {:?}", kit.said);
    amends[0]
}

/// A buy of 50 lots at 50 ticks below the bid.
fn resting() -> (Kit, NewOrder) {
    let mut kit = Kit::ready();
    let order = kit.rest(Action::AtCursor(Side::Buy));
    kit.forget();
    (kit, order)
}

fn stands(kit: &mut Kit, order: &NewOrder, price: i64, qty: i64) {
    let mut report = kit.report_of(order, OrderStatus::Working, 0);
    report.price = Some(Price(price));
    report.qty = Qty(qty);
    kit.fact(Fact::Order(report));
}

fn volume(kit: &mut Kit, lots: i64) {
    kit.volume(lots);
}

#[test]
fn the_only_order_moves_to_the_cursor_in_place() {
    let (mut kit, order) = resting();
    kit.press_at(Action::MoveToCursor, Some(BID - 20));
    let amend = only_amend(&kit);
    assert_eq!(amend.order.client, order.id);
    assert_eq!((amend.price, amend.qty.0), (Price(BID - 20), 50));
    assert!(kit.placed().is_empty() && kit.cancelled().is_empty());
    kit.answer(order.id, Asked::Amend, Outcome::Accepted { venue: None });
    assert_eq!(
        kit.order(order.id).price,
        Some(Price(BID - 50)),
        "not proved"
    );
    stands(&mut kit, &order, BID - 20, 50);
    assert_eq!(kit.order(order.id).price, Some(Price(BID - 20)));
    assert!(kit.order(order.id).amending.is_none());
    assert!(kit.heard("moved: BUY 0.050 at 59 998.0"));
}

#[test]
fn ticks_up_and_down_and_a_move_at_a_time() {
    let (mut kit, order) = resting();
    kit.press(Action::Move(1));
    assert_eq!(only_amend(&kit).price, Price(BID - 49));
    kit.press(Action::Move(1));
    assert!(kit.heard("its last move is not proved yet"));
    stands(&mut kit, &order, BID - 49, 50);
    kit.forget();
    kit.press(Action::Move(-1));
    assert_eq!(only_amend(&kit).price, Price(BID - 50));
}

#[test]
fn the_selected_of_several_moves_and_without_one_none() {
    let (mut kit, _) = resting();
    kit.wait(1_100);
    let second = kit.rest_at(Action::AtCursor(Side::Buy), BID - 70);
    kit.forget();
    kit.press(Action::Move(1));
    assert!(kit.heard("which order? s selects one"));
    assert!(kit.sent.is_empty());
    kit.press(Action::SelectNext);
    kit.press(Action::SelectNext);
    kit.press(Action::Move(1));
    assert_eq!(only_amend(&kit).order.client, second.id);
}

#[test]
fn it_is_never_moved_through_the_spread() {
    let (mut kit, _) = resting();
    kit.press_at(Action::MoveToCursor, Some(ASK));
    assert!(kit.heard("it would take there"));
    assert!(kit.sent.is_empty());
}

#[test]
fn an_entry_is_not_moved_when_none_could_be_placed_and_an_exit_always_is() {
    let (mut kit, _) = resting();
    kit.silence(3_000);
    kit.press(Action::Move(1));
    assert!(amends(&kit).is_empty(), "a stale book");
    let mut kit = Kit::ready();
    kit.long(80);
    volume(&mut kit, 40);
    let exit = kit.rest_at(Action::AtCursor(Side::Sell), ASK + 30);
    assert_eq!(exit.intent, Intent::Exit);
    kit.silence(3_000);
    kit.forget();
    kit.press(Action::Move(-1));
    assert_eq!(only_amend(&kit).price, Price(ASK + 29));
}

#[test]
fn both_sizes_count_until_one_is_proved() {
    let (mut kit, order) = resting();
    volume(&mut kit, 90);
    kit.press(Action::Resize);
    assert_eq!(only_amend(&kit).qty.0, 90);
    let open = |kit: &Kit| kit.market().orders.remaining(Side::Buy, Intent::Entry).0;
    assert_eq!(open(&kit), 90);
    kit.answer(order.id, Asked::Amend, Outcome::Unknown("no answer".into()));
    assert!(kit.heard("MOVE UNKNOWN"));
    assert_eq!(open(&kit), 90);
    // More than the old size may fill meanwhile.
    kit.fill(&order, 60, "59995.0");
    assert!(!kit.heard("overfill"), "{:?}", kit.said);
    assert!(kit.order(order.id).is_live());
    let words = "not changed".to_owned();
    let outcome = Outcome::Rejected {
        code: -2013,
        words,
        proves: Proves::Nothing,
    };
    kit.answer(order.id, Asked::Amend, outcome);
    assert!(kit.heard("not moved: not changed -2013"));
    assert!(kit.order(order.id).amending.is_none());
}

#[test]
fn a_larger_order_meets_the_limits_and_does_not_count_itself_twice() {
    let (mut kit, _) = resting();
    // 0.050 at 60 000 is 3 000; one order may be 100 000, the position 200 000.
    volume(&mut kit, 1_660);
    kit.press(Action::Resize);
    assert_eq!(only_amend(&kit).qty.0, 1_660);
    let (mut kit, _) = resting();
    volume(&mut kit, 1_700);
    kit.press(Action::Resize);
    assert!(amends(&kit).is_empty());
}

#[test]
fn exits_never_cover_more_than_the_position() {
    let mut kit = Kit::ready();
    kit.long(80);
    volume(&mut kit, 30);
    kit.rest_at(Action::AtCursor(Side::Sell), ASK + 30);
    kit.wait(1_100);
    kit.rest_at(Action::AtCursor(Side::Sell), ASK + 40);
    volume(&mut kit, 60);
    kit.forget();
    kit.press(Action::SelectNext);
    kit.press(Action::Resize);
    assert!(kit.heard("exits may cover 0.050 here, no more"));
    assert!(amends(&kit).is_empty());
}

#[test]
fn an_unproved_move_is_asked_about_and_never_sent_again() {
    let (mut kit, order) = resting();
    kit.press(Action::Move(1));
    kit.forget();
    kit.wait(1_100);
    kit.wait(1_100);
    let asked = |c: &&Command| matches!(c, Command::Query { order: o, .. } if o.client == order.id);
    assert_eq!(kit.sent.iter().filter(asked).count(), 2);
    assert!(amends(&kit).is_empty());
}

#[test]
fn a_selected_stop_moves_as_stops_do() {
    let mut kit = Kit::ready();
    kit.long(80);
    kit.press_at(Action::StopAtCursor, Some(BID - 40));
    let stop = kit.only();
    kit.accepted(stop.id);
    kit.report(&stop, OrderStatus::Working, 0);
    kit.wait(100);
    kit.press(Action::SelectNext);
    kit.forget();
    kit.press(Action::Move(1));
    let new = kit.only();
    assert_eq!(kit.market().selected, Some(new.id));
    assert_eq!(new.kind.trigger(), Some(Price(BID - 39)));
    assert!(amends(&kit).is_empty());
    kit.press(Action::Resize);
    assert!(kit.heard("a stop follows the position's size by itself"));
}

#[test]
fn foreign_orders_are_left_alone() {
    let mut kit = Kit::ready();
    let foreign = NewOrder {
        id: ClientId::new("phone-1").unwrap(),
        side: Side::Buy,
        intent: Intent::Entry,
        qty: Qty(80),
        kind: OrderKind::Limit {
            price: Price(BID - 70),
            tif: TimeInForce::Gtc,
        },
        key: key(),
        leg: None,
    };
    kit.report(&foreign, OrderStatus::Working, 0);
    kit.forget();
    kit.press(Action::Move(1));
    kit.press(Action::SelectNext);
    kit.press(Action::Move(1));
    assert!(kit.sent.is_empty(), "{:?}", kit.sent);
}
