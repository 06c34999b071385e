//! The real binary: what reaches the exchange of held keys, pastes, locked keys and clicks.

use std::time::Duration;

use rust_decimal::Decimal;

use super::Dice;
use crate::kit::exchange::Exchange;
use crate::kit::terminal::Terminal;
use crate::kit::{eventually, pace};

/// The longest pause that a train may have, with something left for the way to the reader.
const STEADY: Duration = Duration::from_millis(90);

/// Holds `v` down at `hertz` for a second after the usual first delay; false when this machine was too busy for a train.
fn hold(terminal: &mut Terminal, hertz: u64) -> bool {
    let beat = Duration::from_millis(1000 / hertz);
    terminal.send(b"v");
    pace(Duration::from_millis(400));
    let mut steady = true;
    for _ in 0..hertz {
        terminal.send(b"v");
        steady &= pace(beat) < STEADY;
    }
    steady
}

/// One order by a hand, taken back; what the exchange then has seen in all.
fn one_order_by_hand(terminal: &mut Terminal, exchange: &Exchange) -> usize {
    let before = exchange.orders().len();
    terminal.send(b"v");
    eventually("the deliberate order", || {
        (exchange.orders().len() > before).then_some(())
    });
    terminal.send(b" ");
    eventually("the cancel", || {
        exchange.open_orders().is_empty().then_some(())
    });
    exchange.orders().len()
}

#[test]
fn rule7_a_key_held_down_is_exactly_one_order() {
    let exchange = Exchange::start(&[]);
    let mut terminal = Terminal::trading(exchange.file(), &[], (120, 40));
    for hertz in [15_u64, 20, 25, 30, 60] {
        // A beat that this machine could not keep says nothing about the guard, nor does a press that a late book refused.
        let judged = (0..8).any(|_| {
            let before = exchange.orders().len();
            let steady = hold(&mut terminal, hertz);
            // Quiet, then a cancel that is never delayed: when it is done, every earlier key was judged.
            pace(Duration::from_millis(600));
            terminal.send(b" ");
            eventually("the cancel", || {
                exchange.open_orders().is_empty().then_some(())
            });
            let orders = exchange.orders().len() - before;
            pace(Duration::from_millis(800));
            assert!(
                !steady || orders <= 1,
                "held at {hertz} Hz: {orders} orders"
            );
            steady && orders == 1
        });
        assert!(judged, "never one order of a steady hand at {hertz} Hz");
    }
}

#[test]
fn rule7_pasted_text_trades_nothing() {
    let exchange = Exchange::start(&[]);
    let mut terminal = Terminal::trading(exchange.file(), &[], (120, 40));
    let marked = b"\x1b[200~buy xcvb now wert\rA1 x\r\x1b[201~";
    // None of them holds an `a` outside its marks: it would lock, and the rest would prove nothing.
    let pastes: [(&[u8], usize); 5] = [
        (marked, marked.len()),
        (marked, 7),
        (b"xcvbwert", 8),
        (b"Exit on the bid: cover x by v, then b.\nA1 x v b\n", 64),
        ("чсми цукен Ж1 ч".as_bytes(), 64),
    ];
    for (text, size) in pastes {
        for read in text.chunks(size) {
            terminal.send(read);
        }
        pace(Duration::from_millis(1000));
        terminal.send(b"\x1b");
        pace(Duration::from_millis(300));
        assert_eq!(
            exchange.orders().len(),
            0,
            "{:?}",
            text.escape_ascii().to_string()
        );
    }
    assert_eq!(one_order_by_hand(&mut terminal, &exchange), 1);
}

#[test]
fn rule6_keys_while_locked_reach_no_exchange() {
    let exchange = Exchange::start(&[]);
    let mut terminal = Terminal::trading(exchange.file(), &[], (120, 40));
    terminal.send(b"a");
    terminal.wait_for("LOCKED");
    let keys: Vec<u8> = b"xcvbwert 0789ipoudsjknm12345=-gh,.;'\r\x1b".to_vec();
    for seed in 0..5 {
        let mut dice = Dice(seed);
        for _ in 0..150 {
            terminal.send(&[*dice.one_of(&keys)]);
            pace(Duration::from_millis(5 + dice.below(12)));
        }
        pace(Duration::from_millis(400));
        assert_eq!(exchange.orders().len(), 0, "seed {seed}");
    }
    terminal.wait_for("LOCKED");
    for key in [b"\x1b", b"\x1b", b"A", b"1"] {
        pace(Duration::from_millis(800));
        terminal.send(key);
    }
    terminal.wait("armed again", |text| {
        text.contains(" ARMED") && !text.contains("LOCKED your")
    });
    pace(Duration::from_millis(800));
    assert_eq!(one_order_by_hand(&mut terminal, &exchange), 1);
}

/// The screen's row, counted from 1, and the price of the ladder's last row but two.
fn low_row(text: &str) -> (usize, String) {
    let lines: Vec<&str> = text.lines().collect();
    let foot = lines.iter().position(|line| line.contains("ticks a row"));
    let row = foot.unwrap() - 3;
    let digits: String = lines[row].split('│').nth(1).unwrap().chars().collect();
    let at = digits.find("59 ").or_else(|| digits.find("60 ")).unwrap();
    let price = digits[at..].chars().take(8).filter(|c| *c != ' ');
    (row + 1, price.collect())
}

#[test]
fn a_click_is_an_order_at_the_rows_price_and_the_shell_gets_its_mouse_back() {
    let exchange = Exchange::start(&[]);
    let mouse = "[mouse]\nenabled = true";
    let mut terminal = Terminal::trading_with(exchange.file(), &[], (120, 40), mouse);
    let has = |terminal: &Terminal, what: &[u8]| {
        let bytes = terminal.bytes();
        bytes.windows(what.len()).any(|seen| seen == what)
    };
    assert!(has(&terminal, b"\x1b[?1000h") && has(&terminal, b"\x1b[?1006h"));
    let (row, price) = low_row(&terminal.wait_for("ticks a row"));
    terminal.send(format!("\x1b[<0;60;{row}M\x1b[<0;60;{row}m").as_bytes());
    let order = eventually("the clicked order", || {
        exchange.open_orders().first().cloned()
    });
    assert_eq!(
        (order["side"].as_str(), order["type"].as_str()),
        (Some("BUY"), Some("LIMIT"))
    );
    let number = |text: &str| text.parse::<Decimal>().unwrap();
    assert_eq!(number(order["price"].as_str().unwrap()), number(&price));
    terminal.wait_for("rests at");
    terminal.send(format!("\x1b[<1;60;{row}M\x1b[<1;60;{row}m").as_bytes());
    eventually("its cancel", || {
        exchange.open_orders().is_empty().then_some(())
    });
    assert_eq!(exchange.orders().len(), 1);
    terminal.signal("TERM");
    terminal.end();
    assert!(has(&terminal, b"\x1b[?1000l") && has(&terminal, b"\x1b[?1006l"));
}

#[test]
fn without_the_setting_the_mouse_is_never_asked_for_and_its_reports_do_nothing() {
    let exchange = Exchange::start(&[]);
    let mut terminal = Terminal::trading(exchange.file(), &[], (120, 40));
    let (row, _) = low_row(&terminal.wait_for("ticks a row"));
    for button in [0, 1, 2] {
        terminal.send(format!("\x1b[<{button};60;{row}M").as_bytes());
        pace(Duration::from_millis(300));
    }
    assert_eq!(one_order_by_hand(&mut terminal, &exchange), 1);
    assert!(
        !terminal
            .bytes()
            .windows(8)
            .any(|seen| seen == b"\x1b[?1000h")
    );
}
