//! From a key to what it asks for: of the desk, of the screen, of a text field. One press is at most one action.

use tokio::sync::mpsc;

use super::ladders::Ladder;
use super::open;
use super::play::Steering;
use super::screen::Screen;
use super::shown::Shown;
use super::turn::App;
use crate::clock;
use crate::domain::{MarketKey, Stamp};
use crate::engine::action::{self, Action};
use crate::engine::ask::Ask;
use crate::engine::effect::Loudness;
use crate::engine::event::{Event, Press};
use crate::engine::line::{self, Meant, Play};
use crate::input::chord::Code;
use crate::input::guard::NOTE_LATE;
use crate::input::hands::{Focus, Heard};
use crate::input::key::{Input, Key, Kind};
use crate::input::keymap::Binding;
use crate::journal::History;
use crate::ui::view::{Mode, VIEW_ACTIONS, ViewAction, ViewOutcome};

impl App {
    /// Takes one input of the terminal.
    pub(super) fn heard(&mut self, input: Input) {
        let now = clock::now();
        self.hurry = true;
        let (focus, mut shown) = (self.screen.focus(), self.screen.shown());
        if matches!(input, Input::Key(_) | Input::Click(_)) {
            self.handle_all(|| Event::Activity);
        }
        if let Input::Click(click) = &input {
            shown = shown.clicked(click.column, click.row);
            if !shown.pointed && !click.is_wheel() {
                return self.point_at(now, click.column, click.row);
            }
        }
        if self.steers(&input, focus) || self.wears(now, &input) {
            return;
        }
        let mut heard = Vec::new();
        self.screen.hands.hear(now, input, focus, shown, &mut heard);
        self.act(now, heard);
    }

    /// Keys that steer a recording, where one is shown.
    fn steers(&mut self, input: &Input, focus: Focus) -> bool {
        let (Input::Key(key), Focus::Ladder, Some((steering, to))) = (input, focus, self.player())
        else {
            return false;
        };
        let Some(asked) = steering.of(key.stroke) else {
            return false;
        };
        // A full lane means that the player is busy with the last one.
        key.kind == Kind::Release || to.try_send(asked).is_ok()
    }

    /// Who plays a recording here, and which keys steer it.
    fn player(&self) -> Option<(Steering, &mpsc::Sender<Play>)> {
        if let Some(player) = &self.player {
            return Some((Steering::WhileTrading, &player.asked));
        }
        let steering = if self.is_reviewing() {
            Steering::OverLive
        } else {
            Steering::Plain
        };
        let showing = self.showing.as_ref()?;
        Some((steering, &showing.asked))
    }

    /// What a line asks of a player.
    pub(super) fn steer(&mut self, now: Stamp, asked: Play) {
        let words = match self.player() {
            None => "no recording is played here",
            Some((_, to)) if to.try_send(asked).is_err() => "the player is busy",
            Some(_) => return,
        };
        self.note(now, Loudness::Warn, words);
    }

    /// Does what the hands held back and now let go.
    pub(super) fn hands(&mut self, now: Stamp) {
        if self
            .screen
            .hands
            .deadline()
            .is_none_or(|at| now.mono_ns < at.mono_ns)
        {
            return;
        }
        let mut heard = Vec::new();
        self.screen.hands.tick(now, &mut heard);
        self.hurry = true;
        self.act(now, heard);
    }

    pub(super) fn act(&mut self, now: Stamp, heard: Vec<Heard<Shown>>) {
        for heard in heard {
            match heard {
                Heard::Act(Binding::Desk(action), key, _) if self.is_reviewing() => {
                    self.press_in_review(action, key.at);
                }
                Heard::Act(Binding::Desk(Action::Arm(volume)), key, shown) => {
                    self.arm(volume, key.at, shown);
                }
                Heard::Act(Binding::Desk(action), key, shown) => self.press(action, key.at, shown),
                Heard::Act(Binding::View(action), ..) => self.look(now, action),
                Heard::Typed(key) => self.typed(now, key),
                Heard::Pasted(text) if self.form.is_open() => self.pasted_into_form(&text),
                Heard::Pasted(text) => self.screen.view.paste(&text.one_line()),
                Heard::Note(words) if self.form.is_open() => self.note_in_form(&words),
                Heard::Note(words) => self.note(now, Loudness::Warn, &words),
                Heard::LinkMs(ms) => self.handle_all(|| Event::TerminalLink(ms)),
                Heard::Focus(gained) => self.window(gained),
                Heard::HungUp => self.hung_up("the line hung up"),
            }
        }
    }

