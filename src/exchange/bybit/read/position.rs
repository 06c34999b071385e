//! One position, as `position/list` and the `position` topic write it. Pure; owns nothing.

use std::borrow::Cow;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Deserialize;

use super::{ReadError, Reader};
use crate::domain::{Leg, PositionReport, Price, Qty, Side};
use crate::exchange::bybit::instruments::Category;

/// What one record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PositionSaid {
    /// The position.
    pub report: PositionReport,
    /// The instrument holds two positions, a long and a short one.
    pub has_legs: bool,
    /// Its size without its sign, whole lots; `None` when that is beyond all numbers.
    pub lots: Option<Qty>,
    /// Leverage, where the venue says one.
    pub leverage: Option<u32>,
    /// Where its own stop fires, ticks.
    pub stop: Option<Price>,
    /// How far its own trailing stop follows behind, ticks.
    pub trail: Option<Price>,
    /// A sentence when the venue is taking it away.
    pub alarm: Option<&'static str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    #[serde(borrow)]
    category: Option<Cow<'a, str>>,
    #[serde(borrow)]
    symbol: Cow<'a, str>,
    position_idx: Option<u8>,
    #[serde(borrow)]
    side: Option<Cow<'a, str>>,
    #[serde(borrow)]
    size: Cow<'a, str>,
    #[serde(borrow)]
    avg_price: Option<Cow<'a, str>>,
    #[serde(borrow)]
    entry_price: Option<Cow<'a, str>>,
    #[serde(borrow)]
    liq_price: Option<Cow<'a, str>>,
    #[serde(borrow)]
    leverage: Option<Cow<'a, str>>,
    #[serde(borrow)]
    stop_loss: Option<Cow<'a, str>>,
    #[serde(borrow)]
    trailing_stop: Option<Cow<'a, str>>,
    #[serde(borrow)]
    position_status: Option<Cow<'a, str>>,
    #[serde(borrow)]
    updated_time: Option<Cow<'a, str>>,
}

/// Reads one position; `listed_in` as for an order. `None`: it is of a category that Lancet does not trade.
///
/// # Errors
/// When a needed field is missing or unreadable, or the instrument is unknown.
pub fn position(
    raw: &str,
    listed_in: Option<Category>,
    reader: &Reader<'_>,
) -> Result<Option<PositionSaid>, ReadError> {
    let record: Record<'_> = serde_json::from_str(raw)?;
    let own = record.category.as_deref().map(Category::read);
    if own.unwrap_or(listed_in) != Some(Category::Linear) {
        return Ok(None);
    }
    let instrument = reader.listed.of(Category::Linear, &record.symbol)?;
    let leg = super::leg(record.position_idx)?;
    let price = |text, field| super::price_or_none(instrument, text, field);
    let entry = record
        .avg_price
        .as_deref()
        .or(record.entry_price.as_deref());
    let report = PositionReport {
        key: reader.whose.key(instrument.symbol),
        leg,
        size: size(&record, leg)?,
        entry: super::decimal(entry).unwrap_or_default(),
        liquidation: super::positive(record.liq_price.as_deref()),
        venue_ms: super::ms(record.updated_time.as_deref()),
        at: reader.at,
    };
    Ok(Some(PositionSaid {
        lots: instrument.lot.floor(report.size.abs()).map(Qty),
        report,
        has_legs: leg.is_some(),
        leverage: super::positive(record.leverage.as_deref()).and_then(|l| l.to_u32()),
        stop: price(record.stop_loss.as_deref(), "stopLoss")?,
        trail: price(record.trailing_stop.as_deref(), "trailingStop")?,
        alarm: match record.position_status.as_deref() {
            Some("Liq") => Some("LIQUIDATION: the venue is taking the position over"),
            Some("Adl") => Some("AUTO-DELEVERAGING: the venue is reducing the position"),
            _ => None,
        },
    }))
}

/// Signed by its side, which is empty when it is flat.
fn size(record: &Record<'_>, leg: Option<Leg>) -> Result<Decimal, ReadError> {
    let size = super::decimal(Some(&record.size)).ok_or(ReadError::Field("size"))?;
    let side = match record.side.as_deref() {
        Some("Buy") => Side::Buy,
        Some("Sell") => Side::Sell,
        None | Some("" | "None") if size.is_zero() => leg.map_or(Side::Buy, Leg::opens),
        _ => return Err(ReadError::Field("side")),
    };
    Ok(match side {
        Side::Buy => size,
        Side::Sell => -size,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::tests::{listed, reader};
    use super::*;

    const STREAM: &str = include_str!("../../../../tests/wire/bybit/private_examples.jsonl");

    fn record() -> Value {
        let mut lines = STREAM
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        let found = lines.find(|e| e["msg"]["topic"] == "position").unwrap();
        found["msg"]["data"][0].clone()
    }

    fn read(changes: &[(&str, Value)]) -> PositionSaid {
        let mut record = record();
        for (field, value) in changes {
            record[*field] = value.clone();
        }
        let listed = listed();
        position(&record.to_string(), None, &reader(&listed))
            .unwrap()
            .unwrap()
    }

    #[test]
    fn a_documented_flat_leg_is_read() {
        let said = read(&[]);
        assert_eq!(said.report.leg, Some(Leg::Short));
        assert!(said.report.size.is_zero() && said.report.liquidation.is_none());
        assert_eq!(said.report.venue_ms, 1_697_682_317_038);
        assert_eq!((said.leverage, said.has_legs), (Some(10), true));
        assert_eq!((said.stop, said.trail, said.alarm), (None, None, None));
    }

    #[test]
    fn an_open_position_is_signed_and_has_its_stops() {
        let said = read(&[
            ("positionIdx", json!(0)),
            ("side", json!("Sell")),
            ("size", json!("0.015")),
            ("entryPrice", json!("28000.5")),
            ("liqPrice", json!("40000")),
            ("stopLoss", json!("29000.00")),
            ("trailingStop", json!("150.00")),
        ]);
        assert_eq!(said.report.size.to_string(), "-0.015");
        assert_eq!(said.report.entry.to_string(), "28000.5");
        assert_eq!(said.report.liquidation.unwrap().to_string(), "40000");
        assert_eq!((said.report.leg, said.has_legs), (None, false));
        assert_eq!(said.lots, Some(Qty(15)));
        assert_eq!(
            (said.stop, said.trail),
            (Some(Price(290_000)), Some(Price(1_500)))
        );
    }

    #[test]
    fn a_position_without_a_side_is_never_taken_for_flat() {
        let mut record = record();
        record["size"] = json!("1");
        let listed = listed();
        let read = position(&record.to_string(), None, &reader(&listed));
        assert_eq!(read, Err(ReadError::Field("side")));
        assert!(read_alarm("Liq").is_some() && read_alarm("Normal").is_none());
    }

    fn read_alarm(word: &str) -> Option<&'static str> {
        read(&[("positionStatus", json!(word))]).alarm
    }
}
