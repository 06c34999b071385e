//! The public side of a venue that pushes whole books over its sockets: a snapshot first, then changes that prove what they follow.
//!
//! A venue writes a [`dialect::Dialect`]; the rest is here: lines, topics, the venue's clock, instruments and what becomes of them,
//! books, best prices, and what may be believed. To read a book anew its topic is left and asked for again; no REST call is needed.
//! Pure: reads no clock, does no I/O.

use std::sync::Arc;

use crate::domain::message::MarketFact;
use crate::domain::text::sanitise;
use crate::domain::{Depth, Instrument, Print, Stamp, Symbol, TradeId, VenueId};
use crate::exchange::Endpoints;
use crate::exchange::machine::{Feed, In, Line, Machine, Opcode, Out};

pub mod book;
mod calls;
pub mod dialect;
mod followed;
pub mod levels;
mod link;
mod listing;
mod mark;
mod past;
pub mod recorded;
mod shown;
mod topics;
mod watch;

use book::Step;
use calls::{Answer, Calls};
use dialect::{BookEvent, Dialect, Follows, Kind, Said, Unread};
use followed::{Followed, LineView};
use levels::Grid;
use link::{Link, Turn};

/// A trade of so long ago is history, ms.
const OLD_PRINT_MS: i64 = 60_000;

/// Public lines, instruments, clock and books of one venue.
pub struct PushedFeed<D> {
    venue: VenueId,
    dialect: D,
    links: Vec<Link>,
    calls: Calls,
    instruments: Vec<Instrument>,
    refused: Vec<(String, String)>,
    wanted: Vec<Symbol>,
    followed: Vec<Followed>,
    said: Vec<Said>,
}

impl<D: Dialect> PushedFeed<D> {
    /// A feed that connects to these addresses when started.
    pub fn new(dialect: D, endpoints: &Endpoints) -> Self {
        let headers = &endpoints.headers;
        let routes = dialect.routes(endpoints).into_iter().zip(0..);
        Self {
            venue: VenueId::new(D::ID).unwrap_or_else(|_| unreachable!("a constant name")),
            links: routes
                .map(|(url, line)| Link::new(line, url, headers.clone()))
                .collect(),
            calls: Calls::new(&dialect, headers.clone()),
            dialect,
            instruments: Vec::new(),
            refused: Vec::new(),
            wanted: Vec::new(),
            followed: Vec::new(),
            said: Vec::new(),
        }
    }

    fn index(&self, symbol: &Symbol) -> Option<usize> {
        self.followed.iter().position(|f| f.symbol() == *symbol)
    }

    fn route(&self, line: Line) -> Option<usize> {
        self.links.iter().position(|link| link.has(line))
    }

    fn lag_ms(&self, now: Stamp, venue_ms: i64) -> Option<i64> {
        Some(self.calls.clock.venue_ms(now)?.saturating_sub(venue_ms))
    }

