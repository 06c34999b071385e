//! The only place where a command leaves the desk. Intent goes to the journal first; an order is sent once.

use crate::domain::{
    Amend, Approved, ClientId, Command, Intent, MarketKey, NewOrder, OrderKind, Price, Qty, Side,
    Stamp,
    risk::{self, Exposure},
};

use super::act::{known, rules};
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

/// The order that a wish is under this name, past every limit: what is sent, and what the preview says.
///
/// # Errors
/// The first limit that it breaks, for the trader.
pub(super) fn check(
    desk: &Desk,
    now: Stamp,
    wish: Wish,
    id: ClientId,
) -> Result<Approved<NewOrder>, String> {
    check_beside(desk, now, wish, id, |exposure| exposure)
}

/// The same beside what `and` adds to, or takes from, what is there.
fn check_beside(
    desk: &Desk,
    now: Stamp,
    wish: Wish,
    id: ClientId,
    and: impl FnOnce(Exposure) -> Exposure,
) -> Result<Approved<NewOrder>, String> {
    let market = known(desk, wish.key)?;
    let instrument = rules(market)?;
    let result = exposure::day_result(desk);
    let price = wish.kind.limit();
    let exposure = exposure::worst(market, wish.side, price, wish.qty, result, now);
    let exposure = and(exposure::with_other_leg(exposure, desk, wish.key, now));
    let order = NewOrder {
        key: wish.key.of_leg(None),
        id,
        side: wish.side,
        qty: wish.qty,
        kind: wish.kind,
        intent: wish.intent,
        leg: wish.key.leg,
    };
    risk::check(order, instrument, &desk.settings.limits, &exposure)
        .map_err(|refusal| refusal.to_string())
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
    let id = desk.ids.next().ok_or("out of order names: restart")?;
    let approved = check(desk, now, wish, id)?;
    let order = *approved.get();
    let market = desk.market_mut(wish.key);
    market.forget_sent(now);
    let instrument = market
        .instrument
        .clone()
        .ok_or_else(|| format!("{} is not known yet", wish.key.symbol))?;
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
    desk: &Desk,
    now: Stamp,
    wishes: &[Wish],
    without: Option<ClientId>,
) -> Result<(), String> {
    let id = desk.ids.peek().ok_or("out of order names: restart")?;
    let mut before = (0_u32, Qty::ZERO);
    for wish in wishes {
        let market = known(desk, wish.key)?;
        let gone = without.and_then(|client| market.orders.get(client));
        check_beside(desk, now, *wish, id, |all| {
            let all = gone.map_or(all, |order| exposure::without(all, order));
            exposure::after(all, wish.side, before)
        })?;
        before = (before.0.saturating_add(1), before.1.plus(wish.qty));
    }
    Ok(())
}

/// A change of a resting order, past every limit: what is sent, and what the preview says.
///
/// # Errors
/// The first limit that it breaks, for the trader.
pub(super) fn check_amend(
    desk: &Desk,
    now: Stamp,
    key: MarketKey,
    client: ClientId,
    (price, qty): (Price, Qty),
) -> Result<Approved<Amend>, String> {
    let market = known(desk, key)?;
    let instrument = rules(market)?;
    let order = market.orders.get(client).ok_or("the order is gone")?;
    let result = exposure::day_result(desk);
    let left = qty.less(order.filled);
    let exposure = exposure::worst(market, order.side, Some(price), left, result, now);
    let exposure = exposure::without(exposure, order);
    let amend = Amend {
        key: key.of_leg(None),
        order: order.order,
        side: order.side,
        price,
        qty,
    };
    let limits = &desk.settings.limits;
    risk::check_amend(amend, order.intent, instrument, limits, &exposure)
        .map_err(|refusal| refusal.to_string())
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
    let approved = check_amend(desk, now, key, client, (price, qty))?;
    if let Some(order) = desk.market_mut(key).orders.get_mut(client) {
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
    let key = key.of_leg(None);
    out.send(Command::Cancel { key, order });
}

/// Asks for the state of an order.
pub(super) fn query(desk: &Desk, key: MarketKey, client: ClientId, out: &mut Effects) {
    if let Some(order) = desk.market(&key).and_then(|m| m.orders.get(client)) {
        let order = order.order;
        let key = key.of_leg(None);
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
