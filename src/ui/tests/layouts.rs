//! Each layout at the sizes that people have: whole screens, and what must be seen on any of them.

use super::*;
use crate::domain::Symbol;
use crate::domain::decimal::Step;
use crate::market::drift::Change;
use crate::ui::layout::Room;
use crate::ui::snapshot::{Leader, PageTab, SideLadder, Tab};
use crate::ui::view::List;

/// Four ladders, the second one has the keys; only what stands beside it is collected, as the app does.
fn scene(layout: &str, columns: u16, rows: u16, open: usize) -> (Snapshot, View) {
    let names = ["ETHUSDT", "BTCUSDT", "XRPUSDT", "DOGEUSDT"];
    let at = 1.min(open - 1);
    let mut snapshot = sample::full();
    let mut view = sample::view(&snapshot, columns, rows);
    view.lay_out_by_name(layout).unwrap();
    view.stand_among(Room {
        open,
        at,
        ..Room::default()
    });
    view.settle(&snapshot);
    if open > 1 {
        let tab = |(number, name): (usize, &&str)| Tab {
            symbol: Symbol::new(name).unwrap(),
            venue: "Binance futures".to_owned(),
            has_keys: number == at,
            sign: i8::from(number == at),
            orders: 0,
            arm: ArmState::Armed,
            trouble: if number == 2 { "NO STOP" } else { "" },
        };
        snapshot.strip = names.iter().take(open).enumerate().map(tab).collect();
    }
    let plan = view.plan();
    for (number, name) in names.iter().enumerate().take(open) {
        if number != at
            && let Some(area) = plan.ladder_of(number)
        {
            let side = beside(name, number, area.height);
            snapshot.beside.push(Arc::new(side));
        }
    }
    (snapshot, view)
}

fn beside(name: &str, at: usize, height: u16) -> SideLadder {
    let mut snapshot = sample::full();
    let market = &mut snapshot.market;
    let mut rules = (**market.instrument.as_ref().unwrap()).clone();
    rules.symbol = Symbol::new(name).unwrap();
    rules.tick = Step::parse("0.01").unwrap();
    market.instrument = Some(Arc::new(rules));
    market.key = Some(sample::key(name));
    let depth = sample::depth(name, 300_004, 300_006, 60, BookState::Live);
    market.depth = Some(Arc::new(depth));
    market.orders.clear();
    market.position = Default::default();
    market.position.naked = at == 2;
    market.range = None;
    let mut view = View::default();
    view.aside(height.saturating_sub(2));
    view.settle(&snapshot);
    SideLadder { at, snapshot, view }
}

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

#[test]
fn every_layout_at_the_sizes_that_people_have() {
    for (layout, _) in layout::LAYOUTS {
        for (columns, rows) in SIZES {
            let (snapshot, view) = scene(layout, columns, rows, 4);
            let drawn = text(&painted(&snapshot, &view, ColourDepth::Truecolour));
            insta::assert_snapshot!(format!("layout_{layout}_{columns}x{rows}"), drawn);
        }
    }
    let (snapshot, view) = scene("phone", 48, 30, 1);
    let drawn = text(&painted(&snapshot, &view, ColourDepth::Truecolour));
    insta::assert_snapshot!("layout_phone_48x30", drawn);
}

#[test]
fn position_and_state_are_seen_in_every_layout() {
    for (layout, _) in layout::LAYOUTS {
        for (columns, rows) in [(40, 8), (48, 30), (80, 24), (120, 40), (200, 60)] {
            for open in [1, 4] {
                let (snapshot, view) = scene(layout, columns, rows, open);
                let drawn = text(&painted(&snapshot, &view, ColourDepth::None));
                for words in ["LONG", "ARMED", "LIVE"] {
                    let all = format!("{layout} {columns}x{rows} {open}\n{drawn}");
                    assert!(drawn.contains(words), "{all}");
                }
            }
        }
    }
}

