//! One terminal's hands: parser output in, actions out. Joins guard, leader keys, keymap and link; owns their state.
//!
//! Pure: time arrives with each call. Must not know what an action does.

use super::chord::Code;
use super::guard::{Class, Guard, LATE_MS, Verdict};
use super::key::{Input, Key, Kind};
use super::keymap::{Binding, Found, Keymap};
use super::link::Link;
use super::pasted::Pasted;
use super::sequence::{Sequence, Step};
use crate::domain::Stamp;
use crate::engine::action::{self, Action};
use crate::ui::view::ViewAction;

/// Where keys go on this terminal's screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    /// To the keymap.
    Ladder,
    /// Into a text field.
    Field,
    /// To a question that a single key answers.
    Question,
}

/// What a key came to. `S` is what the screen showed when the key came; it is handed back untouched.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard<S> {
    /// An action, with the key that asked for it.
    Act(Binding, Key, S),
    /// A key for the text field or the question.
    Typed(Key),
    /// Pasted text for the text field.
    Pasted(Pasted),
    /// A line for the trader.
    Note(String),
    /// The terminal's round trip, ms.
    LinkMs(u64),
    /// The terminal window gained or lost the focus.
    Focus(bool),
    /// The terminal is gone.
    HungUp,
}

/// The hands at one terminal.
pub struct Hands<S> {
    keymap: Keymap,
    guard: Guard<(Binding, Key, S)>,
    sequence: Sequence,
    link: Link,
}

impl<S: Copy> Hands<S> {
    /// Hands that use `keymap`; a leader key waits `sequence_ms` for its next.
    pub fn new(keymap: Keymap, sequence_ms: u64) -> Self {
        Self {
            keymap,
            guard: Guard::default(),
            sequence: Sequence::new(sequence_ms),
            link: Link::default(),
        }
    }

    /// The keymap, for help and hints.
    pub fn keymap(&self) -> &Keymap {
        &self.keymap
    }

    /// What may follow the leader key that waits, as (keys, sentence); empty when none waits.
    pub fn continuations(&self) -> Vec<(String, &'static str)> {
        match self.sequence.pending() {
            [] => Vec::new(),
            pending => self.keymap.continuations(pending),
        }
    }

    /// The status request of the link: ask [`Link::is_due`], write it, tell [`Link::asked`].
    pub fn link(&mut self) -> &mut Link {
        &mut self.link
    }

    /// True for what was typed at `at` while the terminal link was stalled, or is handled long after it was read: no entry may come of it.
    pub fn is_late(&self, now: Stamp, at: Stamp) -> bool {
        self.link.late(at).is_some() || now.ms_since(at) > LATE_MS
    }

    /// Another ladder is in focus by something else than a ladder key (search, command line).
    pub fn ladder_changed(&mut self, now: Stamp, out: &mut Vec<Heard<S>>) {
        if self.guard.ladder_changed(now) {
            out.push(Heard::Note(super::guard::NOTE_LADDER.to_owned()));
        }
    }

    /// Takes one input. `shown` is what the last drawn frame shows.
    pub fn hear(
        &mut self,
        now: Stamp,
        input: Input,
        focus: Focus,
        shown: S,
        out: &mut Vec<Heard<S>>,
    ) {
        match input {
            Input::Key(key) => self.key(now, key, focus, shown, out),
            Input::Paste(text) => self.paste(now, text, focus, out),
            Input::LinkReply(at) => out.extend(self.link.answered(at).map(Heard::LinkMs)),
            Input::Focus(gained) => out.push(Heard::Focus(gained)),
            Input::HungUp => out.push(Heard::HungUp),
        }
    }

    /// When [`Hands::tick`] has something to do, if nothing is heard.
    pub fn deadline(&self) -> Option<Stamp> {
        let both = [self.guard.deadline(), self.sequence.deadline()];
        both.into_iter().flatten().min()
    }

