//! Orders that rest in front of a wall.

use std::sync::Arc;

use super::kit::*;
use crate::domain::message::{Asked, Proves};
use crate::domain::*;
use crate::engine::action::Action;
use crate::engine::event::Event;
use crate::engine::plans;

/// The book of the kit with one level of another size.
fn book_with(kit: &mut Kit, side: Side, price: i64, lots: i64) {
    let level = |at: i64, here: bool| Level {
        price: Price(at),
        qty: Qty(if here && at == price { lots } else { 600 }),
    };
    let (bids, asks) = (side == Side::Buy, side == Side::Sell);
    let depth = Depth {
        symbol: key().symbol,
        state: BookState::Live,
        bids: (0..20).map(|i| level(BID - i, bids)).collect(),
        asks: (0..20).map(|i| level(ASK + i, asks)).collect(),
        known_down_to: None,
        known_up_to: None,
        proved: kit.now,
        changed: kit.now,
        lag_ms: 1,
        gaps: 0,
    };
    kit.event(Event::Depth(venue(), Arc::new(depth)));
}

/// A buy of 50 lots in front of a wall of 6 000 at ten ticks below the bid, proved to rest.
fn leaning() -> (Kit, NewOrder) {
    let mut kit = Kit::ready();
    book_with(&mut kit, Side::Buy, BID - 10, 6_000);
    let order = kit.rest_at(Action::Lean(Side::Buy), BID - 50);
    assert!(runs(&kit), "{:?}", kit.said);
    (kit, order)
}

fn runs(kit: &Kit) -> bool {
    !kit.market().plans.leans.is_empty()
}

#[test]
fn it_rests_one_tick_in_front_of_the_nearest_wall_and_names_it() {
    let (kit, order) = leaning();
    let OrderKind::Limit { price, tif } = order.kind else {
        panic!("{order:?}");
    };
    assert_eq!((price, tif), (Price(BID - 9), TimeInForce::PostOnly));
    assert!(
        kit.heard("BUY 0.050 leans on 6.000 at 59 999.0"),
        "{:?}",
        kit.said
    );
    assert_eq!(plans::mark(&kit.desk, kit.market(), order.id, 20), "lean 6");
    let mut kit = Kit::ready();
    book_with(&mut kit, Side::Sell, ASK + 5, 6_000);
    kit.press(Action::Lean(Side::Sell));
    assert_eq!(kit.only().kind.limit(), Some(Price(ASK + 4)));
}

#[test]
fn the_level_at_the_cursor_comes_first() {
    let mut kit = Kit::ready();
    book_with(&mut kit, Side::Buy, BID - 10, 6_000);
    kit.press_at(Action::Lean(Side::Buy), Some(BID - 4));
    assert_eq!(kit.only().kind.limit(), Some(Price(BID - 3)));
    assert!(kit.heard("leans on 0.600 at 59 999.6"), "{:?}", kit.said);
}

#[test]
fn a_wall_that_falls_under_half_takes_the_order_with_it() {
    let (mut kit, order) = leaning();
    book_with(&mut kit, Side::Buy, BID - 10, 3_000);
    assert!(kit.cancelled().is_empty(), "half of it stands");
    assert_eq!(plans::mark(&kit.desk, kit.market(), order.id, 20), "lean 3");
    book_with(&mut kit, Side::Buy, BID - 10, 2_999);
    assert_eq!(kit.cancelled(), [order.id]);
    assert!(
        kit.heard("wall at 59 999.0 pulled, 2.999 of 6.000 left: cancelling BUY 0.050"),
        "{:?}",
        kit.said
    );
    book_with(&mut kit, Side::Buy, BID - 10, 0);
    assert_eq!(
        kit.cancelled().len(),
        1,
        "once; what is not proved is asked again in time"
    );
}

