//! The ladder's columns, marks and edges on whole screens.

use rust_decimal::dec;

use super::*;
use crate::alerts::Mark;
use crate::domain::{Print, Stamp};
use crate::market::amount::Amount;
use crate::market::change::Changed;
use crate::market::iceberg::Suspect;
use crate::market::sizes::{Rows, Standing, Usual};
use crate::market::traded::Volumes;
use crate::ui::view::look::{Counted, Ruler};
use crate::ui::view::{Chosen, Look};

/// The busy market with all that is derived from it: volume, changes, an iceberg, a wall that an order leans on.
fn rich() -> Snapshot {
    let mut snapshot = sample::full();
    let market = &mut snapshot.market;
    let depth = market.depth.clone().unwrap();
    let mut then = (*depth).clone();
    let before = |levels: &[crate::domain::Level]| -> Arc<[crate::domain::Level]> {
        let level = |(at, level): (usize, &crate::domain::Level)| crate::domain::Level {
            qty: Qty(level.qty.0 + if at % 61 == 5 { 9_000 } else { 0 }
                - if at % 47 == 9 { 140 } else { 0 }),
            ..*level
        };
        levels.iter().enumerate().map(level).collect()
    };
    (then.bids, then.asks) = (before(&then.bids), before(&then.asks));
    market.changed = Some(Changed {
        then: Arc::new(then),
        now: depth,
        traded: Arc::default(),
    });
    let mut volumes = Volumes::default();
    let prints: Vec<Print> = market.prints.iter().rev().copied().collect();
    volumes.prints(sample::NOW, &prints);
    market.session_volume = Some(Arc::clone(volumes.session()));
    let mut latest = Volumes::default();
    latest.prints(sample::NOW, &prints[prints.len() / 2..]);
    market.recent_volume = Some(Arc::clone(latest.recent()));
    market.extremes = Some((Price(612_100), Price(612_431)));
    market.icebergs = [Suspect {
        side: Side::Sell,
        price: Price(612_440),
        seen: Qty(400),
        traded: Qty(90_000),
        refills: 7,
        at: sample::NOW,
    }]
    .into();
    market.orders[0].wall = Some(Price(612_385));
    snapshot
}

fn named(words: &str) -> Chosen {
    Chosen::Auto.with(words.split(' ')).unwrap()
}

fn with_columns(snapshot: &Snapshot, columns: u16, rows: u16, words: &str) -> View {
    let mut view = View::new(columns, rows);
    view.look = Arc::new(Look {
        minutes: 15,
        grid: [10, 50],
        ..Look::default()
    });
    view.choose_columns(named(words));
    view.settle(snapshot);
    view
}

/// The ladder alone, as wide as on a screen of so many columns where little stands beside it: another layout changes nothing.
fn drawn(snapshot: &Snapshot, view: &View) -> Buffer {
    let width = match view.size().0 {
        200 => 114,
        120 => 58,
        width => width,
    };
    let area = Rect::new(0, 0, width, view.plan().ladder().height);
    let mut buffer = Buffer::empty(area);
    let (theme, help) = (Theme::dark(ColourDepth::None), sample::help());
    let scene = Scene {
        snapshot,
        view,
        theme: &theme,
        help: &help,
    };
    panel::ladder::draw(&scene, area, &mut buffer);
    buffer
}

/// The ladder's rows as text.
fn ladder(snapshot: &Snapshot, view: &View) -> Vec<String> {
    lines(&drawn(snapshot, view))
}

#[test]
fn a_ladder_with_all_its_columns() {
    let snapshot = rich();
    let view = with_columns(&snapshot, 200, 60, "all");
    insta::assert_snapshot!("ladder_all_200x60", ladder(&snapshot, &view).join("\n"));
    let view = with_columns(&snapshot, 80, 24, "flow");
    insta::assert_snapshot!("ladder_flow_80x24", ladder(&snapshot, &view).join("\n"));
    insta::assert_snapshot!("ladder_styles_80x24", styles(&drawn(&snapshot, &view)));
}

#[test]
fn the_delta_of_the_latest_minutes_is_not_that_of_the_session() {
    let snapshot = rich();
    let view = with_columns(&snapshot, 80, 24, "delta recent-delta");
    insta::assert_snapshot!("ladder_deltas_80x24", ladder(&snapshot, &view).join("\n"));
}

