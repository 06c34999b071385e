//! The worst case that the risk check is told: what is open, in flight or unknown all fills.

use rust_decimal::Decimal;

use crate::domain::risk::Exposure;
use crate::domain::{Intent, MarketKey, Price, Qty, Side, Stamp};

use super::desk::Desk;
use super::market::{MINUTE_MS, Market, SentEntry};
use super::working::Order;

/// A second, ms.
const SECOND_MS: u64 = 1_000;

/// What the check of an order of `side` at `price` and `qty` must know.
pub fn worst(
    market: &Market,
    side: Side,
    price: Option<Price>,
    qty: Qty,
    day_result: Decimal,
    now: Stamp,
) -> Exposure {
    let within = |ms| {
        let recent = move |sent: &&SentEntry| now.ms_since(sent.at) < ms;
        market.sent.iter().filter(recent)
    };
    let recent = || within(SECOND_MS);
    let identical = recent().filter(|s| s.side == side && Some(s.price) == price && s.qty == qty);
    let entries = market
        .orders
        .live()
        .filter(|o| o.intent == Intent::Entry)
        .count();
    Exposure {
        bid: market.best(Side::Buy),
        ask: market.best(Side::Sell),
        position: market.ledger.worst_size(side),
        open_buys: market.orders.remaining(Side::Buy, Intent::Entry),
        open_sells: market.orders.remaining(Side::Sell, Intent::Entry),
        open_exits: market.orders.remaining(side, Intent::Exit),
        open_orders: whole(entries),
        sent_last_second: whole(recent().count()),
        sent_last_minute: whole(within(MINUTE_MS).count()),
        identical_last_second: whole(identical.count()),
        day_result,
    }
}

/// The same with what the other leg of a hedge account has open and sent: limits on how many count a symbol as one.
pub fn with_other_leg(mut all: Exposure, desk: &Desk, key: MarketKey, now: Stamp) -> Exposure {
    let other = desk.other_key(key).and_then(|other| desk.market(&other));
    let Some(other) = other else {
        return all;
    };
    let entry = |order: &&Order| order.intent == Intent::Entry;
    let open = other.orders.live().filter(entry).count();
    let sent = |ms| {
        other
            .sent
            .iter()
            .filter(|s| now.ms_since(s.at) < ms)
            .count()
    };
    all.open_orders = all.open_orders.saturating_add(whole(open));
    all.sent_last_second = all.sent_last_second.saturating_add(whole(sent(SECOND_MS)));
    all.sent_last_minute = all.sent_last_minute.saturating_add(whole(sent(MINUTE_MS)));
    all
}

/// The same beside one resting order, which is about to change.
pub fn without(mut all: Exposure, order: &Order) -> Exposure {
    if order.intent == Intent::Entry {
        let open = match order.side {
            Side::Buy => &mut all.open_buys,
            Side::Sell => &mut all.open_sells,
        };
        *open = open.less(order.may_fill());
        all.open_orders = all.open_orders.saturating_sub(1);
    } else {
        all.open_exits = all.open_exits.less(order.may_fill());
    }
    all
}

/// The same after so many further entries of one side, that large together, none of them like the next.
pub fn after(mut all: Exposure, side: Side, (count, qty): (u32, Qty)) -> Exposure {
    let open = match side {
        Side::Buy => &mut all.open_buys,
        Side::Sell => &mut all.open_sells,
    };
    *open = open.plus(qty);
    all.open_orders = all.open_orders.saturating_add(count);
    all.sent_last_second = all.sent_last_second.saturating_add(count);
    all
}

/// Session result over all markets: realised + open − fees + funding.
pub fn session_result(desk: &Desk) -> Decimal {
    desk.markets().fold(Decimal::ZERO, |sum, market| {
        let own = market.ledger.own();
        let open = match (market.exit_price(), &market.instrument) {
            (Some(exit), Some(instrument)) => market.ledger.open_pnl(exit, instrument),
            _ => None,
        };
        [
            own.realised,
            open.unwrap_or_default(),
            -own.fees,
            own.funding,
        ]
        .into_iter()
        .fold(sum, |total, part| total.saturating_add(part))
    })
}

/// What is settled over all markets: realised − fees + funding.
pub fn settled(desk: &Desk) -> Decimal {
    desk.markets().fold(Decimal::ZERO, |sum, market| {
        let own = market.ledger.own();
        sum.saturating_add(own.realised)
            .saturating_sub(own.fees)
            .saturating_add(own.funding)
    })
}

/// Result of the day (UTC), earlier sessions included: what the limit on losses looks at.
pub fn day_result(desk: &Desk) -> Decimal {
    session_result(desk).saturating_add(desk.settings.day_before)
}

fn whole(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
