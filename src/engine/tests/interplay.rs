//! What the parts do to each other: plans, exits, protection and the guard at once.

use super::kit::*;
use crate::domain::message::{Asked, PositionMode, Proves};
use crate::domain::*;
use crate::engine::action::Action;
use crate::engine::event::Event;
use crate::engine::settings::DeskSettings;

fn desk(set: impl FnOnce(&mut DeskSettings)) -> Kit {
    let mut settings = settings(Environment::Sim);
    set(&mut settings);
    Kit::with(settings)
}

fn rejoining() -> Kit {
    desk(|set| set.rejoin = true)
}

#[test]
fn an_entry_that_the_trader_cancelled_is_not_joined_again() {
    type Key = fn(&mut Kit);
    let keys: [Key; 4] = [
        |kit| {
            kit.press(Action::CancelEntries);
        },
        |kit| {
            kit.press(Action::CancelEntriesEverywhere);
        },
        |kit| {
            kit.press(Action::PanicSymbol);
        },
        |kit| {
            kit.event(Event::Ending("screen lost"));
        },
    ];
    for (number, press) in keys.into_iter().enumerate() {
        let mut kit = rejoining();
        kit.press(Action::Join(Side::Buy));
        let order = kit.only();
        press(&mut kit);
        kit.forget();
        kit.refused(order.id, -5022, Proves::WouldTake);
        assert!(kit.placed().is_empty(), "key {number}: {:?}", kit.said);
    }
}

#[test]
fn rule5_no_exit_is_joined_again_once_panic_runs_or_the_position_is_being_closed() {
    for action in [Action::PanicSymbol, Action::Close(100)] {
        let mut kit = rejoining();
        kit.long(50);
        kit.forget();
        kit.press(Action::Join(Side::Sell));
        let order = kit.only();
        assert_eq!(order.intent, Intent::Exit);
        kit.press(action);
        kit.forget();
        kit.refused(order.id, -5022, Proves::WouldTake);
        assert!(kit.placed().is_empty(), "{action:?}: {:?}", kit.said);
    }
}

#[test]
fn an_exit_that_is_joined_again_covers_no_more_than_is_held() {
    let mut kit = rejoining();
    kit.long(50);
    kit.forget();
    kit.press(Action::Join(Side::Sell));
    let order = kit.only();
    kit.position(dec("0.020"), dec("60000"));
    kit.forget();
    kit.refused(order.id, -5022, Proves::WouldTake);
    assert_eq!(kit.only().qty, Qty(20), "{:?}", kit.said);
}

/// Long 50 lots with a resting exit of all of it at a venue that cannot amend, which is being moved.
fn exit_being_moved() -> (Kit, NewOrder) {
    let mut kit = desk(|set| set.amends = false);
    kit.long(50);
    let exit = kit.rest_at(Action::AtCursor(Side::Sell), ASK + 30);
    kit.press_at(Action::MoveToCursor, Some(ASK + 20));
    assert_eq!(kit.cancelled(), [exit.id]);
    kit.forget();
    (kit, exit)
}

#[test]
fn rule5_nothing_is_placed_after_panic_began_beside_its_close() {
    let (mut kit, exit) = exit_being_moved();
    kit.press(Action::PanicSymbol);
    let close = kit.only();
    assert_eq!(close.kind, OrderKind::Market);
    kit.forget();
    kit.report(&exit, OrderStatus::Cancelled, 0);
    kit.wait(200);
    assert!(kit.placed().is_empty(), "{:?}", kit.placed());
}

#[test]
fn an_exit_that_is_being_moved_is_not_placed_beside_a_close_of_all() {
    let (mut kit, exit) = exit_being_moved();
    kit.press(Action::Close(100));
    let close = kit.only();
    kit.forget();
    kit.report(&exit, OrderStatus::Cancelled, 0);
    assert!(kit.placed().is_empty(), "{:?}", kit.placed());
    kit.fill(&close, 50, "60000.0");
    kit.wait(1_000);
    assert!(kit.placed().is_empty(), "{:?}", kit.placed());
}

#[test]
fn space_leaves_an_exit_that_is_being_moved_alone() {
    let (mut kit, exit) = exit_being_moved();
    kit.press(Action::CancelEntries);
    kit.report(&exit, OrderStatus::Cancelled, 0);
    assert_eq!(kit.only().intent, Intent::Exit);
}

#[test]
fn rule8_a_hang_up_waits_for_an_exit_that_is_being_moved_and_it_stands_again() {
    let (mut kit, exit) = exit_being_moved();
    kit.event(Event::Ending("screen lost"));
    assert!(!kit.desk.is_settled(), "its cancel is not proved");
    kit.report(&exit, OrderStatus::Cancelled, 0);
    let new = kit.only();
    assert_eq!((new.intent, new.qty), (Intent::Exit, Qty(50)));
    assert!(!kit.desk.is_settled(), "it is not proved to stand");
    kit.accepted(new.id);
    kit.report(&new, OrderStatus::Working, 0);
    assert!(kit.desk.is_settled());
}

