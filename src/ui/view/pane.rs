//! Where the rows of the ladder lie on the screen, so that a click finds its price. Pure; it must not know what a click asks for.

use ratatui::layout::Rect;

use super::{Grid, Mode, View};
use crate::domain::{Price, Side};

/// The rows of a ladder that nothing lies over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pane {
    area: Rect,
    grid: Grid,
}

/// A row that was pointed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pointed {
    /// The price printed on it, ticks: what an order there gets.
    pub price: Price,
    /// Lowest and highest price of own buys that it holds.
    pub buys: (Price, Price),
    /// The same of sells.
    pub sells: (Price, Price),
}

impl View {
    /// The ladder's rows as drawn; `None` while there are none or something is open.
    pub fn pane(&self) -> Option<Pane> {
        if self.mode != Mode::Ladder || self.started.is_some() {
            return None;
        }
        let ladder = self.plan().ladder();
        let grid = self.grid()?;
        // Its head and its foot are no rows.
        let area = Rect {
            y: ladder.y + 1,
            height: grid.rows(),
            ..ladder
        };
        Some(Pane { area, grid })
    }
}

impl Pane {
    /// The row at a column and row of the screen, counted from 0.
    pub fn at(self, column: u16, row: u16) -> Option<Pointed> {
        if !self.area.contains((column, row).into()) {
            return None;
        }
        let row = row - self.area.y;
        let price = self.grid.price(row);
        (price.0 > 0).then(|| Pointed {
            price,
            buys: self.grid.range(Side::Buy, row),
            sells: self.grid.range(Side::Sell, row),
        })
    }
}
