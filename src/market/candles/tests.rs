use proptest::prelude::*;

use super::*;
use crate::domain::{Minute, Price, Print, Qty, Side};
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
            prop_assert_eq!(picture.since_ms, Some(prints[0].venue_ms));
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

/// What the venue tells of these trades afterwards: a row for every minute from one time to another, those without a trade at the last
/// price.
fn minutes(prints: &[Print], from_ms: i64, to_ms: i64) -> Vec<Minute> {
    let mut close = prints[0].price;
    let mut out = Vec::new();
    for began_ms in (from_ms..to_ms).step_by(60_000) {
        let of = |p: &&Print| (began_ms..began_ms + 60_000).contains(&p.venue_ms);
        let inside: Vec<&Print> = prints.iter().filter(of).collect();
        let prices = || inside.iter().map(|print| print.price);
        let bought = inside.iter().filter(|print| print.side == Side::Buy);
        let open = prices().next().unwrap_or(close);
        close = prices().next_back().unwrap_or(close);
        out.push(Minute {
            began_ms,
            open,
            high: prices().max().unwrap_or(close),
            low: prices().min().unwrap_or(close),
            close,
            qty: Qty(inside.iter().map(|print| print.qty.0).sum()),
            bought: Some(Qty(bought.map(|print| print.qty.0).sum())),
        });
    }
    out
}

fn all_of(picture: &Picture) -> Vec<Bar> {
    let finished = picture.finished.iter().chain(&picture.open);
    let without_value = |candle: &Candle| Bar {
        value: 0,
        ..candle.bar
    };
    finished.map(without_value).collect()
}

/// The last ones that are kept, without what only prints tell.
fn slow_bars(ms: i64, prints: &[Print]) -> Vec<Bar> {
    let mut counted = Candles::new(&[Frame::Time(ms)], &instrument());
    counted.take(prints);
    all_of(&counted.picture(0).unwrap())
}

const MINUTE: i64 = 60_000;
/// Of minutes, and one that past minutes leave alone.
const OF_TIME: [Frame; 4] = [
    Frame::Time(MINUTE),
    Frame::Time(5 * MINUTE),
    Frame::Time(60 * MINUTE),
    Frame::Time(15_000),
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// However the trades are parted into past and prints, and whenever the two answers come, the candles in the end are those of all
    /// trades, counted one by one.
    #[test]
    fn past_and_prints_make_the_candles_of_all_trades(
        steps in prop::collection::vec((any::<bool>(), -3_i64..=3, 1_i64..900, 0_i64..70_000), 2..120),
        parted in 0.0..1.0_f64,
        asked_after in 0_usize..9,
        again_after in 0_usize..9,
    ) {
        let (mut price, mut at) = (1_000, 60_000_000);
        let mut all = Vec::new();
        for (buy, move_by, lots, later) in steps {
            price += move_by;
            at += later;
            all.push(print(if buy { Side::Buy } else { Side::Sell }, price, lots, at));
        }
        let missed = ((all.len() as f64 * parted) as usize).clamp(1, all.len() - 1);
        let (before, since) = all.split_at(missed);
        let from = before[0].venue_ms / MINUTE * MINUTE;
        let mut candles = Candles::new(&OF_TIME, &instrument());
        // The first answer comes after some prints: it has the minutes that are over then.
        let asked = asked_after.min(since.len());
        candles.take(&since[..asked]);
        let now = all[(missed + asked).max(1) - 1].venue_ms;
        candles.past(&minutes(&all, from, now / MINUTE * MINUTE));
        // The second one comes when the minute in which following began is over.
        let began = since[0].venue_ms / MINUTE * MINUTE;
        let over = since.iter().take_while(|print| print.venue_ms < began + MINUTE).count();
        let again = (over.max(asked) + again_after).min(since.len());
        candles.take(&since[asked..again]);
        let told_to = (all[missed + again - 1].venue_ms / MINUTE * MINUTE).max(began + MINUTE);
        candles.past(&minutes(&all, from, told_to));
        candles.take(&since[again..]);
        for (number, frame) in OF_TIME[..3].iter().enumerate() {
            let Frame::Time(ms) = *frame else { continue };
            let picture = candles.picture(number).unwrap();
            prop_assert_eq!(picture.since_ms, Some(since[0].venue_ms));
            prop_assert_eq!(all_of(&picture), slow_bars(ms, &all));
            let own = |candle: &&Candle| candle.bar.began_ms < since[0].venue_ms / ms * ms;
            prop_assert!(picture.finished.iter().filter(own).all(|candle| candle.average.is_none()));
        }
        prop_assert_eq!(all_of(&candles.picture(3).unwrap()), slow_bars(15_000, since));
    }

    #[test]
    fn hostile_minutes_never_panic_and_never_fill_more_than_is_kept(
        numbers in prop::collection::vec(prop::sample::select(vec![i64::MIN, -1, 0, 1, 59_999, 60_000, 3_600_000, i64::MAX]), 7..70),
        first in any::<bool>(),
    ) {
        let hostile: Vec<Minute> = numbers.chunks_exact(7).map(|n| Minute {
            began_ms: n[0],
            open: Price(n[1]),
            high: Price(n[2]),
            low: Price(n[3]),
            close: Price(n[4]),
            qty: Qty(n[5]),
            bought: (n[6] != 0).then_some(Qty(n[6])),
        }).collect();
        let mut candles = Candles::new(&OF_TIME, &instrument());
        if first {
            candles.take(&[print(Side::Buy, 7, 1, numbers[0])]);
        }
        candles.past(&hostile);
        candles.take(&[print(Side::Buy, 7, 1, 120_000), print(Side::Sell, 8, 1, numbers[1])]);
        candles.past(&hostile);
        for number in 0..OF_TIME.len() {
            let picture = candles.picture(number).unwrap();
            prop_assert!(picture.finished.len() <= KEPT);
            for candle in picture.finished.iter().chain(&picture.open) {
                candle.bar.delta();
            }
        }
    }
}

