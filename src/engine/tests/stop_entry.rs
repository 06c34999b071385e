//! Entries that wait for a trigger, and crossing limits.

use super::kit::*;
use crate::domain::message::{Asked, Proves};
use crate::domain::*;
use crate::engine::action::Action;

/// A buy of 50 lots that waits 40 ticks above the ask.
fn waiting() -> (Kit, NewOrder) {
    let mut kit = Kit::ready();
    let order = kit.rest_at(Action::StopEntry(Side::Buy), ASK + 40);
    (kit, order)
}

#[test]
fn it_waits_beyond_the_market_and_is_bounded() {
    let (kit, order) = waiting();
    let wanted = OrderKind::Stop {
        trigger: Price(ASK + 40),
        limit: Some(Price(ASK + 50)),
        by: TriggerBy::Last,
    };
    assert_eq!((order.kind, order.intent), (wanted, Intent::Entry));
    assert!(
        kit.heard("BUY 0.050 waits for 60 004.3, fills up to 60 005.3"),
        "{:?}",
        kit.said
    );
    let mut set = settings(Environment::Sim);
    set.stop_entry_bound_ticks = 3;
    let mut kit = Kit::with(set);
    kit.press_at(Action::StopEntry(Side::Sell), Some(BID - 40));
    assert_eq!(kit.only().kind.limit(), Some(Price(BID - 43)));
}

#[test]
fn on_the_wrong_side_it_is_refused() {
    let mut kit = Kit::ready();
    for at in [BID - 10, ASK] {
        kit.press_at(Action::StopEntry(Side::Buy), Some(at));
    }
    assert!(kit.heard("a buy stop waits above the market"));
    for at in [ASK + 10, BID] {
        kit.press_at(Action::StopEntry(Side::Sell), Some(at));
    }
    assert!(kit.heard("a sell stop waits below the market"));
    kit.press_at(Action::StopEntry(Side::Buy), None);
    assert!(kit.heard("the cursor is off the screen"));
    assert!(kit.sent.is_empty());
}

#[test]
fn every_guard_of_entries_holds() {
    let mut kit = Kit::ready();
    kit.silence(2_100);
    kit.press_at(Action::StopEntry(Side::Buy), Some(ASK + 40));
    assert!(kit.heard("book is STALE"));
    let mut set = settings(Environment::Sim);
    set.limits.max_order_notional = dec("2000");
    let mut kit2 = Kit::with(set);
    kit2.press_at(Action::StopEntry(Side::Buy), Some(ASK + 40));
    assert!(kit2.heard("your limit is 2000"), "{:?}", kit2.said);
    assert!(kit.sent.is_empty() && kit2.sent.is_empty());
}

#[test]
fn against_a_position_it_is_refused_with_the_mend() {
    let mut kit = Kit::ready();
    kit.long(80);
    kit.press_at(Action::StopEntry(Side::Sell), Some(BID - 40));
    assert!(kit.sent.is_empty());
    assert!(
        kit.heard("that side reduces the position: i sets its stop"),
        "{:?}",
        kit.said
    );
}

#[test]
fn lines_ask_for_the_special_entries_in_words() {
    let mut kit = Kit::ready();
    kit.line("buy-stop 0.02 @ 60010");
    let order = kit.only();
    assert_eq!(
        (order.qty, order.kind.trigger()),
        (Qty(20), Some(Price(600_100)))
    );
    let mut kit = Kit::ready();
    kit.line("chase sell 0.02");
    assert_eq!(
        (kit.only().qty, kit.only().kind.limit()),
        (Qty(20), Some(Price(ASK)))
    );
    assert_eq!(kit.market().plans.chases.len(), 1);
    let mut kit = Kit::ready();
    kit.line("lean buy 0.02 @ 59999.5");
    assert_eq!(kit.only().kind.limit(), Some(Price(BID - 4)));
    assert_eq!(kit.market().plans.leans.len(), 1);
    let mut kit = Kit::ready();
    kit.line("scale buy 3 0.02 59990..59999");
    let rows: Vec<_> = kit
        .placed()
        .iter()
        .map(|o| (o.kind.limit().unwrap().0, o.qty.0))
        .collect();
    assert_eq!(rows, [(599_990, 6), (599_945, 6), (599_900, 8)]);
}

#[test]
fn space_and_d_cancel_it_and_it_is_no_protection() {
    let (mut kit, order) = waiting();
    kit.press(Action::CancelEntries);
    assert_eq!(kit.cancelled(), [order.id]);
    let (mut kit, order) = waiting();
    kit.press_at(Action::CancelAt, Some(ASK + 40));
    assert_eq!(kit.cancelled(), [order.id]);
    assert!(kit.market().protection.stop.is_none());
}

