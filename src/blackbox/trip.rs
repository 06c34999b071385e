//! One's own round trips in the box: what the keys promised, what came of it. Pure, but for the reading of segments.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::BoxError;
use super::promise::{Key, Promise};
use super::reader::{Reader, Seen, What};
use super::segments::Segment;
use crate::domain::{
    ClientId, Fact, Fill, Instrument, Leg, Liquidity, MarketKey, Position, Qty, Side, Stamp,
    TradeId,
};

/// From flat to flat, or to where the box ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Trip {
    /// Of which market, its legs together.
    pub key: MarketKey,
    /// The market's rules.
    pub rules: Arc<Instrument>,
    /// Which way it went.
    pub side: Side,
    /// The largest size, instrument's unit.
    pub size: Decimal,
    /// The first fill, ns since 1970.
    pub from_ns: i64,
    /// The last fill, ns since 1970.
    pub to_ns: i64,
    /// It ended flat.
    pub is_closed: bool,
    /// The order that opened it.
    pub entry: Turn,
    /// The order that closed it, or reduced it last; `None`: nothing did.
    pub exit: Option<Turn>,
    /// Realised, quote currency, fees not taken off.
    pub gross: Decimal,
    /// Fees paid, settle currency.
    pub fees: Decimal,
    /// The worst and the best that it stood at, gross, marked at the side that it would be closed at; `None` before it was looked for.
    pub extremes: Option<(Decimal, Decimal)>,
    /// Its fills, oldest first.
    pub fills: Vec<Fill>,
}

/// One order of a trip: promised and got.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    /// Its first fill, ns since 1970.
    pub at_ns: i64,
    /// The key that sent it; `None`: no key did, or it is not in the box.
    pub action: Option<String>,
    /// When that key came, ns since 1970.
    pub key_ns: Option<i64>,
    /// Its side.
    pub side: Side,
    /// What it got in this trip, lots.
    pub qty: Qty,
    /// At this average, quote.
    pub average: Decimal,
    /// The fee of that, as the venue told it, in its own asset.
    pub fee: Decimal,
    /// Whether it gave or took liquidity, its first fill.
    pub liquidity: Liquidity,
    /// What was promised.
    pub promise: Option<Promise>,
    /// Key to the venue's first word on it, µs.
    pub acked_us: Option<u64>,
    /// Key to its first fill, µs.
    pub filled_us: Option<u64>,
    /// How much worse the average is than promised, ticks, rounded; negative: better.
    pub slipped_ticks: Option<i64>,
}

/// What is one's own in a box, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Own {
    rows: Vec<Seen>,
    rules: BTreeMap<MarketKey, Arc<Instrument>>,
}

impl Own {
    /// Reads these segments, oldest first, stepping over books and prints.
    ///
    /// # Errors
    /// When the first of them cannot be read.
    pub fn read(segments: &[Segment]) -> Result<Self, BoxError> {
        let mut reader = Reader::of(segments.to_vec())?.own_alone();
        let mut own = Self::default();
        while let Some(seen) = reader.next() {
            own.take(seen);
        }
        Ok(own)
    }

    fn take(&mut self, seen: Seen) {
        match seen.what {
            What::Rules(_, rules) => {
                self.rules.insert(seen.key, rules);
            }
            What::Own(_) | What::Key(_) => self.rows.push(seen),
            _ => {}
        }
    }

    /// Puts what was before in front.
    fn prepend(&mut self, mut earlier: Self) {
        earlier.rows.append(&mut self.rows);
        earlier.rules.append(&mut self.rules);
        *self = earlier;
    }

    /// Every market, those first that one traded on.
    pub fn markets(&self) -> Vec<MarketKey> {
        let mut out: Vec<MarketKey> = Vec::new();
        let traded = self.fills().map(|(_, fill)| fill.key);
        for key in traded.chain(self.rules.keys().copied()) {
            if !out.contains(&key) {
                out.push(key);
            }
        }
        out
    }

    /// The rules of each market.
    pub fn rules(&self) -> Vec<Arc<Instrument>> {
        self.rules.values().cloned().collect()
    }

    /// When one traded, and on which side; a run of fills of one order is told once.
    pub fn marks(&self) -> Vec<(i64, Side)> {
        let mut marks: Vec<(i64, Side)> = Vec::new();
        let mut last = None;
        for (at_ns, fill) in self.fills() {
            if last != Some((fill.key, fill.client)) {
                marks.push((at_ns, fill.side));
            }
            last = Some((fill.key, fill.client));
        }
        marks
    }

