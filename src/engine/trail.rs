//! A stop that follows: Lancet moves the one at the venue in steps, so that the last step stands even when the link dies.

use crate::domain::{MarketKey, Price, Side, Stamp};

use super::desk::Desk;
use super::health;

/// A following stop moves at most this often, ms.
const MOVE_MS: u64 = 250;

/// Moves the wanted trigger with the best price of a live book, never back, in whole steps.
pub(super) fn follow(desk: &mut Desk, now: Stamp, key: MarketKey) {
    let step = desk.settings.trail_step_ticks.max(1);
    let Some(market) = desk.market(&key).filter(|m| !health::is_stale(m, now)) else {
        return;
    };
    let Some(side) = market.ledger.side() else {
        return;
    };
    let (Some(stop), Some(best)) = (market.protection.stop, market.best(side)) else {
        return;
    };
    let Some(distance) = stop.trail else {
        return;
    };
    let wanted = best.ahead(side, -distance);
    let gained = match side {
        Side::Buy => wanted.0.saturating_sub(stop.trigger.0),
        Side::Sell => stop.trigger.0.saturating_sub(wanted.0),
    };
    let steps = gained / step;
    if steps < 1 || now.ms_since(market.trailed) < MOVE_MS {
        return;
    }
    let trigger: Price = stop.trigger.ahead(side, steps.saturating_mul(step));
    let market = desk.market_mut(key);
    market.trailed = now;
    if let Some(stop) = market.protection.stop.as_mut() {
        stop.trigger = trigger;
    }
}