#[test]
fn rule8_a_hang_up_ends_a_chase_of_an_entry_with_its_order() {
    let mut kit = Kit::ready();
    let order = kit.rest(Action::Chase(Side::Buy));
    kit.forget();
    kit.event(Event::Ending("screen lost"));
    assert_eq!(kit.cancelled(), [order.id]);
    assert!(kit.heard("chase ends"), "{:?}", kit.said);
    kit.book(BID + 3, ASK + 3);
    kit.wait(500);
    assert!(kit.amends().is_empty());
    kit.report(&order, OrderStatus::Cancelled, 0);
    assert!(kit.desk.is_settled());
}

#[test]
fn a_chase_that_is_an_exit_takes_nothing_from_a_take_that_leaves_it_room() {
    let mut kit = Kit::ready();
    kit.long(100);
    kit.volume(50);
    let take = kit.rest_at(Action::TakeHalf, ASK + 100);
    kit.wait(1_000);
    let chase = kit.rest(Action::Chase(Side::Sell));
    assert_eq!((chase.intent, chase.qty), (Intent::Exit, Qty(50)));
    for step in 1..6 {
        kit.forget();
        kit.book(BID - step, ASK - step);
        kit.wait(1_100);
        let amends = kit.amends();
        assert_eq!(amends.len(), 1, "{:?}", kit.said);
        assert_eq!(amends[0].order.client, chase.id);
        assert!(kit.cancelled().is_empty());
        kit.answer(
            chase.id,
            Asked::Amend,
            Outcome::Accepted {
                venue: Some(crate::domain::OrderId::of_number(7)),
            },
        );
        let mut at = kit.report_of(&chase, OrderStatus::Working, 0);
        at.price = Some(amends[0].price);
        kit.fact(Fact::Order(at));
    }
    assert!(kit.order(take.id).is_live());
    assert_eq!(kit.order(take.id).qty, Qty(50));
}

#[test]
fn the_guards_close_ends_a_chase_and_nothing_of_it_is_placed() {
    for amends in [true, false] {
        let mut kit = desk(|set| {
            set.amends = amends;
            set.limits.max_trade_loss = Cap::At(dec("5"));
        });
        kit.long(50);
        let add = kit.rest(Action::Chase(Side::Buy));
        kit.forget();
        kit.book(BID + 2, ASK + 2);
        kit.wait(50);
        kit.book(BID - 2_000, ASK - 2_000);
        kit.wait(100);
        assert!(kit.heard("closing"), "{:?}", kit.said);
        let placed = kit.placed();
        let exits = placed.iter().all(|order| order.intent == Intent::Exit);
        assert!(exits && !placed.is_empty(), "{placed:?}");
        assert!(kit.cancelled().contains(&add.id));
        kit.report(&add, OrderStatus::Cancelled, 0);
        kit.wait(400);
        let entries = kit.placed();
        let entries = entries.iter().filter(|o| o.intent == Intent::Entry);
        assert_eq!(entries.count(), 0, "amends {amends}");
        assert!(kit.heard("chase ends"), "{:?}", kit.said);
    }
}

#[test]
fn every_move_by_cancel_and_replace_counts_as_an_entry_and_a_chase_that_meets_the_limit_stays_and_says_so()
 {
    let mut kit = desk(|set| {
        set.amends = false;
        set.limits.max_orders_per_minute = 4;
    });
    let mut order = kit.rest(Action::Chase(Side::Buy));
    for step in 1..4 {
        kit.forget();
        kit.book(BID + step, ASK + step);
        assert_eq!(kit.cancelled(), [order.id], "{:?}", kit.said);
        kit.report(&order, OrderStatus::Cancelled, 0);
        order = kit.only();
        kit.accepted(order.id);
        kit.report(&order, OrderStatus::Working, 0);
    }
    kit.forget();
    kit.book(BID + 9, ASK + 9);
    assert!(kit.sent.is_empty(), "{:?}", kit.sent);
    assert!(kit.heard("chase ends"), "{:?}", kit.said);
    assert!(kit.heard("stays at"), "{:?}", kit.said);
    assert!(kit.order(order.id).is_live());
}

#[test]
fn a_scale_that_is_open_ends_when_the_position_is_closed_also_what_is_being_moved_of_it() {
    for amends in [true, false] {
        let mut kit = desk(|set| set.amends = amends);
        kit.long(50);
        kit.press_at(Action::Scale, Some(BID - 50));
        let scale = kit.placed();
        assert_eq!(scale.len(), 5, "{:?}", kit.said);
        for order in &scale {
            kit.accepted(order.id);
            kit.report(order, OrderStatus::Working, 0);
        }
        kit.press(Action::SelectNext);
        kit.press(Action::Move(-1));
        kit.forget();
        kit.position(dec("0"), dec("0"));
        kit.wait(100);
        for order in &scale {
            assert!(kit.order(order.id).cancelling.is_some(), "amends {amends}");
            kit.report(order, OrderStatus::Cancelled, 0);
        }
        kit.wait(500);
        assert!(kit.placed().is_empty(), "{:?}", kit.placed());
    }
}

