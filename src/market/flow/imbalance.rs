//! How much more is bid for than offered near the best prices. Pure.

use crate::domain::{Depth, Level};

/// Bids against asks of the best `levels`, nearer ones counted more often, in thousandths from -1000 (asks alone) to 1000; `None` of
/// an empty book.
pub fn of(depth: &Depth, levels: u8) -> Option<i32> {
    let (bids, asks) = (weight(&depth.bids, levels), weight(&depth.asks, levels));
    let all = bids + asks;
    if all == 0 {
        return None;
    }
    i32::try_from((bids - asks) * 1_000 / all).ok()
}

/// At most 255 levels of at most 2^63, each counted at most 255 times: far from the end of an i128.
fn weight(side: &[Level], levels: u8) -> i128 {
    let times = (1..=i128::from(levels)).rev();
    let sizes = side.iter().map(|level| i128::from(level.qty.0.max(0)));
    sizes.zip(times).map(|(size, times)| size * times).sum()
}
