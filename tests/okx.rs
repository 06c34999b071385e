//! The account machine of OKX and the built-in exchange behind its OKX wire, as function calls in virtual time. Neither knows the
//! other; both were written from the same documents.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr};

use lancet::domain::message::{LinkState, MarginMode, PositionMode, Proves, Setting};
use lancet::domain::risk::{Cap, Exposure, Limits, check, check_amend};
use lancet::domain::{
    Amend, Callback, ClientId, Command, Fact, Fill, Instrument, Intent, MarketKey, NewOrder,
    OrderClass, OrderKind, OrderReport, OrderStatus, Outcome, Price, Qty, Side, Stamp, Symbol,
    TimeInForce, TriggerBy, VenueId,
};
use lancet::exchange::credentials::{Credentials, KeyMaterial};
use lancet::exchange::machine::{Account, Call, In, Line, LineOut, Method, Opcode, Out, Reply};
use lancet::exchange::okx::account::OkxAccount;
use lancet::exchange::okx::{self, instruments};
use lancet::exchange::{AccountSettings, Endpoints};
use lancet::secret::Secret;
use lancet::sim::wire::{Answer, LineId, Out as Said, Request, Settings, Wire};
use lancet::sim::{Fault, WIRES, keys};
use serde_json::Value;

const STEP_MS: u64 = 10;
const SWAP: &str = "BTC-USDT-SWAP";
const SPOT: &str = "BTC-USDT";
const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const PASSPHRASE: &str = "sim-passphrase";

/// What is on its way back to the machine.
enum Letter {
    Opened(Line),
    Closed(Line),
    Text(Line, LineId, String),
    Ping(Line, LineId),
    Answer(u64, Reply),
}

struct Pair {
    account: Box<dyn Account>,
    wire: Box<dyn Wire>,
    now: Stamp,
    lines: HashMap<Line, LineId>,
    /// By the time it arrives, ms; letters of one moment keep their order.
    post: BTreeMap<u64, VecDeque<Letter>>,
    wake: Option<Stamp>,
    facts: Vec<Fact>,
    instruments: HashMap<Symbol, Instrument>,
    named: u32,
    /// How far the exchange's clock is ahead of ours, ms.
    skew_ms: i64,
}

impl Pair {
    fn new(faults: &[&str], skew_ms: i64) -> Self {
        let now = Stamp {
            mono_ns: 60_000_000_000,
            wall_ns: 1_763_820_000_000_000_000,
        };
        let bytes = [7; 32];
        let keys = keys::make(bytes, now.wall_ms(), None);
        let secret = keys[0].api_secret().unwrap().to_owned();
        let api_key = keys[0].api_key.clone();
        let row = WIRES.iter().find(|row| row.id == "okx").unwrap();
        let settings = Settings {
            seed: 5,
            keys,
            passphrase: PASSPHRASE.to_owned(),
            random: bytes,
            faults: faults.iter().map(|f| f.parse::<Fault>().unwrap()).collect(),
            mood: None,
        };
        let material = KeyMaterial::Hmac(Secret::of(secret.as_bytes()).unwrap());
        let passphrase = Some(Secret::of(PASSPHRASE.as_bytes()).unwrap());
        let account = OkxAccount::new(AccountSettings {
            label: lancet::domain::Account::new("main").unwrap(),
            endpoints: endpoints(),
            credentials: Credentials::new(&api_key, &material, passphrase).unwrap(),
            session: "S1".to_owned(),
        });
        let mut pair = Self {
            account: Box::new(account),
            wire: (row.open)(settings, now.wall_ms() + skew_ms),
            now,
            lines: HashMap::new(),
            post: BTreeMap::new(),
            wake: None,
            facts: Vec::new(),
            instruments: HashMap::new(),
            named: 0,
            skew_ms,
        };
        pair.machine(In::Start);
        for kind in ["SWAP", "SPOT"] {
            let body = pair.get(&format!("/api/v5/public/instruments?instType={kind}"));
            let load = instruments::load(body.to_string().as_bytes(), venue()).unwrap();
            let all = load.instruments.into_iter();
            pair.instruments.extend(all.map(|i| (i.symbol, i)));
        }
        pair
    }

