//! Facts about orders and fills: what they prove of an order, in words for the trader.

use rust_decimal::Decimal;

use crate::domain::message::Proves;
use crate::domain::{
    ClientId, Fill, Intent, Liquidity, MarketKey, OrderClass, OrderReport, OrderStatus, Outcome,
    Stamp, TimeInForce,
};
use crate::engine::desk::Desk;
use crate::engine::effect::{About, Effects, Loudness};
use crate::engine::ledger::Taken;
use crate::engine::market::Market;
use crate::engine::working::{Change, Order};
use crate::engine::{
    closing, diary, panic, protect, queue, record, rejoin, replace, send, stop_entry, words,
};

use super::is_foreign;

/// Said of an order that is not proved either way.
const UNKNOWN: &str = "the outcome of an order is unknown";

/// The answer to an order: what it proves, in words.
pub(in crate::engine) fn take_place_answer(
    desk: &mut Desk,
    at: Stamp,
    key: MarketKey,
    client: ClientId,
    outcome: &Outcome,
    out: &mut Effects,
) {
    let before = acked(desk, key, client);
    let market = desk.market_mut(key);
    let Some(change) = market.orders.take_place_answer(client, outcome, at) else {
        return;
    };
    note_ack(desk, key, client, before);
    let Some((what, market)) = described(desk, key, client) else {
        return;
    };
    let about = (About::Order, Some(key));
    match (change, outcome) {
        (
            Change::Ended,
            Outcome::Rejected {
                code,
                words,
                proves,
            },
        ) => {
            let met = match proves {
                Proves::WouldTake => rejoin::met(market, client),
                _ => String::new(),
            };
            let code = code_words(*code);
            let words = format!("rejected: {words}{code}{met}");
            out.alert(about, "an order was refused", Loudness::Warn, words);
        }
        (Change::Ended, Outcome::NotSent(words)) => {
            let words = format!("{what} was not sent: {words}");
            out.alert(about, "an order was not sent", Loudness::Warn, words);
        }
        (Change::BecameUnknown, Outcome::Unknown(words)) => {
            let words = format!("UNKNOWN {what}: {words}; it counts until proved");
            out.alert(about, UNKNOWN, Loudness::Alarm, words);
        }
        _ => {}
    }
    if change != Change::Ended {
        return;
    }
    let status = market
        .orders
        .get(client)
        .map_or(OrderStatus::Rejected, |o| o.status);
    out.journal(record::ended(at, key, client.as_str(), status));
    if let Outcome::Rejected { proves, .. } = outcome {
        closing::refused(desk, key, client, *proves, out);
        panic::refused(desk, key, client, *proves);
        protect::refused(desk, at, key, client, *proves, out);
        if *proves == Proves::WouldTake {
            rejoin::refused(desk, at, key, client, out);
        }
    }
    closing::step_one(desk, at, key, out);
}

/// A venue's code behind its words; zero is none.
pub(in crate::engine) fn code_words(code: i64) -> String {
    match code {
        0 => String::new(),
        code => format!(" {code}"),
    }
}

/// The answer to a cancel: taken is not proved gone.
pub(super) fn take_cancel_answer(
    desk: &mut Desk,
    key: MarketKey,
    client: ClientId,
    outcome: &Outcome,
    out: &mut Effects,
) {
    let Some(order) = desk.market_mut(key).orders.get_mut(client) else {
        return;
    };
    if !order.is_live() {
        return;
    }
    match outcome {
        // Taken is not proved gone: the order's own report ends it.
        Outcome::Accepted { .. } => {}
        // Both leave the cancel on its way: it is sent again until the end is proved.
        Outcome::Unknown(words) | Outcome::NotSent(words) => {
            out.notice(Loudness::Warn, format!("CANCEL UNKNOWN: {words}"));
        }
        Outcome::Rejected {
            proves: Proves::NotFound,
            ..
        } => {
            // It ended some other way: filled before the cancel, most likely. The venue must say.
            send::query(desk, key, client, out);
        }
        Outcome::Rejected { code, words, .. } => {
            order.cancelling = None;
            let code = code_words(*code);
            let words = format!("cancel refused: {words}{code}");
            let about = (About::Order, Some(key));
            out.alert(about, "a cancel was refused", Loudness::Warn, words);
        }
    }
}

