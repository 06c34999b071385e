//! Drills on the built-in exchange: a small task that counts, and says at its end how it went. A drill watches the position on the
//! ladder that it was begun on; it sends nothing.

use rust_decimal::Decimal;

use super::turn::App;
use crate::domain::{Environment, MarketKey, Stamp};
use crate::engine::effect::Loudness;
use crate::engine::words;
use crate::nearest::did_you_mean;
use crate::sim::Mood;

/// How often a drill wants it done.
const TIMES: u32 = 5;
/// A stop stands in time within this, ms.
const STOP_MS: u64 = 2_000;
/// A burst lasts so long, ms.
const BURST_MS: u64 = 30_000;
/// A drill that is not done by then ends, ms.
const LONGEST_MS: u64 = 600_000;

/// What a drill asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// In and out again, five times.
    Trips,
    /// A stop within two seconds of every entry, five times.
    Stop,
    /// Flat when the burst ends.
    Flat,
}

/// Every drill: its word, what it asks for, and the same in a sentence.
const DRILLS: [(&str, Task, &str); 3] = [
    ("trips", Task::Trips, "in and out 5 times"),
    (
        "stop",
        Task::Stop,
        "open 5 positions, each with a stop within 2 s (i)",
    ),
    (
        "flat",
        Task::Flat,
        "30 s of a violent market: trade, and be flat when it ends",
    ),
];

/// What a drill sees of its ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sight {
    /// There is no position.
    pub is_flat: bool,
    /// Round trips of the session.
    pub trips: u32,
    /// What the session made there, fees taken off, settle currency.
    pub result: Decimal,
    /// A stop is proved to stand.
    pub has_stop: bool,
}

/// A drill that runs.
#[derive(Clone, Debug)]
pub struct Drill {
    task: Task,
    of: MarketKey,
    began: Stamp,
    first: Sight,
    last: Sight,
    /// When the position was opened whose stop is not seen yet.
    opened: Option<Stamp>,
    done: u32,
    in_time: u32,
    slowest_ms: u64,
}

/// What a drill says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// How far it is.
    Step(String),
    /// How it went: it is over.
    End(String),
}

impl Drill {
    /// Begins.
    pub const fn new(task: Task, of: MarketKey, now: Stamp, sight: Sight) -> Self {
        Self {
            task,
            of,
            began: now,
            first: sight,
            last: sight,
            opened: None,
            done: 0,
            in_time: 0,
            slowest_ms: 0,
        }
    }

    /// Looks; what is to be said of it.
    pub fn watch(&mut self, now: Stamp, sight: Sight) -> Option<Said> {
        let said = match self.task {
            Task::Trips => self.trips(now, sight),
            Task::Stop => self.stop(now, sight),
            Task::Flat => self.flat(now, sight),
        };
        self.last = sight;
        let passed = now.ms_since(self.began);
        said.or_else(|| {
            let words = format!("drill over: {} of {TIMES} in 10 minutes", self.done);
            (passed >= LONGEST_MS).then_some(Said::End(words))
        })
    }

    fn trips(&mut self, now: Stamp, sight: Sight) -> Option<Said> {
        if sight.trips == self.last.trips {
            return None;
        }
        self.done = sight.trips.saturating_sub(self.first.trips);
        if self.done < TIMES {
            return Some(Said::Step(format!("drill: {} of {TIMES} trips", self.done)));
        }
        Some(Said::End(format!(
            "drill done: {TIMES} trips in {}, {}",
            words::seconds(now.ms_since(self.began)),
            self.net(sight)
        )))
    }

