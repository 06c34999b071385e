//! Answers of OKX: the REST envelope, and what comes on a socket. Pure; owns nothing.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::error;
use crate::domain::{OrderId, Outcome};

/// `{"code":"0","msg":"","data":[…]}`
#[derive(Debug, Deserialize)]
pub struct Envelope<'a> {
    #[serde(borrow)]
    code: Cow<'a, str>,
    #[serde(borrow, default)]
    msg: Cow<'a, str>,
    /// The records, each still raw.
    #[serde(borrow, default)]
    pub data: Vec<&'a RawValue>,
}

impl<'a> Envelope<'a> {
    /// Reads the body of a REST answer; `None` when it is none of this API.
    pub fn read(body: &'a [u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }

    /// The venue's code, 0 where all is well; `None` where it is no number.
    pub fn code(&self) -> Option<i64> {
        error::code(&self.code)
    }

    /// The venue's words; foreign.
    pub fn words(&self) -> &str {
        &self.msg
    }

    /// True when the call as a whole went well.
    pub fn is_good(&self) -> bool {
        self.code() == Some(0)
    }
}

/// What the venue says of the one order that a request was about.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    #[serde(borrow)]
    ord_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    algo_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    s_code: Option<Cow<'a, str>>,
    #[serde(borrow)]
    s_msg: Option<Cow<'a, str>>,
}

/// What the answer to an order request over REST proves.
pub fn order_outcome(status: u16, body: &[u8]) -> Outcome {
    match Envelope::read(body) {
        Some(envelope) => request_outcome(status, &envelope),
        None if status == 200 => Outcome::Unknown("the answer is unreadable".to_owned()),
        None => error::bare(status),
    }
}

/// What the answer to any other call that asks for a change proves.
pub fn call_outcome(status: u16, body: &[u8]) -> Outcome {
    match Envelope::read(body) {
        Some(envelope) if envelope.is_good() => Outcome::Accepted { venue: None },
        Some(envelope) => error::outcome(status, envelope.code().unwrap_or(0), envelope.words()),
        None => error::bare(status),
    }
}

/// The item's own code is the finer word: `1` and `2` of the envelope only say that something failed.
fn request_outcome(status: u16, envelope: &Envelope<'_>) -> Outcome {
    let item: Option<Item<'_>> = envelope
        .data
        .first()
        .and_then(|raw| serde_json::from_str(raw.get()).ok());
    let own = item
        .as_ref()
        .and_then(|item| error::code(item.s_code.as_deref()?));
    match (item, own, envelope.code()) {
        (Some(item), Some(code), _) if code != 0 => {
            error::outcome(status, code, item.s_msg.as_deref().unwrap_or_default())
        }
        (Some(item), _, Some(0)) => accepted(&item),
        (_, _, Some(code)) if code != 0 => error::outcome(status, code, envelope.words()),
        _ => Outcome::Unknown("the answer names no order".to_owned()),
    }
}

fn accepted(item: &Item<'_>) -> Outcome {
    let named = |id: &Option<Cow<'_, str>>| id.as_deref().and_then(|id| OrderId::new(id).ok());
    match named(&item.ord_id).or_else(|| named(&item.algo_id)) {
        Some(venue) => Outcome::Accepted { venue: Some(venue) },
        None => Outcome::Unknown("the answer names no order".to_owned()),
    }
}

/// One frame of a socket.
#[derive(Debug)]
pub enum Frame<'a> {
    /// The answer to our text `ping`.
    Pong,
    /// The socket is logged in.
    LoggedIn,
    /// A channel is subscribed to, by name.
    Subscribed(Cow<'a, str>),
    /// Something that we sent was refused; `id` is the request's where the venue names it.
    Refused {
        /// The request's number.
        id: Option<u64>,
        /// The venue's code.
        code: i64,
        /// The venue's words; foreign.
        words: Cow<'a, str>,
    },
    /// The venue is about to end this connection: a new one is to be opened.
    Leaving,
    /// The answer to a request.
    Answer {
        /// The request's number.
        id: u64,
        /// What it proves.
        outcome: Outcome,
    },
    /// Records of a channel.
    Data {
        /// The channel.
        channel: Cow<'a, str>,
        /// Each record by itself.
        records: Vec<&'a RawValue>,
    },
    /// Nothing that we use.
    Other,
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    event: Option<Cow<'a, str>>,
    #[serde(borrow)]
    op: Option<Cow<'a, str>>,
    #[serde(borrow)]
    arg: Option<Arg<'a>>,
    #[serde(borrow)]
    code: Option<Cow<'a, str>>,
    #[serde(borrow)]
    msg: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    data: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Arg<'a> {
    #[serde(borrow)]
    channel: Cow<'a, str>,
}

/// The notice before an upgrade of the service ends the connection (OKX v5, WebSocket, notification).
const LEAVING: i64 = 64_008;

/// Reads one text frame; `None` when it is none of this API.
pub fn frame(bytes: &[u8]) -> Option<Frame<'_>> {
    if bytes == b"pong" {
        return Some(Frame::Pong);
    }
    let wire: Wire<'_> = serde_json::from_slice(bytes).ok()?;
    let code = wire.code.as_deref().and_then(error::code);
    Some(match (wire.event.as_deref(), wire.op) {
        (None, Some(_)) => answer(wire.id.as_deref(), wire.code, wire.msg, wire.data),
        (None, None) => match wire.arg {
            Some(arg) => Frame::Data {
                channel: arg.channel,
                records: wire.data,
            },
            None => Frame::Other,
        },
        (Some("login"), _) if code == Some(0) => Frame::LoggedIn,
        (Some("subscribe"), _) => match wire.arg {
            Some(arg) => Frame::Subscribed(arg.channel),
            None => Frame::Other,
        },
        (Some("notice"), _) if code == Some(LEAVING) => Frame::Leaving,
        (Some("error" | "login" | "channel-conn-count-error"), _) => Frame::Refused {
            id: wire.id.and_then(|id| id.parse().ok()),
            code: code.unwrap_or(0),
            words: wire.msg.unwrap_or_default(),
        },
        (Some(_), _) => Frame::Other,
    })
}

