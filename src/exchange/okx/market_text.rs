//! The text of OKX's public messages → domain words, borrowed from the frame. (OKX, Order book, Trades, Mark price and Funding rate
//! channels.)

use rust_decimal::Decimal;
use serde_json::value::RawValue;

use crate::domain::text::sanitise;
use crate::domain::{Print, Side, TradeId};
use crate::exchange::pushed::dialect::{BookEvent, Channel, Follows, Kind, Said, Unread};
use crate::exchange::pushed::levels::{Grid, LevelText};

/// The answer to our sign of life: no JSON.
const PONG: &str = "pong";
/// The service is about to be upgraded: this socket will be closed (OKX, WebSocket notifications).
const UPGRADE: &str = "64008";

/// Levels a side that a channel keeps; `None` when it is no channel of books.
pub fn depth(channel: &str) -> Option<usize> {
    match channel {
        "books" | "books-l2-tbt" => Some(400),
        "books50-l2-tbt" => Some(50),
        "books5" => Some(5),
        "bbo-tbt" => Some(1),
        _ => None,
    }
}

#[derive(serde::Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    event: Option<&'a str>,
    #[serde(borrow)]
    code: Option<&'a str>,
    #[serde(borrow)]
    msg: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow)]
    arg: Option<Arg<'a>>,
    #[serde(borrow)]
    action: Option<&'a str>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Arg<'a> {
    #[serde(borrow)]
    channel: &'a str,
    #[serde(borrow)]
    inst_id: Option<&'a str>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Levels<'a> {
    #[serde(borrow)]
    asks: Vec<LevelText<'a>>,
    #[serde(borrow)]
    bids: Vec<LevelText<'a>>,
    ts: &'a str,
    checksum: Option<i32>,
    seq_id: Option<i64>,
    prev_seq_id: Option<i64>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Trade<'a> {
    trade_id: &'a str,
    px: &'a str,
    sz: &'a str,
    side: &'a str,
    ts: &'a str,
    /// `0`: an order of the book; others are orders that the book does not show.
    #[serde(borrow)]
    source: Option<&'a str>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mark<'a> {
    #[serde(borrow)]
    mark_px: Option<&'a str>,
    #[serde(borrow)]
    funding_rate: Option<&'a str>,
    #[serde(borrow)]
    funding_time: Option<&'a str>,
}

/// Reads one message; `grid` knows the instruments that are followed.
///
/// # Errors
/// When it is no message of the venue's, or a number in it is no whole step.
pub fn read(
    text: &str,
    grid: &dyn Fn(&str) -> Option<Grid>,
    said: &mut Vec<Said>,
) -> Result<(), Unread> {
    if text == PONG {
        return Ok(());
    }
    let message: Message<'_> = serde_json::from_str(text).map_err(|error| Unread {
        maybe_book: true,
        symbol: None,
        words: format!("message: {error}"),
    })?;
    if message.event.is_some() {
        said.extend(event(&message));
        return Ok(());
    }
    let Some(arg) = &message.arg else {
        return Ok(());
    };
    let Some(grid) = arg.inst_id.and_then(grid) else {
        return Ok(());
    };
    let unread = |maybe_book, words| Unread {
        maybe_book,
        symbol: Some(grid.symbol),
        words: format!("{} of {}: {words}", arg.channel, grid.symbol),
    };
    match arg.channel {
        "trades" => prints(&message, grid, said).map_err(|words| unread(false, words)),
        "mark-price" => {
            mark(&message, Kind::Mark, grid, said).map_err(|words| unread(false, words))
        }
        "funding-rate" => {
            mark(&message, Kind::Funding, grid, said).map_err(|words| unread(false, words))
        }
        channel => match depth(channel) {
            Some(depth) => {
                books(&message, channel, depth, grid, said).map_err(|words| unread(true, words))
            }
            None => Ok(()),
        },
    }
}

/// Answers to our requests, and what the venue announces.
fn event(message: &Message<'_>) -> Option<Said> {
    let words = || {
        let code = message.code.unwrap_or_default();
        let msg = message.msg.as_deref().unwrap_or_default();
        sanitise(format!("{code} {msg}").trim(), 120)
    };
    match message.event? {
        "notice" if message.code == Some(UPGRADE) => Some(Said::Leaving(words())),
        "error" => Some(Said::Refused(words())),
        _ => None,
    }
}

