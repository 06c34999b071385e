//! The loop's end of the black box, and the thread that writes it. Handing over never waits and wakes nobody: what finds no room is
//! counted, and the thread looks by itself.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::mpsc::{self, error::TryRecvError};

use super::channel;
use super::seat::Seat;
use super::turn::App;
use crate::blackbox::{Bounds, FOLDER, Pressed, Recorder, Told, Wrote};
use crate::clock;
use crate::config::{BlackBoxSettings, Folders};
use crate::domain::message::AccountTruth;
use crate::domain::{Depth, Fact, Instrument, MarketKey, Price, Print, Stamp, Symbol};
use crate::engine::action::Action;
use crate::engine::effect::Loudness;
use crate::engine::health;
use crate::engine::presses::CameTo;

/// The thread looks so often for what to write, ms.
const LOOK_MS: u64 = 20;
/// Losses are told at most so often, ms.
const TELL_MS: u64 = 60_000;
/// At the end the thread gets so many looks to finish the segment; a disk that hangs is not waited for.
const LAST_LOOKS: u32 = 50;

/// The loop's end.
pub struct Boxed {
    to: mpsc::Sender<Told>,
    lost: Arc<AtomicU64>,
    /// The rules that each market was told with.
    rules: BTreeMap<MarketKey, Arc<Instrument>>,
    /// Keys of this turn, until its commands are on their sockets.
    keys: Vec<KeySeen>,
    /// Losses told so far, and when.
    said: (u64, Stamp),
}

/// What was in sight when a key came.
struct KeySeen {
    seat: usize,
    key: MarketKey,
    at: Stamp,
    cursor: Option<Price>,
    drawn: (Option<Price>, Option<Price>),
    depth: Option<Arc<Depth>>,
}

impl Boxed {
    fn put(&mut self, at: Stamp, key: MarketKey, what: Wrote) -> bool {
        let key = key.of_leg(None);
        let is_in = self.to.try_send(Told { at, key, what }).is_ok();
        if !is_in {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
        is_in
    }

    /// Hands something of a market over, its rules first where they are new; nothing of a market whose rules are not known.
    fn tell(&mut self, seat: &Seat, at: Stamp, key: MarketKey, what: Wrote) {
        let key = key.of_leg(None);
        let Some(rules) = seat.desk.instrument(key.venue, key.symbol) else {
            return;
        };
        let known = self.rules.get(&key);
        if !known.is_some_and(|known| Arc::ptr_eq(known, rules)) {
            let environment = seat.desk.settings().environment;
            let told = Wrote::Rules(environment, Arc::clone(rules));
            let is_new = known.is_none_or(|known| **known != **rules);
            if is_new && !self.put(at, key, told) {
                return;
            }
            self.rules.insert(key, Arc::clone(rules));
        }
        self.put(at, key, what);
    }
}

/// The market of a fact that the box takes.
const fn market_of(fact: &Fact) -> Option<MarketKey> {
    match fact {
        Fact::Order(report) => Some(report.key),
        Fact::Fill(fill) => Some(fill.key),
        Fact::Position(report) => Some(report.key),
        Fact::Settings(settings) => Some(settings.key),
        Fact::Funding { key, .. } => Some(*key),
        _ => None,
    }
}

/// The facts of one's own in a fact: account truth is many. Fills that it brings were seen before or come with it, marked recovered.
fn parts(fact: &Fact) -> Vec<Fact> {
    let Fact::Truth { truth, .. } = fact else {
        return match market_of(fact) {
            Some(_) => vec![fact.clone()],
            None => Vec::new(),
        };
    };
    let AccountTruth {
        orders,
        positions,
        fills,
        ..
    } = &**truth;
    let positions = positions.iter().map(|report| Fact::Position(*report));
    let fills = fills.iter().map(|fill| Fact::Fill(*fill));
    let orders = orders.iter().map(|report| Fact::Order(report.clone()));
    positions.chain(fills).chain(orders).collect()
}

impl App {
    /// A fact of one's own goes into the box.
    pub(super) fn box_fact(&mut self, seat: usize, at: Stamp, parts: Vec<Fact>) {
        let Some(boxed) = &mut self.boxed else { return };
        for fact in parts {
            if let Some(key) = market_of(&fact) {
                boxed.tell(&self.seats[seat], at, key, Wrote::Own(fact));
            }
        }
    }

    /// What of a fact the box takes; taken before the desk has it.
    pub(super) fn boxed_parts(&self, fact: &Fact) -> Vec<Fact> {
        match self.boxed {
            Some(_) => parts(fact),
            None => Vec::new(),
        }
    }

    /// Prints of open ladders go into the box.
    pub(super) fn box_prints(&mut self, seat: usize, at: Stamp, prints: &[Print]) {
        let Some(boxed) = &mut self.boxed else { return };
        for ladder in self.ladders.iter().filter(|ladder| ladder.seat == seat) {
            let symbol = ladder.key.symbol;
            let of_symbol = prints.iter().filter(|print| print.symbol == symbol);
            let own: Vec<Print> = of_symbol.copied().collect();
            if !own.is_empty() {
                boxed.tell(&self.seats[seat], at, ladder.key, Wrote::Prints(own));
            }
        }
    }

    /// A picture of an open ladder goes into the box.
    pub(super) fn box_depth(&mut self, seat: usize, at: Stamp, depth: &Arc<Depth>) {
        let Some(boxed) = &mut self.boxed else { return };
        if let Some(key) = shown_as(&self.ladders, seat, depth.symbol) {
            let what = Wrote::Book(Arc::clone(depth));
            boxed.tell(&self.seats[seat], at, key, what);
        }
    }

