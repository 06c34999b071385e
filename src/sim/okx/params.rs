//! The parameters of one call, from a query string or from a JSON object.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;

use super::error::Refused;

/// Named parameters as text. An empty value counts as absent, as it does at the venue. Lists inside keep their JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params {
    named: BTreeMap<String, String>,
    /// Names that came as JSON numbers.
    numbers: Vec<String>,
}

impl Params {
    /// From a query string.
    pub fn from_query(query: &str) -> Self {
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let named = pairs
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                (unescaped(name), unescaped(value))
            })
            .collect();
        Self {
            named,
            numbers: Vec::new(),
        }
    }

    /// From one JSON object.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn from_object(value: &Value) -> Result<Self, Refused> {
        let object = value.as_object().ok_or_else(Refused::json)?;
        let mut params = Self::default();
        for (name, value) in object {
            let text = match value {
                Value::Null => continue,
                Value::String(text) => text.clone(),
                Value::Number(_) => {
                    params.numbers.push(name.clone());
                    value.to_string()
                }
                other => other.to_string(),
            };
            params.named.insert(name.clone(), text);
        }
        Ok(params)
    }

    /// From the body of a POST: one object, or a list of them.
    ///
    /// # Errors
    /// 50000 for no body, 50002 for broken JSON.
    pub fn from_body(body: &str) -> Result<Vec<Self>, Refused> {
        if body.is_empty() {
            return Err(
                Refused::new(50000, "Body for a POST request cannot be empty.").with_status(400),
            );
        }
        let value: Value = serde_json::from_str(body).map_err(|_| Refused::json())?;
        match value {
            Value::Array(rows) => rows.iter().map(Self::from_object).collect(),
            one => Ok(vec![Self::from_object(&one)?]),
        }
    }

    /// A parameter that is there and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        let text = self.named.get(name).map(String::as_str);
        text.filter(|text| !text.is_empty())
    }

    /// A parameter that has to be there.
    ///
    /// # Errors
    /// 50014.
    pub fn need(&self, name: &str) -> Result<&str, Refused> {
        self.get(name).ok_or_else(|| Refused::empty(name))
    }

    /// A whole number.
    ///
    /// # Errors
    /// 51000 when it is none.
    pub fn int(&self, name: &str) -> Result<Option<i64>, Refused> {
        let parsed = self.get(name).map(str::parse);
        parsed.transpose().map_err(|_| Refused::invalid(name))
    }

    /// `true` or `false`, as a word or as JSON.
    ///
    /// # Errors
    /// 51000 for anything else.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, Refused> {
        match self.get(name) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(Refused::invalid(name)),
        }
    }

    /// `limit`: how many rows at most, 100 when absent.
    ///
    /// # Errors
    /// 51000 outside 1 to `most`.
    pub fn limit(&self, most: usize) -> Result<usize, Refused> {
        let wanted = self.int("limit")?.unwrap_or(100);
        usize::try_from(wanted)
            .ok()
            .filter(|limit| (1..=most).contains(limit))
            .ok_or_else(|| Refused::invalid("limit"))
    }

    /// True when the parameter came as a JSON number.
    pub fn is_number(&self, name: &str) -> bool {
        self.numbers.iter().any(|number| number == name)
    }
}

/// `%XX` and `+` undone; a broken escape stays as it is.
fn unescaped(text: &str) -> String {
    let plain = if text.contains('+') {
        Cow::Owned(text.replace('+', " "))
    } else {
        Cow::Borrowed(text)
    };
    let bytes = plain.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escape = bytes.get(at + 1..at + 3).filter(|_| byte == b'%');
        let hex = escape.and_then(|hex| std::str::from_utf8(hex).ok());
        let decoded = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        out.push(decoded.unwrap_or(byte));
        at += if decoded.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_and_bodies_are_read_alike() {
        let query = Params::from_query("instId=BTC-USDT-SWAP&ordId=&tag=a%2Bb");
        assert_eq!(query.get("instId"), Some("BTC-USDT-SWAP"));
        assert_eq!(query.get("ordId"), None);
        assert_eq!(query.get("tag"), Some("a+b"));
        assert_eq!(query.need("ordId").unwrap_err().code, 50014);
        let rows = Params::from_body(r#"[{"a":"x"},{"instIdCode":10459,"reduceOnly":true}]"#);
        let rows = rows.unwrap();
        assert_eq!(rows[0].get("a"), Some("x"));
        assert_eq!(rows[1].int("instIdCode"), Ok(Some(10_459)));
        assert!(rows[1].is_number("instIdCode") && !rows[1].is_number("reduceOnly"));
        assert_eq!(rows[1].flag("reduceOnly"), Ok(Some(true)));
    }

    #[test]
    fn broken_input_is_refused_by_code() {
        assert_eq!(Params::from_body("").unwrap_err().code, 50000);
        for broken in ["{", "3", "[1]", "\"x\""] {
            assert_eq!(
                Params::from_body(broken).unwrap_err().code,
                50002,
                "{broken}"
            );
        }
        let query = Params::from_query("limit=0&n=x&b=yes&cut=%4");
        assert_eq!(query.limit(100).unwrap_err().code, 51000);
        assert_eq!(query.int("n").unwrap_err().code, 51000);
        assert_eq!(query.flag("b").unwrap_err().code, 51000);
        assert_eq!(query.get("cut"), Some("%4"));
    }
}
