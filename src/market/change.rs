//! What was added to and taken from the book over the last second: two pictures of it, one second apart.
//!
//! The pair moves on four times a second, so that a column of it can be read.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::domain::{Depth, Stamp};

/// Time between two pictures that are kept, ms.
const STEP_MS: u64 = 250;
/// How far the two lie apart, ms.
pub const SPAN_MS: u64 = 1_000;

/// A book now and a second before.
#[derive(Clone, Debug)]
pub struct Changed {
    /// A second before.
    pub then: Arc<Depth>,
    /// Not long ago: up to a quarter of a second.
    pub now: Arc<Depth>,
}

/// The reading of one symbol.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    newest: Option<Arc<Depth>>,
    kept: VecDeque<(Stamp, Arc<Depth>)>,
}

impl Changes {
    /// Takes a picture. One that is not live ends the comparison: what a gap hides is neither pulled nor stacked.
    pub fn depth(&mut self, now: Stamp, depth: &Arc<Depth>) {
        if depth.state.is_live() {
            self.newest = Some(Arc::clone(depth));
            self.tick(now);
        } else {
            self.newest = None;
            self.kept.clear();
        }
    }

    /// Moves on when it is time.
    pub fn tick(&mut self, now: Stamp) {
        let Some(newest) = &self.newest else { return };
        let due = |(at, _): &(Stamp, Arc<Depth>)| now.ms_since(*at) >= STEP_MS;
        if !self.kept.back().is_none_or(due) {
            return;
        }
        self.kept.push_back((now, Arc::clone(newest)));
        // The second of them is old enough: the first is not needed any more.
        while self
            .kept
            .get(1)
            .is_some_and(|(at, _)| now.ms_since(*at) >= SPAN_MS)
        {
            self.kept.pop_front();
        }
    }

    /// The pair; `None` before a second of a live book was seen.
    pub fn pair(&self) -> Option<Changed> {
        let ((first, then), (last, now)) = self.kept.front().zip(self.kept.back())?;
        (last.ms_since(*first) >= SPAN_MS).then(|| Changed {
            then: Arc::clone(then),
            now: Arc::clone(now),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::BookState;
    use crate::market::sample::book;

    fn depth(lots: i64, state: BookState) -> Arc<Depth> {
        book(&[(100, lots)], &[], state)
    }

    fn size(depth: &Depth) -> i64 {
        depth.bids[0].qty.0
    }

    proptest! {
        #[test]
        fn the_pair_is_the_book_at_its_last_step_and_at_the_last_step_a_second_before(
            told in proptest::collection::vec((1_u64..400, 1_i64..1_000, any::<bool>()), 1..80)
        ) {
            let mut changes = Changes::default();
            let mut now = Stamp::default();
            let (mut newest, mut steps) = (None, Vec::<(Stamp, i64)>::new());
            for (wait, lots, ticks) in told {
                now = now.plus_ms(wait);
                if ticks {
                    changes.tick(now);
                } else {
                    newest = Some(lots);
                    changes.depth(now, &depth(lots, BookState::Live));
                }
                if let Some(lots) = newest
                    && steps.last().is_none_or(|(at, _)| now.ms_since(*at) >= STEP_MS)
                {
                    steps.push((now, lots));
                }
                let expected = steps.last().and_then(|last| {
                    let before = steps.iter().rev().find(|(at, _)| last.0.ms_since(*at) >= SPAN_MS)?;
                    Some((before.1, last.1))
                });
                let pair = changes.pair().map(|pair| (size(&pair.then), size(&pair.now)));
                prop_assert_eq!(pair, expected);
                prop_assert!(changes.kept.len() <= 6);
            }
        }
    }

    #[test]
    fn nothing_is_compared_across_a_gap() {
        let mut changes = Changes::default();
        let start = Stamp::default();
        for step in 0..8 {
            changes.depth(start.plus_ms(step * 250), &depth(5, BookState::Live));
        }
        assert!(changes.pair().is_some());
        let gap = BookState::Resync("gap".to_owned());
        changes.depth(start.plus_ms(2_000), &depth(5, gap));
        changes.tick(start.plus_ms(4_000));
        assert!(changes.pair().is_none());
    }
}
