//! The app loop: everything that happens, in one order; one turn at a time. Owns the desk, the view and this end of every channel.
//!
//! It never waits for a socket, a disk or a terminal. A key becomes its command in the turn that hears it; the picture comes after.

use std::sync::Arc;
use std::thread::Thread;
use std::time::Duration;

use tokio::select;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use super::alerting::Alerting;
use super::boxed::Boxed;
use super::drill::Drill;
use super::entry::Entered;
use super::forms::Open;
use super::ladders::{self, Ladder, Shows};
use super::leader::Leaders;
use super::looks::Reread;
use super::pages::Page;
use super::past::Earlier;
use super::play::Controls;
use super::reel::thread::{Showing, Wish};
use super::review::Review;
use super::screen::Screen;
use super::seat::{Lines, Seat, changed, first};
use super::signals::{Signals, Told};
use super::workspace::Keeping;
use crate::clock;
use crate::config::{Folders, Settings};
use crate::domain::message::MarketFact;
use crate::domain::{Command, Fact, Print, Stamp, Symbol};
use crate::engine::Desk;
use crate::engine::effect::{Effect, Effects, KeptVolume, Loudness};
use crate::engine::event::Event;
use crate::engine::record::Row;
use crate::journal::accounts::{self, Accounts};
use crate::sim::Mood;

/// Facts taken in one turn before keys get theirs.
const FACTS_A_TURN: usize = 256;
/// The desk's clock, ms.
const TICK_MS: u64 = 100;
/// Shortest time between two frames that no key asked for, ms.
const FRAME_MS: u64 = 16;
/// A policy at the end (hang-up, quit) gets this long, ms.
const LAST_MS: u64 = 5_000;

/// This end of every channel that the program has once. Each account's own are its seat's, see [`Lines`].
pub struct Ports {
    /// Rows for the disk thread.
    pub disk: mpsc::Sender<Row>,
    /// The disk thread, to wake it.
    pub disk_thread: Thread,
    /// What the disk thread tells.
    pub trouble: mpsc::Receiver<Option<String>>,
    /// What earlier sessions came to.
    pub earlier: mpsc::Receiver<Earlier>,
    /// Themes that were read again.
    pub themes: mpsc::Receiver<Reread>,
}

/// How the loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// In order: what the policy had to do is done and verified.
    Settled,
    /// The time for it ran out.
    Late,
    /// The user asked twice.
    AtOnce,
}

/// Ready when the recording shows something new; never, where there is none.
async fn news(showing: &mut Option<Showing>) {
    if let Some(showing) = showing
        && showing.played.changed().await.is_ok()
    {
        return;
    }
    std::future::pending().await
}

/// The loop's state.
pub struct App {
    pub(super) seats: Vec<Seat>,
    pub(super) lines: Lines,
    /// Open ladders, in the order of the strip.
    pub(super) ladders: Vec<Ladder>,
    /// The ladder that keys go to.
    pub(super) at: usize,
    /// The pages that ladders lie on.
    pub(super) pages: Vec<Page>,
    /// Which symbol leads which ladder.
    pub(super) leaders: Leaders,
    /// What is kept of all that from run to run.
    pub(super) keeping: Keeping,
    ports: Ports,
    pub(super) screen: Screen,
    pub(super) alerting: Alerting,
    last_tick: Stamp,
    last_frame: Stamp,
    pub(super) dirty: bool,
    pub(super) hurry: bool,
    ending: Option<Stamp>,
    rows_lost: bool,
    rows_waiting: bool,
    pub(super) player: Option<Controls>,
    /// Where what happens is written down.
    pub(super) boxed: Option<Boxed>,
    /// The recording that is shown.
    pub(super) showing: Option<Showing>,
    /// One's last trade lies over the live screen.
    pub(super) review: Option<Review>,
    /// When that was last asked for.
    pub(super) review_asked: Option<Stamp>,
    /// The drill that runs.
    pub(super) drill: Option<Drill>,
    /// Every setting.
    pub(super) settings: Settings,
    /// What sets the mood of each seat's exchange, where Lancet opened it.
    pub(super) moods: Vec<Option<watch::Sender<Option<Mood>>>>,
    /// Where vault and memory are.
    pub(super) folders: Folders,
    /// The open form.
    pub(super) form: Open,
    /// A key that was entered, and for which seat: the loop ends for it.
    pub(super) entered: Option<(usize, Entered)>,
}

