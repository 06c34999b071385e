//! Protection belongs to the position: a wanted stop, wanted takes, and the orders at the venue that carry them. Owns all of it, and
//! sees to it that they follow the position's size, that a moved stop never leaves a gap, and that nothing is left when the venue
//! says flat.
//!
//! It acts by itself: every order of it can only reduce. It passes every limit and lock; a panic that runs takes over from it.

mod bracket;
mod carry;
mod own;
pub(super) mod takes;

use crate::domain::message::Proves;
use crate::domain::{
    Callback, ClientId, Intent, MarketKey, OrderClass, OrderStatus, Price, Qty, Side, Stamp,
};

use super::desk::Desk;
use super::effect::{About, Effects, Loudness};
use super::market::Market;
use super::working::Order;
use super::{cancel, closing, trail, words};
use takes::Take;

/// A position without a proved stop, although one is wanted, is told after this, ms ...
const NAKED_MS: u64 = 1_000;
/// ... and again after this, ms.
const NAKED_AGAIN_MS: u64 = 10_000;
/// What protects the position of one market.
#[derive(Clone, Debug, Default)]
pub struct Protection {
    /// The stop that the trader wants; `None`: none.
    pub stop: Option<WantedStop>,
    /// The takes that the trader wants, in no order.
    pub takes: Vec<Take>,
    /// Size of the position when it was last looked at, lots.
    lots: i64,
    /// All that it grew by since it was opened, lots.
    grown: i64,
    /// The position's side when it was last looked at.
    held: Option<Side>,
    /// It was looked at: a position that was there at the start is nobody's entry.
    looked: bool,
    /// Since when a wanted stop is not proved to stand.
    naked: Option<Stamp>,
    told: Option<Stamp>,
}

/// A stop that is wanted.
#[derive(Clone, Copy, Debug)]
pub struct WantedStop {
    /// Where it fires, ticks.
    pub trigger: Price,
    /// It follows the best price at this distance, ticks; `None`: it stays.
    pub trail: Option<i64>,
    /// The venue moves it, this far behind the price, basis points: then `trigger` is the best that is known of it.
    pub rate: Option<u32>,
    /// It stands where the settings put it: nobody moved it.
    automatic: bool,
    /// The order that carries it, or is on its way to.
    carrier: Option<ClientId>,
    /// When an order for it was last sent, or could not be.
    tried: Stamp,
    /// How many of them came to nothing in a row.
    failures: u32,
}

impl WantedStop {
    /// A stop that nothing carries yet.
    pub const fn at(trigger: Price) -> Self {
        Self {
            trigger,
            trail: None,
            rate: None,
            automatic: false,
            carrier: None,
            tried: Stamp {
                mono_ns: 0,
                wall_ns: 0,
            },
            failures: 0,
        }
    }

    /// The order that carries it, or is on its way to.
    pub(super) fn order<'a>(&self, market: &'a Market) -> Option<&'a Order> {
        market.orders.get(self.carrier?)
    }

    /// One that a new position gets by itself.
    const fn automatic(trigger: Price) -> Self {
        Self {
            automatic: true,
            ..Self::at(trigger)
        }
    }

    /// The same stop elsewhere; what carries it stays until the next one stands. It does not follow any more.
    pub(super) const fn moved(self, trigger: Price) -> Self {
        Self {
            trigger,
            trail: None,
            rate: None,
            automatic: false,
            ..self
        }
    }

    /// The same stop, which from now on follows so many ticks behind, or at this rate of the venue's, or stays.
    pub(super) const fn following(self, trail: Option<i64>, rate: Option<u32>) -> Self {
        Self {
            trail,
            rate,
            automatic: false,
            ..self
        }
    }
}

/// An own conditional order that reduces.
pub(super) fn is_stop(order: &Order) -> bool {
    order.order.class == OrderClass::Conditional && order.intent == Intent::Exit && !order.external
}

/// An own stop in whose place another carries the wanted one.
pub(super) fn gave_way(market: &Market, order: &Order) -> bool {
    let carrier = market.protection.stop.and_then(|stop| stop.carrier);
    is_stop(order) && carrier.is_some_and(|carrier| carrier != order.order.client)
}

/// Drives the protection of every market on.
pub(super) fn step_all(desk: &mut Desk, now: Stamp, out: &mut Effects) {
    let keys: Vec<MarketKey> = desk.markets.keys().copied().collect();
    for key in keys {
        step(desk, now, key, out);
    }
}