fn answer<'a>(
    id: Option<&str>,
    code: Option<Cow<'a, str>>,
    msg: Option<Cow<'a, str>>,
    data: Vec<&'a RawValue>,
) -> Frame<'a> {
    let Some(id) = id.and_then(|id| id.parse().ok()) else {
        return Frame::Other;
    };
    let envelope = Envelope {
        code: code.unwrap_or_default(),
        msg: msg.unwrap_or_default(),
        data,
    };
    Frame::Answer {
        id,
        outcome: request_outcome(200, &envelope),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::message::Proves;

    /// A documented frame, by its name and step.
    fn example(name: &str, dir: &str) -> String {
        include_str!("../../../tests/wire/okx/order_api_examples.jsonl")
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
            .find(|e| e["name"] == name && e["dir"] == dir)
            .map(|mut e| {
                if e["msg"]["id"].is_string() {
                    e["msg"]["id"] = "1512".into();
                }
                e["msg"].to_string()
            })
            .unwrap()
    }

    #[test]
    fn documented_frames_are_told_apart() {
        assert!(matches!(frame(b"pong"), Some(Frame::Pong)));
        let login = example("PlaceOrder", "answer");
        assert!(matches!(frame(login.as_bytes()), Some(Frame::LoggedIn)));
        let refused =
            br#"{"event":"error","code":"60009","msg":"Login failed.","connId":"a4d3ae55"}"#;
        assert!(matches!(
            frame(refused),
            Some(Frame::Refused { code: 60_009, .. })
        ));
        let notice = br#"{"event":"notice","code":"64008","msg":"The connection will soon be closed for a service upgrade. Please reconnect.","connId":"a4d3ae55"}"#;
        assert!(matches!(frame(notice), Some(Frame::Leaving)));
        let count = br#"{"event":"channel-conn-count","channel":"orders","connCount":"2","connId":"abcd1234"}"#;
        assert!(matches!(frame(count), Some(Frame::Other)));
        assert!(frame(b"<html>").is_none());
    }

    #[test]
    fn each_answer_of_the_order_socket_names_its_request_and_its_order() {
        for (name, order) in [
            ("PlaceOrder", "12345689"),
            ("AmendOrder", "2510789768709120"),
            ("CancelOrder", "2510789768709120"),
        ] {
            let text = example(name, "recv");
            let Some(Frame::Answer { id, outcome }) = frame(text.as_bytes()) else {
                panic!("{text}");
            };
            assert_eq!(id, 1_512);
            let venue = Some(OrderId::new(order).unwrap());
            assert_eq!(outcome, Outcome::Accepted { venue });
        }
    }

    #[test]
    fn the_items_own_code_is_the_refusal() {
        let refused = br#"{"id":"7","op":"order","data":[{"clOrdId":"x1","ordId":"","tag":"","ts":"1695190491421","sCode":"51008","sMsg":"Order failed. Insufficient USDT margin in account","subCode":"1001"}],"code":"1","msg":"","inTime":"1","outTime":"2"}"#;
        let Some(Frame::Answer { id: 7, outcome }) = frame(refused) else {
            panic!();
        };
        let Outcome::Rejected { code, words, .. } = outcome else {
            panic!();
        };
        assert_eq!(code, 51_008);
        assert!(words.contains("Insufficient USDT"));
        // Malformed: no item at all.
        let malformed = br#"{"id":"7","op":"order","data":[],"code":"60013","msg":"Invalid args","inTime":"1","outTime":"2"}"#;
        assert!(matches!(
            frame(malformed),
            Some(Frame::Answer {
                outcome: Outcome::Rejected { code: 60_013, .. },
                ..
            })
        ));
    }

    #[test]
    fn b1_an_answer_that_proves_nothing_is_unknown() {
        for body in [
            r#"{"code":"0","msg":"","data":[]}"#,
            r#"{"code":"0","msg":"","data":[{"sCode":"0"}]}"#,
            r#"{"code":"1","msg":"Operation failed.","data":[]}"#,
            r#"{"code":"1","msg":"","data":[{"ordId":"","sCode":"51149","sMsg":"Order timed out."}]}"#,
            "<html>",
            "",
        ] {
            let found = order_outcome(200, body.as_bytes());
            assert!(matches!(found, Outcome::Unknown(_)), "{body}: {found:?}");
        }
        let cancelled =
            br#"{"code":"0","msg":"","data":[{"algoId":"1234","sCode":"0","sMsg":""}]}"#;
        assert!(matches!(
            order_outcome(200, cancelled),
            Outcome::Accepted { venue: Some(_) }
        ));
        let gone = br#"{"code":"1","data":[{"sCode":"51400","sMsg":"Cancellation failed as the order has been filled, canceled or does not exist.","ordId":"1"}],"msg":""}"#;
        assert!(matches!(
            order_outcome(200, gone),
            Outcome::Rejected {
                proves: Proves::NotFound,
                ..
            }
        ));
    }
}