impl App {
    /// Before its first turn; there is at least one seat.
    pub fn new(
        (seats, lines): (Vec<Seat>, Lines),
        ports: Ports,
        screen: Screen,
        alerting: Alerting,
        player: Option<Controls>,
        (folders, settings): (Folders, Settings),
        (leaders, keeping): (Leaders, Keeping),
    ) -> Self {
        let layout = Arc::clone(screen.view.layout());
        Self {
            seats,
            lines,
            ladders: Vec::new(),
            at: 0,
            pages: vec![Page::first(layout)],
            leaders,
            keeping,
            ports,
            screen,
            alerting,
            last_tick: Stamp::default(),
            last_frame: Stamp::default(),
            dirty: true,
            hurry: true,
            ending: None,
            rows_lost: false,
            rows_waiting: false,
            player,
            boxed: None,
            showing: None,
            review: None,
            review_asked: None,
            settings,
            moods: Vec::new(),
            drill: None,
            folders,
            form: Open::None,
            entered: None,
        }
    }

    /// After its last turn: the screen, to be used again, and the key that was entered.
    pub fn into_parts(self) -> (Screen, Option<(usize, Entered)>) {
        (self.screen, self.entered)
    }

    /// Turns until the end.
    pub async fn run(&mut self, signals: &mut Signals) -> Ended {
        loop {
            let now = clock::now();
            if let Some(ended) = self.ended(now) {
                return ended;
            }
            let wake = Instant::now() + Duration::from_millis(self.sleep_ms(now));
            select! {
                biased;
                told = signals.next() => {
                    if self.told(told) {
                        return Ended::AtOnce;
                    }
                }
                (seat, fact) = first(&mut self.lines.facts) => self.facts(seat, fact),
                Some(input) = self.screen.inputs.recv() => self.heard(input),
                (seat, fact) = first(&mut self.lines.market) => self.market(seat, fact),
                (seat, prints) = first(&mut self.lines.prints) => self.prints(seat, &prints),
                seat = changed(&mut self.lines.latest) => self.latest(seat),
                Some(reread) = self.ports.themes.recv() => self.reread(reread),
                Some(trouble) = self.ports.trouble.recv() => self.journal_trouble(&trouble),
                (seat, standing) = first(&mut self.lines.standings) => self.handle(seat, Event::Key(standing)),
                Some(earlier) = self.ports.earlier.recv() => self.take_earlier(earlier),
                Some(answer) = self.form.answer() => self.answered(answer),
                Some(told) = self.alerting.disk.recv() => self.levels_told(clock::now(), told),
                () = news(&mut self.showing) => {
                    self.dirty = true;
                    self.take_played();
                }
                () = sleep_until(wake) => {}
            }
            self.tick(clock::now());
            if self.hurry {
                // A command that this turn made goes to its socket before the picture is made.
                tokio::task::yield_now().await;
                self.box_keys();
            }
            if std::mem::take(&mut self.rows_waiting) {
                self.ports.disk_thread.unpark();
            }
            self.publish(clock::now());
        }
    }

    fn take_earlier(&mut self, earlier: Earlier) {
        let desk = &mut self.seats[earlier.seat].desk;
        desk.remember(earlier.sheet, earlier.tags);
        self.dirty = true;
    }

    /// The seat that keys go to.
    pub(super) fn here(&self) -> usize {
        self.ladders.get(self.at).map_or(0, |ladder| ladder.seat)
    }

    /// The desk that keys go to.
    pub(super) fn desk(&self) -> &Desk {
        &self.seats[self.here()].desk
    }

    /// Says something on the ladder that keys go to.
    pub(super) fn note(&mut self, now: Stamp, loudness: Loudness, words: &str) {
        let here = self.here();
        self.seats[here].desk.note(now, loudness, words);
    }

    /// Hands an event to one seat's desk and does what it asks.
    pub(super) fn handle(&mut self, seat: usize, event: Event) {
        let now = clock::now();
        let effects = self.seats[seat].desk.handle(now, event);
        self.perform(seat, now, effects);
    }

    /// Hands an event to every desk: it concerns the host, the hands or the terminal.
    pub(super) fn handle_all(&mut self, event: impl Fn() -> Event) {
        for seat in 0..self.seats.len() {
            self.handle(seat, event());
        }
    }

    fn journal_trouble(&mut self, trouble: &Option<String>) {
        self.handle_all(|| Event::Journal(trouble.clone()));
    }

    fn perform(&mut self, seat: usize, now: Stamp, effects: Effects) {
        self.dirty = true;
        for effect in effects.0 {
            match effect {
                Effect::Send(command) => self.send(seat, now, command),
                Effect::Notice(loudness, words) => tracing::info!(?loudness, "{words}"),
                Effect::Alert(alert) => self.desk_alert(now, alert),
                Effect::Journal(row) => self.write(row),
                Effect::Keep(volume) => self.keep(seat, volume),
            }
        }
    }

