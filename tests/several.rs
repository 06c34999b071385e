//! Several venues in one program: an account on each, keys that go to the ladder in front alone, panic that reaches all of them.

use std::process::Command;
use std::time::Duration;

use crate::kit::exchange::Exchange;
use crate::kit::terminal::{Start, Terminal};
use crate::kit::venue::{Open, open};
use crate::kit::{binary, eventually, pace};

/// Exchanges behind these wires.
fn exchanges<const N: usize>(wires: [&str; N]) -> [Exchange; N] {
    wires.map(|wire| Exchange::start(&["--wire", wire]))
}

/// The name by which a ladder says its venue.
fn title(exchange: &Exchange) -> &'static str {
    let id = exchange.info["venue"].as_str().unwrap();
    lancet::exchange::venue(id).unwrap().title
}

fn status(screen: &str) -> &str {
    screen.lines().next().unwrap_or_default()
}

fn strip(screen: &str) -> &str {
    screen.lines().nth(1).unwrap_or_default()
}

fn args<'a>(exchanges: &'a [Exchange], extra: &[&'a str]) -> Vec<&'a str> {
    let files = exchanges.iter();
    let files = files.flat_map(|exchange| ["--sim", exchange.file().to_str().unwrap()]);
    files.chain(extra.iter().copied()).collect()
}

/// The program with a ladder on each, all of them trading, the first in front.
fn lancet(exchanges: &[Exchange], extra: &[&str]) -> Terminal {
    let mut terminal = Terminal::start(&Start {
        args: &args(exchanges, extra),
        ..Start::default()
    });
    for exchange in exchanges {
        in_front(&terminal, exchange);
        terminal.wait("a ladder that trades", |screen| {
            let status = status(screen);
            status.contains("LIVE") && status.contains("ARMED") && screen.contains("free 10 000.00")
        });
        terminal.send(b"l");
    }
    in_front(&terminal, &exchanges[0]);
    terminal.prices_seen();
    terminal
}

fn in_front(terminal: &Terminal, exchange: &Exchange) {
    let title = title(exchange);
    terminal.wait(title, |screen| status(screen).contains(title));
}

/// Goes to the next ladder, which is of this exchange.
fn next(terminal: &mut Terminal, exchange: &Exchange) {
    terminal.send(b"l");
    in_front(terminal, exchange);
    terminal.prices_seen();
}

/// Buys now, then lets an order rest some twenty rows below the price.
fn buy_and_rest(terminal: &mut Terminal) {
    for key in [b"x", b"J", b"J", b"c"] {
        terminal.send(key);
        pace(Duration::from_millis(150));
    }
}

fn is_held_with_an_order(open: &Open) -> bool {
    open.orders == 1 && open.positions.len() == 1
}

#[test]
fn an_order_is_on_the_exchange_of_its_ladder_and_panic_flattens_all_even_a_locked_one() {
    let exchanges = exchanges(["binance-futures", "bybit", "okx"]);
    let mut terminal = lancet(&exchanges, &[]);
    for (at, exchange) in exchanges.iter().enumerate() {
        buy_and_rest(&mut terminal);
        eventually("a position and an order", || {
            is_held_with_an_order(&open(exchange)).then_some(())
        });
        for later in &exchanges[at + 1..] {
            assert!(open(later).is_nothing(), "a key went to another exchange");
        }
        next(&mut terminal, &exchanges[(at + 1) % exchanges.len()]);
    }
    terminal.wait("what is held everywhere", |screen| {
        strip(screen).matches("LONG 1o").count() == 3
    });
    // A lock is of one account.
    next(&mut terminal, &exchanges[1]);
    terminal.send(b"a");
    terminal.wait("a lock", |screen| status(screen).contains("LOCKED"));
    next(&mut terminal, &exchanges[2]);
    terminal.wait("no lock elsewhere", |screen| {
        status(screen).contains("ARMED") && strip(screen).matches("locked").count() == 1
    });
    terminal.send(b"\x18\x18");
    for exchange in &exchanges {
        eventually("flat, no orders", || {
            open(exchange).is_nothing().then_some(())
        });
    }
    terminal.wait("flat everywhere", |screen| {
        let strip = strip(screen);
        !strip.contains("LONG") && !strip.contains("1o") && !strip.contains("UNKNOWN")
    });
}

#[test]
fn a_dead_exchange_leaves_the_others_trading_and_what_is_held_there_is_not_forgotten() {
    let [alive, dead] = exchanges(["bybit", "okx"]);
    let both = [alive, dead];
    let mut terminal = lancet(&both, &[]);
    next(&mut terminal, &both[1]);
    terminal.send(b"x");
    eventually("a position", || {
        (open(&both[1]).positions.len() == 1).then_some(())
    });
    next(&mut terminal, &both[0]);
    let [alive, dead] = both;
    drop(dead);
    terminal.wait("the danger in the strip", |screen| {
        strip(screen).contains("LONG exits") && strip(screen).contains("DOWN")
    });
    terminal.wait("the others' own health", |screen| {
        status(screen).contains("LIVE") && status(screen).contains("ARMED")
    });
    terminal.prices_seen();
    buy_and_rest(&mut terminal);
    eventually("a position and an order", || {
        is_held_with_an_order(&open(&alive)).then_some(())
    });
    terminal.send(b" ");
    pace(Duration::from_millis(150));
    terminal.send(b"0");
    eventually("flat, no orders", || {
        open(&alive).is_nothing().then_some(())
    });
    terminal.send(b"q");
    terminal.wait_for("1 elsewhere: okx: BTC-USDT-SWAP position 0.01");
    terminal.send(b"y");
    terminal.end();
    let said = String::from_utf8_lossy(&terminal.bytes()).into_owned();
    assert!(
        said.contains("left open: okx: BTC-USDT-SWAP position 0.01"),
        "{said}"
    );
}

#[test]
fn paper_is_in_sight_on_every_ladder_and_reaches_no_exchange() {
    let exchanges = exchanges(["binance-futures", "okx"]);
    let mut terminal = lancet(&exchanges, &["--paper"]);
    for at in [1, 0] {
        terminal.send(b"x");
        terminal.wait_for("LONG  0.");
        let screen = terminal.wait_for(" taker");
        assert!(status(&screen).contains("PAPER"), "{screen}");
        next(&mut terminal, &exchanges[at]);
    }
    terminal.wait("both held", |screen| {
        strip(screen).matches("LONG").count() == 2
    });
    terminal.send(b"\x18\x18");
    terminal.wait("both flat", |screen| !strip(screen).contains("LONG"));
    for exchange in &exchanges {
        assert!(open(exchange).is_nothing());
    }
}

#[test]
fn symbols_of_every_venue_are_found_and_opened_nine_at_once() {
    let exchanges = exchanges(["bybit", "okx"]);
    let mut terminal = lancet(&exchanges, &[]);
    let all: usize = exchanges
        .iter()
        .map(|exchange| exchange.info["symbols"].as_array().unwrap().len())
        .sum();
    let mut find = |typed: &str, opens: &str| {
        terminal.send(b"/");
        terminal.wait_for("Enter opens");
        for byte in typed.bytes() {
            terminal.send(&[byte]);
            pace(Duration::from_millis(40));
        }
        let screen = terminal.wait(typed, |screen| screen.contains(&format!("find {typed}")));
        assert!(screen.contains(&format!("of {all} symbols")), "{screen}");
        terminal.send(b"\r");
        terminal.wait(opens, |screen| screen.contains(opens));
    };
    find("okx eth swap", " ETH-USDT-SWAP OKX ");
    find("bybit btc/", " BTC/USDT Bybit ");
    find("okx eth-usdt", " ETH-USDT OKX ");
    for typed in ["okx doge-usdt-s", "okx btc-usdt", "okx kava", "bybit doge"] {
        find(typed, " OKX ");
        pace(Duration::from_millis(150));
    }
    find("bybit eth", "9 ladders are open: close one");
    find("no-such-coin", "no symbol fits");
}

#[test]
fn a_tenth_ladder_and_a_venue_twice_are_refused_before_the_screen_opens() {
    let [bybit, okx] = exchanges(["bybit", "okx"]);
    let refused = |args: &[&str]| {
        let done = Command::new(binary()).args(args).output().unwrap();
        assert_eq!(done.status.code(), Some(2));
        String::from_utf8(done.stderr).unwrap()
    };
    let (bybit, okx) = (bybit.file().to_str().unwrap(), okx.file().to_str().unwrap());
    let twice = refused(&["--sim", bybit, "--sim", bybit]);
    assert!(twice.contains("bybit is named twice"), "{twice}");
    let names = [
        "bybit:BTCUSDT",
        "bybit:ETHUSDT",
        "bybit:DOGEUSDT",
        "bybit:KAVAUSDT",
        "bybit:BTC/USDT",
        "okx:BTC-USDT",
        "okx:ETH-USDT",
        "okx:DOGE-USDT",
        "okx:BTC-USDT-SWAP",
        "okx:ETH-USDT-SWAP",
    ];
    let mut args = vec!["--sim", bybit, "--sim", okx];
    args.extend(names.iter().flat_map(|name| ["--symbol", name]));
    let many = refused(&args);
    assert!(many.contains("10 ladders are too many"), "{many}");
}
