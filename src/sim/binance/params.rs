//! The parameters of one call, from a query string, a form body or a WebSocket object.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::refused::Refused;

/// Named parameters, decoded. An empty value counts as absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params(BTreeMap<String, String>);

impl Params {
    /// From a query string and a form body.
    ///
    /// # Errors
    /// When a name comes twice or an escape is broken.
    pub fn from_pairs(query: &str, body: &str) -> Result<Self, Refused> {
        let mut all = BTreeMap::new();
        for pair in query.split('&').chain(body.split('&')) {
            if pair.is_empty() {
                continue;
            }
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decode(name)?, decode(value)?);
            if all.insert(name, value).is_some() {
                return Err(Refused::new(
                    -1101,
                    "Duplicate values for a parameter detected.",
                ));
            }
        }
        Ok(Self(all))
    }

    /// From the `params` of a WebSocket request; numbers and words are kept as they were written, text is unquoted.
    ///
    /// # Errors
    /// When it is no flat object.
    pub fn from_object(object: Option<&RawValue>) -> Result<Self, Refused> {
        let Some(object) = object else {
            return Ok(Self::default());
        };
        let broken = || Refused::new(-1135, "Invalid JSON Request");
        let fields: BTreeMap<String, Box<RawValue>> =
            serde_json::from_str(object.get()).map_err(|_| broken())?;
        let mut all = BTreeMap::new();
        for (name, value) in fields {
            let raw = value.get();
            let text = match raw.as_bytes().first() {
                Some(b'"') => serde_json::from_str::<String>(raw).map_err(|_| broken())?,
                Some(b'n') => continue,
                _ => raw.to_owned(),
            };
            all.insert(name, text);
        }
        Ok(Self(all))
    }

    /// What a WebSocket request signs: every parameter but the signature, sorted by name, `name=value` joined by `&`, not escaped.
    pub fn sorted_payload(&self) -> String {
        let mut payload = String::new();
        for (name, value) in &self.0 {
            if name == "signature" {
                continue;
            }
            if !payload.is_empty() {
                payload.push('&');
            }
            payload.push_str(name);
            payload.push('=');
            payload.push_str(value);
        }
        payload
    }

    /// A value, where it is there and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|v| !v.is_empty())
    }

    /// A value that has to be there.
    ///
    /// # Errors
    /// -1102.
    pub fn need(&self, name: &str) -> Result<&str, Refused> {
        self.get(name).ok_or_else(|| Refused::missing(name))
    }

    /// A whole number; `"6"` is as good as `6`.
    ///
    /// # Errors
    /// -1102 when it is something else.
    pub fn int(&self, name: &str) -> Result<Option<i64>, Refused> {
        self.get(name)
            .map(|v| v.parse().map_err(|_| Refused::missing(name)))
            .transpose()
    }

    /// `true` or `false` in any case.
    ///
    /// # Errors
    /// -1130 when it is something else.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, Refused> {
        match self.get(name) {
            None => Ok(None),
            Some(v) if v.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Some(v) if v.eq_ignore_ascii_case("false") => Ok(Some(false)),
            Some(_) => Err(Refused::invalid(name)),
        }
    }

    /// How many rows are asked for: at least one, at most `most`.
    ///
    /// # Errors
    /// -1130 when it is below one.
    pub fn limit(&self, usual: usize, most: usize) -> Result<usize, Refused> {
        match self.int("limit")? {
            None => Ok(usual),
            Some(n) if n < 1 => Err(Refused::invalid("limit")),
            Some(n) => Ok(usize::try_from(n).unwrap_or(most).min(most)),
        }
    }
}

fn decode(text: &str) -> Result<String, Refused> {
    if !text.contains(['%', '+']) {
        return Ok(text.to_owned());
    }
    let broken = || Refused::new(-1100, "Illegal characters found in a parameter.");
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [bytes.next(), bytes.next()];
                let [Some(high), Some(low)] = digits else {
                    return Err(broken());
                };
                let nibble = |d: u8| char::from(d).to_digit(16).ok_or_else(broken);
                u8::try_from(nibble(high)? * 16 + nibble(low)?).map_err(|_| broken())?
            }
            other => other,
        });
    }
    match String::from_utf8_lossy(&out) {
        Cow::Borrowed(text) => Ok(text.to_owned()),
        Cow::Owned(_) => Err(broken()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_and_body_are_one_list_and_escapes_are_undone() {
        let params = Params::from_pairs("symbol=BTCUSDT&a=%5B1%2C2%5D", "b=x+y&c=").unwrap();
        assert_eq!(params.get("a"), Some("[1,2]"));
        assert_eq!(params.get("b"), Some("x y"));
        assert_eq!(params.get("c"), None);
        assert_eq!(params.need("c").unwrap_err().code, -1102);
    }

    #[test]
    fn a_name_twice_and_broken_escapes_are_refused() {
        assert_eq!(Params::from_pairs("a=1", "a=2").unwrap_err().code, -1101);
        for bad in ["a=%", "a=%2", "a=%zz", "a=%ff"] {
            assert_eq!(
                Params::from_pairs(bad, "").unwrap_err().code,
                -1100,
                "{bad}"
            );
        }
    }

    #[test]
    fn a_websocket_request_is_signed_over_sorted_unescaped_pairs() {
        let text = r#"{"symbol":"１２３","timestamp":1645423376532,"price":"0.10000000","signature":"x","apiKey":"K","reduceOnly":true,"nothing":null}"#;
        let raw: Box<RawValue> = serde_json::from_str(text).unwrap();
        let params = Params::from_object(Some(&raw)).unwrap();
        assert_eq!(
            params.sorted_payload(),
            "apiKey=K&price=0.10000000&reduceOnly=true&symbol=１２３&timestamp=1645423376532"
        );
        assert_eq!(params.flag("reduceOnly").unwrap(), Some(true));
    }

    #[test]
    fn order_ids_may_be_text() {
        let raw: Box<RawValue> = serde_json::from_str(r#"{"orderId":"6","other":6}"#).unwrap();
        let params = Params::from_object(Some(&raw)).unwrap();
        assert_eq!(params.int("orderId").unwrap(), Some(6));
        assert_eq!(params.int("other").unwrap(), Some(6));
    }
}