    pub(super) fn send(&mut self, seat: usize, now: Stamp, command: Command) {
        let Some(lanes) = &self.lines.lanes[seat] else {
            let words = "view-only: no key for this venue";
            return self.seats[seat].desk.note(now, Loudness::Warn, words);
        };
        let lane = if command.is_priority() {
            &lanes.priority
        } else {
            &lanes.ordinary
        };
        if let Err(refused) = lane.try_send(command) {
            let (mpsc::error::TrySendError::Full(command)
            | mpsc::error::TrySendError::Closed(command)) = refused;
            let effects = self.seats[seat].desk.handle(now, Event::LaneFull(command));
            self.perform(seat, now, effects);
        }
    }

    fn write(&mut self, row: Row) {
        let lost = self.ports.disk.try_send(row).is_err();
        self.rows_waiting = true;
        if lost != self.rows_lost {
            self.rows_lost = lost;
            let words = lost.then(|| "the disk does not keep up with the journal".to_owned());
            self.journal_trouble(&words);
        }
    }

    /// The disk is not waited for; a volume that is forgotten is set again.
    fn keep(&self, seat: usize, volume: KeptVolume) {
        let state = self.folders.state.clone();
        let seat = accounts::seat(self.seats[seat].desk.settings());
        tokio::task::spawn_blocking(move || {
            if let Err(why) = Accounts::change(&state, |accounts| accounts.keep(&seat, volume)) {
                tracing::warn!("cannot remember the volume: {why}");
            }
        });
    }

    /// Takes this fact and, bounded, those that wait behind it.
    fn facts(&mut self, seat: usize, first: Fact) {
        self.fact(seat, first);
        self.waiting_facts(seat);
    }

    /// Takes the facts of a seat that wait, so that an action is judged on all that is known.
    pub(super) fn waiting_facts(&mut self, seat: usize) {
        for _ in 0..FACTS_A_TURN {
            let Some(fact) = self.lines.facts[seat]
                .as_mut()
                .and_then(|facts| facts.try_recv().ok())
            else {
                return;
            };
            self.fact(seat, fact);
        }
    }

    fn fact(&mut self, seat: usize, fact: Fact) {
        let parts = self.boxed_parts(&fact);
        self.handle(seat, Event::Fact(fact));
        self.box_fact(seat, clock::now(), parts);
    }

    fn market(&mut self, seat: usize, fact: MarketFact) {
        if let MarketFact::Minutes { symbol, minutes } = &fact {
            self.seats[seat].past(*symbol, minutes);
            self.dirty = true;
            return;
        }
        let are_instruments = matches!(fact, MarketFact::Instruments(_));
        let venue = self.seats[seat].venue;
        self.handle(seat, Event::Market(venue, fact));
        if are_instruments {
            self.seats[seat].listed.get_or_insert_with(clock::now);
            self.learn_steps(seat);
        }
    }

    fn prints(&mut self, seat: usize, prints: &[Print]) {
        let now = clock::now();
        self.seats[seat].prints(now, prints);
        self.watch_prints(seat, now, prints);
        self.box_prints(seat, now, prints);
        let venue = self.seats[seat].venue;
        self.handle(seat, Event::Prints(venue, prints.to_vec()));
    }

    /// Takes the newest best prices of one symbol: what an action is judged on. Its picture can wait for the turn's end.
    pub(super) fn newest_touch(&mut self, seat: usize, symbol: Symbol) {
        let latest = self.lines.latest[seat].borrow();
        let touch = latest.touches.iter().find(|touch| touch.symbol == symbol);
        let touch = touch.copied();
        drop(latest);
        if let Some(touch) = touch {
            let venue = self.seats[seat].venue;
            self.handle(seat, Event::Touch(venue, touch));
        }
    }

    /// Takes a seat's newest best prices and pictures.
    fn latest(&mut self, seat: usize) {
        let latest = self.lines.latest[seat].borrow_and_update().clone();
        let venue = self.seats[seat].venue;
        for touch in latest.touches {
            self.watch_touch(seat, clock::now(), &touch);
            self.handle(seat, Event::Touch(venue, touch));
        }
        for depth in latest.depths {
            let now = clock::now();
            self.seats[seat].depth(now, &depth);
            self.watch_readings(seat, now, depth.symbol);
            self.box_depth(seat, now, &depth);
            self.handle(seat, Event::Depth(venue, depth));
        }
    }

    fn tick(&mut self, now: Stamp) {
        if self.screen.inputs.is_empty() {
            self.hands(now);
        }
        if now.ms_since(self.last_tick) >= TICK_MS {
            self.last_tick = now;
            self.measure_link(now);
            self.watch_lines(now);
            self.box_tick(now);
            self.watch_drill(now);
            self.keep_workspace(now);
            for seat in 0..self.seats.len() {
                self.check_ladders(now, seat);
                self.seats[seat].tick(now);
                let effects = self.seats[seat].desk.handle(now, Event::Tick);
                let silent = effects.0.is_empty();
                let dirty = self.dirty;
                self.perform(seat, now, effects);
                self.dirty = dirty || !silent;
            }
        }
        if self.screen.writer.is_gone() && self.ending.is_none() {
            self.hung_up("the terminal is gone");
        }
    }

