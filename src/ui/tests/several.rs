//! Several venues at once: it is always clear which one a ladder is of, and what is held on the others is never out of sight.

use super::*;
use crate::domain::{Asset, Level, Symbol, Unit};
use crate::ui::snapshot::Tab;
use crate::ui::view::Mode;

fn tab(symbol: &str, venue: &str, has_keys: bool) -> Tab {
    Tab {
        symbol: Symbol::new(symbol).unwrap(),
        venue: venue.to_owned(),
        has_keys,
        sign: 0,
        orders: 0,
        arm: ArmState::Armed,
        trouble: "",
    }
}

/// A ladder of one venue in front, the same symbol on another behind it.
fn two() -> Snapshot {
    let mut snapshot = sample::full();
    snapshot.venue = "Bybit".to_owned();
    snapshot.strip = vec![
        Tab {
            sign: -1,
            orders: 2,
            trouble: "ACCOUNT DOWN",
            ..tab("BTCUSDT", "Binance futures", false)
        },
        tab("BTCUSDT", "Bybit", true),
    ];
    snapshot
}

fn among(open: usize, at: usize) -> layout::Room {
    layout::Room {
        open,
        at,
        ..layout::Room::default()
    }
}

fn of_two(snapshot: &Snapshot, columns: u16, rows: u16, mode: Mode) -> String {
    let mut view = sample::view(snapshot, columns, rows);
    view.stand_among(among(2, 1));
    view.settle(snapshot);
    view.mode = mode;
    text(&painted(snapshot, &view, ColourDepth::Truecolour))
}

#[test]
fn every_screen_says_of_which_venue_the_ladder_with_the_keys_is() {
    let snapshot = two();
    for (columns, rows) in [(80, 12), (80, 19), (80, 24), (120, 40), (200, 60)] {
        let screen = of_two(&snapshot, columns, rows, Mode::Ladder);
        assert!(screen.contains("Bybit"), "{columns}x{rows}\n{screen}");
    }
}

#[test]
fn danger_on_another_venue_is_in_the_strip_at_every_width() {
    let snapshot = two();
    for columns in [80, 100, 120, 200, 280] {
        let screen = of_two(&snapshot, columns, 24, Mode::Ladder);
        let strip = screen.lines().nth(1).unwrap();
        for word in ["Binance f", "SHORT", "2o", "ACCOUNT DOWN"] {
            assert!(strip.contains(word), "{columns}: {strip}");
        }
    }
}

#[test]
fn the_question_before_the_end_names_what_is_open_on_other_ladders() {
    let mut snapshot = two();
    snapshot.left_open = vec![
        "okx: BTC-USDT position 0.5".to_owned(),
        "okx: BTC-USDT 1 order".to_owned(),
    ];
    for columns in [80, 120, 200] {
        let screen = of_two(&snapshot, columns, 24, Mode::ConfirmQuit);
        let line = screen
            .lines()
            .find(|line| line.contains("Quit?"))
            .unwrap()
            .to_owned();
        assert!(line.contains("2 elsewhere"), "{columns}: {line}");
        assert!(line.contains("y quits"), "{columns}: {line}");
    }
    let screen = of_two(&snapshot, 200, 24, Mode::ConfirmQuit);
    assert!(
        screen.contains("okx: BTC-USDT position 0.5, okx: BTC-USDT 1 order"),
        "{screen}"
    );
}

#[test]
fn a_ladder_of_contracts_says_what_one_is() {
    let mut snapshot = two();
    let coins = of_two(&snapshot, 80, 24, Mode::Ladder);
    assert!(!coins.contains("1 = "), "{coins}");
    let mut rules = (**snapshot.market.instrument.as_ref().unwrap()).clone();
    rules.unit = Unit::Contract;
    rules.multiplier = Decimal::new(1, 2);
    rules.base = Asset::new("BTC").unwrap();
    snapshot.market.instrument = Some(Arc::new(rules));
    let contracts = of_two(&snapshot, 80, 24, Mode::Ladder);
    assert!(contracts.contains("1 = 0.01 BTC"), "{contracts}");
}

#[test]
fn own_sizes_and_fills_stand_whole_beside_a_book_of_large_sizes() {
    let mut snapshot = two();
    let mut depth = (**snapshot.market.depth.as_ref().unwrap()).clone();
    for side in [&mut depth.bids, &mut depth.asks] {
        *side = side
            .iter()
            .map(|level| Level {
                qty: Qty(99_999_999),
                ..*level
            })
            .collect();
    }
    snapshot.market.depth = Some(Arc::new(depth));
    let screen = of_two(&snapshot, 120, 40, Mode::Ladder);
    assert!(screen.contains("499 999.995"), "{screen}");
    assert!(screen.contains(" taker"), "{screen}");
}

#[test]
fn the_ladder_with_the_keys_and_hidden_danger_are_in_a_strip_that_is_too_narrow() {
    let mut snapshot = two();
    snapshot.strip = (0..9)
        .map(|at| tab("DOGE-USDT-SWAP", "OKX", at == 8))
        .collect();
    snapshot.strip[0].trouble = "NO STOP";
    let mut view = sample::view(&snapshot, 80, 24);
    view.stand_among(among(9, 8));
    view.settle(&snapshot);
    let buffer = painted(&snapshot, &view, ColourDepth::Truecolour);
    let strip = lines(&buffer)[1].clone();
    assert!(strip.contains(" 9 DOGE-USDT-SWAP"), "{strip}");
    assert!(strip.starts_with("‹6"), "{strip}");
    let alarm = Theme::dark(ColourDepth::Truecolour).style(Role::Alarm);
    assert_eq!(buffer[(0, 1)].style().bg, alarm.bg);
    // From the first ladder the others are counted at the end.
    snapshot
        .strip
        .iter_mut()
        .for_each(|tab| tab.has_keys = false);
    snapshot.strip[0].has_keys = true;
    let screen = of_two(&snapshot, 80, 24, Mode::Ladder);
    let strip = screen.lines().nth(1).unwrap();
    assert!(
        strip.starts_with(" 1 DOGE") && strip.ends_with('6'),
        "{strip}"
    );
}
