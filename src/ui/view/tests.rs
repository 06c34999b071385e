//! The view: the ladder keeps still, the cursor follows rows, nothing is submitted by accident.

use super::*;
use crate::domain::{BookState, Qty};
use crate::engine::volume::Size;
use crate::ui::sample;
use std::sync::Arc;

fn moved(snapshot: &Snapshot, bid: i64) -> Snapshot {
    let mut snapshot = snapshot.clone();
    let depth = sample::depth("BTCUSDT", bid, bid + 2, 600, BookState::Live);
    snapshot.market.depth = Some(Arc::new(depth));
    snapshot
}

fn at_one_tick(snapshot: &Snapshot) -> View {
    let mut view = sample::view(snapshot, 120, 40);
    while view.ticks_a_row() > 1 {
        view.apply(ViewAction::Zoom(true), snapshot);
    }
    view.apply(ViewAction::Centre, snapshot);
    view.settle(snapshot);
    view
}

#[test]
fn the_ladder_keeps_still_until_price_nears_its_edge() {
    let snapshot = sample::full();
    let mut view = at_one_tick(&snapshot);
    let before = view.grid();
    let rows = i64::from(before.unwrap().rows());
    for bid in 612_404..612_404 + rows / 3 {
        view.settle(&moved(&snapshot, bid));
        assert_eq!(view.grid(), before, "{bid}");
    }
    view.settle(&moved(&snapshot, 612_404 + rows / 2));
    let after = view.grid().unwrap();
    assert_ne!(Some(after), before);
    assert_eq!(
        after.row(Side::Buy, Price(612_404 + rows / 2 + 1)),
        Some((rows / 2) as u16)
    );
}

#[test]
fn a_spread_wider_than_the_screen_does_not_make_the_ladder_jump() {
    let mut snapshot = sample::full();
    let mut depth = sample::depth("BTCUSDT", 612_000, 612_900, 5, BookState::Live);
    depth.known_down_to = None;
    snapshot.market.depth = Some(Arc::new(depth));
    let mut view = at_one_tick(&snapshot);
    let before = view.grid();
    view.settle(&snapshot);
    assert_eq!(view.grid(), before);
}

#[test]
fn the_first_zoom_shows_break_even_and_two_minutes_of_range() {
    let mut snapshot = sample::full();
    snapshot.market.position = Default::default();
    snapshot.market.range = Some((Price(612_000), Price(612_500)));
    for (columns, rows) in [(80, 24), (120, 40), (200, 60)] {
        let view = sample::view(&snapshot, columns, rows);
        let grid = view.grid().unwrap();
        // Maker and taker fee of 61 240.5: 428 ticks.
        for price in [612_405 - 428, 612_405 + 428, 612_000, 612_500] {
            assert!(
                grid.row(Side::Buy, Price(price)).is_some(),
                "{columns}x{rows} {price}"
            );
        }
        let closer = Grid::centred(
            Price(612_405),
            ZOOMS[ZOOMS.iter().position(|z| *z == grid.zoom()).unwrap() - 1],
            grid.rows(),
        );
        assert!(
            closer.row(Side::Buy, Price(612_405 - 428)).is_none(),
            "{columns}x{rows}"
        );
    }
}

#[test]
fn zoom_keeps_the_cursor_on_its_row_and_its_price() {
    let snapshot = sample::full();
    let mut view = at_one_tick(&snapshot);
    view.apply(ViewAction::Cursor(-1), &snapshot);
    view.apply(ViewAction::Cursor(-3), &snapshot);
    assert_eq!(view.cursor_price(), Some(Price(612_401)));
    let row = view.cursor_row();
    view.apply(ViewAction::Zoom(false), &snapshot);
    assert_eq!(view.cursor_row(), row);
    assert_eq!(view.cursor_price(), Some(Price(612_400)));
    assert_eq!(
        view.cursor_range(Side::Buy),
        Some((Price(612_400), Price(612_401)))
    );
    assert_eq!(
        view.cursor_range(Side::Sell),
        Some((Price(612_399), Price(612_400)))
    );
}

