//! One followed symbol: its book, its best prices, and what may be believed of them now.
//!
//! Best prices run ahead of the 100 ms diffs and are never mixed into the book; the two are compared instead.

use std::sync::Arc;

use super::depth_json::Snapshot;
use super::depth_text::{Change, Grid, Head};
use super::market_text::BestPrices;
use super::product::Sequence;
use super::resync::{Resync, Step};
use crate::domain::{BookState, Depth, Instrument, Level, Price, Side, Stamp, Symbol, Touch};
use crate::exchange::backoff::Backoff;
use crate::exchange::health::{DEAD_AFTER_MS, STALE_AFTER_MS};
use crate::exchange::past::Errand;

/// Venue time of a frame may lie this far back when it comes, ms.
const LAG_MAX_MS: i64 = 1_000;
/// Best prices or prints may run ahead of the book for this long, ms.
const AHEAD_MAX_MS: u64 = 1_000;
/// After this long the depth stream counts as dead, ms.
const AHEAD_DEAD_MS: u64 = 5_000;
/// Best prices and book may disagree for this long, ms.
const DISAGREE_MAX_MS: u64 = 2_000;
/// Fewer disagreements in a row are chance.
const DISAGREE_MIN: u32 = 3;
/// The book's best may differ from silent best prices for this long, ms.
const TICKER_DEAD_MS: u64 = 10_000;
/// A subscribed book without any event asks for its snapshot after this long, ms.
const QUIET_SYNC_MS: u64 = 1_000;
/// Snapshots of one book are at least so far apart, however often it breaks, ms.
const SNAPSHOT_SPACING_MS: u64 = 1_000;
/// Failed tries after which a book is called down.
const TRIES_MAX: u32 = 5;

/// What is known of the public line.
#[derive(Clone, Copy, Debug)]
pub struct LineView<'a> {
    /// It stands.
    pub open: bool,
    /// When it last proved itself.
    pub proved: Option<Stamp>,
    /// Why it is down, in words.
    pub why: &'a str,
    /// The clock offset was measured.
    pub clock_known: bool,
}

/// What time alone shows to be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// Prints or best prices go on, depth does not.
    DepthDead,
    /// Best prices contradict the book.
    Contradiction,
    /// The depth stream stayed silent although it was asked for again: its socket is not to be trusted.
    SocketDead,
    /// Depth goes on, best prices do not.
    BestPricesDead,
}

/// The snapshot call of one book.
#[derive(Debug, Default)]
struct Fetch {
    in_flight: bool,
    tries: u32,
    not_before: Stamp,
    backoff: Backoff,
    needs_event: bool,
}

/// One followed symbol.
#[derive(Debug)]
pub struct Followed {
    /// Its filters.
    pub instrument: Arc<Instrument>,
    grid: Grid,
    resync: Resync,
    fetch: Fetch,
    synced_at: Option<Stamp>,
    why: &'static str,
    ticker: Option<BestPrices>,
    changed: Stamp,
    venue_ms: i64,
    lag_ms: Option<i64>,
    /// Best prices newer than the book: since when, and the id that the book must reach.
    ahead: Option<(Stamp, u64)>,
    /// A print newer than the book: since when, and the venue time that the book must reach.
    print_ahead: Option<(Stamp, i64)>,
    /// Best prices that were not the book's: since when, and how many in a row.
    disagree: Option<(Stamp, u32)>,
    ticker_behind: Option<Stamp>,
    shown: u8,
    /// The minutes before it was followed.
    pub past: Errand,
}

impl Followed {
    /// A symbol about to be followed.
    pub fn new(instrument: Instrument, sequence: Sequence) -> Self {
        Self {
            grid: Grid {
                sequence,
                symbol: instrument.symbol,
                tick: instrument.tick,
                lot: instrument.lot,
            },
            instrument: Arc::new(instrument),
            resync: Resync::new(sequence),
            fetch: Fetch::default(),
            synced_at: None,
            why: "first snapshot",
            ticker: None,
            changed: Stamp::default(),
            venue_ms: 0,
            lag_ms: None,
            ahead: None,
            print_ahead: None,
            disagree: None,
            ticker_behind: None,
            shown: 0,
            past: Errand::default(),
        }
    }

