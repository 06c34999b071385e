//! Orders that rest: their place, and what fills them.

use super::kit::*;
use crate::domain::TimeInForce::{Gtc, PostOnly};
use crate::domain::*;
use crate::paper::{Queue, Terms};

#[test]
fn an_order_waits_behind_what_stood_there_and_fills_as_prints_reach_it() {
    let mut kit = Kit::ready();
    let id = kit.enter(Side::Buy, 4, limit(99, PostOnly));
    assert_eq!(kit.status(id), OrderStatus::Working);
    kit.print(Side::Sell, 99, 3);
    kit.print(Side::Sell, 99, 2);
    assert_eq!(kit.filled(id), []);
    kit.print(Side::Sell, 99, 3);
    assert_eq!(kit.filled(id), [(99, 3)]);
    assert_eq!(kit.report(id).filled, Qty(3));
    assert_eq!(kit.status(id), OrderStatus::Working);
    kit.print(Side::Sell, 99, 9);
    assert_eq!(kit.filled(id), [(99, 3), (99, 1)]);
    assert_eq!(kit.status(id), OrderStatus::Filled);
    assert_eq!(kit.position(), (dec("4"), dec("99")));
}

#[test]
fn nothing_fills_without_evidence() {
    let mut kit = Kit::ready();
    let id = kit.enter(Side::Buy, 4, limit(99, Gtc));
    for _ in 0..100 {
        kit.wait(1_000);
        kit.usual_book();
        // Trades elsewhere, and of the other side.
        kit.print(Side::Buy, 101, 50);
        kit.print(Side::Buy, 99, 50);
        kit.print(Side::Sell, 100, 50);
    }
    assert_eq!(kit.filled(id), []);
}

#[test]
fn cancels_leave_from_behind_first_unless_the_terms_say_evenly() {
    for (queue, fills) in [(Queue::Behind, 0), (Queue::Even, 2)] {
        let mut kit = Kit::with(Terms { queue, ..terms() }, instrument());
        let id = kit.enter(Side::Buy, 9, limit(98, Gtc));
        kit.book(&[(99, 5), (98, 16)], &[(101, 3)]);
        kit.wait(1_000);
        kit.book(&[(99, 5), (98, 11)], &[(101, 3)]);
        kit.wait(1_000);
        // Eight stood ahead. Five of sixteen were cancelled: evenly, two and a half of them stood ahead; the half counts for the others.
        kit.print(Side::Sell, 98, 8);
        let sum: i64 = kit.filled(id).iter().map(|(_, qty)| qty).sum();
        assert_eq!(sum, fills, "{queue:?}");
    }
}

#[test]
fn what_trades_behind_our_price_would_have_met_us_first() {
    let mut kit = Kit::ready();
    let id = kit.enter(Side::Sell, 6, limit(102, Gtc));
    kit.print(Side::Buy, 103, 2);
    assert_eq!(kit.filled(id), [(102, 2)], "at our price, by its size");
    kit.print(Side::Buy, 105, 100);
    assert_eq!(kit.filled(id), [(102, 2), (102, 4)]);
    assert_eq!(kit.status(id), OrderStatus::Filled);
}

#[test]
fn a_book_that_crosses_our_price_fills_us_by_what_stands_there_and_once() {
    let mut kit = Kit::ready();
    let id = kit.enter(Side::Buy, 9, limit(99, Gtc));
    kit.book(&[(97, 9)], &[(98, 2), (99, 1), (100, 50)]);
    assert_eq!(kit.filled(id), [(99, 3)]);
    kit.book(&[(97, 9)], &[(98, 2), (99, 1), (100, 50)]);
    assert_eq!(kit.filled(id).len(), 1, "the same size is not met twice");
    kit.book(&[(97, 9)], &[(98, 5), (100, 50)]);
    assert_eq!(kit.filled(id), [(99, 3), (99, 3)]);
}

#[test]
fn in_front_of_the_book_nobody_stands_ahead() {
    let mut kit = Kit::ready();
    let id = kit.enter(Side::Buy, 5, limit(100, PostOnly));
    kit.print(Side::Sell, 100, 1);
    kit.print(Side::Sell, 99, 2);
    assert_eq!(kit.filled(id), [(100, 1), (100, 2)]);
}

#[test]
fn several_of_ours_share_a_print_best_price_first() {
    let mut kit = Kit::ready();
    let behind = kit.enter(Side::Buy, 5, limit(99, Gtc));
    let again = kit.enter(Side::Buy, 5, limit(99, Gtc));
    let front = kit.enter(Side::Buy, 2, limit(100, Gtc));
    kit.print(Side::Sell, 99, 13);
    // Two at 100; thirteen at 99, of which five traded with those ahead and two with the order in front.
    assert_eq!(kit.filled(front), [(100, 2)]);
    assert_eq!(kit.filled(behind), [(99, 5)]);
    assert_eq!(kit.filled(again), [(99, 1)]);
}

#[test]
fn beyond_the_picture_nothing_fills_until_the_level_is_seen() {
    let mut kit = Kit::ready();
    let id = kit.enter(Side::Buy, 5, limit(90, Gtc));
    kit.print(Side::Sell, 90, 50);
    assert_eq!(kit.filled(id), []);
    kit.wait(1_000);
    kit.book(&[(91, 2), (90, 7), (89, 1)], &[(101, 3)]);
    kit.print(Side::Sell, 90, 7);
    assert_eq!(kit.filled(id), []);
    kit.print(Side::Sell, 90, 1);
    assert_eq!(kit.filled(id), [(90, 1)]);
}

#[test]
fn a_picture_that_is_not_live_moves_nobody_up() {
    let mut kit = Kit::ready();
    let id = kit.enter(Side::Buy, 5, limit(99, Gtc));
    let mut lost = depth(&[(98, 8)], &[(99, 50)]);
    std::sync::Arc::get_mut(&mut lost).unwrap().state = BookState::Resync("gap".to_owned());
    kit.on(crate::paper::In::Depth(&lost));
    assert_eq!(kit.filled(id), []);
    kit.usual_book();
    kit.print(Side::Sell, 99, 5);
    assert_eq!(kit.filled(id), []);
}

#[test]
fn streams_of_a_recording_belong_together_as_fast_as_it_is_played() {
    for (pace, wait_ms, fills) in [(1, 400, 0), (1, 600, 8), (10, 100, 8), (0, 60_000, 0)] {
        let mut kit = Kit::ready();
        kit.paper.set_pace(pace);
        let id = kit.enter(Side::Buy, 99, limit(98, Gtc));
        // The picture tells first that all that stood ahead is gone; its print comes late, or another one comes.
        kit.book(&[(99, 5), (97, 9)], &[(101, 3)]);
        kit.wait(wait_ms);
        kit.print(Side::Sell, 98, 8);
        let sum: i64 = kit.filled(id).iter().map(|(_, qty)| qty).sum();
        assert_eq!(sum, fills, "at {pace} after {wait_ms} ms");
    }
}
