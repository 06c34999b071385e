//! An order's life as each venue tells it: what is proved, in which words, and only once.

use lancet::domain::message::{Asked, Proves};
use lancet::domain::{Intent, OrderStatus, Outcome, Price, Side, TimeInForce};

use super::rig::{Rig, each};

/// A price that nobody trades at.
fn far(rig: &Rig) -> Price {
    Price(rig.best(Side::Buy).0 / 100 * 97)
}

#[test]
fn an_order_rests_by_the_streams_word_moves_and_ends() {
    each(|venue| {
        let mut rig = Rig::ready(venue, &[]);
        let (price, lots) = (far(&rig), rig.lots());
        let kind = rig.limit(price, TimeInForce::PostOnly);
        let id = rig.place(Side::Buy, lots, kind, Intent::Entry);
        rig.until("it rests", 5_000, |rig| {
            rig.status(id) == Some(OrderStatus::Working)
        });
        let report = rig.reports(id).pop().unwrap().clone();
        assert_eq!(
            (report.price, report.qty),
            (Some(price), lots),
            "{}",
            venue.id
        );
        if venue.capabilities.amend {
            let to = Price(price.0 - 10);
            rig.amend(id, to, lots);
            rig.until("it moved", 5_000, |rig| {
                rig.reports(id)
                    .pop()
                    .is_some_and(|report| report.price == Some(to))
            });
        }
        rig.cancel(id);
        rig.until("it ended", 5_000, |rig| {
            rig.status(id) == Some(OrderStatus::Cancelled)
        });
        assert_eq!(rig.bad, Vec::<String>::new(), "{}", venue.id);
    });
}

#[test]
fn a_post_only_order_that_would_take_ends_without_a_fill() {
    each(|venue| {
        let mut rig = Rig::ready(venue, &[]);
        let (through, lots) = (Price(rig.best(Side::Sell).0 + 20), rig.lots());
        let kind = rig.limit(through, TimeInForce::PostOnly);
        let id = rig.place(Side::Buy, lots, kind, Intent::Entry);
        rig.until("it is refused", 5_000, |rig| {
            let refused = rig.outcomes(id, Asked::Place).into_iter().any(|outcome| {
                matches!(
                    outcome,
                    Outcome::Rejected {
                        proves: Proves::WouldTake,
                        ..
                    }
                )
            });
            refused || rig.status(id).is_some_and(OrderStatus::is_final)
        });
        rig.pass(2_000);
        assert!(rig.fills(id).is_empty(), "{}", venue.id);
        assert_ne!(rig.status(id), Some(OrderStatus::Working), "{}", venue.id);
    });
}

#[test]
fn what_crosses_is_filled_once_with_its_fee_and_can_be_sold_again() {
    each(|venue| {
        let mut rig = Rig::ready(venue, &[]);
        let (ask, lots) = (rig.best(Side::Sell), rig.lots());
        let through = rig.limit(Price(ask.0 + ask.0 / 500), TimeInForce::Ioc);
        let buy = rig.place(Side::Buy, lots, through, Intent::Entry);
        rig.until("it is filled", 5_000, |rig| {
            rig.status(buy) == Some(OrderStatus::Filled)
        });
        rig.pass(3_000);
        let filled: i64 = rig.fills(buy).iter().map(|fill| fill.qty.0).sum();
        assert_eq!(filled, lots.0, "{}\n{}", venue.id, rig.story());
        assert!(
            rig.fills(buy).iter().all(|fill| !fill.fee.is_zero()),
            "{}",
            venue.id
        );
        let spot = rig.instrument().is_spot();
        let positions = rig
            .facts
            .iter()
            .filter(|fact| matches!(fact, lancet::domain::Fact::Position(_)));
        assert_eq!(
            positions.count() > 0,
            !spot,
            "{}: coins are no position",
            venue.id
        );
        // A fee in coins leaves a little less to sell.
        let rest = lancet::domain::Qty(if spot {
            lots.0 - lots.0 / 100 - 1
        } else {
            lots.0
        });
        let bid = rig.best(Side::Buy);
        let through = rig.limit(Price(bid.0 - bid.0 / 500), TimeInForce::Ioc);
        let sell = rig.place(Side::Sell, rest, through, Intent::Exit);
        rig.until("it is sold", 5_000, |rig| {
            rig.status(sell) == Some(OrderStatus::Filled)
        });
        assert_eq!(rig.bad, Vec::<String>::new(), "{}", venue.id);
    });
}

