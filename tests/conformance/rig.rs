//! One venue's machines at work, with everything that they said.

use std::collections::BTreeMap;
use std::sync::Arc;

use lancet::domain::message::{AccountTruth, Asked, LinkState, MarketFact};
use lancet::domain::risk::{self, Exposure};
use lancet::domain::{
    Account, BookState, Cap, ClientId, Command, Depth, Fact, Fill, Instrument, Intent, Limits,
    MarketKey, Minute, NewOrder, OrderKind, OrderRef, OrderReport, OrderStatus, Outcome, Price,
    Qty, Side, Symbol, TimeInForce, Touch, VenueId,
};
use lancet::exchange::machine::In;
use lancet::exchange::{VENUES, Venue};
use lancet::market::bar::Frame;
use lancet::market::candles::Candles;
use lancet::sim::WIRES;
use rust_decimal::Decimal;

use crate::kit::net::{Net, Told, Who, clock};

/// What names of orders begin with.
const SESSION: &str = "mabc12345x";
/// Levels a side of a picture.
const LEVELS: usize = 50;

/// See the module.
pub struct Rig {
    pub net: Net,
    pub symbol: Symbol,
    pub facts: Vec<Fact>,
    pub instruments: Vec<Instrument>,
    pub touch: Option<Touch>,
    pub prints: usize,
    /// Candles of a minute, as the desk has them.
    pub candles: Option<Candles>,
    /// Minutes of the past that were told, answer by answer.
    pub past: Vec<Arc<[Minute]>>,
    pub bad: Vec<String>,
    names: u32,
    legs: BTreeMap<ClientId, NewOrder>,
}

