//! A venue gives an instrument other steps while Lancet runs: everything that is counted in ticks and lots is counted anew, and
//! what was drawn of it is dropped until the venue says it in the new steps.

use crate::domain::decimal::Step;
use crate::domain::{Instrument, Price, Qty};

use super::market::Market;
use super::plans::Plans;
use super::volume::Size;
use super::words;

/// Whether these are other steps.
pub(super) fn differ(before: &Instrument, now: &Instrument) -> bool {
    (before.tick, before.lot) != (now.tick, now.lot)
}

/// Counts a market's own numbers in the new steps. Prices and sizes that do not lie on them are rounded down; account truth, which is
/// asked for next, says what they really are. What followed the market with an order leaves it as it is.
pub(super) fn recount(market: &mut Market, before: &Instrument, now: &Instrument) {
    let price = |at: Price| Price(anew(at.0, before.tick, now.tick));
    let qty = |of: Qty| Qty(anew(of.0, before.lot, now.lot));
    for order in market.orders.live_mut() {
        order.price = order.price.map(price);
        order.trigger = order.trigger.map(price);
        order.qty = qty(order.qty);
        order.filled = qty(order.filled);
        order.by_fills = qty(order.by_fills);
        order.amending = None;
        order.ahead = None;
    }
    for volume in &mut market.volumes {
        if let Size::Lots(lots) = volume {
            *lots = anew(*lots, before.lot, now.lot).max(1);
        }
    }
    market.protection.recount(price, qty);
    market.plans = Plans::default();
    market.close = None;
    market.widening = None;
    market.depth = None;
    market.touch = None;
}

/// A count of one step as a count of another.
fn anew(count: i64, before: Step, now: Step) -> i64 {
    now.floor(before.decimal(count)).unwrap_or(count)
}

/// What is said of it.
pub(super) fn words(market: &Market, before: &Instrument, now: &Instrument) -> String {
    format!(
        "{}: the venue's steps are now {} and {}, were {} and {}: look at your orders",
        words::market(market.key),
        now.price_text(Price(1)),
        now.qty_text(Qty(1)),
        before.price_text(Price(1)),
        before.qty_text(Qty(1))
    )
}
