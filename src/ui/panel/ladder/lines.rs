//! Lines of the grid: thin and fat ones at round prices, in the half of a row that has no size. They cost no row.

use super::{Ladder, sizes};
use crate::domain::Side;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;

/// How a row is lined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// At every first step.
    Thin,
    /// At every second, larger one.
    Fat,
}

/// The line of a row; each step counts rows from price zero, so lines stay at their prices.
pub fn on_row(ladder: &Ladder<'_>, row: u16) -> Option<Line> {
    let [thin, fat] = ladder.scene.view.look.grid;
    let bucket = ladder.grid.price(row).0 / ladder.grid.zoom();
    let at = |step: u16| step > 0 && bucket % i64::from(step) == 0;
    match (at(thin), at(fat)) {
        (_, true) => Some(Line::Fat),
        (true, false) => Some(Line::Thin),
        (false, false) => None,
    }
}

/// Draws a row's line where no size stands.
pub fn draw(ladder: &Ladder<'_>, row: u16, pen: &mut Pen<'_>) {
    let (mark, role) = match on_row(ladder, row) {
        Some(Line::Thin) => ("┈", Role::Rule),
        Some(Line::Fat) => ("─", Role::Faint),
        None => return,
    };
    let columns = &ladder.columns;
    let mut fill = |(start, end): (u16, u16)| {
        let cells = usize::from(end.saturating_sub(start));
        pen.put(start, row, &mark.repeat(cells), ladder.style(role));
    };
    if sizes::at(ladder, Side::Buy, row) <= 0 {
        fill((columns.bid_size.0, columns.bid_bar.1));
    }
    if sizes::at(ladder, Side::Sell, row) <= 0 {
        fill((columns.ask_bar.0, columns.ask_size.1));
    }
}
