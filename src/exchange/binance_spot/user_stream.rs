//! Events of the user stream of Binance spot as domain facts. Pure; owns nothing. Unknown events are skipped.

use std::borrow::Cow;

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::read;
use crate::domain::message::Balance;
use crate::domain::{Fill, OrderClass, OrderId, OrderRef, OrderReport, Qty, TradeId};
use crate::exchange::binance::read::{
    ReadError, Reader, asset_or, client, liquidity, price_or_none, qty, side,
};

/// What one event of the user stream says.
#[derive(Debug)]
pub enum Event {
    /// An order changed; with the fill, where it was one.
    Order {
        /// The order.
        report: Box<OrderReport>,
        /// The fill.
        fill: Option<Box<Fill>>,
    },
    /// Balances changed, with records that were skipped.
    Balances(Vec<Balance>, Vec<ReadError>),
    /// Something about the account as a whole changed: read it again.
    Reread,
    /// The stream ended: it must be subscribed anew.
    Ended,
    /// The venue is about to end the connection.
    Shutdown,
    /// Nothing that we use.
    Other,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    event: Option<&'a RawValue>,
}

/// The event in a frame of the WebSocket API; `None` when the frame is something else: an answer.
pub fn event(bytes: &[u8]) -> Option<&[u8]> {
    let envelope: Envelope<'_> = serde_json::from_slice(bytes).ok()?;
    envelope.event.map(|event| event.get().as_bytes())
}

#[derive(Deserialize)]
struct Claim<'a> {
    #[serde(borrow)]
    e: Option<Cow<'a, str>>,
}

/// Reads one event.
///
/// # Errors
/// When it is no JSON object, or a needed field is missing, or the instrument is unknown.
pub fn read(bytes: &[u8], reader: &Reader<'_>) -> Result<Event, ReadError> {
    let claim: Claim<'_> = serde_json::from_slice(bytes)?;
    match claim.e.as_deref() {
        Some("executionReport") => order(bytes, reader),
        Some("outboundAccountPosition") => balances(bytes),
        // What it changed comes as a balance too; what it means for the account as a whole is read again.
        Some("externalLockUpdate" | "balanceUpdate") => Ok(Event::Reread),
        Some("eventStreamTerminated") => Ok(Event::Ended),
        Some("serverShutdown") => Ok(Event::Shutdown),
        _ => Ok(Event::Other),
    }
}

/// `executionReport`; letters as the venue documents them.
#[derive(Deserialize)]
struct OrderRecord<'a> {
    #[serde(borrow)]
    s: Cow<'a, str>,
    #[serde(borrow)]
    c: Cow<'a, str>,
    /// The name of the order that a cancel ended; `c` is the cancel's own then.
    #[serde(rename = "C", borrow, default)]
    original: Cow<'a, str>,
    #[serde(rename = "S", borrow)]
    side: Cow<'a, str>,
    f: Option<Cow<'a, str>>,
    #[serde(borrow)]
    q: Cow<'a, str>,
    p: Option<Cow<'a, str>>,
    #[serde(rename = "P")]
    stop: Option<Cow<'a, str>>,
    x: Option<Cow<'a, str>>,
    #[serde(rename = "X", borrow)]
    status: Cow<'a, str>,
    r: Option<Cow<'a, str>>,
    i: u64,
    l: Option<Cow<'a, str>>,
    z: Option<Cow<'a, str>>,
    #[serde(rename = "Z")]
    quote: Option<Decimal>,
    #[serde(rename = "L")]
    last_price: Option<Decimal>,
    #[serde(rename = "N")]
    fee_asset: Option<Cow<'a, str>>,
    n: Option<Decimal>,
    #[serde(rename = "T")]
    traded: i64,
    t: Option<i64>,
    m: Option<bool>,
    /// A word or a number.
    #[serde(rename = "eR", borrow)]
    expiry: Option<&'a RawValue>,
}

