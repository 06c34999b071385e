//! REST and WebSocket API answers of Binance futures as domain facts. Pure; owns nothing.
//!
//! Every field that is not needed to name and size a thing is optional, and every record of a list is read by itself,
//! so that one record with a missing or odd field skips that record alone.

use std::borrow::Cow;
use std::collections::HashMap;

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::error::ErrorBody;
use crate::domain::message::Balance;
use crate::domain::text::sanitise;
use crate::domain::{
    Account, Asset, ClientId, Fill, Instrument, Leg, Liquidity, MarketKey, OrderClass, OrderId,
    OrderRef, OrderReport, OrderStatus, PositionReport, Qty, Side, Stamp, Symbol, TradeId, VenueId,
};

pub mod algo;
pub mod settings;

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

/// An order as `order.*`, `GET order` and `openOrders` write it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OrderRecord<'a> {
    #[serde(borrow)]
    symbol: Cow<'a, str>,
    order_id: u64,
    client_order_id: Cow<'a, str>,
    side: Cow<'a, str>,
    status: Cow<'a, str>,
    orig_qty: Cow<'a, str>,
    executed_qty: Option<Cow<'a, str>>,
    price: Option<Cow<'a, str>>,
    avg_price: Option<Cow<'a, str>>,
    stop_price: Option<Cow<'a, str>>,
    time_in_force: Option<Cow<'a, str>>,
    #[serde(default)]
    reduce_only: Option<bool>,
    position_side: Option<Cow<'a, str>>,
    update_time: Option<i64>,
    time: Option<i64>,
}

/// Reads one order.
///
/// # Errors
/// When a needed field is missing or unreadable, or the instrument is unknown.
pub fn order(bytes: &[u8], reader: &Reader<'_>) -> Result<OrderReport, ReadError> {
    let record: OrderRecord<'_> = serde_json::from_slice(bytes)?;
    let instrument = reader.instrument(&record.symbol)?;
    let price = price_or_none(instrument, record.price.as_deref(), "price")?;
    let trigger = price_or_none(instrument, record.stop_price.as_deref(), "stopPrice")?;
    let filled = match record.executed_qty.as_deref() {
        Some(text) => qty(instrument, text, "executedQty")?,
        None => Qty::ZERO,
    };
    let (status, reason) = status(&record.status, record.time_in_force.as_deref());
    let (side, leg) = (side(&record.side)?, leg(record.position_side.as_deref())?);
    Ok(OrderReport {
        key: reader.whose.key(instrument.symbol),
        order: OrderRef {
            client: client(&record.client_order_id, record.order_id)?,
            venue: Some(OrderId::of_number(record.order_id)),
            class: OrderClass::Regular,
        },
        side,
        leg,
        price,
        trigger,
        callback: None,
        triggered: false,
        qty: qty(instrument, &record.orig_qty, "origQty")?,
        filled,
        average: positive(record.avg_price.as_deref()),
        reduce_only: reduces(record.reduce_only, leg, side),
        status,
        reason,
        venue_ms: record.update_time.or(record.time).unwrap_or(0),
        at: reader.at,
    })
}

