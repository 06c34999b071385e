//! Market and keys in, orders and screen out: each file under `tests/scenario` is one idea, played through parser, guard, keymap, desk,
//! snapshot, view and drawing, in virtual time. The venue is scripted: the file says what it tells.
//!
//! A step has `keys` (spelled as in the keymap, each in a read of its own; 'abc' is typed, abc comes in one read), `market`, `fact` or `wait` (ms), in this order; then `sent` is everything
//! that was sent in it, nothing when left out; `screen` must be visible after it, `absent` must not. Blanks count once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use lancet::domain::decimal::Step as Size;
use lancet::domain::message::{
    AccountTruth, Asked, LinkState, MarketFact, PositionMode, Proves, SymbolSettings,
};
use lancet::domain::*;
use lancet::engine::action::{ACTIONS, Action};
use lancet::engine::event::Event;
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::desk::{self, Seat, key, venue};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    /// The rule or promise that it plays.
    why: String,
    environment: Option<String>,
    size: Option<(u16, u16)>,
    /// The user's own config file.
    #[serde(default)]
    config: String,
    /// Played like steps before the first one, without expectations.
    #[serde(default)]
    given: Vec<Step>,
    step: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    keys: Option<String>,
    /// Milliseconds between keys.
    every: Option<u64>,
    market: Option<String>,
    fact: Option<String>,
    wait: Option<u64>,
    #[serde(default)]
    sent: Vec<String>,
    #[serde(default)]
    screen: Vec<String>,
    #[serde(default)]
    absent: Vec<String>,
}

/// A book that is not silent is told this often, ms.
const PUBLISH_MS: u64 = 100;
/// Milliseconds between two keys of a hand that is in no hurry.
const UNHURRIED_MS: u64 = 200;

/// An order as the scripted venue holds it.
struct Held {
    order: NewOrder,
    filled: i64,
    live: bool,
    external: bool,
}

/// The scripted venue and the trader in front of it.
pub struct Play {
    pub seat: Seat,
    held: Vec<Held>,
    bid: i64,
    ask: i64,
    /// A level of BTCUSDT that is larger than the others: its price and size.
    wall: (i64, i64),
    state: BookState,
    /// When the book was last told.
    published: Stamp,
    /// The book does not prove itself.
    silent: bool,
    /// Size and entry of every leg.
    positions: BTreeMap<Option<Leg>, (Decimal, Decimal)>,
    trade: u64,
    venue_ms: i64,
}

pub fn dec(text: &str) -> Decimal {
    text.parse()
        .unwrap_or_else(|_| panic!("{text} is no number"))
}

/// BTCUSDT with tick 0.1 and lot 0.001 at a minimum of 50, ETHUSDT with tick 0.01 and lot 0.001 at a minimum of 20.
fn instrument(symbol: &str) -> Instrument {
    let (base, tick, least) = if symbol == "BTCUSDT" {
        ("BTC", "0.1", "50")
    } else {
        ("ETH", "0.01", "20")
    };
    Instrument {
        venue: venue(),
        symbol: Symbol::new(symbol).unwrap(),
        kind: lancet::domain::InstrumentKind::Perpetual,
        base: Asset::new(base).unwrap(),
        quote: Asset::new("USDT").unwrap(),
        settle: Asset::new("USDT").unwrap(),
        tick: Size::parse(tick).unwrap(),
        lot: Size::parse("0.001").unwrap(),
        multiplier: Decimal::ONE,
        unit: Unit::Base,
        payoff: Payoff::Linear,
        min_price: Price(1),
        max_price: Price(10_000_000),
        min_qty: Qty(1),
        max_qty: Qty(1_000_000),
        max_market_qty: Qty(120_000),
        min_notional: dec(least),
        band: None,
        max_orders: 200,
        status: TradingStatus::Trading,
    }
}

