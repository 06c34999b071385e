//! The signature of a request, checked by the exchange against the bytes it received.
//!
//! HMAC-SHA256 in hex of either case, Ed25519 in base64, RSASSA-PKCS1-v1_5 with SHA-256 in base64 (Binance, Futures general info,
//! "SIGNED endpoint security"; Spot, "API Key Types"). Pairs are checked by another library than the connector signs with, so that
//! the two cannot share a mistake.

use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use hmac::{Hmac, KeyInit, Mac};
use ring::signature::{ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use sha2::Sha256;

use crate::sim::keys::{Kind, Public};

/// True when `signature` is what the owner of the key would have written over `payload`. On REST it has been unescaped before.
pub fn is_valid(kind: &Kind, payload: &[u8], signature: &str) -> bool {
    match kind {
        Kind::Hmac(secret) => is_valid_hmac(secret, payload, signature),
        Kind::Made { public, .. } | Kind::Own(public) => is_of_pair(public, payload, signature),
    }
}

/// Takes the same time either way.
fn is_valid_hmac(secret: &str, payload: &[u8], signature: &str) -> bool {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return false;
    };
    mac.update(payload);
    HEXLOWER_PERMISSIVE
        .decode(signature.as_bytes())
        .is_ok_and(|bytes| mac.verify_slice(&bytes).is_ok())
}

fn is_of_pair(public: &Public, payload: &[u8], signature: &str) -> bool {
    let Ok(bytes) = BASE64.decode(signature.as_bytes()) else {
        return false;
    };
    let checked = match public {
        Public::Ed25519(point) => UnparsedPublicKey::new(&ED25519, point).verify(payload, &bytes),
        Public::Rsa(key) => {
            UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key).verify(payload, &bytes)
        }
    };
    checked.is_ok()
}

/// What of a REST call is signed: the query string and the body, joined with nothing between, without the signature itself.
pub fn rest_payload(query: &str, body: &str) -> String {
    let mut payload = without_signature(query);
    payload.push_str(&without_signature(body));
    payload
}

fn without_signature(pairs: &str) -> String {
    pairs
        .split('&')
        .filter(|pair| !pair.starts_with("signature="))
        .collect::<Vec<_>>()
        .join("&")
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;

    const SPOT_SECRET: &str = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";
    const FUTURES_SECRET: &str = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9";

    #[test]
    fn the_published_signatures_are_accepted() {
        let published = [
            (
                SPOT_SECRET,
                "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559",
                "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71",
            ),
            (
                SPOT_SECRET,
                "symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559",
                "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3",
            ),
            (
                SPOT_SECRET,
                "apiKey=vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A&price=52000.00&quantity=0.01000000&recvWindow=100&side=SELL&symbol=BTCUSDT&timeInForce=GTC&timestamp=1645423376532&type=LIMIT",
                "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24",
            ),
            (
                FUTURES_SECRET,
                "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC&recvWindow=5000&timestamp=1591702613943",
                "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9",
            ),
        ];
        for (secret, payload, signature) in published {
            assert!(
                is_valid_hmac(secret, payload.as_bytes(), signature),
                "{payload}"
            );
            assert!(is_valid_hmac(
                secret,
                payload.as_bytes(),
                &signature.to_uppercase()
            ));
            assert!(!is_valid_hmac(
                FUTURES_SECRET,
                format!("{payload}0").as_bytes(),
                signature
            ));
        }
    }

    #[test]
    fn query_and_body_are_joined_with_nothing_between() {
        let query = "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC";
        let body = "quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559&signature=0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77";
        let payload = rest_payload(query, body);
        assert!(is_valid_hmac(
            SPOT_SECRET,
            payload.as_bytes(),
            "0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77"
        ));
    }

    #[test]
    fn rubbish_is_no_signature() {
        for rubbish in ["", "zz", "abc", "c8db56825ae71d6d"] {
            assert!(!is_valid_hmac(SPOT_SECRET, b"timestamp=1", rubbish));
        }
    }

    /// Public key, message and signature of RFC 8032, section 7.1, tests 1 to 3.
    const RFC_8032: [(&str, &str, &str); 3] = [
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ];

    fn flips(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
        (0..bytes.len()).map(|at| {
            let mut flipped = bytes.to_vec();
            flipped[at] ^= 1;
            flipped
        })
    }

    #[test]
    fn the_published_ed25519_signatures_are_accepted_and_a_flipped_byte_is_not() {
        let bytes = |hex: &str| HEXLOWER.decode(hex.as_bytes()).unwrap();
        for (point, message, signature) in RFC_8032 {
            let kind = Kind::Own(Public::Ed25519(bytes(point).try_into().unwrap()));
            let (message, signature) = (bytes(message), bytes(signature));
            assert!(is_valid(&kind, &message, &BASE64.encode(&signature)));
            for other in flips(&signature) {
                assert!(!is_valid(&kind, &message, &BASE64.encode(&other)));
            }
            for other in flips(&message) {
                assert!(!is_valid(&kind, &other, &BASE64.encode(&signature)));
            }
            // Hex is the writing of another kind of key.
            assert!(!is_valid(&kind, &message, &HEXLOWER.encode(&signature)));
        }
    }

    #[test]
    fn rsa_signatures_made_elsewhere_are_accepted_and_a_flipped_byte_is_not() {
        let pem = include_str!("../../../tests/wire/binance_futures/server/own_rsa_2048.pem");
        let kind = Kind::Own(pem.parse().unwrap());
        let (payload, signature) =
            crate::sim::binance_futures::client::made_elsewhere("own_rsa_2048.pem");
        let raw = BASE64.decode(signature.as_bytes()).unwrap();
        assert!(is_valid(&kind, payload.as_bytes(), &signature));
        for other in flips(&raw) {
            assert!(!is_valid(&kind, payload.as_bytes(), &BASE64.encode(&other)));
        }
        for other in flips(payload.as_bytes()) {
            assert!(!is_valid(&kind, &other, &signature));
        }
        for rubbish in [
            "",
            "=",
            "AAAA",
            &signature[1..],
            &signature.replace('=', ""),
        ] {
            assert!(!is_valid(&kind, payload.as_bytes(), rubbish));
        }
    }

    #[test]
    fn an_escaped_signature_is_left_out_of_the_payload_wherever_it_stands() {
        for query in [
            "a=1&timestamp=2&signature=x%2By%2F%3D%3D",
            "signature=x%2By%2F%3D%3D&a=1&timestamp=2",
            "a=1&signature=x+y/==&timestamp=2",
        ] {
            assert_eq!(rest_payload(query, ""), "a=1&timestamp=2");
            assert_eq!(rest_payload("", query), "a=1&timestamp=2");
        }
        assert_eq!(rest_payload("b=%5B1%5D", "c=3&signature=z"), "b=%5B1%5Dc=3");
    }
}
