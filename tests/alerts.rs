//! Alerts with the real binary: bells and desktop notices as bytes, the list, and levels from run to run.

use std::path::Path;
use std::process::{Command, Output};

use crate::kit::exchange::Exchange;
use crate::kit::terminal::{Start, Terminal};
use crate::kit::{binary, eventually};
use crate::lines::type_line;

const QUIET: &str = "order = { list = true, bell = false, notice = false }
stop = { list = true, bell = false, notice = false }
risk = { list = true, bell = false, notice = false }
link = { list = true, bell = false, notice = false }
level = { list = true, bell = false, notice = false }
";

fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).position(|w| w == needle)
}

fn last(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).rposition(|w| w == needle)
}

/// Buys now, and waits until the list of notifications has the fill.
fn fill_in_the_list(terminal: &mut Terminal) {
    terminal.send(b"x");
    terminal.wait_for("LONG  0.");
    terminal.wait_for("unread 1");
    terminal.send(b"M");
    terminal.wait_for("what happened");
    terminal.wait_for("filled at");
}

#[test]
fn a_fill_rings_and_asks_for_a_notice_that_is_whole_and_names_no_money() {
    let exchange = Exchange::start(&[]);
    let config = format!(
        "[alerts]\nnotice = \"osc9\"\nfill = {{ list = true, bell = true, notice = true }}\n{QUIET}"
    );
    let mut terminal = Terminal::trading_with(exchange.file(), &[], (120, 40), &config);
    fill_in_the_list(&mut terminal);
    let notice = b"\x1b]9;Lancet: BTCUSDT fill: an order was filled\x1b\\";
    let (bytes, at) = eventually("the notice", || {
        let bytes = terminal.bytes();
        find(&bytes, notice).map(|at| (bytes, at))
    });
    assert_eq!(
        find(&bytes[at + 1..], b"\x1b]9;"),
        None,
        "one fill, one notice"
    );
    let (before, after) = (&bytes[..at], &bytes[at + notice.len()..]);
    let is_within = last(before, b"\x1b[?2026h") > last(before, b"\x1b[?2026l");
    assert!(!is_within, "never within a frame");
    let next = after.iter().take(1).all(|byte| *byte == 0x1b);
    assert!(next, "a whole sequence, then another");
    assert!(bytes.contains(&0x07), "the bell");
    // Enter goes to the ladder of the row: the list closes.
    terminal.send(b"\r");
    terminal.wait("the ladder", |screen| !screen.contains("what happened"));
}

#[test]
fn what_is_off_writes_nothing_and_is_in_the_list_all_the_same() {
    let exchange = Exchange::start(&[]);
    let config = format!(
        "[alerts]\nnotice = \"off\"\nfill = {{ list = true, bell = false, notice = true }}\n{QUIET}"
    );
    let mut terminal = Terminal::trading_with(exchange.file(), &[], (120, 40), &config);
    fill_in_the_list(&mut terminal);
    terminal.send(b"gy");
    terminal.wait_for("nothing happened yet");
    let bytes = terminal.bytes();
    assert!(!bytes.contains(&0x07), "no bell");
    assert_eq!(find(&bytes, b"\x1b]"), None, "no notice");
}

