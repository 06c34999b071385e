//! The wanted takes: resting exits that follow the position's size, and its average until the trader moves them. All exits
//! together never cover more than the position; where they would, the farthest take shrinks first.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::domain::{
    ClientId, Instrument, Intent, MarketKey, OrderClass, OrderKind, OrderStatus, Price, Qty, Side,
    Stamp, TimeInForce,
};
use crate::engine::act::{known, rules};
use crate::engine::desk::Desk;
use crate::engine::effect::{Effects, Loudness};
use crate::engine::market::Market;
use crate::engine::send::{self, Wish};
use crate::engine::settings::Distance;
use crate::engine::working::Order;
use crate::engine::{cancel, exits, price, words};

use super::carry::RESIZE_MS;

/// The first pause after a take that was refused or ended, ms; doubled with each further one.
const PAUSE_MS: u64 = 250;
/// A take that came to nothing so often in a row is given up.
const PATIENCE: u32 = 6;

/// How large a take is.
#[derive(Clone, Copy, Debug)]
enum Share {
    /// The part of all that the position grew by which lies between these two fractions: neighbours leave no lot between them.
    Part { from: Decimal, to: Decimal },
    /// So many lots, what is filled of it included.
    Lots(Qty),
}

impl Share {
    /// What it should be in all, lots.
    fn total(self, grown: i64) -> Qty {
        let cut = |at: Decimal| {
            let lots = Decimal::from(grown).checked_mul(at);
            lots.and_then(|lots| lots.floor().to_i64()).unwrap_or(0)
        };
        match self {
            Self::Part { from, to } => Qty(cut(to).saturating_sub(cut(from))),
            Self::Lots(qty) => qty,
        }
    }
}

/// A take that is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Take {
    /// Where it rests, ticks.
    pub price: Price,
    share: Share,
    /// How far from the average it stands by itself; `None`: where the trader put it.
    at: Option<Distance>,
    /// Filled by orders of it that ended.
    done: Qty,
    carrier: Option<ClientId>,
    /// When something was last sent for it.
    tried: Stamp,
    /// How often in a row that came to nothing.
    failures: u32,
    /// The change that is on its way is Lancet's own.
    resizing: bool,
}

impl Take {
    /// The same in other steps.
    pub(super) fn recount(&mut self, price: impl Fn(Price) -> Price, qty: impl Fn(Qty) -> Qty) {
        self.price = price(self.price);
        self.done = qty(self.done);
        if let Share::Lots(lots) = &mut self.share {
            *lots = qty(*lots);
        }
    }

    const fn new(price: Price, share: Share) -> Self {
        Self {
            price,
            share,
            at: None,
            done: Qty::ZERO,
            carrier: None,
            tried: Stamp {
                mono_ns: 0,
                wall_ns: 0,
            },
            failures: 0,
            resizing: false,
        }
    }

    /// One that a key just sent.
    pub(in crate::engine) const fn sent(price: Price, qty: Qty, carrier: ClientId) -> Self {
        Self {
            carrier: Some(carrier),
            ..Self::new(price, Share::Lots(qty))
        }
    }

    /// One that a new position gets by itself, of the part between two fractions of it.
    pub(super) const fn automatic(
        price: Price,
        at: Distance,
        (from, to): (Decimal, Decimal),
    ) -> Self {
        Self {
            at: Some(at),
            ..Self::new(price, Share::Part { from, to })
        }
    }

    /// How far from the average it stands by itself.
    pub(super) const fn distance(&self) -> Option<Distance> {
        self.at
    }

    /// True where this order carries it.
    pub(super) fn is_carried_by(&self, client: ClientId) -> bool {
        self.carrier == Some(client)
    }

    fn order<'a>(&self, market: &'a Market) -> Option<&'a Order> {
        market.orders.get(self.carrier?)
    }

    fn pause_ms(&self) -> u64 {
        if self.failures == 0 {
            RESIZE_MS
        } else {
            PAUSE_MS << (self.failures - 1).min(4)
        }
    }
}

/// What one take needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Place(Qty),
    Amend(ClientId, Qty),
    Cancel(ClientId),
}

pub(super) fn step(desk: &mut Desk, now: Stamp, key: MarketKey, out: &mut Effects) {
    settle(desk, key, out);
    let Some(market) = desk.market(&key) else {
        return;
    };
    // A close takes what it needs of them; what is left of the position gets its takes again behind it.
    let (Some(side), Some(instrument), None) = (
        market.protection.held,
        market.instrument.as_deref(),
        &market.close,
    ) else {
        return;
    };
    let steps = plan(market, instrument, side, now, desk.settings.amends);
    for (at, step) in steps {
        take_step(desk, now, key, side.opposite(), (at, step), out);
    }
}

