//! Bytes and time in, keys out: a pure parser, so that a split escape sequence is a test and not an accident.
//!
//! Owns unfinished sequences and what was learnt of the terminal's key kinds. Must not read a clock or a file.
//!
//! When is a lone ESC the Esc key? When nothing followed it for `escape_ms` (25 ms; 100 ms over SSH). Within that
//! window `ESC [ B` is Down however it is split. If the rest comes later still, Esc has been said, and a bare `[` or
//! `O` arrives: [`super::guard`] swallows it with what follows, so that the `B` of a late arrow is never a key.

mod cut;
mod mouse;

use termina::event::{KeyCode, KeyEvent, KeyEventKind, Modifiers};

use crate::domain::Stamp;

use super::chord::{Code, Stroke};
use super::key::{Click, Input, Key, Kind};
use super::pasted::Pasted;
use cut::{Cut, Piece, Sink};

/// Longest paste handed on, bytes; the rest is dropped.
pub const MAX_PASTE: usize = 64 * 1024;

/// The parser of one terminal.
pub struct Parser {
    cut: Cut,
    meaning: Meaning,
    read: u32,
}

impl Parser {
    /// A parser that takes a lone ESC for the Esc key after `escape_ms` milliseconds.
    pub fn new(escape_ms: u64) -> Self {
        Self {
            cut: Cut::new(escape_ms),
            meaning: Meaning {
                termina: termina::Parser::default(),
                kinds: false,
            },
            read: 0,
        }
    }

    /// Takes everything that one read gave at `at`. Keys are handed on when the whole read is parsed.
    pub fn feed(&mut self, at: Stamp, bytes: &[u8], out: &mut Vec<Input>) {
        self.collect(out, |cut, sink| {
            for &byte in bytes {
                cut.push(at, byte, sink);
            }
        });
    }

    /// Gives up waiting for what is overdue. Call only when nothing waits to be read: bytes that are already there
    /// complete a sequence however late this thread is.
    pub fn tick(&mut self, now: Stamp, out: &mut Vec<Input>) {
        self.collect(out, |cut, sink| cut.expire(now, sink));
    }

    /// When [`Parser::tick`] has something to do, if nothing more comes.
    pub fn deadline(&self) -> Option<Stamp> {
        self.cut.deadline()
    }

    fn collect(&mut self, out: &mut Vec<Input>, work: impl FnOnce(&mut Cut, &mut Sink<'_>)) {
        let first = out.len();
        self.read = self.read.wrapping_add(1);
        let read = self.read;
        let meaning = &mut self.meaning;
        work(&mut self.cut, &mut |at, piece| {
            let input = match piece {
                Piece::Paste(bytes) => Some(Input::Paste(Pasted::of(bytes))),
                Piece::Whole(bytes) => meaning.of(at, bytes, read),
            };
            out.extend(input);
        });
        let fresh = &mut out[first..];
        let printables = fresh
            .iter()
            .filter_map(|input| match input {
                Input::Key(key) | Input::Click(Click { key, .. }) => Some(key),
                _ => None,
            })
            .filter(|key| key.stroke.is_pastable() && key.kind != Kind::Release)
            .count();
        for input in fresh {
            if let Input::Key(key) | Input::Click(Click { key, .. }) = input {
                key.printables = u16::try_from(printables).unwrap_or(u16::MAX);
            }
        }
    }
}

/// Translates whole sequences; `termina` knows the names.
struct Meaning {
    termina: termina::Parser,
    /// The terminal has reported a repeat or a release: its presses are presses.
    kinds: bool,
}

impl Meaning {
    fn of(&mut self, at: Stamp, bytes: &[u8], read: u32) -> Option<Input> {
        if bytes == b"\x1b[0n" {
            return Some(Input::LinkReply(at));
        }
        if let Some((button, column, row)) = mouse::click(bytes) {
            let key = Key {
                stroke: Stroke::plain(Code::Mouse(button)),
                kind: Kind::Press,
                at,
                read,
                printables: 0,
            };
            return Some(Input::Click(Click { key, column, row }));
        }
        if !is_key_shaped(bytes) {
            return None;
        }
        self.termina.parse(bytes, false);
        let event = self.termina.pop();
        if event.is_none() {
            // Whatever it holds back must not lead the next key.
            self.termina = termina::Parser::default();
        }
        match event? {
            termina::Event::Key(key) => self.key(at, key, bytes, read).map(Input::Key),
            termina::Event::FocusIn => Some(Input::Focus(true)),
            termina::Event::FocusOut => Some(Input::Focus(false)),
            _ => None,
        }
    }

    fn key(&mut self, at: Stamp, key: KeyEvent, bytes: &[u8], read: u32) -> Option<Key> {
        let held = |modifier| key.modifiers.contains(modifier);
        if held(Modifiers::SUPER) || held(Modifiers::HYPER) || held(Modifiers::META) {
            return None;
        }
        let (code, back) = translate(key.code)?;
        let kind = match key.kind {
            KeyEventKind::Repeat => Kind::Repeat,
            KeyEventKind::Release => Kind::Release,
            // A plain byte says nothing: only a `CSI … u` of a terminal known to report kinds is surely a press.
            KeyEventKind::Press if self.kinds && bytes.ends_with(b"u") && bytes.len() > 2 => {
                Kind::Press
            }
            KeyEventKind::Press => Kind::Unknown,
        };
        self.kinds |= matches!(kind, Kind::Repeat | Kind::Release);
        Some(Key {
            stroke: Stroke::new(
                code,
                held(Modifiers::CONTROL),
                held(Modifiers::ALT),
                held(Modifiers::SHIFT) || back,
            ),
            kind,
            at,
            read,
            printables: 0,
        })
    }
}

/// True for shapes that `termina` reads as one event: a sequence that it gives up half-way would leave its tail as keys.
fn is_key_shaped(bytes: &[u8]) -> bool {
    match bytes {
        [0x1b, b'[', third, .., _] => {
            third.is_ascii_digit() || (*third == b'[' && bytes.len() == 4)
        }
        _ => true,
    }
}

/// The key's name here; `true` when the code itself says Shift.
fn translate(code: KeyCode) -> Option<(Code, bool)> {
    let code = match code {
        KeyCode::Char(c) if !c.is_control() => Code::Char(c),
        KeyCode::Enter => Code::Enter,
        KeyCode::Backspace => Code::Backspace,
        KeyCode::Tab => Code::Tab,
        KeyCode::BackTab => return Some((Code::Tab, true)),
        KeyCode::Escape => Code::Esc,
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        KeyCode::Delete => Code::Delete,
        KeyCode::Insert => Code::Insert,
        KeyCode::Function(n) => Code::Function(n),
        _ => return None,
    };
    Some((code, false))
}

#[cfg(test)]
mod tests;
