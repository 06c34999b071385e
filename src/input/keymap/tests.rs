use super::*;
use crate::domain::Side;

fn rows(file: &str, text: &str) -> Vec<SourceRow> {
    read_rows(file, text).unwrap()
}

fn built(defaults: &str, user: &str) -> Result<Keymap, String> {
    Keymap::build(&rows("default", defaults), &rows("mine.toml", user)).map_err(|e| e.to_string())
}

fn found(keymap: &Keymap, chord: &str) -> Option<Binding> {
    let chord: Chord = chord.parse().unwrap();
    match keymap.find(&chord.0) {
        Found::Row(row) => Some(row.binding),
        _ => None,
    }
}

const DEFAULTS: &str = r#"
[keys]
ladder = [
  { on = "x", run = "buy-now" },
  { on = ["j", "Down"], run = "cursor-down" },
  { on = "g r", run = "reverse" },
]
"#;

#[test]
fn the_users_rows_override_and_none_takes_away() {
    let user =
        "keys.ladder = [ { on = \"x\", run = \"none\" }, { on = \"c\", run = \"buy-now\" } ]";
    let keymap = built(DEFAULTS, user).unwrap();
    assert_eq!(found(&keymap, "x"), None);
    assert_eq!(
        found(&keymap, "c"),
        Some(Binding::Desk(Action::Now(Side::Buy)))
    );
    assert_eq!(
        found(&keymap, "Down"),
        Some(Binding::View(ViewAction::Cursor(-1)))
    );
}

#[test]
fn h3_two_rows_with_one_chord_are_an_error_that_names_both() {
    let user = "[keys]\nladder = [\n{ on = \"J\", run = \"help\" },\n{ on = \"shift-j\", run = \"quit\" },\n]";
    assert_eq!(
        built("", user).unwrap_err(),
        "mine.toml:4: J is already bound at mine.toml:3: keep one of the two rows"
    );
}

#[test]
fn h3_a_chord_that_begins_another_is_an_error_that_names_both() {
    let error = built(DEFAULTS, "keys.ladder = [ { on = \"g\", run = \"help\" } ]").unwrap_err();
    assert_eq!(
        error,
        "mine.toml:1: g begins g r at default:6: move one of them, or give one `run = \"none\"`"
    );
}

#[test]
fn keys_that_slips_and_late_sequences_type_are_never_bound() {
    for key in ["[", "O", "f", "z", "~"] {
        let user = format!("keys.ladder = [ {{ on = \"{key}\", run = \"help\" }} ]");
        assert!(
            built("", &user).unwrap_err().contains("is never bound"),
            "{key}"
        );
    }
}

#[test]
fn shift_alone_never_makes_an_order() {
    for (key, run, fine) in [
        ("J", "buy-now", false),
        ("shift-Tab", "close-100", false),
        ("S", "stop-cursor", false),
        ("J", "cursor-down-10", true),
        ("L", "lock", true),
        ("alt-J", "buy-now", true),
        ("g J", "buy-now", true),
    ] {
        let user = format!("keys.ladder = [ {{ on = \"{key}\", run = \"{run}\" }} ]");
        assert_eq!(built("", &user).is_ok(), fine, "{key} {run}");
    }
}

#[test]
fn an_unknown_action_gets_the_nearest_name() {
    let error = built("", "\nkeys.ladder = [ { on = \"x\", run = \"buy-nwo\" } ]").unwrap_err();
    assert_eq!(
        error,
        "mine.toml:2: unknown action \"buy-nwo\", did you mean \"buy-now\"?"
    );
}

#[test]
fn letters_of_other_layouts_are_tried_by_position() {
    let keymap = built(DEFAULTS, "").unwrap();
    assert_eq!(found(&keymap, "ч"), found(&keymap, "x"));
    assert_eq!(found(&keymap, "χ"), found(&keymap, "x"));
    assert_eq!(found(&keymap, "п к"), found(&keymap, "g r"));
    assert!(found(&keymap, "ч").is_some());
    assert_eq!(found(&keymap, "Ч"), None);
}

#[test]
fn a_letter_that_is_bound_itself_is_not_moved() {
    let keymap = built(DEFAULTS, "keys.ladder = [ { on = \"ч\", run = \"help\" } ]").unwrap();
    assert_eq!(found(&keymap, "ч"), Some(Binding::View(ViewAction::Help)));
}
