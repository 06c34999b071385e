//! Reads the box back: what happened, in order, from any moment on. Owns the open segment; hostile text costs a line, never memory.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::bufread::MultiGzDecoder;

use super::lines::{Fields, Grown};
use super::promise::{self, Key};
use super::segments::{self, Segment};
use super::{BoxError, own, rules};
use crate::domain::message::AccountTruth;
use crate::domain::{Account, Depth, Environment, Fact, Instrument, MarketKey, Print, Side, Stamp};

/// Longest line, bytes.
const LINE_MAX: u64 = 8 << 20;
/// Most markets of a segment.
const MOST_MARKETS: usize = 256;
/// The monotonic clock of a reading starts so long before the first segment, ns.
const BEFORE_NS: u64 = 3_600_000_000_000;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// When, ns since 1970.
    pub at_ns: i64,
    /// On which market, its legs together.
    pub key: MarketKey,
    /// What.
    pub what: What,
}

/// What can be read.
#[expect(
    clippy::large_enum_variant,
    reason = "what is large is rare, and nothing is kept"
)]
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// The market's world and rules.
    Rules(Environment, Arc<Instrument>),
    /// A picture of the book.
    Book(Arc<Depth>),
    /// The last picture again: what may be believed of it now.
    Proof(Arc<Depth>),
    /// A print.
    Print(Print),
    /// What the venue said of one's own; at the beginning of a run everything that stood then.
    Own(Fact),
    /// A key.
    Key(Box<Key>),
    /// So many things were not written in time.
    Lost(u64),
}

/// What is known of one market of the open segment.
struct Market {
    key: MarketKey,
    rules: Arc<Instrument>,
    book: Grown,
}

struct Open {
    lines: BufReader<MultiGzDecoder<BufReader<File>>>,
    began_ns: i64,
    /// Past its beginning.
    begun: bool,
    /// It begins a run: what stood then is told.
    is_first: bool,
    /// What stood, while its beginning is read.
    standing: Vec<(MarketKey, Fact)>,
    markets: Vec<Market>,
}

/// See the module.
pub struct Reader {
    segments: Vec<Segment>,
    /// The next segment to open.
    next: usize,
    open: Option<Open>,
    waiting: VecDeque<Seen>,
    text: Vec<u8>,
    from_ns: i64,
    at_ns: i64,
    own_alone: bool,
}

impl Reader {
    /// True where a path is a box: a folder, or a file of its name.
    pub fn is_box(path: &Path) -> bool {
        path.is_dir() || segments::segment(path.to_owned(), 0).is_some()
    }

    /// Opens a folder of segments, or one of them alone.
    ///
    /// # Errors
    /// When nothing is recorded there, or the first segment is none.
    pub fn open(path: &Path) -> Result<Self, BoxError> {
        let found = if path.is_dir() {
            segments::segments(path)?
        } else {
            let one = segments::segment(path.to_owned(), 0);
            vec![one.ok_or_else(|| BoxError::Foreign(path.to_owned()))?]
        };
        if found.is_empty() {
            return Err(BoxError::Empty(path.to_owned()));
        }
        Self::of(found)
    }

    /// Opens these segments, oldest first.
    ///
    /// # Errors
    /// When there is none, or the first cannot be read.
    pub fn of(segments: Vec<Segment>) -> Result<Self, BoxError> {
        let Some(first) = segments.first() else {
            return Err(BoxError::Empty(PathBuf::new()));
        };
        let from_ns = began(&first.path)?.1;
        Ok(Self {
            segments,
            next: 0,
            open: None,
            waiting: VecDeque::new(),
            text: Vec::new(),
            from_ns,
            at_ns: from_ns,
            own_alone: false,
        })
    }

    /// Steps over books and prints: what is one's own is found soon.
    #[must_use]
    pub const fn own_alone(mut self) -> Self {
        self.own_alone = true;
        self
    }

    /// The moment of the first segment, ns since 1970.
    pub const fn from_ns(&self) -> i64 {
        self.from_ns
    }

    /// The segments, oldest first.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// A moment of the box on the clocks of this reading.
    pub fn stamp(&self, at_ns: i64) -> Stamp {
        let since = u64::try_from(at_ns.saturating_sub(self.from_ns)).unwrap_or(0);
        Stamp {
            mono_ns: since.saturating_add(BEFORE_NS),
            wall_ns: at_ns,
        }
    }

    /// When the next thing happened; `None` at the end.
    pub fn peek(&mut self) -> Option<i64> {
        while self.waiting.is_empty() {
            if self.open.is_none() && !self.open_next() {
                return None;
            }
            self.read_line();
        }
        self.waiting.front().map(|seen| seen.at_ns)
    }

    /// The next thing that happened; `None` at the end.
    #[expect(clippy::should_implement_trait, reason = "it is peeked into as well")]
    pub fn next(&mut self) -> Option<Seen> {
        self.peek()?;
        self.waiting.pop_front()
    }

