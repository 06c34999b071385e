//! Resting liquidity over time: rows are prices, the newest moment is at the right, the brighter the larger. Trades lie over it as
//! marks of their side, the best prices as two lines. Beside the ladder its rows are the ladder's; elsewhere it has prices of its own.
//!
//! A cell holds two columns, so that the picture moves by a cell every other one. It keeps nothing.

mod shades;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::Scene;
use crate::domain::{Instrument, Level, Price, Qty, Side};
use crate::market::heat::{Column, Picture};
use crate::ui::format;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;
use crate::ui::view::{Grid, touch};
use shades::{SHADES, Shades};

/// Columns of a cell.
const HALVES: i64 = 2;
/// Rows between two prices where the panel has its own.
const APART: u16 = 4;
/// Cells between two words about the age.
const AGES_APART: i64 = 12;

/// The sizes of the picture by row and column, lots.
struct Map {
    grid: Grid,
    /// Columns, two a cell.
    width: usize,
    /// The number of the first one.
    first: i64,
    sizes: Vec<i64>,
    /// Which side's best price a row was, where it was one.
    touches: Vec<Option<Side>>,
    /// What buyers and sellers took, by row and cell.
    traded: Vec<(i64, i64)>,
}

/// Draws the panel.
pub fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let mut pen = Pen::new(buffer, area);
    let at = pen.put(0, 0, "heat ", scene.style(Role::Heading));
    let heat = scene.market().heat.as_ref();
    let heat = heat.filter(|heat| !heat.columns.is_empty());
    let (Some(heat), Some(instrument), Some(grid)) = (heat, scene.instrument(), scene.view.grid())
    else {
        pen.put(
            0,
            1,
            "no picture of a live book yet",
            scene.style(Role::Faint),
        );
        return;
    };
    let rows = area.height.saturating_sub(2);
    let (grid, axis) = match grid.rows() == rows {
        true => (grid, 0),
        false => (own_grid(scene, grid, rows), scene.view.widths().price + 1),
    };
    let width = area.width.saturating_sub(axis);
    let map = Map::of(heat, grid, width);
    let shades = Shades::of(scene, &map);
    legend(scene, instrument, &shades, at, &mut pen);
    let part = Rect {
        y: area.y + 1,
        height: rows,
        width,
        ..area
    };
    map.draw(&shades, &mut Pen::new(buffer, part));
    let foot = Rect {
        y: area.bottom().saturating_sub(1),
        height: 1,
        width,
        ..area
    };
    ages(scene, heat, &mut Pen::new(buffer, foot));
    if axis > 0 {
        prices(scene, instrument, grid, &mut Pen::new(buffer, area));
    }
}

/// Rows of its own, about the middle of the best prices; it goes along in steps of a quarter of the height.
fn own_grid(scene: &Scene<'_>, ladder: Grid, rows: u16) -> Grid {
    let (bid, ask) = touch(scene.market());
    let middle = bid.or(ask).map_or(0, |price| price.0);
    let step = ladder.zoom().saturating_mul(i64::from(rows / 4).max(1));
    let centre = middle
        .saturating_add(step / 2)
        .div_euclid(step)
        .saturating_mul(step);
    Grid::centred(Price(centre), ladder.zoom(), rows)
}

/// What the brightest stands for.
fn legend(
    scene: &Scene<'_>,
    instrument: &Instrument,
    shades: &Shades<'_>,
    at: u16,
    pen: &mut Pen<'_>,
) {
    let full = format::narrow(instrument.qty_decimal(Qty(shades.full())));
    let mut at = at;
    for step in 1..=SHADES {
        let (glyph, style) = shades.plain(step);
        at = pen.put(at, 0, glyph, style);
    }
    pen.put(at + 1, 0, &full, scene.style(Role::Dim));
}

/// How long ago the columns were, counted from the newest one: the words stay where they are while the picture moves.
fn ages(scene: &Scene<'_>, heat: &Picture, pen: &mut Pen<'_>) {
    let cell_ms = heat.span_ms.saturating_mul(HALVES);
    let every = super::candles::every(cell_ms, AGES_APART);
    for count in 1.. {
        let age = every.saturating_mul(count);
        let back = u16::try_from(age / cell_ms.max(1)).ok();
        let Some(cell) = back.and_then(|back| pen.width().checked_sub(1 + back)) else {
            return;
        };
        let text = format!("-{}", format::seconds(age.unsigned_abs()));
        pen.put(cell, 0, &text, scene.style(Role::Faint));
    }
}

