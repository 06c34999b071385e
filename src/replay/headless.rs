//! A whole recording at once, summed up book by book.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::ReplayError;
use super::recording::{self, Broken, Lines, Times, stamp};
use crate::domain::decimal::Step;
use crate::domain::{Level, Side};
use crate::exchange::machine::{In, Opcode, Out};
use crate::exchange::recorded::{RecordedBook, RecordedFeed};

/// Levels a side behind `top20_sha256`.
const TOP: usize = 20;

/// What a run gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headless {
    /// One a (stream, symbol), by symbol.
    pub books: Vec<Summary>,
    /// Lines that were stepped over.
    pub broken: Vec<Broken>,
}

/// The end state of one book: one line of `lancet replay --headless --json`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Summary {
    /// The venue's name.
    pub venue: &'static str,
    /// Instrument.
    pub symbol: String,
    /// The venue's word for the stream.
    pub stream: String,
    /// Events received.
    pub messages: u64,
    /// Events applied.
    pub applied: u64,
    /// Events dropped as already contained.
    pub stale: u64,
    /// Times that continuity could not be shown.
    pub gaps: u64,
    /// Times that the book was brought back after it was lost.
    pub resyncs: u64,
    /// Price and size, plain decimals without trailing zeros; nothing on an empty side.
    pub best_bid: Option<[String; 2]>,
    /// Price and size.
    pub best_ask: Option<[String; 2]>,
    /// Bids and asks.
    pub levels: [usize; 2],
    /// Over `bids=p:q,…;asks=p:q,…`, best first, 20 a side.
    pub top20_sha256: String,
    /// Whether the chain is whole at the end.
    pub synced: bool,
}

/// Replays a file. `venue` is found by the content when not given.
///
/// # Errors
/// When the file cannot be read, or holds no book messages.
pub fn headless(path: &Path, venue: Option<&str>) -> Result<Headless, ReplayError> {
    let found = recording::find(path, venue)?;
    let mut feed = (found.venue.recordings.feed)();
    let mut out = Out::default();
    let start = stamp(found.first_ns, found.first_ns);
    feed.load(start, found.instruments.clone(), found.ahead_ms, &mut out);
    let mut times = Times::default();
    let mut lines = Lines::open(path)?;
    while let Some((number, recorded)) = lines.next()? {
        let Ok(recorded) = recorded else { continue };
        if !recorded.is_received() || found.is_broken(number) {
            continue;
        }
        let now = stamp(found.first_ns, times.next(&recorded));
        out.clear();
        match recorded.url() {
            Some(url) => feed.answer(now, url, recorded.message(), &mut out),
            None => feed.on(now, frame(recorded.message()), &mut out),
        }
    }
    Ok(Headless {
        books: summaries(found.venue.id, feed.as_ref()),
        broken: found.broken,
    })
}

/// A recorded stream message as the frame it was.
pub fn frame(message: &str) -> In<'_> {
    In::Frame {
        line: 0,
        opcode: Opcode::Text,
        bytes: message.as_bytes(),
    }
}

fn summaries(venue: &'static str, feed: &dyn RecordedFeed) -> Vec<Summary> {
    let books = feed.books();
    let with_events = books.iter().filter(|book| book.messages > 0);
    with_events.map(|book| summary(venue, book)).collect()
}

fn summary(venue: &'static str, of: &RecordedBook<'_>) -> Summary {
    let best = |side| {
        let level = of.book.best(side)?;
        let (price, qty) = texts(of, level);
        Some([price, qty])
    };
    Summary {
        venue,
        symbol: of.instrument.symbol.to_string(),
        stream: of.stream.to_owned(),
        messages: of.messages,
        applied: of.applied,
        stale: of.stale,
        gaps: of.gaps,
        resyncs: of.resyncs,
        best_bid: best(Side::Buy),
        best_ask: best(Side::Sell),
        levels: [of.book.count(Side::Buy), of.book.count(Side::Sell)],
        top20_sha256: top_sha256(of),
        synced: of.synced,
    }
}

fn top_sha256(of: &RecordedBook<'_>) -> String {
    let side = |side| {
        let levels = of.book.levels(side).take(TOP);
        let texts = levels.map(|level| {
            let (price, qty) = texts(of, level);
            format!("{price}:{qty}")
        });
        texts.collect::<Vec<_>>().join(",")
    };
    let text = format!("bids={};asks={}", side(Side::Buy), side(Side::Sell));
    data_encoding::HEXLOWER.encode(&Sha256::digest(text.as_bytes()))
}

fn texts(of: &RecordedBook<'_>, level: Level) -> (String, String) {
    (
        plain(of.instrument.tick, level.price.0),
        plain(of.instrument.lot, level.qty.0),
    )
}

/// A number without trailing zeros.
fn plain(step: Step, count: i64) -> String {
    let text = step.text(count);
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests;
