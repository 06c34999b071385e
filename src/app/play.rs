//! A recording on the screen: a player stands where a feed's session would. View-only, or traded on paper; the keys of a player steer it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::LocalSet;

use super::channel;
use super::paper::{self, Pace};
use super::seat::{Lines, Seat};
use super::trade::{self, Table};
use super::workspace::Keeping;
use super::{Failure, log, need_terminal, settings, variable};
use crate::cli::{Global, Replay};
use crate::clock;
use crate::config::Folders;
use crate::domain::{Account, Environment, Stamp, Symbol, VenueId};
use crate::engine::Desk;
use crate::engine::effect::Loudness;
use crate::engine::line::Play;
use crate::engine::settings::DeskSettings;
use crate::exchange::machine::Out;
use crate::exchange::session::FeedPorts;
use crate::exchange::venue;
use crate::input::chord::Code;
use crate::replay::{Player, ReplayError};

/// Between two looks at the recording, ms.
const STEP_MS: u64 = 16;
/// Most looks in one step where the recording is traded on.
const LOOKS: u32 = 16;
/// Levels a side of a picture.
const LEVELS: usize = 1_000;

/// Which keys steer a player.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steering {
    /// The hands are free.
    Plain,
    /// The hands trade: keys that no preset binds.
    WhileTrading,
}

impl Steering {
    /// What a key asks of the player, if it is one of its keys.
    pub fn of(self, code: Code) -> Option<Play> {
        match (self, code) {
            (Self::Plain, Code::Char(' ')) | (Self::WhileTrading, Code::Function(5)) => {
                Some(Play::Pause)
            }
            (Self::Plain, Code::Right) | (Self::WhileTrading, Code::Function(6)) => {
                Some(Play::Step)
            }
            (Self::Plain, Code::Char('-')) | (Self::WhileTrading, Code::Function(7)) => {
                Some(Play::Slower)
            }
            (Self::Plain, Code::Char('+' | '=')) | (Self::WhileTrading, Code::Function(8)) => {
                Some(Play::Faster)
            }
            _ => None,
        }
    }

    /// The keys in words.
    const fn words(self) -> &'static str {
        match self {
            Self::Plain => "a recording: Space pauses, Right steps, + and - change the speed",
            Self::WhileTrading => {
                "a recording, traded on paper: F5 pauses, F6 steps, F7 and F8 change the speed; :play too"
            }
        }
    }
}

/// The app's end of a player.
pub struct Controls {
    /// What is asked.
    pub asked: mpsc::Sender<Play>,
    /// Which keys ask.
    pub steering: Steering,
    /// How it stands, in words.
    pub words: watch::Receiver<String>,
}

/// Shows a recording.
///
/// # Errors
/// When it cannot be read, or the screen cannot be had.
pub fn replay(global: &Global, asked: &Replay) -> Result<(), Failure> {
    let (config, themes) = settings(global)?;
    let mut player = Player::open(&asked.file, global.venue())?;
    need_terminal()?;
    let folders = Folders::find(variable)?;
    let _log = log::start(&folders.state)?;
    player.set_speed(asked.speed);
    let venue = venue(player.venue())
        .ok_or_else(|| Failure::Input(format!("no venue {:?}", player.venue())))?;
    let wished = config.settings.symbols.first().cloned();
    let symbols: Vec<Symbol> = player
        .instruments()
        .iter()
        .map(|instrument| instrument.symbol)
        .collect();
    let first = wished
        .or_else(|| symbols.first().map(Symbol::to_string))
        .unwrap_or_default();
    let (id, account) = (VenueId::new(venue.id), Account::new("recording"));
    let (Ok(id), Ok(account)) = (id, account) else {
        unreachable!("both are names")
    };
    let (environment, steering) = if global.paper {
        (Environment::Paper, Steering::WhileTrading)
    } else {
        (Environment::Replay, Steering::Plain)
    };
    let (journal, _, session) = trade::journal(&folders.state, environment)?;
    let mut desk_settings = DeskSettings::new(
        environment,
        account,
        id,
        session,
        config.settings.limits.clone(),
    );
    config.settings.tell(&mut desk_settings);
    desk_settings.venue_title = format!("{} recording", venue.title);
    let mut desk = Desk::new(desk_settings);
    desk.note(clock::now(), Loudness::Info, steering.words());
    let (ports, feed) = channel::feed(None);
    let (asked, controls) = channel::player();
    let (words_in, words) = watch::channel(String::new());
    let runtime = trade::runtime()?;
    let local = LocalSet::new();
    let pace = Pace::new(player.speed().into());
    let (stop, stopped) = channel::stop();
    let (feed, account) = if global.paper {
        let terms = paper::terms(&config, venue, account)?;
        let (feed, account) = paper::open(terms, feed, Pace::clone(&pace), &local, stopped);
        (feed, Some(account))
    } else {
        (feed, None)
    };
    let deck = Deck {
        player,
        symbols,
        ports,
        pace,
        looks: if global.paper { LOOKS } else { 1 },
        last: clock::now(),
    };
    local.spawn_local(deck.play(controls, words_in));
    let table = Table {
        config: &config,
        themes: &themes,
        file: global.config.as_deref(),
    };
    let first = Symbol::new(&first).map_err(|why| Failure::Input(format!("{first:?}: {why}")))?;
    let seat = Seat {
        venue: id,
        desk,
        readings: BTreeMap::new(),
        reads: config.settings.readings(),
        entry: Box::new(|| None),
        account: String::new(),
        listed: None,
    };
    let mut lines = Lines::default();
    lines.add(feed, account, None);
    let parts = trade::Parts {
        seats: vec![seat],
        lines,
        ladders: vec![(0, first)],
        keeping: Keeping::nothing(),
        journal,
        player: Some(Controls {
            asked,
            steering,
            words,
        }),
        screen: None,
        opening: None,
        folders,
    };
    let shown = trade::show(table, parts);
    let ended = runtime.block_on(local.run_until(shown)).map(|_| ());
    drop(stop);
    ended
}

