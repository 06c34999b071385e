//! The keymap in words: `--list-keys`, the help overlay and the README's table are all printed from here. Pure.

use std::fmt::Write;

use super::chord::{Chord, Stroke};
use super::keymap::{Binding, Keymap, Row};
use crate::engine::action::{ACTIONS, Action, Kind};
use crate::ui::help::{HelpRow, Started};
use crate::ui::view::VIEW_ACTIONS;

/// One action with all its chords.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its chords, in the order of the keymap (`j`, `Down`).
    pub keys: Vec<String>,
    /// Its name in config.
    pub name: &'static str,
    /// One sentence.
    pub doc: &'static str,
}

/// Actions that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// A word.
    pub title: &'static str,
    /// Its actions, in the order of the keymap.
    pub entries: Vec<Entry>,
}

const TITLES: [&str; 5] = [
    "trade",
    "volume",
    "cancel and close",
    "arm and panic",
    "look",
];

fn title(binding: Binding) -> &'static str {
    let index = match binding {
        Binding::View(crate::ui::view::ViewAction::EditVolume) => 1,
        Binding::View(_) => 4,
        Binding::Desk(action) => match (action, action.row().map(|row| row.kind)) {
            (Action::Volume(_), _) => 1,
            (Action::Arm(_) | Action::Lock | Action::Panic | Action::PanicSymbol, _) => 3,
            (Action::Reverse, _) => 2,
            (_, Some(Kind::Entry)) => 0,
            _ => 2,
        },
    };
    TITLES[index]
}

/// The keymap by groups, for the help overlay.
pub fn groups(keymap: &Keymap) -> Vec<Group> {
    let groups = TITLES.iter().map(|wanted| {
        let rows = keymap.rows().iter();
        Group {
            title: wanted,
            entries: entries(rows.filter(|row| title(row.binding) == *wanted)),
        }
    });
    groups.filter(|group| !group.entries.is_empty()).collect()
}

fn entries<'a>(rows: impl Iterator<Item = &'a Row>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for row in rows {
        let chord = row.chord.to_string();
        match entries.iter_mut().find(|entry| entry.name == row.name) {
            Some(entry) => entry.keys.push(chord),
            None => entries.push(Entry {
                keys: vec![chord],
                name: row.name,
                doc: row.doc,
            }),
        }
    }
    entries
}

/// What may follow the keys pressed so far; `arms` says what arming means. `None` when nothing may.
pub fn started(keymap: &Keymap, pending: &[Stroke], arms: &str) -> Option<Started> {
    let next = keymap.continuations(pending);
    // As the keymap spells them, whatever the layout.
    let (_, first) = next.first()?;
    let keys = Chord(first.chord.0.get(..pending.len())?.to_vec());
    let arming = |row: &Row| matches!(row.binding, Binding::Desk(Action::Arm(_)));
    let warning = if next.iter().any(|(_, row)| arming(row)) {
        arms.to_owned()
    } else {
        String::new()
    };
    let next = next.into_iter().map(|(keys, row)| HelpRow {
        action: row.name.to_owned(),
        keys,
        words: row.doc.to_owned(),
    });
    Some(Started {
        keys: keys.to_string(),
        next: next.collect(),
        warning,
    })
}

/// What `--list-keys` prints: one chord a line, the chord first, then the action's name and sentence.
pub fn list_keys(keymap: &Keymap) -> String {
    let chords: Vec<String> = keymap.rows().iter().map(|r| r.chord.to_string()).collect();
    let keys = chords.iter().map(|c| c.chars().count()).max().unwrap_or(0);
    let names = keymap
        .rows()
        .iter()
        .map(|r| r.name.len())
        .max()
        .unwrap_or(0);
    let mut out = String::new();
    for (chord, row) in chords.iter().zip(keymap.rows()) {
        let _ = writeln!(out, "{chord:keys$}  {:names$}  {}", row.name, row.doc);
    }
    out
}

