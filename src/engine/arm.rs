//! May keys open or add? ARMED, EXITS ONLY with its reasons, LOCKED. Rule 6.

use std::collections::VecDeque;

use crate::domain::{Environment, MarketKey, Stamp};

use super::guard::kept::CoolDown;
use super::settings::Triggers;
use super::words;

/// The armed state in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Armed {
    /// Keys open, add, reduce and cancel.
    Armed,
    /// Keys reduce and cancel.
    ExitsOnly,
    /// Only panic works.
    Locked,
}

impl Armed {
    /// As on the screen.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Armed => "ARMED",
            Self::ExitsOnly => "EXITS ONLY",
            Self::Locked => "LOCKED",
        }
    }
}

/// Why keys do not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// Own fills and the venue's position differ.
    Mismatch(MarketKey),
    /// The host was suspended.
    Resumed,
    /// The private line broke at this moment; account truth has not come back equal since.
    Link(Stamp),
    /// The way to the terminal is slow.
    Terminal,
    /// No key for long.
    Idle,
    /// The journal cannot be written.
    Journal,
    /// The venue does not let this key trade.
    NoTrade,
    /// The key's rights are being asked for.
    Asking,
    /// The key's rights could not be asked for, and nothing else vouches for it.
    Unverified,
    /// The key is for viewing only, for this reason.
    ViewOnly(&'static str),
    /// The venue refused the key in mid-session; the account has not come back since.
    KeyRefused,
    /// Requests are refused until this wall time, ms.
    Limited(i64),
    /// The terminal window lost the focus.
    Focus,
    /// A loss reached its limit.
    CoolDown(CoolDown),
}

impl Hold {
    /// In a word or two.
    pub const fn words(&self) -> &'static str {
        match self {
            Self::Mismatch(_) => "mismatch",
            Self::Resumed => "resumed from suspend",
            Self::Link(_) => "reconnect",
            Self::Terminal => "slow terminal",
            Self::Idle => "idle",
            Self::Journal => "journal",
            Self::NoTrade => "this key may not trade",
            Self::Asking => "asking about the key",
            Self::Unverified => "key not verified",
            Self::ViewOnly(why) => why,
            Self::KeyRefused => "key refused",
            Self::Limited(_) => "rate limit",
            Self::Focus => "focus lost",
            Self::CoolDown(it) => it.cause.words(),
        }
    }

    /// True when nothing is left to do with the key once nothing is at stake.
    const fn locks_when_flat(&self) -> bool {
        matches!(
            self,
            Self::Unverified | Self::ViewOnly(_) | Self::KeyRefused
        )
    }

    /// True when arming ends it; the others end when their cause does.
    const fn ends_by_arming(&self) -> bool {
        matches!(
            self,
            Self::Mismatch(_)
                | Self::Resumed
                | Self::Link(_)
                | Self::Terminal
                | Self::Idle
                | Self::Focus
        )
    }
}

/// How long after a break account truth may come back equal for the armed state to be restored, ms.
const RESTORE_MS: u64 = 5_000;
/// Samples of the terminal link that count, and how many of them must be slow.
const LINK_SAMPLES: usize = 5;
const SLOW_SAMPLES: usize = 3;
/// Samples kept for the session's median.
const MEDIAN_SAMPLES: usize = 600;
/// A terminal link below this is never slow, ms.
const SLOW_FLOOR_MS: u64 = 1_000;
/// The last part of the idle time is counted down, ms.
const COUNTDOWN_MS: u64 = 60_000;

/// The state and everything that decides it.
#[derive(Clone, Debug)]
pub struct Arm {
    locked: Option<&'static str>,
    holds: Vec<Hold>,
    last_key: Option<Stamp>,
    triggers: Triggers,
    links: VecDeque<u64>,
}

impl Arm {
    /// The state at the start: built-in exchange and paper are armed, real money and demo locked, recordings stay locked.
    pub fn new(environment: Environment, triggers: Triggers) -> Self {
        let locked = match environment {
            Environment::Sim | Environment::Paper => None,
            Environment::Real | Environment::Demo => Some("start"),
            Environment::Replay => Some("recording"),
        };
        Self {
            locked,
            holds: Vec::new(),
            last_key: None,
            triggers,
            links: VecDeque::new(),
        }
    }

    /// Now.
    pub fn state(&self) -> Armed {
        if self.locked.is_some() {
            Armed::Locked
        } else if self.holds.is_empty() {
            Armed::Armed
        } else {
            Armed::ExitsOnly
        }
    }

