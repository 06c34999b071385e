//! Recordings run through a venue's own feed, for the tests of venues.

use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::{RecordedFeed, Recordings, Survey};
use crate::domain::decimal::Step;
use crate::domain::{Side, Stamp, VenueId};
use crate::exchange::machine::{In, Opcode, Out};

/// One line of a recording.
#[derive(serde::Deserialize)]
pub struct Line<'a> {
    /// Receive time, ns since 1970.
    pub ts_ns: i64,
    /// `ws`, `rest` or `sent`.
    pub src: &'a str,
    /// The message as it came.
    #[serde(borrow)]
    pub msg: &'a RawValue,
}

/// The received messages of a recording.
pub fn lines(text: &str) -> Vec<Line<'_>> {
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.filter(|line: &Line<'_>| line.src == "ws").collect()
}

/// What the feed is after the last message.
pub fn replay(recordings: &Recordings, venue: &str, lines: &[Line<'_>]) -> Box<dyn RecordedFeed> {
    replay_watched(recordings, venue, lines, |_, _| {})
}

/// What the feed is after the last message; `watch` sees it after each.
pub fn replay_watched(
    recordings: &Recordings,
    venue: &str,
    lines: &[Line<'_>],
    mut watch: impl FnMut(&dyn RecordedFeed, Stamp),
) -> Box<dyn RecordedFeed> {
    let mut survey = Survey::default();
    let mut ahead_ms = i64::MIN;
    for line in lines {
        survey.event_ms = None;
        (recordings.survey)(&mut survey, None, line.msg.get()).unwrap();
        if let Some(event_ms) = survey.event_ms {
            ahead_ms = ahead_ms.max(event_ms - line.ts_ns / 1_000_000);
        }
    }
    let mut feed = (recordings.feed)();
    let mut out = Out::default();
    let instruments = survey.instruments(VenueId::new(venue).unwrap());
    feed.load(
        stamp(lines, lines[0].ts_ns),
        instruments,
        ahead_ms,
        &mut out,
    );
    for line in lines {
        out.clear();
        let frame = In::Frame {
            line: 0,
            opcode: Opcode::Text,
            bytes: line.msg.get().as_bytes(),
        };
        feed.on(stamp(lines, line.ts_ns), frame, &mut out);
        watch(feed.as_ref(), stamp(lines, line.ts_ns));
    }
    feed
}

/// A moment of the recording.
pub fn stamp(lines: &[Line<'_>], ts_ns: i64) -> Stamp {
    Stamp {
        mono_ns: 1_000_000_000 + u64::try_from(ts_ns - lines[0].ts_ns).unwrap(),
        wall_ns: ts_ns,
    }
}

/// The state of every book in the words of the independently computed file.
pub fn states(feed: &dyn RecordedFeed) -> Vec<serde_json::Value> {
    let plain = |step: Step, count| step.decimal(count).normalize().to_string();
    let state = |of: super::RecordedBook<'_>| {
        let top = |side| -> Vec<[String; 2]> {
            let levels = of.book.levels(side).take(20);
            let texts = levels.map(|level| {
                let price = plain(of.instrument.tick, level.price.0);
                [price, plain(of.instrument.lot, level.qty.0)]
            });
            texts.collect()
        };
        let join = |side| {
            let texts = top(side).into_iter().map(|[p, q]| format!("{p}:{q}"));
            texts.collect::<Vec<_>>().join(",")
        };
        let text = format!("bids={};asks={}", join(Side::Buy), join(Side::Sell));
        let sum = data_encoding::HEXLOWER.encode(&Sha256::digest(text.as_bytes()));
        serde_json::json!({
            "symbol": of.instrument.symbol.as_str(),
            "stream": of.stream,
            "messages": of.messages,
            "applied_updates": of.applied,
            "dropped_stale": of.stale,
            "gaps": of.gaps,
            "synced_at_end": of.synced,
            "levels": [of.book.count(Side::Buy), of.book.count(Side::Sell)],
            "best_bid": top(Side::Buy).first(),
            "best_ask": top(Side::Sell).first(),
            "top20_sha256": sum,
        })
    };
    feed.books().into_iter().map(state).collect()
}

/// Every recording of a venue under the directory named by `LANCET_FIXTURES`, against its `expected.json`. Gives how many books
/// were compared.
pub fn compare_all(recordings: &Recordings, venue: &str) -> usize {
    let root = std::env::var("LANCET_FIXTURES").unwrap();
    let root = std::path::Path::new(&root);
    let expected = std::fs::read_to_string(root.join("expected.json")).unwrap();
    let expected: serde_json::Value = serde_json::from_str(&expected).unwrap();
    let mut compared = 0;
    for (file, want) in expected.as_object().unwrap() {
        if want["algo"] != venue {
            continue;
        }
        let text = std::fs::read_to_string(root.join(file)).unwrap();
        // A book that is whole and came in time is never doubted.
        let feed = replay_watched(recordings, venue, &lines(&text), |feed, now| {
            for book in feed.books() {
                let picture = feed.depth(book.instrument.symbol, now, 1).unwrap();
                let late = picture.lag_ms > 1_000;
                let fine = !book.synced || late || picture.state.is_live();
                assert!(fine, "{file} {:?} at {now:?}", picture.state);
            }
        });
        let (states, want) = (states(feed.as_ref()), want["books"].as_array().unwrap());
        assert_eq!(states.len(), want.len(), "{file}");
        for (got, want) in states.iter().zip(want) {
            for (field, value) in got.as_object().unwrap() {
                assert_eq!(value, &want[field], "{file} {} {field}", got["symbol"]);
            }
            compared += 1;
        }
    }
    compared
}
