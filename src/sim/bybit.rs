//! The built-in exchange as Bybit v5 speaks it: REST, public topics, private topics, order entry over a line.
//!
//! Written from the documents, with code of its own: nothing here is shared with the connector, so that the two cannot agree on
//! one misreading. Owns the market, the crowd, keys, limits, subscriptions and faults. An answer says that a request was taken;
//! what came of it is told with the next tick, as at the venue.

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use rust_decimal::Decimal;

use crate::domain::Asset;
use crate::sim::crowd::{Bourse, CrowdSettings, Mood, perpetuals, spots};
use crate::sim::fault::{Faults, How, What};
use crate::sim::keys::Key;
use crate::sim::market::{AccountNo, AccountSpec, PositionView, SpotTerms, SymbolNo, SymbolSpec};
use crate::sim::wire::{Addresses, Answer, LineId, Out, Request, Settings, Wire, WireRow};
use category::Category;
use error::Refused;

mod account;
mod asked;
mod batch;
mod books;
mod call;
mod category;
mod digits;
mod error;
mod events;
mod fields;
mod found;
mod ids;
mod limits;
mod lines;
mod notes;
mod orders;
mod params;
mod parts;
mod positions;
mod private;
mod public;
mod push;
mod queries;
mod rest;
mod rights;
mod rows;
mod shapes;
mod sign;
mod stops;
mod topics;
mod trade;

#[cfg(test)]
mod client;
#[cfg(test)]
mod documented;
#[cfg(test)]
mod tests;

/// The row of the wire table.
pub const WIRE: WireRow = WireRow {
    id: "bybit",
    open: |settings, now| Box::new(Bybit::new(settings, now)),
    addresses,
    has_passphrase: false,
    issue: rights::issue,
};

/// What the account starts with, USDT.
const START_WALLET: i64 = 10_000;
/// Maker fee of linear, 0.02 %.
const MAKER_FEE: Decimal = Decimal::from_parts(2, 0, 0, false, 4);
/// Taker fee of linear, 0.055 %.
const TAKER_FEE: Decimal = Decimal::from_parts(55, 0, 0, false, 5);

/// Both fees of spot, 0.1 %.
const SPOT_FEE: Decimal = Decimal::from_parts(1, 0, 0, false, 3);
/// Coins that the account starts with.
const START_COINS: [(&str, Decimal); 2] = [
    ("BTC", Decimal::from_parts(2, 0, 0, false, 1)),
    ("ETH", Decimal::from_parts(3, 0, 0, false, 0)),
];
/// Open orders on one instrument (Bybit v5, "Place Order").
const MOST_ORDERS: u32 = 500;
/// How far from the mark a spot order may be.
const SPOT_BAND: (Decimal, Decimal) = (
    Decimal::from_parts(95, 0, 0, false, 2),
    Decimal::from_parts(105, 0, 0, false, 2),
);

/// A funding that was booked.
#[derive(Clone, Copy, Debug)]
struct Funded {
    symbol: SymbolNo,
    rate: Decimal,
    time_ms: i64,
}

/// The exchange.
pub struct Bybit {
    bourse: Bourse,
    account: AccountNo,
    keys: Vec<Key>,
    limits: limits::Limits,
    faults: Faults,
    lines: lines::Lines,
    ids: ids::Ids,
    notes: notes::Notes,
    ledgers: events::Ledgers,
    executed: VecDeque<events::Executed>,
    news: events::News,
    books: books::Books,
    pushed: push::AllPushed,
    funded: Vec<Funded>,
    next_funding: BTreeMap<SymbolNo, (i64, Decimal)>,
    /// Counts orders without a name of their own.
    unnamed: u64,
    /// Counts executions.
    executions: u64,
    /// Counts messages that have an id.
    messages: u64,
    started_ms: i64,
    ticked_ms: i64,
}

