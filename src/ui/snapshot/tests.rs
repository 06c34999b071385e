//! A frame's data says what the desk knows.

use super::*;
use crate::engine::Desk;
use crate::engine::action::Action;
use crate::engine::event::Event;
use crate::engine::tests::kit::*;

fn shot(kit: &Kit) -> Snapshot {
    let beside = Beside {
        focus: Some(key()),
        dropped: 3,
    };
    of(&kit.desk, None, kit.now, beside)
}

#[test]
fn a_position_is_marked_at_the_side_that_it_would_exit_on() {
    let mut kit = Kit::ready();
    kit.long(50);
    kit.book(BID + 100, ASK + 100);
    let position = shot(&kit).market.position;
    assert_eq!(position.size, dec("0.05"));
    assert_eq!(position.entry, dec("60000"));
    assert_eq!(position.open, Some(dec("0.5")));
    assert_eq!(position.open_ticks, Some(100));
    assert_eq!(position.fees, dec("0.6"));
    assert!(!position.mismatch && !position.dust && !position.unknown);
}

#[test]
fn closing_at_break_even_leaves_nothing_lost() {
    let mut kit = Kit::ready();
    kit.long(50);
    let even = shot(&kit).market.position.break_even.unwrap();
    let gained = (even - dec("60000")) * dec("0.05");
    let exit_fee = even * dec("0.05") * dec("0.0005");
    let left = gained - dec("0.6") - exit_fee;
    assert!(left.abs() < dec("0.0000001"), "{even} leaves {left}");
}

#[test]
fn a_position_of_less_than_a_lot_is_dust_and_a_lost_order_is_marked() {
    let mut kit = Kit::ready();
    kit.position(dec("0.0004"), dec("60000"));
    assert!(shot(&kit).market.position.dust);
    kit.press(Action::AtCursor(Side::Buy));
    let order = kit.only();
    kit.answer(
        order.id,
        crate::domain::message::Asked::Place,
        crate::domain::Outcome::Unknown("lost".to_owned()),
    );
    let shot = shot(&kit);
    assert!(shot.market.position.unknown);
    assert_eq!(shot.market.orders[0].status, OrderStatus::Unknown);
    assert_eq!(shot.market.orders[0].remaining, Qty(50));
}

#[test]
fn hints_say_what_the_keys_would_do_now() {
    let mut kit = Kit::ready();
    let hint = |kit: &Kit, action: &str| {
        let hints = shot(kit).market.hints;
        let found = hints.iter().find(|h| h.action == action);
        found.map(|h| h.words.clone()).unwrap_or_default()
    };
    assert_eq!(
        hint(&kit, "buy-join"),
        "BUY 0.050 rests 60 000.0, 0.600 ahead, fee 0.6 → LONG 0.050 @ 60 000"
    );
    assert_eq!(hint(&kit, "close-100"), "");
    kit.long(50);
    assert_eq!(
        hint(&kit, "close-100"),
        "closes 0.050 at ~60 000.0, fee 1.5"
    );
    assert!(hint(&kit, "sell-join").ends_with("→ FLAT"));
    kit.rest(Action::AtCursor(Side::Buy));
    assert_eq!(hint(&kit, "cancel-entries"), "cancels 1 entry");
    kit.silence(3_000);
    assert_eq!(hint(&kit, "buy-join"), "");
    kit.wait(0);
    kit.press(Action::Lock);
    assert_eq!(hint(&kit, "buy-join"), "");
    assert!(hint(&kit, "arm-1").starts_with("arms sim at binance-futures: order up to 100 000"));
}

#[test]
fn rule3_the_state_of_the_book_is_as_of_now_not_as_of_its_picture() {
    let mut kit = Kit::ready();
    assert_eq!(shot(&kit).market.state, Some(BookState::Live));
    kit.silence(2_500);
    let late = shot(&kit).market;
    assert!(matches!(late.state, Some(BookState::Stale(_))));
    assert_eq!((late.quiet_ms, late.dropped), (2_500, 3));
}

#[test]
fn armed_state_volumes_and_lines_are_in_the_frame() {
    let mut kit = Kit::ready();
    kit.event(Event::Press(crate::engine::event::Press {
        action: Action::Lock,
        key: key(),
        cursor: None,
        row: None,
        drawn: (None, None),
        at: kit.now,
    }));
    let shot = shot(&kit);
    assert_eq!(shot.arm, ArmState::Locked);
    assert_eq!(shot.arm_why, "your key");
    assert_eq!(shot.notices[0].words, "LOCKED (your key)");
    assert_eq!(shot.market.volumes[0].qty, Some(Qty(50)));
    assert_eq!(shot.market.margin, "10x");
    assert_eq!(shot.symbols.as_ref(), ["BTCUSDT"]);
}

#[test]
fn a_frame_before_anything_is_known_is_empty() {
    let desk = Desk::new(settings(Environment::Sim));
    let shot = of(&desk, None, Stamp::default(), Beside::default());
    assert_eq!(shot.market.key, None);
    assert_eq!(shot.account_state, "down");
}
