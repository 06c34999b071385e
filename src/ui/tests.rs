//! The whole screen: few snapshots, every size, and the rules about what a trader must see.

use std::sync::Arc;

use proptest::prelude::*;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};
use rust_decimal::Decimal;

use super::*;
use crate::domain::{BookState, OrderStatus, Price, Qty, Side};
use crate::engine::effect::Loudness;
use crate::ui::help::{HelpRow, Started};
use crate::ui::snapshot::{ArmState, OrderRow};
use crate::ui::theme::ColourDepth;
use crate::ui::view::{Field, List, ViewAction};

mod ladder;
mod layouts;
mod looks;
mod playing;
mod several;
mod stats;

fn painted(snapshot: &Snapshot, view: &View, depth: ColourDepth) -> Buffer {
    let (columns, rows) = view.size();
    let mut buffer = Buffer::empty(Rect::new(0, 0, columns, rows));
    let (theme, help) = (Theme::dark(depth), sample::help());
    paint(
        &mut buffer,
        &Scene {
            snapshot,
            view,
            theme: &theme,
            help: &help,
        },
    );
    buffer
}

fn screen(snapshot: &Snapshot, columns: u16, rows: u16) -> Buffer {
    painted(
        snapshot,
        &sample::view(snapshot, columns, rows),
        ColourDepth::Truecolour,
    )
}

/// The default layout's plan of a screen with one ladder.
fn planned(columns: u16, rows: u16) -> layout::Plan {
    View::new(columns, rows).plan()
}

fn lines(buffer: &Buffer) -> Vec<String> {
    let width = usize::from(buffer.area.width.max(1));
    buffer
        .content()
        .chunks(width)
        .map(|row| {
            row.iter()
                .map(|cell| cell.symbol())
                .collect::<String>()
                .trim_end()
                .to_owned()
        })
        .collect()
}

fn text(buffer: &Buffer) -> String {
    lines(buffer).join("\n")
}

/// One letter a cell for what its style shouts: R reverse, B bold, d dim, # a background of its own.
fn styles(buffer: &Buffer) -> String {
    let ground = buffer.content().iter().map(|cell| cell.bg).next_back();
    let letter = |cell: &ratatui::buffer::Cell| {
        if cell.modifier.contains(Modifier::REVERSED) {
            'R'
        } else if Some(cell.bg) != ground && cell.bg != Color::Reset {
            '#'
        } else if cell.modifier.contains(Modifier::BOLD) {
            'B'
        } else if cell.modifier.contains(Modifier::DIM) {
            'd'
        } else {
            ' '
        }
    };
    let width = usize::from(buffer.area.width);
    let rows = buffer.content().chunks(width);
    rows.map(|row| {
        row.iter()
            .map(letter)
            .collect::<String>()
            .trim_end()
            .to_owned()
    })
    .collect::<Vec<_>>()
    .join("\n")
}

#[test]
fn the_screen_at_80x24() {
    insta::assert_snapshot!("full_80x24", text(&screen(&sample::full(), 80, 24)));
    insta::assert_snapshot!("empty_80x24", text(&screen(&Snapshot::default(), 80, 24)));
    insta::assert_snapshot!("hostile_80x24", text(&screen(&sample::hostile(), 80, 24)));
}

#[test]
fn the_screen_at_120x40() {
    insta::assert_snapshot!("full_120x40", text(&screen(&sample::full(), 120, 40)));
    let view = sample::view(&sample::full(), 120, 40);
    let buffer = painted(&sample::full(), &view, ColourDepth::None);
    insta::assert_snapshot!("styles_without_colour_120x40", styles(&buffer));
}

#[test]
fn the_screen_at_200x60() {
    insta::assert_snapshot!("full_200x60", text(&screen(&sample::full(), 200, 60)));
}

fn three() -> impl Iterator<Item = (u16, Snapshot)> {
    (0..).zip([Snapshot::default(), sample::full(), sample::hostile()])
}

