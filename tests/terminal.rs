//! The real binary in a pseudo-terminal: it opens, trades, survives its user's terminal, and leaves the shell as it was.

use std::time::Duration;

use crate::kit::exchange::Exchange;
use crate::kit::terminal::{Start, Terminal};
use crate::kit::{eventually, pace};

/// The modes that the program switches on must be off at the end, and the cursor back.
fn assert_shell_is_restored(terminal: &Terminal) {
    assert!(
        !terminal.in_alternate_screen(),
        "the alternate screen is left"
    );
    assert!(!terminal.cursor_hidden(), "the cursor is back");
    let bytes = terminal.bytes();
    let last = |needle: &[u8]| bytes.windows(needle.len()).rposition(|w| w == needle);
    for (on, off) in [
        (&b"\x1b[?2004h"[..], &b"\x1b[?2004l"[..]),
        (b"\x1b[?1049h", b"\x1b[?1049l"),
    ] {
        assert!(
            last(off) > last(on),
            "{} is undone",
            String::from_utf8_lossy(on).escape_debug()
        );
    }
}

/// Buys at the cursor, some twenty rows below the price: an order that rests for long.
fn rest_far_below(terminal: &mut Terminal) {
    for key in [b"J", b"J", b"c"] {
        terminal.send(key);
        pace(Duration::from_millis(100));
    }
}

#[test]
fn opens_trades_and_quits_clean() {
    let mut terminal = Terminal::start(&Start {
        size: (80, 24),
        ..Start::default()
    });
    terminal.wait_for("SIM");
    terminal.wait_for("LIVE");
    terminal.wait_for("ARMED");
    // The likely keys tell their fee once the account's own rates are known.
    terminal.wait_for("t  →");
    pace(Duration::from_millis(500));
    terminal.send(b"x");
    terminal.wait_for("LONG  0.");
    terminal.send(b"0");
    terminal.wait_for("FLAT  net");
    terminal.send(b"q");
    terminal.wait_for("quit");
    terminal.send(b"y");
    assert_eq!(terminal.end(), 0);
    assert_shell_is_restored(&terminal);
}

#[test]
fn a_key_is_an_order_at_the_exchange_and_space_takes_it_back() {
    let exchange = Exchange::start(&[]);
    let mut terminal = Terminal::trading(exchange.file(), &[], (120, 40));
    rest_far_below(&mut terminal);
    let resting = eventually("one resting order", || {
        exchange.open_orders().first().cloned()
    });
    assert_eq!(resting["side"], "BUY");
    terminal.wait_for("rests");
    terminal.send(b" ");
    eventually("no open order", || {
        exchange.open_orders().is_empty().then_some(())
    });
    assert_eq!(exchange.orders().len(), 1, "one key, one order");
}

#[test]
fn now_buys_and_closing_all_ends_flat_at_the_exchange() {
    let exchange = Exchange::start(&[]);
    let mut terminal = Terminal::trading(exchange.file(), &[], (120, 40));
    terminal.send(b"x");
    eventually("a position", || {
        exchange
            .position()
            .starts_with("0.00")
            .then_some(())
            .filter(|()| exchange.position() != "0.000")
    });
    terminal.wait_for("LONG  0.");
    terminal.send(b"0");
    eventually("no position", || {
        (exchange.position() == "0.000").then_some(())
    });
    assert!(exchange.open_orders().is_empty());
}

#[test]
fn rule8_orders_flow_while_nobody_reads_the_terminal() {
    let exchange = Exchange::start(&[]);
    let mut terminal = Terminal::trading(exchange.file(), &[], (200, 60));
    rest_far_below(&mut terminal);
    terminal.wait_for("rests at");
    terminal.send(b" ");
    terminal.stop_reading();
    for round in 2..=6 {
        // Far longer than it takes a full-screen ladder to fill the pty.
        pace(Duration::from_millis(800));
        terminal.send(b"c");
        eventually("an order while nobody reads", || {
            (exchange.orders().len() >= round).then_some(())
        });
        terminal.send(b" ");
        eventually("its cancel while nobody reads", || {
            exchange.open_orders().is_empty().then_some(())
        });
    }
    terminal.read_on();
    terminal.wait_for("LIVE");
}

