//! Samples, percentiles and the printing of them. Every figure is printed beside the yardstick of the same run.

use std::time::{Duration, Instant};

/// This moment.
#[expect(clippy::disallowed_methods, reason = "a bench measures time")]
pub fn now() -> Instant {
    Instant::now()
}

/// Lets real time pass between two measurements, as a hand does between two keys.
pub fn pause(time: Duration) {
    let end = now() + time;
    while let Some(left) = end.checked_duration_since(now()) {
        std::thread::park_timeout(left);
    }
}

/// Durations of one kind.
#[derive(Default)]
pub struct Samples(Vec<Duration>);

impl Samples {
    pub fn add(&mut self, sample: Duration) {
        self.0.push(sample);
    }

    /// The sample below which `percent` of all lie.
    pub fn percentile(&self, percent: usize) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let last = sorted.len().saturating_sub(1);
        sorted.get((sorted.len() * percent / 100).min(last)).copied().unwrap_or_default()
    }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// One line: ours beside the yardstick, and their ratio at the median.
pub fn beside(what: &str, ours: &Samples, yard: &str, yardstick: &Samples) {
    let ratio = micros(ours.percentile(50)) / micros(yardstick.percentile(50));
    println!(
        "{what:<46} p50 {:8.1} µs  p99 {:8.1} µs   {yard}: p50 {:8.1} µs  p99 {:8.1} µs   ratio of p50 {ratio:.2}",
        micros(ours.percentile(50)),
        micros(ours.percentile(99)),
        micros(yardstick.percentile(50)),
        micros(yardstick.percentile(99)),
    );
}
