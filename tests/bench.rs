//! `cargo bench`: how fast it is, every figure beside a yardstick of the same run. `cargo bench -- ingest orders` runs some of it.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a bench that cannot start has nothing to measure"
)]

#[path = "bench/drawing.rs"]
mod drawing;
#[path = "bench/echo.rs"]
mod echo;
#[path = "bench/figures.rs"]
mod figures;
#[path = "bench/ingest.rs"]
mod ingest;
#[path = "bench/keys.rs"]
mod keys;
#[path = "bench/market.rs"]
mod market;
#[path = "bench/naive.rs"]
mod naive;
#[path = "bench/orders.rs"]
mod orders;
#[path = "bench/panels.rs"]
mod panels;
#[path = "bench/pty.rs"]
mod pty;
#[path = "bench/statistics.rs"]
mod statistics;
#[path = "bench/stream.rs"]
mod stream;
#[path = "bench/trade.rs"]
mod trade;
#[path = "bench/wire_tap.rs"]
mod wire_tap;

/// Name, what it measures, how.
const SECTIONS: [(&str, &str, fn()); 8] = [
    (
        "ingest",
        "depth message text → book applied, best 20 of both sides read",
        ingest::run,
    ),
    (
        "orders",
        "Desk::handle entered → first byte of the order at a loopback server",
        orders::run,
    ),
    (
        "keys",
        "the real program: key byte on the pty → first byte of its order",
        keys::orders,
    ),
    (
        "drawing",
        "one frame of a live market, 60 a second, drawn into memory",
        drawing::run,
    ),
    (
        "panels",
        "every panel that there is at once, 1,000 prints and 1,000 changes of the book a second, beside the plain ladder",
        panels::run,
    ),
    (
        "screen",
        "the real program: cursor key on the pty → first byte of the frame that shows it",
        keys::screen,
    ),
    ("market", "the built-in market in virtual time", market::run),
    ("stats", "lancet stats on a long journal", statistics::run),
];

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --all-targets` runs this too, without the word.
    if !words.iter().any(|word| word == "--bench") {
        return;
    }
    let chosen: Vec<&String> = words.iter().filter(|word| !word.starts_with('-')).collect();
    for (name, what, run) in SECTIONS {
        if chosen.is_empty() || chosen.iter().any(|word| *word == name) {
            println!("\n{name}: {what}");
            run();
        }
    }
}
