//! Questions to the terminal, in raw mode. Owns the terminal while it asks and gives it back on every path; waits no longer than
//! it says.

mod replies;

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{self, OptionalActions, Termios};

use crate::clock;
use crate::input::link;
pub use replies::Replies;

/// The end is looked for so often.
pub const ROUND: Duration = Duration::from_millis(ROUND_MS);
const ROUND_MS: u64 = 100;
/// One answer is waited for so long, ms: a bad link is slower than that only when it is unusable.
const PATIENCE_MS: u64 = 1000;
/// Round trips measured.
const SAMPLES: usize = 5;
/// Kitty's flags, the state of bracketed paste, and last what every terminal answers: when that came, the others will not.
const QUESTIONS: &[u8] = b"\x1b[?u\x1b[?2004$p\x1b[c";
/// A terminal that does not know the questions may have shown a part of them.
const CLEAR_LINE: &[u8] = b"\r\x1b[K";

/// What the terminal told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// What it is.
    pub replies: Replies,
    /// Round trips, µs, in order; none when it does not answer.
    pub trips_us: Vec<u64>,
}

/// Asks the terminal behind `tty`, within 6 s; an `end` set by somebody else is noticed within 100 ms, and Ctrl-C sets it.
///
/// # Errors
/// When it is no terminal, is gone, or Ctrl-C was typed.
pub fn ask(tty: OwnedFd, end: &AtomicBool) -> io::Result<Answers> {
    within(PATIENCE_MS, tty, end)
}

fn within(patience_ms: u64, tty: OwnedFd, end: &AtomicBool) -> io::Result<Answers> {
    let raw = Raw::take(tty, patience_ms)?;
    let mut replies = Replies::default();
    raw.write(QUESTIONS)?;
    raw.wait(&mut replies, end, |replies| replies.attributes)?;
    let mut trips_us = Vec::new();
    let silent = replies == Replies::default();
    while !silent && trips_us.len() < SAMPLES {
        let heard = replies.statuses;
        let asked = clock::now();
        raw.write(link::REQUEST)?;
        if !raw.wait(&mut replies, end, |replies| replies.statuses > heard)? {
            break;
        }
        trips_us.push(clock::now().since(asked) / 1000);
    }
    raw.write(CLEAR_LINE)?;
    Ok(Answers { replies, trips_us })
}

/// The terminal in raw mode; its modes come back with the drop, and what was not read is thrown away: a late answer must not be
/// typed into the shell.
struct Raw {
    tty: OwnedFd,
    before: Termios,
    patience_ms: u64,
}

impl Drop for Raw {
    fn drop(&mut self) {
        // A terminal that is gone has no modes.
        let _ = termios::tcsetattr(&self.tty, OptionalActions::Flush, &self.before);
    }
}

impl Raw {
    fn take(tty: OwnedFd, patience_ms: u64) -> io::Result<Self> {
        let before = termios::tcgetattr(&tty)?;
        let mut modes = before.clone();
        modes.make_raw();
        termios::tcsetattr(&tty, OptionalActions::Now, &modes)?;
        Ok(Self {
            tty,
            before,
            patience_ms,
        })
    }

    /// Writes when there is room: a stopped terminal must not hold the doctor up.
    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        if !self.is_ready(PollFlags::OUT, self.patience_ms)? {
            return Err(io::Error::other(
                "it takes no output: is it stopped (Ctrl-S)?",
            ));
        }
        File::from(self.tty.try_clone()?).write_all(bytes)
    }

    /// Reads until `done` or until nothing came in time; whether it was done.
    fn wait(
        &self,
        replies: &mut Replies,
        end: &AtomicBool,
        done: impl Fn(&Replies) -> bool,
    ) -> io::Result<bool> {
        let began = clock::now();
        let mut bytes = [0; 512];
        while !done(replies) {
            let waited = clock::now().ms_since(began);
            if waited >= self.patience_ms {
                return Ok(false);
            }
            let round = ROUND_MS.min(self.patience_ms - waited);
            if self.is_ready(PollFlags::IN, round)? {
                let count = rustix::io::read(self.tty.as_fd(), &mut bytes)?;
                if count == 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                replies.feed(&bytes[..count]);
            }
            if replies.interrupted {
                end.store(true, Ordering::Relaxed);
            }
            if end.load(Ordering::Relaxed) {
                return Err(io::ErrorKind::Interrupted.into());
            }
        }
        Ok(true)
    }

    fn is_ready(&self, what: PollFlags, ms: u64) -> io::Result<bool> {
        let mut fds = [PollFd::new(&self.tty, what)];
        let timeout = Timespec::try_from(Duration::from_millis(ms)).map_err(io::Error::other)?;
        match poll(&mut fds, Some(&timeout)) {
            Ok(count) => Ok(count > 0),
            Err(rustix::io::Errno::INTR) => Ok(false),
            Err(why) => Err(why.into()),
        }
    }
}

#[cfg(test)]
mod tests;