#[test]
fn a_cursor_outside_the_screen_has_no_price() {
    let snapshot = sample::full();
    let mut view = at_one_tick(&snapshot);
    assert_eq!(view.cursor_price(), None);
    view.apply(ViewAction::Cursor(1), &snapshot);
    assert_eq!(view.cursor_price(), Some(Price(612_406)));
    view.settle(&moved(&snapshot, 612_900));
    assert_eq!(view.cursor_price(), None);
    view.settle(&snapshot);
    view.apply(ViewAction::Dismiss, &snapshot);
    assert_eq!(view.cursor_price(), None);
}

#[test]
fn the_cursor_pushes_the_ladder_only_while_price_stays_in_sight() {
    let snapshot = sample::full();
    let mut view = at_one_tick(&snapshot);
    for _ in 0..200 {
        view.apply(ViewAction::Cursor(10), &snapshot);
        view.settle(&snapshot);
        assert!(view.cursor_price().is_some());
    }
    let grid = view.grid().unwrap();
    assert_eq!(view.cursor_row(), Some(0));
    assert!(grid.row(Side::Buy, Price(612_404)).is_some());
}

#[test]
fn large_sizes_are_found_row_by_row() {
    let snapshot = sample::full();
    let mut view = at_one_tick(&snapshot);
    let mut found = 0;
    while view.apply(ViewAction::Large(true), &snapshot) == ViewOutcome::Drawn {
        let row = view.cursor_row().unwrap();
        let profile = Profile::of(view.grid().unwrap(), snapshot.market.depth.as_deref());
        assert!(profile.has(row, view.marks(&snapshot.market, &profile).large));
        found += 1;
        assert!(found < 40);
    }
    assert!(found > 0);
}

#[test]
fn pasted_lines_do_not_submit_and_search_finds_by_prefix() {
    let snapshot = sample::full();
    let mut view = sample::view(&snapshot, 80, 24);
    view.apply(ViewAction::Search, &snapshot);
    view.paste("eth\r\n");
    assert!(view.mode.takes_text());
    assert_eq!(
        view.submit(&snapshot),
        ViewOutcome::OpenSymbol("ETHUSDT".to_owned())
    );
    view.apply(ViewAction::Search, &snapshot);
    view.type_char('b');
    view.choose(true);
    assert_eq!(
        view.submit(&snapshot),
        ViewOutcome::OpenSymbol("BTCUSDC".to_owned())
    );
    view.apply(ViewAction::Search, &snapshot);
    view.paste("DOEG");
    let said = view.submit(&snapshot);
    assert_eq!(
        said,
        ViewOutcome::Note("no symbol fits DOEG, did you mean \"DOGEUSDT\"?".to_owned())
    );
}

#[test]
fn a_volume_is_taken_only_on_the_lot_grid() {
    let snapshot = sample::full();
    let mut view = sample::view(&snapshot, 80, 24);
    let mut typed = |text: &str| {
        view.mode = Mode::EditVolume(Field::with(text));
        view.submit(&snapshot)
    };
    assert_eq!(
        typed("0,25"),
        ViewOutcome::SetVolume(2, Size::Base("0.25".parse().unwrap()))
    );
    assert_eq!(
        typed("1 000"),
        ViewOutcome::SetVolume(2, Size::Base(1_000.into()))
    );
    for bad in [
        "0.0005",
        "-1",
        "0",
        "x",
        "",
        "1e3",
        "9999999999999999999999",
    ] {
        assert!(matches!(typed(bad), ViewOutcome::Note(_)), "{bad}");
    }
}

#[test]
fn quitting_needs_a_second_word() {
    let snapshot = sample::full();
    let mut view = sample::view(&snapshot, 80, 24);
    assert_eq!(view.apply(ViewAction::Quit, &snapshot), ViewOutcome::Drawn);
    assert_eq!(view.type_char('x'), ViewOutcome::Drawn);
    assert_eq!(view.mode, Mode::Ladder);
    view.apply(ViewAction::Quit, &snapshot);
    assert_eq!(view.type_char('y'), ViewOutcome::Quit);
}

#[test]
fn another_symbol_starts_with_a_clean_view() {
    let snapshot = sample::full();
    let mut view = at_one_tick(&snapshot);
    view.apply(ViewAction::Cursor(1), &snapshot);
    let mut other = snapshot.clone();
    other.market.key = Some(sample::key("ETHUSDT"));
    view.settle(&other);
    assert_eq!(view.cursor_price(), None);
    assert!(view.ticks_a_row() > 1);
}

