//! The log of what each key did.

use super::kit::*;
use crate::domain::message::{Asked, Proves};
use crate::domain::*;
use crate::engine::action::Action;
use crate::engine::event::Event;
use crate::engine::presses::{CameTo, Pressed, Trouble};

fn newest(kit: &Kit) -> &Pressed {
    kit.desk.presses().latest().next().unwrap()
}

/// Microseconds pass.
fn pass(kit: &mut Kit, us: u64) {
    kit.now = Stamp {
        mono_ns: kit.now.mono_ns + us * 1_000,
        ..kit.now
    };
}

fn written(kit: &mut Kit, client: ClientId, asked: Asked) {
    let at = kit.now;
    kit.fact(Fact::Written { client, asked, at });
}

#[test]
fn a_key_is_followed_from_its_first_byte_to_the_socket_the_answer_and_the_fills() {
    let mut kit = Kit::ready();
    kit.press(Action::Join(Side::Buy));
    let order = kit.only();
    assert_eq!(newest(&kit).action, Some(Action::Join(Side::Buy)));
    assert_eq!(newest(&kit).came_to, CameTo::Order(order, 0));
    assert_eq!(
        (newest(&kit).written_us(), newest(&kit).acked_us()),
        (None, None)
    );
    pass(&mut kit, 200);
    written(&mut kit, order.id, Asked::Place);
    pass(&mut kit, 1_200);
    kit.accepted(order.id);
    pass(&mut kit, 300);
    kit.report(&order, OrderStatus::Working, 0);
    pass(&mut kit, 3_000_000);
    kit.fill(&order, 20, "60000.0");
    pass(&mut kit, 1_000_000);
    kit.fill(&order, 30, "60000.0");
    kit.report(&order, OrderStatus::Filled, 50);
    let press = newest(&kit);
    assert_eq!(
        (press.written_us(), press.acked_us()),
        (Some(200), Some(1_400))
    );
    assert_eq!(
        (press.first_fill_us, press.last_fill_us),
        (Some(3_001_700), Some(4_001_700))
    );
    assert_eq!(
        (press.filled, press.end),
        (Qty(50), Some(OrderStatus::Filled))
    );
    assert_eq!(press.trouble, None);
}

#[test]
fn the_times_count_from_the_key_and_not_from_when_it_was_judged() {
    let mut kit = Kit::ready();
    let at = kit.now;
    pass(&mut kit, 110_000);
    let market = kit.market();
    let drawn = (market.best(Side::Buy), market.best(Side::Sell));
    kit.event(Event::Press(crate::engine::event::Press {
        action: Action::Join(Side::Buy),
        key: key(),
        cursor: None,
        row: None,
        pointed: false,
        drawn,
        at,
    }));
    let order = kit.only();
    written(&mut kit, order.id, Asked::Place);
    assert_eq!(newest(&kit).written_us(), Some(110_000));
}

#[test]
fn rule1_an_unknown_outcome_has_no_time_to_an_answer_until_it_is_proved() {
    let mut kit = Kit::ready();
    kit.press(Action::Join(Side::Buy));
    let order = kit.only();
    written(&mut kit, order.id, Asked::Place);
    let lost = Outcome::Unknown("no answer".to_owned());
    kit.answer(order.id, Asked::Place, lost);
    assert_eq!(newest(&kit).trouble, Some(Trouble::Unknown));
    assert_eq!(newest(&kit).acked_us(), None);
    pass(&mut kit, 2_000_000);
    kit.report(&order, OrderStatus::Working, 0);
    assert_eq!(newest(&kit).trouble, None);
    assert_eq!(newest(&kit).acked_us(), Some(2_000_000));
}

#[test]
fn refusals_of_the_desk_of_the_venue_and_of_the_lane_are_told() {
    let mut kit = Kit::ready();
    kit.press(Action::Close(100));
    let words = "BTCUSDT is FLAT: nothing to close".to_owned();
    assert_eq!(newest(&kit).came_to, CameTo::Words(words));
    kit.press(Action::Join(Side::Buy));
    kit.refused(kit.only().id, -5022, Proves::WouldTake);
    let words = "refused: would take (post-only) -5022".to_owned();
    assert_eq!(newest(&kit).trouble, Some(Trouble::Refused(words)));
    kit.forget();
    kit.press(Action::Improve(Side::Buy));
    let full = kit.sent.pop().unwrap();
    kit.event(Event::LaneFull(full));
    let words = "not sent: the order lane is full".to_owned();
    assert_eq!(newest(&kit).trouble, Some(Trouble::Refused(words)));
    kit.press(Action::Lock);
    let words = "LOCKED (your key)".to_owned();
    assert_eq!(newest(&kit).came_to, CameTo::Words(words));
}

#[test]
fn cancels_are_one_row_and_are_acknowledged_when_all_of_them_are() {
    let mut kit = Kit::ready();
    let one = kit.rest_at(Action::AtCursor(Side::Buy), BID - 5);
    let other = kit.rest_at(Action::AtCursor(Side::Buy), BID - 6);
    kit.press(Action::CancelEntries);
    assert_eq!(newest(&kit).came_to, CameTo::Cancels(2));
    for (us, order) in [(100, one), (150, other)] {
        assert_eq!(newest(&kit).written_us(), None);
        pass(&mut kit, us);
        written(&mut kit, order.id, Asked::Cancel);
    }
    let taken = Outcome::Accepted { venue: None };
    kit.answer(one.id, Asked::Cancel, taken);
    assert_eq!(
        (newest(&kit).written_us(), newest(&kit).acked_us()),
        (Some(250), None)
    );
    pass(&mut kit, 700);
    kit.report(&other, OrderStatus::Cancelled, 0);
    assert_eq!(
        newest(&kit).acked_us(),
        Some(950),
        "its end is an answer too"
    );
}

#[test]
fn a_move_is_followed_like_an_order_and_an_exit_names_what_it_cancels() {
    let mut kit = Kit::ready();
    let order = kit.rest_at(Action::AtCursor(Side::Buy), BID - 5);
    kit.press(Action::Move(1));
    let lost = Outcome::Unknown("no answer".to_owned());
    kit.answer(order.id, Asked::Amend, lost);
    assert_eq!(newest(&kit).trouble, Some(Trouble::Unknown));
    pass(&mut kit, 900);
    let mut stands = kit.report_of(&order, OrderStatus::Working, 0);
    stands.price = Some(Price(BID - 4));
    kit.fact(Fact::Order(stands));
    assert_eq!(
        (newest(&kit).trouble.clone(), newest(&kit).acked_us()),
        (None, Some(900))
    );
    let mut kit = Kit::ready();
    kit.long(50);
    kit.rest_at(Action::AtCursor(Side::Sell), ASK + 30);
    kit.forget();
    kit.press(Action::Close(100));
    assert_eq!(newest(&kit).came_to, CameTo::Order(kit.only(), 1));
}

#[test]
fn a_fill_told_twice_counts_once_and_the_log_is_bounded() {
    let mut kit = Kit::ready();
    kit.press(Action::Join(Side::Buy));
    let order = kit.only();
    let fill = kit.fill_of(&order, 20, "60000.0");
    kit.fact(Fact::Fill(fill));
    kit.fact(Fact::Fill(fill));
    assert_eq!(newest(&kit).filled, Qty(20));
    for n in 0..250 {
        kit.press(Action::Volume(n % 5 + 1));
    }
    assert_eq!(kit.desk.presses().latest().count(), 200);
}
