//! What a typed line asks of the desk, and what it does about it: one function a wish, under the guards of the key that is like it.

use rust_decimal::Decimal;

use crate::domain::message::{MarginMode, PositionMode};
use crate::domain::text::sanitise;
use crate::domain::{
    Command, Instrument, Intent, MarketKey, OrderKind, Price, Side, Stamp, TimeInForce,
};
use crate::nearest::did_you_mean;

use super::act::{self, Aim};
use super::action::Action;
use super::desk::Desk;
use super::effect::{Effects, Loudness};
use super::event::Press;
use super::preview::{self, Foreseen};
use super::scale::Scale;
use super::send::Wish;
use super::stops::Place;
use super::volume::Size;
use super::{cancel, chase, coins, diary, exits, guard, lean, scale, send, stops, words};

/// A wish that has words of its own. What a key can say by its name alone is an [`Action`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Buy or sell.
    Trade(Trade),
    /// Several orders between two prices.
    Scale(Scale),
    /// The stop goes there; `None`: no stop is wanted any more, asked twice.
    Stop(Option<Place>),
    /// A take there for what no exit covers; `None`: takes are cancelled.
    Take(Option<Place>),
    /// Close so many percent, 1 to 100.
    Close(u8),
    /// Cancel what is named.
    Cancel(Named),
    /// Working volume `.0` (from 1) is this size; `None`: what the settings say.
    Volume(u8, Option<Size>),
    /// Leverage of the symbol, 1 to 125.
    Leverage(u32),
    /// Margin mode of the symbol.
    Margin(MarginMode),
    /// Position mode of the account.
    Mode(PositionMode),
    /// So many of the account's coins are Lancet's to sell from here on.
    Baseline(Decimal),
    /// The symbol is looked at only, or not any more.
    ViewOnly(bool),
    /// A tag for the open trip, or for the one that ended last.
    Tag(String),
    /// A note on it.
    Note(String),
    /// A setting gets a value.
    Set {
        /// Its name, `risk.max_position`.
        name: String,
        /// As typed.
        value: String,
    },
}

/// An order in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trade {
    /// Buy or sell.
    pub side: Side,
    /// How large; `None`: the working volume.
    pub size: Option<Size>,
    /// At what price and how; `None`: now, bounded as the key.
    pub at: Option<At>,
}

/// Where an order in words rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// At this price.
    Price(Price, TimeInForce),
    /// Post-only at the best price of its side.
    Best,
    /// The same, and after that price when it moves.
    Chase,
    /// In front of the wall at this price, or of the one that the cursor or the depth names.
    Lean(Option<Price>),
    /// Beyond the market, when the price reaches this trigger.
    Stop(Price),
}

/// Orders that are cancelled by name only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// Own stops; no stop is wanted any more.
    Stops,
    /// Own exits that rest.
    Takes,
    /// Orders that Lancet did not place.
    External,
}

/// What the trader saw when asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The market of the ladder in the last drawn frame.
    pub key: MarketKey,
    /// Price under the cursor; `None` when it was not on the screen.
    pub cursor: Option<Price>,
    /// Best bid and ask.
    pub drawn: (Option<Price>, Option<Price>),
    /// When the line was entered.
    pub at: Stamp,
}

impl Seen {
    /// The key press that is like it.
    const fn press(self, action: Action) -> Press {
        Press {
            action,
            key: self.key,
            cursor: self.cursor,
            row: None,
            pointed: false,
            drawn: self.drawn,
            at: self.at,
        }
    }
}

/// Settings that a line can change.
pub const SETTABLE: &[&str] = &guard::limit::NAMES;

