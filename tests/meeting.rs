//! The connector of every venue meets the built-in exchange behind that venue's wire, as function calls in virtual time: what the one
//! asks for the other understands, and the account that the connector tells of is the one that the exchange keeps.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use lancet::domain::message::{LinkState, MarketFact, Proves};
use lancet::domain::risk::{Cap, Exposure, Limits, check};
use lancet::domain::{
    ClientId, Command, Fact, Fill, Instrument, InstrumentKind, Intent, MarketKey, NewOrder,
    OrderKind, OrderRef, OrderReport, OrderStatus, Outcome, Price, Qty, Side, Stamp, Symbol,
    TimeInForce, Touch, TriggerBy, VenueId,
};
use lancet::exchange::credentials::{Credentials, KeyMaterial};
use lancet::exchange::machine::{
    Account, Call, CallError, Feed, In, Line, LineOut, Method, Opcode, Out, Reply,
};
use lancet::exchange::{AccountSettings, Endpoints, Venue, venue as row_of};
use lancet::secret::Secret;
use lancet::sim::wire::{Answer, LineId, Out as Said, Request, Settings, Wire, WireRow};
use lancet::sim::{WIRES, keys};
use rust_decimal::Decimal;

/// The world moves on in steps of so many ms.
const STEP_MS: u64 = 10;
const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const HOST: &str = "127.0.0.1:9";
/// The third part of the key, where the venue wants one.
const PASSPHRASE: &str = "Passphrase-1";

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    Feed,
    Account,
}

struct World {
    venue: &'static Venue,
    feed: Box<dyn Feed>,
    account: Box<dyn Account>,
    exchange: Box<dyn Wire>,
    now: Stamp,
    sockets: BTreeMap<(Who, Line), LineId>,
    /// What is to be told next: openings, frames, answers.
    post: Vec<(Who, Letter)>,
    wakes: BTreeMap<Who, Stamp>,
    instruments: Option<Arc<[Instrument]>>,
    touches: BTreeMap<Symbol, Touch>,
    facts: Vec<Fact>,
    orders: u32,
}

enum Letter {
    Opened(Line),
    Heard(Line, Opcode, String),
    Closed(Line),
    Answered(u64, Result<Reply, CallError>),
}

impl World {
    /// In sync, with a book of each of these symbols.
    fn at(wire: &WireRow, symbols: &[&str]) -> Self {
        let venue = row_of(wire.id).unwrap();
        let now = Stamp {
            mono_ns: 60_000_000_000,
            wall_ns: 1_763_820_000_000_000_000,
        };
        let keys = keys::make([7; 32], now.wall_ms(), None);
        let settings = Settings {
            seed: 7,
            keys: keys.clone(),
            passphrase: PASSPHRASE.to_owned(),
            random: [7; 32],
            faults: Vec::new(),
        };
        let at: SocketAddr = HOST.parse().unwrap();
        let found = (wire.addresses)(at);
        let endpoints = Endpoints {
            rest: found.rest,
            ws_public: found.ws_public,
            ws_market: found.ws_market,
            ws_private: found.ws_private,
            ws_api: found.ws_api,
            rights: None,
            headers: Vec::new(),
        };
        let secret = |text: &str| Secret::of(text.as_bytes()).unwrap();
        let material = KeyMaterial::Hmac(secret(keys[0].api_secret().unwrap()));
        let passphrase = wire.has_passphrase.then(|| secret(PASSPHRASE));
        let credentials = Credentials::new(&keys[0].api_key, &material, passphrase).unwrap();
        let account = (venue.account)(AccountSettings {
            label: lancet::domain::Account::new("main").unwrap(),
            endpoints: endpoints.clone(),
            credentials,
            session: "M1".into(),
        });
        let mut world = Self {
            venue,
            feed: (venue.feed)(&endpoints),
            account,
            exchange: (wire.open)(settings, now.wall_ms()),
            now,
            sockets: BTreeMap::new(),
            post: Vec::new(),
            wakes: BTreeMap::new(),
            instruments: None,
            touches: BTreeMap::new(),
            facts: Vec::new(),
            orders: 0,
        };
        let symbols: Vec<Symbol> = symbols.iter().map(|s| Symbol::new(s).unwrap()).collect();
        world.machine(Who::Feed, In::Start);
        world.machine(Who::Account, In::Start);
        world.machine(Who::Feed, In::Follow(&symbols));
        for symbol in &symbols {
            world.machine(Who::Account, In::Command(Command::Follow(*symbol)));
        }
        world.until("everything is in sync", |world| {
            let whole = |touch: &Touch| touch.live && touch.bid.is_some() && touch.ask.is_some();
            let seen = symbols
                .iter()
                .all(|s| world.touches.get(s).is_some_and(whole));
            seen && world.link() == Some(LinkState::Ready) && world.instruments.is_some()
        });
        world
    }

