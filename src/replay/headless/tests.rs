//! Recordings replayed to states that were computed independently.

use std::collections::BTreeSet;

use super::*;
use crate::exchange::{VENUES, Venue};

/// Every full recording under the directory named by `LANCET_FIXTURES`, against its `expected.json`.
#[test]
#[ignore = "needs LANCET_FIXTURES"]
fn full_recordings_end_in_the_expected_states() {
    let root = std::env::var("LANCET_FIXTURES").unwrap();
    let root = Path::new(&root);
    let expected = std::fs::read_to_string(root.join("expected.json")).unwrap();
    let expected: serde_json::Value = serde_json::from_str(&expected).unwrap();
    let (mut compared, mut venues) = (0, BTreeSet::new());
    for (file, want) in expected.as_object().unwrap() {
        let algo = want["algo"].as_str().unwrap();
        let is_ours = |venue: &Venue| venue.id.replace('-', "_") == algo;
        if !VENUES.iter().any(is_ours) {
            continue;
        }
        venues.insert(algo);
        let run = headless(&root.join(file), None).unwrap();
        assert_eq!(run.broken, []);
        let want = want["books"].as_array().unwrap();
        assert_eq!(run.books.len(), want.len());
        for (got, want) in run.books.iter().zip(want) {
            let got = serde_json::to_value(got).unwrap();
            for (ours, theirs) in [
                ("symbol", "symbol"),
                ("stream", "stream"),
                ("messages", "messages"),
                ("applied", "applied_updates"),
                ("stale", "dropped_stale"),
                ("gaps", "gaps"),
                ("best_bid", "best_bid"),
                ("best_ask", "best_ask"),
                ("levels", "levels"),
                ("top20_sha256", "top20_sha256"),
                ("synced", "synced_at_end"),
            ] {
                assert_eq!(got[ours], want[theirs], "{file} {ours}");
            }
            compared += 1;
        }
    }
    assert_eq!(venues.len(), VENUES.len(), "{venues:?}");
    assert!(compared >= 30, "{compared} books");
}

fn recording() -> Vec<String> {
    let text = include_str!("../../../tests/wire/binance_futures/book_keepusdt_20210722.jsonl");
    text.lines().map(str::to_owned).collect()
}

fn run(lines: &[String]) -> Headless {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), lines.join("\n")).unwrap();
    headless(file.path(), None).unwrap()
}

fn depth_lines(lines: &[String]) -> Vec<usize> {
    let is_depth = |(at, line): (usize, &String)| line.contains("depthUpdate").then_some(at);
    lines.iter().enumerate().filter_map(is_depth).collect()
}

#[test]
fn an_excerpt_ends_in_the_independently_computed_state() {
    let run = run(&recording());
    assert_eq!(run.broken, []);
    let text = serde_json::to_string(&run.books[0]).unwrap();
    let want = r#"{"venue":"binance-futures","symbol":"KEEPUSDT","stream":"depth","messages":36,"applied":33,"stale":3,"gaps":0,"resyncs":0,"best_bid":["0.2463","3155"],"best_ask":["0.2464","317"],"levels":[400,610],"top20_sha256":"dda895b07a81f77c8c07bcedcad69612ea410ee9e668c1cf0110c3d12dbf7849","synced":true}"#;
    assert_eq!(text, want);
}

#[test]
fn a_spot_excerpt_ends_in_the_independently_computed_state() {
    let text = include_str!("../../../tests/wire/binance_spot/book_lrcbtc_20211012.jsonl");
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let run = run(&lines);
    assert_eq!(run.broken, []);
    let text = serde_json::to_string(&run.books[0]).unwrap();
    let want = r#"{"venue":"binance-spot","symbol":"LRCBTC","stream":"depth","messages":15,"applied":13,"stale":2,"gaps":0,"resyncs":0,"best_bid":["0.00000637","2500"],"best_ask":["0.00000638","2285"],"levels":[176,1000],"top20_sha256":"d060e66352e0c338a0979bfe038f4a3d5ccda042cab1760e7f14f19af25abd2d","synced":true}"#;
    assert_eq!(text, want);
}

