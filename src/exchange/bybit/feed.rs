//! How Bybit's public side is spoken to: two sockets, linear and spot, each with topics of its own.

use super::instruments::{self, Category, venue_name};
use super::market_text;
use super::past;
use crate::domain::{Instrument, InstrumentKind, Symbol, VenueId};
use crate::exchange::Endpoints;
use crate::exchange::past::Row;
use crate::exchange::pushed::dialect::{Channel, Dialect, Kind, Page, Said, Unread, Verb};
use crate::exchange::pushed::levels::Grid;

/// Where the venue tells its time.
pub const TIME: &str = "/v5/market/time";

/// Instruments of one category.
pub const LIST: &str = "/v5/market/instruments-info";
/// After `403 access too frequent` an address must be silent for 10 minutes (Bybit, Rate Limit).
const BANNED_MS: u64 = 600_000;
/// After a code that says too many requests, ms.
const PAUSE_MS: u64 = 5_000;

/// Bybit's way of speaking.
pub struct Bybit;

impl Dialect for Bybit {
    const ID: &'static str = super::ID;
    /// 100 ms behind at most; the best prices come apart, every 10 ms (Bybit, Orderbook).
    const DEPTH: usize = 200;
    /// Spot takes no more (Bybit, Connect).
    const TOPICS_A_REQUEST: usize = 10;
    /// None is documented.
    const REQUESTS_AN_HOUR: usize = 10_000;
    const PING: &'static str = r#"{"op":"ping"}"#;
    /// "send the ping packet every 20 seconds" (Bybit, Connect).
    const PING_EVERY_MS: u64 = 20_000;
    const TIME: &'static str = TIME;

    fn routes(&self, endpoints: &Endpoints) -> Vec<String> {
        vec![endpoints.ws_public.clone(), endpoints.ws_market.clone()]
    }

    fn place(&self, instrument: &Instrument) -> (usize, Symbol) {
        let route = match Category::of(&instrument.symbol) {
            Category::Linear => 0,
            Category::Spot => 1,
        };
        (route, venue_name(&instrument.symbol))
    }

    fn kinds(&self, instrument: &Instrument) -> &'static [Kind] {
        match instrument.kind {
            InstrumentKind::Spot => &[Kind::Book, Kind::BestPrices, Kind::Prints],
            _ => &[Kind::Book, Kind::BestPrices, Kind::Prints, Kind::Mark],
        }
    }

    fn topic(&self, kind: Kind, name: &Symbol) -> String {
        match kind {
            Kind::Book => format!("orderbook.{}.{name}", Self::DEPTH),
            Kind::BestPrices => format!("orderbook.1.{name}"),
            Kind::Prints => format!("publicTrade.{name}"),
            Kind::Mark | Kind::Funding => format!("tickers.{name}"),
        }
    }

    fn stream(&self, channel: &Channel, name: &Symbol) -> String {
        format!("{channel}.{name}")
    }

    fn request(&self, verb: Verb, topics: &[(Kind, Symbol)], id: u64) -> String {
        let op = match verb {
            Verb::Subscribe => "subscribe",
            Verb::Unsubscribe => "unsubscribe",
        };
        let topics = topics.iter().map(|(kind, name)| self.topic(*kind, name));
        let args: Vec<String> = topics.collect();
        serde_json::json!({ "req_id": id.to_string(), "op": op, "args": args }).to_string()
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
        vec![
            format!("{LIST}?category=linear&limit=1000"),
            format!("{LIST}?category=spot"),
        ]
    }

    fn look(&self, instrument: &Instrument) -> String {
        let category = Category::of(&instrument.symbol).as_str();
        let name = escape(venue_name(&instrument.symbol).as_str());
        format!("{LIST}?category={category}&symbol={name}")
    }

    fn read_page(&self, target: &str, body: &[u8]) -> Result<Page, String> {
        let category = if target.contains("category=spot") {
            Category::Spot
        } else {
            Category::Linear
        };
        let venue = VenueId::new(Self::ID).map_err(|error| error.to_string())?;
        let load = instruments::load(body, category, venue).map_err(|error| error.to_string())?;
        let base = target.split("&cursor=").next().unwrap_or(target);
        let next = (!load.cursor.is_empty()).then(|| {
            let cursor = escape(&load.cursor);
            format!("{base}&cursor={cursor}")
        });
        Ok(Page {
            instruments: load.instruments,
            refused: load.refused,
            next,
        })
    }

    /// Weightless; 1000 rows at most (Bybit, Get Kline).
    fn past(&self, instrument: &Instrument) -> String {
        let category = Category::of(&instrument.symbol).as_str();
        let name = escape(venue_name(&instrument.symbol).as_str());
        format!(
            "{}?category={category}&symbol={name}&interval=1&limit=1000",
            past::TARGET
        )
    }

    fn read_past<'a>(&self, body: &'a [u8]) -> Result<Vec<Row<'a>>, String> {
        past::read(body)
    }

    fn pause_ms(&self, status: u16, body: &[u8]) -> Option<u64> {
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Reply {
            ret_code: i64,
        }
        if status == 403 {
            return Some(BANNED_MS);
        }
        let reply: Option<Reply> = serde_json::from_slice(body).ok();
        let refused = reply.is_some_and(|reply| matches!(reply.ret_code, 10_006 | 10_429));
        (status == 429 || refused).then_some(PAUSE_MS)
    }
}

/// Reads the venue's time, ms since 1970. (Bybit, Get Server Time.)
pub fn read_time(body: &[u8]) -> Option<i64> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Reply<'a> {
        ret_code: i64,
        #[serde(borrow)]
        result: Result<'a>,
    }
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Result<'a> {
        #[serde(borrow)]
        time_nano: &'a str,
    }
    let reply: Reply<'_> = serde_json::from_slice(body).ok()?;
    let nanos: i64 = reply.result.time_nano.parse().ok()?;
    (reply.ret_code == 0 && nanos > 0).then_some(nanos / 1_000_000)
}

/// A text as it may stand in a query.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                escaped.push(char::from(byte));
            }
            byte => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}

#[cfg(test)]
mod tests;
