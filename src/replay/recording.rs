//! A recording on disk: JSON lines, plain or gzip. Owns the open file; judges nothing but the form of a line.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde_json::value::RawValue;

use super::ReplayError;
use crate::domain::text::sanitise;
use crate::domain::{Instrument, Stamp, VenueId};
use crate::exchange::recorded::{Recordings, Survey};
use crate::exchange::{VENUES, Venue, venue};

/// Longest line, bytes.
const LINE_MAX: u64 = 16 << 20;

/// A line that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Its number in the file, from 1.
    pub line: u64,
    /// One sentence, sanitised.
    pub why: String,
}

/// What one line holds.
#[derive(serde::Deserialize)]
pub struct Recorded<'a> {
    /// Receive time of the recorder, ns since 1970.
    ts_ns: Option<i64>,
    /// `ws`, `rest` or `sent`.
    #[serde(borrow)]
    src: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    url: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow)]
    msg: Option<&'a RawValue>,
    /// What came and is no JSON, such as the answer to a sign of life: kept, and of no consequence.
    #[serde(borrow)]
    text: Option<std::borrow::Cow<'a, str>>,
}

impl Recorded<'_> {
    /// The address, when this is a REST answer.
    pub fn url(&self) -> Option<&str> {
        (self.src == "rest").then(|| self.url.as_deref().unwrap_or_default())
    }

    /// True when it is a message that came from the venue.
    pub fn is_received(&self) -> bool {
        self.msg.is_some() && (self.src == "ws" || self.src == "rest")
    }

    /// The venue's message, byte for byte.
    pub fn message(&self) -> &str {
        self.msg.map_or("null", RawValue::get)
    }
}

/// A line's number, and what it holds.
pub type Numbered<'a> = (u64, Result<Recorded<'a>, Broken>);

/// The lines of a file, one after the other.
pub struct Lines {
    path: PathBuf,
    reader: Box<dyn BufRead + Send>,
    text: Vec<u8>,
    number: u64,
}

impl Lines {
    /// Opens a file; gzip is known by its first bytes.
    pub fn open(path: &Path) -> Result<Self, ReplayError> {
        let unreadable = |why| ReplayError::Unreadable {
            path: path.to_owned(),
            why,
        };
        let mut file = BufReader::new(File::open(path).map_err(unreadable)?);
        let is_gzip = file
            .fill_buf()
            .map_err(unreadable)?
            .starts_with(&[0x1f, 0x8b]);
        let reader: Box<dyn BufRead + Send> = if is_gzip {
            Box::new(BufReader::new(flate2::bufread::MultiGzDecoder::new(file)))
        } else {
            Box::new(file)
        };
        Ok(Self {
            path: path.to_owned(),
            reader,
            text: Vec::new(),
            number: 0,
        })
    }

    /// The next line that is not blank, with its number; `None` at the end. What is no JSON of the agreed form is broken.
    pub fn next(&mut self) -> Result<Option<Numbered<'_>>, ReplayError> {
        loop {
            self.text.clear();
            let read = self
                .reader
                .by_ref()
                .take(LINE_MAX)
                .read_until(b'\n', &mut self.text)
                .map_err(|why| ReplayError::Unreadable {
                    path: self.path.clone(),
                    why,
                })?;
            if read == 0 {
                return Ok(None);
            }
            self.number += 1;
            if !self.text.trim_ascii().is_empty() {
                break;
            }
        }
        let number = self.number;
        let broken = |why: &str| Broken {
            line: number,
            why: sanitise(why, 120),
        };
        let recorded = serde_json::from_slice::<Recorded<'_>>(&self.text)
            .map_err(|error| broken(&error.to_string()))
            .and_then(|recorded| match (recorded.msg, &recorded.text) {
                (None, None) => Err(broken("missing field `msg`")),
                _ => Ok(recorded),
            });
        Ok(Some((number, recorded)))
    }
}

/// What a first reading found.
pub struct Found {
    /// Whose messages these are.
    pub venue: &'static Venue,
    /// What trades in it.
    pub instruments: Vec<Instrument>,
    /// The venue's clock less the recorder's, ms: the least delay in the file counts as none.
    pub ahead_ms: i64,
    /// Lines to step over.
    pub broken: Vec<Broken>,
    /// Time of the first line.
    pub first_ns: i64,
    /// Time of the last line.
    pub last_ns: i64,
}

impl Found {
    /// True when a line was found broken.
    pub fn is_broken(&self, line: u64) -> bool {
        self.broken.binary_search_by_key(&line, |b| b.line).is_ok()
    }
}

/// Reads a file for its venue, its symbols with their finest steps, its times and its broken lines.
pub fn find(path: &Path, wanted: Option<&str>) -> Result<Found, ReplayError> {
    if let Some(id) = wanted {
        let venue = venue(id).ok_or_else(|| ReplayError::Venue(sanitise(id, 40)))?;
        return find_venue(path, venue)?.ok_or_else(|| empty(path, venue.id));
    }
    for venue in VENUES {
        if let Some(found) = find_venue(path, venue)? {
            return Ok(found);
        }
    }
    Err(empty(path, "any known venue"))
}