    fn ready(faults: &[&str]) -> Self {
        let mut pair = Self::new(faults, 0);
        pair.until("ready", 5_000, |p| p.link() == Some(LinkState::Ready));
        pair
    }

    /// The exchange's time.
    fn there_ms(&self) -> i64 {
        self.now.wall_ms() + self.skew_ms
    }

    /// One look at the exchange that is nobody's.
    fn get(&mut self, target: &str) -> Value {
        let request = request(&Call {
            tag: 0,
            method: Method::Get,
            target: target.to_owned(),
            headers: Vec::new(),
            body: String::new(),
            deadline_ms: 0,
            lane: lancet::exchange::machine::Lane::Query,
        });
        let request = Request {
            ip: IpAddr::V4(Ipv4Addr::new(198, 51, 100, 9)),
            ..request
        };
        match self.wire.rest(self.there_ms(), &request) {
            Answer::Reply(reply, _) => serde_json::from_str(&reply.body).unwrap(),
            other => panic!("{target}: {other:?}"),
        }
    }

    /// Best bid and ask, ticks.
    fn touch(&mut self, symbol: &str) -> (Price, Price) {
        let book = self.get(&format!("/api/v5/market/books?instId={symbol}&sz=1"));
        let instrument = &self.instruments[&name(symbol)];
        let best = |side: &str| {
            let text = book["data"][0][side][0][0].as_str().unwrap();
            instrument.price(text.as_bytes()).unwrap()
        };
        (best("bids"), best("asks"))
    }

    fn machine(&mut self, event: In<'_>) {
        let mut out = Out::default();
        self.account.on(self.now, event, &mut out);
        if let Some(at) = out.wake_at {
            self.wake = Some(at);
        }
        self.facts.append(&mut out.facts);
        let mut written = Vec::new();
        for wish in out.lines {
            written.extend(self.line(wish));
        }
        for call in out.calls {
            let answer = self.wire.rest(self.there_ms(), &request(&call));
            if let Answer::Reply(reply, late) = answer {
                let reply = Reply {
                    status: reply.status,
                    headers: Vec::new(),
                    body: reply.body.into_bytes(),
                };
                self.later(late, Letter::Answer(call.tag, reply));
            }
        }
        for (line, tag, bytes) in written {
            self.machine(In::Sent {
                line,
                tag,
                written: bytes,
            });
        }
        self.mail();
    }

    fn line(&mut self, wish: LineOut) -> Option<(Line, u64, usize)> {
        let now = self.there_ms();
        match wish {
            LineOut::Open { line, url, .. } => {
                self.hang_up(line);
                let path = url.strip_prefix("ws://sim").unwrap();
                match self.wire.accept(now, HERE, path, "") {
                    Ok(id) => {
                        self.lines.insert(line, id);
                        self.later(0, Letter::Opened(line));
                    }
                    Err(_) => self.later(0, Letter::Closed(line)),
                }
                None
            }
            LineOut::Close { line } => {
                self.hang_up(line);
                None
            }
            LineOut::Send {
                line, tag, bytes, ..
            } => {
                let id = self.lines.get(&line).copied();
                if let Some(id) = id
                    && !self.wire.is_frozen(id)
                {
                    let text = String::from_utf8(bytes.clone()).unwrap();
                    if !self.wire.hear(now, id, &text) {
                        self.hang_up(line);
                        self.later(0, Letter::Closed(line));
                    }
                }
                let written = id.map_or(0, |_| bytes.len());
                (tag != 0).then_some((line, tag, written))
            }
        }
    }

    fn hang_up(&mut self, line: Line) {
        if let Some(id) = self.lines.remove(&line) {
            self.wire.closed(id);
        }
    }

    fn later(&mut self, ms: u64, letter: Letter) {
        // 20 ms there and back.
        let at = self.now.mono_ns / 1_000_000 + 20 + ms;
        self.post.entry(at).or_default().push_back(letter);
    }

