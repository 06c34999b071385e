//! What the desk tells its diary, and the rows from which it can be read again.

use rust_decimal::Decimal;

use crate::domain::text::sanitise;
use crate::domain::{
    Asset, Fill, Instrument, Intent, MarketKey, OrderClass, Price, Stamp, TradeId,
};
use crate::engine::desk::Desk;
use crate::engine::effect::{Effects, Loudness};
use crate::engine::market::Market;
use crate::engine::record::{self, Filled, Row};
use crate::engine::words;
use crate::engine::working::Order;

use super::running::Traded;
use super::trip::{Setup, Terms};

/// Longest tag and longest note, characters.
const LONGEST_TAG: usize = 24;
const LONGEST_NOTE: usize = 160;
/// Decimals of what a fee was worth.
const WORTH_DIGITS: u32 = 8;

/// Position and average before a fill.
pub(in crate::engine) type Before = (Decimal, Decimal);

/// A fill was counted by the ledger: it is counted here, and written down with what belongs to it.
pub(in crate::engine) fn filled(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    fill: &Fill,
    before: Before,
    out: &mut Effects,
) {
    let instrument = desk.instrument(key.venue, key.symbol).cloned();
    let market = desk.market_mut(key);
    let seen = market.seen.take();
    // One that the starting number already held moves no position.
    let moved = market.ledger.own().size != before.0;
    let setup = setup(desk, key, fill, instrument.as_deref());
    let worth = instrument
        .as_deref()
        .and_then(|instrument| worth(desk, instrument, fill));
    let row = Filled {
        at: now,
        environment: desk.settings.environment,
        key,
        fill: *fill,
        before: moved.then_some(before),
        seen,
        worth,
        setup: setup.clone(),
        instrument: instrument.clone(),
    };
    out.journal(Row::Fill(Box::new(row)));
    let Some(instrument) = instrument.filter(|_| moved) else {
        return;
    };
    let Some(terms) = Terms::of(&instrument) else {
        return;
    };
    let price = |price: Price| instrument.price_decimal(price);
    let traded = Traded {
        trade: fill.trade,
        side: fill.side,
        price: fill.price,
        size: instrument.qty_decimal(fill.qty),
        fee: fill.fee,
        fee_asset: fill.fee_asset,
        fee_worth: worth,
        realised: fill.realised,
        at_ms: fill.venue_ms,
        before: Some(before),
        seen: seen.map(|(low, high)| (price(low), price(high))),
        setup,
    };
    desk.diary.take(key, &terms, &traded);
}

/// What is known of the key behind a fill.
fn setup(desk: &mut Desk, key: MarketKey, fill: &Fill, instrument: Option<&Instrument>) -> Setup {
    let order = desk.market(&key).and_then(|m| m.orders.get(fill.client));
    let own_name = order.map_or("", name);
    let trigger = order
        .filter(|order| !order.external)
        .and_then(|order| order.trigger)
        .zip(instrument)
        .map(|(trigger, instrument)| instrument.price_decimal(trigger));
    let mut setup = desk.presses.setup(fill.client, instrument);
    // A stop is called so whatever key put it there.
    if setup.name.is_empty() || own_name == STOP {
        own_name.clone_into(&mut setup.name);
    }
    setup.promised = trigger.or(setup.promised);
    setup
}

/// What an exit that fires is called.
const STOP: &str = "stop";

fn name(order: &Order) -> &'static str {
    let fires = order.trigger.is_some() || order.order.class == OrderClass::Conditional;
    match order.intent {
        _ if order.external => "external",
        Intent::Exit if fires => STOP,
        Intent::Exit if order.price.is_some() => "take",
        Intent::Entry | Intent::Exit => "",
    }
}

/// What a fee in a third currency is worth in the settle currency, where a market of it is open.
fn worth(desk: &Desk, instrument: &Instrument, fill: &Fill) -> Option<Decimal> {
    if fill.fee_asset == instrument.settle || fill.fee.is_zero() {
        return None;
    }
    let price = desk
        .markets()
        .find_map(|market| price_of(market, fill.fee_asset, instrument.settle))?;
    Some(fill.fee.checked_mul(price)?.round_dp(WORTH_DIGITS))
}

