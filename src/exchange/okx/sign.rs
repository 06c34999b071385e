//! What OKX signs: `timestamp + METHOD + path with query + body` over REST, the seconds of now and a fixed path on a socket
//! (OKX v5, REST authentication; WebSocket login). Always HMAC-SHA256 in base64.
//! Owns nothing.

use serde::Serialize;

use crate::exchange::credentials::Credentials;
use crate::exchange::machine::Method;

const DAY_MS: i64 = 86_400_000;

/// The headers of a signed REST call. `venue_ms` is the venue's time; the venue takes it for 30 s.
pub fn headers(
    credentials: &Credentials,
    venue_ms: i64,
    method: Method,
    target: &str,
    body: &str,
) -> Vec<(&'static str, String)> {
    let timestamp = iso(venue_ms);
    let payload = format!("{timestamp}{}{target}{body}", verb(method));
    vec![
        ("OK-ACCESS-KEY", credentials.api_key().to_owned()),
        ("OK-ACCESS-SIGN", signature(credentials, &payload)),
        ("OK-ACCESS-TIMESTAMP", timestamp),
        ("OK-ACCESS-PASSPHRASE", passphrase(credentials).to_owned()),
        ("Content-Type", "application/json".to_owned()),
    ]
}

#[derive(Serialize)]
struct Login<'a> {
    op: &'static str,
    args: [LoginArgs<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LoginArgs<'a> {
    api_key: &'a str,
    passphrase: &'a str,
    timestamp: String,
    sign: String,
}

/// The frame that logs a socket in. It is signed with whole seconds, unlike REST.
pub fn login(credentials: &Credentials, venue_ms: i64) -> String {
    let timestamp = venue_ms.div_euclid(1_000).to_string();
    let sign = signature(credentials, &format!("{timestamp}GET/users/self/verify"));
    let login = Login {
        op: "login",
        args: [LoginArgs {
            api_key: credentials.api_key(),
            passphrase: passphrase(credentials),
            timestamp,
            sign,
        }],
    };
    // Strings alone cannot fail to become JSON.
    serde_json::to_string(&login).unwrap_or_default()
}

/// ISO 8601 with milliseconds, as REST wants its timestamps: `2020-12-08T09:08:57.715Z`.
pub fn iso(venue_ms: i64) -> String {
    let (year, month, day) = date(venue_ms.div_euclid(DAY_MS));
    let ms = venue_ms.rem_euclid(DAY_MS);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:03}Z",
        ms / 3_600_000,
        ms / 60_000 % 60,
        ms / 1_000 % 60,
        ms % 1_000
    )
}

/// The Gregorian date of a day since 1970-01-01, with years that begin in March so that the leap day is the last.
fn date(day: i64) -> (i64, i64, i64) {
    let day = day.saturating_add(719_468);
    let (era, of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = year + era * 400 + i64::from(month <= 2);
    (year, month, of_year - (153 * from_march + 2) / 5 + 1)
}

fn signature(credentials: &Credentials, payload: &str) -> String {
    let mut out = String::with_capacity(44);
    credentials.sign_base64(payload.as_bytes(), &mut out);
    out
}

/// Empty where the key was stored without one: the venue then says what is missing.
fn passphrase(credentials: &Credentials) -> &str {
    let secret = credentials.passphrase();
    secret
        .and_then(|secret| secret.expose_str())
        .unwrap_or_default()
}

const fn verb(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Delete => "DELETE",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::credentials::KeyMaterial;
    use crate::secret::Secret;

    #[derive(serde::Deserialize)]
    struct Vector {
        name: String,
        secret: String,
        message: String,
        expected: String,
    }

    fn vectors() -> Vec<Vector> {
        include_str!("../../../tests/wire/okx/signing_vectors.jsonl")
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    fn credentials(secret: &str, passphrase: &str) -> Credentials {
        let material = KeyMaterial::Hmac(Secret::of(secret.as_bytes()).unwrap());
        let passphrase = Secret::of(passphrase.as_bytes()).unwrap();
        Credentials::new("the-key", &material, Some(passphrase)).unwrap()
    }

    #[test]
    fn every_known_answer_is_met() {
        let vectors = vectors();
        assert_eq!(vectors.len(), 4);
        for vector in vectors {
            let credentials = credentials(&vector.secret, "p");
            let found = signature(&credentials, &vector.message);
            assert_eq!(found, vector.expected, "{}", vector.name);
        }
    }

    #[test]
    fn rest_signs_time_verb_path_and_body_and_a_login_signs_seconds() {
        let of = |name: &str| vectors().into_iter().find(|v| v.name == name).unwrap();
        let post = of("rest-post");
        let body = post.message.split_once("/api/v5/trade/order").unwrap().1;
        let pair = credentials(&post.secret, "my ?\"phrase");
        let found = headers(
            &pair,
            1_607_418_537_715,
            Method::Post,
            "/api/v5/trade/order",
            body,
        );
        let header = |name: &str| found.iter().find(|(n, _)| *n == name).unwrap().1.clone();
        assert_eq!(header("OK-ACCESS-TIMESTAMP"), "2020-12-08T09:08:57.715Z");
        assert_eq!(header("OK-ACCESS-SIGN"), post.expected);
        assert_eq!(header("OK-ACCESS-KEY"), "the-key");
        assert_eq!(header("OK-ACCESS-PASSPHRASE"), "my ?\"phrase");

        let frame = login(&pair, 1_704_876_947_999);
        let frame: serde_json::Value = serde_json::from_str(&frame).unwrap();
        let expected = serde_json::json!({"op":"login","args":[{"apiKey":"the-key","passphrase":"my ?\"phrase",
            "timestamp":"1704876947","sign":of("ws-login").expected}]});
        assert_eq!(frame, expected);
    }

    #[test]
    fn dates_are_right_around_leap_days_and_before_1970() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (1_582_934_400_000, "2020-02-29T00:00:00.000Z"),
            (1_709_251_199_005, "2024-02-29T23:59:59.005Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(iso(ms), text);
        }
    }
}
