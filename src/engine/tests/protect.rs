//! Protection: the stop follows the position, is never missing unnoticed, and leaves with it.

use rust_decimal::Decimal;

use super::kit::*;
use crate::domain::message::{AccountTruth, Proves};
use crate::domain::*;
use crate::engine::action::Action;
use crate::engine::settings::{DeskSettings, Distance};

const LOW: i64 = BID - 40;

fn conditional(kit: &Kit) -> Vec<NewOrder> {
    let is_stop = |o: &NewOrder| matches!(o.kind, OrderKind::Stop { .. });
    kit.placed().into_iter().filter(is_stop).collect()
}

fn trigger(order: &NewOrder) -> i64 {
    order.kind.trigger().unwrap().0
}

/// A long of 80 lots with a stop proved at `LOW`.
fn protected() -> (Kit, NewOrder) {
    let mut kit = Kit::ready();
    kit.long(80);
    let stop = put(&mut kit, LOW);
    (kit, stop)
}

/// A stop at the cursor, proved to wait.
fn put(kit: &mut Kit, at: i64) -> NewOrder {
    kit.wait(100);
    kit.forget();
    kit.press_at(Action::StopAtCursor, Some(at));
    let stop = kit.only();
    kit.accepted(stop.id);
    kit.report(&stop, OrderStatus::Working, 0);
    kit.forget();
    stop
}

fn with(change: impl Fn(&mut DeskSettings)) -> Kit {
    let mut settings = settings(Environment::Sim);
    change(&mut settings);
    Kit::with(settings)
}

#[test]
fn a_stop_at_the_cursor_is_a_reducing_stop_market_of_the_whole_position() {
    let mut kit = Kit::ready();
    kit.long(80);
    kit.press_at(Action::StopAtCursor, Some(LOW));
    let stop = kit.only();
    assert_eq!((stop.side, stop.qty.0), (Side::Sell, 80));
    assert_eq!(stop.intent, Intent::Exit);
    let bare = OrderKind::Stop {
        trigger: Price(LOW),
        limit: None,
        by: TriggerBy::Last,
    };
    assert_eq!(stop.kind, bare);
    assert!(kit.heard("stop wanted at 59 996.0"));
}

#[test]
fn a_bound_and_the_mark_price_are_settings() {
    let mut kit = with(|s| {
        s.stop_bound_ticks = 7;
        s.trigger_by = TriggerBy::Mark;
    });
    kit.long(80);
    kit.press_at(Action::StopAtCursor, Some(LOW));
    let bound = OrderKind::Stop {
        trigger: Price(LOW),
        limit: Some(Price(LOW - 7)),
        by: TriggerBy::Mark,
    };
    assert_eq!(kit.only().kind, bound);
}

#[test]
fn without_a_position_or_behind_the_price_there_is_no_stop() {
    let mut kit = Kit::ready();
    kit.press_at(Action::StopAtCursor, Some(LOW));
    assert!(kit.heard("FLAT: there is nothing to protect"));
    kit.long(80);
    kit.forget();
    kit.press_at(Action::StopAtCursor, Some(BID));
    assert!(kit.heard("the price is already through that"));
    kit.press_at(Action::StopAtCursor, None);
    assert!(kit.heard("the cursor is off the screen"));
    assert!(kit.placed().is_empty());
}

#[test]
fn rule5_a_stop_is_set_on_a_stale_book_and_kept_while_locked() {
    let mut kit = Kit::ready();
    kit.long(80);
    kit.silence(3_000);
    kit.press_at(Action::StopAtCursor, Some(LOW));
    let stop = kit.only();
    kit.accepted(stop.id);
    kit.report(&stop, OrderStatus::Working, 0);
    kit.forget();
    kit.press(Action::Lock);
    kit.press_at(Action::StopAtCursor, Some(LOW + 10));
    assert!(kit.heard("LOCKED (your key): only panic works"));
    assert!(kit.placed().is_empty());
    // What was wanted before is seen to, locked or not.
    kit.report(&stop, OrderStatus::Expired, 0);
    kit.wait(300);
    assert_eq!(conditional(&kit).len(), 1);
}

#[test]
fn a_moved_stop_is_placed_first_and_the_old_one_goes_only_after_acceptance() {
    let (mut kit, old) = protected();
    kit.wait(100);
    kit.press_at(Action::StopAtCursor, Some(LOW + 20));
    let new = kit.only();
    assert_eq!(trigger(&new), LOW + 20);
    kit.wait(500);
    assert!(
        kit.cancelled().is_empty(),
        "the new one is not accepted yet"
    );
    assert_eq!(kit.placed().len(), 1, "one is on its way");
    kit.accepted(new.id);
    assert_eq!(kit.cancelled(), [old.id]);
    kit.report(&old, OrderStatus::Cancelled, 0);
    assert!(!kit.heard("cancelled"), "one that gave way is no news");
}

