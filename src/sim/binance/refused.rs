//! A refusal on its way to the client: HTTP status, code and words as the venue documents them.

use serde_json::{Value, json};

/// A refusal on its way to the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// HTTP status; the WebSocket API mirrors it.
    pub status: u16,
    /// The venue's code.
    pub code: i32,
    /// Its words.
    pub text: String,
    /// When to come back, ms since 1970, on limits.
    pub retry_at: Option<i64>,
    /// What stands beside code and words, where something does.
    pub data: Option<Value>,
}

impl Refused {
    /// A refusal with status 400.
    pub fn new(code: i32, text: impl Into<String>) -> Self {
        Self {
            status: 400,
            code,
            text: text.into(),
            retry_at: None,
            data: None,
        }
    }

    /// The same with another status.
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// A parameter that has to be there is not, or cannot be read.
    pub fn missing(name: &str) -> Self {
        Self::new(
            -1102,
            format!("Mandatory parameter '{name}' was not sent, was empty/null, or malformed."),
        )
    }

    /// A parameter that may not be there is.
    pub fn not_required(name: &str) -> Self {
        Self::new(-1106, format!("Parameter '{name}' sent when not required."))
    }

    /// A parameter holds something that it may not.
    pub fn invalid(name: &str) -> Self {
        Self::new(
            -1130,
            format!("Data sent for parameter '{name}' is not valid."),
        )
    }

    /// Characters that a number may not have.
    pub fn illegal(name: &str) -> Self {
        Self::new(
            -1100,
            format!(
                "Illegal characters found in parameter '{name}'; legal range is '^([0-9]{{1,20}})(\\.[0-9]{{1,20}})?$'."
            ),
        )
    }

    /// No such symbol.
    pub fn symbol() -> Self {
        Self::new(-1121, "Invalid symbol.")
    }

    /// The exchange does not do this.
    pub fn unsupported() -> Self {
        Self::new(-1020, "This operation is not supported.")
    }

    /// The order asked for is not there.
    pub fn no_order() -> Self {
        Self::new(-2013, "Order does not exist.")
    }

    /// `{"code":…,"msg":…}`, with `data` where there is some.
    pub fn body(&self) -> Value {
        let mut body = json!({"code": self.code, "msg": self.text});
        if let Some(data) = &self.data {
            body["data"] = data.clone();
        }
        body
    }
}
