//! The position of one market: the venue's number, our own fills' number, and whether they agree.
//!
//! The venue's number wins; a difference that outlasts a short grace is a mismatch. Fills count once by trade id.

use std::collections::{HashSet, VecDeque};

use rust_decimal::Decimal;

use crate::domain::{
    Fill, Instrument, MarketKey, Payoff, Position, PositionReport, Side, Stamp, TradeId,
};

use super::trip::Trips;

/// Position updates and fills come in either order: a difference younger than this is not one, ms.
const GRACE_MS: u64 = 2_000;

/// How many fills are kept for the screen.
const SHOWN_FILLS: usize = 100;

/// A fill that cannot be counted before its instrument's rules are known waits here; more than this are a mismatch.
const WAITING_FILLS: usize = 1_000;

/// One market's position.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    own: Position,
    /// Venue time up to which the starting number already holds every fill, ms; `None` before the first number.
    based: Option<i64>,
    venue: Option<PositionReport>,
    seen: HashSet<TradeId, foldhash::fast::FixedState>,
    fills: VecDeque<Fill>,
    waiting: Vec<Fill>,
    last_fill: Option<(i64, Stamp)>,
    differs_since: Option<Stamp>,
    mismatch: Option<String>,
    overfill: bool,
    trips: u32,
    trip: Trips,
    /// Fees paid for what is still open, settle currency; `None` where the position was there before.
    open_fees: Option<Decimal>,
}

/// What became of a fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Counted.
    Counted,
    /// Was counted before.
    Duplicate,
    /// Kept until the instrument's rules are known.
    Waits,
    /// Its numbers do not fit.
    Overflow,
}

/// What changed in the agreement between own fills and the venue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// Nothing.
    Same,
    /// They differ from now on, in words.
    Lost(String),
    /// They agree again.
    Restored,
}

impl Ledger {
    /// Counts a fill once.
    pub fn take_fill(&mut self, fill: &Fill, instrument: Option<&Instrument>) -> Taken {
        if !self.seen.insert(fill.trade) {
            return Taken::Duplicate;
        }
        self.fills.push_front(*fill);
        self.fills.truncate(SHOWN_FILLS);
        let Some(instrument) = instrument else {
            if self.waiting.len() >= WAITING_FILLS {
                self.overfill = true;
                return Taken::Overflow;
            }
            self.waiting.push(*fill);
            return Taken::Waits;
        };
        self.count(fill, instrument)
    }

    /// Counts the fills that waited for the instrument's rules.
    pub fn release(&mut self, instrument: &Instrument) {
        for fill in std::mem::take(&mut self.waiting) {
            self.count(&fill, instrument);
        }
    }

    fn count(&mut self, fill: &Fill, instrument: &Instrument) -> Taken {
        let newest = self.last_fill.map_or(i64::MIN, |(ms, _)| ms);
        self.last_fill = Some((newest.max(fill.venue_ms), fill.at));
        if fill.venue_ms <= *self.based.get_or_insert(i64::MIN) {
            return self.count_money(fill, instrument);
        }
        let before = self.own;
        if self.own.apply(fill, instrument).is_none() {
            self.overfill = true;
            return Taken::Overflow;
        }
        if instrument.is_spot() {
            self.follow_own(fill);
        }
        if before.side().is_some() && self.own.side() != before.side() {
            self.trips = self.trips.saturating_add(1);
        }
        self.count_open_fees(&before, fill, instrument);
        let size = instrument.qty_decimal(fill.qty);
        let closed = before.size.abs().checked_div(size).unwrap_or(Decimal::ONE);
        self.trip
            .filled(&before, &self.own, closed.min(Decimal::ONE));
        Taken::Counted
    }

    /// Spot: the venue has no number of a position, so that our own is all there is. What an order of an earlier run sold was
    /// never ours to count, and is no short.
    fn follow_own(&mut self, fill: &Fill) {
        if self.own.size.is_sign_negative() {
            self.own.size = Decimal::ZERO;
            self.own.entry = Decimal::ZERO;
        }
        self.venue = Some(PositionReport {
            key: fill.key,
            leg: None,
            size: self.own.size,
            entry: self.own.entry,
            liquidation: None,
            venue_ms: fill.venue_ms,
            at: fill.at,
        });
    }

    /// Spot: the account holds so many coins, Lancet's among them. Fewer than Lancet's own is a difference like any other.
    pub fn take_holding(&mut self, key: MarketKey, held: Decimal, at: Stamp) {
        let venue_ms = self.venue.map_or(0, |venue| venue.venue_ms);
        self.venue = Some(PositionReport {
            key,
            leg: None,
            size: self.own.size.min(held),
            entry: self.own.entry,
            liquidation: None,
            venue_ms,
            at,
        });
    }