impl Bybit {
    /// Opens the exchange with a full book.
    pub fn new(settings: Settings, now: i64) -> Self {
        let crowd = CrowdSettings {
            seed: settings.seed,
            mood: settings.mood,
        };
        let mut bourse = Bourse::of(instruments(), crowd, now);
        let account = bourse.market.open_account(AccountSpec {
            asset: usdt(),
            wallet: Decimal::from(START_WALLET),
            maker_fee: MAKER_FEE,
            taker_fee: TAKER_FEE,
            spot: SpotTerms {
                coins: START_COINS
                    .iter()
                    .filter_map(|(coin, amount)| Some((Asset::new(coin).ok()?, *amount)))
                    .collect(),
                maker_fee: SPOT_FEE,
                taker_fee: SPOT_FEE,
            },
        });
        // Another stream of the same seed than the API keys come from: ids are told to everybody.
        let mut random = ChaCha20Rng::from_seed(settings.random);
        random.set_stream(3);
        let mut exchange = Self {
            bourse,
            account,
            keys: settings.keys,
            limits: limits::Limits::default(),
            faults: Faults::new(settings.faults, settings.seed),
            lines: lines::Lines::default(),
            ids: ids::Ids::new(random.next_u64()),
            notes: notes::Notes::default(),
            ledgers: BTreeMap::new(),
            executed: VecDeque::new(),
            news: events::News::default(),
            books: BTreeMap::new(),
            pushed: BTreeMap::new(),
            funded: Vec::new(),
            next_funding: BTreeMap::new(),
            unnamed: 0,
            executions: 0,
            messages: 0,
            started_ms: now,
            ticked_ms: now,
        };
        exchange.note_funding(now);
        exchange
    }

    fn symbols(&self) -> impl Iterator<Item = (SymbolNo, &SymbolSpec)> {
        self.bourse.market.symbols()
    }

    fn symbols_of(&self, category: Category) -> impl Iterator<Item = (SymbolNo, &SymbolSpec)> {
        self.symbols()
            .filter(move |(_, spec)| Category::of(spec) == category)
    }

    fn symbol_numbers(&self) -> Vec<SymbolNo> {
        self.symbols().map(|(symbol, _)| symbol).collect()
    }

    /// The settings of a symbol that the market itself named.
    fn spec(&self, symbol: SymbolNo) -> Result<&SymbolSpec, Refused> {
        let spec = self.bourse.market.spec(symbol);
        spec.ok_or_else(|| Refused::symbol(Category::Linear))
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
            match self.faults.strike(&[What::Position]) {
                Some(How::Adl) => market.deleverage(now, self.account, symbol, leg),
                Some(How::Liquidate) => market.force(now, self.account, symbol, leg),
                _ => {}
            }
        }
    }

    /// Writes down each funding as its time passes.
    fn note_funding(&mut self, now: i64) {
        let perpetuals: Vec<SymbolNo> = self.symbols_of(Category::Linear).map(|s| s.0).collect();
        for symbol in perpetuals {
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
                    time_ms: next.0,
                });
            }
            *next = (view.next_ms, view.rate);
        }
    }

    fn pass(&mut self, now: i64) {
        let from = self.ticked_ms;
        if now <= from {
            return;
        }
        self.ticked_ms = now;
        self.bourse.crowd.advance(&mut self.bourse.market, now);
        if now.div_euclid(1_000) != from.div_euclid(1_000) {
            self.strike_positions(now);
        }
        self.note_funding(now);
        self.absorb(now);
        self.tell_own(now);
        let trades = std::mem::take(&mut self.news.trades);
        self.publish_trades(now, &trades);
        self.publish_books(from, now);
        self.publish_by_clock(from, now);
        self.lines.keep(now);
    }
}

impl Wire for Bybit {
    fn symbol_names(&self) -> Vec<String> {
        self.symbols()
            .map(|(_, spec)| spec.instrument.symbol.as_str().to_owned())
            .collect()
    }

    fn set_mood(&mut self, mood: Option<Mood>) {
        self.bourse.crowd.set_mood(mood);
    }

    fn tick(&mut self, now: i64) {
        self.pass(now);
    }

    fn rest(&mut self, now: i64, request: &Request) -> Answer {
        self.ask(now, request)
    }

    fn accept(&mut self, now: i64, ip: IpAddr, path: &str, query: &str) -> Result<LineId, u16> {
        self.open_line(now, ip, path, query)
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

/// `/v5/…`: the paths of the venue below one host.
fn addresses(at: SocketAddr) -> Addresses {
    Addresses {
        rest: format!("http://{at}"),
        ws_public: format!("ws://{at}/v5/public/linear"),
        ws_market: format!("ws://{at}/v5/public/spot"),
        ws_private: format!("ws://{at}/v5/private"),
        ws_api: format!("ws://{at}/v5/trade"),
    }
}

/// Perpetuals first, then pairs.
fn instruments() -> Vec<SymbolSpec> {
    let mut all = perpetuals();
    all.extend(spots().into_iter().map(|mut spec| {
        spec.instrument.band = Some(SPOT_BAND);
        spec
    }));
    for spec in &mut all {
        spec.instrument.max_orders = MOST_ORDERS;
    }
    all
}

fn usdt() -> Asset {
    // A name of four letters always fits.
    #[expect(clippy::expect_used, reason = "a constant that is a valid name")]
    Asset::new("USDT").expect("USDT is a valid name")
}
