//! What refuses a conditional order before it waits. Changes nothing.

use super::algo::{AlgoAsk, AlgoView, Trigger};
use super::check::check_qty;
use super::order::{Kind, Leg};
use super::spec::{AccountNo, SymbolSpec};
use super::{Market, Refuse};
use crate::domain::{Price, Side, TradingStatus};

/// Conditional orders of one account over all symbols (Binance, change log 2025-12-29).
const MOST_OPEN: usize = 200;

impl Market {
    /// Checks a conditional order, new or in the place of one that waits.
    pub(super) fn admit_algo(
        &self,
        no: AccountNo,
        ask: &AlgoAsk,
        instead_of: Option<u64>,
    ) -> Result<(), Refuse> {
        let account = self.account_of(no).ok_or(Refuse::UnknownAccount)?;
        let spec = self.spec(ask.symbol).ok_or(Refuse::UnknownSymbol)?;
        if spec.instrument.status != TradingStatus::Trading {
            return Err(Refuse::NotTrading);
        }
        if spec.is_spot() {
            return Err(Refuse::Spot);
        }
        if account.hedge_mode == (ask.leg == Leg::Both) {
            return Err(Refuse::PositionSide);
        }
        check_algo_filters(spec, ask)?;
        let others = |a: &&AlgoView| a.is_open() && Some(a.id) != instead_of;
        let open = || account.history.algos().filter(others);
        if open().count() >= MOST_OPEN {
            return Err(Refuse::TooManyAlgos);
        }
        if open().any(|a| Some(a.client) == ask.client) {
            return Err(Refuse::DuplicateAlgoId);
        }
        if ask.qty.is_none() {
            if account.reducible(ask.symbol, ask.leg, ask.side) == 0 {
                return Err(Refuse::CloseNeedsPosition);
            }
            if open().any(|a| closes_alike(&a.ask, ask)) {
                return Err(Refuse::CloseExists);
            }
        }
        if self.would_trigger(spec, ask) {
            return Err(Refuse::WouldTrigger);
        }
        Ok(())
    }

    /// A trailing order triggers at once when its activation price is behind the price.
    pub(super) fn would_trigger(&self, spec: &SymbolSpec, ask: &AlgoAsk) -> bool {
        let price = self.watched_price(ask.symbol, ask.watch);
        let at = |ticks| spec.instrument.price_decimal(ticks);
        match (ask.trigger, ask.side) {
            (Trigger::Stop(t), Side::Buy) | (Trigger::Take(t), Side::Sell) => price >= at(t),
            (Trigger::Stop(t), Side::Sell) | (Trigger::Take(t), Side::Buy) => price <= at(t),
            (Trigger::Trail { activate, .. } | Trigger::Follow { activate, .. }, Side::Buy) => {
                activate.is_some_and(|t| at(t) >= price)
            }
            (Trigger::Trail { activate, .. } | Trigger::Follow { activate, .. }, Side::Sell) => {
                activate.is_some_and(|t| at(t) <= price)
            }
        }
    }
}

/// Both would close the same position, both as stops or both as takes (Binance, -4130).
fn closes_alike(one: &AlgoAsk, other: &AlgoAsk) -> bool {
    let alike = |t: Trigger| std::mem::discriminant(&t);
    one.qty.is_none()
        && one.symbol == other.symbol
        && one.leg == other.leg
        && one.side == other.side
        && alike(one.trigger) == alike(other.trigger)
}

/// Size, prices and worth; the band around the mark is judged at the trigger.
fn check_algo_filters(spec: &SymbolSpec, ask: &AlgoAsk) -> Result<(), Refuse> {
    let instrument = &spec.instrument;
    let (most, limit) = match ask.kind {
        Kind::Limit { price, .. } => (instrument.max_qty, Some(price)),
        Kind::Market => (instrument.max_market_qty, None),
    };
    let trigger = match ask.trigger {
        Trigger::Stop(price) | Trigger::Take(price) => Some(price),
        Trigger::Trail { activate, .. } | Trigger::Follow { activate, .. } => activate,
    };
    for price in limit.into_iter().chain(trigger) {
        if price < instrument.min_price.max(Price(1)) {
            return Err(Refuse::PriceTooLow);
        }
        if price > instrument.max_price {
            return Err(Refuse::PriceTooHigh);
        }
    }
    let Some(qty) = ask.qty else {
        return Ok(());
    };
    check_qty(spec, qty, most)?;
    let at = limit.or(trigger).map(|p| instrument.price_decimal(p));
    let worth = at.and_then(|at| instrument.notional(at, instrument.qty_decimal(qty)));
    let reduces = ask.reduce_only || ask.leg.only_closes(ask.side);
    if !reduces && worth.is_some_and(|w| w < instrument.min_notional) {
        return Err(Refuse::NotionalTooSmall(instrument.min_notional));
    }
    Ok(())
}
