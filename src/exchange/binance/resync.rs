//! One book kept whole by the documented steps (Binance, How to manage a local order book correctly; spot and USDⓈ-M futures
//! differ in how events follow each other).
//!
//! Owns the book, the events buffered before a snapshot, and the counts of what went wrong. It asks for nothing: the feed
//! fetches snapshots and decides what may be shown.

use std::collections::VecDeque;

use super::depth_json::Snapshot;
use super::depth_text::{Change, Head};
use super::product::Sequence;
use crate::domain::{Book, Price, Side};

/// Most events kept while a snapshot is awaited: at 10 a second more than three minutes.
const BUFFER_MAX: usize = 2048;
/// Page sizes of `GET depth`: a side with exactly so many levels was cut there.
const PAGES: [usize; 8] = [5, 10, 20, 50, 100, 500, 1_000, 5_000];
/// A crossed book for so many events in a row is corrupt.
const CROSSED_MAX: u8 = 2;

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Changed the book.
    Applied,
    /// Already contained (`u` at or below what is applied): dropped.
    Stale,
    /// Kept for the snapshot to come.
    Buffered,
    /// Did not follow the one before: the book was dropped, a new snapshot is needed.
    Gap,
    /// The snapshot ended before this event began: a newer snapshot is needed.
    TooOld,
    /// Best bid at or above best ask twice in a row: the book was dropped, a new snapshot is needed.
    Crossed,
}

/// What has happened to one book since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events received.
    pub messages: u64,
    /// Events applied.
    pub applied: u64,
    /// Events dropped as already contained.
    pub stale: u64,
    /// Breaks of the chain.
    pub gaps: u64,
    /// Snapshots that ended before the first event began.
    pub too_old: u64,
    /// Times that the book was brought back from a snapshot after it was lost.
    pub resyncs: u64,
}

/// One book and its place in the sequence.
#[derive(Debug, Default)]
pub struct Resync {
    sequence: Sequence,
    book: Book,
    chain: Chain,
    buffered: VecDeque<(Head, Vec<Change>)>,
    crossed: u8,
    overlap: bool,
    was_synced: bool,
    counts: Counts,
    known_down_to: Option<Price>,
    known_up_to: Option<Price>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Chain {
    /// No snapshot yet.
    #[default]
    Waiting,
    /// A snapshot stands; the next event must reach over its id.
    Snapshot(u64),
    /// The last event applied ended with this id.
    Whole(u64),
}

impl Resync {
    /// A book whose events follow each other like this.
    pub fn new(sequence: Sequence) -> Self {
        Self {
            sequence,
            ..Self::default()
        }
    }

    /// The book; empty while not [`Resync::is_synced`].
    pub const fn book(&self) -> &Book {
        &self.book
    }

    /// True when the book is a snapshot followed by an unbroken chain of events.
    pub fn is_synced(&self) -> bool {
        self.chain != Chain::Waiting
    }

    /// The id that the book has reached, 0 while not synchronised.
    pub const fn last(&self) -> u64 {
        match self.chain {
            Chain::Waiting => 0,
            Chain::Snapshot(last) | Chain::Whole(last) => last,
        }
    }

    /// True when events are waiting for a snapshot.
    pub fn has_buffered(&self) -> bool {
        !self.buffered.is_empty()
    }

    /// True when the last event left the book crossed or locked.
    pub const fn is_crossed(&self) -> bool {
        self.crossed > 0
    }

    /// True when it has been whole before.
    pub const fn was_synced(&self) -> bool {
        self.was_synced
    }

    /// What has happened so far.
    pub const fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Below and above these prices the snapshot told nothing; `None`: everything is known.
    pub const fn known(&self) -> (Option<Price>, Option<Price>) {
        (self.known_down_to, self.known_up_to)
    }

    /// While two sockets carry the same stream (planned reconnect) their events may be cut at different ids: one that begins at or
    /// before the id reached and ends after it leaves nothing out, because sizes are absolute (step 6).
    pub fn overlap(&mut self, overlapping: bool) {
        self.overlap = overlapping;
    }

    /// Takes one event of the socket that is about to take over: applied where it continues the chain, else dropped, never a gap.
    pub fn offer(&mut self, head: &Head, changes: &[Change]) -> Step {
        match self.chain {
            Chain::Whole(last) if head.previous <= last && head.last > last => {
                self.counts.messages += 1;
                self.apply(head, changes)
            }
            _ => Step::Stale,
        }
    }

    /// Takes one event (steps 1, 3, 4, 5, 6).
    pub fn event(&mut self, head: &Head, changes: &[Change]) -> Step {
        self.counts.messages += 1;
        self.take(head, changes)
    }