    /// Hands out the entries whose wait is over and gives up leader keys. Call only when no input waits to be heard:
    /// a key that came within the wait decides, however late it is handled.
    pub fn tick(&mut self, now: Stamp, out: &mut Vec<Heard<S>>) {
        self.sequence.tick(now);
        if self
            .guard
            .deadline()
            .is_some_and(|at| now.mono_ns >= at.mono_ns)
        {
            let mut over = Vec::new();
            self.guard.tick(now, &mut over);
            out.extend(
                over.into_iter()
                    .map(|(b, key, shown)| Heard::Act(b, key, shown)),
            );
        }
    }

    fn key(&mut self, now: Stamp, key: Key, focus: Focus, shown: S, out: &mut Vec<Heard<S>>) {
        // What is over when this key came is over; what waits longer must see this key first.
        self.tick(key.at, out);
        self.guard.stalled(self.link.late(key.at).is_some());
        if !self.guard.admit(&key, focus == Focus::Field) {
            return;
        }
        if focus != Focus::Ladder && !self.is_for_the_keymap(&key) {
            self.typed(key, focus, out);
            return;
        }
        self.pressed(now, key, shown, out);
    }

    /// Ctrl chords of the keymap, panic first of all, work in text fields and questions too. A key that does not go on
    /// from there is typed: it is no exit of the ladder.
    fn is_for_the_keymap(&mut self, key: &Key) -> bool {
        let mut strokes = self.sequence.pending().to_vec();
        strokes.push(key.stroke);
        let leads = strokes.len() > 1;
        if leads && !matches!(self.keymap.find(&strokes), Found::Nothing) {
            return true;
        }
        self.sequence.clear();
        key.stroke.ctrl && !matches!(self.keymap.find(&[key.stroke]), Found::Nothing)
    }

    fn typed(&mut self, key: Key, focus: Focus, out: &mut Vec<Heard<S>>) {
        if focus == Focus::Question && (key.kind == Kind::Repeat || self.guard.in_paste(key.at)) {
            return;
        }
        self.guard.seen(&key);
        match self.guard.typed(&key) {
            Verdict::Drop(note) => out.extend(note.map(|n| Heard::Note(n.to_owned()))),
            _ => out.push(Heard::Typed(key)),
        }
    }

    fn pressed(&mut self, now: Stamp, key: Key, shown: S, out: &mut Vec<Heard<S>>) {
        if key.stroke.code == Code::Esc && !self.sequence.pending().is_empty() {
            self.sequence.clear();
            return;
        }
        if key.kind == Kind::Repeat && !self.sequence.pending().is_empty() {
            return;
        }
        let step = self.sequence.press(&self.keymap, key.at, key.stroke);
        if step == Step::Wait && key.stroke.is_printable() && self.guard.in_paste(key.at) {
            self.sequence.clear();
        }
        let Step::Run(binding) = step else {
            self.unbound(key, step, out);
            return;
        };
        match self
            .guard
            .judge(now, &key, class(binding), (binding, key, shown))
        {
            Verdict::Pass => {
                if matches!(binding, Binding::View(ViewAction::Ladder(_))) {
                    self.ladder_changed(key.at, out);
                }
                out.push(Heard::Act(binding, key, shown));
            }
            Verdict::Wait => {}
            Verdict::Drop(note) => out.extend(note.map(|n| Heard::Note(n.to_owned()))),
        }
    }

    fn unbound(&mut self, key: Key, step: Step, out: &mut Vec<Heard<S>>) {
        // Its repeats must be known: the held end of a leader chord is no press of the key alone.
        self.guard.seen(&key);
        if self.guard.in_paste(key.at) || key.kind == Kind::Repeat {
            return;
        }
        let stroke = key.stroke;
        let words = match step {
            Step::Unbound if stroke.ctrl => {
                format!("{stroke} is not bound: the next key is ignored")
            }
            Step::Unbound => format!("{stroke} is not bound, ? shows the keys"),
            Step::Ended => format!("{stroke} does not go on from there"),
            Step::Swallowed => format!("{stroke} followed an unbound Ctrl key: ignored"),
            Step::Wait | Step::Run(_) => return,
        };
        out.push(Heard::Note(words));
    }

    fn paste(&mut self, now: Stamp, text: Pasted, focus: Focus, out: &mut Vec<Heard<S>>) {
        self.guard.pasted(now);
        if focus == Focus::Field {
            out.push(Heard::Pasted(text));
            return;
        }
        let length = text.count();
        out.push(Heard::Note(format!("paste ignored ({length} characters)")));
    }
}