    fn link(&self) -> Option<LinkState> {
        self.facts.iter().rev().find_map(|fact| match fact {
            Fact::Link { state, .. } => Some(*state),
            _ => None,
        })
    }

    fn until(&mut self, what: &str, done: impl Fn(&Self) -> bool) {
        for _ in 0..3_000 {
            if done(self) {
                return;
            }
            self.step();
        }
        panic!("{}: never came: {what}\n{:#?}", self.venue.id, self.facts);
    }

    fn pass(&mut self, ms: u64) {
        for _ in 0..ms / STEP_MS {
            self.step();
        }
    }

    fn step(&mut self) {
        self.now = self.now.plus_ms(STEP_MS);
        self.exchange.tick(self.now.wall_ms());
        self.collect();
        for (who, letter) in std::mem::take(&mut self.post) {
            match letter {
                Letter::Opened(line) => self.machine(who, In::Opened { line }),
                Letter::Heard(line, opcode, text) => self.machine(
                    who,
                    In::Frame {
                        line,
                        opcode,
                        bytes: text.as_bytes(),
                    },
                ),
                Letter::Closed(line) => self.machine(
                    who,
                    In::Closed {
                        line,
                        why: "closed",
                    },
                ),
                Letter::Answered(tag, result) => self.machine(who, In::Reply { tag, result }),
            }
        }
        for who in [Who::Feed, Who::Account] {
            let due = |at: &Stamp| at.mono_ns <= self.now.mono_ns;
            if self.wakes.get(&who).is_some_and(due) {
                self.wakes.remove(&who);
                self.machine(who, In::Wake);
            }
        }
    }

    fn collect(&mut self) {
        for (name, said) in self.exchange.take_outs() {
            let found = self.sockets.iter().find(|(_, of)| **of == name);
            let Some((&(who, line), _)) = found else {
                continue;
            };
            let letter = match said {
                Said::Text(text, _) => Letter::Heard(line, Opcode::Text, text),
                Said::Ping => Letter::Heard(line, Opcode::Ping, String::new()),
                Said::Cut => Letter::Closed(line),
            };
            self.post.push((who, letter));
        }
    }

    fn machine(&mut self, who: Who, event: In<'_>) {
        let mut out = Out::default();
        match who {
            Who::Feed => self.feed.on(self.now, event, &mut out),
            Who::Account => self.account.on(self.now, event, &mut out),
        }
        if let Some(at) = out.wake_at {
            self.wakes.insert(who, at);
        }
        self.facts.append(&mut out.facts);
        for fact in out.market.drain(..) {
            if let MarketFact::Instruments(all) = fact {
                self.instruments = Some(all);
            }
        }
        for touch in out.touches.drain(..) {
            self.touches.insert(touch.symbol, touch);
        }
        let mut written = Vec::new();
        for wish in out.lines.drain(..) {
            written.extend(self.line(who, wish));
        }
        for call in out.calls.drain(..) {
            self.ask(who, &call);
        }
        for (line, tag, written) in written {
            self.machine(who, In::Sent { line, tag, written });
        }
    }

