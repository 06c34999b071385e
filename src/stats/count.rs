//! Counts rows: first a survey of worlds, runs and the trader's words, then every fill, in the order of the journal.

use std::collections::{BTreeMap, HashSet, VecDeque};

use rust_decimal::Decimal;

use crate::domain::{Asset, Environment, MarketKey, TradeId};
use crate::engine::diary::running::Running;
use crate::engine::diary::trip::{Terms, Trip};

use super::row::{Fill, Said, Unreadable, Whose, Words};
use super::{Asked, KEPT, Report, WORLDS};

/// Trade ids remembered, the latest: a fill that is told again comes within its session.
const REMEMBERED: usize = 200_000;
/// Trips with words remembered, and runs: beyond that nothing more is taken.
const SURVEYED: usize = 200_000;

type Place = (Environment, MarketKey);

/// What the first reading finds.
#[derive(Debug, Default)]
pub struct Survey {
    fills: [u64; WORLDS.len()],
    runs: BTreeMap<String, Environment>,
    words: BTreeMap<(Place, TradeId), Words>,
    unreadable: u64,
}

impl Survey {
    /// Takes a line.
    pub fn take(&mut self, line: Result<Option<Said>, Unreadable>) {
        match line {
            Err(Unreadable) => self.unreadable = self.unreadable.saturating_add(1),
            Ok(Some(Said::Session(name, world))) if self.runs.len() < SURVEYED => {
                self.runs.insert(name, world);
            }
            Ok(Some(Said::Fill(fill))) => {
                let world = self.world(&fill.whose);
                if let Some(at) = WORLDS.iter().position(|one| Some(*one) == world) {
                    self.fills[at] = self.fills[at].saturating_add(1);
                }
            }
            Ok(Some(Said::Diary(whose, trip, words))) if self.words.len() < SURVEYED => {
                if let Some(world) = self.world(&whose) {
                    self.add_words(((world, whose.key), trip), words);
                }
            }
            Ok(_) => {}
        }
    }

    /// The last word counts.
    fn add_words(&mut self, trip: (Place, TradeId), words: Words) {
        let known = self.words.entry(trip).or_default();
        known.tag = words.tag.or(known.tag.take());
        known.note = words.note.or(known.note.take());
    }

    /// The world of a row: named, or that of the run whose name the order begins with.
    fn world(&self, whose: &Whose) -> Option<Environment> {
        let by_run = || self.run(&whose.order).map(|(_, world)| world);
        whose.environment.or_else(by_run)
    }

    /// The run that an order's name begins with.
    fn run(&self, order: &str) -> Option<(&str, Environment)> {
        let upper = std::ops::Bound::Included(order);
        let mut up_to = self
            .runs
            .range::<str, _>((std::ops::Bound::Unbounded, upper));
        let (run, world) = up_to.next_back()?;
        order.starts_with(run.as_str()).then_some((run, *world))
    }
}

/// The second reading; see the module.
#[derive(Debug)]
pub struct Count<'a> {
    asked: &'a Asked,
    survey: Survey,
    running: BTreeMap<MarketKey, Running>,
    terms: BTreeMap<MarketKey, Terms>,
    runs: BTreeMap<MarketKey, String>,
    seen: HashSet<u64, foldhash::fast::FixedState>,
    order: VecDeque<u64>,
    report: Report,
}

impl<'a> Count<'a> {
    /// Before the first row.
    pub fn new(survey: Survey, asked: &'a Asked) -> Self {
        let first = WORLDS
            .iter()
            .zip(survey.fills)
            .find(|(_, fills)| *fills > 0);
        let mut report = Report {
            world: asked.world.or(first.map(|(world, _)| *world)),
            is_asked: asked.world.is_some(),
            fills: survey.fills,
            only: asked.words(),
            ..Report::default()
        };
        report.counted.unreadable = survey.unreadable;
        Self {
            asked,
            survey,
            running: BTreeMap::new(),
            terms: BTreeMap::new(),
            runs: BTreeMap::new(),
            seen: HashSet::default(),
            order: VecDeque::new(),
            report,
        }
    }

    /// Takes a row; the trip that it ended.
    pub fn take(&mut self, said: Said) -> Option<Trip> {
        match said {
            Said::Fill(fill) if self.counts(&fill.whose) => self.take_fill(*fill),
            Said::Funding(whose, at_ms, amount, asset) if self.counts(&whose) => {
                self.take_funding(whose.key, at_ms, amount, asset);
                None
            }
            Said::Seen(whose, seen) if self.counts(&whose) => {
                let terms = self.terms.get(&whose.key);
                if let Some((running, terms)) = self.running.get_mut(&whose.key).zip(terms) {
                    running.see(terms, seen);
                }
                None
            }
            _ => None,
        }
    }

    fn counts(&self, whose: &Whose) -> bool {
        let among =
            |names: &[String], name: &str| names.is_empty() || names.iter().any(|n| n == name);
        self.report.world.is_some()
            && self.survey.world(whose) == self.report.world
            && among(&self.asked.venues, whose.key.venue.as_str())
            && among(&self.asked.symbols, whose.key.symbol.as_str())
            && among(&self.asked.accounts, whose.key.account.as_str())
    }

