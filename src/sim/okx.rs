//! The built-in exchange as OKX v5 speaks it: REST, the public, the private and the business socket; perpetual swaps and spot.
//!
//! Written from the documents, with code of its own: nothing here is shared with the connector, so that the two cannot agree on
//! one misreading. Owns the market, the crowd, keys, limits, subscriptions and faults; sans-IO: the server hands in calls and
//! time, and carries out what stands in [`Lines::out`](lines::Lines).

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use rust_decimal::{Decimal, dec};

use crate::domain::Asset;
use crate::sim::crowd::{Bourse, CrowdSettings, Mood};
use crate::sim::fault::{Faults, How, What};
use crate::sim::keys::Key;
use crate::sim::market::{
    AccountNo, AccountSpec, MarketEvent, PublicTrade, SpotTerms, SymbolNo, SymbolSpec,
};
use crate::sim::wire::{Addresses, Answer, LineId, Out, Request, Settings, Wire, WireRow};

mod account;
mod algo_asked;
mod algo_changes;
mod algo_queries;
mod algo_shapes;
mod algos;
mod asked;
mod call;
mod channels;
mod closing;
mod coins;
mod digits;
mod error;
mod ids;
mod instruments;
mod ladder;
mod life;
mod limits;
mod lines;
mod notes;
mod ops;
mod orders;
mod pairs;
mod params;
mod private;
mod public;
mod push;
mod queries;
mod quotes;
mod rest;
mod rights;
mod rows;
mod shapes;
mod sign;
mod switches;
mod talk;

#[cfg(test)]
mod client;
#[cfg(test)]
mod documented;
#[cfg(test)]
mod tests;

/// This wire among the others.
pub const WIRE: WireRow = WireRow {
    id: "okx",
    open: |settings, now| Box::new(Okx::new(settings, now)),
    addresses,
    has_passphrase: true,
    issue: rights::issue,
};

/// What the account starts with, USDT.
const START_WALLET: Decimal = dec!(10000);
/// Fees of the lowest tier: 0.02 % and 0.05 % on swaps, 0.08 % and 0.1 % on spot.
const SWAP_FEES: (Decimal, Decimal) = (dec!(0.0002), dec!(0.0005));
const SPOT_FEES: (Decimal, Decimal) = (dec!(0.0008), dec!(0.001));
/// Coins that the account starts with beside its wallet.
const START_COINS: [(&str, Decimal); 2] = [("BTC", dec!(0.2)), ("ETH", dec!(2))];

/// A funding that was booked.
#[derive(Clone, Copy, Debug)]
struct Funded {
    symbol: SymbolNo,
    rate: Decimal,
    time_ms: i64,
}

/// The exchange.
pub struct Okx {
    bourse: Bourse,
    account: AccountNo,
    keys: Vec<Key>,
    passphrase: String,
    limits: limits::Limits,
    faults: Faults,
    /// Who is connected.
    lines: lines::Lines,
    /// What was said last of each symbol.
    said: Vec<push::Said>,
    lives: life::Lives,
    notes: notes::Notes,
    pairs: pairs::Pairs,
    /// When the switch of a tag (empty: of all orders) cancels, ms.
    switches: BTreeMap<String, i64>,
    funded: Vec<Funded>,
    next_funding: BTreeMap<SymbolNo, (i64, Decimal)>,
    ticked_ms: i64,
}

