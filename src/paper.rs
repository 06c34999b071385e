//! Paper trading: an account whose orders are matched here, against what a venue's public data shows. Nothing leaves this host.
//!
//! Sans-IO and pure, as a venue's account is: it takes commands and market data with the time, and tells the same facts, so that desk,
//! keys, panels and journal are the same. Nothing is ever unknown here: a request always arrives and is always answered.
//!
//! # The model
//!
//! Nothing fills without evidence, and where evidence has two readings the worse one for the trader counts.
//!
//! - A request meets the book that is seen when its [latency](Terms::latency_ms) is over, and requests arrive in the order they were sent.
//! - An order that crosses eats the book level by level: the best level as of the last message, the rest from the newest picture. What it
//!   took of a level is not there again until the level has shrunk and grown.
//! - An order that rests stands behind all that stood at its price. Prints at its price eat what is ahead; what is left of a print is
//!   ours. A level that shrinks by more than was printed was cancelled, from behind us first or [evenly](Queue).
//! - A print behind our price would have met us first: it fills us by its size. So does what rests on the other side at our price or
//!   beyond it. Both at our own price.
//! - Where the picture does not reach, the queue is not known, and nothing fills until it is.
//! - Orders that only reduce are cut to the position. Funding is booked from the mark stream. Margin bounds entries alone: nothing is
//!   liquidated, and a wallet may fall below zero.
//!
//! What it leaves out: what the orders would have done to the market.

mod book;
mod delay;
mod market;
mod order;
mod purse;
mod queue;
mod terms;
mod till;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

pub use terms::{Fees, Queue, Terms};

use crate::domain::message::{AccountTruth, Asked, LinkState, MarketFact, PositionMode, Setting};
use crate::domain::{
    ClientId, Command, Depth, Fact, Instrument, MarketKey, Outcome, Print, Stamp, Symbol, Touch,
};

use self::delay::Delay;
use self::market::Market;
use self::till::{Refusal, Till, Turn};