#[test]
fn columns_draw_nothing_where_nothing_is_known_and_survive_what_is_hostile() {
    let mut hostile = sample::hostile();
    let ends = (Price(i64::MIN), Price(i64::MAX));
    let mut volumes = Volumes::default();
    for price in [i64::MIN, -1, 0, 5, i64::MAX] {
        let print = Print {
            price: Price(price),
            qty: Qty(i64::MAX),
            ..*rich().market.prints.first().unwrap()
        };
        volumes.prints(Stamp::default(), &[print]);
    }
    let market = &mut hostile.market;
    market.extremes = Some(ends);
    market.session_volume = Some(Arc::clone(volumes.session()));
    market.recent_volume = Some(Arc::clone(volumes.recent()));
    let depth = market.depth.clone().unwrap();
    let then = Arc::clone(rich().market.depth.as_ref().unwrap());
    market.changed = Some(Changed {
        then,
        now: depth,
        traded: Arc::clone(volumes.session()),
    });
    let odd = Usual {
        middle: i64::MAX,
        most: i64::MIN,
        large: -1,
        huge: 0,
    };
    let rows = Rows {
        usual: Some(odd),
        standing: vec![Standing {
            side: Side::Buy,
            price: Price(0),
            since: Stamp::default(),
        }],
    };
    market.sizes = Some(Arc::new(std::array::from_fn(|_| rows.clone())));
    for snapshot in [Snapshot::default(), sample::full(), hostile] {
        for (columns, rows) in [(40, 8), (56, 12), (80, 24), (120, 40), (200, 60)] {
            for ruler in [Ruler::Ticks, Ruler::Percent, Ruler::Quote] {
                let mut view = with_columns(&snapshot, columns, rows, "all");
                view.look = Arc::new(Look {
                    ruler,
                    from_entry: true,
                    counted: Counted::Quote,
                    is_short: columns % 80 == 0,
                    grid: [1, 1_000],
                    large: Amount::Worth(Decimal::MAX),
                    ..Look::default()
                });
                view.settle(&snapshot);
                painted(&snapshot, &view, ColourDepth::Truecolour);
            }
        }
    }
}

#[test]
fn large_and_huge_are_told_apart_without_colour_and_by_hand() {
    let snapshot = sample::full();
    let mut view = with_columns(&snapshot, 80, 24, "plain");
    view.look = Arc::new(Look {
        large: Amount::Size(dec!(30)),
        huge: Amount::Worth(dec!(2500000)),
        ..Look::default()
    });
    let shown = ladder(&snapshot, &view);
    // 41.794 at 61 245 is worth more than two and a half million, 34.268 is not.
    let row = |text: &str| shown.iter().find(|line| line.contains(text)).unwrap();
    assert!(row("41.794").contains('◆'));
    assert!(!row("34.268").contains('◆'));
    let buffer = painted(&snapshot, &view, ColourDepth::None);
    let bold = |text: &str| {
        let y = lines(&buffer)
            .iter()
            .position(|line| line.contains(text))
            .unwrap();
        let x = lines(&buffer)[y].chars().collect::<Vec<_>>();
        let start = (0..x.len()).find(|at| x[*at..].iter().collect::<String>().starts_with(text));
        buffer[(start.unwrap() as u16, y as u16)]
            .modifier
            .contains(Modifier::BOLD)
    };
    assert!(bold("34.268") && bold("41.794") && !bold("23.905"));
}

#[test]
fn what_is_marked_on_a_row_is_named_at_the_edge_when_it_is_outside() {
    let mut snapshot = rich();
    snapshot.market.position.liquidation = Some(dec!(61228.0));
    let view = with_columns(&snapshot, 200, 60, "plain");
    let shown = ladder(&snapshot, &view);
    let row = |price: &str| shown.iter().find(|line| line.contains(price)).unwrap();
    for (price, word) in [
        ("61 243.5", "high"),
        ("61 228.0", "liq"),
        ("61 238.5", "wall"),
        ("61 244.0", "≈"),
    ] {
        assert!(row(price).contains(word), "{word}: {}", row(price));
    }
    let level = |price: i64, label: &str| Mark {
        price: Price(price),
        label: label.into(),
        is_hit: false,
    };
    snapshot.market.levels = [
        level(611_000, "far"),
        level(612_150, "near"),
        level(612_300, ""),
    ]
    .into();
    let shown = ladder(&snapshot, &view);
    let row = |price: &str| shown.iter().find(|line| line.contains(price)).unwrap();
    assert!(row("61 230.0").contains("• level"), "{}", row("61 230.0"));
    let foot = shown.last().unwrap();
    assert!(foot.contains("▼ • near") && !foot.contains("far"), "{foot}");
    snapshot.market.levels = [].into();
    snapshot.market.extremes = Some((Price(611_900), Price(612_900)));
    let shown = ladder(&snapshot, &view);
    assert!(shown[0].contains("▲ high 494t"), "{}", shown[0]);
    assert!(
        shown.last().unwrap().contains("▼ low"),
        "{}",
        shown.last().unwrap()
    );
}

