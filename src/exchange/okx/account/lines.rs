//! The two sockets of an account: opened, logged in, subscribed, heard, ended. Owns both; what their frames carry is taken
//! elsewhere.

use super::OkxAccount;
use super::logon::{BUSINESS_CHANNELS, Channel, Logon, PRIVATE_CHANNELS};
use crate::domain::message::Proves;
use crate::domain::text::sanitise;
use crate::domain::{Outcome, Stamp};
use crate::exchange::account::upkeep::Upkeep;
use crate::exchange::machine::{Line, LineOut, Opcode, Out};
use crate::exchange::okx::answer::{self, Frame};
use crate::exchange::okx::error;

/// Orders, positions, balances, order requests.
pub const PRIVATE: Line = 0;
/// Conditional orders.
pub const BUSINESS: Line = 1;

/// The second socket is opened this long after the first, ms: the venue takes three new connections a second from one address, and
/// the public side opens its own (OKX v5, WebSocket, connect).
const APART_MS: u64 = 1_000;

/// A key that the venue does not take is tried again after this, ms: its owner may mend it meanwhile.
pub const KEY_AGAIN_MS: u64 = 60_000;

/// One socket.
pub struct Socket {
    url: String,
    /// Is it alive?
    pub upkeep: Upkeep,
    /// How far it is.
    pub logon: Logon,
}

impl Socket {
    fn new(line: Line, url: String, channels: &'static [Channel]) -> Self {
        Self {
            url,
            upkeep: Upkeep::new(line),
            logon: Logon::new(channels),
        }
    }
}

/// Both sockets.
pub struct Lines {
    /// See [`PRIVATE`].
    pub private: Socket,
    /// See [`BUSINESS`].
    pub business: Socket,
}

impl Lines {
    /// At these addresses.
    pub fn new(private: String, business: String) -> Self {
        Self {
            private: Socket::new(PRIVATE, private, PRIVATE_CHANNELS),
            business: Socket::new(BUSINESS, business, BUSINESS_CHANNELS),
        }
    }

    /// One of them.
    pub const fn of(&mut self, line: Line) -> &mut Socket {
        match line {
            PRIVATE => &mut self.private,
            _ => &mut self.business,
        }
    }

    /// Both are logged in and subscribed.
    pub const fn all_stand(&self) -> bool {
        self.private.logon.stands() && self.business.logon.stands()
    }

    /// Order requests can go over the private socket: it stands and was heard of just now.
    pub fn takes_orders(&self, now: Stamp) -> bool {
        self.private.logon.stands() && self.private.upkeep.is_proved(now)
    }

    /// Closes both.
    pub fn stop(&self, out: &mut Out) {
        for line in [PRIVATE, BUSINESS] {
            out.lines.push(LineOut::Close { line });
        }
    }
}

impl OkxAccount {
    /// Opens both, the second one a while after the first.
    pub(super) fn open_all(&mut self, now: Stamp, out: &mut Out) {
        self.open(PRIVATE, now, out);
        out.lines.push(LineOut::Close { line: BUSINESS });
        self.lines.business.logon.closed();
        self.lines.business.upkeep.closed_for(now, APART_MS);
    }

    /// Opens a socket; an older one of the line is dropped.
    pub(super) fn open(&mut self, line: Line, now: Stamp, out: &mut Out) {
        let headers = self.caller.headers.clone();
        let socket = self.lines.of(line);
        socket.logon.closed();
        let url = socket.url.clone();
        socket.upkeep.open_with(now, url, headers, out);
    }

    pub(super) fn opened(&mut self, line: Line, now: Stamp, out: &mut Out) {
        let login = self.caller.login(now);
        let socket = self.lines.of(line);
        socket.upkeep.opened(now);
        socket.logon.asked(now);
        out.send(line, 0, login);
        self.ready = false;
        self.relink("", out);
    }