/// What a paper account is told.
#[derive(Debug)]
pub enum In<'a> {
    /// The first thing.
    Start,
    /// The desk asks.
    Command(Command),
    /// A market fact of the venue.
    Market(&'a MarketFact),
    /// Prints of one message.
    Prints(&'a [Print]),
    /// A new picture of a book.
    Depth(&'a Arc<Depth>),
    /// New best prices.
    Touch(&'a Touch),
    /// The time of [`Paper::wake_at`] came.
    Wake,
}

/// A paper account on one venue.
#[derive(Clone, Debug)]
pub struct Paper {
    till: Till,
    delay: Delay,
    instruments: BTreeMap<Symbol, Instrument>,
    markets: BTreeMap<Symbol, Market>,
    /// Asked about before their instruments were told.
    asked_early: BTreeSet<Symbol>,
    on_their_way: VecDeque<(Stamp, Command)>,
}

impl Paper {
    /// Flat, with what the terms put into its wallets.
    pub fn new(terms: Terms) -> Self {
        Self {
            delay: Delay::new(terms.latency_ms, terms.seed),
            till: Till::new(terms),
            instruments: BTreeMap::new(),
            markets: BTreeMap::new(),
            asked_early: BTreeSet::new(),
            on_their_way: VecDeque::new(),
        }
    }

    /// How many times as fast as the host's clock the market's time runs, for recordings; zero while it stands still. Latency shrinks
    /// with it.
    pub const fn set_pace(&mut self, pace: u32) {
        self.till.pace = pace;
    }

    /// When the next request arrives.
    pub fn wake_at(&self) -> Option<Stamp> {
        self.on_their_way.front().map(|(at, _)| *at)
    }

    /// Takes one event; facts go to `out` in order.
    pub fn on(&mut self, now: Stamp, event: In<'_>, out: &mut Vec<Fact>) {
        self.arrivals(now, out);
        match event {
            In::Start => self.start(now, out),
            In::Command(command) => self.send(now, command, out),
            In::Market(fact) => self.take_fact(now, fact, out),
            In::Prints(prints) => self.take_prints(now, prints, out),
            In::Depth(depth) => self.with(now, depth.symbol, out, |market, turn| {
                market.take_depth(turn, Arc::clone(depth));
            }),
            In::Touch(touch) => self.with(now, touch.symbol, out, |market, turn| {
                market.take_touch(turn, *touch);
            }),
            In::Wake => {}
        }
        self.tell_balances(out);
    }

    fn start(&self, now: Stamp, out: &mut Vec<Fact>) {
        let (account, venue) = (self.till.terms.account, self.till.terms.venue);
        out.push(Fact::Mode {
            account,
            venue,
            mode: PositionMode::OneWay,
            can_trade: true,
        });
        out.push(self.truth(now));
        out.push(Fact::Link {
            account,
            venue,
            state: LinkState::Ready,
            why: String::new(),
            planned: false,
        });
    }

    /// A request leaves: it is on its way for as long as is drawn.
    fn send(&mut self, now: Stamp, command: Command, out: &mut Vec<Fact>) {
        if let Some((client, asked)) = asked(&command) {
            out.push(Fact::Written {
                client,
                asked,
                at: now,
            });
        }
        let arrives = self.delay.arrival(now, self.till.pace);
        self.on_their_way.push_back((arrives, command));
    }

    /// Requests whose time has come meet their markets as they are seen now.
    fn arrivals(&mut self, now: Stamp, out: &mut Vec<Fact>) {
        while let Some((at, _)) = self.on_their_way.front()
            && at.mono_ns <= now.mono_ns
            && let Some((_, command)) = self.on_their_way.pop_front()
        {
            self.arrive(now, command, out);
        }
    }

    fn arrive(&mut self, now: Stamp, command: Command, out: &mut Vec<Fact>) {
        match command {
            Command::Place(order) => {
                let order = *order.get();
                let asked = (order.key, order.id, Asked::Place);
                self.at_market(now, asked, out, |market, turn| market.place(turn, &order));
            }
            Command::Amend(amend) => {
                let amend = *amend.get();
                let asked = (amend.key, amend.order.client, Asked::Amend);
                self.at_market(now, asked, out, |market, turn| market.amend(turn, &amend));
            }
            Command::Cancel { key, order } => {
                let asked = (key, order.client, Asked::Cancel);
                let cancel = |market: &mut Market, turn: &mut Turn<'_>| {
                    market.cancel(turn, order.client);
                };
                self.at_market(now, asked, out, cancel);
            }
            Command::Query { key, order } => {
                let asked = (key, order.client, Asked::Query);
                let query = |market: &mut Market, turn: &mut Turn<'_>| {
                    market.query(turn, order.client);
                };
                self.at_market(now, asked, out, query);
            }
            Command::Reconcile => out.push(self.truth(now)),
            Command::Follow(symbol) => self.follow(now, symbol, out),
            Command::SetLeverage { symbol, leverage } => {
                let setting = Setting::Leverage(symbol, leverage);
                self.set(now, symbol, setting, out, |market| {
                    market.set_leverage(leverage);
                });
            }
            Command::SetMargin { symbol, mode } => {
                let setting = Setting::Margin(symbol, mode);
                self.set(now, symbol, setting, out, |market| market.set_margin(mode));
            }
            Command::SetPositionMode(mode) => {
                let outcome = match mode {
                    PositionMode::OneWay => Outcome::Accepted { venue: None },
                    PositionMode::Hedge => Refusal::new("paper keeps one position a symbol").into(),
                };
                out.push(self.answered(now, Setting::PositionMode(mode), outcome));
            }
        }
    }

    /// Hands a request to its market; one whose instrument was never told is refused.
    fn at_market(
        &mut self,
        now: Stamp,
        (key, client, asked): (MarketKey, ClientId, Asked),
        out: &mut Vec<Fact>,
        request: impl FnOnce(&mut Market, &mut Turn<'_>),
    ) {
        if self.market(key.symbol).is_some() {
            return self.with(now, key.symbol, out, request);
        }
        let till = &mut self.till;
        let refusal = Refusal::new(format!("{} is not known yet", key.symbol));
        Turn { now, till, out }.answer(key, client, asked, refusal.into());
    }

    fn follow(&mut self, now: Stamp, symbol: Symbol, out: &mut Vec<Fact>) {
        if self.market(symbol).is_none() {
            self.asked_early.insert(symbol);
        }
        self.with(now, symbol, out, |market, turn| {
            turn.out
                .push(Fact::Settings(market.settings(&turn.till.terms)));
        });
    }

    fn set(
        &mut self,
        now: Stamp,
        symbol: Symbol,
        setting: Setting,
        out: &mut Vec<Fact>,
        change: impl FnOnce(&mut Market),
    ) {
        let mut outcome = Refusal::new(format!("{symbol} is not known yet")).into();
        self.with(now, symbol, out, |market, turn| {
            change(market);
            outcome = Outcome::Accepted { venue: None };
            turn.out
                .push(Fact::Settings(market.settings(&turn.till.terms)));
        });
        out.push(self.answered(now, setting, outcome));
    }

    const fn answered(&self, at: Stamp, setting: Setting, outcome: Outcome) -> Fact {
        Fact::Set {
            account: self.till.terms.account,
            venue: self.till.terms.venue,
            setting,
            outcome,
            at,
        }
    }

    fn take_fact(&mut self, now: Stamp, fact: &MarketFact, out: &mut Vec<Fact>) {
        match fact {
            MarketFact::Instruments(all) => self.take_instruments(now, all, out),
            MarketFact::Mark {
                symbol,
                mark,
                funding,
                next_funding_ms,
            } => self.with(now, *symbol, out, |market, turn| {
                market.take_mark(turn, (*mark, *funding), *next_funding_ms);
            }),
            MarketFact::Status { symbol, status } => {
                self.with(now, *symbol, out, |market, _| market.take_status(*status));
            }
            // What traded before the account was opened fills nothing.
            MarketFact::Minutes { .. } | MarketFact::Bad { .. } | MarketFact::Note { .. } => {}
        }
    }

    fn take_instruments(&mut self, now: Stamp, all: &[Instrument], out: &mut Vec<Fact>) {
        self.instruments = all.iter().map(|i| (i.symbol, i.clone())).collect();
        for instrument in all {
            if self.markets.contains_key(&instrument.symbol) {
                self.with(now, instrument.symbol, out, |market, turn| {
                    market.take_rules(turn, instrument);
                });
            }
        }
        for symbol in std::mem::take(&mut self.asked_early) {
            self.follow(now, symbol, out);
        }
    }

    fn take_prints(&mut self, now: Stamp, prints: &[Print], out: &mut Vec<Fact>) {
        let mut symbols: Vec<Symbol> = prints.iter().map(|print| print.symbol).collect();
        symbols.sort_unstable();
        symbols.dedup();
        for symbol in symbols {
            let own = prints.iter().filter(|print| print.symbol == symbol);
            self.with(now, symbol, out, |market, turn| {
                market.take_prints(turn, own)
            });
        }
    }

    /// Lets a market work, where its instrument is known, and books what it holds afterwards.
    fn with(
        &mut self,
        now: Stamp,
        symbol: Symbol,
        out: &mut Vec<Fact>,
        work: impl FnOnce(&mut Market, &mut Turn<'_>),
    ) {
        if self.market(symbol).is_none() {
            return;
        }
        let till = &mut self.till;
        let mut turn = Turn { now, till, out };
        if let Some(market) = self.markets.get_mut(&symbol) {
            work(market, &mut turn);
            market.hold(&mut turn);
        }
    }

    /// The market of a symbol, opened where its instrument is known.
    fn market(&mut self, symbol: Symbol) -> Option<&mut Market> {
        if !self.markets.contains_key(&symbol) {
            let instrument = self.instruments.get(&symbol)?.clone();
            let key = MarketKey {
                account: self.till.terms.account,
                venue: self.till.terms.venue,
                symbol,
                leg: None,
            };
            let market = Market::new(key, instrument, self.till.terms.leverage);
            market.open_wallets(&mut self.till);
            self.markets.insert(symbol, market);
        }
        self.markets.get_mut(&symbol)
    }

    fn truth(&self, now: Stamp) -> Fact {
        let markets = self.markets.values();
        let open = markets.clone().flat_map(|market| market.open_orders(now));
        let positions = markets.filter_map(|market| market.position(now));
        let truth = AccountTruth {
            orders: open.collect(),
            positions: positions.filter(|p| !p.size.is_zero()).collect(),
            fills: Vec::new(),
            balances: self.till.purse.balances(),
            at: now,
        };
        Fact::Truth {
            account: self.till.terms.account,
            venue: self.till.terms.venue,
            truth: Box::new(truth),
        }
    }

    fn tell_balances(&mut self, out: &mut Vec<Fact>) {
        let (account, venue) = (self.till.terms.account, self.till.terms.venue);
        let changed = self.till.purse.changed().into_iter();
        out.extend(changed.map(|balance| Fact::Balance {
            account,
            venue,
            balance,
        }));
    }
}

/// Which order a request is about, and what it asks.
fn asked(command: &Command) -> Option<(ClientId, Asked)> {
    match command {
        Command::Place(order) => Some((order.get().id, Asked::Place)),
        Command::Amend(amend) => Some((amend.get().order.client, Asked::Amend)),
        Command::Cancel { order, .. } => Some((order.client, Asked::Cancel)),
        Command::Query { order, .. } => Some((order.client, Asked::Query)),
        Command::Reconcile
        | Command::Follow(_)
        | Command::SetLeverage { .. }
        | Command::SetMargin { .. }
        | Command::SetPositionMode(_) => None,
    }
}

#[cfg(test)]
mod tests;
