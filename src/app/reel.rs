//! A recording that is gone through: forwards at some speed, and to any moment. Owns the place in it, and stages of earlier moments,
//! so that going back is soon done and shows what going forwards had shown.

mod film;
mod stage;
pub mod thread;

pub use film::Film;
pub use stage::{Maker, Stage};

use std::path::Path;
use std::sync::Arc;

use crate::blackbox::{Reader, Seen, trip};
use crate::domain::{Account, Instrument, MarketKey, Side, Stamp};
use crate::engine::line::Play;
use crate::replay::{Player, ReplayError};

/// Fastest, times the recorded speed.
const SPEED_MAX: u32 = 100;
/// Longest real time that one call makes up for, ms: a stall of the host is not a leap in the recording.
const CATCH_UP_MS: u64 = 1_000;
/// Stages are kept so far apart at first, ns; twice as far whenever there are too many.
const APART_NS: i64 = 5_000_000_000;
/// Most stages kept.
const STAGES: usize = 64;
/// Whoever asks for the own trade before is not given the one that was just seen, ns.
const JUST_SEEN_NS: i64 = 1_500_000_000;
/// An own trade is shown from so long before it, ns.
const LEAD_NS: i64 = 1_000_000_000;
/// The ns of a day.
const DAY_NS: i64 = 86_400_000_000_000;

/// Where a recording comes from.
pub enum Source {
    /// The black box.
    Box(Box<Reader>),
    /// A venue's own messages.
    Film(Box<Film>),
}

impl Source {
    fn peek(&mut self) -> Option<i64> {
        match self {
            Self::Box(reader) => reader.peek(),
            Self::Film(film) => film.peek(),
        }
    }

    fn next(&mut self) -> Option<Seen> {
        match self {
            Self::Box(reader) => reader.next(),
            Self::Film(film) => film.next(),
        }
    }

    fn rewind(&mut self, to_ns: i64) {
        match self {
            Self::Box(reader) => reader.rewind(to_ns),
            Self::Film(film) => film.rewind(to_ns),
        }
    }

    fn stamp(&self, at_ns: i64) -> Stamp {
        match self {
            Self::Box(reader) => reader.stamp(at_ns),
            Self::Film(film) => film.stamp(at_ns),
        }
    }
}

/// How a recording stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// From where on it is shown, ns since 1970.
    pub from_ns: i64,
    /// To where, ns since 1970.
    pub to_ns: i64,
    /// What is shown, ns since 1970.
    pub at_ns: i64,
    /// Times the recorded speed.
    pub speed: u32,
    /// Stands still by wish.
    pub is_paused: bool,
    /// Everything was shown.
    pub has_ended: bool,
    /// On its way to another moment.
    pub is_seeking: bool,
    /// How often it leapt: what faded before a leap is gone after it.
    pub leaps: u64,
}

/// See the module.
pub struct Reel {
    source: Source,
    stage: Stage,
    /// The stage before anything happened, and stages on the way, oldest first, each with its moment.
    stages: Vec<(i64, Stage)>,
    apart_ns: i64,
    place: Place,
    goal: Option<i64>,
    last_call: Option<Stamp>,
    trades: Arc<[(i64, Side)]>,
}

impl Reel {
    /// A source from `start_ns` on (which it is told to go to), shown between two moments; `trades` are one's own.
    pub fn new(
        mut source: Source,
        maker: Arc<Maker>,
        start_ns: i64,
        (from_ns, to_ns): (i64, i64),
        trades: Arc<[(i64, Side)]>,
    ) -> Self {
        source.rewind(start_ns.saturating_sub(1));
        let stage = Stage::new(maker, source.stamp(start_ns));
        Self {
            source,
            stages: vec![(start_ns.saturating_sub(1), stage.clone())],
            stage,
            apart_ns: APART_NS,
            place: Place {
                from_ns,
                to_ns: to_ns.max(from_ns),
                at_ns: start_ns,
                speed: 1,
                is_paused: false,
                has_ended: false,
                is_seeking: start_ns < from_ns,
                leaps: 0,
            },
            goal: (start_ns < from_ns).then_some(from_ns),
            last_call: None,
            trades,
        }
    }

