//! One answer of the WebSocket order API, matched on its id. Pure; owns nothing.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::error::ErrorBody;

/// An answer to one request; what it proves is each product's to say.
#[derive(Debug)]
pub struct Answer<'a> {
    /// The request's number; `None` when the venue answers nobody in particular.
    pub id: Option<u64>,
    /// HTTP-like status.
    pub status: u16,
    /// What was asked for, as JSON; empty where there is nothing.
    pub result: &'a str,
    /// It brings what was asked for.
    pub is_good: bool,
    /// Why it does not, where that can be read.
    pub error: Option<ErrorBody>,
    /// How many orders the venue counted, by window.
    pub counts: Vec<Count>,
}

/// One of the venue's limits with what is used of it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Count {
    /// `ORDERS` or `REQUEST_WEIGHT`.
    pub rate_limit_type: String,
    /// `SECOND`, `MINUTE`, `DAY`.
    pub interval: String,
    /// How many of them.
    pub interval_num: u64,
    /// The limit.
    pub limit: u64,
    /// Used in the running window.
    #[serde(default)]
    pub count: u64,
}

impl Count {
    /// The window, ms; `None` for a unit that is not known.
    pub fn window_ms(&self) -> Option<u64> {
        let unit: u64 = match self.interval.as_str() {
            "SECOND" => 1_000,
            "MINUTE" => 60_000,
            "HOUR" => 3_600_000,
            "DAY" => 86_400_000,
            _ => return None,
        };
        unit.checked_mul(self.interval_num)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    status: u16,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
    #[serde(borrow)]
    rate_limits: Option<&'a RawValue>,
}

/// Reads one frame of the order line; `None` when it is no answer.
pub fn read(bytes: &[u8]) -> Option<Answer<'_>> {
    let envelope: Envelope<'_> = serde_json::from_slice(bytes).ok()?;
    let counts = envelope.rate_limits.map(RawValue::get);
    Some(Answer {
        id: envelope.id.and_then(|id| number(id.get())),
        status: envelope.status,
        result: envelope.result.map_or("", RawValue::get),
        is_good: envelope.status == 200 && envelope.error.is_none(),
        error: envelope.error.and_then(ErrorBody::read_raw),
        counts: counts
            .and_then(|raw| serde_json::from_str(raw).ok())
            .unwrap_or_default(),
    })
}

/// Our ids are numbers; a venue that quotes them is understood.
fn number(raw: &str) -> Option<u64> {
    raw.trim_matches('"').parse().ok()
}
