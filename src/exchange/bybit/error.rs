//! What each answer of Bybit proves. Pure tables; decides nothing beyond "rejected or not proved".
//!
//! Only positive evidence rejects: a code that is neither listed nor of the trading services' own leaves the outcome unknown.
//! Sources: Bybit, Error Codes; WebSocket Trade Guideline (codes of the order line); Place Order, Set Trading Stop.

use crate::domain::Outcome;
use crate::domain::message::Proves;
use crate::domain::text::sanitise;

/// Without a time in the answer: how long a breach of the limit by address is waited out, ms (Bybit, Rate Limit: 10 minutes).
pub const ADDRESS_PAUSE_MS: u64 = 600_000;
/// Longest words of a refusal, characters.
const LONGEST: usize = 160;
/// The order line restarts: it takes nothing new, and a new connection meets another one (Bybit, WebSocket Trade Guideline).
pub const RESTARTING: i64 = 10_019;

/// What an answer with this code proves about the request that it answers; 0 is not asked for here.
pub fn outcome(code: i64, msg: &str) -> Outcome {
    if leaves_unknown(code) {
        return Outcome::Unknown(words(code, msg));
    }
    let proves = match (row(code), code) {
        (_, 10_001) => by_words(msg),
        (Some(row), _) => row.proves,
        (None, _) if is_of_trading(code) => Proves::Nothing,
        (None, _) => return Outcome::Unknown(words(code, msg)),
    };
    Outcome::Rejected {
        code,
        words: words(code, msg),
        proves,
    }
}

/// What an HTTP answer without the API's envelope proves: nothing, unless the venue's front refused it.
pub fn without_code(status: u16, body: &[u8]) -> Outcome {
    let text = String::from_utf8_lossy(body.get(..400).unwrap_or(body)).to_lowercase();
    let (words, proves) = match status {
        429 => ("too many requests", RATE),
        403 if text.contains("too frequent") => ("too many requests from this address", RATE),
        403 => (
            "the venue refuses this host's address or country",
            Proves::Nothing,
        ),
        401 => ("the venue does not take this key", Proves::KeyRefused),
        _ => return Outcome::Unknown(format!("the venue answered {status} without a code")),
    };
    Outcome::Rejected {
        code: i64::from(status),
        words: words.to_owned(),
        proves,
    }
}

/// The venue's own words for a code, or ours where they are plainer. Sanitised.
pub fn words(code: i64, msg: &str) -> String {
    match row(code) {
        Some(row) if !row.words.is_empty() => row.words.to_owned(),
        _ if msg.is_empty() => format!("the venue answered {code}"),
        _ => sanitise(msg, LONGEST),
    }
}

/// True when the venue says that a setting is already as wanted: leverage, position mode, margin mode, a position's stop.
pub fn is_as_wanted(code: i64) -> bool {
    matches!(code, 110_043 | 110_025 | 110_026 | 110_027 | 34_040)
}

/// Codes after which the request may or may not have been carried out. A name that was used already (110072, 170141) proves that an
/// order of it exists, so its own fate is asked for; one that is being processed (110079, 170191, 170212) is in neither state.
fn leaves_unknown(code: i64) -> bool {
    matches!(
        code,
        10_000
            | 10_014
            | 10_016
            | 20_006
            | 110_072
            | 110_079
            | 170_007
            | 170_141
            | 170_146
            | 170_147
            | 170_191
            | 170_212
    )
}

/// Ranges in which the trading services alone speak: whatever they say there is a refusal.
fn is_of_trading(code: i64) -> bool {
    matches!(code, 110_000..=110_999 | 170_000..=170_999 | 30_000..=30_999 | 34_000..=34_999 | 3_200_000..=3_499_999)
}

/// 10001 is every mistake in a parameter; some of them say more in words (Bybit, as its clients have met them).
fn by_words(msg: &str) -> Proves {
    let msg = msg.to_lowercase();
    if msg.contains("zero position") {
        Proves::NothingToReduce
    } else if msg.contains("position idx not match") {
        Proves::WrongMode
    } else if msg.contains("base_price") && (msg.contains("stoploss") || msg.contains("trailing")) {
        Proves::WouldTrigger
    } else {
        Proves::Nothing
    }
}

/// A refusal whose meaning is documented.
struct Row {
    code: i64,
    words: &'static str,
    proves: Proves,
}

const fn r(code: i64, words: &'static str, proves: Proves) -> Row {
    Row {
        code,
        words,
        proves,
    }
}

const RATE: Proves = Proves::RateLimited { until_ms: 0 };
const GONE: &str = "the order is finished or cancelled already";
const BALANCE: &str = "balance is insufficient";

