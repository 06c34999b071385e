//! Recordings replayed to states that were computed independently.

use super::*;

/// Every full recording under the directory named by `LANCET_FIXTURES`, against its `expected.json`.
#[test]
#[ignore = "needs LANCET_FIXTURES"]
fn full_recordings_end_in_the_expected_states() {
    let root = std::env::var("LANCET_FIXTURES").unwrap();
    let root = Path::new(&root);
    let expected = std::fs::read_to_string(root.join("expected.json")).unwrap();
    let expected: serde_json::Value = serde_json::from_str(&expected).unwrap();
    let mut compared = 0;
    for (file, want) in expected.as_object().unwrap() {
        if want["algo"] != "binance_futures" {
            continue;
        }
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
    assert!(compared > 0);
}