#[test]
fn a_wall_out_of_the_picture_is_not_gone() {
    let (mut kit, _) = leaning();
    kit.book(BID + 30, ASK + 30);
    assert!(kit.cancelled().is_empty() && runs(&kit));
    kit.book(BID, ASK);
    assert_eq!(kit.cancelled().len(), 1, "back in sight, and small");
}

#[test]
fn own_orders_in_the_wall_are_no_wall() {
    let mut kit = Kit::ready();
    let own = kit.rest_at(Action::AtCursor(Side::Buy), BID - 10);
    book_with(&mut kit, Side::Buy, BID - 10, 6_050);
    let order = kit.rest_at(Action::Lean(Side::Buy), BID - 10);
    assert_eq!(plans::mark(&kit.desk, kit.market(), order.id, 20), "lean 6");
    kit.report(&own, OrderStatus::Cancelled, 0);
    book_with(&mut kit, Side::Buy, BID - 10, 3_000);
    assert!(!kit.cancelled().contains(&order.id));
}

#[test]
fn without_a_wall_without_room_or_without_a_live_book_there_is_none() {
    let mut kit = Kit::ready();
    kit.press(Action::Lean(Side::Buy));
    assert!(kit.heard("no large bid to lean on: put the cursor on one"));
    kit.book(BID, BID + 1);
    kit.press_at(Action::Lean(Side::Buy), Some(BID));
    assert!(
        kit.heard("no room in front of 60 000.0: it would take"),
        "{:?}",
        kit.said
    );
    kit.silence(2_100);
    kit.press_at(Action::Lean(Side::Buy), Some(BID - 3));
    assert!(kit.heard("the book is STALE: there is no wall to lean on"));
    assert!(kit.sent.is_empty());
}

#[test]
fn it_ends_as_a_chase_does_and_the_order_stays() {
    type Cause = fn(&mut Kit);
    let causes: [(&str, Cause); 4] = [
        ("LOCKED", |kit| {
            kit.press(Action::Lock);
        }),
        ("STALE", |kit| kit.silence(2_100)),
        ("EXITS ONLY", |kit| {
            kit.event(Event::Resumed(4_000));
        }),
        ("you moved its order", |kit| {
            kit.press(Action::Move(1));
        }),
    ];
    for (name, cause) in causes {
        let (mut kit, order) = leaning();
        cause(&mut kit);
        assert!(!runs(&kit), "{name}");
        let words = kit.said.iter().find(|words| words.contains("lean ends: "));
        assert!(
            words.is_some_and(|words| words.contains(name)),
            "{:?}",
            kit.said
        );
        book_with(&mut kit, Side::Buy, BID - 10, 10);
        assert!(kit.cancelled().is_empty(), "{name}");
        assert!(kit.order(order.id).is_live());
    }
}

#[test]
fn space_cancels_it_and_a_fill_ends_it() {
    let (mut kit, order) = leaning();
    kit.press(Action::CancelEntries);
    assert_eq!(kit.cancelled(), [order.id]);
    assert!(!runs(&kit));
    let (mut kit, order) = leaning();
    kit.fill(&order, 50, "59999.1");
    assert!(!runs(&kit));
    assert!(kit.heard("lean ends: it is filled"), "{:?}", kit.said);
}

#[test]
fn rule1_an_unknown_outcome_ends_it_and_a_refusal_too() {
    for outcome in [
        Outcome::Unknown("no answer".to_owned()),
        Outcome::Rejected {
            code: -5022,
            words: "would take".to_owned(),
            proves: Proves::WouldTake,
        },
    ] {
        let mut kit = Kit::ready();
        book_with(&mut kit, Side::Buy, BID - 10, 6_000);
        kit.press(Action::Lean(Side::Buy));
        let order = kit.only();
        kit.answer(order.id, Asked::Place, outcome);
        assert!(!runs(&kit));
        assert!(kit.heard("lean ends: "), "{:?}", kit.said);
        kit.wait(2_000);
        assert_eq!(kit.placed().len(), 1);
    }
}
