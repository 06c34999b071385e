//! What the reader hands on: keys with their time and company, pastes, replies. Plain values.

use super::chord::{Button, Code, Stroke};
use super::pasted::Pasted;
use crate::domain::Stamp;

/// What kind of key event a terminal reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A press, from a terminal that tells presses from repeats.
    Press,
    /// The key is held.
    Repeat,
    /// The key was let go.
    Release,
    /// A press or a repeat: this terminal does not tell.
    Unknown,
}

/// One key event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Which key, with modifiers.
    pub stroke: Stroke,
    /// Press, repeat, release, or not told.
    pub kind: Kind,
    /// When its first byte was read.
    pub at: Stamp,
    /// Number of the read that it came with, counted from 1.
    pub read: u32,
    /// How many printable keys and clicks came with that read, this one included.
    pub printables: u16,
}

/// A button of the mouse pressed somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Click {
    /// The press, with a button as its key.
    pub key: Key,
    /// Column on the screen, counted from 0.
    pub column: u16,
    /// Row on the screen, counted from 0.
    pub row: u16,
}

impl Click {
    /// True for a step of the wheel, which asks for nothing at a price.
    pub fn is_wheel(&self) -> bool {
        let wheel = [Button::WheelUp, Button::WheelDown].map(Code::Mouse);
        wheel.contains(&self.key.stroke.code)
    }
}

/// Something that came from a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A key.
    Key(Key),
    /// A press of a mouse button, or a step of the wheel.
    Click(Click),
    /// A bracketed paste.
    Paste(Pasted),
    /// The terminal window gained (`true`) or lost the focus.
    Focus(bool),
    /// The terminal answered the status request `ESC [ 5 n`; the stamp is when the answer was read.
    LinkReply(Stamp),
    /// The terminal is gone. Nothing comes after this.
    HungUp,
}