fn step(desk: &mut Desk, now: Stamp, key: MarketKey, out: &mut Effects) {
    if !desk.account.synced {
        return;
    }
    let Some(market) = desk.market(&key).filter(|m| m.instrument.is_some()) else {
        return;
    };
    let held = held(market);
    let before = market.protection.held;
    if held != before {
        changed_side(desk, now, key, before, held, out);
    }
    desk.market_mut(key).protection.looked = true;
    let panics = desk.market(&key).is_some_and(|m| m.panic.is_some());
    let Some(side) = held.filter(|_| !panics) else {
        return;
    };
    adopt(desk, key);
    grow(desk, key, side);
    trail::follow(desk, now, key, out);
    if desk.market(&key).is_some_and(Market::is_spot) {
        own::step(desk, now, key, out);
    } else {
        carry::step(desk, now, key, out);
    }
    takes::step(desk, now, key, out);
    watch(desk, now, key, out);
}

/// Notes the position's size: what nobody moved follows the average of one that grew.
fn grow(desk: &mut Desk, key: MarketKey, side: Side) {
    let market = desk.market_mut(key);
    let Some(instrument) = market.instrument.as_deref() else {
        return;
    };
    let lots = market.ledger.lots(instrument);
    let at = &mut market.protection;
    let more = lots.saturating_sub(at.lots).max(0);
    at.lots = lots;
    at.grown = at.grown.saturating_add(more);
    if more > 0 {
        bracket::follow(desk, key, side);
    }
}

/// The side of a position that is worth a lot or more, by the venue's number.
fn held(market: &Market) -> Option<Side> {
    let instrument = market.instrument.as_deref()?;
    let side = market.ledger.side()?;
    (market.ledger.lots(instrument) != 0).then_some(side)
}

/// A position was opened, closed or turned round.
fn changed_side(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    before: Option<Side>,
    held: Option<Side>,
    out: &mut Effects,
) {
    let market = desk.market_mut(key);
    let entered = market.protection.looked;
    market.protection = Protection {
        held,
        ..Protection::default()
    };
    if let Some(before) = before {
        clear_away(desk, now, key, before, out);
    }
    match held {
        Some(side) if entered => bracket::start(desk, key, side),
        Some(side) => takes::adopt(desk.market_mut(key), side),
        None => {}
    }
}

/// Nothing of the last position's exits may meet the next one; entries end with it too, unless set otherwise.
fn clear_away(desk: &mut Desk, now: Stamp, key: MarketKey, before: Side, out: &mut Effects) {
    let entries = desk.settings.entries_end_when_flat;
    let flat = desk.market(&key).is_none_or(|m| held(m).is_none());
    let named = cancel::pick(desk, key, |order| {
        if order.external || order.cancelling.is_some() {
            return false;
        }
        match order.intent {
            Intent::Exit => order.side == before.opposite(),
            Intent::Entry => entries && flat,
        }
    });
    if !named.is_empty() {
        let what = if named.len() == 1 { "order" } else { "orders" };
        out.notice(
            Loudness::Info,
            format!(
                "{} is flat: cancelling {} {what}",
                words::market(key),
                named.len()
            ),
        );
    }
    cancel::send_all(desk, now, key, &named, out);
}

/// After a start or a reconnect: a stop of ours that waits at the venue is the wanted one.
fn adopt(desk: &mut Desk, key: MarketKey) {
    let market = desk.market_mut(key);
    let Some(side) = market.protection.held else {
        return;
    };
    if market.protection.stop.is_some() {
        return;
    }
    let best = market.best(side);
    let found = market
        .orders
        .live()
        .find(|o| is_stop(o) && o.side == side.opposite() && o.cancelling.is_none())
        .and_then(|o| match o.callback {
            Some(Callback::Rate(rate)) => {
                let trigger = trail::behind(best?, side, rate);
                Some((trigger, Some(rate), o.order.client))
            }
            _ => Some((o.trigger?, None, o.order.client)),
        });
    if let Some((trigger, rate, client)) = found {
        market.protection.stop = Some(WantedStop {
            carrier: Some(client),
            rate,
            ..WantedStop::at(trigger)
        });
    }
}

