//! The public side of one of Binance's products: instruments, clock, books, prints.
//!
//! Owns both stream routes, the followed symbols, the venue's clock and the weight budget. Pure: reads no clock, does no I/O.

use std::sync::Arc;

use super::calls::{Answer, Body, Calls};
use super::depth_json::{self, DepthError};
use super::depth_text::{self, Change, Grid, Head, Surprise};
use super::followed::{Doubt, Followed, LineView};
use super::link::{Ended, Link};
use super::market_text::{self, MarketText};
use super::note;
use super::product::{Kind, Product};
use super::resync::Step;
use crate::domain::message::MarketFact;
use crate::domain::text::sanitise;
use crate::domain::{Depth, Instrument, Stamp, Symbol, VenueId};
use crate::exchange::Endpoints;
use crate::exchange::machine::{Feed, In, Line, Machine, Opcode, Out};

/// The socket of depth and best prices.
pub(super) const PUBLIC: Line = 0;
/// The socket of prints and mark prices.
pub(super) const MARKET: Line = 1;

/// Time between two looks at what time alone changes, ms.
const WAKE_MS: u64 = 100;

/// Public lines, instruments, clock and books of one product.
pub struct BinanceFeed {
    pub(super) product: &'static Product,
    pub(super) venue: VenueId,
    pub(super) public: Link,
    pub(super) market: Link,
    pub(super) calls: Calls,
    pub(super) instruments: Arc<[Instrument]>,
    pub(super) refused: Vec<(String, String)>,
    pub(super) wanted: Vec<Symbol>,
    pub(super) followed: Vec<Followed>,
    changes: Vec<Change>,
}

impl BinanceFeed {
    /// A feed that connects to these addresses when started.
    pub fn new(product: &'static Product, endpoints: &Endpoints) -> Self {
        let (depth, prints) = (product.public, product.market);
        Self {
            product,
            venue: VenueId::new(product.id).unwrap_or_else(|_| unreachable!("a constant name")),
            public: Link::new(PUBLIC, format!("{}/ws", endpoints.ws_public), depth),
            market: Link::new(MARKET, format!("{}/ws", endpoints.ws_market), prints),
            calls: Calls::new(product),
            instruments: Arc::new([]),
            refused: Vec::new(),
            wanted: Vec::new(),
            followed: Vec::new(),
            changes: Vec::new(),
        }
    }