    pub(super) fn frame(
        &mut self,
        line: Line,
        opcode: Opcode,
        bytes: &[u8],
        now: Stamp,
        out: &mut Out,
    ) {
        self.lines.of(line).upkeep.heard(now);
        if opcode != Opcode::Text {
            return;
        }
        match answer::frame(bytes) {
            Some(Frame::Pong | Frame::Other) => {}
            Some(Frame::Data { channel, records }) => self.data(&channel, &records, now, out),
            Some(Frame::Answer { id, outcome }) => self.answered(id, outcome, now, out),
            Some(Frame::LoggedIn) => self.logged_in(line, now, out),
            Some(Frame::Subscribed(channel)) => self.subscribed(line, &channel, now, out),
            Some(Frame::Refused { id, code, words }) => {
                self.frame_refused(line, id, code, &words, now, out);
            }
            Some(Frame::Leaving) => self.leave(line),
            None => self.bad("a frame on a private socket is unreadable", out),
        }
    }

    fn logged_in(&mut self, line: Line, now: Stamp, out: &mut Out) {
        let id = self.caller.number();
        let frame = self.lines.of(line).logon.logged_in(now, id);
        out.send(line, 0, frame);
    }

    fn subscribed(&mut self, line: Line, channel: &str, now: Stamp, out: &mut Out) {
        if self.lines.of(line).logon.subscribed(channel) {
            self.want_truth(now);
            self.relink("", out);
        }
    }

    /// The venue is about to end this connection: the next one is opened as soon as no request waits on this one.
    fn leave(&mut self, line: Line) {
        self.lines.of(line).upkeep.replace_soon();
    }

    /// The venue refused something that we sent over a socket.
    fn frame_refused(
        &mut self,
        line: Line,
        id: Option<u64>,
        code: i64,
        words: &str,
        now: Stamp,
        out: &mut Out,
    ) {
        let outcome = error::outcome(200, code, words);
        if let Some(id) = id
            && self.requests.is_in_flight(id)
        {
            return self.answered(id, outcome, now, out);
        }
        let (words, proves) = match outcome {
            Outcome::Rejected { words, proves, .. } => (words, proves),
            Outcome::Unknown(words) => (words, Proves::Nothing),
            Outcome::Accepted { .. } | Outcome::NotSent(_) => return,
        };
        if self.lines.of(line).logon.is_logging_in() {
            return self.login_refused(line, &words, proves, now, out);
        }
        self.bad(&format!("private socket: {words} {code}"), out);
    }

    fn login_refused(
        &mut self,
        line: Line,
        words: &str,
        proves: Proves,
        now: Stamp,
        out: &mut Out,
    ) {
        out.lines.push(LineOut::Close { line });
        if proves == Proves::KeyRefused {
            self.lines.of(line).upkeep.closed_for(now, KEY_AGAIN_MS);
            self.refuse_key(words, out);
        } else {
            self.lines.of(line).upkeep.closed(now);
            self.bad(&format!("login: {words}"), out);
        }
        if proves == Proves::ClockOff {
            self.measure_clock(now, out);
        }
        self.ended(line, words, now, out);
    }

    pub(super) fn closed(&mut self, line: Line, why: &str, now: Stamp, out: &mut Out) {
        self.planned = false;
        self.lines.of(line).upkeep.closed(now);
        self.ended(line, &sanitise(why, 120), now, out);
    }

    /// A socket is gone, from whichever side.
    pub(super) fn ended(&mut self, line: Line, why: &str, now: Stamp, out: &mut Out) {
        self.lines.of(line).logon.closed();
        if line == PRIVATE {
            self.private_ended(now, out);
        }
        self.ready = false;
        self.relink(why, out);
    }

    /// What the private socket says from here on is lost: nothing is in sync until truth is fetched over a new one, and every
    /// request on it is unknown at once.
    pub(super) fn private_ended(&mut self, now: Stamp, out: &mut Out) {
        self.in_sync = false;
        self.ready = false;
        self.held.clear();
        self.truth.abandon();
        self.line_ended(now, out);
    }
}
