//! Writes the box: one segment after the other, each whole in itself. Owns the open file; belongs on a thread of its own.
//!
//! It must never make anybody wait, and it never gives up: what the disk refuses is left out, and a little later it tries again.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::PathBuf;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::promise::{self, Pressed};
use super::segments::{self, Bounds, LENGTH_MS};
use super::{BoxError, lines, own, rules};
use crate::domain::message::SymbolSettings;
use crate::domain::{
    BookState, ClientId, Depth, Environment, Fact, Instrument, Leg, MarketKey, OrderReport,
    PositionReport, Print, Side, Stamp,
};

/// A whole book stands in a segment at least so often, ms.
const WHOLE_MS: u64 = 10_000;
/// A book that does not change is proved in writing so often, ms.
const PROOF_MS: u64 = 500;
/// What was written reaches the file within this, ms: so much is lost when the process is killed.
const FLUSH_MS: u64 = 1_000;
/// After a refusal of the disk the next try comes so much later, ms.
const RETRY_MS: u64 = 10_000;
/// Most markets of one run; what comes after them is left out.
const MOST_MARKETS: usize = 64;
/// Most own orders that the beginning of a segment lists.
const MOST_ORDERS: usize = 1_000;

/// One thing that happened on a market.
#[derive(Clone, Debug)]
pub struct Told {
    /// When.
    pub at: Stamp,
    /// On which market, its legs together.
    pub key: MarketKey,
    /// What.
    pub what: Wrote,
}

/// What can be written down.
#[expect(
    clippy::large_enum_variant,
    reason = "a channel's place is as large as its largest thing, and there are few places"
)]
#[derive(Clone, Debug)]
pub enum Wrote {
    /// The market's world and rules: before anything else of it, and when they change.
    Rules(Environment, Arc<Instrument>),
    /// A picture of the book.
    Book(Arc<Depth>),
    /// What may be believed of the book that was pictured last, and when its line last proved itself.
    Proof(BookState, Stamp),
    /// Prints, oldest first.
    Prints(Vec<Print>),
    /// What the venue said of one's own.
    Own(Fact),
    /// A key.
    Key(Box<Pressed>),
}

/// What is known of one market: what a segment begins with.
struct Market {
    key: MarketKey,
    environment: Environment,
    rules: Arc<Instrument>,
    last: Option<Arc<Depth>>,
    /// What was last written of what may be believed of it, and when its line last proved itself.
    state: BookState,
    proved: Stamp,
    /// When its book was last written whole, and last written at all.
    whole: Stamp,
    written: Stamp,
    orders: BTreeMap<ClientId, OrderReport>,
    positions: BTreeMap<Option<Leg>, PositionReport>,
    settings: Option<SymbolSettings>,
}

struct Open {
    path: PathBuf,
    to: GzEncoder<Counted>,
    began: Stamp,
    flushed: Stamp,
}

/// A file that counts what it takes.
struct Counted {
    file: File,
    bytes: u64,
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.bytes = self.bytes.saturating_add(count as u64);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// See the module.
pub struct Recorder {
    folder: PathBuf,
    bounds: Bounds,
    run: String,
    markets: Vec<Market>,
    open: Option<Open>,
    retry: Option<Stamp>,
    trouble: Option<BoxError>,
    lost: u64,
    /// Something of one's own was written that should be readable soon.
    urgent: bool,
    text: String,
}

impl Recorder {
    /// A box in this folder, which is made with the first segment. `run` is this run's name.
    pub fn new(folder: PathBuf, bounds: Bounds, run: &str) -> Self {
        Self {
            folder,
            bounds,
            run: run.to_owned(),
            markets: Vec::new(),
            open: None,
            retry: None,
            trouble: None,
            lost: 0,
            urgent: false,
            text: String::new(),
        }
    }

    /// Writes one thing down, as far as the disk takes it.
    pub fn take(&mut self, told: &Told) {
        if self.retry.is_none_or(|at| told.at >= at) {
            self.retry = None;
            if let Err(why) = self.write(told) {
                self.broke(told.at, why);
            }
        }
        self.know(told);
    }

    /// Time went on: what was written reaches the file. `lost` is how many things found no room so far.
    pub fn tick(&mut self, now: Stamp, lost: u64) {
        let more = lost.saturating_sub(self.lost);
        self.lost = lost;
        let Some(open) = &mut self.open else { return };
        let mut done = Ok(());
        if more > 0 {
            let t = now.since(open.began) / 1_000;
            done = writeln!(open.to, "x {t} {more}");
        }
        let due = std::mem::take(&mut self.urgent) || now.ms_since(open.flushed) >= FLUSH_MS;
        if done.is_ok() && due {
            open.flushed = now;
            done = open.to.flush();
        }
        let path = open.path.clone();
        if let Err(why) = done {
            self.broke(now, BoxError::File { path, why });
        }
    }