    fn is_late_enough(&self, ms: i64) -> bool {
        self.asked.since_ms.is_none_or(|since| ms >= since)
    }

    fn take_fill(&mut self, fill: Fill) -> Option<Trip> {
        if !self.is_new(&fill) {
            self.report.counted.duplicates = self.report.counted.duplicates.saturating_add(1);
            return None;
        }
        let key = fill.whose.key;
        self.add_sums(&fill);
        let counted = &mut self.report.counted;
        let Some(terms) = fill.terms.filter(|_| !fill.traded.size.is_zero()) else {
            counted.unvalued = counted.unvalued.saturating_add(1);
            return None;
        };
        if fill.is_held {
            counted.outside = counted.outside.saturating_add(1);
            return None;
        }
        self.terms.insert(key, terms);
        if fill.traded.before.is_none() {
            self.begin_run(key, &fill.whose.order);
        }
        let running = self.running.entry(key).or_default();
        let step = running.take(key, &terms, &fill.traded);
        let counted = &mut self.report.counted;
        counted.outside = counted.outside.saturating_add(step.is_outside.into());
        counted.given_up = counted.given_up.saturating_add(step.given_up.into());
        let mut trip = step
            .ended
            .filter(|trip| self.is_late_enough(trip.closed_ms))?;
        let place = self.report.world.map(|world| ((world, key), trip.id));
        if let Some(words) = place.and_then(|place| self.survey.words.get(&place)) {
            trip.tag = words.tag.clone().unwrap_or_default();
            trip.note = words.note.clone().unwrap_or_default();
        }
        Some(trip)
    }

    /// Where every run begins anew, what the last one left open is gone. Rows that tell the position before them need no guess.
    fn begin_run(&mut self, key: MarketKey, order: &str) {
        let run = self.survey.run(order).map(|(run, _)| run.to_owned());
        let Some(run) = run.filter(|_| self.begins_anew()) else {
            return;
        };
        if self.runs.get(&key) != Some(&run) {
            self.running.remove(&key);
            self.runs.insert(key, run);
        }
    }

    const fn begins_anew(&self) -> bool {
        matches!(
            self.report.world,
            Some(Environment::Sim | Environment::Paper | Environment::Replay)
        )
    }

    /// A trade id is one of its own on each symbol; on an exchange that begins anew with each run, the time tells them apart.
    fn is_new(&mut self, fill: &Fill) -> bool {
        use std::hash::BuildHasher as _;
        let at_ms = if self.begins_anew() {
            fill.traded.at_ms
        } else {
            0
        };
        let whole = fill.whose.key.of_leg(None);
        let print = self
            .seen
            .hasher()
            .hash_one((whole, fill.traded.trade, at_ms));
        if !self.seen.insert(print) {
            return false;
        }
        self.order.push_back(print);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.seen.remove(&oldest);
        }
        true
    }

    fn add_sums(&mut self, fill: &Fill) {
        let traded = &fill.traded;
        if !self.is_late_enough(traded.at_ms) {
            return;
        }
        self.note_time(traded.at_ms);
        let report = &mut self.report;
        report.counted.fills = report.counted.fills.saturating_add(1);
        add(&mut report.sums.fees, traded.fee_asset, traded.fee);
        if let Some((realised, terms)) = traded.realised.zip(fill.terms) {
            add(&mut report.sums.realised, terms.settle, realised);
        }
    }

    fn note_time(&mut self, ms: i64) {
        let (first, last) = self.report.span_ms.unwrap_or((ms, ms));
        self.report.span_ms = Some((first.min(ms), last.max(ms)));
    }

    /// A hedge account's funding row names the leg that was held.
    fn take_funding(&mut self, key: MarketKey, at_ms: i64, amount: Decimal, asset: Option<Asset>) {
        let asset = asset.or(self.terms.get(&key).map(|terms| terms.settle));
        if let Some(asset) = asset.filter(|_| self.is_late_enough(at_ms)) {
            add(&mut self.report.sums.funding, asset, amount);
        }
        self.running.entry(key).or_default().fund(amount);
    }

    /// Counts a trip that was handed over.
    pub fn keep(&mut self, trip: Trip) {
        let tally = self.report.sheet.entry(trip.settle).or_default();
        tally.add(&trip);
        self.report.latest.push_back(trip);
        if self.report.latest.len() > KEPT {
            self.report.latest.pop_front();
        }
    }

    /// After the last row.
    pub fn report(mut self) -> Report {
        let open = self
            .running
            .values()
            .filter(|running| running.open().is_some());
        self.report.counted.open = open.count() as u64;
        self.report
    }
}

fn add(sums: &mut BTreeMap<Asset, Decimal>, asset: Asset, amount: Decimal) {
    let sum = sums.entry(asset).or_default();
    *sum = sum.saturating_add(amount);
}
