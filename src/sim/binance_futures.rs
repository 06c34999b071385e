//! The built-in exchange as Binance USDⓈ-M futures speaks it: REST, streams, user stream, WebSocket API.
//!
//! Written from the documents, with code of its own: nothing here is shared with the connector, so that the two cannot agree on
//! one misreading. Owns the market, the crowd, keys, limits, subscriptions and faults; sans-IO: the server hands in calls and
//! time, and carries out what stands in [`Lines::out`].

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use rust_decimal::Decimal;

use crate::sim::binance::gate::Gate;
use crate::sim::binance::limits::{Limits, OrderLimit, Table};
use crate::sim::binance::lines::{self, Lines, Terms};
use crate::sim::binance::{rest, usdt};
use crate::sim::crowd::{Bourse, CrowdSettings, Mood};
use crate::sim::fault::{Faults, How, What};
use crate::sim::market::{
    AccountNo, AccountSpec, MarketEvent, PositionView, PublicTrade, SpotTerms, SymbolNo, SymbolSpec,
};
use crate::sim::wire::{Addresses, Answer, LineId, Out, Request, Settings, Wire, WireRow};

mod account;
mod algo_asked;
mod algo_shapes;
mod algos;
mod asked;
mod calls;
mod digits;
mod error;
mod messages;
mod modes;
mod orders;
mod private;
mod public;
mod push;
pub mod rows;
mod shapes;
mod streams;
mod venue;

#[cfg(test)]
pub(in crate::sim) mod client;
#[cfg(test)]
mod documented;
#[cfg(test)]
mod tests;

/// The row of the wire table.
pub const WIRE: WireRow = WireRow {
    id: "binance-futures",
    open: |settings, now| Box::new(BinanceFutures::new(settings, now)),
    addresses,
    has_passphrase: false,
    issue: |keys| keys,
};

/// What the account starts with, USDT.
const START_WALLET: i64 = 10_000;
/// Maker fee 0.02 %.
const MAKER_FEE: Decimal = Decimal::from_parts(2, 0, 0, false, 4);
/// Taker fee 0.05 %.
const TAKER_FEE: Decimal = Decimal::from_parts(5, 0, 0, false, 4);

/// Limits as `exchangeInfo` states them.
static LIMITS: Table = Table {
    weight: 2400,
    orders: [
        OrderLimit {
            interval: "SECOND",
            num: 10,
            ms: 10_000,
            most: 300,
            word: "TEN_SECONDS",
            header: "x-mbx-order-count-10s",
        },
        OrderLimit {
            interval: "MINUTE",
            num: 1,
            ms: 60_000,
            most: 1200,
            word: "MINUTE",
            header: "x-mbx-order-count-1m",
        },
    ],
    over: |ip| {
        format!(
            "Too many requests; current limit of IP({ip}) is 2400 requests per minute. Please use the websocket for live updates to avoid polling the API."
        )
    },
    banned: |until| {
        format!(
            "Way too many requests; IP banned until {until}. Please use the websocket for live updates to avoid bans."
        )
    },
};
/// Ten messages a second, a ping every three minutes, ten minutes for the pong (Binance, Futures WebSocket streams).
const TERMS: Terms = Terms {
    messages: 10,
    ping_every_ms: 180_000,
    pong_within_ms: 600_000,
    notice_ms: 0,
};

/// A funding that was booked.
#[derive(Clone, Copy, Debug)]
struct Funded {
    symbol: SymbolNo,
    rate: Decimal,
    mark: Decimal,
    time_ms: i64,
}

/// The exchange.
pub struct BinanceFutures {
    bourse: Bourse,
    account: AccountNo,
    /// Keys, limits, faults and who is connected.
    gate: Gate<Self>,
    listen: Option<private::ListenKey>,
    random: ChaCha20Rng,
    waiting: Vec<push::Waiting>,
    countdowns: BTreeMap<SymbolNo, i64>,
    modify_ids: BTreeMap<u64, i64>,
    funded: Vec<Funded>,
    next_funding: BTreeMap<SymbolNo, (i64, Decimal)>,
    ticked_ms: i64,
}

