//! One followed instrument: its book, its best prices, and what may be believed of them now.
//!
//! Best prices run ahead of the book's own events and are never mixed into it; the two are compared instead.

use std::collections::VecDeque;
use std::sync::Arc;

use super::book::{PushedBook, Step};
use super::dialect::{BookEvent, Channel};
use super::levels::Grid;
use super::mark::Mark;
use crate::domain::{Instrument, Level, Price, Print, Side, Stamp, Symbol, TradeId};
use crate::exchange::backoff::Backoff;
use crate::exchange::past::Errand;

/// Best prices or prints ahead of the book for so long: its topic counts as dead, ms.
const AHEAD_DEAD_MS: u64 = 5_000;
/// Best prices and book may disagree for this long, ms.
const DISAGREE_MAX_MS: u64 = 2_000;
/// Fewer disagreements in a row are chance.
const DISAGREE_MIN: u32 = 3;
/// The book's best may differ from silent best prices for this long, ms.
const TICKER_DEAD_MS: u64 = 10_000;
/// A book that stood for less long than this did not stand, ms.
const STOOD_MS: u64 = 10_000;
/// Trades that are remembered, so that none is told twice.
const PRINTED_MAX: usize = 256;

/// What is known of the line that carries the book.
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
    /// Prints or best prices go on, the book does not.
    BookDead,
    /// Best prices contradict the book.
    Contradiction,
    /// The book goes on, best prices do not.
    BestPricesDead,
}

/// The best level of each side at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BestPrices {
    pub(super) order: u64,
    pub(super) venue_ms: i64,
    pub(super) bid: Option<Level>,
    pub(super) ask: Option<Level>,
}

/// When the book is to be sent anew.
#[derive(Debug, Default)]
pub(super) struct Retry {
    wanted: bool,
    not_before: Stamp,
    pub(super) tries: u32,
    backoff: Backoff,
}

/// One followed instrument.
#[derive(Debug)]
pub struct Followed {
    /// Its rules.
    pub instrument: Arc<Instrument>,
    /// Which route serves it.
    pub route: usize,
    /// The venue's own name of it.
    pub name: Symbol,
    /// Levels a side of the stream that is its book.
    pub depth: usize,
    /// Which stream that is, where there may be several so deep: in recordings.
    pub channel: Option<Channel>,
    grid: Grid,
    pub(super) book: PushedBook,
    /// The book of the socket that is about to take over.
    spare: Option<PushedBook>,
    pub(super) retry: Retry,
    synced_at: Option<Stamp>,
    pub(super) why: &'static str,
    pub(super) ticker: Option<BestPrices>,
    pub(super) changed: Stamp,
    pub(super) lag_ms: Option<i64>,
    /// Best prices that the book does not have: since when, and the place that it must reach.
    ahead: Option<(Stamp, u64)>,
    /// A print newer than the book: since when, and the engine's time that it must reach.
    print_ahead: Option<(Stamp, i64)>,
    /// Best prices that were not the book's: since when, and how many in a row.
    disagree: Option<(Stamp, u32)>,
    ticker_behind: Option<Stamp>,
    /// The newest trades, latest last.
    printed: VecDeque<TradeId>,
    pub(super) shown: u8,
    /// Its mark price and funding.
    pub mark: Mark,
    /// The line was opened anew for this book and it has not come since.
    pub reopened: bool,
    /// The minutes before it was followed.
    pub past: Errand,
}

impl Followed {
    /// An instrument about to be followed; `depth` is how many levels a side its book has.
    pub fn new(instrument: Instrument, route: usize, name: Symbol, depth: usize) -> Self {
        Self {
            grid: Grid {
                symbol: instrument.symbol,
                tick: instrument.tick,
                lot: instrument.lot,
            },
            instrument: Arc::new(instrument),
            route,
            name,
            depth,
            channel: None,
            book: PushedBook::default(),
            spare: None,
            retry: Retry::default(),
            synced_at: None,
            why: "first snapshot",
            ticker: None,
            changed: Stamp::default(),
            lag_ms: None,
            ahead: None,
            print_ahead: None,
            disagree: None,
            ticker_behind: None,
            printed: VecDeque::new(),
            shown: 0,
            mark: Mark::default(),
            reopened: false,
            past: Errand::default(),
        }
    }

    /// Lancet's name of it.
    pub fn symbol(&self) -> Symbol {
        self.instrument.symbol
    }

    /// Its steps.
    pub const fn grid(&self) -> Grid {
        self.grid
    }

