//! The order book of one instrument in ticks and lots.
//!
//! Each half keeps sizes in a flat window of ticks around its best price, where nearly all changes fall, and the levels far
//! behind it in a sorted list. A change near the touch is one array write; memory is reused, so a steady stream allocates nothing.

use super::{Price, Qty, Side};

/// Ticks in the flat window of a half.
const WINDOW: usize = 1 << 15;
/// Ticks kept free in front of the best level when the window is placed, so that a better price rarely moves it.
const LEAD: i64 = 1 << 12;
/// Most levels kept behind the window; beyond that the furthest is forgotten.
const FAR_MAX: usize = 1 << 16;

/// One price with its whole size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// Ticks.
    pub price: Price,
    /// Lots, above zero.
    pub qty: Qty,
}

/// Two sides of price levels.
#[derive(Clone, Default)]
pub struct Book {
    bids: Half,
    asks: Half,
}

impl Book {
    /// An empty book.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets every level, keeps the memory.
    pub fn clear(&mut self) {
        self.bids.clear();
        self.asks.clear();
    }

    /// Sets the whole size at a price; zero removes the level, removing an unknown level is normal.
    #[inline]
    pub fn set(&mut self, side: Side, price: Price, qty: Qty) {
        match side {
            Side::Buy => self.bids.set(rank(side, price), qty.0),
            Side::Sell => self.asks.set(rank(side, price), qty.0),
        }
    }

    /// The best level of a side.
    #[inline]
    pub fn best(&self, side: Side) -> Option<Level> {
        self.half(side).best().map(|found| level(side, found))
    }

    /// The levels of a side, best first.
    pub fn levels(&self, side: Side) -> impl Iterator<Item = Level> + '_ {
        self.half(side).iter().map(move |found| level(side, found))
    }

    /// Size at a price, zero when there is no level.
    pub fn at(&self, side: Side, price: Price) -> Qty {
        Qty(self.half(side).at(rank(side, price)))
    }

    /// How many levels a side has.
    pub fn count(&self, side: Side) -> usize {
        self.half(side).count
    }

    /// True when best bid is at or above best ask.
    pub fn is_crossed(&self) -> bool {
        match (self.best(Side::Buy), self.best(Side::Sell)) {
            (Some(bid), Some(ask)) => bid.price >= ask.price,
            _ => false,
        }
    }

    const fn half(&self, side: Side) -> &Half {
        match side {
            Side::Buy => &self.bids,
            Side::Sell => &self.asks,
        }
    }
}

/// The counts alone: a book has thousands of levels.
impl std::fmt::Debug for Book {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Book({} bids, {} asks)",
            self.bids.count, self.asks.count
        )
    }
}

/// A number that grows from the best price backwards on either side. `!` mirrors the whole range without overflow.
const fn rank(side: Side, price: Price) -> i64 {
    match side {
        Side::Buy => !price.0,
        Side::Sell => price.0,
    }
}

const fn level(side: Side, (rank, qty): (i64, i64)) -> Level {
    let price = match side {
        Side::Buy => !rank,
        Side::Sell => rank,
    };
    Level {
        price: Price(price),
        qty: Qty(qty),
    }
}

/// One side by rank. The best level is always inside the window, and every far level is behind it.
#[derive(Clone)]
struct Half {
    /// Rank of the window's first slot.
    base: i64,
    /// Lots a slot, zero where there is no level. Empty until the first level comes.
    sizes: Vec<i64>,
    /// One bit a slot: is there a level.
    marks: Vec<u64>,
    /// Slot of the best level, `WINDOW` when there is none.
    first: usize,
    /// (rank, lots) behind the window, furthest first.
    far: Vec<(i64, i64)>,
    /// Levels in window and list together.
    count: usize,
}

impl Default for Half {
    fn default() -> Self {
        Self {
            base: 0,
            sizes: Vec::new(),
            marks: Vec::new(),
            first: WINDOW,
            far: Vec::new(),
            count: 0,
        }
    }
}

impl Half {
    fn clear(&mut self) {
        self.sizes.fill(0);
        self.marks.fill(0);
        self.far.clear();
        self.first = WINDOW;
        self.count = 0;
    }

    /// Slots from the window's start to `rank`, which must not lie before it.
    const fn ahead(&self, rank: i64) -> u64 {
        rank.wrapping_sub(self.base) as u64
    }

    /// The slot of `rank`, if it is inside the window.
    #[inline]
    fn slot(&self, rank: i64) -> Option<usize> {
        if rank < self.base {
            return None;
        }
        usize::try_from(self.ahead(rank))
            .ok()
            .filter(|&slot| slot < WINDOW)
    }

    #[inline]
    fn set(&mut self, rank: i64, qty: i64) {
        if self.count == 0 {
            if qty <= 0 {
                return;
            }
            self.sizes.resize(WINDOW, 0);
            self.marks.resize(WINDOW / 64, 0);
            self.base = rank.saturating_sub(LEAD);
        } else if rank < self.base {
            if qty <= 0 {
                return;
            }
            self.move_towards_touch(rank.saturating_sub(LEAD));
        }
        match self.slot(rank) {
            Some(slot) => self.set_near(slot, qty.max(0)),
            None => self.set_far(rank, qty.max(0)),
        }
    }

