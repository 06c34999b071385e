//! Frames of the private line of Bybit as domain facts. Pure; owns nothing.
//!
//! `execution.fast` is not read: it tells of a fill some milliseconds earlier but without its fee, and a fill is told once.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::read::fill::{self, FillSaid};
use super::read::order::{self, OrderSaid};
use super::read::position::{self, PositionSaid};
use super::read::{ReadError, Reader, settings};
use crate::domain::Symbol;
use crate::domain::message::Balance;
use crate::domain::text::sanitise;

/// What the account subscribes to (Bybit, WebSocket Private Channels; all categories at once).
pub const TOPICS: &str = r#""order","execution","position","wallet""#;

/// What the line says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Control {
    /// The authentication was answered; a refusal's words.
    Auth(Result<(), String>),
    /// The subscription was answered; a refusal's words.
    Subscribed(Result<(), String>),
    /// Anything else that is no event: the answer to a heartbeat.
    Other,
}

/// One event; each record of it was read by itself.
#[derive(Debug)]
pub enum Event {
    /// Orders changed.
    Orders(Vec<Result<OrderSaid, ReadError>>),
    /// Trades and funding.
    Fills(Vec<Result<FillSaid, ReadError>>),
    /// Positions changed.
    Positions(Vec<Result<PositionSaid, ReadError>>),
    /// Balances changed; with what could not be read.
    Wallet(Vec<Balance>, Vec<ReadError>),
    /// Nothing that we use.
    Other,
}

#[derive(Deserialize)]
struct Frame<'a> {
    #[serde(borrow)]
    topic: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    data: Vec<&'a RawValue>,
}

/// Reads a frame that is no event; `None` for an event, and for what is no frame of the line.
pub fn control(bytes: &[u8]) -> Option<Control> {
    #[derive(Deserialize)]
    struct Head<'a> {
        #[serde(borrow)]
        op: Option<Cow<'a, str>>,
        success: Option<bool>,
        #[serde(borrow)]
        ret_msg: Option<Cow<'a, str>>,
    }
    let head: Head<'_> = serde_json::from_slice(bytes).ok()?;
    let told = || match head.success {
        Some(true) => Ok(()),
        _ => Err(sanitise(head.ret_msg.as_deref().unwrap_or("refused"), 120)),
    };
    Some(match head.op.as_deref()? {
        "auth" => Control::Auth(told()),
        "subscribe" => Control::Subscribed(told()),
        _ => Control::Other,
    })
}

/// Reads an event; `has_legs` as for an execution.
///
/// # Errors
/// When it is no frame of the line.
pub fn event(
    bytes: &[u8],
    reader: &Reader<'_>,
    has_legs: impl Fn(&Symbol) -> bool,
) -> Result<Event, ReadError> {
    let frame: Frame<'_> = serde_json::from_slice(bytes)?;
    let topic = frame.topic.as_deref().unwrap_or_default();
    let records = || frame.data.iter().map(|raw| raw.get());
    Ok(match topic.split('.').next().unwrap_or_default() {
        "order" => Event::Orders(
            records()
                .filter_map(|raw| order::order(raw, None, reader).transpose())
                .collect(),
        ),
        "execution" => Event::Fills(
            records()
                .map(|raw| fill::fill(raw, None, reader, &has_legs, false))
                .collect(),
        ),
        "position" => Event::Positions(
            records()
                .filter_map(|raw| position::position(raw, None, reader).transpose())
                .collect(),
        ),
        "wallet" => {
            let (mut balances, mut bad) = (Vec::new(), Vec::new());
            for raw in records() {
                let (some, unread) = settings::coins(raw)?;
                balances.extend(some);
                bad.extend(unread);
            }
            Event::Wallet(balances, bad)
        }
        _ => Event::Other,
    })
}

impl Event {
    /// The first instrument that a record names and that is not known.
    pub fn unknown(&self) -> Option<Symbol> {
        let missing = |error: Option<&ReadError>| match error {
            Some(ReadError::Instrument(symbol)) => Some(*symbol),
            _ => None,
        };
        match self {
            Self::Orders(all) => all.iter().find_map(|one| missing(one.as_ref().err())),
            Self::Fills(all) => all.iter().find_map(|one| missing(one.as_ref().err())),
            Self::Positions(all) => all.iter().find_map(|one| missing(one.as_ref().err())),
            Self::Wallet(..) | Self::Other => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::read::tests::{listed, reader};
    use super::*;
    use crate::domain::{Qty, Side};

    const EXAMPLES: &str = include_str!("../../../tests/wire/bybit/private_examples.jsonl");

    fn examples(name: &str) -> Vec<String> {
        EXAMPLES
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .filter(|e| e["name"] == name && e["dir"] != "sent")
            .map(|e| e["msg"].to_string())
            .collect()
    }

    fn read(text: &str) -> Event {
        let listed = listed();
        event(text.as_bytes(), &reader(&listed), |_| false).unwrap()
    }

    #[test]
    fn documented_control_frames_are_told_from_events() {
        let frames = examples("Private/UserTrades");
        assert_eq!(control(frames[0].as_bytes()), Some(Control::Auth(Ok(()))));
        assert_eq!(
            control(frames[1].as_bytes()),
            Some(Control::Subscribed(Ok(())))
        );
        assert_eq!(control(frames[2].as_bytes()), None);
        let refused =
            br#"{"success":false,"ret_msg":"Request not authorized","op":"auth","conn_id":"x"}"#;
        assert!(
            matches!(control(refused), Some(Control::Auth(Err(words))) if words.contains("not auth"))
        );
        let pong = br#"{"req_id":"test","op":"pong","args":["1675418560633"],"conn_id":"x"}"#;
        assert_eq!(control(pong), Some(Control::Other));
    }

    #[test]
    fn a_documented_execution_event_is_a_fill() {
        let frames = examples("Private/UserTrades");
        let Event::Fills(fills) = read(&frames[2]) else {
            panic!()
        };
        let Ok(FillSaid::Fill { fill, slot, alarm }) = &fills[0] else {
            panic!("{fills:?}");
        };
        assert_eq!((fill.side, fill.qty), (Side::Sell, Qty(25)));
        assert_eq!(fill.fee.to_string(), "0.005061");
        assert!(slot.is_none() && alarm.is_none() && !fill.recovered);
    }

    #[test]
    fn a_documented_wallet_and_position_event_are_read_and_an_option_is_not() {
        let Event::Wallet(balances, bad) = read(&examples("Private/Balance")[2]) else {
            panic!()
        };
        assert_eq!((balances[0].asset.as_str(), bad.len()), ("BTC", 0));
        assert_eq!(balances[0].wallet.to_string(), "0.00102964");
        let Event::Positions(positions) = read(&examples("Private/Position")[2]) else {
            panic!()
        };
        assert!(positions[0].as_ref().unwrap().has_legs);
        let Event::Orders(orders) = read(&examples("Private/Order")[2]) else {
            panic!()
        };
        assert!(orders.is_empty(), "an option's order");
    }

    #[test]
    fn an_instrument_that_is_not_known_is_named() {
        let frame = examples("Private/UserTrades")[2].replace("XRPUSDT", "NEWUSDT");
        assert_eq!(
            read(&frame).unknown(),
            Some(Symbol::new("NEWUSDT").unwrap())
        );
    }
}
