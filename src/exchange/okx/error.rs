//! What each answer of OKX proves. Pure tables; decides nothing beyond "rejected or not proved".
//!
//! Only positive evidence rejects: whatever is not listed as a refusal of the venue leaves the outcome unknown.
//! Source: OKX v5, Error Codes (REST and WebSocket).

use crate::domain::Outcome;
use crate::domain::message::Proves;
use crate::domain::text::sanitise;

/// Longest words of a refusal, characters.
const LONGEST: usize = 160;

/// A code as the venue writes it: digits, since 2026 with a sub-code behind an underscore (`51008_1000`). `None` where it is none.
pub fn code(text: &str) -> Option<i64> {
    text.split('_').next()?.trim().parse().ok()
}

/// What a code other than 0 proves about the request that it answers; `status` is the HTTP status, 200 on a socket.
pub fn outcome(status: u16, code: i64, words: &str) -> Outcome {
    let known = row(code);
    let told = match known {
        Some(row) if !row.words.is_empty() => row.words.to_owned(),
        _ => told(code, words),
    };
    if leaves_unknown(code) {
        return Outcome::Unknown(told);
    }
    match known {
        Some(row) => rejected(code, told, proves(row, words)),
        // A refusal that has no row still refuses, but not when the server failed.
        None if status < 500 && is_of_the_service(code) => rejected(code, told, Proves::Nothing),
        None => Outcome::Unknown(told),
    }
}

/// What an answer without a readable body proves.
pub fn bare(status: u16) -> Outcome {
    match status {
        429 => rejected(
            429,
            "too many requests".to_owned(),
            Proves::RateLimited { until_ms: 0 },
        ),
        _ => Outcome::Unknown(format!("the venue answered {status} without a code")),
    }
}

/// True when the venue says that it does not know the order (or may not know it yet).
pub fn is_not_found(code: i64) -> bool {
    code == 51_603
}

/// True when the venue does not take an instrument's code on the socket, or at all.
pub fn is_unknown_instrument(code: i64) -> bool {
    code == 51_001
}

fn rejected(code: i64, words: String, proves: Proves) -> Outcome {
    Outcome::Rejected {
        code,
        words,
        proves,
    }
}

fn told(code: i64, words: &str) -> String {
    if words.trim().is_empty() {
        format!("the venue answered with code {code}")
    } else {
        sanitise(words, LONGEST)
    }
}

/// Trade, account and general codes; codes of the socket itself (60000 and above) refuse only where they are listed.
const fn is_of_the_service(code: i64) -> bool {
    matches!(code, 50_000..=59_999)
}

/// Codes after which the request may or may not have been carried out: the venue timed out or failed on its side. A name that is
/// taken already proves that an order of this name exists, so the request's own fate is asked for.
const fn leaves_unknown(code: i64) -> bool {
    matches!(
        code,
        50_001 | 50_004 | 50_005 | 50_013 | 50_026 | 50_042 | 51_054 | 51_149 | 51_412 | 63_999
    ) || matches!(code, 50_071 | 51_011 | 51_016 | 51_065 | 51_068)
}

/// A parameter error is about the account's mode where it names the side of a position.
fn proves(row: &Row, words: &str) -> Proves {
    if row.code == 51_000 && words.contains("posSide") {
        Proves::WrongMode
    } else {
        row.proves
    }
}

/// A refusal whose meaning is documented.
struct Row {
    code: i64,
    words: &'static str,
    proves: Proves,
}

fn row(code: i64) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.code == code)
}

const fn r(code: i64, words: &'static str, proves: Proves) -> Row {
    Row {
        code,
        words,
        proves,
    }
}

const LIMITED: Proves = Proves::RateLimited { until_ms: 0 };