#[test]
fn sizes_in_money_are_what_the_row_is_worth() {
    let snapshot = rich();
    let mut view = with_columns(&snapshot, 80, 24, "plain");
    view.look = Arc::new(Look {
        counted: Counted::Quote,
        ..Look::default()
    });
    view.settle(&snapshot);
    let shown = ladder(&snapshot, &view).join("\n");
    // 23.905 at 61 260.
    assert!(shown.contains("1 464 420"), "{shown}");
    view.look = Arc::new(Look {
        counted: Counted::Quote,
        is_short: true,
        ..Look::default()
    });
    let shown = ladder(&snapshot, &view).join("\n");
    assert!(shown.contains("1.4M"), "{shown}");
    assert!(
        shown.contains("┃0.050"),
        "own orders are written whole: {shown}"
    );
}

/// Side, ticks from the middle, lots, kind: 0 rests, 1 stop, 2 on its way, 3 unknown, 4 exit.
fn own() -> impl Strategy<Value = Vec<(bool, i64, i64, u8)>> {
    prop::collection::vec(
        (any::<bool>(), -1_500_i64..1_500, 1_i64..900, 0_u8..5),
        0..9,
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Beside a slow count: every order is written on its row, named at an edge or counted there, and so are entry and break-even.
    #[test]
    fn no_zoom_hides_what_is_mine(own in own(), zoom in 0_usize..9, size in 0_usize..3, all in any::<bool>(), long in any::<bool>()) {
        let mut snapshot = sample::full();
        let market = &mut snapshot.market;
        let sign = if long { 1 } else { -1 };
        market.position.size = Decimal::new(150 * sign, 3);
        market.position.liquidation = None;
        market.orders = own.iter().map(|(buys, away, lots, kind)| {
            let side = if *buys { Side::Buy } else { Side::Sell };
            let status = match kind { 2 => OrderStatus::Sent, 3 => OrderStatus::Unknown, _ => OrderStatus::Working };
            let price = 612_405 + away;
            OrderRow {
                trigger: (*kind == 1).then_some(Price(price)),
                exit: matches!(kind, 1 | 4),
                ..sample::order(side, price, *lots, status)
            }
        }).collect();
        let (columns, rows) = [(80, 24), (120, 40), (200, 60)][size];
        let mut view = with_columns(&snapshot, columns, rows, if all { "all" } else { "auto" });
        for _ in 0..9 { view.apply(ViewAction::Zoom(true), &snapshot); }
        for _ in 0..zoom { view.apply(ViewAction::Zoom(false), &snapshot); }
        view.settle(&snapshot);
        let shown = ladder(&snapshot, &view);
        let grid = view.grid().unwrap();
        let instrument = snapshot.market.instrument.clone().unwrap();
        let mut outside = [0, 0];
        for row in 0..grid.rows() {
            for side in [Side::Buy, Side::Sell] {
                let here: Vec<i64> = snapshot.market.orders.iter()
                    .filter(|order| order.side == side && grid.row(side, order.trigger.or(order.price).unwrap()) == Some(row))
                    .map(|order| order.remaining.0).collect();
                if !here.is_empty() {
                    let total = format::qty(&instrument, Qty(here.iter().sum()));
                    let line = &shown[usize::from(row) + 1];
                    prop_assert!(line.contains(&total), "{total} on {line}");
                }
            }
        }
        let (entry, even) = (Price(611_800), Price(612_290));
        let closes = if long { Side::Sell } else { Side::Buy };
        let orders = snapshot.market.orders.iter().map(|order| (order.side, order.trigger.or(order.price).unwrap()));
        for (side, price) in orders.chain([(closes.opposite(), entry), (closes, even)]) {
            match grid.place(side, price) {
                crate::ui::view::Place::Above => outside[0] += 1,
                crate::ui::view::Place::Below => outside[1] += 1,
                crate::ui::view::Place::Row(_) => {}
            }
        }
        let edges = [(shown.first().unwrap(), '▲'), (shown.last().unwrap(), '▼')];
        for ((line, arrow), outside) in edges.into_iter().zip(outside) {
            let told: usize = line.split(arrow).skip(1).map(|words| {
                let words = words.trim();
                words.split(' ').next().and_then(|first| first.parse::<usize>().ok()).unwrap_or(1)
            }).sum();
            prop_assert_eq!(told, outside, "{}", line);
        }
    }
}
