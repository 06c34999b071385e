//! One execution, as `execution/list` and the `execution` topic write it. Pure; owns nothing.

use std::borrow::Cow;

use rust_decimal::Decimal;
use serde::Deserialize;

use super::{ReadError, Reader};
use crate::domain::{Fill, Leg, Liquidity, OrderId, Side, Symbol, TradeId};
use crate::exchange::bybit::instruments::Category;
use crate::exchange::bybit::slot::SlotKind;

/// What one record says.
#[derive(Clone, Debug)]
pub enum FillSaid {
    /// A trade of ours.
    Fill {
        /// The fill, under the name that the record carries.
        fill: Box<Fill>,
        /// The position's own stop that traded, where it was one.
        slot: Option<SlotKind>,
        /// A sentence when the venue made it against us.
        alarm: Option<&'static str>,
    },
    /// Funding was booked, settle currency, positive when received.
    Funding {
        /// On which instrument.
        symbol: Symbol,
        /// The record's id, by which it is told once.
        id: TradeId,
        /// How much.
        amount: Decimal,
        /// When, venue ms since 1970.
        venue_ms: i64,
    },
    /// Nothing that concerns Lancet.
    Other,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    #[serde(borrow)]
    category: Option<Cow<'a, str>>,
    #[serde(borrow)]
    symbol: Cow<'a, str>,
    #[serde(borrow)]
    exec_id: Cow<'a, str>,
    #[serde(borrow)]
    exec_price: Cow<'a, str>,
    #[serde(borrow)]
    exec_qty: Cow<'a, str>,
    #[serde(borrow)]
    exec_type: Option<Cow<'a, str>>,
    #[serde(borrow)]
    exec_fee: Option<Cow<'a, str>>,
    #[serde(borrow)]
    fee_currency: Option<Cow<'a, str>>,
    #[serde(borrow)]
    exec_pnl: Option<Cow<'a, str>>,
    #[serde(borrow)]
    exec_time: Option<Cow<'a, str>>,
    #[serde(default)]
    is_maker: bool,
    #[serde(borrow)]
    closed_size: Option<Cow<'a, str>>,
    #[serde(borrow)]
    order_id: Cow<'a, str>,
    #[serde(borrow)]
    order_link_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    side: Cow<'a, str>,
    #[serde(borrow)]
    stop_order_type: Option<Cow<'a, str>>,
    #[serde(borrow)]
    create_type: Option<Cow<'a, str>>,
}

/// Reads one execution; `listed_in` as for an order. `has_legs` says whether the account holds two positions on an instrument: an
/// execution does not say which of them it changed, but whether it closed.
///
/// # Errors
/// When a needed field is missing or unreadable, or the instrument is unknown.
pub fn fill(
    raw: &str,
    listed_in: Option<Category>,
    reader: &Reader<'_>,
    has_legs: impl Fn(&Symbol) -> bool,
    recovered: bool,
) -> Result<FillSaid, ReadError> {
    let record: Record<'_> = serde_json::from_str(raw)?;
    let own = record.category.as_deref().map(Category::read);
    let Some(category) = own.unwrap_or(listed_in) else {
        return Ok(FillSaid::Other);
    };
    let kind = record.exec_type.as_deref().unwrap_or("Trade");
    let instrument = reader.listed.of(category, &record.symbol)?;
    let trade = TradeId::new(&record.exec_id).map_err(|_| ReadError::Field("execId"))?;
    let venue_ms = super::ms(record.exec_time.as_deref());
    let fee = super::decimal(record.exec_fee.as_deref()).unwrap_or_default();
    if matches!(kind, "Funding" | "FundingFee") {
        return Ok(FillSaid::Funding {
            symbol: instrument.symbol,
            id: trade,
            amount: -fee,
            venue_ms,
        });
    }
    let order = super::order_id(&record.order_id)
        .or_else(|_| OrderId::new(&record.exec_id).map_err(|_| ReadError::Field("orderId")))?;
    let side = super::side(&record.side)?;
    let closed = super::positive(record.closed_size.as_deref()).is_some();
    let fee_asset = match (category, side) {
        (Category::Linear, _) => instrument.settle,
        // Bybit, Spot fee currency instruction: what is bought pays, unless the record says otherwise.
        (Category::Spot, Side::Buy) => instrument.base,
        (Category::Spot, Side::Sell) => instrument.quote,
    };
    let price = super::decimal(Some(&record.exec_price)).ok_or(ReadError::Field("execPrice"))?;
    Ok(FillSaid::Fill {
        fill: Box::new(Fill {
            key: reader.whose.key(instrument.symbol),
            client: super::client(record.order_link_id.as_deref(), order)?,
            order,
            trade,
            side,
            leg: (category == Category::Linear && has_legs(&instrument.symbol))
                .then(|| leg(side, closed)),
            price,
            qty: super::qty(instrument, &record.exec_qty, "execQty")?,
            fee,
            fee_asset: super::asset_or(record.fee_currency.as_deref(), fee_asset),
            realised: super::decimal(record.exec_pnl.as_deref()),
            liquidity: if record.is_maker {
                Liquidity::Maker
            } else {
                Liquidity::Taker
            },
            venue_ms,
            at: reader.at,
            recovered,
        }),
        slot: slot(&record),
        alarm: alarm(kind),
    })
}

