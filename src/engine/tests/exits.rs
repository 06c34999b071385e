//! Closing, panic, hang-up: what must always work.

use super::kit::*;
use crate::domain::message::{AccountTruth, Asked, PositionMode, Proves};
use crate::domain::*;
use crate::engine::action::Action;
use crate::engine::event::Event;
use crate::engine::settings::OnHangup;

fn long(lots: i64) -> Kit {
    let mut kit = Kit::ready();
    kit.long(lots);
    kit
}

fn nothing_to_reduce() -> Outcome {
    Outcome::Rejected {
        code: -4118,
        words: "exits already cover the position".to_owned(),
        proves: Proves::NothingToReduce,
    }
}

#[test]
fn close_keys_send_reduce_only_bounded_orders_of_their_part_rounded_down() {
    for (percent, lots) in [(25, 20), (50, 41), (75, 62), (100, 83)] {
        let mut kit = long(83);
        kit.press(Action::Close(percent));
        let order = kit.only();
        assert_eq!(
            (order.side, order.qty, order.intent),
            (Side::Sell, Qty(lots), Intent::Exit)
        );
        let OrderKind::Limit { price, tif } = order.kind else {
            panic!("not bounded");
        };
        assert_eq!((price, tif), (Price(BID - 600), TimeInForce::Ioc));
    }
}

#[test]
fn close_all_again_within_two_seconds_is_the_venues_market_close() {
    let mut kit = long(50);
    kit.press(Action::Close(100));
    kit.wait(200);
    kit.forget();
    kit.press(Action::Close(100));
    assert_eq!(kit.only().kind, OrderKind::Market);
    assert_eq!(kit.only().intent, Intent::Exit);
    let market = kit.only();
    kit.fill(&market, 50, "60000.0");
    kit.long(50);
    kit.wait(2_100);
    kit.press(Action::Close(100));
    assert!(matches!(kit.only().kind, OrderKind::Limit { .. }));
}

#[test]
fn nothing_is_closed_when_flat_and_dust_is_named() {
    let mut kit = Kit::ready();
    kit.press(Action::Close(100));
    assert_eq!(kit.said, ["BTCUSDT is FLAT: nothing to close"]);
    kit.position(dec("0.0004"), dec("60000"));
    kit.press(Action::Close(100));
    assert!(kit.heard("dust"));
    assert!(kit.sent.is_empty());
}

#[test]
fn rule5_exits_work_on_a_stale_book_and_say_so() {
    let mut kit = long(50);
    kit.book_in(BookState::Stale("silent".to_owned()), BID, ASK);
    kit.press(Action::Close(100));
    assert!(matches!(kit.only().kind, OrderKind::Limit { .. }));
    assert!(kit.heard("closes on a stale book"));
    let mut kit = long(50);
    kit.silence(2_500);
    kit.press(Action::Now(Side::Sell));
    assert_eq!(kit.only().intent, Intent::Exit);
    assert!(kit.heard("reduces on a STALE book"), "{:?}", kit.said);
}

#[test]
fn rule5_with_no_live_reference_a_close_is_the_venues_market_close() {
    for state in [
        BookState::Down("closed".to_owned()),
        BookState::Resync("gap".to_owned()),
    ] {
        let mut kit = long(50);
        kit.book_in(state, BID, ASK);
        kit.press(Action::Close(100));
        assert_eq!(kit.only().kind, OrderKind::Market);
    }
    let mut kit = Kit::bare(settings(Environment::Sim));
    kit.position(dec("-0.3"), dec("60000"));
    kit.press(Action::Close(100));
    assert_eq!(
        (kit.only().kind, kit.only().side, kit.only().qty),
        (OrderKind::Market, Side::Buy, Qty(300))
    );
}

#[test]
fn rule5_exits_pass_every_limit_and_every_hold() {
    let mut kit = long(50);
    kit.event(Event::Journal(Some("disk full".to_owned())));
    kit.event(Event::Resumed(60_000));
    kit.link(crate::domain::message::LinkState::Down);
    kit.mode(PositionMode::OneWay, false);
    kit.fact(Fact::Limited {
        venue: venue(),
        until_ms: kit.now.wall_ms() + 60_000,
    });
    kit.forget();
    kit.press(Action::Close(100));
    assert_eq!(kit.only().intent, Intent::Exit);
    kit.forget();
    kit.press(Action::Join(Side::Buy));
    assert!(kit.placed().is_empty());
}

