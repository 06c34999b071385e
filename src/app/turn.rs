//! The app loop: everything that happens, in one order; one turn at a time. Owns the desk, the view and this end of every channel.
//!
//! It never waits for a socket, a disk or a terminal. A key becomes its command in the turn that hears it; the picture comes after.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::thread::Thread;
use std::time::Duration;

use tokio::select;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::channel::{AccountDesk, FeedDesk};
use super::entry::{Entered, Opening};
use super::forms::Open;
use super::play::Controls;
use super::screen::Screen;
use super::signals::{Signals, Told};
use crate::clock;
use crate::config::Folders;
use crate::domain::message::MarketFact;
use crate::domain::{Command, Fact, MarketKey, Print, Stamp, Symbol, VenueId};
use crate::engine::Desk;
use crate::engine::effect::{Bell, Effect, Effects, KeptVolume, Loudness};
use crate::engine::event::Event;
use crate::engine::key::KeyStanding;
use crate::engine::record::Row;
use crate::journal::accounts::{self, Accounts};
use crate::market::tape::Tape;
use crate::ui::snapshot::Beside;

/// Facts taken in one turn before keys get theirs.
const FACTS_A_TURN: usize = 256;
/// The desk's clock, ms.
const TICK_MS: u64 = 100;
/// Shortest time between two frames that no key asked for, ms.
const FRAME_MS: u64 = 16;
/// A policy at the end (hang-up, quit) gets this long, ms.
const LAST_MS: u64 = 5_000;

/// Which bells ring.
#[derive(Clone, Copy, Debug)]
pub struct Bells {
    /// A fill of ours.
    pub fill: bool,
    /// A refusal.
    pub reject: bool,
    /// Danger.
    pub alarm: bool,
}

/// This end of every channel.
pub struct Ports {
    /// The feed's.
    pub feed: FeedDesk,
    /// The account's; `None` without a key.
    pub account: Option<AccountDesk>,
    /// Rows for the disk thread.
    pub disk: mpsc::Sender<Row>,
    /// The disk thread, to wake it.
    pub disk_thread: Thread,
    /// What the disk thread tells.
    pub trouble: mpsc::Receiver<Option<String>>,
    /// What audits of the key come to; `None` without a key of the vault.
    pub standings: Option<mpsc::Receiver<KeyStanding>>,
}

/// What the loop needs to open forms.
pub struct Hooks {
    /// What a key-entry form opens with; `None` where no key can be entered.
    pub entry: Box<dyn Fn() -> Option<Opening>>,
    /// Where vault and memory are.
    pub folders: Folders,
    /// The account's name in what is remembered.
    pub account: String,
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

/// The loop's state.
pub struct App {
    pub(super) desk: Desk,
    pub(super) venue: VenueId,
    pub(super) focus: Option<MarketKey>,
    tapes: BTreeMap<Symbol, Tape>,
    ports: Ports,
    pub(super) screen: Screen,
    bells: Bells,
    last_tick: Stamp,
    last_frame: Stamp,
    dirty: bool,
    pub(super) hurry: bool,
    ending: Option<Stamp>,
    rows_lost: bool,
    rows_waiting: bool,
    pub(super) player: Option<Controls>,
    pub(super) hooks: Hooks,
    /// The open form.
    pub(super) form: Open,
    /// A key that was entered: the loop ends for it.
    pub(super) entered: Option<Entered>,
}

impl App {
    /// Before its first turn.
    pub fn new(
        desk: Desk,
        venue: VenueId,
        ports: Ports,
        screen: Screen,
        bells: Bells,
        player: Option<Controls>,
        hooks: Hooks,
    ) -> Self {
        Self {
            desk,
            venue,
            focus: None,
            tapes: BTreeMap::new(),
            ports,
            screen,
            bells,
            last_tick: Stamp::default(),
            last_frame: Stamp::default(),
            dirty: true,
            hurry: true,
            ending: None,
            rows_lost: false,
            rows_waiting: false,
            player,
            hooks,
            form: Open::None,
            entered: None,
        }
    }