    /// What the exchange says goes on its way.
    fn mail(&mut self) {
        for (id, said) in self.wire.take_outs() {
            let own = self.lines.iter().find(|(_, own)| **own == id);
            let Some(line) = own.map(|(line, _)| *line) else {
                continue;
            };
            match said {
                Said::Text(text, late) => self.later(late, Letter::Text(line, id, text)),
                Said::Ping => self.later(0, Letter::Ping(line, id)),
                Said::Cut | Said::Close(_) => {
                    self.lines.remove(&line);
                    self.wire.closed(id);
                    self.later(0, Letter::Closed(line));
                }
            }
        }
    }

    fn step(&mut self) {
        self.now = self.now.plus_ms(STEP_MS);
        self.wire.tick(self.there_ms());
        self.mail();
        let now_ms = self.now.mono_ns / 1_000_000;
        while let Some(entry) = self.post.first_entry().filter(|e| *e.key() <= now_ms) {
            for letter in entry.remove() {
                self.deliver(letter);
            }
        }
        if self.wake.is_some_and(|at| at.mono_ns <= self.now.mono_ns) {
            self.wake = None;
            self.machine(In::Wake);
        }
    }

    fn deliver(&mut self, letter: Letter) {
        match letter {
            Letter::Opened(line) => self.machine(In::Opened { line }),
            Letter::Closed(line) => self.machine(In::Closed { line, why: "cut" }),
            Letter::Text(line, id, text) if self.lines.get(&line) == Some(&id) => {
                self.machine(In::Frame {
                    line,
                    opcode: Opcode::Text,
                    bytes: text.as_bytes(),
                });
            }
            Letter::Ping(line, id) if self.lines.get(&line) == Some(&id) => {
                self.wire.pinged(self.there_ms(), id, true);
                self.machine(In::Frame {
                    line,
                    opcode: Opcode::Ping,
                    bytes: b"",
                });
            }
            Letter::Answer(tag, reply) => self.machine(In::Reply {
                tag,
                result: Ok(reply),
            }),
            Letter::Text(..) | Letter::Ping(..) => {}
        }
    }

    fn pass(&mut self, ms: u64) {
        let end = self.now.plus_ms(ms);
        while self.now.mono_ns < end.mono_ns {
            self.step();
        }
    }

    fn until(&mut self, what: &str, ms: u64, done: impl Fn(&Self) -> bool) {
        let end = self.now.plus_ms(ms);
        while !done(self) {
            let facts: Vec<_> = self.facts.iter().rev().take(12).collect();
            assert!(
                self.now.mono_ns < end.mono_ns,
                "never came: {what}\n{facts:#?}"
            );
            self.step();
        }
    }

    fn link(&self) -> Option<LinkState> {
        let mut links = self.facts.iter().rev();
        links.find_map(|fact| match fact {
            Fact::Link { state, .. } => Some(*state),
            _ => None,
        })
    }

    fn command(&mut self, command: Command) {
        self.machine(In::Command(command));
    }

    /// Places an order and gives its name.
    fn place(
        &mut self,
        symbol: &str,
        side: Side,
        lots: i64,
        kind: OrderKind,
        intent: Intent,
    ) -> ClientId {
        self.named += 1;
        let id = ClientId::new(&format!("S1n{}", self.named)).unwrap();
        let (bid, ask) = self.touch(symbol);
        let order = NewOrder {
            key: key(symbol),
            id,
            side,
            qty: Qty(lots),
            kind,
            intent,
            leg: None,
        };
        let exposure = Exposure {
            bid: Some(bid),
            ask: Some(ask),
            position: i64::from(intent == Intent::Exit).into(),
            open_buys: Qty::ZERO,
            open_sells: Qty::ZERO,
            open_exits: Qty::ZERO,
            open_orders: 0,
            sent_last_second: 0,
            sent_last_minute: 0,
            identical_last_second: 0,
            day_result: 0.into(),
        };
        let instrument = &self.instruments[&name(symbol)];
        let order = check(order, instrument, &limits(), &exposure).unwrap();
        self.command(Command::Place(order));
        id
    }

    fn orders(&self, id: ClientId) -> Vec<&OrderReport> {
        let mut orders = Vec::new();
        for fact in &self.facts {
            match fact {
                Fact::Order(report) => orders.push(report),
                Fact::Truth { truth, .. } => orders.extend(&truth.orders),
                _ => {}
            }
        }
        orders.retain(|report| report.order.client == id);
        orders
    }

