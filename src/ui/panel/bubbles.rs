//! Prints beside their price: each row of the ladder has its own row of bubbles, the newest at the ladder's edge.
//!
//! A new bubble pushes the older ones of its own row alone, so a print costs the cells of one row and not of the panel. How old one is
//! shows by its shade, counted in rows of the tape and not by the clock: a still market changes nothing. A bubble is its mark and its
//! size, on a ground that is the stronger the larger it is; a small one is a dot, high for a buy and low for a sell; a sweep leaves a
//! trace through the rows that it took.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::Scene;
use crate::domain::{Instrument, Side};
use crate::market::tape::{Filtered, Merged, TapeView, Weight};
use crate::ui::format;
use crate::ui::pen::Pen;
use crate::ui::theme::{FADE_STEPS, Role};
use crate::ui::view::Grid;

/// A bubble has its ground while no more rows of the tape came after it.
const FRESH: u64 = 12;
/// After so many it is dim.
const DIM: u64 = 60;
/// After so many it is gone.
const GONE: u64 = 180;

/// What is drawn last in a row of the ladder, seen from its edge.
#[derive(Clone, Copy, Debug, Default)]
struct Lane {
    /// Columns taken from the edge on.
    taken: u16,
    /// What was put last is a dot.
    dot: bool,
}

/// What all bubbles of a draw share.
struct Bubbles<'a> {
    scene: &'a Scene<'a>,
    instrument: &'a Instrument,
    tape: &'a TapeView,
    filtered: Filtered,
    grid: Grid,
    /// The ladder stands on the right.
    ladder_right: bool,
    newest: u64,
}

/// Draws the panel.
pub fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let ladder_right = is_left(scene, area, buffer.area);
    let mut pen = Pen::new(buffer, area);
    let width = pen.width();
    let heading = scene.style(Role::Heading);
    if ladder_right {
        pen.put_right(width.saturating_sub(1), 0, "prints", heading);
    } else {
        pen.put(1, 0, "prints", heading);
    }
    let faint = scene.style(Role::Faint);
    let (Some(grid), Some(instrument), Some(tape)) = (
        scene.view.grid(),
        scene.instrument(),
        scene.market().tape.as_deref(),
    ) else {
        pen.put(1, 1, "no trades yet", faint);
        return;
    };
    if grid.rows() + 2 != pen.height() {
        pen.put(1, 1, "not beside the ladder", faint);
        return;
    }
    let newest = tape.rows.first().map_or(0, |row| row.number);
    if tape.rows.is_empty() {
        pen.put(1, 1, "no trades yet", faint);
    }
    let bubbles = Bubbles {
        scene,
        instrument,
        tape,
        filtered: scene.view.filtered(tape),
        grid,
        ladder_right,
        newest,
    };
    let mut lanes = vec![Lane::default(); usize::from(grid.rows())];
    for row in tape.rows.iter() {
        if newest.saturating_sub(row.number) > GONE {
            break;
        }
        bubbles.one(row, &mut lanes, &mut pen);
    }
}

/// True where the ladder is to the right of the panel. Of another ladder than that with the keys only the half of the screen tells.
fn is_left(scene: &Scene<'_>, area: Rect, screen: Rect) -> bool {
    if scene.view.is_aside() {
        area.x < screen.width / 2
    } else {
        area.x < scene.view.plan().ladder().x
    }
}

