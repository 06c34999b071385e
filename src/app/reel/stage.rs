//! A recording as the loop would have had it: desks and readings in the recording's own time. Pure; what desks ask for goes nowhere.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::blackbox::{Key, Seen, What};
use crate::config::Settings;
use crate::domain::message::MarketFact;
use crate::domain::{
    Account, Depth, Environment, Fact, Instrument, MarketKey, Stamp, Symbol, Touch, VenueId,
};
use crate::engine::Desk;
use crate::engine::event::Event;
use crate::engine::settings::DeskSettings;
use crate::market::{self, Readings};
use crate::ui::snapshot::{self, Beside, Snapshot};

/// Desks and readings hear the clock so often, ns.
const TICK_NS: i64 = 100_000_000;

/// How desks of a recording are made.
pub struct Maker {
    settings: Settings,
    reads: market::Settings,
    /// Names of the runs that were recorded: their orders are one's own.
    runs: Vec<String>,
    /// The title of a venue on the screen.
    title: fn(VenueId) -> String,
}

impl Maker {
    /// With these settings; `title` names a venue.
    pub fn new(settings: &Settings, runs: Vec<String>, title: fn(VenueId) -> String) -> Self {
        Self {
            reads: settings.readings(),
            settings: settings.clone(),
            runs,
            title,
        }
    }

    fn desk(&self, account: Account, venue: VenueId) -> Desk {
        let run = "recording".to_owned();
        let limits = self.settings.limits.clone();
        let mut desk = DeskSettings::new(Environment::Replay, account, venue, run, limits);
        self.settings.tell(&mut desk);
        // What acts by itself acted then; here it is looked at.
        desk.auto_stop = None;
        desk.auto_takes = Vec::new();
        desk.entries_end_when_flat = false;
        desk.earlier_sessions.clone_from(&self.runs);
        desk.venue_title = (self.title)(venue);
        Desk::new(desk)
    }
}

/// One account at one venue.
#[derive(Clone)]
struct Seat {
    account: Account,
    venue: VenueId,
    desk: Desk,
    rules: Vec<Arc<Instrument>>,
    readings: BTreeMap<Symbol, Readings>,
}

/// See the module.
#[derive(Clone)]
pub struct Stage {
    maker: Arc<Maker>,
    seats: Vec<Seat>,
    now: Stamp,
    ticked_ns: i64,
    key: Option<Key>,
}

impl Stage {
    /// Nothing seen yet, at this moment.
    pub fn new(maker: Arc<Maker>, now: Stamp) -> Self {
        Self {
            maker,
            seats: Vec::new(),
            now,
            ticked_ns: now.wall_ns,
            key: None,
        }
    }

    /// The last key that was pressed.
    pub const fn key(&self) -> Option<&Key> {
        self.key.as_ref()
    }

    /// Lets time pass until then.
    pub fn pass(&mut self, until: Stamp) {
        while self.ticked_ns.saturating_add(TICK_NS) <= until.wall_ns {
            self.ticked_ns += TICK_NS;
            let now = earlier(until, until.wall_ns.saturating_sub(self.ticked_ns));
            for seat in &mut self.seats {
                seat.desk.handle(now, Event::Tick);
                for readings in seat.readings.values_mut() {
                    readings.tick(now);
                }
            }
        }
        self.now = until;
    }

    /// Takes what happened at a moment.
    pub fn take(&mut self, at: Stamp, seen: Seen) {
        self.pass(at);
        let key = seen.key;
        match seen.what {
            What::Rules(_, rules) => self.seat(key).take_rules(at, rules),
            What::Book(depth) => self.seat(key).take_depth(at, &depth, true),
            What::Proof(depth) => self.seat(key).take_depth(at, &depth, false),
            What::Print(print) => {
                let seat = self.seat(key);
                seat.desk.handle(at, Event::Prints(key.venue, vec![print]));
                let rules = seat.rules.iter().find(|rules| rules.symbol == key.symbol);
                if let Some(readings) = seat.readings.get_mut(&key.symbol) {
                    if let Some(rules) = rules {
                        readings.rules(rules);
                    }
                    readings.prints(at, &[print]);
                }
            }
            What::Own(fact) => self.seat(key).take_fact(at, fact),
            What::Key(key) => self.key = Some(*key),
            What::Lost(_) => {}
        }
    }

    fn seat(&mut self, key: MarketKey) -> &mut Seat {
        let is_its = |seat: &Seat| seat.account == key.account && seat.venue == key.venue;
        let at = match self.seats.iter().position(is_its) {
            Some(at) => at,
            None => {
                self.seats.push(Seat {
                    account: key.account,
                    venue: key.venue,
                    desk: self.maker.desk(key.account, key.venue),
                    rules: Vec::new(),
                    readings: BTreeMap::new(),
                });
                self.seats.len() - 1
            }
        };
        let reads = &self.maker.reads;
        let seat = &mut self.seats[at];
        seat.readings
            .entry(key.symbol)
            .or_insert_with(|| Readings::new(reads));
        seat
    }

    /// What is seen of a market now, as far as these panels show it.
    pub fn snapshot(
        &self,
        key: MarketKey,
        panels: &[&'static str],
        frame: usize,
    ) -> Option<Snapshot> {
        let is_its = |seat: &&Seat| seat.account == key.account && seat.venue == key.venue;
        let seat = self.seats.iter().find(is_its)?;
        let beside = Beside {
            focus: Some(key),
            dropped: 0,
            panels,
            frame,
            levels: None,
        };
        let readings = seat.readings.get(&key.symbol);
        Some(Snapshot {
            // There is no line to an account that could be down.
            account_state: String::new(),
            ..snapshot::of(&seat.desk, readings, self.now, beside)
        })
    }
}

impl Seat {
    fn take_rules(&mut self, at: Stamp, rules: Arc<Instrument>) {
        let known = self.rules.iter().position(|r| r.symbol == rules.symbol);
        match known {
            Some(place) if *self.rules[place] == *rules => return,
            Some(place) => self.rules[place] = rules,
            None => self.rules.push(rules),
        }
        let all: Arc<[Instrument]> = self.rules.iter().map(|rules| (**rules).clone()).collect();
        let told = Event::Market(self.venue, MarketFact::Instruments(all));
        self.desk.handle(at, told);
    }

    fn take_depth(&mut self, at: Stamp, depth: &Arc<Depth>, changed: bool) {
        let touch = Touch {
            symbol: depth.symbol,
            bid: depth.bids.first().copied(),
            ask: depth.asks.first().copied(),
            live: depth.state.is_live(),
            proved: depth.proved,
            at: depth.changed,
            venue_ms: depth.changed.wall_ms(),
        };
        self.desk.handle(at, Event::Touch(self.venue, touch));
        self.desk
            .handle(at, Event::Depth(self.venue, Arc::clone(depth)));
        if changed && let Some(readings) = self.readings.get_mut(&depth.symbol) {
            readings.depth(at, depth);
        }
    }

    fn take_fact(&mut self, at: Stamp, fact: Fact) {
        self.desk.handle(at, Event::Fact(fact));
    }
}

/// A moment so many ns before another.
fn earlier(than: Stamp, ns: i64) -> Stamp {
    let by = u64::try_from(ns).unwrap_or(0);
    Stamp {
        mono_ns: than.mono_ns.saturating_sub(by),
        wall_ns: than.wall_ns.saturating_sub(ns),
    }
}
