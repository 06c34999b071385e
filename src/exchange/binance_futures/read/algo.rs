//! Conditional orders of Binance futures, over REST and from the private stream, as one picture. Pure; owns nothing.
//!
//! Binance calls them algo orders. They have numbers of their own, and a life of their own until they fire: then a regular order
//! is made, whose number the record names, and everything that follows is told of that one
//! (Binance, Event: Algo Order Update; Query Algo Order).

use std::borrow::Cow;

use rust_decimal::Decimal;
use serde::Deserialize;

use super::{ReadError, Reader, client, leg, positive, price_or_none, qty, reduces, side};
use crate::domain::text::sanitise;
use crate::domain::{
    Callback, Instrument, OrderClass, OrderId, OrderRef, OrderReport, OrderStatus, Price, Qty,
};

/// What the venue says of one conditional order.
#[derive(Debug)]
pub struct AlgoOrder {
    /// The conditional order itself, by its own number. Once it has fired its end is that of the regular order, and this report
    /// only says `triggered`.
    pub report: OrderReport,
    /// The number of the regular order that it became.
    pub became: Option<OrderId>,
    /// It fired and what came of it has ended: filled or not, the regular order says.
    pub finished: bool,
}

/// The fields, whatever their names.
struct Record<'a> {
    symbol: Cow<'a, str>,
    id: u64,
    client: Cow<'a, str>,
    side: Cow<'a, str>,
    position_side: Option<Cow<'a, str>>,
    status: Cow<'a, str>,
    qty: Option<Cow<'a, str>>,
    price: Option<Cow<'a, str>>,
    trigger: Option<Cow<'a, str>>,
    activate: Option<Cow<'a, str>>,
    callback: Option<Decimal>,
    became: Option<Cow<'a, str>>,
    average: Option<Cow<'a, str>>,
    filled: Option<Cow<'a, str>>,
    reduce_only: Option<bool>,
    close_position: Option<bool>,
    fired_ms: i64,
    reason: Option<Cow<'a, str>>,
    venue_ms: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rest<'a> {
    algo_id: u64,
    #[serde(borrow)]
    client_algo_id: Cow<'a, str>,
    symbol: Cow<'a, str>,
    side: Cow<'a, str>,
    position_side: Option<Cow<'a, str>>,
    quantity: Option<Cow<'a, str>>,
    algo_status: Cow<'a, str>,
    actual_order_id: Option<Cow<'a, str>>,
    actual_price: Option<Cow<'a, str>>,
    actual_qty: Option<Cow<'a, str>>,
    trigger_price: Option<Cow<'a, str>>,
    price: Option<Cow<'a, str>>,
    activate_price: Option<Cow<'a, str>>,
    callback_rate: Option<Cow<'a, str>>,
    reduce_only: Option<bool>,
    close_position: Option<bool>,
    trigger_time: Option<i64>,
    update_time: Option<i64>,
    create_time: Option<i64>,
}

/// Reads one conditional order as `GET algoOrder` and `openAlgoOrders` write it.
///
/// # Errors
/// When a needed field is missing or unreadable, or the instrument is unknown.
pub fn order(bytes: &[u8], reader: &Reader<'_>) -> Result<AlgoOrder, ReadError> {
    let rest: Rest<'_> = serde_json::from_slice(bytes)?;
    let record = Record {
        symbol: rest.symbol,
        id: rest.algo_id,
        client: rest.client_algo_id,
        side: rest.side,
        position_side: rest.position_side,
        status: rest.algo_status,
        qty: rest.quantity,
        price: rest.price,
        trigger: rest.trigger_price,
        activate: rest.activate_price,
        callback: positive(rest.callback_rate.as_deref()),
        became: rest.actual_order_id,
        average: rest.actual_price,
        filled: rest.actual_qty,
        reduce_only: rest.reduce_only,
        close_position: rest.close_position,
        fired_ms: rest.trigger_time.unwrap_or(0),
        reason: None,
        venue_ms: rest.update_time.or(rest.create_time).unwrap_or(0),
    };
    picture(record, reader)
}

/// `ALGO_UPDATE.o`; letters as the venue documents them.
#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow)]
    caid: Cow<'a, str>,
    aid: u64,
    s: Cow<'a, str>,
    #[serde(rename = "S")]
    side: Cow<'a, str>,
    ps: Option<Cow<'a, str>>,
    q: Option<Cow<'a, str>>,
    #[serde(rename = "X")]
    status: Cow<'a, str>,
    ai: Option<Cow<'a, str>>,
    ap: Option<Cow<'a, str>>,
    aq: Option<Cow<'a, str>>,
    tp: Option<Cow<'a, str>>,
    p: Option<Cow<'a, str>>,
    #[serde(rename = "AP")]
    activate: Option<Cow<'a, str>>,
    cr: Option<Cow<'a, str>>,
    #[serde(rename = "R")]
    reduce_only: Option<bool>,
    cp: Option<bool>,
    tt: Option<i64>,
    rm: Option<Cow<'a, str>>,
}