impl Bubbles<'_> {
    fn one(&self, row: &Merged, lanes: &mut [Lane], pen: &mut Pen<'_>) {
        let small = self.tape.weight(row) == Weight::Small;
        match self.filtered {
            Filtered::Hide if small => {}
            Filtered::Dim if small => self.dot(row, lanes, pen),
            _ => self.bubble(row, lanes, pen),
        }
    }

    fn lane_of(&self, side: Side, price: crate::domain::Price) -> Option<u16> {
        // A buyer took what was offered: it stands where that offer stood.
        self.grid.row(side.opposite(), price)
    }

    /// Small prints at one price, one after another, are one dot: that of the newest.
    fn dot(&self, row: &Merged, lanes: &mut [Lane], pen: &mut Pen<'_>) {
        let Some(at) = self.lane_of(row.side, row.price) else {
            return;
        };
        let lane = &mut lanes[usize::from(at)];
        if lane.dot {
            return;
        }
        let (mark, role) = match row.side {
            Side::Buy => ("˙", Role::BidBar),
            Side::Sell => (".", Role::AskBar),
        };
        let style = if self.age(row) > FRESH {
            self.scene.style(Role::Faint)
        } else {
            self.scene.style(role)
        };
        self.put(lane, at, mark, style, pen);
        lane.dot = true;
    }

    fn bubble(&self, row: &Merged, lanes: &mut [Lane], pen: &mut Pen<'_>) {
        let sweep = self.tape.is_sweep(row);
        if let Some(at) = self.lane_of(row.side, row.price) {
            let lane = &mut lanes[usize::from(at)];
            let (mark, whole) = self.texts(row, sweep);
            let left = pen.width().saturating_sub(lane.taken);
            let text = if format::cells(&whole) < usize::from(left) {
                whole
            } else {
                mark.to_owned()
            };
            self.put(lane, at, &text, self.style(row), pen);
            lane.dot = false;
        }
        if sweep && self.age(row) <= DIM {
            self.trace(row, lanes, pen);
        }
    }

    /// The mark alone, and with the size; the mark is on the ladder's side.
    fn texts(&self, row: &Merged, sweep: bool) -> (&'static str, String) {
        let mark = match row.side {
            Side::Buy => "▴",
            Side::Sell => "▾",
        };
        let size = format::brief(self.instrument.qty_decimal(row.qty));
        let more = if sweep { "»" } else { "" };
        let text = if self.ladder_right {
            format!("{size}{more}{mark}")
        } else {
            format!("{mark}{more}{size}")
        };
        (mark, text)
    }

    /// The rows that a sweep went through.
    fn trace(&self, row: &Merged, lanes: &mut [Lane], pen: &mut Pen<'_>) {
        let ends = [row.low, row.high].map(|price| self.lane_of(row.side, price));
        let [Some(low), Some(high)] = ends else {
            return;
        };
        let own = self.lane_of(row.side, row.price);
        let style = match (row.side, self.age(row) > FRESH) {
            (_, true) => self.scene.style(Role::Faint),
            (Side::Buy, _) => self.scene.style(Role::Bid),
            (Side::Sell, _) => self.scene.style(Role::Ask),
        };
        for at in (high..=low).filter(|at| Some(*at) != own) {
            let lane = &mut lanes[usize::from(at)];
            self.put(lane, at, "┊", style, pen);
            lane.dot = false;
        }
    }

    const fn age(&self, row: &Merged) -> u64 {
        self.newest.saturating_sub(row.number)
    }

    /// Fresh ones have a ground by their size; then the colour of their side; then they are dim.
    fn style(&self, row: &Merged) -> Style {
        let (own, lit) = match row.side {
            Side::Buy => (Role::Bid, Role::TradedBuy),
            Side::Sell => (Role::Ask, Role::TradedSell),
        };
        let large = self.tape.weight(row) == Weight::Large;
        let age = self.age(row);
        if age > DIM && !large {
            return self.scene.style(Role::Dim);
        }
        let text = match (large, age > FRESH) {
            (true, _) => self.scene.style(Role::Large),
            (false, true) => self.scene.style(own),
            (false, false) => self.scene.style(Role::Bright),
        };
        let step = match age {
            ..=FRESH => self.step(row),
            ..=DIM if large => FADE_STEPS - 1,
            _ => return Style { bg: None, ..text },
        };
        let ground = self.scene.theme.traded(lit, step);
        let plain = ground.is_none() && !large;
        let text = if plain { self.scene.style(own) } else { text };
        let text = if large {
            text.add_modifier(Modifier::BOLD)
        } else {
            text
        };
        Style { bg: ground, ..text }
    }

    /// How strong the ground is: 0 for a large one, 1 from a third of it on, 2 for the others.
    fn step(&self, row: &Merged) -> u8 {
        match (self.tape.large, row.qty.0) {
            (Some(large), size) if size >= large => 0,
            (Some(large), size) if size >= large / 3 => 1,
            _ => 2,
        }
    }

    /// Puts a text on a lane if it fits whole, and leaves a column free behind it.
    fn put(&self, lane: &mut Lane, at: u16, text: &str, style: Style, pen: &mut Pen<'_>) {
        let width = format::cells(text) as u16;
        if lane.taken + width >= pen.width() {
            lane.taken = pen.width();
            return;
        }
        let start = lane.taken + 1;
        if self.ladder_right {
            pen.put_right(pen.width() - lane.taken, at + 1, text, style);
        } else {
            pen.put(start, at + 1, text, style);
        }
        lane.taken = start + width;
    }
}

#[cfg(test)]
mod tests;
