//! Mark price, index and funding of one symbol.

use rust_decimal::Decimal;

use super::spec::SymbolSpec;
use crate::domain::Price;

/// Mark price and funding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarkView {
    /// Mark price, quote currency.
    pub mark: Decimal,
    /// Index price, quote currency.
    pub index: Decimal,
    /// Funding rate of the next funding, a fraction: longs pay when positive.
    pub rate: Decimal,
    /// When it is booked, ms.
    pub next_ms: i64,
}

/// Fractions of a tick in which prices are smoothed.
const FINE: i64 = 1 << 10;
/// How often the mark moves, ms (Binance publishes it every second).
const PERIOD_MS: i64 = 1_000;
/// Premiums are kept in 1e-8.
const PREMIUM_SCALE: u32 = 8;
/// Interest part of the funding rate, 1e-8: 0.01 % (Binance, Introduction to funding rates).
const INTEREST: i64 = 10_000;
/// How far the premium is damped around the interest, 1e-8: 0.05 % (same source).
const DAMP: i64 = 50_000;
/// Cap of the funding rate, 1e-8: 2 %.
const CAP: i64 = 2_000_000;

/// The mark price follows the mid in seconds, the index in a minute; the difference is the premium that funding is made of.
#[derive(Debug)]
pub(super) struct Mark {
    mark: i64,
    index: i64,
    premium_sum: i128,
    premiums: i64,
    next_period_ms: i64,
    next_funding_ms: i64,
    interval_ms: i64,
}

impl Mark {
    pub fn new(spec: &SymbolSpec, now_ms: i64) -> Self {
        let interval_ms = spec.funding_interval_ms.max(PERIOD_MS);
        let start = spec.start_price.0.saturating_mul(FINE);
        Self {
            mark: start,
            index: start,
            premium_sum: 0,
            premiums: 0,
            next_period_ms: next_multiple(now_ms, PERIOD_MS),
            next_funding_ms: next_multiple(now_ms, interval_ms),
            interval_ms,
        }
    }

    /// Lets time pass up to `now_ms` with these best prices. True when the mark was reckoned anew.
    pub fn step(&mut self, now_ms: i64, bid: Option<Price>, ask: Option<Price>) -> bool {
        if now_ms < self.next_period_ms {
            return false;
        }
        let periods = ((now_ms - self.next_period_ms) / PERIOD_MS + 1).min(600);
        self.next_period_ms = next_multiple(now_ms, PERIOD_MS);
        let (Some(bid), Some(ask)) = (bid, ask) else {
            return false;
        };
        let mid = (bid.0 + ask.0).saturating_mul(FINE / 2);
        for _ in 0..periods {
            self.mark += (mid - self.mark) / 3;
            self.index += (mid - self.index) / 60;
        }
        let most = mid / 500;
        self.mark = self.mark.clamp(mid - most, mid + most);
        self.index = self.index.clamp(mid - most, mid + most);
        if self.index > 0 {
            let scaled = i128::from(mid - self.index) * 10_i128.pow(PREMIUM_SCALE);
            self.premium_sum += scaled / i128::from(self.index) * i128::from(periods);
            self.premiums += periods;
        }
        true
    }

    /// Time and rate of a funding that is due at `now_ms`. The next one is set.
    pub fn take_due_funding(&mut self, now_ms: i64) -> Option<(i64, Decimal)> {
        if now_ms < self.next_funding_ms {
            return None;
        }
        let due = (self.next_funding_ms, self.rate());
        self.next_funding_ms = next_multiple(now_ms, self.interval_ms);
        self.premium_sum = 0;
        self.premiums = 0;
        Some(due)
    }

    /// The rate that would be booked now.
    pub fn rate(&self) -> Decimal {
        let premium = self
            .premium_sum
            .checked_div(i128::from(self.premiums))
            .and_then(|p| i64::try_from(p).ok())
            .unwrap_or(0);
        let rate = premium + (INTEREST - premium).clamp(-DAMP, DAMP);
        Decimal::new(rate.clamp(-CAP, CAP), PREMIUM_SCALE)
    }

    /// Mark price, quote currency.
    pub fn price(&self, spec: &SymbolSpec) -> Decimal {
        fine_decimal(self.mark, spec)
    }

    /// Mark price, whole ticks.
    pub fn ticks(&self) -> i64 {
        self.mark / FINE
    }

    pub fn view(&self, spec: &SymbolSpec) -> MarkView {
        MarkView {
            mark: self.price(spec),
            index: fine_decimal(self.index, spec),
            rate: self.rate(),
            next_ms: self.next_funding_ms,
        }
    }
}

fn fine_decimal(fine: i64, spec: &SymbolSpec) -> Decimal {
    (spec.instrument.tick.decimal(fine) / Decimal::from(FINE)).round_dp(8)
}

/// The first whole multiple of `step` after `now`.
fn next_multiple(now: i64, step: i64) -> i64 {
    (now.div_euclid(step) + 1) * step
}
