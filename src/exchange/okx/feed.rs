//! How OKX's public side is spoken to: one socket, a channel for each thing that it tells of an instrument.

use super::instruments::{self, inst_type};
use super::market_text;
use super::past;
use crate::domain::{Instrument, InstrumentKind, Symbol, VenueId};
use crate::exchange::Endpoints;
use crate::exchange::past::Row;
use crate::exchange::pushed::dialect::{Channel, Dialect, Kind, Page, Said, Unread, Verb};
use crate::exchange::pushed::levels::Grid;

/// Where the venue tells its time.
pub const TIME: &str = "/api/v5/public/time";

/// Instruments of one type.
pub const LIST: &str = "/api/v5/public/instruments";
/// After an answer that says too many requests, ms: the limits count two seconds (OKX, Rate limits).
const PAUSE_MS: u64 = 5_000;

/// OKX's way of speaking.
pub struct Okx;

impl Dialect for Okx {
    const ID: &'static str = super::ID;
    /// 100 ms behind at most; the best prices come apart, every 10 ms. Faster books are for a few only (OKX, Order book channel).
    const DEPTH: usize = 400;
    const TOPICS_A_REQUEST: usize = 50;
    /// Of 480 (OKX, Connection limits).
    const REQUESTS_AN_HOUR: usize = 400;
    /// A text, no frame of the protocol and no JSON (OKX, Connect).
    const PING: &'static str = "ping";
    /// Within 30 s of the last message. Silence is met with a ping much sooner.
    const PING_EVERY_MS: u64 = 20_000;
    const TIME: &'static str = TIME;

    fn routes(&self, endpoints: &Endpoints) -> Vec<String> {
        vec![endpoints.ws_public.clone()]
    }

    fn place(&self, instrument: &Instrument) -> (usize, Symbol) {
        (0, instrument.symbol)
    }

    fn kinds(&self, instrument: &Instrument) -> &'static [Kind] {
        match instrument.kind {
            InstrumentKind::Spot => &[Kind::Book, Kind::BestPrices, Kind::Prints],
            InstrumentKind::Dated => &[Kind::Book, Kind::BestPrices, Kind::Prints, Kind::Mark],
            InstrumentKind::Perpetual => &[
                Kind::Book,
                Kind::BestPrices,
                Kind::Prints,
                Kind::Mark,
                Kind::Funding,
            ],
        }
    }

    fn topic(&self, kind: Kind, name: &Symbol) -> String {
        format!("{} of {name}", channel(kind))
    }

    /// Instruments share the name of a channel.
    fn stream(&self, channel: &Channel, _name: &Symbol) -> String {
        channel.to_string()
    }

    fn request(&self, verb: Verb, topics: &[(Kind, Symbol)], id: u64) -> String {
        let op = match verb {
            Verb::Subscribe => "subscribe",
            Verb::Unsubscribe => "unsubscribe",
        };
        let arg = |(kind, name): &(Kind, Symbol)| serde_json::json!({ "channel": channel(*kind), "instId": name.as_str() });
        let args: Vec<serde_json::Value> = topics.iter().map(arg).collect();
        serde_json::json!({ "id": id.to_string(), "op": op, "args": args }).to_string()
    }

    fn read(
        &self,
        text: &str,
        grid: &dyn Fn(&str) -> Option<Grid>,
        said: &mut Vec<Said>,
    ) -> Result<(), Unread> {
        market_text::read(text, grid, said)
    }

    fn read_time(&self, body: &[u8]) -> Option<i64> {
        read_time(body)
    }

    fn lists(&self) -> Vec<String> {
        let list = |kind| format!("{LIST}?instType={kind}");
        instruments::TYPES.into_iter().map(list).collect()
    }

    fn look(&self, instrument: &Instrument) -> String {
        let (kind, name) = (inst_type(instrument.kind), instrument.symbol);
        format!("{LIST}?instType={kind}&instId={name}")
    }

    fn read_page(&self, _target: &str, body: &[u8]) -> Result<Page, String> {
        let venue = VenueId::new(Self::ID).map_err(|error| error.to_string())?;
        match instruments::load(body, venue) {
            Ok(load) => Ok(Page {
                instruments: load.instruments,
                refused: load.refused,
                next: None,
            }),
            // What is delisted is not known there any more.
            Err(instruments::LoadError::Refused(code, _)) if code == UNKNOWN => Ok(Page::default()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// 300 rows at most, 40 calls in two seconds (OKX, Get candlesticks).
    fn past(&self, instrument: &Instrument) -> String {
        let name = instrument.symbol;
        format!("{}?instId={name}&bar=1m&limit=300", past::TARGET)
    }

    fn read_past<'a>(&self, body: &'a [u8]) -> Result<Vec<Row<'a>>, String> {
        past::read(body)
    }

    fn pause_ms(&self, status: u16, body: &[u8]) -> Option<u64> {
        #[derive(serde::Deserialize)]
        struct Reply<'a> {
            #[serde(borrow)]
            code: &'a str,
        }
        let reply: Option<Reply<'_>> = serde_json::from_slice(body).ok();
        let refused = reply.is_some_and(|reply| matches!(reply.code, "50011" | "50061" | "50040"));
        (status == 429 || refused).then_some(PAUSE_MS)
    }
}

/// Instrument ID does not exist (OKX, Error codes).
const UNKNOWN: &str = "51001";

/// The venue's word for a topic.
const fn channel(kind: Kind) -> &'static str {
    match kind {
        Kind::Book => "books",
        Kind::BestPrices => "bbo-tbt",
        Kind::Prints => "trades",
        Kind::Mark => "mark-price",
        Kind::Funding => "funding-rate",
    }
}

/// Reads the venue's time, ms since 1970. (OKX, Get system time.)
pub fn read_time(body: &[u8]) -> Option<i64> {
    #[derive(serde::Deserialize)]
    struct Reply<'a> {
        #[serde(borrow)]
        code: &'a str,
        #[serde(borrow)]
        data: Vec<Time<'a>>,
    }
    #[derive(serde::Deserialize)]
    struct Time<'a> {
        ts: &'a str,
    }
    let reply: Reply<'_> = serde_json::from_slice(body).ok()?;
    let time = reply.data.first().filter(|_| reply.code == "0")?;
    time.ts.parse().ok()
}

#[cfg(test)]
mod tests;
