//! Lines: what each is for, who listens to what, and when one that nobody uses is cut.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::IpAddr;

use super::Bybit;
use super::books::Depth;
use super::category::Category;
use crate::sim::market::SymbolNo;
use crate::sim::wire::{LineId, Out};

/// A line without a message either way for this long is cut, ms.
const IDLE_MS: i64 = 600_000;
/// The shortest that a client may ask for, ms.
const LEAST_IDLE_MS: i64 = 30_000;
/// How often lines are looked at, ms.
const LOOK_MS: i64 = 30_000;
/// Numbers of requests remembered on a trade line.
const REQUESTS_KEPT: usize = 10_000;

/// A public topic of one instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// `orderbook.{depth}`.
    Book(Depth),
    /// `publicTrade`.
    Trades,
    /// `tickers`.
    Ticker,
    /// `kline.{interval}`, by its place in the list of lengths.
    Kline(usize),
    /// `priceLimit`.
    PriceLimit,
    /// Known, but nothing ever happens here (liquidations).
    Quiet,
}

/// A private topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Own {
    /// `order`.
    Orders,
    /// `execution`.
    Executions,
    /// `execution.fast`.
    Fast,
    /// `position`.
    Positions,
    /// `wallet`.
    Wallet,
    /// Known, but nothing ever happens here (greeks, dcp).
    Quiet,
}

/// What a line is for.
#[derive(Clone, Debug)]
pub enum Use {
    /// Public topics of a category.
    Public {
        /// Which.
        category: Category,
        /// Subscribed names and what they are.
        topics: Vec<(String, SymbolNo, Topic)>,
    },
    /// The account's topics.
    Private {
        /// The key's place in the list, once the line is authenticated.
        key: Option<usize>,
        /// Subscribed names, what they are, and the only category meant.
        topics: Vec<(String, Own, Option<Category>)>,
    },
    /// Order entry.
    Trade {
        /// The key's place in the list, once the line is authenticated.
        key: Option<usize>,
        /// `reqId`s seen.
        seen: BTreeSet<String>,
        /// The same, the oldest first.
        came: VecDeque<String>,
        /// The running second and the requests in it.
        second: (i64, u32),
    },
}

impl Use {
    /// A line for order entry.
    pub const fn trade() -> Self {
        Self::Trade {
            key: None,
            seen: BTreeSet::new(),
            came: VecDeque::new(),
            second: (0, 0),
        }
    }
}

/// One line.
#[derive(Clone, Debug)]
pub struct Line {
    /// From where.
    pub ip: IpAddr,
    /// What for.
    pub what: Use,
    /// A fault made it silent for good.
    frozen: bool,
    active_ms: i64,
    idle_ms: i64,
}

/// All lines.
#[derive(Debug, Default)]
pub struct Lines {
    /// By id.
    pub open: BTreeMap<LineId, Line>,
    /// What the server has to do, in order.
    pub out: Vec<(LineId, Out)>,
    next: LineId,
    looked_ms: i64,
    now_ms: i64,
}

impl Lines {
    /// Takes a new line.
    pub fn add(&mut self, now: i64, ip: IpAddr, what: Use, idle_ms: i64) -> LineId {
        self.next += 1;
        self.open.insert(
            self.next,
            Line {
                ip,
                what,
                frozen: false,
                active_ms: now,
                idle_ms,
            },
        );
        self.next
    }

    /// True when a fault made this line half-open.
    pub fn is_frozen(&self, line: LineId) -> bool {
        self.open.get(&line).is_some_and(|line| line.frozen)
    }

    /// Queues a text frame, unless the line is gone or frozen.
    pub fn text(&mut self, line: LineId, text: String, delay_ms: u64) {
        if let Some(entry) = self.open.get_mut(&line).filter(|line| !line.frozen) {
            entry.active_ms = self.now_ms;
            self.out.push((line, Out::Text(text, delay_ms)));
        }
    }

    /// Closes a line.
    pub fn cut(&mut self, line: LineId) {
        if self.open.remove(&line).is_some() {
            self.out.push((line, Out::Cut));
        }
    }

    /// Makes a line silent for good without closing it.
    pub fn freeze(&mut self, line: LineId) {
        if let Some(line) = self.open.get_mut(&line) {
            line.frozen = true;
        }
    }

    /// The client has said something.
    pub fn heard(&mut self, line: LineId, now: i64) -> bool {
        self.now_ms = self.now_ms.max(now);
        match self.open.get_mut(&line) {
            Some(entry) => {
                entry.active_ms = now;
                true
            }
            None => false,
        }
    }

    /// Cuts lines that nobody uses; they are looked at every thirty seconds.
    pub fn keep(&mut self, now: i64) {
        self.now_ms = self.now_ms.max(now);
        if now.div_euclid(LOOK_MS) == self.looked_ms.div_euclid(LOOK_MS) {
            return;
        }
        self.looked_ms = now;
        let idle = |line: &Line| now.saturating_sub(line.active_ms) > line.idle_ms;
        let dead: Vec<LineId> = self
            .open
            .iter()
            .filter(|(_, line)| idle(line))
            .map(|(id, _)| *id)
            .collect();
        for id in dead {
            self.cut(id);
        }
    }

