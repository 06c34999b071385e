//! Money trip after trip: the curve for a picture, bounded, and the exact drawdown of all of it.

use rust_decimal::Decimal;

/// Spans kept; two neighbours become one when there would be more.
const SPANS: usize = 480;

/// Several trips in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// When the first of them ended, ms since 1970.
    pub first_ms: i64,
    /// When the last of them ended, ms since 1970.
    pub last_ms: i64,
    /// What all trips up to the last of them made.
    pub end: Decimal,
    /// The lowest and the highest that this was after any of them.
    pub low: Decimal,
    /// See `low`.
    pub high: Decimal,
    /// The furthest below the highest so far, zero or below.
    pub under: Decimal,
}

impl Span {
    fn and(self, later: Self) -> Self {
        Self {
            first_ms: self.first_ms,
            last_ms: later.last_ms,
            end: later.end,
            low: self.low.min(later.low),
            high: self.high.max(later.high),
            under: self.under.min(later.under),
        }
    }
}

/// The furthest fall from a high.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drawdown {
    /// How far, zero or above.
    pub money: Decimal,
    /// From the high to the lowest point after it, ms.
    pub fall_ms: u64,
}

/// The curve; see the module.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    spans: Vec<Span>,
    /// Trips in the last span, and in a full one.
    filled: u64,
    each: u64,
    sum: Decimal,
    high: Decimal,
    high_ms: Option<i64>,
    deepest: Drawdown,
    longest_ms: u64,
}

impl Curve {
    /// Adds what the next trip made, which ended at this moment, ms since 1970.
    pub fn add(&mut self, at_ms: i64, net: Decimal) {
        self.sum = self.sum.saturating_add(net);
        let since = *self.high_ms.get_or_insert(at_ms);
        let lasted = u64::try_from(at_ms.saturating_sub(since)).unwrap_or_default();
        if self.sum >= self.high {
            if self.is_under() {
                self.longest_ms = self.longest_ms.max(lasted);
            }
            (self.high, self.high_ms) = (self.sum, Some(at_ms));
        } else {
            self.longest_ms = self.longest_ms.max(lasted);
        }
        let under = self.sum.saturating_sub(self.high);
        if under.abs() > self.deepest.money {
            self.deepest = Drawdown {
                money: under.abs(),
                fall_ms: lasted,
            };
        }
        self.push(Span {
            first_ms: at_ms,
            last_ms: at_ms,
            end: self.sum,
            low: self.sum,
            high: self.sum,
            under,
        });
    }

    /// True where the last trip ended below the high.
    fn is_under(&self) -> bool {
        self.spans.last().is_some_and(|span| span.end < self.high)
    }

    fn push(&mut self, next: Span) {
        let each = self.each.max(1);
        match self.spans.last_mut().filter(|_| self.filled < each) {
            Some(last) => *last = last.and(next),
            None => {
                self.spans.push(next);
                self.filled = 0;
            }
        }
        self.filled = self.filled.saturating_add(1);
        self.each = each;
        if self.spans.len() > SPANS {
            self.halve();
        }
    }

    fn halve(&mut self) {
        let odd = self.spans.len() % 2 == 1;
        let pairs = self.spans.chunks(2).map(|pair| match pair {
            [one, two] => one.and(*two),
            [one, ..] => *one,
            [] => unreachable!("a chunk holds something"),
        });
        self.spans = pairs.collect();
        if !odd {
            self.filled = self.filled.saturating_add(self.each);
        }
        self.each = self.each.saturating_mul(2);
    }

    /// Oldest first, at most 480.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// The furthest fall from a high, which begins at nothing.
    pub const fn drawdown(&self) -> Drawdown {
        self.deepest
    }

    /// The longest time below a high, ms: from the high to the trip that reached it again, or to the last one.
    pub const fn longest_under_ms(&self) -> u64 {
        self.longest_ms
    }

    /// How far the last trip left it below the high, zero or above.
    pub fn under(&self) -> Decimal {
        self.high.saturating_sub(self.sum)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Every pair of moments, the earlier one a high or the beginning.
    fn slow(nets: &[(i64, Decimal)]) -> (Decimal, u64) {
        let mut sums = vec![(nets[0].0, Decimal::ZERO)];
        for (ms, net) in nets {
            let last = sums[sums.len() - 1].1;
            sums.push((*ms, last + net));
        }
        let mut deepest = Decimal::ZERO;
        let mut longest = 0;
        for (high, (from_ms, from)) in sums.iter().enumerate() {
            let is_high = sums[..high].iter().all(|(_, earlier)| earlier <= from);
            if !is_high {
                continue;
            }
            for (_, later) in &sums[high..] {
                deepest = deepest.max(from - later);
            }
            let after = &sums[high + 1..];
            let falls = after.first().is_some_and(|(_, next)| next < from);
            let back = after.iter().find(|(_, later)| later >= from);
            let end = back.or(after.last()).map_or(*from_ms, |(ms, _)| *ms);
            if falls {
                longest = longest.max(u64::try_from(end - from_ms).unwrap());
            }
        }
        (deepest, longest)
    }

    proptest! {
        #[test]
        fn drawdown_is_what_every_pair_of_moments_says(
            nets in prop::collection::vec((0i64..1_000, -50i64..50), 1..60),
        ) {
            let mut at = 0;
            let nets: Vec<(i64, Decimal)> = nets
                .into_iter()
                .map(|(gap, net)| {
                    at += gap;
                    (at, Decimal::from(net))
                })
                .collect();
            let mut curve = Curve::default();
            for (ms, net) in &nets {
                curve.add(*ms, *net);
            }
            let (deepest, longest) = slow(&nets);
            prop_assert_eq!(curve.drawdown().money, deepest);
            prop_assert_eq!(curve.longest_under_ms(), longest);
        }

        #[test]
        fn a_long_curve_keeps_its_ends_and_extremes(
            nets in prop::collection::vec(-50i64..50, 1..3_000),
        ) {
            let mut curve = Curve::default();
            let mut sums = Vec::new();
            let mut sum = Decimal::ZERO;
            for (ms, net) in (0i64..).zip(&nets) {
                sum += Decimal::from(*net);
                sums.push(sum);
                curve.add(ms, Decimal::from(*net));
            }
            let spans = curve.spans();
            prop_assert!(spans.len() <= SPANS);
            prop_assert_eq!(spans.iter().map(|s| s.low).min(), sums.iter().copied().min());
            prop_assert_eq!(spans.iter().map(|s| s.high).max(), sums.iter().copied().max());
            prop_assert_eq!(spans.last().map(|s| s.end), sums.last().copied());
            let mut from = 0;
            for span in spans {
                prop_assert_eq!(span.first_ms, from);
                prop_assert_eq!(span.end, sums[usize::try_from(span.last_ms).unwrap()]);
                from = span.last_ms + 1;
            }
        }
    }
}
