//! The private side in trouble: lost lines, refused calls. Account truth comes again, whole, before anything is in sync.

use lancet::domain::message::LinkState;
use lancet::domain::{Fact, Intent, OrderStatus, Price, Side, TimeInForce};

use super::rig::{Rig, each};
use crate::kit::net::Who;

fn resting(rig: &mut Rig) -> lancet::domain::ClientId {
    let kind = rig.limit(
        Price(rig.best(Side::Buy).0 / 100 * 97),
        TimeInForce::PostOnly,
    );
    let lots = rig.lots();
    let id = rig.place(Side::Buy, lots, kind, Intent::Entry);
    rig.until("it rests", 5_000, |rig| {
        rig.status(id) == Some(OrderStatus::Working)
    });
    id
}

#[test]
fn rule4_after_a_lost_line_truth_comes_with_what_rests_and_what_happened_meanwhile() {
    each(|venue| {
        let mut rig = Rig::ready(venue, &[]);
        let id = resting(&mut rig);
        let before = rig.truths().len();
        rig.net.cut(Who::Account);
        rig.until("it is said", 2_000, |rig| rig.link() != LinkState::Ready);
        rig.until("truth comes again", 60_000, |rig| {
            rig.truths().len() > before && rig.link() == LinkState::Ready
        });
        let truth = rig.truths().pop().unwrap();
        let listed: Vec<_> = truth
            .orders
            .iter()
            .map(|report| report.order.client)
            .collect();
        assert_eq!(listed, [id], "{}", venue.id);
        assert!(!truth.balances.is_empty(), "{}", venue.id);
    });
}

#[test]
fn truth_at_the_start_names_mode_balances_and_the_right_to_trade() {
    each(|venue| {
        let mut rig = Rig::ready(venue, &[]);
        rig.until("the mode is told", 20_000, |rig| {
            rig.facts.iter().any(|fact| {
                matches!(
                    fact,
                    Fact::Mode {
                        can_trade: true,
                        ..
                    }
                )
            })
        });
        assert!(!rig.truths()[0].balances.is_empty(), "{}", venue.id);
        rig.until("fees are told", 20_000, |rig| {
            rig.facts.iter().any(
                |fact| matches!(fact, Fact::Settings(settings) if settings.taker_fee.is_some()),
            )
        });
    });
}

#[test]
fn refused_calls_and_a_rate_limit_are_survived_and_said() {
    each(|venue| {
        let mut rig = Rig::new(
            venue,
            &["rest:http=429@6", "rest:http=503@9", "rest:cut@11"],
        );
        // Two minutes of silence are what a venue asks of who asked too much.
        rig.until("in sync all the same", 300_000, |rig| {
            rig.is_live() && rig.link() == LinkState::Ready
        });
        let id = resting(&mut rig);
        rig.cancel(id);
        rig.until("it ended", 30_000, |rig| {
            rig.status(id) == Some(OrderStatus::Cancelled)
        });
    });
}

#[test]
fn a_half_open_private_line_is_found_out() {
    each(|venue| {
        let mut rig = Rig::ready(venue, &["private:halfopen@1"]);
        let kind = rig.limit(
            Price(rig.best(Side::Buy).0 / 100 * 97),
            TimeInForce::PostOnly,
        );
        let lots = rig.lots();
        let id = rig.place(Side::Buy, lots, kind, Intent::Entry);
        rig.until("it rests all the same", 60_000, |rig| {
            rig.status(id) == Some(OrderStatus::Working) && rig.link() == LinkState::Ready
        });
    });
}
