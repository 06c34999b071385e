//! Records of both products as domain words: whose they are, and the values that both write alike. Pure; owns nothing.

use std::collections::HashMap;

use rust_decimal::Decimal;
use serde_json::value::RawValue;

use crate::domain::text::sanitise;
use crate::domain::{
    Account, Asset, ClientId, Instrument, Liquidity, MarketKey, Price, Qty, Side, Stamp, Symbol,
    VenueId,
};

/// The instruments of the venue by name.
pub type Instruments = HashMap<Symbol, Instrument, foldhash::fast::FixedState>;

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
    /// The instrument with this name.
    ///
    /// # Errors
    /// When the name is none, or not known.
    pub fn instrument(&self, symbol: &str) -> Result<&'a Instrument, ReadError> {
        let symbol = Symbol::new(symbol).map_err(|_| ReadError::Field("symbol"))?;
        self.instruments
            .get(&symbol)
            .ok_or(ReadError::Instrument(symbol))
    }
}

/// The items of a JSON list, each still raw.
///
/// # Errors
/// When the bytes are no list.
pub fn list(bytes: &[u8]) -> Result<Vec<&RawValue>, ReadError> {
    Ok(serde_json::from_slice(bytes)?)
}

/// `BUY` or `SELL`.
///
/// # Errors
/// When it is neither.
pub fn side(word: &str) -> Result<Side, ReadError> {
    match word {
        "BUY" => Ok(Side::Buy),
        "SELL" => Ok(Side::Sell),
        _ => Err(ReadError::Field("side")),
    }
}

/// Maker or taker.
pub const fn liquidity(maker: bool) -> Liquidity {
    if maker {
        Liquidity::Maker
    } else {
        Liquidity::Taker
    }
}

/// A size in lots.
///
/// # Errors
/// When it is no whole number of lots, or negative.
pub fn qty(instrument: &Instrument, text: &str, field: &'static str) -> Result<Qty, ReadError> {
    match instrument.qty(text.as_bytes()) {
        Ok(qty) if qty.0 >= 0 => Ok(qty),
        _ => Err(ReadError::Field(field)),
    }
}

/// A price in ticks; zero and absence both mean "none" on this venue.
///
/// # Errors
/// When it stands there and is no whole number of ticks.
pub fn price_or_none(
    instrument: &Instrument,
    text: Option<&str>,
    field: &'static str,
) -> Result<Option<Price>, ReadError> {
    match text {
        None | Some("") => Ok(None),
        Some(text) => match instrument.price(text.as_bytes()) {
            Ok(price) if price.0 == 0 => Ok(None),
            Ok(price) => Ok(Some(price)),
            Err(_) => Err(ReadError::Field(field)),
        },
    }
}

/// A decimal above zero.
pub fn positive(text: Option<&str>) -> Option<Decimal> {
    text?
        .parse::<Decimal>()
        .ok()
        .filter(|d| !d.is_zero() && d.is_sign_positive())
}

/// A client id; where the venue has none that a name may have, the order's number stands in.
///
/// # Errors
/// Never in practice: the number always fits.
pub fn client(text: &str, order: u64) -> Result<ClientId, ReadError> {
    ClientId::new(text)
        .or_else(|_| ClientId::new(&format!("id-{order}")))
        .map_err(|_| ReadError::Field("clientOrderId"))
}

/// An asset's name, or this one where it is missing.
pub fn asset_or(text: Option<&str>, or: Asset) -> Asset {
    text.and_then(|text| Asset::new(text).ok()).unwrap_or(or)
}
