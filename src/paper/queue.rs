//! A resting order's place among the real orders at its price. Owns what is believed to stand ahead; it must not believe in a trade that
//! nobody saw.
//!
//! Two streams tell of one thing: a trade is printed, and it shrinks its level. They come in either order, so what one of them told is
//! remembered for a moment and not counted again when the other tells it.

use crate::domain::{Qty, Stamp};

use super::terms::Queue;

/// A moment, and until when the other stream may still tell of what one tells now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) now: Stamp,
    pub(super) until: Stamp,
}

/// What was told by one stream and may still be told by the other.
#[derive(Clone, Copy, Debug, Default)]
struct Told {
    qty: Qty,
    until: Stamp,
}

impl Told {
    fn add(&mut self, at: Moment, qty: Qty) {
        let before = self.still(at);
        *self = Self {
            qty: before.plus(qty),
            until: at.until,
        };
    }

    fn still(&self, at: Moment) -> Qty {
        if self.until > at.now {
            self.qty
        } else {
            Qty::ZERO
        }
    }

    /// How much of `qty` was told already.
    fn spend(&mut self, at: Moment, qty: Qty) -> Qty {
        let known = self.still(at).min(qty);
        self.qty = self.still(at).less(known);
        known
    }
}

/// A place in a queue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// What stands ahead; `None` while the level was never seen.
    ahead: Option<Qty>,
    /// The level's size in the last picture.
    level: Qty,
    /// Printed, not yet seen to leave the level.
    printed: Told,
    /// Left the level and moved us up, not yet printed.
    left: Told,
}

impl Place {
    /// Behind all that stands there.
    pub(super) fn behind(size: Option<Qty>) -> Self {
        Self {
            ahead: size,
            level: size.unwrap_or_default(),
            printed: Told::default(),
            left: Told::default(),
        }
    }

    /// Takes a print at the order's price; what of it was left for us when all ahead had traded.
    pub(super) fn take_print(&mut self, at: Moment, qty: Qty) -> Qty {
        let new = qty.less(self.left.spend(at, qty));
        self.printed.add(at, new);
        let Some(ahead) = self.ahead else {
            return Qty::ZERO;
        };
        self.ahead = Some(ahead.less(new));
        new.less(ahead)
    }

    /// A trade behind our price: nobody stands ahead any more.
    pub(super) const fn passed(&mut self) {
        self.ahead = Some(Qty::ZERO);
    }

    /// Takes the level's size in a new picture.
    pub(super) fn take_level(&mut self, at: Moment, size: Qty, rule: Queue) {
        let Some(ahead) = self.ahead else {
            self.ahead = Some(size);
            self.level = size;
            return;
        };
        let gone = self.level.less(size);
        let cancelled = gone.less(self.printed.spend(at, gone));
        let evenly = match rule {
            Queue::Behind => Qty::ZERO,
            Queue::Even => share(cancelled, ahead, self.level),
        };
        // Whatever left, no more can stand ahead than stands there at all.
        let after = ahead.less(evenly).min(size);
        self.left.add(at, ahead.less(after));
        self.ahead = Some(after);
        self.level = size;
    }

    #[cfg(test)]
    pub(super) fn ahead(&self) -> Option<i64> {
        self.ahead.map(|qty| qty.0)
    }
}

/// `part × of ÷ whole`, rounded down.
fn share(part: Qty, of: Qty, whole: Qty) -> Qty {
    if whole.is_zero() {
        return Qty::ZERO;
    }
    let exact = i128::from(part.0) * i128::from(of.0) / i128::from(whole.0);
    Qty(i64::try_from(exact).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Moment {
        let now = Stamp::default().plus_ms(10_000 + ms);
        Moment {
            now,
            until: now.plus_ms(500),
        }
    }

    fn place(size: i64) -> Place {
        Place::behind(Some(Qty(size)))
    }

    #[test]
    fn prints_eat_what_stands_ahead_and_what_is_left_over_is_ours() {
        let mut place = place(50);
        assert_eq!(place.take_print(at(0), Qty(30)), Qty(0));
        assert_eq!(place.ahead(), Some(20));
        assert_eq!(place.take_print(at(1), Qty(25)), Qty(5));
        assert_eq!(place.take_print(at(2), Qty(4)), Qty(4));
    }

    #[test]
    fn a_trade_that_is_told_twice_counts_once_in_either_order() {
        for rule in [Queue::Behind, Queue::Even] {
            let mut print_first = place(50);
            print_first.take_print(at(0), Qty(30));
            print_first.take_level(at(10), Qty(20), rule);
            assert_eq!(print_first.ahead(), Some(20), "{rule:?}");
            let mut picture_first = place(50);
            picture_first.take_level(at(0), Qty(20), rule);
            assert_eq!(picture_first.take_print(at(10), Qty(30)), Qty(0));
            assert_eq!(picture_first.ahead(), Some(20), "{rule:?}");
        }
    }

    #[test]
    fn a_picture_first_then_its_print_reaches_us_when_others_came_behind() {
        let mut place = place(20);
        place.take_level(at(0), Qty(50), Queue::Behind);
        place.take_level(at(10), Qty(20), Queue::Behind);
        assert_eq!(place.ahead(), Some(20));
        assert_eq!(place.take_print(at(20), Qty(30)), Qty(10));
    }

    #[test]
    fn cancels_leave_from_behind_first_or_evenly() {
        for (rule, after) in [(Queue::Behind, 40), (Queue::Even, 20)] {
            let mut place = place(40);
            place.take_level(at(0), Qty(80), rule);
            assert_eq!(place.ahead(), Some(40));
            place.take_level(at(1_000), Qty(40), rule);
            assert_eq!(place.ahead(), Some(after), "{rule:?}");
            // No more can stand ahead than stands there.
            place.take_level(at(2_000), Qty(7), rule);
            assert!(place.ahead() <= Some(7));
        }
    }

    #[test]
    fn a_later_trade_is_not_taken_for_an_old_cancel() {
        let mut place = place(50);
        place.take_level(at(0), Qty(20), Queue::Behind);
        assert_eq!(place.take_print(at(600), Qty(25)), Qty(5));
    }

    #[test]
    fn a_level_that_was_never_seen_gives_nothing_until_it_is() {
        let mut place = Place::behind(None);
        assert_eq!(place.take_print(at(0), Qty(1_000)), Qty(0));
        place.take_level(at(700), Qty(10), Queue::Even);
        assert_eq!(place.ahead(), Some(10));
        assert_eq!(place.take_print(at(701), Qty(11)), Qty(1));
    }
}
