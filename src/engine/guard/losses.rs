//! What losses come to: a trade that reached its limit is closed until it is flat; a session, a day, a row of losing trades that did
//! end entries for a cool-down.

use rust_decimal::Decimal;

use crate::domain::{BookState, MarketKey, Stamp};
use crate::engine::desk::Desk;
use crate::engine::effect::{About, Effects, Loudness};
use crate::engine::market::Market;
use crate::engine::{cancel, exits, exposure, health, words};

use super::kept::{Cause, CoolDown, LossesInARow};
use super::{cool_down, from_now};

/// A day, ms.
const DAY_MS: i64 = 86_400_000;
/// A close for a trade's loss that came to nothing is asked for again after this, ms.
const AGAIN_MS: u64 = 1_000;

pub(super) fn step(desk: &mut Desk, now: Stamp, out: &mut Effects) {
    count_losses(desk, now, out);
    session(desk, now, out);
    day(desk, now, out);
    let keys: Vec<MarketKey> = desk.markets.keys().copied().collect();
    for key in keys {
        trade(desk, now, key, out);
    }
}

/// Trades that ended; one that made nothing neither counts nor breaks a row.
fn count_losses(desk: &mut Desk, now: Stamp, out: &mut Effects) {
    let day = now.wall_ms().div_euclid(DAY_MS);
    let row = &mut desk.guard.kept.losses;
    if row.day != day && row.count > 0 {
        *row = LossesInARow::default();
    }
    for market in desk.markets.values_mut() {
        for result in market.ledger.take_ended_trades() {
            let count = match result.cmp(&Decimal::ZERO) {
                std::cmp::Ordering::Less => row.count.saturating_add(1),
                std::cmp::Ordering::Equal => row.count,
                std::cmp::Ordering::Greater => 0,
            };
            *row = LossesInARow { day, count };
        }
    }
    let count = row.count;
    let most = desk.settings.limits.max_losses_in_a_row;
    if count > 0 && most.is_reached(count.into()) {
        desk.guard.kept.losses = LossesInARow::default();
        let it = from_now(desk, now, Cause::Losses);
        cool_down(
            desk,
            now,
            it,
            &format!("{count} losing trades in a row"),
            out,
        );
    }
}

fn session(desk: &mut Desk, now: Stamp, out: &mut Effects) {
    let most = desk.settings.limits.max_session_loss;
    if most.at().is_none() || desk.guard.kept.cool_down.is_some() {
        return;
    }
    let loss = desk.guard.base - exposure::session_result(desk);
    if most.is_reached(loss) {
        let it = from_now(desk, now, Cause::Session);
        let why = format!("session's loss {}, your limit is {most}", rounded(loss));
        cool_down(desk, now, it, &why, out);
    }
}

/// The day's loss keeps entries out until the day ends, or for a cool-down where that ends later.
fn day(desk: &mut Desk, now: Stamp, out: &mut Effects) {
    let most = desk.settings.limits.max_day_loss;
    let runs = desk.guard.kept.cool_down;
    let loss = -exposure::day_result(desk);
    if loss < most || runs.is_some_and(|runs| runs.cause == Cause::Day) {
        return;
    }
    let day = now.wall_ms().div_euclid(DAY_MS);
    let ends_ms = day.saturating_add(1).saturating_mul(DAY_MS);
    let it = from_now(desk, now, Cause::Day);
    let it = CoolDown {
        until_ms: it.until_ms.max(ends_ms),
        ..it
    };
    let why = format!(
        "day's loss {}, your limit is {}",
        rounded(loss),
        most.normalize()
    );
    cool_down(desk, now, it, &why, out);
}

fn rounded(money: Decimal) -> String {
    words::number(money, 2)
}

/// True while a trade of this market is being closed for its loss: nothing is added to it.
pub(in crate::engine) fn closes(desk: &Desk, key: MarketKey) -> bool {
    desk.guard.closing.contains_key(&key)
}

/// One trade. Once it reached its limit it is closed until it is flat, whatever the price does then.
fn trade(desk: &mut Desk, now: Stamp, key: MarketKey, out: &mut Effects) {
    let guard = &mut desk.guard;
    let Some(market) = desk.markets.get(&key).filter(|market| is_held(market)) else {
        guard.closing.remove(&key);
        guard.spared.remove(&key);
        guard.seen.remove(&key);
        return;
    };
    if !guard.closing.contains_key(&key) {
        let most = desk.settings.limits.max_trade_loss;
        let Some(loss) = loss_now(market, now).filter(|_| !guard.spared.contains(&key)) else {
            return;
        };
        let first = guard.seen.insert(key);
        if !most.is_reached(loss) {
            return;
        }
        let what = format!(
            "{}: the trade lost {}, your limit is {most}",
            words::market(key),
            rounded(loss)
        );
        let about = (About::Risk, Some(key));
        let brief = "a trade reached its loss limit";
        if first && market.ledger.trade_was_found() {
            guard.spared.insert(key);
            let words = format!("{what}; it was so at the start, closing is yours");
            return out.alert(about, brief, Loudness::Alarm, words);
        }
        out.alert(about, brief, Loudness::Alarm, format!("{what}: closing"));
        guard.closing.insert(key, Stamp::default());
        let entries = cancel::pick(desk, key, cancel::is_own_entry);
        cancel::send_all(desk, now, key, &entries, out);
    }
    insist(desk, now, key, out);
}

/// Asks for the close where none runs.
fn insist(desk: &mut Desk, now: Stamp, key: MarketKey, out: &mut Effects) {
    let runs = desk
        .market(&key)
        .is_some_and(|market| market.close.is_some() || market.panic.is_some());
    let Some(asked) = desk.guard.closing.get_mut(&key) else {
        return;
    };
    let first = *asked == Stamp::default();
    if runs || (!first && now.ms_since(*asked) < AGAIN_MS) {
        return;
    }
    *asked = now;
    if let Err(words) = exits::close_part(desk, now, key, 100, out) {
        out.notice(
            Loudness::Alarm,
            format!("{} is not closed: {words}", words::market(key)),
        );
    }
}

/// A position of a lot or more.
fn is_held(market: &Market) -> bool {
    let lots = |rules: &crate::domain::Instrument| market.ledger.lots(rules);
    market.instrument.as_deref().map_or(0, lots) != 0
}

/// The open trade's loss at the side it would be closed at; `None` while the book is not LIVE: an unproved price closes nothing.
fn loss_now(market: &Market, now: Stamp) -> Option<Decimal> {
    if health::state(market, now) != BookState::Live {
        return None;
    }
    let result = market
        .ledger
        .trade_result(market.exit_price()?, market.instrument.as_deref()?)?;
    Some(-result)
}
