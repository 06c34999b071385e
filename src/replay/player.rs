//! Plays a recording for a screen at 1 to 100 times its speed. Owns the place in the file; the caller brings the time.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::ReplayError;
use super::headless::frame;
use super::recording::{self, Found, Lines, Times, stamp};
use crate::domain::message::MarketFact;
use crate::domain::{Depth, Instrument, Stamp, Symbol};
use crate::exchange::machine::Out;
use crate::exchange::recorded::RecordedFeed;

/// Fastest, times the recorded speed.
pub const SPEED_MAX: u32 = 100;
/// Longest real time that one call makes up for, ms: a stall of the host is not a leap in the file.
const CATCH_UP_MS: u64 = 1_000;

/// A recording being played.
pub struct Player {
    path: PathBuf,
    found: Found,
    feed: Box<dyn RecordedFeed>,
    lines: Lines,
    times: Times,
    /// A line read ahead whose time has not come.
    waiting: Option<Waiting>,
    /// The place in the file, ns since 1970 by the recorder's clock.
    at_ns: i64,
    last_call: Option<Stamp>,
    speed: u32,
    paused: bool,
    ended: bool,
    loaded: bool,
}

struct Waiting {
    at_ns: i64,
    url: Option<String>,
    message: String,
}

impl Player {
    /// Opens a recording at its beginning, at its own speed. `venue` is found by the content when not given.
    ///
    /// # Errors
    /// When the file cannot be read, or holds no book messages.
    pub fn open(path: &Path, venue: Option<&str>) -> Result<Self, ReplayError> {
        let found = recording::find(path, venue)?;
        Ok(Self {
            path: path.to_owned(),
            feed: (found.venue.recordings.feed)(),
            lines: Lines::open(path)?,
            times: Times::default(),
            waiting: None,
            at_ns: found.first_ns,
            last_call: None,
            speed: 1,
            paused: false,
            ended: false,
            loaded: false,
            found,
        })
    }

