//! The signature of a request, computed by the exchange from the bytes it received.
//!
//! HMAC-SHA256 over the payload, written in hex of either case (Binance, Futures general info, "SIGNED endpoint security").

use data_encoding::HEXLOWER_PERMISSIVE;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// True when `signature` is what the owner of `secret` would have written over `payload`. Takes the same time either way.
pub fn is_valid(secret: &str, payload: &[u8], signature: &str) -> bool {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return false;
    };
    mac.update(payload);
    HEXLOWER_PERMISSIVE
        .decode(signature.as_bytes())
        .is_ok_and(|bytes| mac.verify_slice(&bytes).is_ok())
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
            assert!(is_valid(secret, payload.as_bytes(), signature), "{payload}");
            assert!(is_valid(
                secret,
                payload.as_bytes(),
                &signature.to_uppercase()
            ));
            assert!(!is_valid(
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
        assert!(is_valid(
            SPOT_SECRET,
            payload.as_bytes(),
            "0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77"
        ));
    }

    #[test]
    fn rubbish_is_no_signature() {
        for rubbish in ["", "zz", "abc", "c8db56825ae71d6d"] {
            assert!(!is_valid(SPOT_SECRET, b"timestamp=1", rubbish));
        }
    }
}
