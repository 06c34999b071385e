//! Recordings of a venue that pushes whole books, read by the same feed that reads the live venue.
//!
//! A recording may hold several streams of one instrument. Each is a book of its own; the deepest is the one that is shown.

use std::sync::Arc;

use super::PushedFeed;
use super::book::PushedBook;
use super::dialect::{BookEvent, Channel, Dialect, Said};
use super::followed::Followed;
use crate::domain::{Depth, Instrument, Stamp, Symbol};
use crate::exchange::Endpoints;
use crate::exchange::machine::{Feed, In, Line, Machine, Opcode, Out};
use crate::exchange::recorded::{RecordedBook, RecordedFeed};

/// The line that every recorded frame counts as.
const LINE: Line = 0;

/// A feed that lives on recorded bytes.
pub struct PushedRecording<D> {
    feed: PushedFeed<D>,
    streams: Vec<Stream>,
}

/// One recorded stream of one instrument.
struct Stream {
    instrument: Arc<Instrument>,
    channel: Channel,
    name: String,
    book: PushedBook,
}

impl<D: Dialect> PushedRecording<D> {
    /// A feed that has read nothing.
    pub fn new(dialect: D) -> Self {
        let nowhere = Endpoints {
            rest: String::new(),
            ws_public: String::new(),
            ws_market: String::new(),
            ws_private: String::new(),
            ws_api: String::new(),
            rights: None,
            headers: Vec::new(),
        };
        Self {
            feed: PushedFeed::new(dialect, &nowhere),
            streams: Vec::new(),
        }
    }

    fn frame(&mut self, now: Stamp, bytes: &[u8], out: &mut Out) {
        let mut said = Vec::new();
        let read = self.feed.read(usize::from(LINE), bytes, &mut said);
        if let Some(link) = self.feed.links.first_mut() {
            link.frame(now, LINE);
        }
        for one in said {
            if let Said::Book(event) = &one {
                self.book_event(event);
            }
            self.feed.take(now, LINE, one, out);
        }
        if let Err(unread) = read {
            self.feed.bad(now, LINE, unread, out);
        }
    }

    fn book_event(&mut self, event: &BookEvent) {
        let Some(index) = self.feed.index(&event.symbol) else {
            return;
        };
        self.show_deepest(index, event);
        let same = |s: &Stream| s.channel == event.channel && s.instrument.symbol == event.symbol;
        let at = match self.streams.iter().position(same) {
            Some(at) => at,
            None => {
                let followed = &self.feed.followed[index];
                let name = self.feed.dialect.stream(&event.channel, &followed.name);
                self.streams.push(Stream {
                    instrument: followed.instrument.clone(),
                    channel: event.channel,
                    name,
                    book: PushedBook::default(),
                });
                self.streams.len() - 1
            }
        };
        self.streams[at].book.take(event);
    }

    /// The first stream of an instrument is its book, until a deeper one comes.
    fn show_deepest(&mut self, index: usize, event: &BookEvent) {
        let known = &self.feed.followed[index];
        if known.channel.is_some() && event.depth <= known.depth {
            return;
        }
        let instrument = Instrument::clone(&known.instrument);
        let mut deeper = Followed::new(instrument, known.route, known.name, event.depth);
        deeper.channel = Some(event.channel);
        self.feed.followed[index] = deeper;
    }
}

impl<D: Dialect> Machine for PushedRecording<D> {
    fn on(&mut self, now: Stamp, event: In<'_>, out: &mut Out) {
        match event {
            In::Frame {
                opcode: Opcode::Text,
                bytes,
                ..
            } => self.frame(now, bytes, out),
            event => self.feed.on(now, event, out),
        }
    }
}

impl<D: Dialect> Feed for PushedRecording<D> {
    fn depth(&self, symbol: Symbol, now: Stamp, levels: usize) -> Option<Arc<Depth>> {
        self.feed.depth(symbol, now, levels)
    }
}

impl<D: Dialect> RecordedFeed for PushedRecording<D> {
    fn load(&mut self, now: Stamp, instruments: Vec<Instrument>, ahead_ms: i64, out: &mut Out) {
        let symbols: Vec<Symbol> = instruments.iter().map(|i| i.symbol).collect();
        let venue_ms = now.wall_ms().saturating_add(ahead_ms);
        self.feed.calls.clock.sample(now, now, venue_ms);
        self.feed.instruments = instruments;
        self.feed.tell_instruments(out);
        self.feed.follow(now, &symbols, out);
        self.feed.on(now, In::Opened { line: LINE }, out);
    }

    /// Nothing but instruments and the time is asked for.
    fn answer(&mut self, _now: Stamp, _url: &str, _body: &str, _out: &mut Out) {}

    fn books(&self) -> Vec<RecordedBook<'_>> {
        let mut streams: Vec<&Stream> = self.streams.iter().collect();
        let key = |stream: &&Stream| (stream.instrument.symbol.to_string(), stream.name.clone());
        streams.sort_by_cached_key(key);
        streams.into_iter().map(recorded_book).collect()
    }
}

fn recorded_book(stream: &Stream) -> RecordedBook<'_> {
    let counts = stream.book.counts();
    RecordedBook {
        instrument: &stream.instrument,
        stream: &stream.name,
        book: stream.book.book(),
        messages: counts.messages,
        applied: counts.applied,
        stale: counts.stale,
        gaps: counts.gaps,
        resyncs: counts.resyncs,
        synced: stream.book.is_synced(),
    }
}
