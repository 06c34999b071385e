//! The black box, as the settings say it.

use serde::Deserialize;

use super::settings::within;

/// What is always written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlackBoxSettings {
    /// It is.
    pub enabled: bool,
    /// How far back it reaches, minutes.
    pub minutes: u64,
    /// How much it may take on the disk, MB.
    pub megabytes: u64,
}

impl BlackBoxSettings {
    /// The first value beyond its hard range, as one sentence.
    pub(super) fn out_of_range(&self) -> Option<String> {
        let minutes = within("black_box.minutes", self.minutes, (1, 1_440));
        minutes.or_else(|| within("black_box.megabytes", self.megabytes, (8, 16_384)))
    }
}
