//! Cuts a terminal's bytes into whole characters, escape sequences and pastes, however they were split on the way.
//!
//! Owns the bytes of the one that is not complete yet. Must not decide what a sequence means.
//!
//! A control byte or a blank inside an unfinished sequence ends it and counts itself: `Ctrl-x Ctrl-x` and `Space` always get through.

use zeroize::Zeroize;

use crate::domain::Stamp;

use super::MAX_PASTE;

/// A sequence or a character that is not complete after this long without a byte is dropped, ms.
const UNFINISHED_MS: u64 = 250;
/// The same once parameters have come: no hand types them, and the rest of a report must never be keys.
const REST_MS: u64 = 5_000;
/// A paste whose end marker does not come ends after this long without a byte, ms.
const PASTE_QUIET_MS: u64 = 500;
/// Longer control sequences are of no key; their rest is swallowed.
const MAX_SEQUENCE: usize = 64;
/// Longer strings (OSC, DCS, APC) end here.
const MAX_STRING: usize = 4096;
/// What a mouse report is made of, after `ESC [ <`.
const MOUSE: &[u8] = b"0123456789;Mm";
const PASTE_START: &[u8] = b"\x1b[200~";
const PASTE_END: &[u8] = b"\x1b[201~";

/// A complete thing.
pub(super) enum Piece<'a> {
    /// One character or one escape sequence.
    Whole(&'a [u8]),
    /// What stood between the paste markers, cut at [`MAX_PASTE`] bytes.
    Paste(&'a [u8]),
}

/// Where complete things go, with the moment at which their first byte was read.
pub(super) type Sink<'a> = dyn FnMut(Stamp, Piece<'_>) + 'a;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Ground,
    Escape,
    Control,
    /// `ESC [` and long nothing: a hand's Alt-[, unless the rest of a mouse report comes yet.
    Late,
    Shift3,
    Text,
    Character(usize),
    Skip(u8),
    Paste {
        matched: usize,
    },
}

/// The cutter.
pub(super) struct Cut {
    state: State,
    held: Vec<u8>,
    began: Stamp,
    last: Stamp,
    escape_ms: u64,
}

impl Cut {
    pub(super) fn new(escape_ms: u64) -> Self {
        Self {
            state: State::Ground,
            // Room for the longest paste from the start: it may be a secret, and an outgrown buffer would keep a copy of it.
            held: Vec::with_capacity(MAX_PASTE),
            began: Stamp::default(),
            last: Stamp::default(),
            escape_ms,
        }
    }

    /// When [`Cut::expire`] has something to do, if nothing more comes.
    pub(super) fn deadline(&self) -> Option<Stamp> {
        let wait = match self.state {
            State::Ground => return None,
            State::Escape => self.escape_ms,
            State::Paste { .. } => PASTE_QUIET_MS,
            State::Late => REST_MS,
            State::Control if self.held.len() > 2 => REST_MS,
            _ => UNFINISHED_MS.max(self.escape_ms),
        };
        Some(self.last.plus_ms(wait))
    }

    /// Gives up waiting: a lone ESC is the Esc key, an unfinished paste is what came, anything else is dropped.
    pub(super) fn expire(&mut self, now: Stamp, sink: &mut Sink<'_>) {
        if self.deadline().is_none_or(|at| now.mono_ns < at.mono_ns) {
            return;
        }
        match self.state {
            State::Control if self.held.len() == 2 => {
                self.state = State::Late;
                return self.expire(now, sink);
            }
            State::Escape => sink(self.began, Piece::Whole(b"\x1b")),
            State::Paste { .. } => sink(self.began, Piece::Paste(&self.held)),
            _ => {}
        }
        self.reset();
    }

    /// Takes one byte that was read at `at`.
    pub(super) fn push(&mut self, at: Stamp, byte: u8, sink: &mut Sink<'_>) {
        if self.state == State::Ground {
            self.began = at;
        }
        self.last = at;
        match self.state {
            State::Ground => self.ground(byte, sink),
            State::Escape => self.escape(at, byte, sink),
            State::Control => self.control(at, byte, sink),
            State::Late if byte == b'<' => self.begin(byte, State::Control),
            State::Late => self.restart(at, byte, sink),
            State::Shift3 => self.shift3(at, byte, sink),
            State::Text => self.text(at, byte, sink),
            State::Character(length) => self.character(at, byte, length, sink),
            State::Skip(1) => self.reset(),
            State::Skip(left) => self.state = State::Skip(left - 1),
            State::Paste { matched } => self.paste(byte, matched, sink),
        }
    }

    fn reset(&mut self) {
        self.state = State::Ground;
        wipe(&mut self.held);
    }