    /// How it stands.
    pub const fn place(&self) -> Place {
        self.place
    }

    /// What is seen.
    pub const fn stage(&self) -> &Stage {
        &self.stage
    }

    /// When one traded, ns since 1970.
    pub const fn trades(&self) -> &Arc<[(i64, Side)]> {
        &self.trades
    }

    /// Why it cannot be read on, told once.
    pub fn failed(&mut self) -> Option<ReplayError> {
        match &mut self.source {
            Source::Film(film) => film.failed(),
            Source::Box(_) => None,
        }
    }

    /// Sets the speed, 1 to 100 times the recorded one.
    pub fn set_speed(&mut self, speed: u32) {
        self.place.speed = speed.clamp(1, SPEED_MAX);
    }

    /// Does what was asked.
    pub fn ask(&mut self, asked: Play) {
        let Place { speed, at_ns, .. } = self.place;
        let at_ns = self.goal.unwrap_or(at_ns);
        match asked {
            Play::Pause if self.place.has_ended => self.restart(),
            Play::Pause => self.place.is_paused = !self.place.is_paused,
            Play::Faster => self.set_speed(speed.saturating_mul(2)),
            Play::Slower => self.set_speed(speed / 2),
            Play::Speed(times) => self.set_speed(times),
            Play::Step => {
                self.place.is_paused = true;
                if let Some(next) = self.source.peek() {
                    self.seek(next);
                }
            }
            Play::Jump(seconds) => {
                let by = i64::from(seconds).saturating_mul(1_000_000_000);
                self.seek(at_ns.saturating_add(by));
            }
            Play::At(second) => {
                let of_day = i64::from(second).saturating_mul(1_000_000_000);
                let day = self.place.from_ns.div_euclid(DAY_NS).saturating_mul(DAY_NS);
                let to = day.saturating_add(of_day);
                // A recording over midnight goes on in the next day.
                let is_next = to < self.place.from_ns && to + DAY_NS <= self.place.to_ns;
                self.seek(if is_next { to + DAY_NS } else { to });
            }
            Play::Trade(forward) => {
                if let Some(at) = self.trade(at_ns, forward) {
                    self.seek(at.saturating_sub(LEAD_NS));
                }
            }
            Play::Begin => self.restart(),
        }
    }

    fn restart(&mut self) {
        self.place.is_paused = false;
        self.seek(self.place.from_ns);
    }

    /// The next own trade, or the one before, seen from a moment.
    fn trade(&self, at_ns: i64, forward: bool) -> Option<i64> {
        let mut times = self.trades.iter().map(|(at, _)| *at);
        if forward {
            times.find(|at| *at > at_ns.saturating_add(LEAD_NS))
        } else {
            times.rfind(|at| *at < at_ns.saturating_sub(JUST_SEEN_NS).saturating_add(LEAD_NS))
        }
    }

    /// Goes to a moment within what is shown.
    fn seek(&mut self, to_ns: i64) {
        let to_ns = to_ns.clamp(self.place.from_ns, self.place.to_ns);
        self.place.leaps += 1;
        self.place.has_ended = false;
        if to_ns < self.place.at_ns {
            let before = self.stages.partition_point(|(at, _)| *at <= to_ns);
            // The first stage lies before everything that is shown.
            let (at_ns, stage) = &self.stages[before.saturating_sub(1)];
            self.stage = stage.clone();
            self.source.rewind(*at_ns);
            self.place.at_ns = *at_ns;
        }
        self.goal = Some(to_ns);
        self.place.is_seeking = true;
    }

