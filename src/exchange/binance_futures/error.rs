//! What each answer of Binance futures proves. Pure tables; decides nothing beyond "rejected or not proved".
//!
//! Only positive evidence rejects: whatever is not listed as a refusal of the venue leaves the outcome unknown.
//! Sources: Binance, Error Codes (derivatives, USDⓈ-M); General Info, HTTP return codes (the three meanings of 503).

use crate::domain::Outcome;
use crate::domain::message::Proves;
use crate::domain::text::sanitise;
pub use crate::exchange::binance::error::ErrorBody;
use crate::exchange::binance::error::{Row, r, row, until, without_code};

/// What an answer that is not 2xx proves about the request it answers.
pub fn outcome(status: u16, body: Option<&ErrorBody>) -> Outcome {
    let Some(body) = body else {
        return without_code(status);
    };
    if status == 503 {
        return overloaded(body);
    }
    if leaves_unknown(body.code) {
        return Outcome::Unknown(words(body));
    }
    // A listed refusal is one whatever status carries it; an unlisted code refuses only below 500.
    let known = row(ROWS, body.code);
    if known.is_none() && (status >= 500 || status == 408 || body.code >= 0) {
        return Outcome::Unknown(words(body));
    }
    let mut proves = known.map_or(Proves::Nothing, |row| row.proves);
    if matches!(status, 429 | 418) || matches!(proves, Proves::RateLimited { .. }) {
        proves = Proves::RateLimited {
            until_ms: until(body),
        };
    }
    rejected(body.code, words(body), proves)
}

/// The venue's own words for a code, or ours where they are plainer. Sanitised.
pub fn words(body: &ErrorBody) -> String {
    match row(ROWS, body.code) {
        Some(row) if !row.words.is_empty() => row.words.to_owned(),
        _ => sanitise(&body.msg, 160),
    }
}

/// True when the venue says that a setting is already as wanted: margin mode, position mode.
pub fn is_as_wanted(code: i64) -> bool {
    matches!(code, -4046 | -4059)
}

/// True when the venue says that it does not know the order (or may not know it yet).
pub fn is_not_found(code: i64) -> bool {
    code == -2013
}

fn rejected(code: i64, words: String, proves: Proves) -> Outcome {
    Outcome::Rejected {
        code,
        words,
        proves,
    }
}

/// HTTP 503 by its text: two variants are refusals, one is not, anything else is not proved.
fn overloaded(body: &ErrorBody) -> Outcome {
    if body.code == -1008 {
        return rejected(body.code, words(body), Proves::Nothing);
    }
    let text = body.msg.trim();
    if text.starts_with("Service Unavailable") {
        rejected(
            body.code,
            "the venue is unavailable".into(),
            Proves::Nothing,
        )
    } else if text.starts_with("Internal error; unable to process your request") {
        rejected(
            body.code,
            "the venue could not process it".into(),
            Proves::Nothing,
        )
    } else {
        Outcome::Unknown(sanitise(text, 160))
    }
}

/// Codes after which the request may or may not have been carried out.
/// -4116 (duplicate client id) proves that an order of this id exists, so the request's own fate is asked for; -20132 is what
/// clients have met in its place at the algo service.
fn leaves_unknown(code: i64) -> bool {
    matches!(code, -1000 | -1001 | -1006 | -1007 | -4116 | -20132)
}

