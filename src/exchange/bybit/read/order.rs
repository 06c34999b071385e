//! One order, as `order/realtime`, `order/history` and the `order` topic write it. Pure; owns nothing.
//!
//! A conditional order of Bybit keeps its id when it fires: it is one record from its trigger to its last fill. The stops of a
//! position are orders too, which the venue makes by itself; they have no name of ours.

use std::borrow::Cow;

use serde::Deserialize;

use super::{ReadError, Reader};
use crate::domain::text::sanitise;
use crate::domain::{OrderClass, OrderRef, OrderReport, OrderStatus, Qty};
use crate::exchange::bybit::instruments::Category;
use crate::exchange::bybit::slot::SlotKind;

/// The venue's word for a post-only order that would have taken (Bybit, Enums, rejectReason).
const WOULD_TAKE: &str = "EC_PostOnlyWillTakeLiquidity";

/// What one record says.
#[derive(Clone, Debug)]
pub struct OrderSaid {
    /// The order.
    pub report: OrderReport,
    /// The position's own stop that it carries, where it does.
    pub slot: Option<SlotKind>,
    /// It was refused because it would have taken, and nothing of it was filled.
    pub would_take: bool,
    /// A sentence when it is the venue's own order (liquidation, auto-deleveraging).
    pub alarm: Option<&'static str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    #[serde(borrow)]
    category: Option<Cow<'a, str>>,
    #[serde(borrow)]
    symbol: Cow<'a, str>,
    #[serde(borrow)]
    order_id: Cow<'a, str>,
    #[serde(borrow)]
    order_link_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    side: Cow<'a, str>,
    #[serde(borrow)]
    order_type: Option<Cow<'a, str>>,
    #[serde(borrow)]
    price: Option<Cow<'a, str>>,
    #[serde(borrow)]
    qty: Cow<'a, str>,
    #[serde(borrow)]
    cum_exec_qty: Option<Cow<'a, str>>,
    #[serde(borrow)]
    avg_price: Option<Cow<'a, str>>,
    #[serde(borrow)]
    order_status: Cow<'a, str>,
    #[serde(borrow)]
    cancel_type: Option<Cow<'a, str>>,
    #[serde(borrow)]
    reject_reason: Option<Cow<'a, str>>,
    #[serde(borrow)]
    time_in_force: Option<Cow<'a, str>>,
    position_idx: Option<u8>,
    reduce_only: Option<bool>,
    close_on_trigger: Option<bool>,
    #[serde(borrow)]
    trigger_price: Option<Cow<'a, str>>,
    #[serde(borrow)]
    stop_order_type: Option<Cow<'a, str>>,
    #[serde(borrow)]
    create_type: Option<Cow<'a, str>>,
    #[serde(borrow)]
    updated_time: Option<Cow<'a, str>>,
    #[serde(borrow)]
    created_time: Option<Cow<'a, str>>,
}

