//! A frame's data says what the desk knows.

use super::*;
use crate::engine::Desk;
use crate::engine::action::Action;
use crate::engine::event::Event;
use crate::engine::hint::{Line, Outcome};
use crate::engine::tests::kit::*;
use crate::ui::view::{List, Mode, View};

fn shot(kit: &Kit) -> Snapshot {
    let beside = Beside {
        focus: Some(key()),
        dropped: 3,
        panels: &["ladder", "tape"],
        frame: 0,
        levels: None,
    };
    of(&kit.desk, None, kit.now, beside)
}

/// The lines of a screen with the cursor here.
fn hints(kit: &Kit, cursor: Option<i64>) -> Vec<Line> {
    hint::lines(&kit.desk, kit.market(), kit.now, cursor.map(Price))
}

fn named(kit: &Kit, cursor: Option<i64>) -> Vec<&'static str> {
    hints(kit, cursor)
        .iter()
        .flat_map(|line| line.actions.clone())
        .collect()
}

fn outcome(kit: &Kit, action: &str) -> Option<Outcome> {
    let line = hints(kit, None)
        .into_iter()
        .find(|line| line.actions.contains(&action));
    line.map(|line| line.outcome)
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
fn the_likely_keys_come_in_the_order_of_what_the_trader_is_about_to_do() {
    let mut kit = Kit::ready();
    let market = [
        "buy-join",
        "buy-now",
        "sell-join",
        "sell-now",
        "buy-improve",
        "sell-improve",
    ];
    assert_eq!(named(&kit, None), market);
    assert_eq!(
        named(&kit, Some(BID - 9))[..2],
        ["buy-cursor", "sell-cursor"]
    );
    assert_eq!(
        named(&kit, Some(ASK + 9))[..2],
        ["sell-cursor", "buy-cursor"]
    );
    kit.long(50);
    assert_eq!(named(&kit, None)[..2], ["close-100", "sell-join"]);
    assert_eq!(
        named(&kit, Some(BID - 9))[..4],
        ["buy-cursor", "stop-cursor", "sell-cursor", "close-100"]
    );
    assert_eq!(
        named(&kit, Some(ASK + 9))[..3],
        ["sell-cursor", "take-cursor", "buy-cursor"]
    );
    kit.rest(Action::AtCursor(Side::Buy));
    assert_eq!(
        outcome(&kit, "cancel-entries"),
        Some(Outcome::Words("cancels 1 entry".to_owned()))
    );
    kit.press(Action::SelectNext);
    assert_eq!(
        named(&kit, Some(BID - 9))[..5],
        [
            "cancel-entries",
            "order-cursor",
            "order-up",
            "order-down",
            "order-resize"
        ]
    );
}

#[test]
fn keys_that_are_refused_for_one_reason_share_a_line_and_a_locked_desk_has_none() {
    let mut kit = Kit::ready();
    kit.silence(3_000);
    let lines = hints(&kit, None);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(lines[0].actions.len(), 6);
    let why = "book is STALE (silent 3.0s): entries wait".to_owned();
    assert_eq!(lines[0].outcome, Outcome::Refused(why));
    kit.wait(0);
    kit.press(Action::Lock);
    assert_eq!(named(&kit, Some(BID)), ["arm-1"]);
    let Some(Outcome::Words(words)) = outcome(&kit, "arm-1") else {
        panic!("no words");
    };
    assert!(words.starts_with("arms sim at binance-futures: order up to 100 000"));
}

#[test]
fn what_a_screen_does_not_show_is_not_collected_for_it() {
    let mut kit = Kit::ready();
    kit.press(Action::Volume(2));
    let mut shot = shot(&kit);
    let mut view = View::new(80, 24);
    view.hints_off = true;
    add_viewed(&mut shot, &kit.desk, &view);
    assert!(shot.market.hints.is_empty() && shot.log.is_empty());
    view.hints_off = false;
    view.mode = Mode::List(List::Log, 0);
    add_viewed(&mut shot, &kit.desk, &view);
    assert!(!shot.market.hints.is_empty());
    assert_eq!(shot.log[0].action, "volume-2");
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
        pointed: false,
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
