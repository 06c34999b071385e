//! How often something may be said. What comes sooner is counted, and said once it may be.

use crate::domain::Stamp;

/// One kind's limit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limit {
    last: Option<Stamp>,
    held: Option<(String, u32)>,
}

impl Limit {
    /// True when so many ms have passed since the last time that it was true.
    pub fn take(&mut self, now: Stamp, gap_ms: u64) -> bool {
        let free = self.last.is_none_or(|last| now.ms_since(last) >= gap_ms);
        if free {
            self.last = Some(now);
        }
        free
    }

    /// The words where they may be said now, with the count of what was held back; else they are held, the newest of them.
    pub fn hold(&mut self, now: Stamp, gap_ms: u64, words: String) -> Option<String> {
        let before = self.held.take().map_or(0, |(_, count)| count);
        self.held = Some((words, before.saturating_add(1)));
        self.due(now, gap_ms)
    }

    /// What was held back and may be said now.
    pub fn due(&mut self, now: Stamp, gap_ms: u64) -> Option<String> {
        self.held.as_ref()?;
        if !self.take(now, gap_ms) {
            return None;
        }
        let (words, count) = self.held.take()?;
        Some(match count {
            1 => words,
            _ => format!("{words} (and {} more)", count - 1),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// However they come, no two are said within the gap, and all are said or counted in the end.
        #[test]
        fn nothing_is_said_too_often_and_nothing_is_lost(
            steps in proptest::collection::vec((0_u64..400, any::<bool>()), 1..200),
        ) {
            let gap = 1_000;
            let (mut limit, mut now) = (Limit::default(), Stamp::default());
            let (mut came, mut said, mut last) = (0_u32, 0_u32, None::<Stamp>);
            let mut hear = |words: Option<String>, now: Stamp| {
                let Some(words) = words else { return Ok(()) };
                let more = words
                    .split_once("(and ")
                    .map_or(0, |(_, rest)| rest.split(' ').next().unwrap().parse().unwrap());
                said += 1 + more;
                prop_assert!(last.is_none_or(|last| now.ms_since(last) >= gap));
                last = Some(now);
                Ok(())
            };
            for (ms, comes) in steps {
                now = now.plus_ms(ms);
                let words = if comes {
                    came += 1;
                    limit.hold(now, gap, "x".to_owned())
                } else {
                    limit.due(now, gap)
                };
                hear(words, now)?;
            }
            now = now.plus_ms(gap);
            hear(limit.due(now, gap), now)?;
            prop_assert_eq!(came, said);
        }
    }
}