impl Play {
    /// In sync and armed (where the environment starts so), BTCUSDT 60 000.0 / 60 000.3.
    fn new(scenario: &Scenario) -> Self {
        let environment = match scenario.environment.as_deref() {
            None | Some("sim") => Environment::Sim,
            Some("real") => Environment::Real,
            Some("demo") => Environment::Demo,
            Some("replay") => Environment::Replay,
            Some(other) => panic!("no environment {other}"),
        };
        let now = Stamp {
            mono_ns: 60_000_000_000,
            wall_ns: 1_763_820_000_000_000_000,
        };
        let mut play = Self {
            seat: Seat::new(
                environment,
                now,
                scenario.size.unwrap_or((120, 40)),
                &scenario.config,
            ),
            held: Vec::new(),
            bid: 600_000,
            ask: 600_003,
            wall: (0, 0),
            state: BookState::Live,
            published: now,
            silent: false,
            positions: BTreeMap::new(),
            trade: 1_000,
            venue_ms: 1_000,
        };
        let both = ["BTCUSDT", "ETHUSDT"];
        play.seat.tell(Event::Market(
            venue(),
            MarketFact::Instruments(both.map(instrument).into()),
        ));
        for symbol in both {
            play.seat.fact(Fact::Settings(SymbolSettings {
                key: key(symbol),
                leverage: Some(10),
                margin: None,
                maker_fee: Some(dec("0.0002")),
                taker_fee: Some(dec("0.0005")),
            }));
        }
        play.publish();
        play.truth();
        play.link(LinkState::Ready, "");
        play.pass(100);
        play.seat.sent.clear();
        play
    }

    /// Time passes; a book that is not silent proves itself.
    pub fn pass(&mut self, ms: u64) {
        let step = if ms > 10_000 { 500 } else { 20 };
        let end = self.seat.now.plus_ms(ms);
        while self.seat.now.mono_ns < end.mono_ns {
            let left = end.ms_since(self.seat.now).max(1);
            let now = self.seat.now.plus_ms(step.min(left));
            self.seat.now = now;
            if !self.silent && now.ms_since(self.published) >= PUBLISH_MS {
                self.publish();
            }
            self.seat.turn(now);
        }
    }

    pub fn publish(&mut self) {
        self.published = self.seat.now;
        self.book("BTCUSDT", self.bid, self.ask);
        self.book("ETHUSDT", 300_000, 300_001);
    }

    fn touch(&mut self, symbol: &str, bid: i64, ask: i64) {
        let now = self.seat.now;
        let level = |price| Level {
            price: Price(price),
            qty: Qty(600),
        };
        let touch = Touch {
            symbol: Symbol::new(symbol).unwrap(),
            bid: Some(level(bid)),
            ask: Some(level(ask)),
            live: self.state.is_live(),
            proved: now,
            at: now,
            venue_ms: 0,
        };
        self.seat.tell(Event::Touch(venue(), touch));
    }

    fn book(&mut self, symbol: &str, bid: i64, ask: i64) {
        let now = self.seat.now;
        let level = |price| Level {
            price: Price(price),
            qty: Qty(600),
        };
        self.touch(symbol, bid, ask);
        let level = |price| match self.wall {
            (at, lots) if at == price => Level {
                price: Price(price),
                qty: Qty(lots),
            },
            _ => level(price),
        };
        let depth = Depth {
            symbol: Symbol::new(symbol).unwrap(),
            state: self.state.clone(),
            bids: (0..60).map(|i| level(bid - i)).collect(),
            asks: (0..60).map(|i| level(ask + i)).collect(),
            known_down_to: None,
            known_up_to: None,
            proved: now,
            changed: now,
            lag_ms: 1,
            gaps: 0,
        };
        self.seat.tell(Event::Depth(venue(), Arc::new(depth)));
    }

    fn truth(&mut self) {
        let now = self.seat.now;
        let open: Vec<usize> = (0..self.held.len())
            .filter(|at| self.held[*at].live)
            .collect();
        let orders = open
            .into_iter()
            .map(|at| self.report(at, OrderStatus::Working, None))
            .collect();
        let legs: Vec<Option<Leg>> = self.positions.keys().copied().collect();
        let positions = legs.into_iter().map(|leg| self.position(leg));
        let positions = positions.filter(|p| !p.size.is_zero()).collect();
        let truth = AccountTruth {
            orders,
            positions,
            at: now,
            ..AccountTruth::default()
        };
        let truth = Fact::Truth {
            account: key("BTCUSDT").account,
            venue: venue(),
            truth: Box::new(truth),
        };
        self.seat.fact(truth);
    }

