//! Fetching account truth: orders, conditional ones by kind, positions, balances, configuration, the latest fills, page by page,
//! then what [`super::lookups`] finds missing in all of that. Owns the fetch; a part that fails ends the fetch, so that a missing
//! answer is never taken for "nothing there".

use std::collections::HashSet;

use foldhash::fast::FixedState;
use serde_json::value::RawValue;

use super::caller::{Caller, Purpose};
use super::whole::Whole;
use crate::domain::message::{Balance, MarginMode};
use crate::domain::{ClientId, Fill, MarketKey, OrderId, PositionReport, Stamp, Symbol};
use crate::exchange::account::told::Told;
use crate::exchange::machine::Out;
use crate::exchange::okx::read::algo::{self, AlgoOrder};
use crate::exchange::okx::read::holding::Funded;
use crate::exchange::okx::read::order::{self, Order};
use crate::exchange::okx::read::settings::{self, Config};
use crate::exchange::okx::read::{self, ReadError, Reader, fill, holding};

/// Rows of one page (the venue's maximum for all lists).
const PAGE: usize = 100;
/// So many pages of one list, and something is wrong.
const PAGES: usize = 60;
/// A fetch that failed is tried again after this, ms, then after twice as long, up to 24 s.
const AGAIN_MS: u64 = 1_500;
const AGAIN_DOUBLINGS: u32 = 4;
const POLL_BUSY_MS: u64 = 5_000;
const POLL_IDLE_MS: u64 = 30_000;
/// One fetch begins at the earliest this long after the last, ms: the configuration may be read 5 times in 2 s.
const APART_MS: u64 = 500;
/// Fills are asked for again from this long before the last fetch on, ms: the venue may list one late.
const OVERLAP_MS: i64 = 30_000;