    fn line(&mut self, who: Who, wish: LineOut) -> Option<(Line, u64, usize)> {
        let wall = self.now.wall_ms();
        match wish {
            LineOut::Open { line, url, .. } => {
                self.hang_up(who, line);
                let path = url
                    .strip_prefix("ws://")
                    .unwrap()
                    .strip_prefix(HOST)
                    .unwrap();
                let (path, query) = path.split_once('?').unwrap_or((path, ""));
                let letter = match self.exchange.accept(wall, HERE, path, query) {
                    Ok(name) => {
                        self.sockets.insert((who, line), name);
                        Letter::Opened(line)
                    }
                    Err(status) => panic!("{} refuses {url}: {status}", self.venue.id),
                };
                self.post.push((who, letter));
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
                let name = self.sockets.get(&(who, line)).copied();
                let text = String::from_utf8(bytes).unwrap();
                let written = name.map_or(0, |_| text.len() + 8);
                if let Some(name) = name {
                    if opcode == Opcode::Ping {
                        self.exchange.pinged(wall, name, false);
                        let pong = Letter::Heard(line, Opcode::Pong, String::new());
                        self.post.push((who, pong));
                    } else {
                        self.exchange.hear(wall, name, &text);
                    }
                    self.collect();
                }
                (tag != 0).then_some((line, tag, written))
            }
        }
    }

    fn hang_up(&mut self, who: Who, line: Line) {
        if let Some(name) = self.sockets.remove(&(who, line)) {
            self.exchange.closed(name);
        }
    }

    fn ask(&mut self, who: Who, call: &Call) {
        let (path, query) = call.target.split_once('?').unwrap_or((&call.target, ""));
        let verb = match call.method {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
        };
        let named = |(name, value): &(&str, String)| (name.to_lowercase(), value.clone());
        let request = Request {
            verb: verb.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            body: call.body.clone(),
            headers: call.headers.iter().map(named).collect(),
            ip: HERE,
        };
        let result = match self.exchange.rest(self.now.wall_ms(), &request) {
            Answer::Reply(reply, _) => Ok(Reply {
                status: reply.status,
                headers: reply
                    .headers
                    .into_iter()
                    .map(|(name, value)| (name.to_lowercase(), value))
                    .collect(),
                body: reply.body.into_bytes(),
            }),
            Answer::Never | Answer::Cut => Err(CallError::Lost("no answer".into())),
        };
        self.collect();
        self.post.push((who, Letter::Answered(call.tag, result)));
    }

    fn key(&self, symbol: &str) -> MarketKey {
        MarketKey {
            account: lancet::domain::Account::new("main").unwrap(),
            venue: VenueId::new(self.venue.id).unwrap(),
            symbol: Symbol::new(symbol).unwrap(),
            leg: None,
        }
    }

    fn instrument(&self, symbol: &str) -> Instrument {
        let all = self.instruments.as_ref().unwrap();
        let named = |i: &&Instrument| i.symbol.as_str() == symbol;
        all.iter().find(named).unwrap().clone()
    }

    /// Best bid and ask, ticks.
    fn best(&self, symbol: &str) -> (Price, Price) {
        let touch = &self.touches[&Symbol::new(symbol).unwrap()];
        (touch.bid.unwrap().price, touch.ask.unwrap().price)
    }

    /// A size worth about 600.
    fn size(&self, symbol: &str) -> Qty {
        let instrument = self.instrument(symbol);
        let price = instrument.price_decimal(self.best(symbol).0) * instrument.multiplier;
        let lots = instrument.lot.floor(Decimal::from(600) / price).unwrap();
        Qty(lots.max(instrument.min_qty.0))
    }

    fn place(&mut self, symbol: &str, side: Side, kind: OrderKind, intent: Intent) -> ClientId {
        self.orders += 1;
        let id = ClientId::new(&format!("M1a{}", self.orders)).unwrap();
        let order = NewOrder {
            key: self.key(symbol),
            id,
            side,
            qty: self.size(symbol),
            kind,
            intent,
            leg: None,
        };
        let instrument = self.instrument(symbol);
        let mut exposure = exposure(self.best(symbol));
        if instrument.kind == InstrumentKind::Spot {
            // What is sold was bought before.
            exposure.position = Decimal::ONE_HUNDRED;
        }
        let order = check(order, &instrument, &limits(), &exposure).unwrap();
        self.machine(Who::Account, In::Command(Command::Place(order)));
        id
    }