fn prices(scene: &Scene<'_>, instrument: &Instrument, grid: Grid, pen: &mut Pen<'_>) {
    for row in (0..grid.rows()).filter(|row| row % APART == APART / 2) {
        let price = grid.price(row);
        if price.0 > 0 {
            let text = format::price(instrument, price);
            pen.put_right(pen.width(), row + 1, &text, scene.style(Role::Dim));
        }
    }
}

impl Map {
    /// The newest columns, so many cells of them.
    fn of(heat: &Picture, grid: Grid, cells: u16) -> Self {
        let newest = heat.columns.back().map_or(0, |column| column.number);
        let end = newest
            .div_euclid(HALVES)
            .saturating_add(1)
            .saturating_mul(HALVES);
        let width = usize::from(cells) * HALVES as usize;
        let rows = usize::from(grid.rows());
        let mut map = Self {
            grid,
            width,
            first: end.saturating_sub(width as i64),
            sizes: vec![0; width * rows],
            touches: vec![None; width * rows],
            traded: vec![(0, 0); usize::from(cells) * rows],
        };
        for column in heat.columns.iter() {
            let at = column.number.checked_sub(map.first);
            if let Some(at) = at
                .and_then(|at| usize::try_from(at).ok())
                .filter(|at| *at < width)
            {
                map.add(at, column);
            }
        }
        map
    }

    fn add(&mut self, at: usize, column: &Column) {
        self.add_side(at, Side::Buy, &column.bids);
        self.add_side(at, Side::Sell, &column.asks);
        let (bid, ask) = column.touch;
        for (side, price) in [(Side::Buy, bid), (Side::Sell, ask)] {
            if let Some(row) = price.and_then(|price| self.grid.row(side, price)) {
                self.touches[usize::from(row) * self.width + at] = Some(side);
            }
        }
        let cells = self.width / HALVES as usize;
        for cell in &column.traded {
            // A trade stands on the row of the order that it met.
            let row = |side| self.grid.row(side, Price(cell.at)).map(usize::from);
            let (asks, bids) = (row(Side::Sell), row(Side::Buy));
            let place = at / HALVES as usize;
            if let Some(row) = asks {
                let sum = &mut self.traded[row * cells + place].0;
                *sum = sum.saturating_add(cell.buys);
            }
            if let Some(row) = bids {
                let sum = &mut self.traded[row * cells + place].1;
                *sum = sum.saturating_add(cell.sells);
            }
        }
    }

    fn add_side(&mut self, at: usize, side: Side, levels: &[Level]) {
        for level in levels {
            if let Some(row) = self.grid.row(side, level.price) {
                let sum = &mut self.sizes[usize::from(row) * self.width + at];
                *sum = sum.saturating_add(level.qty.0);
            }
        }
    }

    fn draw(&self, shades: &Shades<'_>, pen: &mut Pen<'_>) {
        let halves = HALVES as usize;
        for (place, traded) in self.traded.iter().enumerate() {
            let cells = self.width / halves;
            let (row, cell) = (place / cells, place % cells);
            let at = row * self.width + cell * halves;
            let half = |at: usize| (shades.step(self.sizes[at]), self.touches[at]);
            let (glyph, style) = shades.cell(half(at), half(at + 1));
            let (Ok(column), Ok(row)) = (u16::try_from(cell), u16::try_from(row)) else {
                continue;
            };
            if glyph != " " || style.bg.is_some() {
                pen.put(column, row, glyph, style);
            }
            if let Some((mark, role)) = shades.trade(*traded) {
                let style = Style {
                    bg: shades.ground(half(at), half(at + 1)),
                    ..shades.style(role)
                };
                pen.put(column, row, mark, style.add_modifier(Modifier::BOLD));
            }
        }
    }
}

#[cfg(test)]
mod tests;