    fn take(&mut self, head: &Head, changes: &[Change]) -> Step {
        match self.chain {
            // Step 1: buffer.
            Chain::Waiting => {
                self.buffer(head, changes);
                Step::Buffered
            }
            // Step 3: drop what ended before the snapshot.
            Chain::Snapshot(last) if self.precedes(head, last) => self.drop_stale(),
            // Step 4: the first one reaches over the snapshot's id; one that follows it directly is as good.
            Chain::Snapshot(last) if head.first <= last || head.previous == last => {
                self.apply(head, changes)
            }
            Chain::Snapshot(_) => {
                self.counts.too_old += 1;
                self.restart(head, changes);
                Step::TooOld
            }
            Chain::Whole(last) if head.last <= last => self.drop_stale(),
            // Step 5: the event before it is the last one applied, and nothing else proves continuity.
            Chain::Whole(last) if head.previous == last => self.apply(head, changes),
            Chain::Whole(last) if self.may_overlap() && head.previous < last => {
                self.apply(head, changes)
            }
            Chain::Whole(_) => {
                self.counts.gaps += 1;
                self.restart(head, changes);
                Step::Gap
            }
        }
    }

    /// The snapshot at `last` contains this event. On futures one that ends there must be applied (`u < lastUpdateId` is dropped),
    /// on spot it must not (`u <= lastUpdateId`).
    const fn precedes(&self, head: &Head, last: u64) -> bool {
        match self.sequence {
            Sequence::Linked => head.last < last,
            Sequence::Consecutive => head.last <= last,
        }
    }

    /// Spot takes any event that leaves no id out (`U` at most the next one).
    fn may_overlap(&self) -> bool {
        self.overlap || self.sequence == Sequence::Consecutive
    }

    /// Takes a snapshot (steps 2 to 4) and then what was buffered. Gives the step that broke it again, if one did.
    /// While the chain is whole a snapshot tells nothing new and is ignored.
    pub fn snapshot(&mut self, snapshot: &Snapshot) -> Result<(), Step> {
        if self.is_synced() {
            return Ok(());
        }
        self.book.clear();
        for change in &snapshot.levels {
            self.book.set(change.side, change.price, change.qty);
        }
        self.known_down_to = boundary(snapshot, Side::Buy);
        self.known_up_to = boundary(snapshot, Side::Sell);
        self.chain = Chain::Snapshot(snapshot.last);
        self.crossed = 0;
        let mut broke = Ok(());
        for (head, changes) in std::mem::take(&mut self.buffered) {
            let step = self.take(&head, &changes);
            if matches!(step, Step::Gap | Step::TooOld | Step::Crossed) {
                broke = Err(step);
            }
        }
        if self.is_synced() {
            self.counts.resyncs += u64::from(self.was_synced);
            self.was_synced = true;
        }
        broke
    }

    /// Drops the book, because something outside shows that it cannot be believed.
    pub fn distrust(&mut self) {
        self.chain = Chain::Waiting;
        self.book.clear();
        self.buffered.clear();
        self.crossed = 0;
        self.known_down_to = None;
        self.known_up_to = None;
    }