    fn link(&mut self, state: LinkState, why: &str) {
        let (account, why) = (key("BTCUSDT").account, why.to_owned());
        self.seat.fact(Fact::Link {
            account,
            venue: venue(),
            state,
            why,
            planned: false,
        });
    }

    fn position(&self, leg: Option<Leg>) -> PositionReport {
        let (size, entry) = self.positions.get(&leg).copied().unwrap_or_default();
        PositionReport {
            leg,
            key: key("BTCUSDT"),
            size,
            entry,
            liquidation: None,
            venue_ms: self.venue_ms,
            at: self.seat.now,
        }
    }

    fn report(&mut self, at: usize, status: OrderStatus, reason: Option<&str>) -> OrderReport {
        self.venue_ms += 1;
        let Held { order, filled, .. } = &self.held[at];
        OrderReport {
            leg: order.leg,
            callback: None,
            triggered: false,
            key: order.key,
            order: reference(order, at),
            side: order.side,
            price: limit(order),
            trigger: order.kind.trigger(),
            qty: order.qty,
            filled: Qty(*filled),
            average: None,
            reduce_only: order.intent == Intent::Exit,
            status,
            reason: reason.map(str::to_owned),
            venue_ms: self.venue_ms,
            at: self.seat.now,
        }
    }

    fn tell_order(&mut self, at: usize, status: OrderStatus, reason: Option<&str>) {
        self.held[at].live = !status.is_final();
        let report = self.report(at, status, reason);
        self.seat.fact(Fact::Order(report));
    }

    fn answer(&mut self, at: usize, asked: Asked, outcome: Outcome) {
        let order = self.held[at].order;
        self.seat.fact(Fact::Answer {
            key: order.key,
            client: order.id,
            asked,
            outcome,
            at: self.seat.now,
        });
    }

    /// A trade, the order and the position after it, in the venue's order.
    fn fill(&mut self, at: usize, lots: i64, price: Decimal) {
        let order = self.held[at].order;
        let rules = instrument(order.key.symbol.as_str());
        self.trade += 1;
        self.held[at].filled += lots;
        let done = self.held[at].filled >= order.qty.0;
        let status = if done {
            OrderStatus::Filled
        } else {
            OrderStatus::Working
        };
        let fill = Fill {
            leg: order.leg,
            key: order.key,
            client: order.id,
            order: lancet::domain::OrderId::of_number(at as u64 + 1),
            trade: lancet::domain::OrderId::of_number(self.trade),
            side: order.side,
            price,
            qty: Qty(lots),
            fee: dec("0.03"),
            fee_asset: Asset::new("USDT").unwrap(),
            realised: None,
            liquidity: Liquidity::Maker,
            venue_ms: self.venue_ms + 1,
            at: self.seat.now,
            recovered: false,
        };
        self.seat.fact(Fact::Fill(fill));
        self.tell_order(at, status, None);
        self.trade_position(
            order.leg,
            rules.qty_decimal(Qty(lots)) * Decimal::from(order.side.sign()),
            price,
        );
        let position = self.position(order.leg);
        self.seat.fact(Fact::Position(position));
    }

    fn trade_position(&mut self, leg: Option<Leg>, change: Decimal, price: Decimal) {
        let (size, entry) = self.positions.entry(leg).or_default();
        let after = *size + change;
        let adds = size.is_zero() || (*size > Decimal::ZERO) == (change > Decimal::ZERO);
        if after.is_zero() {
            *entry = Decimal::ZERO;
        } else if adds {
            *entry = (*entry * *size + price * change) / after;
        } else if (after > Decimal::ZERO) != (*size > Decimal::ZERO) {
            *entry = price;
        }
        *size = after;
    }

