//! My place in the queue: what waits ahead of an own order and behind it. An estimate, and drawn as one.

use super::{Ladder, figures};
use crate::domain::{Depth, OrderStatus, Qty, Side};
use crate::ui::format;
use crate::ui::pen::Pen;
use crate::ui::snapshot::OrderRow;
use crate::ui::theme::Role;

/// Sizes of others ahead of and behind an order that rests, lots; `None` where nothing is known of its queue.
pub fn place(order: &OrderRow, orders: &[OrderRow], depth: &Depth) -> Option<(Qty, Qty)> {
    let rests = order.status == OrderStatus::Working && order.trigger.is_none();
    let ahead = order.ahead.filter(|_| rests)?;
    let levels = depth.levels(order.side);
    let level = levels
        .iter()
        .find(|level| Some(level.price) == order.price)?;
    let mine = |other: &&OrderRow| {
        other.side == order.side && other.price == order.price && other.trigger.is_none()
    };
    let own = orders
        .iter()
        .filter(mine)
        .fold(Qty::ZERO, |sum, own| sum.plus(own.remaining));
    Some((ahead, level.qty.less(own).less(ahead)))
}

/// `~0.41   1.20`: ahead and behind of the row's order that is nearest to its turn.
pub fn draw(ladder: &Ladder<'_>, row: u16, at: (u16, u16), pen: &mut Pen<'_>) {
    let market = ladder.scene.market();
    let Some(depth) = market.depth.as_deref() else {
        return;
    };
    let here = |order: &&OrderRow| {
        order
            .price
            .and_then(|price| ladder.grid.row(order.side, price))
            == Some(row)
    };
    let places = market
        .orders
        .iter()
        .filter(here)
        .filter_map(|order| Some((order.side, place(order, &market.orders, depth)?)));
    // The best price of the row is met first, whatever is ahead of its order.
    let Some((_, (ahead, behind))) =
        places.min_by_key(|(side, (ahead, _))| (*side == Side::Sell, *ahead))
    else {
        return;
    };
    let places = ladder.instrument.lot.decimals().min(2);
    let text = |size: Qty| format::figure(ladder.instrument.qty_decimal(size), places);
    let words = format!("~{}{}", text(ahead), format::right(&text(behind), 6));
    figures::put(&words, row, at, ladder.fresh(Role::MinePending), pen);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::{BookState, Level, Price};
    use crate::ui::sample;

    proptest! {
        /// The queue is built order by order: others, then mine, then others again.
        #[test]
        fn ahead_mine_and_behind_are_the_whole_level(
            before in proptest::collection::vec(1_i64..900, 0..12),
            mine in proptest::collection::vec(1_i64..400, 1..4),
            after in proptest::collection::vec(1_i64..900, 0..12),
        ) {
            let (ahead, behind) = (before.iter().sum::<i64>(), after.iter().sum::<i64>());
            let own: i64 = mine.iter().sum();
            let orders: Vec<OrderRow> = mine.iter().map(|lots| OrderRow {
                ahead: Some(Qty(ahead)),
                ..sample::order(Side::Buy, 1_000, *lots, OrderStatus::Working)
            }).collect();
            let level = Level { price: Price(1_000), qty: Qty(ahead + own + behind) };
            let depth = Depth {
                bids: Arc::from([level]),
                ..sample::depth("BTCUSDT", 1_000, 1_001, 1, BookState::Live)
            };
            for order in &orders {
                prop_assert_eq!(place(order, &orders, &depth), Some((Qty(ahead), Qty(behind))));
            }
        }
    }

    #[test]
    fn what_does_not_rest_has_no_place() {
        let depth = sample::depth("BTCUSDT", 1_000, 1_001, 5, BookState::Live);
        for status in [
            OrderStatus::Sent,
            OrderStatus::Unknown,
            OrderStatus::Accepted,
        ] {
            let order = sample::order(Side::Buy, 1_000, 5, status);
            assert_eq!(place(&order, &[], &depth), None);
        }
        let far = sample::order(Side::Buy, 10, 5, OrderStatus::Working);
        assert_eq!(place(&far, &[], &depth), None, "the picture does not reach");
    }
}
