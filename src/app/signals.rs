//! Signals as events of the app loop. Owns the handlers; decides nothing.

use std::io;

use tokio::select;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What the system tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// The terminal's line dropped.
    HangUp,
    /// End: the first time in order, the second time at once.
    End,
    /// Stop for a while (`kill -TSTP`; in raw mode Ctrl-Z is a key).
    Pause,
    /// Go on after a stop.
    Continue,
    /// The terminal has a new size.
    Resized,
}

/// The handlers.
pub struct Signals {
    hang_up: Signal,
    terminate: Signal,
    interrupt: Signal,
    quit: Signal,
    pause: Signal,
    go_on: Signal,
    resized: Signal,
}

impl Signals {
    /// Installs them; needs a running runtime.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn install() -> io::Result<Self> {
        // 20 and 18 are TSTP and CONT on Linux; macOS numbers them 18 and 19.
        let (pause, go_on) = if cfg!(target_os = "linux") {
            (20, 18)
        } else {
            (18, 19)
        };
        Ok(Self {
            hang_up: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            pause: signal(SignalKind::from_raw(pause))?,
            go_on: signal(SignalKind::from_raw(go_on))?,
            resized: signal(SignalKind::window_change())?,
        })
    }

    /// The next one.
    pub async fn next(&mut self) -> Told {
        select! {
            biased;
            _ = self.hang_up.recv() => Told::HangUp,
            _ = self.terminate.recv() => Told::End,
            _ = self.interrupt.recv() => Told::End,
            _ = self.quit.recv() => Told::End,
            _ = self.pause.recv() => Told::Pause,
            _ = self.go_on.recv() => Told::Continue,
            _ = self.resized.recv() => Told::Resized,
        }
    }
}
