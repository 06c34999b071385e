//! The signature of a call or of a session, checked by the exchange against the bytes it received.
//!
//! HMAC-SHA256 in lowercase hex, RSASSA-PKCS1-v1_5 with SHA-256 in base64 (Bybit v5, "Integration Guidance"). The venue has no
//! Ed25519 keys: what such a pair signs is never valid here.

use data_encoding::{BASE64, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use sha2::Sha256;

use crate::sim::keys::{Kind, Public};

/// What a call signs: time, key, window, and the raw query string or the raw body.
pub fn call_payload(timestamp: &str, api_key: &str, window: &str, payload: &str) -> String {
    format!("{timestamp}{api_key}{window}{payload}")
}

/// What a session signs.
pub fn session_payload(expires: &str) -> String {
    format!("GET/realtime{expires}")
}

/// True when `signature` is what the owner of the key would have written over `payload`.
pub fn is_valid(kind: &Kind, payload: &[u8], signature: &str) -> bool {
    match kind {
        Kind::Hmac(secret) => is_of_secret(secret, payload, signature),
        Kind::Made { public, .. } | Kind::Own(public) => match public {
            Public::Rsa(key) => BASE64.decode(signature.as_bytes()).is_ok_and(|bytes| {
                UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key)
                    .verify(payload, &bytes)
                    .is_ok()
            }),
            Public::Ed25519(_) => false,
        },
    }
}

/// Takes the same time either way.
fn is_of_secret(secret: &str, payload: &[u8], signature: &str) -> bool {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return false;
    };
    mac.update(payload);
    HEXLOWER
        .decode(signature.as_bytes())
        .is_ok_and(|bytes| mac.verify_slice(&bytes).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "test_secret";
    const MADE_ELSEWHERE: &str =
        include_str!("../../../tests/wire/binance_futures/server/own_signatures.jsonl");

    #[test]
    fn a_pair_signs_by_rsa_and_by_nothing_else() {
        let half = |name: &str| {
            let folder = "tests/wire/binance_futures/server";
            let root = env!("CARGO_MANIFEST_DIR");
            let pem = std::fs::read_to_string(format!("{root}/{folder}/{name}")).unwrap();
            Kind::Own(pem.parse().unwrap())
        };
        for (name, file, good) in [
            ("rsa", "own_rsa_2048.pem", true),
            ("ed25519", "own_ed25519.pem", false),
        ] {
            let rows = MADE_ELSEWHERE.lines();
            let mut rows = rows.map(|r| serde_json::from_str::<serde_json::Value>(r).unwrap());
            let row = rows.find(|row| row["key"].as_str().unwrap().contains(name));
            let row = row.unwrap_or_else(|| panic!("no row of {name}"));
            let (payload, signature) = (row["payload"].as_str(), row["signature"].as_str());
            let (payload, signature) = (payload.unwrap().as_bytes(), signature.unwrap());
            assert_eq!(is_valid(&half(file), payload, signature), good, "{name}");
            assert!(!is_valid(&half(file), b"another", signature), "{name}");
        }
    }

    #[test]
    fn the_published_signatures_are_accepted_as_they_are_and_no_others() {
        let body = r#"{"category": "linear", "symbol": "BTCUSDT", "orderLinkId": "test-order-1"}"#;
        let call = |payload| call_payload("1700000000000", "test_api_key", "5000", payload);
        let published = [
            (
                call("category=linear&symbol=BTCUSDT"),
                "fd4f31228a46109dc6673062328693696df9a96c7ff04e6491a45e7f63a0fdd7",
            ),
            (
                call(body),
                "2df4a0603d69c08d5dea29ba85b46eb7db64ce9e9ebd34a7802a3d69700cb2a1",
            ),
            (
                session_payload("1700000000000"),
                "bacffe7500499eb829bb58c45d36d1b3e5ac67c14eaeba91df5e99ccee013925",
            ),
        ];
        let kind = Kind::Hmac(SECRET.to_owned());
        for (payload, signature) in published {
            assert!(is_valid(&kind, payload.as_bytes(), signature), "{payload}");
            let upper = signature.to_uppercase();
            assert!(!is_valid(&kind, payload.as_bytes(), &upper), "{payload}");
            let longer = format!("{payload} ");
            assert!(!is_valid(&kind, longer.as_bytes(), signature), "{payload}");
        }
    }
}
