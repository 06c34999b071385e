//! Leader keys: strokes that wait for the next one. Owns the strokes pressed so far; time arrives with each press.
//!
//! A stroke that continues nothing ends the sequence and does nothing — unless it is an exit, which always works.
//! A Ctrl chord that is bound to nothing is somebody else's leader (tmux, screen): the next key was meant for it and
//! is swallowed, whatever it is, except another Ctrl chord and Esc.

use super::chord::{Code, Stroke};
use super::keymap::{Binding, Found, Keymap};
use crate::domain::Stamp;
use crate::engine::action::Kind;

/// What a stroke came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A whole chord.
    Run(Binding),
    /// The sequence waits for its next stroke.
    Wait,
    /// Bound to nothing.
    Unbound,
    /// It ended a sequence that it does not continue.
    Ended,
    /// It was meant for another program's leader key.
    Swallowed,
}

/// Strokes pressed so far.
#[derive(Debug)]
pub struct Sequence {
    pending: Vec<Stroke>,
    since: Stamp,
    foreign: bool,
    wait_ms: u64,
}

impl Sequence {
    /// A sequence that gives up `wait_ms` milliseconds after its last stroke.
    pub fn new(wait_ms: u64) -> Self {
        Self {
            pending: Vec::new(),
            since: Stamp::default(),
            foreign: false,
            wait_ms,
        }
    }

    /// The strokes that wait.
    pub fn pending(&self) -> &[Stroke] {
        &self.pending
    }

    /// Forgets what was pressed.
    pub fn clear(&mut self) {
        self.pending.clear();
        self.foreign = false;
    }

    /// When [`Sequence::tick`] gives up, if nothing is pressed.
    pub fn deadline(&self) -> Option<Stamp> {
        (self.foreign || !self.pending.is_empty()).then(|| self.since.plus_ms(self.wait_ms))
    }

    /// Gives up a sequence whose next stroke did not come.
    pub fn tick(&mut self, now: Stamp) {
        if self.deadline().is_some_and(|at| now.mono_ns >= at.mono_ns) {
            self.clear();
        }
    }

    /// Takes the next stroke.
    pub fn press(&mut self, keymap: &Keymap, now: Stamp, stroke: Stroke) -> Step {
        self.tick(now);
        self.since = now;
        if std::mem::take(&mut self.foreign) && !stroke.ctrl && stroke.code != Code::Esc {
            return Step::Swallowed;
        }
        let waited = !self.pending.is_empty();
        self.pending.push(stroke);
        match keymap.find(&self.pending) {
            Found::Prefix => Step::Wait,
            Found::Row(row) => {
                self.pending.clear();
                Step::Run(row.binding)
            }
            Found::Nothing => {
                self.pending.clear();
                self.alone(keymap, stroke, waited)
            }
        }
    }

    fn alone(&mut self, keymap: &Keymap, stroke: Stroke, waited: bool) -> Step {
        if !waited {
            self.foreign = stroke.ctrl;
            return Step::Unbound;
        }
        match keymap.find(&[stroke]) {
            Found::Row(row) if is_exit(row.binding) => Step::Run(row.binding),
            Found::Prefix if stroke.ctrl => {
                self.pending.push(stroke);
                Step::Wait
            }
            _ => Step::Ended,
        }
    }
}

/// True for what cancels, reduces or locks.
pub fn is_exit(binding: Binding) -> bool {
    match binding {
        Binding::Desk(action) => action.row().is_some_and(|row| row.kind == Kind::Exit),
        Binding::View(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::action::Action;
    use crate::input::keymap::read_layer;

    fn keymap() -> Keymap {
        let rows = r#"keys.ladder = [
            { on = "g r", run = "reverse" }, { on = "g a", run = "cancel-everywhere" },
            { on = "r", run = "sell-join" }, { on = "0", run = "close-100" }, { on = "c", run = "buy-cursor" },
            { on = "ctrl-x ctrl-x", run = "panic" }, { on = "ctrl-x x", run = "panic-symbol" },
        ]"#;
        Keymap::build(&[&read_layer("test", rows).unwrap()]).unwrap()
    }

    fn steps(keys: &str) -> Vec<Step> {
        let keymap = keymap();
        let mut sequence = Sequence::new(3000);
        let strokes: super::super::Chord = keys.parse().unwrap();
        let now = Stamp::default();
        strokes
            .0
            .iter()
            .map(|s| sequence.press(&keymap, now, *s))
            .collect()
    }

    #[test]
    fn a_stroke_that_continues_nothing_ends_the_sequence_and_does_nothing() {
        assert_eq!(
            steps("g r"),
            [Step::Wait, Step::Run(Binding::Desk(Action::Reverse))]
        );
        assert_eq!(steps("g c"), [Step::Wait, Step::Ended]);
        assert_eq!(steps("ctrl-x r"), [Step::Wait, Step::Ended]);
    }

    #[test]
    fn rule5_an_exit_and_panic_work_in_the_middle_of_a_sequence() {
        assert_eq!(
            steps("g 0"),
            [Step::Wait, Step::Run(Binding::Desk(Action::Close(100)))]
        );
        let panic = Step::Run(Binding::Desk(Action::Panic));
        assert_eq!(steps("g ctrl-x ctrl-x"), [Step::Wait, Step::Wait, panic]);
    }

    #[test]
    fn rule7_an_unbound_ctrl_chord_swallows_the_next_key() {
        let buy = Step::Run(Binding::Desk(Action::AtCursor(crate::domain::Side::Buy)));
        assert_eq!(steps("ctrl-b c c"), [Step::Unbound, Step::Swallowed, buy]);
        assert_eq!(steps("ctrl-b 0"), [Step::Unbound, Step::Swallowed]);
        let panic = Step::Run(Binding::Desk(Action::Panic));
        assert_eq!(
            steps("ctrl-b ctrl-x ctrl-x"),
            [Step::Unbound, Step::Wait, panic]
        );
    }

    #[test]
    fn a_sequence_gives_up_after_its_wait() {
        let keymap = keymap();
        let mut sequence = Sequence::new(3000);
        let key = |text: &str| text.parse::<Stroke>().unwrap();
        sequence.press(&keymap, Stamp::default(), key("g"));
        assert_eq!(keymap.continuations(sequence.pending()).len(), 2);
        let late = Stamp::default().plus_ms(3000);
        let join = Binding::Desk(Action::Join(crate::domain::Side::Sell));
        assert_eq!(sequence.press(&keymap, late, key("r")), Step::Run(join));
    }
}