/// Does what a line asks for, or says why not.
pub(super) fn take(desk: &mut Desk, now: Stamp, ask: Ask, mut seen: Seen, out: &mut Effects) {
    let key = desk.shown(seen.key);
    seen.key = key;
    let done = match ask {
        Ask::Trade(trade) => self::trade(desk, now, trade, seen, out),
        Ask::Scale(scale) => scale::place(desk, now, key, &scale, out),
        Ask::Stop(place) => stops::at(desk, now, key, place, out),
        Ask::Take(Some(place)) => stops::take_at(desk, now, key, place, out),
        Ask::Take(None) => cancel(desk, now, key, Named::Takes, out),
        Ask::Close(percent) => exits::close(desk, now, key, percent, out),
        Ask::Cancel(named) => cancel(desk, now, key, named, out),
        Ask::Volume(index, size) => desk.set_volume(key, index, size, out),
        Ask::Leverage(leverage) => {
            let symbol = key.symbol;
            send::setting(Command::SetLeverage { symbol, leverage }, out);
            Ok(())
        }
        Ask::Margin(mode) => {
            let symbol = key.symbol;
            send::setting(Command::SetMargin { symbol, mode }, out);
            Ok(())
        }
        Ask::Mode(mode) => {
            send::setting(Command::SetPositionMode(mode), out);
            Ok(())
        }
        Ask::Set { name, value } => set(desk, now, key, (&name, &value), out),
        Ask::Tag(tag) => diary::tag(desk, now, key, &tag, out),
        Ask::Note(note) => diary::note(desk, now, key, &note, out),
        Ask::Baseline(size) => coins::begin(desk, now, key, size, out),
        Ask::ViewOnly(on) => guard::view_only(desk, key, on, out),
    };
    if let Err(refusal) = done {
        out.notice(Loudness::Warn, refusal);
    }
}

fn trade(
    desk: &mut Desk,
    now: Stamp,
    trade: Trade,
    seen: Seen,
    out: &mut Effects,
) -> Result<(), String> {
    let Trade { side, size, at } = trade;
    let (press, aim) = like(trade, seen);
    match at {
        Some(At::Chase) => chase::begin(desk, now, &press, side, size, out),
        Some(At::Lean(_)) => lean::begin(desk, now, &press, side, size, out),
        _ => act::trade(desk, now, &press, side, aim, size, out),
    }
}

/// The key press that an order in words is like.
fn like(trade: Trade, mut seen: Seen) -> (Press, Aim) {
    let side = trade.side;
    let (action, aim) = match trade.at {
        None => (Action::Now(side), Aim::Now),
        Some(At::Best) => (Action::Join(side), Aim::Join),
        Some(At::Price(price, tif)) => {
            seen.cursor = Some(price);
            (Action::AtCursor(side), Aim::Cursor(tif))
        }
        Some(At::Stop(trigger)) => {
            seen.cursor = Some(trigger);
            (Action::StopEntry(side), Aim::Stop)
        }
        Some(At::Chase) => (Action::Chase(side), Aim::Join),
        Some(At::Lean(wall)) => {
            seen.cursor = wall.or(seen.cursor);
            (Action::Lean(side), Aim::Join)
        }
    };
    (seen.press(action), aim)
}

/// What an order in words would send now, in words.
///
/// # Errors
/// Why it would not be sent, or that the venue would refuse it.
pub(super) fn would_send(
    desk: &Desk,
    now: Stamp,
    trade: Trade,
    seen: Seen,
) -> Result<String, String> {
    let (press, mut aim) = like(trade, seen);
    let press = Press {
        key: desk.opens(desk.shown(press.key), trade.side),
        ..press
    };
    if let Some(At::Lean(_)) = trade.at {
        aim = lean::aim(desk, now, &press, trade.side)?;
    }
    let wish = act::plan(desk, now, &press, trade.side, aim, trade.size)?;
    in_words(desk, now, wish)
}

/// What closing so many percent would send now, in words.
///
/// # Errors
/// Why it would not be sent.
pub(super) fn would_close(
    desk: &Desk,
    now: Stamp,
    key: MarketKey,
    percent: u8,
) -> Result<String, String> {
    in_words(desk, now, exits::plan_close(desk, now, key, percent)?.wish)
}

/// What a take there would send now, in words.
///
/// # Errors
/// Why it would not be sent.
pub(super) fn would_take(
    desk: &Desk,
    now: Stamp,
    key: MarketKey,
    place: Place,
) -> Result<String, String> {
    in_words(desk, now, stops::plan_take_at(desk, key, place)?)
}

