//! The user stream of the private line: how a connection gets it, and what comes over that connection. No listen key exists on
//! spot: the stream is subscribed on a connection of the WebSocket API (Binance, WebSocket API, User Data Stream requests).

use super::BinanceSpotAccount;
use crate::domain::Stamp;
use crate::domain::message::Proves;
use crate::domain::text::sanitise;
use crate::exchange::account::upkeep::PRIVATE;
use crate::exchange::binance::answer::{self, Answer};
use crate::exchange::binance::error::told;
use crate::exchange::binance_spot::error;
use crate::exchange::binance_spot::user_stream;
use crate::exchange::machine::{LineOut, Out};

/// No answer to a logon or a subscription within this, ms: the connection is of no use.
const ANSWER_MS: u64 = 5_000;
/// A key that the venue does not take is tried again after this, ms: its owner may mend it meanwhile.
pub(super) const KEY_AGAIN_MS: u64 = 60_000;
/// "The stream stands already on this connection" (Binance, Error codes).
const ALREADY: i64 = -2035;

/// How far the user stream of a connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Not asked for.
    Off,
    /// The connection is being logged on, by the request of this number.
    Logon(u64, Stamp),
    /// It was asked for.
    Asked(u64, Stamp),
    /// It tells.
    Standing,
}

impl BinanceSpotAccount {
    /// Asks for the stream, once the venue's clock is known: a logon first where the key can, else by signature.
    pub(super) fn subscribe(&mut self, now: Stamp, out: &mut Out) {
        let known = self.caller.clock.venue_ms(now).is_some();
        if self.stream != Stream::Off || !self.private_line.is_open() || !known {
            return;
        }
        self.stream = if self.caller.can_log_on() {
            Stream::Logon(self.caller.ask_logon(PRIVATE, now, out), now)
        } else {
            self.subscribe_by_signature(now, out)
        };
    }

    fn subscribe_by_signature(&mut self, now: Stamp, out: &mut Out) -> Stream {
        let method = "userDataStream.subscribe.signature";
        let id = self.caller.ask_signed(PRIVATE, method, now, out);
        Stream::Asked(id, now)
    }

    /// A frame of the private line.
    pub(super) fn private_frame(&mut self, bytes: &[u8], now: Stamp, out: &mut Out) {
        if let Some(event) = user_stream::event(bytes) {
            return self.stream_event(event, now, out);
        }
        let Some(answer) = answer::read(bytes) else {
            return self.bad("a frame of the private line is unreadable", out);
        };
        self.take_weight(&answer, now);
        match self.stream {
            Stream::Logon(id, _) if answer.id == Some(id) => self.logged_on(&answer, now, out),
            Stream::Asked(id, _) if answer.id == Some(id) => self.subscribed(&answer, now, out),
            // An answer to nobody in particular concerns the key of the whole connection (Binance, WebSocket API, session
            // authentication).
            _ if !answer.is_good => self.stream_refused(&answer, now, out),
            _ => {}
        }
    }

    fn logged_on(&mut self, answer: &Answer<'_>, now: Stamp, out: &mut Out) {
        self.stream = if answer.is_good {
            let method = "userDataStream.subscribe";
            let id = self.caller.ask_plain(PRIVATE, method, out);
            Stream::Asked(id, now)
        } else {
            self.subscribe_by_signature(now, out)
        };
    }

    fn subscribed(&mut self, answer: &Answer<'_>, now: Stamp, out: &mut Out) {
        let code = answer.error.as_ref().map_or(0, |body| body.code);
        if !answer.is_good && code != ALREADY {
            return self.stream_refused(answer, now, out);
        }
        self.stream = Stream::Standing;
        self.want_truth(now);
        self.relink("", out);
    }

    /// The connection gives no stream, or no more.
    fn stream_refused(&mut self, answer: &Answer<'_>, now: Stamp, out: &mut Out) {
        let (words, proves) = told(error::outcome(answer.status, answer.error.as_ref()));
        let words = sanitise(&words, 120);
        if proves == Proves::ClockOff {
            self.measure_clock(now, out);
        }
        out.lines.push(LineOut::Close { line: PRIVATE });
        if proves == Proves::KeyRefused {
            self.refuse_key(&words, out);
            self.private_line.closed_for(now, KEY_AGAIN_MS);
        } else {
            self.bad(&format!("user stream: {words}"), out);
            self.private_line.closed(now);
        }
        self.private_ended();
        self.relink(&words, out);
    }

    /// A logon or subscription that nobody answers.
    pub(super) fn stream_due(&mut self, now: Stamp, out: &mut Out) {
        let (Stream::Logon(_, since) | Stream::Asked(_, since)) = self.stream else {
            return;
        };
        if now.ms_since(since) >= ANSWER_MS {
            self.private_line.close(now, out);
            self.private_ended();
            self.relink("the venue did not answer the subscription", out);
        }
    }

    /// When that is due.
    pub(super) fn stream_next(&self) -> Option<Stamp> {
        match self.stream {
            Stream::Logon(_, since) | Stream::Asked(_, since) => Some(since.plus_ms(ANSWER_MS)),
            Stream::Off | Stream::Standing => None,
        }
    }

    /// The stream is dead or must be replaced, whatever its socket says: a new connection, truth again.
    pub(super) fn renew_private(&mut self, why: &str, now: Stamp, out: &mut Out) {
        out.lines.push(LineOut::Close { line: PRIVATE });
        self.private_ended();
        self.private_line.open(now, self.ws_private.clone(), out);
        self.relink(why, out);
    }
}
