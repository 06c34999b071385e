//! Records of OKX, over REST and on the private stream, as domain facts. Pure; owns nothing.
//!
//! Every field that is not needed to name and size a thing is optional, and every record of a list is read by itself, so that one
//! record with a missing or odd field skips that record alone. The venue writes numbers as text, and "nothing" as an empty text.

use std::borrow::Cow;
use std::collections::HashMap;

use foldhash::fast::FixedState;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::answer::Envelope;
use super::error;
use crate::domain::text::sanitise;
use crate::domain::{
    Account, Asset, ClientId, Instrument, Leg, Liquidity, MarketKey, OrderId, Price, Qty, Side,
    Stamp, Symbol, VenueId,
};

pub mod algo;
pub mod fill;
pub mod holding;
pub mod order;
pub mod settings;

/// The instruments of the venue by name.
pub type Instruments = HashMap<Symbol, Instrument, FixedState>;

/// Why a record was skipped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It is no JSON of the expected shape; sanitised.
    #[error("unreadable: {0}")]
    Shape(String),
    /// A needed field is missing or holds what it may not.
    #[error("{0} is unreadable")]
    Field(&'static str),
    /// The instrument is not known (yet).
    #[error("unknown instrument {0}")]
    Instrument(Symbol),
    /// It is of a kind that Lancet does not trade: options, margin positions, other algos.
    #[error("not traded here")]
    Elsewhere,
}

impl From<serde_json::Error> for ReadError {
    fn from(error: serde_json::Error) -> Self {
        Self::Shape(sanitise(&error.to_string(), 120))
    }
}

/// Whose records are read: completes a symbol to a key.
#[derive(Clone, Copy, Debug)]
pub struct Whose {
    /// The trader's account.
    pub account: Account,
    /// This venue.
    pub venue: VenueId,
}

impl Whose {
    /// The key of a symbol of this account.
    pub const fn key(&self, symbol: Symbol) -> MarketKey {
        MarketKey {
            account: self.account,
            venue: self.venue,
            symbol,
            leg: None,
        }
    }
}

/// What readers need beside the bytes.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// Whose.
    pub whose: Whose,
    /// The instruments.
    pub instruments: &'a Instruments,
    /// When the bytes came.
    pub at: Stamp,
}

impl<'a> Reader<'a> {
    /// The instrument with this name; `kind` is the venue's word for its type, where the record has it.
    ///
    /// # Errors
    /// When the name is none, or not known, or of a type that Lancet does not trade.
    pub fn instrument(&self, name: &str, kind: Option<&str>) -> Result<&'a Instrument, ReadError> {
        // A pair bought on margin is the same pair.
        if !matches!(
            kind,
            None | Some("" | "SPOT" | "MARGIN" | "SWAP" | "FUTURES")
        ) {
            return Err(ReadError::Elsewhere);
        }
        let symbol = Symbol::new(name).map_err(|_| ReadError::Field("instId"))?;
        self.instruments
            .get(&symbol)
            .ok_or(ReadError::Instrument(symbol))
    }
}

/// The records of a REST answer, each still raw.
///
/// # Errors
/// When the body is no answer of this API, or one that says that it failed.
pub fn list(body: &[u8]) -> Result<Vec<&RawValue>, ReadError> {
    let envelope = Envelope::read(body).ok_or_else(|| ReadError::Shape("no answer".to_owned()))?;
    if envelope.is_good() {
        Ok(envelope.data)
    } else {
        Err(ReadError::Shape(sanitise(envelope.words(), 120)))
    }
}

/// The one record of a REST answer.
///
/// # Errors
/// As [`list`], or when there is none.
pub fn first(body: &[u8]) -> Result<&RawValue, ReadError> {
    list(body)?
        .into_iter()
        .next()
        .ok_or(ReadError::Field("data"))
}

/// The id of the last record of a full page, from which the next one goes on (`after`).
pub fn page_end(raw: &RawValue, field: &str) -> Option<String> {
    let record: HashMap<String, serde_json::Value> = serde_json::from_str(raw.get()).ok()?;
    let id = record.get(field)?.as_str()?;
    let plain = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| id.to_owned())
}

