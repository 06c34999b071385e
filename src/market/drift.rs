//! How far the price of one symbol went: since a minute ago, and since Lancet first saw it. Pure.

use std::collections::VecDeque;

use crate::domain::{Price, Print, Stamp};

/// How far back a change looks, ms.
const BACK_MS: u64 = 60_000;
/// Prices are kept one a slice of so many ms.
const SLICE_MS: u64 = 1_000;

/// A price, and a change to it: from that price to the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where it began, ticks.
    pub from: Price,
    /// Ticks; negative is down.
    pub ticks: i64,
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Drift {
    first: Option<Price>,
    last: Option<Price>,
    /// The last price of each slice that had a trade, oldest first; one of them may be older than a minute.
    slices: VecDeque<(Stamp, Price)>,
}

impl Drift {
    /// Takes prints of this symbol, oldest first.
    pub fn prints(&mut self, now: Stamp, prints: &[Print]) {
        let Some(last) = prints.last().map(|print| print.price) else {
            return;
        };
        self.first = self.first.or(prints.first().map(|print| print.price));
        self.last = Some(last);
        match self.slices.back_mut() {
            Some((start, price)) if now.ms_since(*start) < SLICE_MS => *price = last,
            _ => self.slices.push_back((now, last)),
        }
        self.forget(now);
    }

    /// Time went on.
    pub fn tick(&mut self, now: Stamp) {
        self.forget(now);
    }

    /// Since a minute ago, or since the first trade where that is younger.
    pub fn minute(&self) -> Option<Change> {
        self.since(self.slices.front().map(|(_, price)| *price))
    }

    /// Since the first trade that Lancet saw.
    pub fn session(&self) -> Option<Change> {
        self.since(self.first)
    }

    fn since(&self, from: Option<Price>) -> Option<Change> {
        let (from, last) = (from?, self.last?);
        Some(Change {
            from,
            ticks: last.0.saturating_sub(from.0),
        })
    }

    /// The oldest slice that stays is the one that was in force a minute ago.
    fn forget(&mut self, now: Stamp) {
        let is_over = |slice: Option<&(Stamp, Price)>| {
            slice.is_some_and(|(start, _)| now.ms_since(*start) >= BACK_MS)
        };
        while is_over(self.slices.get(1)) {
            self.slices.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{Qty, Side, Symbol};

    fn print(price: i64) -> Print {
        Print {
            symbol: Symbol::new("BTCUSDT").unwrap(),
            price: Price(price),
            qty: Qty(1),
            side: Side::Buy,
            venue_ms: 0,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// The price in force a minute ago, found by looking through everything that ever traded.
        #[test]
        fn it_is_the_change_since_the_price_of_a_minute_ago(
            steps in prop::collection::vec((0_u64..20_000, prop::option::of(1_i64..1_000_000)), 1..120),
        ) {
            let mut drift = Drift::default();
            let mut all: Vec<(u64, i64)> = Vec::new();
            // Slices begin with their first trade.
            let mut slices: Vec<(u64, i64)> = Vec::new();
            let mut ms = 0;
            for (wait, price) in steps {
                ms += wait;
                let now = Stamp::default().plus_ms(ms);
                match price {
                    Some(price) => {
                        drift.prints(now, &[print(price)]);
                        all.push((ms, price));
                        match slices.last_mut() {
                            Some((start, last)) if ms - *start < SLICE_MS => *last = price,
                            _ => slices.push((ms, price)),
                        }
                    }
                    None => drift.tick(now),
                }
                let Some((_, last)) = all.last() else {
                    prop_assert_eq!(drift.minute(), None);
                    continue;
                };
                let old = slices.iter().rev().find(|(start, _)| ms - start >= BACK_MS);
                let (_, from) = old.or(slices.first()).unwrap();
                prop_assert_eq!(drift.minute(), Some(Change { from: Price(*from), ticks: last - from }));
                let first = all[0].1;
                prop_assert_eq!(drift.session(), Some(Change { from: Price(first), ticks: last - first }));
                prop_assert!(drift.slices.len() <= 62);
            }
        }
    }
}
