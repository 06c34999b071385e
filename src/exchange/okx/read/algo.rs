//! Conditional orders of OKX, which it calls algo orders, over REST and from their channels: one shape. Pure; owns nothing.
//!
//! They have ids of their own, and a life of their own until they fire: then a regular order is made, whose id the record names,
//! and everything that follows is told of that one (OKX v5, Algo order details; Algo orders channel).

use std::borrow::Cow;

use rust_decimal::Decimal;
use serde::Deserialize;

use super::{ReadError, Reader, client, flag, id, leg, ms, positive, price, qty, reduces, side};
use crate::domain::text::sanitise;
use crate::domain::{
    Callback, Instrument, OrderClass, OrderId, OrderRef, OrderReport, OrderStatus, Price,
};

/// What the venue says of one conditional order.
#[derive(Debug)]
pub struct AlgoOrder {
    /// The conditional order itself, by its own id. Once it has fired its end is that of the regular order, and this report only
    /// says `triggered`.
    pub report: OrderReport,
    /// The id of the regular order that it became.
    pub became: Option<OrderId>,
    /// It trails: the venue cancels such orders by another call.
    pub trails: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    #[serde(borrow)]
    inst_id: Cow<'a, str>,
    inst_type: Option<Cow<'a, str>>,
    #[serde(borrow)]
    algo_id: Cow<'a, str>,
    algo_cl_ord_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    side: Cow<'a, str>,
    pos_side: Option<Cow<'a, str>>,
    #[serde(borrow)]
    ord_type: Cow<'a, str>,
    #[serde(borrow)]
    state: Cow<'a, str>,
    sz: Option<Cow<'a, str>>,
    tgt_ccy: Option<Cow<'a, str>>,
    close_fraction: Option<Cow<'a, str>>,
    #[serde(default, deserialize_with = "flag")]
    reduce_only: bool,
    sl_trigger_px: Option<Cow<'a, str>>,
    sl_ord_px: Option<Cow<'a, str>>,
    tp_trigger_px: Option<Cow<'a, str>>,
    tp_ord_px: Option<Cow<'a, str>>,
    trigger_px: Option<Cow<'a, str>>,
    ord_px: Option<Cow<'a, str>>,
    active_px: Option<Cow<'a, str>>,
    callback_ratio: Option<Cow<'a, str>>,
    callback_spread: Option<Cow<'a, str>>,
    ord_id: Option<Cow<'a, str>>,
    #[serde(default)]
    ord_id_list: Vec<Cow<'a, str>>,
    fail_code: Option<Cow<'a, str>>,
    u_time: Option<Cow<'a, str>>,
    c_time: Option<Cow<'a, str>>,
}

/// Reads one conditional order.
///
/// # Errors
/// When a needed field is missing or unreadable, or the instrument is unknown; [`ReadError::Elsewhere`] where it is an algo that
/// waits for no trigger.
pub fn read(text: &str, reader: &Reader<'_>) -> Result<AlgoOrder, ReadError> {
    let record: Record<'_> = serde_json::from_str(text)?;
    let trails = record.ord_type == "move_order_stop";
    if !trails && !matches!(record.ord_type.as_ref(), "conditional" | "oco" | "trigger") {
        return Err(ReadError::Elsewhere);
    }
    let instrument = reader.instrument(&record.inst_id, record.inst_type.as_deref())?;
    let number = id(Some(&record.algo_id)).ok_or(ReadError::Field("algoId"))?;
    let (side, leg) = (side(&record.side)?, leg(record.pos_side.as_deref())?);
    let (status, triggered) = status(&record.state);
    let (trigger, limit) = prices(&record, instrument)?;
    let whole = positive(record.close_fraction.as_deref()).is_some();
    let report = OrderReport {
        key: reader.whose.key(instrument.symbol),
        order: OrderRef {
            client: client(record.algo_cl_ord_id.as_deref(), number)?,
            venue: Some(number),
            class: OrderClass::Conditional,
        },
        side,
        leg,
        price: limit,
        trigger,
        callback: callback(&record, instrument),
        triggered,
        qty: size(&record, instrument)?,
        filled: crate::domain::Qty::ZERO,
        average: None,
        reduce_only: reduces(record.reduce_only, leg, side) || whole,
        status,
        reason: reason(&record, status),
        venue_ms: updated_ms(&record),
        at: reader.at,
    };
    Ok(AlgoOrder {
        report,
        became: became(&record).filter(|_| triggered),
        trails,
    })
}