    #[inline]
    fn set_near(&mut self, slot: usize, qty: i64) {
        let had = std::mem::replace(&mut self.sizes[slot], qty) != 0;
        if qty != 0 {
            if !had {
                self.marks[slot / 64] |= 1 << (slot % 64);
                self.count += 1;
                self.first = self.first.min(slot);
            }
        } else if had {
            self.marks[slot / 64] &= !(1 << (slot % 64));
            self.count -= 1;
            if slot == self.first {
                self.first = self.next_slot(slot);
                self.follow_touch();
            }
        }
    }

    #[cold]
    fn set_far(&mut self, rank: i64, qty: i64) {
        match self.far.binary_search_by(|probe| rank.cmp(&probe.0)) {
            Ok(index) if qty == 0 => {
                self.far.remove(index);
                self.count -= 1;
            }
            Ok(index) => self.far[index].1 = qty,
            Err(_) if qty == 0 => {}
            Err(0) if self.far.len() >= FAR_MAX => {}
            Err(index) => {
                self.far.insert(index, (rank, qty));
                self.count += 1;
                self.cap_far();
            }
        }
    }

    fn cap_far(&mut self) {
        if self.far.len() > FAR_MAX {
            let over = self.far.len() - FAR_MAX;
            self.far.drain(..over);
            self.count -= over;
        }
    }

    /// The first occupied slot at or after `from`, `WINDOW` when there is none.
    fn next_slot(&self, from: usize) -> usize {
        let mut word = from / 64;
        let Some(&marks) = self.marks.get(word) else {
            return WINDOW;
        };
        let mut marks = marks & (u64::MAX << (from % 64));
        loop {
            if marks != 0 {
                return word * 64 + marks.trailing_zeros() as usize;
            }
            word += 1;
            match self.marks.get(word) {
                Some(&next) => marks = next,
                None => return WINDOW,
            }
        }
    }

    /// Moves the window back when the best level has fallen behind its middle.
    fn follow_touch(&mut self) {
        if self.first <= WINDOW / 2 {
            return;
        }
        let best = match self.best() {
            Some((rank, _)) => rank,
            None => match self.far.last() {
                Some(&(rank, _)) => rank,
                None => return,
            },
        };
        self.move_back(best.saturating_sub(LEAD));
    }

    /// Places the window's start at a later rank and takes the far levels in that now fall inside.
    fn move_back(&mut self, base: i64) {
        if base <= self.base {
            return;
        }
        match usize::try_from(self.ahead(base)) {
            Ok(shift) if shift < WINDOW => {
                self.sizes.copy_within(shift.., 0);
                self.sizes[WINDOW - shift..].fill(0);
            }
            _ => self.sizes.fill(0),
        }
        self.base = base;
        while let Some(&(rank, qty)) = self.far.last() {
            let Some(slot) = self.slot(rank) else { break };
            self.sizes[slot] = qty;
            self.far.pop();
        }
        self.mark_all();
    }

    /// Places the window's start at an earlier rank; levels that fall off its end go to the far list.
    fn move_towards_touch(&mut self, base: i64) {
        let shift = self.base.wrapping_sub(base) as u64;
        let shift = usize::try_from(shift).unwrap_or(WINDOW).min(WINDOW);
        for slot in (WINDOW - shift..WINDOW).rev() {
            let qty = self.sizes[slot];
            if qty != 0 {
                self.far.push((self.base.saturating_add(slot as i64), qty));
            }
        }
        self.cap_far();
        self.sizes.copy_within(..WINDOW - shift, shift);
        self.sizes[..shift].fill(0);
        self.base = base;
        self.mark_all();
    }

    fn mark_all(&mut self) {
        for (word, sizes) in self.marks.iter_mut().zip(self.sizes.chunks_exact(64)) {
            *word = sizes
                .iter()
                .enumerate()
                .fold(0, |marks, (bit, &qty)| marks | (u64::from(qty != 0) << bit));
        }
        self.first = self.next_slot(0);
    }

    #[inline]
    fn best(&self) -> Option<(i64, i64)> {
        let &qty = self.sizes.get(self.first)?;
        Some((self.base.saturating_add(self.first as i64), qty))
    }

    fn at(&self, rank: i64) -> i64 {
        match self.slot(rank) {
            Some(slot) => self.sizes.get(slot).copied().unwrap_or(0),
            None => self
                .far
                .binary_search_by(|probe| rank.cmp(&probe.0))
                .map_or(0, |index| self.far[index].1),
        }
    }

