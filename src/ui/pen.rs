//! Writes clipped text into a panel's rectangle. Owns nothing beyond one panel's draw; it must not wrap or scroll.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::format;

/// Text with its style.
pub type Piece = (String, Style);

/// A panel's rectangle to write in; columns and rows count from its corner, what is outside is not drawn.
pub struct Pen<'a> {
    buffer: &'a mut Buffer,
    area: Rect,
}

impl<'a> Pen<'a> {
    /// A pen for `area`, cut to what the buffer has.
    pub fn new(buffer: &'a mut Buffer, area: Rect) -> Self {
        let area = area.intersection(buffer.area);
        Self { buffer, area }
    }

    /// Columns.
    pub const fn width(&self) -> u16 {
        self.area.width
    }

    /// Rows.
    pub const fn height(&self) -> u16 {
        self.area.height
    }

    /// Writes from a column on; returns the column after the text.
    pub fn put(&mut self, column: u16, row: u16, text: &str, style: Style) -> u16 {
        if column >= self.area.width || row >= self.area.height {
            return column;
        }
        let (x, y) = (self.area.x + column, self.area.y + row);
        let room = usize::from(self.area.width - column);
        let (end, _) = self.buffer.set_stringn(x, y, text, room, style);
        end.saturating_sub(self.area.x)
    }

    /// Writes so that the text ends before `column`; what does not fit on the left is cut.
    pub fn put_right(&mut self, column: u16, row: u16, text: &str, style: Style) -> u16 {
        let text = format::cut(text, usize::from(column));
        let start = column.saturating_sub(format::cells(&text) as u16);
        self.put(start, row, &text, style);
        start
    }

    /// Writes pieces one after another; returns the column after the last.
    pub fn pieces(&mut self, column: u16, row: u16, pieces: &[Piece]) -> u16 {
        pieces
            .iter()
            .fold(column, |at, (text, style)| self.put(at, row, text, *style))
    }

    /// Lays a style over cells that are written already.
    pub fn tint(&mut self, column: u16, row: u16, width: u16, style: Style) {
        let wanted = Rect::new(
            self.area.x.saturating_add(column),
            self.area.y.saturating_add(row),
            width,
            1,
        );
        self.buffer.set_style(wanted.intersection(self.area), style);
    }

    /// Blanks the whole rectangle in a style.
    pub fn fill(&mut self, style: Style) {
        for position in self.area.positions() {
            if let Some(cell) = self.buffer.cell_mut(position) {
                cell.reset();
                cell.set_style(style);
            }
        }
    }
}

/// Cells that pieces take.
pub fn width(pieces: &[Piece]) -> usize {
    pieces.iter().map(|(text, _)| format::cells(text)).sum()
}
