//! Hard limits before the signer, on worst-case exposure. The only mint of [`Approved`].
//!
//! Exits pass every limit. An entry without a reference price does not pass: the check fails closed.

mod limits;

use rust_decimal::Decimal;

pub use limits::{Cap, Limits};

use super::{Amend, Instrument, Intent, NewOrder, OrderKind, Price, Qty, Side};

/// Something that passed [`check`] or [`check_amend`]. Nothing else makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approved<T>(T);

impl<T> Approved<T> {
    /// What was approved.
    pub const fn get(&self) -> &T {
        &self.0
    }
}

/// What the desk knows at the moment of the check.
#[derive(Clone, Copy, Debug)]
pub struct Exposure {
    /// Best bid, ticks.
    pub bid: Option<Price>,
    /// Best ask, ticks.
    pub ask: Option<Price>,
    /// The venue's position, signed, instrument's unit.
    pub position: Decimal,
    /// Remaining size of open, in-flight and unknown buy entries, lots.
    pub open_buys: Qty,
    /// Remaining size of open, in-flight and unknown sell entries, lots.
    pub open_sells: Qty,
    /// Remaining size of open, in-flight and unknown exits of the order's side, lots.
    pub open_exits: Qty,
    /// How many entries are open, in flight or unknown.
    pub open_orders: u32,
    /// Entries sent in the last second.
    pub sent_last_second: u32,
    /// Entries sent in the last minute.
    pub sent_last_minute: u32,
    /// Entries like this one sent in the last second.
    pub identical_last_second: u32,
    /// Result of the day (UTC) now: realised + open − fees + funding, quote currency.
    pub day_result: Decimal,
}

/// Why an entry did not pass, in one short sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Size zero, below the minimum or above the venue's maximum.
    #[error("size {0} is outside the venue's {1} to {2}")]
    Size(String, String, String),
    /// Below the venue's minimum notional.
    #[error("order is worth {0}, the venue's minimum is {1}")]
    TooSmall(String, String),
    /// Above the order limit.
    #[error("order is worth {0}, your limit is {1}")]
    OrderNotional(String, String),
    /// Above the order's size limit.
    #[error("order of {0} is above your limit of {1}")]
    OrderSize(String, String),
    /// Above the position's size limit in the worst case.
    #[error("position could be {0}, your limit is {1}")]
    PositionSize(String, String),
    /// Above the position limit in the worst case.
    #[error("position could reach {0}, your limit is {1}")]
    PositionNotional(String, String),
    /// Too many open entries.
    #[error("{0} entries are open, your limit is {1}")]
    OpenOrders(u32, u32),
    /// Too fast.
    #[error("{0} entries in the last second, your limit is {1}")]
    Rate(u32, u32),
    /// Too many.
    #[error("{0} entries in the last minute, your limit is {1}")]
    MinuteRate(u32, u32),
    /// The same order again and again.
    #[error("{0} identical entries in the last second, your limit is {1}")]
    Identical(u32, u32),
    /// Priced too far from the market.
    #[error("price {0} is too far from the market ({1})")]
    Collar(String, &'static str),
    /// No price to check against.
    #[error("no reference price: entries wait for a book")]
    NoReference,
    /// The day's loss reached.
    #[error("loss limit of the day {0} reached: exits only")]
    DayLoss(String),
    /// Off the venue's price range.
    #[error("price {0} is outside the venue's range")]
    PriceRange(String),
    /// The numbers do not fit.
    #[error("the order is too large to compute")]
    Overflow,
    /// Inverse contracts are view-only until their arithmetic is proved.
    #[error("inverse contracts are view-only")]
    Inverse,
    /// Coins that are not there cannot be sold.
    #[error("spot has no short: only what Lancet bought here is sold")]
    NoShort,
    /// More than Lancet's own coins.
    #[error("{0} is more than the {1} that Lancet holds here and no other sell may still take")]
    NotHeld(String, String),
    /// A market order that opens is never sent.
    #[error("entries are always priced: no market entry")]
    MarketEntry,
}

/// The prices that an entry is checked at.
#[derive(Clone, Copy)]
enum Priced {
    /// A limit order's limit.
    Limit(Price),
    /// A stop entry's trigger and bound.
    Stop { trigger: Price, limit: Price },
}

impl Priced {
    /// `None` where nothing bounds what the order may pay.
    const fn of(kind: OrderKind) -> Option<Self> {
        match kind {
            OrderKind::Limit { price, .. } => Some(Self::Limit(price)),
            OrderKind::Stop { trigger, limit, .. } => match limit {
                Some(limit) => Some(Self::Stop { trigger, limit }),
                None => None,
            },
            OrderKind::Market | OrderKind::Trail { .. } => None,
        }
    }

