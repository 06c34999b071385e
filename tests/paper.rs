//! Paper trading with the real binary: the same keys, nothing sent, the word PAPER all the while.

use std::path::Path;
use std::time::Duration;

use lancet::domain::{Approved, Instrument, NewOrder, Qty, risk};
use rust_decimal::Decimal;

use crate::kit::exchange::Exchange;
use crate::kit::pace;
use crate::kit::terminal::{Start, Terminal};
use crate::lines::type_line;

mod fidelity;
mod storm;

/// An order past limits that are not what is tested here.
fn approved(order: NewOrder, rules: &Instrument) -> Approved<NewOrder> {
    let config = lancet::config::Config::load(None, &[], &["dark".to_owned()]).unwrap();
    let price = order.kind.limit();
    let calm = risk::Exposure {
        bid: price,
        ask: price,
        position: Decimal::ZERO,
        open_buys: Qty::ZERO,
        open_sells: Qty::ZERO,
        open_exits: Qty::ZERO,
        open_orders: 0,
        sent_last_second: 0,
        sent_last_minute: 0,
        identical_last_second: 0,
        day_result: Decimal::ZERO,
    };
    risk::check(order, rules, &config.settings.limits, &calm).unwrap()
}

fn leave(mut terminal: Terminal) {
    terminal.send(b"q");
    terminal.wait_for("quit");
    terminal.send(b"y");
    assert_eq!(terminal.end(), 0);
}

/// Every line of every journal below a home.
fn journal(home: &Path) -> String {
    let mut all = String::new();
    let mut folders = vec![home.join("state")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "jsonl") {
                all.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    all
}

#[test]
fn keys_trade_on_the_live_book_and_nothing_reaches_the_exchange() {
    let exchange = Exchange::start(&[]);
    let home = tempfile::tempdir().unwrap();
    let file = exchange.file().to_str().unwrap();
    let mut terminal = Terminal::start(&Start {
        args: &["--sim", file, "--paper"],
        home: Some(home.path()),
        ..Start::default()
    });
    terminal.wait_for("PAPER");
    terminal.wait_for("LIVE");
    terminal.wait_for("ARMED");
    terminal.wait_for("free 10 000.00");
    terminal.prices_seen();
    terminal.send(b"x");
    terminal.wait_for("LONG  0.");
    terminal.wait_for(" taker");
    // An order that rests far below, and its end.
    for key in [b"J", b"J", b"c"] {
        terminal.send(key);
        pace(Duration::from_millis(100));
    }
    terminal.wait_for("rests at");
    terminal.send(b" ");
    terminal.wait_for("cancelled");
    terminal.send(b"0");
    terminal.wait_for("1 round trip");
    terminal.wait_for("PAPER");
    leave(terminal);
    assert!(exchange.orders().is_empty(), "{:?}", exchange.orders());
    let rows = journal(home.path());
    assert!(rows.contains("\"paper\""), "{rows}");
}

#[test]
fn a_recording_is_traded_on_paper_and_steered_by_keys_that_never_trade() {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/wire/binance_futures/book_keepusdt_20210722.jsonl"
    );
    let mut terminal = Terminal::start(&Start {
        args: &["replay", file, "--paper"],
        ..Start::default()
    });
    terminal.wait_for("PAPER");
    terminal.wait_for("LIVE");
    terminal.wait_for("ARMED");
    terminal.prices_seen();
    // F5.
    terminal.send(b"\x1b[15~");
    terminal.wait_for("paused");
    terminal.send(b"x");
    terminal.wait_for(" taker");
    type_line(&mut terminal, "play 20");
    terminal.send(b"\r");
    terminal.wait_for("20x paused");
    terminal.send(b"\x1b[15~");
    terminal.wait_for("ended");
    terminal.send(b"0");
    terminal.wait_for("1 round trip");
    leave(terminal);
}
