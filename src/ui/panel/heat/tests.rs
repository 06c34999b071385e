use std::sync::Arc;

use super::*;
use crate::domain::{BookState, Depth, Print, Stamp, Symbol};
use crate::market::heat::{Heat, HeatSettings};
use crate::ui::help::HelpText;
use crate::ui::sample;
use crate::ui::snapshot::Snapshot;
use crate::ui::theme::{ColourDepth, Theme};
use crate::ui::view::{View, ViewAction};

/// Ten seconds of the sample's book, then its best ask taken away; a wall of asks stands all the time.
fn snapshot() -> Snapshot {
    let mut snapshot = sample::full();
    let mut heat = Heat::new(HeatSettings { seconds: 1 });
    let level = |price, lots| Level {
        price: Price(price),
        qty: Qty(lots),
    };
    let book = |asks: &[Level]| {
        Arc::new(Depth {
            bids: [level(612_404, 500), level(612_403, 400)].into(),
            asks: asks.into(),
            ..sample::depth("BTCUSDT", 612_404, 612_406, 3, BookState::Live)
        })
    };
    let asks = [
        level(612_406, 300),
        level(612_407, 350),
        level(612_412, 40_000),
    ];
    let start = Stamp {
        mono_ns: 0,
        wall_ns: 1_700_049_000_000_000_000,
    };
    for second in 0..20_u64 {
        let now = start.plus_ms(second * 1_000);
        let shown = if second < 10 { &asks[..] } else { &asks[1..] };
        heat.depth(&book(shown));
        heat.take(now, &[print(second)]);
        heat.tick(now);
    }
    snapshot.market.heat = Some(heat.picture());
    snapshot
}

fn print(second: u64) -> Print {
    Print {
        symbol: Symbol::new("BTCUSDT").unwrap(),
        side: if second < 10 { Side::Sell } else { Side::Buy },
        price: Price(if second < 10 { 612_404 } else { 612_407 }),
        qty: Qty(if second == 15 { 9_000 } else { 10 }),
        venue_ms: 0,
    }
}

fn view(snapshot: &Snapshot) -> View {
    let mut view = View::new(120, 40);
    view.settle(snapshot);
    for _ in 0..9 {
        view.apply(ViewAction::Zoom(true), snapshot);
    }
    view.settle(snapshot);
    view
}

fn drawn(snapshot: &Snapshot, view: &View, height: u16, depth: ColourDepth) -> Buffer {
    let (theme, help) = (Theme::dark(depth), HelpText::default());
    let scene = Scene {
        snapshot,
        view,
        theme: &theme,
        help: &help,
    };
    let area = Rect::new(0, 0, 30, height);
    let mut buffer = Buffer::empty(area);
    draw(&scene, area, &mut buffer);
    buffer
}

fn row(buffer: &Buffer, row: u16) -> String {
    (0..buffer.area.width)
        .map(|x| buffer[(x, row)].symbol())
        .collect()
}

#[test]
fn a_wall_is_a_bright_line_and_the_best_prices_are_lines_of_their_sides() {
    let snapshot = snapshot();
    let view = view(&snapshot);
    let grid = view.grid().unwrap();
    let buffer = drawn(&snapshot, &view, grid.rows() + 2, ColourDepth::None);
    let at = |side, price| row(&buffer, grid.row(side, Price(price)).unwrap() + 1);
    assert!(
        at(Side::Sell, 612_412).ends_with("█████████"),
        "{}",
        at(Side::Sell, 612_412)
    );
    assert!(
        at(Side::Buy, 612_404).contains("──"),
        "{}",
        at(Side::Buy, 612_404)
    );
    // The best ask went a tick up in the middle of the picture.
    let (before, after) = (at(Side::Sell, 612_406), at(Side::Sell, 612_407));
    assert!(
        before.trim_end().len() < after.trim_end().len(),
        "{before}\n{after}"
    );
    assert!(after.contains('▲'), "{after}");
    let foot = row(&buffer, grid.rows() + 1);
    assert!(foot.contains("-30s"), "{foot}");
}

#[test]
fn shades_go_from_the_ground_to_the_hue() {
    let snapshot = snapshot();
    let view = view(&snapshot);
    let grid = view.grid().unwrap();
    let buffer = drawn(&snapshot, &view, grid.rows() + 2, ColourDepth::Truecolour);
    let at = |side, price| buffer[(25, grid.row(side, Price(price)).unwrap() + 1)].bg;
    let theme = Theme::dark(ColourDepth::Truecolour);
    assert_eq!(
        Some(at(Side::Sell, 612_412)),
        theme.shade(Role::Heat, SHADES, SHADES)
    );
    assert_ne!(at(Side::Buy, 612_403), at(Side::Sell, 612_412));
}

#[test]
fn away_from_the_ladder_it_has_prices_of_its_own() {
    let snapshot = snapshot();
    let view = view(&snapshot);
    let buffer = drawn(&snapshot, &view, 16, ColourDepth::None);
    let all: Vec<String> = (0..16).map(|y| row(&buffer, y)).collect();
    let priced = all.iter().filter(|line| {
        line.trim_end().ends_with(|c: char| c.is_ascii_digit()) && line.contains("61 2")
    });
    assert!(priced.count() >= 3, "{all:#?}");
    assert!(all.iter().any(|line| line.contains("████")), "{all:#?}");
}

#[test]
fn a_step_is_reached_with_the_square_of_its_number() {
    let snapshot = snapshot();
    let view = view(&snapshot);
    let (theme, help) = (Theme::dark(ColourDepth::None), HelpText::default());
    let scene = Scene {
        snapshot: &snapshot,
        view: &view,
        theme: &theme,
        help: &help,
    };
    let heat = snapshot.market.heat.as_ref().unwrap();
    let shades = Shades::of(&scene, &Map::of(heat, view.grid().unwrap(), 20));
    let full = shades.full();
    let slow = |lots: i64| {
        let part = (lots as f64 / full as f64).sqrt() * f64::from(SHADES);
        ((part + 1e-9).floor() as u8).clamp(1, SHADES)
    };
    for lots in (1..full * 2).step_by(37) {
        assert_eq!(shades.step(lots), slow(lots), "{lots} of {full}");
    }
    assert_eq!(
        (shades.step(0), shades.step(-5), shades.step(i64::MAX)),
        (0, 0, SHADES)
    );
}

#[test]
fn before_there_is_a_book_it_says_so() {
    let mut snapshot = sample::full();
    snapshot.market.heat = None;
    let buffer = drawn(&snapshot, &view(&snapshot), 20, ColourDepth::None);
    assert!(
        row(&buffer, 1).contains("no picture"),
        "{}",
        row(&buffer, 1)
    );
}