#[test]
fn a_resting_exit_in_the_way_is_cancelled_with_the_close_and_the_close_goes_again_once_it_is_gone()
{
    let mut kit = long(50);
    let take = kit.rest(Action::Join(Side::Sell));
    assert_eq!(take.intent, Intent::Exit);
    kit.forget();
    kit.press(Action::Close(100));
    let close = kit.only();
    assert_eq!(kit.cancelled(), vec![take.id]);
    kit.answer(close.id, Asked::Place, nothing_to_reduce());
    assert!(kit.sent.contains(&Command::Reconcile));
    assert_eq!(kit.placed().len(), 1);
    kit.report(&take, OrderStatus::Cancelled, 0);
    assert_eq!(kit.placed().len(), 2);
    let again = kit.placed()[1];
    assert_ne!(again.id, close.id);
    assert_eq!((again.qty, again.intent), (Qty(50), Intent::Exit));
    kit.fill(&again, 50, "60000.0");
    kit.wait(10_000);
    assert_eq!(kit.placed().len(), 2);
}

#[test]
fn rule5_a_close_reaches_further_until_the_venue_says_flat() {
    let mut kit = long(50);
    kit.press(Action::Close(100));
    let first = kit.only();
    // Half of it is filled, the rest dies.
    kit.fill(&first, 25, "60000.0");
    kit.report(&first, OrderStatus::Expired, 25);
    kit.wait(299);
    assert_eq!(kit.placed().len(), 1, "not before its time");
    kit.wait(1);
    let wider = kit.placed()[1];
    let price = |order: &NewOrder| match order.kind {
        OrderKind::Limit { price, .. } => BID - price.0,
        other => panic!("{other:?}"),
    };
    assert_eq!((price(&first), price(&wider)), (600, 1_200));
    assert_eq!((wider.qty, wider.intent), (Qty(25), Intent::Exit));
    kit.report(&wider, OrderStatus::Expired, 0);
    kit.wait(300);
    let market = kit.placed()[2];
    assert_eq!((market.kind, market.qty), (OrderKind::Market, Qty(25)));
    kit.fill(&market, 25, "59900.0");
    kit.wait(10_000);
    assert_eq!(kit.placed().len(), 3);
}

#[test]
fn rule1_a_part_is_closed_again_only_after_proof_that_the_last_order_is_dead() {
    let mut kit = long(80);
    kit.press(Action::Close(50));
    let first = kit.only();
    kit.wait(1_000);
    assert_eq!(kit.placed().len(), 1, "it may still fill");
    kit.report(&first, OrderStatus::Expired, 0);
    kit.wait(300);
    let second = kit.placed()[1];
    assert_eq!(second.qty, Qty(40));
    kit.fill(&second, 40, "60000.0");
    kit.wait(10_000);
    assert_eq!(kit.placed().len(), 2, "half of it is left on purpose");

    // All of it can go at once: reduce-only ends at flat.
    let mut kit = long(80);
    kit.press(Action::Close(100));
    kit.wait(300);
    assert_eq!(kit.placed().len(), 2);
}

#[test]
fn a_close_that_never_does_it_says_so_and_stops() {
    let mut kit = long(50);
    kit.press(Action::Close(100));
    for _ in 0..60 {
        let last = *kit.placed().last().unwrap();
        if kit.order(last.id).is_live() {
            kit.report(&last, OrderStatus::Expired, 0);
        }
        kit.wait(100);
    }
    assert!(kit.heard("BTCUSDT: 0.050 is not closed; press again"));
    let count = kit.placed().len();
    assert!((4..=8).contains(&count), "{count}");
    kit.wait(10_000);
    assert_eq!(kit.placed().len(), count);
}

#[test]
fn a_passive_close_rests_inside_the_spread_for_what_is_not_covered() {
    let mut kit = long(50);
    kit.press(Action::ClosePassive);
    let close = kit.only();
    let wanted = OrderKind::Limit {
        price: Price(ASK - 1),
        tif: TimeInForce::PostOnly,
    };
    assert_eq!((close.kind, close.qty), (wanted, Qty(50)));
    assert_eq!((close.side, close.intent), (Side::Sell, Intent::Exit));
    kit.press(Action::ClosePassive);
    assert_eq!(kit.placed().len(), 1);
    assert!(kit.heard("exits already cover the position"));
}

#[test]
fn reverse_is_one_order_of_twice_the_size_and_waits_for_exits() {
    let mut kit = long(50);
    let exit = kit.rest(Action::ClosePassive);
    kit.forget();
    kit.press(Action::Reverse);
    assert!(kit.placed().is_empty());
    assert!(kit.heard("an exit is open"));
    kit.report(&exit, OrderStatus::Cancelled, 0);
    kit.press(Action::Reverse);
    let order = kit.only();
    assert_eq!((order.side, order.qty), (Side::Sell, Qty(100)));
    assert_eq!(
        order.intent,
        Intent::Entry,
        "it passes every limit on entries"
    );
    let mut kit = Kit::ready();
    kit.press(Action::Reverse);
    assert!(kit.heard("nothing to close"));
}

