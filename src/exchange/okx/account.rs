//! The private side of OKX for one key: one socket for orders, positions, balances and order requests, one for conditional orders,
//! signed REST for the rest.
//!
//! A plain state machine: [`Machine::on`] takes what happened and appends what to do. This file takes events apart and routes
//! commands; each duty lives in a file of its own. It must not read a clock, and an order is sent in [`orders`] alone.

use std::collections::{HashMap, HashSet, VecDeque};

use foldhash::fast::FixedState;

use super::instruments::TYPES;
use super::read::settings::Config;
use super::read::{Instruments, Reader, Whose};
use crate::domain::message::{LinkState, SymbolSettings};
use crate::domain::text::sanitise;
use crate::domain::{ClientId, Fact, Stamp, Symbol, VenueId};
use crate::exchange::AccountSettings;
use crate::exchange::account::proof::Proofs;
use crate::exchange::account::request::Requests;
use crate::exchange::account::told::Told;
use crate::exchange::machine::{Account, In, Machine, Out};

mod algo;
mod caller;
mod commands;
mod funding;
mod lines;
mod logon;
mod lookups;
mod margin;
mod orders;
mod outcomes;
mod pace;
mod replies;
mod settings;
mod stream;
mod sync;
mod timers;
mod truth;
mod whole;

#[cfg(test)]
pub(super) mod tests;

use caller::{Caller, Purpose};
use funding::Fundings;
use lines::Lines;
use margin::Margins;
use pace::Pace;
use stream::Event;
use truth::Truth;

/// See the module.
pub struct OkxAccount {
    whose: Whose,
    caller: Caller,
    lines: Lines,
    requests: Requests,
    pace: Pace,
    proofs: Proofs,
    truth: Truth,
    told: Told,
    margins: Margins,
    fundings: Fundings,
    instruments: Instruments,
    /// The number by which the socket names each instrument.
    codes: HashMap<Symbol, u64, FixedState>,
    /// Instruments whose number the socket refused: their orders go by REST (seen on demo, 2026-09).
    by_rest: HashSet<Symbol, FixedState>,
    /// Conditional orders that trail: the venue cancels them by another call.
    trailing: HashSet<ClientId, FixedState>,
    /// Requests in a row that the private socket left without an answer.
    unanswered: usize,
    /// The desk was told that the venue does not take the key.
    key_refused: bool,
    /// Types of instruments that are being loaded.
    loading: Vec<&'static str>,
    /// When loading was last asked for.
    load_tried: Option<Stamp>,
    /// Types of instruments that were loaded.
    loaded: HashSet<&'static str, FixedState>,
    /// Symbols that account truth needed once already.
    wanted: HashSet<Symbol, FixedState>,
    /// Symbols that the venue does not list although it names them.
    given_up: HashSet<Symbol, FixedState>,
    /// Events that wait for account truth.
    held: Vec<Event>,
    /// Events that wait for their instrument.
    waiting: Vec<Event>,
    /// Account truth was fetched since the private socket stands.
    in_sync: bool,
    /// Account truth was fetched since both sockets stand.
    ready: bool,
    link: LinkState,
    /// The reconnect under way is ours.
    planned: bool,
    config: Option<Config>,
    followed: Vec<Symbol>,
    /// Followed symbols whose leverage and fees are to be asked for.
    to_ask: VecDeque<Symbol>,
    next_ask: Option<Stamp>,
    settings: HashMap<Symbol, SymbolSettings, FixedState>,
    next_time: Option<Stamp>,
    /// REST is silenced, and the desk was told so.
    limited: bool,
    stopped: bool,
}

impl OkxAccount {
    /// An account that does nothing before [`In::Start`].
    pub fn new(settings: AccountSettings) -> Self {
        let endpoints = settings.endpoints;
        Self {
            whose: Whose {
                account: settings.label,
                venue: venue_id(),
            },
            caller: Caller::new(settings.credentials, endpoints.headers),
            lines: Lines::new(endpoints.ws_private, endpoints.ws_market),
            requests: Requests::default(),
            pace: Pace::default(),
            proofs: Proofs::default(),
            truth: Truth::new(),
            told: Told::default(),
            margins: Margins::default(),
            fundings: Fundings::default(),
            instruments: Instruments::default(),
            codes: HashMap::default(),
            by_rest: HashSet::default(),
            trailing: HashSet::default(),
            unanswered: 0,
            key_refused: false,
            loading: Vec::new(),
            load_tried: None,
            loaded: HashSet::default(),
            wanted: HashSet::default(),
            given_up: HashSet::default(),
            held: Vec::new(),
            waiting: Vec::new(),
            in_sync: false,
            ready: false,
            link: LinkState::Down,
            planned: false,
            config: None,
            followed: Vec::new(),
            to_ask: VecDeque::new(),
            next_ask: None,
            settings: HashMap::default(),
            next_time: None,
            limited: false,
            stopped: false,
        }
    }

