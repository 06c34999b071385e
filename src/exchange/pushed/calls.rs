//! The public REST calls of a pushed feed: the venue's clock, its list of instruments, a look at each instrument followed, and the
//! minutes before it was.
//!
//! Owns what was asked and when it is asked again; what the answers mean is the feed's.

use super::dialect::Dialect;
use super::note;
use crate::domain::{Instrument, Stamp, Symbol};
use crate::exchange::backoff::Backoff;
use crate::exchange::clock_offset::ClockOffset;
use crate::exchange::machine::{Call, CallError, Lane, Method, Out, Reply};

/// The list of instruments is read anew after this long, ms.
const LIST_PERIOD_MS: u64 = 3_600_000;
/// Each instrument followed is looked at after this long, ms: halts and new steps.
const LOOK_PERIOD_MS: u64 = 60_000;
/// Most pages of one list.
const PAGES_MAX: u32 = 50;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Asked {
    Time,
    /// Which of the lists, and the call, which names the page.
    List(usize, String),
    Look(Symbol, String),
    Past(Symbol),
}

/// The body of an answer, or why there is none.
pub type Body = Result<Vec<u8>, String>;

/// An answer that the feed must act on, with the call that it answers.
#[derive(Debug)]
pub enum Answer {
    /// A page of a list.
    List(usize, String, Body),
    /// Of one instrument.
    Look(Symbol, String, Body),
    /// The minutes before.
    Past(Symbol, Body),
}

/// A repeated call: when it goes next, and how it backs off.
#[derive(Debug, Default)]
struct Errand {
    in_flight: bool,
    next: Option<Stamp>,
    backoff: Backoff,
}

impl Errand {
    fn is_due(&self, now: Stamp) -> bool {
        let due = self.next.is_some_and(|next| next.mono_ns <= now.mono_ns);
        due && !self.in_flight
    }

    fn failed(&mut self, now: Stamp) {
        self.in_flight = false;
        self.next = Some(now.plus_ms(self.backoff.failed(0, now.mono_ns)));
    }

    fn done(&mut self, next: Stamp) {
        self.in_flight = false;
        self.next = Some(next);
        self.backoff = Backoff::default();
    }
}

#[derive(Debug)]
struct List {
    target: String,
    errand: Errand,
    pages: u32,
    read: bool,
}

#[derive(Debug)]
struct Look {
    symbol: Symbol,
    target: String,
    errand: Errand,
}

