//! What keys do: one small function each. Every refusal is one short sentence, said in one place.

use rust_decimal::Decimal;

use crate::domain::message::LinkState;
use crate::domain::{
    ClientId, Environment, Instrument, Intent, MarketKey, OrderKind, Price, Qty, Side, Stamp,
    TimeInForce,
};

use super::action::Action;
use super::arm::Armed;
use super::desk::Desk;
use super::effect::{Effects, Loudness};
use super::event::Press;
use super::market::Market;
use super::send::{self, Wish};
use super::settings::Opposite;
use super::volume::Size;
use super::{
    cancel, chase, coins, exits, guard, health, lean, moves, pair, panic, price, scale, sizing,
    stop_entry, stops, words,
};

/// Does what a key asks for, or says why not.
pub(super) fn press(desk: &mut Desk, now: Stamp, press: &Press, out: &mut Effects) {
    let press = &Press {
        key: desk.shown(press.key),
        ..*press
    };
    let done = match press.action {
        Action::Now(side) => trade(desk, now, press, side, Aim::Now, None, out),
        Action::AtCursor(side) => {
            let aim = Aim::Cursor(TimeInForce::Gtc);
            trade(desk, now, press, side, aim, None, out)
        }
        Action::Join(side) => trade(desk, now, press, side, Aim::Join, None, out),
        Action::Improve(side) => trade(desk, now, press, side, Aim::Improve, None, out),
        Action::Cross(side) => trade(desk, now, press, side, Aim::Cross, None, out),
        Action::Chase(side) => chase::begin(desk, now, press, side, None, out),
        Action::Lean(side) => lean::begin(desk, now, press, side, None, out),
        Action::StopEntry(side) => trade(desk, now, press, side, Aim::Stop, None, out),
        Action::Scale => scale::to_cursor(desk, now, press, out),
        Action::Link => pair::toggle(desk, press.key, out),
        Action::OtherLeg => desk.show_other(press.key),
        Action::Volume(index) => choose_volume(desk, press.key, index),
        Action::CancelEntries => cancel::entries(desk, now, press.key, out),
        Action::CancelAt => cancel::at(desk, now, press, out),
        Action::SelectNext => cancel::select_next(desk, press.key),
        Action::CancelSymbol => cancel::symbol(desk, now, press.key, out),
        Action::CancelEntriesEverywhere => cancel::entries_everywhere(desk, now, out),
        Action::Close(percent) => exits::close(desk, now, press.key, percent, out),
        Action::ClosePassive => exits::close_passively(desk, now, press.key, out),
        Action::Reverse => exits::reverse(desk, now, press.key, out),
        Action::StopAtCursor => stops::at_cursor(desk, now, press, out),
        Action::TakeAtCursor => stops::take_at_cursor(desk, now, press, 1, out),
        Action::TakeHalf => stops::take_at_cursor(desk, now, press, 2, out),
        Action::BreakEven => stops::to_break_even(desk, now, press.key, out),
        Action::NudgeStop(nearer) => stops::nudge(desk, now, press.key, i64::from(nearer), out),
        Action::TrailStop => stops::toggle_trail(desk, press.key, out),
        Action::MoveToCursor => moves::to_cursor(desk, now, press, out),
        Action::Move(up) => moves::nudge(desk, now, press.key, i64::from(up), out),
        Action::Resize => moves::resize(desk, now, press.key, out),
        Action::Lock => {
            desk.arm.lock("your key");
            Ok(())
        }
        Action::Arm(index) => arm(desk, press.key, index, out),
        Action::PanicSymbol => panic::symbol(desk, now, press.key, out),
        Action::Panic => panic::everywhere(desk, now, press.key, out),
    };
    if let Err(refusal) = done {
        out.notice(Loudness::Warn, refusal);
    }
}

/// Where an order is priced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aim {
    Now,
    Cursor(TimeInForce),
    Join,
    Improve,
    /// A few ticks beyond the far side; what that does not take rests.
    Cross,
    /// Post-only here, in front of a wall.
    Front(Price),
    /// A stop entry that the cursor triggers.
    Stop,
}

