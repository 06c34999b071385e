//! Regular orders, as the `orders` channel, `GET order` and `orders-pending` write them: one shape.

use std::borrow::Cow;

use serde::Deserialize;

use super::{
    ReadError, Reader, client, code, flag, id, leg, ms, positive, price, qty, reduces, side,
};
use crate::domain::text::sanitise;
use crate::domain::{Instrument, OrderClass, OrderId, OrderRef, OrderReport, OrderStatus, Qty};

/// What the venue says of one regular order.
#[derive(Debug)]
pub struct Order {
    /// The order, by the names that the venue gives it.
    pub report: OrderReport,
    /// The conditional order that it was made of when that fired, and the name that it had, where the venue says it.
    pub made_of: Option<(OrderId, Option<crate::domain::ClientId>)>,
    /// It was post-only and would have taken: the venue ended it.
    pub would_take: bool,
    /// A change that was accepted was refused after all, in the venue's words, sanitised.
    pub not_changed: Option<String>,
    /// A sentence when it is the venue's own order (liquidation, auto-deleveraging, delivery).
    pub alarm: Option<&'static str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    #[serde(borrow)]
    inst_id: Cow<'a, str>,
    inst_type: Option<Cow<'a, str>>,
    #[serde(borrow)]
    ord_id: Cow<'a, str>,
    cl_ord_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    side: Cow<'a, str>,
    pos_side: Option<Cow<'a, str>>,
    ord_type: Option<Cow<'a, str>>,
    px: Option<Cow<'a, str>>,
    sz: Option<Cow<'a, str>>,
    tgt_ccy: Option<Cow<'a, str>>,
    acc_fill_sz: Option<Cow<'a, str>>,
    avg_px: Option<Cow<'a, str>>,
    #[serde(borrow)]
    state: Cow<'a, str>,
    #[serde(default, deserialize_with = "flag")]
    reduce_only: bool,
    cancel_source: Option<Cow<'a, str>>,
    category: Option<Cow<'a, str>>,
    source: Option<Cow<'a, str>>,
    algo_id: Option<Cow<'a, str>>,
    algo_cl_ord_id: Option<Cow<'a, str>>,
    amend_result: Option<Cow<'a, str>>,
    code: Option<Cow<'a, str>>,
    msg: Option<Cow<'a, str>>,
    u_time: Option<Cow<'a, str>>,
    c_time: Option<Cow<'a, str>>,
}

/// Reads one order.
///
/// # Errors
/// When a needed field is missing or unreadable, or the instrument is unknown.
pub fn read(text: &str, reader: &Reader<'_>) -> Result<Order, ReadError> {
    let record: Record<'_> = serde_json::from_str(text)?;
    let instrument = reader.instrument(&record.inst_id, record.inst_type.as_deref())?;
    let number = id(Some(&record.ord_id)).ok_or(ReadError::Field("ordId"))?;
    let (side, leg) = (side(&record.side)?, leg(record.pos_side.as_deref())?);
    let filled = qty(instrument, record.acc_fill_sz.as_deref(), "accFillSz")?;
    let (status, reason) = status(&record);
    let report = OrderReport {
        key: reader.whose.key(instrument.symbol),
        order: OrderRef {
            client: client(record.cl_ord_id.as_deref(), number)?,
            venue: Some(number),
            class: OrderClass::Regular,
        },
        side,
        leg,
        price: price(instrument, record.px.as_deref(), "px")?,
        trigger: None,
        callback: None,
        triggered: false,
        qty: size(&record, instrument, filled)?,
        filled,
        average: positive(record.avg_px.as_deref()),
        reduce_only: reduces(record.reduce_only, leg, side),
        status,
        reason,
        venue_ms: updated_ms(&record),
        at: reader.at,
    };
    Ok(Order {
        made_of: made_of(&record),
        would_take: ended_by(&record) == Some(WOULD_TAKE),
        not_changed: not_changed(&record),
        alarm: alarm(record.category.as_deref()),
        report,
    })
}

