//! A recording on the screen: looked at, which a thread of its own goes through, or traded on paper, where a player stands where a feed's
//! session would. The keys of a player steer it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::LocalSet;

use super::channel;
use super::ladders::MOST;
use super::paper::{self, Pace};
use super::reel::thread::Ready;
use super::reel::{self, Maker, Opened, Reel};
use super::review;
use super::seat::{Lines, Seat};
use super::trade::{self, Table};
use super::workspace::Keeping;
use super::{Failure, log, need_terminal, settings, variable};
use crate::blackbox::Reader;
use crate::cli::{Global, Replay};
use crate::clock;
use crate::config::{Config, Folders};
use crate::domain::message::MarketFact;
use crate::domain::{Account, Environment, Instrument, MarketKey, Stamp, Symbol, VenueId};
use crate::engine::Desk;
use crate::engine::effect::Loudness;
use crate::engine::event::Event;
use crate::engine::line::Play;
use crate::engine::settings::DeskSettings;
use crate::exchange::machine::Out;
use crate::exchange::session::FeedPorts;
use crate::exchange::venue;
use crate::input::chord::{Code, Stroke};
use crate::replay::{Player, ReplayError};

/// Between two looks at the recording, ms.
const STEP_MS: u64 = 16;
/// Most looks at the recording a step: whoever trades on it shall see what comes between.
const LOOKS: u32 = 16;
/// Levels a side of a picture.
const LEVELS: usize = 1_000;

/// Which keys steer a player.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steering {
    /// The hands are free.
    Plain,
    /// The hands trade on the recording: keys that no preset binds, and no way back.
    WhileTrading,
    /// The recording lies over a live screen: keys that no preset binds.
    OverLive,
}

impl Steering {
    /// What a key asks of the player, if it is one of its keys.
    pub fn of(self, stroke: Stroke) -> Option<Play> {
        let far = match (stroke.ctrl, stroke.shift) {
            (true, _) => 60,
            (false, true) => 10,
            (false, false) => 1,
        };
        Some(match (self, stroke.code) {
            (_, Code::Function(5)) => Play::Pause,
            (_, Code::Function(6)) => Play::Step,
            (_, Code::Function(7)) => Play::Slower,
            (_, Code::Function(8)) => Play::Faster,
            (Self::WhileTrading, _) => return None,
            (Self::Plain, Code::Char(' ')) => Play::Pause,
            (Self::Plain, Code::Char('-')) => Play::Slower,
            (Self::Plain, Code::Char('+' | '=')) => Play::Faster,
            (_, Code::Left) => Play::Jump(-far),
            (_, Code::Right) => Play::Jump(far),
            (_, Code::Home) => Play::Trade(false),
            (_, Code::End) => Play::Trade(true),
            _ => return None,
        })
    }

    /// The keys in words.
    const fn words(self) -> &'static str {
        match self {
            Self::Plain => {
                "a recording: Space pauses, arrows jump 1 s, with Shift 10 s, with Ctrl 60 s; + and - change the speed"
            }
            Self::WhileTrading | Self::OverLive => {
                "a recording, traded on paper: F5 pauses, F6 steps, F7 and F8 change the speed; :play too"
            }
        }
    }
}

/// The app's end of a player.
pub struct Controls {
    /// What is asked.
    pub asked: mpsc::Sender<Play>,
    /// How it stands, in words.
    pub words: watch::Receiver<String>,
}

/// Shows a recording, or trades on it.
///
/// # Errors
/// When it cannot be read, or the screen cannot be had.
pub fn replay(global: &Global, asked: &Replay) -> Result<(), Failure> {
    let (config, themes) = settings(global)?;
    let table = Table {
        config: &config,
        themes: &themes,
        file: global.config.as_deref(),
    };
    let is_box = Reader::is_box(&asked.file);
    match (is_box, global.paper) {
        (true, true) => Err(Failure::Input(format!(
            "{}: a black box is looked at; --paper trades on what lancet record wrote",
            asked.file.display()
        ))),
        (true, false) => {
            let opened = Opened::of_box(&asked.file);
            let opened = opened.map_err(|why| Failure::Input(why.to_string()))?;
            look(table, opened, asked.speed, MOST)
        }
        (false, false) => {
            let player = Player::open(&asked.file, global.venue())?;
            let opened = Opened::of_film(player, name("recording"));
            look(table, opened, asked.speed, 1)
        }
        (false, true) => {
            let player = Player::open(&asked.file, global.venue())?;
            trade_on(table, player, asked.speed)
        }
    }
}

