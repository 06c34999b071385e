//! What was added to and taken from the book over the last second: two pictures of it, one second apart, and what was traded between
//! them, since size that was bought or sold is not size that was pulled.
//!
//! The pair moves on four times a second, so that a column of it can be read.
//!
//! Prints and pictures come on different streams. A print belongs to the first picture whose last message came no earlier than the
//! print did. A venue sends a trade at once and the book up to a tenth of a second later, so that is nearly always the picture that
//! the trade is first missing from; where a line was faster than the other, a trade counts a quarter of a second too early or too
//! late, and shows as pulled and stacked in turn. What was traded against orders that the book never showed counts as added. So the
//! figure is an estimate.

use std::collections::VecDeque;
use std::sync::Arc;

use super::traded::AtPrice;
use crate::domain::{Depth, Level, Price, Print, Qty, Side, Stamp};

/// Time between two pictures that are kept, ms.
const STEP_MS: u64 = 250;
/// How far the two lie apart, ms.
pub const SPAN_MS: u64 = 1_000;
/// Most prints that wait for the picture they belong to. Beyond that the oldest goes, and looks pulled.
const MOST_WAITING: usize = 4_096;

/// A book now and a second before.
#[derive(Clone, Debug)]
pub struct Changed {
    /// A second before.
    pub then: Arc<Depth>,
    /// Not long ago: up to a quarter of a second.
    pub now: Arc<Depth>,
    /// What was traded between the two.
    pub traded: Arc<AtPrice>,
}

impl Changed {
    /// What was stacked on one side from `low` to `high`, both counted, lots; negative where more was pulled. What aggressors took is
    /// neither: it is added to what is left. Zero for prices that one of the pictures does not reach.
    pub fn gained(&self, side: Side, (low, high): (Price, Price)) -> i64 {
        let (then, now) = (self.then.levels(side), self.now.levels(side));
        let far = match side {
            Side::Buy => low,
            Side::Sell => high,
        };
        let reaches = |levels: &[Level]| {
            let last = levels.last();
            last.is_some_and(|last| far.crosses(side, last.price))
        };
        if !(reaches(then) && reaches(now)) {
            return 0;
        }
        let left = resting(now, side, (low, high));
        let had = resting(then, side, (low, high));
        let taken = self.traded.sum(side.opposite(), (low, high));
        left.saturating_sub(had).saturating_add(taken)
    }
}

/// Sizes from `low` to `high`, lots; the levels lie best first.
fn resting(levels: &[Level], side: Side, (low, high): (Price, Price)) -> i64 {
    let (near, far) = match side {
        Side::Buy => (high, low),
        Side::Sell => (low, high),
    };
    let first = levels.partition_point(|level| !near.crosses(side, level.price));
    let rest = levels.get(first..).unwrap_or_default().iter();
    let here = rest.take_while(|level| level.price.crosses(side, far));
    here.fold(0, |sum, level| sum.saturating_add(level.qty.0.max(0)))
}

/// A trade, and when it was told.
#[derive(Clone, Copy, Debug)]
struct Taken {
    at: Stamp,
    by: Side,
    price: Price,
    lots: Qty,
}

/// A picture that is kept.
#[derive(Clone, Debug)]
struct Step {
    at: Stamp,
    depth: Arc<Depth>,
    /// What was traded since the picture before.
    taken: Vec<Taken>,
}

/// The reading of one symbol.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    newest: Option<Arc<Depth>>,
    kept: VecDeque<Step>,
    /// Prints that no kept picture has yet, oldest first.
    waiting: VecDeque<Taken>,
    /// What was traded between the first kept picture and the last.
    traded: Arc<AtPrice>,
}

impl Changes {
    /// Takes prints of this symbol, oldest first.
    pub fn prints(&mut self, now: Stamp, prints: &[Print]) {
        for print in prints.iter().filter(|print| print.qty.0 > 0) {
            if self.waiting.len() == MOST_WAITING {
                self.waiting.pop_front();
            }
            self.waiting.push_back(Taken {
                at: now,
                by: print.side,
                price: print.price,
                lots: print.qty,
            });
        }
    }

    /// Takes a picture. One that is not live ends the comparison: what a gap hides is neither pulled nor stacked.
    pub fn depth(&mut self, now: Stamp, depth: &Arc<Depth>) {
        if depth.state.is_live() {
            self.newest = Some(Arc::clone(depth));
            self.tick(now);
        } else {
            *self = Self::default();
        }
    }