#[test]
fn a_refused_move_keeps_the_old_stop_and_tries_again_ever_more_slowly() {
    let (mut kit, old) = protected();
    kit.wait(100);
    kit.press_at(Action::StopAtCursor, Some(LOW + 20));
    let mut tries = vec![kit.only()];
    for _ in 0..200 {
        let last = *tries.last().unwrap();
        kit.refused(last.id, -1001, Proves::Nothing);
        kit.forget();
        kit.wait(50);
        tries.extend(kit.placed());
        assert!(kit.cancelled().is_empty());
    }
    assert!(
        (4..=8).contains(&tries.len()),
        "{} tries in 10 s",
        tries.len()
    );
    assert!(kit.order(old.id).is_live());
    assert!(tries.iter().all(|o| trigger(o) == LOW + 20));
}

#[test]
fn widening_needs_a_second_press_and_tightening_does_not() {
    let (mut kit, _) = protected();
    kit.wait(100);
    kit.press_at(Action::StopAtCursor, Some(LOW - 10));
    assert!(kit.placed().is_empty());
    assert!(kit.heard("press again to widen"));
    // Too late, then elsewhere: both ask again.
    kit.wait(2_500);
    kit.press_at(Action::StopAtCursor, Some(LOW - 10));
    kit.press_at(Action::StopAtCursor, Some(LOW - 11));
    assert!(kit.placed().is_empty());
    kit.press_at(Action::StopAtCursor, Some(LOW - 11));
    assert_eq!(trigger(&kit.only()), LOW - 11);
}

#[test]
fn the_stop_moves_by_ticks_and_never_away_by_one_press() {
    let (mut kit, _) = protected();
    kit.wait(100);
    kit.press(Action::NudgeStop(1));
    assert_eq!(trigger(&kit.only()), LOW + 1);
    let new = kit.only();
    kit.accepted(new.id);
    kit.wait(100);
    kit.forget();
    kit.press(Action::NudgeStop(-1));
    assert!(kit.placed().is_empty());
    kit.press(Action::NudgeStop(-1));
    assert_eq!(trigger(&kit.only()), LOW);
}

#[test]
fn break_even_covers_the_fees() {
    let mut kit = Kit::ready();
    kit.long(80);
    kit.book(BID + 900, ASK + 900);
    kit.press(Action::BreakEven);
    let stop = kit.only();
    let even = kit
        .market()
        .ledger
        .break_even(dec("0.0005"), &instrument())
        .unwrap();
    let at = instrument().tick.decimal(trigger(&stop));
    assert!(at >= even && at - even < dec("0.1"), "{at} for {even}");
    assert!(at > dec("60000"), "fees are part of it");
}

#[test]
fn every_entry_brings_its_stop_and_take_in_the_same_turn() {
    let mut kit = with(|s| {
        s.auto_stop = Some(Distance::Ticks(40));
        s.auto_take = Some(Distance::Fraction(dec("0.001")));
    });
    let entry = kit.rest(Action::Join(Side::Buy));
    kit.report(&entry, OrderStatus::Working, 0);
    kit.forget();
    let fill = kit.fill_of(&entry, 20, "60000.0");
    let effects = kit.fact(Fact::Fill(fill));
    let placed = kit.placed();
    assert!(!effects.0.is_empty());
    assert_eq!(placed.len(), 2, "a stop and a take: {placed:?}");
    let stop = conditional(&kit)[0];
    assert_eq!((trigger(&stop), stop.qty.0), (BID - 40, 20));
    let take = placed.iter().find(|o| o.id != stop.id).unwrap();
    assert_eq!(take.kind.limit(), Some(Price(BID + 600)));
    assert_eq!((take.qty.0, take.intent), (20, Intent::Exit));
    let rests = OrderKind::Limit {
        price: Price(BID + 600),
        tif: TimeInForce::PostOnly,
    };
    assert_eq!(take.kind, rests);
}

#[test]
fn the_stop_follows_partial_fills_at_most_every_50_ms() {
    let mut kit = with(|s| s.auto_stop = Some(Distance::Ticks(40)));
    let entry = kit.rest(Action::Join(Side::Buy));
    kit.forget();
    kit.fill(&entry, 10, "60000.0");
    let first = kit.only();
    kit.accepted(first.id);
    kit.report(&first, OrderStatus::Working, 0);
    kit.fill(&entry, 10, "60000.0");
    kit.fill(&entry, 10, "60000.0");
    assert_eq!(kit.placed().len(), 1, "not within 50 ms");
    kit.wait(50);
    let second = *kit.placed().last().unwrap();
    assert_eq!((kit.placed().len(), second.qty.0), (2, 30));
    assert!(kit.cancelled().is_empty());
    kit.accepted(second.id);
    assert_eq!(kit.cancelled(), [first.id]);
}

