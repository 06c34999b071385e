//! What is usual, large and huge among the sizes of ladder rows: percentiles of the rows near the best prices over the last minutes,
//! one set a zoom, because a row of a hundred ticks holds more than one of a single tick. And since when what is large has stood.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::domain::{Depth, Level, Price, Side, Stamp};

/// Ticks a ladder row may merge.
pub const ZOOMS: [i64; 9] = [1, 2, 5, 10, 25, 50, 100, 250, 500];

/// Rows of each side that are looked at.
const ROWS: usize = 40;
/// Time between two looks, ms.
const LOOK_MS: u64 = 1_000;
/// Looks that are remembered: three minutes.
const LOOKS: usize = 180;
/// Fewer sizes than this have no percentiles worth the name.
const FEWEST: u32 = 60;
/// Large is never less than so many times the middle size, huge never less than so many times large.
const LARGE_TIMES: i64 = 3;
const HUGE_TIMES: i64 = 2;
/// Most large rows of a zoom whose age is kept.
const MOST_STANDING: usize = 24;

/// What row sizes of one zoom are measured against, lots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usual {
    /// Half of the rows hold less.
    pub middle: i64,
    /// Nine in ten hold less.
    pub most: i64,
    /// From here on a row is large: more than nineteen in twenty, and three times the middle.
    pub large: i64,
    /// From here on it is huge: more than ninety-nine in a hundred, and twice what is large.
    pub huge: i64,
}

/// A row that has been large for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whose orders.
    pub side: Side,
    /// The price that its row prints, ticks.
    pub price: Price,
    /// Since when.
    pub since: Stamp,
}

/// What is known of one zoom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// `None` while too little was seen.
    pub usual: Option<Usual>,
    /// The large rows.
    pub standing: Vec<Standing>,
}

/// The reading of one symbol.
#[derive(Clone, Debug, Default)]
pub struct Sizes {
    newest: Option<Arc<Depth>>,
    looked: Option<Stamp>,
    zooms: [Memory; ZOOMS.len()],
    shown: Arc<[Rows; ZOOMS.len()]>,
}

impl Sizes {
    /// Takes a picture; only a live one is measured.
    pub fn depth(&mut self, now: Stamp, depth: &Arc<Depth>) {
        self.newest = depth.state.is_live().then(|| Arc::clone(depth));
        self.tick(now);
    }

    /// Looks at the newest picture when it is time.
    pub fn tick(&mut self, now: Stamp) {
        let due = self.looked.is_none_or(|at| now.ms_since(at) >= LOOK_MS);
        let Some(depth) = self.newest.as_ref().filter(|_| due) else {
            return;
        };
        self.looked = Some(now);
        let mut shown = (*self.shown).clone();
        for ((zoom, memory), rows) in ZOOMS.iter().zip(&mut self.zooms).zip(&mut shown) {
            let seen = rows_of(depth, *zoom);
            memory.look(&seen);
            rows.usual = memory.usual();
            let large = rows.usual.map_or(i64::MAX, |usual| usual.large);
            rows.standing = standing(&rows.standing, &seen, large, now);
        }
        self.shown = Arc::new(shown);
    }

    /// One entry a zoom of [`ZOOMS`].
    pub const fn shown(&self) -> &Arc<[Rows; ZOOMS.len()]> {
        &self.shown
    }
}

/// The rows of both sides that hold something, nearest first: side, price of the row, lots.
fn rows_of(depth: &Depth, zoom: i64) -> Vec<(Side, Price, i64)> {
    let mut out = Vec::with_capacity(2 * ROWS);
    for (side, levels) in [(Side::Buy, &depth.bids), (Side::Sell, &depth.asks)] {
        merge(side, levels, zoom, &mut out);
    }
    out
}

fn merge(side: Side, levels: &[Level], zoom: i64, out: &mut Vec<(Side, Price, i64)>) {
    let first = out.len();
    for level in levels.iter().filter(|level| level.qty.0 > 0) {
        let (price, rows) = (row_price(side, level.price, zoom), out.len() - first);
        match out.last_mut().filter(|_| rows > 0) {
            Some((_, last, sum)) if *last == price => *sum = sum.saturating_add(level.qty.0),
            _ if rows == ROWS => return,
            _ => out.push((side, price, level.qty.0)),
        }
    }
    // The picture ends somewhere in its last row.
    if zoom > 1 && out.len() > first + 1 {
        out.pop();
    }
}