/// OKX, Error Codes. Empty words: the venue's own are shown.
static ROWS: &[Row] = &[
    r(50_011, "too many requests", LIMITED),
    r(50_040, "too many requests", LIMITED),
    r(50_061, "too many orders of this account", LIMITED),
    r(50_036, "it would have come too late", Proves::ClockOff),
    r(50_037, "it came too late", Proves::ClockOff),
    r(50_014, "", Proves::Nothing),
    r(50_030, "the key may not do this", Proves::KeyRefused),
    r(
        50_035,
        "the key must be bound to addresses for this",
        Proves::KeyRefused,
    ),
    r(
        50_100,
        "the key is frozen: ask the exchange",
        Proves::KeyRefused,
    ),
    r(
        50_101,
        "the key is of another environment: a demo key for real money, or the other way round",
        Proves::KeyRefused,
    ),
    r(
        50_102,
        "our clock is outside the venue's window",
        Proves::ClockOff,
    ),
    r(50_103, "the key is missing", Proves::KeyRefused),
    r(50_104, "the passphrase is missing", Proves::KeyRefused),
    r(50_105, "the passphrase is wrong", Proves::KeyRefused),
    r(50_106, "the signature is missing", Proves::KeyRefused),
    r(50_107, "our timestamp is missing", Proves::KeyRefused),
    r(
        50_110,
        "this host's address is not among the key's",
        Proves::KeyRefused,
    ),
    r(50_111, "the venue knows no such key", Proves::KeyRefused),
    r(50_112, "our timestamp is unreadable", Proves::ClockOff),
    r(
        50_113,
        "the signature was refused: check the secret",
        Proves::KeyRefused,
    ),
    r(50_114, "the key was refused", Proves::KeyRefused),
    r(50_119, "the venue knows no such key", Proves::KeyRefused),
    r(50_120, "the key may not do this", Proves::KeyRefused),
    r(
        50_121,
        "the venue does not serve this host's address",
        Proves::KeyRefused,
    ),
    r(51_000, "", Proves::Nothing),
    r(
        51_001,
        "the venue does not know this instrument",
        Proves::StaleRules,
    ),
    r(
        51_006,
        "the price is outside the venue's limits",
        Proves::Nothing,
    ),
    r(51_008, "", Proves::Nothing),
    r(
        51_010,
        "the account's mode does not allow it: change it at the exchange",
        Proves::Nothing,
    ),
    r(51_020, "the size is below the minimum", Proves::StaleRules),
    r(51_021, "it is not listed yet", Proves::StaleRules),
    r(51_022, "it is suspended", Proves::StaleRules),
    r(51_023, "there is no position", Proves::NothingToReduce),
    r(51_027, "the contract has expired", Proves::StaleRules),
    r(
        51_028,
        "the contract is being delivered",
        Proves::StaleRules,
    ),
    r(51_043, "there is no position", Proves::NothingToReduce),
    r(51_058, "there is no position", Proves::NothingToReduce),
    // A stop on the wrong side of the price would fire at once.
    r(51_051, "it would trigger at once", Proves::WouldTrigger),
    r(51_053, "it would trigger at once", Proves::WouldTrigger),
    r(
        51_112,
        "the position is not large enough",
        Proves::NothingToReduce,
    ),
    r(51_120, "the size is below the minimum", Proves::StaleRules),
    r(
        51_121,
        "the size is no multiple of the lot",
        Proves::StaleRules,
    ),
    r(
        51_148,
        "resting exits cover the position already",
        Proves::NothingToReduce,
    ),
    r(
        51_150,
        "too many decimals for this instrument",
        Proves::StaleRules,
    ),
    r(51_169, "nothing to reduce", Proves::NothingToReduce),
    r(
        51_170,
        "an exit cannot be on the position's own side",
        Proves::NothingToReduce,
    ),
    r(
        51_171,
        "resting exits cover the position already",
        Proves::NothingToReduce,
    ),
    r(51_257, "", Proves::Nothing),
    // The price is past where the trail would have become active.
    r(51_258, "it would be active at once", Proves::WouldTrigger),
    r(51_259, "it would be active at once", Proves::WouldTrigger),
    r(51_278, "it would trigger at once", Proves::WouldTrigger),
    r(51_280, "it would trigger at once", Proves::WouldTrigger),
    r(51_302, "it would trigger at once", Proves::WouldTrigger),
    r(51_304, "it would trigger at once", Proves::WouldTrigger),
    r(51_306, "it would trigger at once", Proves::WouldTrigger),
    r(51_308, "it would trigger at once", Proves::WouldTrigger),
    r(51_311, "", Proves::Nothing),
    r(51_400, "no such order to cancel", Proves::NotFound),
    r(51_401, "it was cancelled already", Proves::NotFound),
    r(51_402, "it is done already", Proves::NotFound),
    r(51_405, "no such order to cancel", Proves::NotFound),
    r(51_410, "it is being cancelled already", Proves::NotFound),
    r(51_416, "it has fired already", Proves::NotFound),
    r(51_503, "no such order to change", Proves::NotFound),
    r(51_509, "it was cancelled already", Proves::NotFound),
    r(51_510, "it is done already", Proves::NotFound),
    r(51_511, "post-only would have taken", Proves::WouldTake),
    r(
        51_513,
        "too many changes of this order are under way",
        Proves::Nothing,
    ),
    r(51_521, "there is no position", Proves::NothingToReduce),
    r(
        51_522,
        "an exit cannot be on the position's own side",
        Proves::NothingToReduce,
    ),
    r(51_603, "the venue knows no such order", Proves::NotFound),
    r(
        59_000,
        "orders or positions are open: end them first",
        Proves::Nothing,
    ),
    // Of the socket.
    r(60_004, "our timestamp is refused", Proves::ClockOff),
    r(60_005, "the venue knows no such key", Proves::KeyRefused),
    r(60_006, "our timestamp has expired", Proves::ClockOff),
    r(
        60_007,
        "the signature was refused: check the secret",
        Proves::KeyRefused,
    ),
    r(60_009, "the venue refused the login", Proves::KeyRefused),
    r(60_011, "the socket is not logged in", Proves::Nothing),
    r(60_012, "", Proves::Nothing),
    r(60_013, "", Proves::Nothing),
    r(60_014, "too many requests", LIMITED),
    r(60_018, "", Proves::Nothing),
    r(60_019, "", Proves::Nothing),
    r(60_024, "the passphrase is wrong", Proves::KeyRefused),
    r(60_032, "the venue knows no such key", Proves::KeyRefused),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn proved(code: i64, words: &str) -> Option<Proves> {
        match outcome(200, code, words) {
            Outcome::Rejected { proves, .. } => Some(proves),
            _ => None,
        }
    }

    #[test]
    fn b2_what_may_have_been_carried_out_is_never_a_refusal() {
        for code in [
            50_001, 50_004, 50_005, 50_013, 50_026, 51_054, 51_149, 51_412, 51_016, 51_065, 50_071,
        ] {
            for status in [200, 400, 429, 500, 503] {
                let found = outcome(status, code, "try again");
                assert!(matches!(found, Outcome::Unknown(_)), "{code}: {found:?}");
            }
        }
        assert!(matches!(bare(500), Outcome::Unknown(_)));
        assert!(matches!(bare(403), Outcome::Unknown(_)));
        // Nobody documented these.
        for (status, code) in [(500, 55_555), (200, 1), (200, 2), (200, 61_000), (200, 0)] {
            assert!(matches!(outcome(status, code, ""), Outcome::Unknown(_)));
        }
    }

    #[test]
    fn a_refusal_proves_what_its_row_says() {
        assert_eq!(
            proved(50_011, ""),
            Some(Proves::RateLimited { until_ms: 0 })
        );
        assert_eq!(proved(50_037, "Order expired."), Some(Proves::ClockOff));
        assert_eq!(proved(51_169, ""), Some(Proves::NothingToReduce));
        assert_eq!(proved(51_280, ""), Some(Proves::WouldTrigger));
        assert_eq!(proved(51_400, ""), Some(Proves::NotFound));
        assert_eq!(proved(51_511, ""), Some(Proves::WouldTake));
        assert_eq!(proved(60_024, ""), Some(Proves::KeyRefused));
        assert_eq!(proved(51_001, ""), Some(Proves::StaleRules));
        assert_eq!(
            proved(51_000, "Parameter posSide  error"),
            Some(Proves::WrongMode)
        );
        assert_eq!(
            proved(51_000, "Parameter clOrdId  error"),
            Some(Proves::Nothing)
        );
        // No row, but a code of the service below 500.
        assert_eq!(proved(51_187, "too much"), Some(Proves::Nothing));
    }

    #[test]
    fn sub_codes_are_read_and_words_are_inert() {
        assert_eq!(code("51008_1000"), Some(51_008));
        assert_eq!(code("0"), Some(0));
        assert_eq!(code(""), None);
        let Outcome::Rejected { words, .. } = outcome(200, 51_187, "no\u{1b}[2Jway") else {
            panic!();
        };
        assert_eq!(words, "no?[2Jway");
    }

    #[test]
    fn every_code_has_one_row() {
        let mut codes: Vec<i64> = ROWS.iter().map(|row| row.code).collect();
        codes.sort_unstable();
        let all = codes.len();
        codes.dedup();
        assert_eq!(codes.len(), all);
    }
}
