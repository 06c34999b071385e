//! From which size on a row counts: as the trader wrote it, or by the sizes that are usual here. Pure.

use std::collections::VecDeque;

use serde::Deserialize;

use crate::domain::{Instrument, Price};
use crate::market::amount::Amount;
use crate::market::rank;

/// Rows whose sizes are remembered.
const REMEMBERED: usize = 1_000;
/// Fewer say nothing yet.
const LEAST: usize = 20;
/// A size from which on something counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Threshold {
    /// `off`: there is none.
    Off,
    /// So much; by what is usual with `auto`.
    From(Amount),
}

impl TryFrom<String> for Threshold {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self::Off);
        }
        let amount = text.parse().map(Self::From);
        amount.map_err(|why: String| format!("{why}, or \"off\""))
    }
}

impl Threshold {
    /// The size in lots on an instrument whose last price is known; `auto` is what is usual. `None`: there is none.
    pub fn lots(
        self,
        instrument: &Instrument,
        last: Option<Price>,
        auto: Option<i64>,
    ) -> Option<i64> {
        match self {
            Self::Off => None,
            Self::From(Amount::Auto) => auto,
            Self::From(amount) => amount.lots(instrument, last?),
        }
    }
}

/// The sizes of the latest rows, and two sizes among them that stay still while they are about right.
#[derive(Clone, Debug)]
pub struct Usual {
    sizes: VecDeque<i64>,
    percents: [u8; 2],
    held: [Option<i64>; 2],
}

impl Usual {
    /// None yet; the two sizes are those that so many rows in a hundred do not exceed.
    pub const fn new(small: u8, large: u8) -> Self {
        Self {
            sizes: VecDeque::new(),
            percents: [small, large],
            held: [None; 2],
        }
    }

    /// Takes the size of a row that is complete, lots.
    pub fn take(&mut self, size: i64) {
        if self.sizes.len() == REMEMBERED {
            self.sizes.pop_front();
        }
        self.sizes.push_back(size);
    }

    /// Looks at the sizes anew. A size that is near enough stays: what it parts must not flicker.
    pub fn settle(&mut self) {
        if self.sizes.len() < LEAST {
            return;
        }
        let mut sizes: Vec<i64> = self.sizes.iter().copied().collect();
        for (held, percent) in self.held.iter_mut().zip(self.percents) {
            let Some(exact) = rank::percentile(&mut sizes, percent) else {
                continue;
            };
            let near = held.is_some_and(|held| {
                exact >= held.saturating_sub(held / 4) && exact <= held.saturating_add(held / 2)
            });
            if !near {
                *held = Some(round_down(exact));
            }
        }
    }

    /// Under this a row is small, lots; `None` while too few were seen.
    pub const fn small(&self) -> Option<i64> {
        self.held[0]
    }

    /// From this on a row is large, lots; `None` too where all are about as large.
    pub fn large(&self) -> Option<i64> {
        self.held[1].filter(|large| self.small().is_none_or(|small| *large > small))
    }
}

/// The greatest of 1, 1.5, 2, 3, 5, 7 times a power of ten that does not exceed `size`; 1 at least.
fn round_down(size: i64) -> i64 {
    let mut unit = 1_i64;
    while let Some(next) = unit.checked_mul(10).filter(|next| *next <= size) {
        unit = next;
    }
    let steps = [70, 50, 30, 20, 15].map(|tenths| (unit / 10).saturating_mul(tenths));
    let whole = [7, 5, 3, 2, 1].map(|times| unit.saturating_mul(times));
    let steps = if unit < 10 { whole } else { steps };
    steps.into_iter().find(|step| *step <= size).unwrap_or(unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_threshold_is_an_amount_or_off() {
        let read = |text: &str| Threshold::try_from(text.to_owned());
        assert_eq!(read("auto"), Ok(Threshold::From(Amount::Auto)));
        assert_eq!(read("off"), Ok(Threshold::Off));
        assert!(matches!(
            read("5000q"),
            Ok(Threshold::From(Amount::Worth(_)))
        ));
        let words = read("5kq").unwrap_err();
        assert!(
            words.contains("is no size") && words.ends_with("or \"off\""),
            "{words}"
        );
    }

    #[test]
    fn round_sizes_are_the_greatest_that_do_not_exceed() {
        for (size, round) in [
            (0, 1),
            (1, 1),
            (4, 3),
            (9, 7),
            (14, 10),
            (15, 15),
            (199, 150),
            (7_500, 7_000),
        ] {
            assert_eq!(round_down(size), round, "{size}");
        }
        assert!(round_down(i64::MAX) > i64::MAX / 2);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn what_is_held_is_always_near_the_exact_size_of_the_latest_rows(
            sizes in proptest::collection::vec(1_i64..5_000, 20..1_500)
        ) {
            let mut usual = Usual::new(60, 97);
            for (at, size) in sizes.iter().enumerate() {
                usual.take(*size);
                if at % 37 == 0 { usual.settle(); }
            }
            usual.settle();
            let mut latest: Vec<i64> = sizes.iter().rev().take(1_000).copied().collect();
            latest.sort_unstable();
            for (held, percent) in usual.held.into_iter().zip([60, 97]) {
                let exact = latest[(latest.len() * percent).div_ceil(100) - 1];
                let held = held.unwrap();
                prop_assert!(exact >= held - held / 4 && exact <= held + held / 2 + held / 4 + 1, "{held} for {exact}");
            }
        }
    }

    #[test]
    fn a_size_that_stays_about_right_does_not_move() {
        for base in [100, 1_490, 9_999] {
            let mut usual = Usual::new(60, 97);
            (0..50).for_each(|_| usual.take(base));
            usual.settle();
            let first = usual.small();
            for _ in 0..30 {
                (0..40).for_each(|_| usual.take(base - base / 20));
                usual.settle();
                assert_eq!(usual.small(), first);
            }
        }
    }
}
