//! The reader thread of one terminal: polls its fd, parses, hands inputs on. The only part of `input` that does I/O.
//!
//! Owns the fd's read side. Ends when the terminal goes ([`Input::HungUp`] is the last word) or nobody listens;
//! it never spins: every round waits in `poll`.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use tokio::sync::mpsc::Sender;
use zeroize::Zeroize;

use super::key::Input;
use super::parser::Parser;

/// How long a lost terminal or a gone listener may stay unnoticed, ms.
const ROUND_MS: u64 = 500;
/// Most bytes parsed as one read: what waits together belongs together.
const READ_BYTES: usize = 64 * 1024;

/// Starts the thread. `escape_ms` is how long a lone ESC waits for the rest of a sequence.
///
/// # Errors
/// When the thread cannot be started.
pub fn spawn(
    terminal: OwnedFd,
    escape_ms: u64,
    inputs: Sender<Input>,
) -> io::Result<JoinHandle<()>> {
    std::thread::Builder::new()
        .name("reader".to_owned())
        .spawn(move || read_all(&terminal, escape_ms, &inputs))
}

fn read_all(terminal: &OwnedFd, escape_ms: u64, inputs: &Sender<Input>) {
    let mut parser = Parser::new(escape_ms);
    let mut bytes = vec![0; READ_BYTES];
    let mut out = Vec::new();
    while !inputs.is_closed() {
        match wait(terminal, wait_ms(&parser)) {
            Ready::Bytes => match read_waiting(terminal, &mut bytes) {
                Some(count) => {
                    parser.feed(crate::clock::now(), &bytes[..count], &mut out);
                    // It may have been a secret.
                    bytes[..count].zeroize();
                }
                None => out.push(Input::HungUp),
            },
            Ready::Nothing => parser.tick(crate::clock::now(), &mut out),
            Ready::Gone => out.push(Input::HungUp),
        }
        for input in out.drain(..) {
            let last = input == Input::HungUp;
            if inputs.blocking_send(input).is_err() || last {
                return;
            }
        }
    }
}

fn wait_ms(parser: &Parser) -> u64 {
    let now = crate::clock::now();
    match parser.deadline() {
        // A millisecond more: poll must not return just before the deadline.
        Some(at) => (at.ms_since(now) + 1).min(ROUND_MS),
        None => ROUND_MS,
    }
}

enum Ready {
    Bytes,
    Nothing,
    Gone,
}

fn wait(terminal: &OwnedFd, ms: u64) -> Ready {
    let mut fds = [PollFd::new(terminal, PollFlags::IN)];
    let timeout = Timespec::try_from(Duration::from_millis(ms)).ok();
    match poll(&mut fds, timeout.as_ref()) {
        Ok(0) | Err(Errno::INTR | Errno::AGAIN) => Ready::Nothing,
        Err(_) => Ready::Gone,
        Ok(_) if fds[0].revents().contains(PollFlags::IN) => Ready::Bytes,
        Ok(_) => Ready::Gone,
    }
}

/// Reads all that waits, up to the buffer; `None` when the terminal is gone and nothing was left.
fn read_waiting(terminal: &OwnedFd, bytes: &mut [u8]) -> Option<usize> {
    let mut count = 0;
    while count < bytes.len() {
        match rustix::io::read(terminal.as_fd(), &mut bytes[count..]) {
            Ok(0) => return (count > 0).then_some(count),
            Ok(more) => count += more,
            Err(Errno::INTR) => continue,
            Err(Errno::AGAIN) => return Some(count),
            Err(_) => return (count > 0).then_some(count),
        }
        if !matches!(wait(terminal, 0), Ready::Bytes) {
            break;
        }
    }
    Some(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::os::unix::net::UnixStream;

    use tokio::sync::mpsc;

    #[test]
    fn f3_a_terminal_that_goes_away_is_the_last_input_and_ends_the_thread() {
        let (mut far, near) = UnixStream::pair().unwrap();
        let (sender, mut inputs) = mpsc::channel(16);
        let thread = spawn(near.into(), 25, sender).unwrap();
        far.write_all(b"x").unwrap();
        assert!(matches!(inputs.blocking_recv(), Some(Input::Key(_))));
        drop(far);
        assert_eq!(inputs.blocking_recv(), Some(Input::HungUp));
        thread.join().unwrap();
        assert_eq!(inputs.blocking_recv(), None);
    }

    #[test]
    fn f3_a_closed_pty_hangs_up() {
        let pty = portable_pty::native_pty_system();
        let pair = pty.openpty(portable_pty::PtySize::default()).unwrap();
        let terminal = std::fs::File::open(pair.master.tty_name().unwrap()).unwrap();
        let (sender, mut inputs) = mpsc::channel(16);
        let thread = spawn(terminal.into(), 25, sender).unwrap();
        drop(pair);
        assert_eq!(inputs.blocking_recv(), Some(Input::HungUp));
        thread.join().unwrap();
    }

    #[test]
    fn a_reader_that_nobody_listens_to_ends() {
        let (_far, near) = UnixStream::pair().unwrap();
        let (sender, inputs) = mpsc::channel(16);
        let thread = spawn(near.into(), 25, sender).unwrap();
        drop(inputs);
        thread.join().unwrap();
    }

    #[test]
    fn a_lone_escape_comes_without_a_further_byte() {
        let (mut far, near) = UnixStream::pair().unwrap();
        let (sender, mut inputs) = mpsc::channel(16);
        let thread = spawn(near.into(), 25, sender).unwrap();
        far.write_all(b"\x1b").unwrap();
        let Some(Input::Key(key)) = inputs.blocking_recv() else {
            panic!("no key");
        };
        assert_eq!(key.stroke.to_string(), "Esc");
        drop((far, inputs));
        thread.join().unwrap();
    }
}