#[test]
fn f2_a_dropped_line_cancels_the_entries_and_the_next_start_tells() {
    let exchange = Exchange::start(&[]);
    let home = tempfile::tempdir().unwrap();
    let file = exchange.file().to_str().unwrap().to_owned();
    let args = ["--sim", &file];
    let start = Start {
        args: &args,
        home: Some(home.path()),
        ..Start::default()
    };
    let mut terminal = Terminal::start(&start);
    terminal.wait_for("LIVE");
    terminal.wait_for("free 10 000.00");
    rest_far_below(&mut terminal);
    eventually("a resting order", || {
        exchange.open_orders().first().cloned()
    });
    terminal.wait_for("rests");
    terminal.hang_up();
    eventually("the entry is cancelled", || {
        exchange.open_orders().is_empty().then_some(())
    });
    terminal.end();
    let again = Terminal::start(&start);
    again.wait_for("last session");
}

#[test]
fn f4_a_termination_signal_restores_the_shell() {
    let mut terminal = Terminal::start(&Start::default());
    terminal.wait_for("LIVE");
    terminal.signal("TERM");
    terminal.end();
    assert_shell_is_restored(&terminal);
}

#[test]
fn f1_a_broken_thread_gives_the_shell_back_says_where_and_ends() {
    if std::env::var("LANCET_BIN").is_ok() {
        return; // A release build has no way to break a thread on purpose.
    }
    let mut terminal = Terminal::start(&Start {
        env: &[("LANCET_BREAK", "disk")],
        ..Start::default()
    });
    // What the guard keeps is the first row that the disk gets.
    terminal.end();
    let text = String::from_utf8_lossy(&terminal.bytes()).into_owned();
    assert!(
        text.contains("\u{1b}[?1049h"),
        "no screen was taken: {text}"
    );
    assert!(
        text.contains("a fault in thread disk at src/app/"),
        "{text}"
    );
    assert!(!terminal.in_alternate_screen() && !terminal.cursor_hidden());
}

#[test]
fn f5_a_stopped_program_gives_the_shell_back_and_returns_with_entries_off() {
    let exchange = Exchange::start(&[]);
    let terminal = Terminal::trading(exchange.file(), &[], (120, 40));
    terminal.signal("TSTP");
    eventually("the shell", || {
        (!terminal.in_alternate_screen()).then_some(())
    });
    terminal.signal("CONT");
    terminal.wait_for("LIVE");
    terminal.wait_for("EXITS ONLY");
    assert!(terminal.in_alternate_screen() && terminal.cursor_hidden());
}

#[test]
fn f12_resizes_of_every_kind_do_no_harm() {
    let mut terminal = Terminal::start(&Start::default());
    terminal.wait_for("LIVE");
    for (cols, rows) in [
        (40, 10),
        (1, 1),
        (250, 80),
        (0, 0),
        (79, 23),
        (20, 5),
        (80, 24),
    ] {
        terminal.resize(cols, rows);
        pace(Duration::from_millis(50));
    }
    terminal.wait_for("LIVE");
    assert!(terminal.is_running());
}

#[test]
fn rule7_a_split_escape_sequence_is_a_cursor_key_and_never_an_order() {
    let exchange = Exchange::start(&[]);
    let mut terminal = Terminal::trading(exchange.file(), &[], (120, 40));
    for gap in [0, 2, 10] {
        for byte in b"\x1b[B\x1b[A\x1bOB\x1b[5~" {
            terminal.send(&[*byte]);
            pace(Duration::from_millis(gap));
        }
    }
    // A deliberate order afterwards proves that keys were read to here.
    pace(Duration::from_millis(800));
    terminal.send(b"v");
    eventually("the deliberate order", || {
        (!exchange.orders().is_empty()).then_some(())
    });
    assert_eq!(exchange.orders().len(), 1);
}

#[test]
fn rule7_with_key_kinds_repeats_and_releases_are_no_presses() {
    let exchange = Exchange::start(&[]);
    let mut terminal = Terminal::trading(exchange.file(), &[], (120, 40));
    assert!(
        terminal.bytes().windows(5).any(|w| w == b"\x1b[>15"),
        "key kinds are asked for"
    );
    terminal.send(b"\x1b[118;1:1u");
    for _ in 0..20 {
        pace(Duration::from_millis(30));
        terminal.send(b"\x1b[118;1:2u");
    }
    terminal.send(b"\x1b[118;1:3u");
    eventually("the order", || {
        (!exchange.orders().is_empty()).then_some(())
    });
    // Upper-case letters and signs come as their key with Shift and the shifted key beside it.
    terminal.send(b"\x1b[47:63;2:1u");
    terminal.wait_for("Ctrl-x Ctrl-x");
    terminal.send(b"\x1b[27;1:1u");
    pace(Duration::from_millis(400));
    terminal.send(b"\x1b[32;1:1u");
    eventually("the cancel", || {
        exchange.open_orders().is_empty().then_some(())
    });
    assert_eq!(exchange.orders().len(), 1);
}