#[test]
fn before_the_first_print_the_past_stands_alone_and_goes_on_with_it() {
    let told = [
        print(Side::Buy, 10, 3, 300_000),
        print(Side::Sell, 12, 4, 370_000),
    ];
    let mut candles = Candles::new(&OF_TIME, &instrument());
    candles.past(&minutes(&told, 300_000, 420_000));
    let picture = candles.picture(1).unwrap();
    assert_eq!((picture.since_ms, picture.finished.len()), (None, 0));
    let open = picture.open.unwrap();
    assert_eq!((open.bar.volume(), open.average), (7, None));
    assert_eq!(candles.picture(3), None, "of seconds nothing is known");
    candles.take(&[print(Side::Buy, 9, 1, 500_000)]);
    let (minute, five) = (candles.picture(0).unwrap(), candles.picture(1).unwrap());
    let began: Vec<i64> = all_of(&minute).iter().map(|bar| bar.began_ms).collect();
    assert_eq!(began, [300_000, 360_000, 420_000, 480_000]);
    let bar = five.open.unwrap().bar;
    assert_eq!((bar.low, bar.high, bar.volume()), (Price(9), Price(12), 8));
    assert_eq!(five.since_ms, Some(500_000));
}

#[test]
fn what_nobody_said_who_took_has_no_delta() {
    let told = [print(Side::Buy, 10, 3, 300_000)];
    let mut minutes = minutes(&told, 300_000, 360_000);
    minutes[0].bought = None;
    let mut candles = Candles::new(&OF_TIME, &instrument());
    candles.take(&[print(Side::Buy, 10, 5, 361_000)]);
    candles.past(&minutes);
    let picture = candles.picture(1).unwrap();
    let bar = picture.open.unwrap().bar;
    assert_eq!((bar.volume(), bar.delta()), (8, None));
    let own = candles.picture(0).unwrap().open.unwrap().bar;
    assert_eq!(own.delta(), Some(5));
}

/// The minute in which following began is told twice, once by prints: the venue's word counts, and once it was heard no other does.
#[test]
fn the_minute_in_which_following_began_is_the_venues_and_then_closed() {
    let all = [
        print(Side::Buy, 10, 3, 300_000),
        print(Side::Buy, 10, 5, 330_000),
        print(Side::Buy, 11, 7, 365_000),
    ];
    let mut candles = Candles::new(&OF_TIME, &instrument());
    candles.take(&all[1..]);
    assert_eq!(candles.picture(1).unwrap().open.unwrap().bar.volume(), 12);
    candles.past(&minutes(&all, 300_000, 360_000));
    assert_eq!(candles.picture(1).unwrap().open.unwrap().bar.volume(), 15);
    candles.past(&minutes(&all, 240_000, 360_000));
    assert_eq!(candles.picture(0).unwrap().finished.len(), 1);
}
