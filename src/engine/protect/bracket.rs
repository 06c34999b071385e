//! The stop and the takes that every new position gets by itself. They follow its average until the trader moves them: takes
//! either way, the stop only towards the price.

use rust_decimal::Decimal;

use crate::domain::{MarketKey, Price, Side};
use crate::engine::desk::Desk;
use crate::engine::distance::Basis;
use crate::engine::market::Market;
use crate::engine::settings::Rung;
use crate::engine::{price, stops};

use super::WantedStop;
use super::takes::Take;

/// Wants the automatic stop and takes of a new position.
pub(super) fn start(desk: &mut Desk, key: MarketKey, side: Side) {
    let (stop, rungs) = (desk.settings.auto_stop, desk.settings.auto_takes.clone());
    let market = desk.market_mut(key);
    market.protection.stop = stop.map(|_| WantedStop::automatic(Price(0)));
    let mut from = Decimal::ZERO;
    for Rung { at, part } in rungs {
        let to = (from + part).min(Decimal::ONE);
        let take = Take::automatic(Price(0), at, (from, to));
        market.protection.takes.push(take);
        from = to;
    }
    put(desk, key, side, true);
}

/// The position grew: what nobody moved is placed again from the new average.
pub(super) fn follow(desk: &mut Desk, key: MarketKey, side: Side) {
    put(desk, key, side, false);
}

fn put(desk: &mut Desk, key: MarketKey, side: Side, first: bool) {
    let auto_stop = desk.settings.auto_stop;
    let market = desk.market_mut(key);
    let Some((entry, lots)) = stand(market) else {
        return drop_unplaced(market, first);
    };
    let Some(instrument) = market.instrument.clone() else {
        return;
    };
    let basis = Basis {
        entry,
        lots,
        instrument: &instrument,
        risk: None,
    };
    let risk = auto_stop.and_then(|stop| stop.behind(&basis));
    let protection = &mut market.protection;
    if let Some(stop) = protection.stop.as_mut().filter(|stop| stop.automatic)
        && let Some(ticks) = risk
    {
        let trigger = price::clip(entry.ahead(side, -ticks), &instrument);
        if first || stops::is_behind(side, stop.trigger, trigger) {
            stop.trigger = trigger;
        }
    }
    let basis = Basis { risk, ..basis };
    protection.takes.retain_mut(|take| {
        let Some(distance) = take.distance() else {
            return true;
        };
        let Some(ticks) = distance.ahead(&basis) else {
            return !first;
        };
        take.price = price::clip(entry.ahead(side, ticks), &instrument);
        true
    });
    if first && risk.is_none() {
        protection.stop = None;
    }
}

/// A bracket that cannot be placed from anything is none.
fn drop_unplaced(market: &mut Market, first: bool) {
    if first {
        market.protection.stop = None;
        market.protection.takes.clear();
    }
}

/// Average entry in ticks, and lots.
fn stand(market: &Market) -> Option<(Price, i64)> {
    let instrument = market.instrument.as_deref()?;
    let entry = instrument.tick.floor(market.ledger.entry()).map(Price)?;
    let lots = market.ledger.lots(instrument);
    (lots > 0).then_some((entry, lots))
}
