//! The public side of a venue that pushes whole books over its sockets: a snapshot first, then changes that prove what they follow.
//!
//! A venue writes a [`dialect::Dialect`]; the rest is here: lines, topics, the venue's clock, instruments and what becomes of them,
//! books, best prices, and what may be believed. To read a book anew its topic is left and asked for again; no REST call is needed.
//! Pure: reads no clock, does no I/O.

use std::sync::Arc;

use crate::domain::message::MarketFact;
use crate::domain::text::sanitise;
use crate::domain::{Depth, Instrument, Print, Stamp, Symbol, TradeId, TradingStatus, VenueId};
use crate::exchange::Endpoints;
use crate::exchange::machine::{Feed, In, Line, Machine, Opcode, Out};

pub mod book;
mod calls;
pub mod dialect;
mod followed;
pub mod levels;
mod link;
pub mod recorded;
mod topics;

use book::Step;
use calls::{Answer, Body, Calls};
use dialect::{BookEvent, Dialect, Follows, Kind, Said, Unread};
use followed::{Doubt, Followed, LineView};
use levels::Grid;
use link::{Link, Turn};
use topics::Wanted;

/// Time between two looks at what time alone changes, ms.
const WAKE_MS: u64 = 100;
/// A trade of so long ago is history, ms.
const OLD_PRINT_MS: i64 = 60_000;
/// A book asked for so often in vain has its socket opened anew.
const REOPEN_AFTER: u32 = 2;

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

    /// What time alone changes: lines, topics, calls, states.
    fn wake(&mut self, now: Stamp, out: &mut Out) {
        for route in 0..self.links.len() {
            self.tend(now, route, out);
        }
        self.calls.wake(now, out);
        for index in 0..self.followed.len() {
            self.doubt(now, index, out);
            self.ask_for_book(now, index, out);
            self.reopen_for_book(now, index, out);
            self.show_state(now, index, out);
            out.market.extend(self.followed[index].mark_due(now));
        }
        out.wake_at = Some(now.plus_ms(WAKE_MS));
    }

    /// Opens, pings, subscribes on one route.
    fn tend(&mut self, now: Stamp, route: usize, out: &mut Out) {
        let mut silent = Vec::new();
        let Some(link) = self.links.get_mut(route) else {
            return;
        };
        let turn = link.wake(now, &self.dialect, &mut silent, out);
        for topic in silent {
            note(out, format!("no data on {topic}, subscribed again"));
        }
        if turn == Turn::Down {
            note(out, "stream silent, reconnecting".to_owned());
        }
        self.turned(now, route, turn, out);
        let alone = self.links.get(route).is_some_and(|l| !l.is_overlapping());
        for followed in self.followed.iter_mut().filter(|f| f.route == route) {
            if alone {
                followed.drop_spare();
            }
        }
    }

    /// What became of the socket in use, for every book on it.
    fn turned(&mut self, now: Stamp, route: usize, turn: Turn, out: &mut Out) {
        if turn == Turn::None {
            return;
        }
        for index in 0..self.followed.len() {
            let followed = &mut self.followed[index];
            if followed.route != route {
                continue;
            }
            match turn {
                Turn::TakenOver => followed.take_over(now),
                _ => followed.line_lost(now),
            }
            self.tell(now, index, out);
        }
    }

    fn doubt(&mut self, now: Stamp, index: usize, out: &mut Out) {
        let Some(followed) = self.followed.get_mut(index) else {
            return;
        };
        let symbol = followed.symbol();
        match followed.doubt(now) {
            None => return,
            Some(Doubt::BookDead) => note(out, format!("{symbol}: no depth, subscribed again")),
            Some(Doubt::Contradiction) => {
                note(out, format!("{symbol}: best prices contradict the book"));
            }
            Some(Doubt::BestPricesDead) => {
                let route = followed.route;
                if let Some(link) = self.links.get_mut(route) {
                    link.topics().ask_again(&symbol, Kind::BestPrices);
                }
                note(out, format!("{symbol}: no best prices, subscribed again"));
            }
        }
        self.tell(now, index, out);
    }

    /// Has the book of a symbol sent anew where that is wanted and not too soon.
    fn ask_for_book(&mut self, now: Stamp, index: usize, out: &mut Out) {
        let Some(followed) = self.followed.get_mut(index) else {
            return;
        };
        if !followed.wants_book(now) {
            return;
        }
        followed.asked_book();
        let (symbol, route) = (followed.symbol(), followed.route);
        if let Some(link) = self.links.get_mut(route) {
            link.topics().ask_again(&symbol, Kind::Book);
        }
        self.tend(now, route, out);
    }

    /// A book that does not come although others speak: its socket is not to be trusted. Once, so that one dead book does not take
    /// the others with it again and again.
    fn reopen_for_book(&mut self, now: Stamp, index: usize, out: &mut Out) {
        let Some(followed) = self.followed.get(index) else {
            return;
        };
        let silent = !followed.book().is_synced() && self.unanswered(followed) >= REOPEN_AFTER;
        if !silent || followed.reopened {
            return;
        }
        let (symbol, route) = (followed.symbol(), followed.route);
        self.followed[index].reopened = true;
        note(out, format!("{symbol}: still no depth, reconnecting"));
        if let Some(link) = self.links.get_mut(route) {
            link.reopen(out);
        }
        self.turned(now, route, Turn::Down, out);
    }

    fn show_state(&mut self, now: Stamp, index: usize, out: &mut Out) {
        let Some(followed) = self.followed.get(index) else {
            return;
        };
        let line = self.line_view(followed.route);
        let state = followed.state(now, line, self.unanswered(followed));
        if self.followed[index].state_moved(&state) {
            self.tell(now, index, out);
        }
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
                    followed.mark(mark, funding, next_funding_ms);
                    out.market.extend(followed.mark_due(now));
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

    fn list_came(&mut self, now: Stamp, at: usize, target: &str, body: Body, out: &mut Out) {
        let page = body.and_then(|body| self.dialect.read_page(target, &body));
        match page {
            Ok(page) => {
                self.refuse(page.refused, out);
                for instrument in page.instruments {
                    self.learn(now, instrument, out);
                }
                if self.calls.page_read(now, at, page.next, out) {
                    self.tell_instruments(out);
                    self.follow_wanted(now, out);
                }
            }
            Err(why) => {
                self.calls.page_failed(now, at);
                note(out, format!("no instruments yet: {why}"));
            }
        }
    }

    fn refuse(&mut self, refused: Vec<(String, String)>, out: &mut Out) {
        let unknown = |(name, _): &(String, String)| self.refused.iter().all(|(n, _)| n != name);
        let new: Vec<(String, String)> = refused.into_iter().filter(unknown).collect();
        if let Some((symbol, why)) = new.first() {
            let count = new.len();
            note(
                out,
                format!("{count} symbols disabled, first {symbol}: it {why}"),
            );
        }
        self.refused.extend(new);
    }

    fn look_came(&mut self, now: Stamp, symbol: Symbol, target: &str, body: Body, out: &mut Out) {
        let page = body.and_then(|body| self.dialect.read_page(target, &body));
        self.calls.looked(now, &symbol, page.is_ok());
        let Ok(page) = page else { return };
        let named = |i: &Instrument| i.symbol == symbol;
        let found = page.instruments.into_iter().find(named);
        // What is delisted is not in the venue's answer any more.
        let gone = || {
            let known = self.instruments.iter().find(|i| i.symbol == symbol)?;
            Some(Instrument {
                status: TradingStatus::Closed,
                ..known.clone()
            })
        };
        if let Some(instrument) = found.or_else(gone)
            && self.learn(now, instrument, out)
        {
            self.tell_instruments(out);
        }
    }

    /// An instrument as it is now. True when anything about it is new; what matters to its book is said.
    fn learn(&mut self, now: Stamp, instrument: Instrument, out: &mut Out) -> bool {
        let symbol = instrument.symbol;
        let Some(known) = self.instruments.iter_mut().find(|i| i.symbol == symbol) else {
            self.instruments.push(instrument);
            return true;
        };
        if *known == instrument {
            return false;
        }
        *known = instrument;
        if let Some(index) = self.index(&symbol) {
            self.renew(now, index, out);
        }
        true
    }

    /// The rules of a followed instrument are new. With new steps its book is read anew: its numbers meant something else.
    fn renew(&mut self, now: Stamp, index: usize, out: &mut Out) {
        let symbol = self.followed[index].symbol();
        let Some(new) = self.instruments.iter().find(|i| i.symbol == symbol) else {
            return;
        };
        let (new, old) = (new.clone(), self.followed[index].instrument.clone());
        if new.status != old.status {
            let status = new.status;
            out.market.push(MarketFact::Status { symbol, status });
        }
        let stepped = new.tick != old.tick || new.lot != old.lot;
        if !stepped && new.multiplier == old.multiplier {
            self.followed[index].instrument = Arc::new(new);
            return;
        }
        let words = format!(
            "{symbol}: price step {} (was {}), size step {} (was {}): reading the book anew",
            new.tick.text(1),
            old.tick.text(1),
            new.lot.text(1),
            old.lot.text(1),
        );
        note(out, words);
        self.tell_instruments(out);
        let (route, name) = (self.followed[index].route, self.followed[index].name);
        self.followed[index] = Followed::new(new, route, name, D::DEPTH);
        if let Some(link) = self.links.get_mut(route) {
            for kind in [Kind::Book, Kind::BestPrices] {
                link.topics().ask_again(&symbol, kind);
            }
        }
        self.tell(now, index, out);
        self.tend(now, route, out);
    }

    fn tell_instruments(&self, out: &mut Out) {
        let all: Arc<[Instrument]> = self.instruments.clone().into();
        out.market.push(MarketFact::Instruments(all));
    }

    /// Follows what is wanted and known; says what is not.
    fn follow_wanted(&mut self, now: Stamp, out: &mut Out) {
        let wanted = std::mem::take(&mut self.wanted);
        self.followed.retain(|f| wanted.contains(&f.symbol()));
        for symbol in &wanted {
            if self.index(symbol).is_some() {
                continue;
            }
            match self.instruments.iter().find(|i| i.symbol == *symbol) {
                Some(instrument) => {
                    let (route, name) = self.dialect.place(instrument);
                    let instrument = instrument.clone();
                    self.followed
                        .push(Followed::new(instrument, route, name, D::DEPTH));
                }
                // The list that names it may be still to come.
                None if self.calls.has_all() => self.say_unknown(symbol, out),
                None => {}
            }
        }
        self.wanted = wanted;
        self.subscribe(now);
        self.wake(now, out);
    }

    fn subscribe(&mut self, now: Stamp) {
        for (route, link) in self.links.iter_mut().enumerate() {
            let of_route = self.followed.iter().filter(|f| f.route == route);
            let wanted = of_route.map(|followed| Wanted {
                symbol: followed.symbol(),
                name: followed.name,
                kinds: self.dialect.kinds(&followed.instrument),
            });
            link.follow(wanted.collect());
        }
        let followed: Vec<&Instrument> = self.followed.iter().map(|f| &*f.instrument).collect();
        self.calls.follow(now, &self.dialect, &followed);
    }

    fn say_unknown(&self, symbol: &Symbol, out: &mut Out) {
        let name = symbol.as_str();
        match self.refused.iter().find(|(refused, _)| refused == name) {
            Some((_, why)) => note(out, format!("{symbol} is disabled: it {why}")),
            None => note(out, format!("no symbol {symbol} at {}", self.venue)),
        }
    }

    fn follow(&mut self, now: Stamp, symbols: &[Symbol], out: &mut Out) {
        self.wanted = symbols.to_vec();
        self.follow_wanted(now, out);
        for symbol in symbols {
            self.calls.look_now(now, symbol);
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