#[test]
fn a_position_without_its_stop_for_a_second_is_told_aloud() {
    let mut kit = Kit::ready();
    kit.long(80);
    kit.press_at(Action::StopAtCursor, Some(LOW));
    let stop = kit.only();
    kit.wait(950);
    assert!(!kit.heard("NAKED"));
    kit.wait(100);
    assert!(kit.heard("NAKED BTCUSDT: no stop is proved for 0.080"));
    assert!(kit.market().protection.is_naked());
    // Accepted is not proved to wait; its own report is.
    kit.accepted(stop.id);
    kit.wait(50);
    assert!(kit.market().protection.is_naked());
    kit.report(&stop, OrderStatus::Working, 0);
    kit.wait(50);
    assert!(!kit.market().protection.is_naked());
}

#[test]
fn a_stop_that_the_venue_ended_is_placed_again_and_told() {
    let (mut kit, stop) = protected();
    kit.report(&stop, OrderStatus::Expired, 0);
    kit.wait(300);
    assert_eq!(trigger(&kit.only()), LOW);
    kit.wait(1_000);
    assert!(kit.heard("NAKED"));
}

#[test]
fn a_stop_through_which_the_price_went_closes_by_market() {
    let mut kit = Kit::ready();
    kit.long(80);
    kit.press_at(Action::StopAtCursor, Some(LOW));
    let stop = kit.only();
    kit.forget();
    kit.refused(stop.id, -2021, Proves::WouldTrigger);
    let close = kit.only();
    assert_eq!((close.kind, close.qty.0), (OrderKind::Market, 80));
    assert_eq!(close.intent, Intent::Exit);
    assert!(kit.heard("the price is through the stop already"));
}

#[test]
fn a_fired_stop_that_does_not_fill_becomes_a_market_close() {
    let (mut kit, stop) = protected();
    kit.wait(5_000);
    let mut fired = kit.report_of(&stop, OrderStatus::Working, 0);
    fired.order.class = OrderClass::Regular;
    fired.triggered = true;
    kit.fact(Fact::Order(fired.clone()));
    kit.fact(Fact::Order(fired));
    let said = |words: &&String| *words == "fired: SELL 0.080 stop at 59 996.0";
    assert_eq!(kit.said.iter().filter(said).count(), 1, "{:?}", kit.said);
    kit.wait(450);
    assert!(kit.placed().is_empty());
    kit.wait(100);
    assert_eq!(kit.only().kind, OrderKind::Market);
    assert_eq!(kit.cancelled(), [stop.id]);
    kit.wait(100);
    assert_eq!(kit.placed().len(), 1);
}

#[test]
fn flat_takes_stops_takes_and_entries_away() {
    let (mut kit, stop) = protected();
    kit.volume(40);
    let take = kit.rest(Action::TakeAtCursor);
    assert_eq!(take.intent, Intent::Exit);
    let entry = kit.rest(Action::AtCursor(Side::Buy));
    kit.forget();
    kit.position(Decimal::ZERO, Decimal::ZERO);
    let gone = kit.cancelled();
    assert!(gone.contains(&stop.id) && gone.contains(&take.id) && gone.contains(&entry.id));
    assert!(kit.market().protection.stop.is_none());
    kit.wait(5_000);
    assert!(kit.placed().is_empty(), "nothing is placed when flat");
}

#[test]
fn entries_stay_when_the_setting_says_so() {
    let mut kit = with(|s| s.entries_end_when_flat = false);
    kit.long(80);
    let stop = put(&mut kit, LOW);
    let entry = kit.rest(Action::AtCursor(Side::Buy));
    kit.forget();
    kit.position(Decimal::ZERO, Decimal::ZERO);
    assert_eq!(kit.cancelled(), [stop.id]);
    assert!(kit.order(entry.id).is_live());
}

#[test]
fn a_foreign_stop_is_left_alone_and_does_not_protect() {
    let mut kit = Kit::ready();
    kit.long(80);
    let foreign = NewOrder {
        id: ClientId::new("phone-1").unwrap(),
        side: Side::Sell,
        intent: Intent::Exit,
        qty: Qty(80),
        kind: OrderKind::Stop {
            trigger: Price(LOW - 100),
            limit: None,
            by: TriggerBy::Last,
        },
        key: key(),
        leg: None,
    };
    kit.report(&foreign, OrderStatus::Working, 0);
    assert!(kit.market().protection.stop.is_none());
    put(&mut kit, LOW);
    kit.position(Decimal::ZERO, Decimal::ZERO);
    assert!(!kit.cancelled().contains(&foreign.id));
}

