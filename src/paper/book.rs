//! What can be taken of a venue's book, less what paper orders took of it already. Owns the newest picture and best prices; it must not
//! offer the same size twice.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::{Depth, Level, Price, Qty, Side, Stamp, Touch};

/// A line that did not prove itself for longer than this is silent, ms.
const PROVED_MS: u64 = 2_000;

/// A venue's book as it is seen.
#[derive(Clone, Debug, Default)]
pub(super) struct Book {
    depth: Option<Arc<Depth>>,
    touch: Option<Touch>,
    taken_bids: BTreeMap<Price, Qty>,
    taken_asks: BTreeMap<Price, Qty>,
}

impl Book {
    /// True when what is seen may be traded on: by the same rule as the desk's.
    pub(super) fn is_live(&self, now: Stamp) -> bool {
        let (Some(depth), Some(touch)) = (&self.depth, &self.touch) else {
            return false;
        };
        let unproved = now.ms_since(depth.proved.max(touch.proved));
        depth.state.is_live() && touch.live && unproved <= PROVED_MS
    }

    /// Takes a picture. What was taken of a level is given back as far as the level shrank: that much of it is gone anyway, and what
    /// stands there later is new.
    pub(super) fn take_depth(&mut self, depth: Arc<Depth>) {
        for side in [Side::Buy, Side::Sell] {
            let levels = half(&depth, side);
            self.taken_mut(side).retain(|price, taken| {
                let Some(size) = size_in(levels, side, *price) else {
                    return true;
                };
                *taken = (*taken).min(size);
                !taken.is_zero()
            });
        }
        self.depth = Some(depth);
    }

    /// Takes best prices: nothing stands in front of them.
    pub(super) fn take_touch(&mut self, touch: Touch) {
        for (side, best) in [(Side::Buy, touch.bid), (Side::Sell, touch.ask)] {
            self.taken_mut(side).retain(|price, taken| {
                let Some(best) = best else { return false };
                if *price == best.price {
                    *taken = (*taken).min(best.qty);
                }
                best.price.crosses(side, *price) && !taken.is_zero()
            });
        }
        self.touch = Some(touch);
    }

    /// Best price of a side, as of the last message.
    pub(super) fn best(&self, side: Side) -> Option<Price> {
        let touch = self.touch?;
        match side {
            Side::Buy => touch.bid,
            Side::Sell => touch.ask,
        }
        .map(|level| level.price)
    }

    /// What stands on a side, best first, and was not taken yet: the best level as of the last message, the rest from the picture.
    fn standing(&self, side: Side) -> impl Iterator<Item = Level> {
        let best = self.touch.and_then(|touch| match side {
            Side::Buy => touch.bid,
            Side::Sell => touch.ask,
        });
        let levels = self.depth.as_deref().map(|depth| half(depth, side));
        let behind = levels.unwrap_or_default().iter().copied();
        let behind = behind.filter(move |level| {
            best.is_some_and(|best| {
                level.price != best.price && best.price.crosses(side, level.price)
            })
        });
        best.into_iter().chain(behind).map(move |level| {
            let taken = self.taken(side).get(&level.price);
            Level {
                price: level.price,
                qty: level.qty.less(taken.copied().unwrap_or_default()),
            }
        })
    }

    /// Takes up to `qty` for an order of `side`, at `limit` or better, level by level; what was got of each. Nothing of a book that is
    /// not live.
    pub(super) fn take(
        &mut self,
        now: Stamp,
        side: Side,
        limit: Option<Price>,
        qty: Qty,
    ) -> Vec<Level> {
        if !self.is_live(now) {
            return Vec::new();
        }
        let (mut left, mut got) = (qty, Vec::new());
        for level in self.standing(side.opposite()) {
            let within = limit.is_none_or(|limit| limit.crosses(side, level.price));
            if left.is_zero() || !within {
                break;
            }
            let part = level.qty.min(left);
            if !part.is_zero() {
                left = left.less(part);
                got.push(Level {
                    price: level.price,
                    qty: part,
                });
            }
        }
        for part in &got {
            let taken = self.taken_mut(side.opposite());
            let taken = taken.entry(part.price).or_default();
            *taken = taken.plus(part.qty);
        }
        got
    }

    /// Size that stands at a price; `None` where the picture does not reach or there is none.
    pub(super) fn size_at(&self, side: Side, price: Price) -> Option<Qty> {
        let depth = self.depth.as_ref()?;
        let in_picture = size_in(half(depth, side), side, price)?;
        let best = self.touch.and_then(|touch| match side {
            Side::Buy => touch.bid,
            Side::Sell => touch.ask,
        });
        // A place in a queue starts behind the larger of two numbers.
        let at_best = best.filter(|best| best.price == price);
        Some(at_best.map_or(in_picture, |best| best.qty.max(in_picture)))
    }