/// The middle of a market where the one is traded for the other.
fn price_of(market: &Market, asset: Asset, in_money: Asset) -> Option<Decimal> {
    let instrument = market.instrument.as_deref()?;
    if instrument.base != asset || instrument.quote != in_money {
        return None;
    }
    let touch = market.touch?;
    let (bid, ask) = (touch.bid?.price, touch.ask?.price);
    let both = instrument
        .price_decimal(bid)
        .checked_add(instrument.price_decimal(ask))?;
    both.checked_div(Decimal::TWO)
}

/// Funding was booked.
pub(in crate::engine) fn funded(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    amount: Decimal,
    out: &mut Effects,
) {
    let asset = desk
        .instrument(key.venue, key.symbol)
        .map(|instrument| instrument.settle);
    out.journal(record::funding(
        now,
        desk.settings.environment,
        key,
        amount,
        asset,
    ));
    desk.diary.fund(key, amount);
}

/// The program ends: what was seen of open positions since their last fill is written down.
pub(in crate::engine) fn end(desk: &mut Desk, now: Stamp, out: &mut Effects) {
    let environment = desk.settings.environment;
    for market in desk.markets.values_mut() {
        let seen = market.seen.take().zip(market.instrument.as_deref());
        if let Some((seen, instrument)) = seen {
            out.journal(record::seen(now, environment, market.key, seen, instrument));
        }
    }
}

/// Gives the open trip of a market, else the one that ended last there, a tag.
///
/// # Errors
/// When there is no trip, or no word.
pub(in crate::engine) fn tag(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    text: &str,
    out: &mut Effects,
) -> Said {
    let text = word(text, LONGEST_TAG).ok_or("a tag is a word or two: :tag breakout")?;
    let what = write(desk, now, key, ("tag", &text), out)?;
    desk.diary.use_tag(&text);
    out.notice(Loudness::Info, format!("{what}: tag {text}"));
    Ok(())
}

/// The same with a sentence.
///
/// # Errors
/// As [`tag`].
pub(in crate::engine) fn note(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    text: &str,
    out: &mut Effects,
) -> Said {
    let text = word(text, LONGEST_NOTE).ok_or("a note is a sentence: :note chased it")?;
    let what = write(desk, now, key, ("note", &text), out)?;
    out.notice(Loudness::Info, format!("{what}: noted"));
    Ok(())
}

/// Done, or why not.
type Said = Result<(), String>;

fn word(text: &str, longest: usize) -> Option<String> {
    let text = sanitise(text.trim(), longest);
    (!text.is_empty()).then_some(text)
}

/// Writes a word on a trip and into the journal; says which trip it was.
fn write(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    (field, text): (&'static str, &str),
    out: &mut Effects,
) -> Result<String, String> {
    let (trip, what) = match desk.diary.write_open(key, field, text) {
        Some(trip) => (trip, "open trip".to_owned()),
        None => {
            let none = || format!("no trip on {} yet", words::market(key));
            let (trip, ended_ms) = desk.diary.write_last(key, field, text).ok_or_else(none)?;
            (trip, format!("trip that ended {}", words::utc(ended_ms)))
        }
    };
    let environment = desk.settings.environment;
    out.journal(record::diary(now, environment, key, trip, (field, text)));
    Ok(format!("{} {what}", words::market(key)))
}

impl super::Diary {
    fn write_open(&mut self, key: MarketKey, field: &str, text: &str) -> Option<TradeId> {
        let (id, tag, note) = self.running.get_mut(&key)?.words()?;
        let place = if field == "tag" { tag } else { note };
        text.clone_into(place);
        Some(id)
    }

    /// Sums by tag follow the word: the trip is counted under the new one.
    fn write_last(&mut self, key: MarketKey, field: &str, text: &str) -> Option<(TradeId, i64)> {
        let at = self.latest.iter().position(|trip| trip.key == key)?;
        let trip = self.latest[at].clone();
        let mut written = (*trip).clone();
        let place = if field == "tag" {
            &mut written.tag
        } else {
            &mut written.note
        };
        text.clone_into(place);
        self.retag(&trip, &written);
        let told = (written.id, written.closed_ms);
        std::sync::Arc::make_mut(&mut self.latest)[at] = std::sync::Arc::new(written);
        Some(told)
    }
}