fn updated_ms(record: &Record<'_>) -> i64 {
    match ms(record.u_time.as_deref()) {
        0 => ms(record.c_time.as_deref()),
        at => at,
    }
}

/// Absent where a fraction of the position is closed; in the quote currency it says nothing about coins.
fn size(record: &Record<'_>, instrument: &Instrument) -> Result<crate::domain::Qty, ReadError> {
    if record.tgt_ccy.as_deref() == Some("quote_ccy") {
        return Ok(crate::domain::Qty::ZERO);
    }
    qty(instrument, record.sz.as_deref(), "sz")
}

/// Where it fires (a trail: from where on it follows), and the worst price then. Of a pair the stop side is shown.
fn prices(
    record: &Record<'_>,
    instrument: &Instrument,
) -> Result<(Option<Price>, Option<Price>), ReadError> {
    for (trigger, limit, field) in [
        (&record.sl_trigger_px, &record.sl_ord_px, "slTriggerPx"),
        (&record.tp_trigger_px, &record.tp_ord_px, "tpTriggerPx"),
        (&record.trigger_px, &record.ord_px, "triggerPx"),
    ] {
        if let Some(trigger) = price(instrument, trigger.as_deref(), field)? {
            return Ok((Some(trigger), price(instrument, limit.as_deref(), field)?));
        }
    }
    let active = price(instrument, record.active_px.as_deref(), "activePx")?;
    Ok((active, None))
}

fn callback(record: &Record<'_>, instrument: &Instrument) -> Option<Callback> {
    if let Some(ratio) = positive(record.callback_ratio.as_deref()) {
        let points = ratio.checked_mul(Decimal::from(10_000))?;
        let whole = Some(points).filter(|points| points.fract().is_zero())?;
        return u32::try_from(whole).ok().map(Callback::Rate);
    }
    let spread = record.callback_spread.as_deref()?;
    let ticks = instrument.price(spread.as_bytes()).ok()?;
    (ticks.0 > 0).then_some(Callback::Distance(ticks.0))
}

/// What a state proves of the conditional order, and whether it says that it fired. A word that is not known is never final.
fn status(word: &str) -> (OrderStatus, bool) {
    match word {
        "live" | "pause" => (OrderStatus::Working, false),
        "effective" | "partially_effective" => (OrderStatus::Working, true),
        "canceled" => (OrderStatus::Cancelled, false),
        "order_failed" | "partially_failed" => (OrderStatus::Rejected, false),
        _ => (OrderStatus::Unknown, false),
    }
}

/// `ordId` is to go; the list has one entry but for orders that are split, which ours are not.
fn became(record: &Record<'_>) -> Option<OrderId> {
    let listed = record.ord_id_list.first().map(AsRef::as_ref);
    id(listed).or_else(|| id(record.ord_id.as_deref()).filter(|number| number.as_str() != "0"))
}

fn reason(record: &Record<'_>, status: OrderStatus) -> Option<String> {
    match status {
        OrderStatus::Rejected => {
            let why = sanitise(record.fail_code.as_deref().unwrap_or_default(), 32);
            Some(format!("it fired and was refused: {why}"))
        }
        OrderStatus::Unknown => Some(format!(
            "unknown order state {}",
            sanitise(&record.state, 32)
        )),
        _ => None,
    }
}
