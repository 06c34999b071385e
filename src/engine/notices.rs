//! The latest lines for the trader, repeats counted instead of repeated.

use std::collections::VecDeque;

use crate::domain::Stamp;

use super::effect::Loudness;

const KEPT: usize = 50;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// How loud.
    pub loudness: Loudness,
    /// Words.
    pub words: String,
    /// When it last came.
    pub at: Stamp,
    /// How often it came in a row.
    pub count: u32,
}

/// The latest lines, newest first.
#[derive(Clone, Debug, Default)]
pub struct Notices {
    lines: VecDeque<Line>,
}

impl Notices {
    /// Adds a line.
    pub fn add(&mut self, at: Stamp, loudness: Loudness, words: &str) {
        if let Some(last) = self.lines.front_mut()
            && last.words == words
            && last.loudness == loudness
        {
            last.count = last.count.saturating_add(1);
            last.at = at;
            return;
        }
        self.lines.push_front(Line {
            loudness,
            words: words.to_owned(),
            at,
            count: 1,
        });
        self.lines.truncate(KEPT);
    }

    /// Newest first.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter()
    }
}