    /// Size at a price in the newest picture alone, which is what places in queues are kept by.
    pub(super) fn pictured(&self, side: Side, price: Price) -> Option<Qty> {
        let depth = self.depth.as_ref().filter(|d| d.state.is_live())?;
        size_in(half(depth, side), side, price)
    }

    const fn taken(&self, side: Side) -> &BTreeMap<Price, Qty> {
        match side {
            Side::Buy => &self.taken_bids,
            Side::Sell => &self.taken_asks,
        }
    }

    const fn taken_mut(&mut self, side: Side) -> &mut BTreeMap<Price, Qty> {
        match side {
            Side::Buy => &mut self.taken_bids,
            Side::Sell => &mut self.taken_asks,
        }
    }
}

fn half(depth: &Depth, side: Side) -> &[Level] {
    match side {
        Side::Buy => &depth.bids,
        Side::Sell => &depth.asks,
    }
}

/// Size at a price among levels, best first; `None` behind the last one: the picture may end there and the book not.
fn size_in(levels: &[Level], side: Side, price: Price) -> Option<Qty> {
    let last = levels.last()?;
    if !price.crosses(side, last.price) {
        return None;
    }
    let at =
        levels.partition_point(|level| level.price != price && level.price.crosses(side, price));
    let level = levels.get(at).filter(|level| level.price == price);
    Some(level.map_or(Qty::ZERO, |level| level.qty))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paper::tests::kit::{depth, touch};

    const NOW: Stamp = Stamp {
        mono_ns: 0,
        wall_ns: 0,
    };

    fn book(bids: &[(i64, i64)], asks: &[(i64, i64)]) -> Book {
        let mut book = Book::default();
        show(&mut book, bids, asks);
        book
    }

    fn show(book: &mut Book, bids: &[(i64, i64)], asks: &[(i64, i64)]) {
        book.take_depth(depth(bids, asks));
        book.take_touch(touch(bids.first().copied(), asks.first().copied()));
    }

    fn got(levels: Vec<Level>) -> Vec<(i64, i64)> {
        levels.iter().map(|l| (l.price.0, l.qty.0)).collect()
    }

    #[test]
    fn levels_are_eaten_best_first_and_never_twice() {
        let mut book = book(&[(99, 5)], &[(101, 3), (102, 4), (105, 9)]);
        let limit = Some(Price(102));
        assert_eq!(
            got(book.take(NOW, Side::Buy, limit, Qty(5))),
            [(101, 3), (102, 2)]
        );
        assert_eq!(got(book.take(NOW, Side::Buy, limit, Qty(5))), [(102, 2)]);
        assert_eq!(got(book.take(NOW, Side::Buy, limit, Qty(5))), []);
        // The same picture again offers nothing new; what grew does, what shrank and came back does.
        show(&mut book, &[(99, 5)], &[(101, 3), (102, 4), (105, 9)]);
        assert_eq!(got(book.take(NOW, Side::Buy, limit, Qty(5))), []);
        show(&mut book, &[(99, 5)], &[(101, 4), (102, 1)]);
        assert_eq!(got(book.take(NOW, Side::Buy, limit, Qty(5))), [(101, 1)]);
        show(&mut book, &[(99, 5)], &[(102, 4)]);
        assert_eq!(got(book.take(NOW, Side::Buy, limit, Qty(5))), [(102, 3)]);
    }

    #[test]
    fn the_best_level_is_as_of_the_last_message() {
        let mut book = book(&[(99, 5)], &[(101, 3), (102, 4)]);
        book.take_touch(touch(Some((99, 5)), Some((102, 1))));
        assert_eq!(got(book.take(NOW, Side::Buy, None, Qty(9))), [(102, 1)]);
        book.take_touch(touch(Some((99, 5)), Some((100, 2))));
        assert_eq!(
            got(book.take(NOW, Side::Buy, None, Qty(9))),
            [(100, 2), (101, 3), (102, 3)]
        );
    }

    #[test]
    fn nothing_is_taken_of_a_book_that_is_not_live() {
        let mut book = book(&[(99, 5)], &[(101, 3)]);
        let mut old = touch(Some((99, 5)), Some((101, 3)));
        old.live = false;
        book.take_touch(old);
        assert!(book.take(NOW, Side::Sell, None, Qty(1)).is_empty());
        let mut silent = self::book(&[(99, 5)], &[(101, 3)]);
        let later = depth(&[], &[]).proved.plus_ms(2_001);
        assert!(silent.take(later, Side::Sell, None, Qty(1)).is_empty());
        assert!(
            Book::default()
                .take(NOW, Side::Sell, None, Qty(1))
                .is_empty()
        );
    }

    #[test]
    fn sizes_are_known_as_far_as_the_picture_reaches() {
        let book = book(&[(99, 5), (95, 7)], &[(101, 3)]);
        let at = |price| book.size_at(Side::Buy, Price(price)).map(|q| q.0);
        assert_eq!(
            [at(100), at(99), at(97), at(95)],
            [Some(0), Some(5), Some(0), Some(7)]
        );
        assert_eq!(at(94), None);
    }
}
