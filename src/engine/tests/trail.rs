//! A stop that the venue moves: placed before the old one goes, kept as the proved stop, and taken back where it is known to stand.

use super::kit::*;
use crate::domain::message::Proves;
use crate::domain::*;
use crate::engine::action::Action;
use crate::engine::settings::TrailRates;

/// A long of 80 lots with a stop 0.24 % below the best bid, at a venue that trails.
fn stopped() -> (Kit, NewOrder) {
    let mut settings = settings(Environment::Sim);
    settings.venue_trail = Some(TrailRates {
        min: 10,
        max: 2_000,
        step: 10,
    });
    let mut kit = Kit::with(settings);
    kit.long(80);
    kit.wait(100);
    kit.press_at(Action::StopAtCursor, Some(BID - 1_440));
    let stop = kit.only();
    stands(&mut kit, &stop);
    kit.wait(100);
    kit.forget();
    (kit, stop)
}

fn stands(kit: &mut Kit, stop: &NewOrder) {
    kit.accepted(stop.id);
    kit.report(stop, OrderStatus::Working, 0);
}

/// The same, with the venue's trail of 0.2 % in its place.
fn trailing() -> (Kit, NewOrder) {
    let (mut kit, old) = stopped();
    kit.press(Action::TrailStop);
    let trail = kit.only();
    stands(&mut kit, &trail);
    kit.report(&old, OrderStatus::Cancelled, 0);
    kit.wait(100);
    kit.forget();
    (kit, trail)
}

fn wanted(kit: &Kit) -> crate::engine::protect::WantedStop {
    kit.market().protection.stop.unwrap()
}

const RATE: OrderKind = OrderKind::Trail {
    activation: None,
    callback: Callback::Rate(20),
    by: TriggerBy::Last,
};

#[test]
fn the_venues_trail_stands_before_the_old_stop_goes_and_is_never_wider() {
    let (mut kit, old) = stopped();
    kit.press(Action::TrailStop);
    assert!(kit.heard("the stop follows 0.2% behind; the venue moves it"));
    let trail = kit.only();
    assert_eq!((trail.kind, trail.qty.0), (RATE, 80));
    assert_eq!((trail.side, trail.intent), (Side::Sell, Intent::Exit));
    kit.wait(500);
    assert!(kit.cancelled().is_empty());
    kit.accepted(trail.id);
    assert_eq!(kit.cancelled(), [old.id]);
    kit.report(&trail, OrderStatus::Working, 0);
    kit.report(&old, OrderStatus::Cancelled, 0);
    kit.wait(3_000);
    assert!(!kit.heard("NAKED"), "it is the proved stop");
    assert_eq!(kit.placed().len(), 1);
}

#[test]
fn what_the_venue_cannot_keep_lancet_does_and_says_so() {
    let (mut kit, _) = stopped();
    kit.press_at(Action::StopAtCursor, Some(BID - 59));
    let near = kit.only();
    stands(&mut kit, &near);
    kit.forget();
    kit.press(Action::TrailStop);
    assert!(kit.heard("the venue trails by 0.1% to 20% only: Lancet moves the stop, 59t behind"));
    assert_eq!((wanted(&kit).trail, wanted(&kit).rate), (Some(59), None));
    assert!(kit.placed().is_empty());
}

#[test]
fn turned_off_an_ordinary_stop_stands_where_it_was_known_to_be_first() {
    let (mut kit, trail) = trailing();
    kit.book(BID + 1_000, ASK + 1_000);
    kit.wait(100);
    kit.book(BID + 200, ASK + 200);
    kit.wait(100);
    assert!(kit.sent.is_empty(), "the venue moves it: {:?}", kit.sent);
    kit.press(Action::TrailStop);
    assert!(kit.heard("the stop stays"));
    let stop = kit.only();
    // 0.2 % of 601 000 is 1 202.
    let bare = OrderKind::Stop {
        trigger: Price(BID + 1_000 - 1_202),
        limit: None,
        by: TriggerBy::Last,
    };
    assert_eq!(stop.kind, bare);
    assert!(kit.cancelled().is_empty());
    kit.accepted(stop.id);
    assert_eq!(kit.cancelled(), [trail.id]);
}

#[test]
fn a_smaller_position_leaves_it_and_a_larger_one_is_taken_over_where_it_stands() {
    let (mut kit, trail) = trailing();
    kit.book(BID + 1_000, ASK + 1_000);
    kit.position(dec("0.050"), dec("60000"));
    kit.wait(200);
    assert!(
        kit.sent.is_empty(),
        "another would begin anew: {:?}",
        kit.sent
    );
    kit.position(dec("0.090"), dec("60010"));
    kit.wait(200);
    let stop = kit.only();
    assert_eq!(stop.kind.trigger(), Some(Price(BID + 1_000 - 1_202)));
    assert_eq!(stop.qty.0, 90);
    assert!(
        kit.heard("the position outgrew the venue's trailing stop: Lancet moves it, 1202t behind")
    );
    stands(&mut kit, &stop);
    assert_eq!(kit.cancelled(), [trail.id]);
    assert_eq!(wanted(&kit).trail, Some(1_202));
}

#[test]
fn a_refused_trail_is_lancets_to_move_and_the_old_stop_stays_until_then() {
    let (mut kit, old) = stopped();
    kit.press(Action::TrailStop);
    let trail = kit.only();
    kit.forget();
    kit.refused(trail.id, -2007, Proves::Nothing);
    assert!(kit.heard("the venue refused to move the stop"));
    kit.wait(600);
    let stop = kit.only();
    // As far behind as the venue would have kept it: never further away than before.
    assert_eq!(stop.kind.trigger(), Some(Price(BID - 1_200)));
    assert!(kit.order(old.id).is_live() && kit.cancelled().is_empty());
    kit.accepted(stop.id);
    assert_eq!(kit.cancelled(), [old.id]);
}

#[test]
fn after_a_restart_the_venues_trail_is_the_wanted_stop() {
    let mut kit = Kit::bare(settings(Environment::Sim));
    kit.book(BID, ASK);
    let mut report = kit.stop_report(80, BID);
    (report.trigger, report.callback) = (None, Some(Callback::Rate(20)));
    let position = kit.position_of(dec("0.080"), dec("60000"));
    kit.truth(crate::domain::message::AccountTruth {
        positions: vec![position],
        orders: vec![report.clone()],
        ..Default::default()
    });
    kit.wait(100);
    assert_eq!(wanted(&kit).rate, Some(20));
    assert_eq!(wanted(&kit).trigger, Price(BID - 1_200));
    assert!(kit.placed().is_empty());
    // The row on which it is drawn names it.
    kit.press_at(Action::CancelAt, Some(BID - 1_200));
    assert_eq!(kit.cancelled(), [report.order.client]);
    assert!(kit.market().protection.stop.is_none());
}

#[test]
fn one_that_fired_has_its_time_to_fill() {
    let (mut kit, trail) = trailing();
    let mut fired = kit.report_of(&trail, OrderStatus::Working, 0);
    fired.order.class = OrderClass::Regular;
    fired.triggered = true;
    kit.fact(Fact::Order(fired));
    kit.wait(450);
    assert!(kit.placed().is_empty());
    kit.wait(100);
    assert_eq!(kit.only().kind, OrderKind::Market);
}
