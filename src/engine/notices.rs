//! The latest lines for the trader, repeats counted instead of repeated.

use std::collections::VecDeque;

use crate::domain::Stamp;

use super::effect::Loudness;

const KEPT: usize = 50;
/// So many different warnings may come in turns and are still counted.
const IN_TURNS: usize = 4;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// How loud.
    pub loudness: Loudness,
    /// Words.
    pub words: String,
    /// When it last came.
    pub at: Stamp,
    /// How often it came, alone or in turns with others.
    pub count: u32,
}

/// The latest lines, newest first.
#[derive(Clone, Debug, Default)]
pub struct Notices {
    lines: VecDeque<Line>,
}

impl Notices {
    /// Adds a line. Warnings that come in turns are counted too: they must not push an alarm out of sight.
    pub fn add(&mut self, at: Stamp, loudness: Loudness, words: &str) {
        let looked_at = if loudness == Loudness::Warn {
            IN_TURNS
        } else {
            1
        };
        let known = self
            .lines
            .iter()
            .take(looked_at)
            .position(|line| line.words == words && line.loudness == loudness);
        let known = known.and_then(|place| self.lines.remove(place));
        self.lines.push_front(Line {
            loudness,
            words: words.to_owned(),
            at,
            count: known.map_or(1, |line| line.count.saturating_add(1)),
        });
        self.lines.truncate(KEPT);
    }

    /// Newest first.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_in_turns_are_counted_and_leave_an_alarm_in_sight() {
        let mut notices = Notices::default();
        notices.add(Stamp::default(), Loudness::Alarm, "KEY REFUSED");
        for _ in 0..9 {
            notices.add(Stamp::default(), Loudness::Warn, "fees unknown");
            notices.add(Stamp::default(), Loudness::Warn, "leverage unknown");
        }
        let lines: Vec<_> = notices
            .lines()
            .map(|l| (l.words.as_str(), l.count))
            .collect();
        assert_eq!(
            lines,
            [
                ("leverage unknown", 9),
                ("fees unknown", 9),
                ("KEY REFUSED", 1)
            ]
        );
    }

    #[test]
    fn the_same_fill_again_after_something_else_is_a_line_of_its_own() {
        let mut notices = Notices::default();
        for words in ["filled", "rests", "filled", "filled"] {
            notices.add(Stamp::default(), Loudness::Good, words);
        }
        let counts: Vec<u32> = notices.lines().map(|line| line.count).collect();
        assert_eq!(counts, [2, 1, 1]);
    }
}
