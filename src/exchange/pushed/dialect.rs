//! What a venue says over its public streams, and how it is asked: the part of a pushed feed that each venue writes itself.

use rust_decimal::Decimal;

use super::levels::{Change, Grid};
use crate::domain::{Instrument, Print, Symbol, Text, TradeId};
use crate::exchange::Endpoints;
use crate::exchange::past::Row;

/// What a topic carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The book: a snapshot, then changes.
    Book,
    /// The best level of each side, sent more often than the book.
    BestPrices,
    /// Trades.
    Prints,
    /// The mark price, and the funding rate where the venue tells it with it.
    Mark,
    /// The funding rate where it has a topic of its own.
    Funding,
}

/// What is asked of topics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Send them.
    Subscribe,
    /// Stop.
    Unsubscribe,
}

/// A venue's word for a stream of books, without the instrument (`orderbook.200`, `books`).
pub type Channel = Text<24>;

/// How a book event proves that it follows the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follows {
    /// It follows nothing: a snapshot, which replaces the book.
    Nothing,
    /// It follows the event with this id.
    Id(u64),
    /// It names no event; the checksum of the book that it leaves, where it has one.
    Checksum(Option<i32>),
}

/// One event of a book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookEvent {
    /// Instrument.
    pub symbol: Symbol,
    /// Which stream it came by.
    pub channel: Channel,
    /// Levels a side that the stream keeps; 1 is best prices.
    pub depth: usize,
    /// When the venue sent it, ms since 1970.
    pub venue_ms: i64,
    /// When its matching engine made it, ms since 1970: comparable with the time of a print.
    pub engine_ms: i64,
    /// What it follows.
    pub follows: Follows,
    /// The id that the book has reached with it.
    pub id: u64,
    /// Its place in the order of the events of all streams of this instrument.
    pub order: u64,
    /// The levels; where they are a snapshot, all of them, each side best first.
    pub changes: Vec<Change>,
    /// Price and size of each of the changes as the venue wrote them; only where a checksum is over the texts.
    pub texts: Vec<[String; 2]>,
}

/// One thing that a message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// Of a book.
    Book(BookEvent),
    /// A trade; `in_book` is false when no resting order of the visible book was hit.
    Print {
        /// The venue's name of it.
        id: TradeId,
        /// The trade.
        print: Print,
        /// Whether the visible book must show it.
        in_book: bool,
    },
    /// Mark price and funding; what is absent is as it was.
    Mark {
        /// Instrument.
        symbol: Symbol,
        /// By which topic.
        kind: Kind,
        /// Quote currency.
        mark: Option<Decimal>,
        /// Rate of the running interval, a fraction.
        funding: Option<Decimal>,
        /// When it is due, venue ms since 1970.
        next_funding_ms: Option<i64>,
    },
    /// The venue refused one of our messages; in words, sanitised.
    Refused(String),
    /// The venue is about to close this socket; in words, sanitised.
    Leaving(String),
}

/// A message that does not parse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// It may have been an event of a book.
    pub maybe_book: bool,
    /// Of which instrument, where it says so.
    pub symbol: Option<Symbol>,
    /// One sentence; need not be inert.
    pub words: String,
}

/// What an answer about instruments gave.
#[derive(Debug, Default)]
pub struct Page {
    /// Instruments that can be traded or watched.
    pub instruments: Vec<Instrument>,
    /// Symbols left out, each with one sentence, sanitised.
    pub refused: Vec<(String, String)>,
    /// Where the list goes on.
    pub next: Option<String>,
}

/// One venue's way of speaking.
pub trait Dialect: Send {
    /// The venue's name on the command line.
    const ID: &'static str;
    /// Levels a side of the book that is subscribed.
    const DEPTH: usize;
    /// Most topics named in one request.
    const TOPICS_A_REQUEST: usize;
    /// Most requests on one socket in an hour, some kept back; a socket that has spent them is replaced.
    const REQUESTS_AN_HOUR: usize;
    /// The text that the venue takes as a sign of life, and answers.
    const PING: &'static str;
    /// The sign of life is sent at least so often, ms, however busy the socket is.
    const PING_EVERY_MS: u64;
    /// Where the venue tells its time, below its REST address.
    const TIME: &'static str;

    /// The addresses of the sockets.
    fn routes(&self, endpoints: &Endpoints) -> Vec<String>;
    /// Which of them serves an instrument, and the venue's own name of it there.
    fn place(&self, instrument: &Instrument) -> (usize, Symbol);
    /// The topics that an instrument has.
    fn kinds(&self, instrument: &Instrument) -> &'static [Kind];
    /// A topic's name, for people.
    fn topic(&self, kind: Kind, name: &Symbol) -> String;
    /// A stream of books as its recordings call it.
    fn stream(&self, channel: &Channel, name: &Symbol) -> String;
    /// The text of a request about topics, at most [`Self::TOPICS_A_REQUEST`] of them.
    fn request(&self, verb: Verb, topics: &[(Kind, Symbol)], id: u64) -> String;
    /// Reads one message; `grid` knows the instruments that are followed, by the venue's own names. Messages about others say nothing.
    ///
    /// # Errors
    /// When it is none of the venue's, or a number in it is no whole step.
    fn read(
        &self,
        text: &str,
        grid: &dyn Fn(&str) -> Option<Grid>,
        said: &mut Vec<Said>,
    ) -> Result<(), Unread>;
    /// The venue's time in an answer, ms since 1970.
    fn read_time(&self, body: &[u8]) -> Option<i64>;
    /// The calls that together list every instrument.
    fn lists(&self) -> Vec<String>;
    /// The call that tells of one instrument.
    fn look(&self, instrument: &Instrument) -> String;
    /// Reads the answer to such a call.
    ///
    /// # Errors
    /// In words, sanitised.
    fn read_page(&self, target: &str, body: &[u8]) -> Result<Page, String>;
    /// The call that tells of the minutes before; as many as the venue gives at once.
    fn past(&self, instrument: &Instrument) -> String;
    /// Reads the answer to such a call, the newest first.
    ///
    /// # Errors
    /// In words.
    fn read_past<'a>(&self, body: &'a [u8]) -> Result<Vec<Row<'a>>, String>;
    /// How long an answer forbids further calls, ms; `None` when it does not.
    fn pause_ms(&self, status: u16, body: &[u8]) -> Option<u64>;
}