    fn restart(&mut self, at: Stamp, byte: u8, sink: &mut Sink<'_>) {
        self.reset();
        self.push(at, byte, sink);
    }

    fn whole(&mut self, sink: &mut Sink<'_>) {
        sink(self.began, Piece::Whole(&self.held));
        self.reset();
    }

    fn ground(&mut self, byte: u8, sink: &mut Sink<'_>) {
        match byte {
            0x1b => self.begin(byte, State::Escape),
            0xc2..=0xdf => self.begin(byte, State::Character(2)),
            0xe0..=0xef => self.begin(byte, State::Character(3)),
            0xf0..=0xf4 => self.begin(byte, State::Character(4)),
            0x00..=0x7f => sink(self.began, Piece::Whole(&[byte])),
            _ => {}
        }
    }

    fn begin(&mut self, byte: u8, state: State) {
        self.held.push(byte);
        self.state = state;
    }

    fn escape(&mut self, at: Stamp, byte: u8, sink: &mut Sink<'_>) {
        match byte {
            b'[' => self.begin(byte, State::Control),
            b'O' => self.begin(byte, State::Shift3),
            b']' | b'P' | b'_' => self.begin(byte, State::Text),
            0x00..=0x1f | 0x80.. => {
                self.whole(sink);
                self.push(at, byte, sink);
            }
            _ => {
                self.held.push(byte);
                self.whole(sink);
            }
        }
    }

    fn control(&mut self, at: Stamp, byte: u8, sink: &mut Sink<'_>) {
        if self.held.get(2) == Some(&b'<') && !MOUSE.contains(&byte) {
            // Not a mouse report after all: what comes now is a key.
            return self.restart(at, byte, sink);
        }
        match byte {
            0x21..=0x3f => {
                if self.held.len() < MAX_SEQUENCE {
                    self.held.push(byte);
                }
            }
            // The Linux console sends F1 to F5 as ESC [ [ A to E.
            b'[' if self.held.len() == 2 => self.held.push(byte),
            // An old mouse report carries three raw bytes.
            b'M' if self.held.len() == 2 => self.state = State::Skip(3),
            0x40..=0x7e => {
                self.held.push(byte);
                if self.held == PASTE_START {
                    wipe(&mut self.held);
                    self.state = State::Paste { matched: 0 };
                } else if self.held.len() <= MAX_SEQUENCE {
                    self.whole(sink);
                } else {
                    self.reset();
                }
            }
            0x7f => {}
            _ => self.restart(at, byte, sink),
        }
    }

    fn shift3(&mut self, at: Stamp, byte: u8, sink: &mut Sink<'_>) {
        if (0x20..=0x7e).contains(&byte) {
            self.held.push(byte);
            self.whole(sink);
        } else {
            self.restart(at, byte, sink);
        }
    }

    fn text(&mut self, at: Stamp, byte: u8, sink: &mut Sink<'_>) {
        match byte {
            0x07 => self.reset(),
            // ESC \ ends the string; ESC and anything else begins anew.
            0x1b => self.held.push(byte),
            b'\\' if self.held.last() == Some(&0x1b) => self.reset(),
            0x00..=0x1f => self.restart(at, byte, sink),
            _ if self.held.last() == Some(&0x1b) => {
                self.reset();
                self.push(at, 0x1b, sink);
                self.push(at, byte, sink);
            }
            _ if self.held.len() >= MAX_STRING => self.reset(),
            _ => self.held.push(byte),
        }
    }

    fn character(&mut self, at: Stamp, byte: u8, length: usize, sink: &mut Sink<'_>) {
        if !(0x80..=0xbf).contains(&byte) {
            self.restart(at, byte, sink);
            return;
        }
        self.held.push(byte);
        if self.held.len() == length {
            self.whole(sink);
        }
    }

    fn paste(&mut self, byte: u8, matched: usize, sink: &mut Sink<'_>) {
        if byte == PASTE_END[matched] {
            if matched + 1 == PASTE_END.len() {
                sink(self.began, Piece::Paste(&self.held));
                self.reset();
            } else {
                self.state = State::Paste {
                    matched: matched + 1,
                };
            }
            return;
        }
        for &marker in &PASTE_END[..matched] {
            self.keep(marker);
        }
        // Only the first byte of the marker is an ESC, so a failed match can begin again only here.
        let matched = usize::from(byte == PASTE_END[0]);
        if matched == 0 {
            self.keep(byte);
        }
        self.state = State::Paste { matched };
    }

    fn keep(&mut self, byte: u8) {
        if self.held.len() < MAX_PASTE {
            self.held.push(byte);
        }
    }
}

/// Empties a buffer; what stood in it is overwritten.
fn wipe(held: &mut Vec<u8>) {
    held.as_mut_slice().zeroize();
    held.clear();
}
