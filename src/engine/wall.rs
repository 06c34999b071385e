//! Walls: single large sizes of the depth, and how much of one is left.

use crate::domain::{Depth, Level, Price, Qty, Side};

use super::event::Press;
use super::market::Market;

/// A size so many times the middle one of its side is a wall.
const LARGE: i64 = 4;
/// Fewer levels than this have no middle worth the name.
const FEWEST: usize = 5;

/// The wall that a key means: the largest level of the cursor's row, else the nearest large one of this side.
pub(super) fn chosen(market: &Market, side: Side, press: &Press) -> Option<Level> {
    let depth = market.depth.as_deref()?;
    at_cursor(depth, side, press).or_else(|| nearest(depth, side))
}

fn at_cursor(depth: &Depth, side: Side, press: &Press) -> Option<Level> {
    let here = |level: &&Level| match press.row {
        Some(row) => press.cursor.is_some() && row.holds(side, level.price),
        None => press.cursor == Some(level.price),
    };
    let found = depth.levels(side).iter().filter(here);
    found.max_by_key(|level| level.qty).copied()
}

fn nearest(depth: &Depth, side: Side) -> Option<Level> {
    let levels = depth.levels(side);
    if levels.len() < FEWEST {
        return None;
    }
    let mut sizes: Vec<i64> = levels.iter().map(|level| level.qty.0).collect();
    sizes.sort_unstable();
    let large = sizes[sizes.len() / 2].saturating_mul(LARGE);
    levels.iter().find(|level| level.qty.0 >= large).copied()
}

/// What others have at a price, lots; `None` where the picture does not reach.
pub(super) fn left(market: &Market, side: Side, price: Price) -> Option<Qty> {
    let levels = market.depth.as_deref()?.levels(side);
    let last = levels.last()?.price;
    if !price.crosses(side, last) {
        return None;
    }
    let size = levels
        .iter()
        .find(|level| level.price == price)
        .map_or(Qty::ZERO, |level| level.qty);
    let own = market
        .orders
        .live()
        .filter(|order| order.side == side && order.price == Some(price))
        .fold(Qty::ZERO, |sum, order| sum.plus(order.remaining()));
    Some(size.less(own))
}