#[test]
fn after_a_restart_our_stop_is_taken_over_and_nothing_new_is_bracketed() {
    let mut kit = Kit::bare(DeskSettings {
        auto_stop: Some(Distance::Ticks(40)),
        auto_take: Some(Distance::Ticks(40)),
        ..settings(Environment::Sim)
    });
    kit.book(BID, ASK);
    let position = kit.position_of(dec("0.080"), dec("60000"));
    let report = kit.stop_report(80, LOW);
    kit.truth(AccountTruth {
        positions: vec![position],
        orders: vec![report],
        ..AccountTruth::default()
    });
    kit.wait(100);
    assert!(kit.placed().is_empty(), "{:?}", kit.placed());
    let wanted = kit.market().protection.stop.unwrap();
    assert_eq!(wanted.trigger, Price(LOW));
}

#[test]
fn a_stop_that_the_trader_cancels_is_not_placed_again() {
    let (mut kit, stop) = protected();
    kit.press_at(Action::CancelAt, Some(LOW));
    assert_eq!(kit.cancelled(), [stop.id]);
    kit.report(&stop, OrderStatus::Cancelled, 0);
    assert!(kit.heard("cancelled SELL 0.080 stop at 59 996.0"));
    kit.wait(2_000);
    assert!(kit.placed().is_empty());
    assert!(!kit.heard("NAKED"));
}

#[test]
fn space_spares_the_stop_and_cancel_symbol_takes_it() {
    let (mut kit, stop) = protected();
    let entry = kit.rest(Action::AtCursor(Side::Buy));
    kit.press(Action::CancelEntries);
    assert_eq!(kit.cancelled(), [entry.id]);
    kit.report(&entry, OrderStatus::Cancelled, 0);
    assert!(kit.heard("cancelled BUY 0.080 at 59 995.0"));
    kit.forget();
    kit.press(Action::CancelSymbol);
    assert_eq!(kit.cancelled(), [stop.id]);
    kit.report(&stop, OrderStatus::Cancelled, 0);
    kit.wait(2_000);
    assert!(kit.placed().is_empty());
}

#[test]
fn a_following_stop_moves_with_the_price_in_steps_and_never_back() {
    let (mut kit, _) = protected();
    kit.press(Action::TrailStop);
    assert!(kit.heard("the stop follows 40t behind"));
    kit.forget();
    kit.book(BID + 3, ASK + 3);
    kit.wait(300);
    assert!(kit.placed().is_empty(), "less than a step");
    kit.book(BID + 12, ASK + 12);
    kit.wait(300);
    let moved = kit.only();
    assert_eq!(trigger(&moved), LOW + 10, "whole steps of 5");
    kit.accepted(moved.id);
    kit.forget();
    kit.book(BID + 100, ASK + 100);
    kit.wait(10);
    kit.book(BID - 20, ASK - 20);
    kit.wait(300);
    assert!(kit.placed().iter().all(|o| trigger(o) >= LOW + 10));
    assert!(kit.market().protection.stop.unwrap().trigger >= Price(LOW + 10));
}

#[test]
fn a_following_stop_waits_while_the_book_is_not_live() {
    let (mut kit, _) = protected();
    kit.press(Action::TrailStop);
    kit.forget();
    kit.now = kit.now.plus_ms(300);
    kit.book_in(BookState::Down("gap".to_owned()), BID + 30, ASK + 30);
    kit.silence(10);
    assert!(conditional(&kit).is_empty(), "that price is not proved");
    kit.book(BID + 30, ASK + 30);
    kit.silence(10);
    assert_eq!(trigger(&kit.only()), LOW + 30);
}

#[test]
fn the_take_covers_what_no_exit_covers_and_says_when_nothing_is_left() {
    let (mut kit, _) = protected();
    let take = kit.rest_at(Action::TakeAtCursor, ASK + 30);
    assert_eq!(
        take.qty.0, 80,
        "a stop covers nothing: it waits beside a take"
    );
    kit.forget();
    kit.press_at(Action::TakeAtCursor, Some(ASK + 31));
    assert!(kit.placed().is_empty());
    assert!(kit.heard("exits already cover the position"));
}

#[test]
fn a_running_close_does_not_shrink_the_stop_and_panic_takes_over() {
    let (mut kit, stop) = protected();
    kit.press(Action::Close(100));
    let close = kit.only();
    kit.fill(&close, 30, "60000.0");
    kit.wait(100);
    assert!(conditional(&kit).is_empty());
    kit.press(Action::PanicSymbol);
    assert!(!kit.cancelled().contains(&stop.id), "it stays until flat");
    kit.forget();
    kit.position(Decimal::ZERO, Decimal::ZERO);
    assert!(kit.cancelled().contains(&stop.id));
}
