//! Records of Bybit, over REST and on the private stream, as domain facts. Pure; owns nothing.
//!
//! Every field that is not needed to name and size a thing is optional, and every record of a list is read by itself, so that one
//! record with a missing or odd field skips that record alone. The venue writes "nothing" as an empty text, as `0` and as `UNKNOWN`.

use std::borrow::Cow;
use std::collections::HashMap;

use foldhash::fast::FixedState;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::instruments::Category;
use crate::domain::text::sanitise;
use crate::domain::{
    Account, Asset, ClientId, Instrument, Leg, MarketKey, OrderId, Price, Qty, Side, Stamp, Symbol,
    VenueId,
};

pub mod fill;
pub mod order;
pub mod position;
pub mod settings;

/// Why a record was skipped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It is no JSON of the expected shape; sanitised.
    #[error("unreadable: {0}")]
    Shape(String),
    /// A needed field is missing or holds what it may not.
    #[error("{0} is unreadable")]
    Field(&'static str),
    /// The instrument is not known (yet), by Lancet's name or, on spot, by the venue's.
    #[error("unknown instrument {0}")]
    Instrument(Symbol),
}

impl From<serde_json::Error> for ReadError {
    fn from(error: serde_json::Error) -> Self {
        Self::Shape(sanitise(&error.to_string(), 120))
    }
}

/// The instruments of both categories.
#[derive(Debug, Default)]
pub struct Listed {
    by_symbol: HashMap<Symbol, Instrument, FixedState>,
    /// Spot instruments by the venue's name.
    spot: HashMap<Symbol, Symbol, FixedState>,
}

impl Listed {
    /// Adds one, or replaces it.
    pub fn add(&mut self, instrument: Instrument) {
        let symbol = instrument.symbol;
        if Category::of(&symbol) == Category::Spot {
            let name = super::instruments::venue_name(&symbol);
            self.spot.insert(name, symbol);
        }
        self.by_symbol.insert(symbol, instrument);
    }

    /// By Lancet's name.
    pub fn get(&self, symbol: &Symbol) -> Option<&Instrument> {
        self.by_symbol.get(symbol)
    }

    /// True before the first load.
    pub fn is_empty(&self) -> bool {
        self.by_symbol.is_empty()
    }

    /// By the venue's name in a category.
    ///
    /// # Errors
    /// When the name is none, or not known.
    pub fn of(&self, category: Category, name: &str) -> Result<&Instrument, ReadError> {
        let name = Symbol::new(name).map_err(|_| ReadError::Field("symbol"))?;
        let symbol = match category {
            Category::Linear => Some(&name),
            Category::Spot => self.spot.get(&name),
        };
        let found = symbol.and_then(|symbol| self.by_symbol.get(symbol));
        found.ok_or(ReadError::Instrument(name))
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
    pub listed: &'a Listed,
    /// When the bytes came.
    pub at: Stamp,
}

/// One page of a list, each item still raw.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Page<'a> {
    /// The items.
    #[serde(borrow)]
    pub list: Vec<&'a RawValue>,
    #[serde(borrow)]
    next_page_cursor: Option<Cow<'a, str>>,
}

impl<'a> Page<'a> {
    /// Reads the `result` of a list.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(result: &'a str) -> Result<Self, ReadError> {
        Ok(serde_json::from_str(result)?)
    }

    /// Where the next page begins; `None` when this is the last one.
    pub fn next(&self) -> Option<String> {
        let cursor = self.next_page_cursor.as_deref()?;
        (!self.list.is_empty()).then(|| plain_cursor(cursor))?
    }
}

/// A cursor goes back into an address as it came, so one that could not stand there is none.
pub fn plain_cursor(cursor: &str) -> Option<String> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"%-_.~:,=+/&".contains(&b);
    let fits = !cursor.is_empty() && cursor.len() <= 512 && cursor.bytes().all(plain);
    fits.then(|| cursor.to_owned())
}

/// `Buy` or `Sell`.
///
/// # Errors
/// When it is neither.
pub fn side(word: &str) -> Result<Side, ReadError> {
    match word {
        "Buy" => Ok(Side::Buy),
        "Sell" => Ok(Side::Sell),
        _ => Err(ReadError::Field("side")),
    }
}