    /// The venue's name.
    pub const fn venue(&self) -> &'static str {
        self.found.venue.id
    }

    /// What trades in it, by name.
    pub fn instruments(&self) -> &[Instrument] {
        &self.found.instruments
    }

    /// Lines that are stepped over.
    pub fn broken(&self) -> &[super::Broken] {
        &self.found.broken
    }

    /// Sets the speed, 1 to 100 times the recorded one.
    pub fn set_speed(&mut self, speed: u32) {
        self.speed = speed.clamp(1, SPEED_MAX);
    }

    /// Times the recorded speed.
    pub const fn speed(&self) -> u32 {
        self.speed
    }

    /// Stops or goes on.
    pub fn set_paused(&mut self, paused: bool) {
        self.paused = paused;
    }

    /// True while it stands still by wish.
    pub const fn is_paused(&self) -> bool {
        self.paused
    }

    /// True when every line was played.
    pub const fn has_ended(&self) -> bool {
        self.ended
    }

    /// The place and the whole length, ms.
    pub fn progress_ms(&self) -> (u64, u64) {
        let since = |ns: i64| {
            let ns = ns.saturating_sub(self.found.first_ns).max(0);
            u64::try_from(ns / 1_000_000).unwrap_or(0)
        };
        (since(self.at_ns), since(self.found.last_ns))
    }

    /// Plays what has become due since the last call, appends what the feed told to `out`. `now` is the host's time.
    ///
    /// # Errors
    /// When the file cannot be read on.
    pub fn advance(&mut self, now: Stamp, out: &mut Out) -> Result<(), ReplayError> {
        self.load(out);
        let passed_ns = self.last_call.map_or(0, |last| now.since(last));
        self.last_call = Some(now);
        if self.paused || self.ended {
            return Ok(());
        }
        let passed_ns = passed_ns.min(CATCH_UP_MS * 1_000_000) * u64::from(self.speed);
        let until_ns = self
            .at_ns
            .saturating_add(i64::try_from(passed_ns).unwrap_or(i64::MAX));
        while let Some(at_ns) = self.read_ahead()? {
            if at_ns > until_ns {
                break;
            }
            self.play(out);
        }
        if !self.ended {
            self.at_ns = until_ns;
        }
        self.retime(now, out);
        Ok(())
    }

    /// Plays exactly one message, however long until its time, paused or not.
    ///
    /// # Errors
    /// When the file cannot be read on.
    pub fn step(&mut self, now: Stamp, out: &mut Out) -> Result<(), ReplayError> {
        self.load(out);
        if self.read_ahead()?.is_some() {
            self.play(out);
        }
        self.retime(now, out);
        Ok(())
    }

    /// The times of the first and the last line, ns since 1970.
    pub const fn span_ns(&self) -> (i64, i64) {
        (self.found.first_ns, self.found.last_ns)
    }

    /// A moment of the recording on its own clocks.
    pub fn moment(&self, at_ns: i64) -> Stamp {
        stamp(self.found.first_ns, at_ns)
    }

    /// The time of the next message, ns since 1970; `None` at the end.
    ///
    /// # Errors
    /// When the file cannot be read on.
    pub fn next_ns(&mut self) -> Result<Option<i64>, ReplayError> {
        self.load(&mut Out::default());
        self.read_ahead()
    }

    /// Plays the next message in the recording's own time, appends what the feed told to `out`.
    pub fn play_next(&mut self, out: &mut Out) {
        self.play(out);
        out.lines.clear();
        out.calls.clear();
        out.wake_at = None;
    }

    /// The picture of a book in the recording's own time, at most `levels` a side.
    pub fn picture(&self, symbol: Symbol, at: Stamp, levels: usize) -> Option<Arc<Depth>> {
        self.feed.depth(symbol, at, levels)
    }

    /// Goes back to the beginning.
    ///
    /// # Errors
    /// When the file cannot be opened again.
    pub fn restart(&mut self) -> Result<(), ReplayError> {
        self.lines = Lines::open(&self.path)?;
        self.feed = (self.found.venue.recordings.feed)();
        self.times = Times::default();
        self.waiting = None;
        self.at_ns = self.found.first_ns;
        self.ended = false;
        self.loaded = false;
        Ok(())
    }

    /// The picture of a book at this place, at most `levels` a side; its times are the host's.
    pub fn depth(&self, symbol: Symbol, now: Stamp, levels: usize) -> Option<Arc<Depth>> {
        let here = self.here();
        let mut depth = Arc::unwrap_or_clone(self.feed.depth(symbol, here, levels)?);
        depth.proved = host_time(here, now, depth.proved);
        depth.changed = host_time(here, now, depth.changed);
        Some(Arc::new(depth))
    }

    fn here(&self) -> Stamp {
        stamp(self.found.first_ns, self.at_ns)
    }

    fn load(&mut self, out: &mut Out) {
        if self.loaded {
            return;
        }
        self.loaded = true;
        let instruments = self.found.instruments.clone();
        self.feed
            .load(self.here(), instruments, self.found.ahead_ms, out);
        for broken in self.found.broken.iter().take(3) {
            let words = format!("line {} skipped: {}", broken.line, broken.why);
            out.market.push(MarketFact::Bad { words });
        }
        if let Some(more) = self.found.broken.len().checked_sub(3).filter(|&n| n > 0) {
            let words = format!("{more} more lines skipped");
            out.market.push(MarketFact::Bad { words });
        }
    }

    /// The time of the next line; `None` at the end.
    fn read_ahead(&mut self) -> Result<Option<i64>, ReplayError> {
        while self.waiting.is_none() && !self.ended {
            let Some((number, recorded)) = self.lines.next()? else {
                self.ended = true;
                break;
            };
            let Ok(recorded) = recorded else { continue };
            if !recorded.is_received() || self.found.is_broken(number) {
                continue;
            }
            self.waiting = Some(Waiting {
                at_ns: self.times.next(&recorded),
                url: recorded.url().map(str::to_owned),
                message: recorded.message().to_owned(),
            });
        }
        Ok(self.waiting.as_ref().map(|waiting| waiting.at_ns))
    }

    fn play(&mut self, out: &mut Out) {
        let Some(waiting) = self.waiting.take() else {
            return;
        };
        self.at_ns = waiting.at_ns;
        let now = self.here();
        match &waiting.url {
            Some(url) => self.feed.answer(now, url, &waiting.message, out),
            None => self.feed.on(now, frame(&waiting.message), out),
        }
    }

    /// Gives touches the host's times, and drops what only a network could carry out.
    fn retime(&self, now: Stamp, out: &mut Out) {
        let here = self.here();
        for touch in &mut out.touches {
            touch.proved = host_time(here, now, touch.proved);
            touch.at = host_time(here, now, touch.at);
        }
        out.lines.clear();
        out.calls.clear();
        out.wake_at = None;
    }
}

