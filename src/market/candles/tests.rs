use proptest::prelude::*;

use super::*;
use crate::domain::{Price, Side};
use crate::market::sample::{instrument, print};

const FRAMES: [Frame; 4] = [
    Frame::Time(1_000),
    Frame::Time(15_000),
    Frame::Quote(rust_decimal::dec!(150)),
    Frame::Range(3),
];

fn prints() -> impl Strategy<Value = Vec<Print>> {
    let step = (any::<bool>(), -3_i64..=3, 1_i64..900, 0_i64..2_600);
    prop::collection::vec(step, 1..150).prop_map(|steps| {
        let (mut price, mut at) = (1_000, 60_000_000);
        let mut out = Vec::new();
        for (buy, move_by, lots, later) in steps {
            price += move_by;
            at += later;
            let side = if buy { Side::Buy } else { Side::Sell };
            out.push(print(side, price, lots, at));
        }
        out
    })
}

/// The prints of each candle of time, from the first one's to the last one's, with the empty ones between.
fn by_time(ms: i64, prints: &[Print]) -> Vec<(i64, Vec<Print>)> {
    let (first, last) = (
        prints[0].venue_ms / ms,
        prints[prints.len() - 1].venue_ms / ms,
    );
    (first..=last)
        .map(|at| {
            let of = prints.iter().filter(|print| print.venue_ms / ms == at);
            (at * ms, of.copied().collect())
        })
        .collect()
}

/// The prints of each bar that ends once `ends` says so of what it holds and the next print.
fn by_turn(prints: &[Print], ends: impl Fn(&[Print], &Print) -> bool) -> Vec<(i64, Vec<Print>)> {
    let mut out: Vec<(i64, Vec<Print>)> = Vec::new();
    for print in prints {
        match out.last_mut() {
            Some((_, bar)) if !ends(bar, print) => bar.push(*print),
            _ => out.push((print.venue_ms, vec![*print])),
        }
    }
    out
}

fn range(prints: impl Iterator<Item = Print>) -> i64 {
    let prices: Vec<i64> = prints.map(|print| print.price.0).collect();
    prices.iter().max().unwrap() - prices.iter().min().unwrap()
}

/// Hundredths of a tick, from all prints up to a place.
fn slow_average(prints: &[Print]) -> i64 {
    let value: i64 = prints.iter().map(|print| print.price.0 * print.qty.0).sum();
    let lots: i64 = prints.iter().map(|print| print.qty.0).sum();
    value * 100 / lots
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn candles_are_what_a_slow_look_at_the_prints_gives(prints in prints(), batch in 1_usize..9) {
        let mut candles = Candles::new(&FRAMES, &instrument());
        for some in prints.chunks(batch) {
            candles.take(some);
        }
        for (number, frame) in FRAMES.into_iter().enumerate() {
            let slow = match frame {
                Frame::Time(ms) => by_time(ms, &prints),
                Frame::Range(ticks) => by_turn(&prints, |bar, next| range(bar.iter().chain([next]).copied()) > ticks),
                // A tick of a lot is worth 0.0001.
                _ => by_turn(&prints, |bar, _| bar.iter().map(|p| p.price.0 * p.qty.0).sum::<i64>() >= 1_500_000),
            };
            let picture = candles.picture(number).unwrap();
            prop_assert_eq!(picture.since_ms, prints[0].venue_ms);
            let all: Vec<Candle> = picture.finished.iter().copied().chain(picture.open).collect();
            prop_assert_eq!(all.len(), slow.len().min(KEPT + 1));
            let mut seen = 0;
            let mut close = 0;
            for (at, (began_ms, bar)) in slow.iter().enumerate() {
                seen += bar.len();
                close = bar.last().map_or(close, |print| print.price.0);
                let Some(place) = (at + all.len()).checked_sub(slow.len()) else { continue };
                let candle = all[place];
                let prices = || bar.iter().map(|print| print.price.0);
                let of = |side| bar.iter().filter(|p| p.side == side).map(|p| p.qty.0).sum::<i64>();
                let before = if bar.is_empty() { close } else { bar[0].price.0 };
                prop_assert_eq!(candle.bar.began_ms, *began_ms);
                prop_assert_eq!(candle.bar.open.0, before);
                prop_assert_eq!(candle.bar.high.0, prices().max().unwrap_or(close));
                prop_assert_eq!(candle.bar.low.0, prices().min().unwrap_or(close));
                prop_assert_eq!(candle.bar.close.0, close);
                prop_assert_eq!((candle.bar.buys, candle.bar.sells), (of(Side::Buy), of(Side::Sell)));
                prop_assert_eq!(candle.average, Some(slow_average(&prints[..seen])));
            }
        }
    }
}

#[test]
fn a_long_silence_fills_no_more_than_is_kept_and_a_hostile_clock_ends_nothing() {
    let mut candles = Candles::new(&FRAMES, &instrument());
    candles.take(&[
        print(Side::Buy, 7, 1, 0),
        print(Side::Buy, 9, 1, 86_400_000),
    ]);
    let picture = candles.picture(0).unwrap();
    assert_eq!(picture.finished.len(), KEPT);
    assert!(
        picture
            .finished
            .iter()
            .all(|candle| candle.bar.close == Price(7))
    );
    assert_eq!(picture.finished.back().unwrap().bar.began_ms, 86_399_000);
    for ms in [i64::MAX, i64::MIN, 0, -1, i64::MAX] {
        candles.take(&[print(Side::Sell, i64::MAX, i64::MAX, ms)]);
        assert!(candles.picture(0).unwrap().finished.len() <= KEPT);
    }
}

#[test]
fn a_picture_that_is_held_does_not_change() {
    let mut candles = Candles::new(&FRAMES, &instrument());
    candles.take(&[print(Side::Buy, 7, 1, 0), print(Side::Buy, 9, 1, 1_000)]);
    let held = candles.picture(0).unwrap();
    candles.take(&[print(Side::Buy, 7, 1, 2_000)]);
    assert_eq!(held.finished.len(), 1);
    assert_eq!(candles.picture(0).unwrap().finished.len(), 2);
}
