//! A moment on both clocks.

/// A moment: monotonic for durations, wall for people and venues. A wall clock that steps never changes an age.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    /// Nanoseconds on the monotonic clock, from an arbitrary start. It does not count suspended time.
    pub mono_ns: u64,
    /// Nanoseconds since 1970 on this host's wall clock, uncorrected.
    pub wall_ns: i64,
}

impl Stamp {
    /// Nanoseconds from `earlier` to this moment on the monotonic clock; zero when `earlier` is later.
    pub const fn since(self, earlier: Self) -> u64 {
        self.mono_ns.saturating_sub(earlier.mono_ns)
    }

    /// Whole milliseconds from `earlier` to this moment on the monotonic clock.
    pub const fn ms_since(self, earlier: Self) -> u64 {
        self.since(earlier) / 1_000_000
    }

    /// This moment and `ms` milliseconds, on both clocks.
    pub const fn plus_ms(self, ms: u64) -> Self {
        Self {
            mono_ns: self.mono_ns.saturating_add(ms.saturating_mul(1_000_000)),
            wall_ns: self
                .wall_ns
                .saturating_add((ms as i64).saturating_mul(1_000_000)),
        }
    }

    /// Milliseconds since 1970 on this host's wall clock.
    pub const fn wall_ms(self) -> i64 {
        self.wall_ns / 1_000_000
    }
}