impl Aim {
    /// The side and aim of a key that trades; `None` for every other key.
    pub(super) const fn of(action: Action) -> Option<(Side, Self)> {
        match action {
            Action::Now(side) => Some((side, Self::Now)),
            Action::AtCursor(side) => Some((side, Self::Cursor(TimeInForce::Gtc))),
            Action::Join(side) => Some((side, Self::Join)),
            Action::Improve(side) => Some((side, Self::Improve)),
            Action::Cross(side) => Some((side, Self::Cross)),
            Action::StopEntry(side) => Some((side, Self::Stop)),
            _ => None,
        }
    }
}

/// Buys or sells; `size` where it is not the working volume.
pub(super) fn trade(
    desk: &mut Desk,
    now: Stamp,
    press: &Press,
    side: Side,
    aim: Aim,
    size: Option<Size>,
    out: &mut Effects,
) -> Result<(), String> {
    enter(desk, now, press, side, aim, size, out).map(|_| ())
}

/// The same; the order's name.
pub(super) fn enter(
    desk: &mut Desk,
    now: Stamp,
    press: &Press,
    side: Side,
    aim: Aim,
    size: Option<Size>,
    out: &mut Effects,
) -> Result<ClientId, String> {
    may_exit(desk)?;
    let press = &opening(desk, press, side);
    let wish = plan(desk, now, press, side, aim, size)?;
    if wish.intent == Intent::Exit {
        say_exit(desk, now, &wish, size, out);
    }
    let client = send::place(desk, now, wish, out)?;
    if desk.settings.rejoin && matches!(aim, Aim::Join | Aim::Improve) {
        desk.market_mut(press.key).plans.rejoins.push(client);
    }
    Ok(client)
}

/// The press with the market that an order of this side is for.
pub(super) fn opening(desk: &mut Desk, press: &Press, side: Side) -> Press {
    Press {
        key: desk.opened_by(press.key, side),
        ..*press
    }
}

/// The order that a key means now: what is sent, and what the preview says.
///
/// # Errors
/// Why the key would do nothing.
pub(super) fn plan(
    desk: &Desk,
    now: Stamp,
    press: &Press,
    side: Side,
    aim: Aim,
    size: Option<Size>,
) -> Result<Wish, String> {
    may_exit(desk)?;
    let market = known(desk, press.key)?;
    let instrument = rules(market)?;
    let (free, intent) = match to_reduce(desk, market, instrument, side)? {
        Some(free) => (Some(free), Intent::Exit),
        None => (None, Intent::Entry),
    };
    if intent == Intent::Entry {
        may_enter(desk, market, now)?;
        check_drift(desk, market, press, side, aim)?;
    }
    let kind = match aim {
        Aim::Now if intent == Intent::Exit => {
            exits::bounded(desk, market, instrument, side, now, 1)
        }
        Aim::Now => {
            let far = market
                .best(side.opposite())
                .ok_or("the other side is empty: nothing to take")?;
            limit(through(desk, instrument, side, far, 1), TimeInForce::Ioc)
        }
        Aim::Cursor(tif) => limit(press.cursor.ok_or("the cursor is off the screen")?, tif),
        Aim::Join => limit(near(market, side)?, TimeInForce::PostOnly),
        Aim::Improve => limit(
            price::improved(side, near(market, side)?, market.best(side.opposite())),
            TimeInForce::PostOnly,
        ),
        Aim::Cross => limit(crossed(desk, market, instrument, side)?, TimeInForce::Gtc),
        Aim::Front(price) => limit(price, TimeInForce::PostOnly),
        Aim::Stop if intent == Intent::Exit => {
            return Err("that side reduces the position: i sets its stop".to_owned());
        }
        Aim::Stop => {
            let trigger = press.cursor.ok_or("the cursor is off the screen")?;
            stop_entry::kind(desk, market, side, trigger)?
        }
    };
    let size = size.unwrap_or(market.chosen());
    let reference = match aim {
        Aim::Now | Aim::Cross => market.best(side.opposite()),
        _ => kind.limit(),
    };
    let qty = match free {
        Some(free) => sizing::reducing(desk, market, size, side, reference)
            .min(free)
            .min(Qty(exits::largest(instrument, kind))),
        None => sizing::entering(desk, market, size, side, reference)?,
    };
    Ok(Wish {
        key: press.key,
        side,
        qty,
        kind,
        intent,
    })
}