    /// What the disk last refused, told once.
    pub const fn trouble(&mut self) -> Option<BoxError> {
        self.trouble.take()
    }

    /// Ends the open segment.
    pub fn finish(&mut self) {
        if let Some(open) = self.open.take()
            && let Err(why) = open.to.finish()
        {
            let path = open.path;
            self.trouble = Some(BoxError::File { path, why });
        }
    }

    fn broke(&mut self, now: Stamp, why: BoxError) {
        self.open = None;
        self.retry = Some(now.plus_ms(RETRY_MS));
        self.trouble = Some(why);
    }

    fn place(&self, key: MarketKey) -> Option<usize> {
        self.markets.iter().position(|market| market.key == key)
    }

    fn write(&mut self, told: &Told) -> Result<(), BoxError> {
        self.need_segment(told.at)?;
        let mut text = std::mem::take(&mut self.text);
        text.clear();
        if let Some(n) = self.place(told.key) {
            let t = self.t(told.at);
            line(&mut text, &mut self.markets[n], n, t, told);
        } else if let Wrote::Rules(environment, rules) = &told.what
            && self.markets.len() < MOST_MARKETS
        {
            market_line(&mut text, self.markets.len(), *environment, told.key, rules);
        }
        let done = self.put(&text);
        self.text = text;
        self.urgent |= matches!(told.what, Wrote::Own(_) | Wrote::Key(_));
        done
    }

    /// µs since the open segment began.
    fn t(&self, at: Stamp) -> u64 {
        self.open
            .as_ref()
            .map_or(0, |open| at.since(open.began) / 1_000)
    }

    fn put(&mut self, text: &str) -> Result<(), BoxError> {
        let Some(open) = &mut self.open else {
            return Ok(());
        };
        open.to
            .write_all(text.as_bytes())
            .map_err(|why| BoxError::File {
                path: open.path.clone(),
                why,
            })
    }

    /// Begins a segment where none is open, or the open one is long or large enough.
    fn need_segment(&mut self, now: Stamp) -> Result<(), BoxError> {
        if let Some(open) = &self.open {
            let full = open.to.get_ref().bytes >= self.bounds.segment_bytes();
            if !full && now.ms_since(open.began) < LENGTH_MS {
                return Ok(());
            }
            self.finish();
        }
        let failed = |path: &PathBuf, why| BoxError::File {
            path: path.clone(),
            why,
        };
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.folder)
            .map_err(|why| failed(&self.folder, why))?;
        segments::prune(&self.folder, self.bounds, now.wall_ms())?;
        let path = self.folder.join(segments::name(now.wall_ms(), &self.run));
        let file = File::options()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&path)
            .map_err(|why| failed(&path, why))?;
        let to = GzEncoder::new(Counted { file, bytes: 0 }, Compression::fast());
        self.open = Some(Open {
            path,
            to,
            began: now,
            flushed: now,
        });
        let beginning = self.beginning(now);
        self.put(&beginning)
    }

    /// What a segment begins with: everything that is known.
    fn beginning(&mut self, now: Stamp) -> String {
        let mut text = format!("lancet-box 1 {} {}\n", now.wall_ns, self.run);
        for (n, market) in self.markets.iter_mut().enumerate() {
            market_line(&mut text, n, market.environment, market.key, &market.rules);
            if let Some(last) = &market.last {
                let depth = Depth {
                    state: market.state.clone(),
                    proved: market.proved.max(last.proved),
                    ..(**last).clone()
                };
                book_line(&mut text, market, n, 0, now, &depth, true);
            }
            let settings = market.settings.map(Fact::Settings);
            let positions = market.positions.values().map(|p| Fact::Position(*p));
            let orders = market.orders.values().map(|o| Fact::Order(o.clone()));
            for fact in settings.into_iter().chain(positions).chain(orders) {
                own_line(&mut text, n, 0, &fact, &market.rules);
            }
        }
        text.push_str(".\n");
        text
    }

    /// Keeps in mind what the next segment has to begin with.
    fn know(&mut self, told: &Told) {
        let found = self.place(told.key);
        if let Wrote::Rules(environment, rules) = &told.what {
            let market = Market {
                key: told.key,
                environment: *environment,
                rules: Arc::clone(rules),
                last: None,
                state: BookState::Live,
                proved: Stamp::default(),
                whole: Stamp::default(),
                written: Stamp::default(),
                orders: BTreeMap::new(),
                positions: BTreeMap::new(),
                settings: None,
            };
            match found {
                Some(n) => self.markets[n] = market,
                None if self.markets.len() < MOST_MARKETS => self.markets.push(market),
                None => {}
            }
            return;
        }
        let Some(market) = found.map(|n| &mut self.markets[n]) else {
            return;
        };
        match &told.what {
            Wrote::Book(depth) => market.last = Some(Arc::clone(depth)),
            Wrote::Own(Fact::Order(report)) if report.status.is_final() => {
                market.orders.remove(&report.order.client);
            }
            Wrote::Own(Fact::Order(report)) => {
                if market.orders.len() < MOST_ORDERS {
                    market.orders.insert(report.order.client, report.clone());
                }
            }
            Wrote::Own(Fact::Position(report)) => {
                market.positions.insert(report.leg, *report);
            }
            Wrote::Own(Fact::Settings(settings)) => market.settings = Some(*settings),
            Wrote::Proof(..)
            | Wrote::Prints(_)
            | Wrote::Own(_)
            | Wrote::Key(_)
            | Wrote::Rules(..) => {}
        }
    }
}