    /// Judges an action on all that is known by now: the waiting facts and the newest best prices come first.
    pub(super) fn press(&mut self, action: Action, at: Stamp, shown: Shown) {
        let Some((seat, key)) = self.newest(shown) else {
            return;
        };
        let press = Press {
            action,
            key,
            cursor: shown.cursor,
            row: shown.row,
            pointed: shown.pointed,
            drawn: shown.touch,
            at,
        };
        self.handle(seat, Event::Press(press));
        self.box_key(seat, key, at, press.cursor, press.drawn);
        if action.is_everywhere() {
            self.press_elsewhere(seat, press);
        }
    }

    /// The same on every other account: what the action cancels or closes does not ask on which venue it is.
    fn press_elsewhere(&mut self, done: usize, press: Press) {
        let mut others: Vec<Ladder> = Vec::new();
        for ladder in &self.ladders {
            let is_new = others.iter().all(|other| other.seat != ladder.seat);
            if ladder.seat != done && is_new {
                others.push(*ladder);
            }
        }
        for ladder in others {
            self.waiting_facts(ladder.seat);
            let press = Press {
                key: ladder.key,
                cursor: None,
                row: None,
                pointed: false,
                drawn: (None, None),
                ..press
            };
            self.handle(ladder.seat, Event::Press(press));
        }
    }

    /// The same for what was asked in words.
    fn ask(&mut self, ask: Ask, at: Stamp, shown: Shown) {
        let Some((seat, key)) = self.newest(shown) else {
            return;
        };
        let seen = shown.seen(key, at);
        self.handle(seat, Event::Ask { ask, seen });
        self.box_key(seat, key, at, seen.cursor, seen.drawn);
    }

    /// The market on the screen, with all that is known of it taken in.
    fn newest(&mut self, shown: Shown) -> Option<(usize, MarketKey)> {
        let found = shown.key.and_then(|key| Some((self.seat_of(key)?, key)));
        let Some((seat, key)) = found else {
            let words = "no ladder is on the screen yet";
            self.note(clock::now(), Loudness::Warn, words);
            return None;
        };
        self.waiting_facts(seat);
        self.newest_touch(seat, key.symbol);
        Some((seat, key))
    }

    pub(super) fn look(&mut self, now: Stamp, action: ViewAction) {
        if self.form.is_open() && action != ViewAction::Redraw {
            // Ctrl-c and its like leave a form as Esc does.
            return self.close_form();
        }
        let is_open = self.screen.view.mode == Mode::Ladder;
        if action == ViewAction::Dismiss && is_open && self.is_reviewing() {
            return self.close_review();
        }
        let latest = self.screen.latest.clone();
        let outcome = self.screen.view.apply(action, &latest);
        self.outcome(now, outcome);
    }

    fn typed(&mut self, now: Stamp, key: Key) {
        if self.form.is_open() {
            return self.typed_into_form(&key);
        }
        let latest = self.screen.latest.clone();
        let view = &mut self.screen.view;
        let outcome = match key.stroke.code {
            Code::Esc => view.cancel(),
            Code::Enter => view.submit(&latest),
            Code::Char(c) => view.type_char(c),
            Code::Backspace => {
                view.backspace();
                ViewOutcome::Drawn
            }
            Code::Tab => {
                view.complete(key.stroke.shift, &latest);
                ViewOutcome::Drawn
            }
            Code::Up | Code::Down => {
                self.up_or_down(key.stroke.code == Code::Down);
                ViewOutcome::Drawn
            }
            _ => ViewOutcome::Drawn,
        };
        match outcome {
            ViewOutcome::RunAction(line) => self.command(now, &line, key.at),
            outcome => self.outcome(now, outcome),
        }
        if !matches!(self.screen.view.mode, Mode::CommandLine(_)) {
            self.screen.history.leave();
        }
    }

