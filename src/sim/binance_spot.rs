//! The built-in exchange as Binance spot speaks it: REST, streams, WebSocket API with the account's events.
//!
//! Written from the documents, with code of its own; what the futures wire does alike is in [`super::binance`]. Owns the market, the
//! crowd and who listens; sans-IO: the server hands in calls and time, and carries out what stands in [`Lines::out`].

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use rust_decimal::Decimal;

use crate::domain::{Asset, ClientId, Symbol};
use crate::sim::binance::gate::Gate;
use crate::sim::binance::limits::{Limits, OrderLimit, Table};
use crate::sim::binance::lines::{self, Lines, Terms};
use crate::sim::binance::{rest, usdt};
use crate::sim::crowd::{Bourse, CrowdSettings, Mood, spots};
use crate::sim::fault::Faults;
use crate::sim::market::{
    AccountNo, AccountSpec, MarketEvent, PublicTrade, SpotTerms, SymbolNo, SymbolSpec,
};
use crate::sim::wire::{Addresses, Answer, LineId, Out, Request, Settings, Wire, WireRow};

mod account;
mod asked;
mod calls;
mod digits;
mod error;
mod instruments;
mod messages;
mod orders;
mod public;
mod push;
mod replace;
mod rows;
mod shapes;
mod streams;
mod user;
mod venue;
mod windows;

#[cfg(test)]
mod client;
#[cfg(test)]
mod documented;
#[cfg(test)]
mod tests;

/// The row of the wire table.
pub const WIRE: WireRow = WireRow {
    id: "binance-spot",
    open: |settings, now| Box::new(BinanceSpot::new(settings, now)),
    addresses,
    has_passphrase: false,
    issue: |keys| keys,
};

/// What the account starts with, USDT.
const START_WALLET: i64 = 10_000;
/// And in base coins, so that something is there which nobody bought here: 0.05 BTC.
const START_COINS: [(&str, Decimal); 1] = [("BTC", Decimal::from_parts(5, 0, 0, false, 2))];
/// Maker and taker fee 0.1 %.
const FEE: Decimal = Decimal::from_parts(1, 0, 0, false, 3);

/// Limits as the documents' `exchangeInfo` states them.
static LIMITS: Table = Table {
    weight: 6000,
    orders: [
        OrderLimit {
            interval: "SECOND",
            num: 10,
            ms: 10_000,
            most: 50,
            word: "10 SECOND",
            header: "x-mbx-order-count-10s",
        },
        OrderLimit {
            interval: "DAY",
            num: 1,
            ms: 86_400_000,
            most: 160_000,
            word: "1 DAY",
            header: "x-mbx-order-count-1d",
        },
    ],
    over: |_| {
        "Too much request weight used; current limit is 6000 request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.".to_owned()
    },
    banned: |until| {
        format!(
            "Way too much request weight used; IP banned until {until}. Please use WebSocket Streams for live updates to avoid bans."
        )
    },
};

/// Five messages a second, a ping every twenty seconds, a minute for the pong (Binance, WebSocket Streams and WebSocket API). How
/// long before its end a line is told of it is not documented.
const TERMS: Terms = Terms {
    messages: 5,
    ping_every_ms: 20_000,
    pong_within_ms: 60_000,
    notice_ms: 10_000,
};

/// The exchange.
pub struct BinanceSpot {
    bourse: Bourse,
    account: AccountNo,
    /// Keys, limits, faults and who is connected.
    gate: Gate<Self>,
    /// Who is told of the account.
    subscribed: BTreeMap<LineId, user::Subscriptions>,
    random: ChaCha20Rng,
    waiting: Vec<push::Waiting>,
    /// The names of the cancels under way, by order.
    cancels: BTreeMap<u64, ClientId>,
    /// What market orders were to be worth, by order, quote currency.
    worths: BTreeMap<u64, Decimal>,
    /// Counts what happened to orders.
    executions: u64,
    ticked_ms: i64,
}

