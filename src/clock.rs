//! The only place that reads the clocks. Everything below gets time inside events.

use std::sync::OnceLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::domain::Stamp;

/// This moment on both clocks.
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub fn now() -> Stamp {
    static START: OnceLock<Instant> = OnceLock::new();
    let start = START.get_or_init(Instant::now);
    let wall = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| i64::try_from(d.as_nanos()).unwrap_or(i64::MAX));
    Stamp {
        mono_ns: u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX),
        wall_ns: wall,
    }
}

/// Nanoseconds this host has spent suspended since it booted: how far the clock that counts sleep is ahead of the one that does
/// not. A stepped wall clock changes neither. `None` where the system does not tell.
pub fn asleep_ns() -> Option<i64> {
    #[cfg(target_os = "linux")]
    {
        use rustix::time::{ClockId, clock_gettime};
        let ns = |id| {
            let t = clock_gettime(id);
            t.tv_sec
                .saturating_mul(1_000_000_000)
                .saturating_add(t.tv_nsec)
        };
        Some(ns(ClockId::Boottime).saturating_sub(ns(ClockId::Monotonic)))
    }
    #[cfg(not(target_os = "linux"))]
    None
}
