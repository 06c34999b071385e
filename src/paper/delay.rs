//! How long requests take. Owns the order in which they arrive: one line carries them, so none overtakes another.

use crate::domain::Stamp;

/// A seeded source of delays.
#[derive(Clone, Debug)]
pub(super) struct Delay {
    range_ns: (u64, u64),
    state: u64,
    last: Stamp,
}

impl Delay {
    /// Delays between these, ms.
    pub(super) fn new((least, most): (u64, u64), seed: u64) -> Self {
        let ns = |ms: u64| ms.saturating_mul(1_000_000);
        Self {
            range_ns: (ns(least), ns(most.max(least))),
            state: seed,
            last: Stamp::default(),
        }
    }

    /// When what is sent now arrives; time runs `pace` times as fast as the host's.
    pub(super) fn arrival(&mut self, now: Stamp, pace: u32) -> Stamp {
        let (least, most) = self.range_ns;
        let span = (most - least).saturating_add(1);
        let drawn = least.saturating_add(self.draw() % span) / u64::from(pace.max(1));
        let arrives = Stamp {
            mono_ns: now.mono_ns.saturating_add(drawn),
            wall_ns: now
                .wall_ns
                .saturating_add(i64::try_from(drawn).unwrap_or(i64::MAX)),
        };
        self.last = self.last.max(arrives);
        self.last
    }

    /// SplitMix64 (Steele, Lea, Flood 2014).
    fn draw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_stay_in_their_range_differ_and_never_overtake() {
        let mut delay = Delay::new((20, 60), 7);
        let mut now = Stamp::default().plus_ms(1_000);
        let mut last = Stamp::default();
        let mut drawn = std::collections::BTreeSet::new();
        for _ in 0..500 {
            let arrives = delay.arrival(now, 1);
            assert!(arrives >= last);
            let took = arrives.since(now);
            assert!((20_000_000..=60_000_000).contains(&took), "{took}");
            drawn.insert(took);
            (last, now) = (arrives, now.plus_ms(7));
        }
        assert!(drawn.len() > 100);
        let fast = Delay::new((40, 40), 7).arrival(now, 10);
        assert_eq!(fast.since(now), 4_000_000);
    }
}
