//! The screen in every theme and in every set of signs: letters can be read where they stand, and nothing is drawn that a poor font
//! does not have.

use super::*;
use crate::ui::glyph::{self, Glyphs};
use crate::ui::layout::{self, Layout};
use crate::ui::theme::tests_sight::contrast;
use crate::ui::theme::{THEMES, rack};
use crate::ui::view::{List, Wardrobe};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

fn modes() -> Vec<Mode> {
    vec![
        Mode::Ladder,
        Mode::List(List::Help, 0),
        Mode::List(List::Log, 0),
        Mode::List(List::Themes, 2),
        Mode::List(List::Columns, 1),
        Mode::Search(Field::with("b"), 1),
        Mode::CommandLine(Field::with("buy 0.5 @ 61200")),
        Mode::EditVolume(Field::default()),
        Mode::ConfirmQuit,
    ]
}

fn snapshots() -> Vec<Snapshot> {
    let mut stale = sample::full();
    stale.market.state = Some(BookState::Stale("line silent".to_owned()));
    let mut danger = sample::full();
    danger.arm = ArmState::ExitsOnly;
    danger.market.position.naked = true;
    danger.notices[0].loudness = Loudness::Alarm;
    vec![
        Snapshot::default(),
        sample::full(),
        stale,
        danger,
        sample::hostile(),
    ]
}

/// What is drawn over each shipped layout: everything over the first, nothing over the others.
fn screens() -> Vec<(Arc<Layout>, Mode)> {
    let layouts = layout::shipped();
    let first = modes().into_iter().map(|mode| (layouts[0].clone(), mode));
    let others = layouts
        .iter()
        .skip(1)
        .cloned()
        .zip(std::iter::repeat(Mode::Ladder));
    first.chain(others).collect()
}

/// Every picture of these modes, layouts and sizes, drawn in a theme.
fn pictures(theme: &Theme, mut look: impl FnMut(&Buffer, &str)) {
    let help = sample::help();
    let (themes, _) = rack(&[], theme.depth(), Glyphs::Unicode, &[]);
    for snapshot in snapshots() {
        for (columns, rows) in SIZES {
            for (layout, mode) in screens() {
                // The latest trades are lit: the view has seen the market before them.
                let mut before = snapshot.clone();
                let prints = &snapshot.market.prints;
                before.market.prints = prints.iter().skip(6).copied().collect();
                let mut view = sample::view(&before, columns, rows);
                view.wardrobe = Wardrobe::new(themes.clone(), &theme.name);
                view.lay_out(layout);
                view.settle(&snapshot);
                view.apply(ViewAction::Cursor(1), &snapshot);
                view.mode = mode;
                let mut buffer = Buffer::empty(Rect::new(0, 0, columns, rows));
                let scene = Scene {
                    snapshot: &snapshot,
                    view: &view,
                    theme,
                    help: &help,
                };
                paint(&mut buffer, &scene);
                look(&buffer, &format!("{columns}x{rows} {:?}", view.mode));
            }
        }
    }
}

/// The taste of a theme in the list of themes is drawn in colours that are not the screen's.
fn is_taste(x: u16, y: u16, what: &str) -> bool {
    what.contains("List(Themes") && (15..34).contains(&x) && y > 1
}

#[test]
fn letters_can_be_read_wherever_they_are_drawn() {
    let mut found = std::collections::BTreeMap::new();
    for depth in [ColourDepth::Truecolour, ColourDepth::Indexed] {
        for (name, _) in THEMES
            .iter()
            .filter(|(name, _)| !["sixteen", "mono"].contains(name))
        {
            let theme = Theme::load(name, &[], depth).unwrap().0;
            pictures(&theme, |buffer, what| {
                for (x, y) in buffer.area.positions().map(|at| (at.x, at.y)) {
                    let cell = &buffer[(x, y)];
                    let is_letter = cell.symbol().chars().any(char::is_alphanumeric);
                    if !is_letter || is_taste(x, y, what) {
                        continue;
                    }
                    // A cell without colours would have the terminal's own.
                    let is_ours = cell.fg != Color::Reset && cell.bg != Color::Reset;
                    if !is_ours || contrast(cell.fg, cell.bg) < 4.5 {
                        let pair = format!("{name} {:?} on {:?}", cell.fg, cell.bg);
                        let line = &lines(buffer)[usize::from(y)];
                        let at = format!("{what} {x},{y} {:?}: {line}", cell.symbol());
                        found.entry(pair).or_insert(at);
                    }
                }
            });
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn every_sign_that_is_drawn_has_one_that_stands_in_for_it() {
    let theme = Theme::dark(ColourDepth::None);
    let mut missing = std::collections::BTreeSet::new();
    pictures(&theme, |buffer, _| {
        for cell in buffer.content() {
            let symbol = cell.symbol();
            // Foreign words are not ours to draw.
            let is_foreign = symbol.chars().any(|c| c.is_alphabetic() && c > '\u{2fff}');
            if !symbol.is_ascii() && !glyph::is_known(symbol) && !is_foreign {
                missing.insert(symbol.to_owned());
            }
        }
    });
    missing.retain(|symbol| symbol != "e\u{301}");
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn without_unicode_the_screen_says_the_same_in_the_same_columns() {
    let theme = Theme::dark(ColourDepth::None);
    pictures(&theme, |before, what| {
        for glyphs in [Glyphs::Plain, Glyphs::Ascii] {
            let mut after = before.clone();
            glyph::fit(&mut after, glyphs);
            for (before, after) in before.content().iter().zip(after.content()) {
                if before.symbol().is_ascii() {
                    assert_eq!(before, after, "{what}");
                }
                assert!(
                    glyphs == Glyphs::Plain || after.symbol().is_ascii(),
                    "{what}"
                );
            }
        }
    });
}

#[test]
fn the_list_of_themes_leaves_position_and_danger_in_sight() {
    let mut snapshot = sample::full();
    let (themes, _) = rack(&[], ColourDepth::Truecolour, Glyphs::Unicode, &[]);
    for (columns, rows) in SIZES {
        for loudness in [Loudness::Info, Loudness::Alarm] {
            snapshot.notices[0].loudness = loudness;
            let mut view = sample::view(&snapshot, columns, rows);
            view.wardrobe = Wardrobe::new(themes.clone(), "dark");
            view.mode = Mode::List(List::Themes, 3);
            let shown = text(&painted(&snapshot, &view, ColourDepth::Truecolour));
            assert!(shown.contains("LONG  0.150"), "{shown}");
            assert!(shown.contains("›"), "{shown}");
            assert!(shown.contains("vellum"), "{shown}");
            if loudness == Loudness::Alarm {
                assert!(shown.contains("BUY 0.050 rests"), "{shown}");
            }
        }
    }
}
