use proptest::prelude::*;

use super::*;
use crate::domain::{BookState, Side};
use crate::market::sample::{self, book};

fn at(ms: u64) -> Stamp {
    Stamp::default().plus_ms(ms)
}

fn print(side: Side, qty: i64) -> Print {
    sample::print(side, 100, qty, 0)
}

fn flow(levels: u8) -> Flow {
    Flow::new(Settings { levels })
}

/// Counts every size again as often as it is worth.
fn slow_imbalance(bids: &[(i64, i64)], asks: &[(i64, i64)], levels: usize) -> Option<i64> {
    let weight = |side: &[(i64, i64)]| {
        let mut sum = 0;
        for (at, (_, qty)) in side.iter().enumerate() {
            for _ in at..levels {
                sum += qty;
            }
        }
        sum
    };
    let (bids, asks) = (weight(bids), weight(asks));
    (bids + asks > 0).then(|| (bids - asks) * 1_000 / (bids + asks))
}

proptest! {
    #[test]
    fn the_imbalance_is_that_of_counting_each_level_as_often_as_it_is_near(
        bids in proptest::collection::vec(0_i64..10_000, 0..40),
        asks in proptest::collection::vec(0_i64..10_000, 0..40),
        levels in 1_u8..50,
    ) {
        let bids: Vec<(i64, i64)> = bids.iter().enumerate().map(|(i, q)| (1_000 - i as i64, *q)).collect();
        let asks: Vec<(i64, i64)> = asks.iter().enumerate().map(|(i, q)| (1_001 + i as i64, *q)).collect();
        let mut flow = flow(levels);
        flow.depth(&book(&bids, &asks, BookState::Live));
        flow.tick(at(0));
        let expected = slow_imbalance(&bids, &asks, usize::from(levels));
        prop_assert_eq!(flow.view().imbalance.map(i64::from), expected);
    }

    #[test]
    fn delta_is_everything_bought_less_everything_sold_and_its_points_are_what_it_was(
        trades in proptest::collection::vec((any::<bool>(), 0_i64..1_000, 0_u64..900), 0..400)
    ) {
        let mut flow = flow(10);
        flow.tick(at(0));
        let (mut now, mut all) = (0, Vec::new());
        for (buy, qty, step) in trades {
            now += step;
            flow.tick(at(now));
            let side = if buy { Side::Buy } else { Side::Sell };
            flow.take(&[print(side, qty)]);
            all.push((now, if buy { qty } else { -qty }));
        }
        let until = |ms: u64| -> i64 { all.iter().filter(|one| one.0 < ms).map(|one| one.1).sum() };
        let view = flow.view();
        prop_assert_eq!(view.delta, until(u64::MAX));
        let points: Vec<i64> = (1..=now / 5_000).map(|five| until(five * 5_000)).collect();
        prop_assert_eq!(view.deltas.to_vec(), points);
    }

    #[test]
    fn the_volatility_is_the_formula_over_the_last_minute(
        moves in proptest::collection::vec((-30_i64..30, 0_u8..12), 1..150)
    ) {
        let mut flow = flow(10);
        flow.tick(at(0));
        let (mut bid, mut middles) = (50_000_i64, Vec::new());
        for (second, (step, live)) in moves.iter().enumerate() {
            bid += step;
            let state = if *live == 0 { BookState::Down(String::new()) } else { BookState::Live };
            middles.push(state.is_live().then_some(bid as f64 + 1.0));
            flow.depth(&book(&[(bid, 1)], &[(bid + 2, 1)], state));
            flow.tick(at((second as u64 + 1) * 1_000));
        }
        let from = middles.len().saturating_sub(60).max(1);
        let mut squares = Vec::new();
        for second in from..middles.len() {
            if let (Some(now), Some(before)) = (middles[second], middles[second - 1]) {
                squares.push((now / before).ln().powi(2));
            }
        }
        let mean = squares.iter().sum::<f64>() / squares.len() as f64;
        let expected = (squares.len() >= 10).then(|| (mean * 60.0).sqrt() * 1e7);
        match (flow.view().volatility, expected) {
            (Some(got), Some(expected)) => prop_assert!((got as f64 - expected).abs() <= 1.0, "{got} {expected}"),
            (got, expected) => prop_assert!(got.is_none() && expected.is_none()),
        }
    }

    #[test]
    fn the_usual_spread_is_the_middle_one_of_ten_minutes(spreads in proptest::collection::vec(1_i64..40, 1..700)) {
        let mut flow = flow(10);
        flow.tick(at(0));
        for (second, spread) in spreads.iter().enumerate() {
            flow.depth(&book(&[(1_000, 1)], &[(1_000 + spread, 1)], BookState::Live));
            flow.tick(at((second as u64 + 1) * 1_000));
        }
        let mut latest: Vec<i64> = spreads.iter().rev().take(600).copied().collect();
        latest.sort_unstable();
        let expected = (latest.len() >= 30).then(|| latest[(latest.len() - 1) / 2]);
        prop_assert_eq!(flow.view().usual_spread, expected);
        prop_assert_eq!(flow.view().spread, spreads.last().copied());
    }
}

#[test]
fn a_book_that_is_not_live_has_no_spread_and_no_imbalance() {
    let mut flow = flow(10);
    flow.depth(&book(&[(1, 5)], &[(2, 5)], BookState::Live));
    flow.tick(at(0));
    assert_eq!(
        (flow.view().spread, flow.view().imbalance),
        (Some(1), Some(0))
    );
    flow.depth(&book(
        &[(1, 5)],
        &[(2, 5)],
        BookState::Resync("gap".to_owned()),
    ));
    flow.tick(at(600));
    assert_eq!((flow.view().spread, flow.view().imbalance), (None, None));
}

#[test]
fn hostile_books_pass() {
    let mut flow = flow(255);
    let wild = [(i64::MAX, i64::MAX), (i64::MIN, i64::MIN), (0, -1)];
    for second in 0..40 {
        flow.depth(&book(&wild, &wild, BookState::Live));
        flow.take(&[print(Side::Buy, i64::MAX), print(Side::Sell, i64::MIN)]);
        flow.tick(at(second * 1_000));
    }
    assert_eq!(flow.view().delta, i64::MAX);
}