/// Binance, Error Codes (USDⓈ-M futures), unless the row says otherwise. Empty words: the venue's own are shown.
static ROWS: &[Row] = &[
    r(-1002, "the key may not do this", Proves::KeyRefused),
    r(
        -1003,
        "too many requests",
        Proves::RateLimited { until_ms: 0 },
    ),
    // General Info: requests are throttled under overload; reduce-only orders are exempt.
    r(
        -1008,
        "the venue is overloaded and refused it",
        Proves::Nothing,
    ),
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
    r(-1125, "the listen key expired", Proves::Nothing),
    r(-2010, "", Proves::Nothing),
    r(-2011, "no such order to cancel", Proves::NotFound),
    r(-2013, "the venue knows no such order", Proves::NotFound),
    r(-2014, "the API key is malformed", Proves::KeyRefused),
    r(
        -2015,
        "key, IP address or permission refused",
        Proves::KeyRefused,
    ),
    r(-2018, "balance is insufficient", Proves::Nothing),
    r(-2019, "margin is insufficient", Proves::Nothing),
    r(-2020, "unable to fill", Proves::Nothing),
    r(-2021, "it would trigger at once", Proves::WouldTrigger),
    r(-2022, "nothing to reduce", Proves::NothingToReduce),
    r(-2023, "the account is being liquidated", Proves::Nothing),
    r(
        -2024,
        "the position is not large enough",
        Proves::NothingToReduce,
    ),
    r(-2025, "too many open orders", Proves::Nothing),
    r(
        -2026,
        "this order type cannot be reduce-only",
        Proves::Nothing,
    ),
    r(
        -2027,
        "above the largest position at this leverage",
        Proves::Nothing,
    ),
    r(
        -2028,
        "leverage is too small for this position",
        Proves::Nothing,
    ),
    r(-4003, "size is too small", Proves::StaleRules),
    r(-4004, "size is below the minimum", Proves::StaleRules),
    r(-4005, "size is above the maximum", Proves::StaleRules),
    r(-4014, "price is off the tick", Proves::StaleRules),
    r(
        -2007,
        "the venue does not take this callback rate",
        Proves::Nothing,
    ),
    r(-4015, "the client id is malformed", Proves::Nothing),
    r(-4023, "size is off the step", Proves::StaleRules),
    r(-4028, "this leverage is not allowed", Proves::Nothing),
    r(
        -4045,
        "too many conditional orders are open",
        Proves::Nothing,
    ),
    r(
        -4047,
        "orders are open on this symbol: cancel them first",
        Proves::Nothing,
    ),
    r(
        -4048,
        "a position is open on this symbol: close it first",
        Proves::Nothing,
    ),
    r(
        -4061,
        "the account is in another position mode",
        Proves::WrongMode,
    ),
    r(
        -4067,
        "orders are open: cancel them all first",
        Proves::Nothing,
    ),
    r(
        -4068,
        "a position is open: close everything first",
        Proves::Nothing,
    ),
    // Field reports of 2026: open reduce-only orders count against the position.
    r(
        -4118,
        "resting exits already cover the position",
        Proves::NothingToReduce,
    ),
    r(
        -4120,
        "this order type belongs to another endpoint",
        Proves::Nothing,
    ),
    r(
        -4130,
        "an order that closes the whole position stands already",
        Proves::AlreadyClosing,
    ),
    r(
        -4131,
        "the market order would leave the price band",
        Proves::Nothing,
    ),
    r(
        -4135,
        "the venue does not take this activation price",
        Proves::Nothing,
    ),
    r(-4142, "it would trigger at once", Proves::WouldTrigger),
    r(
        -4161,
        "leverage cannot be lowered under an isolated position",
        Proves::Nothing,
    ),
    r(-4164, "below the minimum notional", Proves::StaleRules),
    r(
        -4183,
        "the bound is too far above the trigger",
        Proves::Nothing,
    ),
    r(
        -4184,
        "the bound is too far below the trigger",
        Proves::Nothing,
    ),
    r(-5021, "could not be filled whole", Proves::Nothing),
    r(-5022, "post-only would have taken", Proves::WouldTake),
    r(
        -5024,
        "the symbol does not allow changes now",
        Proves::Nothing,
    ),
    r(-5025, "only limit orders can be changed", Proves::Nothing),
    r(
        -5026,
        "changed too often: cancel and place anew",
        Proves::Nothing,
    ),
    r(-5027, "nothing to change", Proves::Nothing),
    r(-5028, "it reached the engine too late", Proves::ClockOff),
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
    fn b3_the_variants_of_503_are_told_apart_by_their_words() {
        let unknown = "Unknown error, please check your request or try again later.";
        assert!(matches!(of(503, -1003, unknown), Outcome::Unknown(_)));
        let refused = "Internal error; unable to process your request. Please try again.";
        assert!(proves(&of(503, -1003, refused)).is_some());
        assert!(proves(&of(503, -1003, "Service Unavailable.")).is_some());
        assert!(matches!(
            of(503, -1003, "something new"),
            Outcome::Unknown(_)
        ));
        assert!(matches!(outcome(503, None), Outcome::Unknown(_)));
    }

    #[test]
    fn b4_timeouts_and_every_5xx_stay_unknown() {
        for code in [-1000, -1001, -1006, -1007, -4116, -20132] {
            assert!(matches!(of(400, code, "x"), Outcome::Unknown(_)), "{code}");
            assert!(matches!(of(200, code, "x"), Outcome::Unknown(_)), "{code}");
        }
        for status in [408, 500, 502, 504, 520] {
            assert!(matches!(outcome(status, None), Outcome::Unknown(_)));
            assert!(matches!(of(status, -9999, "x"), Outcome::Unknown(_)));
        }
        assert!(matches!(outcome(403, None), Outcome::Unknown(_)));
    }

    #[test]
    fn refusals_say_what_they_prove() {
        assert_eq!(proves(&of(400, -5022, "x")), Some(Proves::WouldTake));
        assert_eq!(proves(&of(400, -2022, "x")), Some(Proves::NothingToReduce));
        assert_eq!(proves(&of(400, -4118, "x")), Some(Proves::NothingToReduce));
        for (code, wanted) in [
            (-2021, Proves::WouldTrigger),
            (-4142, Proves::WouldTrigger),
            (-4130, Proves::AlreadyClosing),
            (-4061, Proves::WrongMode),
            (-4120, Proves::Nothing),
            (-4067, Proves::Nothing),
            (-4068, Proves::Nothing),
        ] {
            assert_eq!(proves(&of(400, code, "x")), Some(wanted), "{code}");
        }
        assert_eq!(proves(&of(400, -2011, "x")), Some(Proves::NotFound));
        assert_eq!(proves(&of(400, -1021, "x")), Some(Proves::ClockOff));
        assert_eq!(proves(&of(401, -2015, "x")), Some(Proves::KeyRefused));
        let ban = "Way too many requests; IP(1.2.3.4) banned until 1659146400000.";
        assert_eq!(
            proves(&of(418, -1003, ban)),
            Some(Proves::RateLimited {
                until_ms: 1_659_146_400_000
            })
        );
    }

    #[test]
    fn a_code_may_be_written_as_text() {
        let body = ErrorBody::read(br#"{"algoId":1,"code":"-2011","msg":"Unknown order sent."}"#);
        assert_eq!(body.unwrap().code, -2011);
        assert!(ErrorBody::read(br#"{"code":"oops","msg":"x"}"#).is_none());
    }

    #[test]
    fn words_of_unlisted_codes_are_sanitised() {
        let Outcome::Rejected { words, .. } = of(400, -4999, "no\u{1b}[2J\u{202e}go") else {
            panic!("a 4xx with a code is a refusal");
        };
        assert_eq!(words, "no?[2J?go");
    }
}
