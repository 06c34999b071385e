//! Signal levels of one market: prices that alert when a trade or a best price touches or crosses them.
//!
//! A level alerts once. It does so again after the price was away from it; it stays until the trader takes it off.

use std::collections::BTreeMap;
use std::sync::Arc;

use rust_decimal::{Decimal, RoundingStrategy};

use crate::domain::decimal::Step;
use crate::domain::{Price, Touch};

/// Most levels of one market.
pub const MOST: usize = 100;
/// Longest label, characters.
pub const LONGEST_LABEL: usize = 40;

/// A level as the trader gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// Quote currency.
    pub price: Decimal,
    /// The trader's words; may be empty.
    pub label: String,
}

/// A level as it is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Where, ticks.
    pub price: Price,
    /// The trader's words; may be empty.
    pub label: Arc<str>,
    /// It has alerted, and the price was not away from it since.
    pub is_hit: bool,
}

/// A level that was touched or crossed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Where, ticks.
    pub price: Price,
    /// The trader's words.
    pub label: Arc<str>,
    /// The price came from below.
    pub rises: bool,
}

#[derive(Clone, Debug)]
struct Standing {
    level: Decimal,
    label: Arc<str>,
    is_hit: bool,
}

/// The levels of one market and where its price stands.
#[derive(Clone, Debug)]
pub struct Watched {
    /// What "away" is: ticks, and a fraction of the level; both.
    rearm: (i64, Decimal),
    step: Option<Step>,
    standing: BTreeMap<i64, Standing>,
    /// Given before the market's tick was known.
    waiting: Vec<Level>,
    shown: Arc<[Mark]>,
    bid: Option<i64>,
    ask: Option<i64>,
    trade: Option<i64>,
    hits: usize,
}

impl Watched {
    /// No levels. `rearm` says how far away the price must have been before a level alerts again.
    pub fn new(rearm: (i64, Decimal)) -> Self {
        Self {
            rearm,
            step: None,
            standing: BTreeMap::new(),
            waiting: Vec::new(),
            shown: Arc::from([]),
            bid: None,
            ask: None,
            trade: None,
            hits: 0,
        }
    }

    /// Learns the market's tick. Where it changed, every price is another count of ticks.
    pub fn learn(&mut self, step: Step) {
        if self.step == Some(step) {
            return;
        }
        self.waiting = self.levels();
        self.step = Some(step);
        self.standing.clear();
        (self.bid, self.ask, self.trade, self.hits) = (None, None, None, 0);
        for level in std::mem::take(&mut self.waiting) {
            // One that does not fit the market's ticks can never be touched.
            let _ = self.set(level);
        }
        self.show();
    }