    fn cancel(&mut self, symbol: &str, order: OrderRef) {
        let key = self.key(symbol);
        self.machine(Who::Account, In::Command(Command::Cancel { key, order }));
    }

    /// The last word on an order.
    fn order(&self, id: ClientId) -> Option<&OrderReport> {
        self.facts.iter().rev().find_map(|fact| match fact {
            Fact::Order(report) if report.order.client == id => Some(report),
            _ => None,
        })
    }

    fn until_it_is(&mut self, id: ClientId, status: OrderStatus) -> OrderReport {
        self.until(&format!("{id} is {status:?}"), |world| {
            world.order(id).is_some_and(|o| o.status == status)
        });
        self.order(id).unwrap().clone()
    }

    fn fills(&self, id: ClientId) -> Vec<&Fill> {
        let of = |fact: &'_ Fact| matches!(fact, Fact::Fill(fill) if fill.client == id);
        let fills = self.facts.iter().filter(|fact| of(fact));
        fills
            .filter_map(|fact| match fact {
                Fact::Fill(fill) => Some(fill),
                _ => None,
            })
            .collect()
    }

    /// The venue's last word on the position.
    fn position(&self, symbol: &str) -> Decimal {
        let symbol = Symbol::new(symbol).unwrap();
        let last = self.facts.iter().rev().find_map(|fact| match fact {
            Fact::Position(report) if report.key.symbol == symbol => Some(report.size),
            Fact::Truth { truth, .. } => {
                let mut all = truth.positions.iter();
                let found = all.find(|p| p.key.symbol == symbol);
                Some(found.map_or(Decimal::ZERO, |p| p.size))
            }
            _ => None,
        });
        last.unwrap_or_default()
    }

    fn refusals(&self, id: ClientId) -> Vec<(Proves, String)> {
        let refusals = self.facts.iter().filter_map(|fact| match fact {
            Fact::Answer {
                client,
                outcome: Outcome::Rejected { proves, words, .. },
                ..
            } if *client == id => Some((*proves, words.clone())),
            _ => None,
        });
        refusals.collect()
    }

    fn bad(&self) -> Vec<&str> {
        let bad = self.facts.iter().filter_map(|fact| match fact {
            Fact::Bad { words, .. } => Some(words.as_str()),
            _ => None,
        });
        bad.collect()
    }

    /// Opens a long position.
    fn go_long(&mut self, symbol: &str) {
        let (_, ask) = self.best(symbol);
        let kind = OrderKind::Limit {
            price: ask.ahead(Side::Buy, 50),
            tif: TimeInForce::Ioc,
        };
        let id = self.place(symbol, Side::Buy, kind, Intent::Entry);
        self.until_it_is(id, OrderStatus::Filled);
        assert!(!self.fills(id).is_empty());
    }
}

fn limits() -> Limits {
    let big = 1_000_000_000.into();
    Limits {
        max_order: BTreeMap::new(),
        max_order_notional: big,
        max_position: BTreeMap::new(),
        max_position_notional: big,
        max_open_orders: 1_000,
        max_orders_per_second: 1_000,
        max_orders_per_minute: 1_000,
        max_identical_per_second: 1_000,
        collar_through: 1.into(),
        collar_away: 1.into(),
        max_trade_loss: Cap::Off,
        max_session_loss: Cap::Off,
        max_day_loss: big,
        max_losses_in_a_row: Cap::Off,
        cool_down_minutes: 30,
    }
}