    /// The highest of them: what the order is worth at most as far as it is known. (A sell may always trade higher than asked.)
    fn highest(self) -> Price {
        match self {
            Self::Limit(price) => price,
            Self::Stop { trigger, limit } => trigger.max(limit),
        }
    }

    fn lowest(self) -> Price {
        match self {
            Self::Limit(price) => price,
            Self::Stop { trigger, limit } => trigger.min(limit),
        }
    }
}

/// Passes or refuses one order. Exits (reduce-only, or against their leg) pass every limit but a size of zero. On spot, where no
/// flag of the venue's keeps an exit from selling too much, the exits together sell no more than what Lancet holds.
///
/// A stop entry passes with a bound only, and is checked at its trigger and its bound: it is worth what it costs at the higher of
/// the two; the trigger may lie as far from the price it would meet, on either side, as an entry may rest away; the bound may lie
/// as far through the trigger as an entry may be priced through the far side, for where it fires is where the market will be.
/// Whether it would fire at once is for the venue to say: it may watch another price than the book's.
///
/// # Errors
/// The first limit that the order breaks.
pub fn check(
    order: NewOrder,
    instrument: &Instrument,
    limits: &Limits,
    now: &Exposure,
) -> Result<Approved<NewOrder>, Refusal> {
    if order.qty.0 <= 0 {
        return Err(size_refusal(order.qty, instrument));
    }
    if order.intent == Intent::Exit {
        check_held(order.side, order.qty, instrument, now)?;
        return Ok(Approved(order));
    }
    if instrument.is_spot() && order.side == Side::Sell {
        return Err(Refusal::NoShort);
    }
    let priced = Priced::of(order.kind).ok_or(Refusal::MarketEntry)?;
    check_market(order.side, priced, order.qty, instrument, limits, now)?;
    if now.sent_last_second >= limits.max_orders_per_second {
        return Err(Refusal::Rate(
            now.sent_last_second,
            limits.max_orders_per_second,
        ));
    }
    if now.sent_last_minute >= limits.max_orders_per_minute {
        return Err(Refusal::MinuteRate(
            now.sent_last_minute,
            limits.max_orders_per_minute,
        ));
    }
    if now.identical_last_second >= limits.max_identical_per_second {
        return Err(Refusal::Identical(
            now.identical_last_second,
            limits.max_identical_per_second,
        ));
    }
    if now.open_orders >= limits.max_open_orders {
        return Err(Refusal::OpenOrders(now.open_orders, limits.max_open_orders));
    }
    Ok(Approved(order))
}

/// Passes or refuses a change of a working order; `now` must not count that order. Changes of exits pass.
///
/// # Errors
/// The first limit that the changed order would break.
pub fn check_amend(
    amend: Amend,
    intent: Intent,
    instrument: &Instrument,
    limits: &Limits,
    now: &Exposure,
) -> Result<Approved<Amend>, Refusal> {
    if amend.qty.0 <= 0 {
        return Err(size_refusal(amend.qty, instrument));
    }
    if intent == Intent::Entry {
        let priced = Priced::Limit(amend.price);
        check_market(amend.side, priced, amend.qty, instrument, limits, now)?;
    } else {
        check_held(amend.side, amend.qty, instrument, now)?;
    }
    Ok(Approved(amend))
}

fn size_refusal(qty: Qty, instrument: &Instrument) -> Refusal {
    let text = |q| instrument.qty_text(q);
    Refusal::Size(
        text(qty),
        text(instrument.min_qty),
        text(instrument.max_qty),
    )
}

/// Spot has no reduce-only: what else may still be sold is taken off.
fn check_held(
    side: Side,
    qty: Qty,
    instrument: &Instrument,
    now: &Exposure,
) -> Result<(), Refusal> {
    if !instrument.is_spot() {
        return Ok(());
    }
    if side == Side::Buy {
        return Err(Refusal::NoShort);
    }
    let held = instrument.lot.floor(now.position.max(Decimal::ZERO));
    let free = Qty(held.ok_or(Refusal::Overflow)?).less(now.open_exits);
    if qty > free {
        let text = |qty| instrument.qty_text(qty);
        return Err(Refusal::NotHeld(text(qty), text(free)));
    }
    Ok(())
}

/// Everything that depends on price, size and the market rather than on how often.
fn check_market(
    side: Side,
    priced: Priced,
    qty: Qty,
    instrument: &Instrument,
    limits: &Limits,
    now: &Exposure,
) -> Result<(), Refusal> {
    if instrument.payoff == super::Payoff::Inverse {
        return Err(Refusal::Inverse);
    }
    if qty < instrument.min_qty || qty > instrument.max_qty {
        return Err(size_refusal(qty, instrument));
    }
    if priced.lowest() < instrument.min_price {
        return Err(Refusal::PriceRange(instrument.price_text(priced.lowest())));
    }
    if priced.highest() > instrument.max_price {
        return Err(Refusal::PriceRange(instrument.price_text(priced.highest())));
    }
    check_distance(side, priced, instrument, limits, now)?;
    check_worth(side, priced.highest(), qty, instrument, limits, now)?;
    if now.day_result <= -limits.max_day_loss {
        return Err(Refusal::DayLoss(
            limits.max_day_loss.normalize().to_string(),
        ));
    }
    Ok(())
}