    /// Sets a level, or gives one that is there new words; it counts at the nearest tick.
    ///
    /// # Errors
    /// When there are too many, or the price is none.
    pub fn set(&mut self, level: Level) -> Result<(), &'static str> {
        if level.price <= Decimal::ZERO {
            return Err("a level is a price above zero");
        }
        let Some(step) = self.step else {
            if self.waiting.len() >= MOST {
                return Err("there are 100 levels: take one off first");
            }
            self.waiting.retain(|known| known.price != level.price);
            self.waiting.push(level);
            return Ok(());
        };
        let ticks = nearest(step, level.price).ok_or("that price is too large")?;
        let known = self.standing.get(&ticks);
        if known.is_none() && self.standing.len() >= MOST {
            return Err("there are 100 levels: take one off first");
        }
        let is_hit = known.is_some_and(|known| known.is_hit);
        let standing = Standing {
            level: level.price,
            label: level.label.into(),
            is_hit,
        };
        self.standing.insert(ticks, standing);
        self.show();
        Ok(())
    }

    /// Takes off the levels from one price to another, ticks; how many there were.
    pub fn remove(&mut self, low: Price, high: Price) -> usize {
        if low > high {
            return 0;
        }
        let found: Vec<i64> = self
            .standing
            .range(low.0..=high.0)
            .map(|(ticks, _)| *ticks)
            .collect();
        for ticks in &found {
            let gone = self.standing.remove(ticks);
            self.hits -= usize::from(gone.is_some_and(|gone| gone.is_hit));
        }
        self.show();
        found.len()
    }

    /// Makes these the levels: what stays keeps what it knows. True where that changed anything.
    pub fn replace(&mut self, levels: &[Level]) -> bool {
        let before = self.levels();
        let stays = |price: Decimal| levels.iter().any(|level| level.price == price);
        self.waiting.retain(|level| stays(level.price));
        self.standing.retain(|_, standing| stays(standing.level));
        self.hits = self.standing.values().filter(|one| one.is_hit).count();
        for level in levels {
            // More than a market may have are not watched.
            let _ = self.set(level.clone());
        }
        self.show();
        before != self.levels()
    }

    /// True when a level lies there, ticks.
    pub fn has(&self, low: Price, high: Price) -> bool {
        low <= high && self.standing.range(low.0..=high.0).next().is_some()
    }

    /// As the trader gave them, lowest first.
    pub fn levels(&self) -> Vec<Level> {
        let standing = self.standing.values().map(|standing| Level {
            price: standing.level,
            label: standing.label.to_string(),
        });
        standing.chain(self.waiting.iter().cloned()).collect()
    }

    /// As they are drawn, lowest first.
    pub const fn marks(&self) -> &Arc<[Mark]> {
        &self.shown
    }

    /// Takes best prices; those of a book that is not live prove nothing.
    pub fn touch(&mut self, touch: &Touch) -> Vec<Hit> {
        let mut hits = Vec::new();
        if !touch.live {
            return hits;
        }
        if let Some(bid) = touch.bid {
            let before = self.bid.replace(bid.price.0);
            self.moved(before, bid.price.0, &mut hits);
        }
        if let Some(ask) = touch.ask {
            let before = self.ask.replace(ask.price.0);
            self.moved(before, ask.price.0, &mut hits);
        }
        // A trade is measured from where the market stands, not from a trade of long ago.
        if let Some(trade) = &mut self.trade {
            *trade = (*trade).max(self.bid.unwrap_or(*trade));
            *trade = (*trade).min(self.ask.unwrap_or(*trade));
        }
        self.arm_again();
        hits
    }

    /// Takes a trade's price.
    pub fn trade(&mut self, price: Price) -> Vec<Hit> {
        let mut hits = Vec::new();
        let before = self.trade.replace(price.0);
        self.moved(before, price.0, &mut hits);
        self.arm_again();
        hits
    }

    /// Hits what one price touched or crossed on its way.
    fn moved(&mut self, before: Option<i64>, now: i64, hits: &mut Vec<Hit>) {
        let Some(before) = before.filter(|before| *before != now) else {
            return;
        };
        let rises = now > before;
        // Where it came from was touched before.
        let range = if rises {
            before.saturating_add(1)..=now
        } else {
            now..=before.saturating_sub(1)
        };
        for (ticks, standing) in self.standing.range_mut(range) {
            if !std::mem::replace(&mut standing.is_hit, true) {
                self.hits += 1;
                hits.push(Hit {
                    price: Price(*ticks),
                    label: Arc::clone(&standing.label),
                    rises,
                });
            }
        }
        if !hits.is_empty() {
            self.show();
        }
    }

    /// A level that alerted does so again once every price is away from it, on the same side.
    fn arm_again(&mut self) {
        if self.hits == 0 {
            return;
        }
        let before = self.hits;
        let prices = [self.bid, self.ask, self.trade];
        for (ticks, standing) in &mut self.standing {
            if standing.is_hit && is_away(*ticks, prices, self.rearm) {
                standing.is_hit = false;
                self.hits -= 1;
            }
        }
        if self.hits != before {
            self.show();
        }
    }

    fn show(&mut self) {
        let mark = |(ticks, standing): (&i64, &Standing)| Mark {
            price: Price(*ticks),
            label: Arc::clone(&standing.label),
            is_hit: standing.is_hit,
        };
        self.shown = self.standing.iter().map(mark).collect();
    }
}

fn is_away(level: i64, prices: [Option<i64>; 3], (ticks, fraction): (i64, Decimal)) -> bool {
    let part = Decimal::from(level).checked_mul(fraction);
    let part = part.and_then(|part| i64::try_from(part.floor()).ok());
    let least = ticks.max(part.unwrap_or(i64::MAX)).max(1);
    let mut known = prices.into_iter().flatten().peekable();
    let Some(first) = known.peek().copied() else {
        return false;
    };
    known.all(|price| {
        let far = price.saturating_sub(level);
        far.saturating_abs() >= least && (far > 0) == (first > level)
    })
}

/// The tick nearest to a price.
fn nearest(step: Step, price: Decimal) -> Option<i64> {
    let (below, above) = (step.floor(price)?, step.ceil(price)?);
    let middle = step
        .decimal(below)
        .checked_add(step.decimal(above))?
        .checked_div(Decimal::TWO)?
        .round_dp_with_strategy(27, RoundingStrategy::MidpointAwayFromZero);
    let ticks = if price < middle { below } else { above };
    (ticks > 0).then_some(ticks)
}

#[cfg(test)]
mod tests;
