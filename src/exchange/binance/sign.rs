//! The two payloads that Binance signs, built together with the text that carries them.
//!
//! REST signs the query as sent (Binance, General Info, SIGNED endpoint security). The WebSocket API signs all parameters
//! sorted by name, joined by `&`, raw UTF-8 without percent-encoding (Binance, WebSocket API general info, request security).
//! Every kind of key signs these same payloads.
//! Owns nothing.

use std::fmt::Write;

use crate::exchange::credentials::Credentials;

/// A parameter's value as the WebSocket API wants it typed.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    /// A JSON string: names, decimals, booleans.
    Text(&'a str),
    /// A JSON integer: times, ids.
    Int(i64),
}

/// One request parameter.
pub type Param<'a> = (&'static str, Value<'a>);

/// Appends the query `a=1&b=2` with values percent-encoded, as REST sends and signs it.
pub fn query(params: &[Param<'_>], out: &mut String) {
    for (at, (name, value)) in params.iter().enumerate() {
        if at > 0 {
            out.push('&');
        }
        out.push_str(name);
        out.push('=');
        match value {
            Value::Text(text) => percent_encode(text, out),
            Value::Int(number) => push_int(*number, out),
        }
    }
}

/// Appends `&signature=…` over the query that starts at `from`.
pub fn sign_query(credentials: &Credentials, from: usize, out: &mut String) {
    let mut signature = String::with_capacity(64);
    credentials.sign(
        out.as_bytes().get(from..).unwrap_or_default(),
        &mut signature,
    );
    if out.len() > from {
        out.push('&');
    }
    out.push_str("signature=");
    percent_encode(&signature, out);
}

/// One signed WebSocket API request. `params` must be sorted by name and hold `apiKey` and `timestamp`;
/// `scratch` is a buffer that is used again from request to request.
pub fn frame(
    credentials: &Credentials,
    id: u64,
    method: &str,
    params: &[Param<'_>],
    scratch: &mut String,
) -> String {
    debug_assert!(params.is_sorted_by_key(|(name, _)| *name));
    payload(params, scratch);
    let mut out = String::with_capacity(scratch.len() * 2 + 240);
    open_frame(id, method, params, &mut out);
    out.push_str(",\"signature\":\"");
    credentials.sign(scratch.as_bytes(), &mut out);
    out.push_str("\"}}");
    out
}

/// One WebSocket API request on a line that is logged on: neither key nor signature.
pub fn plain_frame(id: u64, method: &str, params: &[Param<'_>]) -> String {
    let mut out = String::with_capacity(320);
    open_frame(id, method, params, &mut out);
    out.push_str("}}");
    out
}

/// `{"id":7,"method":"…","params":{"a":"1","b":2`
fn open_frame(id: u64, method: &str, params: &[Param<'_>], out: &mut String) {
    let _ = write!(out, "{{\"id\":{id},\"method\":\"{method}\",\"params\":{{");
    for (at, (name, value)) in params.iter().enumerate() {
        out.push_str(if at > 0 { ",\"" } else { "\"" });
        out.push_str(name);
        out.push_str("\":");
        match value {
            Value::Text(text) => json_string(text, out),
            Value::Int(number) => push_int(*number, out),
        }
    }
}

/// The payload that the WebSocket API signs.
fn payload(params: &[Param<'_>], out: &mut String) {
    out.clear();
    for (at, (name, value)) in params.iter().enumerate() {
        if at > 0 {
            out.push('&');
        }
        out.push_str(name);
        out.push('=');
        match value {
            Value::Text(text) => out.push_str(text),
            Value::Int(number) => push_int(*number, out),
        }
    }
}

fn push_int(number: i64, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = write!(out, "{number}");
}

fn percent_encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

/// Foreign names pass here (symbols, foreign client ids), so quotes and backslashes are escaped.
fn json_string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if c < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
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
        let text = include_str!("../../../tests/wire/binance_futures/signing_vectors.jsonl");
        let vector = text
            .lines()
            .map(|line| serde_json::from_str::<Vector>(line).unwrap())
            .find(|vector| vector.name == name)
            .unwrap();
        let pair = Credentials::hmac(&vector.api_key, &vector.secret).unwrap();
        (vector, pair)
    }

    #[test]
    fn every_published_vector_is_reproduced() {
        for name in [
            "rest-ascii",
            "rest-query-plus-body-no-ampersand-between",
            "ws-api-ascii-sorted",
            "ws-api-utf8-raw-not-percent-encoded",
            "rest-query-or-body",
            "rest-mixed-corrected",
        ] {
            let (vector, pair) = vector(name);
            let mut signature = String::new();
            pair.sign(vector.message.as_bytes(), &mut signature);
            assert_eq!(signature, vector.expected, "{name}");
        }
    }

    #[test]
    fn a_rest_query_is_encoded_then_signed_and_ends_in_its_signature() {
        let (vector, pair) = vector("rest-non-ascii-percent-encoded-before-signing");
        let mut target = "/x?".to_owned();
        query(
            &[
                ("symbol", Value::Text("１２３４５６")),
                ("side", Value::Text("BUY")),
                ("type", Value::Text("LIMIT")),
                ("timeInForce", Value::Text("GTC")),
                ("quantity", Value::Text("1")),
                ("price", Value::Text("0.1")),
                ("recvWindow", Value::Int(5000)),
                ("timestamp", Value::Int(1_499_827_319_559)),
            ],
            &mut target,
        );
        assert_eq!(target, format!("/x?{}", vector.message));
        sign_query(&pair, 3, &mut target);
        let expected = format!("/x?{}&signature={}", vector.message, vector.expected);
        assert_eq!(target, expected);
    }

    #[test]
    fn a_frame_signs_sorted_raw_values_and_types_its_numbers() {
        let (vector, pair) = vector("ws-api-utf8-raw-not-percent-encoded");
        let mut scratch = String::new();
        let text = frame(
            &pair,
            7,
            "order.place",
            &[
                ("apiKey", Value::Text(pair.api_key())),
                ("price", Value::Text("0.10000000")),
                ("quantity", Value::Text("1.00000000")),
                ("recvWindow", Value::Int(5000)),
                ("side", Value::Text("BUY")),
                ("symbol", Value::Text("１２３４５６")),
                ("timeInForce", Value::Text("GTC")),
                ("timestamp", Value::Int(1_645_423_376_532)),
                ("type", Value::Text("LIMIT")),
            ],
            &mut scratch,
        );
        assert_eq!(scratch, vector.message);
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["id"], 7);
        assert_eq!(json["params"]["signature"], vector.expected.as_str());
        assert_eq!(json["params"]["timestamp"], 1_645_423_376_532_i64);
        assert_eq!(json["params"]["price"], "0.10000000");
    }

    #[test]
    fn a_hostile_name_cannot_leave_its_json_string() {
        let mut out = String::new();
        json_string("A\",\"side\":\"SELL\\", &mut out);
        let back: String = serde_json::from_str(&out).unwrap();
        assert_eq!(back, "A\",\"side\":\"SELL\\");
    }
}
