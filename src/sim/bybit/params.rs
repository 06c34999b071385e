//! The parameters of one call, from a query string or a JSON object.

use serde_json::{Map, Value};

use super::error::Refused;

/// Named parameters. Empty text and `null` count as absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Params(Map<String, Value>);

impl Params {
    /// From a query string; every value is text. A name that comes twice keeps its last value.
    ///
    /// # Errors
    /// 10001 when an escape is broken.
    pub fn from_query(query: &str) -> Result<Self, Refused> {
        let mut all = Map::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            all.insert(decode(name)?, Value::String(decode(value)?));
        }
        Ok(Self(all))
    }

    /// From a body.
    ///
    /// # Errors
    /// 10001 when it is no JSON object.
    pub fn from_body(body: &str) -> Result<Self, Refused> {
        match serde_json::from_str(body) {
            Ok(Value::Object(all)) => Ok(Self(all)),
            _ => Err(Refused::params("the body is no JSON object")),
        }
    }

    /// From an object that stands in a request.
    ///
    /// # Errors
    /// 10001 when it is something else.
    pub fn from_value(value: &Value) -> Result<Self, Refused> {
        match value {
            Value::Object(all) => Ok(Self(all.clone())),
            _ => Err(Refused::params("args hold no object")),
        }
    }

    /// The objects of a list, each with `category` beside its own parameters.
    ///
    /// # Errors
    /// 10001 when there is no such list.
    pub fn list(&self, name: &str, category: &str) -> Result<Vec<Self>, Refused> {
        let Some(Value::Array(rows)) = self.0.get(name) else {
            return Err(Refused::params(&format!("{name} is no list")));
        };
        rows.iter()
            .map(|row| {
                let mut one = Self::from_value(row)?;
                one.0
                    .insert("category".to_owned(), Value::String(category.to_owned()));
                Ok(one)
            })
            .collect()
    }

    /// Text, where it is there. Numbers have to be sent as text, as documented.
    ///
    /// # Errors
    /// 10001 when it is something else.
    pub fn text(&self, name: &str) -> Result<Option<&str>, Refused> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Refused::params(&format!("{name} has to be text"))),
        }
    }

    /// Text that has to be there.
    ///
    /// # Errors
    /// 10001 when it is not.
    pub fn need(&self, name: &str) -> Result<&str, Refused> {
        self.text(name)?
            .ok_or_else(|| Refused::params(&format!("{name} is missing")))
    }

    /// A whole number; `"6"` is as good as `6`.
    ///
    /// # Errors
    /// 10001 when it is something else.
    pub fn int(&self, name: &str) -> Result<Option<i64>, Refused> {
        let wrong = || Refused::params(&format!("{name} has to be a whole number"));
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => text.parse().map(Some).map_err(|_| wrong()),
            Some(value) => value.as_i64().map(Some).ok_or_else(wrong),
        }
    }

    /// `true` or `false`; false when absent.
    ///
    /// # Errors
    /// 10001 when it is something else.
    pub fn flag(&self, name: &str) -> Result<bool, Refused> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(on)) => Ok(*on),
            Some(Value::String(text)) => match text.as_str() {
                "" | "false" => Ok(false),
                "true" => Ok(true),
                _ => Err(Refused::params(&format!("{name} has to be true or false"))),
            },
            Some(_) => Err(Refused::params(&format!("{name} has to be true or false"))),
        }
    }

    /// How many rows are asked for.
    ///
    /// # Errors
    /// 10001 when it is below one or above `most`.
    pub fn limit(&self, usual: usize, most: usize) -> Result<usize, Refused> {
        match self.int("limit")? {
            None => Ok(usual),
            Some(n) => usize::try_from(n)
                .ok()
                .filter(|n| (1..=most).contains(n))
                .ok_or_else(|| Refused::params("limit is out of range")),
        }
    }

    /// `startTime` and `endTime`, ms; everything when absent.
    ///
    /// # Errors
    /// 10001 when they are no numbers.
    pub fn span(&self, start: &str, end: &str) -> Result<(i64, i64), Refused> {
        Ok((
            self.int(start)?.unwrap_or(0),
            self.int(end)?.unwrap_or(i64::MAX),
        ))
    }
}

/// Undoes percent escapes.
///
/// # Errors
/// 10001 when one is broken.
pub fn decode(text: &str) -> Result<String, Refused> {
    if !text.contains(['%', '+']) {
        return Ok(text.to_owned());
    }
    let broken = || Refused::params("a percent escape is broken");
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let [Some(high), Some(low)] = [bytes.next(), bytes.next()] else {
                    return Err(broken());
                };
                let nibble = |d: u8| char::from(d).to_digit(16).ok_or_else(broken);
                u8::try_from(nibble(high)? * 16 + nibble(low)?).map_err(|_| broken())?
            }
            other => other,
        });
    }
    String::from_utf8(out).map_err(|_| broken())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_text_and_its_escapes_are_undone() {
        let params = Params::from_query("symbol=BTCUSDT&cursor=1%3A2&limit=5&empty=").unwrap();
        assert_eq!(params.need("cursor").unwrap(), "1:2");
        assert_eq!(params.limit(20, 50).unwrap(), 5);
        assert_eq!(params.text("empty").unwrap(), None);
        for bad in ["a=%", "a=%2", "a=%zz", "a=%ff"] {
            assert_eq!(Params::from_query(bad).unwrap_err().code, 10001, "{bad}");
        }
        for bad in ["limit=0", "limit=51", "limit=-1", "limit=x"] {
            let params = Params::from_query(bad).unwrap();
            assert_eq!(params.limit(20, 50).unwrap_err().code, 10001, "{bad}");
        }
    }

    #[test]
    fn a_body_holds_numbers_as_text_and_flags_as_flags() {
        let body = r#"{"qty":"0.1","price":100,"positionIdx":0,"reduceOnly":true,"symbol":null}"#;
        let params = Params::from_body(body).unwrap();
        assert_eq!(params.need("qty").unwrap(), "0.1");
        assert_eq!(params.text("price").unwrap_err().code, 10001);
        assert_eq!(params.int("positionIdx").unwrap(), Some(0));
        assert!(params.flag("reduceOnly").unwrap());
        assert!(!params.flag("closeOnTrigger").unwrap());
        assert_eq!(params.need("symbol").unwrap_err().code, 10001);
        for bad in ["", "[]", "{", "1"] {
            assert!(Params::from_body(bad).is_err(), "{bad}");
        }
    }
}