    /// Spot: from here on Lancet holds so many coins, bought at this price; fills before this venue time are history, ms.
    pub fn begin_with(&mut self, size: Decimal, entry: Decimal, venue_ms: i64) {
        self.own.size = size;
        self.own.entry = entry;
        self.based = Some(venue_ms);
        self.open_fees = None;
        self.mismatch = None;
        self.differs_since = None;
        self.overfill = false;
        self.trip.based(size);
    }

    /// Fees of the open part: they grow with what adds and go, share by share, with what reduces.
    fn count_open_fees(&mut self, before: &Position, fill: &Fill, instrument: &Instrument) {
        let fee = if fill.fee_asset == instrument.settle {
            fill.fee
        } else {
            Decimal::ZERO
        };
        let (old, new) = (before.size.abs(), self.own.size.abs());
        let kept = |fees: Decimal, part: Decimal, whole: Decimal| {
            fees.checked_mul(part)?.checked_div(whole)
        };
        self.open_fees = if before.side().is_none() {
            Some(fee)
        } else if self.own.side() == before.side() && new >= old {
            self.open_fees.and_then(|fees| fees.checked_add(fee))
        } else if self.own.side() == before.side() {
            self.open_fees.and_then(|fees| kept(fees, new, old))
        } else {
            kept(fee, new, instrument.qty_decimal(fill.qty))
        };
    }

    /// A fill that the starting number already holds changes money alone.
    fn count_money(&mut self, fill: &Fill, instrument: &Instrument) -> Taken {
        let realised = fill.realised.unwrap_or_default();
        self.own.realised = self.own.realised.saturating_add(realised);
        if fill.fee_asset == instrument.settle {
            self.own.fees = self.own.fees.saturating_add(fill.fee);
        }
        Taken::Counted
    }

    /// Takes the venue's number; one that is older than the number at hand is ignored.
    pub fn take_position(&mut self, report: PositionReport) {
        let older = |v: PositionReport| report.venue_ms < v.venue_ms && report.venue_ms != 0;
        if self.venue.is_some_and(older) {
            return;
        }
        self.venue = Some(report);
        if self.based.is_none() {
            self.base_on_venue(None);
        }
    }

    /// A full list of positions, answered at `at`, does not hold this market: it is flat, unless newer evidence came
    /// while the list was on its way.
    pub fn take_absence(&mut self, report: PositionReport) {
        const ON_ITS_WAY_MS: u64 = 1_000;
        let newer = |at: Stamp| at.plus_ms(ON_ITS_WAY_MS).mono_ns > report.at.mono_ns;
        let fill = self.last_fill.is_some_and(|(_, at)| newer(at));
        let told = self.venue.is_some_and(|v| !v.size.is_zero() && newer(v.at));
        if !fill && !told {
            let venue_ms = self.venue.map_or(0, |v| v.venue_ms);
            self.take_position(PositionReport { venue_ms, ..report });
        }
    }

    /// Starts the own number again from the venue's: the trader took it as the truth. Fills that happened and came after that number
    /// are counted on top of it.
    pub fn base_on_venue(&mut self, instrument: Option<&Instrument>) {
        let (size, entry, ms) = self
            .venue
            .map_or((Decimal::ZERO, Decimal::ZERO, i64::MIN), |v| {
                (v.size, v.entry, v.venue_ms)
            });
        self.own.size = size;
        self.own.entry = entry;
        self.trip.based(size);
        self.open_fees = None;
        self.based = Some(ms);
        self.differs_since = None;
        self.mismatch = None;
        self.overfill = false;
        let Some((venue, instrument)) = self.venue.zip(instrument) else {
            return;
        };
        let later =
            |fill: &&Fill| fill.venue_ms > venue.venue_ms && fill.at.mono_ns > venue.at.mono_ns;
        let mut counted = self.own;
        for fill in self.fills.iter().rev().filter(later) {
            if counted.apply(fill, instrument).is_none() {
                self.overfill = true;
                return;
            }
        }
        // Their money was booked when they came.
        self.own.size = counted.size;
        self.own.entry = counted.entry;
        self.trip.based(counted.size);
    }

    /// Books funding, settle currency, positive when received.
    pub fn take_funding(&mut self, amount: Decimal) {
        self.own.funding = self.own.funding.saturating_add(amount);
        self.trip.funded(amount);
    }

    /// Notes that more was filled than could be.
    pub fn note_overfill(&mut self) {
        self.overfill = true;
    }

    /// Full truth came: what was noted of overfills is settled when the numbers agree.
    pub fn settle(&mut self) {
        if self.own.size == self.venue_size() {
            self.overfill = false;
        }
    }

