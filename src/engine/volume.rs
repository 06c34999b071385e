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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::tests::kit::{dec, instrument};

    #[test]
    fn volumes_are_multiples_of_the_smallest_order_or_worth_a_sum_rounded_down_to_lots() {
        let rules = instrument();
        let at = Price(600_000);
        // 50 / (60 000 × 0.95) is 0.00088: one lot of 0.001.
        assert_eq!(smallest(&rules, at), Qty(1));
        assert_eq!(lots(VolumeSetting::TimesMinimum(20), &rules, at), Qty(20));
        let sum = VolumeSetting::Notional(dec("1000"));
        assert_eq!(lots(sum, &rules, at), Qty(16));
        let tiny = VolumeSetting::Notional(dec("1"));
        assert_eq!(lots(tiny, &rules, at), Qty(1));
    }

    #[test]
    fn the_smallest_order_stays_large_enough_when_the_price_falls_a_little() {
        let rules = instrument();
        let at = Price(10_000);
        let smallest = smallest(&rules, at);
        let worth = |price: i64| {
            let at = rules.price_decimal(Price(price));
            rules.notional(at, rules.qty_decimal(smallest)).unwrap()
        };
        assert!(worth(9_500) >= rules.min_notional);
    }

    #[test]
    fn a_price_of_zero_is_no_trouble() {
        let rules = instrument();
        assert_eq!(smallest(&rules, Price(0)), Qty(1));
        let sum = VolumeSetting::Notional(dec("1000"));
        assert_eq!(lots(sum, &rules, Price(0)), Qty(1));
    }
}
