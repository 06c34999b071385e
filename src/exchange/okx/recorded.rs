//! Recordings of OKX v5, instruments of any kind, read by the same feed that reads the live venue.

use super::feed::{LIST, Okx};
use super::market_text::depth;
use crate::exchange::pushed::dialect::Dialect;
use crate::exchange::pushed::levels::LevelText;
use crate::exchange::pushed::recorded::PushedRecording;
use crate::exchange::recorded::{RecordedFeed, Recordings, Survey};

/// How recordings of this venue are read.
pub const RECORDINGS: Recordings = Recordings { survey, feed };

fn feed() -> Box<dyn RecordedFeed> {
    Box::new(PushedRecording::new(Okx))
}

#[derive(serde::Deserialize)]
struct Claim<'a> {
    #[serde(borrow)]
    arg: Option<Arg<'a>>,
    #[serde(borrow)]
    event: Option<&'a str>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Arg<'a> {
    #[serde(borrow)]
    channel: &'a str,
    #[serde(borrow)]
    inst_id: Option<&'a str>,
    /// Other venues speak much alike, but name it with every channel.
    #[serde(borrow)]
    inst_type: Option<&'a str>,
}

#[derive(serde::Deserialize)]
#[serde(bound = "T: serde::Deserialize<'de>")]
struct Message<T> {
    data: Vec<T>,
}

#[derive(serde::Deserialize)]
struct Levels<'a> {
    #[serde(borrow)]
    asks: Vec<LevelText<'a>>,
    #[serde(borrow)]
    bids: Vec<LevelText<'a>>,
    ts: &'a str,
}

#[derive(serde::Deserialize)]
struct Trade<'a> {
    px: &'a str,
    sz: &'a str,
}

fn survey(survey: &mut Survey, url: Option<&str>, text: &str) -> Result<(), String> {
    if let Some(url) = url {
        listed(survey, url, text);
        return Ok(());
    }
    let Ok(claim) = serde_json::from_str::<Claim<'_>>(text) else {
        return Ok(());
    };
    let Some(arg) = claim
        .arg
        .filter(|a| claim.event.is_none() && a.inst_type.is_none())
    else {
        return Ok(());
    };
    let Some(name) = arg.inst_id else {
        return Ok(());
    };
    let words = |error: serde_json::Error| error.to_string();
    if arg.channel == "trades" {
        let message: Message<Trade<'_>> = serde_json::from_str(text).map_err(words)?;
        for trade in message.data {
            survey.note(name, trade.px, trade.sz)?;
        }
    } else if depth(arg.channel).is_some() {
        let message: Message<Levels<'_>> = serde_json::from_str(text).map_err(words)?;
        for levels in message.data {
            survey.event_ms = levels.ts.parse().ok();
            for level in levels.bids.iter().chain(&levels.asks) {
                survey.note(name, level.price, level.qty)?;
            }
            survey.book_events += 1;
        }
    }
    Ok(())
}

/// What the venue listed says more of an instrument than its prices do. What cannot be read is not needed.
fn listed(survey: &mut Survey, url: &str, text: &str) {
    if !url.contains(LIST) {
        return;
    }
    let page = Okx.read_page(url, text.as_bytes()).unwrap_or_default();
    for instrument in page.instruments {
        survey.list(instrument.symbol, instrument);
    }
}

#[cfg(test)]
mod tests;