fn name(text: &str) -> Account {
    Account::new(text).unwrap_or_else(|_| unreachable!("{text} is a name"))
}

/// Looks at a recording: a thread goes through it, and the loop draws what is seen there. So many of its ladders open.
fn look(table: Table<'_>, opened: Opened, speed: u32, ladders: usize) -> Result<(), Failure> {
    let config = table.config;
    need_terminal()?;
    let folders = Folders::find(variable)?;
    let _log = log::start(&folders.state)?;
    let (journal, _, session) = trade::journal(&folders.state, Environment::Replay)?;
    let mut markets = opened.markets.clone();
    let wished = config.settings.symbols.first();
    let is_wished = |key: &MarketKey| wished.is_some_and(|name| key.symbol.as_str() == name);
    markets.sort_by_key(|key| !is_wished(key));
    let Some(first) = markets.first().copied() else {
        return Err(Failure::Input("no market is in this recording".to_owned()));
    };
    let mut seats: Vec<Seat> = Vec::new();
    let mut lines = Lines::default();
    // Nobody feeds these desks; their lines stay open as long as the loop turns.
    let mut ports = Vec::new();
    let mut shown = Vec::new();
    for key in &markets {
        let is_its =
            |seat: &Seat| seat.venue == key.venue && seat.desk.settings().account == key.account;
        let seat = match seats.iter().position(is_its) {
            Some(seat) => seat,
            None => {
                let (ours, feed) = channel::feed(None);
                ports.push(ours);
                lines.add(feed, None, None);
                seats.push(onlooker(config, *key, &session, &opened.rules));
                seats.len() - 1
            }
        };
        if shown.len() < ladders {
            shown.push((seat, key.symbol));
        }
    }
    seats[0]
        .desk
        .note(clock::now(), Loudness::Info, Steering::Plain.words());
    let maker = Arc::new(Maker::new(&config.settings, opened.runs, review::title));
    let (from_ns, trades) = (opened.span.0, opened.trades.into());
    let mut reel = Reel::new(opened.source, maker, from_ns, opened.span, trades);
    reel.set_speed(speed);
    let ready = Ready {
        reel,
        of: first,
        card: None,
    };
    let showing = reel::thread::start(move || Ok(ready))?;
    let parts = trade::Parts {
        seats,
        lines,
        ladders: shown,
        keeping: Keeping::nothing(),
        journal,
        player: None,
        showing: Some(showing),
        moods: Vec::new(),
        screen: None,
        opening: None,
        folders,
    };
    let runtime = trade::runtime()?;
    let local = LocalSet::new();
    let ended = runtime.block_on(local.run_until(trade::show(table, parts)));
    drop(ports);
    ended.map(|_| ())
}

/// A desk that knows a recording's instruments and nothing else: what is seen of them comes from the recording's own.
fn onlooker(config: &Config, key: MarketKey, session: &str, rules: &[Arc<Instrument>]) -> Seat {
    let limits = config.settings.limits.clone();
    let mut settings = DeskSettings::new(
        Environment::Replay,
        key.account,
        key.venue,
        session.to_owned(),
        limits,
    );
    config.settings.tell(&mut settings);
    settings.venue_title = format!("{} recording", review::title(key.venue));
    let mut desk = Desk::new(settings);
    let of_venue = rules.iter().filter(|rules| rules.venue == key.venue);
    let all: Arc<[Instrument]> = of_venue.map(|rules| (**rules).clone()).collect();
    let told = Event::Market(key.venue, MarketFact::Instruments(all));
    desk.handle(clock::now(), told);
    seat(config, key.venue, desk)
}

fn seat(config: &Config, venue: VenueId, desk: Desk) -> Seat {
    Seat {
        venue,
        desk,
        readings: BTreeMap::new(),
        reads: config.settings.readings(),
        entry: Box::new(|| None),
        account: String::new(),
        listed: None,
    }
}

