//! The signature of a request and of a login, checked against what was received.
//!
//! base64 of HMAC-SHA256 over timestamp, method, path with query, and body (OKX, "Making Requests"); a login signs the Unix time
//! in seconds, `GET` and `/users/self/verify` (OKX, "Login").

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::sim::keys::{Key, Kind};

/// How long a timestamp is good, ms (OKX, code 50102; a login likewise, code 60006).
const GOOD_FOR_MS: i64 = 30_000;

/// What a REST call signs.
pub fn rest_payload(timestamp: &str, verb: &str, path: &str, query: &str, body: &str) -> String {
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{timestamp}{verb}{path}{mark}{query}{body}")
}

/// What a login signs.
pub fn login_payload(timestamp: &str) -> String {
    format!("{timestamp}GET/users/self/verify")
}

/// True when `signature` is what the owner of the key would have written over `payload`; takes the same time either way. Keys of
/// this venue have a secret that both sides hold, others never sign here.
pub fn is_valid(key: &Key, payload: &str, signature: &str) -> bool {
    let Kind::Hmac(secret) = &key.kind else {
        return false;
    };
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return false;
    };
    mac.update(payload.as_bytes());
    BASE64
        .decode(signature.as_bytes())
        .is_ok_and(|bytes| mac.verify_slice(&bytes).is_ok())
}

/// Milliseconds since 1970 of `2020-12-08T09:08:57.715Z`; `None` when it is written in another way.
pub fn iso_ms(text: &str) -> Option<i64> {
    let at: jiff::Timestamp = text.parse().ok()?;
    let shaped = text.len() == 24 && text.ends_with('Z') && text.as_bytes()[10] == b'T';
    shaped.then(|| at.as_millisecond())
}

/// Milliseconds since 1970 of the whole seconds that a login states; `None` for anything but digits.
pub fn seconds_ms(text: &str) -> Option<i64> {
    let seconds: i64 = text.parse().ok().filter(|s| *s >= 0)?;
    // Milliseconds where seconds are meant lie thousands of years ahead.
    seconds.checked_mul(1_000)
}

/// True while a timestamp may be used.
pub const fn is_fresh(sent_ms: i64, now: i64) -> bool {
    now.saturating_sub(sent_ms).abs() <= GOOD_FOR_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(secret: &str) -> Key {
        Key {
            label: "trade",
            rights: &[],
            ip: None,
            expires: None,
            api_key: String::new(),
            kind: Kind::Hmac(secret.to_owned()),
        }
    }

    /// The secret of the documents' own example.
    const SAMPLE: &str = "22582BD0CFF14C41EDBF1AB98506286D";

    #[test]
    fn published_signatures_are_accepted_and_changed_ones_are_not() {
        let order = r#"{"instId":"BTC-USDT","tdMode":"cash","side":"buy","ordType":"limit","px":"2.15","sz":"2"}"#;
        let at = "2020-12-08T09:08:57.715Z";
        let balance = "/api/v5/account/balance";
        for (secret, payload, signature) in [
            (
                "chNOOS4KvNXR_Xq4k4c9qsfoKWvnDecLATCRlcBwyKDYnWgO",
                rest_payload(at, "GET", balance, "", ""),
                "PJ61e1nb2F2Qd7D8SPiaIcx2gjdELc+o0ygzre9z33k=",
            ),
            (
                SAMPLE,
                rest_payload(at, "GET", balance, "ccy=BTC", ""),
                "HiZhvSfMtWJA3uUIVXV3a/bSXNPCWvYFXoGCVS8V4zY=",
            ),
            (
                SAMPLE,
                rest_payload(at, "POST", "/api/v5/trade/order", "", order),
                "iwrdSpN7pm4G4u8+fswZUyH6mOM48+sBF6WvKpj4Dvk=",
            ),
            (
                SAMPLE,
                login_payload("1704876947"),
                "5/36BgGV6m/6pmdc20zdqk0mzF5ZalmzzPD2fo3wavU=",
            ),
        ] {
            let key = key(secret);
            assert!(is_valid(&key, &payload, signature), "{payload}");
            assert!(!is_valid(&key, &format!("{payload} "), signature));
            for rubbish in ["", "=", "AAAA", &signature[1..]] {
                assert!(!is_valid(&key, &payload, rubbish));
            }
        }
    }

    #[test]
    fn times_are_read_as_each_door_writes_them() {
        assert_eq!(iso_ms("2020-12-08T09:08:57.715Z"), Some(1_607_418_537_715));
        for other in [
            "",
            "1607418537715",
            "2020-12-08 09:08:57.715Z",
            "2020-12-08T09:08:57Z",
            "2020-12-08T09:08:57.715+00",
            "2020-13-08T09:08:57.715Z",
        ] {
            assert_eq!(iso_ms(other), None, "{other}");
        }
        assert_eq!(seconds_ms("1704876947"), Some(1_704_876_947_000));
        assert_eq!(seconds_ms("2020-12-08T09:08:57.715Z"), None);
        assert_eq!(seconds_ms("-1"), None);
    }

    #[test]
    fn a_timestamp_is_good_for_thirty_seconds_either_way() {
        let now = 1_000_000;
        assert!(is_fresh(now - 30_000, now) && is_fresh(now + 30_000, now));
        assert!(!is_fresh(now - 30_001, now) && !is_fresh(now + 30_001, now));
        assert!(!is_fresh(i64::MAX, now) && !is_fresh(i64::MIN, now));
    }
}