/// The line, or lines, of one thing; nothing for what is known already.
fn line(text: &mut String, market: &mut Market, n: usize, t: u64, told: &Told) {
    match &told.what {
        Wrote::Rules(environment, rules) => {
            market_line(text, n, *environment, market.key, rules);
        }
        Wrote::Book(depth) => {
            let known = market.last.as_ref();
            if known.is_some_and(|known| Arc::ptr_eq(known, depth)) {
                return;
            }
            let due = told.at.ms_since(market.whole) >= WHOLE_MS;
            book_line(text, market, n, t, told.at, depth, due || known.is_none());
        }
        Wrote::Proof(state, proved) => {
            let Some(last) = &market.last else { return };
            let is_known = *state == market.state;
            if is_known && told.at.ms_since(market.written) < PROOF_MS {
                return;
            }
            market.written = told.at;
            market.state = state.clone();
            market.proved = *proved;
            let _ = write!(text, "s {t} {n} ");
            lines::write_proof(text, told.at, last.changed, *proved, state);
            text.push('\n');
        }
        Wrote::Prints(prints) => {
            for print in prints {
                print_line(text, n, t, print, &market.rules);
            }
        }
        Wrote::Own(fact) => own_line(text, n, t, fact, &market.rules),
        Wrote::Key(pressed) => {
            let ago_us = told.at.since(pressed.at) / 1_000;
            let row = promise::write(pressed, ago_us, &market.rules);
            let _ = writeln!(text, "y {t} {n} {row}");
        }
    }
}

fn market_line(
    text: &mut String,
    n: usize,
    environment: Environment,
    key: MarketKey,
    of: &Instrument,
) {
    let rules = rules::write(of);
    let _ = writeln!(text, "m {n} {} {} {rules}", environment.word(), key.account);
}

fn book_line(
    text: &mut String,
    market: &mut Market,
    n: usize,
    t: u64,
    at: Stamp,
    depth: &Depth,
    is_whole: bool,
) {
    let letter = if is_whole { 'k' } else { 'd' };
    let before = market.last.as_deref().filter(|_| !is_whole);
    let _ = write!(text, "{letter} {t} {n} ");
    lines::write_book(text, at, depth, before, &market.rules);
    text.push('\n');
    market.written = at;
    market.state = depth.state.clone();
    market.proved = depth.proved;
    if is_whole {
        market.whole = at;
    }
}

fn print_line(text: &mut String, n: usize, t: u64, print: &Print, rules: &Instrument) {
    let side = match print.side {
        Side::Buy => 'b',
        Side::Sell => 's',
    };
    let _ = write!(text, "t {t} {n} {side} ");
    rules.tick.write(print.price.0, text);
    text.push(' ');
    rules.lot.write(print.qty.0, text);
    let _ = writeln!(text, " {}", print.venue_ms);
}

fn own_line(text: &mut String, n: usize, t: u64, fact: &Fact, rules: &Instrument) {
    if let Some((letter, row)) = own::write(fact, rules) {
        let _ = writeln!(text, "{letter} {t} {n} {row}");
    }
}
