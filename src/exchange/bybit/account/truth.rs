//! Fetching account truth: orders of both categories, positions, the wallet, the account's modes, the key's rights, and trades since
//! the last fetch, page by page. Owns the fetch; a part that fails ends the fetch, so that a missing answer is never taken for
//! "nothing there".

use std::collections::HashSet;

use foldhash::fast::FixedState;

use super::caller::{Caller, Purpose};
use super::whole::Whole;
use crate::domain::message::Balance;
use crate::domain::{Stamp, Symbol};
use crate::exchange::bybit::instruments::Category;
use crate::exchange::bybit::read::fill::{self, FillSaid};
use crate::exchange::bybit::read::order::{self, OrderSaid};
use crate::exchange::bybit::read::position::{self, PositionSaid};
use crate::exchange::bybit::read::settings::{self, AccountInfo, KeyInfo};
use crate::exchange::bybit::read::{Page, ReadError, Reader};
use crate::exchange::machine::Out;

mod kind;

use kind::Kind;

/// Trades are asked for from this much before the last fetch, ms: the venue may list one late.
const OVERLAP_MS: i64 = 60_000;
/// A fetch that failed is tried again after this, ms, then after twice as long, up to 24 s.
const AGAIN_MS: u64 = 1_500;
const AGAIN_DOUBLINGS: u32 = 4;
const POLL_BUSY_MS: u64 = 5_000;
const POLL_IDLE_MS: u64 = 30_000;
/// So many pages of one list are read at most.
const PAGES: u32 = 50;
/// Calls of one fetch; an instrument that is followed and further pages come on top.
pub const CALLS: u32 = 12;

/// One call of a fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    generation: u64,
    /// Which.
    pub kind: Kind,
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
struct Fetch {
    began: Stamp,
    began_ms: i64,
    /// Trades from here on are asked for, venue ms.
    from_ms: i64,
    waiting: HashSet<Kind, FixedState>,
    pages: u32,
    orders: Vec<OrderSaid>,
    positions: Vec<PositionSaid>,
    balances: Vec<Balance>,
    account: Option<AccountInfo>,
    key: Option<KeyInfo>,
    fills: Vec<FillSaid>,
    bad: Vec<ReadError>,
}

/// See the module.
pub struct Truth {
    generation: u64,
    fetch: Option<Fetch>,
    /// Trades before this venue time are history, ms.
    since_ms: i64,
    /// When the last whole fetch began, venue ms.
    whole_ms: i64,
    /// What the key may not see.
    denied: Vec<Category>,
    /// Fetches that failed in a row.
    failures: u32,
    /// When the next fetch begins.
    pub next: Option<Stamp>,
}

/// What a fetch needs from the account.
pub struct Context<'a> {
    /// Makes the calls.
    pub caller: &'a mut Caller,
    /// Reads records.
    pub reader: Reader<'a>,
    /// Instruments that the venue does not have: their records are skipped.
    pub given_up: &'a HashSet<Symbol, FixedState>,
    /// Which instruments hold two positions.
    pub has_legs: &'a dyn Fn(&Symbol) -> bool,
}

impl Truth {
    /// Nothing fetched yet.
    pub const fn new() -> Self {
        Self {
            generation: 0,
            fetch: None,
            since_ms: 0,
            whole_ms: 0,
            denied: Vec::new(),
            failures: 0,
            next: None,
        }
    }

    /// True while a fetch runs.
    pub const fn is_running(&self) -> bool {
        self.fetch.is_some()
    }

    /// Begins a fetch; one that runs is forgotten. `contracts` are those whose mode and stops are in question; `whole`: the account's
    /// modes and the key's rights are asked for too.
    pub fn begin(
        &mut self,
        caller: &mut Caller,
        contracts: &[Symbol],
        whole: bool,
        now: Stamp,
        out: &mut Out,
    ) {
        self.generation += 1;
        self.next = None;
        let began_ms = caller.venue_ms(now);
        if self.since_ms == 0 {
            self.since_ms = began_ms;
        }
        self.fetch = Some(Fetch {
            began: now,
            began_ms,
            from_ms: self.whole_ms.saturating_sub(OVERLAP_MS).max(self.since_ms),
            ..Fetch::default()
        });
        for kind in kind::all(contracts, whole) {
            if kind.category().is_some_and(|c| self.denied.contains(&c)) {
                continue;
            }
            self.ask(kind, None, caller, now, out);
        }
    }

