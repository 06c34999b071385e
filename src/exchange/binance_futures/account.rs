//! The private side of Binance futures for one key: one line for orders, one for the user stream, signed REST for the rest.
//!
//! A plain state machine: [`Machine::on`] takes what happened and appends what to do. This file takes events apart and routes
//! commands; each duty lives in a file of its own. It must not read a clock, and an order is sent in [`orders`] alone.

use std::collections::{HashMap, HashSet};

use foldhash::fast::FixedState;

use crate::domain::message::{LinkState, PositionMode, SymbolSettings};
use crate::domain::text::sanitise;
use crate::domain::{Fact, Stamp, Symbol, VenueId};
use crate::exchange::AccountSettings;
use crate::exchange::account::proof::Proofs;
use crate::exchange::account::request::Requests;
use crate::exchange::account::told::Told;
use crate::exchange::account::upkeep::{ORDERS, PRIVATE, Upkeep};
use crate::exchange::machine::{Account, In, LineOut, Machine, Method, Opcode, Out};

use super::read::{Instruments, Reader, Whose};
use super::sign::Value;
use super::write::Numbers;

mod algo;
mod caller;
mod commands;
mod lookups;
mod orders;
mod outcomes;
mod pace;
mod replies;
mod sync;
mod timers;
mod truth;
mod whole;

#[cfg(test)]
mod tests;

use caller::{Caller, Purpose};
use pace::Pace;
use truth::Truth;

/// See the module.
pub struct BinanceFuturesAccount {
    whose: Whose,
    ws_private: String,
    ws_api: String,
    caller: Caller,
    order_line: Upkeep,
    private_line: Upkeep,
    orders: Requests,
    pace: Pace,
    proofs: Proofs,
    truth: Truth,
    told: Told,
    instruments: Instruments,
    /// Requests in a row that the order line left without an answer.
    unanswered: usize,
    /// The logon of the order line that waits for its answer.
    logon: Option<u64>,
    /// The desk was told that the venue does not take the key.
    key_refused: bool,
    /// Instruments are being loaded since then.
    loading: Option<Stamp>,
    /// When the first load was last tried.
    load_tried: Option<Stamp>,
    /// Symbols that account truth needed once already.
    wanted: HashSet<Symbol, FixedState>,
    /// Symbols that the venue does not list although it names them.
    given_up: HashSet<Symbol, FixedState>,
    /// Frames of the private stream that wait for account truth.
    held: Vec<Vec<u8>>,
    /// Frames of the private stream that wait for their instrument.
    waiting: Vec<Vec<u8>>,
    /// Account truth was fetched since the private line opened.
    in_sync: bool,
    /// Account truth was fetched since both lines stand.
    ready: bool,
    link: LinkState,
    /// The reconnect under way is ours.
    planned: bool,
    mode: Option<(PositionMode, bool)>,
    followed: Vec<Symbol>,
    settings: HashMap<Symbol, SymbolSettings, FixedState>,
    next_time: Option<Stamp>,
    next_keep_alive: Option<Stamp>,
    /// REST is silenced, and the desk was told so.
    limited: bool,
    stopped: bool,
}

impl BinanceFuturesAccount {
    /// An account that does nothing before [`In::Start`].
    pub fn new(settings: AccountSettings) -> Self {
        Self {
            whose: Whose {
                account: settings.label,
                venue: venue_id(),
            },
            ws_private: settings.endpoints.ws_private,
            ws_api: settings.endpoints.ws_api,
            caller: Caller::new(settings.credentials),
            order_line: Upkeep::new(ORDERS),
            private_line: Upkeep::new(PRIVATE),
            orders: Requests::default(),
            pace: Pace::new(),
            proofs: Proofs::default(),
            truth: Truth::new(),
            told: Told::default(),
            instruments: Instruments::default(),
            unanswered: 0,
            logon: None,
            key_refused: false,
            loading: None,
            load_tried: None,
            wanted: HashSet::default(),
            given_up: HashSet::default(),
            held: Vec::new(),
            waiting: Vec::new(),
            in_sync: false,
            ready: false,
            link: LinkState::Down,
            planned: false,
            mode: None,
            followed: Vec::new(),
            settings: HashMap::default(),
            next_time: None,
            next_keep_alive: None,
            limited: false,
            stopped: false,
        }
    }

