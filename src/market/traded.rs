//! Volume traded at each price: of the session, and of the latest minutes.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::domain::{Price, Print, Side, Stamp};

/// Prices that are shared and copied together.
const CHUNK: i64 = 64;
/// Most chunks kept of a span; beyond that the one furthest from the last trade is forgotten.
const MOST_CHUNKS: usize = 1_024;
/// Parts that the latest minutes are forgotten in.
const SLICES: u64 = 20;
/// Most prices of a part: one that is full ends early.
const MOST_IN_SLICE: usize = 4_096;

/// How far back the rolling span goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Minutes, 1 at least.
    pub minutes: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { minutes: 15 }
    }
}

/// What traded at one price or over several, lots, by whose aggression.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traded {
    /// By buyers who took.
    pub bought: i64,
    /// By sellers who took.
    pub sold: i64,
}

impl Traded {
    /// Both sides together, lots.
    pub const fn total(self) -> i64 {
        self.bought.saturating_add(self.sold)
    }

    /// Bought less sold, lots.
    pub const fn delta(self) -> i64 {
        self.bought.saturating_sub(self.sold)
    }

    const fn side(&mut self, side: Side) -> &mut i64 {
        match side {
            Side::Buy => &mut self.bought,
            Side::Sell => &mut self.sold,
        }
    }
}

/// Volume by price over a span of time. A copy is cheap: chunks of prices are shared until one of them changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AtPrice {
    chunks: BTreeMap<i64, Arc<[Traded; CHUNK as usize]>>,
}

impl AtPrice {
    /// What aggressors of `side` traded from `low` to `high`, both counted, lots.
    pub fn sum(&self, side: Side, (low, high): (Price, Price)) -> i64 {
        if low > high {
            return 0;
        }
        let chunks = self
            .chunks
            .range(low.0.div_euclid(CHUNK)..=high.0.div_euclid(CHUNK));
        let mut sum = 0_i64;
        for (at, chunk) in chunks {
            let first = at.saturating_mul(CHUNK);
            for (price, traded) in (first..).zip(chunk.iter()) {
                if (low.0..=high.0).contains(&price) {
                    let lots = match side {
                        Side::Buy => traded.bought,
                        Side::Sell => traded.sold,
                    };
                    sum = sum.saturating_add(lots);
                }
            }
        }
        sum
    }

    pub(super) fn add(&mut self, side: Side, price: Price, lots: i64) {
        let at = price.0.div_euclid(CHUNK);
        let empty = || Arc::new([Traded::default(); CHUNK as usize]);
        let chunk = Arc::make_mut(self.chunks.entry(at).or_insert_with(empty));
        if let Some(traded) = chunk.get_mut(price.0.rem_euclid(CHUNK) as usize) {
            let sum = traded.side(side);
            *sum = sum.saturating_add(lots);
        }
        self.forget_far(at);
    }

    pub(super) fn take_back(&mut self, side: Side, price: Price, lots: i64) {
        let at = price.0.div_euclid(CHUNK);
        let Some(chunk) = self.chunks.get_mut(&at) else {
            return;
        };
        let chunk = Arc::make_mut(chunk);
        if let Some(traded) = chunk.get_mut(price.0.rem_euclid(CHUNK) as usize) {
            let sum = traded.side(side);
            *sum = sum.saturating_sub(lots).max(0);
        }
        if chunk.iter().all(|traded| traded.total() == 0) {
            self.chunks.remove(&at);
        }
    }

    fn forget_far(&mut self, from: i64) {
        if self.chunks.len() <= MOST_CHUNKS {
            return;
        }
        let ends = self
            .chunks
            .keys()
            .next()
            .zip(self.chunks.keys().next_back());
        let Some((low, high)) = ends.map(|(low, high)| (*low, *high)) else {
            return;
        };
        let far = if from.abs_diff(low) > from.abs_diff(high) {
            low
        } else {
            high
        };
        self.chunks.remove(&far);
    }
}

/// A part of the latest minutes.
#[derive(Clone, Debug)]
struct Slice {
    start: Stamp,
    at: BTreeMap<Price, Traded>,
}

/// The reading of one symbol.
#[derive(Clone, Debug)]
pub struct Volumes {
    span_ms: u64,
    session: Arc<AtPrice>,
    recent: Arc<AtPrice>,
    slices: VecDeque<Slice>,
    extremes: Option<(Price, Price)>,
}

impl Default for Volumes {
    fn default() -> Self {
        Self::new(Settings::default())
    }
}

impl Volumes {
    /// Nothing traded yet.
    pub fn new(settings: Settings) -> Self {
        Self {
            span_ms: settings.minutes.max(1).saturating_mul(60_000),
            session: Arc::default(),
            recent: Arc::default(),
            slices: VecDeque::new(),
            extremes: None,
        }
    }

    /// Takes prints of this symbol, oldest first.
    pub fn prints(&mut self, now: Stamp, prints: &[Print]) {
        for print in prints.iter().filter(|print| print.qty.0 > 0) {
            let (low, high) = self.extremes.unwrap_or((print.price, print.price));
            self.extremes = Some((low.min(print.price), high.max(print.price)));
            Arc::make_mut(&mut self.session).add(print.side, print.price, print.qty.0);
            Arc::make_mut(&mut self.recent).add(print.side, print.price, print.qty.0);
            self.keep(now, print);
        }
        self.tick(now);
    }