    /// Shows what has become due since the last call, as long as `more` gives it time; true when anything changed. `now` is the
    /// host's time.
    pub fn advance(&mut self, now: Stamp, mut more: impl FnMut() -> bool) -> bool {
        let passed_ns = self.last_call.map_or(0, |last| now.since(last));
        self.last_call = Some(now);
        if let Some(goal) = self.goal {
            if self.run_to(goal, &mut more) {
                self.goal = None;
                self.place.is_seeking = false;
            }
            return true;
        }
        if self.place.is_paused || self.place.has_ended {
            return false;
        }
        let passed_ns = passed_ns.min(CATCH_UP_MS * 1_000_000) * u64::from(self.place.speed);
        let until = i64::try_from(passed_ns).unwrap_or(i64::MAX);
        let until = self.place.at_ns.saturating_add(until).min(self.place.to_ns);
        self.run_to(until, &mut more);
        self.place.has_ended = self.place.at_ns >= self.place.to_ns;
        true
    }

    /// Goes on to a moment; false when time ran out on the way.
    fn run_to(&mut self, until: i64, more: &mut impl FnMut() -> bool) -> bool {
        while let Some(at) = self.source.peek().filter(|at| *at <= until) {
            if !more() {
                return false;
            }
            self.keep_stage(at);
            if let Some(seen) = self.source.next() {
                let stamp = self.source.stamp(at);
                self.stage.take(stamp, seen);
                self.place.at_ns = at;
            }
        }
        self.place.at_ns = until;
        self.stage.pass(self.source.stamp(until));
        true
    }

    /// Keeps the stage of a moment before `next` when the last one kept lies far enough back.
    fn keep_stage(&mut self, next: i64) {
        let last = self.stages.last().map_or(i64::MIN, |(at, _)| *at);
        let due = last.saturating_add(self.apart_ns);
        if next <= due {
            return;
        }
        let at = self.place.at_ns;
        if at <= last || at >= next {
            return;
        }
        self.stages.push((at, self.stage.clone()));
        if self.stages.len() > STAGES {
            let mut n = 0;
            self.stages.retain(|_| {
                n += 1;
                n % 2 == 1
            });
            self.apart_ns = self.apart_ns.saturating_mul(2);
        }
    }
}

/// Why a recording cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum ReelError {
    /// Of a venue's recording.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// Of a black box.
    #[error(transparent)]
    Box(#[from] crate::blackbox::BoxError),
}

/// A recording, opened: what is in it, before it is gone through.
pub struct Opened {
    /// Where it comes from.
    pub source: Source,
    /// When it begins and ends, ns since 1970.
    pub span: (i64, i64),
    /// Its markets, those first that one traded on.
    pub markets: Vec<MarketKey>,
    /// When one traded.
    pub trades: Vec<(i64, Side)>,
    /// Names of the runs that were recorded.
    pub runs: Vec<String>,
    /// The rules of its markets.
    pub rules: Vec<Arc<Instrument>>,
}

impl Opened {
    /// A folder or a segment of the black box.
    ///
    /// # Errors
    /// When nothing can be read there.
    pub fn of_box(path: &Path) -> Result<Self, ReelError> {
        let reader = Reader::open(path)?;
        let own = trip::Own::read(reader.segments())?;
        let mut runs: Vec<String> = reader.segments().iter().map(|s| s.run.clone()).collect();
        runs.dedup();
        Ok(Self {
            span: (reader.from_ns(), reader.last_ns()),
            markets: own.markets(),
            trades: own.marks(),
            runs,
            rules: own.rules(),
            source: Source::Box(Box::new(reader)),
        })
    }

    /// A venue's recording; `account` names whose it is, which is nobody's.
    pub fn of_film(player: Player, account: Account) -> Self {
        let film = Film::new(player, account);
        Self {
            span: film.span_ns(),
            markets: film.markets().collect(),
            trades: Vec::new(),
            runs: Vec::new(),
            rules: film.rules(),
            source: Source::Film(Box::new(film)),
        }
    }
}

#[cfg(test)]
mod tests;
