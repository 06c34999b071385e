//! Has the terminal's window the focus? The click that fetches it was aimed at the window, not at a price.
//!
//! A terminal that never reports its focus is taken to have it.

use crate::domain::Stamp;

/// So long after the window came to the front a click may be the one that brought it there, ms.
const FETCHED_MS: u64 = 300;
/// Such a click.
pub const NOTE_WINDOW: &str = "that click brought the window to the front: it does nothing";

/// The focus of one terminal's window.
#[derive(Clone, Copy, Debug, Default)]
pub struct Window {
    away: bool,
    since: Option<Stamp>,
}

impl Window {
    /// It gained or lost the focus.
    pub fn focus(&mut self, now: Stamp, gained: bool) {
        self.away = !gained;
        self.since = gained.then_some(now);
    }

    /// True when a click at this time was aimed at what the window shows.
    pub fn is_in_front(&self, at: Stamp) -> bool {
        !self.away
            && self
                .since
                .is_none_or(|since| at.ms_since(since) >= FETCHED_MS)
    }
}
