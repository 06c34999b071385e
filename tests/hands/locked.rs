//! A desk that is LOCKED: random keys by the hundred thousand place nothing and amend nothing. A million under LANCET_DEEP.

use lancet::domain::{Command, Intent};
use lancet::engine::arm::Armed;

use super::{Dice, flat, orders};
use crate::scenarios::{Play, played};

/// A position with an exit, two entries at work, the mouse on; then locked.
const BUSY: &str = r#"
    why = "locked"
    config = "[mouse]\nenabled = true"
    given = [
        { keys = "4 v" }, { fact = "rests; fill" }, { keys = "2 r" }, { fact = "rests" },
        { keys = "1 v" }, { fact = "rests" }, { keys = "b" }, { fact = "rests" }, { keys = "j j s" },
    ]
    step = [{ keys = "a" }]
"#;

fn count() -> u64 {
    let deep = std::env::var_os("LANCET_DEEP").is_some();
    if deep { 1_000_000 } else { 100_000 }
}

/// Everything that a keyboard and a mouse can send in one go, save what `without` names.
fn alphabet(without: &str) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = (' '..='~')
        .chain("йцукенгшщзхъфывапролджэячсмитьбюЙЦУКЕНЯЧСМИТЬ".chars())
        .filter(|c| !without.contains(*c))
        .map(|c| c.to_string().into_bytes())
        .collect();
    let control = (1..=31_u8).filter(|byte| !without.as_bytes().contains(byte));
    all.extend(control.map(|byte| vec![byte]));
    for word in [
        "\x7f", "\x1b[A", "\x1b[B", "\x1b[5~", "\x1b[6~", "\x1b[Z", "\x1b[3~", "\x1bx", "\x1b[I",
        "\x1b[O",
    ] {
        all.push(word.as_bytes().to_vec());
    }
    for key in "xcvbwertgydjs0 ".bytes() {
        for kind in 1..=3 {
            all.push(format!("\x1b[{key};1:{kind}u").into_bytes());
        }
    }
    for button in [0, 1, 2, 64, 65] {
        for row in [5, 12, 19, 25] {
            all.push(format!("\x1b[<{button};60;{row}M").into_bytes());
            all.push(format!("\x1b[<{button};60;{row}m").into_bytes());
        }
    }
    all
}

/// One random read after a random pause; the book stays alive.
fn press(play: &mut Play, dice: &mut Dice, keys: &[Vec<u8>], at: u64) {
    let pause = 1 + dice.below(120);
    let next = play.seat.now.plus_ms(pause);
    if at.is_multiple_of(8) {
        play.publish();
    }
    if at.is_multiple_of(256) {
        play.seat.frame();
        play.seat.said.clear();
        play.seat.played.clear();
        play.seat.alerts.clear();
    }
    play.seat.wake(next);
    let read: &Vec<u8> = dice.one_of(keys);
    play.seat.read(read);
}

#[test]
fn rule6_random_keys_while_locked_place_nothing_amend_nothing_and_cancel_nothing() {
    // Arming takes the lock off and panic passes it: both on purpose. They have the test below.
    let keys = alphabet("A\u{18}Ф");
    let mut dice = Dice(11);
    let mut play = played(BUSY);
    play.sent();
    for at in 0..count() {
        press(&mut play, &mut dice, &keys, at);
        assert_eq!(play.seat.desk.arm().state(), Armed::Locked, "key {at}");
        let sent = std::mem::take(&mut play.seat.sent);
        let does = |c: &Command| {
            !matches!(
                c,
                Command::Follow(_) | Command::Query { .. } | Command::Reconcile
            )
        };
        assert!(!sent.iter().any(does), "key {at}: {sent:?}");
    }
}

#[test]
fn rule6_random_keys_with_arming_and_panic_place_no_entry_while_locked() {
    let keys = alphabet("");
    let mut dice = Dice(12);
    let mut play = played(BUSY);
    play.sent();
    let mut armed = 0;
    for at in 0..count() / 5 {
        let locked = play.seat.desk.arm().state() == Armed::Locked;
        press(&mut play, &mut dice, &keys, at);
        let still = play.seat.desk.arm().state() == Armed::Locked;
        for command in std::mem::take(&mut play.seat.sent) {
            let adds = match &command {
                Command::Place(order) => order.get().intent == Intent::Entry,
                Command::Amend(_) => true,
                _ => false,
            };
            assert!(!(adds && locked && still), "key {at}: {command:?}");
        }
        if !still {
            armed += 1;
            play.keys("Esc Esc a", 300);
            play.sent();
        }
    }
    assert!(armed > 0, "the lock was taken off now and then");
}

#[test]
fn the_same_keys_trade_where_nothing_is_locked() {
    let keys = alphabet("aф\u{18}");
    let mut dice = Dice(11);
    let mut play = flat("[mouse]\nenabled = true");
    play.sent();
    let mut sent = Vec::new();
    for at in 0..2_000 {
        press(&mut play, &mut dice, &keys, at);
        sent.extend(orders(play.sent()));
    }
    assert!(sent.len() >= 3, "{sent:?}");
    assert!(play.seat.desk.arm().state() != Armed::Locked);
}