    /// Goes to a moment: what comes next is the first thing after it.
    pub fn rewind(&mut self, to_ns: i64) {
        let is_before = |segment: &Segment| segment.from_ms.saturating_mul(1_000_000) <= to_ns;
        let after = self.segments.iter().take_while(|s| is_before(s)).count();
        self.next = after.saturating_sub(1);
        self.open = None;
        self.waiting.clear();
        self.at_ns = self.from_ns;
        while self.peek().is_some_and(|at| at <= to_ns) {
            self.waiting.pop_front();
        }
    }

    /// The moment of the last thing that is written, ns since 1970.
    pub fn last_ns(&self) -> i64 {
        let Some(last) = self.segments.last() else {
            return self.from_ns;
        };
        let Ok(mut reader) = Self::of(vec![last.clone()]).map(Self::own_alone) else {
            return self.from_ns;
        };
        let mut last_ns = reader.from_ns;
        while reader.open.is_some() || reader.open_next() {
            reader.read_line();
            last_ns = last_ns.max(reader.at_ns);
        }
        last_ns.max(self.from_ns)
    }

    /// Opens the next segment that can be read; false where there is none.
    fn open_next(&mut self) -> bool {
        while let Some(segment) = self.segments.get(self.next) {
            let before = self.next.checked_sub(1).map(|at| &self.segments[at].run);
            let is_first = before != Some(&segment.run);
            let opened = began(&segment.path);
            self.next += 1;
            if let Ok((lines, began_ns)) = opened {
                self.open = Some(Open {
                    lines,
                    began_ns,
                    begun: false,
                    is_first,
                    standing: Vec::new(),
                    markets: Vec::new(),
                });
                return true;
            }
        }
        false
    }

    /// Reads a line of the open segment; at its end, torn or not, there is none open any more.
    fn read_line(&mut self) {
        let Some(open) = &mut self.open else { return };
        self.text.clear();
        let read = (&mut open.lines)
            .take(LINE_MAX)
            .read_until(b'\n', &mut self.text);
        // A line without its end is the one that was being written.
        if read.is_err() || self.text.pop() != Some(b'\n') {
            self.open = None;
            return;
        }
        let text = std::mem::take(&mut self.text);
        if let Ok(line) = std::str::from_utf8(&text) {
            self.take(line);
        }
        self.text = text;
    }

    fn take(&mut self, line: &str) {
        let mut fields = Fields(line);
        match fields.next() {
            Some("m") => self.take_market(&mut fields),
            Some(".") => self.begin(),
            Some("x") => {
                if let (Some(at_ns), Some(count)) = (self.time(&mut fields), fields.number())
                    && let Some(key) = self
                        .open
                        .as_ref()
                        .and_then(|o| Some(o.markets.first()?.key))
                {
                    let what = What::Lost(count);
                    self.waiting.push_back(Seen { at_ns, key, what });
                }
            }
            Some("k" | "d" | "s" | "t") if self.own_alone => {
                // Its time counts all the same.
                self.time(&mut fields);
            }
            Some(letter) => {
                if let Some(letter) = letter.chars().next().filter(|_| letter.len() == 1) {
                    self.take_event(letter, &mut fields);
                }
            }
            None => {}
        }
    }

    /// The time of a line, never before the last one's.
    fn time(&mut self, fields: &mut Fields<'_>) -> Option<i64> {
        let us: i64 = fields.number()?;
        let began = self.open.as_ref()?.began_ns;
        self.at_ns = began
            .saturating_add(us.saturating_mul(1_000))
            .max(self.at_ns);
        Some(self.at_ns)
    }

    fn take_market(&mut self, fields: &mut Fields<'_>) {
        let Some((n, environment, market)) = read_market(fields) else {
            return;
        };
        let Some(open) = &mut self.open else { return };
        let at_ns = self.at_ns.max(open.began_ns);
        self.at_ns = at_ns;
        let (key, rules) = (market.key, Arc::clone(&market.rules));
        // Of what stood before its run nothing is known to stand.
        let known = open.markets.iter().any(|m| is_same_account(m.key, key));
        let starts = open.begun && open.is_first && !known;
        match n.cmp(&open.markets.len()) {
            std::cmp::Ordering::Less => open.markets[n] = market,
            std::cmp::Ordering::Equal if n < MOST_MARKETS => open.markets.push(market),
            _ => return,
        }
        if starts {
            self.tell_standing(at_ns, key, &[]);
        }
        let what = What::Rules(environment, rules);
        self.waiting.push_back(Seen { at_ns, key, what });
    }