/// What `--list-actions` prints: one action a line, the name first.
pub fn list_actions() -> String {
    let desk = ACTIONS.iter().map(|row| (row.name, row.doc));
    let view = VIEW_ACTIONS.iter().map(|row| (row.name, row.doc));
    let all: Vec<_> = desk.chain(view).collect();
    let width = all.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut out = String::new();
    for (name, doc) in all {
        let _ = writeln!(out, "{name:width$}  {doc}");
    }
    out
}

/// The README's key table, as Markdown.
pub fn readme_key_table(keymap: &Keymap) -> String {
    let mut out = String::from("| keys | what they do |\n|---|---|\n");
    for group in groups(keymap) {
        let _ = writeln!(out, "| **{}** | |", group.title);
        for entry in group.entries {
            let keys: Vec<String> = entry.keys.iter().map(|key| format!("`{key}`")).collect();
            let _ = writeln!(out, "| {} | {} |", keys.join(" "), entry.doc);
        }
    }
    out
}

/// The keymap as a config file spells it.
pub fn keys_toml(keymap: &Keymap) -> String {
    let mut out = String::from("[keys]\nladder = [\n");
    for row in keymap.rows() {
        let chord = toml::Value::String(row.chord.to_string());
        let _ = writeln!(out, "    {{ on = {chord}, run = \"{}\" }},", row.name);
    }
    out.push_str("]\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::keymap::read_layer;

    fn keymap() -> Keymap {
        let rows = read_layer("default.toml", include_str!("../config/default.toml")).unwrap();
        Keymap::build(&[&rows]).unwrap()
    }

    #[test]
    fn every_action_has_a_key_and_every_key_a_line() {
        let keymap = keymap();
        let list = list_keys(&keymap);
        assert_eq!(list.lines().count(), keymap.rows().len());
        for name in list_actions()
            .lines()
            .filter_map(|line| line.split(' ').next())
        {
            assert!(keymap.chord_of(name).is_some(), "{name}");
        }
        assert!(list.starts_with("w ") && list.contains("Ctrl-x Ctrl-x  panic "));
    }

    #[test]
    fn help_and_readme_show_every_binding_once() {
        let keymap = keymap();
        let groups = groups(&keymap);
        let shown: usize = groups
            .iter()
            .flat_map(|g| &g.entries)
            .map(|e| e.keys.len())
            .sum();
        assert_eq!(shown, keymap.rows().len());
        let table = readme_key_table(&keymap);
        assert!(table.contains("| `j` `Down` | "));
        assert_eq!(groups.len(), 5);
    }

    #[test]
    fn a_started_sequence_is_told_in_words_in_any_layout() {
        let keymap = keymap();
        for leader in ["A", "Ф"] {
            let pending: Chord = leader.parse().unwrap();
            let told = started(&keymap, &pending.0, "what arming means").unwrap();
            assert_eq!((told.keys.as_str(), told.next.len()), ("A", 5));
            assert_eq!(told.next[1].keys, "2");
            assert_eq!(told.next[1].words, "arm with volume 2");
            assert_eq!(told.warning, "what arming means");
        }
        let pending: Chord = "Ctrl-x".parse().unwrap();
        let told = started(&keymap, &pending.0, "what arming means").unwrap();
        assert_eq!(told.warning, "");
        assert!(started(&keymap, &"v".parse::<Chord>().unwrap().0, "").is_none());
    }

    #[test]
    fn the_money_keys_are_those_of_the_design() {
        let keymap = keymap();
        for (name, key) in [
            ("sell-now", "w"),
            ("sell-cursor", "e"),
            ("sell-join", "r"),
            ("sell-improve", "t"),
            ("buy-now", "x"),
            ("buy-cursor", "c"),
            ("buy-join", "v"),
            ("buy-improve", "b"),
            ("cancel-entries", "Space"),
            ("close-100", "0"),
            ("panic", "Ctrl-x Ctrl-x"),
            ("arm-5", "A 5"),
            ("reverse", "g r"),
            ("quit", "q"),
            ("peg-cursor", "m"),
        ] {
            assert_eq!(keymap.chord_of(name).unwrap().to_string(), key, "{name}");
        }
    }
}