    pub(super) fn line_view(&self) -> LineView<'_> {
        LineView {
            open: self.public.health().is_open(),
            proved: self.public.health().proved(),
            why: self.public.why(),
            clock_known: self.calls.clock.error_ms().is_some(),
        }
    }

    pub(super) fn index(&self, symbol: &Symbol) -> Option<usize> {
        self.followed.iter().position(|f| f.symbol() == *symbol)
    }

    fn lag_ms(&self, now: Stamp, event_ms: i64) -> Option<i64> {
        Some(self.calls.clock.venue_ms(now)?.saturating_sub(event_ms))
    }

    fn start(&mut self, now: Stamp, out: &mut Out) {
        self.calls.start(now);
        self.wake(now, out);
    }

    /// What time alone changes: lines, calls, snapshots, states.
    pub(super) fn wake(&mut self, now: Stamp, out: &mut Out) {
        let mut dumb = Vec::new();
        if self.public.wake(now, &mut dumb, out) {
            note(out, "book stream silent, reconnecting".to_owned());
            self.public_lost(now, out);
        }
        if self.market.wake(now, &mut dumb, out) {
            note(out, "print stream silent, reconnecting".to_owned());
        }
        for name in dumb {
            note(out, format!("no data on {name}, subscribed again"));
        }
        let overlapping = self.public.is_overlapping();
        for followed in &mut self.followed {
            followed.overlap(overlapping);
        }
        self.calls.wake(now, out);
        for index in 0..self.followed.len() {
            self.doubt(index, now, out);
            self.fetch(index, now, out);
            self.show_state(index, now, out);
        }
        self.ask_past(now, out);
        out.wake_at = Some(now.plus_ms(WAKE_MS));
    }

    /// Asks for a snapshot where one is wanted and allowed (step 2).
    fn fetch(&mut self, index: usize, now: Stamp, out: &mut Out) {
        let Some(followed) = self.followed.get_mut(index) else {
            return;
        };
        let symbol = followed.symbol();
        let asked = self.public.streams().asked(&symbol, Kind::Depth);
        if !self.public.health().is_open() || !followed.wants_snapshot(now, asked) {
            return;
        }
        match self.calls.snapshot(now, symbol, out) {
            Ok(()) => followed.asked_snapshot(),
            Err(until) => followed.wait_until(until),
        }
    }

    fn doubt(&mut self, index: usize, now: Stamp, out: &mut Out) {
        let Some(followed) = self.followed.get_mut(index) else {
            return;
        };
        let symbol = followed.symbol();
        let streams = self.public.streams();
        match followed.doubt(now) {
            None => return,
            Some(Doubt::DepthDead) => {
                streams.ask_again(&symbol, Kind::Depth);
                note(out, format!("{symbol}: no depth, subscribed again"));
            }
            Some(Doubt::SocketDead) => {
                note(out, format!("{symbol}: still no depth, reconnecting"));
                self.public.reopen(out);
                self.public_lost(now, out);
            }
            Some(Doubt::Contradiction) => {
                note(out, format!("{symbol}: best prices contradict the book"));
            }
            Some(Doubt::BestPricesDead) => {
                streams.ask_again(&symbol, Kind::BestPrices);
                note(out, format!("{symbol}: no best prices, subscribed again"));
            }
        }
        self.tell(index, now, out);
    }

    fn show_state(&mut self, index: usize, now: Stamp, out: &mut Out) {
        let state = match self.followed.get(index) {
            Some(followed) => followed.state(now, self.line_view()),
            None => return,
        };
        if self.followed[index].state_moved(&state) {
            self.tell(index, now, out);
        }
    }

    /// Touch and depth of a symbol may have changed.
    pub(super) fn tell(&self, index: usize, now: Stamp, out: &mut Out) {
        let Some(followed) = self.followed.get(index) else {
            return;
        };
        let touch = followed.touch(now, self.line_view());
        match out.touches.iter_mut().find(|t| t.symbol == touch.symbol) {
            Some(known) => *known = touch,
            None => out.touches.push(touch),
        }
        if !out.changed.contains(&touch.symbol) {
            out.changed.push(touch.symbol);
        }
    }

    fn public_lost(&mut self, now: Stamp, out: &mut Out) {
        self.calls.forget_snapshots();
        for index in 0..self.followed.len() {
            self.followed[index].line_lost(now);
            self.tell(index, now, out);
        }
    }

    fn link(&mut self, line: Line) -> &mut Link {
        if self.market.has(line) {
            &mut self.market
        } else {
            &mut self.public
        }
    }

    fn closed(&mut self, now: Stamp, line: Line, why: &str, out: &mut Out) {
        let why = sanitise(why, 80);
        let ended = self.link(line).closed(now, line, &why);
        if ended == Ended::InUse {
            let route = if self.public.has(line) {
                self.public_lost(now, out);
                "book"
            } else {
                "print"
            };
            note(out, format!("{route} stream closed: {why}"));
        }
    }

    fn frame(&mut self, now: Stamp, line: Line, opcode: Opcode, bytes: &[u8], out: &mut Out) {
        self.link(line).frame(now, line);
        if opcode != Opcode::Text {
            return;
        }
        let mut changes = std::mem::take(&mut self.changes);
        let scanned = depth_text::scan(bytes, |name| self.grid(name), &mut changes);
        match scanned {
            Ok(head) => self.depth_event(now, line, &head, &changes, out),
            Err(surprise) => self.other(now, line, bytes, surprise, &mut changes, out),
        }
        self.changes = changes;
    }

    fn grid(&self, name: &str) -> Option<Grid> {
        let followed = |f: &&Followed| f.symbol().as_str() == name;
        self.followed.iter().find(followed).map(Followed::grid)
    }

    fn depth_event(
        &mut self,
        now: Stamp,
        line: Line,
        head: &Head,
        changes: &[Change],
        out: &mut Out,
    ) {
        let Some(index) = self.index(&head.symbol) else {
            return;
        };
        self.public.spoke(line, &head.symbol, Kind::Depth);
        let spare = !self.public.is_used(line) && self.public.has(line);
        let lag_ms = self.lag_ms(now, head.event_ms);
        let step = self.followed[index].depth_event(now, lag_ms, head, changes, spare);
        match step {
            Step::Stale => return,
            Step::Gap => note(out, format!("{}: gap, fetching the book anew", head.symbol)),
            Step::Crossed => note(out, format!("{}: crossed book, fetching anew", head.symbol)),
            Step::Applied | Step::Buffered | Step::TooOld => {}
        }
        if step != Step::Applied {
            self.fetch(index, now, out);
        }
        self.tell(index, now, out);
    }

    /// Everything but a plain depth event.
    fn other(
        &mut self,
        now: Stamp,
        line: Line,
        bytes: &[u8],
        surprise: Surprise,
        changes: &mut Vec<Change>,
        out: &mut Out,
    ) {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return self.bad(now, line, "", "message is no UTF-8", out);
        };
        match market_text::parse(text, |name| self.grid(name)) {
            Ok(MarketText::Depth) if surprise == Surprise::Form => {
                match depth_json::parse(text, |name| self.grid(name), changes) {
                    Ok(head) => self.depth_event(now, line, &head, changes, out),
                    // A symbol just given up may still send.
                    Err(DepthError::Symbol) => {}
                    Err(error) => self.bad(now, line, text, &error.to_string(), out),
                }
            }
            Ok(event) => self.market_event(now, line, event, out),
            Err(error) => self.bad(now, line, text, &error.to_string(), out),
        }
    }

    fn market_event(&mut self, now: Stamp, line: Line, event: MarketText, out: &mut Out) {
        match event {
            MarketText::BestPrices(symbol, best) => {
                let Some(index) = self.index(&symbol) else {
                    return;
                };
                self.public.spoke(line, &symbol, Kind::BestPrices);
                let lag_ms = best.event_ms.and_then(|ms| self.lag_ms(now, ms));
                self.followed[index].best_prices(now, lag_ms, best);
                self.tell(index, now, out);
            }
            MarketText::Print { print, in_book } => {
                self.market.spoke(line, &print.symbol, Kind::Prints);
                if let Some(index) = self.index(&print.symbol).filter(|_| in_book) {
                    self.followed[index].print(now, print.venue_ms);
                }
                out.prints.push(print);
            }
            MarketText::Mark {
                symbol,
                mark,
                funding,
                next_funding_ms,
            } => {
                self.market.spoke(line, &symbol, Kind::Mark);
                out.market.push(MarketFact::Mark {
                    symbol,
                    mark,
                    funding,
                    next_funding_ms,
                });
            }
            MarketText::Shutdown => {
                self.link(line).ending(line);
                note(
                    out,
                    "the venue ends this connection, opening another".to_owned(),
                );
            }
            MarketText::Refused(words) => note(out, format!("stream request refused: {words}")),
            MarketText::Depth | MarketText::Other => {}
        }
    }

    /// A message that does not parse. Of a book it is a gap; where the text does not even say of which, of all on that socket.
    fn bad(&mut self, now: Stamp, line: Line, text: &str, words: &str, out: &mut Out) {
        #[derive(serde::Deserialize)]
        struct Claim<'a> {
            #[serde(borrow)]
            e: Option<&'a str>,
            #[serde(borrow)]
            s: Option<&'a str>,
        }
        out.market.push(MarketFact::Bad {
            words: sanitise(words, 120),
        });
        let claim = serde_json::from_str::<Claim<'_>>(depth_json::unwrap_envelope(text)).ok();
        let is_other = claim
            .as_ref()
            .is_some_and(|c| c.e.is_some_and(|e| e != "depthUpdate"));
        if is_other || !self.public.has(line) {
            return;
        }
        let named = claim.and_then(|c| c.s).filter(|s| self.grid(s).is_some());
        for index in 0..self.followed.len() {
            if named.is_some_and(|name| name != self.followed[index].symbol().as_str()) {
                continue;
            }
            self.followed[index].bad_message(now);
            self.fetch(index, now, out);
            self.tell(index, now, out);
        }
    }

    fn snapshot_came(&mut self, now: Stamp, symbol: &Symbol, body: Body, out: &mut Out) {
        let Some(index) = self.index(symbol) else {
            return;
        };
        match body {
            Ok(body) => self.take_snapshot(now, index, &body, out),
            Err(_) => self.followed[index].failed(now),
        }
        self.fetch(index, now, out);
    }

    /// The body of a snapshot of the symbol at `index`.
    pub(super) fn take_snapshot(&mut self, now: Stamp, index: usize, body: &[u8], out: &mut Out) {
        let followed = &mut self.followed[index];
        match depth_json::parse_snapshot(body, followed.grid()) {
            Ok(snapshot) => {
                followed.snapshot(now, &snapshot);
            }
            Err(error) => {
                followed.failed(now);
                out.market.push(MarketFact::Bad {
                    words: sanitise(&error.to_string(), 120),
                });
            }
        }
        self.tell(index, now, out);
    }

    pub(super) fn follow(&mut self, now: Stamp, symbols: &[Symbol], out: &mut Out) {
        self.wanted = symbols.to_vec();
        self.follow_wanted(now, out);
    }

    fn resumed(&mut self, now: Stamp, ms: u64, out: &mut Out) {
        self.calls.forget_clock(now);
        self.public.reopen(out);
        self.market.reopen(out);
        self.public_lost(now, out);
        note(out, format!("resumed after {} s, reconnecting", ms / 1_000));
        self.wake(now, out);
    }
}