impl Okx {
    /// Opens the exchange with full books.
    pub fn new(settings: Settings, now: i64) -> Self {
        let crowd = CrowdSettings {
            seed: settings.seed,
            mood: settings.mood,
        };
        let mut bourse = Bourse::of(instruments::all(), crowd, now);
        let account = bourse.market.open_account(AccountSpec {
            asset: usdt(),
            wallet: START_WALLET,
            maker_fee: SWAP_FEES.0,
            taker_fee: SWAP_FEES.1,
            spot: SpotTerms {
                coins: start_coins(),
                maker_fee: SPOT_FEES.0,
                taker_fee: SPOT_FEES.1,
            },
        });
        let count = bourse.market.symbols().count();
        let mut exchange = Self {
            bourse,
            account,
            keys: settings.keys,
            passphrase: settings.passphrase,
            limits: limits::Limits::default(),
            faults: Faults::new(settings.faults, settings.seed),
            lines: lines::Lines::default(),
            said: (0..count).map(|_| push::Said::default()).collect(),
            lives: life::Lives::default(),
            notes: notes::Notes::default(),
            pairs: pairs::Pairs::default(),
            switches: BTreeMap::new(),
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
    fn tell(&mut self, now: i64) {
        let mut trades: Vec<PublicTrade> = Vec::new();
        for event in self.bourse.market.drain_events() {
            match event {
                MarketEvent::Trade(trade) => trades.push(trade),
                MarketEvent::Order(event) => self.tell_order(&event),
                MarketEvent::Algo(event) => self.tell_algo(&event),
                MarketEvent::Account(update) => self.tell_position(&update, now),
                MarketEvent::Balances(_) => self.tell_balance("event_update", now),
                MarketEvent::MarginCall { positions, .. } => self.tell_warning(&positions, now),
                MarketEvent::Leverage { symbol, .. } => self.tell_positions_of(symbol, now),
            }
        }
        self.publish_trades(&trades);
        self.publish_best(now);
    }

    /// Faults that take a position away.
    fn strike_positions(&mut self, now: i64) {
        for position in self.open_positions() {
            let (symbol, leg) = (position.symbol, position.leg);
            let market = &mut self.bourse.market;
            match self.faults.strike(&[What::Position]) {
                Some(How::Adl) => market.deleverage(now, self.account, symbol, leg),
                Some(How::Liquidate) => market.force(now, self.account, symbol, leg),
                _ => {}
            }
        }
    }

    /// Writes down each funding as its time passes.
    fn note_funding(&mut self, now: i64) {
        for symbol in self.symbol_numbers() {
            let spot = self.spec(symbol).is_ok_and(shapes::is_spot);
            let Some(view) = self.bourse.market.mark(symbol).filter(|_| !spot) else {
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
                    time_ms: next.0,
                });
            }
            *next = (view.next_ms, view.rate);
        }
    }
}

impl Wire for Okx {
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
        self.fire_switches(now);
        if now.div_euclid(1_000) != from.div_euclid(1_000) {
            self.strike_positions(now);
        }
        self.note_funding(now);
        self.tell(now);
        self.publish_by_clock(from, now);
        self.lines.keep(now);
    }

    fn rest(&mut self, now: i64, request: &Request) -> Answer {
        self.ask(now, request)
    }

    fn accept(&mut self, now: i64, ip: IpAddr, path: &str, _query: &str) -> Result<LineId, u16> {
        let door = channels::Door::of(path).ok_or(404_u16)?;
        if !self.limits.connect(now, ip) {
            return Err(429);
        }
        Ok(self.lines.add(now, ip, door))
    }

    fn hear(&mut self, now: i64, line: LineId, text: &str) -> bool {
        self.take_frame(now, line, text)
    }

    fn pinged(&mut self, now: i64, line: LineId, _pong: bool) -> bool {
        self.lines.heard(line, now)
    }

    fn is_frozen(&self, line: LineId) -> bool {
        self.lines.is_frozen(line)
    }

    fn closed(&mut self, line: LineId) {
        self.lines.open.remove(&line);
    }

    fn take_outs(&mut self) -> Vec<(LineId, Out)> {
        std::mem::take(&mut self.lines.out)
    }
}

fn addresses(host: SocketAddr) -> Addresses {
    let at = |path: &str| format!("ws://{host}/ws/v5/{path}");
    Addresses {
        rest: format!("http://{host}"),
        ws_public: at("public"),
        ws_market: at("business"),
        ws_private: at("private"),
        ws_api: at("private"),
    }
}

fn start_coins() -> Vec<(Asset, Decimal)> {
    let coin = |(name, amount)| Some((Asset::new(name).ok()?, amount));
    START_COINS.into_iter().filter_map(coin).collect()
}

fn usdt() -> Asset {
    // A name of four letters always fits.
    #[expect(clippy::expect_used, reason = "a constant that is a valid name")]
    Asset::new("USDT").expect("USDT is a valid name")
}
