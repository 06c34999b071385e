//! A feed in virtual time, for the tests of venues.

use std::sync::Arc;

use super::PushedFeed;
use super::dialect::Dialect;
use crate::domain::message::MarketFact;
use crate::domain::{BookState, Depth, Minute, Print, Stamp, Symbol, Touch, TradingStatus};
use crate::exchange::Endpoints;
use crate::exchange::machine::{Call, Feed, In, Line, LineOut, Machine, Opcode, Out, Reply};

/// When the tests begin, ms since 1970.
pub const START_MS: i64 = 1_720_000_000_000;

/// A feed and everything that it asked for.
pub struct Rig<D> {
    /// The feed.
    pub feed: PushedFeed<D>,
    /// The time.
    pub now: Stamp,
    /// Texts sent, each with its line; closings as `close`.
    pub sent: Vec<(Line, String)>,
    /// Lines opened, with their addresses.
    pub opened: Vec<(Line, String)>,
    /// Headers of the last line that was opened.
    pub headers: Vec<(&'static str, String)>,
    /// Calls not answered yet.
    pub calls: Vec<Call>,
    /// Words to the trader.
    pub notes: Vec<String>,
    /// Messages that did not parse, in words.
    pub bad: Vec<String>,
    /// Best prices told.
    pub touches: Vec<Touch>,
    /// Prints told.
    pub prints: Vec<Print>,
    /// Marks told: mark and funding.
    pub marks: Vec<(String, String)>,
    /// Minutes of the past told, answer by answer.
    pub minutes: Vec<Vec<Minute>>,
    /// States of trading told.
    pub statuses: Vec<TradingStatus>,
    /// The answer to a sign of life; `None`: the other end is dead.
    pub pong: Option<&'static str>,
    ping: &'static str,
}

impl<D: Dialect> Rig<D> {
    /// A feed that has not started, below these addresses.
    pub fn new(dialect: D, endpoints: &Endpoints, pong: &'static str) -> Self {
        Self {
            feed: PushedFeed::new(dialect, endpoints),
            now: Stamp {
                mono_ns: 5_000_000_000,
                wall_ns: START_MS * 1_000_000,
            },
            sent: Vec::new(),
            opened: Vec::new(),
            headers: Vec::new(),
            calls: Vec::new(),
            notes: Vec::new(),
            bad: Vec::new(),
            touches: Vec::new(),
            prints: Vec::new(),
            marks: Vec::new(),
            minutes: Vec::new(),
            statuses: Vec::new(),
            pong: Some(pong),
            ping: D::PING,
        }
    }

    /// Tells the feed of one event and takes what it asks for.
    pub fn on(&mut self, event: In<'_>) {
        let mut out = Out::default();
        self.feed.on(self.now, event, &mut out);
        let mut pinged = Vec::new();
        for line in out.lines {
            match line {
                LineOut::Open { line, url, headers } => {
                    self.opened.push((line, url));
                    self.headers = headers;
                }
                LineOut::Close { line } => self.sent.push((line, "close".to_owned())),
                LineOut::Send { line, bytes, .. } => {
                    let text = String::from_utf8(bytes).unwrap();
                    if text == self.ping {
                        pinged.push(line);
                    }
                    self.sent.push((line, text));
                }
            }
        }
        self.calls.append(&mut out.calls);
        self.touches.append(&mut out.touches);
        self.prints.append(&mut out.prints);
        out.market.into_iter().for_each(|fact| self.fact(fact));
        if let Some(pong) = self.pong {
            for line in pinged {
                self.text(line, pong);
            }
        }
    }

    fn fact(&mut self, fact: MarketFact) {
        match fact {
            MarketFact::Note { words } => self.notes.push(words),
            MarketFact::Bad { words } => self.bad.push(words),
            MarketFact::Status { status, .. } => self.statuses.push(status),
            MarketFact::Mark { mark, funding, .. } => {
                self.marks.push((mark.to_string(), funding.to_string()));
            }
            MarketFact::Minutes { minutes, .. } => self.minutes.push(minutes.to_vec()),
            MarketFact::Instruments(_) => {}
        }
    }

    /// Lets time pass, a tenth of a second a step.
    pub fn pass(&mut self, ms: u64) {
        for _ in 0..ms / 100 {
            self.now = self.now.plus_ms(100);
            self.on(In::Wake);
        }
    }

    /// A text frame comes.
    pub fn text(&mut self, line: Line, text: &str) {
        self.on(In::Frame {
            line,
            opcode: Opcode::Text,
            bytes: text.as_bytes(),
        });
    }

    /// Follows these symbols.
    pub fn follow(&mut self, names: &[&str]) {
        let symbols: Vec<Symbol> = names.iter().map(|n| Symbol::new(n).unwrap()).collect();
        self.on(In::Follow(&symbols));
    }

    /// The first call not answered yet whose target begins so.
    pub fn take_call(&mut self, target: &str) -> Option<Call> {
        let mut calls = self.calls.iter();
        let at = calls.position(|call| call.target.starts_with(target))?;
        Some(self.calls.remove(at))
    }

    /// Answers such a call.
    pub fn answer(&mut self, target: &str, status: u16, body: &str) {
        let call = self.take_call(target).expect(target);
        let reply = Reply {
            status,
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
        };
        self.on(In::Reply {
            tag: call.tag,
            result: Ok(reply),
        });
    }

    /// The picture of a symbol's book.
    pub fn picture(&self, name: &str) -> Arc<Depth> {
        let symbol = Symbol::new(name).unwrap();
        self.feed.depth(symbol, self.now, 20).unwrap()
    }

    /// What may be believed of it.
    pub fn state(&self, name: &str) -> BookState {
        self.picture(name).state.clone()
    }

    /// The last best prices told of it.
    pub fn touch(&self, name: &str) -> Touch {
        let of = |touch: &&Touch| touch.symbol.as_str() == name;
        *self.touches.iter().rev().find(of).unwrap()
    }

    /// True when a note begins so.
    pub fn said(&self, start: &str) -> bool {
        self.notes.iter().any(|note| note.starts_with(start))
    }

    /// Texts sent on a line that hold these words, oldest first.
    pub fn requests(&self, words: &str) -> Vec<&str> {
        let texts = self.sent.iter().map(|(_, text)| text.as_str());
        texts.filter(|text| text.contains(words)).collect()
    }
}