/// The venue's word on an order.
pub(super) fn take_order(desk: &mut Desk, now: Stamp, report: &OrderReport, out: &mut Effects) {
    if is_foreign(desk, report.key, out) {
        return;
    }
    desk.presses.reported(report);
    let instrument = desk.instrument(report.key.venue, report.key.symbol);
    out.journal(record::order(now, report, instrument.map(AsRef::as_ref)));
    let client = report.order.client;
    let key = desk.whose(report.key, report.leg, client);
    let before = acked(desk, key, client);
    let was_cancelling = desk
        .market(&key)
        .and_then(|m| m.orders.get(client))
        .is_some_and(|o| o.cancelling.is_some());
    let own = is_own(desk, client);
    say_fired(desk, key, report, out);
    let market = desk.market_mut(key);
    let (change, adopted) = market.orders.take_report(report, own);
    if matches!(change, Change::Rests | Change::Moved) {
        queue::start(market, client);
    }
    note_ack(desk, key, client, before);
    let Some((what, market)) = described(desk, key, client) else {
        return;
    };
    let Some(order) = market.orders.get(client) else {
        return;
    };
    if adopted && !own {
        out.notice(Loudness::Warn, format!("EXTERNAL order: {what}"));
    }
    match change {
        Change::Rests if order.order.class == OrderClass::Conditional => {
            match (order.intent, &market.instrument) {
                (Intent::Entry, Some(instrument)) => {
                    out.notice(Loudness::Info, stop_entry::waits_words(instrument, order));
                }
                (Intent::Exit, _) => {
                    let about = (About::Stop, Some(key));
                    out.list(
                        about,
                        "a stop stands",
                        Loudness::Info,
                        format!("stands: {what}"),
                    );
                }
                (Intent::Entry, None) => {}
            }
        }
        // An order that cannot rest is told by its fills and its end.
        Change::Rests if matches!(order.tif, None | Some(TimeInForce::Ioc)) => {}
        Change::Rests => out.notice(Loudness::Info, rests_words(market, order)),
        Change::Moved if protect::takes::is_resizing(market, client) => {}
        Change::Moved => out.notice(Loudness::Info, format!("moved: {what}")),
        Change::BecameUnknown => {
            let words = format!("UNKNOWN {what}: it counts until proved");
            let about = (About::Order, Some(key));
            out.alert(about, UNKNOWN, Loudness::Alarm, words);
        }
        Change::Ended => say_end(order, market, report, was_cancelling, &what, out),
        Change::Overfilled | Change::None => {}
    }
    if change == Change::Overfilled {
        overfilled(desk, key, &what, out);
    }
    if change == Change::Ended {
        closing::step_one(desk, now, key, out);
    }
}

fn rests_words(market: &Market, order: &Order) -> String {
    let Some(instrument) = &market.instrument else {
        return format!("{} rests", order.side.word());
    };
    let at = order.price.map_or_else(String::new, |p| {
        format!(" at {}", words::price(instrument, p))
    });
    let took = order
        .ack_us
        .map_or_else(String::new, |us| format!("  {}", words::took(us)));
    format!(
        "{} rests{at}{took}",
        words::order(instrument, order.side, order.remaining())
    )
}

/// A stop that waited has become an order.
fn say_fired(desk: &Desk, key: MarketKey, report: &OrderReport, out: &mut Effects) {
    let client = report.order.client;
    if let Some((what, market)) = described(desk, key, client)
        && market.orders.get(client).is_some_and(|o| {
            o.is_live()
                && o.order.class == OrderClass::Conditional
                && report.order.class == OrderClass::Regular
        })
    {
        let words = format!("fired: {what}");
        let about = (About::Stop, Some(key));
        out.alert(about, "a stop fired", Loudness::Warn, words);
    }
}

fn say_end(
    order: &Order,
    market: &Market,
    report: &OrderReport,
    was_cancelling: bool,
    what: &str,
    out: &mut Effects,
) {
    let part = market.instrument.as_ref().map(|instrument| {
        format!(
            "{} of {} filled",
            words::qty(instrument, order.filled),
            words::qty(instrument, order.qty)
        )
    });
    let part = part.filter(|_| !order.filled.is_zero());
    let reason = report
        .reason
        .as_ref()
        .map_or_else(String::new, |reason| format!(" ({reason})"));
    match order.status {
        OrderStatus::Filled if was_cancelling => {
            out.notice(Loudness::Warn, format!("filled, cancel too late: {what}"));
        }
        OrderStatus::Rejected => {
            let words = format!("NOT PLACED {what}{reason}");
            let about = (About::Order, Some(market.key));
            out.alert(about, "an order was refused", Loudness::Warn, words);
        }
        // A stop that gave way to the next one is no news, nor is an order that is placed anew.
        OrderStatus::Cancelled
            if protect::gave_way(market, order)
                || replace::is_running(market, order.order.client) => {}
        OrderStatus::Cancelled | OrderStatus::Expired => {
            let waits = order.order.class == OrderClass::Conditional;
            let ioc = matches!(order.tif, None | Some(TimeInForce::Ioc));
            let ioc = ioc && !order.external && !waits;
            let words = match (part, ioc) {
                (Some(part), _) => format!("{part}, rest cancelled{reason}"),
                (None, true) => format!("nothing filled of {what}, cancelled{reason}"),
                (None, false) if order.status == OrderStatus::Expired => {
                    format!("expired {what}{reason}")
                }
                (None, false) => format!("cancelled {what}{reason}"),
            };
            out.notice(Loudness::Info, words);
        }
        _ => {}
    }
}

