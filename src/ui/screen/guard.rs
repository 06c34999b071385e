//! The terminal's modes: set once, undone exactly once, whoever comes first: the guard's drop, a panic, a signal.
//!
//! It owns the saved modes of the process's terminal. It must not write frames.

use std::io::{self, Write};
use std::sync::Mutex;

use rustix::termios::{self, OptionalActions, Termios};

/// What is needed to give the terminal back.
struct Saved {
    tty: std::os::fd::OwnedFd,
    modes: Termios,
}

static SAVED: Mutex<Option<Saved>> = Mutex::new(None);

/// Alternate screen, hidden cursor, bracketed paste, kitty keys: disambiguate (1), event types (2), shifted keys (4) and all keys
/// as sequences (8, without which letters tell no repeats), pushed without asking; terminals that do not know them ignore them.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b[>15u\x1b[2J";
/// The mouse: presses alone (1000), in the SGR form (1006).
const MOUSE: &[u8] = b"\x1b[?1000h\x1b[?1006h";
/// Whether the window has the focus.
const FOCUS: &[u8] = b"\x1b[?1004h";
/// The same undone, last first; mouse and focus reports and styles too, whoever turned them on; an open update is closed.
const LEAVE: &[u8] =
    b"\x1b[?2026l\x1b[<u\x1b[?1006l\x1b[?1000l\x1b[?1004l\x1b[?2004l\x1b[m\x1b[?25h\x1b[?1049l";

/// What the terminal is to report beside keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reports {
    /// Buttons and wheel of the mouse.
    pub mouse: bool,
    /// Whether the window has the focus.
    pub focus: bool,
}

impl Reports {
    fn enter(self) -> Vec<u8> {
        let mouse = if self.mouse { MOUSE } else { b"" };
        let focus = if self.focus { FOCUS } else { b"" };
        [ENTER, focus, mouse].concat()
    }
}

/// Gives the terminal back when dropped.
#[derive(Debug)]
pub struct Guard(Reports);

impl Guard {
    /// Takes the terminal behind `tty`: raw mode, alternate screen and the rest. The panic hook gives it back too.
    ///
    /// # Errors
    /// When `tty` is no terminal or cannot be written. Nothing is left changed then.
    pub fn take(tty: std::os::fd::OwnedFd, reports: Reports) -> io::Result<Self> {
        hook_panics();
        enter(tty, reports)?;
        Ok(Self(reports))
    }

    /// Takes the terminal again after a stop (`SIGCONT`); call [`restore`] before stopping.
    ///
    /// # Errors
    /// As [`Guard::take`].
    pub fn retake(&self, tty: std::os::fd::OwnedFd) -> io::Result<()> {
        enter(tty, self.0)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        restore();
    }
}

fn enter(tty: std::os::fd::OwnedFd, reports: Reports) -> io::Result<()> {
    let mut saved = SAVED
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    if saved.is_some() {
        return Ok(());
    }
    let modes = termios::tcgetattr(&tty)?;
    let mut raw = modes.clone();
    raw.make_raw();
    termios::tcsetattr(&tty, OptionalActions::Now, &raw)?;
    if let Err(error) = write_all(&tty, &reports.enter()) {
        let _ = termios::tcsetattr(&tty, OptionalActions::Now, &modes);
        return Err(error);
    }
    *saved = Some(Saved { tty, modes });
    Ok(())
}

/// True while the terminal is taken: frames may be written. Never waits.
pub fn is_taken() -> bool {
    SAVED.try_lock().is_ok_and(|saved| saved.is_some())
}

/// Gives the terminal back; does nothing when it is not taken. Safe to call from anywhere but a signal handler.
pub fn restore() {
    // A second caller (a panic inside a drop) must not wait for the first.
    let saved = match SAVED.try_lock() {
        Ok(mut saved) => saved.take(),
        Err(std::sync::TryLockError::Poisoned(poisoned)) => poisoned.into_inner().take(),
        Err(std::sync::TryLockError::WouldBlock) => None,
    };
    let Some(saved) = saved else { return };
    // The terminal may be gone or full: nothing more can be done for it, and waiting would hold up the orders.
    let nonblocking = rustix::fs::fcntl_getfl(&saved.tty).and_then(|flags| {
        rustix::fs::fcntl_setfl(&saved.tty, flags | rustix::fs::OFlags::NONBLOCK).map(|()| flags)
    });
    let _ = write_all(&saved.tty, LEAVE);
    let _ = termios::tcsetattr(&saved.tty, OptionalActions::Now, &saved.modes);
    if let Ok(flags) = nonblocking {
        let _ = rustix::fs::fcntl_setfl(&saved.tty, flags);
    }
}

fn write_all(tty: &std::os::fd::OwnedFd, bytes: &[u8]) -> io::Result<()> {
    std::fs::File::from(tty.try_clone()?).write_all(bytes)
}

fn hook_panics() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            restore();
            before(info);
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use std::os::fd::{AsFd, OwnedFd};

    #[test]
    fn f1_the_terminal_is_given_back_exactly_once() {
        let pair = portable_pty::native_pty_system()
            .openpty(portable_pty::PtySize::default())
            .unwrap();
        let name = pair.master.tty_name().unwrap();
        let tty = OwnedFd::from(
            std::fs::File::options()
                .read(true)
                .write(true)
                .open(name)
                .unwrap(),
        );
        let before = termios::tcgetattr(tty.as_fd()).unwrap();
        let both = Reports {
            mouse: true,
            focus: true,
        };
        let guard = Guard::take(tty.try_clone().unwrap(), both).unwrap();
        let raw = termios::tcgetattr(tty.as_fd()).unwrap();
        assert_ne!(before.local_modes, raw.local_modes);
        restore();
        restore();
        drop(guard);
        let after = termios::tcgetattr(tty.as_fd()).unwrap();
        assert_eq!(before.local_modes, after.local_modes);
        assert_eq!(before.input_modes, after.input_modes);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let written = [ENTER, FOCUS, MOUSE, LEAVE].concat();
        let mut seen = vec![0; written.len()];
        reader.read_exact(&mut seen).unwrap();
        assert_eq!(seen, written);
        for on in [FOCUS, &MOUSE[..8], &MOUSE[8..]] {
            let off: Vec<u8> = [&on[..on.len() - 1], b"l"].concat();
            let has = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).any(|w| w == what);
            assert!(has(LEAVE, &off) && !has(&Reports::default().enter(), on));
        }
        let nothing = std::fs::File::open("/dev/null").unwrap().into();
        assert!(Guard::take(nothing, Reports::default()).is_err());
    }
}
