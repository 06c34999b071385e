//! Nothing but a deliberate key press trades: repeats, pastes, stalls and stray bytes are told apart from a hand.
//!
//! Pure; owns what was pressed lately and the entries that wait for a verdict. Knows keys and classes, never prices.
//!
//! **Repeats.** A terminal that tells press from repeat is believed. Otherwise an entry key pressed again within
//! 700 ms waits 110 ms (a setting: a keyboard that repeats more slowly needs a longer wait); if it comes once more inside that wait it is held down: all of the train is dropped until the
//! key was quiet for 250 ms. The clock of a key counts every press of it, whatever it then meant, so that a held `x`
//! of `Ctrl-x x` cannot become buys. An entry that waits is dropped by any exit and by a change of ladder.
//! Exits are never delayed: the first press and one more pass at once (`0` again means market); further ones no more
//! than 110 ms apart are a train and are dropped. They only reduce.
//!
//! **Pastes.** Four or more printable keys in one read, or four in a row less than 5 ms apart, are a paste: its
//! entries and settings are dropped, until 500 ms after its last key. A key that comes alone passes at once; an entry
//! in company, in one read or less than 5 ms behind another key, waits until it is clear that no fourth follows.
//! Exits pass even then: after a stall, hammered keys look like a paste. In a text field the keys are inserted, but an
//! Enter within 100 ms of a paste does not submit.
//!
//! Line ends and tabs count as printable here; so does a click, whose report is text that can be pasted.
//!
//! **Strays.** A bare `[` swallows what a late `ESC [` sequence may hold (parameters, then one final character), a
//! bare `O` one character, each for at most 250 ms. `[200~` is the mark of a paste that came so slowly that its Esc was
//! said already: what follows is a paste. A text field that was closed by anything but a deliberate Enter or
//! Esc swallows characters until 250 ms of quiet: they were meant for the field. Ctrl chords always get through.
//!
//! **Late keys.** While the terminal link is stalled, and for keys handled more than 750 ms after they were read,
//! entries are dropped with a note; exits and panic are honoured.

mod stray;

use super::chord::{Code, Stroke};
use super::key::{Key, Kind};
use crate::domain::Stamp;
use stray::{Strays, Taken};

/// A second press within this time may be a repeat, ms.
const AGAIN_MS: u64 = 700;
/// How long it waits for a third, ms.
pub const WAIT_MS: u64 = 110;
/// A train of repeats ends after this much quiet, ms.
const TRAIN_QUIET_MS: u64 = 250;
/// Printable keys closer than this belong together, ms.
const BURST_GAP_MS: u64 = 5;
/// So many of them are a paste.
const BURST_KEYS: u16 = 4;
/// No entry for so long after a paste, ms.
const PASTE_QUIET_MS: u64 = 500;
/// No Enter submits for so long after a paste, ms.
const SUBMIT_QUIET_MS: u64 = 100;
/// Keys handled so long after they were read are late, ms.
pub const LATE_MS: u64 = 750;
/// No entry for so long after the ladder changed, ms.
const LADDER_MS: u64 = 300;
/// Keys remembered; a hand has fewer fingers.
const MAX_TRACES: usize = 16;
/// Entries that wait at one time.
const MAX_HELD: usize = 4;

/// An entry was dropped as a repeat.
pub const NOTE_REPEAT: &str = "held key: repeats ignored";
/// Entries were dropped as a paste.
pub const NOTE_PASTE: &str = "pasted text: its orders are ignored";
/// An entry came late.
pub const NOTE_LATE: &str = "late input: the order is ignored";
/// The ladder changed.
pub const NOTE_LADDER: &str = "the ladder changed under this key: the order is ignored";
/// Enter right after a paste.
pub const NOTE_SUBMIT: &str = "pasted: press Enter once more";

/// How an action is guarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Opens, adds or arms: guarded against everything.
    Entry,
    /// Cancels, reduces or locks: never delayed.
    Exit,
    /// Changes no order, but a paste must not do it.
    Setting,
    /// Moves the view; may repeat.
    Move,
}

/// What becomes of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Act now.
    Pass,
    /// Kept until [`Guard::deadline`]; [`Guard::tick`] hands it out.
    Wait,
    /// Not acted on; the note is for the trader.
    Drop(Option<&'static str>),
}