    fn stop(&mut self, now: Stamp, sight: Sight) -> Option<Said> {
        if self.last.is_flat && !sight.is_flat {
            self.opened = Some(now);
        }
        let opened = self.opened?;
        let waited = now.ms_since(opened);
        let words = if sight.is_flat {
            // Out before a stop was due: neither.
            self.opened = None;
            return None;
        } else if sight.has_stop && waited <= STOP_MS {
            self.in_time += 1;
            self.slowest_ms = self.slowest_ms.max(waited);
            format!("the stop stood after {}", words::seconds(waited))
        } else if waited > STOP_MS {
            "no stop within 2 s".to_owned()
        } else {
            return None;
        };
        self.opened = None;
        self.done += 1;
        if self.done < TIMES {
            return Some(Said::Step(format!(
                "drill: {words}, {} of {TIMES}",
                self.done
            )));
        }
        Some(Said::End(format!(
            "drill done: a stop stood in time {} of {TIMES} times, the slowest after {}, {}",
            self.in_time,
            words::seconds(self.slowest_ms),
            self.net(sight)
        )))
    }

    fn flat(&self, now: Stamp, sight: Sight) -> Option<Said> {
        if now.ms_since(self.began) < BURST_MS {
            return None;
        }
        let trips = sight.trips.saturating_sub(self.first.trips);
        let how = match (sight.is_flat, trips) {
            (false, _) => "NOT flat when the burst ended",
            (true, 0) => "flat, and nothing traded",
            (true, _) => "flat when the burst ended",
        };
        Some(Said::End(format!(
            "drill done: {how}, {trips} trips, {}",
            self.net(sight)
        )))
    }

    fn net(&self, sight: Sight) -> String {
        let net = sight.result.saturating_sub(self.first.result);
        format!("net {}", words::signed(net.round_dp(2)))
    }
}

impl App {
    /// Begins the drill of this name, or ends the one that runs.
    pub(super) fn drill(&mut self, now: Stamp, name: &str) {
        if name == "off" {
            let words = match self.end_drill() {
                true => "the drill is over",
                false => "no drill runs",
            };
            return self.note(now, Loudness::Info, words);
        }
        let found = DRILLS.iter().find(|(word, ..)| *word == name);
        let Some((_, task, words)) = found else {
            let mend = did_you_mean(name, DRILLS.iter().map(|(word, ..)| *word));
            let words = format!("no drill of that name{mend}; there are trips, stop, flat, off");
            return self.note(now, Loudness::Warn, &words);
        };
        if self.desk().settings().environment != Environment::Sim {
            let words = "drills are for the built-in exchange alone";
            return self.note(now, Loudness::Warn, words);
        }
        let Some(of) = self.ladders.get(self.at).map(|ladder| ladder.key) else {
            return;
        };
        let Some(sight) = self.sight(of).filter(|sight| sight.is_flat) else {
            return self.note(now, Loudness::Warn, "a drill begins flat");
        };
        self.end_drill();
        if *task == Task::Flat && !self.choose_mood(Some(Mood::Violent)) {
            let words = "this drill needs an exchange that Lancet opened: its mood is set";
            return self.note(now, Loudness::Warn, words);
        }
        self.drill = Some(Drill::new(*task, of, now, sight));
        self.note(
            now,
            Loudness::Info,
            &format!("drill: {words}; :drill off ends it"),
        );
    }

    /// Lets the drill look; ten times a second.
    pub(super) fn watch_drill(&mut self, now: Stamp) {
        let Some(of) = self.drill.as_ref().map(|drill| drill.of) else {
            return;
        };
        let Some(sight) = self.sight(of) else { return };
        let said = self
            .drill
            .as_mut()
            .and_then(|drill| drill.watch(now, sight));
        match said {
            None => {}
            Some(Said::Step(words)) => self.note(now, Loudness::Info, &words),
            Some(Said::End(words)) => {
                self.end_drill();
                self.note(now, Loudness::Good, &words);
            }
        }
    }

    /// Ends the drill that runs, and the mood that it chose; false where none runs.
    fn end_drill(&mut self) -> bool {
        let ended = self.drill.take();
        if ended.as_ref().is_some_and(|drill| drill.task == Task::Flat) {
            self.choose_mood(None);
        }
        ended.is_some()
    }