    /// What may be believed of each open ladder's book goes into the box, and losses are told.
    pub(super) fn box_tick(&mut self, now: Stamp) {
        let Some(boxed) = &mut self.boxed else { return };
        for ladder in &self.ladders {
            let seat = &self.seats[ladder.seat];
            let Some(market) = seat.desk.market(&seat.desk.shown(ladder.key)) else {
                continue;
            };
            let Some(depth) = &market.depth else { continue };
            let proved = market.touch.map_or(depth.proved, |touch| touch.proved);
            let what = Wrote::Proof(health::state(market, now), proved.max(depth.proved));
            boxed.tell(seat, now, ladder.key, what);
        }
        let lost = boxed.lost.load(Ordering::Relaxed);
        let (said, when) = boxed.said;
        if lost > said && (said == 0 || now.ms_since(when) >= TELL_MS) {
            boxed.said = (lost, now);
            let words = format!("the disk is slow: {lost} things are missing in the black box");
            self.note(now, Loudness::Warn, &words);
        }
    }

    /// A key came: what was in sight is kept until this turn's commands are on their sockets.
    pub(super) fn box_key(
        &mut self,
        seat: usize,
        key: MarketKey,
        at: Stamp,
        cursor: Option<Price>,
        drawn: (Option<Price>, Option<Price>),
    ) {
        let Some(boxed) = &mut self.boxed else { return };
        let latest = &self.screen.latest.market;
        let is_drawn = latest.key.map(|key| key.of_leg(None)) == Some(key.of_leg(None));
        boxed.keys.push(KeySeen {
            seat,
            key,
            at,
            cursor,
            drawn,
            depth: latest.depth.clone().filter(|_| is_drawn),
        });
    }

    /// The keys of this turn go into the box.
    pub(super) fn box_keys(&mut self) {
        let Some(boxed) = &mut self.boxed else { return };
        let now = clock::now();
        for seen in std::mem::take(&mut boxed.keys) {
            let seat = &self.seats[seen.seat];
            let Some(pressed) = seat.desk.presses().latest().find(|p| p.at == seen.at) else {
                continue;
            };
            let (order, words) = match &pressed.came_to {
                CameTo::Order(order, _) => (Some(*order), String::new()),
                CameTo::Words(words) => (None, words.clone()),
                CameTo::Amend(_) => (None, "moves an order".to_owned()),
                CameTo::Cancels(count) => (None, format!("cancels {count}")),
            };
            let market = seat.desk.market(&pressed.key);
            let settings = market.and_then(|market| market.settings);
            let action = pressed.action.and_then(Action::row);
            let what = Wrote::Key(Box::new(Pressed {
                at: seen.at,
                action: action.map_or("command-line", |row| row.name),
                cursor: seen.cursor,
                drawn: seen.drawn,
                order,
                words,
                depth: seen.depth,
                rates: settings.and_then(|s| s.maker_fee.zip(s.taker_fee)),
            }));
            boxed.tell(seat, now, seen.key, what);
        }
    }
}

/// The market of the open ladder that shows a symbol of a seat.
fn shown_as(ladders: &[super::ladders::Ladder], seat: usize, symbol: Symbol) -> Option<MarketKey> {
    let shows =
        |ladder: &&super::ladders::Ladder| ladder.seat == seat && ladder.key.symbol == symbol;
    ladders.iter().find(shows).map(|ladder| ladder.key)
}

/// The thread that writes.
pub struct Writing {
    thread: JoinHandle<()>,
}

impl Writing {
    /// Waits until the last segment is written, but not for a disk that hangs. The loop's end must be gone.
    pub fn finish(self) {
        for _ in 0..LAST_LOOKS {
            if self.thread.is_finished() {
                break;
            }
            thread::park_timeout(Duration::from_millis(LOOK_MS));
        }
    }
}

fn bounds(settings: BlackBoxSettings) -> Bounds {
    Bounds {
        reach_ms: settings.minutes.saturating_mul(60_000),
        bytes: settings.megabytes.saturating_mul(1_000_000),
    }
}

/// Starts the thread; `run` is this run's name. `None` where the box is switched off.
///
/// # Errors
/// When the thread cannot be started.
pub fn start(
    settings: BlackBoxSettings,
    folders: &Folders,
    run: &str,
) -> io::Result<Option<(Boxed, Writing)>> {
    if !settings.enabled {
        return Ok(None);
    }
    let recorder = Recorder::new(folders.cache.join(FOLDER), bounds(settings), run);
    let (to, told) = channel::black_box();
    let lost = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&lost);
    let thread = thread::Builder::new()
        .name("box".to_owned())
        .spawn(move || write(recorder, told, &counted))?;
    let boxed = Boxed {
        to,
        lost,
        rules: BTreeMap::new(),
        keys: Vec::new(),
        said: (0, Stamp::default()),
    };
    Ok(Some((boxed, Writing { thread })))
}

fn write(mut recorder: Recorder, mut told: mpsc::Receiver<Told>, lost: &AtomicU64) {
    loop {
        let ended = loop {
            match told.try_recv() {
                Ok(told) => recorder.take(&told),
                Err(TryRecvError::Empty) => break false,
                Err(TryRecvError::Disconnected) => break true,
            }
        };
        recorder.tick(clock::now(), lost.load(Ordering::Relaxed));
        if let Some(why) = recorder.trouble() {
            tracing::warn!("the black box cannot be written: {why}");
        }
        if ended {
            return recorder.finish();
        }
        thread::park_timeout(Duration::from_millis(LOOK_MS));
    }
}
