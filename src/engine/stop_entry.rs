//! Stop entries: they wait at the venue beyond the market and open or add when the price reaches them, at a bounded price.

use crate::domain::{
    ClientId, Instrument, MarketKey, OrderKind, OrderStatus, Price, Qty, Side, Stamp,
};

use super::act::{known, may_enter, may_exit, rules};
use super::desk::Desk;
use super::effect::Effects;
use super::market::Market;
use super::settings::DeskSettings;
use super::working::Order;
use super::{plans, price, replace, words};

/// The order of a stop entry at this trigger, bounded as the settings say.
///
/// # Errors
/// When the price is through the trigger already.
pub(super) fn kind(
    desk: &Desk,
    market: &Market,
    side: Side,
    trigger: Price,
) -> Result<OrderKind, String> {
    let far = market
        .best(side.opposite())
        .ok_or("the other side is empty: there is no price to wait for")?;
    let beyond = match side {
        Side::Buy => trigger > far,
        Side::Sell => trigger < far,
    };
    match (beyond, side) {
        (true, _) => Ok(bounded(&desk.settings, rules(market)?, side, trigger)),
        (false, Side::Buy) => Err("a buy stop waits above the market".to_owned()),
        (false, Side::Sell) => Err("a sell stop waits below the market".to_owned()),
    }
}

fn bounded(
    settings: &DeskSettings,
    instrument: &Instrument,
    side: Side,
    trigger: Price,
) -> OrderKind {
    let bound = trigger.ahead(side, settings.stop_entry_bound_ticks.max(1));
    OrderKind::Stop {
        trigger,
        limit: Some(price::clip(bound, instrument)),
        by: settings.trigger_by,
    }
}

/// Moves a waiting stop entry, or gives it another total: no venue changes one in place.
pub(super) fn change(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    client: ClientId,
    (trigger, qty): (Price, Qty),
    out: &mut Effects,
) -> Result<(), String> {
    let kind = plan_change(desk, now, key, client, (trigger, qty))?;
    replace::begin(desk, now, key, client, (kind, qty), out)?;
    plans::end_of(desk, key, client, "you moved its order", out);
    Ok(())
}

/// What a change would make of it, limits not looked at.
///
/// # Errors
/// Why it may not be changed so.
pub(super) fn plan_change(
    desk: &Desk,
    now: Stamp,
    key: MarketKey,
    client: ClientId,
    (trigger, qty): (Price, Qty),
) -> Result<OrderKind, String> {
    may_exit(desk)?;
    let market = known(desk, key)?;
    let order = market
        .orders
        .get(client)
        .ok_or("the selected order is gone")?;
    if order.status != OrderStatus::Working || order.cancelling.is_some() {
        return Err("that order is not proved to wait: it cannot be moved".to_owned());
    }
    if order.trigger == Some(trigger) && order.qty == qty {
        return Err("nothing to change: the order is already so".to_owned());
    }
    may_enter(desk, market, now)?;
    kind(desk, market, order.side, trigger)
}

/// `BUY 0.050 waits for 60 010.0, fills up to 60 011.0`.
pub(super) fn waits_words(instrument: &Instrument, order: &Order) -> String {
    let what = words::order(instrument, order.side, order.remaining());
    let at = |price: Option<Price>| {
        price.map_or_else(String::new, |price| words::price(instrument, price))
    };
    let bound = match order.side {
        Side::Buy => "up to",
        Side::Sell => "down to",
    };
    format!(
        "{what} waits for {}, fills {bound} {}",
        at(order.trigger),
        at(order.price)
    )
}