    /// Its name.
    pub fn symbol(&self) -> Symbol {
        self.instrument.symbol
    }

    /// Its steps.
    pub const fn grid(&self) -> Grid {
        self.grid
    }

    /// Its book and place in the sequence.
    pub const fn resync(&self) -> &Resync {
        &self.resync
    }

    /// Takes a depth event. `spare`: it came by the socket that is about to take over.
    pub fn depth_event(
        &mut self,
        now: Stamp,
        lag_ms: Option<i64>,
        head: &Head,
        changes: &[Change],
        spare: bool,
    ) -> Step {
        let step = if spare {
            self.resync.offer(head, changes)
        } else {
            self.resync.event(head, changes)
        };
        self.lag_ms = lag_ms;
        match step {
            Step::Applied => {
                self.changed = now;
                self.venue_ms = head.event_ms;
                self.caught_up(now, head);
            }
            Step::Buffered => self.fetch.needs_event = false,
            Step::Stale => {}
            Step::Gap => self.lost(now, "gap"),
            Step::TooOld => self.failed(now),
            Step::Crossed => self.lost(now, "crossed"),
        }
        step
    }

    fn caught_up(&mut self, now: Stamp, head: &Head) {
        if self.ahead.is_some_and(|(_, id)| head.last >= id) {
            self.ahead = None;
        }
        if self.print_ahead.is_some_and(|(_, ms)| head.event_ms >= ms) {
            self.print_ahead = None;
        }
        let differs = self.ticker.is_some_and(|t| {
            t.id < head.last && (self.price(Side::Buy), self.price(Side::Sell)) != prices(&t)
        });
        if !differs {
            self.ticker_behind = None;
        } else if self.ticker_behind.is_none() {
            self.ticker_behind = Some(now);
        }
    }

    /// Takes best prices.
    pub fn best_prices(&mut self, now: Stamp, lag_ms: Option<i64>, best: BestPrices) {
        // What says nothing of its time leaves what was measured before.
        self.lag_ms = lag_ms.or(self.lag_ms);
        self.ticker_behind = None;
        let before = self.ticker;
        if before.is_some_and(|before| best.id < before.id) {
            return;
        }
        self.ticker = Some(best);
        let reached = self.resync.last();
        if !self.resync.is_synced() || best.id <= reached {
            return;
        }
        if self.ahead.is_none() {
            self.ahead = Some((now, best.id));
        }
        // The ones before were the newest at the book's own id, so their prices must be its prices.
        let Some(before) = before.filter(|before| before.id <= reached) else {
            return;
        };
        if (self.price(Side::Buy), self.price(Side::Sell)) == prices(&before) {
            self.disagree = None;
        } else {
            let (since, times) = self.disagree.unwrap_or((now, 0));
            self.disagree = Some((since, times + 1));
        }
    }

    /// Takes note of a print that the book must show.
    pub fn print(&mut self, now: Stamp, venue_ms: i64) {
        if self.resync.is_synced() && self.print_ahead.is_none() && venue_ms > self.venue_ms {
            self.print_ahead = Some((now, venue_ms));
        }
    }

    fn price(&self, side: Side) -> Option<Price> {
        self.resync.book().best(side).map(|level| level.price)
    }

    /// True when a snapshot should be asked for now; `asked` is when the depth stream was subscribed.
    pub fn wants_snapshot(&self, now: Stamp, asked: Option<Stamp>) -> bool {
        let Some(asked) = asked else { return false };
        let fetch = &self.fetch;
        let quiet = !fetch.needs_event && now.ms_since(asked) >= QUIET_SYNC_MS;
        !self.resync.is_synced()
            && !fetch.in_flight
            && now.mono_ns >= fetch.not_before.mono_ns
            && (self.resync.has_buffered() || quiet)
    }