impl Machine for BinanceFeed {
    fn on(&mut self, now: Stamp, event: In<'_>, out: &mut Out) {
        match event {
            In::Start => self.start(now, out),
            In::Opened { line } => {
                self.link(line).opened(now, line);
                self.wake(now, out);
            }
            In::Frame {
                line,
                opcode,
                bytes,
            } => self.frame(now, line, opcode, bytes, out),
            In::Closed { line, why } => self.closed(now, line, why, out),
            In::Reply { tag, result } => match self.calls.reply(now, tag, result, out) {
                Some(Answer::Instruments(body)) => self.instruments_came(now, body, out),
                Some(Answer::Snapshot(symbol, body)) => {
                    self.snapshot_came(now, &symbol, body, out);
                }
                Some(Answer::Past(symbol, body)) => self.past_came(now, &symbol, body, out),
                None => {}
            },
            In::Follow(symbols) => self.follow(now, symbols, out),
            In::Resumed { ms } => self.resumed(now, ms, out),
            In::Wake => self.wake(now, out),
            In::Stop => {
                self.public.stop(out);
                self.market.stop(out);
            }
            In::Sent { .. } | In::Command(_) => {}
        }
    }
}

impl Feed for BinanceFeed {
    fn depth(&self, symbol: Symbol, now: Stamp, levels: usize) -> Option<Arc<Depth>> {
        let followed = self.followed.iter().find(|f| f.symbol() == symbol)?;
        Some(Arc::new(followed.depth(now, self.line_view(), levels)))
    }
}

#[cfg(test)]
mod tests;
