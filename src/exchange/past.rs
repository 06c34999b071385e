//! The minutes before a symbol was followed: when a feed asks for them, and what of an answer may be believed. Pure; the feeds of all
//! venues share it.
//!
//! A feed asks twice: as soon as the book is live, and once more when the minute in which it asked is over, so that this one is known
//! as a whole too. It asks when a symbol is followed first and not after a break of the line.

use super::machine::Out;
use crate::domain::message::MarketFact;
use crate::domain::text::sanitise;
use crate::domain::{Instrument, Minute, Stamp, Symbol};

/// How long after its end a minute is asked for, ms: the venue may count a trade late.
const SETTLED_MS: i64 = 3_000;
/// How long after a failure it is tried again, ms; after the last one it is left.
const RETRY_MS: [u64; 3] = [2_000, 10_000, 60_000];

/// A row of an answer as the venue writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// When the minute began, ms since 1970.
    pub began: &'a str,
    /// Open, high, low, close.
    pub prices: [&'a str; 4],
    /// What was traded, in the instrument's unit of size.
    pub qty: &'a str,
    /// What buyers took of it, where the venue says.
    pub bought: Option<&'a str>,
}

impl Row<'_> {
    /// True for a minute that was not over then.
    fn runs(&self, asked_ms: i64) -> bool {
        let ended = |began: i64| began.saturating_add(Minute::MS);
        self.began
            .parse()
            .is_ok_and(|began| ended(began) > asked_ms)
    }

    fn read(&self, instrument: &Instrument) -> Option<Minute> {
        let price = |text: &str| instrument.price(text.as_bytes()).ok();
        let qty = |text: &str| instrument.qty(text.as_bytes()).ok();
        let [open, high, low, close] = self.prices;
        let minute = Minute {
            began_ms: self.began.parse().ok()?,
            open: price(open)?,
            high: price(high)?,
            low: price(low)?,
            close: price(close)?,
            qty: qty(self.qty)?,
            bought: match self.bought {
                Some(bought) => Some(qty(bought)?),
                None => None,
            },
        };
        minute.is_sound().then_some(minute)
    }
}

/// The rows of a list whose fields are all text and begin with time, open, high, low, close, size; who took is not said.
///
/// # Errors
/// When one has fewer fields, in words.
pub fn rows<'a>(list: &[Vec<&'a str>]) -> Result<Vec<Row<'a>>, String> {
    let rows = list.iter().map(|row| match row.as_slice() {
        [began, open, high, low, close, qty, ..] => Some(Row {
            began,
            prices: [open, high, low, close],
            qty,
            bought: None,
        }),
        _ => None,
    });
    rows.collect::<Option<_>>()
        .ok_or_else(|| "a row is too short".to_owned())
}

/// What an answer tells.
#[derive(Debug, PartialEq, Eq)]
pub struct Read {
    /// Minutes that were over when it was asked for, oldest first.
    pub minutes: Vec<Minute>,
    /// Rows that were left out because one cannot be read, that one included.
    pub left_out: usize,
}

/// Reads the rows of an answer, the newest first, asked for at this time of the venue, ms since 1970. Where one cannot be read (a price
/// between two ticks, one before its time) it and all that is older are left out: what lies behind a hole proves nothing.
pub fn read<'a>(
    instrument: &Instrument,
    asked_ms: i64,
    rows: impl Iterator<Item = Row<'a>>,
) -> Read {
    let mut minutes: Vec<Minute> = Vec::new();
    let mut rows = rows.filter(|row| !row.runs(asked_ms)).take(Minute::MOST);
    let mut left_out = 0;
    while let Some(row) = rows.next() {
        let follows = |minute: &Minute| {
            let next = minutes.last();
            next.is_none_or(|next| minute.ended_ms() <= next.began_ms)
        };
        match row.read(instrument).filter(follows) {
            Some(minute) => minutes.push(minute),
            None => left_out = 1 + rows.by_ref().count(),
        }
    }
    minutes.reverse();
    Read { minutes, left_out }
}

/// What is asked for next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    /// All that is over.
    #[default]
    First,
    /// The same with the minute that was running.
    Again,
    /// Nothing more.
    Done,
}

/// The past of one followed symbol: what was asked, and when it is asked again.
#[derive(Debug, Default)]
pub struct Errand {
    stage: Stage,
    not_before: Stamp,
    /// The venue's time when it was asked, ms since 1970, while there is no answer.
    flying: Option<i64>,
    failures: usize,
}

impl Errand {
    /// True while an answer is awaited.
    pub const fn is_flying(&self) -> bool {
        self.flying.is_some()
    }

    /// True when it is time to ask.
    pub const fn is_due(&self, now: Stamp) -> bool {
        let open = !matches!(self.stage, Stage::Done);
        open && !self.is_flying() && self.not_before.mono_ns <= now.mono_ns
    }

    /// It was asked, when the venue's clock said so, ms since 1970.
    pub const fn asked(&mut self, venue_ms: i64) {
        self.flying = Some(venue_ms);
    }

    /// It may not be asked until then.
    pub const fn wait_until(&mut self, until: Stamp) {
        self.not_before = until;
    }

    /// An answer came, or why there is none: tells what it says. An answer that nobody waits for says nothing.
    pub fn came<'a>(
        &mut self,
        now: Stamp,
        venue_ms: Option<i64>,
        instrument: &Instrument,
        rows: Result<Vec<Row<'a>>, String>,
        out: &mut Out,
    ) {
        let Some(asked_ms) = self.flying.take() else {
            return;
        };
        let symbol = instrument.symbol;
        match rows {
            Ok(rows) => {
                let read = read(instrument, asked_ms, rows.into_iter());
                if read.left_out > 0 && self.stage == Stage::First {
                    note(
                        out,
                        format!("{symbol}: {} past candles cannot be read", read.left_out),
                    );
                }
                out.market.push(MarketFact::Minutes {
                    symbol,
                    minutes: read.minutes.into(),
                });
                self.next(now, venue_ms.unwrap_or(asked_ms));
            }
            Err(why) => self.failed(now, &symbol, &why, out),
        }
    }

    fn next(&mut self, now: Stamp, venue_ms: i64) {
        self.failures = 0;
        self.stage = match self.stage {
            Stage::First => Stage::Again,
            Stage::Again | Stage::Done => Stage::Done,
        };
        let left_ms = Minute::MS - venue_ms.rem_euclid(Minute::MS) + SETTLED_MS;
        self.not_before = now.plus_ms(left_ms.unsigned_abs());
    }

    /// Without a past a chart begins with the first print: no reason for alarm, and told once. Of the second answer nothing is told:
    /// one minute stays what its prints show.
    fn failed(&mut self, now: Stamp, symbol: &Symbol, why: &str, out: &mut Out) {
        let wait_ms = RETRY_MS.get(self.failures);
        self.failures += 1;
        match wait_ms {
            Some(ms) => self.not_before = now.plus_ms(*ms),
            None => {
                if self.stage == Stage::First {
                    let why = sanitise(why, 80);
                    note(out, format!("{symbol}: no past candles: {why}"));
                }
                self.stage = Stage::Done;
            }
        }
    }
}

/// One quiet line for the trader.
fn note(out: &mut Out, words: String) {
    out.market.push(MarketFact::Note { words });
}

#[cfg(test)]
mod tests;