/// A position whose wanted stop is not proved to stand is told, loudly.
fn watch(desk: &mut Desk, now: Stamp, key: MarketKey, out: &mut Effects) {
    let bare = desk
        .market(&key)
        .map_or(Qty::ZERO, |market| bare(market, now));
    let market = desk.market_mut(key);
    let at = &mut market.protection;
    if bare.is_zero() {
        at.naked = None;
        at.told = None;
        return;
    }
    let since = *at.naked.get_or_insert(now);
    let quiet = at
        .told
        .is_some_and(|told| now.ms_since(told) < NAKED_AGAIN_MS);
    if now.ms_since(since) < NAKED_MS || quiet {
        return;
    }
    at.told = Some(now);
    if let Some(instrument) = market.instrument.as_deref() {
        let what = words::qty(instrument, bare);
        let words = format!("NAKED {}: no stop is proved for {what}", words::market(key));
        let about = (About::Stop, Some(key));
        out.alert(about, "NAKED: no stop is proved", Loudness::Alarm, words);
    }
}

/// What no proved stop covers although one is wanted, lots.
fn bare(market: &Market, now: Stamp) -> Qty {
    let at = &market.protection;
    let (Some(_), Some(side), Some(instrument)) = (at.stop, at.held, &market.instrument) else {
        return Qty::ZERO;
    };
    if carry::fired(market, side).is_some() {
        return Qty::ZERO;
    }
    if market.is_spot() {
        return own::bare(market, instrument, now);
    }
    let covered = market
        .orders
        .live()
        .filter(|o| is_stop(o) && o.status == OrderStatus::Working && o.side == side.opposite())
        .map(|o| o.qty)
        .max();
    Qty(market.ledger.lots(instrument)).less(covered.unwrap_or(Qty::ZERO))
}

impl Protection {
    /// True while a stop is wanted and has not been proved to stand for a second.
    pub const fn is_naked(&self) -> bool {
        self.told.is_some()
    }

    /// The same in other steps.
    pub(super) fn recount(
        &mut self,
        price: impl Fn(Price) -> Price,
        qty: impl Fn(Qty) -> Qty + Copy,
    ) {
        if let Some(stop) = &mut self.stop {
            stop.trigger = price(stop.trigger);
            // A distance in ticks of another size would be another distance.
            stop.trail = None;
        }
        for take in &mut self.takes {
            take.recount(&price, qty);
        }
        self.lots = qty(Qty(self.lots)).0;
        self.grown = qty(Qty(self.grown)).0;
    }

    /// True for the order that carries a stop which Lancet moves after the price.
    pub fn follows_with(&self, client: ClientId) -> bool {
        self.stop
            .is_some_and(|stop| stop.trail.is_some() && stop.carrier == Some(client))
    }

    /// Where an order fires, ticks: for one that the venue moves, the best that is known of it.
    pub fn trigger_of(&self, order: &Order) -> Option<Price> {
        let carried = self.stop.filter(|stop| {
            stop.rate.is_some()
                && order.callback.is_some()
                && stop.carrier == Some(order.order.client)
        });
        carried.map_or(order.trigger, |stop| Some(stop.trigger))
    }
}

/// The venue refused an order: a stop that the price is already through becomes a close.
pub(super) fn refused(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    client: ClientId,
    proves: Proves,
    out: &mut Effects,
) {
    let market = desk.market_mut(key);
    let ours = market
        .protection
        .stop
        .filter(|stop| stop.carrier == Some(client));
    let Some(stop) = ours else {
        return;
    };
    if proves == Proves::WouldTrigger {
        market.protection.stop = None;
        closing::by_market(desk, now, key, "the price is through the stop already", out);
    } else if stop.rate.is_some() {
        trail::take_over(market, "the venue refused to move the stop", out);
    }
}

/// The trader cancelled this order: a stop or a take that went so is not wanted any more.
pub(super) fn given_up(desk: &mut Desk, key: MarketKey, client: ClientId) {
    let protection = &mut desk.market_mut(key).protection;
    if protection
        .stop
        .is_some_and(|stop| stop.carrier == Some(client))
    {
        protection.stop = None;
    }
    protection.takes.retain(|take| !take.is_carried_by(client));
}

/// The trader wants no stop and no take any more.
pub(super) fn given_up_all(desk: &mut Desk, key: MarketKey) {
    let protection = &mut desk.market_mut(key).protection;
    protection.stop = None;
    protection.takes.clear();
}

/// What the trader should know of the stop, for the message line.
pub(super) fn say_stop(market: &Market, trigger: Price, out: &mut Effects) {
    let Some(instrument) = market.instrument.as_deref() else {
        return;
    };
    out.notice(
        Loudness::Info,
        format!("stop wanted at {}", words::price(instrument, trigger)),
    );
}
