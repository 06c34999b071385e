//! What the trader had in view when pressing a key: the last frame that was really written, not the newest one.

use std::collections::VecDeque;

use crate::domain::{MarketKey, Price, Side, Stamp};
use crate::engine::ask::Seen;
use crate::engine::event::Row;
use crate::ui::snapshot::Snapshot;
use crate::ui::view::{self, View};

/// Frames remembered. A blocked terminal keeps its last one by staying on the same number; older ones are never asked for.
const FRAMES: usize = 64;

/// The part of a frame that a key refers to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The focused market.
    pub key: Option<MarketKey>,
    /// Price under the cursor; `None` when it was not on the screen.
    pub cursor: Option<Price>,
    /// What the cursor's row holds.
    pub row: Option<Row>,
    /// Best bid and ask.
    pub touch: (Option<Price>, Option<Price>),
}

impl Shown {
    /// What a line that goes to the market `key` refers to.
    pub const fn seen(self, key: MarketKey, at: Stamp) -> Seen {
        Seen {
            key,
            cursor: self.cursor,
            drawn: self.touch,
            at,
        }
    }

    /// What a frame of this snapshot and view shows.
    pub fn of(snapshot: &Snapshot, view: &View) -> Self {
        let both = view
            .cursor_range(Side::Buy)
            .zip(view.cursor_range(Side::Sell));
        let row = both.map(|(buys, sells)| Row { buys, sells });
        Self {
            key: snapshot.market.key,
            cursor: view.cursor_price(),
            row,
            touch: view::touch(&snapshot.market),
        }
    }
}

/// The frames handed to the writer, by number.
#[derive(Debug, Default)]
pub struct Frames {
    next: u64,
    handed: VecDeque<(u64, Shown)>,
    written: (u64, Shown),
}

impl Frames {
    /// Remembers a frame; its number.
    pub fn hand(&mut self, shown: Shown) -> u64 {
        self.next += 1;
        if self.handed.len() == FRAMES {
            self.handed.pop_front();
        }
        self.handed.push_back((self.next, shown));
        self.next
    }

    /// Forgets what earlier frames showed; numbers go on.
    pub fn forget(&mut self) {
        self.handed.clear();
        self.written = (self.written.0, Shown::default());
    }

    /// What frame `number`, the last one written, shows; nothing before the first, and nothing of a frame that took so long to
    /// write that it is forgotten: a key must not refer to an older one.
    pub fn written(&mut self, number: u64) -> Shown {
        if number != self.written.0 {
            self.written = (number, Shown::default());
        }
        while let Some((handed, shown)) = self.handed.front().copied() {
            if handed > number {
                break;
            }
            if handed == number {
                self.written = (number, shown);
            }
            self.handed.pop_front();
        }
        self.written.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(price: i64) -> Shown {
        Shown {
            cursor: Some(Price(price)),
            ..Shown::default()
        }
    }

    #[test]
    fn l4_a_key_refers_to_the_frame_that_was_written_and_not_to_the_newest() {
        let mut frames = Frames::default();
        assert_eq!(frames.written(0), Shown::default());
        let first = frames.hand(at(1));
        frames.hand(at(2));
        assert_eq!(frames.written(first), at(1));
        assert_eq!(
            frames.written(first),
            at(1),
            "a terminal that stands still keeps its frame"
        );
        let third = frames.hand(at(3));
        assert_eq!(
            frames.written(third),
            at(3),
            "frames that were skipped are skipped"
        );
    }

    #[test]
    fn a_terminal_blocked_for_long_still_refers_to_its_own_frame() {
        let mut frames = Frames::default();
        let first = frames.hand(at(1));
        assert_eq!(frames.written(first), at(1));
        for price in 2..1_000 {
            frames.hand(at(price));
        }
        assert_eq!(frames.written(first), at(1));
        assert_eq!(
            frames.written(first + 1),
            Shown::default(),
            "written long after it was forgotten"
        );
    }
}