#[test]
fn it_fires_fills_and_is_protected_as_usual() {
    let mut set = settings(Environment::Sim);
    set.auto_stop = Some(crate::engine::settings::Distance::Ticks(30));
    let mut kit = Kit::with(set);
    let order = kit.rest_at(Action::StopEntry(Side::Buy), ASK + 40);
    let mut fired = kit.report_of(&order, OrderStatus::Working, 0);
    fired.triggered = true;
    fired.order.class = OrderClass::Regular;
    kit.fact(Fact::Order(fired));
    assert!(
        kit.heard("fired: BUY 0.050 stop at 60 004.3"),
        "{:?}",
        kit.said
    );
    kit.forget();
    kit.fill(&order, 20, "60004.5");
    let stop = kit.only();
    assert_eq!((stop.intent, stop.qty), (Intent::Exit, Qty(20)));
    assert_eq!(stop.kind.trigger(), Some(Price(600_045 - 30)));
    assert_eq!(
        kit.order(order.id).status,
        OrderStatus::Working,
        "the rest rests at its bound"
    );
}

#[test]
fn a_refused_trigger_is_said_and_never_sent_again() {
    let mut kit = Kit::ready();
    kit.press_at(Action::StopEntry(Side::Buy), Some(ASK + 40));
    let order = kit.only();
    kit.refused(order.id, -2021, Proves::WouldTrigger);
    kit.wait(3_000);
    assert_eq!((kit.placed().len(), kit.live()), (1, 0));
    assert!(kit.heard("rejected:"));
}

#[test]
fn it_moves_by_cancel_and_replace_and_never_to_the_wrong_side() {
    let (mut kit, order) = waiting();
    kit.forget();
    kit.press(Action::Move(1));
    assert_eq!(kit.cancelled(), [order.id]);
    kit.report(&order, OrderStatus::Cancelled, 0);
    let new = kit.only();
    assert_eq!(
        (new.kind.trigger(), new.kind.limit()),
        (Some(Price(ASK + 41)), Some(Price(ASK + 51)))
    );
    kit.report(&new, OrderStatus::Working, 0);
    kit.forget();
    kit.press_at(Action::MoveToCursor, Some(BID));
    assert!(kit.heard("a buy stop waits above the market"));
    kit.volume(70);
    kit.press(Action::Resize);
    assert_eq!(kit.cancelled(), [new.id]);
    kit.report(&new, OrderStatus::Cancelled, 0);
    assert_eq!(kit.only().qty, Qty(70));
    assert_eq!(kit.only().kind.trigger(), Some(Price(ASK + 41)));
}

#[test]
fn one_that_fired_while_it_was_moved_is_not_placed_again() {
    let (mut kit, order) = waiting();
    kit.forget();
    kit.press(Action::Move(1));
    let mut fired = kit.report_of(&order, OrderStatus::Working, 0);
    fired.triggered = true;
    fired.order.class = OrderClass::Regular;
    kit.fact(Fact::Order(fired));
    assert!(kit.heard("it fired first"), "{:?}", kit.said);
    kit.report(&order, OrderStatus::Cancelled, 10);
    assert!(kit.placed().is_empty());
}

#[test]
fn a_crossing_limit_takes_some_ticks_beyond_the_far_side_and_the_rest_rests() {
    let mut set = settings(Environment::Sim);
    set.cross_ticks = 4;
    let mut kit = Kit::with(set.clone());
    kit.press(Action::Cross(Side::Buy));
    kit.press(Action::Cross(Side::Sell));
    let limits: Vec<_> = kit.placed().iter().map(|o| o.kind).collect();
    let gtc = |price| OrderKind::Limit {
        price: Price(price),
        tif: TimeInForce::Gtc,
    };
    assert_eq!(limits, [gtc(ASK + 4), gtc(BID - 4)]);
    set.cross_ticks = 1_000_000;
    let mut kit = Kit::with(set);
    kit.press(Action::Cross(Side::Buy));
    assert_eq!(
        kit.only().kind.limit(),
        Some(Price(ASK + ASK * 5 / 1000)),
        "never past the collar"
    );
    kit.long(80);
    kit.press(Action::Cross(Side::Sell));
    assert_eq!(kit.only().intent, Intent::Exit);
}