struct Trace {
    stroke: Stroke,
    last: Stamp,
    presses: u32,
    train: bool,
}

struct Held<P> {
    stroke: Stroke,
    payload: P,
    until: Stamp,
    burst: bool,
}

/// The guard of one terminal. `P` is what a held entry carries until it is handed out.
pub struct Guard<P> {
    wait_ms: u64,
    traces: Vec<Trace>,
    held: Vec<Held<P>>,
    run: u16,
    printable: Option<(Stamp, u32)>,
    paste: Option<Stamp>,
    ladder: Option<Stamp>,
    stalled: bool,
    strays: Strays,
}

impl<P> Default for Guard<P> {
    fn default() -> Self {
        Self {
            wait_ms: WAIT_MS,
            traces: Vec::with_capacity(MAX_TRACES),
            held: Vec::with_capacity(MAX_HELD),
            run: 0,
            printable: None,
            paste: None,
            ladder: None,
            stalled: false,
            strays: Strays::default(),
        }
    }
}

impl<P> Guard<P> {
    /// How long the second press of an entry key waits for a third, ms.
    pub fn set_wait(&mut self, wait_ms: u64) {
        self.wait_ms = wait_ms;
    }

    /// The terminal link is overdue (`true`) or answers again.
    pub fn stalled(&mut self, stalled: bool) {
        self.stalled = stalled;
    }

    /// Another ladder is in focus: entries that wait, and those pressed within 300 ms, were meant for the last one.
    /// True when a waiting entry was dropped.
    pub fn ladder_changed(&mut self, now: Stamp) -> bool {
        self.ladder = Some(now);
        let waited = !self.held.is_empty();
        self.held.clear();
        waited
    }

    /// A bracketed paste came.
    pub fn pasted(&mut self, now: Stamp) {
        self.paste = Some(now);
    }

    /// True while what comes is a paste.
    pub fn in_paste(&self, now: Stamp) -> bool {
        self.paste
            .is_some_and(|at| now.ms_since(at) < PASTE_QUIET_MS)
    }

    fn is_pasted(&self, key: &Key) -> bool {
        key.printables >= BURST_KEYS || self.in_paste(key.at)
    }

    /// First question for every key, before it is looked up: is it a press of a key at all? Counts bursts.
    pub fn admit(&mut self, key: &Key, field_open: bool) -> bool {
        if key.kind == Kind::Release {
            return false;
        }
        self.count_burst(key);
        self.strays.watch_field(key, field_open);
        match self.strays.takes(key, field_open) {
            Taken::Nothing => true,
            Taken::Stray => false,
            Taken::PasteMark => {
                self.paste = Some(key.at);
                false
            }
        }
    }

    /// Verdict on a key for a text field.
    pub fn typed(&mut self, key: &Key) -> Verdict {
        let pasted = self
            .paste
            .is_some_and(|at| key.at.ms_since(at) < SUBMIT_QUIET_MS);
        if key.stroke.code == Code::Enter && pasted {
            return Verdict::Drop(Some(NOTE_SUBMIT));
        }
        let by_hand = matches!(key.stroke.code, Code::Enter | Code::Esc) && !pasted;
        self.strays.typed(by_hand);
        Verdict::Pass
    }

    /// Remembers a press that asks for nothing by itself, so that its repeats are known.
    pub fn seen(&mut self, key: &Key) {
        self.trace(key, self.wait_ms);
    }

    /// Verdict on a key that means an action.
    pub fn judge(&mut self, now: Stamp, key: &Key, class: Class, payload: P) -> Verdict {
        // The setting is about entries: exits are kept from no more than they always were.
        let wait_ms = match class {
            Class::Exit => WAIT_MS,
            _ => self.wait_ms,
        };
        let trace = self.trace(key, wait_ms);
        if key.kind == Kind::Repeat {
            return match class {
                Class::Move => Verdict::Pass,
                Class::Entry | Class::Exit => Verdict::Drop(Some(NOTE_REPEAT)),
                Class::Setting => Verdict::Drop(None),
            };
        }
        match class {
            Class::Move => Verdict::Pass,
            Class::Setting if self.is_pasted(key) => Verdict::Drop(None),
            Class::Setting => Verdict::Pass,
            Class::Exit => {
                self.held.clear();
                match trace {
                    Press::Train if key.kind != Kind::Press => Verdict::Drop(Some(NOTE_REPEAT)),
                    _ => Verdict::Pass,
                }
            }
            Class::Entry => self.entry(now, key, trace, payload),
        }
    }