    /// True when an event is of the stream that is its book.
    pub fn is_its_book(&self, event: &BookEvent) -> bool {
        let channel = self.channel.is_none_or(|channel| channel == event.channel);
        event.depth == self.depth && channel
    }

    /// Its book and place in the sequence.
    pub const fn book(&self) -> &PushedBook {
        &self.book
    }

    /// Takes an event of its book.
    pub fn book_event(&mut self, now: Stamp, lag_ms: Option<i64>, event: &BookEvent) -> Step {
        let before = self.book.order();
        let step = self.book.take(event);
        // A snapshot, or an event that changes nothing, may bear the time of the last change, however long ago.
        if step == Step::Applied && event.order > before {
            self.lag_ms = lag_ms;
        }
        match step {
            Step::Replaced => {
                self.synced(now);
                self.caught_up(now);
            }
            Step::Applied => {
                self.changed = now;
                self.caught_up(now);
            }
            Step::Stale | Step::Early => {}
            Step::Gap => self.lost(now, "gap"),
            Step::Crossed => self.lost(now, "crossed"),
        }
        step
    }

    /// Takes an event of its book by the socket that is about to take over.
    pub fn spare_event(&mut self, event: &BookEvent) {
        self.spare.get_or_insert_default().take(event);
    }

    /// The other socket took over: its book is the book.
    pub fn take_over(&mut self, now: Stamp) {
        match self.spare.take().filter(PushedBook::is_synced) {
            Some(mut spare) => {
                spare.count_on(*self.book.counts());
                self.book = spare;
                self.synced(now);
            }
            None => self.line_lost(now),
        }
    }

    /// No other socket is about to take over.
    pub fn drop_spare(&mut self) {
        self.spare = None;
    }

    fn synced(&mut self, now: Stamp) {
        self.retry.wanted = false;
        self.reopened = false;
        self.synced_at = Some(now);
        self.changed = now;
        self.ahead = None;
        self.print_ahead = None;
        self.disagree = None;
        self.ticker_behind = None;
    }

    fn caught_up(&mut self, now: Stamp) {
        let (order, engine_ms) = (self.book.order(), self.book.engine_ms());
        // The book is there, or shows the same: that places of two streams can be compared is not documented everywhere.
        let same = |t: BestPrices| (self.best(Side::Buy), self.best(Side::Sell)) == (t.bid, t.ask);
        let reached = self.ahead.is_some_and(|(_, reach)| order >= reach);
        if reached || self.ticker.is_some_and(same) {
            self.ahead = None;
        }
        if self.print_ahead.is_some_and(|(_, ms)| engine_ms >= ms) {
            self.print_ahead = None;
        }
        let older = self.ticker.filter(|ticker| ticker.order < order);
        if older.is_none_or(|ticker| self.prices() == prices(&ticker)) {
            self.ticker_behind = None;
        } else if self.ticker_behind.is_none() {
            self.ticker_behind = Some(now);
        }
    }

    /// Takes best prices: a snapshot of one level a side.
    pub fn best_prices(&mut self, now: Stamp, lag_ms: Option<i64>, event: &BookEvent) {
        let of = |side| {
            let mut levels = event.changes.iter();
            let found = levels.find(|level| level.side == side && level.qty.0 > 0)?;
            Some(Level {
                price: found.price,
                qty: found.qty,
            })
        };
        let best = BestPrices {
            order: event.order,
            venue_ms: event.venue_ms,
            bid: of(Side::Buy),
            ask: of(Side::Sell),
        };
        self.ticker_behind = None;
        let before = self.ticker;
        if before.is_some_and(|before| best.order > before.order) {
            self.lag_ms = lag_ms;
        }
        if before.is_some_and(|before| best.order < before.order) {
            return;
        }
        self.ticker = Some(best);
        self.compare(now, before, best, event.engine_ms);
    }

    fn compare(
        &mut self,
        now: Stamp,
        before: Option<BestPrices>,
        best: BestPrices,
        engine_ms: i64,
    ) {
        let reached = self.book.order();
        if !self.book.is_synced() || best.order <= reached {
            return;
        }
        if (self.best(Side::Buy), self.best(Side::Sell)) == (best.bid, best.ask) {
            // The book has them already, whatever moved behind them.
            self.ahead = None;
            if self.print_ahead.is_some_and(|(_, ms)| engine_ms >= ms) {
                self.print_ahead = None;
            }
        } else if self.ahead.is_none() {
            self.ahead = Some((now, best.order));
        }
        // The ones before were the newest at the book's own place, so their prices must be its prices.
        let Some(before) = before.filter(|before| before.order <= reached) else {
            return;
        };
        if self.prices() == prices(&before) {
            self.disagree = None;
        } else {
            let (since, times) = self.disagree.unwrap_or((now, 0));
            self.disagree = Some((since, times + 1));
        }
    }