#[test]
fn only_new_prints_are_lit_and_they_go_out() {
    let mut snapshot = sample::full();
    let mut view = sample::view(&snapshot, 120, 40);
    assert!(view.flashes().is_empty());
    let mut prints = snapshot.market.prints.to_vec();
    let newest = crate::domain::Print {
        qty: Qty(77),
        ..prints[0]
    };
    prints.insert(0, newest);
    snapshot.market.prints = prints.into();
    view.settle(&snapshot);
    assert_eq!(view.flashes().len(), 1);
    snapshot.now = snapshot.now.plus_ms(FADE_MS);
    view.settle(&snapshot);
    assert!(view.flashes().is_empty());
}

#[test]
fn the_action_table_names_each_action_once() {
    for (at, row) in VIEW_ACTIONS.iter().enumerate() {
        assert!(
            VIEW_ACTIONS[at + 1..]
                .iter()
                .all(|other| other.name != row.name && other.action != row.action)
        );
        assert!(
            crate::engine::action::ACTIONS
                .iter()
                .all(|other| other.name != row.name)
        );
    }
}

#[test]
fn the_first_zoom_is_not_wider_than_what_is_known_of_the_book() {
    let mut snapshot = sample::full();
    snapshot.market.position = Default::default();
    snapshot.market.depth = Some(Arc::new(sample::depth(
        "BTCUSDT",
        612_404,
        612_406,
        20,
        BookState::Live,
    )));
    let view = sample::view(&snapshot, 120, 40);
    assert_eq!(view.ticks_a_row(), 2);
}

#[test]
fn the_log_opens_scrolls_and_closes_and_leaves_the_keys_to_the_ladder() {
    let snapshot = sample::full();
    let mut view = sample::view(&snapshot, 80, 24);
    view.apply(ViewAction::List(List::Log), &snapshot);
    assert_eq!(view.mode, Mode::List(List::Log, 0));
    assert!(!view.mode.takes_text(), "trading keys go on");
    view.apply(ViewAction::Cursor(-10), &snapshot);
    view.apply(ViewAction::Cursor(1), &snapshot);
    assert_eq!(view.mode, Mode::List(List::Log, 9));
    view.apply(ViewAction::List(List::Log), &snapshot);
    assert_eq!(view.mode, Mode::Ladder);
    view.apply(ViewAction::List(List::Log), &snapshot);
    view.cancel();
    assert_eq!(view.mode, Mode::Ladder);
}

#[test]
fn the_chosen_notification_stays_chosen_and_enter_goes_to_its_ladder() {
    let mut snapshot = sample::full();
    let mut view = sample::view(&snapshot, 80, 24);
    snapshot.alerts = sample::alerted(5);
    view.settle(&snapshot);
    view.apply(ViewAction::List(List::Notices), &snapshot);
    view.apply(ViewAction::Cursor(-1), &snapshot);
    let chosen = |view: &View, snapshot: &Snapshot| match view.mode {
        Mode::List(List::Notices, at) => snapshot.alerts.rows[usize::from(at)].id,
        ref mode => panic!("{mode:?}"),
    };
    assert_eq!(chosen(&view, &snapshot), 4);
    snapshot.alerts = sample::alerted(8);
    view.settle(&snapshot);
    assert_eq!(chosen(&view, &snapshot), 4, "three came above it");
    view.apply(ViewAction::Cursor(-10), &snapshot);
    assert_eq!(chosen(&view, &snapshot), 1, "the last");
    let row = snapshot.alerts.rows[7].market.unwrap();
    let name = format!("{}:{}", row.venue, row.symbol);
    let outcome = view.apply(ViewAction::Centre, &snapshot);
    assert_eq!(outcome, ViewOutcome::OpenSymbol(name));
    assert_eq!(view.mode, Mode::Ladder);
}

#[test]
fn a_level_is_set_where_the_cursor_is_and_nowhere_without_one() {
    let snapshot = sample::full();
    let mut view = at_one_tick(&snapshot);
    let said = view.apply(ViewAction::Level, &snapshot);
    assert!(matches!(said, ViewOutcome::Note(_)));
    view.apply(ViewAction::Cursor(-1), &snapshot);
    let price = view.cursor_price().unwrap();
    let said = view.apply(ViewAction::Level, &snapshot);
    assert_eq!(said, ViewOutcome::Level(price, (price, price)));
}