/// True while a take that is wanted was cancelled to be placed anew, or is about to be placed.
pub(in crate::engine) fn is_between(desk: &Desk, market: &Market) -> bool {
    let (Some(side), Some(instrument), None) = (
        market.protection.held,
        market.instrument.as_deref(),
        &market.close,
    ) else {
        return false;
    };
    let going = |take: &Take| take.order(market).is_some_and(|o| o.cancelling.is_some());
    // However long it has to pause before it.
    let ever = Stamp {
        mono_ns: u64::MAX,
        wall_ns: 0,
    };
    let steps = plan(market, instrument, side, ever, desk.settings.amends);
    let placed = |(_, step): &(usize, Step)| matches!(step, Step::Place(_));
    market.protection.takes.iter().any(going) || steps.iter().any(placed)
}

/// Books what ended: filled ones are done, those that somebody else took away are not wanted any more.
fn settle(desk: &mut Desk, key: MarketKey, out: &mut Effects) {
    let market = desk.market_mut(key);
    let mut takes = std::mem::take(&mut market.protection.takes);
    let mut given_up = Vec::new();
    takes.retain_mut(|take| {
        let Some(order) = take.order(market) else {
            return true;
        };
        if order.is_live() {
            // The last try came to something.
            if order.status == OrderStatus::Working && order.placed == take.tried {
                take.failures = 0;
            }
            return true;
        }
        take.done = take.done.plus(order.filled);
        take.carrier = None;
        match order.status {
            OrderStatus::Filled => return false,
            OrderStatus::Cancelled => return order.cancels > 0,
            _ => take.failures += 1,
        }
        if take.failures >= PATIENCE {
            given_up.push(take.price);
        }
        take.failures < PATIENCE
    });
    market.protection.takes = takes;
    let Some(instrument) = market.instrument.as_deref() else {
        return;
    };
    for price in given_up {
        let price = words::price(instrument, price);
        out.notice(
            Loudness::Warn,
            format!("the take at {price} was refused {PATIENCE} times: given up"),
        );
    }
}

/// What to do about each take, nearest first.
fn plan(
    market: &Market,
    instrument: &Instrument,
    held: Side,
    now: Stamp,
    amends: bool,
) -> Vec<(usize, Step)> {
    let takes = &market.protection.takes;
    let side = held.opposite();
    let carried = takes
        .iter()
        .filter_map(|take| take.order(market))
        .fold(Qty::ZERO, |sum, order| sum.plus(order.may_fill()));
    let others = market.orders.covered(side).less(carried);
    let mut left = Qty(market.ledger.lots(instrument)).less(others);
    let mut nearest: Vec<usize> = (0..takes.len()).collect();
    nearest.sort_by_key(|at| match held {
        Side::Buy => takes[*at].price.0,
        Side::Sell => -takes[*at].price.0,
    });
    let mut steps = Vec::new();
    let mut grows = Vec::new();
    for at in nearest {
        let take = &takes[at];
        let filled = take.order(market).map_or(Qty::ZERO, |order| order.filled);
        let wanted = take.share.total(market.protection.grown);
        let wanted = wanted.less(take.done).less(filled).min(left);
        left = left.less(wanted);
        let wanted = if wanted < instrument.min_qty {
            Qty::ZERO
        } else {
            wanted.min(instrument.max_qty)
        };
        if let Some(step) = need(market, take, wanted, now, amends) {
            // What frees size goes before what takes it.
            let frees = take.order(market).is_some_and(|o| o.may_fill() > wanted);
            if frees { &mut steps } else { &mut grows }.push((at, step));
        }
    }
    steps.extend(grows);
    steps
}

fn need(market: &Market, take: &Take, wanted: Qty, now: Stamp, amends: bool) -> Option<Step> {
    if now.ms_since(take.tried) < take.pause_ms() {
        return None;
    }
    let Some(order) = take.order(market) else {
        return (!wanted.is_zero()).then_some(Step::Place(wanted));
    };
    let settled = order.status == OrderStatus::Working
        && order.amending.is_none()
        && order.cancelling.is_none();
    let fits = order.remaining() == wanted && order.price == Some(take.price);
    if !settled || fits {
        return None;
    }
    let client = order.order.client;
    let far = market.best(order.side.opposite());
    let takes = far.is_some_and(|far| take.price.crosses(order.side, far));
    // One that cannot be changed goes, and stands again once it is proved gone.
    if wanted.is_zero() || takes || take.failures > 0 || !amends {
        return Some(Step::Cancel(client));
    }
    Some(Step::Amend(client, order.filled.plus(wanted)))
}

