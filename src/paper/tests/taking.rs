//! Orders that take, and what is refused.

use super::kit::*;
use crate::domain::TimeInForce::{Gtc, Ioc, PostOnly};
use crate::domain::message::{Asked, MarketFact, Proves};
use crate::domain::*;
use crate::paper::In;

fn refused(kit: &Kit, id: ClientId) -> (String, Proves) {
    match kit.answer(id, Asked::Place) {
        Some(Outcome::Rejected { words, proves, .. }) => (words, proves),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_crossing_order_eats_the_picture_and_its_rest_rests() {
    let mut kit = Kit::ready();
    let id = kit.enter(Side::Buy, 9, limit(102, Gtc));
    assert_eq!(kit.filled(id), [(101, 3), (102, 4)]);
    let report = kit.report(id);
    assert_eq!(
        (report.status, report.filled),
        (OrderStatus::Working, Qty(7))
    );
    assert_eq!(report.average.unwrap().round_dp(4), dec("101.5714"));
    kit.print(Side::Sell, 102, 2);
    assert_eq!(kit.status(id), OrderStatus::Filled);
}

#[test]
fn an_ioc_takes_within_its_price_and_the_rest_expires() {
    let mut kit = Kit::ready();
    let id = kit.enter(Side::Sell, 20, limit(98, Ioc));
    assert_eq!(kit.filled(id), [(99, 5), (98, 8)]);
    let report = kit.report(id);
    assert_eq!(
        (report.status, report.filled),
        (OrderStatus::Expired, Qty(13))
    );
    // What was taken is not there for the next one.
    let next = kit.enter(Side::Sell, 1, limit(98, Ioc));
    assert_eq!(kit.filled(next), []);
    assert_eq!(kit.status(next), OrderStatus::Expired);
}

#[test]
fn post_only_is_judged_by_the_book_it_meets_not_by_the_one_it_was_sent_on() {
    let mut kit = Kit::ready();
    let id = kit.send(Side::Buy, 1, limit(100, PostOnly), Intent::Entry);
    kit.book(&[(99, 5)], &[(100, 1), (101, 3)]);
    kit.wait(40);
    assert_eq!(refused(&kit, id).1, Proves::WouldTake);
    assert!(kit.fills().is_empty());
    let id = kit.enter(Side::Buy, 1, limit(99, PostOnly));
    assert_eq!(kit.status(id), OrderStatus::Working);
}

#[test]
fn what_must_fill_at_once_is_refused_without_a_live_book() {
    let mut kit = Kit::ready();
    let opened = kit.enter(Side::Buy, 2, limit(101, Ioc));
    assert_eq!(kit.status(opened), OrderStatus::Filled);
    let mut old = touch(Some((99, 5)), Some((101, 3)));
    old.live = false;
    kit.on(In::Touch(&old));
    let id = kit.exit(Side::Sell, 2, OrderKind::Market);
    assert!(refused(&kit, id).0.contains("not live"));
    kit.usual_book();
    let id = kit.exit(Side::Sell, 2, OrderKind::Market);
    assert_eq!(kit.filled(id), [(99, 2)]);
}

#[test]
fn a_venue_that_halts_refuses() {
    let mut kit = Kit::ready();
    kit.on(In::Market(&MarketFact::Status {
        symbol: symbol(),
        status: TradingStatus::Halted,
    }));
    let id = kit.enter(Side::Buy, 1, limit(99, Gtc));
    assert!(refused(&kit, id).0.contains("does not trade"));
}

#[test]
fn an_instrument_that_was_never_told_is_refused_in_words() {
    let mut kit = Kit::ready();
    kit.on(In::Market(&MarketFact::Instruments(std::sync::Arc::from(
        [],
    ))));
    // One that was told once stays known.
    let id = kit.enter(Side::Buy, 1, limit(99, Gtc));
    assert_eq!(kit.status(id), OrderStatus::Working);
    let mut fresh = Kit::with(
        terms(),
        Instrument {
            symbol: Symbol::new("ETHUSDT").unwrap(),
            ..instrument()
        },
    );
    let id = fresh.enter(Side::Buy, 1, limit(99, Gtc));
    assert!(refused(&fresh, id).0.contains("not known"));
}

#[test]
fn a_new_step_ends_orders_whose_numbers_mean_something_else_now() {
    let mut kit = Kit::ready();
    let id = kit.enter(Side::Buy, 1, limit(99, Gtc));
    let finer = Instrument {
        tick: decimal::Step::parse("0.1").unwrap(),
        ..instrument()
    };
    kit.on(In::Market(&MarketFact::Instruments(std::sync::Arc::from(
        [finer],
    ))));
    let report = kit.report(id);
    assert_eq!(report.status, OrderStatus::Expired);
    assert!(report.reason.unwrap().contains("steps"));
}
