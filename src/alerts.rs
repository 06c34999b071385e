//! What the trader is told without looking: signal levels, and the list of what happened, repeats counted instead of repeated.
//!
//! Pure, and it speaks domain words alone: whoever sees desk and market says what happened ([`Alert`]); here it is decided whether
//! that is a row, a bell, a desktop notice. It must not format money: the words come with the alert.

pub mod given;
pub mod kind;
pub mod level;
pub mod limit;
pub mod line;
pub mod list;
pub mod settings;

use std::collections::BTreeMap;

use crate::domain::{Stamp, Symbol, VenueId};

pub use kind::Kind;
pub use level::{Level, Mark, Watched};
pub use list::{Folds, Row, Rows};
pub use settings::Settings;

use limit::Limit;

/// A symbol at a venue, whoever's account looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Market {
    /// Where.
    pub venue: VenueId,
    /// What.
    pub symbol: Symbol,
}

/// How much an alert weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// A row of the list and nothing more.
    Quiet,
    /// News.
    News,
    /// Danger.
    Danger,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Of which kind.
    pub kind: Kind,
    /// On which market; `None`: on the account as a whole.
    pub market: Option<Market>,
    /// How much it weighs.
    pub weight: Weight,
    /// Which earlier row it repeats.
    pub folds: Folds,
    /// What happened, for the list; foreign words in it are sanitised.
    pub words: String,
    /// The same without sizes, profit or loss, for a desktop notice that others may read.
    pub brief: String,
}

/// What has to be done about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// Ring.
    pub bell: bool,
    /// Show this on the desktop.
    pub notice: Option<String>,
}

/// The levels of every market, and the list.
#[derive(Clone, Debug)]
pub struct Alerts {
    settings: Settings,
    rows: Rows,
    bells: BTreeMap<Kind, Limit>,
    notices: BTreeMap<Kind, Limit>,
    /// Signal levels by market.
    pub levels: BTreeMap<Market, Watched>,
}

impl Alerts {
    /// Nothing happened yet.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            rows: Rows::default(),
            bells: BTreeMap::new(),
            notices: BTreeMap::new(),
            levels: BTreeMap::new(),
        }
    }

    /// What the trader set.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Takes what happened: a row or one more of a row that is there, and what rings for it.
    pub fn take(&mut self, now: Stamp, alert: Alert) -> Calls {
        let ways = self.settings.of(alert.kind);
        let mut calls = Calls::default();
        let is_loud = alert.weight != Weight::Quiet;
        if ways.bell && is_loud {
            let limit = self.bells.entry(alert.kind).or_default();
            calls.bell = limit.take(now, alert.kind.bell_gap_ms());
        }
        if ways.notice && is_loud {
            let said = if self.settings.notice_money {
                &alert.words
            } else {
                &alert.brief
            };
            let said = told(&alert, said);
            let limit = self.notices.entry(alert.kind).or_default();
            calls.notice = limit.hold(now, alert.kind.notice_gap_ms(), said);
        }
        if ways.list {
            self.rows.take(now, alert);
        }
        calls
    }

    /// The desktop notice that was held back and is due now, if there is one. Call it ten times a second.
    pub fn due(&mut self, now: Stamp) -> Option<String> {
        self.notices
            .iter_mut()
            .find_map(|(kind, limit)| limit.due(now, kind.notice_gap_ms()))
    }

    /// The list.
    pub const fn rows(&self) -> &Rows {
        &self.rows
    }

    /// The trader has seen the list.
    pub fn seen(&mut self) {
        self.rows.seen();
    }

    /// Empties the list.
    pub fn clear(&mut self) {
        self.rows.clear();
    }

    /// The levels of a market, to change.
    pub fn levels_of(&mut self, market: Market) -> &mut Watched {
        let rearm = (self.settings.rearm_ticks, self.settings.rearm);
        self.levels
            .entry(market)
            .or_insert_with(|| Watched::new(rearm))
    }
}

/// `BTCUSDT fill: an order was filled`; the price of a level is no secret.
fn told(alert: &Alert, words: &str) -> String {
    match alert.market {
        Some(market) => format!("{} {}: {words}", market.symbol, alert.kind.word()),
        None => format!("{}: {words}", alert.kind.word()),
    }
}

#[cfg(test)]
mod tests;
