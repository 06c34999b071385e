//! Positions and balances: of their channels and of `GET positions` and `GET balance`, one shape each.

use std::borrow::Cow;

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{ReadError, Reader, decimal, id, leg, ms, positive};
use crate::domain::message::{Balance, MarginMode};
use crate::domain::{Asset, Leg, OrderId, PositionReport, Symbol};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Position<'a> {
    #[serde(borrow)]
    inst_id: Cow<'a, str>,
    inst_type: Option<Cow<'a, str>>,
    #[serde(borrow)]
    mgn_mode: Cow<'a, str>,
    pos_side: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pos: Cow<'a, str>,
    avg_px: Option<Cow<'a, str>>,
    liq_px: Option<Cow<'a, str>>,
    u_time: Option<Cow<'a, str>>,
}

/// Reads one position of a contract and its margin mode. In long/short mode a symbol has one a leg.
///
/// # Errors
/// When a needed field is missing or unreadable; [`ReadError::Elsewhere`] where it is none of a contract.
pub fn position(
    text: &str,
    reader: &Reader<'_>,
) -> Result<(PositionReport, MarginMode), ReadError> {
    let record: Position<'_> = serde_json::from_str(text)?;
    if !matches!(
        record.inst_type.as_deref(),
        None | Some("" | "SWAP" | "FUTURES")
    ) {
        return Err(ReadError::Elsewhere);
    }
    let symbol = Symbol::new(&record.inst_id).map_err(|_| ReadError::Field("instId"))?;
    let leg = leg(record.pos_side.as_deref())?;
    let size = decimal(Some(&record.pos)).ok_or(ReadError::Field("pos"))?;
    let report = PositionReport {
        key: reader.whose.key(symbol),
        leg,
        size: match leg {
            None => size,
            Some(Leg::Long) => size.abs(),
            Some(Leg::Short) => -size.abs(),
        },
        entry: positive(record.avg_px.as_deref()).unwrap_or(Decimal::ZERO),
        liquidation: positive(record.liq_px.as_deref()),
        venue_ms: ms(record.u_time.as_deref()),
        at: reader.at,
    };
    Ok((report, margin_mode(&record.mgn_mode)?))
}

/// The funding that a position paid and received since it was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Funded {
    /// Of which contract.
    pub symbol: Symbol,
    /// The venue's id of the position.
    pub position: OrderId,
    /// The sum, settle currency, positive when received.
    pub sum: Decimal,
    /// The position is closed.
    pub is_flat: bool,
    /// The venue's time of the record, ms.
    pub venue_ms: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FundedRecord<'a> {
    #[serde(borrow)]
    inst_id: Cow<'a, str>,
    pos_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pos: Cow<'a, str>,
    funding_fee: Option<Cow<'a, str>>,
    u_time: Option<Cow<'a, str>>,
}

/// The funding in a record of a position; `None` where it says nothing of it.
pub fn funded(text: &str) -> Option<Funded> {
    let record: FundedRecord<'_> = serde_json::from_str(text).ok()?;
    Some(Funded {
        symbol: Symbol::new(&record.inst_id).ok()?,
        position: id(record.pos_id.as_deref())?,
        sum: decimal(record.funding_fee.as_deref())?,
        is_flat: decimal(Some(&record.pos))?.is_zero(),
        venue_ms: ms(record.u_time.as_deref()),
    })
}

/// `cross` or `isolated`.
///
/// # Errors
/// When it is neither.
pub fn margin_mode(word: &str) -> Result<MarginMode, ReadError> {
    match word {
        "cross" => Ok(MarginMode::Cross),
        "isolated" => Ok(MarginMode::Isolated),
        _ => Err(ReadError::Field("mgnMode")),
    }
}

#[derive(Deserialize)]
struct Account<'a> {
    #[serde(borrow, default)]
    details: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detail<'a> {
    #[serde(borrow)]
    ccy: Cow<'a, str>,
    cash_bal: Option<Cow<'a, str>>,
    avail_bal: Option<Cow<'a, str>>,
    avail_eq: Option<Cow<'a, str>>,
}

/// Reads the balances of one record of the account; each that cannot be read is an error of its own.
///
/// # Errors
/// When the record as a whole is unreadable.
pub fn balances(text: &str) -> Result<Vec<Result<Balance, ReadError>>, ReadError> {
    let account: Account<'_> = serde_json::from_str(text)?;
    Ok(account
        .details
        .iter()
        .map(|raw| balance(raw.get()))
        .collect())
}

/// What can be used is the available equity, on an account without margin the available balance.
fn balance(text: &str) -> Result<Balance, ReadError> {
    let detail: Detail<'_> = serde_json::from_str(text)?;
    let available = decimal(detail.avail_eq.as_deref());
    Ok(Balance {
        asset: Asset::new(&detail.ccy).map_err(|_| ReadError::Field("ccy"))?,
        wallet: decimal(detail.cash_bal.as_deref()).ok_or(ReadError::Field("cashBal"))?,
        available: available.or_else(|| decimal(detail.avail_bal.as_deref())),
    })
}
