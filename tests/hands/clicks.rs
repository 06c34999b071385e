//! The mouse on the ladder: a click is a key with a price.

use super::{flat, orders};
use crate::scenarios::Play;

const MOUSE: &str = "[mouse]\nenabled = true";

/// The row of the screen, counted from 0, on which the ladder prints a price.
fn row_of(play: &Play, price: &str) -> usize {
    let screen = play.screen();
    let ladder = |line: &str| line.split('│').nth(1).is_some_and(|it| it.contains(price));
    let row = screen.lines().position(ladder);
    row.unwrap_or_else(|| panic!("no {price} on\n{screen}"))
}

/// A press and a release of a button over a row of the ladder.
fn click(play: &mut Play, button: u8, price: &str) -> Vec<String> {
    let row = row_of(play, price) + 1;
    play.seat
        .read(format!("\x1b[<{button};60;{row}M").as_bytes());
    play.pass(80);
    play.seat
        .read(format!("\x1b[<{button};60;{row}m").as_bytes());
    play.pass(800);
    orders(play.sent())
}

#[test]
fn left_buys_right_sells_and_middle_cancels_at_the_row() {
    let mut play = flat(MOUSE);
    play.keys(", , , , ,", 200);
    assert_eq!(
        click(&mut play, 0, "59 999.5"),
        ["BUY 0.001 @ 59999.5 limit entry"]
    );
    assert_eq!(
        click(&mut play, 2, "60 000.9"),
        ["SELL 0.001 @ 60000.9 limit entry"]
    );
    assert_eq!(click(&mut play, 1, "59 999.4"), [""; 0]);
    assert_eq!(play.seat.said.last().unwrap(), "no own order on that row");
    assert_eq!(click(&mut play, 1, "59 999.5"), ["CANCEL #1"]);
}

#[test]
fn a_merged_row_gives_the_price_that_it_prints_and_cancels_all_that_it_holds() {
    let mut play = flat(MOUSE);
    play.keys(", , , , , , , , , .", 200);
    assert!(play.screen().contains("2 ticks a row"), "{}", play.screen());
    assert_eq!(
        click(&mut play, 0, "59 999.4"),
        ["BUY 0.001 @ 59999.4 limit entry"]
    );
    assert_eq!(
        click(&mut play, 2, "60 001.2"),
        ["SELL 0.001 @ 60001.2 limit entry"]
    );
    // One tick a row: a buy at .7 and a sell at .9 lie on the rows .6 and .0 of two ticks.
    play.keys(",", 200);
    click(&mut play, 0, "59 999.7");
    play.keys(".", 200);
    assert_eq!(click(&mut play, 1, "59 999.6"), ["CANCEL #3"]);
}

#[test]
fn a_click_beside_the_ladder_or_while_something_is_open_does_nothing() {
    let mut play = flat(MOUSE);
    let row = row_of(&play, "60 002.5") + 1;
    for (column, row) in [
        (5, row),
        (115, row),
        (60, 1),
        (60, 2),
        (60, 37),
        (60, 40),
        (300, 90),
    ] {
        play.seat
            .read(format!("\x1b[<0;{column};{row}M").as_bytes());
        play.pass(800);
        assert_eq!(orders(play.sent()), [""; 0], "{column} {row}");
    }
    for open in ["?", ":", "/", "6", "q", "g", "A"] {
        play.keys(open, 300);
        play.seat.read(format!("\x1b[<0;60;{row}M").as_bytes());
        play.pass(800);
        assert_eq!(orders(play.sent()), [""; 0], "{open}");
        play.keys("Esc", 300);
    }
    assert_eq!(click(&mut play, 0, "60 002.5").len(), 1);
}

#[test]
fn a_click_obeys_the_lock_like_a_key() {
    let mut play = flat(MOUSE);
    play.keys("a", 300);
    assert_eq!(click(&mut play, 0, "60 002.5"), [""; 0]);
    let said = play.seat.said.last().unwrap();
    assert!(said.contains("only panic works"), "{said}");
}

#[test]
fn the_wheel_moves_the_ladder_while_the_price_stays_in_sight() {
    let mut play = flat(MOUSE);
    let before = row_of(&play, "60 002.5");
    let wheel = |play: &mut Play, button: u8| {
        play.seat.read(format!("\x1b[<{button};60;20M").as_bytes());
        play.pass(40);
    };
    wheel(&mut play, 64);
    assert_eq!(row_of(&play, "60 002.5"), before + 3);
    wheel(&mut play, 65);
    assert_eq!(row_of(&play, "60 002.5"), before);
    for _ in 0..50 {
        wheel(&mut play, 65);
    }
    row_of(&play, "60 000.0");
    assert_eq!(orders(play.sent()), [""; 0]);
}

#[test]
fn without_a_mouse_its_reports_are_nothing() {
    let mut play = flat("");
    for button in [0, 1, 2, 64] {
        assert_eq!(click(&mut play, button, "60 002.5"), [""; 0]);
    }
    assert!(play.seat.played.is_empty());
}