/// A moment of the recording as long ago on the host's clock.
fn host_time(here: Stamp, now: Stamp, then: Stamp) -> Stamp {
    let ago = here.since(then);
    Stamp {
        mono_ns: now.mono_ns.saturating_sub(ago),
        wall_ns: now
            .wall_ns
            .saturating_sub(i64::try_from(ago).unwrap_or(i64::MAX)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn player() -> Player {
        let text = include_str!("../../tests/wire/binance_futures/book_keepusdt_20210722.jsonl");
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        Player::open(file.path(), None).unwrap()
    }

    fn keep() -> Symbol {
        Symbol::new("KEEPUSDT").unwrap()
    }

    /// Host milliseconds until the recording has ended, called 60 times a second.
    fn play_out(player: &mut Player, mut now: Stamp) -> (u64, Stamp) {
        let (start, mut out) = (now, Out::default());
        while !player.has_ended() {
            out.clear();
            player.advance(now, &mut out).unwrap();
            now = now.plus_ms(16);
            assert!(now.ms_since(start) < 3_600_000);
        }
        (now.ms_since(start), now)
    }

    #[test]
    fn plays_at_its_own_pace_and_faster_when_asked() {
        let now = Stamp::default().plus_ms(1_000_000);
        let mut slow = player();
        let length_ms = slow.progress_ms().1;
        let (took, _) = play_out(&mut slow, now);
        assert!(took.abs_diff(length_ms) <= 64, "{took} of {length_ms}");
        let mut fast = player();
        fast.set_speed(10);
        let (took, end) = play_out(&mut fast, now);
        assert!((took * 10).abs_diff(length_ms) <= 640, "{took}");
        let picture = fast.depth(keep(), end, 20).unwrap();
        assert_eq!(picture, slow.depth(keep(), end, 20).unwrap());
        assert!(picture.state.is_live());
    }

    #[test]
    fn a_pause_holds_the_book_and_a_step_plays_one_message() {
        let mut now = Stamp::default().plus_ms(1_000_000);
        let (mut player, mut out) = (player(), Out::default());
        player.advance(now, &mut out).unwrap();
        player.set_paused(true);
        let place = player.progress_ms();
        for _ in 0..1_000 {
            now = now.plus_ms(100);
            player.advance(now, &mut out).unwrap();
        }
        assert_eq!(player.progress_ms(), place);
        // The snapshot is the second line; two steps bring the book up, live, though a minute passed on the host.
        player.step(now, &mut out).unwrap();
        player.step(now, &mut out).unwrap();
        let picture = player.depth(keep(), now, 20).unwrap();
        assert!(picture.state.is_live(), "{:?}", picture.state);
        assert!(now.ms_since(picture.proved) < 1_000);
        // A stall of the host is no leap.
        player.set_paused(false);
        player.set_speed(1);
        let before = player.progress_ms().0;
        player.advance(now.plus_ms(60_000), &mut out).unwrap();
        assert!(player.progress_ms().0 <= before + 1_000);
    }

    #[test]
    fn what_only_a_network_could_do_is_dropped() {
        let (mut player, mut out) = (player(), Out::default());
        player.advance(Stamp::default(), &mut out).unwrap();
        player.step(Stamp::default(), &mut out).unwrap();
        assert!(out.lines.is_empty() && out.calls.is_empty());
        assert!(!out.touches.is_empty() || !out.changed.is_empty());
        assert!(matches!(
            out.market.first(),
            Some(MarketFact::Instruments(_))
        ));
    }
}
