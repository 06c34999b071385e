//! The only place where a command leaves the desk. Intent goes to the journal first; an order is sent once.

use crate::domain::{
    Amend, ClientId, Command, Intent, MarketKey, NewOrder, OrderKind, Price, Qty, Side, Stamp, risk,
};

use super::desk::Desk;
use super::effect::Effects;
use super::exposure;
use super::record;
use super::working::Amending;

/// What an order should be, before it has a name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    pub key: MarketKey,
    pub side: Side,
    pub qty: Qty,
    pub kind: OrderKind,
    pub intent: Intent,
}

/// Sends an order once, under a new name.
///
/// # Errors
/// Why it was not sent, for the trader.
pub(super) fn place(
    desk: &mut Desk,
    now: Stamp,
    wish: Wish,
    out: &mut Effects,
) -> Result<ClientId, String> {
    let result = exposure::day_result(desk);
    let id = desk.ids.next().ok_or("out of order names: restart")?;
    let limits = desk.settings.limits.clone();
    let market = desk.market_mut(wish.key);
    market.forget_sent(now);
    let instrument = market
        .instrument
        .clone()
        .ok_or_else(|| format!("{} is not known yet", wish.key.symbol))?;
    let price = wish.kind.limit();
    let exposure = exposure::worst(market, wish.side, price, wish.qty, result, now);
    let order = NewOrder {
        key: wish.key,
        id,
        side: wish.side,
        qty: wish.qty,
        kind: wish.kind,
        intent: wish.intent,
        leg: None,
    };
    let approved = risk::check(order, &instrument, &limits, &exposure)
        .map_err(|refusal| refusal.to_string())?;
    out.journal(record::Row::Intent {
        at: now,
        order,
        instrument,
    });
    market.orders.sent(&order, now);
    market.note_sent(&order, now);
    out.send(Command::Place(approved));
    Ok(id)
}

/// Whether these orders would pass together, one after another; `without`: an order that is gone by then.
///
/// # Errors
/// The first limit that one of them would break.
pub(super) fn rehearse(
    desk: &mut Desk,
    now: Stamp,
    wishes: &[Wish],
    without: Option<ClientId>,
) -> Result<(), String> {
    let result = exposure::day_result(desk);
    let id = desk
        .ids
        .clone()
        .next()
        .ok_or("out of order names: restart")?;
    let mut before = (0_u32, Qty::ZERO);
    for wish in wishes {
        let market = desk.market_mut(wish.key);
        market.forget_sent(now);
        let instrument = market
            .instrument
            .clone()
            .ok_or_else(|| format!("{} is not known yet", wish.key.symbol))?;
        let price = wish.kind.limit();
        let mut exposure = exposure::worst(market, wish.side, price, wish.qty, result, now);
        if let Some(order) = without.and_then(|client| market.orders.get(client)) {
            exposure = exposure::without(exposure, order);
        }
        let exposure = exposure::after(exposure, wish.side, before);
        let order = NewOrder {
            key: wish.key,
            id,
            side: wish.side,
            qty: wish.qty,
            kind: wish.kind,
            intent: wish.intent,
            leg: None,
        };
        risk::check(order, &instrument, &desk.settings.limits, &exposure)
            .map_err(|refusal| refusal.to_string())?;
        before = (before.0.saturating_add(1), before.1.plus(wish.qty));
    }
    Ok(())
}

/// Checks a change of a resting order and hands it out.
pub(super) fn amend(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    client: ClientId,
    (price, qty): (Price, Qty),
    out: &mut Effects,
) -> Result<(), String> {
    let result = exposure::day_result(desk);
    let limits = desk.settings.limits.clone();
    let market = desk.market_mut(key);
    let instrument = market
        .instrument
        .clone()
        .ok_or_else(|| format!("{} is not known yet", key.symbol))?;
    let order = market.orders.get(client).ok_or("the order is gone")?;
    let left = qty.less(order.filled);
    let exposure = exposure::worst(market, order.side, Some(price), left, result, now);
    let exposure = exposure::without(exposure, order);
    let amend = Amend {
        key,
        order: order.order,
        side: order.side,
        price,
        qty,
    };
    let approved = risk::check_amend(amend, order.intent, &instrument, &limits, &exposure)
        .map_err(|refusal| refusal.to_string())?;
    if let Some(order) = market.orders.get_mut(client) {
        order.amending = Some(Amending {
            price,
            qty,
            at: now,
            taken: false,
        });
    }
    out.journal(record::request(now, key, client.as_str(), "amend"));
    out.send(Command::Amend(approved));
    Ok(())
}

/// Sends a cancel; it may be sent again.
pub(super) fn cancel(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    client: ClientId,
    out: &mut Effects,
) {
    let Some(order) = desk.market_mut(key).orders.get_mut(client) else {
        return;
    };
    order.cancelling = Some(now);
    order.cancels = order.cancels.saturating_add(1);
    let order = order.order;
    out.journal(record::request(now, key, client.as_str(), "cancel"));
    out.send(Command::Cancel { key, order });
}

/// Asks for the state of an order.
pub(super) fn query(desk: &Desk, key: MarketKey, client: ClientId, out: &mut Effects) {
    if let Some(order) = desk.market(&key).and_then(|m| m.orders.get(client)) {
        let order = order.order;
        out.send(Command::Query { key, order });
    }
}

/// Asks for account truth.
pub(super) fn reconcile(out: &mut Effects) {
    out.send(Command::Reconcile);
}

/// Asks for another leverage, margin mode or position mode.
pub(super) fn setting(command: Command, out: &mut Effects) {
    out.send(command);
}
