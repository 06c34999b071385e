//! One terminal as the app sees it: its keys coming in, its view, its frames going out. It never waits for the terminal.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use tokio::sync::mpsc;

use super::ladders::Shows;
use super::shown::{Frames, Shown};
use crate::domain::{MarketKey, Stamp};
use crate::engine::Desk;
use crate::engine::line::told::{self, Told};
use crate::input::hands::{Focus, Hands};
use crate::input::key::Input;
use crate::input::keymap::Keymap;
use crate::journal::History;
use crate::journal::workspace::Stands;
use crate::ui;
use crate::ui::help::HelpText;
use crate::ui::layout::{Plan, Room};
use crate::ui::screen::Notices;
use crate::ui::screen::guard::{Guard, Reports};
use crate::ui::screen::writer::{Frame, Writer};
use crate::ui::snapshot::{self, SideLadder, Snapshot};
use crate::ui::theme::Theme;
use crate::ui::view::{Charts, List, Look, Mode, VIEW_ACTIONS, View, plain};

/// A terminal that is asked for its size where the system does not know it.
const USUAL: (u16, u16) = (80, 24);

/// What a screen is opened with.
pub struct Settings {
    /// Colours.
    pub theme: Theme,
    /// Keys in words.
    pub help: HelpText,
    /// How desktop notices are asked of it.
    pub notices: Notices,
    /// Keys.
    pub keymap: Keymap,
    /// How charts are looked at at the start.
    pub charts: Charts,
    /// How long a lone Esc waits, ms.
    pub escape_ms: u64,
    /// How long a leader key waits, ms.
    pub sequence_ms: u64,
    /// How long the second press of an entry key waits for a third, ms.
    pub repeat_ms: u64,
    /// Statistics show no money.
    pub money_off: bool,
    /// What the terminal is to report.
    pub reports: Reports,
    /// How ladders are looked at.
    pub look: Look,
}

/// One terminal.
pub struct Screen {
    /// Its keys.
    pub inputs: mpsc::Receiver<Input>,
    /// Its hands: guard, leader keys, link.
    pub hands: Hands<Shown>,
    /// What is in view.
    pub view: View,
    /// The thread that writes to it.
    pub writer: Writer,
    /// The newest data that was shown.
    pub latest: Arc<Snapshot>,
    /// Lines to call back.
    pub history: History,
    /// The ladders that do not have the keys.
    others: BTreeMap<MarketKey, View>,
    notices: Notices,
    /// The newest frame shows the list of notifications.
    pub reads_notices: bool,
    frames: Frames,
    /// Leaps of the recording that is shown, as far as the view knows of them.
    leaps: u64,
    guard: Option<Guard>,
    tty: OwnedFd,
    lost: bool,
}

impl Screen {
    /// Takes the terminal of standard input and output.
    ///
    /// # Errors
    /// When it cannot be set up.
    pub fn open(settings: Settings) -> io::Result<Self> {
        let tty = io::stdout().as_fd().try_clone_to_owned()?;
        let keys = io::stdin().as_fd().try_clone_to_owned()?;
        let (sender, inputs) = super::channel::inputs();
        let guard = Guard::take(tty.try_clone()?, settings.reports)?;
        let writer = Writer::start(
            Taken(File::from(tty.try_clone()?)),
            settings.theme,
            settings.help,
        )?;
        crate::input::reader::spawn(keys, settings.escape_ms, sender)?;
        let (columns, rows) = size(&tty);
        let mut view = View::new(columns, rows);
        view.charts = settings.charts;
        view.money_off = settings.money_off;
        view.look = Arc::new(settings.look);
        Ok(Self {
            inputs,
            hands: Hands::new(settings.keymap, settings.sequence_ms)
                .with_mouse(settings.reports.mouse)
                .with_repeat_wait(settings.repeat_ms),
            view,
            writer,
            latest: Arc::default(),
            history: History::default(),
            others: BTreeMap::new(),
            notices: settings.notices,
            reads_notices: false,
            frames: Frames::default(),
            leaps: 0,
            guard: Some(guard),
            tty,
            lost: false,
        })
    }

    /// Empties the screen for another account or venue: nothing that was shown counts any more.
    pub fn renew(&mut self) {
        self.view = self.view.renewed();
        self.others.clear();
        self.latest = Arc::default();
        self.frames.forget();
    }

