//! The public side: a book is whole or not shown as live, and comes back by itself.

use lancet::domain::{BookState, Side};

use super::rig::{Rig, each};
use crate::kit::net::Who;

#[test]
fn rule3_every_book_becomes_live_with_both_sides_and_prints() {
    each(|venue| {
        let mut rig = Rig::new(venue, &[]);
        rig.until("a live book", 30_000, Rig::is_live);
        rig.until("prints", 30_000, |rig| rig.prints > 0);
        assert!(rig.best(Side::Buy) < rig.best(Side::Sell), "{}", venue.id);
        let depth = rig.depth().unwrap();
        assert!(
            depth.bids.len() >= 20 && depth.asks.len() >= 20,
            "{}",
            venue.id
        );
        let symbols = rig.net.exchange.symbol_names();
        assert!(rig.instruments.len() >= symbols.len(), "{}", venue.id);
        assert_eq!(rig.bad, Vec::<String>::new(), "{}", venue.id);
    });
}

#[test]
fn a1_a_gap_takes_the_book_out_of_live_and_brings_it_back_whole() {
    each(|venue| {
        // Which message is one of the book's differs; of so many in a row some are.
        let faults: Vec<String> = (40..60).map(|at| format!("depth:gap@{at}")).collect();
        let faults: Vec<&str> = faults.iter().map(String::as_str).collect();
        let mut rig = Rig::new(venue, &faults);
        rig.until("a live book", 30_000, Rig::is_live);
        rig.until("the gap is seen", 60_000, |rig| !rig.is_live());
        rig.until("a live book again", 30_000, Rig::is_live);
        rig.pass(5_000);
        assert!(rig.is_live(), "{}: {:?}", venue.id, rig.state());
    });
}

#[test]
fn a11_a_doubled_message_changes_nothing() {
    each(|venue| {
        let mut rig = Rig::new(venue, &["depth:dup%20"]);
        rig.until("a live book", 30_000, Rig::is_live);
        for _ in 0..500 {
            rig.pass(20);
            assert!(rig.is_live(), "{}: {:?}", venue.id, rig.state());
        }
    });
}

#[test]
fn rule3_a_half_open_line_is_not_live_for_long_and_is_replaced() {
    each(|venue| {
        let mut rig = Rig::new(venue, &["depth:halfopen@60"]);
        rig.until("a live book", 30_000, Rig::is_live);
        rig.until("the silence is seen", 60_000, |rig| !rig.is_live());
        rig.until("a live book again", 30_000, Rig::is_live);
    });
}

#[test]
fn rule3_a_cut_line_is_down_at_once_and_comes_back() {
    each(|venue| {
        let mut rig = Rig::new(venue, &[]);
        rig.until("a live book", 30_000, Rig::is_live);
        rig.net.cut(Who::Feed);
        rig.until("the end is seen", 1_000, |rig| !rig.is_live());
        assert_ne!(rig.state(), Some(BookState::Live), "{}", venue.id);
        rig.until("a live book again", 30_000, Rig::is_live);
    });
}

#[test]
fn a_clock_that_is_far_off_is_measured_and_makes_nothing_stale() {
    each(|venue| {
        for skew_ms in [-90_000, 7_000] {
            let mut rig = Rig::skewed(venue, &[], skew_ms);
            rig.in_sync();
            rig.pass(3_000);
            assert!(rig.is_live(), "{} {skew_ms}: {:?}", venue.id, rig.state());
        }
    });
}