/// Sizes to try with the snapshot of a turn: under LANCET_DEEP=1 every size is some snapshot's, else every small one and a
/// sieve of the rest are all of theirs.
fn sizes(turn: u16) -> Vec<(u16, u16)> {
    let deep = std::env::var_os("LANCET_DEEP").is_some();
    let take = |columns: u16, rows: u16| {
        (deep && (columns + rows) % 3 == turn)
            || (columns.is_multiple_of(83) || [1, 39, 40, 80, 96, 118, 250].contains(&columns))
                && (rows < 10 || rows.is_multiple_of(19) || rows == 80)
    };
    (0..=250)
        .flat_map(|columns| (0..=80).map(move |rows| (columns, rows)))
        .filter(|(columns, rows)| take(*columns, *rows))
        .collect()
}

#[test]
fn f12_every_screen_at_every_size_draws() {
    let modes = [
        Mode::Ladder,
        Mode::List(List::Help, u16::MAX),
        Mode::List(List::Log, u16::MAX),
        Mode::List(List::Columns, u16::MAX),
        Mode::Search(Field::with("b"), usize::MAX),
        Mode::CommandLine(Field::with("币安人生 quit")),
        Mode::EditVolume(Field::default()),
        Mode::ConfirmQuit,
    ];
    for (turn, snapshot) in three() {
        for (at, (columns, rows)) in sizes(turn).into_iter().enumerate() {
            let mut view = sample::view(&snapshot, columns, rows);
            view.mode = modes[at % modes.len()].clone();
            painted(&snapshot, &view, ColourDepth::Truecolour);
        }
    }
}

#[test]
fn what_is_told_of_a_typed_line_stands_above_it() {
    let mut snapshot = sample::full();
    snapshot.told.words = "BUY 0.500 @ 61 200.0 post-only".to_owned();
    for (columns, rows) in [(80, 24), (120, 40), (200, 60)] {
        let mut view = sample::view(&snapshot, columns, rows);
        view.mode = Mode::CommandLine(Field::with("buy 0.5 @ 61200 post"));
        let drawn = lines(&painted(&snapshot, &view, ColourDepth::Truecolour));
        let told = drawn
            .iter()
            .rposition(|line| line.contains("BUY 0.500 @ 61 200.0 post-only"));
        let typed = drawn
            .iter()
            .rposition(|line| line.contains(":buy 0.5 @ 61200 post"));
        assert_eq!(told.map(|row| row + 1), typed, "{columns}x{rows}");
        assert!(typed.is_some());
    }
}

#[test]
fn a_relative_volume_shows_how_it_is_given_and_what_it_comes_to() {
    let mut snapshot = sample::full();
    snapshot.market.volumes[2].given = "5%".to_owned();
    snapshot.market.volumes[3] = crate::ui::snapshot::Volume {
        given: "20r".to_owned(),
        qty: None,
    };
    let drawn = text(&screen(&snapshot, 120, 40));
    assert!(drawn.contains("3 5%=0.100"), "{drawn}");
    assert!(drawn.contains("4 20r=? "), "{drawn}");
}

#[test]
fn f12_every_panel_at_every_size_draws_inside_its_area() {
    let theme = Theme::dark(ColourDepth::Sixteen);
    let help = sample::help();
    for (turn, snapshot) in three() {
        for (columns, rows) in sizes(turn) {
            let view = sample::view(&snapshot, columns.saturating_add(3), rows.saturating_add(3));
            let scene = Scene {
                snapshot: &snapshot,
                view: &view,
                theme: &theme,
                help: &help,
            };
            let area = Rect::new(2, 1, columns, rows);
            for panel in panel::PANELS {
                let mut buffer = Buffer::empty(Rect::new(0, 0, columns + 4, rows + 2));
                (panel.draw)(&scene, area, &mut buffer);
                let outside = |x: u16, y: u16| {
                    !area.contains((x, y).into()) && buffer[(x, y)].symbol() != " "
                };
                for y in 0..rows + 2 {
                    assert!(
                        !outside(0, y) && !outside(1, y),
                        "{} {columns}x{rows}",
                        panel.name
                    );
                    assert!(
                        !outside(columns + 2, y) && !outside(columns + 3, y),
                        "{} {columns}x{rows}",
                        panel.name
                    );
                }
            }
        }
    }
}