fn take_step(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    side: Side,
    (at, step): (usize, Step),
    out: &mut Effects,
) {
    let Some(take) = desk.market_mut(key).protection.takes.get_mut(at) else {
        return;
    };
    take.tried = now;
    let price = take.price;
    let done = match step {
        Step::Cancel(client) => {
            cancel::send_all(desk, now, key, &[client], out);
            return;
        }
        Step::Amend(client, qty) => {
            take.resizing = true;
            send::amend(desk, now, key, client, (price, qty), out).map(|()| client)
        }
        Step::Place(qty) => {
            wish(desk, key, side, (price, qty)).and_then(|wish| send::place(desk, now, wish, out))
        }
    };
    let Some(take) = desk.market_mut(key).protection.takes.get_mut(at) else {
        return;
    };
    match done {
        Ok(client) => take.carrier = Some(client),
        Err(words) => {
            take.failures += 1;
            out.notice(Loudness::Warn, format!("no take: {words}"));
        }
    }
}

/// A resting reduce-only limit, post-only where it would rest.
///
/// # Errors
/// When the market is not known.
pub(in crate::engine) fn wish(
    desk: &Desk,
    key: MarketKey,
    side: Side,
    (price, qty): (Price, Qty),
) -> Result<Wish, String> {
    let market = known(desk, key)?;
    let instrument = rules(market)?;
    let price = price::clip(price, instrument);
    let rests = market
        .best(side.opposite())
        .is_none_or(|far| !price.crosses(side, far));
    let kind = OrderKind::Limit {
        price,
        tif: if rests {
            TimeInForce::PostOnly
        } else {
            TimeInForce::Gtc
        },
    };
    Ok(Wish {
        key,
        side,
        qty: qty.min(Qty(exits::largest(instrument, kind))),
        kind,
        intent: Intent::Exit,
    })
}

/// After a start: resting exits of earlier sessions are takes as large as they stand.
pub(super) fn adopt(market: &mut Market, held: Side) {
    let found: Vec<Take> = market
        .orders
        .live()
        .filter(|o| o.intent == Intent::Exit && !o.external && o.side == held.opposite())
        .filter(|o| o.order.class == OrderClass::Regular && o.cancelling.is_none())
        .filter_map(|o| Some(Take::sent(o.price?, o.qty, o.order.client)))
        .collect();
    market.protection.takes.extend(found);
}

/// The trader moved or resized an order: a take stays where it was put.
pub(in crate::engine) fn changed(market: &mut Market, client: ClientId, price: Price, qty: Qty) {
    let before = market.orders.get(client).map(|order| order.qty);
    let carries = |take: &&mut Take| take.carrier == Some(client);
    let Some(take) = market.protection.takes.iter_mut().find(carries) else {
        return;
    };
    take.price = price;
    take.at = None;
    take.resizing = false;
    take.failures = 0;
    if before != Some(qty) {
        take.share = Share::Lots(take.done.plus(qty));
    }
}

/// A change of an order did not happen.
pub(in crate::engine) fn not_changed(market: &mut Market, client: ClientId) {
    let stands = market
        .orders
        .get(client)
        .and_then(|o| Some((o.price?, o.qty)));
    let carries = |take: &&mut Take| take.carrier == Some(client);
    let takes = &mut market.protection.takes;
    let (Some(take), Some((price, qty))) = (takes.iter_mut().find(carries), stands) else {
        return;
    };
    if take.resizing {
        take.failures += 1;
        return;
    }
    take.price = price;
    if let Share::Lots(_) = take.share {
        take.share = Share::Lots(take.done.plus(qty));
    }
}

/// True where this order carries a take.
pub(in crate::engine) fn is_carrier(market: &Market, client: ClientId) -> bool {
    let takes = &market.protection.takes;
    takes.iter().any(|take| take.is_carried_by(client))
}

/// True for an order that Lancet resizes by itself: that is no news.
pub(in crate::engine) fn is_resizing(market: &Market, client: ClientId) -> bool {
    let takes = &market.protection.takes;
    takes
        .iter()
        .any(|take| take.carrier == Some(client) && take.resizing)
}
