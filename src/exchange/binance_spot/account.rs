//! The private side of Binance spot for one key: two connections of the WebSocket API, one for orders and one for the user
//! stream, and signed REST for the rest.
//!
//! A plain state machine: [`Machine::on`] takes what happened and appends what to do. This file takes events apart; each duty
//! lives in a file of its own. It must not read a clock, and an order is sent in [`orders`] alone.

use std::collections::{HashMap, HashSet};

use foldhash::fast::FixedState;

use crate::domain::message::{LinkState, SymbolSettings};
use crate::domain::text::sanitise;
use crate::domain::{Asset, Fact, Stamp, Symbol, VenueId};
use crate::exchange::AccountSettings;
use crate::exchange::account::proof::Proofs;
use crate::exchange::account::request::Requests;
use crate::exchange::account::told::Told;
use crate::exchange::account::upkeep::{ORDERS, PRIVATE, Upkeep};
use crate::exchange::binance::pace::Pace;
use crate::exchange::binance::read::{Instruments, Reader, Whose};
use crate::exchange::machine::{Account, In, LineOut, Machine, Method, Opcode, Out};

use super::PRODUCT;

mod commands;
mod lookups;
mod orders;
mod outcomes;
mod purpose;
mod replies;
mod stream;
mod sync;
mod timers;
mod truth;

#[cfg(test)]
mod tests;

use purpose::{Caller, Purpose};
use stream::Stream;
use truth::Truth;

/// Orders the venue takes in its windows, ms, until it states the account's own (Binance, exchangeInfo, `rateLimits`). It gives
/// credit for filled orders, which is not counted on here.
const ORDER_LIMITS: [(u64, u64); 2] = [(10_000, 50), (86_400_000, 160_000)];

/// See the module.
pub struct BinanceSpotAccount {
    whose: Whose,
    ws_private: String,
    ws_api: String,
    caller: Caller,
    order_line: Upkeep,
    private_line: Upkeep,
    /// How far the user stream of the private line has come.
    stream: Stream,
    requests: Requests,
    pace: Pace,
    proofs: Proofs,
    truth: Truth,
    told: Told,
    instruments: Instruments,
    /// Requests in a row that the order line left without an answer.
    unanswered: usize,
    /// The logon of the order line that waits for its answer.
    logon: Option<u64>,
    /// The venue said that it is about to end the order line.
    order_line_ending: bool,
    /// The desk was told that the venue does not take the key.
    key_refused: bool,
    /// Instruments are being loaded since then.
    loading: Option<Stamp>,
    /// When they are loaded again: a venue changes them while running.
    next_load: Option<Stamp>,
    /// When the first load was last tried.
    load_tried: Option<Stamp>,
    /// Symbols that account truth needed once already.
    wanted: HashSet<Symbol, FixedState>,
    /// Symbols that the venue does not list although it names them.
    given_up: HashSet<Symbol, FixedState>,
    /// Events of the user stream that wait for account truth.
    held: Vec<Vec<u8>>,
    /// Events of the user stream that wait for their instrument.
    waiting: Vec<Vec<u8>>,
    /// Coins of which a balance was told: what is not listed any more is gone.
    coins: HashSet<Asset, FixedState>,
    /// Account truth was fetched since the user stream stands.
    in_sync: bool,
    /// Account truth was fetched since both lines stand.
    ready: bool,
    link: LinkState,
    /// The reconnect under way is ours.
    planned: bool,
    can_trade: Option<bool>,
    followed: Vec<Symbol>,
    settings: HashMap<Symbol, SymbolSettings, FixedState>,
    next_time: Option<Stamp>,
    /// REST is silenced, and the desk was told so.
    limited: bool,
    stopped: bool,
}

impl BinanceSpotAccount {
    /// An account that does nothing before [`In::Start`].
    pub fn new(settings: AccountSettings) -> Self {
        Self {
            whose: Whose {
                account: settings.label,
                venue: venue_id(),
            },
            ws_private: settings.endpoints.ws_private,
            ws_api: settings.endpoints.ws_api,
            caller: Caller::new(settings.credentials, PRODUCT.weight_limit),
            order_line: Upkeep::new(ORDERS),
            private_line: Upkeep::new(PRIVATE),
            stream: Stream::Off,
            requests: Requests::default(),
            pace: Pace::new(&ORDER_LIMITS),
            proofs: Proofs::default(),
            truth: Truth::new(),
            told: Told::default(),
            instruments: Instruments::default(),
            unanswered: 0,
            logon: None,
            order_line_ending: false,
            key_refused: false,
            loading: None,
            next_load: None,
            load_tried: None,
            wanted: HashSet::default(),
            given_up: HashSet::default(),
            held: Vec::new(),
            waiting: Vec::new(),
            coins: HashSet::default(),
            in_sync: false,
            ready: false,
            link: LinkState::Down,
            planned: false,
            can_trade: None,
            followed: Vec::new(),
            settings: HashMap::default(),
            next_time: None,
            limited: false,
            stopped: false,
        }
    }

    fn start(&mut self, now: Stamp, out: &mut Out) {
        self.measure_clock(now, out);
        self.load_instruments(now, out);
        self.private_line.open(now, self.ws_private.clone(), out);
        self.order_line.open(now, self.ws_api.clone(), out);
    }

    fn measure_clock(&mut self, now: Stamp, out: &mut Out) {
        self.next_time = Some(now.plus_ms(self.caller.clock.period_ms()));
        let purpose = Purpose::Time { sent: now };
        self.caller
            .plain(Method::Get, "/api/v3/time", false, purpose, out);
    }

    fn load_instruments(&mut self, now: Stamp, out: &mut Out) {
        if self.loading.is_none() {
            self.loading = Some(now);
            self.next_load = None;
            let path = format!("{}{}", PRODUCT.root, PRODUCT.instruments);
            self.caller
                .plain(Method::Get, &path, false, Purpose::Instruments, out);
        }
    }

    fn opened(&mut self, line: u8, now: Stamp, out: &mut Out) {
        self.ready = false;
        if line == ORDERS {
            self.order_line.opened(now);
            self.order_line_ending = false;
            self.logon = self.caller.logon(ORDERS, now, out);
            self.want_truth(now);
        } else {
            self.private_line.opened(now);
            self.private_ended();
            self.subscribe(now, out);
        }
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

    /// What the user stream says from here on is lost: nothing is in sync until truth is fetched over a new one.
    fn private_ended(&mut self) {
        self.stream = Stream::Off;
        self.in_sync = false;
        self.ready = false;
        self.held.clear();
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

    /// Truth is of use only beside a stream that tells what happens after it.
    fn want_truth(&mut self, now: Stamp) {
        if self.stream == Stream::Standing {
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

impl Machine for BinanceSpotAccount {
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

impl Account for BinanceSpotAccount {}

/// The venue's name as every key carries it.
#[expect(
    clippy::expect_used,
    reason = "the constant is a valid name; a test reads it"
)]
fn venue_id() -> VenueId {
    VenueId::new(super::ID).expect("the venue's id is a name")
}