    /// What the last written frame shows.
    pub fn shown(&mut self) -> Shown {
        self.frames.written(self.writer.written())
    }

    /// Asks for a desktop notice.
    pub fn notify(&self, words: &str) {
        self.writer.notify(&self.notices.bytes(words));
    }

    /// Where keys go now.
    pub fn focus(&self) -> Focus {
        match self.view.mode {
            Mode::ConfirmQuit => Focus::Question,
            ref mode if mode.takes_text() => Focus::Field,
            _ => Focus::Ladder,
        }
    }

    /// Makes a frame of now and hands it to the writer.
    pub fn show(&mut self, shows: &Shows<'_>, now: Stamp, player: Option<&str>) {
        let Some(ladder) = shows.ladders.get(shows.at).filter(|_| !self.lost) else {
            return;
        };
        let desk = &shows.seats[ladder.seat].desk;
        self.view.stand_among(Room {
            open: shows.ladders.len(),
            at: shows.at,
            pages: shows.pages.len() > 1,
            leader: shows.has_leader(),
            ..Room::default()
        });
        self.turn_to(ladder.key);
        let plan = self.view.plan();
        let panels = plan.panels_of(shows.at);
        let mut snapshot = shows.snapshot(ladder, now, &panels, self.view.charts.frame);
        if let Some(words) = player {
            words.clone_into(&mut snapshot.account_state);
        }
        shows.add_elsewhere(&mut snapshot, now);
        self.reads_notices = matches!(self.view.mode, Mode::List(List::Notices, _))
            || plan.places.iter().any(|place| place.panel == "notices");
        snapshot.alerts = shows.alerted(self.reads_notices);
        snapshot.told = self.told(desk, now, &snapshot);
        self.view.started = self.hands.started(&snapshot.arm_line).map(Arc::new);
        self.leap(&snapshot);
        self.view.settle(&snapshot);
        snapshot::add_viewed(&mut snapshot, desk, &self.view);
        if matches!(self.view.mode, Mode::List(List::Log, _)) {
            shows.add_log_elsewhere(&mut snapshot);
        }
        snapshot.beside = self.beside(shows, &plan, now);
        let shown = Shown::of(&snapshot, &self.view);
        self.hand(snapshot, shown);
    }

    /// Hands a frame of a replay over the live screen to the writer. No key means anything that is drawn in it.
    pub fn show_review(&mut self, mut snapshot: Snapshot, now: Stamp) {
        if self.lost {
            return;
        }
        let (columns, rows) = self.view.size();
        let card = ui::panel::playing::card_rows(snapshot.playing.as_deref(), columns, rows);
        self.view.keep_foot(card);
        self.leap(&snapshot);
        self.view.started = self.hands.started("").map(Arc::new);
        self.view.settle(&snapshot);
        if snapshot.now == Stamp::default() {
            snapshot.now = now;
        }
        self.hand(snapshot, Shown::default());
    }

    /// Nothing that was shown counts any more.
    pub fn forget(&mut self) {
        self.frames.forget();
    }

    /// What faded before a recording leapt to another moment is gone after it.
    fn leap(&mut self, snapshot: &Snapshot) {
        let leaps = snapshot.playing.as_ref().map_or(0, |playing| playing.leaps);
        if leaps != self.leaps {
            self.leaps = leaps;
            self.view.forget_trades();
        }
    }

    fn hand(&mut self, snapshot: Snapshot, shown: Shown) {
        self.latest = Arc::new(snapshot);
        let number = self.frames.hand(shown);
        self.writer.show(Frame {
            number,
            snapshot: Arc::clone(&self.latest),
            view: self.view.clone(),
        });
    }

    /// Each ladder keeps its cursor, its zoom and where it stands while another one has the keys.
    fn turn_to(&mut self, key: MarketKey) {
        let is_first = self.view.market().is_none() && !self.others.contains_key(&key);
        if is_first || self.view.market() == Some(key) {
            return;
        }
        let next = self.others.remove(&key).unwrap_or_default();
        let left = self.view.turn_to(next);
        if let Some(shown) = left.market() {
            self.others.insert(shown, left);
        }
    }

    /// Takes up how a ladder stood before.
    pub fn take_up(&mut self, key: MarketKey, stands: &Stands) {
        let mut view = View::default();
        if let Some(ticks) = stands.zoom {
            view = view.with_zoom(ticks);
        }
        if let Some(words) = &stands.columns {
            view = view.with_columns(words);
        }
        self.others.insert(key, view);
    }