    /// Forgets what is older than the rolling span, to within a twentieth of it.
    pub fn tick(&mut self, now: Stamp) {
        let old = |slice: &Slice| now.ms_since(slice.start) >= self.span_ms;
        let mut gone = self.slices.iter().take_while(|slice| old(slice)).count();
        gone = gone.max(self.slices.len().saturating_sub(4 * SLICES as usize));
        for slice in self.slices.drain(..gone) {
            let recent = Arc::make_mut(&mut self.recent);
            for (price, traded) in slice.at {
                recent.take_back(Side::Buy, price, traded.bought);
                recent.take_back(Side::Sell, price, traded.sold);
            }
        }
    }

    /// Since this symbol is followed.
    pub const fn session(&self) -> &Arc<AtPrice> {
        &self.session
    }

    /// Of the latest minutes.
    pub const fn recent(&self) -> &Arc<AtPrice> {
        &self.recent
    }

    /// Lowest and highest trade since this symbol is followed, ticks.
    pub const fn extremes(&self) -> Option<(Price, Price)> {
        self.extremes
    }

    fn keep(&mut self, now: Stamp, print: &Print) {
        let each = self.span_ms / SLICES;
        let fits =
            |slice: &Slice| now.ms_since(slice.start) < each && slice.at.len() < MOST_IN_SLICE;
        if !self.slices.back().is_some_and(fits) {
            self.slices.push_back(Slice {
                start: now,
                at: BTreeMap::new(),
            });
        }
        if let Some(slice) = self.slices.back_mut() {
            let sum = slice.at.entry(print.price).or_default().side(print.side);
            *sum = sum.saturating_add(print.qty.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{Qty, Symbol};

    fn print(side: bool, price: i64, lots: i64) -> Print {
        Print {
            symbol: Symbol::new("BTCUSDT").unwrap(),
            side: if side { Side::Buy } else { Side::Sell },
            price: Price(price),
            qty: Qty(lots),
            venue_ms: 0,
        }
    }

    fn told() -> impl Strategy<Value = Vec<(u64, bool, i64, i64)>> {
        proptest::collection::vec(
            (0_u64..9_000, any::<bool>(), -200_i64..400, 1_i64..50),
            1..120,
        )
    }

    proptest! {
        #[test]
        fn volume_and_delta_at_a_price_are_those_of_its_prints(told in told(), low in -200_i64..400, wide in 0_i64..300) {
            let mut volumes = Volumes::new(Settings { minutes: 1 });
            let mut now = Stamp::default();
            let mut all = Vec::new();
            for (wait, side, price, lots) in told {
                now = now.plus_ms(wait);
                let print = print(side, price, lots);
                volumes.prints(now, &[print]);
                all.push((now, print));
            }
            let range = (Price(low), Price(low + wide));
            for side in [Side::Buy, Side::Sell] {
                let within = all.iter().filter(|(_, p)| p.side == side && p.price >= range.0 && p.price <= range.1);
                let session: i64 = within.clone().map(|(_, p)| p.qty.0).sum();
                prop_assert_eq!(volumes.session().sum(side, range), session);
                // A part goes as a whole: what is younger than the span less a part is there, what is older than the span is not.
                let of_age = |least: u64| within.clone().filter(|(at, _)| now.ms_since(*at) < least).map(|(_, p)| p.qty.0).sum::<i64>();
                let recent = volumes.recent().sum(side, range);
                prop_assert!((of_age(57_000)..=of_age(60_000)).contains(&recent), "{recent}");
            }
            let prices = all.iter().map(|(_, p)| p.price);
            prop_assert_eq!(volumes.extremes(), prices.clone().min().zip(prices.max()));
        }

        #[test]
        fn hostile_prints_never_panic(prices in proptest::collection::vec(any::<i64>(), 1..40), lots in any::<i64>()) {
            let mut volumes = Volumes::new(Settings { minutes: u64::MAX });
            let all: Vec<Print> = prices.iter().map(|p| print(*p % 2 == 0, *p, lots)).collect();
            volumes.prints(Stamp::default(), &all);
            volumes.tick(Stamp::default().plus_ms(u64::MAX / 2_000_000));
            let _ = volumes.session().sum(Side::Buy, (Price(i64::MIN), Price(i64::MAX)));
        }
    }

    #[test]
    fn memory_is_bounded_and_what_is_near_the_last_trade_stays() {
        let mut volumes = Volumes::new(Settings { minutes: 15 });
        let all: Vec<Print> = (0..3_000).map(|i| print(true, i * CHUNK, 1)).collect();
        volumes.prints(Stamp::default(), &all);
        assert_eq!(volumes.session().chunks.len(), MOST_CHUNKS);
        let last = Price(2_999 * CHUNK);
        assert_eq!(volumes.session().sum(Side::Buy, (last, last)), 1);
        assert_eq!(volumes.session().sum(Side::Buy, (Price(0), Price(0))), 0);
    }
}
