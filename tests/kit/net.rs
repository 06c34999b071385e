//! The machines of one venue and its wire of the built-in exchange, joined by a network in virtual time that takes its time and loses
//! things. A seed makes a run; the same seed makes the same run.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use lancet::domain::message::MarketFact;
use lancet::domain::{self, Fact, Print, Stamp, Symbol, Touch};
use lancet::exchange::credentials::{Credentials, KeyMaterial};
use lancet::exchange::machine::{
    Account, Call, CallError, Feed, In, Line, LineOut, Method, Opcode, Out, Reply,
};
use lancet::exchange::{AccountSettings, Endpoints, Venue, venue as row_of};
use lancet::secret::Secret;
use lancet::sim::wire::{Answer, LineId, Out as Said, Request, Settings, Wire};
use lancet::sim::{Fault, Key, WIRES, keys};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;

use super::spoil::spoiled;

/// The world moves on in steps of so many ms.
pub const STEP_MS: u64 = 10;
/// Where the client is; its key is bound to this address.
pub const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// Where everything is.
const AT: &str = "127.0.0.1:9";

/// A machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// The public side.
    Feed,
    /// The private side.
    Account,
}

/// One socket: whose, which line, and its how-manieth opening.
type Socket = (Who, Line, u32);

/// Something on its way.
enum Letter {
    Open(Socket, String),
    ToExchange(Socket, Opcode, String),
    Asked(Who, Call),
    Opened(Socket),
    Heard(Socket, Opcode, String),
    Closed(Socket),
    Answered(Who, u64, Result<Reply, CallError>),
}

/// What a machine said.
pub enum Told {
    Fact(Fact),
    Market(MarketFact),
    Touch(Touch),
    Prints(Vec<Print>),
}

/// See the module.
pub struct Net {
    pub venue: &'static Venue,
    pub feed: Box<dyn Feed>,
    pub account: Box<dyn Account>,
    pub exchange: Box<dyn Wire>,
    pub keys: Vec<Key>,
    /// From which the exchange makes its secrets.
    pub random_bytes: [u8; 32],
    pub now: Stamp,
    /// What the machines said and nobody took yet.
    pub told: VecDeque<Told>,
    /// Symbols whose picture changed.
    pub changed: BTreeSet<Symbol>,
    /// How far the exchange's clock runs ahead of the host's, ms.
    pub skew_ms: i64,
    /// The network loses, doubles and cuts.
    pub storm: bool,
    /// Frames to the exchange, calls and answers, for the one who has to read a failure.
    pub log: Vec<String>,
    /// One in so many messages and answers is spoiled on its way to a machine.
    pub spoils: Option<u32>,
    /// Whether what the account machine handed to the network is kept in `sent`.
    pub keeps: bool,
    /// Frames and calls of the account machine, whether or not they ever arrived.
    pub sent: Vec<String>,
    /// Openings of lines so far, whose and where.
    pub opened: Vec<(Who, String)>,
    random: ChaCha20Rng,
    post: BTreeMap<(u64, u64), Letter>,
    posted: u64,
    sockets: BTreeMap<(Who, Line), (u32, Option<LineId>)>,
    /// When the last letter of a socket arrives: a stream keeps its order.
    arrives: BTreeMap<(Socket, bool), u64>,
    wakes: BTreeMap<Who, Stamp>,
    /// Sockets of the account's own streams and orders.
    own: BTreeSet<Socket>,
}

/// Milliseconds since the start.
pub fn clock(now: Stamp) -> u64 {
    now.mono_ns / 1_000_000 - 60_000
}