    /// Moves on when it is time.
    pub fn tick(&mut self, now: Stamp) {
        let Some(newest) = self.newest.clone() else {
            return;
        };
        let due = |step: &Step| now.ms_since(step.at) >= STEP_MS;
        if !self.kept.back().is_none_or(due) {
            return;
        }
        self.keep(now, newest);
        // The second of them is old enough: the first is not needed any more.
        let old = |step: &Step| now.ms_since(step.at) >= SPAN_MS;
        while self.kept.get(1).is_some_and(old) {
            self.kept.pop_front();
            self.forget();
        }
    }

    /// The pair; `None` before a second of a live book was seen.
    pub fn pair(&self) -> Option<Changed> {
        let (first, last) = self.kept.front().zip(self.kept.back())?;
        (last.at.ms_since(first.at) >= SPAN_MS).then(|| Changed {
            then: Arc::clone(&first.depth),
            now: Arc::clone(&last.depth),
            traded: Arc::clone(&self.traded),
        })
    }

    /// Keeps a picture with the prints that it has.
    fn keep(&mut self, now: Stamp, depth: Arc<Depth>) {
        let has = |taken: &&Taken| taken.at.mono_ns <= depth.changed.mono_ns;
        let count = self.waiting.iter().take_while(has).count();
        let mut taken: Vec<Taken> = self.waiting.drain(..count).collect();
        if self.kept.is_empty() {
            // Nothing to compare with yet.
            taken.clear();
        }
        if !taken.is_empty() {
            let traded = Arc::make_mut(&mut self.traded);
            for one in &taken {
                traded.add(one.by, one.price, one.lots.0);
            }
        }
        self.kept.push_back(Step {
            at: now,
            depth,
            taken,
        });
    }