/// A flag, as a boolean or as text.
fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written<'a> {
        Bool(bool),
        #[serde(borrow)]
        Text(Cow<'a, str>),
        Nothing(()),
    }
    Ok(match Written::deserialize(deserializer)? {
        Written::Bool(flag) => flag,
        Written::Text(text) => text == "true",
        Written::Nothing(()) => false,
    })
}

/// `long` or `short`; `net` and nothing are an account's with one position.
///
/// # Errors
/// When it is none of these.
fn leg(word: Option<&str>) -> Result<Option<Leg>, ReadError> {
    match word {
        None | Some("" | "net") => Ok(None),
        Some("long") => Ok(Some(Leg::Long)),
        Some("short") => Ok(Some(Leg::Short)),
        Some(_) => Err(ReadError::Field("posSide")),
    }
}

/// By the venue's flag, or because the leg is reduced by this side.
fn reduces(flag: bool, leg: Option<Leg>, side: Side) -> bool {
    flag || leg.is_some_and(|leg| leg.reduces() == side)
}

/// `buy` or `sell`.
///
/// # Errors
/// When it is neither.
fn side(word: &str) -> Result<Side, ReadError> {
    match word {
        "buy" => Ok(Side::Buy),
        "sell" => Ok(Side::Sell),
        _ => Err(ReadError::Field("side")),
    }
}

/// `M` is a maker; anything else paid for taking.
fn liquidity(word: Option<&str>) -> Liquidity {
    match word {
        Some("M") => Liquidity::Maker,
        _ => Liquidity::Taker,
    }
}

/// A size in lots; absent and empty are none.
///
/// # Errors
/// When it is no whole number of lots, or negative.
fn qty(instrument: &Instrument, text: Option<&str>, field: &'static str) -> Result<Qty, ReadError> {
    match text {
        None | Some("") => Ok(Qty::ZERO),
        Some(text) => match instrument.qty(text.as_bytes()) {
            Ok(qty) if qty.0 >= 0 => Ok(qty),
            _ => Err(ReadError::Field(field)),
        },
    }
}

/// A price in ticks; zero, -1 (the market), empty and absent all mean "none".
///
/// # Errors
/// When it stands there and is no whole number of ticks.
fn price(
    instrument: &Instrument,
    text: Option<&str>,
    field: &'static str,
) -> Result<Option<Price>, ReadError> {
    match text {
        None | Some("" | "-1") => Ok(None),
        Some(text) => match instrument.price(text.as_bytes()) {
            Ok(price) if price.0 == 0 => Ok(None),
            Ok(price) => Ok(Some(price)),
            Err(_) => Err(ReadError::Field(field)),
        },
    }
}

/// A decimal; empty and absent are none.
fn decimal(text: Option<&str>) -> Option<Decimal> {
    text?.parse().ok()
}

/// A decimal above zero.
fn positive(text: Option<&str>) -> Option<Decimal> {
    decimal(text).filter(|d| !d.is_zero() && d.is_sign_positive())
}

/// Milliseconds since 1970; 0 where the venue states none.
fn ms(text: Option<&str>) -> i64 {
    text.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// An id of the venue; empty is none.
fn id(text: Option<&str>) -> Option<OrderId> {
    OrderId::new(text?).ok()
}

/// A client id; where the order has none that a name may have, the venue's id stands in.
///
/// # Errors
/// Never in practice: the venue's ids fit.
fn client(text: Option<&str>, order: OrderId) -> Result<ClientId, ReadError> {
    ClientId::new(text.unwrap_or_default())
        .or_else(|_| ClientId::new(&format!("id-{order}")))
        .map_err(|_| ReadError::Field("clOrdId"))
}

/// An asset's name, or this one where it is missing.
fn asset_or(text: Option<&str>, other: Asset) -> Asset {
    text.and_then(|text| Asset::new(text).ok()).unwrap_or(other)
}

/// A code in a record, 0 where there is none.
fn code(text: Option<&str>) -> i64 {
    text.and_then(error::code).unwrap_or(0)
}

#[cfg(test)]
mod tests;
