//! A close on its way: bounded, then twice as far, then the venue's own market close, until the venue's number says that it is done.

use crate::domain::message::Proves;
use crate::domain::{ClientId, Intent, MarketKey, OrderKind, OrderStatus, Qty, Stamp};

use super::desk::Desk;
use super::effect::{Effects, Loudness};
use super::market::Market;
use super::send::{self, Wish};
use super::{cancel, exits, words};

/// A close that did not do it is followed by a further-reaching one after this, ms; each further one waits twice as long.
const STAGE_MS: u64 = 300;
/// A filled close waits so long for the position's number before it is doubted, ms.
const NUMBER_MS: u64 = 1_000;
/// A close acts by itself only so long after its key press, ms.
const GIVE_UP_MS: u64 = 5_000;

/// How far the next order reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Bounded,
    Wider,
    Market(u32),
}

impl Stage {
    const fn next(self) -> Self {
        match self {
            Self::Bounded => Self::Wider,
            Self::Wider => Self::Market(0),
            Self::Market(count) => Self::Market(count + 1),
        }
    }

    /// How long its order gets, ms.
    fn patience_ms(self) -> u64 {
        match self {
            Self::Bounded | Self::Wider => STAGE_MS,
            Self::Market(count) => STAGE_MS << count.min(4),
        }
    }
}

/// A close that a key asked for.
#[derive(Clone, Debug)]
pub(super) struct ClosePlan {
    pressed: Stamp,
    percent: u8,
    wish: Wish,
    /// The last order of it; `None` while what is in the way is on its way out.
    sent: Option<ClientId>,
    sent_at: Stamp,
    stage: Stage,
    /// Lots of the position that stay when it is done.
    leaves: i64,
    /// Exits that were in the way and must be proved gone before the close can be sent again.
    in_the_way: Vec<ClientId>,
    refused: bool,
}

impl ClosePlan {
    /// A close that was just sent, or waits for what is in the way, and shall leave `leaves` lots.
    pub(super) fn new(
        now: Stamp,
        percent: u8,
        wish: Wish,
        sent: Option<ClientId>,
        leaves: i64,
        in_the_way: Vec<ClientId>,
    ) -> Self {
        let stage = match wish.kind {
            OrderKind::Market => Stage::Market(0),
            _ => Stage::Bounded,
        };
        Self {
            pressed: now,
            percent,
            wish,
            sent,
            sent_at: now,
            stage,
            leaves,
            in_the_way,
            refused: sent.is_none(),
        }
    }

    /// True for a close of all.
    pub(super) const fn is_all(&self) -> bool {
        self.percent == 100
    }

    /// True for a close of all that a key asked for within the last `ms`.
    pub(super) fn is_all_since(&self, now: Stamp, ms: u64) -> bool {
        self.is_all() && now.ms_since(self.pressed) <= ms
    }
}

/// Closes all by the venue's market close, for protection's sake; nothing where a close runs already.
pub(super) fn by_market(desk: &mut Desk, now: Stamp, key: MarketKey, why: &str, out: &mut Effects) {
    let Some(market) = desk.market(&key).filter(|m| m.close.is_none()) else {
        return;
    };
    let (Some(instrument), Some(side)) = (&market.instrument, market.ledger.side()) else {
        return;
    };
    let kind = OrderKind::Market;
    let lots = market.ledger.lots(instrument);
    let wish = Wish {
        key,
        side: side.opposite(),
        qty: Qty(lots.min(exits::largest(instrument, kind))),
        kind,
        intent: Intent::Exit,
    };
    let what = words::order(instrument, wish.side, wish.qty);
    let in_the_way = if market.is_spot() {
        exits::in_the_way(desk, key, wish.side, lots, lots)
    } else {
        Vec::new()
    };
    cancel::send_all(desk, now, key, &in_the_way, out);
    match begin(desk, now, wish, !in_the_way.is_empty(), out) {
        Ok(sent) => {
            out.notice(Loudness::Alarm, format!("{what} closes by market: {why}"));
            let plan = ClosePlan::new(now, 100, wish, sent, 0, in_the_way);
            desk.market_mut(key).close = Some(plan);
        }
        Err(words) => out.notice(Loudness::Alarm, format!("cannot close: {words}")),
    }
}

/// Sends the first order of a close. On spot it waits until what is in the way is proved gone: both could sell the same coins.
///
/// # Errors
/// Why it was not sent, for the trader.
pub(super) fn begin(
    desk: &mut Desk,
    now: Stamp,
    wish: Wish,
    is_blocked: bool,
    out: &mut Effects,
) -> Result<Option<ClientId>, String> {
    if is_blocked && desk.market(&wish.key).is_some_and(Market::is_spot) {
        return Ok(None);
    }
    send::place(desk, now, wish, out).map(Some)
}