    /// Forgets what was traded before the picture that is the first one now.
    fn forget(&mut self) {
        let Some(first) = self.kept.front_mut() else {
            return;
        };
        let gone = std::mem::take(&mut first.taken);
        if gone.is_empty() {
            return;
        }
        let traded = Arc::make_mut(&mut self.traded);
        for one in gone {
            traded.take_back(one.by, one.price, one.lots.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::BookState;
    use crate::market::sample;

    const AT: (Price, Price) = (Price(100), Price(100));

    /// A bid of 100 ticks, told by a message that came then.
    fn bid(came: Stamp, lots: i64) -> Arc<Depth> {
        let book = sample::book(&[(100, lots), (90, 1)], &[], BookState::Live);
        Arc::new(Depth {
            changed: came,
            ..(*book).clone()
        })
    }

    fn size(depth: &Depth) -> i64 {
        depth.bids[0].qty.0
    }

    fn sold(lots: i64) -> Print {
        sample::print(Side::Sell, 100, lots, 0)
    }

    #[derive(Clone, Copy, Debug)]
    enum Told {
        Tick,
        /// Lots, and how long before the message came, ms.
        Bid(i64, u64),
        Sold(i64),
    }

    fn told() -> impl Strategy<Value = Vec<(u64, Told)>> {
        let one = prop_oneof![
            Just(Told::Tick),
            (1_i64..1_000, 0_u64..120).prop_map(|(lots, ms)| Told::Bid(lots, ms)),
            (1_i64..90).prop_map(Told::Sold),
        ];
        proptest::collection::vec((1_u64..200, one), 1..120)
    }

    proptest! {
        #[test]
        fn gained_is_the_book_now_less_a_second_before_and_what_was_sold_between_their_messages(told in told()) {
            let mut changes = Changes::default();
            let start = Stamp::default();
            let (mut ms, mut came) = (1_000_u64, 0_u64);
            let mut newest = None;
            // When a picture was kept, when its message came, its size.
            let mut steps = Vec::<(u64, u64, i64)>::new();
            let mut trades = Vec::<(u64, i64)>::new();
            for (wait, told) in told {
                ms += wait;
                let now = start.plus_ms(ms);
                match told {
                    Told::Tick => changes.tick(now),
                    Told::Bid(lots, before) => {
                        came = came.max(ms - before);
                        newest = Some((came, lots));
                        changes.depth(now, &bid(start.plus_ms(came), lots));
                    }
                    Told::Sold(lots) => {
                        trades.push((ms, lots));
                        changes.prints(now, &[sold(lots)]);
                    }
                }
                if let Some((came, lots)) = newest
                    && !matches!(told, Told::Sold(_))
                    && steps.last().is_none_or(|(at, ..)| ms - at >= STEP_MS)
                {
                    steps.push((ms, came, lots));
                }
                let expected = steps.last().and_then(|last| {
                    let before = steps.iter().rev().find(|(at, ..)| last.0 - at >= SPAN_MS)?;
                    let between = trades.iter().filter(|(at, _)| *at > before.1 && *at <= last.1);
                    let taken: i64 = between.map(|(_, lots)| lots).sum();
                    Some((before.2, last.2, last.2 - before.2 + taken))
                });
                let pair = changes.pair().map(|pair| (size(&pair.then), size(&pair.now), pair.gained(Side::Buy, AT)));
                prop_assert_eq!(pair, expected);
                prop_assert!(changes.kept.len() <= 6);
            }
        }

        #[test]
        fn hostile_prints_and_books_never_panic(prices in proptest::collection::vec(any::<i64>(), 0..20), lots in any::<i64>(), range in any::<(i64, i64)>()) {
            let levels: Vec<(i64, i64)> = prices.iter().map(|price| (*price, lots)).collect();
            let book = sample::book(&levels, &levels, BookState::Live);
            let mut changes = Changes::default();
            for step in 0..6 {
                let now = Stamp::default().plus_ms(step * 250);
                for price in &prices {
                    changes.prints(now, &[sample::print(Side::Buy, *price, lots, 0)]);
                }
                changes.depth(now, &Arc::new(Depth { changed: now, ..(*book).clone() }));
            }
            let pair = changes.pair().unwrap();
            for side in [Side::Buy, Side::Sell] {
                let _ = pair.gained(side, (Price(range.0), Price(range.1)));
            }
        }
    }

    /// What a bid gained that held `before` and holds `after`, with these prints a tenth of a second before the picture of it.
    fn gained(before: i64, prints: &[Print], after: i64) -> i64 {
        let mut changes = Changes::default();
        let at = |ms| Stamp::default().plus_ms(ms);
        changes.depth(at(0), &bid(at(0), before));
        changes.prints(at(900), prints);
        changes.depth(at(1_000), &bid(at(1_000), after));
        changes.pair().unwrap().gained(Side::Buy, AT)
    }

    #[test]
    fn what_was_eaten_is_not_pulled_and_what_came_back_is_stacked() {
        assert_eq!(gained(50, &[sold(20), sold(10)], 20), 0, "eaten");
        assert_eq!(gained(50, &[], 20), -30, "pulled");
        assert_eq!(gained(50, &[sold(10)], 20), -20, "some of each");
        assert_eq!(gained(50, &[sold(45)], 50), 45, "eaten and refilled");
        let bought = sample::print(Side::Buy, 100, 30, 0);
        assert_eq!(
            gained(50, &[bought], 20),
            -30,
            "buyers take nothing from bids"
        );
        let beside = sample::print(Side::Sell, 99, 30, 0);
        assert_eq!(gained(50, &[beside], 20), -30, "another price");
    }

    #[test]
    fn a_print_waits_for_the_message_that_has_it() {
        let mut changes = Changes::default();
        let at = |ms| Stamp::default().plus_ms(ms);
        changes.depth(at(0), &bid(at(0), 50));
        changes.prints(at(990), &[sold(30)]);
        // The picture is moved on before the book tells of the trade.
        changes.tick(at(1_000));
        assert_eq!(changes.pair().unwrap().gained(Side::Buy, AT), 0);
        changes.depth(at(1_060), &bid(at(1_060), 20));
        changes.tick(at(1_250));
        assert_eq!(changes.pair().unwrap().gained(Side::Buy, AT), 0);
        for ms in [1_500, 1_750, 2_000, 2_250, 2_500] {
            changes.tick(at(ms));
            assert_eq!(changes.pair().unwrap().gained(Side::Buy, AT), 0, "{ms}");
        }
        assert_eq!(*changes.traded, AtPrice::default());
    }

    #[test]
    fn nothing_is_compared_across_a_gap_and_prints_that_no_book_follows_are_forgotten() {
        let mut changes = Changes::default();
        let at = |ms| Stamp::default().plus_ms(ms);
        for step in 0..8 {
            changes.depth(at(step * 250), &bid(at(step * 250), 5));
        }
        assert!(changes.pair().is_some());
        changes.prints(at(1_900), &[sold(3)]);
        let gap = Depth {
            state: BookState::Resync("gap".to_owned()),
            ..(*bid(at(2_000), 5)).clone()
        };
        changes.depth(at(2_000), &Arc::new(gap));
        changes.tick(at(4_000));
        assert!(changes.pair().is_none());
        assert!(changes.waiting.is_empty());
        let many = vec![sold(1); MOST_WAITING + 5];
        changes.prints(at(4_000), &many);
        assert_eq!(changes.waiting.len(), MOST_WAITING);
    }
}
