use std::collections::BTreeSet;

use proptest::prelude::*;
use ratatui::Terminal;

use super::*;
use crate::domain::{Price, Print, Qty, Stamp};
use crate::market::Readings;
use crate::ui::sample;
use crate::ui::screen::wire::Wire;
use crate::ui::snapshot::Snapshot;
use crate::ui::theme::{ColourDepth, Theme};
use crate::ui::view::{View, ViewAction};

/// A market whose prints come one by one.
struct Tape {
    snapshot: Snapshot,
    view: View,
    readings: Readings,
    ms: i64,
}

impl Tape {
    fn new() -> Self {
        let mut snapshot = sample::full();
        let view = sample::view(&snapshot, 200, 60);
        let mut readings = Readings::default();
        readings.tick(Stamp::default());
        snapshot.market.tape = None;
        Self {
            snapshot,
            view,
            readings,
            ms: 0,
        }
    }

    fn print(&mut self, side: Side, price: i64, lots: i64) {
        self.ms += 1_000;
        let print = Print {
            symbol: crate::domain::Symbol::new("BTCUSDT").unwrap(),
            side,
            price: Price(price),
            qty: Qty(lots),
            venue_ms: self.ms,
        };
        let now = Stamp::default().plus_ms(self.ms.unsigned_abs());
        self.readings.prints(now, &[print]);
        sample::prints::take(&mut self.snapshot.market, &self.readings);
    }

    fn area(&self) -> Rect {
        self.view.plan().area("bubbles")
    }

    fn draw(&self, depth: ColourDepth) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 200, 60));
        self.paint(depth, &mut buffer);
        buffer
    }

    fn paint(&self, depth: ColourDepth, buffer: &mut Buffer) {
        let (theme, help) = (Theme::dark(depth), sample::help());
        let scene = Scene {
            snapshot: &self.snapshot,
            view: &self.view,
            theme: &theme,
            help: &help,
        };
        draw(&scene, self.area(), buffer);
    }

    /// The text beside the ladder's row of this price.
    fn beside(&self, side: Side, price: i64) -> String {
        let row = self.view.grid().unwrap().row(side.opposite(), Price(price));
        let (area, buffer) = (self.area(), self.draw(ColourDepth::None));
        let y = area.y + 1 + row.unwrap();
        let cells = (area.x..area.right()).map(|x| buffer[(x, y)].symbol());
        cells.collect::<String>().trim().to_owned()
    }
}

#[test]
fn the_newest_is_at_the_ladders_edge_and_pushes_its_own_row_alone() {
    let mut tape = Tape::new();
    tape.print(Side::Buy, 612_406, 120);
    tape.print(Side::Sell, 612_390, 4_120);
    tape.print(Side::Buy, 612_406, 1_500);
    assert!(tape.area().x < tape.view.plan().ladder().x);
    assert_eq!(tape.beside(Side::Buy, 612_406), "0.12▴ 1.5▴");
    assert_eq!(tape.beside(Side::Sell, 612_390), "4.12▾");
    let area = tape.area();
    let buffer = tape.draw(ColourDepth::None);
    let edges = (area.y..area.bottom()).filter(|y| buffer[(area.right() - 1, *y)].symbol() == "▴");
    assert_eq!(edges.count(), 1, "it touches the ladder");
}

#[test]
fn small_ones_are_dots_and_can_be_hidden_or_shown() {
    let mut tape = Tape::new();
    for i in 0..60 {
        tape.print(Side::Buy, 612_300, 100 + i % 20);
    }
    tape.readings.tick(Stamp::default().plus_ms(1_000_000));
    for lots in [7, 4, 3] {
        tape.print(Side::Sell, 612_404, lots);
    }
    assert_eq!(tape.beside(Side::Sell, 612_404), ".", "one dot for all");
    tape.print(Side::Sell, 612_404, 9_000);
    assert_eq!(tape.beside(Side::Sell, 612_404), ". 9▾");
    let market = tape.snapshot.clone();
    tape.view.apply(ViewAction::Filtered, &market);
    assert_eq!(tape.beside(Side::Sell, 612_404), "9▾");
    tape.view.apply(ViewAction::Filtered, &market);
    assert_eq!(tape.beside(Side::Sell, 612_404), "0.007▾ 0.004▾ 0.003▾ 9▾");
}

#[test]
fn sides_are_told_apart_without_colour() {
    for depth in [ColourDepth::None, ColourDepth::Sixteen] {
        let mut tape = Tape::new();
        tape.print(Side::Buy, 612_406, 120);
        tape.print(Side::Sell, 612_404, 120);
        let all: String = tape
            .draw(depth)
            .content()
            .iter()
            .map(|c| c.symbol())
            .collect();
        assert!(all.contains('▴') && all.contains('▾'));
    }
}

#[test]
fn a_print_costs_few_bytes() {
    let mut tape = Tape::new();
    let mut screen = Terminal::new(Wire::new(Vec::new(), 200, 60)).unwrap();
    let mut draw = |tape: &Tape| {
        let before = screen.backend().get_ref().len();
        screen
            .draw(|frame| tape.paint(ColourDepth::Truecolour, frame.buffer_mut()))
            .unwrap();
        screen.backend().get_ref().len() - before
    };
    let mut price = 612_405;
    let mut bytes = Vec::new();
    for i in 0..600_u64 {
        let draw_of = sample::noise(i);
        price = (price + draw_of as i64 % 3 - 1).clamp(612_395, 612_415);
        let side = if draw_of.is_multiple_of(2) {
            Side::Buy
        } else {
            Side::Sell
        };
        tape.print(side, price, 10 + (draw_of / 7 % 900) as i64);
        tape.readings
            .tick(Stamp::default().plus_ms(tape.ms.unsigned_abs()));
        bytes.push(draw(&tape));
    }
    let settled = &bytes[200..];
    let mean = settled.iter().sum::<usize>() / settled.len();
    println!(
        "{mean} bytes a print, {} at most",
        settled.iter().max().unwrap()
    );
    assert!(mean < 400, "{mean} bytes a print");
    assert_eq!(draw(&tape), 0, "nothing new is nothing written");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn a_print_changes_its_own_row_and_those_that_age(
        prints in proptest::collection::vec((any::<bool>(), -8_i64..8, 1_i64..3_000), 1..150)
    ) {
        let mut tape = Tape::new();
        let mut before = tape.draw(ColourDepth::Truecolour);
        for (at, (buy, step, lots)) in prints.into_iter().enumerate() {
            tape.print(if buy { Side::Buy } else { Side::Sell }, 612_405 + step, lots);
            let after = tape.draw(ColourDepth::Truecolour);
            let rows: BTreeSet<u16> = before.diff(&after).iter().map(|(_, y, _)| *y).collect();
            // The first print takes the words away that there is none.
            let most = if at == 0 { 5 } else { 4 };
            prop_assert!(rows.len() <= most, "{rows:?}");
            before = after;
        }
    }
}
