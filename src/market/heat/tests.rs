use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::domain::BookState;
use crate::market::sample::{self, book};

fn at(ms: u64) -> Stamp {
    Stamp::default().plus_ms(ms)
}

/// What happens in a tenth of a second: a picture or none, and prints.
#[derive(Clone, Debug)]
struct Tenth {
    picture: Option<(i64, Vec<i64>, bool)>,
    prints: Vec<(bool, i64, i64)>,
}

fn tenths() -> impl Strategy<Value = Vec<Tenth>> {
    let picture = (
        990_i64..1_010,
        prop::collection::vec(0_i64..5_000, 1..6),
        prop::bool::weighted(0.9),
    );
    let prints = prop::collection::vec((any::<bool>(), 985_i64..1_015, 1_i64..90), 0..3);
    let tenth = (prop::option::of(picture), prints);
    let tenth = tenth.prop_map(|(picture, prints)| Tenth { picture, prints });
    prop::collection::vec(tenth, 11..60)
}

fn print((buy, price, lots): (bool, i64, i64)) -> Print {
    let side = if buy { Side::Buy } else { Side::Sell };
    sample::print(side, price, lots, 0)
}

/// Bids from a best price down and asks from the tick above it up.
fn sides(best: i64, lots: &[i64]) -> [Vec<(i64, i64)>; 2] {
    let side = |from: i64, step: i64| {
        (0..)
            .zip(lots)
            .map(|(i, lots)| (from + step * i, *lots))
            .collect()
    };
    [side(best, -1), side(best + 1, 1)]
}

/// Levels of both sides, price and lots each.
type Sides = [Vec<(i64, i64)>; 2];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_column_is_the_mean_of_the_pictures_that_stood_in_its_time(tenths in tenths(), seconds in 1_u64..3) {
        let mut heat = Heat::new(HeatSettings { seconds });
        let mut stands: Option<(Sides, bool)> = None;
        // Of each span, every live picture that a tick saw, and every print.
        let mut seen: BTreeMap<i64, Vec<Sides>> = BTreeMap::new();
        let mut traded: BTreeMap<i64, Vec<Print>> = BTreeMap::new();
        for (tenth, step) in (0_u64..).zip(&tenths) {
            let now = at(50_000 + tenth * 100);
            let span = (50_000 + tenth as i64 * 100) / (seconds as i64 * 1_000);
            if let Some((best, lots, live)) = &step.picture {
                let [bids, asks] = sides(*best, lots);
                let state = if *live { BookState::Live } else { BookState::Stale(String::new()) };
                heat.depth(&book(&bids, &asks, state));
                stands = Some(([bids, asks], *live));
            }
            let prints: Vec<Print> = step.prints.iter().copied().map(print).collect();
            heat.take(now, &prints);
            traded.entry(span).or_default().extend(prints);
            heat.tick(now);
            if let Some((sides, true)) = &stands {
                seen.entry(span).or_default().push(sides.clone());
            }
        }
        let running = (50_000 + (tenths.len() as i64 - 1) * 100) / (seconds as i64 * 1_000);
        let done: Vec<_> = seen.iter().filter(|(span, _)| **span != running).collect();
        prop_assert_eq!(heat.columns().len(), done.len());
        for (column, (span, pictures)) in heat.columns().iter().zip(done) {
            prop_assert_eq!(column.number, *span);
            for (side, found) in [(0, &column.bids), (1, &column.asks)] {
                let mut sums: BTreeMap<i64, i64> = BTreeMap::new();
                for (price, lots) in pictures.iter().flat_map(|picture| &picture[side]) {
                    *sums.entry(*price).or_default() += lots;
                }
                let means: Vec<(i64, i64)> = sums.iter().map(|(price, sum)| (*price, sum / pictures.len() as i64)).collect();
                let mut found: Vec<(i64, i64)> = found.iter().map(|level| (level.price.0, level.qty.0)).collect();
                found.sort_unstable();
                prop_assert_eq!(found, means);
            }
            let last = pictures.last().unwrap();
            prop_assert_eq!(column.touch, (Some(Price(last[0][0].0)), Some(Price(last[1][0].0))));
            let prints = &traded[span];
            let of = |price: i64, side: Side| prints.iter().filter(|p| p.price.0 == price && p.side == side).map(|p| p.qty.0).sum::<i64>();
            prop_assert_eq!(column.traded.iter().map(Cell::volume).sum::<i64>(), prints.iter().map(|p| p.qty.0).sum::<i64>());
            for cell in &column.traded {
                prop_assert_eq!((cell.buys, cell.sells), (of(cell.at, Side::Buy), of(cell.at, Side::Sell)));
            }
        }
    }
}

#[test]
fn what_is_kept_is_bounded_and_hostile_sizes_do_not_panic() {
    let mut heat = Heat::new(HeatSettings { seconds: 1 });
    let many: Vec<(i64, i64)> = (0..2_000).map(|i| (i, i64::MAX)).collect();
    let falling: Vec<(i64, i64)> = many.iter().rev().copied().collect();
    heat.depth(&book(&falling, &many, BookState::Live));
    for second in 0..(KEPT as u64 + 20) {
        let prints: Vec<Print> = (0..1_000)
            .map(|price| print((true, price, i64::MAX)))
            .collect();
        heat.take(at(second * 1_000), &prints);
        heat.tick(at(second * 1_000));
        heat.tick(at(second * 1_000 + 500));
    }
    assert_eq!(heat.columns().len(), KEPT);
    let newest = heat.columns().back().unwrap();
    assert_eq!((newest.bids.len(), newest.asks.len()), (LEVELS, LEVELS));
    assert_eq!(newest.traded.len(), TRADED);
}

#[test]
fn a_clock_that_is_set_back_begins_anew() {
    let mut heat = Heat::new(HeatSettings { seconds: 1 });
    heat.depth(&book(&[(5, 1)], &[(6, 1)], BookState::Live));
    for ms in [10_000, 11_000, 12_000] {
        heat.tick(at(ms));
    }
    assert_eq!(heat.columns().len(), 2);
    for ms in [3_000, 4_000] {
        heat.tick(at(ms));
    }
    let numbers: Vec<i64> = heat.columns().iter().map(|column| column.number).collect();
    assert_eq!(numbers, [3], "what was is not what comes later");
}
