use super::*;
use crate::market::sample::print;
use rust_decimal::dec;

#[test]
fn a_frame_reads_as_it_is_written_and_nothing_else_is_one() {
    for text in [
        "1s",
        "10s",
        "1m",
        "90s",
        "15m",
        "1h",
        "24h",
        "vol:100",
        "vol:0.5",
        "vol:500000q",
        "range:50",
    ] {
        assert_eq!(text.parse::<Frame>().unwrap().to_string(), text);
    }
    assert_eq!("60s".parse::<Frame>().unwrap(), Frame::Time(60_000));
    assert_eq!(
        "vol:1.50q".parse::<Frame>().unwrap(),
        Frame::Quote(dec!(1.5))
    );
    for text in [
        "",
        "s",
        "0s",
        "-1m",
        "25h",
        "1d",
        "vol:",
        "vol:0",
        "vol:-3q",
        "range:0",
        "range:x",
        "99999999999999999h",
    ] {
        assert!(text.parse::<Frame>().is_err(), "{text}");
    }
}

#[test]
fn a_late_print_is_of_the_newest_bar_and_a_clock_that_was_set_back_begins_one() {
    let cut = Cut::Time(1_000);
    let bar = Bar::begin(cut, &print(Side::Buy, 5, 1, 100_500));
    assert_eq!(bar.began_ms, 100_000);
    for (ms, held) in [
        (100_999, true),
        (101_000, false),
        (99_000, true),
        (90_000, true),
        (89_999, false),
    ] {
        assert_eq!(bar.holds(cut, &print(Side::Buy, 5, 1, ms)), held, "{ms}");
    }
}

#[test]
fn hostile_prints_never_panic() {
    let extremes = [i64::MIN, -1, 0, 1, i64::MAX];
    for cut in [Cut::Time(1_000), Cut::Lots(1), Cut::Value(1), Cut::Range(1)] {
        for price in extremes {
            let mut bar = Bar::begin(cut, &print(Side::Sell, price, i64::MAX, price));
            for other in extremes {
                let next = print(Side::Buy, other, other, other);
                bar.holds(cut, &next);
                bar.add(&next);
                bar.add(&next);
            }
            assert!(bar.volume() >= 0);
            bar.delta();
        }
    }
}
