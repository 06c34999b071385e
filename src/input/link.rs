//! Round trip to the terminal, by its answer to the status request `ESC [ 5 n`. Owns the open request; sends nothing.
//!
//! The answer stands in the stream of keys: what came before it was typed while the link was late, what comes after
//! it is fresh. A terminal that never answered once is not measured and never late.

use super::guard::LATE_MS;
use crate::domain::Stamp;

/// What asks a terminal for its status.
pub const REQUEST: &[u8] = b"\x1b[5n";
/// Between requests, ms.
const EVERY_MS: u64 = 1000;
/// An unanswered request is made again after this, ms.
const AGAIN_MS: u64 = 5000;

/// The link of one terminal.
#[derive(Debug, Default)]
pub struct Link {
    open: Option<Stamp>,
    asked: Option<Stamp>,
    answered: bool,
}

impl Link {
    /// Is it time to write [`REQUEST`]?
    pub fn is_due(&self, now: Stamp) -> bool {
        let wait = if self.open.is_some() {
            AGAIN_MS
        } else {
            EVERY_MS
        };
        self.asked.is_none_or(|at| now.ms_since(at) >= wait)
    }

    /// [`REQUEST`] was handed to the writer.
    pub fn asked(&mut self, now: Stamp) {
        self.asked = Some(now);
        self.open.get_or_insert(now);
    }

    /// The terminal answered: the round trip, ms. `None` when nothing was asked.
    pub fn answered(&mut self, at: Stamp) -> Option<u64> {
        let since = self.open.take()?;
        self.answered = true;
        Some(at.ms_since(since))
    }

    /// Milliseconds for which the open request has gone unanswered, when that is late.
    pub fn late(&self, now: Stamp) -> Option<u64> {
        let waited = now.ms_since(self.open?);
        (self.answered && waited > LATE_MS).then_some(waited)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Stamp {
        Stamp::default().plus_ms(ms)
    }

    #[test]
    fn f7_the_link_is_late_until_the_answer_comes_and_never_without_a_first_answer() {
        let mut link = Link::default();
        assert!(link.is_due(at(0)));
        link.asked(at(0));
        assert_eq!(link.late(at(60_000)), None);
        assert!(link.is_due(at(5000)));
        assert_eq!(link.answered(at(18)), Some(18));
        assert!(!link.is_due(at(999)));
        link.asked(at(1000));
        assert_eq!(link.late(at(1750)), None);
        assert_eq!(link.late(at(1751)), Some(751));
        link.asked(at(6000));
        assert_eq!(link.late(at(6001)), Some(5001));
        assert_eq!(link.answered(at(7000)), Some(6000));
        assert_eq!(link.late(at(9000)), None);
        assert_eq!(link.answered(at(9000)), None);
    }
}