    fn line_view(&self, route: usize) -> LineView<'_> {
        let link = self.links.get(route);
        LineView {
            open: link.is_some_and(|link| link.health().is_open()),
            proved: link.and_then(|link| link.health().proved()),
            why: link.map_or("not connected", Link::why),
            clock_known: self.calls.clock.error_ms().is_some(),
        }
    }

    /// How often the book of a symbol was asked for without an answer.
    fn unanswered(&self, followed: &Followed) -> u32 {
        let link = self.links.get(followed.route);
        link.map_or(0, |link| link.tries(&followed.symbol(), Kind::Book))
    }

    /// Touch and depth of a symbol may have changed.
    fn tell(&self, now: Stamp, index: usize, out: &mut Out) {
        let Some(followed) = self.followed.get(index) else {
            return;
        };
        let touch = followed.touch(now, self.line_view(followed.route));
        match out.touches.iter_mut().find(|t| t.symbol == touch.symbol) {
            Some(known) => *known = touch,
            None => out.touches.push(touch),
        }
        if !out.changed.contains(&touch.symbol) {
            out.changed.push(touch.symbol);
        }
    }

    fn opened(&mut self, now: Stamp, line: Line, out: &mut Out) {
        if let Some(route) = self.route(line) {
            self.links[route].opened(now, line);
            self.wake(now, out);
        }
    }

    fn closed(&mut self, now: Stamp, line: Line, why: &str, out: &mut Out) {
        let Some(route) = self.route(line) else {
            return;
        };
        let why = sanitise(why, 80);
        let turn = self.links[route].closed(now, line, &why);
        if turn == Turn::Down {
            note(out, format!("stream closed: {why}"));
        }
        self.turned(now, route, turn, out);
    }

    fn frame(&mut self, now: Stamp, line: Line, opcode: Opcode, bytes: &[u8], out: &mut Out) {
        let Some(route) = self.route(line) else {
            return;
        };
        self.links[route].frame(now, line);
        if opcode != Opcode::Text {
            return;
        }
        let mut said = std::mem::take(&mut self.said);
        let read = self.read(route, bytes, &mut said);
        for one in said.drain(..) {
            self.take(now, line, one, out);
        }
        self.said = said;
        if let Err(unread) = read {
            self.bad(now, line, unread, out);
        }
    }

    /// What a message of a route says.
    fn read(&self, route: usize, bytes: &[u8], said: &mut Vec<Said>) -> Result<(), Unread> {
        let text = std::str::from_utf8(bytes).map_err(|_| Unread {
            maybe_book: true,
            symbol: None,
            words: "message is no UTF-8".to_owned(),
        })?;
        let grid = |name: &str| -> Option<Grid> {
            let of = |f: &&Followed| f.route == route && f.name.as_str() == name;
            self.followed.iter().find(of).map(Followed::grid)
        };
        self.dialect.read(text, &grid, said)
    }

    /// Takes one thing that a message said.
    fn take(&mut self, now: Stamp, line: Line, said: Said, out: &mut Out) {
        match said {
            Said::Book(event) => self.book_event(now, line, &event, out),
            Said::Print { id, print, in_book } => {
                self.spoke(now, line, &print.symbol, Kind::Prints);
                self.print(now, id, print, in_book, out);
            }
            Said::Mark {
                symbol,
                kind,
                mark,
                funding,
                next_funding_ms,
            } => {
                self.spoke(now, line, &symbol, kind);
                if let Some(index) = self.index(&symbol) {
                    let followed = &mut self.followed[index];
                    followed.mark.take(mark, funding, next_funding_ms);
                    out.market.extend(followed.mark.due(now, symbol));
                }
            }
            Said::Refused(words) => note(out, format!("stream request refused: {words}")),
            Said::Leaving(words) => {
                note(out, format!("the venue closes a stream soon: {words}"));
                if let Some(route) = self.route(line) {
                    self.links[route].leaving(line);
                    self.tend(now, route, out);
                }
            }
        }
    }

    /// A trade is told once, by whichever socket tells it first. What the venue repeats after a subscription is no news.
    fn print(&mut self, now: Stamp, id: TradeId, print: Print, in_book: bool, out: &mut Out) {
        let lag_ms = self.lag_ms(now, print.venue_ms);
        let Some(index) = self.index(&print.symbol) else {
            return;
        };
        let followed = &mut self.followed[index];
        if lag_ms.is_some_and(|ms| ms > OLD_PRINT_MS) || !followed.is_new_print(id) {
            return;
        }
        if in_book {
            followed.print(now, &print);
        }
        out.prints.push(print);
    }

    fn is_used(&self, line: Line) -> bool {
        self.links.iter().any(|link| link.is_used(line))
    }

    fn spoke(&mut self, now: Stamp, line: Line, symbol: &Symbol, kind: Kind) {
        let Some(route) = self.route(line) else {
            return;
        };
        if let Some(topics) = self.links[route].topics_of(line) {
            topics.spoke(now, symbol, kind);
        }
    }

    fn book_event(&mut self, now: Stamp, line: Line, event: &BookEvent, out: &mut Out) {
        let Some(index) = self.index(&event.symbol) else {
            return;
        };
        let is_book = self.followed[index].is_its_book(event);
        if !is_book && event.depth != 1 {
            return;
        }
        if !is_book {
            self.spoke(now, line, &event.symbol, Kind::BestPrices);
        } else if event.follows == Follows::Nothing {
            self.spoke(now, line, &event.symbol, Kind::Book);
        }
        let lag_ms = self.lag_ms(now, event.venue_ms);
        let used = self.is_used(line);
        let followed = &mut self.followed[index];
        match (used, is_book) {
            (false, true) => return followed.spare_event(event),
            (false, false) => return,
            (true, false) => followed.best_prices(now, lag_ms, event),
            (true, true) => match followed.book_event(now, lag_ms, event) {
                Step::Stale | Step::Early => return,
                Step::Gap => note(out, format!("{}: gap, reading the book anew", event.symbol)),
                Step::Crossed => {
                    note(out, format!("{}: crossed book, reading anew", event.symbol));
                }
                Step::Applied | Step::Replaced => {}
            },
        }
        self.ask_for_book(now, index, out);
        self.tell(now, index, out);
    }

    /// A message that does not parse. Of a book it is a gap; where the text does not even say of which, of all on that socket. New
    /// steps show themselves so: the instrument is looked at.
    fn bad(&mut self, now: Stamp, line: Line, unread: Unread, out: &mut Out) {
        out.market.push(MarketFact::Bad {
            words: sanitise(&unread.words, 120),
        });
        if !unread.maybe_book || !self.is_used(line) {
            return;
        }
        let route = self.route(line);
        for index in 0..self.followed.len() {
            let followed = &mut self.followed[index];
            let other = unread.symbol.is_some_and(|s| s != followed.symbol());
            if other || Some(followed.route) != route {
                continue;
            }
            followed.bad_message(now);
            let symbol = followed.symbol();
            self.calls.look_now(now, &symbol);
            self.ask_for_book(now, index, out);
            self.tell(now, index, out);
        }
    }

    fn resumed(&mut self, now: Stamp, ms: u64, out: &mut Out) {
        self.calls.forget_clock(now);
        for route in 0..self.links.len() {
            self.links[route].reopen(out);
            self.turned(now, route, Turn::Down, out);
        }
        note(out, format!("resumed after {} s, reconnecting", ms / 1_000));
        self.wake(now, out);
    }
}