#[test]
fn which_ladder_has_the_keys_is_seen_without_colour_and_danger_beside_it_is_said() {
    for (layout, columns, rows) in [("pair", 120, 40), ("quad", 120, 40), ("quad", 200, 60)] {
        let (snapshot, view) = scene(layout, columns, rows, 4);
        let buffer = painted(&snapshot, &view, ColourDepth::None);
        let plan = view.plan();
        let titles: Vec<&layout::Place> = plan
            .places
            .iter()
            .filter(|place| place.panel == "title" && place.ladder.is_some())
            .collect();
        assert!(titles.len() > 1);
        for title in titles {
            let area = title.inside();
            let row: String = (area.x..area.right())
                .map(|x| buffer[(x, area.y)].symbol().to_owned())
                .collect();
            let lit = buffer[(area.x, area.y)]
                .modifier
                .contains(Modifier::REVERSED);
            let has_keys = title.ladder == Some(plan.at);
            assert_eq!(lit, has_keys, "{row}");
            assert_eq!(row.starts_with('▸'), has_keys, "{row}");
            assert_eq!(row.contains("NO STOP"), title.ladder == Some(2), "{row}");
        }
    }
}

#[test]
fn tabs_stand_in_the_strip_and_danger_on_hidden_ones_is_said_at_every_width() {
    let page = |name: &str, is_in_front: bool, trouble: &'static str| PageTab {
        name: name.to_owned(),
        is_in_front,
        has_position: !is_in_front,
        orders: 2,
        trouble,
    };
    for columns in [80, 100, 120, 200] {
        let (mut snapshot, mut view) = scene("solo", columns, 24, 4);
        snapshot.pages = vec![
            page("1", true, ""),
            page("alts", false, "UNKNOWN"),
            page("a long name", false, ""),
            page("4", false, "NO STOP"),
        ];
        view.stand_among(Room {
            open: 4,
            at: 1,
            pages: true,
            ..Room::default()
        });
        let drawn = lines(&painted(&snapshot, &view, ColourDepth::None));
        let strip = &drawn[1];
        assert!(strip.starts_with("▸1 "), "{columns}: {strip}");
        assert!(strip.contains("UNKNOWN"), "{columns}: {strip}");
        assert!(strip.contains("BTCUSDT"), "{columns}: {strip}");
        let names = strip.contains("alts") && strip.contains("4 held 2o  NO STOP");
        assert!(names || columns < 200, "{columns}: {strip}");
    }
}

#[test]
fn a_leader_stands_over_the_ladder_and_its_rows_stay_in_line() {
    let (mut snapshot, mut view) = scene("solo", 120, 40, 1);
    let leading = sample::full().market;
    snapshot.leader = Some(Leader {
        symbol: Symbol::new("ETHUSDT").unwrap(),
        instrument: leading.instrument.clone(),
        last: leading.last,
        minute: Some(Change {
            from: Price(612_000),
            ticks: 734,
        }),
        session: Some(Change {
            from: Price(620_000),
            ticks: -8_123,
        }),
        large: leading.prints.iter().take(2).copied().collect(),
        is_live: true,
    });
    let without = view.plan().ladder();
    view.stand_among(Room {
        open: 1,
        leader: true,
        ..Room::default()
    });
    let with = view.plan().ladder();
    assert_eq!((with.y, with.height), (without.y + 1, without.height - 1));
    view.settle(&snapshot);
    let drawn = lines(&painted(&snapshot, &view, ColourDepth::None));
    let line = &drawn[usize::from(with.y) - 1];
    assert!(line.contains("ETHUSDT 61 2"), "{line}");
    assert!(line.contains("1m +0.12%  +734t"), "{line}");
    assert_eq!(view.grid().unwrap().rows(), with.height - 2);
    snapshot.leader.as_mut().unwrap().is_live = false;
    let drawn = lines(&painted(&snapshot, &view, ColourDepth::None));
    assert!(drawn[usize::from(with.y) - 1].contains("STALE"));
}

#[test]
fn the_list_of_layouts_lays_what_is_chosen_and_leaves_the_position_in_sight() {
    for (columns, rows) in SIZES {
        let (snapshot, mut view) = scene("solo", columns, rows, 4);
        view.apply(ViewAction::List(List::Layouts), &snapshot);
        for (layout, _) in layout::LAYOUTS {
            assert_eq!(view.layout().name, *layout);
            let shown = text(&painted(&snapshot, &view, ColourDepth::None));
            assert!(shown.contains(&format!("▸ {layout}")), "{shown}");
            assert!(shown.contains("LONG "), "{shown}");
            view.apply(ViewAction::Cursor(-1), &snapshot);
        }
        view.apply(ViewAction::Dismiss, &snapshot);
        assert_eq!(view.layout().name, "desk");
        view.apply(ViewAction::NextLayout, &snapshot);
        assert_eq!(view.layout().name, "solo");
    }
}
