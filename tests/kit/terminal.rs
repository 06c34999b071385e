//! The real binary in a real pseudo-terminal, read back through a terminal emulator.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Instant;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use super::{PATIENCE, binary};

/// What the reading side has seen, and whether it may read on.
struct Seen {
    parser: vt100::Parser,
    bytes: Vec<u8>,
    paused: bool,
    /// The line dropped: the reading side lets go of its end too.
    dropped: bool,
    ended: bool,
}

/// A running `lancet` with its screen.
pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    master: Option<Box<dyn MasterPty + Send>>,
    writer: Option<Box<dyn Write + Send>>,
    seen: Arc<(Mutex<Seen>, Condvar)>,
    _dir: Option<tempfile::TempDir>,
}

/// How to start it.
pub struct Start<'a> {
    pub args: &'a [&'a str],
    pub size: (u16, u16),
    pub env: &'a [(&'a str, &'a str)],
    /// Where XDG directories lie; a fresh one when `None`.
    pub home: Option<&'a Path>,
    /// More of the user's own config file.
    pub config: &'a str,
}

impl Default for Start<'_> {
    fn default() -> Self {
        Self {
            args: &[],
            size: (120, 40),
            env: &[],
            home: None,
            config: "",
        }
    }
}

fn command(start: &Start<'_>, home: &Path) -> CommandBuilder {
    let mut command = CommandBuilder::new(binary());
    command.args(start.args);
    command.env_clear();
    command.env("TERM", "xterm-256color");
    command.env("LANG", "C.UTF-8");
    command.env("HOME", home);
    for (name, folder) in [
        ("CONFIG", "config"),
        ("STATE", "state"),
        ("DATA", "data"),
        ("CACHE", "cache"),
    ] {
        command.env(format!("XDG_{name}_HOME"), home.join(folder));
    }
    for (name, value) in start.env {
        command.env(name, value);
    }
    command.cwd(home);
    command
}

/// A machine under load draws late: the test's hand must not be refused because the price moved since the last frame.
fn settle_down(home: &Path, config: &str) {
    let folder = home.join("config/lancet");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(
        folder.join("config.toml"),
        format!("ticks_moved = 1000\n{config}"),
    )
    .unwrap();
}

fn cells(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n.max(1)).unwrap()
}

impl Terminal {
    pub fn start(start: &Start<'_>) -> Self {
        let dir = start.home.is_none().then(|| tempfile::tempdir().unwrap());
        let home = dir
            .as_ref()
            .map_or_else(|| start.home.unwrap(), |dir| dir.path());
        settle_down(home, start.config);
        let (cols, rows) = start.size;
        let pair = native_pty_system()
            .openpty(PtySize {
                rows,
                cols,
                pixel_width: 0,
                pixel_height: 0,
            })
            .unwrap();
        let child = pair.slave.spawn_command(command(start, home)).unwrap();
        drop(pair.slave);
        let seen = Seen {
            parser: vt100::Parser::new(cells(rows), cells(cols), 0),
            bytes: Vec::new(),
            paused: false,
            dropped: false,
            ended: false,
        };
        let seen = Arc::new((Mutex::new(seen), Condvar::new()));
        let mut reader = pair.master.try_clone_reader().unwrap();
        let shared = Arc::clone(&seen);
        std::thread::spawn(move || read_all(&mut *reader, &shared));
        let writer = pair.master.take_writer().unwrap();
        Self {
            child,
            master: Some(pair.master),
            writer: Some(writer),
            seen,
            _dir: dir,
        }
    }

    /// Starts on the built-in exchange whose JSON line is in `file` and waits until the ladder is live and keys are armed.
    pub fn trading(file: &Path, extra: &[&str], size: (u16, u16)) -> Self {
        Self::trading_with(file, extra, size, "")
    }

    /// The same with more in the user's own config file.
    pub fn trading_with(file: &Path, extra: &[&str], size: (u16, u16), config: &str) -> Self {
        let file = file.to_str().unwrap();
        let args: Vec<&str> = ["--sim", file].iter().chain(extra).copied().collect();
        let mut terminal = Self::start(&Start {
            args: &args,
            size,
            config,
            ..Start::default()
        });
        terminal.wait_for("LIVE");
        terminal.wait_for("ARMED");
        // Account truth has come.
        terminal.wait_for("free 10 000.00");
        terminal.prices_seen();
        terminal
    }