/// A player and the ends that it plays to.
struct Deck {
    player: Player,
    symbols: Vec<Symbol>,
    ports: FeedPorts,
    pace: Pace,
    /// Most looks at the recording a step: whoever trades on it shall see what comes between.
    looks: u32,
    last: Stamp,
}

impl Deck {
    /// Plays until nobody listens.
    async fn play(mut self, mut asked: mpsc::Receiver<Play>, words: watch::Sender<String>) {
        let mut timer = tokio::time::interval(Duration::from_millis(STEP_MS));
        timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let done = tokio::select! {
                biased;
                asked = asked.recv() => match asked {
                    Some(asked) => self.steer(asked).await,
                    None => return,
                },
                _ = timer.tick() => self.advance().await,
            };
            match done {
                Ok(true) => {}
                Ok(false) => return,
                Err(why) => {
                    // The receiver is gone only when the program ends.
                    let _ = words.send(why.to_string());
                    return;
                }
            }
            words.send_if_modified(|words| replace(words, told(&self.player)));
        }
    }

    /// Plays what became due since the last time, in as many looks as it is fast; false when nobody listens any more.
    async fn advance(&mut self) -> Result<bool, ReplayError> {
        let now = clock::now();
        let looks = self.player.speed().clamp(1, self.looks);
        let part = now.since(self.last) / u64::from(looks);
        for look in (0..u64::from(looks)).rev() {
            let ago = part.saturating_mul(look);
            let mut out = Out::default();
            self.player.advance(before(now, ago), &mut out)?;
            if !hand_over(&self.player, &self.symbols, &self.ports, &mut out).await {
                return Ok(false);
            }
            if look > 0 {
                tokio::task::yield_now().await;
            }
        }
        self.last = now;
        Ok(true)
    }

    async fn steer(&mut self, asked: Play) -> Result<bool, ReplayError> {
        let player = &mut self.player;
        let mut out = Out::default();
        match asked {
            Play::Pause => player.set_paused(!player.is_paused()),
            Play::Faster => player.set_speed(player.speed().saturating_mul(2)),
            Play::Slower => player.set_speed(player.speed() / 2),
            Play::Speed(times) => player.set_speed(times),
            Play::Step => {
                player.set_paused(true);
                player.step(clock::now(), &mut out)?;
            }
        }
        let stands = player.is_paused();
        let pace = if stands { 0 } else { player.speed() };
        self.pace.store(pace, Ordering::Relaxed);
        Ok(hand_over(&self.player, &self.symbols, &self.ports, &mut out).await)
    }
}

/// The same moment so many nanoseconds before.
fn before(now: Stamp, ago_ns: u64) -> Stamp {
    Stamp {
        mono_ns: now.mono_ns.saturating_sub(ago_ns),
        wall_ns: now
            .wall_ns
            .saturating_sub(i64::try_from(ago_ns).unwrap_or(i64::MAX)),
    }
}

fn replace(words: &mut String, new: String) -> bool {
    let changed = *words != new;
    *words = new;
    changed
}

/// `10x paused 61/345 s`
fn told(player: &Player) -> String {
    let (at, whole) = player.progress_ms();
    let state = match (player.has_ended(), player.is_paused()) {
        (true, _) => " ended",
        (false, true) => " paused",
        (false, false) => "",
    };
    format!(
        "{}x{state} {}/{} s",
        player.speed(),
        at / 1_000,
        whole / 1_000
    )
}

/// Hands over what was played; false when nobody listens any more.
async fn hand_over(player: &Player, symbols: &[Symbol], ports: &FeedPorts, out: &mut Out) -> bool {
    for fact in out.market.drain(..) {
        if ports.market.send(fact).await.is_err() {
            return false;
        }
    }
    if !out.prints.is_empty() {
        let prints = std::mem::take(&mut out.prints);
        let count = prints.len() as u64;
        if ports.prints.try_send(prints).is_err() {
            ports.dropped.fetch_add(count, Ordering::Relaxed);
        }
    }
    let now = clock::now();
    ports.latest.send_modify(|latest| {
        for touch in out.touches.drain(..) {
            latest.put_touch(touch);
        }
        for symbol in symbols {
            if let Some(depth) = player.depth(*symbol, now, LEVELS) {
                latest.put_depth(Arc::clone(&depth));
            }
        }
    });
    !ports.latest.is_closed()
}
