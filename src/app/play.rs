//! A recording on the screen: a player stands where a feed's session would. View-only; the keys of a player steer it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::LocalSet;

use super::channel::{self};
use super::seat::{Lines, Seat};
use super::trade::{self, Table};
use super::{Failure, log, need_terminal, settings, variable};
use crate::cli::{Global, Replay};
use crate::clock;
use crate::config::Folders;
use crate::domain::{Account, Environment, Symbol, VenueId};
use crate::engine::Desk;
use crate::engine::effect::Loudness;
use crate::engine::settings::DeskSettings;
use crate::exchange::machine::Out;
use crate::exchange::session::FeedPorts;
use crate::exchange::venue;
use crate::input::chord::Code;
use crate::replay::Player;

/// Between two looks at the recording, ms.
const STEP_MS: u64 = 16;
/// Levels a side of a picture.
const LEVELS: usize = 1_000;

/// What the trader asks of a player.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Stop or go on.
    Pause,
    /// One message further.
    Step,
    /// Twice as fast.
    Faster,
    /// Half as fast.
    Slower,
}

impl Control {
    /// The control that a key stands for, if it is one of a player's.
    pub fn of(code: Code) -> Option<Self> {
        match code {
            Code::Char(' ') => Some(Self::Pause),
            Code::Right => Some(Self::Step),
            Code::Char('+' | '=') => Some(Self::Faster),
            Code::Char('-') => Some(Self::Slower),
            _ => None,
        }
    }
}

/// The app's end of a player.
pub struct Controls {
    /// What is asked.
    pub asked: mpsc::Sender<Control>,
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
    let (journal, _, session) = trade::journal(&folders.state)?;
    let (id, account) = (VenueId::new(venue.id), Account::new("recording"));
    let (Ok(id), Ok(account)) = (id, account) else {
        unreachable!("both are names")
    };
    let mut desk_settings = DeskSettings::new(
        Environment::Replay,
        account,
        id,
        session,
        config.settings.limits.clone(),
    );
    config.settings.tell(&mut desk_settings);
    desk_settings.venue_title = format!("{} recording", venue.title);
    let mut desk = Desk::new(desk_settings);
    desk.note(
        clock::now(),
        Loudness::Info,
        "a recording: Space pauses, Right steps, + and - change the speed",
    );
    let (ports, feed) = channel::feed(None);
    let (asked, controls) = channel::player();
    let (words_in, words) = watch::channel(String::new());
    let runtime = trade::runtime()?;
    let local = LocalSet::new();
    local.spawn_local(play(player, symbols, ports, controls, words_in));
    let table = Table {
        config: &config,
        themes: &themes,
    };
    let first = Symbol::new(&first).map_err(|why| Failure::Input(format!("{first:?}: {why}")))?;
    let seat = Seat {
        venue: id,
        desk,
        tapes: BTreeMap::new(),
        entry: Box::new(|| None),
        account: String::new(),
    };
    let mut lines = Lines::default();
    lines.add(feed, None, None);
    let parts = trade::Parts {
        seats: vec![seat],
        lines,
        ladders: vec![(0, first)],
        journal,
        player: Some(Controls { asked, words }),
        screen: None,
        opening: None,
        folders,
    };
    let shown = trade::show(table, parts);
    runtime.block_on(local.run_until(shown)).map(|_| ())
}

/// Plays until nobody listens.
async fn play(
    mut player: Player,
    symbols: Vec<Symbol>,
    ports: FeedPorts,
    mut controls: mpsc::Receiver<Control>,
    words: watch::Sender<String>,
) {
    let mut timer = tokio::time::interval(Duration::from_millis(STEP_MS));
    timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut out = Out::default();
    loop {
        out.clear();
        let done = tokio::select! {
            biased;
            control = controls.recv() => match control {
                Some(control) => steer(&mut player, control, &mut out),
                None => return,
            },
            _ = timer.tick() => player.advance(clock::now(), &mut out),
        };
        if let Err(why) = done {
            // The receiver is gone only when the program ends.
            let _ = words.send(why.to_string());
            return;
        }
        words.send_if_modified(|words| replace(words, told(&player)));
        if !hand_over(&player, &symbols, &ports, &mut out).await {
            return;
        }
    }
}

fn replace(words: &mut String, new: String) -> bool {
    let changed = *words != new;
    *words = new;
    changed
}

fn steer(
    player: &mut Player,
    control: Control,
    out: &mut Out,
) -> Result<(), crate::replay::ReplayError> {
    match control {
        Control::Pause => player.set_paused(!player.is_paused()),
        Control::Faster => player.set_speed(player.speed().saturating_mul(2)),
        Control::Slower => player.set_speed(player.speed() / 2),
        Control::Step => {
            player.set_paused(true);
            return player.step(clock::now(), out);
        }
    }
    Ok(())
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
