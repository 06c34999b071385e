//! The chosen row of the list of notifications: it stays chosen when others come above it, and Enter goes to its ladder.

use super::apply::note;
use super::{List, Mode, View, ViewOutcome};
use crate::ui::snapshot::Snapshot;

/// What of the list the view has seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Noticed {
    newest: u64,
    rows: usize,
}

impl View {
    /// Takes the list in: rows that came move the choice down with its row.
    pub(super) fn stay_on_notice(&mut self, snapshot: &Snapshot) {
        let rows = &snapshot.alerts.rows;
        let newest = rows.first().map_or(self.noticed.newest, |row| row.id);
        let known = self.noticed.newest;
        self.noticed = Noticed {
            newest,
            rows: rows.len(),
        };
        let last = self.last_notice();
        if let Mode::List(List::Notices, chosen) = &mut self.mode {
            let came = rows.iter().take_while(|row| row.id > known).count();
            let came = u16::try_from(came).unwrap_or(u16::MAX);
            *chosen = chosen.saturating_add(came).min(last);
        }
    }

    /// The place of the oldest row.
    pub(super) fn last_notice(&self) -> u16 {
        u16::try_from(self.noticed.rows.saturating_sub(1)).unwrap_or(u16::MAX)
    }

    /// Goes to the ladder of the chosen row.
    pub(super) fn go_to_notice(&mut self, snapshot: &Snapshot) -> ViewOutcome {
        let Mode::List(List::Notices, chosen) = self.mode else {
            return ViewOutcome::Drawn;
        };
        let Some(row) = snapshot.alerts.rows.get(usize::from(chosen)) else {
            return ViewOutcome::Drawn;
        };
        match row.market {
            Some(market) => {
                self.mode = Mode::Ladder;
                ViewOutcome::OpenSymbol(format!("{}:{}", market.venue, market.symbol))
            }
            None => note("that is about the whole account"),
        }
    }
}
