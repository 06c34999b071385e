//! The text of Bybit's public messages → domain words, borrowed from the frame. (Bybit, WebSocket Stream: Orderbook, Trade, Ticker.)
//!
//! The order of the fields differs from stream to stream, so none is known by its place.

use rust_decimal::Decimal;
use serde_json::value::RawValue;

use crate::domain::text::sanitise;
use crate::domain::{Print, Side, TradeId};
use crate::exchange::pushed::dialect::{BookEvent, Channel, Follows, Kind, Said, Unread};
use crate::exchange::pushed::levels::{Grid, LevelText};

/// The first update id after the venue's service started anew: what comes with it is the whole book.
const RESTARTED: u64 = 1;

#[derive(serde::Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    topic: Option<&'a str>,
    #[serde(rename = "type", borrow)]
    kind: Option<&'a str>,
    ts: Option<i64>,
    cts: Option<i64>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    success: Option<bool>,
    #[serde(borrow)]
    ret_msg: Option<std::borrow::Cow<'a, str>>,
}

#[derive(serde::Deserialize)]
struct Levels<'a> {
    #[serde(borrow, default)]
    b: Vec<LevelText<'a>>,
    #[serde(borrow, default)]
    a: Vec<LevelText<'a>>,
    u: u64,
    seq: u64,
}

#[derive(serde::Deserialize)]
struct Trade<'a> {
    #[serde(rename = "T")]
    trade_ms: i64,
    s: &'a str,
    #[serde(rename = "S")]
    side: &'a str,
    i: &'a str,
    p: &'a str,
    v: &'a str,
    /// A block trade, agreed on outside the book.
    #[serde(rename = "BT", default)]
    block: bool,
    /// Filled by an order of retail price improvement, which the book does not show.
    #[serde(rename = "RPI", default)]
    hidden: bool,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ticker<'a> {
    #[serde(borrow)]
    mark_price: Option<&'a str>,
    #[serde(borrow)]
    funding_rate: Option<&'a str>,
    #[serde(borrow)]
    next_funding_time: Option<&'a str>,
}

/// Reads one message; `grid` knows the instruments that are followed, by the venue's names.
///
/// # Errors
/// When it is no message of the venue's, or a number in it is no whole step.
pub fn read(
    text: &str,
    grid: &dyn Fn(&str) -> Option<Grid>,
    said: &mut Vec<Said>,
) -> Result<(), Unread> {
    let message: Message<'_> = serde_json::from_str(text).map_err(|error| Unread {
        maybe_book: true,
        symbol: None,
        words: format!("message: {error}"),
    })?;
    let Some(topic) = message.topic else {
        if message.success == Some(false) {
            let words = message.ret_msg.as_deref().unwrap_or("refused");
            said.push(Said::Refused(sanitise(words, 120)));
        }
        return Ok(());
    };
    let Some((channel, name)) = topic.rsplit_once('.') else {
        return Ok(());
    };
    let Some(grid) = grid(name) else {
        return Ok(());
    };
    let unread = |maybe_book, words| Unread {
        maybe_book,
        symbol: Some(grid.symbol),
        words: format!("{topic}: {words}"),
    };
    match channel {
        "publicTrade" => prints(&message, grid, said).map_err(|words| unread(false, words)),
        "tickers" => mark(&message, grid, said).map_err(|words| unread(false, words)),
        channel => match channel.strip_prefix("orderbook.") {
            Some(depth) => {
                let event = book(&message, channel, depth, grid);
                said.push(Said::Book(event.map_err(|words| unread(true, words))?));
                Ok(())
            }
            None => Ok(()),
        },
    }
}

fn data<'a, T: serde::Deserialize<'a>>(message: &Message<'a>) -> Result<T, String> {
    let data = message.data.ok_or("no data")?;
    serde_json::from_str(data.get()).map_err(|error| error.to_string())
}

fn book(
    message: &Message<'_>,
    channel: &str,
    depth: &str,
    grid: Grid,
) -> Result<BookEvent, String> {
    let levels: Levels<'_> = data(message)?;
    let venue_ms = message.ts.ok_or("no time")?;
    let follows = match message.kind {
        Some("snapshot") => Follows::Nothing,
        Some("delta") if levels.u == RESTARTED => Follows::Nothing,
        Some("delta") => Follows::Id(levels.u.saturating_sub(1)),
        _ => return Err("neither snapshot nor delta".to_owned()),
    };
    let mut changes = Vec::with_capacity(levels.b.len() + levels.a.len());
    for (side, texts) in [(Side::Buy, &levels.b), (Side::Sell, &levels.a)] {
        grid.changes(side, texts, &mut changes)
            .map_err(|error| error.to_string())?;
    }
    Ok(BookEvent {
        symbol: grid.symbol,
        channel: Channel::new(channel).map_err(|error| error.to_string())?,
        depth: depth.parse().map_err(|_| "no such depth")?,
        venue_ms,
        engine_ms: message.cts.unwrap_or(venue_ms),
        follows,
        id: levels.u,
        order: levels.seq,
        changes,
        texts: Vec::new(),
    })
}

fn prints(message: &Message<'_>, grid: Grid, said: &mut Vec<Said>) -> Result<(), String> {
    let trades: Vec<Trade<'_>> = data(message)?;
    for trade in trades {
        let side = match trade.side {
            "Buy" => Side::Buy,
            "Sell" => Side::Sell,
            _ => return Err("a trade without a side".to_owned()),
        };
        let text = LevelText {
            price: trade.p,
            qty: trade.v,
        };
        let (price, qty) = grid
            .level(text)
            .map_err(|error| format!("trade of {}: {error}", sanitise(trade.s, 32)))?;
        if qty.0 == 0 {
            continue;
        }
        said.push(Said::Print {
            id: TradeId::new(trade.i).map_err(|error| error.to_string())?,
            print: Print {
                symbol: grid.symbol,
                side,
                price,
                qty,
                venue_ms: trade.trade_ms,
            },
            in_book: !trade.block && !trade.hidden,
        });
    }
    Ok(())
}

/// Spot has no mark; of a contract what is absent is as it was.
fn mark(message: &Message<'_>, grid: Grid, said: &mut Vec<Said>) -> Result<(), String> {
    let ticker: Ticker<'_> = data(message)?;
    let decimal = |text: Option<&str>| -> Result<Option<Decimal>, String> {
        let text = text.filter(|text| !text.is_empty());
        let number = text.map(|text| text.parse::<Decimal>());
        number.transpose().map_err(|error| error.to_string())
    };
    said.push(Said::Mark {
        symbol: grid.symbol,
        kind: Kind::Mark,
        mark: decimal(ticker.mark_price)?,
        funding: decimal(ticker.funding_rate)?,
        next_funding_ms: ticker.next_funding_time.and_then(|text| text.parse().ok()),
    });
    Ok(())
}
