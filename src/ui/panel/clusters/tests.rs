use std::sync::Arc;

use super::*;
use crate::domain::{Price, Print, Side, Symbol};
use crate::market::clusters;
use crate::ui::help::HelpText;
use crate::ui::sample;
use crate::ui::snapshot::Snapshot;
use crate::ui::theme::{ColourDepth, Theme};
use crate::ui::view::{View, ViewAction};

fn print(side: Side, price: i64, lots: i64, at: i64) -> Print {
    Print {
        symbol: Symbol::new("BTCUSDT").unwrap(),
        side,
        price: Price(price),
        qty: Qty(lots),
        venue_ms: at,
    }
}

/// Two minutes of trades about the sample's best prices.
fn snapshot() -> Snapshot {
    let mut snapshot = sample::full();
    let instrument = snapshot.market.instrument.clone().unwrap();
    let mut clusters = clusters::Clusters::new(&[Frame::Time(60_000)], &instrument);
    let minute = 1_700_049_780_000;
    clusters.take(&[
        print(Side::Sell, 612_404, 1_200, minute - 30_000),
        print(Side::Buy, 612_405, 300, minute - 20_000),
        print(Side::Sell, 612_404, 4_000, minute),
        print(Side::Buy, 612_406, 9_000, minute + 1_000),
        print(Side::Sell, 612_405, 500, minute + 2_000),
        print(Side::Buy, 612_407, 2_000, minute + 3_000),
    ]);
    snapshot.market.clusters = clusters.columns(0).cloned();
    snapshot
}

fn view(snapshot: &Snapshot) -> View {
    let mut view = View::new(120, 40);
    view.charts.frames = Arc::new([Frame::Time(60_000)]);
    view.settle(snapshot);
    for _ in 0..9 {
        view.apply(ViewAction::Zoom(true), snapshot);
    }
    view.settle(snapshot);
    view
}

/// The panel at the height of the ladder, line by line.
fn drawn(snapshot: &Snapshot, view: &View, width: u16, depth: ColourDepth) -> Vec<String> {
    let (theme, help) = (Theme::dark(depth), HelpText::default());
    let scene = Scene {
        snapshot,
        view,
        theme: &theme,
        help: &help,
    };
    let area = Rect::new(0, 0, width, view.plan().ladder().height);
    let mut buffer = Buffer::empty(area);
    draw(&scene, area, &mut buffer);
    let rows = buffer.content().chunks(usize::from(width));
    rows.map(|row| row.iter().map(|cell| cell.symbol()).collect())
        .collect()
}

#[test]
fn a_cell_stands_on_the_row_of_its_price() {
    let snapshot = snapshot();
    let view = view(&snapshot);
    let shown = drawn(&snapshot, &view, 34, ColourDepth::Truecolour);
    let row = |side, price| usize::from(view.grid().unwrap().row(side, Price(price)).unwrap()) + 1;
    // Nine were bought one row over half a one sold; no row of the minute traded more.
    assert!(
        shown[row(Side::Buy, 612_406)].contains("▐   0▸9.00"),
        "{shown:#?}"
    );
    assert!(
        shown[row(Side::Buy, 612_405)].contains(".500×0"),
        "{shown:#?}"
    );
    assert!(
        shown[row(Side::Buy, 612_404)].contains("▐1.20◂0"),
        "{shown:#?}"
    );
    assert!(
        shown[row(Side::Buy, 612_404)].contains(" 4.00◂0"),
        "{shown:#?}"
    );
    assert!(shown[0].starts_with("clusters 1m "), "{}", shown[0]);
    assert!(
        shown[0].contains("12:02") || shown[0].contains("12:03"),
        "{}",
        shown[0]
    );
    let foot = shown.len() - 2;
    assert!(
        shown[foot].contains("15.5") && shown[foot + 1].contains("+6.50"),
        "{shown:#?}"
    );
}

#[test]
fn rows_merge_as_the_ladder_does() {
    // Eleven against four and a half are no three times as much.
    let snapshot = snapshot();
    let mut view = view(&snapshot);
    for _ in 0..3 {
        view.apply(ViewAction::Zoom(false), &snapshot);
    }
    assert_eq!(view.ticks_a_row(), 10);
    let shown = drawn(&snapshot, &view, 34, ColourDepth::None);
    let grid = view.grid().unwrap();
    let row = |side, price| usize::from(grid.row(side, Price(price)).unwrap()) + 1;
    assert!(
        shown[row(Side::Sell, 612_406)].contains("0×11.0"),
        "{shown:#?}"
    );
    assert!(
        shown[row(Side::Buy, 612_404)].contains("4.50×0"),
        "{shown:#?}"
    );
}

#[test]
fn the_text_goes_round_and_what_has_no_room_is_left_out() {
    let snapshot = snapshot();
    let mut view = view(&snapshot);
    let row = usize::from(view.grid().unwrap().row(Side::Buy, Price(612_406)).unwrap()) + 1;
    let texts = ["▐   0▸9.00", "▐+9.00▸", "▐9.00▸", "▐   0▸9.00"];
    for text in texts {
        let shown = drawn(&snapshot, &view, 34, ColourDepth::None);
        assert!(shown[row].contains(text), "{text} {shown:#?}");
        view.apply(ViewAction::ClusterText, &snapshot);
    }
    let narrow = drawn(&snapshot, &view, 12, ColourDepth::None);
    assert!(
        !narrow.join("\n").contains("1.20"),
        "the older column has no room"
    );
}

#[test]
fn a_panel_that_cannot_line_up_with_the_ladder_says_so_and_shows_nothing() {
    let snapshot = snapshot();
    let mut view = view(&snapshot);
    view.aside(7);
    let shown = drawn(&snapshot, &view, 44, ColourDepth::None).join("\n");
    assert!(
        shown.contains("stands beside the ladder") && !shown.contains("9.00"),
        "{shown}"
    );
    let mut empty = sample::full();
    empty.market.clusters = None;
    let shown = drawn(&empty, &self::view(&empty), 44, ColourDepth::None).join("\n");
    assert!(shown.contains("no trades yet"), "{shown}");
}

#[test]
fn a_cell_is_as_strong_as_the_share_of_its_larger_side() {
    let snapshot = snapshot();
    let mut view = view(&snapshot);
    view.charts.clusters.colour = ClusterColour::Balance;
    let theme = Theme::dark(ColourDepth::Truecolour);
    let help = HelpText::default();
    let scene = Scene {
        snapshot: &snapshot,
        view: &view,
        theme: &theme,
        help: &help,
    };
    let clusters = Clusters {
        scene: &scene,
        instrument: snapshot.market.instrument.as_deref().unwrap(),
        grid: view.grid().unwrap(),
        text: ClusterText::BidAsk,
    };
    let column = snapshot.market.clusters.as_ref().unwrap()[1].merged(1);
    for (buys, sells, step) in [
        (1, 0, Some(4)),
        (5, 3, Some(1)),
        (1, 1, None),
        (1, 7, Some(3)),
    ] {
        let cell = Cell { at: 0, buys, sells };
        let shade = clusters.shade(&column, &cell);
        assert_eq!(shade.map(|shade| shade.0), step, "{buys} {sells}");
        assert!(shade.is_none_or(|(_, ground)| ground.is_some()));
    }
}