    fn apply(&mut self, head: &Head, changes: &[Change]) -> Step {
        for change in changes {
            self.book.set(change.side, change.price, change.qty);
        }
        self.chain = Chain::Whole(head.last);
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

    fn drop_stale(&mut self) -> Step {
        self.counts.stale += 1;
        Step::Stale
    }

    /// Step 5: drop the book, keep this event for the next snapshot.
    fn restart(&mut self, head: &Head, changes: &[Change]) {
        self.distrust();
        self.buffer(head, changes);
    }

    fn buffer(&mut self, head: &Head, changes: &[Change]) {
        if self.buffered.len() >= BUFFER_MAX {
            // The next snapshot will be newer than all of these.
            self.buffered.clear();
        }
        self.buffered.push_back((*head, changes.to_vec()));
    }
}

/// The furthest price of a side that was cut at a page's end; `None` when the whole side was sent.
fn boundary(snapshot: &Snapshot, side: Side) -> Option<Price> {
    let half = || snapshot.levels.iter().filter(|l| l.side == side);
    if PAGES.contains(&half().count()) {
        half().next_back().map(|level| level.price)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Qty, Symbol};

    fn event(first: u64, last: u64, previous: u64) -> Head {
        Head {
            symbol: Symbol::new("BTCUSDT").unwrap(),
            event_ms: 0,
            first,
            last,
            previous,
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

    fn snapshot(last: u64) -> Snapshot {
        Snapshot {
            last,
            levels: vec![bid(100, 5), bid(99, 1), ask(101, 7)],
        }
    }

    fn synced_at(last: u64) -> Resync {
        let mut book = Resync::default();
        book.event(&event(last - 5, last, last - 6), &[bid(98, 2)]);
        assert_eq!(book.snapshot(&snapshot(last)), Ok(()));
        assert!(book.is_synced());
        book
    }

    #[test]
    fn the_documented_steps_in_order() {
        let mut book = Resync::default();
        assert_eq!(book.event(&event(80, 90, 79), &[bid(1, 1)]), Step::Buffered);
        assert_eq!(
            book.event(&event(91, 105, 90), &[bid(100, 9)]),
            Step::Buffered
        );
        assert_eq!(
            book.event(&event(106, 110, 105), &[bid(99, 0)]),
            Step::Buffered
        );
        assert_eq!(book.snapshot(&snapshot(100)), Ok(()));
        assert_eq!(book.book().at(Side::Buy, Price(1)), Qty::ZERO);
        assert_eq!(book.book().at(Side::Buy, Price(100)), Qty(9));
        assert_eq!(book.book().count(Side::Buy), 1);
        assert_eq!(book.last(), 110);
        let counts = book.counts();
        assert_eq!((counts.messages, counts.applied, counts.stale), (3, 2, 1));
    }

    #[test]
    fn an_event_that_follows_the_snapshot_directly_is_as_good() {
        let mut book = Resync::default();
        assert_eq!(book.snapshot(&snapshot(100)), Ok(()));
        assert_eq!(book.event(&event(120, 130, 100), &[]), Step::Applied);
    }

    #[test]
    fn a1_a_gap_resyncs_and_shows_nothing_old() {
        let mut book = synced_at(100);
        assert_eq!(book.event(&event(105, 110, 104), &[bid(97, 1)]), Step::Gap);
        assert!(!book.is_synced());
        assert_eq!(book.book().best(Side::Buy), None);
        assert_eq!(
            book.event(&event(111, 115, 110), &[bid(96, 4)]),
            Step::Buffered
        );
        assert_eq!(book.snapshot(&snapshot(112)), Ok(()));
        assert_eq!(book.book().at(Side::Buy, Price(96)), Qty(4));
        assert_eq!((book.counts().gaps, book.counts().resyncs), (1, 1));
    }

    #[test]
    fn a2_a_snapshot_older_than_the_first_event_is_never_applied() {
        let mut book = Resync::default();
        book.event(&event(200, 210, 199), &[bid(98, 2)]);
        assert_eq!(book.snapshot(&snapshot(100)), Err(Step::TooOld));
        assert!(!book.is_synced());
        assert_eq!(book.book().best(Side::Sell), None);
        assert_eq!(book.snapshot(&snapshot(205)), Ok(()));
        assert!(book.is_synced());
        assert_eq!((book.counts().gaps, book.counts().too_old), (0, 1));
        assert_eq!(book.counts().resyncs, 0);
    }

    #[test]
    fn a9_crossed_twice_in_a_row_is_corruption() {
        let mut book = synced_at(100);
        assert_eq!(
            book.event(&event(101, 102, 100), &[bid(101, 1)]),
            Step::Applied
        );
        assert!(book.is_crossed());
        assert_eq!(
            book.event(&event(103, 104, 102), &[bid(101, 0)]),
            Step::Applied
        );
        assert!(!book.is_crossed());
        book.event(&event(105, 106, 104), &[bid(102, 1)]);
        assert_eq!(book.event(&event(107, 108, 106), &[]), Step::Crossed);
        assert!(!book.is_synced());
    }

    #[test]
    fn a11_duplicates_are_dropped_and_swapped_events_are_a_gap() {
        let mut book = synced_at(100);
        let again = event(101, 104, 100);
        assert_eq!(book.event(&again, &[bid(98, 3)]), Step::Applied);
        assert_eq!(book.event(&again, &[bid(98, 3)]), Step::Stale);
        assert_eq!(book.counts().gaps, 0);
        assert_eq!(book.event(&event(110, 114, 109), &[]), Step::Gap);
    }

    #[test]
    fn a13_a_full_page_is_a_boundary_and_a_short_side_is_whole() {
        let mut book = Resync::default();
        let mut levels: Vec<Change> = (0..50).map(|i| bid(1000 - i, 1)).collect();
        levels.push(ask(1001, 1));
        let cut = Snapshot { last: 9, levels };
        assert_eq!(book.snapshot(&cut), Ok(()));
        assert_eq!(book.known(), (Some(Price(951)), None));
    }

    #[test]
    fn a15_an_empty_side_is_fine() {
        let mut book = synced_at(100);
        assert_eq!(
            book.event(&event(101, 102, 100), &[ask(101, 0)]),
            Step::Applied
        );
        assert_eq!(book.book().best(Side::Sell), None);
        assert!(book.book().best(Side::Buy).is_some());
        assert!(book.is_synced());
    }

    #[test]
    fn a10_events_of_a_second_socket_continue_the_chain_and_never_break_it() {
        let mut book = synced_at(100);
        book.overlap(true);
        assert_eq!(book.offer(&event(111, 120, 110), &[]), Step::Stale);
        assert_eq!(book.event(&event(101, 110, 100), &[]), Step::Applied);
        assert_eq!(book.offer(&event(105, 115, 104), &[]), Step::Applied);
        assert_eq!(book.event(&event(111, 120, 110), &[]), Step::Applied);
        assert_eq!(book.event(&event(131, 140, 130), &[]), Step::Gap);
        let mut book = synced_at(100);
        assert_eq!(book.event(&event(95, 110, 94), &[]), Step::Gap);
    }

    #[test]
    fn the_buffer_is_bounded() {
        let mut book = Resync::default();
        for id in 0..(BUFFER_MAX as u64 * 2 + 5) {
            book.event(&event(id, id, id.saturating_sub(1)), &[]);
        }
        assert!(book.buffered.len() <= BUFFER_MAX);
    }
}