    /// `book 60000.0 / 60000.3`, `unseen 60001.0 / 60001.3` (best prices of which no frame was made yet), `silence`, `stale why`,
    /// `resync why`, `down why`, `live`, `print BUY 0.5 @ 60000.3`, `wall 6.000 @ 59999.0`.
    fn market(&mut self, text: &str) {
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        let prices = || {
            let (bid, ask) = rest.split_once(" / ").expect("BID / ASK");
            let rules = instrument("BTCUSDT");
            (
                rules.price(bid.as_bytes()).unwrap().0,
                rules.price(ask.as_bytes()).unwrap().0,
            )
        };
        match word {
            "book" => (self.bid, self.ask) = prices(),
            "unseen" => {
                (self.bid, self.ask) = prices();
                return self.touch("BTCUSDT", self.bid, self.ask);
            }
            "silence" => return self.silent = true,
            "stale" => self.state = BookState::Stale(rest.to_owned()),
            "resync" => self.state = BookState::Resync(rest.to_owned()),
            "down" => self.state = BookState::Down(rest.to_owned()),
            "live" => (self.state, self.silent) = (BookState::Live, false),
            "print" => return self.print(rest),
            "wall" => {
                let (size, price) = rest.split_once(" @ ").expect("SIZE @ PRICE");
                let rules = instrument("BTCUSDT");
                let (price, size) = (rules.price(price.as_bytes()), rules.qty(size.as_bytes()));
                self.wall = (price.unwrap().0, size.unwrap().0);
            }
            other => panic!("no market word {other}"),
        }
        self.publish();
    }

    fn print(&mut self, text: &str) {
        let words: Vec<&str> = text.split(' ').collect();
        let rules = instrument("BTCUSDT");
        let print = Print {
            symbol: rules.symbol,
            side: side(words[0]),
            price: rules.price(words[3].as_bytes()).unwrap(),
            qty: rules.qty(words[1].as_bytes()).unwrap(),
            venue_ms: self.seat.now.wall_ms(),
        };
        self.seat.tell(Event::Prints(venue(), vec![print]));
    }

    /// Facts, parted by `;`. Those of orders are about the latest one, or about `#N`, the Nth that was sent.
    fn facts(&mut self, text: &str) {
        for fact in text.split(';') {
            let words: Vec<&str> = fact.split_whitespace().collect();
            let named = words[0]
                .strip_prefix('#')
                .map(|n| n.parse::<usize>().unwrap() - 1);
            let words = &words[usize::from(named.is_some())..];
            let at = named.or_else(|| self.held.len().checked_sub(1));
            self.account_fact(words)
                .or_else(|| self.order_fact(at?, words))
                .unwrap_or_else(|| panic!("no fact {fact}"));
        }
    }

    fn account_fact(&mut self, words: &[&str]) -> Option<()> {
        match words {
            ["link", "down", why @ ..] => self.link(LinkState::Down, &why.join(" ")),
            ["link", "reconciling"] => self.link(LinkState::Reconciling, ""),
            ["link", "ready"] => self.link(LinkState::Ready, ""),
            ["truth"] => self.truth(),
            ["position", size, "@", entry] => {
                self.positions.insert(None, (dec(size), dec(entry)));
                let position = self.position(None);
                self.seat.fact(Fact::Position(position));
            }
            ["external", word, size, "@", price] => {
                self.external(side(word), size, price);
                self.tell_order(self.held.len() - 1, OrderStatus::Working, None);
            }
            ["unheard", word, size, "@", price] => self.external(side(word), size, price),
            ["mode", word] => {
                let mode = if *word == "hedge" {
                    PositionMode::Hedge
                } else {
                    PositionMode::OneWay
                };
                let account = key("BTCUSDT").account;
                self.seat.fact(Fact::Mode {
                    account,
                    venue: venue(),
                    mode,
                    can_trade: true,
                });
            }
            ["limited", ms] => {
                let until_ms = self.seat.now.wall_ms() + ms.parse::<i64>().unwrap();
                self.seat.fact(Fact::Limited {
                    venue: venue(),
                    until_ms,
                });
            }
            ["terminal", ms] => self.seat.tell(Event::TerminalLink(ms.parse().unwrap())),
            ["asleep", ms] => self.seat.tell(Event::Resumed(ms.parse().unwrap())),
            ["hangup"] => self.seat.tell(Event::Ending("screen lost")),
            ["disk", "full"] => self.seat.tell(Event::Journal(Some(
                "the journal cannot be written: disk full".to_owned(),
            ))),
            ["disk", "fine"] => self.seat.tell(Event::Journal(None)),
            _ => return None,
        }
        Some(())
    }

