//! What may be believed of a book right now. A stale book is never shown as live, and entries wait for it.

use crate::domain::{BookState, Stamp, TradingStatus};

use super::market::Market;
use super::words;

/// A line that did not prove itself for longer than this is stale, ms.
const PROVED_MS: u64 = 2_000;

/// The book's own state, or worse when its line went unproved since.
pub fn state(market: &Market, now: Stamp) -> BookState {
    let Some(depth) = &market.depth else {
        return BookState::Down("no book yet".to_owned());
    };
    if !depth.state.is_live() {
        return depth.state.clone();
    }
    let Some(touch) = &market.touch else {
        return BookState::Down("no best prices yet".to_owned());
    };
    let unproved = now.ms_since(depth.proved.max(touch.proved));
    if unproved > PROVED_MS {
        return BookState::Stale(format!("silent {}", words::seconds(unproved)));
    }
    if !touch.live {
        return BookState::Stale("best prices are old".to_owned());
    }
    BookState::Live
}

/// Whether an entry may be priced on this book.
///
/// # Errors
/// Why not, for the trader.
pub fn entry(market: &Market, now: Stamp) -> Result<(), String> {
    if let Some(instrument) = &market.instrument
        && instrument.status != TradingStatus::Trading
    {
        return Err(format!(
            "{} is {}: entries wait",
            market.key.symbol,
            words::status(instrument.status)
        ));
    }
    match state(market, now) {
        BookState::Live => Ok(()),
        BookState::Stale(why) => Err(format!("book is STALE ({why}): entries wait")),
        BookState::Resync(why) => Err(format!("book is in RESYNC ({why}): entries wait")),
        BookState::Down(why) => Err(format!("book is DOWN ({why}): entries wait")),
    }
}

/// True when an exit goes out on a book that is not live; it goes, and says so.
pub fn is_stale(market: &Market, now: Stamp) -> bool {
    !state(market, now).is_live()
}