    /// Chooses the mood of the exchange that the keys go to; false where it is not Lancet's to choose.
    pub(super) fn choose_mood(&self, mood: Option<Mood>) -> bool {
        let moods = self.moods.get(self.here());
        // An exchange that has ended has no mood.
        moods.is_some_and(|moods| moods.as_ref().is_some_and(|moods| moods.send(mood).is_ok()))
    }

    fn sight(&self, of: MarketKey) -> Option<Sight> {
        let desk = &self.seats[self.seat_of(of)?].desk;
        let market = desk.market(&desk.shown(of))?;
        let own = market.ledger.own();
        let result = own.realised.saturating_sub(own.fees);
        Some(Sight {
            is_flat: market.ledger.side().is_none(),
            trips: market.ledger.trips(),
            result: result.saturating_add(own.funding),
            has_stop: market.protection.stop.is_some() && !market.protection.is_naked(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Account, Symbol, VenueId};

    const FLAT: Sight = Sight {
        is_flat: true,
        trips: 3,
        result: Decimal::TEN,
        has_stop: false,
    };

    fn begun(task: Task) -> Drill {
        let of = MarketKey {
            account: Account::new("sim").unwrap(),
            venue: VenueId::new("binance-futures").unwrap(),
            symbol: Symbol::new("BTCUSDT").unwrap(),
            leg: None,
        };
        Drill::new(task, of, Stamp::default(), FLAT)
    }

    fn at(ms: u64) -> Stamp {
        Stamp::default().plus_ms(ms)
    }

    #[test]
    fn five_trips_are_counted_from_where_the_drill_began() {
        let mut drill = begun(Task::Trips);
        for n in 1..5 {
            let sight = Sight {
                trips: 3 + n,
                ..FLAT
            };
            let said = drill.watch(at(u64::from(n) * 1_000), sight);
            assert_eq!(said, Some(Said::Step(format!("drill: {n} of 5 trips"))));
            assert_eq!(drill.watch(at(u64::from(n) * 1_000 + 100), sight), None);
        }
        let last = Sight {
            trips: 8,
            result: Decimal::new(95, 1),
            ..FLAT
        };
        let Some(Said::End(words)) = drill.watch(at(48_200), last) else {
            panic!("it ends");
        };
        assert!(
            words.contains("5 trips in 48") && words.contains("net -0.5"),
            "{words}"
        );
    }

    #[test]
    fn a_stop_counts_when_it_stands_within_two_seconds_and_being_out_again_counts_as_neither() {
        let mut drill = begun(Task::Stop);
        let held = Sight {
            is_flat: false,
            ..FLAT
        };
        let safe = Sight {
            has_stop: true,
            ..held
        };
        let mut now = 0;
        let mut see = |after: u64, sight: Sight| {
            now += after;
            drill.watch(at(now), sight)
        };
        for n in 0..4 {
            assert_eq!(see(100, held), None);
            let said = if n == 0 {
                see(2_100, held)
            } else {
                see(700, safe)
            };
            assert!(matches!(said, Some(Said::Step(_))), "{said:?}");
            assert_eq!(see(100, FLAT), None);
        }
        assert_eq!(see(100, held), None);
        assert_eq!(see(500, FLAT), None, "out before it was due");
        assert_eq!(see(100, held), None);
        let Some(Said::End(words)) = see(1_400, safe) else {
            panic!("it ends");
        };
        assert!(words.contains("4 of 5") && words.contains("1.4"), "{words}");
    }

    #[test]
    fn a_burst_ends_flat_or_not_and_a_drill_does_not_last_forever() {
        let held = Sight {
            is_flat: false,
            ..FLAT
        };
        let ends = |sight| {
            let mut drill = begun(Task::Flat);
            assert_eq!(drill.watch(at(29_900), sight), None);
            match drill.watch(at(30_000), sight) {
                Some(Said::End(words)) => words,
                other => panic!("{other:?}"),
            }
        };
        assert!(ends(held).contains("NOT flat"));
        assert!(ends(FLAT).contains("nothing traded"));
        let mut drill = begun(Task::Trips);
        assert!(matches!(drill.watch(at(600_000), FLAT), Some(Said::End(_))));
    }
}