    fn status(&self, id: ClientId) -> Option<OrderStatus> {
        self.orders(id).last().map(|report| report.status)
    }

    fn fills(&self, id: ClientId) -> Vec<&Fill> {
        let mut fills = Vec::new();
        for fact in &self.facts {
            match fact {
                Fact::Fill(fill) => fills.push(fill),
                Fact::Truth { truth, .. } => fills.extend(&truth.fills),
                _ => {}
            }
        }
        fills.retain(|fill| fill.client == id);
        fills
    }

    fn filled(&self, id: ClientId) -> i64 {
        self.fills(id).iter().map(|fill| fill.qty.0).sum()
    }

    fn outcomes(&self, id: ClientId) -> Vec<&Outcome> {
        let answers = self.facts.iter().filter_map(|fact| match fact {
            Fact::Answer {
                client, outcome, ..
            } if *client == id => Some(outcome),
            _ => None,
        });
        answers.collect()
    }

    /// The position as last told, contracts.
    fn position(&self, symbol: &str) -> rust_decimal::Decimal {
        let mut size = rust_decimal::Decimal::ZERO;
        for fact in &self.facts {
            match fact {
                Fact::Position(p) if p.key.symbol == name(symbol) => size = p.size,
                Fact::Truth { truth, .. } => {
                    let held = truth.positions.iter();
                    let mut own = held.filter(|p| p.key.symbol == name(symbol));
                    size = own.next().map_or(0.into(), |p| p.size);
                }
                _ => {}
            }
        }
        size
    }

    fn cancel(&mut self, id: ClientId) {
        let order = self.orders(id).last().unwrap().order;
        let key = self.orders(id).last().unwrap().key;
        self.command(Command::Cancel { key, order });
    }

    /// Nothing was said that the machine did not understand.
    fn is_understood(&self) {
        let bad: Vec<_> = self
            .facts
            .iter()
            .filter(|fact| matches!(fact, Fact::Bad { .. }))
            .collect();
        assert!(bad.is_empty(), "{bad:?}");
    }
}

fn endpoints() -> Endpoints {
    Endpoints {
        rest: "http://sim".into(),
        ws_public: "ws://sim/ws/v5/public".into(),
        ws_market: "ws://sim/ws/v5/business".into(),
        ws_private: "ws://sim/ws/v5/private".into(),
        ws_api: "ws://sim/ws/v5/private".into(),
        rights: None,
        headers: Vec::new(),
    }
}

fn request(call: &Call) -> Request {
    let (path, query) = call.target.split_once('?').unwrap_or((&call.target, ""));
    let verb = match call.method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Delete => "DELETE",
    };
    let headers = call.headers.iter();
    Request {
        verb: verb.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        body: call.body.clone(),
        headers: headers
            .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
            .collect(),
        ip: HERE,
    }
}

fn venue() -> VenueId {
    VenueId::new(okx::ID).unwrap()
}

fn name(symbol: &str) -> Symbol {
    Symbol::new(symbol).unwrap()
}

