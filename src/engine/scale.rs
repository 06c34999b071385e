//! A scale: one volume in several orders between two prices. It is refused whole where a part or the whole would be.

use crate::domain::{
    Instrument, Intent, MarketKey, OrderKind, Price, Qty, Side, Stamp, TimeInForce,
};

use super::act::{self, known, may_enter, may_exit, near, rules};
use super::desk::Desk;
use super::effect::{Effects, Loudness};
use super::event::Press;
use super::send::{self, Wish};
use super::volume::Size;
use super::{sizing, words};

/// What a scale is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    /// Buy or sell.
    pub side: Side,
    /// How many orders, 2 to 20.
    pub count: u8,
    /// All of them together.
    pub size: Size,
    /// The nearest and the farthest price, ticks.
    pub between: (Price, Price),
}

/// The working volume between the best price and the cursor: below the middle it buys, above it sells.
pub(super) fn to_cursor(
    desk: &mut Desk,
    now: Stamp,
    press: &Press,
    out: &mut Effects,
) -> Result<(), String> {
    may_exit(desk)?;
    let market = known(desk, press.key)?;
    let cursor = press.cursor.ok_or("the cursor is off the screen")?;
    let live = (market.best(Side::Buy), market.best(Side::Sell));
    let side = side_of(cursor, press.drawn).ok_or("the cursor is in the middle: move it")?;
    if side_of(cursor, live) != Some(side) {
        return Err("the price moved past the cursor since drawn; press again".to_owned());
    }
    let market = known(desk, desk.opens(press.key, side))?;
    if !act::reduces(desk, market, side) {
        act::check_drift(desk, market, press, side, act::Aim::Join)?;
    }
    let scale = Scale {
        side,
        count: desk.settings.scale_orders,
        size: market.chosen(),
        between: (near(market, side)?, cursor),
    };
    place(desk, now, press.key, &scale, out)
}

/// The side whose orders rest at a price; `None` exactly in the middle, or without prices.
fn side_of(cursor: Price, (bid, ask): (Option<Price>, Option<Price>)) -> Option<Side> {
    let doubled = i128::from(cursor.0) * 2;
    match doubled.cmp(&(i128::from(bid?.0) + i128::from(ask?.0))) {
        std::cmp::Ordering::Less => Some(Side::Buy),
        std::cmp::Ordering::Greater => Some(Side::Sell),
        std::cmp::Ordering::Equal => None,
    }
}

/// Sends every order of a scale, or none.
pub(super) fn place(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    scale: &Scale,
    out: &mut Effects,
) -> Result<(), String> {
    may_exit(desk)?;
    let key = desk.opened_by(key, scale.side);
    let wishes = wishes(desk, now, key, scale)?;
    send::rehearse(desk, now, &wishes, None).map_err(|why| format!("no scale: {why}"))?;
    for (sent, wish) in wishes.iter().enumerate() {
        if let Err(why) = send::place(desk, now, *wish, out) {
            let all = wishes.len();
            return Err(format!("{sent} of {all} orders sent: {why}"));
        }
    }
    let market = known(desk, key)?;
    let instrument = rules(market)?;
    out.notice(Loudness::Info, summary(instrument, scale, &wishes));
    Ok(())
}

/// What `place` would send, in words.
///
/// # Errors
/// Why it would not.
pub(super) fn told(
    desk: &Desk,
    now: Stamp,
    key: MarketKey,
    scale: &Scale,
) -> Result<String, String> {
    may_exit(desk)?;
    let key = desk.opens(key, scale.side);
    let wishes = wishes(desk, now, key, scale)?;
    send::rehearse(desk, now, &wishes, None).map_err(|why| format!("no scale: {why}"))?;
    let reduces = wishes.iter().any(|wish| wish.intent == Intent::Exit);
    let each = wishes.first().map_or(Qty::ZERO, |wish| wish.qty);
    let instrument = rules(known(desk, key)?)?;
    let reduces = if reduces { ", reduces" } else { "" };
    Ok(format!(
        "{}, each {}{reduces}",
        summary(instrument, scale, &wishes),
        words::qty(instrument, each)
    ))
}

/// `scale of 5: BUY 0.100 from 59 900.0 to 59 800.0`
fn summary(instrument: &Instrument, scale: &Scale, wishes: &[Wish]) -> String {
    let qty = wishes.iter().fold(Qty::ZERO, |sum, w| sum.plus(w.qty));
    let (near, far) = scale.between;
    format!(
        "scale of {}: {} from {} to {}",
        wishes.len(),
        words::order(instrument, scale.side, qty),
        words::price(instrument, near),
        words::price(instrument, far)
    )
}

fn wishes(desk: &Desk, now: Stamp, key: MarketKey, scale: &Scale) -> Result<Vec<Wish>, String> {
    let market = known(desk, key)?;
    let instrument = rules(market)?;
    let (side, size, at) = (scale.side, scale.size, Some(scale.between.0));
    let (qty, intent) = match act::to_reduce(desk, market, instrument, side)? {
        Some(free) => {
            let qty = sizing::reducing(desk, market, size, side, at);
            (qty.min(free), Intent::Exit)
        }
        None => {
            may_enter(desk, market, now)?;
            (
                sizing::entering(desk, market, size, side, at)?,
                Intent::Entry,
            )
        }
    };
    let prices = prices(scale)?;
    let parts = parts(instrument, qty, scale.count)?;
    let wish = |(price, qty)| Wish {
        key,
        side: scale.side,
        qty,
        kind: OrderKind::Limit {
            price,
            tif: TimeInForce::Gtc,
        },
        intent,
    };
    Ok(prices.into_iter().zip(parts).map(wish).collect())
}

/// Evenly from the nearest price to the farthest, each its own tick.
fn prices(scale: &Scale) -> Result<Vec<Price>, String> {
    let (near, far) = scale.between;
    let steps = i128::from(scale.count) - 1;
    let span = i128::from(far.0) - i128::from(near.0);
    if steps < 1 || span.abs() < steps {
        return Err(format!(
            "{} orders need as many prices: go further away",
            scale.count
        ));
    }
    let at = |step: i128| {
        let price = i128::from(near.0) + span * step / steps;
        i64::try_from(price).map(Price)
    };
    (0..=steps)
        .map(at)
        .collect::<Result<_, _>>()
        .map_err(|_| "these prices do not fit".to_owned())
}

/// Equal parts in whole lots; what is left over goes to the farthest.
fn parts(instrument: &Instrument, qty: Qty, count: u8) -> Result<Vec<Qty>, String> {
    let count = i64::from(count.max(1));
    let part = qty.0 / count;
    if part < instrument.min_qty.0.max(1) {
        return Err(format!(
            "{} does not split into {count} orders: each must be {} or more",
            words::qty(instrument, qty),
            words::qty(instrument, instrument.min_qty)
        ));
    }
    let mut parts = vec![Qty(part); usize::try_from(count).unwrap_or_default()];
    if let Some(last) = parts.last_mut() {
        *last = last.plus(Qty(qty.0 % count));
    }
    Ok(parts)
}