/// The leg behind a position's index: 1 the long one, 2 the short one; 0 and absence are a one-way instrument's.
///
/// # Errors
/// When it is none of these.
pub const fn leg(index: Option<u8>) -> Result<Option<Leg>, ReadError> {
    match index {
        None | Some(0) => Ok(None),
        Some(1) => Ok(Some(Leg::Long)),
        Some(2) => Ok(Some(Leg::Short)),
        Some(_) => Err(ReadError::Field("positionIdx")),
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

/// A price in ticks; an empty text, zero and absence mean "none".
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

/// A decimal; `None` for an empty or unreadable text.
pub fn decimal(text: Option<&str>) -> Option<Decimal> {
    text?.parse().ok()
}

/// A decimal above zero.
pub fn positive(text: Option<&str>) -> Option<Decimal> {
    decimal(text).filter(|d| !d.is_zero() && d.is_sign_positive())
}

/// A moment, ms since 1970, written as a text; 0 where there is none.
pub fn ms(text: Option<&str>) -> i64 {
    text.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// An order's own name; where the venue has none that a name may have, its id stands in.
///
/// # Errors
/// Never in practice: an id always fits.
pub fn client(link: Option<&str>, order: OrderId) -> Result<ClientId, ReadError> {
    ClientId::new(link.unwrap_or_default())
        .or_else(|_| ClientId::new(order.as_str()))
        .map_err(|_| ReadError::Field("orderLinkId"))
}

/// An order's id at the venue.
///
/// # Errors
/// When it is no name.
pub fn order_id(text: &str) -> Result<OrderId, ReadError> {
    OrderId::new(text).map_err(|_| ReadError::Field("orderId"))
}

/// An asset's name, or this one where it is missing.
pub fn asset_or(text: Option<&str>, or: Asset) -> Asset {
    text.and_then(|text| Asset::new(text).ok()).unwrap_or(or)
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::domain::decimal::Step;
    use crate::domain::{InstrumentKind, Payoff, TradingStatus, Unit};

    pub const REST: &str = include_str!("../../../tests/wire/bybit/rest_examples.jsonl");

    /// The documented answer to a call, whole.
    pub fn example(path: &str) -> String {
        let mut examples = REST
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let found = examples.find(|e| e["path"] == path);
        found.unwrap()["msg"].to_string()
    }

    pub fn whose() -> Whose {
        Whose {
            account: Account::new("main").unwrap(),
            venue: VenueId::new("bybit").unwrap(),
        }
    }

    pub fn instrument(symbol: &str, base: &str, quote: &str, tick: &str, lot: &str) -> Instrument {
        let spot = symbol.contains('/');
        Instrument {
            venue: whose().venue,
            symbol: Symbol::new(symbol).unwrap(),
            kind: if spot {
                InstrumentKind::Spot
            } else {
                InstrumentKind::Perpetual
            },
            base: Asset::new(base).unwrap(),
            quote: Asset::new(quote).unwrap(),
            settle: Asset::new(quote).unwrap(),
            tick: Step::parse(tick).unwrap(),
            lot: Step::parse(lot).unwrap(),
            multiplier: Decimal::ONE,
            unit: Unit::Base,
            payoff: Payoff::Linear,
            min_price: Price(1),
            max_price: Price(i64::MAX),
            min_qty: Qty(1),
            max_qty: Qty(1_000_000_000),
            max_market_qty: Qty(1_000_000_000),
            min_notional: Decimal::from(5),
            band: None,
            max_orders: 500,
            status: TradingStatus::Trading,
        }
    }

    pub fn listed() -> Listed {
        let mut listed = Listed::default();
        for (symbol, base, quote, tick, lot) in [
            ("BTCUSDT", "BTC", "USDT", "0.10", "0.001"),
            ("ETHUSDT", "ETH", "USDT", "0.01", "0.01"),
            ("XRPUSDT", "XRP", "USDT", "0.0001", "1"),
            ("ETHPERP", "ETH", "USDC", "0.05", "0.1"),
            ("BTC/USDT", "BTC", "USDT", "0.1", "0.000001"),
        ] {
            listed.add(instrument(symbol, base, quote, tick, lot));
        }
        listed
    }

    pub fn reader(listed: &Listed) -> Reader<'_> {
        Reader {
            whose: whose(),
            listed,
            at: Stamp::default(),
        }
    }

    #[test]
    fn one_name_is_found_in_its_category() {
        let listed = listed();
        let linear = listed.of(Category::Linear, "BTCUSDT").unwrap();
        let spot = listed.of(Category::Spot, "BTCUSDT").unwrap();
        assert_eq!(linear.symbol.as_str(), "BTCUSDT");
        assert_eq!(spot.symbol.as_str(), "BTC/USDT");
        assert!(matches!(
            listed.of(Category::Spot, "ETHUSDT"),
            Err(ReadError::Instrument(_))
        ));
        assert!(matches!(
            listed.of(Category::Spot, "BTC USDT"),
            Err(ReadError::Field("symbol"))
        ));
    }

    #[test]
    fn rule9_a_cursor_that_could_change_an_address_is_none() {
        let page = |cursor: &str| {
            let result = format!(r#"{{"list":[1],"nextPageCursor":"{cursor}"}}"#);
            Page::read(&result).unwrap().next()
        };
        assert_eq!(page("132766%3A2").as_deref(), Some("132766%3A2"));
        for none in ["", "a b", "a\\u0000", "a#b", "a?b"] {
            assert_eq!(page(none), None, "{none}");
        }
    }
}