impl Net {
    /// A venue with the wire of its name, whose clock runs `skew_ms` ahead of the host's. Nothing was started yet.
    pub fn new(
        id: &str,
        label: domain::Account,
        session: &str,
        seed: u64,
        faults: &[String],
        skew_ms: i64,
    ) -> Self {
        let now = Stamp {
            mono_ns: 60_000_000_000,
            wall_ns: 1_763_820_000_000_000_000,
        };
        let mut bytes = [7; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let keys = keys::make(bytes, now.wall_ms(), None);
        let faults: Vec<Fault> = faults.iter().map(|fault| fault.parse().unwrap()).collect();
        let wire = WIRES.iter().find(|wire| wire.id == id).unwrap();
        let passphrase = keys::passphrase(bytes);
        let settings = Settings {
            passphrase: passphrase.clone(),
            seed,
            keys: keys.clone(),
            random: bytes,
            faults,
            mood: None,
        };
        let venue = row_of(id).unwrap();
        let at = (wire.addresses)(AT.parse::<SocketAddr>().unwrap());
        let endpoints = Endpoints {
            rights: Some(at.rest.clone()),
            rest: at.rest,
            ws_public: at.ws_public,
            ws_market: at.ws_market,
            ws_private: at.ws_private,
            ws_api: at.ws_api,
            headers: Vec::new(),
        };
        let secret = |text: &str| Secret::of(text.as_bytes()).unwrap();
        let material = KeyMaterial::Hmac(secret(keys[0].api_secret().unwrap()));
        let third = wire.has_passphrase.then(|| secret(&passphrase));
        let credentials = Credentials::new(&keys[0].api_key, &material, third).unwrap();
        let account = (venue.account)(AccountSettings {
            label,
            endpoints: endpoints.clone(),
            credentials,
            session: session.to_owned(),
        });
        Self {
            venue,
            feed: (venue.feed)(&endpoints),
            account,
            exchange: (wire.open)(settings, now.wall_ms().saturating_add(skew_ms)),
            keys,
            random_bytes: bytes,
            now,
            told: VecDeque::new(),
            changed: BTreeSet::new(),
            skew_ms,
            storm: false,
            log: Vec::new(),
            spoils: None,
            keeps: false,
            sent: Vec::new(),
            opened: Vec::new(),
            random: ChaCha20Rng::seed_from_u64(seed),
            post: BTreeMap::new(),
            posted: 0,
            sockets: BTreeMap::new(),
            arrives: BTreeMap::new(),
            wakes: BTreeMap::new(),
            own: BTreeSet::new(),
        }
    }

    /// Ten milliseconds pass; what arrives in them is delivered by [`Net::deliver`].
    pub fn begin_step(&mut self) {
        self.now = self.now.plus_ms(STEP_MS);
        self.exchange.tick(self.wall_ms());
        self.mail();
    }

    /// The exchange's time, ms since 1970.
    fn wall_ms(&self) -> i64 {
        self.now.wall_ms().saturating_add(self.skew_ms)
    }

    /// Delivers the next letter that is due; false when none is.
    pub fn deliver(&mut self) -> bool {
        let due = |entry: &std::collections::btree_map::OccupiedEntry<'_, (u64, u64), Letter>| {
            entry.key().0 <= self.now.mono_ns
        };
        let Some(entry) = self.post.first_entry().filter(due) else {
            return false;
        };
        let letter = entry.remove();
        self.take(letter);
        true
    }

    /// Wakes the machines whose time came.
    pub fn wake(&mut self) {
        for who in [Who::Feed, Who::Account] {
            let due = |at: &Stamp| at.mono_ns <= self.now.mono_ns;
            if self.wakes.get(&who).is_some_and(due) {
                self.wakes.remove(&who);
                self.machine(who, In::Wake);
            }
        }
    }

    /// Tells a machine one thing, and does what it asks for.
    pub fn machine(&mut self, who: Who, event: In<'_>) {
        let mut out = Out::default();
        match who {
            Who::Feed => self.feed.on(self.now, event, &mut out),
            Who::Account => self.account.on(self.now, event, &mut out),
        }
        let mut written = Vec::new();
        for wish in out.lines.drain(..) {
            written.extend(self.line(who, wish));
        }
        for call in out.calls.drain(..) {
            if self.keeps && who == Who::Account {
                let (how, target, body) = (call.method, &call.target, &call.body);
                self.sent.push(format!("{how:?} {target} {body}"));
            }
            let late = self.lateness();
            self.send(late, Letter::Asked(who, call));
        }
        if let Some(at) = out.wake_at {
            self.wakes.insert(who, at);
        }
        self.told.extend(out.facts.drain(..).map(Told::Fact));
        self.told.extend(out.market.drain(..).map(Told::Market));
        self.told.extend(out.touches.drain(..).map(Told::Touch));
        if !out.prints.is_empty() {
            self.told.push_back(Told::Prints(out.prints));
        }
        self.changed.extend(out.changed);
        for (line, tag, written) in written {
            self.machine(who, In::Sent { line, tag, written });
        }
    }

    /// Does what a machine asks of a line; what it must be told of a frame at once.
    fn line(&mut self, who: Who, wish: LineOut) -> Option<(Line, u64, usize)> {
        match wish {
            LineOut::Open { line, url, .. } => {
                let before = self.sockets.get(&(who, line));
                let epoch = before.map_or(1, |(epoch, _)| epoch + 1);
                self.hang_up(who, line);
                self.sockets.insert((who, line), (epoch, None));
                let late = self.lateness();
                self.send(late, Letter::Open((who, line, epoch), url));
                None
            }
            LineOut::Close { line } => {
                self.hang_up(who, line);
                None
            }
            LineOut::Send {
                line,
                tag,
                opcode,
                bytes,
            } => {
                let stands = self.sockets.get(&(who, line));
                let stands = stands.filter(|(_, name)| name.is_some());
                let written = stands.map_or(0, |_| bytes.len() + 8);
                if let Some((epoch, _)) = stands {
                    let text = String::from_utf8(bytes).unwrap();
                    if self.keeps && who == Who::Account {
                        self.sent.push(text.clone());
                    }
                    let to = (who, line, *epoch);
                    self.send_in_order(to, true, |to| Letter::ToExchange(to, opcode, text), 0);
                }
                (tag != 0).then_some((line, tag, written))
            }
        }
    }

