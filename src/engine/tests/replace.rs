//! Moves where the venue changes nothing in place: cancel, proof, place.

use super::kit::*;
use crate::domain::message::{Asked, Proves};
use crate::domain::*;
use crate::engine::action::Action;
use crate::engine::event::Event;

/// A buy of 50 lots at 50 ticks below the bid, at a venue that cannot amend.
fn resting() -> (Kit, NewOrder) {
    let mut set = settings(Environment::Sim);
    set.amends = false;
    let mut kit = Kit::with(set);
    let order = kit.rest(Action::AtCursor(Side::Buy));
    kit.forget();
    (kit, order)
}

#[test]
fn the_old_order_is_proved_gone_before_the_new_one_is_placed() {
    let (mut kit, order) = resting();
    kit.press_at(Action::MoveToCursor, Some(BID - 20));
    assert_eq!(kit.cancelled(), [order.id]);
    assert!(kit.placed().is_empty());
    let goes_to = crate::engine::replace::goes_to(kit.market(), order.id);
    assert_eq!(goes_to, Some(Price(BID - 20)), "shown on both rows");
    kit.report(&order, OrderStatus::Cancelled, 0);
    let new = kit.only();
    assert_ne!(new.id, order.id);
    assert_eq!(new.kind.limit(), Some(Price(BID - 20)));
    assert_eq!((new.qty, new.intent), (Qty(50), Intent::Entry));
    assert_eq!(kit.live(), 1);
}

#[test]
fn what_filled_meanwhile_is_not_placed_again() {
    let (mut kit, order) = resting();
    kit.press(Action::Move(1));
    kit.fill(&order, 30, "59995.0");
    kit.report(&order, OrderStatus::Cancelled, 30);
    assert_eq!(kit.only().qty, Qty(20));
    let (mut kit, order) = resting();
    kit.press(Action::Move(1));
    kit.fill(&order, 50, "59995.0");
    kit.wait(1_000);
    assert!(kit.placed().is_empty());
    assert!(kit.heard("not moved: it filled first"), "{:?}", kit.said);
}

#[test]
fn a_cancel_that_the_venue_refused_leaves_the_order_where_it_was() {
    let (mut kit, order) = resting();
    kit.press(Action::Move(1));
    let outcome = Outcome::Rejected {
        code: -1,
        words: "busy".to_owned(),
        proves: Proves::Nothing,
    };
    kit.answer(order.id, Asked::Cancel, outcome);
    assert!(
        kit.heard("not moved: the order stays where it was"),
        "{:?}",
        kit.said
    );
    kit.report(&order, OrderStatus::Cancelled, 0);
    assert!(kit.placed().is_empty());
}

#[test]
fn without_proof_nothing_is_placed_and_that_is_said() {
    let (mut kit, order) = resting();
    kit.press(Action::Move(1));
    kit.wait(6_000);
    assert!(
        kit.heard("its cancel is not proved; it is not placed again"),
        "{:?}",
        kit.said
    );
    kit.report(&order, OrderStatus::Cancelled, 0);
    assert!(kit.placed().is_empty());
}

#[test]
fn a_limit_is_met_before_anything_is_cancelled() {
    let (mut kit, _) = resting();
    kit.volume(1_700);
    kit.forget();
    kit.press(Action::Resize);
    assert!(kit.sent.is_empty(), "{:?}", kit.sent);
    assert!(kit.heard("your limit is 100000"), "{:?}", kit.said);
}

#[test]
fn what_refuses_entries_meanwhile_refuses_the_new_one() {
    type Cause = fn(&mut Kit);
    let causes: [Cause; 4] = [
        |kit| {
            kit.press(Action::Lock);
        },
        |kit| kit.silence(2_100),
        |kit| kit.book(BID - 40, BID - 39),
        |kit| {
            kit.event(Event::Ending("screen lost"));
        },
    ];
    for (number, cause) in causes.into_iter().enumerate() {
        let (mut kit, order) = resting();
        kit.press_at(Action::MoveToCursor, Some(BID - 30));
        cause(&mut kit);
        kit.report(&order, OrderStatus::Cancelled, 0);
        assert!(kit.placed().is_empty(), "cause {number}");
    }
}

#[test]
fn whoever_else_wants_it_gone_wins() {
    type Key = fn(&mut Kit);
    let keys: [Key; 4] = [
        |kit| {
            kit.press(Action::CancelEntries);
        },
        |kit| {
            kit.press_at(Action::CancelAt, Some(BID - 50));
        },
        |kit| {
            kit.press(Action::CancelEntriesEverywhere);
        },
        |kit| {
            kit.press(Action::PanicSymbol);
        },
    ];
    for (number, press) in keys.into_iter().enumerate() {
        let (mut kit, order) = resting();
        kit.press_at(Action::MoveToCursor, Some(BID - 20));
        press(&mut kit);
        kit.report(&order, OrderStatus::Cancelled, 0);
        kit.wait(500);
        assert!(kit.placed().is_empty(), "key {number}");
    }
}

#[test]
fn an_entry_between_two_prices_is_not_placed_when_the_position_was_closed() {
    let (mut kit, order) = resting();
    kit.position(dec("0.010"), dec("60000"));
    kit.wait(100);
    kit.press_at(Action::MoveToCursor, Some(BID - 20));
    kit.position(rust_decimal::Decimal::ZERO, rust_decimal::Decimal::ZERO);
    kit.report(&order, OrderStatus::Cancelled, 0);
    assert!(kit.placed().is_empty(), "{:?}", kit.said);
}

#[test]
fn an_exit_is_placed_again_whatever_the_price_did_and_covers_no_more_than_is_held() {
    let (mut kit, entry) = resting();
    kit.report(&entry, OrderStatus::Cancelled, 0);
    kit.long(80);
    let exit = kit.rest_at(Action::AtCursor(Side::Sell), ASK + 30);
    kit.forget();
    kit.press_at(Action::MoveToCursor, Some(ASK + 20));
    assert_eq!(kit.cancelled(), [exit.id]);
    kit.book(BID + 40, ASK + 40);
    kit.position(dec("0.060"), dec("60000"));
    kit.silence(2_100);
    kit.forget();
    kit.report(&exit, OrderStatus::Cancelled, 0);
    let new = kit.only();
    assert_eq!((new.intent, new.qty), (Intent::Exit, Qty(60)));
    assert_eq!(new.kind.limit(), Some(Price(ASK + 20)));
}

#[test]
fn rule1_the_new_order_is_never_sent_twice() {
    let (mut kit, order) = resting();
    kit.press(Action::Move(1));
    kit.report(&order, OrderStatus::Cancelled, 0);
    let new = kit.only();
    kit.answer(
        new.id,
        Asked::Place,
        Outcome::Unknown("no answer".to_owned()),
    );
    kit.report(&order, OrderStatus::Cancelled, 0);
    kit.wait(3_000);
    assert_eq!(kit.placed().len(), 1);
}
