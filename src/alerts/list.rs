//! The list of what happened, newest first. A repeat within half a minute counts in the row that is there: a wild market fills no list.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::domain::Stamp;

use super::{Alert, Kind, Market, Weight};

/// Rows kept.
pub const KEPT: usize = 200;
/// A repeat this long after a row's first counts in that row, ms.
pub const FOLD_MS: u64 = 30_000;

/// Which earlier row an alert repeats, among those of its kind and market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folds {
    /// One with the same words.
    Words,
    /// One with this number; the newest words stay.
    Into(i64),
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its number, rising from 1.
    pub id: u64,
    /// Of which kind.
    pub kind: Kind,
    /// On which market.
    pub market: Option<Market>,
    /// How much it weighs.
    pub weight: Weight,
    /// What happened, the last time.
    pub words: String,
    /// How often.
    pub count: u32,
    /// The last time.
    pub at: Stamp,
    first: Stamp,
    folds: Folds,
}

impl Row {
    fn repeats(&self, alert: &Alert) -> bool {
        let same = self.kind == alert.kind
            && self.market == alert.market
            && self.folds == alert.folds
            && self.weight == alert.weight;
        same && (alert.folds != Folds::Words || self.words == alert.words)
    }
}

/// The rows.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    rows: VecDeque<Arc<Row>>,
    shown: Arc<[Arc<Row>]>,
    next: u64,
    seen: u64,
}

impl Rows {
    /// Takes what happened.
    pub fn take(&mut self, now: Stamp, alert: Alert) {
        let young = |row: &&mut Arc<Row>| now.ms_since(row.first) < FOLD_MS;
        let mut rows = self.rows.iter_mut().take_while(young);
        if let Some(row) = rows.find(|row| row.repeats(&alert)) {
            let row = Arc::make_mut(row);
            row.count = row.count.saturating_add(1);
            row.at = now;
            row.words = alert.words;
        } else {
            self.next += 1;
            self.rows.push_front(Arc::new(Row {
                id: self.next,
                kind: alert.kind,
                market: alert.market,
                weight: alert.weight,
                words: alert.words,
                count: 1,
                at: now,
                first: now,
                folds: alert.folds,
            }));
            self.rows.truncate(KEPT);
        }
        self.shown = self.rows.iter().cloned().collect();
    }

    /// Newest first, at most 200.
    pub const fn shown(&self) -> &Arc<[Arc<Row>]> {
        &self.shown
    }

    /// Rows that came since the trader looked.
    pub fn unread(&self) -> usize {
        self.rows.iter().filter(|row| row.id > self.seen).count()
    }

    /// The trader looked.
    pub const fn seen(&mut self) {
        self.seen = self.next;
    }

    /// Forgets all of them.
    pub fn clear(&mut self) {
        self.rows.clear();
        self.shown = Arc::from([]);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::alerts::tests::{alert, market};

    #[test]
    fn what_is_seen_or_cleared_is_not_unread() {
        let mut rows = Rows::default();
        let now = Stamp::default();
        rows.take(now, alert(Kind::Fill, None, Folds::Words, "a"));
        rows.take(now, alert(Kind::Fill, None, Folds::Words, "b"));
        assert_eq!((rows.unread(), rows.shown().len()), (2, 2));
        rows.seen();
        rows.take(now, alert(Kind::Fill, None, Folds::Words, "c"));
        assert_eq!(rows.unread(), 1);
        rows.clear();
        assert_eq!((rows.unread(), rows.shown().len()), (0, 0));
    }

    proptest! {
        /// Against a list that remembers every single alert: each is one of the count of the right row.
        #[test]
        fn repeats_are_counted_as_a_slow_list_counts_them(
            came in proptest::collection::vec((0_u64..9_000, 0_usize..3, 0_usize..2, 0_i64..3, any::<bool>()), 1..150),
        ) {
            let mut rows = Rows::default();
            let mut now = Stamp::default();
            // First moment, what it folds by, count, last words; oldest first.
            let mut slow: Vec<(Stamp, String, u32, String)> = Vec::new();
            for (ms, kind, symbol, number, by_words) in came {
                now = now.plus_ms(ms);
                let kind = [Kind::Level, Kind::LargePrint, Kind::Fill][kind];
                let symbol = ["BTCUSDT", "ETHUSDT"][symbol];
                let words = format!("w{number}{}", ms % 2);
                let folds = if by_words { Folds::Words } else { Folds::Into(number) };
                let topic = match folds {
                    Folds::Words => format!("{kind:?} {symbol} words {words}"),
                    Folds::Into(_) => format!("{kind:?} {symbol} {number}"),
                };
                rows.take(now, alert(kind, Some(market(symbol)), folds, &words));
                let known = slow
                    .iter_mut()
                    .find(|row| row.1 == topic && now.ms_since(row.0) < FOLD_MS);
                match known {
                    Some(row) => {
                        row.2 += 1;
                        row.3 = words;
                    }
                    None => slow.push((now, topic, 1, words)),
                }
            }
            let fast: Vec<(u32, String)> =
                rows.shown().iter().rev().map(|row| (row.count, row.words.clone())).collect();
            let slow: Vec<(u32, String)> =
                slow.into_iter().map(|(_, _, count, words)| (count, words)).collect();
            prop_assert_eq!(fast, slow);
        }
    }
}