#[test]
fn f12_a_tiny_screen_still_says_lock_and_position() {
    let mut snapshot = sample::full();
    snapshot.arm = ArmState::ExitsOnly;
    let shown = text(&screen(&snapshot, 24, 4));
    assert!(
        shown.contains("EXITS ONLY") && shown.contains("LONG  0.150"),
        "{shown}"
    );
    assert!(text(&screen(&snapshot, 24, 6)).contains("too small"));
}

#[test]
fn rule3_a_stale_book_is_dim_on_the_ladder_and_says_its_age_there() {
    for (state, words) in [
        (
            BookState::Stale("line silent".to_owned()),
            "STALE 1.4s line",
        ),
        (BookState::Resync("gap".to_owned()), "RESYNC gap"),
        (BookState::Down("connecting".to_owned()), "DOWN connecting"),
    ] {
        for (columns, rows) in [(80, 24), (120, 40), (200, 60), (40, 8)] {
            let mut snapshot = sample::full();
            snapshot.market.state = Some(state.clone());
            snapshot.market.quiet_ms = 1_430;
            let view = sample::view(&snapshot, columns, rows);
            let buffer = painted(&snapshot, &view, ColourDepth::Truecolour);
            let shown = lines(&buffer);
            let ladder = planned(columns, rows).ladder();
            let body = &shown[usize::from(ladder.y)..usize::from(ladder.bottom())];
            let short = &words[..words.len().min(10)];
            assert!(
                body.iter().any(|line| line.contains(short)),
                "{columns}x{rows} {words}"
            );
            assert!(!shown.iter().any(|line| line.contains("LIVE")));
            let theme = Theme::dark(ColourDepth::Truecolour);
            let hues = [Role::Bid, Role::Ask, Role::Large].map(|role| theme.style(role).fg);
            // The column of a position's result keeps its colour; sizes and prices do not.
            let sizes = ladder.x + 13..ladder.x + ladder.width / 3;
            for y in ladder.y + 1..ladder.bottom() - 1 {
                for x in sizes.clone() {
                    let cell = &buffer[(x, y)];
                    let digit = cell.symbol().chars().all(|c| c.is_ascii_digit());
                    assert!(
                        !digit || columns < 80 || !hues.contains(&Some(cell.fg)),
                        "{x} {y}"
                    );
                }
            }
        }
    }
}

#[test]
fn rule1_an_unknown_order_is_seen_at_any_zoom_in_any_colours() {
    let mut snapshot = sample::full();
    snapshot.market.orders = vec![
        sample::order(Side::Buy, 612_390, 50, OrderStatus::Working),
        sample::order(Side::Buy, 612_391, 70, OrderStatus::Unknown),
    ];
    snapshot.market.position.unknown = true;
    for depth in [
        ColourDepth::None,
        ColourDepth::Sixteen,
        ColourDepth::Indexed,
        ColourDepth::Truecolour,
    ] {
        let mut view = sample::view(&snapshot, 80, 24);
        for _ in 0..9 {
            view.settle(&snapshot);
            let shown = text(&painted(&snapshot, &view, depth));
            assert!(
                shown.contains("?0.070")
                    || shown.contains("?0.120 ×2")
                    || shown.contains("?BUY 0.070"),
                "{shown}"
            );
            assert!(shown.contains("UNKNOWN"));
            view.apply(ViewAction::Zoom(true), &snapshot);
        }
    }
}

#[test]
fn states_of_own_orders_have_marks_of_their_own() {
    let order = |status, exit, cancelling| OrderRow {
        exit,
        cancelling,
        follows: false,
        trails: None,
        ..sample::order(Side::Buy, 5, 1, status)
    };
    let stop = OrderRow {
        trigger: Some(Price(4)),
        ..order(OrderStatus::Working, true, false)
    };
    let trail = OrderRow {
        trails: Some(30),
        ..stop.clone()
    };
    let all = [
        order(OrderStatus::Sent, false, false),
        order(OrderStatus::Accepted, false, false),
        order(OrderStatus::Working, false, false),
        order(OrderStatus::Working, true, false),
        order(OrderStatus::Working, false, true),
        order(OrderStatus::Unknown, false, false),
        stop,
        trail,
    ];
    let marks: std::collections::BTreeSet<&str> = all
        .iter()
        .map(|order| panel::ladder::own_mark(order).unwrap().1)
        .collect();
    assert_eq!(marks.len(), all.len());
    assert!(panel::ladder::own_mark(&order(OrderStatus::Filled, false, false)).is_none());
}

