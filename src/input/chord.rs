//! Strokes and chords: what a key is called in config, help and lists. Plain values; nothing here knows an action.

use std::fmt;
use std::str::FromStr;

use crate::nearest::did_you_mean;

/// Which key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// A key that types this character.
    Char(char),
    Enter,
    Esc,
    Tab,
    Backspace,
    Delete,
    Insert,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
    /// F1 to F35.
    Function(u8),
    /// A button of the mouse.
    Mouse(Button),
}

/// A button of the mouse. No chord can name one: what they do is fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Button {
    Left,
    Middle,
    Right,
    WheelUp,
    WheelDown,
}

/// Names of the keys that type no character, and of the one that types a blank. First is how it is printed.
const NAMES: &[(&str, Code)] = &[
    ("Space", Code::Char(' ')),
    ("Enter", Code::Enter),
    ("Return", Code::Enter),
    ("Esc", Code::Esc),
    ("Escape", Code::Esc),
    ("Tab", Code::Tab),
    ("Backspace", Code::Backspace),
    ("Del", Code::Delete),
    ("Delete", Code::Delete),
    ("Ins", Code::Insert),
    ("Insert", Code::Insert),
    ("Up", Code::Up),
    ("Down", Code::Down),
    ("Left", Code::Left),
    ("Right", Code::Right),
    ("Home", Code::Home),
    ("End", Code::End),
    ("PgUp", Code::PageUp),
    ("PageUp", Code::PageUp),
    ("PgDn", Code::PageDown),
    ("PageDown", Code::PageDown),
];

/// One key pressed with modifiers.
///
/// An upper-case letter is itself a Shift press: `J` is Shift and the j key, and carries no `shift` of its own.
/// With Ctrl the letter is always lower case, because a terminal cannot tell `Ctrl-X` from `Ctrl-x`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Stroke {
    /// Which key.
    pub code: Code,
    /// Ctrl was down.
    pub ctrl: bool,
    /// Alt was down.
    pub alt: bool,
    /// Shift was down and the character does not say so.
    pub shift: bool,
}

impl Stroke {
    /// A key with modifiers, in the one spelling that comparisons use.
    pub fn new(code: Code, ctrl: bool, alt: bool, shift: bool) -> Self {
        let mut stroke = Self {
            code,
            ctrl,
            alt,
            shift,
        };
        if let Code::Char(letter) = code {
            if ctrl && letter.is_ascii_uppercase() {
                stroke.code = Code::Char(letter.to_ascii_lowercase());
            } else if shift && !ctrl && letter.is_lowercase() {
                let mut upper = letter.to_uppercase();
                stroke.code = Code::Char(upper.next().unwrap_or(letter));
            }
            let says_so = matches!(stroke.code, Code::Char(c) if c.is_uppercase());
            stroke.shift = shift && !says_so && !ctrl;
        }
        stroke
    }

    /// A key without modifiers.
    pub fn plain(code: Code) -> Self {
        Self::new(code, false, false, false)
    }

    /// True when pressing it types a character.
    pub fn is_printable(self) -> bool {
        matches!(self.code, Code::Char(_)) && !self.ctrl && !self.alt
    }

    /// True for what a pasted text can be made of: characters, line ends, tabs, and clicks, whose reports are text.
    pub fn is_pastable(self) -> bool {
        let clicks = [Button::Left, Button::Middle, Button::Right].map(Code::Mouse);
        let white = [Code::Enter, Code::Tab];
        self.is_printable() || white.contains(&self.code) || clicks.contains(&self.code)
    }

    /// True when Shift is the only modifier, as far as a terminal can tell.
    pub fn is_shift_alone(self) -> bool {
        let upper = matches!(self.code, Code::Char(c) if c.is_uppercase());
        (self.shift || upper) && !self.ctrl && !self.alt
    }

    /// The same press on a QWERTY board, for letters of other layouts.
    pub fn by_position(self) -> Option<Self> {
        let Code::Char(letter) = self.code else {
            return None;
        };
        let latin = super::layout::qwerty(letter)?;
        Some(Self::new(
            Code::Char(latin),
            self.ctrl,
            self.alt,
            self.shift,
        ))
    }
}

/// One or more strokes pressed one after another, as a row of the keymap names them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Chord(pub Vec<Stroke>);

impl Chord {
    /// True when `other` begins with all of this chord.
    pub fn begins(&self, other: &Self) -> bool {
        other.0.starts_with(&self.0)
    }
}

/// Why a text names no chord.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChordError {
    /// Nothing there.
    #[error("a key is missing")]
    Empty,
    /// No such key.
    #[error("unknown key \"{0}\"{1}")]
    UnknownKey(String, String),
    /// No such modifier.
    #[error("unknown modifier \"{0}\" (ctrl, alt and shift are known)")]
    UnknownModifier(String),
    /// A terminal sends the same byte for another key.
    #[error("{0} cannot be told from {1} in a terminal")]
    SameByte(String, &'static str),
}

impl FromStr for Chord {
    type Err = ChordError;