const fn limit(price: Price, tif: TimeInForce) -> OrderKind {
    OrderKind::Limit { price, tif }
}

/// A few ticks beyond the far side.
fn crossed(
    desk: &Desk,
    market: &Market,
    instrument: &Instrument,
    side: Side,
) -> Result<Price, String> {
    let far = market
        .best(side.opposite())
        .ok_or("the other side is empty: nothing to cross")?;
    let settings = &desk.settings;
    let ticks = settings.cross_ticks;
    Ok(price::through(
        side,
        far,
        Decimal::ZERO,
        ticks,
        instrument,
        &settings.limits,
    ))
}

/// The bounded price of "now" and "close", `times` as far as the settings say.
pub(super) fn through(
    desk: &Desk,
    instrument: &Instrument,
    side: Side,
    far: Price,
    times: u32,
) -> Price {
    let settings = &desk.settings;
    price::through(
        side,
        far,
        settings.now_through.saturating_mul(times.into()),
        settings.now_ticks.saturating_mul(times.into()),
        instrument,
        &settings.limits,
    )
}

pub(super) fn near(market: &Market, side: Side) -> Result<Price, String> {
    market.best(side).ok_or_else(|| match side {
        Side::Buy => "there is no bid to join".to_owned(),
        Side::Sell => "there is no ask to join".to_owned(),
    })
}

/// What an order of `side` may reduce: keys of the opposite side are clipped to what resting exits do not already cover. `None`: it
/// opens or adds.
pub(super) fn to_reduce(
    desk: &Desk,
    market: &Market,
    instrument: &Instrument,
    side: Side,
) -> Result<Option<Qty>, String> {
    if !reduces(desk, market, side) {
        return Ok(None);
    }
    let covered = market.orders.covered(side);
    let free = Qty(market.ledger.lots(instrument)).less(covered);
    if free.is_zero() {
        return Err("exits already cover the position".to_owned());
    }
    Ok(Some(free))
}

/// True when an order of `side` only reduces the position.
pub(super) fn reduces(desk: &Desk, market: &Market, side: Side) -> bool {
    let reduces = desk.settings.opposite == Opposite::Reduce || market.is_spot();
    reduces && market.ledger.side() == Some(side.opposite())
}

fn say_exit(desk: &Desk, now: Stamp, wish: &Wish, size: Option<Size>, out: &mut Effects) {
    let Some(market) = desk.market(&wish.key) else {
        return;
    };
    let Some(instrument) = &market.instrument else {
        return;
    };
    let size = size.unwrap_or(market.chosen());
    let wished = sizing::reducing(desk, market, size, wish.side, wish.kind.limit());
    if health::is_stale(market, now) {
        out.notice(
            Loudness::Warn,
            format!(
                "{} reduces on a {} book",
                words::order(instrument, wish.side, wish.qty),
                words::state(&health::state(market, now))
            ),
        );
    } else if wished == sizing::ALL {
        let what = words::order(instrument, wish.side, wish.qty);
        out.notice(
            Loudness::Warn,
            format!("{what} reduces: the volume cannot be told now, so all that is free"),
        );
    } else if wish.qty < wished {
        out.notice(
            Loudness::Info,
            format!(
                "{} reduces: clipped to the position",
                words::order(instrument, wish.side, wish.qty)
            ),
        );
    }
}

/// Whether anything but panic may be done.
///
/// # Errors
/// Why not.
pub(super) fn may_exit(desk: &Desk) -> Result<(), String> {
    if desk.settings.environment == Environment::Replay {
        return Err("a recording is view-only".to_owned());
    }
    if desk.arm.state() == Armed::Locked {
        let mend = match desk.arm.barred() {
            Some(_) if !desk.is_busy() => "",
            Some(_) => "; A and a volume lets exits through",
            None => "; A and a volume arms",
        };
        let why = desk.arm.words();
        return Err(format!("LOCKED ({why}): only panic works{mend}"));
    }
    Ok(())
}

/// Why there is nothing to close or to cancel: `words`, unless it is not known yet what there is.
pub(super) fn nothing(desk: &Desk, words: String) -> String {
    if desk.account.synced {
        words
    } else {
        "the account is not read yet: nothing is known to be open; panic works".to_owned()
    }
}