#[test]
fn a_missing_spot_line_is_a_gap() {
    let text = include_str!("../../../tests/wire/binance_spot/book_lrcbtc_20211012.jsonl");
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let gone = depth_lines(&lines)[8];
    lines.remove(gone);
    let book = &run(&lines).books[0];
    assert_eq!((book.messages, book.gaps, book.synced), (14, 1, false));
    assert_eq!(book.best_bid, None);
}

#[test]
fn a_gzip_file_reads_the_same() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, recording().join("\n").as_bytes()).unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), packed.finish().unwrap()).unwrap();
    assert_eq!(
        headless(file.path(), Some("binance-futures")).unwrap(),
        run(&recording())
    );
}

#[test]
fn a_missing_line_is_a_gap_and_nothing_old_is_left() {
    let mut lines = recording();
    let gone = depth_lines(&lines)[20];
    lines.remove(gone);
    let book = &run(&lines).books[0];
    assert_eq!((book.messages, book.applied, book.stale), (35, 17, 3));
    assert_eq!((book.gaps, book.resyncs, book.synced), (1, 0, false));
    assert_eq!(book.best_bid, None);
}

#[test]
fn a_missing_first_event_after_the_snapshot_is_a_gap_too() {
    let mut lines = recording();
    // The first three events end before the snapshot, the fourth at its id, the fifth follows it directly.
    let at = depth_lines(&lines);
    lines.remove(at[4]);
    lines.remove(at[3]);
    let book = &run(&lines).books[0];
    assert_eq!((book.gaps, book.applied, book.synced), (1, 0, false));
}

#[test]
fn a_later_snapshot_brings_a_broken_book_back() {
    let lines = recording();
    let whole = run(&lines);
    let at = depth_lines(&lines);
    // A snapshot that stands at the id of the 25th event, with the levels of the replayed book there.
    let text = &lines[at[24]];
    let last = text
        .split(r#""u":"#)
        .nth(1)
        .unwrap()
        .split(',')
        .next()
        .unwrap();
    let snapshot = format!(
        r#"{{"src":"rest","url":"https://x/fapi/v1/depth?symbol=KEEPUSDT&limit=1000","msg":{{"lastUpdateId":{last},"E":1,"T":1,"bids":[["0.2463","1"]],"asks":[["0.2464","1"]]}}}}"#
    );
    let mut broken = lines.clone();
    broken.insert(at[28], snapshot);
    broken.remove(at[20]);
    let book = &run(&broken).books[0];
    assert_eq!((book.gaps, book.resyncs, book.synced), (1, 1, true));
    assert_eq!(book.messages + 1, whole.books[0].messages);
}

#[test]
fn broken_lines_are_named_skipped_and_counted() {
    let mut lines = recording();
    lines.insert(3, "{\"src\":\"ws\",\"msg\":{\"e\":".to_owned());
    lines.insert(5, "\u{1b}[2J".to_owned());
    lines.insert(
        7,
        r#"{"src":"ws","msg":{"e":"depthUpdate","s":"KEEPUSDT","pu":1,"b":[["x","1"]],"a":[]}}"#
            .to_owned(),
    );
    lines.insert(9, String::new());
    let run = run(&lines);
    let numbers: Vec<u64> = run.broken.iter().map(|b| b.line).collect();
    assert_eq!(numbers, [4, 6, 8]);
    assert!(run.broken.iter().all(|b| !b.why.contains('\u{1b}')));
    assert_eq!((run.books[0].applied, run.books[0].gaps), (33, 0));
}

#[test]
fn a_file_without_times_replays_to_the_same_state() {
    let strip = |line: String| {
        let (_, rest) = line.split_once(',').unwrap();
        format!("{{{rest}")
    };
    let lines: Vec<String> = recording().into_iter().map(strip).collect();
    assert_eq!(run(&lines), run(&recording()));
}

#[test]
fn unreadable_files_and_strangers_are_errors_in_words() {
    let missing = headless(Path::new("no/such/file.jsonl"), None).unwrap_err();
    assert!(
        missing
            .to_string()
            .starts_with("cannot read no/such/file.jsonl")
    );
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "{}\n").unwrap();
    assert!(matches!(
        headless(file.path(), None),
        Err(ReplayError::Empty { .. })
    ));
    assert!(matches!(
        headless(file.path(), Some("binance-future")),
        Err(ReplayError::Venue(_))
    ));
}