    fn from_str(text: &str) -> Result<Self, ChordError> {
        let strokes = text
            .split_whitespace()
            .map(str::parse)
            .collect::<Result<Vec<Stroke>, _>>()?;
        if strokes.is_empty() {
            return Err(ChordError::Empty);
        }
        Ok(Self(strokes))
    }
}

impl FromStr for Stroke {
    type Err = ChordError;

    fn from_str(text: &str) -> Result<Self, ChordError> {
        let (mut ctrl, mut alt, mut shift) = (false, false, false);
        let mut rest = text;
        while let Some((modifier, key)) = rest.split_once('-') {
            if modifier.is_empty() || key.is_empty() {
                break;
            }
            match modifier.to_lowercase().as_str() {
                "ctrl" => ctrl = true,
                "alt" => alt = true,
                "shift" => shift = true,
                _ => return Err(ChordError::UnknownModifier(modifier.to_owned())),
            }
            rest = key;
        }
        let stroke = Self::new(parse_code(rest)?, ctrl, alt, shift);
        let twin = match stroke.code {
            Code::Char('i') if ctrl => Some("Tab"),
            Code::Char('m') if ctrl => Some("Enter"),
            Code::Char('[') if ctrl => Some("Esc"),
            _ => None,
        };
        match twin {
            Some(twin) => Err(ChordError::SameByte(stroke.to_string(), twin)),
            None => Ok(stroke),
        }
    }
}

fn parse_code(name: &str) -> Result<Code, ChordError> {
    let mut letters = name.chars();
    if let (Some(letter), None) = (letters.next(), letters.next())
        && !letter.is_control()
    {
        return Ok(Code::Char(letter));
    }
    let named = NAMES.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
    if let Some((_, code)) = named {
        return Ok(*code);
    }
    let number = name.strip_prefix(['f', 'F']).and_then(|n| n.parse().ok());
    match number {
        Some(n @ 1..=35) => Ok(Code::Function(n)),
        _ => Err(ChordError::UnknownKey(
            name.to_owned(),
            did_you_mean(name, NAMES.iter().map(|(n, _)| *n)),
        )),
    }
}

impl fmt::Display for Stroke {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, name) in [
            (self.ctrl, "Ctrl-"),
            (self.alt, "Alt-"),
            (self.shift, "Shift-"),
        ] {
            if held {
                f.write_str(name)?;
            }
        }
        match (NAMES.iter().find(|(_, c)| *c == self.code), self.code) {
            (Some((name, _)), _) => f.write_str(name),
            (None, Code::Char(c)) => write!(f, "{c}"),
            (None, Code::Function(n)) => write!(f, "F{n}"),
            (None, other) => write!(f, "{other:?}"),
        }
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, stroke) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            write!(f, "{stroke}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn printed(text: &str) -> String {
        text.parse::<Chord>().unwrap().to_string()
    }

    #[test]
    fn chords_are_printed_in_one_spelling() {
        for (typed, shown) in [
            ("x", "x"),
            ("space", "Space"),
            ("CTRL-X ctrl-x", "Ctrl-x Ctrl-x"),
            ("shift-tab", "Shift-Tab"),
            ("shift-j", "J"),
            ("J", "J"),
            ("g  r", "g r"),
            ("pageup", "PgUp"),
            ("?", "?"),
            ("-", "-"),
            ("ctrl--", "Ctrl--"),
            ("f12", "F12"),
            ("ctrl-shift-x", "Ctrl-x"),
            ("alt-Enter", "Alt-Enter"),
        ] {
            assert_eq!(printed(typed), shown, "{typed}");
        }
    }

    #[test]
    fn a_wrong_key_name_gets_the_nearest() {
        let error = |text: &str| text.parse::<Chord>().unwrap_err().to_string();
        assert_eq!(
            error("Spcae"),
            "unknown key \"Spcae\", did you mean \"Space\"?"
        );
        assert_eq!(
            error("hyper-x"),
            "unknown modifier \"hyper\" (ctrl, alt and shift are known)"
        );
        assert_eq!(
            error("ctrl-i"),
            "Ctrl-i cannot be told from Tab in a terminal"
        );
        assert_eq!(error(" "), "a key is missing");
        assert!("f36".parse::<Chord>().is_err());
    }

    #[test]
    fn shift_alone_is_seen_in_letters_and_in_named_keys() {
        for (text, alone) in [
            ("J", true),
            ("shift-Tab", true),
            ("j", false),
            ("alt-J", false),
            ("?", false),
        ] {
            assert_eq!(
                text.parse::<Stroke>().unwrap().is_shift_alone(),
                alone,
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(letter in any::<char>(), ctrl: bool, alt: bool, shift: bool) {
            prop_assume!(!letter.is_control() && (letter == ' ' || !letter.is_whitespace()));
            prop_assume!(!(ctrl && "imIM[".contains(letter)));
            let stroke = Stroke::new(Code::Char(letter), ctrl, alt, shift);
            prop_assert_eq!(stroke.to_string().parse::<Stroke>(), Ok(stroke));
        }
    }
}
