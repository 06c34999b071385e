//! What Bybit signs, built together with what carries it. Owns nothing.
//!
//! REST signs `timestamp + key + window + payload`, the payload being the query as sent or the body byte for byte, and carries the
//! signature in headers (Bybit, Integration Guidance, authentication). A socket is authenticated once, over `GET/realtime` and the
//! moment up to which the signature is good (Bybit, WebSocket Connect, authentication); what follows on it is not signed.

use crate::exchange::credentials::Credentials;

/// The signed headers of one REST call; `window_ms` is how late the venue may still take it.
pub fn headers(
    credentials: &Credentials,
    timestamp: i64,
    window_ms: i64,
    payload: &str,
) -> Vec<(&'static str, String)> {
    let key = credentials.api_key();
    let mut signature = String::with_capacity(64);
    credentials.sign(
        format!("{timestamp}{key}{window_ms}{payload}").as_bytes(),
        &mut signature,
    );
    vec![
        ("x-bapi-api-key", key.to_owned()),
        ("x-bapi-timestamp", timestamp.to_string()),
        ("x-bapi-recv-window", window_ms.to_string()),
        ("x-bapi-sign", signature),
    ]
}

/// The request that authenticates a socket, good until the venue's time `expires`; `numbered` is the line's word for a request's
/// number: `req_id` on the private line, `reqId` on the order line.
pub fn auth(credentials: &Credentials, numbered: &str, id: u64, expires: i64) -> String {
    let mut signature = String::with_capacity(64);
    credentials.sign(format!("GET/realtime{expires}").as_bytes(), &mut signature);
    let key = credentials.api_key();
    // A key and a signature hold nothing that a JSON string would have to escape.
    format!(r#"{{"{numbered}":"{id}","op":"auth","args":["{key}",{expires},"{signature}"]}}"#)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Vector {
        name: String,
        api_key: String,
        secret: String,
        message: String,
        expected: String,
    }

    fn vector(name: &str) -> (Vector, Credentials) {
        let text = include_str!("../../../tests/wire/bybit/signing_vectors.jsonl");
        let vector = text
            .lines()
            .map(|line| serde_json::from_str::<Vector>(line).unwrap())
            .find(|vector| vector.name == name)
            .unwrap();
        let pair = Credentials::hmac(&vector.api_key, &vector.secret).unwrap();
        (vector, pair)
    }

    #[test]
    fn published_rest_signatures_come_out_of_query_and_body() {
        for (name, payload) in [
            ("rest-get", "category=linear&symbol=BTCUSDT"),
            (
                "rest-post",
                r#"{"category": "linear", "symbol": "BTCUSDT", "orderLinkId": "test-order-1"}"#,
            ),
        ] {
            let (vector, pair) = vector(name);
            assert_eq!(
                vector.message,
                format!("1700000000000test_api_key5000{payload}")
            );
            let headers = headers(&pair, 1_700_000_000_000, 5_000, payload);
            let header = |name| {
                let found = headers.iter().find(|(known, _)| *known == name);
                found.unwrap().1.as_str()
            };
            assert_eq!(header("x-bapi-sign"), vector.expected, "{name}");
            assert_eq!(header("x-bapi-timestamp"), "1700000000000");
            assert_eq!(header("x-bapi-recv-window"), "5000");
            assert_eq!(header("x-bapi-api-key"), "test_api_key");
        }
    }

    #[test]
    fn the_published_socket_signature_stands_in_the_request() {
        let (vector, pair) = vector("ws-auth");
        let request = auth(&pair, "req_id", 7, 1_700_000_000_000);
        let request: serde_json::Value = serde_json::from_str(&request).unwrap();
        assert_eq!(
            (&request["op"], &request["req_id"]),
            (&"auth".into(), &"7".into())
        );
        assert_eq!(
            request["args"],
            serde_json::json!(["test_api_key", 1_700_000_000_000_i64, vector.expected])
        );
    }
}
