//! What many round trips come to, in one currency: counts, sums, streaks, drawdown, and the same for parts of them.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::curve::Curve;
use super::results::Results;
use super::trip::Trip;
use crate::domain::Side;

/// A day and an hour, ms.
const DAY_MS: i64 = 86_400_000;
const HOUR_MS: i64 = 3_600_000;

/// Hold times are told apart up to these, s; the last part has no end.
pub const HOLDS_S: [u64; 6] = [5, 15, 60, 300, 900, 3_600];

/// Names in a list of parts; those that come after count as [`OTHERS`].
const NAMES: usize = 200;
/// Where names beyond the bound are counted.
pub const OTHERS: &str = "others";

/// Some of the trips.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// How many.
    pub trips: u64,
    /// Of them with a profit.
    pub wins: u64,
    /// What they made, net.
    pub net: Decimal,
}

impl Part {
    fn add(&mut self, net: Decimal) {
        self.trips = self.trips.saturating_add(1);
        self.wins = self.wins.saturating_add(u64::from(net > Decimal::ZERO));
        self.net = self.net.saturating_add(net);
    }

    fn take_away(&mut self, net: Decimal) {
        self.trips = self.trips.saturating_sub(1);
        self.wins = self.wins.saturating_sub(u64::from(net > Decimal::ZERO));
        self.net = self.net.saturating_sub(net);
    }
}

/// Trips of one outcome: winners or losers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// How many.
    pub count: u64,
    /// What they made, net.
    pub net: Decimal,
    /// The largest of them, net.
    pub largest: Decimal,
    /// How long they were open in all, ms.
    pub held_ms: u64,
    /// The longest run of them.
    pub streak: u64,
}

impl Outcomes {
    /// Net of one, on average; `None` without any.
    pub fn average(&self) -> Option<Decimal> {
        self.net.checked_div(Decimal::from(self.count))
    }

    /// How long one was open on average, ms.
    pub const fn average_ms(&self) -> Option<u64> {
        self.held_ms.checked_div(self.count)
    }

    fn add(&mut self, net: Decimal, held_ms: u64, run: u64) {
        self.count = self.count.saturating_add(1);
        self.net = self.net.saturating_add(net);
        if net.abs() > self.largest.abs() {
            self.largest = net;
        }
        self.held_ms = self.held_ms.saturating_add(held_ms);
        self.streak = self.streak.max(run);
    }
}

/// Mean of what not every trip tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mean {
    /// How many told it.
    pub count: u64,
    /// Their sum.
    pub sum: Decimal,
}

impl Mean {
    fn add(&mut self, value: Decimal) {
        self.count = self.count.saturating_add(1);
        self.sum = self.sum.saturating_add(value);
    }

    /// The mean; `None` where none told it.
    pub fn value(&self) -> Option<Decimal> {
        self.sum.checked_div(Decimal::from(self.count))
    }
}

/// The sums; see the module.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    /// How many trips.
    pub trips: u64,
    /// Those with a profit, after fees and funding.
    pub wins: Outcomes,
    /// Those with a loss.
    pub losses: Outcomes,
    /// Profit before fees and funding.
    pub gross: Decimal,
    /// Fees of which the worth is known.
    pub fees: Decimal,
    /// Fees of which it is not, by currency; not in `net`.
    pub unvalued: BTreeMap<String, Decimal>,
    /// Funding.
    pub funding: Decimal,
    /// What is left.
    pub net: Decimal,
    /// First and last moment, ms since 1970; `None` before the first trip.
    pub span_ms: Option<(i64, i64)>,
    /// How long trips were open, added up, ms.
    pub held_ms: u64,
    /// Wins (above zero) or losses (below) in a row until now.
    pub run: i64,
    /// Net, trip after trip, and its drawdown.
    pub curve: Curve,
    /// How often which result came.
    pub results: Results,
    /// Slippage against the promised price, money.
    pub slippage: Mean,
    /// The same in ticks.
    pub slippage_ticks: Mean,
    /// Worst and best that trips stood at, money.
    pub worst: Mean,
    /// See `worst`.
    pub best: Mean,
    /// By hour of the opening, UTC.
    pub by_hour: [Part; 24],
    /// By weekday of the opening, Monday first, UTC.
    pub by_weekday: [Part; 7],
    /// Longs and shorts.
    pub by_side: [Part; 2],
    /// By how long they were open, see [`HOLDS_S`].
    pub by_hold: [Part; HOLDS_S.len() + 1],
    /// By symbol.
    pub by_symbol: BTreeMap<String, Part>,
    /// By what opened them.
    pub by_setup: BTreeMap<String, Part>,
    /// By the trader's tag.
    pub by_tag: BTreeMap<String, Part>,
}

