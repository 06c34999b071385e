//! A recording as a source of bytes: the venue's own feed reads it in virtual time.
//!
//! [`headless`] runs a whole file and sums up each book; [`Player`] plays it for a screen. Neither reads a clock.

mod headless;
mod player;
mod recording;

pub use headless::{Headless, Summary, headless};
pub use player::Player;
pub use recording::Broken;

use std::path::PathBuf;

/// Why a recording cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// Cannot be opened or read.
    #[error("cannot read {path}: {why}")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// The system's words.
        why: std::io::Error,
    },
    /// No book messages in it.
    #[error("{path}: no book messages of {venue} in this file")]
    Empty {
        /// Which file.
        path: PathBuf,
        /// Whose messages were looked for.
        venue: String,
    },
    /// A venue that is not known.
    #[error("no venue `{0}`")]
    Venue(String),
}
