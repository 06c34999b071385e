//! One book that its venue pushes: a snapshot, then changes that prove what they follow.
//!
//! Owns the book and the counts of what went wrong. It asks for nothing: the feed has it sent anew.

use std::collections::BTreeMap;

use super::dialect::{BookEvent, Follows};
use super::levels::Change;
use crate::domain::{Book, Price, Side};

/// A crossed book for so many events in a row is corrupt.
const CROSSED_MAX: u8 = 2;
/// Levels a side that a checksum is over (OKX, Checksum).
const SUMMED: usize = 25;

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A snapshot: the book is what it says.
    Replaced,
    /// Changed the book.
    Applied,
    /// Already contained: dropped.
    Stale,
    /// No snapshot has come yet: dropped.
    Early,
    /// Did not follow the one before: the book was dropped, a new snapshot is needed.
    Gap,
    /// Best bid at or above best ask twice in a row: the book was dropped, a new snapshot is needed.
    Crossed,
}

/// What has happened to one book since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events received.
    pub messages: u64,
    /// Events applied, snapshots included.
    pub applied: u64,
    /// Events dropped as already contained.
    pub stale: u64,
    /// Breaks of the chain.
    pub gaps: u64,
    /// Times that the book was brought back from a snapshot after it was lost.
    pub resyncs: u64,
}

/// One book and its place in the sequence.
#[derive(Debug, Default)]
pub struct PushedBook {
    book: Book,
    synced: bool,
    was_synced: bool,
    crossed: u8,
    id: u64,
    order: u64,
    venue_ms: i64,
    engine_ms: i64,
    texts: Texts,
    counts: Counts,
}

/// Sizes and prices by level as the venue wrote them; empty where no checksum is compared.
type Texts = BTreeMap<(bool, Price), [String; 2]>;

impl PushedBook {
    /// The levels; none while not [`PushedBook::is_synced`].
    pub const fn book(&self) -> &Book {
        &self.book
    }

    /// True when the book is a snapshot followed by an unbroken chain of changes.
    pub const fn is_synced(&self) -> bool {
        self.synced
    }

    /// Its place among the events of all streams of this instrument, 0 while not synchronised.
    pub const fn order(&self) -> u64 {
        self.order
    }

    /// When the venue sent the last event applied, ms since 1970.
    pub const fn venue_ms(&self) -> i64 {
        self.venue_ms
    }

    /// When the matching engine made the last event applied, ms since 1970.
    pub const fn engine_ms(&self) -> i64 {
        self.engine_ms
    }

    /// True when the last event left the book crossed or locked.
    pub const fn is_crossed(&self) -> bool {
        self.crossed > 0
    }

    /// What has happened so far.
    pub const fn counts(&self) -> &Counts {
        &self.counts
    }

    /// This book goes on with the counts of another.
    pub const fn count_on(&mut self, counts: Counts) {
        self.counts = counts;
    }

    /// The price of the `depth`th level of a side: beyond it the venue tells nothing. `None` when the side has fewer levels, so that
    /// the whole of it is known.
    pub fn known_to(&self, side: Side, depth: usize) -> Option<Price> {
        let level = self.book.levels(side).nth(depth.saturating_sub(1))?;
        Some(level.price)
    }

    /// Takes one event.
    pub fn take(&mut self, event: &BookEvent) -> Step {
        self.counts.messages += 1;
        match event.follows {
            Follows::Nothing => self.replace(event),
            _ if !self.synced => Step::Early,
            Follows::Id(previous) if previous == self.id => self.apply(event),
            // A frame that came twice. What has an old id and yet is new comes from a venue that counts anew: a gap.
            Follows::Id(_) if event.id <= self.id && event.venue_ms <= self.venue_ms => {
                self.counts.stale += 1;
                Step::Stale
            }
            Follows::Id(_) | Follows::Checksum(None) => self.gap(),
            Follows::Checksum(Some(sum)) => match self.apply(event) {
                Step::Applied if self.checksum() != sum => {
                    self.counts.applied -= 1;
                    self.gap()
                }
                step => step,
            },
        }
    }

    /// Drops the book, because something outside shows that it cannot be believed.
    pub fn distrust(&mut self) {
        self.synced = false;
        self.book.clear();
        self.texts.clear();
        self.crossed = 0;
        self.order = 0;
    }

    fn replace(&mut self, event: &BookEvent) -> Step {
        self.counts.resyncs += u64::from(self.was_synced && !self.synced);
        self.distrust();
        self.synced = true;
        self.was_synced = true;
        match self.apply(event) {
            Step::Applied => Step::Replaced,
            step => step,
        }
    }