    fn take_event(&mut self, letter: char, fields: &mut Fields<'_>) {
        let Some(at_ns) = self.time(fields) else {
            return;
        };
        let at = self.stamp(at_ns);
        let Some(open) = &mut self.open else { return };
        let Some(market) = fields
            .number::<usize>()
            .and_then(|n| open.markets.get_mut(n))
        else {
            return;
        };
        let (key, rules) = (market.key, &market.rules);
        let what = match letter {
            'k' | 'd' => {
                let depth = market.book.take(fields, letter == 'k', at, rules);
                depth.map(What::Book)
            }
            's' => market.book.take_proof(fields, at).map(What::Proof),
            't' => read_print(fields, rules).map(What::Print),
            'y' => promise::read(fields.0, key, rules, at).map(|key| What::Key(Box::new(key))),
            _ => match own::read(letter, fields.0, key, rules, at) {
                Some(fact) if !open.begun && !matches!(fact, Fact::Settings(_)) => {
                    open.standing.push((key, fact));
                    None
                }
                fact => fact.map(What::Own),
            },
        };
        if let Some(what) = what {
            self.waiting.push_back(Seen { at_ns, key, what });
        }
    }

    /// The beginning of a segment is complete. That of a run tells what stood, account by account: what is absent stood no more.
    fn begin(&mut self) {
        let Some(open) = &mut self.open else { return };
        open.begun = true;
        let standing = std::mem::take(&mut open.standing);
        if !open.is_first {
            return;
        }
        let at_ns = self.at_ns.max(open.began_ns);
        let mut keys: Vec<MarketKey> = Vec::new();
        for market in &open.markets {
            let is_its = |key: &MarketKey| is_same_account(*key, market.key);
            if !keys.iter().any(is_its) {
                keys.push(market.key);
            }
        }
        for key in keys {
            self.tell_standing(at_ns, key, &standing);
        }
    }

    /// Tells what stood of an account.
    fn tell_standing(&mut self, at_ns: i64, key: MarketKey, standing: &[(MarketKey, Fact)]) {
        let mut truth = AccountTruth {
            at: self.stamp(at_ns),
            ..AccountTruth::default()
        };
        for (_, fact) in standing.iter().filter(|(of, _)| is_same_account(*of, key)) {
            match fact {
                Fact::Order(report) => truth.orders.push(report.clone()),
                Fact::Position(report) => truth.positions.push(*report),
                _ => {}
            }
        }
        let what = What::Own(Fact::Truth {
            account: key.account,
            venue: key.venue,
            truth: Box::new(truth),
        });
        self.waiting.push_back(Seen { at_ns, key, what });
    }
}

fn is_same_account(one: MarketKey, other: MarketKey) -> bool {
    one.account == other.account && one.venue == other.venue
}

type Lines = BufReader<MultiGzDecoder<BufReader<File>>>;

/// Opens a segment: its lines after the first, and when it began, ns since 1970.
fn began(path: &Path) -> Result<(Lines, i64), BoxError> {
    let failed = |why| BoxError::File {
        path: path.to_owned(),
        why,
    };
    let file = File::open(path).map_err(failed)?;
    let mut lines = BufReader::new(MultiGzDecoder::new(BufReader::new(file)));
    let mut first = Vec::new();
    let read = (&mut lines).take(LINE_MAX).read_until(b'\n', &mut first);
    let foreign = || BoxError::Foreign(path.to_owned());
    read.map_err(|_| foreign())?;
    let text = std::str::from_utf8(&first).map_err(|_| foreign())?;
    let mut fields = Fields(text.trim_end());
    let is_ours = fields.next() == Some("lancet-box") && fields.next() == Some("1");
    let began = fields.number().filter(|_| is_ours);
    Ok((lines, began.ok_or_else(foreign)?))
}

fn read_market(fields: &mut Fields<'_>) -> Option<(usize, Environment, Market)> {
    let n = fields.number()?;
    let environment = environment(fields.next()?)?;
    let account = Account::new(fields.next()?).ok()?;
    let rules = rules::read(fields.0)?;
    let key = MarketKey {
        account,
        venue: rules.venue,
        symbol: rules.symbol,
        leg: None,
    };
    let market = Market {
        key,
        rules: Arc::new(rules),
        book: Grown::default(),
    };
    Some((n, environment, market))
}

fn environment(word: &str) -> Option<Environment> {
    use Environment::{Demo, Paper, Real, Replay, Sim};
    [Real, Demo, Sim, Paper, Replay]
        .into_iter()
        .find(|one| one.word() == word)
}

fn read_print(fields: &mut Fields<'_>, rules: &Instrument) -> Option<Print> {
    let side = match fields.next()? {
        "b" => Side::Buy,
        "s" => Side::Sell,
        _ => return None,
    };
    Some(Print {
        symbol: rules.symbol,
        side,
        price: rules.price(fields.next()?.as_bytes()).ok()?,
        qty: rules.qty(fields.next()?.as_bytes()).ok()?,
        venue_ms: fields.number()?,
    })
}
