//! How often which result came: counts in equal steps around zero. The step doubles when the results would not fit, so that each trip
//! is counted exactly, however many there are.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Steps from the lowest to the highest result; more are merged two by two.
const STEPS: i64 = 48;
/// The first step, a hundredth.
const FINEST: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

/// The counts; see the module.
#[derive(Clone, Debug, PartialEq)]
pub struct Results {
    step: Decimal,
    counts: BTreeMap<i64, u64>,
}

impl Default for Results {
    fn default() -> Self {
        Self {
            step: FINEST,
            counts: BTreeMap::new(),
        }
    }
}

impl Results {
    /// Counts one.
    pub fn add(&mut self, net: Decimal) {
        let mut at = self.place(net);
        while !self.fits(at) && self.double() {
            at = self.place(net);
        }
        let count = self.counts.entry(at).or_default();
        *count = count.saturating_add(1);
    }

    fn place(&self, net: Decimal) -> i64 {
        let steps = net.checked_div(self.step).unwrap_or_default().floor();
        let furthest = if net.is_sign_negative() {
            i64::MIN
        } else {
            i64::MAX
        };
        steps.to_i64().unwrap_or(furthest)
    }

    fn fits(&self, at: i64) -> bool {
        let first = self
            .counts
            .keys()
            .next()
            .map_or(at, |first| *first.min(&at));
        let last = self.counts.keys().next_back();
        let last = last.map_or(at, |last| *last.max(&at));
        last.saturating_sub(first) < STEPS
    }

    /// False where the step can grow no more.
    fn double(&mut self) -> bool {
        let Some(step) = self.step.checked_add(self.step) else {
            return false;
        };
        self.step = step;
        let mut merged: BTreeMap<i64, u64> = BTreeMap::new();
        for (at, count) in &self.counts {
            let sum = merged.entry(at.div_euclid(2)).or_default();
            *sum = sum.saturating_add(*count);
        }
        self.counts = merged;
        true
    }

    /// Where each step begins, its width and how many results are in it, lowest first; those without one are left out.
    pub fn steps(&self) -> impl Iterator<Item = (Decimal, u64)> {
        self.counts
            .iter()
            .map(|(at, count)| (self.step.saturating_mul(Decimal::from(*at)), *count))
    }

    /// Width of a step.
    pub const fn step(&self) -> Decimal {
        self.step
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_result_is_in_its_step_and_counted_once(
            cents in prop::collection::vec(-10_000_000i64..10_000_000, 1..200),
        ) {
            let nets: Vec<Decimal> = cents.iter().map(|cents| Decimal::new(*cents, 2)).collect();
            let mut results = Results::default();
            nets.iter().for_each(|net| results.add(*net));
            let steps: Vec<(Decimal, u64)> = results.steps().collect();
            let span = (steps[steps.len() - 1].0 - steps[0].0) / results.step();
            prop_assert!(span < Decimal::from(STEPS));
            for (from, count) in steps {
                let within = |net: &&Decimal| **net >= from && **net < from + results.step();
                let slow = nets.iter().filter(within).count();
                prop_assert_eq!(u64::try_from(slow).unwrap(), count);
            }
            let counted: u64 = results.steps().map(|(_, count)| count).sum();
            prop_assert_eq!(counted, u64::try_from(nets.len()).unwrap());
        }
    }
}
