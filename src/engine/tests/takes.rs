//! Takes: as many as are wanted, never more than the position, and where the average is until the trader moves them.

use rust_decimal::Decimal;

use super::kit::*;
use crate::domain::message::{AccountTruth, Asked, Proves};
use crate::domain::*;
use crate::engine::action::Action;
use crate::engine::settings::{Distance, Rung};

fn ticks(at: i64, part: &str) -> Rung {
    Rung {
        at: Distance::Ticks(at),
        part: dec(part),
    }
}

fn with(rungs: &[Rung], stop: Option<Distance>) -> Kit {
    let mut settings = settings(Environment::Sim);
    settings.auto_takes = rungs.to_vec();
    settings.auto_stop = stop;
    Kit::with(settings)
}

/// The limit orders that were sent: price above the entry in ticks, and lots.
fn takes(kit: &Kit) -> Vec<(i64, i64)> {
    let rests = |order: &NewOrder| {
        let price = order.kind.limit()?;
        (order.intent == Intent::Exit).then_some((price.0 - BID, order.qty.0))
    };
    kit.placed().iter().filter_map(rests).collect()
}

/// The changes that were sent: price above the entry in ticks, and total lots.
fn amends(kit: &Kit) -> Vec<(ClientId, i64, i64)> {
    let amend = |command: &Command| match command {
        Command::Amend(amend) => {
            let amend = amend.get();
            Some((amend.order.client, amend.price.0 - BID, amend.qty.0))
        }
        _ => None,
    };
    kit.sent.iter().filter_map(amend).collect()
}

/// Every order on its way rests; every change on its way is done.
fn settle(kit: &mut Kit, known: &mut Vec<NewOrder>) {
    for order in kit.placed() {
        if order.intent == Intent::Exit {
            kit.accepted(order.id);
            kit.report(&order, OrderStatus::Working, 0);
            known.push(order);
        }
    }
    for (client, above, qty) in amends(kit) {
        let order = known.iter_mut().find(|o| o.id == client).unwrap();
        order.qty = Qty(qty);
        order.kind = OrderKind::Limit {
            price: Price(BID + above),
            tif: TimeInForce::PostOnly,
        };
        let order = *order;
        let filled = kit.order(client).filled.0;
        kit.answer(
            client,
            Asked::Amend,
            Outcome::Accepted {
                venue: Some(crate::domain::OrderId::of_number(7)),
            },
        );
        kit.report(&order, OrderStatus::Working, filled);
    }
    kit.forget();
}

/// What the takes have left, by price above the entry.
fn resting(kit: &Kit) -> Vec<(i64, i64)> {
    let live = kit.market().orders.live();
    let mut rests: Vec<(i64, i64)> = live
        .filter(|o| o.intent == Intent::Exit && o.price.is_some())
        .map(|o| (o.price.unwrap().0 - BID, o.remaining().0))
        .collect();
    rests.sort_unstable();
    rests
}

#[test]
fn rungs_share_the_position_to_the_last_lot_and_grow_with_it() {
    let rungs = [ticks(40, "0.3"), ticks(80, "0.3"), ticks(120, "0.4")];
    let mut kit = with(&rungs, None);
    let entry = kit.rest(Action::Join(Side::Buy));
    kit.forget();
    kit.fill(&entry, 9, "60000.0");
    assert_eq!(takes(&kit), [(40, 2), (80, 3), (120, 4)]);
    let mut known = Vec::new();
    settle(&mut kit, &mut known);
    kit.fill(&entry, 11, "60000.0");
    assert!(amends(&kit).is_empty(), "not within 50 ms");
    kit.wait(50);
    settle(&mut kit, &mut known);
    assert_eq!(resting(&kit), [(40, 6), (80, 6), (120, 8)]);
    kit.wait(500);
    assert!(kit.sent.is_empty(), "{:?}", kit.sent);
}