pub(super) fn may_enter(desk: &Desk, market: &Market, now: Stamp) -> Result<(), String> {
    if desk.arm.state() != Armed::Armed {
        return Err(format!(
            "{} ({}): no key opens or adds",
            desk.arm.state().word(),
            desk.arm.words()
        ));
    }
    if !desk.account.synced || desk.account.link != LinkState::Ready {
        return Err("the account is not in sync yet: entries wait".to_owned());
    }
    if market.panic.is_some() {
        return Err(format!("panic runs on {}", market.key.symbol));
    }
    if desk.hangup.is_some() {
        return Err("the session is ending".to_owned());
    }
    let symbol = market.key.symbol;
    if desk.settings.view_only.contains(&symbol) {
        return Err(format!("{symbol} is view-only: no key opens or adds"));
    }
    coins::may_enter(desk, market)?;
    if guard::closes(desk, market.key) {
        return Err(format!("{symbol} is being closed: the trade's loss limit"));
    }
    health::entry(market, now)
}

/// Join, improve and now use the live best price; they refuse when it ran away since the trader saw it.
pub(super) fn check_drift(
    desk: &Desk,
    market: &Market,
    press: &Press,
    side: Side,
    aim: Aim,
) -> Result<(), String> {
    let half = match aim {
        Aim::Cursor(_) | Aim::Stop => return Ok(()),
        Aim::Now | Aim::Cross => side.opposite(),
        Aim::Join | Aim::Improve | Aim::Front(_) => side,
    };
    let drawn = match half {
        Side::Buy => press.drawn.0,
        Side::Sell => press.drawn.1,
    };
    let Some(live) = market.best(half) else {
        return Ok(());
    };
    let Some(drawn) = drawn else {
        return Err("that price was not on the screen yet; press again".to_owned());
    };
    let moved = live.0.abs_diff(drawn.0);
    if i64::try_from(moved).unwrap_or(i64::MAX) > desk.settings.max_drift_ticks {
        return Err(format!(
            "price moved {moved} ticks since drawn; press again"
        ));
    }
    Ok(())
}

fn choose_volume(desk: &mut Desk, key: MarketKey, index: u8) -> Result<(), String> {
    desk.market_mut(key).slot(index)?;
    desk.each_of(key, |market| market.volume = index);
    Ok(())
}

fn arm(desk: &mut Desk, key: MarketKey, index: u8, out: &mut Effects) -> Result<(), String> {
    choose_volume(desk, key, index)?;
    if desk.arm.barred().is_none() && !desk.settings.limits_accepted {
        return Err("cannot arm: the limits were not accepted yet".to_owned());
    }
    let busy = desk.is_busy();
    desk.arm
        .arm(busy)
        .map_err(|why| format!("cannot arm: {why}{}", desk.arm.until(why)))?;
    for market in desk.markets.values_mut() {
        if market.ledger.is_mismatch() {
            let instrument = market.instrument.as_deref();
            market.ledger.base_on_venue(instrument);
            out.notice(
                Loudness::Warn,
                format!(
                    "{}: the venue's position counts now",
                    words::market(market.key)
                ),
            );
        }
    }
    out.notice(Loudness::Warn, format!("ARMED {}", arm_line(desk)));
    Ok(())
}

/// What arming means: the account, and what it may risk.
pub(super) fn arm_line(desk: &Desk) -> String {
    let settings = &desk.settings;
    let limits = &settings.limits;
    format!(
        "{} at {}: order up to {}, position up to {}, day's loss up to {}",
        settings.account,
        settings.venue_title,
        words::number(limits.max_order_notional, 2),
        words::number(limits.max_position_notional, 2),
        words::number(limits.max_day_loss, 2),
    )
}

/// A market of which something is known.
///
/// # Errors
/// When there is none.
pub(super) fn known(desk: &Desk, key: MarketKey) -> Result<&Market, String> {
    desk.market(&key)
        .ok_or_else(|| format!("{} is not known yet", key.symbol))
}

/// The venue's rules of a market.
///
/// # Errors
/// When they were not told yet.
pub(super) fn rules(market: &Market) -> Result<&Instrument, String> {
    market
        .instrument
        .as_deref()
        .ok_or_else(|| format!("{} is not known yet", market.key.symbol))
}
