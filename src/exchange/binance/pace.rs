//! How many orders the venue still takes in its running windows. Owns the counts; the last fifth of each window is kept for exits.

use super::answer::Count;

/// One window of the venue, aligned to its clock (Binance, General Info, limits).
#[derive(Clone, Copy, Debug)]
struct Window {
    length_ms: u64,
    limit: u64,
    /// Which window of this length `used` counts.
    at: i64,
    used: u64,
}

/// The account's order limits.
#[derive(Debug)]
pub struct Pace {
    windows: Vec<Window>,
}

impl Pace {
    /// Windows by length, ms, and how many orders each takes until the venue states the account's own.
    pub fn new(limits: &[(u64, u64)]) -> Self {
        let window = |&(length_ms, limit)| Window {
            length_ms,
            limit,
            at: 0,
            used: 0,
        };
        Self {
            windows: limits.iter().map(window).collect(),
        }
    }

    /// Counts an order that was handed on.
    pub fn sent(&mut self, venue_ms: i64) {
        for window in &mut self.windows {
            window.roll(venue_ms);
            window.used = window.used.saturating_add(1);
        }
    }

    /// Takes the venue's own count.
    pub fn counted(&mut self, venue_ms: i64, count: &Count) {
        if count.rate_limit_type != "ORDERS" {
            return;
        }
        let Some(length_ms) = count.window_ms().filter(|ms| *ms > 0) else {
            return;
        };
        if let Some(window) = self.windows.iter_mut().find(|w| w.length_ms == length_ms) {
            window.limit = count.limit;
        }
        self.stated(venue_ms, length_ms, count.count);
    }

    /// Takes the venue's own count of the window of this length, ms.
    pub fn stated(&mut self, venue_ms: i64, length_ms: u64, used: u64) {
        if let Some(window) = self.windows.iter_mut().find(|w| w.length_ms == length_ms) {
            window.roll(venue_ms);
            window.used = window.used.max(used);
        }
    }

    /// `None` when an entry may go; else how long until one may, ms.
    pub fn refuses_entry_ms(&mut self, venue_ms: i64) -> Option<u64> {
        let mut longest = None;
        for window in &mut self.windows {
            window.roll(venue_ms);
            if window.used >= window.limit / 5 * 4 {
                let length = i64::try_from(window.length_ms).unwrap_or(i64::MAX);
                let left = length.saturating_sub(venue_ms.rem_euclid(length));
                longest = longest.max(u64::try_from(left).ok());
            }
        }
        longest
    }
}

impl Window {
    fn roll(&mut self, venue_ms: i64) {
        let length = i64::try_from(self.length_ms).unwrap_or(i64::MAX).max(1);
        let at = venue_ms.div_euclid(length);
        if at != self.at {
            (self.at, self.used) = (at, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b20_the_last_fifth_of_a_window_is_not_for_entries() {
        let mut pace = Pace::new(&[(10_000, 300), (60_000, 1_200)]);
        for _ in 0..239 {
            pace.sent(3_000);
        }
        assert_eq!(pace.refuses_entry_ms(3_000), None);
        pace.sent(3_000);
        assert_eq!(pace.refuses_entry_ms(3_000), Some(7_000));
        assert_eq!(pace.refuses_entry_ms(10_000), None);
        let count = Count {
            rate_limit_type: "ORDERS".into(),
            interval: "SECOND".into(),
            interval_num: 10,
            limit: 50,
            count: 40,
        };
        pace.counted(12_000, &count);
        assert_eq!(pace.refuses_entry_ms(12_000), Some(8_000));
    }
}