/// Reads one order; `listed_in` is the category of the list that it stands in, where the record does not say its own. `None`: it is
/// of a category that Lancet does not trade.
///
/// # Errors
/// When a needed field is missing or unreadable, or the instrument is unknown.
pub fn order(
    raw: &str,
    listed_in: Option<Category>,
    reader: &Reader<'_>,
) -> Result<Option<OrderSaid>, ReadError> {
    let record: Record<'_> = serde_json::from_str(raw)?;
    let own = record.category.as_deref().map(Category::read);
    let Some(category) = own.unwrap_or(listed_in) else {
        return Ok(None);
    };
    let instrument = reader.listed.of(category, &record.symbol)?;
    let filled = match record.cum_exec_qty.as_deref() {
        None | Some("") => Qty::ZERO,
        Some(text) => super::qty(instrument, text, "cumExecQty")?,
    };
    let waited = waited(&record);
    let (status, reason) = status(&record);
    let venue = super::order_id(&record.order_id)?;
    let market = record.order_type.as_deref() == Some("Market");
    // What is bounded by the venue's own band has no limit of ours.
    let price = record.price.as_deref().filter(|_| !market);
    let (side, leg) = (super::side(&record.side)?, super::leg(record.position_idx)?);
    let flags = record.reduce_only == Some(true) || record.close_on_trigger == Some(true);
    let class = class(&record, waited, filled);
    let at_ms = super::ms(record.updated_time.as_deref());
    let report = OrderReport {
        key: reader.whose.key(instrument.symbol),
        order: OrderRef {
            client: super::client(record.order_link_id.as_deref(), venue)?,
            venue: Some(venue),
            class,
        },
        side,
        leg: leg.filter(|_| category == Category::Linear),
        price: super::price_or_none(instrument, price, "price")?,
        trigger: super::price_or_none(instrument, record.trigger_price.as_deref(), "triggerPrice")?,
        callback: None,
        triggered: waited && class == OrderClass::Regular,
        qty: super::qty(instrument, &record.qty, "qty")?,
        filled,
        average: super::positive(record.avg_price.as_deref()),
        reduce_only: flags || leg.is_some_and(|leg| leg.reduces() == side),
        status,
        reason,
        venue_ms: if at_ms > 0 {
            at_ms
        } else {
            super::ms(record.created_time.as_deref())
        },
        at: reader.at,
    };
    Ok(Some(OrderSaid {
        would_take: record.reject_reason.as_deref() == Some(WOULD_TAKE) && filled.is_zero(),
        slot: slot(&record),
        alarm: alarm(record.create_type.as_deref()),
        report,
    }))
}

/// It has or had a trigger.
fn waited(record: &Record<'_>) -> bool {
    !matches!(
        record.stop_order_type.as_deref(),
        None | Some("" | "UNKNOWN" | "MmRateClose")
    )
}

/// Before it fires it is conditional. One that was cancelled without a fill says no more whether it had fired; the account, which
/// may know, corrects it.
fn class(record: &Record<'_>, waited: bool, filled: Qty) -> OrderClass {
    let untriggered = matches!(&*record.order_status, "Untriggered" | "Deactivated");
    let perhaps = matches!(&*record.order_status, "Cancelled" | "Rejected") && filled.is_zero();
    if untriggered || (waited && perhaps) {
        OrderClass::Conditional
    } else {
        OrderClass::Regular
    }
}

/// Stops that the venue keeps for a whole position; those for a part of one are orders like others.
fn slot(record: &Record<'_>) -> Option<SlotKind> {
    match record.stop_order_type.as_deref() {
        Some("StopLoss") => Some(SlotKind::Stop),
        Some("TrailingStop") => Some(SlotKind::Trail),
        _ => None,
    }
}

/// What became of it. A word that is not known is never a final state.
fn status(record: &Record<'_>) -> (OrderStatus, Option<String>) {
    match &*record.order_status {
        "New" | "PartiallyFilled" | "Untriggered" => (OrderStatus::Working, None),
        // For the moment between trigger and book.
        "Triggered" | "Created" => (OrderStatus::Accepted, None),
        "Filled" => (OrderStatus::Filled, None),
        "Rejected" => (end_of(record, OrderStatus::Rejected), reason(record)),
        "Cancelled" | "PartiallyFilledCanceled" | "Deactivated" => {
            (end_of(record, OrderStatus::Cancelled), reason(record))
        }
        other => (
            OrderStatus::Unknown,
            Some(format!("unknown order state {}", sanitise(other, 32))),
        ),
    }
}

/// What the venue ended by itself has expired; what would have taken never rested, which is the same to its trader.
fn end_of(record: &Record<'_>, told: OrderStatus) -> OrderStatus {
    let by_user = matches!(
        record.cancel_type.as_deref(),
        None | Some("" | "UNKNOWN" | "CancelByUser")
    );
    let would_take = record.reject_reason.as_deref() == Some(WOULD_TAKE);
    let at_once = told == OrderStatus::Cancelled
        && matches!(record.time_in_force.as_deref(), Some("IOC" | "FOK"))
        && record.cancel_type.as_deref() != Some("CancelByUser");
    if would_take || at_once || (!by_user && told == OrderStatus::Cancelled) {
        OrderStatus::Expired
    } else {
        told
    }
}

