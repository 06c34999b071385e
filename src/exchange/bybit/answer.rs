//! The envelopes of Bybit's answers, over REST and on the order line. Pure; owns nothing.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::error;
use super::read::ReadError;
use crate::domain::{OrderId, Outcome};
use crate::exchange::machine::Reply;

/// `{"retCode":0,"retMsg":"OK","result":{},"retExtInfo":{},"time":1671017382656}`. HTTP is 200 for refusals too (Bybit, Integration
/// Guidance).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Envelope<'a> {
    /// 0: done, or taken for processing.
    pub ret_code: i64,
    #[serde(borrow, default)]
    ret_msg: Cow<'a, str>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    /// When the venue answered, ms since 1970.
    #[serde(default)]
    pub time: Option<i64>,
}

impl<'a> Envelope<'a> {
    /// Reads the body of a REST answer; `None` when it is none of the API's.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// What the venue says, raw.
    ///
    /// # Errors
    /// When there is nothing.
    pub fn result(&self) -> Result<&'a str, ReadError> {
        let raw = self.result.ok_or(ReadError::Field("result"))?;
        Ok(raw.get())
    }

    /// What it proves about the request.
    pub fn outcome(&self) -> Outcome {
        if self.ret_code != 0 {
            return error::outcome(self.ret_code, &self.ret_msg);
        }
        Outcome::Accepted {
            venue: self.result.and_then(|raw| order_id(raw.get())),
        }
    }
}

/// What a REST answer proves about the request that it answers.
pub fn outcome(reply: &Reply) -> Outcome {
    match Envelope::read(&reply.body) {
        // A gateway that failed may have failed after the order had passed.
        Some(envelope) if reply.status < 500 => envelope.outcome(),
        _ => error::without_code(reply.status, &reply.body),
    }
}

fn order_id(raw: &str) -> Option<OrderId> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Ids<'a> {
        #[serde(borrow)]
        order_id: Option<Cow<'a, str>>,
    }
    let ids: Ids<'_> = serde_json::from_str(raw).ok()?;
    OrderId::new(&ids.order_id?).ok()
}

/// How many requests of a kind the venue still takes in the running second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// The account's limit a second.
    pub limit: u32,
    /// What is left of it.
    pub left: u32,
    /// When it is whole again, venue ms since 1970.
    pub reset_ms: i64,
}

impl Left {
    /// From the three headers, `X-Bapi-Limit`, `-Status` and `-Reset-Timestamp`; `None` where one is missing.
    pub fn read<'a>(header: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        Some(Self {
            limit: header("x-bapi-limit")?.parse().ok()?,
            left: header("x-bapi-limit-status")?.parse().ok()?,
            reset_ms: header("x-bapi-limit-reset-timestamp")?.parse().ok()?,
        })
    }
}

/// What the order line said.
#[derive(Debug)]
pub enum Said {
    /// The answer to the authentication; an error's words.
    Auth(Result<(), (i64, String)>),
    /// The answer to a request.
    Answer {
        /// The request's number; `None` when the venue answers nobody in particular.
        id: Option<u64>,
        /// Its code.
        code: i64,
        /// What it proves.
        outcome: Outcome,
        /// The limit that it states.
        left: Option<Left>,
    },
    /// The answer to a heartbeat.
    Pong,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LineAnswer<'a> {
    #[serde(borrow)]
    req_id: Option<Cow<'a, str>>,
    ret_code: i64,
    #[serde(borrow, default)]
    ret_msg: Cow<'a, str>,
    #[serde(borrow)]
    op: Option<Cow<'a, str>>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    header: Option<LimitHeader<'a>>,
}

#[derive(Deserialize)]
struct LimitHeader<'a> {
    #[serde(rename = "X-Bapi-Limit", borrow)]
    limit: Option<Cow<'a, str>>,
    #[serde(rename = "X-Bapi-Limit-Status", borrow)]
    status: Option<Cow<'a, str>>,
    #[serde(rename = "X-Bapi-Limit-Reset-Timestamp", borrow)]
    reset: Option<Cow<'a, str>>,
}