#[test]
fn a_filled_rung_does_not_shrink_the_others_and_the_farthest_shrinks_first() {
    let rungs = [ticks(40, "0.5"), ticks(80, "0.5")];
    let mut kit = with(&rungs, None);
    let entry = kit.rest(Action::Join(Side::Buy));
    kit.forget();
    kit.fill(&entry, 40, "60000.0");
    let mut known = Vec::new();
    settle(&mut kit, &mut known);
    kit.wait(100);
    let (near, far) = (known[0], known[1]);
    // A part of the nearer one fills.
    kit.fill(&near, 8, "60004.0");
    kit.wait(100);
    assert_eq!(resting(&kit), [(40, 12), (80, 20)]);
    assert!(kit.sent.is_empty(), "{:?}", kit.sent);
    // Somebody else sells ten lots of it.
    kit.position(dec("0.022"), dec("60000"));
    kit.wait(100);
    assert_eq!(amends(&kit), [(far.id, 80, 10)]);
    settle(&mut kit, &mut known);
    assert_eq!(resting(&kit), [(40, 12), (80, 10)]);
    // And nearly all: the farther one goes.
    kit.position(dec("0.005"), dec("60000"));
    kit.wait(100);
    assert_eq!(kit.cancelled(), [far.id]);
    assert_eq!(amends(&kit), [(near.id, 40, 8 + 5)]);
}

#[test]
fn what_nobody_moved_follows_the_average_and_the_stop_only_towards_the_price() {
    let rungs = [ticks(40, "0.5"), ticks(80, "0.5")];
    let mut kit = with(&rungs, Some(Distance::Ticks(40)));
    let entry = kit.rest(Action::Join(Side::Buy));
    kit.forget();
    kit.fill(&entry, 20, "60000.0");
    let mut known = Vec::new();
    settle(&mut kit, &mut known);
    kit.wait(100);
    let near = known
        .iter()
        .find(|o| o.kind.limit() == Some(Price(BID + 40)));
    let near = near.unwrap().id;
    // The trader moves the nearer take, then the average falls by 10 ticks.
    kit.volume(20);
    kit.desk.market_mut(key()).selected = Some(near);
    kit.press_at(Action::MoveToCursor, Some(BID + 60));
    settle(&mut kit, &mut known);
    kit.fill(&entry, 20, "59998.0");
    kit.wait(100);
    settle(&mut kit, &mut known);
    kit.wait(100);
    settle(&mut kit, &mut known);
    assert_eq!(resting(&kit), [(60, 20), (80 - 10, 20)]);
    let stop = kit.market().protection.stop.unwrap();
    assert_eq!(stop.trigger, Price(BID - 40), "never away by itself");
    // The average rises above the first entry: the stop goes with it.
    kit.press(Action::Join(Side::Buy));
    let more = *kit.placed().last().unwrap();
    kit.accepted(more.id);
    kit.fill(&more, 20, "60010.0");
    kit.wait(100);
    let stop = kit.market().protection.stop.unwrap();
    assert_eq!(stop.trigger, Price(BID + 26 - 40));
}

#[test]
fn money_is_counted_on_what_is_held_and_a_stop_that_was_moved_stays() {
    let mut kit = with(&[], Some(Distance::Quote(dec("8"))));
    let entry = kit.rest(Action::Join(Side::Buy));
    kit.forget();
    // 0.010 × 800 = 8; 0.020 × 400 = 8.
    kit.fill(&entry, 10, "60000.0");
    let at = |kit: &Kit| BID - kit.market().protection.stop.unwrap().trigger.0;
    assert_eq!(at(&kit), 8_000);
    let mut known = Vec::new();
    settle(&mut kit, &mut known);
    kit.fill(&entry, 10, "60000.0");
    kit.wait(100);
    assert_eq!(at(&kit), 4_000);
    settle(&mut kit, &mut known);
    kit.press(Action::NudgeStop(1));
    kit.fill(&entry, 20, "60000.0");
    kit.wait(100);
    assert_eq!(at(&kit), 3_999);
}

#[test]
fn half_of_the_rest_at_a_time() {
    let mut kit = Kit::ready();
    kit.long(75);
    for (lots, above) in [(38, 50), (19, 60), (9, 70)] {
        let take = kit.rest_at(Action::TakeHalf, BID + above);
        assert_eq!((take.qty.0, take.intent), (lots, Intent::Exit));
    }
    assert_eq!(kit.rest_at(Action::TakeAtCursor, BID + 80).qty.0, 9);
    kit.press_at(Action::TakeHalf, Some(BID + 90));
    assert!(kit.heard("exits already cover the position"));
}

