//! Depth events and snapshots in any JSON form, read with serde: slower than the scanner, and says what is wrong.

use super::depth_text::{Change, Grid, Head};
use crate::domain::decimal::DecimalError;
use crate::domain::{Price, Qty, Side};

/// Why an event is refused.
#[derive(Debug, thiserror::Error)]
pub enum DepthError {
    /// No JSON of the documented shape.
    #[error("depth message: {0}")]
    Json(#[from] serde_json::Error),
    /// An instrument that was not asked for.
    #[error("depth message of a symbol that is not followed")]
    Symbol,
    /// It does not say which event it follows.
    #[error("depth message without the id of the one before")]
    Sequence,
    /// A price or a size.
    #[error("depth message: {0}")]
    Number(#[from] DecimalError),
    /// A price at or below zero, or a size below zero.
    #[error("depth message: a price or size is negative")]
    Negative,
}

#[derive(serde::Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    data: &'a serde_json::value::RawValue,
}

#[derive(serde::Deserialize)]
struct DepthUpdate<'a> {
    #[serde(rename = "E")]
    event_ms: i64,
    s: &'a str,
    #[serde(rename = "U")]
    first: u64,
    u: u64,
    pu: Option<u64>,
    #[serde(borrow)]
    b: Vec<(&'a str, &'a str)>,
    #[serde(borrow)]
    a: Vec<(&'a str, &'a str)>,
}

/// The event inside a combined envelope, or the text itself.
pub fn unwrap_envelope(text: &str) -> &str {
    serde_json::from_str::<Envelope<'_>>(text).map_or(text, |envelope| envelope.data.get())
}

/// Reads one event in any JSON form; slower, and says what is wrong.
///
/// # Errors
/// See [`DepthError`].
pub fn parse(
    text: &str,
    grid: impl Fn(&str) -> Option<Grid>,
    changes: &mut Vec<Change>,
) -> Result<Head, DepthError> {
    changes.clear();
    let event: DepthUpdate<'_> = serde_json::from_str(unwrap_envelope(text))?;
    let grid = grid(event.s).ok_or(DepthError::Symbol)?;
    push_levels(Side::Buy, &event.b, grid, changes)?;
    push_levels(Side::Sell, &event.a, grid, changes)?;
    Ok(Head {
        symbol: grid.symbol,
        event_ms: event.event_ms,
        first: event.first,
        last: event.u,
        previous: grid
            .previous(event.first, event.pu)
            .ok_or(DepthError::Sequence)?,
    })
}

fn push_levels(
    side: Side,
    levels: &[(&str, &str)],
    grid: Grid,
    changes: &mut Vec<Change>,
) -> Result<(), DepthError> {
    for (price, qty) in levels {
        let price = grid.tick.count(price.as_bytes())?;
        let qty = grid.lot.count(qty.as_bytes())?;
        if price <= 0 || qty < 0 {
            return Err(DepthError::Negative);
        }
        changes.push(Change {
            side,
            price: Price(price),
            qty: Qty(qty),
        });
    }
    Ok(())
}

/// A REST snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// `lastUpdateId`.
    pub last: u64,
    /// Bids, then asks, each best first.
    pub levels: Vec<Change>,
}

#[derive(serde::Deserialize)]
struct SnapshotBody<'a> {
    #[serde(rename = "lastUpdateId")]
    last: u64,
    #[serde(borrow)]
    bids: Vec<(&'a str, &'a str)>,
    #[serde(borrow)]
    asks: Vec<(&'a str, &'a str)>,
}

/// Reads the body of `GET depth`.
///
/// # Errors
/// See [`DepthError`].
pub fn parse_snapshot(body: &[u8], grid: Grid) -> Result<Snapshot, DepthError> {
    let body: SnapshotBody<'_> = serde_json::from_slice(body)?;
    let mut levels = Vec::with_capacity(body.bids.len() + body.asks.len());
    push_levels(Side::Buy, &body.bids, grid, &mut levels)?;
    push_levels(Side::Sell, &body.asks, grid, &mut levels)?;
    Ok(Snapshot {
        last: body.last,
        levels,
    })
}