/// Why the venue ended it, in words; `None` where a trader did.
fn reason(record: &Record<'_>) -> Option<String> {
    let words = match record.cancel_type.as_deref().unwrap_or_default() {
        "CancelByUser" => return None,
        "CancelByReduceOnly" => "nothing to reduce",
        "CancelByPrepareLiq" | "CancelAllBeforeLiq" => "cancelled by the venue to free margin",
        "CancelByPrepareAdl" | "CancelAllBeforeAdl" => {
            "cancelled by the venue for auto-deleveraging"
        }
        "CancelByAdmin" => "cancelled by the venue",
        "CancelBySettle" | "CancelByDelivery" => "the contract ended",
        "CancelByTpSlTsClear" => "the position is closed",
        "CancelBySmp" => "self-trade",
        "CancelByDCP" => "cancelled by the venue after a disconnect",
        "CancelByCannotAffordOrderCost" => "margin is insufficient",
        _ => return refusal(record),
    };
    Some(words.to_owned())
}

fn refusal(record: &Record<'_>) -> Option<String> {
    let ioc = matches!(record.time_in_force.as_deref(), Some("IOC" | "FOK"));
    match record.reject_reason.as_deref().unwrap_or_default() {
        WOULD_TAKE => Some("post-only would have taken".to_owned()),
        "EC_NoImmediateQtyToFill" | "EC_CancelForNoFullFill" | "EC_NoEnoughQtyToFill" => {
            Some("the rest was not filled at once".to_owned())
        }
        "" | "EC_NoError" | "EC_PerCancelRequest" if ioc => {
            Some("the rest was not filled at once".to_owned())
        }
        "" | "EC_NoError" | "EC_PerCancelRequest" => None,
        "EC_BySelfMatch" | "EC_StopBySelfMatch" => Some("self-trade".to_owned()),
        other => Some(sanitise(other.trim_start_matches("EC_"), 60)),
    }
}

