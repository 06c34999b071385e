//! Everything that the desk may ask of the world.

use crate::domain::{Command, MarketKey, Symbol};

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

/// What an alert is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// A fill of ours.
    Fill,
    /// An order that was refused or whose outcome is unknown.
    Order,
    /// A stop was placed, fired, or is missing.
    Stop,
    /// A limit, a loss, a position that is not what it should be.
    Risk,
    /// The line to the venue, or the key.
    Link,
}

/// What the trader should hear of without looking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// What it is about.
    pub about: About,
    /// On which market; `None`: on the account.
    pub key: Option<MarketKey>,
    /// How loud.
    pub loudness: Loudness,
    /// What happened, without sizes and money.
    pub brief: &'static str,
    /// What happened.
    pub words: String,
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
    /// To the trader's list of what happened, and what rings for it.
    Alert(Alert),
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

    /// Adds a line for the trader that is an alert as well; `brief` says it without sizes and money.
    pub fn alert(
        &mut self,
        (about, key): (About, Option<MarketKey>),
        brief: &'static str,
        loudness: Loudness,
        words: impl AsRef<str>,
    ) {
        let words = words.as_ref();
        self.notice(loudness, words);
        self.list((about, key), brief, loudness, words);
    }

    /// Adds an alert without a line for the trader.
    pub fn list(
        &mut self,
        (about, key): (About, Option<MarketKey>),
        brief: &'static str,
        loudness: Loudness,
        words: impl AsRef<str>,
    ) {
        self.0.push(Effect::Alert(Alert {
            about,
            key,
            loudness,
            brief,
            words: sanitise(words.as_ref(), LONGEST_NOTICE),
        }));
    }

    /// Adds a journal row.
    pub fn journal(&mut self, row: impl Into<Row>) {
        self.0.push(Effect::Journal(row.into()));
    }
}
