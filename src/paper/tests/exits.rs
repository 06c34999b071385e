//! Orders that reduce, stops, trails.

use super::kit::*;
use crate::domain::TimeInForce::{Gtc, Ioc, PostOnly};
use crate::domain::message::{Asked, Proves};
use crate::domain::*;

fn long(kit: &mut Kit, qty: i64) {
    let id = kit.enter(Side::Buy, qty, limit(103, Ioc));
    assert_eq!(kit.status(id), OrderStatus::Filled);
    kit.usual_book();
}

fn proves(kit: &Kit, id: ClientId) -> Proves {
    match kit.answer(id, Asked::Place) {
        Some(Outcome::Rejected { proves, .. }) => proves,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_only_reduces_is_cut_to_the_position_and_never_turns_it_round() {
    let mut kit = Kit::ready();
    let nothing = kit.exit(Side::Sell, 5, limit(99, Ioc));
    assert_eq!(proves(&kit, nothing), Proves::NothingToReduce);
    long(&mut kit, 3);
    let id = kit.exit(Side::Sell, 5, limit(98, Ioc));
    assert_eq!(kit.report(id).qty, Qty(3));
    assert_eq!(kit.status(id), OrderStatus::Filled);
    assert_eq!(kit.position().0, dec("0"));
}

#[test]
fn exits_that_rest_end_with_the_position() {
    let mut kit = Kit::ready();
    long(&mut kit, 3);
    let take = kit.exit(Side::Sell, 3, limit(110, PostOnly));
    let part = kit.exit(Side::Sell, 2, limit(111, PostOnly));
    kit.print(Side::Buy, 110, 1);
    assert_eq!(kit.filled(take), [], "beyond the picture");
    kit.print(Side::Buy, 112, 2);
    assert_eq!(kit.filled(take), [(110, 2)]);
    kit.print(Side::Buy, 112, 9);
    assert_eq!(kit.filled(take), [(110, 2), (110, 1)]);
    assert_eq!(kit.filled(part), []);
    assert_eq!(kit.status(part), OrderStatus::Expired);
    assert_eq!(kit.position().0, dec("0"));
}

#[test]
fn a_stop_fires_by_the_price_it_watches() {
    for by in [TriggerBy::Last, TriggerBy::Mark, TriggerBy::Best] {
        let mut kit = Kit::ready();
        long(&mut kit, 3);
        kit.print(Side::Buy, 101, 1);
        kit.mark("100", "0", 0);
        let id = kit.exit(Side::Sell, 3, stop(97, by));
        let waits = kit.report(id);
        assert_eq!(waits.order.class, OrderClass::Conditional);
        assert_eq!(
            (waits.status, waits.triggered),
            (OrderStatus::Working, false)
        );
        // The other two prices reach it first, and nothing happens.
        let met = |kit: &mut Kit, by| match by {
            TriggerBy::Last => kit.print(Side::Buy, 97, 1),
            TriggerBy::Mark => kit.mark("96.5", "0", 0),
            TriggerBy::Best => kit.book(&[(97, 2), (96, 9)], &[(101, 3)]),
        };
        for other in [TriggerBy::Last, TriggerBy::Mark, TriggerBy::Best] {
            if other != by {
                met(&mut kit, other);
                kit.usual_book();
            }
        }
        assert_eq!(kit.filled(id), [], "{by:?}");
        kit.book(&[(98, 2), (96, 9)], &[(101, 3)]);
        met(&mut kit, by);
        let fired = kit.report(id);
        assert!(fired.triggered, "{by:?}");
        assert_eq!(fired.order.class, OrderClass::Regular);
        assert_ne!(fired.order.venue, waits.order.venue, "a number of its own");
        assert_eq!(fired.status, OrderStatus::Filled);
        let price = kit.filled(id)[0].0;
        assert!(price <= 98, "at what the book gives, {price}");
    }
}

#[test]
fn a_stop_that_would_fire_at_once_is_refused() {
    let mut kit = Kit::ready();
    long(&mut kit, 3);
    kit.print(Side::Buy, 101, 1);
    let id = kit.exit(Side::Sell, 3, stop(102, TriggerBy::Last));
    assert_eq!(proves(&kit, id), Proves::WouldTrigger);
}

#[test]
fn a_stop_without_a_position_is_refused_when_it_fires() {
    let mut kit = Kit::ready();
    long(&mut kit, 3);
    let stop = kit.exit(Side::Sell, 3, stop(97, TriggerBy::Last));
    let close = kit.exit(Side::Sell, 3, limit(98, Ioc));
    assert_eq!(kit.status(close), OrderStatus::Filled);
    assert_eq!(kit.status(stop), OrderStatus::Working);
    kit.print(Side::Sell, 97, 1);
    let report = kit.report(stop);
    assert_eq!(report.status, OrderStatus::Rejected);
    assert!(report.triggered && report.reason.is_some());
    assert_eq!(kit.position().0, dec("0"));
}

#[test]
fn a_bounded_stop_entry_becomes_a_limit_order() {
    let mut kit = Kit::ready();
    let kind = OrderKind::Stop {
        trigger: Price(102),
        limit: Some(Price(103)),
        by: TriggerBy::Last,
    };
    let id = kit.enter(Side::Buy, 30, kind);
    kit.print(Side::Buy, 102, 1);
    assert_eq!(kit.filled(id), [(101, 3), (102, 4), (103, 9)]);
    let report = kit.report(id);
    assert_eq!(
        (report.status, report.price),
        (OrderStatus::Working, Some(Price(103)))
    );
}

#[test]
fn trails_follow_from_their_activation_and_fire_when_the_price_comes_back() {
    for (callback, back) in [(Callback::Distance(3), 107), (Callback::Rate(300), 106)] {
        let mut kit = Kit::ready();
        long(&mut kit, 2);
        let kind = OrderKind::Trail {
            activation: Some(Price(105)),
            callback,
            by: TriggerBy::Last,
        };
        let id = kit.exit(Side::Sell, 2, kind);
        // Before its activation no price counts.
        for price in [104, 90, 105, 110, 108] {
            kit.print(Side::Buy, price, 1);
            kit.usual_book();
            assert!(!kit.report(id).triggered, "{callback:?} at {price}");
        }
        kit.print(Side::Buy, back, 1);
        assert!(kit.report(id).triggered, "{callback:?}");
        assert_eq!(kit.filled(id), [(99, 2)]);
    }
}

#[test]
fn nothing_fires_on_a_book_that_shows_nothing_to_trade_with() {
    let mut kit = Kit::ready();
    long(&mut kit, 2);
    let id = kit.exit(Side::Sell, 2, stop(97, TriggerBy::Last));
    let mut old = touch(Some((99, 5)), Some((101, 3)));
    old.live = false;
    kit.on(crate::paper::In::Touch(&old));
    kit.print(Side::Sell, 97, 1);
    assert!(!kit.report(id).triggered);
    kit.book(&[(95, 9)], &[(101, 3)]);
    assert_eq!(kit.filled(id), [(95, 2)]);
}

#[test]
fn a_resting_exit_is_no_larger_than_what_is_left() {
    let mut kit = Kit::ready();
    long(&mut kit, 5);
    let take = kit.exit(Side::Sell, 5, limit(100, Gtc));
    let close = kit.exit(Side::Sell, 4, limit(99, Ioc));
    assert_eq!(kit.filled(close), [(99, 4)]);
    kit.print(Side::Buy, 100, 9);
    assert_eq!(kit.filled(take), [(100, 1)]);
    assert_eq!(kit.status(take), OrderStatus::Expired);
    assert_eq!(kit.position().0, dec("0"));
}

#[test]
fn a_price_that_is_never_told_is_the_best_one() {
    let mut kit = Kit::ready();
    long(&mut kit, 2);
    let id = kit.exit(Side::Sell, 2, stop(97, TriggerBy::Mark));
    kit.book(&[(98, 9)], &[(101, 3)]);
    assert_eq!(kit.filled(id), []);
    kit.book(&[(97, 9)], &[(101, 3)]);
    assert_eq!(kit.filled(id), [(97, 2)]);
}
