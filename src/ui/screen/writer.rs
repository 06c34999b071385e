//! The thread that writes frames: the newest frame wins, a blocked terminal blocks nobody else.
//!
//! It owns its writer and ratatui's two buffers. It must not read input, a clock, or wait for anything but a frame and its fd.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::Backend;

use super::wire::Wire;
use crate::ui::help::HelpText;
use crate::ui::snapshot::Snapshot;
use crate::ui::theme::Theme;
use crate::ui::view::View;

/// One frame to draw.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Its number, rising.
    pub number: u64,
    /// The data.
    pub snapshot: Arc<Snapshot>,
    /// The screen's state, already settled; its size is the terminal's.
    pub view: View,
}

#[derive(Debug, Default)]
struct Slot {
    frame: Option<Frame>,
    bell: bool,
    notice: Vec<u8>,
    ask: Option<&'static [u8]>,
    stopped: bool,
    ended: bool,
}

#[derive(Debug, Default)]
struct Shared {
    slot: Mutex<Slot>,
    filled: Condvar,
    ended: Condvar,
    written: AtomicU64,
    gone: AtomicBool,
}

/// The app's end of a screen's writer.
#[derive(Debug)]
pub struct Writer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread over the screen's own writer.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn start<W: Write + Send + 'static>(
        out: W,
        theme: Theme,
        help: HelpText,
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let thread = {
            let shared = Arc::clone(&shared);
            std::thread::Builder::new()
                .name("writer".to_owned())
                .spawn(move || {
                    let mut end = End {
                        shared: &shared,
                        clean: false,
                    };
                    end.clean = run(&shared, out, &theme, &help).is_ok();
                })?
        };
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// Hands over a frame; one that was not drawn yet is forgotten. Never waits for the terminal.
    pub fn show(&self, frame: Frame) {
        self.change(|slot| slot.frame = Some(frame));
    }

    /// Rings with the next write.
    pub fn ring(&self) {
        self.change(|slot| slot.bell = true);
    }

    /// Asks for a desktop notice with the next write: whole sequences, after the frame. Forgotten where a blocked terminal has too many
    /// of them before it.
    pub fn notify(&self, bytes: &[u8]) {
        self.change(|slot| {
            if slot.notice.len() + bytes.len() <= NOTICES {
                slot.notice.extend_from_slice(bytes);
            }
        });
    }

    /// Writes a request that the terminal answers in its stream of keys, with the next write.
    pub fn ask(&self, request: &'static [u8]) {
        self.change(|slot| slot.ask = Some(request));
    }

    /// Number of the last frame that was wholly handed to the terminal; 0 before the first.
    pub fn written(&self) -> u64 {
        self.shared.written.load(Ordering::Acquire)
    }

    /// True once writing failed: the terminal is gone, the thread has ended.
    pub fn is_gone(&self) -> bool {
        self.shared.gone.load(Ordering::Acquire)
    }

    fn change(&self, change: impl FnOnce(&mut Slot)) {
        change(&mut lock(&self.shared));
        self.shared.filled.notify_one();
    }
}

/// Most bytes of desktop notices that wait for a terminal.
const NOTICES: usize = 4096;
/// How long an ending screen waits for its last write; a terminal that takes longer is not reading.
const LAST_WRITE: Duration = Duration::from_millis(250);

impl Drop for Writer {
    /// Ends the thread after the frame it is at. A thread that its terminal blocks is left behind, not waited for.
    fn drop(&mut self) {
        self.change(|slot| slot.stopped = true);
        let waited = self
            .shared
            .ended
            .wait_timeout_while(lock(&self.shared), LAST_WRITE, |slot| !slot.ended);
        let ended = waited.unwrap_or_else(PoisonError::into_inner).0.ended;
        if let Some(thread) = self.thread.take().filter(|_| ended) {
            // What it ended with was stored; a panic was reported by its hook.
            let _ = thread.join();
        }
    }
}

/// Tells that the thread has ended, a panic included.
struct End<'a> {
    shared: &'a Shared,
    clean: bool,
}

impl Drop for End<'_> {
    fn drop(&mut self) {
        if !self.clean {
            self.shared.gone.store(true, Ordering::Release);
        }
        lock(self.shared).ended = true;
        self.shared.ended.notify_all();
    }
}

/// What woke the thread.
struct Work {
    frame: Option<Frame>,
    bell: bool,
    notice: Vec<u8>,
    ask: Option<&'static [u8]>,
    stopped: bool,
}

impl Work {
    /// There is something to write beside a frame.
    const fn says(&self) -> bool {
        self.bell || !self.notice.is_empty() || self.ask.is_some()
    }
}

fn next(shared: &Shared) -> Work {
    let mut slot = lock(shared);
    loop {
        let work = Work {
            frame: slot.frame.take(),
            bell: std::mem::take(&mut slot.bell),
            notice: std::mem::take(&mut slot.notice),
            ask: slot.ask.take(),
            stopped: slot.stopped,
        };
        if work.frame.is_some() || work.says() || work.stopped {
            return work;
        }
        slot = shared
            .filled
            .wait(slot)
            .unwrap_or_else(PoisonError::into_inner);
    }
}

fn run<W: Write>(shared: &Shared, out: W, theme: &Theme, help: &HelpText) -> io::Result<()> {
    let mut terminal = Terminal::new(Wire::new(out, 0, 0))?;
    let mut redraws = 0;
    loop {
        let work = next(shared);
        if work.bell {
            terminal.backend_mut().ring();
        }
        terminal.backend_mut().after(&work.notice);
        if let Some(request) = work.ask {
            terminal.backend_mut().after(request);
        }
        if let Some(frame) = &work.frame {
            draw(&mut terminal, frame, &mut redraws, theme, help)?;
            shared.written.store(frame.number, Ordering::Release);
        } else if work.says() {
            terminal.backend_mut().flush()?;
        }
        if work.stopped {
            return Ok(());
        }
    }
}

fn lock(shared: &Shared) -> MutexGuard<'_, Slot> {
    shared.slot.lock().unwrap_or_else(PoisonError::into_inner)
}

fn draw<W: Write>(
    terminal: &mut Terminal<Wire<W>>,
    frame: &Frame,
    redraws: &mut u64,
    theme: &Theme,
    help: &HelpText,
) -> io::Result<()> {
    let (columns, rows) = frame.view.size();
    if columns == 0 || rows == 0 {
        return Ok(());
    }
    terminal.backend_mut().resize(columns, rows);
    if frame.view.redraws() != *redraws {
        *redraws = frame.view.redraws();
        terminal.clear()?;
    }
    let theme = frame.view.theme().map_or(theme, |theme| &**theme);
    terminal.draw(|out| crate::ui::draw(out, &frame.snapshot, &frame.view, theme, help))?;
    Ok(())
}

#[cfg(test)]
mod tests;
