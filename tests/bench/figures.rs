//! Samples, percentiles and the printing of them. Every figure is printed beside the yardstick of the same run.

use std::time::{Duration, Instant};

/// This moment.
#[expect(clippy::disallowed_methods, reason = "a bench measures time")]
pub fn now() -> Instant {
    Instant::now()
}

/// Lets real time pass between two measurements, as a hand does between two keys.
pub fn pause_until(end: Instant) {
    while let Some(left) = end
        .checked_duration_since(now())
        .filter(|left| !left.is_zero())
    {
        std::thread::park_timeout(left);
    }
}

/// How long `work` takes.
pub fn time(work: impl FnOnce()) -> Duration {
    let start = now();
    work();
    start.elapsed()
}

/// Durations of one kind.
#[derive(Default)]
pub struct Samples(Vec<Duration>);

impl Samples {
    pub fn add(&mut self, sample: Duration) {
        self.0.push(sample);
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The sample below which `percent` of all lie, microseconds.
    pub fn micros(&self, percent: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let last = sorted.len().saturating_sub(1);
        sorted
            .get((sorted.len() * percent / 100).min(last))
            .copied()
            .unwrap_or_default()
            .as_secs_f64()
            * 1e6
    }
}

/// The middle one.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

/// A line of ours, a line of the yardstick, and their ratio at the median.
pub fn beside(ours: (&str, &Samples), yardstick: (&str, &Samples)) {
    for (what, samples) in [ours, yardstick] {
        println!(
            "  {what:<44} p50 {:7.1} µs   p99 {:7.1} µs   of {}",
            samples.micros(50),
            samples.micros(99),
            samples.count()
        );
    }
    let ratio = |percent| ours.1.micros(percent) / yardstick.1.micros(percent);
    println!(
        "  {:<44} p50 {:7.2} x    p99 {:7.2} x",
        "ratio",
        ratio(50),
        ratio(99)
    );
}