#[test]
fn exits_only_leaves_a_stop_entry_where_it_waits_and_it_can_be_cancelled() {
    let mut kit = Kit::ready();
    let order = kit.rest_at(Action::StopEntry(Side::Buy), ASK + 40);
    kit.event(Event::Resumed(60_000));
    assert_eq!(kit.desk.arm().state(), crate::engine::arm::Armed::ExitsOnly);
    assert!(kit.order(order.id).is_live());
    kit.forget();
    kit.press(Action::CancelEntries);
    assert_eq!(kit.cancelled(), [order.id]);
}

/// A hedge account, flat.
fn hedge() -> Kit {
    let mut kit = Kit::ready();
    kit.mode(PositionMode::Hedge, true);
    kit.truth(crate::domain::message::AccountTruth::default());
    kit.forget();
    kit
}

#[test]
fn linked_entries_of_both_legs_cancel_each_other_and_tell_when_both_filled() {
    for both in [false, true] {
        let mut kit = hedge();
        let buy = kit.rest_at(Action::AtCursor(Side::Buy), BID - 50);
        let sell = kit.rest_at(Action::AtCursor(Side::Sell), ASK + 50);
        assert_ne!(buy.leg, sell.leg);
        kit.press(Action::Link);
        assert!(kit.heard("linked"), "{:?}", kit.said);
        kit.forget();
        kit.fill(&buy, 10, "59995.0");
        assert_eq!(kit.cancelled(), [sell.id], "{:?}", kit.said);
        if both {
            kit.fill(&sell, 50, "60005.0");
        } else {
            kit.report(&sell, OrderStatus::Cancelled, 0);
        }
        assert_eq!(kit.heard("both linked entries filled"), both);
    }
}

#[test]
fn a_plan_on_a_desk_of_unknown_orders_ends_and_nothing_is_sent_again() {
    for action in [Action::Chase(Side::Buy), Action::Chase(Side::Sell)] {
        let mut kit = Kit::ready();
        kit.press(action);
        let order = kit.only();
        kit.answer(
            order.id,
            Asked::Place,
            Outcome::Unknown("no answer".to_owned()),
        );
        kit.book(BID + 5, ASK + 5);
        kit.wait(2_000);
        assert_eq!(kit.placed().len(), 1);
        assert!(kit.amends().is_empty());
        assert!(kit.heard("chase ends"), "{:?}", kit.said);
        assert_eq!(kit.market().plans.orders().count(), 0);
    }
}

#[test]
fn rule5_against_a_leg_an_exit_that_is_being_moved_is_not_placed_before_the_close() {
    let mut kit = desk(|set| set.amends = false);
    kit.mode(PositionMode::Hedge, true);
    kit.truth(crate::domain::message::AccountTruth::default());
    let entry = kit.rest(Action::Join(Side::Buy));
    kit.fill(&entry, 50, "60000.0");
    kit.report(&entry, OrderStatus::Filled, 50);
    let exit = kit.rest_at(Action::TakeAtCursor, ASK + 30);
    kit.press_at(Action::MoveToCursor, Some(ASK + 20));
    kit.press(Action::Close(100));
    kit.report(&exit, OrderStatus::Cancelled, 0);
    kit.wait(100);
    let rests = |order: &NewOrder| order.kind.limit() == Some(Price(ASK + 20));
    assert!(!kit.placed().iter().any(rests), "{:?}", kit.placed());
}

#[test]
fn rule8_a_hang_up_waits_for_a_take_that_is_being_resized() {
    let mut kit = desk(|set| set.amends = false);
    kit.long(50);
    let take = kit.rest_at(Action::TakeAtCursor, ASK + 30);
    kit.wait(1_000);
    kit.forget();
    kit.position(dec("0.020"), dec("60000"));
    kit.wait(100);
    assert_eq!(kit.cancelled(), [take.id], "{:?}", kit.said);
    kit.event(Event::Ending("screen lost"));
    assert!(!kit.desk.is_settled(), "it is not gone yet");
    kit.report(&take, OrderStatus::Cancelled, 0);
    assert!(!kit.desk.is_settled(), "it does not stand again yet");
    kit.wait(100);
    let new = kit.only();
    assert_eq!(new.qty, Qty(20));
    kit.accepted(new.id);
    kit.report(&new, OrderStatus::Working, 0);
    assert!(kit.desk.is_settled());
}