fn data<'a, T: serde::Deserialize<'a>>(message: &Message<'a>) -> Result<Vec<T>, String> {
    let data = message.data.ok_or("no data")?;
    serde_json::from_str(data.get()).map_err(|error| error.to_string())
}

fn books(
    message: &Message<'_>,
    channel: &str,
    depth: usize,
    grid: Grid,
    said: &mut Vec<Said>,
) -> Result<(), String> {
    for levels in data::<Levels<'_>>(message)? {
        let is_update = match message.action {
            Some("update") => true,
            // Channels of few levels send nothing but snapshots, and do not say so.
            Some("snapshot") | None => false,
            Some(_) => return Err("neither snapshot nor update".to_owned()),
        };
        let event = book(&levels, is_update, channel, depth, grid)?;
        said.push(Said::Book(event));
    }
    Ok(())
}

fn book(
    levels: &Levels<'_>,
    is_update: bool,
    channel: &str,
    depth: usize,
    grid: Grid,
) -> Result<BookEvent, String> {
    let id = |seq: Option<i64>| seq.and_then(|seq| u64::try_from(seq).ok());
    let follows = match (is_update, levels.seq_id, id(levels.prev_seq_id)) {
        (false, ..) => Follows::Nothing,
        (true, Some(_), Some(previous)) => Follows::Id(previous),
        // Recordings from before the ids: a checksum of 0 is one that was not filled in.
        (true, ..) => Follows::Checksum(levels.checksum.filter(|&sum| sum != 0)),
    };
    let mut changes = Vec::with_capacity(levels.bids.len() + levels.asks.len());
    for (side, texts) in [(Side::Buy, &levels.bids), (Side::Sell, &levels.asks)] {
        grid.changes(side, texts, &mut changes)
            .map_err(|error| error.to_string())?;
    }
    let venue_ms = levels.ts.parse().map_err(|_| "no time")?;
    let seq = id(levels.seq_id).unwrap_or_default();
    Ok(BookEvent {
        symbol: grid.symbol,
        channel: Channel::new(channel).map_err(|error| error.to_string())?,
        depth,
        venue_ms,
        engine_ms: venue_ms,
        follows,
        id: seq,
        order: seq,
        texts: texts(levels),
        changes,
    })
}

/// The levels as written, where nothing but a checksum can prove them.
fn texts(levels: &Levels<'_>) -> Vec<[String; 2]> {
    if levels.seq_id.is_some() {
        return Vec::new();
    }
    let levels = levels.bids.iter().chain(&levels.asks);
    levels
        .map(|level| [level.price.to_owned(), level.qty.to_owned()])
        .collect()
}

fn prints(message: &Message<'_>, grid: Grid, said: &mut Vec<Said>) -> Result<(), String> {
    for trade in data::<Trade<'_>>(message)? {
        let side = match trade.side {
            "buy" => Side::Buy,
            "sell" => Side::Sell,
            _ => return Err("a trade without a side".to_owned()),
        };
        let text = LevelText {
            price: trade.px,
            qty: trade.sz,
        };
        let (price, qty) = grid.level(text).map_err(|error| error.to_string())?;
        if qty.0 == 0 {
            continue;
        }
        said.push(Said::Print {
            id: TradeId::new(trade.trade_id).map_err(|error| error.to_string())?,
            print: Print {
                symbol: grid.symbol,
                side,
                price,
                qty,
                venue_ms: trade.ts.parse().map_err(|_| "a trade without a time")?,
            },
            in_book: trade.source.is_none_or(|source| source == "0"),
        });
    }
    Ok(())
}

/// Mark price and funding rate have a channel each.
fn mark(message: &Message<'_>, kind: Kind, grid: Grid, said: &mut Vec<Said>) -> Result<(), String> {
    let decimal = |text: Option<&str>| -> Result<Option<Decimal>, String> {
        let text = text.filter(|text| !text.is_empty());
        let number = text.map(|text| text.parse::<Decimal>());
        number.transpose().map_err(|error| error.to_string())
    };
    for told in data::<Mark<'_>>(message)? {
        said.push(Said::Mark {
            symbol: grid.symbol,
            kind,
            mark: decimal(told.mark_px)?,
            funding: decimal(told.funding_rate)?,
            next_funding_ms: told.funding_time.and_then(|text| text.parse().ok()),
        });
    }
    Ok(())
}
