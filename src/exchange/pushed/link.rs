//! One route of a venue's public streams: the socket in use, and the one that takes over before the venue ends it.
//!
//! Owns line numbers, health and topics of both; knows nothing of books. A socket without topics is not opened: venues close what
//! nobody uses.

use super::dialect::{Dialect, Kind};
use super::topics::{Topics, Wanted};
use crate::domain::{Stamp, Symbol};
use crate::exchange::health::{Health, Need};
use crate::exchange::machine::{Line, LineOut, Out};

/// Age at which a socket is replaced, ms: venues end what has stood for a day.
const REPLACE_AFTER_MS: u64 = 23 * 3_600_000;
/// How long a taking-over socket may take, ms; then it is given up.
const OVERLAP_MS: u64 = 15_000;
/// After a taking-over socket was given up, the next is tried, ms.
const AGAIN_MS: u64 = 60_000;

#[derive(Debug, Default)]
struct Socket {
    line: Line,
    health: Health,
    topics: Topics,
    pinged: Option<Stamp>,
}

/// What happened to the socket in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It stands, or is being opened.
    None,
    /// It is gone, and no other stands: the route is down.
    Down,
    /// The other one took over.
    TakenOver,
}

/// One route.
#[derive(Debug)]
pub struct Link {
    url: String,
    headers: Vec<(&'static str, String)>,
    used: Socket,
    next: Option<Socket>,
    wanted: Vec<Wanted>,
    why: String,
    /// The venue said that it will close the socket in use.
    leaving: bool,
    again_at: Stamp,
}

impl Link {
    /// A route at `url` on line `line`; the taking-over socket uses `line ^ 2`.
    pub fn new(line: Line, url: String, headers: Vec<(&'static str, String)>) -> Self {
        Self {
            url,
            headers,
            used: Socket {
                line,
                ..Socket::default()
            },
            next: None,
            wanted: Vec::new(),
            why: "not connected".to_owned(),
            leaving: false,
            again_at: Stamp::default(),
        }
    }

    /// True when `line` is one of this route's.
    pub fn has(&self, line: Line) -> bool {
        self.used.line | 2 == line | 2
    }

    /// True when `line` is the socket in use.
    pub const fn is_used(&self, line: Line) -> bool {
        self.used.line == line
    }

    /// The life of the socket in use.
    pub const fn health(&self) -> &Health {
        &self.used.health
    }

    /// Why it is down, in words.
    pub fn why(&self) -> &str {
        &self.why
    }

    /// True while two sockets stand or are opened.
    pub const fn is_overlapping(&self) -> bool {
        self.next.is_some()
    }

    /// The topics of the socket in use.
    pub const fn topics(&mut self) -> &mut Topics {
        &mut self.used.topics
    }

    /// How often a topic of the socket in use was asked for without an answer.
    pub fn tries(&self, symbol: &Symbol, kind: Kind) -> u32 {
        self.used.topics.tries(symbol, kind)
    }

    /// The topics of one of its sockets.
    pub fn topics_of(&mut self, line: Line) -> Option<&mut Topics> {
        self.socket(line).map(|socket| &mut socket.topics)
    }

    /// These instruments from now on.
    pub fn follow(&mut self, wanted: Vec<Wanted>) {
        self.used.topics.follow(&wanted);
        if let Some(next) = &mut self.next {
            next.topics.follow(&wanted);
        }
        self.wanted = wanted;
    }

    /// A line stands.
    pub fn opened(&mut self, now: Stamp, line: Line) {
        if let Some(socket) = self.socket(line) {
            socket.health.opened(now);
            socket.topics.reset();
            socket.pinged = Some(now);
        }
    }

    /// A frame came.
    #[inline]
    pub fn frame(&mut self, now: Stamp, line: Line) {
        if let Some(socket) = self.socket(line) {
            socket.health.frame(now);
        }
    }

    /// The venue will close this line: another must stand before it does.
    pub fn leaving(&mut self, line: Line) {
        self.leaving |= self.is_used(line);
    }

    /// A line ended.
    pub fn closed(&mut self, now: Stamp, line: Line, why: &str) -> Turn {
        if self.is_used(line) {
            why.clone_into(&mut self.why);
            self.used.health.closed(now);
            return self.fall_back();
        }
        if self.next.as_ref().is_some_and(|next| next.line == line) {
            self.next = None;
            self.again_at = now.plus_ms(AGAIN_MS);
        }
        Turn::None
    }

    /// Nothing that was proved is proved now: open anew at the next occasion.
    pub fn reopen(&mut self, out: &mut Out) {
        if let Some(next) = self.next.take() {
            out.lines.push(LineOut::Close { line: next.line });
        }
        "reconnecting".clone_into(&mut self.why);
        self.leaving = false;
        self.used.health.reopen();
    }

    /// Closes everything.
    pub fn stop(&self, out: &mut Out) {
        for socket in std::iter::once(&self.used).chain(&self.next) {
            out.lines.push(LineOut::Close { line: socket.line });
        }
    }

    /// Opens, pings, subscribes and replaces as the time demands; topics that stay silent are named in `silent`.
    pub fn wake<D: Dialect>(
        &mut self,
        now: Stamp,
        dialect: &D,
        silent: &mut Vec<String>,
        out: &mut Out,
    ) -> Turn {
        if self.wanted.is_empty() {
            self.rest(out);
            return Turn::None;
        }
        let was_open = self.used.health.is_open();
        self.serve_used(now, dialect, silent, out);
        if was_open && !self.used.health.is_open() {
            "no data".clone_into(&mut self.why);
            return self.fall_back();
        }
        let turn = self.replace::<D>(now, out);
        if let Some(mut next) = self.next.take() {
            self.serve(&mut next, now, dialect, silent, out);
            self.next = Some(next);
        }
        turn
    }

    /// Nothing is wanted: what stands is closed.
    fn rest(&mut self, out: &mut Out) {
        if self.used.health.is_open() {
            let line = self.used.line;
            out.lines.push(LineOut::Close { line });
        }
        self.reopen(out);
    }

    fn serve_used<D: Dialect>(
        &mut self,
        now: Stamp,
        dialect: &D,
        silent: &mut Vec<String>,
        out: &mut Out,
    ) {
        let mut used = std::mem::take(&mut self.used);
        self.serve(&mut used, now, dialect, silent, out);
        self.used = used;
    }

    fn serve<D: Dialect>(
        &self,
        socket: &mut Socket,
        now: Stamp,
        dialect: &D,
        silent: &mut Vec<String>,
        out: &mut Out,
    ) {
        let need = socket.health.need(now);
        if need == Some(Need::Open) {
            out.lines.push(LineOut::Open {
                line: socket.line,
                url: self.url.clone(),
                headers: self.headers.clone(),
            });
        }
        if !socket.health.is_open() {
            return;
        }
        let pinged = socket.pinged.map_or(0, |pinged| now.ms_since(pinged));
        if need == Some(Need::Ping) || pinged >= D::PING_EVERY_MS {
            socket.pinged = Some(now);
            out.send(socket.line, 0, D::PING.to_owned());
        }
        if let Some(text) = socket.topics.request(now, dialect, silent) {
            out.send(socket.line, 0, text);
        }
    }

    /// Make before break: the new socket takes over once it tells as much as the old one.
    fn replace<D: Dialect>(&mut self, now: Stamp, out: &mut Out) -> Turn {
        let Some(next) = &self.next else {
            let age = self.used.health.open_ms(now).unwrap_or(0);
            let spent = self.used.topics.requests(now) >= D::REQUESTS_AN_HOUR;
            let due = age >= REPLACE_AFTER_MS || self.leaving || spent;
            if due && self.used.health.is_open() && now.mono_ns >= self.again_at.mono_ns {
                let mut next = Socket {
                    line: self.used.line ^ 2,
                    ..Socket::default()
                };
                next.topics.follow(&self.wanted);
                self.next = Some(next);
                self.again_at = now.plus_ms(OVERLAP_MS);
            }
            return Turn::None;
        };
        if next.health.is_open() && next.topics.speaks_like(&self.used.topics) {
            let line = self.used.line;
            out.lines.push(LineOut::Close { line });
            return self.fall_back();
        }
        if now.mono_ns >= self.again_at.mono_ns {
            out.lines.push(LineOut::Close { line: next.line });
            self.next = None;
            self.again_at = now.plus_ms(AGAIN_MS);
        }
        Turn::None
    }

    /// The other socket takes over where it stands.
    fn fall_back(&mut self) -> Turn {
        self.leaving = false;
        match self.next.take_if(|next| next.health.is_open()) {
            Some(next) => {
                self.used = next;
                Turn::TakenOver
            }
            None => Turn::Down,
        }
    }

    fn socket(&mut self, line: Line) -> Option<&mut Socket> {
        if self.used.line == line {
            return Some(&mut self.used);
        }
        self.next.as_mut().filter(|next| next.line == line)
    }
}