/// Every venue that the built-in exchange has a wire for, with a run of the test on each.
pub fn each(test: impl Fn(&'static Venue)) {
    let mut tested = 0;
    for venue in VENUES {
        assert!(
            WIRES.iter().any(|wire| wire.id == venue.id),
            "{} has no wire to be tested on",
            venue.id
        );
        test(venue);
        tested += 1;
    }
    assert_eq!(tested, VENUES.len());
}

impl Rig {
    /// Started, following the first symbol, nothing arrived yet.
    pub fn new(venue: &Venue, faults: &[&str]) -> Self {
        Self::skewed(venue, faults, 0)
    }

    /// The same with an exchange whose clock runs ahead, ms.
    pub fn skewed(venue: &Venue, faults: &[&str], skew_ms: i64) -> Self {
        let faults: Vec<String> = faults.iter().map(|&fault| fault.to_owned()).collect();
        Self::seeded(venue, None, &faults, skew_ms, 11)
    }

    /// The same in the world of a seed, on this symbol if one is named.
    pub fn seeded(
        venue: &Venue,
        symbol: Option<&str>,
        faults: &[String],
        skew_ms: i64,
        seed: u64,
    ) -> Self {
        let label = Account::new("sim").unwrap();
        let net = Net::new(venue.id, label, SESSION, seed, faults, skew_ms);
        let first = &net.exchange.symbol_names()[0];
        let symbol = Symbol::new(symbol.unwrap_or(first)).unwrap();
        let mut rig = Self {
            net,
            symbol,
            facts: Vec::new(),
            instruments: Vec::new(),
            touch: None,
            prints: 0,
            candles: None,
            past: Vec::new(),
            bad: Vec::new(),
            names: 0,
            legs: BTreeMap::new(),
        };
        rig.machine(Who::Feed, In::Start);
        rig.machine(Who::Account, In::Start);
        rig.machine(Who::Feed, In::Follow(&[symbol]));
        rig.machine(Who::Account, In::Command(Command::Follow(symbol)));
        rig
    }

    /// A live book and an account in sync.
    pub fn ready(venue: &Venue, faults: &[&str]) -> Self {
        let mut rig = Self::new(venue, faults);
        rig.in_sync();
        rig
    }

    pub fn in_sync(&mut self) {
        self.until("a live book and an account in sync", 60_000, |rig| {
            rig.is_live() && rig.link() == LinkState::Ready
        });
    }

    pub fn machine(&mut self, who: Who, event: In<'_>) {
        self.net.machine(who, event);
        self.hear();
    }

    fn hear(&mut self) {
        while let Some(told) = self.net.told.pop_front() {
            match told {
                Told::Fact(fact) => {
                    if let Fact::Bad { words, .. } = &fact {
                        self.bad.push(words.clone());
                    }
                    self.net
                        .log
                        .push(format!("{} {fact:?}", clock(self.net.now)));
                    self.facts.push(fact);
                }
                Told::Market(MarketFact::Instruments(list)) => self.listed(&list),
                Told::Market(MarketFact::Minutes { minutes, .. }) => {
                    let candles = self.candles.as_mut();
                    candles.unwrap().past(&minutes);
                    self.past.push(minutes);
                }
                Told::Market(MarketFact::Bad { words }) => self.bad.push(words),
                Told::Market(MarketFact::Note { words }) => {
                    self.net
                        .log
                        .push(format!("{} note {words}", clock(self.net.now)));
                }
                Told::Market(_) => {}
                Told::Touch(touch) => self.touch = Some(touch),
                Told::Prints(prints) => {
                    self.prints += prints.len();
                    if let Some(candles) = &mut self.candles {
                        candles.take(&prints);
                    }
                }
            }
        }
    }

    fn listed(&mut self, list: &[Instrument]) {
        self.instruments = list.to_vec();
        if self.candles.is_none() && list.iter().any(|one| one.symbol == self.symbol) {
            let minute = [Frame::Time(Minute::MS)];
            self.candles = Some(Candles::new(&minute, self.instrument()));
        }
    }

    fn step(&mut self) {
        self.net.begin_step();
        while self.net.deliver() {}
        self.net.wake();
        self.hear();
    }

    pub fn pass(&mut self, ms: u64) {
        let end = self.net.now.plus_ms(ms);
        while self.net.now.mono_ns < end.mono_ns {
            self.step();
        }
    }

    pub fn until(&mut self, what: &str, ms: u64, done: impl Fn(&Self) -> bool) {
        let end = self.net.now.plus_ms(ms);
        while !done(self) {
            assert!(
                self.net.now.mono_ns < end.mono_ns,
                "{}: never came: {what}\n{}",
                self.net.venue.id,
                self.story()
            );
            self.step();
        }
    }

    /// The last things that happened.
    pub fn story(&self) -> String {
        let from = self.net.log.len().saturating_sub(60);
        self.net.log[from..].join("\n")
    }

    pub fn depth(&self) -> Option<Arc<Depth>> {
        self.net.feed.depth(self.symbol, self.net.now, LEVELS)
    }

    pub fn state(&self) -> Option<BookState> {
        self.depth().map(|depth| depth.state.clone())
    }

    pub fn is_live(&self) -> bool {
        self.state().is_some_and(|state| state.is_live())
            && self.touch.is_some_and(|touch| touch.live)
    }

    pub fn link(&self) -> LinkState {
        let links = self.facts.iter().rev().find_map(|fact| match fact {
            Fact::Link { state, .. } => Some(*state),
            _ => None,
        });
        links.unwrap_or(LinkState::Down)
    }

    pub fn truths(&self) -> Vec<&AccountTruth> {
        let truths = self.facts.iter().filter_map(|fact| match fact {
            Fact::Truth { truth, .. } => Some(&**truth),
            _ => None,
        });
        truths.collect()
    }

    pub fn key(&self) -> MarketKey {
        MarketKey {
            account: Account::new("sim").unwrap(),
            venue: VenueId::new(self.net.venue.id).unwrap(),
            symbol: self.symbol,
            leg: None,
        }
    }

    pub fn instrument(&self) -> &Instrument {
        let mut all = self.instruments.iter();
        all.find(|one| one.symbol == self.symbol).unwrap()
    }

    pub fn best(&self, side: Side) -> Price {
        let depth = self.depth().unwrap();
        let levels = match side {
            Side::Buy => &depth.bids,
            Side::Sell => &depth.asks,
        };
        levels[0].price
    }

    /// So many lots that they are worth about 300 in quote currency.
    pub fn lots(&self) -> Qty {
        let rules = self.instrument();
        let one = rules.qty_decimal(Qty(1));
        let worth = rules
            .notional(rules.price_decimal(self.best(Side::Buy)), one)
            .unwrap();
        let lots = (Decimal::from(300) / worth).ceil();
        Qty(lots
            .to_string()
            .parse::<i64>()
            .unwrap()
            .max(rules.min_qty.0))
    }

    pub fn limit(&self, price: Price, tif: TimeInForce) -> OrderKind {
        OrderKind::Limit { price, tif }
    }

    /// Sends an order; its name.
    pub fn place(&mut self, side: Side, qty: Qty, kind: OrderKind, intent: Intent) -> ClientId {
        self.names += 1;
        let id = ClientId::new(&format!("{SESSION}{}", self.names)).unwrap();
        let order = NewOrder {
            key: self.key(),
            id,
            side,
            qty,
            kind,
            intent,
            leg: None,
        };
        let mut now = self.exposure(qty);
        if intent == Intent::Exit && side == Side::Buy {
            now.position = -now.position;
        }
        let approved = risk::check(order, self.instrument(), &wide(), &now).unwrap();
        self.legs.insert(id, order);
        self.machine(Who::Account, In::Command(Command::Place(approved)));
        id
    }

    pub fn amend(&mut self, client: ClientId, price: Price, qty: Qty) {
        let order = self.reference(client);
        let side = self.legs[&client].side;
        let amend = lancet::domain::Amend {
            key: self.key(),
            order,
            side,
            price,
            qty,
        };
        let now = self.exposure(qty);
        let approved =
            risk::check_amend(amend, Intent::Entry, self.instrument(), &wide(), &now).unwrap();
        self.machine(Who::Account, In::Command(Command::Amend(approved)));
    }

    pub fn cancel(&mut self, client: ClientId) {
        let (key, order) = (self.key(), self.reference(client));
        self.machine(Who::Account, In::Command(Command::Cancel { key, order }));
    }

    pub fn query(&mut self, client: ClientId) {
        let (key, order) = (self.key(), self.reference(client));
        self.machine(Who::Account, In::Command(Command::Query { key, order }));
    }

    fn exposure(&self, qty: Qty) -> Exposure {
        Exposure {
            bid: Some(self.best(Side::Buy)),
            ask: Some(self.best(Side::Sell)),
            position: self.instrument().qty_decimal(qty),
            open_buys: Qty::ZERO,
            open_sells: Qty::ZERO,
            open_exits: Qty::ZERO,
            open_orders: 0,
            sent_last_second: 0,
            sent_last_minute: 0,
            identical_last_second: 0,
            day_result: Decimal::ZERO,
        }
    }

    fn reference(&self, client: ClientId) -> OrderRef {
        let known = self.reports(client).last().map(|report| report.order);
        known.unwrap_or_else(|| OrderRef {
            client,
            venue: None,
            class: self.legs[&client].kind.class(),
        })
    }

    /// What the stream, queries and truth said of an order, oldest first.
    pub fn reports(&self, client: ClientId) -> Vec<&OrderReport> {
        let mut all = Vec::new();
        for fact in &self.facts {
            match fact {
                Fact::Order(report) => all.push(report),
                Fact::Truth { truth, .. } => all.extend(&truth.orders),
                _ => {}
            }
        }
        all.retain(|report| report.order.client == client);
        all
    }

    pub fn status(&self, client: ClientId) -> Option<OrderStatus> {
        self.reports(client).last().map(|report| report.status)
    }

    pub fn outcomes(&self, client: ClientId, wanted: Asked) -> Vec<&Outcome> {
        let answers = self.facts.iter().filter_map(|fact| match fact {
            Fact::Answer {
                client: of,
                asked,
                outcome,
                ..
            } if *of == client && *asked == wanted => Some(outcome),
            _ => None,
        });
        answers.collect()
    }

    pub fn fills(&self, client: ClientId) -> Vec<&Fill> {
        let mut all = Vec::new();
        for fact in &self.facts {
            match fact {
                Fact::Fill(fill) => all.push(fill),
                Fact::Truth { truth, .. } => all.extend(&truth.fills),
                _ => {}
            }
        }
        all.retain(|fill| fill.client == client);
        all
    }

    /// How often an order's name went to the exchange to be placed.
    pub fn sendings(&self, client: ClientId) -> usize {
        let named = |line: &&String| {
            line.contains(client.as_str())
                && (line.contains(" -> ") || line.contains(" POST "))
                && !["order.cancel", "cancel-order", "/cancel"]
                    .iter()
                    .any(|word| line.contains(word))
        };
        self.net.log.iter().filter(named).count()
    }
}

/// Limits that refuse nothing here.
fn wide() -> Limits {
    let big = Decimal::from(1_000_000_000);
    Limits {
        max_order: BTreeMap::new(),
        max_order_notional: big,
        max_position: BTreeMap::new(),
        max_position_notional: big,
        max_open_orders: 1_000,
        max_orders_per_second: 1_000,
        max_orders_per_minute: 1_000,
        max_identical_per_second: 1_000,
        collar_through: Decimal::ONE,
        collar_away: Decimal::ONE,
        max_trade_loss: Cap::Off,
        max_session_loss: Cap::Off,
        max_day_loss: big,
        max_losses_in_a_row: Cap::Off,
        cool_down_minutes: 30,
    }
}
