use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::*;
use crate::domain::{Price, Print, Stamp, Symbol};
use crate::market::Readings;
use crate::ui::sample;
use crate::ui::snapshot::Snapshot;
use crate::ui::theme::{ColourDepth, Theme};
use crate::ui::view::{View, ViewAction};

/// A market of fifty prints, one in ten of them large, and these after them, each (side, price, lots, ms after the first of these).
fn market(prints: &[(Side, i64, i64, i64)]) -> Snapshot {
    let mut snapshot = sample::full();
    let mut readings = Readings::default();
    let print = |side, price, qty, venue_ms| Print {
        symbol: Symbol::new("BTCUSDT").unwrap(),
        side,
        price: Price(price),
        qty: Qty(qty),
        venue_ms,
    };
    for i in 0..50 {
        let now = Stamp::default().plus_ms(i * 1_000);
        let lots = if i % 10 == 0 { 1_000 } else { 100 };
        readings.prints(now, &[print(Side::Buy, 612_400, lots, i as i64 * 1_000)]);
        readings.tick(now);
    }
    for (side, price, qty, ms) in prints {
        let now = Stamp::default().plus_ms(50_000);
        readings.prints(now, &[print(*side, *price, *qty, 51_000 + ms)]);
    }
    sample::prints::take(&mut snapshot.market, &readings);
    snapshot
}

fn rows(snapshot: &Snapshot, view: &View, width: u16) -> Vec<String> {
    let area = Rect::new(0, 0, width, 12);
    let mut buffer = Buffer::empty(area);
    let (theme, help) = (Theme::dark(ColourDepth::None), sample::help());
    let scene = Scene {
        snapshot,
        view,
        theme: &theme,
        help: &help,
    };
    draw(&scene, area, &mut buffer);
    let line = |y| {
        (0..width)
            .map(|x| buffer[(x, y)].symbol())
            .collect::<String>()
    };
    (0..12).map(|y| line(y).trim_end().to_owned()).collect()
}

#[test]
fn a_row_says_how_many_prints_it_holds_and_a_sweep_how_many_prices() {
    let swept = (0..6).map(|i| (Side::Sell, 612_400 - i, 40, 500));
    let snapshot = market(
        &[(Side::Buy, 612_401, 60, 0), (Side::Buy, 612_402, 41, 150)]
            .into_iter()
            .chain(swept)
            .collect::<Vec<_>>(),
    );
    let rows = rows(&snapshot, &sample::view(&snapshot, 120, 40), 22);
    assert_eq!(rows[1], " ▼»6    0.240 61 239.5");
    assert_eq!(rows[2], " ▲ x2   0.101 61 240.2");
    assert_eq!(rows[3], " ▲      0.100 61 240.0");
}

#[test]
fn small_prints_are_dim_then_hidden_then_as_all_others() {
    let snapshot = market(&[
        (Side::Sell, 612_399, 3, 0),
        (Side::Buy, 612_400, 9_000, 400),
    ]);
    let mut view = sample::view(&snapshot, 120, 40);
    let shown = rows(&snapshot, &view, 22);
    assert_eq!(shown[0], " tape  dim under 0.100");
    assert_eq!(
        shown[1], " ▲▲     9.000 61 240.0",
        "a large one has two marks"
    );
    assert_eq!(shown[2], " ▼      0.003 61 239.9");
    view.apply(ViewAction::Filtered, &snapshot);
    let hidden = rows(&snapshot, &view, 22);
    assert_eq!(hidden[0], " tape       from 0.100");
    assert_eq!(hidden[2], " ▲      0.100 61 240.0");
    view.apply(ViewAction::Filtered, &snapshot);
    let all = rows(&snapshot, &view, 22);
    assert_eq!(all[0], " tape");
    assert_eq!(all[2], shown[2]);
}