impl BinanceSpot {
    /// Opens the exchange with a full book.
    pub fn new(settings: Settings, now: i64) -> Self {
        let crowd = CrowdSettings {
            seed: settings.seed,
            mood: settings.mood,
        };
        let specs: Vec<SymbolSpec> = spots().into_iter().map(named).collect();
        let count = specs.len();
        let mut bourse = Bourse::of(specs, crowd, now);
        let coins = START_COINS.iter();
        let coins = coins.filter_map(|(name, amount)| Some((Asset::new(name).ok()?, *amount)));
        let account = bourse.market.open_account(AccountSpec {
            asset: usdt(),
            wallet: Decimal::from(START_WALLET),
            maker_fee: Decimal::ZERO,
            taker_fee: Decimal::ZERO,
            spot: SpotTerms {
                coins: coins.collect(),
                maker_fee: FEE,
                taker_fee: FEE,
            },
        });
        // Another stream of the same seed than the API keys come from.
        let mut random = ChaCha20Rng::from_seed(settings.random);
        random.set_stream(1);
        Self {
            bourse,
            account,
            gate: Gate {
                keys: settings.keys,
                limits: Limits::new(&LIMITS),
                faults: Faults::new(settings.faults, settings.seed),
                lines: Lines::new(TERMS),
                started_ms: now,
            },
            subscribed: BTreeMap::new(),
            random,
            waiting: (0..count).map(|_| push::Waiting::default()).collect(),
            cancels: BTreeMap::new(),
            worths: BTreeMap::new(),
            executions: 0,
            ticked_ms: now,
        }
    }

    fn symbols(&self) -> impl Iterator<Item = (SymbolNo, &SymbolSpec)> {
        self.bourse.market.symbols()
    }

    fn symbol_numbers(&self) -> Vec<SymbolNo> {
        self.symbols().map(|(symbol, _)| symbol).collect()
    }

    /// Tells everyone what the market did since the last time.
    fn tell_all(&mut self, now: i64) {
        let mut trades: Vec<PublicTrade> = Vec::new();
        for event in self.bourse.market.drain_events() {
            match event {
                MarketEvent::Trade(trade) => trades.push(trade),
                MarketEvent::Order(event) => self.tell_order(now, &event),
                MarketEvent::Balances(update) => self.tell_balances(&update),
                // Of perpetuals alone, and there are none here.
                MarketEvent::Algo(_)
                | MarketEvent::Account(_)
                | MarketEvent::MarginCall { .. }
                | MarketEvent::Leverage { .. } => {}
            }
        }
        self.publish_trades(now, &trades);
        self.publish_best();
    }
}

/// The pair as the venue spells it: `BTCUSDT`.
fn named(mut spec: SymbolSpec) -> SymbolSpec {
    let instrument = &mut spec.instrument;
    let name = format!("{}{}", instrument.base, instrument.quote);
    if let Ok(symbol) = Symbol::new(&name) {
        instrument.symbol = symbol;
    }
    spec
}

impl Wire for BinanceSpot {
    fn symbol_names(&self) -> Vec<String> {
        let names = self.symbols();
        names
            .map(|(_, spec)| spec.instrument.symbol.as_str().to_owned())
            .collect()
    }

    fn set_mood(&mut self, mood: Option<Mood>) {
        self.bourse.crowd.set_mood(mood);
    }

    fn tick(&mut self, now: i64) {
        let from = self.ticked_ms;
        if now <= from {
            return;
        }
        self.ticked_ms = now;
        self.bourse.crowd.advance(&mut self.bourse.market, now);
        self.tell_all(now);
        self.publish_by_clock(from, now);
        self.gate.lines.keep(now);
    }

    fn rest(&mut self, now: i64, request: &Request) -> Answer {
        rest::ask(self, now, request)
    }

    fn accept(&mut self, now: i64, ip: IpAddr, path: &str, query: &str) -> Result<LineId, u16> {
        self.open_line(now, ip, path, query)
    }

    fn hear(&mut self, now: i64, line: LineId, text: &str) -> bool {
        lines::hear(self, now, line, text)
    }

    fn pinged(&mut self, now: i64, line: LineId, pong: bool) -> bool {
        self.gate.lines.heard(line, now, pong)
    }

    fn is_frozen(&self, line: LineId) -> bool {
        self.gate.lines.is_frozen(line)
    }

    fn closed(&mut self, line: LineId) {
        self.gate.lines.open.remove(&line);
        self.subscribed.remove(&line);
    }

    fn take_outs(&mut self) -> Vec<(LineId, Out)> {
        std::mem::take(&mut self.gate.lines.out)
    }
}

/// Streams below `/ws` and `/stream`, the WebSocket API at one address: the paths of the venue below one host.
fn addresses(at: SocketAddr) -> Addresses {
    Addresses {
        rest: format!("http://{at}"),
        ws_public: format!("ws://{at}"),
        ws_market: format!("ws://{at}"),
        ws_private: format!("ws://{at}/ws-api/v3"),
        ws_api: format!("ws://{at}/ws-api/v3"),
    }
}