    fn ask(
        &mut self,
        kind: Kind,
        cursor: Option<&str>,
        caller: &mut Caller,
        now: Stamp,
        out: &mut Out,
    ) {
        let Some(fetch) = self.fetch.as_mut() else {
            return;
        };
        fetch.waiting.insert(kind);
        let (path, query) = kind.call(fetch.from_ms);
        let part = Part {
            generation: self.generation,
            kind,
        };
        caller.read(now, path, &query.at(cursor), Purpose::Truth(part), out);
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
    pub const fn is_current(&self, part: Part) -> bool {
        self.fetch.is_some() && part.generation == self.generation
    }

    /// True when the fetch can do without this part: demo trading may not tell a key's rights.
    pub fn is_optional(&self, part: Part) -> bool {
        self.is_current(part) && part.kind == Kind::Key
    }

    /// The key may not see what this part asks for; `false` where it may see nothing then.
    pub fn deny(&mut self, kind: Kind) -> bool {
        let Some(category) = kind.category() else {
            return false;
        };
        if !self.denied.contains(&category) {
            self.denied.push(category);
        }
        self.denied.len() < 2
    }

    /// Takes one good answer.
    pub fn take(
        &mut self,
        part: Part,
        result: &str,
        context: &mut Context<'_>,
        out: &mut Out,
    ) -> Progress {
        if !self.is_current(part) {
            return Progress::Old;
        }
        let Some(fetch) = self.fetch.as_mut() else {
            return Progress::Old;
        };
        match fetch.read(part.kind, result, context) {
            Ok(None) => self.go_on(part.kind, context),
            Ok(Some(cursor)) => {
                self.ask(
                    part.kind,
                    Some(&cursor),
                    context.caller,
                    context.reader.at,
                    out,
                );
                Progress::More
            }
            Err(ReadError::Instrument(symbol)) => Progress::Needs(symbol),
            Err(error) => Progress::Failed(error),
        }
    }

    /// There is no answer to this part, and the fetch does without.
    pub fn take_missing(&mut self, part: Part, context: &Context<'_>) -> Progress {
        if !self.is_current(part) {
            return Progress::Old;
        }
        self.go_on(part.kind, context)
    }

    fn go_on(&mut self, kind: Kind, context: &Context<'_>) -> Progress {
        let Some(mut fetch) = self.fetch.take() else {
            return Progress::Old;
        };
        fetch.waiting.remove(&kind);
        if !fetch.waiting.is_empty() {
            self.fetch = Some(fetch);
            return Progress::More;
        }
        self.failures = 0;
        // Not before the fetch is whole: what a failed one was told must be asked for again.
        self.whole_ms = fetch.began_ms;
        Progress::Done(Box::new(fetch.whole(context)))
    }
}

impl Fetch {
    /// Reads a page; gives the cursor of the next one.
    fn read(
        &mut self,
        kind: Kind,
        result: &str,
        context: &Context<'_>,
    ) -> Result<Option<String>, ReadError> {
        match kind {
            Kind::Account => {
                self.account = Some(settings::account_info(result)?);
                return Ok(None);
            }
            Kind::Key => {
                self.key = Some(settings::key_info(result)?);
                return Ok(None);
            }
            _ => {}
        }
        let page = Page::read(result)?;
        for raw in &page.list {
            match self.record(kind, raw.get(), context) {
                Ok(()) => {}
                Err(ReadError::Instrument(symbol)) if !context.given_up.contains(&symbol) => {
                    return Err(ReadError::Instrument(symbol));
                }
                Err(error @ ReadError::Instrument(_)) => self.bad.push(error),
                // A position that cannot be read must not look flat: it ends the fetch.
                Err(error) if matches!(kind, Kind::Positions(_) | Kind::Position(_)) => {
                    return Err(error);
                }
                Err(error) => self.bad.push(error),
            }
        }
        self.pages += 1;
        let next = page.next().filter(|_| kind != Kind::Wallet);
        if next.is_some() && self.pages > PAGES {
            return Err(ReadError::Field("nextPageCursor"));
        }
        Ok(next)
    }

    fn record(&mut self, kind: Kind, raw: &str, context: &Context<'_>) -> Result<(), ReadError> {
        let reader = &context.reader;
        let category = kind.category();
        match kind {
            Kind::Contracts(_) | Kind::Coins => {
                self.orders.extend(order::order(raw, category, reader)?);
            }
            Kind::Positions(_) | Kind::Position(_) => {
                self.positions
                    .extend(position::position(raw, category, reader)?);
            }
            Kind::Trades(_) => {
                let said = fill::fill(raw, category, reader, context.has_legs, true)?;
                self.fills.push(said);
            }
            Kind::Wallet => {
                let (balances, bad) = settings::coins(raw)?;
                self.balances.extend(balances);
                self.bad.extend(bad);
            }
            Kind::Account | Kind::Key => {}
        }
        Ok(())
    }

    fn whole(self, context: &Context<'_>) -> Whole {
        Whole {
            orders: self.orders,
            positions: self.positions,
            balances: self.balances,
            fills: self.fills,
            account: self.account,
            key: self.key,
            bad: self.bad,
            began: self.began,
            began_ms: self.began_ms,
            at: context.reader.at,
        }
    }
}
