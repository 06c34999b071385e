//! Fetching account truth: orders, positions, balances, mode, then the trades of every symbol that matters, page by page, then
//! what [`super::lookups`] finds missing in all of that. Owns the fetch; a part that fails ends the fetch, so that a missing
//! answer is never taken for "nothing there".

use std::collections::{HashMap, HashSet};

use foldhash::fast::FixedState;

use super::caller::{Caller, Purpose};
use super::whole::Whole;
use crate::domain::message::{AccountTruth, PositionMode};
use crate::domain::{Fill, OrderId, OrderReport, PositionReport, Stamp, Symbol};
use crate::exchange::account::told::Told;
use crate::exchange::binance_futures::read::algo::{self, AlgoOrder};
use crate::exchange::binance_futures::read::{self, ReadError, Reader, settings};
use crate::exchange::binance_futures::sign::Value;
use crate::exchange::machine::{Method, Out};

/// Rows asked for in one page of trades (the venue's maximum).
const PAGE: usize = 1_000;
/// A fetch that failed is tried again after this, ms, then after twice as long, up to 24 s.
const AGAIN_MS: u64 = 1_500;
const AGAIN_DOUBLINGS: u32 = 4;
const POLL_BUSY_MS: u64 = 5_000;
const POLL_IDLE_MS: u64 = 30_000;
/// The weight of one fetch: open orders of all symbols 40, conditional ones another 40, positions 5, balances 5, mode 5; trades
/// 5 a symbol and lookups 1 each come on top.
pub const WEIGHT: u32 = 95;

/// One call of a fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    pub(super) generation: u64,
    /// Which.
    pub kind: Kind,
}

/// What one call of a fetch asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Every open regular order.
    Orders,
    /// Every open conditional order.
    Algos,
    /// Every position.
    Positions,
    /// Every balance.
    Balances,
    /// Position mode and the right to trade.
    Mode,
    /// Trades of a symbol.
    Trades(Symbol),
    /// One regular order by the venue's number.
    Order(Symbol, OrderId),
    /// One conditional order by the venue's number.
    Algo(Symbol, OrderId),
}

/// How a fetch went on with one answer.
#[derive(Debug)]
pub enum Progress {
    /// It goes on.
    More,
    /// It is whole.
    Done(Box<Whole>),
    /// It belongs to an older fetch.
    Old,
    /// An instrument is needed first.
    Needs(Symbol),
    /// It could not be read.
    Failed(ReadError),
}

/// What the parts of one fetch brought so far.
#[derive(Default)]
pub struct Fetch {
    began: Stamp,
    began_ms: i64,
    /// Parts without an answer yet.
    pub waiting: HashSet<Kind, FixedState>,
    /// Open regular orders.
    pub orders: Vec<OrderReport>,
    /// Open conditional orders.
    pub algos: Vec<AlgoOrder>,
    positions: Vec<PositionReport>,
    balances: Vec<crate::domain::message::Balance>,
    mode: Option<(PositionMode, bool)>,
    /// Trades since the last fetch.
    pub trades: Vec<Fill>,
    /// The last trade of each symbol that this fetch was told.
    last: HashMap<Symbol, u64, FixedState>,
    asked_trades: bool,
    /// Orders that were looked up by number, or are being.
    pub asked: HashSet<Kind, FixedState>,
    /// Regular orders found that way.
    pub looked_up: Vec<OrderReport>,
    /// Conditional orders found that way.
    pub looked_up_algos: Vec<AlgoOrder>,
    bad: Vec<ReadError>,
}

/// See the module.
pub struct Truth {
    pub(super) generation: u64,
    fetch: Option<Fetch>,
    /// The last trade of each symbol that came by REST, so that one lost by the stream is found.
    confirmed: HashMap<Symbol, u64, FixedState>,
    /// Trades before this venue time are history, ms.
    since_ms: i64,
    /// Fetches that failed in a row.
    failures: u32,
    /// When the next fetch begins.
    pub next: Option<Stamp>,
}

impl Truth {
    /// Nothing fetched yet.
    pub fn new() -> Self {
        Self {
            generation: 0,
            fetch: None,
            confirmed: HashMap::default(),
            since_ms: 0,
            failures: 0,
            next: None,
        }
    }

    /// True while a fetch runs.
    pub const fn is_running(&self) -> bool {
        self.fetch.is_some()
    }

    /// Begins a fetch; one that runs is forgotten.
    pub fn begin(&mut self, caller: &mut Caller, now: Stamp, out: &mut Out) {
        self.generation += 1;
        self.next = None;
        let began_ms = caller.venue_ms(now);
        if self.since_ms == 0 {
            self.since_ms = began_ms;
        }
        let mut fetch = Fetch {
            began: now,
            began_ms,
            ..Fetch::default()
        };
        for (kind, path) in [
            (Kind::Orders, "/fapi/v1/openOrders"),
            (Kind::Algos, "/fapi/v1/openAlgoOrders"),
            (Kind::Positions, "/fapi/v3/positionRisk"),
            (Kind::Balances, "/fapi/v3/balance"),
            (Kind::Mode, "/fapi/v1/accountConfig"),
        ] {
            fetch.waiting.insert(kind);
            let part = Purpose::Truth(Part {
                generation: self.generation,
                kind,
            });
            caller.signed(now, Method::Get, path, &[], part, out);
        }
        self.fetch = Some(fetch);
    }