/// How far the prices lie from the market, or from where the market will be.
fn check_distance(
    side: Side,
    priced: Priced,
    instrument: &Instrument,
    limits: &Limits,
    now: &Exposure,
) -> Result<(), Refusal> {
    let (near, far) = match side {
        Side::Buy => (now.bid, now.ask),
        Side::Sell => (now.ask, now.bid),
    };
    let near = near.or(far).ok_or(Refusal::NoReference)?;
    let far = far.unwrap_or(near);
    match priced {
        Priced::Limit(price) => check_collar(side, price, (near, far), instrument, limits),
        Priced::Stop { trigger, limit } => {
            check_trigger(trigger, far, instrument, limits)?;
            check_collar(side, limit, (trigger, trigger), instrument, limits)
        }
    }
}

/// `meets` is the price that the stop would trade at if it fired now.
fn check_trigger(
    trigger: Price,
    meets: Price,
    instrument: &Instrument,
    limits: &Limits,
) -> Result<(), Refusal> {
    let at = |p: Price| instrument.price_decimal(p);
    let distance = at(trigger).checked_sub(at(meets));
    let most = at(meets).checked_mul(limits.collar_away);
    let (distance, most) = distance.zip(most).ok_or(Refusal::Overflow)?;
    if distance.abs() > most {
        return Err(Refusal::Collar(
            instrument.price_text(trigger),
            "trigger away from the market",
        ));
    }
    Ok(())
}

fn check_collar(
    side: Side,
    price: Price,
    (near, far): (Price, Price),
    instrument: &Instrument,
    limits: &Limits,
) -> Result<(), Refusal> {
    let price_text = || instrument.price_text(price);
    let at = |p: Price| instrument.price_decimal(p);
    let one = Decimal::ONE;
    let (worst, furthest) = match side {
        Side::Buy => (
            at(far).checked_mul(one + limits.collar_through),
            at(near).checked_mul(one - limits.collar_away),
        ),
        Side::Sell => (
            at(far).checked_mul(one - limits.collar_through),
            at(near).checked_mul(one + limits.collar_away),
        ),
    };
    let (worst, furthest) = (
        worst.ok_or(Refusal::Overflow)?,
        furthest.ok_or(Refusal::Overflow)?,
    );
    let (through, away) = match side {
        Side::Buy => (at(price) > worst, at(price) < furthest),
        Side::Sell => (at(price) < worst, at(price) > furthest),
    };
    if through {
        return Err(Refusal::Collar(price_text(), "through the other side"));
    }
    if away {
        return Err(Refusal::Collar(price_text(), "away from its own side"));
    }
    Ok(())
}

fn check_worth(
    side: Side,
    price: Price,
    qty: Qty,
    instrument: &Instrument,
    limits: &Limits,
    now: &Exposure,
) -> Result<(), Refusal> {
    let at = instrument.price_decimal(price);
    let size = instrument.qty_decimal(qty);
    let worth = instrument.notional(at, size).ok_or(Refusal::Overflow)?;
    let text = |d: Decimal| d.round_dp(2).normalize().to_string();
    if worth < instrument.min_notional {
        return Err(Refusal::TooSmall(
            text(worth),
            text(instrument.min_notional),
        ));
    }
    if worth > limits.max_order_notional {
        return Err(Refusal::OrderNotional(
            text(worth),
            text(limits.max_order_notional),
        ));
    }
    if let Some(most) = limits.max_order.get(&instrument.symbol)
        && size > *most
    {
        return Err(Refusal::OrderSize(
            instrument.qty_text(qty),
            most.normalize().to_string(),
        ));
    }
    let open = match side {
        Side::Buy => now.open_buys,
        Side::Sell => now.open_sells,
    };
    let added = instrument.qty_decimal(open.plus(qty)) * Decimal::from(side.sign());
    let worst = now.position.checked_add(added).ok_or(Refusal::Overflow)?;
    let reach = instrument
        .notional(at, worst.abs())
        .ok_or(Refusal::Overflow)?;
    if reach > limits.max_position_notional {
        return Err(Refusal::PositionNotional(
            text(reach),
            text(limits.max_position_notional),
        ));
    }
    if let Some(most) = limits.max_position.get(&instrument.symbol)
        && worst.abs() > *most
    {
        return Err(Refusal::PositionSize(
            worst.abs().normalize().to_string(),
            most.normalize().to_string(),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