#[test]
fn rule5_panic_leaves_the_stop_until_the_venue_says_flat() {
    let mut kit = long(50);
    let stop = kit.stop(50, BID - 500);
    kit.press(Action::PanicSymbol);
    let close = kit.only();
    assert!(kit.cancelled().is_empty(), "the position stays protected");
    kit.fill(&close, 50, "60000.0");
    kit.report(&close, OrderStatus::Filled, 50);
    assert_eq!(kit.cancelled(), vec![stop]);
}

#[test]
fn rule5_a_stop_goes_earlier_only_when_a_close_is_still_refused_beside_it_alone() {
    let mut kit = long(50);
    let stop = kit.stop(50, BID - 500);
    let take = kit.rest(Action::ClosePassive);
    kit.forget();
    kit.press(Action::PanicSymbol);
    let close = kit.only();
    kit.answer(close.id, Asked::Place, nothing_to_reduce());
    kit.wait(100);
    assert_eq!(
        kit.cancelled(),
        vec![take.id],
        "the take is still in the way"
    );
    kit.report(&take, OrderStatus::Cancelled, 0);
    // One that was sent beside the take, then one beside the stop alone.
    for _ in 0..2 {
        assert_eq!(
            kit.cancelled(),
            vec![take.id],
            "it is asked once more first"
        );
        let last = *kit.placed().last().unwrap();
        kit.answer(last.id, Asked::Place, nothing_to_reduce());
        kit.wait(500);
    }
    assert!(kit.cancelled().contains(&stop));
}

#[test]
fn a_refused_close_with_nothing_in_its_way_is_not_sent_again() {
    let mut kit = long(50);
    kit.press(Action::Close(100));
    let close = kit.only();
    kit.answer(close.id, Asked::Place, nothing_to_reduce());
    kit.wait(10_000);
    assert_eq!(kit.placed().len(), 1);
    assert!(kit.sent.contains(&Command::Reconcile));
}

#[test]
fn rule5_panic_passes_the_lock_cancels_all_and_closes_until_the_venue_says_flat() {
    let mut kit = long(50);
    let rest = kit.rest(Action::AtCursor(Side::Buy));
    kit.press(Action::Lock);
    kit.forget();
    kit.press(Action::PanicSymbol);
    assert_eq!(kit.cancelled(), vec![rest.id]);
    let first = kit.only();
    assert_eq!(
        (first.kind, first.intent, first.qty),
        (OrderKind::Market, Intent::Exit, Qty(50))
    );
    // Half of it is filled, the rest of the close dies: another goes.
    kit.accepted(first.id);
    kit.fill(&first, 25, "60000.0");
    kit.report(&first, OrderStatus::Expired, 25);
    kit.wait(200);
    let second = kit.placed()[1];
    assert_ne!(second.id, first.id);
    assert_eq!(second.qty, Qty(25));
    kit.report(&rest, OrderStatus::Cancelled, 0);
    kit.fill(&second, 25, "60000.0");
    kit.report(&second, OrderStatus::Filled, 25);
    assert!(!kit.heard("flat"), "said before it was verified");
    assert!(kit.sent.contains(&Command::Reconcile));
    kit.wait(1_500);
    kit.truth(AccountTruth::default());
    assert!(
        kit.heard("BTCUSDT: flat, no orders, verified"),
        "{:?}",
        kit.said
    );
    let count = kit.sent.len();
    kit.wait(10_000);
    assert_eq!(kit.sent.len(), count);
}

#[test]
fn rule1_panic_closes_again_at_once_when_an_answer_is_lost_because_it_can_only_reduce() {
    let mut kit = long(50);
    kit.press(Action::Panic);
    let first = kit.only();
    kit.answer(
        first.id,
        Asked::Place,
        Outcome::Unknown("no answer".to_owned()),
    );
    kit.wait(1_100);
    let placed = kit.placed();
    assert_eq!(placed.len(), 2);
    assert!(placed.iter().all(|o| o.intent == Intent::Exit));
    assert_ne!(placed[0].id, placed[1].id);
}

#[test]
fn panic_does_not_hammer_a_venue_that_refuses() {
    let mut kit = long(50);
    kit.press(Action::Panic);
    for _ in 0..100 {
        let last = *kit.placed().last().unwrap();
        if kit.order(last.id).is_live() {
            kit.refused(last.id, -1, Proves::Nothing);
        }
        kit.wait(100);
    }
    let count = kit.placed().len();
    assert!((5..=10).contains(&count), "{count} closes in 10 s");
}

#[test]
fn entries_wait_while_panic_runs() {
    let mut kit = long(50);
    kit.press(Action::PanicSymbol);
    kit.forget();
    kit.press(Action::Join(Side::Buy));
    assert!(kit.placed().is_empty());
    assert!(kit.heard("panic runs on BTCUSDT"));
}

