//! What ends the armed state by itself, as the settings say it.

use serde::Deserialize;

use super::settings::within;
use crate::engine::settings::Triggers;

/// Each is on or off; that real money and demo start LOCKED is none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArmingSettings {
    /// Own fills and the venue's position differ; always on.
    pub mismatch: bool,
    /// The host was suspended.
    pub resume: bool,
    /// The account line broke.
    pub reconnect: bool,
    /// The way to the terminal became slow.
    pub terminal_link: bool,
    /// No key for long.
    pub idle: bool,
    /// How long, minutes.
    pub idle_minutes: u64,
    /// The terminal window lost the focus.
    pub focus_loss: bool,
}

impl ArmingSettings {
    /// As the desk is told.
    pub fn triggers(&self) -> Triggers {
        Triggers {
            resume: self.resume,
            reconnect: self.reconnect,
            terminal_link: self.terminal_link,
            idle_ms: self.idle.then(|| self.idle_minutes.saturating_mul(60_000)),
            focus_loss: self.focus_loss,
        }
    }

    /// The first value that cannot be, as one sentence.
    pub fn out_of_range(&self) -> Option<String> {
        if !self.mismatch {
            let why =
                "while own fills and the venue differ, nobody knows what an entry would add to";
            return Some(format!("arming.mismatch cannot be off: {why}"));
        }
        within("arming.idle_minutes", self.idle_minutes, (1, 240))
    }
}