    fn apply(&mut self, event: &BookEvent) -> Step {
        for change in &event.changes {
            self.book.set(change.side, change.price, change.qty);
        }
        for (change, text) in event.changes.iter().zip(&event.texts) {
            self.write_down(*change, text);
        }
        self.id = event.id;
        self.order = event.order;
        self.venue_ms = event.venue_ms;
        self.engine_ms = event.engine_ms;
        self.counts.applied += 1;
        if !self.book.is_crossed() {
            self.crossed = 0;
            return Step::Applied;
        }
        self.crossed += 1;
        if self.crossed < CROSSED_MAX {
            return Step::Applied;
        }
        self.distrust();
        Step::Crossed
    }

    fn gap(&mut self) -> Step {
        self.counts.gaps += 1;
        self.distrust();
        Step::Gap
    }

    fn write_down(&mut self, change: Change, text: &[String; 2]) {
        let place = (change.side == Side::Buy, change.price);
        if change.qty.0 > 0 {
            self.texts.insert(place, text.clone());
        } else {
            self.texts.remove(&place);
        }
    }

    /// CRC32 over the first levels, bid and ask in turn, `price:size` joined by `:`, read as a signed number.
    fn checksum(&self) -> i32 {
        let bids: Vec<_> = self.summed(Side::Buy).collect();
        let asks: Vec<_> = self.summed(Side::Sell).collect();
        let mut words = Vec::with_capacity(4 * SUMMED);
        for at in 0..SUMMED {
            for level in bids.get(at).into_iter().chain(asks.get(at)) {
                words.extend(level.iter().map(String::as_str));
            }
        }
        let mut crc = flate2::Crc::new();
        crc.update(words.join(":").as_bytes());
        crc.sum().cast_signed()
    }

