//! Has the terminal's window the focus? The click that fetches it was aimed at the window, not at a price.
//!
//! A terminal that never reports its focus is taken to have it, and so is one that lost it before it ever had it.

use crate::domain::Stamp;

/// So long after the window came to the front a click may be the one that brought it there, ms.
const FETCHED_MS: u64 = 300;
/// Such a click.
pub const NOTE_WINDOW: &str = "that click brought the window to the front: it does nothing";

/// The focus of one terminal's window.
#[derive(Clone, Copy, Debug, Default)]
pub struct Window {
    away: bool,
    /// When it last came to the front, as far as is known.
    since: Option<Stamp>,
}

impl Window {
    /// It gained or lost the focus.
    pub fn focus(&mut self, now: Stamp, gained: bool) {
        self.away = !gained && self.since.is_some();
        if gained {
            self.since = Some(now);
        }
    }

    /// True when a click at this time was aimed at what the window shows; one that was not brings it to the front.
    pub fn is_clicked_in_front(&mut self, at: Stamp) -> bool {
        if std::mem::take(&mut self.away) {
            self.since = Some(at);
        }
        self.since
            .is_none_or(|since| at.ms_since(since) >= FETCHED_MS)
    }
}
