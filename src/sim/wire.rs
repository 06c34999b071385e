//! The seam between the server, which moves bytes, and a venue's wire, which knows what they mean.
//!
//! A wire is sans-IO: the server hands in requests, frames and time, and carries out what the wire wants said.

use std::net::{IpAddr, SocketAddr};

use super::crowd::Mood;
use super::fault::Fault;
use super::keys::Key;

/// One WebSocket connection, for its whole life.
pub type LineId = u64;

/// Something to do on a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Out {
    /// Send a text frame, this many milliseconds from now.
    Text(String, u64),
    /// Send a ping.
    Ping,
    /// Close the connection with a code (RFC 6455, section 7.4) that says why.
    Close(u16),
    /// Close the connection without a word.
    Cut,
}

/// An HTTP request, read.
#[derive(Clone, Debug)]
pub struct Request {
    /// `GET`, `POST`, `PUT`, `DELETE`.
    pub verb: String,
    /// The path.
    pub path: String,
    /// Behind the question mark, as it was sent.
    pub query: String,
    /// The body, as it was sent.
    pub body: String,
    /// Name in lower case and value, those that are text.
    pub headers: Vec<(String, String)>,
    /// From where.
    pub ip: IpAddr,
}

impl Request {
    /// The value of a header; the name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.as_str())
    }
}

/// An HTTP answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Status.
    pub status: u16,
    /// Headers beside the usual ones.
    pub headers: Vec<(&'static str, String)>,
    /// JSON.
    pub body: String,
}

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Answered, so many milliseconds late.
    Reply(Reply, u64),
    /// Never answered; the connection stays.
    Never,
    /// The connection is closed without an answer.
    Cut,
}

/// How an exchange is made.
pub struct Settings {
    /// The market's seed.
    pub seed: u64,
    /// The keys of the one account, the trader's first.
    pub keys: Vec<Key>,
    /// The third part of every key, where the venue wants one.
    pub passphrase: String,
    /// Bytes from which secrets beside the keys come.
    pub random: [u8; 32],
    /// Faults to be made.
    pub faults: Vec<Fault>,
    /// The mood of its crowd; `None`: moods change at random.
    pub mood: Option<Mood>,
}

/// An exchange behind one venue's wire. Times are ms since 1970.
pub trait Wire: Send {
    /// The instruments' names, the one that opens first in front.
    fn symbol_names(&self) -> Vec<String>;
    /// The crowd stays in one mood from now on, or its moods change at random again.
    fn set_mood(&mut self, mood: Option<Mood>);
    /// Lets time pass: the crowd acts, timers fire, streams are fed. Called every ten milliseconds or so.
    fn tick(&mut self, now: i64);
    /// Answers a request, faults included.
    fn rest(&mut self, now: i64, request: &Request) -> Answer;
    /// Takes a new WebSocket connection by its address.
    ///
    /// # Errors
    /// The HTTP status to refuse it with.
    fn accept(&mut self, now: i64, ip: IpAddr, path: &str, query: &str) -> Result<LineId, u16>;
    /// Takes a text frame of a line; false ends the line.
    fn hear(&mut self, now: i64, line: LineId, text: &str) -> bool;
    /// Takes a ping (already answered) or a pong of a line; false ends the line.
    fn pinged(&mut self, now: i64, line: LineId, pong: bool) -> bool;
    /// True when a fault made this line half-open: it neither reads nor answers.
    fn is_frozen(&self, line: LineId) -> bool;
    /// A line is gone.
    fn closed(&mut self, line: LineId);
    /// What the server has to do, in order; asked for after every call above.
    fn take_outs(&mut self) -> Vec<(LineId, Out)>;
}

/// Where clients find a wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// REST, without a path.
    pub rest: String,
    /// Public streams.
    pub ws_public: String,
    /// Market streams.
    pub ws_market: String,
    /// User streams.
    pub ws_private: String,
    /// The WebSocket API.
    pub ws_api: String,
}

/// One wire that the built-in exchange speaks.
pub struct WireRow {
    /// Its name on the command line: the venue's.
    pub id: &'static str,
    /// Opens an exchange with a full book.
    pub open: fn(Settings, i64) -> Box<dyn Wire>,
    /// Where clients find it on this host and port.
    pub addresses: fn(SocketAddr) -> Addresses,
    /// Its keys have a passphrase.
    pub has_passphrase: bool,
    /// What of the account's keys it gives out, spelled as the venue spells its own.
    pub issue: fn(Vec<Key>) -> Vec<Key>,
}