fn exposure((bid, ask): (Price, Price)) -> Exposure {
    Exposure {
        bid: Some(bid),
        ask: Some(ask),
        position: 0.into(),
        open_buys: Qty::ZERO,
        open_sells: Qty::ZERO,
        open_exits: Qty::ZERO,
        open_orders: 0,
        sent_last_second: 0,
        sent_last_minute: 0,
        identical_last_second: 0,
        day_result: 0.into(),
    }
}

/// An instrument of this kind behind a wire; `None` where the venue has none.
fn symbol_of(wire: &str, spot: bool) -> Option<&'static str> {
    match (wire, spot) {
        ("binance-futures", true) | ("binance-spot", false) => None,
        ("bybit", true) => Some("BTC/USDT"),
        ("okx", true) => Some("BTC-USDT"),
        ("okx", false) => Some("BTC-USDT-SWAP"),
        _ => Some("BTCUSDT"),
    }
}

/// Every wire whose venue has a connector, with an instrument of this kind.
fn each(spot: bool, run: impl Fn(World, &str)) {
    for wire in WIRES.iter().filter(|wire| row_of(wire.id).is_some()) {
        let Some(symbol) = symbol_of(wire.id, spot) else {
            continue;
        };
        let world = World::at(wire, &[symbol]);
        let kind = world.instrument(symbol).kind;
        assert_eq!(kind == InstrumentKind::Spot, spot);
        run(world, symbol);
    }
}

#[test]
fn a_wire_and_a_connector_meet() {
    let met = WIRES.iter().filter(|wire| row_of(wire.id).is_some());
    assert!(met.count() > 0);
}

fn resting(world: &World, symbol: &str) -> OrderKind {
    OrderKind::Limit {
        price: world.best(symbol).0.behind(Side::Buy, 200),
        tif: TimeInForce::PostOnly,
    }
}

fn lives_and_dies(mut world: World, symbol: &str) {
    let kind = resting(&world, symbol);
    let id = world.place(symbol, Side::Buy, kind, Intent::Entry);
    let report = world.until_it_is(id, OrderStatus::Working);
    assert_eq!(report.price, kind.limit());
    assert!(report.order.venue.is_some());
    world.cancel(symbol, report.order);
    world.until_it_is(id, OrderStatus::Cancelled);
    world.pass(3_000);
    assert_eq!(world.bad(), [""; 0], "{}", world.venue.id);
}

#[test]
fn an_order_rests_and_is_cancelled() {
    each(false, lives_and_dies);
    each(true, lives_and_dies);
}

#[test]
fn a_post_only_order_that_would_take_is_refused_as_one() {
    let refused = |mut world: World, symbol: &str| {
        let kind = OrderKind::Limit {
            price: world.best(symbol).1.ahead(Side::Buy, 30),
            tif: TimeInForce::PostOnly,
        };
        let id = world.place(symbol, Side::Buy, kind, Intent::Entry);
        world.pass(2_000);
        let refusals = world.refusals(id);
        assert!(
            matches!(refusals[..], [(Proves::WouldTake, _)]),
            "{}: {refusals:?}\n{:#?}",
            world.venue.id,
            world.facts
        );
    };
    each(false, refused);
    each(true, refused);
}

#[test]
fn a_position_is_opened_and_closed_and_its_fees_are_told() {
    each(false, |mut world, symbol| {
        world.go_long(symbol);
        let size = world.size(symbol);
        let wanted = world.instrument(symbol).qty_decimal(size);
        world.until("the position is told", |w| w.position(symbol) == wanted);
        let id = world.place(symbol, Side::Sell, OrderKind::Market, Intent::Exit);
        world.until_it_is(id, OrderStatus::Filled);
        world.until("it is flat", |world| world.position(symbol).is_zero());
        let fee = world.fills(id)[0];
        assert!(fee.fee > Decimal::ZERO && fee.fee_asset.as_str() == "USDT");
        world.pass(40_000);
        assert_eq!(world.bad(), [""; 0], "{}", world.venue.id);
        assert_eq!(world.link(), Some(LinkState::Ready));
    });
}