    /// Waits until the program knows that its prices are on the screen: an order key that comes sooner is refused.
    /// A frame that answers a key is written after the one before it was marked as written.
    pub fn prices_seen(&mut self) {
        self.send(b"j");
        self.wait_for("›");
        self.send(b"\x1b");
        self.wait("no cursor", |text| !text.contains('›'));
    }

    pub fn pid(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Types raw bytes in one write.
    pub fn send(&mut self, bytes: &[u8]) {
        let writer = self.writer.as_mut().expect("the terminal is still there");
        writer.write_all(bytes).unwrap();
        writer.flush().unwrap();
    }

    /// Every byte that the program wrote so far.
    pub fn bytes(&self) -> Vec<u8> {
        self.seen
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .bytes
            .clone()
    }

    pub fn in_alternate_screen(&self) -> bool {
        self.seen
            .0
            .lock()
            .unwrap()
            .parser
            .screen()
            .alternate_screen()
    }

    pub fn cursor_hidden(&self) -> bool {
        self.seen
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .parser
            .screen()
            .hide_cursor()
    }

    /// Waits until the screen satisfies `check`.
    #[allow(clippy::disallowed_methods)]
    pub fn wait(&self, what: &str, check: impl Fn(&str) -> bool) -> String {
        let end = Instant::now() + PATIENCE;
        let (lock, changed) = &*self.seen;
        let mut seen = lock.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let text = seen.parser.screen().contents();
            if check(&text) {
                return text;
            }
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "never on the screen: {what}\n{text}");
            assert!(!seen.ended, "the program ended before: {what}\n{text}");
            seen = changed
                .wait_timeout(seen, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    pub fn wait_for(&self, text: &str) -> String {
        self.wait(text, |screen| screen.contains(text))
    }

    /// The user's side stops reading: the pty fills up.
    pub fn stop_reading(&self) {
        self.seen
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .paused = true;
    }

    pub fn read_on(&self) {
        self.seen
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .paused = false;
        self.seen.1.notify_all();
    }

    pub fn resize(&self, cols: u16, rows: u16) {
        let size = PtySize {
            rows,
            cols,
            pixel_width: 0,
            pixel_height: 0,
        };
        if rows > 0 && cols > 0 {
            self.seen
                .0
                .lock()
                .unwrap()
                .parser
                .screen_mut()
                .set_size(cells(rows), cells(cols));
        }
        self.master.as_ref().unwrap().resize(size).unwrap();
    }

    /// The line drops: both ends of the user's side close.
    pub fn hang_up(&mut self) {
        let (lock, changed) = &*self.seen;
        let mut seen = lock.lock().unwrap_or_else(PoisonError::into_inner);
        seen.paused = false;
        seen.dropped = true;
        drop(seen);
        changed.notify_all();
        self.writer = None;
        self.master = None;
    }

    pub fn signal(&self, name: &str) {
        let done = std::process::Command::new("kill")
            .args([format!("-{name}"), self.pid().to_string()])
            .status();
        assert!(done.unwrap().success());
    }

    /// Waits for the end and for its last byte; the exit code.
    pub fn end(&mut self) -> u32 {
        let code = super::eventually("the program's end", || self.child.try_wait().unwrap());
        super::eventually("its last byte", || {
            let seen = self.seen.0.lock().unwrap_or_else(PoisonError::into_inner);
            seen.ended.then_some(())
        });
        code.exit_code()
    }

    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.read_on();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read_all(reader: &mut dyn Read, shared: &(Mutex<Seen>, Condvar)) {
    let mut buffer = [0; 4096];
    loop {
        let mut seen = shared.0.lock().unwrap_or_else(PoisonError::into_inner);
        while seen.paused {
            seen = shared.1.wait(seen).unwrap_or_else(PoisonError::into_inner);
        }
        drop(seen);
        let count = reader.read(&mut buffer).unwrap_or(0);
        let mut seen = shared.0.lock().unwrap_or_else(PoisonError::into_inner);
        if count == 0 || seen.dropped {
            seen.ended = true;
            shared.1.notify_all();
            return;
        }
        seen.parser.process(&buffer[..count]);
        seen.bytes.extend_from_slice(&buffer[..count]);
        drop(seen);
        shared.1.notify_all();
    }
}
