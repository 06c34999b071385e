//! How much rests ahead of an own order: an estimate that never flatters.
//!
//! It starts as the whole size at the price when the order is seen to rest, shrinks with prints at that price, and is
//! never more than the level holds beside the own size.

use crate::domain::{Depth, OrderClass, Price, Print, Qty, Side};

use super::market::Market;
use super::working::Order;

/// Starts the estimate of an order that was just proved to rest.
pub fn start(market: &mut Market, client: crate::domain::ClientId) {
    let Market { orders, depth, .. } = market;
    let (Some(order), Some(depth)) = (orders.get_mut(client), depth.as_deref()) else {
        return;
    };
    order.ahead = level(order, depth);
}

/// Takes prints: what traded at an order's price was ahead of it.
pub fn take_prints(market: &mut Market, prints: &[Print]) {
    for order in market.orders.live_mut() {
        let Some(ahead) = order.ahead else { continue };
        let traded = prints
            .iter()
            .filter(|p| Some(p.price) == order.price && p.side == order.side.opposite())
            .fold(Qty::ZERO, |sum, p| sum.plus(p.qty));
        order.ahead = Some(ahead.less(traded));
    }
}

/// Takes a new picture of the book: no more can be ahead than rests there.
pub fn take_depth(market: &mut Market, depth: &Depth) {
    for order in market.orders.live_mut() {
        if let (Some(ahead), Some(level)) = (order.ahead, level(order, depth)) {
            order.ahead = Some(ahead.min(level));
        }
    }
}

/// Size at an order's price; `None` where the picture does not reach, and for an order that is in no queue yet.
fn level(order: &Order, depth: &Depth) -> Option<Qty> {
    if order.order.class == OrderClass::Conditional {
        return None;
    }
    at(order.side, order.price?, depth)
}

/// Size at a price of a half of the book, lots: what an order that came now would wait behind; `None` where the picture does not
/// reach.
pub fn at(side: Side, price: Price, depth: &Depth) -> Option<Qty> {
    let levels = match side {
        Side::Buy => &depth.bids,
        Side::Sell => &depth.asks,
    };
    let last = levels.last()?;
    let reaches = match side {
        Side::Buy => price >= last.price,
        Side::Sell => price <= last.price,
    };
    let size = levels
        .iter()
        .find(|level| level.price == price)
        .map_or(Qty::ZERO, |level| level.qty);
    reaches.then_some(size)
}
