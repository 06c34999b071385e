//! The statistics of the journal: every round trip of one world, and what they come to, as a table, JSON, CSV or a page of HTML.
//!
//! It streams: a journal of any length is read twice, line by line, and what is kept is bounded. Money of different worlds or of
//! different currencies is never added up.

mod count;
pub mod csv;
mod figure;
pub mod html;
pub mod json;
mod row;
pub mod table;

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::Path;

use rust_decimal::Decimal;

use crate::domain::{Asset, Environment};
use crate::engine::diary::Sheet;
use crate::engine::diary::trip::Trip;
use crate::journal::lines::{self, Lines};

use count::{Count, Survey};

/// Trips kept for pictures and lists, the latest.
pub const KEPT: usize = 1_000;

/// The worlds, that of real money first.
pub const WORLDS: [Environment; 5] = [
    Environment::Real,
    Environment::Demo,
    Environment::Paper,
    Environment::Sim,
    Environment::Replay,
];

/// What is asked for; empty lists and `None` leave nothing out.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Which world; `None`: the first of [`WORLDS`] that has a fill.
    pub world: Option<Environment>,
    /// Which venues.
    pub venues: Vec<String>,
    /// Which symbols.
    pub symbols: Vec<String>,
    /// Which accounts.
    pub accounts: Vec<String>,
    /// Trips that ended, fees and funding that were booked, at this moment or later, ms since 1970.
    pub since_ms: Option<i64>,
}

impl Asked {
    /// What is left out, in words; empty where nothing is.
    pub fn words(&self) -> String {
        let mut parts: Vec<String> = [&self.venues, &self.symbols, &self.accounts]
            .into_iter()
            .filter(|names| !names.is_empty())
            .map(|names| names.join(", "))
            .collect();
        parts.extend(self.since_ms.map(|ms| format!("since {}", figure::day(ms))));
        parts.join("; ")
    }
}

/// What venue and own count say of money, by currency.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sums {
    /// Profit in the venue's own words, fill by fill, fees not counted.
    pub realised: BTreeMap<Asset, Decimal>,
    /// Fees paid.
    pub fees: BTreeMap<Asset, Decimal>,
    /// Funding, positive when received.
    pub funding: BTreeMap<Asset, Decimal>,
}

/// What was counted and what was not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Fills, each once.
    pub fills: u64,
    /// Fills that were told more than once.
    pub duplicates: u64,
    /// Fills that belong to no trip: coins that were never Lancet's, what a starting number held already.
    pub outside: u64,
    /// Fills that could not be valued: rows of an earlier version for contracts of unknown size.
    pub unvalued: u64,
    /// Trips that are open, as far as the journal tells.
    pub open: u64,
    /// Trips of which the end was not seen.
    pub given_up: u64,
    /// Lines that cannot be read.
    pub unreadable: u64,
}

/// The statistics of one world.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Which world; `None` without a fill in any.
    pub world: Option<Environment>,
    /// It was named, not chosen.
    pub is_asked: bool,
    /// Fills of every world, as [`WORLDS`] has them.
    pub fills: [u64; WORLDS.len()],
    /// What is left out, in words.
    pub only: String,
    /// The sums of all trips, by currency.
    pub sheet: Sheet,
    /// The latest trips, oldest first.
    pub latest: VecDeque<Trip>,
    /// The venue's own words.
    pub sums: Sums,
    /// What was counted.
    pub counted: Counted,
    /// First and last row that counted, ms since 1970.
    pub span_ms: Option<(i64, i64)>,
}

impl Report {
    /// Of other worlds that have fills: their names and how many.
    pub fn others(&self) -> impl Iterator<Item = (Environment, u64)> {
        let here = self.world;
        WORLDS
            .into_iter()
            .zip(self.fills)
            .filter(move |(world, fills)| *fills > 0 && Some(*world) != here)
    }
}

/// Reads the journal below `dir`; each trip is handed over as it ends.
///
/// # Errors
/// When the journal is there and cannot be read, or when `trip` fails.
pub fn read(
    dir: &Path,
    asked: &Asked,
    trip: impl FnMut(&Trip) -> io::Result<()>,
) -> io::Result<Report> {
    read_up_to(dir, lines::length(dir), asked, trip)
}

/// The same of its first `up_to` bytes.
///
/// # Errors
/// As [`read`].
pub fn read_up_to(
    dir: &Path,
    up_to: u64,
    asked: &Asked,
    mut trip: impl FnMut(&Trip) -> io::Result<()>,
) -> io::Result<Report> {
    let mut survey = Survey::default();
    let mut lines = Lines::open(dir, up_to)?;
    while let Some(line) = lines.advance()? {
        survey.take(row::read(line));
    }
    let mut count = Count::new(survey, asked);
    let mut lines = Lines::open(dir, up_to)?;
    while let Some(line) = lines.advance()? {
        if let Ok(Some(said)) = row::read(line)
            && let Some(ended) = count.take(said)
        {
            trip(&ended)?;
            count.keep(ended);
        }
    }
    Ok(count.report())
}

/// What earlier sessions of one account came to, and the tags used in them, newest first.
///
/// # Errors
/// When the journal is there and cannot be read.
pub fn earlier(
    dir: &Path,
    up_to: u64,
    world: Environment,
    (venue, account): (&str, &str),
) -> io::Result<(Sheet, Vec<String>)> {
    let asked = Asked {
        world: Some(world),
        venues: vec![venue.to_owned()],
        accounts: vec![account.to_owned()],
        ..Asked::default()
    };
    let report = read_up_to(dir, up_to, &asked, |_| Ok(()))?;
    let mut tags: Vec<String> = Vec::new();
    for trip in report.latest.iter().rev() {
        if !trip.tag.is_empty() && !tags.contains(&trip.tag) {
            tags.push(trip.tag.clone());
        }
    }
    Ok((report.sheet, tags))
}

#[cfg(test)]
mod tests;
