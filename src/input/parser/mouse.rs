//! Mouse reports in the SGR form, `ESC [ < button ; column ; row M`: presses of the three buttons, and the wheel.
//!
//! Anything else (releases, drags, motion, buttons with modifiers, other forms) is nothing: a click must be as plain as a key.

use crate::input::chord::Button;

/// Longest number taken; a terminal has fewer columns.
const MAX_DIGITS: usize = 5;

/// What was pressed, and in which column and row, counted from 0.
pub(super) fn click(bytes: &[u8]) -> Option<(Button, u16, u16)> {
    let inner = bytes.strip_prefix(b"\x1b[<")?.strip_suffix(b"M")?;
    let mut numbers = inner.split(|byte| *byte == b';').map(number);
    let (code, column, row) = (numbers.next()??, numbers.next()??, numbers.next()??);
    if numbers.next().is_some() {
        return None;
    }
    let button = match code {
        0 => Button::Left,
        1 => Button::Middle,
        2 => Button::Right,
        64 => Button::WheelUp,
        65 => Button::WheelDown,
        _ => return None,
    };
    Some((button, column.checked_sub(1)?, row.checked_sub(1)?))
}

fn number(digits: &[u8]) -> Option<u16> {
    if digits.len() > MAX_DIGITS || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_presses_are_read_and_everything_else_is_nothing() {
        assert_eq!(click(b"\x1b[<0;10;20M"), Some((Button::Left, 9, 19)));
        assert_eq!(click(b"\x1b[<1;1;1M"), Some((Button::Middle, 0, 0)));
        assert_eq!(click(b"\x1b[<2;300;9M"), Some((Button::Right, 299, 8)));
        assert_eq!(click(b"\x1b[<64;1;1M"), Some((Button::WheelUp, 0, 0)));
        assert_eq!(click(b"\x1b[<65;1;1M"), Some((Button::WheelDown, 0, 0)));
        for other in [
            "\x1b[<0;10;20m",
            "\x1b[<32;10;20M",
            "\x1b[<4;10;20M",
            "\x1b[<16;10;20M",
            "\x1b[<3;10;20M",
            "\x1b[<0;0;20M",
            "\x1b[<0;10M",
            "\x1b[<0;10;20;1M",
            "\x1b[<;10;20M",
            "\x1b[<0;99999;20M",
            "\x1b[<0;+10;20M",
            "\x1b[0;10;20M",
        ] {
            assert_eq!(click(other.as_bytes()), None, "{other:?}");
        }
    }
}
