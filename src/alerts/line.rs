//! A line that breaks is told once it stays broken, and told when it is back; a short break is no news.

use crate::domain::Stamp;

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It has been down for as long as one waits.
    Down,
    /// It is back, after a break that was told, of so many ms.
    Back(u64),
}

/// One line: a book, an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Line {
    was_up: bool,
    down_since: Option<Stamp>,
    is_told: bool,
}

impl Line {
    /// Takes how it stands now. Nothing is said of one that never stood.
    pub fn see(&mut self, now: Stamp, is_up: bool, patience_ms: u64) -> Option<Change> {
        if is_up {
            self.was_up = true;
            let since = self.down_since.take();
            return since
                .filter(|_| std::mem::take(&mut self.is_told))
                .map(|since| Change::Back(now.ms_since(since)));
        }
        if !self.was_up || self.is_told {
            return None;
        }
        let since = *self.down_since.get_or_insert(now);
        self.is_told = now.ms_since(since) >= patience_ms;
        self.is_told.then_some(Change::Down)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_break_is_told_once_when_it_lasts_and_its_end_once() {
        let mut line = Line::default();
        let at = |ms| Stamp::default().plus_ms(ms);
        let mut see = |ms, up| line.see(at(ms), up, 1_000);
        assert_eq!(see(0, false), None);
        assert_eq!(see(9_000, false), None, "it never stood");
        assert_eq!(see(9_100, true), None);
        assert_eq!(see(9_200, false), None);
        assert_eq!(see(9_900, false), None);
        assert_eq!(see(9_950, true), None, "a short break is no news");
        assert_eq!(see(10_000, false), None);
        assert_eq!(see(11_000, false), Some(Change::Down));
        assert_eq!(see(12_000, false), None);
        assert_eq!(see(12_500, true), Some(Change::Back(2_500)));
        assert_eq!(see(12_600, true), None);
    }
}
