//! One cancels other.

use super::kit::*;
use crate::domain::message::{Asked, Proves};
use crate::domain::*;
use crate::engine::action::Action;
use crate::engine::effect::About;
use crate::engine::plans;

/// A buy at 50 ticks below the bid and a sell at 50 above the ask, linked.
fn linked() -> (Kit, NewOrder, NewOrder) {
    linked_at(Kit::ready())
}

fn linked_at(mut kit: Kit) -> (Kit, NewOrder, NewOrder) {
    let buy = kit.rest_at(Action::AtCursor(Side::Buy), BID - 50);
    let sell = kit.rest_at(Action::AtCursor(Side::Sell), ASK + 50);
    kit.press(Action::Link);
    assert!(
        kit.heard("one cancels other: two entries are linked"),
        "{:?}",
        kit.said
    );
    kit.forget();
    (kit, buy, sell)
}

fn links(kit: &Kit) -> usize {
    kit.market().plans.pairs.len()
}

#[test]
fn a_fill_in_part_or_whole_cancels_the_other() {
    for lots in [1, 50] {
        let (mut kit, buy, sell) = linked();
        assert_eq!(plans::mark(&kit.desk, kit.market(), buy.id, 20), "oco");
        let fill = kit.fill_of(&buy, lots, "59995.0");
        kit.fact(Fact::Fill(fill));
        assert_eq!(kit.cancelled(), [sell.id], "{lots}");
        assert!(kit.heard("one filled: cancelling the other"));
        kit.report(&sell, OrderStatus::Cancelled, 0);
        assert_eq!(links(&kit), 0);
        assert_eq!(
            kit.order(buy.id).is_live(),
            lots < 50,
            "the rest of it stays"
        );
    }
}

#[test]
fn the_cancel_goes_again_until_it_is_proved_even_when_it_was_refused() {
    let (mut kit, buy, sell) = linked();
    let fill = kit.fill_of(&buy, 10, "59995.0");
    kit.fact(Fact::Fill(fill));
    kit.wait(1_100);
    assert_eq!(kit.cancelled(), [sell.id, sell.id], "not proved");
    let outcome = Outcome::Rejected {
        code: -1,
        words: "busy".to_owned(),
        proves: Proves::Nothing,
    };
    kit.answer(sell.id, Asked::Cancel, outcome);
    assert_eq!(kit.cancelled().len(), 3, "refused");
}

#[test]
fn both_filled_is_an_alarm() {
    let (mut kit, buy, sell) = linked();
    let fill = kit.fill_of(&buy, 50, "59995.0");
    kit.fact(Fact::Fill(fill));
    let fill = kit.fill_of(&sell, 20, "60005.3");
    kit.fact(Fact::Fill(fill));
    assert!(
        kit.heard("BTCUSDT: both linked entries filled"),
        "{:?}",
        kit.said
    );
    assert!(kit.alerts.contains(&About::Order));
    assert_eq!(links(&kit), 0);
}

#[test]
fn an_end_without_a_fill_ends_the_link_and_leaves_the_other() {
    let (mut kit, buy, sell) = linked();
    kit.press_at(Action::CancelAt, Some(BID - 50));
    kit.report(&buy, OrderStatus::Cancelled, 0);
    assert!(kit.heard("one cancels other ends: one of the two is gone"));
    assert!(kit.order(sell.id).is_live() && links(&kit) == 0);
    assert_eq!(kit.cancelled(), [buy.id]);
}

#[test]
fn again_unlinks() {
    let (mut kit, buy, _) = linked();
    kit.press(Action::Link);
    assert!(kit.heard("the two entries are not linked any more"));
    let fill = kit.fill_of(&buy, 50, "59995.0");
    kit.fact(Fact::Fill(fill));
    assert!(kit.cancelled().is_empty());
}

#[test]
fn of_several_the_selected_one_is_linked_with_the_next() {
    let mut kit = Kit::ready();
    kit.press(Action::Link);
    assert!(kit.heard("one cancels other needs two entries"));
    let orders =
        [BID - 10, BID - 20, BID - 30].map(|at| kit.rest_at(Action::AtCursor(Side::Buy), at));
    kit.press(Action::Link);
    assert!(kit.heard("which two? s selects one"));
    kit.press(Action::SelectNext);
    kit.press(Action::SelectNext);
    kit.press(Action::Link);
    let marks = orders.map(|order| plans::mark(&kit.desk, kit.market(), order.id, 20));
    assert_eq!(marks, ["", "oco", "oco"]);
    // The first with the second: the second is taken.
    kit.press(Action::SelectNext);
    kit.press(Action::SelectNext);
    kit.press(Action::SelectNext);
    kit.press(Action::Link);
    assert!(
        kit.heard("one of the two is linked already"),
        "{:?}",
        kit.said
    );
}

#[test]
fn foreign_orders_exits_and_unknown_ones_are_not_linked() {
    let mut kit = Kit::ready();
    let own = kit.rest_at(Action::AtCursor(Side::Buy), BID - 10);
    let foreign = NewOrder {
        id: ClientId::new("phone-1").unwrap(),
        ..own
    };
    kit.report(&foreign, OrderStatus::Working, 0);
    kit.press_at(Action::AtCursor(Side::Buy), Some(BID - 20));
    let lost = *kit.placed().last().unwrap();
    kit.answer(
        lost.id,
        Asked::Place,
        Outcome::Unknown("no answer".to_owned()),
    );
    kit.press(Action::Link);
    assert_eq!(links(&kit), 0);
    assert!(
        kit.heard("one cancels other needs two entries"),
        "{:?}",
        kit.said
    );
}

#[test]
fn it_cancels_when_locked_and_on_a_stale_book_too() {
    let (mut kit, buy, sell) = linked();
    kit.press(Action::Lock);
    kit.silence(3_000);
    let fill = kit.fill_of(&buy, 50, "59995.0");
    kit.fact(Fact::Fill(fill));
    assert_eq!(kit.cancelled(), [sell.id]);
}

#[test]
fn a_link_follows_an_order_that_is_cancelled_and_placed_anew() {
    let mut set = settings(Environment::Sim);
    set.amends = false;
    let (mut kit, buy, sell) = linked_at(Kit::with(set));
    kit.press(Action::SelectNext);
    kit.press(Action::Move(1));
    assert_eq!(kit.cancelled(), [sell.id]);
    kit.report(&sell, OrderStatus::Cancelled, 0);
    let new = kit.only();
    assert_eq!(links(&kit), 1);
    kit.forget();
    let fill = kit.fill_of(&new, 5, "60005.4");
    kit.fact(Fact::Fill(fill));
    assert_eq!(kit.cancelled(), [buy.id]);
}

#[test]
fn an_order_between_two_prices_is_not_placed_again_when_the_other_filled() {
    let mut set = settings(Environment::Sim);
    set.amends = false;
    let (mut kit, buy, sell) = linked_at(Kit::with(set));
    kit.press(Action::SelectNext);
    kit.press(Action::Move(1));
    let fill = kit.fill_of(&buy, 50, "59995.0");
    kit.fact(Fact::Fill(fill));
    kit.report(&sell, OrderStatus::Cancelled, 0);
    assert!(kit.placed().is_empty(), "{:?}", kit.said);
}