    /// How long nothing has to be done if nothing happens.
    fn sleep_ms(&self, now: Stamp) -> u64 {
        let tick = TICK_MS.saturating_sub(now.ms_since(self.last_tick));
        let frame = if self.dirty {
            FRAME_MS.saturating_sub(now.ms_since(self.last_frame))
        } else {
            TICK_MS
        };
        let hands = self
            .screen
            .hands
            .deadline()
            .map_or(TICK_MS, |at| at.ms_since(now) + 1);
        tick.min(frame)
            .min(hands)
            .min(self.screen.next_change_ms(now))
    }

    fn publish(&mut self, now: Stamp) {
        let due = self.dirty && now.ms_since(self.last_frame) >= FRAME_MS;
        if !(self.hurry || due || self.screen.next_change_ms(now) == 0) {
            return;
        }
        self.dirty = false;
        self.hurry = false;
        self.last_frame = now;
        if self.is_reviewing() {
            return self.publish_review(now);
        }
        let player = self
            .player
            .as_ref()
            .map(|player| player.words.borrow().clone());
        let played = self
            .showing
            .as_ref()
            .map(|showing| Arc::clone(&showing.played.borrow()));
        let (ladders, at) = self.in_front();
        let scene = Shows {
            seats: &self.seats,
            all: &self.ladders,
            pages: &self.pages,
            leaders: &self.leaders,
            ladders: &ladders,
            at,
            dropped: self.lines.dropped(self.here()),
            played: played.as_deref(),
            alerts: &self.alerting.alerts,
        };
        self.screen.show(&scene, now, player.as_deref());
        if self.screen.reads_notices {
            self.alerting.alerts.seen();
        }
        if played.is_some() {
            let plan = self.screen.view.plan();
            let ladders = ladders.iter().enumerate();
            let ladders = ladders.map(|(at, ladder)| (ladder.key, plan.panels_of(at)));
            self.wish(Wish {
                frame: self.screen.view.charts.frame,
                ladders: ladders.filter(|(_, panels)| !panels.is_empty()).collect(),
            });
        }
    }

    /// What the live accounts are shown of.
    pub(super) fn shows(&self) -> Shows<'_> {
        Shows {
            seats: &self.seats,
            all: &self.ladders,
            pages: &self.pages,
            leaders: &self.leaders,
            ladders: &self.ladders,
            at: self.at,
            dropped: 0,
            played: None,
            alerts: &self.alerting.alerts,
        }
    }

    /// True when the program has to end at once.
    fn told(&mut self, told: Told) -> bool {
        match told {
            Told::HangUp => self.hung_up("the line hung up"),
            Told::End if self.ending.is_some() => return true,
            Told::End => self.begin_end("ended by a signal"),
            Told::Pause => self.pause(),
            Told::Continue => self.go_on(),
            Told::Resized => {
                self.screen.resized();
                self.hurry = true;
            }
        }
        false
    }

    /// The terminal went away: the policy acts, nobody is asked.
    pub(super) fn hung_up(&mut self, words: &'static str) {
        self.screen.lost();
        self.begin_end(words);
    }

    /// Begins the end: the hang-up policy acts, then the loop ends.
    pub(super) fn begin_end(&mut self, words: &'static str) {
        if self.ending.is_some() {
            return;
        }
        self.ending = Some(clock::now());
        tracing::info!("{words}");
        self.handle_all(|| Event::Ending(words));
    }

    /// What is still open, in words, for the shell.
    pub fn left_open(&self) -> Vec<String> {
        ladders::left_open(&self.seats, &[])
    }

    fn ended(&self, now: Stamp) -> Option<Ended> {
        if self.entered.is_some() {
            // The form opens and stays open only while nothing is at stake.
            return Some(Ended::Settled);
        }
        let since = self.ending?;
        if self.seats.iter().all(|seat| seat.desk.is_settled()) {
            Some(Ended::Settled)
        } else {
            (now.ms_since(since) >= LAST_MS).then_some(Ended::Late)
        }
    }

    /// Stops for a while, with the shell as it was; refused while orders are open.
    fn pause(&mut self) {
        if self.seats.iter().any(|seat| seat.desk.open_orders() > 0) {
            return self.note(clock::now(), Loudness::Warn, "not stopped: orders are open");
        }
        self.screen.pause();
    }

    fn go_on(&mut self) {
        self.screen.go_on();
        self.handle_all(|| Event::Resumed(0));
        self.hurry = true;
    }
}
