//! Stand-ins are as wide as what they stand for, and the environment's word is kept.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::*;
use crate::ui::format::cells;

/// What the old consoles' fonts have beside ASCII (code page 437, without the letters of other tongues).
const CONSOLE: &str = "█▌▐▀▄░▒▓│║─═┼├┤┬┴┌┐└┘▲▼►◄»«→←↑↓↕·•♦■□√µδΣσØø≈≤≥±∞°½¼¾²£¥§";

#[test]
fn stand_ins_are_as_wide_and_of_the_set_that_they_are_for() {
    for (sign, plain, ascii) in ROWS {
        assert!(ascii.is_ascii() && !ascii.is_ascii_control(), "{sign}");
        assert!(
            plain.is_ascii() || CONSOLE.contains(*plain),
            "{sign} {plain}"
        );
        for instead in [plain, ascii] {
            let mut one = [0; 4];
            assert_eq!(cells(instead.encode_utf8(&mut one)), 1, "{sign}");
        }
        assert_eq!(
            ROWS.iter().filter(|row| row.0 == *sign).count(),
            1,
            "{sign}"
        );
    }
}

#[test]
fn the_environment_is_honoured() {
    let read = |pairs: &'static [(&str, &str)]| {
        move |name: &str| {
            let found = pairs.iter().find(|(own, _)| *own == name);
            found.map(|(_, value)| (*value).to_owned())
        }
    };
    let auto = |pairs| GlyphSetting::Auto.resolve(read(pairs));
    assert_eq!(auto(&[]), Glyphs::Unicode);
    assert_eq!(auto(&[("LANG", "en_GB.UTF-8")]), Glyphs::Unicode);
    assert_eq!(auto(&[("LANG", "C.utf8")]), Glyphs::Unicode);
    assert_eq!(auto(&[("LANG", "de_DE.UTF-8@euro")]), Glyphs::Unicode);
    assert_eq!(auto(&[("LANG", "C")]), Glyphs::Ascii);
    assert_eq!(auto(&[("LANG", "de_DE")]), Glyphs::Ascii);
    assert_eq!(auto(&[("LANG", "de_DE.ISO-8859-1")]), Glyphs::Ascii);
    let overruled = &[("LC_ALL", "POSIX"), ("LANG", "en_GB.UTF-8")];
    assert_eq!(auto(overruled), Glyphs::Ascii);
    let empty = &[("LC_ALL", ""), ("LC_CTYPE", "en_GB.UTF-8"), ("LANG", "C")];
    assert_eq!(auto(empty), Glyphs::Unicode);
    let console = &[("LANG", "en_GB.UTF-8"), ("TERM", "linux")];
    assert_eq!(auto(console), Glyphs::Plain);
    let forced = GlyphSetting::Unicode.resolve(read(&[("LANG", "C")]));
    assert_eq!(forced, Glyphs::Unicode);
}

#[test]
fn a_foreign_name_keeps_its_columns() {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 20, 1));
    buffer.set_string(0, 0, "币安e\u{301}USDT│▌▋", Style::new());
    fit(&mut buffer, Glyphs::Ascii);
    let line: String = buffer.content.iter().map(|cell| cell.symbol()).collect();
    assert_eq!(line.trim_end(), "? ? ?USDT|==");
    assert_eq!(line.len(), 20);
}

#[test]
fn dots_become_halves_of_a_block() {
    assert_eq!(instead("⠁", Glyphs::Plain), Some('▀'));
    assert_eq!(instead("⡀", Glyphs::Plain), Some('▄'));
    assert_eq!(instead("⣿", Glyphs::Plain), Some('█'));
    assert_eq!(instead("⠀", Glyphs::Ascii), Some(' '));
    assert_eq!(instead("⠁", Glyphs::Ascii), Some('\''));
}

#[test]
fn a_bar_that_grows_to_the_left_is_as_long_in_other_signs() {
    for (missing, plain, ascii) in [("▏", '█', '#'), ("▌", '▐', '='), ("▉", '▐', '|')] {
        for (glyphs, instead) in [(Glyphs::Plain, plain), (Glyphs::Ascii, ascii)] {
            let mut buffer = Buffer::empty(Rect::new(0, 0, 1, 1));
            buffer.set_string(0, 0, missing, Style::new().reversed());
            fit(&mut buffer, glyphs);
            let cell = &buffer[(0, 0)];
            assert_eq!(cell.symbol(), instead.to_string());
            assert!(!cell.modifier.contains(Modifier::REVERSED));
        }
    }
}
