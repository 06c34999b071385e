//! What the line about a leading symbol shows. Pure.

use super::Leader;
use crate::domain::{Print, Symbol};
use crate::engine::Desk;
use crate::market::Readings;

/// Large trades shown.
const SHOWN: usize = 4;
/// A print is large from so many times the middle one on.
const LARGE: i64 = 8;

/// The line of a symbol of this desk.
pub fn leader(desk: &Desk, readings: Option<&Readings>, symbol: Symbol) -> Leader {
    let venue = desk.settings().venue;
    let prints = readings.map(|readings| readings.tape.prints().clone());
    let mut markets = desk.markets().filter(|market| market.key.symbol == symbol);
    let depth = markets.find_map(|market| market.depth.as_ref());
    Leader {
        symbol,
        instrument: desk.instrument(venue, symbol).cloned(),
        last: readings.and_then(|readings| readings.tape.last()),
        minute: readings.and_then(|readings| readings.drift.minute()),
        session: readings.and_then(|readings| readings.drift.session()),
        large: prints.map_or_else(Vec::new, |prints| large(&prints)),
        is_live: depth.is_some_and(|depth| depth.state.is_live()),
    }
}

/// The newest prints that are large among those that are kept.
fn large(prints: &[Print]) -> Vec<Print> {
    let mut sizes: Vec<i64> = prints.iter().map(|print| print.qty.0).collect();
    let middle = sizes.len() / 2;
    if sizes.len() < 8 {
        return Vec::new();
    }
    let (_, middle, _) = sizes.select_nth_unstable(middle);
    let least = middle.saturating_mul(LARGE).max(1);
    let large = prints.iter().filter(|print| print.qty.0 >= least);
    large.take(SHOWN).copied().collect()
}
