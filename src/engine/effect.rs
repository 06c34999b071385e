//! Everything that the desk may ask of the world.

use crate::domain::{Command, Symbol};

use super::record::Row;
use super::volume::Size;
use crate::domain::text::sanitise;

/// A longer line is cut, characters.
pub(super) const LONGEST_NOTICE: usize = 200;

/// How loud a line for the trader is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loudness {
    /// What a key did.
    Info,
    /// Something ended well (a fill).
    Good,
    /// A refusal or something to look at.
    Warn,
    /// Danger.
    Alarm,
}

/// What the bell rings for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bell {
    /// A fill of ours.
    Fill,
    /// A refusal by the venue.
    Reject,
    /// Danger.
    Alarm,
}

/// A working volume that the trader changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptVolume {
    /// Of this symbol.
    pub symbol: Symbol,
    /// Which, from 1.
    pub index: u8,
    /// Its size; `None`: what the settings say again.
    pub size: Option<Size>,
}

/// One wish of the desk.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// To the account's lanes.
    Send(Command),
    /// A line for the trader and the journal.
    Notice(Loudness, String),
    /// Ring.
    Bell(Bell),
    /// A row for the journal: what was intended or happened, as a JSON object without secrets.
    Journal(Row),
    /// A volume to remember for later sessions.
    Keep(KeptVolume),
}

/// The wishes of one turn, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Effects(pub Vec<Effect>);

impl Effects {
    /// Adds a command.
    pub fn send(&mut self, command: Command) {
        self.0.push(Effect::Send(command));
    }

    /// Adds a line for the trader. Foreign words may be in it: it is made inert here, whoever wrote it.
    pub fn notice(&mut self, loudness: Loudness, words: impl AsRef<str>) {
        let words = sanitise(words.as_ref(), LONGEST_NOTICE);
        self.0.push(Effect::Notice(loudness, words));
    }

    /// Adds a volume to remember.
    pub fn keep(&mut self, volume: KeptVolume) {
        self.0.push(Effect::Keep(volume));
    }

    /// Adds a bell.
    pub fn bell(&mut self, bell: Bell) {
        self.0.push(Effect::Bell(bell));
    }

    /// Adds a journal row.
    pub fn journal(&mut self, row: impl Into<Row>) {
        self.0.push(Effect::Journal(row.into()));
    }
}