#[test]
fn a_level_is_set_at_the_cursor_kept_and_alerts_in_a_later_run() {
    let exchange = Exchange::start(&[]);
    let home = tempfile::tempdir().unwrap();
    let file = exchange.file().to_str().unwrap().to_owned();
    let args = ["--sim", &file];
    let start = Start {
        args: &args,
        size: (80, 24),
        home: Some(home.path()),
        ..Start::default()
    };
    let kept = home.path().join("state/lancet/levels.toml");
    let text = || std::fs::read_to_string(&kept).unwrap_or_default();
    let mut terminal = Terminal::start(&start);
    terminal.wait_for("LIVE");
    terminal.send(b"J");
    terminal.wait_for("›");
    // Its message is not waited for: a market that is at the level at once alerts in the same place.
    terminal.send(b"gl");
    eventually("the level in the file", || {
        text().contains("symbol = \"BTCUSDT\"").then_some(())
    });
    terminal.send(b"gl");
    terminal.wait_for("level taken off");
    eventually("no level in the file", || {
        (!text().contains("[[level]]")).then_some(())
    });
    for (line, said) in [
        ("level 61200 the \"high\"", "level at 61 200.0"),
        ("level 58800 low", "level at 58 800.0"),
    ] {
        type_line(&mut terminal, line);
        terminal.send(b"\r");
        terminal.wait_for(said);
    }
    eventually("both in the file", || {
        text().contains("label = \"low\"").then_some(())
    });
    terminal.send(b"q");
    terminal.wait_for("quit");
    terminal.send(b"y");
    assert_eq!(terminal.end(), 0);
    let mut terminal = Terminal::start(&start);
    terminal.wait_for("LIVE");
    type_line(&mut terminal, "levels");
    terminal.wait_for("the signal levels here");
    terminal.send(b"\r");
    terminal.wait_for("signal levels");
    terminal.wait_for("the \"high\"");
    terminal.wait_for("58 800.0");
    // Another process adds one, and takes one of ours away: this run sees both without a key.
    let given = home.path().join("given.csv");
    std::fs::write(&given, "BTCUSDT,59900,theirs\n").unwrap();
    let import = Command::new(binary())
        .args(["levels", "import", given.to_str().unwrap()])
        .env("HOME", home.path())
        .env("XDG_STATE_HOME", home.path().join("state"))
        .output()
        .unwrap();
    assert!(import.status.success(), "{import:?}");
    terminal.wait_for("theirs");
    type_line(&mut terminal, "level off 58800");
    terminal.send(b"\r");
    eventually("theirs and ours in the file, and the low one gone", || {
        let text = text();
        let stay = text.contains("theirs") && text.contains("high");
        (stay && !text.contains("low")).then_some(())
    });
}

fn lancet(home: &Path, args: &[&str]) -> Output {
    Command::new(binary())
        .args(args)
        .env("HOME", home)
        .env("XDG_CONFIG_HOME", home)
        .env("XDG_STATE_HOME", home)
        .output()
        .unwrap()
}

#[test]
fn levels_are_imported_listed_and_exported() {
    let home = tempfile::tempdir().unwrap();
    let path = |name: &str| home.path().join(name).to_str().unwrap().to_owned();
    let said = |args: &[&str]| {
        let output = lancet(home.path(), args);
        assert!(output.status.success(), "{args:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(said(&["levels", "list"]), "");
    std::fs::write(
        path("a.csv"),
        "BYBIT:BTCUSDT.P,61200.50,\"high, old\"\nETHUSDT,3050\n",
    )
    .unwrap();
    let told = said(&["levels", "import", &path("a.csv")]);
    assert_eq!(told, "2 levels imported\n");
    let list = said(&["levels", "list"]);
    let rows: Vec<Vec<&str>> = list
        .lines()
        .map(|row| row.split_whitespace().collect())
        .collect();
    assert_eq!(rows[0], ["binance-futures", "ETHUSDT", "3050"]);
    assert_eq!(rows[1], ["bybit", "BTCUSDT", "61200.5", "high,", "old"]);
    said(&["levels", "export", &path("out.toml")]);
    let csv = said(&["levels", "export"]);
    assert!(csv.starts_with("venue,symbol,price,label\n") && csv.contains("\"high, old\""));
    let other = tempfile::tempdir().unwrap();
    assert!(
        lancet(other.path(), &["levels", "import", &path("out.toml")])
            .status
            .success()
    );
    let back = lancet(other.path(), &["levels", "list"]);
    assert_eq!(String::from_utf8(back.stdout).unwrap(), list);
    std::fs::write(path("bad.csv"), "BTCUSDT,1\nBTCUSDT,what\n").unwrap();
    let bad = lancet(home.path(), &["levels", "import", &path("bad.csv")]);
    assert_eq!(bad.status.code(), Some(2));
    let words = String::from_utf8(bad.stderr).unwrap();
    assert!(
        words.ends_with("bad.csv, line 2: \"what\" is no price\n"),
        "{words}"
    );
    assert_eq!(words.lines().count(), 1);
}