#[test]
fn rule8_a_hang_up_ends_entries_leaves_exits_and_is_settled_when_the_venue_says_so() {
    let mut kit = long(50);
    let entry = kit.rest(Action::AtCursor(Side::Buy));
    let exit = kit.rest(Action::Join(Side::Sell));
    kit.forget();
    assert!(kit.desk.is_settled());
    kit.event(Event::Ending("screen lost"));
    assert_eq!(kit.cancelled(), vec![entry.id]);
    assert!(!kit.desk.is_settled());
    kit.answer(
        entry.id,
        Asked::Cancel,
        Outcome::Accepted {
            venue: Some(crate::domain::OrderId::of_number(7)),
        },
    );
    assert!(!kit.desk.is_settled(), "taken is not proved gone");
    kit.report(&entry, OrderStatus::Cancelled, 0);
    assert!(kit.desk.is_settled());
    assert!(kit.order(exit.id).is_live());
    assert_eq!(kit.size(), dec("0.050"));
}

#[test]
fn rule8_a_close_on_its_way_is_waited_for_until_its_fill_is_known() {
    let mut kit = long(50);
    kit.press(Action::Close(100));
    let close = kit.only();
    kit.event(Event::Ending("quit"));
    assert!(!kit.desk.is_settled(), "it is on the wire");
    kit.answer(
        close.id,
        Asked::Place,
        Outcome::Accepted {
            venue: Some(crate::domain::OrderId::of_number(7)),
        },
    );
    assert!(!kit.desk.is_settled(), "taken is not filled");
    kit.fill(&close, 50, "60000.0");
    kit.report(&close, OrderStatus::Filled, 50);
    assert!(kit.desk.is_settled());
}

#[test]
fn rule8_leave_touches_nothing_and_flatten_closes_everything() {
    let mut set = settings(Environment::Sim);
    set.on_hangup = OnHangup::Leave;
    let mut kit = Kit::with(set);
    kit.rest(Action::Join(Side::Buy));
    kit.forget();
    kit.event(Event::Ending("screen lost"));
    assert!(kit.sent.is_empty() && kit.desk.is_settled());

    let mut set = settings(Environment::Sim);
    set.on_hangup = OnHangup::Flatten;
    let mut kit = Kit::with(set);
    kit.long(50);
    kit.event(Event::Ending("screen lost"));
    let close = kit.only();
    assert!(!kit.desk.is_settled());
    kit.fill(&close, 50, "60000.0");
    kit.report(&close, OrderStatus::Filled, 50);
    kit.wait(1_500);
    kit.truth(AccountTruth::default());
    assert!(kit.desk.is_settled());
}

#[test]
fn a_large_position_is_closed_in_the_pieces_that_the_venue_takes() {
    let mut kit = Kit::bare(settings(Environment::Sim));
    kit.position(dec("250"), dec("100"));
    kit.press(Action::Close(100));
    assert_eq!(kit.only().qty, Qty(120_000));
}

#[test]
fn rule5_flat_is_not_said_on_account_truth_from_before_it_was_asked_for() {
    let mut kit = long(50);
    let before = kit.now;
    kit.wait(1_500);
    kit.press(Action::PanicSymbol);
    let close = kit.only();
    kit.fill(&close, 50, "60000.0");
    kit.report(&close, OrderStatus::Filled, 50);
    kit.fact(Fact::Truth {
        account: key().account,
        venue: venue(),
        truth: Box::new(AccountTruth {
            at: before,
            ..AccountTruth::default()
        }),
    });
    assert!(!kit.heard("flat"), "{:?}", kit.said);
}

#[test]
fn rule8_the_hang_up_policy_passes_the_lock() {
    let mut kit = Kit::ready();
    let entry = kit.rest(Action::Join(Side::Buy));
    kit.press(Action::Lock);
    kit.forget();
    kit.event(Event::Ending("screen lost"));
    assert_eq!(kit.cancelled(), vec![entry.id]);
    kit.event(Event::Ending("screen lost"));
    assert_eq!(kit.cancelled().len(), 1);
}

#[test]
fn rule5_a_close_that_is_refused_for_anything_else_leaves_the_stop() {
    let mut kit = long(50);
    kit.stop(50, BID - 500);
    kit.press(Action::PanicSymbol);
    for _ in 0..5 {
        let close = *kit.placed().last().unwrap();
        kit.refused(close.id, -2019, crate::domain::message::Proves::Nothing);
        kit.wait(2_100);
    }
    assert!(kit.placed().len() > 3, "it goes on");
    assert!(kit.cancelled().is_empty(), "the position stays protected");
}