    fn summed(&self, side: Side) -> impl Iterator<Item = &[String; 2]> {
        let levels = self.book.levels(side).take(SUMMED);
        levels.filter_map(move |level| self.texts.get(&(side == Side::Buy, level.price)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Qty, Symbol};
    use crate::exchange::pushed::dialect::Channel;

    fn event(follows: Follows, id: u64, changes: &[Change]) -> BookEvent {
        BookEvent {
            symbol: Symbol::new("BTCUSDT").unwrap(),
            channel: Channel::new("books").unwrap(),
            depth: 400,
            venue_ms: i64::try_from(id).unwrap(),
            engine_ms: i64::try_from(id).unwrap(),
            follows,
            id,
            order: id,
            changes: changes.to_vec(),
            texts: Vec::new(),
        }
    }

    fn bid(price: i64, qty: i64) -> Change {
        Change {
            side: Side::Buy,
            price: Price(price),
            qty: Qty(qty),
        }
    }

    fn ask(price: i64, qty: i64) -> Change {
        Change {
            side: Side::Sell,
            ..bid(price, qty)
        }
    }

    fn synced() -> PushedBook {
        let mut book = PushedBook::default();
        let levels = [bid(100, 5), bid(99, 1), ask(101, 7)];
        let snapshot = event(Follows::Nothing, 100, &levels);
        assert_eq!(book.take(&snapshot), Step::Replaced);
        book
    }

    #[test]
    fn a_snapshot_then_changes_that_name_what_they_follow() {
        let mut book = PushedBook::default();
        let early = event(Follows::Id(9), 10, &[bid(1, 1)]);
        assert_eq!(book.take(&early), Step::Early);
        assert!(!book.is_synced());
        let mut book = synced();
        // Ids need not step by one.
        let change = event(Follows::Id(100), 107, &[bid(99, 0), bid(98, 3)]);
        assert_eq!(book.take(&change), Step::Applied);
        assert_eq!(book.book().count(Side::Buy), 2);
        assert_eq!(book.book().at(Side::Buy, Price(98)), Qty(3));
    }

    #[test]
    fn a1_a_gap_drops_the_book_and_only_a_snapshot_brings_it_back() {
        let mut book = synced();
        let torn = event(Follows::Id(105), 106, &[bid(97, 1)]);
        assert_eq!(book.take(&torn), Step::Gap);
        assert!(!book.is_synced());
        assert_eq!(book.book().best(Side::Buy), None);
        assert_eq!(book.take(&event(Follows::Id(106), 107, &[])), Step::Early);
        let again = event(Follows::Nothing, 200, &[bid(96, 4)]);
        assert_eq!(book.take(&again), Step::Replaced);
        assert_eq!((book.counts().gaps, book.counts().resyncs), (1, 1));
        assert_eq!(book.book().count(Side::Buy), 1);
    }

    #[test]
    fn a3_a_snapshot_in_the_middle_replaces_in_one_step() {
        let mut book = synced();
        let restarted = event(Follows::Nothing, 1, &[bid(90, 1), ask(91, 1)]);
        assert_eq!(book.take(&restarted), Step::Replaced);
        assert_eq!(book.take(&event(Follows::Id(1), 2, &[])), Step::Applied);
        assert_eq!(book.counts().resyncs, 0);
        assert_eq!(book.book().best(Side::Buy).unwrap().price, Price(90));
    }

    #[test]
    fn a4_equal_ids_and_ids_that_start_anew_go_on_where_they_name_the_last() {
        let mut book = synced();
        // Nothing changed for a minute.
        assert_eq!(book.take(&event(Follows::Id(100), 100, &[])), Step::Applied);
        // Maintenance: the ids fall, the chain holds.
        let mut reset = event(Follows::Id(100), 3, &[bid(99, 0)]);
        reset.venue_ms = 101;
        assert_eq!(book.take(&reset), Step::Applied);
        assert_eq!(book.book().count(Side::Buy), 1);
        let mut next = event(Follows::Id(3), 5, &[]);
        next.venue_ms = 102;
        assert_eq!(book.take(&next), Step::Applied);
    }

    #[test]
    fn a9_crossed_twice_in_a_row_is_corruption() {
        let mut book = synced();
        let cross = event(Follows::Id(100), 101, &[bid(101, 1)]);
        assert_eq!(book.take(&cross), Step::Applied);
        assert!(book.is_crossed());
        let mend = event(Follows::Id(101), 102, &[bid(101, 0)]);
        assert_eq!(book.take(&mend), Step::Applied);
        assert!(!book.is_crossed());
        book.take(&event(Follows::Id(102), 103, &[bid(102, 1)]));
        let last = event(Follows::Id(103), 104, &[]);
        assert_eq!(book.take(&last), Step::Crossed);
        assert!(!book.is_synced());
    }

    #[test]
    fn a11_a_frame_that_comes_twice_is_dropped_and_swapped_ones_are_a_gap() {
        let mut book = synced();
        let once = event(Follows::Id(100), 104, &[bid(98, 3)]);
        assert_eq!(book.take(&once), Step::Applied);
        assert_eq!(book.take(&once), Step::Stale);
        assert_eq!((book.counts().stale, book.counts().gaps), (1, 0));
        // An old id with a new time is no frame that came twice.
        let mut anew = event(Follows::Id(2), 3, &[]);
        anew.venue_ms = 1_000;
        assert_eq!(book.take(&anew), Step::Gap);
        let mut book = synced();
        let later = event(Follows::Id(104), 105, &[]);
        assert_eq!(book.take(&later), Step::Gap);
    }

    #[test]
    fn a13_a_full_side_is_known_so_far_and_a_short_one_whole() {
        let book = synced();
        assert_eq!(book.known_to(Side::Buy, 2), Some(Price(99)));
        assert_eq!(book.known_to(Side::Sell, 2), None);
    }

    #[test]
    fn a17_a_checksum_is_over_the_texts_and_nothing_else_proves_such_an_event() {
        let text = |price: &str, qty: &str| [price.to_owned(), qty.to_owned()];
        let mut first = event(Follows::Nothing, 0, &[bid(3366, 7), ask(3367, 9)]);
        first.texts = vec![text("3366.1", "7"), text("3366.8", "9")];
        let mut book = PushedBook::default();
        assert_eq!(book.take(&first), Step::Replaced);
        // The documented order with one bid and three asks: 3366.1:7:3366.8:9:3368:8:3372:8 (OKX, Checksum).
        let mut more = event(Follows::Checksum(None), 0, &[ask(3368, 8), ask(3372, 8)]);
        more.texts = vec![text("3368", "8"), text("3372", "8")];
        let mut crc = flate2::Crc::new();
        crc.update(b"3366.1:7:3366.8:9:3368:8:3372:8");
        more.follows = Follows::Checksum(Some(crc.sum().cast_signed()));
        assert_eq!(book.take(&more), Step::Applied);
        let mut wrong = event(Follows::Checksum(Some(1)), 0, &[bid(3366, 8)]);
        wrong.texts = vec![text("3366.1", "8")];
        assert_eq!(book.take(&wrong), Step::Gap);
        assert_eq!((book.counts().applied, book.counts().gaps), (2, 1));
        assert_eq!(book.take(&first), Step::Replaced);
        let silent = event(Follows::Checksum(None), 0, &[]);
        assert_eq!(book.take(&silent), Step::Gap);
    }
}