/// How an action is guarded. Arming is guarded like an entry.
pub fn class(binding: Binding) -> Class {
    match binding {
        Binding::Desk(Action::Arm(_)) => Class::Entry,
        Binding::Desk(action) => match action.row().map(|row| row.kind) {
            Some(action::Kind::Entry) => Class::Entry,
            Some(action::Kind::Exit) => Class::Exit,
            Some(action::Kind::Setting) | None => Class::Setting,
        },
        Binding::View(
            ViewAction::Cursor(_)
            | ViewAction::Large(_)
            | ViewAction::Centre
            | ViewAction::Zoom(_)
            | ViewAction::Redraw
            | ViewAction::Dismiss,
        ) => Class::Move,
        Binding::View(_) => Class::Setting,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Side;
    use crate::input::keymap::read_rows;
    use crate::input::parser::Parser;

    const ROWS: &str = r#"keys.ladder = [
        { on = "x", run = "buy-now" }, { on = "c", run = "buy-cursor" }, { on = "0", run = "close-100" },
        { on = "Space", run = "cancel-entries" }, { on = "Tab", run = "ladder-next" },
        { on = "j", run = "cursor-down" }, { on = "Down", run = "cursor-down" }, { on = ":", run = "command-line" },
        { on = "A 1", run = "arm-1" }, { on = "g x", run = "cancel-symbol" },
        { on = "ctrl-x ctrl-x", run = "panic" }, { on = "ctrl-x x", run = "panic-symbol" },
    ]"#;

    fn at(ms: u64) -> Stamp {
        Stamp::default().plus_ms(ms)
    }

    fn hands() -> Hands<u64> {
        let rows = read_rows("test", ROWS).unwrap();
        Hands::new(Keymap::build(&rows, &[]).unwrap(), 3000)
    }

    /// Bytes at their times through parser and hands; what acted, with what was shown when the key came.
    fn acts(hands: &mut Hands<u64>, focus: Focus, reads: &[(u64, &[u8])]) -> Vec<(Binding, u64)> {
        let mut parser = Parser::new(25);
        let mut heard = Vec::new();
        for (ms, bytes) in reads {
            let mut inputs = Vec::new();
            while let Some(due) = parser
                .deadline()
                .filter(|due| due.mono_ns < at(*ms).mono_ns)
            {
                parser.tick(due, &mut inputs);
            }
            parser.feed(at(*ms), bytes, &mut inputs);
            for input in inputs {
                hands.hear(at(*ms), input, focus, *ms, &mut heard);
            }
        }
        hands.tick(at(1_000_000), &mut heard);
        let acted = heard.into_iter().filter_map(|heard| match heard {
            Heard::Act(binding, _, shown) => Some((binding, shown)),
            _ => None,
        });
        acted.collect()
    }

    const BUY: Binding = Binding::Desk(Action::Now(Side::Buy));
    const PANIC: Binding = Binding::Desk(Action::Panic);

    #[test]
    fn l4_a_held_back_entry_carries_what_was_shown_when_it_was_pressed() {
        let acted = acts(&mut hands(), Focus::Ladder, &[(0, b"x"), (300, b"x")]);
        assert_eq!(acted, [(BUY, 0), (BUY, 300)]);
    }

    #[test]
    fn f8_a_repeat_that_came_in_time_ends_the_wait_however_late_it_is_heard() {
        let mut hands = hands();
        let mut parser = Parser::new(25);
        let mut heard = Vec::new();
        for ms in [0, 300, 333] {
            let mut inputs = Vec::new();
            parser.feed(at(ms), b"x", &mut inputs);
            hands.hear(at(600), inputs.remove(0), Focus::Ladder, ms, &mut heard);
        }
        hands.tick(at(2000), &mut heard);
        let acts = heard.iter().filter(|h| matches!(h, Heard::Act(..)));
        assert_eq!(acts.count(), 1);
    }

    #[test]
    fn l3_a_ladder_change_and_an_entry_in_one_read_make_no_order() {
        let next = Binding::View(ViewAction::Ladder(true));
        assert_eq!(
            acts(&mut hands(), Focus::Ladder, &[(0, b"\tx")]),
            [(next, 0)]
        );
    }

    #[test]
    fn rule7_the_held_end_of_the_panic_chord_never_buys() {
        let mut reads: Vec<(u64, &[u8])> = vec![(0, b"\x18"), (150, b"x")];
        reads.extend((0..60).map(|n| (500 + n * 33, b"x".as_slice())));
        let acted = acts(&mut hands(), Focus::Ladder, &reads);
        assert_eq!(acted, [(Binding::Desk(Action::PanicSymbol), 150)]);
    }

    #[test]
    fn rule7_a_late_arrow_after_esc_is_never_a_key() {
        let reads: &[(u64, &[u8])] = &[(0, b"\x1b"), (60, b"["), (61, b"B"), (120, b"x")];
        assert_eq!(acts(&mut hands(), Focus::Ladder, reads), [(BUY, 120)]);
    }

    #[test]
    fn rule5_panic_works_in_a_text_field_and_plain_keys_do_not_act_there() {
        let acted = acts(&mut hands(), Focus::Field, &[(0, b"x0"), (50, b"\x18\x18")]);
        assert_eq!(acted, [(PANIC, 50)]);
    }

    #[test]
    fn a_character_typed_after_ctrl_x_in_a_field_is_text_and_no_exit() {
        assert_eq!(
            acts(&mut hands(), Focus::Field, &[(0, b"\x18"), (50, b"0")]),
            []
        );
    }

    #[test]
    fn rule7_the_held_answer_to_a_question_never_buys() {
        let mut hands = hands();
        assert_eq!(acts(&mut hands, Focus::Question, &[(0, b"x")]), []);
        let held: Vec<(u64, &[u8])> = (0..60).map(|n| (400 + n * 33, b"x".as_slice())).collect();
        assert_eq!(acts(&mut hands, Focus::Ladder, &held), []);
    }

    #[test]
    fn f9_all_bytes_and_a_long_text_pasted_raw_make_no_entry_and_do_not_arm() {
        let all: Vec<u8> = (0..=255).collect();
        for bytes in [all.repeat(64), b"A1 xxx c x A1x :x\rx ".repeat(1000)] {
            for size in [4, 7, 64, 4096] {
                let reads: Vec<(u64, &[u8])> = bytes
                    .chunks(size)
                    .enumerate()
                    .map(|(n, c)| (n as u64, c))
                    .collect();
                let acted = acts(&mut hands(), Focus::Ladder, &reads);
                assert!(
                    acted.iter().all(|(b, _)| class(*b) != Class::Entry),
                    "{size}: {acted:?}"
                );
            }
        }
    }

    #[test]
    fn f7_keys_before_the_overdue_answer_are_late_and_those_after_it_are_fresh() {
        let mut hands = hands();
        hands.link().asked(at(0));
        let mut heard = Vec::new();
        hands.hear(
            at(10),
            Input::LinkReply(at(10)),
            Focus::Ladder,
            0,
            &mut heard,
        );
        hands.link().asked(at(1000));
        let reads: &[(u64, &[u8])] = &[(3000, b"x \x1b[0n"), (3200, b"c")];
        let acted: Vec<_> = acts(&mut hands, Focus::Ladder, reads)
            .into_iter()
            .map(|(b, _)| b)
            .collect();
        let cancel = Binding::Desk(Action::CancelEntries);
        assert_eq!(acted, [cancel, Binding::Desk(Action::AtCursor(Side::Buy))]);
    }

    #[test]
    fn a_leader_key_shows_what_may_follow_and_esc_ends_it() {
        let mut hands = hands();
        let mut heard = Vec::new();
        let mut parser = Parser::new(25);
        let mut inputs = Vec::new();
        parser.feed(at(0), b"g", &mut inputs);
        hands.hear(at(0), inputs.remove(0), Focus::Ladder, 0, &mut heard);
        assert_eq!(hands.continuations()[0].0, "x");
        parser.feed(at(100), b"\x1b[27u", &mut inputs);
        hands.hear(at(100), inputs.remove(0), Focus::Ladder, 0, &mut heard);
        assert!(hands.continuations().is_empty());
        assert!(heard.is_empty());
    }
}
