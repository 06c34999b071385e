//! How long the venue takes to answer an order: first byte handed to the socket → first word about it.

use std::collections::VecDeque;

/// How many of the latest times are kept.
const KEPT: usize = 512;

/// The latest times, µs.
#[derive(Clone, Debug, Default)]
pub struct Acks {
    latest: VecDeque<u64>,
    count: u64,
}

impl Acks {
    /// Adds one.
    pub fn add(&mut self, micros: u64) {
        if self.latest.len() == KEPT {
            self.latest.pop_front();
        }
        self.latest.push_back(micros);
        self.count = self.count.saturating_add(1);
    }

    /// The time that `percent` of the latest did not exceed, µs; 0 when there is none.
    pub fn percentile(&self, percent: usize) -> u64 {
        let mut sorted: Vec<u64> = self.latest.iter().copied().collect();
        sorted.sort_unstable();
        let rank = (sorted.len() * percent).div_ceil(100).max(1) - 1;
        sorted.get(rank).copied().unwrap_or(0)
    }

    /// How many were measured in all.
    pub const fn count(&self) -> u64 {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_latest_times() {
        let mut acks = Acks::default();
        assert_eq!(acks.percentile(50), 0);
        for micros in 1..=1_000 {
            acks.add(micros);
        }
        assert_eq!(acks.count(), 1_000);
        assert_eq!(acks.percentile(50), 744);
        assert_eq!(acks.percentile(99), 995);
    }
}