    /// (rank, lots), best first.
    fn iter(&self) -> impl Iterator<Item = (i64, i64)> + '_ {
        let mut slot = self.first;
        let near = std::iter::from_fn(move || {
            let &qty = self.sizes.get(slot)?;
            let rank = self.base.saturating_add(slot as i64);
            slot = self.next_slot(slot + 1);
            Some((rank, qty))
        });
        near.chain(self.far.iter().rev().copied())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// The slow reference.
    #[derive(Default)]
    struct Slow {
        bids: BTreeMap<i64, i64>,
        asks: BTreeMap<i64, i64>,
    }

    impl Slow {
        fn set(&mut self, side: Side, price: i64, qty: i64) {
            let half = match side {
                Side::Buy => &mut self.bids,
                Side::Sell => &mut self.asks,
            };
            if qty <= 0 {
                half.remove(&price);
            } else {
                half.insert(price, qty);
            }
        }

        fn levels(&self, side: Side) -> Vec<Level> {
            let level = |(&p, &q): (&i64, &i64)| Level {
                price: Price(p),
                qty: Qty(q),
            };
            match side {
                Side::Buy => self.bids.iter().rev().map(level).collect(),
                Side::Sell => self.asks.iter().map(level).collect(),
            }
        }
    }

    fn assert_equal(fast: &Book, slow: &Slow) {
        for side in [Side::Buy, Side::Sell] {
            let want = slow.levels(side);
            assert_eq!(fast.levels(side).collect::<Vec<_>>(), want);
            assert_eq!(fast.count(side), want.len());
            assert_eq!(fast.best(side), want.first().copied());
        }
    }

    #[derive(Clone, Debug)]
    enum Change {
        Set(bool, i64, i64),
        Walk(i64),
        Clear,
    }

    fn change() -> impl Strategy<Value = Change> {
        let near = -40_i64..40;
        let wide = -60_000_i64..60_000;
        let offset = prop_oneof![8 => near, 3 => wide, 1 => any::<i64>(), 1 => Just(i64::MAX), 1 => Just(i64::MIN)];
        prop_oneof![
            40 => (any::<bool>(), offset, prop_oneof![2 => Just(0_i64), 3 => 1_i64..1000, 1 => -5_i64..0])
                .prop_map(|(bid, offset, qty)| Change::Set(bid, offset, qty)),
            3 => (-50_000_i64..50_000).prop_map(Change::Walk),
            1 => Just(Change::Clear),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn equals_the_slow_reference(changes in prop::collection::vec(change(), 1..250)) {
            let (mut fast, mut slow, mut middle) = (Book::new(), Slow::default(), 0_i64);
            for change in changes {
                match change {
                    Change::Set(bid, offset, qty) => {
                        let side = if bid { Side::Buy } else { Side::Sell };
                        let price = middle.saturating_add(offset);
                        fast.set(side, Price(price), Qty(qty));
                        slow.set(side, price, qty);
                        prop_assert_eq!(fast.at(side, Price(price)), Qty(qty.max(0)));
                    }
                    Change::Walk(by) => middle += by,
                    Change::Clear => {
                        fast.clear();
                        slow = Slow::default();
                    }
                }
                for side in [Side::Buy, Side::Sell] {
                    prop_assert_eq!(fast.best(side), slow.levels(side).first().copied());
                }
            }
            assert_equal(&fast, &slow);
        }
    }

    #[test]
    fn the_touch_walks_out_of_the_window_and_back() {
        let (mut fast, mut slow) = (Book::new(), Slow::default());
        for price in (0..200_000).step_by(97) {
            fast.set(Side::Sell, Price(price), Qty(price + 1));
            slow.set(Side::Sell, price, price + 1);
        }
        for price in (0..190_000).step_by(97) {
            fast.set(Side::Sell, Price(price), Qty(0));
            slow.set(Side::Sell, price, 0);
        }
        assert_equal(&fast, &slow);
        for price in (0..190_000).rev().step_by(89) {
            fast.set(Side::Sell, Price(price), Qty(7));
            slow.set(Side::Sell, price, 7);
        }
        assert_equal(&fast, &slow);
    }

    #[test]
    fn a_crossed_or_locked_book_says_so_and_an_empty_side_does_not() {
        let mut book = Book::new();
        book.set(Side::Buy, Price(100), Qty(1));
        assert!(!book.is_crossed());
        book.set(Side::Sell, Price(101), Qty(1));
        assert!(!book.is_crossed());
        book.set(Side::Sell, Price(100), Qty(1));
        assert!(book.is_crossed());
    }

    #[test]
    fn far_levels_are_capped_and_the_furthest_goes_first() {
        let mut book = Book::new();
        book.set(Side::Sell, Price(0), Qty(1));
        for step in 0..(FAR_MAX as i64 + 10) {
            book.set(Side::Sell, Price(1_000_000 - step), Qty(1));
        }
        assert_eq!(book.count(Side::Sell), FAR_MAX + 1);
        assert_eq!(book.at(Side::Sell, Price(1_000_000)), Qty(0));
        assert_eq!(book.best(Side::Sell).map(|l| l.price), Some(Price(0)));
    }
}