/// The price that the row of a level prints: bids fall on the row below them, asks on the row above them.
fn row_price(side: Side, price: Price, zoom: i64) -> Price {
    let floor = price.0.div_euclid(zoom);
    let row = match side {
        Side::Sell if price.0.rem_euclid(zoom) != 0 => floor.saturating_add(1),
        _ => floor,
    };
    Price(row.saturating_mul(zoom))
}

/// A row that was large stays so until it has lost a quarter of what makes it large: an age must not begin anew with every print.
fn standing(
    before: &[Standing],
    seen: &[(Side, Price, i64)],
    large: i64,
    now: Stamp,
) -> Vec<Standing> {
    let stays = large / 4 * 3;
    let since = |side: Side, price: Price| {
        let known = before.iter().find(|s| s.side == side && s.price == price);
        known.map(|s| s.since)
    };
    seen.iter()
        .filter_map(|(side, price, lots)| {
            let known = since(*side, *price).filter(|_| *lots >= stays);
            let since = known.or((*lots >= large).then_some(now))?;
            Some(Standing {
                side: *side,
                price: *price,
                since,
            })
        })
        .take(MOST_STANDING)
        .collect()
}

/// Sizes of the last looks, counted by how large they are.
#[derive(Clone, Debug)]
struct Memory {
    counts: Box<[u32; BUCKETS]>,
    looks: VecDeque<Box<[u16]>>,
    total: u32,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            counts: Box::new([0; BUCKETS]),
            looks: VecDeque::new(),
            total: 0,
        }
    }
}

impl Memory {
    fn look(&mut self, seen: &[(Side, Price, i64)]) {
        let look: Box<[u16]> = seen.iter().map(|(_, _, lots)| bucket(*lots)).collect();
        for bucket in &look {
            self.counts[usize::from(*bucket)] += 1;
        }
        self.total += look.len() as u32;
        self.looks.push_back(look);
        if self.looks.len() > LOOKS
            && let Some(gone) = self.looks.pop_front()
        {
            for bucket in &gone {
                self.counts[usize::from(*bucket)] -= 1;
            }
            self.total -= gone.len() as u32;
        }
    }

    /// The least size of the bucket that holds the size which so many of a thousand stay under.
    fn percentile(&self, thousandths: u32) -> i64 {
        let rank = u64::from(self.total) * u64::from(thousandths) / 1_000;
        let mut below = 0_u64;
        for (at, count) in self.counts.iter().enumerate() {
            below += u64::from(*count);
            if below > rank {
                return least(at as u16);
            }
        }
        0
    }

    fn usual(&self) -> Option<Usual> {
        if self.total < FEWEST {
            return None;
        }
        let middle = self.percentile(500);
        let large = self
            .percentile(950)
            .max(middle.saturating_mul(LARGE_TIMES))
            .max(1);
        Some(Usual {
            middle,
            most: self.percentile(900),
            large,
            huge: self.percentile(990).max(large.saturating_mul(HUGE_TIMES)),
        })
    }
}

/// Buckets of sizes: each size below 8 has its own, from there on eight share a doubling, so a bucket is at most an eighth wide.
const BUCKETS: usize = 8 + 60 * 8;

fn bucket(size: i64) -> u16 {
    let size = size.max(0) as u64;
    if size < 8 {
        return size as u16;
    }
    let doubling = 63 - size.leading_zeros();
    let eighth = (size >> (doubling - 3)) & 7;
    (8 + (doubling - 3) * 8 + eighth as u32) as u16
}

