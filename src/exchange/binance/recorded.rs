//! Recordings of one of Binance's products, read by the same feed that reads the live venue.

use super::depth_json::unwrap_envelope;
use super::feed::{BinanceFeed, MARKET, PUBLIC};
use super::followed::Followed;
use super::product::{Product, Sequence};
use crate::domain::{Instrument, Stamp, Symbol};
use crate::exchange::Endpoints;
use crate::exchange::machine::{In, Machine, Out};
use crate::exchange::recorded::{RecordedBook, RecordedFeed, Survey};

/// A feed without a network.
pub fn feed(product: &'static Product) -> Box<dyn RecordedFeed> {
    let nowhere = Endpoints {
        rest: String::new(),
        ws_public: String::new(),
        ws_market: String::new(),
        ws_private: String::new(),
        ws_api: String::new(),
        rights: None,
        headers: Vec::new(),
    };
    Box::new(BinanceFeed::new(product, &nowhere))
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

/// Takes note of what one recorded message shows of this product.
///
/// # Errors
/// When a message of its own is broken, in words.
pub fn survey(
    product: &Product,
    survey: &mut Survey,
    url: Option<&str>,
    text: &str,
) -> Result<(), String> {
    if let Some(url) = url {
        return match snapshot_symbol(product, url) {
            Some(symbol) => {
                let event: DepthTexts<'_> = serde_json::from_str(text).map_err(words)?;
                levels(survey, symbol, &event)
            }
            None => Ok(()),
        };
    }
    let text = unwrap_envelope(text);
    let Ok(claim) = serde_json::from_str::<Claim<'_>>(text) else {
        return Ok(());
    };
    survey.event_ms = claim.event_ms;
    match claim.e {
        Some("depthUpdate") => depth(product, survey, text)?,
        Some("bookTicker") => ticker(survey, &serde_json::from_str(text).map_err(words)?)?,
        // Best prices of spot do not say what they are.
        None => {
            if let Ok(texts) = serde_json::from_str(text) {
                ticker(survey, &texts)?;
            }
        }
        Some("aggTrade" | "trade") => {
            let trade: TradeTexts<'_> = serde_json::from_str(text).map_err(words)?;
            survey.note(trade.s, trade.p, trade.q)?;
        }
        _ => {}
    }
    Ok(())
}

fn words(error: serde_json::Error) -> String {
    error.to_string()
}

fn ticker(survey: &mut Survey, ticker: &TickerTexts<'_>) -> Result<(), String> {
    survey.note(ticker.s, ticker.b, ticker.bid_qty)?;
    survey.note(ticker.s, ticker.a, ticker.ask_qty)
}

/// A depth event of the other product is none of its business.
fn depth(product: &Product, survey: &mut Survey, text: &str) -> Result<(), String> {
    let event: DepthTexts<'_> = serde_json::from_str(text).map_err(words)?;
    if event.pu.is_some() != (product.sequence == Sequence::Linked) {
        return Ok(());
    }
    let symbol = event.s.ok_or("a depth event without symbol")?;
    levels(survey, symbol, &event)?;
    survey.book_events += 1;
    Ok(())
}

fn levels(survey: &mut Survey, symbol: &str, event: &DepthTexts<'_>) -> Result<(), String> {
    for (price, qty) in event.b.iter().chain(&event.a) {
        survey.note(symbol, price, qty)?;
    }
    Ok(())
}

/// The symbol of a snapshot's address.
fn snapshot_symbol<'a>(product: &Product, url: &'a str) -> Option<&'a str> {
    let (path, query) = url.split_once('?')?;
    let root = path.strip_suffix("/depth")?;
    if !root.ends_with(product.root) {
        return None;
    }
    query
        .split('&')
        .find_map(|pair| pair.strip_prefix("symbol="))
}

impl RecordedFeed for BinanceFeed {
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
        if let Some(index) = snapshot_symbol(self.product, url).and_then(named) {
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