/// The venue refused a close: it goes again when nothing is in its way, and ends where nothing was.
pub(super) fn refused(
    desk: &mut Desk,
    key: MarketKey,
    client: ClientId,
    proves: Proves,
    out: &mut Effects,
) {
    if proves == Proves::NothingToReduce {
        send::reconcile(out);
    }
    let market = desk.market_mut(key);
    let Some(plan) = market
        .close
        .as_mut()
        .filter(|plan| plan.sent == Some(client))
    else {
        return;
    };
    if proves == Proves::NothingToReduce && !plan.in_the_way.is_empty() {
        plan.refused = true;
    } else if proves == Proves::NothingToReduce || plan.percent < 100 {
        // A proved refusal ends the wish; only closing all acts again by itself.
        market.close = None;
    }
}

/// Drives every close on.
pub(super) fn step(desk: &mut Desk, now: Stamp, out: &mut Effects) {
    let keys: Vec<MarketKey> = desk.markets.keys().copied().collect();
    for key in keys {
        step_one(desk, now, key, out);
    }
}

/// The same for one market, as soon as an order of it ended.
pub(super) fn step_one(desk: &mut Desk, now: Stamp, key: MarketKey, out: &mut Effects) {
    let Some(market) = desk.market(&key) else {
        return;
    };
    let (Some(plan), Some(instrument)) = (&market.close, &market.instrument) else {
        return;
    };
    let left = market.lots_to_close().saturating_sub(plan.leaves);
    let turned = market.ledger.side() != Some(plan.wish.side.opposite());
    if left <= 0 || turned || market.panic.is_some() {
        desk.market_mut(key).close = None;
        return;
    }
    if now.ms_since(plan.pressed) > GIVE_UP_MS {
        let what = words::qty(instrument, Qty(left));
        out.notice(
            Loudness::Alarm,
            format!("{}: {what} is not closed; press again", words::market(key)),
        );
        desk.market_mut(key).close = None;
        return;
    }
    if plan.refused {
        if is_gone(market, plan) {
            again(desk, now, key, left, plan.stage, out);
        }
    } else if is_due(market, plan, now, !market.lacks_reduce_only()) {
        let stage = plan.stage.next();
        again(desk, now, key, left, stage, out);
    }
}

fn is_gone(market: &Market, plan: &ClosePlan) -> bool {
    let gone = |id: &ClientId| market.orders.get(*id).is_none_or(|order| !order.is_live());
    plan.in_the_way.iter().all(gone)
}

/// A part of the position is closed again only after proof that the last order is dead: it could take more than was asked for.
/// Closing all cannot where it is sent `reduce_only`, which ends at flat; against a leg there is no such flag.
fn is_due(market: &Market, plan: &ClosePlan, now: Stamp, reduce_only: bool) -> bool {
    let age = now.ms_since(plan.sent_at);
    if age < plan.stage.patience_ms() {
        return false;
    }
    match plan.sent.and_then(|id| market.orders.get(id)) {
        // Its trades, or the position's number, are still on their way.
        Some(last) if last.status == OrderStatus::Filled => age >= NUMBER_MS,
        Some(last) if last.is_live() => plan.percent == 100 && reduce_only,
        _ => true,
    }
}

fn again(desk: &mut Desk, now: Stamp, key: MarketKey, left: i64, stage: Stage, out: &mut Effects) {
    let Some(market) = desk.market(&key) else {
        return;
    };
    let (Some(plan), Some(instrument)) = (&market.close, &market.instrument) else {
        return;
    };
    let mut wish = plan.wish;
    wish.kind = match stage {
        Stage::Bounded => exits::bounded(desk, market, instrument, wish.side, now, 1),
        Stage::Wider => exits::bounded(desk, market, instrument, wish.side, now, 2),
        Stage::Market(_) => OrderKind::Market,
    };
    wish.qty = Qty(left.min(exits::largest(instrument, wish.kind)));
    let what = words::order(instrument, wish.side, wish.qty);
    let sent = send::place(desk, now, wish, out);
    let plan = desk.market_mut(key).close.as_mut();
    match (sent, plan) {
        (Ok(id), Some(plan)) => {
            plan.refused = false;
            plan.sent = Some(id);
            plan.sent_at = now;
            plan.stage = stage;
            plan.in_the_way.clear();
            let how = match stage {
                Stage::Bounded => "again",
                Stage::Wider => "twice as far",
                Stage::Market(_) => "by market",
            };
            out.notice(Loudness::Warn, format!("{what} closes {how}"));
        }
        (Err(words), _) => out.notice(Loudness::Warn, words),
        (Ok(_), None) => {}
    }
}
