//! Is one socket alive? Owns its times; opens and closes nothing itself.
//!
//! Any frame proves a line. After a second of silence we ping; what is not proved for two seconds is not live, and after five the
//! line is opened anew (half-open sockets never say that they are dead).

use crate::domain::Stamp;
use crate::exchange::backoff::Backoff;

/// Silence before a ping of ours, ms.
const PING_AFTER_MS: u64 = 1_000;
/// Silence that makes books stale, ms.
pub const STALE_AFTER_MS: u64 = 2_000;
/// Silence that ends a line, ms.
pub const DEAD_AFTER_MS: u64 = 5_000;
/// Time that opening may take, ms.
const OPEN_WITHIN_MS: u64 = 10_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Closed { retry_at: Stamp },
    Opening { since: Stamp },
    Open { since: Stamp, pinged: Stamp },
}

/// What a line needs now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// To be opened; an older socket of it is dropped.
    Open,
    /// A ping.
    Ping,
}

/// The life of one line.
#[derive(Clone, Copy, Debug)]
pub struct Health {
    phase: Phase,
    heard: Option<Stamp>,
    backoff: Backoff,
}

impl Default for Health {
    fn default() -> Self {
        Self {
            phase: Phase::Closed {
                retry_at: Stamp::default(),
            },
            heard: None,
            backoff: Backoff::default(),
        }
    }
}

impl Health {
    /// The socket stands; that proves it.
    pub fn opened(&mut self, now: Stamp) {
        self.phase = Phase::Open {
            since: now,
            pinged: now,
        };
        self.heard = Some(now);
    }

    /// A frame came.
    #[inline]
    pub fn frame(&mut self, now: Stamp) {
        self.heard = Some(now);
    }

    /// The socket ended or could not be opened.
    pub fn closed(&mut self, now: Stamp) {
        let stood = self.open_ms(now).unwrap_or(0);
        let wait = self.backoff.failed(stood, now.mono_ns);
        self.phase = Phase::Closed {
            retry_at: now.plus_ms(wait),
        };
    }

    /// It must be opened at the next occasion.
    pub fn reopen(&mut self) {
        self.phase = Phase::Closed {
            retry_at: Stamp::default(),
        };
    }

    /// What to do now; the caller does it.
    pub fn need(&mut self, now: Stamp) -> Option<Need> {
        let silent = self.silent_ms(now);
        match &mut self.phase {
            Phase::Closed { retry_at } if now.mono_ns < retry_at.mono_ns => None,
            Phase::Opening { since } if now.ms_since(*since) < OPEN_WITHIN_MS => None,
            Phase::Open { pinged, .. } if silent < DEAD_AFTER_MS => {
                if silent < PING_AFTER_MS || now.ms_since(*pinged) < PING_AFTER_MS {
                    return None;
                }
                *pinged = now;
                Some(Need::Ping)
            }
            _ => {
                self.phase = Phase::Opening { since: now };
                Some(Need::Open)
            }
        }
    }

    /// When it last proved itself.
    pub fn proved(&self) -> Option<Stamp> {
        self.heard
    }

    /// How long it has said nothing, ms; 0 before it ever spoke.
    pub fn silent_ms(&self, now: Stamp) -> u64 {
        self.heard.map_or(0, |heard| now.ms_since(heard))
    }

    /// True while the socket stands as far as we know.
    pub const fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Open { .. })
    }

    /// For how long it has stood, ms.
    pub fn open_ms(&self, now: Stamp) -> Option<u64> {
        match self.phase {
            Phase::Open { since, .. } => Some(now.ms_since(since)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a6_silence_pings_then_opens_anew() {
        let mut line = Health::default();
        let start = Stamp::default().plus_ms(1);
        assert_eq!(line.need(start), Some(Need::Open));
        assert_eq!(line.need(start.plus_ms(9_999)), None);
        line.opened(start);
        assert_eq!(line.need(start.plus_ms(999)), None);
        assert_eq!(line.need(start.plus_ms(1_000)), Some(Need::Ping));
        assert_eq!(line.need(start.plus_ms(1_500)), None);
        line.frame(start.plus_ms(1_600));
        assert_eq!(line.need(start.plus_ms(2_599)), None);
        assert_eq!(line.need(start.plus_ms(2_600)), Some(Need::Ping));
        assert_eq!(line.need(start.plus_ms(6_600)), Some(Need::Open));
        assert!(!line.is_open());
    }

    #[test]
    fn an_opening_that_hangs_is_tried_again_and_a_refused_one_waits() {
        let mut line = Health::default();
        let start = Stamp::default().plus_ms(1);
        assert_eq!(line.need(start), Some(Need::Open));
        assert_eq!(line.need(start.plus_ms(10_000)), Some(Need::Open));
        line.closed(start.plus_ms(10_000));
        assert_eq!(line.need(start.plus_ms(10_100)), None);
        assert_eq!(line.need(start.plus_ms(10_250)), Some(Need::Open));
    }
}
