//! One round trip, from flat to flat, as it is written down.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::domain::{Asset, Instrument, MarketKey, Payoff, Side, TradeId};

/// How prices and sizes of a market become money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The currency of profit and funding.
    pub settle: Asset,
    /// The coin.
    pub base: Asset,
    /// Smallest price step, quote currency.
    pub tick: Decimal,
    /// Smallest size step, instrument's unit.
    pub lot: Decimal,
    /// Base coins in one unit of size.
    pub multiplier: Decimal,
    /// Spot: the venue's least order, quote currency; `None` for a contract.
    pub spot_least: Option<Decimal>,
}

impl Terms {
    /// Of an instrument; `None` for one whose profit is not counted in its quote currency.
    pub fn of(instrument: &Instrument) -> Option<Self> {
        (instrument.payoff == Payoff::Linear).then(|| Self {
            settle: instrument.settle,
            base: instrument.base,
            tick: instrument.tick.decimal(1),
            lot: instrument.lot.decimal(1),
            multiplier: instrument.multiplier,
            spot_least: instrument.is_spot().then_some(instrument.min_notional),
        })
    }

    /// True where so much cannot be sold any more: nothing, or on spot what is below a lot or the venue's least order.
    pub fn is_nothing(&self, size: Decimal, price: Decimal) -> bool {
        let size = size.abs();
        let is_dust = |least| size < self.lot || size.saturating_mul(price) < least;
        size.is_zero() || self.spot_least.is_some_and(is_dust)
    }

    /// What a price difference is worth on a size, settle currency.
    pub(super) fn money(&self, difference: Decimal, size: Decimal) -> Decimal {
        difference
            .saturating_mul(size)
            .saturating_mul(self.multiplier)
    }

    /// A price difference in ticks, rounded.
    pub(super) fn ticks(&self, difference: Decimal) -> i64 {
        let ticks = difference.checked_div(self.tick).unwrap_or_default();
        ticks.round().to_i64().unwrap_or_default()
    }
}

/// How well or badly an open trip stood, fees and funding not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Excursion {
    /// Settled so far and open at the side that it is closed on, settle currency.
    pub money: Decimal,
    /// From the average entry of then, in ticks; positive is profit.
    pub ticks: i64,
}

/// What is known of the key behind a fill.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Setup {
    /// The action's name, or `stop`, `take`, `external`; empty where it is not known.
    pub name: String,
    /// The average price that the preview promised when the key was pressed, or a stop's trigger; quote currency.
    pub promised: Option<Decimal>,
    /// Key to handed to the socket, µs.
    pub written_us: Option<u64>,
    /// Key to the venue's first word, µs.
    pub acked_us: Option<u64>,
    /// Key to the first fill, µs.
    pub filled_us: Option<u64>,
}

/// Filled against promised, over the fills of a trip for which something was promised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slippage {
    /// Settle currency; negative is worse than promised.
    pub money: Decimal,
    /// In ticks a unit of size, one decimal.
    pub ticks: Decimal,
}

/// A fee in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fee {
    /// Paid; negative is a rebate.
    pub amount: Decimal,
    /// In what.
    pub asset: Asset,
    /// In the settle currency; `None` where no price of the asset was known.
    pub worth: Option<Decimal>,
}

/// A round trip.
#[derive(Clone, Debug, PartialEq)]
pub struct Trip {
    /// Whose and where; a hedge account's legs each have their own.
    pub key: MarketKey,
    /// The fill that opened it: its name in the journal.
    pub id: TradeId,
    /// The currency of all its money.
    pub settle: Asset,
    /// Smallest price step, quote currency.
    pub tick: Decimal,
    /// [`Side::Buy`] was long.
    pub side: Side,
    /// First fill, venue time, ms since 1970.
    pub opened_ms: i64,
    /// Last fill, venue time, ms since 1970.
    pub closed_ms: i64,
    /// The largest that it was, instrument's unit.
    pub size: Decimal,
    /// Average price of what opened and added, quote currency.
    pub entry: Decimal,
    /// Average price of what reduced and closed, quote currency.
    pub exit: Decimal,
    /// How many fills.
    pub fills: u32,
    /// Profit by our own count, fees and funding not counted.
    pub gross: Decimal,
    /// The same in the venue's own words, where it told it of every fill that reduced.
    pub told: Option<Decimal>,
    /// Fees, one entry a currency.
    pub fees: Vec<Fee>,
    /// Funding, positive when received.
    pub funding: Decimal,
    /// The worst that it stood; never above zero.
    pub worst: Excursion,
    /// The best that it stood; never below zero.
    pub best: Excursion,
    /// Filled against promised.
    pub slippage: Option<Slippage>,
    /// What opened it.
    pub opened_by: Setup,
    /// What closed it.
    pub closed_by: String,
    /// It was there before anything was seen of it: entry by the venue's word, what it cost to open is not known.
    pub is_found: bool,
    /// The trader's word for it; may be empty.
    pub tag: String,
    /// The trader's sentence about it; may be empty.
    pub note: String,
}

impl Trip {
    /// Profit before fees and funding: the venue's number where it told one.
    pub fn result(&self) -> Decimal {
        self.told.unwrap_or(self.gross)
    }

    /// Fees of which the worth is known, settle currency.
    pub fn paid(&self) -> Decimal {
        self.fees
            .iter()
            .filter_map(|fee| fee.worth)
            .fold(Decimal::ZERO, Decimal::saturating_add)
    }

    /// Fees of which the worth is not known: they are not in [`Trip::net`].
    pub fn unvalued(&self) -> impl Iterator<Item = &Fee> {
        self.fees.iter().filter(|fee| fee.worth.is_none())
    }

    /// Profit less fees, with funding.
    pub fn net(&self) -> Decimal {
        self.result()
            .saturating_sub(self.paid())
            .saturating_add(self.funding)
    }

    /// How long it was open, ms.
    pub fn held_ms(&self) -> u64 {
        let held = self.closed_ms.saturating_sub(self.opened_ms);
        u64::try_from(held).unwrap_or_default()
    }
}

/// Adds a fee to those of its currency. A worth that is not known makes the currency's unknown only for its own part, so the two kinds
/// stand apart.
pub(super) fn add_fee(fees: &mut Vec<Fee>, fee: Fee) {
    if fee.amount.is_zero() {
        return;
    }
    let same =
        |old: &&mut Fee| old.asset == fee.asset && old.worth.is_some() == fee.worth.is_some();
    match fees.iter_mut().find(same) {
        Some(old) => {
            old.amount = old.amount.saturating_add(fee.amount);
            old.worth = old
                .worth
                .zip(fee.worth)
                .map(|(old, new)| old.saturating_add(new));
        }
        None => fees.push(fee),
    }
}