impl OrderRecord<'_> {
    /// By the name under which it was placed.
    fn name(&self) -> &str {
        if self.original.is_empty() {
            &self.c
        } else {
            &self.original
        }
    }

    /// Why the venue ended or refused it, where it says.
    fn why(&self) -> Option<&str> {
        let said = |word: &&str| !matches!(*word, "" | "0" | "NONE" | "null");
        let expiry = self.expiry.map(|raw| raw.get().trim_matches('"'));
        let expiry = expiry.filter(said);
        expiry.or_else(|| self.r.as_deref().filter(said))
    }
}

fn order(bytes: &[u8], reader: &Reader<'_>) -> Result<Event, ReadError> {
    let record: OrderRecord<'_> = serde_json::from_slice(bytes)?;
    let instrument = reader.instrument(&record.s)?;
    let (status, reason) = read::status(&record.status, record.f.as_deref(), record.why());
    let filled = match record.z.as_deref() {
        Some(text) => qty(instrument, text, "z")?,
        None => Qty::ZERO,
    };
    let report = OrderReport {
        key: reader.whose.key(instrument.symbol),
        order: OrderRef {
            client: client(record.name(), record.i)?,
            venue: Some(OrderId::of_number(record.i)),
            class: OrderClass::Regular,
        },
        side: side(&record.side)?,
        leg: None,
        price: price_or_none(instrument, record.p.as_deref(), "p")?,
        trigger: price_or_none(instrument, record.stop.as_deref(), "P")?,
        callback: None,
        triggered: false,
        qty: qty(instrument, &record.q, "q")?,
        filled,
        average: read::average(record.quote, record.z.as_deref()),
        reduce_only: false,
        status,
        reason,
        venue_ms: record.traded,
        at: reader.at,
    };
    let fill = fill(&record, &report, reader)?.map(Box::new);
    Ok(Event::Order {
        report: Box::new(report),
        fill,
    })
}

fn fill(
    record: &OrderRecord<'_>,
    of: &OrderReport,
    reader: &Reader<'_>,
) -> Result<Option<Fill>, ReadError> {
    // -1 stands where there was no trade.
    let trade = record.t.and_then(|id| u64::try_from(id).ok());
    let (Some("TRADE"), Some(trade)) = (record.x.as_deref(), trade) else {
        return Ok(None);
    };
    let instrument = reader.instrument(&record.s)?;
    Ok(Some(Fill {
        key: of.key,
        client: of.order.client,
        order: OrderId::of_number(record.i),
        trade: TradeId::of_number(trade),
        side: of.side,
        leg: None,
        price: record.last_price.ok_or(ReadError::Field("L"))?,
        qty: qty(instrument, record.l.as_deref().unwrap_or_default(), "l")?,
        fee: record.n.unwrap_or_default(),
        fee_asset: asset_or(record.fee_asset.as_deref(), instrument.quote),
        realised: None,
        liquidity: liquidity(record.m.unwrap_or(false)),
        venue_ms: record.traded,
        at: reader.at,
        recovered: false,
    }))
}

#[derive(Deserialize)]
struct PositionRecord<'a> {
    #[serde(rename = "B", borrow)]
    balances: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct BalanceRecord<'a> {
    #[serde(borrow)]
    a: Cow<'a, str>,
    f: Decimal,
    l: Decimal,
}

fn balances(bytes: &[u8]) -> Result<Event, ReadError> {
    let record: PositionRecord<'_> = serde_json::from_slice(bytes)?;
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for raw in record.balances {
        match balance(raw.get()) {
            Ok(balance) => good.push(balance),
            Err(error) => bad.push(error),
        }
    }
    Ok(Event::Balances(good, bad))
}

