//! Keeps the order line and the private line standing: pings, half-open detection, reconnects. Owns what is known of each
//! socket; must not read frames or know what they carry.

use crate::domain::Stamp;
use crate::exchange::backoff::Backoff;
use crate::exchange::machine::{Line, LineOut, Out};

/// The WebSocket order API.
pub const ORDERS: Line = 0;
/// The user stream.
pub const PRIVATE: Line = 1;

/// After this silence, ms, we ping, so that the state of a line is known before a key is pressed.
const PING_AFTER_MS: u64 = 1_000;
/// A line silent for this long, ms, is not proved: an order takes the other path.
pub const PROVED_MS: u64 = 3_000;
/// A line silent for this long, ms, is half-open: it is closed.
const DEAD_AFTER_MS: u64 = 5_000;
/// An opening that takes this long, ms, failed.
const OPENING_MS: u64 = 15_000;
/// The venue ends a connection after 24 h; we replace it before, ms (Binance, WebSocket API general info).
const REPLACE_AFTER_MS: u64 = 23 * 3_600_000;

/// What is known of one socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Not asked for yet.
    Idle,
    /// Asked for.
    Opening(Stamp),
    /// Stands since then.
    Open(Stamp),
    /// Tried again then.
    Waiting(Stamp),
}

/// What one line needs now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// A ping.
    Ping,
    /// It is dead without having said so.
    Dead,
    /// It is time to try again.
    Open,
    /// It is a day old.
    Replace,
}

/// One line.
#[derive(Debug)]
pub struct Upkeep {
    line: Line,
    state: State,
    heard: Stamp,
    pinged: Stamp,
    /// The venue said that it is about to end this socket.
    leaving: bool,
    backoff: Backoff,
}

impl Upkeep {
    /// A line that was not asked for yet.
    pub fn new(line: Line) -> Self {
        Self {
            line,
            state: State::Idle,
            heard: Stamp::default(),
            pinged: Stamp::default(),
            leaving: false,
            backoff: Backoff::default(),
        }
    }

    /// True when it stands.
    pub const fn is_open(&self) -> bool {
        matches!(self.state, State::Open(_))
    }

    /// True when it stands and something came in within [`PROVED_MS`].
    pub fn is_proved(&self, now: Stamp) -> bool {
        self.is_open() && now.ms_since(self.heard) <= PROVED_MS
    }

    /// An address was asked for, or is about to be; nothing else is tried meanwhile.
    pub fn opening(&mut self, now: Stamp) {
        self.state = State::Opening(now);
    }

    /// Asks for the socket.
    pub fn open(&mut self, now: Stamp, url: String, out: &mut Out) {
        self.open_with(now, url, Vec::new(), out);
    }

    /// The same with headers for the handshake.
    pub fn open_with(
        &mut self,
        now: Stamp,
        url: String,
        headers: Vec<(&'static str, String)>,
        out: &mut Out,
    ) {
        self.opening(now);
        out.lines.push(LineOut::Open {
            line: self.line,
            url,
            headers,
        });
    }

    /// It stands.
    pub fn opened(&mut self, now: Stamp) {
        self.state = State::Open(now);
        self.heard = now;
        self.pinged = now;
        self.leaving = false;
    }

    /// The venue is about to end this socket: it is to be replaced at the next occasion.
    pub fn replace_soon(&mut self) {
        self.leaving = true;
    }

    /// Something came in.
    pub fn heard(&mut self, now: Stamp) {
        self.heard = now;
    }

    /// It ended, or could not be opened: it is tried again after a growing while.
    pub fn closed(&mut self, now: Stamp) {
        let stood_ms = match self.state {
            State::Open(since) => now.ms_since(since),
            _ => 0,
        };
        let delay = self.backoff.failed(stood_ms, now.mono_ns);
        self.state = State::Waiting(now.plus_ms(delay));
    }

    /// It could not be opened for a reason that a soon try would not change: it is tried again after `ms`.
    pub fn closed_for(&mut self, now: Stamp, ms: u64) {
        self.state = State::Waiting(now.plus_ms(ms));
    }

    /// Ends it from our side and tries again soon.
    pub fn close(&mut self, now: Stamp, out: &mut Out) {
        out.lines.push(LineOut::Close { line: self.line });
        self.closed(now);
    }

    /// Remembers that a ping went out.
    pub fn pinged(&mut self, now: Stamp, out: &mut Out) {
        self.pinged = now;
        out.ping(self.line);
    }

    /// The same where the venue's ping is a text of its own.
    pub fn pinged_by_text(&mut self, now: Stamp, text: &str, out: &mut Out) {
        self.pinged = now;
        out.send(self.line, 0, text.to_owned());
    }

    /// What it needs now.
    pub fn due(&self, now: Stamp) -> Option<Due> {
        match self.state {
            State::Idle => None,
            State::Opening(since) => (now.ms_since(since) >= OPENING_MS).then_some(Due::Dead),
            State::Waiting(until) => (now.mono_ns >= until.mono_ns).then_some(Due::Open),
            State::Open(since) => {
                if now.ms_since(self.heard) >= DEAD_AFTER_MS {
                    Some(Due::Dead)
                } else if self.leaving || now.ms_since(since) >= REPLACE_AFTER_MS {
                    Some(Due::Replace)
                } else if now.ms_since(self.heard.max(self.pinged)) >= PING_AFTER_MS {
                    Some(Due::Ping)
                } else {
                    None
                }
            }
        }
    }

    /// When it needs something next.
    pub fn next(&self) -> Option<Stamp> {
        match self.state {
            State::Idle => None,
            State::Opening(since) => Some(since.plus_ms(OPENING_MS)),
            State::Waiting(until) => Some(until),
            State::Open(_) => {
                let ping = self.heard.max(self.pinged).plus_ms(PING_AFTER_MS);
                Some(ping.min(self.heard.plus_ms(DEAD_AFTER_MS)))
            }
        }
    }
}
