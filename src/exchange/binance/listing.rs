//! `GET exchangeInfo`: what both products write alike. A symbol with invalid filters is left out with a reason, never the whole load.

use rust_decimal::Decimal;
use serde_json::value::RawValue;

use crate::domain::decimal::Step;
use crate::domain::text::sanitise;
use crate::domain::{Asset, Instrument};

/// What one load gave.
#[derive(Debug, Default)]
pub struct Load {
    /// Instruments that can be traded or watched.
    pub instruments: Vec<Instrument>,
    /// Symbols left out, each with one sentence, sanitised.
    pub refused: Vec<(String, String)>,
    /// Request weight a minute, where stated.
    pub weight_limit: Option<u32>,
}

#[derive(serde::Deserialize)]
struct Info<'a> {
    #[serde(rename = "rateLimits", default)]
    rate_limits: Vec<RateLimit>,
    #[serde(borrow)]
    symbols: Vec<&'a RawValue>,
}

#[derive(serde::Deserialize, Default)]
#[serde(default)]
struct RateLimit {
    #[serde(rename = "rateLimitType")]
    kind: String,
    interval: String,
    #[serde(rename = "intervalNum")]
    count: u32,
    limit: u32,
}

/// Reads the answer; `read` makes one symbol an instrument, or gives its name and says what is wrong with it.
///
/// # Errors
/// When it is no JSON of the documented shape at all.
pub fn load(
    body: &[u8],
    read: impl Fn(&str) -> Result<Instrument, (String, String)>,
) -> Result<Load, serde_json::Error> {
    let info: Info<'_> = serde_json::from_slice(body)?;
    let mut load = Load {
        weight_limit: weight_limit(&info.rate_limits),
        ..Load::default()
    };
    for raw in info.symbols {
        match read(raw.get()) {
            Ok(instrument) => load.instruments.push(instrument),
            Err((name, why)) => load
                .refused
                .push((sanitise(&name, 32), sanitise(&why, 120))),
        }
    }
    Ok(load)
}

fn weight_limit(limits: &[RateLimit]) -> Option<u32> {
    let per_minute =
        |l: &&RateLimit| l.kind == "REQUEST_WEIGHT" && l.interval == "MINUTE" && l.count == 1;
    limits.iter().find(per_minute).map(|l| l.limit)
}

/// A step above zero; nothing else can carry prices or sizes.
pub fn step(text: &str) -> Option<Step> {
    Step::parse(text).ok()
}

/// A bound in whole steps, rounded towards zero. Zero switches a bound off (Binance, Filters), an absent one is off too.
///
/// # Errors
/// When it is no number, or negative.
pub fn bound(step: Step, text: &str) -> Result<Option<i64>, String> {
    let Some(value) = decimal(Some(text).filter(|t| !t.is_empty()))? else {
        return Ok(None);
    };
    if value.is_sign_negative() && !value.is_zero() {
        return Err("has a negative bound".to_owned());
    }
    // A bound beyond all numbers is no bound.
    Ok(step.floor(value).filter(|&count| count > 0))
}

/// A number of a filter, where it is there.
///
/// # Errors
/// When it is no number.
pub fn decimal(text: Option<&str>) -> Result<Option<Decimal>, String> {
    text.map(|t| {
        t.parse()
            .map_err(|_| "has a filter that is no number".to_owned())
    })
    .transpose()
}

/// A price band: lower and upper factor.
///
/// # Errors
/// When a factor is no number, or the band has no inside.
pub fn band(down: &str, up: &str) -> Result<Option<(Decimal, Decimal)>, String> {
    let down = decimal(Some(down))?.unwrap_or_default();
    let up = decimal(Some(up))?.unwrap_or_default();
    if down.is_sign_negative() || up <= down {
        return Err("has a price band that is none".to_owned());
    }
    Ok(Some((down, up)))
}

/// A coin or currency.
///
/// # Errors
/// When it is no name.
pub fn asset(text: &str) -> Result<Asset, String> {
    Asset::new(text).map_err(|why| format!("has a bad asset name: {why}"))
}
