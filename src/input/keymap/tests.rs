use super::*;
use crate::domain::Side;
use crate::ui::view::List;

fn layer(file: &str, text: &str) -> Layer {
    read_layer(file, text).unwrap()
}

fn built(defaults: &str, user: &str) -> Result<Keymap, String> {
    let layers = [layer("default", defaults), layer("mine.toml", user)];
    Keymap::build(&[&layers[0], &layers[1]]).map_err(|e| e.to_string())
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
    assert_eq!(
        found(&keymap, "ч"),
        Some(Binding::View(ViewAction::List(List::Help)))
    );
}

#[test]
fn a_layer_between_goes_over_the_defaults_and_under_the_users_rows() {
    let defaults = layer("default", DEFAULTS);
    let preset = layer(
        "preset",
        "keys.ladder = [ { on = \"t\", run = \"buy-now\" }, { on = \"x\", run = \"buy-join\" }, { on = \"j\", run = \"none\" } ]",
    );
    let user = layer(
        "mine.toml",
        "keys.ladder = [ { on = \"t\", run = \"help\" } ]",
    );
    let keymap = Keymap::build(&[&defaults, &preset, &user]).unwrap();
    assert_eq!(
        found(&keymap, "x"),
        Some(Binding::Desk(Action::Join(Side::Buy)))
    );
    assert_eq!(
        found(&keymap, "t"),
        Some(Binding::View(ViewAction::List(List::Help)))
    );
    assert_eq!(found(&keymap, "j"), None);
    assert!(keymap.chord_of("buy-now").is_none());
}

#[test]
fn actions_keep_their_order_and_the_highest_layers_chord_stands_in_front() {
    let user = "keys.ladder = [ { on = \"d\", run = \"cursor-down\" }, { on = \"y\", run = \"buy-now\" } ]";
    let keymap = built(DEFAULTS, user).unwrap();
    let chords: Vec<String> = keymap.rows().iter().map(|r| r.chord.to_string()).collect();
    assert_eq!(chords, ["y", "x", "d", "j", "Down", "g r"]);
}

#[test]
fn leaders_move_the_sequences_of_the_layers_underneath() {
    let user = "keys.leaders = { g = \";\" }\nkeys.ladder = [ { on = \"g\", run = \"help\" } ]";
    let keymap = built(DEFAULTS, user).unwrap();
    assert_eq!(found(&keymap, "; r"), Some(Binding::Desk(Action::Reverse)));
    assert_eq!(found(&keymap, "ж к"), Some(Binding::Desk(Action::Reverse)));
    assert_eq!(
        found(&keymap, "g"),
        Some(Binding::View(ViewAction::List(List::Help)))
    );
    for (leaders, words) in [
        ("{ g = \"f\" }", "mine.toml:1: f is never bound"),
        ("{ g = \"ctrl\" }", "mine.toml:1: unknown key \"ctrl\""),
        ("{ g = \"j\" }", "j begins j r"),
        ("{ g = \"h\" }", "h r is already bound at default:"),
    ] {
        let defaults = DEFAULTS.replace("\n]", "\n  { on = \"h r\", run = \"help\" },\n]");
        let error = built(&defaults, &format!("keys.leaders = {leaders}")).unwrap_err();
        assert!(error.contains(words), "{leaders}: {error}");
    }
}

#[test]
fn what_may_follow_a_leader_of_another_layout_is_found_by_position() {
    let keymap = built(DEFAULTS, "").unwrap();
    let pending: Chord = "п".parse().unwrap();
    let next = keymap.continuations(&pending.0);
    assert_eq!((next[0].0.as_str(), next[0].1.name), ("r", "reverse"));
    assert!(
        keymap
            .continuations(&"ч".parse::<Chord>().unwrap().0)
            .is_empty()
    );
}