    /// Why it is not armed, in a word or two; empty when armed. That a key is for viewing only stays in sight, whatever locked.
    pub fn why(&self) -> &'static str {
        let view_only = self.holds.iter().find(|h| matches!(h, Hold::ViewOnly(_)));
        view_only
            .map(Hold::words)
            .or(self.locked)
            .or(self.cool_down().map(|it| it.cause.words()))
            .or(self.holds.first().map(Hold::words))
            .unwrap_or_default()
    }

    /// The same, and until when where that is known: `day's loss, until 14:35 UTC`.
    pub fn words(&self) -> String {
        let why = self.why();
        format!("{why}{}", self.until(why))
    }

    /// `, until 14:35 UTC` where a cool-down is the reason; else nothing.
    pub fn until(&self, why: &str) -> String {
        let it = self.cool_down().filter(|it| it.cause.words() == why);
        it.map_or_else(String::new, |it| {
            format!(", until {}", words::utc(it.until_ms))
        })
    }

    /// The cool-down that runs.
    pub fn cool_down(&self) -> Option<CoolDown> {
        self.holds.iter().find_map(|hold| match hold {
            Hold::CoolDown(it) => Some(*it),
            _ => None,
        })
    }

    /// Every reason at hand.
    pub fn holds(&self) -> &[Hold] {
        &self.holds
    }

    /// Adds a reason for EXITS ONLY, unless the trader switched it off. True when it is new.
    pub fn hold(&mut self, hold: Hold) -> bool {
        let wanted = match hold {
            Hold::Resumed => self.triggers.resume,
            Hold::Link(_) => self.triggers.reconnect,
            Hold::Terminal => self.triggers.terminal_link,
            Hold::Focus => self.triggers.focus_loss,
            _ => true,
        };
        if !wanted {
            return false;
        }
        let same = |h: &Hold| std::mem::discriminant(h) == std::mem::discriminant(&hold);
        let known = match hold {
            Hold::Mismatch(_) => self.holds.contains(&hold),
            _ => self.holds.iter().any(same),
        };
        if !known {
            self.holds.push(hold);
        }
        !known
    }

    /// Takes reasons away. True when there was one.
    pub fn release(&mut self, ends: impl Fn(&Hold) -> bool) -> bool {
        let before = self.holds.len();
        self.holds.retain(|hold| !ends(hold));
        self.holds.len() != before
    }

    /// Account truth came back; `equal`: it holds what was known before the break. True when that restored the state.
    pub fn truth(&mut self, equal: bool, now: Stamp) -> bool {
        equal
            && self.release(
                |hold| matches!(hold, Hold::Link(since) if now.ms_since(*since) <= RESTORE_MS),
            )
    }

    /// Locks.
    pub fn lock(&mut self, why: &'static str) {
        self.locked = Some(why);
    }

    /// The reason that arming cannot end; `None` when it arms.
    pub fn barred(&self) -> Option<&'static str> {
        if self.locked == Some("recording") {
            return Some("a recording is view-only");
        }
        let lasting = self.holds.iter().find(|hold| !hold.ends_by_arming());
        lasting.map(Hold::words)
    }

    /// Arms by the trader's key. `busy`: there is a position or an order; then exits get through whatever keeps entries out.
    ///
    /// # Errors
    /// The reason that arming cannot end.
    pub fn arm(&mut self, busy: bool) -> Result<(), &'static str> {
        if let Some(why) = self.barred() {
            if busy && self.locked != Some("recording") {
                self.locked = None;
            }
            return Err(why);
        }
        self.locked = None;
        self.holds.clear();
        Ok(())
    }

    /// Any key came.
    pub fn key(&mut self, now: Stamp) {
        self.last_key = Some(now);
    }

    /// Time passes. `busy`: there is a position or an order. True when idleness changed the state.
    pub fn tick(&mut self, now: Stamp, busy: bool) -> bool {
        let wall = now.wall_ms();
        self.holds
            .retain(|hold| !matches!(hold, Hold::Limited(until) if *until <= wall));
        let of_key = self.holds.iter().find(|hold| hold.locks_when_flat());
        if let Some(hold) = of_key.filter(|_| !busy && self.locked.is_none()) {
            self.locked = Some(hold.words());
            return true;
        }
        let last = *self.last_key.get_or_insert(now);
        let idle = |limit| now.ms_since(last) >= limit;
        if self.locked.is_some() || !self.triggers.idle_ms.is_some_and(idle) {
            return false;
        }
        if busy {
            self.hold(Hold::Idle)
        } else {
            self.locked = Some("idle");
            true
        }
    }

    /// The terminal window lost the focus.
    pub fn focus_lost(&mut self, busy: bool) {
        if busy {
            self.hold(Hold::Focus);
        } else if self.triggers.focus_loss && self.locked.is_none() {
            self.locked = Some("focus lost");
        }
    }

    /// Seconds until idleness ends the armed state, in its last minute.
    pub fn countdown(&self, now: Stamp) -> Option<u64> {
        if self.state() != Armed::Armed {
            return None;
        }
        let limit = self.triggers.idle_ms?;
        let left = limit.saturating_sub(now.ms_since(self.last_key?));
        (left <= COUNTDOWN_MS).then(|| left.div_ceil(1_000))
    }

    /// A round trip to the terminal was measured. True when the link became slow.
    pub fn terminal(&mut self, ms: u64) -> bool {
        let limit = self.median().saturating_mul(3).max(SLOW_FLOOR_MS);
        self.links.push_back(ms);
        if self.links.len() > MEDIAN_SAMPLES {
            self.links.pop_front();
        }
        let slow = self
            .links
            .iter()
            .rev()
            .take(LINK_SAMPLES)
            .filter(|ms| **ms > limit)
            .count();
        slow >= SLOW_SAMPLES && self.hold(Hold::Terminal)
    }

    fn median(&self) -> u64 {
        let mut sorted: Vec<u64> = self.links.iter().copied().collect();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied().unwrap_or(0)
    }

    /// Latest round trip to the terminal, ms.
    pub fn latest_link(&self) -> Option<u64> {
        self.links.back().copied()
    }
}