fn balance(text: &str) -> Result<Balance, ReadError> {
    let record: BalanceRecord<'_> = serde_json::from_str(text)?;
    read::holding(&record.a, record.f, record.l)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Account, OrderStatus, Price, Stamp, VenueId};
    use crate::exchange::binance::read::{Instruments, Whose};
    use crate::exchange::binance_spot::instruments;

    const INFO: &str = include_str!("../../../tests/wire/binance_spot/exchange_info_excerpt.json");
    const EXAMPLES: &str =
        include_str!("../../../tests/wire/binance_spot/user_stream_examples.jsonl");

    fn frame(name: &str) -> String {
        let mut lines = EXAMPLES
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let found = lines.find(|line| line["name"] == name && line["dir"] == "recv");
        found.unwrap()["msg"].to_string()
    }

    fn told(frame: &str) -> Result<Event, ReadError> {
        let venue = VenueId::new("binance-spot").unwrap();
        // The documented price is finer than the tick of the recorded list.
        let info = INFO.replace("\"tickSize\":\"0.00000100\"", "\"tickSize\":\"0.00000010\"");
        let load = instruments::load(info.as_bytes(), venue).unwrap();
        let instruments: Instruments = load
            .instruments
            .into_iter()
            .map(|instrument| (instrument.symbol, instrument))
            .collect();
        let reader = Reader {
            whose: Whose {
                account: Account::new("main").unwrap(),
                venue,
            },
            instruments: &instruments,
            at: Stamp::default(),
        };
        read(event(frame.as_bytes()).unwrap(), &reader)
    }

    #[test]
    fn the_documented_order_is_read() {
        let Ok(Event::Order { report, fill }) = told(&frame("Account/Order")) else {
            panic!()
        };
        assert_eq!(report.order.client.as_str(), "mUvoqJxFIILMdfAW5iGSOW");
        assert_eq!(report.order.venue, Some(OrderId::of_number(4_293_153)));
        assert_eq!(report.price, Some(Price(1_026_441)));
        assert_eq!(report.status, OrderStatus::Working);
        assert_eq!(report.venue_ms, 1_499_405_658_657);
        assert!(fill.is_none() && report.average.is_none());
    }

    #[test]
    fn the_documented_balances_are_read() {
        let Ok(Event::Balances(balances, bad)) = told(&frame("Account/AccountPosition")) else {
            panic!()
        };
        assert!(bad.is_empty());
        assert_eq!(balances[0].asset.as_str(), "ETH");
        assert_eq!(balances[0].available, Some(10_000.into()));
        assert!(matches!(told(&frame("Account/Balance")), Ok(Event::Reread)));
        assert!(matches!(told(&frame("Account/OcoOrder")), Ok(Event::Other)));
    }

    #[test]
    fn why_the_venue_ended_an_order_is_told_whatever_its_form() {
        for (expiry, words) in [
            (
                r#","eR":"INSUFFICIENT_LIQUIDITY""#,
                "INSUFFICIENT_LIQUIDITY",
            ),
            (r#","eR":7"#, "7"),
            (r#","eR":0"#, "ended by the venue"),
            ("", "ended by the venue"),
        ] {
            let text = frame("Account/Order")
                .replace(r#""X":"NEW""#, &format!(r#""X":"EXPIRED"{expiry}"#));
            let Ok(Event::Order { report, .. }) = told(&text) else {
                panic!("{expiry}")
            };
            assert_eq!(report.reason.as_deref(), Some(words), "{expiry}");
        }
    }

    #[test]
    fn an_answer_is_no_event() {
        assert!(event(br#"{"id":1,"status":200,"result":{"subscriptionId":0}}"#).is_none());
        assert!(event(b"{").is_none());
        let ended = r#"{"subscriptionId":0,"event":{"e":"eventStreamTerminated","E":1}}"#;
        assert!(matches!(told(ended), Ok(Event::Ended)));
        let over = r#"{"event":{"e":"serverShutdown","E":1}}"#;
        assert!(matches!(told(over), Ok(Event::Shutdown)));
    }
}