    /// When [`Guard::tick`] has something to hand out.
    pub fn deadline(&self) -> Option<Stamp> {
        self.held.iter().map(|held| held.until).min()
    }

    /// Hands out the entries whose wait is over.
    pub fn tick(&mut self, now: Stamp, out: &mut Vec<P>) {
        let mut index = 0;
        while index < self.held.len() {
            if now.mono_ns >= self.held[index].until.mono_ns {
                out.push(self.held.remove(index).payload);
            } else {
                index += 1;
            }
        }
    }

    fn entry(&mut self, now: Stamp, key: &Key, press: Press, payload: P) -> Verdict {
        if self.is_pasted(key) {
            return Verdict::Drop(Some(NOTE_PASTE));
        }
        if self
            .ladder
            .is_some_and(|at| key.at.ms_since(at) < LADDER_MS)
        {
            return Verdict::Drop(Some(NOTE_LADDER));
        }
        if self.stalled || now.ms_since(key.at) > LATE_MS {
            return Verdict::Drop(Some(NOTE_LATE));
        }
        let wait = match press {
            _ if key.kind == Kind::Press => None,
            Press::First => None,
            Press::Again => Some(self.wait_ms),
            Press::Train => {
                self.held.retain(|held| held.stroke != key.stroke);
                return Verdict::Drop(Some(NOTE_REPEAT));
            }
        };
        let burst = self.run > 1 || key.printables > 1;
        let wait = wait.or(burst.then_some(BURST_GAP_MS));
        match wait {
            None => Verdict::Pass,
            Some(_) if self.held.len() >= MAX_HELD => Verdict::Drop(Some(NOTE_PASTE)),
            Some(ms) => {
                self.held.push(Held {
                    stroke: key.stroke,
                    payload,
                    until: key.at.plus_ms(ms),
                    burst,
                });
                Verdict::Wait
            }
        }
    }

    /// Which press of its key this is; in a train they follow each other within `wait_ms`.
    fn trace(&mut self, key: &Key, wait_ms: u64) -> Press {
        let known = self.traces.iter().position(|t| t.stroke == key.stroke);
        let Some(index) = known else {
            if self.traces.len() == MAX_TRACES {
                self.traces.remove(0);
            }
            self.traces.push(Trace {
                stroke: key.stroke,
                last: key.at,
                presses: 1,
                train: false,
            });
            return Press::First;
        };
        let trace = &mut self.traces[index];
        let gap = key.at.ms_since(trace.last);
        trace.last = key.at;
        let fresh = if trace.train {
            gap >= TRAIN_QUIET_MS.max(wait_ms)
        } else {
            gap > AGAIN_MS
        };
        if fresh {
            trace.presses = 1;
            trace.train = false;
            return Press::First;
        }
        trace.presses = trace.presses.saturating_add(1);
        trace.train |= trace.presses > 2 && gap <= wait_ms;
        if trace.train {
            Press::Train
        } else {
            Press::Again
        }
    }

    fn count_burst(&mut self, key: &Key) {
        if !key.stroke.is_pastable() || key.kind == Kind::Repeat {
            return;
        }
        let near = |at: Stamp| key.at.since(at) < BURST_GAP_MS * 1_000_000;
        let follows = self.printable.is_some_and(|(at, _)| near(at));
        self.run = if follows {
            self.run.saturating_add(1)
        } else {
            1
        };
        self.printable = Some((key.at, key.read));
        let pasted = self.run >= BURST_KEYS || key.printables >= BURST_KEYS;
        // An Enter well after a paste is a hand's: it does not make the paste go on.
        if pasted || (self.in_paste(key.at) && key.stroke.is_printable()) {
            self.paste = Some(key.at);
            self.held.retain(|held| !held.burst);
        } else if follows {
            for held in self.held.iter_mut().filter(|held| held.burst) {
                held.until = held.until.max(key.at.plus_ms(BURST_GAP_MS));
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Press {
    First,
    Again,
    Train,
}

#[cfg(test)]
mod tests;
