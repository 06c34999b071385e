//! Pasted text is no order: of every kind, marked or not, in reads of every size with pauses of every length.

use super::{flat, orders};

/// Two thousand characters are as many as two hundred.
const MOST: usize = 400;

fn texts() -> Vec<(&'static str, Vec<u8>)> {
    let all: Vec<u8> = (0..=255).collect();
    let texts: Vec<(&str, Vec<u8>)> = vec![
        (
            "prose",
            b"Buy the dip, exit at 61 200; cover by evening. Never next to news! ".repeat(6),
        ),
        ("keys", b"jxcvbwertA1x 0123456789".repeat(16)),
        ("lines", b"A1\rv\rb\r\nx\ny\r:buy-now\r".repeat(16)),
        (
            "commands",
            b":buy-now\r:arm-1\r:close-100\r/eth\rq\ry\r".repeat(8),
        ),
        (
            "russian",
            "Привет, мир: чсми цукен Ф1 ч ".repeat(8).into_bytes(),
        ),
        ("numbers", b"0.001 60000.3 1 2 3 4 5 6 7 8 9 0\n".repeat(10)),
        (
            "json",
            br#"{"side":"BUY","price":"60000.1","qty":0.5,"x":[1,2,3],"v":true}"#.repeat(5),
        ),
        (
            "shell",
            b"git checkout -b exit && cargo test -- --exact; export X=v\n".repeat(5),
        ),
        ("url", b"https://example.org/v/x?c=b&e=r#w-v-b ".repeat(8)),
        ("base64", b"RXZlcnkgeHJlYmN2dyB0cmFkZSBpcyBh+/==".repeat(8)),
        (
            "colours",
            b"\x1b[31mxcv\x1b[0m \x1b[1;32mbwe\x1b[m rt\x1b]0;x\x07vbx".repeat(8),
        ),
        ("arrows", b"\x1b[Bc\x1b[Ae\x1b[5~cx\x1bOBv".repeat(12)),
        ("all", all),
        ("hostile", b"no\x1b[201~xcvb wert A1 x v".repeat(10)),
    ];
    texts
        .into_iter()
        .map(|(name, mut text)| {
            text.truncate(MOST);
            (name, text)
        })
        .collect()
}

/// Pastes; what was sent that trades.
fn paste(text: &[u8], marked: bool, size: usize, gap: u64) -> Vec<String> {
    // Without its key for the lock: an `a` may always lock, and after it the rest of a text would prove nothing.
    let mut play = flat("[keys]\nladder = [{ on = \"a\", run = \"none\" }]");
    play.keys("j j", 300);
    play.sent();
    let bytes = if marked {
        [b"\x1b[200~", text, b"\x1b[201~"].concat()
    } else {
        text.to_vec()
    };
    for read in bytes.chunks(size) {
        play.seat.read(read);
        for _ in 0..gap {
            let next = play.seat.now.plus_ms(1);
            play.seat.wake(next);
        }
    }
    play.publish();
    play.pass(1500);
    let sent = orders(play.sent());
    // The desk is alive: a press of a hand trades.
    play.keys("Esc Esc", 300);
    play.seat.read(b"v");
    play.pass(1000);
    let then = orders(play.sent());
    assert!(
        then.iter().any(|words| words.starts_with("BUY")) || play.seat.quit,
        "a deliberate key after it: {then:?}, {:?}",
        play.seat.said.last()
    );
    sent
}

#[test]
fn rule7_a_marked_paste_is_no_order_however_it_is_split() {
    for (name, text) in texts() {
        for (size, gaps) in [
            (1, &[0, 1, 4, 60][..]),
            (2, &[0, 4, 100]),
            (7, &[0, 4, 200]),
            (usize::MAX, &[0]),
        ] {
            for gap in gaps {
                let sent = paste(&text, true, size, *gap);
                assert!(sent.is_empty(), "{name} {size} {gap}: {sent:?}");
            }
        }
    }
}

/// Without marks it is known by its speed: four characters in one read, or less than 5 ms apart. Texts with escape sequences in
/// them are left out: a terminal that does not mark what it pastes takes the ESC out of it.
#[test]
fn rule7_an_unmarked_paste_is_no_order_however_it_is_split() {
    for (name, text) in texts() {
        if text.contains(&0x1b) {
            continue;
        }
        for (size, gaps) in [
            (1, &[0, 1, 2, 4][..]),
            (2, &[0, 1, 4]),
            (7, &[0, 1, 4, 20]),
            (usize::MAX, &[0]),
        ] {
            for gap in gaps {
                let sent = paste(&text, false, size, *gap);
                assert!(sent.is_empty(), "{name} {size} {gap}: {sent:?}");
            }
        }
    }
}

/// The one thing that nobody can know: whether the first of many is the first of many. A key that comes alone acts at once.
#[test]
fn f10_of_keys_that_come_one_by_one_at_most_the_first_acts() {
    for gap in 0..5 {
        let sent = paste(&b"vbxwert".repeat(20), false, 1, gap);
        assert!(sent.len() <= 1, "{gap}: {sent:?}");
        let sent = paste(&b"vbxwert".repeat(20), false, 2, gap);
        assert!(sent.is_empty(), "{gap}: {sent:?}");
    }
}
