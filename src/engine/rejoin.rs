//! A post-only order that would have taken: at which price, and, where the trader set it so, one more try at the best price then.

use crate::domain::{ClientId, Intent, MarketKey, OrderKind, Stamp, TimeInForce};

use super::act::{may_enter, may_exit, near};
use super::desk::Desk;
use super::effect::{Effects, Loudness};
use super::market::Market;
use super::send::{self, Wish};
use super::{replace, words};

/// The price that a refused post-only order would have met, in words; nothing where it is gone already.
pub(super) fn met(market: &Market, client: ClientId) -> String {
    let found = || {
        let order = market.orders.get(client)?;
        let instrument = market.instrument.as_deref()?;
        let (at, far) = (order.price?, market.best(order.side.opposite())?);
        let half = match order.side {
            crate::domain::Side::Buy => "ask",
            crate::domain::Side::Sell => "bid",
        };
        let (at, met) = (words::price(instrument, at), words::price(instrument, far));
        Some(if order.price?.crosses(order.side, far) {
            format!("; at {at} it meets the {half} {met}")
        } else {
            format!("; the {half} that it met at {at} is {met} again")
        })
    };
    found().unwrap_or_default()
}

/// A join that was refused goes again, once: under a new name, at the best price now.
pub(super) fn refused(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    client: ClientId,
    out: &mut Effects,
) {
    let plans = &mut desk.market_mut(key).plans;
    let Some(at) = plans.rejoins.iter().position(|order| *order == client) else {
        return;
    };
    plans.rejoins.swap_remove(at);
    let order = desk.market(&key).and_then(|m| m.orders.get(client));
    // Somebody wants it gone, and it is.
    if order.is_some_and(|order| order.cancels > 0) {
        return;
    }
    let wish = again(desk, now, key, client);
    match wish.and_then(|wish| Ok((wish, send::place(desk, now, wish, out)?))) {
        Ok((wish, new)) => {
            desk.each_of(key, |market| market.plans.renamed(now, client, new));
            say(desk.market_mut(key), &wish, out);
        }
        Err(words) => out.notice(Loudness::Warn, format!("not joined again: {words}")),
    }
}

fn again(desk: &Desk, now: Stamp, key: MarketKey, client: ClientId) -> Result<Wish, String> {
    let market = desk.market(&key).ok_or("its market is gone")?;
    let order = market.orders.get(client).ok_or("the order is gone")?;
    let qty = match order.intent {
        Intent::Entry => {
            may_enter(desk, market, now)?;
            order.qty
        }
        Intent::Exit => {
            may_exit(desk)?;
            replace::reduces(market, order, order.qty)?
        }
    };
    Ok(Wish {
        key,
        side: order.side,
        qty,
        kind: OrderKind::Limit {
            price: near(market, order.side)?,
            tif: TimeInForce::PostOnly,
        },
        intent: order.intent,
    })
}

fn say(market: &Market, wish: &Wish, out: &mut Effects) {
    if let (Some(instrument), Some(price)) = (market.instrument.as_deref(), wish.kind.limit()) {
        let what = words::order(instrument, wish.side, wish.qty);
        let at = words::price(instrument, price);
        out.notice(Loudness::Info, format!("{what} joins again at {at}"));
    }
}