/// The least size of a bucket.
fn least(bucket: u16) -> i64 {
    if bucket < 8 {
        return i64::from(bucket);
    }
    let (doubling, eighth) = ((bucket - 8) / 8, (bucket - 8) % 8);
    (8 + i64::from(eighth)) << doubling
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::BookState;
    use crate::market::sample::book;

    fn depth(bid: i64, bids: &[i64], asks: &[i64], state: BookState) -> Arc<Depth> {
        let side = |first: i64, step: i64, sizes: &[i64]| -> Vec<(i64, i64)> {
            let prices = (0..).map(move |at| first + step * at);
            prices.zip(sizes.iter().copied()).collect()
        };
        book(&side(bid, -1, bids), &side(bid + 1, 1, asks), state)
    }

    /// Sizes of rows one price at a time.
    fn slow_rows(depth: &Depth, zoom: i64) -> Vec<i64> {
        let side = |levels: &[Level], down: bool| -> Vec<i64> {
            let row = |price: i64| {
                let at = if down { price } else { price + zoom - 1 };
                at.div_euclid(zoom)
            };
            let mut rows: Vec<i64> = levels.iter().map(|level| row(level.price.0)).collect();
            rows.dedup();
            if zoom > 1 && rows.len() > 1 && rows.len() <= ROWS {
                rows.pop();
            }
            rows.truncate(ROWS);
            let sum = |wanted: &i64| {
                let here = levels.iter().filter(|level| row(level.price.0) == *wanted);
                here.map(|level| level.qty.0).sum()
            };
            rows.iter().map(sum).collect()
        };
        let mut all = side(&depth.bids, true);
        all.extend(side(&depth.asks, false));
        all
    }

    proptest! {
        #[test]
        fn a_bucket_holds_its_size_and_is_an_eighth_wide(size in 0_i64..i64::MAX) {
            let at = bucket(size);
            prop_assert!(usize::from(at) < BUCKETS);
            prop_assert!(least(at) <= size);
            prop_assert!(size - least(at) <= size / 8);
        }

        #[test]
        fn percentiles_are_those_of_all_rows_of_the_last_minutes_to_an_eighth(
            looks in proptest::collection::vec((proptest::collection::vec(1_i64..50_000, 1..70), 1_i64..5_000), 1..260),
            zoom in 0_usize..ZOOMS.len(),
        ) {
            let mut sizes = Sizes::default();
            let mut now = Stamp::default();
            let mut seen: Vec<Vec<i64>> = Vec::new();
            for (lots, bid) in &looks {
                now = now.plus_ms(LOOK_MS);
                let depth = depth(*bid, lots, &lots[..lots.len() / 2], BookState::Live);
                sizes.depth(now, &depth);
                // Another picture within the second counts nothing.
                sizes.depth(now.plus_ms(10), &depth);
                seen.push(slow_rows(&depth, ZOOMS[zoom]));
            }
            let last = seen.len().saturating_sub(LOOKS);
            let mut all: Vec<i64> = seen[last..].concat();
            all.sort_unstable();
            let usual = sizes.shown()[zoom].usual;
            prop_assert_eq!(usual.is_some(), all.len() >= FEWEST as usize);
            if let Some(usual) = usual {
                let exact = |thousandths: usize| all[all.len() * thousandths / 1_000];
                let near = |ours: i64, exact: i64| ours <= exact && exact - ours <= exact / 8;
                prop_assert!(near(usual.middle, exact(500)));
                prop_assert!(near(usual.most, exact(900)));
                prop_assert!(usual.large == usual.middle * 3 || near(usual.large, exact(950)));
                prop_assert!(usual.huge == usual.large * 2 || near(usual.huge, exact(990)));
                prop_assert!(usual.large >= usual.middle * 3 && usual.huge >= usual.large * 2);
            }
        }
    }

    #[test]
    fn a_large_size_ages_until_it_goes_and_a_nibble_does_not_make_it_young() {
        let mut sizes = Sizes::default();
        let start = Stamp::default();
        let mut book = [100_i64; 40];
        let mut look = |second: u64, wall: i64| {
            book[7] = wall;
            sizes.depth(
                start.plus_ms(second * LOOK_MS),
                &depth(1_000, &book, &[100; 40], BookState::Live),
            );
            let standing = &sizes.shown()[0].standing;
            let found = standing.iter().find(|s| s.price == Price(993));
            found.map(|s| s.since.ms_since(start) / LOOK_MS)
        };
        assert_eq!(look(1, 100), None);
        assert_eq!(look(2, 900), Some(2));
        assert_eq!(look(3, 260), Some(2), "a part of it traded");
        assert_eq!(look(4, 100), None);
        assert_eq!(look(5, 900), Some(5));
    }

    #[test]
    fn a_book_that_is_not_live_is_not_measured() {
        let mut sizes = Sizes::default();
        let stale = depth(1_000, &[5; 60], &[5; 60], BookState::Stale(String::new()));
        sizes.depth(Stamp::default(), &stale);
        sizes.tick(Stamp::default().plus_ms(5_000));
        assert_eq!(sizes.shown()[0].usual, None);
    }
}