    fn hang_up(&mut self, who: Who, line: Line) {
        if let Some((epoch, name)) = self.sockets.get_mut(&(who, line)) {
            *epoch += 1;
            if let Some(name) = name.take() {
                self.exchange.closed(name);
            }
        }
    }

    /// Cuts every line of a machine, as a broken network does.
    pub fn cut(&mut self, who: Who) {
        let lines: Vec<(Line, u32)> = self
            .sockets
            .iter()
            .filter(|((whose, _), (_, name))| *whose == who && name.is_some())
            .map(|((_, line), (epoch, _))| (*line, *epoch))
            .collect();
        for (line, epoch) in lines {
            self.send_in_order((who, line, epoch), false, Letter::Closed, 0);
        }
    }

    /// One way over the network, ns.
    fn lateness(&mut self) -> u64 {
        let micros = if self.random.random_range(0..50) == 0 {
            300_000
        } else {
            30_000
        };
        self.random.random_range(500..micros) * 1_000
    }

    /// True for one in `times` messages of the account's sockets while the network is bad; for far fewer of the others.
    fn strikes(&mut self, socket: Socket, times: u32) -> bool {
        let rarer = if self.own.contains(&socket) { 1 } else { 40 };
        self.storm && self.random.random_range(0..times * rarer) == 0
    }

    fn send(&mut self, late_ns: u64, letter: Letter) {
        self.posted += 1;
        let at = self.now.mono_ns + late_ns;
        self.post.insert((at, self.posted), letter);
    }

    fn send_in_order(
        &mut self,
        socket: Socket,
        there: bool,
        letter: impl FnOnce(Socket) -> Letter,
        delay_ms: u64,
    ) {
        let at = self.now.mono_ns + self.lateness() + delay_ms * 1_000_000;
        let last = self.arrives.entry((socket, there)).or_default();
        // A fault's delay does not hold up what comes after it.
        let at = if delay_ms > 0 { at } else { at.max(*last) };
        if delay_ms == 0 {
            *last = at;
        }
        self.posted += 1;
        self.post.insert((at, self.posted), letter(socket));
    }

    fn take(&mut self, letter: Letter) {
        match letter {
            Letter::Open(socket, url) => self.open(socket, &url),
            Letter::ToExchange(socket, opcode, text) => self.reach_exchange(socket, opcode, &text),
            Letter::Asked(who, call) => self.ask(who, call),
            Letter::Opened(socket) => {
                if self.name(socket).is_some() {
                    self.machine(socket.0, In::Opened { line: socket.1 });
                }
            }
            Letter::Heard(socket, opcode, text) if self.is_newest(socket) => {
                let (who, line, _) = socket;
                let bytes = &self.on_the_way(text.into_bytes());
                let frame = In::Frame {
                    line,
                    opcode,
                    bytes,
                };
                self.machine(who, frame);
            }
            Letter::Closed(socket) if self.is_newest(socket) => {
                let (who, line, _) = socket;
                self.hang_up(who, line);
                let why = "closed by the venue";
                self.machine(who, In::Closed { line, why });
            }
            Letter::Heard(..) | Letter::Closed(_) => {}
            Letter::Answered(who, tag, result) => {
                let result = result.map(|reply| Reply {
                    body: self.on_the_way(reply.body),
                    ..reply
                });
                self.machine(who, In::Reply { tag, result });
            }
        }
    }

    /// A message as it arrives.
    fn on_the_way(&mut self, message: Vec<u8>) -> Vec<u8> {
        match self.spoils {
            Some(times) if self.random.random_range(0..times) == 0 => {
                spoiled(&mut self.random, &message)
            }
            _ => message,
        }
    }

    fn reach_exchange(&mut self, socket: Socket, opcode: Opcode, text: &str) {
        let Some(name) = self.name(socket) else {
            return;
        };
        // A half-open line reads nothing.
        if self.exchange.is_frozen(name) {
            return;
        }
        if opcode == Opcode::Text && self.strikes(socket, 40) {
            return;
        }
        let wall = self.wall_ms();
        let stays = if opcode == Opcode::Ping {
            let stays = self.exchange.pinged(wall, name, false);
            let pong = |to| Letter::Heard(to, Opcode::Pong, String::new());
            self.send_in_order(socket, false, pong, 0);
            stays
        } else {
            self.log.push(format!("{} -> {text}", clock(self.now)));
            self.exchange.hear(wall, name, text)
        };
        self.mail();
        if !stays {
            self.send_in_order(socket, false, Letter::Closed, 0);
        }
    }