/// Trades on a recording, on paper.
fn trade_on(table: Table<'_>, mut player: Player, speed: u32) -> Result<(), Failure> {
    let config = table.config;
    need_terminal()?;
    let folders = Folders::find(variable)?;
    let _log = log::start(&folders.state)?;
    player.set_speed(speed);
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
    let Ok(id) = VenueId::new(venue.id) else {
        unreachable!("a venue's id is a name")
    };
    let account = name("recording");
    let environment = Environment::Paper;
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
    desk.note(clock::now(), Loudness::Info, Steering::WhileTrading.words());
    let (ports, feed) = channel::feed(None);
    let (asked, controls) = channel::player();
    let (words_in, words) = watch::channel(String::new());
    let runtime = trade::runtime()?;
    let local = LocalSet::new();
    let pace = Pace::new(player.speed().into());
    let (stop, stopped) = channel::stop();
    let terms = paper::terms(config, venue, account)?;
    let (feed, account) = paper::open(terms, feed, Pace::clone(&pace), &local, stopped);
    let deck = Deck {
        player,
        symbols,
        ports,
        pace,
        last: clock::now(),
    };
    local.spawn_local(deck.play(controls, words_in));
    let first = Symbol::new(&first).map_err(|why| Failure::Input(format!("{first:?}: {why}")))?;
    let mut lines = Lines::default();
    lines.add(feed, Some(account), None);
    let parts = trade::Parts {
        seats: vec![seat(config, id, desk)],
        lines,
        ladders: vec![(0, first)],
        keeping: Keeping::nothing(),
        journal,
        player: Some(Controls { asked, words }),
        showing: None,
        moods: Vec::new(),
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
        let looks = self.player.speed().clamp(1, LOOKS);
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
            Play::Jump(_) | Play::At(_) | Play::Trade(_) | Play::Begin => {
                let words = "this recording is traded on: there is no leap in it".to_owned();
                out.market.push(MarketFact::Note { words });
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::PRESETS;
    use crate::input::listing;

    fn stroke(code: Code, ctrl: bool, shift: bool) -> Stroke {
        Stroke {
            code,
            ctrl,
            alt: false,
            shift,
        }
    }

    #[test]
    fn arrows_jump_a_second_ten_with_shift_and_sixty_with_ctrl() {
        for steering in [Steering::Plain, Steering::OverLive] {
            for (ctrl, shift, far) in [(false, false, 1), (false, true, 10), (true, false, 60)] {
                let of = |code| steering.of(stroke(code, ctrl, shift));
                assert_eq!(of(Code::Right), Some(Play::Jump(far)));
                assert_eq!(of(Code::Left), Some(Play::Jump(-far)));
            }
        }
        let plain = |code| Steering::WhileTrading.of(stroke(code, false, false));
        assert_eq!(
            plain(Code::Right),
            None,
            "there is no leap in what is traded on"
        );
        assert_eq!(plain(Code::Function(5)), Some(Play::Pause));
    }

    /// Over a live screen and on paper no key that steers may be one that trades, whatever the preset.
    #[test]
    fn no_key_that_steers_beside_money_is_bound_to_anything_else() {
        let codes = (1..=12).map(Code::Function);
        let named = [
            Code::Left,
            Code::Right,
            Code::Home,
            Code::End,
            Code::Char(' '),
        ];
        let codes: Vec<Code> = codes.chain(named).collect();
        for preset in PRESETS {
            let preset = preset.name;
            let text = format!("preset = \"{preset}\"\n");
            let file = crate::config::UserFile {
                name: "config.toml",
                text: &text,
            };
            let config = Config::load(Some(file), &[], &["dark".to_owned()]).unwrap();
            let bound: Vec<String> = listing::groups(&config.keymap)
                .into_iter()
                .flat_map(|group| group.entries)
                .flat_map(|entry| entry.keys)
                .collect();
            for code in &codes {
                let one = stroke(*code, false, false);
                for steering in [Steering::WhileTrading, Steering::OverLive] {
                    if steering.of(one).is_some() {
                        assert!(!bound.contains(&one.to_string()), "{preset}: {one}");
                    }
                }
            }
        }
    }
}