    /// After its last turn: the screen, to be used again, and the key that was entered.
    pub fn into_parts(self) -> (Screen, Option<Entered>) {
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
                Some(fact) = facts(&mut self.ports.account) => self.facts(fact),
                Some(input) = self.screen.inputs.recv() => self.heard(input),
                Some(fact) = self.ports.feed.market.recv() => self.market(fact),
                Some(prints) = self.ports.feed.prints.recv() => self.prints(&prints),
                Ok(()) = self.ports.feed.latest.changed() => self.latest(),
                Some(trouble) = self.ports.trouble.recv() => self.handle(Event::Journal(trouble)),
                Some(standing) = standing(&mut self.ports.standings) => self.handle(Event::Key(standing)),
                Some(answer) = self.form.answer() => self.answered(answer),
                () = sleep_until(wake) => {}
            }
            self.tick(clock::now());
            if self.hurry {
                // A command that this turn made goes to its socket before the picture is made.
                tokio::task::yield_now().await;
            }
            if std::mem::take(&mut self.rows_waiting) {
                self.ports.disk_thread.unpark();
            }
            self.publish(clock::now());
        }
    }

    /// Hands an event to the desk and does what it asks.
    pub(super) fn handle(&mut self, event: Event) {
        let now = clock::now();
        let effects = self.desk.handle(now, event);
        self.perform(now, effects);
    }

    fn perform(&mut self, now: Stamp, effects: Effects) {
        self.dirty = true;
        for effect in effects.0 {
            match effect {
                Effect::Send(command) => self.send(now, command),
                Effect::Notice(loudness, words) => tracing::info!(?loudness, "{words}"),
                Effect::Bell(bell) => self.ring(bell),
                Effect::Journal(row) => self.write(row),
                Effect::Keep(volume) => self.keep(volume),
            }
        }
    }

    pub(super) fn send(&mut self, now: Stamp, command: Command) {
        let Some(account) = &self.ports.account else {
            self.desk
                .note(now, Loudness::Warn, "view-only: no key for this venue");
            return;
        };
        let lane = if command.is_priority() {
            &account.priority
        } else {
            &account.ordinary
        };
        if let Err(refused) = lane.try_send(command) {
            let (mpsc::error::TrySendError::Full(command)
            | mpsc::error::TrySendError::Closed(command)) = refused;
            let effects = self.desk.handle(now, Event::LaneFull(command));
            self.perform(now, effects);
        }
    }

    fn write(&mut self, row: Row) {
        let lost = self.ports.disk.try_send(row).is_err();
        self.rows_waiting = true;
        if lost != self.rows_lost {
            self.rows_lost = lost;
            let words = lost.then(|| "the disk does not keep up with the journal".to_owned());
            self.handle(Event::Journal(words));
        }
    }

    /// The disk is not waited for; a volume that is forgotten is set again.
    fn keep(&self, volume: KeptVolume) {
        let state = self.hooks.folders.state.clone();
        let seat = accounts::seat(self.desk.settings());
        tokio::task::spawn_blocking(move || {
            if let Err(why) = Accounts::change(&state, |accounts| accounts.keep(&seat, volume)) {
                tracing::warn!("cannot remember the volume: {why}");
            }
        });
    }

    fn ring(&self, bell: Bell) {
        let wanted = match bell {
            Bell::Fill => self.bells.fill,
            Bell::Reject => self.bells.reject,
            Bell::Alarm => self.bells.alarm,
        };
        if wanted {
            self.screen.writer.ring();
        }
    }

    /// Takes this fact and, bounded, those that wait behind it.
    fn facts(&mut self, first: Fact) {
        self.handle(Event::Fact(first));
        self.waiting_facts();
    }

    /// Takes the facts that wait, so that an action is judged on all that is known.
    pub(super) fn waiting_facts(&mut self) {
        for _ in 0..FACTS_A_TURN {
            let Some(fact) = self
                .ports
                .account
                .as_mut()
                .and_then(|account| account.facts.try_recv().ok())
            else {
                return;
            };
            self.handle(Event::Fact(fact));
        }
    }

    fn market(&mut self, fact: MarketFact) {
        let instruments = matches!(fact, MarketFact::Instruments(_));
        self.handle(Event::Market(self.venue, fact));
        if instruments {
            self.check_focus();
        }
    }

    fn prints(&mut self, prints: &[Print]) {
        let now = clock::now();
        for symbol in prints
            .iter()
            .map(|print| print.symbol)
            .collect::<std::collections::BTreeSet<_>>()
        {
            let own: Vec<Print> = prints
                .iter()
                .filter(|print| print.symbol == symbol)
                .copied()
                .collect();
            self.tapes.entry(symbol).or_default().take(now, &own);
        }
        self.handle(Event::Prints(self.venue, prints.to_vec()));
    }

    /// Takes the newest best prices of one symbol: what an action is judged on. Its picture can wait for the turn's end.
    pub(super) fn newest_touch(&mut self, symbol: Symbol) {
        let latest = self.ports.feed.latest.borrow();
        let touch = latest.touches.iter().find(|touch| touch.symbol == symbol);
        let touch = touch.copied();
        drop(latest);
        if let Some(touch) = touch {
            self.handle(Event::Touch(self.venue, touch));
        }
    }

    /// Takes the newest best prices and pictures.
    fn latest(&mut self) {
        let latest = self.ports.feed.latest.borrow_and_update().clone();
        for touch in latest.touches {
            self.handle(Event::Touch(self.venue, touch));
        }
        for depth in latest.depths {
            self.handle(Event::Depth(self.venue, depth));
        }
    }

    fn tick(&mut self, now: Stamp) {
        if self.screen.inputs.is_empty() {
            self.hands(now);
        }
        if now.ms_since(self.last_tick) >= TICK_MS {
            self.last_tick = now;
            self.measure_link(now);
            let effects = self.desk.handle(now, Event::Tick);
            let silent = effects.0.is_empty();
            let dirty = self.dirty;
            self.perform(now, effects);
            self.dirty = dirty || !silent;
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
        let dropped = self.ports.feed.dropped.load(Ordering::Relaxed);
        let tape = self.focus.and_then(|key| self.tapes.get(&key.symbol));
        let player = self
            .player
            .as_ref()
            .map(|player| player.words.borrow().clone());
        let beside = Beside {
            focus: self.focus,
            dropped,
        };
        self.screen
            .show(&self.desk, tape, now, beside, player.as_deref());
    }

    /// Starts to follow `symbols` as well as what has orders or a position.
    pub(super) fn follow(&mut self, focus: MarketKey) {
        let mut symbols: Vec<Symbol> = self
            .desk
            .busy_markets()
            .filter(|key| key.venue == focus.venue)
            .map(|key| key.symbol)
            .collect();
        if !symbols.contains(&focus.symbol) {
            symbols.push(focus.symbol);
        }
        if self.ports.feed.follow.try_send(symbols).is_err() {
            self.desk.note(
                clock::now(),
                Loudness::Warn,
                "the feed is busy: press again",
            );
            return;
        }
        self.focus = Some(focus);
        if self.ports.account.is_some() {
            self.send(clock::now(), Command::Follow(focus.symbol));
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
        self.handle(Event::Ending(words));
    }

    /// What is still open, in words, for the shell.
    pub fn left_open(&self) -> Vec<String> {
        self.desk.left_open()
    }

    fn ended(&self, now: Stamp) -> Option<Ended> {
        if self.entered.is_some() {
            // The form opens and stays open only while nothing is at stake.
            return Some(Ended::Settled);
        }
        let since = self.ending?;
        if self.desk.is_settled() {
            Some(Ended::Settled)
        } else {
            (now.ms_since(since) >= LAST_MS).then_some(Ended::Late)
        }
    }

    /// Stops for a while, with the shell as it was; refused while orders are open.
    fn pause(&mut self) {
        if self.desk.open_orders() > 0 {
            self.desk
                .note(clock::now(), Loudness::Warn, "not stopped: orders are open");
            return;
        }
        self.screen.pause();
    }

    fn go_on(&mut self) {
        self.screen.go_on();
        self.handle(Event::Resumed(0));
        self.hurry = true;
    }
}

async fn standing(standings: &mut Option<mpsc::Receiver<KeyStanding>>) -> Option<KeyStanding> {
    match standings {
        Some(standings) => standings.recv().await,
        None => std::future::pending().await,
    }
}

async fn facts(account: &mut Option<AccountDesk>) -> Option<Fact> {
    match account {
        Some(account) => account.facts.recv().await,
        None => std::future::pending().await,
    }
}
