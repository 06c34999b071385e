//! The footprint: for each bar of a frame, what buyers and sellers took at each price. Every frame is kept up all the time, so that
//! looking at another one empties nothing.

use std::collections::VecDeque;
use std::sync::Arc;

use super::bar::{Bar, Cut, Frame};
use crate::domain::{Instrument, Print, Side};

/// Columns kept of a frame.
pub const KEPT: usize = 24;
/// Prices kept of a frame, over all its columns: the oldest columns go first.
const MOST_CELLS: usize = 32_768;
/// Prices kept of one column; what is traded at further ones counts in its bar alone.
const MOST_OF_COLUMN: usize = 16_384;

/// What was traded at a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Ticks; in merged cells the row's number: the price divided by the ticks a row.
    pub at: i64,
    /// What buyers took, lots.
    pub buys: i64,
    /// What sellers took, lots.
    pub sells: i64,
}

impl Cell {
    /// Both, lots.
    pub const fn volume(&self) -> i64 {
        self.buys.saturating_add(self.sells)
    }

    /// What buyers took less what sellers took, lots.
    pub const fn delta(&self) -> i64 {
        self.buys.saturating_sub(self.sells)
    }

    pub(super) fn add(&mut self, side: Side, lots: i64) {
        match side {
            Side::Buy => self.buys = self.buys.saturating_add(lots),
            Side::Sell => self.sells = self.sells.saturating_add(lots),
        }
    }
}

/// One column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its bar.
    pub bar: Bar,
    /// By price, lowest first.
    pub cells: Vec<Cell>,
}

impl Column {
    fn begin(cut: Cut, print: &Print) -> Self {
        let mut column = Self {
            bar: Bar::still(cut.began(print.venue_ms), print.price),
            cells: Vec::new(),
        };
        column.add(print);
        column
    }

    fn add(&mut self, print: &Print) {
        self.bar.add(print);
        let at = print.price.0;
        let place = match self.cells.binary_search_by_key(&at, |cell| cell.at) {
            Ok(place) => place,
            Err(_) if self.cells.len() >= MOST_OF_COLUMN => return,
            Err(place) => {
                let (buys, sells) = (0, 0);
                self.cells.insert(place, Cell { at, buys, sells });
                place
            }
        };
        self.cells[place].add(print.side, print.qty.0.max(0));
    }

    /// The cells as rows of `zoom` ticks merge them: a trade stands on the row of the order that it met, so what buyers took goes
    /// to the row above a price between two, what sellers took to the row below.
    pub fn merged(&self, zoom: i64) -> Merged {
        let zoom = zoom.max(1);
        let mut rows: Vec<Cell> = Vec::with_capacity(self.cells.len());
        for cell in &self.cells {
            let floor = cell.at.div_euclid(zoom);
            let ceil = floor.saturating_add(i64::from(cell.at.rem_euclid(zoom) != 0));
            for (at, side, lots) in [
                (floor, Side::Sell, cell.sells),
                (ceil, Side::Buy, cell.buys),
            ] {
                if lots > 0 {
                    row(&mut rows, at).add(side, lots);
                }
            }
        }
        let total = rows.iter().map(|cell| i128::from(cell.volume())).sum();
        Merged { rows, total }
    }
}

/// A column as rows of several ticks merge it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    rows: Vec<Cell>,
    /// What all rows together traded, lots.
    total: i128,
}

impl Merged {
    /// The rows that traded, lowest first.
    pub fn rows(&self) -> &[Cell] {
        &self.rows
    }

    /// The point of control: the number of the row with the largest volume, of two alike the higher one.
    pub fn control(&self) -> Option<i64> {
        let most = self.rows.iter().max_by_key(|cell| (cell.volume(), cell.at));
        most.map(|cell| cell.at)
    }

    /// The largest difference between the sides on a row, lots.
    pub fn most_delta(&self) -> i64 {
        let deltas = self.rows.iter().map(|cell| cell.delta().saturating_abs());
        deltas.max().unwrap_or(0)
    }

    /// Whether buyers, and whether sellers, out-trade their diagonal neighbour `times` over on the row at this place of
    /// [`Self::rows`]: buyers the sellers one row lower, sellers the buyers one row higher. What is less than the average row of the
    /// column is no imbalance, however lonely it stands.
    pub fn imbalance(&self, place: usize, times: i64) -> (bool, bool) {
        let Some(cell) = self.rows.get(place) else {
            return (false, false);
        };
        let beats = |mine: i64, other: i64| {
            mine > 0
                && i128::from(mine).saturating_mul(self.rows.len() as i128) >= self.total
                && i128::from(mine) >= i128::from(other).saturating_mul(i128::from(times))
        };
        let next_to = |place: Option<usize>, at: i64| {
            let neighbour = place.and_then(|place| self.rows.get(place));
            neighbour.filter(|row| row.at == at)
        };
        let below = next_to(place.checked_sub(1), cell.at.saturating_sub(1));
        let above = next_to(place.checked_add(1), cell.at.saturating_add(1));
        (
            beats(cell.buys, below.map_or(0, |row| row.sells)),
            beats(cell.sells, above.map_or(0, |row| row.buys)),
        )
    }
}

/// The merged cell of a row. Prices come in order: it is the last, the one before it, or a new one.
fn row(out: &mut Vec<Cell>, at: i64) -> &mut Cell {
    let near = out.iter().rev().take(2).position(|cell| cell.at <= at);
    let place = out.len() - near.unwrap_or(out.len().min(2));
    let found = place.checked_sub(1).filter(|last| out[*last].at == at);
    let place = found.unwrap_or_else(|| {
        let (buys, sells) = (0, 0);
        out.insert(place, Cell { at, buys, sells });
        place
    });
    &mut out[place]
}

/// The columns of one frame, oldest first; the last one is being made.
pub type Columns = Arc<VecDeque<Arc<Column>>>;

/// The columns of every frame.
#[derive(Clone, Debug, Default)]
pub struct Clusters {
    series: Vec<Series>,
}

#[derive(Clone, Debug)]
struct Series {
    cut: Cut,
    columns: Columns,
    /// Cells of the columns that are finished.
    cells: usize,
}

impl Clusters {
    /// Nothing traded yet in any of these frames.
    pub fn new(frames: &[Frame], instrument: &Instrument) -> Self {
        let begin = |frame: &Frame| Series {
            cut: Cut::of(*frame, instrument),
            columns: Arc::default(),
            cells: 0,
        };
        let series = frames.iter().map(begin).collect();
        Self { series }
    }

    /// Takes prints of the instrument, oldest first.
    pub fn take(&mut self, prints: &[Print]) {
        for series in &mut self.series {
            for print in prints {
                series.take(print);
            }
        }
    }

    /// The columns of the frame with this number.
    pub fn columns(&self, frame: usize) -> Option<&Columns> {
        self.series.get(frame).map(|series| &series.columns)
    }
}

impl Series {
    fn take(&mut self, print: &Print) {
        // What a frame that is being drawn still holds is copied once; else this writes in place.
        let columns = Arc::make_mut(&mut self.columns);
        match columns.back_mut() {
            Some(newest) if newest.bar.holds(self.cut, print) => {
                return Arc::make_mut(newest).add(print);
            }
            Some(finished) => self.cells += finished.cells.len(),
            None => {}
        }
        while columns.len() >= KEPT || self.cells > MOST_CELLS {
            let Some(gone) = columns.pop_front() else {
                break;
            };
            self.cells = self.cells.saturating_sub(gone.cells.len());
        }
        columns.push_back(Arc::new(Column::begin(self.cut, print)));
    }
}

#[cfg(test)]
mod tests;
