//! The real program in a pseudo-terminal whose reader notes when bytes come.

use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::figures::now;

/// The longest that anything is waited for.
const PATIENCE: Duration = Duration::from_secs(20);
const SIZE: PtySize = PtySize {
    rows: 40,
    cols: 120,
    pixel_width: 0,
    pixel_height: 0,
};

struct Seen {
    /// `None` once the screen is not looked at any more: a slow reader would be measured too.
    screen: Option<vt100::Parser>,
    /// The first bytes since the last press.
    first: Option<Instant>,
    last: Instant,
}

/// A running `lancet`; dropping it ends it.
pub struct Pty {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    seen: Arc<(Mutex<Seen>, Condvar)>,
    _master: Box<dyn MasterPty + Send>,
}

impl Pty {
    /// Starts it with all of its folders below `home` and waits until keys trade.
    pub fn trading(home: &Path, words: &[&str]) -> Self {
        let pair = native_pty_system().openpty(SIZE).expect("a pty");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_lancet"));
        command.args(words);
        command.env_clear();
        command.env("TERM", "xterm-256color");
        command.env("COLORTERM", "truecolor");
        command.env("HOME", home);
        for name in ["CONFIG", "STATE", "DATA", "CACHE"] {
            command.env(format!("XDG_{name}_HOME"), home.join(name));
        }
        command.cwd(home);
        let child = pair.slave.spawn_command(command).expect("the program");
        let screen = vt100::Parser::new(
            SIZE.rows.try_into().expect("rows"),
            SIZE.cols.try_into().expect("columns"),
            0,
        );
        let seen = Arc::new((
            Mutex::new(Seen {
                screen: Some(screen),
                first: None,
                last: now(),
            }),
            Condvar::new(),
        ));
        let from = pair.master.try_clone_reader().expect("a reader");
        let shared = Arc::clone(&seen);
        thread::spawn(move || read_all(from, &shared));
        let keys = pair.master.take_writer().expect("a writer");
        let pty = Self {
            child,
            keys,
            seen,
            _master: pair.master,
        };
        pty.wait("a live book and armed keys", |seen| {
            let text = seen
                .screen
                .as_ref()
                .map(|screen| screen.screen().contents())
                .unwrap_or_default();
            text.contains("LIVE") && text.contains("ARMED")
        });
        pty.seen.0.lock().unwrap().screen = None;
        pty
    }

    /// Presses keys; the moment before.
    pub fn press(&mut self, keys: &[u8]) -> Instant {
        self.seen.0.lock().unwrap().first = None;
        let start = now();
        self.keys
            .write_all(keys)
            .and_then(|()| self.keys.flush())
            .expect("the pty");
        start
    }

    /// When the first byte came since the last press.
    pub fn first_byte(&self) -> Instant {
        self.wait("an answer on the screen", |seen| seen.first.is_some());
        self.seen.0.lock().unwrap().first.expect("just seen")
    }

    /// Waits until nothing was written for so long.
    pub fn silence(&self, length: Duration) {
        let end = now() + PATIENCE;
        loop {
            let quiet_from = self.seen.0.lock().unwrap().last + length;
            if quiet_from <= now() {
                return;
            }
            assert!(now() < end, "the screen is never still for {length:?}");
            crate::figures::pause_until(quiet_from);
        }
    }

    fn wait(&self, what: &str, check: impl Fn(&Seen) -> bool) {
        let end = now() + PATIENCE;
        let (lock, changed) = &*self.seen;
        let mut seen = lock.lock().unwrap();
        while !check(&seen) {
            let left = end.saturating_duration_since(now());
            assert!(!left.is_zero(), "never came: {what}");
            seen = changed.wait_timeout(seen, left).unwrap().0;
        }
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read_all(mut from: Box<dyn Read + Send>, shared: &(Mutex<Seen>, Condvar)) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        let at = now();
        let mut seen = shared.0.lock().unwrap();
        seen.first.get_or_insert(at);
        seen.last = at;
        if let Some(screen) = &mut seen.screen {
            screen.process(&buffer[..count]);
        }
        drop(seen);
        shared.1.notify_all();
    }
}
