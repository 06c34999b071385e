//! The account's settings: what it is, its fees, its leverages, the venue's clock.

use std::borrow::Cow;

use rust_decimal::Decimal;
use serde::Deserialize;

use super::{ReadError, decimal, first, holding, list};
use crate::domain::Instrument;
use crate::domain::InstrumentKind;
use crate::domain::message::{MarginMode, PositionMode};

/// What `GET account/config` says of account and key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// One position a contract, or a long and a short one.
    pub mode: PositionMode,
    /// What the account may hold.
    pub level: Level,
    /// The key's rights, as the venue spells them.
    pub rights: Vec<String>,
    /// Addresses that the key works from; empty: from anywhere. `None` where the venue did not say.
    pub addresses: Option<String>,
}

impl Config {
    /// The key may trade.
    pub fn can_trade(&self) -> bool {
        self.rights.iter().any(|right| right == "trade")
    }
}

/// The account's mode (`acctLv`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Coins alone: no contracts.
    Spot,
    /// Coins, and contracts margined in one currency.
    Futures,
    /// Margin of several currencies, or of the whole portfolio.
    Margin,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ConfigRecord<'a> {
    #[serde(borrow)]
    acct_lv: Cow<'a, str>,
    #[serde(borrow)]
    pos_mode: Cow<'a, str>,
    perm: Option<Cow<'a, str>>,
    ip: Option<Cow<'a, str>>,
}

/// Reads `GET account/config`.
///
/// # Errors
/// When a needed field is missing or unreadable.
pub fn config(body: &[u8]) -> Result<Config, ReadError> {
    let record: ConfigRecord<'_> = serde_json::from_str(first(body)?.get())?;
    let perm = record.perm.ok_or(ReadError::Field("perm"))?;
    let rights = perm.split(',').map(str::trim).filter(|r| !r.is_empty());
    Ok(Config {
        mode: match record.pos_mode.as_ref() {
            "net_mode" => PositionMode::OneWay,
            "long_short_mode" => PositionMode::Hedge,
            _ => return Err(ReadError::Field("posMode")),
        },
        level: match record.acct_lv.as_ref() {
            "1" => Level::Spot,
            "2" => Level::Futures,
            "3" | "4" => Level::Margin,
            _ => return Err(ReadError::Field("acctLv")),
        },
        rights: rights.map(str::to_owned).collect(),
        addresses: record.ip.map(Cow::into_owned),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LeverageRecord<'a> {
    #[serde(borrow)]
    mgn_mode: Cow<'a, str>,
    #[serde(borrow)]
    lever: Cow<'a, str>,
}

/// The leverage of one margin mode from `GET leverage-info`; the lower one where the legs differ, `None` where it is no whole
/// number.
///
/// # Errors
/// When the answer cannot be read.
pub fn leverage(body: &[u8], mode: MarginMode) -> Result<Option<u32>, ReadError> {
    let mut found: Option<Decimal> = None;
    for raw in list(body)? {
        let record: LeverageRecord<'_> = serde_json::from_str(raw.get())?;
        if holding::margin_mode(&record.mgn_mode)? == mode {
            let lever = decimal(Some(&record.lever)).ok_or(ReadError::Field("lever"))?;
            found = Some(found.map_or(lever, |known| known.min(lever)));
        }
    }
    let whole = found.filter(|lever| lever.fract().is_zero());
    Ok(whole.and_then(|lever| u32::try_from(lever).ok()))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FeeRecord<'a> {
    maker: Option<Cow<'a, str>>,
    taker: Option<Cow<'a, str>>,
    maker_u: Option<Cow<'a, str>>,
    taker_u: Option<Cow<'a, str>>,
    #[serde(rename = "makerUSDC")]
    maker_usdc: Option<Cow<'a, str>>,
    #[serde(rename = "takerUSDC")]
    taker_usdc: Option<Cow<'a, str>>,
}

/// Maker and taker fee of an instrument as a fraction that is paid, from `GET trade-fee`. The venue's rates are negative where
/// they are paid, and the currency of margin, on spot of the price, says which applies.
///
/// # Errors
/// When the answer cannot be read or states no rate for this currency.
pub fn fees(body: &[u8], instrument: &Instrument) -> Result<(Decimal, Decimal), ReadError> {
    let record: FeeRecord<'_> = serde_json::from_str(first(body)?.get())?;
    let spot = instrument.kind == InstrumentKind::Spot;
    let (maker, taker) = match (instrument.settle.as_str(), spot) {
        ("USDT", false) => (record.maker_u, record.taker_u),
        ("USDC", _) => (record.maker_usdc, record.taker_usdc),
        _ => (record.maker, record.taker),
    };
    let paid = |text: Option<Cow<'_, str>>, name| {
        let rate = decimal(text.as_deref()).ok_or(ReadError::Field(name))?;
        Ok::<Decimal, ReadError>(-rate)
    };
    Ok((paid(maker, "maker")?, paid(taker, "taker")?))
}

#[derive(Deserialize)]
struct TimeRecord<'a> {
    #[serde(borrow)]
    ts: Cow<'a, str>,
}

/// The venue's time from `GET public/time`, ms since 1970.
///
/// # Errors
/// When it is none.
pub fn time(body: &[u8]) -> Result<i64, ReadError> {
    let record: TimeRecord<'_> = serde_json::from_str(first(body)?.get())?;
    record.ts.parse().map_err(|_| ReadError::Field("ts"))
}