/// Bybit, Error Codes. Empty words: the venue's own are shown.
static ROWS: &[Row] = &[
    r(
        10_002,
        "our clock is outside the venue's window",
        Proves::ClockOff,
    ),
    r(
        10_003,
        "the venue does not know this key: wrong environment, wrong regional host, or deleted",
        Proves::KeyRefused,
    ),
    r(
        10_004,
        "the signature was refused: check the secret",
        Proves::KeyRefused,
    ),
    r(10_005, "the key may not do this", Proves::KeyRefused),
    r(10_006, "too many requests", RATE),
    r(
        10_007,
        "the venue does not take this key",
        Proves::KeyRefused,
    ),
    r(10_008, "the account is banned", Proves::KeyRefused),
    r(10_009, "this host's address is banned", Proves::KeyRefused),
    r(
        10_010,
        "the key is bound to other addresses than this host's",
        Proves::KeyRefused,
    ),
    r(10_018, "too many requests from this address", RATE),
    r(
        RESTARTING,
        "the venue's order line is restarting: nothing was placed",
        Proves::Nothing,
    ),
    r(10_024, "", Proves::KeyRefused),
    r(10_027, "the account may not trade", Proves::KeyRefused),
    r(
        10_028,
        "the account is not a unified one: upgrade it at the venue",
        Proves::KeyRefused,
    ),
    r(10_029, "the key may not trade this symbol", Proves::Nothing),
    r(10_403, "too many requests from this address", RATE),
    r(10_404, "", Proves::Nothing),
    r(10_429, "the venue is overloaded and refused it", RATE),
    r(20_003, "too many requests on this line", RATE),
    r(33_004, "the key has expired", Proves::KeyRefused),
    r(110_001, "the venue knows no such order", Proves::NotFound),
    r(
        110_003,
        "the price is outside the venue's limits",
        Proves::Nothing,
    ),
    r(110_004, BALANCE, Proves::Nothing),
    r(110_006, "margin is insufficient", Proves::Nothing),
    r(110_007, BALANCE, Proves::Nothing),
    r(110_008, GONE, Proves::NotFound),
    r(110_009, "too many conditional orders", Proves::Nothing),
    r(110_010, GONE, Proves::NotFound),
    r(110_012, BALANCE, Proves::Nothing),
    r(110_017, "nothing to reduce", Proves::NothingToReduce),
    r(110_019, "the venue knows no such order", Proves::NotFound),
    r(110_020, "too many open orders", Proves::Nothing),
    r(110_024, "not while a position is open", Proves::Nothing),
    r(110_028, "not while orders are open", Proves::Nothing),
    r(110_034, "there is no position", Proves::NothingToReduce),
    r(110_092, "it would trigger at once", Proves::WouldTrigger),
    r(110_093, "it would trigger at once", Proves::WouldTrigger),
    r(
        110_094,
        "below the least value of an order",
        Proves::Nothing,
    ),
    r(170_033, BALANCE, Proves::Nothing),
    r(170_124, "", Proves::StaleRules),
    r(170_131, BALANCE, Proves::Nothing),
    r(
        170_134,
        "too many decimals in the price",
        Proves::StaleRules,
    ),
    r(
        170_136,
        "below the least size of an order",
        Proves::StaleRules,
    ),
    r(170_137, "too many decimals in the size", Proves::StaleRules),
    r(170_139, GONE, Proves::NotFound),
    r(
        170_140,
        "below the least value of an order",
        Proves::Nothing,
    ),
    r(170_142, GONE, Proves::NotFound),
    r(170_190, GONE, Proves::NotFound),
    r(170_213, "the venue knows no such order", Proves::NotFound),
    r(170_218, "post-only would have taken", Proves::WouldTake),
];

fn row(code: i64) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proves(code: i64, msg: &str) -> Option<Proves> {
        match outcome(code, msg) {
            Outcome::Rejected { proves, .. } => Some(proves),
            _ => None,
        }
    }

    #[test]
    fn b5_what_is_not_a_documented_refusal_is_unknown() {
        for code in [
            10_000, 10_014, 10_016, 20_006, 110_072, 170_007, 170_141, 1, -1, 99_999,
        ] {
            assert_eq!(proves(code, "some words"), None, "{code}");
        }
        // The trading services speak in these ranges alone, so a code that is new there is a refusal.
        for code in [110_055, 170_311, 30_228, 34_036] {
            assert_eq!(proves(code, "some words"), Some(Proves::Nothing), "{code}");
        }
    }

    #[test]
    fn a_refusal_says_what_it_proves() {
        for (code, wanted) in [
            (10_002, Proves::ClockOff),
            (10_003, Proves::KeyRefused),
            (10_004, Proves::KeyRefused),
            (10_006, RATE),
            (10_429, RATE),
            (110_001, Proves::NotFound),
            (110_008, Proves::NotFound),
            (170_213, Proves::NotFound),
            (110_017, Proves::NothingToReduce),
            (110_092, Proves::WouldTrigger),
            (170_134, Proves::StaleRules),
        ] {
            assert_eq!(proves(code, ""), Some(wanted), "{code}");
        }
    }

    #[test]
    fn a_mistake_in_a_parameter_is_told_apart_by_its_words() {
        for (msg, wanted) in [
            ("position idx not match position mode", Proves::WrongMode),
            (
                "can not set tp/sl/ts for zero position",
                Proves::NothingToReduce,
            ),
            (
                "StopLoss:610000000 set for Buy position should lower than base_price:600000000??LastPrice",
                Proves::WouldTrigger,
            ),
            ("Qty invalid", Proves::Nothing),
        ] {
            assert_eq!(proves(10_001, msg), Some(wanted), "{msg}");
        }
    }

    #[test]
    fn an_answer_without_a_code_proves_nothing_but_the_fronts_own_refusals() {
        for status in [200, 404, 500, 502, 503, 504] {
            assert!(matches!(
                without_code(status, b"<html>"),
                Outcome::Unknown(_)
            ));
        }
        let Outcome::Rejected { proves, .. } = without_code(403, b"access too frequent") else {
            panic!()
        };
        assert_eq!(proves, RATE);
        let Outcome::Rejected { proves, .. } = without_code(403, b"blocked from your country")
        else {
            panic!()
        };
        assert_eq!(proves, Proves::Nothing);
    }

    #[test]
    fn rule9_the_venues_words_are_made_inert() {
        let told = words(110_055, "a\u{1b}[2Jb");
        assert!(!told.contains('\u{1b}'), "{told}");
    }
}