    fn external(&mut self, side: Side, size: &str, price: &str) {
        let rules = instrument("BTCUSDT");
        let order = NewOrder {
            leg: None,
            key: key("BTCUSDT"),
            id: ClientId::new("web_4711").unwrap(),
            side,
            qty: rules.qty(size.as_bytes()).unwrap(),
            kind: OrderKind::Limit {
                price: rules.price(price.as_bytes()).unwrap(),
                tif: TimeInForce::Gtc,
            },
            intent: Intent::Entry,
        };
        self.held.push(Held {
            order,
            filled: 0,
            live: true,
            external: true,
        });
    }

    fn order_fact(&mut self, at: usize, words: &[&str]) -> Option<()> {
        let rejected = |code, text: &str, proves| Outcome::Rejected {
            code,
            words: text.to_owned(),
            proves,
        };
        match words {
            ["ack"] => self.answer(
                at,
                Asked::Place,
                Outcome::Accepted {
                    venue: Some(lancet::domain::OrderId::of_number(at as u64 + 1)),
                },
            ),
            // The venue says where it stands now.
            ["at", price, size] => {
                let mut report = self.report(at, OrderStatus::Working, None);
                let rules = instrument(report.key.symbol.as_str());
                report.price = Some(rules.price(price.as_bytes()).unwrap());
                report.qty = rules.qty(size.as_bytes()).unwrap();
                self.seat.fact(Fact::Order(report));
            }
            // A stop became a regular order.
            ["fired"] => {
                let mut report = self.report(at, OrderStatus::Working, None);
                report.triggered = true;
                report.order.class = OrderClass::Regular;
                self.seat.fact(Fact::Order(report));
            }
            ["working"] => self.tell_order(at, OrderStatus::Working, None),
            ["rests"] => {
                self.answer(
                    at,
                    Asked::Place,
                    Outcome::Accepted {
                        venue: Some(lancet::domain::OrderId::of_number(at as u64 + 1)),
                    },
                );
                self.tell_order(at, OrderStatus::Working, None);
            }
            ["fill"] => {
                let Held { order, filled, .. } = &self.held[at];
                let price = limit(order).map_or(self.bid, |price| price.0);
                let price = instrument(order.key.symbol.as_str()).price_decimal(Price(price));
                self.fill(at, order.qty.0 - filled, price);
            }
            ["fill", size, "@", price] => {
                let rules = instrument(self.held[at].order.key.symbol.as_str());
                self.fill(at, rules.qty(size.as_bytes()).unwrap().0, dec(price));
            }
            ["cancelled"] => self.tell_order(at, OrderStatus::Cancelled, None),
            ["expired", why @ ..] => {
                let why = why.join(" ");
                self.tell_order(
                    at,
                    OrderStatus::Expired,
                    (!why.is_empty()).then_some(why.as_str()),
                );
            }
            ["absent"] => self.tell_order(
                at,
                OrderStatus::Rejected,
                Some("the venue has no such order"),
            ),
            ["unknown"] => self.answer(at, Asked::Place, Outcome::Unknown("no answer".to_owned())),
            ["not", "sent"] => {
                self.held[at].live = false;
                self.answer(
                    at,
                    Asked::Place,
                    Outcome::NotSent("the line is down".to_owned()),
                );
            }
            ["reject", code, text @ ..] => {
                self.held[at].live = false;
                let code: i64 = code.parse().unwrap();
                let proves = match code {
                    -2021 => Proves::WouldTrigger,
                    -5022 => Proves::WouldTake,
                    -2022 | -4118 => Proves::NothingToReduce,
                    _ => Proves::Nothing,
                };
                self.answer(at, Asked::Place, rejected(code, &text.join(" "), proves));
            }
            ["cancel", "taken"] => {
                self.answer(at, Asked::Cancel, Outcome::Accepted { venue: None })
            }
            ["cancel", "unknown"] => {
                self.answer(at, Asked::Cancel, Outcome::Unknown("no answer".to_owned()))
            }
            ["cancel", "not", "found"] => {
                self.answer(
                    at,
                    Asked::Cancel,
                    rejected(-2011, "unknown order", Proves::NotFound),
                );
            }
            _ => return None,
        }
        Some(())
    }

