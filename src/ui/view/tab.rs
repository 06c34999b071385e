//! Completion of the `:` line: Tab extends as far as all candidates agree, then goes round them.

use super::columns::COLUMNS;
use super::{Field, Mode, VIEW_ACTIONS, View};
use crate::engine::line::complete::{Names, candidates, last_word};
use crate::ui::snapshot::Snapshot;

/// A round through candidates that is under way.
#[derive(Clone, Debug, Default)]
pub struct Round {
    /// What stands before the word.
    stem: String,
    found: Vec<String>,
    at: usize,
}

impl Round {
    fn text(&self) -> String {
        let word = self.found.get(self.at).map_or("", String::as_str);
        format!("{}{word}", self.stem)
    }
}

impl View {
    /// Tab in the `:` line; `back` goes round the other way.
    pub fn complete(&mut self, back: bool, snapshot: &Snapshot) {
        let Mode::CommandLine(field) = &self.mode else {
            return;
        };
        let text = field.text().to_owned();
        let on_its_way = self.round.take().filter(|round| round.text() == text);
        let next = match on_its_way {
            Some(mut round) => {
                let many = round.found.len();
                round.at = (round.at + if back { many - 1 } else { 1 }) % many;
                Some(round)
            }
            None => self.begin(&text, snapshot),
        };
        if let Some(round) = &next {
            self.mode = Mode::CommandLine(Field::with(&round.text()));
        }
        self.round = next;
    }

    /// A round begins where all candidates agree no further than what is typed; else the line is extended.
    fn begin(&mut self, text: &str, snapshot: &Snapshot) -> Option<Round> {
        let found = self.candidates(text, snapshot);
        let begun = last_word(text);
        let stem = &text[..text.len() - begun.len()];
        let agreed = agreed(&found);
        let extended = match found.as_slice() {
            [] => return None,
            [only] => format!("{stem}{only} "),
            _ if agreed.len() > begun.len() => format!("{stem}{agreed}"),
            _ => {
                return Some(Round {
                    stem: stem.to_owned(),
                    // What stands there already is no step.
                    at: usize::from(found[0] == begun),
                    found,
                });
            }
        };
        self.mode = Mode::CommandLine(Field::with(&extended));
        None
    }

    fn candidates(&self, text: &str, snapshot: &Snapshot) -> Vec<String> {
        let layouts: Vec<&str> = self.layouts().iter().map(|one| one.name.as_str()).collect();
        let rack = self.wardrobe.rack();
        let themes: Vec<&str> = rack.iter().map(|theme| theme.name.as_str()).collect();
        let tabs: Vec<&str> = snapshot
            .pages
            .iter()
            .map(|page| page.name.as_str())
            .collect();
        let names = Names {
            symbols: &snapshot.symbols,
            layouts: &layouts,
            themes: &themes,
            columns: &COLUMNS.map(|(_, name)| name),
            tabs: &tabs,
        };
        candidates(text, names, VIEW_ACTIONS.iter().map(|row| row.name))
    }
}

/// What all words begin with.
fn agreed(words: &[String]) -> &str {
    let Some((first, rest)) = words.split_first() else {
        return "";
    };
    let same = |end: &usize| {
        let begin = first.get(..*end);
        begin.is_some_and(|begin| rest.iter().all(|word| word.starts_with(begin)))
    };
    let end = (0..=first.len()).rev().find(same).unwrap_or(0);
    first.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::sample;
    use crate::ui::snapshot::PageTab;
    use crate::ui::theme::{ColourDepth, Glyphs, rack};
    use crate::ui::view::Wardrobe;

    fn after(line: &str, tabs: usize) -> String {
        let mut snapshot = sample::full();
        snapshot.pages = vec![PageTab {
            name: "majors".to_owned(),
            is_in_front: true,
            has_position: false,
            orders: 0,
            trouble: "",
        }];
        let mut view = sample::view(&snapshot, 80, 24);
        let (rack, _) = rack(&[], ColourDepth::Truecolour, Glyphs::Unicode, &[]);
        view.wardrobe = Wardrobe::new(rack, "dark");
        view.mode = Mode::CommandLine(Field::with(line));
        for _ in 0..tabs {
            view.complete(false, &snapshot);
        }
        match &view.mode {
            Mode::CommandLine(field) => field.text().to_owned(),
            mode => panic!("{mode:?}"),
        }
    }

    #[test]
    fn tab_extends_as_far_as_is_certain_and_then_goes_round() {
        assert_eq!(after("lever", 1), "leverage ");
        assert_eq!(after("margin ", 1), "margin cross");
        assert_eq!(after("margin ", 2), "margin isolated");
        assert_eq!(after("margin ", 3), "margin cross");
        assert_eq!(after("margin i", 1), "margin isolated ");
        assert_eq!(after("buy 0.5 @ 60000 p", 1), "buy 0.5 @ 60000 post ");
        assert_eq!(after("buy-j", 1), "buy-join ");
        assert_eq!(after("buy-", 1), "buy-stop");
        assert_eq!(after("buy-", 2), "buy-now");
        assert_eq!(after("ord", 1), "order-");
        assert_eq!(after("vol", 1), "volume");
        assert_eq!(after("vol", 2), "volume-1");
        assert_eq!(after("open dog", 1), "open DOGEUSDT ");
        assert_eq!(after("leader of", 1), "leader off ");
        assert_eq!(after("open DOGEUSDT ", 1), "open DOGEUSDT ");
        assert_eq!(after("set risk.collar_t", 1), "set risk.collar_through ");
        assert_eq!(after("nonsense", 3), "nonsense");
        assert_eq!(after("buy-join x", 1), "buy-join x");
    }

    #[test]
    fn names_of_layouts_themes_tabs_and_columns_are_completed() {
        assert_eq!(after("layout d", 1), "layout desk ");
        assert_eq!(after("layout ", 2), "layout pair");
        assert_eq!(after("theme EM", 1), "theme ember ");
        assert_eq!(after("tab ma", 1), "tab majors ");
        assert_eq!(after("tab cl", 1), "tab close ");
        assert_eq!(after("mood v", 1), "mood violent ");
        assert_eq!(after("columns ru", 1), "columns ruler ");
        assert_eq!(after("columns fl", 1), "columns flow ");
        assert_eq!(after("columns cum +ru", 1), "columns cum +ruler ");
        assert_eq!(after("columns +cum -qu", 1), "columns +cum -queue ");
        assert_eq!(after("columns cum cu", 1), "columns cum cu", "it stands");
        assert_eq!(after("margin +", 1), "margin +");
    }

    #[test]
    fn panic_is_never_offered() {
        for line in ["p", "pa", "pani", "panic"] {
            assert!(!after(line, 1).starts_with("panic "), "{line}");
        }
        assert_eq!(after("pani", 2), "pani");
    }

    #[test]
    fn shift_tab_goes_the_other_way() {
        let snapshot = sample::full();
        let mut view = sample::view(&snapshot, 80, 24);
        view.mode = Mode::CommandLine(Field::with("cancel "));
        view.complete(false, &snapshot);
        view.complete(true, &snapshot);
        assert_eq!(
            view.mode,
            Mode::CommandLine(Field::with("cancel everywhere"))
        );
    }
}