/// The conditional orders that are fetched, each kind by a call of its own.
const ALGOS: [&str; 4] = ["conditional", "oco", "trigger", "move_order_stop"];

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
    /// Open regular orders.
    Orders,
    /// Open conditional orders of a kind.
    Algos(&'static str),
    /// Positions.
    Positions,
    /// Balances.
    Balances,
    /// Account and key.
    Config,
    /// Fills since the last fetch.
    Fills,
    /// Orders of a type of instrument that ended, while a placing is not proved.
    History(&'static str),
    /// One regular order by the venue's id.
    Order(Symbol, OrderId),
    /// One conditional order by the venue's id.
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
    /// When it began.
    pub began: Stamp,
    /// The same in venue time, ms.
    pub began_ms: i64,
    /// Parts without an answer yet.
    pub waiting: HashSet<Kind, FixedState>,
    pages: usize,
    /// Open regular orders.
    pub orders: Vec<Order>,
    /// Open conditional orders.
    pub algos: Vec<AlgoOrder>,
    /// Positions, each with its margin mode.
    pub positions: Vec<(PositionReport, MarginMode)>,
    /// What they paid and received in funding.
    pub funded: Vec<Funded>,
    /// What the channel told of positions meanwhile.
    pub pushed: Vec<(PositionReport, MarginMode)>,
    /// Balances.
    pub balances: Vec<Balance>,
    /// Account and key.
    pub config: Option<Config>,
    /// Fills since the last fetch.
    pub fills: Vec<Fill>,
    /// Orders that were looked up by id, or are being.
    pub asked: HashSet<Kind, FixedState>,
    /// Regular orders found that way, or in the history.
    pub looked_up: Vec<Order>,
    /// Conditional orders found by id.
    pub looked_up_algos: Vec<AlgoOrder>,
    /// Records that were skipped.
    pub bad: Vec<ReadError>,
}

/// See the module.
pub struct Truth {
    pub(super) generation: u64,
    fetch: Option<Fetch>,
    /// Fills before this venue time are history, ms.
    since_ms: i64,
    began: Option<Stamp>,
    /// Fetches that failed in a row.
    failures: u32,
    /// When the next fetch begins.
    pub next: Option<Stamp>,
}

impl Truth {
    /// Nothing fetched yet.
    pub const fn new() -> Self {
        Self {
            generation: 0,
            fetch: None,
            since_ms: 0,
            began: None,
            failures: 0,
            next: None,
        }
    }

    /// True while a fetch runs.
    pub const fn is_running(&self) -> bool {
        self.fetch.is_some()
    }

    /// When a fetch may begin at the earliest.
    pub fn earliest(&self) -> Option<Stamp> {
        self.began.map(|began| began.plus_ms(APART_MS))
    }

    /// Begins a fetch; one that runs is forgotten. `placing`: orders of which it is not proved that they were placed.
    pub fn begin(
        &mut self,
        caller: &mut Caller,
        placing: &[(MarketKey, ClientId)],
        types: &[&'static str],
        now: Stamp,
        out: &mut Out,
    ) {
        self.generation += 1;
        self.next = None;
        self.began = Some(now);
        let began_ms = caller.venue_ms(now);
        if self.since_ms == 0 {
            self.since_ms = began_ms;
        }
        let mut fetch = Fetch {
            began: now,
            began_ms,
            ..Fetch::default()
        };
        let mut kinds = vec![
            Kind::Orders,
            Kind::Positions,
            Kind::Balances,
            Kind::Config,
            Kind::Fills,
        ];
        kinds.extend(ALGOS.map(Kind::Algos));
        if !placing.is_empty() {
            kinds.extend(types.iter().map(|kind| Kind::History(kind)));
        }
        for kind in kinds {
            self.ask(&mut fetch, kind, None, caller, now, out);
        }
        self.fetch = Some(fetch);
    }

    /// Asks for one list, or for its page behind the record with this id.
    fn ask(
        &self,
        fetch: &mut Fetch,
        kind: Kind,
        after: Option<&str>,
        caller: &mut Caller,
        now: Stamp,
        out: &mut Out,
    ) {
        let mut target = match kind {
            Kind::Orders => format!("/api/v5/trade/orders-pending?limit={PAGE}"),
            Kind::Algos(name) => {
                format!("/api/v5/trade/orders-algo-pending?ordType={name}&limit={PAGE}")
            }
            Kind::Positions => "/api/v5/account/positions".to_owned(),
            Kind::Balances => "/api/v5/account/balance".to_owned(),
            Kind::Config => "/api/v5/account/config".to_owned(),
            Kind::Fills => {
                format!("/api/v5/trade/fills?begin={}&limit={PAGE}", self.since_ms)
            }
            Kind::History(name) => format!(
                "/api/v5/trade/orders-history?instType={name}&begin={}&limit={PAGE}",
                self.since_ms
            ),
            Kind::Order(..) | Kind::Algo(..) => return,
        };
        if let Some(after) = after {
            target.push_str("&after=");
            target.push_str(after);
        }
        fetch.waiting.insert(kind);
        let part = Purpose::Truth(Part {
            generation: self.generation,
            kind,
        });
        caller.read(now, target, part, out);
    }

    /// The channel told of a position while a fetch runs.
    pub fn pushed(&mut self, report: PositionReport, mode: MarginMode) {
        if let Some(fetch) = &mut self.fetch {
            fetch.pushed.push((report, mode));
        }
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

    /// The order behind a lookup is not known any more: its fills keep the id as a name.
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
        if fetch.waiting.is_empty() {
            self.look_up(&mut fetch, context, out);
        }
        if !fetch.waiting.is_empty() {
            self.fetch = Some(fetch);
            return Progress::More;
        }
        let began_ms = fetch.began_ms;
        match Whole::of(fetch, context.reader.at) {
            Ok(whole) => {
                self.failures = 0;
                // Not before the fetch is whole: what a failed one was told must be asked for again.
                self.since_ms = self.since_ms.max(began_ms.saturating_sub(OVERLAP_MS));
                Progress::Done(Box::new(whole))
            }
            Err(error) => Progress::Failed(error),
        }
    }

    fn read(
        &self,
        fetch: &mut Fetch,
        kind: Kind,
        body: &[u8],
        context: &mut Context<'_>,
        out: &mut Out,
    ) -> Result<(), ReadError> {
        let rows = read::list(body)?;
        match kind {
            Kind::Config => fetch.config = Some(settings::config(body)?),
            Kind::Order(..) => {
                let record = read::first(body)?.get();
                fetch.looked_up.push(order::read(record, &context.reader)?);
            }
            Kind::Algo(..) => {
                let record = read::first(body)?.get();
                fetch
                    .looked_up_algos
                    .push(algo::read(record, &context.reader)?);
            }
            _ => {
                read_rows(fetch, kind, &rows, context)?;
                self.next_page(fetch, kind, &rows, context, out)?;
            }
        }
        Ok(())
    }

    /// A full page is followed by the next.
    fn next_page(
        &self,
        fetch: &mut Fetch,
        kind: Kind,
        rows: &[&RawValue],
        context: &mut Context<'_>,
        out: &mut Out,
    ) -> Result<(), ReadError> {
        let field = match kind {
            Kind::Orders | Kind::History(_) => "ordId",
            Kind::Algos(_) => "algoId",
            Kind::Fills => "billId",
            _ => return Ok(()),
        };
        if rows.len() < PAGE {
            return Ok(());
        }
        fetch.pages += 1;
        let last = rows.last().and_then(|raw| read::page_end(raw, field));
        let after = last
            .filter(|_| fetch.pages < PAGES)
            .ok_or(ReadError::Field("the end of a page"))?;
        let now = context.reader.at;
        self.ask(fetch, kind, Some(&after), context.caller, now, out);
        Ok(())
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
    /// Orders of which it is not proved that they were placed.
    pub placing: &'a [(MarketKey, ClientId)],
    /// Instruments that the venue does not have: their records are skipped.
    pub given_up: &'a HashSet<Symbol, FixedState>,
}

fn read_rows(
    fetch: &mut Fetch,
    kind: Kind,
    rows: &[&RawValue],
    context: &Context<'_>,
) -> Result<(), ReadError> {
    let (reader, told) = (&context.reader, context.told);
    for row in rows {
        let text = row.get();
        let taken = match kind {
            Kind::Orders => order::read(text, reader).map(|order| fetch.orders.push(order)),
            Kind::Algos(_) => algo::read(text, reader).map(|algo| fetch.algos.push(algo)),
            // A position that cannot be read must not look flat: it ends the fetch.
            Kind::Positions => match holding::position(text, reader) {
                Ok(position) => {
                    fetch.positions.push(position);
                    fetch.funded.extend(holding::funded(text));
                    Ok(())
                }
                Err(ReadError::Elsewhere) => Ok(()),
                Err(error) => return Err(error),
            },
            Kind::Balances => balances(fetch, text),
            Kind::Fills => {
                let fill = fill::row(text, reader, |order| told.client_of(order));
                fill.map(|fill| fetch.fills.push(fill))
            }
            Kind::History(_) => order::read(text, reader).map(|order| {
                let client = order.report.order.client;
                if context.placing.iter().any(|(_, asked)| *asked == client) {
                    fetch.looked_up.push(order);
                }
            }),
            Kind::Config | Kind::Order(..) | Kind::Algo(..) => Ok(()),
        };
        match taken {
            Ok(()) | Err(ReadError::Elsewhere) => {}
            Err(ReadError::Instrument(symbol)) if !context.given_up.contains(&symbol) => {
                return Err(ReadError::Instrument(symbol));
            }
            Err(error) => fetch.bad.push(error),
        }
    }
    Ok(())
}

fn balances(fetch: &mut Fetch, text: &str) -> Result<(), ReadError> {
    for balance in holding::balances(text)? {
        match balance {
            Ok(balance) => fetch.balances.push(balance),
            Err(error) => fetch.bad.push(error),
        }
    }
    Ok(())
}
