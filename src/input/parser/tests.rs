use proptest::prelude::*;

use super::*;

fn at(ms: u64) -> Stamp {
    Stamp::default().plus_ms(ms)
}

/// Feeds chunks at their times, with ticks at every deadline between, as the reader does.
fn run(escape_ms: u64, chunks: &[(u64, &[u8])]) -> Vec<Input> {
    let mut parser = Parser::new(escape_ms);
    let mut out = Vec::new();
    for (ms, bytes) in chunks {
        while let Some(due) = parser
            .deadline()
            .filter(|due| due.mono_ns < at(*ms).mono_ns)
        {
            parser.tick(due, &mut out);
        }
        parser.feed(at(*ms), bytes, &mut out);
    }
    while let Some(due) = parser.deadline() {
        parser.tick(due, &mut out);
    }
    out
}

fn names(inputs: &[Input]) -> Vec<String> {
    inputs
        .iter()
        .map(|input| match input {
            Input::Key(key) => key.stroke.to_string(),
            other => format!("{other:?}"),
        })
        .collect()
}

fn keys(bytes: &[u8]) -> Vec<String> {
    names(&run(25, &[(0, bytes)]))
}

#[test]
fn rule7_a_sequence_split_at_every_byte_with_any_delay_in_the_window_is_one_key() {
    let table: &[(&[u8], &str)] = &[
        (b"\x1b[B", "Down"),
        (b"\x1bOA", "Up"),
        (b"\x1b[5~", "PgUp"),
        (b"\x1b[1;5C", "Ctrl-Right"),
        (b"\x1b[Z", "Shift-Tab"),
        (b"\x1b[[A", "F1"),
        (b"\x1b[119u", "w"),
    ];
    for (bytes, name) in table {
        for window in [25, 100] {
            for first in 1..bytes.len() {
                for second in first..bytes.len() {
                    for delay in [0, 1, 5, 24, window - 1] {
                        let pieces = [&bytes[..first], &bytes[first..second], &bytes[second..]];
                        let pieces = pieces.into_iter().filter(|piece| !piece.is_empty());
                        let chunks: Vec<_> = (0..).map(|n| n * delay).zip(pieces).collect();
                        assert_eq!(names(&run(window, &chunks)), [*name], "{chunks:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_lone_escape_is_the_esc_key_after_the_window_and_not_before() {
    let mut parser = Parser::new(25);
    let mut out = Vec::new();
    parser.feed(at(100), b"\x1b", &mut out);
    parser.tick(at(124), &mut out);
    assert!(out.is_empty());
    assert_eq!(parser.deadline(), Some(at(125)));
    parser.tick(at(125), &mut out);
    assert_eq!(names(&out), ["Esc"]);
    assert_eq!(parser.deadline(), None);
}

#[test]
fn bytes_that_wait_complete_a_sequence_however_late_the_thread_is() {
    let mut parser = Parser::new(25);
    let mut out = Vec::new();
    parser.feed(at(0), b"\x1b", &mut out);
    parser.feed(at(900), b"[B", &mut out);
    assert_eq!(names(&out), ["Down"]);
}

#[test]
fn a_control_byte_ends_a_broken_sequence_and_counts_itself() {
    assert_eq!(keys(b"\x1b[1;\x18\x18"), ["Ctrl-x", "Ctrl-x"]);
    assert_eq!(keys(b"\x1b\x18\x18"), ["Esc", "Ctrl-x", "Ctrl-x"]);
    assert_eq!(keys(b"\x1b]0;title\x18\x18"), ["Ctrl-x", "Ctrl-x"]);
    assert_eq!(keys(b"\xd1\x18x"), ["Ctrl-x", "x"]);
}

#[test]
fn letters_of_any_alphabet_and_modifiers_have_names() {
    assert_eq!(keys("xцJ".as_bytes()), ["x", "ц", "J"]);
    assert_eq!(
        keys(b"\x03\x00\t\r\x7f"),
        ["Ctrl-c", "Ctrl-Space", "Tab", "Enter", "Backspace"]
    );
    assert_eq!(keys(b"\x1bx"), ["Alt-x"]);
    assert_eq!(
        keys(b"\x1b[106;2u\x1b[47:63;2u\x1b[120;5u"),
        ["J", "?", "Ctrl-x"]
    );
}

#[test]
fn kinds_are_trusted_only_once_the_terminal_has_shown_them() {
    let out = run(
        25,
        &[(0, b"\x1b[120u\x1b[120;1:2u\x1b[120;1:3u\x1b[120;1:1ux")],
    );
    let kinds: Vec<_> = out
        .iter()
        .filter_map(|i| {
            if let Input::Key(k) = i {
                Some(k.kind)
            } else {
                None
            }
        })
        .collect();
    assert_eq!(
        kinds,
        [
            Kind::Unknown,
            Kind::Repeat,
            Kind::Release,
            Kind::Press,
            Kind::Unknown
        ]
    );
}

#[test]
fn replies_and_foreign_sequences_are_never_keys() {
    assert_eq!(run(25, &[(7, b"\x1b[0n")]), [Input::LinkReply(at(7))]);
    assert_eq!(
        run(25, &[(0, b"\x1b[I\x1b[O")]),
        [Input::Focus(true), Input::Focus(false)]
    );
    for foreign in [
        b"\x1b[?62;4c".as_slice(),
        b"\x1b[?1u",
        b"\x1b[>0;1;0c",
        b"\x1b]11;rgb:00/00/00\x1b\\",
        b"\x1bP>|term\x1b\\",
        b"\x1b[M !!",
        b"\x1b[<0;10;10m",
        b"\x1b[<35;10;10M",
        b"\x1b[<99999999;1;1M",
        b"\x1b[32;10;10M",
        b"\x1b[;x",
        b"\x1b[!u",
        b"\x1b[[5u",
        b"\x1bOz",
        b"\x1b[999999999999999999999~",
    ] {
        assert_eq!(keys(foreign), [""; 0], "{foreign:?}");
        let with_key = [foreign, b"x"].concat();
        assert_eq!(keys(&with_key), ["x"], "{foreign:?}");
    }
}

#[test]
fn a_mouse_report_that_is_broken_off_takes_no_key_with_it() {
    for broken in [b"\x1b[<0;1".as_slice(), b"\x1b[<", b"\x1b[1;"] {
        for key in [b" ".as_slice(), b"\x18"] {
            let bytes = [broken, key].concat();
            let name = if key == b" " { "Space" } else { "Ctrl-x" };
            assert_eq!(keys(&bytes), [name], "{bytes:?}");
        }
    }
    assert_eq!(keys(b"\x1b[<0;1x"), ["x"]);
    // Alt-[ by a hand, long before the next key.
    assert_eq!(names(&run(25, &[(0, b"\x1b["), (300, b"0")])), ["0"]);
    assert_eq!(names(&run(25, &[(0, b"\x1b[<0;"), (6_000, b"0")])), ["0"]);
}

#[test]
fn f9_a_paste_is_one_event_and_is_bounded_and_inert() {
    let all: Vec<u8> = (0..=255).collect();
    let mut bytes = b"\x1b[200~".to_vec();
    for _ in 0..4096 {
        bytes.extend(&all);
    }
    bytes.extend(b"\x1b[201~x");
    let out = run(25, &[(0, &bytes)]);
    let [Input::Paste(text), Input::Key(key)] = out.as_slice() else {
        panic!("{} inputs", out.len());
    };
    assert!(text.expose().len() <= MAX_PASTE);
    let text = text.one_line();
    assert!(!text.contains('\u{1b}') && !text.contains('\n'));
    assert_eq!(key.stroke.to_string(), "x");
}

#[test]
fn f9_a_paste_split_anywhere_is_the_same_and_its_last_line_end_goes() {
    let bytes = b"\x1b[200~buy \x1b[20 it\r\n\x1b[201~";
    for cut in 1..bytes.len() {
        let out = run(25, &[(0, &bytes[..cut]), (20, &bytes[cut..])]);
        let [Input::Paste(text)] = out.as_slice() else {
            panic!("{cut}: {out:?}");
        };
        assert_eq!(text.expose(), b"buy \x1b[20 it\r\n", "{cut}");
        assert_eq!(text.one_line(), "buy ?[20 it", "{cut}");
    }
}

#[test]
fn a_paste_without_an_end_does_not_swallow_the_keyboard() {
    let out = run(25, &[(0, b"\x1b[200~lost"), (600, b"x")]);
    assert_eq!(names(&out), ["Paste(Pasted(4 bytes))", "x"]);
}

#[test]
fn every_key_knows_how_many_came_with_it() {
    let out = run(25, &[(0, b"ab\x1b[Bc"), (50, b"d")]);
    let company: Vec<_> = out
        .iter()
        .filter_map(|i| {
            if let Input::Key(k) = i {
                Some((k.read, k.printables))
            } else {
                None
            }
        })
        .collect();
    assert_eq!(company, [(1, 3), (1, 3), (1, 3), (1, 3), (2, 1)]);
}

proptest! {
    #[test]
    fn any_bytes_in_any_pieces_do_not_panic_and_end(bytes: Vec<u8>, cuts in proptest::collection::vec(1_usize..8, 1..8)) {
        let mut parser = Parser::new(25);
        let mut out = Vec::new();
        let mut rest = bytes.as_slice();
        let mut sizes = cuts.iter().cycle();
        while !rest.is_empty() {
            let size = sizes.next().copied().unwrap_or(1).min(rest.len());
            parser.feed(at(0), &rest[..size], &mut out);
            rest = &rest[size..];
        }
        parser.tick(at(10_000), &mut out);
        prop_assert_eq!(parser.deadline(), None);
        out.clear();
        parser.feed(at(20_000), b"x", &mut out);
        prop_assert_eq!(names(&out), ["x"]);
    }

    #[test]
    fn how_plain_keys_are_split_changes_nothing(text in "[a-zа-я]{1,20}", cut in 0_usize..40) {
        let bytes = text.as_bytes();
        let cut = cut.min(bytes.len());
        let split = names(&run(25, &[(0, &bytes[..cut]), (10, &bytes[cut..])]));
        prop_assert_eq!(split, keys(bytes));
    }
}