/// Reads `ALGO_UPDATE.o`. The stream does not document how far a trail follows behind: what is known of that stays as it was.
///
/// # Errors
/// When a needed field is missing or unreadable, or the instrument is unknown.
pub fn event(body: &str, venue_ms: i64, reader: &Reader<'_>) -> Result<AlgoOrder, ReadError> {
    let event: Event<'_> = serde_json::from_str(body)?;
    let record = Record {
        symbol: event.s,
        id: event.aid,
        client: event.caid,
        side: event.side,
        position_side: event.ps,
        status: event.status,
        qty: event.q,
        price: event.p,
        trigger: event.tp,
        activate: event.activate,
        callback: positive(event.cr.as_deref()),
        became: event.ai,
        average: event.ap,
        filled: event.aq,
        reduce_only: event.reduce_only,
        close_position: event.cp,
        fired_ms: event.tt.unwrap_or(0),
        reason: event.rm,
        venue_ms,
    };
    picture(record, reader)
}

fn picture(record: Record<'_>, reader: &Reader<'_>) -> Result<AlgoOrder, ReadError> {
    let instrument = reader.instrument(&record.symbol)?;
    let side = side(&record.side)?;
    let leg = leg(record.position_side.as_deref())?;
    let became = record.became.as_deref().and_then(|id| id.parse().ok());
    let became = became.filter(|id: &u64| *id > 0).map(OrderId::of_number);
    let qty = size(instrument, record.qty.as_deref(), "quantity")?;
    let filled = size(instrument, record.filled.as_deref(), "actualQty")?;
    let (status, fired) = match (record.status.as_ref(), became) {
        ("FINISHED", None) if filled >= qty => (OrderStatus::Filled, true),
        ("FINISHED", None) => (OrderStatus::Expired, true),
        (word, _) => status(word),
    };
    let reduces = reduces(record.reduce_only, leg, side);
    let report = OrderReport {
        key: reader.whose.key(instrument.symbol),
        order: OrderRef {
            client: client(&record.client, record.id)?,
            venue: Some(OrderId::of_number(record.id)),
            class: OrderClass::Conditional,
        },
        side,
        leg,
        price: price_or_none(instrument, record.price.as_deref(), "price")?,
        trigger: trigger(&record, instrument)?,
        callback: record.callback.and_then(callback),
        triggered: fired || record.fired_ms > 0,
        qty,
        filled,
        average: positive(record.average.as_deref()),
        reduce_only: reduces || record.close_position.unwrap_or(false),
        status,
        reason: reason(&record, status),
        venue_ms: record.venue_ms,
        at: reader.at,
    };
    Ok(AlgoOrder {
        report,
        became,
        finished: became.is_some() && record.status == "FINISHED",
    })
}

/// A trail's activation price where it has no trigger.
fn trigger(record: &Record<'_>, instrument: &Instrument) -> Result<Option<Price>, ReadError> {
    let trigger = price_or_none(instrument, record.trigger.as_deref(), "triggerPrice")?;
    match trigger {
        Some(trigger) => Ok(Some(trigger)),
        None => price_or_none(instrument, record.activate.as_deref(), "activatePrice"),
    }
}

/// Absent where the whole position is closed, and before anything was filled.
fn size(
    instrument: &Instrument,
    text: Option<&str>,
    field: &'static str,
) -> Result<Qty, ReadError> {
    match text {
        None | Some("") => Ok(Qty::ZERO),
        Some(text) => qty(instrument, text, field),
    }
}

/// Per cent as basis points.
fn callback(percent: Decimal) -> Option<Callback> {
    let points = percent
        .checked_mul(Decimal::ONE_HUNDRED)
        .filter(|points| points.fract().is_zero())?;
    u32::try_from(points).ok().map(Callback::Rate)
}

/// What a state proves of the conditional order, and whether it says that it fired. A word that is not known is never final.
fn status(word: &str) -> (OrderStatus, bool) {
    match word {
        "NEW" => (OrderStatus::Working, false),
        "TRIGGERING" | "TRIGGERED" | "FINISHED" => (OrderStatus::Working, true),
        "CANCELED" => (OrderStatus::Cancelled, false),
        "EXPIRED" => (OrderStatus::Expired, false),
        "REJECTED" => (OrderStatus::Rejected, false),
        _ => (OrderStatus::Unknown, false),
    }
}

fn reason(record: &Record<'_>, status: OrderStatus) -> Option<String> {
    let said = record.reason.as_deref().filter(|words| !words.is_empty());
    match status {
        OrderStatus::Rejected => Some(match said {
            Some(words) => format!("it fired and was refused: {}", sanitise(words, 120)),
            None => "it fired and was refused by the venue".to_owned(),
        }),
        OrderStatus::Expired => Some(match said {
            Some(words) => sanitise(words, 120),
            None => "ended by the venue".to_owned(),
        }),
        OrderStatus::Unknown => Some(format!(
            "unknown order state {}",
            sanitise(&record.status, 32)
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
