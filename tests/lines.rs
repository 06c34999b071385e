//! Lines typed into the real binary: orders at the exchange, and what is remembered from one session to the next.

use std::time::Duration;

use lancet::domain::decimal::Step;

use crate::kit::exchange::Exchange;
use crate::kit::terminal::{Start, Terminal};
use crate::kit::{eventually, pace};

/// Types into the `:` field, by a hand and not as a paste.
pub fn type_line(terminal: &mut Terminal, words: &str) {
    terminal.send(b":");
    terminal.wait_for("Enter does it");
    for byte in words.bytes() {
        pace(Duration::from_millis(30));
        terminal.send(&[byte]);
    }
    terminal.wait_for(words);
    pace(Duration::from_millis(150));
}

/// A price one percent below the best bid, on the tick.
fn far_below(exchange: &Exchange) -> String {
    let book = exchange.get(
        "/fapi/v1/depth",
        &format!("symbol={}&limit=5", exchange.symbol()),
    );
    let tick = Step::parse("0.1").unwrap();
    let bid = tick
        .count(book["bids"][0][0].as_str().unwrap().as_bytes())
        .unwrap();
    tick.text(bid - bid / 100)
}

#[test]
fn a_line_shows_what_it_would_send_and_enter_sends_it() {
    let exchange = Exchange::start(&[]);
    let mut terminal = Terminal::trading(exchange.file(), &[], (120, 40));
    let price = far_below(&exchange);
    type_line(&mut terminal, &format!("buy 0.001 @ {price} post"));
    terminal.wait_for("post-only, worth");
    assert!(exchange.orders().is_empty(), "nothing is sent before Enter");
    terminal.send(b"\r");
    let resting = eventually("the order rests", || {
        exchange.open_orders().first().cloned()
    });
    assert_eq!(resting["side"], "BUY");
    assert_eq!(resting["timeInForce"], "GTX");
    assert_eq!(resting["origQty"], "0.001");
    let at = resting["price"].as_str().unwrap();
    assert_eq!(at.trim_end_matches('0'), price.trim_end_matches('0'));
    terminal.wait_for("rests at");
    type_line(&mut terminal, "cancel entries");
    terminal.send(b"\r");
    eventually("no open order", || {
        exchange.open_orders().is_empty().then_some(())
    });
    assert_eq!(exchange.orders().len(), 1, "one line, one order");
}

#[test]
fn lines_and_volumes_are_remembered_in_the_next_session() {
    let exchange = Exchange::start(&[]);
    let file = exchange.file().to_str().unwrap().to_owned();
    let home = tempfile::tempdir().unwrap();
    let start = || {
        let terminal = Terminal::start(&Start {
            args: &["--sim", &file],
            home: Some(home.path()),
            ..Start::default()
        });
        terminal.wait_for("LIVE");
        terminal.wait_for("free 10 000.00");
        terminal
    };
    let quit = |mut terminal: Terminal| {
        terminal.send(b"q");
        terminal.wait_for("Quit?");
        terminal.send(b"y");
        assert_eq!(terminal.end(), 0);
    };
    let mut terminal = start();
    terminal.prices_seen();
    type_line(&mut terminal, "volume 3 0.123");
    terminal.send(b"\r");
    terminal.wait_for("3 0.123");
    quit(terminal);

    let mut terminal = start();
    terminal.wait_for("3 0.123");
    terminal.send(b":");
    terminal.wait_for("Enter does it");
    terminal.send(b"\x1b[A");
    terminal.wait_for(":volume 3 0.123");
    terminal.send(b"\x1b");
    pace(Duration::from_millis(300));
    quit(terminal);
}