    /// Every fill, once.
    fn fills(&self) -> impl Iterator<Item = (i64, &Fill)> {
        let mut known: BTreeSet<(MarketKey, TradeId)> = BTreeSet::new();
        self.rows.iter().filter_map(move |seen| match &seen.what {
            What::Own(Fact::Fill(fill)) => {
                let is_new = known.insert((fill.key, fill.trade));
                is_new.then_some((seen.at_ns, fill))
            }
            _ => None,
        })
    }

    /// The trips that began in it, in the order of their ends; those that are open yet come last.
    pub fn trips(&self) -> Vec<Trip> {
        let mut walks: BTreeMap<(MarketKey, Option<Leg>), Walk> = BTreeMap::new();
        let mut trips = Vec::new();
        let mut known = BTreeSet::new();
        for seen in &self.rows {
            match &seen.what {
                What::Own(Fact::Truth { truth, .. }) => {
                    for report in &truth.positions {
                        let walk = walks.entry((report.key, report.leg));
                        walk.or_insert_with(|| Walk::held(report.size, report.entry));
                    }
                }
                What::Own(Fact::Fill(fill)) if known.insert((fill.key, fill.trade)) => {
                    let Some(rules) = self.rules.get(&fill.key) else {
                        continue;
                    };
                    let walk = walks.entry((fill.key, fill.leg)).or_default();
                    trips.extend(walk.take(seen.at_ns, fill, rules).map(|run| (run, true)));
                }
                _ => {}
            }
        }
        let open = walks.into_values().filter_map(|walk| walk.run);
        trips.extend(open.map(|run| (run, false)));
        let told = |(run, is_closed): (Run, bool)| self.told(run, is_closed);
        trips.into_iter().filter_map(told).collect()
    }

    fn told(&self, run: Run, is_closed: bool) -> Option<Trip> {
        let (first_ns, first) = *run.fills.first()?;
        let (last_ns, last) = *run.fills.last()?;
        let rules = self.rules.get(&first.key)?;
        let entry = self.turn(&run, first.client, first.side, rules)?;
        let exit = if last.side == first.side {
            None
        } else {
            self.turn(&run, last.client, last.side, rules)
        };
        Some(Trip {
            key: first.key,
            rules: Arc::clone(rules),
            side: first.side,
            size: run.largest,
            from_ns: first_ns,
            to_ns: last_ns,
            is_closed,
            entry,
            exit,
            gross: run.position.realised,
            fees: run.position.fees,
            extremes: None,
            fills: run.fills.iter().map(|(_, fill)| *fill).collect(),
        })
    }

    fn turn(&self, run: &Run, client: ClientId, side: Side, rules: &Instrument) -> Option<Turn> {
        let fills = || {
            run.fills
                .iter()
                .filter(|(_, f)| f.client == client && f.side == side)
        };
        let (at_ns, first) = *fills().next()?;
        let (mut qty, mut worth, mut fee) = (Qty::ZERO, Decimal::ZERO, Decimal::ZERO);
        for (_, fill) in fills() {
            qty = qty.plus(fill.qty);
            worth = worth.checked_add(fill.price.checked_mul(rules.qty_decimal(fill.qty))?)?;
            fee = fee.checked_add(fill.fee)?;
        }
        let average = worth.checked_div(rules.qty_decimal(qty))?;
        let key = self.key_of(client);
        let promise = key.and_then(|key| key.promise.clone());
        let us = |at: Option<Stamp>| {
            let key = key?;
            Some(at?.since(key.at) / 1_000)
        };
        let promised = promise.as_ref().and_then(|promise| promise.average);
        Some(Turn {
            at_ns,
            action: key.map(|key| key.action.clone()),
            key_ns: key.map(|key| key.at.wall_ns),
            side,
            qty,
            average,
            fee,
            liquidity: first.liquidity,
            acked_us: us(self.first_word(client)),
            filled_us: us(Some(first.at)),
            slipped_ticks: promised.and_then(|promised| slipped(promised, average, side, rules)),
            promise,
        })
    }

    fn key_of(&self, client: ClientId) -> Option<&Key> {
        self.rows.iter().find_map(|seen| match &seen.what {
            What::Key(key) if key.promise.as_ref().is_some_and(|p| p.client == client) => {
                Some(&**key)
            }
            _ => None,
        })
    }

    /// When the venue first said something of an order.
    fn first_word(&self, client: ClientId) -> Option<Stamp> {
        self.rows.iter().find_map(|seen| match &seen.what {
            What::Own(Fact::Order(report)) if report.order.client == client => Some(report.at),
            What::Own(Fact::Fill(fill)) if fill.client == client => Some(fill.at),
            _ => None,
        })
    }
}

