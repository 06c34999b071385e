//! Recordings of Binance USDⓈ-M futures, read by the same feed that reads the live venue.

use super::depth_json::unwrap_envelope;
use super::feed::{BinanceFuturesFeed, MARKET, PUBLIC};
use super::followed::Followed;
use crate::domain::{Instrument, Stamp, Symbol};
use crate::exchange::Endpoints;
use crate::exchange::machine::{In, Machine, Out};
use crate::exchange::recorded::{RecordedBook, RecordedFeed, Recordings, Survey};

/// How recordings of this venue are read.
pub const RECORDINGS: Recordings = Recordings { survey, feed };

fn feed() -> Box<dyn RecordedFeed> {
    let nowhere = Endpoints {
        rest: String::new(),
        ws_public: String::new(),
        ws_market: String::new(),
        ws_private: String::new(),
        ws_api: String::new(),
        rights: None,
        headers: Vec::new(),
    };
    Box::new(BinanceFuturesFeed::new(&nowhere))
}

#[derive(serde::Deserialize)]
struct Claim<'a> {
    #[serde(borrow)]
    e: Option<&'a str>,
    #[serde(rename = "E")]
    event_ms: Option<i64>,
}

#[derive(serde::Deserialize)]
struct DepthTexts<'a> {
    #[serde(borrow)]
    s: Option<&'a str>,
    /// Only futures have it.
    pu: Option<u64>,
    #[serde(alias = "bids", borrow)]
    b: Vec<(&'a str, &'a str)>,
    #[serde(alias = "asks", borrow)]
    a: Vec<(&'a str, &'a str)>,
}

#[derive(serde::Deserialize)]
struct TickerTexts<'a> {
    s: &'a str,
    b: &'a str,
    #[serde(rename = "B")]
    bid_qty: &'a str,
    a: &'a str,
    #[serde(rename = "A")]
    ask_qty: &'a str,
}

#[derive(serde::Deserialize)]
struct TradeTexts<'a> {
    s: &'a str,
    p: &'a str,
    q: &'a str,
}

fn survey(survey: &mut Survey, url: Option<&str>, text: &str) -> Result<(), String> {
    if let Some(url) = url {
        return match snapshot_symbol(url) {
            Some(symbol) => levels(survey, Some(symbol), text).map(|_| ()),
            None => Ok(()),
        };
    }
    let text = unwrap_envelope(text);
    let Ok(claim) = serde_json::from_str::<Claim<'_>>(text) else {
        return Ok(());
    };
    survey.event_ms = claim.event_ms;
    let words = |error: serde_json::Error| error.to_string();
    match claim.e {
        Some("depthUpdate") => survey.book_events += u64::from(levels(survey, None, text)?),
        Some("bookTicker") => {
            let ticker: TickerTexts<'_> = serde_json::from_str(text).map_err(words)?;
            survey.note(ticker.s, ticker.b, ticker.bid_qty)?;
            survey.note(ticker.s, ticker.a, ticker.ask_qty)?;
        }
        Some("aggTrade" | "trade") => {
            let trade: TradeTexts<'_> = serde_json::from_str(text).map_err(words)?;
            survey.note(trade.s, trade.p, trade.q)?;
        }
        _ => {}
    }
    Ok(())
}

/// True when it was a book of this venue.
fn levels(survey: &mut Survey, symbol: Option<&str>, text: &str) -> Result<bool, String> {
    let event: DepthTexts<'_> = serde_json::from_str(text).map_err(|e| e.to_string())?;
    if symbol.is_none() && event.pu.is_none() {
        return Ok(false);
    }
    let symbol = symbol.or(event.s).ok_or("a depth event without symbol")?;
    for (price, qty) in event.b.iter().chain(&event.a) {
        survey.note(symbol, price, qty)?;
    }
    Ok(true)
}

/// The symbol of a snapshot's address.
fn snapshot_symbol(url: &str) -> Option<&str> {
    let (path, query) = url.split_once('?')?;
    if !path.ends_with("/fapi/v1/depth") {
        return None;
    }
    query
        .split('&')
        .find_map(|pair| pair.strip_prefix("symbol="))
}

impl RecordedFeed for BinanceFuturesFeed {
    fn load(&mut self, now: Stamp, instruments: Vec<Instrument>, ahead_ms: i64, out: &mut Out) {
        let symbols: Vec<Symbol> = instruments.iter().map(|i| i.symbol).collect();
        let venue_ms = now.wall_ms().saturating_add(ahead_ms);
        self.calls.clock.sample(now, now, venue_ms);
        self.know(instruments, out);
        self.follow(now, &symbols, out);
        self.on(now, In::Opened { line: PUBLIC }, out);
        self.on(now, In::Opened { line: MARKET }, out);
    }

    fn answer(&mut self, now: Stamp, url: &str, body: &str, out: &mut Out) {
        let named = |name: &str| {
            self.followed
                .iter()
                .position(|f| f.symbol().as_str() == name)
        };
        if let Some(index) = snapshot_symbol(url).and_then(named) {
            self.take_snapshot(now, index, body.as_bytes(), out);
        }
    }

    fn books(&self) -> Vec<RecordedBook<'_>> {
        self.followed.iter().map(recorded_book).collect()
    }
}

fn recorded_book(followed: &Followed) -> RecordedBook<'_> {
    let resync = followed.resync();
    let counts = resync.counts();
    RecordedBook {
        instrument: &followed.instrument,
        stream: "depth",
        book: resync.book(),
        messages: counts.messages,
        applied: counts.applied,
        stale: counts.stale,
        gaps: counts.gaps + counts.too_old,
        resyncs: counts.resyncs,
        synced: resync.is_synced(),
    }
}