/// Orders that the venue makes against us.
fn alarm(create_type: Option<&str>) -> Option<&'static str> {
    match create_type? {
        "CreateByLiq" => Some("LIQUIDATION: the venue reduces the position"),
        "CreateByTakeOver_PassThrough" => Some("LIQUIDATION: the venue took the position over"),
        "CreateByAdl_PassThrough" => Some("AUTO-DELEVERAGING: the venue reduced the position"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::tests::{example, listed, reader};
    use super::*;
    use crate::domain::{Leg, Price, Side};

    fn record() -> Value {
        let whole: Value = serde_json::from_str(&example("/v5/order/realtime")).unwrap();
        whole["result"]["list"][0].clone()
    }

    fn read(record: &Value) -> OrderSaid {
        let listed = listed();
        order(
            &record.to_string(),
            Some(Category::Linear),
            &reader(&listed),
        )
        .unwrap()
        .unwrap()
    }

    fn with(changes: &[(&str, Value)]) -> OrderSaid {
        let mut record = record();
        for (field, value) in changes {
            record[*field] = value.clone();
        }
        read(&record)
    }

    #[test]
    fn a_documented_open_order_is_read_field_by_field() {
        let said = read(&record());
        let report = said.report;
        assert_eq!(report.order.client.as_str(), "test-000005");
        assert_eq!(
            report.order.venue.unwrap().as_str(),
            "fd4300ae-7847-404e-b947-b46980a4d140"
        );
        assert_eq!(report.order.class, OrderClass::Regular);
        assert_eq!((report.side, report.leg), (Side::Buy, Some(Leg::Long)));
        assert_eq!((report.price, report.trigger), (Some(Price(160_000)), None));
        assert_eq!((report.qty, report.filled), (Qty(10), Qty::ZERO));
        assert_eq!(report.status, OrderStatus::Working);
        assert_eq!(report.venue_ms, 1_684_738_540_561);
        assert!(!report.reduce_only && !report.triggered && said.slot.is_none());
    }

    #[test]
    fn b12_a_documented_post_only_refusal_is_told_as_one() {
        let whole: Value = serde_json::from_str(&example("/v5/order/history")).unwrap();
        let said = read(&whole["result"]["list"][0]);
        assert!(said.would_take);
        assert_eq!(said.report.status, OrderStatus::Expired);
        assert_eq!(
            said.report.reason.as_deref(),
            Some("post-only would have taken")
        );
    }

    #[test]
    fn an_order_of_a_category_that_is_not_traded_is_none_and_a_nameless_one_has_its_id() {
        let listed = listed();
        let option = record()
            .to_string()
            .replacen('{', r#"{"category":"option","#, 1);
        assert!(order(&option, None, &reader(&listed)).unwrap().is_none());
        let said = with(&[("orderLinkId", json!(""))]);
        assert_eq!(
            said.report.order.client.as_str(),
            "fd4300ae-7847-404e-b947-b46980a4d140"
        );
    }

    #[test]
    fn a_conditional_order_is_one_record_before_and_after_it_fires() {
        let waiting = [
            ("stopOrderType", json!("Stop")),
            ("triggerPrice", json!("1650.00")),
            ("orderStatus", json!("Untriggered")),
        ];
        let said = with(&waiting);
        assert_eq!(said.report.order.class, OrderClass::Conditional);
        assert_eq!(said.report.trigger, Some(Price(165_000)));
        assert_eq!(said.report.status, OrderStatus::Working);
        assert!(!said.report.triggered);
        let fired = |word: &str| {
            let mut changes = waiting.to_vec();
            changes[2].1 = json!(word);
            with(&changes).report
        };
        for (word, status) in [
            ("Triggered", OrderStatus::Accepted),
            ("New", OrderStatus::Working),
            ("Filled", OrderStatus::Filled),
        ] {
            let report = fired(word);
            assert_eq!(
                (report.order.class, report.status),
                (OrderClass::Regular, status)
            );
            assert!(report.triggered);
        }
        let given_up = fired("Deactivated");
        assert_eq!(given_up.order.class, OrderClass::Conditional);
        assert_eq!(given_up.status, OrderStatus::Cancelled);
    }

    #[test]
    fn the_positions_own_stops_are_told_apart() {
        for (word, slot) in [
            ("StopLoss", Some(SlotKind::Stop)),
            ("TrailingStop", Some(SlotKind::Trail)),
            ("PartialStopLoss", None),
            ("TakeProfit", None),
            ("Stop", None),
        ] {
            assert_eq!(with(&[("stopOrderType", json!(word))]).slot, slot, "{word}");
        }
    }

    #[test]
    fn who_ended_an_order_is_said() {
        let ended = |changes: &[(&str, Value)]| {
            let mut all = vec![("orderStatus", json!("Cancelled"))];
            all.extend_from_slice(changes);
            let report = with(&all).report;
            (report.status, report.reason)
        };
        let by = |word: &str| ended(&[("cancelType", json!(word))]);
        assert_eq!(by("CancelByUser"), (OrderStatus::Cancelled, None));
        for (word, words) in [
            ("CancelByReduceOnly", "nothing to reduce"),
            ("CancelBySmp", "self-trade"),
            ("CancelByTpSlTsClear", "the position is closed"),
        ] {
            assert_eq!(by(word), (OrderStatus::Expired, Some(words.to_owned())));
        }
        let rest = (
            OrderStatus::Expired,
            Some("the rest was not filled at once".to_owned()),
        );
        assert_eq!(ended(&[("timeInForce", json!("IOC"))]), rest);
        let user = [
            ("timeInForce", json!("IOC")),
            ("cancelType", json!("CancelByUser")),
        ];
        assert_eq!(ended(&user), (OrderStatus::Cancelled, None));
    }

    #[test]
    fn k6_a_word_that_is_not_known_is_never_final() {
        for word in ["", "Gone\u{1b}[2J", "FILLED"] {
            let report = with(&[("orderStatus", json!(word))]).report;
            assert_eq!(report.status, OrderStatus::Unknown);
            assert!(!report.reason.unwrap().contains('\u{1b}'));
        }
    }

    #[test]
    fn the_venues_own_orders_against_us_are_alarms() {
        for word in [
            "CreateByLiq",
            "CreateByTakeOver_PassThrough",
            "CreateByAdl_PassThrough",
        ] {
            assert!(with(&[("createType", json!(word))]).alarm.is_some());
        }
        assert!(
            with(&[("createType", json!("CreateByUser"))])
                .alarm
                .is_none()
        );
    }
}
