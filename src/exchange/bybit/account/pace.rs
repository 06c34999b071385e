//! How many orders the venue still takes in its running second, by category. Owns the counts; the last fifth is kept for exits.

use std::collections::VecDeque;

use crate::domain::Stamp;
use crate::exchange::bybit::answer::Left;
use crate::exchange::bybit::instruments::Category;

/// The window of every limit, ms.
const WINDOW_MS: u64 = 1_000;

/// One limit of the venue: new orders of one category.
#[derive(Debug)]
struct Window {
    limit: u32,
    /// When the orders of the last second were handed on.
    sent: VecDeque<Stamp>,
    /// The venue's own word: so few are left that entries wait until then, venue ms.
    until_ms: i64,
}

/// The account's order limits.
#[derive(Debug)]
pub struct Pace {
    linear: Window,
    spot: Window,
}

impl Pace {
    /// The documented limits (Bybit, Rate Limit), until the venue states the account's own.
    pub const fn new() -> Self {
        const fn window(limit: u32) -> Window {
            Window {
                limit,
                sent: VecDeque::new(),
                until_ms: 0,
            }
        }
        Self {
            linear: window(10),
            spot: window(20),
        }
    }

    /// Counts a new order that was handed on.
    pub fn sent(&mut self, category: Category, now: Stamp) {
        let window = self.window(category);
        window.roll(now);
        window.sent.push_back(now);
    }

    /// Takes what the venue states beside the answer to a new order. It may stop entries for the running second alone.
    pub fn stated(&mut self, category: Category, left: Left, venue_ms: i64) {
        let window = self.window(category);
        window.limit = left.limit.max(1);
        window.until_ms = if left.left <= window.limit / 5 {
            left.reset_ms.min(venue_ms.saturating_add(1_000))
        } else {
            0
        };
    }

    /// `None` when an entry may go; else how long until one may, ms.
    pub fn refuses_entry_ms(
        &mut self,
        category: Category,
        now: Stamp,
        venue_ms: i64,
    ) -> Option<u64> {
        let window = self.window(category);
        window.roll(now);
        let stated = window.until_ms.saturating_sub(venue_ms);
        let stated = u64::try_from(stated).ok().filter(|ms| *ms > 0);
        let free = (window.limit / 5 * 4).max(1) as usize;
        let counted = window.sent.len().checked_sub(free);
        let counted = counted
            .and_then(|over| window.sent.get(over))
            .map(|oldest| {
                let age = now.ms_since(*oldest);
                WINDOW_MS.saturating_sub(age).max(1)
            });
        stated.max(counted)
    }

    const fn window(&mut self, category: Category) -> &mut Window {
        match category {
            Category::Linear => &mut self.linear,
            Category::Spot => &mut self.spot,
        }
    }
}

impl Window {
    fn roll(&mut self, now: Stamp) {
        while let Some(oldest) = self.sent.front()
            && now.ms_since(*oldest) >= WINDOW_MS
        {
            self.sent.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b20_the_last_fifth_of_a_second_is_not_for_entries() {
        let mut pace = Pace::new();
        let now = Stamp::default().plus_ms(10_000);
        let linear = Category::Linear;
        for _ in 0..7 {
            pace.sent(linear, now);
        }
        assert_eq!(pace.refuses_entry_ms(linear, now, 0), None);
        pace.sent(linear, now.plus_ms(100));
        assert_eq!(
            pace.refuses_entry_ms(linear, now.plus_ms(100), 0),
            Some(900)
        );
        assert_eq!(pace.refuses_entry_ms(Category::Spot, now, 0), None);
        assert_eq!(pace.refuses_entry_ms(linear, now.plus_ms(1_000), 0), None);
    }

    #[test]
    fn b20_the_venues_own_count_is_believed() {
        let mut pace = Pace::new();
        let now = Stamp::default().plus_ms(10_000);
        let left = |left| Left {
            limit: 10,
            left,
            reset_ms: 5_400,
        };
        pace.stated(Category::Spot, left(3), 5_000);
        assert_eq!(pace.refuses_entry_ms(Category::Spot, now, 5_000), None);
        pace.stated(Category::Spot, left(2), 5_000);
        assert_eq!(pace.refuses_entry_ms(Category::Spot, now, 5_000), Some(400));
        assert_eq!(pace.refuses_entry_ms(Category::Spot, now, 5_400), None);
        let odd = Left {
            reset_ms: i64::MAX,
            ..left(0)
        };
        pace.stated(Category::Spot, odd, 5_000);
        assert_eq!(pace.refuses_entry_ms(Category::Spot, now, 6_000), None);
    }
}