impl LimitHeader<'_> {
    fn left(&self) -> Option<Left> {
        Left::read(|name| match name {
            "x-bapi-limit" => self.limit.as_deref(),
            "x-bapi-limit-status" => self.status.as_deref(),
            _ => self.reset.as_deref(),
        })
    }
}

/// Reads one frame of the order line; `None` when it is no answer.
pub fn said(bytes: &[u8]) -> Option<Said> {
    let answer: LineAnswer<'_> = serde_json::from_slice(bytes).ok()?;
    match answer.op.as_deref() {
        Some("pong" | "ping") => return Some(Said::Pong),
        // 20001: it was authenticated already.
        Some("auth") => {
            return Some(Said::Auth(match answer.ret_code {
                0 | 20_001 => Ok(()),
                code => Err((code, error::words(code, &answer.ret_msg))),
            }));
        }
        _ => {}
    }
    let outcome = if answer.ret_code == 0 {
        Outcome::Accepted {
            venue: answer.data.and_then(|raw| order_id(raw.get())),
        }
    } else {
        error::outcome(answer.ret_code, &answer.ret_msg)
    };
    Some(Said::Answer {
        id: answer.req_id.and_then(|id| id.parse().ok()),
        code: answer.ret_code,
        outcome,
        left: answer.header.and_then(|header| header.left()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLES: &str = include_str!("../../../tests/wire/bybit/order_line_examples.jsonl");

    fn example(name: &str, op: &str) -> Said {
        let mut lines = EXAMPLES
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let found = lines.find(|e| e["name"] == name && e["msg"]["op"] == op && e["dir"] != "sent");
        let mut msg = found.unwrap()["msg"].take();
        msg["reqId"] = "42".into();
        said(msg.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn documented_answers_of_the_order_line_are_read() {
        let wanted = OrderId::new("a4c1718e-fe53-4659-a118-1f6ecce04ad9").unwrap();
        for (name, op) in [
            ("Private/PlaceOrder", "order.create"),
            ("Private/EditOrder", "order.amend"),
            ("Private/CancelOrder", "order.cancel"),
        ] {
            let Said::Answer {
                id, outcome, left, ..
            } = example(name, op)
            else {
                panic!("{name}");
            };
            assert_eq!(id, Some(42));
            assert_eq!(
                outcome,
                Outcome::Accepted {
                    venue: Some(wanted)
                }
            );
            let stated = Left {
                limit: 10,
                left: 9,
                reset_ms: 1_711_001_595_208,
            };
            assert_eq!(left, Some(stated));
        }
        assert!(matches!(
            example("Private/PlaceOrder", "auth"),
            Said::Auth(Ok(()))
        ));
    }

    #[test]
    fn a_refused_authentication_and_a_pong_are_no_answers_to_a_request() {
        let refused = br#"{"retCode":10004,"retMsg":"Invalid sign","op":"auth","connId":"d2a63t6p49kk82nefh90-4ye8"}"#;
        assert!(matches!(said(refused), Some(Said::Auth(Err((10_004, _))))));
        let pong =
            br#"{"retCode":0,"retMsg":"OK","op":"pong","data":["1711002002529"],"connId":"x"}"#;
        assert!(matches!(said(pong), Some(Said::Pong)));
        assert!(said(b"{}").is_none());
        assert!(said(b"\xff").is_none());
    }

    #[test]
    fn b5_an_error_of_a_gateway_proves_nothing_whatever_its_body_says() {
        let reply = |status, body: &str| Reply {
            status,
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
        };
        let refused =
            r#"{"retCode":110007,"retMsg":"no money","result":{},"retExtInfo":{},"time":1}"#;
        assert!(matches!(
            outcome(&reply(200, refused)),
            Outcome::Rejected { code: 110_007, .. }
        ));
        for (status, body) in [(500, refused), (502, "<html>"), (200, "<html>")] {
            assert!(
                matches!(outcome(&reply(status, body)), Outcome::Unknown(_)),
                "{status} {body}"
            );
        }
    }
}