fn key(symbol: &str) -> MarketKey {
    MarketKey {
        account: lancet::domain::Account::new("main").unwrap(),
        venue: venue(),
        symbol: name(symbol),
        leg: None,
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

const fn limit(price: Price, tif: TimeInForce) -> OrderKind {
    OrderKind::Limit { price, tif }
}

#[test]
fn an_order_rests_moves_and_ends() {
    let mut pair = Pair::ready(&[]);
    let (bid, _) = pair.touch(SWAP);
    let kind = limit(Price(bid.0 - 2_000), TimeInForce::PostOnly);
    let id = pair.place(SWAP, Side::Buy, 150, kind, Intent::Entry);
    pair.until("it rests", 2_000, |p| {
        p.status(id) == Some(OrderStatus::Working)
    });
    let order = pair.orders(id).last().unwrap().order;
    let amend = Amend {
        key: key(SWAP),
        order,
        side: Side::Buy,
        price: Price(bid.0 - 2_100),
        qty: Qty(200),
    };
    let exposure = Exposure {
        bid: Some(bid),
        ask: Some(Price(bid.0 + 1)),
        position: 0.into(),
        open_buys: Qty::ZERO,
        open_sells: Qty::ZERO,
        open_exits: Qty::ZERO,
        open_orders: 0,
        sent_last_second: 0,
        sent_last_minute: 0,
        identical_last_second: 0,
        day_result: 0.into(),
    };
    let instrument = &pair.instruments[&name(SWAP)];
    let amend = check_amend(amend, Intent::Entry, instrument, &limits(), &exposure).unwrap();
    pair.command(Command::Amend(amend));
    pair.until("it moved", 2_000, |p| {
        let last = p.orders(id).last().map(|o| (o.price, o.qty));
        last == Some((Some(Price(bid.0 - 2_100)), Qty(200)))
    });
    pair.cancel(id);
    pair.until("it ended", 2_000, |p| {
        p.status(id) == Some(OrderStatus::Cancelled)
    });
    pair.is_understood();
}

#[test]
fn a_position_opens_is_told_in_contracts_and_closes_flat() {
    let mut pair = Pair::ready(&[]);
    let (_, ask) = pair.touch(SWAP);
    let kind = limit(Price(ask.0 + 100), TimeInForce::Ioc);
    let id = pair.place(SWAP, Side::Buy, 150, kind, Intent::Entry);
    pair.until("filled", 3_000, |p| p.filled(id) == 150);
    pair.until("a position", 3_000, |p| {
        p.position(SWAP).to_string() == "1.5" || p.position(SWAP).to_string() == "1.50"
    });
    assert!(pair.fills(id).iter().all(|fill| fill.fee > 0.into()));
    let out = pair.place(SWAP, Side::Sell, 150, OrderKind::Market, Intent::Exit);
    pair.until("flat", 3_000, |p| {
        p.position(SWAP).is_zero() && p.filled(out) == 150
    });
    // There is nothing to reduce any more.
    let none = pair.place(SWAP, Side::Sell, 150, OrderKind::Market, Intent::Exit);
    pair.until("refused", 3_000, |p| !p.outcomes(none).is_empty());
    assert!(
        matches!(
            pair.outcomes(none)[..],
            [Outcome::Rejected {
                proves: Proves::NothingToReduce,
                ..
            }]
        ),
        "{:?}",
        pair.outcomes(none)
    );
    pair.is_understood();
}

#[test]
fn a_crossing_post_only_order_is_would_take() {
    let mut pair = Pair::ready(&[]);
    let (_, ask) = pair.touch(SWAP);
    let kind = limit(Price(ask.0 + 100), TimeInForce::PostOnly);
    let id = pair.place(SWAP, Side::Buy, 100, kind, Intent::Entry);
    pair.until("told", 3_000, |p| {
        p.outcomes(id).iter().any(|outcome| {
            matches!(
                outcome,
                Outcome::Rejected {
                    proves: Proves::WouldTake,
                    ..
                }
            )
        })
    });
    assert_eq!(pair.status(id), Some(OrderStatus::Expired));
    pair.is_understood();
}

#[test]
fn stops_and_trails_wait_are_cancelled_and_fire_under_one_name() {
    let mut pair = Pair::ready(&[]);
    let (bid, ask) = pair.touch(SWAP);
    let kind = limit(Price(ask.0 + 100), TimeInForce::Ioc);
    let entry = pair.place(SWAP, Side::Buy, 100, kind, Intent::Entry);
    pair.until("filled", 3_000, |p| p.filled(entry) == 100);
    let far = OrderKind::Stop {
        trigger: Price(bid.0 - 5_000),
        limit: Some(Price(bid.0 - 5_100)),
        by: TriggerBy::Mark,
    };
    let far = pair.place(SWAP, Side::Sell, 100, far, Intent::Exit);
    let trail = OrderKind::Trail {
        activation: None,
        callback: Callback::Rate(500),
        by: TriggerBy::Last,
    };
    let trail = pair.place(SWAP, Side::Sell, 100, trail, Intent::Exit);
    for id in [far, trail] {
        pair.until("it waits", 3_000, |p| {
            p.status(id) == Some(OrderStatus::Working)
        });
        assert_eq!(
            pair.orders(id).last().unwrap().order.class,
            OrderClass::Conditional
        );
        pair.cancel(id);
        pair.until("cancelled", 3_000, |p| {
            p.status(id) == Some(OrderStatus::Cancelled)
        });
    }
    assert_eq!(pair.orders(trail)[0].callback, Some(Callback::Rate(500)));
    // On the wrong side it would fire at once.
    let wrong = OrderKind::Stop {
        trigger: Price(ask.0 + 3_000),
        limit: None,
        by: TriggerBy::Last,
    };
    let wrong = pair.place(SWAP, Side::Sell, 100, wrong, Intent::Exit);
    pair.until("refused", 3_000, |p| !p.outcomes(wrong).is_empty());
    assert!(matches!(
        pair.outcomes(wrong)[..],
        [Outcome::Rejected {
            proves: Proves::WouldTrigger,
            ..
        }]
    ));
    // Close to the price one fires soon.
    let (bid, _) = pair.touch(SWAP);
    let near = OrderKind::Stop {
        trigger: Price(bid.0 - 20),
        limit: None,
        by: TriggerBy::Last,
    };
    let near = pair.place(SWAP, Side::Sell, 100, near, Intent::Exit);
    pair.until("it fired", 600_000, |p| {
        p.status(near) == Some(OrderStatus::Filled)
    });
    let last = *pair.orders(near).last().unwrap();
    assert_eq!(
        (last.order.class, last.triggered),
        (OrderClass::Regular, true)
    );
    pair.until("its fills", 3_000, |p| p.filled(near) == 100);
    pair.until("flat", 3_000, |p| p.position(SWAP).is_zero());
    pair.is_understood();
}

#[test]
fn an_order_whose_answer_is_lost_is_found_and_one_that_never_came_is_proved_absent() {
    let mut pair = Pair::ready(&["place:silent@1"]);
    let (bid, _) = pair.touch(SWAP);
    let kind = limit(Price(bid.0 - 2_000), TimeInForce::PostOnly);
    let id = pair.place(SWAP, Side::Buy, 100, kind, Intent::Entry);
    pair.until("found", 10_000, |p| {
        p.status(id) == Some(OrderStatus::Working)
    });
    pair.pass(5_000);
    let lost = |outcome: &&Outcome| matches!(outcome, Outcome::Rejected { .. });
    assert_eq!(pair.outcomes(id).iter().filter(|o| lost(o)).count(), 0);

    let mut pair = Pair::ready(&["place:drop@1"]);
    let (bid, _) = pair.touch(SWAP);
    let kind = limit(Price(bid.0 - 2_000), TimeInForce::PostOnly);
    let id = pair.place(SWAP, Side::Buy, 100, kind, Intent::Entry);
    pair.until("proved absent", 60_000, |p| {
        p.outcomes(id)
            .iter()
            .any(|o| matches!(o, Outcome::Rejected { .. }))
    });
    assert!(matches!(pair.outcomes(id)[0], Outcome::Unknown(_)));
}

#[test]
fn spot_is_bought_in_coins_with_the_fee_that_was_paid() {
    let mut pair = Pair::ready(&[]);
    let (_, ask) = pair.touch(SPOT);
    let kind = limit(Price(ask.0 + 1_000), TimeInForce::Ioc);
    let instrument = &pair.instruments[&name(SPOT)];
    let lots = instrument.qty(b"0.01").unwrap().0;
    let id = pair.place(SPOT, Side::Buy, lots, kind, Intent::Entry);
    pair.until("bought", 5_000, |p| p.filled(id) == lots);
    assert_eq!(pair.fills(id)[0].fee_asset.as_str(), "BTC");
    let out = pair.place(SPOT, Side::Sell, lots / 2, OrderKind::Market, Intent::Exit);
    pair.until("sold", 5_000, |p| p.filled(out) == lots / 2);
    assert_eq!(pair.fills(out)[0].fee_asset.as_str(), "USDT");
    assert!(
        !pair
            .facts
            .iter()
            .any(|fact| matches!(fact, Fact::Position(p) if p.key.symbol == name(SPOT)))
    );
    pair.is_understood();
}

#[test]
fn settings_are_told_and_changed() {
    let mut pair = Pair::ready(&[]);
    pair.command(Command::Follow(name(SWAP)));
    pair.command(Command::Follow(name(SPOT)));
    let told = |p: &Pair, symbol: &str| {
        p.facts.iter().rev().find_map(|fact| match fact {
            Fact::Settings(s) if s.key.symbol == name(symbol) => Some(*s),
            _ => None,
        })
    };
    pair.until("fees", 5_000, |p| {
        [SWAP, SPOT]
            .iter()
            .all(|symbol| told(p, symbol).is_some_and(|s| s.taker_fee.is_some()))
            && told(p, SWAP).is_some_and(|s| s.leverage.is_some())
    });
    assert_eq!(
        told(&pair, SWAP).unwrap().maker_fee.unwrap().to_string(),
        "0.0002"
    );
    assert_eq!(
        told(&pair, SPOT).unwrap().taker_fee.unwrap().to_string(),
        "0.001"
    );
    let set = |p: &Pair, wanted: Setting| {
        p.facts.iter().rev().find_map(|fact| match fact {
            Fact::Set {
                setting, outcome, ..
            } if *setting == wanted => Some(outcome.clone()),
            _ => None,
        })
    };
    let accepted = Some(Outcome::Accepted { venue: None });
    pair.command(Command::SetLeverage {
        symbol: name(SWAP),
        leverage: 7,
    });
    let wanted = Setting::Leverage(name(SWAP), 7);
    pair.until("leverage", 3_000, |p| set(p, wanted).is_some());
    assert_eq!(set(&pair, wanted), accepted);
    pair.command(Command::SetMargin {
        symbol: name(SWAP),
        mode: MarginMode::Isolated,
    });
    assert_eq!(
        set(&pair, Setting::Margin(name(SWAP), MarginMode::Isolated)),
        accepted
    );
    pair.command(Command::SetPositionMode(PositionMode::Hedge));
    let wanted = Setting::PositionMode(PositionMode::Hedge);
    pair.until("mode", 3_000, |p| set(p, wanted).is_some());
    assert_eq!(set(&pair, wanted), accepted);
    pair.until("told", 5_000, |p| {
        p.facts.iter().any(|fact| {
            matches!(
                fact,
                Fact::Mode {
                    mode: PositionMode::Hedge,
                    ..
                }
            )
        })
    });
    pair.is_understood();
}

#[test]
fn a_cut_socket_comes_back_with_everything_that_happened_meanwhile() {
    let mut pair = Pair::ready(&[]);
    let (bid, _) = pair.touch(SWAP);
    let kind = limit(Price(bid.0 - 2_000), TimeInForce::PostOnly);
    let id = pair.place(SWAP, Side::Buy, 100, kind, Intent::Entry);
    pair.until("it rests", 2_000, |p| {
        p.status(id) == Some(OrderStatus::Working)
    });
    pair.facts.clear();
    for line in [0, 1] {
        pair.hang_up(line);
        pair.machine(In::Closed { line, why: "reset" });
    }
    pair.until("ready again", 10_000, |p| {
        p.link() == Some(LinkState::Ready)
    });
    assert_eq!(pair.status(id), Some(OrderStatus::Working));
    pair.is_understood();
}

#[test]
fn d1_a_clock_that_is_far_off_is_measured_before_the_login_is_tried_again() {
    for skew_ms in [-90_000, 90_000, 7_000] {
        let mut pair = Pair::new(&[], skew_ms);
        pair.until("ready", 15_000, |p| p.link() == Some(LinkState::Ready));
        let (bid, _) = pair.touch(SWAP);
        let kind = limit(Price(bid.0 - 2_000), TimeInForce::PostOnly);
        let id = pair.place(SWAP, Side::Buy, 150, kind, Intent::Entry);
        pair.until("it rests", 2_000, |p| {
            p.status(id) == Some(OrderStatus::Working)
        });
    }
}