impl<D: Dialect> Machine for PushedFeed<D> {
    fn on(&mut self, now: Stamp, event: In<'_>, out: &mut Out) {
        match event {
            In::Start => {
                self.calls.start(now);
                self.wake(now, out);
            }
            In::Opened { line } => self.opened(now, line, out),
            In::Frame {
                line,
                opcode,
                bytes,
            } => self.frame(now, line, opcode, bytes, out),
            In::Closed { line, why } => self.closed(now, line, why, out),
            In::Reply { tag, result } => {
                match self.calls.reply(now, &self.dialect, tag, result, out) {
                    Some(Answer::List(at, target, body)) => {
                        self.list_came(now, at, &target, body, out);
                    }
                    Some(Answer::Look(symbol, target, body)) => {
                        self.look_came(now, symbol, &target, body, out);
                    }
                    Some(Answer::Past(symbol, body)) => self.past_came(now, &symbol, body, out),
                    None => {}
                }
            }
            In::Follow(symbols) => self.follow(now, symbols, out),
            In::Resumed { ms } => self.resumed(now, ms, out),
            In::Wake => self.wake(now, out),
            In::Stop => {
                for link in &self.links {
                    link.stop(out);
                }
            }
            In::Sent { .. } | In::Command(_) => {}
        }
    }
}

impl<D: Dialect> Feed for PushedFeed<D> {
    fn depth(&self, symbol: Symbol, now: Stamp, levels: usize) -> Option<Arc<Depth>> {
        let followed = self.followed.iter().find(|f| f.symbol() == symbol)?;
        let (line, unanswered) = (self.line_view(followed.route), self.unanswered(followed));
        Some(Arc::new(followed.picture(now, line, unanswered, levels)))
    }
}

/// One line for the trader; the words must be inert already.
fn note(out: &mut Out, words: String) {
    out.market.push(MarketFact::Note { words });
}

#[cfg(test)]
pub mod rig;
#[cfg(test)]
mod tests;
