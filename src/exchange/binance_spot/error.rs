//! What each answer of Binance spot proves. Pure tables; decides nothing beyond "rejected or not proved".
//!
//! Only positive evidence rejects. Source: Binance, Error codes (spot), with the messages of -1010, -2010 and -2011; General
//! information, HTTP return codes: any 5xx says that the execution status is unknown and could have been a success.

use crate::domain::Outcome;
use crate::domain::message::Proves;
use crate::domain::text::sanitise;
use crate::exchange::binance::error::{ErrorBody, Row, r, row, until, without_code};

/// What an answer that is not 2xx proves about the request it answers.
pub fn outcome(status: u16, body: Option<&ErrorBody>) -> Outcome {
    let Some(body) = body else {
        return without_code(status);
    };
    if status >= 500 || status == 408 || leaves_unknown(body) {
        return Outcome::Unknown(words(body));
    }
    let known = proof(body);
    if known.is_none() && body.code >= 0 {
        return Outcome::Unknown(words(body));
    }
    let mut proves = known.unwrap_or(Proves::Nothing);
    if matches!(status, 429 | 418) || matches!(proves, Proves::RateLimited { .. }) {
        proves = Proves::RateLimited {
            until_ms: until(body),
        };
    }
    Outcome::Rejected {
        code: body.code,
        words: words(body),
        proves,
    }
}

/// The venue's own words for a code, or ours where they are plainer. Sanitised.
pub fn words(body: &ErrorBody) -> String {
    let told = told(body).or(row(ROWS, body.code));
    match told {
        Some(row) if !row.words.is_empty() => row.words.to_owned(),
        _ => sanitise(&body.msg, 160),
    }
}

/// True when the venue says that it does not know the order (or may not know it yet).
pub const fn is_not_found(code: i64) -> bool {
    code == -2013
}

/// Codes after which the request may or may not have been carried out. A duplicate proves that an open order of this name
/// exists, so the request's own fate is asked for.
fn leaves_unknown(body: &ErrorBody) -> bool {
    matches!(body.code, -1000 | -1001 | -1006 | -1007)
        || body.msg.starts_with("Duplicate order sent")
}

fn proof(body: &ErrorBody) -> Option<Proves> {
    let row = told(body).or(row(ROWS, body.code));
    row.map(|row| row.proves)
}

/// Refusals whose code says little and whose text says more (Binance, Error codes, messages for -1010, -2010 and -2011).
fn told(body: &ErrorBody) -> Option<&'static Row> {
    if !matches!(body.code, -1010 | -1013 | -2010 | -2011) {
        return None;
    }
    let tells = |(start, _): &&(&str, Row)| body.msg.starts_with(start);
    TOLD.iter().find(tells).map(|(_, row)| row)
}

/// How a text begins, and what it says; the code beside it does not count.
static TOLD: &[(&str, Row)] = &[
    (
        "Order would immediately match and take",
        r(-2010, "post-only would have taken", Proves::WouldTake),
    ),
    (
        "Account has insufficient balance",
        r(-2010, "balance is insufficient", Proves::Nothing),
    ),
    (
        "Market is closed",
        r(-2010, "the symbol does not trade now", Proves::StaleRules),
    ),
    (
        "Unsupported order combination",
        r(-2010, "", Proves::Nothing),
    ),
    ("Filter failure", r(-1013, "", Proves::StaleRules)),
    (
        "Unknown order sent",
        r(-2011, "no such order to cancel", Proves::NotFound),
    ),
    (
        "Order was not canceled due to cancel restrictions",
        r(-2011, "", Proves::Nothing),
    ),
];

