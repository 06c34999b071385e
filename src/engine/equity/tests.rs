use proptest::prelude::*;

use super::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn high_and_drawdown_are_those_of_a_slow_look_at_all_results(results in prop::collection::vec(-5_000_i64..5_000, 1..3_000)) {
        let mut equity = Equity::default();
        let mut now = Stamp::default();
        for result in &results {
            prop_assert!(equity.is_due(now));
            equity.note(now, Decimal::new(*result, 2));
            prop_assert!(!equity.is_due(now.plus_ms(999)));
            now = now.plus_ms(1_000);
        }
        let high = results.iter().copied().max().unwrap().max(0);
        let falls = results.iter().enumerate().map(|(at, result)| {
            results[..=at].iter().copied().max().unwrap().max(0) - result
        });
        let last = results[results.len() - 1];
        prop_assert_eq!(equity.now(), Decimal::new(last, 2));
        prop_assert_eq!(equity.high(), Decimal::new(high, 2));
        prop_assert_eq!(equity.drawdown(), Decimal::new(high - last, 2));
        prop_assert_eq!(equity.deepest(), Decimal::new(falls.max().unwrap(), 2));
        check_points(&equity, &results)?;
    }
}

/// Points are results of their moments, evenly apart, from the first on, and reach up to now.
fn check_points(equity: &Equity, results: &[i64]) -> Result<(), TestCaseError> {
    let points = equity.points();
    prop_assert!(points.len() <= KEPT);
    prop_assert!(points.len() == results.len() || points.len() * 2 >= KEPT);
    let second = |point: &Point| usize::try_from(point.at.mono_ns / 1_000_000_000).unwrap();
    for point in points.iter() {
        prop_assert_eq!(point.result, Decimal::new(results[second(point)], 2));
    }
    let apart: Vec<usize> = points
        .windows(2)
        .map(|pair| second(&pair[1]) - second(&pair[0]))
        .collect();
    prop_assert!(apart.windows(2).all(|pair| pair[0] == pair[1]));
    prop_assert_eq!(second(&points[0]), 0);
    let missing = results.len() - 1 - second(&points[points.len() - 1]);
    prop_assert!(missing <= apart.first().copied().unwrap_or(1));
    Ok(())
}

#[test]
fn numbers_beyond_all_measure_do_not_panic() {
    let mut equity = Equity::default();
    equity.note(Stamp::default(), Decimal::MAX);
    equity.note(Stamp::default().plus_ms(1_000), Decimal::MIN);
    assert_eq!(equity.deepest(), Decimal::MAX);
}