impl Tally {
    /// Counts a trip; they come in the order in which they ended.
    pub fn add(&mut self, trip: &Trip) {
        let (net, held_ms) = (trip.net(), trip.held_ms());
        self.trips = self.trips.saturating_add(1);
        self.count_outcome(net, held_ms);
        self.gross = self.gross.saturating_add(trip.result());
        self.fees = self.fees.saturating_add(trip.paid());
        self.funding = self.funding.saturating_add(trip.funding);
        self.net = self.net.saturating_add(net);
        for fee in trip.unvalued() {
            let sum = self.unvalued.entry(fee.asset.to_string()).or_default();
            *sum = sum.saturating_add(fee.amount);
        }
        let (first, last) = self.span_ms.unwrap_or((trip.opened_ms, trip.closed_ms));
        self.span_ms = Some((first.min(trip.opened_ms), last.max(trip.closed_ms)));
        self.held_ms = self.held_ms.saturating_add(held_ms);
        self.curve.add(trip.closed_ms, net);
        self.results.add(net);
        if let Some(slippage) = trip.slippage {
            self.slippage.add(slippage.money);
            self.slippage_ticks.add(slippage.ticks);
        }
        self.worst.add(trip.worst.money);
        self.best.add(trip.best.money);
        self.count_parts(trip, net, held_ms);
    }

    fn count_outcome(&mut self, net: Decimal, held_ms: u64) {
        if net > Decimal::ZERO {
            self.run = self.run.max(0).saturating_add(1);
            self.wins.add(net, held_ms, self.run.unsigned_abs());
        } else if net < Decimal::ZERO {
            self.run = self.run.min(0).saturating_sub(1);
            self.losses.add(net, held_ms, self.run.unsigned_abs());
        } else {
            self.run = 0;
        }
    }

    fn count_parts(&mut self, trip: &Trip, net: Decimal, held_ms: u64) {
        self.by_hour[hour(trip.opened_ms)].add(net);
        self.by_weekday[weekday(trip.opened_ms)].add(net);
        self.by_side[usize::from(trip.side == Side::Sell)].add(net);
        self.by_hold[hold(held_ms)].add(net);
        named(&mut self.by_symbol, trip.key.symbol.as_str()).add(net);
        named(&mut self.by_setup, or_none(&trip.opened_by.name)).add(net);
        named(&mut self.by_tag, or_none(&trip.tag)).add(net);
    }

    /// A trip that was counted has got another tag.
    pub(super) fn retag(&mut self, before: &Trip, after: &Trip) {
        let net = before.net();
        if let Some(part) = self.by_tag.get_mut(or_none(&before.tag)) {
            part.take_away(net);
        }
        self.by_tag.retain(|_, part| part.trips > 0);
        named(&mut self.by_tag, or_none(&after.tag)).add(net);
    }

    /// Winners among all, a fraction; `None` without a trip.
    pub fn win_rate(&self) -> Option<Decimal> {
        ratio(Decimal::from(self.wins.count), Decimal::from(self.trips))
    }

    /// Net of a trip on average.
    pub fn expectancy(&self) -> Option<Decimal> {
        ratio(self.net, Decimal::from(self.trips))
    }

    /// What winners made for each unit that losers lost; `None` without a loser.
    pub fn profit_factor(&self) -> Option<Decimal> {
        ratio(self.wins.net, self.losses.net.abs())
    }

    /// Average winner to average loser.
    pub fn payoff(&self) -> Option<Decimal> {
        ratio(self.wins.average()?, self.losses.average()?.abs())
    }

    /// Fees for each unit of profit before fees; `None` where there was none.
    pub fn fee_share(&self) -> Option<Decimal> {
        (self.gross > Decimal::ZERO).then(|| ratio(self.fees, self.gross))?
    }
}

fn ratio(part: Decimal, whole: Decimal) -> Option<Decimal> {
    part.checked_div(whole)
}

fn or_none(name: &str) -> &str {
    if name.is_empty() { "none" } else { name }
}

fn named<'a>(parts: &'a mut BTreeMap<String, Part>, name: &str) -> &'a mut Part {
    let name = if parts.len() >= NAMES && !parts.contains_key(name) {
        OTHERS
    } else {
        name
    };
    parts.entry(name.to_owned()).or_default()
}

fn hour(ms: i64) -> usize {
    usize::try_from(ms.rem_euclid(DAY_MS) / HOUR_MS).unwrap_or_default()
}

/// 1970 began on a Thursday.
fn weekday(ms: i64) -> usize {
    usize::try_from(ms.div_euclid(DAY_MS).saturating_add(3).rem_euclid(7)).unwrap_or_default()
}

fn hold(held_ms: u64) -> usize {
    let shorter = |end: &&u64| held_ms >= end.saturating_mul(1_000);
    HOLDS_S.iter().take_while(shorter).count()
}