#[test]
fn a_refusal_is_proved_and_ends_the_order() {
    each(|venue| {
        let mut rig = Rig::ready(venue, &[]);
        let lots = lancet::domain::Qty(rig.lots().0.saturating_mul(100_000));
        let most = rig.instrument().max_qty;
        let kind = rig.limit(far(&rig), TimeInForce::Gtc);
        let id = rig.place(Side::Buy, lots.min(most), kind, Intent::Entry);
        rig.until("it is refused", 10_000, |rig| {
            let mut outcomes = rig.outcomes(id, Asked::Place).into_iter();
            let refused = outcomes.any(|outcome| matches!(outcome, Outcome::Rejected { .. }));
            refused || rig.status(id) == Some(OrderStatus::Rejected)
        });
        assert_eq!(rig.sendings(id), 1, "{}\n{}", venue.id, rig.story());
    });
}

#[test]
fn rule1_a_lost_answer_is_unknown_until_the_venue_proves_that_it_rests() {
    each(|venue| {
        let mut rig = Rig::ready(venue, &["place:silent@1"]);
        let kind = rig.limit(far(&rig), TimeInForce::PostOnly);
        let lots = rig.lots();
        let id = rig.place(Side::Buy, lots, kind, Intent::Entry);
        rig.until("it rests", 20_000, |rig| {
            rig.status(id) == Some(OrderStatus::Working)
        });
        rig.pass(20_000);
        assert_eq!(rig.status(id), Some(OrderStatus::Working), "{}", venue.id);
        rig.cancel(id);
        rig.until("it ended", 10_000, |rig| {
            rig.status(id) == Some(OrderStatus::Cancelled)
        });
    });
}

#[test]
fn rule1_an_order_that_never_arrived_is_unknown_until_that_is_proved_and_is_not_sent_again() {
    each(|venue| {
        let mut rig = Rig::ready(venue, &["place:drop@1"]);
        let kind = rig.limit(far(&rig), TimeInForce::PostOnly);
        let lots = rig.lots();
        let id = rig.place(Side::Buy, lots, kind, Intent::Entry);
        rig.until("it is unknown", 10_000, |rig| {
            let mut outcomes = rig.outcomes(id, Asked::Place).into_iter();
            outcomes.any(|outcome| matches!(outcome, Outcome::Unknown(_)))
        });
        assert!(rig.status(id).is_none(), "{}", venue.id);
        rig.until("it is proved absent", 90_000, |rig| {
            let mut outcomes = rig.outcomes(id, Asked::Place).into_iter();
            outcomes.any(|outcome| matches!(outcome, Outcome::Rejected { .. }))
        });
        assert!(rig.reports(id).is_empty(), "{}", venue.id);
    });
}

#[test]
fn a_cancel_of_what_is_gone_ends_in_the_truth() {
    each(|venue| {
        let mut rig = Rig::ready(venue, &[]);
        let kind = rig.limit(far(&rig), TimeInForce::PostOnly);
        let lots = rig.lots();
        let id = rig.place(Side::Buy, lots, kind, Intent::Entry);
        rig.until("it rests", 5_000, |rig| {
            rig.status(id) == Some(OrderStatus::Working)
        });
        rig.cancel(id);
        rig.cancel(id);
        rig.until("it ended", 10_000, |rig| {
            rig.status(id) == Some(OrderStatus::Cancelled)
        });
        rig.pass(5_000);
        assert_eq!(rig.status(id), Some(OrderStatus::Cancelled), "{}", venue.id);
    });
}