fn updated_ms(record: &Record<'_>) -> i64 {
    match ms(record.u_time.as_deref()) {
        0 => ms(record.c_time.as_deref()),
        at => at,
    }
}

/// A market order for an amount of the quote currency states no size in coins: it is what it filled.
fn size(record: &Record<'_>, instrument: &Instrument, filled: Qty) -> Result<Qty, ReadError> {
    if record.tgt_ccy.as_deref() == Some("quote_ccy") {
        return Ok(filled);
    }
    qty(instrument, record.sz.as_deref(), "sz")
}

/// Orders that algos made say so by their source, and name the algo (OKX v5, Order channel, `source`, `algoId`).
fn made_of(record: &Record<'_>) -> Option<(OrderId, Option<crate::domain::ClientId>)> {
    let algo = id(record.algo_id.as_deref())?;
    let name = record.algo_cl_ord_id.as_deref().unwrap_or_default();
    let fired = matches!(record.source.as_deref(), Some("6" | "7" | "13" | "25"));
    (fired || !name.is_empty()).then(|| (algo, crate::domain::ClientId::new(name).ok()))
}

/// A crossing post-only order is accepted first and cancelled then (OKX v5, Order channel, `cancelSource`).
const WOULD_TAKE: i64 = 31;

/// The venue's number for who ended it; `None` while it lives, and where the venue does not say.
fn ended_by(record: &Record<'_>) -> Option<i64> {
    let ended = matches!(record.state.as_ref(), "canceled" | "mmp_canceled");
    let source = record.cancel_source.as_deref()?;
    ended.then(|| source.parse().ok()).flatten()
}

/// The venue's word for an order's state. A word that is not known is never a final state.
fn status(record: &Record<'_>) -> (OrderStatus, Option<String>) {
    match record.state.as_ref() {
        "live" | "partially_filled" => (OrderStatus::Working, None),
        "filled" => (OrderStatus::Filled, None),
        "canceled" | "mmp_canceled" => cancelled(record),
        other => (
            OrderStatus::Unknown,
            Some(format!("unknown order state {}", sanitise(other, 32))),
        ),
    }
}

/// OKX v5, Order channel, `cancelSource`.
fn cancelled(record: &Record<'_>) -> (OrderStatus, Option<String>) {
    let immediate = matches!(
        record.ord_type.as_deref(),
        Some("ioc" | "fok" | "optimal_limit_ioc" | "market")
    );
    let words = match ended_by(record) {
        Some(1) => return (OrderStatus::Cancelled, None),
        None | Some(0) if immediate => "the rest was not filled at once",
        None => return (OrderStatus::Cancelled, None),
        Some(2..=4) => "ended by the venue's risk control",
        Some(6) => "ended before auto-deleveraging",
        Some(7 | 10) => "the contract was delivered",
        Some(9) => "funding used up the balance",
        Some(13 | 14) => "the rest was not filled at once",
        Some(15 | 27) => "the price was beyond the venue's limits",
        Some(17 | 21) => "the position was closed",
        Some(20) => "the venue's dead-man switch",
        Some(22 | 23) => "a better exit took its place",
        Some(WOULD_TAKE) => "post-only would have taken",
        Some(32) => "self-trade",
        Some(33) => "it met too many orders",
        Some(_) => "ended by the venue",
    };
    (OrderStatus::Expired, Some(words.to_owned()))
}

/// -1: the acknowledgement said yes and the change failed then.
fn not_changed(record: &Record<'_>) -> Option<String> {
    (record.amend_result.as_deref() == Some("-1")).then(|| {
        let words = sanitise(record.msg.as_deref().unwrap_or_default(), 120);
        format!("not changed: {words} {}", code(record.code.as_deref()))
    })
}

fn alarm(category: Option<&str>) -> Option<&'static str> {
    match category {
        Some("full_liquidation" | "partial_liquidation") => {
            Some("the venue liquidates this position")
        }
        Some("adl") => Some("the venue auto-deleverages this position"),
        Some("delivery") => Some("the venue settles this position"),
        Some("auto_conversion") => Some("the venue converts coins to cover a debt"),
        _ => None,
    }
}
