//! Answers about the account and its symbols that are neither orders nor positions. Pure; owns nothing.

use std::borrow::Cow;

use rust_decimal::Decimal;
use serde::Deserialize;

use super::ReadError;
use crate::domain::Symbol;
use crate::domain::message::{MarginMode, PositionMode};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AccountConfig {
    can_trade: bool,
    dual_side_position: bool,
}

/// Reads `accountConfig`: position mode, and whether the key may trade.
///
/// # Errors
/// When it is unreadable: no mode is ever guessed.
pub fn account_config(bytes: &[u8]) -> Result<(PositionMode, bool), ReadError> {
    let config: AccountConfig = serde_json::from_slice(bytes)?;
    let mode = if config.dual_side_position {
        PositionMode::Hedge
    } else {
        PositionMode::OneWay
    };
    Ok((mode, config.can_trade))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SymbolConfig<'a> {
    #[serde(borrow)]
    symbol: Cow<'a, str>,
    leverage: Option<u32>,
    margin_type: Option<Cow<'a, str>>,
}

/// Reads leverage and margin mode of one symbol from `symbolConfig`.
///
/// # Errors
/// When it is unreadable.
pub fn symbol_config(bytes: &[u8]) -> Result<(Symbol, Option<u32>, Option<MarginMode>), ReadError> {
    let config: SymbolConfig<'_> = serde_json::from_slice(bytes)?;
    let margin = config.margin_type.as_deref().and_then(margin_mode);
    let symbol = Symbol::new(&config.symbol).map_err(|_| ReadError::Field("symbol"))?;
    Ok((symbol, config.leverage, margin))
}

/// `CROSSED`, `cross` and `ISOLATED`, `isolated`: the venue writes both.
fn margin_mode(word: &str) -> Option<MarginMode> {
    if word.eq_ignore_ascii_case("crossed") || word.eq_ignore_ascii_case("cross") {
        Some(MarginMode::Cross)
    } else if word.eq_ignore_ascii_case("isolated") {
        Some(MarginMode::Isolated)
    } else {
        None
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CommissionRate {
    maker_commission_rate: Decimal,
    taker_commission_rate: Decimal,
}

/// Reads `commissionRate`: maker and taker fee as fractions.
///
/// # Errors
/// When it is unreadable.
pub fn commission(bytes: &[u8]) -> Result<(Decimal, Decimal), ReadError> {
    let rate: CommissionRate = serde_json::from_slice(bytes)?;
    Ok((rate.maker_commission_rate, rate.taker_commission_rate))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServerTime {
    server_time: i64,
}

/// Reads `GET time`, ms since 1970.
///
/// # Errors
/// When it is unreadable.
pub fn server_time(bytes: &[u8]) -> Result<i64, ReadError> {
    Ok(serde_json::from_slice::<ServerTime>(bytes)?.server_time)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListenKey<'a> {
    #[serde(borrow)]
    listen_key: Cow<'a, str>,
}

/// Reads the answer to `POST listenKey`; the key is checked to be plain before it goes into an address.
///
/// # Errors
/// When it is unreadable.
pub fn listen_key(bytes: &[u8]) -> Result<String, ReadError> {
    let key = serde_json::from_slice::<ListenKey<'_>>(bytes)?.listen_key;
    if key.is_empty() || key.len() > 512 || !key.bytes().all(is_plain) {
        return Err(ReadError::Field("listenKey"));
    }
    Ok(key.into_owned())
}

/// May stand in an address as it is.
const fn is_plain(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')
}
