use super::*;
use crate::domain::decimal::Step;
use crate::domain::{Price, Qty};
use crate::exchange::binance_futures::instruments;

/// A venue's time in the middle of a minute, ms since 1970.
const NOW_MS: i64 = 1_720_000_050_000;
const MINUTE: i64 = NOW_MS - 30_000;

fn rules() -> Instrument {
    let text = include_bytes!("../../../tests/wire/binance_futures/exchange_info_excerpt.json");
    let venue = crate::domain::VenueId::new("binance-futures").unwrap();
    let load = instruments::load(text, venue).unwrap();
    let mut instrument = load.instruments.into_iter().next().unwrap();
    instrument.tick = Step::parse("0.1").unwrap();
    instrument.lot = Step::parse("0.001").unwrap();
    instrument
}

fn row(began: &str) -> Row<'_> {
    Row {
        began,
        prices: ["10.0", "10.4", "9.9", "10.2"],
        qty: "3.5",
        bought: Some("1.5"),
    }
}

/// The minute that runs now and the ones before it, the newest first.
fn times(count: i64) -> Vec<String> {
    (0..count)
        .map(|at| (MINUTE - at * Minute::MS).to_string())
        .collect()
}

#[test]
fn minutes_that_are_over_come_oldest_first_in_ticks_and_lots() {
    let times = times(4);
    let read = read(&rules(), NOW_MS, times.iter().map(|at| row(at)));
    let began: Vec<i64> = read.minutes.iter().map(|minute| minute.began_ms).collect();
    assert_eq!(began, [MINUTE - 180_000, MINUTE - 120_000, MINUTE - 60_000]);
    let first = Minute {
        began_ms: MINUTE - 180_000,
        open: Price(100),
        high: Price(104),
        low: Price(99),
        close: Price(102),
        qty: Qty(3_500),
        bought: Some(Qty(1_500)),
    };
    assert_eq!(read.minutes[0], first);
    assert_eq!(read.left_out, 0);
}

#[test]
fn what_cannot_be_read_ends_the_past_there_and_harms_nothing_that_is_newer() {
    let times = times(5);
    let spoilt: [fn(&mut Row<'_>); 12] = [
        |row| row.prices[0] = "10.05",
        |row| row.prices[1] = "9.8",
        |row| row.prices[2] = "-1",
        |row| row.prices[3] = "99999999999999999999999999999",
        |row| row.prices[3] = "",
        |row| row.prices[3] = "NaN",
        |row| row.qty = "0.0001",
        |row| row.qty = "-3",
        |row| row.bought = Some("4"),
        |row| row.began = "1719999840001",
        |row| row.began = "yesterday",
        // Backwards in an answer that goes from new to old.
        |row| row.began = "1719999960000",
    ];
    for (number, spoil) in spoilt.into_iter().enumerate() {
        let mut rows: Vec<Row<'_>> = times.iter().map(|at| row(at)).collect();
        spoil(&mut rows[3]);
        let read = read(&rules(), NOW_MS, rows.into_iter());
        assert_eq!((read.minutes.len(), read.left_out), (2, 2), "{number}");
    }
}

#[test]
fn no_more_is_taken_than_is_told_at_once_and_what_is_to_come_is_no_past() {
    let times = times(5_000);
    let read = read(&rules(), NOW_MS, times.iter().map(|at| row(at)));
    assert_eq!(read.minutes.len(), Minute::MOST);
    let future = [i64::MAX.to_string(), (MINUTE + Minute::MS).to_string()];
    let read = super::read(&rules(), NOW_MS, future.iter().map(|at| row(at)));
    assert_eq!((read.minutes.len(), read.left_out), (0, 0));
}

fn at(ms: u64) -> Stamp {
    Stamp::default().plus_ms(ms)
}

fn words<'a>(out: &'a Out) -> Vec<&'a str> {
    let note = |fact: &'a MarketFact| match fact {
        MarketFact::Note { words } => Some(words.as_str()),
        _ => None,
    };
    out.market.iter().filter_map(note).collect()
}

#[test]
fn it_is_asked_twice_the_second_time_when_the_running_minute_is_over() {
    let (rules, mut errand, mut out) = (rules(), Errand::default(), Out::default());
    assert!(errand.is_due(at(0)));
    errand.asked(NOW_MS);
    assert!(errand.is_flying() && !errand.is_due(at(0)));
    errand.came(
        at(100),
        Some(NOW_MS + 100),
        &rules,
        Ok(Vec::new()),
        &mut out,
    );
    assert!(!errand.is_due(at(32_999)) && errand.is_due(at(33_000)));
    errand.asked(NOW_MS + 33_000);
    errand.came(at(33_100), None, &rules, Ok(Vec::new()), &mut out);
    assert!(!errand.is_due(at(1_000_000_000)));
    assert_eq!(out.market.len(), 2);
    errand.came(at(33_200), None, &rules, Ok(Vec::new()), &mut out);
    assert_eq!(out.market.len(), 2, "nobody waits for it");
}

#[test]
fn what_fails_is_tried_again_then_left_and_told_once() {
    let (rules, mut errand, mut out) = (rules(), Errand::default(), Out::default());
    let mut now = at(0);
    for wait_ms in RETRY_MS {
        errand.asked(NOW_MS);
        errand.came(now, None, &rules, Err("HTTP 500".to_owned()), &mut out);
        assert!(!errand.is_due(now.plus_ms(wait_ms - 1)));
        now = now.plus_ms(wait_ms);
        assert!(errand.is_due(now) && out.market.is_empty());
    }
    errand.asked(NOW_MS);
    errand.came(
        now,
        None,
        &rules,
        Err("HTTP\u{1b}[2J 500".to_owned()),
        &mut out,
    );
    assert!(!errand.is_due(now.plus_ms(1_000_000_000)));
    let told = words(&out);
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("no past candles: HTTP") && !told[0].contains('\u{1b}'));
}