/// True when the fill was new.
pub(super) fn take_fill(desk: &mut Desk, now: Stamp, fill: &Fill, out: &mut Effects) -> bool {
    if is_foreign(desk, fill.key, out) {
        return false;
    }
    let key = desk.whose(fill.key, fill.leg, fill.client);
    let before = acked(desk, key, fill.client);
    let market = desk.market_mut(key);
    let instrument = market.instrument.clone();
    let own = market.ledger.own();
    let held = (own.size, own.entry);
    let taken = market.ledger.take_fill(fill, instrument.as_deref());
    if taken == Taken::Duplicate {
        return false;
    }
    let change = market.orders.take_fill(fill);
    desk.presses.filled(fill);
    diary::filled(desk, now, key, fill, held, out);
    note_ack(desk, key, fill.client, before);
    let words = fill_words(desk, fill, change.is_none() && !is_own(desk, fill.client));
    let about = (About::Fill, Some(key));
    out.alert(about, "an order was filled", Loudness::Good, words);
    if change == Some(Change::Overfilled) {
        overfilled(desk, key, "a fill", out);
    }
    if taken == Taken::Overflow {
        overfilled(desk, key, "a fill that does not fit", out);
    }
    if change == Some(Change::Ended) {
        closing::step_one(desk, now, key, out);
    }
    true
}

fn fill_words(desk: &Desk, fill: &Fill, external: bool) -> String {
    let instrument = desk.market(&fill.key).and_then(|m| m.instrument.as_deref());
    let what = match instrument {
        Some(instrument) => format!(
            "{} filled at {}",
            words::order(instrument, fill.side, fill.qty),
            words::average(instrument, fill.price)
        ),
        None => format!(
            "{} {}: {} lots filled at {}",
            fill.key.symbol,
            fill.side.word(),
            fill.qty.0,
            fill.price.normalize()
        ),
    };
    let liquidity = match fill.liquidity {
        Liquidity::Maker => "maker",
        Liquidity::Taker => "taker",
    };
    let mark = if external { "EXTERNAL " } else { "" };
    let recovered = if fill.recovered { " (recovered)" } else { "" };
    format!(
        "{mark}{what} {liquidity}, fee {} {}{recovered}",
        words::number(fill.fee, fee_digits(fill.fee)),
        fill.fee_asset
    )
}

/// A fee in a dear coin is a small number that is still one.
fn fee_digits(fee: Decimal) -> u32 {
    let shows = |digits: &u32| fee.is_zero() || !fee.round_dp(*digits).is_zero();
    (4..12).find(shows).unwrap_or(12)
}

fn overfilled(desk: &mut Desk, key: MarketKey, what: &str, out: &mut Effects) {
    desk.market_mut(key).ledger.note_overfill();
    let words = format!("{}: {what} is more than was ordered", words::market(key));
    let about = (About::Risk, Some(key));
    out.alert(
        about,
        "more was filled than was ordered",
        Loudness::Alarm,
        words,
    );
    send::reconcile(out);
}

fn is_own(desk: &Desk, client: ClientId) -> bool {
    let name = client.as_str();
    name.starts_with(&desk.settings.session)
        || desk
            .settings
            .earlier_sessions
            .iter()
            .any(|session| name.starts_with(session.as_str()))
}

fn acked(desk: &Desk, key: MarketKey, client: ClientId) -> bool {
    desk.market(&key)
        .and_then(|m| m.orders.get(client))
        .is_none_or(|o| o.ack_us.is_some())
}

fn note_ack(desk: &mut Desk, key: MarketKey, client: ClientId, before: bool) {
    if before {
        return;
    }
    let micros = desk
        .market(&key)
        .and_then(|m| m.orders.get(client))
        .and_then(|o| o.ack_us);
    if let Some(micros) = micros {
        desk.acks.add(micros);
    }
}

/// `BUY 0.050 at 61 239.8`, and the market.
fn described(desk: &Desk, key: MarketKey, client: ClientId) -> Option<(String, &Market)> {
    let market = desk.market(&key)?;
    let order = market.orders.get(client)?;
    let Some(instrument) = &market.instrument else {
        return Some((format!("{} {}", order.side.word(), key.symbol), market));
    };
    let what = words::order(instrument, order.side, order.qty);
    let at = match (order.price, order.intent) {
        _ if order.order.class == OrderClass::Conditional => {
            let trigger = order
                .trigger
                .map(|trigger| words::price(instrument, trigger));
            format!(" stop at {}", trigger.unwrap_or_default())
        }
        (Some(price), _) => format!(" at {}", words::price(instrument, price)),
        (None, Intent::Exit) => " close".to_owned(),
        (None, Intent::Entry) => String::new(),
    };
    Some((format!("{what}{at}"), market))
}