/// The venue's word for an order's state. A word that is not known is never a final state.
pub fn status(word: &str, tif: Option<&str>) -> (OrderStatus, Option<String>) {
    match word {
        "NEW" | "PARTIALLY_FILLED" => (OrderStatus::Working, None),
        "FILLED" => (OrderStatus::Filled, None),
        "CANCELED" => (OrderStatus::Cancelled, None),
        "REJECTED" => (OrderStatus::Rejected, Some("refused by the venue".into())),
        "EXPIRED" => (
            OrderStatus::Expired,
            Some(
                match tif {
                    Some("GTX") => "post-only would have taken",
                    Some("IOC" | "FOK") => "the rest was not filled at once",
                    _ => "ended by the venue",
                }
                .into(),
            ),
        ),
        "EXPIRED_IN_MATCH" => (OrderStatus::Expired, Some("self-trade".into())),
        other => (
            OrderStatus::Unknown,
            Some(format!("unknown order state {}", sanitise(other, 32))),
        ),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PositionRecord<'a> {
    #[serde(borrow)]
    symbol: Cow<'a, str>,
    position_amt: Decimal,
    #[serde(default)]
    entry_price: Decimal,
    liquidation_price: Option<Decimal>,
    position_side: Option<Cow<'a, str>>,
    update_time: Option<i64>,
}

/// Reads one row of `positionRisk`. In hedge mode a symbol has one a leg.
///
/// # Errors
/// When a needed field is missing or unreadable.
pub fn position(bytes: &[u8], reader: &Reader<'_>) -> Result<PositionReport, ReadError> {
    let record: PositionRecord<'_> = serde_json::from_slice(bytes)?;
    let symbol = Symbol::new(&record.symbol).map_err(|_| ReadError::Field("symbol"))?;
    Ok(PositionReport {
        key: reader.whose.key(symbol),
        leg: leg(record.position_side.as_deref())?,
        size: record.position_amt,
        entry: record.entry_price,
        liquidation: record
            .liquidation_price
            .filter(|p| !p.is_zero() && p.is_sign_positive()),
        venue_ms: record.update_time.unwrap_or(0),
        at: reader.at,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BalanceRecord<'a> {
    #[serde(borrow)]
    asset: Cow<'a, str>,
    balance: Decimal,
    available_balance: Option<Decimal>,
}

/// Reads one row of `balance`.
///
/// # Errors
/// When a needed field is missing or unreadable.
pub fn balance(bytes: &[u8]) -> Result<Balance, ReadError> {
    let record: BalanceRecord<'_> = serde_json::from_slice(bytes)?;
    Ok(Balance {
        asset: Asset::new(&record.asset).map_err(|_| ReadError::Field("asset"))?,
        wallet: record.balance,
        available: record.available_balance,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TradeRecord<'a> {
    #[serde(borrow)]
    symbol: Cow<'a, str>,
    id: u64,
    order_id: u64,
    side: Cow<'a, str>,
    price: Decimal,
    qty: Cow<'a, str>,
    #[serde(default)]
    commission: Decimal,
    commission_asset: Option<Cow<'a, str>>,
    realized_pnl: Option<Decimal>,
    #[serde(default)]
    maker: bool,
    position_side: Option<Cow<'a, str>>,
    time: i64,
}

/// Reads one row of `userTrades`. The venue does not name the client id there: `client_of` knows it, or the order's number stands in.
///
/// # Errors
/// When a needed field is missing or unreadable, or the instrument is unknown.
pub fn trade(
    bytes: &[u8],
    reader: &Reader<'_>,
    client_of: impl Fn(OrderId) -> Option<ClientId>,
) -> Result<Fill, ReadError> {
    let record: TradeRecord<'_> = serde_json::from_slice(bytes)?;
    let instrument = reader.instrument(&record.symbol)?;
    let client = match client_of(OrderId::of_number(record.order_id)) {
        Some(client) => client,
        None => client("", record.order_id)?,
    };
    Ok(Fill {
        key: reader.whose.key(instrument.symbol),
        client,
        order: OrderId::of_number(record.order_id),
        trade: TradeId::of_number(record.id),
        side: side(&record.side)?,
        leg: leg(record.position_side.as_deref())?,
        price: record.price,
        qty: qty(instrument, &record.qty, "qty")?,
        fee: record.commission,
        fee_asset: asset_or(record.commission_asset.as_deref(), instrument.settle),
        realised: record.realized_pnl,
        liquidity: liquidity(record.maker),
        venue_ms: record.time,
        at: reader.at,
        recovered: true,
    })
}

/// The venue's id in the answer to an accepted request, regular or conditional. A conditional cancel's answer has a code beside
/// it, `"200"` when it was done: any other proves nothing here.
pub fn accepted_id(bytes: &[u8]) -> Option<OrderId> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Accepted {
        order_id: Option<u64>,
        algo_id: Option<u64>,
    }
    if ErrorBody::read(bytes).is_some_and(|body| body.code != 200) {
        return None;
    }
    let accepted: Accepted = serde_json::from_slice(bytes).ok()?;
    accepted
        .order_id
        .or(accepted.algo_id)
        .map(OrderId::of_number)
}

/// `LONG` or `SHORT`; `BOTH` and absence are a one-way account's.
///
/// # Errors
/// When it is none of these.
pub fn leg(word: Option<&str>) -> Result<Option<Leg>, ReadError> {
    match word {
        None | Some("" | "BOTH") => Ok(None),
        Some("LONG") => Ok(Some(Leg::Long)),
        Some("SHORT") => Ok(Some(Leg::Short)),
        Some(_) => Err(ReadError::Field("positionSide")),
    }
}

/// By the venue's flag, or because the leg is reduced by this side.
pub fn reduces(flag: Option<bool>, leg: Option<Leg>, side: Side) -> bool {
    flag.unwrap_or(false) || leg.is_some_and(|leg| leg.reduces() == side)
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
) -> Result<Option<crate::domain::Price>, ReadError> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::binance_futures::{error, instruments};

    const INFO: &str =
        include_str!("../../../tests/wire/binance_futures/exchange_info_excerpt.json");
    const REST: &str = include_str!("../../../tests/wire/binance_futures/rest_examples.jsonl");
    const ERRORS: &str = include_str!("../../../tests/wire/binance_futures/rest_errors.jsonl");

    fn whose() -> Whose {
        Whose {
            account: Account::new("main").unwrap(),
            venue: VenueId::new("binance-futures").unwrap(),
        }
    }

    fn listed() -> Instruments {
        let load = instruments::load(INFO.as_bytes(), whose().venue).unwrap();
        let all = load.instruments.into_iter();
        all.map(|instrument| (instrument.symbol, instrument))
            .collect()
    }

    fn example(http: &str, path: &str) -> Vec<u8> {
        let mut examples = REST
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let found = examples.find(|e| e["http"] == http && e["path"] == path);
        found.unwrap()["msg"].to_string().into_bytes()
    }

    #[test]
    fn documented_answers_are_read_field_by_field() {
        let instruments = listed();
        let reader = Reader {
            whose: whose(),
            instruments: &instruments,
            at: Stamp::default(),
        };
        let order = order(&example("GET", "/fapi/v1/order"), &reader).unwrap();
        assert_eq!(
            order.order.venue,
            Some(crate::domain::OrderId::of_number(1_917_641))
        );
        assert_eq!((order.side, order.qty), (Side::Buy, Qty(400)));
        assert_eq!(
            (order.price, order.trigger.map(|p| p.0)),
            (None, Some(930_000))
        );
        assert_eq!(order.status, OrderStatus::Working);
        let trades = example("GET", "/fapi/v1/userTrades");
        let rows = list(&trades).unwrap();
        let fill = trade(rows[0].get().as_bytes(), &reader, |_| None).unwrap();
        assert_eq!(
            (fill.trade, fill.qty, fill.side),
            (TradeId::of_number(698_759), Qty(2), Side::Sell)
        );
        assert_eq!(fill.client.as_str(), "id-25851813");
        assert_eq!(fill.price.to_string(), "7819.01");
        let positions = example("GET", "/fapi/v3/positionRisk");
        let rows = list(&positions).unwrap();
        let held = position(rows[0].get().as_bytes(), &reader).unwrap();
        assert_eq!(held.size.to_string(), "0.001");
        assert_eq!(held.entry.to_string(), "22185.2");
        let balances = example("GET", "/fapi/v3/balance");
        let rows = list(&balances).unwrap();
        let usdt = balance(rows[0].get().as_bytes()).unwrap();
        assert_eq!(usdt.wallet.to_string(), "122607.35137903");
    }

    #[test]
    fn documented_settings_are_read() {
        let mode = settings::account_config(&example("GET", "/fapi/v1/accountConfig")).unwrap();
        assert_eq!(mode, (crate::domain::message::PositionMode::Hedge, true));
        let (maker, taker) =
            settings::commission(&example("GET", "/fapi/v1/commissionRate")).unwrap();
        assert_eq!(
            (maker.to_string(), taker.to_string()),
            ("0.0002".into(), "0.0004".into())
        );
        let key = settings::listen_key(&example("POST", "/fapi/v1/listenKey")).unwrap();
        assert!(key.starts_with("pqia91ma"));
        for hostile in ["", "a/../b", "a&b", "a b", "a\\u0000"] {
            let body = format!("{{\"listenKey\":\"{hostile}\"}}");
            assert!(settings::listen_key(body.as_bytes()).is_err(), "{hostile}");
        }
    }

    #[test]
    fn recorded_error_bodies_have_codes_and_words() {
        for line in ERRORS.lines() {
            let body = error::ErrorBody::read(line.as_bytes()).unwrap();
            assert!(body.code < 0 && !error::words(&body).is_empty(), "{line}");
        }
    }

    #[test]
    fn k6_a_word_that_is_not_known_is_never_final() {
        for word in ["", "NEW_ADL", "filled", "GONE\u{1b}[2J"] {
            let (status, reason) = status(word, None);
            assert_eq!(status, OrderStatus::Unknown);
            assert!(!reason.unwrap().contains('\u{1b}'));
        }
    }
}
