use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::market::sample::{self, instrument};

const FRAMES: [Frame; 4] = [
    Frame::Time(1_000),
    Frame::Time(60_000),
    Frame::Size(rust_decimal::dec!(0.5)),
    Frame::Range(4),
];

fn print((buy, price, lots, at): (bool, i64, i64, i64)) -> Print {
    let side = if buy { Side::Buy } else { Side::Sell };
    sample::print(side, price, lots, at)
}

/// Prints a little way apart in time and price.
fn prints() -> impl Strategy<Value = Vec<Print>> {
    prop::collection::vec((any::<bool>(), -3_i64..=3, 1_i64..400, 0_i64..900), 1..200).prop_map(
        |steps| {
            let (mut price, mut at) = (1_000, 1_000_000);
            let mut out = Vec::new();
            for (buy, move_by, lots, later) in steps {
                price += move_by;
                at += later;
                out.push(print((buy, price, lots, at)));
            }
            out
        },
    )
}

/// Where each bar of a frame begins among the prints, found the slow way.
fn slow_bars(frame: Frame, prints: &[Print]) -> Vec<Vec<Print>> {
    let mut bars: Vec<Vec<Print>> = Vec::new();
    for print in prints {
        let ends = match (frame, bars.last()) {
            (_, None) => true,
            (Frame::Time(ms), Some(bar)) => bar[0].venue_ms / ms != print.venue_ms / ms,
            (Frame::Size(_), Some(bar)) => bar.iter().map(|print| print.qty.0).sum::<i64>() >= 500,
            (Frame::Range(ticks), Some(bar)) => {
                let all = || bar.iter().chain([print]).map(|print| print.price.0);
                all().max().unwrap() - all().min().unwrap() > ticks
            }
            (Frame::Quote(_), Some(_)) => unreachable!(),
        };
        if ends {
            bars.push(Vec::new());
        }
        bars.last_mut().unwrap().push(*print);
    }
    bars
}

/// Rows of a bar by number: what buyers and sellers took.
fn slow_rows(bar: &[Print], zoom: i64) -> BTreeMap<i64, (i64, i64)> {
    let mut rows = BTreeMap::new();
    for print in bar {
        let whole = print.price.0 / zoom;
        let between = print.price.0 % zoom != 0;
        let row = match print.side {
            Side::Buy if between => whole + 1,
            _ => whole,
        };
        let sums: &mut (i64, i64) = rows.entry(row).or_default();
        match print.side {
            Side::Buy => sums.0 += print.qty.0,
            Side::Sell => sums.1 += print.qty.0,
        }
    }
    rows
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn columns_are_what_a_slow_count_of_the_prints_gives(prints in prints(), zoom in 1_i64..12, batch in 1_usize..9, times in 2_i64..5) {
        let mut clusters = Clusters::new(&FRAMES, &instrument());
        for some in prints.chunks(batch) {
            clusters.take(some);
        }
        for (number, frame) in FRAMES.into_iter().enumerate() {
            let bars = slow_bars(frame, &prints);
            let columns = clusters.columns(number).unwrap();
            prop_assert_eq!(columns.len(), bars.len().min(KEPT));
            for (column, bar) in columns.iter().zip(&bars[bars.len() - columns.len()..]) {
                prop_assert_eq!(column.bar.buys, bar.iter().filter(|p| p.side == Side::Buy).map(|p| p.qty.0).sum::<i64>());
                prop_assert_eq!(column.bar.volume(), bar.iter().map(|p| p.qty.0).sum::<i64>());
                prop_assert_eq!(column.bar.began_ms, match frame {
                    Frame::Time(ms) => bar[0].venue_ms / ms * ms,
                    _ => bar[0].venue_ms,
                });
                let rows = slow_rows(bar, zoom);
                let merged = column.merged(zoom);
                let found: BTreeMap<i64, (i64, i64)> = merged.rows().iter().map(|c| (c.at, (c.buys, c.sells))).collect();
                prop_assert_eq!(&found, &rows);
                prop_assert!(merged.rows().is_sorted_by_key(|cell| cell.at));
                prop_assert_eq!(merged.rows().len(), rows.len());
                check_marks(&merged, &rows, times)?;
            }
        }
    }
}

/// Point of control and imbalances, from their definitions.
fn check_marks(
    merged: &Merged,
    rows: &BTreeMap<i64, (i64, i64)>,
    times: i64,
) -> Result<(), TestCaseError> {
    let volume = |row: &i64| rows[row].0 + rows[row].1;
    let most = rows.keys().map(volume).max().unwrap();
    let highest = rows.keys().rev().find(|row| volume(row) == most).copied();
    prop_assert_eq!(merged.control(), highest);
    let average = rows.keys().map(volume).sum::<i64>() as f64 / rows.len() as f64;
    for (place, cell) in merged.rows().iter().enumerate() {
        let sellers_below = rows.get(&(cell.at - 1)).map_or(0, |row| row.1);
        let buyers_above = rows.get(&(cell.at + 1)).map_or(0, |row| row.0);
        let buys =
            cell.buys > 0 && cell.buys as f64 >= average && cell.buys >= sellers_below * times;
        let sells =
            cell.sells > 0 && cell.sells as f64 >= average && cell.sells >= buyers_above * times;
        prop_assert_eq!(merged.imbalance(place, times), (buys, sells));
    }
    Ok(())
}

#[test]
fn a_print_goes_to_the_row_of_the_order_that_it_met() {
    let mut column = Column::begin(Cut::Time(60_000), &print((true, 1_001, 7, 0)));
    column.add(&print((false, 1_001, 5, 0)));
    column.add(&print((true, 1_010, 1, 0)));
    let rows: Vec<(i64, i64, i64)> = column
        .merged(10)
        .rows()
        .iter()
        .map(|c| (c.at, c.buys, c.sells))
        .collect();
    assert_eq!(rows, [(100, 0, 5), (101, 8, 0)]);
    assert_eq!(column.merged(10).control(), Some(101));
    assert_eq!(
        column.merged(10).imbalance(1, 3),
        (false, false),
        "8 is not three times 5"
    );
}

#[test]
fn what_is_kept_is_bounded_and_the_newest_stays() {
    let mut clusters = Clusters::new(&FRAMES, &instrument());
    for second in 0..40 {
        let many: Vec<Print> = (0..3_000)
            .map(|at| print((true, second * 5_000 + at, 1, second * 1_000)))
            .collect();
        clusters.take(&many);
    }
    let columns = clusters.columns(0).unwrap();
    let cells: usize = columns.iter().map(|column| column.cells.len()).sum();
    assert!(cells <= MOST_CELLS + 3_000, "{cells}");
    assert_eq!(columns.back().unwrap().bar.began_ms, 39_000);
    let wide: Vec<Print> = (0..20_000).map(|at| print((true, at, 1, 39_000))).collect();
    clusters.take(&wide);
    let newest = clusters.columns(0).unwrap().back().unwrap();
    assert_eq!(newest.cells.len(), MOST_OF_COLUMN);
    assert_eq!(
        newest.bar.volume(),
        23_000,
        "what has no cell counts in the bar"
    );
}

#[test]
fn a_picture_that_is_held_does_not_change() {
    let mut clusters = Clusters::new(&FRAMES, &instrument());
    clusters.take(&[print((true, 10, 1, 0))]);
    let held = clusters.columns(0).unwrap().clone();
    clusters.take(&[print((true, 10, 5, 0)), print((true, 10, 5, 5_000))]);
    assert_eq!(held.len(), 1);
    assert_eq!(held[0].bar.volume(), 1);
    assert_eq!(clusters.columns(0).unwrap().len(), 2);
}
