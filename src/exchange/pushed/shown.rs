//! What is shown of a followed instrument: what may be believed of its book, its best prices, the picture.

use std::sync::Arc;

use super::followed::{Followed, LineView};
use crate::domain::{BookState, Depth, Level, Side, Stamp, Touch};
use crate::exchange::health::{DEAD_AFTER_MS, STALE_AFTER_MS};

/// Venue time of a frame may lie this far back when it comes, ms.
const LAG_MAX_MS: i64 = 1_000;
/// Best prices or prints may run ahead of the book for this long, ms.
const AHEAD_MAX_MS: u64 = 1_000;
/// Failed tries after which a book is called down.
const TRIES_MAX: u32 = 5;

impl Followed {
    /// What may be believed of the book now; `unanswered` is how often it was asked for in vain.
    pub fn state(&self, now: Stamp, line: LineView<'_>, unanswered: u32) -> BookState {
        let silent_ms = line.proved.map_or(u64::MAX, |proved| now.ms_since(proved));
        if !line.open {
            return BookState::Down(line.why.to_owned());
        }
        if silent_ms >= DEAD_AFTER_MS {
            return BookState::Down(format!("no data {}", seconds(silent_ms)));
        }
        if !self.book.is_synced() {
            let tries = self.retry.tries.saturating_add(unanswered);
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
        self.book.is_crossed().then(|| "crossed".to_owned())
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

    /// Best prices now: of the book or of the best-price topic, whichever is later.
    pub fn touch(&self, now: Stamp, line: LineView<'_>) -> Touch {
        let ticker = self.ticker.filter(|t| t.order > self.book.order());
        let (bid, ask, venue_ms) = match ticker {
            Some(ticker) => (ticker.bid, ticker.ask, ticker.venue_ms),
            None => {
                let (bid, ask) = (self.best(Side::Buy), self.best(Side::Sell));
                (bid, ask, self.book.venue_ms())
            }
        };
        Touch {
            symbol: self.symbol(),
            bid,
            ask,
            live: self.state(now, line, 0).is_live(),
            proved: line.proved.unwrap_or_default(),
            at: now,
            venue_ms,
        }
    }

    /// The picture of the book, at most `levels` a side.
    pub fn picture(&self, now: Stamp, line: LineView<'_>, unanswered: u32, levels: usize) -> Depth {
        let side = |side| -> Arc<[Level]> { self.book.book().levels(side).take(levels).collect() };
        Depth {
            symbol: self.symbol(),
            state: self.state(now, line, unanswered),
            bids: side(Side::Buy),
            asks: side(Side::Sell),
            known_down_to: self.book.known_to(Side::Buy, self.depth),
            known_up_to: self.book.known_to(Side::Sell, self.depth),
            proved: line.proved.unwrap_or_default(),
            changed: self.changed,
            lag_ms: self.lag_ms.unwrap_or(0),
            gaps: self.book.counts().gaps,
        }
    }
}

/// `3.0s`
fn seconds(ms: u64) -> String {
    format!("{}.{}s", ms / 1_000, ms % 1_000 / 100)
}
