//! Characters that were meant for something else: the rest of a late escape sequence, or a text field that is gone.
//!
//! Owns what is still to be swallowed; time arrives with each key.

use super::super::chord::Code;
use super::super::key::{Key, Kind};
use crate::domain::Stamp;

/// What follows a stray is swallowed for at most this long, ms.
const STRAY_MS: u64 = 250;
/// What follows `ESC [` where a paste begins.
const PASTE_MARK: [char; 4] = ['2', '0', '0', '~'];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stray {
    None,
    /// With how much of [`PASTE_MARK`] has followed it.
    Bracket(Stamp, usize),
    Letter(Stamp),
    Field(Stamp),
}

/// What a key was taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// A key.
    Nothing,
    /// Swallowed.
    Stray,
    /// The end of the mark with which a paste begins.
    PasteMark,
}

/// What is to be swallowed.
pub(super) struct Strays {
    stray: Stray,
    field_open: bool,
    closed_by_hand: bool,
}

impl Default for Strays {
    fn default() -> Self {
        Self {
            stray: Stray::None,
            field_open: false,
            closed_by_hand: true,
        }
    }
}

impl Strays {
    /// A key went into the open field; `by_hand` when it is one that closes it on purpose.
    pub(super) fn typed(&mut self, by_hand: bool) {
        self.closed_by_hand = by_hand;
    }

    /// Sees fields open and close.
    pub(super) fn watch_field(&mut self, key: &Key, field_open: bool) {
        if self.field_open && !field_open && !self.closed_by_hand {
            self.stray = Stray::Field(key.at);
        }
        if field_open && !self.field_open {
            self.closed_by_hand = false;
        }
        self.field_open = field_open;
    }

    /// Takes a key that belongs to what came before.
    pub(super) fn takes(&mut self, key: &Key, field_open: bool) -> Taken {
        let Code::Char(letter) = key.stroke.code else {
            self.stray = Stray::None;
            return Taken::Nothing;
        };
        if field_open || !key.stroke.is_printable() {
            self.stray = Stray::None;
            return Taken::Nothing;
        }
        let soon = |since: Stamp| key.at.ms_since(since) < STRAY_MS;
        match self.stray {
            Stray::Bracket(since, matched) if soon(since) => {
                return self.bracket(key, letter, matched);
            }
            Stray::Letter(since) if soon(since) => {
                self.stray = Stray::None;
                return Taken::Stray;
            }
            Stray::Field(since) if soon(since) => {
                self.stray = Stray::Field(key.at);
                return Taken::Stray;
            }
            _ => {}
        }
        let sure = matches!(key.kind, Kind::Press | Kind::Repeat);
        self.stray = match letter {
            '[' if !sure => Stray::Bracket(key.at, 0),
            'O' if !sure => Stray::Letter(key.at),
            _ => Stray::None,
        };
        if self.stray == Stray::None {
            Taken::Nothing
        } else {
            Taken::Stray
        }
    }

    fn bracket(&mut self, key: &Key, letter: char, matched: usize) -> Taken {
        let mark = PASTE_MARK.get(matched) == Some(&letter);
        let matched = if mark { matched + 1 } else { PASTE_MARK.len() };
        let parameter = (' '..='?').contains(&letter);
        self.stray = if parameter {
            Stray::Bracket(key.at, matched)
        } else {
            Stray::None
        };
        if mark && matched == PASTE_MARK.len() {
            Taken::PasteMark
        } else {
            Taken::Stray
        }
    }
}
