//! What the likely keys would do right now, in words.

use rust_decimal::Decimal;

use crate::domain::{Environment, Instrument, Intent, Price, Qty, Side, Stamp};

use super::act::reduces;
use super::arm::Armed;
use super::desk::Desk;
use super::health;
use super::market::Market;
use super::{sizing, words};

/// One line: the action's name in `ACTIONS` and what it would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Action name.
    pub action: &'static str,
    /// Words.
    pub words: String,
}

/// The likely keys of a market, most useful first; empty while no price is known.
pub fn lines(desk: &Desk, market: &Market, now: Stamp) -> Vec<Line> {
    let Some(instrument) = market.instrument.as_deref() else {
        return Vec::new();
    };
    if desk.settings().environment == Environment::Replay {
        return Vec::new();
    }
    let armed = desk.arm().state();
    let mut lines = Vec::with_capacity(8);
    lines.extend(arm(desk, armed));
    if armed == Armed::Locked {
        return lines;
    }
    lines.extend(close(market, instrument));
    lines.extend(cancel(market));
    for side in [Side::Buy, Side::Sell] {
        let enters = armed == Armed::Armed && health::entry(market, now).is_ok();
        if enters || reduces(desk, market, side) {
            lines.extend(join(desk, market, instrument, side));
            lines.extend(take(desk, market, instrument, side));
        }
    }
    lines
}

/// What the arming key would do; nothing where it would do nothing.
fn arm(desk: &Desk, armed: Armed) -> Option<Line> {
    let words = match (armed, desk.arm().barred()) {
        (Armed::Armed, _) => return None,
        (Armed::Locked, Some(why)) if desk.is_busy() => format!("lets exits through; {why}"),
        (_, Some(_)) => return None,
        (_, None) if desk.settings().limits_accepted => format!("arms {}", desk.arm_line()),
        (_, None) => "shows your limits, and arms once you accept them".to_owned(),
    };
    let action = "arm-1";
    Some(Line { action, words })
}

fn join(desk: &Desk, market: &Market, instrument: &Instrument, side: Side) -> Option<Line> {
    let price = market.best(side)?;
    let qty = size(desk, market, instrument, side, price)?;
    let ahead = ahead(market, side);
    let (maker, _) = market.fee_rates();
    Some(Line {
        action: match side {
            Side::Buy => "buy-join",
            Side::Sell => "sell-join",
        },
        words: format!(
            "{} rests {}, {} ahead, fee {} → {}",
            words::order(instrument, side, qty),
            words::price(instrument, price),
            words::qty(instrument, ahead),
            fee(instrument, price, qty, maker),
            outcome(market, instrument, side, price, qty),
        ),
    })
}

fn take(desk: &Desk, market: &Market, instrument: &Instrument, side: Side) -> Option<Line> {
    let price = market.best(side.opposite())?;
    let qty = size(desk, market, instrument, side, price)?;
    let (_, taker) = market.fee_rates();
    Some(Line {
        action: match side {
            Side::Buy => "buy-now",
            Side::Sell => "sell-now",
        },
        words: format!(
            "{} now ~{}, fee {} → {}",
            words::order(instrument, side, qty),
            words::price(instrument, price),
            fee(instrument, price, qty, taker),
            outcome(market, instrument, side, price, qty),
        ),
    })
}

fn close(market: &Market, instrument: &Instrument) -> Option<Line> {
    let side = market.ledger.side()?.opposite();
    let price = market.best(side.opposite())?;
    let qty = Qty(market.ledger.lots(instrument));
    let (_, taker) = market.fee_rates();
    Some(Line {
        action: "close-100",
        words: format!(
            "closes {} at ~{}, fee {}",
            words::qty(instrument, qty),
            words::price(instrument, price),
            fee(instrument, price, qty, taker),
        ),
    })
}

fn cancel(market: &Market) -> Option<Line> {
    let entries = market
        .orders
        .live()
        .filter(|order| order.intent == Intent::Entry && !order.external)
        .count();
    let words = match entries {
        0 => return None,
        1 => "cancels 1 entry".to_owned(),
        more => format!("cancels {more} entries"),
    };
    Some(Line {
        action: "cancel-entries",
        words,
    })
}

/// The size a key would send: the working volume, clipped where it reduces.
fn size(
    desk: &Desk,
    market: &Market,
    instrument: &Instrument,
    side: Side,
    price: Price,
) -> Option<Qty> {
    let volume = market.chosen();
    if !reduces(desk, market, side) {
        return sizing::entering(desk, market, volume, side, Some(price)).ok();
    }
    let volume = sizing::reducing(desk, market, volume, side, Some(price));
    let covered = market.orders.covered(side);
    let free = Qty(market.ledger.lots(instrument)).less(covered);
    (!free.is_zero()).then(|| volume.min(free))
}

fn ahead(market: &Market, side: Side) -> Qty {
    let level = market.touch.and_then(|touch| match side {
        Side::Buy => touch.bid,
        Side::Sell => touch.ask,
    });
    level.map_or(Qty::ZERO, |level| level.qty)
}

fn fee(instrument: &Instrument, price: Price, qty: Qty, rate: Decimal) -> String {
    let at = instrument.price_decimal(price);
    instrument
        .notional(at, instrument.qty_decimal(qty))
        .and_then(|worth| worth.checked_mul(rate))
        .map_or_else(|| "?".to_owned(), |fee| words::number(fee, 2))
}

/// The position after the whole order filled at `price`.
fn outcome(market: &Market, instrument: &Instrument, side: Side, price: Price, qty: Qty) -> String {
    let (held, entry) = (market.ledger.size(), market.ledger.entry());
    let at = instrument.price_decimal(price);
    let added = instrument.qty_decimal(qty) * Decimal::from(side.sign());
    let total = held.saturating_add(added);
    let same_side = held.is_zero() || held.is_sign_positive() == added.is_sign_positive();
    let average = if same_side {
        let cost = entry
            .checked_mul(held)
            .zip(at.checked_mul(added))
            .and_then(|(old, new)| old.checked_add(new));
        cost.and_then(|cost| cost.checked_div(total)).unwrap_or(at)
    } else if total.is_zero() || total.is_sign_positive() == held.is_sign_positive() {
        entry
    } else {
        at
    };
    words::position(instrument, total, average)
}
