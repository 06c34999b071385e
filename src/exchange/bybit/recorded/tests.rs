//! Recordings replayed to states that were computed independently.

use super::*;
use crate::domain::{Stamp, Symbol};
use crate::exchange::recorded::replayed::{Line, compare_all, lines, replay, stamp, states};

const SOL: &str = include_str!("../../../../tests/wire/bybit/book_linear_sol_20260809.jsonl");
const SPOT: &str = include_str!("../../../../tests/wire/bybit/book_spot_btc_20260809.jsonl");
const BEST: &str = include_str!("../../../../tests/wire/bybit/book_linear_ob1_rad_20250613.jsonl");

#[test]
#[ignore = "needs LANCET_FIXTURES"]
fn full_recordings_end_in_the_expected_states() {
    assert_eq!(compare_all(&RECORDINGS, "bybit"), 7);
}

fn end(text: &str) -> serde_json::Value {
    let feed = replay(&RECORDINGS, "bybit", &lines(text));
    let mut states = states(feed.as_ref());
    assert_eq!(states.len(), 1);
    states.remove(0)
}

#[test]
fn excerpts_end_in_the_independently_computed_states() {
    let sol = end(SOL);
    assert_eq!(sol["stream"], "orderbook.200.SOLUSDT");
    assert_eq!(
        (&sol["applied_updates"], &sol["gaps"]),
        (&38.into(), &0.into())
    );
    assert_eq!(sol["best_bid"], serde_json::json!(["77.3", "1169.9"]));
    assert_eq!(
        sol["top20_sha256"],
        "c8e3a0ac6e75c091c147c1548031652ecd3eb5d40b1f6589797a42863d1ef8b4"
    );
    let spot = end(SPOT);
    assert_eq!(
        (&spot["symbol"], &spot["messages"]),
        (&"BTCUSDT".into(), &30.into())
    );
    assert_eq!(
        spot["top20_sha256"],
        "eb717a9dc330801745bd1b2c54481b316d2c0a78fb48ed5d75127f8bfaf37039"
    );
}

/// Level 1 sends nothing but snapshots, and sends one again with the same `u` after 3 s: no gap, no frame that came twice.
#[test]
fn a_stream_of_snapshots_alone_is_a_book() {
    let best = end(BEST);
    assert_eq!(best["stream"], "orderbook.1.RADUSDT");
    assert_eq!(
        (&best["messages"], &best["applied_updates"]),
        (&18.into(), &18.into())
    );
    assert_eq!(
        (&best["dropped_stale"], &best["gaps"]),
        (&0.into(), &0.into())
    );
    assert_eq!(best["levels"], serde_json::json!([1, 1]));
    assert_eq!(
        best["top20_sha256"],
        "7bc024c6f7ca0ee1bb233819a31e6c4c90fd2666468523a623d8d624485d8120"
    );
}

/// Linear and spot share a name; the numbers tell which it is.
#[test]
fn what_the_venue_listed_is_known_of_an_instrument() {
    use crate::domain::{InstrumentKind, VenueId};
    let linear = include_str!("../../../../tests/wire/bybit/instruments_linear_excerpt.json");
    let spot = include_str!("../../../../tests/wire/bybit/instruments_spot_excerpt.json");
    let url = |category: &str| {
        format!("https://api.bybit.com/v5/market/instruments-info?category={category}")
    };
    for (text, kind) in [
        (SOL, InstrumentKind::Perpetual),
        (SPOT, InstrumentKind::Spot),
    ] {
        let mut seen = Survey::default();
        survey(&mut seen, Some(&url("linear")), linear).unwrap();
        survey(&mut seen, Some(&url("spot")), spot).unwrap();
        for line in lines(text) {
            survey(&mut seen, None, line.msg.get()).unwrap();
        }
        let found = seen.instruments(VenueId::new("bybit").unwrap());
        assert_eq!((found.len(), found[0].kind), (1, kind));
        assert!(!found[0].symbol.as_str().contains('/'));
        assert_eq!(found[0].min_notional, rust_decimal::Decimal::from(5));
    }
}

#[test]
fn a1_a_lost_line_is_a_gap_and_nothing_is_shown_after_it() {
    let text = lines(SOL);
    let whole: Vec<Line<'_>> = text.into_iter().collect();
    let is_delta = |line: &Line<'_>| line.msg.get().contains(r#""delta""#);
    let lost = whole.iter().position(is_delta).unwrap() + 3;
    let torn: Vec<Line<'_>> = whole
        .into_iter()
        .enumerate()
        .filter_map(|(at, line)| (at != lost).then_some(line))
        .collect();
    let feed = replay(&RECORDINGS, "bybit", &torn);
    let state = &states(feed.as_ref())[0];
    assert_eq!(
        (&state["gaps"], &state["synced_at_end"]),
        (&1.into(), &false.into())
    );
    assert_eq!(state["best_bid"], serde_json::Value::Null);
}

#[test]
fn the_deepest_stream_is_shown_and_the_first_level_lies_over_it() {
    let sol = Symbol::new("SOLUSDT").unwrap();
    let deep = lines(SOL);
    let one = r#"{"ts_ns":1786310819000000000,"src":"ws","msg":{"topic":"orderbook.1.SOLUSDT","type":"snapshot","ts":1786310818900,"data":{"s":"SOLUSDT","b":[["77.00","1.0"]],"a":[["78.00","2.0"]],"u":1,"seq":1},"cts":1}}"#;
    let both = format!("{one}\n{SOL}");
    let both = lines(&both);
    let feed = replay(&RECORDINGS, "bybit", &both[..1]);
    let now = stamp(&both, both[0].ts_ns);
    let shown = |feed: &dyn crate::exchange::machine::Feed, now: Stamp| {
        feed.depth(sol, now, 500).map(|depth| depth.bids.len())
    };
    assert_eq!(shown(feed.as_ref(), now), Some(1));
    let feed = replay(&RECORDINGS, "bybit", &both);
    let now = stamp(&both, deep.last().unwrap().ts_ns);
    assert_eq!(shown(feed.as_ref(), now), Some(200));
    assert_eq!(states(feed.as_ref()).len(), 2);
}

#[test]
fn k3_messages_of_others_and_broken_ones_are_told_apart() {
    let mut survey_ = Survey::default();
    for other in [
        r#"{"arg":{"channel":"books","instId":"BTC-USDT"},"data":[]}"#,
        r#"{"e":"depthUpdate","s":"BTCUSDT"}"#,
        r#"{"success":true,"op":"subscribe"}"#,
        "[]",
        "pong",
    ] {
        survey(&mut survey_, None, other).unwrap();
    }
    assert_eq!(survey_.book_events, 0);
    let broken = r#"{"topic":"orderbook.200.BTCUSDT","data":{"b":[["1"]],"a":[]}}"#;
    assert!(survey(&mut survey_, None, broken).is_err());
}
