//! Prices that keys mean: through the far side, at the best price, one tick inside. Pure arithmetic on ticks.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::domain::{Instrument, Limits, Price, Side, Touch};

/// Best price of a half of the book.
pub fn best(touch: Option<&Touch>, side: Side) -> Option<Price> {
    let touch = touch?;
    match side {
        Side::Buy => touch.bid,
        Side::Sell => touch.ask,
    }
    .map(|level| level.price)
}

/// `far` and the larger of `fraction` and `ticks` through it, clipped to the collar and the venue's own range.
pub fn through(
    side: Side,
    far: Price,
    fraction: Decimal,
    ticks: i64,
    instrument: &Instrument,
    limits: &Limits,
) -> Price {
    let collar = part(far, limits.collar_through);
    let step = part(far, fraction).max(ticks).min(collar).max(0);
    clip(far.ahead(side, step), instrument)
}

/// A price brought into the venue's range.
pub fn clip(price: Price, instrument: &Instrument) -> Price {
    Price(
        price
            .0
            .min(instrument.max_price.0)
            .max(instrument.min_price.0),
    )
}

/// One tick ahead of the best price of the own side, or that price where the spread is one tick.
pub fn improved(side: Side, near: Price, far: Option<Price>) -> Price {
    let inside = near.ahead(side, 1);
    match far {
        Some(far) if inside.crosses(side, far) => near,
        _ => inside,
    }
}

/// Whole ticks in a fraction of a price, rounded down.
pub fn part(price: Price, fraction: Decimal) -> i64 {
    Decimal::from(price.0)
        .checked_mul(fraction)
        .and_then(|ticks| ticks.floor().to_i64())
        .unwrap_or(0)
}