/// Empty words: the venue's own are shown.
static ROWS: &[Row] = &[
    r(-1002, "the key may not do this", Proves::KeyRefused),
    r(
        -1003,
        "too many requests",
        Proves::RateLimited { until_ms: 0 },
    ),
    r(
        -1008,
        "the venue is overloaded and refused it",
        Proves::Nothing,
    ),
    r(-1010, "", Proves::Nothing),
    r(-1013, "", Proves::StaleRules),
    r(
        -1015,
        "too many orders",
        Proves::RateLimited { until_ms: 0 },
    ),
    r(
        -1021,
        "our clock is outside the venue's window",
        Proves::ClockOff,
    ),
    r(
        -1022,
        "the signature was refused: check the secret",
        Proves::KeyRefused,
    ),
    r(
        -1034,
        "too many connections",
        Proves::RateLimited { until_ms: 0 },
    ),
    r(-1102, "", Proves::Nothing),
    r(-1106, "", Proves::Nothing),
    r(
        -1111,
        "too many decimals for this instrument",
        Proves::StaleRules,
    ),
    r(
        -1121,
        "the venue does not know this symbol",
        Proves::StaleRules,
    ),
    r(-2010, "", Proves::Nothing),
    r(-2011, "no such order to cancel", Proves::NotFound),
    r(-2013, "the venue knows no such order", Proves::NotFound),
    r(-2014, "the API key is malformed", Proves::KeyRefused),
    r(
        -2015,
        "key, IP address or permission refused",
        Proves::KeyRefused,
    ),
    r(
        -2026,
        "the order ended long ago and was archived",
        Proves::NotFound,
    ),
    r(-2035, "the user stream stands already", Proves::Nothing),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, code: i64, msg: &str) -> Outcome {
        let body = ErrorBody {
            code,
            msg: msg.to_owned(),
            data: None,
        };
        outcome(status, Some(&body))
    }

    fn proves(outcome: &Outcome) -> Option<Proves> {
        match outcome {
            Outcome::Rejected { proves, .. } => Some(*proves),
            _ => None,
        }
    }

    #[test]
    fn b3_b4_timeouts_duplicates_and_every_5xx_stay_unknown() {
        for code in [-1000, -1001, -1006, -1007] {
            for status in [200, 400, 504] {
                assert!(
                    matches!(of(status, code, "x"), Outcome::Unknown(_)),
                    "{code}"
                );
            }
        }
        for status in [408, 500, 502, 503, 504, 520] {
            assert!(matches!(outcome(status, None), Outcome::Unknown(_)));
            assert!(matches!(of(status, -2010, "x"), Outcome::Unknown(_)));
            assert!(matches!(of(status, -1008, "x"), Outcome::Unknown(_)));
        }
        let duplicate = of(400, -2010, "Duplicate order sent.");
        assert!(matches!(duplicate, Outcome::Unknown(_)));
        assert!(matches!(outcome(403, None), Outcome::Unknown(_)));
        assert!(matches!(of(200, 0, "x"), Outcome::Unknown(_)));
    }

    #[test]
    fn one_code_is_many_refusals_and_its_text_tells_them_apart() {
        let take = of(400, -2010, "Order would immediately match and take.");
        assert_eq!(proves(&take), Some(Proves::WouldTake));
        let broke = of(
            400,
            -2010,
            "Account has insufficient balance for requested action.",
        );
        assert_eq!(proves(&broke), Some(Proves::Nothing));
        let closed = of(400, -2010, "Market is closed.");
        assert_eq!(proves(&closed), Some(Proves::StaleRules));
        let filter = of(400, -1013, "Filter failure: NOTIONAL");
        assert_eq!(proves(&filter), Some(Proves::StaleRules));
        assert!(
            matches!(&filter, Outcome::Rejected { words, .. } if words == "Filter failure: NOTIONAL")
        );
        let gone = of(400, -2011, "Unknown order sent.");
        assert_eq!(proves(&gone), Some(Proves::NotFound));
        let held = of(
            400,
            -2011,
            "Order was not canceled due to cancel restrictions.",
        );
        assert_eq!(proves(&held), Some(Proves::Nothing));
        assert_eq!(proves(&of(400, -1021, "x")), Some(Proves::ClockOff));
        assert_eq!(proves(&of(401, -2015, "x")), Some(Proves::KeyRefused));
    }

    #[test]
    fn a_ban_says_until_when() {
        let body = ErrorBody::read(br#"{"code":-1003,"msg":"Way too much request weight used; IP banned until 1659146400000. Please use WebSocket Streams for live updates to avoid bans.","data":{"serverTime":1659142907531,"retryAfter":1659146400000}}"#).unwrap();
        assert_eq!(
            proves(&outcome(418, Some(&body))),
            Some(Proves::RateLimited {
                until_ms: 1_659_146_400_000
            })
        );
    }

    #[test]
    fn words_of_unlisted_codes_are_sanitised() {
        let Outcome::Rejected { words, .. } = of(400, -9_999, "no\u{1b}[2J\u{202e}go") else {
            panic!("a 4xx with a code is a refusal");
        };
        assert_eq!(words, "no?[2J?go");
    }
}