    /// Ends the fetch without a result and without a next one.
    pub fn abandon(&mut self) {
        self.fetch = None;
        self.next = None;
    }

    /// Ends the fetch without a result; the next one begins after a while that grows from failure to failure.
    pub fn failed(&mut self, now: Stamp) {
        self.fetch = None;
        let delay = AGAIN_MS << self.failures.min(AGAIN_DOUBLINGS);
        self.failures = self.failures.saturating_add(1);
        self.next = Some(now.plus_ms(delay));
    }

    /// Sets when the next poll is due.
    pub fn rest(&mut self, now: Stamp, busy: bool) {
        let delay = if busy { POLL_BUSY_MS } else { POLL_IDLE_MS };
        self.next = Some(now.plus_ms(delay));
    }

    /// True when the answer belongs to the fetch that runs.
    pub fn is_current(&self, part: Part) -> bool {
        self.fetch.is_some() && part.generation == self.generation
    }

    /// Takes one good answer.
    pub fn take(
        &mut self,
        part: Part,
        body: &[u8],
        context: &mut Context<'_>,
        out: &mut Out,
    ) -> Progress {
        if part.generation != self.generation {
            return Progress::Old;
        }
        let Some(mut fetch) = self.fetch.take() else {
            return Progress::Old;
        };
        fetch.waiting.remove(&part.kind);
        match self.read(&mut fetch, part.kind, body, context, out) {
            Ok(()) => self.go_on(fetch, context, out),
            Err(ReadError::Instrument(symbol)) => Progress::Needs(symbol),
            Err(error) => Progress::Failed(error),
        }
    }

    /// The order behind a lookup is not known any more: its trades keep the number as a name.
    pub fn take_missing(
        &mut self,
        part: Part,
        context: &mut Context<'_>,
        out: &mut Out,
    ) -> Progress {
        let Some(mut fetch) = self.fetch.take() else {
            return Progress::Old;
        };
        fetch.waiting.remove(&part.kind);
        self.go_on(fetch, context, out)
    }

    fn go_on(&mut self, mut fetch: Fetch, context: &mut Context<'_>, out: &mut Out) -> Progress {
        if fetch.waiting.is_empty() && self.is_whole(&mut fetch, context, out) {
            return self.whole(fetch, context);
        }
        self.fetch = Some(fetch);
        Progress::More
    }

    fn read(
        &mut self,
        fetch: &mut Fetch,
        kind: Kind,
        body: &[u8],
        context: &mut Context<'_>,
        out: &mut Out,
    ) -> Result<(), ReadError> {
        let reader = context.reader;
        match kind {
            Kind::Orders => each(body, &mut fetch.bad, context, |raw| {
                fetch.orders.push(read::order(raw, &reader)?);
                Ok(())
            }),
            Kind::Algos => each(body, &mut fetch.bad, context, |raw| {
                fetch.algos.push(algo::order(raw, &reader)?);
                Ok(())
            }),
            Kind::Positions => {
                let mut rows = Vec::new();
                // A position that cannot be read must not look flat: it ends the fetch.
                for raw in read::list(body)? {
                    rows.push(read::position(raw.get().as_bytes(), &reader)?);
                }
                rows.retain(|p| !p.size.is_zero());
                fetch.positions = rows;
                Ok(())
            }
            Kind::Balances => each(body, &mut fetch.bad, context, |raw| {
                fetch.balances.push(read::balance(raw)?);
                Ok(())
            }),
            Kind::Mode => {
                fetch.mode = Some(settings::account_config(body)?);
                Ok(())
            }
            Kind::Trades(symbol) => self.read_trades(fetch, symbol, body, context, out),
            Kind::Order(..) => {
                fetch.looked_up.push(read::order(body, &reader)?);
                Ok(())
            }
            Kind::Algo(..) => {
                fetch.looked_up_algos.push(algo::order(body, &reader)?);
                Ok(())
            }
        }
    }

    /// One page; a full one is followed by the next.
    fn read_trades(
        &mut self,
        fetch: &mut Fetch,
        symbol: Symbol,
        body: &[u8],
        context: &mut Context<'_>,
        out: &mut Out,
    ) -> Result<(), ReadError> {
        let reader = context.reader;
        let rows = read::list(body)?.len();
        let from = fetch.trades.len();
        let told = context.told;
        each(body, &mut fetch.bad, context, |raw| {
            let fill = read::trade(raw, &reader, |order| told.client_of(order))?;
            fetch.trades.push(fill);
            Ok(())
        })?;
        let page = fetch.trades.get(from..).unwrap_or_default();
        if let Some(last) = page.iter().filter_map(|fill| fill.trade.number()).max() {
            let told = fetch.last.entry(symbol).or_default();
            *told = last.max(*told);
            if rows >= PAGE {
                self.ask_trades(fetch, symbol, context, out);
            }
        }
        Ok(())
    }