    /// Notes what the trader chose on a ladder that was shown; what Lancet chose is left out.
    pub fn note_stands(&self, key: MarketKey, stands: &mut Stands) {
        let in_front = self.view.market() == Some(key);
        let view = if in_front {
            Some(&self.view)
        } else {
            self.others.get(&key)
        };
        if let Some(view) = view {
            stands.zoom = view.chosen_zoom();
            stands.columns = view.chosen_columns();
        }
    }

    /// The ladders of which something finds room beside the one with the keys.
    fn beside(&mut self, shows: &Shows<'_>, plan: &Plan, now: Stamp) -> Vec<Arc<SideLadder>> {
        let mut beside = Vec::new();
        for (at, ladder) in shows.ladders.iter().enumerate() {
            let panels = plan.panels_of(at);
            if at == shows.at || panels.is_empty() {
                continue;
            }
            let snapshot = shows.snapshot(ladder, now, &panels, self.view.charts.frame);
            let view = self.others.entry(ladder.key).or_default();
            view.look = Arc::clone(&self.view.look);
            // Its head and its foot are no rows.
            let stands = plan.ladder_of(at).unwrap_or_else(|| plan.ladder());
            view.aside(stands.height.saturating_sub(2));
            view.charts = self.view.charts.clone();
            view.settle(&snapshot);
            let view = view.clone();
            beside.push(Arc::new(SideLadder { at, snapshot, view }));
        }
        beside
    }

    /// What is said of the line or the volume that is being typed.
    fn told(&self, desk: &Desk, now: Stamp, snapshot: &Snapshot) -> Told {
        let shown = Shown::of(snapshot, &self.view);
        let Some(key) = shown.key else {
            return Told::default();
        };
        let seen = shown.seen(key, now);
        let screen = VIEW_ACTIONS.iter().map(|row| row.name);
        match &self.view.mode {
            Mode::CommandLine(field) => told::line(desk, now, field.text(), seen, screen),
            Mode::EditVolume(field) => told::size(desk, &plain(field.text()), seen),
            _ => Told::default(),
        }
    }

    /// Hands the open form to the writer, where there is nothing else to show.
    pub fn show_form(&mut self, now: Stamp) {
        let snapshot = Snapshot {
            now,
            ..Snapshot::default()
        };
        self.hand(snapshot, Shown::default());
    }

    /// Milliseconds until the newest frame would look different without any news.
    pub fn next_change_ms(&self, now: Stamp) -> u64 {
        // A recording tells by itself what changes in it.
        if self.latest.playing.is_some() {
            return u64::MAX;
        }
        let since = now.ms_since(self.latest.now);
        ui::pulse::next_change(&self.latest, &self.view)
            .map_or(u64::MAX, |ms| ms.saturating_sub(since))
    }

    /// The terminal has a new size.
    pub fn resized(&mut self) {
        let (columns, rows) = size(&self.tty);
        self.view.resize(columns, rows);
    }

    /// The terminal is gone: nothing is drawn any more.
    pub fn lost(&mut self) {
        self.lost = true;
    }

    /// Gives the shell its terminal back and stops this process until it is continued.
    pub fn pause(&mut self) {
        ui::screen::guard::restore();
        // When it fails the process goes on, and the screen is taken again by the next continue.
        if let Err(why) =
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::STOP)
        {
            tracing::warn!("cannot stop: {why}");
        }
    }

    /// Takes the terminal again.
    pub fn go_on(&mut self) {
        if let (Some(guard), Ok(tty)) = (&self.guard, self.tty.try_clone())
            && let Err(why) = guard.retake(tty)
        {
            tracing::warn!("cannot take the terminal again: {why}");
            self.lost();
        }
        self.resized();
        self.view.redraw();
    }
}

/// The terminal as long as it is ours: once a broken thread or a stop gave it back, frames go nowhere.
struct Taken(File);

impl Write for Taken {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if ui::screen::is_taken() {
            self.0.write(bytes)
        } else {
            Ok(bytes.len())
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Columns and rows. Zero by zero is what a terminal without a window says; it is kept, and nothing is drawn.
fn size(tty: &OwnedFd) -> (u16, u16) {
    rustix::termios::tcgetwinsize(tty).map_or(USUAL, |size| (size.ws_col, size.ws_row))
}
