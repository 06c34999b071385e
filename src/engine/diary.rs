//! The diary: every round trip as it was traded, and what they come to. Fed by the desk while it happens and by rows of the journal
//! afterwards: both count the same way.

pub mod curve;
mod kept;
pub mod results;
pub mod running;
pub mod tally;
pub mod trip;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use rust_decimal::Decimal;

use crate::domain::{Asset, MarketKey};

use running::{Running, Step, Traded};
use tally::Tally;
use trip::{Terms, Trip};

pub(super) use kept::{end, filled, funded, note, tag};

/// Trips kept for the screen, newest first.
const SHOWN: usize = 200;
/// Tags that a key can choose among.
pub const TAGS: usize = 9;

/// What trips come to, by the currency that they are settled in: different money is never added up.
pub type Sheet = BTreeMap<Asset, Tally>;

/// The trips of one account in this session.
#[derive(Clone, Debug, Default)]
pub struct Diary {
    running: BTreeMap<MarketKey, Running>,
    latest: Arc<VecDeque<Arc<Trip>>>,
    session: Arc<Sheet>,
    ever: Option<Arc<Sheet>>,
    tags: Arc<Vec<String>>,
}

impl Diary {
    /// Counts a fill; what it ended is in the sums from here on.
    pub fn take(&mut self, key: MarketKey, terms: &Terms, traded: &Traded) -> Step {
        let step = self
            .running
            .entry(key)
            .or_default()
            .take(key, terms, traded);
        if let Some(trip) = &step.ended {
            self.count(trip);
        }
        step
    }

    fn count(&mut self, trip: &Trip) {
        for sheet in [Some(&mut self.session), self.ever.as_mut()] {
            let Some(sheet) = sheet else { continue };
            let tally = Arc::make_mut(sheet).entry(trip.settle).or_default();
            tally.add(trip);
        }
        let latest = Arc::make_mut(&mut self.latest);
        latest.push_front(Arc::new(trip.clone()));
        latest.truncate(SHOWN);
    }

    /// What earlier sessions came to, and their tags, newest first: trips of this one are counted on top of it.
    pub fn begin_with(&mut self, earlier: Sheet, tags: Vec<String>) {
        let mut ever = earlier;
        for trip in self.latest.iter().rev() {
            ever.entry(trip.settle).or_default().add(trip);
        }
        self.ever = Some(Arc::new(ever));
        let known = Arc::make_mut(&mut self.tags);
        for tag in tags {
            if known.len() < TAGS && !known.contains(&tag) {
                known.push(tag);
            }
        }
    }

    /// This session's sums.
    pub const fn session(&self) -> &Arc<Sheet> {
        &self.session
    }

    /// The sums of all sessions; `None` until the earlier ones were read.
    pub const fn ever(&self) -> Option<&Arc<Sheet>> {
        self.ever.as_ref()
    }

    /// This session's trips, newest first, at most 200.
    pub const fn latest(&self) -> &Arc<VecDeque<Arc<Trip>>> {
        &self.latest
    }

    /// Tags, the one last used first, at most nine.
    pub const fn tags(&self) -> &Arc<Vec<String>> {
        &self.tags
    }

    /// Tag and note of the trip that is open.
    pub fn open(&self, key: &MarketKey) -> Option<(&str, &str)> {
        let (_, tag, note) = self.running.get(key)?.open()?;
        Some((tag, note))
    }

    /// Books funding on the open trip; none is open: on none.
    fn fund(&mut self, key: MarketKey, amount: Decimal) {
        self.running.entry(key).or_default().fund(amount);
    }

    /// A trip that ended has got another tag.
    fn retag(&mut self, before: &Trip, after: &Trip) {
        for sheet in [Some(&mut self.session), self.ever.as_mut()] {
            let Some(sheet) = sheet else { continue };
            if let Some(tally) = Arc::make_mut(sheet).get_mut(&before.settle) {
                tally.retag(before, after);
            }
        }
    }

    fn use_tag(&mut self, tag: &str) {
        let tags = Arc::make_mut(&mut self.tags);
        tags.retain(|old| old != tag);
        tags.insert(0, tag.to_owned());
        tags.truncate(TAGS);
    }
}

#[cfg(test)]
mod tests;
