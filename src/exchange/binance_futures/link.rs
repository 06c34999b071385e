//! One stream route: the socket in use, and the one that takes over before the venue's 24 hours end.
//!
//! Owns line numbers, health and subscriptions of both; knows nothing of books. (Binance: a connection lives 24 h; the official
//! client replaces its own after 23 h.)

use super::streams::{Kind, Streams};
use crate::domain::{Stamp, Symbol};
use crate::exchange::health::{Health, Need};
use crate::exchange::machine::{Line, LineOut, Opcode, Out};

/// Age at which a socket is replaced, ms.
const REPLACE_AFTER_MS: u64 = 23 * 3_600_000;
/// How long both sockets stand at most, ms.
const OVERLAP_MS: u64 = 15_000;

#[derive(Debug)]
struct Socket {
    line: Line,
    health: Health,
    streams: Streams,
}

/// What an ended line meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The socket in use: its route is down.
    InUse,
    /// One that was not, or no longer, in use.
    Spare,
}

/// One stream route.
#[derive(Debug)]
pub struct Link {
    url: String,
    kinds: &'static [Kind],
    used: Socket,
    next: Option<Socket>,
    wanted: Vec<Symbol>,
    why: String,
}

impl Link {
    /// A route at `url` on line `line`; the taking-over socket uses `line + 2`.
    pub fn new(line: Line, url: String, kinds: &'static [Kind]) -> Self {
        Self {
            url,
            kinds,
            used: Socket {
                line,
                health: Health::default(),
                streams: Streams::new(kinds),
            },
            next: None,
            wanted: Vec::new(),
            why: "not connected".to_owned(),
        }
    }

    /// True when `line` is one of this route's.
    pub fn has(&self, line: Line) -> bool {
        self.socket(line).is_some()
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

    /// True while two sockets stand.
    pub const fn is_overlapping(&self) -> bool {
        self.next.is_some()
    }

    /// The subscriptions of the socket in use.
    pub const fn streams(&mut self) -> &mut Streams {
        &mut self.used.streams
    }

    /// These symbols from now on.
    pub fn follow(&mut self, symbols: &[Symbol]) {
        self.wanted = symbols.to_vec();
        self.used.streams.follow(symbols);
        if let Some(next) = &mut self.next {
            next.streams.follow(symbols);
        }
    }

    /// A line stands.
    pub fn opened(&mut self, now: Stamp, line: Line) {
        if let Some(socket) = self.socket_mut(line) {
            socket.health.opened(now);
            socket.streams.reset();
        }
    }

    /// A frame came.
    #[inline]
    pub fn frame(&mut self, now: Stamp, line: Line) {
        if let Some(socket) = self.socket_mut(line) {
            socket.health.frame(now);
        }
    }

    /// A stream spoke on a line.
    #[inline]
    pub fn spoke(&mut self, line: Line, symbol: &Symbol, kind: Kind) {
        if let Some(socket) = self.socket_mut(line) {
            socket.streams.spoke(symbol, kind);
        }
    }

    /// A line ended.
    pub fn closed(&mut self, now: Stamp, line: Line, why: &str) -> Ended {
        if let Some(next) = self.next.as_mut().filter(|next| next.line == line) {
            next.health.closed(now);
            return Ended::Spare;
        }
        if self.used.line != line {
            return Ended::Spare;
        }
        self.why = why.to_owned();
        self.used.health.closed(now);
        Ended::InUse
    }

    /// Nothing that was proved is proved now: open anew at the next occasion.
    pub fn reopen(&mut self, out: &mut Out) {
        if let Some(next) = self.next.take() {
            out.lines.push(LineOut::Close { line: next.line });
        }
        self.why = "reconnecting".to_owned();
        self.used.health.reopen();
    }

    /// Closes everything.
    pub fn stop(&self, out: &mut Out) {
        for socket in std::iter::once(&self.used).chain(&self.next) {
            out.lines.push(LineOut::Close { line: socket.line });
        }
    }

    /// Opens, pings, subscribes and replaces as the time demands; streams that stay dumb are named in `dumb`. True when the socket
    /// in use was found dead just now.
    pub fn wake(&mut self, now: Stamp, dumb: &mut Vec<String>, out: &mut Out) -> bool {
        let was_open = self.used.health.is_open();
        serve(&self.url, &mut self.used, now, dumb, out);
        let died = was_open && !self.used.health.is_open();
        if died {
            self.why = "no data".to_owned();
        }
        self.replace(now, out);
        if let Some(next) = &mut self.next {
            serve(&self.url, next, now, dumb, out);
        }
        died
    }

    /// Make before break: the new socket takes over once all its streams have spoken.
    fn replace(&mut self, now: Stamp, out: &mut Out) {
        let age = self.used.health.open_ms(now).unwrap_or(0);
        let Some(next) = self.next.as_mut() else {
            if age >= REPLACE_AFTER_MS {
                let mut streams = Streams::new(self.kinds);
                streams.follow(&self.wanted);
                self.next = Some(Socket {
                    line: self.used.line ^ 2,
                    health: Health::default(),
                    streams,
                });
            }
            return;
        };
        let stood = next.health.open_ms(now);
        if stood.is_some_and(|ms| ms >= OVERLAP_MS || (ms >= 1_000 && next.streams.all_spoke())) {
            out.lines.push(LineOut::Close {
                line: self.used.line,
            });
            if let Some(next) = self.next.take() {
                self.used = next;
            }
        }
    }

    fn socket(&self, line: Line) -> Option<&Socket> {
        std::iter::once(&self.used)
            .chain(&self.next)
            .find(|socket| socket.line == line)
    }

    fn socket_mut(&mut self, line: Line) -> Option<&mut Socket> {
        if self.used.line == line {
            return Some(&mut self.used);
        }
        self.next.as_mut().filter(|next| next.line == line)
    }
}

fn serve(url: &str, socket: &mut Socket, now: Stamp, dumb: &mut Vec<String>, out: &mut Out) {
    match socket.health.need(now) {
        Some(Need::Open) => out.lines.push(LineOut::Open {
            line: socket.line,
            url: url.to_owned(),
            headers: Vec::new(),
        }),
        Some(Need::Ping) => out.ping(socket.line),
        None => {}
    }
    if let Some(text) = socket.streams.message(now, &socket.health, dumb) {
        out.lines.push(LineOut::Send {
            line: socket.line,
            tag: 0,
            opcode: Opcode::Text,
            bytes: text.into_bytes(),
        });
    }
}
