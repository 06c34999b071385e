//! Sizes on the desk: what a size comes to in a market now, by its prices, the position, the stop and the account's equity.

use crate::domain::{Price, Qty, Side};

use super::act::{reduces, rules};
use super::desk::Desk;
use super::market::Market;
use super::suggest;
use super::volume::{self, Measure, Size};

/// What an order that opens or adds at `price` has of this size.
///
/// # Errors
/// Why it cannot be told, or that the venue takes none as small, for the trader.
pub(super) fn entering(
    desk: &Desk,
    market: &Market,
    size: Size,
    side: Side,
    price: Option<Price>,
) -> Result<Qty, String> {
    volume::lots(size, &measure(desk, market, side, price)?)
}

/// The same of an order that reduces, which is never refused: less than the smallest order becomes that, and what cannot be told all
/// there is. Whoever asks cuts it to what may be reduced.
pub(super) fn reducing(
    desk: &Desk,
    market: &Market,
    size: Size,
    side: Side,
    price: Option<Price>,
) -> Qty {
    let told = measure(desk, market, side, price).and_then(|by| volume::rounded(size, &by));
    let least = market.instrument.as_ref().map_or(1, |i| i.min_qty.0.max(1));
    told.map_or(Qty(i64::MAX), |qty| qty.max(Qty(least)))
}

/// What a volume comes to at the best price now, for the screen.
///
/// # Errors
/// As for an order that buys, or adds to the position.
pub fn shown(desk: &Desk, market: &Market, size: Size) -> Result<Qty, String> {
    let side = market.ledger.side().unwrap_or(Side::Buy);
    entering(desk, market, size, side, None)
}

fn measure<'a>(
    desk: &Desk,
    market: &'a Market,
    side: Side,
    price: Option<Price>,
) -> Result<Measure<'a>, String> {
    let instrument = rules(market)?;
    let marked = || Some(Price(instrument.tick.floor(market.mark?.mark)?));
    let price = price
        .or_else(|| market.best(side))
        .or_else(|| market.best(side.opposite()))
        .or_else(marked)
        .ok_or("no price yet to size the volume")?;
    // What reduces carries the risk of the position that it takes away.
    let held = if reduces(desk, market, side) {
        side.opposite()
    } else {
        side
    };
    Ok(Measure {
        instrument,
        price,
        equity: suggest::equity(&desk.account.balances),
        position: market.ledger.size().abs(),
        stop_ticks: stop_ticks(desk, market, held, price),
    })
}

/// From a price to the stop of a position of `side`: the wanted one, else where the automatic one would stand.
fn stop_ticks(desk: &Desk, market: &Market, side: Side, price: Price) -> Option<i64> {
    match market.protection.stop {
        Some(stop) if market.ledger.side() == Some(side) => {
            let ticks = match side {
                Side::Buy => price.0.saturating_sub(stop.trigger.0),
                Side::Sell => stop.trigger.0.saturating_sub(price.0),
            };
            (ticks > 0).then_some(ticks)
        }
        _ => desk.settings.auto_stop?.ticks(price),
    }
}