/// The stop that would be wanted, in words: `SELL 0.050 stop at 59 990.0, leaves -1.50 USDT`.
///
/// # Errors
/// Why it would not be.
pub(super) fn would_stop(
    desk: &Desk,
    now: Stamp,
    key: MarketKey,
    place: Place,
) -> Result<String, String> {
    let trigger = stops::plan_at(desk, now, key, place)?;
    let stop = preview::stop_at(desk, key, trigger)?;
    let instrument = act::rules(act::known(desk, key)?)?;
    let leaves = stop.result.map(|result| {
        let result = words::signed(result.round_dp(2));
        format!(", leaves {result} {}", instrument.quote)
    });
    Ok(format!(
        "{} stop at {}{}",
        words::order(instrument, stop.side, stop.qty),
        words::price(instrument, trigger),
        leaves.unwrap_or_default()
    ))
}

fn in_words(desk: &Desk, now: Stamp, wish: Wish) -> Result<String, String> {
    let market = act::known(desk, wish.key)?;
    let instrument = act::rules(market)?;
    let what = words::order(instrument, wish.side, wish.qty);
    let (price, tif) = match wish.kind {
        OrderKind::Limit { price, tif } => (price, tif),
        OrderKind::Stop {
            trigger,
            limit: Some(limit),
            ..
        } => {
            let foreseen = preview::foresee(desk, now, wish)?;
            return Ok(format!(
                "{what} waits for {}, fills no further than {}{}",
                words::price(instrument, trigger),
                words::price(instrument, limit),
                comes_to(instrument, &foreseen),
            ));
        }
        _ => return Ok(format!("{what} by market")),
    };
    let at = instrument.price_decimal(price);
    let worth = instrument.notional(at, instrument.qty_decimal(wish.qty));
    let worth = worth.map_or_else(|| "?".to_owned(), |worth| words::number(worth, 2));
    let how = match tif {
        TimeInForce::Gtc => "rests",
        TimeInForce::Ioc => "or better now",
        TimeInForce::PostOnly => "post-only",
    };
    let reduces = match wish.intent {
        Intent::Entry => "",
        Intent::Exit => ", reduces",
    };
    let foreseen = preview::foresee(desk, now, wish)?;
    let far = market.best(wish.side.opposite());
    if tif == TimeInForce::PostOnly && far.is_some_and(|far| price.crosses(wish.side, far)) {
        return Err("it would take there: the venue refuses post-only".to_owned());
    }
    Ok(format!(
        "{what} @ {} {how}, worth {worth} {}{reduces}{}",
        words::price(instrument, price),
        instrument.quote,
        comes_to(instrument, &foreseen),
    ))
}

/// `, takes 0.050 at ~60 000.31 (worst 60 000.4), cost 604t → LONG 0.050 @ 60 000.31`
fn comes_to(instrument: &Instrument, foreseen: &Foreseen) -> String {
    let takes = foreseen.takes.map(|taken| {
        format!(
            ", takes {} at ~{} (worst {})",
            words::qty(instrument, taken.qty),
            words::average(instrument, taken.average),
            words::price(instrument, taken.worst)
        )
    });
    let cost = foreseen.cost_ticks.map(|ticks| format!(", cost {ticks}t"));
    let after = foreseen
        .after
        .map(|(size, entry)| format!(" → {}", words::position(instrument, size, entry)));
    let liquidation = foreseen
        .liquidation
        .map(|liquidation| format!(", liq ~{}", words::average(instrument, liquidation.price)));
    [takes, cost, after, liquidation]
        .into_iter()
        .flatten()
        .collect()
}

fn cancel(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    named: Named,
    out: &mut Effects,
) -> Result<(), String> {
    match named {
        Named::Stops => cancel::stops(desk, now, key, out),
        Named::Takes => cancel::picked(desk, now, key, cancel::is_resting_exit, "takes", out),
        Named::External => cancel::picked(
            desk,
            now,
            key,
            |order| order.external,
            "external orders",
            out,
        ),
    }
}

fn set(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    (name, value): (&str, &str),
    out: &mut Effects,
) -> Result<(), String> {
    if SETTABLE.contains(&name) {
        return guard::set(desk, now, key, (name, value), out);
    }
    let name = sanitise(name, 40);
    let mend = did_you_mean(&name, SETTABLE.iter().copied());
    Err(format!("no setting {name}{mend}"))
}