    /// True when anybody listens to a public topic.
    pub fn listens(&self, symbol: SymbolNo, topic: Topic) -> bool {
        self.open.values().any(|line| hears(line, symbol, topic))
    }

    /// Everybody who listens to a public topic.
    pub fn listeners(&self, symbol: SymbolNo, topic: Topic) -> Vec<LineId> {
        let hearing = self.open.iter().filter(|(_, l)| hears(l, symbol, topic));
        hearing.map(|(id, _)| *id).collect()
    }

    /// Everybody who listens to a private topic: the name that they asked by, and the only category that they want.
    pub fn owners(&self, own: Own) -> Vec<(LineId, String, Option<Category>)> {
        let mut found = Vec::new();
        for (id, line) in &self.open {
            if let Use::Private {
                key: Some(_),
                topics,
            } = &line.what
            {
                let named = topics.iter().filter(|(_, what, _)| *what == own);
                found.extend(named.map(|(name, _, only)| (*id, name.clone(), *only)));
            }
        }
        found
    }
}

fn hears(line: &Line, symbol: SymbolNo, topic: Topic) -> bool {
    match &line.what {
        Use::Public { topics, .. } => topics
            .iter()
            .any(|(_, of, what)| *of == symbol && *what == topic),
        _ => false,
    }
}

/// Remembers the number of a request. False: it was there already.
pub fn remember(seen: &mut BTreeSet<String>, came: &mut VecDeque<String>, id: &str) -> bool {
    if !seen.insert(id.to_owned()) {
        return false;
    }
    came.push_back(id.to_owned());
    if came.len() > REQUESTS_KEPT
        && let Some(oldest) = came.pop_front()
    {
        seen.remove(&oldest);
    }
    true
}

impl Bybit {
    /// Takes a new WebSocket connection by its address.
    ///
    /// # Errors
    /// The HTTP status to refuse it with.
    pub(super) fn open_line(
        &mut self,
        now: i64,
        ip: IpAddr,
        path: &str,
        query: &str,
    ) -> Result<LineId, u16> {
        let public = |category| Use::Public {
            category,
            topics: Vec::new(),
        };
        let what = match path {
            "/v5/public/linear" => public(Category::Linear),
            "/v5/public/spot" => public(Category::Spot),
            "/v5/private" => Use::Private {
                key: None,
                topics: Vec::new(),
            },
            "/v5/trade" => Use::trade(),
            _ => return Err(404),
        };
        if !self.limits.connect(now, ip) {
            return Err(403);
        }
        let idle_ms = match &what {
            Use::Private { .. } | Use::Trade { .. } => idle_of(query).ok_or(400_u16)?,
            Use::Public { .. } => IDLE_MS,
        };
        Ok(self.lines.add(now, ip, what, idle_ms))
    }

    /// Takes a text frame of a line; false when that ended the line.
    pub(super) fn take_frame(&mut self, now: i64, line: LineId, text: &str) -> bool {
        if !self.lines.heard(line, now) {
            return false;
        }
        match self.lines.open.get(&line).map(|line| &line.what) {
            None => return false,
            Some(Use::Public { category, .. }) => self.hear_public(now, line, *category, text),
            Some(Use::Private { .. }) => self.hear_private(now, line, text),
            Some(Use::Trade { .. }) => self.hear_trade(now, line, text),
        }
        // A line that this has ended is cut behind its last words.
        true
    }
}

/// `max_active_time`: `30s` to `600s`, or in minutes. `None` when it is something else.
fn idle_of(query: &str) -> Option<i64> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let Some((_, text)) = pairs.find(|(name, _)| *name == "max_active_time") else {
        return Some(IDLE_MS);
    };
    let (number, unit) = text.split_at(text.len().checked_sub(1)?);
    let unit_ms = match unit {
        "s" => 1_000,
        "m" => 60_000,
        _ => return None,
    };
    let ms = number.parse::<i64>().ok()?.checked_mul(unit_ms)?;
    (LEAST_IDLE_MS..=IDLE_MS).contains(&ms).then_some(ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_idle_time_is_what_the_client_asks_for_within_bounds() {
        assert_eq!(idle_of(""), Some(600_000));
        assert_eq!(idle_of("max_active_time=30s"), Some(30_000));
        assert_eq!(idle_of("a=b&max_active_time=2m"), Some(120_000));
        for bad in ["29s", "601s", "11m", "x", "", "30", "5h", "-1m"] {
            assert_eq!(idle_of(&format!("max_active_time={bad}")), None, "{bad}");
        }
    }

    #[test]
    fn a_request_number_is_taken_once() {
        let (mut seen, mut came) = (BTreeSet::new(), VecDeque::new());
        assert!(remember(&mut seen, &mut came, "a"));
        assert!(!remember(&mut seen, &mut came, "a"));
        assert!(remember(&mut seen, &mut came, "b"));
    }
}