/// A desk that joins again.
fn rejoining() -> Kit {
    let mut set = settings(Environment::Sim);
    set.rejoin = true;
    Kit::with(set)
}

#[test]
fn a_join_that_would_have_taken_goes_again_once_at_the_best_price_then() {
    for action in [Action::Join(Side::Buy), Action::Improve(Side::Buy)] {
        let mut kit = rejoining();
        kit.press(action);
        let first = kit.only();
        kit.book(BID - 5, BID - 2);
        kit.refused(first.id, -5022, Proves::WouldTake);
        let second = kit.placed()[1];
        assert_ne!(second.id, first.id);
        assert_eq!(second.kind.limit(), Some(Price(BID - 5)));
        assert_eq!((second.qty, second.intent), (first.qty, Intent::Entry));
        assert!(
            kit.heard("BUY 0.050 joins again at 59 999.5"),
            "{:?}",
            kit.said
        );
        kit.book(BID - 9, BID - 8);
        kit.refused(second.id, -5022, Proves::WouldTake);
        kit.wait(3_000);
        assert_eq!(kit.placed().len(), 2, "once");
    }
}

/// Some venues take a post-only order first and end it then.
#[test]
fn a_join_that_was_taken_before_it_was_refused_goes_again_too() {
    let mut kit = rejoining();
    kit.press(Action::Join(Side::Buy));
    let first = kit.only();
    kit.accepted(first.id);
    kit.book(BID - 5, BID - 2);
    kit.refused(first.id, 31, Proves::WouldTake);
    assert_eq!(kit.placed().len(), 2);
    // One that was proved to rest is ended by its own report alone.
    let mut kit = rejoining();
    kit.press(Action::Join(Side::Buy));
    let first = kit.only();
    kit.report(&first, OrderStatus::Working, 0);
    kit.refused(first.id, 31, Proves::WouldTake);
    assert_eq!(kit.placed().len(), 1);
}

#[test]
fn it_never_goes_again_by_default_after_another_refusal_or_when_the_outcome_is_unknown() {
    let mut kit = Kit::ready();
    kit.press(Action::Join(Side::Buy));
    let order = kit.only();
    kit.refused(order.id, -5022, Proves::WouldTake);
    assert_eq!(kit.placed().len(), 1);
    let mut kit = rejoining();
    kit.press(Action::Join(Side::Buy));
    let order = kit.only();
    kit.refused(order.id, -2019, Proves::Nothing);
    assert_eq!(kit.placed().len(), 1);
    let mut kit = rejoining();
    kit.press(Action::Join(Side::Buy));
    let order = kit.only();
    kit.answer(
        order.id,
        Asked::Place,
        Outcome::Unknown("no answer".to_owned()),
    );
    kit.wait(3_000);
    assert_eq!(kit.placed().len(), 1);
}

#[test]
fn what_refuses_entries_refuses_to_join_again() {
    let mut kit = rejoining();
    kit.press(Action::Join(Side::Buy));
    let order = kit.only();
    kit.press(Action::Lock);
    kit.refused(order.id, -5022, Proves::WouldTake);
    assert_eq!(kit.placed().len(), 1);
    assert!(kit.heard("not joined again: LOCKED"), "{:?}", kit.said);
}

#[test]
fn the_price_that_it_would_have_taken_at_is_told() {
    let mut kit = Kit::ready();
    kit.press(Action::Join(Side::Buy));
    let order = kit.only();
    kit.book(BID - 5, BID - 2);
    kit.refused(order.id, -5022, Proves::WouldTake);
    assert!(
        kit.heard("-5022; at 60 000.0 it meets the ask 59 999.8"),
        "{:?}",
        kit.said
    );
    let mut kit = Kit::ready();
    kit.press(Action::Join(Side::Sell));
    let order = kit.only();
    kit.refused(order.id, -5022, Proves::WouldTake);
    assert!(
        kit.heard("the bid that it met at 60 000.3 is 60 000.0 again"),
        "{:?}",
        kit.said
    );
}

#[test]
fn a_chase_goes_on_with_the_order_that_joined_again() {
    let mut kit = rejoining();
    kit.press(Action::Chase(Side::Buy));
    let first = kit.only();
    kit.book(BID - 5, BID - 2);
    kit.refused(first.id, -5022, Proves::WouldTake);
    let second = kit.placed()[1];
    kit.accepted(second.id);
    kit.report(&second, OrderStatus::Working, 0);
    kit.book(BID - 3, BID - 1);
    assert_eq!(kit.amends()[0].order.client, second.id);
}
