//! Recordings of Bybit v5, linear and spot, read by the same feed that reads the live venue.

use super::feed::{Bybit, LIST};
use super::instruments::venue_name;
use crate::exchange::pushed::dialect::Dialect;
use crate::exchange::pushed::levels::LevelText;
use crate::exchange::pushed::recorded::PushedRecording;
use crate::exchange::recorded::{RecordedFeed, Recordings, Survey};

/// How recordings of this venue are read.
pub const RECORDINGS: Recordings = Recordings { survey, feed };

fn feed() -> Box<dyn RecordedFeed> {
    Box::new(PushedRecording::new(Bybit))
}

#[derive(serde::Deserialize)]
struct Claim<'a> {
    #[serde(borrow)]
    topic: Option<&'a str>,
    ts: Option<i64>,
}

#[derive(serde::Deserialize)]
#[serde(bound = "T: serde::Deserialize<'de>")]
struct Message<T> {
    data: T,
}

#[derive(serde::Deserialize)]
struct Levels<'a> {
    #[serde(borrow)]
    b: Vec<LevelText<'a>>,
    #[serde(borrow)]
    a: Vec<LevelText<'a>>,
}

#[derive(serde::Deserialize)]
struct Trade<'a> {
    p: &'a str,
    v: &'a str,
}

fn survey(survey: &mut Survey, url: Option<&str>, text: &str) -> Result<(), String> {
    if let Some(url) = url {
        listed(survey, url, text);
        return Ok(());
    }
    let Ok(claim) = serde_json::from_str::<Claim<'_>>(text) else {
        return Ok(());
    };
    let Some((channel, name)) = claim.topic.and_then(|topic| topic.rsplit_once('.')) else {
        return Ok(());
    };
    survey.event_ms = claim.ts;
    let words = |error: serde_json::Error| error.to_string();
    if channel == "publicTrade" {
        let message: Message<Vec<Trade<'_>>> = serde_json::from_str(text).map_err(words)?;
        for trade in message.data {
            survey.note(name, trade.p, trade.v)?;
        }
    } else if channel.starts_with("orderbook.") {
        let message: Message<Levels<'_>> = serde_json::from_str(text).map_err(words)?;
        for level in message.data.b.iter().chain(&message.data.a) {
            survey.note(name, level.price, level.qty)?;
        }
        survey.book_events += 1;
    }
    Ok(())
}

/// What the venue listed says more of an instrument than its prices do. What cannot be read is not needed.
fn listed(survey: &mut Survey, url: &str, text: &str) {
    if !url.contains(LIST) {
        return;
    }
    let page = Bybit.read_page(url, text.as_bytes()).unwrap_or_default();
    for instrument in page.instruments {
        survey.list(venue_name(&instrument.symbol), instrument);
    }
}

#[cfg(test)]
mod tests;
