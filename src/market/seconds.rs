//! Whole seconds as a reading counts them: from the first moment it hears of. Pure.

use crate::domain::Stamp;

/// After a longer silence the seconds in it are not made up for.
const MOST: u64 = 600;

/// Counts the seconds that end.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seconds {
    start: Option<Stamp>,
}

impl Seconds {
    /// How many seconds ended since the last call, up to 600.
    pub fn ended(&mut self, now: Stamp) -> u64 {
        let start = *self.start.get_or_insert(now);
        let ended = now.ms_since(start) / 1_000;
        if ended == 0 {
            return 0;
        }
        self.start = Some(start.plus_ms(ended.saturating_mul(1_000)));
        ended.min(MOST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_second_ends_once_however_often_it_is_asked() {
        let mut seconds = Seconds::default();
        let at = |ms| Stamp::default().plus_ms(ms);
        let ended: Vec<u64> = [0, 400, 999, 1_000, 1_001, 3_999, 4_000, 9_000_000]
            .into_iter()
            .map(|ms| seconds.ended(at(ms)))
            .collect();
        assert_eq!(ended, [0, 0, 0, 1, 0, 2, 1, 600]);
    }
}
