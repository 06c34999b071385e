//! Working volumes: settings in quote currency or in multiples of the smallest order, made lots once a price is known.

use rust_decimal::Decimal;

use crate::domain::{Instrument, Price, Qty};

/// The smallest order is computed a little lower than the market, so that it stays large enough when the price falls, percent.
const HEADROOM_PERCENT: i64 = 5;

/// How one working volume is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VolumeSetting {
    /// Worth this much quote currency.
    Notional(Decimal),
    /// So many times the smallest order of the symbol.
    TimesMinimum(u32),
}

/// The smallest order that the venue takes near `price`, lots.
pub fn smallest(instrument: &Instrument, price: Price) -> Qty {
    let lower = Decimal::new(100 - HEADROOM_PERCENT, 2);
    let lot_worth = instrument
        .notional(
            instrument.price_decimal(price),
            instrument.qty_decimal(Qty(1)),
        )
        .and_then(|worth| worth.checked_mul(lower));
    let by_worth = lot_worth
        .and_then(|worth| instrument.min_notional.checked_div(worth))
        .map_or(1, whole_up);
    Qty(by_worth.max(instrument.min_qty.0).max(1))
}

/// A setting as lots near `price`, at least the smallest order, at most the largest.
pub fn lots(setting: VolumeSetting, instrument: &Instrument, price: Price) -> Qty {
    let smallest = smallest(instrument, price);
    let wanted = match setting {
        VolumeSetting::TimesMinimum(times) => smallest.0.saturating_mul(i64::from(times)),
        VolumeSetting::Notional(quote) => instrument
            .price_decimal(price)
            .checked_mul(instrument.multiplier)
            .and_then(|unit| quote.checked_div(unit))
            .and_then(|size| instrument.lot.floor(size))
            .unwrap_or(smallest.0),
    };
    Qty(wanted
        .max(smallest.0)
        .min(instrument.max_qty.0.max(smallest.0)))
}

fn whole_up(value: Decimal) -> i64 {
    use rust_decimal::prelude::ToPrimitive;
    value.ceil().to_i64().unwrap_or(i64::MAX)
}
