use super::*;
use crate::market::pace::Rate;
use crate::ui::sample;
use crate::ui::snapshot::Snapshot;
use crate::ui::theme::{ColourDepth, Theme};

fn market() -> Snapshot {
    let mut snapshot = sample::full();
    snapshot.market.flow = Some(std::sync::Arc::new(FlowView {
        delta: -12_345,
        deltas: (0..60).map(|i| i * i - 40 * i).collect(),
        imbalance: Some(384),
        levels: 10,
        spread: Some(2),
        usual_spread: Some(1),
        volatility: Some(4_230),
        volatility_times: Some(14),
    }));
    let ten = Rate {
        prints: 412,
        volume: Qty(12_400),
        prints_times: Some(24),
        volume_times: Some(9),
    };
    snapshot.market.pace = Some(PaceView {
        second: ten,
        ten,
        bought: Qty(63_000),
        sold: Qty(37_000),
    });
    snapshot
}

fn drawn(snapshot: &Snapshot, width: u16, height: u16) -> Vec<String> {
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    let view = sample::view(snapshot, 200, 60);
    let (theme, help) = (Theme::dark(ColourDepth::None), sample::help());
    let scene = Scene {
        snapshot,
        view: &view,
        theme: &theme,
        help: &help,
    };
    draw(&scene, area, &mut buffer);
    let line = |y| {
        (0..width)
            .map(|x| buffer[(x, y)].symbol())
            .collect::<String>()
    };
    (0..height).map(|y| line(y).trim_end().to_owned()).collect()
}

#[test]
fn the_tall_form_has_every_figure_with_its_unit() {
    let rows = drawn(&market(), 26, 13);
    assert_eq!(rows[0], " flow");
    assert_eq!(rows[1], " delta   -12.345      4:10");
    assert_eq!(rows[6], " 10s     +26.000");
    assert_eq!(rows[7], " book +38% ━━━━━━━━━━╸────");
    assert_eq!(rows[8], " spread       2t  usual 1t");
    assert_eq!(rows[9], " vola     ~4.2bp      1.4x");
    assert_eq!(rows[10], " prints   41.2/s      2.4x");
    assert_eq!(rows[11], " volume   12.4/s      0.9x");
    assert_eq!(rows[12], " buys  63% ━━━━━━━━━╸─────");
    let rows = drawn(&market(), 22, 9);
    assert_eq!(rows[7], " spread       2t   ~1t");
    assert_eq!(rows[8], " vola     ~4.2bp  1.4x");
}

#[test]
fn the_short_form_takes_the_lines_that_there_are_and_cuts_nothing() {
    let whole = drawn(&market(), 100, 1);
    assert_eq!(
        whole[0],
        " delta   -12.345  book  +38%  spread  2t  vola  ~4.2bp  41.2/s 2.4x  buys  63%"
    );
    let two = drawn(&market(), 50, 2);
    assert_eq!(two[0], " delta   -12.345  book  +38%  spread  2t");
    assert_eq!(two[1], " vola  ~4.2bp  41.2/s 2.4x  buys  63%");
}

#[test]
fn what_a_book_that_is_down_said_last_is_not_told_as_its_state() {
    let mut snapshot = market();
    snapshot.market.state = Some(BookState::Down(String::new()));
    let rows = drawn(&snapshot, 26, 13);
    assert_eq!(rows[7], " book +38%", "no line of a stale balance");
}