/// Ticks that one average is worse than the other, for this side.
fn slipped(promised: Decimal, got: Decimal, side: Side, rules: &Instrument) -> Option<i64> {
    let worse = got.checked_sub(promised)?.checked_mul(side.sign().into())?;
    worse.checked_div(rules.tick.decimal(1))?.round().to_i64()
}

/// A position as its fills come, and the trip that runs.
#[derive(Default)]
struct Walk {
    position: Position,
    run: Option<Run>,
}

/// A trip as it goes.
struct Run {
    fills: Vec<(i64, Fill)>,
    position: Position,
    largest: Decimal,
}

impl Run {
    fn begun(at_ns: i64, fill: &Fill, position: Position) -> Self {
        Self {
            fills: vec![(at_ns, *fill)],
            position,
            largest: position.size.abs(),
        }
    }
}

impl Walk {
    /// A position that was held before anything was seen of it: its trip has no beginning here.
    fn held(size: Decimal, entry: Decimal) -> Self {
        let position = Position {
            size,
            entry,
            ..Position::default()
        };
        Self {
            position,
            run: None,
        }
    }

    /// Takes a fill; the trip that it ended.
    fn take(&mut self, at_ns: i64, fill: &Fill, rules: &Instrument) -> Option<Run> {
        let lot = rules.lot.decimal(1);
        let is_flat = |size: Decimal| size.abs() < lot;
        let before = self.position;
        // A sum that overflows is no sum of a market.
        self.position.apply(fill, rules)?;
        let after = self.position;
        if is_flat(before.size) {
            let fresh = Position {
                realised: Decimal::ZERO,
                fees: after.fees.saturating_sub(before.fees),
                ..after
            };
            self.run = Some(Run::begun(at_ns, fill, fresh));
            return None;
        }
        let turned =
            !is_flat(after.size) && before.size.is_sign_positive() != after.size.is_sign_positive();
        if let Some(run) = &mut self.run {
            run.fills.push((at_ns, *fill));
            run.largest = run.largest.max(if turned {
                Decimal::ZERO
            } else {
                after.size.abs()
            });
            let gained = after.realised.saturating_sub(before.realised);
            let paid = after.fees.saturating_sub(before.fees);
            run.position.realised = run.position.realised.saturating_add(gained);
            run.position.fees = run.position.fees.saturating_add(paid);
        }
        if is_flat(after.size) {
            self.position.size = Decimal::ZERO;
            return self.run.take();
        }
        if turned {
            // What closes and opens in one counts its fee where it closed.
            let opened = Position {
                realised: Decimal::ZERO,
                fees: Decimal::ZERO,
                ..after
            };
            return self.run.replace(Run::begun(at_ns, fill, opened));
        }
        None
    }
}

/// The last trip in these segments (oldest first): one that ended, else one that still runs. The newest segments are read first.
///
/// # Errors
/// When a segment cannot be read.
pub fn last(segments: &[Segment]) -> Result<Option<Trip>, BoxError> {
    let mut own = Own::default();
    for at in (0..segments.len()).rev() {
        // What another process deletes meanwhile is gone.
        let Ok(earlier) = Own::read(&segments[at..=at]) else {
            continue;
        };
        own.prepend(earlier);
        let closed = own.trips().into_iter().rfind(|trip| trip.is_closed);
        if closed.is_some() {
            return Ok(closed);
        }
    }
    Ok(own.trips().pop())
}

/// The worst and the best that a trip stood at, gross, quote currency: marked on each picture at the side that it would be closed at.
pub fn extremes(trip: &Trip, reader: &mut Reader) -> Option<(Decimal, Decimal)> {
    let mut position = Position::default();
    let mut fills = trip.fills.iter();
    let mut found: Option<(Decimal, Decimal)> = None;
    reader.rewind(trip.from_ns.saturating_sub(1));
    while let Some(seen) = reader.next() {
        if seen.at_ns > trip.to_ns {
            break;
        }
        match &seen.what {
            What::Own(Fact::Fill(fill))
                if fill.key == trip.key
                    && fills
                        .as_slice()
                        .first()
                        .is_some_and(|next| next.trade == fill.trade) =>
            {
                fills.next();
                position.apply(fill, &trip.rules)?;
            }
            What::Book(depth) if seen.key == trip.key => {
                let exit = match trip.side {
                    Side::Buy => depth.bids.first(),
                    Side::Sell => depth.asks.first(),
                };
                let exit = exit.map(|level| trip.rules.price_decimal(level.price));
                let open = exit.and_then(|exit| position.open_pnl(exit, &trip.rules));
                if let Some(stood) = open.and_then(|open| open.checked_add(position.realised)) {
                    let (worst, best) = found.unwrap_or((stood, stood));
                    found = Some((worst.min(stood), best.max(stood)));
                }
            }
            _ => {}
        }
    }
    found
}