    fn start(&mut self, now: Stamp, out: &mut Out) {
        self.measure_clock(now, out);
        self.load_instruments(now, out);
        self.open_all(now, out);
    }

    fn measure_clock(&mut self, now: Stamp, out: &mut Out) {
        self.next_time = Some(now.plus_ms(self.caller.clock.period_ms()));
        let target = "/api/v5/public/time".to_owned();
        self.caller.plain(target, Purpose::Time { sent: now }, out);
    }

    fn load_instruments(&mut self, now: Stamp, out: &mut Out) {
        if !self.loading.is_empty() {
            return;
        }
        self.load_tried = Some(now);
        self.loading = TYPES.to_vec();
        for kind in TYPES {
            let target = format!("/api/v5/public/instruments?instType={kind}");
            self.caller.plain(target, Purpose::Instruments(kind), out);
        }
    }

    /// Every type was loaded at least once.
    fn has_instruments(&self) -> bool {
        TYPES.iter().all(|kind| self.loaded.contains(kind))
    }

    /// Tells the desk how the lines stand, when that changed.
    fn relink(&mut self, why: &str, out: &mut Out) {
        let state = if !self.lines.private.upkeep.is_open() {
            LinkState::Down
        } else if self.in_sync && self.ready && self.lines.all_stand() {
            LinkState::Ready
        } else {
            LinkState::Reconciling
        };
        if state != self.link {
            self.link = state;
            out.facts.push(Fact::Link {
                account: self.whose.account,
                venue: self.whose.venue,
                state,
                why: why.to_owned(),
                planned: self.planned,
            });
            self.planned &= state != LinkState::Ready;
        }
    }

    fn want_truth(&mut self, now: Stamp) {
        if self.lines.private.logon.stands() {
            self.truth.next = Some(now);
        }
    }

    fn bad(&self, words: &str, out: &mut Out) {
        out.facts.push(Fact::Bad {
            venue: self.whose.venue,
            words: sanitise(words, 160),
        });
    }

    fn reader(&self, at: Stamp) -> Reader<'_> {
        Reader {
            whose: self.whose,
            instruments: &self.instruments,
            at,
        }
    }

    /// After a suspend nothing that was proved is proved: both sockets are opened anew, the clock is measured, truth is fetched.
    fn resumed(&mut self, now: Stamp, out: &mut Out) {
        self.caller.clock.forget();
        self.measure_clock(now, out);
        self.open_all(now, out);
        self.private_ended(now, out);
        self.relink("the host was suspended", out);
    }

    fn stop(&mut self, out: &mut Out) {
        self.stopped = true;
        self.lines.stop(out);
    }
}

impl Machine for OkxAccount {
    fn on(&mut self, now: Stamp, event: In<'_>, out: &mut Out) {
        if self.stopped {
            return;
        }
        match event {
            In::Start => self.start(now, out),
            In::Opened { line } => self.opened(line, now, out),
            In::Frame {
                line,
                opcode,
                bytes,
            } => self.frame(line, opcode, bytes, now, out),
            In::Sent { tag, written, .. } => self.handed(tag, written, now, out),
            In::Closed { line, why } => self.closed(line, why, now, out),
            In::Reply { tag, result } => self.reply(tag, result, now, out),
            In::Command(command) => self.command(command, now, out),
            In::Resumed { .. } => self.resumed(now, out),
            In::Stop => return self.stop(out),
            In::Follow(_) | In::Wake => {}
        }
        self.due(now, out);
        out.wake_at = self.next(now);
    }
}

impl Account for OkxAccount {}

/// The venue's name as every key carries it.
#[expect(
    clippy::expect_used,
    reason = "the constant is a valid name; a test reads it"
)]
fn venue_id() -> VenueId {
    VenueId::new(super::ID).expect("the venue's id is a name")
}
