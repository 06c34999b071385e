//! A key held down is one order, however fast it repeats and however unsteady the line is.

use super::{Dice, flat, orders};

/// The entries that need no cursor, and two that have one.
const KEYS: [&str; 8] = ["w", "r", "t", "x", "v", "b", "e", "c"];
const HERTZ: [u64; 5] = [5, 10, 20, 30, 60];
/// Pauses are up to so much longer or shorter, percent.
const JITTER: [u64; 3] = [0, 5, 10];
/// From the press to the first repeat, ms.
const DELAY: [u64; 3] = [200, 400, 660];

/// How a terminal says it.
#[derive(Clone, Copy, Debug)]
enum Told {
    /// Every repeat looks like a press.
    Bytes,
    /// With key kinds.
    Kinds,
}

impl Told {
    fn press(self, key: &str) -> Vec<u8> {
        match self {
            Self::Bytes => key.as_bytes().to_vec(),
            Self::Kinds => format!("\x1b[{};1:1u", u32::from(key.as_bytes()[0])).into_bytes(),
        }
    }

    fn repeat(self, key: &str) -> Vec<u8> {
        match self {
            Self::Bytes => key.as_bytes().to_vec(),
            Self::Kinds => format!("\x1b[{};1:2u", u32::from(key.as_bytes()[0])).into_bytes(),
        }
    }
}

/// Holds a key for two seconds; what it sent.
fn train(
    key: &str,
    told: Told,
    hertz: u64,
    jitter: u64,
    delay: u64,
    dice: &mut Dice,
) -> Vec<String> {
    // A keyboard that repeats five times a second is told to the program; others need nothing.
    let slow = hertz < 10;
    let mut play = flat(if slow { "[input]\nrepeat_ms = 250" } else { "" });
    play.keys("j j", 300);
    play.sent();
    play.seat.read(&told.press(key));
    play.pass(delay);
    let period = 1000 / hertz;
    let most = period * jitter / 100;
    for _ in 0..2 * hertz {
        play.seat.read(&told.repeat(key));
        play.pass(period - most + dice.below(2 * most + 1));
    }
    play.pass(1000);
    orders(play.sent())
}

#[test]
fn rule7_a_held_key_is_one_order_at_every_rate_with_jitter() {
    let mut dice = Dice(7);
    let mut keys = KEYS.iter().cycle();
    for told in [Told::Bytes, Told::Kinds] {
        for hertz in HERTZ {
            for jitter in JITTER {
                for delay in DELAY {
                    let key = keys.next().unwrap();
                    let sent = train(key, told, hertz, jitter, delay, &mut dice);
                    let what = format!("{key} {told:?} {hertz} Hz ±{jitter} % after {delay} ms");
                    assert_eq!(sent.len(), 1, "{what}: {sent:?}");
                }
            }
        }
    }
}

#[test]
fn deliberate_presses_are_an_order_each() {
    for key in KEYS {
        let mut play = flat("");
        play.keys("j j", 300);
        play.sent();
        for _ in 0..3 {
            play.seat.read(key.as_bytes());
            play.pass(800);
        }
        let sent = orders(play.sent());
        assert_eq!(sent.len(), 3, "{key}: {sent:?}");
    }
}
