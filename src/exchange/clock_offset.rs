//! The venue's clock as seen from here. Owns the last measurements; each machine has its own.
//!
//! The venue's time is tied to the monotonic clock, so that a step of this host's wall clock changes nothing (D3), and measured
//! again every minute, so that drift does not add up (D2). The measurement with the shortest round trip wins.

use crate::domain::Stamp;

/// How often to measure again once settled, ms.
pub const PERIOD_MS: u64 = 60_000;
/// Apart from each other the first measurements are taken, ms.
const FIRST_PERIOD_MS: u64 = 1_000;
/// How many measurements are taken quickly at first.
const FIRST: usize = 3;
/// How many measurements are remembered: about five minutes.
const KEPT: usize = 5;

#[derive(Clone, Copy, Debug)]
struct Sample {
    /// Venue time less monotonic time, ms.
    anchor_ms: i64,
    round_trip_ms: i64,
}

/// This host's clocks against one venue's.
#[derive(Clone, Debug, Default)]
pub struct ClockOffset {
    samples: Vec<Sample>,
    taken: usize,
}

impl ClockOffset {
    /// Takes one measurement: asked at `sent`, answered at `received`, with the venue's time in ms since 1970.
    pub fn sample(&mut self, sent: Stamp, received: Stamp, venue_ms: i64) {
        let round_trip_ms = to_ms(received.since(sent));
        let middle_ms = to_ms(sent.mono_ns).saturating_add(round_trip_ms / 2);
        if self.samples.len() == KEPT {
            self.samples.remove(0);
        }
        self.samples.push(Sample {
            anchor_ms: venue_ms.saturating_sub(middle_ms),
            round_trip_ms,
        });
        self.taken += 1;
    }

    /// When to measure next, counted from the last measurement, ms.
    pub const fn period_ms(&self) -> u64 {
        if self.taken < FIRST {
            FIRST_PERIOD_MS
        } else {
            PERIOD_MS
        }
    }

    /// Forgets everything: after a suspend the monotonic clock has lost time.
    pub fn forget(&mut self) {
        self.samples.clear();
        self.taken = 0;
    }

    /// The venue's time now, ms since 1970; `None` before the first measurement.
    pub fn venue_ms(&self, now: Stamp) -> Option<i64> {
        let best = self.best()?;
        Some(best.anchor_ms.saturating_add(to_ms(now.mono_ns)))
    }

    /// What to add to this host's wall clock now to get the venue's time, ms.
    pub fn offset_ms(&self, now: Stamp) -> Option<i64> {
        Some(self.venue_ms(now)?.saturating_sub(now.wall_ms()))
    }

    /// Half of the round trip of the measurement in use, ms: how wrong it may be.
    pub fn error_ms(&self) -> Option<i64> {
        self.best().map(|best| best.round_trip_ms / 2)
    }

    /// The shortest round trip; the newest of equals.
    fn best(&self) -> Option<&Sample> {
        self.samples.iter().rev().min_by_key(|s| s.round_trip_ms)
    }
}

fn to_ms(ns: u64) -> i64 {
    i64::try_from(ns / 1_000_000).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Stamp {
        Stamp {
            mono_ns: 0,
            wall_ns: 1_700_000_000_000_000_000,
        }
        .plus_ms(ms)
    }

    #[test]
    fn d1_the_shortest_round_trip_wins() {
        let mut clock = ClockOffset::default();
        assert_eq!(clock.offset_ms(at(0)), None);
        clock.sample(at(0), at(400), 1_700_000_001_900);
        assert_eq!(clock.offset_ms(at(500)), Some(1_700));
        assert_eq!(clock.error_ms(), Some(200));
        clock.sample(at(1000), at(1020), 1_700_000_002_510);
        assert_eq!(clock.offset_ms(at(5000)), Some(1_500));
        clock.sample(at(2000), at(2500), 1_700_000_009_000);
        assert_eq!(clock.offset_ms(at(5000)), Some(1_500));
    }

    #[test]
    fn d2_drift_is_followed() {
        let mut clock = ClockOffset::default();
        // 200 ppm for 72 hours, measured once a minute.
        let mut worst = 0;
        for minute in 0..72 * 60_u64 {
            let now = at(minute * 60_000);
            let venue = |now: Stamp| now.wall_ms() + (now.mono_ns / 1_000_000 / 5_000) as i64;
            clock.sample(now, now.plus_ms(20), venue(now.plus_ms(10)));
            let later = now.plus_ms(59_000);
            worst = worst.max((clock.venue_ms(later).unwrap() - venue(later)).abs());
        }
        assert!(worst < 100, "{worst} ms");
    }

    #[test]
    fn d3_a_stepped_wall_clock_changes_nothing() {
        let mut clock = ClockOffset::default();
        clock.sample(at(0), at(20), 1_700_000_000_010);
        let mut stepped = at(10_000);
        stepped.wall_ns -= 3_600_000_000_000;
        assert_eq!(clock.venue_ms(stepped), Some(1_700_000_010_000));
        assert_eq!(clock.offset_ms(stepped), Some(3_600_000));
    }

    #[test]
    fn three_quick_measurements_then_one_a_minute() {
        let mut clock = ClockOffset::default();
        for _ in 0..2 {
            clock.sample(at(0), at(1), 0);
            assert_eq!(clock.period_ms(), FIRST_PERIOD_MS);
        }
        clock.sample(at(0), at(1), 0);
        assert_eq!(clock.period_ms(), PERIOD_MS);
        clock.forget();
        assert_eq!(clock.venue_ms(at(1)), None);
        assert_eq!(clock.period_ms(), FIRST_PERIOD_MS);
    }
}