    fn ask_trades(
        &self,
        fetch: &mut Fetch,
        symbol: Symbol,
        context: &mut Context<'_>,
        out: &mut Out,
    ) {
        let kind = Kind::Trades(symbol);
        fetch.waiting.insert(kind);
        let mut params = vec![
            ("symbol", Value::Text(symbol.as_str())),
            ("limit", Value::Int(PAGE as i64)),
        ];
        // `fromId` may not be sent together with a time.
        let last = fetch.last.get(&symbol).or(self.confirmed.get(&symbol));
        match last.and_then(|id| i64::try_from(*id).ok()) {
            Some(id) => params.push(("fromId", Value::Int(id.saturating_add(1)))),
            None => params.push(("startTime", Value::Int(self.since_ms))),
        }
        let part = Purpose::Truth(Part {
            generation: self.generation,
            kind,
        });
        let path = "/fapi/v1/userTrades";
        let now = context.reader.at;
        context
            .caller
            .signed(now, Method::Get, path, &params, part, out);
    }

    /// Everything asked for is there: asks for the next stage, or says that there is none.
    fn is_whole(&self, fetch: &mut Fetch, context: &mut Context<'_>, out: &mut Out) -> bool {
        if !fetch.asked_trades {
            fetch.asked_trades = true;
            let mut symbols: HashSet<Symbol, FixedState> =
                context.symbols.iter().copied().collect();
            symbols.extend(fetch.orders.iter().map(|o| o.key.symbol));
            symbols.extend(fetch.positions.iter().map(|p| p.key.symbol));
            for symbol in symbols {
                self.ask_trades(fetch, symbol, context, out);
            }
            if !fetch.waiting.is_empty() {
                return false;
            }
        }
        self.look_up(fetch, context, out);
        fetch.waiting.is_empty()
    }

    fn whole(&mut self, mut fetch: Fetch, context: &mut Context<'_>) -> Progress {
        let Some(mode) = fetch.mode else {
            return Progress::Failed(ReadError::Field("accountConfig"));
        };
        self.failures = 0;
        // Not before the fetch is whole: what a failed one was told must be asked for again.
        self.confirmed.extend(fetch.last.drain());
        for fill in &mut fetch.trades {
            let mut known = fetch.orders.iter().chain(&fetch.looked_up);
            if let Some(order) = known.find(|o| o.order.venue == Some(fill.order)) {
                fill.client = order.order.client;
            }
        }
        let mut fired = Vec::new();
        for algo in fetch.algos.into_iter().chain(fetch.looked_up_algos) {
            match algo.became {
                Some(number) => fired.push((algo.report, number)),
                None if algo.report.status.is_final() => fetch.looked_up.push(algo.report),
                None => fetch.orders.push(algo.report),
            }
        }
        fetch.trades.sort_by_key(|fill| (fill.venue_ms, fill.trade));
        Progress::Done(Box::new(Whole {
            truth: AccountTruth {
                orders: fetch.orders,
                positions: fetch.positions,
                fills: fetch.trades,
                balances: fetch.balances,
                at: context.reader.at,
            },
            mode,
            bad: fetch.bad,
            began: fetch.began,
            began_ms: fetch.began_ms,
            looked_up: fetch.looked_up,
            fired,
        }))
    }

    /// Tells the last trade of each symbol that came by REST in one piece.
    pub fn confirmed(&self) -> impl Iterator<Item = (Symbol, u64)> + '_ {
        self.confirmed.iter().map(|(symbol, id)| (*symbol, *id))
    }
}

/// What a fetch needs from the account.
pub struct Context<'a> {
    /// Makes the calls.
    pub caller: &'a mut Caller,
    /// Knows the orders' names.
    pub told: &'a Told,
    /// Reads records.
    pub reader: Reader<'a>,
    /// Symbols whose trades are wanted whatever the venue says.
    pub symbols: &'a [Symbol],
    /// Instruments that the venue does not have: their records are skipped.
    pub given_up: &'a HashSet<Symbol, FixedState>,
}

/// Reads each record of a list by itself; one that cannot be read is skipped and kept as a complaint.
fn each(
    body: &[u8],
    bad: &mut Vec<ReadError>,
    context: &Context<'_>,
    mut take: impl FnMut(&[u8]) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    for raw in read::list(body)? {
        match take(raw.get().as_bytes()) {
            Ok(()) => {}
            Err(ReadError::Instrument(symbol)) if !context.given_up.contains(&symbol) => {
                return Err(ReadError::Instrument(symbol));
            }
            Err(error) => bad.push(error),
        }
    }
    Ok(())
}
