//! The ruler: how far each row is from the best prices, or from the entry while there is a position.

use rust_decimal::Decimal;

use super::{Ladder, figures, tags};
use crate::domain::{Instrument, Price, Side};
use crate::ui::format;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;
use crate::ui::view;
use crate::ui::view::look::Ruler;

/// Where the ruler starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    /// At the best price of a row's own side: up is more.
    Touch(Option<Price>, Option<Price>),
    /// At the average entry, quote: what wins is more.
    Entry(Decimal, Side),
}

fn start(ladder: &Ladder<'_>) -> Start {
    let market = ladder.scene.market();
    let side = tags::position_side(ladder).filter(|_| ladder.scene.view.look.from_entry);
    match side {
        Some(side) if market.position.entry > Decimal::ZERO => {
            Start::Entry(market.position.entry, side)
        }
        _ => {
            let (bid, ask) = view::touch(market);
            Start::Touch(bid, ask)
        }
    }
}

/// The distance of a price, quote, and the price that it is a part of; `None` inside the spread.
fn distance(start: Start, price: Price, instrument: &Instrument) -> Option<(Decimal, Decimal)> {
    let at = instrument.price_decimal(price);
    let (from, sign) = match start {
        Start::Touch(_, Some(ask)) if price >= ask => (instrument.price_decimal(ask), Side::Buy),
        Start::Touch(Some(bid), _) if price <= bid => (instrument.price_decimal(bid), Side::Buy),
        Start::Touch(..) => return None,
        Start::Entry(entry, side) => (entry, side),
    };
    let up = at.checked_sub(from)?;
    let far = match sign {
        Side::Buy => up,
        Side::Sell => -up,
    };
    Some((far, from))
}

fn text(ruler: Ruler, (far, from): (Decimal, Decimal), instrument: &Instrument) -> Option<String> {
    Some(match ruler {
        Ruler::Ticks => format::signed(far.checked_div(instrument.tick.decimal(1))?, 0),
        Ruler::Percent => {
            let part = far.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(from)?;
            format::signed(part, 3)
        }
        Ruler::Quote => format::signed(far, instrument.tick.decimals()),
    })
}

/// Draws a row's distance.
pub fn draw(ladder: &Ladder<'_>, row: u16, place: (u16, u16), pen: &mut Pen<'_>) {
    let price = ladder.grid.price(row);
    let words = distance(start(ladder), price, ladder.instrument)
        .and_then(|far| text(ladder.scene.view.look.ruler, far, ladder.instrument));
    if let Some(words) = words {
        figures::put(&words, row, place, ladder.fresh(Role::Dim), pen);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ui::sample;

    proptest! {
        /// Beside whole ticks: the tick is 0.10, so ten ticks are one of the quote currency.
        #[test]
        fn the_ruler_counts_ticks_from_where_it_starts(price in 1_i64..2_000_000, bid in 1_i64..1_000_000, gap in 1_i64..50, long in any::<bool>()) {
            let instrument = sample::instrument("BTCUSDT", "0.10", "0.001");
            let said = |start| distance(start, Price(price), &instrument)
                .and_then(|far| text(Ruler::Ticks, far, &instrument))
                .map(|words| words.replace(' ', "").parse::<i64>().unwrap());
            let ask = bid + gap;
            let slow = if price >= ask { Some(price - ask) } else if price <= bid { Some(price - bid) } else { None };
            prop_assert_eq!(said(Start::Touch(Some(Price(bid)), Some(Price(ask)))), slow);
            let side = if long { Side::Buy } else { Side::Sell };
            let entry = instrument.price_decimal(Price(bid));
            let won = if long { price - bid } else { bid - price };
            prop_assert_eq!(said(Start::Entry(entry, side)), Some(won));
            let part = distance(Start::Entry(entry, side), Price(price), &instrument)
                .and_then(|far| text(Ruler::Percent, far, &instrument))
                .map(|words| words.replace(' ', "").parse::<f64>().unwrap()).unwrap();
            let exact = won as f64 / bid as f64 * 100.0;
            prop_assert!((part - exact).abs() <= 0.000_6, "{part} {exact}");
        }
    }

    #[test]
    fn each_unit_is_written_with_its_sign() {
        let instrument = sample::instrument("BTCUSDT", "0.10", "0.001");
        let far = distance(
            Start::Entry(Decimal::from(60_000), Side::Sell),
            Price(598_500),
            &instrument,
        );
        let said = |ruler| text(ruler, far.unwrap(), &instrument).unwrap();
        assert_eq!(said(Ruler::Ticks), "+1 500");
        assert_eq!(said(Ruler::Percent), "+0.250");
        assert_eq!(said(Ruler::Quote), "+150.0");
    }
}
