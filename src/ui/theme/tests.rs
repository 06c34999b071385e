//! Themes: embedded ones are sound, faults are told with their line, loudness survives the loss of colours.

use super::*;
use ratatui::style::Modifier;

pub mod sight;

fn all_depths() -> [ColourDepth; 4] {
    [
        ColourDepth::None,
        ColourDepth::Sixteen,
        ColourDepth::Indexed,
        ColourDepth::Truecolour,
    ]
}

#[test]
fn the_list_is_the_folder() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("themes");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            entry
                .unwrap()
                .path()
                .file_stem()
                .unwrap()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    let mut listed: Vec<String> = names(&[]);
    files.sort();
    listed.sort();
    assert_eq!(files, listed);
}

#[test]
fn embedded_themes_load_without_a_warning_at_every_depth() {
    for (name, _) in THEMES {
        for depth in all_depths() {
            let (_, warnings) = Theme::load(name, &[], depth).unwrap();
            assert_eq!(warnings, [], "{name}");
        }
    }
}

#[test]
fn a_terminal_never_gets_more_colours_than_it_has() {
    for (name, _) in THEMES {
        let theme = |depth| Theme::load(name, &[], depth).unwrap().0;
        for (role, word, _) in ROLES {
            let none = theme(ColourDepth::None).style(*role);
            assert_eq!((none.fg, none.bg), (None, None), "{name} {word}");
            assert!(
                !depth::is_deep(theme(ColourDepth::Sixteen).style(*role)),
                "{name} {word}"
            );
            let indexed = theme(ColourDepth::Indexed).style(*role);
            let rgb = |colour| matches!(colour, Some(Color::Rgb(..)));
            assert!(!rgb(indexed.fg) && !rgb(indexed.bg), "{name} {word}");
        }
    }
}

/// How loud letters are without any colour.
fn loudness(style: Style) -> i32 {
    let has = |modifier| i32::from(style.add_modifier.contains(modifier));
    4 * has(Modifier::REVERSED) + 2 * has(Modifier::BOLD) + has(Modifier::UNDERLINED)
        - has(Modifier::DIM)
}

#[test]
fn rule6_that_keys_do_not_open_is_loud_in_every_theme_at_every_depth() {
    for (name, _) in THEMES {
        for depth in all_depths() {
            let theme = Theme::load(name, &[], depth).unwrap().0;
            for role in [Role::ExitsOnly, Role::Locked] {
                let style = theme.style(role);
                let has = |modifier| style.add_modifier.contains(modifier);
                let bar = theme.style(Role::Bar);
                let ground = style.bg.is_some() && style.bg != bar.bg;
                assert!(has(Modifier::BOLD), "{name} {depth:?} {role:?}");
                assert!(ground || has(Modifier::REVERSED), "{name} {depth:?}");
                assert_ne!(style, theme.style(Role::Armed), "{name} {depth:?}");
            }
        }
    }
}

#[test]
fn the_order_of_loudness_holds_without_colours() {
    let theme = Theme::dark(ColourDepth::None);
    let loud = |role| loudness(theme.style(role));
    for danger in [Role::Alarm, Role::ExitsOnly, Role::Locked, Role::Real] {
        for other in [
            Role::Mine,
            Role::BestBid,
            Role::BestAsk,
            Role::Large,
            Role::Text,
            Role::Dim,
        ] {
            assert!(loud(danger) > loud(other), "{danger:?} {other:?}");
        }
    }
    assert!(loud(Role::Warn) > loud(Role::Mine));
    assert!(loud(Role::Mine) > loud(Role::Bid));
    assert!(loud(Role::BestBid) > loud(Role::Bid));
    assert!(loud(Role::Bid) > loud(Role::Stale));
    assert!(loud(Role::Text) > loud(Role::Dim));
    assert!(loud(Role::Text) > loud(Role::BidBar));
}

#[test]
fn faults_are_told_with_their_line_and_the_mend() {
    let text = "inherits = \"dark\"\nbidd = \"buy\"\nask = \"selll\"\nmine = { fgg = \"own\" }\nstale = 7\nbid = \"#0000ff\"\n";
    let user = [("own".to_owned(), text.to_owned())];
    let (theme, warnings) = Theme::load("own", &user, ColourDepth::Truecolour).unwrap();
    let said: Vec<String> = warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        said[0],
        "theme own, line 2: there is no role bidd, did you mean \"bid\"?"
    );
    assert!(
        said[1].starts_with("theme own, line 3: selll is no colour, did you mean \"sell\"?"),
        "{}",
        said[1]
    );
    assert!(
        said[2].starts_with("theme own, line 4: there is no field fgg, did you mean \"fg\"?"),
        "{}",
        said[2]
    );
    assert!(
        said[3].starts_with("theme own, line 5: stale is a colour"),
        "{}",
        said[3]
    );
    assert_eq!(theme.style(Role::Bid).fg, Some(Color::Rgb(0, 0, 255)));
    assert_eq!(
        theme.style(Role::Ask),
        Theme::dark(ColourDepth::Truecolour).style(Role::Ask)
    );
}

#[test]
fn a_theme_that_changes_the_palette_alone_changes_every_role_of_that_colour() {
    let text = "inherits = \"dark\"\ndoc = \"mine\"\n[palette]\nbuy = [\"#0000ff\", 21]\nground = \"#111111\"\n";
    let user = [("own".to_owned(), text.to_owned())];
    let load = |depth| Theme::load("own", &user, depth).unwrap();
    let (theme, warnings) = load(ColourDepth::Truecolour);
    assert_eq!(warnings, []);
    assert_eq!(theme.doc, "mine");
    let blue = Some(Color::Rgb(0, 0, 255));
    assert_eq!(theme.style(Role::Bid).fg, blue);
    assert_eq!(theme.style(Role::Profit).fg, blue);
    assert_eq!(
        theme.style(Role::Sim).fg,
        Some(Color::Rgb(0x11, 0x11, 0x11))
    );
    let (indexed, _) = load(ColourDepth::Indexed);
    assert_eq!(indexed.style(Role::Bid).fg, Some(Color::Indexed(21)));
}

#[test]
fn unknown_broken_and_circular_themes_are_errors_in_one_line() {
    let load = |name: &str, text: &str| {
        let user = [(name.to_owned(), text.to_owned())];
        Theme::load(name, &user, ColourDepth::None)
            .map(|_| ())
            .unwrap_err()
            .to_string()
    };
    let unknown = Theme::load("drak", &[], ColourDepth::None)
        .map(|_| ())
        .unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "there is no theme drak, did you mean \"dark\"?"
    );
    assert!(load("own", "text = {}\nbid = ").starts_with("theme own, line 2"));
    assert!(load("own", "inherits = \"nothere\"").contains("no theme nothere"));
    let user = [("a", "inherits = \"b\""), ("b", "inherits = \"a\"")]
        .map(|(n, t)| (n.to_owned(), t.to_owned()));
    assert!(matches!(
        Theme::load("a", &user, ColourDepth::None),
        Err(ThemeError::Circle(_))
    ));
    let own = [(
        "dark".to_owned(),
        "inherits = \"dark\"\nbid = \"#0000ff\"".to_owned(),
    )];
    assert!(Theme::load("dark", &own, ColourDepth::None).is_ok());
}
