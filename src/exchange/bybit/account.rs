//! The private side of Bybit for one key: one line for orders where the environment has one, one for what the account does, signed
//! REST for the rest.
//!
//! A plain state machine: [`Machine::on`] takes what happened and appends what to do. This file takes events apart and routes
//! commands; each duty lives in a file of its own. It must not read a clock, and an order is sent in [`orders`] alone.

use std::collections::{HashMap, HashSet};

use foldhash::fast::FixedState;

use crate::domain::message::{LinkState, PositionMode, SymbolSettings};
use crate::domain::text::sanitise;
use crate::domain::{Fact, Leg, Stamp, Symbol, VenueId};
use crate::exchange::AccountSettings;
use crate::exchange::account::proof::Proofs;
use crate::exchange::account::request::Requests;
use crate::exchange::account::told::Told;
use crate::exchange::account::upkeep::{ORDERS, PRIVATE};
use crate::exchange::machine::{Account, In, LineOut, Machine, Opcode, Out};

use super::instruments::Category;
use super::read::settings::AccountInfo;
use super::read::{Listed, Reader, Whose};

mod caller;
mod commands;
mod fills;
mod lines;
mod loads;
mod lookups;
mod orders;
mod outcomes;
mod pace;
mod parked;
mod places;
mod private;
mod replies;
mod settings;
mod slots;
mod sync;
mod timers;
mod truth;
mod whole;

#[cfg(test)]
mod tests;

use caller::{Caller, Purpose, Query};
use lines::Socket;
use loads::Loads;
use pace::Pace;
use parked::Parked;
use slots::Slots;
use truth::Truth;

/// See the module.
pub struct BybitAccount {
    whose: Whose,
    caller: Caller,
    /// The order line; without an address where the environment has none.
    order_line: Socket,
    private_line: Socket,
    requests: Requests,
    parked: Parked,
    pace: Pace,
    proofs: Proofs,
    slots: Slots,
    truth: Truth,
    told: Told,
    listed: Listed,
    loads: Loads,
    /// Requests in a row that the order line left without an answer.
    unanswered: usize,
    /// The desk was told that the venue does not take the key.
    key_refused: bool,
    /// Symbols that account truth needed once already.
    wanted: HashSet<Symbol, FixedState>,
    /// Symbols that the venue does not list although it names them.
    given_up: HashSet<Symbol, FixedState>,
    /// Frames of the private line that wait for account truth.
    held: Vec<Vec<u8>>,
    /// Frames of the private line that wait for their instrument.
    waiting: Vec<Vec<u8>>,
    /// Account truth was fetched since the private line stands.
    in_sync: bool,
    /// Account truth was fetched since both lines stand.
    ready: bool,
    link: LinkState,
    /// The reconnect under way is ours.
    planned: bool,
    mode: Option<(PositionMode, bool)>,
    /// Which instruments hold a long and a short position at once.
    legs: HashMap<Symbol, bool, FixedState>,
    info: Option<AccountInfo>,
    /// Positions of which the desk was told that the venue is taking them.
    endangered: HashSet<(Symbol, Option<Leg>), FixedState>,
    followed: Vec<Symbol>,
    settings: HashMap<Symbol, SymbolSettings, FixedState>,
    next_time: Option<Stamp>,
    next_heartbeat: Option<Stamp>,
    /// REST is silenced, and the desk was told so.
    limited: bool,
    stopped: bool,
}

impl BybitAccount {
    /// An account that does nothing before [`In::Start`].
    pub fn new(settings: AccountSettings) -> Self {
        Self {
            whose: Whose {
                account: settings.label,
                venue: venue_id(),
            },
            caller: Caller::new(settings.credentials),
            order_line: Socket::new(ORDERS, settings.endpoints.ws_api, "reqId"),
            private_line: Socket::new(PRIVATE, settings.endpoints.ws_private, "req_id"),
            requests: Requests::default(),
            parked: Parked::default(),
            pace: Pace::new(),
            proofs: Proofs::default(),
            slots: Slots::default(),
            truth: Truth::new(),
            told: Told::default(),
            listed: Listed::default(),
            loads: Loads::default(),
            unanswered: 0,
            key_refused: false,
            wanted: HashSet::default(),
            given_up: HashSet::default(),
            held: Vec::new(),
            waiting: Vec::new(),
            in_sync: false,
            ready: false,
            link: LinkState::Down,
            planned: false,
            mode: None,
            legs: HashMap::default(),
            info: None,
            endangered: HashSet::default(),
            followed: Vec::new(),
            settings: HashMap::default(),
            next_time: None,
            next_heartbeat: None,
            limited: false,
            stopped: false,
        }
    }

