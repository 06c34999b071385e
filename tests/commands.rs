//! The command line as other programs use it: one JSON object a line, exit codes, lists.

use std::process::{Command, Output};

use serde_json::Value;

use crate::kit::exchange::Exchange;
use crate::kit::{binary, eventually};

fn lancet(args: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    Command::new(binary())
        .args(args)
        .env("HOME", home.path())
        .env("XDG_CONFIG_HOME", home.path())
        .env("XDG_STATE_HOME", home.path())
        .output()
        .unwrap()
}

fn lines(output: &Output) -> Vec<String> {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout.clone())
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_tape_is_the_same_each_time_and_another_seed_is_another_market() {
    let tape = |seed: &str| lines(&lancet(&["sim", "--seed", seed, "--tape", "500"]));
    let first = tape("7");
    assert_eq!(first.len(), 500);
    assert_eq!(first, tape("7"));
    assert_ne!(first, tape("8"));
    let print: Value = serde_json::from_str(&first[0]).unwrap();
    for field in ["symbol", "price", "qty", "side"] {
        assert!(print[field].is_string(), "{field} in {print}");
    }
}

#[test]
fn lists_print_one_a_line_name_first() {
    for (list, name) in [
        ("--list-keys", "v"),
        ("--list-themes", "dark"),
        ("--list-layouts", "solo"),
        ("--list-actions", "buy-join"),
    ] {
        let rows = lines(&lancet(&[list]));
        assert!(
            rows.iter()
                .any(|row| row.split_whitespace().next() == Some(name)),
            "{list} names {name}: {rows:?}"
        );
    }
}

#[test]
fn the_printed_configuration_is_a_valid_configuration() {
    let text = lines(&lancet(&["--print-config"])).join("\n");
    let file = tempfile::NamedTempFile::with_suffix(".toml").unwrap();
    std::fs::write(file.path(), &text).unwrap();
    let again = lancet(&["--config", file.path().to_str().unwrap(), "--list-keys"]);
    assert!(
        again.status.success(),
        "{}",
        String::from_utf8_lossy(&again.stderr)
    );
}

#[test]
fn a_config_mistake_names_file_line_and_mend() {
    let file = tempfile::NamedTempFile::with_suffix(".toml").unwrap();
    std::fs::write(file.path(), "\n[limits]\nmax_order_notionol = \"5\"\n").unwrap();
    let output = lancet(&["--config", file.path().to_str().unwrap(), "--list-keys"]);
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        text.contains(":3") && text.contains("max_order_notional"),
        "{text}"
    );
}

#[test]
fn the_exchange_says_all_of_itself_in_its_first_line() {
    let exchange = Exchange::start(&[]);
    for field in [
        "venue",
        "rest",
        "ws_public",
        "ws_market",
        "ws_private",
        "ws_api",
        "api_key",
        "api_secret",
    ] {
        assert!(exchange.info[field].is_string(), "{field}");
    }
    for key in exchange.info["keys"].as_array().unwrap() {
        let kind = key["kind"].as_str().unwrap();
        assert_eq!(key["api_secret"].is_string(), kind == "hmac", "{key}");
        assert_eq!(key["private_key_pem"].is_string(), kind == "ed25519");
    }
    assert_eq!(exchange.info["venue"], "binance-futures");
    assert_eq!(exchange.symbol(), "BTCUSDT");
    assert!(exchange.info["symbols"].as_array().unwrap().len() >= 4);
    assert!(
        exchange.info["ws_api"]
            .as_str()
            .unwrap()
            .ends_with("/ws-fapi/v1")
    );
    let depth = exchange.get("/fapi/v1/depth", "symbol=BTCUSDT&limit=100");
    assert_eq!(depth["bids"].as_array().unwrap().len(), 100);
    assert_eq!(depth["asks"].as_array().unwrap().len(), 100);
}

#[test]
fn a_file_that_is_no_public_key_ends_it_with_a_sentence() {
    for file in ["Cargo.toml", "nowhere.pem", "."] {
        let output = lancet(&["sim", "--public-key", file]);
        assert_eq!(output.status.code(), Some(2), "{file}");
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(text.contains(file), "{text}");
    }
}

#[test]
fn a_used_port_is_told_in_a_sentence() {
    let exchange = Exchange::start(&[]);
    let address = exchange.info["rest"]
        .as_str()
        .unwrap()
        .trim_start_matches("http://")
        .to_owned();
    let output = lancet(&["sim", "--listen", &address]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("in use"));
}

/// One summary, without what depends on how often the book was looked at.
fn end_state(path: &str) -> Value {
    let rows = lines(&lancet(&["replay", path, "--headless", "--json"]));
    assert_eq!(rows.len(), 1, "{rows:?}");
    serde_json::from_str(&rows[0]).unwrap()
}

#[test]
fn what_is_recorded_replays_to_a_synchronised_book_without_gaps() {
    let exchange = Exchange::start(&[]);
    let home = tempfile::tempdir().unwrap();
    let mut needed = std::time::Duration::ZERO;
    for name in ["tape.jsonl", "tape.jsonl.gz"] {
        let path = home.path().join(name);
        let path = path.to_str().unwrap();
        let mut child = Command::new(binary())
            .args([
                "--sim",
                exchange.file().to_str().unwrap(),
                "record",
                "--venue",
                "binance-futures",
                "--symbol",
                "BTCUSDT",
                path,
            ])
            .env("XDG_STATE_HOME", home.path())
            .env("XDG_CONFIG_HOME", home.path())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        // A compressed file grows only at its end: that one records as long as the first one needed.
        #[allow(clippy::disallowed_methods)]
        let began = std::time::Instant::now();
        if name.ends_with("gz") {
            crate::kit::pace(needed);
        } else {
            // The minutes before are a third of it.
            eventually("a good stretch of recording", || {
                (std::fs::metadata(path).map_or(0, |m| m.len()) > 160_000).then_some(())
            });
            needed = began.elapsed();
        }
        let done = Command::new("kill")
            .args(["-TERM", &child.id().to_string()])
            .status()
            .unwrap();
        assert!(done.success());
        assert!(child.wait().unwrap().success());
        let state = end_state(path);
        assert_eq!(state["gaps"], 0, "{state}");
        assert_eq!(state["synced"], true, "{state}");
        assert!(state["applied"].as_u64().unwrap() > 5, "{state}");
    }
}

#[test]
fn broken_lines_of_a_recording_are_named_skipped_and_counted() {
    let good = include_str!("wire/binance_futures/book_keepusdt_20210722.jsonl");
    let mut lines: Vec<&str> = good.lines().collect();
    let last = lines.len();
    lines.insert(2, "{ torn");
    lines.push("not a line");
    let file = tempfile::NamedTempFile::with_suffix(".jsonl").unwrap();
    std::fs::write(file.path(), lines.join("\n")).unwrap();
    let output = lancet(&[
        "replay",
        file.path().to_str().unwrap(),
        "--headless",
        "--json",
    ]);
    assert!(output.status.success());
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(
        told.contains(":3: skipped") && told.contains(&format!(":{}: skipped", last + 2)),
        "{told}"
    );
    assert!(told.contains("2 lines skipped"), "{told}");
    let state: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&state["gaps"], &state["synced"]),
        (&0.into(), &true.into())
    );
}

#[test]
fn completions_and_manual_are_printed() {
    assert!(
        lines(&lancet(&["completions", "bash"]))
            .iter()
            .any(|line| line.contains("lancet"))
    );
    assert!(
        lines(&lancet(&["man"]))
            .iter()
            .any(|line| line.starts_with(".TH"))
    );
}