#[test]
fn a_take_that_the_venue_ended_stands_again_and_one_that_was_taken_away_does_not() {
    let mut kit = Kit::ready();
    kit.long(80);
    let take = kit.rest_at(Action::TakeAtCursor, BID + 50);
    kit.forget();
    kit.report(&take, OrderStatus::Expired, 0);
    kit.wait(300);
    assert_eq!(takes(&kit), [(50, 80)]);
    let again = kit.only();
    kit.accepted(again.id);
    kit.report(&again, OrderStatus::Working, 0);
    kit.forget();
    // Cancelled elsewhere: somebody does not want it.
    kit.report(&again, OrderStatus::Cancelled, 0);
    kit.wait(2_000);
    assert!(kit.placed().is_empty());
    // By the trader's key: the same.
    let third = kit.rest_at(Action::TakeAtCursor, BID + 50);
    kit.press_at(Action::CancelAt, Some(BID + 50));
    kit.report(&third, OrderStatus::Cancelled, 0);
    kit.forget();
    kit.wait(2_000);
    assert!(kit.placed().is_empty());
}

#[test]
fn a_refused_take_is_tried_ever_more_slowly_and_given_up_aloud() {
    let mut kit = with(&[ticks(40, "1")], None);
    let entry = kit.rest(Action::Join(Side::Buy));
    kit.forget();
    kit.fill(&entry, 20, "60000.0");
    let mut tries = 0;
    for _ in 0..800 {
        for order in kit.placed() {
            tries += 1;
            kit.refused(order.id, -4016, Proves::Nothing);
        }
        kit.sent.clear();
        kit.wait(50);
    }
    assert_eq!(tries, 6);
    assert!(kit.heard("the take at 60 004.0 was refused 6 times: given up"));
}

#[test]
fn a_take_that_cannot_be_changed_goes_and_stands_again_after_proof() {
    let mut kit = with(&[ticks(40, "1")], None);
    let entry = kit.rest(Action::Join(Side::Buy));
    kit.forget();
    kit.fill(&entry, 20, "60000.0");
    let mut known = Vec::new();
    settle(&mut kit, &mut known);
    kit.wait(100);
    kit.fill(&entry, 10, "60000.0");
    kit.wait(50);
    let refused = Outcome::Rejected {
        code: -5027,
        words: "no".to_owned(),
        proves: Proves::Nothing,
    };
    kit.answer(known[0].id, Asked::Amend, refused);
    kit.forget();
    kit.wait(300);
    assert_eq!(kit.cancelled(), [known[0].id]);
    assert!(kit.placed().is_empty(), "not before it is proved gone");
    kit.report(&known[0], OrderStatus::Cancelled, 0);
    kit.wait(600);
    assert_eq!(takes(&kit), [(40, 30)]);
    // The new one is changed in place again.
    let again = kit.only();
    settle(&mut kit, &mut known);
    kit.fill(&entry, 10, "60000.0");
    kit.wait(50);
    assert_eq!(amends(&kit), [(again.id, 40, 40)]);
}

#[test]
fn a_close_takes_what_it_needs_and_the_rest_gets_its_take_again() {
    let mut kit = Kit::ready();
    kit.long(80);
    let take = kit.rest_at(Action::TakeAtCursor, BID + 50);
    kit.forget();
    kit.press(Action::Close(50));
    let close = kit.only();
    assert_eq!(kit.cancelled(), [take.id]);
    kit.accepted(close.id);
    kit.report(&take, OrderStatus::Cancelled, 0);
    kit.wait(100);
    assert_eq!(kit.placed().len(), 1, "not while the close runs");
    kit.forget();
    kit.fill(&close, 40, "59999.0");
    kit.wait(300);
    assert_eq!(takes(&kit), [(50, 40)]);
}

#[test]
fn resting_exits_of_an_earlier_run_are_takes_that_never_exceed_the_position() {
    let mut kit = Kit::bare(settings(Environment::Sim));
    kit.book(BID, ASK);
    let mut report = kit.stop_report(80, BID - 100);
    report.order.class = OrderClass::Regular;
    (report.price, report.trigger) = (Some(Price(BID + 50)), None);
    let client = report.order.client;
    let position = kit.position_of(dec("0.080"), dec("60000"));
    kit.truth(AccountTruth {
        positions: vec![position],
        orders: vec![report],
        ..AccountTruth::default()
    });
    kit.wait(100);
    kit.forget();
    kit.position(dec("0.030"), dec("60000"));
    kit.wait(100);
    assert_eq!(amends(&kit), [(client, 50, 30)]);
    kit.position(Decimal::ZERO, Decimal::ZERO);
    kit.wait(100);
    assert_eq!(kit.cancelled(), [client]);
}