    /// Compares both numbers.
    pub fn compare(&mut self, now: Stamp) -> Agreement {
        let differs = self.own.size != self.venue_size() || self.overfill;
        if !differs {
            self.differs_since = None;
            return match self.mismatch.take() {
                Some(_) => Agreement::Restored,
                None => Agreement::Same,
            };
        }
        let since = *self.differs_since.get_or_insert(now);
        if self.mismatch.is_some() || (now.ms_since(since) < GRACE_MS && !self.overfill) {
            return Agreement::Same;
        }
        let words = format!(
            "MISMATCH own fills {} / venue {}",
            self.own.size.normalize(),
            self.venue_size().normalize()
        );
        self.mismatch = Some(words.clone());
        Agreement::Lost(words)
    }

    fn venue_size(&self) -> Decimal {
        self.venue.map_or(Decimal::ZERO, |v| v.size)
    }

    /// True when a fill is newer than the venue's latest number.
    fn fills_are_newer(&self) -> bool {
        match (self.last_fill, self.venue) {
            (Some((fill, _)), Some(venue)) => fill > venue.venue_ms,
            (Some(_), None) => true,
            (None, _) => false,
        }
    }

    /// Signed size as of the newest evidence, instrument's unit: the venue's, or our fills' for the moment between a
    /// fill and the venue's update.
    pub fn size(&self) -> Decimal {
        if self.mismatch.is_none() && self.fills_are_newer() {
            self.own.size
        } else {
            self.venue_size()
        }
    }

    /// Average entry that belongs to [`Ledger::size`], quote currency.
    pub fn entry(&self) -> Decimal {
        match self.venue {
            Some(venue) if self.own.size != self.size() => venue.entry,
            _ => self.own.entry,
        }
    }

    /// The size that is worst for an order of `side`: the larger long for a buy, the larger short for a sell.
    pub fn worst_size(&self, side: Side) -> Decimal {
        let venue = self.venue_size();
        match side {
            Side::Buy => self.own.size.max(venue),
            Side::Sell => self.own.size.min(venue),
        }
    }

    /// Long, short or neither.
    pub fn side(&self) -> Option<Side> {
        let size = self.size();
        if size.is_zero() {
            None
        } else if size.is_sign_positive() {
            Some(Side::Buy)
        } else {
            Some(Side::Sell)
        }
    }

    /// Whole lots of the position, rounded down; what is left over is dust.
    pub fn lots(&self, instrument: &Instrument) -> i64 {
        instrument.lot.floor(self.size().abs()).unwrap_or(i64::MAX)
    }

    /// Own fills' position: realised, fees, funding of the session.
    pub const fn own(&self) -> &Position {
        &self.own
    }

    /// Open profit at `exit`, quote currency.
    pub fn open_pnl(&self, exit: Decimal, instrument: &Instrument) -> Option<Decimal> {
        let size = self.size();
        if size.is_zero() {
            return None;
        }
        instrument.pnl(size, self.entry(), exit)
    }

    /// Price at which closing leaves nothing lost: what opening cost, and the taker fee of the exit at `taker`; quote
    /// currency. Where the opening fees are not known they are taken at the same rate. `None` when flat.
    pub fn break_even(&self, taker: Decimal, instrument: &Instrument) -> Option<Decimal> {
        let (size, entry) = (self.size(), self.entry());
        if size.is_zero() || instrument.payoff == Payoff::Inverse {
            return None;
        }
        let cost = instrument.notional(entry, size)?;
        let estimate = cost.abs().checked_mul(taker)?;
        let known = self.open_fees.filter(|_| self.own.size == size);
        // size × price × (1 ∓ taker) = size × entry ± fees, the upper sign for a long.
        let paid_at_exit = if size.is_sign_positive() {
            Decimal::ONE.checked_sub(taker)?
        } else {
            Decimal::ONE.checked_add(taker)?
        };
        let unit = instrument.notional(paid_at_exit, size)?;
        cost.checked_add(known.unwrap_or(estimate))?
            .checked_div(unit)
    }

    /// The venue's latest word.
    pub const fn venue(&self) -> Option<&PositionReport> {
        self.venue.as_ref()
    }

    /// True while own fills and the venue differ.
    pub const fn is_mismatch(&self) -> bool {
        self.mismatch.is_some()
    }

    /// Own fills, newest first.
    pub const fn fills(&self) -> &VecDeque<Fill> {
        &self.fills
    }

    /// What the open trade, from flat until now, comes to at `exit`: settled and open, fees and funding included, settle currency;
    /// `None` while flat.
    pub fn trade_result(&self, exit: Decimal, instrument: &Instrument) -> Option<Decimal> {
        let open = self.open_pnl(exit, instrument)?;
        Some(self.trip.settled().unwrap_or_default().saturating_add(open))
    }

    /// True when the open trade was there before this session saw anything of it.
    pub const fn trade_was_found(&self) -> bool {
        self.trip.was_found()
    }

    /// Results of the trades that ended since this was last asked, settle currency.
    pub fn take_ended_trades(&mut self) -> Vec<Decimal> {
        self.trip.take_ended()
    }

    /// Round trips of the session.
    pub const fn trips(&self) -> u32 {
        self.trips
    }
}
