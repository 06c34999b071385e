//! What earlier sessions came to, read beside the loop: a long journal takes its time, and nothing waits for it.

use std::path::Path;

use tokio::sync::mpsc;

use super::seat::Seat;
use crate::domain::{Account, Environment, VenueId};
use crate::engine::diary::Sheet;
use crate::journal::lines;
use crate::stats;

/// What was read for one seat.
pub struct Earlier {
    /// Which seat.
    pub seat: usize,
    /// The sums of its trips, by currency.
    pub sheet: Sheet,
    /// The tags used in them, newest first.
    pub tags: Vec<String>,
}

/// Reads the journal below `dir` for each seat, on a thread of its own; what this run writes from here on is not in it. A program that
/// ends does not wait for it.
pub fn read(dir: &Path, seats: &[Seat], to: mpsc::Sender<Earlier>) {
    let up_to = lines::length(dir);
    let dir = dir.to_owned();
    let whose = seats.iter().map(|seat| {
        let settings = seat.desk.settings();
        (settings.environment, settings.venue, settings.account)
    });
    let whose: Vec<_> = whose.collect();
    let spawned = std::thread::Builder::new()
        .name("past".to_owned())
        .spawn(move || one_by_one(&dir, up_to, &whose, &to));
    if let Err(why) = spawned {
        tracing::warn!("earlier sessions are not read: {why}");
    }
}

fn one_by_one(
    dir: &Path,
    up_to: u64,
    whose: &[(Environment, VenueId, Account)],
    to: &mpsc::Sender<Earlier>,
) {
    for (seat, (world, venue, account)) in whose.iter().enumerate() {
        let of = (venue.as_str(), account.as_str());
        match stats::earlier(dir, up_to, *world, of) {
            // The loop may have ended meanwhile.
            Ok((sheet, tags)) => drop(to.blocking_send(Earlier { seat, sheet, tags })),
            Err(why) => tracing::warn!("earlier sessions are not read: {why}"),
        }
    }
}
