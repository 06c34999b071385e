//! The real program at a real pseudo-terminal, beside an echo with as many wake-ups in the same rounds.

use std::path::{Path, PathBuf};
use std::time::Duration;

use lancet::sim::{self, Info};

use crate::echo::Echo;
use crate::figures::{Samples, beside, now, pause_until};
use crate::pty::Pty;
use crate::wire_tap;

const ORDERS: usize = 320;
const MOVES: usize = 150;
/// Rounds before those that count.
const WARM_UP: usize = 20;
/// Between an order and an echo, see `orders`.
const HALF: Duration = Duration::from_millis(26);
/// Orders that rest before all are taken back.
const RESTING: usize = 10;
/// A key that comes again within 700 ms may be a held one and waits: so many keys mean the same that none comes again so soon.
const KEYS: &[u8] = b"1234567890ynmiopu";
const CONFIG: &str = r#"
[limits]
max_open_orders = 200
max_orders_per_second = 50
max_identical_per_second = 20
[keys]
ladder = [{ on = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "y", "n", "m", "i", "o", "p", "u"], run = "buy-cursor" }]
"#;
/// The screen is still for so long before a key.
const STILL: Duration = Duration::from_millis(25);
/// What a program that draws at a fixed rate waits for, ms.
const FRAME_MS: f64 = 16.0;

/// Writes the exchange's line where `--sim` finds it.
fn sim_file(home: &Path, info: &Info) -> PathBuf {
    let file = home.join("exchange.json");
    std::fs::write(&file, serde_json::to_string(info).expect("JSON")).expect("a file");
    file
}

pub fn orders() {
    let running = sim::start(sim::Options {
        seed: Some(12),
        ..sim::Options::default()
    })
    .expect("the exchange");
    let mut info = running.info.clone();
    let tap = wire_tap::relay(&mut info);
    let home = tempfile::tempdir().expect("a folder");
    let file = sim_file(home.path(), &info);
    let config = home.path().join("config.toml");
    std::fs::write(&config, CONFIG).expect("a file");
    let words = [
        "--sim",
        file.to_str().expect("text"),
        "--config",
        config.to_str().expect("text"),
    ];
    let mut pty = Pty::trading(home.path(), &words);
    // 250 ticks a row, ten rows below the best bid: nothing comes there in a minute.
    for key in [".", ".", ".", ".", ".", ".", ".", "j", "J"] {
        pty.press(key.as_bytes());
        pause_until(now() + 2 * HALF);
    }
    let mut echo = Echo::to_socket();
    let (mut ours, mut theirs, mut lost) = (Samples::default(), Samples::default(), 0);
    for count in 0..ORDERS {
        tap.orders.try_iter().for_each(drop);
        let pressed = pty.press(&KEYS[count % KEYS.len()..][..1]);
        pause_until(now() + HALF);
        match tap.orders.try_iter().next() {
            Some((at, _)) if count >= WARM_UP => ours.add(at.saturating_duration_since(pressed)),
            Some(_) => {}
            None => lost += 1,
        }
        let pressed = echo.press();
        pause_until(now() + HALF);
        if let Some(heard) = echo.heard().filter(|_| count >= WARM_UP) {
            theirs.add(heard.saturating_duration_since(pressed));
        }
        if count % RESTING == RESTING - 1 {
            pty.press(b" ");
            pause_until(now() + 2 * HALF);
        }
    }
    beside(
        ("key → order on the wire", &ours),
        ("echo: pty, channel, TCP; as many wake-ups", &theirs),
    );
    println!("  {lost} of {ORDERS} keys made no order within {HALF:?}");
}

pub fn screen() {
    let running = sim::start(sim::Options {
        seed: Some(13),
        ..sim::Options::default()
    })
    .expect("the exchange");
    let home = tempfile::tempdir().expect("a folder");
    let file = sim_file(home.path(), &running.info);
    let slow = running.info.symbols.last().expect("symbols");
    let mut pty = Pty::trading(
        home.path(),
        &["--sim", file.to_str().expect("text"), "--symbol", slow],
    );
    let mut echo = Echo::to_screen();
    let (mut ours, mut theirs) = (Samples::default(), Samples::default());
    for count in 0..MOVES + WARM_UP {
        // Odd times, so that presses fall anywhere between two frames of the market.
        pause_until(now() + Duration::from_millis(20 + (count as u64 * 7) % 23));
        pty.silence(STILL);
        let pressed = pty.press(if count % 2 == 0 { b"j" } else { b"k" });
        let drawn = pty.first_byte();
        let echoed = echo.press();
        pause_until(echoed + Duration::from_millis(10));
        if let Some(heard) = echo.heard().filter(|_| count >= WARM_UP) {
            ours.add(drawn.saturating_duration_since(pressed));
            theirs.add(heard.saturating_duration_since(echoed));
        }
    }
    beside(
        ("cursor key → first byte of its frame", &ours),
        ("echo: pty, channels, pty; as many wake-ups", &theirs),
    );
    let with_tick = |percent: usize| ours.micros(percent) + FRAME_MS * 10.0 * percent as f64;
    println!(
        "  drawn at the next {FRAME_MS} ms tick instead          p50 {:7.1} µs   p99 {:7.1} µs   computed",
        with_tick(50),
        with_tick(99)
    );
}