    fn is_newest(&self, (who, line, epoch): Socket) -> bool {
        let newest = self.sockets.get(&(who, line));
        newest.is_some_and(|(newest, _)| *newest == epoch)
    }

    fn name(&self, socket: Socket) -> Option<LineId> {
        let (who, line, _) = socket;
        let name = self.sockets.get(&(who, line))?.1;
        name.filter(|_| self.is_newest(socket))
    }

    fn open(&mut self, socket: Socket, url: &str) {
        let (who, line, epoch) = socket;
        if !self.is_newest(socket) {
            return;
        }
        let path = url.strip_prefix(&format!("ws://{AT}")).unwrap();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        if who == Who::Account {
            self.own.insert(socket);
        }
        self.opened.push((who, path.to_owned()));
        match self.exchange.accept(self.wall_ms(), HERE, path, query) {
            Ok(name) => {
                self.sockets.insert((who, line), (epoch, Some(name)));
                self.send_in_order(socket, false, Letter::Opened, 0);
            }
            Err(_) => self.send_in_order(socket, false, Letter::Closed, 0),
        }
        self.mail();
    }

    /// Puts what the exchange says on its way.
    pub fn mail(&mut self) {
        for (name, said) in self.exchange.take_outs() {
            let found = self.sockets.iter().find(|(_, (_, of))| *of == Some(name));
            let Some((&(who, line), &(epoch, _))) = found else {
                continue;
            };
            let socket = (who, line, epoch);
            if self.strikes(socket, 300) {
                self.exchange.closed(name);
                self.send_in_order(socket, false, Letter::Closed, 0);
                continue;
            }
            // What ends a line is always noticed in the end; what is said on it may be lost.
            if matches!(said, Said::Text(..)) && self.strikes(socket, 20) {
                continue;
            }
            if let Said::Text(text, 0) = &said
                && self.strikes(socket, 30)
            {
                let text = text.clone();
                let twin = |to| Letter::Heard(to, Opcode::Text, text);
                self.send_in_order(socket, false, twin, 0);
            }
            match said {
                Said::Text(text, delay_ms) => {
                    if who == Who::Account {
                        self.log.push(format!("{} <- {text}", clock(self.now)));
                    }
                    let heard = |to| Letter::Heard(to, Opcode::Text, text);
                    self.send_in_order(socket, false, heard, delay_ms);
                }
                Said::Ping => {
                    let ping = |to| Letter::Heard(to, Opcode::Ping, "1".into());
                    self.send_in_order(socket, false, ping, 0);
                }
                Said::Close(_) | Said::Cut => {
                    self.send_in_order(socket, false, Letter::Closed, 0);
                }
            }
        }
    }

    fn ask(&mut self, who: Who, call: Call) {
        let (path, query) = call.target.split_once('?').unwrap_or((&call.target, ""));
        let headers = call.headers.iter();
        let headers = headers.map(|(name, value)| (name.to_lowercase(), value.clone()));
        let verb = match call.method {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
        };
        let request = Request {
            verb: verb.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            body: call.body.clone(),
            headers: headers.collect(),
            ip: HERE,
        };
        let late = self.lateness();
        let deadline = late + call.deadline_ms * 1_000_000;
        let never = || Err(CallError::Lost("no answer in time".to_owned()));
        if self.storm && self.random.random_range(0..25) == 0 {
            return self.send(deadline, Letter::Answered(who, call.tag, never()));
        }
        let answer = self.exchange.rest(self.wall_ms(), &request);
        self.mail();
        if self.storm && self.random.random_range(0..25) == 0 {
            return self.send(deadline, Letter::Answered(who, call.tag, never()));
        }
        let (late_ms, result) = match answer {
            Answer::Reply(reply, delay_ms) if delay_ms < call.deadline_ms => {
                self.log.push(format!(
                    "{} {verb} {path}?{query} {} {} {:.300}",
                    clock(self.now),
                    call.body,
                    reply.status,
                    reply.body
                ));
                let headers = reply.headers.into_iter();
                let headers = headers.map(|(name, value)| (name.to_lowercase(), value));
                let reply = Reply {
                    status: reply.status,
                    headers: headers.collect(),
                    body: reply.body.into_bytes(),
                };
                (delay_ms, Ok(reply))
            }
            Answer::Reply(..) | Answer::Never => (call.deadline_ms, never()),
            Answer::Cut => (0, Err(CallError::Lost("the connection was cut".to_owned()))),
        };
        let late = late + late_ms * 1_000_000;
        self.send(late, Letter::Answered(who, call.tag, result));
    }
}