    /// Takes what the desk asked for: orders get their number; everything in words.
    pub fn sent(&mut self) -> Vec<String> {
        let mut words = Vec::new();
        for command in std::mem::take(&mut self.seat.sent) {
            if let Command::Place(order) = &command {
                let order = *order.get();
                assert!(
                    self.held.iter().all(|held| held.order.id != order.id),
                    "{} was used twice",
                    order.id
                );
                self.held.push(Held {
                    order,
                    filled: 0,
                    live: true,
                    external: false,
                });
            }
            words.push(self.words(&command));
        }
        words
    }

    fn words(&self, command: &Command) -> String {
        let number = |order: &OrderRef| {
            let at = self
                .held
                .iter()
                .position(|held| held.order.id == order.client)
                .expect("an order that was sent");
            if self.held[at].external {
                "external".to_owned()
            } else {
                format!("#{}", at + 1)
            }
        };
        match command {
            Command::Place(order) => place_words(order.get()),
            Command::Cancel { order, .. } => format!("CANCEL {}", number(order)),
            Command::Query { order, .. } => format!("QUERY {}", number(order)),
            Command::Reconcile => "RECONCILE".to_owned(),
            Command::Follow(symbol) => format!("FOLLOW {symbol}"),
            Command::Amend(amend) => {
                let amend = amend.get();
                let rules = instrument(amend.key.symbol.as_str());
                format!(
                    "AMEND {} @ {} {}",
                    number(&amend.order),
                    rules.price_text(amend.price),
                    rules.qty_text(amend.qty)
                )
            }
            Command::SetLeverage { .. }
            | Command::SetMargin { .. }
            | Command::SetPositionMode(_) => format!("{command:?}"),
        }
    }

    /// Presses keys, one after another.
    pub fn keys(&mut self, keys: &str, every_ms: u64) {
        for read in desk::bytes(keys) {
            self.seat.read(&read);
            self.pass(every_ms);
        }
    }

    /// The screen as it is.
    pub fn screen(&self) -> String {
        self.seat.screen()
    }

    /// The screen on a terminal of another size.
    pub fn resized(&mut self, columns: u16, rows: u16) -> String {
        self.seat.view.resize(columns, rows);
        self.seat.frame();
        self.seat.screen()
    }

    /// Plays one step; what it sent.
    fn step(&mut self, step: &Step) -> Vec<String> {
        if let Some(text) = &step.market {
            self.market(text);
        }
        let every = step.every.unwrap_or(UNHURRIED_MS);
        self.keys(step.keys.as_deref().unwrap_or_default(), every);
        if let Some(text) = &step.fact {
            self.facts(text);
        }
        self.pass(step.wait.unwrap_or(20));
        self.sent()
    }
}

fn limit(order: &NewOrder) -> Option<Price> {
    order.kind.limit()
}

fn reference(order: &NewOrder, at: usize) -> OrderRef {
    OrderRef {
        client: order.id,
        venue: Some(lancet::domain::OrderId::of_number(at as u64 + 1)),
        class: order.kind.class(),
    }
}

fn side(word: &str) -> Side {
    match word {
        "BUY" => Side::Buy,
        "SELL" => Side::Sell,
        other => panic!("no side {other}"),
    }
}

