//! Yardsticks: the same bytes through as many wake-ups, with nothing to think about on the way.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Instant;

use portable_pty::{MasterPty, PtyPair, PtySize, native_pty_system};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

use crate::figures::now;

/// How many bytes a small frame of the screen has.
const FRAME: [u8; 120] = [b'x'; 120];

/// Bytes written to a TCP socket, and the thread that reads them.
pub struct Bare {
    to: TcpStream,
    heard: Receiver<Instant>,
}

impl Bare {
    pub fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
        let to = TcpStream::connect(listener.local_addr().expect("its address")).expect("loopback");
        let (from, _) = listener.accept().expect("a connection");
        to.set_nodelay(true).expect("nodelay");
        let (sender, heard) = sync_channel(64);
        thread::spawn(move || stamp_reads(from, &sender));
        Self { to, heard }
    }

    /// Writes; the moment before.
    pub fn write(&mut self, bytes: &[u8]) -> Instant {
        let start = now();
        self.to.write_all(bytes).expect("loopback");
        start
    }

    /// When the latest bytes came.
    pub fn heard(&self) -> Option<Instant> {
        self.heard.try_iter().last()
    }
}

/// A pty whose program is an echo of this process.
pub struct Echo {
    keys: Box<dyn Write + Send>,
    heard: Receiver<Instant>,
    _master: Box<dyn MasterPty + Send>,
}

impl Echo {
    /// pty → reader thread → channel → thread → TCP → thread: the way of an order.
    pub fn to_socket() -> Self {
        let pair = open();
        let mut bare = Bare::open();
        let (sender, keys) = sync_channel(64);
        let mut terminal = raw(&pair);
        thread::spawn(move || read_keys(&mut terminal, &sender));
        let (stamps, heard) = sync_channel(64);
        thread::spawn(move || {
            while let Ok(key) = keys.recv() {
                bare.write(&[key; 400]);
                let Ok(at) = bare.heard.recv() else { return };
                let _ = stamps.try_send(at);
            }
        });
        Self {
            keys: pair.master.take_writer().expect("a writer"),
            heard,
            _master: pair.master,
        }
    }

    /// pty → reader thread → channel → thread → channel → writer thread → pty → thread: the way of a frame.
    pub fn to_screen() -> Self {
        let pair = open();
        let (key_in, keys) = sync_channel(64);
        let (frame_in, frames) = sync_channel::<u8>(64);
        let mut terminal = raw(&pair);
        let mut screen = terminal.try_clone().expect("clone");
        thread::spawn(move || read_keys(&mut terminal, &key_in));
        thread::spawn(move || {
            while let Ok(key) = keys.recv() {
                let _ = frame_in.send(key);
            }
        });
        thread::spawn(move || {
            while frames.recv().is_ok() {
                screen.write_all(&FRAME).expect("the terminal");
            }
        });
        let (stamps, heard) = sync_channel(64);
        let from = pair.master.try_clone_reader().expect("a reader");
        thread::spawn(move || stamp_reads(from, &stamps));
        Self {
            keys: pair.master.take_writer().expect("a writer"),
            heard,
            _master: pair.master,
        }
    }

    /// Presses a key; the moment before.
    pub fn press(&mut self) -> Instant {
        self.heard.try_iter().for_each(drop);
        let start = now();
        self.keys
            .write_all(b"x")
            .and_then(|()| self.keys.flush())
            .expect("the pty");
        start
    }

    /// When the first byte came out since the press.
    pub fn heard(&self) -> Option<Instant> {
        self.heard.try_iter().next()
    }
}

fn open() -> PtyPair {
    native_pty_system()
        .openpty(PtySize::default())
        .expect("a pty")
}

/// The program's side of the pty, without the kernel's line editing.
fn raw(pair: &PtyPair) -> File {
    let name = pair.master.tty_name().expect("a name");
    let terminal = File::options()
        .read(true)
        .write(true)
        .open(name)
        .expect("the terminal");
    let mut modes = tcgetattr(&terminal).expect("modes");
    modes.make_raw();
    tcsetattr(&terminal, OptionalActions::Now, &modes).expect("raw mode");
    terminal
}

fn read_keys(terminal: &mut File, keys: &SyncSender<u8>) {
    let mut buffer = [0; 64];
    while let Ok(1..) = terminal.read(&mut buffer) {
        if keys.send(buffer[0]).is_err() {
            return;
        }
    }
}

fn stamp_reads(mut from: impl Read, stamps: &SyncSender<Instant>) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(1..) = from.read(&mut buffer) {
        let _ = stamps.try_send(now());
    }
}
