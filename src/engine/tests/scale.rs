//! One volume in several orders between two prices.

use super::kit::*;
use crate::domain::*;
use crate::engine::action::Action;
use crate::engine::event::{Event, Press};

fn rows(kit: &Kit) -> Vec<(i64, i64)> {
    let rows = kit.placed().into_iter();
    rows.map(|o| (o.kind.limit().unwrap().0, o.qty.0)).collect()
}

#[test]
fn below_the_middle_it_buys_from_the_bid_to_the_cursor_and_the_rest_goes_to_the_farthest() {
    let mut kit = Kit::ready();
    kit.volume(53);
    kit.press_at(Action::Scale, Some(BID - 50));
    let wanted = [
        (BID, 10),
        (BID - 12, 10),
        (BID - 25, 10),
        (BID - 37, 10),
        (BID - 50, 13),
    ];
    assert_eq!(rows(&kit), wanted);
    let plain = |o: &NewOrder| {
        o.side == Side::Buy
            && o.intent == Intent::Entry
            && matches!(
                o.kind,
                OrderKind::Limit {
                    tif: TimeInForce::Gtc,
                    ..
                }
            )
    };
    assert!(kit.placed().iter().all(plain));
    assert!(
        kit.heard("scale of 5: BUY 0.053 from 60 000.0 to 59 995.0"),
        "{:?}",
        kit.said
    );
}

#[test]
fn above_the_middle_it_sells() {
    let mut kit = Kit::ready();
    kit.press_at(Action::Scale, Some(ASK + 40));
    let prices: Vec<i64> = rows(&kit).iter().map(|row| row.0).collect();
    assert_eq!(prices, [ASK, ASK + 10, ASK + 20, ASK + 30, ASK + 40]);
    assert!(kit.placed().iter().all(|o| o.side == Side::Sell));
}

#[test]
fn it_is_refused_whole_where_a_part_or_the_whole_would_be() {
    let refused = |kit: &mut Kit, cursor: i64, words: &str| {
        kit.forget();
        kit.press_at(Action::Scale, Some(cursor));
        assert!(kit.sent.is_empty(), "{words}: {:?}", kit.sent);
        assert!(kit.heard(words), "{words}: {:?}", kit.said);
        assert_eq!(kit.live(), 0);
    };
    let mut kit = Kit::ready();
    kit.volume(4);
    refused(
        &mut kit,
        BID - 50,
        "0.004 does not split into 5 orders: each must be 0.001 or more",
    );
    kit.volume(50);
    refused(
        &mut kit,
        BID - 3,
        "5 orders need as many prices: go further away",
    );
    kit.volume(3_400);
    refused(&mut kit, BID - 50, "no scale: position could reach");
    let mut set = settings(Environment::Sim);
    set.limits.max_open_orders = 4;
    refused(
        &mut Kit::with(set),
        BID - 50,
        "no scale: 4 entries are open, your limit is 4",
    );
    let mut set = settings(Environment::Sim);
    set.limits.max_orders_per_second = 4;
    refused(
        &mut Kit::with(set),
        BID - 50,
        "no scale: 4 entries in the last second",
    );
    let mut kit = Kit::ready();
    kit.silence(2_100);
    refused(&mut kit, BID - 50, "book is STALE");
    // 0.001 at 45 000 is under the venue's 50.
    let mut kit = Kit::ready();
    kit.book(450_000, 450_003);
    kit.volume(5);
    refused(
        &mut kit,
        449_900,
        "no scale: order is worth 45, the venue's minimum is 50",
    );
}

#[test]
fn a_price_that_ran_past_the_cursor_turns_nothing_round() {
    let mut kit = Kit::ready();
    let drawn = (Some(Price(BID)), Some(Price(ASK)));
    let press = |cursor| Press {
        action: Action::Scale,
        key: key(),
        cursor: Some(Price(cursor)),
        row: None,
        pointed: false,
        drawn,
        at: Stamp::default(),
    };
    kit.book(BID - 15, ASK - 15);
    kit.event(Event::Press(press(BID - 10)));
    assert!(kit.sent.is_empty());
    assert!(kit.heard("the price moved past the cursor since drawn; press again"));
    kit.book(BID - 30, ASK - 30);
    kit.event(Event::Press(press(BID - 90)));
    assert!(kit.sent.is_empty());
    assert!(kit.heard("price moved 30 ticks since drawn"));
}

#[test]
fn a_middle_has_no_side_and_a_screen_without_cursor_no_scale() {
    let mut kit = Kit::ready();
    kit.book(BID, BID + 2);
    kit.press_at(Action::Scale, Some(BID + 1));
    assert!(kit.heard("the cursor is in the middle: move it"));
    kit.press_at(Action::Scale, None);
    assert!(kit.heard("the cursor is off the screen"));
    assert!(kit.sent.is_empty());
}

#[test]
fn against_a_position_it_reduces_and_is_clipped() {
    let mut kit = Kit::ready();
    kit.long(80);
    kit.volume(200);
    kit.forget();
    kit.press_at(Action::Scale, Some(ASK + 40));
    let placed = kit.placed();
    assert!(placed.iter().all(|o| o.intent == Intent::Exit));
    assert_eq!(placed.iter().map(|o| o.qty.0).sum::<i64>(), 80);
}
