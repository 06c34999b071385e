//! Stops of the venue's own, whatever carries them there: orders that wait, or a place that the position has for one.

use lancet::domain::message::Asked;
use lancet::domain::{
    ClientId, Fact, Intent, OrderClass, OrderKind, OrderStatus, Outcome, Price, Side, TimeInForce,
    TriggerBy,
};
use lancet::exchange::Venue;

use super::rig::{Rig, each};

/// Every venue that has stops of its own, with a long position; none on spot, where Lancet carries them.
fn each_held(test: impl Fn(&'static Venue, Rig)) {
    each(|venue| {
        let mut rig = Rig::ready(venue, &[]);
        if rig.instrument().is_spot() || venue.capabilities.triggers.is_empty() {
            return;
        }
        let (ask, lots) = (rig.best(Side::Sell), rig.lots());
        let through = rig.limit(Price(ask.0 + ask.0 / 500), TimeInForce::Ioc);
        let id = rig.place(Side::Buy, lots, through, Intent::Entry);
        rig.until("a position", 5_000, |rig| {
            rig.status(id) == Some(OrderStatus::Filled) && is_held(rig)
        });
        test(venue, rig);
    });
}

/// The venue's last word is that something is held.
fn is_held(rig: &Rig) -> bool {
    let held = rig.facts.iter().rev().find_map(|fact| match fact {
        Fact::Position(report) if report.key.symbol == rig.symbol => Some(!report.size.is_zero()),
        _ => None,
    });
    held.unwrap_or(false)
}

/// Sells everything when the last trade falls so many thousandths below the best bid.
fn stop(rig: &mut Rig, thousandths: i64, bounded: bool) -> (ClientId, Price) {
    let bid = rig.best(Side::Buy);
    let trigger = bid.behind(
        Side::Buy,
        (bid.0 / 1_000).saturating_mul(thousandths).max(1),
    );
    let kind = OrderKind::Stop {
        trigger,
        limit: bounded.then(|| trigger.behind(Side::Buy, bid.0 / 300)),
        by: TriggerBy::Last,
    };
    let lots = rig.lots();
    (rig.place(Side::Sell, lots, kind, Intent::Exit), trigger)
}

/// A stop just below the market, until one fires and fills: the price may be through it before it arrives.
fn fired(rig: &mut Rig, bounded: bool) -> ClientId {
    loop {
        let (id, _) = stop(rig, 0, bounded);
        let refused = |rig: &Rig| {
            let mut outcomes = rig.outcomes(id, Asked::Place).into_iter();
            outcomes.any(|outcome| matches!(outcome, Outcome::Rejected { .. }))
        };
        rig.until("it fired and filled", 240_000, |rig| {
            refused(rig) || rig.status(id) == Some(OrderStatus::Filled)
        });
        if !refused(rig) {
            return id;
        }
    }
}

#[test]
fn a_stop_waits_where_it_was_put_gives_way_to_the_next_and_is_taken_away() {
    each_held(|venue, mut rig| {
        let (first, trigger) = stop(&mut rig, 20, false);
        rig.until("it waits", 5_000, |rig| {
            rig.status(first) == Some(OrderStatus::Working)
        });
        let report = rig.reports(first).pop().unwrap().clone();
        assert_eq!(report.trigger, Some(trigger), "{}", venue.id);
        assert_eq!(report.order.class, OrderClass::Conditional, "{}", venue.id);
        assert!(report.reduce_only, "{}", venue.id);
        let (second, _) = stop(&mut rig, 15, false);
        rig.until("the next one waits", 5_000, |rig| {
            rig.status(second) == Some(OrderStatus::Working)
        });
        if !venue.capabilities.position_stops {
            rig.cancel(first);
        }
        rig.until("the first one gave way", 10_000, |rig| {
            rig.status(first) == Some(OrderStatus::Cancelled)
        });
        rig.cancel(second);
        rig.until("it is gone", 10_000, |rig| {
            rig.status(second).is_some_and(OrderStatus::is_final)
        });
        rig.pass(5_000);
        assert!(rig.fills(first).is_empty() && rig.fills(second).is_empty());
        assert!(is_held(&rig), "{}: nothing fired", venue.id);
        assert_eq!(rig.bad, Vec::<String>::new(), "{}", venue.id);
    });
}

#[test]
fn a_stop_that_fires_lives_on_under_its_name_until_the_position_is_closed() {
    for bounded in [false, true] {
        each_held(|venue, mut rig| {
            let id = fired(&mut rig, bounded);
            let end = rig.reports(id).pop().unwrap().clone();
            assert!(end.triggered, "{}: {end:?}", venue.id);
            assert_eq!(end.order.class, OrderClass::Regular, "{}", venue.id);
            rig.until("nothing is held", 10_000, |rig| !is_held(rig));
            assert!(!rig.fills(id).is_empty(), "{}", venue.id);
            rig.pass(5_000);
            assert_eq!(rig.bad, Vec::<String>::new(), "{}", venue.id);
        });
    }
}