/// Calls made and to be made.
#[derive(Debug)]
pub struct Calls {
    /// The venue's clock.
    pub clock: ClockOffset,
    headers: Vec<(&'static str, String)>,
    time_target: &'static str,
    flying: Vec<(u64, Asked, Stamp)>,
    last_tag: u64,
    time: Errand,
    lists: Vec<List>,
    looks: Vec<Look>,
    paused_until: Stamp,
}

impl Calls {
    /// Calls with these headers; the lists are wanted from [`Calls::start`] on.
    pub fn new<D: Dialect>(dialect: &D, headers: Vec<(&'static str, String)>) -> Self {
        let list = |target| List {
            target,
            errand: Errand::default(),
            pages: 0,
            read: false,
        };
        Self {
            clock: ClockOffset::default(),
            headers,
            time_target: D::TIME,
            flying: Vec::new(),
            last_tag: 0,
            time: Errand::default(),
            lists: dialect.lists().into_iter().map(list).collect(),
            looks: Vec::new(),
            paused_until: Stamp::default(),
        }
    }

    /// Clock and instruments are wanted from now on.
    pub fn start(&mut self, now: Stamp) {
        self.time.next = Some(now);
        for list in &mut self.lists {
            list.errand.next = Some(now);
        }
    }

    /// The clock that was measured proves nothing any more.
    pub fn forget_clock(&mut self, now: Stamp) {
        self.clock.forget();
        self.time.next = Some(now);
    }

    /// True once every list was read to its end.
    pub fn has_all(&self) -> bool {
        self.lists.iter().all(|list| list.read)
    }

    /// These instruments are looked at from now on.
    pub fn follow<D: Dialect>(&mut self, now: Stamp, dialect: &D, followed: &[&Instrument]) {
        let stays = |look: &Look| followed.iter().any(|i| i.symbol == look.symbol);
        self.looks.retain(stays);
        for instrument in followed {
            if self.looks.iter().any(|l| l.symbol == instrument.symbol) {
                continue;
            }
            let mut errand = Errand::default();
            errand.done(now.plus_ms(LOOK_PERIOD_MS));
            self.looks.push(Look {
                symbol: instrument.symbol,
                target: dialect.look(instrument),
                errand,
            });
        }
    }

    /// Something about this instrument is not as it was: look at once.
    pub fn look_now(&mut self, now: Stamp, symbol: &Symbol) {
        let mut looks = self.looks.iter_mut();
        if let Some(look) = looks.find(|look| look.symbol == *symbol) {
            look.errand.next = Some(now);
        }
    }

    /// Makes the calls that are due.
    pub fn wake(&mut self, now: Stamp, out: &mut Out) {
        if now.mono_ns < self.paused_until.mono_ns {
            return;
        }
        let mut due = Vec::new();
        if self.time.is_due(now) {
            self.time.in_flight = true;
            due.push((Asked::Time, self.time_target.to_owned(), 5_000));
        }
        for (at, list) in self.lists.iter_mut().enumerate() {
            if list.errand.is_due(now) {
                list.errand.in_flight = true;
                let target = list.target.clone();
                due.push((Asked::List(at, target.clone()), target, 15_000));
            }
        }
        for look in &mut self.looks {
            if look.errand.is_due(now) {
                look.errand.in_flight = true;
                let asked = Asked::Look(look.symbol, look.target.clone());
                due.push((asked, look.target.clone(), 5_000));
            }
        }
        for (asked, target, deadline_ms) in due {
            self.call(now, asked, target, deadline_ms, out);
        }
    }

    /// Asks for the minutes before.
    ///
    /// # Errors
    /// When it must wait: until when.
    pub fn past(
        &mut self,
        now: Stamp,
        symbol: Symbol,
        target: String,
        out: &mut Out,
    ) -> Result<(), Stamp> {
        if now.mono_ns < self.paused_until.mono_ns {
            return Err(self.paused_until);
        }
        self.call(now, Asked::Past(symbol), target, 10_000, out);
        Ok(())
    }

    /// Takes a reply; what concerns the feed is handed on.
    pub fn reply<D: Dialect>(
        &mut self,
        now: Stamp,
        dialect: &D,
        tag: u64,
        result: Result<Reply, CallError>,
        out: &mut Out,
    ) -> Option<Answer> {
        let at = self.flying.iter().position(|(known, ..)| *known == tag)?;
        let (_, asked, sent) = self.flying.swap_remove(at);
        let body = match result {
            Ok(reply) => self.accept(now, dialect, reply, out),
            Err(error) => Err(error.to_string()),
        };
        match asked {
            Asked::Time => {
                let time = body.ok().and_then(|body| dialect.read_time(&body));
                self.take_time(now, sent, time);
                None
            }
            Asked::List(at, target) => Some(Answer::List(at, target, body)),
            Asked::Look(symbol, target) => Some(Answer::Look(symbol, target, body)),
            Asked::Past(symbol) => Some(Answer::Past(symbol, body)),
        }
    }

    /// A page of a list was read; `next` is where it goes on. True when it was the last one.
    pub fn page_read(
        &mut self,
        now: Stamp,
        at: usize,
        next: Option<String>,
        out: &mut Out,
    ) -> bool {
        let Some(list) = self.lists.get_mut(at) else {
            return false;
        };
        list.pages += 1;
        if let Some(target) = next.filter(|_| list.pages < PAGES_MAX) {
            self.call(now, Asked::List(at, target.clone()), target, 15_000, out);
            return false;
        }
        list.read = true;
        list.pages = 0;
        list.errand.done(now.plus_ms(LIST_PERIOD_MS));
        true
    }

    /// A page of a list was not to be had: the list is read again later, from its beginning.
    pub fn page_failed(&mut self, now: Stamp, at: usize) {
        if let Some(list) = self.lists.get_mut(at) {
            list.pages = 0;
            list.errand.failed(now);
        }
    }

    /// An instrument was looked at, or could not be.
    pub fn looked(&mut self, now: Stamp, symbol: &Symbol, done: bool) {
        let mut looks = self.looks.iter_mut();
        let Some(look) = looks.find(|look| look.symbol == *symbol) else {
            return;
        };
        if done {
            look.errand.done(now.plus_ms(LOOK_PERIOD_MS));
        } else {
            look.errand.failed(now);
        }
    }

    fn call(&mut self, now: Stamp, asked: Asked, target: String, deadline_ms: u64, out: &mut Out) {
        self.last_tag += 1;
        self.flying.push((self.last_tag, asked, now));
        out.calls.push(Call {
            tag: self.last_tag,
            method: Method::Get,
            target,
            headers: self.headers.clone(),
            body: String::new(),
            deadline_ms,
            lane: Lane::Query,
        });
    }

    /// The body of a good reply; what forbids further calls is heeded.
    fn accept<D: Dialect>(&mut self, now: Stamp, dialect: &D, reply: Reply, out: &mut Out) -> Body {
        if let Some(ms) = dialect.pause_ms(reply.status, &reply.body) {
            self.paused_until = now.plus_ms(ms);
            let seconds = ms.div_ceil(1_000);
            note(out, format!("rate limit: no requests for {seconds} s"));
            return Err("rate limit".to_owned());
        }
        if reply.status == 200 {
            Ok(reply.body)
        } else {
            Err(format!("HTTP {}", reply.status))
        }
    }

    fn take_time(&mut self, now: Stamp, sent: Stamp, venue_ms: Option<i64>) {
        match venue_ms {
            Some(venue_ms) => {
                self.clock.sample(sent, now, venue_ms);
                let next = now.plus_ms(self.clock.period_ms());
                self.time.done(next);
            }
            None => self.time.failed(now),
        }
    }
}
