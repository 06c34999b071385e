//! What the answers of both products that are not good have in common: how they are written, and rows that say what one proves.
//! Pure; owns nothing.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::domain::Outcome;
use crate::domain::message::Proves;

/// `{"code":-1121,"msg":"Invalid symbol."}`, over REST or in a WebSocket reply's `error`.
#[derive(Debug, Deserialize)]
pub struct ErrorBody {
    /// The venue's code; the algo service writes it as text.
    #[serde(deserialize_with = "code")]
    pub code: i64,
    /// The venue's words.
    #[serde(default)]
    pub msg: String,
    /// Beside 429 and 418 over the WebSocket: until when.
    #[serde(default)]
    pub data: Option<ErrorData>,
}

/// What stands beside a rate-limit error of the WebSocket API.
#[derive(Debug, Deserialize)]
pub struct ErrorData {
    /// When requests may go again, ms since 1970.
    #[serde(rename = "retryAfter", default)]
    pub retry_after: Option<i64>,
}

/// A code, written as a number or as text.
///
/// # Errors
/// When it is neither.
pub fn code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written<'a> {
        Number(i64),
        #[serde(borrow)]
        Text(std::borrow::Cow<'a, str>),
    }
    match Written::deserialize(deserializer)? {
        Written::Number(code) => Ok(code),
        Written::Text(text) => text.parse().map_err(serde::de::Error::custom),
    }
}

impl ErrorBody {
    /// Reads an error body; `None` when it is none.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// Reads the `error` member of a WebSocket reply.
    pub fn read_raw(raw: &RawValue) -> Option<Self> {
        serde_json::from_str(raw.get()).ok()
    }
}

/// A refusal, or what stayed unknown, of a request that is no order: its words, and what it proves.
pub fn told(outcome: Outcome) -> (String, Proves) {
    match outcome {
        Outcome::Rejected { words, proves, .. } => (words, proves),
        Outcome::Unknown(words) => (words, Proves::Nothing),
        Outcome::Accepted { .. } | Outcome::NotSent(_) => (String::new(), Proves::Nothing),
    }
}

/// What a status proves beside which there is no code.
pub fn without_code(status: u16) -> Outcome {
    match status {
        429 | 418 => Outcome::Rejected {
            code: i64::from(status),
            words: "too many requests".to_owned(),
            proves: Proves::RateLimited { until_ms: 0 },
        },
        _ => Outcome::Unknown(format!("the venue answered {status} without a code")),
    }
}

/// When requests may go again, ms since 1970; 0 where nobody says. Binance futures states it in the words: "IP(…) banned until 1659146400000."
pub fn until(body: &ErrorBody) -> i64 {
    if let Some(at) = body.data.as_ref().and_then(|data| data.retry_after) {
        return at;
    }
    body.msg
        .split(|c: char| !c.is_ascii_digit())
        .filter(|digits| digits.len() == 13)
        .find_map(|digits| digits.parse().ok())
        .unwrap_or(0)
}

/// A refusal whose meaning is documented.
#[derive(Debug)]
pub struct Row {
    /// The venue's code.
    pub code: i64,
    /// Words for the trader; empty: the venue's own are shown.
    pub words: &'static str,
    /// What it proves beyond the refusal.
    pub proves: Proves,
}

/// One row.
pub const fn r(code: i64, words: &'static str, proves: Proves) -> Row {
    Row {
        code,
        words,
        proves,
    }
}

/// The row of a code.
pub fn row(rows: &'static [Row], code: i64) -> Option<&'static Row> {
    rows.iter().find(|row| row.code == code)
}