    /// The snapshot was asked for.
    pub fn asked_snapshot(&mut self) {
        self.fetch.in_flight = true;
    }

    /// The snapshot may not be asked for before this.
    pub fn wait_until(&mut self, until: Stamp) {
        self.fetch.not_before = until;
    }

    /// Takes the snapshot. True when the book stands now.
    pub fn snapshot(&mut self, now: Stamp, snapshot: &Snapshot) -> bool {
        self.fetch.in_flight = false;
        match self.resync.snapshot(snapshot) {
            Ok(()) => {
                self.fetch = Fetch::default();
                self.synced_at = Some(now);
                self.changed = now;
                self.ahead = None;
                self.print_ahead = None;
                self.disagree = None;
                self.ticker_behind = None;
                true
            }
            Err(_) => {
                self.failed(now);
                false
            }
        }
    }

    /// A try to get a usable snapshot failed: wait longer each time, at most 30 s, and never give up.
    pub fn failed(&mut self, now: Stamp) {
        self.fetch.in_flight = false;
        self.fetch.tries = self.fetch.tries.saturating_add(1);
        let wait = self.fetch.backoff.failed(0, now.mono_ns);
        self.fetch.not_before = now.plus_ms(wait);
    }

    /// The line is gone: nothing of this symbol is known.
    pub fn line_lost(&mut self, now: Stamp) {
        self.resync.distrust();
        self.ticker = None;
        self.lost(now, "reconnected");
        self.fetch = Fetch::default();
    }

    /// A message on this book's socket could not be read: it may have been an event of this book.
    pub fn bad_message(&mut self, now: Stamp) {
        self.resync.distrust();
        self.lost(now, "bad message");
    }

    fn lost(&mut self, now: Stamp, why: &'static str) {
        self.why = why;
        if let Some(synced_at) = self.synced_at {
            self.fetch.not_before = synced_at.plus_ms(SNAPSHOT_SPACING_MS);
        }
        self.changed = now;
        self.ahead = None;
        self.print_ahead = None;
        self.disagree = None;
        self.ticker_behind = None;
    }

    /// Two sockets stand: events of either may overlap.
    pub fn overlap(&mut self, overlapping: bool) {
        self.resync.overlap(overlapping);
    }

    /// What the passing of time shows; acts on the book, the caller mends the streams.
    pub fn doubt(&mut self, now: Stamp) -> Option<Doubt> {
        let older = |since: Option<Stamp>, ms| since.is_some_and(|s| now.ms_since(s) >= ms);
        if self.resync.is_synced() && self.ahead_ms(now) >= AHEAD_DEAD_MS {
            self.resync.distrust();
            self.lost(now, "no depth");
            self.fetch.needs_event = true;
            return Some(Doubt::DepthDead);
        }
        if self.fetch.needs_event && now.ms_since(self.changed) >= AHEAD_DEAD_MS {
            return Some(Doubt::SocketDead);
        }
        let disagree = self.disagree.filter(|(_, times)| *times >= DISAGREE_MIN);
        if older(disagree.map(|(since, _)| since), DISAGREE_MAX_MS) {
            self.resync.distrust();
            self.lost(now, "best prices differ");
            return Some(Doubt::Contradiction);
        }
        if older(self.ticker_behind, TICKER_DEAD_MS) {
            self.ticker_behind = None;
            return Some(Doubt::BestPricesDead);
        }
        None
    }

    /// For how long prints or best prices have run ahead of the book, ms.
    fn ahead_ms(&self, now: Stamp) -> u64 {
        let best = self.ahead.map_or(0, |(since, _)| now.ms_since(since));
        let print = self.print_ahead.map_or(0, |(since, _)| now.ms_since(since));
        best.max(print)
    }