    /// Calls an earlier line back, or chooses in a list.
    fn up_or_down(&mut self, down: bool) {
        let Screen { view, history, .. } = &mut self.screen;
        let Mode::CommandLine(field) = &view.mode else {
            return view.choose(down);
        };
        let line = if down {
            history.newer()
        } else {
            history.older(field.text())
        };
        if let Some(line) = line {
            view.call_back(line);
        }
    }

    fn outcome(&mut self, now: Stamp, outcome: ViewOutcome) {
        // Over a replay nothing of the live screen is changed that nobody sees.
        let stays = matches!(
            outcome,
            ViewOutcome::Drawn
                | ViewOutcome::Note(_)
                | ViewOutcome::Said(_)
                | ViewOutcome::Review
                | ViewOutcome::RunAction(_)
                | ViewOutcome::Quit
        );
        if self.is_reviewing() && !stays {
            return self.refuse_in_review(now);
        }
        match outcome {
            ViewOutcome::Drawn => {}
            ViewOutcome::Note(words) => self.note(now, Loudness::Warn, &words),
            ViewOutcome::Said(words) => self.note(now, Loudness::Info, &words),
            ViewOutcome::Review => self.review(now),
            ViewOutcome::OpenSymbol(name) => self.open(now, &name),
            ViewOutcome::NextLadder(forward) => self.next_ladder(now, forward),
            ViewOutcome::CloseLadder => self.close_ladder(now),
            ViewOutcome::Level(price, row) => self.level_at(now, price, row),
            ViewOutcome::ClearNotices => self.alerting.alerts.clear(),
            ViewOutcome::Page(page) => self.go_to_page(now, page),
            ViewOutcome::NewPage => self.new_page(now, None),
            ViewOutcome::ClosePage => self.close_page(now),
            ViewOutcome::SetVolume(index, size) => {
                let shown = self.screen.shown();
                self.ask(Ask::Volume(index, Some(size)), now, shown);
            }
            ViewOutcome::RunAction(line) => self.command(now, &line, now),
            ViewOutcome::Quit => self.begin_end("quit"),
        }
    }

    /// Does what a `:` line means, or says why it means nothing. It goes to the market on the screen, whose steps it is read with.
    /// `at` is when its Enter was pressed: entries that come late are dropped, as those of keys.
    fn command(&mut self, now: Stamp, line: &str, at: Stamp) {
        let shown = self.screen.shown();
        let instrument = shown.key.and_then(|key| {
            self.seats[self.seat_of(key)?]
                .desk
                .instrument(key.venue, key.symbol)
        });
        let screen = VIEW_ACTIONS.iter().map(|row| row.name);
        let meant = line::read(line, instrument.map(AsRef::as_ref), screen);
        let known = |meant: &Meant| meant.is_known(self.desk().symbols());
        let is_known = meant.as_ref().is_ok_and(known);
        self.remember(line, is_known);
        if meant
            .as_ref()
            .is_ok_and(|meant| meant.kind() == action::Kind::Entry)
            && self.screen.hands.is_late(now, at)
        {
            return self.note(now, Loudness::Warn, NOTE_LATE);
        }
        if self.is_reviewing() {
            return self.command_in_review(now, meant, at);
        }
        match meant {
            Ok(Meant::Act(Action::Arm(volume))) => self.arm(volume, at, shown),
            Ok(Meant::Act(action)) => self.press(action, at, shown),
            Ok(Meant::Ask(ask)) => self.ask(ask, at, shown),
            Ok(Meant::Screen(name)) => {
                if let Some(row) = VIEW_ACTIONS.iter().find(|row| row.name == name) {
                    self.look(now, row.action);
                }
            }
            Ok(Meant::Open(symbol)) => self.open(now, &symbol),
            Ok(Meant::Levels(asked)) => self.levels_asked(now, asked),
            Ok(Meant::Layout(name)) => self.lay_out(now, &name),
            Ok(Meant::Tab(name)) => self.go_to_named_page(now, &name),
            Ok(Meant::Leader(name)) => self.choose_leader(now, name.as_deref()),
            Ok(Meant::Keys) => self.enter_key(),
            Ok(Meant::Play(asked)) => self.steer(now, asked),
            Ok(Meant::Mood(name)) => self.set_mood(now, &name),
            Ok(Meant::Columns(words)) => {
                let outcome = self.screen.view.change_columns(&words);
                self.outcome(now, outcome);
            }
            Ok(Meant::Drill(name)) => self.drill(now, &name),
            Ok(Meant::Theme(name)) => self.wear(now, &name),
            Err(words) => self.note(now, Loudness::Warn, &words),
        }
    }

