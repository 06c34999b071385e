//! Choosing the columns of the ladder: by words, by sets, in a list that says what there is room for. Pure.

use super::columns::{COLUMNS, Chosen, Column, Columns};
use super::{List, Mode, View, ViewOutcome};

/// A column as the list offers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offered {
    /// Which.
    pub column: Column,
    /// It is chosen: it stands, or waits for room.
    pub is_on: bool,
    /// Whether it has room on this ladder, or would have if it were chosen too.
    pub room: Room,
}

/// What room a column finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Room {
    /// Enough.
    Free,
    /// That of these, which would wait.
    InsteadOf(Vec<&'static str>),
    /// None.
    None,
}

/// The last row of the list.
pub(super) fn last_column() -> u16 {
    u16::try_from(COLUMNS.len().saturating_sub(1)).unwrap_or(u16::MAX)
}

impl View {
    /// Every column, for the list.
    pub fn offered_columns(&self) -> Vec<Offered> {
        let seen = self.seen_columns();
        let offer = |(column, _): &(Column, &str)| Offered {
            column: *column,
            is_on: seen.has(*column),
            room: self.room_for(*column, &seen),
        };
        COLUMNS.iter().map(offer).collect()
    }

    fn room_for(&self, column: Column, seen: &Chosen) -> Room {
        let more = format!("+{}", column.name());
        let Ok(with_it) = seen.with([more.as_str()]) else {
            return Room::None;
        };
        let (before, after) = (self.stood(seen), self.stood(&with_it));
        if after.place(column).is_none() {
            return Room::None;
        }
        let goes = |(one, _): &&(Column, &str)| {
            before.place(*one).is_some() && after.place(*one).is_none()
        };
        let gone: Vec<&str> = COLUMNS.iter().filter(goes).map(|(_, name)| *name).collect();
        match gone.is_empty() {
            true => Room::Free,
            false => Room::InsteadOf(gone),
        }
    }

    /// Switches the column at the mark of the open list on or off.
    pub(super) fn switch_column(&mut self) -> ViewOutcome {
        let Mode::List(List::Columns, at) = self.mode else {
            return ViewOutcome::Drawn;
        };
        let at = at.min(last_column());
        let Some((column, name)) = COLUMNS.get(usize::from(at)) else {
            return ViewOutcome::Drawn;
        };
        let sign = if self.seen_columns().has(*column) {
            '-'
        } else {
            '+'
        };
        self.change_columns(&format!("{sign}{name}"))
    }

    /// The choice that more or less is meant of: where Lancet chose, what is seen.
    fn seen_columns(&self) -> Chosen {
        match self.columns() {
            auto @ Chosen::Auto => auto.as_shown(&self.stood(auto)),
            chosen @ Chosen::Named(_) => chosen.clone(),
        }
    }

    /// Where columns stand on this ladder.
    fn stood(&self, chosen: &Chosen) -> Columns {
        Columns::of(self.plan().ladder().width, self.widths(), chosen)
    }

    /// The next set of columns.
    pub(super) fn next_columns(&mut self) -> ViewOutcome {
        self.take_columns(self.columns().next())
    }

    /// Changes the columns as words say, and says what there is no room for.
    pub fn change_columns(&mut self, words: &str) -> ViewOutcome {
        let now = match words.starts_with(['+', '-']) {
            true => self.seen_columns(),
            false => self.columns().clone(),
        };
        match now.with(words.split_whitespace()) {
            Ok(chosen) => self.take_columns(chosen),
            Err(words) => ViewOutcome::Note(words),
        }
    }

    fn take_columns(&mut self, chosen: Chosen) -> ViewOutcome {
        let missing = self.stood(&chosen).missing(&chosen);
        let mut words = format!("columns: {}", chosen.title());
        if !missing.is_empty() {
            words.push_str("; no room for ");
            words.push_str(&missing.join(" "));
        }
        self.choose_columns(chosen);
        ViewOutcome::Said(words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::sample;
    use crate::ui::view::ViewAction;

    /// What stands on the ladder now, from left to right.
    fn standing(view: &View) -> Vec<&'static str> {
        let there = COLUMNS.iter().filter(|(column, _)| view.shows(*column));
        there.map(|(_, name)| *name).collect()
    }

    #[test]
    fn the_list_says_of_each_column_what_then_happens() {
        let snapshot = sample::full();
        for width in (60..=200).step_by(7) {
            for words in ["auto", "plain", "flow", "depth", "ruler recent", "all"] {
                let mut first = sample::view(&snapshot, width, 40);
                first.change_columns(words);
                for (at, offered) in (0..).zip(first.offered_columns()) {
                    let mut view = first.clone();
                    view.mode = Mode::List(List::Columns, at);
                    view.apply(ViewAction::Centre, &snapshot);
                    let (before, after) = (standing(&first), standing(&view));
                    let name = offered.column.name();
                    let told = format!("{width} {words} {offered:?} {before:?} {after:?}");
                    assert_ne!(view.offered_columns()[usize::from(at)].is_on, offered.is_on);
                    if offered.is_on {
                        let stood = before.contains(&name);
                        assert_eq!(stood, offered.room != Room::None, "{told}");
                        assert!(!after.contains(&name), "{told}");
                        continue;
                    }
                    let gone = before.iter().copied();
                    let gone: Vec<&str> = gone.filter(|one| !after.contains(one)).collect();
                    let room = match (after.contains(&name), gone.is_empty()) {
                        (false, _) => Room::None,
                        (true, true) => Room::Free,
                        (true, false) => Room::InsteadOf(gone),
                    };
                    assert_eq!(offered.room, room, "{told}");
                }
            }
        }
    }

    #[test]
    fn the_choice_is_kept_as_that_of_the_line_and_the_list_stays_open_until_esc() {
        let snapshot = sample::full();
        let mut view = sample::view(&snapshot, 120, 40);
        view.change_columns("plain");
        view.apply(ViewAction::List(List::Columns), &snapshot);
        view.apply(ViewAction::Cursor(-30_000), &snapshot);
        let said = view.apply(ViewAction::Centre, &snapshot);
        let (_, last) = COLUMNS[COLUMNS.len() - 1];
        assert_eq!(said, ViewOutcome::Said(format!("columns: {last}")));
        assert_eq!(view.chosen_columns().as_deref(), Some(last));
        view.apply(ViewAction::Cursor(1), &snapshot);
        view.apply(ViewAction::Centre, &snapshot);
        let (_, other) = COLUMNS[COLUMNS.len() - 2];
        assert_eq!(view.chosen_columns(), Some(format!("{last} {other}")));
        view.apply(ViewAction::Centre, &snapshot);
        assert_eq!(view.chosen_columns().as_deref(), Some(last));
        view.apply(ViewAction::Dismiss, &snapshot);
        assert_eq!(view.mode, Mode::Ladder);
    }

    #[test]
    fn what_a_column_shows_is_told_whole_at_eighty_columns() {
        for (column, name) in COLUMNS {
            assert!(
                !column.doc().is_empty() && column.doc().len() <= 40,
                "{name}"
            );
        }
    }
}