const fn leg(side: Side, closed: bool) -> Leg {
    match (side, closed) {
        (Side::Buy, false) | (Side::Sell, true) => Leg::Long,
        (Side::Sell, false) | (Side::Buy, true) => Leg::Short,
    }
}

fn slot(record: &Record<'_>) -> Option<SlotKind> {
    let kind = record.stop_order_type.as_deref();
    let made = record.create_type.as_deref();
    match (kind, made) {
        (Some("StopLoss"), _) | (_, Some("CreateByStopLoss")) => Some(SlotKind::Stop),
        (Some("TrailingStop"), _) | (_, Some("CreateByTrailingStop")) => Some(SlotKind::Trail),
        _ => None,
    }
}

fn alarm(kind: &str) -> Option<&'static str> {
    match kind {
        "BustTrade" => Some("LIQUIDATED: the venue took the position over"),
        "AdlTrade" => Some("AUTO-DELEVERAGING: the venue reduced the position"),
        "Settle" | "Delivery" => Some("the contract ended: the venue closed the position"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::tests::{example, listed, reader};
    use super::*;
    use crate::domain::Qty;

    fn record() -> Value {
        let whole: Value = serde_json::from_str(&example("/v5/execution/list")).unwrap();
        whole["result"]["list"][0].clone()
    }

    fn read(changes: &[(&str, Value)], hedge: bool) -> FillSaid {
        let mut record = record();
        for (field, value) in changes {
            record[*field] = value.clone();
        }
        let listed = listed();
        fill(
            &record.to_string(),
            Some(Category::Linear),
            &reader(&listed),
            |_| hedge,
            true,
        )
        .unwrap()
    }

    fn as_fill(said: FillSaid) -> (Fill, Option<SlotKind>, Option<&'static str>) {
        match said {
            FillSaid::Fill { fill, slot, alarm } => (*fill, slot, alarm),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_documented_execution_is_read_field_by_field() {
        let (fill, slot, alarm) = as_fill(read(&[], false));
        assert_eq!(fill.key.symbol.as_str(), "ETHPERP");
        assert_eq!(fill.trade.as_str(), "e0cbe81d-0f18-5866-9415-cf319b5dab3b");
        assert_eq!(fill.order.as_str(), "8c065341-7b52-4ca9-ac2c-37e31ac55c94");
        assert_eq!(fill.client.as_str(), fill.order.as_str());
        assert_eq!((fill.side, fill.qty, fill.leg), (Side::Buy, Qty(1), None));
        assert_eq!(fill.price.to_string(), "1190.15");
        assert_eq!(fill.fee.to_string(), "0.071409");
        assert_eq!(fill.fee_asset.as_str(), "USDC");
        assert_eq!(fill.liquidity, Liquidity::Taker);
        assert_eq!(fill.venue_ms, 1_672_282_722_429);
        assert_eq!((slot, alarm, fill.realised), (None, None, None));
    }

    #[test]
    fn funding_is_no_fill_and_is_positive_when_received() {
        for (fee, amount) in [("0.5", "-0.5"), ("-0.25", "0.25")] {
            let said = read(
                &[("execType", json!("Funding")), ("execFee", json!(fee))],
                false,
            );
            let FillSaid::Funding { amount: told, .. } = said else {
                panic!("{said:?}");
            };
            assert_eq!(told.to_string(), amount);
        }
    }

    #[test]
    fn what_closed_tells_the_leg() {
        for (side, closed, leg) in [
            ("Buy", "", Leg::Long),
            ("Sell", "0", Leg::Short),
            ("Sell", "0.1", Leg::Long),
            ("Buy", "0.1", Leg::Short),
        ] {
            let said = read(
                &[("side", json!(side)), ("closedSize", json!(closed))],
                true,
            );
            assert_eq!(as_fill(said).0.leg, Some(leg), "{side} {closed}");
        }
    }

    #[test]
    fn what_the_venue_did_to_us_is_a_fill_and_an_alarm() {
        for kind in ["BustTrade", "AdlTrade", "Settle"] {
            let (_, _, alarm) = as_fill(read(&[("execType", json!(kind))], false));
            assert!(alarm.is_some(), "{kind}");
        }
    }

    #[test]
    fn a_fired_stop_of_the_position_is_known_by_either_word() {
        for change in [
            ("stopOrderType", json!("StopLoss")),
            ("createType", json!("CreateByStopLoss")),
        ] {
            let (_, slot, _) = as_fill(read(&[change], false));
            assert_eq!(slot, Some(SlotKind::Stop));
        }
    }

    #[test]
    fn a_spot_fee_is_in_what_was_bought_unless_the_record_says_otherwise() {
        let listed = listed();
        let spot = |side: &str, currency: &str| {
            let mut record = record();
            record["symbol"] = json!("BTCUSDT");
            record["side"] = json!(side);
            record["feeCurrency"] = json!(currency);
            record["execQty"] = json!("0.000123");
            let raw = record.to_string();
            let said = fill(
                &raw,
                Some(Category::Spot),
                &reader(&listed),
                |_| true,
                false,
            );
            as_fill(said.unwrap()).0
        };
        assert_eq!(spot("Buy", "").fee_asset.as_str(), "BTC");
        assert_eq!(spot("Sell", "").fee_asset.as_str(), "USDT");
        assert_eq!(spot("Buy", "MNT").fee_asset.as_str(), "MNT");
        assert_eq!((spot("Buy", "").qty, spot("Buy", "").leg), (Qty(123), None));
    }
}