/// `BUY 0.002 @ 60000.0 post-only entry`, with the symbol in front where it is not the usual one.
fn place_words(order: &NewOrder) -> String {
    let symbol = order.key.symbol;
    let rules = instrument(symbol.as_str());
    let front = if symbol.as_str() == "BTCUSDT" {
        String::new()
    } else {
        format!("{symbol} ")
    };
    let kind = match order.kind {
        OrderKind::Market => "market".to_owned(),
        OrderKind::Limit { price, tif } => {
            let tif = match tif {
                TimeInForce::Gtc => "limit",
                TimeInForce::Ioc => "ioc",
                TimeInForce::PostOnly => "post-only",
            };
            format!("@ {} {tif}", rules.price_text(price))
        }
        OrderKind::Stop { trigger, limit, .. } => {
            let bound = limit.map(|limit| format!(" @ {}", rules.price_text(limit)));
            format!(
                "stop {}{}",
                rules.price_text(trigger),
                bound.unwrap_or_default()
            )
        }
        OrderKind::Trail { callback, .. } => format!("trail {callback:?}"),
    };
    let intent = match order.intent {
        Intent::Entry => "entry",
        Intent::Exit => "exit",
    };
    let leg = match order.leg {
        None => "",
        Some(Leg::Long) => " LONG",
        Some(Leg::Short) => " SHORT",
    };
    format!(
        "{front}{} {} {kind} {intent}{leg}",
        order.side.word(),
        rules.qty_text(order.qty)
    )
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Plays all of a scenario without looking at what it expects.
pub fn played(text: &str) -> Play {
    let scenario: Scenario = toml::from_str(text).unwrap_or_else(|error| panic!("{error}"));
    let mut play = Play::new(&scenario);
    for step in scenario.given.iter().chain(&scenario.step) {
        play.step(step);
    }
    play
}

/// What can be read: the lines of the screen, then the panels beside the ladder by themselves, where long lines are wrapped.
fn readable(picture: &str) -> String {
    let beside = picture
        .lines()
        .filter_map(|line| line.rsplit_once('│'))
        .map(|(_, panel)| panel);
    squeezed(&picture.lines().chain(beside).collect::<Vec<_>>().join(" "))
}

/// Plays one file; what went wrong, and the actions that were played.
fn play(name: &str, text: &str, faults: &mut Vec<String>) -> Vec<Action> {
    let scenario: Scenario = toml::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(
        !scenario.why.is_empty() && !scenario.step.is_empty(),
        "{name} plays nothing"
    );
    let mut play = Play::new(&scenario);
    for step in &scenario.given {
        play.step(step);
    }
    play.seat.played.clear();
    for (number, step) in (1..).zip(&scenario.step) {
        let sent = play.step(step);
        let picture = play.seat.screen();
        let shown = readable(&picture);
        let mut wrong = Vec::new();
        if sent != step.sent {
            wrong.push(format!("sent {sent:?}, not {:?}", step.sent));
        }
        let is_visible = |words: &&String| shown.contains(&squeezed(words));
        wrong.extend(
            step.screen
                .iter()
                .filter(|words| !is_visible(words))
                .map(|words| format!("not on the screen: {words}")),
        );
        wrong.extend(
            step.absent
                .iter()
                .filter(is_visible)
                .map(|words| format!("on the screen: {words}")),
        );
        if !wrong.is_empty() {
            let said: Vec<&String> = play.seat.said.iter().rev().take(5).collect();
            faults.push(format!(
                "{name}, step {number}: {}\nsaid {said:#?}\n{picture}",
                wrong.join("\n  ")
            ));
            break;
        }
    }
    std::mem::take(&mut play.seat.played)
}

fn files() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenario");
    let mut files: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .map(|path| {
            (
                path.file_stem().unwrap().to_string_lossy().into_owned(),
                std::fs::read_to_string(&path).unwrap(),
            )
        })
        .collect();
    files.sort();
    files
}

#[test]
fn every_scenario_holds_and_every_action_is_played_in_one() {
    let mut faults = Vec::new();
    let mut played: BTreeSet<&str> = BTreeSet::new();
    let files = files();
    for (name, text) in &files {
        let actions = play(name, text, &mut faults);
        played.extend(
            actions
                .iter()
                .filter_map(|action| action.row())
                .map(|row| row.name),
        );
    }
    assert!(
        faults.is_empty(),
        "{} of {} scenarios fail\n\n{}",
        faults.len(),
        files.len(),
        faults.join("\n\n")
    );
    let missing: Vec<&str> = ACTIONS
        .iter()
        .map(|row| row.name)
        .filter(|name| !played.contains(name))
        .collect();
    assert!(missing.is_empty(), "no scenario plays {missing:?}");
}