    /// Chooses the mood of the built-in exchange that the keys go to.
    fn set_mood(&mut self, now: Stamp, name: &str) {
        let mood = match open::chosen_mood(name) {
            Ok(mood) => mood,
            Err(words) => return self.note(now, Loudness::Warn, &words),
        };
        if !self.choose_mood(mood) {
            let words = "this is no built-in exchange that Lancet opened: its mood is its own";
            return self.note(now, Loudness::Warn, words);
        }
        self.note(now, Loudness::Info, &format!("the market is {name} now"));
    }

    /// The same in a replay: the recording is steered; what cancels and closes acts on the live account.
    fn command_in_review(&mut self, now: Stamp, meant: Result<Meant, String>, at: Stamp) {
        match meant {
            Ok(Meant::Play(asked)) => self.steer(now, asked),
            Ok(Meant::Act(action)) => self.press_in_review(action, at),
            Ok(Meant::Ask(ask @ (Ask::Close(_) | Ask::Cancel(_)))) => {
                let shown = self.live_shown();
                self.ask(ask, at, shown);
            }
            Ok(Meant::Screen(name)) => {
                if let Some(row) = VIEW_ACTIONS.iter().find(|row| row.name == name) {
                    self.look(now, row.action);
                }
            }
            Ok(Meant::Columns(words)) => {
                let outcome = self.screen.view.change_columns(&words);
                self.outcome(now, outcome);
            }
            Ok(Meant::Theme(name)) => self.wear(now, &name),
            Ok(_) => self.refuse_in_review(now),
            Err(words) => self.note(now, Loudness::Warn, &words),
        }
    }

    /// Remembers a line, for later sessions too where it is known to hold no secret. The disk is not waited for.
    fn remember(&mut self, line: &str, is_known: bool) {
        self.screen.history.add(line);
        if !is_known {
            return;
        }
        let (state, line) = (self.folders.state.clone(), line.to_owned());
        tokio::task::spawn_blocking(move || {
            if let Err(why) = History::keep(&state, &line) {
                tracing::warn!("cannot remember the line: {why}");
            }
        });
    }

    fn lay_out(&mut self, now: Stamp, name: &str) {
        let words = match self.screen.view.lay_out_by_name(name) {
            Ok(()) => self.screen.view.layout_words(),
            Err(words) => return self.note(now, Loudness::Warn, &words),
        };
        self.note(now, Loudness::Info, &words);
    }

    fn window(&mut self, gained: bool) {
        if !gained {
            self.handle_all(|| Event::FocusLost);
        }
    }

    /// Asks the terminal for a sign of life, now and then.
    pub(super) fn measure_link(&mut self, now: Stamp) {
        let Screen { hands, writer, .. } = &mut self.screen;
        if hands.link().is_due(now) {
            writer.ask(crate::input::link::REQUEST);
            hands.link().asked(now);
        }
    }
}