    /// Takes note of a trade; false when it was told already.
    pub fn is_new_print(&mut self, id: TradeId) -> bool {
        if self.printed.iter().rev().any(|known| *known == id) {
            return false;
        }
        if self.printed.len() >= PRINTED_MAX {
            self.printed.pop_front();
        }
        self.printed.push_back(id);
        true
    }

    /// Takes note of a print of the visible book. One that hit an order which the book shows must change it; one inside the spread
    /// hit an order that came and went between two events, and proves nothing.
    pub fn print(&mut self, now: Stamp, print: &Print) {
        let hit = match print.side {
            Side::Buy => self
                .best(Side::Sell)
                .is_some_and(|a| print.price >= a.price),
            Side::Sell => self.best(Side::Buy).is_some_and(|b| print.price <= b.price),
        };
        let newer = print.venue_ms > self.book.engine_ms();
        if hit && newer && self.print_ahead.is_none() {
            self.print_ahead = Some((now, print.venue_ms));
        }
    }

    pub(super) fn best(&self, side: Side) -> Option<Level> {
        self.book.book().best(side)
    }

    fn prices(&self) -> (Option<Price>, Option<Price>) {
        let price = |side| self.best(side).map(|level| level.price);
        (price(Side::Buy), price(Side::Sell))
    }

    /// True when the book is to be asked for anew, now.
    pub fn wants_book(&self, now: Stamp) -> bool {
        self.retry.wanted && now.mono_ns >= self.retry.not_before.mono_ns
    }

    /// The book was asked for anew; what comes until its snapshot is dropped.
    pub const fn asked_book(&mut self) {
        self.retry.wanted = false;
    }

    /// The line is gone: nothing of this instrument is known.
    pub fn line_lost(&mut self, now: Stamp) {
        self.book.distrust();
        self.spare = None;
        self.ticker = None;
        self.lost(now, "reconnected");
        // The new socket asks for everything by itself.
        self.retry.wanted = false;
    }

    /// A message on this book's socket could not be read: it may have been an event of this book.
    pub fn bad_message(&mut self, now: Stamp) {
        self.book.distrust();
        self.lost(now, "bad message");
    }

    fn lost(&mut self, now: Stamp, why: &'static str) {
        self.why = why;
        self.changed = now;
        self.ahead = None;
        self.print_ahead = None;
        self.disagree = None;
        self.ticker_behind = None;
        if self.retry.wanted {
            return;
        }
        let stood = self.synced_at.map_or(0, |since| now.ms_since(since));
        if stood >= STOOD_MS {
            self.retry = Retry::default();
        }
        self.retry.wanted = true;
        self.retry.tries = self.retry.tries.saturating_add(1);
        if self.retry.tries == 1 {
            self.retry.not_before = now;
        } else {
            let wait = self.retry.backoff.failed(0, now.mono_ns);
            self.retry.not_before = now.plus_ms(wait);
        }
    }

    /// What the passing of time shows; acts on the book, the caller mends the topics.
    pub fn doubt(&mut self, now: Stamp) -> Option<Doubt> {
        let older = |since: Option<Stamp>, ms| since.is_some_and(|s| now.ms_since(s) >= ms);
        if self.book.is_synced() && self.ahead_ms(now) >= AHEAD_DEAD_MS {
            self.book.distrust();
            self.lost(now, "no depth");
            return Some(Doubt::BookDead);
        }
        let disagree = self.disagree.filter(|(_, times)| *times >= DISAGREE_MIN);
        if older(disagree.map(|(since, _)| since), DISAGREE_MAX_MS) {
            self.book.distrust();
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
    pub(super) fn ahead_ms(&self, now: Stamp) -> u64 {
        let best = self.ahead.map_or(0, |(since, _)| now.ms_since(since));
        let print = self.print_ahead.map_or(0, |(since, _)| now.ms_since(since));
        best.max(print)
    }
}

fn prices(best: &BestPrices) -> (Option<Price>, Option<Price>) {
    (best.bid.map(|l| l.price), best.ask.map(|l| l.price))
}