    fn start(&mut self, now: Stamp, out: &mut Out) {
        self.measure_clock(now, out);
        self.load_instruments(now, out);
        self.private_line.open(now, out);
        self.order_line.open(now, out);
    }

    fn measure_clock(&mut self, now: Stamp, out: &mut Out) {
        self.next_time = Some(now.plus_ms(self.caller.clock.period_ms()));
        let purpose = Purpose::Time { sent: now };
        self.caller
            .plain("/v5/market/time", &Query::default(), purpose, out);
    }

    fn opened(&mut self, line: u8, now: Stamp, out: &mut Out) {
        self.socket(line).opened(now);
        if line == PRIVATE {
            self.in_sync = false;
            self.held.clear();
        }
        self.ready = false;
        self.log_on(now, out);
        self.relink("", out);
    }

    fn socket(&mut self, line: u8) -> &mut Socket {
        if line == ORDERS {
            &mut self.order_line
        } else {
            &mut self.private_line
        }
    }

    fn frame(&mut self, line: u8, opcode: Opcode, bytes: &[u8], now: Stamp, out: &mut Out) {
        self.socket(line).upkeep.heard(now);
        match (opcode, line) {
            (Opcode::Text, ORDERS) => self.order_frame(bytes, now, out),
            (Opcode::Text, _) => self.private_frame(bytes, now, out),
            _ => {}
        }
    }

    fn closed(&mut self, line: u8, why: &str, now: Stamp, out: &mut Out) {
        self.planned = false;
        self.socket(line).closed(now);
        if line == ORDERS {
            self.order_line_ended(now, out);
        } else {
            self.private_ended();
        }
        self.relink(&sanitise(why, 120), out);
    }

    /// What the private line says from here on is lost: nothing is in sync until truth is fetched over a new one.
    fn private_ended(&mut self) {
        self.in_sync = false;
        self.ready = false;
        self.held.clear();
        self.truth.abandon();
    }

    /// Orders have their way: over the line, or by REST where there is none.
    fn order_path_stands(&self) -> bool {
        self.order_line.is_absent() || self.order_line.is_ready()
    }

    /// Tells the desk how the lines stand, when that changed.
    fn relink(&mut self, why: &str, out: &mut Out) {
        let state = if !self.private_line.upkeep.is_open() {
            LinkState::Down
        } else if self.in_sync && self.ready && self.order_path_stands() {
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
        if self.private_line.is_ready() {
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
            listed: &self.listed,
            at,
        }
    }

    /// Whether an instrument holds a long and a short position at once, as far as it was said.
    fn has_legs(&self, symbol: &Symbol) -> bool {
        if Category::of(symbol) == Category::Spot {
            return false;
        }
        self.legs
            .get(symbol)
            .copied()
            .unwrap_or_else(|| self.is_hedge())
    }

    const fn is_hedge(&self) -> bool {
        matches!(self.mode, Some((PositionMode::Hedge, _)))
    }

    /// After a suspend nothing that was proved is proved: both lines are opened anew, the clock is measured, truth is fetched.
    fn resumed(&mut self, now: Stamp, out: &mut Out) {
        self.caller.clock.forget();
        self.measure_clock(now, out);
        self.order_line.open(now, out);
        self.order_line_ended(now, out);
        self.renew_private("the host was suspended", now, out);
    }

    /// The private line must be replaced, whatever its socket says: a new socket, truth again.
    fn renew_private(&mut self, why: &str, now: Stamp, out: &mut Out) {
        self.private_ended();
        self.private_line.open(now, out);
        self.relink(why, out);
    }

    fn stop(&mut self, out: &mut Out) {
        self.stopped = true;
        for line in [ORDERS, PRIVATE] {
            out.lines.push(LineOut::Close { line });
        }
    }
}

impl Machine for BybitAccount {
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

impl Account for BybitAccount {}

/// The venue's name as every key carries it.
#[expect(
    clippy::expect_used,
    reason = "the constant is a valid name; a test reads it"
)]
fn venue_id() -> VenueId {
    VenueId::new(super::ID).expect("the venue's id is a name")
}