#[test]
fn coins_are_bought_and_sold_and_no_position_is_told() {
    each(true, |mut world, symbol| {
        world.go_long(symbol);
        let id = world.place(symbol, Side::Sell, OrderKind::Market, Intent::Exit);
        world.until_it_is(id, OrderStatus::Filled);
        let told =
            |fact: &Fact| matches!(fact, Fact::Position(p) if p.key.symbol.as_str() == symbol);
        assert!(!world.facts.iter().any(told));
        world.pass(5_000);
        assert_eq!(world.bad(), [""; 0], "{}", world.venue.id);
    });
}

#[test]
fn a_stop_waits_is_moved_is_taken_away_and_fires() {
    each(false, |mut world, symbol| {
        world.go_long(symbol);
        world.until("a position", |w| !w.position(symbol).is_zero());
        let stop = |world: &World, ticks: i64| OrderKind::Stop {
            trigger: world.best(symbol).0.behind(Side::Buy, ticks),
            limit: None,
            by: TriggerBy::Last,
        };
        let kind = stop(&world, 5_000);
        let first = world.place(symbol, Side::Sell, kind, Intent::Exit);
        let report = world.until_it_is(first, OrderStatus::Working);
        assert_eq!(report.trigger, kind.trigger());
        assert!(report.reduce_only);
        let kind = stop(&world, 4_000);
        let second = world.place(symbol, Side::Sell, kind, Intent::Exit);
        let report = world.until_it_is(second, OrderStatus::Working);
        if !world.venue.capabilities.position_stops {
            let first = world.order(first).unwrap().order;
            world.cancel(symbol, first);
        }
        world.until_it_is(first, OrderStatus::Cancelled);
        world.cancel(symbol, report.order);
        world.until("it is gone", |world| {
            world.order(second).is_some_and(|o| o.status.is_final())
        });
        let kind = stop(&world, 3);
        let third = world.place(symbol, Side::Sell, kind, Intent::Exit);
        let end = world.until_it_is(third, OrderStatus::Filled);
        assert!(end.triggered, "{}: {end:?}", world.venue.id);
        assert!(!world.fills(third).is_empty(), "{}", world.venue.id);
        world.until("it is flat", |world| world.position(symbol).is_zero());
        world.pass(10_000);
        assert_eq!(world.bad(), [""; 0], "{}", world.venue.id);
    });
}

#[test]
fn a_bounded_stop_fires_into_a_limit_order() {
    each(false, |mut world, symbol| {
        world.go_long(symbol);
        world.until("a position", |w| !w.position(symbol).is_zero());
        let trigger = world.best(symbol).0.behind(Side::Buy, 3);
        let kind = OrderKind::Stop {
            trigger,
            limit: Some(trigger.behind(Side::Buy, 2_000)),
            by: TriggerBy::Last,
        };
        let id = world.place(symbol, Side::Sell, kind, Intent::Exit);
        let end = world.until_it_is(id, OrderStatus::Filled);
        assert!(end.triggered, "{}: {end:?}", world.venue.id);
    });
}

#[test]
fn a_broken_private_line_loses_nothing() {
    each(false, |mut world, symbol| {
        let kind = resting(&world, symbol);
        let kept = world.place(symbol, Side::Buy, kind, Intent::Entry);
        world.until_it_is(kept, OrderStatus::Working);
        let lines: Vec<Line> = world
            .sockets
            .keys()
            .filter(|(who, _)| *who == Who::Account)
            .map(|(_, line)| *line)
            .collect();
        for line in lines {
            world.hang_up(Who::Account, line);
            world.post.push((Who::Account, Letter::Closed(line)));
        }
        world.step();
        assert_ne!(world.link(), Some(LinkState::Ready));
        world.until("it is ready again", |w| w.link() == Some(LinkState::Ready));
        let truth = world.facts.iter().rev().find_map(|fact| match fact {
            Fact::Truth { truth, .. } => Some(truth),
            _ => None,
        });
        let names: Vec<_> = truth
            .unwrap()
            .orders
            .iter()
            .map(|o| o.order.client)
            .collect();
        assert_eq!(names, [kept]);
    });
}