fn empty(path: &Path, venue: &str) -> ReplayError {
    ReplayError::Empty {
        path: path.to_owned(),
        venue: venue.to_owned(),
    }
}

fn find_venue(path: &Path, venue: &'static Venue) -> Result<Option<Found>, ReplayError> {
    let Recordings { survey, .. } = venue.recordings;
    let mut seen = Survey::default();
    let mut broken = Vec::new();
    let mut ahead_ms = None;
    let mut times = Times::default();
    let mut first_ns = None;
    let mut lines = Lines::open(path)?;
    while let Some((line, recorded)) = lines.next()? {
        let recorded = match recorded {
            Ok(recorded) => recorded,
            Err(why) => {
                broken.push(why);
                continue;
            }
        };
        if !recorded.is_received() {
            continue;
        }
        seen.event_ms = None;
        if let Err(why) = survey(&mut seen, recorded.url(), recorded.message()) {
            let why = sanitise(&why, 120);
            broken.push(Broken { line, why });
            continue;
        }
        let at_ns = times.next(&recorded);
        first_ns.get_or_insert(at_ns);
        if let Some(event_ms) = seen.event_ms {
            let ahead = event_ms.saturating_sub(at_ns / 1_000_000);
            ahead_ms = Some(ahead_ms.map_or(ahead, |known: i64| known.max(ahead)));
        }
    }
    let Ok(id) = VenueId::new(venue.id) else {
        return Ok(None);
    };
    Ok((seen.book_events > 0).then(|| Found {
        venue,
        instruments: seen.instruments(id),
        ahead_ms: ahead_ms.unwrap_or(0),
        broken,
        first_ns: first_ns.unwrap_or(0),
        last_ns: times.last_ns,
    }))
}

/// The time of each line: the recorder's, else the venue's, else the line before and a little; never backwards.
#[derive(Debug, Default)]
pub struct Times {
    last_ns: i64,
}

impl Times {
    /// The time of the next line, ns since 1970.
    pub fn next(&mut self, recorded: &Recorded<'_>) -> i64 {
        let at = recorded.ts_ns.or_else(|| venue_ns(recorded.message()));
        self.last_ns = at.unwrap_or(0).max(self.last_ns.saturating_add(1));
        self.last_ns
    }
}

/// The venue's event time of a message without a receive time, ns since 1970: `E`, or `ts` as a number or a text, in the message or
/// in its data.
fn venue_ns(message: &str) -> Option<i64> {
    let message: serde_json::Value = serde_json::from_str(message).ok()?;
    let time = |of: &serde_json::Value| {
        let ms = of.get("E").or_else(|| of.get("ts"))?;
        ms.as_i64().or_else(|| ms.as_str()?.parse().ok())
    };
    let data = message.get("data");
    let first = || data.and_then(|data| data.get(0));
    let ms = time(&message)
        .or_else(|| data.and_then(time))
        .or_else(|| first().and_then(time))?;
    ms.checked_mul(1_000_000)
}

/// A moment of the recording; the monotonic clock starts a second before the first line.
pub fn stamp(first_ns: i64, at_ns: i64) -> Stamp {
    let since = u64::try_from(at_ns.saturating_sub(first_ns)).unwrap_or(0);
    Stamp {
        mono_ns: since.saturating_add(1_000_000_000),
        wall_ns: at_ns,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_venues_own_time_stands_where_each_venue_puts_it() {
        let at = Some(1_626_995_750_044_000_000);
        for message in [
            r#"{"e":"depthUpdate","E":1626995750044}"#,
            r#"{"stream":"s","data":{"E":1626995750044}}"#,
            r#"{"topic":"t","ts":1626995750044,"data":{"s":"BTCUSDT"}}"#,
            r#"{"arg":{},"data":[{"ts":"1626995750044"}]}"#,
        ] {
            assert_eq!(venue_ns(message), at, "{message}");
        }
        for none in ["{}", "[]", "null", r#"{"ts":"x"}"#, r#"{"ts":9e99}"#, "{"] {
            assert_eq!(venue_ns(none), None, "{none}");
        }
    }

    #[test]
    fn what_is_no_json_was_kept_and_is_no_broken_line() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let text = "{\"ts_ns\":1,\"src\":\"ws\",\"text\":\"pong\"}\n{\"src\":\"ws\"}\n{\"src\":\"ws\",\"msg\":1}\n";
        std::fs::write(file.path(), text).unwrap();
        let mut lines = Lines::open(file.path()).unwrap();
        let (_, kept) = lines.next().unwrap().unwrap();
        assert!(!kept.unwrap().is_received());
        let (number, broken) = lines.next().unwrap().unwrap();
        assert_eq!(
            (number, broken.err().unwrap().why),
            (2, "missing field `msg`".to_owned())
        );
        let (_, message) = lines.next().unwrap().unwrap();
        assert!(message.unwrap().is_received());
    }
}