#[test]
fn rule1_a_swallowed_answer_is_one_order_and_unknown_until_proof() {
    let exchange = Exchange::start(&["--fault", "place:silent@1", "--fault", "private:delay=4000"]);
    let mut terminal = Terminal::trading(exchange.file(), &[], (120, 40));
    rest_far_below(&mut terminal);
    eventually("the order at the exchange", || {
        (exchange.orders().len() == 1).then_some(())
    });
    terminal.wait_for("UNKNOWN");
    terminal.wait_for("rests at");
    assert_eq!(exchange.orders().len(), 1, "never re-sent");
}

#[test]
fn a6_a_half_open_book_line_is_seen_and_recovers() {
    let exchange = Exchange::start(&["--fault", "depth:halfopen@40"]);
    let terminal = Terminal::trading(exchange.file(), &[], (120, 40));
    let stale = |screen: &str| screen.contains("STALE") || screen.contains("DOWN");
    terminal.wait("a stale book", stale);
    terminal.wait("the book again", |screen| {
        screen.contains("LIVE") && !stale(screen)
    });
}

#[test]
fn bad_input_is_one_clear_line_and_exit_2() {
    for (args, says) in [
        (&["--them", "dark"][..], "--theme"),
        (&["--theme", "drak"], "dark"),
        (&["--symbol", "BTCUSDTT"], "BTCUSDT"),
        (&["--venue", "binance-future"], "binance-futures"),
        (&["replay", "no-such-file.jsonl"], "no-such-file.jsonl"),
        (&["sim", "--fault", "plaice:drop"], "place"),
    ] {
        let output = std::process::Command::new(crate::kit::binary())
            .args(args)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {text}");
        assert!(text.contains(says), "{args:?} names {says}: {text}");
        assert_eq!(text.trim().lines().count(), 1, "{args:?}: one line: {text}");
    }
}

#[test]
fn f13_no_terminal_and_a_dumb_one_are_told_in_a_sentence() {
    let output = std::process::Command::new(crate::kit::binary())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("terminal"));
    let mut terminal = Terminal::start(&Start {
        env: &[("TERM", "dumb")],
        ..Start::default()
    });
    assert_eq!(terminal.end(), 2);
    assert!(String::from_utf8_lossy(&terminal.bytes()).contains("dumb"));
}

#[test]
fn margin_leverage_and_mode_are_set_by_a_line() {
    let exchange = Exchange::start(&[]);
    exchange.call(
        "POST",
        "/fapi/v1/positionSide/dual",
        "dualSidePosition=true",
    );
    let file = exchange.file().to_str().unwrap().to_owned();
    let mut terminal = Terminal::start(&Start {
        args: &["--sim", &file],
        size: (120, 40),
        ..Start::default()
    });
    terminal.wait_for("LIVE");
    terminal.wait_for("hedge account: buys open the long");
    let line = |terminal: &mut Terminal, words: &str, then: &str| {
        terminal.send(b":");
        terminal.wait_for("Enter does it");
        // A hand, not a paste.
        for byte in words.bytes() {
            pace(Duration::from_millis(60));
            terminal.send(&[byte]);
        }
        terminal.wait_for(words);
        pace(Duration::from_millis(60));
        terminal.send(b"\r");
        terminal.wait_for(then);
    };
    line(&mut terminal, "mode both", "the mode is one-way or hedge");
    terminal.wait_for("20x cross hedge");
    line(&mut terminal, "mode one-way", "position mode is one-way");
    line(&mut terminal, "margin isolated", "20x isolated");
    line(&mut terminal, "leverage 7", "7x isolated");
    line(&mut terminal, "margin both", "margin is cross or isolated");
    let rows = exchange.get(
        "/fapi/v2/positionRisk",
        &format!("symbol={}", exchange.symbol()),
    );
    assert_eq!(rows[0]["leverage"], "7");
    assert_eq!(rows[0]["marginType"], "isolated");
    assert_eq!(rows[0]["positionSide"], "BOTH");
}
