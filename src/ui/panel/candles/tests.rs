use super::*;
use crate::domain::{Print, Symbol};
use crate::market::candles;
use crate::ui::help::HelpText;
use crate::ui::sample;
use crate::ui::snapshot::Snapshot;
use crate::ui::theme::Theme;
use crate::ui::view::View;

const MINUTE: i64 = 1_700_049_780_000;

fn print(price: i64, lots: i64, at: i64) -> Print {
    Print {
        symbol: Symbol::new("BTCUSDT").unwrap(),
        side: Side::Buy,
        price: Price(price),
        qty: Qty(lots),
        venue_ms: at,
    }
}

/// A minute that rises from 61 230 to 61 250 and one that falls back to 61 240, after four minutes of nothing.
fn snapshot() -> Snapshot {
    let mut snapshot = sample::full();
    let instrument = snapshot.market.instrument.clone().unwrap();
    let mut candles = candles::Candles::new(&[Frame::Time(60_000)], &instrument);
    candles.take(&[
        print(612_300, 1_000, MINUTE - 300_000),
        print(612_300, 1_000, MINUTE - 60_000),
        print(612_500, 1_000, MINUTE - 20_000),
        print(612_500, 1_000, MINUTE),
        print(612_310, 5_000, MINUTE + 9_000),
        print(612_310, 1, MINUTE + 240_000),
    ]);
    snapshot.market.candles = candles.picture(0);
    snapshot
}

fn drawn(snapshot: &Snapshot, (width, height): (u16, u16), depth: ColourDepth) -> Vec<String> {
    let (theme, help) = (Theme::dark(depth), HelpText::default());
    let mut view = View::new(120, 40);
    view.charts.frames = [Frame::Time(60_000)].into();
    view.settle(snapshot);
    let scene = Scene {
        snapshot,
        view: &view,
        theme: &theme,
        help: &help,
    };
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    draw(&scene, area, &mut buffer);
    let rows = buffer.content().chunks(usize::from(width));
    rows.map(|row| row.iter().map(|cell| cell.symbol()).collect())
        .collect()
}

/// The column of a text, from top to bottom.
fn column(lines: &[String], at: usize) -> String {
    lines
        .iter()
        .filter_map(|line| line.chars().nth(at))
        .collect()
}

#[test]
fn candles_stand_at_the_right_with_their_volume_and_the_average() {
    let shown = drawn(&snapshot(), (60, 24), ColourDepth::Truecolour);
    let all = shown.join("\n");
    assert!(shown[0].starts_with("candles 1m  average 61 23"), "{all}");
    assert!(shown[0].contains("since 11:58:00"), "{all}");
    let chart = 60 - 3 - 8;
    let falls = column(&shown, chart - 5);
    let rises = column(&shown, chart - 6);
    assert!(falls.contains('┃') && rises.contains('┃'), "{all}");
    assert!(
        falls.contains('█') && !rises.contains('█'),
        "the last minute traded most {all}"
    );
    let stands = "⣀⠤⠒⠉"
        .chars()
        .any(|line| column(&shown, chart - 2).contains(line));
    assert!(stands, "the average where no candle stands {all}");
    assert!(shown[23].contains("12:00"), "{all}");
}

#[test]
fn what_is_ones_own_stands_at_its_price_or_at_the_edge_towards_it() {
    let all = drawn(&snapshot(), (60, 24), ColourDepth::Truecolour);
    let row = |text: &str| all.iter().find(|line| line.contains(text));
    // The entry is below and the stop farther, an exit rests near; how far away the venue would close is not told here.
    assert!(row("◆↓61 180.0").is_some(), "{all:#?}");
    assert!(row("55 311.2").is_none(), "{all:#?}");
    assert!(
        all.iter()
            .any(|line| line.contains('┃') && line.trim_end().ends_with("61 241.9")),
        "{all:#?}"
    );
    // Fills of this minute.
    assert!(row("▲").is_none(), "61 181.6 is off the scale {all:#?}");
}

#[test]
fn without_colours_a_candle_that_rises_is_hollow() {
    let shown = drawn(&snapshot(), (60, 24), ColourDepth::None);
    let chart = 60 - 3 - 8;
    assert!(column(&shown, chart - 6).contains('║'), "{shown:#?}");
    assert!(!column(&shown, chart - 5).contains('║'), "{shown:#?}");
}

#[test]
fn an_empty_chart_says_so() {
    let mut empty = sample::full();
    empty.market.candles = None;
    let shown = drawn(&empty, (60, 24), ColourDepth::None).join("\n");
    assert!(shown.contains("no trades yet"), "{shown}");
}
