//! Recordings replayed to states that were computed independently.

use super::*;
use crate::exchange::recorded::replayed::{compare_all, lines, replay, states};

const INVERSE: &str = include_str!("../../../../tests/wire/okx/book_uni_usd_swap_20220513.jsonl");
const OPTION: &str = include_str!("../../../../tests/wire/okx/book_btc_option_20210722.jsonl");

#[test]
#[ignore = "needs LANCET_FIXTURES"]
fn full_recordings_end_in_the_expected_states() {
    assert_eq!(compare_all(&RECORDINGS, "okx"), 13);
}

fn end(text: &str) -> serde_json::Value {
    let feed = replay(&RECORDINGS, "okx", &lines(text));
    let mut states = states(feed.as_ref());
    assert_eq!(states.len(), 1);
    states.remove(0)
}

/// Nothing but the checksums proves these books.
#[test]
fn excerpts_of_an_inverse_swap_and_an_option_end_in_the_independently_computed_states() {
    let inverse = end(INVERSE);
    assert_eq!(
        (&inverse["symbol"], &inverse["stream"]),
        (&"UNI-USD-SWAP".into(), &"books".into())
    );
    assert_eq!(
        (&inverse["applied_updates"], &inverse["gaps"]),
        (&27.into(), &0.into())
    );
    assert_eq!(
        inverse["top20_sha256"],
        "0fec1a2bb5a516450c746a7220e68f5bd60d93d2e36cfee0a89c87070b7c4141"
    );
    let option = end(OPTION);
    assert_eq!(option["stream"], "books-l2-tbt");
    assert_eq!(
        (&option["messages"], &option["applied_updates"]),
        (&27.into(), &27.into())
    );
    assert_eq!(option["levels"], serde_json::json!([5, 4]));
    assert_eq!(
        option["top20_sha256"],
        "41bbc47bf60cf941ecd79431f06598f836c1c31910f67959461000407e315216"
    );
}

/// A recording of Lancet's own begins with the venue's list: it tells what a contract is worth.
#[test]
fn what_the_venue_listed_is_known_of_an_instrument() {
    use crate::domain::{Payoff, Unit, VenueId};
    let listed = include_str!("../../../../tests/wire/okx/instruments_excerpt.json");
    let url = "https://www.okx.com/api/v5/public/instruments?instType=SWAP";
    let venue = VenueId::new("okx").unwrap();
    let mut seen = Survey::default();
    survey(&mut seen, Some(url), listed).unwrap();
    survey(
        &mut seen,
        Some("https://www.okx.com/api/v5/public/time"),
        "{}",
    )
    .unwrap();
    for line in lines(INVERSE) {
        survey(&mut seen, None, line.msg.get()).unwrap();
    }
    let uni = &seen.instruments(venue)[0];
    assert_eq!((uni.payoff, uni.unit), (Payoff::Inverse, Unit::Contract));
    assert_eq!(uni.multiplier, rust_decimal::Decimal::TEN);
    // What it sent later need not be of the steps listed: then what was written decides.
    let finer =
        r#"{"arg":{"channel":"trades","instId":"UNI-USD-SWAP"},"data":[{"px":"5.1421","sz":"1"}]}"#;
    survey(&mut seen, None, finer).unwrap();
    let uni = &seen.instruments(venue)[0];
    assert_eq!(
        (uni.unit, uni.tick.text(1)),
        (Unit::Base, "0.0001".to_owned())
    );
}

#[test]
fn a1_a_lost_line_is_found_by_the_checksum_of_the_next() {
    let is_update = |line: &&str| line.contains(r#""action":"update""#);
    let lost = OPTION.lines().filter(is_update).nth(3).unwrap();
    let torn: Vec<&str> = OPTION.lines().filter(|line| *line != lost).collect();
    let state = end(&torn.join("\n"));
    assert_eq!(
        (&state["gaps"], &state["synced_at_end"]),
        (&1.into(), &false.into())
    );
}

#[test]
fn a17_a_checksum_of_zero_proves_nothing() {
    let at = OPTION.rfind(r#""checksum":"#).unwrap();
    let end_of = OPTION[at..].find('}').unwrap() + at;
    let zero = format!(r#"{}"checksum":0{}"#, &OPTION[..at], &OPTION[end_of..]);
    let state = end(&zero);
    assert_eq!(
        (&state["gaps"], &state["synced_at_end"]),
        (&1.into(), &false.into())
    );
}

#[test]
fn k3_messages_of_others_and_broken_ones_are_told_apart() {
    let mut seen = Survey::default();
    for other in [
        r#"{"action":"snapshot","arg":{"instType":"mc","channel":"books","instId":"UNIUSDT"},"data":[]}"#,
        r#"{"event":"subscribe","arg":{"channel":"books","instId":"BTC-USDT"}}"#,
        r#"{"topic":"orderbook.50.BTCUSDT"}"#,
        "[]",
    ] {
        survey(&mut seen, None, other).unwrap();
    }
    assert_eq!(seen.book_events, 0);
    let broken = r#"{"arg":{"channel":"books","instId":"BTC-USDT"},"data":[{"asks":[["1"]],"bids":[],"ts":"1"}]}"#;
    assert!(survey(&mut seen, None, broken).is_err());
}
