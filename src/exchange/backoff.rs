//! How long to wait before the next try of something that failed. Pure: the caller brings the time and the chance.

/// The first delay, ms, before jitter.
const FIRST_MS: u64 = 250;
/// The longest delay, ms.
const CAP_MS: u64 = 30_000;
/// What stood this long, ms, was good: the next failure starts from the first delay again.
const GOOD_MS: u64 = 60_000;

/// A doubling delay with jitter, so that many clients of one venue do not come back in step.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    ceiling_ms: u64,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            ceiling_ms: FIRST_MS,
        }
    }
}

impl Backoff {
    /// Something failed that had stood for `stood_ms` (0: it never stood). Gives the delay before the next try, ms, between half of
    /// the present ceiling and all of it, at most 30 000; `random` is any number.
    pub fn failed(&mut self, stood_ms: u64, random: u64) -> u64 {
        if stood_ms >= GOOD_MS {
            self.ceiling_ms = FIRST_MS;
        }
        let half = self.ceiling_ms / 2;
        let delay = half + random % (half + 1);
        self.ceiling_ms = (self.ceiling_ms * 2).min(CAP_MS);
        delay
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_doubles_up_to_the_cap_and_never_passes_it() {
        let mut backoff = Backoff::default();
        let longest: Vec<u64> = (0..9).map(|_| backoff.failed(0, 125)).collect();
        assert_eq!(longest[0], 250);
        assert!(longest.windows(2).all(|pair| pair[1] >= pair[0]));
        for random in [0, 1, 14_999, 15_000, u64::MAX] {
            let delay = backoff.failed(0, random);
            assert!((15_000..=30_000).contains(&delay), "{delay}");
        }
    }

    #[test]
    fn a_good_minute_forgives_and_a_bad_one_does_not() {
        let mut backoff = Backoff::default();
        for _ in 0..6 {
            backoff.failed(0, 0);
        }
        let mut forgiven = backoff;
        assert_eq!(backoff.failed(59_999, 0), 8_000);
        assert_eq!(forgiven.failed(60_000, 0), 125);
    }
}