    /// What may be believed of the book now.
    pub fn state(&self, now: Stamp, line: LineView<'_>) -> BookState {
        let silent_ms = line.proved.map_or(u64::MAX, |proved| now.ms_since(proved));
        if !line.open {
            return BookState::Down(line.why.to_owned());
        }
        if silent_ms >= DEAD_AFTER_MS {
            return BookState::Down(format!("no data {}", seconds(silent_ms)));
        }
        if !self.resync.is_synced() {
            let tries = self.fetch.tries;
            return if tries >= TRIES_MAX {
                BookState::Down(format!("cannot sync ({tries} tries)"))
            } else {
                BookState::Resync(self.why.to_owned())
            };
        }
        match self.stale(now, silent_ms, line.clock_known) {
            Some(words) => BookState::Stale(words),
            None => BookState::Live,
        }
    }

    fn stale(&self, now: Stamp, silent_ms: u64, clock_known: bool) -> Option<String> {
        let lag_ms = self.lag_ms.unwrap_or(0);
        if silent_ms >= STALE_AFTER_MS {
            return Some(format!("no data {}", seconds(silent_ms)));
        }
        if !clock_known {
            return Some("venue clock unknown".to_owned());
        }
        if lag_ms > LAG_MAX_MS {
            return Some(format!("LAG {}", seconds(lag_ms.unsigned_abs())));
        }
        let ahead_ms = self.ahead_ms(now);
        if ahead_ms >= AHEAD_MAX_MS {
            return Some(format!("no depth {}", seconds(ahead_ms)));
        }
        self.resync.is_crossed().then(|| "crossed".to_owned())
    }

    /// True when the state is of another kind than when last asked; or when its words go on changing.
    pub fn state_moved(&mut self, state: &BookState) -> bool {
        let kind = match state {
            BookState::Down(_) => 1,
            BookState::Resync(_) => 2,
            BookState::Stale(_) => 3,
            BookState::Live => 4,
        };
        let moved = kind != self.shown;
        self.shown = kind;
        moved || matches!(state, BookState::Stale(_))
    }

    /// Best prices now: of the book or of the best-price stream, whichever has the later id.
    pub fn touch(&self, now: Stamp, line: LineView<'_>) -> Touch {
        let ticker = self.ticker.filter(|t| t.id > self.resync.last());
        let best = |side| self.resync.book().best(side);
        let (bid, ask, venue_ms) = match ticker {
            Some(ticker) => {
                let venue_ms = ticker.event_ms.unwrap_or(self.venue_ms);
                (ticker.bid, ticker.ask, venue_ms)
            }
            None => (best(Side::Buy), best(Side::Sell), self.venue_ms),
        };
        Touch {
            symbol: self.symbol(),
            bid,
            ask,
            live: self.state(now, line).is_live(),
            proved: line.proved.unwrap_or_default(),
            at: now,
            venue_ms,
        }
    }

    /// The picture of the book, at most `levels` a side.
    pub fn depth(&self, now: Stamp, line: LineView<'_>, levels: usize) -> Depth {
        let side =
            |side| -> Arc<[Level]> { self.resync.book().levels(side).take(levels).collect() };
        let (known_down_to, known_up_to) = self.resync.known();
        Depth {
            symbol: self.symbol(),
            state: self.state(now, line),
            bids: side(Side::Buy),
            asks: side(Side::Sell),
            known_down_to,
            known_up_to,
            proved: line.proved.unwrap_or_default(),
            changed: self.changed,
            lag_ms: self.lag_ms.unwrap_or(0),
            gaps: self.resync.counts().gaps,
        }
    }
}

fn prices(best: &BestPrices) -> (Option<Price>, Option<Price>) {
    (best.bid.map(|l| l.price), best.ask.map(|l| l.price))
}

/// `3.0s`
fn seconds(ms: u64) -> String {
    format!("{}.{}s", ms / 1_000, ms % 1_000 / 100)
}