fn own_orders() -> impl Strategy<Value = Vec<(bool, i64, i64)>> {
    prop::collection::vec((any::<bool>(), -700_i64..700, 1_i64..5_000), 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn zoom_never_hides_an_own_order(orders in own_orders(), zooms in 0_usize..9) {
        let mut snapshot = sample::full();
        snapshot.market.position = Default::default();
        snapshot.market.orders = orders.iter().map(|(buy, away, lots)| {
            let side = if *buy { Side::Buy } else { Side::Sell };
            sample::order(side, 612_405 + away, *lots, OrderStatus::Working)
        }).collect();
        let mut view = sample::view(&snapshot, 200, 60);
        for _ in 0..9 { view.apply(ViewAction::Zoom(true), &snapshot); }
        for _ in 0..zooms { view.apply(ViewAction::Zoom(false), &snapshot); }
        view.settle(&snapshot);
        let buffer = painted(&snapshot, &view, ColourDepth::None);
        let ladder = planned(200, 60).ladder();
        let shown: String = lines(&buffer)[1..].iter()
            .map(|line| line.chars().skip(usize::from(ladder.x)).take(usize::from(ladder.width)).collect::<String>() + "\n")
            .collect();
        // Each order is on a row (alone or counted) or at an edge (named or counted).
        let mut seen = 0;
        let grid = view.grid().unwrap();
        for (side, sign) in [(Side::Buy, true), (Side::Sell, false)] {
            for row in 0..grid.rows() {
                let here: Vec<_> = orders.iter().filter(|(buy, away, _)|
                    *buy == sign && grid.row(side, Price(612_405 + away)) == Some(row)).collect();
                let total: i64 = here.iter().map(|(_, _, lots)| lots).sum();
                if !here.is_empty() {
                    let text = format!("▌{}", format::qty(snapshot.market.instrument.as_ref().unwrap(), Qty(total)));
                    prop_assert!(shown.contains(&text), "{text}\n{shown}");
                    seen += here.len();
                }
            }
        }
        let edges = shown.matches("t  ").count() + shown.matches("t\n").count();
        prop_assert!(seen == orders.len() || edges > 0 || shown.contains('▲') || shown.contains('▼'));
    }

    #[test]
    fn nothing_moves_sideways_when_values_change(lots in prop::collection::vec(1_i64..99_999, 40), lag in 0_i64..9_000, ticks in -9_999_i64..9_999, p50 in 0_u64..9_000) {
        let mut snapshot = sample::full();
        let mut wide = (**snapshot.market.depth.as_ref().unwrap()).clone();
        let with = |levels: &[crate::domain::Level], lots: &[i64]| -> Arc<[crate::domain::Level]> {
            levels.iter().enumerate().map(|(i, level)| crate::domain::Level { qty: Qty(lots[i % lots.len()]), ..*level }).collect()
        };
        wide.bids = with(&wide.bids, &[99_999]);
        snapshot.market.depth = Some(Arc::new(wide.clone()));
        let mut view = sample::view(&snapshot, 200, 60);
        for _ in 0..9 { view.apply(ViewAction::Zoom(true), &snapshot); }
        view.settle(&snapshot);
        let before = points(&painted(&snapshot, &view, ColourDepth::None));
        wide.bids = with(&wide.bids, &lots);
        wide.asks = with(&wide.asks, &lots);
        snapshot.market.depth = Some(Arc::new(wide));
        snapshot.market.lag_ms = lag;
        snapshot.acks.p50_us = p50;
        snapshot.market.position.open_ticks = Some(ticks);
        snapshot.market.position.open = Some(Decimal::new(ticks * 15, 3));
        view.settle(&snapshot);
        let after = points(&painted(&snapshot, &view, ColourDepth::None));
        prop_assert_eq!(before, after);
    }
}

/// The columns in which the ladder's decimal points stand, and where the words of the status line begin.
fn points(buffer: &Buffer) -> (std::collections::BTreeSet<usize>, Vec<Option<usize>>) {
    let shown = lines(buffer);
    let ladder = planned(buffer.area.width, buffer.area.height).ladder();
    let from = usize::from(ladder.x) + 14;
    let mut columns = std::collections::BTreeSet::new();
    for line in &shown[2..usize::from(ladder.bottom()) - 1] {
        let row: Vec<char> = line.chars().collect();
        // The half with the position's words is not a column of numbers.
        if line.contains("LONG") && line.contains("+0.10%") || row.contains(&'L') {
            continue;
        }
        let until = usize::from(ladder.right()).min(row.len());
        for (x, c) in row.iter().enumerate().take(until).skip(from) {
            if *c == '.' {
                columns.insert(x);
            }
        }
    }
    let words = ["BTCUSDT", "LIVE", "ack", "link", "funding", "ARMED"];
    (
        columns,
        words.iter().map(|word| shown[0].find(word)).collect(),
    )
}

#[test]
fn rule9_f14_f15_hostile_strings_are_inert_and_columns_stay_whole() {
    for (columns, rows) in [(40, 8), (80, 24), (120, 40), (200, 60)] {
        let snapshot = sample::hostile();
        let buffer = screen(&snapshot, columns, rows);
        for cell in buffer.content() {
            assert!(
                !cell
                    .symbol()
                    .chars()
                    .any(|c| c.is_control() || c == '\u{202e}' || c == '\u{200b}')
            );
        }
        assert!(text(&buffer).contains("EXITS ONLY"));
    }
}

#[test]
fn danger_is_never_pushed_out_by_what_is_merely_newer() {
    let mut snapshot = sample::full();
    snapshot.notices[1].loudness = Loudness::Alarm;
    snapshot.notices[1].words = "position has no stop".to_owned();
    let shown = text(&screen(&snapshot, 80, 24));
    assert!(shown.contains("position has no stop"), "{shown}");
}

#[test]
fn what_ended_a_danger_and_the_refusal_of_a_key_are_not_hidden_by_it() {
    let mut snapshot = sample::full();
    snapshot.notices[1].loudness = Loudness::Alarm;
    snapshot.notices[1].words = "PANIC".to_owned();
    for loudness in [Loudness::Good, Loudness::Warn] {
        snapshot.notices[0].loudness = loudness;
        let shown = text(&screen(&snapshot, 80, 24));
        assert!(!shown.contains("PANIC"), "{shown}");
        assert!(shown.contains(&snapshot.notices[0].words), "{shown}");
    }
}

#[test]
fn lists_leave_the_position_and_a_fresh_danger_in_sight() {
    let mut snapshot = sample::full();
    for action in [List::Help, List::Log, List::Columns].map(ViewAction::List) {
        for (columns, rows) in [(80, 24), (120, 40), (200, 60)] {
            snapshot.notices[0].loudness = Loudness::Info;
            let mut view = sample::view(&snapshot, columns, rows);
            view.apply(action, &snapshot);
            let shown = text(&painted(&snapshot, &view, ColourDepth::None));
            assert!(shown.contains("LONG "), "{shown}");
            snapshot.notices[0].loudness = Loudness::Alarm;
            let shown = text(&painted(&snapshot, &view, ColourDepth::None));
            assert!(shown.contains("LONG "), "{shown}");
            assert!(shown.contains(&snapshot.notices[0].words), "{shown}");
        }
    }
}

#[test]
fn a_level_never_told_of_is_a_dot_and_an_empty_one_is_blank() {
    let mut snapshot = sample::full();
    let mut depth = sample::depth("BTCUSDT", 612_404, 612_406, 6, BookState::Live);
    depth.bids = depth
        .bids
        .iter()
        .copied()
        .filter(|level| level.price != Price(612_402))
        .collect();
    snapshot.market.depth = Some(Arc::new(depth));
    snapshot.market.orders.clear();
    snapshot.market.range = None;
    snapshot.market.position = Default::default();
    let mut view = sample::view(&snapshot, 80, 24);
    for _ in 0..9 {
        view.apply(ViewAction::Zoom(true), &snapshot);
    }
    view.apply(ViewAction::Centre, &snapshot);
    let shown = lines(&painted(&snapshot, &view, ColourDepth::None));
    let row = |price: &str| shown.iter().find(|line| line.contains(price)).unwrap();
    assert!(row("61 239.8").contains('·'), "{}", row("61 239.8"));
    assert!(!row("61 240.2").contains('·'));
    assert!(!row("61 240.5").contains('·'));
}

#[test]
fn a_still_market_says_when_it_will_look_different() {
    let snapshot = sample::full();
    let view = sample::view(&snapshot, 120, 40);
    let mut later = snapshot.clone();
    let ms = pulse::next_change(&snapshot, &view).unwrap();
    later.now = later.now.plus_ms(ms - 1);
    later.market.quiet_ms += ms - 1;
    later.market.funding = later
        .market
        .funding
        .map(|(rate, left)| (rate, left - (ms as i64 - 1)));
    let draw = |snapshot: &Snapshot| painted(snapshot, &view, ColourDepth::Truecolour);
    assert_eq!(draw(&snapshot), draw(&later));
    later.now = later.now.plus_ms(1);
    later.market.funding = later.market.funding.map(|(rate, left)| (rate, left - 1));
    assert_ne!(draw(&snapshot), draw(&later));
}

#[test]
fn an_unsafe_endpoint_is_shouted_at_every_width() {
    let mut snapshot = sample::full();
    let first = |snapshot: &Snapshot, columns| lines(&screen(snapshot, columns, 24))[0].clone();
    assert!(!first(&snapshot, 120).contains("UNSAFE"));
    snapshot.is_unsafe = true;
    for columns in [60, 80, 120, 200] {
        let line = first(&snapshot, columns);
        assert!(line.contains("UNSAFE ENDPOINT"), "{columns}: {line}");
    }
    let buffer = screen(&snapshot, 120, 24);
    let at = first(&snapshot, 120)
        .chars()
        .position(|c| c == 'U')
        .unwrap();
    let style = buffer[(u16::try_from(at).unwrap(), 0)].style();
    let alarm = Theme::dark(ColourDepth::Truecolour).style(Role::Alarm);
    assert_eq!((style.fg, style.bg), (alarm.fg, alarm.bg));
}

#[test]
fn help_reaches_every_row_by_scrolling() {
    let snapshot = sample::full();
    let mut view = sample::view(&snapshot, 80, 12);
    view.apply(ViewAction::List(List::Help), &snapshot);
    let mut seen = String::new();
    for _ in 0..40 {
        seen.push_str(&text(&painted(&snapshot, &view, ColourDepth::None)));
        view.apply(ViewAction::Cursor(-1), &snapshot);
    }
    for group in sample::help().groups {
        for row in group.rows {
            assert!(
                seen.contains(&row.words[..20.min(row.words.len())]),
                "{}",
                row.words
            );
        }
    }
}

#[test]
fn a_started_sequence_lists_what_may_follow_and_leaves_the_position_in_sight() {
    let row = |at: usize| HelpRow {
        action: "volume-1".to_owned(),
        keys: char::from(b'a' + u8::try_from(at).unwrap()).to_string(),
        words: format!("does what number {at} of them is for"),
    };
    let snapshot = sample::full();
    for (columns, rows, all) in [
        (40, 8, false),
        (80, 24, true),
        (120, 40, true),
        (200, 60, true),
    ] {
        let mut view = sample::view(&snapshot, columns, rows);
        view.started = Some(Arc::new(Started {
            keys: "y".to_owned(),
            next: (0..10).map(row).collect(),
            warning: String::new(),
        }));
        let text = text(&painted(&snapshot, &view, ColourDepth::None));
        assert!(text.contains("y a does what number 0"), "{columns}\n{text}");
        assert!(text.contains("LONG"), "{columns}\n{text}");
        let last = ["y j does what number 9", "Esc drops it"];
        assert!(
            last.iter().all(|words| text.contains(words)) == all,
            "{columns}\n{text}"
        );
        assert!(text.contains("more, see help") != all, "{columns}\n{text}");
    }
}