    fn start(&mut self, now: Stamp, out: &mut Out) {
        self.measure_clock(now, out);
        self.load_instruments(now, out);
        self.open_private(now, out);
        self.order_line.open(now, self.ws_api.clone(), out);
    }

    /// A listen key comes first; its answer opens the line.
    fn open_private(&mut self, now: Stamp, out: &mut Out) {
        self.private_line.opening(now);
        let path = "/fapi/v1/listenKey";
        self.caller
            .plain(Method::Post, path, true, Purpose::ListenKey, out);
    }

    fn measure_clock(&mut self, now: Stamp, out: &mut Out) {
        self.next_time = Some(now.plus_ms(self.caller.clock.period_ms()));
        let purpose = Purpose::Time { sent: now };
        self.caller
            .plain(Method::Get, "/fapi/v1/time", false, purpose, out);
    }

    fn load_instruments(&mut self, now: Stamp, out: &mut Out) {
        if self.loading.is_none() {
            self.loading = Some(now);
            let path = "/fapi/v1/exchangeInfo";
            self.caller
                .plain(Method::Get, path, false, Purpose::Instruments, out);
        }
    }

    fn opened(&mut self, line: u8, now: Stamp, out: &mut Out) {
        if line == ORDERS {
            self.order_line.opened(now);
            self.logon = self.caller.logon(ORDERS, now, out);
        } else {
            self.private_line.opened(now);
            self.in_sync = false;
            self.held.clear();
        }
        self.ready = false;
        self.want_truth(now);
        self.relink("", out);
    }

    fn frame(&mut self, line: u8, opcode: Opcode, bytes: &[u8], now: Stamp, out: &mut Out) {
        let upkeep = if line == ORDERS {
            &mut self.order_line
        } else {
            &mut self.private_line
        };
        upkeep.heard(now);
        match (opcode, line) {
            (Opcode::Text, ORDERS) => {
                self.unanswered = 0;
                self.answer_frame(bytes, now, out);
            }
            (Opcode::Text, _) => self.private_frame(bytes, now, out),
            _ => {}
        }
    }

    fn closed(&mut self, line: u8, why: &str, now: Stamp, out: &mut Out) {
        self.planned = false;
        if line == ORDERS {
            self.order_line.closed(now);
            self.order_line_ended(now, out);
        } else {
            self.private_line.closed(now);
            self.private_ended();
        }
        self.relink(&sanitise(why, 120), out);
    }

    /// What the private stream says from here on is lost: nothing is in sync until truth is fetched over a new one.
    fn private_ended(&mut self) {
        self.in_sync = false;
        self.ready = false;
        self.held.clear();
        self.next_keep_alive = None;
        self.truth.abandon();
    }

    /// Tells the desk how the lines stand, when that changed.
    fn relink(&mut self, why: &str, out: &mut Out) {
        let state = if !self.private_line.is_open() {
            LinkState::Down
        } else if self.in_sync && self.ready && self.order_line.is_open() {
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
        if self.private_line.is_open() {
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

    /// After a suspend nothing that was proved is proved: both lines are opened anew, the clock is measured, truth is fetched.
    fn resumed(&mut self, now: Stamp, out: &mut Out) {
        self.caller.clock.forget();
        self.measure_clock(now, out);
        self.order_line.open(now, self.ws_api.clone(), out);
        self.order_line_ended(now, out);
        self.renew_private("the host was suspended", now, out);
    }

    fn stop(&mut self, out: &mut Out) {
        self.stopped = true;
        for line in [ORDERS, PRIVATE] {
            out.lines.push(LineOut::Close { line });
        }
    }
}

impl Machine for BinanceFuturesAccount {
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

impl Account for BinanceFuturesAccount {}

/// The venue's name as every key carries it.
#[expect(
    clippy::expect_used,
    reason = "the constant is a valid name; a test reads it"
)]
fn venue_id() -> VenueId {
    VenueId::new(super::ID).expect("the venue's id is a name")
}