impl BinanceFutures {
    /// Opens the exchange with a full book.
    pub fn new(settings: Settings, now: i64) -> Self {
        let crowd = CrowdSettings {
            seed: settings.seed,
            mood: settings.mood,
        };
        let mut bourse = Bourse::new(crowd, now);
        let asset = bourse
            .market
            .symbols()
            .next()
            .map(|(_, spec)| spec.instrument.settle);
        let account = bourse.market.open_account(AccountSpec {
            asset: asset.unwrap_or_else(usdt),
            wallet: Decimal::from(START_WALLET),
            maker_fee: MAKER_FEE,
            taker_fee: TAKER_FEE,
            spot: SpotTerms::default(),
        });
        let count = bourse.market.symbols().count();
        // Another stream of the same seed than the API keys come from: a listen key must not spell one of them.
        let mut random = ChaCha20Rng::from_seed(settings.random);
        random.set_stream(1);
        let mut exchange = Self {
            bourse,
            account,
            gate: Gate {
                keys: settings.keys,
                limits: Limits::new(&LIMITS),
                faults: Faults::new(settings.faults, settings.seed),
                lines: Lines::new(TERMS),
                started_ms: now,
            },
            listen: None,
            random,
            waiting: (0..count).map(|_| push::Waiting::default()).collect(),
            countdowns: BTreeMap::new(),
            modify_ids: BTreeMap::new(),
            funded: Vec::new(),
            next_funding: BTreeMap::new(),
            ticked_ms: now,
        };
        exchange.note_funding(now);
        exchange
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
                MarketEvent::Order(event) => self.tell_order(&event),
                MarketEvent::Algo(event) => self.tell_algo(&event),
                MarketEvent::Account(update) => self.tell_account(&update),
                // Only orders on spot symbols change balances so, and there are none here.
                MarketEvent::Balances(_) => {}
                MarketEvent::MarginCall {
                    cross_wallet,
                    positions,
                    time_ms,
                    ..
                } => self.tell_margin_call(cross_wallet, &positions, time_ms),
                MarketEvent::Leverage {
                    symbol,
                    leverage,
                    time_ms,
                    ..
                } => self.tell_leverage(symbol, leverage, time_ms),
            }
        }
        self.publish_trades(now, &trades);
        self.publish_best(now);
    }

    /// Cancels the orders of symbols whose dead-man switch ran out. Whether it cancels conditional orders is not documented; here
    /// it does not, as `allOpenOrders` does not: a position keeps its stop when its owner is gone.
    fn fire_countdowns(&mut self, now: i64) {
        while let Some(symbol) = self
            .countdowns
            .iter()
            .find_map(|(&symbol, &at)| (now >= at).then_some(symbol))
        {
            self.countdowns.remove(&symbol);
            self.bourse.market.cancel_all(now, self.account, symbol);
        }
    }

    /// Faults that take a position away.
    fn strike_positions(&mut self, now: i64) {
        let market = &self.bourse.market;
        let symbols = self.symbol_numbers().into_iter();
        let held: Vec<PositionView> = symbols
            .flat_map(|symbol| market.positions(self.account, symbol))
            .collect();
        for position in held.into_iter().filter(|p| p.lots != 0) {
            let (symbol, leg) = (position.symbol, position.leg);
            let market = &mut self.bourse.market;
            match self.gate.faults.strike(&[What::Position]) {
                Some(How::Adl) => market.deleverage(now, self.account, symbol, leg),
                Some(How::Liquidate) => market.force(now, self.account, symbol, leg),
                _ => {}
            }
        }
    }

    /// Writes down each funding as its time passes.
    fn note_funding(&mut self, now: i64) {
        for symbol in self.symbol_numbers() {
            let Some(view) = self.bourse.market.mark(symbol) else {
                continue;
            };
            let next = self
                .next_funding
                .entry(symbol)
                .or_insert((view.next_ms, view.rate));
            if next.0 <= now {
                self.funded.push(Funded {
                    symbol,
                    rate: next.1,
                    mark: view.mark,
                    time_ms: next.0,
                });
            }
            *next = (view.next_ms, view.rate);
        }
    }
}

impl Wire for BinanceFutures {
    fn symbol_names(&self) -> Vec<String> {
        self.symbols()
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
        self.fire_countdowns(now);
        if now.div_euclid(1_000) != from.div_euclid(1_000) {
            self.strike_positions(now);
        }
        self.expire_listen(now);
        self.note_funding(now);
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
    }

    fn take_outs(&mut self) -> Vec<(LineId, Out)> {
        std::mem::take(&mut self.gate.lines.out)
    }
}

/// `GET /fapi/…`, `/public/ws/…`, `/ws-fapi/v1`: the paths of the venue below one host.
fn addresses(at: SocketAddr) -> Addresses {
    Addresses {
        rest: format!("http://{at}"),
        ws_public: format!("ws://{at}/public"),
        ws_market: format!("ws://{at}/market"),
        ws_private: format!("ws://{at}/private"),
        ws_api: format!("ws://{at}/ws-fapi/v1"),
    }
}
