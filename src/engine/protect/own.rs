//! A stop that Lancet itself carries, where the venue has none: it watches the best price that the exit would meet and closes when that
//! reaches the trigger. It lives as long as Lancet does, and sees as far as the book is live.

use crate::domain::{BookState, Instrument, MarketKey, Qty, Stamp};
use crate::engine::desk::Desk;
use crate::engine::effect::{About, Effects, Loudness};
use crate::engine::market::Market;
use crate::engine::{exits, health, stops, words};

/// A close that could not be begun is tried again after this, ms.
const AGAIN_MS: u64 = 250;

pub(super) fn step(desk: &mut Desk, now: Stamp, key: MarketKey, out: &mut Effects) {
    let Some(market) = desk.market(&key) else {
        return;
    };
    let (Some(stop), Some(side), Some(instrument)) = (
        market.protection.stop,
        market.protection.held,
        market.instrument.clone(),
    ) else {
        return;
    };
    let seen = market.best(side).filter(|_| sees(market, now));
    let reached = seen.is_some_and(|best| !stops::is_behind(side, stop.trigger, best));
    if !reached || market.close.is_some() || now.ms_since(stop.tried) < AGAIN_MS {
        return;
    }
    if let Some(stop) = desk.market_mut(key).protection.stop.as_mut() {
        stop.tried = now;
    }
    let words = format!(
        "{}: the stop at {} fired, closing",
        words::market(key),
        words::price(&instrument, stop.trigger)
    );
    let about = (About::Stop, Some(key));
    out.alert(about, "a stop fired", Loudness::Alarm, words);
    if let Err(words) = exits::close_part(desk, now, key, 100, out) {
        out.notice(Loudness::Alarm, format!("cannot close: {words}"));
    }
}

/// What nothing watches over: all of it while the book cannot be believed.
pub(super) fn bare(market: &Market, instrument: &Instrument, now: Stamp) -> Qty {
    if sees(market, now) {
        Qty::ZERO
    } else {
        Qty(market.ledger.lots(instrument))
    }
}

fn sees(market: &Market, now: Stamp) -> bool {
    !matches!(
        health::state(market, now),
        BookState::Down(_) | BookState::Resync(_)
    )
}
