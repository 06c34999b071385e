//! A question in a line of the terminal, answered unseen: the vault's passphrase. Owns the terminal's modes while it asks.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroize;

use super::Failure;
use crate::secret::Secret;

/// Asks for a passphrase on the terminal of this process, wherever its input and output go.
///
/// # Errors
/// Without a terminal, when the user gives up (Ctrl-C, Ctrl-D), or when it is too long.
pub fn passphrase(question: &str) -> Result<Secret, Failure> {
    let tty = File::options().read(true).write(true).open("/dev/tty");
    let mut tty = tty.map_err(|_| {
        Failure::Input(
            "the vault needs its passphrase: run this in a terminal, or name --key-file FILE"
                .to_owned(),
        )
    })?;
    let quiet = Quiet::begin(&tty)?;
    write!(tty, "{question}: ")?;
    tty.flush()?;
    let answer = read_line(&mut tty);
    drop(quiet);
    writeln!(tty)?;
    answer
}

/// Bytes up to the line's end, one at a time into locked memory: a buffered reader would keep a copy.
fn read_line(tty: &mut File) -> Result<Secret, Failure> {
    let stopped = || Failure::World("stopped".to_owned());
    let mut secret = Secret::new();
    let mut byte = [0];
    loop {
        match tty.read(&mut byte) {
            Ok(0) => return Err(stopped()),
            Ok(_) => {}
            Err(why) if why.kind() == io::ErrorKind::Interrupted => continue,
            Err(why) => return Err(why.into()),
        }
        match byte[0] {
            b'\n' | b'\r' => break,
            // Ctrl-C and Ctrl-D.
            3 | 4 => return Err(stopped()),
            // Backspace in both its spellings, and Ctrl-U.
            8 | 127 => secret.pop_char(),
            21 => secret.clear(),
            other => secret
                .push(&[other])
                .map_err(|why| Failure::Input(format!("the passphrase is {why}")))?,
        }
    }
    byte.zeroize();
    Ok(secret)
}

/// The terminal without echo and line editing, as it was when this ends.
struct Quiet {
    tty: File,
    before: Termios,
}

impl Quiet {
    fn begin(tty: &File) -> io::Result<Self> {
        let tty = tty.try_clone()?;
        let before = tcgetattr(tty.as_fd())?;
        let mut quiet = before.clone();
        // Signals stay keys, so that Ctrl-C leaves by the same door as everything else.
        let off = LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG;
        quiet.local_modes.remove(off);
        tcsetattr(tty.as_fd(), OptionalActions::Flush, &quiet)?;
        Ok(Self { tty, before })
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // A terminal that is gone needs nothing back.
        let _ = tcsetattr(self.tty.as_fd(), OptionalActions::Flush, &self.before);
    }
}
